//! Every error message with the input that draws it, and what is made of answers that are errors.
//!
//! One snapshot an area. `every_kind_of_error_has_a_row` fails when a kind is added to the codec
//! and no row here draws it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "common/blob.rs"]
mod blob;
#[path = "common/snapshots.rs"]
mod snapshots;

use blob::Blob;
use ec2wire::form::{self, Call};
use ec2wire::ipam::{
    CreateIpam, CreateIpamPolicy, CreateIpamPolicyResponse, DescribeIpamPolicies, IpamPolicy,
};
use ec2wire::{
    Error, ErrorKind, Fault, Limits, Operation, Reply, Result, Tag, TagSpecification, xml,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// What was tried, and the error that came of it.
type Row = (String, Error);

fn snapshot(area: &str, rows: &[Row]) {
    let mut shown = String::new();
    for (input, error) in rows {
        writeln!(shown, "{input}\n    {error}").unwrap();
    }
    let _area = snapshots::area("errors");
    insta::assert_snapshot!(area, shown);
}

fn must_fail<T>(input: impl Into<String>, result: Result<T>) -> Row {
    let input = input.into();
    match result {
        Ok(_) => panic!("accepted: {input}"),
        Err(error) => (input, error),
    }
}

/// A type with members that the operations' requests and responses have not.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "decoded for the errors only")]
struct Other {
    required: Option<Required>,
    yes: Option<bool>,
    number: Option<u8>,
    fraction: Option<f32>,
    letter: Option<char>,
    blob: Option<Blob>,
    port: Option<Port>,
    variant: Option<Variant>,
    list: Option<Vec<String>>,
    pair: Option<(String, String)>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "decoded for the errors only")]
struct Required {
    name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Variant {
    OnDemand,
}

/// Refuses on its own account.
#[derive(Debug)]
struct Port;

impl<'de> Deserialize<'de> for Port {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Err(serde::de::Error::custom(format_args!(
            "{text} is not a free port"
        )))
    }
}

fn form_syntax() -> Vec<Row> {
    let mut rows: Vec<Row> = [
        "&IpamId=ipam-1",
        "IpamId=ipam-1&",
        "DryRun=true&&IpamId=ipam-1",
        "IpamId",
        "IpamId=ipam-1&DryRun",
        "=ipam-1",
        "TagSpecification..ResourceType=ipam-policy",
        ".IpamId=ipam-1",
        "IpamId=100%",
        "IpamId=%4",
        "IpamId=a%zzb",
        "Ipam%Id=ipam-1",
        "IpamId=ipam%FF",
        "ClientToken=a+%F0%9F%98",
        "IpamId=ipam 1",
        "IpamId=ipam-1\n",
        "Ipam\tId=ipam-1",
        "IpamId=\u{7F}",
    ]
    .into_iter()
    .map(|body| {
        must_fail(
            format!("{body:?}"),
            form::from_str::<CreateIpamPolicy>(body),
        )
    })
    .collect();
    let bytes = b"IpamId=ipam-\xFF";
    rows.push(must_fail(
        format!("b\"{}\"", bytes.escape_ascii()),
        form::from_slice::<CreateIpamPolicy>(bytes),
    ));
    rows
}

