//! Shapes, and the kinds of values that they describe.

use super::data::{KindData, MemberData, ShapeData};
use super::{Member, Model, TimestampFormat, Wire};
use std::fmt;

/// A shape: the type of a value.
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
    pub(crate) position: u32,
    pub(crate) data: &'static ShapeData,
}

impl Shape {
    /// The name in the model. It never appears on the wire.
    pub fn name(&self) -> &'static str {
        self.data.name
    }

    /// The kind of value that it describes.
    #[inline]
    pub fn kind(&self) -> Kind {
        match &self.data.kind {
            KindData::Structure(..) => Kind::Structure,
            &KindData::List {
                entry,
                entry_name,
                flattened,
            } => Kind::List {
                entry: self.sibling(entry),
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
                key: self.sibling(key),
                value: self.sibling(value),
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

    /// Another shape of the same model. Reading a model checks that each one exists.
    #[inline]
    pub(super) fn sibling(&self, position: u32) -> Self {
        self.model.shape_at(position).unwrap_or(*self)
    }

    /// The members of a structure, in the model's order. Other kinds have none.
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

    /// Looks up a member of a structure by its name in the API. Case matters.
    ///
    /// ```
    /// let vpc = ec2wire_model::Model::ec2().shape("Vpc").unwrap();
    /// assert!(vpc.member("VpcId").is_some() && vpc.member("vpcId").is_none());
    /// ```
    pub fn member(&self, name: &str) -> Option<Member> {
        self.members().find(|member| member.name() == name)
    }

    /// The wire names of a structure's members, in the model's order. In a form, their first letter
    /// is written in upper case.
    ///
    /// ```
    /// use ec2wire_model::{Model, Wire};
    ///
    /// let policy = Model::ec2().shape("CreateIpamPolicyResult").unwrap();
    /// assert_eq!(policy.wire_names(Wire::Xml), ["ipamPolicy"]);
    /// ```
    pub fn wire_names(&self, wire: Wire) -> &'static [&'static str] {
        let Some([form, xml]) = self.model.wire_names.get(self.position as usize) else {
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

    /// The known values of an enum, in the model's order. Empty for any other shape.
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

    /// The minimum: the smallest number, or the smallest count of characters or entries.
    ///
    /// ```
    /// let model = ec2wire_model::Model::ec2();
    /// let limit = model.shape("DescribeVpcsMaxResults").unwrap();
    /// assert_eq!((limit.min(), limit.max()), (Some(5.0), Some(1000.0)));
    /// ```
    pub fn min(&self) -> Option<f64> {
        self.data.min
    }

    /// The maximum, in the same units as [`min`](Self::min).
    pub fn max(&self) -> Option<f64> {
        self.data.max
    }

    /// The model's pattern for a string. Nothing here checks it: some of EC2's patterns match
    /// nothing, and the model does not say which ones are anchored.
    ///
    /// ```
    /// let account = ec2wire_model::Model::ec2().shape("AccountID").unwrap();
    /// assert_eq!(account.pattern(), Some("[0-9]{12}"));
    /// ```
    pub fn pattern(&self) -> Option<&'static str> {
        self.data.pattern
    }

    /// Whether its values are secret.
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

/// The kind of value that a shape describes.
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
        /// The element of an entry: `item`, except in three of EC2's lists.
        entry_name: &'static str,
        /// Whether a response writes the entries without an element around them. EC2 has no such
        /// list. Requests never have that element, whatever this says.
        flattened: bool,
    },
    /// A map with strings as keys. EC2 has none.
    Map {
        /// The shape of its keys, a string.
        key: Shape,
        /// The shape of its values.
        value: Shape,
        /// The element of a key.
        key_name: &'static str,
        /// The element of a value.
        value_name: &'static str,
        /// Whether a response writes the entries without an element around them.
        flattened: bool,
    },
    /// A string. [`Shape::enum_values`] lists the values of an enum.
    String,
    /// A 32-bit integer.
    Integer,
    /// A 64-bit integer.
    Long,
    /// A 32-bit float.
    Float,
    /// A 64-bit float.
    Double,
    /// `true` or `false`.
    Boolean,
    /// Bytes.
    Blob,
    /// A point in time.
    Timestamp(TimestampFormat),
}

impl Kind {
    /// The name that botocore's format uses for the kind.
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
