//! An action's name and version, tied to its request and response types.

use crate::scalar::into_string;
use crate::{Reply, Result, envelope, form};
use alloc::string::String;
use alloc::vec::Vec;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The API version that EC2 speaks.
pub const EC2_VERSION: &str = "2016-11-15";

/// An action of the EC2 Query API. The type that implements it is the request.
///
/// The crate's own operations implement it; so can any struct with serde's derives, for an action
/// that the crate does not know:
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
    const ACTION: &'static str;

    /// The API version, the value of the key `Version`.
    const VERSION: &'static str = EC2_VERSION;

    /// What a success answers with. Its serde name is the root element's name.
    type Response;

    /// The request as a form body, with `Action` and `Version` in front.
    fn to_body(&self) -> Result<String>
    where
        Self: Serialize + Sized,
    {
        let mut body = Vec::with_capacity(128);
        self.append_body(&mut body)?;
        into_string(body)
    }

    /// Appends the request as a form body, with `Action` and `Version` in front. On an error the
    /// buffer is left as it was.
    fn append_body(&self, body: &mut Vec<u8>) -> Result<()>
    where
        Self: Serialize + Sized,
    {
        form::append_call(body, Self::ACTION, Self::VERSION, self)
    }

    /// Decodes a request of this action, strictly. `Action` and `Version` are read by
    /// [`form::Call`], which tells which operation's turn it is.
    fn from_body<'de>(body: &'de str) -> Result<Self>
    where
        Self: Deserialize<'de>,
    {
        form::from_str(body)
    }

    /// Decodes a whole HTTP answer: a success, or EC2's error as data.
    fn decode_reply(status: u16, body: &[u8]) -> Result<Reply<Self::Response>>
    where
        Self::Response: DeserializeOwned,
    {
        envelope::decode(status, body)
    }

    /// The answer for a success, as a server sends it.
    fn encode_response(request_id: &str, response: &Self::Response) -> Result<String>
    where
        Self::Response: Serialize,
    {
        envelope::encode(request_id, response)
    }
}
