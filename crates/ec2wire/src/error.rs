//! The one error of the crate: what went wrong, where in the data, and where in the bytes.

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

/// Why a value could not be encoded, or input not be decoded.
///
/// The message is one line: the [kind](Error::kind), then the [path](Error::path) of the member
/// and the byte [offset](Error::offset) in the input, where they are known. Control characters of
/// the input are escaped in it, and long names cut short; the kind and the path have them whole.
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
///     "a percent sign is not followed by two hexadecimal digits \
///      at TagSpecification.1.Tag.1.Key (byte 43)",
/// );
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    kind: ErrorKind,
    /// Innermost segment first: it is filled in while the error travels outwards.
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
    /// The input is not UTF-8, or a percent-decoded value is not.
    InvalidUtf8,
    /// The input ended too early; holds what it ended in.
    Truncated(&'static str),
    /// Something follows the end: in XML the root element's, and not comments and white space; in a
    /// form that of the [length](crate::form::Options::content_length) that was given.
    TrailingContent,
    /// A member that the type needs is absent.
    MissingMember(Box<str>),
    /// A member occurs more than once.
    RepeatedMember(Box<str>),
    /// A request has a key that the type does not know. EC2 answers `UnknownParameter`.
    UnknownMember(Box<str>),
    /// A scalar does not read as the type that was asked for; holds what was expected.
    InvalidScalar(&'static str),
    /// A structure or list stands where a scalar was expected.
    ExpectedScalar,
    /// A scalar stands where a structure or list was expected.
    ExpectedMembers,

    /// Form: two `&` in a row, or one at either end.
    EmptyPair,
    /// Form: a pair without `=`.
    MissingEquals,
    /// Form: a pair without a key, or a key with an empty part, as in `Tag..Key`.
    EmptyKey,
    /// Form: a `%` without two hexadecimal digits behind it.
    BadPercentEscape,
    /// Form: a character that must be percent-encoded stands bare.
    BareCharacter(char),
    /// Form: a list index is no plain decimal number from 1.
    BadIndex,
    /// Form: list indexes leave a gap; holds the index that was expected.
    IndexGap(u32),
    /// Form: a structure inside a list would emit no key and so leave a gap in the list.
    EmptyListEntry,

    /// XML: the input is no XML document; holds what it looks like.
    NotXml(&'static str),
    /// XML: a document type declaration. No AWS answer has one.
    Doctype,
    /// XML: the root element has another name than the expected one.
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
    /// XML: text stands between the child elements of a structure or list.
    UnexpectedText,
    /// XML: a list has a child element that is not `<item>`.
    UnexpectedElement(Box<str>),
    /// XML: markup that is not well-formed; holds what is wrong with it.
    Malformed(&'static str),
    /// XML: a reference to an entity that XML does not predefine.
    UnknownEntity(Box<str>),
    /// A character that XML 1.0 cannot carry, bare or as a numeric reference.
    IllegalCharacter(u32),

    /// Encoding: the format has no form for this kind of value; holds the kind.
    Unsupported(&'static str),
    /// Encoding: a name is empty or has a character that an element or key cannot have.
    IllegalName(Box<str>),
    /// Encoding to a `std::io::Write` failed; holds its message.
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

/// Text from outside as a message shows it: on one line, and not endless.
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
                // Byte order marks and what turns the direction of the text.
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
                write!(f, "the member `{}` is not known", Shown::word(name))
            }
            Self::InvalidScalar(expected) => write!(f, "the text is not {expected}"),
            Self::ExpectedScalar => f.write_str("members stand where a scalar was expected"),
            Self::ExpectedMembers => f.write_str("a scalar stands where members were expected"),
            Self::EmptyPair => f.write_str("an `&` has no pair beside it"),
            Self::MissingEquals => f.write_str("a pair has no `=`"),
            Self::EmptyKey => f.write_str("a key or a part of it is empty"),
            Self::BadPercentEscape => {
                f.write_str("a percent sign is not followed by two hexadecimal digits")
            }
            Self::BareCharacter(c) => {
                write!(f, "the character {c:?} must be percent-encoded")
            }
            Self::BadIndex => {
                f.write_str("a list index is not a plain decimal number from 1 to 4294967295")
            }
            Self::IndexGap(expected) => write!(f, "the list has no entry {expected}"),
            Self::EmptyListEntry => {
                f.write_str("a list entry has no members set and would leave a gap in the list")
            }
            Self::Truncated(inside) => write!(f, "the input ends inside {inside}"),
            Self::NotXml(found) => write!(f, "the input is not an XML document but {found}"),
            Self::Doctype => f.write_str("a document type declaration is not accepted"),
            Self::WrongRoot { expected, found } => {
                let (found, expected) = (Shown::word(found), Shown::word(expected));
                write!(f, "the root element is `{found}` and not `{expected}`")
            }
            Self::MismatchedEndTag { expected, found } => {
                let (found, expected) = (Shown::word(found), Shown::word(expected));
                write!(
                    f,
                    "the element `{expected}` is closed by the end tag `{found}`"
                )
            }
            Self::TrailingContent => f.write_str("content follows where the input should end"),
            Self::UnexpectedText => f.write_str("text stands between elements"),
            Self::UnexpectedElement(name) => {
                let name = Shown::word(name);
                write!(f, "the list has an element `{name}` that is not `item`")
            }
            Self::Malformed(what) => f.write_str(what),
            Self::UnknownEntity(name) => {
                write!(f, "the entity `&{};` is not defined", Shown::word(name))
            }
            Self::IllegalCharacter(code) => {
                write!(f, "the character U+{code:04X} is not allowed in XML")
            }
            Self::Unsupported(what) => write!(f, "the format cannot carry {what}"),
            Self::IllegalName(name) => {
                write!(f, "`{}` is not usable as a member name", Shown::word(name))
            }
            Self::Write(message) => write!(f, "writing failed: {}", Shown::sentence(message)),
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

    /// Adds the member that the error came out of to the front of the path.
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

    /// Sets the offset where the place that raised the error had none, as serde's own has.
    #[cold]
    pub(crate) fn or_offset(mut self, offset: usize) -> Self {
        self.0.offset.get_or_insert(offset);
        self
    }

    /// Names a member that serde found missing or repeated as requests do, with a capital.
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

    /// The member that the error is about; empty at the top.
    ///
    /// Requests are named as on the wire, `TagSpecification.1.Tag.3.Key`, with indexes from 1.
    /// Responses are named by element, `ipamPolicy.tagSet[2].key`, with indexes from 0.
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

    /// The byte in the input at which the error was seen, from 0. Encoding errors have none.
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
