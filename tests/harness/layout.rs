//! The layout of the workspace's tests.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use toml::Table;

/// The folders of the workspace's packages.
fn packages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let crates = fs::read_dir(root.join("crates")).unwrap();
    let mut packages: Vec<PathBuf> = crates.map(|entry| entry.unwrap().path()).collect();
    packages.retain(|package| package.join("Cargo.toml").exists());
    packages.extend([root.join("fuzz"), root.join("tests/support"), root.into()]);
    packages
}

/// The Rust files in a folder and its subfolders.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The names of a package's test programs, and of the suites in them.
fn suites(package: &Path) -> Vec<String> {
    let mut suites = Vec::new();
    for entry in fs::read_dir(package.join("tests")).into_iter().flatten() {
        let path = entry.unwrap().path();
        let is_program = path.is_file() && path.extension().is_some_and(|e| e == "rs");
        if is_program || path.join("main.rs").exists() {
            suites.push(path.file_stem().unwrap().to_str().unwrap().to_owned());
        }
        if let Ok(main) = fs::read_to_string(path.join("main.rs")) {
            let modules = main.lines().filter_map(|line| line.strip_prefix("mod "));
            let modules = modules.map(|line| line.trim_end_matches(';').to_owned());
            suites.extend(modules.filter(|module| module != "common"));
        }
    }
    suites
}

#[test]
fn no_two_suites_have_the_same_name() {
    let mut found: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for package in packages() {
        for suite in suites(&package) {
            found.entry(suite).or_default().push(package.clone());
        }
    }
    assert!(found.len() > 30, "{found:?}");
    found.retain(|_, packages| packages.len() > 1);
    assert!(found.is_empty(), "{found:#?}");
}

/// A file that is a module of two programs would be compiled twice.
#[test]
fn no_module_has_a_path_of_its_own() {
    let folders = packages()
        .into_iter()
        .flat_map(|package| ["tests", "benches"].map(|folder| package.join(folder)));
    let files: Vec<PathBuf> = folders.flat_map(|folder| sources(&folder)).collect();
    assert!(files.len() > 60, "{}", files.len());
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let has_path = text
            .lines()
            .any(|line| line.trim_start().starts_with("#[path"));
        assert!(!has_path, "{}", file.display());
    }
}

/// With `test = false` in the manifest, Cargo silently runs none of them.
#[test]
fn a_library_with_tests_disabled_has_no_unit_tests() {
    let mut count = 0;
    for package in packages() {
        let manifest = fs::read_to_string(package.join("Cargo.toml")).unwrap();
        let manifest: Table = manifest.parse().unwrap();
        let library = manifest.get("lib").and_then(|library| library.get("test"));
        if library.and_then(toml::Value::as_bool) != Some(false) {
            continue;
        }
        count += 1;
        for file in sources(&package.join("src")) {
            let text = fs::read_to_string(&file).unwrap();
            assert!(!text.contains("#[test]"), "{}", file.display());
            assert!(!text.contains("#[tokio::test"), "{}", file.display());
        }
    }
    assert!(count > 0);
}
