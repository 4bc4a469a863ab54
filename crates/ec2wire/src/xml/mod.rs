//! Responses: the XML bodies of the EC2 Query protocol.
//!
//! A structure's members are child elements under their serde names, lists are `<item>` elements,
//! and the root is named as the structure. The root carries EC2's namespace on encoding and any or
//! none on decoding.
//!
//! ```
//! use ec2wire::xml;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Debug, PartialEq, Serialize, Deserialize)]
//! #[serde(rename_all = "camelCase")]
//! struct DescribeRegionsResponse {
//!     region_info: Vec<Region>,
//! }
//!
//! #[derive(Debug, PartialEq, Serialize, Deserialize)]
//! #[serde(rename_all = "camelCase")]
//! struct Region {
//!     region_name: String,
//! }
//!
//! let body = "<DescribeRegionsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
//!     <regionInfo><item><regionName>us-east-1</regionName></item></regionInfo>\
//!     </DescribeRegionsResponse>";
//! let response: DescribeRegionsResponse = xml::from_str(body)?;
//! assert_eq!(response.region_info[0].region_name, "us-east-1");
//! assert!(xml::to_string(&response)?.ends_with(body));
//! # Ok::<(), ec2wire::Error>(())
//! ```
//!
//! # What is written
//!
//! Every row is tested.
//!
//! | value | on the wire |
//! |---|---|
//! | `None`, `()` | nothing |
//! | an empty list | `<tagSet/>` |
//! | an empty string | `<value></value>` |
//! | booleans | `true`, `false` |
//! | integers | decimal |
//! | floats | decimal, without an exponent; `NaN`, `Infinity`, `-Infinity` |
//! | bytes | base64, padded |
//! | timestamps | the text that their type writes: EC2 sends ISO 8601 with a `Z`, which is what `jiff::Timestamp` writes |
//! | text | `<`, `>`, `&` and carriage returns escaped |
//! | members | in the type's order, after `requestId` in [a response](crate::envelope::encode): any order is legal |
//! | a list entry that would write nothing | [`EmptyListEntry`]: the entries after it would move up |
//! | a character that XML 1.0 cannot carry | [`IllegalCharacter`] |
//!
//! # What is read
//!
//! Decoding accepts everything that AWS is known to send, and refuses damage. Every row is tested. An
//! error has the path and the byte offset.
//!
//! | input | decision | why |
//! |---|---|---|
//! | white space, comments and processing instructions | passed over | EC2 indented its responses until 2025, and now sends them on one line |
//! | a byte order mark | passed over | harmless; the JavaScript SDK refuses it |
//! | an XML declaration, or none; UTF-8 or US-ASCII | accepted | XML makes it optional; EC2 sends one |
//! | another encoding, as UTF-16 | [`InvalidUtf8`], [`Malformed`] or [`NotXml`] | EC2 sends UTF-8; a guess would garble the text |
//! | a damaged declaration, or one not at the start | [`Malformed`] | XML forbids it, and nothing may precede it |
//! | bytes that are not UTF-8, overlong UTF-8 | [`InvalidUtf8`] | a replacement would hide the damage |
//! | text, CDATA and references in any mixture | one text | XML defines it so; the Rust SDK loses CDATA, and text after a comment |
//! | the five predefined entities, numeric references | the character | the JavaScript SDK reads `&#x1F600;` as U+F600 |
//! | a reference to a control character, `&#x1F;` | the character; [`IllegalCharacter`] when [`strict`](Options::strict) | XML forbids it, but AWS's S3 has sent it |
//! | `&#0;`, `&#x110000;`, surrogates, `&#xFFFE;` | [`IllegalCharacter`] | not a character of XML, and AWS is not known to send one |
//! | an unescaped control character, U+FFFE, U+FFFF | [`IllegalCharacter`] | XML forbids it, and AWS is not known to send one |
//! | an `&` that does not begin a complete reference | [`Malformed`] | damage: EC2 escapes `&` |
//! | an entity that XML does not predefine | [`UnknownEntity`] | only a DOCTYPE could define it; the JavaScript SDK drops it |
//! | a DOCTYPE | [`Doctype`] | AWS is not known to send one; nothing is ever expanded or fetched |
//! | another declaration | [`Malformed`] | only a DOCTYPE may contain it |
//! | CRLF and CR in text | LF; as a reference, CR | XML defines it so; the Rust SDK does not do it |
//! | white space around a text | kept | it may be intended: the value of a tag can be a space |
//! | attributes, namespaces and prefixes of any name | accepted, without meaning | EC2's namespace ends in a slash, but not in its model |
//! | a damaged attribute | [`Malformed`] | XML forbids it; the first eight attributes of a tag are checked for repeats |
//! | members in any order, unknown elements | accepted, ignored | AWS documents that the order may vary, and it adds members |
//! | damage inside an unknown element | [`MismatchedEndTag`], [`Malformed`] | nothing is skipped unchecked |
//! | `<set/>`, `<set></set>` | an empty list | EC2 sends the first one; a missing list is `None` |
//! | an empty element for a text or structure | an empty text, no members | an element that is present is not `None` |
//! | a missing member | `None` or the type's default | EC2's model requires no member of any response |
//! | a missing member that the type requires | [`MissingMember`] | the type says so |
//! | a repeated member | [`RepeatedMember`] | EC2 writes no list like this; SDKs take the last, make a list, or refuse. If the type is a map, the last one counts |
//! | a list's child that is not `item` | [`UnexpectedElement`] | all of EC2's lists use `item` |
//! | text between members or list entries | [`UnexpectedText`] | damage, or another type |
//! | elements inside a text | [`ExpectedScalar`] | damage, or another type |
//! | a boolean or integer in another spelling, or out of range | [`InvalidScalar`] | EC2 sends `true`, `false` and plain decimals |
//! | an integer with a minus or with leading zeros | the number | it is unambiguous |
//! | floats as `0.5`, `1e5`, `1.0E-10`; `NaN`, `Infinity`, `-Infinity` | the number | Java and Python write large and small ones with an exponent |
//! | floats as `5.`, `.5`, `+5`, `inf`, `-NaN`, or out of range, `1e39` | [`InvalidScalar`] | AWS is not known to send one; a number out of range would become infinite |
//! | base64 without padding, with line breaks, of the URL alphabet, or with bits to spare | [`InvalidScalar`] | tolerating it would hide damage, and AWS is not known to send it |
//! | a timestamp | its text | the member's type parses it |
//! | a root other than the type's | [`WrongRoot`] | another action's response, or an error; [`any_root`](Options::any_root) accepts it, and so do types without a name: a map, a list, a scalar, `()`, a structure with `flatten` |
//! | mismatched tags | [`MismatchedEndTag`] | damage; the Rust SDK accepts it |
//! | markup that is not well-formed | [`Malformed`] | damage |
//! | text or an end tag in front of the root | [`Malformed`] | damage |
//! | junk behind the root | [`TrailingContent`] | damage, or two responses in one; the Rust and JavaScript SDKs accept it |
//! | truncation anywhere | [`Truncated`] | half an ID is worse than none; the Rust SDK accepts it, rusoto hangs |
//! | an empty body, JSON, plain text | [`NotXml`] | a proxy may have sent it |
//! | an HTML page | [`WrongRoot`], [`Doctype`] | a proxy sent it; botocore and the JavaScript SDK take it for a success |
//! | more than 64 MiB, 4,194,304 elements or 64 levels | [`LimitExceeded`] | [`Options::limits`] sets others, up to 128 levels; EC2's own shapes stay below 16 |
//!
//! # Structures with `#[serde(flatten)]`
//!
//! serde treats such a structure as a map, and the flattened members as untyped strings. So
//!
//! - it is decoded from any root, because a map has no name to check the root against;
//! - it cannot be encoded as a root, for the same reason: that is [`Unsupported`]. Use `flatten` only
//!   below the root;
//! - a flattened boolean or number cannot be decoded directly. The error says that a string was found,
//!   but not in which member. [The form module](crate::form#structures-with-serdeflatten) shows what to
//!   do.
//!
//! [`Doctype`]: crate::ErrorKind::Doctype
//! [`EmptyListEntry`]: crate::ErrorKind::EmptyListEntry
//! [`ExpectedScalar`]: crate::ErrorKind::ExpectedScalar
//! [`IllegalCharacter`]: crate::ErrorKind::IllegalCharacter
//! [`InvalidScalar`]: crate::ErrorKind::InvalidScalar
//! [`InvalidUtf8`]: crate::ErrorKind::InvalidUtf8
//! [`LimitExceeded`]: crate::ErrorKind::LimitExceeded
//! [`Malformed`]: crate::ErrorKind::Malformed
//! [`MismatchedEndTag`]: crate::ErrorKind::MismatchedEndTag
//! [`MissingMember`]: crate::ErrorKind::MissingMember
//! [`NotXml`]: crate::ErrorKind::NotXml
//! [`RepeatedMember`]: crate::ErrorKind::RepeatedMember
//! [`TrailingContent`]: crate::ErrorKind::TrailingContent
//! [`Truncated`]: crate::ErrorKind::Truncated
//! [`UnexpectedElement`]: crate::ErrorKind::UnexpectedElement
//! [`UnexpectedText`]: crate::ErrorKind::UnexpectedText
//! [`UnknownEntity`]: crate::ErrorKind::UnknownEntity
//! [`Unsupported`]: crate::ErrorKind::Unsupported
//! [`WrongRoot`]: crate::ErrorKind::WrongRoot

