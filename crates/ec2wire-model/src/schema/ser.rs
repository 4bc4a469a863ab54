//! Encoding: a value with its shape serializes as a struct with serde's derives would.

use super::timestamp::timestamp_to_text;
use crate::model::{KindData, MemberData};
use crate::{Kind, Shape, Structure, TimestampFormat, Value, Wire};
use serde::ser::{Error, Serialize, SerializeSeq as _, SerializeStruct, Serializer};

/// A value, and the shape that it is written as.
#[derive(Clone, Copy)]
pub(super) struct Shaped<'v, 'a> {
    value: &'v Value<'a>,
    /// `None` for the input or output of an action that has none.
    shape: Option<Shape>,
    wire: Wire,
    /// The name of the root. The name of a shape is not on the wire.
    root: Option<&'static str>,
    timestamp_format: Option<TimestampFormat>,
}

impl<'v, 'a> Shaped<'v, 'a> {
    pub(super) fn root(
        shape: Option<Shape>,
        wire: Wire,
        root: &'static str,
        value: &'v Value<'a>,
    ) -> Self {
        Self {
            value,
            shape,
            wire,
            root: Some(root),
            timestamp_format: None,
        }
    }

    fn inner(self, shape: Shape, value: &'v Value<'a>) -> Self {
        Self {
            value,
            shape: Some(shape),
            wire: self.wire,
            root: None,
            timestamp_format: None,
        }
    }

    #[cold]
    fn mismatch<E: Error>(&self, expected: &str) -> E {
        E::custom(format_args!(
            "expected {expected}, got {}",
            self.value.kind()
        ))
    }

    fn structure<S: Serializer>(
        self,
        serializer: S,
        shape: Option<Shape>,
        structure: &'v Structure<'a>,
    ) -> Result<S::Ok, S::Error> {
        let name = self.root.or(shape.map(|shape| shape.name()));
        let mut out = serializer.serialize_struct(name.unwrap_or_default(), structure.len())?;
        let data = shape.map(|shape| shape.member_data()).unwrap_or_default();
        let names = shape.map(|shape| shape.wire_names(self.wire));
        let names = names.unwrap_or_default();
        // The position after that of the last member: members mostly come in the shape's order.
        let mut next = 0;
        for (at, (name, value)) in structure.iter().enumerate() {
            let position = position(data, next, name);
            let member = position.and_then(|position| {
                next = position + 1;
                Some((data.get(position)?, *names.get(position)?))
            });
            let (Some((member, wire_name)), Some(shape)) = (member, shape) else {
                return Err(S::Error::custom(format_args!("unknown member `{name}`")));
            };
            if structure.iter().take(at).any(|(other, _)| other == name) {
                return Err(S::Error::custom(format_args!("repeated member `{name}`")));
            }
            let Some(inner) = shape.model.shape_at(member.shape) else {
                continue;
            };
            let inner = Shaped {
                timestamp_format: member.timestamp_format,
                ..self.inner(inner, value)
            };
            if self.wire == Wire::Xml && is_flattened(member, inner.shape) {
                inner.flattened(&mut out, wire_name)?;
            } else if *value != Value::Null {
                out.serialize_field(wire_name, &inner)?;
            }
        }
        out.end()
    }

    /// Writes the entries of a list or map without an element around them.
    fn flattened<O: SerializeStruct>(
        self,
        out: &mut O,
        wire_name: &'static str,
    ) -> Result<(), O::Error> {
        match (self.shape.map(|shape| shape.kind()), self.value) {
            (_, Value::Null) => Ok(()),
            (Some(Kind::List { entry, .. }), Value::List(entries)) => entries
                .iter()
                .try_for_each(|value| out.serialize_field(wire_name, &self.inner(entry, value))),
            (Some(kind @ Kind::Map { .. }), Value::Structure(map)) => {
                map.iter().try_for_each(|(key, value)| {
                    let entry = MapEntry {
                        key,
                        value,
                        kind,
                        whole: self,
                    };
                    out.serialize_field(wire_name, &entry)
                })
            }
            (_, _) => Err(self.mismatch("a list")),
        }
    }

