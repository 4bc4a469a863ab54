//! Values that one of the formats cannot encode.

use super::{Row, must_fail};
use ec2wire::ipam::{CreateIpam, CreateIpamPolicy, CreateIpamPolicyResponse, IpamPolicy};
use ec2wire::{Fault, Operation, Tag, TagSpecification, form, xml};
use serde::Serialize;
use std::collections::BTreeMap;

/// A value of each kind that one of the formats cannot encode.
#[derive(Serialize)]
struct Carries<T> {
    member: T,
}

#[derive(Serialize)]
enum Data {
    Newtype(u8),
    Tuple(u8, u8),
    Struct { member: u8 },
}

#[derive(Serialize)]
struct BadName {
    #[serde(rename = "a b")]
    member: u8,
}

#[derive(Serialize)]
struct NoName {
    #[serde(rename = "")]
    member: u8,
}

struct Unwritable;

impl std::io::Write for Unwritable {
    fn write(&mut self, _bytes: &[u8]) -> std::io::Result<usize> {
        Err(std::io::Error::other("the disk is full"))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn both<T: Serialize>(rows: &mut Vec<Row>, what: &str, value: &T) {
    rows.push(must_fail(format!("form, {what}"), form::to_string(value)));
    rows.push(must_fail(format!("XML, {what}"), xml::to_string(value)));
}

/// Maps with keys that are not names.
fn keys(rows: &mut Vec<Row>) {
    both(rows, "a map, its key a short float", &carries(Key(0.5_f32)));
    both(rows, "a map, its key a float", &carries(Key(0.5)));
    both(rows, "a map, its key bytes", &carries(Key(Bytes)));
    both(rows, "a map, its key `None`", &carries(Key(None::<u8>)));
    both(rows, "a map, its key a unit", &carries(Key(())));
    both(rows, "a map, its key a unit structure", &carries(Key(Unit)));
    both(rows, "a map, its key a list", &carries(Key(["a"])));
    both(
        rows,
        "a map, its key a structure",
        &carries(Key(carries(1))),
    );
    let variant = Key(Data::Newtype(1));
    both(rows, "a map, its key a newtype variant", &carries(variant));
}

fn carries<T>(member: T) -> Carries<T> {
    Carries { member }
}

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    let rows_ = &mut rows;
    both(rows_, "a number", &5);
    both(rows_, "a string", &"text");
    both(rows_, "a list", &[5]);
    both(
        rows_,
        "an enum's newtype variant",
        &carries(Data::Newtype(1)),
    );
    both(
        rows_,
        "an enum's tuple variant",
        &carries(Data::Tuple(1, 2)),
    );
    both(
        rows_,
        "an enum's struct variant",
        &carries(Data::Struct { member: 1 }),
    );
    both(rows_, "a list with a `None`", &carries([Some(1), None]));
    both(rows_, "a member without a name", &NoName { member: 1 });
    keys(rows_);

    let request = CreateIpamPolicy::<String> {
        tag_specifications: vec![
            TagSpecification::new("ipam-policy".into(), [Tag::new("a", "b")]),
            TagSpecification::default(),
        ],
        ..CreateIpamPolicy::default()
    };
    rows.push(must_fail(
        "form, a tag specification without members",
        request.to_body(),
    ));
    let request = CreateIpam::<String> {
        tag_specifications: vec![TagSpecification::new(
            "ipam".into(),
            [Tag::new("a", "b"), Tag::default()],
        )],
        ..CreateIpam::default()
    };
    rows.push(must_fail("form, a tag without members", request.to_body()));
    rows.push(must_fail(
        "form, to a full disk",
        form::to_writer(Unwritable, &carries(1)),
    ));

    let bad_name = BadName { member: 1 };
    rows.push(must_fail(
        "XML, a name with a space",
        xml::to_string(&bad_name),
    ));
    let map = BTreeMap::from([("a", 1)]);
    rows.push(must_fail("XML, a map as the root", xml::to_string(&map)));
    rows.push(must_fail("XML, nothing", xml::to_string(&None::<u8>)));
    rows.push(must_fail("XML, a unit", xml::to_string(&())));
    for text in ["\0", "a\u{1F}", "\u{FFFE}", "tab\t, \u{FFFF}"] {
        let tags = vec![Tag::new("a", "b"), Tag::new("key", text)];
        let policy = IpamPolicy::<String> {
            tag_set: Some(tags),
            ..IpamPolicy::default()
        };
        rows.push(must_fail(format!("XML, {text:?}"), xml::to_string(&policy)));
    }
    let response = CreateIpamPolicyResponse::<String>::default();
    rows.push(must_fail(
        "XML, an illegal request id",
        <CreateIpamPolicy>::encode_response("\u{1}", &response),
    ));
    rows.push(must_fail(
        "XML, an illegal error message",
        Fault::new(400, "Code", "\u{1}").to_xml(),
    ));
    rows.push(must_fail(
        "XML, to a full disk",
        xml::to_writer(Unwritable, &carries(1)),
    ));
    rows
}

/// A map with one key.
struct Key<K>(K);

impl<K: Serialize> Serialize for Key<K> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(&self.0, 1)])
    }
}

/// Writes the value as bytes; a slice would be written as a list.
struct Bytes;

impl Serialize for Bytes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(b"abc")
    }
}

#[derive(Serialize)]
struct Unit;
