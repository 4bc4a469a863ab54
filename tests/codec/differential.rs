//! Compares the decoders with independent ones (quick-xml with serde, and `serde_urlencoded`), on
//! documents in forms that the encoder never writes.
//!
//! The documents are written from a value, so that both decoders must agree with it and not only with
//! each other. Then they are damaged, and a [documented decision](ec2wire_fuzz::differential) must
//! explain each difference.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod mirror;

use crate::common::damage::{self, damage, damaged};
use crate::common::generate::{policy, request, response, text, xml_text};
use ec2wire::form::{self, Call};
use ec2wire::ipam::{CreateIpamPolicy, CreateIpamPolicyResponse, IpamPolicy};
use ec2wire::{EC2_VERSION, Operation, xml};
use ec2wire_fuzz::differential::{self, Verdict};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// A source of choices: bytes that are used in a cycle.
struct Choices<'c> {
    bytes: std::iter::Cycle<std::slice::Iter<'c, u8>>,
}

impl<'c> Choices<'c> {
    fn new(bytes: &'c [u8]) -> Self {
        Self {
            bytes: bytes.iter().cycle(),
        }
    }

    fn one_in(&mut self, n: u8) -> bool {
        self.bytes.next().is_some_and(|byte| byte % n == 0)
    }

    fn of<T: Copy>(&mut self, items: &[T]) -> T {
        let choice = usize::from(*self.bytes.next().unwrap());
        *items.get(choice % items.len()).unwrap()
    }
}

fn choices() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 1..100)
}

/// An element: its name, and its text or its children.
struct Element {
    name: &'static str,
    content: Content,
}

enum Content {
    Text(String),
    Children(Vec<Element>),
}

impl Element {
    fn parent(name: &'static str, children: Vec<Self>) -> Self {
        let content = Content::Children(children);
        Self { name, content }
    }
}

fn tree(request_id: &str, response: &CreateIpamPolicyResponse) -> Element {
    let text = |name, text: Option<&str>| {
        text.map(|text| Element {
            name,
            content: Content::Text(text.to_owned()),
        })
    };
    let policy = |policy: &IpamPolicy| {
        let tags = policy.tag_set.as_ref().map(|tags| {
            let items = tags.iter().map(|tag| {
                let members = [
                    text("key", tag.key.as_deref()),
                    text("value", tag.value.as_deref()),
                ];
                Element::parent("item", members.into_iter().flatten().collect())
            });
            Element::parent("tagSet", items.collect())
        });
        let members = [
            text("ownerId", policy.owner_id.as_deref()),
            text("ipamPolicyId", policy.ipam_policy_id.as_deref()),
            text("ipamPolicyArn", policy.ipam_policy_arn.as_deref()),
            text("ipamPolicyRegion", policy.ipam_policy_region.as_deref()),
            text("state", policy.state.as_ref().map(AsRef::as_ref)),
            text("stateMessage", policy.state_message.as_deref()),
            tags,
            text("ipamId", policy.ipam_id.as_deref()),
        ];
        Element::parent("ipamPolicy", members.into_iter().flatten().collect())
    };
    let members = [
        text("requestId", Some(request_id)),
        response.ipam_policy.as_ref().map(policy),
    ];
    Element::parent(
        "CreateIpamPolicyResponse",
        members.into_iter().flatten().collect(),
    )
}

/// Writes the element according to the choices.
fn write(out: &mut String, element: Element, choose: &mut Choices<'_>) {
    let name = element.name;
    out.push('<');
    out.push_str(name);
    if choose.one_in(8) {
        out.push_str(choose.of(&[" a='b>/&lt;'", "\n\txmlns=\"urn:x\" ", " b = '\"'", " "]));
    }
    let empty = match &element.content {
        Content::Text(text) => text.is_empty(),
        Content::Children(children) => children.is_empty(),
    };
    if empty && choose.one_in(2) {
        out.push_str("/>");
        return;
    }
    out.push('>');
    match element.content {
        Content::Text(text) => write_text(out, &text, choose),
        Content::Children(mut children) => {
            // The order of items matters, the order of members does not.
            if children.iter().all(|child| child.name != "item") && choose.one_in(2) {
                children.reverse();
            }
            for child in children {
                write_filler(out, name, choose);
                write(out, child, choose);
            }
            write_filler(out, name, choose);
        }
    }
    out.push_str("</");
    out.push_str(name);
    out.push_str(choose.of(&["", "", "", " ", "\n"]));
    out.push('>');
}

