//! Checks that the modules of a crate import only from lower floors.

use crate::root;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// The floors of a crate: a row of `floors.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Floors {
    /// The crate whose modules are below all of these floors.
    above: Option<String>,
    /// The modules of each floor, lowest floor first.
    floors: Vec<Vec<String>>,
}

/// The modules that each module of a crate imports, each with a file that imports it.
type Imports = BTreeMap<String, BTreeMap<String, PathBuf>>;

/// The problems with the floors: imports from the same or a higher floor, modules on no floor, and
/// import cycles through folders. An empty list means that there are none.
pub(crate) fn problems() -> Result<Vec<String>, Box<dyn Error>> {
    let table: BTreeMap<String, Floors> = toml::from_str(include_str!("../floors.toml"))?;
    let mut problems = Vec::new();
    for folder in fs::read_dir(root().join("crates"))? {
        let folder = folder?.path();
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let imports = imports(&folder.join("src"))?;
        if let Some(floors) = table.get(&*name) {
            problems.extend(upward(&name, &imports, floors, &table));
        }
        problems.extend(circles(&name, &folder.join("src"), &imports));
    }
    Ok(problems)
}

/// Imports of modules that are not on a lower floor.
fn upward(
    name: &str,
    imports: &Imports,
    own: &Floors,
    table: &BTreeMap<String, Floors>,
) -> Vec<String> {
    let below = own.above.as_ref().and_then(|name| table.get(name));
    let below = below.into_iter().flat_map(|below| &below.floors);
    let floors: Vec<&Vec<String>> = below.chain(&own.floors).collect();
    let floor = |module: &str| {
        floors
            .iter()
            .position(|floor| floor.iter().any(|m| m == module))
    };
    let mut problems = Vec::new();
    for (module, imported) in imports {
        let Some(own) = floor(module) else {
            problems.push(format!("{name}: `{module}` is on no floor in floors.toml"));
            continue;
        };
        for (other, file) in imported {
            if floor(other).is_none_or(|other| other >= own) {
                let file = file.display();
                problems.push(format!(
                    "{name}: `{module}` imports `{other}`, which is not on a lower floor, in {file}"
                ));
            }
        }
    }
    problems
}

/// Modules in an import cycle, direct or indirect, if one module of the cycle is a folder.
fn circles(name: &str, src: &Path, imports: &Imports) -> Vec<String> {
    let reach = |from: &str| {
        let mut reached = BTreeSet::new();
        let mut open = vec![from.to_owned()];
        while let Some(module) = open.pop() {
            for other in imports.get(&module).into_iter().flat_map(BTreeMap::keys) {
                if reached.insert(other.clone()) {
                    open.push(other.clone());
                }
            }
        }
        reached
    };
    let in_circle = |module: &&String| src.join(module).is_dir() && reach(module).contains(*module);
    let modules = imports.keys().filter(in_circle);
    modules
        .map(|module| format!("{name}: `{module}` is in an import cycle"))
        .collect()
}

/// The top-level modules that each of a crate's top-level modules names outside tests.
fn imports(src: &Path) -> Result<Imports, Box<dyn Error>> {
    let mut files = Vec::new();
    let mut folders = vec![src.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    let mut imports = Imports::new();
    for path in files {
        let within = path.strip_prefix(src)?;
        let first = within.iter().next().unwrap_or_default().to_string_lossy();
        let module = first.trim_end_matches(".rs").to_owned();
        if ["lib", "main", "tests"].contains(&&*module) || within.ends_with("tests.rs") {
            continue;
        }
        let known = imports.entry(module.clone()).or_default();
        // In the file of a top-level module, `super` is the crate root.
        let is_top =
            within.components().count() == 1 || within.ends_with(Path::new(&module).join("mod.rs"));
        for name in named(&fs::read_to_string(&path)?, is_top) {
            if name != module {
                known.entry(name).or_insert_with(|| path.clone());
            }
        }
    }
    Ok(imports)
}

/// The names after `crate::` in a file, up to its tests; also those after `super::`, if that is the
/// crate root.
fn named(text: &str, super_is_crate: bool) -> BTreeSet<String> {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let text: String = lines.flat_map(|line| [line, " "]).collect();
    let mut names = BTreeSet::new();
    let keywords = if super_is_crate {
        &["crate::", "super::"][..]
    } else {
        &["crate::"]
    };
    for keyword in keywords {
        for (at, _) in text.match_indices(keyword) {
            let rest = &text[at + keyword.len()..];
            match rest.strip_prefix('{') {
                Some(group) => names.extend(group_heads(group)),
                None => names.extend(head(rest)),
            }
        }
    }
    names
}

/// The first names of a group of imports, such as `a::b, c::{d, e}}`.
fn group_heads(group: &str) -> Vec<String> {
    let mut depth = 0_usize;
    let mut begins = true;
    let mut heads = Vec::new();
    for (at, c) in group.char_indices() {
        match c {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => begins = true,
            c if begins && !c.is_whitespace() => {
                heads.extend(head(&group[at..]));
                begins = false;
            }
            _ => {}
        }
    }
    heads
}

/// The name that a text begins with, if it is a module's: modules begin with a lowercase letter.
fn head(text: &str) -> Option<String> {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    let name = &text[..end];
    name.starts_with(|c: char| c.is_ascii_lowercase())
        .then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_import_is_found() {
        let text = "// use crate::comment;\nuse crate::{a, b::{c, d}, E,\n    f as g};\n\
                    use super::h::I;\nfn j() { crate::k::l() }\n#[cfg(test)]\nuse crate::m;";
        let names = |is_top| named(text, is_top).into_iter().collect::<Vec<_>>();
        assert_eq!(names(false), ["a", "b", "f", "k"]);
        assert_eq!(names(true), ["a", "b", "f", "h", "k"]);
    }

    #[test]
    fn an_upward_import_and_a_module_on_no_floor_are_problems() {
        let import = |module: &str, other: &str| {
            let file = BTreeMap::from([(other.to_owned(), PathBuf::from("x.rs"))]);
            (module.to_owned(), file)
        };
        let floors = Floors {
            above: None,
            floors: vec![vec!["low".into(), "beside".into()], vec!["high".into()]],
        };
        let found = |module, other| {
            let imports = Imports::from([import(module, other)]);
            upward("crate", &imports, &floors, &BTreeMap::new())
        };
        assert_eq!(found("high", "low"), [""; 0]);
        assert_eq!(
            found("low", "high"),
            ["crate: `low` imports `high`, which is not on a lower floor, in x.rs"]
        );
        assert_eq!(
            found("low", "beside"),
            ["crate: `low` imports `beside`, which is not on a lower floor, in x.rs"]
        );
        assert_eq!(
            found("attic", "low"),
            ["crate: `attic` is on no floor in floors.toml"]
        );
    }

    #[test]
    fn an_import_cycle_through_a_folder_is_a_problem() {
        let src = root().join("crates/xtask/src");
        let imports = |pairs: &[(&str, &str)]| {
            let mut imports = Imports::new();
            for (module, other) in pairs {
                let known = imports.entry((*module).to_owned()).or_default();
                known.insert((*other).to_owned(), PathBuf::from("x.rs"));
            }
            imports
        };
        let circle = imports(&[("clients", "catalogue"), ("catalogue", "clients")]);
        assert_eq!(
            circles("xtask", &src, &circle),
            ["xtask: `clients` is in an import cycle"]
        );
        let line = imports(&[("clients", "catalogue")]);
        assert_eq!(circles("xtask", &src, &line), [""; 0]);
    }
}
