//! Service models in botocore's format.

use crate::Error;
use crate::model::{KindData, MemberData, Model, OperationData, ShapeData, TimestampFormat};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;

/// The largest model, in bytes after unzipping. EC2's has 11 MB.
#[cfg(feature = "gzip")]
const MAX_BYTES: u64 = 256 << 20;

/// The entries of a JSON object, in the order of the file.
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

/// A reference to a shape.
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

/// Traits that do not affect the data on the wire.
const IGNORED_TRAITS: &[&str] = &[
    "documentation",
    "deprecatedMessage",
    "box",
    "synthetic",
    // A misspelling in botocore's protocol tests, which botocore ignores too.
    "LocationName",
    // Errors are identified by their code.
    "error",
    "exception",
    "fault",
    // Where a request is sent.
    "hostLabel",
];

impl Model {
    /// Reads a service model in botocore's format: a `service-2.json` file, gzipped or not.
    ///
    /// ```
    /// let file = br#"{"metadata": {"apiVersion": "1"}, "shapes": {"S": {"type": "string"}},
    ///     "operations": {}}"#;
    /// let model = ec2wire_model::Model::read(file)?;
    /// assert_eq!(model.shape("S").map(|shape| shape.name()), Some("S"));
    /// # Ok::<(), ec2wire_model::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the file is not a service model of the `ec2` protocol, is larger than 256 MiB after
    /// unzipping, or refers to a shape that it does not define.
    pub fn read(file: &[u8]) -> Result<&'static Self, Error> {
        Ok(Box::leak(Box::new(read(file)?)))
    }
}

fn read(file: &[u8]) -> Result<Model, Error> {
    let unpacked = gunzip(file)?;
    let service: Service = serde_json::from_slice(unpacked.as_deref().unwrap_or(file))
        .map_err(|error| Error::new(format_args!("not a service model: {error}")))?;
    if let Some(protocol) = service.metadata.protocol.filter(|name| name != "ec2") {
        let message = format!("expected the protocol `ec2`, got `{protocol}`");
        return Err(Error::new(message));
    }
    build(
        &service.metadata.api_version,
        service.operations,
        service.shapes,
    )
}

/// The unzipped file, or `None` if it is not gzipped.
pub(crate) fn gunzip(file: &[u8]) -> Result<Option<Vec<u8>>, Error> {
    if !file.starts_with(&[0x1F, 0x8B]) {
        return Ok(None);
    }
    unpack(file).map(Some)
}

#[cfg(feature = "gzip")]
fn unpack(file: &[u8]) -> Result<Vec<u8>, Error> {
    use std::io::Read as _;

    let mut unpacked = Vec::new();
    let read = flate2::read::GzDecoder::new(file)
        .take(MAX_BYTES + 1)
        .read_to_end(&mut unpacked);
    match read {
        Ok(len) if len as u64 <= MAX_BYTES => Ok(unpacked),
        Ok(_) => Err(Error::new(format_args!(
            "the service model has more than {MAX_BYTES} bytes after unzipping"
        ))),
        Err(error) => Err(Error::new(format_args!(
            "cannot unzip the service model: {error}"
        ))),
    }
}

#[cfg(not(feature = "gzip"))]
fn unpack(_: &[u8]) -> Result<Vec<u8>, Error> {
    Err(Error::new(
        "the file is gzipped; the feature `gzip` reads it",
    ))
}

/// Builds a model from the parts of a file.
pub(crate) fn build(
    api_version: &str,
    Entries(mut operations): Entries<OperationFile>,
    Entries(mut shapes): Entries<ShapeFile>,
) -> Result<Model, Error> {
    operations.sort_by(|(one, _), (other, _)| one.cmp(other));
    shapes.sort_by(|(one, _), (other, _)| one.cmp(other));
    check_unique(&operations, "operation")?;
    check_unique(&shapes, "shape")?;

    let positions = shapes.iter().map(|(name, _)| name.clone()).zip(0..);
    let mut names = Interner::default();
    let mut builder = Builder {
        positions: positions.collect(),
        model: Model::empty(names.intern(api_version)),
        names,
    };
    for (key, operation) in &operations {
        builder.operation(key, operation)?;
    }
    for (name, shape) in &shapes {
        builder.shape(name, shape)?;
    }
    Ok(builder.model.index())
}

struct Builder {
    /// The position of each shape, by its name.
    positions: HashMap<String, u32>,
    names: Interner,
    model: Model,
}

impl Builder {
    /// The position of the shape that `user` refers to.
    fn position(&self, user: &str, reference: &Reference) -> Result<u32, Error> {
        let shape = &reference.shape;
        self.positions.get(shape).copied().ok_or_else(|| {
            Error::new(format_args!(
                "{user} refers to the shape `{shape}`, which is not in the model"
            ))
        })
    }

