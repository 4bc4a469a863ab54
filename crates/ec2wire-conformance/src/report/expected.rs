//! The lines about known failures, and about why a run ended early.

use crate::record::{CaseRecord, Expected, RunRecord, Stopped, Verdict};
use crate::text::count_of;

/// A line of the report: a label and a text.
pub(super) type Line = (&'static str, String);

/// The lines, in order. Lines that fail the run come last, where they are seen.
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
            let text = format!("{id} passed, but it is listed under {}", listed(expected));
            lines.push(("no longer", text));
        }
    }
    for glob in &record.run.stale {
        lines.push(("stale", format!("the listed glob {glob} matches no case")));
    }
    if let Some(stopped) = summary.stopped {
        let missing = summary.total.saturating_sub(record.cases.len());
        let rest = match (stopped, missing) {
            (Stopped::Killed, 0) => "the totals are missing".to_owned(),
            (Stopped::Killed, missing) => format!("{} are missing", count_of(missing, "case")),
            _ => "the remaining cases were not run".to_owned(),
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
