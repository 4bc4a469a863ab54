//! Percent-encoding: what stands bare, and undoing the escapes.

use crate::swar::{ByteClass, byte_class};
use crate::{Error, ErrorKind, Result};
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

/// RFC 3986's unreserved characters: what stands bare in a key or value.
const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

static UNRESERVED: ByteClass = byte_class!(is_unreserved);

/// Appends `text` percent-encoded: unreserved characters bare, all else as upper-case `%XX`.
pub(super) fn append_escaped(out: &mut Vec<u8>, text: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let hex = |nibble: u8| HEX.get(usize::from(nibble)).copied().unwrap_or(b'0');

    let mut rest = text.as_bytes();
    loop {
        let bare = rest
            .iter()
            .position(|&byte| !UNRESERVED.has(byte))
            .unwrap_or(rest.len());
        let (run, tail) = rest.split_at(bare);
        out.extend_from_slice(run);
        let Some((&byte, tail)) = tail.split_first() else {
            return;
        };
        out.extend_from_slice(&[b'%', hex(byte >> 4), hex(byte & 15)]);
        rest = tail;
    }
}

/// Undoes percent-encoding; `+` is a space. `offset` is where `raw` stands in the input.
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

/// Where in `raw` the byte stands that decodes to byte `decoded` of the result.
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
        append_escaped(&mut out, "aZ09-._~ +*/é\0");
        assert_eq!(out, b"aZ09-._~%20%2B%2A%2F%C3%A9%00");
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
