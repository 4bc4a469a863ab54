//! A form, taken apart with the places of its pieces.
//!
//! This is not the codec's decoder: a body is judged by another reading than the one that this
//! project writes with. The escapes are undone by the `percent-encoding` crate.

use super::Broken;
use super::{Spot, Where};
use percent_encoding::percent_decode;
use std::ops::Range;

/// A pair of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The key, its escapes undone; what is not UTF-8 is replaced.
    pub key: String,
    /// The value, likewise.
    pub value: String,
    /// Where the key stands, in bytes.
    pub key_span: Range<usize>,
    /// Where the value stands, in bytes; empty behind the key where there is no `=`.
    pub value_span: Range<usize>,
    /// Whether there is a `=`.
    pub has_equals: bool,
}

impl Pair {
    /// Where the pair stands, in bytes.
    pub fn span(&self) -> Range<usize> {
        self.key_span.start..self.value_span.end
    }
}

/// The pairs of a form, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters {
    /// The pairs; nothing between two `&` is none.
    pub pairs: Vec<Pair>,
    /// Where nothing stands between two `&`, or at an end.
    pub(crate) empty: Vec<Range<usize>>,
}

impl Parameters {
    /// Takes a form apart. Damage stays in the pairs as it is.
    pub fn read(form: &[u8]) -> Self {
        let mut read = Self::default();
        if form.is_empty() {
            return read;
        }
        let mut start = 0;
        for piece in form.split(|&byte| byte == b'&') {
            let end = start + piece.len();
            if piece.is_empty() {
                // The `&` itself is what can be pointed at.
                let at = start.min(form.len().saturating_sub(1));
                read.empty.push(at..at + 1);
            } else {
                let equals = piece.iter().position(|&byte| byte == b'=');
                let key_end = start + equals.unwrap_or(piece.len());
                let value_start = equals.map_or(end, |_| key_end + 1);
                let text = |range: Range<usize>| decoded(form.get(range).unwrap_or_default());
                read.pairs.push(Pair {
                    key: text(start..key_end),
                    value: text(value_start..end),
                    key_span: start..key_end,
                    value_span: value_start..end,
                    has_equals: equals.is_some(),
                });
            }
            start = end + 1;
        }
        read
    }

    /// The value of the first pair with that key.
    pub fn first(&self, key: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|pair| pair.key == key)
            .map(|pair| pair.value.as_str())
    }
}

/// The text that stands for, a plus for a space.
fn decoded(bytes: &[u8]) -> String {
    let spaced: Vec<u8> = bytes
        .iter()
        .map(|&byte| if byte == b'+' { b' ' } else { byte })
        .collect();
    percent_decode(&spaced).decode_utf8_lossy().into_owned()
}

/// A spot in the form.
pub(super) fn spot(wher: Where, range: Range<usize>) -> Spot {
    match wher {
        Where::Body => Spot::Body(range),
        Where::Query(start) => Spot::Target(start + range.start..start + range.end),
    }
}

/// What is wrong with the pairs as such: their escapes, their characters, their number.
pub(super) fn check(form: &[u8], parameters: &Parameters, wher: Where) -> Vec<Broken> {
    let mut broken = Vec::new();
    let mut add = |requirement, found: String, range: Range<usize>| {
        broken.push(Broken {
            requirement,
            found,
            spot: spot(wher, range),
        });
    };
    for range in &parameters.empty {
        add(
            "pairs-whole",
            "an `&` with nothing beside it".into(),
            range.clone(),
        );
    }
    let mut bare = None;
    let mut odd = None;
    for pair in &parameters.pairs {
        let shown = shown(&pair.key);
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
            format!("the byte 0x{byte:02x} stands bare"),
            at..at + 1,
        );
    }
    if let Some((range, what)) = odd {
        add("escapes-plain", what, range);
    }
    broken
}

/// A key as a message quotes it.
pub(crate) fn shown(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The first escape that is none, or that stands for no UTF-8.
fn bad_escape(raw: &[u8]) -> Option<(Range<usize>, String)> {
    let mut at = 0;
    while let Some(found) = raw.get(at..)?.iter().position(|&byte| byte == b'%') {
        let start = at + found;
        let digits = raw.get(start + 1..start + 3);
        if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
            let end = (start + 3).min(raw.len());
            let text = String::from_utf8_lossy(raw.get(start..end).unwrap_or_default());
            return Some((start..end, format!("`{text}` is no escape")));
        }
        at = start + 3;
    }
    let bytes: Vec<u8> = percent_decode(raw).collect();
    let error = std::str::from_utf8(&bytes).err()?;
    // The place in the decoded bytes, as one in those of the wire.
    let mut offset = 0;
    for _ in 0..error.valid_up_to() {
        offset += if raw.get(offset) == Some(&b'%') { 3 } else { 1 };
    }
    let length = if raw.get(offset) == Some(&b'%') { 3 } else { 1 };
    let end = (offset + length).min(raw.len());
    let text = String::from_utf8_lossy(raw.get(offset..end).unwrap_or_default());
    Some((offset..end, format!("from `{text}` on it is no UTF-8")))
}

/// The first character that is escaped otherwise than RFC 3986 would.
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
                return Some((at..at + 3, format!("`{text}` has small letters")));
            }
            at += 3;
        } else {
            // What is worse has a rule of its own.
            let is_bare = byte <= b' ' || byte >= 0x7f;
            if !is_unreserved(byte) && byte != b'+' && !is_bare {
                let text = char::from(byte);
                return Some((at..at + 1, format!("`{text}` stands bare")));
            }
            at += 1;
        }
    }
    None
}
