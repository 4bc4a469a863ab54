//! Cassettes: the exchanges that a client's tests play again, as VCR for Ruby, betamax, vcrpy
//! (pytest-recording) and go-vcr write them, in YAML or JSON.
//!
//! They differ in little, so one reader takes all. Recorders take bodies out of their codings, keep
//! the headers, and replace secrets.

use super::client;
use super::yaml::{self, BASE64, NotYaml};
use crate::text::quoted;
use crate::wire::{Exchange, Request, Response};
use ec2wire_model::{Timestamp, TimestampFormat};
use serde_json::{Map, Value};
use std::fmt;

/// Why a file is not a cassette.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BadCassette {
    NotText,
    NotYaml(NotYaml),
    NotJson(String),
    NoEntries,
    /// The first damage, if no entry can be read.
    Damaged(Damaged),
}

impl fmt::Display for BadCassette {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotText => f.write_str("the cassette is not UTF-8"),
            Self::NotYaml(error) => write!(f, "the cassette is not YAML: {error}"),
            Self::NotJson(error) => write!(f, "the cassette is not JSON: {error}"),
            Self::NoEntries => f.write_str("the cassette has no list of interactions"),
            Self::Damaged(damaged) => damaged.fmt(f),
        }
    }
}

/// Why an entry cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Damaged {
    /// From 1.
    entry: usize,
    what: String,
}

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entry {}: {}", self.entry, self.what)
    }
}

/// The keys that lists of interactions have.
const LISTS: [&str; 2] = ["http_interactions", "interactions"];

/// Whether the bytes look like a cassette in YAML: a line begins with the key of the list, or with an
/// entry of the first VCR's list.
pub(super) fn is_yaml(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|&byte| byte == b'\n');
    lines.any(|line| {
        let line = line.trim_ascii_end();
        let is_list = |name: &&str| {
            let rest = line.strip_prefix(name.as_bytes());
            rest.is_some_and(|rest| rest.trim_ascii_start().starts_with(b":"))
        };
        LISTS.iter().any(is_list) || line.starts_with(b"- !ruby/struct:VCR::HTTPInteraction")
    })
}

/// Whether the bytes are an object with a list of interactions.
pub(super) fn is_json(bytes: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Keys {
        #[serde(alias = "http_interactions")]
        interactions: Option<serde::de::IgnoredAny>,
    }
    serde_json::from_slice(bytes).is_ok_and(|keys: Keys| keys.interactions.is_some())
}

/// The exchanges with EC2. An entry that cannot be read is one that cannot be judged, unless all are
/// so.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Exchange>, BadCassette> {
    let documents = if bytes.trim_ascii_start().starts_with(b"{") {
        let document = serde_json::from_slice(bytes);
        vec![document.map_err(|error| BadCassette::NotJson(error.to_string()))?]
    } else {
        let text = std::str::from_utf8(bytes).map_err(|_| BadCassette::NotText)?;
        yaml::read(text).map_err(BadCassette::NotYaml)?
    };
    let mut entries = Vec::new();
    for document in documents {
        entries.extend(list(document).ok_or(BadCassette::NoEntries)?);
    }
    let mut found = Vec::new();
    let mut first = None;
    let mut is_any_read = false;
    for (index, entry) in entries.into_iter().enumerate() {
        match exchange(entry) {
            Ok(exchange) => {
                is_any_read = true;
                found.extend(exchange);
            }
            Err(what) => {
                let damaged = Damaged {
                    entry: index + 1,
                    what,
                };
                let mut exchange = Exchange::new(None, None);
                exchange.unreadable = Some(damaged.to_string());
                found.push(exchange);
                first.get_or_insert(damaged);
            }
        }
    }
    match first {
        Some(damaged) if !is_any_read => Err(BadCassette::Damaged(damaged)),
        _ => Ok(found),
    }
}

fn list(document: Value) -> Option<Vec<Value>> {
    let list = match document {
        Value::Object(mut keys) => LISTS.iter().find_map(|name| keys.remove(*name))?,
        other => other,
    };
    match list {
        Value::Array(entries) => Some(entries),
        // No exchange was recorded.
        Value::Null => Some(Vec::new()),
        _ => None,
    }
}

/// `None` if the entry is not about EC2.
fn exchange(entry: Value) -> Result<Option<Exchange>, String> {
    let Value::Object(mut entry) = entry else {
        return Err("expected an object with a request".into());
    };
    let Some(Value::Object(asked)) = entry.remove("request") else {
        return Err("it has no request".into());
    };
    let url = ["uri", "url"].iter().find_map(|key| text(&asked, key));
    let url = url.ok_or("its request has no URL")?;
    let (mut request, is_made) = request(&asked).map_err(|what| format!("its request's {what}"))?;
    let headers = request.headers.len();
    request.headers.retain(|header| !is_replaced(header));
    let is_replaced = request.headers.len() < headers;
    let Some(request) = client::completed(request, url) else {
        return Ok(None);
    };
    let answer = match entry.remove("response") {
        Some(Value::Object(answer)) => {
            Some(response(&answer).map_err(|what| format!("its response's {what}"))?)
        }
        _ => None,
    };
    let mut exchange = Exchange::new(Some(request), answer);
    exchange.sent_at = text(&entry, "recorded_at").and_then(recorded_at);
    exchange.is_stripped = true;
    exchange.is_unpacked = true;
    if is_replaced {
        let note = "the Authorization header was replaced, so the signature was not judged";
        exchange.notes.push(note.into());
    }
    if is_made {
        exchange.request_cut = true;
        let note = "the file has the request's parameters but not its original body";
        exchange.notes.push(note.into());
    }
    let request = exchange
        .request
        .as_ref()
        .and_then(|one| placeholder(&one.body));
    let answer = exchange
        .response
        .as_ref()
        .and_then(|one| placeholder(&one.body));
    exchange.request_cut |= request.is_some();
    exchange.response_cut |= answer.is_some();
    for (what, name) in [("request", request), ("answer", answer)] {
        exchange.notes.extend(name.map(|name| {
            format!(
                "the {what} has the placeholder {} for what it had",
                quoted(&name)
            )
        }));
    }
    Ok(Some(exchange))
}

