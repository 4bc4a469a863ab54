//! Types that no operation uses: maps, structures without members, names with a prefix.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use ec2wire::ipam::DeleteIpamResponse;
use ec2wire::{ErrorKind, envelope, form, xml};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

type Map = BTreeMap<String, String>;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Nothing;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Prefixed {
    #[serde(rename = "p:id")]
    id: Option<String>,
    #[serde(rename = "q:id")]
    other: Option<String>,
    name: Option<String>,
}

#[derive(Serialize)]
struct Root {
    map: Map,
}

fn xml_error<'de, T: Deserialize<'de> + std::fmt::Debug>(body: &'de str) -> ErrorKind {
    xml::from_str::<T>(body).unwrap_err().kind().clone()
}

/// No member is expected there, so the empty name is not compared with anything.
#[test]
fn an_element_without_a_name_is_an_error_anywhere() {
    let is_malformed = |kind: ErrorKind| matches!(kind, ErrorKind::Malformed(_));
    for last in ["<></>", "<>a</>", "</>", "<>"] {
        let behind = format!("<DeleteIpamResponse><ipam/>{last}</DeleteIpamResponse>");
        assert!(
            is_malformed(xml_error::<DeleteIpamResponse>(&behind)),
            "{last}"
        );
        assert!(
            is_malformed(xml_error::<Map>(&format!("<r>{last}</r>"))),
            "{last}"
        );
        let body = format!("<Nothing>{last}</Nothing>");
        assert!(is_malformed(xml_error::<Nothing>(&body)), "{last}");
    }
}

#[test]
fn a_name_that_xml_forbids_is_neither_read_nor_written() {
    for noncharacter in ['\u{FFFE}', '\u{FFFF}'] {
        let name = format!("a{noncharacter}");
        let kind = ErrorKind::IllegalCharacter(noncharacter.into());
        assert_eq!(xml_error::<Map>(&format!("<r><{name}/></r>")), kind);
        assert_eq!(xml_error::<Map>(&format!("<r><a></{name}></r>")), kind);
        let map = BTreeMap::from([(name.clone(), String::new())]);
        let error = xml::to_string(&Root { map }).unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::IllegalName(name.into()));
    }
}

#[test]
fn a_field_with_a_prefix_is_read_in_any_order() {
    let value = Prefixed {
        id: Some("1".into()),
        other: Some("2".into()),
        name: Some("3".into()),
    };
    for members in [
        "<p:id>1</p:id><q:id>2</q:id><name>3</name>",
        "<name>3</name><q:id>2</q:id><p:id>1</p:id>",
        "<q:id>2</q:id><z:name>3</z:name><p:id >1</p:id>",
    ] {
        let body = format!("<Prefixed>{members}</Prefixed>");
        assert_eq!(
            xml::from_str::<Prefixed>(&body).unwrap(),
            value,
            "{members}"
        );
    }
    assert_eq!(
        xml::from_str::<Prefixed>(&xml::to_string(&value).unwrap()).unwrap(),
        value
    );
}

/// The numbers are larger than any list index.
#[test]
fn map_keys_of_many_digits_stay_distinct() {
    type Nested = BTreeMap<String, BTreeMap<String, Map>>;
    let (one, two) = ("99999999999999999999991", "99999999999999999999992");
    let body = format!("M.{one}.A=1&M.{two}.A=2&M.{one}.B=3");
    let read: Nested = form::from_str(&body).unwrap();
    let map = |pairs: &[(&str, &str)]| -> Map {
        let own = |&(key, value): &(&str, &str)| (key.to_owned(), value.to_owned());
        pairs.iter().map(own).collect()
    };
    let members = BTreeMap::from([
        (one.to_owned(), map(&[("A", "1"), ("B", "3")])),
        (two.to_owned(), map(&[("A", "2")])),
    ]);
    assert_eq!(read, BTreeMap::from([("M".to_owned(), members)]));
}

/// Both variants borrow from the response if the type does.
#[test]
fn a_reply_may_borrow() {
    #[derive(Deserialize)]
    #[serde(rename = "r")]
    struct Borrowing<'a> {
        id: &'a str,
    }
    let body = b"<r><requestId>1</requestId><id>ipam-1</id></r>".to_vec();
    let reply = envelope::decode::<Borrowing<'_>>(200, &body).unwrap();
    let output = reply.into_result().unwrap().output;
    assert!(body.as_ptr_range().contains(&output.id.as_ptr()));
    assert_eq!(output.id, "ipam-1");
}
