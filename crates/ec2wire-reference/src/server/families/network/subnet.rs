//! Subnets.

use super::{acl, block, cidr, vpc, zone};
use crate::server::engine::Input;
use crate::server::engine::input::named;
use crate::server::engine::make::insert_named;
use crate::server::families::interface::INTERFACE;
use crate::server::families::shared::{Defaults, Usual, complete, flag, structures};
use crate::server::families::{Draft, Ending, Family, Making, ipam};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};
use ipnet::{IpNet, Ipv4Net};
use std::borrow::Cow;

pub(in crate::server) static FAMILY: Family = Family {
    making: &[
        ("CreateSubnet", Making { draft, made }),
        (
            "CreateDefaultSubnet",
            Making {
                draft: draft_default,
                made: |_, state, id| furnish(state, id),
            },
        ),
    ],
    changing: &[("ModifySubnetAttribute", change_attribute)],
    ending: &[(
        "DeleteSubnet",
        Ending {
            check: check_end,
            ended: |_, state, id| ipam::release_all(state, id),
        },
    )],
    showing: &[("DescribeSubnets", &["AvailableIpAddressCount"], show)],
    // Documented in the sentences of other filters: further names of them.
    fields: &[
        ("DescribeSubnets", "cidr", |item| shown(item, "CidrBlock")),
        ("DescribeSubnets", "cidrBlock", |item| {
            shown(item, "CidrBlock")
        }),
        ("DescribeSubnets", "availabilityZone", |item| {
            shown(item, "AvailabilityZone")
        }),
        ("DescribeSubnets", "availabilityZoneId", |item| {
            shown(item, "AvailabilityZoneId")
        }),
        ("DescribeSubnets", "defaultForAz", |item| {
            shown(item, "DefaultForAz")
        }),
    ],
    ..Family::NONE
};

/// A scalar of an entry as text, as filters compare it.
fn shown(item: &Item, name: &str) -> Vec<String> {
    let value = item.entry.get(name).and_then(path::text);
    value.map(Cow::into_owned).into_iter().collect()
}

/// How long the prefix of a subnet's block may be.
const PREFIX: std::ops::RangeInclusive<u8> = vpc::PREFIX;
/// The prefix of a default subnet's block.
const DEFAULT_PREFIX: u8 = 20;

const ENTRY: Defaults = &[
    ("DefaultForAz", Usual::Flag(false)),
    ("MapPublicIpOnLaunch", Usual::Flag(false)),
    ("MapCustomerOwnedIpOnLaunch", Usual::Flag(false)),
    ("AssignIpv6AddressOnCreation", Usual::Flag(false)),
    ("Ipv6CidrBlockAssociationSet", Usual::Empty),
    ("AvailableIpAddressCount", Usual::Number(0)),
    ("EnableDns64", Usual::Flag(false)),
    ("Ipv6Native", Usual::Flag(false)),
    (
        "PrivateDnsNameOptionsOnLaunch.HostnameType",
        Usual::Text("ip-name"),
    ),
    (
        "PrivateDnsNameOptionsOnLaunch.EnableResourceNameDnsARecord",
        Usual::Flag(false),
    ),
    (
        "PrivateDnsNameOptionsOnLaunch.EnableResourceNameDnsAAAARecord",
        Usual::Flag(false),
    ),
    (
        "BlockPublicAccessStates.InternetGatewayBlockMode",
        Usual::Text("off"),
    ),
];

/// What a subnet must not have when it ends, beside what the table says.
const KEEPERS: &[&str] = &[
    "network-interface",
    "vpc-endpoint",
    "instance-connect-endpoint",
    "transit-gateway-vpc-attachment",
];

fn draft(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    let vpc_id = input.required("VpcId")?;
    let vpc = named(state, "vpc", vpc_id)?;
    let is_v6_only = input.flag("Ipv6Native") == Some(true);
    let of_pool = match input.text("Ipv4IpamPoolId") {
        Some(pool) => ipam::block_of(input, state, pool)?,
        None => None,
    };
    let block = match of_pool.as_deref().or(input.text("CidrBlock")) {
        Some(_) if is_v6_only => {
            return Err(fault::invalid_combination("CidrBlock", "Ipv6Native"));
        }
        Some(asked) => Some(check_block(state, vpc, asked)?),
        None if is_v6_only => None,
        None => return Err(fault::missing_parameter("cidrBlock")),
    };
    match input.text("Ipv6CidrBlock") {
        Some(asked) => {
            block::check_for_subnet(state, vpc, asked)?;
        }
        None if is_v6_only => return Err(fault::missing_parameter("ipv6CidrBlock")),
        None => {}
    }
    let zone = match zone::asked(input, state, "Subnets")? {
        Some(zone) => Some(zone),
        None => state.store.all("availability-zone").next(),
    };
    if is_v6_only {
        draft.entry.insert("AssignIpv6AddressOnCreation", true);
    }
    place(draft, zone, block);
    Ok(())
}

