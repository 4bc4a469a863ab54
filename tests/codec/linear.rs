//! Time grows linearly with the input.
//!
//! No time is measured. Every input has [`MANY`] of something. Linear work takes a second or two, even
//! in a debug build; quadratic work takes tens of billions of steps, and therefore minutes. Nextest
//! then ends the test.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use ec2wire::{ErrorKind, Limits, envelope, form, xml};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Odd, so that steps of a power of two reach all smaller numbers.
const MANY: usize = 200_001;

const BOUNDLESS: Limits = Limits {
    bytes: usize::MAX,
    depth: usize::MAX,
    entries: usize::MAX,
};
const STRICT: form::Options = form::Options::new().limits(BOUNDLESS);
const LENIENT: form::Options = STRICT.lenient();
const XML: xml::Options = xml::Options::new().limits(BOUNDLESS);

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename = "r", default)]
struct Value {
    name: Option<String>,
    id: Vec<String>,
    tag: Vec<Tag>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Tag {
    key: String,
    value: String,
}

/// The numbers from 1 to [`MANY`], in order.
fn in_order() -> impl Iterator<Item = usize> {
    1..=MANY
}

/// The same numbers, each far from the one before.
fn shuffled() -> impl Iterator<Item = usize> {
    in_order().map(|n| (n * (1 << 14)) % MANY + 1)
}

/// A text with one piece per number.
fn of(
    numbers: impl Iterator<Item = usize>,
    piece: fn(&mut String, usize) -> std::fmt::Result,
) -> String {
    let mut text = String::new();
    for n in numbers {
        piece(&mut text, n).unwrap();
    }
    text
}

/// The pairs without the last `&`.
fn body(pairs: &str) -> &str {
    pairs.strip_suffix('&').unwrap()
}

fn ids(value: &Value) -> impl Iterator<Item = usize> {
    value.id.iter().map(|id| id.parse().unwrap())
}

#[test]
fn a_list_in_order() {
    let pairs = of(in_order(), |out, n| write!(out, "Id.{n}={n}&"));
    let value: Value = STRICT.from_str(body(&pairs)).unwrap();
    assert!(ids(&value).eq(in_order()));
    assert_eq!(form::to_string(&value).unwrap(), body(&pairs));
    let call = STRICT.call(body(&pairs)).unwrap();
    assert_eq!(call.keys().count(), MANY);
    assert_eq!(call.decode::<Value>().unwrap(), value);
}

#[test]
fn a_list_in_any_order() {
    let pairs = of(shuffled(), |out, n| write!(out, "Id.{n}={n}&"));
    let value: Value = STRICT.from_str(body(&pairs)).unwrap();
    assert!(ids(&value).eq(in_order()));
    let reversed = of(in_order(), |out, n| write!(out, "Id.{}={n}&", MANY + 1 - n));
    let value: Value = STRICT.from_str(body(&reversed)).unwrap();
    assert_eq!(value.id.len(), MANY);
}

#[test]
fn a_list_with_gaps() {
    let pairs = of(shuffled(), |out, n| write!(out, "Id.{}={n}&", n * 10_000));
    let error = STRICT.from_str::<Value>(body(&pairs)).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::IndexGap(1));
    let value: Value = LENIENT.from_str(body(&pairs)).unwrap();
    assert!(ids(&value).eq(in_order()));
}

/// All keys first and then all values, which no client does.
#[test]
fn a_list_of_scattered_structures() {
    let mut pairs = of(shuffled(), |out, n| write!(out, "Tag.{n}.Value={n}&"));
    pairs += &of(in_order(), |out, n| write!(out, "Tag.{n}.Key=k&"));
    let value: Value = STRICT.from_str(body(&pairs)).unwrap();
    let values = value
        .tag
        .iter()
        .map(|tag| tag.value.parse::<usize>().unwrap());
    assert!(values.eq(in_order()));
}

#[test]
fn members_of_a_map() {
    let pairs = of(shuffled(), |out, n| write!(out, "Member{n}={n}&"));
    let map: BTreeMap<String, usize> = STRICT.from_str(body(&pairs)).unwrap();
    assert_eq!(map.len(), MANY);
    assert!(map.iter().all(|(key, n)| key.ends_with(&n.to_string())));
}

/// Two of each key, far apart.
#[test]
fn scattered_members_of_a_map() {
    let mut pairs = of(shuffled(), |out, n| write!(out, "Member{n}.B={n}&"));
    pairs += &of(in_order(), |out, n| write!(out, "Member{n}.A={n}&"));
    let untyped: serde_json::Value = STRICT.from_str(body(&pairs)).unwrap();
    let members = untyped.as_object().unwrap();
    assert_eq!(members.len(), MANY);
    assert!(members.values().all(|member| member["A"] == member["B"]));
}

