//! Whole HTTP responses: successes with their request ID, and EC2's errors.
//!
//! [`decode`] turns a status and a body into a [`Reply`]. Every row is tested.
//!
//! | answer | result | why |
//! |---|---|---|
//! | 2xx, the action's document | [`Reply::Success`] | EC2 sends 200 |
//! | the request id as `requestId`, `RequestId` or `RequestID`, first or last | [`Reply::Success`] or [`Reply::Fault`] with it | EC2 writes `requestId` first in successes and `RequestID` last in errors; LocalStack and moto put it last |
//! | the request id elsewhere, or in another spelling | [`Reply::Success`] or [`Reply::Fault`] without it | EC2 does not write it so |
//! | two request ids | [`RepeatedMember`] | it is ambiguous which one is meant |
//! | any status, EC2's error document | [`Reply::Fault`] | no action has this root; a dry run that would succeed is an error with status 412 |
//! | two `<Error>` | [`Reply::Fault`] with both, in order | the document is a list; SDKs take the first, the last, or none |
//! | `<Errors/>`, or no `<Errors>` | [`Reply::Fault`] without errors | the status still says that it failed; botocore raises a `TypeError` |
//! | an `<Error>` without `<Code>` or `<Message>` | [`Reply::Fault`], an empty text for it | the other one is still useful |
//! | an `<ErrorResponse>` root, a bare `<Error>`, `<Error>` beside `<Errors>` | [`Reply::Fault`] with each `<Error>` | other AWS services and emulators write it like this |
//! | a namespace or unknown elements in the error document | [`Reply::Fault`] | LocalStack adds EC2's namespace, which EC2 leaves out |
//! | another status than 2xx, no XML | [`Reply::Fault`] with an excerpt | proxies send HTML, JSON, text or nothing, and EC2 can send HTML; the status says more than a parse error |
//! | another status than 2xx, another document | [`Reply::Fault`] with an excerpt | as above |
//! | 2xx, no XML or another document | [`NotXml`], [`WrongRoot`], [`Doctype`], [`InvalidUtf8`] | nothing shows that the action was done |
//! | a body that is longer than the limit | [`LimitExceeded`] with 2xx or in an error document, else [`Reply::Fault`] with an excerpt | the status says more than the body |
//! | 2xx, the action's document cut short | [`Truncated`] | half an ID is worse than none |
//! | any status, an error document cut short | [`Truncated`] | half a code is worse than none; the Rust SDK reads `Reque` |
//! | any status, an error document that is damaged | [`MismatchedEndTag`], [`UnexpectedText`], [`TrailingContent`], [`InvalidUtf8`], [`RepeatedMember`], [`Malformed`], [`UnknownEntity`], [`IllegalCharacter`], [`ExpectedScalar`], [`Doctype`] | as above |
//!
//! Within a document, the rules of [the XML decoder](xml#what-is-read) apply.
//!
//! ```
//! use ec2wire::{Reply, envelope, ipam::DeleteIpamResponse};
//!
//! let answer = b"<Response><Errors><Error><Code>Blocked</Code></Error></Errors></Response>";
//! match envelope::decode::<DeleteIpamResponse>(400, answer)? {
//!     Reply::Success(success) => println!("{:?}", success.output.ipam),
//!     Reply::Fault(fault) => assert_eq!(fault.code(), Some("Blocked")),
//! }
//! # Ok::<(), ec2wire::Error>(())
//! ```
//!
//! [`Doctype`]: crate::ErrorKind::Doctype
//! [`ExpectedScalar`]: crate::ErrorKind::ExpectedScalar
//! [`IllegalCharacter`]: crate::ErrorKind::IllegalCharacter
//! [`InvalidUtf8`]: crate::ErrorKind::InvalidUtf8
//! [`LimitExceeded`]: crate::ErrorKind::LimitExceeded
//! [`Malformed`]: crate::ErrorKind::Malformed
//! [`MismatchedEndTag`]: crate::ErrorKind::MismatchedEndTag
//! [`NotXml`]: crate::ErrorKind::NotXml
//! [`RepeatedMember`]: crate::ErrorKind::RepeatedMember
//! [`TrailingContent`]: crate::ErrorKind::TrailingContent
//! [`Truncated`]: crate::ErrorKind::Truncated
//! [`UnexpectedText`]: crate::ErrorKind::UnexpectedText
//! [`UnknownEntity`]: crate::ErrorKind::UnknownEntity
//! [`WrongRoot`]: crate::ErrorKind::WrongRoot

