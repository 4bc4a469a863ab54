//! A client's results, as a file that changes only if the client does.

use super::Outcome;
use super::sends::Sends;
use ec2wire_conformance::record::{CaseRecord, RunRecord};
use globset::Glob;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The results of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Results {
    /// What was judged.
    pub(super) version: String,
    pub(super) cases: usize,
    pub(super) pass: usize,
    pub(super) fail: usize,
    pub(super) warn: usize,
    /// How it writes its requests.
    pub(super) sends: Sends,
    /// The requirements it broke.
    #[serde(default)]
    pub(super) finding: Vec<Finding>,
    /// How it read each response, by case.
    pub(super) made: BTreeMap<String, String>,
}

/// A requirement that a client broke.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Finding {
    pub(super) case: String,
    pub(super) level: String,
    pub(super) requirement: String,
    pub(super) statement: String,
    pub(super) found: String,
}

/// What a person saw in the bytes of the findings.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Checked {
    #[serde(default)]
    pub(super) check: Vec<Check>,
}

/// What was seen for some findings of a client.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Check {
    /// The client's name.
    pub(super) client: String,
    /// The version that was checked, as the results name it.
    pub(super) version: String,
    /// The cases, by a glob.
    pub(super) cases: String,
    /// The requirement that is broken.
    pub(super) requirement: String,
    /// What the bytes show, in a sentence.
    pub(super) saw: String,
}

impl Check {
    pub(super) fn is_of(&self, client: &str, version: &str, finding: &Finding) -> bool {
        self.client == client
            && self.version == version
            && self.requirement == finding.requirement
            && Glob::new(&self.cases)
                .is_ok_and(|glob| glob.compile_matcher().is_match(&finding.case))
    }
}

impl Results {
    pub(super) fn of(version: String, record: &RunRecord) -> Self {
        let findings = record.cases.iter().flat_map(|case| {
            // A MAY is reported with what the clients send.
            let broken = case
                .deviations
                .iter()
                .filter(|one| one.level.to_string() != "may");
            broken.map(|one| Finding {
                case: case.id.clone(),
                level: one.level.to_string(),
                requirement: one.requirement.clone(),
                statement: one.statement.clone(),
                found: steady(&one.found),
            })
        });
        let summary = &record.summary;
        let made = record.cases.iter().filter(|case| is_telling(case));
        Self {
            version,
            cases: summary.total,
            pass: summary.pass,
            fail: summary.fail,
            warn: summary.warn,
            sends: Sends::of(record),
            finding: findings.collect(),
            made: made
                .filter_map(|case| Some((case.id.clone(), steady(case.made.as_deref()?))))
                .collect(),
        }
    }

    pub(super) fn to_toml(&self) -> Outcome<String> {
        let text = toml::to_string_pretty(self)?;
        Ok(format!("# Written by `cargo xtask clients`.\n{text}"))
    }
}

/// Whether the way the client read the response is worth showing besides the verdict.
fn is_telling(case: &CaseRecord) -> bool {
    [
        "/damage/",
        "/error/no-code/",
        "/error/two/",
        "/error/spelling/",
        "/answer/open/",
        "/retry/",
    ]
    .iter()
    .any(|part| case.id.contains(part))
}

/// The text without parts that vary from run to run: ids, ports, memory addresses.
fn steady(text: &str) -> String {
    let mut steady = String::with_capacity(text.len());
    let mut word = String::new();
    let end = |word: &mut String, steady: &mut String| {
        let is_id = word.len() == 36 && word.matches('-').count() == 4;
        let is_address = word.starts_with("127.0.0.1:") || word.starts_with("0x");
        steady.push_str(match word.as_str() {
            _ if is_id => "(an id)",
            _ if is_address => "(an address)",
            word => word,
        });
        word.clear();
    };
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || "-.:".contains(c) {
            word.push(c);
        } else {
            end(&mut word, &mut steady);
            steady.push(if c.is_control() { ' ' } else { c });
        }
    }
    end(&mut word, &mut steady);
    match steady.char_indices().nth(160) {
        Some((at, _)) => format!("{}...", steady.get(..at).unwrap_or_default()),
        None => steady,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_addresses_are_masked() {
        assert_eq!(
            steady("at http://127.0.0.1:4566/ \"85cdc8eb-0086-4dba-8550-0d5f5106e2e4\" 0x7f\n."),
            "at http://(an address)/ \"(an id)\" (an address) ."
        );
        assert_eq!(steady("127.0.0.1:1 a"), "(an address) a");
    }
}
