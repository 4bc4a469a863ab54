//! The resources by their names, and the members that name them.

use super::hand::{Row, Table};
use super::names::{named_by, pascal};
use super::service::Service;
use std::collections::{BTreeMap, BTreeSet};

/// A resource: what was written by hand about it, and its names.
pub(super) struct Kind {
    pub(super) name: String,
    pub(super) row: Row,
    pub(super) resource_type: Option<String>,
    /// The names that it has in the names of actions and members, as in `SecurityGroup` and `Group`.
    pub(super) stems: Vec<String>,
    /// The member that names it.
    pub(super) id: String,
    /// All members that do, with the source. `Action.Member` does only there.
    pub(super) members: BTreeMap<String, String>,
}

impl Kind {
    /// Whether a member of an action's request names it.
    pub(super) fn is_named(&self, action: &str, member: &str) -> bool {
        self.members.contains_key(&format!("{action}.{member}"))
            || self.members.contains_key(member)
    }

    /// The longest of its names that is in an action's name, as its length.
    pub(super) fn is_in(&self, action: &str) -> Option<usize> {
        let names = self
            .stems
            .iter()
            .filter(|stem| action.contains(stem.as_str()));
        names.map(String::len).max()
    }
}

/// All resources, sorted by name.
pub(super) fn all(service: &Service, table: Table) -> Result<Vec<Kind>, String> {
    let shape = service.model.shape("ResourceType");
    let types = shape.map(|shape| shape.enum_values()).unwrap_or_default();
    let mut kinds = Vec::new();
    for (name, row) in table.rows {
        let own = types.contains(&name.as_str()).then(|| name.clone());
        let resource_type = row.resource_type.clone().or(own);
        if let Some(unknown) = resource_type
            .iter()
            .find(|kind| !types.contains(&kind.as_str()))
        {
            return Err(format!("{name}: `{unknown}` is no value of ResourceType"));
        }
        let first = pascal(&name);
        let id = row.id.clone().unwrap_or_else(|| format!("{first}Id"));
        let mut stems = vec![first];
        let of_id = id
            .strip_suffix("Id")
            .filter(|_| row.kind_of.is_none() && !row.shared_id);
        for stem in row.stems.iter().map(String::as_str).chain(of_id) {
            if !stems.iter().any(|known| known == stem) {
                stems.push(stem.to_owned());
            }
        }
        kinds.push(Kind {
            name,
            row,
            resource_type,
            stems,
            id,
            members: BTreeMap::new(),
        });
    }
    let with_row: BTreeSet<&str> = kinds
        .iter()
        .filter_map(|kind| kind.resource_type.as_deref())
        .collect();
    let without = |kind: &&&str| {
        !with_row.contains(**kind) && !table.sources.without_row.contains_key(**kind)
    };
    if let Some(missing) = types.iter().find(without) {
        return Err(format!(
            "the resource type `{missing}` has no row: add one to a file of resources/, or a reason to `without-row` in sources.toml"
        ));
    }
    members(service, &mut kinds)?;
    Ok(kinds)
}

/// Finds the members that name the resources.
fn members(service: &Service, kinds: &mut [Kind]) -> Result<(), String> {
    let shapes = service.model.shapes();
    let all: BTreeSet<&str> = shapes
        .flat_map(|shape| {
            shape
                .members()
                .map(|member| member.name())
                .collect::<Vec<_>>()
        })
        .collect();
    let mut owners: BTreeMap<String, usize> = BTreeMap::new();
    for (at, kind) in kinds.iter().enumerate() {
        // What is not named by an id has none that other requests could name.
        if kind.row.kind_of.is_some() || !kind.id.ends_with("Id") {
            continue;
        }
        for stem in &kind.stems {
            if let Some(other) = owners
                .insert(stem.clone(), at)
                .and_then(|other| kinds.get(other))
            {
                return Err(format!(
                    "`{stem}` names both {} and {}",
                    other.name, kind.name
                ));
            }
        }
    }
    let mut found: Vec<(usize, String, String)> = Vec::new();
    for member in all {
        let Some((name, plain)) = named_by(member) else {
            continue;
        };
        let owner = owners.get(name).or_else(|| owners.get(plain?));
        if let Some(at) = owner {
            found.push((*at, member.to_owned(), "names".to_owned()));
        }
    }
    for (at, kind) in kinds
        .iter()
        .enumerate()
        .filter(|(_, kind)| kind.row.shared_id)
    {
        for action in service
            .model
            .operations()
            .filter(|action| kind.is_in(action.name()).is_some())
        {
            let input = action.input();
            for member in [kind.id.clone(), format!("{}s", kind.id)] {
                if input.is_some_and(|input| input.member(&member).is_some()) {
                    let name = format!("{}.{member}", action.name());
                    found.push((at, name, "names".to_owned()));
                }
            }
        }
    }
    for (at, kind) in kinds.iter().enumerate() {
        for [member, source] in &kind.row.members {
            found.retain(|(_, known, _)| known != member);
            found.push((at, member.clone(), source.clone()));
        }
    }
    for (at, member, source) in found {
        if let Some(kind) = kinds.get_mut(at) {
            kind.members.insert(member, source);
        }
    }
    // A kind of another resource has the same ids.
    let shared: BTreeMap<String, BTreeMap<String, String>> = kinds
        .iter()
        .map(|kind| (kind.name.clone(), kind.members.clone()))
        .collect();
    for kind in kinds {
        if let Some(parent) = &kind.row.kind_of {
            let members = shared
                .get(parent)
                .ok_or_else(|| format!("there is no row `{parent}`"))?;
            kind.members.clone_from(members);
        }
    }
    Ok(())
}
