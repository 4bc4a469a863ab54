//! Whether the entry of a listing is of something that is deleted or being deleted.

use crate::format::embedded;
use crate::format::place::{self, CatalogueError};
use crate::wire::referee::Element;
use ec2wire_model::{Model, Resource, States};
use serde::Deserialize;
use std::collections::BTreeSet;

/// How entries show that, from the embedded table and the states of the table of resources.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gone {
    /// Where an entry has its state.
    pub at: Vec<String>,
    /// The states that say so.
    pub states: Vec<String>,
    /// Elements that only such an entry has.
    marks: Vec<String>,
}

impl Gone {
    /// Fails only if the embedded table is wrong, which a test excludes.
    pub fn embedded() -> Result<Self, CatalogueError> {
        let mut table: Self = place::read_embedded(embedded::GONE)?;
        for row in Model::ec2().resources() {
            let Some(states) = &row.states else {
                continue;
            };
            table.at.extend(place_of_state(row, states));
            let ended = states.ending.iter().chain(&states.gone);
            table
                .states
                .extend(ended.map(|state| state.value.to_owned()));
        }
        for list in [&mut table.at, &mut table.states] {
            let mut known = BTreeSet::new();
            list.retain(|one| known.insert(one.clone()));
        }
        Ok(table)
    }

    /// Whether the entry says that it is deleted or being deleted.
    pub fn is_said_by(&self, entry: &Element) -> bool {
        let mut texts = self.at.iter().flat_map(|path| entry.at(path));
        let mut marks = self.marks.iter().filter_map(|name| entry.child(name));
        texts.any(|found| self.states.contains(&found.text))
            || marks.any(|mark| !mark.text.is_empty())
    }
}

/// Where an entry of the list has its state, by the names on the wire.
fn place_of_state(row: &Resource, states: &States) -> Option<String> {
    let list = row.list.as_ref()?;
    let output = Model::ec2().operation(list.action)?.output()?;
    let members = states.path.members(list.path.shape(output)?)?;
    let names = members.iter().map(ec2wire_model::Member::element_name);
    Some(names.collect::<Vec<_>>().join("."))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    #[test]
    fn an_entry_says_that_it_is_deleted() {
        let gone = Gone::embedded().unwrap();
        for (entry, is_gone) in [
            ("<i><vpcId>vpc-1</vpcId></i>", false),
            ("<i><state>available</state></i>", false),
            ("<i><state>delete-failed</state></i>", false),
            ("<i><state>deleting</state></i>", true),
            ("<i><status><code>deleted</code></status></i>", true),
            (
                "<i><instanceState><code>48</code><name>terminated</name></instanceState></i>",
                true,
            ),
            ("<i><deletionTime/></i>", false),
            (
                "<i><deletionTime>2026-11-24T12:00:00Z</deletionTime></i>",
                true,
            ),
        ] {
            let element = Element::parse(entry.as_bytes()).unwrap();
            assert_eq!(gone.is_said_by(&element), is_gone, "{entry}");
        }
    }
}
