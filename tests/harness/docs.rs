//! The examples in the documents work, and the documents describe every key of the formats.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

use crate::common::catalogues;
use ec2wire_conformance::laws::{self, Fixtures};
use ec2wire_conformance::runner::{self, Options};
use ec2wire_conformance::subject::http::{HttpSubject, Signer};
use ec2wire_conformance::{Catalogue, Verdict, schema};
use ec2wire_model::Model;
use ec2wire_reference::{Config, Endpoint};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

const CASES: &str = include_str!("../../docs/cases.md");
const CLIENTS: &str = include_str!("../../docs/client-authors.md");

const EMULATORS: &str = include_str!("../../docs/emulator-authors.md");

/// The sections of `docs/cases.md` that describe other formats.
const LAWS: &str = "Laws: cases of any action";
const FIXTURES: &str = "Fixtures: what a plain request says";

/// The section of a page with that title, including its subsections.
fn section<'p>(page: &'p str, title: &str) -> &'p str {
    let (_, rest) = page.split_once(&format!("\n## {title}\n")).unwrap();
    rest.split("\n## ").next().unwrap()
}

/// The blocks of code in a language.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let fence = format!("```{language}\n");
    let after = page.split(fence.as_str()).skip(1);
    after
        .map(|rest| rest.split("```").next().unwrap())
        .collect()
}

#[test]
fn the_example_cases_are_valid() {
    let mut catalogue = catalogues::for_servers();
    let before = catalogue.cases().len();
    let fixtures = blocks(section(CASES, FIXTURES), "toml");
    let mut examples = blocks(CASES, "toml");
    examples.retain(|example| !fixtures.contains(example));
    assert!(examples.len() >= 5);
    for example in examples {
        catalogue.add_cases("docs/cases.md", example).unwrap();
    }
    assert_eq!(catalogue.cases().len(), before + 7);
}

/// The files of `examples/cases`, by name.
fn example_files() -> BTreeMap<String, String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/cases");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        (name, std::fs::read_to_string(entry.path()).unwrap())
    });
    files.collect()
}

#[test]
fn the_page_shows_the_example_files() {
    let files = example_files();
    let shown = blocks(CASES, "toml");
    for (name, text) in &files {
        assert!(shown.contains(&text.as_str()), "{name}");
    }
    let action = Model::ec2().operation("CreateKeyPair").unwrap();
    let started = laws::start(action, &Fixtures::embedded().unwrap());
    assert_eq!(files["key-pair.toml"], started);
}

#[tokio::test]
async fn the_example_files_pass_against_the_reference_endpoint() {
    let mut catalogue = Catalogue::without_cases().unwrap();
    for (name, text) in example_files() {
        catalogue.add_cases(&name, &text).unwrap();
    }
    let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let endpoint = Endpoint::bind(loopback, Config::default()).await.unwrap();
    let subject =
        HttpSubject::new(&endpoint.url(), Signer::default(), Duration::from_secs(5)).unwrap();
    let cases: Vec<_> = catalogue.cases().iter().collect();
    let options = Options::default().allow_create(true);
    let record = runner::run(&catalogue, &cases, &subject, &options, &mut |_| {})
        .await
        .unwrap();
    let verdicts: Vec<_> = record.cases.iter().map(|case| case.verdict).collect();
    assert_eq!(verdicts, [Verdict::Pass; 2]);
    assert!(record.summary.left.is_empty(), "{:?}", record.summary.left);
    endpoint.stop().await;
}

#[test]
fn the_example_fixtures_are_valid() {
    let [example] = blocks(section(CASES, FIXTURES), "toml").try_into().unwrap();
    let fixtures = Fixtures::read("docs/cases.md", example).unwrap();
    assert!(fixtures.actions.contains_key("CreateSubnet"));
}

#[test]
fn the_example_client_case_is_valid() {
    let mut catalogue = catalogues::for_clients();
    let before = catalogue.cases().len();
    let [example] = blocks(CLIENTS, "toml").try_into().unwrap();
    catalogue
        .add_cases("docs/client-authors.md", example)
        .unwrap();
    assert_eq!(catalogue.cases().len(), before + 1);
}

