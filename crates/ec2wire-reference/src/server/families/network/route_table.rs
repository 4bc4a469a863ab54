//! Route tables, their routes and associations.

use super::{add_entry, insert_link};
use crate::server::engine::make::insert_named;
use crate::server::families::{Draft, Family};
use crate::server::state::State;
use ec2wire_model::{Structure, Value};

pub(in crate::server) static FAMILY: Family = Family { ..Family::NONE };

/// Makes the main route table of a VPC. Returns its id.
pub(super) fn insert_main(state: &mut State, vpc_id: &str) -> String {
    let draft = Draft {
        entry: first_entry(state, vpc_id),
        owner: Some(vpc_id.to_owned()),
        ..Draft::default()
    };
    let id = insert_named(state, "route-table", draft, Vec::new());
    associate(state, &id, None);
    id
}

/// A table with the VPC's local routes alone.
fn first_entry(state: &State, vpc_id: &str) -> Structure<'static> {
    let vpc = state.store.get(vpc_id);
    let blocks = vpc.map(super::vpc::blocks).unwrap_or_default();
    let routes = blocks.into_iter().map(|block| local_route(block).into());
    Structure::from([
        ("VpcId", Value::from(vpc_id.to_owned())),
        ("Associations", Value::List(Vec::new())),
        ("PropagatingVgws", Value::List(Vec::new())),
        ("Routes", Value::List(routes.collect())),
    ])
}

/// The route that keeps a block of a VPC within it.
pub(super) fn local_route(block: &str) -> Structure<'static> {
    let mut route = Structure::from([
        (destination_member(block), Value::from(block.to_owned())),
        ("GatewayId", "local".into()),
    ]);
    route.insert("Origin", "CreateRouteTable");
    route.insert("State", "active");
    route
}

/// The member of a route that shows a block.
fn destination_member(block: &str) -> &'static str {
    if block.contains(':') {
        "DestinationIpv6CidrBlock"
    } else {
        "DestinationCidrBlock"
    }
}

/// Adds a route that a request could have made.
pub(super) fn add_route(
    state: &mut State,
    table_id: &str,
    block: &str,
    member: &'static str,
    target: &str,
) {
    let route = Structure::from([
        (destination_member(block), Value::from(block.to_owned())),
        (member, target.to_owned().into()),
        ("Origin", "CreateRoute".into()),
        ("State", "active".into()),
    ]);
    add_entry(state, table_id, "Routes", route);
}

/// Associates a table with a subnet or gateway, or makes it its VPC's main one. Returns the
/// association's id.
fn associate(state: &mut State, table_id: &str, with: Option<(&'static str, &str)>) -> String {
    let mut entry = Structure::from([
        ("RouteTableId", Value::from(table_id.to_owned())),
        ("Main", with.is_none().into()),
        (
            "AssociationState",
            Structure::from([("State", "associated".into())]).into(),
        ),
    ]);
    let owner = match with {
        Some((member, id)) => {
            entry.insert(member, Value::from(id.to_owned()));
            id
        }
        None => table_id,
    };
    let id = insert_link(
        state,
        "route-table-association",
        "RouteTableAssociationId",
        entry.clone(),
        Some(owner.to_owned()),
    );
    entry.insert("RouteTableAssociationId", Value::from(id.clone()));
    add_entry(state, table_id, "Associations", entry);
    id
}

/// The ids of a VPC's tables.
fn tables_of(state: &State, vpc_id: &str) -> Vec<String> {
    let tables = state.store.referrers(vpc_id);
    let tables = tables.filter(|item| item.resource.name == "route-table");
    tables.map(|item| item.id.clone()).collect()
}

/// Adds the local route of a new block to all tables of a VPC.
pub(super) fn block_added(state: &mut State, vpc_id: &str, block: &str) {
    for table in tables_of(state, vpc_id) {
        add_entry(state, &table, "Routes", local_route(block));
    }
}

/// Removes the local route of a block from all tables of a VPC.
pub(super) fn block_removed(state: &mut State, vpc_id: &str, block: &str) {
    for table in tables_of(state, vpc_id) {
        super::remove_entries(state, &table, "Routes", destination_member(block), block);
    }
}
