//! What EC2 is known to do beyond the service model.

use super::embedded::BEYOND_MODEL;
use super::place::{self, CatalogueError};
use serde::Deserialize;
use std::sync::LazyLock;

/// The file of what is known.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beyond {
    value: Vec<Fact>,
    member: Vec<Fact>,
    base64: Vec<Fact>,
    optional: Vec<Fact>,
}

/// A fact about some members.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(not(test), expect(dead_code, reason = "the source is for readers"))]
struct Fact {
    /// Structures of the model, each with the name of a member behind a dot.
    at: Vec<String>,
    /// The value of the enum.
    value: Option<String>,
    /// When it was seen.
    seen: String,
    /// Where it was seen.
    source: String,
}

impl Beyond {
    /// The embedded file. A test excludes that it is wrong; it would be empty then.
    pub fn embedded() -> &'static Self {
        static READ: LazyLock<Beyond> = LazyLock::new(|| Beyond::read().unwrap_or_default());
        &READ
    }

    fn read() -> Result<Self, CatalogueError> {
        place::read_embedded(BEYOND_MODEL)
    }

    /// Whether EC2 sends that value in an element of the structure.
    pub fn has_value(&self, structure: &str, element: &str, value: &str) -> bool {
        let is = |fact: &Fact| fact.value.as_deref() == Some(value);
        about(&self.value, structure, element).any(is)
    }

    /// Whether EC2 sends that element in the structure.
    pub fn has_member(&self, structure: &str, element: &str) -> bool {
        about(&self.member, structure, element).next().is_some()
    }

    /// Whether the text of that member of a request is base64.
    pub fn has_base64(&self, structure: &str, key: &str) -> bool {
        about(&self.base64, structure, key).next().is_some()
    }

    /// Whether EC2 takes a request without that member of the structure, although the model requires
    /// it. `name` is the API's.
    pub fn is_optional(&self, structure: &str, name: &str) -> bool {
        about(&self.optional, structure, name).next().is_some()
    }
}

/// The facts about a member.
fn about<'f>(facts: &'f [Fact], structure: &str, member: &str) -> impl Iterator<Item = &'f Fact> {
    let is = move |at: &String| at.split_once('.') == Some((structure, member));
    facts.iter().filter(move |fact| fact.at.iter().any(&is))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;
    use ec2wire_model::{Member, Model};

    /// A fact that the model has by now, or that is about nothing in it, is of no use.
    #[test]
    fn each_fact_is_beyond_the_model() {
        let beyond = Beyond::read().unwrap();
        let members = |at: &str, name: fn(&Member) -> String| {
            let (structure, member) = at.split_once('.').unwrap();
            let shape = Model::ec2().shape(structure).unwrap();
            shape.members().find(|known| name(known) == member)
        };
        let element = |known: &Member| known.element_name().to_owned();
        for fact in &beyond.value {
            let value = fact.value.as_deref().unwrap();
            for at in &fact.at {
                let known = members(at, element).unwrap().shape().enum_values();
                assert!(!known.is_empty() && !known.contains(&value), "{at}");
            }
        }
        for at in beyond.member.iter().flat_map(|fact| &fact.at) {
            assert!(members(at, element).is_none(), "{at}");
        }
        for at in beyond.base64.iter().flat_map(|fact| &fact.at) {
            let member = members(at, Member::form_key).unwrap();
            assert_eq!(member.shape().kind().name(), "string", "{at}");
        }
        for at in beyond.optional.iter().flat_map(|fact| &fact.at) {
            let member = members(at, |known| known.name().to_owned()).unwrap();
            assert!(member.is_required(), "{at}");
        }
        let all = [beyond.value, beyond.member, beyond.base64, beyond.optional].concat();
        assert!(
            all.iter()
                .all(|fact| !fact.seen.is_empty() && !fact.source.is_empty())
        );
    }
}
