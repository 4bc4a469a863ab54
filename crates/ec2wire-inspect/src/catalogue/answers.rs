//! The answers that clients under test get, as data.

use crate::format::body::Body;
use crate::format::embedded;
use crate::format::place::{self, CatalogueError};
use crate::format::template::{Member, Template, fill};
use crate::wire::Response;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The answer that the others are variations of.
const PLAIN: &str = "plain";

/// How deeply parts of documents may refer to other parts.
const DEEPEST: usize = 8;

/// The file of answers.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct AnswerFile {
    /// Parts of documents, by the names that bodies refer to them by.
    part: BTreeMap<String, String>,
    /// The answers.
    #[serde(flatten)]
    answers: BTreeMap<String, Spec>,
}

/// An answer: its bytes, how it is sent, and what it means.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Spec {
    /// What is special about it, in a few words.
    pub title: String,
    /// The status, if it is not 200.
    #[serde(default = "Spec::usual_status")]
    pub status: u16,
    /// The headers, if they are not EC2's.
    headers: Option<BTreeMap<String, String>>,
    /// How it is sent.
    #[serde(default)]
    pub delivery: Delivery,
    /// The body; absent if the connection ends before one.
    body: Option<Body>,
    /// What the client must return for a success, by the API's names; that of `plain` if absent.
    output: Option<Template>,
    /// The members that differ from `plain`, by their path in the API's names.
    #[serde(default, rename = "with")]
    changes: BTreeMap<String, Template>,
    /// Members that the client may return in any form.
    #[serde(default)]
    pub unchecked: Vec<String>,
    /// Whether a client may fail on it although it is readable.
    #[serde(default)]
    pub may_fail: bool,
    /// The error, if it is one.
    pub error: Option<Error>,
    /// Codes that a client must not report.
    #[serde(default)]
    pub not_codes: Vec<String>,
    /// Whether it is neither a success nor an error, so that the client must report a failure of
    /// its own.
    #[serde(default)]
    pub damage: bool,
}

/// An error of EC2. What is absent here is absent in the answer.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Error {
    /// Its code.
    pub code: Option<String>,
    /// Another code that the client may report instead.
    pub or_code: Option<String>,
    /// Its message.
    pub message: Option<String>,
}

/// How an answer is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// With its length.
    #[default]
    Sized,
    /// In two chunks.
    Chunked,
    /// In chunks of seven bytes.
    SmallChunks,
    /// Without a length, until the end of the connection.
    UntilClose,
    /// Compressed, if the client accepts that.
    Gzip,
    /// With its full length, but only half of the bytes; then the connection ends.
    CutShort,
    /// In chunks without the last one; then the connection ends.
    CutChunk,
    /// Not at all: the connection ends.
    Close,
}

impl Spec {
    /// What a client must make of it, in words.
    pub fn in_words(&self, name: &str) -> String {
        let title = &self.title;
        match &self.error {
            _ if self.damage => format!("an error for `{name}` ({title})"),
            Some(Error {
                code: Some(code), ..
            }) => format!("the error {code} for `{name}` ({title})"),
            Some(_) => format!("an error for `{name}` ({title})"),
            None => format!("a success for `{name}` ({title})"),
        }
    }

    const fn usual_status() -> u16 {
        200
    }
}

/// What an answer means to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// A success with these members.
    Output(Member),
    /// A failure: EC2's own error if it has a code.
    Failure,
}

/// The answers by name.
#[derive(Debug, Clone)]
pub struct Answers {
    part: BTreeMap<String, String>,
    answers: BTreeMap<String, Spec>,
}

/// An answer that is ready to be sent.
#[derive(Debug, Clone)]
pub struct Ready {
    /// The bytes as they go out.
    pub wire: Vec<u8>,
    /// Whether the connection ends after them.
    pub closes: bool,
    /// The response with its body as the client sees it, for the record; `None` if no answer is
    /// sent.
    pub response: Option<Response>,
}