use crate::error::Shown;
use crate::scalar::into_string;
use crate::{Result, xml};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};

/// A success: the action's output, and the ID that EC2 gave the request.
///
/// ```
/// use ec2wire::{Success, ipam::DeleteIpamResponse};
///
/// let output: DeleteIpamResponse = DeleteIpamResponse::default();
/// let success = Success { output, request_id: Some("1".into()) };
/// assert_eq!(success.output.ipam, None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Success<T> {
    /// The members of the response.
    pub output: T,
    /// The request ID, if the response has one.
    pub request_id: Option<String>,
}

/// An error response, as data.
///
/// EC2 sends an error with a status of 400 or more, and with one or more codes. Proxies and emulators
/// send other bodies too. The start of such a body is in [`excerpt`](Self::excerpt), and its first 128
/// characters are in the message.
///
/// Source: EC2's documents of Query responses, and errors that third parties recorded.
///
/// ```
/// use ec2wire::{Operation, ipam::CreateIpamPolicy};
///
/// let body = b"<Response><Errors><Error><Code>InvalidIpamId.NotFound</Code>\
///     <Message>The ipam ID 'ipam-1' does not exist</Message></Error></Errors>\
///     <RequestID>req-1</RequestID></Response>";
/// let fault = <CreateIpamPolicy>::decode_reply(400, body)?.into_result().unwrap_err();
/// assert_eq!(fault.code(), Some("InvalidIpamId.NotFound"));
/// assert_eq!(fault.request_id.as_deref(), Some("req-1"));
/// assert_eq!(
///     fault.to_string(),
///     "InvalidIpamId.NotFound: The ipam ID 'ipam-1' does not exist (HTTP 400, request req-1)",
/// );
///
/// let fault = <CreateIpamPolicy>::decode_reply(503, b"<html>busy</html>")?.into_result().unwrap_err();
/// assert_eq!((fault.code(), fault.excerpt.as_str()), (None, "<html>busy</html>"));
/// assert_eq!(fault.to_string(), "no error code (HTTP 503): <html>busy</html>");
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The HTTP status.
    pub status: u16,
    /// The errors, in the order of the response. Mostly one; none if the body is not EC2's.
    pub errors: Vec<FaultEntry>,
    /// The request ID, read from the body: not every error response has it in a header.
    pub request_id: Option<String>,
    /// The start of a body that is not EC2's error document: at most
    /// [`EXCERPT_CHARS`](Self::EXCERPT_CHARS) characters. Empty otherwise.
    pub excerpt: String,
}

/// One error of a [`Fault`].
///
/// ```
/// use ec2wire::{Fault, FaultEntry};
///
/// let entry = FaultEntry { code: "Blocked".into(), message: "no".into() };
/// assert_eq!(Fault::new(400, "Blocked", "no").errors, [entry]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct FaultEntry {
    /// The error code, as in `InvalidParameterValue`.
    pub code: String,
    /// The message. EC2's wording differs between actions.
    pub message: String,
}

/// A response: the action's output, or EC2's error.
///
/// ```
/// use ec2wire::{Operation, Reply, ipam::DeleteIpam};
///
/// let reply = <DeleteIpam>::decode_reply(502, b"bad gateway")?;
/// assert!(matches!(reply, Reply::Fault(fault) if fault.status == 502));
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply<T> {
    /// The action succeeded.
    Success(Success<T>),
    /// The action failed.
    Fault(Fault),
}

impl<T> Reply<T> {
    /// The reply as a `Result`, for `?`.
    ///
    /// ```
    /// use ec2wire::{Fault, Reply};
    ///
    /// let reply: Reply<()> = Reply::Fault(Fault::new(400, "Blocked", "no"));
    /// assert!(reply.into_result().is_err_and(|fault| fault.status == 400));
    /// ```
    ///
    /// # Errors
    ///
    /// The fault.
    pub fn into_result(self) -> core::result::Result<Success<T>, Fault> {
        match self {
            Self::Success(success) => Ok(success),
            Self::Fault(fault) => Err(fault),
        }
    }

    /// The request ID of a success or a fault.
    ///
    /// ```
    /// use ec2wire::{Reply, Success};
    ///
    /// let reply = Reply::Success(Success { output: (), request_id: Some("1".into()) });
    /// assert_eq!(reply.request_id(), Some("1"));
    /// ```
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Success(success) => success.request_id.as_deref(),
            Self::Fault(fault) => fault.request_id.as_deref(),
        }
    }
}

