//! Places in an exchange: how checks name them and how records store them.
//!
//! | text | place |
//! |---|---|
//! | `ipamPolicy.tagSet.item[0].key` | a path of elements below the root of the answer |
//! | `ipamPolicySet.item[ipamPolicyId=ID].state` | the same, selecting an entry by a member's text |
//! | `@root`, `@xmlns`, `@prefix` | the root's name, its namespace, and the prefix of the elements inside |
//! | `@request-id` | the request id in the document, in any spelling |
//! | `@status`, `@header:NAME`, `@body` | the HTTP status, a header, the body |
//! | `@connection` | the connection that carried the request |
//! | `@answer` | the whole answer |
//! | `@created` | what the step created |
//! | `@request`, `@request:method`, `@request:header:NAME` | the request, its method, a header |
//! | `@request:target:3-9`, `@request:body:3-9` | bytes of the request's target or body |

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::ops::Range;

/// A place in an exchange.
///
/// `Display` and serde use its text form.
///
/// ```
/// use ec2wire_inspect::record::Place;
///
/// assert_eq!(Place::parse("@status"), Ok(Place::Status));
/// assert_eq!(Place::parse("vpcSet.item[0].state").unwrap().to_string(), "vpcSet.item[0].state");
/// assert!(Place::parse("@nowhere").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Place {
    /// Elements below the root of the answer.
    Path(String),
    /// The name of the root.
    Root,
    /// The namespace of the root.
    Namespace,
    /// The first prefix of an element inside the root.
    Prefix,
    /// The request id in the document.
    RequestId,
    /// The status.
    Status,
    /// The first header with that name.
    Header(String),
    /// The body as text.
    Body,
    /// The connection.
    Connection,
    /// The whole answer.
    Answer,
    /// What the step created.
    Created,
    /// A place in the request.
    Request(Spot),
    /// A place that this version does not know, from another version's record.
    Unknown(String),
}

/// A place in a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Spot {
    /// The whole request.
    Whole,
    /// The method.
    Method,
    /// These bytes of the target.
    Target(Range<usize>),
    /// The first header with that name.
    Header(String),
    /// These bytes of the body.
    Body(Range<usize>),
}

/// Why a text is not a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MalformedPlace {
    /// It begins with `@` but is not in the table.
    Unknown,
    /// It is not a path of elements.
    Path,
}

impl fmt::Display for MalformedPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "unknown place",
            Self::Path => "malformed path of elements",
        })
    }
}

impl std::error::Error for MalformedPlace {}

/// The prefix of places in a request.
const REQUEST: &str = "@request";
/// The prefix of places that are headers of the answer.
const HEADER: &str = "@header:";

impl Place {
    /// The places in an answer that a check may name, besides paths.
    pub const IN_ANSWERS: [&str; 8] = [
        "@root",
        "@xmlns",
        "@prefix",
        "@request-id",
        "@status",
        "@body",
        "@connection",
        "@header:NAME",
    ];

    /// Reads a text that a person wrote.
    ///
    /// # Errors
    ///
    /// The text is not a place.
    pub fn parse(text: &str) -> Result<Self, MalformedPlace> {
        match Self::from(text) {
            Self::Unknown(_) => Err(MalformedPlace::Unknown),
            Self::Path(path) if !is_path(&path) => Err(MalformedPlace::Path),
            place => Ok(place),
        }
    }

    /// Whether it is in the request.
    pub const fn is_in_request(&self) -> bool {
        matches!(self, Self::Request(_))
    }
}

/// Accepts any text; [`Place::parse`] validates one.
impl From<&str> for Place {
    fn from(text: &str) -> Self {
        match text {
            "@root" => Self::Root,
            "@xmlns" => Self::Namespace,
            "@prefix" => Self::Prefix,
            "@request-id" => Self::RequestId,
            "@status" => Self::Status,
            "@body" => Self::Body,
            "@connection" => Self::Connection,
            "@answer" => Self::Answer,
            "@created" => Self::Created,
            _ if !text.starts_with('@') => Self::Path(text.to_owned()),
            _ => {
                let header = text.strip_prefix(HEADER).filter(|name| !name.is_empty());
                if let Some(name) = header {
                    return Self::Header(name.to_owned());
                }
                match text.strip_prefix(REQUEST).and_then(Spot::parse) {
                    Some(spot) => Self::Request(spot),
                    None => Self::Unknown(text.to_owned()),
                }
            }
        }
    }
}

