//! What a record finds, as data: for tools that tell of many servers.

use super::group::{self, Causes, Group, Unjudged};
use crate::catalogue::CatalogueError;
use crate::record::{CaseRecord, RunRecord, Verdict};
use serde::{Deserialize, Serialize};

/// Cases that failed or warned for one cause, under the headline that every report gives them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The worst of the cases': [`Fail`](Verdict::Fail) or [`Warn`](Verdict::Warn).
    pub verdict: Verdict,
    /// What is wrong, in one sentence.
    pub headline: String,
    /// What came in the first case, where the headline does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symptom: Option<String>,
    /// The ids of the cases, in the record's order; never none.
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

/// Cases that were not judged, for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// [`Unimplemented`](Verdict::Unimplemented) or [`NotRun`](Verdict::NotRun).
    pub verdict: Verdict,
    /// Why, as the first case has it.
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

/// What failed or warned, in the order of the reports. A case that was known to fail is in none.
///
/// Fails only where an embedded table is wrong, which a test excludes.
pub fn findings(record: &RunRecord) -> Result<Vec<Finding>, CatalogueError> {
    let groups = Causes::embedded()?.group(record);
    Ok(groups.iter().map(Finding::from).collect())
}

/// What was not judged, and why.
pub fn gaps(record: &RunRecord) -> Vec<Gap> {
    group::unjudged(record).iter().map(Gap::from).collect()
}

fn ids(cases: &[&CaseRecord]) -> Vec<String> {
    cases.iter().map(|case| case.id.clone()).collect()
}
