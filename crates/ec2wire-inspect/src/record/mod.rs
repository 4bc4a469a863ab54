//! The record of a run: one line of JSON for each case. Every report is rendered from it.

pub mod generated;
pub mod left;
mod message;
mod ndjson;
pub mod place;
mod summary;

pub use generated::Generated;
pub use left::Left;
pub use message::{Exchange, MalformedMessage, Message};
pub use ndjson::{NdjsonWriter, PartialRecord, RecordError};
pub use place::{Place, Spot};
pub use summary::{Stopped, Summary};

use crate::format::aspect::Aspect;
use crate::format::case::Phase;
use crate::format::requirement::Requirement;
use ec2wire::contract::Level;
use message::truncate;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// The longest text that quotes an answer, in bytes.
const LONGEST_WORDS: usize = 4096;

/// How a case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every MUST and SHOULD held.
    Pass,
    /// A MUST is broken.
    Fail,
    /// A SHOULD is broken, but no MUST.
    Warn,
    /// The server says that it does not have the action.
    Unimplemented,
    /// A precondition failed, or the subject died.
    NotRun,
}

impl Verdict {
    /// The verdict's word in the record.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Unimplemented => "unimplemented",
            Self::NotRun => "not-run",
        }
    }

    /// The verdict for a list of deviations: the worst of them decides.
    pub fn from_deviations(deviations: &[Deviation]) -> Self {
        match deviations.iter().map(|deviation| deviation.level).max() {
            Some(Level::Must) => Self::Fail,
            Some(Level::Should) => Self::Warn,
            Some(Level::May) | None => Self::Pass,
        }
    }
}

/// A whole run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RunRecord {
    /// What ran against what.
    pub run: RunHead,
    /// The cases, in order.
    pub cases: Vec<CaseRecord>,
    /// The totals.
    pub summary: Summary,
}

/// The first line of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RunHead {
    /// The version of the program.
    pub version: String,
    /// What was judged.
    #[serde(default, skip_serializing_if = "is_default")]
    pub kind: Kind,
    /// The subject: a server's URL, a client's command, or the files that were read.
    pub endpoint: String,
    /// Whether the subject was the embedded reference endpoint, which is gone after the run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub embedded: bool,
    /// How many cases were selected; 0 in older records, which lack it.
    #[serde(default)]
    pub selected: usize,
    /// The start of the run: RFC 3339, UTC.
    pub started: String,
    /// The Region that the requests were signed for.
    pub region: String,
    /// The IPAM that the cases used, and its origin.
    pub ipam: String,
    /// The ids of the IPAMs that the cases used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ipam_ids: Vec<String>,
    /// Whether they were created for the run, and so are gone afterwards.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ipams_created: bool,
    /// The globs of expectations that match no case of the catalogue.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stale: Vec<String>,
    /// The requests that were generated, and their seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated: Option<Generated>,
}

/// What a run judges.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A server, by the cases' requests.
    #[default]
    Server,
    /// A client, by the answers that the cases give it.
    Client,
    /// Both, by the traffic that a proxy passed on.
    Proxy,
    /// Recorded messages.
    Lint,
}

/// A case's line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CaseRecord {
    /// The case's id.
    pub id: String,
    /// The case's title.
    pub title: String,
    /// The case's phase.
    pub phase: Phase,
    /// The name of the resource that the case is about, if it is one of the table of resources.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// What the case shows of it; absent if the case belongs to no cell of the matrix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aspect: Option<Aspect>,
    /// How it ended.
    pub verdict: Verdict,
    /// The case's level.
    #[serde(with = "crate::format::requirement::level")]
    pub level: Level,
    /// The requirements that it tests, its own first.
    pub requirements: Vec<String>,
    /// The requirements that were broken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deviations: Vec<Deviation>,
    /// The legal outcomes of the step that decided the verdict, in words.
    pub legal: Vec<String>,
    /// The answer; absent if there was none.
    pub actual: Option<Actual>,
    /// How a client read the answer, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<String>,
    /// The request and response of the step that decided the verdict.
    pub exchange: Option<Exchange>,
    /// The exchanges of the earlier steps, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Exchange>,
    /// A curl command that sends the request again.
    pub curl: Option<String>,
    /// Remarks: why the case was not run, what could not be checked, and the like.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// The entry for the case in the list of known failures. The verdict does not depend on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Expected>,
    /// How often the case was repeated because an attempt was inconclusive.
    #[serde(default, skip_serializing_if = "is_default")]
    pub retries: u32,
    /// How long the case took, in milliseconds.
    pub ms: u64,
}

