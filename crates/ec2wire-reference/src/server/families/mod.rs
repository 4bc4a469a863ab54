//! What the table of resources cannot say, a file per family.
//!
//! A [`Family`] is tables of functions by action. The engine does the rest: it decodes and checks
//! requests, looks up the resources that they name, minds dry runs and client tokens, and writes the
//! answers. To add code for an action, add a row to its family.

use super::engine::Input;
use super::state::State;
use super::store::Item;
use ec2wire::Fault;
use ec2wire_model::Structure;
use std::collections::HashMap;
use std::sync::LazyLock;

mod account;
pub(super) mod address;
mod compute;
pub(super) mod interface;
pub(super) mod ipam;
pub(super) mod network;
mod peer_group;
pub(super) mod security_group;
mod shared;
mod storage;
mod tags;

/// What a family's code does in place of the table, or beside it.
#[derive(Debug, Default)]
pub(super) struct Family {
    /// What exists before the first request.
    pub(super) start: Option<fn(&mut State)>,
    /// Actions that the family does alone. [`Input::stop_dry_run`] comes before the first change.
    pub(super) perform: &'static [(&'static str, Perform)],
    /// What it adds to actions that make a resource.
    pub(super) making: &'static [(&'static str, Making)],
    /// What it adds to actions that end a resource.
    pub(super) ending: &'static [(&'static str, Ending)],
    /// Actions that change a resource in another way than by members of the same names.
    pub(super) changing: &'static [(&'static str, Change)],
    /// Which entries a list shows, beside ids and filters.
    pub(super) selecting: &'static [(&'static str, Select)],
    /// What a list shows that depends on other items: the members of its entries, and what sets them.
    /// Filters see it.
    pub(super) showing: &'static [(&'static str, Members, Show)],
    /// What filters look at, by action and name.
    pub(super) fields: &'static [(&'static str, &'static str, Field)],
    /// Members, by action and path, whose values the family looks up: they name resources of several
    /// kinds, or unknown ones are refused in another way than usual.
    pub(super) lookups: &'static [(&'static str, &'static str)],
    /// Structures of requests, by action and path, that name resources for a later request.
    pub(super) later: &'static [(&'static str, &'static str)],
}

impl Family {
    /// A family that adds nothing.
    pub(super) const NONE: Self = Self {
        start: None,
        perform: &[],
        making: &[],
        ending: &[],
        changing: &[],
        selecting: &[],
        showing: &[],
        fields: &[],
        lookups: &[],
        later: &[],
    };
}

/// Does what a request asks for, or changes nothing and returns the error.
pub(super) type Perform = fn(&Input, &mut State) -> Result<Structure<'static>, Fault>;
/// Changes a draft of the item.
pub(super) type Change = fn(&Input, &State, &Item, &mut Draft) -> Result<(), Fault>;
/// Whether a list shows the item.
pub(super) type Select = fn(&Input, &State, &Item) -> bool;
/// Names of members of an entry.
pub(super) type Members = &'static [&'static str];
/// Completes the entry of an item in a list.
pub(super) type Show = fn(&State, &Item, &mut Structure<'static>);
/// The texts that a filter compares.
pub(super) type Field = fn(&Item) -> Vec<String>;

/// A resource before it exists.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// Its id, where that is not a new one.
    pub(super) id: Option<String>,
    /// What a list shows of it.
    pub(super) entry: Structure<'static>,
    /// What no list shows.
    pub(super) hidden: Structure<'static>,
    /// The state that the answer to its creation shows, where that is not the table's first one.
    pub(super) first_state: Option<&'static str>,
    /// The id of the item that it comes and goes with.
    pub(super) owner: Option<String>,
    /// What no other item may have, beside what the table says.
    pub(super) claims: Vec<String>,
}

/// What a family adds to an action that makes a resource.
#[derive(Debug, Clone, Copy)]
pub(super) struct Making {
    /// Checks the request, and completes the draft.
    pub(super) draft: fn(&Input, &State, &mut Draft) -> Result<(), Fault>,
    /// Does what follows from it. It gets the new id.
    pub(super) made: fn(&Input, &mut State, &str),
}

/// What a family adds to an action that ends a resource.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ending {
    /// Refuses to end the item.
    pub(super) check: fn(&Input, &State, &Item) -> Result<(), Fault>,
    /// Does what follows from it. It gets the id of what ended.
    pub(super) ended: fn(&Input, &mut State, &str),
}

impl Making {
    /// Nothing but a draft.
    pub(super) const fn draft(draft: fn(&Input, &State, &mut Draft) -> Result<(), Fault>) -> Self {
        Self {
            draft,
            made: |_, _, _| {},
        }
    }
}

impl Ending {
    /// Nothing but a check.
    pub(super) const fn check(check: fn(&Input, &State, &Item) -> Result<(), Fault>) -> Self {
        Self {
            check,
            ended: |_, _, _| {},
        }
    }
}

