//! Scalars as text, which both formats share.

use crate::output::Output;
use crate::unsupported::refuse;
use crate::{Error, ErrorKind, Result};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write as _};
use serde::ser::Serializer;

/// Makes a `String` of what an encoder wrote. Encoders write only UTF-8, so the check cannot fail. It is
/// cheap, and avoids `unsafe`.
pub(crate) fn into_string(bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|_| Error::new(ErrorKind::InvalidUtf8))
}

/// Appends a float as EC2 writes it: decimal, or `NaN`, `Infinity`, `-Infinity`. No format escapes any of
/// these characters.
pub(crate) fn append_float(out: &mut Output<'_>, value: impl fmt::Display + Into<f64> + Copy) {
    let wide: f64 = value.into();
    if wide.is_infinite() {
        out.append_slice(if wide > 0.0 {
            b"Infinity"
        } else {
            b"-Infinity"
        });
    } else {
        // Writing to a buffer does not fail.
        let _ = write!(out, "{value}");
    }
}

/// The number of bytes that are encoded at a time: a multiple of three, so that only the last are padded.
const BLOB_PIECE: usize = 384;
/// The length of their base64.
const BLOB_TEXT: usize = BLOB_PIECE / 3 * 4;

/// Passes the bytes to `append` as base64, some hundred characters at a time.
pub(crate) fn in_base64(bytes: &[u8], mut append: impl FnMut(&[u8])) {
    let mut text = [0; BLOB_TEXT];
    for chunk in bytes.chunks(BLOB_PIECE) {
        let len = BASE64.encode_slice(chunk, &mut text).unwrap_or_default();
        append(text.get(..len).unwrap_or_default());
    }
}

/// Whether a text that Rust reads as an integer is accepted: not `+5`. Leading zeros are unambiguous.
pub(crate) fn is_integer<T>(text: &str, _value: T) -> bool {
    !text.starts_with('+')
}

/// Whether a text that Rust reads as a float is accepted: not `+5`, `5.`, `inf` or `-NaN`, and not a
/// number out of range, which Rust reads as infinite.
pub(crate) fn is_float(text: &str, value: impl Into<f64>) -> bool {
    let begins_with_digit = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let is_decimal = begins_with_digit(text.strip_prefix('-').unwrap_or(text))
        && text
            .split_once('.')
            .is_none_or(|(_, fraction)| begins_with_digit(fraction));
    is_decimal && value.into().is_finite() || matches!(text, "NaN" | "Infinity" | "-Infinity")
}

/// Reads a boolean: `true` or `false`. `lenient` also accepts any case, `1` and `0`.
pub(crate) fn parse_bool(text: &str, lenient: bool) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        "1" if lenient => Some(true),
        "0" if lenient => Some(false),
        _ if lenient && text.eq_ignore_ascii_case("true") => Some(true),
        _ if lenient && text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Implements the scalar methods of a `Deserializer`. Its `scalar(self)` returns the text and its offset;
/// its `plain(&mut self)` returns the text if it needs no change.
macro_rules! deserialize_scalars {
    () => {
        deserialize_scalars! { @parsed $crate::scalar::is_integer;
            deserialize_i8 visit_i8 "an 8-bit integer", deserialize_i16 visit_i16 "a 16-bit integer",
            deserialize_i32 visit_i32 "a 32-bit integer", deserialize_i64 visit_i64 "a 64-bit integer",
            deserialize_i128 visit_i128 "a 128-bit integer", deserialize_u8 visit_u8 "an unsigned 8-bit integer",
            deserialize_u16 visit_u16 "an unsigned 16-bit integer", deserialize_u32 visit_u32 "an unsigned 32-bit integer",
            deserialize_u64 visit_u64 "an unsigned 64-bit integer", deserialize_u128 visit_u128 "an unsigned 128-bit integer",
        }
        deserialize_scalars! { @parsed $crate::scalar::is_float;
            deserialize_f32 visit_f32 "a number", deserialize_f64 visit_f64 "a number",
        }
        deserialize_scalars! { @parsed |_, _| true;
            deserialize_char visit_char "a single character",
        }

        fn deserialize_str<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value> {
            if let Some(text) = self.plain() {
                return visitor.visit_borrowed_str(text);
            }
            match self.scalar()?.0 {
                Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
                Cow::Owned(text) => visitor.visit_string(text),
            }
        }

        fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            self.deserialize_str(visitor)
        }

        fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            self.deserialize_str(visitor)
        }

        fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            self.deserialize_byte_buf(visitor)
        }

        fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            let (text, at) = self.scalar()?;
            match $crate::scalar::BASE64.decode(text.as_bytes()) {
                Ok(bytes) => visitor.visit_byte_buf(bytes),
                Err(_) => Err(Error::at(ErrorKind::InvalidScalar("base64"), at)),
            }
        }

        fn deserialize_enum<V: Visitor<'de>>(
            self,
            _name: &'static str,
            _variants: &'static [&'static str],
            visitor: V,
        ) -> Result<V::Value> {
            let (text, at) = self.scalar()?;
            visitor.visit_enum(text.into_deserializer()).map_err(|error: Error| error.or_offset(at))
        }

        fn deserialize_newtype_struct<V: Visitor<'de>>(
            self,
            _name: &'static str,
            visitor: V,
        ) -> Result<V::Value> {
            visitor.visit_newtype_struct(self)
        }

        fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            // An absent member has no element and no pair, so it never gets here.
            visitor.visit_some(self)
        }
    };
    (@parsed $is_ec2:expr; $($method:ident $visit:ident $expected:literal,)+) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            let (text, at) = self.scalar()?;
            match text.parse() {
                Ok(value) if ($is_ec2)(&text, value) => visitor.$visit(value),
                _ => Err(Error::at(ErrorKind::InvalidScalar($expected), at)),
            }
        })+
    };
}

pub(crate) use base64::Engine as Base64Engine;
pub(crate) use base64::engine::general_purpose::STANDARD as BASE64;
pub(crate) use deserialize_scalars;

/// Writes a map's key as text.
pub(crate) struct TextKey<'t>(pub(crate) &'t mut String);

impl Serializer for TextKey<'_> {
    type Ok = ();
    type Error = Error;

    unsupported_lists!("a list as a key");
    unsupported_structures!("a structure as a key");
    unsupported_variants!();
    transparent_wrappers!();
    integers_as_text!();

    fn serialize_str(self, value: &str) -> Result<()> {
        self.0.push_str(value);
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<()> {
        self.0.push(value);
        Ok(())
    }

    fn serialize_bool(self, value: bool) -> Result<()> {
        self.serialize_str(if value { "true" } else { "false" })
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<()> {
        self.serialize_str(variant)
    }

    fn serialize_f32(self, _value: f32) -> Result<()> {
        refuse("a float as a key")
    }

    fn serialize_f64(self, _value: f64) -> Result<()> {
        refuse("a float as a key")
    }

    fn serialize_bytes(self, _value: &[u8]) -> Result<()> {
        refuse("bytes as a key")
    }

    fn serialize_none(self) -> Result<()> {
        refuse("an absent key")
    }

    fn serialize_unit(self) -> Result<()> {
        refuse("an absent key")
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<()> {
        refuse("an absent key")
    }
}

/// The error for a scalar that is not `expected`.
#[cold]
pub(crate) fn invalid(expected: &'static str, offset: usize) -> Error {
    Error::at(ErrorKind::InvalidScalar(expected), offset)
}
