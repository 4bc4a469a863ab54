//! What is judged. A server is spoken to over HTTP.

pub mod adapter;
pub(crate) mod coding;
mod curl;
pub(crate) use curl::quote;
pub mod http;
pub(crate) mod lane;
pub(crate) mod listener;
mod outgoing;
pub(crate) mod secrets;

use crate::body::hex;
use crate::case::Http;
use crate::http1;
use crate::record::{Actual, Message};
use crate::referee::Element;

/// A request that was sent.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) method: String,
    /// The whole URL, with the query of a `GET`.
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) http: Http,
}

/// An answer, as it came and as the referee reads it.
#[derive(Debug, Clone)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// The document, or why it is none.
    pub(crate) document: Result<Element, String>,
    pub(crate) connection: Reuse,
}

/// Whether a request went over the connection of the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reuse {
    /// A new one, or one that is not followed.
    New,
    Kept,
    /// A new one, since the server had said that it would close the other.
    Announced,
}

/// The places in an answer that are no paths of elements, beside `@header:NAME`.
pub(crate) const PLACES: [&str; 6] = [
    "@root",
    "@xmlns",
    "@request-id",
    "@status",
    "@body",
    "@connection",
];

impl Answered {
    pub(crate) fn codes(&self) -> Vec<&str> {
        match &self.document {
            Ok(root) => root.errors().into_iter().map(|(code, _)| code).collect(),
            Err(_) => Vec::new(),
        }
    }

    pub(crate) fn request_id(&self) -> Option<&str> {
        self.document.as_ref().ok().and_then(Element::request_id)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        http1::all(&self.headers, name).next()
    }

    /// What stands at a place that is no path of elements, with the `@` in front.
    ///
    /// Fails where there is no such place.
    pub(crate) fn special(&self, place: &str) -> Result<Option<String>, String> {
        let root = || self.document.as_ref().ok();
        Ok(match place {
            "@root" => root().map(|root| root.name.clone()),
            "@xmlns" => root().and_then(|root| root.xmlns.clone()),
            "@request-id" => self.request_id().map(str::to_owned),
            "@status" => Some(self.status.to_string()),
            "@body" => Some(String::from_utf8_lossy(&self.body).into_owned()),
            "@connection" => Some(
                match self.connection {
                    Reuse::New => "new",
                    Reuse::Kept => "kept",
                    Reuse::Announced => "announced",
                }
                .into(),
            ),
            other => match other.strip_prefix("@header:") {
                Some(name) => self.header(name).map(str::to_owned),
                None => return Err(format!("`{other}` is no place to look at")),
            },
        })
    }

    pub(crate) fn actual(&self) -> Actual {
        Actual {
            status: self.status,
            code: self.codes().first().map(|&code| code.to_owned()),
            request_id: self.request_id().map(str::to_owned),
        }
    }

    pub(crate) fn message(&self) -> Message {
        answer_message(self.status, &self.headers, &self.body)
    }
}

impl Sent {
    pub(crate) fn message(&self) -> Message {
        let version = match self.http {
            Http::One1 => "1.1",
            Http::One0 => "1.0",
        };
        let start = format!("{} {} HTTP/{version}", self.method, self.url);
        let kept = secrets::of_body(&self.headers, &self.body);
        message(start, &self.headers, kept)
    }
}

/// An answer as it may be kept.
pub(crate) fn answer_message(status: u16, headers: &[(String, String)], body: &[u8]) -> Message {
    let kept = secrets::of_body(headers, body);
    message(format!("HTTP/1.1 {status}"), headers, kept)
}

pub(crate) fn message(start: String, headers: &[(String, String)], body: secrets::Kept) -> Message {
    let kept_headers = headers
        .iter()
        .map(|(name, value)| {
            let value = if secrets::is_secret_header(name) {
                secrets::REDACTED.into()
            } else {
                value.clone()
            };
            (name.clone(), value)
        })
        .collect();
    let secrets::Kept {
        body,
        redacted,
        cut,
    } = body;
    let text = String::from_utf8_lossy(&body).into_owned();
    let body_hex = (text.as_bytes() != body).then(|| hex(&body));
    Message {
        start,
        headers: kept_headers,
        body: text,
        body_hex,
        redacted,
        cut,
    }
}
