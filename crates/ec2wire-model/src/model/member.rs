//! Members of structures.

use super::data::MemberData;
use super::{Kind, Shape, TimestampFormat, Wire};
use std::fmt;

/// A member of a structure.
///
/// ```
/// let input = ec2wire_model::Model::ec2().shape("CreateIpamPolicyRequest").unwrap();
/// let token = input.member("ClientToken").unwrap();
/// assert!(token.is_idempotency_token() && !token.is_required());
/// ```
#[derive(Clone, Copy)]
pub struct Member {
    pub(super) structure: Shape,
    pub(super) data: &'static MemberData,
}

impl Member {
    /// The name in the API, as SDKs and the CLI use it.
    pub fn name(&self) -> &'static str {
        self.data.name
    }

    /// Its shape.
    pub fn shape(&self) -> Shape {
        self.structure.sibling(self.data.shape)
    }

    /// Its name in the keys of a request.
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

    /// Its element in a response.
    ///
    /// ```
    /// let tag = ec2wire_model::Model::ec2().shape("Tag").unwrap();
    /// assert_eq!(tag.member("Key").unwrap().element_name(), "key");
    /// ```
    pub fn element_name(&self) -> &'static str {
        self.wire_name(Wire::Xml)
    }

    pub(super) fn wire_name(&self, wire: Wire) -> &'static str {
        let name = self.data.location_name.unwrap_or(self.data.name);
        match wire {
            Wire::Form => self.data.query_name.unwrap_or(name),
            Wire::Xml => name,
        }
    }

    /// Whether a request must have it. In responses, the model requires no member.
    pub fn is_required(&self) -> bool {
        self.data.required
    }

    /// Whether SDKs fill it with a random token if the caller sets none.
    pub fn is_idempotency_token(&self) -> bool {
        self.data.idempotency_token
    }

    /// Whether the model marks it as deprecated.
    pub fn is_deprecated(&self) -> bool {
        self.data.deprecated.is_some()
    }

    /// The date of its deprecation, as in `2024-01-08`, if the model gives one.
    pub fn deprecated_since(&self) -> Option<&'static str> {
        self.data.deprecated.filter(|since| !since.is_empty())
    }

    /// Whether a response writes its list or map without an element around the entries. EC2 has no
    /// such member.
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

    /// The timestamp format, if the member overrides that of its shape.
    pub fn timestamp_format(&self) -> Option<TimestampFormat> {
        self.data.timestamp_format
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Member").field(&self.data.name).finish()
    }
}
