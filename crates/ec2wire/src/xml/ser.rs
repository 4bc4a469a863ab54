//! Encoding: from a value to elements.
//!
//! An element is opened only once its value is known to write something. So `None` needs no undoing.

use super::escape::{append_escaped, put_plain};
use super::name::{ITEM, is_name};
use crate::output::{Names, Output, PADDED, Padded, SLACK};
use crate::scalar::{TextKey, append_float, in_base64};
use crate::unsupported::refuse;
use crate::{Error, ErrorKind, Result};
use alloc::string::String;
use alloc::vec::Vec;
use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};

/// What the root element has besides the value.
#[derive(Clone, Copy, Default)]
pub(super) struct Envelope<'a> {
    /// The root's namespace.
    pub(super) xmlns: Option<&'a str>,
    /// The `<requestId>` before the members.
    pub(super) request_id: Option<&'a str>,
}

/// The document as far as it is written.
pub(super) struct Writer<'o> {
    out: Output<'o>,
    /// A cache of the tags of names.
    tags: Names<2>,
}

/// An element's name.
#[derive(Clone, Copy)]
enum Name<'a> {
    /// A structure's member, or the structure itself.
    Fixed(&'static str),
    /// A map's key.
    Key(&'a str),
    /// A list's entry.
    Item,
}

impl<'o> Writer<'o> {
    pub(super) fn new(body: &'o mut Vec<u8>) -> Self {
        Self {
            out: Output::new(body),
            tags: Names::new(),
        }
    }

    /// An element with no children.
    #[inline]
    fn leaf(&mut self, name: Name<'_>, text: &str) -> Result<()> {
        let Some([start, end]) = name.tags(&mut self.tags)? else {
            self.start(name)?;
            append_escaped(&mut self.out, text.as_bytes())?;
            return self.end(name);
        };
        let mut cursor = self.out.cursor(TAGS + text.len());
        cursor.put_padded(start);
        let rest = put_plain(&mut cursor, text.as_bytes());
        if rest.is_empty() {
            cursor.put_padded(end);
            let written = cursor.written();
            self.out.advance(written);
        } else {
            let written = cursor.written();
            self.out.advance(written);
            append_escaped(&mut self.out, rest)?;
            self.out.append_padded(end);
        }
        Ok(())
    }

    #[inline]
    fn start(&mut self, name: Name<'_>) -> Result<()> {
        if let Some([start, _]) = name.tags(&mut self.tags)? {
            self.out.append_padded(start);
        } else {
            let name = name.as_str();
            check_name(name)?;
            self.tag(b"<", name, b">");
        }
        Ok(())
    }

    /// Ends an element whose name was checked.
    #[inline]
    fn end(&mut self, name: Name<'_>) -> Result<()> {
        if let Some([_, end]) = name.tags(&mut self.tags)? {
            self.out.append_padded(end);
        } else {
            self.tag(b"</", name.as_str(), b">");
        }
        Ok(())
    }

    fn tag(&mut self, before: &[u8], name: &str, after: &[u8]) {
        self.out.append_slice(before);
        self.out.append_slice(name.as_bytes());
        self.out.append_slice(after);
    }
}

/// The room that both tags of a leaf need.
const TAGS: usize = 2 * PADDED + SLACK;

impl<'a> Name<'a> {
    /// The start and end tag, unless the name is too long or is a map's key.
    #[inline]
    fn tags(self, tags: &mut Names<2>) -> Result<Option<&[Padded; 2]>> {
        static ITEM_TAGS: [Padded; 2] = [Padded::new(b"<item>"), Padded::new(b"</item>")];

        let name = match self {
            Name::Fixed(name) => name,
            Name::Key(_) => return Ok(None),
            Name::Item => return Ok(Some(&ITEM_TAGS)),
        };
        tags.texts(name, |[start, end]| {
            check_name(name)?;
            let name = name.as_bytes();
            let made = start.push(&[b"<", name, b">"]);
            Ok(made.and_then(|()| end.push(&[b"</", name, b">"])))
        })
    }

    fn as_str(self) -> &'a str {
        match self {
            Name::Fixed(name) | Name::Key(name) => name,
            Name::Item => ITEM,
        }
    }
}

fn check_name(name: &str) -> Result<()> {
    if is_name(name) {
        Ok(())
    } else {
        Err(Error::new(ErrorKind::IllegalName(name.into())))
    }
}

/// The root element. It takes a structure, and has its name.
pub(super) struct Root<'w, 'o, 'a> {
    pub(super) writer: &'w mut Writer<'o>,
    pub(super) envelope: Envelope<'a>,
}

impl<'w, 'o> Root<'w, 'o, '_> {
    fn open(self, name: &'static str) -> Result<Element<'w, 'o, 'static>> {
        check_name(name)?;
        let writer = self.writer;
        writer.tag(b"<", name, b"");
        if let Some(xmlns) = self.envelope.xmlns {
            writer.out.append(b" xmlns=\"");
            append_escaped(&mut writer.out, xmlns.as_bytes())?;
            writer.out.push(b'"');
        }
        writer.out.push(b'>');
        if let Some(id) = self.envelope.request_id {
            let name = Name::Fixed("requestId");
            let written = writer.leaf(name, id);
            written.map_err(|error| error.in_member(name.as_str()))?;
        }
        Ok(Element {
            writer,
            name: Name::Fixed(name),
        })
    }
}

/// A value to be written in an element.
struct Value<'w, 'o, 'a> {
    writer: &'w mut Writer<'o>,
    name: Name<'a>,
}

/// An open element whose children are being written.
pub(super) struct Element<'w, 'o, 'a> {
    writer: &'w mut Writer<'o>,
    name: Name<'a>,
}

