//! `ModifyIpamPolicyAllocationRules`, `GetIpamPolicyAllocationRules`: from which pools addresses
//! are taken.

use super::Filter;
use crate::Operation;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Replaces the allocation rules of an IPAM policy for one resource type in one locale.
///
/// Source: botocore 1.44.5's service model of EC2.
///
/// ```
/// use ec2wire::{Operation, ipam::*};
///
/// let mut request: ModifyIpamPolicyAllocationRules = ModifyIpamPolicyAllocationRules::new(
///     "ipam-policy-1", "eu-central-1", IpamPolicyResourceType::Eip,
/// );
/// request.allocation_rules = vec![IpamPolicyAllocationRule::new("ipam-pool-1")];
/// assert_eq!(
///     request.to_body()?,
///     "Action=ModifyIpamPolicyAllocationRules&Version=2016-11-15&IpamPolicyId=ipam-policy-1\
///      &Locale=eu-central-1&ResourceType=eip&AllocationRule.1.SourceIpamPoolId=ipam-pool-1",
/// );
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct ModifyIpamPolicyAllocationRules<S = String> {
    /// As for [`CreateIpamPolicy::dry_run`](super::CreateIpamPolicy::dry_run).
    #[serde(rename = "DryRun")]
    pub dry_run: Option<bool>,
    /// The ID of the policy. Required.
    #[serde(rename = "IpamPolicyId")]
    pub ipam_policy_id: Option<S>,
    /// Where the rules apply: a Region, or a part of one. Required.
    #[serde(rename = "Locale")]
    pub locale: Option<S>,
    /// The type of resource that the rules apply to. Required.
    #[serde(rename = "ResourceType")]
    pub resource_type: Option<IpamPolicyResourceType>,
    /// The new rules. Without any, the resource type gets Amazon's addresses.
    #[serde(rename = "AllocationRule", default = "Vec::new")]
    pub allocation_rules: Vec<IpamPolicyAllocationRule<S>>,
}

impl<S> ModifyIpamPolicyAllocationRules<S> {
    /// A request with only the required members. It removes all rules.
    ///
    /// ```
    /// use ec2wire::ipam::*;
    ///
    /// let request: ModifyIpamPolicyAllocationRules = ModifyIpamPolicyAllocationRules::new(
    ///     "ipam-policy-1", "us-east-1", IpamPolicyResourceType::Alb,
    /// );
    /// assert!(request.allocation_rules.is_empty());
    /// ```
    pub fn new(
        ipam_policy_id: impl Into<S>,
        locale: impl Into<S>,
        resource_type: IpamPolicyResourceType,
    ) -> Self {
        Self {
            dry_run: None,
            ipam_policy_id: Some(ipam_policy_id.into()),
            locale: Some(locale.into()),
            resource_type: Some(resource_type),
            allocation_rules: Vec::new(),
        }
    }
}

/// The response of `ModifyIpamPolicyAllocationRules`.
///
/// Source: botocore 1.44.5's service model of EC2.
///
/// ```
/// use ec2wire::{ipam::ModifyIpamPolicyAllocationRulesResponse, xml};
///
/// let response: ModifyIpamPolicyAllocationRulesResponse = xml::from_str(
///     "<ModifyIpamPolicyAllocationRulesResponse><ipamPolicyDocument><locale>us-east-1</locale>\
///      </ipamPolicyDocument></ModifyIpamPolicyAllocationRulesResponse>",
/// )?;
/// assert_eq!(response.ipam_policy_document.unwrap().locale.as_deref(), Some("us-east-1"));
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename = "ModifyIpamPolicyAllocationRulesResponse")]
pub struct ModifyIpamPolicyAllocationRulesResponse<S = String> {
    /// The rules as they are now.
    #[serde(rename = "ipamPolicyDocument")]
    pub ipam_policy_document: Option<IpamPolicyDocument<S>>,
}

