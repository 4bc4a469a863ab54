//! The codec's answers by the API's names.

use ec2wire::Tag;
use ec2wire::ipam::{
    CreateIpamPolicyResponse, DeleteIpamPolicyResponse, DescribeIpamPoliciesResponse, IpamPolicy,
};
use serde_json::{Map, Value, json};

type Members = Map<String, Value>;

pub(super) fn create(answer: CreateIpamPolicyResponse) -> Members {
    members([("IpamPolicy", answer.ipam_policy.map(policy))])
}

pub(super) fn delete(answer: DeleteIpamPolicyResponse) -> Members {
    members([("IpamPolicy", answer.ipam_policy.map(policy))])
}

pub(super) fn describe(answer: DescribeIpamPoliciesResponse) -> Members {
    let policies = answer.ipam_policies;
    members([
        (
            "IpamPolicies",
            policies.map(|all| all.into_iter().map(policy).collect()),
        ),
        ("NextToken", answer.next_token.map(Value::from)),
    ])
}

fn policy(policy: IpamPolicy) -> Value {
    let text = |text: Option<String>| text.map(Value::from);
    Value::Object(members([
        ("OwnerId", text(policy.owner_id)),
        ("IpamPolicyId", text(policy.ipam_policy_id)),
        ("IpamPolicyArn", text(policy.ipam_policy_arn)),
        ("IpamPolicyRegion", text(policy.ipam_policy_region)),
        ("State", policy.state.map(|state| state.as_str().into())),
        ("StateMessage", text(policy.state_message)),
        (
            "Tags",
            policy.tag_set.map(|tags| tags.iter().map(tag).collect()),
        ),
        ("IpamId", text(policy.ipam_id)),
    ]))
}

fn tag(tag: &Tag) -> Value {
    json!({ "Key": tag.key, "Value": tag.value })
}

/// The members that are present.
fn members<const N: usize>(members: [(&str, Option<Value>); N]) -> Members {
    members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}
