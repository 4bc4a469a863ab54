//! Properties of every value and every input.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use crate::common::damage::{self, damage, damaged};
use crate::common::generate::{describe, policy, request, response, text, xml_text};
use ec2wire::contract::{self, Level};
use ec2wire::form;
use ec2wire::ipam::{
    CreateIpamPolicy, CreateIpamPolicyResponse, DescribeIpamPolicies, DescribeIpamPoliciesResponse,
    IpamPolicyState,
};
use ec2wire::{
    Error, ErrorKind, Fault, FaultEntry, Limit, Operation, Reply, ResourceType, Tag,
    TagSpecification, Text, envelope, xml,
};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::collections::{BTreeMap, BTreeSet};

/// A list of maps of texts, in a map.
type Untyped = BTreeMap<String, Vec<BTreeMap<String, String>>>;

fn untyped() -> impl Strategy<Value = Untyped> {
    let name = || "[A-Z][A-Za-z]{0,3}";
    let entry = btree_map(name(), text(), 1..4);
    btree_map(name(), vec(entry, 1..12), 1..4)
}

proptest! {
    #[test]
    fn a_request_round_trips(request in request()) {
        let body = request.to_body().unwrap();
        prop_assert_eq!(&CreateIpamPolicy::from_body(&body).unwrap(), &request);
        let borrowed = form::from_str::<CreateIpamPolicy<Text<'_>>>(&body).unwrap();
        prop_assert_eq!(borrowed.as_view(), request.as_view());
        // The same bytes with every text type.
        prop_assert_eq!(&borrowed.to_body().unwrap(), &body);
        prop_assert_eq!(&request.as_view().to_body().unwrap(), &body);
        // Lenient decoding reads the same value as strict decoding.
        let lenient = form::Options::new().lenient();
        prop_assert_eq!(&lenient.from_str::<CreateIpamPolicy>(&body).unwrap(), &request);
    }

    #[test]
    fn a_describe_request_round_trips(request in describe()) {
        let body = request.to_body().unwrap();
        prop_assert_eq!(&DescribeIpamPolicies::from_body(&body).unwrap(), &request);
        let borrowed = form::from_str::<DescribeIpamPolicies<Text<'_>>>(&body).unwrap();
        prop_assert_eq!(borrowed.to_body().unwrap(), body);
    }

    #[test]
    fn a_response_round_trips(id in xml_text(), response in response()) {
        let body = <CreateIpamPolicy>::encode_response(&id, &response).unwrap();
        let success =
            <CreateIpamPolicy>::decode_reply(200, body.as_bytes()).unwrap().into_result().unwrap();
        prop_assert_eq!(success.request_id.as_deref(), Some(&*id));
        prop_assert_eq!(&success.output, &response);

        let body = xml::to_string(&response).unwrap();
        let borrowed = xml::from_str::<CreateIpamPolicyResponse<Text<'_>>>(&body).unwrap();
        prop_assert_eq!(&xml::to_string(&borrowed).unwrap(), &body);
        // The encoded document is strict XML.
        let strict = xml::Options::new().strict();
        prop_assert_eq!(strict.from_slice::<CreateIpamPolicyResponse>(body.as_bytes()).unwrap(), response);
    }

    #[test]
    fn a_describe_response_round_trips(
        policies in proptest::option::of(vec(policy(), 0..4)),
        token in proptest::option::of(xml_text()),
    ) {
        let response = DescribeIpamPoliciesResponse { ipam_policies: policies, next_token: token };
        let body = xml::to_string(&response).unwrap();
        prop_assert_eq!(&xml::from_str::<DescribeIpamPoliciesResponse>(&body).unwrap(), &response);
        let borrowed = xml::from_str::<DescribeIpamPoliciesResponse<Text<'_>>>(&body).unwrap();
        prop_assert_eq!(&xml::to_string(&borrowed).unwrap(), &body);
    }

    #[test]
    fn a_fault_round_trips(
        status in 200..600_u16,
        errors in vec((xml_text(), xml_text()), 0..4),
        request_id in proptest::option::of(xml_text()),
    ) {
        let errors = errors.into_iter().map(|(code, message)| FaultEntry { code, message });
        let fault = Fault { status, errors: errors.collect(), request_id, excerpt: String::new() };
        let body = fault.to_xml().unwrap();
        let reply = <CreateIpamPolicy>::decode_reply(status, body.as_bytes()).unwrap();
        prop_assert_eq!(reply, Reply::Fault(fault));
    }

    #[test]
    fn only_escaped_text_is_copied(text in text()) {
        let mut request: CreateIpamPolicy<&str> = CreateIpamPolicy::new(text.as_str());
        request.client_token = Some("plain");
        let body = form::to_string(&request).unwrap();
        let decoded = form::from_str::<CreateIpamPolicy<Text<'_>>>(&body).unwrap();
        prop_assert!(decoded.client_token.unwrap().is_borrowed());
        prop_assert_eq!(decoded.ipam_id.unwrap().is_borrowed(), !body.contains('%'));
    }

    #[test]
    fn pairs_may_come_in_any_order(
        (request, pairs) in request().prop_flat_map(|request| {
            let body = request.to_body().unwrap();
            let pairs: Vec<String> = body.split('&').map(String::from).collect();
            (Just(request), Just(pairs).prop_shuffle())
        }),
    ) {
        let body = pairs.join("&");
        prop_assert_eq!(CreateIpamPolicy::from_body(&body).unwrap(), request);
        let call = form::Call::from_str(&body).unwrap();
        prop_assert_eq!(call.action().unwrap().unwrap(), <CreateIpamPolicy>::ACTION);
    }

    /// Also for a map, which defines neither an order nor a list of names.
    #[test]
    fn untyped_pairs_may_come_in_any_order(
        (value, pairs) in untyped().prop_flat_map(|value| {
            let body = form::to_string(&value).unwrap();
            let pairs: Vec<String> = body.split('&').map(String::from).collect();
            (Just(value), Just(pairs).prop_shuffle())
        }),
    ) {
        prop_assert_eq!(form::from_str::<Untyped>(&pairs.join("&")).unwrap(), value);
    }

    #[test]
    fn any_bytes_are_a_value_or_an_error(data in vec(any::<u8>(), 0..256)) {
        try_every_decoder(&data);
    }

    #[test]
    fn a_damaged_request_is_a_value_or_an_error(
        request in request(),
        damage in damage(damage::FORM),
    ) {
        try_every_decoder(&damaged(request.to_body().unwrap(), &damage));
    }

    #[test]
    fn a_damaged_response_is_a_value_or_an_error(
        response in response(),
        damage in damage(damage::XML),
    ) {
        try_every_decoder(&damaged(xml::to_string(&response).unwrap(), &damage));
    }

    #[test]
    fn a_truncated_response_is_an_error(response in response()) {
        let body = <CreateIpamPolicy>::encode_response("r-1", &response).unwrap();
        for cut in 0..body.len() {
            let start = &body.as_bytes()[..cut];
            let error = <CreateIpamPolicy>::decode_reply(200, start).unwrap_err();
            let told = match error.kind() {
                ErrorKind::Truncated(_) => true,
                ErrorKind::NotXml(_) => cut == 0,
                _ => false,
            };
            prop_assert!(told, "cut at {}: {}", cut, error);
            prop_assert!(xml::from_slice::<CreateIpamPolicyResponse>(start).is_err());
        }
    }

    /// For every way of reading: as text or bytes, at once or as a call first.
    #[test]
    fn a_truncated_request_of_known_length_is_an_error(request in request()) {
        let body = request.to_body().unwrap();
        let options = form::Options::new().content_length(body.len());
        prop_assert_eq!(&options.from_str::<CreateIpamPolicy>(&body).unwrap(), &request);
        for cut in 0..body.len() {
            let start = &body[..cut];
            for options in [options, options.lenient()] {
                let errors = [
                    options.from_str::<CreateIpamPolicy>(start).map(drop),
                    options.from_slice::<CreateIpamPolicy>(start.as_bytes()).map(drop),
                    options.call(start).map(drop),
                    options.call_from_slice(start.as_bytes()).map(drop),
                ];
                for error in errors.map(Result::unwrap_err) {
                    prop_assert!(matches!(error.kind(), ErrorKind::Truncated(_)), "{}", error);
                }
            }
        }
    }

    /// Without a known length, truncation is detected, or the pairs before the cut are read.
    #[test]
    fn a_truncated_request_is_an_error_or_the_pairs_before_the_cut(request in request()) {
        ec2wire_fuzz::form_decode(form::to_string(&request).unwrap().as_bytes());
        ec2wire_fuzz::form_decode(request.to_body().unwrap().as_bytes());
    }

    #[test]
    fn a_truncated_fault_is_an_error(code in xml_text(), message in xml_text()) {
        let body = Fault::new(400, code, message).to_xml().unwrap();
        for cut in 1..body.len() {
            let start = &body.as_bytes()[..cut];
            let error = <CreateIpamPolicy>::decode_reply(400, start).unwrap_err();
            prop_assert!(matches!(error.kind(), ErrorKind::Truncated(_)), "cut at {}: {}", cut, error);
        }
    }
}

