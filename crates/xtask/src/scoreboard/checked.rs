//! `checked.toml`: which findings were looked at by hand, and what was seen.

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
    /// The versions of its package that this was seen with.
    pub(super) versions: Vec<String>,
    /// The case whose request was sent. It stands for its finding: the others of it show the same.
    pub(super) case: String,
    pub(super) verdict: Judgement,
    /// What was sent and what came, in short.
    pub(super) answer: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Judgement {
    /// The server does what the finding says, and the requirement's source says otherwise.
    Confirmed,
    /// The server may be right.
    Doubtful,
}

impl Checked {
    /// Whether it is about this finding of the server, at the version that was judged.
    pub(super) fn speaks_of(&self, result: &ServerResult, finding: &Finding) -> bool {
        let Outcome::Judged(judged) = &result.outcome else {
            return false;
        };
        let package = judged.packages.first();
        self.server == result.server
            && package.is_some_and(|package| self.versions.contains(&package.version))
            && finding.cases.contains(&self.case)
    }
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
        if entry.answer.trim().is_empty() || entry.versions.is_empty() {
            let Checked { server, case, .. } = entry;
            return Err(
                format!("checked.toml: {server}: `{case}` lacks answer or versions").into(),
            );
        }
    }
    Ok(file.checked)
}
