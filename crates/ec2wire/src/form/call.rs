//! A request body, split into its pairs.

use super::{Options, de, escape, group};
use crate::{Error, ErrorKind, Limit, Result, swar};
use alloc::borrow::Cow;
use alloc::vec::Vec;
use serde::Deserialize;

/// One `key=value` of the body. The value is still escaped.
#[derive(Debug, Clone, Default)]
pub(super) struct Pair<'de> {
    pub(super) key: Cow<'de, str>,
    pub(super) value: &'de str,
    /// Whether the value has escapes to undo.
    pub(super) escaped: bool,
    pub(super) key_at: usize,
    pub(super) value_at: usize,
    /// How many bytes of the key are whole parts, each with its dot, that it shares with the pair
    /// before.
    pub(super) shared: usize,
    /// The last pair before this one that shares no more with its own predecessor.
    pub(super) before: usize,
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
    /// Whether the pairs of each member stand together and each list is in order.
    grouped: bool,
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
        let mut call = Self {
            pairs: Vec::new(),
            grouped: true,
            options,
        };
        if !body.is_empty() {
            // An `&` for each pair but the first: one pass that saves growing the list. The limit
            // bounds what a body of nothing but `&` can claim.
            let count = body.bytes().filter(|&byte| byte == b'&').count() + 1;
            call.pairs.reserve_exact(count.min(options.limits.entries));
            let mut at = 0;
            while at <= body.len() {
                let (pair, end) = Pair::parse(body, at, options)?;
                if let Some(pair) = pair {
                    call.push(pair, at)?;
                }
                at = end + 1;
            }
        }
        Ok(call)
    }

    fn push(&mut self, mut pair: Pair<'de>, at: usize) -> Result<()> {
        let max = self.options.limits.entries;
        if self.pairs.len() == max {
            let kind = ErrorKind::LimitExceeded(Limit::Entries, max);
            return Err(Error::at(kind, at));
        }
        self.grouped = group::follows(&self.pairs, &mut pair) && self.grouped;
        self.pairs.push(pair);
        Ok(())
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
        if !self.grouped {
            group::regroup(&mut self.pairs, self.options.limits.effective_depth());
        }
        de::decode(&self.pairs, self.options)
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
        pair.text().map(Some).map_err(|error| error.in_member(key))
    }
}

impl<'de> Pair<'de> {
    /// Reads the pair that begins at `at`, and where it ends: at an `&` or the end of the body.
    fn parse(body: &'de str, at: usize, options: Options) -> Result<(Option<Self>, usize)> {
        let bytes = body.as_bytes();
        let key = Span::scan(bytes, at, true);
        let value = match bytes.get(key.end) {
            Some(b'=') => Span::scan(bytes, key.end + 1, false),
            _ if key.end == at && options.lenient => return Ok((None, at)),
            _ if key.end == at => return Err(Error::at(ErrorKind::EmptyPair, at)),
            _ if options.lenient => Span::empty(key.end),
            _ => return Err(Error::at(ErrorKind::MissingEquals, key.end)),
        };
        if key.end == at {
            return Err(Error::at(ErrorKind::EmptyKey, at));
        }
        if !options.lenient
            && let Some(bare) = key.bare.or(value.bare)
        {
            let character = body.get(bare..).and_then(|rest| rest.chars().next());
            let kind = ErrorKind::BareCharacter(character.unwrap_or(' '));
            return Err(Error::at(kind, bare));
        }
        let raw_key = body.get(at..key.end).unwrap_or_default();
        let pair = Self {
            key: if key.escaped {
                escape::unescape(raw_key, at)?
            } else {
                Cow::Borrowed(raw_key)
            },
            value: body.get(value.start..value.end).unwrap_or_default(),
            escaped: value.escaped,
            key_at: at,
            value_at: value.start,
            shared: 0,
            before: 0,
        };
        Ok((Some(pair), value.end))
    }

    /// Whether the key is used up by a prefix of its parts, so that the pair is a scalar.
    pub(super) fn is_scalar(&self, prefix: usize) -> bool {
        self.key.len() < prefix
    }

    /// The key's part behind a prefix: all up to the next dot.
    pub(super) fn part(&self, prefix: usize) -> &str {
        let rest = self.key.get(prefix..).unwrap_or_default();
        rest.split_once('.').map_or(rest, |(part, _)| part)
    }

    /// Whether `part` is the key's part behind a prefix.
    pub(super) fn has_part(&self, prefix: usize, part: &str) -> bool {
        let rest = self.key.as_bytes().get(prefix..).unwrap_or_default();
        rest.strip_prefix(part.as_bytes())
            .is_some_and(|after| matches!(after, [] | [b'.', ..]))
    }

    /// The value without its escapes.
    pub(super) fn text(&self) -> Result<Cow<'de, str>> {
        if self.escaped {
            escape::unescape(self.value, self.value_at)
        } else {
            Ok(Cow::Borrowed(self.value))
        }
    }
}

/// A key or value, still escaped.
struct Span {
    start: usize,
    end: usize,
    escaped: bool,
    /// The first control character or space.
    bare: Option<usize>,
}

impl Span {
    fn empty(at: usize) -> Self {
        Self {
            start: at,
            end: at,
            escaped: false,
            bare: None,
        }
    }

    /// Reads up to an `&`, or in a key up to an `=`.
    #[inline]
    fn scan(bytes: &[u8], start: usize, is_key: bool) -> Self {
        let mut span = Self::empty(start);
        loop {
            // All that ends a value or is to be looked at is below `-`, the first character that
            // stands bare, but for DEL.
            span.end = swar::find(bytes, span.end, |word| {
                let ends_key = if is_key { swar::equal(word, b'=') } else { 0 };
                swar::below(word, b'-') | swar::equal(word, 0x7F) | ends_key
            });
            match bytes.get(span.end) {
                None | Some(b'&' | b'=') => return span,
                Some(b'%' | b'+') => span.escaped = true,
                Some(0..=b' ' | 0x7F) => span.bare = span.bare.or(Some(span.end)),
                Some(_) => {}
            }
            span.end += 1;
        }
    }
}
