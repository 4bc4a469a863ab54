//! The crate's error: what went wrong, at which member and at which byte.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::{self, Write as _};

/// `core::result::Result` with this crate's [`Error`].
///
/// ```
/// fn action(body: &str) -> ec2wire::Result<Option<String>> {
///     Ok(ec2wire::form::Call::from_str(body)?.action()?.map(String::from))
/// }
/// assert_eq!(action("Action=DeleteIpam")?.as_deref(), Some("DeleteIpam"));
/// # Ok::<(), ec2wire::Error>(())
/// ```
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// A value could not be encoded, or an input could not be decoded.
///
/// The message is one line: the [kind](Error::kind), then the [path](Error::path) of the member
/// and the byte [offset](Error::offset) in the input, where they are known. Control characters of
/// the input are escaped in it, and long names are cut. The kind and the path have them in full.
///
/// ```
/// use ec2wire::{ErrorKind, form, ipam::CreateIpamPolicy};
///
/// let error = form::from_str::<CreateIpamPolicy>("IpamId=ipam-1&TagSpecification.1.Tag.1.Key=%zz")
///     .unwrap_err();
/// assert_eq!(*error.kind(), ErrorKind::BadPercentEscape);
/// assert_eq!(error.path(), "TagSpecification.1.Tag.1.Key");
/// assert_eq!(error.offset(), Some(43));
/// assert_eq!(
///     error.to_string(),
///     "expected two hexadecimal digits after `%` at TagSpecification.1.Tag.1.Key (byte 43)",
/// );
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    kind: ErrorKind,
    /// The innermost segment comes first: segments are added while the error travels outwards.
    path: Vec<Segment>,
    offset: Option<usize>,
}

#[derive(Clone, PartialEq, Eq)]
enum Segment {
    Member(Box<str>),
    /// Position in a list, from 0.
    Item(usize),
}

/// What went wrong.
///
/// New kinds may be added; match with a wildcard arm.
///
/// ```
/// use ec2wire::{ErrorKind, form, ipam::DeleteIpam};
///
/// let error = form::from_str::<DeleteIpam>("Ipam=ipam-1").unwrap_err();
/// let code = match error.kind() {
///     ErrorKind::UnknownMember(_) => "UnknownParameter",
///     _ => "InvalidParameterValue",
/// };
/// assert_eq!(code, "UnknownParameter");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A message from serde or from a type's own `Serialize` or `Deserialize`.
    Custom(Box<str>),
    /// The input has more of something than the decoder's [`Limits`](crate::Limits) allow.
    LimitExceeded(Limit, usize),
    /// The input, or a percent-decoded value, is not valid UTF-8.
    InvalidUtf8,
    /// The input ends too early. Holds what it ends in.
    Truncated(&'static str),
    /// Something follows the end. In XML, that is the end of the root element; comments and white space
    /// may follow. In a form, it is the given [length](crate::form::Options::content_length).
    TrailingContent,
    /// A member that the type requires is missing.
    MissingMember(Box<str>),
    /// A member occurs more than once.
    RepeatedMember(Box<str>),
    /// A request has a key that the type does not have. EC2 answers `UnknownParameter`.
    UnknownMember(Box<str>),
    /// A scalar is not of the expected type. Holds what was expected.
    InvalidScalar(&'static str),
    /// Expected a scalar, got a structure or list.
    ExpectedScalar,
    /// Expected a structure or list, got a scalar.
    ExpectedMembers,

    /// Form: two `&` in a row, or one at either end.
    EmptyPair,
    /// Form: a pair without `=`.
    MissingEquals,
    /// Form: a pair without a key, or a key with an empty part, as in `Tag..Key`.
    EmptyKey,
    /// Form: a `%` that two hexadecimal digits do not follow.
    BadPercentEscape,
    /// Form: an unescaped character that must be percent-encoded.
    BareCharacter(char),
    /// Form: a list index that is not a decimal number from 1.
    BadIndex,
    /// Form: a value under the name of a list, without an index, as in `ImageId=ami-1` for
    /// `ImageId.1=ami-1`. [Lenient](crate::form::Options::lenient) decoding reads a list of one.
    ExpectedIndex,
    /// Form: a gap in the indexes of a list. Holds the index that was expected.
    IndexGap(u32),
    /// Encoding: a list entry that would write nothing, so that the entries after it would move up.
    EmptyListEntry,

    /// XML: the input is not XML. Holds what it looks like.
    NotXml(&'static str),
    /// XML: a document type declaration. AWS sends none.
    Doctype,
    /// XML: the root element has the wrong name.
    WrongRoot {
        /// The name that was expected.
        expected: Box<str>,
        /// The name that was found.
        found: Box<str>,
    },
    /// XML: an end tag does not match its start tag.
    MismatchedEndTag {
        /// The open element.
        expected: Box<str>,
        /// The end tag's name.
        found: Box<str>,
    },
    /// XML: text between the child elements of a structure or list.
    UnexpectedText,
    /// XML: a child element of a list that is not `<item>`.
    UnexpectedElement(Box<str>),
    /// XML: markup that is not well-formed. Holds what is wrong.
    Malformed(&'static str),
    /// XML: a reference to an entity other than the five that XML predefines.
    UnknownEntity(Box<str>),
    /// A character that XML 1.0 does not allow, written as such or as a numeric reference.
    IllegalCharacter(u32),

    /// Encoding: a kind of value that the format cannot carry. Holds the kind.
    Unsupported(&'static str),
    /// Encoding: a name that is empty, or has a character that an element or key cannot have.
    IllegalName(Box<str>),
    /// Encoding: the `std::io::Write` failed. Holds its message.
    Write(Box<str>),
}

/// What a [limit](crate::Limits) bounds.
///
/// ```
/// use ec2wire::{ErrorKind, Limit};
///
/// let kind = ErrorKind::LimitExceeded(Limit::Depth, 32);
/// assert_eq!(kind.to_string(), "the input has more than 32 levels of nesting");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Limit {
    /// The input's length in bytes.
    Bytes,
    /// The nesting depth.
    Depth,
    /// The number of key-value pairs (form) or elements (XML).
    Entries,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bytes => "bytes",
            Self::Depth => "levels of nesting",
            Self::Entries => "entries",
        })
    }
}

