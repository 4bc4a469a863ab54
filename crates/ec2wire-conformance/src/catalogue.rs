//! All requirements and cases, loaded, expanded, checked and selected from.

use crate::answers::Answers;
use crate::case::{Case, CaseFile, Check, ForEach, NamedList, OutcomeSet, Phase, Step};
use crate::check;
use crate::place::{self, Mistake, Under as _};
use crate::requirement::{Evidence, Requirement, RequirementFile};
use crate::template;
use ec2wire::ResourceType;
use ec2wire::contract::Level;
use globset::{Glob, GlobSet, GlobSetBuilder};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::path::Path;

/// The embedded data files.
const REQUIREMENTS: &str = include_str!("../contract/requirements.toml");
const OUTCOMES: &str = include_str!("../contract/outcomes.toml");
const WIRE_NAMES: &str = include_str!("../contract/wire-names.toml");
const CHECKS: &str = include_str!("../contract/checks.toml");
const PREMISES: &str = include_str!("../contract/premises.toml");

macro_rules! case_files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../contract/cases/", $name)))),*]
    };
}

/// The files of cases, in the order in which they run.
const CASES: &[(&str, &str)] = case_files![
    "accepted.toml",
    "refused.toml",
    "clients.toml",
    "boundaries-text.toml",
    "boundaries-lists.toml",
    "boundaries-scalars.toml",
    "dry-run.toml",
    "token-replay.toml",
    "token-other.toml",
    "afterwards.toml",
    "deleted.toml",
    "policy-actions.toml",
    "policy-rules.toml",
    "policy-enabled.toml",
    "response.toml",
    "characters.toml",
    "errors.toml",
    "protocol.toml",
    "encoding.toml",
    "transport.toml",
    "robustness-http.toml",
    "robustness-shape.toml",
    "robustness-size.toml",
    "robustness-bytes.toml",
];

macro_rules! client_case_files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../contract/client-cases/", $name)))),*]
    };
}

/// The files of cases for clients, in the order in which they run.
const CLIENT_CASES: &[(&str, &str)] = client_case_files![
    "requests.toml",
    "tokens.toml",
    "retries.toml",
    "answers.toml",
    "errors.toml",
    "damage.toml",
    "other-actions.toml",
];

/// The most characters of a line that an error shows.
const EXCERPT: usize = 100;

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

/// A data file that cannot be used: what is wrong, where, and what might help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueError {
    file: String,
    /// Line and column from 1, the line itself, and how many characters of it are meant.
    place: Option<(usize, usize, String, usize)>,
    message: String,
    hint: Option<String>,
}

