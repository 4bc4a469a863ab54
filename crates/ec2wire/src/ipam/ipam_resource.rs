//! `CreateIpam` and `DeleteIpam`: the IPAM that a policy belongs to.

use super::IpamPolicyState;
use crate::{Operation, Tag, TagSpecification};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Creates an IPAM. IPAM policies need one of the tier [`Advanced`](IpamTier::Advanced).
///
/// Source: botocore 1.44.5's service model of EC2; for the tier the VPC IPAM user guide.
///
/// ```
/// use ec2wire::{Operation, ipam::{CreateIpam, IpamTier}};
///
/// let request: CreateIpam = CreateIpam { tier: Some(IpamTier::Advanced), ..Default::default() };
/// assert_eq!(request.to_body()?, "Action=CreateIpam&Version=2016-11-15&Tier=advanced");
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct CreateIpam<S = String> {
    /// As for [`CreateIpamPolicy::dry_run`](super::CreateIpamPolicy::dry_run).
    #[serde(rename = "DryRun")]
    pub dry_run: Option<bool>,
    /// A description.
    #[serde(rename = "Description")]
    pub description: Option<S>,
    /// The Regions in which the IPAM manages addresses, at most 50.
    #[serde(rename = "OperatingRegion", default = "Vec::new")]
    pub operating_regions: Vec<AddIpamOperatingRegion<S>>,
    /// The tags to assign to the IPAM.
    #[serde(rename = "TagSpecification", default = "Vec::new")]
    pub tag_specifications: Vec<TagSpecification<S>>,
    /// As for [`CreateIpamPolicy::client_token`](super::CreateIpamPolicy::client_token).
    #[serde(rename = "ClientToken")]
    pub client_token: Option<S>,
    /// The tier.
    #[serde(rename = "Tier")]
    pub tier: Option<IpamTier>,
    /// Whether private IPv6 GUA ranges may be used.
    #[serde(rename = "EnablePrivateGua")]
    pub enable_private_gua: Option<bool>,
    /// The account that is charged.
    #[serde(rename = "MeteredAccount")]
    pub metered_account: Option<IpamMeteredAccount>,
}

/// A Region that a new IPAM is to operate in.
///
/// Source: botocore 1.44.5's service model of EC2.
///
/// ```
/// use ec2wire::{form, ipam::{AddIpamOperatingRegion, CreateIpam}};
///
/// let region = AddIpamOperatingRegion { region_name: Some("us-east-1") };
/// let request = CreateIpam { operating_regions: vec![region], ..CreateIpam::default() };
/// assert_eq!(form::to_string(&request)?, "OperatingRegion.1.RegionName=us-east-1");
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct AddIpamOperatingRegion<S = String> {
    /// The Region's name, as in `us-east-1`.
    #[serde(rename = "RegionName")]
    pub region_name: Option<S>,
}

/// A Region that an IPAM operates in.
///
/// Source: botocore 1.44.5's service model of EC2.
///
/// ```
/// use ec2wire::{ipam::Ipam, xml};
///
/// let ipam: Ipam = xml::Options::new().any_root().from_str(
///     "<ipam><operatingRegionSet><item><regionName>us-east-1</regionName></item>\
///      </operatingRegionSet></ipam>",
/// )?;
/// let regions = ipam.operating_region_set.unwrap_or_default();
/// assert_eq!(regions[0].region_name.as_deref(), Some("us-east-1"));
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct IpamOperatingRegion<S = String> {
    /// The Region's name, as in `us-east-1`.
    #[serde(rename = "regionName")]
    pub region_name: Option<S>,
}

string_enum! {
    /// An IPAM's tier.
    ///
    /// ```
    /// use ec2wire::ipam::IpamTier;
    ///
    /// assert_eq!(IpamTier::from("advanced"), IpamTier::Advanced);
    /// ```
    ///
    /// Source: botocore 1.44.5's service model of EC2, `IpamTier`.
    pub enum IpamTier: "an IPAM tier" {
        Free = "free",
        Advanced = "advanced",
    }
}

string_enum! {
    /// Who is charged for the addresses that an IPAM manages.
    ///
    /// ```
    /// use ec2wire::ipam::IpamMeteredAccount;
    ///
    /// assert_eq!(IpamMeteredAccount::IpamOwner.as_str(), "ipam-owner");
    /// ```
    ///
    /// Source: botocore 1.44.5's service model of EC2, `IpamMeteredAccount`.
    pub enum IpamMeteredAccount: "a metered account" {
        IpamOwner = "ipam-owner",
        ResourceOwner = "resource-owner",
    }
}

