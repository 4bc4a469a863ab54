//! A request body, split into its pairs.

use super::pair::{Pair, RawPair};
use super::{Options, de, escape, group};
use crate::{Error, ErrorKind, Limit, Result, swar};
use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::marker::PhantomData;
use serde::Deserialize;
use serde::de::DeserializeSeed;

/// A request of any action: its pairs, before they are decoded as a type.
///
/// A server reads the action first, and then decodes its type:
///
/// ```
/// use ec2wire::{Operation, form, ipam::CreateIpamPolicy};
///
/// let call = form::Call::from_str("Action=CreateIpamPolicy&Version=2016-11-15&IpamId=ipam-1")?;
/// assert_eq!(call.version()?.as_deref(), Some("2016-11-15"));
/// assert_eq!(call.action()?.as_deref(), Some(<CreateIpamPolicy>::ACTION));
/// let request: CreateIpamPolicy = call.decode()?;
/// assert_eq!(request.ipam_id.as_deref(), Some("ipam-1"));
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Call<'de> {
    pairs: Vec<Pair<'de>>,
    options: Options,
}

impl<'de> Call<'de> {
    /// Splits a body strictly, with the default limits. See [`Options::call`] for others.
    ///
    /// ```
    /// use ec2wire::{ErrorKind, form::Call};
    ///
    /// assert!(Call::from_str("Action=DeleteIpam&IpamId=ipam-1").is_ok());
    /// let error = Call::from_str("Action=DeleteIpam&").unwrap_err();
    /// assert_eq!((error.kind(), error.offset()), (&ErrorKind::EmptyPair, Some(18)));
    /// ```
    ///
    /// # Errors
    ///
    /// Of the kinds that [the module](super#what-is-read) lists, those about pairs, keys and unescaped
    /// characters: [`EmptyPair`](ErrorKind::EmptyPair),
    /// [`MissingEquals`](ErrorKind::MissingEquals), [`EmptyKey`](ErrorKind::EmptyKey),
    /// [`BareCharacter`](ErrorKind::BareCharacter),
    /// [`BadPercentEscape`](ErrorKind::BadPercentEscape), [`InvalidUtf8`](ErrorKind::InvalidUtf8)
    /// and [`LimitExceeded`](ErrorKind::LimitExceeded).
    #[expect(
        clippy::should_implement_trait,
        reason = "the call borrows from the body"
    )]
    pub fn from_str(body: &'de str) -> Result<Self> {
        Self::parse(body, Options::new())
    }

    /// As [`from_str`](Self::from_str), from bytes, which must be UTF-8.
    /// See [`Options::call_from_slice`] for other limits.
    ///
    /// ```
    /// let call = ec2wire::form::Call::from_slice(b"Action=DeleteIpam&IpamId=ipam-1")?;
    /// assert_eq!(call.action()?.as_deref(), Some("DeleteIpam"));
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of `from_str`, and [`InvalidUtf8`](ErrorKind::InvalidUtf8).
    pub fn from_slice(body: &'de [u8]) -> Result<Self> {
        let options = Options::new();
        Self::parse(options.utf8(body)?, options)
    }

    pub(super) fn parse(body: &'de str, options: Options) -> Result<Self> {
        options.check_length(body.len())?;
        let mut call = Self {
            pairs: Vec::new(),
            options,
        };
        if body.is_empty() {
            return Ok(call);
        }
        // Counting the `&` avoids growing the list. The limit bounds what a body of only `&` can claim.
        let max = options.limits.entries;
        let count = swar::count(body.as_bytes(), b'&') + 1;
        // A pair has at least three bytes, with its `&`.
        let most = max.min(body.len() / 3 + 1);
        call.pairs.reserve_exact(count.min(most));
        let mut at = 0;
        while at <= body.len() {
            let Some(raw) = RawPair::read(body, at, 0, options)? else {
                at += 1;
                continue;
            };
            if call.pairs.len() == max {
                let kind = ErrorKind::LimitExceeded(Limit::Entries, max);
                return Err(Error::at(kind, at));
            }
            call.pairs.push(Pair {
                key: if raw.key.escaped {
                    escape::unescape(raw.key.text(body), at)?
                } else {
                    Cow::Borrowed(raw.key.text(body))
                },
                value: raw.value.text(body),
                escaped: raw.value.escaped,
                key_at: at,
                value_at: raw.value.start,
            });
            at = raw.value.end + 1;
        }
        Ok(call)
    }

    /// The action's name.
    ///
    /// ```
    /// let call = ec2wire::form::Call::from_str("Action=DeleteIpam&IpamId=ipam-1")?;
    /// assert_eq!(call.action()?.as_deref(), Some("DeleteIpam"));
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`RepeatedMember`](ErrorKind::RepeatedMember) if it occurs twice and decoding is strict;
    /// [`BadPercentEscape`](ErrorKind::BadPercentEscape) and
    /// [`InvalidUtf8`](ErrorKind::InvalidUtf8) if it cannot be unescaped.
    pub fn action(&self) -> Result<Option<Cow<'de, str>>> {
        self.scalar("Action")
    }

    /// The API version.
    ///
    /// ```
    /// let call = ec2wire::form::Call::from_str("Action=DeleteIpam")?;
    /// assert_eq!(call.version()?, None);
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`action`](Self::action).
    pub fn version(&self) -> Result<Option<Cow<'de, str>>> {
        self.scalar("Version")
    }

    /// The keys, unescaped and in the order of the body.
    ///
    /// ```
    /// let call = ec2wire::form::Call::from_str("Action=DeleteIpam&IpamId=ipam-1")?;
    /// assert!(call.keys().eq(["Action", "IpamId"]));
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|pair| &*pair.key)
    }

    /// Decodes the request's members.
    ///
    /// ```
    /// use ec2wire::{form::Call, ipam::DeleteIpam};
    ///
    /// let request: DeleteIpam = Call::from_str("Action=DeleteIpam&IpamId=ipam-1")?.decode()?;
    /// assert_eq!(request.ipam_id.as_deref(), Some("ipam-1"));
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`form::from_str`](super::from_str), for the options that the body was split with.
    pub fn decode<T: Deserialize<'de>>(self) -> Result<T> {
        self.decode_seed(PhantomData::<T>)
    }

    /// As [`decode`](Self::decode), with a seed. The seed is used a second time if the pairs are not in
    /// the order of the members.
    ///
    /// ```
    /// use ec2wire::{form::Call, ipam::DeleteIpam};
    /// use std::marker::PhantomData;
    ///
    /// let call = Call::from_str("Action=DeleteIpam&IpamId=ipam-1")?;
    /// let request = call.decode_seed(PhantomData::<DeleteIpam>)?;
    /// assert_eq!(request.ipam_id.as_deref(), Some("ipam-1"));
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode).
    pub fn decode_seed<S: DeserializeSeed<'de> + Clone>(mut self, seed: S) -> Result<S::Value> {
        if let Some(value) = de::decode_in_order(seed.clone(), &self.pairs, self.options) {
            return Ok(value);
        }
        group::regroup(&mut self.pairs, self.options.limits.effective_depth());
        de::decode(seed, &self.pairs, self.options)
    }

    fn scalar(&self, key: &str) -> Result<Option<Cow<'de, str>>> {
        let mut found = self.pairs.iter().filter(|pair| pair.key == key);
        let Some(pair) = found.next() else {
            return Ok(None);
        };
        if let (Some(second), false) = (found.next(), self.options.lenient) {
            return Err(Error::at(
                ErrorKind::RepeatedMember(key.into()),
                second.key_at,
            ));
        }
        let text = if pair.escaped {
            escape::unescape(pair.value, pair.value_at)
        } else {
            Ok(Cow::Borrowed(pair.value))
        };
        text.map(Some).map_err(|error| error.in_member(key))
    }
}