/// Shows text of the input in a message: on one line, and cut if it is long.
pub(crate) struct Shown<'t>(&'t str, usize);

impl<'t> Shown<'t> {
    /// The longest name or other word of the input in a message, in characters.
    const WORD: usize = 128;
    /// The longest path, and the longest message of serde's, which quotes the input.
    const SENTENCE: usize = 512;

    pub(crate) fn whole(text: &'t str) -> Self {
        Self(text, usize::MAX)
    }

    pub(crate) fn word(text: &'t str) -> Self {
        Self(text, Self::WORD)
    }

    fn sentence(text: &'t str) -> Self {
        Self(text, Self::SENTENCE)
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(text, max) = *self;
        for (count, c) in text.chars().enumerate() {
            if count == max {
                return f.write_str("...");
            }
            match c {
                // Byte order marks, and characters that change the direction of text.
                '\u{200B}'..='\u{200F}'
                | '\u{2028}'..='\u{202E}'
                | '\u{2066}'..='\u{2069}'
                | '\u{FEFF}' => write!(f, "{}", c.escape_unicode())?,
                _ if c.is_control() => write!(f, "{}", c.escape_default())?,
                _ => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Custom(message) => Shown::sentence(message).fmt(f),
            Self::LimitExceeded(limit, max) => write!(f, "the input has more than {max} {limit}"),
            Self::InvalidUtf8 => f.write_str("the bytes are not valid UTF-8"),
            Self::MissingMember(name) => {
                write!(f, "the member `{}` is missing", Shown::word(name))
            }
            Self::RepeatedMember(name) => {
                write!(
                    f,
                    "the member `{}` occurs more than once",
                    Shown::word(name)
                )
            }
            Self::UnknownMember(name) => {
                write!(f, "unknown member `{}`", Shown::word(name))
            }
            Self::InvalidScalar(expected) => write!(f, "expected {expected}"),
            Self::ExpectedScalar => f.write_str("expected a scalar, got members"),
            Self::ExpectedMembers => f.write_str("expected members, got a scalar"),
            Self::EmptyPair => f.write_str("missing pair beside an `&`"),
            Self::MissingEquals => f.write_str("missing `=` in a pair"),
            Self::EmptyKey => f.write_str("empty key, or empty part of a key"),
            Self::BadPercentEscape => f.write_str("expected two hexadecimal digits after `%`"),
            Self::BareCharacter(c) => {
                write!(f, "unescaped character {c:?}")
            }
            Self::BadIndex => {
                f.write_str("invalid list index, expected a decimal number from 1 to 4294967295")
            }
            Self::ExpectedIndex => f.write_str(
                "expected the index `.1` after the name of a list; lenient decoding reads a list of one",
            ),
            Self::IndexGap(expected) => write!(f, "missing list entry {expected}"),
            Self::EmptyListEntry => f.write_str("an empty list entry cannot be written"),
            Self::Truncated(inside) => write!(f, "the input ends inside {inside}"),
            Self::NotXml(found) => write!(f, "the input is not XML, it is {found}"),
            Self::Doctype => f.write_str("document type declarations are not accepted"),
            Self::WrongRoot { expected, found } => {
                let (found, expected) = (Shown::word(found), Shown::word(expected));
                write!(f, "expected the root element `{expected}`, got `{found}`")
            }
            Self::MismatchedEndTag { expected, found } => {
                let (found, expected) = (Shown::word(found), Shown::word(expected));
                write!(f, "expected the end tag `{expected}`, got `{found}`")
            }
            Self::TrailingContent => f.write_str("unexpected content after the end"),
            Self::UnexpectedText => f.write_str("unexpected text between elements"),
            Self::UnexpectedElement(name) => {
                let name = Shown::word(name);
                write!(f, "expected the list entry `item`, got `{name}`")
            }
            Self::Malformed(what) => f.write_str(what),
            Self::UnknownEntity(name) => {
                write!(f, "unknown entity `&{};`", Shown::word(name))
            }
            Self::IllegalCharacter(code) => {
                write!(f, "the character U+{code:04X} is not allowed in XML")
            }
            Self::Unsupported(what) => write!(f, "the format cannot carry {what}"),
            Self::IllegalName(name) => {
                write!(f, "invalid member name `{}`", Shown::word(name))
            }
            Self::Write(message) => write!(f, "cannot write: {}", Shown::sentence(message)),
        }
    }
}

impl Error {
    #[cold]
    pub(crate) fn new(kind: ErrorKind) -> Self {
        Self(Box::new(Inner {
            kind,
            path: Vec::new(),
            offset: None,
        }))
    }

