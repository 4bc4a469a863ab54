//! Values of any shape, and their JSON.

use crate::Timestamp;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ec2wire::Text;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use std::collections::HashSet;
use std::fmt;

/// A value of any shape.
///
/// Members have the API's names, which SDKs and the CLI use too. With serde, a value reads and writes
/// the JSON of the AWS CLI: timestamps are ISO 8601, blobs are base64, and the floats that JSON cannot
/// write are `"NaN"`, `"Infinity"` and `"-Infinity"`. boto3 also encodes a few strings of its callers;
/// [`Operation::request_from_boto3`](crate::Operation::request_from_boto3) does that. Reading JSON
/// leaves timestamps and blobs as strings. [`Shape::conform`](crate::Shape::conform) converts them.
///
/// Strings borrow from the input where possible. [`into_owned`](Self::into_owned) copies them.
///
/// ```
/// use ec2wire_model::Value;
///
/// let json = r#"{"IpamId":"ipam-1","TagSpecifications":[{"Tags":[{"Key":"a","Value":"b"}]}]}"#;
/// let value: Value<'_> = serde_json::from_str(json)?;
/// assert_eq!(value.get("IpamId").and_then(Value::as_str), Some("ipam-1"));
/// assert_eq!(serde_json::to_string(&value)?, json);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value<'a> {
    /// Null. A member that is null is absent.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer.
    Integer(i64),
    /// A float.
    Float(f64),
    /// A string, or a value of an enum.
    String(Text<'a>),
    /// A point in time.
    Timestamp(Timestamp),
    /// Bytes.
    Blob(Vec<u8>),
    /// A list.
    List(Vec<Value<'a>>),
    /// A structure, or a map with strings as keys.
    Structure(Structure<'a>),
}

impl<'a> Value<'a> {
    /// A member of a structure. `None` if there is no such member, or the value is not a structure.
    ///
    /// ```
    /// use ec2wire_model::Value;
    ///
    /// assert_eq!(Value::Null.get("IpamId"), None);
    /// ```
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        match self {
            Self::Structure(structure) => structure.get(name),
            _ => None,
        }
    }

    /// The string, if it is one.
    ///
    /// ```
    /// assert_eq!(ec2wire_model::Value::from("a").as_str(), Some("a"));
    /// ```
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The entries, if it is a list.
    ///
    /// ```
    /// use ec2wire_model::Value;
    ///
    /// assert_eq!(Value::List(vec![true.into()]).as_list(), Some(&[Value::Bool(true)][..]));
    /// ```
    pub fn as_list(&self) -> Option<&[Value<'a>]> {
        match self {
            Self::List(entries) => Some(entries),
            _ => None,
        }
    }

    /// The name of its kind in messages.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Integer(_) => "an integer",
            Self::Float(_) => "a float",
            Self::String(_) => "a string",
            Self::Timestamp(_) => "a timestamp",
            Self::Blob(_) => "a blob",
            Self::List(_) => "a list",
            Self::Structure(_) => "a structure",
        }
    }

    /// The same value with its strings copied, so that it borrows nothing.
    ///
    /// ```
    /// use ec2wire_model::Value;
    ///
    /// let value: Value<'static> = Value::from(&*String::from("a")).into_owned();
    /// assert_eq!(value.as_str(), Some("a"));
    /// ```
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(value),
            Self::Integer(value) => Value::Integer(value),
            Self::Float(value) => Value::Float(value),
            Self::String(text) => Value::String(text.into_owned().into()),
            Self::Timestamp(value) => Value::Timestamp(value),
            Self::Blob(bytes) => Value::Blob(bytes),
            Self::List(entries) => {
                Value::List(entries.into_iter().map(Value::into_owned).collect())
            }
            Self::Structure(Structure(members)) => Value::Structure(Structure(
                members
                    .into_iter()
                    .map(|(name, value)| (name.into_owned().into(), value.into_owned()))
                    .collect(),
            )),
        }
    }
}

/// The members of a structure, in the order in which they are written.
///
/// Two structures are equal if they have the same members in any order.
///
/// ```
/// use ec2wire_model::{Structure, Value};
///
/// let tag: Structure<'_> = [("Key", Value::from("a")), ("Value", Value::from("b"))].into();
/// let other = [("Value", Value::from("b")), ("Key", Value::from("a"))].into();
/// assert_eq!(tag, other);
/// assert_eq!(tag.iter().next(), Some(("Key", &Value::from("a"))));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Structure<'a>(pub(crate) Vec<(Text<'a>, Value<'a>)>);

