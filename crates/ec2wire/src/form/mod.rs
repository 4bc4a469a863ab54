//! Requests: the `application/x-www-form-urlencoded` bodies of the EC2 Query protocol.
//!
//! A structure's members become `key=value` pairs. A key is the path to the member, joined by dots.
//! Each part is the member's serde name with its first letter in upper case. A list entry has its
//! index after the list's own key: `.1`, `.2` and so on.
//!
//! No other letter changes. A field `vpc_ids` without a `rename` becomes `Vpc_ids`, which EC2 does not
//! accept, and `#[serde(rename_all = "PascalCase")]` makes it `VpcIds`. EC2 writes lists in the
//! singular, so this field needs `#[serde(rename = "VpcId")]`.
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
//! Every row is tested.
//!
//! | value | on the wire |
//! |---|---|
//! | `None`, `()`, an empty list | nothing: EC2 refuses `Filter=` |
//! | an empty string | `Key=` |
//! | booleans | `true`, `false` |
//! | integers | decimal |
//! | floats | decimal, without an exponent; `NaN`, `Infinity`, `-Infinity` |
//! | bytes | base64, padded, its `+`, `/` and `=` escaped |
//! | timestamps | the text that their type writes: EC2 accepts ISO 8601 with a `Z`, which is what `jiff::Timestamp` writes |
//! | text | RFC 3986: `A-Z a-z 0-9 - . _ ~` are not escaped, everything else is `%XX`, a space is `%20` |
//! | members | in the type's order, after `Action` and `Version` in a [whole call](append_call): EC2 accepts any order |
//! | a list entry that would write nothing | [`EmptyListEntry`]: the entries after it would leave a gap |
//!
//! # What is read
//!
//! Decoding is strict unless [`Options::lenient`] is set. Every row is tested. An error has the path
//! and the byte offset.
//!
//! | input | strict | lenient | why |
//! |---|---|---|---|
//! | an empty body | no members | no members | EC2 documents `MissingAction` for it; the type says which members are required |
//! | pairs in any order | accepted | accepted | SDKs use the model's order or the caller's, or sort by key |
//! | `+` and `%20`; `%2B` | a space; a plus | a space; a plus | botocore, Go and rusoto send `+`, the others `%20` |
//! | escapes in lower case, in a key, or of unreserved characters | undone | undone | clients differ: rusoto escapes `~`, all others escape `*` |
//! | an unescaped `*`, `/` or `é`, a second `=` | as it stands | as it stands | rusoto does not escape `*`; none of these is ambiguous |
//! | an unescaped space or control character | [`BareCharacter`] | as it stands | SDKs escape them; the body was probably assembled by hand |
//! | `%00` | U+0000 | U+0000 | requests can carry it, but responses cannot |
//! | `%zz`, `%4`, `%` | [`BadPercentEscape`] | [`BadPercentEscape`] | keeping it would hide damage |
//! | `%FF`, overlong UTF-8, surrogates, bytes that are not UTF-8 | [`InvalidUtf8`] | [`InvalidUtf8`] | LocalStack and moto keep `%FF`, `serde_urlencoded` makes it U+FFFD: the text is lost |
//! | `&&`, an `&` at either end | [`EmptyPair`] | ignored | no SDK is known to send one; form parsers skip it |
//! | a pair without `=` | [`MissingEquals`] | an empty value | no SDK is known to send one, and a truncated body can end like this |
//! | `=`, `=a` | [`EmptyKey`] | [`EmptyKey`] | belongs to no member |
//! | an empty part of a key where a member or an index is expected | [`EmptyKey`] | [`EmptyKey`] | belongs to no member |
//! | an empty value | an empty text | an empty text | SDKs send `Key=` for an empty text and nothing for an absent one |
//! | an unknown key | [`UnknownMember`] | ignored | EC2 answers `UnknownParameter`; LocalStack and moto ignore it |
//! | an unknown key with an empty part, or with more parts than are allowed | [`UnknownMember`] | ignored | it is not decoded, so its form does not matter |
//! | a key in another case | [`UnknownMember`] | ignored | EC2 documents its parameters as case-sensitive |
//! | a `?` or byte order mark in front | [`UnknownMember`] | ignored | it is part of the first key |
//! | the query string of a GET | accepted | accepted | EC2 documents GET; the common parameters and a signature's belong to every action |
//! | another `Action` or `Version` than the type's | accepted | accepted | the server checks [`Call::action`] and [`Call::version`], dispatches, and answers `NoSuchVersion` |
//! | a common parameter with more parts | [`UnknownMember`] | ignored | no common parameter is a list or structure |
//! | a repeated key | [`RepeatedMember`] | the first counts | EC2 was observed to answer "may only be specified once"; LocalStack and moto take the first |
//! | a gap in a list's indexes | [`IndexGap`] | in order of index | EC2's answer is unknown; LocalStack and moto drop the entries after the gap |
//! | index 0 | [`BadIndex`] | in order of index | EC2 documents indexes from 1, and was observed to accept `Filter.0`; LocalStack and moto lose the list |
//! | an index with leading zeros | [`BadIndex`] | as without | EC2's answer is unknown; LocalStack and moto lose the list |
//! | one index in two spellings | [`BadIndex`] | [`RepeatedMember`] | it is ambiguous which entry is meant |
//! | a huge index, `Tag.4294967295` | [`IndexGap`] | one entry | a list's size is never taken from an index |
//! | a larger index, or one that is not a number | [`BadIndex`] | [`BadIndex`] | no list has such an entry |
//! | a key that is both a value and a prefix | [`ExpectedScalar`], [`ExpectedMembers`] | [`ExpectedScalar`], [`ExpectedMembers`] | a member is one or the other |
//! | a value for a list of values, `ImageId=ami-1` | [`ExpectedIndex`] | a list of one | EC2 was observed to return that image, and some of AWS's examples write it so; no SDK does |
//! | a value for a structure or a list of structures, an empty value for any list, `Filter=` | [`ExpectedMembers`] | [`ExpectedMembers`] | EC2 answers `Filter=` with `InvalidRequest`; four SDKs have sent it for an empty list |
//! | members or a list for a value | [`ExpectedScalar`] | [`ExpectedScalar`] | the key names no member |
//! | a missing member | `None` or the type's default | `None` or the type's default | an absent list and an empty one look the same |
//! | a missing member that the type requires | [`MissingMember`] | [`MissingMember`] | EC2 answers `MissingParameter` |
//! | booleans as `True`, `TRUE`, `1`, `0` | [`InvalidScalar`] | accepted | SDKs send `true` and `false`; it is unknown what else EC2 accepts; LocalStack refuses `1`, moto reads it as false |
//! | other text for a boolean | [`InvalidScalar`] | [`InvalidScalar`] | neither true nor false |
//! | an integer with a minus or with leading zeros | the number | the number | it is unambiguous |
//! | an integer with a plus, a space, a fraction or an exponent, in another base, or out of range | [`InvalidScalar`] | [`InvalidScalar`] | no SDK is known to send one |
//! | floats as `0.5`, `1e5`, `1.0E-10`; `NaN`, `Infinity`, `-Infinity` | the number | the number | Java and Python write large and small ones with an exponent |
//! | floats as `5.`, `.5`, `+5`, `inf`, `-NaN`, or out of range, `1e39` | [`InvalidScalar`] | [`InvalidScalar`] | no SDK is known to send one; a number out of range would become infinite |
//! | base64 without padding, with line breaks, of the URL alphabet, or with bits to spare | [`InvalidScalar`] | [`InvalidScalar`] | SDKs send complete base64; tolerating more would hide damage |
//! | a timestamp | its text | its text | the member's type parses it |
//! | a body that is cut short, its length not known | [`MissingEquals`] or [`BadPercentEscape`] where it shows | [`BadPercentEscape`] where it shows | the format has no end mark |
//! | a body that is shorter than [`Options::content_length`] | [`Truncated`] | [`Truncated`] | half an ID is worse than none, and only the length shows it |
//! | a body that is longer than [`Options::content_length`] | [`TrailingContent`] | [`TrailingContent`] | two requests in one, or a wrong length |
//! | more than 4 MiB, 65,536 pairs, or 32 levels of members | [`LimitExceeded`] | [`LimitExceeded`] | [`Options::limits`] sets others, up to 128 levels; EC2's own limits are unknown |
//!
//! The common parameters are `Action`, `Version`, and those of a signature in the query string. They
//! are decoded if the type has such members, and skipped otherwise. Damage in them is always an error.
//!
//! The keys of a map are written with a capital letter, as member names are. They are read as they are
//! on the wire.
//!
//! # Structures with `#[serde(flatten)]`
//!
//! serde treats such a structure as a map, and the flattened members as untyped strings. So
//!
//! - the names of all its members must begin with a capital letter, as the keys of a map do;
//! - unknown keys are ignored, even in strict decoding;
//! - a flattened boolean or number cannot be decoded directly. The error says that a string was found,
//!   but not in which member. Parse it from a string, as below. Strings, lists and structures work
//!   without that.
//!
//! ```
//! use ec2wire::{Text, form};
//! use serde::{Deserialize, Deserializer, de::Error};
//!
//! #[derive(Deserialize)]
//! struct DeleteVpc {
//!     #[serde(rename = "VpcId")]
//!     vpc_id: String,
//!     #[serde(flatten)]
//!     common: Common,
//! }
//!
//! #[derive(Deserialize)]
//! struct Common {
//!     #[serde(rename = "DryRun", default, deserialize_with = "parsed")]
//!     dry_run: bool,
//! }
//!
//! fn parsed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
//!     Text::deserialize(deserializer)?.as_str().parse().map_err(D::Error::custom)
//! }
//!
//! let request: DeleteVpc = form::from_str("VpcId=vpc-1&DryRun=true")?;
//! assert!(request.vpc_id == "vpc-1" && request.common.dry_run);
//! # Ok::<(), ec2wire::Error>(())
//! ```
//!
//! [`BadIndex`]: crate::ErrorKind::BadIndex
//! [`BadPercentEscape`]: crate::ErrorKind::BadPercentEscape
//! [`BareCharacter`]: crate::ErrorKind::BareCharacter
//! [`EmptyKey`]: crate::ErrorKind::EmptyKey
//! [`EmptyPair`]: crate::ErrorKind::EmptyPair
//! [`EmptyListEntry`]: crate::ErrorKind::EmptyListEntry
//! [`ExpectedIndex`]: crate::ErrorKind::ExpectedIndex
//! [`ExpectedMembers`]: crate::ErrorKind::ExpectedMembers
//! [`ExpectedScalar`]: crate::ErrorKind::ExpectedScalar
//! [`IndexGap`]: crate::ErrorKind::IndexGap
//! [`InvalidScalar`]: crate::ErrorKind::InvalidScalar
//! [`InvalidUtf8`]: crate::ErrorKind::InvalidUtf8
//! [`LimitExceeded`]: crate::ErrorKind::LimitExceeded
//! [`MissingEquals`]: crate::ErrorKind::MissingEquals
//! [`MissingMember`]: crate::ErrorKind::MissingMember
//! [`RepeatedMember`]: crate::ErrorKind::RepeatedMember
//! [`TrailingContent`]: crate::ErrorKind::TrailingContent
//! [`Truncated`]: crate::ErrorKind::Truncated
//! [`UnknownMember`]: crate::ErrorKind::UnknownMember

