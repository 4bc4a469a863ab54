//! Decoding: pairs become a value.
//!
//! There is no tree. A node is a run of pairs that share the beginning of their keys; its members
//! are the runs in it that share one part more. Real clients send the pairs of a run together and
//! lists in order, which takes no more than looking at each pair once a level. Where they do not,
//! the run is sorted first, so that time stays within n log n of the number of pairs.

use super::Options;
use super::call::Pair;
use super::escape::unescape;
use crate::scalar::{Base64Engine as _, deserialize_scalars, invalid, parse_bool};
use crate::{Error, ErrorKind, Limit, Result};
use alloc::borrow::Cow;
use serde::de::value::{BorrowedStrDeserializer, StrDeserializer};
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};

/// As many members are compared with each other to find one whose pairs are scattered; more are
/// sorted at once.
const COMPARED_RUNS: usize = 24;

/// Parameters of every action, and of signatures in the query string.
const COMMON: &[&str] = &[
    "Action",
    "Version",
    "AWSAccessKeyId",
    "SignatureVersion",
    "SignatureMethod",
    "Signature",
    "Timestamp",
    "Expires",
    "SecurityToken",
];

/// Common parameters of `SigV4` in the query string.
const COMMON_PREFIX: &str = "X-Amz-";

/// A run of pairs under one key. Never empty but at the root.
pub(super) struct Node<'n, 'de> {
    pairs: &'n mut [Pair<'de>],
    /// How many parts of the key are used up.
    depth: usize,
    options: Options,
}

impl<'n, 'de> Node<'n, 'de> {
    pub(super) fn root(pairs: &'n mut [Pair<'de>], options: Options) -> Self {
        Self {
            pairs,
            depth: 0,
            options,
        }
    }

    fn key_at(&self) -> usize {
        self.pairs.first().map_or(0, |pair| pair.key_at)
    }

    /// The text of a scalar and where it stands.
    fn scalar(self) -> Result<(Cow<'de, str>, usize)> {
        let Some((first, others)) = self.pairs.split_first() else {
            return Err(Error::new(ErrorKind::ExpectedScalar));
        };
        if let Some(nested) = core::iter::once(first)
            .chain(others)
            .find(|p| !p.is_scalar())
        {
            return Err(Error::at(ErrorKind::ExpectedScalar, nested.key_at));
        }
        if let (Some(second), false) = (others.first(), self.options.lenient) {
            let name = first.key.rsplit('.').next().unwrap_or_default();
            return Err(Error::at(
                ErrorKind::RepeatedMember(name.into()),
                second.key_at,
            ));
        }
        Ok((unescape(first.value, first.value_at)?, first.value_at))
    }

    /// Checks that there are members and not a scalar, and no more levels than allowed.
    fn enter(&self) -> Result<()> {
        if let Some(scalar) = self.pairs.iter().find(|pair| pair.is_scalar()) {
            return Err(Error::at(ErrorKind::ExpectedMembers, scalar.key_at));
        }
        let max = self.options.limits.effective_depth();
        if self.depth >= max && !self.pairs.is_empty() {
            return Err(Error::at(
                ErrorKind::LimitExceeded(Limit::Depth, max),
                self.key_at(),
            ));
        }
        Ok(())
    }

    fn members(self, fields: Option<&'static [&'static str]>) -> Result<Members<'n, 'de>> {
        self.enter()?;
        if has_scattered_runs(self.pairs) {
            self.pairs.sort_by(|a, b| a.part().cmp(b.part()));
        }
        Ok(Members {
            pairs: self.pairs,
            fields,
            next: 0,
            member: None,
            depth: self.depth,
            options: self.options,
        })
    }

    fn entries(self) -> Result<Entries<'n, 'de>> {
        self.enter()?;
        let mut last = 0;
        let mut in_order = true;
        for pair in &*self.pairs {
            let index = list_index(pair, self.options)?;
            in_order &= index >= last;
            last = index;
        }
        if !in_order {
            self.pairs
                .sort_by_key(|pair| list_index(pair, self.options).unwrap_or(u32::MAX));
        }
        Ok(Entries {
            pairs: self.pairs,
            read: 0,
            depth: self.depth,
            options: self.options,
        })
    }

    fn is_list(&self) -> bool {
        self.pairs
            .iter()
            .all(|pair| pair.part().bytes().all(|byte| byte.is_ascii_digit()))
    }
}

