//! Judges recorded messages: raw HTTP, HAR files, cassettes, and records of runs.
//!
//! ```
//! use ec2wire_conformance::inspect::{Inspector, Signing};
//! use ec2wire_conformance::lint;
//!
//! let raw = b"POST / HTTP/1.1\r\nHost: ec2.us-east-1.amazonaws.com\r\nContent-Length: 27\r\n\
//!     Content-Type: application/x-www-form-urlencoded\r\n\r\nAction=DescribeIpamPolicies";
//! let exchanges = lint::read("request.http", raw)?;
//! let record = lint::judge(&Inspector::embedded()?, &exchanges, &Signing::Optional);
//! assert_eq!(record.cases[0].deviations[0].requirement, "version-named");
//! assert_eq!(record.summary.exit_code(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cassette;
mod client;
mod har;
mod raw;
mod yaml;

use crate::inspect::{Inspector, Signing};
use crate::record::{
    CaseRecord, Exchange as Recorded, Kind, Message, PartialRecord, RunHead, RunRecord,
};
use crate::wire::http1;
use crate::wire::{Exchange, Request, Response};
use std::fmt;

/// A file without usable exchanges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableFile {
    file: String,
    what: String,
}

impl UnreadableFile {
    fn new(file: &str, what: impl fmt::Display) -> Self {
        Self {
            file: file.to_owned(),
            what: what.to_string(),
        }
    }
}

impl fmt::Display for UnreadableFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.what)
    }
}

impl std::error::Error for UnreadableFile {}

/// Reads the exchanges of a file; `file` names it in errors and reports.
///
/// A file that begins with a brace is a HAR file, a cassette or a record. Any other is a cassette in
/// YAML or raw HTTP: a request, an answer, or several of them in sequence. From a HAR file or a
/// cassette, only traffic with EC2 is read.
///
/// Fails if the file is none of these.
pub fn read(file: &str, bytes: &[u8]) -> Result<Vec<Exchange>, UnreadableFile> {
    // Some editors put a byte order mark at the start.
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let start = bytes.trim_ascii_start();
    let first = start.split(|&byte| byte == b'\n').next().unwrap_or(start);
    let is_object = start.first() == Some(&b'{');
    let mut found = if is_object && is_run(first) {
        of_record(file, bytes)?
    } else {
        let found = if is_object && !cassette::is_json(bytes) {
            har::read(bytes)
        } else if is_object || !raw::is_start_line(first) && cassette::is_yaml(bytes) {
            cassette::read(bytes).map_err(|error| error.to_string())
        } else {
            raw::read(bytes)
        };
        edited(found).map_err(|what| UnreadableFile::new(file, what))?
    };
    let several = found.len() > 1;
    for (index, one) in found.iter_mut().enumerate() {
        if one.name.is_empty() {
            one.name = if several {
                format!("{file}#{}", index + 1)
            } else {
                file.to_owned()
            };
        }
    }
    Ok(found)
}

/// The exchanges of a file that people and programs edit, with a note where a length says so.
fn edited(found: Result<Vec<Exchange>, String>) -> Result<Vec<Exchange>, String> {
    let mut found = found?;
    for one in &mut found {
        let request = one.request.as_ref().filter(|_| !one.request_cut);
        let method = request.map_or("", |request| request.method.as_str());
        let request = request.and_then(|request| {
            other_length("request", &request.headers, request.body.len(), false)
        });
        let answer = one.response.as_ref().filter(|answer| {
            // These have the length of a body that they do not have.
            !one.response_cut && method != "HEAD" && answer.status != 304
        });
        let answer = answer.and_then(|answer| {
            let length = answer.body.len();
            other_length("answer", &answer.headers, length, one.is_unpacked)
        });
        one.notes.extend(request.into_iter().chain(answer));
    }
    Ok(found)
}

/// A note about a body that does not have the length that its header says.
fn other_length(
    what: &str,
    headers: &[(String, String)],
    length: usize,
    is_unpacked: bool,
) -> Option<String> {
    let has = |name: &str| http1::all(headers, name).next().is_some();
    // The length is then that of the packed body.
    if has("transfer-encoding") || is_unpacked && has("content-encoding") {
        return None;
    }
    let declared = http1::all(headers, "content-length").next()?;
    let declared: usize = declared.parse().ok()?;
    (declared != length).then(|| {
        format!(
            "the {what}'s Content-Length is {declared}, but its body has {length} bytes, as if it \
             was edited or unpacked after it was recorded"
        )
    })
}

