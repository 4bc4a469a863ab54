//! Request and response bodies that are given byte for byte.

use crate::format::template::{MOST_TIMES, Unresolved, fill, mentions};
use crate::text::{from_hex, hex};
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use std::fmt;

/// A body, byte for byte.
///
/// Either a text with variables, or a list of pieces that are concatenated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// A text.
    Text(String),
    /// Pieces.
    Pieces(Vec<Piece>),
}

/// A piece of a body: a text with variables, `{ hex = "ff00" }`, `{ repeat = "x", times = 3 }`
/// or `{ generate = 3, each = "&Key.${n}=v" }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// A text.
    Text(String),
    /// Bytes.
    Hex(Vec<u8>),
    /// A repeated text.
    Repeat {
        /// The text.
        text: String,
        /// How often it is repeated.
        times: usize,
    },
    /// One text for each position from 1 to `count`; `${n}` is the position.
    Generate {
        /// The number of positions.
        count: usize,
        /// The template of the texts.
        each: String,
    },
}

impl Body {
    /// The bytes, with the variables filled in.
    pub fn resolve(&self, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Vec<u8>, Unresolved> {
        let pieces = match self {
            Self::Text(text) => return Ok(fill(text, lookup)?.into_bytes()),
            Self::Pieces(pieces) => pieces,
        };
        let mut bytes = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => bytes.extend(fill(text, lookup)?.into_bytes()),
                Piece::Hex(raw) => bytes.extend_from_slice(raw),
                Piece::Repeat { text, times } => {
                    bytes.extend(fill(text, lookup)?.repeat(*times).into_bytes());
                }
                Piece::Generate { count, each } => {
                    for n in 1..=*count {
                        let numbered = |name: &str| match name {
                            "n" => Some(n.to_string()),
                            _ => lookup(name),
                        };
                        bytes.extend(fill(each, &numbered)?.into_bytes());
                    }
                }
            }
        }
        Ok(bytes)
    }

    /// Whether any text of the body contains the variable.
    pub fn mentions(&self, variable: &str) -> bool {
        match self {
            Self::Text(text) => mentions(text, variable),
            Self::Pieces(pieces) => pieces.iter().any(|piece| match piece {
                Piece::Text(text)
                | Piece::Repeat { text, .. }
                | Piece::Generate { each: text, .. } => mentions(text, variable),
                Piece::Hex(_) => false,
            }),
        }
    }
}

/// A piece's table, as a case file has it.
#[derive(serde::Serialize, serde::Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Table {
    #[serde(skip_serializing_if = "Option::is_none")]
    hex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repeat: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    times: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    generate: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    each: Option<String>,
}

impl TryFrom<Table> for Piece {
    type Error = String;

    fn try_from(table: Table) -> Result<Self, String> {
        let limited = |times: usize| match times {
            0..=MOST_TIMES => Ok(times),
            _ => Err(format!("{times} exceeds {MOST_TIMES}")),
        };
        match table {
            Table {
                hex: Some(hex),
                repeat: None,
                times: None,
                generate: None,
                each: None,
            } => match from_hex(&hex) {
                Some(bytes) => Ok(Self::Hex(bytes)),
                None => Err("`hex` takes an even number of hexadecimal digits".into()),
            },
            Table {
                hex: None,
                repeat: Some(text),
                times: Some(times),
                generate: None,
                each: None,
            } => Ok(Self::Repeat {
                text,
                times: limited(times)?,
            }),
            Table {
                hex: None,
                repeat: None,
                times: None,
                generate: Some(count),
                each: Some(each),
            } => Ok(Self::Generate {
                count: limited(count)?,
                each,
            }),
            _ => Err("a piece has `hex`, or `repeat` and `times`, or `generate` and `each`".into()),
        }
    }
}

impl<'de> Deserialize<'de> for Piece {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PieceVisitor;

        impl<'de> Visitor<'de> for PieceVisitor {
            type Value = Piece;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a table")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Piece, E> {
                Ok(Piece::Text(text.to_owned()))
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Piece, A::Error> {
                let table = Table::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Piece::try_from(table).map_err(de::Error::custom)
            }
        }

        deserializer.deserialize_any(PieceVisitor)
    }
}

impl Serialize for Piece {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let table = match self {
            Self::Text(text) => return serializer.serialize_str(text),
            Self::Hex(bytes) => Table {
                hex: Some(hex(bytes)),
                ..Table::default()
            },
            Self::Repeat { text, times } => Table {
                repeat: Some(text.clone()),
                times: Some(*times),
                ..Table::default()
            },
            Self::Generate { count, each } => Table {
                generate: Some(*count),
                each: Some(each.clone()),
                ..Table::default()
            },
        };
        table.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BodyVisitor;

        impl<'de> Visitor<'de> for BodyVisitor {
            type Value = Body;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of pieces")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Body, E> {
                Ok(Body::Text(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Body, A::Error> {
                let mut pieces = Vec::new();
                while let Some(piece) = seq.next_element()? {
                    pieces.push(piece);
                }
                Ok(Body::Pieces(pieces))
            }
        }

        deserializer.deserialize_any(BodyVisitor)
    }
}

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Pieces(pieces) => serializer.collect_seq(pieces),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    #[derive(serde::Serialize, serde::Deserialize)]
    struct Holder {
        body: Body,
    }

    fn read(value: &str) -> Result<Body, String> {
        toml::from_str::<Holder>(&format!("body = {value}"))
            .map(|holder| holder.body)
            .map_err(|error| error.message().to_owned())
    }

    #[test]
    fn pieces_stand_behind_each_other() {
        let body = read(
            "[\"A=${x}\", { hex = \"ff0A\" }, { repeat = \"é\", times = 2 }, \
             { generate = 2, each = \"&${n}=${x}\" }]",
        )
        .unwrap();
        let lookup = |name: &str| (name == "x").then(|| "7".to_owned());
        let bytes = body.resolve(&lookup).unwrap();
        assert_eq!(bytes, b"A=7\xff\n\xc3\xa9\xc3\xa9&1=7&2=7");
        assert!(body.mentions("x") && !body.mentions("y"));
        assert!(body.resolve(&|_| None).is_err());
        let written = toml::to_string(&Holder { body: body.clone() }).unwrap();
        assert_eq!(toml::from_str::<Holder>(&written).unwrap().body, body);
    }

    #[test]
    fn a_piece_is_one_thing() {
        let messages: Vec<String> = [
            "5",
            "[5]",
            "[{ hex = \"f\" }]",
            "[{ hex = \"fg\" }]",
            "[{ repeat = \"a\" }]",
            "[{ repeat = \"a\", times = 99999999999 }]",
            "[{ repeat = \"a\", times = 2, each = \"b\" }]",
            "[{ what = 1 }]",
        ]
        .iter()
        .map(|value| read(value).unwrap_err())
        .collect();
        let one_thing = "a piece has `hex`, or `repeat` and `times`, or `generate` and `each`";
        let digits = "`hex` takes an even number of hexadecimal digits";
        assert_eq!(
            messages,
            [
                "invalid type: integer `5`, expected a text or a list of pieces",
                "invalid type: integer `5`, expected a text or a table",
                digits,
                digits,
                one_thing,
                "99999999999 exceeds 10000000",
                one_thing,
                "unknown field `what`, expected one of `hex`, `repeat`, `times`, `generate`, `each`",
            ]
        );
    }
}
