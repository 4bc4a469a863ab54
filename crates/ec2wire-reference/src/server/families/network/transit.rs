//! Transit gateways, their VPCs, and their route tables.

use super::transit_route as route;
use crate::server::engine::Input;
use crate::server::engine::end::finish;
use crate::server::engine::input::named;
use crate::server::engine::make::insert_named;
use crate::server::families::interface::{self, Wanted};
use crate::server::families::shared::{Defaults, Usual, complete, flag};
use crate::server::families::{Draft, Ending, Family, Making};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

pub(in crate::server) static FAMILY: Family = Family {
    making: &[
        ("CreateTransitGateway", Making { draft, made }),
        (
            "CreateTransitGatewayVpcAttachment",
            Making {
                draft: draft_attachment,
                made: attached,
            },
        ),
        (
            "CreateTransitGatewayPeeringAttachment",
            Making::draft(draft_peering),
        ),
        (
            "CreateTransitGatewayRouteTable",
            Making::draft(|_, _, draft| {
                complete(&mut draft.entry, TABLE);
                Ok(())
            }),
        ),
    ],
    ending: &[
        ("DeleteTransitGateway", Ending::check(check_end)),
        (
            "DeleteTransitGatewayVpcAttachment",
            Ending {
                check: |_, _, _| Ok(()),
                ended: detached,
            },
        ),
        (
            "DeleteTransitGatewayRouteTable",
            Ending::check(check_table_end),
        ),
    ],
    changing: &[
        ("ModifyTransitGateway", modify),
        (
            "AcceptTransitGatewayPeeringAttachment",
            |_, _, item, draft| settle_peering(item, draft, "available"),
        ),
        (
            "RejectTransitGatewayPeeringAttachment",
            |_, _, item, draft| settle_peering(item, draft, "rejected"),
        ),
    ],
    // It may be another account's, or another Region's.
    lookups: &[(
        "CreateTransitGatewayPeeringAttachment",
        "PeerTransitGatewayId",
    )],
    perform: &[("ModifyTransitGatewayVpcAttachment", modify_attachment)],
    ..Family::NONE
};

pub(super) const TABLE_ROW: &str = "transit-gateway-route-table";
/// Where an attachment notes its interfaces.
const INTERFACES: &str = "NetworkInterfaces";

const GATEWAY: Defaults = &[
    ("Description", Usual::Text("")),
    ("Options.AmazonSideAsn", Usual::Number(64512)),
    (
        "Options.AutoAcceptSharedAttachments",
        Usual::Text("disable"),
    ),
    (
        "Options.DefaultRouteTableAssociation",
        Usual::Text("enable"),
    ),
    (
        "Options.DefaultRouteTablePropagation",
        Usual::Text("enable"),
    ),
    ("Options.VpnEcmpSupport", Usual::Text("enable")),
    ("Options.DnsSupport", Usual::Text("enable")),
    (
        "Options.SecurityGroupReferencingSupport",
        Usual::Text("disable"),
    ),
    ("Options.MulticastSupport", Usual::Text("disable")),
];

const ATTACHMENT: Defaults = &[
    ("ResourceType", Usual::Text("vpc")),
    ("Options.DnsSupport", Usual::Text("enable")),
    (
        "Options.SecurityGroupReferencingSupport",
        Usual::Text("enable"),
    ),
    ("Options.Ipv6Support", Usual::Text("disable")),
    ("Options.ApplianceModeSupport", Usual::Text("disable")),
];

const TABLE: Defaults = &[
    ("DefaultAssociationRouteTable", Usual::Flag(false)),
    ("DefaultPropagationRouteTable", Usual::Flag(false)),
];

/// The options that say whether new attachments use a default table, the option that names it, and
/// what the table shows.
const DEFAULT_TABLES: [(&str, &str, &str); 2] = [
    (
        "Options.DefaultRouteTableAssociation",
        "Options.AssociationDefaultRouteTableId",
        "DefaultAssociationRouteTable",
    ),
    (
        "Options.DefaultRouteTablePropagation",
        "Options.PropagationDefaultRouteTableId",
        "DefaultPropagationRouteTable",
    ),
];

#[expect(clippy::unnecessary_wraps, reason = "the table of hooks asks for it")]
fn draft(_: &Input, _: &State, draft: &mut Draft) -> Result<(), Fault> {
    complete(&mut draft.entry, GATEWAY);
    Ok(())
}

