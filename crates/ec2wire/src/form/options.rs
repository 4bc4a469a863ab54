//! Options for decoding: strictness and limits.

use crate::{Error, ErrorKind, Limits, Result};

/// How to decode a request. The default is strict; [the module](super) lists what that means.
///
/// ```
/// use ec2wire::{form, ipam::CreateIpamPolicy};
///
/// let body = "IpamId=ipam-1&DryRun=True&&New=1";
/// assert!(form::from_str::<CreateIpamPolicy>(body).is_err());
/// let request: CreateIpamPolicy = form::Options::new().lenient().from_str(body)?;
/// assert_eq!(request.dry_run, Some(true));
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    pub(super) limits: Limits,
    pub(super) lenient: bool,
    length: Option<usize>,
}

impl Options {
    /// The default limits: 4 MiB, 32 parts in a key, 65,536 pairs.
    ///
    /// ```
    /// assert_eq!(ec2wire::form::Options::LIMITS.bytes, 4 * 1024 * 1024);
    /// ```
    pub const LIMITS: Limits = Limits {
        bytes: 4 << 20,
        depth: 32,
        entries: 1 << 16,
    };

    /// Strict, with the default limits.
    ///
    /// ```
    /// use ec2wire::form::Options;
    ///
    /// assert_eq!(Options::new(), Options::default());
    /// assert_ne!(Options::new(), Options::new().lenient());
    /// ```
    pub const fn new() -> Self {
        Self {
            limits: Self::LIMITS,
            lenient: false,
            length: None,
        }
    }

    /// Accepts input that other servers accept, and EC2 may not, and a list of one without its index. [The module](super#what-is-read) lists it.
    ///
    /// ```
    /// use ec2wire::{form, ipam::DeleteIpam};
    ///
    /// let request: DeleteIpam = form::Options::new().lenient().from_str("Cascade=1&Other=x")?;
    /// assert_eq!(request.cascade, Some(true));
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    #[must_use]
    pub const fn lenient(mut self) -> Self {
        self.lenient = true;
        self
    }

    /// Sets the limits.
    ///
    /// ```
    /// use ec2wire::{Limits, form};
    ///
    /// let options = form::Options::new().limits(Limits { entries: 1, ..form::Options::LIMITS });
    /// assert!(options.call("Action=DeleteIpam").is_ok());
    /// assert!(options.call("Action=DeleteIpam&IpamId=ipam-1").is_err());
    /// ```
    #[must_use]
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Accepts only a body of that many bytes: the value of the header `Content-Length`.
    ///
    /// A form has no end mark, so a truncated body can look like a shorter one. You do not need this
    /// if your HTTP server checks the header.
    ///
    /// ```
    /// use ec2wire::{ErrorKind, form, ipam::DeleteIpam};
    ///
    /// let options = form::Options::new().content_length(13);
    /// let request: DeleteIpam = options.from_str("IpamId=ipam-1")?;
    /// assert_eq!(request.ipam_id.as_deref(), Some("ipam-1"));
    /// let error = options.from_str::<DeleteIpam>("IpamId=ipam-").unwrap_err();
    /// assert_eq!(*error.kind(), ErrorKind::Truncated("the announced length"));
    /// let error = options.from_str::<DeleteIpam>("IpamId=ipam-1&").unwrap_err();
    /// assert_eq!(*error.kind(), ErrorKind::TrailingContent);
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    #[must_use]
    pub const fn content_length(mut self, bytes: usize) -> Self {
        self.length = Some(bytes);
        self
    }

    pub(super) fn check_length(&self, len: usize) -> Result<()> {
        self.limits.check_length(len)?;
        match self.length {
            Some(length) if len < length => {
                Err(Error::at(ErrorKind::Truncated("the announced length"), len))
            }
            Some(length) if len > length => Err(Error::at(ErrorKind::TrailingContent, length)),
            _ => Ok(()),
        }
    }

    pub(super) fn utf8<'de>(&self, body: &'de [u8]) -> Result<&'de str> {
        self.check_length(body.len())?;
        core::str::from_utf8(body)
            .map_err(|error| Error::at(ErrorKind::InvalidUtf8, error.valid_up_to()))
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}
