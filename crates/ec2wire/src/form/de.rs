//! Decoding: pairs become a value.
//!
//! There is no tree. A node is a run of pairs that share the beginning of their keys, and ends
//! where a pair shares less with the one before; its members are runs within it. The pairs are in
//! an order in which no member's are scattered ([`group`](super::group)), so that each is looked
//! at once and never for how long a run is.

use super::Options;
use super::call::Pair;
use crate::scalar::{Base64Engine as _, deserialize_scalars, invalid, parse_bool};
use crate::{Error, ErrorKind, Limit, Result, swar};
use alloc::borrow::Cow;
use serde::de::value::{BorrowedStrDeserializer, StrDeserializer};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};

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

/// Decodes pairs that are grouped.
pub(super) fn decode<'de, T: Deserialize<'de>>(pairs: &[Pair<'de>], options: Options) -> Result<T> {
    let mut reader = Reader {
        pairs,
        next: 0,
        options,
    };
    T::deserialize(Node {
        reader: &mut reader,
        start: 0,
        prefix: 0,
        depth: 0,
    })
}

/// The pairs and how many of them are read.
struct Reader<'p, 'de> {
    pairs: &'p [Pair<'de>],
    next: usize,
    options: Options,
}

impl<'p, 'de> Reader<'p, 'de> {
    /// The next pair of the node that begins with the pair at `start`, all of whose keys begin with
    /// the same `prefix` bytes.
    #[inline]
    fn peek(&self, start: usize, prefix: usize) -> Option<&'p Pair<'de>> {
        self.pairs
            .get(self.next)
            .filter(|pair| pair.shared >= prefix || self.next == start)
    }

    fn pass(&mut self) {
        self.next += 1;
    }

    /// Passes over what is left of a node. Nothing is made of the values, but damage in them is
    /// damage all the same. Its path begins behind the first `known` bytes of the key.
    #[inline]
    fn pass_rest(&mut self, start: usize, prefix: usize, known: usize) -> Result<()> {
        while let Some(pair) = self.peek(start, prefix) {
            if pair.escaped {
                pair.text().map_err(|error| match pair.key.get(known..) {
                    Some(path) => error.in_member(path),
                    None => error,
                })?;
            }
            self.pass();
        }
        Ok(())
    }

    /// Has `seed` decode the node that begins here.
    #[inline]
    fn node<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
        prefix: usize,
        depth: usize,
    ) -> Result<T::Value> {
        let start = self.next;
        seed.deserialize(Node {
            reader: self,
            start,
            prefix,
            depth,
        })
    }

    /// Passes over what a node that begins with `first`, at `start`, left unread: more pairs under
    /// the key of a scalar, or all that a type does not care about. Errors are named from behind
    /// the `parent` bytes of the key.
    #[inline]
    fn finish(
        &mut self,
        start: usize,
        first: &Pair<'de>,
        prefix: usize,
        parent: usize,
    ) -> Result<()> {
        match self.peek(start, prefix) {
            Some(next) => self.pass_left(start, first, next, prefix, parent),
            None => Ok(()),
        }
    }

    #[cold]
    fn pass_left(
        &mut self,
        start: usize,
        first: &Pair<'de>,
        second: &Pair<'de>,
        prefix: usize,
        parent: usize,
    ) -> Result<()> {
        if !first.is_scalar(prefix) {
            return self.pass_rest(start, prefix, parent);
        }
        let part = first.part(parent);
        while let Some(pair) = self.peek(start, prefix) {
            if !pair.is_scalar(prefix) {
                return Err(Error::at(ErrorKind::ExpectedScalar, pair.key_at).in_member(part));
            }
            pair.text().map_err(|error| error.in_member(part))?;
            self.pass();
        }
        if self.options.lenient {
            return Ok(());
        }
        Err(Error::at(
            ErrorKind::RepeatedMember(part.into()),
            second.key_at,
        ))
    }
}

/// A run of pairs under one key. Never empty but at the root.
struct Node<'r, 'p, 'de> {
    reader: &'r mut Reader<'p, 'de>,
    start: usize,
    /// How many bytes of the keys are used up, the dot behind them included.
    prefix: usize,
    depth: usize,
}

impl<'r, 'p, 'de> Node<'r, 'p, 'de> {
    fn peek(&self) -> Option<&'p Pair<'de>> {
        self.reader.peek(self.start, self.prefix)
    }