/// A whole document, written according to the choices.
fn document(request_id: &str, response: &CreateIpamPolicyResponse, choices: &[u8]) -> String {
    let mut choose = Choices::new(choices);
    let mut body = String::from(choose.of(&[
        "",
        "\u{FEFF}",
        "<?xml version=\"1.0\"?>",
        "<?xml version='1.0' encoding='utf-8' ?>\r\n",
        "\u{FEFF}<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><!-- -->",
    ]));
    write(&mut body, tree(request_id, response), &mut choose);
    body.push_str(choose.of(&["", "\n", "<!-- -->\r\n"]));
    body
}

const COMMENTS: &[&str] = &[
    "<!-- <key>k</key> -->",
    "<!---->",
    "<!-- - &nbsp; ]]> -->",
    "<?pi <key> ?>",
];

/// Insignificant content between the children of `parent`.
fn write_filler(out: &mut String, parent: &str, choose: &mut Choices<'_>) {
    for _ in 0..choose.of(&[0, 0, 1, 3]) {
        out.push_str(choose.of(&[" ", "\n    ", "\t", "\r\n"]));
        if choose.one_in(3) {
            out.push_str(choose.of(COMMENTS));
        }
        // In a list, an unknown element would be an error.
        if parent != "tagSet" && choose.one_in(4) {
            out.push_str(choose.of(&[
                "<unknown/>",
                "<unknown>&amp;<a><![CDATA[</a>]]></a></unknown>",
                "<tags><item><key>k</key></item><item/></tags>",
            ]));
        }
    }
}

