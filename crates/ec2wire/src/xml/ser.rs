//! Encoding: a value becomes elements.
//!
//! An element is opened only when its value turns out to have a form, so `None` needs no undoing.

use super::escape::append_escaped;
use super::scan::is_name;
use crate::scalar::{BASE64, Base64Engine as _, TextKey, format_float};
use crate::unsupported::refuse;
use crate::{Error, ErrorKind, Result};
use alloc::string::String;
use alloc::vec::Vec;
use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple, SerializeTupleStruct,
    Serializer,
};

/// The name of a list's entries.
const ITEM: &str = "item";

/// What the root element carries besides the value.
#[derive(Clone, Copy, Default)]
pub(super) struct Envelope<'a> {
    /// The root's namespace.
    pub(super) xmlns: Option<&'a str>,
    /// The `<requestId>` in front of the members.
    pub(super) request_id: Option<&'a str>,
}

/// The root element: takes a structure, whose name it bears.
pub(super) struct Root<'o, 'a> {
    pub(super) out: &'o mut Vec<u8>,
    pub(super) envelope: Envelope<'a>,
}

impl<'o, 'a> Root<'o, 'a> {
    fn open(self, name: &'a str) -> Result<Element<'o, 'a>> {
        check_name(name)?;
        self.out.push(b'<');
        self.out.extend_from_slice(name.as_bytes());
        if let Some(xmlns) = self.envelope.xmlns {
            self.out.extend_from_slice(b" xmlns=\"");
            append_escaped(self.out, xmlns)?;
            self.out.push(b'"');
        }
        self.out.push(b'>');
        if let Some(id) = self.envelope.request_id {
            text_element(self.out, "requestId", id)?;
        }
        Ok(Element {
            out: self.out,
            name,
        })
    }
}

/// A value that is to stand in an element.
struct Value<'o, 'a> {
    out: &'o mut Vec<u8>,
    name: &'a str,
}

/// An open element whose children are being written.
pub(super) struct Element<'o, 'a> {
    out: &'o mut Vec<u8>,
    name: &'a str,
}

fn check_name(name: &str) -> Result<()> {
    if is_name(name) {
        Ok(())
    } else {
        Err(Error::new(ErrorKind::IllegalName(name.into())))
    }
}

fn open_tag(out: &mut Vec<u8>, name: &str) {
    out.push(b'<');
    out.extend_from_slice(name.as_bytes());
    out.push(b'>');
}

fn end_tag(out: &mut Vec<u8>, name: &str) {
    out.extend_from_slice(b"</");
    out.extend_from_slice(name.as_bytes());
    out.push(b'>');
}

fn text_element(out: &mut Vec<u8>, name: &str, text: &str) -> Result<()> {
    open_tag(out, name);
    append_escaped(out, text)?;
    end_tag(out, name);
    Ok(())
}

impl<'o, 'a> Value<'o, 'a> {
    fn text(self, text: &str) -> Result<()> {
        check_name(self.name)?;
        text_element(self.out, self.name, text)
    }

    fn open(self) -> Result<Element<'o, 'a>> {
        check_name(self.name)?;
        open_tag(self.out, self.name);
        Ok(Element {
            out: self.out,
            name: self.name,
        })
    }

    /// A list; its element is opened by its first entry, so that an empty one can close itself.
    fn list(self) -> Result<List<'o, 'a>> {
        check_name(self.name)?;
        Ok(List {
            out: self.out,
            name: self.name,
            len: 0,
        })
    }
}

impl Element<'_, '_> {
    fn child<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<()> {
        value
            .serialize(Value {
                out: self.out,
                name,
            })
            .map_err(|error| error.in_member(name))
    }

    fn close(self) {
        end_tag(self.out, self.name);
    }
}

impl SerializeStruct for Element<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<()> {
        self.child(key, value)
    }

    fn end(self) -> Result<()> {
        self.close();
        Ok(())
    }
}

/// A map's children. A key is held until its value comes, since it names both tags.
pub(super) struct MapElement<'o, 'a> {
    element: Element<'o, 'a>,
    key: String,
}

impl SerializeMap for MapElement<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        self.key.clear();
        key.serialize(TextKey(&mut self.key))
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.element.child(&self.key, value)
    }

    fn end(self) -> Result<()> {
        self.element.close();
        Ok(())
    }
}

