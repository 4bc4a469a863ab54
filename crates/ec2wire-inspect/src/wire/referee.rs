//! An independent reader of answers.
//!
//! The referee reads answers with quick-xml and requests with `serde_urlencoded`. The codec reads
//! the same bytes; a difference is a fault of this project, and the run reports it as such.

use crate::format::template::{Member, Names};
use crate::record::place::{self, Filter};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::ops::Range;

/// The spellings of the element that contains the request id.
pub const REQUEST_ID: [&str; 3] = ["requestId", "RequestID", "RequestId"];

/// Why a document with a DOCTYPE is refused. XML allows one, so it is not damage.
pub const DOCTYPE: &str = "a document type declaration, which EC2 is not known to send";

/// The most tags of an answer that is judged: each of them takes far more memory than its bytes.
pub const MOST_TAGS: usize = 1 << 19;

/// How deep elements may be nested. Other parsers have this limit too, and EC2 needs a tenth of it.
const MOST_NESTED: usize = 256;

/// Whether a body has more tags than [`MOST_TAGS`].
pub fn has_many_tags(body: &[u8]) -> bool {
    let mut parts = body.split(|byte| *byte == b'<');
    parts.nth(MOST_TAGS + 1).is_some()
}

/// An element of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Element {
    /// The name without its prefix.
    pub name: String,
    /// The prefix of the name.
    pub prefix: Option<String>,
    /// The namespace that the element declares for its own name.
    pub xmlns: Option<String>,
    /// The text, if the element has no children.
    pub text: String,
    /// The children.
    pub children: Vec<Element>,
    /// Its place in the body, from the first `<` to after the last `>`, in bytes.
    pub span: Range<usize>,
    /// The place of its content, in bytes; empty in an empty element.
    pub content: Range<usize>,
}

/// Why a body is not a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// What is wrong.
    pub what: String,
    /// The place of the error, in bytes; the body's length if its end is missing.
    pub offset: usize,
}

impl Element {
    /// Reads a whole document.
    ///
    /// Fails with a description where it is not well-formed.
    pub fn parse(body: &[u8]) -> Result<Self, String> {
        Self::read(body).map_err(|damage| damage.what)
    }

    /// Reads a whole document.
    ///
    /// Fails with a description and the place where it is not well-formed.
    pub fn read(body: &[u8]) -> Result<Self, Damage> {
        let text = std::str::from_utf8(body).map_err(|error| Damage {
            what: error.to_string(),
            offset: error.valid_up_to(),
        })?;
        if let Some((offset, c)) = text.char_indices().find(|&(_, c)| !is_xml_character(c)) {
            let code = u32::from(c);
            let what = format!("the character U+{code:04X} is not allowed in XML");
            return Err(Damage { what, offset });
        }
        // The reader skips a byte order mark without counting it.
        let mark = if text.starts_with('\u{FEFF}') {
            '\u{FEFF}'.len_utf8()
        } else {
            0
        };
        let position = |offset: u64| mark + usize::try_from(offset).unwrap_or(usize::MAX - mark);
        let mut reader = Reader::from_str(text);
        reader.config_mut().check_end_names = true;
        reader.config_mut().check_comments = true;
        let mut open: Vec<Self> = Vec::new();
        let mut root = None;
        loop {
            let before = position(reader.buffer_position());
            let event = reader.read_event().map_err(|error| Damage {
                what: error.to_string(),
                offset: position(reader.error_position()),
            })?;
            let span = before..position(reader.buffer_position());
            match event {
                Event::Eof => break,
                // Strict parsers, such as Python's, refuse this.
                Event::Decl(_) if before > mark => {
                    return Err(Damage {
                        what: "the XML declaration is not at the start of the body".into(),
                        offset: before,
                    });
                }
                _ => {}
            }
            Self::take(event, &span, &mut open, &mut root).map_err(|what| Damage {
                what,
                offset: span.start,
            })?;
        }
        let missing = |what| Damage {
            what,
            offset: body.len(),
        };
        match (open.last(), root) {
            (None, Some(root)) => Ok(root),
            (Some(element), _) => Err(missing(format!(
                "the element `{}` is not closed",
                element.name
            ))),
            (None, None) => Err(missing("there is no root element".into())),
        }
    }

