//! Where instances are: zone, subnet, security groups, interfaces.

use crate::server::engine::Input;
use crate::server::engine::input::named;
use crate::server::families::compute::instance_type;
use crate::server::families::interface::{self, Addresses, INTERFACE, Wanted};
use crate::server::families::network::{vpc, zone};
use crate::server::families::security_group::{by_name, default_of, is_usable};
use crate::server::families::shared::flag;
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};
use std::net::Ipv4Addr;

/// An interface of each new instance.
pub(super) struct Network {
    /// An interface that exists. It can be that of one instance only.
    existing: Option<String>,
    subnet: String,
    groups: Vec<String>,
    addresses: Addresses,
    description: String,
    pub(super) index: i64,
    pub(super) deletes: bool,
    pub(super) is_public: bool,
}

/// Where instances are.
pub(super) struct Place {
    pub(super) zone: String,
    pub(super) networks: Vec<Network>,
}

/// What instances inherit of their subnet, as both show it.
const NAMES: [&str; 3] = [
    "HostnameType",
    "EnableResourceNameDnsARecord",
    "EnableResourceNameDnsAAAARecord",
];

impl Network {
    /// Shows how an instance is named: as its subnet says, where the request says nothing. With an
    /// interface that exists, it is named as usual.
    pub(super) fn show_names(&self, state: &State, entry: &mut Structure<'static>) {
        let subnet = state.store.get(&self.subnet);
        let Some(subnet) = subnet.filter(|_| self.existing.is_none()) else {
            return;
        };
        for name in NAMES {
            let own = format!("PrivateDnsNameOptions.{name}");
            let inherited = format!("PrivateDnsNameOptionsOnLaunch.{name}");
            if path::first(entry, &own).is_none()
                && let Some(value) = path::first(&subnet.entry, &inherited)
            {
                path::set(entry, &own, value.clone());
            }
        }
    }

    /// The interface, which is made if it does not exist.
    pub(super) fn interface(
        &self,
        state: &mut State,
        tags: Vec<(String, String)>,
    ) -> Option<String> {
        if let Some(id) = &self.existing {
            return Some(id.clone());
        }
        let wanted = Wanted {
            subnet: self.subnet.clone(),
            groups: self.groups.clone(),
            addresses: self.addresses.clone(),
            description: self.description.clone(),
            tags,
            ..Wanted::default()
        };
        interface::create(state, &wanted).ok()
    }
}

/// Where new instances are, if there is room for them.
pub(super) fn networks(asked: &Input, state: &State, count: i64) -> Result<Place, Fault> {
    let specifications = asked.structures("NetworkInterfaces");
    let networks = if specifications.is_empty() {
        vec![of_request(asked, state)?]
    } else {
        of_interfaces(asked, state, &specifications, count)?
    };
    if let Some(kind) = asked.text("InstanceType") {
        instance_type::check_interfaces(kind, networks.len())?;
    }
    let subnets: Vec<&Item> = networks
        .iter()
        .map(|network| named(state, "subnet", &network.subnet))
        .collect::<Result<_, _>>()?;
    let zone = subnets
        .first()
        .and_then(|subnet| subnet.text("AvailabilityZone"))
        .unwrap_or_default();
    let asked_zone = asked_zone(asked, state)?;
    if asked_zone.is_some_and(|asked| asked.id != zone)
        || subnets
            .iter()
            .any(|subnet| subnet.text("AvailabilityZone") != Some(zone))
    {
        let message = format!(
            "The availability zone of the request does not match that of its subnet, {zone}"
        );
        return Err(fault::refusal("InvalidParameterValue", message));
    }
    let kind = asked.text("InstanceType").unwrap_or_default();
    check_addresses(state, kind, &networks, count)?;
    let zone = zone.to_owned();
    Ok(Place { zone, networks })
}

