//! Private addresses: which a subnet has, and which an interface gets and loses.

use super::{INTERFACE, shown_again};
use crate::server::engine::Input;
use crate::server::engine::answer::done;
use crate::server::engine::input::named;
use crate::server::families::Draft;
use crate::server::families::network::vpc::DNS_HOSTNAMES;
use crate::server::families::shared::flag;
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};
use ipnet::{Ipv4Net, Ipv6Net};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Where a subnet's item notes the last host number that was given.
pub(super) const LAST_HOST: &str = "ec2wire:last-host";
/// How many addresses at a subnet's beginning AWS keeps. It keeps the last one, too.
pub(super) const KEPT: u32 = 4;

/// Refuses an address that the subnet does not have, or that is taken.
pub(in crate::server::families) fn check_address(
    state: &State,
    subnet: &str,
    address: Ipv4Addr,
) -> Result<(), Fault> {
    let block = block_of(state, subnet)?;
    let host = u32::from(address).wrapping_sub(u32::from(block.network()));
    if !block.contains(&address) || host < KEPT || address == block.broadcast() {
        return Err(fault::invalid_value(format!(
            "Address {address} does not fall within the subnet's address range, or is reserved"
        )));
    }
    if state
        .store
        .claimant(&address_claim(subnet, address))
        .is_some()
    {
        let message = format!("The specified address {address} is already in use.");
        return Err(fault::refusal("InvalidIPAddress.InUse", message));
    }
    Ok(())
}

/// The next free address of a subnet.
pub(in crate::server::families) fn free_address(
    state: &State,
    subnet: &str,
) -> Result<Ipv4Addr, Fault> {
    free_addresses(state, subnet, 1)
        .map(|found| found.first().copied().unwrap_or(Ipv4Addr::UNSPECIFIED))
}

/// That many free addresses of a subnet, the next ones after the last that was given.
pub(in crate::server::families) fn free_addresses(
    state: &State,
    subnet: &str,
    count: usize,
) -> Result<Vec<Ipv4Addr>, Fault> {
    let block = block_of(state, subnet)?;
    let first = u32::from(block.network());
    let hosts = u32::from(block.broadcast()) - first;
    let last = match state
        .store
        .get(subnet)
        .and_then(|item| item.hidden.get(LAST_HOST))
    {
        Some(Value::Integer(last)) => u32::try_from(*last).unwrap_or(KEPT - 1),
        _ => KEPT - 1,
    };
    // Around once: freed addresses are given again only then.
    let around = (last + 1..hosts).chain(KEPT..(last + 1).min(hosts));
    let addresses = around.map(|host| Ipv4Addr::from(first + host));
    let free = addresses.filter(|address| {
        state
            .store
            .claimant(&address_claim(subnet, *address))
            .is_none()
    });
    let free: Vec<Ipv4Addr> = free.take(count).collect();
    if free.len() < count {
        let message =
            format!("The subnet '{subnet}' has not enough free addresses to satisfy the request.");
        return Err(fault::refusal("InsufficientFreeAddressesInSubnet", message));
    }
    Ok(free)
}

pub(super) fn block_of(state: &State, subnet: &str) -> Result<Ipv4Net, Fault> {
    let item = named(state, "subnet", subnet)?;
    let block = item.text("CidrBlock").and_then(|block| block.parse().ok());
    // Subnets without IPv4 have no such address.
    block
        .ok_or_else(|| fault::invalid_value(format!("The subnet '{subnet}' has no IPv4 addresses")))
}

pub(super) fn address_claim(subnet: &str, address: Ipv4Addr) -> String {
    format!("address\u{0}{subnet}\u{0}{address}")
}

/// The private name of an address.
pub(in crate::server::families) fn private_name(state: &State, address: Ipv4Addr) -> String {
    let host = address.to_string().replace('.', "-");
    match state.config.region.as_str() {
        "us-east-1" => format!("ip-{host}.ec2.internal"),
        region => format!("ip-{host}.{region}.compute.internal"),
    }
}

/// The public name of an address at an interface. It is empty without DNS names in the VPC.
pub(in crate::server::families) fn public_name(
    state: &State,
    interface: &str,
    address: &str,
) -> String {
    let item = state.store.get(interface);
    let vpc = item
        .and_then(|item| item.text("VpcId"))
        .and_then(|vpc| state.store.get(vpc));
    if !vpc.is_some_and(|vpc| flag(&vpc.hidden, DNS_HOSTNAMES)) {
        return String::new();
    }
    let host = address.replace('.', "-");
    match state.config.region.as_str() {
        "us-east-1" => format!("ec2-{host}.compute-1.amazonaws.com"),
        region => format!("ec2-{host}.{region}.compute.amazonaws.com"),
    }
}

