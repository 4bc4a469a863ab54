//! Checks a form's pairs as such: escapes, characters, separators.

use super::Broken;
use crate::text::quoted;
use crate::wire::form::{FormPart, Parameters};
use percent_encoding::percent_decode;
use std::ops::Range;

/// Checks the pairs as such, whatever the action.
pub(super) fn check(form: &[u8], parameters: &Parameters, part: FormPart) -> Vec<Broken> {
    let mut broken = Vec::new();
    let mut add = |requirement, found: String, range: Range<usize>| {
        broken.push(Broken {
            requirement,
            found,
            spot: part.spot(range),
        });
    };
    for range in &parameters.empty {
        add(
            "pairs-whole",
            "an `&` without a pair next to it".into(),
            range.clone(),
        );
    }
    let mut bare = None;
    let mut odd = None;
    for pair in &parameters.pairs {
        let shown = quoted(&pair.key);
        if !pair.has_equals {
            add("pairs-whole", format!("`{shown}` has no `=`"), pair.span());
        } else if pair.key.is_empty() {
            add("pairs-whole", "a pair without a key".into(), pair.span());
        }
        for span in [&pair.key_span, &pair.value_span] {
            let raw = form.get(span.clone()).unwrap_or_default();
            if let Some((at, what)) = bad_escape(raw) {
                let start = span.start + at.start;
                add("percent-encoding-valid", what, start..span.start + at.end);
            }
            let first = |is: &dyn Fn(u8) -> bool| raw.iter().position(|&byte| is(byte));
            let at = |at: usize| span.start + at;
            if bare.is_none() {
                bare = first(&|byte| byte <= b' ' || byte >= 0x7f).map(at);
            }
            if odd.is_none() {
                odd = not_plain(raw).map(|(range, what)| (at(range.start)..at(range.end), what));
            }
        }
    }
    if let Some(at) = bare {
        let byte = form.get(at).copied().unwrap_or_default();
        add(
            "characters-escaped",
            format!("unescaped byte 0x{byte:02x}"),
            at..at + 1,
        );
    }
    if let Some((range, what)) = odd {
        add("escapes-plain", what, range);
    }
    broken
}

/// The first invalid escape, or the first bytes that are not valid UTF-8.
fn bad_escape(raw: &[u8]) -> Option<(Range<usize>, String)> {
    let mut at = 0;
    while let Some(found) = raw.get(at..)?.iter().position(|&byte| byte == b'%') {
        let start = at + found;
        let digits = raw.get(start + 1..start + 3);
        if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
            let end = (start + 3).min(raw.len());
            let text = String::from_utf8_lossy(raw.get(start..end).unwrap_or_default());
            return Some((start..end, format!("invalid escape `{text}`")));
        }
        at = start + 3;
    }
    let bytes: Vec<u8> = percent_decode(raw).collect();
    let error = std::str::from_utf8(&bytes).err()?;
    // Map the offset in the decoded bytes to one in the raw bytes.
    let mut offset = 0;
    for _ in 0..error.valid_up_to() {
        offset += if raw.get(offset) == Some(&b'%') { 3 } else { 1 };
    }
    let length = if raw.get(offset) == Some(&b'%') { 3 } else { 1 };
    let end = (offset + length).min(raw.len());
    let text = String::from_utf8_lossy(raw.get(offset..end).unwrap_or_default());
    Some((offset..end, format!("`{text}` is not valid UTF-8")))
}

/// The first character that RFC 3986 would escape differently.
fn not_plain(raw: &[u8]) -> Option<(Range<usize>, String)> {
    let is_unreserved =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    let mut at = 0;
    while let Some(&byte) = raw.get(at) {
        if byte == b'%' {
            let escape = raw.get(at..at + 3)?;
            let text = String::from_utf8_lossy(escape).into_owned();
            let value = u8::from_str_radix(text.get(1..)?, 16).ok()?;
            if is_unreserved(value) {
                return Some((at..at + 3, format!("`{text}` need not be escaped")));
            }
            if escape.iter().any(u8::is_ascii_lowercase) {
                return Some((at..at + 3, format!("`{text}` uses lowercase hex")));
            }
            at += 3;
        } else {
            // Worse bytes have a rule of their own.
            let is_bare = byte <= b' ' || byte >= 0x7f;
            if !is_unreserved(byte) && byte != b'+' && !is_bare {
                let text = char::from(byte);
                return Some((at..at + 1, format!("unescaped `{text}`")));
            }
            at += 1;
        }
    }
    None
}