fn made(_: &Input, state: &mut State, id: &str) {
    make_default_table(state, id);
}

/// Makes a gateway's default table, as far as its options want one and it has none.
fn make_default_table(state: &mut State, id: &str) {
    let Some(gateway) = state.store.get(id) else {
        return;
    };
    let wanting = DEFAULT_TABLES.into_iter().filter(|(wants, named, _)| {
        gateway.text(wants) == Some("enable") && gateway.text(named).is_none()
    });
    let wanting: Vec<_> = wanting.collect();
    if wanting.is_empty() {
        return;
    }
    let mut entry = Structure::from([("TransitGatewayId", Value::from(id.to_owned()))]);
    for (_, _, shown) in &wanting {
        entry.insert(*shown, true);
    }
    complete(&mut entry, TABLE);
    let draft = Draft {
        entry,
        owner: Some(id.to_owned()),
        ..Draft::default()
    };
    let table_id = insert_named(state, TABLE_ROW, draft, Vec::new());
    state.store.update(id, |item| {
        for (_, named, _) in &wanting {
            path::set(&mut item.entry, named, table_id.clone().into());
        }
    });
}

/// Changes options. A default table that is named must be one of the gateway's.
fn modify(input: &Input, state: &State, item: &Item, draft: &mut Draft) -> Result<(), Fault> {
    let options = input.get("Options");
    let description = input.text("Description");
    if options.is_none() && description.is_none() {
        return Err(fault::refusal(
            "InvalidParameterCombination",
            "No attributes specified.",
        ));
    }
    if let Some(description) = description {
        draft
            .entry
            .insert("Description", Value::from(description.to_owned()));
    }
    let Some(Value::Structure(options)) = options else {
        return Ok(());
    };
    for (name, value) in options.iter() {
        let blocks = |member: &str| input.texts(&format!("Options.{member}"));
        match name {
            "AddTransitGatewayCidrBlocks" | "RemoveTransitGatewayCidrBlocks" => {
                let own = path::texts(&item.entry, "Options.TransitGatewayCidrBlocks[]");
                let removed = blocks("RemoveTransitGatewayCidrBlocks");
                let own = own.into_iter().filter(|block| !removed.contains(block));
                let all = own.chain(blocks("AddTransitGatewayCidrBlocks"));
                let all = all.map(|block| block.to_owned().into()).collect();
                let at = "Options.TransitGatewayCidrBlocks";
                path::set(&mut draft.entry, at, Value::List(all));
            }
            "AssociationDefaultRouteTableId" | "PropagationDefaultRouteTableId" => {
                let table = named(state, TABLE_ROW, value.as_str().unwrap_or_default())?;
                check_gateway(table, &item.id)?;
                path::set(&mut draft.entry, &format!("Options.{name}"), value.clone());
            }
            _ => path::set(&mut draft.entry, &format!("Options.{name}"), value.clone()),
        }
    }
    for (wants, named, _) in DEFAULT_TABLES {
        let is_off = path::first(&draft.entry, wants).and_then(Value::as_str) == Some("disable");
        if let (true, Some(Value::Structure(options))) = (is_off, draft.entry.get_mut("Options")) {
            options.remove(named.trim_start_matches("Options."));
        }
    }
    Ok(())
}

/// Refuses what belongs to another gateway.
pub(super) fn check_gateway(item: &Item, gateway_id: &str) -> Result<(), Fault> {
    if item.text("TransitGatewayId") == Some(gateway_id) {
        return Ok(());
    }
    Err(fault::invalid_value(format!(
        "{} does not belong to the transit gateway {gateway_id}",
        item.id
    )))
}

/// Whether an item is an attachment of a transit gateway, of any kind.
pub(super) fn is_attachment(item: &Item) -> bool {
    let base = "transit-gateway-attachment";
    item.resource.name == base || item.resource.kind_of == Some(base)
}

/// Whether a VPC is attached to a transit gateway, so that packets reach it.
pub(super) fn is_attached(state: &State, vpc_id: &str, gateway_id: &str) -> bool {
    state.store.referrers(vpc_id).any(|other| {
        is_attachment(other)
            && other.text("TransitGatewayId") == Some(gateway_id)
            && other.state() == Some("available")
    })
}

fn incorrect_state(message: String) -> Fault {
    fault::refusal("IncorrectState", message)
}

