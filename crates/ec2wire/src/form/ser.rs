//! Encoding: from a value to `key=value` pairs.
//!
//! There is no buffer for keys. A key is written to the output, and its siblings copy their common prefix
//! from there. If the value then writes nothing, the key is removed again.

use super::escape::{append_escaped, put_bare};
use crate::output::{Names, Output, PADDED, SLACK};
use crate::scalar::{TextKey, append_float, in_base64};
use crate::{Error, ErrorKind, Result};
use alloc::string::String;
use alloc::vec::Vec;
use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};

/// Whether a value wrote anything. `None` and empty lists do not.
type Emitted = bool;

/// The body as far as it is written.
pub(super) struct Writer<'o> {
    out: Output<'o>,
    /// A cache of names with their first letters capitalized.
    names: Names<1>,
}

impl<'o> Writer<'o> {
    pub(super) fn new(body: &'o mut Vec<u8>) -> Self {
        Self {
            out: Output::new(body),
            names: Names::new(),
        }
    }

    /// Appends a key: an `&` and the prefix, copied from the output; then the last part. The output may
    /// already end with the prefix: then it is not copied.
    #[expect(
        clippy::inline_always,
        reason = "each caller knows which part it is, and checking costs as much as a short key"
    )]
    #[inline(always)]
    fn key(&mut self, prefix: Option<(usize, usize)>, part: Part<'_>) -> Result<()> {
        let (from, len) = prefix.unwrap_or_default();
        let (mut cursor, written) = self.out.cursor_and_written(1 + len + SLACK + PADDED);
        if prefix.is_some() {
            cursor.put(b"&", 1);
            cursor.put_front(written.get(from..).unwrap_or_default(), len);
        }
        let is_whole = match part {
            Part::Index(index) => {
                let (digits, len) = index.bytes();
                cursor.put(&digits, len);
                true
            }
            Part::Member(name) => {
                let text = self.names.texts(name, |[text]| {
                    check_name(name)?;
                    let fit = text.push(&[name.as_bytes()]);
                    text.capitalize();
                    Ok(fit)
                })?;
                if let Some([text]) = text {
                    cursor.put_padded(text);
                }
                text.is_some()
            }
            Part::Key(_) => false,
        };
        let written = cursor.written();
        self.out.advance(written);
        if is_whole { Ok(()) } else { self.name(part) }
    }

    #[cold]
    fn name(&mut self, part: Part<'_>) -> Result<()> {
        let (Part::Member(name) | Part::Key(name)) = part else {
            return Ok(());
        };
        check_name(name)?;
        let at = self.out.len();
        append_escaped(&mut self.out, name.as_bytes());
        if let Some(first) = self.out.get_mut(at) {
            first.make_ascii_uppercase();
        }
        Ok(())
    }
}

/// The last part of a key.
#[derive(Clone, Copy)]
enum Part<'a> {
    /// The index of a list entry.
    Index(Index),
    /// A structure's member.
    Member(&'static str),
    /// A map's key.
    Key(&'a str),
}

impl Part<'_> {
    /// The part, as errors show it.
    fn shown(self) -> String {
        let mut part = match self {
            Part::Index(index) => index.to_text(),
            Part::Member(name) | Part::Key(name) => String::from(name),
        };
        if let (Part::Member(_), Some(first)) = (self, part.get_mut(..1)) {
            first.make_ascii_uppercase();
        }
        part
    }
}

/// The index of a list entry, as text: counting up is faster than formatting each number.
#[derive(Clone, Copy)]
struct Index {
    /// The digits, the first one in the lowest byte. Sixteen digits can number more entries than memory
    /// can hold.
    digits: u128,
    len: u32,
}

impl Index {
    /// The index before the first one.
    const ZERO: Self = Self {
        digits: b'0' as u128,
        len: 1,
    };

