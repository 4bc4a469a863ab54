//! Every error message that is about a value or its type, with what draws it.
//!
//! What the decoders make of damaged input is in `strictness.rs`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "common/blob.rs"]
mod blob;
#[path = "errors/encoding.rs"]
mod encoding;
#[path = "errors/message.rs"]
mod message;
#[path = "common/snapshots.rs"]
mod snapshots;
#[path = "errors/types.rs"]
mod types;

use ec2wire::{Error, Result};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// What was tried, and the error that came of it.
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
fn a_value_has_no_form() {
    let rows = encoding::rows();
    for (what, error) in &rows {
        assert_eq!(error.offset(), None, "{what}: {error}");
    }
    check("encoding", &rows);
}

#[test]
fn every_kind_that_is_not_of_input_is_drawn() {
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
