//! Network interfaces, their addresses, and how instances show them.

use super::compute::instance_type;
use super::network::vpc::DNS_HOSTNAMES;
use super::security_group::default_of;
use super::shared::flag;
use super::{Draft, Ending, Family, Making};
use crate::server::engine::Input;
use crate::server::engine::answer::project;
use crate::server::engine::end::finish;
use crate::server::engine::input::named;
use crate::server::engine::make::{insert_named, shape_of_entries};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Kind, Model, Structure, Value};
use ipnet::{Ipv4Net, Ipv6Net};
use std::net::{Ipv4Addr, Ipv6Addr};

pub(super) static FAMILY: Family = Family {
    perform: &[
        ("AttachNetworkInterface", attach_asked),
        ("DetachNetworkInterface", detach_asked),
        ("AssignPrivateIpAddresses", assign),
        ("UnassignPrivateIpAddresses", unassign),
        ("AssignIpv6Addresses", assign_v6),
        ("UnassignIpv6Addresses", unassign_v6),
        ("DescribeNetworkInterfaceAttribute", |input, state| {
            describe_attribute(input, state)
        }),
        ("ResetNetworkInterfaceAttribute", reset_attribute),
    ],
    making: &[("CreateNetworkInterface", Making { draft, made })],
    ending: &[(
        "DeleteNetworkInterface",
        Ending {
            check: check_end,
            ended: |_, state, id| super::address::dissociate_all(state, id),
        },
    )],
    changing: &[("ModifyNetworkInterfaceAttribute", modify_attribute)],
    lookups: &[
        ("DetachNetworkInterface", "AttachmentId"),
        ("ModifyNetworkInterfaceAttribute", "Attachment.AttachmentId"),
    ],
    ..Family::NONE
};

pub(super) const INTERFACE: &str = "network-interface";
/// Where a subnet's item notes the last host number that was given.
const LAST_HOST: &str = "ec2wire:last-host";
/// How many addresses at a subnet's beginning AWS keeps. It keeps the last one, too.
const KEPT: u32 = 4;

/// An interface that is to be made.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) subnet: String,
    /// The ids of its security groups. Without one, the VPC's own group.
    pub(super) groups: Vec<String>,
    /// Its primary private address. Without one, the next free one.
    pub(super) address: Option<Ipv4Addr>,
    pub(super) description: String,
    /// `interface`, or another kind that a service makes.
    pub(super) kind: &'static str,
    /// Whether a service manages it.
    pub(super) is_managed: bool,
    pub(super) tags: Vec<(String, String)>,
}

/// Makes an interface, and returns its id.
pub(super) fn create(state: &mut State, wanted: &Wanted) -> Result<String, Fault> {
    let mut draft = Draft::default();
    if !wanted.kind.is_empty() {
        draft
            .entry
            .insert("InterfaceType", Value::from(wanted.kind));
    }
    draft.entry.insert("RequesterManaged", wanted.is_managed);
    draft
        .entry
        .insert("Description", Value::from(wanted.description.clone()));
    let groups: Vec<&str> = wanted.groups.iter().map(String::as_str).collect();
    complete(state, &mut draft, &wanted.subnet, &groups, wanted.address)?;
    let id = insert_named(state, INTERFACE, draft, wanted.tags.clone());
    note_given(state, &id);
    assign_on_creation(state, &id);
    Ok(id)
}

