//! Percent-encoding.

use crate::output::{Cursor, Output, SLACK};
use crate::swar::{self, ByteClass, byte_class};
use crate::{Error, ErrorKind, Result};
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

/// RFC 3986's unreserved characters, which are not escaped.
const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

static UNRESERVED: ByteClass = byte_class!(is_unreserved);

/// Whether no byte of the word needs an escape. It does not know `_` and `~`, which are rare.
#[inline]
const fn is_bare(word: u64) -> bool {
    let letters = swar::within(word | swar::splat(0x20), b'a', b'z');
    let digits = swar::within(word, b'0', b'9');
    let marks = swar::within(word, b'-', b'.');
    !word & (letters | digits | marks) & swar::HIGH == swar::HIGH
}

/// Writes the text up to the first few bytes that may need an escape. Returns those and what
/// follows.
#[inline]
pub(super) fn put_bare<'t>(cursor: &mut Cursor<'_>, text: &'t [u8]) -> &'t [u8] {
    cursor.put_while(text, is_bare)
}

/// The most that eight bytes can become.
const EIGHT: usize = 8 * "%XX".len();

/// Appends `text` percent-encoded, with upper-case hexadecimal digits.
pub(super) fn append_escaped(out: &mut Output<'_>, text: &[u8]) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let hex = |nibble: u8| HEX.get(usize::from(nibble)).copied().unwrap_or(b'0');

    let mut rest = text;
    loop {
        let mut cursor = out.cursor(rest.len() + SLACK);
        rest = put_bare(&mut cursor, rest);
        let written = cursor.written();
        out.advance(written);
        if rest.is_empty() {
            return;
        }
        let (word, tail) = rest.split_at_checked(8).unwrap_or((rest, &[]));
        let mut cursor = out.cursor(EIGHT);
        for &byte in word {
            if UNRESERVED.has(byte) {
                cursor.put(&[byte], 1);
            } else {
                cursor.put(&[b'%', hex(byte >> 4), hex(byte & 15)], 3);
            }
        }
        let written = cursor.written();
        out.advance(written);
        rest = tail;
    }
}

/// Undoes percent-encoding. `+` is a space. `offset` is that of `raw` in the input.
pub(super) fn unescape(raw: &str, offset: usize) -> Result<Cow<'_, str>> {
    let Some(first) = raw.bytes().position(|byte| matches!(byte, b'%' | b'+')) else {
        return Ok(Cow::Borrowed(raw));
    };
    let bytes = raw.as_bytes();
    let mut decoded = Vec::with_capacity(raw.len());
    decoded.extend_from_slice(bytes.get(..first).unwrap_or_default());
    let mut rest = bytes.get(first..).unwrap_or_default();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = match byte {
            b'+' => {
                decoded.push(b' ');
                tail
            }
            b'%' => {
                let escape = tail
                    .split_first_chunk::<2>()
                    .and_then(|(&[high, low], tail)| {
                        Some(((hex_value(high)? << 4) | hex_value(low)?, tail))
                    });
                let Some((byte, tail)) = escape else {
                    let at = offset + raw.len() - rest.len();
                    return Err(Error::at(ErrorKind::BadPercentEscape, at));
                };
                decoded.push(byte);
                tail
            }
            _ => {
                decoded.push(byte);
                tail
            }
        };
    }
    String::from_utf8(decoded).map(Cow::Owned).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        Error::at(ErrorKind::InvalidUtf8, offset + raw_position(bytes, valid))
    })
}

/// The offset in `raw` of the byte that decodes to byte `decoded` of the result.
fn raw_position(raw: &[u8], decoded: usize) -> usize {
    let mut at = 0;
    for _ in 0..decoded {
        at += if raw.get(at) == Some(&b'%') { 3 } else { 1 };
    }
    at
}

const fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    #[test]
    fn only_unreserved_characters_stand_bare() {
        let mut out = Vec::new();
        let text = "aZ09-._~ +*/é\0";
        append_escaped(&mut Output::new(&mut out), text.as_bytes());
        assert_eq!(out, b"aZ09-._~%20%2B%2A%2F%C3%A9%00");
    }

    /// What is nearly always there is passed a word at a time.
    #[test]
    fn a_word_passes_where_all_of_it_stands_bare() {
        for byte in 0..=255 {
            let is_known = is_unreserved(byte) && !matches!(byte, b'_' | b'~');
            for place in 0..8 {
                let mut word = *b"aZ09-.zA";
                if let Some(slot) = word.get_mut(place) {
                    *slot = byte;
                }
                assert_eq!(
                    is_bare(u64::from_le_bytes(word)),
                    is_known,
                    "{byte:#x} at {place}"
                );
            }
        }
    }

    #[test]
    fn a_text_that_is_nothing_but_escapes_has_room() {
        for length in [1, 8, 9, 64, 1000] {
            let mut out = Vec::new();
            append_escaped(&mut Output::new(&mut out), "\0".repeat(length).as_bytes());
            assert_eq!(out, "%00".repeat(length).as_bytes());
        }
    }

    #[test]
    fn an_error_points_into_the_raw_text() {
        let error = unescape("a%20%FFb", 10).unwrap_err();
        assert_eq!(
            (error.kind(), error.offset()),
            (&ErrorKind::InvalidUtf8, Some(14))
        );
        let error = unescape("+%4", 0).unwrap_err();
        assert_eq!(
            (error.kind(), error.offset()),
            (&ErrorKind::BadPercentEscape, Some(1))
        );
    }
}
