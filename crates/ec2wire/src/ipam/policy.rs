//! `CreateIpamPolicy`, `DescribeIpamPolicies`, `DeleteIpamPolicy`.

use crate::{Operation, Tag, TagSpecification};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Creates an IPAM policy: rules that say from which IPAM pools AWS services take public IPv4
/// addresses.
///
/// Errors of the API itself come back as a [`Fault`](crate::Fault). AWS documents none for this
/// action; `InvalidIpamId.NotFound`, `MissingParameter`, `InvalidParameterValue`,
/// `IdempotentParameterMismatch`, `DryRunOperation` and `UnauthorizedOperation` are the ones to
/// expect.
///
/// Source: the seed; for the client token's length EC2's developer guide, "Ensuring idempotency".
///
/// ```
/// use ec2wire::{Operation, ResourceType, Tag, TagSpecification, ipam::CreateIpamPolicy};
///
/// let mut request: CreateIpamPolicy = CreateIpamPolicy::new("ipam-0123456789abcdef0");
/// request.tag_specifications =
///     vec![TagSpecification::new(ResourceType::IpamPolicy, [Tag::new("Name", "é")])];
/// assert_eq!(
///     request.to_body()?,
///     "Action=CreateIpamPolicy&Version=2016-11-15\
///      &TagSpecification.1.ResourceType=ipam-policy\
///      &TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value=%C3%A9\
///      &IpamId=ipam-0123456789abcdef0",
/// );
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct CreateIpamPolicy<S = String> {
    /// Asks whether the caller has the permissions, without making the request. The answer is an
    /// error either way: `DryRunOperation` (HTTP 412) or `UnauthorizedOperation`.
    #[serde(rename = "DryRun")]
    pub dry_run: Option<bool>,
    /// The tags to assign to the IPAM policy. An empty list is not sent.
    #[serde(rename = "TagSpecification", default = "Vec::new")]
    pub tag_specifications: Vec<TagSpecification<S>>,
    /// A unique, case-sensitive identifier that makes the request idempotent: up to 64 ASCII
    /// characters. SDKs fill it with a fresh UUID when it is absent; see
    /// [`fill_client_token`](Self::fill_client_token).
    #[serde(rename = "ClientToken")]
    pub client_token: Option<S>,
    /// The ID of the IPAM to create the policy for. Required.
    #[serde(rename = "IpamId")]
    pub ipam_id: Option<S>,
}

impl<S> CreateIpamPolicy<S> {
    /// A request with only the required member.
    ///
    /// ```
    /// use ec2wire::{Operation, ipam::CreateIpamPolicy};
    ///
    /// let request: CreateIpamPolicy<&str> = CreateIpamPolicy::new("ipam-1");
    /// assert_eq!(request.to_body()?, "Action=CreateIpamPolicy&Version=2016-11-15&IpamId=ipam-1");
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    pub fn new(ipam_id: impl Into<S>) -> Self {
        Self {
            dry_run: None,
            tag_specifications: Vec::new(),
            client_token: None,
            ipam_id: Some(ipam_id.into()),
        }
    }

    /// Sets the client token if there is none. `source` makes it.
    ///
    /// The caller provides the randomness. With the feature `std`, [`random_client_token`] does.
    ///
    /// ```
    /// use ec2wire::ipam::{CreateIpamPolicy, random_client_token};
    ///
    /// let mut request: CreateIpamPolicy = CreateIpamPolicy::new("ipam-1");
    /// request.fill_client_token(random_client_token);
    /// assert_eq!(request.client_token.map(|token| token.len()), Some(36));
    /// ```
    pub fn fill_client_token(&mut self, source: impl FnOnce() -> S) {
        self.client_token.get_or_insert_with(source);
    }
}

impl<S: AsRef<str>> CreateIpamPolicy<S> {
    /// The same request, borrowed. It copies the lists, but not the strings in them.
    ///
    /// ```
    /// use ec2wire::ipam::CreateIpamPolicy;
    ///
    /// let request: CreateIpamPolicy = CreateIpamPolicy::new("ipam-1");
    /// assert_eq!(request.as_view(), CreateIpamPolicy::new("ipam-1"));
    /// ```
    pub fn as_view(&self) -> CreateIpamPolicy<&str> {
        CreateIpamPolicy {
            dry_run: self.dry_run,
            tag_specifications: self
                .tag_specifications
                .iter()
                .map(TagSpecification::as_view)
                .collect(),
            client_token: self.client_token.as_ref().map(AsRef::as_ref),
            ipam_id: self.ipam_id.as_ref().map(AsRef::as_ref),
        }
    }
}

/// A random UUID (version 4), which SDKs set as `ClientToken` if the caller sets none. It has 36
/// characters; EC2 allows 64. Panics if the operating system has no randomness.
///
/// Source: the seed, "autopopulated if not provided". botocore was observed to send a UUID.
///
/// ```
/// assert_ne!(ec2wire::ipam::random_client_token(), ec2wire::ipam::random_client_token());
/// ```
#[cfg(feature = "std")]
pub fn random_client_token() -> String {
    use alloc::string::ToString as _;

    uuid::Uuid::new_v4().to_string()
}

