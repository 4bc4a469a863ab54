//! The totals of a run, and its exit code.

use super::{CaseRecord, Left, Verdict, is_default};
use serde::{Deserialize, Serialize};
use std::fmt;

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
