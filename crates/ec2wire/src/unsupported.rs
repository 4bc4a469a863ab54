//! Methods that serializers share. Most of them refuse a part of serde's data model.

/// Refuses scalars. `$what` names what cannot be carried.
macro_rules! unsupported_scalars {
    ($what:literal) => {
        unsupported_scalars! { @ $what
            serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32,
            serialize_i64: i64, serialize_i128: i128, serialize_u8: u8, serialize_u16: u16,
            serialize_u32: u32, serialize_u64: u64, serialize_u128: u128, serialize_f32: f32,
            serialize_f64: f64, serialize_char: char, serialize_str: &str,
            serialize_bytes: &[u8],
        }

        fn serialize_unit_variant(
            self,
            _name: &'static str,
            _index: u32,
            _variant: &'static str,
        ) -> Result<Self::Ok> {
            $crate::unsupported::refuse($what)
        }
    };
    (@ $what:literal $($method:ident: $type:ty,)+) => {
        $(fn $method(self, _value: $type) -> Result<Self::Ok> {
            $crate::unsupported::refuse($what)
        })+
    };
}

/// Refuses lists and tuples.
macro_rules! unsupported_lists {
    ($what:literal) => {
        type SerializeSeq = serde::ser::Impossible<Self::Ok, $crate::Error>;
        type SerializeTuple = serde::ser::Impossible<Self::Ok, $crate::Error>;
        type SerializeTupleStruct = serde::ser::Impossible<Self::Ok, $crate::Error>;

        fn serialize_seq(self, _len: Option<usize>) -> Result<Self::SerializeSeq> {
            $crate::unsupported::refuse($what)
        }

        fn serialize_tuple(self, _len: usize) -> Result<Self::SerializeTuple> {
            $crate::unsupported::refuse($what)
        }

        fn serialize_tuple_struct(
            self,
            _name: &'static str,
            _len: usize,
        ) -> Result<Self::SerializeTupleStruct> {
            $crate::unsupported::refuse($what)
        }
    };
}

/// Refuses structures and maps.
macro_rules! unsupported_structures {
    ($what:literal) => {
        type SerializeMap = serde::ser::Impossible<Self::Ok, $crate::Error>;
        type SerializeStruct = serde::ser::Impossible<Self::Ok, $crate::Error>;

        fn serialize_map(self, _len: Option<usize>) -> Result<Self::SerializeMap> {
            $crate::unsupported::refuse($what)
        }

        fn serialize_struct(
            self,
            _name: &'static str,
            _len: usize,
        ) -> Result<Self::SerializeStruct> {
            $crate::unsupported::refuse($what)
        }
    };
}

/// Refuses enum variants with data, which neither format can carry.
macro_rules! unsupported_variants {
    () => {
        type SerializeTupleVariant = serde::ser::Impossible<Self::Ok, $crate::Error>;
        type SerializeStructVariant = serde::ser::Impossible<Self::Ok, $crate::Error>;

        fn serialize_newtype_variant<T: serde::Serialize + ?Sized>(
            self,
            _name: &'static str,
            _index: u32,
            _variant: &'static str,
            _value: &T,
        ) -> Result<Self::Ok> {
            $crate::unsupported::refuse("an enum variant with data")
        }

        fn serialize_tuple_variant(
            self,
            _name: &'static str,
            _index: u32,
            _variant: &'static str,
            _len: usize,
        ) -> Result<Self::SerializeTupleVariant> {
            $crate::unsupported::refuse("an enum variant with data")
        }

        fn serialize_struct_variant(
            self,
            _name: &'static str,
            _index: u32,
            _variant: &'static str,
            _len: usize,
        ) -> Result<Self::SerializeStructVariant> {
            $crate::unsupported::refuse("an enum variant with data")
        }
    };
}

/// Writes nothing for `None` and units. `$emitted` says that nothing was written.
macro_rules! nothing_written {
    ($emitted:expr) => {
        fn serialize_none(self) -> Result<Self::Ok> {
            Ok($emitted)
        }

        fn serialize_unit(self) -> Result<Self::Ok> {
            Ok($emitted)
        }

        fn serialize_unit_struct(self, _name: &'static str) -> Result<Self::Ok> {
            Ok($emitted)
        }
    };
}

/// Writes `Some` and newtypes as their content.
macro_rules! transparent_wrappers {
    () => {
        fn serialize_some<T: serde::Serialize + ?Sized>(self, value: &T) -> Result<Self::Ok> {
            value.serialize(self)
        }

        fn serialize_newtype_struct<T: serde::Serialize + ?Sized>(
            self,
            _name: &'static str,
            value: &T,
        ) -> Result<Self::Ok> {
            value.serialize(self)
        }
    };
}

/// Writes integers as the text of their digits.
macro_rules! integers_as_text {
    () => {
        integers_as_text! { @
            serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
            serialize_i128: i128, serialize_u8: u8, serialize_u16: u16, serialize_u32: u32,
            serialize_u64: u64, serialize_u128: u128,
        }
    };
    (@ $($method:ident: $type:ty,)+) => {
        $(fn $method(self, value: $type) -> Result<Self::Ok> {
            self.serialize_str(itoa::Buffer::new().format(value))
        })+
    };
}

/// Implements lists and tuples with the type's `entry` and `close`.
macro_rules! lists_by_entry {
    ($list:ty, $ok:ty) => {
        lists_by_entry! { @ $list, $ok, SerializeSeq, serialize_element }
        lists_by_entry! { @ $list, $ok, SerializeTuple, serialize_element }
        lists_by_entry! { @ $list, $ok, SerializeTupleStruct, serialize_field }
    };
    (@ $list:ty, $ok:ty, $kind:ident, $method:ident) => {
        impl serde::ser::$kind for $list {
            type Ok = $ok;
            type Error = $crate::Error;

            fn $method<T: serde::Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
                self.entry(value)
            }

            fn end(self) -> Result<$ok> {
                self.close()
            }
        }
    };
}

use crate::{Error, ErrorKind, Result};

#[cold]
pub(crate) fn refuse<T>(what: &'static str) -> Result<T> {
    Err(Error::new(ErrorKind::Unsupported(what)))
}