pub(in crate::server::families) fn parse(text: &str, member: &str) -> Result<Ipv4Addr, Fault> {
    text.parse()
        .map_err(|_| fault::invalid_choice(member, text))
}

/// Adds a private address. The first one is the primary one.
pub(super) fn add_address(
    state: &State,
    subnet: &str,
    entry: &mut Structure<'static>,
    claims: &mut Vec<String>,
    address: Ipv4Addr,
) {
    claims.push(address_claim(subnet, address));
    let name = private_name(state, address);
    if let Some(addresses) = path::list(entry, "PrivateIpAddresses") {
        let is_primary = addresses.is_empty();
        addresses.push(
            Structure::from([
                ("Primary", Value::from(is_primary)),
                ("PrivateDnsName", name.into()),
                ("PrivateIpAddress", address.to_string().into()),
            ])
            .into(),
        );
    }
}

pub(super) fn assign(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let id = input.required("NetworkInterfaceId")?.to_owned();
    let item = named(state, INTERFACE, &id)?;
    let subnet = item.text("SubnetId").unwrap_or_default().to_owned();
    let mut addresses = Vec::new();
    for text in input.texts("PrivateIpAddresses") {
        let address = parse(text, "PrivateIpAddress")?;
        check_address(state, &subnet, address)?;
        addresses.push(address);
    }
    let count = input.integer("SecondaryPrivateIpAddressCount").unwrap_or(0);
    if addresses.is_empty() {
        let count = usize::try_from(count).unwrap_or(0);
        if count == 0 {
            return Err(fault::missing_parameter("PrivateIpAddress"));
        }
        addresses = free_addresses(state, &subnet, count)?;
    }
    input.stop_dry_run()?;
    add_addresses(state, &id, &addresses);
    let assigned = addresses.iter().map(|address| {
        Structure::from([("PrivateIpAddress", Value::from(address.to_string()))]).into()
    });
    let assigned = Value::List(assigned.collect());
    Ok(Structure::from([
        ("NetworkInterfaceId", Value::from(id)),
        ("AssignedPrivateIpAddresses", assigned),
    ]))
}

/// Gives an interface more private addresses, which are free.
pub(in crate::server::families) fn add_addresses(
    state: &mut State,
    id: &str,
    addresses: &[Ipv4Addr],
) {
    let Some(item) = state.store.get(id) else {
        return;
    };
    let subnet = item.text("SubnetId").unwrap_or_default().to_owned();
    let own = path::first(&item.entry, "PrivateIpAddresses");
    let mut draft = Draft::default();
    draft
        .entry
        .insert("PrivateIpAddresses", own.cloned().unwrap_or_default());
    for address in addresses {
        add_address(
            state,
            &subnet,
            &mut draft.entry,
            &mut draft.claims,
            *address,
        );
    }
    state.store.update(id, |item| {
        if let Some(list) = draft.entry.remove("PrivateIpAddresses") {
            item.entry.insert("PrivateIpAddresses", list);
        }
        item.claims.extend(draft.claims);
    });
    shown_again(state, id);
}

/// Takes private addresses from an interface.
pub(in crate::server::families) fn remove_addresses(
    state: &mut State,
    id: &str,
    addresses: &[String],
) {
    state.store.update(id, |item| {
        if let Some(own) = path::list(&mut item.entry, "PrivateIpAddresses") {
            own.retain(|address| {
                let own = address.get("PrivateIpAddress").and_then(Value::as_str);
                !own.is_some_and(|own| addresses.iter().any(|address| address == own))
            });
        }
        item.claims.retain(|claim| {
            !addresses
                .iter()
                .any(|address| claim.ends_with(&format!("\u{0}{address}")))
        });
    });
    shown_again(state, id);
}

pub(super) fn unassign(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let id = input.required("NetworkInterfaceId")?.to_owned();
    let item = named(state, INTERFACE, &id)?;
    let own = path::texts(&item.entry, "PrivateIpAddresses[].PrivateIpAddress");
    let asked: Vec<String> = input
        .texts("PrivateIpAddresses")
        .into_iter()
        .map(str::to_owned)
        .collect();
    for address in &asked {
        let is_secondary = own.iter().skip(1).any(|own| own == address);
        if !is_secondary {
            return Err(fault::invalid_value(format!(
                "Some of the specified addresses are not assigned to the interface '{id}' as secondary ones: {address}"
            )));
        }
    }
    input.stop_dry_run()?;
    remove_addresses(state, &id, &asked);
    Ok(done())
}

