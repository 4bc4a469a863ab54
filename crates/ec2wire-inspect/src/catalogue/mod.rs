//! All requirements and cases: loaded, expanded, checked, and selected from.

mod check;
mod files;

pub mod answers;
#[cfg(feature = "harness")]
pub mod expectation;
pub mod known;
#[cfg(feature = "harness")]
pub mod mentions;
pub mod modelled;
#[cfg(feature = "harness")]
mod selection;
pub mod shard;

pub use crate::format::place::CatalogueError;
pub use files::{Reading, STORIES};
#[cfg(feature = "harness")]
pub use selection::Selection;

use crate::format::case::{Case, Check, Outcome, OutcomeSet, Step};
use crate::format::embedded;
use crate::format::place::{self, Mistake, Under as _};
use crate::format::requirement::{Requirement, RequirementFile};
use answers::Answers;
use ec2wire::contract::Level;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// The requirements and the cases that test them.
#[derive(Debug, Clone)]
pub struct Catalogue {
    requirements: BTreeMap<String, Requirement>,
    outcomes: BTreeMap<String, OutcomeSet>,
    checks: BTreeMap<String, Vec<Check>>,
    premises: BTreeMap<String, Vec<Step>>,
    cases: Vec<Case>,
    /// The answers that clients get; `None` if the cases are for servers.
    answers: Option<Answers>,
}

impl Catalogue {
    /// The embedded catalogue.
    ///
    /// Fails only if the embedded files are wrong, which a test excludes.
    ///
    /// ```
    /// let catalogue = ec2wire_inspect::Catalogue::embedded()?;
    /// assert!(catalogue.cases().len() >= 40);
    /// # Ok::<(), ec2wire_inspect::CatalogueError>(())
    /// ```
    pub fn embedded() -> Result<Self, CatalogueError> {
        let mut catalogue = Self::without_cases()?;
        for file in embedded::CASES {
            catalogue.add_cases(file.path, file.text)?;
        }
        Ok(catalogue)
    }

    /// The embedded requirements and outcomes without cases, for callers that add their own.
    ///
    /// Fails as [`embedded`](Self::embedded) does.
    pub fn without_cases() -> Result<Self, CatalogueError> {
        // Each run of client cases needs it again.
        static PARSED: LazyLock<Result<Catalogue, CatalogueError>> =
            LazyLock::new(Catalogue::parse_without_cases);
        PARSED.clone()
    }

    fn parse_without_cases() -> Result<Self, CatalogueError> {
        let RequirementFile { requirement } = place::read_embedded(embedded::REQUIREMENTS)?;
        let catalogue = Self {
            requirements: requirement.into_iter().map(|r| (r.id.clone(), r)).collect(),
            outcomes: place::read_embedded(embedded::OUTCOMES)?,
            checks: place::read_embedded(embedded::CHECKS)?,
            premises: place::read_embedded(embedded::PREMISES)?,
            cases: Vec::new(),
            answers: None,
        };
        for (name, set) in &catalogue.outcomes {
            let checked = check::outcomes(&catalogue, &set.legal, &set.tolerated);
            let wrong = |mistake| place::locate_embedded(embedded::OUTCOMES, &mistake);
            checked.under(name.as_str()).map_err(wrong)?;
        }
        for (name, checks) in &catalogue.checks {
            let wrong = |mistake| place::locate_embedded(embedded::CHECKS, &mistake);
            check::named(&catalogue, checks)
                .under(name.as_str())
                .map_err(wrong)?;
        }
        for (name, steps) in &catalogue.premises {
            let wrong = |mistake| place::locate_embedded(embedded::PREMISES, &mistake);
            check::premise(&catalogue, steps)
                .under(name.as_str())
                .map_err(wrong)?;
        }
        Ok(catalogue)
    }

