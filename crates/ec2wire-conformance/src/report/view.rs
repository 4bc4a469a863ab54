//! What all reports show of a record, computed once.

use super::Settings;
use super::expected;
use super::group::{self, Causes, Group, Unjudged};
use super::misread::{Misreading, Misreadings};
use crate::catalogue::CatalogueError;
use crate::explain::Reading;
use crate::format::case::Phase;
use crate::record::{CaseRecord, Kind, RunRecord, Verdict};
use crate::text::shell_quoted;

/// A record with all that reports show beside it.
#[derive(Debug)]
pub(super) struct View<'r> {
    pub(super) record: &'r RunRecord,
    /// What failed or warned, by cause.
    pub(super) groups: Vec<Group<'r>>,
    /// What was not judged, by reason.
    pub(super) unjudged: Vec<Unjudged<'r>>,
    /// The known failures, and what ended the run early.
    pub(super) known: Vec<expected::Line>,
    misreadings: Misreadings,
    record_path: Option<&'r str>,
}

impl<'r> View<'r> {
    /// Fails only where an embedded table is wrong, which a test excludes.
    pub(super) fn new(
        record: &'r RunRecord,
        settings: &'r Settings,
    ) -> Result<Self, CatalogueError> {
        Ok(Self {
            record,
            groups: Causes::embedded()?.group(record),
            unjudged: group::unjudged(record),
            known: expected::lines(record),
            misreadings: Misreadings::embedded()?,
            record_path: settings.record_path.as_deref(),
        })
    }

    /// The kinds of answer that the case's is and that some clients misread; for a case that broke
    /// something.
    pub(super) fn misreadings(&self, reading: &Reading<'_>) -> Vec<&Misreading> {
        // What a client under test was answered was meant to be so.
        let is_servers = self.record.run.kind != Kind::Client;
        if is_servers && is_blamed(reading.case.verdict) {
            self.misreadings.of(reading)
        } else {
            Vec::new()
        }
    }

    /// The command that runs the case again, where there is one.
    pub(super) fn replay(&self, case: &CaseRecord) -> Option<Replay> {
        let run = &self.record.run;
        match run.kind {
            Kind::Server => {
                let path = self.record_path.unwrap_or("run.ndjson");
                Some(Replay {
                    title: "Again, and compare",
                    command: format!(
                        "ec2wire replay {} {}",
                        shell_quoted(path),
                        shell_quoted(&case.id)
                    ),
                    is_recorded: self.record_path.is_some(),
                })
            }
            Kind::Client => {
                let id = shell_quoted(&case.id);
                Some(Replay {
                    title: "Again",
                    command: format!("ec2wire verify client --run {id} -- {}", run.endpoint),
                    is_recorded: true,
                })
            }
            Kind::Proxy | Kind::Lint => None,
        }
    }

    /// The phases that have cases, with them.
    pub(super) fn phases(&self) -> impl Iterator<Item = (Phase, Vec<&'r CaseRecord>)> {
        let record = self.record;
        Phase::ALL.into_iter().filter_map(move |phase| {
            let cases: Vec<_> = record.cases.iter().filter(|c| c.phase == phase).collect();
            (!cases.is_empty()).then_some((phase, cases))
        })
    }
}

/// How to run a case again from the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Replay {
    /// What the command does.
    pub(super) title: &'static str,
    pub(super) command: String,
    /// Whether the file that the command names was written.
    pub(super) is_recorded: bool,
}

/// Whether something was broken.
pub(super) fn is_blamed(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Fail | Verdict::Warn)
}

/// What counts in a run's totals, with the word for it, in the order of reports.
pub(super) fn totals(record: &RunRecord) -> [(Verdict, usize, &'static str); 5] {
    let s = &record.summary;
    [
        (Verdict::Pass, s.pass, "passed"),
        (Verdict::Fail, s.fail, "failed"),
        (Verdict::Warn, s.warn, "warned"),
        (Verdict::Unimplemented, s.unimplemented, "unimplemented"),
        (Verdict::NotRun, s.not_run, "not run"),
    ]
}

/// Milliseconds as seconds, with two digits behind the point.
pub(crate) fn seconds(ms: u64) -> String {
    format!("{}.{:02}", ms / 1000, ms % 1000 / 10)
}
