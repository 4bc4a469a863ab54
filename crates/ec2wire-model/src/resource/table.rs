//! The table as it is embedded, and its indexes.

use super::{Evidence, Resource};
use crate::{Error, Model};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

/// The table, as `cargo xtask import-resources` writes it.
const TABLE: &str = include_str!("../../model/resources.json");

/// All resources of EC2 that the table has.
#[derive(Debug, Default)]
pub(super) struct Resources {
    file: File,
    by_name: HashMap<&'static str, usize>,
    by_member: HashMap<&'static str, usize>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"), deny_unknown_fields)]
struct File {
    /// Sources that rows written by hand refer to.
    sources: BTreeMap<&'static str, HandSource>,
    resources: Vec<Resource>,
}

/// A source that rows written by hand refer to.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HandSource {
    pub(super) evidence: Evidence,
    pub(super) text: &'static str,
}

impl Resources {
    pub(super) fn embedded() -> &'static Self {
        // A test reads the embedded file, so this never falls back to the empty table.
        static ALL: LazyLock<Resources> =
            LazyLock::new(|| Resources::read(TABLE).unwrap_or_default());
        &ALL
    }

    pub(super) fn read(text: &'static str) -> Result<Self, Error> {
        let file: File = serde_json::from_str(text)
            .map_err(|error| Error::new(format_args!("not a table of resources: {error}")))?;
        let mut by_name = HashMap::new();
        let mut by_member = HashMap::new();
        for (at, row) in file.resources.iter().enumerate() {
            if let Some(resource_type) = row.resource_type.filter(|_| row.kind_of.is_none()) {
                by_name.entry(resource_type).or_insert(at);
            }
            for member in &row.id.members {
                by_member.entry(member.value).or_insert(at);
            }
        }
        // A name comes before another row's type.
        by_name.extend((file.resources.iter().zip(0..)).map(|(row, at)| (row.name, at)));
        Ok(Self {
            file,
            by_name,
            by_member,
        })
    }

    pub(super) fn hand_source(&self, key: &str) -> Option<&HandSource> {
        self.file.sources.get(key)
    }

    pub(super) fn rows(&self) -> &[Resource] {
        &self.file.resources
    }

    pub(super) fn named(&self, name: &str) -> Option<&Resource> {
        self.rows().get(*self.by_name.get(name)?)
    }

    pub(super) fn of_member(&self, member: &str) -> Option<&Resource> {
        self.rows().get(*self.by_member.get(member)?)
    }
}

impl Model {
    /// The resources of EC2, sorted by name. They are facts about [`Model::ec2`]: a model that was
    /// read from a file has none. The first call takes about two milliseconds.
    ///
    /// ```
    /// use ec2wire_model::Model;
    ///
    /// let resources = Model::ec2().resources();
    /// assert!(resources.len() > 90);
    /// ```
    pub fn resources(&self) -> &'static [Resource] {
        if std::ptr::eq(self, Self::ec2()) {
            Resources::embedded().rows()
        } else {
            &[]
        }
    }

    /// Looks up a resource of EC2 by its name or by its value in the enum `ResourceType`.
    ///
    /// ```
    /// use ec2wire_model::Model;
    ///
    /// let vpc = Model::ec2().resource("vpc").unwrap();
    /// assert_eq!(vpc.id.member, "VpcId");
    /// assert_eq!(vpc.make[0].action, "CreateVpc");
    /// let list = vpc.list.as_ref().unwrap();
    /// assert_eq!((list.action, list.path.as_str()), ("DescribeVpcs", "Vpcs[]"));
    /// let settled = vpc.states.as_ref().unwrap().settled[0];
    /// assert_eq!((settled.value, settled.source.to_string()), ("available", "waiters".to_owned()));
    /// // Its name here, and its name in the enum:
    /// assert_eq!(Model::ec2().resource("nat-gateway"), Model::ec2().resource("natgateway"));
    /// ```
    pub fn resource(&self, name: &str) -> Option<&'static Resource> {
        std::ptr::eq(self, Self::ec2())
            .then(|| Resources::embedded().named(name))
            .flatten()
    }
}

impl Resource {
    /// All actions that the row names, sorted.
    ///
    /// ```
    /// let gateway = ec2wire_model::Model::ec2().resource("internet-gateway").unwrap();
    /// let actions = gateway.actions();
    /// assert!(actions.contains("AttachInternetGateway") && actions.contains("DetachInternetGateway"));
    /// ```
    pub fn actions(&self) -> BTreeSet<&'static str> {
        let acts = self.change.iter().chain(&self.end).map(|act| act.action);
        let reads = self.list.iter().chain(&self.read).map(|read| read.action);
        let joins = self
            .join
            .iter()
            .flat_map(|join| [Some(join.action), join.part]);
        let makes = self.make.iter().map(|make| make.action);
        makes
            .chain(acts)
            .chain(reads)
            .chain(joins.flatten())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    #[test]
    fn what_is_embedded_is_whole() {
        let resources = Resources::read(TABLE).unwrap();
        assert!(resources.rows().is_sorted_by_key(|row| row.name));
        assert!(Resources::read("{}").is_err());
    }
}