/// Refuses addresses that the new interfaces cannot have, and interfaces for which there is no room.
fn check_addresses(
    state: &State,
    kind: &str,
    networks: &[Network],
    count: i64,
) -> Result<(), Fault> {
    if count > 1 && networks.iter().any(|network| network.addresses.names_any()) {
        return Err(fault::refusal(
            "InvalidParameterCombination",
            "A specified private IP address is only supported when launching a single instance",
        ));
    }
    let new = networks.iter().filter(|network| network.existing.is_none());
    for network in new.clone() {
        network.addresses.check(state, &network.subnet)?;
        for count in network.addresses.counts() {
            instance_type::check_addresses(kind, count)?;
        }
        let others = new.clone().filter(|other| other.subnet == network.subnet);
        let named: Vec<Ipv4Addr> = (others.clone())
            .flat_map(|other| other.addresses.named())
            .collect();
        let is_twice =
            |(at, address): (usize, &Ipv4Addr)| named.iter().take(at).any(|other| other == address);
        if named.iter().enumerate().any(is_twice) {
            let message = "The same private IP address must not appear multiple times";
            return Err(fault::invalid_value(message));
        }
        let each: usize = others.map(|other| other.addresses.chosen()).sum();
        let needed = usize::try_from(count).unwrap_or(1).saturating_mul(each);
        interface::free_addresses(state, &network.subnet, needed, &named)?;
    }
    Ok(())
}

fn asked_zone<'s>(asked: &Input, state: &'s State) -> Result<Option<&'s Item>, Fault> {
    let name = asked
        .text("Placement.AvailabilityZone")
        .or(asked.text("Placement.AvailabilityZoneId"));
    let Some(name) = name.filter(|name| !name.is_empty()) else {
        return Ok(None);
    };
    match zone::find(state, name) {
        Some(zone) => Ok(Some(zone)),
        None => Err(fault::invalid_value(format!(
            "Invalid availability zone: [{name}]"
        ))),
    }
}

/// The one interface of instances whose request names none.
fn of_request(asked: &Input, state: &State) -> Result<Network, Fault> {
    let is_by_name = !asked.texts("SecurityGroups").is_empty();
    if is_by_name && asked.text("SubnetId").is_some() {
        return Err(fault::refusal(
            "InvalidParameterCombination",
            "The parameter groupName cannot be used with the parameter subnet",
        ));
    }
    let subnet = match asked.text("SubnetId") {
        Some(id) => named(state, "subnet", id)?,
        None => default_subnet(asked, state)?,
    };
    let vpc = subnet.text("VpcId").unwrap_or_default();
    let mut groups: Vec<String> = asked
        .texts("SecurityGroupIds")
        .into_iter()
        .map(str::to_owned)
        .collect();
    for name in asked.texts("SecurityGroups") {
        let Some(id) = by_name(state, vpc, name) else {
            let message =
                format!("The security group '{name}' does not exist in default VPC '{vpc}'");
            return Err(fault::refusal("InvalidGroup.NotFound", message));
        };
        groups.push(id.to_owned());
    }
    let groups = groups_of(state, subnet, groups)?;
    Ok(Network {
        existing: None,
        subnet: subnet.id.clone(),
        groups,
        addresses: Addresses::of(&asked.members)?,
        description: String::new(),
        index: 0,
        deletes: true,
        is_public: flag(&subnet.entry, "MapPublicIpOnLaunch"),
    })
}

/// The subnet of instances whose request names none.
fn default_subnet<'s>(asked: &Input, state: &'s State) -> Result<&'s Item, Fault> {
    let zone = asked_zone(asked, state)?;
    let vpc = vpc::default_vpc(state).ok_or_else(fault::no_default_vpc)?;
    let mut subnets = state
        .store
        .all("subnet")
        .filter(|item| flag(&item.entry, "DefaultForAz"));
    let found = subnets
        .find(|item| zone.is_none_or(|zone| item.text("AvailabilityZone") == Some(&zone.id)));
    found.ok_or_else(|| {
        let message = format!(
            "No subnets found for the default VPC '{}'. Please specify a subnet.",
            vpc.id
        );
        fault::refusal("MissingInput", message)
    })
}

/// Security groups of a subnet's VPC: those asked for, or the VPC's own.
fn groups_of(state: &State, subnet: &Item, asked: Vec<String>) -> Result<Vec<String>, Fault> {
    let vpc = subnet.text("VpcId").unwrap_or_default();
    for id in &asked {
        if !is_usable(named(state, "security-group", id)?, vpc) {
            let message = format!(
                "Security group {id} and subnet {} belong to different networks.",
                subnet.id
            );
            return Err(fault::refusal("InvalidParameter", message));
        }
    }
    if asked.is_empty() {
        return Ok(default_of(state, vpc)
            .map(str::to_owned)
            .into_iter()
            .collect());
    }
    Ok(asked)
}