    /// Handles the event at `span`.
    fn take(
        event: Event<'_>,
        span: &Range<usize>,
        open: &mut Vec<Self>,
        root: &mut Option<Self>,
    ) -> Result<(), String> {
        match event {
            Event::Start(_) | Event::Empty(_) if root.is_some() => {
                return Err("content follows the root element".into());
            }
            // Elements are compared and dropped by recursion.
            Event::Start(_) if open.len() >= MOST_NESTED => {
                return Err(format!("elements are nested more than {MOST_NESTED} deep"));
            }
            Event::Start(start) => open.push(Self::open(&start, span)?),
            Event::Empty(start) => close(open, root, Self::open(&start, span)?),
            Event::End(_) => {
                let mut element = open.pop().ok_or("an end tag has no start tag")?;
                element.content.end = span.start;
                element.span.end = span.end;
                close(open, root, element);
            }
            Event::Text(text) if text.contains("]]>") => return Err("`]]>` in text".into()),
            Event::Text(text) => add_text(open, &text.xml10_content())?,
            Event::CData(text) => add_text(open, &text.xml10_content())?,
            Event::GeneralRef(reference) => {
                let text = match reference.resolve_char_ref().map_err(|e| e.to_string())? {
                    Some(c) => c.to_string(),
                    None => quick_xml::escape::resolve_predefined_entity(&reference)
                        .ok_or_else(|| format!("unknown entity `&{};`", &*reference))?
                        .to_owned(),
                };
                add_text(open, &text)?;
            }
            Event::DocType(_) => return Err(DOCTYPE.into()),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) | Event::Eof => {}
        }
        Ok(())
    }

    fn open(start: &BytesStart<'_>, span: &Range<usize>) -> Result<Self, String> {
        let name = start.local_name().as_ref().to_owned();
        let prefix = start
            .name()
            .prefix()
            .map(|prefix| prefix.as_ref().to_owned());
        let declaration = match &prefix {
            Some(prefix) => format!("xmlns:{prefix}"),
            None => "xmlns".to_owned(),
        };
        let mut xmlns = None;
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            if attribute.key.as_ref() == declaration {
                xmlns = Some(attribute.value.into_owned());
            }
        }
        Ok(Self {
            name,
            prefix,
            xmlns,
            span: span.clone(),
            content: span.end..span.end,
            ..Self::default()
        })
    }

    /// The first child with that name.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The elements at a path below this one; see [`place`].
    pub fn at(&self, path: &str) -> Vec<&Self> {
        let mut found = vec![self];
        for part in place::parts(path) {
            let children = found.into_iter().flat_map(|element| {
                element
                    .children
                    .iter()
                    .filter(|child| child.name == part.name)
            });
            found = match part.filter {
                None => children.collect(),
                Some(Filter::Nth(index)) => children.skip(index).take(1).collect(),
                Some(Filter::Member { name, text }) => children
                    .filter(|child| child.child(name).is_some_and(|m| m.text == text))
                    .collect(),
            };
        }
        found
    }

    /// The first prefix of an element inside this one.
    pub fn inner_prefix(&self) -> Option<&str> {
        self.children.iter().find_map(|child| {
            let own = child.prefix.as_deref();
            own.or_else(|| child.inner_prefix())
        })
    }

    /// Whether both have the same name and content, wherever they are.
    pub fn is_same(&self, other: &Self) -> bool {
        self.name == other.name
            && self.text == other.text
            && self.children.len() == other.children.len()
            && self
                .children
                .iter()
                .zip(&other.children)
                .all(|(one, other)| one.is_same(other))
    }

    /// The element that contains the request id, in any of its three spellings.
    pub fn request_id_element(&self) -> Option<&Self> {
        REQUEST_ID.iter().find_map(|name| self.child(name))
    }

    /// The request id, in any of its three spellings.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id_element()
            .map(|element| element.text.as_str())
    }

    /// The codes and messages of an error document, whatever its exact nesting.
    pub fn errors(&self) -> Vec<(&str, &str)> {
        let nested = self
            .children
            .iter()
            .filter(|c| c.name == "Errors")
            .flat_map(|c| &c.children);
        let text = |error: &'_ Self, name: &str| -> Option<usize> {
            error.children.iter().position(|child| child.name == name)
        };
        nested
            .chain(&self.children)
            .filter(|element| element.name == "Error")
            .map(|error| {
                let get = |name| {
                    text(error, name)
                        .and_then(|at| error.children.get(at))
                        .map_or("", |child| child.text.as_str())
                };
                (get("Code"), get("Message"))
            })
            .collect()
    }
}