mod call;
mod de;
mod decode;
mod escape;
mod group;
mod key;
mod options;
mod pair;
mod reader;
mod ser;

pub use call::Call;
pub use options::Options;

#[cfg(feature = "std")]
use crate::Error;
use crate::Result;
use crate::output::Output;
use crate::scalar::into_string;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// The header `Content-Type` of a request whose body is encoded here.
///
/// Some SDKs add `; charset=utf-8`. EC2 accepts both.
///
/// ```
/// assert_eq!(ec2wire::form::CONTENT_TYPE, "application/x-www-form-urlencoded");
/// ```
pub const CONTENT_TYPE: &str = "application/x-www-form-urlencoded";

/// Encodes a structure or map as a request body.
///
/// ```
/// use ec2wire::{form, ipam::CreateIpamPolicy};
///
/// let request: CreateIpamPolicy = CreateIpamPolicy::new("ipam-1");
/// assert_eq!(form::to_string(&request)?, "IpamId=ipam-1");
/// # Ok::<(), ec2wire::Error>(())
/// ```
///
/// # Errors
///
/// - [`EmptyListEntry`](crate::ErrorKind::EmptyListEntry) for a list entry that would write nothing, as `None` in a list;
/// - [`Unsupported`](crate::ErrorKind::Unsupported) for a scalar or list as the request, an enum
///   variant with data, and map keys that are not strings, integers or booleans;
/// - [`IllegalName`](crate::ErrorKind::IllegalName) for an empty name;
/// - [`Custom`](crate::ErrorKind::Custom) from the type's own `Serialize`.
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    into_string(to_vec(value)?)
}