/// The index that the next part of the key is.
fn list_index(pair: &Pair<'_>, options: Options) -> Result<u32> {
    let part = pair.part();
    let plain = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match part.parse() {
        Ok(index) if plain && (options.lenient || !part.starts_with('0')) => Ok(index),
        _ => Err(Error::at(ErrorKind::BadIndex, pair.key_at).in_member(part)),
    }
}

/// Whether the pairs of some member are not all next to each other.
fn has_scattered_runs(pairs: &[Pair<'_>]) -> bool {
    let mut seen = [""; COMPARED_RUNS];
    let mut count = 0;
    let mut rest = pairs;
    while let Some(first) = rest.first() {
        let part = first.part();
        let known = seen.get(..count).unwrap_or_default();
        if known.contains(&part) {
            return true;
        }
        match seen.get_mut(count) {
            Some(slot) => *slot = part,
            None => return true,
        }
        count += 1;
        rest = rest.get(run_length(rest, part)..).unwrap_or_default();
    }
    false
}

/// How many pairs at the front share the next part of the key.
fn run_length(pairs: &[Pair<'_>], part: &str) -> usize {
    pairs
        .iter()
        .position(|pair| !pair.is_part(part))
        .unwrap_or(pairs.len())
}

/// Looks at values that nothing is made of: damage in them is damage all the same.
fn check_escapes(pairs: &[Pair<'_>]) -> Result<()> {
    pairs.iter().try_for_each(|pair| {
        unescape(pair.value, pair.value_at)
            .map(drop)
            .map_err(|error| error.in_member(&pair.key))
    })
}

/// Splits the first run of pairs off, its part of the key used up: the run and the rest.
fn split_run<'n, 'de>(
    pairs: &'n mut [Pair<'de>],
    length: usize,
) -> (&'n mut [Pair<'de>], &'n mut [Pair<'de>]) {
    let (run, rest) = pairs.split_at_mut(length);
    for pair in run.iter_mut() {
        let len = pair.part().len();
        pair.descend(len);
    }
    (run, rest)
}

/// The members of a structure or map.
struct Members<'n, 'de> {
    pairs: &'n mut [Pair<'de>],
    /// The structure's members, `None` for a map.
    fields: Option<&'static [&'static str]>,
    /// The field after the last one: members mostly come in the structure's order.
    next: usize,
    /// The pairs of the member whose key was just read.
    member: Option<&'n mut [Pair<'de>]>,
    depth: usize,
    options: Options,
}

impl<'n, 'de> Members<'n, 'de> {
    fn take_run(&mut self, length: usize) -> &'n mut [Pair<'de>] {
        let (run, rest) = split_run(core::mem::take(&mut self.pairs), length);
        self.pairs = rest;
        run
    }

    fn is_common(&self, part: &str) -> bool {
        self.depth == 0 && (COMMON.contains(&part) || part.starts_with(COMMON_PREFIX))
    }

    /// The position of the field that a part of a key names.
    fn field(&self, fields: &[&str], part: &str) -> Option<usize> {
        let rest = fields.get(self.next..).unwrap_or_default();
        match rest.iter().position(|field| is_key_of(field, part)) {
            Some(offset) => Some(self.next + offset),
            None => fields.iter().position(|field| is_key_of(field, part)),
        }
    }
}

/// Whether `part` is `field` with its first letter upper-cased.
fn is_key_of(field: &str, part: &str) -> bool {
    match (
        field.as_bytes().split_first(),
        part.as_bytes().split_first(),
    ) {
        (Some((f, field)), Some((p, part))) => f.to_ascii_uppercase() == *p && field == part,
        _ => false,
    }
}

