//! Every wire format, encoded and decoded again.
//!
//! The snapshots are the bytes with added line breaks: before each `&` of a form, and between XML tags
//! except those of an empty text.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod policies;

use ec2wire::form::{self, Call};
use ec2wire::ipam::{
    AddIpamOperatingRegion, CreateIpam, CreateIpamPolicy, CreateIpamPolicyResponse,
    CreateIpamResponse, DeleteIpam, DeleteIpamPolicy, DeleteIpamPolicyResponse, DeleteIpamResponse,
    DescribeIpamPolicies, DescribeIpamPoliciesResponse, Filter, Ipam, IpamMeteredAccount,
    IpamOperatingRegion, IpamPolicy, IpamPolicyState, IpamTier,
};
use ec2wire::{Fault, FaultEntry, Operation, Reply, ResourceType, Tag, TagSpecification, xml};
use ec2wire_test_support::Blob;
use ec2wire_test_support::snapshots;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Debug;

const REQUEST_ID: &str = "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE";
const IPAM_ID: &str = "ipam-0123456789abcdef0";
const POLICY_ID: &str = "ipam-policy-0123456789abcdef0";

/// Characters that need special treatment in one of the formats.
const SPECIAL: &str = "é 日本 😀 +&=%~*/:'\"<>]]>;\t\n\r.";

fn snapshot_form(name: &str, body: &str) {
    let _area = snapshots::area("golden");
    insta::assert_snapshot!(name, body.replace('&', "\n&"));
}

fn snapshot_xml(name: &str, body: &str) {
    let mut lines = String::new();
    for tag in body.split_inclusive('>') {
        let follows_tag = lines.ends_with('>') && tag.starts_with('<');
        let closes_empty = tag
            .strip_prefix("</")
            .is_some_and(|name| lines.ends_with(&format!("<{name}")));
        if follows_tag && !closes_empty {
            lines.push('\n');
        }
        lines.push_str(tag);
    }
    let _area = snapshots::area("golden");
    insta::assert_snapshot!(name, lines);
}

/// Snapshots the form body, and decodes it as a server does.
fn request<R>(name: &str, value: &R)
where
    R: Operation + Serialize + DeserializeOwned + PartialEq + Debug,
{
    let body = value.to_body().unwrap();
    snapshot_form(name, &body);
    let call = Call::from_str(&body).unwrap();
    assert_eq!(call.action().unwrap().as_deref(), Some(R::ACTION));
    assert_eq!(call.version().unwrap().as_deref(), Some(R::VERSION));
    assert_eq!(call.decode::<R>().unwrap(), *value);
}

/// Snapshots the XML body, and decodes it as a client does.
fn response<R>(name: &str, value: &R::Response)
where
    R: Operation<Response: Serialize + DeserializeOwned + PartialEq + Debug>,
{
    let body = R::encode_response(REQUEST_ID, value).unwrap();
    snapshot_xml(name, &body);
    let success = R::decode_reply(200, body.as_bytes())
        .unwrap()
        .into_result()
        .unwrap();
    assert_eq!(success.request_id.as_deref(), Some(REQUEST_ID));
    assert_eq!(success.output, *value);
}

fn fault(name: &str, value: &Fault) {
    let body = value.to_xml().unwrap();
    snapshot_xml(name, &body);
    let reply = <CreateIpamPolicy>::decode_reply(value.status, body.as_bytes()).unwrap();
    assert_eq!(reply, Reply::Fault(value.clone()));
}

fn whole_policy() -> IpamPolicy {
    IpamPolicy {
        owner_id: Some("123456789012".into()),
        ipam_policy_id: Some(POLICY_ID.into()),
        ipam_policy_arn: Some(format!("arn:aws:ec2::123456789012:ipam-policy/{POLICY_ID}")),
        ipam_policy_region: Some("us-east-1".into()),
        state: Some(IpamPolicyState::CreateFailed),
        state_message: Some(SPECIAL.into()),
        tag_set: Some(vec![
            Tag::new("Name", SPECIAL),
            Tag::new("empty", ""),
            Tag {
                key: Some("no value".into()),
                value: None,
            },
        ]),
        ipam_id: Some(IPAM_ID.into()),
    }
}

fn policy_with_tags(tag_set: Option<Vec<Tag>>) -> CreateIpamPolicyResponse {
    CreateIpamPolicyResponse {
        ipam_policy: Some(IpamPolicy {
            ipam_policy_id: Some(POLICY_ID.into()),
            tag_set,
            ..IpamPolicy::default()
        }),
    }
}