static FAMILIES: &[&Family] = &[
    &account::FAMILY,
    &address::FAMILY,
    &interface::FAMILY,
    &ipam::FAMILY,
    &peer_group::FAMILY,
    &security_group::FAMILY,
    &network::zone::FAMILY,
    &network::dhcp::FAMILY,
    &network::vpc::FAMILY,
    &network::block::FAMILY,
    &network::subnet::FAMILY,
    &network::reservation::FAMILY,
    &network::route_table::FAMILY,
    &network::route::FAMILY,
    &network::acl::FAMILY,
    &network::gateway::FAMILY,
    &network::nat::FAMILY,
    &network::peering::FAMILY,
    &network::endpoint::FAMILY,
    &network::endpoint_service::FAMILY,
    &network::flow_log::FAMILY,
    &network::prefix_list::FAMILY,
    &network::transit::FAMILY,
    &network::transit_route::FAMILY,
    &network::vpn::FAMILY,
    // After what the default VPC is made of.
    &network::start::FAMILY,
    &storage::volume::FAMILY,
    &storage::attachment::FAMILY,
    &storage::modification::FAMILY,
    &storage::snapshot::FAMILY,
    &compute::attribute::FAMILY,
    &compute::capacity::FAMILY,
    &compute::fleet::FAMILY,
    &compute::host::FAMILY,
    &compute::instance_type::FAMILY,
    &compute::image::FAMILY,
    &compute::image_attribute::FAMILY,
    &compute::instance::FAMILY,
    &compute::key_pair::FAMILY,
    &compute::launch::FAMILY,
    &compute::launch_template::FAMILY,
    &compute::launch_template::version::FAMILY,
    &compute::lifecycle::FAMILY,
    &compute::options::FAMILY,
    &compute::placement_group::FAMILY,
    &compute::profile::FAMILY,
    &compute::setting::FAMILY,
    &compute::spot::FAMILY,
    &compute::spot_price::FAMILY,
    &tags::FAMILY,
];

/// All families' rows, by action.
#[derive(Default)]
struct Index {
    perform: HashMap<&'static str, Perform>,
    making: HashMap<&'static str, &'static Making>,
    ending: HashMap<&'static str, &'static Ending>,
    changing: HashMap<&'static str, Change>,
    selecting: HashMap<&'static str, Select>,
    showing: HashMap<&'static str, (Members, Show)>,
    fields: HashMap<&'static str, HashMap<&'static str, Field>>,
    lookups: HashMap<&'static str, Vec<&'static str>>,
    later: HashMap<&'static str, Vec<&'static str>>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Index::default();
    for family in FAMILIES {
        index.perform.extend(family.perform.iter().copied());
        index.making.extend(
            family
                .making
                .iter()
                .map(|(action, making)| (*action, making)),
        );
        index.ending.extend(
            family
                .ending
                .iter()
                .map(|(action, ending)| (*action, ending)),
        );
        index.changing.extend(family.changing.iter().copied());
        index.selecting.extend(family.selecting.iter().copied());
        let showing = family.showing.iter();
        let showing = showing.map(|&(action, members, show)| (action, (members, show)));
        index.showing.extend(showing);
        for &(action, filter, field) in family.fields {
            index
                .fields
                .entry(action)
                .or_default()
                .insert(filter, field);
        }
        for &(action, member) in family.lookups {
            index.lookups.entry(action).or_default().push(member);
        }
        for &(action, outer) in family.later {
            index.later.entry(action).or_default().push(outer);
        }
    }
    index
});

/// Fills a new area.
pub(super) fn start(state: &mut State) {
    for start in FAMILIES.iter().filter_map(|family| family.start) {
        start(state);
    }
}

pub(super) fn performing(action: &str) -> Option<Perform> {
    INDEX.perform.get(action).copied()
}

pub(super) fn making(action: &str) -> Option<&'static Making> {
    INDEX.making.get(action).copied()
}

pub(super) fn ending(action: &str) -> Option<&'static Ending> {
    INDEX.ending.get(action).copied()
}

pub(super) fn changing(action: &str) -> Option<Change> {
    INDEX.changing.get(action).copied()
}

pub(super) fn selecting(action: &str) -> Option<Select> {
    INDEX.selecting.get(action).copied()
}

pub(super) fn showing(action: &str) -> Option<(Members, Show)> {
    INDEX.showing.get(action).copied()
}

pub(super) fn field(action: &str, filter: &str) -> Option<Field> {
    INDEX.fields.get(action)?.get(filter).copied()
}

/// Whether the family looks up what a member names.
pub(super) fn looks_up(action: &str, path: &str) -> bool {
    let mut members = INDEX.lookups.get(action).into_iter().flatten();
    members.any(|member| *member == path)
}

/// Whether what a member names is looked up only by a later request.
pub(super) fn looks_up_later(action: &str, path: &str) -> bool {
    let mut outer = INDEX.later.get(action).into_iter().flatten();
    outer.any(|outer| {
        path.strip_prefix(outer)
            .is_some_and(|rest| rest.starts_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ec2wire_model::Model;

    #[test]
    fn every_row_names_an_action() {
        for family in FAMILIES {
            let performed = family.perform.iter().map(|row| row.0);
            let made = family.making.iter().map(|row| row.0);
            let ended = family.ending.iter().map(|row| row.0);
            let changed = family.changing.iter().map(|row| row.0);
            let selected = family.selecting.iter().map(|row| row.0);
            let shown = family.showing.iter().map(|row| row.0);
            let fields = family.fields.iter().map(|row| row.0);
            let lookups = family.lookups.iter().map(|row| row.0);
            let later = family.later.iter().map(|row| row.0);
            let all = performed
                .chain(made)
                .chain(ended)
                .chain(changed)
                .chain(selected)
                .chain(shown)
                .chain(fields)
                .chain(lookups)
                .chain(later);
            for action in all {
                assert!(Model::ec2().operation(action).is_some(), "{action}");
            }
        }
    }
}