#[test]
fn unknown_and_repeated_keys() {
    let mut pairs = of(shuffled(), |out, n| write!(out, "A{n}.1=&B.{n}=&"));
    pairs += &of(in_order(), |out, _| write!(out, "Name=a&Id.1=b&"));
    let value: Value = LENIENT.from_str(body(&pairs)).unwrap();
    assert_eq!((value.name.as_deref(), value.id.len()), (Some("a"), 1));
    assert!(STRICT.from_str::<IgnoredAny>(body(&pairs)).is_ok());
}

#[test]
fn escapes_in_forms() {
    let mut pairs = "Name=".to_owned();
    pairs += &of(in_order(), |out, _| write!(out, "%C3%A9+"));
    let value: Value = STRICT.from_str(&pairs).unwrap();
    assert_eq!(
        value.name.as_ref().map(|name| name.chars().count()),
        Some(2 * MANY)
    );
    assert_eq!(form::to_string(&value).unwrap().len(), 5 + 9 * MANY);
    pairs.push('%');
    let error = STRICT.from_str::<Value>(&pairs).unwrap_err();
    assert_eq!(error.offset(), Some(pairs.len() - 1));
    pairs += "FF";
    let error = STRICT.from_str::<Value>(&pairs).unwrap_err();
    assert_eq!(error.offset(), Some(pairs.len() - 3));
}

fn document(content: &str) -> String {
    format!("<r>{content}</r>")
}

fn decode<T: DeserializeOwned>(content: &str) -> T {
    XML.from_str(&document(content)).unwrap()
}

#[test]
fn entries_of_an_xml_list() {
    let items = of(in_order(), |out, n| write!(out, "<item>{n}</item>"));
    let value: Value = decode(&format!("<id>{items}</id>"));
    assert!(ids(&value).eq(in_order()));
    assert!(xml::to_string(&value).unwrap().contains(&items));
    // In a different order than the type's, with unknown elements and white space in between.
    let items = of(in_order(), |out, n| {
        write!(
            out,
            "\n <item><value>{n}</value><a><b/></a><key>k</key></item>"
        )
    });
    let value: Value = decode(&format!("<tag>{items}\n</tag>"));
    assert_eq!(value.tag.len(), MANY);
}

#[test]
fn unknown_elements() {
    let unknown = of(in_order(), |out, n| {
        write!(out, "<a{n} b='&lt;'>text<!-- --><c/>&amp;</a{n}> <?d?>")
    });
    let value: Value = decode(&format!("{unknown}<name>a</name>{unknown}"));
    assert_eq!(value.name.as_deref(), Some("a"));
    let map: BTreeMap<String, Option<IgnoredAny>> = decode(&unknown);
    assert_eq!(map.len(), MANY);
    let untyped: serde_json::Value =
        decode(&of(in_order(), |out, n| write!(out, "<a{n}>b</a{n}>")));
    assert_eq!(untyped.as_object().unwrap().len(), MANY);
    let attributes = of(in_order(), |out, n| write!(out, " a{n}='&lt;'"));
    assert!(XML.from_str::<Value>(&format!("<r{attributes}/>")).is_ok());
}

/// All kinds of pieces of a text.
#[test]
fn texts_of_many_pieces() {
    let pieces: [(&str, usize); 6] = [
        ("&amp;", 1),
        ("&#x1F600;a", 2),
        ("a<!-- -->", 1),
        ("<![CDATA[>]]>", 1),
        ("<!-- --><?p?>", 0),
        ("\r\n>", 2),
    ];
    for (piece, characters) in pieces {
        let text = piece.repeat(MANY);
        let value: Value = decode(&format!("<name>{text}</name>"));
        let found = value.name.as_ref().map(|name| name.chars().count());
        assert_eq!(found, Some(characters * MANY), "{piece}");
        let reply = envelope::decode_with::<Value>(
            XML,
            400,
            format!("<Response><RequestID>{text}</RequestID></Response>").as_bytes(),
        );
        let id = reply.unwrap().request_id().map(|id| id.chars().count());
        assert_eq!(id, Some(characters * MANY), "{piece}");
    }
}

/// Markup before and after the root, also where the kind of document is detected.
#[test]
fn markup_around_the_root() {
    let around = "<!-- --> <?p?>\n".repeat(MANY);
    let body = format!("{around}<r><name>a</name></r>{around}");
    let value: Value = XML.from_str(&body).unwrap();
    assert_eq!(value.name.as_deref(), Some("a"));
    let body = format!("{around}<Response>{around}<Errors>{around}</Errors></Response>");
    assert!(envelope::decode_with::<IgnoredAny>(XML, 503, body.as_bytes()).is_ok());
}