impl fmt::Display for CatalogueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some((line, column, ..)) = &self.place {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.message)?;
        if let Some((line, column, excerpt, length)) = &self.place {
            let number = line.to_string();
            let margin = " ".repeat(number.len());
            // Of a long line only what is around the place.
            let left_out = if excerpt.chars().count() > EXCERPT {
                column.saturating_sub(EXCERPT / 3)
            } else {
                0
            };
            let dots = if left_out > 0 { "..." } else { "" };
            let shown: String = excerpt.chars().skip(left_out).take(EXCERPT).collect();
            let before = " ".repeat((column - 1).saturating_sub(left_out) + dots.len());
            let marks = "^".repeat((*length).min((left_out + EXCERPT).saturating_sub(column - 1)));
            write!(
                f,
                "\n{margin} |\n{number} | {dots}{shown}\n{margin} | {before}{marks}"
            )?;
        }
        match &self.hint {
            Some(hint) => write!(f, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for CatalogueError {}

impl CatalogueError {
    pub(crate) fn new(file: &str, message: &dyn fmt::Display) -> Self {
        Self {
            file: file.to_owned(),
            place: None,
            message: message.to_string().trim_end().to_owned(),
            hint: None,
        }
    }

    /// The same error, with a hint where it has none.
    pub(crate) fn or_hint(mut self, hint: &str) -> Self {
        self.hint.get_or_insert_with(|| hint.to_owned());
        self
    }

    /// The error of a mistake at a place in the text.
    pub(crate) fn at(
        file: &str,
        text: &str,
        span: Option<Range<usize>>,
        mistake: &Mistake,
    ) -> Self {
        let place = span.map(|span| {
            let (line, column, excerpt) = place::line_at(text, span.start);
            let meant = text.get(span).and_then(|meant| meant.lines().next());
            let rest = excerpt.chars().count().saturating_sub(column - 1).max(1);
            let length = meant
                .map_or(1, |meant| meant.chars().count())
                .clamp(1, rest);
            (line, column, excerpt.to_owned(), length)
        });
        Self {
            file: file.to_owned(),
            place,
            message: mistake.message.clone(),
            hint: mistake.hint.clone(),
        }
    }
}

impl Catalogue {
    /// The catalogue that the program carries.
    ///
    /// Fails only where the embedded files are wrong, which a test excludes.
    ///
    /// ```
    /// let catalogue = ec2wire_conformance::Catalogue::embedded()?;
    /// assert!(catalogue.cases().len() >= 40);
    /// # Ok::<(), ec2wire_conformance::CatalogueError>(())
    /// ```
    pub fn embedded() -> Result<Self, CatalogueError> {
        let mut catalogue = Self::without_cases()?;
        for (file, text) in CASES {
            catalogue.add_cases(file, text)?;
        }
        Ok(catalogue)
    }

    /// The embedded requirements and outcomes, for cases of one's own alone.
    ///
    /// Fails as [`embedded`](Self::embedded) does.
    pub fn without_cases() -> Result<Self, CatalogueError> {
        let RequirementFile { requirement } = place::read("requirements.toml", REQUIREMENTS)?;
        let catalogue = Self {
            requirements: requirement.into_iter().map(|r| (r.id.clone(), r)).collect(),
            outcomes: place::read("outcomes.toml", OUTCOMES)?,
            checks: place::read("checks.toml", CHECKS)?,
            premises: place::read("premises.toml", PREMISES)?,
            wire_names: place::read("wire-names.toml", WIRE_NAMES)?,
            cases: Vec::new(),
            answers: None,
        };
        for (name, set) in &catalogue.outcomes {
            let checked = check::outcomes(&catalogue, &set.legal, &set.tolerated);
            let wrong = |mistake| place::locate("outcomes.toml", OUTCOMES, &mistake);
            checked.under(name.as_str()).map_err(wrong)?;
        }
        for (name, checks) in &catalogue.checks {
            let wrong = |mistake| place::locate("checks.toml", CHECKS, &mistake);
            check::named(&catalogue, checks)
                .under(name.as_str())
                .map_err(wrong)?;
        }
        for (name, steps) in &catalogue.premises {
            let wrong = |mistake| place::locate("premises.toml", PREMISES, &mistake);
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
    /// let catalogue = ec2wire_conformance::Catalogue::clients()?;
    /// assert!(catalogue.cases().len() >= 60);
    /// # Ok::<(), ec2wire_conformance::CatalogueError>(())
    /// ```
    pub fn clients() -> Result<Self, CatalogueError> {
        let mut catalogue = Self::clients_without_cases()?;
        for (file, text) in CLIENT_CASES {
            catalogue.add_cases(file, text)?;
        }
        Ok(catalogue)
    }

    /// The requirements of clients and what they are answered with, for cases of one's own alone.
    ///
    /// Fails as [`embedded`](Self::embedded) does.
    pub fn clients_without_cases() -> Result<Self, CatalogueError> {
        let file = "client-requirements.toml";
        let RequirementFile { requirement } = place::read(file, crate::inspect::REQUIREMENTS)?;
        Ok(Self {
            requirements: requirement.into_iter().map(|r| (r.id.clone(), r)).collect(),
            outcomes: BTreeMap::new(),
            checks: BTreeMap::new(),
            premises: BTreeMap::new(),
            wire_names: place::read("wire-names.toml", WIRE_NAMES)?,
            cases: Vec::new(),
            answers: Some(Answers::embedded()?),
        })
    }

    /// What clients are answered with, where the cases are for clients.
    pub(crate) fn answers(&self) -> Option<&Answers> {
        self.answers.as_ref()
    }

    /// The embedded data files, with their paths below a folder: the requirements, the outcomes and
    /// the like, and the cases in `cases/`.
    pub fn files() -> impl Iterator<Item = (String, String)> {
        let tables = [
            ("requirements.toml", REQUIREMENTS),
            ("outcomes.toml", OUTCOMES),
            ("checks.toml", CHECKS),
            ("premises.toml", PREMISES),
            ("generated.toml", crate::generate::KINDS),
            ("wire-names.toml", WIRE_NAMES),
            ("unjudged.toml", crate::known::WAYS),
            ("client-requirements.toml", crate::inspect::REQUIREMENTS),
            ("answers.toml", crate::answers::TEXT),
            ("laws.toml", crate::laws::LAWS),
            ("samples.toml", crate::laws::SAMPLES),
        ];
        let tables = tables.map(|(name, text)| (name.to_owned(), text));
        let cases = CASES
            .iter()
            .map(|(name, text)| (format!("cases/{name}"), *text));
        let clients = CLIENT_CASES
            .iter()
            .map(|(name, text)| (format!("client-cases/{name}"), *text));
        let files = tables.into_iter().chain(cases).chain(clients);
        files.map(|(name, text)| (name, crate::schema::with_address(text)))
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
            for case in expand(case) {
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

    /// Adds cases that were made and not read; see [`generate`](crate::generate) and
    /// [`laws`](crate::laws).
    pub fn add_made(&mut self, cases: Vec<Case>) {
        self.cases.extend(cases);
    }

    /// Whether there is a set of outcomes of that name.
    pub(crate) fn has_outcomes(&self, name: &str) -> bool {
        self.outcomes.contains_key(name)
    }

    /// The names of the sets of outcomes.
    pub(crate) fn outcome_names(&self) -> impl Iterator<Item = &str> {
        self.outcomes.keys().map(String::as_str)
    }

    /// Whether there is a list of checks of that name.
    pub(crate) fn has_checks(&self, name: &str) -> bool {
        self.checks.contains_key(name)
    }

    /// The names of the lists of checks.
    pub(crate) fn check_names(&self) -> impl Iterator<Item = &str> {
        self.checks.keys().map(String::as_str)
    }

    /// The names of the lists of steps that cases may rest on.
    pub(crate) fn premise_names(&self) -> impl Iterator<Item = &str> {
        self.premises.keys().map(String::as_str)
    }

    /// The outcomes of a step, the named set's and its own.
    pub(crate) fn outcomes(&self, step: &Step) -> OutcomeSet {
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
    pub(crate) fn checks<'c>(&'c self, step: &'c Step) -> impl Iterator<Item = &'c Check> {
        let named = step.also.iter().filter_map(|name| self.checks.get(name));
        step.checks.iter().chain(named.flatten())
    }

    /// The checks of a list by its name; none where there is no such list.
    pub(crate) fn named_checks(&self, name: &str) -> impl Iterator<Item = &Check> {
        self.checks.get(name).into_iter().flatten()
    }

    /// The legal outcomes of a step, in words.
    pub fn legal(&self, step: &Step) -> Vec<String> {
        self.outcomes(step)
            .legal
            .iter()
            .map(crate::judge::in_words)
            .collect()
    }

    /// The name on the wire of a member by its API name.
    pub(crate) fn wire_name(&self, member: &str) -> String {
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

    pub(crate) fn level_of(&self, requirement: &str) -> Level {
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

    /// The cases of a selection, in order.
    pub fn select(&self, selection: &Selection) -> Vec<&Case> {
        self.cases
            .iter()
            .filter(|case| selection.admits(&case.id) && self.level(case) >= selection.level)
            .collect()
    }
}

impl Step {
    /// Whether the step speaks of an IPAM that must exist.
    pub(crate) fn needs_ipam(&self) -> bool {
        let mut values = self.pairs.iter().map(|(_, value)| value);
        let in_members = self.members.as_ref().is_some_and(|m| m.mentions("ipam"));
        let in_body = self.body.as_ref().is_some_and(|b| b.mentions("ipam"));
        in_members || in_body || values.any(|value| template::mentions(value, "ipam"))
    }
}

impl Case {
    /// Whether the case speaks of an IPAM that must exist.
    pub fn needs_ipam(&self) -> bool {
        self.steps.iter().any(Step::needs_ipam)
    }

    /// What the case is after.
    pub fn phase(&self) -> Phase {
        self.phase.unwrap_or_default()
    }

    /// The id without the value that `for-each` put at its end.
    pub fn family(&self) -> &str {
        match &self.item {
            Some(_) => self
                .id
                .rsplit_once('/')
                .map_or(&self.id, |(family, _)| family),
            None => &self.id,
        }
    }
}

fn expand(case: Case) -> Vec<Case> {
    let Some(ForEach {
        values,
        named,
        list,
        except,
    }) = &case.for_each
    else {
        return vec![case];
    };
    let listed: &[ResourceType] = match list {
        Some(NamedList::ResourceTypes) => ResourceType::ALL,
        None => &[],
    };
    values
        .iter()
        .map(String::as_str)
        .chain(listed.iter().map(ResourceType::as_str))
        .filter(|value| !except.iter().any(|e| e == value))
        .map(|value| (value, value))
        .chain(named.iter().map(|(name, value)| (&**name, &**value)))
        .map(|(name, value)| Case {
            id: format!("{}/{name}", case.id),
            item: Some(value.to_owned()),
            ..case.clone()
        })
        .collect()
}

/// Which cases to run.
#[derive(Debug, Clone)]
pub struct Selection {
    run: Option<GlobSet>,
    skip: GlobSet,
    level: Level,
}

impl Selection {
    /// The cases that match one of `run` (all where it is empty) and none of `skip`, at `level` or
    /// above. A `*` matches slashes too.
    ///
    /// Fails on a malformed glob.
    pub fn new(run: &[String], skip: &[String], level: Level) -> Result<Self, globset::Error> {
        let run = if run.is_empty() {
            None
        } else {
            Some(glob_set(run)?)
        };
        Ok(Self {
            run,
            skip: glob_set(skip)?,
            level,
        })
    }

    fn admits(&self, id: &str) -> bool {
        self.run.as_ref().is_none_or(|run| run.is_match(id)) && !self.skip.is_match(id)
    }
}

fn glob_set(patterns: &[String]) -> Result<GlobSet, globset::Error> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(Glob::new(pattern)?);
    }
    set.build()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

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
