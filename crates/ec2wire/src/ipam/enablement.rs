//! `EnableIpamPolicy`, `DisableIpamPolicy`, `GetEnabledIpamPolicy`,
//! `GetIpamPolicyOrganizationTargets`: whom a policy applies to.

use super::Filter;
use crate::Operation;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Defines a request that names a policy and, where IPAM works for an organization, a target.
macro_rules! for_a_target {
    ($(#[$meta:meta])* $name:ident, $does:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
        pub struct $name<S = String> {
            /// As for [`CreateIpamPolicy::dry_run`](super::CreateIpamPolicy::dry_run).
            #[serde(rename = "DryRun")]
            pub dry_run: Option<bool>,
            #[doc = concat!("The ID of the policy to ", $does, ". Required.")]
            #[serde(rename = "IpamPolicyId")]
            pub ipam_policy_id: Option<S>,
            /// The account or organizational unit, where IPAM works for an organization. Without
            /// one it is the caller's account.
            #[serde(rename = "OrganizationTargetId")]
            pub organization_target_id: Option<S>,
        }

        impl<S> $name<S> {
            /// A request with only the required member.
            ///
            /// ```
            /// # use ec2wire::ipam::*;
            #[doc = concat!("let request: ", stringify!($name), " = ", stringify!($name), "::new(\"ipam-policy-1\");")]
            /// assert_eq!(request.organization_target_id, None);
            /// ```
            pub fn new(ipam_policy_id: impl Into<S>) -> Self {
                Self {
                    dry_run: None,
                    ipam_policy_id: Some(ipam_policy_id.into()),
                    organization_target_id: None,
                }
            }
        }
    };
}

for_a_target! {
    /// Enables an IPAM policy for the account, or for a part of its organization.
    ///
    /// Source: botocore 1.44.5's service model of EC2.
    ///
    /// ```
    /// use ec2wire::{Operation, ipam::EnableIpamPolicy};
    ///
    /// let request: EnableIpamPolicy = EnableIpamPolicy::new("ipam-policy-1");
    /// assert_eq!(
    ///     request.to_body()?,
    ///     "Action=EnableIpamPolicy&Version=2016-11-15&IpamPolicyId=ipam-policy-1",
    /// );
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    EnableIpamPolicy, "enable"
}

for_a_target! {
    /// Disables an IPAM policy for the account, or for a part of its organization.
    ///
    /// Source: botocore 1.44.5's service model of EC2.
    ///
    /// ```
    /// use ec2wire::{Operation, ipam::DisableIpamPolicy};
    ///
    /// let request: DisableIpamPolicy = DisableIpamPolicy {
    ///     organization_target_id: Some("ou-1".into()),
    ///     ..DisableIpamPolicy::new("ipam-policy-1")
    /// };
    /// assert!(request.to_body()?.ends_with("&OrganizationTargetId=ou-1"));
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    DisableIpamPolicy, "disable"
}

/// The response of `EnableIpamPolicy`.
///
/// Source: botocore 1.44.5's service model of EC2.
///
/// ```
/// use ec2wire::{ipam::EnableIpamPolicyResponse, xml};
///
/// let response: EnableIpamPolicyResponse = xml::from_str(
///     "<EnableIpamPolicyResponse><ipamPolicyId>ipam-policy-1</ipamPolicyId>\
///      </EnableIpamPolicyResponse>",
/// )?;
/// assert_eq!(response.ipam_policy_id.as_deref(), Some("ipam-policy-1"));
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename = "EnableIpamPolicyResponse")]
pub struct EnableIpamPolicyResponse<S = String> {
    /// The ID of the policy that was enabled.
    #[serde(rename = "ipamPolicyId")]
    pub ipam_policy_id: Option<S>,
}

