//! Network interfaces, their addresses, and how instances show them.

mod address;
mod asked;
mod attribute;

pub(super) use address::{
    add_addresses, check_address, free_addresses, parse, private_name, public_name,
    remove_addresses,
};
pub(super) use asked::Addresses;

use super::compute::instance_type;
use super::security_group::default_of;
use super::{Draft, Ending, Family, Making};
use crate::server::engine::Input;
use crate::server::engine::answer::done;
use crate::server::engine::answer::project;
use crate::server::engine::end::finish;
use crate::server::engine::input::named;
use crate::server::engine::make::{insert_named, shape_of_entries};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use address::{
    LAST_HOST, assign, assign_on_creation, assign_v6, block_of, internal_name, unassign,
    unassign_v6,
};
use attribute::{describe_attribute, modify_attribute, reset_attribute};
use ec2wire::Fault;
use ec2wire_model::{Kind, Model, Structure, Value};
use std::net::Ipv4Addr;

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

/// An interface that is to be made.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) subnet: String,
    /// The ids of its security groups. Without one, the VPC's own group.
    pub(super) groups: Vec<String>,
    pub(super) addresses: Addresses,
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
    let addresses = &wanted.addresses;
    complete(state, &mut draft, &wanted.subnet, &groups, addresses)?;
    let id = insert_named(state, INTERFACE, draft, wanted.tags.clone());
    note_given(state, &id);
    assign_on_creation(state, &id, addresses.more_v6);
    Ok(id)
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

fn made(input: &Input, state: &mut State, id: &str) {
    note_given(state, id);
    let asked = Addresses::of(&input.members).unwrap_or_default();
    assign_on_creation(state, id, asked.more_v6);
}

fn draft(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    // AWS's example shows a state that its model does not have.
    draft.first_state = Some("pending");
    let subnet = input.required("SubnetId")?;
    if draft.entry.get("Description").is_none() {
        draft.entry.insert("Description", Value::from(""));
    }
    let addresses = Addresses::of(&input.members)?;
    complete(state, draft, subnet, &input.texts("Groups"), &addresses)
}

/// Sets what each interface has.
fn complete(
    state: &State,
    draft: &mut Draft,
    subnet: &str,
    groups: &[&str],
    addresses: &Addresses,
) -> Result<(), Fault> {
    let item = named(state, "subnet", subnet)?;
    let vpc = item.text("VpcId").unwrap_or_default().to_owned();
    let zone = item.text("AvailabilityZone").unwrap_or_default().to_owned();
    let zone_id = item
        .text("AvailabilityZoneId")
        .unwrap_or_default()
        .to_owned();
    let groups = match groups {
        [] => default_of(state, &vpc).into_iter().collect(),
        groups => groups.to_vec(),
    };
    let groups = groups_shown(state, &groups)?;
    // What the request says of them is not how they are shown.
    draft
        .entry
        .insert("PrivateIpAddresses", Value::List(Vec::new()));
    let address = addresses.give(state, subnet, draft)?;
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

/// Gives the public addresses in a VPC the names that its attributes now allow.
pub(super) fn name_again(state: &mut State, vpc: &str) {
    let own = |item: &&Item| item.resource.name == INTERFACE && item.text("VpcId") == Some(vpc);
    let interfaces = state.store.referrers(vpc).filter(own);
    let interfaces: Vec<String> = interfaces.map(|item| item.id.clone()).collect();
    for id in interfaces {
        let Some(item) = state.store.get(&id) else {
            continue;
        };
        let public = path::texts(&item.entry, "PrivateIpAddresses[].Association.PublicIp");
        let names: Vec<(String, String)> = (public.into_iter())
            .map(|public| (public.to_owned(), public_name(state, &id, public)))
            .collect();
        if names.is_empty() {
            continue;
        }
        state.store.update(&id, |item| {
            name_association(&mut item.entry, &names);
            for address in path::list(&mut item.entry, "PrivateIpAddresses")
                .into_iter()
                .flatten()
            {
                if let Value::Structure(address) = address {
                    name_association(address, &names);
                }
            }
        });
        shown_again(state, &id);
    }
}

/// Sets the name of the public address that an interface, or one of its addresses, shows.
fn name_association(shown: &mut Structure<'static>, names: &[(String, String)]) {
    if let Some(Value::Structure(association)) = shown.get_mut("Association") {
        let public = association.get("PublicIp").and_then(Value::as_str);
        let name = names
            .iter()
            .find(|(known, _)| Some(known.as_str()) == public);
        if let Some((_, name)) = name {
            association.insert("PublicDnsName", Value::from(name.clone()));
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
    let resource_name = internal_name(state, instance);
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
        if item.text("PrivateDnsNameOptions.HostnameType") == Some("resource-name") {
            item.entry
                .insert("PrivateDnsName", Value::from(resource_name));
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
    Ok(done())
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
