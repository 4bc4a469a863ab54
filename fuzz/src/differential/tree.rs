//! A document as `quick_xml` reads it, and serde's view of it.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use std::collections::BTreeSet;
use std::fmt;

/// An element.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Element {
    /// The name without a prefix.
    pub name: String,
    /// The content, in order. Texts that are separated only by a comment are joined.
    pub content: Vec<Content>,
}

/// The content of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Text.
    Text {
        /// The characters, with references and CDATA resolved and line ends normalized.
        text: String,
        /// Whether it is white space that was written without references.
        is_blank: bool,
    },
    /// An element.
    Element(Element),
}

/// What is wrong with a document that `quick_xml` nevertheless reads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a separate fact")]
pub struct Facts {
    /// Whether the decoder is the strict one.
    pub strict: bool,
    /// Unescaped characters that XML forbids.
    pub bare: BTreeSet<u32>,
    /// References to characters that XML forbids.
    pub references: BTreeSet<u32>,
    /// The XML declaration is damaged, or not at the start.
    pub bad_declaration: bool,
    /// An encoding other than UTF-8 is declared.
    pub other_encoding: bool,
    /// There is a document type declaration.
    pub doctype: bool,
    /// An element or processing instruction has no valid name.
    pub bad_name: bool,
    /// A text contains `]]>`.
    pub cdata_end: bool,
    /// An attribute is not well-formed.
    pub bad_attribute: bool,
    /// A tag repeats an attribute, and one of the two comes after the eighth attribute.
    pub late_duplicate: bool,
    /// The document begins with text.
    pub starts_with_text: bool,
    /// There is text before the root, after other markup.
    pub text_before_root: bool,
    /// The root is followed by more than comments and white space.
    pub junk: bool,
    /// The depth of nested elements.
    pub depth: usize,
    /// The offset after the root's end tag.
    pub end: usize,
    /// Why [serde's view](View) of the document ends.
    pub refusal: Option<Refusal>,
}

/// Reads a whole document.
///
/// # Errors
///
/// `quick_xml` refuses the document, or sees no complete root element.
pub fn parse(document: &str) -> Result<(Element, Facts), String> {
    let mut reading = Reading::default();
    let facts = &mut reading.facts;
    facts.bare = document
        .chars()
        .filter(|&c| !is_legal(c))
        .map(u32::from)
        .collect();
    let (body, mark) = match document.strip_prefix('\u{FEFF}') {
        Some(body) => (body, '\u{FEFF}'.len_utf8()),
        None => (document, 0),
    };
    let start = body.trim_start_matches([' ', '\t', '\r', '\n']);
    facts.starts_with_text = !start.starts_with('<');

    let mut reader = quick_xml::Reader::from_str(body);
    reader.config_mut().check_comments = true;
    loop {
        let at = usize::try_from(reader.buffer_position()).map_err(|error| error.to_string())?;
        let event = reader.read_event().map_err(|error| error.to_string())?;
        if matches!(event, Event::Eof) {
            break;
        }
        let had_root = reading.root.is_some();
        reading.take(event, at == 0)?;
        if !had_root && reading.root.is_some() {
            let end = usize::try_from(reader.buffer_position()).unwrap_or_default();
            reading.facts.end = mark + end;
        }
    }
    match (reading.open.last(), reading.root) {
        (None, Some(root)) => Ok((root, reading.facts)),
        (Some(element), _) => Err(format!("the element `{}` is not closed", element.name)),
        (None, None) => Err("the root element is missing".into()),
    }
}

