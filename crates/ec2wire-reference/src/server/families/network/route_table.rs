//! Route tables, and what they are associated with.

use super::{insert_link, route, vpc};
use crate::server::engine::Input;
use crate::server::engine::input::named;
use crate::server::engine::make::insert_named;
use crate::server::families::shared::flag;
use crate::server::families::{Draft, Ending, Family, Making};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

pub(in crate::server) static FAMILY: Family = Family {
    making: &[("CreateRouteTable", Making::draft(draft))],
    ending: &[("DeleteRouteTable", Ending::check(check_end))],
    perform: &[
        ("AssociateRouteTable", associate),
        ("ReplaceRouteTableAssociation", replace_association),
        ("DisassociateRouteTable", dissociate),
    ],
    changing: &[
        ("EnableVgwRoutePropagation", |input, state, item, draft| {
            propagate(input, state, item, draft, true)
        }),
        ("DisableVgwRoutePropagation", |input, state, item, draft| {
            propagate(input, state, item, draft, false)
        }),
    ],
    showing: &[("DescribeRouteTables", &["Associations", "Routes"], show)],
    // Internet gateways and virtual private gateways.
    lookups: &[("AssociateRouteTable", "GatewayId")],
    ..Family::NONE
};

const ASSOCIATION: &str = "route-table-association";

/// Makes the main route table of a VPC. Returns its id.
pub(super) fn insert_main(state: &mut State, vpc_id: &str) -> String {
    let draft = Draft {
        entry: first_entry(state, vpc_id),
        owner: Some(vpc_id.to_owned()),
        ..Draft::default()
    };
    let id = insert_named(state, "route-table", draft, Vec::new());
    insert_association(state, &id, None);
    id
}

fn draft(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    draft.entry = first_entry(state, input.required("VpcId")?);
    Ok(())
}

/// A table with the VPC's local routes alone.
fn first_entry(state: &State, vpc_id: &str) -> Structure<'static> {
    let vpc = state.store.get(vpc_id);
    let blocks = vpc.map(vpc::blocks).unwrap_or_default();
    let routes = blocks.into_iter().map(|block| route::local(block).into());
    Structure::from([
        ("VpcId", Value::from(vpc_id.to_owned())),
        ("Associations", Value::List(Vec::new())),
        ("PropagatingVgws", Value::List(Vec::new())),
        ("Routes", Value::List(routes.collect())),
    ])
}

/// Associates a table with a subnet or gateway, or makes it its VPC's main one. Returns the
/// association's id.
fn insert_association(
    state: &mut State,
    table_id: &str,
    with: Option<(&'static str, &str)>,
) -> String {
    let mut entry = Structure::from([
        ("RouteTableId", Value::from(table_id.to_owned())),
        ("Main", with.is_none().into()),
        ("AssociationState", associated()),
    ]);
    let owner = match with {
        Some((member, id)) => {
            entry.insert(member, Value::from(id.to_owned()));
            id
        }
        None => table_id,
    };
    let owner = Some(owner.to_owned());
    insert_link(state, ASSOCIATION, "RouteTableAssociationId", entry, owner)
}

fn associated() -> Value<'static> {
    Structure::from([("State", "associated".into())]).into()
}

/// Shows a table's associations, and which of its routes lead nowhere.
fn show(state: &State, item: &Item, entry: &mut Structure<'static>) {
    let associations = state.store.referrers(&item.id);
    let associations = associations.filter(|other| other.resource.name == ASSOCIATION);
    let shown = associations.map(|association| association.entry.clone().into());
    entry.insert("Associations", Value::List(shown.collect()));
    route::show_states(state, item, entry);
}

/// The association of a subnet or gateway, if it has one of its own.
fn association_of<'s>(state: &'s State, id: &str) -> Option<&'s Item> {
    let mut referrers = state.store.referrers(id);
    referrers.find(|other| other.resource.name == ASSOCIATION)
}

/// Refuses to bring together what is in different VPCs.
fn check_same_vpc(table: &Item, other: &Item, vpc_id: Option<&str>) -> Result<(), Fault> {
    if table.text("VpcId") == vpc_id {
        return Ok(());
    }
    Err(fault::invalid_value(format!(
        "route table {} and {} {} belong to different networks",
        table.id,
        other.resource.name.replace('-', " "),
        other.id
    )))
}