    #[inline]
    fn next(self) -> Self {
        let Self { mut digits, len } = self;
        let mut left = len;
        while left > 0 {
            left -= 1;
            let shift = 8 * left;
            let [digit, ..] = (digits >> shift).to_le_bytes();
            if digit < b'9' {
                digits += 1 << shift;
                return Self { digits, len };
            }
            digits -= 9 << shift;
        }
        // They were nines.
        Self {
            digits: (digits + 1) | (u128::from(b'0') << (8 * len)),
            len: len + 1,
        }
    }

    fn bytes(self) -> ([u8; 16], usize) {
        (self.digits.to_le_bytes(), self.len as usize)
    }

    fn to_text(self) -> String {
        let (digits, len) = self.bytes();
        digits.iter().take(len).copied().map(char::from).collect()
    }
}

/// The top of a request: takes a structure or a map.
pub(super) struct Root<'w, 'o> {
    writer: &'w mut Writer<'o>,
}

impl<'w, 'o> Root<'w, 'o> {
    pub(super) fn new(writer: &'w mut Writer<'o>) -> Self {
        Self { writer }
    }

    fn members(self) -> Members<'w, 'o> {
        let at = self.writer.out.len();
        Members {
            writer: self.writer,
            prefix: at,
            prefix_len: 0,
            // The buffer may have other pairs already.
            fresh: at == 0,
            index: Index::ZERO,
        }
    }
}

/// A value whose key is already in the output, from `key` to the end.
struct Value<'w, 'o> {
    writer: &'w mut Writer<'o>,
    key: usize,
}

impl<'w, 'o> Value<'w, 'o> {
    #[inline]
    fn scalar(self, text: &str) -> Emitted {
        let out = &mut self.writer.out;
        let mut cursor = out.cursor(1 + text.len() + SLACK);
        cursor.put(b"=", 1);
        let rest = put_bare(&mut cursor, text.as_bytes());
        let written = cursor.written();
        out.advance(written);
        if !rest.is_empty() {
            append_escaped(out, rest);
        }
        true
    }

    fn members(self) -> Members<'w, 'o> {
        self.writer.out.push(b'.');
        let prefix_len = self.writer.out.len() - self.key;
        Members {
            writer: self.writer,
            prefix: self.key,
            prefix_len,
            fresh: true,
            index: Index::ZERO,
        }
    }
}

/// The members of a structure, map or list, all under one prefix.
pub(super) struct Members<'w, 'o> {
    writer: &'w mut Writer<'o>,
    /// The offset of the prefix in the output.
    prefix: usize,
    prefix_len: usize,
    /// Whether the output ends with the prefix, so that the next key only adds its last part.
    fresh: bool,
    /// The last list index; zero in a structure.
    index: Index,
}

impl Members<'_, '_> {
    /// Writes one pair, or more where the value nests.
    #[inline]
    fn member<T: Serialize + ?Sized>(&mut self, part: Part<'_>, value: &T) -> Result<Emitted> {
        let before = self.writer.out.len();
        let (prefix, key) = if self.fresh {
            (None, before - self.prefix_len)
        } else {
            (Some((self.prefix, self.prefix_len)), before + 1)
        };
        let value = self.writer.key(prefix, part).and_then(|()| {
            value.serialize(Value {
                writer: &mut *self.writer,
                key,
            })
        });
        let emitted = value.map_err(|error| error.in_member(&part.shown()))?;
        if emitted {
            self.fresh = false;
        } else {
            self.writer.out.truncate(before);
        }
        Ok(emitted)
    }

    fn entry<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.index = self.index.next();
        if self.member(Part::Index(self.index), value)? {
            Ok(())
        } else {
            Err(Error::new(ErrorKind::EmptyListEntry).in_member(&self.index.to_text()))
        }
    }

    fn emitted(&self) -> Emitted {
        !self.fresh
    }

    #[expect(clippy::unnecessary_wraps, reason = "`lists_by_entry` expects it")]
    fn close(self) -> Result<Emitted> {
        Ok(self.emitted())
    }
}

fn check_name(name: &str) -> Result<()> {
    if name.is_empty() {
        return Err(Error::new(ErrorKind::IllegalName(name.into())));
    }
    Ok(())
}

