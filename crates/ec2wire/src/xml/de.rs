//! Decoding: from elements to a value.

use super::name::ITEM;
use super::options::{Options, RootName};
use super::scan::{Scanner, Tag};
use crate::scalar::{Base64Engine as _, deserialize_scalars, invalid, parse_bool};
use crate::{Error, ErrorKind, Result, Text};
use alloc::borrow::Cow;
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, MapAccess};
use serde::de::{SeqAccess, Visitor};

/// The request ID's element: in successes, in errors, and in some other services.
const REQUEST_ID: [&str; 3] = ["requestId", "RequestID", "RequestId"];

/// Decodes a whole document, and the request ID among its members.
pub(super) fn decode<'de, S: DeserializeSeed<'de>>(
    seed: S,
    body: &'de str,
    options: Options,
) -> Result<(S::Value, Option<Text<'de>>)> {
    let mut scanner = Scanner::new(body, options)?;
    let root = scanner.root()?;
    let mut reader = Reader {
        scanner,
        tag: root,
        at_root: true,
        request_id: None,
    };
    let value = seed
        .deserialize(Element {
            reader: &mut reader,
        })
        .map_err(|error| error.or_offset(root.at))?;
    reader.scanner.finish()?;
    Ok((value, reader.request_id))
}

struct Reader<'de> {
    scanner: Scanner<'de>,
    /// The last start tag. It is not moved, because copying what was just written is slow.
    tag: Tag<'de>,
    /// Whether that is the root's, and the root was not entered yet.
    at_root: bool,
    request_id: Option<Text<'de>>,
}

impl<'de> Reader<'de> {
    /// Reads the start tag of the next child of `parent`, which mostly has the `expected` name. Returns
    /// whether there is a child.
    #[inline]
    fn next_child(&mut self, parent: &Tag<'de>, expected: &'static str) -> Result<bool> {
        match self.scanner.next_child(parent, expected)? {
            Some(tag) => {
                self.tag = tag;
                Ok(true)
            }
            None => Ok(false),
        }
    }
}

/// The element whose start tag was just read. Decoding it reads up to and with its end tag.
struct Element<'r, 'de> {
    reader: &'r mut Reader<'de>,
}

impl<'r, 'de> Element<'r, 'de> {
    /// The text if it needs no change. Otherwise reads nothing.
    #[inline]
    fn plain(&mut self) -> Option<&'de str> {
        self.reader.scanner.plain_text(&self.reader.tag)
    }

    fn scalar(self) -> Result<(Cow<'de, str>, usize)> {
        let at = self.reader.scanner.at();
        Ok((self.reader.scanner.text(&self.reader.tag)?, at))
    }

    /// Lets the visitor read the children as members.
    fn visit_members<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        let mut members = self.members(fields);
        visitor.visit_map(&mut members).map_err(|error| {
            if members.has_child {
                // The member was refused by its name, as a repeated one is.
                error.or_offset(members.reader.tag.at)
            } else {
                error
            }
        })
    }

    /// The children as members. They must be read to the end.
    fn members(self, fields: &'static [&'static str]) -> Members<'r, 'de> {
        Members {
            parent: self.reader.tag,
            is_root: core::mem::take(&mut self.reader.at_root),
            reader: self.reader,
            has_child: false,
            fields,
            next: 0,
        }
    }

    #[inline]
    fn check_root(&self, expected: &'static str) -> Result<()> {
        if !self.reader.at_root || self.reader.scanner.options().root == RootName::Any {
            return Ok(());
        }
        let found = self.reader.tag.local_name();
        if found != expected {
            let kind = ErrorKind::WrongRoot {
                expected: expected.into(),
                found: found.into(),
            };
            return Err(Error::at(kind, self.reader.tag.at));
        }
        Ok(())
    }
}

struct Members<'r, 'de> {
    reader: &'r mut Reader<'de>,
    parent: Tag<'de>,
    is_root: bool,
    /// Whether the reader's tag is a child whose value was not yet read.
    has_child: bool,
    /// The structure's members. Empty for a map.
    fields: &'static [&'static str],
    /// The position after that of the last member.
    next: usize,
}

impl Members<'_, '_> {
    /// Reads the next child's start tag. Members mostly come in the structure's order.
    #[inline]
    fn next_child(&mut self) -> Result<bool> {
        let expected = self.fields.get(self.next).copied().unwrap_or_default();
        self.has_child = self.reader.next_child(&self.parent, expected)?;
        self.next += 1;
        if self.has_child && !core::ptr::eq(self.reader.tag.name, expected) {
            let tag = &mut self.reader.tag;
            if tag.prefix_len > 0 && self.fields.contains(&tag.name) {
                // A field's name may have a prefix. It may come in any order.
                tag.prefix_len = 0;
            }
            let name = tag.local_name();
            let position = self.fields.iter().position(|&field| field == name);
            self.next = position.map_or(self.next - 1, |position| position + 1);
        }
        Ok(self.has_child)
    }

