//! Messages as text.

use crate::text::{from_hex, hex};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

/// A request and its response, as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// The request, without signatures and session tokens.
    pub request: Message,
    /// The response; absent if there was none.
    pub response: Option<Message>,
}

/// An HTTP message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The request line or the status line.
    pub start: String,
    /// The headers, in order.
    pub headers: Vec<(String, String)>,
    /// The body; bytes that are not UTF-8 are replaced, see `body_hex`.
    pub body: String,
    /// The body in hexadecimal, if it is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_hex: Option<String>,
    /// Whether a secret was removed from the body or the target: letters replace its bytes one by
    /// one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub redacted: bool,
    /// Whether this is only a part of the message, which says nothing about the whole.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
}

impl Message {
    /// Sets the body to these bytes.
    pub fn bytes(&self) -> Cow<'_, [u8]> {
        self.body_hex
            .as_deref()
            .and_then(from_hex)
            .map_or(Cow::Borrowed(self.body.as_bytes()), Cow::Owned)
    }

    /// The body as it was on the wire.
    ///
    /// # Errors
    ///
    /// `body_hex` is present but not hexadecimal.
    pub fn body(&self) -> Result<Vec<u8>, MalformedMessage> {
        match &self.body_hex {
            Some(hex) => from_hex(hex).ok_or(MalformedMessage::BodyHex),
            None => Ok(self.body.clone().into_bytes()),
        }
    }

    /// Cuts the parts of the message that are longer than that many bytes: the first line, the
    /// headers together, and the body.
    pub fn shorten(&mut self, most: usize) {
        let is_long = |text: &str| text.len() > most;
        self.cut |= is_long(&self.start);
        truncate(&mut self.start, most);
        let mut length = 0;
        let before = self.headers.len();
        self.headers.retain(|(name, value)| {
            length += name.len() + value.len();
            length <= most
        });
        self.cut |= self.headers.len() < before;
        if is_long(&self.body) || self.body_hex.is_some() {
            let mut bytes = self.bytes().into_owned();
            if bytes.len() > most {
                self.cut = true;
                bytes.truncate(most);
                // The bytes of a text are never cut within a character.
                if self.body_hex.is_none() {
                    truncate(&mut self.body, most);
                } else {
                    self.body = String::from_utf8_lossy(&bytes).into_owned();
                    self.body_hex = Some(hex(&bytes));
                }
            }
        }
    }

    /// How many bytes it takes in memory, roughly.
    pub fn size(&self) -> usize {
        let headers = self.headers.iter();
        let headers: usize = headers.map(|(name, value)| name.len() + value.len()).sum();
        let hex = self.body_hex.as_ref().map_or(0, String::len);
        self.start.len() + headers + self.body.len() + hex
    }

    /// The words of the first line, separated by single spaces.
    fn words(&self) -> impl Iterator<Item = &str> {
        self.start.split(' ')
    }

    /// The method of a request; empty if there is none.
    pub fn method(&self) -> &str {
        self.words().next().unwrap_or_default()
    }

    /// The place of a request's method in the first line, in bytes.
    pub fn method_span(&self) -> Range<usize> {
        0..self.method().len()
    }

    /// The target of a request, or its whole URL if the record has that.
    pub fn target(&self) -> Option<&str> {
        self.words().nth(1)
    }

    /// The place of the first line's second word, in bytes: a request's target, or a response's
    /// status.
    pub fn second_span(&self) -> Range<usize> {
        let start = self.start.find(' ').map_or(0, |at| at + 1);
        let length = self.target().map_or(0, str::len);
        start..start + length
    }

    /// The query of a request's target.
    pub fn query(&self) -> Option<&str> {
        self.target()?.split_once('?').map(|(_, query)| query)
    }

    /// The HTTP version of a request, as in `HTTP/1.1`.
    pub fn version(&self) -> Option<&str> {
        self.words().nth(2)
    }

    /// The status of a response.
    ///
    /// # Errors
    ///
    /// The first line is not a status line.
    pub fn status(&self) -> Result<u16, MalformedMessage> {
        let status = self.words().nth(1).and_then(|word| word.parse().ok());
        status.ok_or_else(|| MalformedMessage::StatusLine(self.start.clone()))
    }

    /// The value of the first header with that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// Why a recorded message cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MalformedMessage {
    /// `body_hex` is not hexadecimal.
    BodyHex,
    /// The first line is not a status line.
    StatusLine(String),
}

impl fmt::Display for MalformedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BodyHex => f.write_str("its body_hex is not hexadecimal"),
            Self::StatusLine(line) => write!(f, "`{line}` is not a status line"),
        }
    }
}

impl std::error::Error for MalformedMessage {}

/// Cuts a text before the character with which it exceeds that many bytes.
pub(super) fn truncate(text: &mut String, most: usize) {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
}
