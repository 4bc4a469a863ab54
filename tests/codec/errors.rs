//! Every error message about a value or its type, with an input that raises it.
//!
//! `strictness.rs` covers damaged input.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod encoding;
mod types;

use crate::common::message;
use ec2wire::contract::{self, Level};
use ec2wire::ipam::{CreateIpamPolicy, DeleteIpam};
use ec2wire::{Error, Operation, Result};
use ec2wire_test_support::snapshots;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// What was tried, and the resulting error.
type Row = (String, Error);

fn must_fail<T>(input: impl Into<String>, result: Result<T>) -> Row {
    let input = input.into();
    match result {
        Ok(_) => panic!("accepted: {input}"),
        Err(error) => (input, error),
    }
}

fn check(area: &str, rows: &[Row]) {
    let mut shown = String::new();
    for (input, error) in rows {
        message::check_style(input, error);
        writeln!(shown, "{input}\n    {error}").unwrap();
    }
    let _area = snapshots::area("errors");
    insta::assert_snapshot!(area, shown);
}

#[test]
fn a_type_refuses_text() {
    for (area, rows) in [
        ("form-types", types::of_requests()),
        ("xml-types", types::of_responses()),
    ] {
        for (input, error) in &rows {
            message::check_place(input, error);
        }
        check(area, &rows);
    }
}

#[test]
fn a_value_cannot_be_encoded() {
    let rows = encoding::rows();
    for (what, error) in &rows {
        assert_eq!(error.offset(), None, "{what}: {error}");
    }
    check("encoding", &rows);
}

#[test]
fn every_kind_that_is_not_about_input_is_raised() {
    let tables = [
        types::of_requests(),
        types::of_responses(),
        encoding::rows(),
    ];
    let drawn = tables.iter().flatten();
    let drawn: BTreeSet<String> = drawn.map(|(_, error)| message::kind_name(error)).collect();
    for kind in message::NOT_OF_INPUT {
        assert!(drawn.contains(kind), "{kind}");
    }
}

#[test]
fn an_error_prints_its_parts_for_debugging() {
    let (_, error) = must_fail("IpamId=%zz", <DeleteIpam>::from_body("IpamId=%zz"));
    let shown = format!("{error:?}");
    assert_eq!(
        shown,
        r#"Error { kind: BadPercentEscape, path: "IpamId", offset: Some(7) }"#
    );
}

/// A rule violation is not an error, but reads like one.
#[test]
fn a_violation_names_the_rule_and_the_place() {
    let request: CreateIpamPolicy = CreateIpamPolicy::default();
    let violations = contract::check(&request);
    let shown: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["must: the member IpamId is required (IpamId)"]);
    let levels = [Level::May, Level::Should, Level::Must];
    assert_eq!(
        levels.map(|level| format!("{level:>6}")),
        ["   may", "should", "  must"]
    );

    let rules = contract::RULES;
    for (at, rule) in rules.iter().enumerate() {
        assert_eq!(rules.iter().position(|other| other == rule), Some(at));
        let shown = format!("{rule:?}");
        assert!(shown.contains(rule.name) && shown.contains(rule.source));
    }
}
