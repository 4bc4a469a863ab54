//! libFuzzer's dictionaries: words that mutations insert into an input.

use serde::de::value::{Error as ValueError, StrDeserializer};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use std::collections::BTreeSet;
use std::fmt;

/// A line of a dictionary that libFuzzer would refuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: &'static str,
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

impl std::error::Error for BadLine {}

/// The words of a dictionary: `"word"` or `name="word"` a line, with `\\`, `\"` and `\xAB` as
/// escapes; `#` begins a comment.
///
/// # Errors
///
/// Fails on the first line that libFuzzer would refuse.
pub fn words(dictionary: &str) -> Result<Vec<Vec<u8>>, BadLine> {
    let mut words = Vec::new();
    for (line, text) in (1..).zip(dictionary.lines()) {
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        words.push(word(text).map_err(|why| BadLine { line, why })?);
    }
    Ok(words)
}

fn word(line: &str) -> Result<Vec<u8>, &'static str> {
    let (_, quoted) = line.split_once('"').ok_or("no quote")?;
    let quoted = quoted.strip_suffix('"').ok_or("no quote at the end")?;
    let mut word = Vec::new();
    let mut bytes = quoted.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return Err("a quote inside the word"),
            b'\\' => match bytes.next() {
                Some(escaped @ (b'\\' | b'"')) => word.push(escaped),
                Some(b'x') => {
                    let mut digit = || char::from(bytes.next()?).to_digit(16);
                    let (high, low) = digit().zip(digit()).ok_or("a bad \\x escape")?;
                    word.push(u8::try_from(high * 16 + low).map_err(|_| "a bad \\x escape")?);
                }
                _ => return Err("an unknown escape"),
            },
            b' '..=b'~' => word.push(byte),
            _ => return Err("a character that must be escaped"),
        }
    }
    if word.is_empty() {
        return Err("an empty word");
    }
    Ok(word)
}

/// The wire names of a type: the names of its structures and of all their members.
///
/// # Panics
///
/// If a member of the type is of a kind that no operation has.
#[must_use]
pub fn names<'de, T: Deserialize<'de>>() -> BTreeSet<&'static str> {
    let mut names = BTreeSet::new();
    let outcome = T::deserialize(Names(&mut names));
    assert!(outcome.is_ok(), "a member of an unknown kind");
    names
}

/// Records the requested names, and supplies a value for each.
struct Names<'n>(&'n mut BTreeSet<&'static str>);

impl<'de> Deserializer<'de> for Names<'_> {
    type Error = ValueError;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.0.insert(name);
        self.0.extend(fields);
        visitor.visit_map(Each {
            names: self.0,
            fields: fields.iter(),
        })
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_seq(Each {
            names: self.0,
            fields: ["item"].iter(),
        })
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_some(self)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_bool(false)
    }

    fn deserialize_i32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_i32(0)
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_str("")
    }

    forward_to_deserialize_any! {
        i8 i16 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct tuple tuple_struct map enum identifier ignored_any
    }
}

struct Each<'n> {
    names: &'n mut BTreeSet<&'static str>,
    fields: std::slice::Iter<'static, &'static str>,
}

impl<'de> MapAccess<'de> for Each<'_> {
    type Error = ValueError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ValueError> {
        let field = self.fields.next();
        field
            .map(|field| seed.deserialize(StrDeserializer::new(field)))
            .transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, ValueError> {
        seed.deserialize(Names(self.names))
    }
}

impl<'de> SeqAccess<'de> for Each<'_> {
    type Error = ValueError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ValueError> {
        let entry = self.fields.next();
        entry
            .map(|_| seed.deserialize(Names(self.names)))
            .transpose()
    }
}
