//! The model: actions, shapes and members.
//!
//! `data` is what is stored. `Operation`, `Shape` and `Member` are views on it: a few words each,
//! copied freely. They are `'static`, because a model is never freed.

mod data;
mod member;
mod operation;
mod shape;
mod wire;

pub(crate) use data::{KindData, MemberData, OperationData, ShapeData};
pub use member::Member;
pub use operation::Operation;
pub use shape::{Kind, Shape};
pub use wire::{TimestampFormat, Wire};

use crate::closest;
use std::collections::HashMap;
use std::sync::OnceLock;

/// A service model: the actions of a service, and the shapes of their requests and responses.
///
/// [`Model::ec2`] is EC2's. [`Model::read`] reads another one from a file in botocore's format.
///
/// A model is never freed, because serde needs the names of structures and members to be
/// `&'static str`. So read each file once.
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
    /// Sorted by name.
    pub(crate) operations: Vec<OperationData>,
    /// Sorted by name.
    pub(crate) shapes: Vec<ShapeData>,
    /// The members of all structures, one structure after the other.
    pub(crate) members: Vec<MemberData>,
    /// Facts of the file that a model has no place for. Such a file cannot be imported.
    pub(crate) unknown: Vec<String>,
    operation_index: HashMap<&'static str, u32>,
    shape_index: HashMap<&'static str, u32>,
    /// The wire names of each structure's members, filled on first use.
    wire_names: Vec<[OnceLock<Box<[&'static str]>>; 2]>,
}

impl Model {
    /// A model without actions and shapes, to be filled and [indexed](Self::index).
    pub(crate) fn empty(api_version: &'static str) -> Self {
        Self {
            api_version,
            ..Self::default()
        }
    }

    /// Builds the indexes. Both lists must be sorted by name.
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

    /// The version of the API: the value of the key `Version`.
    ///
    /// ```
    /// assert_eq!(ec2wire_model::Model::ec2().api_version(), "2016-11-15");
    /// ```
    pub fn api_version(&self) -> &'static str {
        self.api_version
    }

    /// Looks up an action by name. Case matters.
    ///
    /// ```
    /// let model = ec2wire_model::Model::ec2();
    /// assert_eq!(model.operation("CreateVpc").unwrap().name(), "CreateVpc");
    /// assert!(model.operation("createvpc").is_none());
    /// ```
    pub fn operation(&'static self, name: &str) -> Option<Operation> {
        let position = *self.operation_index.get(name)?;
        let data = self.operations.get(position as usize)?;
        Some(Operation { model: self, data })
    }

    /// The action whose name is [closest](crate::closest()) to a misspelt one.
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

    /// All actions, sorted by name.
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

    /// Looks up a shape by name. Case matters.
    ///
    /// ```
    /// let kinds = ec2wire_model::Model::ec2().shape("ResourceType").unwrap();
    /// assert!(kinds.enum_values().contains(&"ipam-policy"));
    /// ```
    pub fn shape(&'static self, name: &str) -> Option<Shape> {
        self.shape_at(*self.shape_index.get(name)?)
    }

    /// All shapes, sorted by name.
    ///
    /// ```
    /// let model = ec2wire_model::Model::ec2();
    /// assert!(model.shapes().any(|shape| shape.name() == "Vpc"));
    /// ```
    pub fn shapes(&'static self) -> impl ExactSizeIterator<Item = Shape> {
        (0_u32..)
            .zip(&self.shapes)
            .map(move |(position, data)| Shape {
                model: self,
                position,
                data,
            })
            .collect::<Vec<_>>()
            .into_iter()
    }

    pub(crate) fn shape_at(&'static self, position: u32) -> Option<Shape> {
        let data = self.shapes.get(position as usize)?;
        Some(Shape {
            model: self,
            position,
            data,
        })
    }

    /// Facts of the file that a model has no place for, as in `Vpc: the trait "union"`.
    ///
    /// ```
    /// assert!(ec2wire_model::Model::ec2().unknown().is_empty());
    /// ```
    pub fn unknown(&self) -> &[String] {
        &self.unknown
    }
}
