//! The model as it is read: actions, shapes and members.
//!
//! The views are two words each and are copied freely. They live as long as the program, since a
//! model does.

use crate::validate::closest;
use crate::{Error, pack, service};
use std::collections::HashMap;
use std::fmt;
use std::sync::{LazyLock, OnceLock};

/// A service model: the actions of a service, and the shapes of what they take and answer.
///
/// [`Model::ec2`] is EC2's. A model of your own comes from a file in botocore's format, with
/// [`Model::read`].
///
/// A model is kept until the program ends: serde takes the names of structures and members only if
/// they live as long. So read each file once.
///
/// ```
/// use ec2wire_model::Model;
///
/// let action = Model::ec2().operation("CreateIpamPolicy").unwrap();
/// let input = action.input().unwrap();
/// assert!(input.member("IpamId").unwrap().is_required());
/// let tags = input.member("TagSpecifications").unwrap();
/// assert_eq!(tags.form_key(), "TagSpecification");
/// ```
#[derive(Debug, Default)]
pub struct Model {
    pub(crate) api_version: &'static str,
    /// In order of their names.
    pub(crate) operations: Vec<OperationData>,
    /// In order of their names.
    pub(crate) shapes: Vec<ShapeData>,
    /// Those of one structure after those of the one before.
    pub(crate) members: Vec<MemberData>,
    /// What a file has that is not known here; such a file cannot be imported.
    pub(crate) unknown: Vec<String>,
    pub(crate) operation_index: HashMap<&'static str, u32>,
    pub(crate) shape_index: HashMap<&'static str, u32>,
    /// The names of each structure's members on the wire, once they were asked for.
    pub(crate) wire_names: Vec<[OnceLock<Box<[&'static str]>>; 2]>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct OperationData {
    pub(crate) name: &'static str,
    /// The root element of its answer.
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
    /// The first of its members and how many there are.
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
    /// Since when, as `2024-01-08`; empty where that is not said.
    pub(crate) deprecated: Option<&'static str>,
}

/// How a timestamp is written.
///
/// EC2 knows only the first; the others are in botocore's format.
///
/// ```
/// assert_eq!(
///     ec2wire_model::TimestampFormat::default(),
///     ec2wire_model::TimestampFormat::Iso8601,
/// );
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimestampFormat {
    /// `2015-01-25T08:00:00Z`
    #[default]
    Iso8601,
    /// `1422172800`, seconds since 1970.
    UnixTimestamp,
    /// `Sun, 25 Jan 2015 08:00:00 GMT`
    Rfc822,
}

impl fmt::Display for TimestampFormat {
    /// The name in botocore's format.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Iso8601 => "iso8601",
            Self::UnixTimestamp => "unixTimestamp",
            Self::Rfc822 => "rfc822",
        })
    }
}

/// One of the two wire formats.
///
/// ```
/// use ec2wire_model::{Model, Wire};
///
/// let tag = Model::ec2().shape("Tag").unwrap();
/// assert_eq!(tag.wire_names(Wire::Form), ["key", "value"]); // written as `Key` and `Value`
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// Requests.
    Form,
    /// Responses.
    Xml,
}

