//! Cassettes of several recorders are read like raw HTTP, and a damaged entry costs only itself.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use ec2wire_conformance::inspect::{Exchange, Inspector, Signing};
use ec2wire_conformance::lint;
use ec2wire_test_support::snapshots;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// The cassettes with their names, in the order of those.
fn cassettes() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/cassettes");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let mut files: Vec<(String, String)> = files
        .map(|file| {
            let name = file.file_name().into_string().unwrap();
            (name, fs::read_to_string(file.path()).unwrap())
        })
        .collect();
    files.sort();
    files
}

fn read(file: &str, text: &str) -> Vec<Exchange> {
    lint::read(file, text.as_bytes()).unwrap()
}

fn judged(inspector: &Inspector, exchanges: &[Exchange]) -> String {
    let record = lint::judge(inspector, exchanges, &Signing::Required);
    let mut shown = String::new();
    for case in &record.cases {
        let broken: Vec<&str> = case.deviations.iter().map(|d| &*d.requirement).collect();
        writeln!(
            shown,
            "{} {}: {:?} {broken:?}",
            case.id, case.title, case.verdict
        )
        .unwrap();
        for note in case.note.split("; ").filter(|note| !note.is_empty()) {
            writeln!(shown, "  {note}").unwrap();
        }
    }
    shown
}

#[test]
fn cassettes_are_judged() {
    let inspector = Inspector::embedded().unwrap();
    let files = cassettes();
    let shown = files
        .iter()
        .map(|(name, text)| judged(&inspector, &read(name, text)));
    let shown: String = shown.collect();
    let _snapshots = snapshots::area("lint");
    insta::assert_snapshot!("cassettes", shown);
}

#[test]
fn line_ends_of_windows_change_nothing() {
    for (name, text) in cassettes() {
        let other = read(&name, &text.replace('\n', "\r\n"));
        assert_eq!(other, read(&name, &text), "{name}");
    }
}

#[test]
fn a_damaged_cassette_is_refused_with_its_place() {
    let error = |text: &str| lint::read("file", text.as_bytes()).unwrap_err().to_string();
    let request = "{\"method\": \"POST\", \"uri\": \"https://ec2.amazonaws.com/?Action=A\"}";
    let answer = |answer: &str| {
        error(&format!(
            "{{\"interactions\": [{{\"request\": {request}, \"response\": {answer}}}]}}"
        ))
    };
    let errors = [
        error("interactions: 1\n"),
        error("interactions:\n- a\n"),
        error("interactions:\n- request: {method: GET}\n"),
        error("http_interactions:\n- request: 'a\n"),
        error("---\nhttp_interactions: *a\n"),
        answer("{}"),
        answer("{\"status\": 99999}"),
        answer("{\"status\": {\"code\": 200}, \"body\": {\"string\": {\"a\": 1}}}"),
        answer("{\"status\": {\"code\": 200}, \"headers\": {\"a\": [{}]}}"),
    ];
    let _snapshots = snapshots::area("lint");
    insta::assert_snapshot!("cassette_errors", errors.join("\n"));
    assert_eq!(read("file", "---\ninteractions: []\nversion: 1\n"), []);
    // A body may have a line like those of a cassette.
    let raw =
        "GET /?Action=A HTTP/1.1\r\nHost: ec2\r\n\r\nHTTP/1.1 200 OK\r\n\r\ninteractions:\r\n";
    let found = read("file", raw);
    assert_eq!(
        found.first().unwrap().response.as_ref().unwrap().body,
        b"interactions:"
    );
}
