//! Service models in botocore's format.

use crate::Error;
use crate::model::{KindData, MemberData, Model, OperationData, ShapeData, TimestampFormat};
use flate2::read::GzDecoder;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use std::collections::HashMap;
use std::fmt;
use std::io::Read as _;
use std::marker::PhantomData;

/// The largest model, when it is unpacked. EC2's has 11 MB.
const MAX_BYTES: u64 = 256 << 20;

/// Entries in the order of the file.
#[derive(Debug)]
pub(crate) struct Entries<T>(pub(crate) Vec<(String, T)>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntriesVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for EntriesVisitor<T> {
            type Value = Entries<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<T>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(EntriesVisitor(PhantomData))
    }
}

#[derive(Deserialize)]
struct Service {
    metadata: Metadata,
    #[serde(default)]
    operations: Entries<OperationFile>,
    shapes: Entries<ShapeFile>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Metadata {
    #[serde(default)]
    pub(crate) api_version: String,
    pub(crate) protocol: Option<String>,
}

/// An operation, in a model or in a protocol test.
#[derive(Deserialize, Default)]
pub(crate) struct OperationFile {
    pub(crate) name: Option<String>,
    pub(crate) input: Option<Reference>,
    pub(crate) output: Option<Reference>,
    #[serde(default)]
    deprecated: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShapeFile {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    members: Entries<Reference>,
    #[serde(default)]
    required: Vec<String>,
    member: Option<Reference>,
    key: Option<Reference>,
    value: Option<Reference>,
    #[serde(default, rename = "enum")]
    values: Vec<String>,
    min: Option<f64>,
    max: Option<f64>,
    pattern: Option<String>,
    #[serde(default)]
    sensitive: bool,
    #[serde(default)]
    flattened: bool,
    timestamp_format: Option<TimestampFormat>,
    location_name: Option<String>,
    #[serde(flatten)]
    rest: Entries<IgnoredAny>,
}

/// A shape where it is used.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reference {
    shape: String,
    location_name: Option<String>,
    query_name: Option<String>,
    #[serde(default)]
    idempotency_token: bool,
    #[serde(default)]
    deprecated: bool,
    deprecated_since: Option<String>,
    #[serde(default)]
    flattened: bool,
    timestamp_format: Option<TimestampFormat>,
    #[serde(flatten)]
    rest: Entries<IgnoredAny>,
}

impl<'de> Deserialize<'de> for TimestampFormat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", remote = "TimestampFormat")]
        enum Names {
            Iso8601,
            UnixTimestamp,
            Rfc822,
        }
        Names::deserialize(deserializer)
    }
}

/// What says nothing about the data on the wire.
const WITHOUT_MEANING: &[&str] = &[
    "documentation",
    "deprecatedMessage",
    "box",
    "synthetic",
    // A misspelling of botocore's protocol tests, which it ignores as well.
    "LocationName",
    // What an error is, its code says.
    "error",
    "exception",
    "fault",
    // Where a request is sent.
    "hostLabel",
];

/// Reads a model, gzipped or not.
pub(crate) fn read(file: &[u8]) -> Result<Model, Error> {
    let unpacked = gunzip(file)?;
    let service: Service = serde_json::from_slice(unpacked.as_deref().unwrap_or(file))
        .map_err(|error| Error::new(format_args!("not a service model: {error}")))?;
    if let Some(protocol) = service.metadata.protocol.filter(|name| name != "ec2") {
        let message = format!("the service model is of the protocol `{protocol}`, not `ec2`");
        return Err(Error::new(message));
    }
    build(
        &service.metadata.api_version,
        service.operations,
        service.shapes,
    )
}

/// What the file unpacks to, if it is gzipped.
fn gunzip(file: &[u8]) -> Result<Option<Vec<u8>>, Error> {
    if !file.starts_with(&[0x1F, 0x8B]) {
        return Ok(None);
    }
    let mut unpacked = Vec::new();
    let read = GzDecoder::new(file)
        .take(MAX_BYTES + 1)
        .read_to_end(&mut unpacked);
    match read {
        Ok(len) if len as u64 <= MAX_BYTES => Ok(Some(unpacked)),
        Ok(_) => Err(Error::new(format_args!(
            "the service model unpacks to more than {MAX_BYTES} bytes"
        ))),
        Err(error) => Err(Error::new(format_args!("not gzipped data: {error}"))),
    }
}

