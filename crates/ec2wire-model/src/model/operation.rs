//! Actions.

use super::data::OperationData;
use super::{Model, Shape};
use std::fmt;

/// An action.
///
/// ```
/// let action = ec2wire_model::Model::ec2().operation("DeleteVpc").unwrap();
/// assert!(action.output().is_none()); // its response has only a request id
/// ```
#[derive(Clone, Copy)]
pub struct Operation {
    pub(super) model: &'static Model,
    pub(super) data: &'static OperationData,
}

impl Operation {
    /// The name: the value of the key `Action`.
    pub fn name(&self) -> &'static str {
        self.data.name
    }

    /// The name of the root element of its response.
    ///
    /// ```
    /// let action = ec2wire_model::Model::ec2().operation("CreateVpc").unwrap();
    /// assert_eq!(action.response_name(), "CreateVpcResponse");
    /// ```
    pub fn response_name(&self) -> &'static str {
        self.data.response_name
    }

    /// The structure of its request. `None` if it has no members.
    pub fn input(&self) -> Option<Shape> {
        self.model.shape_at(self.data.input?)
    }

    /// The structure of its response. `None` if it has no members.
    pub fn output(&self) -> Option<Shape> {
        self.model.shape_at(self.data.output?)
    }

    /// Whether the model marks it as deprecated.
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
