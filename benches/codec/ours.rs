//! What the codec's public interface asks of an answer that is measured.

use ec2wire::ipam::{CreateIpamPolicyResponse, DescribeIpamPoliciesResponse, IpamPolicy};
use ec2wire::{Text, xml};
use serde::{Deserialize, Serialize};
use std::fmt::Debug;

pub(crate) trait Answer {
    /// The same type, with texts that borrow from the body.
    type Borrowed: Deserialize<'static> + Debug;

    /// Appends the document to a buffer. `envelope::encode` always makes a new one, so these are
    /// structures of a user's own, with the request id as a member.
    fn append(&self, request_id: &str, body: &mut Vec<u8>);
}

impl Answer for CreateIpamPolicyResponse {
    type Borrowed = CreateIpamPolicyResponse<Text<'static>>;

    fn append(&self, request_id: &str, body: &mut Vec<u8>) {
        let answer = Created {
            request_id,
            ipam_policy: self.ipam_policy.as_ref(),
        };
        xml::append(body, &answer).unwrap();
    }
}

impl Answer for DescribeIpamPoliciesResponse {
    type Borrowed = DescribeIpamPoliciesResponse<Text<'static>>;

    fn append(&self, request_id: &str, body: &mut Vec<u8>) {
        let answer = Described {
            request_id,
            ipam_policy_set: self.ipam_policies.as_deref(),
            next_token: self.next_token.as_deref(),
        };
        xml::append(body, &answer).unwrap();
    }
}

#[derive(Serialize)]
#[serde(rename = "CreateIpamPolicyResponse", rename_all = "camelCase")]
struct Created<'a> {
    request_id: &'a str,
    ipam_policy: Option<&'a IpamPolicy>,
}

#[derive(Serialize)]
#[serde(rename = "DescribeIpamPoliciesResponse", rename_all = "camelCase")]
struct Described<'a> {
    request_id: &'a str,
    ipam_policy_set: Option<&'a [IpamPolicy]>,
    next_token: Option<&'a str>,
}
