//! NAT gateways. Each has an interface in its subnet, which it manages.

use crate::server::engine::Input;
use crate::server::engine::end::finish;
use crate::server::engine::input::named;
use crate::server::families::interface::{self, Addresses, Wanted};
use crate::server::families::shared::{structures, text};
use crate::server::families::{Draft, Ending, Family, Making, address};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};
use std::net::Ipv4Addr;

pub(in crate::server) static FAMILY: Family = Family {
    making: &[("CreateNatGateway", Making { draft, made })],
    ending: &[(
        "DeleteNatGateway",
        Ending {
            check: |_, _, _| Ok(()),
            ended,
        },
    )],
    perform: &[
        ("AssociateNatGatewayAddress", associate),
        ("DisassociateNatGatewayAddress", dissociate),
        ("AssignPrivateNatGatewayAddress", assign),
        ("UnassignPrivateNatGatewayAddress", unassign),
    ],
    ..Family::NONE
};

const GATEWAY: &str = "nat-gateway";
const ADDRESSES: &str = "NatGatewayAddresses";

fn draft(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    let entry = &mut draft.entry;
    let is_regional = input.text("AvailabilityMode") == Some("regional");
    let is_private = input.text("ConnectivityType") == Some("private");
    let kind = if is_private { "private" } else { "public" };
    entry.insert("ConnectivityType", kind);
    entry.insert(ADDRESSES, Value::List(Vec::new()));
    if is_regional {
        let vpc_id = input.text("VpcId");
        vpc_id.ok_or_else(|| fault::missing_parameter("vpcId"))?;
        entry.insert("AutoScalingIps", "enabled");
        entry.insert("AutoProvisionZones", "enabled");
        return Ok(());
    }
    entry.insert("AvailabilityMode", "zonal");
    let subnet_id = input.text("SubnetId");
    let subnet_id = subnet_id.ok_or_else(|| fault::missing_parameter("subnetId"))?;
    let subnet = named(state, "subnet", subnet_id)?;
    let vpc_id = subnet.text("VpcId").unwrap_or_default().to_owned();
    entry.insert("VpcId", Value::from(vpc_id));
    let allocation = input.text("AllocationId");
    if is_private && allocation.is_some() {
        return Err(fault::invalid_combination(
            "AllocationId",
            "ConnectivityType",
        ));
    }
    if !is_private && allocation.is_none() {
        return Err(fault::missing_parameter("allocationId"));
    }
    if let Some(asked) = input.text("PrivateIpAddress") {
        let asked = parse(asked)?;
        interface::check_address(state, subnet_id, asked)?;
    }
    for asked in input.texts("SecondaryPrivateIpAddresses") {
        interface::check_address(state, subnet_id, parse(asked)?)?;
    }
    // It shows only these until it is available.
    let mut first = Structure::new();
    if let Some(allocation) = allocation {
        first.insert("AllocationId", Value::from(allocation.to_owned()));
    }
    entry.insert(ADDRESSES, Value::List(vec![first.into()]));
    Ok(())
}

fn parse(address: &str) -> Result<Ipv4Addr, Fault> {
    interface::parse(address, "privateIpAddress")
}

/// Gives a new gateway its interface and addresses. Where that fails, it is shown as failed.
fn made(input: &Input, state: &mut State, id: &str) {
    let Some(subnet_id) = input.text("SubnetId") else {
        return;
    };
    let allocations = input.text("AllocationId").into_iter();
    let allocations: Vec<&str> = allocations
        .chain(input.texts("SecondaryAllocationIds"))
        .collect();
    let taken = allocations.iter().find(|allocation| {
        let address = state.store.get(allocation);
        address.is_some_and(|address| address.text("AssociationId").is_some())
    });
    if let Some(taken) = taken {
        let message = format!("Elastic IP address [{taken}] is already associated");
        return fail(state, id, "Resource.AlreadyAssociated", &message);
    }
    let asked = input.texts("SecondaryPrivateIpAddresses").into_iter();
    let mut addresses = Addresses {
        primary: input
            .text("PrivateIpAddress")
            .and_then(|asked| asked.parse().ok()),
        secondary: asked.filter_map(|text| text.parse().ok()).collect(),
        ..Addresses::default()
    };
    if addresses.secondary.is_empty() {
        let count = input.integer("SecondaryPrivateIpAddressCount").unwrap_or(0);
        let count = usize::try_from(count).unwrap_or(0);
        addresses.more = count.max(allocations.len().saturating_sub(1));
    }
    let wanted = Wanted {
        subnet: subnet_id.to_owned(),
        addresses,
        description: format!("Interface for NAT Gateway {id}"),
        kind: "nat_gateway",
        is_managed: true,
        ..Wanted::default()
    };
    let Ok(interface_id) = interface::create(state, &wanted) else {
        let message = "Subnet has insufficient free addresses to create this NAT gateway";
        return fail(state, id, "InsufficientFreeAddressesInSubnet", message);
    };
    state.store.update(&interface_id, |item| {
        item.entry.insert("Groups", Value::List(Vec::new()));
        item.entry.insert("Status", "in-use");
        item.entry.insert("SourceDestCheck", false);
    });
    state.store.update(id, |item| {
        item.entry.remove(ADDRESSES);
        item.hidden
            .insert("NetworkInterfaceId", Value::from(interface_id.clone()));
    });
    let own = private_addresses(state, &interface_id);
    for (at, private) in own.iter().enumerate() {
        add(
            state,
            id,
            &interface_id,
            private,
            allocations.get(at).copied(),
        );
    }
}