/// Makes a model of what was read.
pub(crate) fn build(
    api_version: &str,
    Entries(mut operations): Entries<OperationFile>,
    Entries(mut shapes): Entries<ShapeFile>,
) -> Result<Model, Error> {
    operations.sort_by(|(one, _), (other, _)| one.cmp(other));
    shapes.sort_by(|(one, _), (other, _)| one.cmp(other));
    check_unique(&operations, "operation")?;
    check_unique(&shapes, "shape")?;

    let mut names = Interner::default();
    let positions: HashMap<String, u32> = shapes
        .iter()
        .map(|(name, _)| name.clone())
        .zip(0..)
        .collect();
    let position = |user: &str, shape: &str| {
        positions.get(shape).copied().ok_or_else(|| {
            Error::new(format_args!(
                "{user} uses the shape `{shape}`, which is not in the model"
            ))
        })
    };
    let mut model = Model {
        api_version: names.intern(api_version),
        ..Model::default()
    };
    for (key, operation) in &operations {
        let name = operation.name.as_deref().unwrap_or(key);
        let shape_of = |reference: &Option<Reference>| {
            let shape = reference.as_ref().map(|found| position(name, &found.shape));
            shape.transpose()
        };
        // The name is the beginning of this one, so that both are one text.
        let response_name = names.intern(&format!("{name}Response"));
        model.operations.push(OperationData {
            name: response_name.get(..name.len()).unwrap_or_default(),
            response_name,
            input: shape_of(&operation.input)?,
            output: shape_of(&operation.output)?,
            deprecated: operation.deprecated,
        });
    }
    for (name, shape) in &shapes {
        note_unknown(&mut model.unknown, name, &shape.rest);
        let of = |reference: &Option<Reference>| match reference {
            Some(reference) => position(name, &reference.shape),
            None => Err(Error::new(format_args!(
                "the shape `{name}` does not say what its entries are"
            ))),
        };
        let mut location_name = |reference: &Option<Reference>| {
            let name = reference.as_ref()?.location_name.as_deref()?;
            Some(names.intern(name))
        };
        let kind = match shape.kind.as_str() {
            "structure" => structure(&mut model, &mut names, name, shape, &position)?,
            "list" => KindData::List {
                entry: of(&shape.member)?,
                // One of EC2's lists has the name in the wrong place.
                entry_name: location_name(&shape.member).or_else(|| {
                    shape
                        .location_name
                        .as_deref()
                        .map(|name| names.intern(name))
                }),
                flattened: shape.flattened,
            },
            "map" => KindData::Map {
                key: of(&shape.key)?,
                value: of(&shape.value)?,
                key_name: location_name(&shape.key),
                value_name: location_name(&shape.value),
                flattened: shape.flattened,
            },
            "string" | "character" => KindData::String(
                shape
                    .values
                    .iter()
                    .map(|value| names.intern(value))
                    .collect(),
            ),
            "integer" => KindData::Integer,
            "long" => KindData::Long,
            "float" => KindData::Float,
            "double" => KindData::Double,
            "boolean" => KindData::Boolean,
            "blob" => KindData::Blob,
            "timestamp" => KindData::Timestamp(shape.timestamp_format.unwrap_or_default()),
            other => {
                let message = format!("the shape `{name}` is of the unknown type `{other}`");
                return Err(Error::new(message));
            }
        };
        model.shapes.push(ShapeData {
            name: names.intern(name),
            kind,
            min: shape.min,
            max: shape.max,
            pattern: shape
                .pattern
                .as_deref()
                .map(|pattern| names.intern(pattern)),
            sensitive: shape.sensitive,
        });
    }
    Ok(model.index())
}

fn structure(
    model: &mut Model,
    names: &mut Interner,
    name: &str,
    shape: &ShapeFile,
    position: &impl Fn(&str, &str) -> Result<u32, Error>,
) -> Result<KindData, Error> {
    let too_many = |_| Error::new("the model has too many members");
    let first = u32::try_from(model.members.len()).map_err(too_many)?;
    let Entries(members) = &shape.members;
    check_unique(members, "member")?;
    for required in &shape.required {
        if !members.iter().any(|(member, _)| member == required) {
            let message = format!("the shape `{name}` requires `{required}`, which it has not");
            return Err(Error::new(message));
        }
    }
    for (member, reference) in members {
        let path = format!("{name}.{member}");
        note_unknown(&mut model.unknown, &path, &reference.rest);
        let since = reference.deprecated_since.as_deref().unwrap_or_default();
        model.members.push(MemberData {
            name: names.intern(member),
            shape: position(&path, &reference.shape)?,
            location_name: reference
                .location_name
                .as_deref()
                .map(|name| names.intern(name)),
            query_name: reference
                .query_name
                .as_deref()
                .map(|name| names.intern(name)),
            required: shape.required.contains(member),
            idempotency_token: reference.idempotency_token,
            flattened: reference.flattened,
            timestamp_format: reference.timestamp_format,
            deprecated: reference.deprecated.then(|| names.intern(since)),
        });
    }
    let len = u32::try_from(members.len()).map_err(too_many)?;
    Ok(KindData::Structure(first, len))
}

fn check_unique<T>(entries: &[(String, T)], what: &str) -> Result<(), Error> {
    let mut seen = std::collections::HashSet::new();
    match entries.iter().find(|(name, _)| !seen.insert(name)) {
        Some((name, _)) => Err(Error::new(format_args!(
            "the {what} `{name}` is there twice"
        ))),
        None => Ok(()),
    }
}

fn note_unknown(unknown: &mut Vec<String>, path: &str, Entries(rest): &Entries<IgnoredAny>) {
    for (key, _) in rest {
        if !WITHOUT_MEANING.contains(&key.as_str()) {
            unknown.push(format!("{path}: the trait `{key}`"));
        }
    }
}

/// The names of one model, each kept once.
#[derive(Default)]
struct Interner(std::collections::HashSet<&'static str>);

impl Interner {
    fn intern(&mut self, name: &str) -> &'static str {
        if let Some(known) = self.0.get(name) {
            return known;
        }
        let kept: &'static str = Box::leak(name.into());
        self.0.insert(kept);
        kept
    }
}
