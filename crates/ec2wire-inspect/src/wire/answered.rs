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

impl Answered {
    /// The codes of the document's errors.
    pub fn codes(&self) -> Vec<&str> {
        match &self.document {
            Ok(root) => root.errors().into_iter().map(|(code, _)| code).collect(),
            Err(_) => Vec::new(),
        }
    }

    /// Whether the answer is not the server's but that of something in between, such as a load
    /// balancer that does not reach it: an HTML page, a plain text or nothing.
    pub fn is_from_between(&self) -> bool {
        let is_plain = || {
            let kind = self.header("content-type").unwrap_or_default();
            kind.trim_ascii_start()
                .get(..10)
                .is_some_and(|start| start.eq_ignore_ascii_case("text/plain"))
        };
        matches!(self.status, 502..=504)
            && self
                .document
                .as_ref()
                .map_or(true, |root| root.errors().is_empty())
            && (self.body.trim_ascii().is_empty() || is_html(&self.body) || is_plain())
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

/// Whether a body is a page for a browser.
pub fn is_html(body: &[u8]) -> bool {
    let start: Vec<u8> = body
        .trim_ascii_start()
        .iter()
        .take(14)
        .map(u8::to_ascii_lowercase)
        .collect();
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
