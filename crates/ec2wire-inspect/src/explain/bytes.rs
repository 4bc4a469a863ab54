//! Bytes of an exchange as text that is safe to show anywhere.

use crate::text::is_unseen;
use std::fmt::Write as _;
use std::ops::Range;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// The text with invisible characters escaped, including line feeds. A subject could use them to
/// overwrite the screen.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unseen(c) {
            let _ = write!(shown, "{}", c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// The bytes as [`visible`] text, except that line feeds are kept. Invalid UTF-8 becomes `\xNN`.
pub fn visible_bytes(bytes: &[u8]) -> String {
    let mut shown = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for (index, line) in chunk.valid().split('\n').enumerate() {
            if index > 0 {
                shown.push('\n');
            }
            shown.push_str(&visible(line));
        }
        for byte in chunk.invalid() {
            let _ = write!(shown, "\\x{byte:02x}");
        }
    }
    shown
}

/// A line of a body with one part marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The line's number, from 1.
    pub line: usize,
    pub before: String,
    /// The marked part; empty if something is missing there.
    pub marked: String,
    pub after: String,
}

/// The line where a range begins, cut to a width in columns around the marked part.
pub fn excerpt(bytes: &[u8], range: &Range<usize>, width: usize) -> Excerpt {
    let start = range.start.min(bytes.len());
    let (before, rest) = bytes.split_at(start);
    let line = before.split(|&byte| byte == b'\n').count();
    let before = before
        .rsplit(|&byte| byte == b'\n')
        .next()
        .unwrap_or(before);
    let rest = rest.split(|&byte| byte == b'\n').next().unwrap_or(rest);
    let rest = rest.strip_suffix(b"\r").unwrap_or(rest);
    let marked_bytes = range.end.saturating_sub(start).min(rest.len());
    let (marked, after) = rest.split_at(marked_bytes);
    let (before, marked) = (visible_bytes(before), visible_bytes(marked));
    let before = before.trim_start();
    let after = visible_bytes(after);
    // The marked part gets room first, then the text before it, then the text after it.
    if marked.width() >= width {
        return Excerpt {
            line,
            before: String::new(),
            marked: cut_end(&marked, width),
            after: String::new(),
        };
    }
    let room = width.saturating_sub(marked.width());
    let before = cut_start(before, room.saturating_sub(after.width().min(room / 3)));
    let after = cut_end(&after, room.saturating_sub(before.width()));
    Excerpt {
        line,
        before,
        marked,
        after,
    }
}

const CUT: &str = "..";

/// The text, with its beginning cut off if it is wider than `width` columns.
pub fn cut_start(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    if width <= CUT.len() {
        return String::new();
    }
    let mut used = CUT.len();
    let mut kept: Vec<char> = text
        .chars()
        .rev()
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= width
        })
        .collect();
    kept.reverse();
    CUT.chars().chain(kept).collect()
}

/// The text, with its end cut off if it is wider than `width` columns.
pub fn cut_end(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    if width <= CUT.len() {
        return String::new();
    }
    let mut used = CUT.len();
    let kept = text.chars().take_while(|c| {
        used += c.width().unwrap_or(0);
        used <= width
    });
    kept.chain(CUT.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_escaped() {
        assert_eq!(visible("a\u{1b}[2J\n\u{202E}é"), "a\\u{1b}[2J\\n\\u{202e}é");
        assert_eq!(visible_bytes(b"a\xff\r\nb"), "a\\xff\\r\nb");
    }

    #[test]
    fn an_excerpt_keeps_the_marked_part() {
        let body = format!(
            "<a>\n  <b>{}x{}</b>\r\n</a>",
            "1".repeat(200),
            "2".repeat(200)
        );
        let at = body.find('x').unwrap_or_default();
        let cut = excerpt(body.as_bytes(), &(at..at + 1), 60);
        assert_eq!((cut.line, cut.marked.as_str()), (2, "x"));
        assert!(
            cut.before.starts_with("..1") && cut.after.ends_with("2.."),
            "{cut:?}"
        );
        let width = cut.before.width() + 1 + cut.after.width();
        assert!(width <= 60, "{width}");
        let long = excerpt(body.as_bytes(), &(at - 200..at + 200), 20);
        assert_eq!((long.before.as_str(), long.after.as_str()), ("", ""));
        assert_eq!(long.marked, format!("{}..", "1".repeat(18)));
        let end = excerpt(b"<a>", &(3..3), 60);
        assert_eq!((end.before.as_str(), end.marked.as_str()), ("<a>", ""));
    }
}