/// The IPv6 block of an interface's subnet.
pub(super) fn block_v6(state: &State, interface: &Item) -> Option<Ipv6Net> {
    let subnet = state.store.get(interface.text("SubnetId")?)?;
    let blocks = path::texts(&subnet.entry, "Ipv6CidrBlockAssociationSet[].Ipv6CidrBlock");
    blocks.first()?.parse().ok()
}

/// An address of a block that nobody else here has.
pub(super) fn new_v6(state: &mut State, block: Ipv6Net) -> Ipv6Addr {
    let digits = state.new_digits();
    let host = u64::from_str_radix(&digits, 16).unwrap_or_default();
    Ipv6Addr::from(u128::from(block.network()) | u128::from(host))
}

pub(super) fn add_v6(state: &mut State, id: &str, addresses: &[Value<'static>]) {
    state.store.update(id, |item| {
        if let Some(list) = path::list(&mut item.entry, "Ipv6Addresses") {
            let entry = |text: &Value<'static>| Structure::from([("Ipv6Address", text.clone())]);
            list.extend(addresses.iter().map(|text| entry(text).into()));
        }
    });
}

/// Gives a new interface an IPv6 address if its subnet does so, and nobody asked for one.
pub(super) fn assign_on_creation(state: &mut State, id: &str) {
    let Some(item) = state.store.get(id) else {
        return;
    };
    let subnet = item.text("SubnetId").and_then(|id| state.store.get(id));
    let assigns = subnet.is_some_and(|item| flag(&item.entry, "AssignIpv6AddressOnCreation"));
    let has_own = !path::all(&item.entry, "Ipv6Addresses[]").is_empty();
    if let Some(block) = block_v6(state, item).filter(|_| assigns && !has_own) {
        let address = new_v6(state, block).to_string();
        add_v6(state, id, &[address.into()]);
    }
}

pub(super) fn assign_v6(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let id = input.required("NetworkInterfaceId")?.to_owned();
    let item = named(state, INTERFACE, &id)?;
    let Some(block) = block_v6(state, item) else {
        return Err(fault::invalid_value(
            "The subnet of the network interface has no IPv6 CIDR block",
        ));
    };
    let mut addresses: Vec<Ipv6Addr> = Vec::new();
    for text in input.texts("Ipv6Addresses") {
        let address = text.parse().ok().filter(|address| block.contains(address));
        addresses.push(address.ok_or_else(|| fault::invalid_choice("Ipv6Address", text))?);
    }
    let count = input.integer("Ipv6AddressCount").unwrap_or(0);
    input.stop_dry_run()?;
    if addresses.is_empty() {
        addresses.extend((0..count.clamp(1, 1000)).map(|_| new_v6(state, block)));
    }
    let texts: Vec<Value<'static>> = addresses
        .iter()
        .map(|address| address.to_string().into())
        .collect();
    add_v6(state, &id, &texts);
    shown_again(state, &id);
    Ok(Structure::from([
        ("NetworkInterfaceId", Value::from(id)),
        ("AssignedIpv6Addresses", Value::List(texts)),
    ]))
}

pub(super) fn unassign_v6(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let id = input.required("NetworkInterfaceId")?.to_owned();
    let asked: Vec<String> = input
        .texts("Ipv6Addresses")
        .into_iter()
        .map(str::to_owned)
        .collect();
    let own = path::texts(
        &named(state, INTERFACE, &id)?.entry,
        "Ipv6Addresses[].Ipv6Address",
    );
    if let Some(other) = asked
        .iter()
        .find(|address| !own.contains(&address.as_str()))
    {
        return Err(fault::invalid_choice("Ipv6Address", other));
    }
    input.stop_dry_run()?;
    state.store.update(&id, |item| {
        if let Some(list) = path::list(&mut item.entry, "Ipv6Addresses") {
            list.retain(|entry| {
                let own = entry.get("Ipv6Address").and_then(Value::as_str);
                !own.is_some_and(|own| asked.iter().any(|asked| asked == own))
            });
        }
    });
    shown_again(state, &id);
    let texts = asked.into_iter().map(Value::from).collect();
    Ok(Structure::from([
        ("NetworkInterfaceId", Value::from(id)),
        ("UnassignedIpv6Addresses", Value::List(texts)),
    ]))
}
