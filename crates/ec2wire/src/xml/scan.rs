//! The scanner: a cursor over an XML document that checks what it passes.
//!
//! It knows elements, text, CDATA, comments, processing instructions and references, and stays on
//! the heap only for text that has to be changed. Every `<` is matched with its end: nothing is
//! skipped unchecked.

use super::ITEM;
use super::escape::{is_legal, predefined};
use super::options::Options;
use crate::swar::{self, ByteClass, byte_class};
use crate::{Error, ErrorKind, Limit, Result};
use alloc::borrow::Cow;
use alloc::string::String;

/// A start tag that was just read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tag<'de> {
    /// The whole name, which the end tag must repeat.
    pub(super) name: &'de str,
    /// How long the name's prefix is, with its colon.
    pub(super) prefix_len: usize,
    /// Where the `<` stands.
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

/// As many attributes of a tag are compared with each other; EC2's have one at most.
const CHECKED_ATTRIBUTES: usize = 8;

/// What comes next in an element's content.
enum Markup<'de> {
    Start(Tag<'de>),
    /// The end tag's name.
    End(&'de str),
    CData(&'de str),
    /// A comment or processing instruction.
    Nothing,
}

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

/// Whether the text can name an element.
pub(super) fn is_name(name: &str) -> bool {
    if name.bytes().all(|byte| PLAIN_NAME_BYTES.has(byte)) {
        return name.bytes().next().is_some_and(begins_name);
    }
    let is_part = |part: &str| {
        part.bytes().next().is_some_and(begins_name)
            && part.bytes().all(|byte| is_name_byte(byte) && byte != b':')
            && part.chars().all(is_legal)
    };
    match name.split_once(':') {
        Some((prefix, local)) => is_part(prefix) && is_part(local),
        None => is_part(name),
    }
}

/// Name characters; XML's finer distinctions beyond ASCII play no part in AWS's documents.
pub(crate) const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b':') || byte >= 0x80
}

/// Whether the byte can stand in a name without a prefix.
const fn is_plain_name_byte(byte: u8) -> bool {
    byte.is_ascii() && is_name_byte(byte) && byte != b':'
}

static PLAIN_NAME_BYTES: ByteClass = byte_class!(is_plain_name_byte);

const fn begins_name(byte: u8) -> bool {
    is_name_byte(byte) && !matches!(byte, b'0'..=b'9' | b'-' | b'.')
}

const DOCTYPE: &str = "<!DOCTYPE";