impl Model {
    /// EC2's model, as it is embedded. The first call takes some two milliseconds.
    ///
    /// ```
    /// let model = ec2wire_model::Model::ec2();
    /// assert_eq!(model.api_version(), ec2wire::EC2_VERSION);
    /// assert!(model.operations().count() > 800);
    /// ```
    pub fn ec2() -> &'static Self {
        // What is embedded is read by a test; an empty model would be the answer to damage.
        static EC2: LazyLock<Model> =
            LazyLock::new(|| pack::unpack(pack::NAMES, pack::FACTS).unwrap_or_default());
        &EC2
    }

    /// Reads a service model in botocore's format, `service-2.json`, gzipped or not.
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
    /// Where the file is no such model, or one of its shapes has no definition.
    pub fn read(file: &[u8]) -> Result<&'static Self, Error> {
        Ok(Box::leak(Box::new(service::read(file)?)))
    }

    /// Makes the indexes of what was read. Both lists are in order of their names.
    pub(crate) fn index(mut self) -> Self {
        fn positions(names: impl Iterator<Item = &'static str>) -> HashMap<&'static str, u32> {
            names.zip(0..).collect()
        }
        self.operation_index = positions(self.operations.iter().map(|data| data.name));
        self.shape_index = positions(self.shapes.iter().map(|data| data.name));
        self.wire_names
            .resize_with(self.shapes.len(), Default::default);
        self
    }

    /// The version of the API, the value of the key `Version`.
    ///
    /// ```
    /// assert_eq!(ec2wire_model::Model::ec2().api_version(), "2016-11-15");
    /// ```
    pub fn api_version(&self) -> &'static str {
        self.api_version
    }

    /// An action, by its name.
    ///
    /// ```
    /// let model = ec2wire_model::Model::ec2();
    /// assert_eq!(model.operation("CreateVpc").unwrap().name(), "CreateVpc");
    /// assert!(model.operation("createvpc").is_none());
    /// ```
    pub fn operation(&'static self, name: &str) -> Option<Operation> {
        let at = *self.operation_index.get(name)?;
        let data = self.operations.get(at as usize)?;
        Some(Operation { model: self, data })
    }

    /// The action that a misspelt name looks most like.
    ///
    /// ```
    /// let model = ec2wire_model::Model::ec2();
    /// assert_eq!(model.closest_operation("createvpcs").unwrap().name(), "CreateVpc");
    /// assert!(model.closest_operation("LaunchRocket").is_none());
    /// ```
    pub fn closest_operation(&'static self, name: &str) -> Option<Operation> {
        let names = self.operations.iter().map(|data| data.name);
        self.operation(closest(name, names)?)
    }

    /// All actions, in order of their names.
    ///
    /// ```
    /// let first = ec2wire_model::Model::ec2().operations().next().unwrap();
    /// assert_eq!(first.name(), "AcceptAddressTransfer");
    /// ```
    pub fn operations(&'static self) -> impl ExactSizeIterator<Item = Operation> {
        self.operations
            .iter()
            .map(move |data| Operation { model: self, data })
    }

    /// A shape, by its name.
    ///
    /// ```
    /// let kinds = ec2wire_model::Model::ec2().shape("ResourceType").unwrap();
    /// assert!(kinds.enum_values().contains(&"ipam-policy"));
    /// ```
    pub fn shape(&'static self, name: &str) -> Option<Shape> {
        self.shape_at(*self.shape_index.get(name)?)
    }

    /// All shapes, in order of their names.
    ///
    /// ```
    /// let model = ec2wire_model::Model::ec2();
    /// assert!(model.shapes().any(|shape| shape.name() == "Vpc"));
    /// ```
    pub fn shapes(&'static self) -> impl ExactSizeIterator<Item = Shape> {
        (0_u32..)
            .zip(&self.shapes)
            .map(move |(at, data)| Shape {
                model: self,
                at,
                data,
            })
            .collect::<Vec<_>>()
            .into_iter()
    }

    pub(crate) fn shape_at(&'static self, at: u32) -> Option<Shape> {
        let data = self.shapes.get(at as usize)?;
        Some(Shape {
            model: self,
            at,
            data,
        })
    }

    /// What the file said that has no place in a model, as `Vpc: the trait "union"`.
    ///
    /// ```
    /// assert!(ec2wire_model::Model::ec2().unknown().is_empty());
    /// ```
    pub fn unknown(&self) -> &[String] {
        &self.unknown
    }
}

/// An action.
///
/// ```
/// let action = ec2wire_model::Model::ec2().operation("DeleteVpc").unwrap();
/// assert!(action.output().is_none()); // it answers with a request id alone
/// ```
#[derive(Clone, Copy)]
pub struct Operation {
    model: &'static Model,
    data: &'static OperationData,
}

