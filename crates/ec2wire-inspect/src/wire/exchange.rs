//! Requests, responses and exchanges as they were on the wire.

use super::answered::{Answered, Reuse};
use super::form::{FormPart, Parameters};
use super::referee::Element;
use super::secrets::{self, Known, Taken};
use super::{coding, http1, kept};
use crate::record::{Kind, Message};
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

    /// The message as a record may keep it: without its secrets and those that are known.
    pub fn message(&self, known: &Known) -> Message {
        let clean = secrets::redact_url(&self.target, known);
        let target = clean.as_deref().unwrap_or(&self.target);
        let start = format!("{} {target} {}", self.method, self.version);
        let mut kept = secrets::redact_body(&self.headers, &self.body, known);
        kept.redacted |= clean.is_some();
        kept.into_message(start, &self.headers, known)
    }

    /// The request without the secrets in its target, headers and body, except those of headers that
    /// are secrets as a whole; `None` if it has none.
    pub fn without_secrets(&self, known: &Known) -> Option<Self> {
        let kept = secrets::redact_body(&self.headers, &self.body, known);
        let clean = Self {
            target: secrets::redact_url(&self.target, known).unwrap_or_else(|| self.target.clone()),
            headers: without_secrets(&self.headers, known),
            // If the body must be left out, `message` does that.
            body: if kept.redacted {
                kept.body
            } else {
                self.body.clone()
            },
            ..self.clone()
        };
        (clean != *self).then_some(clean)
    }
}

/// The headers without secrets, except those that are secrets as a whole.
fn without_secrets(headers: &[(String, String)], known: &Known) -> Vec<(String, String)> {
    let clean = headers.iter().map(|(name, value)| {
        let is_whole = secrets::is_secret_header(name);
        let clean = (!is_whole)
            .then(|| secrets::redact_url(value, known))
            .flatten();
        (name.clone(), clean.unwrap_or_else(|| value.clone()))
    });
    clean.collect()
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
    /// The value of the first header with that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        http1::all(&self.headers, name).next()
    }

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

    /// The message as a record may keep it: without its secrets and those that are known.
    pub fn message(&self, known: &Known) -> Message {
        kept::response_message(self.status, &self.headers, &self.body, known)
    }

    fn with(&self, body: Vec<u8>) -> Self {
        Self {
            body,
            ..self.clone()
        }
    }

    /// The response unpacked and without its secrets, except those of headers that are secrets as a
    /// whole; `None` if it has none.
    pub fn without_secrets(&self, known: &Known) -> Option<Self> {
        let kept = secrets::redact_body(&self.headers, &self.body, known);
        let headers = without_secrets(&self.headers, known);
        (kept.redacted || headers != self.headers).then(|| Self {
            headers,
            body: if kept.redacted {
                kept.body
            } else {
                self.unpacked_body()
            },
            ..self.clone()
        })
    }

    /// The body without its coding, as far as that can be undone.
    fn unpacked_body(&self) -> Vec<u8> {
        coding::unpacked(&self.headers, &self.body).unwrap_or_else(|_| self.body.clone())
    }
}

/// A request and its response, as far as they are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says something of its own about what was recorded"
)]
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
    /// Whether whoever recorded it removes signatures and replaces secrets, so that a body may have
    /// another length than it had.
    pub is_stripped: bool,
    /// Whether whoever recorded it may have undone the framing and the coding of the body and left
    /// the headers that name them.
    pub is_unpacked: bool,
    /// The kind of the run whose record it is from. What the harness itself sent for a case is not
    /// judged: it may be wrong on purpose.
    pub of_run: Option<Kind>,
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

    /// The secrets of its messages, which are taken out wherever they occur in it.
    pub fn secrets(&self) -> Known {
        secrets(self.request.as_ref(), self.response.as_ref())
    }
}

/// The secrets of a request and its response.
pub fn secrets(request: Option<&Request>, response: Option<&Response>) -> Known {
    let mut taken = Taken::default();
    if let Some(request) = request {
        taken.add(&request.target, &request.headers, &request.body);
    }
    if let Some(response) = response {
        taken.add("", &response.headers, &response.body);
    }
    taken.known()
}
