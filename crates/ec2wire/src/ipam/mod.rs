//! IPAM policies: the shapes of `CreateIpamPolicy` and of the operations around it.
//!
//! The text type `S` is `String` by default; [`Text`](crate::Text) decodes without copies and
//! `&str` encodes without them.
//!
//! ```
//! use ec2wire::{Operation, Text, form, ipam::DeleteIpamPolicy};
//!
//! let body = DeleteIpamPolicy::<&str>::new("ipam-policy-1").to_body()?;
//! let request: DeleteIpamPolicy<Text<'_>> = form::from_str(&body)?;
//! assert!(request.ipam_policy_id.is_some_and(|id| id.is_borrowed()));
//! # Ok::<(), ec2wire::Error>(())
//! ```
//!
//! # Sources
//!
//! Each type names what it was made from:
//!
//! - *the seed* is boto3's reference page for `create_ipam_policy`;
//! - *the service model* is `ec2/2016-11-15/service-2.json` of botocore. It has the names on the
//!   wire, and what the seed leaves out.

mod allocation;
mod enablement;
mod ipam_resource;
mod policy;

pub use allocation::{
    GetIpamPolicyAllocationRules, GetIpamPolicyAllocationRulesResponse, IpamPolicyAllocationRule,
    IpamPolicyDocument, IpamPolicyResourceType, ModifyIpamPolicyAllocationRules,
    ModifyIpamPolicyAllocationRulesResponse,
};
pub use enablement::{
    DisableIpamPolicy, DisableIpamPolicyResponse, EnableIpamPolicy, EnableIpamPolicyResponse,
    GetEnabledIpamPolicy, GetEnabledIpamPolicyResponse, GetIpamPolicyOrganizationTargets,
    GetIpamPolicyOrganizationTargetsResponse, IpamPolicyManagedBy, IpamPolicyOrganizationTarget,
};
pub use ipam_resource::{
    AddIpamOperatingRegion, CreateIpam, CreateIpamResponse, DeleteIpam, DeleteIpamResponse, Ipam,
    IpamMeteredAccount, IpamOperatingRegion, IpamTier,
};
#[cfg(feature = "std")]
pub use policy::random_client_token;
pub use policy::{
    CreateIpamPolicy, CreateIpamPolicyResponse, DeleteIpamPolicy, DeleteIpamPolicyResponse,
    DescribeIpamPolicies, DescribeIpamPoliciesResponse, Filter, IpamPolicy, IpamPolicyState,
};
