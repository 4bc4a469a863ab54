//! Encoding: a value becomes `key=value` pairs.
//!
//! There is no buffer for keys. The key of a pair is written to the output, and the prefix that
//! its siblings share is copied from there. What turns out to emit nothing is cut off again.

use super::escape::append_escaped;
use crate::scalar::{BASE64, Base64Engine as _, TextKey, format_float};
use crate::{Error, ErrorKind, Result};
use alloc::string::String;
use alloc::vec::Vec;
use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple, SerializeTupleStruct,
    Serializer,
};

/// Whether a value wrote anything: `None` and empty lists do not.
type Emitted = bool;

/// The top of a request: takes a structure or a map.
pub(super) struct Root<'o> {
    out: &'o mut Vec<u8>,
    /// Whether a pair stands before the first one, so that an `&` is due.
    follows: bool,
}

impl<'o> Root<'o> {
    pub(super) fn new(out: &'o mut Vec<u8>, follows: bool) -> Self {
        Self { out, follows }
    }

    fn members(self) -> Members<'o> {
        let at = self.out.len();
        Members {
            out: self.out,
            prefix: at,
            prefix_len: 0,
            fresh: !self.follows,
            index: 0,
        }
    }
}

/// A value whose key is already in the output, from `key` to the end.
struct Value<'o> {
    out: &'o mut Vec<u8>,
    key: usize,
}

impl<'o> Value<'o> {
    fn scalar(self, text: &str) -> Emitted {
        self.out.push(b'=');
        append_escaped(self.out, text);
        true
    }

    /// For text that needs no escaping.
    fn plain(self, text: &str) -> Emitted {
        self.out.push(b'=');
        self.out.extend_from_slice(text.as_bytes());
        true
    }

    fn members(self) -> Members<'o> {
        self.out.push(b'.');
        let prefix_len = self.out.len() - self.key;
        Members {
            out: self.out,
            prefix: self.key,
            prefix_len,
            fresh: true,
            index: 0,
        }
    }
}

/// The members of a structure, map or list, all under one prefix.
pub(super) struct Members<'o> {
    out: &'o mut Vec<u8>,
    /// Where the prefix stands in the output.
    prefix: usize,
    prefix_len: usize,
    /// Whether the prefix is the end of the output, so that the next key just goes on from it.
    fresh: bool,
    /// The last list index; 0 in a structure.
    index: usize,
}

impl Members<'_> {
    /// Writes one pair, or more where the value nests: `name` appends the last part of the key.
    fn member<T: Serialize + ?Sized>(
        &mut self,
        name: impl FnOnce(&mut Vec<u8>) -> Result<()>,
        value: &T,
    ) -> Result<Emitted> {
        let before = self.out.len();
        let key = if self.fresh {
            before - self.prefix_len
        } else {
            self.out.push(b'&');
            self.out
                .extend_from_within(self.prefix..self.prefix + self.prefix_len);
            before + 1
        };
        name(self.out)?;
        let emitted = value.serialize(Value { out: self.out, key })?;
        if emitted {
            self.fresh = false;
        } else {
            self.out.truncate(before);
        }
        Ok(emitted)
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<Emitted> {
        self.member(
            |out| {
                let at = out.len();
                out.extend_from_slice(name.as_bytes());
                let first = out.get_mut(at).ok_or_else(|| illegal_name(name))?;
                first.make_ascii_uppercase();
                Ok(())
            },
            value,
        )
        .map_err(|error| {
            let mut key = String::from(name);
            if let Some(first) = key.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            error.in_member(&key)
        })
    }

    fn entry<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.index += 1;
        let mut buffer = itoa::Buffer::new();
        let index = buffer.format(self.index);
        let emitted = self
            .member(
                |out| {
                    out.extend_from_slice(index.as_bytes());
                    Ok(())
                },
                value,
            )
            .map_err(|error| error.in_member(index))?;
        if emitted {
            Ok(())
        } else {
            Err(Error::new(ErrorKind::EmptyListEntry).in_member(index))
        }
    }

    fn emitted(&self) -> Emitted {
        !self.fresh
    }
}

fn illegal_name(name: &str) -> Error {
    Error::new(ErrorKind::IllegalName(name.into()))
}

impl SerializeStruct for Members<'_> {
    type Ok = Emitted;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<()> {
        self.field(key, value).map(drop)
    }

    fn end(self) -> Result<Emitted> {
        Ok(self.emitted())
    }
}

