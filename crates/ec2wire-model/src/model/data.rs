//! What a model stores. A shape is referred to by its position in the list of shapes.

use super::TimestampFormat;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct OperationData {
    pub(crate) name: &'static str,
    /// The root element of its response.
    pub(crate) response_name: &'static str,
    pub(crate) input: Option<u32>,
    pub(crate) output: Option<u32>,
    pub(crate) deprecated: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ShapeData {
    pub(crate) name: &'static str,
    pub(crate) kind: KindData,
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
    pub(crate) pattern: Option<&'static str>,
    pub(crate) sensitive: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum KindData {
    /// The position of its first member, and the number of its members.
    Structure(u32, u32),
    List {
        entry: u32,
        entry_name: Option<&'static str>,
        flattened: bool,
    },
    Map {
        key: u32,
        value: u32,
        key_name: Option<&'static str>,
        value_name: Option<&'static str>,
        flattened: bool,
    },
    String(Vec<&'static str>),
    Integer,
    Long,
    Float,
    Double,
    Boolean,
    Blob,
    Timestamp(TimestampFormat),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct MemberData {
    pub(crate) name: &'static str,
    pub(crate) shape: u32,
    pub(crate) location_name: Option<&'static str>,
    pub(crate) query_name: Option<&'static str>,
    pub(crate) required: bool,
    pub(crate) idempotency_token: bool,
    pub(crate) flattened: bool,
    pub(crate) timestamp_format: Option<TimestampFormat>,
    /// The date of the deprecation, as in `2024-01-08`. Empty if the model gives none.
    pub(crate) deprecated: Option<&'static str>,
}
