//! Decoding: from pairs to a value.
//!
//! There is no tree. A node is a run of pairs whose keys share a prefix, and its members are runs within
//! it. Each pair is read once, from the body as it was sent. Only if the pairs are out of order are they
//! collected and [sorted](super::group) first.

use super::Options;
use super::key::{is_used_up, part_of};
use super::pair::Pair;
use super::reader::{Reader, View};
use crate::scalar::{Base64Engine as _, deserialize_scalars, invalid, parse_bool};
use crate::{Error, ErrorKind, Limit, Result, swar};
use alloc::borrow::Cow;
use serde::de::value::{BorrowedStrDeserializer, StrDeserializer};
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};

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

/// Decodes a body whose pairs are in order, as nearly all are. `None` if they are not, or if anything
/// is damaged.
pub(super) fn decode_as_sent<'de, S: DeserializeSeed<'de>>(
    seed: S,
    body: &'de str,
    options: Options,
) -> Option<S::Value> {
    decode_with(seed, &mut Reader::from_body(body, options)).ok()
}

/// As [`decode_as_sent`], from pairs.
pub(super) fn decode_in_order<'de, S: DeserializeSeed<'de>>(
    seed: S,
    pairs: &[Pair<'de>],
    options: Options,
) -> Option<S::Value> {
    decode_with(seed, &mut Reader::from_pairs(pairs, options, false)).ok()
}

/// Decodes pairs that were [sorted](super::group).
pub(super) fn decode<'de, S: DeserializeSeed<'de>>(
    seed: S,
    pairs: &[Pair<'de>],
    options: Options,
) -> Result<S::Value> {
    decode_with(seed, &mut Reader::from_pairs(pairs, options, true))
}

fn decode_with<'de, S: DeserializeSeed<'de>>(
    seed: S,
    reader: &mut Reader<'_, 'de>,
) -> Result<S::Value> {
    let value = seed.deserialize(Node {
        reader: &mut *reader,
        start: 0,
        prefix: 0,
        depth: 0,
    })?;
    reader.pass_rest(0, 0, 0)?;
    // The type may have swallowed the error.
    if reader.gave_up() {
        return Err(reader.give_up());
    }
    Ok(value)
}

/// A run of pairs under one key. Never empty but at the root.
struct Node<'r, 'k, 'de> {
    reader: &'r mut Reader<'k, 'de>,
    start: usize,
    /// The length of the keys' common prefix, with the dot after it.
    prefix: usize,
    depth: usize,
}

impl<'r, 'k, 'de: 'k> Node<'r, 'k, 'de> {
    #[inline]
    fn peek(&self) -> Option<&View<'k, 'de>> {
        self.reader.peek(self.start, self.prefix)
    }

    /// The text of a scalar if it has no escapes. Otherwise reads nothing.
    #[inline]
    fn plain(&mut self) -> Option<&'de str> {
        let text = self
            .peek()
            .filter(|pair| pair.is_scalar(self.prefix))?
            .plain()?;
        self.reader.pass();
        Some(text)
    }

    /// Skips a scalar whose whole key is `prefix`.
    fn scalar_at(&mut self, prefix: usize) -> Result<()> {
        Node {
            start: self.reader.passed(),
            reader: &mut *self.reader,
            prefix,
            depth: self.depth,
        }
        .scalar()
        .map(drop)
    }

    /// The text of a scalar, and its offset.
    fn scalar(self) -> Result<(Cow<'de, str>, usize)> {
        let Some(pair) = self.peek() else {
            return Err(Error::new(ErrorKind::ExpectedScalar));
        };
        if !pair.is_scalar(self.prefix) {
            return Err(Error::at(ErrorKind::ExpectedScalar, pair.key_at));
        }
        let scalar = (pair.text()?, pair.value_at);
        self.reader.pass();
        Ok(scalar)
    }

    /// Checks the limit of levels.
    fn enter(&self) -> Result<()> {
        let max = self.reader.options().limits.effective_depth();
        match self.peek() {
            Some(first) if self.depth >= max => Err(Error::at(
                ErrorKind::LimitExceeded(Limit::Depth, max),
                first.key_at,
            )),
            _ => Ok(()),
        }
    }

    fn members(self, fields: Option<&'static [&'static str]>) -> Result<Members<'r, 'k, 'de>> {
        self.enter()?;
        Ok(Members {
            node: self,
            fields,
            next: 0,
            inner: 0,
            seen: 0,
        })
    }

    fn entries(self) -> Result<Entries<'r, 'k, 'de>> {
        self.enter()?;
        Ok(Entries {
            node: self,
            read: 0,
            last: None,
        })
    }

    /// Whether the members of the node are numbered. In sorted pairs, those with names come first.
    fn is_list(&self) -> bool {
        self.peek().is_some_and(|first| {
            let part = part_of(first.key, self.prefix);
            part.bytes().all(|byte| byte.is_ascii_digit())
        })
    }
}

