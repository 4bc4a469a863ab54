//! The record of a run: one line of JSON for each case. Every report is rendered from it.

pub mod generated;
pub mod left;
pub mod place;

pub use generated::Generated;
pub use left::Left;
pub use place::{Place, Spot};

use crate::format::aspect::Aspect;
use crate::format::case::Phase;
use crate::format::requirement::Requirement;
use crate::text::{from_hex, hex, is_unseen};
use ec2wire::contract::Level;
use serde::{Deserialize, Serialize};
use serde_json::ser::Formatter;
use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::io::{self, BufRead, Write};
use std::ops::Range;

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

/// Cuts a text before the character with which it exceeds that many bytes.
fn truncate(text: &mut String, most: usize) {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
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

/// A request and its response, as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// The request, without signatures and session tokens.
    pub request: Message,
    /// The response; absent if there was none.
    pub response: Option<Message>,
}

/// An HTTP message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The request line or the status line.
    pub start: String,
    /// The headers, in order.
    pub headers: Vec<(String, String)>,
    /// The body; bytes that are not UTF-8 are replaced, see `body_hex`.
    pub body: String,
    /// The body in hexadecimal, if it is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_hex: Option<String>,
    /// Whether a secret was removed from the body or the target: letters replace its bytes one by
    /// one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub redacted: bool,
    /// Whether this is only a part of the message, which says nothing about the whole.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
}

impl Message {
    /// Sets the body to these bytes.
    pub fn bytes(&self) -> Cow<'_, [u8]> {
        self.body_hex
            .as_deref()
            .and_then(from_hex)
            .map_or(Cow::Borrowed(self.body.as_bytes()), Cow::Owned)
    }

    /// The body as it was on the wire.
    ///
    /// # Errors
    ///
    /// `body_hex` is present but not hexadecimal.
    pub fn body(&self) -> Result<Vec<u8>, MalformedMessage> {
        match &self.body_hex {
            Some(hex) => from_hex(hex).ok_or(MalformedMessage::BodyHex),
            None => Ok(self.body.clone().into_bytes()),
        }
    }

    /// Cuts the parts of the message that are longer than that many bytes: the first line, the
    /// headers together, and the body.
    pub fn shorten(&mut self, most: usize) {
        let is_long = |text: &str| text.len() > most;
        self.cut |= is_long(&self.start);
        truncate(&mut self.start, most);
        let mut length = 0;
        let before = self.headers.len();
        self.headers.retain(|(name, value)| {
            length += name.len() + value.len();
            length <= most
        });
        self.cut |= self.headers.len() < before;
        if is_long(&self.body) || self.body_hex.is_some() {
            let mut bytes = self.bytes().into_owned();
            if bytes.len() > most {
                self.cut = true;
                bytes.truncate(most);
                // The bytes of a text are never cut within a character.
                if self.body_hex.is_none() {
                    truncate(&mut self.body, most);
                } else {
                    self.body = String::from_utf8_lossy(&bytes).into_owned();
                    self.body_hex = Some(hex(&bytes));
                }
            }
        }
    }

    /// How many bytes it takes in memory, roughly.
    pub fn size(&self) -> usize {
        let headers = self.headers.iter();
        let headers: usize = headers.map(|(name, value)| name.len() + value.len()).sum();
        let hex = self.body_hex.as_ref().map_or(0, String::len);
        self.start.len() + headers + self.body.len() + hex
    }

    /// The words of the first line, separated by single spaces.
    fn words(&self) -> impl Iterator<Item = &str> {
        self.start.split(' ')
    }

    /// The method of a request; empty if there is none.
    pub fn method(&self) -> &str {
        self.words().next().unwrap_or_default()
    }

    /// The place of a request's method in the first line, in bytes.
    pub fn method_span(&self) -> Range<usize> {
        0..self.method().len()
    }

    /// The target of a request, or its whole URL if the record has that.
    pub fn target(&self) -> Option<&str> {
        self.words().nth(1)
    }

    /// The place of the first line's second word, in bytes: a request's target, or a response's
    /// status.
    pub fn second_span(&self) -> Range<usize> {
        let start = self.start.find(' ').map_or(0, |at| at + 1);
        let length = self.target().map_or(0, str::len);
        start..start + length
    }

    /// The query of a request's target.
    pub fn query(&self) -> Option<&str> {
        self.target()?.split_once('?').map(|(_, query)| query)
    }

    /// The HTTP version of a request, as in `HTTP/1.1`.
    pub fn version(&self) -> Option<&str> {
        self.words().nth(2)
    }

    /// The status of a response.
    ///
    /// # Errors
    ///
    /// The first line is not a status line.
    pub fn status(&self) -> Result<u16, MalformedMessage> {
        let status = self.words().nth(1).and_then(|word| word.parse().ok());
        status.ok_or_else(|| MalformedMessage::StatusLine(self.start.clone()))
    }

    /// The value of the first header with that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// Why a recorded message cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MalformedMessage {
    /// `body_hex` is not hexadecimal.
    BodyHex,
    /// The first line is not a status line.
    StatusLine(String),
}