/// Checks the fuzz targets' promises, and the decoders that they leave out.
fn try_every_decoder(data: &[u8]) {
    for (_, target) in ec2wire_fuzz::TARGETS {
        target(data);
    }
    let _ = form::Options::new()
        .lenient()
        .from_slice::<DescribeIpamPolicies>(data);
    let _ = xml::Options::new()
        .any_root()
        .from_slice::<DescribeIpamPoliciesResponse>(data);
    for status in [200, 412, 503] {
        let _ = envelope::decode::<DescribeIpamPoliciesResponse>(status, data);
    }
}

/// A request that breaks no rule at any level.
fn blameless() -> impl Strategy<Value = CreateIpamPolicy> {
    let key = vec(proptest::char::range('a', 'z'), 1..20).prop_map(String::from_iter);
    let keys = proptest::collection::btree_set(
        prop_oneof![
            key,
            select(&["é", "日本", "😀", "a:aws:"][..]).prop_map(String::from)
        ],
        1..=49,
    );
    (
        any::<Option<bool>>(),
        keys.prop_flat_map(|keys| {
            let values = vec(text(), keys.len());
            (Just(keys), values)
        }),
        proptest::option::of("[ -~]{0,64}"),
        "ipam-[0-9a-f]{17}",
    )
        .prop_map(|(dry_run, (keys, values), client_token, ipam_id)| {
            let tags = keys.into_iter().zip(values);
            CreateIpamPolicy {
                dry_run,
                tag_specifications: vec![TagSpecification::new(
                    ResourceType::IpamPolicy,
                    tags.map(|(key, value)| Tag::new(key, value)),
                )],
                client_token,
                ipam_id: Some(ipam_id),
            }
        })
}

