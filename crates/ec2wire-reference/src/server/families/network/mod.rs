//! VPCs and what is in them.
//!
//! - `zone` has Regions, zones and the account's attributes, and `start` what an account has in a
//!   Region from the beginning: a default VPC.
//! - `vpc`, `subnet`, `reservation`, `route_table`, `route`, `acl`, `gateway`, `nat` and `dhcp` are
//!   what a VPC is made of.
//! - `peering`, `endpoint`, `endpoint_service`, `flow_log` and `prefix_list` are what it has with
//!   others.
//! - `transit`, `transit_route` and `vpn` are what joins whole networks.
//! - `block` is the CIDR blocks that VPCs and subnets have, and `cidr` reads them in requests.

pub(in crate::server) mod acl;
pub(in crate::server) mod block;
pub(in crate::server) mod cidr;
pub(in crate::server) mod dhcp;
pub(in crate::server) mod endpoint;
pub(in crate::server) mod endpoint_service;
pub(in crate::server) mod flow_log;
pub(in crate::server) mod gateway;
pub(in crate::server) mod nat;
pub(in crate::server) mod peering;
pub(in crate::server) mod prefix_list;
pub(in crate::server) mod reservation;
pub(in crate::server) mod route;
pub(in crate::server) mod route_table;
pub(in crate::server) mod start;
pub(in crate::server) mod subnet;
pub(in crate::server) mod transit;
pub(in crate::server) mod transit_route;
pub(in crate::server) mod vpc;
pub(in crate::server) mod vpn;
pub(in crate::server) mod zone;

use super::Draft;
use super::shared::text;
use crate::server::engine::end::depended_on;
use crate::server::engine::make::insert_named;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

/// Adds a resource that no list shows by itself, as an association, with its id in its entry.
/// Returns the id.
fn insert_link(
    state: &mut State,
    resource: &str,
    id_member: &'static str,
    entry: Structure<'static>,
    owner: Option<String>,
) -> String {
    let draft = Draft {
        entry,
        owner,
        ..Draft::default()
    };
    let id = insert_named(state, resource, draft, Vec::new());
    let shown = Value::from(id.clone());
    state
        .store
        .update(&id, |item| item.entry.insert(id_member, shown));
    id
}

/// Adds an entry to a list of an item.
fn add_entry(state: &mut State, id: &str, list: &str, entry: Structure<'static>) {
    state.store.update(id, |item| {
        if let Some(entries) = path::list(&mut item.entry, list) {
            entries.push(entry.into());
        }
    });
}

/// Removes the entries of an item's list whose member `name` is `value`.
fn remove_entries(state: &mut State, id: &str, list: &str, name: &str, value: &str) {
    state.store.update(id, |item| {
        if let Some(entries) = path::list(&mut item.entry, list) {
            entries.retain(|entry| match entry {
                Value::Structure(entry) => text(entry, name) != Some(value),
                _ => true,
            });
        }
    });
}

/// A text that no list shows.
fn hidden<'i>(item: &'i Item, name: &str) -> Option<&'i str> {
    item.hidden.get(name)?.as_str()
}

/// Why something cannot end: something else depends on it.
fn dependency_violation(item: &Item) -> Fault {
    depended_on(item, None)
}

/// Refuses to end an item that one of these resources names, unless it comes and goes with it.
fn check_unnamed(state: &State, item: &Item, resources: &[&str]) -> Result<(), Fault> {
    let mut referrers = state.store.referrers(&item.id);
    let is_kept = referrers.any(|other| {
        other.owner.as_deref() != Some(&item.id) && resources.contains(&other.resource.name)
    });
    if is_kept {
        return Err(dependency_violation(item));
    }
    Ok(())
}
