//! Decoding: elements become a value.

use super::options::{Options, RootName};
use super::scan::{Scanner, Tag};
use crate::scalar::{Base64Engine as _, deserialize_scalars, invalid, parse_bool};
use crate::{Error, ErrorKind, Result, Text};
use alloc::borrow::Cow;
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess};
use serde::de::{SeqAccess, Visitor};

/// The name of a list's entries.
const ITEM: &str = "item";

/// How the request id is spelled: in successes, in errors, and by some other services.
const REQUEST_ID: [&str; 3] = ["requestId", "RequestID", "RequestId"];

/// Decodes a whole document and the request id beside its members.
pub(super) fn decode<'de, T: Deserialize<'de>>(
    body: &'de str,
    options: Options,
) -> Result<(T, Option<Text<'de>>)> {
    let mut reader = Reader {
        scanner: Scanner::new(body, options)?,
        request_id: None,
    };
    let tag = reader.scanner.root()?;
    let value = T::deserialize(Element {
        reader: &mut reader,
        tag,
        is_root: true,
    })
    .map_err(|error| error.or_offset(tag.at))?;
    reader.scanner.finish()?;
    Ok((value, reader.request_id))
}

struct Reader<'de> {
    scanner: Scanner<'de>,
    request_id: Option<Text<'de>>,
}

/// An element whose start tag was read. Decoding it reads up to and with its end tag.
struct Element<'r, 'de> {
    reader: &'r mut Reader<'de>,
    tag: Tag<'de>,
    is_root: bool,
}

impl<'r, 'de> Element<'r, 'de> {
    fn scalar(self) -> Result<(Cow<'de, str>, usize)> {
        let at = self.reader.scanner.at();
        Ok((self.reader.scanner.text(&self.tag)?, at))
    }

    /// Has the visitor read the children as members.
    fn visit_members<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let mut members = self.members();
        visitor
            .visit_map(&mut members)
            .map_err(|error| match members.child {
                // Refused for its name, as a repeated member is.
                Some(child) => error.or_offset(child.at),
                None => error,
            })
    }

    /// The children as members. They must be read to the end.
    fn members(self) -> Members<'r, 'de> {
        Members {
            reader: self.reader,
            parent: self.tag,
            is_root: self.is_root,
            child: None,
        }
    }

    #[inline]
    fn check_root(&self, expected: &'static str) -> Result<()> {
        if !self.is_root || self.reader.scanner.options().root == RootName::Any {
            return Ok(());
        }
        let found = self.tag.local_name();
        if found != expected {
            let kind = ErrorKind::WrongRoot {
                expected: expected.into(),
                found: found.into(),
            };
            return Err(Error::at(kind, self.tag.at));
        }
        Ok(())
    }
}

struct Members<'r, 'de> {
    reader: &'r mut Reader<'de>,
    parent: Tag<'de>,
    is_root: bool,
    child: Option<Tag<'de>>,
}

impl<'de> MapAccess<'de> for Members<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let Some(child) = self.reader.scanner.next_child(&self.parent)? else {
            return Ok(None);
        };
        self.child = Some(child);
        let name = child.local_name();
        if self.is_root && REQUEST_ID.contains(&name) {
            let text = self
                .reader
                .scanner
                .clone()
                .text(&child)
                .map_err(|error| error.in_member(name))?;
            if self.reader.request_id.replace(text.into()).is_some() {
                return Err(Error::at(ErrorKind::RepeatedMember(name.into()), child.at));
            }
        }
        seed.deserialize(BorrowedStrDeserializer::<Error>::new(name))
            .map(Some)
            .map_err(|error| error.or_offset(child.at))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        let Some(tag) = self.child.take() else {
            return Err(Error::new(ErrorKind::Unsupported(
                "a value that has no key",
            )));
        };
        seed.deserialize(Element {
            reader: &mut *self.reader,
            tag,
            is_root: false,
        })
        .map_err(|error| error.or_offset(tag.at).in_member(tag.local_name()))
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
        let Some(tag) = self.reader.scanner.next_child(&self.parent)? else {
            self.ended = true;
            return Ok(None);
        };
        if tag.local_name() != ITEM {
            let name = tag.local_name().into();
            return Err(Error::at(ErrorKind::UnexpectedElement(name), tag.at));
        }
        let index = self.read;
        self.read += 1;
        seed.deserialize(Element {
            reader: &mut *self.reader,
            tag,
            is_root: false,
        })
        .map(Some)
        .map_err(|error| error.or_offset(tag.at).in_item(index))
    }
}

impl<'de> Deserializer<'de> for Element<'_, 'de> {
    type Error = Error;

    deserialize_scalars!();

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.reader.scanner.holds_elements(&self.tag) {
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
        let mut members = self.members();
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
        let mut items = Items {
            reader: self.reader,
            parent: self.tag,
            read: 0,
            ended: false,
        };
        let value = visitor.visit_seq(&mut items)?;
        if !items.ended
            && let Some(extra) = items.reader.scanner.next_child(&items.parent)?
        {
            // One more than the type takes.
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
        _name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.visit_members(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.check_root(name)?;
        self.visit_members(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.reader.scanner.skip(&self.tag)?;
        visitor.visit_unit()
    }
}