/// Breaks one rule and returns the place. If the rule is about a tag, it is the tag at the index.
type Breach = fn(&mut CreateIpamPolicy, usize) -> String;

fn key(request: &mut CreateIpamPolicy, at: usize, key: impl Into<Option<String>>) -> String {
    request.tag_specifications[0].tags[at].key = key.into();
    format!("TagSpecification.1.Tag.{}.Key", at + 1)
}

fn value(request: &mut CreateIpamPolicy, at: usize, value: String) -> String {
    request.tag_specifications[0].tags[at].value = Some(value);
    format!("TagSpecification.1.Tag.{}.Value", at + 1)
}

fn resource_type(request: &mut CreateIpamPolicy, to: Option<ResourceType>) -> String {
    request.tag_specifications[0].resource_type = to;
    "TagSpecification.1.ResourceType".into()
}

fn token(request: &mut CreateIpamPolicy, token: String) -> String {
    request.client_token = Some(token);
    "ClientToken".into()
}

/// Ways to break each rule, and only that rule.
const BREACHES: &[(&str, Breach)] = &[
    ("ipam-id-required", |request, _| {
        request.ipam_id = None;
        "IpamId".into()
    }),
    ("ipam-id-not-empty", |request, _| {
        request.ipam_id = Some(String::new());
        "IpamId".into()
    }),
    ("resource-type-required", |request, _| {
        resource_type(request, None)
    }),
    ("resource-type-supported", |request, _| {
        resource_type(request, Some(ResourceType::Ipam))
    }),
    ("resource-type-supported", |request, _| {
        resource_type(request, Some("moon-base".into()))
    }),
    ("resource-type-supported", |request, _| {
        resource_type(request, Some("IPAM-policy".into()))
    }),
    ("resource-type-unique", |request, _| {
        request.tag_specifications.push(TagSpecification::new(
            ResourceType::IpamPolicy,
            [Tag::new("other", "")],
        ));
        "TagSpecification.2.ResourceType".into()
    }),
    ("specification-has-tags", |request, _| {
        request.tag_specifications[0].tags.clear();
        "TagSpecification.1.Tag".into()
    }),
    ("tag-limit", |request, _| {
        let tags = &mut request.tag_specifications[0].tags;
        tags.extend((tags.len()..51).map(|n| Tag::new(format!("another {n}"), "")));
        "TagSpecification.1.Tag".into()
    }),
    ("tag-key-required", |request, at| key(request, at, None)),
    ("tag-key-required", |request, at| {
        key(request, at, String::new())
    }),
    ("tag-key-prefix", |request, at| {
        key(request, at, "aws:".to_owned())
    }),
    ("tag-key-prefix", |request, at| {
        key(request, at, "aws:createdBy".to_owned())
    }),
    ("tag-key-prefix-any-case", |request, at| {
        key(request, at, "AWS:createdBy".to_owned())
    }),
    ("tag-key-length", |request, at| {
        key(request, at, "é".repeat(129))
    }),
    ("tag-key-length", |request, at| {
        key(request, at, "k".repeat(10_000))
    }),
    ("tag-key-length-api", |request, at| {
        key(request, at, "é".repeat(128))
    }),
    ("tag-value-length", |request, at| {
        value(request, at, "é".repeat(257))
    }),
    ("tag-length-utf16", |request, at| {
        key(request, at, "😀".repeat(65))
    }),
    ("tag-length-utf16", |request, at| {
        value(request, at, "😀".repeat(256))
    }),
    ("tag-key-unique", |request, at| {
        let tags = &mut request.tag_specifications[0].tags;
        let same_key = Tag {
            value: None,
            ..tags[at].clone()
        };
        tags.push(same_key);
        format!("TagSpecification.1.Tag.{}.Key", tags.len())
    }),
    ("client-token-length", |request, _| {
        token(request, "t".repeat(65))
    }),
    ("client-token-ascii", |request, _| {
        token(request, "é".to_owned())
    }),
];