const fn is_xml_character(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

fn add_text(open: &mut [Element], text: &str) -> Result<(), String> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim_start_matches('\u{FEFF}').trim().is_empty() => {}
        None => return Err("text outside the root element".into()),
    }
    Ok(())
}

fn close(open: &mut [Element], root: &mut Option<Element>, mut element: Element) {
    if !element.children.is_empty() && element.text.trim().is_empty() {
        // White space between elements is not content.
        element.text.clear();
    }
    match open.last_mut() {
        Some(parent) => parent.children.push(element),
        None => *root = Some(element),
    }
}

/// The codec's reading of a body, compared with the referee's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparison {
    /// Both read the same, or both refuse the body.
    Same,
    /// One refuses what the other reads: they differ in strictness, or only one of them looks for
    /// this kind of damage. Contains which one, and why.
    OneRefuses(String),
    /// Both read it, but differently, which is a fault of this project. Contains the difference.
    Differs(String),
}

/// Compares the codec's reading with the referee's.
pub fn compare_with_codec(body: &[u8], referee: &Result<Element, String>) -> Comparison {
    let codec = ec2wire::xml::Options::new()
        .any_root()
        .from_slice::<Codec>(body);
    match (codec, referee) {
        (Ok(codec), Ok(referee)) if codec.matches(referee) => Comparison::Same,
        (Ok(codec), Ok(referee)) => Comparison::Differs(format!(
            "the codec reads {codec:?} where the referee reads {referee:?}"
        )),
        (Err(error), Ok(_)) => Comparison::OneRefuses(format!("the codec refused it: {error}")),
        (Ok(_), Err(error)) => Comparison::OneRefuses(format!("the referee refused it: {error}")),
        (Err(_), Err(_)) => Comparison::Same,
    }
}

/// Any document as the codec reads it.
#[derive(Debug)]
enum Codec {
    Text(String),
    Items(Vec<Codec>),
    Members(Vec<(String, Codec)>),
}