/// Refuses an address that the subnet does not have, or that is taken.
pub(super) fn check_address(state: &State, subnet: &str, address: Ipv4Addr) -> Result<(), Fault> {
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
pub(super) fn free_address(state: &State, subnet: &str) -> Result<Ipv4Addr, Fault> {
    free_addresses(state, subnet, 1)
        .map(|found| found.first().copied().unwrap_or(Ipv4Addr::UNSPECIFIED))
}

/// That many free addresses of a subnet, the next ones after the last that was given.
pub(super) fn free_addresses(
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

/// Notes a new interface's address, so that the next free one follows it.
fn note_given(state: &mut State, interface: &str) {
    let Some(item) = state.store.get(interface) else {
        return;
    };
    let address = item
        .text("PrivateIpAddress")
        .and_then(|text| text.parse::<Ipv4Addr>().ok());
    let subnet = item.text("SubnetId").unwrap_or_default().to_owned();
    let (Some(address), Ok(block)) = (address, block_of(state, &subnet)) else {
        return;
    };
    let host = u32::from(address).wrapping_sub(u32::from(block.network()));
    state.store.update(&subnet, |item| {
        item.hidden.insert(LAST_HOST, i64::from(host))
    });
}

fn made(_: &Input, state: &mut State, id: &str) {
    note_given(state, id);
    assign_on_creation(state, id);
}

fn block_of(state: &State, subnet: &str) -> Result<Ipv4Net, Fault> {
    let item = named(state, "subnet", subnet)?;
    let block = item.text("CidrBlock").and_then(|block| block.parse().ok());
    // Subnets without IPv4 have no such address.
    block
        .ok_or_else(|| fault::invalid_value(format!("The subnet '{subnet}' has no IPv4 addresses")))
}

fn address_claim(subnet: &str, address: Ipv4Addr) -> String {
    format!("address\u{0}{subnet}\u{0}{address}")
}

/// The private name of an address.
pub(super) fn private_name(state: &State, address: Ipv4Addr) -> String {
    let host = address.to_string().replace('.', "-");
    match state.config.region.as_str() {
        "us-east-1" => format!("ip-{host}.ec2.internal"),
        region => format!("ip-{host}.{region}.compute.internal"),
    }
}

/// The public name of an address at an interface. It is empty without DNS names in the VPC.
pub(super) fn public_name(state: &State, interface: &str, address: &str) -> String {
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

fn draft(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    // AWS's example shows a state that its model does not have.
    draft.first_state = Some("pending");
    let subnet = input.required("SubnetId")?;
    let in_list = || {
        let list = input.structures("PrivateIpAddresses").into_iter();
        let mut primary = list.filter(|entry| entry.get("Primary") == Some(&Value::Bool(true)));
        primary.find_map(|entry| entry.get("PrivateIpAddress")?.as_str())
    };
    let asked = input.text("PrivateIpAddress").or_else(in_list);
    let address = asked
        .map(|text| parse(text, "PrivateIpAddress"))
        .transpose()?;
    if draft.entry.get("Description").is_none() {
        draft.entry.insert("Description", Value::from(""));
    }
    complete(state, draft, subnet, &input.texts("Groups"), address)?;
    let others = input.structures("PrivateIpAddresses").into_iter();
    let others: Vec<&str> = others
        .filter(|entry| entry.get("Primary") != Some(&Value::Bool(true)))
        .filter_map(|entry| entry.get("PrivateIpAddress")?.as_str())
        .collect();
    let mut secondary = Vec::new();
    for text in others {
        let address = parse(text, "PrivateIpAddress")?;
        check_address(state, subnet, address)?;
        secondary.push(address);
    }
    let count = input.integer("SecondaryPrivateIpAddressCount").unwrap_or(0);
    if let Ok(count) = usize::try_from(count)
        && count > 0
    {
        // The first free one may be this interface's own.
        let own = draft.claims.clone();
        let free = free_addresses(state, subnet, count + 1)?;
        let free = free
            .into_iter()
            .filter(|address| !own.contains(&address_claim(subnet, *address)));
        secondary.extend(free.take(count));
    }
    for address in secondary {
        add_address(state, subnet, &mut draft.entry, &mut draft.claims, address);
    }
    Ok(())
}

fn parse(text: &str, member: &str) -> Result<Ipv4Addr, Fault> {
    text.parse()
        .map_err(|_| fault::invalid_choice(member, text))
}

/// Sets what each interface has.
fn complete(
    state: &State,
    draft: &mut Draft,
    subnet: &str,
    groups: &[&str],
    address: Option<Ipv4Addr>,
) -> Result<(), Fault> {
    let item = named(state, "subnet", subnet)?;
    let vpc = item.text("VpcId").unwrap_or_default().to_owned();
    let zone = item.text("AvailabilityZone").unwrap_or_default().to_owned();
    let zone_id = item
        .text("AvailabilityZoneId")
        .unwrap_or_default()
        .to_owned();
    let address = match address {
        Some(address) => {
            check_address(state, subnet, address)?;
            address
        }
        None => free_address(state, subnet)?,
    };
    let groups = match groups {
        [] => default_of(state, &vpc).into_iter().collect(),
        groups => groups.to_vec(),
    };
    let groups = groups_shown(state, &groups)?;
    let entry = &mut draft.entry;
    for (name, value) in [
        ("AvailabilityZone", Value::from(zone)),
        ("AvailabilityZoneId", zone_id.into()),
        ("VpcId", vpc.into()),
        ("SubnetId", subnet.to_owned().into()),
        ("Groups", groups),
        ("MacAddress", mac(address, subnet).into()),
        ("PrivateIpAddress", address.to_string().into()),
        ("PrivateDnsName", private_name(state, address).into()),
        ("Ipv6Addresses", Value::List(Vec::new())),
        ("SourceDestCheck", true.into()),
        ("Status", "available".into()),
    ] {
        entry.insert(name, value);
    }
    for (name, value) in [
        ("InterfaceType", Value::from("interface")),
        ("RequesterManaged", false.into()),
    ] {
        if entry.get(name).is_none() {
            entry.insert(name, value);
        }
    }
    entry.insert("PrivateIpAddresses", Value::List(Vec::new()));
    add_address(state, subnet, entry, &mut draft.claims, address);
    Ok(())
}

/// A made-up hardware address, the same for the same address.
fn mac(address: Ipv4Addr, subnet: &str) -> String {
    let [a, b, c, d] = address.octets();
    let own = subnet
        .bytes()
        .fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte));
    format!("0a:{own:02x}:{a:02x}:{b:02x}:{c:02x}:{d:02x}")
}

/// Groups as interfaces and instances show them. They must exist.
pub(super) fn groups_shown(state: &State, groups: &[&str]) -> Result<Value<'static>, Fault> {
    let mut shown = Vec::with_capacity(groups.len());
    for id in groups {
        let item = named(state, "security-group", id)?;
        let name = item.text("GroupName").unwrap_or_default().to_owned();
        let group = Structure::from([
            ("GroupId", Value::from((*id).to_owned())),
            ("GroupName", name.into()),
        ]);
        shown.push(group.into());
    }
    Ok(Value::List(shown))
}

