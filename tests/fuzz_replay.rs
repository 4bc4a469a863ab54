//! Every file of the fuzz corpora again, without a fuzzer.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path());
    let mut entries: Vec<PathBuf> = entries.collect();
    entries.sort();
    entries
}

#[test]
fn every_corpus_passes() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for (name, target) in ec2wire_fuzz::TARGETS {
        let files = entries(&corpus.join(name));
        assert!(!files.is_empty(), "the corpus of {name} is empty");
        for file in files {
            let data = fs::read(&file).unwrap();
            // The panic's own message says what; this one says which file.
            let outcome = catch_unwind(|| target(&data));
            assert!(outcome.is_ok(), "{name} fails on {}", file.display());
        }
    }
}

/// A target, its binary and its corpus go together.
#[test]
fn every_target_has_a_binary_and_a_corpus() {
    let stems = |folder: &str| -> BTreeSet<String> {
        entries(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
            .iter()
            .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
            .filter(|stem| !stem.starts_with('.'))
            .collect()
    };
    let targets: BTreeSet<String> = ec2wire_fuzz::TARGETS
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    assert_eq!(stems("fuzz/fuzz_targets"), targets);
    assert_eq!(stems("fuzz/corpus"), targets);
}