    fn list<S: Serializer>(
        self,
        serializer: S,
        shape: Shape,
        entry: Shape,
        entries: &'v [Value<'a>],
    ) -> Result<S::Ok, S::Error> {
        let name = match shape.kind() {
            Kind::List { entry_name, .. } if self.wire == Wire::Xml => entry_name,
            _ => ITEM,
        };
        if name == ITEM {
            let mut out = serializer.serialize_seq(Some(entries.len()))?;
            for value in entries {
                out.serialize_element(&self.inner(entry, value))?;
            }
            return out.end();
        }
        let mut out = serializer.serialize_struct(shape.name(), entries.len())?;
        for value in entries {
            out.serialize_field(name, &self.inner(entry, value))?;
        }
        out.end()
    }
}

/// The element name that the codec gives to list entries.
pub(super) const ITEM: &str = "item";

/// The position of a member in its structure.
#[inline]
fn position(data: &[MemberData], next: usize, name: &str) -> Option<usize> {
    match data.get(next) {
        Some(member) if member.name == name => Some(next),
        _ => data.iter().position(|member| member.name == name),
    }
}

/// Whether a response writes the entries of a list or map without an element around them.
pub(super) fn is_flattened(member: &MemberData, shape: Option<Shape>) -> bool {
    match shape.map(|shape| &shape.data.kind) {
        Some(KindData::List { flattened, .. } | KindData::Map { flattened, .. }) => {
            member.flattened || *flattened
        }
        _ => false,
    }
}

impl Serialize for Shaped<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(shape) = self.shape else {
            return match self.value {
                Value::Structure(structure) => self.structure(serializer, None, structure),
                _ => Err(self.mismatch("a structure")),
            };
        };
        match (&shape.data.kind, self.value) {
            (_, Value::Null) => serializer.serialize_none(),
            (KindData::Structure(..), Value::Structure(structure)) => {
                self.structure(serializer, Some(shape), structure)
            }
            (&KindData::List { entry, .. }, Value::List(entries)) => {
                let Some(entry) = shape.model.shape_at(entry) else {
                    return serializer.serialize_none();
                };
                self.list(serializer, shape, entry, entries)
            }
            (KindData::String(_), Value::String(text)) => serializer.serialize_str(text),
            (KindData::Boolean, Value::Bool(value)) => serializer.serialize_bool(*value),
            (
                KindData::Integer | KindData::Long | KindData::Float | KindData::Double,
                Value::Integer(value),
            ) => serializer.serialize_i64(*value),
            (KindData::Float | KindData::Double, Value::Float(value)) => {
                serializer.serialize_f64(*value)
            }
            (KindData::Blob, Value::Blob(bytes)) => serializer.serialize_bytes(bytes),
            (&KindData::Timestamp(format), Value::Timestamp(timestamp)) => {
                let format = self.timestamp_format.unwrap_or(format);
                serializer.serialize_str(&timestamp_to_text(*timestamp, format))
            }
            (KindData::Map { .. }, Value::Structure(map)) => {
                if self.wire == Wire::Form {
                    return Err(S::Error::custom("a request cannot carry a map"));
                }
                let mut out = serializer.serialize_struct(shape.name(), map.len())?;
                for (key, value) in map.iter() {
                    let entry = MapEntry {
                        key,
                        value,
                        kind: shape.kind(),
                        whole: *self,
                    };
                    out.serialize_field("entry", &entry)?;
                }
                out.end()
            }
            (kind, _) => Err(self.mismatch(expected(kind))),
        }
    }
}

/// The name of a kind in messages.
pub(crate) const fn expected(kind: &KindData) -> &'static str {
    match kind {
        KindData::Structure(..) => "a structure",
        KindData::List { .. } => "a list",
        KindData::Map { .. } => "a map",
        KindData::String(_) => "a string",
        KindData::Integer | KindData::Long => "an integer",
        KindData::Float | KindData::Double => "a number",
        KindData::Boolean => "a boolean",
        KindData::Blob => "a blob",
        KindData::Timestamp(_) => "a timestamp",
    }
}

/// A key and a value of a map.
struct MapEntry<'v, 'a> {
    key: &'v str,
    value: &'v Value<'a>,
    kind: Kind,
    whole: Shaped<'v, 'a>,
}

impl Serialize for MapEntry<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("entry", 2)?;
        if let Kind::Map {
            value,
            key_name,
            value_name,
            ..
        } = self.kind
        {
            out.serialize_field(key_name, self.key)?;
            out.serialize_field(value_name, &self.whole.inner(value, self.value))?;
        }
        out.end()
    }
}
