//! How strictly to decode, and how much.

use super::Call;
use crate::{Error, ErrorKind, Limits, Result};
use serde::Deserialize;

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
}

impl Options {
    /// The default limits: 4 MiB, 32 parts in a key, 65,536 pairs.
    pub const LIMITS: Limits = Limits {
        bytes: 4 << 20,
        depth: 32,
        entries: 1 << 16,
    };

    /// Strict, with the default limits.
    pub const fn new() -> Self {
        Self {
            limits: Self::LIMITS,
            lenient: false,
        }
    }

    /// Accepts what deployed servers accept and EC2 may not.
    #[must_use]
    pub const fn lenient(mut self) -> Self {
        self.lenient = true;
        self
    }

    /// Sets the limits.
    #[must_use]
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Decodes a request body.
    pub fn from_str<'de, T: Deserialize<'de>>(&self, body: &'de str) -> Result<T> {
        self.call(body)?.decode()
    }

    /// Decodes a request body from bytes, which must be UTF-8.
    pub fn from_slice<'de, T: Deserialize<'de>>(&self, body: &'de [u8]) -> Result<T> {
        self.call_from_slice(body)?.decode()
    }

    /// Splits a request body into its pairs, so that the action can be looked at first.
    pub fn call<'de>(&self, body: &'de str) -> Result<Call<'de>> {
        Call::parse(body, *self)
    }

    /// As [`call`](Self::call), from bytes, which must be UTF-8.
    pub fn call_from_slice<'de>(&self, body: &'de [u8]) -> Result<Call<'de>> {
        if body.len() > self.limits.bytes {
            return Err(self.too_long());
        }
        let body = core::str::from_utf8(body)
            .map_err(|error| Error::at(ErrorKind::InvalidUtf8, error.valid_up_to()))?;
        self.call(body)
    }

    pub(super) fn too_long(&self) -> Error {
        Error::new(ErrorKind::LimitExceeded(
            crate::Limit::Bytes,
            self.limits.bytes,
        ))
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}