fn check_end(_: &Input, state: &State, item: &Item) -> Result<(), Fault> {
    let others = state.store.referrers(&item.id);
    let mut others = others.filter(|other| {
        other.owner.as_deref() != Some(&item.id)
            && (is_attachment(other) || other.resource.name.starts_with("transit-gateway"))
    });
    match others.next() {
        Some(other) => Err(incorrect_state(format!(
            "{} has non-deleted {}: {}.",
            item.id,
            other.resource.name.replace('-', " "),
            other.id
        ))),
        None => Ok(()),
    }
}

fn draft_attachment(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    let vpc_id = input.required("VpcId")?;
    let gateway_id = input.required("TransitGatewayId")?;
    check_subnets(state, vpc_id, &[], &input.texts("SubnetIds"))?;
    let is_attached = state
        .store
        .referrers(vpc_id)
        .any(|other| is_attachment(other) && other.text("TransitGatewayId") == Some(gateway_id));
    if is_attached {
        let message = format!("{gateway_id} already has an attachment of {vpc_id}");
        return Err(fault::refusal("DuplicateTransitGatewayAttachment", message));
    }
    let account = &state.config.account;
    for owner in ["VpcOwnerId", "ResourceOwnerId", "TransitGatewayOwnerId"] {
        draft.entry.insert(owner, Value::from(account.clone()));
    }
    draft
        .entry
        .insert("ResourceId", Value::from(vpc_id.to_owned()));
    complete(&mut draft.entry, ATTACHMENT);
    draft.first_state = Some("pending");
    Ok(())
}

/// A peering with another gateway, which must accept it.
fn draft_peering(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    let peer_id = input.required("PeerTransitGatewayId")?;
    let (account, region) = (&state.config.account, &state.config.region);
    let peer_account = input.required("PeerAccountId")?;
    let peer_region = input.required("PeerRegion")?;
    if peer_account == account && peer_region == region {
        named(state, "transit-gateway", peer_id)?;
    }
    let entry = &mut draft.entry;
    for (at, value) in [
        ("RequesterTgwInfo.OwnerId", account.as_str()),
        ("RequesterTgwInfo.Region", region),
        ("AccepterTgwInfo.TransitGatewayId", peer_id),
        ("AccepterTgwInfo.OwnerId", peer_account),
        ("AccepterTgwInfo.Region", peer_region),
        ("TransitGatewayOwnerId", account),
        ("ResourceOwnerId", peer_account),
        ("ResourceId", peer_id),
        ("ResourceType", "peering"),
        ("State", "pendingAcceptance"),
    ] {
        path::set(entry, at, value.to_owned().into());
    }
    let own = input.required("TransitGatewayId")?;
    entry.insert("TransitGatewayId", Value::from(own.to_owned()));
    draft.first_state = Some("initiatingRequest");
    Ok(())
}

fn settle_peering(item: &Item, draft: &mut Draft, to: &'static str) -> Result<(), Fault> {
    if item.state() != Some("pendingAcceptance") {
        return Err(incorrect_state(format!("{} is in invalid state", item.id)));
    }
    draft.entry.insert("State", to);
    Ok(())
}

/// Refuses subnets of another VPC, and two of a zone.
fn check_subnets(state: &State, vpc_id: &str, own: &[&str], added: &[&str]) -> Result<(), Fault> {
    let zone = |id: &str| state.store.get(id)?.text("AvailabilityZone");
    let mut zones: Vec<Option<&str>> = own.iter().map(|id| zone(id)).collect();
    for id in added {
        let subnet = named(state, "subnet", id)?;
        if subnet.text("VpcId") != Some(vpc_id) {
            let message = format!("The subnet ID '{id}' does not exist in {vpc_id}");
            return Err(fault::refusal("InvalidSubnetID.NotFound", message));
        }
        let zone = zone(id);
        if zones.contains(&zone) {
            let message = format!("Duplicate subnets in the availability zone of {id}");
            return Err(fault::refusal("DuplicateSubnetsInSameZone", message));
        }
        zones.push(zone);
    }
    Ok(())
}

