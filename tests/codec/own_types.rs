//! User-defined types: the promises of the codec's rustdoc tables that depend on the type, not on the
//! input.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ec2wire::{ErrorKind, Limit, form, xml};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Debug;

/// An action without parameters.
#[derive(Debug, PartialEq, Deserialize)]
struct Unit;

/// `()` is read like a structure without members, also next to common parameters.
#[test]
fn a_unit_is_a_structure_without_members() {
    for body in ["", "Action=A", "Action=A&Version=2016-11-15&X-Amz-Date=d"] {
        assert_eq!(form::from_str::<()>(body), Ok(()), "{body}");
        assert_eq!(form::from_str::<Unit>(body), Ok(Unit), "{body}");
    }
    let kind = |body: &str| {
        let unit = form::from_str::<()>(body).unwrap_err();
        assert_eq!(form::from_str::<Unit>(body).unwrap_err(), unit);
        unit.kind().clone()
    };
    assert_eq!(kind("Name=a"), ErrorKind::UnknownMember("Name".into()));
    assert_eq!(
        kind("Action.A=a"),
        ErrorKind::UnknownMember("Action".into())
    );
    assert_eq!(
        kind("Action=A&Action=B"),
        ErrorKind::RepeatedMember("Action".into())
    );
    let lenient = form::Options::new().lenient();
    assert_eq!(lenient.from_str("Action=A&Name=a"), Ok(()));
}

/// The codec treats a timestamp as text, so any date type with a text form works.
#[test]
fn a_timestamp_is_parsed_by_its_type() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Reading {
        time: Timestamp,
    }

    for (wire, again) in [
        ("2026-01-31T23:59:59Z", "2026-01-31T23:59:59Z"),
        ("2026-01-31T23:59:59.500Z", "2026-01-31T23:59:59.5Z"),
        ("2026-01-31T23:59:59+01:00", "2026-01-31T22:59:59Z"),
    ] {
        let escaped = |text: &str| text.replace(':', "%3A").replace('+', "%2B");
        let reading: Reading = form::from_str(&format!("Time={}", escaped(wire))).unwrap();
        let body = form::to_string(&reading).unwrap();
        assert_eq!(body, format!("Time={}", escaped(again)));
        let body = format!("<Reading><time>{wire}</time></Reading>");
        assert_eq!(xml::from_str::<Reading>(&body).as_ref(), Ok(&reading));
        let body = xml::to_string(&reading).unwrap();
        assert!(body.ends_with(&format!("<time>{again}</time></Reading>")));
    }
    let error = form::from_str::<Reading>("Time=tomorrow").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Custom(_)), "{error}");
    assert_eq!((error.path().as_str(), error.offset()), ("Time", Some(0)));
}

/// Has a root with its name, or with any name if any is accepted.
fn named<T: DeserializeOwned + Debug + PartialEq>(name: &str, content: &str) {
    let body = |root: &str| format!("<{root}>{content}</{root}>");
    let value = xml::from_str::<T>(&body(name)).unwrap();
    let error = xml::from_str::<T>(&body("Other")).unwrap_err();
    let kind = ErrorKind::WrongRoot {
        expected: name.into(),
        found: "Other".into(),
    };
    assert_eq!((error.kind(), error.offset()), (&kind, Some(0)));
    let any = xml::Options::new().any_root();
    assert_eq!(any.from_str::<T>(&body("Other")), Ok(value));
}

/// Has a root with any name.
fn nameless<T: DeserializeOwned + Debug + PartialEq>(content: &str, value: &T) {
    let body = format!("<Other>{content}</Other>");
    assert_eq!(xml::from_str::<T>(&body).as_ref(), Ok(value));
}

/// The root's name must be the type's name; a type without a name accepts any root.
#[test]
fn a_named_type_requires_a_root_of_that_name() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Pair(String, String);
    #[derive(Debug, PartialEq, Deserialize)]
    struct Structure {
        item: String,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Wrapper(Structure);
    #[derive(Debug, PartialEq, Deserialize)]
    enum State {
        #[serde(rename = "a")]
        A,
    }

    named::<Unit>("Unit", "");
    named::<Structure>("Structure", "<item>a</item>");
    named::<Wrapper>("Structure", "<item>a</item>");
    named::<Pair>("Pair", "<item>a</item><item>b</item>");

    let list = "<item>a</item><item>b</item>";
    nameless(list, &vec!["a".to_owned(), "b".to_owned()]);
    nameless(list, &("a".to_owned(), "b".to_owned()));
    nameless(list, &());
    let map = BTreeMap::from([("item".to_owned(), "a".to_owned())]);
    nameless("<item>a</item>", &map);
    nameless("a", &"a".to_owned());
    nameless("-5", &-5);
    nameless("true", &true);
    nameless("a", &State::A);
}

