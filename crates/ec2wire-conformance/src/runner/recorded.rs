//! Turns recorded messages back into requests to send and answers to compare with.

use crate::format::case::{Framing, HeaderNames, Http, Transport};
use crate::judge::likeness::Compared;
use crate::record::{MalformedMessage, Message};
use crate::subject::http::Draft;
use crate::wire::Answered;
use crate::wire::secrets::REDACTED;

/// Headers that are set again for each request.
const OWN_HEADERS: [&str; 7] = [
    "host",
    "authorization",
    "x-amz-date",
    "x-amz-security-token",
    "content-length",
    "transfer-encoding",
    "connection",
];

/// A recorded request without its signature.
///
/// Fails if it is damaged or a secret was removed from it.
pub(super) fn draft(request: &Message) -> Result<Draft, String> {
    let method = request.method();
    if method.is_empty() {
        return Err("the recorded request has no method".into());
    }
    let headers: Vec<(String, String)> = request
        .headers
        .iter()
        .filter(|(name, _)| !OWN_HEADERS.contains(&name.to_ascii_lowercase().as_str()))
        .cloned()
        .collect();
    let body = match request.query() {
        Some(query) => query.as_bytes().to_vec(),
        None => request.body().map_err(|error| error.to_string())?,
    };
    if request.cut {
        return Err("only a part of the request was recorded".into());
    }
    let mut values = headers.iter().map(|(_, value)| value);
    if request.redacted || values.any(|value| value.contains(REDACTED)) {
        return Err("a secret was removed from the recorded request".into());
    }
    Ok(Draft {
        method: Some(method.to_owned()),
        headers,
        body,
        transport: transport(request),
        lane: None,
    })
}

/// How HTTP carried a request, as far as its record shows.
fn transport(request: &Message) -> Transport {
    let mut names = request.headers.iter().map(|(name, _)| name.as_str());
    let is_chunked = names.clone().any(|name| {
        // This is the only transfer coding of requests that were sent.
        name.eq_ignore_ascii_case("transfer-encoding")
    });
    let is_title = names.any(|name| name.starts_with(|c: char| c.is_ascii_uppercase()));
    Transport {
        framing: if is_chunked {
            Framing::Chunked
        } else {
            Framing::Sized
        },
        header_names: if is_title {
            HeaderNames::Title
        } else {
            HeaderNames::Lower
        },
        http: if request.version() == Some("HTTP/1.0") {
            Http::One0
        } else {
            Http::One1
        },
        ..Transport::default()
    }
}

/// The parts of a recorded answer that are compared.
pub(super) struct Recorded<'m> {
    status: u16,
    content_type: Option<&'m str>,
    body: Vec<u8>,
    is_cut: bool,
}

impl Recorded<'_> {
    /// Replaces texts by others.
    pub(super) fn replace<'s>(&mut self, texts: impl Iterator<Item = (&'s str, &'s str)>) {
        if let Ok(text) = std::str::from_utf8(&self.body) {
            let replaced = texts.fold(text.to_owned(), |text, (old, new)| text.replace(old, new));
            self.body = replaced.into_bytes();
        }
    }

    pub(super) fn borrowed(&self) -> Compared<'_> {
        Compared {
            status: self.status,
            content_type: self.content_type,
            body: (!self.is_cut).then_some(&self.body),
        }
    }
}

/// A recorded answer. Fails if it is damaged.
pub(super) fn answer(response: &Message) -> Result<Recorded<'_>, MalformedMessage> {
    Ok(Recorded {
        status: response.status()?,
        content_type: response.header("content-type"),
        body: response.body()?,
        is_cut: response.cut,
    })
}

/// The parts of a new answer that are compared.
pub(super) fn compared(answered: &Answered) -> Compared<'_> {
    Compared {
        status: answered.status,
        content_type: answered.header("content-type"),
        body: Some(&answered.body),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    fn message(start: &str, body: &str, body_hex: Option<&str>) -> Message {
        Message {
            start: start.into(),
            headers: vec![
                ("host".into(), "old".into()),
                ("authorization".into(), REDACTED.into()),
                ("x-mine".into(), "1".into()),
            ],
            body: body.into(),
            body_hex: body_hex.map(str::to_owned),
            ..Message::default()
        }
    }

    #[test]
    fn bytes_that_are_no_text_come_back() {
        let recorded = message("POST http://h/ HTTP/1.1", "A=\u{fffd}", Some("413dFF"));
        let draft = draft(&recorded).unwrap();
        assert_eq!(draft.body, b"A=\xff");
        assert_eq!(draft.headers, [("x-mine".to_owned(), "1".to_owned())]);
        for damaged in ["413", "4g"] {
            let recorded = message("POST http://h/ HTTP/1.1", "", Some(damaged));
            assert!(super::draft(&recorded).is_err());
        }
    }

    #[test]
    fn http_carries_it_as_before() {
        let mut recorded = message("POST http://h/ HTTP/1.0", "A=1", None);
        assert_eq!(transport(&recorded).http, Http::One0);
        recorded.headers = vec![("Transfer-Encoding".into(), "chunked".into())];
        let carried = transport(&recorded);
        assert_eq!(carried.framing, Framing::Chunked);
        assert_eq!(carried.header_names, HeaderNames::Title);
    }

    #[test]
    fn the_query_of_a_get_is_its_body() {
        let draft = draft(&message("GET http://h/?Action=A HTTP/1.1", "", None)).unwrap();
        assert_eq!(draft.method.as_deref(), Some("GET"));
        assert_eq!(draft.body, b"Action=A");
    }

    #[test]
    fn a_request_without_its_secret_is_not_sent() {
        let whole = message("POST http://h/ HTTP/1.1", "A=redacted", None);
        assert!(draft(&whole).is_ok());
        for (redacted, cut) in [(true, false), (false, true)] {
            let part = Message {
                redacted,
                cut,
                ..whole.clone()
            };
            assert!(draft(&part).is_err());
        }
    }
}
