//! The traits of the codec that a measured response implements.

use ec2wire::ipam::{
    CreateIpamPolicy, CreateIpamPolicyResponse, DescribeIpamPolicies, DescribeIpamPoliciesResponse,
};
use ec2wire::{Operation, Text};
use serde::Deserialize;
use std::fmt::Debug;

pub(crate) trait Answer {
    /// The same type with borrowed texts.
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
