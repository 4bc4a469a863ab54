//! Whole exchanges, written without looking at the judge: it blames none that EC2 could have had, and
//! all that it cannot have had.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use ec2wire::contract::Level;
use ec2wire_conformance::inspect::{Inspector, Signing};
use ec2wire_conformance::lint;
use ec2wire_test_support::snapshots;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// For each file of the folder, the broken SHOULDs and MUSTs, or why it cannot be read.
fn judged(folder: &str) -> Vec<(String, Result<BTreeSet<String>, String>)> {
    let inspector = Inspector::embedded().unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/exchanges")
        .join(folder);
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
        .iter()
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let read = lint::read(&name, &fs::read(path).unwrap());
            let judged = read.map(|exchanges| {
                // Recorders take signatures away.
                let record = lint::judge(&inspector, &exchanges, &Signing::Ignored);
                let deviations = record.cases.iter().flat_map(|case| &case.deviations);
                let grave = deviations.filter(|one| one.level > Level::May);
                grave
                    .map(|one| format!("{} {}", one.level, one.requirement))
                    .collect()
            });
            (name, judged.map_err(|error| error.to_string()))
        })
        .collect()
}

#[test]
fn what_ec2_could_have_said_is_not_blamed() {
    let files = judged("possible");
    assert!(files.len() > 15);
    for (name, broken) in files {
        assert_eq!(broken, Ok(BTreeSet::new()), "{name}");
    }
}

#[test]
fn what_ec2_cannot_have_said_is_blamed() {
    let files = judged("impossible");
    let mut shown = String::new();
    for (name, broken) in files {
        let words = match broken {
            Ok(broken) => Vec::from_iter(broken).join(", "),
            Err(error) => error,
        };
        assert!(!words.is_empty(), "{name}");
        writeln!(shown, "{name}: {words}").unwrap();
    }
    let _snapshots = snapshots::area("lint");
    insta::assert_snapshot!("impossible", shown);
}