impl Operation {
    /// The name, the value of the key `Action`.
    pub fn name(&self) -> &'static str {
        self.data.name
    }

    /// The name of the root element of its answer.
    ///
    /// ```
    /// let action = ec2wire_model::Model::ec2().operation("CreateVpc").unwrap();
    /// assert_eq!(action.response_name(), "CreateVpcResponse");
    /// ```
    pub fn response_name(&self) -> &'static str {
        self.data.response_name
    }

    /// The structure of its request.
    pub fn input(&self) -> Option<Shape> {
        self.model.shape_at(self.data.input?)
    }

    /// The structure of its answer; actions that just succeed have none.
    pub fn output(&self) -> Option<Shape> {
        self.model.shape_at(self.data.output?)
    }

    /// Whether the model calls it deprecated.
    pub fn is_deprecated(&self) -> bool {
        self.data.deprecated
    }

    /// The model that it belongs to.
    pub fn model(&self) -> &'static Model {
        self.model
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Operation").field(&self.data.name).finish()
    }
}

/// A shape: what a value can be.
///
/// ```
/// use ec2wire_model::{Kind, Model};
///
/// let policy = Model::ec2().shape("IpamPolicy").unwrap();
/// let tags = policy.member("Tags").unwrap();
/// assert_eq!(tags.element_name(), "tagSet");
/// assert!(matches!(tags.shape().kind(), Kind::List { .. }));
/// ```
#[derive(Clone, Copy)]
pub struct Shape {
    pub(crate) model: &'static Model,
    pub(crate) at: u32,
    pub(crate) data: &'static ShapeData,
}

/// What kind of value a shape is.
///
/// ```
/// use ec2wire_model::{Kind, Model};
///
/// let list = Model::ec2().shape("TagList").unwrap();
/// let Kind::List { entry, .. } = list.kind() else { panic!() };
/// assert_eq!(entry.name(), "Tag");
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Kind {
    /// [`Shape::members`] has its members.
    Structure,
    /// A list.
    List {
        /// The shape of its entries.
        entry: Shape,
        /// The element of an entry, `item` in all but three of EC2's answers.
        entry_name: &'static str,
        /// Whether the entries stand in its place, with no element around them. None of EC2's do
        /// in answers; all do in requests, whatever this says.
        flattened: bool,
    },
    /// A map from texts to values. EC2 has none.
    Map {
        /// The shape of its keys, a string.
        key: Shape,
        /// The shape of its values.
        value: Shape,
        /// The element of a key.
        key_name: &'static str,
        /// The element of a value.
        value_name: &'static str,
        /// Whether the entries stand in its place, with no element around them.
        flattened: bool,
    },
    /// Text; [`Shape::enum_values`] says whether only some is known.
    String,
    /// A whole number of 32 bits.
    Integer,
    /// A whole number of 64 bits.
    Long,
    /// A number of 32 bits.
    Float,
    /// A number of 64 bits.
    Double,
    /// `true` or `false`.
    Boolean,
    /// Bytes.
    Blob,
    /// A point in time.
    Timestamp(TimestampFormat),
}

impl Kind {
    /// The name of the kind, as botocore writes it.
    ///
    /// ```
    /// assert_eq!(ec2wire_model::Kind::Structure.name(), "structure");
    /// ```
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Structure => "structure",
            Self::List { .. } => "list",
            Self::Map { .. } => "map",
            Self::String => "string",
            Self::Integer => "integer",
            Self::Long => "long",
            Self::Float => "float",
            Self::Double => "double",
            Self::Boolean => "boolean",
            Self::Blob => "blob",
            Self::Timestamp(_) => "timestamp",
        }
    }
}