fn form_members() -> Vec<Row> {
    let create = [
        "IpamId=ipam-1&IpamID=ipam-2",
        "ipamId=ipam-1",
        "TagSpecifications.1.ResourceType=ipam-policy",
        "TagSpecification.1.Tag.1.Name=a",
        "IpamId=ipam-1&IpamId=ipam-1",
        "IpamId=ipam-1&DryRun=true&IpamId=ipam-2",
        "TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.1.Key=b",
        "Version=2016-11-15&Version=2016-11-15&IpamId=ipam-1",
        "DryRun=True",
        "DryRun=1",
        "DryRun=",
        "DryRun.1=true",
        "IpamId.1=ipam-1",
        "IpamId=ipam-1&IpamId.Name=x",
        "TagSpecification=x",
        "TagSpecification.1=x",
        "TagSpecification.1.Tag.1=x",
        "TagSpecification.1=x&TagSpecification.1.ResourceType=ipam-policy",
        "TagSpecification.ResourceType=ipam-policy",
        "TagSpecification.0.ResourceType=ipam-policy",
        "TagSpecification.01.ResourceType=ipam-policy",
        "TagSpecification.-1.ResourceType=ipam-policy",
        "TagSpecification.%2B1.ResourceType=ipam-policy",
        "TagSpecification.4294967296.ResourceType=ipam-policy",
        "TagSpecification.2.ResourceType=ipam-policy",
        "TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.3.Key=c",
        "TagSpecification.4294967295.ResourceType=ipam-policy",
    ]
    .map(|body| must_fail(body, form::from_str::<CreateIpamPolicy>(body)));
    let other = [
        "Number=256",
        "Number=-1",
        "Number=%201",
        "Fraction=a.5",
        "Letter=ab",
        "Blob=%25%25",
        "Port=80",
        "Required.Other=x",
        "Required.Name=a&Required.Other=x",
        "Variant=spot",
        "Pair.1=a",
        "Pair.1=a&Pair.2=b&Pair.3=c",
    ]
    .map(|body| must_fail(body, form::from_str::<Other>(body)));
    let describe = ["MaxResults=many", "MaxResults=2147483648", "IpamPolicyId=x"]
        .map(|body| must_fail(body, form::from_str::<DescribeIpamPolicies>(body)));

    let mut rows: Vec<Row> = create.into_iter().chain(other).chain(describe).collect();
    let missing = form::from_str::<BTreeMap<String, Required>>("Name.Name=a&Next.1=b");
    rows.push(must_fail("Name.Name=a&Next.1=b, a map", missing));
    let missing = form::from_str::<Required>("Action=X");
    rows.push(must_fail("Action=X, a required member", missing));
    let call = Call::from_str("Action=A&Action=B&Version=%").unwrap();
    rows.push(must_fail("Action=A&Action=B, the action", call.action()));
    rows.push(must_fail("Version=%, the version", call.version()));
    rows
}

/// What the lenient decoder refuses as well.
fn form_lenient() -> Vec<Row> {
    let lenient = form::Options::new().lenient();
    [
        "IpamId=%zz",
        "IpamId=%FF",
        "=ipam-1",
        "DryRun=yes",
        "TagSpecification.a.ResourceType=ipam-policy",
        "IpamId=ipam-1&IpamId.Name=x",
        "TagSpecification=x",
    ]
    .into_iter()
    .map(|body| must_fail(body, lenient.from_str::<CreateIpamPolicy>(body)))
    .collect()
}

const SMALL: Limits = Limits {
    bytes: 256,
    depth: 3,
    entries: 4,
};

fn limits() -> Vec<Row> {
    let form = form::Options::new().limits(SMALL);
    let xml = xml::Options::new().limits(SMALL).any_root();
    let long = format!("IpamId={}", "x".repeat(256));
    vec![
        must_fail("form, 263 bytes", form.from_str::<CreateIpamPolicy>(&long)),
        must_fail(
            "form, 263 bytes in a slice",
            form.from_slice::<CreateIpamPolicy>(long.as_bytes()),
        ),
        must_fail(
            "form, TagSpecification.1.Tag.1.Key=a",
            form.from_str::<CreateIpamPolicy>("TagSpecification.1.Tag.1.Key=a"),
        ),
        must_fail("form, 5 pairs", form.call("A=1&B=2&C=3&D=4&E=5").map(drop)),
        must_fail(
            "XML, 263 bytes",
            xml.from_str::<IpamPolicy>(&format!("<a>{}</a>", " ".repeat(256))),
        ),
        must_fail(
            "XML, 263 bytes in a slice",
            xml.from_slice::<IpamPolicy>(&[b' '; 263]),
        ),
        must_fail(
            "<a><b><c><d/></c></b></a>",
            xml.from_str::<IpamPolicy>("<a><b><c><d/></c></b></a>"),
        ),
        must_fail(
            "<a><tagSet><item><key>k</key></item></tagSet></a>",
            xml.from_str::<IpamPolicy>("<a><tagSet><item><key>k</key></item></tagSet></a>"),
        ),
        must_fail(
            "<a><b/><b/><b/><b/></a>",
            xml.from_str::<IpamPolicy>("<a><b/><b/><b/><b/></a>"),
        ),
    ]
}