fn fail(state: &mut State, id: &str, code: &'static str, message: &str) {
    state.store.update(id, |item| {
        item.set_state("failed");
        item.entry.insert("FailureCode", code);
        item.entry
            .insert("FailureMessage", Value::from(message.to_owned()));
    });
}

fn private_addresses(state: &State, interface_id: &str) -> Vec<String> {
    let item = state.store.get(interface_id);
    let addresses =
        item.map(|item| path::texts(&item.entry, "PrivateIpAddresses[].PrivateIpAddress"));
    let addresses = addresses.unwrap_or_default().into_iter();
    addresses.map(str::to_owned).collect()
}

/// Shows a private address at a gateway, with the public one that is associated with it. Returns
/// what it shows.
fn add(
    state: &mut State,
    id: &str,
    interface_id: &str,
    private: &str,
    allocation: Option<&str>,
) -> Structure<'static> {
    let mut shown = Structure::from([
        ("NetworkInterfaceId", Value::from(interface_id.to_owned())),
        ("PrivateIp", private.to_owned().into()),
        ("Status", "succeeded".into()),
    ]);
    if let Some(allocation) = allocation {
        let association = address::join(state, allocation, interface_id, private);
        let public = state.store.get(allocation);
        let public = public.and_then(|item| item.text("PublicIp"));
        let public = public.unwrap_or_default().to_owned();
        shown.insert("AllocationId", Value::from(allocation.to_owned()));
        shown.insert("AssociationId", Value::from(association));
        shown.insert("PublicIp", Value::from(public));
    }
    state.store.update(id, |item| {
        if let Some(entries) = path::list(&mut item.entry, ADDRESSES) {
            shown.insert("IsPrimary", entries.is_empty());
            entries.push(shown.clone().into());
        }
    });
    shown
}

fn ended(_: &Input, state: &mut State, id: &str) {
    let gateway = state.store.get(id);
    let interface_id = gateway.and_then(|item| super::hidden(item, "NetworkInterfaceId"));
    if let Some(interface_id) = interface_id.map(str::to_owned) {
        address::dissociate_all(state, &interface_id);
        finish(state, &interface_id);
    }
    let now = state.now();
    state.store.update(id, |item| {
        item.entry.insert("DeleteTime", Value::Timestamp(now));
    });
}

/// The gateway that a request names, if it is of this kind, and its interface.
fn asked<'s>(
    input: &Input,
    state: &'s State,
    kind: &str,
) -> Result<(&'s Item, String, String), Fault> {
    let id = input.required("NatGatewayId")?;
    let gateway = named(state, GATEWAY, id)?;
    let interface_id = super::hidden(gateway, "NetworkInterfaceId");
    let interface_id = interface_id.filter(|_| gateway.text("ConnectivityType") == Some(kind));
    let Some(interface_id) = interface_id else {
        let message = format!("The NAT gateway {id} is not a zonal {kind} NAT gateway");
        return Err(fault::refusal("InvalidParameter", message));
    };
    Ok((gateway, id.to_owned(), interface_id.to_owned()))
}

/// The free private addresses that a request asks for, or that many.
fn wanted(
    input: &Input,
    state: &State,
    gateway: &Item,
    count: usize,
) -> Result<Vec<Ipv4Addr>, Fault> {
    let subnet_id = gateway.text("SubnetId").unwrap_or_default();
    let asked = input.texts("PrivateIpAddresses");
    if asked.is_empty() {
        return interface::free_addresses(state, subnet_id, count, &[]);
    }
    let parsed: Vec<Ipv4Addr> = asked.into_iter().map(parse).collect::<Result<_, _>>()?;
    for address in &parsed {
        interface::check_address(state, subnet_id, *address)?;
    }
    Ok(parsed)
}