/// Writes each character unescaped, in CDATA, or as a reference.
fn write_text(out: &mut String, text: &str, choose: &mut Choices<'_>) {
    for c in text.chars() {
        if choose.one_in(8) {
            out.push_str(choose.of(COMMENTS));
        }
        let entity = match c {
            '<' => "&lt;",
            '>' => "&gt;",
            '&' => "&amp;",
            '"' => "&quot;",
            '\'' => "&apos;",
            _ => "",
        };
        let bare = !matches!(c, '<' | '>' | '&' | '\r');
        if c == '\n' && choose.one_in(2) {
            // A reader converts this line end to a line feed.
            out.push_str(choose.of(&["\r\n", "<![CDATA[\r\n]]>"]));
        } else if bare && !choose.one_in(4) {
            out.push(c);
        } else if !entity.is_empty() && choose.one_in(2) {
            out.push_str(entity);
        } else if c != '\r' && choose.one_in(3) {
            write!(out, "<![CDATA[{c}]]>").unwrap();
        } else {
            let code = u32::from(c);
            match choose.of(&["decimal", "hexadecimal", "zeros"]) {
                "decimal" => write!(out, "&#{code};"),
                "hexadecimal" => write!(out, "&#x{code:X};"),
                _ => write!(out, "&#x00{code:x};"),
            }
            .unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn xml_reads_as_quick_xml_reads_it(
        id in xml_text(),
        response in response(),
        choices in choices(),
    ) {
        let body = document(&id, &response, &choices);

        let options = xml::Options::new().strict();
        let (ours, our_id) =
            options.from_str_with_id::<CreateIpamPolicyResponse>(&body).unwrap();
        prop_assert_eq!(our_id.as_deref(), Some(&*id), "{}", body);
        prop_assert_eq!(&ours, &response, "{}", body);

        let theirs: mirror::Response = quick_xml::de::from_str(&body).unwrap();
        prop_assert_eq!(theirs.request_id.as_deref(), our_id.as_deref(), "{}", body);
        prop_assert_eq!(theirs.ipam_policy.map(IpamPolicy::from), ours.ipam_policy, "{}", body);
    }

    #[test]
    fn quick_xml_reads_what_is_written(id in xml_text(), policy in policy()) {
        let response = CreateIpamPolicyResponse { ipam_policy: Some(policy) };
        let body = ec2wire::envelope::encode(&id, &response).unwrap();
        let theirs: mirror::Response = quick_xml::de::from_str(&body).unwrap();
        prop_assert_eq!(theirs, mirror::Response::new(&id, response), "{}", body);
    }

    #[test]
    fn what_quick_xml_writes_is_read(id in xml_text(), response in response()) {
        // Its writer does not escape carriage returns, which a reader must convert to line feeds.
        let whole = format!("{id}{response:?}");
        prop_assume!(!whole.contains('\r') && !whole.contains("\\r"));
        let body = quick_xml::se::to_string(&mirror::Response::new(&id, response.clone())).unwrap();
        let (ours, our_id) =
            xml::Options::new().from_str_with_id::<CreateIpamPolicyResponse>(&body).unwrap();
        prop_assert_eq!(our_id.as_deref(), Some(&*id));
        prop_assert_eq!(ours, response, "{}", body);
    }

    #[test]
    fn pairs_read_as_serde_urlencoded_reads_them(
        pairs in vec((text(), text()), 0..12),
        choices in choices(),
    ) {
        // A map cannot repeat a key, and a dot would create a nested level.
        let pairs: BTreeMap<String, String> = pairs
            .into_iter()
            .map(|(key, value)| (key.replace('.', ""), value))
            .filter(|(key, _)| !key.is_empty())
            .collect();
        let body = form_of(&pairs, &choices);
        let call = Call::from_str(&body).unwrap();
        let theirs: Vec<(String, String)> = serde_urlencoded::from_str(&body).unwrap();
        prop_assert!(call.keys().eq(theirs.iter().map(|(key, _)| key)), "{}", body);
        let ours: BTreeMap<String, String> = call.decode().unwrap();
        prop_assert_eq!(&ours, &pairs, "{}", body);
        prop_assert_eq!(theirs.into_iter().collect::<BTreeMap<_, _>>(), ours, "{}", body);
    }

    #[test]
    fn serde_urlencoded_reads_what_is_written(request in request()) {
        let body = form::to_string(&request).unwrap();
        let theirs: Vec<(String, String)> = serde_urlencoded::from_str(&body).unwrap();
        prop_assert_eq!(theirs, flat(&request), "{}", body);
    }

    #[test]
    fn what_serde_urlencoded_writes_is_read(request in request()) {
        let body = serde_urlencoded::to_string(flat(&request)).unwrap();
        prop_assert_eq!(form::from_str::<CreateIpamPolicy>(&body).unwrap(), request, "{}", body);
    }
}

/// Texts that deployed decoders are known to read differently.
#[test]
fn texts_that_decoders_often_misread() {
    for (written, read) in [
        ("", ""),
        ("  a  ", "  a  "),
        ("<![CDATA[a&b]]>", "a&b"),
        ("<![CDATA[a]]>]]&gt;<![CDATA[]]>", "a]]>"),
        ("ab<!-- -->cd", "abcd"),
        ("ab<?pi?>cd", "abcd"),
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("<![CDATA[\r\n]]>&#13;&#xA;", "\n\r\n"),
        ("&amp;lt;", "&lt;"),
        ("a&amp;b", "a&b"),
        ("&#x1F600;&#128512;", "😀😀"),
        ("&#x0009;", "\t"),
    ] {
        let body = format!("<IpamPolicy><ipamId>{written}</ipamId></IpamPolicy>");
        let ours: IpamPolicy = xml::from_str(&body).unwrap();
        assert_eq!(ours.ipam_id.as_deref(), Some(read), "{body:?}");
        let theirs: mirror::Policy = quick_xml::de::from_str(&body).unwrap();
        assert_eq!(IpamPolicy::from(theirs), ours, "{body:?}");
    }
}

/// Pairs, written according to the choices.
fn form_of<'p>(
    pairs: impl IntoIterator<Item = (&'p String, &'p String)>,
    choices: &[u8],
) -> String {
    let mut choose = Choices::new(choices);
    let mut body = String::new();
    for (key, value) in pairs {
        if !body.is_empty() {
            body.push('&');
        }
        write_escaped(&mut body, key, &mut choose);
        body.push('=');
        write_escaped(&mut body, value, &mut choose);
    }
    body
}

/// A call's pairs in any order, written according to the choices.
fn call() -> impl Strategy<Value = String> {
    let pairs = request().prop_flat_map(|request| {
        let mut pairs = flat(&request);
        pairs.push(("Action".into(), <CreateIpamPolicy>::ACTION.into()));
        pairs.push(("Version".into(), EC2_VERSION.into()));
        prop_oneof![Just(pairs.clone()), Just(pairs).prop_shuffle()]
    });
    let written = |(pairs, choices): (Vec<(String, String)>, Vec<u8>)| {
        form_of(pairs.iter().map(|(key, value)| (key, value)), &choices)
    };
    (pairs, choices()).prop_map(written)
}

fn answer() -> impl Strategy<Value = String> {
    let written =
        |(id, response, choices): (String, _, Vec<u8>)| document(&id, &response, &choices);
    (xml_text(), response(), choices()).prop_map(written)
}

/// How often the readings were the same, and the rows that explained differences.
#[derive(Debug, Default)]
struct Tally {
    same: u32,
    rows: BTreeSet<&'static str>,
}

impl Tally {
    /// Whether both outcomes occurred: equal readings and explained differences.
    fn is_of_both(&self) -> bool {
        self.same >= CASES && self.rows.len() > 3
    }
}

const CASES: u32 = 400;

/// Damages bodies and compares the readings of each, which must be equal or differ as a row documents.
fn compare(
    bodies: impl Strategy<Value = String>,
    syntax: &'static str,
    check: fn(&[u8]) -> Result<Vec<Verdict>, String>,
) -> Tally {
    let tally = RefCell::new(Tally::default());
    let mut runner = TestRunner::new(ProptestConfig {
        cases: CASES,
        // The failure message has the input; proptest's regression files work only with its macro.
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let outcome = runner.run(&(bodies, damage(syntax)), |(body, damage)| {
        for body in [damaged(body.clone(), &damage), body.into_bytes()] {
            let verdicts = check(&body).map_err(TestCaseError::fail)?;
            let mut tally = tally.borrow_mut();
            for verdict in verdicts {
                match verdict {
                    Verdict::Same => tally.same += 1,
                    Verdict::Decided(row) => drop(tally.rows.insert(row)),
                }
            }
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    tally.into_inner()
}

#[test]
fn damaged_responses_read_as_in_quick_xml_or_as_a_row_documents() {
    let tally = compare(answer(), damage::XML, differential::xml::check);
    assert!(tally.is_of_both(), "{tally:?}");
}

#[test]
fn damaged_calls_read_as_in_serde_urlencoded_or_as_a_row_documents() {
    let tally = compare(call(), damage::FORM, differential::form::check);
    assert!(tally.is_of_both(), "{tally:?}");
}

/// Writes each character unescaped if that is allowed, or escaped in one of the ways.
fn write_escaped(out: &mut String, text: &str, choose: &mut Choices<'_>) {
    for c in text.chars() {
        // Strict decoding accepts characters that WHATWG's serializer would escape, except those that are
        // not text.
        let may_be_bare = !matches!(c, '%' | '+' | '&' | '=' | '\0'..=' ' | '\u{7F}');
        if may_be_bare && !choose.one_in(3) {
            out.push(c);
        } else if c == ' ' && choose.one_in(2) {
            out.push('+');
        } else {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                if choose.one_in(2) {
                    write!(out, "%{byte:02X}").unwrap();
                } else {
                    write!(out, "%{byte:02x}").unwrap();
                }
            }
        }
    }
}

/// The request's keys and values, by hand.
fn flat(request: &CreateIpamPolicy) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut push = |key: String, value: Option<&str>| {
        pairs.extend(value.map(|value| (key, value.to_owned())));
    };
    let dry_run = request.dry_run.map(|dry_run| dry_run.to_string());
    push("DryRun".into(), dry_run.as_deref());
    for (at, spec) in (1..).zip(&request.tag_specifications) {
        let spec_key = format!("TagSpecification.{at}");
        let kind = spec.resource_type.as_ref().map(AsRef::as_ref);
        push(format!("{spec_key}.ResourceType"), kind);
        for (at, tag) in (1..).zip(&spec.tags) {
            push(format!("{spec_key}.Tag.{at}.Key"), tag.key.as_deref());
            push(format!("{spec_key}.Tag.{at}.Value"), tag.value.as_deref());
        }
    }
    push("ClientToken".into(), request.client_token.as_deref());
    push("IpamId".into(), request.ipam_id.as_deref());
    pairs
}
