//! Messages that were written down: raw HTTP, HAR files, and records of runs.
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

mod har;
mod raw;

use crate::http1;
use crate::inspect::{Answer, Inspector, Request, Sight, Signing};
use crate::record::{
    CaseRecord, Exchange, Kind, Message, PartialRecord, RunHead, RunRecord, Summary, Verdict,
};
use std::fmt;

/// An exchange that was found in a file: a request, its answer, or both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Where it was found, for reports: the file's name, with a number where it has several.
    pub name: String,
    /// The request.
    pub request: Option<Request>,
    /// The answer.
    pub answer: Option<Answer>,
    /// Why it cannot be judged, where it cannot.
    pub unreadable: Option<String>,
    /// Whether the file has a part of the request only, which is not judged.
    pub request_cut: bool,
    /// The same of the answer.
    pub answer_cut: bool,
    /// Whether the file's form leaves signatures out.
    pub is_stripped: bool,
}

/// A file that holds no exchanges.
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

/// The exchanges of a file, which is named in errors and reports.
///
/// A file that begins with a brace is a HAR file or a record, any other is raw HTTP: a request, an
/// answer, or several of them one behind the other. Of a HAR file only what speaks to EC2 is taken.
///
/// Fails where the file is none of these.
pub fn read(file: &str, bytes: &[u8]) -> Result<Vec<Found>, UnreadableFile> {
    // Some editors put a byte order mark in front.
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let start = bytes.trim_ascii_start();
    let mut found = if start.first() == Some(&b'{') {
        let first = start.split(|&byte| byte == b'\n').next().unwrap_or(start);
        if is_run(first) {
            of_record(file, bytes)?
        } else {
            har::read(bytes).map_err(|what| UnreadableFile::new(file, what))?
        }
    } else {
        raw::read(bytes).map_err(|what| UnreadableFile::new(file, what))?
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

/// Whether the line is the first one of a record.
fn is_run(line: &[u8]) -> bool {
    let value: Option<serde_json::Value> = serde_json::from_slice(line).ok();
    value.is_some_and(|value| value.get("type").and_then(|t| t.as_str()) == Some("run"))
}

fn of_record(file: &str, bytes: &[u8]) -> Result<Vec<Found>, UnreadableFile> {
    let record =
        PartialRecord::read_ndjson(bytes).map_err(|error| UnreadableFile::new(file, error))?;
    let mut found = Vec::new();
    for case in &record.cases {
        let exchanges: Vec<&Exchange> = case.earlier.iter().chain(&case.exchange).collect();
        let several = exchanges.len() > 1;
        for (index, exchange) in exchanges.into_iter().enumerate() {
            found.push(Found {
                name: if several {
                    format!("{}#{}", case.id, index + 1)
                } else {
                    case.id.clone()
                },
                request: request(&exchange.request),
                answer: exchange.response.as_ref().and_then(answer),
                request_cut: exchange.request.cut,
                answer_cut: exchange.response.as_ref().is_some_and(|answer| answer.cut),
                ..Found::default()
            });
        }
    }
    Ok(found)
}

/// A recorded request as it was on the wire.
fn request(message: &Message) -> Option<Request> {
    let mut parts = message.start.split(' ');
    let (method, url, version) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Request {
        method: method.to_owned(),
        target: match url.split_once("://") {
            // What went to the server is the path.
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

/// The headers of a recorded request. The harness's own records leave out the length that hyper
/// puts in.
fn with_length(message: &Message) -> Vec<(String, String)> {
    let mut headers = message.headers.clone();
    let is = |name: &str| http1::all(&headers, name).next().is_some();
    let body = message.bytes();
    if !body.is_empty() && !is("content-length") && !is("transfer-encoding") {
        headers.push(("content-length".into(), body.len().to_string()));
    }
    headers
}

fn answer(message: &Message) -> Option<Answer> {
    Some(Answer {
        status: message.start.split(' ').nth(1)?.parse().ok()?,
        headers: message.headers.clone(),
        body: message.bytes().into_owned(),
    })
}

/// Judges exchanges, each a case of the record.
pub fn judge(inspector: &Inspector, exchanges: &[Found], signing: &Signing) -> RunRecord {
    let cases: Vec<CaseRecord> = exchanges
        .iter()
        .map(|found| {
            let signing = match signing {
                Signing::Required | Signing::Known { .. } if found.is_stripped => {
                    &Signing::Optional
                }
                other => other,
            };
            let cut = [(found.request_cut, "request"), (found.answer_cut, "answer")];
            let notes: Vec<String> = cut
                .iter()
                .filter(|(is_cut, _)| *is_cut)
                .map(|(_, what)| format!("the {what} was not judged: a part of it only is there"))
                .collect();
            let sight = Sight {
                request: found.request.as_ref(),
                answer: found.answer.as_ref(),
                request_cut: found.request_cut,
                answer_cut: found.answer_cut,
                notes: &notes,
            };
            let mut record = inspector.record(found.name.clone(), sight, signing);
            if let Some(why) = &found.unreadable {
                record.verdict = Verdict::NotRun;
                record.deviations.clear();
                record.note.clone_from(why);
            }
            record
        })
        .collect();
    let files: Vec<&str> = exchanges
        .iter()
        .map(|found| found.name.split('#').next().unwrap_or_default())
        .collect();
    RunRecord {
        run: RunHead {
            version: env!("CARGO_PKG_VERSION").into(),
            kind: Kind::Lint,
            endpoint: match files.as_slice() {
                [one] => (*one).to_owned(),
                several => format!("{} exchanges", several.len()),
            },
            embedded: false,
            selected: cases.len(),
            started: String::new(),
            region: String::new(),
            ipam: String::new(),
            ipam_ids: Vec::new(),
            ipams_created: false,
            stale: Vec::new(),
            generated: None,
        },
        summary: Summary::of(&cases),
        cases,
    }
}