impl fmt::Display for MalformedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BodyHex => f.write_str("its body_hex is not hexadecimal"),
            Self::StatusLine(line) => write!(f, "`{line}` is not a status line"),
        }
    }
}

impl std::error::Error for MalformedMessage {}

/// The totals of a run. Every selected case has one verdict and counts for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Summary {
    /// The selected cases.
    pub total: usize,
    /// Those that passed.
    pub pass: usize,
    /// Those that broke a MUST.
    pub fail: usize,
    /// Those that broke a SHOULD but no MUST.
    pub warn: usize,
    /// Those that the server does not implement.
    pub unimplemented: usize,
    /// Those that could not be run.
    pub not_run: usize,
    /// Those that were not selected; not in the total.
    pub skipped: usize,
    /// Those in `fail` that were expected, and so do not fail the run.
    #[serde(default, skip_serializing_if = "is_default")]
    pub expected_fail: usize,
    /// Those in `pass` that were expected not to pass.
    #[serde(default, skip_serializing_if = "is_default")]
    pub unexpected_pass: usize,
    /// Expectations that match no case of the catalogue.
    #[serde(default, skip_serializing_if = "is_default")]
    pub stale: usize,
    /// The percentage of the cases that must have been judged; 0 if any number is enough.
    #[serde(default, skip_serializing_if = "is_default")]
    pub min_judged: u8,
    /// Whether the subject could not be reached or died.
    pub unreachable: bool,
    /// What stopped the run before its last case, other than a dead subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Stopped>,
    /// How often the codec and the referee differed, which is a fault of the harness.
    pub harness_faults: usize,
    /// How many long waits there were for answers, or for results of calls, if the run then waited
    /// only briefly for others; otherwise 0.
    #[serde(default, skip_serializing_if = "is_default")]
    pub waited_for_answers: u32,
    /// How many long waits there were for states to become right, if the run then waited only briefly
    /// for others; otherwise 0.
    #[serde(default, skip_serializing_if = "is_default")]
    pub waited_for_states: u32,
    /// How many cases were not run because the server was busy or failed, if none was to be repeated.
    #[serde(default, skip_serializing_if = "is_default")]
    pub busy: usize,
    /// The actions whose listings have no end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub endless: Vec<String>,
    /// What the run made and a deletion left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<Left>,
    /// How long the run took, in milliseconds.
    pub ms: u64,
}

/// Reasons for a run to stop before its last case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stopped {
    /// The user.
    Interrupted,
    /// The time limit for the run.
    TimeLimit,
    /// The first failure, if the run was to stop there.
    FirstFailure,
    /// Being killed. No run writes this about itself: a record without a summary is read as this.
    Killed,
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Interrupted => "the run was interrupted",
            Self::TimeLimit => "the run reached its time limit",
            Self::FirstFailure => "the run stopped at its first failure",
            Self::Killed => "the run was killed, and its record ends early",
        })
    }
}