/// The list index after a prefix of the key, and its length in bytes.
#[inline]
fn list_index(pair: &View<'_, '_>, prefix: usize, options: Options) -> Result<(u32, usize)> {
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
            let part = part_of(pair.key, prefix);
            if part.is_empty() {
                return Err(Error::at(ErrorKind::EmptyKey, pair.key_at));
            }
            Err(Error::at(ErrorKind::BadIndex, pair.key_at).in_member(part))
        }
    }
}

/// The members of a structure or map.
struct Members<'r, 'k, 'de> {
    node: Node<'r, 'k, 'de>,
    /// The structure's members, `None` for a map.
    fields: Option<&'static [&'static str]>,
    /// The position after that of the last member.
    next: usize,
    /// The prefix of the member whose key was just read.
    inner: usize,
    /// A bit for each of the first members that occurred. The common parameters have the last bits.
    seen: u64,
}

impl Members<'_, '_, '_> {
    /// Gives up when a member comes back after others.
    #[inline]
    fn check_order(&mut self, bit: usize) -> Result<()> {
        if self.node.reader.is_arranged() {
            return Ok(());
        }
        let bit = u32::try_from(bit)
            .ok()
            .and_then(|bit| 1_u64.checked_shl(bit));
        match bit {
            Some(bit) if self.seen & bit == 0 => {
                self.seen |= bit;
                Ok(())
            }
            // It came before, or there are too many members for a bit each.
            _ => Err(self.node.reader.give_up()),
        }
    }

    /// The position and name of the field that a pair belongs to.
    #[inline]
    fn field(&self, fields: &'static [&'static str], key: &str) -> Option<(usize, &'static str)> {
        let key = key.as_bytes();
        let key = key.get(self.node.prefix..).unwrap_or_default();
        // Members mostly come in the structure's order.
        match fields.get(self.next) {
            Some(&field) if begins_with_field(key, field) => return Some((self.next, field)),
            _ => {}
        }
        let mut fields = fields.iter().copied().enumerate();
        fields.find(|(_, field)| begins_with_field(key, field))
    }
}

/// The bit of a common parameter. All `X-Amz-` parameters share one.
fn common(part: &str) -> Option<usize> {
    let position = COMMON.iter().position(|&name| name == part);
    if part.starts_with(COMMON_PREFIX) {
        return Some(63);
    }
    Some(62 - position?)
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
        while let Some(&View { key, key_at, .. }) = self.node.peek() {
            if is_used_up(key, prefix) {
                return Err(Error::at(ErrorKind::ExpectedMembers, key_at));
            }
            let field = self.fields.and_then(|fields| self.field(fields, key));
            if let Some((position, field)) = field {
                self.check_order(position)?;
                self.next = position + 1;
                self.inner = prefix + field.len() + 1;
                return seed
                    .deserialize(BorrowedStrDeserializer::<Error>::new(field))
                    .map(Some);
            }
            let part = part_of(key, prefix);
            if part.is_empty() {
                return Err(Error::at(ErrorKind::EmptyKey, key_at));
            }
            self.inner = prefix + part.len() + 1;
            if self.fields.is_none() {
                return seed
                    .deserialize(StrDeserializer::<Error>::new(part))
                    .map(Some);
            }
            let start = self.node.reader.passed();
            if self.node.reader.options().lenient {
                self.node.reader.pass_rest(start, self.inner, prefix)?;
                continue;
            }
            match common(part) {
                Some(bit) if self.node.depth == 0 && is_used_up(key, self.inner) => {
                    self.check_order(bit)?;
                }
                _ => return Err(Error::at(ErrorKind::UnknownMember(part.into()), key_at)),
            }
            self.node
                .scalar_at(self.inner)
                .map_err(|error| error.in_member(part))?;
            self.node.reader.finish(start, key, self.inner, prefix)?;
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        let Some(&View { key, key_at, .. }) = self.node.peek() else {
            return Err(Error::new(ErrorKind::Unsupported(
                "a value that has no key",
            )));
        };
        let Node { prefix, depth, .. } = self.node;
        let start = self.node.reader.passed();
        let value = seed
            .deserialize(Node {
                reader: &mut *self.node.reader,
                start,
                prefix: self.inner,
                depth: depth + 1,
            })
            .map_err(|error| error.or_offset(key_at).in_member(part_of(key, prefix)))?;
        self.node.reader.finish(start, key, self.inner, prefix)?;
        Ok(value)
    }
}

/// The entries of a list, in order of index.
struct Entries<'r, 'k, 'de> {
    node: Node<'r, 'k, 'de>,
    read: u32,
    /// The last entry's index, and the key and offset of its first pair.
    last: Option<(u32, &'k str, usize)>,
}

