//! A request and its answer, without the HTTP connection around them.

use super::fault;
use ec2wire::{Fault, form};
use std::borrow::Cow;

/// A request, as HTTP delivers it.
#[derive(Debug, Clone, Copy)]
pub struct Request<'r> {
    /// The method, in capitals.
    pub method: &'r str,
    /// The request's target. The query string counts, the path does not.
    pub path_and_query: &'r str,
    /// The header `Content-Type`.
    pub content_type: Option<&'r str>,
    /// The header `Authorization`. The credential of its signature says whose request it is; the
    /// signature itself is not checked.
    pub authorization: Option<&'r str>,
    /// The body.
    pub body: &'r [u8],
}

impl<'r> Request<'r> {
    /// A POST with a form as its body, as all SDKs send it.
    pub fn post(body: &'r [u8]) -> Self {
        Self {
            method: "POST",
            path_and_query: "/",
            content_type: Some(form::CONTENT_TYPE),
            authorization: None,
            body,
        }
    }

    /// A GET with all members in the query string.
    pub fn get(path_and_query: &'r str) -> Self {
        Self {
            method: "GET",
            path_and_query,
            content_type: None,
            authorization: None,
            body: &[],
        }
    }

    /// The form in the request.
    pub(super) fn form(&self) -> Result<Cow<'r, [u8]>, Fault> {
        let query = self
            .path_and_query
            .split_once('?')
            .map_or(&b""[..], |(_, query)| query.as_bytes());
        match self.method {
            "GET" => Ok(query.into()),
            "POST" if self.body.is_empty() => Ok(query.into()),
            "POST" => {
                if let Some(other) = self.content_type.filter(|found| !is_form(found)) {
                    return Err(fault::malformed(format_args!(
                        "the content type is '{other}' and not {}",
                        form::CONTENT_TYPE
                    )));
                }
                if query.is_empty() {
                    return Ok(self.body.into());
                }
                // A signature may be in the query string while the members are in the body.
                Ok([query, self.body].join(&b'&').into())
            }
            other => Err(fault::method_not_allowed(other)),
        }
    }
}

/// Whether a header `Content-Type` declares a form, whatever its parameters.
fn is_form(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case(form::CONTENT_TYPE)
}

/// An answer, for HTTP to deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The header `Content-Type`: [`CONTENT_TYPE`](Self::CONTENT_TYPE), also for errors.
    pub content_type: &'static str,
    /// The id of the request: a version 4 UUID, the same as in the body.
    pub request_id: String,
    /// The XML document.
    pub body: String,
    /// Whether the answer is only valid, and says nothing of what exists. A header says so.
    pub is_made_up: bool,
}

impl Response {
    /// The content type of all of EC2's answers.
    pub const CONTENT_TYPE: &'static str = ec2wire::xml::CONTENT_TYPE;

    /// The header `Server` of EC2's answers.
    pub const SERVER: &'static str = "AmazonEC2";

    /// The header of an answer that is made up.
    pub const MADE_UP: &'static str = "x-ec2wire-made-up";

    /// The headers of an answer, without `Date` and `Content-Length`: the HTTP server adds those.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let made_up = (self.is_made_up).then_some((Self::MADE_UP, "true"));
        let allow = (self.status == 405).then_some(("allow", "GET, POST"));
        [
            ("content-type", self.content_type),
            ("x-amzn-requestid", self.request_id.as_str()),
            ("server", Self::SERVER),
        ]
        .into_iter()
        .chain(allow)
        .chain(made_up)
    }
}
