//! The measured values and bodies.

use ec2wire::ipam::{
    CreateIpamPolicy, CreateIpamPolicyResponse, DescribeIpamPoliciesResponse, IpamPolicy,
    IpamPolicyState,
};
use ec2wire::{Operation, ResourceType, Tag, TagSpecification};

pub(crate) const REQUEST_ID: &str = "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE";

/// The order of the tags' indexes in a request's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Indexes {
    InOrder,
    Shuffled,
    /// 1, 3, 5, ...; only a lenient decoder accepts them.
    Gapped,
}

/// Realistic tags: keys of about 10 bytes, values of about 20. One value in five needs escaping in
/// both formats: spaces, `&`, `<`, `>` and a non-ASCII letter.
fn tags(count: usize) -> Vec<Tag> {
    let kinds = [
        ("Name", "edge-gateway-eu-central-"),
        ("environment", "production-"),
        ("cost-center", "cc-4711-network-"),
        ("managed-by", "terraform-1.9."),
        ("owner", "R&D <Zürich> "),
    ];
    let kinds = kinds.into_iter().cycle().zip(1..=count);
    kinds
        .map(|((key, value), n)| Tag::new(format!("{key}-{n}"), format!("{value}{n}")))
        .collect()
}

pub(crate) fn request(tag_count: usize) -> CreateIpamPolicy {
    let mut request = CreateIpamPolicy::new("ipam-0123456789abcdef0");
    request.client_token = Some("11111111-2222-4333-8444-555555555555".into());
    if tag_count > 0 {
        let tags = tags(tag_count);
        request.tag_specifications = vec![TagSpecification::new(ResourceType::IpamPolicy, tags)];
    }
    request
}

/// A request's body with its tags in another order or with other indexes.
pub(crate) fn body(tag_count: usize, indexes: Indexes) -> String {
    let body = request(tag_count).to_body().unwrap();
    if indexes == Indexes::InOrder {
        return body;
    }
    let mut pairs: Vec<String> = body.split('&').map(str::to_owned).collect();
    match indexes {
        Indexes::InOrder => {}
        Indexes::Shuffled => shuffle(&mut pairs),
        Indexes::Gapped => pairs.iter_mut().for_each(widen),
    }
    pairs.join("&")
}

/// A Fisher-Yates shuffle with a fixed sequence of numbers, so that runs are comparable.
fn shuffle(pairs: &mut [String]) {
    let mut state = 0x2016_1115_u64;
    for at in (1..pairs.len()).rev() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        pairs.swap(at, usize::try_from(state >> 33).unwrap() % (at + 1));
    }
}

/// Changes a tag's index n to 2n - 1.
fn widen(pair: &mut String) {
    const LIST: &str = "TagSpecification.1.Tag.";
    if let Some((index, rest)) = pair
        .strip_prefix(LIST)
        .and_then(|rest| rest.split_once('.'))
    {
        let index = index.parse::<usize>().unwrap() * 2 - 1;
        *pair = format!("{LIST}{index}.{rest}");
    }
}

fn policy(n: usize, tag_count: usize) -> IpamPolicy {
    let id = format!("ipam-policy-0{n:016x}");
    IpamPolicy {
        owner_id: Some("123456789012".into()),
        ipam_policy_arn: Some(format!("arn:aws:ec2::123456789012:ipam-policy/{id}")),
        ipam_policy_id: Some(id),
        ipam_policy_region: Some("us-east-1".into()),
        state: Some(IpamPolicyState::CreateInProgress),
        state_message: None,
        tag_set: Some(tags(tag_count)),
        ipam_id: Some("ipam-0123456789abcdef0".into()),
    }
}

pub(crate) fn created(tag_count: usize) -> CreateIpamPolicyResponse {
    CreateIpamPolicyResponse {
        ipam_policy: Some(policy(0x1234_5678, tag_count)),
    }
}

/// Policies with five tags each, about 1,000 bytes per policy when indented.
pub(crate) fn described(policy_count: usize) -> DescribeIpamPoliciesResponse {
    DescribeIpamPoliciesResponse {
        ipam_policies: Some((0..policy_count).map(|n| policy(n, 5)).collect()),
        next_token: None,
    }
}

/// Indents a document by four spaces per level, as EC2 did until 2025.
pub(crate) fn indent(document: &str) -> String {
    let mut indented = String::with_capacity(document.len() * 2);
    let mut depth = 0_usize;
    for (at, piece) in document.split("><").enumerate() {
        let closes = piece.starts_with('/');
        depth -= usize::from(closes);
        if at > 0 {
            indented.push_str(">\n");
            indented.extend(std::iter::repeat_n("    ", depth));
            indented.push('<');
        }
        indented.push_str(piece);
        let is_leaf = piece.contains("</") || piece.ends_with('/');
        depth += usize::from(!closes && !is_leaf);
    }
    indented
}

/// Adds unknown elements with children, at two levels.
pub(crate) fn with_unknown_elements(document: &str) -> String {
    let item = "<item><awsService>natgateway</awsService><description lang=\"de\">Z&#xFC;rich \
        &amp; Genf</description><poolSet><item>ipam-pool-1</item></poolSet><retired/></item>";
    let unknown = format!("<allocationRuleSet>{}</allocationRuleSet>", item.repeat(20));
    document
        .replace("<ipamPolicy>", &format!("{unknown}<ipamPolicy>"))
        .replace("<state>", &format!("{unknown}<state>"))
}