/// Refuses an IPv4 block that a subnet of a VPC cannot have, and returns it in its canonical form.
fn check_block(state: &State, vpc: &Item, asked: &str) -> Result<Ipv4Net, Fault> {
    let block = cidr::ipv4("cidrBlock", asked)?;
    let is_within = (vpc::blocks(vpc).into_iter())
        .any(|own| own.parse().is_ok_and(|own: Ipv4Net| own.contains(&block)));
    if !PREFIX.contains(&block.prefix_len()) || !is_within {
        let message = format!("The CIDR '{asked}' is invalid.");
        return Err(fault::refusal("InvalidSubnet.Range", message));
    }
    if !is_free(state, &vpc.id, block) {
        let message = format!("The CIDR '{asked}' conflicts with another subnet");
        return Err(fault::refusal("InvalidSubnet.Conflict", message));
    }
    Ok(block)
}

/// Says where a subnet is.
fn place(draft: &mut Draft, zone: Option<&Item>, block: Option<Ipv4Net>) {
    let entry = &mut draft.entry;
    if let Some(block) = block {
        entry.insert("CidrBlock", Value::from(block.to_string()));
        entry.insert("AvailableIpAddressCount", usable(block));
    }
    if let Some(zone) = zone {
        entry.insert("AvailabilityZone", Value::from(zone.id.clone()));
        let id = zone.text("ZoneId").unwrap_or_default();
        entry.insert("AvailabilityZoneId", Value::from(id.to_owned()));
    }
    complete(entry, ENTRY);
}

/// Whether no subnet of a VPC has an address of a block.
fn is_free(state: &State, vpc_id: &str, block: Ipv4Net) -> bool {
    let block = IpNet::from(block);
    let mut subnets = state.store.referrers(vpc_id);
    !subnets.any(|subnet| {
        let other = subnet
            .text("CidrBlock")
            .and_then(|other| other.parse().ok());
        subnet.resource.name == "subnet"
            && other.is_some_and(|other: IpNet| cidr::overlap(&other, &block))
    })
}

fn made(input: &Input, state: &mut State, id: &str) {
    if let Some(Ok(block)) = (input.text("Ipv6CidrBlock")).map(|asked| cidr::ipv6("", asked)) {
        block::add_to_subnet(state, id, &block.to_string());
    }
    if let Some(pool) = input.text("Ipv4IpamPoolId") {
        let block = state.store.get(id).and_then(|item| item.text("CidrBlock"));
        let block = block.unwrap_or_default().to_owned();
        ipam::assign_block(state, pool, &block, id, "subnet");
    }
    furnish(state, id);
}

fn furnish(state: &mut State, id: &str) {
    acl::associate_default(state, id);
}

/// Makes the default subnet of a zone, if the VPC's block has room for it. Returns its id.
pub(super) fn insert_default(state: &mut State, vpc_id: &str, zone: &str) -> Option<String> {
    let draft = draft_of_default(state, vpc_id, zone)?;
    let id = insert_named(state, "subnet", draft, Vec::new());
    furnish(state, &id);
    Some(id)
}

/// A default subnet of a zone, in the first block of its size that no other subnet overlaps.
fn draft_of_default(state: &State, vpc_id: &str, zone: &str) -> Option<Draft> {
    let vpc = state.store.get(vpc_id)?;
    let own: Ipv4Net = vpc.text("CidrBlock")?.parse().ok()?;
    let mut blocks = own.subnets(DEFAULT_PREFIX).ok()?;
    let block = blocks.find(|block| is_free(state, vpc_id, *block))?;
    let mut draft = Draft {
        entry: Structure::from([
            ("VpcId", Value::from(vpc_id.to_owned())),
            ("DefaultForAz", true.into()),
            ("MapPublicIpOnLaunch", true.into()),
        ]),
        ..Draft::default()
    };
    place(&mut draft, zone::find(state, zone), Some(block));
    Some(draft)
}

