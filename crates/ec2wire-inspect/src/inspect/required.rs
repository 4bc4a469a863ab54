//! The members that a request must have.

use super::request::DEEPEST;
use super::{Broken, Parameters, exceptions};
use crate::format::beyond::Beyond;
use crate::record::Spot;
use ec2wire_model::{Kind, Member, Operation, Shape};
use std::collections::{BTreeMap, BTreeSet};

/// The law that says that a server refuses a request without such a member.
const LAW: &str = "without";

/// The required members that the request lacks. Those of a structure count if the request has the
/// structure.
pub(super) fn missing(action: Operation, shape: Shape, parameters: &Parameters) -> Vec<Broken> {
    let mut walk = Walk {
        action: action.name(),
        parts: BTreeMap::new(),
        broken: Vec::new(),
    };
    for pair in &parameters.pairs {
        let mut start = 0;
        for part in pair.key.split('.').take(DEEPEST) {
            let before = pair.key.get(..start.max(1) - 1).unwrap_or_default();
            walk.parts.entry(before).or_default().insert(part);
            start += part.len() + 1;
        }
    }
    walk.structure(shape, "");
    walk.broken
}

struct Walk<'p> {
    action: &'static str,
    /// What follows in the keys behind each of their beginnings.
    parts: BTreeMap<&'p str, BTreeSet<&'p str>>,
    broken: Vec<Broken>,
}

impl<'p> Walk<'p> {
    fn structure(&mut self, shape: Shape, at: &str) {
        let parts = self.parts.get(at).cloned().unwrap_or_default();
        for member in shape.members() {
            let key = member.form_key();
            let path = joined(at, &key);
            if parts.contains(key.as_str()) {
                self.inside(member.shape(), &path);
            } else if member.is_required() && !self.is_excepted(shape, member, at) {
                self.broken.push(Broken {
                    requirement: "required-members-sent",
                    found: format!("`{path}` is missing"),
                    spot: Spot::Whole,
                });
            }
        }
    }

    fn inside(&mut self, shape: Shape, at: &str) {
        match shape.kind() {
            // A value in its place is another mistake.
            Kind::Structure if self.parts.contains_key(at) => self.structure(shape, at),
            Kind::List { entry, .. } => {
                let numbers: Vec<&'p str> =
                    self.parts.get(at).into_iter().flatten().copied().collect();
                for number in numbers {
                    self.inside(entry, &joined(at, number));
                }
            }
            _ => {}
        }
    }

    fn is_excepted(&self, shape: Shape, member: Member, at: &str) -> bool {
        let name = member.name();
        let is_top = at.is_empty();
        is_top && exceptions::has(LAW, &format!("{}/{name}", self.action))
            || Beyond::embedded().is_optional(shape.name(), name)
    }
}

/// The key of a part behind the beginning of a key.
fn joined(at: &str, part: &str) -> String {
    match at {
        "" => part.to_owned(),
        _ => format!("{at}.{part}"),
    }
}
