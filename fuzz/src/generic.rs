//! Untyped values, and a type that asks for anything.

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess,
    SeqAccess, VariantAccess, Visitor,
};
use serde::ser::{Serialize, SerializeStruct, Serializer};
use std::cell::RefCell;
use std::fmt;
use std::fmt::Write as _;

/// The content of a body, as far as the wire format reveals it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A scalar.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// A structure, with its members in the order of the body.
    Members(Vec<(String, Value)>),
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ValueVisitor;

        impl<'de> Visitor<'de> for ValueVisitor {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }

            fn visit_str<E>(self, text: &str) -> Result<Value, E> {
                Ok(Value::Text(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
                let mut list = Vec::new();
                while let Some(entry) = entries.next_element()? {
                    list.push(entry);
                }
                Ok(Value::List(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Value::Members(members))
            }
        }

        deserializer.deserialize_any(ValueVisitor)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(entries) => serializer.collect_seq(entries),
            Self::Members(members) => {
                serializer.collect_map(members.iter().map(|(name, value)| (name, value)))
            }
        }
    }
}

/// A document around a value, because a value has no root name.
pub struct Document<'v>(pub &'v Value);

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut document = serializer.serialize_struct("Document", 1)?;
        document.serialize_field("value", self.0)?;
        document.end()
    }
}

/// How often a visitor asks for the next entry or member, at most.
const PATIENCE: usize = 64;

/// The maximum depth of visitors, below the decoders' own limits.
const DEEPEST: usize = 100;

thread_local! {
    /// The rest of the schedule, reversed, and what was seen. They are thread-local because a decoded
    /// type has no other place for them.
    static SCHEDULE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static SEEN: RefCell<String> = const { RefCell::new(String::new()) };
}

/// A type that asks its deserializer for what the next byte of a schedule says: any type, a scalar, a
/// list, a structure or an enum. Its visitors stop early, ask for a value without a key, and continue
/// after an error. After the end of the schedule, it asks for any type.
#[derive(Debug, PartialEq, Eq)]
pub struct Ask;

impl Ask {
    /// Makes the [`Ask`]s that `decode` reads follow the schedule. Returns what they saw and the result of
    /// `decode`.
    pub fn run<R>(schedule: &[u8], decode: impl FnOnce() -> R) -> (String, R) {
        SCHEDULE.set(schedule.iter().rev().copied().collect());
        SEEN.take();
        let result = decode();
        (SEEN.take(), result)
    }
}

impl<'de> Deserialize<'de> for Ask {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Question { depth: 0 }
            .deserialize(deserializer)
            .map(|()| Self)
    }
}

fn next() -> u8 {
    SCHEDULE.with_borrow_mut(Vec::pop).unwrap_or_default()
}

fn see(what: impl fmt::Debug) {
    // Writing to a string cannot fail.
    let _ = SEEN.with_borrow_mut(|seen| write!(seen, "{what:?} "));
}

#[derive(Clone, Copy)]
struct Question {
    depth: usize,
}

impl Question {
    fn inner(self) -> Self {
        let depth = self.depth + 1;
        Self { depth }
    }
}

const FIELDS: &[&str] = &[
    "tag",
    "item",
    "ipamPolicy",
    "IpamId",
    "1",
    "requestId",
    "TagSpecification",
    "a",
];

impl<'de> DeserializeSeed<'de> for Question {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.depth > DEEPEST {
            return Err(D::Error::custom("asked too deep"));
        }
        match next() % 32 {
            1 => deserializer.deserialize_str(self),
            2 => deserializer.deserialize_string(self),
            3 => deserializer.deserialize_bool(self),
            4 => deserializer.deserialize_i8(self),
            5 => deserializer.deserialize_i128(self),
            6 => deserializer.deserialize_u64(self),
            7 => deserializer.deserialize_f32(self),
            8 => deserializer.deserialize_f64(self),
            9 => deserializer.deserialize_char(self),
            10 => deserializer.deserialize_bytes(self),
            11 => deserializer.deserialize_byte_buf(self),
            12 => deserializer.deserialize_option(self),
            13 => deserializer.deserialize_unit(self),
            14 => deserializer.deserialize_unit_struct("Unit", self),
            15 => deserializer.deserialize_newtype_struct("Newtype", self),
            16 | 17 => deserializer.deserialize_seq(self),
            18 => deserializer.deserialize_tuple(2, self),
            19 => deserializer.deserialize_tuple_struct("Tuple", 1, self),
            20 | 21 => deserializer.deserialize_map(self),
            22..=24 => deserializer.deserialize_struct("CreateIpamPolicyResponse", FIELDS, self),
            25 => deserializer.deserialize_enum("Enum", FIELDS, self),
            26 => deserializer.deserialize_identifier(self),
            27 => deserializer.deserialize_ignored_any(self),
            _ => deserializer.deserialize_any(self),
        }
    }
}

macro_rules! visit_scalars {
    ($($method:ident: $type:ty,)+) => {
        $(fn $method<E>(self, value: $type) -> Result<(), E> {
            see(value);
            Ok(())
        })+
    };
}

impl<'de> Visitor<'de> for Question {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    visit_scalars! {
        visit_bool: bool, visit_i64: i64, visit_i128: i128, visit_u64: u64, visit_u128: u128,
        visit_f32: f32, visit_f64: f64, visit_char: char, visit_str: &str, visit_bytes: &[u8],
    }

    fn visit_none<E>(self) -> Result<(), E> {
        see("none");
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        see("unit");
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        see("some");
        self.inner().deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        see("newtype");
        self.inner().deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        see("[");
        for _ in 0..PATIENCE {
            let step = next();
            if step % 8 == 7 {
                break;
            }
            match entries.next_element_seed(self.inner()) {
                Ok(Some(())) => {}
                // Asking again gives the same error.
                Ok(None) if step % 8 == 6 => {}
                Ok(None) => break,
                Err(_) if step % 8 == 5 => see("error"),
                Err(error) => return Err(error),
            }
        }
        see("]");
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        see("{");
        for _ in 0..PATIENCE {
            let step = next();
            let result = match step % 16 {
                15 => break,
                14 => map.next_value_seed(self.inner()).map(Some),
                13 => map.next_key::<IgnoredAny>().map(|key| key.map(drop)),
                12 => map.next_key_seed(self.inner()),
                11 => map
                    .next_entry::<IgnoredAny, IgnoredAny>()
                    .map(|pair| pair.map(drop)),
                _ => match map.next_key::<String>() {
                    Ok(Some(name)) => {
                        see(name);
                        map.next_value_seed(self.inner()).map(Some)
                    }
                    Ok(None) => Ok(None),
                    Err(error) => Err(error),
                },
            };
            match result {
                Ok(Some(())) => {}
                Ok(None) if step >= 0xE0 => {}
                Ok(None) => break,
                Err(_) if step >= 0xC0 => see("error"),
                Err(error) => return Err(error),
            }
        }
        see("}");
        Ok(())
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<(), A::Error> {
        let (name, variant) = data.variant::<String>()?;
        see(name);
        match next() % 4 {
            1 => variant.newtype_variant_seed(self.inner()),
            2 => variant.tuple_variant(1, self.inner()),
            3 => variant.struct_variant(FIELDS, self.inner()),
            _ => variant.unit_variant(),
        }
    }
}