impl Shape {
    /// The name in the model. It never stands on the wire.
    pub fn name(&self) -> &'static str {
        self.data.name
    }

    /// What kind of value it is.
    #[inline]
    pub fn kind(&self) -> Kind {
        match &self.data.kind {
            KindData::Structure(..) => Kind::Structure,
            &KindData::List {
                entry,
                entry_name,
                flattened,
            } => Kind::List {
                entry: self.other(entry),
                entry_name: entry_name.unwrap_or("member"),
                flattened,
            },
            &KindData::Map {
                key,
                value,
                key_name,
                value_name,
                flattened,
            } => Kind::Map {
                key: self.other(key),
                value: self.other(value),
                key_name: key_name.unwrap_or("key"),
                value_name: value_name.unwrap_or("value"),
                flattened,
            },
            KindData::String(_) => Kind::String,
            KindData::Integer => Kind::Integer,
            KindData::Long => Kind::Long,
            KindData::Float => Kind::Float,
            KindData::Double => Kind::Double,
            KindData::Boolean => Kind::Boolean,
            KindData::Blob => Kind::Blob,
            &KindData::Timestamp(format) => Kind::Timestamp(format),
        }
    }

    /// Another shape of the model. Whatever reads a model checks that all are there.
    #[inline]
    fn other(&self, at: u32) -> Self {
        self.model.shape_at(at).unwrap_or(*self)
    }

    /// A structure's members, in the model's order; none for other kinds.
    ///
    /// ```
    /// let tag = ec2wire_model::Model::ec2().shape("Tag").unwrap();
    /// assert!(tag.members().map(|member| member.name()).eq(["Key", "Value"]));
    /// ```
    pub fn members(&self) -> impl ExactSizeIterator<Item = Member> {
        let structure = *self;
        self.member_data()
            .iter()
            .map(move |data| Member { structure, data })
    }

    #[inline]
    pub(crate) fn member_data(&self) -> &'static [MemberData] {
        let KindData::Structure(first, len) = self.data.kind else {
            return &[];
        };
        let (first, len) = (first as usize, len as usize);
        self.model
            .members
            .get(first..first + len)
            .unwrap_or_default()
    }

    /// A structure's member, by its name in the API.
    ///
    /// ```
    /// let vpc = ec2wire_model::Model::ec2().shape("Vpc").unwrap();
    /// assert!(vpc.member("VpcId").is_some() && vpc.member("vpcId").is_none());
    /// ```
    pub fn member(&self, name: &str) -> Option<Member> {
        self.members().find(|member| member.name() == name)
    }

    /// The names of a structure's members on the wire, in the model's order. A form writes them
    /// with their first letter upper-cased.
    ///
    /// ```
    /// use ec2wire_model::{Model, Wire};
    ///
    /// let policy = Model::ec2().shape("CreateIpamPolicyResult").unwrap();
    /// assert_eq!(policy.wire_names(Wire::Xml), ["ipamPolicy"]);
    /// ```
    pub fn wire_names(&self, wire: Wire) -> &'static [&'static str] {
        let Some([form, xml]) = self.model.wire_names.get(self.at as usize) else {
            return &[];
        };
        let names = match wire {
            Wire::Form => form,
            Wire::Xml => xml,
        };
        names.get_or_init(|| {
            self.members()
                .map(|member| member.wire_name(wire))
                .collect()
        })
    }

    /// A string's known values, in the model's order; empty where any text will do.
    ///
    /// ```
    /// let state = ec2wire_model::Model::ec2().shape("VpcState").unwrap();
    /// assert_eq!(state.enum_values(), ["pending", "available", "deleting"]);
    /// ```
    pub fn enum_values(&self) -> &'static [&'static str] {
        match &self.data.kind {
            KindData::String(values) => values,
            _ => &[],
        }
    }

    /// The least a number may be, or the least characters or entries that there may be.
    ///
    /// ```
    /// let model = ec2wire_model::Model::ec2();
    /// let limit = model.shape("DescribeVpcsMaxResults").unwrap();
    /// assert_eq!((limit.min(), limit.max()), (Some(5.0), Some(1000.0)));
    /// ```
    pub fn min(&self) -> Option<f64> {
        self.data.min
    }

    /// The most, as [`min`](Self::min) is the least.
    pub fn max(&self) -> Option<f64> {
        self.data.max
    }

    /// The pattern that the model gives for a text. It is shown to people and never checked: some
    /// of EC2's match nothing at all, and which are anchored the model does not say.
    ///
    /// ```
    /// let account = ec2wire_model::Model::ec2().shape("AccountID").unwrap();
    /// assert_eq!(account.pattern(), Some("[0-9]{12}"));
    /// ```
    pub fn pattern(&self) -> Option<&'static str> {
        self.data.pattern
    }

    /// Whether its values are secrets.
    ///
    /// ```
    /// assert!(ec2wire_model::Model::ec2().shape("preSharedKey").unwrap().is_sensitive());
    /// ```
    pub fn is_sensitive(&self) -> bool {
        self.data.sensitive
    }

    /// The model that it belongs to.
    pub fn model(&self) -> &'static Model {
        self.model
    }
}