impl<'de> Entries<'_, '_, 'de> {
    /// The entry of a list whose key has no index, `ImageId=ami-1`.
    #[cold]
    fn only_entry<T: DeserializeSeed<'de>>(&mut self, seed: T, at: usize) -> Result<T::Value> {
        let (start, prefix) = (self.node.reader.passed(), self.node.prefix);
        // A key beside those of entries, or what several SDKs used to send for an empty list.
        if self.read > 0 || self.node.peek().is_some_and(View::is_empty) {
            return Err(Error::at(ErrorKind::ExpectedMembers, at));
        }
        // Fails if the entry is a structure.
        let value = seed.deserialize(Node {
            reader: &mut *self.node.reader,
            start,
            prefix,
            depth: self.node.depth + 1,
        })?;
        let next = self.node.reader.peek(start, prefix);
        if next.is_some_and(|next| !next.is_scalar(prefix)) {
            return Err(Error::at(ErrorKind::ExpectedMembers, at));
        }
        if !self.node.reader.options().lenient {
            return Err(Error::at(ErrorKind::ExpectedIndex, at));
        }
        // The list has no further entries. Whoever reads the member sees what else its key has.
        self.node.prefix = usize::MAX;
        Ok(value)
    }
}

impl<'de> SeqAccess<'de> for Entries<'_, '_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let Some(first) = self.node.peek() else {
            return Ok(None);
        };
        let (key, at, prefix) = (first.key, first.key_at, self.node.prefix);
        if is_used_up(key, prefix) {
            return self.only_entry(seed, at).map(Some);
        }
        let options = self.node.reader.options();
        let (index, len) = list_index(first, prefix, options)?;
        self.read += 1;
        if index != self.read && !options.lenient {
            return Err(Error::at(ErrorKind::IndexGap(self.read), at));
        }
        let last = self.last.replace((index, key, at));
        if let Some((_, other, other_at)) = last.filter(|(last, ..)| *last >= index) {
            if !self.node.reader.is_arranged() {
                return Err(self.node.reader.give_up());
            }
            // The same index in two spellings, as `1` and `01`.
            let (key, at) = if other_at > at {
                (other, other_at)
            } else {
                (key, at)
            };
            let kind = ErrorKind::RepeatedMember(part_of(key, prefix).into());
            return Err(Error::at(kind, at));
        }
        let (start, inner) = (self.node.reader.passed(), prefix + len + 1);
        let value = seed
            .deserialize(Node {
                reader: &mut *self.node.reader,
                start,
                prefix: inner,
                depth: self.node.depth + 1,
            })
            .map_err(|error| {
                error
                    .or_offset(at)
                    .in_member(itoa::Buffer::new().format(index))
            })?;
        self.node.reader.finish(start, key, inner, prefix)?;
        Ok(Some(value))
    }
}

impl<'de> Deserializer<'de> for Node<'_, '_, 'de> {
    type Error = Error;

    deserialize_scalars!();

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.peek() {
            Some(first) if first.is_scalar(self.prefix) => self.deserialize_str(visitor),
            // Only all of its pairs show what it is.
            _ if !self.reader.is_arranged() => Err(self.reader.give_up()),
            Some(_) if self.depth > 0 && self.is_list() => self.deserialize_seq(visitor),
            _ => self.deserialize_map(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let lenient = self.reader.options().lenient;
        let (text, at) = self.scalar()?;
        match parse_bool(&text, lenient) {
            Some(value) => visitor.visit_bool(value),
            None => Err(invalid("`true` or `false`", at)),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        // At the root there may be common parameters.
        let mut members = self.members(Some(&[]))?;
        while members.next_key::<serde::de::IgnoredAny>()?.is_some() {}
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let mut entries = self.entries()?;
        let value = visitor.visit_seq(&mut entries)?;
        match entries.node.peek() {
            None => Ok(value),
            Some(extra) => {
                let name = part_of(extra.key, entries.node.prefix).into();
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
        if !self.reader.is_arranged() {
            // Only all of its pairs show whether a key comes back after others.
            return Err(self.reader.give_up());
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A scalar without escapes is read at once. Otherwise nothing is read.
    #[test]
    fn a_scalar_is_mostly_plain() {
        for (body, text) in [("A=b", Some("b")), ("A=b%20c", None), ("A.B=c", None)] {
            let mut reader = Reader::from_body(body, Options::new());
            let mut node = Node {
                reader: &mut reader,
                start: 0,
                prefix: "A.".len(),
                depth: 1,
            };
            assert_eq!(node.plain(), text, "{body}");
            assert_eq!(reader.passed(), usize::from(text.is_some()), "{body}");
        }
    }
}
