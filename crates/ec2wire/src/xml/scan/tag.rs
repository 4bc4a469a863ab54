//! Tags: names, attributes, and matching ends with starts.

use super::{Scanner, Tag};
use crate::swar;
use crate::xml::name::{PLAIN_NAME_BYTES, is_name, is_name_byte};
use crate::{Error, ErrorKind, Limit, Result};

/// The number of attributes of a tag that are checked for repeats. EC2 writes one at most.
const CHECKED_ATTRIBUTES: usize = 8;

impl<'de> Scanner<'de> {
    pub(super) fn name(&mut self) -> Result<&'de str> {
        let rest = self.rest();
        let len = rest.bytes().position(|byte| !is_name_byte(byte));
        let (name, after) = rest
            .split_at_checked(len.unwrap_or(rest.len()))
            .unwrap_or_default();
        if after.is_empty() {
            return Err(self.truncated("a tag"));
        }
        if !is_name(name) {
            self.check_characters(name)?;
            return Err(self.error(ErrorKind::Malformed("invalid name in a tag")));
        }
        self.at += name.len();
        Ok(name)
    }

    /// Reads a start tag after its `<`. Then the element is open, unless the tag closes itself.
    pub(super) fn start_tag(&mut self, at: usize) -> Result<Tag<'de>> {
        let name = self.name()?;
        let tag = Tag {
            name,
            prefix_len: name.find(':').map_or(0, |colon| colon + 1),
            at,
            closed: self.attributes()?,
        };
        self.open(tag)
    }

    /// Reads a start tag without attributes or a prefix, as nearly all are. Otherwise reads nothing.
    #[inline]
    pub(super) fn plain_start(&mut self) -> Result<Option<Tag<'de>>> {
        let at = self.at;
        let rest = self.input.as_bytes().get(at..).unwrap_or_default();
        let [b'<', first, more @ ..] = rest else {
            return Ok(None);
        };
        let len = more.iter().position(|&byte| !PLAIN_NAME_BYTES.has(byte));
        let Some(len) =
            len.filter(|&len| first.is_ascii_alphabetic() && more.get(len) == Some(&b'>'))
        else {
            return Ok(None);
        };
        let end = at + "<n".len() + len;
        self.at = end + ">".len();
        self.open(Tag {
            name: self.input.get(at + 1..end).unwrap_or_default(),
            prefix_len: 0,
            at,
            closed: false,
        })
        .map(Some)
    }

    /// Counts an element whose start tag was read.
    #[inline]
    pub(super) fn open(&mut self, tag: Tag<'de>) -> Result<Tag<'de>> {
        let limits = self.options.limits;
        self.elements += 1;
        if self.elements > limits.entries {
            let kind = ErrorKind::LimitExceeded(Limit::Entries, limits.entries);
            return Err(Error::at(kind, tag.at));
        }
        let max = limits.effective_depth();
        if self.depth >= max {
            let kind = ErrorKind::LimitExceeded(Limit::Depth, max);
            return Err(Error::at(kind, tag.at));
        }
        self.depth += usize::from(!tag.closed);
        Ok(tag)
    }

    /// Reads the rest of a start tag after its name. Returns whether the tag closes itself.
    fn attributes(&mut self) -> Result<bool> {
        let mut attributes = [""; CHECKED_ATTRIBUTES];
        let mut count = 0;
        loop {
            let before = self.at;
            self.skip_space();
            match self.rest().as_bytes() {
                [b'>', ..] => {
                    self.at += 1;
                    return Ok(false);
                }
                [b'/', b'>', ..] => {
                    self.at += 2;
                    return Ok(true);
                }
                [] | [b'/'] => return Err(self.truncated("a tag")),
                _ if before == self.at => {
                    return Err(self.error(ErrorKind::Malformed("invalid character in a tag")));
                }
                _ => {
                    let at = self.at;
                    let attribute = self.attribute()?;
                    if attributes
                        .get(..count)
                        .unwrap_or_default()
                        .contains(&attribute)
                    {
                        let kind = ErrorKind::Malformed("repeated attribute in a tag");
                        return Err(Error::at(kind, at));
                    }
                    if let Some(slot) = attributes.get_mut(count) {
                        *slot = attribute;
                        count += 1;
                    }
                }
            }
        }
    }

    /// Reads an attribute, of which only the name is kept: no EC2 shape has any but `xmlns`.
    fn attribute(&mut self) -> Result<&'de str> {
        let name = self.name()?;
        self.skip_space();
        match self.peek(0) {
            Some(b'=') => self.at += 1,
            None => return Err(self.truncated("a tag")),
            Some(_) => return Err(self.error(ErrorKind::Malformed("missing attribute value"))),
        }
        self.skip_space();
        let quote = match self.peek(0) {
            Some(b'"') => "\"",
            Some(b'\'') => "'",
            None => return Err(self.truncated("a tag")),
            Some(_) => {
                return Err(self.error(ErrorKind::Malformed("unquoted attribute value")));
            }
        };
        self.at += 1;
        let start = self.at;
        let value = self.take_until(quote, "an attribute")?;
        if let Some(bad) = value.find('<') {
            return Err(Error::at(
                ErrorKind::Malformed("unescaped `<` in an attribute value"),
                start + bad,
            ));
        }
        let mut rest = value;
        while let Some(reference) = rest.find('&') {
            let at = start + value.len() - rest.len() + reference;
            let (_, len) = self.reference(rest.get(reference..).unwrap_or_default(), at)?;
            rest = rest.get(reference + len..).unwrap_or_default();
        }
        Ok(name)
    }

    pub(super) fn close(&mut self, expected: &str, found: &str, at: usize) -> Result<()> {
        if expected != found {
            let kind = ErrorKind::MismatchedEndTag {
                expected: expected.into(),
                found: found.into(),
            };
            return Err(Error::at(kind, at));
        }
        self.depth = self.depth.saturating_sub(1);
        Ok(())
    }

    /// Skips the end tag of `element` if it is next and has no spaces. Returns whether it was.
    #[inline]
    pub(super) fn plain_end(&mut self, element: &Tag<'_>) -> bool {
        let bytes = self.input.as_bytes();
        let (start, end, len) = (
            element.at + "<".len(),
            self.at + "</".len(),
            element.name.len(),
        );
        let ahead = bytes.get(self.at..).unwrap_or_default();
        let is_end = matches!(ahead, [b'<', b'/', ..])
            && bytes.get(end + len) == Some(&b'>')
            && swar::same(bytes, start, end, len);
        if is_end {
            self.at = end + len + ">".len();
            self.depth = self.depth.saturating_sub(1);
        }
        is_end
    }
}
