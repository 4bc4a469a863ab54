//! Paths to members, as AWS's waiters write them.

use crate::{Kind, Member, Shape};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Where something stands in a request or a response: the API's names of members, with `[]` behind
/// each list whose entries are meant, as in `Reservations[].Instances[].State.Name`.
///
/// ```
/// use ec2wire_model::Model;
///
/// let instance = Model::ec2().resource("instance").unwrap();
/// let list = instance.list.as_ref().unwrap();
/// assert_eq!(list.path.as_str(), "Reservations[].Instances[]");
/// let output = Model::ec2().operation(list.action).unwrap().output().unwrap();
/// let elements: Vec<&str> = list.path.members(output).unwrap().iter().map(|m| m.element_name()).collect();
/// assert_eq!(elements, ["reservationSet", "instancesSet"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(&'static str);

impl Path {
    #[cfg(test)]
    pub(super) const fn new(path: &'static str) -> Self {
        Self(path)
    }

    /// Whether it leads nowhere.
    pub fn is_nowhere(&self) -> bool {
        self.0.is_empty()
    }

    /// The path as text.
    pub fn as_str(&self) -> &'static str {
        self.0
    }

    /// The names of the members on the way, and whether the entries of a list are meant.
    pub fn segments(&self) -> impl Iterator<Item = (&'static str, bool)> {
        self.0
            .split('.')
            .map(|segment| match segment.strip_suffix("[]") {
                Some(name) => (name, true),
                None => (segment, false),
            })
    }

    /// The members on the way, from a structure downwards. `None` if one of them does not exist, or
    /// is a list where the path does not say so.
    pub fn members(&self, from: Shape) -> Option<Vec<Member>> {
        let mut at = from;
        let mut found = Vec::new();
        for (name, is_list) in self.segments() {
            let member = at.member(name)?;
            at = match (member.shape().kind(), is_list) {
                (Kind::List { entry, .. }, true) => entry,
                (_, true) => return None,
                _ => member.shape(),
            };
            found.push(member);
        }
        Some(found)
    }

    /// The shape that the path leads to.
    pub fn shape(&self, from: Shape) -> Option<Shape> {
        let last = self.members(from)?.pop()?.shape();
        Some(match last.kind() {
            Kind::List { entry, .. } if self.0.ends_with("[]") => entry,
            _ => last,
        })
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Serialize for Path {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de: 'static> Deserialize<'de> for Path {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&'static str>::deserialize(deserializer).map(Self)
    }
}

impl Default for Path {
    /// No path at all.
    fn default() -> Self {
        Self("")
    }
}
