//! One `key=value` of a body, and how it is read.

use super::Options;
use crate::{Error, ErrorKind, Result, swar};
use alloc::borrow::Cow;

/// A `key=value` of the body. The value is still escaped.
#[derive(Debug, Clone, Default)]
pub(super) struct Pair<'de> {
    pub(super) key: Cow<'de, str>,
    pub(super) value: &'de str,
    /// Whether the value has escapes to undo.
    pub(super) escaped: bool,
    pub(super) key_at: usize,
    pub(super) value_at: usize,
}

/// The position of a pair in the body, before it is unescaped.
pub(super) struct RawPair {
    pub(super) key: Span,
    pub(super) value: Span,
}

impl RawPair {
    /// Reads the pair that begins at `at`, up to an `&` or the end of the body. `None` if it is empty.
    /// The first `known` bytes of the key are known to be plain.
    #[inline]
    pub(super) fn read(
        body: &str,
        at: usize,
        known: usize,
        options: Options,
    ) -> Result<Option<Self>> {
        let bytes = body.as_bytes();
        let lenient = options.lenient;
        let key = Span::scan(bytes, at, known, true);
        let value = match bytes.get(key.end) {
            Some(b'=') => Span::scan(bytes, key.end + 1, 0, false),
            _ if key.end == at && lenient => return Ok(None),
            _ if key.end == at => return Err(Error::at(ErrorKind::EmptyPair, at)),
            _ if lenient => Span::empty(key.end),
            _ => return Err(Error::at(ErrorKind::MissingEquals, key.end)),
        };
        if key.end == at {
            return Err(Error::at(ErrorKind::EmptyKey, at));
        }
        match key.bare.or(value.bare) {
            Some(bare) if !lenient => Err(bare_character(body, bare)),
            _ => Ok(Some(Self { key, value })),
        }
    }
}

/// A key or value, still escaped.
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) escaped: bool,
    /// The first control character or space.
    bare: Option<usize>,
}

impl Span {
    #[inline]
    pub(super) fn text<'b>(&self, body: &'b str) -> &'b str {
        body.get(self.start..self.end).unwrap_or_default()
    }

    fn empty(at: usize) -> Self {
        Self {
            start: at,
            end: at,
            escaped: false,
            bare: None,
        }
    }

    /// Reads up to an `&`, or in a key up to an `=`. The first `known` bytes are known to be plain.
    #[inline]
    fn scan(bytes: &[u8], start: usize, known: usize, is_key: bool) -> Self {
        let mut span = Self::empty(start);
        // Every byte that ends a value or needs a look is below `-`, the first unreserved character,
        // except DEL. `=` is marked only in keys, so that it does not stop a value.
        let marks = |word| {
            let ends_key = if is_key { swar::equal(word, b'=') } else { 0 };
            swar::below(word, b'-') | swar::equal(word, 0x7F) | ends_key
        };
        span.end = swar::find(bytes, start + known, marks, |at, byte| {
            match byte {
                b'&' | b'=' => return true,
                b'%' | b'+' => span.escaped = true,
                0..=b' ' | 0x7F => span.bare = span.bare.or(Some(at)),
                _ => {}
            }
            false
        });
        span
    }
}

#[cold]
fn bare_character(body: &str, at: usize) -> Error {
    let character = body.get(at..).and_then(|rest| rest.chars().next());
    Error::at(ErrorKind::BareCharacter(character.unwrap_or(' ')), at)
}