/// Adds a private address. The first one is the primary one.
fn add_address(
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

fn check_end(_: &Input, _: &State, item: &Item) -> Result<(), Fault> {
    if item.entry.get("Attachment").is_some()
        || item.entry.get("RequesterManaged") == Some(&Value::Bool(true))
    {
        return Err(in_use(&item.id));
    }
    Ok(())
}

fn in_use(id: &str) -> Fault {
    let message = format!("Network interface '{id}' is currently in use.");
    fault::refusal("InvalidNetworkInterface.InUse", message)
}

/// Attaches an interface to an instance. Returns the attachment's id.
pub(super) fn attach(
    state: &mut State,
    interface: &str,
    instance: &str,
    device_index: i64,
    delete_on_termination: bool,
) -> String {
    let id = format!("eni-attach-{}", state.new_digits());
    let attachment = Structure::from([
        ("AttachmentId", Value::from(id.clone())),
        ("AttachTime", Value::Timestamp(state.now())),
        ("DeleteOnTermination", delete_on_termination.into()),
        ("DeviceIndex", device_index.into()),
        ("NetworkCardIndex", 0.into()),
        ("InstanceId", instance.to_owned().into()),
        ("InstanceOwnerId", state.config.account.clone().into()),
        ("Status", "attached".into()),
    ]);
    state.store.update(interface, |item| {
        item.entry.insert("Attachment", attachment);
        item.entry.insert("Status", Value::from("in-use"));
        item.claims.push(attachment_claim(&id));
    });
    state.note_change();
    id
}

fn attachment_claim(id: &str) -> String {
    format!("attachment\u{0}{id}")
}

/// Detaches an interface from whatever it is attached to.
pub(super) fn detach(state: &mut State, interface: &str) {
    state.store.update(interface, |item| {
        item.entry.remove("Attachment");
        item.entry.insert("Status", Value::from("available"));
        item.claims
            .retain(|claim| !claim.starts_with("attachment\u{0}"));
    });
    state.note_change();
}

/// The interfaces of an instance, by their device index.
pub(super) fn of_instance(state: &State, instance: &str) -> Vec<String> {
    let mut found: Vec<(i64, String)> = state
        .store
        .referrers(instance)
        .filter(|item| {
            item.resource.name == INTERFACE && item.text("Attachment.InstanceId") == Some(instance)
        })
        .map(|item| (device_index(item), item.id.clone()))
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, id)| id).collect()
}