fn xml_not_a_document() -> Vec<Row> {
    let mut rows: Vec<Row> = [
        "",
        " \r\n",
        "\u{FEFF}",
        "{\"message\":\"Internal Server Error\"}",
        "[1]",
        "upstream connect error",
        "<!DOCTYPE html><html></html>",
        "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
        "<html><body>503</body></html>",
        "<DescribeIpamPoliciesResponse/>",
        "<Response><Errors/></Response>",
        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><CreateIpamPolicyResponse/>",
        "<CreateIpamPolicyResponse/>x",
        "<CreateIpamPolicyResponse/><CreateIpamPolicyResponse/>",
        "<CreateIpamPolicyResponse></CreateIpamPolicyResponse>\n{}",
        "<?xml version=\"1.0\"?>x<CreateIpamPolicyResponse/>",
        "<?xml version=\"1.0\"?><![CDATA[x]]><CreateIpamPolicyResponse/>",
        "<!-- --></CreateIpamPolicyResponse>",
        "<CreateIpamPolicyResponse/><?xml version=\"1.0\"?>",
    ]
    .into_iter()
    .map(|body| {
        must_fail(
            format!("{body:?}"),
            xml::from_str::<CreateIpamPolicyResponse>(body),
        )
    })
    .collect();
    for bytes in [
        &b"<CreateIpamPolicyResponse>\xFF</CreateIpamPolicyResponse>"[..],
        b"<CreateIpamPolicyResponse>\xE6\x97",
    ] {
        rows.push(must_fail(
            format!("b\"{}\"", bytes.escape_ascii()),
            xml::from_slice::<CreateIpamPolicyResponse>(bytes),
        ));
    }
    rows
}

fn xml_truncated() -> Vec<Row> {
    [
        "<",
        "<?",
        "<?xml version=\"1.0\"",
        "<?xml version=\"1.0\"?>",
        "<!",
        "<!-- ",
        "<!-- -->",
        "<!DOC",
        "<?a b",
        "<policy",
        "<policy ",
        "<policy/",
        "<policy a",
        "<policy a=",
        "<policy a='b",
        "<policy>",
        "<policy></",
        "<policy></policy",
        "<policy><ipamId>ipam-0",
        "<policy><ipamId>ipam-0&am",
        "<policy><ipamId><![CDATA[ipam-0]]",
        "<policy><ipamId>ipam-0<!-- -",
        "<policy><tagSet><item><key>k</key>",
        "<policy><other>text",
        "<policy><other>text<![CDA",
        "<policy><other/>",
    ]
    .into_iter()
    .map(|body| {
        must_fail(
            body,
            xml::Options::new().any_root().from_str::<IpamPolicy>(body),
        )
    })
    .collect()
}

fn xml_malformed() -> Vec<Row> {
    [
        "<policy></polizei>",
        "<policy><ipamId>ipam-0</policy></ipamId>",
        "<policy><other><deep></other></deep></policy>",
        "<policy></policy x>",
        "<1policy/>",
        "<policy><>x</></policy>",
        "<policy\u{1}/>",
        "<policy a/>",
        "<policy a=b/>",
        "<policy a='<'/>",
        "<policy a='&b;'/>",
        "<policy a='b'c='d'/>",
        "<policy><!-- a--b --></policy>",
        "<policy><!ELEMENT a></policy>",
        "<policy><?xml version='1.0'?></policy>",
        "<policy>text</policy>",
        "<policy><ipamId>ipam-0</ipamId>text</policy>",
        "<policy><![CDATA[text]]></policy>",
        "<policy><tagSet>text</tagSet></policy>",
        "<policy><ipamId>a & b</ipamId></policy>",
        "<policy><ipamId>a&b</ipamId></policy>",
        "<policy><ipamId>a]]>b</ipamId></policy>",
        "<policy><ipamId>&nbsp;</ipamId></policy>",
        "<policy><other>&nbsp;</other></policy>",
        "<policy><ipamId>&AMP;</ipamId></policy>",
        "<policy><ipamId>&#;</ipamId></policy>",
        "<policy><ipamId>&#x;</ipamId></policy>",
        "<policy><ipamId>&#1A;</ipamId></policy>",
        "<policy><ipamId>&#+65;</ipamId></policy>",
        "<policy><ipamId>&#99999999999999999999;</ipamId></policy>",
        "<policy><ipamId>&#0;</ipamId></policy>",
        "<policy><ipamId>&#xD800;</ipamId></policy>",
        "<policy><ipamId>&#x110000;</ipamId></policy>",
        "<policy><ipamId>&#xFFFE;</ipamId></policy>",
        "<policy><ipamId>a\u{1}</ipamId></policy>",
        "<policy><ipamId><![CDATA[\u{FFFF}]]></ipamId></policy>",
        "<policy><other>\u{0}</other></policy>",
    ]
    .into_iter()
    .map(|body| {
        must_fail(
            format!("{body:?}"),
            xml::Options::new().any_root().from_str::<IpamPolicy>(body),
        )
    })
    .chain([{
        let body = "<policy><ipamId>&#x1F;</ipamId></policy>";
        let strict = xml::Options::new().any_root().strict();
        must_fail(
            format!("{body:?}, strict"),
            strict.from_str::<IpamPolicy>(body),
        )
    }])
    .collect()
}