impl RunHead {
    /// The head for a run that judges a subject of that kind; everything else is empty.
    pub fn new(kind: Kind, endpoint: impl Into<String>) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").into(),
            kind,
            endpoint: endpoint.into(),
            embedded: false,
            selected: 0,
            started: String::new(),
            region: String::new(),
            ipam: String::new(),
            ipam_ids: Vec::new(),
            ipams_created: false,
            stale: Vec::new(),
            generated: None,
        }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl CaseRecord {
    /// A case's record with nothing but its verdict.
    pub fn new(
        id: impl Into<String>,
        title: impl Into<String>,
        phase: Phase,
        level: Level,
        verdict: Verdict,
    ) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            phase,
            resource: None,
            aspect: None,
            verdict,
            level,
            requirements: Vec::new(),
            deviations: Vec::new(),
            legal: Vec::new(),
            actual: None,
            made: None,
            exchange: None,
            earlier: Vec::new(),
            curl: None,
            note: String::new(),
            expected: None,
            retries: 0,
            ms: 0,
        }
    }

    /// The level to show beside the verdict: that of the gravest requirement that a failed case broke,
    /// and otherwise the case's own.
    pub fn shown_level(&self) -> Level {
        let broken = self.deviations.iter().map(|deviation| deviation.level);
        match self.verdict {
            Verdict::Fail | Verdict::Warn => broken.max().unwrap_or(self.level),
            Verdict::Pass | Verdict::Unimplemented | Verdict::NotRun => self.level,
        }
    }

    /// Shortens what it says about an answer where that quotes more than anybody reads.
    pub fn shorten_words(&mut self) {
        let shorten = |text: &mut String| {
            if text.len() > LONGEST_WORDS {
                let length = text.len();
                truncate(text, LONGEST_WORDS);
                let _ = write!(text, ".. ({length} bytes in all)");
            }
        };
        shorten(&mut self.note);
        if let Some(actual) = &mut self.actual {
            actual.code.as_mut().map(shorten);
            actual.request_id.as_mut().map(shorten);
        }
        for deviation in &mut self.deviations {
            shorten(&mut deviation.found);
            if let Some(difference) = &mut deviation.difference {
                shorten(&mut difference.wanted);
                difference.got.as_mut().map(shorten);
            }
        }
    }

    /// Whether it breaks a MUST and is not listed as a known failure.
    pub fn is_unexpected_fail(&self) -> bool {
        self.verdict == Verdict::Fail && self.expected.is_none()
    }

    /// Whether it passes although it is listed as a known failure.
    pub fn is_unexpected_pass(&self) -> bool {
        self.verdict == Verdict::Pass && self.expected.is_some()
    }
}

/// An entry of a list of known failures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// A glob of case ids; `*` matches slashes too.
    pub glob: String,
    /// Why they do not pass.
    pub reason: String,
    /// A link to where this is being worked on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
    /// The versions of the subject that this applies to, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// A requirement that did not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deviation {
    /// The requirement's id.
    pub requirement: String,
    /// Its level.
    #[serde(with = "crate::format::requirement::level")]
    pub level: Level,
    /// Its statement.
    pub statement: String,
    /// Its source.
    pub source: String,
    /// What was found instead, in words.
    pub found: String,
    /// The same as data, for reports that mark the place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
}

impl Deviation {
    /// A finding that breaks a requirement. An unknown requirement gets the level MAY.
    pub fn new(
        id: String,
        requirement: Option<&Requirement>,
        found: String,
        difference: Option<Difference>,
    ) -> Self {
        Self {
            requirement: id,
            level: requirement.map_or(Level::May, |known| known.level),
            statement: requirement.map_or_else(String::new, |known| known.statement.clone()),
            source: requirement.map_or_else(String::new, |known| known.source.clone()),
            found,
            difference,
        }
    }

    /// The requirements that deviations break, without repetition, in order of first appearance.
    pub fn requirements(deviations: &[Self]) -> Vec<String> {
        let mut ids: Vec<String> = Vec::new();
        for deviation in deviations {
            if !ids.contains(&deviation.requirement) {
                ids.push(deviation.requirement.clone());
            }
        }
        ids
    }
}

/// A difference and its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Where it is.
    pub at: Place,
    /// What is legal there: the text itself if `exact` is set, otherwise words.
    pub wanted: String,
    /// What is there; absent if nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub got: Option<String>,
    /// Whether `wanted` is the exact text expected.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exact: bool,
}

impl Difference {
    /// A difference whose expectation is in words.
    pub fn new(at: impl Into<Place>, wanted: String, got: Option<String>) -> Self {
        Self {
            at: at.into(),
            wanted,
            got,
            exact: false,
        }
    }
}

/// A short form of a subject's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actual {
    /// The HTTP status.
    pub status: u16,
    /// The first error code; absent in a success.
    pub code: Option<String>,
    /// The request id in the body.
    pub request_id: Option<String>,
}
