//! What the codec's public interface asks of an answer that is measured.

use ec2wire::ipam::{
    CreateIpamPolicy, CreateIpamPolicyResponse, DescribeIpamPolicies, DescribeIpamPoliciesResponse,
};
use ec2wire::{Operation, Text};
use serde::Deserialize;
use std::fmt::Debug;

pub(crate) trait Answer {
    /// The same type, with texts that borrow from the body.
    type Borrowed: Deserialize<'static> + Debug;

    /// Its action.
    const ACTION: &'static str;
}

impl Answer for CreateIpamPolicyResponse {
    type Borrowed = CreateIpamPolicyResponse<Text<'static>>;

    const ACTION: &'static str = <CreateIpamPolicy>::ACTION;
}

impl Answer for DescribeIpamPoliciesResponse {
    type Borrowed = DescribeIpamPoliciesResponse<Text<'static>>;

    const ACTION: &'static str = <DescribeIpamPolicies>::ACTION;
}