impl Fault {
    /// The longest [`excerpt`](Self::excerpt), in characters.
    ///
    /// ```
    /// use ec2wire::{Fault, Operation, ipam::DeleteIpam};
    ///
    /// let fault = <DeleteIpam>::decode_reply(502, &[b'x'; 9999])?.into_result().unwrap_err();
    /// assert_eq!(fault.excerpt.chars().count(), Fault::EXCERPT_CHARS);
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    pub const EXCERPT_CHARS: usize = 512;

    /// A fault with one error, for a server to send.
    ///
    /// ```
    /// let fault = ec2wire::Fault::new(400, "MissingParameter", "IpamId is required");
    /// assert_eq!(fault.to_string(), "MissingParameter: IpamId is required (HTTP 400)");
    /// ```
    pub fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        let entry = FaultEntry {
            code: code.into(),
            message: message.into(),
        };
        Self {
            status,
            errors: Vec::from([entry]),
            request_id: None,
            excerpt: String::new(),
        }
    }

    /// Sets the request ID.
    ///
    /// ```
    /// let fault = ec2wire::Fault::new(400, "InvalidAction", "no such action").with_request_id("1");
    /// assert_eq!(fault.to_string(), "InvalidAction: no such action (HTTP 400, request 1)");
    /// ```
    #[must_use]
    pub fn with_request_id(mut self, request_id: impl Into<String>) -> Self {
        self.request_id = Some(request_id.into());
        self
    }

    /// The first error's code.
    ///
    /// ```
    /// assert_eq!(ec2wire::Fault::new(400, "Blocked", "no").code(), Some("Blocked"));
    /// ```
    pub fn code(&self) -> Option<&str> {
        self.errors.first().map(|entry| entry.code.as_str())
    }

    /// The first error's message.
    ///
    /// ```
    /// assert_eq!(ec2wire::Fault::new(400, "Blocked", "no").message(), Some("no"));
    /// ```
    pub fn message(&self) -> Option<&str> {
        self.errors.first().map(|entry| entry.message.as_str())
    }

    /// Whether this is the answer to a dry run that would have succeeded.
    ///
    /// Source: the seed, `DryRun`. The code decides; the status is 412.
    ///
    /// ```
    /// assert!(ec2wire::Fault::new(412, "DryRunOperation", "").is_dry_run());
    /// ```
    pub fn is_dry_run(&self) -> bool {
        self.code() == Some("DryRunOperation")
    }

    /// The error document, as a server sends it. Like EC2's, it has no namespace.
    ///
    /// ```
    /// let body = ec2wire::Fault::new(400, "Blocked", "no").to_xml()?;
    /// assert!(body.ends_with(
    ///     "<Response><Errors><Error><Code>Blocked</Code><Message>no</Message></Error></Errors>\
    ///      </Response>"
    /// ));
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`IllegalCharacter`](crate::ErrorKind::IllegalCharacter) for text that XML cannot carry.
    pub fn to_xml(&self) -> Result<String> {
        let mut body = Vec::with_capacity(256);
        self.append_xml(&mut body)?;
        into_string(body)
    }

    /// As [`to_xml`](Self::to_xml), appended to a buffer. On an error the buffer is unchanged.
    ///
    /// ```
    /// let mut body = Vec::new();
    /// ec2wire::Fault::new(400, "Blocked", "no").append_xml(&mut body)?;
    /// assert!(body.ends_with(b"</Errors></Response>"));
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`to_xml`](Self::to_xml).
    pub fn append_xml(&self, body: &mut Vec<u8>) -> Result<()> {
        xml::append_plain(body, &ErrorDocument(self))
    }

    fn opaque(status: u16, body: &[u8]) -> Self {
        // A character has at most four bytes; this avoids reading all of a large body.
        let start = body.get(..Self::EXCERPT_CHARS * 4).unwrap_or(body);
        let excerpt = String::from_utf8_lossy(start)
            .chars()
            .take(Self::EXCERPT_CHARS)
            .collect();
        Self {
            status,
            errors: Vec::new(),
            request_id: None,
            excerpt,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, entry) in self.errors.iter().enumerate() {
            let separator = if index > 0 { "; " } else { "" };
            let code = if entry.code.is_empty() {
                "no error code"
            } else {
                &entry.code
            };
            write!(f, "{separator}{}", Shown::whole(code))?;
            if !entry.message.is_empty() {
                write!(f, ": {}", Shown::whole(&entry.message))?;
            }
        }
        if self.errors.is_empty() {
            f.write_str("no error code")?;
        }
        write!(f, " (HTTP {}", self.status)?;
        if let Some(id) = self.request_id.as_deref().filter(|id| !id.is_empty()) {
            write!(f, ", request {}", Shown::whole(id))?;
        }
        f.write_str(")")?;
        match self.excerpt.trim() {
            excerpt if self.errors.is_empty() && !excerpt.is_empty() => {
                write!(f, ": {}", Shown::word(excerpt))
            }
            _ => Ok(()),
        }
    }
}

