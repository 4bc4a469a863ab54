//! The rules for an answer: it must follow the protocol, and the document around its members must
//! be right.

use crate::catalogue::Catalogue;
use crate::judge::{self, Finding};
use crate::record::{Deviation, Difference, Place};
use crate::wire::Answered;
use ec2wire_model::Timestamp;

/// The lists of checks that hold for every answer.
const LISTS: [&str; 4] = [
    "success-envelope",
    "error-envelope",
    "answer-time",
    "model-answer",
];

/// The requirements for servers that the answer breaks.
pub(super) fn check(
    servers: &Catalogue,
    action: Option<&str>,
    answered: &Answered,
    now: Option<Timestamp>,
) -> Vec<Deviation> {
    let deviation = |finding: Finding| {
        let id = finding.requirement.unwrap_or_default();
        let known = servers.requirement(&id);
        Deviation::new(id, known, finding.found, finding.difference)
    };
    let is_error = answered.status >= 400 && answered.codes().iter().any(|code| !code.is_empty());
    if !is_error && !judge::is_success(action, answered) {
        let found = judge::describe(action, answered);
        let wanted = match action {
            Some(action) => format!("a success with `{action}Response`, or an error of EC2"),
            None => "a success, or an error of EC2".into(),
        };
        return vec![deviation(Finding {
            requirement: Some("answered-in-protocol".into()),
            difference: Some(Difference::new(Place::Answer, wanted, Some(found.clone()))),
            found,
        })];
    }
    let lookup = |name: &str| match name.strip_prefix("this:") {
        // An absent text fails the check.
        Some(path) => Some(answered.text_at(path).unwrap_or_else(|| "(absent)".into())),
        None if name == "now" => now.map(|now| now.to_string()),
        None => None,
    };
    LISTS
        .into_iter()
        .flat_map(|list| servers.named_checks(list))
        .filter(|check| {
            check
                .of
                .is_none_or(|kind| judge::is_kind(kind, action, answered))
        })
        .filter_map(|check| {
            judge::check(check, action, answered, &lookup, &|_| None)
                .ok()
                .flatten()
        })
        .map(deviation)
        .collect()
}