/// The interfaces that a request describes.
fn of_interfaces(
    asked: &Input,
    state: &State,
    specifications: &[&Structure<'static>],
    count: i64,
) -> Result<Vec<Network>, Fault> {
    for (member, what) in [
        ("SubnetId", "subnet ID"),
        ("SecurityGroupIds", "security groups"),
        ("SecurityGroups", "security groups"),
    ] {
        if !asked.texts(member).is_empty() {
            return Err(fault::refusal(
                "InvalidParameterCombination",
                format!(
                    "Network interfaces and an instance-level {what} may not be specified on the same request"
                ),
            ));
        }
    }
    for member in ["PrivateIpAddress", "Ipv6AddressCount", "Ipv6Addresses"] {
        if asked.get(member).is_some() {
            return Err(fault::invalid_combination(member, "NetworkInterfaces"));
        }
    }
    let mut networks: Vec<Network> = Vec::with_capacity(specifications.len());
    for specification in specifications {
        let text = |name: &str| specification.get(name).and_then(Value::as_str);
        let index = match specification.get("DeviceIndex") {
            Some(Value::Integer(index)) => *index,
            _ if text("NetworkInterfaceId").is_some() || specifications.len() == 1 => 0,
            _ => return Err(fault::missing_parameter("DeviceIndex")),
        };
        if networks.iter().any(|network| network.index == index) {
            return Err(fault::refusal(
                "InvalidParameter",
                "Each network interface requires a unique device index.",
            ));
        }
        let network = match text("NetworkInterfaceId") {
            Some(id) => existing(state, id, index, count)?,
            None => new(asked, state, specification, index)?,
        };
        networks.push(network);
    }
    networks.sort_by_key(|network| network.index);
    if networks.first().is_none_or(|network| network.index != 0) {
        return Err(fault::invalid_value(
            "A network interface with device index 0 is required",
        ));
    }
    Ok(networks)
}

fn existing(state: &State, id: &str, index: i64, count: i64) -> Result<Network, Fault> {
    let item = named(state, INTERFACE, id)?;
    if item.entry.get("Attachment").is_some() {
        let message = format!("Interface: [{id}] in use.");
        return Err(fault::refusal("InvalidNetworkInterface.InUse", message));
    }
    if count > 1 {
        return Err(fault::refusal(
            "InvalidParameterCombination",
            "A network interface may not be specified when launching more than one instance",
        ));
    }
    Ok(Network {
        existing: Some(id.to_owned()),
        subnet: item.text("SubnetId").unwrap_or_default().to_owned(),
        groups: Vec::new(),
        addresses: Addresses::default(),
        description: String::new(),
        index,
        deletes: false,
        is_public: false,
    })
}

fn new(
    asked: &Input,
    state: &State,
    specification: &Structure<'static>,
    index: i64,
) -> Result<Network, Fault> {
    let text = |name: &str| specification.get(name).and_then(Value::as_str);
    let is_set = |name: &str| match specification.get(name) {
        Some(Value::Bool(flag)) => Some(*flag),
        _ => None,
    };
    let subnet = match text("SubnetId") {
        Some(id) => named(state, "subnet", id)?,
        None => default_subnet(asked, state)?,
    };
    let groups = path::texts(specification, "Groups[]")
        .into_iter()
        .map(str::to_owned)
        .collect();
    let maps = index == 0 && flag(&subnet.entry, "MapPublicIpOnLaunch");
    Ok(Network {
        existing: None,
        subnet: subnet.id.clone(),
        groups: groups_of(state, subnet, groups)?,
        addresses: Addresses::of(specification)?,
        description: text("Description").unwrap_or_default().to_owned(),
        index,
        deletes: is_set("DeleteOnTermination").unwrap_or(true),
        is_public: is_set("AssociatePublicIpAddress").unwrap_or(maps),
    })
}