impl core::error::Error for Fault {}

/// Encodes a success, as a server sends it.
///
/// ```
/// use ec2wire::{envelope, ipam::DeleteIpamResponse};
///
/// let response: DeleteIpamResponse = DeleteIpamResponse::default();
/// let body = envelope::encode("1", &response)?;
/// assert!(body.ends_with("<requestId>1</requestId></DeleteIpamResponse>"));
/// # Ok::<(), ec2wire::Error>(())
/// ```
///
/// # Errors
///
/// As [`xml::to_string`].
pub fn encode<T: Serialize + ?Sized>(request_id: &str, output: &T) -> Result<String> {
    let mut body = Vec::with_capacity(512);
    append(&mut body, request_id, output)?;
    into_string(body)
}

/// As [`encode`], appended to a buffer. On an error the buffer is unchanged.
///
/// It does not allocate if the buffer is reused and large enough.
///
/// ```
/// use ec2wire::{envelope, ipam::DeleteIpamResponse};
///
/// let response: DeleteIpamResponse = DeleteIpamResponse::default();
/// let mut body = Vec::new();
/// envelope::append(&mut body, "1", &response)?;
/// assert_eq!(body, envelope::encode("1", &response)?.into_bytes());
/// # Ok::<(), ec2wire::Error>(())
/// ```
///
/// # Errors
///
/// As [`xml::to_string`].
pub fn append<T: Serialize + ?Sized>(
    body: &mut Vec<u8>,
    request_id: &str,
    output: &T,
) -> Result<()> {
    xml::append_response(body, request_id, output)
}

/// Decodes a whole HTTP response with the default options. [The module](self) lists the results.
///
/// [`Operation::decode_reply`](crate::Operation::decode_reply) calls it for the operation's type.
/// Strings borrow from the body if the type's do, as [`Text`](crate::Text) does.
///
/// ```
/// use ec2wire::{envelope, ipam::DeleteIpamResponse};
///
/// let body = b"<DeleteIpamResponse><requestId>1</requestId></DeleteIpamResponse>";
/// let reply = envelope::decode::<DeleteIpamResponse>(200, body)?;
/// assert_eq!(reply.request_id(), Some("1"));
/// # Ok::<(), ec2wire::Error>(())
/// ```
///
/// # Errors
///
/// Those in the table of [the module](self). Within a document, those of [`xml::from_str`].
pub fn decode<'de, T: Deserialize<'de>>(status: u16, body: &'de [u8]) -> Result<Reply<T>> {
    decode_with(xml::Options::new(), status, body)
}

/// As [`decode`], with the given options.
///
/// ```
/// use ec2wire::{Limits, envelope, ipam::DeleteIpamResponse, xml};
///
/// let options = xml::Options::new().limits(Limits { bytes: 8, ..xml::Options::LIMITS });
/// let body = b"<DeleteIpamResponse/>";
/// assert!(envelope::decode_with::<DeleteIpamResponse>(options, 200, body).is_err());
/// ```
///
/// # Errors
///
/// As [`decode`], for these options.
pub fn decode_with<'de, T: Deserialize<'de>>(
    options: xml::Options,
    status: u16,
    body: &'de [u8],
) -> Result<Reply<T>> {
    decode_seed(options, PhantomData::<T>, status, body)
}