impl<'de> MapAccess<'de> for Members<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        loop {
            let Some(first) = self.pairs.first() else {
                return Ok(None);
            };
            let (part, at) = (first.part(), first.key_at);
            if part.is_empty() {
                return Err(Error::at(ErrorKind::EmptyKey, at));
            }
            let length = run_length(self.pairs, part);
            let Some(fields) = self.fields else {
                let key = seed.deserialize(StrDeserializer::<Error>::new(part))?;
                self.member = Some(self.take_run(length));
                return Ok(Some(key));
            };
            if let Some(position) = self.field(fields, part) {
                self.next = position + 1;
                self.member = Some(self.take_run(length));
                let field = fields.get(position).copied().unwrap_or_default();
                return seed
                    .deserialize(BorrowedStrDeserializer::<Error>::new(field))
                    .map(Some);
            }
            if !self.options.lenient {
                let known = self.is_common(part) && first.key.len() == part.len();
                if !known {
                    return Err(Error::at(ErrorKind::UnknownMember(part.into()), at));
                }
                if let (Some(second), true) = (self.pairs.get(1), length > 1) {
                    let kind = ErrorKind::RepeatedMember(part.into());
                    return Err(Error::at(kind, second.key_at));
                }
            }
            check_escapes(self.pairs.get(..length).unwrap_or_default())?;
            self.take_run(length);
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        let pairs = self.member.take().unwrap_or_default();
        let (at, used) = pairs
            .first()
            .map_or((0, 0), |pair| (pair.key_at, pair.rest));
        seed.deserialize(Node {
            pairs: &mut *pairs,
            depth: self.depth + 1,
            options: self.options,
        })
        .map_err(|error| error.or_offset(at).in_member(last_part(pairs, used)))
    }
}

/// The last of the parts that take up the first `used` bytes of the keys, with their dots.
fn last_part<'p>(pairs: &'p [Pair<'_>], used: usize) -> &'p str {
    pairs
        .first()
        .and_then(|pair| pair.key.get(..used.saturating_sub(1)))
        .and_then(|used| used.rsplit('.').next())
        .unwrap_or_default()
}

/// The entries of a list, in order of index.
struct Entries<'n, 'de> {
    pairs: &'n mut [Pair<'de>],
    read: u32,
    depth: usize,
    options: Options,
}

impl<'de> SeqAccess<'de> for Entries<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let Some(first) = self.pairs.first() else {
            return Ok(None);
        };
        let (index, at) = (list_index(first, self.options)?, first.key_at);
        self.read += 1;
        if index != self.read && !self.options.lenient {
            return Err(Error::at(ErrorKind::IndexGap(self.read), at));
        }
        let length = self
            .pairs
            .iter()
            .position(|pair| list_index(pair, self.options).ok() != Some(index))
            .unwrap_or(self.pairs.len());
        let (pairs, rest) = split_run(core::mem::take(&mut self.pairs), length);
        self.pairs = rest;
        seed.deserialize(Node {
            pairs,
            depth: self.depth + 1,
            options: self.options,
        })
        .map(Some)
        .map_err(|error| {
            error
                .or_offset(at)
                .in_member(itoa::Buffer::new().format(index))
        })
    }
}

impl<'de> Deserializer<'de> for Node<'_, 'de> {
    type Error = Error;

    deserialize_scalars!();

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.pairs.first() {
            Some(first) if first.is_scalar() => self.deserialize_str(visitor),
            Some(_) if self.depth > 0 && self.is_list() => self.deserialize_seq(visitor),
            _ => self.deserialize_map(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let lenient = self.options.lenient;
        let (text, at) = self.scalar()?;
        match parse_bool(&text, lenient) {
            Some(value) => visitor.visit_bool(value),
            None => Err(invalid("`true` or `false`", at)),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if let Some(first) = self.pairs.first() {
            return Err(Error::at(
                ErrorKind::UnknownMember(first.part().into()),
                first.key_at,
            ));
        }
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        // At the root the common parameters may stand beside nothing.
        let mut members = self.members(Some(&[]))?;
        while members.next_key::<serde::de::IgnoredAny>()?.is_some() {}
        visitor.visit_unit()
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let mut entries = self.entries()?;
        let value = visitor.visit_seq(&mut entries)?;
        match entries.pairs.first() {
            None => Ok(value),
            Some(extra) => {
                let name = extra.part().into();
                Err(Error::at(ErrorKind::UnknownMember(name), extra.key_at))
            }
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_map(self.members(None)?)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_map(self.members(Some(fields))?)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        check_escapes(self.pairs)?;
        visitor.visit_unit()
    }
}