mod de;
mod decode;
mod escape;
mod name;
mod options;
mod scan;
mod ser;

pub(crate) use name::is_name_byte;

pub use options::Options;

#[cfg(feature = "std")]
use crate::Error;
use crate::Result;
use crate::scalar::into_string;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// The header `Content-Type` of EC2's responses. The response to a dry run was observed without it.
///
/// ```
/// assert!(ec2wire::xml::CONTENT_TYPE.starts_with("text/xml"));
/// ```
pub const CONTENT_TYPE: &str = "text/xml;charset=UTF-8";

/// The namespace of EC2's responses. EC2 sends it with a slash at the end, unlike its service model.
///
/// ```
/// use ec2wire::{ipam::CreateIpamPolicyResponse, xml};
///
/// let response: CreateIpamPolicyResponse = CreateIpamPolicyResponse::default();
/// assert!(xml::to_string(&response)?.contains(xml::EC2_NAMESPACE));
/// # Ok::<(), ec2wire::Error>(())
/// ```
pub const EC2_NAMESPACE: &str = "http://ec2.amazonaws.com/doc/2016-11-15/";

const DECLARATION: &[u8] = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// Encodes a structure as a document. Its serde name is the name of the root.
///
/// ```
/// use ec2wire::{ipam::CreateIpamPolicyResponse, xml};
///
/// let response: CreateIpamPolicyResponse = CreateIpamPolicyResponse::default();
/// assert_eq!(
///     xml::to_string(&response)?,
///     "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CreateIpamPolicyResponse \
///      xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"></CreateIpamPolicyResponse>",
/// );
/// # Ok::<(), ec2wire::Error>(())
/// ```
///
/// # Errors
///
/// - [`IllegalCharacter`](crate::ErrorKind::IllegalCharacter) for text that XML cannot carry;
/// - [`EmptyListEntry`](crate::ErrorKind::EmptyListEntry) for a `None` in a list;
/// - [`Unsupported`](crate::ErrorKind::Unsupported) for a root that is not a structure, an enum variant
///   with data, and map keys that are not strings, integers or booleans;
/// - [`IllegalName`](crate::ErrorKind::IllegalName) for a name that no element can have;
/// - [`Custom`](crate::ErrorKind::Custom) from the type's own `Serialize`.
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    into_string(to_vec(value)?)
}

