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
//! | value | on the wire |
//! |---|---|
//! | `None`, `()` | nothing |
//! | an empty list | `<tagSet/>` |
//! | an empty string | `<value></value>` |
//! | text | `<`, `>`, `&` and carriage returns escaped |
//! | a character that XML 1.0 cannot carry | [`IllegalCharacter`](crate::ErrorKind::IllegalCharacter) |
//!
//! # What is read
//!
//! | input | decision |
//! |---|---|
//! | white space, comments, processing instructions, a byte order mark | passed over |
//! | text, CDATA and references in any mixture, comments between them | one text |
//! | CRLF and CR in text | LF |
//! | members in any order, unknown elements, attributes, namespace prefixes | accepted, checked for well-formedness, ignored |
//! | `<tagSet/>` and `<tagSet></tagSet>` | an empty list |
//! | a repeated member | [`RepeatedMember`](crate::ErrorKind::RepeatedMember) |
//! | text between the members | [`UnexpectedText`](crate::ErrorKind::UnexpectedText) |
//! | a list's child that is not `item` | [`UnexpectedElement`](crate::ErrorKind::UnexpectedElement) |
//! | a reference to a control character, `&#x1F;` | accepted, as AWS has sent it; refused when [`strict`](Options::strict) |
//! | `&#0;`, surrogates, beyond U+10FFFF, a bare control character | [`IllegalCharacter`](crate::ErrorKind::IllegalCharacter) |
//! | an entity that XML does not predefine | [`UnknownEntity`](crate::ErrorKind::UnknownEntity) |
//! | a DOCTYPE | [`Doctype`](crate::ErrorKind::Doctype): nothing is ever expanded |
//! | another root than expected | [`WrongRoot`](crate::ErrorKind::WrongRoot) |
//! | truncation anywhere | [`Truncated`](crate::ErrorKind::Truncated) |
//! | mismatched tags, anything behind the root | an error |
//! | a body that is empty, JSON or plain text | [`NotXml`](crate::ErrorKind::NotXml) |

mod de;
mod escape;
mod options;
mod scan;
mod ser;

pub use options::Options;

#[cfg(feature = "std")]
use crate::Error;
use crate::Result;
use crate::scalar::into_string;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// The namespace of EC2's responses, with the slash at the end that EC2 sends and its service
/// model leaves out.
pub const EC2_NAMESPACE: &str = "http://ec2.amazonaws.com/doc/2016-11-15/";

const DECLARATION: &[u8] = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// Encodes a structure as a document; its serde name is the root's name.
///
/// Fails on characters that XML cannot carry, and on values that have no form: a scalar or list as
/// the root, an enum variant with data, a `None` inside a list.
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    into_string(to_vec(value)?)
}

/// Encodes a structure as a document in bytes. See [`to_string`].
pub fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>> {
    let mut body = Vec::with_capacity(512);
    append(&mut body, value)?;
    Ok(body)
}

/// Appends the encoded document to a buffer. On an error the buffer is left as it was.
///
/// No memory is allocated where the buffer's capacity is enough.
pub fn append<T: Serialize + ?Sized>(body: &mut Vec<u8>, value: &T) -> Result<()> {
    let envelope = ser::Envelope {
        xmlns: Some(EC2_NAMESPACE),
        ..ser::Envelope::default()
    };
    append_with(body, envelope, value)
}

/// Encodes into a writer. See [`to_string`]; nothing is written when encoding fails.
#[cfg(feature = "std")]
pub fn to_writer<W: std::io::Write, T: Serialize + ?Sized>(mut writer: W, value: &T) -> Result<()> {
    writer
        .write_all(&to_vec(value)?)
        .map_err(|error| Error::from_write(&error))
}

/// A success: the document with its `<requestId>` in front of the members.
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

/// A document whose root has no namespace: EC2's errors.
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
    value
        .serialize(ser::Root {
            out: body,
            envelope,
        })
        .inspect_err(|_| body.truncate(before))
}

/// Decodes a document whose root has the type's serde name. See [`Options`] for other ways.
pub fn from_str<'de, T: Deserialize<'de>>(body: &'de str) -> Result<T> {
    Options::new().from_str(body)
}

/// Decodes a document from bytes, which must be UTF-8. See [`from_str`].
pub fn from_slice<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Result<T> {
    Options::new().from_slice(body)
}