/// Whether XML 1.0 allows the character.
fn is_legal(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

fn is_blank(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

/// An XML name, without the finer distinctions beyond ASCII. A prefix is a name too.
fn is_name(name: &str) -> bool {
    let mut parts = name.split(':');
    let is_part = |part: &str| {
        let letter = |c: char| c.is_ascii_alphabetic() || c == '_' || !c.is_ascii();
        part.starts_with(letter)
            && part
                .chars()
                .all(|c| letter(c) || c.is_ascii_digit() || c == '-' || c == '.')
    };
    parts.clone().count() <= 2 && parts.all(is_part)
}

#[derive(Default)]
struct Reading {
    open: Vec<Element>,
    root: Option<Element>,
    facts: Facts,
}

impl Reading {
    fn take(&mut self, event: Event<'_>, is_first: bool) -> Result<(), String> {
        match event {
            Event::Start(start) => {
                let element = self.start(&start)?;
                self.open.push(element);
                self.facts.depth = self.facts.depth.max(self.open.len());
            }
            Event::Empty(start) => {
                let element = self.start(&start)?;
                self.facts.depth = self.facts.depth.max(self.open.len() + 1);
                self.close(element);
            }
            Event::End(_) => {
                let element = self.open.pop().ok_or("an end tag has no start tag")?;
                self.close(element);
            }
            Event::Text(text) => {
                self.facts.cdata_end |= text.contains("]]>");
                let text = text.xml10_content();
                self.text(&text, is_blank(&text));
            }
            Event::CData(text) => self.text(&text.xml10_content(), false),
            Event::GeneralRef(reference) => {
                let text = match reference.resolve_char_ref().map_err(|e| e.to_string())? {
                    Some(c) => {
                        self.refer(c);
                        c.to_string()
                    }
                    None => quick_xml::escape::resolve_predefined_entity(&reference)
                        .ok_or_else(|| format!("`&{};` is not defined", &*reference))?
                        .to_owned(),
                };
                self.text(&text, false);
            }
            Event::DocType(_) => {
                self.facts.doctype = true;
                self.facts.junk |= self.root.is_some();
            }
            Event::Decl(declaration) => match declared_encoding(&declaration) {
                Ok(encoding) if is_first => {
                    let known = ["utf-8", "utf8", "us-ascii"];
                    let encoding = encoding.to_ascii_lowercase();
                    self.facts.other_encoding |= !known.contains(&encoding.as_str());
                }
                _ => self.facts.bad_declaration = true,
            },
            Event::PI(instruction) => {
                let target = instruction.target();
                self.facts.bad_declaration |= target.eq_ignore_ascii_case("xml");
                self.facts.bad_name |= !is_name(target);
            }
            Event::Comment(_) | Event::Eof => {}
        }
        Ok(())
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<Element, String> {
        self.facts.junk |= self.root.is_some();
        self.facts.bad_name |= !is_name(start.name().as_ref());
        self.facts.bad_attribute |= !are_attributes(start.attributes_raw());
        let mut attributes = start.attributes();
        attributes.with_checks(false);
        let mut seen: Vec<&str> = Vec::new();
        let attributes: Vec<_> = attributes
            .collect::<Result<_, _>>()
            .map_err(|error| error.to_string())?;
        for (at, attribute) in attributes.iter().enumerate() {
            let name = attribute.key.as_ref();
            match seen.iter().position(|seen| *seen == name) {
                Some(first) if first >= 8 => self.facts.late_duplicate = true,
                Some(_) => return Err(format!("repeated attribute {at}")),
                None => seen.push(name),
            }
            // quick-xml resolves references without reporting their codes.
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|error| error.to_string())?;
            if attribute.value.contains("&#") {
                value.chars().for_each(|c| self.refer(c));
            }
        }
        Ok(Element {
            name: start.local_name().as_ref().to_owned(),
            content: Vec::new(),
        })
    }

    fn refer(&mut self, c: char) {
        if !is_legal(c) {
            self.facts.references.insert(c.into());
        }
    }

    fn text(&mut self, text: &str, is_blank: bool) {
        let Some(element) = self.open.last_mut() else {
            self.facts.text_before_root |= self.root.is_none() && !is_blank;
            self.facts.junk |= self.root.is_some() && !is_blank;
            return;
        };
        if let Some(Content::Text {
            text: before,
            is_blank: was_blank,
        }) = element.content.last_mut()
        {
            before.push_str(text);
            *was_blank &= is_blank;
        } else {
            let text = text.to_owned();
            element.content.push(Content::Text { text, is_blank });
        }
    }

    fn close(&mut self, element: Element) {
        match self.open.last_mut() {
            Some(parent) => parent.content.push(Content::Element(element)),
            // A second declaration is junk after the first.
            None if self.root.is_none() => self.root = Some(element),
            None => {}
        }
    }
}

/// The encoding in an XML declaration, or UTF-8 if there is none. Fails on a damaged declaration.
fn declared_encoding(declaration: &str) -> Result<&str, Damaged> {
    let rest = declaration.strip_prefix("xml").ok_or(Damaged)?;
    let (version, rest) = attribute(rest)?.ok_or(Damaged)?;
    let minor = version.1.strip_prefix("1.").ok_or(Damaged)?;
    if version.0 != "version" || minor.is_empty() || !minor.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Damaged);
    }
    let mut encoding = "UTF-8";
    let mut next = attribute(rest)?;
    if let Some((("encoding", name), rest)) = next {
        encoding = name;
        next = attribute(rest)?;
    }
    if let Some((("standalone", "yes" | "no"), rest)) = next {
        next = attribute(rest)?;
    }
    match next {
        Some(_) => Err(Damaged),
        None => Ok(encoding),
    }
}