/// A map's members. A key is held until its value comes, since it may emit nothing.
pub(super) struct MapMembers<'o> {
    members: Members<'o>,
    key: String,
}

impl SerializeMap for MapMembers<'_> {
    type Ok = Emitted;
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        self.key.clear();
        key.serialize(TextKey(&mut self.key))
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let key = core::mem::take(&mut self.key);
        let written = self.members.member(
            |out| {
                let at = out.len();
                append_escaped(out, &key);
                let first = out.get_mut(at).ok_or_else(|| illegal_name(&key))?;
                first.make_ascii_uppercase();
                Ok(())
            },
            value,
        );
        let written = written.map_err(|error| error.in_member(&key));
        self.key = key;
        written.map(drop)
    }

    fn end(self) -> Result<Emitted> {
        Ok(self.members.emitted())
    }
}

impl SerializeSeq for Members<'_> {
    type Ok = Emitted;
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.entry(value)
    }

    fn end(self) -> Result<Emitted> {
        Ok(self.emitted())
    }
}

impl SerializeTuple for Members<'_> {
    type Ok = Emitted;
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.entry(value)
    }

    fn end(self) -> Result<Emitted> {
        Ok(self.emitted())
    }
}

impl SerializeTupleStruct for Members<'_> {
    type Ok = Emitted;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.entry(value)
    }

    fn end(self) -> Result<Emitted> {
        Ok(self.emitted())
    }
}

macro_rules! integers {
    ($($method:ident: $type:ty,)+) => {
        $(fn $method(self, value: $type) -> Result<Emitted> {
            Ok(self.plain(itoa::Buffer::new().format(value)))
        })+
    };
}

impl<'o> Serializer for Value<'o> {
    type Ok = Emitted;
    type Error = Error;
    type SerializeSeq = Members<'o>;
    type SerializeTuple = Members<'o>;
    type SerializeTupleStruct = Members<'o>;
    type SerializeMap = MapMembers<'o>;
    type SerializeStruct = Members<'o>;

    unsupported_variants!();
    transparent_wrappers!();

    integers! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_i128: i128, serialize_u8: u8, serialize_u16: u16, serialize_u32: u32,
        serialize_u64: u64, serialize_u128: u128,
    }

    fn serialize_bool(self, value: bool) -> Result<Emitted> {
        Ok(self.plain(if value { "true" } else { "false" }))
    }

    fn serialize_f32(self, value: f32) -> Result<Emitted> {
        Ok(self.scalar(&format_float(&value)))
    }

    fn serialize_f64(self, value: f64) -> Result<Emitted> {
        Ok(self.scalar(&format_float(&value)))
    }

    fn serialize_char(self, value: char) -> Result<Emitted> {
        Ok(self.scalar(value.encode_utf8(&mut [0; 4])))
    }

    fn serialize_str(self, value: &str) -> Result<Emitted> {
        Ok(self.scalar(value))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Emitted> {
        Ok(self.scalar(&BASE64.encode(value)))
    }

    fn serialize_none(self) -> Result<Emitted> {
        Ok(false)
    }

    fn serialize_unit(self) -> Result<Emitted> {
        Ok(false)
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<Emitted> {
        Ok(false)
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<Emitted> {
        Ok(self.scalar(variant))
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Members<'o>> {
        Ok(self.members())
    }

    fn serialize_tuple(self, _len: usize) -> Result<Members<'o>> {
        Ok(self.members())
    }

    fn serialize_tuple_struct(self, _name: &'static str, _len: usize) -> Result<Members<'o>> {
        Ok(self.members())
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<MapMembers<'o>> {
        Ok(MapMembers {
            members: self.members(),
            key: String::new(),
        })
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<Members<'o>> {
        Ok(self.members())
    }
}

impl<'o> Serializer for Root<'o> {
    type Ok = Emitted;
    type Error = Error;
    type SerializeMap = MapMembers<'o>;
    type SerializeStruct = Members<'o>;

    unsupported_scalars!("a scalar as a request");
    unsupported_lists!("a list as a request");
    unsupported_variants!();
    transparent_wrappers!();

    fn serialize_none(self) -> Result<Emitted> {
        Ok(false)
    }

    fn serialize_unit(self) -> Result<Emitted> {
        Ok(false)
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<Emitted> {
        Ok(false)
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<MapMembers<'o>> {
        Ok(MapMembers {
            members: self.members(),
            key: String::new(),
        })
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<Members<'o>> {
        Ok(self.members())
    }
}
