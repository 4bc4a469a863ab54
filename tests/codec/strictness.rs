//! How the decoders read every input that peers read differently, and damaged input; and how the
//! encoders write every kind of value.
//!
//! The decisions are the tables in the rustdoc of `form`, `xml` and `envelope`. Each has a counterpart
//! here, with the same rows in the same order, and inputs for each row. The snapshots show the results.
//! The rustdoc is checked against them: a cell must link exactly the error kinds that the row's inputs
//! raise, and if it contains only links, every input must raise one.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod envelope;
mod form;
mod scalars;
mod size;
mod table;
mod truncation;
mod written;
mod xml;

use crate::common::message;
use ec2wire_test_support::snapshots;
use std::collections::BTreeSet;
use std::fmt::{Display, Write as _};
use std::sync::LazyLock;
use table::{Outcome, Row, documented, linked, visible};

const FORM: &str = include_str!("../../crates/ec2wire/src/form/mod.rs");
const XML: &str = include_str!("../../crates/ec2wire/src/xml/mod.rs");
const ENVELOPE: &str = include_str!("../../crates/ec2wire/src/envelope.rs");

/// One way of decoding, and its cell in the rustdoc table.
struct Column<C: 'static> {
    name: &'static str,
    cell: usize,
    decode: fn(&C) -> Outcome,
}

/// Checks a table against the rustdoc and takes its snapshot. Returns the error kinds that its inputs
/// raise.
fn check<C>(
    rows: &[Row<C>],
    doc: &[Vec<&str>],
    columns: &[Column<C>],
    show: fn(&C) -> String,
) -> (String, BTreeSet<String>) {
    let documented: Vec<&str> = doc.iter().map(|cells| *cells.first().unwrap()).collect();
    let tested: Vec<&str> = rows.iter().map(|row| row.input).collect();
    assert_eq!(tested, documented, "the rustdoc and its test differ");

    let mut shown = String::new();
    let mut all = BTreeSet::new();
    let mut problems = Vec::new();
    for (row, cells) in rows.iter().zip(doc) {
        assert!(!row.cases.is_empty(), "{} has no case", row.input);
        assert!(
            cells.iter().all(|cell| !cell.trim().is_empty()),
            "{} has an empty cell",
            row.input
        );
        let mut drawn = vec![BTreeSet::new(); cells.len()];
        writeln!(shown, "\n# {}\n", row.input).unwrap();
        for case in row.cases {
            writeln!(shown, "{}", show(case)).unwrap();
            let mut before = None;
            for column in columns {
                let Outcome {
                    kind,
                    shown: outcome,
                } = (column.decode)(case);
                let cell = cells.get(column.cell).unwrap();
                if kind.is_none() && cell.starts_with("[`") && cell.ends_with("`]") {
                    problems.push(format!("{}: accepts {}", row.input, show(case)));
                }
                drawn.get_mut(column.cell).unwrap().extend(kind);
                if before.as_ref() != Some(&outcome) {
                    writeln!(shown, "    {}{}", column.name, visible(&outcome)).unwrap();
                }
                before = Some(outcome);
            }
        }
        for column in columns {
            let drawn = drawn.get(column.cell).unwrap();
            let linked = linked(cells.get(column.cell).unwrap());
            if *drawn != linked {
                problems.push(format!("{}: raises {drawn:?}, links {linked:?}", row.input));
            }
            all.extend(drawn.iter().cloned());
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
    (shown, all)
}

fn show<C: Display>(case: &C) -> String {
    case.to_string()
}

/// The text of a snapshot, and the kinds of errors in it.
type Table = LazyLock<(String, BTreeSet<String>)>;

static FORM_TABLE: Table = LazyLock::new(|| {
    const OPTIONS: ec2wire::form::Options = ec2wire::form::Options::new();
    let doc = documented(FORM, "| input | strict | lenient | why |");
    let strict = Column {
        name: "",
        cell: 1,
        decode: |body: &table::Body| form::outcome(OPTIONS, body),
    };
    let lenient = Column {
        name: "lenient: ",
        cell: 2,
        decode: |body: &table::Body| form::outcome(OPTIONS.lenient(), body),
    };
    check(form::ROWS, &doc, &[strict, lenient], show)
});

static XML_TABLE: Table = LazyLock::new(|| {
    const OPTIONS: ec2wire::xml::Options = ec2wire::xml::Options::new();
    let doc = documented(XML, "| input | decision | why |");
    let default = Column {
        name: "",
        cell: 1,
        decode: |body: &table::Body| Outcome::of(xml::decode(OPTIONS, &body.bytes())),
    };
    let strict = Column {
        name: "strict: ",
        cell: 1,
        decode: |body: &table::Body| Outcome::of(xml::decode(OPTIONS.strict(), &body.bytes())),
    };
    check(xml::ROWS, &doc, &[default, strict], show)
});

static ENVELOPE_TABLE: Table = LazyLock::new(|| {
    let doc = documented(ENVELOPE, "| answer | result | why |");
    let column = Column {
        name: "",
        cell: 1,
        decode: |(status, body): &envelope::Answer| envelope::decode(*status, &body.bytes()),
    };
    let show = |(status, body): &envelope::Answer| format!("HTTP {status}: {body}");
    check(envelope::ROWS, &doc, &[column], show)
});

fn written(source: &'static str, rows: &[Row<written::Case>]) -> String {
    let doc = documented(source, "| value | on the wire |");
    let column = Column {
        name: "",
        cell: 1,
        decode: |case: &written::Case| Outcome::of_encoding(case.encode()),
    };
    check(rows, &doc, &[column], show).0
}

/// The names of all kinds, from the source.
fn all_kinds() -> BTreeSet<String> {
    let source = include_str!("../../crates/ec2wire/src/error.rs");
    let kinds: BTreeSet<String> = source
        .lines()
        .skip_while(|line| *line != "pub enum ErrorKind {")
        .take_while(|line| *line != "}")
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()))
        .map(message::name)
        .collect();
    assert!(kinds.len() > 30, "{kinds:?}");
    kinds
}

#[test]
fn requests_are_read_as_documented() {
    let _area = snapshots::area("strictness");
    insta::assert_snapshot!("form", FORM_TABLE.0);
}

#[test]
fn responses_are_read_as_documented() {
    let _area = snapshots::area("strictness");
    insta::assert_snapshot!("xml", XML_TABLE.0);
}

#[test]
fn answers_are_read_as_documented() {
    let _area = snapshots::area("strictness");
    insta::assert_snapshot!("envelope", ENVELOPE_TABLE.0);
}

#[test]
fn requests_are_written_as_documented() {
    let _area = snapshots::area("strictness");
    insta::assert_snapshot!("form-written", written(FORM, written::FORM_ROWS));
}

#[test]
fn responses_are_written_as_documented() {
    let _area = snapshots::area("strictness");
    insta::assert_snapshot!("xml-written", written(XML, written::XML_ROWS));
}

#[test]
fn every_kind_of_error_is_raised() {
    let tables = [&FORM_TABLE, &XML_TABLE, &ENVELOPE_TABLE];
    let mut drawn: BTreeSet<String> = tables.iter().flat_map(|table| table.1.clone()).collect();
    for reply in ["Success", "Fault"] {
        assert!(drawn.remove(reply));
    }
    let mut kinds = all_kinds();
    for kind in message::NOT_OF_INPUT {
        assert!(kinds.remove(kind), "{kind}");
    }
    assert_eq!(drawn, kinds);
}
