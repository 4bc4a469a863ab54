//! `checked.toml`: which findings were checked by hand, and what was seen.

use super::Fallible;
use super::result::{Outcome, ServerResult};
use ec2wire_conformance::report::Finding;
use serde::Deserialize;
use std::fs;
use std::path::Path;

/// A request that was sent by hand.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Checked {
    /// The server's name in `servers.toml`.
    pub(super) server: String,
    /// The package versions that were checked.
    pub(super) versions: Vec<String>,
    /// The cases whose requests were sent. Each represents its finding: the other cases of the finding
    /// show the same.
    pub(super) cases: Vec<String>,
    pub(super) verdict: Judgement,
    /// What was sent and what was received, in short.
    pub(super) answer: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Judgement {
    /// The server behaves as the finding says, and the requirement's source contradicts that.
    Confirmed,
    /// The server may be right.
    Doubtful,
}

impl Checked {
    /// Whether the check applies to this server, in the judged version.
    pub(super) fn is_about(&self, result: &ServerResult) -> bool {
        let Outcome::Judged(judged) = &result.outcome else {
            return false;
        };
        let package = judged.packages.first();
        self.server == result.server
            && package.is_some_and(|package| self.versions.contains(&package.version))
    }

    /// The first case of the check that belongs to this finding.
    pub(super) fn case_of(&self, result: &ServerResult, finding: &Finding) -> Option<&str> {
        let mut cases = self.cases.iter().filter(|_| self.is_about(result));
        let case = cases.find(|case| finding.cases.contains(case));
        case.map(String::as_str)
    }
}

/// The cases of checks that are in no finding of the results, and so are stale.
pub(super) fn stale(checked: &[Checked], results: &[ServerResult]) -> Vec<String> {
    let is_found = |entry: &Checked, case: &String| {
        let mut about = results.iter().filter(|result| entry.is_about(result));
        about.any(|result| {
            result
                .findings()
                .any(|finding| finding.cases.contains(case))
        })
    };
    let all = checked.iter().flat_map(|entry| {
        let cases = entry.cases.iter();
        cases.map(move |case| (entry, case))
    });
    all.filter(|(entry, case)| !is_found(entry, case))
        .map(|(entry, case)| {
            let server = &entry.server;
            format!("checked.toml: {server}: `{case}` is in no finding of the stored result")
        })
        .collect()
}

/// The entries, in the file's order.
pub(super) fn read(data: &Path) -> Fallible<Vec<Checked>> {
    let text = fs::read_to_string(data.join("checked.toml"))
        .map_err(|error| format!("checked.toml: {error}"))?;
    parse(&text)
}

pub(super) fn parse(text: &str) -> Fallible<Vec<Checked>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        #[serde(default)]
        checked: Vec<Checked>,
    }
    let file: File = toml::from_str(text).map_err(|error| format!("checked.toml: {error}"))?;
    for entry in &file.checked {
        let what = if entry.cases.is_empty() {
            "a case"
        } else if entry.versions.is_empty() {
            "a version"
        } else if entry.answer.trim().is_empty() {
            "what was answered"
        } else {
            continue;
        };
        let Checked { server, cases, .. } = entry;
        return Err(format!("checked.toml: {server}: {cases:?} lacks {what}").into());
    }
    Ok(file.checked)
}
