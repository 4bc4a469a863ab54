//! Characters and references in XML text.

use crate::output::{Cursor, Output, SLACK};
use crate::swar::{self, ByteClass, byte_class};
use crate::{Error, ErrorKind, Result};

/// Whether XML 1.0 allows the character.
pub(super) const fn is_legal(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// Whether a byte of text needs a look. A carriage return must become a reference, because a parser turns
/// it into a line feed. `0xEF` may begin U+FFFE or U+FFFF, which are not legal.
const fn needs_look(byte: u8) -> bool {
    match byte {
        b'\t' | b'\n' => false,
        b'<' | b'>' | b'&' | 0xEF => true,
        _ => byte < b' ',
    }
}

static NEEDS_LOOK: ByteClass = byte_class!(needs_look);

/// Writes the text up to the first few bytes that need a look. Returns those and what follows.
#[inline]
pub(super) fn put_plain<'t>(cursor: &mut Cursor<'_>, text: &'t [u8]) -> &'t [u8] {
    cursor.put_while(text, needs_no_look)
}

/// Appends `text` so that a parser reads it back unchanged. Fails on a character that XML does not
/// allow.
pub(super) fn append_escaped(out: &mut Output<'_>, text: &[u8]) -> Result<()> {
    let mut rest = text;
    loop {
        let mut cursor = out.cursor(rest.len() + SLACK);
        rest = put_plain(&mut cursor, rest);
        let written = cursor.written();
        out.advance(written);
        if rest.is_empty() {
            return Ok(());
        }
        rest = append_with_a_look(out, rest)?;
    }
}

/// Whether all bytes of the word are ASCII and need nothing.
#[inline]
const fn needs_no_look(word: u64) -> bool {
    let marks = swar::below(word, b' ')
        | swar::equal(word, b'&')
        | swar::equal_but(word, b'<', b'<' ^ b'>');
    (marks | word) & swar::HIGH == 0
}

const LONGEST: usize = "&#xD;".len();
/// The most that eight bytes can become.
const EIGHT: usize = 8 * LONGEST;

/// Appends up to eight bytes, some of which need a look. Returns the rest.
fn append_with_a_look<'t>(out: &mut Output<'_>, text: &'t [u8]) -> Result<&'t [u8]> {
    let mut cursor = out.cursor(EIGHT);
    let mut rest = text;
    for _ in 0..8 {
        let Some((&byte, tail)) = rest.split_first() else {
            break;
        };
        rest = tail;
        match byte {
            _ if !NEEDS_LOOK.has(byte) => cursor.put(&[byte], 1),
            b'<' => cursor.put(b"&lt;", 4),
            b'>' => cursor.put(b"&gt;", 4),
            b'&' => cursor.put(b"&amp;", 5),
            b'\r' => cursor.put(b"&#xD;", LONGEST),
            0xEF => match tail {
                [0xBF, last @ (0xBE | 0xBF), ..] => {
                    return Err(illegal(0xFFC0 + u32::from(last & 0x3F)));
                }
                _ => cursor.put(&[byte], 1),
            },
            _ => return Err(illegal(u32::from(byte))),
        }
    }
    let written = cursor.written();
    out.advance(written);
    Ok(rest)
}

#[cold]
fn illegal(code: u32) -> Error {
    Error::new(ErrorKind::IllegalCharacter(code))
}

/// Decodes a reference to a predefined entity at the start of `text`. Returns the character, and the
/// length of the reference.
#[inline]
pub(super) fn predefined(text: &str) -> Option<(char, usize)> {
    const ENTITIES: [(&str, char); 5] = [
        ("&amp;", '&'),
        ("&lt;", '<'),
        ("&gt;", '>'),
        ("&quot;", '"'),
        ("&apos;", '\''),
    ];
    let mut entities = ENTITIES.into_iter();
    let (reference, c) = entities.find(|(reference, _)| text.starts_with(reference))?;
    Some((c, reference.len()))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn only_what_must_be_escaped_is() {
        let mut out = Vec::new();
        let text = "a<b>&\"'\t\n\r\u{FFFD}é";
        append_escaped(&mut Output::new(&mut out), text.as_bytes()).unwrap();
        assert_eq!(out, "a&lt;b&gt;&amp;\"'\t\n&#xD;\u{FFFD}é".as_bytes());
    }

    /// What is nearly always there is passed a word at a time.
    #[test]
    fn a_word_passes_where_nothing_of_it_needs_a_look() {
        for byte in 0..=255 {
            let is_plain = matches!(byte, b' '..=0x7F) && !matches!(byte, b'&' | b'<' | b'>');
            for place in 0..8 {
                let mut word = *b"a Z=;?'\x7F";
                if let Some(slot) = word.get_mut(place) {
                    *slot = byte;
                }
                let passes = needs_no_look(u64::from_le_bytes(word));
                assert_eq!(passes, is_plain, "{byte:#x} at {place}");
            }
        }
    }

    #[test]
    fn a_text_that_is_nothing_but_references_has_room() {
        for length in [1, 8, 9, 64, 1000] {
            let mut out = Vec::new();
            let text = "\r".repeat(length);
            append_escaped(&mut Output::new(&mut out), text.as_bytes()).unwrap();
            assert_eq!(out, "&#xD;".repeat(length).as_bytes());
        }
    }

    #[test]
    fn what_xml_cannot_carry_is_refused() {
        for c in ['\0', '\u{1}', '\u{1F}', '\u{FFFE}', '\u{FFFF}'] {
            let text: alloc::string::String = ['a', c].iter().collect();
            let error =
                append_escaped(&mut Output::new(&mut Vec::new()), text.as_bytes()).unwrap_err();
            assert_eq!(*error.kind(), ErrorKind::IllegalCharacter(u32::from(c)));
            assert!(!is_legal(c));
        }
    }
}