/// Whether the rest of a start tag consists of attributes.
fn are_attributes(mut rest: &str) -> bool {
    loop {
        match attribute(rest) {
            Ok(None) => return true,
            Ok(Some(((name, value), after))) if is_name(name) && !value.contains('<') => {
                rest = after;
            }
            Ok(Some(_)) | Err(Damaged) => return false,
        }
    }
}

/// Neither an attribute nor the end of the tag.
struct Damaged;

/// An attribute's name and value.
type Attribute<'t> = (&'t str, &'t str);

/// The next attribute after white space, and the rest; `None` at the end.
fn attribute(text: &str) -> Result<Option<(Attribute<'_>, &str)>, Damaged> {
    const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

    let rest = text.trim_start_matches(SPACE);
    if rest.is_empty() {
        return Ok(None);
    }
    if rest.len() == text.len() {
        return Err(Damaged);
    }
    let (name, rest) = rest.split_once('=').ok_or(Damaged)?;
    let rest = rest.trim_start_matches(SPACE);
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
    let quote = quote.ok_or(Damaged)?;
    let (value, rest) = rest[1..].split_once(quote).ok_or(Damaged)?;
    Ok(Some(((name.trim_end_matches(SPACE), value), rest)))
}

/// The row that documents why serde refuses the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The first cell of the row.
    pub row: &'static str,
}

impl Refusal {
    /// A member is repeated.
    pub const REPEATED: Self = Self {
        row: "a repeated member",
    };
    /// A list contains something other than entries.
    pub const NOT_ITEM: Self = Self {
        row: "a list's child that is not `item`",
    };
    /// There is text where only elements are allowed.
    pub const TEXT: Self = Self {
        row: "text between members or list entries",
    };
    /// There are elements where only text is allowed.
    pub const ELEMENTS: Self = Self {
        row: "elements inside a text",
    };
    /// A scalar is not written as EC2 writes it.
    pub const SCALAR: Self = Self {
        row: "a boolean or number in another spelling",
    };
    /// The root belongs to another type.
    pub const ROOT: Self = Self {
        row: "a root other than the type's",
    };
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.row)
    }
}

impl std::error::Error for Refusal {}

impl serde::de::Error for Refusal {
    fn custom<T: fmt::Display>(message: T) -> Self {
        panic!("unexpected error of a type: {message}")
    }

    fn duplicate_field(_field: &'static str) -> Self {
        Self::REPEATED
    }
}