impl<'w, 'o, 'a> Value<'w, 'o, 'a> {
    #[inline]
    fn text(self, text: &str) -> Result<()> {
        self.writer.leaf(self.name, text)
    }

    fn open(self) -> Result<Element<'w, 'o, 'a>> {
        self.writer.start(self.name)?;
        Ok(Element {
            writer: self.writer,
            name: self.name,
        })
    }

    /// A list. Its first entry opens its element, so that an empty list can close itself.
    fn list(self) -> Result<List<'w, 'o, 'a>> {
        check_name(self.name.as_str())?;
        Ok(List {
            writer: self.writer,
            name: self.name,
            len: 0,
        })
    }
}

impl Element<'_, '_, '_> {
    #[inline]
    fn child<T: Serialize + ?Sized>(&mut self, name: Name<'_>, value: &T) -> Result<()> {
        value
            .serialize(Value {
                writer: &mut *self.writer,
                name,
            })
            .map_err(|error| error.in_member(name.as_str()))
    }

    fn close(self) -> Result<()> {
        self.writer.end(self.name)
    }
}

impl SerializeStruct for Element<'_, '_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<()> {
        self.child(Name::Fixed(key), value)
    }

    fn end(self) -> Result<()> {
        self.close()
    }
}

/// The children of a map. A key is kept until its value is written, because it names both tags.
pub(super) struct MapElement<'w, 'o, 'a> {
    element: Element<'w, 'o, 'a>,
    key: String,
}

impl SerializeMap for MapElement<'_, '_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        self.key.clear();
        key.serialize(TextKey(&mut self.key))
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.element.child(Name::Key(&self.key), value)
    }

    fn end(self) -> Result<()> {
        self.element.close()
    }
}

/// A list's entries.
pub(super) struct List<'w, 'o, 'a> {
    writer: &'w mut Writer<'o>,
    name: Name<'a>,
    len: usize,
}

impl List<'_, '_, '_> {
    fn entry<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        if self.len == 0 {
            self.writer.start(self.name)?;
        }
        let before = self.writer.out.len();
        value
            .serialize(Value {
                writer: &mut *self.writer,
                name: Name::Item,
            })
            .map_err(|error| error.in_item(self.len))?;
        if self.writer.out.len() == before {
            return Err(Error::new(ErrorKind::EmptyListEntry).in_item(self.len));
        }
        self.len += 1;
        Ok(())
    }

    fn close(self) -> Result<()> {
        if self.len > 0 {
            self.writer.end(self.name)
        } else {
            self.writer.tag(b"<", self.name.as_str(), b"/>");
            Ok(())
        }
    }
}

lists_by_entry!(List<'_, '_, '_>, ());

impl<'w, 'o, 'a> Serializer for Value<'w, 'o, 'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = List<'w, 'o, 'a>;
    type SerializeTuple = List<'w, 'o, 'a>;
    type SerializeTupleStruct = List<'w, 'o, 'a>;
    type SerializeMap = MapElement<'w, 'o, 'a>;
    type SerializeStruct = Element<'w, 'o, 'a>;

    unsupported_variants!();
    transparent_wrappers!();
    integers_as_text!();

    fn serialize_bool(self, value: bool) -> Result<()> {
        self.text(if value { "true" } else { "false" })
    }

    fn serialize_f32(self, value: f32) -> Result<()> {
        self.writer.start(self.name)?;
        append_float(&mut self.writer.out, value);
        self.writer.end(self.name)
    }

    fn serialize_f64(self, value: f64) -> Result<()> {
        self.writer.start(self.name)?;
        append_float(&mut self.writer.out, value);
        self.writer.end(self.name)
    }

    fn serialize_char(self, value: char) -> Result<()> {
        self.text(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<()> {
        self.text(value)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<()> {
        self.writer.start(self.name)?;
        let out = &mut self.writer.out;
        in_base64(value, |text| out.append_slice(text));
        self.writer.end(self.name)
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

    fn serialize_seq(self, _len: Option<usize>) -> Result<List<'w, 'o, 'a>> {
        self.list()
    }

    fn serialize_tuple(self, _len: usize) -> Result<List<'w, 'o, 'a>> {
        self.list()
    }

    fn serialize_tuple_struct(self, _name: &'static str, _len: usize) -> Result<List<'w, 'o, 'a>> {
        self.list()
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<MapElement<'w, 'o, 'a>> {
        Ok(MapElement {
            element: self.open()?,
            key: String::new(),
        })
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<Element<'w, 'o, 'a>> {
        self.open()
    }
}

impl<'w, 'o> Serializer for Root<'w, 'o, '_> {
    type Ok = ();
    type Error = Error;
    type SerializeMap = MapElement<'w, 'o, 'static>;
    type SerializeStruct = Element<'w, 'o, 'static>;

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
        self.open(name)?.close()
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<MapElement<'w, 'o, 'static>> {
        refuse("a map as a response: it has no name for the root")
    }

    fn serialize_struct(self, name: &'static str, _len: usize) -> Result<Element<'w, 'o, 'static>> {
        self.open(name)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    /// The tags of a structure's members are made once and kept, unless a name is too long for that.
    #[test]
    fn tags_are_kept() {
        let mut kept = Names::new();
        let long = "aVeryLongNameThatNoMemberOfAnyStructureOfEc2HasAndThatHasNoRoom";
        for (name, are_kept) in [
            (Name::Fixed("vpcId"), true),
            (Name::Item, true),
            (Name::Key("vpcId"), false),
            (Name::Fixed(long), false),
        ] {
            assert_eq!(name.tags(&mut kept).unwrap().is_some(), are_kept);
        }
        assert!(Name::Fixed("a b").tags(&mut kept).is_err());
    }
}
