//! The codec for any action: values with their shapes, encoded and decoded by [`ec2wire`].

mod de;
mod ser;
mod timestamp;

pub use de::Seed;
pub(crate) use ser::expected;
pub(crate) use timestamp::{timestamp_from_seconds, timestamp_from_text, timestamp_in_utc};

use crate::{Operation, Value, Wire};
use ec2wire::{Reply, Result, envelope, form, xml};
use ser::Shaped;

impl Operation {
    /// Encodes a request: `Action`, `Version`, then the members in the value's order.
    ///
    /// It fails only on a value that it cannot write. Use
    /// [`Shape::violations`](crate::Shape::violations) to check the value against the model.
    ///
    /// ```
    /// use ec2wire_model::{Model, Value};
    ///
    /// let action = Model::ec2().operation("DeleteVpc").unwrap();
    /// let input: Value<'_> = serde_json::from_str(r#"{"VpcId": "vpc-1", "DryRun": true}"#).unwrap();
    /// assert_eq!(
    ///     action.encode_request(&input)?,
    ///     "Action=DeleteVpc&Version=2016-11-15&VpcId=vpc-1&DryRun=true",
    /// );
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`form::to_string`]. [`Custom`](ec2wire::ErrorKind::Custom) for a member that the shape
    /// does not have, and for a value of the wrong kind.
    pub fn encode_request(&self, input: &Value<'_>) -> Result<String> {
        let mut body = Vec::with_capacity(128);
        self.append_request(&mut body, input)?;
        into_string(body)
    }

    /// As [`encode_request`](Self::encode_request), appended to a buffer. On an error the buffer is
    /// unchanged.
    ///
    /// # Errors
    ///
    /// As [`encode_request`](Self::encode_request).
    pub fn append_request(&self, body: &mut Vec<u8>, input: &Value<'_>) -> Result<()> {
        let root = Shaped::root(self.input(), Wire::Form, self.name(), input);
        form::append_call(body, self.name(), self.model().api_version(), &root)
    }

    /// Decodes a request of this action, strictly. It ignores the action that the body names. To
    /// read that first, use [`form::Call`], whose `decode_seed` takes
    /// [`request_seed`](Self::request_seed).
    ///
    /// ```
    /// use ec2wire_model::{Model, Value};
    ///
    /// let action = Model::ec2().operation("DeleteVpc").unwrap();
    /// let input = action.decode_request("Action=DeleteVpc&VpcId=vpc-1")?;
    /// assert_eq!(input.get("VpcId"), Some(&Value::from("vpc-1")));
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`form::from_str`].
    pub fn decode_request<'a>(&self, body: &'a str) -> Result<Value<'a>> {
        form::Options::new().from_str_seed(self.request_seed(), body)
    }

    /// Encodes a success response, as a server sends it, with the members in the value's order.
    ///
    /// ```
    /// use ec2wire_model::{Model, Value};
    ///
    /// let action = Model::ec2().operation("CreateKeyPair").unwrap();
    /// let output: Value<'_> = serde_json::from_str(r#"{"KeyName": "a", "Tags": []}"#).unwrap();
    /// let body = action.encode_response("1", &output)?;
    /// assert!(body.ends_with("<requestId>1</requestId><keyName>a</keyName><tagSet/></CreateKeyPairResponse>"));
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`xml::to_string`]. [`Custom`](ec2wire::ErrorKind::Custom) for a member that the shape
    /// does not have, and for a value of the wrong kind.
    pub fn encode_response(&self, request_id: &str, output: &Value<'_>) -> Result<String> {
        let mut body = Vec::with_capacity(512);
        self.append_response(&mut body, request_id, output)?;
        into_string(body)
    }

    /// As [`encode_response`](Self::encode_response), appended to a buffer. On an error the buffer
    /// is unchanged.
    ///
    /// # Errors
    ///
    /// As [`encode_response`](Self::encode_response).
    pub fn append_response(
        &self,
        body: &mut Vec<u8>,
        request_id: &str,
        output: &Value<'_>,
    ) -> Result<()> {
        let root = Shaped::root(self.output(), Wire::Xml, self.response_name(), output);
        envelope::append(body, request_id, &root)
    }

    /// Decodes a whole HTTP response: a success, or EC2's error as data. It skips elements that the
    /// model does not have.
    ///
    /// ```
    /// use ec2wire_model::{Model, Value};
    ///
    /// let action = Model::ec2().operation("CreateKeyPair").unwrap();
    /// let body = b"<CreateKeyPairResponse><keyName>a</keyName></CreateKeyPairResponse>";
    /// let success = action.decode_reply(200, body)?.into_result().unwrap();
    /// assert_eq!(success.output.get("KeyName"), Some(&Value::from("a")));
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`envelope::decode`].
    pub fn decode_reply<'a>(&self, status: u16, body: &'a [u8]) -> Result<Reply<Value<'a>>> {
        envelope::decode_seed(xml::Options::new(), self.response_seed(), status, body)
    }

    /// The seed that decodes a request's members, for [`form::Options::from_str_seed`] and
    /// [`form::Call::decode_seed`].
    pub fn request_seed(&self) -> Seed {
        Seed::root(self.input(), Wire::Form, self.name())
    }

    /// The seed that decodes a response's members, for [`xml::Options::from_str_seed`].
    pub fn response_seed(&self) -> Seed {
        Seed::root(self.output(), Wire::Xml, self.response_name())
    }

    /// Sets the idempotency tokens that the request lacks, as SDKs do. `token` makes each one.
    ///
    /// ```
    /// use ec2wire_model::{Model, Structure};
    ///
    /// let action = Model::ec2().operation("CreateIpamPolicy").unwrap();
    /// let mut input = Structure::from([("IpamId", "ipam-1".into())]).into();
    /// action.fill_tokens(&mut input, || "token-1".into());
    /// assert!(action.encode_request(&input)?.ends_with("&IpamId=ipam-1&ClientToken=token-1"));
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    pub fn fill_tokens(&self, input: &mut Value<'_>, mut token: impl FnMut() -> String) {
        let Value::Structure(structure) = input else {
            return;
        };
        let members = self.input().map(|input| input.member_data());
        for member in members.into_iter().flatten() {
            let is_absent = matches!(structure.get(member.name), None | Some(Value::Null));
            if member.idempotency_token && is_absent {
                structure.insert(member.name, token());
            }
        }
    }
}

/// Makes a `String` of what an encoder wrote. Encoders write only UTF-8, so the check cannot fail.
/// It avoids `unsafe`.
fn into_string(body: Vec<u8>) -> Result<String> {
    String::from_utf8(body)
        .map_err(|_| serde::ser::Error::custom("the encoder wrote invalid UTF-8"))
}
