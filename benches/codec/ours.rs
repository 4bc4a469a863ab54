//! What the codec's public interface asks of an answer that is measured.

use ec2wire::Text;
use ec2wire::ipam::{CreateIpamPolicyResponse, DescribeIpamPoliciesResponse};
use serde::Deserialize;
use std::fmt::Debug;

pub(crate) trait Answer {
    /// The same type, with texts that borrow from the body.
    type Borrowed: Deserialize<'static> + Debug;
}

impl Answer for CreateIpamPolicyResponse {
    type Borrowed = CreateIpamPolicyResponse<Text<'static>>;
}

impl Answer for DescribeIpamPoliciesResponse {
    type Borrowed = DescribeIpamPoliciesResponse<Text<'static>>;
}
