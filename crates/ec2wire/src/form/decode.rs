//! Decoding a body with given options.

use super::{Call, Options, de};
use crate::Result;
use core::marker::PhantomData;
use serde::Deserialize;
use serde::de::DeserializeSeed;

impl Options {
    /// Decodes a request body.
    ///
    /// ```
    /// use ec2wire::{form, ipam::DeleteIpam};
    ///
    /// let request: DeleteIpam = form::Options::new().from_str("IpamId=ipam-1")?;
    /// assert_eq!(request.ipam_id.as_deref(), Some("ipam-1"));
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`form::from_str`](super::from_str), for these options.
    pub fn from_str<'de, T: Deserialize<'de>>(&self, body: &'de str) -> Result<T> {
        self.from_str_seed(PhantomData::<T>, body)
    }

    /// Decodes a request body with a seed. The seed is used a second time if the pairs are not in the
    /// order of the members.
    ///
    /// ```
    /// use ec2wire::{form, ipam::DeleteIpam};
    /// use std::marker::PhantomData;
    ///
    /// let seed = PhantomData::<DeleteIpam>;
    /// let request = form::Options::new().from_str_seed(seed, "IpamId=ipam-1")?;
    /// assert_eq!(request.ipam_id.as_deref(), Some("ipam-1"));
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`from_str`](Self::from_str).
    pub fn from_str_seed<'de, S: DeserializeSeed<'de> + Clone>(
        &self,
        seed: S,
        body: &'de str,
    ) -> Result<S::Value> {
        self.check_length(body.len())?;
        if let Some(value) = de::decode_as_sent(seed.clone(), body, *self) {
            return Ok(value);
        }
        // Something is damaged or out of order. `Call` reports the damage, or sorts the pairs.
        Call::parse(body, *self)?.decode_seed(seed)
    }

    /// Decodes a request body from bytes, which must be UTF-8.
    ///
    /// ```
    /// use ec2wire::{ErrorKind, form, ipam::DeleteIpam};
    ///
    /// let error = form::Options::new().from_slice::<DeleteIpam>(b"IpamId=\xFF").unwrap_err();
    /// assert_eq!((error.kind(), error.offset()), (&ErrorKind::InvalidUtf8, Some(7)));
    /// ```
    ///
    /// # Errors
    ///
    /// As [`from_str`](Self::from_str).
    pub fn from_slice<'de, T: Deserialize<'de>>(&self, body: &'de [u8]) -> Result<T> {
        self.from_str(self.utf8(body)?)
    }

    /// Splits a request body into its pairs, so that you can read the action first.
    ///
    /// ```
    /// let call = ec2wire::form::Options::new().lenient().call("Action=DeleteIpam&&")?;
    /// assert_eq!(call.action()?.as_deref(), Some("DeleteIpam"));
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Call::from_str`], for these options.
    pub fn call<'de>(&self, body: &'de str) -> Result<Call<'de>> {
        Call::parse(body, *self)
    }

    /// As [`call`](Self::call), from bytes, which must be UTF-8.
    ///
    /// ```
    /// let call = ec2wire::form::Options::new().call_from_slice(b"Action=DeleteIpam")?;
    /// assert_eq!(call.action()?.as_deref(), Some("DeleteIpam"));
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call), and [`InvalidUtf8`](crate::ErrorKind::InvalidUtf8).
    pub fn call_from_slice<'de>(&self, body: &'de [u8]) -> Result<Call<'de>> {
        self.call(self.utf8(body)?)
    }
}