/// The response of `CreateIpam`.
///
/// Source: botocore 1.44.5's service model of EC2.
///
/// ```
/// use ec2wire::{ipam::CreateIpamResponse, xml};
///
/// let response: CreateIpamResponse = xml::from_str(
///     "<CreateIpamResponse><ipam><ipamId>ipam-1</ipamId></ipam></CreateIpamResponse>",
/// )?;
/// assert_eq!(response.ipam.and_then(|ipam| ipam.ipam_id).as_deref(), Some("ipam-1"));
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename = "CreateIpamResponse")]
pub struct CreateIpamResponse<S = String> {
    /// The IPAM that was created.
    pub ipam: Option<Ipam<S>>,
}

/// An IPAM. EC2's model requires none of the members.
///
/// Source: botocore 1.44.5's service model of EC2.
///
/// ```
/// use ec2wire::{ipam::{Ipam, IpamTier}, xml};
///
/// let ipam: Ipam = xml::Options::new().any_root().from_str(
///     "<ipam><scopeCount>2</scopeCount><tier>advanced</tier></ipam>",
/// )?;
/// assert_eq!((ipam.scope_count, ipam.tier), (Some(2), Some(IpamTier::Advanced)));
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ipam<S = String> {
    /// The account that owns the IPAM: 12 digits.
    pub owner_id: Option<S>,
    /// The IPAM's ID, `ipam-` and 17 hexadecimal digits.
    pub ipam_id: Option<S>,
    /// The IPAM's ARN, 1 to 1,283 characters; its Region part is empty.
    pub ipam_arn: Option<S>,
    /// The IPAM's home Region.
    pub ipam_region: Option<S>,
    /// The ID of the scope for public addresses.
    pub public_default_scope_id: Option<S>,
    /// The ID of the scope for private addresses.
    pub private_default_scope_id: Option<S>,
    /// The number of scopes.
    pub scope_count: Option<i32>,
    /// The description.
    pub description: Option<S>,
    /// The Regions in which the IPAM manages addresses.
    pub operating_region_set: Option<Vec<IpamOperatingRegion<S>>>,
    /// The state; an IPAM has the same twelve as a policy.
    pub state: Option<IpamPolicyState>,
    /// The tags.
    pub tag_set: Option<Vec<Tag<S>>>,
    /// The ID of the default resource discovery.
    pub default_resource_discovery_id: Option<S>,
    /// The ID of the default resource discovery's association.
    pub default_resource_discovery_association_id: Option<S>,
    /// The number of associated resource discoveries.
    pub resource_discovery_association_count: Option<i32>,
    /// A message about the state.
    pub state_message: Option<S>,
    /// The tier.
    pub tier: Option<IpamTier>,
    /// Whether private IPv6 GUA ranges may be used.
    pub enable_private_gua: Option<bool>,
    /// The account that is charged.
    pub metered_account: Option<IpamMeteredAccount>,
}

/// Deletes an IPAM.
///
/// Source: botocore 1.44.5's service model of EC2.
///
/// ```
/// use ec2wire::{Operation, ipam::DeleteIpam};
///
/// let request: DeleteIpam = DeleteIpam::new("ipam-0123456789abcdef0");
/// assert!(request.to_body()?.ends_with("&IpamId=ipam-0123456789abcdef0"));
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct DeleteIpam<S = String> {
    /// As for [`CreateIpamPolicy::dry_run`](super::CreateIpamPolicy::dry_run).
    #[serde(rename = "DryRun")]
    pub dry_run: Option<bool>,
    /// The ID of the IPAM to delete. Required.
    #[serde(rename = "IpamId")]
    pub ipam_id: Option<S>,
    /// Whether to delete the IPAM's pools and scopes with it.
    #[serde(rename = "Cascade")]
    pub cascade: Option<bool>,
}

impl<S> DeleteIpam<S> {
    /// A request with only the required member.
    ///
    /// ```
    /// use ec2wire::ipam::DeleteIpam;
    ///
    /// let request: DeleteIpam = DeleteIpam::new("ipam-1");
    /// assert_eq!(request.cascade, None);
    /// ```
    pub fn new(ipam_id: impl Into<S>) -> Self {
        Self {
            dry_run: None,
            ipam_id: Some(ipam_id.into()),
            cascade: None,
        }
    }
}

/// The response of `DeleteIpam`.
///
/// Source: botocore 1.44.5's service model of EC2.
///
/// ```
/// use ec2wire::{ipam::DeleteIpamResponse, xml};
///
/// let response: DeleteIpamResponse = xml::from_str(
///     "<DeleteIpamResponse><ipam><state>delete-in-progress</state></ipam></DeleteIpamResponse>",
/// )?;
/// assert!(response.ipam.is_some());
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename = "DeleteIpamResponse")]
pub struct DeleteIpamResponse<S = String> {
    /// The IPAM that was deleted.
    pub ipam: Option<Ipam<S>>,
}

impl<S> Operation for CreateIpam<S> {
    const ACTION: &'static str = "CreateIpam";
    type Response = CreateIpamResponse<S>;
}

impl<S> Operation for DeleteIpam<S> {
    const ACTION: &'static str = "DeleteIpam";
    type Response = DeleteIpamResponse<S>;
}