fn device_index(item: &Item) -> i64 {
    match path::first(&item.entry, "Attachment.DeviceIndex") {
        Some(Value::Integer(index)) => *index,
        _ => 0,
    }
}

/// Lets go of an instance's interfaces: ends those that go with it, and detaches the others.
pub(super) fn release(state: &mut State, instance: &str) {
    for id in of_instance(state, instance) {
        super::address::dissociate_all(state, &id);
        let goes = state.store.get(&id).is_some_and(|item| {
            path::first(&item.entry, "Attachment.DeleteOnTermination") == Some(&Value::Bool(true))
        });
        detach(state, &id);
        if goes {
            finish(state, &id);
        }
    }
}

/// Gives an interface a public address that is not the account's own.
pub(super) fn give_public_address(state: &mut State, interface: &str) {
    let address = super::address::new_public(state);
    let name = public_name(state, interface, &address);
    let association = Structure::from([
        ("IpOwnerId", Value::from("amazon")),
        ("PublicDnsName", name.into()),
        ("PublicIp", address.into()),
    ]);
    state
        .store
        .update(interface, |item| associate(item, &association, None));
}

/// Shows a public address at an interface: at one private address, or the primary one.
pub(super) fn associate(item: &mut Item, association: &Structure<'static>, private: Option<&str>) {
    let primary = item.text("PrivateIpAddress").map(str::to_owned);
    let private = private.map(str::to_owned).or_else(|| primary.clone());
    if private == primary {
        item.entry.insert("Association", association.clone());
    }
    for address in path::list(&mut item.entry, "PrivateIpAddresses")
        .into_iter()
        .flatten()
    {
        if let Value::Structure(address) = address
            && address.get("PrivateIpAddress").and_then(Value::as_str) == private.as_deref()
        {
            address.insert("Association", association.clone());
        }
    }
}

/// Shows no public address at an interface's private address any more.
pub(super) fn dissociate(item: &mut Item, private: &str) {
    if item.text("PrivateIpAddress") == Some(private) {
        item.entry.remove("Association");
    }
    for address in path::list(&mut item.entry, "PrivateIpAddresses")
        .into_iter()
        .flatten()
    {
        if let Value::Structure(address) = address
            && address.get("PrivateIpAddress").and_then(Value::as_str) == Some(private)
        {
            address.remove("Association");
        }
    }
}

/// Shows an instance's interfaces in its entry, and what it has of its primary one.
pub(super) fn show_on_instance(state: &mut State, instance: &str) {
    let Some(shape) = instance_interface() else {
        return;
    };
    let ids = of_instance(state, instance);
    let items = ids.iter().filter_map(|id| state.store.get(id));
    let shown: Vec<Value<'static>> = items
        .map(|item| project(&item.entry, shape).into())
        .collect();
    let primary = ids.first().and_then(|id| state.store.get(id));
    let primary = primary.map(|item| item.entry.clone()).unwrap_or_default();
    state.store.update(instance, |item| {
        item.entry.insert("NetworkInterfaces", Value::List(shown));
        for (own, of_primary) in [
            ("PrivateIpAddress", "PrivateIpAddress"),
            ("PrivateDnsName", "PrivateDnsName"),
            ("PublicIpAddress", "Association.PublicIp"),
            ("PublicDnsName", "Association.PublicDnsName"),
            ("Ipv6Address", "Ipv6Addresses[].Ipv6Address"),
            ("SubnetId", "SubnetId"),
            ("VpcId", "VpcId"),
            ("SecurityGroups", "Groups"),
            ("SourceDestCheck", "SourceDestCheck"),
        ] {
            match path::first(&primary, of_primary) {
                Some(value) => item.entry.insert(own, value.clone()),
                None => item.entry.remove(own),
            };
        }
        // EC2 shows empty names.
        for name in ["PublicDnsName", "PrivateDnsName"] {
            if item.entry.get(name).is_none() {
                item.entry.insert(name, Value::from(""));
            }
        }
    });
}