proptest! {
    #[test]
    fn a_valid_request_has_no_violation(request in blameless()) {
        prop_assert_eq!(contract::check(&request), []);
        prop_assert_eq!(contract::check(&request.as_view()), []);
    }

    #[test]
    fn a_violation_is_reported_with_its_rule_and_place(
        request in blameless(),
        (rule, breach) in select(BREACHES),
        at in any::<Index>(),
    ) {
        let mut request = request;
        let at = at.index(request.tag_specifications[0].tags.len());
        let path = breach(&mut request, at);
        let found = contract::check(&request);
        let found: Vec<_> = found.iter().map(|found| (found.rule.name, &*found.path)).collect();
        prop_assert_eq!(found, [(rule, &*path)]);
        // The codec still encodes and decodes the request.
        let has_form = request.tag_specifications.iter().all(|spec| *spec != TagSpecification::default());
        if has_form {
            let body = request.to_body().unwrap();
            prop_assert_eq!(CreateIpamPolicy::from_body(&body).unwrap(), request);
        }
    }

    /// Violations of rules about different members are both reported.
    #[test]
    fn one_violation_hides_no_other(request in blameless(), at in any::<Index>()) {
        let mut request = request;
        let at = at.index(request.tag_specifications[0].tags.len());
        let path = key(&mut request, at, "aws:x".repeat(40));
        request.ipam_id = None;
        let found = contract::check(&request);
        let found: Vec<_> = found.iter().map(|found| (found.rule.name, &*found.path)).collect();
        prop_assert_eq!(
            found,
            [("ipam-id-required", "IpamId"), ("tag-key-prefix", &*path), ("tag-key-length", &*path)]
        );
    }
}

