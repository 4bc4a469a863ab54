//! What a run says of the known failures, and of its own end where that came early.

use crate::record::{CaseRecord, Expected, RunRecord, Stopped, Verdict};
use crate::text::count_of;

/// A line of the report: a word that says what it is about, and the rest.
pub(super) type Line = (&'static str, String);

/// The lines, in order: what fails the run comes last, where it is seen.
pub(super) fn lines(record: &RunRecord) -> Vec<Line> {
    let summary = &record.summary;
    let mut lines = Vec::new();
    for case in record.cases.iter().filter(|case| is_known(case)) {
        if let Some(expected) = &case.expected {
            lines.push(("expected", entry(&case.id, expected)));
        }
    }
    for case in record.cases.iter().filter(|case| case.is_unexpected_pass()) {
        if let Some(expected) = &case.expected {
            let id = &case.id;
            let text = format!("{id} passes; it is listed under {}", listed(expected));
            lines.push(("no longer", text));
        }
    }
    for glob in &record.run.stale {
        lines.push(("stale", format!("the listed {glob} matches no case")));
    }
    if let Some(stopped) = summary.stopped {
        let missing = summary.total.saturating_sub(record.cases.len());
        let rest = match (stopped, missing) {
            (Stopped::Killed, 0) => "its totals are missing".to_owned(),
            (Stopped::Killed, missing) => format!("{} are missing", count_of(missing, "case")),
            _ => "the rest is not run".to_owned(),
        };
        lines.push(("stopped", format!("{stopped}; {rest}")));
    }
    lines
}

fn is_known(case: &CaseRecord) -> bool {
    case.expected.is_some() && !case.is_unexpected_pass() && case.verdict != Verdict::NotRun
}

fn entry(id: &str, expected: &Expected) -> String {
    let part = |label: &str, text: &Option<String>| match text {
        Some(text) => format!(" ({label}{text})"),
        None => String::new(),
    };
    let issue = part("", &expected.issue);
    let version = part("version ", &expected.version);
    format!("{id}: {}{issue}{version}", expected.reason)
}

fn listed(expected: &Expected) -> String {
    format!("{}: {}", expected.glob, expected.reason)
}
