//! The subject of a run: a server, accessed over HTTP, or a client, a program that makes calls.
//!
//! | file | contents |
//! |---|---|
//! | [`http`] | a server: signing, sending, time limits |
//! | `lane`, `outgoing` | a separate connection; the sending of a body |
//! | `curl` | a command that sends a request again |
//! | [`adapter`] | the program that makes the calls |
//! | `listener` | the endpoint for the program's requests |

pub mod adapter;
mod curl;
pub mod http;
pub(crate) mod lane;
pub(crate) mod listener;
mod outgoing;
mod prompt;

use crate::format::case::Http;
use crate::record::Message;
use crate::wire::secrets::{self, Known};

/// A sent request.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) method: String,
    /// The whole URL, with the query of a `GET`.
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) http: Http,
}

impl Sent {
    /// The request as a record may keep it: without its secrets and those that are known.
    pub(crate) fn message(&self, known: &Known) -> Message {
        let version = match self.http {
            Http::One1 => "1.1",
            Http::One0 => "1.0",
        };
        let url = secrets::redact_url(&self.url, known);
        let start = format!(
            "{} {} HTTP/{version}",
            self.method,
            url.as_deref().unwrap_or(&self.url)
        );
        let mut kept = secrets::redact_body(&self.headers, &self.body, known);
        kept.redacted |= url.is_some();
        kept.into_message(start, &self.headers, known)
    }
}
