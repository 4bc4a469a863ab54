//! Elastic IP addresses.

use super::interface::{self, INTERFACE};
use super::network::gateway::has_gateway;
use super::{Draft, Family, Making};
use crate::server::engine::Input;
use crate::server::engine::answer::done;
use crate::server::engine::end::finish;
use crate::server::engine::input::named;
use crate::server::engine::list::as_planned;
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

pub(super) static FAMILY: Family = Family {
    perform: &[
        ("AssociateAddress", associate),
        ("DisassociateAddress", dissociate),
        ("ReleaseAddress", release),
        ("DescribeAddresses", list),
    ],
    making: &[("AllocateAddress", Making::draft(draft))],
    selecting: &[("DescribeAddresses", is_named)],
    ..Family::NONE
};

pub(super) const ADDRESS: &str = "elastic-ip";

/// A public address that nobody else here has.
pub(super) fn new_public(state: &mut State) -> String {
    let digits = state.new_digits();
    public_from(&digits)
}

/// A public address from the digits of a new id. Different digits give different addresses for the
/// first 16 million.
fn public_from(digits: &str) -> String {
    let number = u64::from_str_radix(digits, 16).unwrap_or_default();
    let [.., a, b, c] = number.to_be_bytes();
    format!("54.{a}.{b}.{c}")
}

fn draft(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    if input
        .text("Domain")
        .is_some_and(|domain| !matches!(domain, "vpc" | "standard"))
    {
        return Err(fault::invalid_choice(
            "Domain",
            input.text("Domain").unwrap_or_default(),
        ));
    }
    let address = match input.text("Address") {
        Some(asked) => {
            asked
                .parse::<std::net::Ipv4Addr>()
                .map_err(|_| fault::invalid_choice("Address", asked))?;
            asked.to_owned()
        }
        None => public_from(&state.next_digits()),
    };
    if state.store.claimant(&claim(&address)).is_some() {
        let message = format!("The address {address} is already allocated");
        return Err(fault::refusal("InvalidAddress.InUse", message));
    }
    draft.claims.push(claim(&address));
    for (name, value) in [
        ("Domain", Value::from("vpc")),
        ("PublicIp", address.into()),
        ("PublicIpv4Pool", "amazon".into()),
        ("NetworkBorderGroup", state.config.region.clone().into()),
    ] {
        if name == "Domain" || draft.entry.get(name).is_none() {
            draft.entry.insert(name, value);
        }
    }
    Ok(())
}

fn claim(address: &str) -> String {
    format!("public-address\u{0}{address}")
}

fn association_claim(id: &str) -> String {
    format!("association\u{0}{id}")
}

fn unknown_address(address: &str) -> Fault {
    fault::refusal(
        "InvalidAddress.NotFound",
        format!("Address '{address}' not found."),
    )
}

/// The item of an address that a request names by its allocation or by itself.
fn asked<'s>(input: &Input, state: &'s State) -> Result<&'s Item, Fault> {
    match (input.text("AllocationId"), input.text("PublicIp")) {
        (Some(id), _) => named(state, ADDRESS, id),
        (None, Some(address)) => state
            .store
            .claimant(&claim(address))
            .ok_or_else(|| unknown_address(address)),
        (None, None) => Err(fault::missing_parameter("AllocationId")),
    }
}

/// Lists addresses. Each address that a request gives must exist.
fn list(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    for address in input.texts("PublicIps") {
        if state.store.claimant(&claim(address)).is_none() {
            return Err(unknown_address(address));
        }
    }
    as_planned(input, state)
}

fn is_named(input: &Input, _: &State, item: &Item) -> bool {
    let addresses = input.texts("PublicIps");
    addresses.is_empty()
        || item
            .text("PublicIp")
            .is_some_and(|address| addresses.contains(&address))
}

fn associate(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let address = asked(input, state)?;
    let allocation = address.id.clone();
    let is_associated = address.text("AssociationId").is_some();
    let target = match (input.text("NetworkInterfaceId"), input.text("InstanceId")) {
        (Some(interface), _) => interface.to_owned(),
        (None, Some(instance)) => {
            let state_name = state.store.get(instance).and_then(Item::state);
            if !matches!(state_name, Some("running" | "stopped" | "pending")) {
                let message = format!(
                    "The instance '{instance}' is not in a valid state for this operation."
                );
                return Err(fault::refusal("IncorrectInstanceState", message));
            }
            let first = interface::of_instance(state, instance).into_iter().next();
            first.ok_or_else(|| fault::invalid_choice("InstanceId", instance))?
        }
        (None, None) => return Err(fault::missing_parameter("InstanceId")),
    };
    let interface = named(state, INTERFACE, &target)?;
    let vpc = interface.text("VpcId").unwrap_or_default();
    if !has_gateway(state, vpc, "internet-gateway") {
        let message = format!("Network {vpc} is not attached to any internet gateway");
        return Err(fault::refusal("Gateway.NotAttached", message));
    }
    let own = path::texts(&interface.entry, "PrivateIpAddresses[].PrivateIpAddress");
    let private = match input.text("PrivateIpAddress") {
        Some(asked) => {
            let is_own = own.contains(&asked);
            is_own
                .then_some(asked)
                .ok_or_else(|| fault::invalid_choice("PrivateIpAddress", asked))?
        }
        None => own.first().copied().unwrap_or_default(),
    };
    let private = private.to_owned();
    let taken: Vec<String> = at(state, &target, &private);
    if input.flag("AllowReassociation") == Some(false) && (is_associated || !taken.is_empty()) {
        let message = format!("resource {allocation} is already associated");
        return Err(fault::refusal("Resource.AlreadyAssociated", message));
    }
    input.stop_dry_run()?;
    for other in &taken {
        part(state, other);
    }
    let id = join(state, &allocation, &target, &private);
    Ok(Structure::from([("AssociationId", Value::from(id))]))
}

