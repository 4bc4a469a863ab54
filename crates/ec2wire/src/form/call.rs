//! A request body, split into its pairs.

use super::{Options, de, escape, group};
use crate::{Error, ErrorKind, Limit, Result, swar};
use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::marker::PhantomData;
use serde::Deserialize;
use serde::de::DeserializeSeed;

/// One `key=value` of the body. The value is still escaped.
#[derive(Debug, Clone, Default)]
pub(super) struct Pair<'de> {
    pub(super) key: Cow<'de, str>,
    pub(super) value: &'de str,
    /// Whether the value has escapes to undo.
    pub(super) escaped: bool,
    pub(super) key_at: usize,
    pub(super) value_at: usize,
}

/// A request of some action: its pairs, before they become a type.
///
/// A server reads the action first and then decodes the type that belongs to it:
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
    /// Splits a body strictly, with the default limits. [`Options::call`] takes others.
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
    /// What is wrong with the pairs and their keys, and with bare characters anywhere: of the
    /// kinds that [the module](super#what-is-read) lists, [`EmptyPair`](ErrorKind::EmptyPair),
    /// [`MissingEquals`](ErrorKind::MissingEquals), [`EmptyKey`](ErrorKind::EmptyKey),
    /// [`BareCharacter`](ErrorKind::BareCharacter),
    /// [`BadPercentEscape`](ErrorKind::BadPercentEscape), [`InvalidUtf8`](ErrorKind::InvalidUtf8)
    /// and [`LimitExceeded`](ErrorKind::LimitExceeded).
    #[expect(
        clippy::should_implement_trait,
        reason = "the call borrows from the body"
    )]
    pub fn from_str(body: &'de str) -> Result<Self> {
        Options::new().call(body)
    }

    /// As [`from_str`](Self::from_str), from bytes, which must be UTF-8.
    /// [`Options::call_from_slice`] takes other limits.
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
        Options::new().call_from_slice(body)
    }

    pub(super) fn parse(body: &'de str, options: Options) -> Result<Self> {
        let mut call = Self {
            pairs: Vec::new(),
            options,
        };
        if body.is_empty() {
            return Ok(call);
        }
        // An `&` for each pair but the first: one pass that saves growing the list. The limit
        // bounds what a body of nothing but `&` can claim.
        let max = options.limits.entries;
        let count = swar::count(body.as_bytes(), b'&') + 1;
        // A pair has three bytes at least, with its `&`.
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
    /// [`RepeatedMember`](ErrorKind::RepeatedMember) where it is given twice and decoding is
    /// strict; [`BadPercentEscape`](ErrorKind::BadPercentEscape) and
    /// [`InvalidUtf8`](ErrorKind::InvalidUtf8) where it cannot be unescaped.
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

    /// As [`decode`](Self::decode), to what the seed makes of the members. It is asked again where
    /// the pairs turn out to be in another order than the members.
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

/// Where a pair stands in the body, as far as it can be told without undoing escapes.
pub(super) struct RawPair {
    pub(super) key: Span,
    pub(super) value: Span,
}

impl RawPair {
    /// Reads the pair that begins at `at`, up to an `&` or the end of the body; `None` where there
    /// is nothing. The first `known` bytes of the key are plain.
    #[inline]
    pub(super) fn read(
        body: &str,
        at: usize,
        known: usize,
        options: Options,
    ) -> Result<Option<Self>> {
        let bytes = body.as_bytes();
        let lenient = options.lenient;
        let key = Span::scan(bytes, at, known, true);
        let value = match bytes.get(key.end) {
            Some(b'=') => Span::scan(bytes, key.end + 1, 0, false),
            _ if key.end == at && lenient => return Ok(None),
            _ if key.end == at => return Err(Error::at(ErrorKind::EmptyPair, at)),
            _ if lenient => Span::empty(key.end),
            _ => return Err(Error::at(ErrorKind::MissingEquals, key.end)),
        };
        if key.end == at {
            return Err(Error::at(ErrorKind::EmptyKey, at));
        }
        if !lenient && let Some(bare) = key.bare.or(value.bare) {
            return Err(bare_character(body, bare));
        }
        Ok(Some(Self { key, value }))
    }
}

/// A key or value, still escaped.
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) escaped: bool,
    /// The first control character or space.
    bare: Option<usize>,
}

impl Span {
    #[inline]
    pub(super) fn text<'b>(&self, body: &'b str) -> &'b str {
        body.get(self.start..self.end).unwrap_or_default()
    }

    fn empty(at: usize) -> Self {
        Self {
            start: at,
            end: at,
            escaped: false,
            bare: None,
        }
    }

    /// Reads up to an `&`, or in a key up to an `=`. The first `known` bytes are plain.
    #[inline]
    fn scan(bytes: &[u8], start: usize, known: usize, is_key: bool) -> Self {
        let mut span = Self::empty(start);
        // All that ends a value or is to be looked at is below `-`, the first character that
        // stands bare, but for DEL. An `=` is marked in keys only, so none stops a value.
        let marks = |word| {
            let ends_key = if is_key { swar::equal(word, b'=') } else { 0 };
            swar::below(word, b'-') | swar::equal(word, 0x7F) | ends_key
        };
        span.end = swar::find(bytes, start + known, marks, |at, byte| {
            match byte {
                b'&' | b'=' => return true,
                b'%' | b'+' => span.escaped = true,
                0..=b' ' | 0x7F => span.bare = span.bare.or(Some(at)),
                _ => {}
            }
            false
        });
        span
    }
}

#[cold]
fn bare_character(body: &str, at: usize) -> Error {
    let character = body.get(at..).and_then(|rest| rest.chars().next());
    Error::at(ErrorKind::BareCharacter(character.unwrap_or(' ')), at)
}
