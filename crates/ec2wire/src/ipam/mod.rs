//! IPAM policies: the shapes of `CreateIpamPolicy` and of the operations around it.
//!
//! The text type `S` is `String` by default; [`Text`](crate::Text) decodes without copies and
//! `&str` encodes without them.

mod ipam_resource;
mod policy;

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