    /// The text of a scalar if it stands in the body as it is; otherwise nothing is read.
    #[inline]
    fn plain(&mut self) -> Option<&'de str> {
        let pair = self.peek()?;
        if pair.escaped || !pair.is_scalar(self.prefix) {
            return None;
        }
        self.reader.pass();
        Some(pair.value)
    }

    /// The text of a scalar and where it stands.
    #[inline]
    fn scalar(self) -> Result<(Cow<'de, str>, usize)> {
        let Some(pair) = self.peek() else {
            return Err(Error::new(ErrorKind::ExpectedScalar));
        };
        self.reader.pass();
        if !pair.is_scalar(self.prefix) {
            return Err(Error::at(ErrorKind::ExpectedScalar, pair.key_at));
        }
        Ok((pair.text()?, pair.value_at))
    }

    /// Checks that there are no more levels than allowed.
    fn enter(&self) -> Result<()> {
        let max = self.reader.options.limits.effective_depth();
        match self.peek() {
            Some(first) if self.depth >= max => Err(Error::at(
                ErrorKind::LimitExceeded(Limit::Depth, max),
                first.key_at,
            )),
            _ => Ok(()),
        }
    }

    fn members(self, fields: Option<&'static [&'static str]>) -> Result<Members<'r, 'p, 'de>> {
        self.enter()?;
        Ok(Members {
            node: self,
            fields,
            next: 0,
            inner: 0,
        })
    }

    fn entries(self) -> Result<Entries<'r, 'p, 'de>> {
        self.enter()?;
        Ok(Entries {
            node: self,
            read: 0,
            last: None,
        })
    }

    fn is_list(&self) -> bool {
        let pairs = self.reader.pairs.get(self.start..).unwrap_or_default();
        let others = pairs
            .iter()
            .skip(1)
            .take_while(|pair| pair.shared >= self.prefix);
        pairs.iter().take(1).chain(others).all(|pair| {
            let part = pair.part(self.prefix);
            part.bytes().all(|byte| byte.is_ascii_digit())
        })
    }
}

/// The list index behind a prefix of the key, and how many bytes it has.
fn list_index(pair: &Pair<'_>, prefix: usize, options: Options) -> Result<(u32, usize)> {
    let rest = pair.key.as_bytes().get(prefix..).unwrap_or_default();
    let mut index = Some(0_u32);
    let mut len = 0;
    for &byte in rest {
        match byte {
            b'0'..=b'9' => {
                index = index
                    .and_then(|index| index.checked_mul(10)?.checked_add(u32::from(byte - b'0')));
                len += 1;
            }
            b'.' => break,
            _ => {
                index = None;
                break;
            }
        }
    }
    match index {
        Some(index) if len > 0 && (options.lenient || rest.first() != Some(&b'0')) => {
            Ok((index, len))
        }
        _ => {
            let part = pair.part(prefix);
            if part.is_empty() {
                return Err(Error::at(ErrorKind::EmptyKey, pair.key_at));
            }
            Err(Error::at(ErrorKind::BadIndex, pair.key_at).in_member(part))
        }
    }
}

/// The members of a structure or map.
struct Members<'r, 'p, 'de> {
    node: Node<'r, 'p, 'de>,
    /// The structure's members, `None` for a map.
    fields: Option<&'static [&'static str]>,
    /// The position behind the last member's.
    next: usize,
    /// The prefix of the member whose key was just read.
    inner: usize,
}

impl Members<'_, '_, '_> {
    /// The position and name of the field that a pair belongs to.
    #[inline]
    fn field(
        &self,
        fields: &'static [&'static str],
        pair: &Pair<'_>,
    ) -> Option<(usize, &'static str)> {
        let key = pair.key.as_bytes();
        let key = key.get(self.node.prefix..).unwrap_or_default();
        // Members mostly come in the structure's order.
        if let Some(&field) = fields.get(self.next)
            && begins_with_field(key, field)
        {
            return Some((self.next, field));
        }
        let mut fields = fields.iter().copied().enumerate();
        fields.find(|(_, field)| begins_with_field(key, field))
    }
}

fn is_common(part: &str) -> bool {
    COMMON.contains(&part) || part.starts_with(COMMON_PREFIX)
}

/// Whether the next part of a key is `field` with its first letter upper-cased.
#[inline]
fn begins_with_field(key: &[u8], field: &str) -> bool {
    let Some((first, field)) = field.as_bytes().split_first() else {
        return false;
    };
    let Some((initial, key)) = key.split_first() else {
        return false;
    };
    *initial == first.to_ascii_uppercase()
        && matches!(key.get(field.len()), None | Some(b'.'))
        && swar::starts_with(key, field)
}