/// The allocation rules of a policy for one resource type in one locale. EC2's model requires none
/// of the members.
///
/// Source: botocore 1.44.5's service model of EC2.
///
/// ```
/// use ec2wire::{ipam::IpamPolicyDocument, xml};
///
/// let document: IpamPolicyDocument = xml::Options::new().any_root().from_str(
///     "<item><allocationRuleSet><item><sourceIpamPoolId>ipam-pool-1</sourceIpamPoolId></item>\
///      </allocationRuleSet></item>",
/// )?;
/// assert_eq!(document.allocation_rules().len(), 1);
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct IpamPolicyDocument<S = String> {
    /// The ID of the policy.
    #[serde(rename = "ipamPolicyId")]
    pub ipam_policy_id: Option<S>,
    /// Where the rules apply.
    pub locale: Option<S>,
    /// The type of resource that the rules apply to.
    #[serde(rename = "resourceType")]
    pub resource_type: Option<IpamPolicyResourceType>,
    /// The rules. [`allocation_rules`](Self::allocation_rules) treats an empty and an absent list
    /// alike.
    #[serde(rename = "allocationRuleSet")]
    pub allocation_rule_set: Option<Vec<IpamPolicyAllocationRule<S>>>,
}

impl<S> IpamPolicyDocument<S> {
    /// The rules, empty if the response has no list.
    ///
    /// ```
    /// use ec2wire::ipam::{IpamPolicyAllocationRule, IpamPolicyDocument};
    ///
    /// let mut document = <IpamPolicyDocument>::default();
    /// assert_eq!(document.allocation_rules(), []);
    /// let rule = IpamPolicyAllocationRule::new("ipam-pool-1");
    /// document.allocation_rule_set = Some(vec![rule.clone()]);
    /// assert_eq!(document.allocation_rules(), [rule]);
    /// ```
    pub fn allocation_rules(&self) -> &[IpamPolicyAllocationRule<S>] {
        self.allocation_rule_set.as_deref().unwrap_or_default()
    }
}

/// A rule of an IPAM policy, in requests and in responses.
///
/// Source: botocore 1.44.5's service model of EC2, `IpamPolicyAllocationRuleRequest` and
/// `IpamPolicyAllocationRule`.
///
/// ```
/// use ec2wire::{form, ipam::IpamPolicyAllocationRule};
///
/// let rule = IpamPolicyAllocationRule::<&str>::new("ipam-pool-1");
/// assert_eq!(form::to_string(&rule)?, "SourceIpamPoolId=ipam-pool-1");
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct IpamPolicyAllocationRule<S = String> {
    /// The ID of the IPAM pool that addresses are taken from.
    #[serde(rename = "sourceIpamPoolId")]
    pub source_ipam_pool_id: Option<S>,
}

impl<S> IpamPolicyAllocationRule<S> {
    /// A rule that takes addresses from the pool.
    ///
    /// ```
    /// use ec2wire::ipam::IpamPolicyAllocationRule;
    ///
    /// let rule: IpamPolicyAllocationRule = IpamPolicyAllocationRule::new("ipam-pool-1");
    /// assert_eq!(rule.source_ipam_pool_id.as_deref(), Some("ipam-pool-1"));
    /// ```
    pub fn new(source_ipam_pool_id: impl Into<S>) -> Self {
        Self {
            source_ipam_pool_id: Some(source_ipam_pool_id.into()),
        }
    }
}

string_enum! {
    /// The types of resources that take public IPv4 addresses from an IPAM policy: load balancers, Elastic IP addresses,
    /// databases and Regional NAT gateways.
    ///
    /// ```
    /// use ec2wire::ipam::IpamPolicyResourceType;
    ///
    /// assert_eq!(IpamPolicyResourceType::from("rnat"), IpamPolicyResourceType::Rnat);
    /// assert!(IpamPolicyResourceType::from("vpn").is_unknown());
    /// ```
    ///
    /// Source: botocore 1.44.5's service model of EC2.
    pub enum IpamPolicyResourceType: "a resource type" {
        Alb = "alb",
        Eip = "eip",
        Rds = "rds",
        Rnat = "rnat",
    }
}

