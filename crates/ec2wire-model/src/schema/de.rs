//! Decoding: the codec finds the members, and their shapes say how to read them.

use super::ser::{ITEM, is_flattened};
use super::timestamp::timestamp_from_text;
use crate::model::KindData;
use crate::{Kind, Shape, Structure, TimestampFormat, Value, Wire};
use ec2wire::Text;
use serde::de::{
    DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor,
};
use std::fmt;

/// Decodes a value as its shape says.
///
/// [`Operation::request_seed`](crate::Operation::request_seed) and
/// [`response_seed`](crate::Operation::response_seed) make it for an action.
///
/// ```
/// use ec2wire::xml;
/// use ec2wire_model::{Model, Value};
///
/// let seed = Model::ec2().operation("DeleteVpc").unwrap().response_seed();
/// let body = "<DeleteVpcResponse><requestId>1</requestId></DeleteVpcResponse>";
/// let (output, id) = xml::Options::new().from_str_seed(seed, body)?;
/// assert_eq!(id.as_deref(), Some("1"));
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Seed {
    /// `None` for the input or output of an action that has none.
    shape: Option<Shape>,
    wire: Wire,
    /// The name of the root.
    root: Option<&'static str>,
    timestamp_format: Option<TimestampFormat>,
}

impl Seed {
    pub(super) fn root(shape: Option<Shape>, wire: Wire, root: &'static str) -> Self {
        Self {
            shape,
            wire,
            root: Some(root),
            timestamp_format: None,
        }
    }

    #[inline]
    fn inner(self, shape: Shape) -> Self {
        Self {
            shape: Some(shape),
            wire: self.wire,
            root: None,
            timestamp_format: None,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Seed {
    type Value = Value<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value<'de>, D::Error> {
        let Some(shape) = self.shape else {
            let name = self.root.unwrap_or_default();
            return deserializer.deserialize_unit_struct(name, Nothing);
        };
        match &shape.data.kind {
            KindData::Structure(..) => deserializer.deserialize_struct(
                self.root.unwrap_or(shape.name()),
                shape.wire_names(self.wire),
                Members { seed: self, shape },
            ),
            &KindData::List {
                entry, entry_name, ..
            } => {
                let Some(entry) = shape.model.shape_at(entry) else {
                    return Ok(Value::Null);
                };
                let entry = self.inner(entry);
                match (self.wire, entry_name) {
                    (Wire::Xml, name) if name != Some(ITEM) => {
                        let name = name.unwrap_or("member");
                        deserializer.deserialize_map(NamedEntries { entry, name })
                    }
                    _ => deserializer.deserialize_seq(Entries { entry }),
                }
            }
            KindData::Map { .. } => deserializer.deserialize_map(MapEntries { seed: self, shape }),
            KindData::String(_) => deserializer.deserialize_str(Scalar),
            // Keeps a number that is out of its shape's range.
            KindData::Integer | KindData::Long => deserializer.deserialize_i64(Scalar),
            KindData::Float | KindData::Double => deserializer.deserialize_f64(Scalar),
            KindData::Boolean => deserializer.deserialize_bool(Scalar),
            KindData::Blob => deserializer.deserialize_byte_buf(Scalar),
            &KindData::Timestamp(format) => {
                deserializer.deserialize_str(Time(self.timestamp_format.unwrap_or(format)))
            }
        }
    }
}

/// The response or the request of an action without members there.
struct Nothing;

impl<'de> Visitor<'de> for Nothing {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no members")
    }

    fn visit_unit<E>(self) -> Result<Value<'de>, E> {
        Ok(Structure::new().into())
    }
}

struct Scalar;

impl<'de> Visitor<'de> for Scalar {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a scalar")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value<'de>, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value<'de>, E> {
        Ok(Value::Integer(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value<'de>, E> {
        Ok(Value::Float(value))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::String(text.into()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value<'de>, E> {
        Ok(Value::String(text.to_owned().into()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value<'de>, E> {
        Ok(Value::String(text.into()))
    }

    fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Value<'de>, E> {
        Ok(Value::Blob(bytes))
    }
}

struct Time(TimestampFormat);

impl<'de> Visitor<'de> for Time {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            TimestampFormat::Iso8601 => "an ISO 8601 timestamp",
            TimestampFormat::UnixTimestamp => "a timestamp in seconds since 1970",
            TimestampFormat::Rfc822 => "an RFC 822 timestamp",
        })
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value<'de>, E> {
        timestamp_from_text(text, self.0)
            .map(Value::Timestamp)
            .ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }
}

/// Reads a member's name as its position.
struct Field {
    names: &'static [&'static str],
    /// The position after that of the last member.
    next: usize,
}

