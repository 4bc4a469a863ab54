//! What boto3 does with some members besides encoding and decoding them by their shapes.

use crate::{Operation, Structure, Value};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};

/// What boto3 does with a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Treatment {
    /// A request has base64 where the caller has text.
    InRequest,
    /// A response has base64 where the caller gets text.
    InResponse,
    /// A request's caller may use this name as well.
    AlsoNamed(&'static str),
}

/// A member of an action, or of all actions, and what boto3 does with it.
type Row = (Option<&'static str>, &'static str, Treatment);

/// All that botocore 1.44 does for EC2; `tests/interop/json_as_boto3.py` compares it. It also adds
/// `PresignedUrl` and `DestinationRegion` to the members of `CopySnapshot`, and fills in idempotency
/// tokens. That needs credentials, a Region or chance, and is left to the caller.
const ROWS: &[Row] = &[
    (Some("RunInstances"), "UserData", Treatment::InRequest),
    (Some("GetConsoleOutput"), "Output", Treatment::InResponse),
    (None, "Filter", Treatment::AlsoNamed("Filters")),
];

/// Reads base64 as Python's `b64decode` does, without padding.
const PYTHON: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// Values as boto3's callers have them, and as they are on the wire.
impl Operation {
    /// Changes a request from what boto3's callers pass to what is sent. That differs for few members:
    ///
    /// | member | boto3's callers | the wire |
    /// |---|---|---|
    /// | `UserData` of a request of `RunInstances` | text | base64 |
    /// | `Output` of a response of `GetConsoleOutput` | text | base64 |
    /// | `Filter` of a request, in five actions | `Filter` or `Filters` | `Filter` |
    ///
    /// boto3 does not encode the user data of a launch template or a Spot request.
    ///
    /// ```
    /// use ec2wire_model::{Model, Structure};
    ///
    /// let action = Model::ec2().operation("RunInstances").unwrap();
    /// let mut input = Structure::from([("UserData", "#!/bin/sh".into())]).into();
    /// action.request_from_boto3(&mut input);
    /// assert!(action.encode_request(&input)?.ends_with("&UserData=IyEvYmluL3No"));
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    pub fn request_from_boto3(&self, input: &mut Value<'_>) {
        let Value::Structure(members) = input else {
            return;
        };
        for (name, treatment) in self.treated() {
            match treatment {
                Treatment::InRequest => edit(members, name, |text| Some(STANDARD.encode(text))),
                Treatment::AlsoNamed(alias) if members.get(name).is_none() => {
                    let is_member = self
                        .input()
                        .is_some_and(|input| input.member(name).is_some());
                    let value = is_member.then(|| members.remove(alias)).flatten();
                    if let Some(value) = value {
                        members.insert(name, value);
                    }
                }
                _ => {}
            }
        }
    }

