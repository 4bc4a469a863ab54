//! Requests: the `application/x-www-form-urlencoded` bodies of the EC2 Query protocol.
//!
//! A structure's members become `key=value` pairs. A key is the path to the member, joined by
//! dots; each part is the member's serde name with its first letter upper-cased. Lists have no
//! wrapper: their entries follow the list's own key as `.1`, `.2` and so on.
//!
//! ```
//! use ec2wire::form;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Debug, PartialEq, Serialize, Deserialize)]
//! struct CreateTags {
//!     #[serde(rename = "ResourceId")]
//!     resources: Vec<String>,
//!     #[serde(rename = "Tag", default)]
//!     tags: Vec<Tag>,
//! }
//!
//! #[derive(Debug, PartialEq, Serialize, Deserialize)]
//! struct Tag {
//!     key: String,
//!     value: Option<String>,
//! }
//!
//! let request = CreateTags {
//!     resources: vec!["vpc-1".into()],
//!     tags: vec![Tag { key: "Name".into(), value: Some("a b".into()) }],
//! };
//! let body = form::to_string(&request)?;
//! assert_eq!(body, "ResourceId.1=vpc-1&Tag.1.Key=Name&Tag.1.Value=a%20b");
//! assert_eq!(form::from_str::<CreateTags>(&body)?, request);
//! # Ok::<(), ec2wire::Error>(())
//! ```
//!
//! # What is written
//!
//! | value | on the wire |
//! |---|---|
//! | `None`, `()`, an empty list | nothing: EC2 refuses `Filter=` |
//! | an empty string | `Key=` |
//! | booleans | `true`, `false` |
//! | bytes | base64 |
//! | floats | decimal, `NaN`, `Infinity`, `-Infinity` |
//! | text | RFC 3986: `A-Z a-z 0-9 - . _ ~` stand bare, all else is `%XX`, a space is `%20` |
//! | a list entry that would write nothing | an error: the entries after it would leave a gap |
//!
//! # What is read
//!
//! Decoding is strict unless [`Options::lenient`] says otherwise.
//!
//! | input | strict | lenient |
//! |---|---|---|
//! | `+` and `%20` | a space | a space |
//! | pairs in any order | accepted | accepted |
//! | an unknown key | [`UnknownMember`](crate::ErrorKind::UnknownMember), as in EC2 | ignored |
//! | a repeated key | [`RepeatedMember`](crate::ErrorKind::RepeatedMember) | the first counts |
//! | list indexes with a gap, or from 0 | an error | accepted in numeric order |
//! | a list index with leading zeros | [`BadIndex`](crate::ErrorKind::BadIndex) | accepted |
//! | `&&`, a leading or trailing `&` | [`EmptyPair`](crate::ErrorKind::EmptyPair) | ignored |
//! | a pair without `=` | [`MissingEquals`](crate::ErrorKind::MissingEquals) | an empty value |
//! | booleans `True`, `1` and the like | [`InvalidScalar`](crate::ErrorKind::InvalidScalar) | accepted |
//! | `%zz`, `%4` | [`BadPercentEscape`](crate::ErrorKind::BadPercentEscape) | the same error |
//! | `%FF` and other bad UTF-8 | [`InvalidUtf8`](crate::ErrorKind::InvalidUtf8) | the same error |
//! | a bare control character or space | [`BareCharacter`](crate::ErrorKind::BareCharacter) | accepted |
//! | a key that is both a value and a prefix | an error | an error |
//!
//! The common parameters (`Action`, `Version`, and those of a signature in the query string) are
//! read where the type has such members and skipped where it has not.
//!
//! A structure with `#[serde(flatten)]` sees the keys as they are on the wire, so the flattened
//! members' names must begin with a capital letter.

mod call;
mod de;
mod escape;
mod group;
mod options;
mod ser;

pub use call::Call;
pub use options::Options;

#[cfg(feature = "std")]
use crate::Error;
use crate::Result;
use crate::scalar::into_string;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Encodes a structure or map as a request body.
///
/// Fails where the value has no form on the wire: a list entry without members, an enum variant
/// with data, a list of nothing but `None`.
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    into_string(to_vec(value)?)
}

/// Encodes a structure or map as a request body in bytes. See [`to_string`].
pub fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>> {
    let mut body = Vec::with_capacity(128);
    append(&mut body, value)?;
    Ok(body)
}

/// Appends the encoded value to a buffer, with an `&` between where the buffer is not empty.
///
/// No memory is allocated where the buffer's capacity is enough. On an error the buffer is left as
/// it was.
///
/// ```
/// let mut body = Vec::from("Action=DescribeVpcs&Version=2016-11-15");
/// ec2wire::form::append(&mut body, &[("MaxResults", 5)].into_iter().collect::<std::collections::BTreeMap<_, _>>())?;
/// assert_eq!(body, b"Action=DescribeVpcs&Version=2016-11-15&MaxResults=5");
/// # Ok::<(), ec2wire::Error>(())
/// ```
pub fn append<T: Serialize + ?Sized>(body: &mut Vec<u8>, value: &T) -> Result<()> {
    let before = body.len();
    match value.serialize(ser::Root::new(body, before > 0)) {
        Ok(_) => Ok(()),
        Err(error) => {
            body.truncate(before);
            Err(error)
        }
    }
}

/// Appends a whole call: `Action` and `Version`, then the encoded value.
///
/// [`Operation::append_body`](crate::Operation::append_body) calls it with the operation's names.
/// On an error the buffer is left as it was.
pub fn append_call<T: Serialize + ?Sized>(
    body: &mut Vec<u8>,
    action: &str,
    version: &str,
    value: &T,
) -> Result<()> {
    let before = body.len();
    if before > 0 {
        body.push(b'&');
    }
    body.extend_from_slice(b"Action=");
    escape::append_escaped(body, action);
    body.extend_from_slice(b"&Version=");
    escape::append_escaped(body, version);
    append(body, value).inspect_err(|_| body.truncate(before))
}

/// Encodes into a writer. See [`to_string`]; nothing is written when encoding fails.
#[cfg(feature = "std")]
pub fn to_writer<W: std::io::Write, T: Serialize + ?Sized>(mut writer: W, value: &T) -> Result<()> {
    writer
        .write_all(&to_vec(value)?)
        .map_err(|error| Error::from_write(&error))
}

/// Decodes a request body strictly, with the default limits. See [`Options`] for others.
pub fn from_str<'de, T: Deserialize<'de>>(body: &'de str) -> Result<T> {
    Options::new().from_str(body)
}

/// Decodes a request body from bytes, which must be UTF-8. See [`from_str`].
pub fn from_slice<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Result<T> {
    Options::new().from_slice(body)
}
