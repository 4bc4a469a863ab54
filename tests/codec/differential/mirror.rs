//! The response's shapes for quick-xml's serde front end, which needs an extra level for each list.

use ec2wire::Tag;
use ec2wire::ipam::{CreateIpamPolicyResponse, IpamPolicy, IpamPolicyState};
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename = "CreateIpamPolicyResponse", rename_all = "camelCase")]
pub(crate) struct Response {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ipam_policy: Option<Policy>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Policy {
    #[serde(skip_serializing_if = "Option::is_none")]
    owner_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ipam_policy_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ipam_policy_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ipam_policy_region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag_set: Option<Items>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ipam_id: Option<String>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Items {
    #[serde(default)]
    item: Vec<TagItem>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct TagItem {
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
}

impl Response {
    pub(crate) fn new(request_id: &str, response: CreateIpamPolicyResponse) -> Self {
        Self {
            request_id: Some(request_id.to_owned()),
            ipam_policy: response.ipam_policy.map(Policy::from),
        }
    }
}

impl From<IpamPolicy> for Policy {
    fn from(policy: IpamPolicy) -> Self {
        let items = |tags: Vec<Tag>| Items {
            item: tags
                .into_iter()
                .map(|Tag { key, value }| TagItem { key, value })
                .collect(),
        };
        Self {
            owner_id: policy.owner_id,
            ipam_policy_id: policy.ipam_policy_id,
            ipam_policy_arn: policy.ipam_policy_arn,
            ipam_policy_region: policy.ipam_policy_region,
            state: policy.state.map(|state| state.to_string()),
            state_message: policy.state_message,
            tag_set: policy.tag_set.map(items),
            ipam_id: policy.ipam_id,
        }
    }
}

impl From<Policy> for IpamPolicy {
    fn from(policy: Policy) -> Self {
        let tags = |items: Items| {
            let tag = |TagItem { key, value }| Tag { key, value };
            items.item.into_iter().map(tag).collect()
        };
        Self {
            owner_id: policy.owner_id,
            ipam_policy_id: policy.ipam_policy_id,
            ipam_policy_arn: policy.ipam_policy_arn,
            ipam_policy_region: policy.ipam_policy_region,
            state: policy.state.map(IpamPolicyState::from),
            state_message: policy.state_message,
            tag_set: policy.tag_set.map(tags),
            ipam_id: policy.ipam_id,
        }
    }
}
