//! `ec2wire drift`.

use crate::Failure;
use crate::describe::globs;
use crate::model_args::Drift;
use ec2wire_conformance::laws::{self, Fixtures};
use ec2wire_conformance::{Case, Catalogue, Mentions};
use ec2wire_model::drift::{self, Change, Subject};
use ec2wire_model::{Documentation, Model};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::rc::Rc;

/// How many actions and cases are named.
const FEW: usize = 3;

/// A change, with the parts of the catalogue that it affects.
#[derive(serde::Serialize)]
struct Touching<'c> {
    #[serde(flatten)]
    change: Change,
    breaking: bool,
    requirements: BTreeSet<String>,
    cases: Vec<&'c str>,
    /// The affected cases that are generated from laws.
    law_cases: Vec<&'c str>,
}

/// Compares two models.
pub(crate) fn run(args: &Drift) -> Result<u8, Failure> {
    let before = match &args.from {
        Some(path) => read(path)?.0,
        None => Model::ec2(),
    };
    let (after, documentation) = match args.to.as_ref().or(args.model.as_ref()) {
        Some(path) => read(path)?,
        None => return Err(Failure::usage("the newer model is missing")),
    };
    let selected = globs(&args.action)?;
    for glob in &args.action {
        let one = globs(std::slice::from_ref(glob))?;
        let mut actions = before.operations().chain(after.operations());
        if !actions.any(|action| one.is_match(action.name())) {
            let message = format!("neither model has an action `{glob}`");
            return Err(Failure::usage(message));
        }
    }
    let mut changes = drift::between(before, after);
    if args.from.is_none() {
        // The table of resources is about the embedded model.
        changes.extend(drift::of_resources(after, Some(&documentation)));
    }
    changes.retain(|change| {
        let mut actions = change.actions.iter();
        args.action.is_empty() || actions.any(|action| selected.is_match(action))
    });
    let catalogue = catalogue(&changes)?;
    let cases = by_action(&catalogue, &changes);
    let changes: Vec<Touching<'_>> = changes
        .into_iter()
        .map(|change| touching(&catalogue, &cases, change))
        .collect();
    let mut out = anstream::stdout().lock();
    if args.json {
        let json = serde_json::to_string_pretty(&changes).map_err(Failure::environment)?;
        writeln!(out, "{json}")?;
    } else {
        for change in &changes {
            print(&mut out, change)?;
        }
        let breaking = changes.iter().filter(|change| change.breaking).count();
        let own: BTreeSet<&str> = changes.iter().flat_map(|c| c.cases.clone()).collect();
        let by_laws: BTreeSet<&str> = changes.iter().flat_map(|c| c.law_cases.clone()).collect();
        writeln!(
            out,
            "{} differences, {breaking} of them removed or changed; they affect {} cases, and {} generated from laws",
            changes.len(),
            own.len(),
            by_laws.len(),
        )?;
    }
    for (model, which) in [(before, "older"), (after, "newer")] {
        if let [first, ..] = model.unknown() {
            let count = model.unknown().len();
            writeln!(
                std::io::stderr(),
                "ec2wire: note: {count} facts of the {which} model are of an unknown kind and were not compared; the first is {first}",
            )?;
        }
    }
    Ok(u8::from(changes.iter().any(|change| change.breaking)))
}

fn read(path: &Path) -> Result<(&'static Model, Documentation), Failure> {
    let failed = |error: String| Failure::usage(format!("{}: {error}", path.display()));
    let file = fs::read(path).map_err(|error| failed(error.to_string()))?;
    let model = Model::read(&file).map_err(|error| failed(error.to_string()))?;
    let documentation = Documentation::read(&file).map_err(|error| failed(error.to_string()))?;
    Ok((model, documentation))
}

/// The embedded cases, and the cases generated from laws for the affected actions.
fn catalogue(changes: &[Change]) -> Result<Catalogue, Failure> {
    let mut catalogue = Catalogue::embedded().map_err(Failure::environment)?;
    let known = |action: &&&str| Model::ec2().operation(action).is_some();
    let actions: BTreeSet<&str> = changes
        .iter()
        .flat_map(|change| change.actions.iter().filter(known).copied())
        .collect();
    if !actions.is_empty() {
        let actions: Vec<String> = actions.into_iter().map(str::to_owned).collect();
        let fixtures = Fixtures::embedded().map_err(Failure::environment)?;
        laws::add(&mut catalogue, &actions, &fixtures).map_err(Failure::environment)?;
    }
    Ok(catalogue)
}

/// A case, by its index in the catalogue, and what it mentions.
type Mentioned<'c> = (usize, &'c Case, Rc<Mentions>);

/// The cases by the changed actions that they mention.
fn by_action<'c>(
    catalogue: &'c Catalogue,
    changes: &[Change],
) -> BTreeMap<&'static str, Vec<Mentioned<'c>>> {
    let mut cases: BTreeMap<&'static str, Vec<Mentioned<'c>>> = changes
        .iter()
        .flat_map(|change| change.actions.iter().map(|action| (*action, Vec::new())))
        .collect();
    for (at, case) in catalogue.cases().iter().enumerate() {
        let mentions = Rc::new(Mentions::in_case(catalogue, case));
        for word in mentions.words() {
            if let Some(of_action) = cases.get_mut(word) {
                of_action.push((at, case, Rc::clone(&mentions)));
            }
        }
    }
    cases
}

/// Finds what the change affects.
fn touching<'c>(
    catalogue: &'c Catalogue,
    cases: &BTreeMap<&'static str, Vec<Mentioned<'c>>>,
    change: Change,
) -> Touching<'c> {
    let of_actions = change.actions.iter().filter_map(|action| cases.get(action));
    let touched: BTreeMap<usize, &Case> = of_actions
        .flatten()
        .filter(|(_, _, mentions)| mentions.is_touched_by(&change))
        .map(|(at, case, _)| (*at, *case))
        .collect();
    let ids = touched.values().map(|case| case.id.as_str());
    let (law_cases, own) = ids.partition(|id| id.starts_with(laws::PREFIX));
    Touching {
        breaking: change.is_breaking(),
        requirements: touched
            .values()
            .flat_map(|case| catalogue.tested_by(case))
            .collect(),
        cases: own,
        law_cases,
        change,
    }
}

fn print(out: &mut impl std::io::Write, touching: &Touching<'_>) -> std::io::Result<()> {
    let change = &touching.change;
    writeln!(out, "{change}")?;
    if change.subject != Subject::Action && !change.actions.is_empty() {
        let side = match (change.in_requests, change.in_answers) {
            (true, true) => "requests and responses",
            (true, false) => "requests",
            _ => "answers",
        };
        let actions: Vec<&str> = change.actions.iter().copied().collect();
        writeln!(out, "    in {side} of {}", few(&actions))?;
    }
    if !touching.cases.is_empty() {
        writeln!(out, "    affects the cases {}", few(&touching.cases))?;
    }
    if !touching.law_cases.is_empty() {
        let cases = few(&touching.law_cases);
        writeln!(out, "    affects the cases of laws {cases}")?;
    }
    if !touching.requirements.is_empty() {
        let requirements: Vec<&str> = touching.requirements.iter().map(String::as_str).collect();
        writeln!(out, "    affects the requirements {}", few(&requirements))?;
    }
    Ok(())
}

fn few(names: &[&str]) -> String {
    match names.get(..FEW) {
        Some(first) if names.len() > FEW => {
            format!("{} and {} more", first.join(", "), names.len() - FEW)
        }
        _ => names.join(", "),
    }
}