/// The shape of an interface in the entry of an instance.
fn instance_interface() -> Option<ec2wire_model::Shape> {
    let instance = shape_of_entries(Model::ec2().resource("instance")?)?;
    match instance.member("NetworkInterfaces")?.shape().kind() {
        Kind::List { entry, .. } => Some(entry),
        _ => None,
    }
}

fn attach_asked(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let interface = input.required("NetworkInterfaceId")?.to_owned();
    let instance = input.required("InstanceId")?.to_owned();
    let index = input
        .integer("DeviceIndex")
        .ok_or_else(|| fault::missing_parameter("DeviceIndex"))?;
    let item = named(state, INTERFACE, &interface)?;
    if item.entry.get("Attachment").is_some() {
        return Err(in_use(&interface));
    }
    let zone = |path: &str, id: &str| {
        state
            .store
            .get(id)
            .and_then(|item| item.text(path))
            .map(str::to_owned)
    };
    if zone("Placement.AvailabilityZone", &instance) != zone("AvailabilityZone", &interface) {
        return Err(fault::invalid_value(format!(
            "The instance '{instance}' and the network interface '{interface}' are in different availability zones"
        )));
    }
    let taken = of_instance(state, &instance);
    let is_taken = |id: &String| {
        state
            .store
            .get(id)
            .is_some_and(|item| device_index(item) == index)
    };
    if taken.iter().any(is_taken) {
        return Err(fault::invalid_value(format!(
            "Instance '{instance}' already has an interface attached at device index '{index}'."
        )));
    }
    let kind = state
        .store
        .get(&instance)
        .and_then(|item| item.text("InstanceType"));
    instance_type::check_interfaces(kind.unwrap_or_default(), taken.len() + 1)?;
    input.stop_dry_run()?;
    let id = attach(state, &interface, &instance, index, false);
    show_on_instance(state, &instance);
    Ok(Structure::from([
        ("AttachmentId", Value::from(id)),
        ("NetworkCardIndex", 0.into()),
    ]))
}

fn detach_asked(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let id = input.required("AttachmentId")?;
    let Some(item) = state.store.claimant(&attachment_claim(id)) else {
        let message = format!("The attachment ID '{id}' does not exist");
        return Err(fault::refusal("InvalidAttachmentID.NotFound", message));
    };
    if device_index(item) == 0 && item.text("Attachment.InstanceId").is_some() {
        let message = format!(
            "The network interface '{}' at device index 0 cannot be detached.",
            item.id
        );
        return Err(fault::refusal("OperationNotPermitted", message));
    }
    let interface = item.id.clone();
    let instance = item.text("Attachment.InstanceId").map(str::to_owned);
    input.stop_dry_run()?;
    detach(state, &interface);
    if let Some(instance) = instance {
        show_on_instance(state, &instance);
    }
    Ok(returned())
}

fn returned() -> Structure<'static> {
    Structure::from([("Return", Value::from(true))])
}

/// Shows an interface again at the instance that has it.
fn shown_again(state: &mut State, interface: &str) {
    let instance = state
        .store
        .get(interface)
        .and_then(|item| item.text("Attachment.InstanceId"));
    if let Some(instance) = instance.map(str::to_owned) {
        show_on_instance(state, &instance);
    }
    state.note_change();
}