fn associate(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let table_id = input.required("RouteTableId")?;
    let table = named(state, "route-table", table_id)?;
    let (member, other) = match (input.text("SubnetId"), input.text("GatewayId")) {
        (Some(_), Some(_)) => return Err(fault::invalid_combination("SubnetId", "GatewayId")),
        (Some(id), None) => ("SubnetId", named(state, "subnet", id)?),
        (None, Some(id)) => ("GatewayId", route::gateway(state, id)?),
        (None, None) => return Err(fault::missing_parameter("subnetId")),
    };
    let vpc_id = other.text("VpcId").or_else(|| route::attached_to(other));
    check_same_vpc(table, other, vpc_id)?;
    let other_id = other.id.clone();
    let known = association_of(state, &other_id);
    let known = known.map(|known| {
        (
            known.id.clone(),
            known.text("RouteTableId") == Some(table_id),
        )
    });
    if let Some((_, false)) = known {
        let message = format!(
            "the specified association for route table {table_id} conflicts with an existing \
             association"
        );
        return Err(fault::refusal("Resource.AlreadyAssociated", message));
    }
    input.stop_dry_run()?;
    let id = match known {
        Some((id, _)) => id,
        None => insert_association(state, table_id, Some((member, &other_id))),
    };
    state.note_change();
    Ok(Structure::from([
        ("AssociationId", Value::from(id)),
        ("AssociationState", associated()),
    ]))
}

fn replace_association(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let old_id = input.required("AssociationId")?;
    let table_id = input.required("RouteTableId")?;
    let old = named(state, ASSOCIATION, old_id)?;
    let table = named(state, "route-table", table_id)?;
    let old_table_id = old.text("RouteTableId").unwrap_or_default().to_owned();
    let old_table = named(state, "route-table", &old_table_id)?;
    check_same_vpc(table, old_table, old_table.text("VpcId"))?;
    let with = ["SubnetId", "GatewayId"]
        .into_iter()
        .find_map(|member| Some((member, old.text(member)?.to_owned())));
    let vpc_id = table.text("VpcId").unwrap_or_default().to_owned();
    input.stop_dry_run()?;
    state.store.remove(old_id);
    let with_ref = with.as_ref().map(|(member, id)| (*member, id.as_str()));
    let id = insert_association(state, table_id, with_ref);
    if with.is_none() {
        // The main table comes and goes with the VPC.
        state.store.update(&old_table_id, |item| item.owner = None);
        let main = Value::from(table_id.to_owned());
        state
            .store
            .update(table_id, |item| item.owner = Some(vpc_id.clone()));
        state
            .store
            .update(&vpc_id, |item| item.hidden.insert(vpc::MAIN_TABLE, main));
    }
    state.note_change();
    Ok(Structure::from([
        ("NewAssociationId", Value::from(id)),
        ("AssociationState", associated()),
    ]))
}

fn dissociate(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let id = input.required("AssociationId")?;
    let association = named(state, ASSOCIATION, id)?;
    if flag(&association.entry, "Main") {
        return Err(fault::invalid_value(format!(
            "cannot disassociate the main route table association {id}"
        )));
    }
    input.stop_dry_run()?;
    state.store.remove(id);
    state.note_change();
    Ok(Structure::new())
}

fn check_end(_: &Input, state: &State, item: &Item) -> Result<(), Fault> {
    let mut associations = state.store.referrers(&item.id);
    if associations.any(|other| other.resource.name == ASSOCIATION) {
        let message = format!(
            "The routeTable '{}' has dependencies and cannot be deleted.",
            item.id
        );
        return Err(fault::refusal("DependencyViolation", message));
    }
    Ok(())
}

/// Lets a virtual private gateway add routes to a table, or not any more.
fn propagate(
    input: &Input,
    state: &State,
    item: &Item,
    draft: &mut Draft,
    enables: bool,
) -> Result<(), Fault> {
    let gateway_id = input.required("GatewayId")?;
    let gateway = named(state, "vpn-gateway", gateway_id)?;
    if enables && route::attached_to(gateway) != item.text("VpcId") {
        let message = format!(
            "resource {gateway_id} is not attached to network {}",
            item.text("VpcId").unwrap_or_default()
        );
        return Err(fault::refusal("Gateway.NotAttached", message));
    }
    let shown = Structure::from([("GatewayId", Value::from(gateway_id.to_owned()))]).into();
    if let Some(gateways) = path::list(&mut draft.entry, "PropagatingVgws") {
        gateways.retain(|known| *known != shown);
        if enables {
            gateways.push(shown);
        }
    }
    Ok(())
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
        super::add_entry(state, &table, "Routes", route::local(block));
    }
}

/// Removes the local route of a block from all tables of a VPC.
pub(super) fn block_removed(state: &mut State, vpc_id: &str, block: &str) {
    let member = route::destination_member(block);
    for table in tables_of(state, vpc_id) {
        super::remove_entries(state, &table, "Routes", member, block);
    }
}