impl SerializeStruct for Members<'_, '_> {
    type Ok = Emitted;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<()> {
        self.member(Part::Member(key), value).map(drop)
    }

    fn end(self) -> Result<Emitted> {
        Ok(self.emitted())
    }
}

/// A map's members. A key is held until its value comes, since it may emit nothing.
pub(super) struct MapMembers<'w, 'o> {
    members: Members<'w, 'o>,
    key: String,
}

impl SerializeMap for MapMembers<'_, '_> {
    type Ok = Emitted;
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        self.key.clear();
        key.serialize(TextKey(&mut self.key))
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let key = core::mem::take(&mut self.key);
        let written = self.members.member(Part::Key(&key), value);
        self.key = key;
        written.map(drop)
    }

    fn end(self) -> Result<Emitted> {
        Ok(self.members.emitted())
    }
}

lists_by_entry!(Members<'_, '_>, Emitted);

impl<'w, 'o> Serializer for Value<'w, 'o> {
    type Ok = Emitted;
    type Error = Error;
    type SerializeSeq = Members<'w, 'o>;
    type SerializeTuple = Members<'w, 'o>;
    type SerializeTupleStruct = Members<'w, 'o>;
    type SerializeMap = MapMembers<'w, 'o>;
    type SerializeStruct = Members<'w, 'o>;

    unsupported_variants!();
    transparent_wrappers!();
    nothing_written!(false);
    integers_as_text!();

    fn serialize_bool(self, value: bool) -> Result<Emitted> {
        Ok(self.scalar(if value { "true" } else { "false" }))
    }

    fn serialize_f32(self, value: f32) -> Result<Emitted> {
        self.writer.out.push(b'=');
        append_float(&mut self.writer.out, value);
        Ok(true)
    }

    fn serialize_f64(self, value: f64) -> Result<Emitted> {
        self.writer.out.push(b'=');
        append_float(&mut self.writer.out, value);
        Ok(true)
    }

    fn serialize_char(self, value: char) -> Result<Emitted> {
        Ok(self.scalar(value.encode_utf8(&mut [0; 4])))
    }

    fn serialize_str(self, value: &str) -> Result<Emitted> {
        Ok(self.scalar(value))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Emitted> {
        let out = &mut self.writer.out;
        out.push(b'=');
        in_base64(value, |text| append_escaped(out, text));
        Ok(true)
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<Emitted> {
        Ok(self.scalar(variant))
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Members<'w, 'o>> {
        Ok(self.members())
    }

    fn serialize_tuple(self, _len: usize) -> Result<Members<'w, 'o>> {
        Ok(self.members())
    }

    fn serialize_tuple_struct(self, _name: &'static str, _len: usize) -> Result<Members<'w, 'o>> {
        Ok(self.members())
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<MapMembers<'w, 'o>> {
        Ok(MapMembers {
            members: self.members(),
            key: String::new(),
        })
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<Members<'w, 'o>> {
        Ok(self.members())
    }
}

impl<'w, 'o> Serializer for Root<'w, 'o> {
    type Ok = Emitted;
    type Error = Error;
    type SerializeMap = MapMembers<'w, 'o>;
    type SerializeStruct = Members<'w, 'o>;

    unsupported_scalars!("a scalar as a request");
    unsupported_lists!("a list as a request");
    unsupported_variants!();
    transparent_wrappers!();
    nothing_written!(false);

    fn serialize_map(self, _len: Option<usize>) -> Result<MapMembers<'w, 'o>> {
        Ok(MapMembers {
            members: self.members(),
            key: String::new(),
        })
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<Members<'w, 'o>> {
        Ok(self.members())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString as _;

    #[test]
    fn indexes_count_up() {
        let mut index = Index::ZERO;
        for number in 1..=12_345 {
            index = index.next();
            assert_eq!(index.to_text(), number.to_string());
        }
        let last = Index {
            digits: (u128::MAX / 255 * u128::from(b'9')) >> 8,
            len: 15,
        };
        assert_eq!(last.next().to_text(), "1000000000000000");
    }
}
