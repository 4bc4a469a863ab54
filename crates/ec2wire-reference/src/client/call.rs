//! A call that the client is to make.

use serde::Deserialize;
use serde_json::Value;

/// A call that the client is to make.
///
/// ```
/// let call: ec2wire_reference::client::Call = serde_json::from_str(
///     r#"{"id":"1","endpoint":"http://127.0.0.1:4566","region":"us-east-1",
///         "credentials":{"accessKeyId":"test","secretAccessKey":"test"},
///         "operation":"CreateIpamPolicy","input":{"IpamId":"ipam-1"}}"#,
/// )?;
/// assert_eq!(call.operation, "CreateIpamPolicy");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Deserialize)]
pub struct Call {
    /// The call's id. Its outcome has the same.
    pub id: String,
    /// The endpoint's URL.
    pub endpoint: String,
    /// The Region to sign for.
    pub region: String,
    /// The access key to sign with.
    pub credentials: Credentials,
    /// The operation.
    pub operation: String,
    /// The operation's members by the API's names, as boto3 takes them.
    pub input: Value,
}

/// An access key.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Credentials {
    /// The key's id.
    pub access_key_id: String,
    /// The key's secret.
    pub secret_access_key: String,
}

/// Shows the id and not the secret.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}
