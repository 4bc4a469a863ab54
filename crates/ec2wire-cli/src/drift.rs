//! `ec2wire drift`.

use crate::Failure;
use crate::describe::globs;
use crate::model_args::Drift;
use ec2wire_conformance::{Case, Catalogue};
use ec2wire_model::Model;
use ec2wire_model::drift::{self, Change, Subject};
use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;

/// Up to so many actions and cases are named.
const FEW: usize = 3;

/// A change, with what of the catalogue it touches.
#[derive(serde::Serialize)]
struct Touching<'c> {
    #[serde(flatten)]
    change: Change,
    breaking: bool,
    requirements: BTreeSet<String>,
    cases: Vec<&'c str>,
}

/// Compares two models.
pub(crate) fn run(args: &Drift) -> Result<u8, Failure> {
    let before = match &args.from {
        Some(path) => read(path)?,
        None => Model::ec2(),
    };
    let after = match args.to.as_ref().or(args.model.as_ref()) {
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
    let catalogue = Catalogue::embedded().map_err(Failure::environment)?;
    let texts = case_texts(&catalogue)?;
    let changes: Vec<Touching<'_>> = drift::between(before, after)
        .into_iter()
        .filter(|change| {
            args.action.is_empty()
                || change
                    .actions
                    .iter()
                    .any(|action| selected.is_match(action))
        })
        .map(|change| touching(&catalogue, &texts, change))
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
        let touched: BTreeSet<&str> = changes
            .iter()
            .flat_map(|change| change.cases.iter().copied())
            .collect();
        writeln!(
            out,
            "{} differences, {breaking} of them removed or changed; they touch {} cases",
            changes.len(),
            touched.len(),
        )?;
    }
    for (model, which) in [(before, "older"), (after, "newer")] {
        if let [first, ..] = model.unknown() {
            let count = model.unknown().len();
            writeln!(
                std::io::stderr(),
                "ec2wire: note: {count} facts of the {which} model are of an unknown sort and were not compared, the first is {first}",
            )?;
        }
    }
    Ok(u8::from(changes.iter().any(|change| change.breaking)))
}

fn read(path: &Path) -> Result<&'static Model, Failure> {
    let failed = |error: String| Failure::usage(format!("{}: {error}", path.display()));
    let file = fs::read(path).map_err(|error| failed(error.to_string()))?;
    Model::read(&file).map_err(|error| failed(error.to_string()))
}

/// The cases, with the words of their files.
fn case_texts(catalogue: &Catalogue) -> Result<Vec<(&Case, BTreeSet<String>)>, Failure> {
    let words = |case| {
        let text = toml::to_string(case).map_err(Failure::environment)?;
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let words = text.split(|c| !is_part(c)).filter(|word| !word.is_empty());
        Ok((case, words.map(str::to_owned).collect()))
    };
    catalogue.cases().iter().map(words).collect()
}

/// A case is touched where it sends one of the change's actions and names one of its members.
fn touching<'c>(
    catalogue: &'c Catalogue,
    texts: &[(&'c Case, BTreeSet<String>)],
    change: Change,
) -> Touching<'c> {
    let is_touched = |words: &BTreeSet<String>| {
        change.actions.iter().any(|action| words.contains(*action))
            && (change.subject == Subject::Action
                || change.members.iter().any(|name| words.contains(name)))
    };
    let touched = texts.iter().filter(|(_, words)| is_touched(words));
    let cases: Vec<&Case> = touched.map(|(case, _)| *case).collect();
    Touching {
        breaking: change.is_breaking(),
        requirements: cases
            .iter()
            .flat_map(|case| catalogue.tested_by(case))
            .collect(),
        cases: cases.iter().map(|case| case.id.as_str()).collect(),
        change,
    }
}

fn print(out: &mut impl std::io::Write, touching: &Touching<'_>) -> std::io::Result<()> {
    let change = &touching.change;
    writeln!(out, "{change}")?;
    if change.subject != Subject::Action {
        let side = match (change.in_requests, change.in_answers) {
            (true, true) => "requests and answers",
            (true, false) => "requests",
            _ => "answers",
        };
        let actions: Vec<&str> = change.actions.iter().copied().collect();
        writeln!(out, "    in {side} of {}", few(&actions))?;
    }
    if !touching.cases.is_empty() {
        writeln!(out, "    touches the cases {}", few(&touching.cases))?;
        let requirements: Vec<&str> = touching.requirements.iter().map(String::as_str).collect();
        writeln!(out, "    and the requirements {}", few(&requirements))?;
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
