//! References to characters: `&amp;`, `&#65;`.

use super::Scanner;
use crate::xml::escape::{is_legal, predefined};
use crate::xml::name::is_name_byte;
use crate::{Error, ErrorKind, Result};

impl Scanner<'_> {
    /// Decodes a reference. Returns the character, and the length of the reference.
    #[inline]
    pub(super) fn reference(&self, rest: &str, at: usize) -> Result<(char, usize)> {
        match predefined(rest) {
            Some(found) => Ok(found),
            None => self.other_reference(rest, at),
        }
    }

    /// As [`reference`](Self::reference), for references that XML does not predefine.
    fn other_reference(&self, rest: &str, at: usize) -> Result<(char, usize)> {
        let name_len = rest
            .bytes()
            .skip(1)
            .position(|byte| !(byte == b'#' || is_name_byte(byte)))
            .unwrap_or(rest.len().saturating_sub(1));
        let name = rest.get(1..=name_len).unwrap_or_default();
        match rest.as_bytes().get(1 + name_len) {
            Some(b';') => {}
            None if at + rest.len() == self.input.len() => {
                return Err(self.truncated("a reference"));
            }
            _ => {
                return Err(Error::at(ErrorKind::Malformed("unescaped `&`"), at));
            }
        }
        let c = match name.strip_prefix('#') {
            None => return Err(Error::at(ErrorKind::UnknownEntity(name.into()), at)),
            Some(number) => self.numeric(number, at)?,
        };
        Ok((c, name.len() + 2))
    }

    fn numeric(&self, number: &str, at: usize) -> Result<char> {
        let (digits, radix) = match number.strip_prefix('x') {
            Some(digits) => (digits, 16),
            None => (number, 10),
        };
        let malformed = || {
            Error::at(
                ErrorKind::Malformed("invalid number in a numeric reference"),
                at,
            )
        };
        if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
            return Err(malformed());
        }
        let significant = digits.trim_start_matches('0');
        let code = match significant.len() {
            0 => 0,
            1..=8 => u32::from_str_radix(significant, radix).map_err(|_| malformed())?,
            _ => return Err(malformed()),
        };
        match char::from_u32(code) {
            // XML 1.0 forbids references to control characters, but AWS services have sent them.
            Some(c) if is_legal(c) || (c != '\0' && c < ' ' && !self.options.strict) => Ok(c),
            _ => Err(Error::at(ErrorKind::IllegalCharacter(code), at)),
        }
    }
}
