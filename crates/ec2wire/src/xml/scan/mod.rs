//! The scanner: a cursor over an XML document. It checks everything that it passes.
//!
//! It reads elements, text, CDATA sections, comments, processing instructions and references. It
//! allocates only for text that has to be changed. Every `<` is matched with its end, and nothing is
//! skipped unchecked.

mod markup;
mod prolog;
mod reference;
mod tag;
mod text;

use super::escape::is_legal;
use super::name::{ITEM, is_name_byte};
use super::options::Options;
use crate::swar;
use crate::{Error, ErrorKind, Result};
use markup::Markup;

/// A start tag that was just read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tag<'de> {
    /// The whole name, which the end tag must repeat.
    pub(super) name: &'de str,
    /// The length of the namespace prefix, with its colon.
    pub(super) prefix_len: usize,
    /// The offset of the `<`.
    pub(super) at: usize,
    /// Whether the tag closes itself, as in `<tagSet/>`.
    pub(super) closed: bool,
}

impl<'de> Tag<'de> {
    /// The name without a namespace prefix.
    pub(super) fn local_name(&self) -> &'de str {
        self.name.get(self.prefix_len..).unwrap_or_default()
    }
}

/// The state of a scan.
#[derive(Debug, Clone)]
pub(super) struct Scanner<'de> {
    input: &'de str,
    at: usize,
    depth: usize,
    elements: usize,
    /// Whether U+FFFE or U+FFFF occur, which XML cannot carry. They begin with `0xEF`, which is
    /// quicker to look for.
    suspect: bool,
    options: Options,
}

/// The characters that [`is_space`] accepts.
const SPACES: [char; 4] = [' ', '\t', '\r', '\n'];

const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

impl<'de> Scanner<'de> {
    pub(super) fn new(input: &'de str, options: Options) -> Result<Self> {
        options.limits.check_length(input.len())?;
        Ok(Self {
            input,
            at: 0,
            depth: 0,
            elements: 0,
            suspect: swar::count(input.as_bytes(), 0xEF) > 0
                && input.contains(['\u{FFFE}', '\u{FFFF}']),
            options,
        })
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn options(&self) -> Options {
        self.options
    }

    fn rest(&self) -> &'de str {
        self.input.get(self.at..).unwrap_or_default()
    }