/// Has members of each kind. The typed ones can be read only if the structure is not flattened.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Common {
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    list: Vec<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flag: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u8>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    key: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Flat {
    own: u8,
    #[serde(flatten)]
    common: Common,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Response {
    flat: Flat,
}

fn flat(text: &str) -> Flat {
    let common = Common {
        text: Some(text.into()),
        list: vec![Entry { key: "k".into() }],
        ..Common::default()
    };
    Flat { own: 1, common }
}

/// serde flattens through a map of untyped text, with documented consequences.
#[test]
fn flattened_texts_lists_and_structures_go_both_ways() {
    let body = form::to_string(&flat("a&b")).unwrap();
    assert_eq!(body, "Own=1&Text=a%26b&List.1.Key=k");
    assert_eq!(form::from_str::<Flat>(&body), Ok(flat("a&b")));
    assert_eq!(
        form::from_str::<Flat>("List.1.Key=k&Own=1&Text=a%26b"),
        Ok(flat("a&b"))
    );

    let response = Response { flat: flat("a&b") };
    let body = xml::to_string(&response).unwrap();
    assert!(body.ends_with(
        "<flat><Own>1</Own><Text>a&amp;b</Text><List><item><Key>k</Key></item></List></flat>\
         </Response>"
    ));
    assert_eq!(xml::from_str::<Response>(&body), Ok(response));
}

#[test]
fn flattened_booleans_and_numbers_are_not_decoded() {
    for (name, value) in [("Flag", "true"), ("Count", "5")] {
        let flat = form::from_str::<Flat>(&format!("Own=1&{name}={value}"));
        let response =
            format!("<Response><flat><Own>1</Own><{name}>{value}</{name}></flat></Response>");
        let response = xml::from_str::<Response>(&response);
        for error in [flat.unwrap_err(), response.unwrap_err()] {
            let message = error.kind().to_string();
            let start = format!("invalid type: string \"{value}\", expected ");
            assert!(message.starts_with(&start), "{message}");
            assert!(!error.path().contains(name), "{error}");
        }
        // They are decoded if not flattened.
        assert!(form::from_str::<Common>(&format!("{name}={value}")).is_ok());
    }
}

#[test]
fn unknown_members_of_a_flattening_structure_are_ignored() {
    let body = "Own=1&Colour=red&Text=a&Action=A&Version=1";
    let request = form::from_str::<Flat>(body).unwrap();
    assert_eq!(
        (request.own, request.common.text.as_deref()),
        (1, Some("a"))
    );
    let error = form::from_str::<Common>("Colour=red").unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::UnknownMember("Colour".into()));
    // Damage in them is still an error, and so is a repeated member.
    for body in [
        "Own=1&Colour=%zz",
        "Own=1&Own=1",
        "Own=1&Text=a&Text=a",
        "Own=1&Colour",
    ] {
        assert!(form::from_str::<Flat>(body).is_err(), "{body}");
    }
}

#[test]
fn a_flattening_structure_has_no_root_name() {
    let body = "<Other><Own>1</Own><Text>a</Text></Other>";
    let flat = xml::from_str::<Flat>(body).unwrap();
    assert_eq!(flat.common.text.as_deref(), Some("a"));
    let error = xml::to_string(&flat).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Unsupported(_)), "{error}");
}

/// Blobs are encoded in pieces, which must not be visible in the result.
#[test]
fn a_blob_of_any_length_is_base64() {
    struct Bytes(Vec<u8>);

    impl Serialize for Bytes {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(&self.0)
        }
    }

    #[derive(Serialize)]
    struct Upload {
        data: Bytes,
    }

    for length in [0, 1, 2, 3, 100, 383, 384, 385, 1000] {
        let bytes: Vec<u8> = (0..=255).cycle().take(length).collect();
        let expected = BASE64.encode(&bytes);
        let upload = Upload { data: Bytes(bytes) };
        let body = form::to_string(&upload).unwrap();
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&body).unwrap();
        assert_eq!(pairs, [("Data".to_owned(), expected.clone())]);
        let body = xml::to_string(&upload).unwrap();
        assert!(
            body.ends_with(&format!("<data>{expected}</data></Upload>")) || length == 0,
            "{body}"
        );
    }
}

/// A response without members is an empty root element.
#[test]
fn a_unit_answers_with_an_empty_root() {
    #[derive(Serialize)]
    struct PingResponse;

    let body = xml::to_string(&PingResponse).unwrap();
    assert_eq!(xml::from_str::<()>(&body), Ok(()));
    assert!(body.contains("PingResponse"), "{body}");
}

/// A call is appended as further pairs.
#[test]
fn a_call_is_appended_behind_an_ampersand() {
    let mut body = b"Signature=s".to_vec();
    form::append_call(&mut body, "A", "1", &()).unwrap();
    assert_eq!(body, b"Signature=s&Action=A&Version=1");
}

/// Keys are sorted only down to the depth limit.
#[test]
fn keys_of_any_depth_are_sorted() {
    let deep = "A.".repeat(200_000);
    let body = format!("B=1&{deep}X=1&C=1&{deep}Y=2");
    let error = form::from_str::<BTreeMap<String, serde_json::Value>>(&body).unwrap_err();
    let depth = form::Options::LIMITS.depth;
    assert_eq!(*error.kind(), ErrorKind::LimitExceeded(Limit::Depth, depth));
}

#[test]
fn another_fault_is_not_a_dry_run() {
    assert!(!ec2wire::Fault::new(412, "UnauthorizedOperation", "").is_dry_run());
}