/// What [`is_space`] takes.
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

    /// Takes all up to `end`, and `end` too.
    fn take_until(&mut self, end: &str, inside: &'static str) -> Result<&'de str> {
        let (text, _) = self
            .rest()
            .split_once(end)
            .ok_or_else(|| self.truncated(inside))?;
        self.check_characters(text)?;
        self.at += text.len() + end.len();
        Ok(text)
    }

    /// Checks that the text just ahead has only characters that XML can carry.
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

    /// Reads up to the root's start tag.
    pub(super) fn root(&mut self) -> Result<Tag<'de>> {
        if self.rest().starts_with('\u{FEFF}') {
            self.at += '\u{FEFF}'.len_utf8();
        }
        self.looks_like_xml()?;
        if let Some(after) = self.rest().strip_prefix("<?xml")
            && after
                .bytes()
                .next()
                .is_none_or(|byte| byte == b'?' || is_space(byte))
        {
            self.declaration()?;
        }
        loop {
            self.skip_space();
            if self.rest().is_empty() {
                return Err(self.truncated("the prolog"));
            }
            if !self.rest().starts_with('<') {
                return Err(self.error(ErrorKind::Malformed("text stands before the root element")));
            }
            let at = self.at;
            let found = match self.markup("the prolog")? {
                Markup::Start(tag) => return Ok(tag),
                Markup::Nothing => continue,
                Markup::End(_) => "an end tag stands before the root element",
                Markup::CData(_) => "text stands before the root element",
            };
            return Err(Error::at(ErrorKind::Malformed(found), at));
        }
    }

    /// Tells a body that is no XML at all from one that is damaged.
    fn looks_like_xml(&self) -> Result<()> {
        let found = match self.rest().trim_start_matches(SPACES).bytes().next() {
            Some(b'<') => return Ok(()),
            None => "empty",
            Some(b'{' | b'[') => "JSON",
            Some(_) => "plain text",
        };
        Err(self.error(ErrorKind::NotXml(found)))
    }

    /// The XML declaration. Its encoding must be one that the text, which is UTF-8, can have.
    fn declaration(&mut self) -> Result<()> {
        let at = self.at;
        let text = self.take_until("?>", "the XML declaration")?;
        let malformed = |what| Error::at(ErrorKind::Malformed(what), at);
        let rest = text.strip_prefix("<?xml").unwrap_or_default();
        let (version, mut rest) = pseudo_attribute(rest, "version")
            .ok_or_else(|| malformed("the XML declaration has no version"))?;
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

    /// Reads what begins with the `<` ahead.
    fn markup(&mut self, inside: &'static str) -> Result<Markup<'de>> {
        let at = self.at;
        match self.peek(1) {
            None => Err(self.truncated("a tag")),
            Some(b'/') => {
                self.at += 2;
                let name = self.name()?;
                self.skip_space();
                match self.peek(0) {
                    Some(b'>') => self.at += 1,
                    None => return Err(self.truncated("an end tag")),
                    Some(_) => {
                        return Err(
                            self.error(ErrorKind::Malformed("an end tag has more than a name"))
                        );
                    }
                }
                Ok(Markup::End(name))
            }
            Some(b'!') => {
                let rest = self.rest();
                if rest.starts_with("<!--") {
                    self.at += 4;
                    self.take_until("--", "a comment")?;
                    match self.peek(0) {
                        Some(b'>') => self.at += 1,
                        None => return Err(self.truncated("a comment")),
                        Some(_) => {
                            return Err(self
                                .error(ErrorKind::Malformed("a comment has two hyphens inside")));
                        }
                    }
                    Ok(Markup::Nothing)
                } else if rest.starts_with("<![CDATA[") {
                    self.at += 9;
                    self.take_until("]]>", "a CDATA section").map(Markup::CData)
                } else if rest
                    .get(..DOCTYPE.len())
                    .is_some_and(|start| start.eq_ignore_ascii_case(DOCTYPE))
                {
                    // HTML writes it in either case.
                    Err(Error::at(ErrorKind::Doctype, at))
                } else if ["<!--", "<![CDATA[", DOCTYPE]
                    .iter()
                    .any(|m| m.starts_with(rest))
                {
                    Err(self.truncated(inside))
                } else {
                    Err(Error::at(
                        ErrorKind::Malformed("a declaration is not known"),
                        at,
                    ))
                }
            }
            Some(b'?') => {
                self.at += 2;
                let target = self.name()?;
                if target.eq_ignore_ascii_case("xml") {
                    return Err(Error::at(
                        ErrorKind::Malformed("an XML declaration is not at the start"),
                        at,
                    ));
                }
                if self.rest() == "?" {
                    return Err(self.truncated("a processing instruction"));
                }
                if !self.rest().starts_with("?>") && !self.peek(0).is_some_and(is_space) {
                    let kind = ErrorKind::Malformed("a processing instruction has no valid target");
                    return Err(Error::at(kind, self.at));
                }
                self.take_until("?>", "a processing instruction")?;
                Ok(Markup::Nothing)
            }
            Some(_) => {
                self.at += 1;
                self.start_tag(at).map(Markup::Start)
            }
        }
    }

    fn name(&mut self) -> Result<&'de str> {
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
            return Err(self.error(ErrorKind::Malformed("a tag has no valid name")));
        }
        self.at += name.len();
        Ok(name)
    }

    /// Reads a start tag behind its `<`; the element is open afterwards unless it closes itself.
    fn start_tag(&mut self, at: usize) -> Result<Tag<'de>> {
        let name = self.name()?;
        let tag = Tag {
            name,
            prefix_len: name.find(':').map_or(0, |colon| colon + 1),
            at,
            closed: self.attributes()?,
        };
        self.open(tag)
    }

    /// Reads the start tag ahead if it is one without attributes or a prefix, as nearly all are.
    #[inline]
    fn plain_start(&mut self) -> Result<Option<Tag<'de>>> {
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
    fn open(&mut self, tag: Tag<'de>) -> Result<Tag<'de>> {
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

    /// Reads the rest of a start tag behind its name. Returns whether the tag closes itself.
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
                    return Err(self.error(ErrorKind::Malformed("a tag has an illegal character")));
                }
                _ => {
                    let at = self.at;
                    let attribute = self.attribute()?;
                    if attributes
                        .get(..count)
                        .unwrap_or_default()
                        .contains(&attribute)
                    {
                        let kind = ErrorKind::Malformed("a tag has an attribute twice");
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
            Some(_) => return Err(self.error(ErrorKind::Malformed("an attribute has no value"))),
        }
        self.skip_space();
        let quote = match self.peek(0) {
            Some(b'"') => "\"",
            Some(b'\'') => "'",
            None => return Err(self.truncated("a tag")),
            Some(_) => {
                return Err(self.error(ErrorKind::Malformed("an attribute's value is not quoted")));
            }
        };
        self.at += 1;
        let start = self.at;
        let value = self.take_until(quote, "an attribute")?;
        if let Some(bad) = value.find('<') {
            return Err(Error::at(
                ErrorKind::Malformed("an attribute's value has a `<`"),
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

    fn close(&mut self, expected: &str, found: &str, at: usize) -> Result<()> {
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

    /// Passes over the end tag of `element` if it is just what stands ahead, written plainly.
    #[inline]
    fn plain_end(&mut self, element: &Tag<'_>) -> bool {
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

    /// The next child element of `parent`, `None` when the parent ends. Text is an error. The
    /// child's name is mostly `expected`; empty where none is.
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

    /// As [`next_child`](Self::next_child), for a child that was not expected.
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
                Markup::Nothing => {}
            }
        }
    }

    /// Whether `parent`, whose start tag was just read, holds elements rather than text.
    pub(super) fn holds_elements(&self, parent: &Tag<'de>) -> Option<Tag<'de>> {
        self.clone().next_child(parent, ITEM).ok().flatten()
    }

    /// The text of `element` if it stands in the input as it is, up to and with the end tag;
    /// otherwise nothing is read.
    #[inline]
    pub(super) fn plain_text(&mut self, element: &Tag<'de>) -> Option<&'de str> {
        let start = self.at;
        if !element.closed
            && self.pass_run().is_ok_and(|special| !special)
            && let end = self.at
            && self.plain_end(element)
        {
            return self.input.get(start..end);
        }
        self.at = start;
        None
    }

    /// The text of `element`, up to and with its end tag. Child elements are an error.
    pub(super) fn text(&mut self, element: &Tag<'de>) -> Result<Cow<'de, str>> {
        if element.closed {
            return Ok(Cow::Borrowed(""));
        }
        match self.plain_text(element) {
            Some(text) => Ok(Cow::Borrowed(text)),
            None => self.mixed_text(element),
        }
    }

    /// The name, without a prefix, of the element whose start tag begins at `at`.
    #[cold]
    pub(super) fn name_at(&self, at: usize) -> &'de str {
        let name = self.input.get(at + "<".len()..).unwrap_or_default();
        let end = name.bytes().position(|byte| !is_name_byte(byte));
        let name = name.get(..end.unwrap_or(name.len())).unwrap_or_default();
        name.split_once(':').map_or(name, |(_, local)| local)
    }

    /// As [`text`](Self::text), whatever the text consists of.
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
                    Markup::Nothing => {}
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

    /// Appends what was read last, without copying where there was nothing before.
    #[inline]
    fn append(&self, text: &mut Cow<'de, str>, run: Cow<'de, str>) {
        if text.is_empty() {
            *text = run;
        } else if !run.is_empty() {
            self.own(text, run.len()).push_str(&run);
        }
    }

    /// Makes a text of its own, with room for `more` and what may follow before the next markup: no
    /// reference is shorter than what it stands for.
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

    /// Bare text up to the next `<` or `&`, which is left ahead.
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

    /// Passes over bare text. Returns whether its line ends may need to be normalized.
    #[inline]
    fn pass_run(&mut self) -> Result<bool> {
        let bytes = self.input.as_bytes();
        // What makes the text worth a second look is seen on the way.
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
                let kind = ErrorKind::Malformed("the end of a CDATA section stands in text");
                return Err(Error::at(kind, self.at + at));
            }
        }
        self.at = end;
        Ok(special)
    }

    /// The character that a reference stands for, and the reference's length.
    #[inline]
    fn reference(&self, rest: &str, at: usize) -> Result<(char, usize)> {
        match predefined(rest) {
            Some(found) => Ok(found),
            None => self.other_reference(rest, at),
        }
    }

    /// As [`reference`](Self::reference), for those that aren't predefined.
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
                return Err(Error::at(
                    ErrorKind::Malformed("an `&` does not begin a reference"),
                    at,
                ));
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
                ErrorKind::Malformed("a numeric reference has no valid number"),
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

    /// Passes over the content of `element` and its end tag, checking as it goes.
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
            // As deep as the limit at most.
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
                    Markup::CData(_) | Markup::Nothing => {}
                },
                Some(_) => self.at += self.reference(self.rest(), at)?.1,
            }
        }
    }

    /// Checks that nothing but comments and white space follows the root element.
    pub(super) fn finish(&mut self) -> Result<()> {
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

/// The value of what the XML declaration has next, if that is `name`, and what follows.
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

#[cfg(test)]
mod tests;
