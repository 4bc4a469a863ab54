//! The data that all reports show, computed once.

use super::Settings;
use super::expected;
use super::group::{self, Causes, Group, Unjudged};
use super::matrix::Matrix;
use super::misread::{Misreading, Misreadings};
use crate::catalogue::CatalogueError;
use crate::explain::Reading;
use crate::format::case::Phase;
use crate::record::{CaseRecord, Kind, RunRecord, Summary, Verdict};
use crate::text::{count_of, shell_quoted};

/// A record with the data that reports derive from it.
#[derive(Debug)]
pub(super) struct View<'r> {
    pub(super) record: &'r RunRecord,
    /// What failed or warned, grouped by cause.
    pub(super) groups: Vec<Group<'r>>,
    /// What was not judged, grouped by reason.
    pub(super) unjudged: Vec<Unjudged<'r>>,
    /// What was judged of each resource.
    pub(super) matrix: Matrix<'r>,
    /// The known failures, and why the run ended early.
    pub(super) known: Vec<expected::Line>,
    misreadings: Misreadings,
    record_path: Option<&'r str>,
}

impl<'r> View<'r> {
    /// Fails only if an embedded table is invalid; a test checks that none is.
    pub(super) fn new(
        record: &'r RunRecord,
        settings: &'r Settings,
    ) -> Result<Self, CatalogueError> {
        let mut groups = Causes::embedded()?.group(record);
        group::tell_apart(&mut groups);
        Ok(Self {
            record,
            groups,
            unjudged: group::unjudged(record),
            matrix: Matrix::of(&record.cases),
            known: expected::lines(record),
            misreadings: Misreadings::embedded()?,
            record_path: settings.record_path.as_deref(),
        })
    }

    /// The misreadings that the case's response causes in some clients, if the case failed or warned.
    pub(super) fn misreadings(&self, reading: &Reading<'_>) -> Vec<&Misreading> {
        // A client under test gets such responses on purpose.
        let is_servers = self.record.run.kind != Kind::Client;
        if is_servers && is_blamed(reading.case.verdict) {
            self.misreadings.of(reading)
        } else {
            Vec::new()
        }
    }

    /// The command that runs the case again, if there is one.
    pub(super) fn replay(&self, case: &CaseRecord) -> Option<Replay> {
        let run = &self.record.run;
        match run.kind {
            Kind::Server => {
                let path = self.record_path.unwrap_or("run.ndjson");
                Some(Replay {
                    title: "Run it again and compare",
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

    /// The phases that have cases, with their cases.
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
    /// Whether the record that the command names was written.
    pub(super) is_recorded: bool,
}

/// Whether a requirement was broken.
pub(super) fn is_blamed(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Fail | Verdict::Warn)
}

/// The totals of a run, with labels, in the order of the reports.
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

/// What else a reader of the counts must know.
pub(super) fn remarks(s: &Summary) -> Vec<String> {
    let mut remarks = Vec::new();
    if s.unreachable {
        remarks.push("the subject was unreachable or died".into());
    }
    for (waits, what) in [
        (s.waited_for_answers, "an answer"),
        (s.waited_for_states, "a change of state"),
    ] {
        if waits > 0 {
            let waits = count_of(usize::try_from(waits).unwrap_or(usize::MAX), "long wait");
            remarks.push(format!(
                "{waits} for {what}; after that, the run waited only briefly"
            ));
        }
    }
    if s.busy > 0 {
        remarks.push(format!(
            "{} not run because the server was busy or failed just then; --retries 2 repeats such cases",
            count_of(s.busy, "case")
        ));
    }
    if !s.endless.is_empty() {
        remarks.push(format!(
            "the listing of {} has no end that was reached, so what it lists was not looked at",
            s.endless.join(" and of ")
        ));
    }
    remarks.extend(s.left.iter().map(ToString::to_string));
    if s.harness_faults > 0 {
        remarks.push(format!(
            "{} in the harness itself; see the notes",
            count_of(s.harness_faults, "fault")
        ));
    }
    if s.total == 0 {
        remarks.push("no case was selected".into());
    } else if s.judged_too_little() && !s.unreachable {
        let judged = s.judged();
        remarks.push(format!(
            "too little was judged: {judged} of {}, expected at least {} %",
            count_of(s.total, "case"),
            s.min_judged
        ));
    }
    remarks
}

/// The remarks as sentences.
pub(super) fn remarks_in_sentences(summary: &Summary) -> impl Iterator<Item = String> {
    remarks(summary).into_iter().map(|remark| {
        let mut letters = remark.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        format!("{}{}.", first.unwrap_or_default(), letters.as_str())
    })
}

/// Milliseconds as seconds, with two decimals.
pub(crate) fn seconds(ms: u64) -> String {
    format!("{}.{:02}", ms / 1000, ms % 1000 / 10)
}
