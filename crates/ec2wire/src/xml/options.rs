//! Options for decoding: strictness and limits.

use crate::{Error, ErrorKind, Limits, Result};

/// Which root element is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RootName {
    /// The root with the structure's serde name.
    TypeName,
    Any,
}

/// How to decode a response. [The module](super) lists what is accepted.
///
/// ```
/// use ec2wire::{ipam::IpamPolicy, xml};
///
/// let body = "<a><stateMessage>&#x1F;</stateMessage></a>";
/// let options = xml::Options::new().any_root();
/// let policy: IpamPolicy = options.from_str(body)?;
/// assert_eq!(policy.state_message.as_deref(), Some("\u{1F}"));
/// assert!(options.strict().from_str::<IpamPolicy>(body).is_err());
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    pub(super) limits: Limits,
    pub(super) strict: bool,
    pub(super) root: RootName,
}

impl Options {
    /// The default limits: 64 MiB, 64 levels, 4,194,304 elements.
    ///
    /// ```
    /// assert_eq!(ec2wire::xml::Options::LIMITS.bytes, 64 * 1024 * 1024);
    /// ```
    pub const LIMITS: Limits = Limits {
        bytes: 64 << 20,
        depth: 64,
        entries: 1 << 22,
    };

    /// Accepts what AWS is known to send, with the default limits. The root must have the type's name.
    ///
    /// ```
    /// use ec2wire::xml::Options;
    ///
    /// assert_eq!(Options::new(), Options::default());
    /// assert_ne!(Options::new(), Options::new().strict());
    /// ```
    pub const fn new() -> Self {
        Self {
            limits: Self::LIMITS,
            strict: false,
            root: RootName::TypeName,
        }
    }

    /// Refuses references to control characters, which XML 1.0 forbids and AWS has sent.
    ///
    /// ```
    /// use ec2wire::{ErrorKind, Tag, xml};
    ///
    /// let options = xml::Options::new().strict();
    /// let error = options.from_str::<Tag>("<Tag><value>&#x1F;</value></Tag>").unwrap_err();
    /// assert_eq!(*error.kind(), ErrorKind::IllegalCharacter(0x1F));
    /// ```
    #[must_use]
    pub const fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// Accepts a root element of any name.
    ///
    /// ```
    /// use ec2wire::{Tag, xml};
    ///
    /// let tag: Tag = xml::Options::new().any_root().from_str("<item><key>Name</key></item>")?;
    /// assert_eq!(tag.key.as_deref(), Some("Name"));
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    #[must_use]
    pub const fn any_root(mut self) -> Self {
        self.root = RootName::Any;
        self
    }

    /// Sets the limits.
    ///
    /// ```
    /// use ec2wire::{Limits, Tag, xml};
    ///
    /// let options = xml::Options::new().limits(Limits { depth: 1, ..xml::Options::LIMITS });
    /// assert!(options.from_str::<Tag>("<Tag/>").is_ok());
    /// assert!(options.from_str::<Tag>("<Tag><key>Name</key></Tag>").is_err());
    /// ```
    #[must_use]
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    pub(crate) fn utf8<'de>(&self, body: &'de [u8]) -> Result<&'de str> {
        self.limits.check_length(body.len())?;
        match core::str::from_utf8(body) {
            Ok(text) => Ok(text),
            Err(error) if error.error_len().is_none() => Err(Error::at(
                ErrorKind::Truncated("a UTF-8 sequence"),
                error.valid_up_to(),
            )),
            Err(error) => Err(Error::at(ErrorKind::InvalidUtf8, error.valid_up_to())),
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}
