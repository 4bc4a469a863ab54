//! Messages as a record keeps them: without secrets.

use super::secrets::{self, Kept};
use crate::record::Message;
use crate::text::hex;

/// A response as a record keeps it.
pub fn response_message(status: u16, headers: &[(String, String)], body: &[u8]) -> Message {
    secrets::redact_body(headers, body).into_message(format!("HTTP/1.1 {status}"), headers)
}

impl Kept {
    /// The message with that first line, these headers and this body. Secret headers lose their
    /// values.
    pub fn into_message(self, start: String, headers: &[(String, String)]) -> Message {
        let headers = headers.iter().map(|(name, value)| {
            let value = if secrets::is_secret_header(name) {
                secrets::REDACTED.into()
            } else {
                value.clone()
            };
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
