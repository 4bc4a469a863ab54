//! Limits on a decoder's input.

use crate::{Error, ErrorKind, Limit, Result};

/// Limits on a decoder's input. Larger input is refused with
/// [`ErrorKind::LimitExceeded`](crate::ErrorKind::LimitExceeded).
///
/// Time and memory grow linearly with the input, or by n log n for requests that are out of order. Each
/// format's `Options` has its own default limits.
///
/// ```
/// use ec2wire::{Limits, form, ipam::CreateIpamPolicy};
///
/// let small = form::Options::new().limits(Limits { bytes: 16, ..form::Options::LIMITS });
/// let error = small.from_str::<CreateIpamPolicy>("IpamId=ipam-0123456789abcdef0").unwrap_err();
/// assert_eq!(error.to_string(), "the input has more than 16 bytes");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest input, in bytes.
    pub bytes: usize,
    /// The deepest nesting: parts of a key (form), or nested elements (XML). The value is capped at
    /// [`Limits::MAX_DEPTH`], because decoding recurses.
    pub depth: usize,
    /// The largest number of pairs (form) or elements (XML).
    pub entries: usize,
}

impl Limits {
    /// The cap of the nesting depth. EC2's own shapes stay below 16.
    ///
    /// ```
    /// use ec2wire::{Limits, form, xml};
    ///
    /// assert!(form::Options::LIMITS.depth < Limits::MAX_DEPTH);
    /// assert!(xml::Options::LIMITS.depth < Limits::MAX_DEPTH);
    /// ```
    pub const MAX_DEPTH: usize = 128;

    pub(crate) const fn effective_depth(&self) -> usize {
        if self.depth < Self::MAX_DEPTH {
            self.depth
        } else {
            Self::MAX_DEPTH
        }
    }

    /// Refuses input that is too long, before it is looked at.
    #[inline]
    pub(crate) fn check_length(&self, len: usize) -> Result<()> {
        if len > self.bytes {
            let kind = ErrorKind::LimitExceeded(Limit::Bytes, self.bytes);
            return Err(Error::new(kind));
        }
        Ok(())
    }
}
