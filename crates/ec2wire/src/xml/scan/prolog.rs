//! What surrounds the root element: the prolog before it, and the end of the document.

use super::markup::Markup;
use super::{SPACES, Scanner, Tag, is_space};
use crate::{Error, ErrorKind, Result};

impl<'de> Scanner<'de> {
    /// Reads the prolog and the start tag of the root.
    pub(in crate::xml) fn root(&mut self) -> Result<Tag<'de>> {
        if self.rest().starts_with('\u{FEFF}') {
            self.at += '\u{FEFF}'.len_utf8();
        }
        self.looks_like_xml()?;
        let ends_name = |byte| byte == b'?' || is_space(byte);
        let after = self.rest().strip_prefix("<?xml");
        if after.is_some_and(|after| after.bytes().next().is_none_or(ends_name)) {
            self.declaration()?;
        }
        loop {
            self.skip_space();
            if self.rest().is_empty() {
                return Err(self.truncated("the prolog"));
            }
            if !self.rest().starts_with('<') {
                return Err(self.error(ErrorKind::Malformed(
                    "unexpected text before the root element",
                )));
            }
            let at = self.at;
            let found = match self.markup("the prolog")? {
                Markup::Start(tag) => return Ok(tag),
                Markup::Ignored => continue,
                Markup::End(_) => "unexpected end tag before the root element",
                Markup::CData(_) => "unexpected text before the root element",
            };
            return Err(Error::at(ErrorKind::Malformed(found), at));
        }
    }

    /// Refuses a body that is not XML at all, as opposed to damaged XML.
    fn looks_like_xml(&self) -> Result<()> {
        let found = match self.rest().trim_start_matches(SPACES).bytes().next() {
            Some(b'<') => return Ok(()),
            None => "empty",
            Some(b'{' | b'[') => "JSON",
            Some(_) => "plain text",
        };
        Err(self.error(ErrorKind::NotXml(found)))
    }

    /// Reads the XML declaration. The text is UTF-8, so the declared encoding must fit that.
    fn declaration(&mut self) -> Result<()> {
        let at = self.at;
        let text = self.take_until("?>", "the XML declaration")?;
        let malformed = |what| Error::at(ErrorKind::Malformed(what), at);
        let rest = text.strip_prefix("<?xml").unwrap_or_default();
        let (version, mut rest) = pseudo_attribute(rest, "version")
            .ok_or_else(|| malformed("missing version in the XML declaration"))?;
        let minor = version.strip_prefix("1.").unwrap_or_default();
        if minor.is_empty() || !minor.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(malformed("the XML version is not 1.0"));
        }
        if let Some((encoding, after)) = pseudo_attribute(rest, "encoding") {
            if !["utf-8", "utf8", "us-ascii"]
                .iter()
                .any(|known| encoding.eq_ignore_ascii_case(known))
            {
                return Err(malformed("the declared encoding is not UTF-8"));
            }
            rest = after;
        }
        if let Some(("yes" | "no", after)) = pseudo_attribute(rest, "standalone") {
            rest = after;
        }
        if !rest.trim_start_matches(SPACES).is_empty() {
            return Err(malformed("the XML declaration is not well-formed"));
        }
        Ok(())
    }

    /// Checks that nothing but comments and white space follows the root element.
    pub(in crate::xml) fn finish(&mut self) -> Result<()> {
        loop {
            self.skip_space();
            let at = self.at;
            match self.peek(0) {
                None => return Ok(()),
                Some(b'<') if self.rest().starts_with("<!--") || self.rest().starts_with("<?") => {
                    self.markup("a comment")?;
                }
                Some(_) => return Err(Error::at(ErrorKind::TrailingContent, at)),
            }
        }
    }
}

/// The value of the next part of the XML declaration, if its name is `name`, and the rest.
fn pseudo_attribute<'t>(text: &'t str, name: &str) -> Option<(&'t str, &'t str)> {
    let value = text
        .strip_prefix(SPACES)?
        .trim_start_matches(SPACES)
        .strip_prefix(name)?
        .trim_start_matches(SPACES)
        .strip_prefix('=')?
        .trim_start_matches(SPACES);
    match value.split_at_checked(1)? {
        (quote @ ("\"" | "'"), value) => value.split_once(quote),
        _ => None,
    }
}