/// The response of `CreateIpamPolicy`.
///
/// Source: the seed, "Response Structure".
///
/// ```
/// use ec2wire::{Operation, ipam::CreateIpamPolicy};
///
/// let body = b"<CreateIpamPolicyResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
///     <requestId>req-1</requestId><ipamPolicy><state>create-in-progress</state></ipamPolicy>\
///     </CreateIpamPolicyResponse>";
/// let success = <CreateIpamPolicy>::decode_reply(200, body)?.into_result().unwrap();
/// assert_eq!(success.request_id.as_deref(), Some("req-1"));
/// let policy = success.output.ipam_policy.unwrap();
/// assert_eq!(policy.state.unwrap().as_str(), "create-in-progress");
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename = "CreateIpamPolicyResponse")]
pub struct CreateIpamPolicyResponse<S = String> {
    /// The policy that was created.
    #[serde(rename = "ipamPolicy")]
    pub ipam_policy: Option<IpamPolicy<S>>,
}

/// An IPAM policy. EC2's model requires none of the members.
///
/// Source: the seed, "Response Structure"; for the ARN's length botocore 1.44.5's service model of
/// EC2.
///
/// ```
/// use ec2wire::{ipam::IpamPolicy, xml};
///
/// let policy: IpamPolicy = xml::Options::new().any_root().from_str(
///     "<item><ipamPolicyId>ipam-policy-0123456789abcdef0</ipamPolicyId><tagSet/></item>",
/// )?;
/// assert_eq!(policy.tags(), []);
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct IpamPolicy<S = String> {
    /// The account that owns the policy: 12 digits.
    #[serde(rename = "ownerId")]
    pub owner_id: Option<S>,
    /// The policy's ID: `ipam-policy-` and, as in the other ids of IPAM that were seen, 17
    /// hexadecimal digits.
    #[serde(rename = "ipamPolicyId")]
    pub ipam_policy_id: Option<S>,
    /// The policy's ARN, 1 to 1,283 characters; its Region part is empty.
    #[serde(rename = "ipamPolicyArn")]
    pub ipam_policy_arn: Option<S>,
    /// The policy's Region.
    #[serde(rename = "ipamPolicyRegion")]
    pub ipam_policy_region: Option<S>,
    /// The state.
    pub state: Option<IpamPolicyState>,
    /// A message about the state.
    #[serde(rename = "stateMessage")]
    pub state_message: Option<S>,
    /// The tags. `<tagSet/>` is an empty list, an absent element is `None`;
    /// [`tags`](Self::tags) treats both alike.
    #[serde(rename = "tagSet")]
    pub tag_set: Option<Vec<Tag<S>>>,
    /// The ID of the IPAM that the policy belongs to.
    #[serde(rename = "ipamId")]
    pub ipam_id: Option<S>,
}

impl<S> IpamPolicy<S> {
    /// The tags. Empty if the response has no list.
    ///
    /// ```
    /// use ec2wire::ipam::IpamPolicy;
    ///
    /// let policy: IpamPolicy = IpamPolicy { tag_set: None, ..IpamPolicy::default() };
    /// assert_eq!(policy.tags(), []);
    /// ```
    pub fn tags(&self) -> &[Tag<S>] {
        self.tag_set.as_deref().unwrap_or_default()
    }
}

string_enum! {
    /// The state of an IPAM policy.
    ///
    /// AWS does not document the transitions. What `isolate` and `restore` mean is undocumented
    /// too.
    ///
    /// ```
    /// use ec2wire::ipam::IpamPolicyState;
    ///
    /// assert_eq!(IpamPolicyState::from("create-complete"), IpamPolicyState::CreateComplete);
    /// assert!(IpamPolicyState::from("paused").is_unknown());
    /// ```
    ///
    /// Source: the seed, `IpamPolicy.State`.
    pub enum IpamPolicyState: "a state" {
        CreateInProgress = "create-in-progress",
        CreateComplete = "create-complete",
        CreateFailed = "create-failed",
        ModifyInProgress = "modify-in-progress",
        ModifyComplete = "modify-complete",
        ModifyFailed = "modify-failed",
        DeleteInProgress = "delete-in-progress",
        DeleteComplete = "delete-complete",
        DeleteFailed = "delete-failed",
        IsolateInProgress = "isolate-in-progress",
        IsolateComplete = "isolate-complete",
        RestoreInProgress = "restore-in-progress",
    }
}

