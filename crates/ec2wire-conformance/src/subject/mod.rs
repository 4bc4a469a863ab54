//! What is judged. A server is spoken to over HTTP.

pub mod http;
mod outgoing;

use crate::body::hex;
use crate::case::Http;
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
    pub(crate) http: Http,
}

/// An answer, as it came and as the referee reads it.
#[derive(Debug, Clone)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// The document, or why it is none.
    pub(crate) document: Result<Element, String>,
    pub(crate) connection: Reuse,
}

/// Whether a request went over the connection of the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reuse {
    /// A new one, or one that is not followed.
    New,
    Kept,
    /// A new one, since the server had said that it would close the other.
    Announced,
}

/// The places in an answer that are no paths of elements, beside `@header:NAME`.
pub(crate) const PLACES: [&str; 6] = [
    "@root",
    "@xmlns",
    "@request-id",
    "@status",
    "@body",
    "@connection",
];

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

    /// What stands at a place that is no path of elements, with the `@` in front.
    ///
    /// Fails where there is no such place.
    pub(crate) fn special(&self, place: &str) -> Result<Option<String>, String> {
        let root = || self.document.as_ref().ok();
        Ok(match place {
            "@root" => root().map(|root| root.name.clone()),
            "@xmlns" => root().and_then(|root| root.xmlns.clone()),
            "@request-id" => self.request_id().map(str::to_owned),
            "@status" => Some(self.status.to_string()),
            "@body" => Some(String::from_utf8_lossy(&self.body).into_owned()),
            "@connection" => Some(
                match self.connection {
                    Reuse::New => "new",
                    Reuse::Kept => "kept",
                    Reuse::Announced => "announced",
                }
                .into(),
            ),
            other => match other.strip_prefix("@header:") {
                Some(name) => self.header(name).map(str::to_owned),
                None => return Err(format!("`{other}` is no place to look at")),
            },
        })
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
        let version = match self.http {
            Http::One1 => "1.1",
            Http::One0 => "1.0",
        };
        let start = format!("{} {} HTTP/{version}", self.method, self.url);
        message(start, &self.headers, &self.body)
    }

    /// A command that sends the request again, signed with the caller's own credentials.
    pub(crate) fn curl(&self, region: &str) -> String {
        let method = match self.method.as_str() {
            // With -X it would wait for a body.
            "HEAD" => "--head".to_owned(),
            other => format!("-X {other}"),
        };
        let mut command = format!(
            "curl -sS {method} {} --aws-sigv4 aws:amz:{region}:ec2 \
             --user \"${{AWS_ACCESS_KEY_ID:-test}}:${{AWS_SECRET_ACCESS_KEY:-test}}\"",
            quote(&self.url)
        );
        if self.http == Http::One0 {
            command.push_str(" --http1.0");
        }
        for (name, value) in &self.headers {
            let known = name.to_ascii_lowercase();
            if !HEADERS_OF_CURL.contains(&&*known) && !SECRET_HEADERS.contains(&&*known) {
                command.push_str(" -H ");
                command.push_str(&quote(&format!("{name}: {value}")));
            }
        }
        let is_typed = |(name, _): &(String, _)| name.eq_ignore_ascii_case("content-type");
        if !self.body.is_empty() && !self.headers.iter().any(is_typed) {
            // Or it would add one.
            command.push_str(" -H 'content-type:'");
        }
        match std::str::from_utf8(&self.body) {
            Ok("") => command,
            _ if self.body.len() > LONGEST_ARGUMENT => {
                let length = self.body.len();
                format!("{command} --data-binary @BODY  # BODY is a file of {length} bytes")
            }
            Ok(text) if !text.contains('\0') => {
                format!("{command} --data-raw {}", quote(text))
            }
            // A shell's words are no place for such bytes.
            _ => format!(
                "printf '{}' | {command} --data-binary @-",
                octal(&self.body)
            ),
        }
    }
}

/// Headers that curl makes itself.
const HEADERS_OF_CURL: [&str; 4] = [
    "host",
    "content-length",
    "x-amz-date",
    "x-amz-content-sha256",
];

/// The longest body that stands in a command. Linux takes arguments of up to 128 KiB.
const LONGEST_ARGUMENT: usize = 32 << 10;

/// Bytes as the format of POSIX's `printf`, between single quotes.
fn octal(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| match byte {
            b'%' => "%%".into(),
            b' '..=b'~' if !matches!(byte, b'\'' | b'\\') => char::from(*byte).to_string(),
            _ => format!("\\{byte:03o}"),
        })
        .collect()
}

/// Quotes a word for a POSIX shell.
fn quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn curl(method: &str, headers: &[(&str, &str)], body: &[u8]) -> String {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let sent = Sent {
            method: method.into(),
            url: "http://h/".into(),
            headers: headers.iter().map(owned).collect(),
            body: body.to_vec(),
            http: Http::One1,
        };
        let signed = " --aws-sigv4 aws:amz:r:ec2 \
                      --user \"${AWS_ACCESS_KEY_ID:-test}:${AWS_SECRET_ACCESS_KEY:-test}\"";
        sent.curl("r").replace(signed, "")
    }

    #[test]
    fn a_command_sends_what_was_sent() {
        let form = ("Content-Type", "form");
        assert_eq!(
            curl(
                "POST",
                &[form, ("Authorization", "s"), ("Host", "h")],
                b"a='b'"
            ),
            r"curl -sS -X POST 'http://h/' -H 'Content-Type: form' --data-raw 'a='\''b'\'''",
        );
        assert_eq!(
            curl("POST", &[form], b"a=%'\\\xFF\0"),
            r"printf 'a=%%\047\134\377\000' | curl -sS -X POST 'http://h/' -H 'Content-Type: form' --data-binary @-",
        );
        assert_eq!(
            curl(
                "POST",
                &[("x-amz-user-agent", "u"), ("x-amz-date", "d")],
                b"a"
            ),
            "curl -sS -X POST 'http://h/' -H 'x-amz-user-agent: u' -H 'content-type:' --data-raw 'a'",
        );
        assert_eq!(
            curl("POST", &[form], &vec![b'a'; 40_000]),
            "curl -sS -X POST 'http://h/' -H 'Content-Type: form' --data-binary @BODY  # BODY is a file of 40000 bytes",
        );
        assert_eq!(curl("HEAD", &[], b""), "curl -sS --head 'http://h/'");
    }
}