    #[cold]
    pub(crate) fn at(kind: ErrorKind, offset: usize) -> Self {
        Self(Box::new(Inner {
            kind,
            path: Vec::new(),
            offset: Some(offset),
        }))
    }

    #[cfg(feature = "std")]
    #[cold]
    pub(crate) fn from_write(error: &std::io::Error) -> Self {
        Self::new(ErrorKind::Write(error.to_string().into()))
    }

    /// Adds a member to the front of the path.
    #[cold]
    pub(crate) fn in_member(mut self, name: &str) -> Self {
        self.0.path.push(Segment::Member(name.into()));
        self
    }

    /// Adds the position in a list, from 0, to the front of the path.
    #[cold]
    pub(crate) fn in_item(mut self, index: usize) -> Self {
        self.0.path.push(Segment::Item(index));
        self
    }

    /// Sets the offset if the error has none. Those of serde have none.
    #[cold]
    pub(crate) fn or_offset(mut self, offset: usize) -> Self {
        self.0.offset.get_or_insert(offset);
        self
    }

    /// Capitalizes the name of a member that serde found missing or repeated, as requests do.
    #[cold]
    pub(crate) fn in_request(mut self) -> Self {
        let is_here = self.0.path.is_empty();
        let name = match &mut self.0.kind {
            ErrorKind::MissingMember(name) | ErrorKind::RepeatedMember(name) if is_here => name,
            _ => return self,
        };
        if let Some(first) = name.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        self
    }

    /// What went wrong.
    ///
    /// ```
    /// let error = ec2wire::form::Call::from_str("=a").unwrap_err();
    /// assert_eq!(*error.kind(), ec2wire::ErrorKind::EmptyKey);
    /// ```
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// The path of the member that the error is about. Empty at the top.
    ///
    /// In a request, it is a key as on the wire, with indexes from 1: `TagSpecification.1.Tag.3.Key`.
    /// In a response, it is made of element names, with indexes from 0: `ipamPolicy.tagSet[2].key`.
    ///
    /// ```
    /// use ec2wire::{ipam::CreateIpamPolicyResponse, xml};
    ///
    /// let body = "<CreateIpamPolicyResponse><ipamPolicy><tagSet><item><key><b/></key></item>\
    ///     </tagSet></ipamPolicy></CreateIpamPolicyResponse>";
    /// let error = xml::from_str::<CreateIpamPolicyResponse>(body).unwrap_err();
    /// assert_eq!(error.path(), "ipamPolicy.tagSet[0].key");
    /// ```
    pub fn path(&self) -> String {
        let mut path = String::new();
        for segment in self.0.path.iter().rev() {
            match segment {
                Segment::Member(name) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(name);
                }
                Segment::Item(index) => {
                    path.push('[');
                    path.push_str(itoa::Buffer::new().format(*index));
                    path.push(']');
                }
            }
        }
        path
    }

    /// The byte offset of the error in the input, from 0. Encoding errors have none.
    ///
    /// ```
    /// let error = ec2wire::form::Call::from_str("Action=DeleteIpam&&").unwrap_err();
    /// assert_eq!(error.offset(), Some(18));
    /// ```
    pub fn offset(&self) -> Option<usize> {
        self.0.offset
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.kind.fmt(f)?;
        let path = self.path();
        if !path.is_empty() {
            write!(f, " at {}", Shown::sentence(&path))?;
        }
        if let Some(offset) = self.0.offset {
            write!(f, " (byte {offset})")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("path", &self.path())
            .field("offset", &self.0.offset)
            .finish()
    }
}

impl core::error::Error for Error {}

impl serde::ser::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(ErrorKind::Custom(message.to_string().into()))
    }
}

impl serde::de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(ErrorKind::Custom(message.to_string().into()))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(ErrorKind::MissingMember(field.into()))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new(ErrorKind::RepeatedMember(field.into()))
    }

    fn unknown_field(field: &str, _expected: &'static [&'static str]) -> Self {
        Self::new(ErrorKind::UnknownMember(field.into()))
    }
}