    fn intern(&mut self, name: Option<&String>) -> Option<&'static str> {
        name.map(|name| self.names.intern(name))
    }

    fn operation(&mut self, key: &str, operation: &OperationFile) -> Result<(), Error> {
        let name = operation.name.as_deref().unwrap_or(key);
        let position = |reference: &Option<Reference>| {
            let reference = reference.as_ref();
            let position = reference.map(|reference| self.position(name, reference));
            position.transpose()
        };
        let (input, output) = (position(&operation.input)?, position(&operation.output)?);
        // The operation's name is the start of the response's, so both share one string.
        let response_name = self.names.intern(&format!("{name}Response"));
        self.model.operations.push(OperationData {
            name: response_name.get(..name.len()).unwrap_or_default(),
            response_name,
            input,
            output,
            deprecated: operation.deprecated,
        });
        Ok(())
    }

    fn shape(&mut self, name: &str, shape: &ShapeFile) -> Result<(), Error> {
        note_unknown(&mut self.model.unknown, name, &shape.rest);
        let data = ShapeData {
            name: self.names.intern(name),
            kind: self.kind(name, shape)?,
            min: shape.min,
            max: shape.max,
            pattern: self.intern(shape.pattern.as_ref()),
            sensitive: shape.sensitive,
        };
        self.model.shapes.push(data);
        Ok(())
    }

    fn kind(&mut self, name: &str, shape: &ShapeFile) -> Result<KindData, Error> {
        Ok(match shape.kind.as_str() {
            "structure" => self.structure(name, shape)?,
            "list" => {
                let (entry, entry_name) = self.entry(name, "member", shape.member.as_ref())?;
                KindData::List {
                    entry,
                    // One of EC2's lists has the name in the wrong place.
                    entry_name: entry_name.or_else(|| self.intern(shape.location_name.as_ref())),
                    flattened: shape.flattened,
                }
            }
            "map" => {
                let (key, key_name) = self.entry(name, "key", shape.key.as_ref())?;
                let (value, value_name) = self.entry(name, "value", shape.value.as_ref())?;
                KindData::Map {
                    key,
                    value,
                    key_name,
                    value_name,
                    flattened: shape.flattened,
                }
            }
            "string" | "character" => {
                let values = shape.values.iter().map(|value| self.names.intern(value));
                KindData::String(values.collect())
            }
            "integer" => KindData::Integer,
            "long" => KindData::Long,
            "float" => KindData::Float,
            "double" => KindData::Double,
            "boolean" => KindData::Boolean,
            "blob" => KindData::Blob,
            "timestamp" => KindData::Timestamp(shape.timestamp_format.unwrap_or_default()),
            other => {
                let message = format!("the shape `{name}` has the unknown type `{other}`");
                return Err(Error::new(message));
            }
        })
    }

    /// The shape of a list's entries, or of a map's keys or values, and their element name.
    fn entry(
        &mut self,
        user: &str,
        role: &str,
        reference: Option<&Reference>,
    ) -> Result<(u32, Option<&'static str>), Error> {
        let Some(reference) = reference else {
            let message = format!("the shape `{user}` lacks the key `{role}`");
            return Err(Error::new(message));
        };
        let position = self.position(user, reference)?;
        Ok((position, self.intern(reference.location_name.as_ref())))
    }

    fn structure(&mut self, name: &str, shape: &ShapeFile) -> Result<KindData, Error> {
        let too_many = |_| Error::new("the model has too many members");
        let first = u32::try_from(self.model.members.len()).map_err(too_many)?;
        let Entries(members) = &shape.members;
        check_unique(members, "member")?;
        for required in &shape.required {
            if !members.iter().any(|(member, _)| member == required) {
                let message =
                    format!("the shape `{name}` requires its missing member `{required}`");
                return Err(Error::new(message));
            }
        }
        for (member, reference) in members {
            let path = format!("{name}.{member}");
            note_unknown(&mut self.model.unknown, &path, &reference.rest);
            let since = reference.deprecated_since.as_deref().unwrap_or_default();
            let data = MemberData {
                name: self.names.intern(member),
                shape: self.position(&path, reference)?,
                location_name: self.intern(reference.location_name.as_ref()),
                query_name: self.intern(reference.query_name.as_ref()),
                required: shape.required.contains(member),
                idempotency_token: reference.idempotency_token,
                flattened: reference.flattened,
                timestamp_format: reference.timestamp_format,
                deprecated: reference.deprecated.then(|| self.names.intern(since)),
            };
            self.model.members.push(data);
        }
        let len = u32::try_from(members.len()).map_err(too_many)?;
        Ok(KindData::Structure(first, len))
    }
}

fn check_unique<T>(entries: &[(String, T)], what: &str) -> Result<(), Error> {
    let mut seen = std::collections::HashSet::new();
    match entries.iter().find(|(name, _)| !seen.insert(name)) {
        Some((name, _)) => Err(Error::new(format_args!("repeated {what} `{name}`"))),
        None => Ok(()),
    }
}

fn note_unknown(unknown: &mut Vec<String>, path: &str, Entries(rest): &Entries<IgnoredAny>) {
    for (key, _) in rest {
        if !IGNORED_TRAITS.contains(&key.as_str()) {
            unknown.push(format!("{path}: the trait `{key}`"));
        }
    }
}

/// Keeps each name of a model once, for the rest of the program.
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