impl Answers {
    /// Reads the embedded file. Fails only if it is wrong, which a test excludes.
    pub fn embedded() -> Result<Self, CatalogueError> {
        let AnswerFile { part, answers } = place::read_embedded(embedded::ANSWERS)?;
        let answers = Self { part, answers };
        for name in answers.names() {
            let wrong = |what: String| {
                CatalogueError::new(embedded::ANSWERS.path, &format!("`{name}`: {what}"))
            };
            let taker = Taker {
                gzip: true,
                chunks: true,
            };
            answers.ready(name, "1", taker).map_err(wrong)?;
            answers.meaning(name).map_err(wrong)?;
        }
        Ok(answers)
    }

    /// The answer of that name.
    pub fn get(&self, name: &str) -> Option<&Spec> {
        self.answers.get(name)
    }

    /// The names of all answers.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.answers.keys().map(String::as_str)
    }

    fn known(&self, name: &str) -> Result<&Spec, String> {
        self.get(name)
            .ok_or_else(|| format!("unknown answer `{name}`"))
    }

    /// What the answer means.
    pub fn meaning(&self, name: &str) -> Result<Meaning, String> {
        let spec = self.known(name)?;
        if spec.damage || spec.error.is_some() {
            return Ok(Meaning::Failure);
        }
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let output = if let Some(output) = &spec.output {
            output
        } else {
            let plain = self.known(PLAIN)?.output.as_ref();
            plain.ok_or_else(|| format!("`{PLAIN}` has no output"))?
        };
        let mut output = output.resolve(&|_| None).map_err(|e| text(&e))?;
        for (path, value) in &spec.changes {
            // `resolve` fills in the `${n}` of generated lists by itself.
            let value = value.resolve(&|_| None).map_err(|e| text(&e))?;
            set(&mut output, path, value).ok_or_else(|| format!("the output has no `{path}`"))?;
        }
        Ok(Meaning::Output(output))
    }

    /// The answer to the request with that id.
    pub fn ready(&self, name: &str, request_id: &str, taker: Taker) -> Result<Ready, String> {
        let spec = self.known(name)?;
        let Some(body) = spec
            .body
            .as_ref()
            .filter(|_| spec.delivery != Delivery::Close)
        else {
            return Ok(Ready {
                wire: Vec::new(),
                closes: true,
                response: None,
            });
        };
        let lookup = |variable: &str| self.lookup(variable, request_id, DEEPEST);
        let body = body.resolve(&lookup).map_err(|error| error.to_string())?;
        let mut headers: Vec<(String, String)> = match &spec.headers {
            Some(headers) => headers
                .iter()
                .map(|(name, value)| {
                    let value = fill(value, &lookup).map_err(|error| error.to_string())?;
                    Ok((name.clone(), value))
                })
                .collect::<Result<_, String>>()?,
            None => vec![
                ("Content-Type".into(), "text/xml;charset=UTF-8".into()),
                ("x-amzn-RequestId".into(), request_id.into()),
            ],
        };
        let (sent, mut closes) = match spec.delivery {
            #[cfg(feature = "gzip")]
            Delivery::Gzip if taker.gzip => {
                let packed = gzip(&body).map_err(|error| error.to_string())?;
                headers.push(("Content-Encoding".into(), "gzip".into()));
                headers.push(("Content-Length".into(), packed.len().to_string()));
                (packed, false)
            }
            delivery => framed(taker.delivery(delivery), &body, &mut headers),
        };
        closes |= headers.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case("connection") && value.eq_ignore_ascii_case("close")
        });
        let status = spec.status;
        let reason = http::StatusCode::from_u16(status)
            .ok()
            .and_then(|status| status.canonical_reason())
            .unwrap_or_default();
        let mut wire = format!("HTTP/1.1 {status} {reason}\r\n").into_bytes();
        for (name, value) in &headers {
            wire.extend(format!("{name}: {value}\r\n").into_bytes());
        }
        wire.extend_from_slice(b"\r\n");
        wire.extend_from_slice(&sent);
        let received = match spec.delivery {
            Delivery::CutShort | Delivery::CutChunk => {
                body.get(..body.len() / 2).unwrap_or_default().to_vec()
            }
            _ => body,
        };
        Ok(Ready {
            wire,
            closes,
            response: Some(Response {
                status,
                headers,
                body: received,
            }),
        })
    }

    fn lookup(&self, variable: &str, request_id: &str, depth: usize) -> Option<String> {
        if variable == "request-id" {
            return Some(request_id.to_owned());
        }
        let deeper = depth.checked_sub(1)?;
        let part = self.part.get(variable)?;
        fill(part, &|variable| self.lookup(variable, request_id, deeper)).ok()
    }
}

