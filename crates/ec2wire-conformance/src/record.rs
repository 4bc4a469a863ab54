//! The record of a run: one line of JSON a case, and what every report is rendered from.

use crate::case::Phase;
use ec2wire::contract::Level;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io::{self, BufRead, Write};

/// How a case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Everything asked for held.
    Pass,
    /// A must is broken.
    Fail,
    /// A should is broken.
    Warn,
    /// The server says that it does not have the action.
    Unimplemented,
    /// A precondition failed, or the subject died.
    NotRun,
    /// Not selected.
    Skipped,
}

impl Verdict {
    /// The word for it, as in the record.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Unimplemented => "unimplemented",
            Self::NotRun => "not-run",
            Self::Skipped => "skipped",
        }
    }
}

/// A whole run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRecord {
    /// What was run against what.
    pub run: RunHead,
    /// The cases, in order.
    pub cases: Vec<CaseRecord>,
    /// The totals.
    pub summary: Summary,
}

/// The first line of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunHead {
    /// The version of the program.
    pub version: String,
    /// The subject's URL.
    pub endpoint: String,
    /// When the run began: RFC 3339, UTC.
    pub started: String,
    /// The Region that the requests were signed for.
    pub region: String,
    /// The IPAM that the cases used, and where it came from.
    pub ipam: String,
}

/// A case's line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseRecord {
    /// The case's id.
    pub id: String,
    /// The case's title.
    pub title: String,
    /// What it is after.
    pub phase: Phase,
    /// How it ended.
    pub verdict: Verdict,
    /// The level at which the case judges.
    #[serde(with = "crate::requirement::level")]
    pub level: Level,
    /// The requirements that it tests, its own first.
    pub requirements: Vec<String>,
    /// What was not as required.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deviations: Vec<Deviation>,
    /// The legal outcomes of the step that decided, in words.
    pub legal: Vec<String>,
    /// What came, absent where nothing did.
    pub actual: Option<Actual>,
    /// The request and response of the step that decided.
    pub exchange: Option<Exchange>,
    /// The exchanges of the steps before, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Exchange>,
    /// A curl command that sends the request again.
    pub curl: Option<String>,
    /// Why the case was not run, what could not be checked, and the like.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// How long the case took, in milliseconds.
    pub ms: u64,
}

/// A requirement that did not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deviation {
    /// The requirement's id.
    pub requirement: String,
    /// Its level.
    #[serde(with = "crate::requirement::level")]
    pub level: Level,
    /// Its statement.
    pub statement: String,
    /// Its source.
    pub source: String,
    /// What was seen instead, in words.
    pub found: String,
    /// The same as data, for reports that point at the place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
}

/// What differs, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// A place as [`Check::at`](crate::case::Check::at) names it, or `@answer` for the answer as a
    /// whole, or `@created` for the policies that exist afterwards.
    pub at: String,
    /// What is legal there: the text itself where `exact` is set, words otherwise.
    pub wanted: String,
    /// What stands there, absent where nothing does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub got: Option<String>,
    /// Whether `wanted` is the very text that is due.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exact: bool,
}

impl Difference {
    /// The place that stands for the answer as a whole.
    pub const ANSWER: &'static str = "@answer";
    /// The place that stands for the policies that exist after the answer.
    pub const CREATED: &'static str = "@created";

    /// A difference from something that is wanted in words.
    pub(crate) fn new(at: impl Into<String>, wanted: String, got: Option<String>) -> Self {
        Self {
            at: at.into(),
            wanted,
            got,
            exact: false,
        }
    }
}

/// What a subject answered, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actual {
    /// The HTTP status.
    pub status: u16,
    /// The first error code, absent in a success.
    pub code: Option<String>,
    /// The request id in the body.
    pub request_id: Option<String>,
}

/// A request and its response, as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// The request, signatures and session tokens taken out.
    pub request: Message,
    /// The response, absent where none came.
    pub response: Option<Message>,
}

/// An HTTP message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The request line or the status line.
    pub start: String,
    /// The headers, in order.
    pub headers: Vec<(String, String)>,
    /// The body; bytes that are not UTF-8 are replaced, see `body_hex`.
    pub body: String,
    /// The body in hexadecimal, where it is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_hex: Option<String>,
}