#[test]
fn create_ipam_policy_request() {
    request::<CreateIpamPolicy>(
        "create-ipam-policy-request-minimal",
        &CreateIpamPolicy::new(IPAM_ID),
    );
    request::<CreateIpamPolicy>(
        "create-ipam-policy-request-empty",
        &CreateIpamPolicy::default(),
    );
    request(
        "create-ipam-policy-request-every-member",
        &CreateIpamPolicy {
            dry_run: Some(true),
            tag_specifications: vec![
                TagSpecification::new(
                    ResourceType::IpamPolicy,
                    [Tag::new("Name", "edge"), Tag::new("stage", "")],
                ),
                TagSpecification {
                    resource_type: None,
                    tags: vec![Tag {
                        key: None,
                        value: Some("no key, no type".into()),
                    }],
                },
                TagSpecification::new(ResourceType::from("moon-base"), []),
            ],
            client_token: Some("11111111-2222-3333-4444-555555555555".to_owned()),
            ipam_id: Some(IPAM_ID.into()),
        },
    );
    request(
        "create-ipam-policy-request-special-characters",
        &CreateIpamPolicy {
            dry_run: Some(false),
            tag_specifications: vec![TagSpecification::new(
                ResourceType::IpamPolicy,
                [Tag::new(SPECIAL, SPECIAL), Tag::new("", "\0\u{1F}\u{FFFF}")],
            )],
            client_token: Some(String::new()),
            ipam_id: Some(SPECIAL.into()),
        },
    );
    request(
        "create-ipam-policy-request-12-tags",
        &CreateIpamPolicy {
            tag_specifications: vec![TagSpecification::new(
                ResourceType::IpamPolicy,
                (1..=12).map(|n| Tag::<String>::new(format!("k{n}"), format!("v{n}"))),
            )],
            ..CreateIpamPolicy::new(IPAM_ID)
        },
    );
}

#[test]
fn create_ipam_policy_response() {
    response::<CreateIpamPolicy>(
        "create-ipam-policy-response-every-member",
        &CreateIpamPolicyResponse {
            ipam_policy: Some(whole_policy()),
        },
    );
    response::<CreateIpamPolicy>(
        "create-ipam-policy-response-minimal",
        &CreateIpamPolicyResponse::default(),
    );
    response::<CreateIpamPolicy>(
        "create-ipam-policy-response-no-members",
        &CreateIpamPolicyResponse {
            ipam_policy: Some(IpamPolicy::default()),
        },
    );
    response::<CreateIpamPolicy>(
        "create-ipam-policy-response-tag-set-empty",
        &policy_with_tags(Some(Vec::new())),
    );
    response::<CreateIpamPolicy>(
        "create-ipam-policy-response-tag-set-absent",
        &policy_with_tags(None),
    );
    let mut unknown_state = policy_with_tags(None);
    unknown_state.ipam_policy.as_mut().unwrap().state = Some("paused-for-now".into());
    response::<CreateIpamPolicy>("create-ipam-policy-response-unknown-state", &unknown_state);
}

#[test]
fn describe_ipam_policies() {
    request(
        "describe-ipam-policies-request",
        &DescribeIpamPolicies {
            dry_run: Some(false),
            filters: vec![
                Filter {
                    name: Some("tag:Name".to_owned()),
                    values: vec!["a".into(), "b&c".into()],
                },
                Filter {
                    name: Some("state".into()),
                    values: Vec::new(),
                },
            ],
            max_results: Some(1000),
            next_token: Some("AAAA==".into()),
            ipam_policy_ids: vec![POLICY_ID.into(), String::new()],
        },
    );
    request::<DescribeIpamPolicies>(
        "describe-ipam-policies-request-empty",
        &DescribeIpamPolicies::default(),
    );
    response::<DescribeIpamPolicies>(
        "describe-ipam-policies-response",
        &DescribeIpamPoliciesResponse {
            ipam_policies: Some(vec![whole_policy(), IpamPolicy::default()]),
            next_token: Some("AAAA==".into()),
        },
    );
    response::<DescribeIpamPolicies>(
        "describe-ipam-policies-response-none",
        &DescribeIpamPoliciesResponse {
            ipam_policies: Some(Vec::new()),
            next_token: None,
        },
    );
}

#[test]
fn delete_ipam_policy() {
    request::<DeleteIpamPolicy>(
        "delete-ipam-policy-request",
        &DeleteIpamPolicy {
            dry_run: Some(true),
            ..DeleteIpamPolicy::new(POLICY_ID)
        },
    );
    response::<DeleteIpamPolicy>(
        "delete-ipam-policy-response",
        &DeleteIpamPolicyResponse {
            ipam_policy: Some(IpamPolicy {
                state: Some(IpamPolicyState::DeleteInProgress),
                ..whole_policy()
            }),
        },
    );
}