/// A list's entries.
pub(super) struct List<'o, 'a> {
    out: &'o mut Vec<u8>,
    name: &'a str,
    len: usize,
}

impl List<'_, '_> {
    fn entry<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        if self.len == 0 {
            open_tag(self.out, self.name);
        }
        let before = self.out.len();
        value
            .serialize(Value {
                out: self.out,
                name: ITEM,
            })
            .map_err(|error| error.in_item(self.len))?;
        if self.out.len() == before {
            return Err(Error::new(ErrorKind::EmptyListEntry).in_item(self.len));
        }
        self.len += 1;
        Ok(())
    }

    fn close(self) {
        if self.len > 0 {
            end_tag(self.out, self.name);
        } else {
            self.out.push(b'<');
            self.out.extend_from_slice(self.name.as_bytes());
            self.out.extend_from_slice(b"/>");
        }
    }
}

impl SerializeSeq for List<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.entry(value)
    }

    fn end(self) -> Result<()> {
        self.close();
        Ok(())
    }
}

impl SerializeTuple for List<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.entry(value)
    }

    fn end(self) -> Result<()> {
        self.close();
        Ok(())
    }
}

impl SerializeTupleStruct for List<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.entry(value)
    }

    fn end(self) -> Result<()> {
        self.close();
        Ok(())
    }
}

macro_rules! integers {
    ($($method:ident: $type:ty,)+) => {
        $(fn $method(self, value: $type) -> Result<()> {
            self.text(itoa::Buffer::new().format(value))
        })+
    };
}

impl<'o, 'a> Serializer for Value<'o, 'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = List<'o, 'a>;
    type SerializeTuple = List<'o, 'a>;
    type SerializeTupleStruct = List<'o, 'a>;
    type SerializeMap = MapElement<'o, 'a>;
    type SerializeStruct = Element<'o, 'a>;

    unsupported_variants!();
    transparent_wrappers!();

    integers! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_i128: i128, serialize_u8: u8, serialize_u16: u16, serialize_u32: u32,
        serialize_u64: u64, serialize_u128: u128,
    }

    fn serialize_bool(self, value: bool) -> Result<()> {
        self.text(if value { "true" } else { "false" })
    }

    fn serialize_f32(self, value: f32) -> Result<()> {
        self.text(&format_float(&value))
    }

    fn serialize_f64(self, value: f64) -> Result<()> {
        self.text(&format_float(&value))
    }

    fn serialize_char(self, value: char) -> Result<()> {
        self.text(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<()> {
        self.text(value)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<()> {
        self.text(&BASE64.encode(value))
    }

    fn serialize_none(self) -> Result<()> {
        Ok(())
    }

    fn serialize_unit(self) -> Result<()> {
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<()> {
        Ok(())
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<()> {
        self.text(variant)
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<List<'o, 'a>> {
        self.list()
    }

    fn serialize_tuple(self, _len: usize) -> Result<List<'o, 'a>> {
        self.list()
    }

    fn serialize_tuple_struct(self, _name: &'static str, _len: usize) -> Result<List<'o, 'a>> {
        self.list()
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<MapElement<'o, 'a>> {
        Ok(MapElement {
            element: self.open()?,
            key: String::new(),
        })
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<Element<'o, 'a>> {
        self.open()
    }
}

impl<'o, 'a> Serializer for Root<'o, 'a> {
    type Ok = ();
    type Error = Error;
    type SerializeMap = MapElement<'o, 'a>;
    type SerializeStruct = Element<'o, 'a>;

    unsupported_scalars!("a scalar as a response");
    unsupported_lists!("a list as a response");
    unsupported_variants!();
    transparent_wrappers!();

    fn serialize_none(self) -> Result<()> {
        refuse("an absent response")
    }

    fn serialize_unit(self) -> Result<()> {
        refuse("a unit as a response")
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<()> {
        self.open(name).map(Element::close)
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<MapElement<'o, 'a>> {
        refuse("a map as a response: it has no name for the root")
    }

    fn serialize_struct(self, name: &'static str, _len: usize) -> Result<Element<'o, 'a>> {
        self.open(name)
    }
}