impl<'de> DeserializeSeed<'de> for Field {
    type Value = Option<usize>;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Field {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    #[inline]
    fn visit_str<E>(self, name: &str) -> Result<Option<usize>, E> {
        match self.names.get(self.next) {
            Some(known) if *known == name => Ok(Some(self.next)),
            _ => Ok(self.names.iter().position(|known| *known == name)),
        }
    }
}

struct Members {
    seed: Seed,
    shape: Shape,
}

impl<'de> Visitor<'de> for Members {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the structure {}", self.shape.name())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value<'de>, A::Error> {
        let names = self.shape.wire_names(self.seed.wire);
        let data = self.shape.member_data();
        let mut members: Vec<(Text<'de>, Value<'de>)> = Vec::with_capacity(data.len().min(8));
        let mut next = 0;
        while let Some(position) = map.next_key_seed(Field { names, next })? {
            let member = position.and_then(|position| {
                next = position + 1;
                data.get(position)
            });
            let inner = member.and_then(|member| self.shape.model.shape_at(member.shape));
            let (Some(member), Some(inner)) = (member, inner) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let seed = Seed {
                timestamp_format: member.timestamp_format,
                ..self.seed.inner(inner)
            };
            let known = members
                .iter_mut()
                .find(|(name, _)| std::ptr::eq(name.as_str(), member.name));
            if self.seed.wire == Wire::Xml && is_flattened(member, Some(inner)) {
                let place = if let Some((_, value)) = known {
                    Some(value)
                } else {
                    members.push((member.name.into(), Value::Null));
                    members.last_mut().map(|(_, value)| value)
                };
                if let Some(place) = place {
                    seed.flattened(inner, &mut map, place)?;
                }
            } else if known.is_some() {
                let name = names.get(position.unwrap_or_default());
                let name = name.copied().unwrap_or_default();
                return Err(A::Error::duplicate_field(name));
            } else {
                members.push((member.name.into(), map.next_value_seed(seed)?));
            }
        }
        Ok(Structure(members).into())
    }
}

impl Seed {
    /// Reads one entry of a list or map that has no element around its entries.
    fn flattened<'de, A: MapAccess<'de>>(
        self,
        shape: Shape,
        map: &mut A,
        place: &mut Value<'de>,
    ) -> Result<(), A::Error> {
        if let Kind::List { entry, .. } = shape.kind() {
            let entry = map.next_value_seed(self.inner(entry))?;
            if let Value::List(entries) = place {
                entries.push(entry);
            } else {
                *place = Value::List(Vec::from([entry]));
            }
        } else {
            let entry = map.next_value_seed(MapEntry { seed: self, shape })?;
            if let Value::Structure(entries) = place {
                entries.0.push(entry);
            } else {
                *place = Structure(Vec::from([entry])).into();
            }
        }
        Ok(())
    }
}

struct Entries {
    entry: Seed,
}

impl<'de> Visitor<'de> for Entries {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value<'de>, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = seq.next_element_seed(self.entry)? {
            entries.push(entry);
        }
        Ok(Value::List(entries))
    }
}

/// A list whose entries are not named `item`.
struct NamedEntries {
    entry: Seed,
    name: &'static str,
}

impl<'de> Visitor<'de> for NamedEntries {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value<'de>, A::Error> {
        let mut entries = Vec::new();
        while let Some(name) = map.next_key::<Text<'de>>()? {
            // SDKs ignore the name, and nearly all lists use `item`.
            if name != self.name && name != ITEM {
                return Err(A::Error::custom(format_args!(
                    "expected <{}>, got <{name}>",
                    self.name
                )));
            }
            entries.push(map.next_value_seed(self.entry)?);
        }
        Ok(Value::List(entries))
    }
}

struct MapEntries {
    seed: Seed,
    shape: Shape,
}

impl<'de> Visitor<'de> for MapEntries {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value<'de>, A::Error> {
        let mut entries = Structure::new();
        while map.next_key::<IgnoredAny>()?.is_some() {
            entries.0.push(map.next_value_seed(MapEntry {
                seed: self.seed,
                shape: self.shape,
            })?);
        }
        if let Some(key) = entries.first_repeated() {
            return Err(A::Error::custom(format_args!("repeated key `{key}`")));
        }
        Ok(entries.into())
    }
}

struct MapEntry {
    seed: Seed,
    shape: Shape,
}

impl<'de> DeserializeSeed<'de> for MapEntry {
    type Value = (Text<'de>, Value<'de>);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for MapEntry {
    type Value = (Text<'de>, Value<'de>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key and a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let Kind::Map {
            value: value_shape,
            key_name,
            value_name,
            ..
        } = self.shape.kind()
        else {
            return Err(A::Error::custom("the shape is not a map"));
        };
        let (mut key, mut value) = (None, None);
        while let Some(name) = map.next_key::<Text<'de>>()? {
            if name == key_name {
                key = Some(map.next_value::<Text<'de>>()?);
            } else if name == value_name {
                value = Some(map.next_value_seed(self.seed.inner(value_shape))?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        match (key, value) {
            (Some(key), Some(value)) => Ok((key, value)),
            (None, _) => Err(A::Error::missing_field(key_name)),
            (_, None) => Err(A::Error::missing_field(value_name)),
        }
    }
}