fn answer(
    id: &str,
    mut shown: Vec<Structure<'static>>,
    status: &'static str,
) -> Structure<'static> {
    for address in &mut shown {
        address.insert("Status", status);
    }
    let shown = shown.into_iter().map(Value::from).collect();
    Structure::from([
        ("NatGatewayId", Value::from(id.to_owned())),
        (ADDRESSES, Value::List(shown)),
    ])
}

fn associate(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let (gateway, id, interface_id) = asked(input, state, "public")?;
    let allocations = input.texts("AllocationIds");
    for allocation in &allocations {
        let address = named(state, address::ADDRESS, allocation)?;
        if address.text("AssociationId").is_some() {
            let message = format!("Elastic IP address [{allocation}] is already associated");
            return Err(fault::refusal("Resource.AlreadyAssociated", message));
        }
    }
    let addresses = wanted(input, state, gateway, allocations.len())?;
    if addresses.len() != allocations.len() {
        return Err(fault::invalid_value(
            "The number of private IP addresses must be that of the allocation IDs",
        ));
    }
    input.stop_dry_run()?;
    interface::add_addresses(state, &interface_id, &addresses);
    let mut shown = Vec::with_capacity(allocations.len());
    for (address, allocation) in addresses.iter().zip(allocations) {
        let private = address.to_string();
        shown.push(add(state, &id, &interface_id, &private, Some(allocation)));
    }
    state.note_change();
    Ok(answer(&id, shown, "associating"))
}

fn assign(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let (gateway, id, interface_id) = asked(input, state, "private")?;
    let count = input.integer("PrivateIpAddressCount").unwrap_or(1);
    let count = usize::try_from(count).unwrap_or(1);
    let addresses = wanted(input, state, gateway, count)?;
    input.stop_dry_run()?;
    interface::add_addresses(state, &interface_id, &addresses);
    let mut shown = Vec::with_capacity(addresses.len());
    for address in &addresses {
        shown.push(add(state, &id, &interface_id, &address.to_string(), None));
    }
    state.note_change();
    Ok(answer(&id, shown, "assigning"))
}

/// Takes addresses whose member `name` is asked for from a gateway. The primary one stays.
fn take_away(
    state: &mut State,
    (id, interface_id): (&str, &str),
    name: &'static str,
    asked: &[&str],
) -> Vec<Structure<'static>> {
    let gateway = state.store.get(id);
    let is_asked =
        |shown: &&Structure<'static>| text(shown, name).is_some_and(|value| asked.contains(&value));
    let gone: Vec<_> = gateway
        .into_iter()
        .flat_map(|item| structures(&item.entry, ADDRESSES))
        .filter(is_asked)
        .cloned()
        .collect();
    for shown in &gone {
        if let Some(allocation) = text(shown, "AllocationId") {
            address::part(state, allocation);
        }
        let private = text(shown, "PrivateIp").unwrap_or_default();
        super::remove_entries(state, id, ADDRESSES, "PrivateIp", private);
        interface::remove_addresses(state, interface_id, &[private.to_owned()]);
    }
    state.note_change();
    gone
}

/// Refuses addresses that a gateway does not have as secondary ones.
fn check_secondary(gateway: &Item, name: &str, asked: &[&str]) -> Result<(), Fault> {
    for value in asked {
        let mut addresses = structures(&gateway.entry, ADDRESSES).skip(1);
        if !addresses.any(|shown| text(shown, name) == Some(value)) {
            let message = format!(
                "The NAT gateway {} has no secondary address {value}",
                gateway.id
            );
            return Err(fault::refusal("InvalidParameter", message));
        }
    }
    Ok(())
}

fn dissociate(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let (gateway, id, interface_id) = asked(input, state, "public")?;
    let associations = input.texts("AssociationIds");
    check_secondary(gateway, "AssociationId", &associations)?;
    input.stop_dry_run()?;
    let gone = take_away(state, (&id, &interface_id), "AssociationId", &associations);
    Ok(answer(&id, gone, "disassociating"))
}

fn unassign(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let (gateway, id, interface_id) = asked(input, state, "private")?;
    let addresses = input.texts("PrivateIpAddresses");
    check_secondary(gateway, "PrivateIp", &addresses)?;
    input.stop_dry_run()?;
    let gone = take_away(state, (&id, &interface_id), "PrivateIp", &addresses);
    Ok(answer(&id, gone, "unassigning"))
}