/// The request, and whether its body was made from its parameters.
fn request(asked: &Map<String, Value>) -> Result<(Request, bool), String> {
    let method = text(asked, "method").unwrap_or("GET");
    // The first VCR wrote symbols.
    let method = method.trim_start_matches(':').to_ascii_uppercase();
    let mut body = bytes(asked.get("body")).map_err(|what| format!("body {what}"))?;
    let form = asked.get("form").and_then(Value::as_object);
    let form = form.filter(|form| !form.is_empty() && body.is_empty() && method == "POST");
    if let Some(form) = form {
        body = made_of(form);
    }
    let request = Request {
        method,
        target: String::new(),
        version: text(asked, "proto").unwrap_or_default().to_owned(),
        headers: headers(asked.get("headers"))?,
        body,
    };
    Ok((request, form.is_some()))
}

/// A body with the parameters that go-vcr keeps of a form. Their order is lost.
fn made_of(form: &Map<String, Value>) -> Vec<u8> {
    let pairs = form.iter().flat_map(|(name, values)| {
        let values = values.as_array().into_iter().flatten();
        values.filter_map(move |value| Some((name.as_str(), value.as_str()?)))
    });
    let pairs: Vec<(&str, &str)> = pairs.collect();
    let body = serde_urlencoded::to_string(pairs);
    body.unwrap_or_default().into_bytes()
}

fn response(answer: &Map<String, Value>) -> Result<Response, String> {
    Ok(Response {
        status: status(answer)?,
        headers: headers(answer.get("headers"))?,
        body: bytes(answer.get("body")).map_err(|what| format!("body {what}"))?,
    })
}

/// go-vcr keeps a number and a line; the others keep an object.
fn status(answer: &Map<String, Value>) -> Result<u16, String> {
    let status = answer.get("status");
    let code = answer.get("code");
    let code = code.or_else(|| status?.as_object()?.get("code")).or(status);
    let number = match code {
        Some(Value::Number(number)) => number.as_u64().and_then(|code| u16::try_from(code).ok()),
        Some(Value::String(text)) => text.split(' ').next().and_then(|code| code.parse().ok()),
        _ => None,
    };
    number.ok_or_else(|| "status is not a number".into())
}

fn text<'v>(object: &'v Map<String, Value>, key: &str) -> Option<&'v str> {
    object.get(key)?.as_str()
}

/// A name's values are a list; the first generations wrote one value without it.
fn headers(found: Option<&Value>) -> Result<Vec<(String, String)>, String> {
    let Some(Value::Object(found)) = found else {
        return Ok(Vec::new());
    };
    let mut headers = Vec::new();
    for (name, value) in found {
        let values = match value {
            Value::Array(values) => values.iter().collect(),
            one => vec![one],
        };
        for value in values {
            let value = bytes(Some(value));
            let value = value.map_err(|what| format!("header `{}` {what}", quoted(name)))?;
            headers.push((name.clone(), String::from_utf8_lossy(&value).into_owned()));
        }
    }
    Ok(headers)
}

/// A text, or an object with one or with base64.
fn bytes(found: Option<&Value>) -> Result<Vec<u8>, String> {
    match found {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(text.clone().into_bytes()),
        Some(Value::Object(parts)) => {
            if let Some(Value::String(text)) = parts.get(BASE64) {
                return yaml::decoded(text).map_err(|error| format!("is not base64: {error}"));
            }
            match parts.get("string") {
                // Only binary data is an object within an object.
                Some(Value::Object(inner)) if inner.contains_key("string") => Err(unknown()),
                None => Err(unknown()),
                string => bytes(string),
            }
        }
        Some(_) => Err(unknown()),
    }
}

fn unknown() -> String {
    "is neither text nor base64".into()
}

/// When an entry was recorded: Ruby's VCR writes a date of HTTP, betamax one of ISO 8601 in UTC.
fn recorded_at(text: &str) -> Option<Timestamp> {
    let in_utc = || format!("{text}Z").parse().ok();
    Timestamp::from_text(text, TimestampFormat::Rfc822)
        .or_else(|| text.parse().ok())
        .or_else(in_utc)
}

/// Whether a header is a signature that a recorder replaced.
fn is_replaced((name, value): &(String, String)) -> bool {
    let signature = value.split_once("Signature=").map(|(_, rest)| rest);
    let is_signature = signature.is_some_and(|text| {
        let text = text.split([',', ' ']).next().unwrap_or_default();
        text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    });
    let is_whole = value.starts_with("AWS4-HMAC-SHA256 ") && is_signature;
    name.eq_ignore_ascii_case("authorization")
        && (!is_whole || placeholder(value.as_bytes()).is_some())
}

/// What recorders put in place of a secret, as `<AWS_KEY>`: a name in capitals without its end tag.
fn placeholder(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let names = text.split('<').skip(1).filter_map(|rest| {
        let (name, _) = rest.split_once('>')?;
        let is_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || "_- ".contains(c);
        let is_one = name.len() > 1
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.chars().all(is_name);
        is_one.then_some(name)
    });
    let mut names = names.filter(|name| !text.contains(&format!("</{name}>")));
    names.next().map(|name| format!("<{name}>"))
}