impl Summary {
    /// The totals of these cases.
    pub fn from_cases(cases: &[CaseRecord]) -> Self {
        let mut summary = Self::default();
        for case in cases {
            summary.count(case);
        }
        summary
    }

    /// Adds a case.
    pub fn count(&mut self, case: &CaseRecord) {
        self.total += 1;
        let expected_fail = case.verdict == Verdict::Fail && !case.is_unexpected_fail();
        self.expected_fail += usize::from(expected_fail);
        self.unexpected_pass += usize::from(case.is_unexpected_pass());
        match case.verdict {
            Verdict::Pass => self.pass += 1,
            Verdict::Fail => self.fail += 1,
            Verdict::Warn => self.warn += 1,
            Verdict::Unimplemented => self.unimplemented += 1,
            Verdict::NotRun => self.not_run += 1,
        }
    }

    /// How many cases passed, warned or failed.
    pub const fn judged(&self) -> usize {
        self.pass + self.warn + self.fail
    }

    /// Whether no case was judged, or fewer than [`min_judged`](Self#structfield.min_judged)
    /// demands.
    pub fn judged_too_little(&self) -> bool {
        let judged = self.judged();
        judged == 0 || judged * 100 < self.total * usize::from(self.min_judged)
    }

    /// The exit code of the run.
    ///
    /// | code | meaning |
    /// |---|---|
    /// | 0 | no MUST failed, except known failures |
    /// | 1 | another MUST failed, a known failure passed, or an entry of the list matches no case |
    /// | 3 | the subject was unreachable or died, the run was cut short, or the harness has a bug |
    /// | 4 | nothing or too little was judged |
    pub fn exit_code(&self) -> u8 {
        let cut = matches!(
            self.stopped,
            Some(Stopped::Interrupted | Stopped::TimeLimit | Stopped::Killed)
        );
        if self.unreachable || cut || self.harness_faults > 0 {
            3
        } else if self.fail > self.expected_fail || self.unexpected_pass > 0 || self.stale > 0 {
            1
        } else if self.judged_too_little() {
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

/// A record that could not be read.
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

/// JSON that also escapes what a terminal obeys or does not show, since people look at records.
struct Escaped;

impl Formatter for Escaped {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        to: &mut W,
        text: &str,
    ) -> io::Result<()> {
        let mut rest = text;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_unseen(*c)) {
            let (before, after) = rest.split_at(at);
            // All of them are below U+10000.
            write!(to, "{before}\\u{:04x}", u32::from(c))?;
            rest = after.get(c.len_utf8()..).unwrap_or_default();
        }
        to.write_all(rest.as_bytes())
    }
}

/// Writes a record line by line during the run. Each line is flushed, so that a killed run leaves
/// everything up to then.
#[derive(Debug)]
pub struct NdjsonWriter<W>(W);

impl<W: Write> NdjsonWriter<W> {
    /// Writes to `writer`.
    pub fn new(writer: W) -> Self {
        Self(writer)
    }

    /// Writes the first line.
    pub fn run(&mut self, run: &RunHead) -> io::Result<()> {
        self.line(&Line::Run(run))
    }

    /// Writes a case's line.
    pub fn case(&mut self, case: &CaseRecord) -> io::Result<()> {
        self.line(&Line::Case(case))
    }

    /// Writes the last line.
    pub fn summary(&mut self, summary: &Summary) -> io::Result<()> {
        self.line(&Line::Summary(summary))
    }

    fn line(&mut self, line: &Line<'_>) -> io::Result<()> {
        let mut to = serde_json::Serializer::with_formatter(&mut self.0, Escaped);
        line.serialize(&mut to)?;
        self.0.write_all(b"\n")?;
        self.0.flush()
    }
}

/// The readable part of a record whose run may have been killed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartialRecord {
    /// What ran against what.
    pub run: RunHead,
    /// The cases that were written.
    pub cases: Vec<CaseRecord>,
    /// The totals; absent if the run did not get that far.
    pub summary: Option<Summary>,
}

