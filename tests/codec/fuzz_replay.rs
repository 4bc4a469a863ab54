//! The fuzz targets without a fuzzer: replays every file of the corpora, and checks that corpora,
//! dictionaries, binaries and targets match.
//!
//! `SEEDS=write cargo test --test codec fuzz_replay` rewrites seeds that are copies of something else.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use ec2wire::ipam::{
    CreateIpam, CreateIpamPolicy, CreateIpamPolicyResponse, CreateIpamResponse, DeleteIpam,
    DeleteIpamPolicy, DeleteIpamPolicyResponse, DeleteIpamResponse, DescribeIpamPolicies,
    DescribeIpamPoliciesResponse, DisableIpamPolicy, DisableIpamPolicyResponse, EnableIpamPolicy,
    EnableIpamPolicyResponse, GetEnabledIpamPolicy, GetEnabledIpamPolicyResponse,
    GetIpamPolicyAllocationRules, GetIpamPolicyAllocationRulesResponse,
    GetIpamPolicyOrganizationTargets, GetIpamPolicyOrganizationTargetsResponse, IpamMeteredAccount,
    IpamPolicyState, IpamTier, ModifyIpamPolicyAllocationRules,
    ModifyIpamPolicyAllocationRulesResponse,
};
use ec2wire_fuzz::{dictionary, differential};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

fn top(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The files of a folder, in the order of their names.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path());
    let mut entries: Vec<PathBuf> = entries.collect();
    entries.sort();
    entries
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_str().unwrap().to_owned()
}

#[test]
fn every_corpus_passes() {
    for (name, target) in ec2wire_fuzz::TARGETS {
        let files = entries(&top("fuzz/corpus").join(name));
        assert!(!files.is_empty(), "the corpus of {name} is empty");
        for file in files {
            let data = fs::read(&file).unwrap();
            // The panic's own message says what failed; this one says which file.
            let outcome = catch_unwind(|| target(&data));
            assert!(outcome.is_ok(), "{name} fails on {}", file.display());
        }
    }
}

/// `.clusterfuzzlite/` builds the same targets: from a clean checkout, and with the checks that a
/// release build leaves out.
#[test]
fn clusterfuzzlite_builds_the_same_targets() {
    let read = |file: &str| fs::read_to_string(top(file)).unwrap();
    let script = read(".clusterfuzzlite/build.sh");
    let build = script.lines().find(|line| line.starts_with("cargo fuzz"));
    assert!(build.is_some_and(|line| line.ends_with(" -O --debug-assertions")));

    let ignored = read(".dockerignore");
    let ignored: BTreeSet<&str> = ignored
        .lines()
        .map(|line| line.trim_start_matches("**/"))
        .collect();
    for line in read(".gitignore").lines() {
        assert!(ignored.contains(line), "{line} is in the image");
    }

    let project = read(".clusterfuzzlite/project.yaml");
    let manifest = read("Cargo.toml");
    let mut lines = manifest.lines();
    let repository = lines
        .find_map(|line| line.strip_prefix("repository = \"")?.strip_suffix('"'))
        .unwrap();
    for line in [
        "language: rust".to_owned(),
        format!("homepage: \"{repository}\""),
        format!("main_repo: \"{repository}.git\""),
    ] {
        assert!(project.lines().any(|other| *other == line), "{line}");
    }
}

/// Every target has a binary and a corpus.
#[test]
fn every_target_has_a_binary_and_a_corpus() {
    let stems = |folder: &str| -> BTreeSet<String> {
        let stems = entries(&top(folder)).into_iter().map(|path| stem(&path));
        stems.filter(|stem| !stem.starts_with('.')).collect()
    };
    let targets: BTreeSet<String> = ec2wire_fuzz::TARGETS
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    assert_eq!(targets.len(), ec2wire_fuzz::TARGETS.len());
    assert_eq!(stems("fuzz/fuzz_targets"), targets);
    assert_eq!(stems("fuzz/corpus"), targets);

    let manifest = fs::read_to_string(top("fuzz/Cargo.toml")).unwrap();
    for target in &targets {
        let source = fs::read_to_string(top(&format!("fuzz/fuzz_targets/{target}.rs"))).unwrap();
        let call = format!("ec2wire_fuzz::{target}(data)");
        assert!(source.contains(&call), "{target} runs another target");
        let binary = format!("name = \"{target}\"\npath = \"fuzz_targets/{target}.rs\"\n");
        assert!(manifest.contains(&binary), "{target} is not a binary");
    }
    assert_eq!(manifest.matches("[[bin]]").count(), targets.len());
}