impl<'a> Structure<'a> {
    /// A structure without members.
    ///
    /// ```
    /// assert!(ec2wire_model::Structure::new().is_empty());
    /// ```
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The number of members.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has no members.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Looks up a member by name. Case matters.
    ///
    /// ```
    /// use ec2wire_model::{Structure, Value};
    ///
    /// let filter: Structure<'_> = [("Name", Value::from("state"))].into();
    /// assert!(filter.get("Name").is_some() && filter.get("name").is_none());
    /// ```
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value)
    }

    /// Sets a member. A new member goes to the end; an existing one keeps its position. Returns the
    /// previous value.
    ///
    /// ```
    /// use ec2wire_model::{Structure, Value};
    ///
    /// let mut input = Structure::new();
    /// assert_eq!(input.insert("DryRun", true), None);
    /// assert_eq!(input.insert("DryRun", false), Some(Value::Bool(true)));
    /// assert_eq!(input.len(), 1);
    /// ```
    pub fn insert(
        &mut self,
        name: impl Into<Text<'a>>,
        value: impl Into<Value<'a>>,
    ) -> Option<Value<'a>> {
        let (name, value) = (name.into(), value.into());
        if let Some((_, place)) = self.0.iter_mut().find(|(known, _)| *known == name) {
            return Some(std::mem::replace(place, value));
        }
        self.0.push((name, value));
        None
    }

    /// Removes a member, and returns its value.
    ///
    /// ```
    /// use ec2wire_model::{Structure, Value};
    ///
    /// let mut input: Structure<'_> = [("DryRun", Value::Bool(true))].into();
    /// assert_eq!(input.remove("DryRun"), Some(Value::Bool(true)));
    /// assert!(input.is_empty());
    /// ```
    pub fn remove(&mut self, name: &str) -> Option<Value<'a>> {
        let at = self.0.iter().position(|(known, _)| *known == name)?;
        Some(self.0.remove(at).1)
    }

    /// As [`get`](Self::get), to change the value.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value<'a>> {
        let found = self.0.iter_mut().find(|(known, _)| *known == name);
        found.map(|(_, value)| value)
    }

    /// The members, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value<'a>)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The first name that occurs a second time.
    pub(crate) fn first_repeated(&self) -> Option<&str> {
        let mut seen = HashSet::new();
        self.iter()
            .map(|(name, _)| name)
            .find(|name| !seen.insert(*name))
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = (&str, &mut Value<'a>)> {
        self.0
            .iter_mut()
            .map(|(name, value)| (name.as_str(), value))
    }
}

impl PartialEq for Structure<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.iter().all(|(name, value)| {
                other.get(name).is_some_and(|other| value == other) && self.get(name).is_some()
            })
    }
}

impl<'a, T: Into<Text<'a>>, const N: usize> From<[(T, Value<'a>); N]> for Structure<'a> {
    fn from(members: [(T, Value<'a>); N]) -> Self {
        let mut structure = Self::new();
        for (name, value) in members {
            structure.insert(name, value);
        }
        structure
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<f64> for Value<'_> {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::String(text.into())
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::String(text.into())
    }
}

impl<'a> From<Vec<Value<'a>>> for Value<'a> {
    fn from(entries: Vec<Value<'a>>) -> Self {
        Self::List(entries)
    }
}

impl<'a> From<Structure<'a>> for Value<'a> {
    fn from(structure: Structure<'a>) -> Self {
        Self::Structure(structure)
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Float(value) => match unusual_float(*value) {
                Some(text) => serializer.serialize_str(text),
                None => serializer.serialize_f64(*value),
            },
            Self::String(text) => serializer.serialize_str(text),
            Self::Timestamp(value) => serializer.collect_str(value),
            Self::Blob(bytes) => serializer.serialize_str(&BASE64.encode(bytes)),
            Self::List(entries) => serializer.collect_seq(entries),
            Self::Structure(structure) => {
                let mut map = serializer.serialize_map(Some(structure.len()))?;
                for (name, value) in structure.iter() {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

/// The string for a float that JSON cannot write as a number.
fn unusual_float(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        Some("NaN")
    } else if value.is_infinite() {
        Some(if value > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        None
    }
}

/// Reads a float that JSON writes as a string.
pub(crate) fn float_from_text(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// Decodes base64.
pub(crate) fn blob_from_text(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok()
}

impl<'de: 'a, 'a> Deserialize<'de> for Value<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ValueVisitor;

        impl<'de> Visitor<'de> for ValueVisitor {
            type Value = Value<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Value::Null)
            }

            fn visit_none<E>(self) -> Result<Self::Value, E> {
                Ok(Value::Null)
            }

            fn visit_some<D: Deserializer<'de>>(
                self,
                deserializer: D,
            ) -> Result<Self::Value, D::Error> {
                deserializer.deserialize_any(self)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
                Ok(Value::Bool(value))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
                Ok(Value::Integer(value))
            }

            fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Self::Value, E> {
                i64::try_from(value)
                    .map(Value::Integer)
                    .map_err(|_| E::custom(format_args!("the integer {value} is too large")))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
                Ok(Value::Float(value))
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Value::String(text.into()))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Value::String(text.to_owned().into()))
            }

            fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
                Ok(Value::String(text.into()))
            }

            fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Self::Value, E> {
                Ok(Value::Blob(bytes))
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                Ok(Value::Blob(bytes.to_vec()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = seq.next_element()? {
                    entries.push(entry);
                }
                Ok(Value::List(entries))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut structure = Structure::new();
                while let Some(member) = map.next_entry()? {
                    structure.0.push(member);
                }
                if let Some(name) = structure.first_repeated() {
                    return Err(A::Error::custom(format_args!("repeated member `{name}`")));
                }
                Ok(Value::Structure(structure))
            }
        }

        deserializer.deserialize_any(ValueVisitor)
    }
}