/// Encodes a structure as a document in bytes.
///
/// ```
/// use ec2wire::{ipam::CreateIpamPolicyResponse, xml};
///
/// let response: CreateIpamPolicyResponse = CreateIpamPolicyResponse::default();
/// assert!(xml::to_vec(&response)?.ends_with(b"</CreateIpamPolicyResponse>"));
/// # Ok::<(), ec2wire::Error>(())
/// ```
///
/// # Errors
///
/// As [`to_string`].
pub fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>> {
    let mut body = Vec::with_capacity(512);
    append(&mut body, value)?;
    Ok(body)
}

/// Appends the encoded document to a buffer. On an error the buffer is unchanged.
///
/// It does not allocate if the buffer held the same value before, or has room for 96 bytes more than
/// the text. There are two exceptions: a map allocates for its keys, and the type's own `Serialize`
/// may allocate.
///
/// ```
/// use ec2wire::{ipam::CreateIpamPolicyResponse, xml};
///
/// let response: CreateIpamPolicyResponse = CreateIpamPolicyResponse::default();
/// let mut answer = Vec::from("HTTP/1.1 200 OK\r\n\r\n");
/// xml::append(&mut answer, &response)?;
/// assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n\r\n<?xml"));
/// # Ok::<(), ec2wire::Error>(())
/// ```
///
/// # Errors
///
/// As [`to_string`].
pub fn append<T: Serialize + ?Sized>(body: &mut Vec<u8>, value: &T) -> Result<()> {
    let envelope = ser::Envelope {
        xmlns: Some(EC2_NAMESPACE),
        ..ser::Envelope::default()
    };
    append_with(body, envelope, value)
}

