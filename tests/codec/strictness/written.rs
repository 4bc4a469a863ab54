//! Values and their encodings.

use super::table::Row;
use ec2wire::ipam::DeleteIpam;
use ec2wire::{EC2_VERSION, Error, Operation, envelope, form, xml};
use ec2wire_test_support::Blob;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;

/// A value, as written in the source, and its encoding.
pub(crate) struct Case(&'static str, fn() -> Result<String, Error>);

impl Case {
    pub(crate) fn encode(&self) -> Result<String, Error> {
        (self.1)()
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Has a member of the value's kind, between two others.
#[derive(Serialize)]
struct Holder<T> {
    before: u8,
    value: T,
    after: u8,
}

fn holder<T>(value: T) -> Holder<T> {
    Holder {
        before: 1,
        value,
        after: 2,
    }
}

/// Members whose names are not sorted.
#[derive(Serialize)]
struct Unsorted {
    b: u8,
    a: Holder<u8>,
    c: u8,
}

const UNSORTED: Unsorted = Unsorted {
    b: 1,
    a: Holder {
        before: 1,
        value: 2,
        after: 3,
    },
    c: 3,
};

/// A type that writes timestamps.
struct Midnight;

impl Serialize for Midnight {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("2026-{:02}-{:02}T00:00:00Z", 1, 31))
    }
}

fn to_xml(value: &impl Serialize) -> Result<String, Error> {
    Ok(without_namespace(&xml::to_string(value)?))
}

/// The document without the parts that all documents have.
fn without_namespace(body: &str) -> String {
    let namespace = format!(" xmlns=\"{}\"", xml::EC2_NAMESPACE);
    let (_, root) = body.split_once("?>\n").unwrap_or_default();
    root.replace(&namespace, "")
}

/// Cases with one value each.
macro_rules! held {
    ($encode:path: $($value:expr),+ $(,)?) => {
        &[$(Case(stringify!($value), || $encode(&holder($value)))),+]
    };
}

pub(crate) const FORM_ROWS: &[Row<Case>] = &[
    Row {
        input: "`None`, `()`, an empty list",
        cases: held!(form::to_string: None::<u8>, (), [""; 0], BTreeMap::<u8, u8>::new()),
    },
    Row {
        input: "an empty string",
        cases: held!(form::to_string: "", Some(""), [""]),
    },
    Row {
        input: "booleans",
        cases: held!(form::to_string: true, false),
    },
    Row {
        input: "integers",
        cases: held!(form::to_string: 0, -5, i128::MIN, u64::MAX),
    },
    Row {
        input: "floats",
        cases: held!(form::to_string: 1.0, -0.5, 0.1_f32, 1e21, 1e-7, f64::NAN, -f32::NAN,
            f64::INFINITY, f32::NEG_INFINITY),
    },
    Row {
        input: "bytes",
        cases: held!(form::to_string: Blob(vec![]), Blob(vec![b'a']), Blob(vec![0xFB, 0xFF, 0xFE])),
    },
    Row {
        input: "timestamps",
        cases: held!(form::to_string: Midnight),
    },
    Row {
        input: "text",
        cases: held!(form::to_string: "aZ09-._~", "a b+c%*/:'é\0", 'é'),
    },
    Row {
        input: "members",
        cases: &[
            Case("UNSORTED", || form::to_string(&UNSORTED)),
            Case("UNSORTED, a whole call", || {
                let mut body = Vec::new();
                form::append_call(&mut body, "Act", EC2_VERSION, &UNSORTED)?;
                Ok(String::from_utf8_lossy(&body).into_owned())
            }),
            Case("DeleteIpam, its body", || {
                let request: DeleteIpam = DeleteIpam::new("ipam-1");
                request.to_body()
            }),
        ],
    },
    Row {
        input: "a list entry that would write nothing",
        cases: held!(form::to_string: [Some(1), None, Some(3)], [()], [[""; 0]]),
    },
];

pub(crate) const XML_ROWS: &[Row<Case>] = &[
    Row {
        input: "`None`, `()`",
        cases: held!(to_xml: None::<u8>, ()),
    },
    Row {
        input: "an empty list",
        cases: held!(to_xml: [""; 0], [[""; 0]]),
    },
    Row {
        input: "an empty string",
        cases: held!(to_xml: "", Some(""), [""]),
    },
    Row {
        input: "booleans",
        cases: held!(to_xml: true, false),
    },
    Row {
        input: "integers",
        cases: held!(to_xml: 0, -5, i128::MIN, u64::MAX),
    },
    Row {
        input: "floats",
        cases: held!(to_xml: 1.0, -0.5, 0.1_f32, 1e21, 1e-7, f64::NAN, -f32::NAN, f64::INFINITY,
            f32::NEG_INFINITY),
    },
    Row {
        input: "bytes",
        cases: held!(to_xml: Blob(vec![]), Blob(vec![b'a']), Blob(vec![0xFB, 0xFF, 0xFE])),
    },
    Row {
        input: "timestamps",
        cases: held!(to_xml: Midnight),
    },
    Row {
        input: "text",
        cases: held!(to_xml: "<a> & \"b\" 'c'", "\t\r\n", "é\u{85}\u{FFFD}", '&'),
    },
    Row {
        input: "members",
        cases: &[
            Case("UNSORTED", || to_xml(&UNSORTED)),
            Case("UNSORTED, an answer", || {
                Ok(without_namespace(&envelope::encode("id", &UNSORTED)?))
            }),
        ],
    },
    Row {
        input: "a list entry that would write nothing",
        cases: held!(to_xml: [Some(1), None, Some(3)], [()]),
    },
    Row {
        input: "a character that XML 1.0 cannot carry",
        cases: held!(to_xml: "\0", "a\u{1F}", "\u{FFFE}", '\u{FFFF}'),
    },
];
