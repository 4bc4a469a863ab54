//! quick-xml's serde front end, in both directions. It needs an extra level for each list.

use ec2wire::ipam::{
    CreateIpamPolicyResponse, DescribeIpamPoliciesResponse, IpamPolicy, IpamPolicyState,
};
use ec2wire::{Tag, xml};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A response in the shape that quick-xml needs. The conversion is not measured.
pub(crate) trait Answer: Sized {
    type Wire: Serialize + DeserializeOwned + 'static;

    fn to_wire(&self, request_id: &str) -> Self::Wire;

    fn from_wire(wire: Self::Wire) -> Self;
}

pub(crate) fn decode<R: Answer>(body: &[u8]) -> R::Wire {
    quick_xml::de::from_str(std::str::from_utf8(body).unwrap()).unwrap()
}

pub(crate) fn encode<W: Serialize>(answer: &W) -> String {
    let mut body = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    quick_xml::se::to_writer(&mut body, answer).unwrap();
    body
}

#[derive(Serialize, Deserialize)]
#[serde(rename = "CreateIpamPolicyResponse", rename_all = "camelCase")]
pub(crate) struct Created {
    #[serde(rename = "@xmlns", skip_deserializing)]
    xmlns: &'static str,
    request_id: Option<String>,
    ipam_policy: Option<Policy>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename = "DescribeIpamPoliciesResponse", rename_all = "camelCase")]
pub(crate) struct Described {
    #[serde(rename = "@xmlns", skip_deserializing)]
    xmlns: &'static str,
    request_id: Option<String>,
    ipam_policy_set: Option<Items<Policy>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Policy {
    owner_id: Option<String>,
    ipam_policy_id: Option<String>,
    ipam_policy_arn: Option<String>,
    ipam_policy_region: Option<String>,
    state: Option<IpamPolicyState>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_message: Option<String>,
    tag_set: Option<Items<Tag>>,
    ipam_id: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Items<T> {
    #[serde(default = "Vec::new")]
    item: Vec<T>,
}

impl Answer for CreateIpamPolicyResponse {
    type Wire = Created;

    fn to_wire(&self, request_id: &str) -> Created {
        Created {
            xmlns: xml::EC2_NAMESPACE,
            request_id: Some(request_id.to_owned()),
            ipam_policy: self.ipam_policy.clone().map(Policy::from),
        }
    }

    fn from_wire(wire: Created) -> Self {
        Self {
            ipam_policy: wire.ipam_policy.map(IpamPolicy::from),
        }
    }
}

impl Answer for DescribeIpamPoliciesResponse {
    type Wire = Described;

    fn to_wire(&self, request_id: &str) -> Described {
        let items = |policies: Vec<IpamPolicy>| Items {
            item: policies.into_iter().map(Policy::from).collect(),
        };
        Described {
            xmlns: xml::EC2_NAMESPACE,
            request_id: Some(request_id.to_owned()),
            ipam_policy_set: self.ipam_policies.clone().map(items),
            next_token: self.next_token.clone(),
        }
    }

    fn from_wire(wire: Described) -> Self {
        let policies = |items: Items<Policy>| items.item.into_iter().map(IpamPolicy::from);
        Self {
            ipam_policies: wire.ipam_policy_set.map(|items| policies(items).collect()),
            next_token: wire.next_token,
        }
    }
}

impl From<IpamPolicy> for Policy {
    fn from(policy: IpamPolicy) -> Self {
        Self {
            owner_id: policy.owner_id,
            ipam_policy_id: policy.ipam_policy_id,
            ipam_policy_arn: policy.ipam_policy_arn,
            ipam_policy_region: policy.ipam_policy_region,
            state: policy.state,
            state_message: policy.state_message,
            tag_set: policy.tag_set.map(|item| Items { item }),
            ipam_id: policy.ipam_id,
        }
    }
}

impl From<Policy> for IpamPolicy {
    fn from(policy: Policy) -> Self {
        Self {
            owner_id: policy.owner_id,
            ipam_policy_id: policy.ipam_policy_id,
            ipam_policy_arn: policy.ipam_policy_arn,
            ipam_policy_region: policy.ipam_policy_region,
            state: policy.state,
            state_message: policy.state_message,
            tag_set: policy.tag_set.map(|items| items.item),
            ipam_id: policy.ipam_id,
        }
    }
}