fn xml_members() -> Vec<Row> {
    let options = xml::Options::new().any_root();
    let policy = [
        "<p><ipamId>a</ipamId><ipamId>a</ipamId></p>",
        "<p><requestId>a</requestId><requestId>a</requestId></p>",
        "<p><requestId><a/></requestId></p>",
        "<p><ipamId><a/></ipamId></p>",
        "<p><state><item>create-failed</item></state></p>",
        "<p><tagSet><member><key>k</key></member></tagSet></p>",
        "<p><tagSet><item/><item><key>k</key><key>k</key></item></tagSet></p>",
        "<p><tagSet><item/><item/><item>k</item></tagSet></p>",
    ]
    .map(|body| must_fail(body, options.from_str::<IpamPolicy>(body)));
    let other = [
        "<p><yes>True</yes></p>",
        "<p><yes/></p>",
        "<p><number>256</number></p>",
        "<p><number> 1</number></p>",
        "<p><fraction>1,5</fraction></p>",
        "<p><letter></letter></p>",
        "<p><blob>%</blob></p>",
        "<p><port>80</port></p>",
        "<p><required/></p>",
        "<p><required><name>a</name><nahme>b</nahme></required></p>",
        "<p><variant>spot</variant></p>",
        "<p><list><item><a/></item></list></p>",
        "<p><pair><item>a</item></pair></p>",
        "<p><pair><item>a</item><item>b</item><item>c</item></pair></p>",
    ]
    .map(|body| must_fail(body, options.from_str::<Other>(body)));
    policy.into_iter().chain(other).collect()
}

/// A value of each kind that one of the formats has no form for.
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

fn encoding() -> Vec<Row> {
    fn both<T: Serialize>(rows: &mut Vec<Row>, what: &str, value: &T) {
        rows.push(must_fail(format!("form, {what}"), form::to_string(value)));
        rows.push(must_fail(format!("XML, {what}"), xml::to_string(value)));
    }

    let mut rows = Vec::new();
    let rows_ = &mut rows;
    both(rows_, "a number", &5);
    both(rows_, "a string", &"text");
    both(rows_, "a list", &[5]);
    let member = Data::Newtype(1);
    both(rows_, "an enum's newtype variant", &Carries { member });
    let member = Data::Tuple(1, 2);
    both(rows_, "an enum's tuple variant", &Carries { member });
    let member = Data::Struct { member: 1 };
    both(rows_, "an enum's struct variant", &Carries { member });
    let member = [Some(1), None];
    both(rows_, "a list with a `None`", &Carries { member });
    both(rows_, "a member without a name", &NoName { member: 1 });
    let float_key = Carries { member: FloatKey };
    both(rows_, "a map with a float as a key", &float_key);

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
        form::to_writer(Unwritable, &Carries { member: 1 }),
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
        xml::to_writer(Unwritable, &Carries { member: 1 }),
    ));
    rows
}

struct FloatKey;

impl Serialize for FloatKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(0.5, 1)])
    }
}