impl<'de> MapAccess<'de> for Members<'_, '_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let prefix = self.node.prefix;
        while let Some(pair) = self.node.peek() {
            if pair.is_scalar(prefix) {
                return Err(Error::at(ErrorKind::ExpectedMembers, pair.key_at));
            }
            if let Some(fields) = self.fields
                && let Some((position, field)) = self.field(fields, pair)
            {
                self.next = position + 1;
                self.inner = prefix + field.len() + 1;
                return seed
                    .deserialize(BorrowedStrDeserializer::<Error>::new(field))
                    .map(Some);
            }
            let part = pair.part(prefix);
            if part.is_empty() {
                return Err(Error::at(ErrorKind::EmptyKey, pair.key_at));
            }
            self.inner = prefix + part.len() + 1;
            if self.fields.is_none() {
                return seed
                    .deserialize(StrDeserializer::<Error>::new(part))
                    .map(Some);
            }
            let reader = &mut *self.node.reader;
            let start = reader.next;
            if reader.options.lenient {
                reader.pass_rest(start, self.inner, prefix)?;
                continue;
            }
            let is_scalar = pair.is_scalar(self.inner);
            if !is_scalar || self.node.depth > 0 || !is_common(part) {
                let kind = ErrorKind::UnknownMember(part.into());
                return Err(Error::at(kind, pair.key_at));
            }
            pair.text().map_err(|error| error.in_member(part))?;
            reader.pass();
            reader.finish(start, pair, self.inner, prefix)?;
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        let Some(first) = self.node.peek() else {
            return Err(Error::new(ErrorKind::Unsupported(
                "a value that has no key",
            )));
        };
        let Node { prefix, depth, .. } = self.node;
        let reader = &mut *self.node.reader;
        let start = reader.next;
        let value = reader
            .node(seed, self.inner, depth + 1)
            .map_err(|error| error.or_offset(first.key_at).in_member(first.part(prefix)))?;
        reader.finish(start, first, self.inner, prefix)?;
        Ok(value)
    }
}

/// The entries of a list, in order of index.
struct Entries<'r, 'p, 'de> {
    node: Node<'r, 'p, 'de>,
    read: u32,
    last: Option<(u32, &'p Pair<'de>)>,
}

impl<'de> SeqAccess<'de> for Entries<'_, '_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let Some(first) = self.node.peek() else {
            return Ok(None);
        };
        let (at, prefix) = (first.key_at, self.node.prefix);
        if first.is_scalar(prefix) {
            return Err(Error::at(ErrorKind::ExpectedMembers, at));
        }
        let options = self.node.reader.options;
        let (index, len) = list_index(first, prefix, options)?;
        self.read += 1;
        if index != self.read && !options.lenient {
            return Err(Error::at(ErrorKind::IndexGap(self.read), at));
        }
        if let Some((last, before)) = self.last.replace((index, first))
            && last == index
        {
            // The same index in two spellings, as `1` and `01`.
            let second = if before.key_at > at { before } else { first };
            let kind = ErrorKind::RepeatedMember(second.part(prefix).into());
            return Err(Error::at(kind, second.key_at));
        }
        let depth = self.node.depth + 1;
        let reader = &mut *self.node.reader;
        let (start, inner) = (reader.next, prefix + len + 1);
        let value = reader.node(seed, inner, depth).map_err(|error| {
            error
                .or_offset(at)
                .in_member(itoa::Buffer::new().format(index))
        })?;
        reader.finish(start, first, inner, prefix)?;
        Ok(Some(value))
    }
}

impl<'de> Deserializer<'de> for Node<'_, '_, 'de> {
    type Error = Error;

    deserialize_scalars!();

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.peek() {
            Some(first) if first.is_scalar(self.prefix) => self.deserialize_str(visitor),
            Some(_) if self.depth > 0 && self.is_list() => self.deserialize_seq(visitor),
            _ => self.deserialize_map(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let lenient = self.reader.options.lenient;
        let (text, at) = self.scalar()?;
        match parse_bool(&text, lenient) {
            Some(value) => visitor.visit_bool(value),
            None => Err(invalid("`true` or `false`", at)),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if let Some(first) = self.peek() {
            return Err(Error::at(
                ErrorKind::UnknownMember(first.part(self.prefix).into()),
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
        match entries.node.peek() {
            None => Ok(value),
            Some(extra) => {
                let name = extra.part(entries.node.prefix).into();
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
        visitor
            .visit_map(self.members(Some(fields))?)
            .map_err(Error::in_request)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.reader
            .pass_rest(self.start, self.prefix, self.prefix)?;
        visitor.visit_unit()
    }
}