#[test]
fn every_rule_can_be_broken() {
    let broken: BTreeSet<&str> = BREACHES.iter().map(|(rule, _)| *rule).collect();
    let rules: BTreeSet<&str> = contract::RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(broken, rules);
}

/// The maximum that every document allows.
#[test]
fn the_limits_themselves_are_allowed() {
    let tags = (0..50).map(|n| Tag::new(format!("{n:0>127}"), "é".repeat(256)));
    let mut request: CreateIpamPolicy = CreateIpamPolicy::new("ipam-1");
    request.tag_specifications = vec![TagSpecification::new(ResourceType::IpamPolicy, tags)];
    request.client_token = Some("t".repeat(64));
    assert_eq!(contract::check(&request), []);

    // The user guide's 128 characters break no MUST.
    request.tag_specifications[0].tags[0].key = Some("k".repeat(128));
    let found = contract::check(&request);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].rule.level, Level::Should);
}

#[test]
fn every_resource_type_round_trips() {
    let seed: Vec<&str> = include_str!("../data/seed-resource-types.txt")
        .lines()
        .collect();
    assert_eq!(seed.len(), 107);
    for name in &seed {
        assert!(!ResourceType::from(*name).is_unknown(), "{name}");
    }

    assert_eq!(ResourceType::ALL.len(), 114);
    let names: BTreeSet<&str> = ResourceType::ALL.iter().map(ResourceType::as_str).collect();
    assert_eq!(names.len(), 114);

    let unknown = ResourceType::from("moon-base");
    assert!(unknown.is_unknown());
    for kind in ResourceType::ALL.iter().chain([&unknown]) {
        assert_eq!(ResourceType::from(kind.as_str()), *kind);
        let request = CreateIpamPolicy {
            tag_specifications: vec![TagSpecification::new(kind.clone(), [])],
            ..CreateIpamPolicy::default()
        };
        let body = form::to_string(&request).unwrap();
        assert_eq!(body, format!("TagSpecification.1.ResourceType={kind}"));
        assert_eq!(form::from_str::<CreateIpamPolicy>(&body).unwrap(), request);
    }
}

#[test]
fn every_state_round_trips() {
    assert_eq!(IpamPolicyState::ALL.len(), 12);
    let unknown = IpamPolicyState::from("paused");
    for state in IpamPolicyState::ALL.iter().chain([&unknown]) {
        let body = format!(
            "<CreateIpamPolicyResponse><ipamPolicy><state>{state}</state></ipamPolicy>\
             </CreateIpamPolicyResponse>"
        );
        let response: CreateIpamPolicyResponse = xml::from_str(&body).unwrap();
        assert_eq!(response.ipam_policy.unwrap().state.as_ref(), Some(state));
    }
}

const MANY: usize = 100_000;