/// The name of a snapshot and what is in it.
type Area = (&'static str, fn() -> Vec<Row>);

const AREAS: &[Area] = &[
    ("form-syntax", form_syntax),
    ("form-members", form_members),
    ("form-lenient", form_lenient),
    ("limits", limits),
    ("xml-not-a-document", xml_not_a_document),
    ("xml-truncated", xml_truncated),
    ("xml-malformed", xml_malformed),
    ("xml-members", xml_members),
    ("encoding", encoding),
];

#[test]
fn every_message() {
    for (area, rows) in AREAS {
        snapshot(area, &rows());
    }
}

#[test]
fn every_kind_of_error_has_a_row() {
    let source = include_str!("../crates/ec2wire/src/error.rs");
    let (_, kinds) = source.split_once("pub enum ErrorKind {\n").unwrap();
    let (kinds, _) = kinds.split_once("\n}\n").unwrap();
    let name = |text: &str| {
        let end = text.find(|c: char| !c.is_ascii_alphanumeric());
        text.get(..end.unwrap_or(text.len())).unwrap().to_owned()
    };
    let kinds: BTreeSet<String> = kinds
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()))
        .map(name)
        .collect();
    assert!(kinds.len() > 30, "{kinds:?}");

    let drawn: BTreeSet<String> = AREAS
        .iter()
        .flat_map(|(_, rows)| rows())
        .map(|(_, error)| name(&format!("{:?}", error.kind())))
        .collect();
    assert_eq!(drawn, kinds);
}

#[test]
fn a_message_is_one_line_and_names_a_place_in_the_input() {
    for (area, rows) in AREAS {
        for (input, error) in rows() {
            let message = error.to_string();
            assert!(!message.contains('\n'), "{area}: {input}: {message}");
            // What is too long or absent is nowhere, and a value to encode has no bytes yet.
            let nowhere = *area == "encoding"
                || message.ends_with(" bytes")
                || matches!(error.kind(), ErrorKind::MissingMember(_)) && error.path().is_empty();
            assert_eq!(
                error.offset().is_none(),
                nowhere,
                "{area}: {input}: {message}"
            );
        }
    }
}

