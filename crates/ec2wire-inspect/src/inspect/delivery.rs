//! The rules for what HTTP says about an answer: its framing, its coding, its date.

use super::Around;
use crate::catalogue::Catalogue;
use crate::record::{Deviation, Place};
use crate::text::quoted;
use crate::wire::coding;

/// The requirements for servers that the answer's delivery breaks.
pub(super) fn check(servers: &Catalogue, around: Around<'_>) -> Vec<Deviation> {
    // Whoever undid the coding or the framing may have left the headers.
    if around.is_unpacked {
        return Vec::new();
    }
    let response = around.response;
    let mut broken = Vec::new();
    let mut add = |id: &str, name: &str, found: String| {
        let place = Place::Header(name.to_owned());
        broken.push(super::of_server(servers, id, place, found));
    };
    if response.header("transfer-encoding").is_some() && response.header("content-length").is_some()
    {
        add(
            "response-framed-once",
            "content-length",
            "Content-Length stands beside Transfer-Encoding".into(),
        );
    }
    // Without a length that fits, the body may not be the one that was on the wire: curl and others
    // unpack it and leave the headers.
    let is_sized = match response.header("content-length") {
        Some(length) => length.parse() == Ok(response.body.len()),
        None => response.header("transfer-encoding").is_some(),
    };
    let absent = coding::is_absent(&response.headers, &response.body);
    if let Some(named) = absent.filter(|_| is_sized) {
        add(
            "response-coding",
            "content-encoding",
            format!(
                "Content-Encoding is {}, but the body is not",
                quoted(&named)
            ),
        );
    }
    broken
}
