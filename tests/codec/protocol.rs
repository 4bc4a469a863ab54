//! botocore's protocol tests, through the model-driven codec.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use ec2wire_model::protocol_tests::{self, EXCEPTIONS, Outcome, Verdict};
use ec2wire_test_support::snapshots;

fn run(file: &str) -> Vec<Outcome> {
    let path = format!("{}/tests/data/protocol/{file}", env!("CARGO_MANIFEST_DIR"));
    protocol_tests::run(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn every_case_passes_or_is_listed() {
    let mut outcomes = run("older-input.json");
    for file in ["older-output.json", "newer-input.json", "newer-output.json"] {
        outcomes.extend(run(file));
    }
    let report: Vec<String> = outcomes
        .iter()
        .map(|outcome| format!("{} {}: {}\n", outcome.suite, outcome.case, outcome.verdict))
        .collect();
    let _area = snapshots::area("model");
    insta::assert_snapshot!("protocol-tests", report.concat());
    assert!(
        !outcomes
            .iter()
            .any(|outcome| matches!(outcome.verdict, Verdict::Fail(_)))
    );
    let exceptions = outcomes
        .iter()
        .filter(|outcome| matches!(outcome.verdict, Verdict::Exception(..)));
    assert_eq!(exceptions.count(), EXCEPTIONS.len());
    assert_eq!(outcomes.len(), 25 + 58);
}

/// Every slightly altered case fails.
#[test]
fn a_difference_is_a_failure() {
    for (file, from, to) in [
        ("older-input.json", "Foo=val1", "Foo=val2"),
        (
            "older-input.json",
            "BarLocationName=val2",
            "barLocationName=val2",
        ),
        ("older-input.json", "ListArg.2=bar", "ListArg.member.2=bar"),
        ("older-input.json", "BlobArg=Zm9v", "BlobArg=foo"),
        (
            "older-input.json",
            "TimeCustom=1422172800",
            "TimeCustom=2015-01-25T08%3A00%3A00Z",
        ),
        (
            "older-input.json",
            "Token=abc123",
            "Token=abc123&Token=abc123",
        ),
        ("older-output.json", "<FooNum>123<", "<FooNum>124<"),
        ("older-output.json", "<member>abc<", "<member>abd<"),
        ("older-output.json", "<foo>bam<", "<foo>bar<"),
        ("older-output.json", "Tue, 29 Apr 2014", "Wed, 30 Apr 2014"),
        (
            "older-output.json",
            "<Code>UndefinedShape<",
            "<Code>DefinedShape<",
        ),
    ] {
        let path = format!("{}/tests/data/protocol/{file}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.contains(from), "{from}");
        let changed = text.replacen(from, to, 1);
        let outcomes = protocol_tests::run(changed.as_bytes()).unwrap();
        let is_failure = |outcome: &Outcome| matches!(outcome.verdict, Verdict::Fail(_));
        assert_eq!(outcomes.into_iter().filter(is_failure).count(), 1, "{to}");
    }
}

#[test]
fn a_file_with_other_content_is_an_error() {
    for (file, message) in [
        ("{}", "not protocol tests: "),
        (
            r#"[{"description": "a", "metadata": {"protocol": "query"}, "shapes": {}, "cases": []}]"#,
            "a: expected the protocol `ec2`, got `query`",
        ),
        (
            r#"[{"description": "a", "shapes": {}, "cases": [{"given": {"name": "A", "input": {"shape": "S"}}}]}]"#,
            "A refers to the shape `S`, which is not in the model",
        ),
    ] {
        let error = protocol_tests::run(file.as_bytes())
            .unwrap_err()
            .to_string();
        assert!(error.starts_with(message), "{error}");
    }
}
