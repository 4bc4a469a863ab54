//! What the documents show works, and what the format has they describe.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use ec2wire_conformance::{Catalogue, schema};
use serde_json::Value;
use std::collections::BTreeSet;

const CASES: &str = include_str!("../../docs/cases.md");
const CLIENTS: &str = include_str!("../../docs/client-authors.md");

/// The blocks of code in a language.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let fence = format!("```{language}\n");
    let after = page.split(fence.as_str()).skip(1);
    after
        .map(|rest| rest.split("```").next().unwrap())
        .collect()
}

#[test]
fn the_example_cases_are_taken() {
    let mut catalogue = Catalogue::embedded().unwrap();
    let before = catalogue.cases().len();
    let examples = blocks(CASES, "toml");
    assert!(examples.len() >= 3);
    for example in examples {
        catalogue.add_cases("docs/cases.md", example).unwrap();
    }
    assert_eq!(catalogue.cases().len(), before + 5);
}

#[test]
fn the_example_case_for_clients_is_taken() {
    let mut catalogue = Catalogue::clients().unwrap();
    let before = catalogue.cases().len();
    let [example] = blocks(CLIENTS, "toml").try_into().unwrap();
    catalogue
        .add_cases("docs/client-authors.md", example)
        .unwrap();
    assert_eq!(catalogue.cases().len(), before + 1);
}

#[test]
fn the_example_of_a_mistake_is_what_is_printed() {
    let [first, ..] = blocks(CASES, "toml").try_into().unwrap_or([""; 3]);
    let wrong = first.replace("any-character", "any-charcter");
    let mut catalogue = Catalogue::embedded().unwrap();
    let error = catalogue
        .add_cases("my-cases/percent.toml", &wrong)
        .unwrap_err();
    assert!(CASES.contains(&error.to_string()), "{error}");
}

#[test]
fn every_key_of_the_formats_is_described() {
    let mut keys = BTreeSet::new();
    for (name, text) in schema::all().unwrap() {
        if ["cases", "requirements", "answers"].contains(&name) {
            collect(&serde_json::from_str(&text).unwrap(), &mut keys);
        }
    }
    assert!(keys.len() > 40, "{keys:?}");
    for key in keys {
        let named = [format!("`{key}`"), format!("{key} =")];
        assert!(
            named
                .iter()
                .any(|n| CASES.contains(n) || CLIENTS.contains(n)),
            "`{key}` is not in docs/cases.md or docs/client-authors.md"
        );
    }
}

/// The names of all properties.
fn collect(schema: &Value, keys: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::Object(properties)) = fields.get("properties") {
                keys.extend(properties.keys().cloned());
            }
            fields.values().for_each(|value| collect(value, keys));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, keys)),
        _ => {}
    }
}

#[test]
fn links_lead_somewhere() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for page in [
        "docs/cases.md",
        "docs/emulator-authors.md",
        "docs/catalogue.md",
        "docs/client-authors.md",
        "docs/client-catalogue.md",
        "docs/clients.md",
        "docs/scoreboard.md",
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