/// What becomes of a whole HTTP answer.
#[expect(clippy::too_many_lines, reason = "a table")]
#[test]
fn every_answer() {
    let html = "<html><head><title>503 Service Temporarily Unavailable</title></head></html>";
    let several = "<Response><Errors>\
        <Error><Code>InvalidParameterValue</Code><Message>first</Message></Error>\
        <Error><Code>InternalError</Code><Message/></Error>\
        </Errors><RequestID>r-1</RequestID></Response>";
    let one = "<Error><Code>RequestLimitExceeded</Code><Message>slow &amp; down</Message></Error>";
    let spelled = |id: &str| format!("<Response><Errors>{one}</Errors><{id}>r-1</{id}></Response>");
    let long = "x".repeat(100_000);
    let rows: Vec<(&str, u16, Vec<u8>)> = vec![
        ("several errors", 400, several.into()),
        ("RequestID", 503, spelled("RequestID").into()),
        ("RequestId", 503, spelled("RequestId").into()),
        ("requestId", 503, spelled("requestId").into()),
        (
            "another spelling of the id",
            503,
            spelled("RequestIdentifier").into(),
        ),
        (
            "ErrorResponse, a bare Error",
            400,
            format!("<ErrorResponse xmlns=\"x\">{one}<RequestId>r-1</RequestId></ErrorResponse>")
                .into(),
        ),
        ("an error document with 200", 200, several.into()),
        (
            "no error in it",
            400,
            b"<Response><Errors/><RequestID>r-1</RequestID></Response>".into(),
        ),
        (
            "neither code nor message",
            400,
            b"<Response><Errors><Error/></Errors></Response>".into(),
        ),
        (
            "unknown members",
            400,
            b"<Response><Errors><Error><Type>Sender</Type><Code>C</Code><Message>m</Message>\
            </Error></Errors><Extra><a/></Extra></Response>"
                .into(),
        ),
        ("HTML with 503", 503, html.into()),
        (
            "HTML with a DOCTYPE and 503",
            503,
            b"<!DOCTYPE html><html></html>".into(),
        ),
        ("HTML with 200", 200, html.into()),
        ("an empty 400", 400, b"".into()),
        ("an empty 200", 200, b"".into()),
        (
            "JSON with 500",
            500,
            b"{\"message\":\"Internal Server Error\"}".into(),
        ),
        (
            "JSON with 200",
            200,
            b"{\"message\":\"Internal Server Error\"}".into(),
        ),
        ("text with 502", 502, b"upstream connect error".into()),
        ("bad UTF-8 with 502", 502, b"caf\xE9".into()),
        ("bad UTF-8 with 200", 200, b"caf\xE9".into()),
        (
            "bad UTF-8 in an error document",
            400,
            b"<Response><Errors>\xFF</Errors></Response>".into(),
        ),
        (
            "truncated in the code",
            400,
            b"<Response><Errors><Error><Code>Reque".into(),
        ),
        ("truncated in the root", 400, b"<Respo".into()),
        (
            "truncated in the prolog",
            400,
            b"<?xml version=\"1.0\"".into(),
        ),
        (
            "mismatched tags",
            400,
            b"<Response><Errors></Error></Response>".into(),
        ),
        (
            "two ids",
            400,
            b"<Response><RequestID>a</RequestID><RequestId>b</RequestId></Response>".into(),
        ),
        (
            "a success with 400",
            400,
            b"<CreateIpamPolicyResponse></CreateIpamPolicyResponse>".into(),
        ),
        (
            "another action's success",
            200,
            b"<DescribeIpamPoliciesResponse></DescribeIpamPoliciesResponse>".into(),
        ),
        (
            "a success",
            202,
            b"<CreateIpamPolicyResponse><requestId>r-1</requestId></CreateIpamPolicyResponse>"
                .into(),
        ),
        ("100,000 bytes of text", 500, long.into()),
    ];
    let mut shown = String::new();
    for (what, status, body) in rows {
        let body_start = body.get(..200).unwrap_or(&body).escape_ascii();
        writeln!(shown, "{what}\n    HTTP {status} \"{body_start}\"").unwrap();
        match <CreateIpamPolicy>::decode_reply(status, &body) {
            Ok(Reply::Success(success)) => {
                writeln!(shown, "    success, request {:?}", success.request_id).unwrap();
            }
            Ok(Reply::Fault(fault)) => {
                writeln!(shown, "    fault: {fault}").unwrap();
                if !fault.excerpt.is_empty() {
                    let length = fault.excerpt.chars().count();
                    let start: String = fault.excerpt.chars().take(80).collect();
                    writeln!(shown, "    excerpt of {length}: {start:?}").unwrap();
                }
            }
            Err(error) => writeln!(shown, "    error: {error}").unwrap(),
        }
    }
    let _area = snapshots::area("errors");
    insta::assert_snapshot!("answers", shown);
}

/// What a type does not ask for is looked at all the same.
#[test]
fn damage_beside_the_members_is_seen() {
    let form = |body: &str| {
        form::from_str::<CreateIpamPolicy>(body)
            .unwrap_err()
            .to_string()
    };
    let xml = |body: &str| {
        xml::Options::new()
            .any_root()
            .from_str::<CreateIpamPolicyResponse>(body)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        [
            form("Action=%zz&IpamId=x"),
            form("IpamId=x&Signature=%FF"),
            form("IpamId=x&Action.1=y"),
            xml("<a x='1' x='2'/>"),
            xml("<a:/>"),
            xml("<a:b:c/>"),
            xml("<?a$b?><a/>"),
            xml("<?xml junk?><a/>"),
        ],
        [
            "a percent sign is not followed by two hexadecimal digits at Action (byte 7)",
            "the bytes are not valid UTF-8 at Signature (byte 19)",
            "the member `Action` is not known (byte 9)",
            "a tag has an attribute twice (byte 9)",
            "a tag has no valid name (byte 1)",
            "a tag has no valid name (byte 1)",
            "a processing instruction has no valid target (byte 3)",
            "the XML declaration has no version (byte 0)",
        ]
    );
    for number in ["+5", "inf", "0x5", ""] {
        let body = format!("MaxResults={}", number.replace('+', "%2B"));
        let error = form::from_str::<DescribeIpamPolicies>(&body).unwrap_err();
        assert_eq!(
            *error.kind(),
            ErrorKind::InvalidScalar("an integer"),
            "{number}"
        );
    }
}
