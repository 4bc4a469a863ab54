//! A response as the referee reads it.

use super::referee::Element;
use super::secrets::Known;
use super::{http1, kept};
use crate::record::place::Place;
use crate::record::{Actual, Message};

/// A response as it was received and as the referee reads it.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// Names and values as received, in order.
    pub headers: Vec<(String, String)>,
    /// The content, without its chunk framing.
    pub body: Vec<u8>,
    /// The document, or why the body is not one.
    pub document: Result<Element, String>,
    /// The connection that carried the request.
    pub connection: Reuse,
}

/// Whether a request used the same connection as the previous one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reuse {
    /// A new one, or one that is not tracked.
    New,
    /// The same one.
    Kept,
    /// A new one, because the server had said that it would close the old one.
    Announced,
}

/// What is at a place of a response.
#[derive(Debug, Clone, Default)]
pub struct Found<'a> {
    /// The texts.
    pub texts: Vec<String>,
    /// The elements, if the place is a path.
    pub elements: Vec<&'a Element>,
}

/// The statuses that something between a client and a server returns if it does not reach the server.
pub const FROM_BETWEEN: std::ops::RangeInclusive<u16> = 502..=504;

impl Answered {
    /// The codes of the document's errors.
    pub fn codes(&self) -> Vec<&str> {
        match &self.document {
            Ok(root) => root.errors().into_iter().map(|(code, _)| code).collect(),
            Err(_) => Vec::new(),
        }
    }

    /// Whether the answer is not the server's but that of something in between, such as a load
    /// balancer that does not reach it: nothing, or no document in XML.
    pub fn is_from_between(&self) -> bool {
        FROM_BETWEEN.contains(&self.status)
            && !self.has_errors()
            && (self.body.trim_ascii().is_empty() || self.is_page() || !self.is_declared_xml())
    }

    /// Whether the answer may be the page of something in between that limits the size or the rate
    /// of requests. A server may limit them so, too.
    pub fn is_limit_page(&self) -> bool {
        matches!(self.status, 413 | 429) && !self.has_errors() && self.is_page()
    }

    fn has_errors(&self) -> bool {
        let root = self.document.as_ref();
        root.is_ok_and(|root| !root.errors().is_empty())
    }

    /// Whether the body is a page for a browser, by its beginning or by its root.
    fn is_page(&self) -> bool {
        let root = self.document.as_ref();
        is_html(&self.body) || root.is_ok_and(|root| root.name.eq_ignore_ascii_case("html"))
    }

    /// Whether the headers say that the body is a document in XML. Those of a page say otherwise.
    fn is_declared_xml(&self) -> bool {
        let kind = self.header("content-type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim_ascii();
        let kind = kind.to_ascii_lowercase();
        matches!(kind.as_str(), "text/xml" | "application/xml")
    }

    /// The request id in the document.
    pub fn request_id(&self) -> Option<&str> {
        self.document.as_ref().ok().and_then(Element::request_id)
    }

    /// The value of the first header with that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        http1::all(&self.headers, name).next()
    }

    /// What is at a place; nothing for a place that is not in a response.
    pub fn look(&self, place: &Place) -> Found<'_> {
        let root = self.document.as_ref().ok();
        let text = match place {
            Place::Path(path) => {
                let elements = root.map_or_else(Vec::new, |root| root.at(path));
                return Found {
                    texts: elements
                        .iter()
                        .map(|element| element.text.clone())
                        .collect(),
                    elements,
                };
            }
            Place::Root => root.map(|root| root.name.clone()),
            Place::Namespace => root.and_then(|root| root.xmlns.clone()),
            Place::Prefix => root.and_then(Element::inner_prefix).map(str::to_owned),
            Place::RequestId => self.request_id().map(str::to_owned),
            Place::Status => Some(self.status.to_string()),
            Place::Body => Some(String::from_utf8_lossy(&self.body).into_owned()),
            Place::Connection => Some(self.connection.as_str().to_owned()),
            Place::Header(name) => self.header(name).map(str::to_owned),
            Place::Answer | Place::Created | Place::Request(_) | Place::Unknown(_) => None,
        };
        Found {
            texts: text.into_iter().collect(),
            elements: Vec::new(),
        }
    }

    /// The first text at a place: the value of `${STEP:PATH}`.
    pub fn text_at(&self, place: &str) -> Option<String> {
        self.look(&Place::from(place)).texts.into_iter().next()
    }

    /// A short form of the answer, for a record.
    pub fn actual(&self) -> Actual {
        Actual {
            status: self.status,
            code: self.codes().first().map(|&code| code.to_owned()),
            request_id: self.request_id().map(str::to_owned),
        }
    }

    /// The answer as a record may keep it: without its secrets and those that are known.
    pub fn message(&self, known: &Known) -> Message {
        kept::response_message(self.status, &self.headers, &self.body, known)
    }
}

/// Whether a body is a page for a browser. An XML declaration and comments may be before it.
pub fn is_html(body: &[u8]) -> bool {
    let mut rest = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    loop {
        rest = rest.trim_ascii_start();
        let end: &[u8] = match rest {
            [b'<', b'?', ..] => b"?>",
            [b'<', b'!', b'-', b'-', ..] => b"-->",
            _ => break,
        };
        let at = rest.windows(end.len()).position(|window| window == end);
        match at.and_then(|at| rest.get(at + end.len()..)) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    let start: Vec<u8> = rest.iter().take(14).map(u8::to_ascii_lowercase).collect();
    start.starts_with(b"<!doctype html") || start.starts_with(b"<html")
}

impl Reuse {
    const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Kept => "kept",
            Self::Announced => "announced",
        }
    }
}