/// Asks for the allocation rules of an IPAM policy: all, or those of a locale or resource type.
///
/// Source: botocore 1.44.5's service model of EC2.
///
/// ```
/// use ec2wire::{Operation, ipam::GetIpamPolicyAllocationRules};
///
/// let request: GetIpamPolicyAllocationRules = GetIpamPolicyAllocationRules {
///     locale: Some("us-east-1".into()),
///     ..GetIpamPolicyAllocationRules::new("ipam-policy-1")
/// };
/// assert!(request.to_body()?.ends_with("&IpamPolicyId=ipam-policy-1&Locale=us-east-1"));
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct GetIpamPolicyAllocationRules<S = String> {
    /// As for [`CreateIpamPolicy::dry_run`](super::CreateIpamPolicy::dry_run).
    #[serde(rename = "DryRun")]
    pub dry_run: Option<bool>,
    /// The ID of the policy. Required.
    #[serde(rename = "IpamPolicyId")]
    pub ipam_policy_id: Option<S>,
    /// Filters, which AWS does not document for this action.
    #[serde(rename = "Filter", default = "Vec::new")]
    pub filters: Vec<Filter<S>>,
    /// The locale whose rules are asked for.
    #[serde(rename = "Locale")]
    pub locale: Option<S>,
    /// The resource type whose rules are asked for.
    #[serde(rename = "ResourceType")]
    pub resource_type: Option<IpamPolicyResourceType>,
    /// The largest number of documents in one response, 5 to 1,000.
    #[serde(rename = "MaxResults")]
    pub max_results: Option<i32>,
    /// The token of the page to return.
    #[serde(rename = "NextToken")]
    pub next_token: Option<S>,
}

impl<S> GetIpamPolicyAllocationRules<S> {
    /// A request with only the required member.
    ///
    /// ```
    /// use ec2wire::ipam::GetIpamPolicyAllocationRules;
    ///
    /// let request: GetIpamPolicyAllocationRules =
    ///     GetIpamPolicyAllocationRules::new("ipam-policy-1");
    /// assert_eq!(request.resource_type, None);
    /// ```
    pub fn new(ipam_policy_id: impl Into<S>) -> Self {
        Self {
            dry_run: None,
            ipam_policy_id: Some(ipam_policy_id.into()),
            filters: Vec::new(),
            locale: None,
            resource_type: None,
            max_results: None,
            next_token: None,
        }
    }
}

/// The response of `GetIpamPolicyAllocationRules`.
///
/// Source: botocore 1.44.5's service model of EC2.
///
/// ```
/// use ec2wire::{ipam::GetIpamPolicyAllocationRulesResponse, xml};
///
/// let page: GetIpamPolicyAllocationRulesResponse = xml::from_str(
///     "<GetIpamPolicyAllocationRulesResponse><ipamPolicyDocumentSet/>\
///      </GetIpamPolicyAllocationRulesResponse>",
/// )?;
/// assert_eq!(page.ipam_policy_documents, Some(vec![]));
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename = "GetIpamPolicyAllocationRulesResponse")]
pub struct GetIpamPolicyAllocationRulesResponse<S = String> {
    /// The documents of this page, one for each locale and resource type that has rules.
    #[serde(rename = "ipamPolicyDocumentSet")]
    pub ipam_policy_documents: Option<Vec<IpamPolicyDocument<S>>>,
    /// The token of the next page, absent on the last one.
    #[serde(rename = "nextToken")]
    pub next_token: Option<S>,
}

impl<S> Operation for ModifyIpamPolicyAllocationRules<S> {
    const ACTION: &'static str = "ModifyIpamPolicyAllocationRules";
    type Response = ModifyIpamPolicyAllocationRulesResponse<S>;
}

impl<S> Operation for GetIpamPolicyAllocationRules<S> {
    const ACTION: &'static str = "GetIpamPolicyAllocationRules";
    type Response = GetIpamPolicyAllocationRulesResponse<S>;
}