/// Associates an address with a private address of an interface, and parts it from others. Returns
/// the association's id.
pub(super) fn join(state: &mut State, allocation: &str, interface: &str, private: &str) -> String {
    part(state, allocation);
    let id = format!("eipassoc-{}", state.new_digits());
    let account = state.config.account.clone();
    let text = |id: &str, name: &str| state.store.get(id)?.text(name).map(str::to_owned);
    let public = text(allocation, "PublicIp").unwrap_or_default();
    let instance = text(interface, "Attachment.InstanceId");
    let association = Structure::from([
        ("AllocationId", Value::from(allocation.to_owned())),
        ("AssociationId", id.clone().into()),
        ("IpOwnerId", account.clone().into()),
        (
            "PublicDnsName",
            interface::public_name(state, interface, &public).into(),
        ),
        ("PublicIp", public.into()),
    ]);
    state.store.update(interface, |item| {
        interface::associate(item, &association, Some(private));
    });
    state.store.update(allocation, |item| {
        for (name, value) in [
            ("AssociationId", Some(id.clone())),
            ("NetworkInterfaceId", Some(interface.to_owned())),
            ("NetworkInterfaceOwnerId", Some(account)),
            ("PrivateIpAddress", Some(private.to_owned())),
            ("InstanceId", instance.clone()),
        ] {
            if let Some(value) = value {
                item.entry.insert(name, Value::from(value));
            }
        }
        item.claims.push(association_claim(&id));
    });
    if let Some(instance) = instance {
        interface::show_on_instance(state, &instance);
    }
    state.note_change();
    id
}

/// The allocations that an interface shows at a private address.
pub(super) fn at(state: &State, interface: &str, private: &str) -> Vec<String> {
    let addresses = state
        .store
        .referrers(interface)
        .filter(|item| item.resource.name == ADDRESS);
    addresses
        .filter(|item| item.text("PrivateIpAddress") == Some(private))
        .map(|item| item.id.clone())
        .collect()
}

/// Parts an address from what it is associated with, if it is.
pub(super) fn part(state: &mut State, allocation: &str) {
    let Some(address) = state.store.get(allocation) else {
        return;
    };
    let text = |name: &str| address.text(name).map(str::to_owned);
    let (Some(interface), Some(private)) = (text("NetworkInterfaceId"), text("PrivateIpAddress"))
    else {
        return;
    };
    state
        .store
        .update(&interface, |item| interface::dissociate(item, &private));
    state.store.update(allocation, |item| {
        for name in [
            "AssociationId",
            "NetworkInterfaceId",
            "NetworkInterfaceOwnerId",
            "PrivateIpAddress",
            "InstanceId",
        ] {
            item.entry.remove(name);
        }
        item.claims
            .retain(|claim| !claim.starts_with("association\u{0}"));
    });
    let instance = state
        .store
        .get(&interface)
        .and_then(|item| item.text("Attachment.InstanceId"));
    if let Some(instance) = instance.map(str::to_owned) {
        interface::show_on_instance(state, &instance);
    }
    state.note_change();
}

/// Parts all addresses from an interface.
pub(super) fn dissociate_all(state: &mut State, interface: &str) {
    let addresses = state
        .store
        .referrers(interface)
        .filter(|item| item.resource.name == ADDRESS);
    let allocations: Vec<String> = addresses.map(|item| item.id.clone()).collect();
    for allocation in allocations {
        part(state, &allocation);
    }
}

fn dissociate(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let found = match (input.text("AssociationId"), input.text("PublicIp")) {
        (Some(id), _) => state
            .store
            .claimant(&association_claim(id))
            .ok_or_else(|| {
                let message = format!("The association ID '{id}' does not exist");
                fault::refusal("InvalidAssociationID.NotFound", message)
            })?,
        (None, Some(address)) => {
            let found = state.store.claimant(&claim(address));
            found.ok_or_else(|| unknown_address(address))?
        }
        (None, None) => return Err(fault::missing_parameter("AssociationId")),
    };
    let allocation = found.id.clone();
    input.stop_dry_run()?;
    part(state, &allocation);
    Ok(done())
}

fn release(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let address = asked(input, state)?;
    let id = address.id.clone();
    if address.text("AssociationId").is_some() {
        let public = address.text("PublicIp").unwrap_or_default();
        let message = format!("Address {public} is in use.");
        return Err(fault::refusal("InvalidIPAddress.InUse", message));
    }
    input.stop_dry_run()?;
    finish(state, &id);
    Ok(done())
}