/// Whether the line is the first line of a record.
fn is_run(line: &[u8]) -> bool {
    let value: Option<serde_json::Value> = serde_json::from_slice(line).ok();
    value.is_some_and(|value| value.get("type").and_then(|t| t.as_str()) == Some("run"))
}

fn of_record(file: &str, bytes: &[u8]) -> Result<Vec<Exchange>, UnreadableFile> {
    let record =
        PartialRecord::read_ndjson(bytes).map_err(|error| UnreadableFile::new(file, error))?;
    let own = match record.run.kind {
        Kind::Server => Some("request"),
        Kind::Client => Some("answer"),
        _ => None,
    };
    let mut found = Vec::new();
    for case in &record.cases {
        let exchanges: Vec<&Recorded> = case.earlier.iter().chain(&case.exchange).collect();
        let several = exchanges.len() > 1;
        for (index, exchange) in exchanges.into_iter().enumerate() {
            let response = exchange.response.as_ref();
            let mut one = Exchange::new(
                request(&exchange.request),
                response.and_then(self::response),
            );
            one.name = if several {
                format!("{}#{}", case.id, index + 1)
            } else {
                case.id.clone()
            };
            one.of_run = Some(record.run.kind);
            one.notes.extend(own.map(|what| {
                format!("the {what} was not judged: the run made it as the case asks")
            }));
            one.request_cut = exchange.request.cut;
            one.response_cut = response.is_some_and(|response| response.cut);
            found.push(one);
        }
    }
    Ok(found)
}

/// A recorded request as it was on the wire.
fn request(message: &Message) -> Option<Request> {
    let (url, version) = (message.target()?, message.version()?);
    Some(Request {
        method: message.method().to_owned(),
        target: match url.split_once("://") {
            // A server receives only the path.
            Some((_, rest)) => rest
                .find('/')
                .and_then(|at| rest.get(at..))
                .unwrap_or("/")
                .to_owned(),
            None => url.to_owned(),
        },
        version: version.to_owned(),
        headers: with_length(message),
        body: message.bytes().into_owned(),
    })
}

/// The headers of a recorded request. The harness's own records lack the length that hyper adds.
fn with_length(message: &Message) -> Vec<(String, String)> {
    let mut headers = message.headers.clone();
    let is = |name: &str| http1::all(&headers, name).next().is_some();
    let body = message.bytes();
    if !body.is_empty() && !is("content-length") && !is("transfer-encoding") {
        headers.push(("content-length".into(), body.len().to_string()));
    }
    headers
}

/// A recorded response as it was on the wire.
fn response(message: &Message) -> Option<Response> {
    Some(Response {
        status: message.status().ok()?,
        headers: message.headers.clone(),
        body: message.bytes().into_owned(),
    })
}

/// Judges exchanges; each becomes a case of the record.
pub fn judge(inspector: &Inspector, exchanges: &[Exchange], signing: &Signing) -> RunRecord {
    let cases: Vec<CaseRecord> = exchanges
        .iter()
        .map(|exchange| {
            let optional = exchange.is_stripped && signing.requires_signature();
            let signing = if optional {
                &Signing::Optional
            } else {
                signing
            };
            let mut exchange = exchange.clone();
            let cut = [
                (exchange.request_cut, "request"),
                (exchange.response_cut, "answer"),
            ];
            let cut = cut.iter().filter(|(is_cut, _)| *is_cut);
            exchange.notes.extend(
                cut.map(|(_, what)| format!("the {what} was not judged: it is incomplete")),
            );
            inspector.judge(&exchange, signing)
        })
        .collect();
    let files: Vec<&str> = exchanges
        .iter()
        .map(|exchange| exchange.name.split('#').next().unwrap_or_default())
        .collect();
    let mut head = RunHead::new(
        Kind::Lint,
        match files.as_slice() {
            [one] => (*one).to_owned(),
            several => format!("{} exchanges", several.len()),
        },
    );
    head.selected = cases.len();
    RunRecord::from_cases(head, cases)
}