    #[cold]
    fn read_request_id(&mut self) -> Result<()> {
        let Reader {
            scanner,
            tag,
            request_id,
            ..
        } = &mut *self.reader;
        let name = tag.local_name();
        let text = scanner.clone().text(tag);
        let text = text.map_err(|error| error.in_member(name))?;
        if request_id.replace(text.into()).is_some() {
            return Err(Error::at(ErrorKind::RepeatedMember(name.into()), tag.at));
        }
        Ok(())
    }
}

impl<'de> MapAccess<'de> for Members<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        if !self.next_child()? {
            return Ok(None);
        }
        let name = self.reader.tag.local_name();
        if self.is_root && REQUEST_ID.contains(&name) {
            self.read_request_id()?;
        }
        seed.deserialize(BorrowedStrDeserializer::<Error>::new(name))
            .map(Some)
            .map_err(|error| error.or_offset(self.reader.tag.at))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        if !core::mem::take(&mut self.has_child) {
            return Err(Error::new(ErrorKind::Unsupported(
                "a value that has no key",
            )));
        }
        let at = self.reader.tag.at;
        seed.deserialize(Element {
            reader: &mut *self.reader,
        })
        .map_err(|error| {
            let name = self.reader.scanner.name_at(at);
            error.or_offset(at).in_member(name)
        })
    }
}

struct Items<'r, 'de> {
    reader: &'r mut Reader<'de>,
    parent: Tag<'de>,
    read: usize,
    ended: bool,
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        if self.ended {
            return Ok(None);
        }
        if !self.reader.next_child(&self.parent, ITEM)? {
            self.ended = true;
            return Ok(None);
        }
        let tag = &self.reader.tag;
        let at = tag.at;
        if tag.local_name() != ITEM {
            return Err(Error::at(
                ErrorKind::UnexpectedElement(tag.local_name().into()),
                at,
            ));
        }
        let index = self.read;
        self.read += 1;
        seed.deserialize(Element {
            reader: &mut *self.reader,
        })
        .map(Some)
        .map_err(|error| error.or_offset(at).in_item(index))
    }
}

impl<'de> Deserializer<'de> for Element<'_, 'de> {
    type Error = Error;

    deserialize_scalars!();

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.reader.scanner.holds_elements(&self.reader.tag) {
            Some(first) if first.local_name() == ITEM => self.deserialize_seq(visitor),
            Some(_) => self.deserialize_map(visitor),
            None => self.deserialize_str(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let (text, at) = self.scalar()?;
        match parse_bool(&text, false) {
            Some(value) => visitor.visit_bool(value),
            None => Err(invalid("`true` or `false`", at)),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let mut members = self.members(&[]);
        while members.next_key::<serde::de::IgnoredAny>()?.is_some() {
            members.next_value::<serde::de::IgnoredAny>()?;
        }
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        self.check_root(name)?;
        self.deserialize_unit(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.reader.at_root = false;
        let mut items = Items {
            parent: self.reader.tag,
            reader: self.reader,
            read: 0,
            ended: false,
        };
        let value = visitor.visit_seq(&mut items)?;
        if !items.ended && items.reader.next_child(&items.parent, ITEM)? {
            // One more than the type takes.
            let extra = &items.reader.tag;
            let kind = ErrorKind::UnknownMember(extra.local_name().into());
            return Err(Error::at(kind, extra.at).in_item(items.read));
        }
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value> {
        self.check_root(name)?;
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.visit_members(&[], visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.check_root(name)?;
        self.visit_members(fields, visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.reader.scanner.skip(&self.reader.tag)?;
        visitor.visit_unit()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    /// A text that needs no change is read at once. Otherwise nothing is read.
    #[test]
    fn a_scalar_is_mostly_plain() {
        for (body, text) in [("<a>b</a>", Some("b")), ("<a>b&lt;</a>", None)] {
            let mut scanner = Scanner::new(body, Options::new()).unwrap();
            let tag = scanner.root().unwrap();
            let mut reader = Reader {
                scanner,
                tag,
                at_root: false,
                request_id: None,
            };
            let mut element = Element {
                reader: &mut reader,
            };
            assert_eq!(element.plain(), text, "{body}");
            let at = if text.is_some() { body.len() } else { 3 };
            assert_eq!(reader.scanner.at(), at, "{body}");
        }
    }
}
