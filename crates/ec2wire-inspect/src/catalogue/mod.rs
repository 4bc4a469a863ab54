//! All requirements and cases, loaded, expanded, checked and selected from.

mod check;

pub mod answers;
#[cfg(feature = "harness")]
pub mod expectation;
pub mod known;
#[cfg(feature = "harness")]
pub mod mentions;
#[cfg(feature = "harness")]
mod selection;
pub mod shard;

pub use crate::format::place::CatalogueError;
#[cfg(feature = "harness")]
pub use selection::Selection;

use crate::format::case::{Case, CaseFile, Check, Outcome, OutcomeSet, Step};
use crate::format::embedded;
use crate::format::place::{self, Mistake, Under as _};
use crate::format::requirement::{Evidence, Requirement, RequirementFile};
use answers::Answers;
use ec2wire::contract::Level;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

/// The requirements and the cases that test them.
#[derive(Debug, Clone)]
pub struct Catalogue {
    requirements: BTreeMap<String, Requirement>,
    outcomes: BTreeMap<String, OutcomeSet>,
    checks: BTreeMap<String, Vec<Check>>,
    premises: BTreeMap<String, Vec<Step>>,
    wire_names: BTreeMap<String, String>,
    cases: Vec<Case>,
    /// What clients are answered with; none where the cases are for servers.
    answers: Option<Answers>,
}

impl Catalogue {
    /// The catalogue that the program carries.
    ///
    /// Fails only where the embedded files are wrong, which a test excludes.
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

    /// The embedded requirements and outcomes, for cases of one's own alone.
    ///
    /// Fails as [`embedded`](Self::embedded) does.
    pub fn without_cases() -> Result<Self, CatalogueError> {
        // Each run of a client's cases needs it again.
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
            wire_names: place::read_embedded(embedded::WIRE_NAMES)?,
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

    /// The requirements of clients, and the cases that test them.
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

    /// The requirements of clients and what they are answered with, for cases of one's own alone.
    ///
    /// Fails as [`embedded`](Self::embedded) does.
    pub fn clients_without_cases() -> Result<Self, CatalogueError> {
        let RequirementFile { requirement } = place::read_embedded(embedded::CLIENT_REQUIREMENTS)?;
        Ok(Self {
            requirements: requirement.into_iter().map(|r| (r.id.clone(), r)).collect(),
            outcomes: BTreeMap::new(),
            checks: BTreeMap::new(),
            premises: BTreeMap::new(),
            wire_names: place::read_embedded(embedded::WIRE_NAMES)?,
            cases: Vec::new(),
            answers: Some(Answers::embedded()?),
        })
    }

    /// What clients are answered with, where the cases are for clients.
    pub fn answers(&self) -> Option<&Answers> {
        self.answers.as_ref()
    }

    /// The embedded data files, with their paths below a folder: the requirements, the outcomes and
    /// the like, and the cases in `cases/`.
    pub fn files() -> impl Iterator<Item = (String, String)> {
        let tables = embedded::EXPORTED.iter();
        let files = tables.chain(embedded::CASES).chain(embedded::CLIENT_CASES);
        files.map(|file| (file.path.to_owned(), file.with_schema_address()))
    }

    /// Adds every `*.toml` of a folder, in the order of the names.
    pub fn add_folder(&mut self, folder: &Path) -> Result<(), CatalogueError> {
        let failed = |path: &Path, error: std::io::Error| {
            CatalogueError::new(&path.display().to_string(), &error)
        };
        let mut files = std::fs::read_dir(folder)
            .and_then(|entries| {
                entries
                    .map(|entry| Ok(entry?.path()))
                    .collect::<Result<Vec<_>, _>>()
            })
            .map_err(|error| failed(folder, error))?;
        files.retain(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        });
        files.sort();
        if files.is_empty() {
            return Err(CatalogueError::new(
                &folder.display().to_string(),
                &"the folder has no .toml file",
            ));
        }
        for path in files {
            let text = std::fs::read_to_string(&path).map_err(|error| failed(&path, error))?;
            self.add_cases(&path.display().to_string(), &text)?;
        }
        Ok(())
    }