impl Codec {
    fn matches(&self, element: &Element) -> bool {
        match self {
            Self::Text(text) => element.children.is_empty() && *text == element.text,
            Self::Items(items) => {
                items.len() == element.children.len()
                    && items
                        .iter()
                        .zip(&element.children)
                        .all(|(a, b)| a.matches(b))
            }
            Self::Members(members) => {
                members.len() == element.children.len()
                    && members
                        .iter()
                        .zip(&element.children)
                        .all(|((name, member), child)| *name == child.name && member.matches(child))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Codec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CodecVisitor;

        impl<'de> Visitor<'de> for CodecVisitor {
            type Value = Codec;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a document")
            }

            fn visit_str<E>(self, text: &str) -> Result<Codec, E> {
                Ok(Codec::Text(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Codec, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Codec::Items(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Codec, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Codec::Members(members))
            }
        }

        deserializer.deserialize_any(CodecVisitor)
    }
}

/// Checks that an encoded body contains exactly the members. The error says what it contains.
#[cfg(feature = "harness")]
pub fn check_request(
    body: &str,
    head: &[(String, String)],
    members: Option<&Member>,
    names: Names,
) -> Result<(), String> {
    let mut expected = head.to_vec();
    if let Some(members) = members {
        flatten(String::new(), members, names, &mut expected);
    }
    let sent: Vec<(String, String)> =
        serde_urlencoded::from_str(body).map_err(|error| error.to_string())?;
    if sent == expected {
        Ok(())
    } else {
        Err(format!("the codec wrote {sent:?} for {expected:?}"))
    }
}

/// The pairs that represent members on the wire.
pub fn pairs(members: &Member, names: Names) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    flatten(String::new(), members, names, &mut pairs);
    pairs
}

fn flatten(key: String, member: &Member, names: Names, pairs: &mut Vec<(String, String)>) {
    let join = |part: &str| {
        if key.is_empty() {
            part.to_owned()
        } else {
            format!("{key}.{part}")
        }
    };
    match member {
        Member::Text(text) => pairs.push((key, text.clone())),
        Member::List(entries) => {
            for (index, entry) in entries.iter().enumerate() {
                flatten(join(&(index + 1).to_string()), entry, names.entry(), pairs);
            }
        }
        Member::Structure(members) => {
            for (name, member) in members {
                let (key, inner) = names.member(name);
                flatten(join(&key), member, inner, pairs);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    const BODY: &[u8] = b"<?xml version=\"1.0\"?><R xmlns=\"u\">\n<requestId>1</requestId>\
        <s><item><k>a&amp;<![CDATA[<b>]]>&#xE9;</k><v>1</v></item><item><k>c</k></item></s>\
        <e/></R>";

    #[test]
    fn paths_find_elements() {
        let root = Element::parse(BODY).unwrap();
        let text = |path: &str| {
            root.at(path)
                .iter()
                .map(|e| e.text.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(root.xmlns.as_deref(), Some("u"));
        assert_eq!(text("s.item.k"), ["a&<b>é", "c"]);
        assert_eq!(text("s.item[1].k"), ["c"]);
        assert_eq!(text("s.item[k=a&<b>é].v"), ["1"]);
        assert_eq!(text("s.item[k=x.y]"), [""; 0]);
        assert_eq!(root.request_id(), Some("1"));
    }

    /// Without a limit, this ends the program.
    #[test]
    fn nesting_has_a_limit() {
        let nested = |depth| "<a>".repeat(depth) + &"</a>".repeat(depth);
        assert!(Element::parse(nested(MOST_NESTED).as_bytes()).is_ok());
        let damage = Element::read(nested(100_000).as_bytes()).unwrap_err();
        assert_eq!(damage.what, "elements are nested more than 256 deep");
        assert_eq!(damage.offset, 3 * MOST_NESTED);
    }

    #[test]
    fn elements_know_where_they_stand() {
        let text = "\u{FEFF}<?xml version=\"1.0\"?>\n<R a=\"1\"><!-- c --><a>x&amp;y</a><b/></R>";
        let root = Element::parse(text.as_bytes()).unwrap();
        let cut = |range: &Range<usize>| text.get(range.clone()).unwrap();
        let child = |name| root.child(name).unwrap();
        assert_eq!(cut(&root.content), "<!-- c --><a>x&amp;y</a><b/>");
        assert_eq!(cut(&child("a").span), "<a>x&amp;y</a>");
        assert_eq!(cut(&child("a").content), "x&amp;y");
        assert_eq!(cut(&child("b").span), "<b/>");
        assert_eq!(cut(&child("b").content), "");
    }

    #[test]
    fn damage_has_its_place() {
        for (before, after) in [
            ("<a>é", "\u{1}</a>"),
            ("<a>", "&x;</a>"),
            ("<a/>", "x"),
            ("<a/>", "<b/>"),
            ("<a><b>", ""),
            ("<a>", "<!DOCTYPE x></a>"),
        ] {
            let damage = Element::read(format!("{before}{after}").as_bytes()).unwrap_err();
            assert_eq!(damage.offset, before.len(), "{before}{after}: {damage:?}");
        }
    }

    #[test]
    fn only_two_readings_that_differ_are_a_fault() {
        let root = Element::parse(BODY).unwrap();
        assert_eq!(
            compare_with_codec(BODY, &Ok(root.clone())),
            Comparison::Same
        );
        let mut other = root;
        other.children.pop();
        let differs = compare_with_codec(BODY, &Ok(other));
        assert!(matches!(differs, Comparison::Differs(_)), "{differs:?}");
        let mixed = b"<html><body><h1>Not Found</h1>no such page</body></html>";
        let refused = compare_with_codec(mixed, &Element::parse(mixed));
        assert!(matches!(refused, Comparison::OneRefuses(_)), "{refused:?}");
    }

    #[test]
    fn what_xml_leaves_free_is_read() {
        for (body, xmlns) in [
            (
                "\u{FEFF}<?xml version='1.0' encoding='UTF-8'?>\n<!-- x --><a xmlns='u'>b</a>\n",
                "u",
            ),
            ("\n <p:a xmlns:p='u'  xmlns='v' ><![CDATA[b]]></p:a>", "u"),
            ("<a xmlns = \"u\" >&#98;</a ><?x y?>", "u"),
        ] {
            let root = Element::parse(body.as_bytes()).unwrap();
            let read = (&*root.name, root.xmlns.as_deref(), &*root.text);
            assert_eq!(read, ("a", Some(xmlns), "b"), "{body}");
        }
    }

    #[test]
    fn damage_is_refused() {
        for body in [
            "",
            "x",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a/>x",
            "<a>&x;</a>",
            "<a>\u{1}</a>",
            "\n<?xml version=\"1.0\"?><a/>",
            "<a>]]></a>",
            "<a><!-- a -- b --></a>",
            "<a b='1' b='2'/>",
        ] {
            assert!(Element::parse(body.as_bytes()).is_err(), "{body}");
        }
    }
}