impl From<String> for Place {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<Spot> for Place {
    fn from(spot: Spot) -> Self {
        Self::Request(spot)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(text) | Self::Unknown(text) => f.write_str(text),
            Self::Root => f.write_str("@root"),
            Self::Namespace => f.write_str("@xmlns"),
            Self::Prefix => f.write_str("@prefix"),
            Self::RequestId => f.write_str("@request-id"),
            Self::Status => f.write_str("@status"),
            Self::Header(name) => write!(f, "{HEADER}{name}"),
            Self::Body => f.write_str("@body"),
            Self::Connection => f.write_str("@connection"),
            Self::Answer => f.write_str("@answer"),
            Self::Created => f.write_str("@created"),
            Self::Request(spot) => write!(f, "{REQUEST}{spot}"),
        }
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

impl Spot {
    /// Reads the text after `@request`.
    fn parse(rest: &str) -> Option<Self> {
        if rest.is_empty() {
            return Some(Self::Whole);
        }
        let rest = rest.strip_prefix(':')?;
        if rest == "method" {
            return Some(Self::Method);
        }
        let (kind, rest) = rest.split_once(':')?;
        let range = || {
            let (start, end) = rest.split_once('-')?;
            Some(start.parse().ok()?..end.parse().ok()?)
        };
        match kind {
            "header" => Some(Self::Header(rest.to_owned())),
            "target" => range().map(Self::Target),
            "body" => range().map(Self::Body),
            _ => None,
        }
    }
}

/// Writes the text after `@request`.
impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => Ok(()),
            Self::Method => f.write_str(":method"),
            Self::Target(range) => write!(f, ":target:{}-{}", range.start, range.end),
            Self::Header(name) => write!(f, ":header:{name}"),
            Self::Body(range) => write!(f, ":body:{}-{}", range.start, range.end),
        }
    }
}

/// A part of a path: an element name and a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part<'p> {
    /// The name.
    pub name: &'p str,
    /// The filter; `None` for all elements with that name.
    pub filter: Option<Filter<'p>>,
}

/// Selects some of the elements with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter<'p> {
    /// The one at that index, from 0.
    Nth(usize),
    /// Those with a child of that name and text.
    Member {
        /// The child's name.
        name: &'p str,
        /// Its text.
        text: &'p str,
    },
}

/// The parts of a path.
///
/// ```
/// use ec2wire_inspect::record::place::{Filter, parts};
///
/// let parts: Vec<_> = parts("set.item[name=a.b]").collect();
/// assert_eq!(parts[0].name, "set");
/// assert_eq!(parts[1].filter, Some(Filter::Member { name: "name", text: "a.b" }));
/// ```
pub fn parts(path: &str) -> impl Iterator<Item = Part<'_>> {
    texts(path).map(|text| match text.split_once('[') {
        None => Part {
            name: text,
            filter: None,
        },
        Some((name, filter)) => Part {
            name,
            filter: filter.strip_suffix(']').map(Filter::read),
        },
    })
}

/// The texts of a path's parts. Dots inside brackets do not separate parts.
pub fn texts(path: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    path.split(move |c| {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == '.' && depth == 0
    })
    .filter(|part| !part.is_empty())
}

impl<'p> Filter<'p> {
    fn read(text: &'p str) -> Self {
        if let Ok(index) = text.parse() {
            Self::Nth(index)
        } else {
            let (name, text) = text.split_once('=').unwrap_or((text, ""));
            Self::Member { name, text }
        }
    }
}

/// The path to a child of `path`, by its name and its index from 0.
pub fn child(path: &str, name: &str, index: usize) -> String {
    let dot = if path.is_empty() { "" } else { "." };
    format!("{path}{dot}{name}[{index}]")
}

/// Whether a text is a well-formed path of elements.
fn is_path(text: &str) -> bool {
    let is_name = |name: &str| {
        let is_in_name = |c: char| c.is_alphanumeric() || "-_:".contains(c);
        !name.is_empty() && name.chars().all(is_in_name)
    };
    let mut rest = text;
    loop {
        let (name, after) = rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len()));
        if !is_name(name) {
            return false;
        }
        rest = after;
        if let Some(filter) = rest.strip_prefix('[') {
            let Some((filter, after)) = filter.split_once(']') else {
                return false;
            };
            let by_member = filter
                .split_once('=')
                .is_some_and(|(name, _)| !name.is_empty());
            if !by_member && filter.parse::<usize>().is_err() {
                return false;
            }
            rest = after;
        }
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None => return rest.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_as_it_was_written() {
        for text in [
            "ipamPolicy.tagSet.item[0].key",
            "set.item[id=a.b].state",
            "@root",
            "@xmlns",
            "@request-id",
            "@status",
            "@header:content-type",
            "@body",
            "@connection",
            "@answer",
            "@created",
            "@request",
            "@request:method",
            "@request:header:host",
            "@request:target:3-9",
            "@request:body:0-0",
        ] {
            let place = Place::parse(text);
            assert_eq!(place.map(|place| place.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn what_names_no_place_is_refused_and_kept() {
        for (text, why) in [
            ("@nowhere", MalformedPlace::Unknown),
            ("@header:", MalformedPlace::Unknown),
            ("@request:line", MalformedPlace::Unknown),
            ("@request:body:x-1", MalformedPlace::Unknown),
            ("", MalformedPlace::Path),
            ("a..b", MalformedPlace::Path),
            ("a[", MalformedPlace::Path),
            ("a[x]", MalformedPlace::Path),
            ("a[=x]", MalformedPlace::Path),
            ("a[0]b", MalformedPlace::Path),
            ("a b", MalformedPlace::Path),
        ] {
            assert_eq!(Place::parse(text), Err(why), "{text}");
            assert_eq!(Place::from(text).to_string(), text);
        }
    }
}