#[test]
fn the_example_error_message_is_accurate() {
    let first = blocks(section(CASES, "A first case"), "toml")[0];
    let wrong = first.replace("any-character", "any-charcter");
    let mut catalogue = catalogues::for_servers();
    let error = catalogue
        .add_cases("my-cases/percent.toml", &wrong)
        .unwrap_err();
    assert!(CASES.contains(&error.to_string()), "{error}");
    let wrong = first.replace("CreateIpamPolicy", "CreateIpamPolicee");
    let error = catalogue
        .add_cases("my-cases/percent.toml", &wrong)
        .unwrap_err();
    assert!(CASES.contains(&error.to_string()), "{error}");
}

#[test]
fn every_key_and_word_of_the_formats_is_described() {
    let (laws, fixtures) = (section(CASES, LAWS), section(CASES, FIXTURES));
    let schemas: BTreeMap<_, _> = schema::all().unwrap().into_iter().collect();
    let schema = |name: &str| serde_json::from_str::<Value>(&schemas[name]).unwrap();
    let both = [CASES, CLIENTS];
    for (name, pages) in [
        ("cases", &both[..]),
        ("client-cases", &both),
        ("answers", &both),
        ("requirements", &[CASES]),
        ("outcomes", &[CASES]),
        ("checks", &[CASES]),
        ("premises", &[CASES]),
        ("expectations", &[EMULATORS]),
        ("laws", &[CASES]),
        ("fixtures", &[fixtures]),
    ] {
        assert_described(name, &schema(name), pages);
    }
    // Keys of laws only are described in the section on laws.
    let schema = schema("laws");
    for own in ["Law", "Of", "Each"] {
        assert_described(own, &schema["definitions"][own], &[laws]);
    }
}

/// Checks that the pages mention each key of a schema, and each of its enum values.
fn assert_described(name: &str, schema: &Value, pages: &[&str]) {
    let mut words = BTreeSet::new();
    collect(schema, &mut words);
    assert!(words.len() > 3, "{name}: {words:?}");
    for word in words {
        let shown = [
            format!("`{word}`"),
            format!("{word} ="),
            format!("[[{word}]]"),
        ];
        let is_described = pages
            .iter()
            .any(|page| shown.iter().any(|shown| page.contains(shown)));
        assert!(is_described, "{name}: `{word}` is not described");
    }
}

/// The names of all properties, and the values of all enums whose values are described one by one.
fn collect(schema: &Value, words: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::Object(properties)) = fields.get("properties") {
                words.extend(properties.keys().cloned());
            }
            if let Some(Value::String(word)) = fields.get("const") {
                words.insert(word.clone());
            }
            fields.values().for_each(|value| collect(value, words));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, words)),
        _ => {}
    }
}

#[test]
fn links_are_not_broken() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for page in [
        "docs/cases.md",
        "docs/emulator-authors.md",
        "docs/catalogue.md",
        "docs/client-authors.md",
        "docs/client-catalogue.md",
        "docs/clients.md",
        "docs/scoreboard.md",
        "docs/test-suites.md",
    ] {
        let text = std::fs::read_to_string(root.join(page)).unwrap();
        let anchors: BTreeSet<String> = text
            .lines()
            .filter(|line| line.starts_with('#'))
            .map(|line| {
                line.trim_start_matches(['#', ' '])
                    .to_lowercase()
                    .replace(' ', "-")
            })
            .map(|anchor| anchor.replace([':', ','], ""))
            .collect();
        let targets = text
            .split("](")
            .skip(1)
            .map(|rest| rest.split(')').next().unwrap());
        for target in targets.filter(|target| !target.starts_with("http")) {
            let found = match target.strip_prefix('#') {
                Some(anchor) => anchors.contains(anchor),
                None => root.join("docs").join(target).exists(),
            };
            assert!(found, "{page}: {target}");
        }
    }
}

#[test]
fn the_front_page_for_wiremock_has_the_test_that_runs() {
    let page = include_str!("../../crates/ec2wire-wiremock/README.md");
    let test = include_str!("../../crates/ec2wire-wiremock/tests/mocks/front_page.rs");
    assert!(page.contains(&format!("```rust,no_run\n{}\n```", test.trim_end())));
}

#[test]
fn the_page_on_test_suites_has_the_test_that_runs() {
    let page = include_str!("../../docs/test-suites.md");
    let test = include_str!("../../examples/tests/test_suites.rs");
    assert_eq!(blocks(page, "rust"), [test]);
}