/// The totals of a run. Every selected case is in exactly one of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The selected cases.
    pub total: usize,
    /// Those that passed.
    pub pass: usize,
    /// Those that broke a must.
    pub fail: usize,
    /// Those that broke a should.
    pub warn: usize,
    /// Those that the server does not implement.
    pub unimplemented: usize,
    /// Those that could not be run.
    pub not_run: usize,
    /// Those that were not selected; not in the total.
    pub skipped: usize,
    /// Whether the subject could not be reached or died.
    pub unreachable: bool,
    /// How often codec and referee differed: a fault of the harness.
    pub harness_faults: usize,
    /// How long the run took, in milliseconds.
    pub ms: u64,
}

impl Summary {
    /// Counts a case.
    pub(crate) fn count(&mut self, verdict: Verdict) {
        self.total += 1;
        match verdict {
            Verdict::Pass => self.pass += 1,
            Verdict::Fail => self.fail += 1,
            Verdict::Warn => self.warn += 1,
            Verdict::Unimplemented => self.unimplemented += 1,
            Verdict::NotRun => self.not_run += 1,
            Verdict::Skipped => {
                self.total -= 1;
                self.skipped += 1;
            }
        }
    }

    /// The exit code that a run ends with.
    ///
    /// | code | meaning |
    /// |---|---|
    /// | 0 | no must is broken |
    /// | 1 | a must is broken |
    /// | 3 | the subject cannot be reached or died, or the harness is at fault |
    /// | 4 | nothing ran |
    pub fn exit_code(&self) -> u8 {
        if self.unreachable || self.harness_faults > 0 {
            3
        } else if self.fail > 0 {
            1
        } else if self.total == self.not_run {
            4
        } else {
            0
        }
    }
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Line<'r> {
    Run(&'r RunHead),
    Case(&'r CaseRecord),
    Summary(&'r Summary),
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum ReadLine {
    Run(RunHead),
    Case(Box<CaseRecord>),
    Summary(Summary),
}

/// A record that cannot be read.
#[derive(Debug)]
pub struct RecordError {
    /// The line, from 1.
    line: usize,
    what: String,
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for RecordError {}

impl RunRecord {
    /// Writes the record as lines of JSON: `run`, a `case` each, `summary`.
    pub fn write_ndjson(&self, mut writer: impl Write) -> io::Result<()> {
        let lines = std::iter::once(Line::Run(&self.run))
            .chain(self.cases.iter().map(Line::Case))
            .chain(std::iter::once(Line::Summary(&self.summary)));
        for line in lines {
            serde_json::to_writer(&mut writer, &line)?;
            writer.write_all(b"\n")?;
        }
        writer.flush()
    }

    /// Reads what [`write_ndjson`](Self::write_ndjson) wrote.
    ///
    /// Fails with the line's number where one is damaged, of a kind that is not known, or missing.
    pub fn read_ndjson(reader: impl BufRead) -> Result<Self, RecordError> {
        let (mut head, mut cases, mut summary) = (None, Vec::new(), None);
        let mut number = 0;
        for line in reader.lines() {
            number += 1;
            let error = |what: String| RecordError { line: number, what };
            let line = line.map_err(|e| error(e.to_string()))?;
            if line.trim().is_empty() {
                continue;
            }
            let line = serde_json::from_str(&line).map_err(|e| error(e.to_string()))?;
            match line {
                ReadLine::Run(run) if head.is_none() => head = Some(run),
                ReadLine::Summary(totals) if summary.is_none() => summary = Some(totals),
                ReadLine::Case(case) if head.is_some() && summary.is_none() => cases.push(*case),
                ReadLine::Run(_) | ReadLine::Summary(_) | ReadLine::Case(_) => {
                    return Err(error(
                        "a record is one run, its cases, and one summary".into(),
                    ));
                }
            }
        }
        let missing = |what: &str| RecordError {
            line: number + 1,
            what: format!("the {what} line is missing"),
        };
        Ok(Self {
            run: head.ok_or_else(|| missing("run"))?,
            cases,
            summary: summary.ok_or_else(|| missing("summary"))?,
        })
    }
}