/// Serde's view of an element, by EC2's rules for lists, structures and texts.
#[derive(Clone, Copy)]
pub struct View<'e> {
    element: &'e Element,
    root: Root,
}

/// The required name of the root element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// The name of the structure.
    OfType,
    /// Any name.
    Any,
    /// Not a root.
    Not,
}

impl<'e> View<'e> {
    /// The view of a root element.
    #[must_use]
    pub fn new(element: &'e Element, root: Root) -> Self {
        Self { element, root }
    }

    fn is_root(self) -> bool {
        self.root != Root::Not
    }

    /// The first element, unless text precedes it.
    fn first(self) -> Option<&'e Element> {
        self.element
            .content
            .iter()
            .find_map(|content| match content {
                Content::Text { is_blank: true, .. } => None,
                Content::Text { .. } => Some(None),
                Content::Element(element) => Some(Some(element)),
            })?
    }

    fn text(self) -> Result<String, Refusal> {
        let texts = self.element.content.iter().map(|content| match content {
            Content::Text { text, .. } => Ok(text.as_str()),
            Content::Element(_) => Err(Refusal::ELEMENTS),
        });
        texts.collect()
    }

    fn children(self) -> Children<'e> {
        Children {
            content: self.element.content.iter(),
            child: None,
            has_id: !self.is_root(),
            is_root: self.is_root(),
        }
    }

    fn number<T: std::str::FromStr>(self) -> Result<T, Refusal> {
        let text = self.text()?;
        let digits = text.strip_prefix('-').unwrap_or(&text);
        let is_plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(number) if is_plain => Ok(number),
            _ => Err(Refusal::SCALAR),
        }
    }
}

struct Children<'e> {
    content: std::slice::Iter<'e, Content>,
    child: Option<&'e Element>,
    has_id: bool,
    is_root: bool,
}

impl<'e> Children<'e> {
    fn next(&mut self) -> Result<Option<&'e Element>, Refusal> {
        loop {
            match self.content.next() {
                Some(Content::Text { is_blank: true, .. }) => {}
                Some(Content::Text { .. }) => return Err(Refusal::TEXT),
                Some(Content::Element(element)) => return Ok(Some(element)),
                None => return Ok(None),
            }
        }
    }
}

impl<'de> MapAccess<'de> for Children<'_> {
    type Error = Refusal;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Refusal> {
        let Some(child) = self.next()? else {
            return Ok(None);
        };
        self.child = Some(child);
        let is_id = matches!(&*child.name, "requestId" | "RequestId" | "RequestID");
        if self.is_root && is_id {
            View::new(child, Root::Not).text()?;
            if std::mem::replace(&mut self.has_id, true) {
                return Err(Refusal::REPEATED);
            }
        }
        seed.deserialize(StrDeserializer::new(&child.name))
            .map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Refusal> {
        let child = self.child.take().expect("a key was read");
        seed.deserialize(View::new(child, Root::Not))
    }
}

impl<'de> SeqAccess<'de> for Children<'_> {
    type Error = Refusal;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Refusal> {
        match self.next()? {
            None => Ok(None),
            Some(item) if item.name == "item" => {
                seed.deserialize(View::new(item, Root::Not)).map(Some)
            }
            Some(_) => Err(Refusal::NOT_ITEM),
        }
    }
}

impl<'de> Deserializer<'de> for View<'_> {
    type Error = Refusal;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match self.first() {
            Some(first) if first.name == "item" => visitor.visit_seq(self.children()),
            Some(_) => visitor.visit_map(self.children()),
            None => visitor.visit_string(self.text()?),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_string(self.text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match &*self.text()? {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(Refusal::SCALAR),
        }
    }

    fn deserialize_i32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_i32(self.number()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_seq(self.children())
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_map(self.children())
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        if self.root == Root::OfType && self.element.name != name {
            return Err(Refusal::ROOT);
        }
        visitor.visit_map(self.children())
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct tuple
        tuple_struct enum identifier
    }
}