/// Encodes into a writer. If encoding fails, nothing is written.
///
/// ```
/// use ec2wire::{ErrorKind, ipam::{CreateIpamPolicyResponse, IpamPolicy}, xml};
///
/// let mut body = Vec::new();
/// let policy = IpamPolicy { ipam_id: Some("\u{1F}"), ..IpamPolicy::default() };
/// let response = CreateIpamPolicyResponse { ipam_policy: Some(policy) };
/// let error = xml::to_writer(&mut body, &response).unwrap_err();
/// assert_eq!(*error.kind(), ErrorKind::IllegalCharacter(0x1F));
/// assert_eq!(body, b"");
/// ```
///
/// # Errors
///
/// As [`to_string`], and [`Write`](crate::ErrorKind::Write) if the writer fails.
#[cfg(feature = "std")]
pub fn to_writer<W: std::io::Write, T: Serialize + ?Sized>(mut writer: W, value: &T) -> Result<()> {
    writer
        .write_all(&to_vec(value)?)
        .map_err(|error| Error::from_write(&error))
}

/// Appends a success: the document with a `<requestId>` before the members.
pub(crate) fn append_response<T: Serialize + ?Sized>(
    body: &mut Vec<u8>,
    request_id: &str,
    value: &T,
) -> Result<()> {
    let envelope = ser::Envelope {
        xmlns: Some(EC2_NAMESPACE),
        request_id: Some(request_id),
    };
    append_with(body, envelope, value)
}

/// Appends a document whose root has no namespace, as EC2's errors have none.
pub(crate) fn append_plain<T: Serialize + ?Sized>(body: &mut Vec<u8>, value: &T) -> Result<()> {
    append_with(body, ser::Envelope::default(), value)
}

fn append_with<T: Serialize + ?Sized>(
    body: &mut Vec<u8>,
    envelope: ser::Envelope<'_>,
    value: &T,
) -> Result<()> {
    let before = body.len();
    body.extend_from_slice(DECLARATION);
    let mut writer = ser::Writer::new(body);
    let root = ser::Root {
        writer: &mut writer,
        envelope,
    };
    let result = value.serialize(root);
    drop(writer);
    result.inspect_err(|_| body.truncate(before))
}

/// Decodes a document whose root has the type's serde name. See [`Options`] for other settings.
///
/// ```
/// use ec2wire::{ErrorKind, ipam::DeleteIpamResponse, xml};
///
/// let response: DeleteIpamResponse = xml::from_str("<DeleteIpamResponse/>")?;
/// assert_eq!(response.ipam, None);
/// let error = xml::from_str::<DeleteIpamResponse>("<DeleteIpamResponse>").unwrap_err();
/// assert!(matches!(error.kind(), ErrorKind::Truncated(_)));
/// # Ok::<(), ec2wire::Error>(())
/// ```
///
/// # Errors
///
/// [The module](self#what-is-read) lists them. The type's own `Deserialize` may add
/// [`Custom`](crate::ErrorKind::Custom).
pub fn from_str<'de, T: Deserialize<'de>>(body: &'de str) -> Result<T> {
    Options::new().from_str(body)
}

/// Decodes a document from bytes, which must be UTF-8.
///
/// ```
/// use ec2wire::{ipam::DeleteIpamResponse, xml};
///
/// let response: DeleteIpamResponse = xml::from_slice(b"<DeleteIpamResponse/>")?;
/// assert_eq!(response.ipam, None);
/// # Ok::<(), ec2wire::Error>(())
/// ```
///
/// # Errors
///
/// As [`from_str`].
pub fn from_slice<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Result<T> {
    Options::new().from_slice(body)
}