fn assign(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
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
pub(super) fn add_addresses(state: &mut State, id: &str, addresses: &[Ipv4Addr]) {
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
pub(super) fn remove_addresses(state: &mut State, id: &str, addresses: &[String]) {
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

fn unassign(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
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
    Ok(returned())
}

/// The IPv6 block of an interface's subnet.
fn block_v6(state: &State, interface: &Item) -> Option<Ipv6Net> {
    let subnet = state.store.get(interface.text("SubnetId")?)?;
    let blocks = path::texts(&subnet.entry, "Ipv6CidrBlockAssociationSet[].Ipv6CidrBlock");
    blocks.first()?.parse().ok()
}

/// An address of a block that nobody else here has.
fn new_v6(state: &mut State, block: Ipv6Net) -> Ipv6Addr {
    let digits = state.new_digits();
    let host = u64::from_str_radix(&digits, 16).unwrap_or_default();
    Ipv6Addr::from(u128::from(block.network()) | u128::from(host))
}

fn add_v6(state: &mut State, id: &str, addresses: &[Value<'static>]) {
    state.store.update(id, |item| {
        if let Some(list) = path::list(&mut item.entry, "Ipv6Addresses") {
            let entry = |text: &Value<'static>| Structure::from([("Ipv6Address", text.clone())]);
            list.extend(addresses.iter().map(|text| entry(text).into()));
        }
    });
}

/// Gives a new interface an IPv6 address if its subnet does so, and nobody asked for one.
fn assign_on_creation(state: &mut State, id: &str) {
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

fn assign_v6(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
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

fn unassign_v6(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
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

/// The attributes of an interface: the name in requests, and the member of the entry and the answer.
const ATTRIBUTES: [(&str, &str, &str); 5] = [
    ("description", "Description", "Description"),
    ("groupSet", "Groups", "Groups"),
    ("sourceDestCheck", "SourceDestCheck", "SourceDestCheck"),
    ("attachment", "Attachment", "Attachment"),
    ("associatePublicIpAddress", "", "AssociatePublicIpAddress"),
];

fn describe_attribute(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    let id = input.required("NetworkInterfaceId")?;
    let item = named(state, INTERFACE, id)?;
    let attribute = input.required("Attribute")?;
    let known = ATTRIBUTES.iter().find(|(name, _, _)| *name == attribute);
    let (_, path, member) = known.ok_or_else(|| fault::invalid_choice("Attribute", attribute))?;
    input.stop_dry_run()?;
    let mut answer = Structure::from([("NetworkInterfaceId", Value::from(id.to_owned()))]);
    if let Some(value) = item.entry.get(path) {
        answer.insert(*member, value.clone());
    }
    Ok(input
        .plan
        .operation
        .output()
        .map(|output| project(&answer, output))
        .unwrap_or_default())
}

fn modify_attribute(
    input: &Input,
    state: &State,
    item: &Item,
    draft: &mut Draft,
) -> Result<(), Fault> {
    let groups = input.texts("Groups");
    if !groups.is_empty() {
        draft.entry.insert("Groups", groups_shown(state, &groups)?);
    }
    for member in ["Description", "SourceDestCheck"] {
        if let Some(value) = input.get(&format!("{member}.Value")) {
            draft.entry.insert(member, value.clone());
        }
    }
    if let Some(id) = input.text("Attachment.AttachmentId") {
        if item.text("Attachment.AttachmentId") != Some(id) {
            let message = format!("The attachment ID '{id}' does not exist");
            return Err(fault::refusal("InvalidAttachmentID.NotFound", message));
        }
        if let Some(flag) = input.flag("Attachment.DeleteOnTermination") {
            path::set(
                &mut draft.entry,
                "Attachment.DeleteOnTermination",
                flag.into(),
            );
        }
    }
    Ok(())
}

fn reset_attribute(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let id = input.required("NetworkInterfaceId")?.to_owned();
    input.stop_dry_run()?;
    state
        .store
        .update(&id, |item| item.entry.insert("SourceDestCheck", true));
    shown_again(state, &id);
    Ok(Structure::new())
}
