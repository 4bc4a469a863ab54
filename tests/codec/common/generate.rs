//! Random values of the operations' types.

use ec2wire::ipam::{
    CreateIpamPolicy, CreateIpamPolicyResponse, DescribeIpamPolicies, Filter, IpamPolicy,
    IpamPolicyState,
};
use ec2wire::{ResourceType, Tag, TagSpecification};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// Whether XML 1.0 allows the character.
pub(crate) fn is_xml(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

fn character() -> impl Strategy<Value = char> {
    prop_oneof![
        4 => proptest::char::range('!', '~'),
        4 => select("&=%+ .~*/<>]'\";#\t\n\r[!-?".chars().collect::<Vec<_>>()),
        1 => select("éß日本😀\u{FEFF}\u{FFFD}\u{10FFFF}\u{85}\u{2028}".chars().collect::<Vec<_>>()),
        1 => any::<char>(),
    ]
}

/// Any text, with many characters that must be escaped.
pub(crate) fn text() -> BoxedStrategy<String> {
    vec(character(), 0..16).prop_map(String::from_iter).boxed()
}

/// Any text that XML allows.
pub(crate) fn xml_text() -> BoxedStrategy<String> {
    vec(character().prop_filter("not in XML", |c| is_xml(*c)), 0..16)
        .prop_map(String::from_iter)
        .boxed()
}

pub(crate) fn resource_type() -> impl Strategy<Value = ResourceType> {
    prop_oneof![
        4 => Just(ResourceType::IpamPolicy),
        4 => select(ResourceType::ALL),
        1 => text().prop_map(ResourceType::from),
    ]
}

/// A tag with at least one member, as the form requires.
fn form_tag() -> impl Strategy<Value = Tag> {
    prop_oneof![
        4 => (text(), option::of(text()))
            .prop_map(|(key, value)| Tag { key: Some(key), value }),
        1 => text().prop_map(|value| Tag { key: None, value: Some(value) }),
    ]
}

/// A specification with at least one member, as the form requires.
fn specification() -> impl Strategy<Value = TagSpecification> {
    prop_oneof![
        4 => (resource_type(), vec(form_tag(), 0..4))
            .prop_map(|(kind, tags)| TagSpecification::new(kind, tags)),
        1 => vec(form_tag(), 1..4)
            .prop_map(|tags| TagSpecification { resource_type: None, tags }),
    ]
}

/// Any request that can be encoded, sensible or not.
pub(crate) fn request() -> impl Strategy<Value = CreateIpamPolicy> {
    (
        any::<Option<bool>>(),
        vec(specification(), 0..4),
        option::of(text()),
        option::of(text()),
    )
        .prop_map(
            |(dry_run, tag_specifications, client_token, ipam_id)| CreateIpamPolicy {
                dry_run,
                tag_specifications,
                client_token,
                ipam_id,
            },
        )
}

pub(crate) fn describe() -> impl Strategy<Value = DescribeIpamPolicies> {
    let filter = (text(), vec(text(), 0..3)).prop_map(|(name, values)| Filter {
        name: Some(name),
        values,
    });
    (
        any::<Option<bool>>(),
        vec(filter, 0..3),
        any::<Option<i32>>(),
        option::of(text()),
        vec(text(), 0..15),
    )
        .prop_map(
            |(dry_run, filters, max_results, next_token, ipam_policy_ids)| DescribeIpamPolicies {
                dry_run,
                filters,
                max_results,
                next_token,
                ipam_policy_ids,
            },
        )
}

fn xml_tag() -> impl Strategy<Value = Tag> {
    (option::of(xml_text()), option::of(xml_text())).prop_map(|(key, value)| Tag { key, value })
}

pub(crate) fn policy() -> impl Strategy<Value = IpamPolicy> {
    let state = prop_oneof![
        3 => select(IpamPolicyState::ALL),
        1 => xml_text().prop_map(IpamPolicyState::from),
    ];
    let text = || option::weighted(0.7, xml_text());
    (
        (text(), text(), text(), text(), text(), text()),
        option::of(state),
        option::of(vec(xml_tag(), 0..4)),
    )
        .prop_map(|(texts, state, tag_set)| {
            let (owner, id, arn, region, message, ipam) = texts;
            IpamPolicy {
                owner_id: owner,
                ipam_policy_id: id,
                ipam_policy_arn: arn,
                ipam_policy_region: region,
                state,
                state_message: message,
                tag_set,
                ipam_id: ipam,
            }
        })
}

pub(crate) fn response() -> impl Strategy<Value = CreateIpamPolicyResponse> {
    option::weighted(0.9, policy()).prop_map(|ipam_policy| CreateIpamPolicyResponse { ipam_policy })
}