#[test]
fn the_corpora_are_small() {
    let mut files = 0;
    let mut bytes = 0;
    for (name, _) in ec2wire_fuzz::TARGETS {
        let mut seen = BTreeMap::new();
        for path in entries(&top("fuzz/corpus").join(name)) {
            let data = fs::read(&path).unwrap();
            files += 1;
            bytes += data.len();
            let same = seen.insert(data, path.clone());
            assert!(same.is_none(), "{} is {same:?}", path.display());
        }
    }
    assert!(files < 400, "{files} files");
    assert!(bytes < 1 << 20, "{bytes} bytes");
}

/// A seed that is a copy: its target, its name and its bytes.
type Seed = (&'static str, String, Vec<u8>);

/// The seeds copied from the captures, the golden snapshots and the documented decisions.
fn copies() -> Vec<Seed> {
    let mut seeds: Vec<Seed> = Vec::new();
    for client in ["awscli-v1", "boto3", "js-v3", "rust"] {
        for path in entries(&top("tests/captures").join(client)) {
            let request = fs::read_to_string(&path).unwrap();
            let (_, body) = request.split_once("\r\n\r\n").unwrap();
            let name = format!("{client}-{}", stem(&path));
            seeds.push(("form_decode", name, body.into()));
        }
    }
    for path in entries(&top("snapshots/golden")) {
        let snapshot = fs::read_to_string(&path).unwrap();
        let (_, text) = snapshot
            .strip_prefix("---\n")
            .unwrap()
            .split_once("\n---\n")
            .unwrap();
        let name = format!("golden-{}", stem(&path));
        let is_form = !text.starts_with('<');
        if is_form {
            // The snapshot has a line for each pair.
            let body = text.replace('\n', "");
            for target in ["form_decode", "form_differential", "form_generic"] {
                seeds.push((target, name.clone(), body.clone().into()));
            }
            continue;
        }
        let is_fault = text.contains("<Response>");
        let status = if is_fault { "1" } else { "0" };
        let text = text.trim_end();
        seeds.push((
            "envelope_decode",
            name.clone(),
            format!("{status}{text}").into(),
        ));
        seeds.push(("xml_generic", name.clone(), text.into()));
        seeds.push(("xml_differential", name.clone(), text.into()));
        if !is_fault {
            seeds.push(("xml_decode", name, text.into()));
        }
    }
    let mut row = |target, row: &str, example: &[u8]| {
        let mut name = String::from("row");
        for word in row.split(|c: char| !c.is_ascii_alphanumeric()) {
            if !word.is_empty() {
                name.push('-');
                name.push_str(&word.to_ascii_lowercase());
            }
        }
        seeds.push((target, name, example.into()));
    };
    for decision in differential::form::DECISIONS {
        row("form_differential", decision.row, decision.example);
    }
    for decision in differential::xml::DECISIONS {
        row("xml_differential", decision.row, decision.example);
    }
    // Clients that send the same bytes share a seed.
    let mut known = BTreeSet::new();
    seeds.retain(|(target, _, data)| known.insert((*target, data.clone())));
    seeds
}

#[test]
fn copied_seeds_equal_their_originals() {
    const COPIES: [&str; 6] = ["awscli-v1-", "boto3-", "js-v3-", "rust-", "golden-", "row-"];

    let seeds = copies();
    let corpus = top("fuzz/corpus");
    let write = std::env::var_os("SEEDS").is_some_and(|seeds| seeds == "write");
    for (target, name, data) in seeds.iter().filter(|_| write) {
        fs::create_dir_all(corpus.join(target)).unwrap();
        fs::write(corpus.join(target).join(name), data).unwrap();
    }
    let mut found = BTreeMap::new();
    for (target, _) in ec2wire_fuzz::TARGETS {
        for path in entries(&corpus.join(target)) {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if COPIES.iter().any(|source| name.starts_with(source)) {
                found.insert((*target, name), fs::read(&path).unwrap());
            }
        }
    }
    for (target, name, data) in seeds {
        let file = found.remove(&(target, name.clone()));
        assert_eq!(
            file.as_ref(),
            Some(&data),
            "{target}/{name}: run with SEEDS=write"
        );
    }
    assert!(
        found.is_empty(),
        "copies without an original: {:?}",
        found.keys()
    );
}

/// The words of a dictionary.
fn words(name: &str) -> BTreeSet<Vec<u8>> {
    let path = top("fuzz/dictionaries").join(name);
    let words = dictionary::words(&fs::read_to_string(&path).unwrap());
    let words = words.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let count = words.len();
    let words: BTreeSet<Vec<u8>> = words.into_iter().collect();
    assert_eq!(words.len(), count, "{name} has a word twice");
    words
}

#[test]
fn every_name_on_the_wire_is_in_a_dictionary() {
    let form = words("form.dict");
    let has = |words: &BTreeSet<Vec<u8>>, word: &str| {
        assert!(words.contains(word.as_bytes()), "`{word}` is missing");
    };
    let names = [
        dictionary::names::<CreateIpam>(),
        dictionary::names::<CreateIpamPolicy>(),
        dictionary::names::<DeleteIpam>(),
        dictionary::names::<DeleteIpamPolicy>(),
        dictionary::names::<DescribeIpamPolicies>(),
        dictionary::names::<DisableIpamPolicy>(),
        dictionary::names::<EnableIpamPolicy>(),
        dictionary::names::<GetEnabledIpamPolicy>(),
        dictionary::names::<GetIpamPolicyAllocationRules>(),
        dictionary::names::<GetIpamPolicyOrganizationTargets>(),
        dictionary::names::<ModifyIpamPolicyAllocationRules>(),
    ];
    // In a request, no structure has a name except the action.
    let inner = ["AddIpamOperatingRegion", "IpamPolicyAllocationRule"];
    for name in names.iter().flatten().filter(|name| !inner.contains(name)) {
        let mut name = (*name).to_owned();
        name.get_mut(..1).unwrap().make_ascii_uppercase();
        has(&form, &name);
    }
    for name in differential::form::COMMON {
        has(&form, name);
    }

    let xml = words("xml.dict");
    let names = [
        dictionary::names::<CreateIpamResponse>(),
        dictionary::names::<CreateIpamPolicyResponse>(),
        dictionary::names::<DeleteIpamResponse>(),
        dictionary::names::<DeleteIpamPolicyResponse>(),
        dictionary::names::<DescribeIpamPoliciesResponse>(),
        dictionary::names::<DisableIpamPolicyResponse>(),
        dictionary::names::<EnableIpamPolicyResponse>(),
        dictionary::names::<GetEnabledIpamPolicyResponse>(),
        dictionary::names::<GetIpamPolicyAllocationRulesResponse>(),
        dictionary::names::<GetIpamPolicyOrganizationTargetsResponse>(),
        dictionary::names::<ModifyIpamPolicyAllocationRulesResponse>(),
    ];
    // In a response, none has a name except the root.
    let inner = [
        "Ipam",
        "IpamOperatingRegion",
        "IpamPolicy",
        "IpamPolicyAllocationRule",
        "IpamPolicyDocument",
        "IpamPolicyOrganizationTarget",
        "Tag",
    ];
    for name in names.iter().flatten().filter(|name| !inner.contains(name)) {
        has(&xml, name);
    }
    for name in [
        "Response",
        "Errors",
        "Error",
        "Code",
        "Message",
        "RequestID",
        "item",
    ] {
        has(&xml, name);
    }
    for state in IpamPolicyState::ALL {
        has(&xml, state.as_str());
    }
    for words in [&form, &xml] {
        for tier in IpamTier::ALL {
            has(words, tier.as_str());
        }
        for account in IpamMeteredAccount::ALL {
            has(words, account.as_str());
        }
    }
}

#[test]
fn dictionaries_are_parsed_like_libfuzzer_parses_them() {
    let read = dictionary::words("# a\n\nkey=\"a\\\\\\\"\\x0A\"\n  \"=b\" \n");
    assert_eq!(read.unwrap(), [&b"a\\\"\n"[..], b"=b"]);
    for bad in [
        "a",
        "\"",
        "\"\"",
        "\"a",
        "\"\\n\"",
        "\"\\x4\"",
        "\"\\x4g\"",
        "\"\u{e9}\"",
        "\"a\"b\"",
    ] {
        let error = dictionary::words(&format!("\"a\"\n{bad}")).unwrap_err();
        assert_eq!(error.line, 2, "{bad}");
    }
}
