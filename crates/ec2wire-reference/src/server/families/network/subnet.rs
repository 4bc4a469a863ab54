//! Subnets.

use super::{acl, cidr, vpc, zone};
use crate::server::engine::Input;
use crate::server::engine::input::named;
use crate::server::engine::make::insert_named;
use crate::server::families::interface::INTERFACE;
use crate::server::families::shared::{Defaults, Usual, complete, structures};
use crate::server::families::{Draft, Ending, Family, Making};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::Item;
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};
use ipnet::{IpNet, Ipv4Net};

pub(in crate::server) static FAMILY: Family = Family {
    making: &[("CreateSubnet", Making { draft, made })],
    ending: &[("DeleteSubnet", Ending::check(check_end))],
    showing: &[("DescribeSubnets", show)],
    ..Family::NONE
};

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
    "nat-gateway",
    "vpc-endpoint",
    "instance-connect-endpoint",
    "transit-gateway-vpc-attachment",
];

fn draft(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    let vpc_id = input.required("VpcId")?;
    let vpc = named(state, "vpc", vpc_id)?;
    let Some(asked) = input.text("CidrBlock") else {
        return Err(fault::missing_parameter("cidrBlock"));
    };
    let block = cidr::ipv4("cidrBlock", asked)?;
    if !PREFIX.contains(&block.prefix_len()) || !is_within(vpc, &block.into()) {
        let message = format!("The CIDR '{asked}' is invalid.");
        return Err(fault::refusal("InvalidSubnet.Range", message));
    }
    check_free(state, vpc_id, &block.to_string(), "CidrBlock")?;
    let zone = match zone::asked(input, state)? {
        Some(zone) => Some(zone),
        None => state.store.all("availability-zone").next(),
    };
    place(draft, zone, block);
    Ok(())
}

/// Says where a subnet is.
fn place(draft: &mut Draft, zone: Option<&Item>, block: Ipv4Net) {
    let entry = &mut draft.entry;
    entry.insert("CidrBlock", Value::from(block.to_string()));
    let count = usable(block);
    entry.insert("AvailableIpAddressCount", count);
    if let Some(zone) = zone {
        entry.insert("AvailabilityZone", Value::from(zone.id.clone()));
        let id = zone.text("ZoneId").unwrap_or_default();
        entry.insert("AvailabilityZoneId", Value::from(id.to_owned()));
    }
    complete(entry, ENTRY);
}

/// Whether a block is within one of a VPC's.
fn is_within(vpc: &Item, block: &IpNet) -> bool {
    (vpc::blocks(vpc).into_iter())
        .any(|own| own.parse().is_ok_and(|own: IpNet| own.contains(block)))
}

/// Refuses a block that overlaps another subnet's.
fn check_free(state: &State, vpc_id: &str, block: &str, member: &str) -> Result<(), Fault> {
    let mut subnets = state.store.all("subnet");
    let overlaps = |subnet: &Item| {
        subnet.text("VpcId") == Some(vpc_id)
            && (subnet.text(member)).is_some_and(|other| cidr::texts_overlap(other, block))
    };
    if subnets.any(overlaps) {
        let message = format!("The CIDR '{block}' conflicts with another subnet");
        return Err(fault::refusal("InvalidSubnet.Conflict", message));
    }
    Ok(())
}

fn made(_: &Input, state: &mut State, id: &str) {
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
    let is_free =
        |block: &Ipv4Net| check_free(state, vpc_id, &block.to_string(), "CidrBlock").is_ok();
    let block = blocks.find(is_free)?;
    let mut draft = Draft {
        entry: Structure::from([
            ("VpcId", Value::from(vpc_id.to_owned())),
            ("DefaultForAz", true.into()),
            ("MapPublicIpOnLaunch", true.into()),
        ]),
        ..Draft::default()
    };
    place(&mut draft, zone::find(state, zone), block);
    Some(draft)
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
