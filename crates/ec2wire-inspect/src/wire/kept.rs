//! Messages as a record keeps them: without secrets.

use super::secrets::{self, Kept, Known};
use crate::record::Message;
use crate::text::hex;

/// A response as a record keeps it, without its secrets and those that are known.
pub fn response_message(
    status: u16,
    headers: &[(String, String)],
    body: &[u8],
    known: &Known,
) -> Message {
    let kept = secrets::redact_body(headers, body, known);
    kept.into_message(format!("HTTP/1.1 {status}"), headers, known)
}

impl Kept {
    /// The message with that first line, these headers and this body. Headers lose their secrets.
    pub fn into_message(
        self,
        start: String,
        headers: &[(String, String)],
        known: &Known,
    ) -> Message {
        let headers = headers.iter().map(|(name, value)| {
            let value = secrets::redact_header(name, value, known);
            (name.clone(), value)
        });
        let text = String::from_utf8_lossy(&self.body).into_owned();
        let body_hex = (text.as_bytes() != self.body).then(|| hex(&self.body));
        Message {
            start,
            headers: headers.collect(),
            body: text,
            body_hex,
            redacted: self.redacted,
            cut: self.cut,
        }
    }
}