/// Gives a new attachment its interfaces, and its place in the default tables.
fn attached(input: &Input, state: &mut State, id: &str) {
    for subnet in input.texts("SubnetIds") {
        add_interface(state, id, subnet);
    }
    let gateway_id = input.text("TransitGatewayId").unwrap_or_default();
    let gateway = state.store.get(gateway_id);
    let tables = DEFAULT_TABLES.map(|(_, at, _)| {
        let table = gateway.and_then(|gateway| gateway.text(at));
        table.map(str::to_owned)
    });
    let [association, propagation] = tables;
    if let Some(table) = association {
        route::associate_with(state, id, &table);
    }
    if let Some(table) = propagation {
        route::propagate_to(state, id, &table);
    }
}

fn add_interface(state: &mut State, id: &str, subnet: &str) {
    let wanted = Wanted {
        subnet: subnet.to_owned(),
        description: format!("Network Interface for Transit Gateway Attachment {id}"),
        kind: "transit_gateway",
        is_managed: true,
        ..Wanted::default()
    };
    let Ok(interface_id) = interface::create(state, &wanted) else {
        return;
    };
    state.store.update(&interface_id, |item| {
        item.entry.insert("Status", "in-use");
        item.entry.insert("Groups", Value::List(Vec::new()));
    });
    state.store.update(id, |item| {
        if let Some(ids) = path::list(&mut item.hidden, INTERFACES) {
            ids.push(interface_id.into());
        }
    });
}

/// Ends an attachment's interfaces, those in a subnet or all.
fn remove_interfaces(state: &mut State, id: &str, subnet: Option<&str>) {
    let item = state.store.get(id);
    let ids = item.map(|item| path::texts(&item.hidden, "NetworkInterfaces[]"));
    let ids: Vec<String> = (ids.unwrap_or_default().into_iter())
        .map(str::to_owned)
        .collect();
    for interface_id in ids {
        let own = state.store.get(&interface_id);
        let own = own.and_then(|item| item.text("SubnetId"));
        if subnet.is_none() || own == subnet {
            finish(state, &interface_id);
        }
    }
}

fn detached(_: &Input, state: &mut State, id: &str) {
    remove_interfaces(state, id, None);
    route::forget(state, id);
    state
        .store
        .update(id, |item| item.entry.remove("Association"));
}

fn modify_attachment(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let id = input.required("TransitGatewayAttachmentId")?;
    let item = named(state, "transit-gateway-vpc-attachment", id)?;
    let resource = item.resource;
    let vpc_id = item.text("VpcId").unwrap_or_default();
    let removed = input.texts("RemoveSubnetIds");
    let added = input.texts("AddSubnetIds");
    let own = path::texts(&item.entry, "SubnetIds[]");
    if let Some(unknown) = removed.iter().find(|subnet| !own.contains(subnet)) {
        let message = format!("The subnet ID '{unknown}' does not exist in {id}");
        return Err(fault::refusal("InvalidSubnetID.NotFound", message));
    }
    let left: Vec<&str> = (own.into_iter())
        .filter(|subnet| !removed.contains(subnet))
        .collect();
    check_subnets(state, vpc_id, &left, &added)?;
    if left.is_empty() && added.is_empty() {
        let message = "An attachment must have at least one subnet";
        return Err(fault::invalid_value(message));
    }
    let all = left.iter().chain(&added);
    let all = Value::List(all.map(|subnet| (*subnet).to_owned().into()).collect());
    input.stop_dry_run()?;
    for subnet in removed {
        remove_interfaces(state, id, Some(subnet));
    }
    state.store.update(id, |item| {
        item.entry.insert("SubnetIds", all);
        if let Some(Value::Structure(options)) = input.get("Options") {
            for (name, value) in options.iter() {
                path::set(&mut item.entry, &format!("Options.{name}"), value.clone());
            }
        }
    });
    for subnet in added {
        add_interface(state, id, subnet);
    }
    state.note_change();
    let shown = state.store.get(id);
    let shown: Vec<_> = shown
        .map(crate::server::engine::answer::entry)
        .into_iter()
        .collect();
    let ids = [id.to_owned()];
    Ok(crate::server::engine::answer::about(
        input, &shown, &ids, resource,
    ))
}

fn check_table_end(_: &Input, state: &State, item: &Item) -> Result<(), Fault> {
    let is_default = DEFAULT_TABLES
        .iter()
        .any(|(_, _, shown)| flag(&item.entry, shown));
    let mut referrers = state.store.referrers(&item.id);
    if is_default || referrers.any(is_attachment) {
        return Err(incorrect_state(format!(
            "{} is a default route table, or has associations.",
            item.id
        )));
    }
    Ok(())
}
