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
            let count = swar::count(body.as_bytes(), b'&') + 1;
            call.pairs.reserve_exact(count.min(options.limits.entries));
            let mut at = 0;
            while at <= body.len() {
                at = call.read_pair(body, at)? + 1;
            }
        }
        Ok(call)
    }

    /// Reads the pair that begins at `at`. Returns where it ends: at an `&` or the end of the body.
    #[inline]
    fn read_pair(&mut self, body: &'de str, at: usize) -> Result<usize> {
        let bytes = body.as_bytes();
        let lenient = self.options.lenient;
        let last = self.pairs.last();
        // What the key has in common with the last one needs no second look.
        let common = match last {
            Some(Pair {
                key: Cow::Borrowed(last),
                ..
            }) => swar::common_prefix(last.as_bytes(), bytes.get(at..).unwrap_or_default()),
            _ => 0,
        };
        let key = Span::scan(bytes, at, common, true);
        let value = match bytes.get(key.end) {
            Some(b'=') => Span::scan(bytes, key.end + 1, 0, false),
            _ if key.end == at && lenient => return Ok(at),
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
        let max = self.options.limits.entries;
        if self.pairs.len() == max {
            let kind = ErrorKind::LimitExceeded(Limit::Entries, max);
            return Err(Error::at(kind, at));
        }
        let raw_key = body.get(at..key.end).unwrap_or_default();
        let (key, common) = if key.escaped {
            let key = escape::unescape(raw_key, at)?;
            let last = last.map_or("", |last| &*last.key);
            let common = swar::common_prefix(last.as_bytes(), key.as_bytes());
            (key, common)
        } else if let Some(Pair {
            key: Cow::Owned(last),
            ..
        }) = last
        {
            let common = swar::common_prefix(last.as_bytes(), raw_key.as_bytes());
            (Cow::Borrowed(raw_key), common)
        } else {
            (Cow::Borrowed(raw_key), common.min(raw_key.len()))
        };
        let place = group::place(&self.pairs, &key, common);
        self.grouped &= place.in_order;
        self.pairs.push(Pair {
            key,
            value: body.get(value.start..value.end).unwrap_or_default(),
            escaped: value.escaped,
            key_at: at,
            value_at: value.start,
            shared: place.shared,
            before: place.before,
        });
        Ok(value.end)
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
    /// Whether the key is used up by a prefix of its parts, so that the pair is a scalar.
    pub(super) fn is_scalar(&self, prefix: usize) -> bool {
        self.key.len() < prefix
    }

    /// The key's part behind a prefix: all up to the next dot.
    pub(super) fn part(&self, prefix: usize) -> &str {
        part_of(&self.key, prefix)
    }

    /// Whether `part` is the key's part behind a prefix.
    pub(super) fn has_part(&self, prefix: usize, part: &str) -> bool {
        let rest = self.key.as_bytes().get(prefix..).unwrap_or_default();
        matches!(rest.get(part.len()), None | Some(b'.'))
            && swar::starts_with(rest, part.as_bytes())
    }

    /// The value without its escapes.
    #[inline]
    pub(super) fn text(&self) -> Result<Cow<'de, str>> {
        if self.escaped {
            escape::unescape(self.value, self.value_at)
        } else {
            Ok(Cow::Borrowed(self.value))
        }
    }
}

/// The part of a key behind a prefix: all up to the next dot.
pub(super) fn part_of(key: &str, prefix: usize) -> &str {
    let bytes = key.as_bytes();
    let mut end = prefix;
    while bytes.get(end).is_some_and(|&byte| byte != b'.') {
        end += 1;
    }
    key.get(prefix..end).unwrap_or_default()
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

    /// Reads up to an `&`, or in a key up to an `=`. The first `known` bytes are plain.
    #[inline]
    fn scan(bytes: &[u8], start: usize, known: usize, is_key: bool) -> Self {
        let mut span = Self::empty(start);
        // All that ends a value or is to be looked at is below `-`, the first character that
        // stands bare, but for DEL.
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