#[test]
fn create_ipam() {
    request(
        "create-ipam-request",
        &CreateIpam {
            dry_run: Some(false),
            description: Some("for tests".to_owned()),
            operating_regions: ["us-east-1", "eu-central-1"]
                .map(|region| AddIpamOperatingRegion {
                    region_name: Some(region.to_owned()),
                })
                .into(),
            tag_specifications: vec![TagSpecification::new(
                ResourceType::Ipam,
                [Tag::new("Name", "edge")],
            )],
            client_token: Some("11111111-2222-3333-4444-555555555555".into()),
            tier: Some(IpamTier::Advanced),
            enable_private_gua: Some(false),
            metered_account: Some(IpamMeteredAccount::IpamOwner),
        },
    );
    response::<CreateIpam>(
        "create-ipam-response",
        &CreateIpamResponse {
            ipam: Some(whole_ipam()),
        },
    );
}

#[test]
fn delete_ipam() {
    request::<DeleteIpam>(
        "delete-ipam-request",
        &DeleteIpam {
            dry_run: Some(false),
            cascade: Some(true),
            ..DeleteIpam::new(IPAM_ID)
        },
    );
    response::<DeleteIpam>(
        "delete-ipam-response",
        &DeleteIpamResponse {
            ipam: Some(Ipam {
                state: Some(IpamPolicyState::DeleteInProgress),
                ..whole_ipam()
            }),
        },
    );
}

fn whole_ipam() -> Ipam {
    Ipam {
        owner_id: Some("123456789012".into()),
        ipam_id: Some(IPAM_ID.into()),
        ipam_arn: Some(format!("arn:aws:ec2::123456789012:ipam/{IPAM_ID}")),
        ipam_region: Some("us-east-1".into()),
        public_default_scope_id: Some("ipam-scope-0123456789abcdef0".into()),
        private_default_scope_id: Some("ipam-scope-0123456789abcdef1".into()),
        scope_count: Some(2),
        description: Some("for tests".into()),
        operating_region_set: Some(vec![IpamOperatingRegion {
            region_name: Some("us-east-1".into()),
        }]),
        state: Some(IpamPolicyState::CreateComplete),
        tag_set: Some(vec![Tag::new("Name", "edge")]),
        default_resource_discovery_id: Some("ipam-res-disco-0123456789abcdef0".into()),
        default_resource_discovery_association_id: Some(
            "ipam-res-disco-assoc-0123456789abcdef0".into(),
        ),
        resource_discovery_association_count: Some(1),
        state_message: Some("ready".into()),
        tier: Some(IpamTier::Advanced),
        enable_private_gua: Some(false),
        metered_account: Some(IpamMeteredAccount::ResourceOwner),
    }
}

#[test]
fn faults() {
    let one = Fault {
        request_id: Some(REQUEST_ID.into()),
        ..Fault::new(
            400,
            "InvalidIpamId.NotFound",
            "The ipam ID 'ipam-0' does not exist",
        )
    };
    fault("fault-one-error", &one);
    fault(
        "fault-several-errors",
        &Fault {
            errors: vec![
                FaultEntry {
                    code: "InvalidParameterValue".into(),
                    message: "Value (<&>) is invalid".into(),
                },
                FaultEntry {
                    code: "InternalError".into(),
                    message: String::new(),
                },
            ],
            ..one.clone()
        },
    );
    fault(
        "fault-no-error-no-id",
        &Fault {
            status: 500,
            errors: Vec::new(),
            request_id: None,
            excerpt: String::new(),
        },
    );
    let dry_run = Fault::new(
        412,
        "DryRunOperation",
        "Request would have succeeded, but DryRun flag is set.",
    );
    assert!(dry_run.is_dry_run());
    fault("fault-dry-run", &dry_run);
}