    /// The byte `ahead` bytes from here.
    #[inline]
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.input.as_bytes().get(self.at + ahead).copied()
    }

    fn error(&self, kind: ErrorKind) -> Error {
        Error::at(kind, self.at)
    }

    #[cold]
    fn truncated(&self, inside: &'static str) -> Error {
        Error::at(ErrorKind::Truncated(inside), self.input.len())
    }

    #[inline]
    fn skip_space(&mut self) {
        const BLANK: u64 = u64::from_le_bytes([b' '; 8]);
        let bytes = self.input.as_bytes();
        let mut at = self.at;
        while bytes.get(at).copied().is_some_and(is_space) {
            at += 1;
            // AWS indents by spaces.
            while let Some(word) = swar::word(bytes, at) {
                let others = word ^ BLANK;
                if others != 0 {
                    at += (others.trailing_zeros() / 8) as usize;
                    break;
                }
                at += 8;
            }
        }
        self.at = at;
    }

    /// Reads up to `end` and past it.
    fn take_until(&mut self, end: &str, inside: &'static str) -> Result<&'de str> {
        let (text, _) = self
            .rest()
            .split_once(end)
            .ok_or_else(|| self.truncated(inside))?;
        self.check_characters(text)?;
        self.at += text.len() + end.len();
        Ok(text)
    }

    /// Checks that the text ahead has only characters that XML allows.
    fn check_characters(&self, text: &str) -> Result<()> {
        let suspect = |byte: u8| (byte < b' ' && !is_space(byte)) || byte == 0xEF;
        if !text.bytes().any(suspect) {
            return Ok(());
        }
        match text.char_indices().find(|&(_, c)| !is_legal(c)) {
            None => Ok(()),
            Some((at, c)) => Err(Error::at(
                ErrorKind::IllegalCharacter(u32::from(c)),
                self.at + at,
            )),
        }
    }

    /// The next child element of `parent`, or `None` at the parent's end. Text is an error. `expected` is
    /// the name that the child most likely has, or empty.
    #[expect(
        clippy::inline_always,
        reason = "a tag that is returned through memory stalls whoever looks at it"
    )]
    #[inline(always)]
    pub(super) fn next_child(
        &mut self,
        parent: &Tag<'de>,
        expected: &'static str,
    ) -> Result<Option<Tag<'de>>> {
        if parent.closed {
            return Ok(None);
        }
        self.skip_space();
        let at = self.at;
        let ahead = self.input.as_bytes().get(at + 1..).unwrap_or_default();
        if self.peek(0) == Some(b'<')
            && !expected.is_empty()
            && ahead.get(expected.len()) == Some(&b'>')
            && swar::starts_with(ahead, expected.as_bytes())
        {
            self.at += expected.len() + "<>".len();
            let tag = Tag {
                name: expected,
                prefix_len: 0,
                at,
                closed: false,
            };
            return self.open(tag).map(Some);
        }
        if self.plain_end(parent) {
            return Ok(None);
        }
        self.other_child(parent)
    }

    /// As [`next_child`](Self::next_child), for a child with another name.
    fn other_child(&mut self, parent: &Tag<'de>) -> Result<Option<Tag<'de>>> {
        loop {
            self.skip_space();
            if let Some(tag) = self.plain_start()? {
                return Ok(Some(tag));
            }
            if self.plain_end(parent) {
                return Ok(None);
            }
            let at = self.at;
            match self.peek(0) {
                None => return Err(self.truncated("an element")),
                Some(b'<') => {}
                Some(_) => return Err(self.error(ErrorKind::UnexpectedText)),
            }
            match self.markup("an element")? {
                Markup::Start(tag) => return Ok(Some(tag)),
                Markup::End(name) => return self.close(parent.name, name, at).map(|()| None),
                Markup::CData(_) => return Err(Error::at(ErrorKind::UnexpectedText, at)),
                Markup::Ignored => {}
            }
        }
    }

    /// Whether `parent`, whose start tag was just read, holds elements rather than text.
    pub(super) fn holds_elements(&self, parent: &Tag<'de>) -> Option<Tag<'de>> {
        self.clone().next_child(parent, ITEM).ok().flatten()
    }

    /// The name, without a prefix, of the element whose start tag begins at `at`.
    #[cold]
    pub(super) fn name_at(&self, at: usize) -> &'de str {
        let name = self.input.get(at + "<".len()..).unwrap_or_default();
        let end = name.bytes().position(|byte| !is_name_byte(byte));
        let name = name.get(..end.unwrap_or(name.len())).unwrap_or_default();
        name.split_once(':').map_or(name, |(_, local)| local)
    }

    /// Skips the content of `element` and its end tag, and checks them.
    pub(super) fn skip(&mut self, element: &Tag<'de>) -> Result<()> {
        if element.closed {
            return Ok(());
        }
        loop {
            self.skip_space();
            self.pass_run()?;
            if self.plain_end(element) {
                return Ok(());
            }
            // The limit bounds this recursion.
            if let Some(child) = self.plain_start()? {
                self.skip(&child)?;
                continue;
            }
            let at = self.at;
            match self.peek(0) {
                None => return Err(self.truncated("an element")),
                Some(b'<') => match self.markup("an element")? {
                    Markup::Start(child) => self.skip(&child)?,
                    Markup::End(name) => return self.close(element.name, name, at),
                    Markup::CData(_) | Markup::Ignored => {}
                },
                Some(_) => self.at += self.reference(self.rest(), at)?.1,
            }
        }
    }
}

#[cfg(test)]
mod tests;
