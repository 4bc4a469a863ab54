//! Markup: everything that begins with a `<`.

use super::{Scanner, Tag, is_space};
use crate::{Error, ErrorKind, Result};

/// A piece of markup.
pub(super) enum Markup<'de> {
    Start(Tag<'de>),
    /// An end tag, with its name.
    End(&'de str),
    /// A CDATA section, with its text.
    CData(&'de str),
    /// A comment or a processing instruction.
    Ignored,
}

const DOCTYPE: &str = "<!DOCTYPE";

impl<'de> Scanner<'de> {
    /// Reads the markup that begins with the `<` ahead.
    pub(super) fn markup(&mut self, inside: &'static str) -> Result<Markup<'de>> {
        let at = self.at;
        match self.peek(1) {
            None => Err(self.truncated("a tag")),
            Some(b'/') => self.end_tag().map(Markup::End),
            Some(b'!') => self.bang(inside),
            Some(b'?') => self.processing_instruction(),
            Some(_) => {
                self.at += 1;
                self.start_tag(at).map(Markup::Start)
            }
        }
    }

    /// Reads an end tag, and returns its name.
    fn end_tag(&mut self) -> Result<&'de str> {
        self.at += "</".len();
        let name = self.name()?;
        self.skip_space();
        match self.peek(0) {
            Some(b'>') => self.at += 1,
            None => return Err(self.truncated("an end tag")),
            Some(_) => {
                let kind = ErrorKind::Malformed("an end tag has more than a name");
                return Err(self.error(kind));
            }
        }
        Ok(name)
    }

    /// Reads a comment or a CDATA section, and refuses anything else that begins with `<!`.
    fn bang(&mut self, inside: &'static str) -> Result<Markup<'de>> {
        let rest = self.rest();
        if rest.starts_with("<!--") {
            self.at += "<!--".len();
            self.take_until("--", "a comment")?;
            match self.peek(0) {
                Some(b'>') => self.at += 1,
                None => return Err(self.truncated("a comment")),
                Some(_) => {
                    return Err(self.error(ErrorKind::Malformed("a comment contains `--`")));
                }
            }
            return Ok(Markup::Ignored);
        }
        if rest.starts_with("<![CDATA[") {
            self.at += "<![CDATA[".len();
            return self.take_until("]]>", "a CDATA section").map(Markup::CData);
        }
        // HTML writes it in either case.
        let start = rest.get(..DOCTYPE.len());
        if start.is_some_and(|start| start.eq_ignore_ascii_case(DOCTYPE)) {
            return Err(self.error(ErrorKind::Doctype));
        }
        let mut known = ["<!--", "<![CDATA[", DOCTYPE].into_iter();
        if known.any(|known| known.starts_with(rest)) {
            return Err(self.truncated(inside));
        }
        Err(self.error(ErrorKind::Malformed("unknown declaration")))
    }

    fn processing_instruction(&mut self) -> Result<Markup<'de>> {
        let at = self.at;
        self.at += "<?".len();
        let target = self.name()?;
        if target.eq_ignore_ascii_case("xml") {
            let kind = ErrorKind::Malformed("the XML declaration is not at the start");
            return Err(Error::at(kind, at));
        }
        if self.rest() == "?" {
            return Err(self.truncated("a processing instruction"));
        }
        if !self.rest().starts_with("?>") && !self.peek(0).is_some_and(is_space) {
            let kind = ErrorKind::Malformed("a processing instruction has an invalid target");
            return Err(self.error(kind));
        }
        self.take_until("?>", "a processing instruction")?;
        Ok(Markup::Ignored)
    }
}