/// Every kind of member that serde's derive supports, in a custom type.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kinds {
    yes: bool,
    tiny: i8,
    big: u64,
    huge: i128,
    fraction: f64,
    infinite: f64,
    negative_infinite: f32,
    letter: char,
    text: String,
    blob: Blob,
    unit: Option<()>,
    variant: Variant,
    wrapped: Wrapped,
    pair: (u8, String),
    nested: Vec<Inner>,
    map: BTreeMap<String, Inner>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inner {
    numbers: Vec<u16>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Wrapped(String);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Variant {
    OnDemand,
}

#[test]
fn every_kind_of_member() {
    let value = Kinds {
        yes: true,
        tiny: -128,
        big: u64::MAX,
        huge: i128::MIN,
        fraction: -0.1,
        infinite: f64::INFINITY,
        negative_infinite: f32::NEG_INFINITY,
        letter: '&',
        text: SPECIAL.into(),
        blob: Blob(vec![0, 0xFB, 0xFF, 0x80]),
        unit: None,
        variant: Variant::OnDemand,
        wrapped: Wrapped("a b".into()),
        pair: (7, "seven".into()),
        nested: vec![
            Inner {
                numbers: vec![1, 2, 3],
            },
            Inner { numbers: vec![4] },
        ],
        map: [(
            "Key".to_owned(),
            Inner {
                numbers: vec![65535],
            },
        )]
        .into(),
    };

    let body = form::to_string(&value).unwrap();
    snapshot_form("every-kind-form", &body);
    assert_eq!(form::from_str::<Kinds>(&body).unwrap(), value);

    let body = xml::to_string(&value).unwrap();
    snapshot_xml("every-kind-xml", &body);
    assert_eq!(xml::from_str::<Kinds>(&body).unwrap(), value);
}

/// A map with one key, of any type.
struct Key<K>(K);

impl<K: Serialize> Serialize for Key<K> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(&self.0, 1)])
    }
}

#[derive(Serialize)]
struct Map<K> {
    map: Key<K>,
}

/// Checks how a key is written in a form and in XML.
fn check_key<K: Serialize>(key: K, in_form: &str, in_xml: &str) {
    let map = Map { map: Key(key) };
    let body = form::to_string(&map).unwrap();
    assert_eq!(body, format!("Map.{in_form}=1"));
    let body = xml::to_string(&map).unwrap();
    let element = format!("<map><{in_xml}>1</{in_xml}></map>");
    assert!(body.contains(&element), "{body}");
}

#[test]
fn every_kind_of_key() {
    check_key("text", "Text", "text");
    check_key('c', "C", "c");
    check_key(true, "True", "true");
    check_key(false, "False", "false");
    check_key(Variant::OnDemand, "On-demand", "on-demand");
    check_key(Wrapped("Inner".into()), "Inner", "Inner");
    check_key(Some("some"), "Some", "some");
}

/// Numbers cannot be element names, but can be keys of a form.
#[test]
fn numbers_as_keys() {
    let mut bodies = Vec::new();
    let mut add = |body: ec2wire::Result<String>| bodies.push(body.unwrap());
    add(form::to_string(&Key(i8::MIN)));
    add(form::to_string(&Key(i16::MIN)));
    add(form::to_string(&Key(i32::MIN)));
    add(form::to_string(&Key(i64::MIN)));
    add(form::to_string(&Key(i128::MIN)));
    add(form::to_string(&Key(u8::MAX)));
    add(form::to_string(&Key(u16::MAX)));
    add(form::to_string(&Key(u32::MAX)));
    add(form::to_string(&Key(u64::MAX)));
    add(form::to_string(&Key(u128::MAX)));
    let expected = [
        "-128",
        "-32768",
        "-2147483648",
        "-9223372036854775808",
        "-170141183460469231731687303715884105728",
        "255",
        "65535",
        "4294967295",
        "18446744073709551615",
        "340282366920938463463374607431768211455",
    ];
    assert_eq!(bodies, expected.map(|key| format!("{key}=1")));
}

/// Without a type, a member is a list if all its keys are indexes.
#[test]
fn bodies_without_a_type() {
    let expected = serde_json::json!({
        "List": ["x", "y"],
        "Map": {"1": "a", "x": "b"},
        "Nested": [{"A": "1"}, {"A": "2"}],
        "12": "no list at the root",
        "Text": "",
    });
    for body in [
        "List.1=x&List.2=y&Map.1=a&Map.x=b&Nested.1.A=1&Nested.2.A=2&12=no+list+at+the+root&Text=",
        "Map.x=b&List.2=y&Nested.2.A=2&Text=&Map.1=a&12=no+list+at+the+root&Nested.1.A=1&List.1=x",
    ] {
        let value: serde_json::Value = form::from_str(body).unwrap();
        assert_eq!(value, expected, "{body}");
    }
    let body = "<r><list><item>x</item><item>y</item></list><map><a>1</a><b><c/></b></map></r>";
    let value: serde_json::Value = xml::from_str(body).unwrap();
    let map = serde_json::json!({"a": "1", "b": {"c": ""}});
    assert_eq!(value, serde_json::json!({"list": ["x", "y"], "map": map}));
}
