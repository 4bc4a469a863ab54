//! An action's name and version, tied to its request and response types.

use crate::scalar::into_string;
use crate::{Reply, Result, envelope, form};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// The API version that EC2 speaks.
///
/// Source: the service model's `apiVersion`.
///
/// ```
/// use ec2wire::{EC2_VERSION, Operation, ipam::CreateIpamPolicy};
///
/// assert_eq!(<CreateIpamPolicy>::VERSION, EC2_VERSION);
/// ```
pub const EC2_VERSION: &str = "2016-11-15";

/// An action of the EC2 Query API. The type that implements it is the request.
///
/// The crate's own operations implement it. For any other action, implement it for a struct with
/// serde's derives. Give the fields their wire names, with `rename` or `rename_all = "PascalCase"`:
/// otherwise only the [first letter](crate::form) is capitalized.
///
/// ```
/// use ec2wire::Operation;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct DescribeVpcs {
///     #[serde(rename = "VpcId", default)]
///     vpc_ids: Vec<String>,
/// }
///
/// #[derive(Serialize, Deserialize)]
/// #[serde(rename = "DescribeVpcsResponse", rename_all = "camelCase")]
/// struct DescribeVpcsResponse {
///     vpc_set: Vec<Vpc>,
/// }
///
/// #[derive(Serialize, Deserialize)]
/// #[serde(rename_all = "camelCase")]
/// struct Vpc {
///     vpc_id: String,
/// }
///
/// impl Operation for DescribeVpcs {
///     const ACTION: &'static str = "DescribeVpcs";
///     type Response = DescribeVpcsResponse;
/// }
///
/// let body = DescribeVpcs { vpc_ids: vec!["vpc-1".into()] }.to_body()?;
/// assert_eq!(body, "Action=DescribeVpcs&Version=2016-11-15&VpcId.1=vpc-1");
///
/// let reply = DescribeVpcs::decode_reply(200, b"<DescribeVpcsResponse>\
///     <requestId>1</requestId><vpcSet><item><vpcId>vpc-1</vpcId></item></vpcSet>\
///     </DescribeVpcsResponse>")?;
/// assert_eq!(reply.into_result().unwrap().output.vpc_set[0].vpc_id, "vpc-1");
/// # Ok::<(), ec2wire::Error>(())
/// ```
pub trait Operation {
    /// The action's name, the value of the key `Action`.
    ///
    /// ```
    /// use ec2wire::{Operation, ipam::CreateIpamPolicy};
    ///
    /// assert_eq!(<CreateIpamPolicy>::ACTION, "CreateIpamPolicy");
    /// ```
    const ACTION: &'static str;

    /// The API version, the value of the key `Version`.
    ///
    /// ```
    /// use ec2wire::{Operation, ipam::CreateIpamPolicy};
    ///
    /// assert_eq!(<CreateIpamPolicy>::VERSION, "2016-11-15");
    /// ```
    const VERSION: &'static str = EC2_VERSION;

    /// The type of a success response. Its serde name is the name of the root element.
    ///
    /// ```
    /// use ec2wire::{Operation, ipam::DeleteIpam, xml};
    ///
    /// let response: <DeleteIpam as Operation>::Response = xml::from_str("<DeleteIpamResponse/>")?;
    /// assert_eq!(response.ipam, None);
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    type Response;

    /// The request as a form body, starting with `Action` and `Version`.
    ///
    /// ```
    /// use ec2wire::{Operation, ipam::DeleteIpamPolicy};
    ///
    /// let request: DeleteIpamPolicy = DeleteIpamPolicy::new("ipam-policy-1");
    /// assert_eq!(
    ///     request.to_body()?,
    ///     "Action=DeleteIpamPolicy&Version=2016-11-15&IpamPolicyId=ipam-policy-1",
    /// );
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`form::to_string`].
    fn to_body(&self) -> Result<String>
    where
        Self: Serialize + Sized,
    {
        let mut body = Vec::with_capacity(128);
        self.append_body(&mut body)?;
        into_string(body)
    }

    /// Appends the request as a form body, starting with `Action` and `Version`, after an `&` if the
    /// buffer is not empty. On an error the buffer is unchanged.
    ///
    /// ```
    /// use ec2wire::{Operation, ipam::DeleteIpamPolicy};
    ///
    /// let mut body = Vec::new();
    /// for id in ["ipam-policy-1", "ipam-policy-2"] {
    ///     body.clear(); // one buffer for all requests
    ///     DeleteIpamPolicy::<&str>::new(id).append_body(&mut body)?;
    ///     assert!(body.ends_with(id.as_bytes()));
    /// }
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`form::to_string`].
    fn append_body(&self, body: &mut Vec<u8>) -> Result<()>
    where
        Self: Serialize + Sized,
    {
        form::append_call(body, Self::ACTION, Self::VERSION, self)
    }

    /// Decodes a request of this action, strictly. It ignores `Action` and `Version`. Use [`form::Call`] to
    /// read them first.
    ///
    /// ```
    /// use ec2wire::{Operation, ipam::CreateIpamPolicy};
    ///
    /// let request = <CreateIpamPolicy>::from_body("IpamId=ipam-1&DryRun=true")?;
    /// assert_eq!(request.dry_run, Some(true));
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`form::from_str`].
    fn from_body<'de>(body: &'de str) -> Result<Self>
    where
        Self: Deserialize<'de>,
    {
        form::from_str(body)
    }

    /// Decodes a whole HTTP response: a success, or EC2's error as data.
    ///
    /// ```
    /// use ec2wire::{Operation, ipam::DeleteIpamPolicy};
    ///
    /// let body = b"<DeleteIpamPolicyResponse><requestId>1</requestId></DeleteIpamPolicyResponse>";
    /// let reply = <DeleteIpamPolicy>::decode_reply(200, body)?;
    /// assert_eq!(reply.request_id(), Some("1"));
    ///
    /// // The same, without a copy of the texts.
    /// let reply = DeleteIpamPolicy::<ec2wire::Text<'_>>::decode_reply(200, body)?;
    /// assert_eq!(reply.request_id(), Some("1"));
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`envelope::decode`]. An error that EC2 sends is not an `Err`, but a [`Reply::Fault`].
    fn decode_reply<'de>(status: u16, body: &'de [u8]) -> Result<Reply<Self::Response>>
    where
        Self::Response: Deserialize<'de>,
    {
        envelope::decode(status, body)
    }

    /// Encodes a success response, as a server sends it.
    ///
    /// ```
    /// use ec2wire::{Operation, ipam::{DeleteIpamPolicy, DeleteIpamPolicyResponse}};
    ///
    /// let response: DeleteIpamPolicyResponse = DeleteIpamPolicyResponse::default();
    /// let answer = <DeleteIpamPolicy>::encode_response("1", &response)?;
    /// assert!(answer.contains("<requestId>1</requestId>"));
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`xml::to_string`](crate::xml::to_string).
    fn encode_response(request_id: &str, response: &Self::Response) -> Result<String>
    where
        Self::Response: Serialize,
    {
        envelope::encode(request_id, response)
    }
}