impl PartialEq for Shape {
    /// Whether both are the same shape of the same model.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.data, other.data)
    }
}

impl Eq for Shape {}

impl std::hash::Hash for Shape {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        std::ptr::hash(self.data, state);
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Shape").field(&self.data.name).finish()
    }
}

/// A structure's member.
///
/// ```
/// let input = ec2wire_model::Model::ec2().shape("CreateIpamPolicyRequest").unwrap();
/// let token = input.member("ClientToken").unwrap();
/// assert!(token.is_idempotency_token() && !token.is_required());
/// ```
#[derive(Clone, Copy)]
pub struct Member {
    structure: Shape,
    data: &'static MemberData,
}

impl Member {
    /// The name in the API: what SDKs and the CLI call it.
    pub fn name(&self) -> &'static str {
        self.data.name
    }

    /// Its shape.
    pub fn shape(&self) -> Shape {
        self.structure.other(self.data.shape)
    }

    /// Its part of a request's keys.
    ///
    /// ```
    /// let tag = ec2wire_model::Model::ec2().shape("Tag").unwrap();
    /// assert_eq!(tag.member("Key").unwrap().form_key(), "Key");
    /// ```
    pub fn form_key(&self) -> String {
        let mut key = self.wire_name(Wire::Form).to_owned();
        if let Some(first) = key.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        key
    }

    /// Its element in an answer.
    ///
    /// ```
    /// let tag = ec2wire_model::Model::ec2().shape("Tag").unwrap();
    /// assert_eq!(tag.member("Key").unwrap().element_name(), "key");
    /// ```
    pub fn element_name(&self) -> &'static str {
        self.wire_name(Wire::Xml)
    }

    fn wire_name(&self, wire: Wire) -> &'static str {
        let name = self.data.location_name.unwrap_or(self.data.name);
        match wire {
            Wire::Form => self.data.query_name.unwrap_or(name),
            Wire::Xml => name,
        }
    }

    /// Whether a request must have it. The model requires no member of an answer.
    pub fn is_required(&self) -> bool {
        self.data.required
    }

    /// Whether SDKs fill it with a random text where the caller gives none.
    pub fn is_idempotency_token(&self) -> bool {
        self.data.idempotency_token
    }

    /// Whether the model calls it deprecated.
    pub fn is_deprecated(&self) -> bool {
        self.data.deprecated.is_some()
    }

    /// Since when it is deprecated, as `2024-01-08`, where the model says so.
    pub fn deprecated_since(&self) -> Option<&'static str> {
        self.data.deprecated.filter(|since| !since.is_empty())
    }

    /// Whether its list or map has no element around the entries, in answers. None of EC2's is so.
    pub fn is_flattened(&self) -> bool {
        self.data.flattened
            || matches!(
                self.shape().kind(),
                Kind::List {
                    flattened: true,
                    ..
                } | Kind::Map {
                    flattened: true,
                    ..
                }
            )
    }

    /// How a timestamp is written, where the member says otherwise than its shape.
    pub fn timestamp_format(&self) -> Option<TimestampFormat> {
        self.data.timestamp_format
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Member").field(&self.data.name).finish()
    }
}
