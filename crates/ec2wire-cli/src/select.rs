//! Which cases a command uses: the catalogue with the user's own cases, and a selection from it.

use crate::Failure;
use crate::case_args::{ByAction, LevelArg, Selection as SelectionArgs};
use crate::codec::named;
use ec2wire_conformance::catalogue::STORIES;
use ec2wire_conformance::laws::{self, Fixtures};
use ec2wire_conformance::{Case, Catalogue, Level, Selection};
use std::path::PathBuf;

/// The embedded server catalogue and the user's own cases. The stories are in it if one of `asked`,
/// which are globs or ids, asks for them.
pub(crate) fn catalogue(
    paths: &[PathBuf],
    no_embedded: bool,
    asked: &[String],
) -> Result<Catalogue, Failure> {
    let embedded = if no_embedded {
        Catalogue::without_cases()
    } else {
        Catalogue::embedded()
    };
    let mut embedded = embedded.map_err(Failure::usage)?;
    if asked.iter().any(|asked| asked.starts_with(STORIES)) {
        embedded.add_stories().map_err(Failure::environment)?;
    }
    with_own(embedded, paths)
}

/// The embedded client catalogue and the user's own cases.
pub(crate) fn client_catalogue(paths: &[PathBuf], no_embedded: bool) -> Result<Catalogue, Failure> {
    let embedded = if no_embedded {
        Catalogue::clients_without_cases()
    } else {
        Catalogue::clients()
    };
    with_own(embedded.map_err(Failure::usage)?, paths)
}

fn with_own(mut catalogue: Catalogue, paths: &[PathBuf]) -> Result<Catalogue, Failure> {
    catalogue.add_paths(paths).map_err(Failure::usage)?;
    Ok(catalogue)
}

/// The catalogue of a run: the cases of the actions in --action, or else the embedded ones.
pub(crate) fn catalogue_of(
    paths: &[PathBuf],
    no_embedded: bool,
    asked: &[String],
    by_action: &ByAction,
    fixtures: &Fixtures,
) -> Result<Catalogue, Failure> {
    let no_embedded = no_embedded || !by_action.action.is_empty();
    let mut catalogue = catalogue(paths, no_embedded, asked)?;
    let add = if by_action.allow_lasting {
        laws::add_with_lasting
    } else {
        laws::add
    };
    // Globs stay as they are.
    let spelt = |name: &String| {
        named(name)
            .map_or(name.as_str(), |known| known.name())
            .to_owned()
    };
    let actions: Vec<String> = by_action.action.iter().map(spelt).collect();
    add(&mut catalogue, &actions, fixtures).map_err(Failure::usage)?;
    Ok(catalogue)
}

/// The values for generated requests. The user's come before the embedded ones.
pub(crate) fn fixtures(by_action: &ByAction) -> Result<Fixtures, Failure> {
    let embedded = Fixtures::embedded().map_err(Failure::environment)?;
    let Some(path) = &by_action.fixtures else {
        return Ok(embedded);
    };
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("{name}: {error}")))?;
    let given = Fixtures::read(&name, &text).map_err(Failure::usage)?;
    Ok(embedded.with(given))
}

/// The command that lists the server cases.
pub(crate) const LIST: &str = "ec2wire cases list";

/// The command that lists the client cases.
pub(crate) const LIST_CLIENTS: &str = "ec2wire cases list --clients";

/// The command that lists the server cases, or those of the given actions.
pub(crate) fn list_of(by_action: &ByAction) -> String {
    let globs = by_action.action.iter();
    let globs = globs.map(|glob| format!(" --action '{glob}'"));
    [LIST.to_owned()].into_iter().chain(globs).collect()
}

/// The selected cases. `list` is the command that lists all cases.
pub(crate) fn select<'c>(
    catalogue: &'c Catalogue,
    args: &SelectionArgs,
    list: &str,
) -> Result<Vec<&'c Case>, Failure> {
    let level = match args.level {
        LevelArg::Must => Level::Must,
        LevelArg::Should => Level::Should,
        LevelArg::May => Level::May,
    };
    let selection = Selection::new(&args.run, &args.skip, level).map_err(Failure::usage)?;
    let cases = catalogue.select(&selection);
    for glob in &args.run {
        note_unmatched(catalogue, glob, list)?;
    }
    Ok(match args.shard {
        Some(shard) => shard.pick(cases),
        None => cases,
    })
}

/// Warns if a glob of `--run` matches no case, and suggests a wider glob if that would match.
fn note_unmatched(catalogue: &Catalogue, glob: &str, list: &str) -> Result<(), Failure> {
    let all = |glob: &str| {
        let alone = Selection::new(&[glob.to_owned()], &[], Level::May);
        let alone = alone.map_err(Failure::usage)?;
        Ok::<_, Failure>(catalogue.select(&alone).len())
    };
    if all(glob)? > 0 {
        return Ok(());
    }
    let word = glob.trim_matches(['*', '/']);
    let is_plain = !word.is_empty() && !word.contains(['*', '?', '[', ']', '{', '}', '!', '\\']);
    let wider = format!("*{word}*");
    let hint = match if is_plain { all(&wider)? } else { 0 } {
        0 => String::new(),
        found => format!("`--run '{wider}'` matches {found}; "),
    };
    eprintln!("ec2wire: `--run {glob}` matches no case; {hint}`{list}` lists the ids");
    Ok(())
}