/// As [`decode_with`], with a seed for the output of a success.
///
/// ```
/// use ec2wire::{envelope, ipam::DeleteIpamResponse, xml};
/// use std::marker::PhantomData;
///
/// let seed = PhantomData::<DeleteIpamResponse>;
/// let reply = envelope::decode_seed(xml::Options::new(), seed, 200, b"<DeleteIpamResponse/>")?;
/// assert_eq!(reply.request_id(), None);
/// # Ok::<(), ec2wire::Error>(())
/// ```
///
/// # Errors
///
/// As [`decode_with`].
pub fn decode_seed<'de, S: DeserializeSeed<'de>>(
    options: xml::Options,
    seed: S,
    status: u16,
    body: &'de [u8],
) -> Result<Reply<S::Value>> {
    let is_success = (200..300).contains(&status);
    let text = match options.utf8(body) {
        Ok(text) => text,
        Err(error) if is_success || looks_like_ec2(body) => return Err(error),
        Err(_) => return Ok(Reply::Fault(Fault::opaque(status, body))),
    };
    match options.root_name(text) {
        Ok("Response" | "ErrorResponse") => {
            let (errors, request_id) = options.any_root().from_str_with_id::<Errors>(text)?;
            Ok(Reply::Fault(Fault {
                status,
                errors: errors.0,
                request_id: request_id.map(crate::Text::into_owned),
                excerpt: String::new(),
            }))
        }
        Ok(_) if is_success => {
            let (output, request_id) = options.from_str_seed(seed, text)?;
            let request_id = request_id.map(crate::Text::into_owned);
            Ok(Reply::Success(Success { output, request_id }))
        }
        Err(error) if is_success || looks_like_ec2(body) => Err(error),
        Ok(_) | Err(_) => Ok(Reply::Fault(Fault::opaque(status, body))),
    }
}

/// Whether the body is EC2's error document, or the start of one, so that damage in it must be reported.
/// Only a prolog like EC2's may precede the root.
fn looks_like_ec2(body: &[u8]) -> bool {
    const DECLARATION: &[u8] = b"<?xml";
    const ROOTS: [&[u8]; 2] = [b"<Response", b"<ErrorResponse"];

    let start = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let mut root = start.trim_ascii_start();
    if root.is_empty() {
        return false;
    }
    if root.starts_with(DECLARATION) {
        let Some(end) = root.windows(2).position(|window| window == b"?>") else {
            return true;
        };
        root = root.get(end + 2..).unwrap_or_default().trim_ascii_start();
    }
    ROOTS.iter().any(|name| match root.strip_prefix(*name) {
        Some(after) => !after.first().is_some_and(|&byte| xml::is_name_byte(byte)),
        None => name.starts_with(root),
    }) || DECLARATION.starts_with(root)
}

/// The errors of an error document: `<Errors><Error>..` or a bare `<Error>`.
struct Errors(Vec<FaultEntry>);

impl<'de> Deserialize<'de> for Errors {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ErrorsVisitor;

        impl<'de> Visitor<'de> for ErrorsVisitor {
            type Value = Errors;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an error document")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut errors = Vec::new();
                while let Some(name) = map.next_key::<crate::Text<'de>>()? {
                    match name.as_str() {
                        "Errors" => errors.append(&mut map.next_value::<Errors>()?.0),
                        "Error" => errors.push(map.next_value()?),
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(Errors(errors))
            }
        }

        deserializer.deserialize_map(ErrorsVisitor)
    }
}

impl<'de> Deserialize<'de> for FaultEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Entry {
            #[serde(default)]
            code: String,
            #[serde(default)]
            message: String,
        }

        let Entry { code, message } = Entry::deserialize(deserializer)?;
        Ok(Self { code, message })
    }
}

/// `<Response>` with a fault's errors.
struct ErrorDocument<'f>(&'f Fault);

/// The errors as children of the same name. A list would name them `<item>`.
struct ErrorChildren<'f>(&'f [FaultEntry]);

impl Serialize for ErrorDocument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut document = serializer.serialize_struct("Response", 2)?;
        document.serialize_field("Errors", &ErrorChildren(&self.0.errors))?;
        document.serialize_field("RequestID", &self.0.request_id)?;
        document.end()
    }
}

impl Serialize for ErrorChildren<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut errors = serializer.serialize_map(Some(self.0.len()))?;
        for entry in self.0 {
            errors.serialize_entry("Error", entry)?;
        }
        errors.end()
    }
}

impl Serialize for FaultEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entry = serializer.serialize_struct("Error", 2)?;
        entry.serialize_field("Code", &self.code)?;
        entry.serialize_field("Message", &self.message)?;
        entry.end()
    }
}
