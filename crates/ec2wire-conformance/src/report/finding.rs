//! The findings of a record as data, for tools that compare servers.

use super::group::{self, Causes, Group, Unjudged};
use crate::catalogue::CatalogueError;
use crate::record::{CaseRecord, RunRecord, Verdict};
use serde::{Deserialize, Serialize};

/// Cases that failed or warned for one cause, with the headline that every report shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The worst verdict of the cases: [`Fail`](Verdict::Fail) or [`Warn`](Verdict::Warn).
    pub verdict: Verdict,
    /// For a known cause, what is wrong; otherwise `expected: ` and the requirement's statement.
    pub headline: String,
    /// What the first case got; absent for a known cause, whose headline says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symptom: Option<String>,
    /// The ids of the cases, in the record's order; at least one.
    pub cases: Vec<String>,
}

impl From<&Group<'_>> for Finding {
    fn from(group: &Group<'_>) -> Self {
        Self {
            verdict: group.verdict,
            headline: group.headline.clone(),
            symptom: group.symptom.map(str::to_owned),
            cases: ids(&group.cases),
        }
    }
}

/// Cases that were not judged for the same reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// [`Unimplemented`](Verdict::Unimplemented) or [`NotRun`](Verdict::NotRun).
    pub verdict: Verdict,
    /// The reason, as the first case states it.
    pub reason: String,
    /// How many cases.
    pub cases: usize,
}

impl From<&Unjudged<'_>> for Gap {
    fn from(group: &Unjudged<'_>) -> Self {
        Self {
            verdict: group.verdict,
            reason: group.reason.to_owned(),
            cases: group.cases.len(),
        }
    }
}

/// What failed or warned, in the order of the reports. Known failures are left out.
///
/// Fails only if an embedded table is invalid; a test checks that none is.
pub fn findings(record: &RunRecord) -> Result<Vec<Finding>, CatalogueError> {
    let groups = Causes::embedded()?.group(record);
    Ok(groups.iter().map(Finding::from).collect())
}

/// What was not judged, with the reasons.
pub fn gaps(record: &RunRecord) -> Vec<Gap> {
    group::unjudged(record).iter().map(Gap::from).collect()
}

fn ids(cases: &[&CaseRecord]) -> Vec<String> {
    cases.iter().map(|case| case.id.clone()).collect()
}
