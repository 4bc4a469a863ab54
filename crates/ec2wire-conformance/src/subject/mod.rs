//! What is judged. A server is spoken to over HTTP.

mod curl;
pub(crate) use curl::quote;
pub mod http;

use crate::record::Message;
use crate::referee::Element;

/// A request that was sent.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) method: String,
    /// The whole URL, with the query of a `GET`.
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// An answer, as it came and as the referee reads it.
#[derive(Debug, Clone)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// The document, or why it is none.
    pub(crate) document: Result<Element, String>,
}

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
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn message(&self) -> Message {
        message(
            format!("HTTP/1.1 {}", self.status),
            &self.headers,
            &self.body,
        )
    }
}

/// Headers that carry secrets: their values never reach a record.
const SECRET_HEADERS: [&str; 2] = ["authorization", "x-amz-security-token"];

impl Sent {
    pub(crate) fn message(&self) -> Message {
        let start = format!("{} {} HTTP/1.1", self.method, self.url);
        message(start, &self.headers, &self.body)
    }
}

fn message(start: String, headers: &[(String, String)], body: &[u8]) -> Message {
    let headers = headers
        .iter()
        .map(|(name, value)| {
            let secret = SECRET_HEADERS
                .iter()
                .any(|secret| name.eq_ignore_ascii_case(secret));
            (
                name.clone(),
                if secret {
                    "<redacted>".into()
                } else {
                    value.clone()
                },
            )
        })
        .collect();
    let text = String::from_utf8_lossy(body).into_owned();
    let body_hex = (text.as_bytes() != body).then(|| hex(body));
    Message {
        start,
        headers,
        body: text,
        body_hex,
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}