/// Encodes a structure or map as a request body in bytes.
///
/// ```
/// use ec2wire::{form, ipam::CreateIpamPolicy};
///
/// let request: CreateIpamPolicy = CreateIpamPolicy::new("ipam-1");
/// assert_eq!(form::to_vec(&request)?, b"IpamId=ipam-1");
/// # Ok::<(), ec2wire::Error>(())
/// ```
///
/// # Errors
///
/// As [`to_string`].
pub fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>> {
    let mut body = Vec::with_capacity(128);
    append(&mut body, value)?;
    Ok(body)
}

/// Appends the encoded value to a buffer, after an `&` if the buffer is not empty. On an error the
/// buffer is unchanged.
///
/// It does not allocate if the buffer held the same value before, or has room for 96 bytes more than
/// the text. There are two exceptions: a map allocates for its keys, and the type's own `Serialize`
/// may allocate.
///
/// ```
/// let mut body = Vec::from("Action=DescribeVpcs&Version=2016-11-15");
/// ec2wire::form::append(&mut body, &std::collections::BTreeMap::from([("MaxResults", 5)]))?;
/// assert_eq!(body, b"Action=DescribeVpcs&Version=2016-11-15&MaxResults=5");
/// # Ok::<(), ec2wire::Error>(())
/// ```
///
/// # Errors
///
/// As [`to_string`].
pub fn append<T: Serialize + ?Sized>(body: &mut Vec<u8>, value: &T) -> Result<()> {
    let before = body.len();
    let mut writer = ser::Writer::new(body);
    let result = value.serialize(ser::Root::new(&mut writer));
    drop(writer);
    result.map(drop).inspect_err(|_| body.truncate(before))
}