fn limit<T: std::fmt::Debug>(result: Result<T, Error>) -> Limit {
    let error = result.unwrap_err();
    match *error.kind() {
        ErrorKind::LimitExceeded(limit, _) => limit,
        ref kind => unreachable!("{kind:?}"),
    }
}

/// A type that nests as deeply as its input.
#[derive(Debug, serde::Deserialize)]
struct Deep {
    #[serde(rename = "A")]
    _next: Option<Box<Self>>,
}

#[test]
fn deep_nesting_ends_with_an_error() {
    // With open and closed elements, decoded and skipped values, and limits beyond what the stack
    // allows.
    let boundless = ec2wire::Limits {
        bytes: usize::MAX,
        depth: usize::MAX,
        entries: usize::MAX,
    };
    for (start, end) in [
        ("<a>", "</a>"),
        ("<ipamPolicy>", "</ipamPolicy>"),
        ("<tagSet><item>", "</item></tagSet>"),
    ] {
        for body in [
            start.repeat(MANY),
            format!("{}{}", start.repeat(MANY), end.repeat(MANY)),
        ] {
            for options in [xml::Options::new(), xml::Options::new().limits(boundless)] {
                let options = options.any_root();
                let decoded = options.from_str::<CreateIpamPolicyResponse>(&body);
                assert_eq!(limit(decoded), Limit::Depth, "{start}");
                let ignored = options.from_str::<serde::de::IgnoredAny>(&body);
                assert_eq!(limit(ignored), Limit::Depth, "{start}");
            }
        }
    }

    let body = format!("{}A=1", "A.".repeat(MANY));
    for options in [form::Options::new(), form::Options::new().limits(boundless)] {
        assert_eq!(limit(options.from_str::<Deep>(&body)), Limit::Depth);
    }
    let lists = format!("TagSpecification{}=x", ".1".repeat(MANY));
    assert!(form::from_str::<CreateIpamPolicy>(&lists).is_err());
}

#[test]
fn many_pairs_are_a_value_up_to_the_limit() {
    let pairs = form::Options::LIMITS.entries;
    let body = |indexes: &mut dyn Iterator<Item = usize>| {
        let pairs: Vec<String> = indexes.map(|n| format!("IpamPolicyId.{n}={n}")).collect();
        pairs.join("&")
    };
    // In order, reversed, and the even ones before the odd ones.
    for mut indexes in [
        Box::new(1..=pairs) as Box<dyn Iterator<Item = usize>>,
        Box::new((1..=pairs).rev()),
        Box::new((2..=pairs).step_by(2).chain((1..=pairs).step_by(2))),
    ] {
        let request: DescribeIpamPolicies = form::from_str(&body(&mut indexes)).unwrap();
        assert_eq!(request.ipam_policy_ids.len(), pairs);
        assert!(
            request
                .ipam_policy_ids
                .iter()
                .map(|id| id.parse::<usize>().unwrap())
                .eq(1..=pairs)
        );
    }
    let too_many = body(&mut (1..=MANY));
    assert_eq!(
        limit(form::from_str::<DescribeIpamPolicies>(&too_many)),
        Limit::Entries
    );
    let separators = "&".repeat(MANY);
    assert!(form::from_str::<CreateIpamPolicy>(&separators).is_err());
    assert!(
        form::Options::new()
            .lenient()
            .from_str::<CreateIpamPolicy>(&separators)
            .is_ok()
    );
}

/// A list has as many entries as were sent, not as many as an index claims.
#[test]
fn a_large_index_allocates_no_memory() {
    let body = "IpamPolicyId.4294967295=a";
    assert!(form::from_str::<DescribeIpamPolicies>(body).is_err());
    let request: DescribeIpamPolicies = form::Options::new().lenient().from_str(body).unwrap();
    assert_eq!(request.ipam_policy_ids, ["a"]);
    assert!(request.ipam_policy_ids.capacity() < 64);
}