/// What a client accepts.
#[derive(Debug, Clone, Copy)]
pub struct Taker {
    /// Whether it accepts compressed answers.
    pub gzip: bool,
    /// Whether it accepts chunked answers; HTTP/1.0 clients do not.
    pub chunks: bool,
}

impl Taker {
    /// How an answer is delivered to a client that may not accept chunks.
    const fn delivery(self, asked: Delivery) -> Delivery {
        match asked {
            Delivery::Chunked | Delivery::SmallChunks if !self.chunks => Delivery::UntilClose,
            // Without chunks only the length shows that the end is missing.
            Delivery::CutChunk if !self.chunks => Delivery::CutShort,
            delivery => delivery,
        }
    }
}

/// Adds the headers that delimit the body. Returns what is sent after the headers, and whether the
/// connection ends then.
fn framed(delivery: Delivery, body: &[u8], headers: &mut Vec<(String, String)>) -> (Vec<u8>, bool) {
    let mut add = |name: &str, value: String| headers.push((name.to_owned(), value));
    let mut closes = false;
    let sent = match delivery {
        Delivery::Sized | Delivery::Gzip | Delivery::Close => {
            add("Content-Length", body.len().to_string());
            body.to_vec()
        }
        Delivery::Chunked | Delivery::SmallChunks | Delivery::CutChunk => {
            add("Transfer-Encoding", "chunked".into());
            closes = delivery == Delivery::CutChunk;
            let size = match delivery {
                Delivery::SmallChunks => 7,
                _ => body.len().div_ceil(2).max(1),
            };
            let mut chunks: Vec<&[u8]> = body.chunks(size).collect();
            if closes {
                chunks.truncate(1);
            }
            chunked(&chunks, !closes)
        }
        Delivery::UntilClose => {
            add("Connection", "close".into());
            closes = true;
            body.to_vec()
        }
        Delivery::CutShort => {
            add("Content-Length", body.len().to_string());
            closes = true;
            body.get(..body.len() / 2).unwrap_or_default().to_vec()
        }
    };
    (sent, closes)
}

/// Sets the member at a path.
fn set(member: &mut Member, path: &str, value: Member) -> Option<()> {
    let (name, rest) = match path.split_once('.') {
        Some((name, rest)) => (name, Some(rest)),
        None => (path, None),
    };
    let Member::Structure(members) = member else {
        return None;
    };
    let found = members.iter_mut().find(|(known, _)| known == name);
    match (found, rest) {
        (Some((_, member)), Some(rest)) => set(member, rest, value),
        (Some((_, member)), None) => {
            *member = value;
            Some(())
        }
        (None, None) => {
            members.push((name.to_owned(), value));
            Some(())
        }
        (None, Some(_)) => None,
    }
}

fn chunked(chunks: &[&[u8]], is_whole: bool) -> Vec<u8> {
    let mut wire = Vec::new();
    for chunk in chunks {
        wire.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
        wire.extend_from_slice(chunk);
        wire.extend_from_slice(b"\r\n");
    }
    if is_whole {
        wire.extend_from_slice(b"0\r\n\r\n");
    }
    wire
}

#[cfg(feature = "gzip")]
fn gzip(body: &[u8]) -> std::io::Result<Vec<u8>> {
    use std::io::Write as _;

    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(body)?;
    packer.finish()
}