    /// The embedded requirements for clients and their cases.
    ///
    /// Fails as [`embedded`](Self::embedded) does.
    ///
    /// ```
    /// let catalogue = ec2wire_inspect::Catalogue::clients()?;
    /// assert!(catalogue.cases().len() >= 60);
    /// # Ok::<(), ec2wire_inspect::CatalogueError>(())
    /// ```
    pub fn clients() -> Result<Self, CatalogueError> {
        let mut catalogue = Self::clients_without_cases()?;
        for file in embedded::CLIENT_CASES {
            catalogue.add_cases(file.path, file.text)?;
        }
        Ok(catalogue)
    }

    /// The embedded requirements and answers for clients without cases, for callers that add their
    /// own.
    ///
    /// Fails as [`embedded`](Self::embedded) does.
    pub fn clients_without_cases() -> Result<Self, CatalogueError> {
        let RequirementFile { requirement } = place::read_embedded(embedded::CLIENT_REQUIREMENTS)?;
        Ok(Self {
            requirements: requirement.into_iter().map(|r| (r.id.clone(), r)).collect(),
            outcomes: BTreeMap::new(),
            checks: BTreeMap::new(),
            premises: BTreeMap::new(),
            cases: Vec::new(),
            answers: Some(Answers::embedded()?),
        })
    }

    /// The answers that clients get, if the cases are for clients.
    pub fn answers(&self) -> Option<&Answers> {
        self.answers.as_ref()
    }

    /// The embedded data files, with their paths below a folder: the cases in `cases/`, and the
    /// requirements, outcomes and the like beside it.
    pub fn files() -> impl Iterator<Item = (String, String)> {
        let tables = embedded::EXPORTED.iter();
        let cases = embedded::CASES.iter().chain(embedded::STORIES);
        let files = tables.chain(cases).chain(embedded::CLIENT_CASES);
        files.map(|file| (file.path.to_owned(), file.with_schema_address()))
    }

    /// Checks a case the way a case file is checked.
    ///
    /// # Errors
    ///
    /// The first mistake found.
    pub fn check(&self, case: &Case) -> Result<(), Mistake> {
        check::case(self, case)
            .into_iter()
            .next()
            .map_or(Ok(()), Err)
    }

    /// Adds cases made by the program: generated ones, and those made from laws.
    pub fn add_generated(&mut self, cases: Vec<Case>) {
        self.cases.extend(cases);
    }

    /// Whether a set of outcomes has that name.
    pub fn has_outcomes(&self, name: &str) -> bool {
        self.outcomes.contains_key(name)
    }

    /// The names of the sets of outcomes.
    pub fn outcome_names(&self) -> impl Iterator<Item = &str> {
        self.outcomes.keys().map(String::as_str)
    }

    /// Whether a list of checks has that name.
    pub fn has_checks(&self, name: &str) -> bool {
        self.checks.contains_key(name)
    }

    /// The names of the lists of checks.
    pub fn check_names(&self) -> impl Iterator<Item = &str> {
        self.checks.keys().map(String::as_str)
    }

    /// The names of the lists of steps that cases may build on.
    pub fn premise_names(&self) -> impl Iterator<Item = &str> {
        self.premises.keys().map(String::as_str)
    }

    /// The outcomes of a step: those of the named set, then its own.
    pub fn outcomes(&self, step: &Step) -> OutcomeSet {
        let mut set = step
            .expect
            .as_ref()
            .and_then(|name| self.outcomes.get(name))
            .cloned()
            .unwrap_or_default();
        set.legal.extend(step.legal.iter().cloned());
        set.tolerated.extend(step.tolerated.iter().cloned());
        set
    }

    /// The checks of a step: its own, then those of the named lists.
    pub fn checks<'c>(&'c self, step: &'c Step) -> impl Iterator<Item = &'c Check> {
        let named = step.also.iter().filter_map(|name| self.checks.get(name));
        step.checks.iter().chain(named.flatten())
    }

    /// The checks of the list with that name; empty if there is no such list.
    pub fn named_checks(&self, name: &str) -> impl Iterator<Item = &Check> {
        self.checks.get(name).into_iter().flatten()
    }