    /// Adds a file of cases; `file` names it in errors.
    pub fn add_cases(&mut self, file: &str, text: &str) -> Result<(), CatalogueError> {
        let CaseFile {
            prefix,
            phase,
            cases,
        } = place::read(file, text)?;
        let mut ids: BTreeSet<String> = self.cases.iter().map(|case| case.id.clone()).collect();
        let mut added = Vec::new();
        for (at, mut case) in cases.into_iter().enumerate() {
            let wrong =
                |mistake: Mistake| place::locate(file, text, &mistake.under(at).under("case"));
            check::case(self, &case).map_err(wrong)?;
            case.id = format!("{prefix}/{}", case.id);
            case.phase.get_or_insert(phase);
            let given = std::mem::take(&mut case.given);
            let premises = given.iter().filter_map(|name| self.premises.get(name));
            let premises = premises.flatten().map(|step| Step {
                setup: true,
                ..step.clone()
            });
            case.steps.splice(0..0, premises);
            for case in case.expand() {
                if !ids.insert(case.id.clone()) {
                    let twice = Mistake::new(format!("the case id `{}` stands twice", case.id));
                    return Err(wrong(twice.under("id")));
                }
                added.push(case);
            }
        }
        // Of a file with a mistake nothing is taken.
        self.cases.extend(added);
        Ok(())
    }

    /// What is wrong with a case, as one that is read.
    ///
    /// # Errors
    ///
    /// The first mistake.
    pub fn check(&self, case: &Case) -> Result<(), Mistake> {
        check::case(self, case)
    }

    /// Adds cases that were made and not read: generated ones, and those of laws.
    pub fn add_made(&mut self, cases: Vec<Case>) {
        self.cases.extend(cases);
    }

    /// Whether there is a set of outcomes of that name.
    pub fn has_outcomes(&self, name: &str) -> bool {
        self.outcomes.contains_key(name)
    }

    /// The names of the sets of outcomes.
    pub fn outcome_names(&self) -> impl Iterator<Item = &str> {
        self.outcomes.keys().map(String::as_str)
    }

    /// Whether there is a list of checks of that name.
    pub fn has_checks(&self, name: &str) -> bool {
        self.checks.contains_key(name)
    }

    /// The names of the lists of checks.
    pub fn check_names(&self) -> impl Iterator<Item = &str> {
        self.checks.keys().map(String::as_str)
    }

    /// The names of the lists of steps that cases may rest on.
    pub fn premise_names(&self) -> impl Iterator<Item = &str> {
        self.premises.keys().map(String::as_str)
    }

    /// The outcomes of a step, the named set's and its own.
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

    /// The checks of a step, its own first and then those of the named lists.
    pub fn checks<'c>(&'c self, step: &'c Step) -> impl Iterator<Item = &'c Check> {
        let named = step.also.iter().filter_map(|name| self.checks.get(name));
        step.checks.iter().chain(named.flatten())
    }

    /// The checks of a list by its name; none where there is no such list.
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

    /// The name on the wire of a member by its API name.
    pub fn wire_name(&self, member: &str) -> String {
        self.wire_names
            .get(member)
            .map_or(member, String::as_str)
            .to_owned()
    }

    /// The cases, expanded, in the order of the files.
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// The requirement of that id.
    pub fn requirement(&self, id: &str) -> Option<&Requirement> {
        self.requirements.get(id)
    }

    /// All requirements, by id.
    pub fn requirements(&self) -> impl Iterator<Item = &Requirement> {
        self.requirements.values()
    }

    /// The level at which a case as a whole judges: that of its requirement.
    pub fn level(&self, case: &Case) -> Level {
        self.level_of(&case.requirement)
    }

    /// The level of a requirement by its id.
    pub fn level_of(&self, requirement: &str) -> Level {
        // Every id was checked when its case was added.
        self.requirement(requirement)
            .map_or(Level::May, |requirement| requirement.level)
    }

    /// Every requirement that a case tests, the case's own first.
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

    /// What is wrong with the catalogue as a whole: requirements that nothing tests and no reason
    /// excuses, requirements and cases that bind without evidence.
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
                        "the case `{id}` is a may, yet tolerates what binds"
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
                        "the requirement `{id}` is tested, yet says it is not"
                    ));
                }
                _ => {}
            }
            match (requirement.evidence, requirement.level) {
                (Evidence::Unknown, Level::Must | Level::Should) => {
                    problems.push(format!(
                        "the requirement `{id}` is not established, yet binds"
                    ));
                }
                (Evidence::Inferred, Level::Must) => {
                    problems.push(format!("the requirement `{id}` is inferred, yet a must"));
                }
                _ => {}
            }
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;
    use crate::format::case::Phase;

    #[test]
    fn every_case_reads_back_as_it_was_written() {
        let catalogue = Catalogue::embedded().unwrap();
        let cases = catalogue.cases().iter().filter(|case| case.item.is_none());
        let write = |prefix: &str, cases: Vec<Case>| {
            let file = CaseFile {
                prefix: prefix.to_owned(),
                phase: Phase::default(),
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