/// A default subnet in a zone that has none.
fn draft_default(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    let zone = zone::asked(input, state, "Subnets")?;
    let zone = zone.ok_or_else(|| fault::missing_parameter("availabilityZone"))?;
    let Some(vpc) = vpc::default_vpc(state) else {
        return Err(fault::refusal(
            "DefaultVpcDoesNotExist",
            "No default VPC exists for this account in this region.",
        ));
    };
    let is_there = state.store.referrers(&vpc.id).any(|subnet| {
        flag(&subnet.entry, "DefaultForAz") && subnet.text("AvailabilityZone") == Some(&zone.id)
    });
    if is_there {
        let message = format!(
            "A default subnet already exists for this account in this availability zone: {}",
            zone.id
        );
        let code = "DefaultSubnetAlreadyExistsInAvailabilityZone";
        return Err(fault::refusal(code, message));
    }
    let Some(default) = draft_of_default(state, &vpc.id, &zone.id) else {
        let message = "The default VPC has no room for another subnet.";
        return Err(fault::refusal("InvalidSubnet.Conflict", message));
    };
    *draft = default;
    Ok(())
}

/// Attributes, and what shows them.
const ATTRIBUTES: &[(&str, &str)] = &[
    ("AssignIpv6AddressOnCreation", "AssignIpv6AddressOnCreation"),
    ("MapPublicIpOnLaunch", "MapPublicIpOnLaunch"),
    ("MapCustomerOwnedIpOnLaunch", "MapCustomerOwnedIpOnLaunch"),
    ("EnableDns64", "EnableDns64"),
    (
        "PrivateDnsHostnameTypeOnLaunch",
        "PrivateDnsNameOptionsOnLaunch.HostnameType",
    ),
    (
        "EnableResourceNameDnsARecordOnLaunch",
        "PrivateDnsNameOptionsOnLaunch.EnableResourceNameDnsARecord",
    ),
    (
        "EnableResourceNameDnsAAAARecordOnLaunch",
        "PrivateDnsNameOptionsOnLaunch.EnableResourceNameDnsAAAARecord",
    ),
    ("EnableLniAtDeviceIndex", "EnableLniAtDeviceIndex"),
    ("DisableLniAtDeviceIndex", ""),
];

/// Changes one attribute.
fn change_attribute(input: &Input, _: &State, item: &Item, draft: &mut Draft) -> Result<(), Fault> {
    let names: Vec<&'static str> = ATTRIBUTES.iter().map(|(name, _)| *name).collect();
    let attribute = vpc::one_of(input, &names)?;
    let value = match input.get(attribute) {
        Some(Value::Structure(value)) => value.get("Value").cloned(),
        value => value.cloned(),
    };
    let is_on = value == Some(Value::Bool(true));
    if attribute == "AssignIpv6AddressOnCreation"
        && is_on
        && structures(&item.entry, "Ipv6CidrBlockAssociationSet")
            .next()
            .is_none()
    {
        return Err(fault::invalid_value(
            "Invalid value 'true' for assignIpv6AddressOnCreation. \
             The subnet must have an IPv6 CIDR block associated.",
        ));
    }
    if attribute == "DisableLniAtDeviceIndex" && is_on {
        draft.entry.remove("EnableLniAtDeviceIndex");
    }
    if attribute == "MapCustomerOwnedIpOnLaunch"
        && let Some(pool) = input.text("CustomerOwnedIpv4Pool")
    {
        let pool = Value::from(pool.to_owned());
        draft.entry.insert("CustomerOwnedIpv4Pool", pool);
    }
    let shown = ATTRIBUTES.iter().find(|(name, _)| *name == attribute);
    if let (Some((_, at)), Some(value)) = (shown.filter(|(_, at)| !at.is_empty()), value) {
        path::set(&mut draft.entry, at, value);
    }
    Ok(())
}

fn check_end(_: &Input, state: &State, item: &Item) -> Result<(), Fault> {
    super::check_unnamed(state, item, KEEPERS)
}

/// How many addresses of a block can be used: AWS keeps the first four and the last one.
fn usable(block: Ipv4Net) -> i64 {
    const KEPT: i64 = 5;
    (1 << (block.max_prefix_len() - block.prefix_len())) - KEPT
}

/// Shows how many addresses are left.
fn show(state: &State, item: &Item, entry: &mut Structure<'static>) {
    let block = item.text("CidrBlock");
    let Some(block) = block.and_then(|block| block.parse().ok()) else {
        return;
    };
    let interfaces = (state.store.referrers(&item.id)).filter(|other| {
        other.resource.name == INTERFACE && other.text("SubnetId") == Some(&item.id)
    });
    let used =
        interfaces.map(|interface| structures(&interface.entry, "PrivateIpAddresses").count());
    let used = i64::try_from(used.sum::<usize>()).unwrap_or(i64::MAX);
    entry.insert("AvailableIpAddressCount", usable(block) - used);
}