/// The response of `DisableIpamPolicy`.
///
/// Source: botocore 1.44.5's service model of EC2.
///
/// ```
/// use ec2wire::{ipam::DisableIpamPolicyResponse, xml};
///
/// let response: DisableIpamPolicyResponse = xml::from_str(
///     "<DisableIpamPolicyResponse><return>true</return></DisableIpamPolicyResponse>",
/// )?;
/// assert_eq!(response.returned, Some(true));
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename = "DisableIpamPolicyResponse")]
pub struct DisableIpamPolicyResponse {
    /// `true` where the policy was disabled. The member's name is `return`.
    #[serde(rename = "return")]
    pub returned: Option<bool>,
}

/// Asks which IPAM policy is enabled for the account.
///
/// Source: botocore 1.44.5's service model of EC2.
///
/// ```
/// use ec2wire::{Operation, ipam::GetEnabledIpamPolicy};
///
/// assert_eq!(
///     GetEnabledIpamPolicy::default().to_body()?,
///     "Action=GetEnabledIpamPolicy&Version=2016-11-15",
/// );
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct GetEnabledIpamPolicy {
    /// As for [`CreateIpamPolicy::dry_run`](super::CreateIpamPolicy::dry_run).
    #[serde(rename = "DryRun")]
    pub dry_run: Option<bool>,
}

/// The response of `GetEnabledIpamPolicy`.
///
/// Source: botocore 1.44.5's service model of EC2.
///
/// ```
/// use ec2wire::{ipam::{GetEnabledIpamPolicyResponse, IpamPolicyManagedBy}, xml};
///
/// let response: GetEnabledIpamPolicyResponse = xml::from_str(
///     "<GetEnabledIpamPolicyResponse><ipamPolicyEnabled>true</ipamPolicyEnabled>\
///      <managedBy>account</managedBy></GetEnabledIpamPolicyResponse>",
/// )?;
/// assert_eq!(response.ipam_policy_enabled, Some(true));
/// assert_eq!(response.managed_by, Some(IpamPolicyManagedBy::Account));
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename = "GetEnabledIpamPolicyResponse")]
pub struct GetEnabledIpamPolicyResponse<S = String> {
    /// Whether a policy is enabled.
    #[serde(rename = "ipamPolicyEnabled")]
    pub ipam_policy_enabled: Option<bool>,
    /// The ID of the enabled policy.
    #[serde(rename = "ipamPolicyId")]
    pub ipam_policy_id: Option<S>,
    /// Who enabled it.
    #[serde(rename = "managedBy")]
    pub managed_by: Option<IpamPolicyManagedBy>,
}

string_enum! {
    /// Who manages the enabled policy of an account: the account, or its organization's
    /// administrator for IPAM.
    ///
    /// ```
    /// use ec2wire::ipam::IpamPolicyManagedBy;
    ///
    /// assert_eq!(IpamPolicyManagedBy::from("account"), IpamPolicyManagedBy::Account);
    /// assert!(IpamPolicyManagedBy::from("123456789012").is_unknown());
    /// ```
    ///
    /// Source: botocore 1.44.5's service model of EC2.
    pub enum IpamPolicyManagedBy: "a manager of a policy" {
        Account = "account",
        DelegatedAdministratorForIpam = "delegated-administrator-for-ipam",
    }
}

/// Asks for the accounts and organizational units that an IPAM policy is enabled for.
///
/// Source: botocore 1.44.5's service model of EC2.
///
/// ```
/// use ec2wire::{Operation, ipam::GetIpamPolicyOrganizationTargets};
///
/// let request: GetIpamPolicyOrganizationTargets = GetIpamPolicyOrganizationTargets {
///     max_results: Some(5),
///     ..GetIpamPolicyOrganizationTargets::new("ipam-policy-1")
/// };
/// assert!(request.to_body()?.ends_with("&MaxResults=5&IpamPolicyId=ipam-policy-1"));
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct GetIpamPolicyOrganizationTargets<S = String> {
    /// As for [`CreateIpamPolicy::dry_run`](super::CreateIpamPolicy::dry_run).
    #[serde(rename = "DryRun")]
    pub dry_run: Option<bool>,
    /// The largest number of targets in one response, 5 to 1,000.
    #[serde(rename = "MaxResults")]
    pub max_results: Option<i32>,
    /// The token of the page to return.
    #[serde(rename = "NextToken")]
    pub next_token: Option<S>,
    /// The ID of the policy. Required.
    #[serde(rename = "IpamPolicyId")]
    pub ipam_policy_id: Option<S>,
    /// Filters, which AWS does not document for this action.
    #[serde(rename = "Filter", default = "Vec::new")]
    pub filters: Vec<Filter<S>>,
}

