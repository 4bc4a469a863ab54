//! Characters and references in XML text.

use crate::swar::{ByteClass, byte_class};
use crate::{Error, ErrorKind, Result};
use alloc::vec::Vec;

/// Whether XML 1.0 can carry the character.
pub(super) const fn is_legal(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// What the byte needs in text: nothing, or a look. A carriage return must be a reference, since
/// a parser turns a bare one into a line feed; `0xEF` may begin U+FFFE or U+FFFF, which are not
/// legal.
const fn needs_look(byte: u8) -> bool {
    match byte {
        b'\t' | b'\n' => false,
        b'<' | b'>' | b'&' | 0xEF => true,
        _ => byte < b' ',
    }
}

static NEEDS_LOOK: ByteClass = byte_class!(needs_look);

/// Appends `text` so that a parser reads it back unchanged. Fails on a character that XML cannot
/// carry at all.
pub(super) fn append_escaped(out: &mut Vec<u8>, text: &str) -> Result<()> {
    let mut rest = text.as_bytes();
    loop {
        let plain = rest
            .iter()
            .position(|&byte| NEEDS_LOOK.has(byte))
            .unwrap_or(rest.len());
        let (run, tail) = rest.split_at(plain);
        out.extend_from_slice(run);
        let Some((&byte, tail)) = tail.split_first() else {
            return Ok(());
        };
        match byte {
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            b'&' => out.extend_from_slice(b"&amp;"),
            b'\r' => out.extend_from_slice(b"&#xD;"),
            0xEF => match tail {
                [0xBF, last @ (0xBE | 0xBF), ..] => {
                    return Err(illegal(0xFFC0 + u32::from(last & 0x3F)));
                }
                _ => out.push(byte),
            },
            _ => return Err(illegal(u32::from(byte))),
        }
        rest = tail;
    }
}

#[cold]
fn illegal(code: u32) -> Error {
    Error::new(ErrorKind::IllegalCharacter(code))
}

/// The character of a predefined entity.
pub(super) fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    #[test]
    fn only_what_must_be_escaped_is() {
        let mut out = Vec::new();
        append_escaped(&mut out, "a<b>&\"'\t\n\r\u{FFFD}é").unwrap();
        assert_eq!(out, "a&lt;b&gt;&amp;\"'\t\n&#xD;\u{FFFD}é".as_bytes());
    }

    #[test]
    fn what_xml_cannot_carry_is_refused() {
        for c in ['\0', '\u{1}', '\u{1F}', '\u{FFFE}', '\u{FFFF}'] {
            let text: alloc::string::String = ['a', c].iter().collect();
            let error = append_escaped(&mut Vec::new(), &text).unwrap_err();
            assert_eq!(*error.kind(), ErrorKind::IllegalCharacter(u32::from(c)));
            assert!(!is_legal(c));
        }
    }
}
