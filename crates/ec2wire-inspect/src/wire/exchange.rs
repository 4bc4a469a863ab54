//! Requests, responses and exchanges as they were on the wire.

use super::answered::{Answered, Reuse};
use super::form::{FormPart, Parameters};
use super::referee::Element;
use super::{coding, http1, kept, secrets};
use crate::record::Message;
use ec2wire_model::Timestamp;
use std::time::Duration;

/// A request as it was on the wire.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// The method as received.
    pub method: String,
    /// The target: path and query.
    pub target: String,
    /// The version, as in `HTTP/1.1`.
    pub version: String,
    /// Names and values as received, in order.
    pub headers: Vec<(String, String)>,
    /// The content, without its chunk framing.
    pub body: Vec<u8>,
}

impl Request {
    /// A `POST` of a form, with the required headers.
    pub fn post(body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let header = |name: &str, value: String| (name.to_owned(), value);
        Self {
            method: "POST".into(),
            target: "/".into(),
            version: "HTTP/1.1".into(),
            headers: vec![
                header("host", "localhost".into()),
                header("content-type", ec2wire::form::CONTENT_TYPE.into()),
                header("content-length", body.len().to_string()),
            ],
            body,
        }
    }

    /// The value of the first header with that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        http1::all(&self.headers, name).next()
    }

    /// The bytes that hold the parameters: the query of a `GET`, else the body.
    pub fn form(&self) -> (&[u8], FormPart) {
        match self.target.split_once('?') {
            Some((path, query)) if self.body.is_empty() => {
                (query.as_bytes(), FormPart::Query(path.len() + 1))
            }
            _ => (&self.body, FormPart::Body),
        }
    }

    /// The parameters, as far as they are readable.
    pub fn parameters(&self) -> Parameters {
        Parameters::read(self.form().0)
    }

    /// The action, if the request names one.
    pub fn action(&self) -> Option<String> {
        self.parameters().first("Action").map(str::to_owned)
    }

    /// The message as a record may keep it.
    pub fn message(&self) -> Message {
        let query = self.clean_target();
        let target = query.as_deref().unwrap_or(&self.target);
        let start = format!("{} {target} {}", self.method, self.version);
        let mut kept = secrets::redact_body(&self.headers, &self.body);
        kept.redacted |= query.is_some();
        kept.into_message(start, &self.headers)
    }

    /// The target without its secrets; `None` if it has none.
    fn clean_target(&self) -> Option<String> {
        let (path, query) = self.target.split_once('?')?;
        Some(format!("{path}?{}", secrets::redact_form(query)?))
    }

    /// The request without the secrets in its target and body; `None` if it has none.
    pub fn without_secrets(&self) -> Option<Self> {
        let kept = secrets::redact_body(&self.headers, &self.body);
        let query = self.clean_target();
        (kept.redacted || query.is_some()).then(|| Self {
            target: query.unwrap_or_else(|| self.target.clone()),
            // If the body must be left out, `message` does that.
            body: if kept.cut {
                self.body.clone()
            } else {
                kept.body
            },
            ..self.clone()
        })
    }
}

/// A response as it was on the wire.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// Names and values as received, in order.
    pub headers: Vec<(String, String)>,
    /// The content, without its chunk framing.
    pub body: Vec<u8>,
}

impl Response {
    /// The response as the referee reads it.
    pub fn answered(&self) -> Answered {
        Answered {
            status: self.status,
            headers: self.headers.clone(),
            body: self.body.clone(),
            document: Element::parse(&self.body),
            connection: Reuse::New,
        }
    }

    /// The response with the coding undone that the headers name.
    ///
    /// Fails if that is impossible, which says nothing about its content.
    pub fn unpacked(&self) -> Result<Answered, String> {
        match coding::unpacked(&self.headers, &self.body) {
            Ok(body) => Ok(self.with(body).answered()),
            // Nobody can read a damaged body.
            Err(packed) if packed.is_damaged => Ok(Answered {
                document: Err(format!("the body {}", packed.why)),
                ..self.answered()
            }),
            Err(packed) => Err(packed.why),
        }
    }

    /// The message as a record may keep it.
    pub fn message(&self) -> Message {
        kept::response_message(self.status, &self.headers, &self.body)
    }

    fn with(&self, body: Vec<u8>) -> Self {
        Self {
            body,
            ..self.clone()
        }
    }

    /// The response unpacked and without its secrets; `None` if it has none.
    pub fn without_secrets(&self) -> Option<Self> {
        let kept = secrets::redact_body(&self.headers, &self.body);
        kept.redacted.then(|| self.with(kept.body))
    }
}

/// A request and its response, as far as they are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exchange {
    /// Its name in a record, such as the file that it is from, or a number.
    pub name: String,
    /// The request.
    pub request: Option<Request>,
    /// The response; `None` if there was none.
    pub response: Option<Response>,
    /// Whether only a part of the request is known, so that it is not judged.
    pub request_cut: bool,
    /// The same for the response.
    pub response_cut: bool,
    /// When the request was sent, if that was recorded. Without it, the answer's Date says when.
    pub sent_at: Option<Timestamp>,
    /// The time from the request's first byte to the response's last.
    pub took: Duration,
    /// Remarks, for example why a part cannot be judged.
    pub notes: Vec<String>,
    /// Why it cannot be judged at all.
    pub unreadable: Option<String>,
    /// Whether whoever recorded it removes signatures.
    pub is_stripped: bool,
}

impl Exchange {
    /// An exchange without any further information.
    pub fn new(request: Option<Request>, response: Option<Response>) -> Self {
        Self {
            request,
            response,
            ..Self::default()
        }
    }
}