    /// The legal outcomes of a step, in words.
    pub fn legal(&self, step: &Step) -> Vec<String> {
        self.outcomes(step)
            .legal
            .iter()
            .map(Outcome::in_words)
            .collect()
    }

    /// The cases, expanded, in the order of the files.
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// The requirement with that id.
    pub fn requirement(&self, id: &str) -> Option<&Requirement> {
        self.requirements.get(id)
    }

    /// All requirements, by id.
    pub fn requirements(&self) -> impl Iterator<Item = &Requirement> {
        self.requirements.values()
    }

    /// The level of a case: that of its requirement.
    pub fn level(&self, case: &Case) -> Level {
        self.level_of(&case.requirement)
    }

    /// The level of a requirement, by its id.
    pub fn level_of(&self, requirement: &str) -> Level {
        // Every id was checked when its case was added.
        self.requirement(requirement)
            .map_or(Level::May, |requirement| requirement.level)
    }

    /// Every requirement that a case tests, its own first.
    pub fn tested_by<'c>(&'c self, case: &'c Case) -> Vec<String> {
        let mut ids = vec![case.requirement.clone()];
        for step in &case.steps {
            let checks = self
                .checks(step)
                .filter_map(|check| check.requirement.clone());
            let tolerated = self
                .outcomes(step)
                .tolerated
                .into_iter()
                .map(|t| t.requirement);
            ids.extend(checks.chain(tolerated));
        }
        let mut seen = BTreeSet::new();
        ids.retain(|id| seen.insert(id.clone()));
        ids
    }

    /// Finds problems of the catalogue as a whole: requirements that have neither a case nor a
    /// reason for that, and requirements and cases that are binding without evidence.
    pub fn problems(&self) -> Vec<String> {
        let tested: BTreeSet<String> = self
            .cases
            .iter()
            .flat_map(|case| self.tested_by(case))
            .collect();
        let mut problems = Vec::new();
        for case in self
            .cases
            .iter()
            .filter(|case| self.level(case) == Level::May)
        {
            for step in &case.steps {
                let tolerated = self.outcomes(step).tolerated;
                if tolerated
                    .iter()
                    .any(|t| self.level_of(&t.requirement) > Level::May)
                {
                    let id = &case.id;
                    problems.push(format!(
                        "the case `{id}` is a MAY but has a binding tolerated outcome"
                    ));
                }
            }
        }
        for requirement in self.requirements.values() {
            let id = &requirement.id;
            match (&requirement.untested, tested.contains(id)) {
                (None, false) => problems.push(format!("the requirement `{id}` has no case")),
                (Some(_), true) => {
                    problems.push(format!(
                        "the requirement `{id}` is tested but says that it is not"
                    ));
                }
                _ => {}
            }
            if !requirement.has_valid_since() {
                problems.push(format!("the requirement `{id}` counts since no day"));
            }
            let weak = requirement.evidence.is_too_weak_for(requirement.level);
            problems.extend(weak.map(|why| format!("{why}, but `{id}` is more")));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;
    use crate::format::case::{CaseFile, Phase};

    #[test]
    fn every_case_reads_back_as_it_was_written() {
        let catalogue = Catalogue::embedded().unwrap();
        let cases = catalogue.cases().iter().filter(|case| case.item.is_none());
        let write = |prefix: &str, cases: Vec<Case>| {
            let file = CaseFile {
                prefix: prefix.to_owned(),
                phase: Phase::default(),
                requirements: Vec::new(),
                cases,
            };
            toml::to_string(&file).unwrap()
        };
        let expanded = catalogue.cases().iter().filter(|case| case.item.is_some());
        let mut families = BTreeSet::new();
        let firsts = expanded.filter(|case| families.insert(case.family()));
        for case in cases.chain(firsts) {
            let mut case = case.clone();
            case.id = case.family().to_owned();
            let text = write("copy", vec![case.clone()]);
            let CaseFile { cases, .. } = toml::from_str(&text).unwrap();
            assert_eq!(write("copy", cases), text, "{}", case.id);
        }
    }
}
