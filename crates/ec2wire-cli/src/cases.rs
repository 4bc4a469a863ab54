//! `ec2wire cases`.

use crate::Failure;
use crate::case_args::{ByAction, Cases};
use crate::codec::{in_any_case, operation};
use crate::select::{
    LIST, LIST_CLIENTS, catalogue, catalogue_of, client_catalogue, fixtures, list_of, select,
};
use ec2wire_conformance::catalogue::Reading;
use ec2wire_conformance::format::case::CaseFile;
use ec2wire_conformance::laws::{self, Fixtures};
use ec2wire_conformance::{Case, Catalogue};
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Lists, shows or exports cases, or begins and checks one's own.
pub(crate) fn run(command: &Cases) -> Result<u8, Failure> {
    let mut out = anstream::stdout().lock();
    match command {
        Cases::List {
            clients,
            selection,
            by_action,
        } => {
            let (folders, no_embedded) = (&selection.cases, selection.no_embedded);
            let catalogue =
                catalogue_for(*clients, folders, no_embedded, &selection.run, by_action)?;
            let list = if *clients {
                LIST_CLIENTS.to_owned()
            } else {
                list_of(by_action)
            };
            let cases = select(&catalogue, selection, &list)?;
            for case in &cases {
                let level = catalogue.level(case);
                writeln!(out, "{level:6}  {}  {}", case.id, case.title)?;
            }
            Ok(if cases.is_empty() { 4 } else { 0 })
        }
        Cases::Show {
            id,
            clients,
            cases,
            by_action,
        } => {
            let catalogue =
                catalogue_for(*clients, cases, false, std::slice::from_ref(id), by_action)?;
            let mut found = catalogue
                .cases()
                .iter()
                .filter(|case| case.id == *id || case.family() == id);
            let Some(case) = found.next() else {
                return Err(Failure::usage(missing(id, *clients, by_action)));
            };
            show(&mut out, &catalogue, case, found.count())?;
            Ok(0)
        }
        Cases::New { action } => {
            let fixtures = Fixtures::embedded().map_err(Failure::environment)?;
            write!(out, "{}", laws::start(operation(action)?, &fixtures))?;
            Ok(0)
        }
        Cases::Check {
            paths,
            clients,
            no_embedded,
        } => {
            let mut catalogue = if *clients {
                client_catalogue(&[], *no_embedded)?
            } else {
                catalogue(&[], *no_embedded, &[])?
            };
            check(&mut out, &catalogue.read_paths(paths))
        }
        Cases::Export { folder, force } => {
            let files = export(folder, *force)?;
            writeln!(out, "{files} files in {}", folder.display())?;
            Ok(0)
        }
    }
}

/// Prints every mistake, and a line that counts what was found.
fn check(out: &mut impl io::Write, reading: &Reading) -> Result<u8, Failure> {
    let Reading {
        files,
        requirements,
        cases,
        mistakes,
    } = reading;
    for mistake in mistakes {
        writeln!(out, "{mistake}\n")?;
    }
    let counts = [
        (*files, "file", "files"),
        (*requirements, "requirement", "requirements"),
        (*cases, "valid case", "valid cases"),
        (mistakes.len(), "mistake", "mistakes"),
    ];
    let counts = counts.map(|(count, one, many)| {
        let noun = if count == 1 { one } else { many };
        format!("{count} {noun}")
    });
    writeln!(out, "{}", counts.join(", "))?;
    Ok(if mistakes.is_empty() { 0 } else { 2 })
}

/// The catalogue that a command is about. Servers and clients have separate ones.
fn catalogue_for(
    clients: bool,
    folders: &[PathBuf],
    no_embedded: bool,
    asked: &[String],
    by_action: &ByAction,
) -> Result<Catalogue, Failure> {
    if clients {
        client_catalogue(folders, no_embedded)
    } else {
        catalogue_of(
            folders,
            no_embedded,
            asked,
            by_action,
            &fixtures(by_action)?,
        )
    }
}

/// Writes a case as a complete file, so that a copy of it runs with --cases, with comments on what it
/// tests. `others` is how many more cases its for-each makes.
fn show(
    out: &mut impl io::Write,
    catalogue: &Catalogue,
    case: &Case,
    others: usize,
) -> Result<(), Failure> {
    writeln!(out, "# {}\n# {}\n#", case.id, case.title)?;
    if others > 0 {
        let cases = others + 1;
        writeln!(out, "# One of {cases} cases that for-each expands to.\n#")?;
    }
    for requirement in catalogue
        .tested_by(case)
        .iter()
        .filter_map(|id| catalogue.requirement(id))
    {
        let (level, id) = (requirement.level, &requirement.id);
        writeln!(out, "# {level} {id}: {}", requirement.statement)?;
        writeln!(out, "#   source: {}", requirement.source)?;
    }
    for (number, step) in (1..).zip(&case.steps) {
        let legal = catalogue.legal(step).join("; or ");
        match case.steps.as_slice() {
            [_] => writeln!(out, "# legal: {legal}")?,
            steps => {
                writeln!(out, "# legal at step {number} of {}: {legal}", steps.len())?;
            }
        }
    }
    let (prefix, id) = case
        .family()
        .rsplit_once('/')
        .unwrap_or(("", case.family()));
    let file = CaseFile {
        prefix: prefix.to_owned(),
        phase: case.phase(),
        requirements: Vec::new(),
        cases: vec![Case {
            id: id.to_owned(),
            phase: None,
            ..case.clone()
        }],
    };
    let text = toml::to_string_pretty(&file).map_err(Failure::environment)?;
    write!(out, "\n{text}")?;
    Ok(())
}

/// Writes the embedded files into a folder and returns how many there are. An existing file that
/// differs is an error unless `force` is set.
fn export(folder: &Path, force: bool) -> Result<usize, Failure> {
    let failed =
        |path: &Path, error: io::Error| Failure::usage(format!("{}: {error}", path.display()));
    let files: Vec<_> = Catalogue::files()
        .map(|(name, text)| (folder.join(name), text))
        .collect();
    for (path, text) in &files {
        match fs::read(path) {
            Ok(there) if !force && there != text.as_bytes() => {
                let message = format!(
                    "{} already exists and differs; use --force to overwrite it",
                    path.display()
                );
                return Err(Failure::usage(message));
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(path, error)),
        }
    }
    for (path, text) in &files {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| failed(parent, error))?;
        }
        fs::write(path, text).map_err(|error| failed(path, error))?;
    }
    Ok(files.len())
}

/// The message for a missing case. Servers and clients have separate catalogues.
fn missing(id: &str, clients: bool, by_action: &ByAction) -> String {
    let other = if clients {
        Catalogue::embedded()
    } else {
        Catalogue::clients()
    };
    let is_other = other.is_ok_and(|other| {
        let mut cases = other.cases().iter();
        cases.any(|case| case.id == id || case.family() == id)
    });
    if let (Some(action), true) = (action_of(id), by_action.action.is_empty()) {
        return format!("`{id}` is a case of an action; add `--action {action}`");
    }
    let list = if clients { LIST_CLIENTS } else { LIST };
    match (is_other, clients) {
        (true, true) => format!("`{id}` is a server case; remove --clients"),
        (true, false) => format!("`{id}` is a client case; add --clients"),
        (false, _) => format!("unknown case `{id}`; `{list}` lists the cases"),
    }
}

/// The action whose cases have such an id: `any/ACTION/..`.
fn action_of(id: &str) -> Option<&'static str> {
    let name = id.strip_prefix("any/")?.split('/').next()?;
    in_any_case(name).map(|operation| operation.name())
}
