//! Private addresses: which a subnet has, and which an interface gets and loses.

use super::{INTERFACE, asked, shown_again};
use crate::server::engine::Input;
use crate::server::engine::answer::done;
use crate::server::engine::input::named;
use crate::server::families::compute::instance_type;
use crate::server::families::network::reservation;
use crate::server::families::network::vpc::{DNS_HOSTNAMES, DNS_SUPPORT};
use crate::server::families::shared::flag;
use crate::server::families::{Draft, address as public};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

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
    check_range(state, subnet, address)?;
    check_free(state, subnet, &address)
}

fn check_free(state: &State, subnet: &str, address: &dyn Display) -> Result<(), Fault> {
    if holder(state, subnet, address).is_some() {
        let message = format!("The specified address {address} is already in use.");
        return Err(fault::refusal("InvalidIPAddress.InUse", message));
    }
    Ok(())
}

/// The interface that has an address of a subnet.
fn holder<'s>(state: &'s State, subnet: &str, address: &dyn Display) -> Option<&'s Item> {
    state.store.claimant(&claim(subnet, address))
}

/// Refuses an address that the subnet does not have.
fn check_range(state: &State, subnet: &str, address: Ipv4Addr) -> Result<(), Fault> {
    let block = block_of(state, subnet)?;
    let host = u32::from(address).wrapping_sub(u32::from(block.network()));
    if !block.contains(&address) || host < KEPT || address == block.broadcast() {
        return Err(fault::invalid_value(format!(
            "Address {address} does not fall within the subnet's address range, or is reserved"
        )));
    }
    Ok(())
}