    /// Changes a request from what was sent to what boto3's callers pass. Returns the members that
    /// stay as they were sent, because they are not base64 of text.
    ///
    /// ```
    /// use ec2wire_model::{Model, Value};
    ///
    /// let action = Model::ec2().operation("RunInstances").unwrap();
    /// let mut input = action.decode_request("Action=RunInstances&UserData=IyEvYmluL3No")?;
    /// assert!(action.request_to_boto3(&mut input).is_empty());
    /// assert_eq!(input.get("UserData"), Some(&Value::from("#!/bin/sh")));
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    pub fn request_to_boto3(&self, input: &mut Value<'_>) -> Vec<&'static str> {
        let mut kept = Vec::new();
        if let Value::Structure(members) = input {
            for (name, treatment) in self.treated() {
                if treatment == Treatment::InRequest {
                    edit(members, name, |text| {
                        let bytes = STANDARD.decode(text).ok();
                        let decoded = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
                        if decoded.is_none() {
                            kept.push(name);
                        }
                        decoded
                    });
                }
            }
        }
        kept
    }

    /// Changes a response from what boto3's callers get to what is sent.
    pub fn response_from_boto3(&self, output: &mut Value<'_>) {
        if let Value::Structure(members) = output {
            for (name, treatment) in self.treated() {
                if treatment == Treatment::InResponse {
                    edit(members, name, |text| Some(STANDARD.encode(text)));
                }
            }
        }
    }

    /// Changes a response from what was sent to what boto3's callers get. Bytes that are not UTF-8
    /// become U+FFFD, and what is not base64 stays, as in boto3.
    ///
    /// ```
    /// use ec2wire_model::{Model, Value};
    ///
    /// let action = Model::ec2().operation("GetConsoleOutput").unwrap();
    /// let body = b"<GetConsoleOutputResponse><output>Qm9vdA==</output></GetConsoleOutputResponse>";
    /// let mut output = action.decode_reply(200, body)?.into_result().unwrap().output;
    /// action.response_to_boto3(&mut output);
    /// assert_eq!(output.get("Output"), Some(&Value::from("Boot")));
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    pub fn response_to_boto3(&self, output: &mut Value<'_>) {
        if let Value::Structure(members) = output {
            for (name, treatment) in self.treated() {
                if treatment == Treatment::InResponse {
                    edit(members, name, |text| {
                        let bytes = python_base64(text)?;
                        Some(String::from_utf8_lossy(&bytes).into_owned())
                    });
                }
            }
        }
    }

    /// The members of this action that boto3 treats in its own way.
    fn treated(&self) -> impl Iterator<Item = (&'static str, Treatment)> {
        let action = self.name();
        ROWS.iter()
            .filter(move |(of, ..)| of.is_none_or(|of| of == action))
            .map(|&(_, name, treatment)| (name, treatment))
    }
}

/// Replaces a member's text, if there is one and `change` has another.
fn edit(members: &mut Structure<'_>, name: &str, change: impl FnOnce(&str) -> Option<String>) {
    let mut values = members.values_mut();
    let Some((_, value)) = values.find(|(known, _)| *known == name) else {
        return;
    };
    if let Some(changed) = value.as_str().and_then(change) {
        *value = changed.into();
    }
}

/// Decodes base64 as Python's `b64decode` does: other characters are skipped, and padding that
/// completes a group of four ends the text.
fn python_base64(text: &str) -> Option<Vec<u8>> {
    // Python takes the text as Latin-1.
    if text.chars().any(|c| c > '\u{FF}') {
        return None;
    }
    let mut digits = Vec::with_capacity(text.len());
    let mut pads = 0;
    for byte in text.bytes() {
        match byte {
            b'=' if digits.len() % 4 >= 2 => {
                pads += 1;
                if digits.len() % 4 + pads >= 4 {
                    return PYTHON.decode(digits).ok();
                }
            }
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => {
                pads = 0;
                digits.push(byte);
            }
            _ => {}
        }
    }
    (digits.len() % 4 == 0).then(|| PYTHON.decode(digits).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The results of Python 3's `base64.b64decode`.
    #[test]
    fn base64_is_read_as_python_reads_it() {
        for (text, bytes) in [
            ("", Some(&b""[..])),
            ("Qm9vdA==", Some(b"Boot")),
            ("Qm9v\r\ndA==\n", Some(b"Boot")),
            ("Qm9v-dA=*=", Some(b"Boot")),
            ("Qm9vdB==", Some(b"Boot")),
            ("Qm9vdA==Qm9vdA==", Some(b"Boot")),
            ("=Qm9v", Some(b"Boo")),
            ("Qm9vdA=Q=", Some(b"Boot\x04")),
            ("Qm9v\u{E9} dA==", Some(b"Boot")),
            ("Qm9vdA=QQQ=", None),
            ("Qm9vdA=", None),
            ("Qm9vdA", None),
            ("Q", None),
            ("Qm9vdA=\u{20AC}=", None),
        ] {
            assert_eq!(python_base64(text).as_deref(), bytes, "{text:?}");
        }
    }
}
