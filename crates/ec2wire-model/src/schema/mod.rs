//! The codec for any action: values and shapes on the engine of [`ec2wire`].

mod de;
mod ser;

pub use de::Seed;

use crate::{Operation, TimestampFormat, Value, Wire};
use ec2wire::{Reply, Result, envelope, form, xml};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use ser::Shaped;
pub(crate) use ser::expected;

impl Operation {
    /// Encodes a request, with `Action` and `Version` in front. The members keep their order.
    ///
    /// Only what cannot be written is an error; [`Shape::violations`](crate::Shape::violations)
    /// says what else is wrong.
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
    /// As [`form::to_string`], and [`Custom`](ec2wire::ErrorKind::Custom) for a member that the
    /// shape has not and a value that is not of its kind.
    pub fn encode_request(&self, input: &Value<'_>) -> Result<String> {
        let mut body = Vec::with_capacity(128);
        self.append_request(&mut body, input)?;
        into_string(body)
    }

    /// As [`encode_request`](Self::encode_request), behind what is in the buffer. On an error the
    /// buffer is left as it was.
    ///
    /// # Errors
    ///
    /// As [`encode_request`](Self::encode_request).
    pub fn append_request(&self, body: &mut Vec<u8>, input: &Value<'_>) -> Result<()> {
        let root = Shaped::root(self.input(), Wire::Form, self.name(), input);
        form::append_call(body, self.name(), self.model().api_version(), &root)
    }

    /// Decodes a request of this action, strictly. Which action the body names is not looked at;
    /// [`form::Call`] tells, and takes [`request_seed`](Self::request_seed).
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

    /// Encodes a success, as a server sends it. The members keep their order.
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
    /// As [`xml::to_string`], and [`Custom`](ec2wire::ErrorKind::Custom) for a member that the
    /// shape has not and a value that is not of its kind.
    pub fn encode_response(&self, request_id: &str, output: &Value<'_>) -> Result<String> {
        let mut body = Vec::with_capacity(512);
        self.append_response(&mut body, request_id, output)?;
        into_string(body)
    }

    /// As [`encode_response`](Self::encode_response), behind what is in the buffer. On an error
    /// the buffer is left as it was.
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

    /// Decodes a whole HTTP answer: a success, or EC2's error as data. Elements that the model does
    /// not know are passed over.
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

    /// What makes a value of a request's members, for [`form::Options::from_str_seed`] and
    /// [`form::Call::decode_seed`].
    pub fn request_seed(&self) -> Seed {
        Seed::root(self.input(), Wire::Form, self.name())
    }

    /// What makes a value of an answer's members, for [`xml::Options::from_str_seed`].
    pub fn response_seed(&self) -> Seed {
        Seed::root(self.output(), Wire::Xml, self.response_name())
    }

    /// Gives the request's idempotency tokens a value where they have none, as SDKs do.
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

/// What an encoder wrote. It writes only UTF-8, so the check cannot fail; it keeps out `unsafe`.
fn into_string(body: Vec<u8>) -> Result<String> {
    String::from_utf8(body).map_err(|_| serde::ser::Error::custom("the encoder wrote no UTF-8"))
}

/// Writes a timestamp.
fn timestamp_to_text(timestamp: Timestamp, format: TimestampFormat) -> String {
    match format {
        TimestampFormat::Iso8601 => timestamp.to_string(),
        TimestampFormat::UnixTimestamp if timestamp.subsec_nanosecond() == 0 => {
            timestamp.as_second().to_string()
        }
        TimestampFormat::UnixTimestamp => {
            jiff::SignedDuration::from_nanos_i128(timestamp.as_nanosecond())
                .as_secs_f64()
                .to_string()
        }
        TimestampFormat::Rfc822 => rfc2822::DateTimePrinter::new()
            .timestamp_to_rfc9110_string(&timestamp)
            // Only years beyond 9999 have no such form.
            .unwrap_or_else(|_| timestamp.to_string()),
    }
}

/// Reads a timestamp.
pub(crate) fn timestamp_from_text(text: &str, format: TimestampFormat) -> Option<Timestamp> {
    match format {
        TimestampFormat::Iso8601 => text.parse().ok(),
        TimestampFormat::UnixTimestamp => timestamp_from_seconds(text.parse().ok()?),
        TimestampFormat::Rfc822 => rfc2822::DateTimeParser::new().parse_timestamp(text).ok(),
    }
}

/// A day, or a time without an offset, as a point in time in UTC.
pub(crate) fn timestamp_in_utc(text: &str) -> Option<Timestamp> {
    let time: jiff::civil::DateTime = text.parse().ok()?;
    Some(time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
}

/// The point in time that is so many seconds after the beginning of 1970, to the microsecond: a
/// float has no more digits to tell.
pub(crate) fn timestamp_from_seconds(seconds: f64) -> Option<Timestamp> {
    let since = jiff::SignedDuration::try_from_secs_f64(seconds).ok()?;
    let round = jiff::TimestampRound::new().smallest(jiff::Unit::Microsecond);
    Timestamp::from_duration(since).ok()?.round(round).ok()
}