/// That many free addresses of a subnet, the next ones after the last that was given. Those of its
/// reservations are only given to who names them.
pub(in crate::server::families) fn free_addresses(
    state: &State,
    subnet: &str,
    count: usize,
    except: &[Ipv4Addr],
) -> Result<Vec<Ipv4Addr>, Fault> {
    if count == 0 {
        return Ok(Vec::new());
    }
    let reserved = reservation::blocks(state, subnet);
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
        let is_reserved = |block: &IpNet| block.contains(&IpAddr::V4(*address));
        !except.contains(address)
            && !reserved.iter().any(is_reserved)
            && holder(state, subnet, address).is_none()
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

/// What an interface claims for an address of its subnet.
pub(super) fn claim(subnet: &str, address: &dyn Display) -> String {
    format!("address\u{0}{subnet}\u{0}{address}")
}

/// The private name of an address.
pub(in crate::server::families) fn private_name(state: &State, address: Ipv4Addr) -> String {
    let host = address.to_string().replace('.', "-");
    internal_name(state, &format!("ip-{host}"))
}

/// The private name of a host in the Region.
pub(super) fn internal_name(state: &State, host: &str) -> String {
    match state.config.region.as_str() {
        "us-east-1" => format!("{host}.ec2.internal"),
        region => format!("{host}.{region}.compute.internal"),
    }
}

/// The public name of an address at an interface. It is empty without DNS names in the VPC, and
/// without DNS.
pub(in crate::server::families) fn public_name(
    state: &State,
    interface: &str,
    address: &str,
) -> String {
    let item = state.store.get(interface);
    let vpc = item
        .and_then(|item| item.text("VpcId"))
        .and_then(|vpc| state.store.get(vpc));
    let has = |attribute: &str| vpc.is_some_and(|vpc| flag(&vpc.hidden, attribute));
    if !has(DNS_HOSTNAMES) || !has(DNS_SUPPORT) {
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

pub(super) fn parse_v6(text: &str) -> Result<Ipv6Addr, Fault> {
    text.parse()
        .map_err(|_| fault::invalid_choice("Ipv6Address", text))
}

/// Adds a private address. The first one is the primary one.
pub(super) fn add_address(
    state: &State,
    subnet: &str,
    entry: &mut Structure<'static>,
    claims: &mut Vec<String>,
    address: Ipv4Addr,
) {
    claims.push(claim(subnet, &address));
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

/// Addresses that an interface is to get beside its own.
#[derive(Debug, Default)]
struct Assigned {
    all: Vec<Ipv4Addr>,
    /// Those that another interface has, with its id.
    moved: Vec<(String, Ipv4Addr)>,
}

/// What a request assigns to an interface.
fn assigned(input: &Input, state: &State, item: &Item, subnet: &str) -> Result<Assigned, Fault> {
    let asked = input.texts("PrivateIpAddresses");
    let count = asked::count_of(input, "SecondaryPrivateIpAddressCount")?.unwrap_or(0);
    if asked.is_empty() {
        if count == 0 {
            return Err(fault::missing_parameter("PrivateIpAddress"));
        }
        return Ok(Assigned {
            all: free_addresses(state, subnet, count, &[])?,
            moved: Vec::new(),
        });
    }
    if count > 0 {
        return Err(fault::invalid_combination(
            "SecondaryPrivateIpAddressCount",
            "PrivateIpAddresses",
        ));
    }
    let moves = input.flag("AllowReassignment") == Some(true);
    let mut assigned = Assigned::default();
    for text in asked {
        let address = parse(text, "PrivateIpAddress")?;
        check_range(state, subnet, address)?;
        match holder(state, subnet, &address).filter(|_| moves) {
            Some(holder) if holder.id == item.id => {}
            Some(holder) => {
                check_movable(holder, text)?;
                assigned.moved.push((holder.id.clone(), address));
            }
            None => check_free(state, subnet, &address)?,
        }
        if !assigned.all.contains(&address) {
            assigned.all.push(address);
        }
    }
    Ok(assigned)
}

/// Refuses to move an address that its interface needs, or whose interface is not the account's to
/// change.
fn check_movable(holder: &Item, address: &str) -> Result<(), Fault> {
    if flag(&holder.entry, "RequesterManaged") {
        let message = format!("The address {address} belongs to a service.");
        return Err(fault::refusal("OperationNotPermitted", message));
    }
    if holder.text("PrivateIpAddress") == Some(address) {
        return Err(fault::invalid_value(format!(
            "The address {address} is the primary address of the interface '{}' and cannot be moved",
            holder.id
        )));
    }
    Ok(())
}

pub(super) fn assign(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let id = input.required("NetworkInterfaceId")?.to_owned();
    let item = named(state, INTERFACE, &id)?;
    let subnet = item.text("SubnetId").unwrap_or_default().to_owned();
    let Assigned { all, moved } = assigned(input, state, item, &subnet)?;
    let own = path::texts(&item.entry, "PrivateIpAddresses[].PrivateIpAddress");
    let is_new = |address: &&Ipv4Addr| !own.contains(&address.to_string().as_str());
    let added: Vec<Ipv4Addr> = all.iter().filter(is_new).copied().collect();
    check_room(state, item, own.len() + added.len())?;
    input.stop_dry_run()?;
    let mut elastic = Vec::new();
    for (holder, address) in moved {
        let address = address.to_string();
        let here = public::at(state, &holder, &address).into_iter();
        elastic.extend(here.map(|allocation| (allocation, address.clone())));
        remove_addresses(state, &holder, &[address]);
    }
    add_addresses(state, &id, &added);
    // Documented: they follow the address.
    for (allocation, address) in elastic {
        public::join(state, &allocation, &id, &address);
    }
    let assigned = all.iter().map(|address| {
        Structure::from([("PrivateIpAddress", Value::from(address.to_string()))]).into()
    });
    let assigned = Value::List(assigned.collect());
    Ok(Structure::from([
        ("NetworkInterfaceId", Value::from(id)),
        ("AssignedPrivateIpAddresses", assigned),
    ]))
}

/// Refuses more addresses than the type of the instance at an interface allows.
fn check_room(state: &State, interface: &Item, count: usize) -> Result<(), Fault> {
    let instance = interface.text("Attachment.InstanceId");
    let instance = instance.and_then(|id| state.store.get(id));
    let kind = instance.and_then(|instance| instance.text("InstanceType"));
    instance_type::check_addresses(kind.unwrap_or_default(), count)
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
        unclaim(item, addresses);
    });
    shown_again(state, id);
}

/// Lets go of what an interface claims for addresses.
fn unclaim(item: &mut Item, addresses: &[String]) {
    item.claims.retain(|claim| {
        let address = claim.rsplit('\u{0}').next().unwrap_or_default();
        !addresses.iter().any(|other| other == address)
    });
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

/// The IPv6 block of a subnet.
pub(super) fn block_v6(state: &State, subnet: &str) -> Result<Ipv6Net, Fault> {
    let item = named(state, "subnet", subnet)?;
    let blocks = path::texts(&item.entry, "Ipv6CidrBlockAssociationSet[].Ipv6CidrBlock");
    let block = blocks.first().and_then(|block| block.parse().ok());
    block.ok_or_else(|| {
        fault::invalid_value(format!("The subnet '{subnet}' has no IPv6 CIDR block"))
    })
}

/// Refuses an IPv6 address that the subnet does not have, or that is taken.
pub(super) fn check_v6(state: &State, subnet: &str, address: Ipv6Addr) -> Result<(), Fault> {
    let block = block_v6(state, subnet)?;
    let host = u128::from(address).wrapping_sub(u128::from(block.network()));
    if !block.contains(&address) || host < u128::from(KEPT) || address == block.broadcast() {
        let address = address.to_string();
        return Err(fault::invalid_choice("Ipv6Address", &address));
    }
    check_free(state, subnet, &address)
}

/// An address of a block that nobody else here has, if its reservations leave one.
fn new_v6(state: &mut State, block: Ipv6Net, reserved: &[IpNet]) -> Option<Ipv6Addr> {
    let digits = state.new_digits();
    let host = u64::from_str_radix(&digits, 16).unwrap_or_default();
    let (first, last) = (u128::from(block.network()), u128::from(block.broadcast()));
    let mut address = Ipv6Addr::from(first | u128::from(host));
    // Behind a reservation there may be another one, and behind the last address the first one.
    for _ in 0..=reserved.len() * 2 {
        let taken = reserved.iter().find_map(|block| match block {
            IpNet::V6(block) if block.contains(&address) => Some(block),
            _ => None,
        });
        let Some(taken) = taken else {
            return Some(address);
        };
        // Different addresses are still different behind it.
        let size = u128::from(taken.broadcast()) - u128::from(taken.network()) + 1;
        let next = u128::from(address).wrapping_add(size);
        address = Ipv6Addr::from(first | (next & (last - first)));
    }
    None
}

/// An IPv6 address as an interface shows it.
pub(super) fn show_v6(address: Ipv6Addr) -> Structure<'static> {
    Structure::from([("Ipv6Address", Value::from(address.to_string()))])
}

/// Gives an interface more IPv6 addresses, which are free.
fn add_v6(state: &mut State, id: &str, subnet: &str, addresses: &[Ipv6Addr]) {
    let claims = addresses.iter().map(|address| claim(subnet, address));
    let claims: Vec<String> = claims.collect();
    state.store.update(id, |item| {
        if let Some(list) = path::list(&mut item.entry, "Ipv6Addresses") {
            list.extend(addresses.iter().map(|address| show_v6(*address).into()));
        }
        item.claims.extend(claims);
    });
    shown_again(state, id);
}

/// Gives a new interface that many IPv6 addresses. Without a number it gets one if its subnet gives
/// them, and it has none.
pub(super) fn assign_on_creation(state: &mut State, id: &str, count: Option<usize>) {
    let Some(item) = state.store.get(id) else {
        return;
    };
    let subnet = item.text("SubnetId").unwrap_or_default().to_owned();
    let gives = || {
        let item = state.store.get(&subnet);
        item.is_some_and(|item| flag(&item.entry, "AssignIpv6AddressOnCreation"))
    };
    let has_own = !path::all(&item.entry, "Ipv6Addresses[]").is_empty();
    let count = count.unwrap_or_else(|| usize::from(!has_own && gives()));
    if count > 0 {
        choose_v6(state, id, &subnet, count);
    }
}

/// Gives an interface that many free IPv6 addresses. Returns them.
fn choose_v6(state: &mut State, id: &str, subnet: &str, count: usize) -> Vec<Ipv6Addr> {
    let Ok(block) = block_v6(state, subnet) else {
        return Vec::new();
    };
    let reserved = reservation::blocks(state, subnet);
    let addresses = (0..count).filter_map(|_| new_v6(state, block, &reserved));
    let addresses: Vec<Ipv6Addr> = addresses.collect();
    add_v6(state, id, subnet, &addresses);
    addresses
}

pub(super) fn assign_v6(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let id = input.required("NetworkInterfaceId")?.to_owned();
    let item = named(state, INTERFACE, &id)?;
    let subnet = item.text("SubnetId").unwrap_or_default().to_owned();
    block_v6(state, &subnet)?;
    let mut addresses: Vec<Ipv6Addr> = Vec::new();
    for text in input.texts("Ipv6Addresses") {
        let address = parse_v6(text)?;
        check_v6(state, &subnet, address)?;
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    let count = asked::count_of(input, "Ipv6AddressCount")?;
    if count.is_some_and(|count| count > 0) && !addresses.is_empty() {
        return Err(fault::invalid_combination(
            "Ipv6AddressCount",
            "Ipv6Addresses",
        ));
    }
    let own = path::all(&item.entry, "Ipv6Addresses[]").len();
    let count = count.unwrap_or(1).max(1);
    check_room(state, item, own + addresses.len().max(count))?;
    input.stop_dry_run()?;
    if addresses.is_empty() {
        addresses = choose_v6(state, &id, &subnet, count);
    } else {
        add_v6(state, &id, &subnet, &addresses);
    }
    let texts = addresses.iter().map(|address| address.to_string().into());
    Ok(Structure::from([
        ("NetworkInterfaceId", Value::from(id)),
        ("AssignedIpv6Addresses", Value::List(texts.collect())),
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
        unclaim(item, &asked);
    });
    shown_again(state, &id);
    let texts = asked.into_iter().map(Value::from).collect();
    Ok(Structure::from([
        ("NetworkInterfaceId", Value::from(id)),
        ("UnassignedIpv6Addresses", Value::List(texts)),
    ]))
}