/// Appends a whole call: `Action` and `Version`, then the encoded value.
///
/// [`Operation::append_body`](crate::Operation::append_body) calls it with the operation's names.
/// On an error the buffer is unchanged.
///
/// ```
/// use ec2wire::{EC2_VERSION, form, ipam::CreateIpamPolicy};
///
/// let mut body = Vec::new();
/// let request: CreateIpamPolicy = CreateIpamPolicy::new("ipam-1");
/// form::append_call(&mut body, "CreateIpamPolicy", EC2_VERSION, &request)?;
/// assert_eq!(body, b"Action=CreateIpamPolicy&Version=2016-11-15&IpamId=ipam-1");
/// # Ok::<(), ec2wire::Error>(())
/// ```
///
/// # Errors
///
/// As [`to_string`].
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
    let mut out = Output::new(body);
    out.append(b"Action=");
    escape::append_escaped(&mut out, action.as_bytes());
    out.append(b"&Version=");
    escape::append_escaped(&mut out, version.as_bytes());
    drop(out);
    append(body, value).inspect_err(|_| body.truncate(before))
}

/// Encodes into a writer. If encoding fails, nothing is written.
///
/// ```
/// use ec2wire::{form, ipam::CreateIpamPolicy};
///
/// let mut body = Vec::new();
/// form::to_writer(&mut body, &CreateIpamPolicy::<&str>::new("ipam-1"))?;
/// assert_eq!(body, b"IpamId=ipam-1");
/// # Ok::<(), ec2wire::Error>(())
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

/// Decodes a request body strictly, with the default limits. See [`Options`] for others.
///
/// ```
/// use ec2wire::{form, ipam::CreateIpamPolicy};
///
/// let request: CreateIpamPolicy = form::from_str("IpamId=ipam-1&DryRun=true")?;
/// assert_eq!(request.dry_run, Some(true));
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

/// Decodes a request body from bytes, which must be UTF-8.
///
/// ```
/// use ec2wire::{form, ipam::CreateIpamPolicy};
///
/// let request: CreateIpamPolicy = form::from_slice(b"IpamId=ipam-1")?;
/// assert_eq!(request.ipam_id.as_deref(), Some("ipam-1"));
/// # Ok::<(), ec2wire::Error>(())
/// ```
///
/// # Errors
///
/// As [`from_str`].
pub fn from_slice<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Result<T> {
    Options::new().from_slice(body)
}