impl RunRecord {
    /// A record of these cases, with their totals.
    pub fn from_cases(run: RunHead, cases: Vec<CaseRecord>) -> Self {
        Self {
            run,
            summary: Summary::from_cases(&cases),
            cases,
        }
    }

    /// Writes the record as lines of JSON: `run`, then a `case` for each case, then `summary`.
    pub fn write_ndjson(&self, writer: impl Write) -> io::Result<()> {
        let mut writer = NdjsonWriter::new(io::BufWriter::new(writer));
        writer.run(&self.run)?;
        for case in &self.cases {
            writer.case(case)?;
        }
        writer.summary(&self.summary)
    }

    /// Reads what [`write_ndjson`](Self::write_ndjson) wrote.
    ///
    /// Fails with the line's number if a line is damaged, of an unknown kind, or missing.
    pub fn read_ndjson(reader: impl BufRead) -> Result<Self, RecordError> {
        let (number, read) = read_lines(reader, false)?;
        Ok(Self {
            run: read.run,
            cases: read.cases,
            summary: read
                .summary
                .ok_or_else(|| RecordError::missing(number, "summary"))?,
        })
    }
}

impl PartialRecord {
    /// Reads a record that may be cut off anywhere after its first line, even within a line.
    ///
    /// Fails with the line's number if a complete line is damaged or of an unknown kind, or if the
    /// first line is missing.
    pub fn read_ndjson(reader: impl BufRead) -> Result<Self, RecordError> {
        read_lines(reader, true).map(|(_, read)| read)
    }

    /// A complete record. If the totals are missing, they are counted from the cases that were
    /// written; selected cases that are missing count as not run.
    pub fn into_whole(self) -> RunRecord {
        let Self {
            run,
            cases,
            summary,
        } = self;
        let summary = summary.unwrap_or_else(|| {
            let mut summary = Summary {
                stale: run.stale.len(),
                stopped: Some(Stopped::Killed),
                ms: cases.iter().map(|case| case.ms).sum(),
                ..Summary::from_cases(&cases)
            };
            let missing = run.selected.saturating_sub(cases.len());
            summary.total += missing;
            summary.not_run += missing;
            summary
        });
        RunRecord {
            run,
            cases,
            summary,
        }
    }
}

impl RecordError {
    fn missing(lines: usize, what: &str) -> Self {
        Self {
            line: lines + 1,
            what: format!("the {what} line is missing"),
        }
    }
}

/// The number of lines and the record. With `cut_short`, a last line without a line feed may be
/// damaged: the run ended while writing it.
fn read_lines(
    mut reader: impl BufRead,
    cut_short: bool,
) -> Result<(usize, PartialRecord), RecordError> {
    let (mut head, mut cases, mut summary) = (None, Vec::new(), None);
    let mut number = 0;
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        let error = |what: String| RecordError {
            line: number + 1,
            what,
        };
        let length = reader
            .read_until(b'\n', &mut bytes)
            .map_err(|e| error(e.to_string()))?;
        if length == 0 {
            break;
        }
        let line = bytes.trim_ascii();
        if !line.is_empty() {
            match serde_json::from_slice(line) {
                Ok(ReadLine::Run(run)) if head.is_none() => head = Some(run),
                Ok(ReadLine::Summary(totals)) if summary.is_none() => summary = Some(totals),
                Ok(ReadLine::Case(case)) if head.is_some() && summary.is_none() => {
                    cases.push(*case);
                }
                Ok(ReadLine::Run(_) | ReadLine::Summary(_) | ReadLine::Case(_)) => {
                    return Err(error(
                        "a record must be one `run`, its `case` lines, and one `summary`".into(),
                    ));
                }
                Err(_) if cut_short && head.is_some() && !bytes.ends_with(b"\n") => break,
                Err(e) => return Err(error(e.to_string())),
            }
        }
        number += 1;
    }
    let run = head.ok_or_else(|| RecordError::missing(number, "run"))?;
    Ok((
        number,
        PartialRecord {
            run,
            cases,
            summary,
        },
    ))
}
