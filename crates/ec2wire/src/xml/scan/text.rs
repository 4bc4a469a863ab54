//! Text: character data, CDATA sections and references, as one string.

use super::markup::Markup;
use super::{Scanner, Tag};
use crate::swar;
use crate::{Error, ErrorKind, Result};
use alloc::borrow::Cow;
use alloc::string::String;

impl<'de> Scanner<'de> {
    /// The text of `element` if it needs no change, and reads past the end tag. Otherwise reads nothing.
    #[inline]
    pub(in crate::xml) fn plain_text(&mut self, element: &Tag<'de>) -> Option<&'de str> {
        let start = self.at;
        if !element.closed && self.pass_run().is_ok_and(|special| !special) {
            let end = self.at;
            if self.plain_end(element) {
                return self.input.get(start..end);
            }
        }
        self.at = start;
        None
    }

    /// The text of `element`. Reads past the end tag. Child elements are an error.
    pub(in crate::xml) fn text(&mut self, element: &Tag<'de>) -> Result<Cow<'de, str>> {
        if element.closed {
            return Ok(Cow::Borrowed(""));
        }
        match self.plain_text(element) {
            Some(text) => Ok(Cow::Borrowed(text)),
            None => self.mixed_text(element),
        }
    }

    /// As [`text`](Self::text), for text with CDATA, comments or references.
    fn mixed_text(&mut self, element: &Tag<'de>) -> Result<Cow<'de, str>> {
        let mut text = self.run()?;
        loop {
            let at = self.at;
            match self.peek(0) {
                None => return Err(self.truncated("an element")),
                Some(b'<') => match self.markup("an element")? {
                    Markup::Start(_) => return Err(Error::at(ErrorKind::ExpectedScalar, at)),
                    Markup::End(name) => return self.close(element.name, name, at).map(|()| text),
                    Markup::CData(run) => self.append(&mut text, normalize(run)),
                    Markup::Ignored => {}
                },
                Some(_) => {
                    let (c, len) = self.reference(self.rest(), at)?;
                    self.own(&mut text, 0).push(c);
                    self.at += len;
                }
            }
            let run = self.run()?;
            self.append(&mut text, run);
        }
    }

    /// Appends what was read last. It does not copy if there was nothing before.
    #[inline]
    fn append(&self, text: &mut Cow<'de, str>, run: Cow<'de, str>) {
        if text.is_empty() {
            *text = run;
        } else if !run.is_empty() {
            self.own(text, run.len()).push_str(&run);
        }
    }

    /// Makes the text owned, with room for `more` and for all that may follow before the next markup: no
    /// reference is shorter than its character.
    #[inline]
    fn own<'t>(&self, text: &'t mut Cow<'de, str>, more: usize) -> &'t mut String {
        if let Cow::Borrowed(start) = *text {
            let rest = self.rest();
            let ahead = rest.find('<').unwrap_or(rest.len());
            let mut owned = String::with_capacity(start.len() + more + ahead);
            owned.push_str(start);
            *text = Cow::Owned(owned);
        }
        text.to_mut()
    }

    /// Text up to the next `<` or `&`, which is not read.
    #[inline]
    fn run(&mut self) -> Result<Cow<'de, str>> {
        let start = self.at;
        if self.pass_run()? {
            let run = self.input.get(start..self.at).unwrap_or_default();
            Ok(normalize(run))
        } else {
            let run = self.input.get(start..self.at).unwrap_or_default();
            Ok(Cow::Borrowed(run))
        }
    }

    /// Skips text. Returns whether its line ends may need to be normalized.
    #[inline]
    pub(super) fn pass_run(&mut self) -> Result<bool> {
        let bytes = self.input.as_bytes();
        // Notices on the way whether the text needs a second look.
        let mut special = self.suspect;
        let marks = |word| {
            swar::below(word, b' ')
                | swar::equal(word, b'&')
                | swar::equal_but(word, b'<', b'<' ^ b'>')
        };
        let end = swar::find(bytes, self.at, marks, |_, byte| {
            match byte {
                b'<' | b'&' => return true,
                b'\n' | b'\t' => {}
                0..0x20 | b'>' => special = true,
                _ => {}
            }
            false
        });
        if special {
            let run = self.input.get(self.at..end).unwrap_or_default();
            self.check_characters(run)?;
            if let Some(at) = run.find("]]>") {
                let kind = ErrorKind::Malformed("unescaped `]]>` in text");
                return Err(Error::at(kind, self.at + at));
            }
        }
        self.at = end;
        Ok(special)
    }
}

/// Line ends as XML has them: CRLF and CR become LF.
fn normalize(run: &str) -> Cow<'_, str> {
    if !run.contains('\r') {
        return Cow::Borrowed(run);
    }
    let mut text = String::with_capacity(run.len());
    let mut lines = run.split('\r');
    text.push_str(lines.next().unwrap_or_default());
    for line in lines {
        text.push('\n');
        text.push_str(line.strip_prefix('\n').unwrap_or(line));
    }
    Cow::Owned(text)
}