/// Describes IPAM policies: the given ones, or all of the account's in the Region.
///
/// Source: botocore 1.44.5's service model of EC2.
///
/// ```
/// use ec2wire::{Operation, ipam::DescribeIpamPolicies};
///
/// let request: DescribeIpamPolicies =
///     DescribeIpamPolicies { max_results: Some(5), ..Default::default() };
/// assert_eq!(request.to_body()?, "Action=DescribeIpamPolicies&Version=2016-11-15&MaxResults=5");
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct DescribeIpamPolicies<S = String> {
    /// As for [`CreateIpamPolicy::dry_run`].
    #[serde(rename = "DryRun")]
    pub dry_run: Option<bool>,
    /// Filters, which AWS does not document for this action.
    #[serde(rename = "Filter", default = "Vec::new")]
    pub filters: Vec<Filter<S>>,
    /// The largest number of policies in one response, 5 to 1,000.
    #[serde(rename = "MaxResults")]
    pub max_results: Option<i32>,
    /// The token of the page to return.
    #[serde(rename = "NextToken")]
    pub next_token: Option<S>,
    /// The IDs of the policies to describe.
    #[serde(rename = "IpamPolicyId", default = "Vec::new")]
    pub ipam_policy_ids: Vec<S>,
}

/// A filter of a describe action: a resource matches when its field has one of the values.
///
/// Source: botocore 1.44.5's service model of EC2, `Filter`.
///
/// ```
/// use ec2wire::{form, ipam::Filter};
///
/// let filter = Filter { name: Some("state"), values: vec!["create-complete"] };
/// assert_eq!(form::to_string(&filter)?, "Name=state&Value.1=create-complete");
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Filter<S = String> {
    /// The filter's name, case-sensitive.
    #[serde(rename = "Name")]
    pub name: Option<S>,
    /// The values, of which one must match.
    #[serde(rename = "Value", default = "Vec::new")]
    pub values: Vec<S>,
}

/// The response of `DescribeIpamPolicies`.
///
/// Source: botocore 1.44.5's service model of EC2.
///
/// ```
/// use ec2wire::{ipam::DescribeIpamPoliciesResponse, xml};
///
/// let page: DescribeIpamPoliciesResponse = xml::from_str(
///     "<DescribeIpamPoliciesResponse><ipamPolicySet><item><ipamId>ipam-1</ipamId></item>\
///      </ipamPolicySet></DescribeIpamPoliciesResponse>",
/// )?;
/// assert_eq!(page.ipam_policies.map(|policies| policies.len()), Some(1));
/// assert_eq!(page.next_token, None);
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename = "DescribeIpamPoliciesResponse")]
pub struct DescribeIpamPoliciesResponse<S = String> {
    /// The policies of this page.
    #[serde(rename = "ipamPolicySet")]
    pub ipam_policies: Option<Vec<IpamPolicy<S>>>,
    /// The token of the next page, absent on the last one.
    #[serde(rename = "nextToken")]
    pub next_token: Option<S>,
}

/// Deletes an IPAM policy.
///
/// Source: botocore 1.44.5's service model of EC2.
///
/// ```
/// use ec2wire::{Operation, ipam::DeleteIpamPolicy};
///
/// let request: DeleteIpamPolicy = DeleteIpamPolicy::new("ipam-policy-0123456789abcdef0");
/// assert!(request.to_body()?.ends_with("&IpamPolicyId=ipam-policy-0123456789abcdef0"));
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct DeleteIpamPolicy<S = String> {
    /// As for [`CreateIpamPolicy::dry_run`].
    #[serde(rename = "DryRun")]
    pub dry_run: Option<bool>,
    /// The ID of the policy to delete. Required.
    #[serde(rename = "IpamPolicyId")]
    pub ipam_policy_id: Option<S>,
}

impl<S> DeleteIpamPolicy<S> {
    /// A request with only the required member.
    ///
    /// ```
    /// use ec2wire::ipam::DeleteIpamPolicy;
    ///
    /// let request: DeleteIpamPolicy = DeleteIpamPolicy::new("ipam-policy-1");
    /// assert_eq!(request.dry_run, None);
    /// ```
    pub fn new(ipam_policy_id: impl Into<S>) -> Self {
        Self {
            dry_run: None,
            ipam_policy_id: Some(ipam_policy_id.into()),
        }
    }
}

/// The response of `DeleteIpamPolicy`.
///
/// Source: botocore 1.44.5's service model of EC2.
///
/// ```
/// use ec2wire::{ipam::DeleteIpamPolicyResponse, xml};
///
/// let response: DeleteIpamPolicyResponse = xml::from_str(
///     "<DeleteIpamPolicyResponse><ipamPolicy><state>delete-in-progress</state></ipamPolicy>\
///      </DeleteIpamPolicyResponse>",
/// )?;
/// assert!(response.ipam_policy.is_some());
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename = "DeleteIpamPolicyResponse")]
pub struct DeleteIpamPolicyResponse<S = String> {
    /// The policy that was deleted.
    #[serde(rename = "ipamPolicy")]
    pub ipam_policy: Option<IpamPolicy<S>>,
}

impl<S> Operation for CreateIpamPolicy<S> {
    const ACTION: &'static str = "CreateIpamPolicy";
    type Response = CreateIpamPolicyResponse<S>;
}

impl<S> Operation for DescribeIpamPolicies<S> {
    const ACTION: &'static str = "DescribeIpamPolicies";
    type Response = DescribeIpamPoliciesResponse<S>;
}

impl<S> Operation for DeleteIpamPolicy<S> {
    const ACTION: &'static str = "DeleteIpamPolicy";
    type Response = DeleteIpamPolicyResponse<S>;
}