impl<S> GetIpamPolicyOrganizationTargets<S> {
    /// A request with only the required member.
    ///
    /// ```
    /// use ec2wire::ipam::GetIpamPolicyOrganizationTargets;
    ///
    /// let request: GetIpamPolicyOrganizationTargets =
    ///     GetIpamPolicyOrganizationTargets::new("ipam-policy-1");
    /// assert!(request.filters.is_empty());
    /// ```
    pub fn new(ipam_policy_id: impl Into<S>) -> Self {
        Self {
            dry_run: None,
            max_results: None,
            next_token: None,
            ipam_policy_id: Some(ipam_policy_id.into()),
            filters: Vec::new(),
        }
    }
}

/// The response of `GetIpamPolicyOrganizationTargets`.
///
/// Source: botocore 1.44.5's service model of EC2.
///
/// ```
/// use ec2wire::{ipam::GetIpamPolicyOrganizationTargetsResponse, xml};
///
/// let page: GetIpamPolicyOrganizationTargetsResponse = xml::from_str(
///     "<GetIpamPolicyOrganizationTargetsResponse><organizationTargetSet><item>\
///      <organizationTargetId>ou-1</organizationTargetId></item></organizationTargetSet>\
///      </GetIpamPolicyOrganizationTargetsResponse>",
/// )?;
/// assert_eq!(page.organization_targets.map(|targets| targets.len()), Some(1));
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename = "GetIpamPolicyOrganizationTargetsResponse")]
pub struct GetIpamPolicyOrganizationTargetsResponse<S = String> {
    /// The targets of this page.
    #[serde(rename = "organizationTargetSet")]
    pub organization_targets: Option<Vec<IpamPolicyOrganizationTarget<S>>>,
    /// The token of the next page, absent on the last one.
    #[serde(rename = "nextToken")]
    pub next_token: Option<S>,
}

/// An account or organizational unit that a policy is enabled for.
///
/// Source: botocore 1.44.5's service model of EC2.
///
/// ```
/// use ec2wire::{ipam::IpamPolicyOrganizationTarget, xml};
///
/// let target: IpamPolicyOrganizationTarget = xml::Options::new()
///     .any_root()
///     .from_str("<item><organizationTargetId>ou-1</organizationTargetId></item>")?;
/// assert_eq!(target.organization_target_id.as_deref(), Some("ou-1"));
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct IpamPolicyOrganizationTarget<S = String> {
    /// The target's ID.
    #[serde(rename = "organizationTargetId")]
    pub organization_target_id: Option<S>,
}

impl<S> Operation for EnableIpamPolicy<S> {
    const ACTION: &'static str = "EnableIpamPolicy";
    type Response = EnableIpamPolicyResponse<S>;
}

impl<S> Operation for DisableIpamPolicy<S> {
    const ACTION: &'static str = "DisableIpamPolicy";
    type Response = DisableIpamPolicyResponse;
}

impl Operation for GetEnabledIpamPolicy {
    const ACTION: &'static str = "GetEnabledIpamPolicy";
    type Response = GetEnabledIpamPolicyResponse;
}

impl<S> Operation for GetIpamPolicyOrganizationTargets<S> {
    const ACTION: &'static str = "GetIpamPolicyOrganizationTargets";
    type Response = GetIpamPolicyOrganizationTargetsResponse<S>;
}
