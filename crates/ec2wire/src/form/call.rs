//! A request body, split into its pairs.

use super::{Options, de, escape};
use crate::{Error, ErrorKind, Limit, Result};
use alloc::borrow::Cow;
use alloc::vec::Vec;
use serde::Deserialize;

/// One `key=value` of the body. The value is still escaped.
#[derive(Debug, Clone)]
pub(super) struct Pair<'de> {
    pub(super) key: Cow<'de, str>,
    /// Where the part of the key begins that is not yet used up by the structures around it; past
    /// the end when the pair is the value itself.
    pub(super) rest: usize,
    pub(super) value: &'de str,
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
    #[expect(
        clippy::should_implement_trait,
        reason = "the call borrows from the body"
    )]
    pub fn from_str(body: &'de str) -> Result<Self> {
        Options::new().call(body)
    }

    pub(super) fn parse(body: &'de str, options: Options) -> Result<Self> {
        if body.len() > options.limits.bytes {
            return Err(options.too_long());
        }
        let mut pairs = Vec::new();
        if !body.is_empty() {
            // An `&` for each pair but the first: one pass that saves growing the list. The limit
            // bounds what a body of nothing but `&` can claim.
            let count = body.bytes().filter(|&byte| byte == b'&').count() + 1;
            pairs.reserve_exact(count.min(options.limits.entries));
            let mut at = 0;
            for text in body.split('&') {
                if let Some(pair) = Pair::parse(text, at, options)? {
                    if pairs.len() == options.limits.entries {
                        let kind = ErrorKind::LimitExceeded(Limit::Entries, options.limits.entries);
                        return Err(Error::at(kind, at));
                    }
                    pairs.push(pair);
                }
                at += text.len() + 1;
            }
        }
        Ok(Self { pairs, options })
    }

    /// The action's name. Fails when it is given twice or cannot be unescaped.
    pub fn action(&self) -> Result<Option<Cow<'de, str>>> {
        self.scalar("Action")
    }

    /// The API version. Fails when it is given twice or cannot be unescaped.
    pub fn version(&self) -> Result<Option<Cow<'de, str>>> {
        self.scalar("Version")
    }

    /// The keys, unescaped and in the order of the body.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|pair| &*pair.key)
    }

    /// Decodes the request's members.
    pub fn decode<T: Deserialize<'de>>(mut self) -> Result<T> {
        T::deserialize(de::Node::root(&mut self.pairs, self.options))
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
        escape::unescape(pair.value, pair.value_at)
            .map(Some)
            .map_err(|error| error.in_member(key))
    }
}

impl<'de> Pair<'de> {
    fn parse(text: &'de str, at: usize, options: Options) -> Result<Option<Self>> {
        if text.is_empty() {
            return if options.lenient {
                Ok(None)
            } else {
                Err(Error::at(ErrorKind::EmptyPair, at))
            };
        }
        let (raw_key, value) = match text.split_once('=') {
            Some(parts) => parts,
            None if options.lenient => (text, ""),
            None => return Err(Error::at(ErrorKind::MissingEquals, at + text.len())),
        };
        let key = escape::unescape(raw_key, at)?;
        if key.is_empty() {
            return Err(Error::at(ErrorKind::EmptyKey, at));
        }
        let value_at = at + text.len() - value.len();
        if !options.lenient
            && let Some(bare) = text.bytes().position(|byte| byte <= b' ' || byte == 0x7f)
        {
            let character = text
                .get(bare..)
                .and_then(|rest| rest.chars().next())
                .unwrap_or(' ');
            return Err(Error::at(ErrorKind::BareCharacter(character), at + bare));
        }
        Ok(Some(Self {
            key,
            rest: 0,
            value,
            key_at: at,
            value_at,
        }))
    }

    /// The key's next part: all up to the next dot.
    pub(super) fn part(&self) -> &str {
        let rest = self.key.get(self.rest..).unwrap_or_default();
        rest.split_once('.').map_or(rest, |(part, _)| part)
    }

    /// Whether `part` is the key's next part.
    pub(super) fn is_part(&self, part: &str) -> bool {
        let rest = self.key.as_bytes().get(self.rest..).unwrap_or_default();
        rest.strip_prefix(part.as_bytes())
            .is_some_and(|after| matches!(after, [] | [b'.', ..]))
    }

    /// Whether the key is used up, so that the pair is a scalar.
    pub(super) fn is_scalar(&self) -> bool {
        self.rest > self.key.len()
    }

    /// Uses up the next part of the key, of `len` bytes, and the dot behind it.
    pub(super) fn descend(&mut self, len: usize) {
        self.rest += len + 1;
    }
}
