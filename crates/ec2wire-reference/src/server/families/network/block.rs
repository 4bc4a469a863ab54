//! CIDR blocks that VPCs and subnets have: associations with ids of their own.

use super::{acl, cidr, route_table, vpc};
use crate::server::engine::Input;
use crate::server::engine::input::named;
use crate::server::families::shared::{structures, text};
use crate::server::families::{Family, ipam, security_group};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::Ipv6Addr;
use std::ops::RangeInclusive;

pub(in crate::server) static FAMILY: Family = Family {
    perform: &[
        ("AssociateVpcCidrBlock", associate_vpc),
        ("DisassociateVpcCidrBlock", dissociate_vpc),
        ("AssociateSubnetCidrBlock", associate_subnet),
        ("DisassociateSubnetCidrBlock", dissociate_subnet),
    ],
    ..Family::NONE
};

/// How many blocks of a kind a VPC may have.
const MOST_BLOCKS: usize = 5;
/// How long the prefix of an IPv6 block may be. Only every fourth length is allowed.
const PREFIX_V6: RangeInclusive<u8> = 44..=60;
const SUBNET_PREFIX_V6: RangeInclusive<u8> = 44..=64;
/// The prefix of a block that Amazon gives.
const AMAZONS_PREFIX: u8 = 56;

/// Where blocks of a kind stand.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// The entry's list.
    list: &'static str,
    /// The member of the list's entries that has the block.
    block: &'static str,
    /// The member that has its state.
    state: &'static str,
    /// The member of an answer that shows an association.
    shown: &'static str,
}

const V4: Place = Place {
    list: "CidrBlockAssociationSet",
    block: "CidrBlock",
    state: "CidrBlockState",
    shown: "CidrBlockAssociation",
};
const V6: Place = Place {
    list: "Ipv6CidrBlockAssociationSet",
    block: "Ipv6CidrBlock",
    state: "Ipv6CidrBlockState",
    shown: "Ipv6CidrBlockAssociation",
};

/// What has blocks.
#[derive(Debug, Clone, Copy)]
struct Holder {
    /// What an answer calls its id.
    member: &'static str,
    /// How ids of associations begin.
    prefix: &'static str,
    malformed: &'static str,
    unknown: &'static str,
}

const VPC: Holder = Holder {
    member: "VpcId",
    prefix: "vpc-cidr-assoc",
    malformed: "InvalidVpcCidrBlockAssociationId.Malformed",
    unknown: "InvalidVpcCidrBlockAssociationID.NotFound",
};
const SUBNET: Holder = Holder {
    member: "SubnetId",
    prefix: "subnet-cidr-assoc",
    malformed: "InvalidSubnetCidrBlockAssociationId.Malformed",
    unknown: "InvalidSubnetCidrBlockAssociationID.NotFound",
};

/// An IPv6 block, and whose it is.
#[derive(Debug, Clone)]
pub(super) struct Block6 {
    block: Option<Ipv6Net>,
    pool: Option<String>,
    group: Option<String>,
}

/// The IPv6 block that a request wants for a VPC. One of Amazon's is chosen later.
pub(super) fn wanted_v6(input: &Input) -> Result<Option<Block6>, Fault> {
    let amazons = input.flag("AmazonProvidedIpv6CidrBlock") == Some(true);
    let own = input.text("Ipv6CidrBlock");
    let group = input.text("Ipv6CidrBlockNetworkBorderGroup");
    if amazons && own.is_some() {
        return Err(fault::invalid_combination(
            "AmazonProvidedIpv6CidrBlock",
            "Ipv6CidrBlock",
        ));
    }
    let pool = input.text("Ipv6Pool").or(input.text("Ipv6IpamPoolId"));
    let Some(own) = own else {
        return Ok(amazons.then(|| Block6 {
            block: None,
            pool: None,
            group: group.map(str::to_owned),
        }));
    };
    let pool = pool.ok_or_else(|| fault::missing_parameter("Ipv6Pool"))?;
    let block = cidr::ipv6("ipv6CidrBlock", own)?;
    check_length(&block, &PREFIX_V6, own)?;
    Ok(Some(Block6 {
        block: Some(block),
        pool: Some(pool.to_owned()),
        group: group.map(str::to_owned),
    }))
}

fn check_length(block: &Ipv6Net, lengths: &RangeInclusive<u8>, asked: &str) -> Result<(), Fault> {
    if !lengths.contains(&block.prefix_len()) || !block.prefix_len().is_multiple_of(4) {
        return Err(fault::invalid_choice("ipv6CidrBlock", asked));
    }
    Ok(())
}

/// Gives a VPC its IPv4 block, or another one. Returns the association.
pub(super) fn add_v4(state: &mut State, vpc_id: &str, block: &str) -> Structure<'static> {
    add(state, VPC, V4, vpc_id, block, Structure::new())
}

/// Gives a VPC an IPv6 block. Returns the association.
pub(super) fn add_v6(state: &mut State, vpc_id: &str, wanted: Block6) -> Structure<'static> {
    let block = wanted.block.unwrap_or_else(|| amazons(&state.new_digits()));
    let region = &state.config.region;
    let group = wanted.group.unwrap_or_else(|| region.clone());
    let source = match wanted.pool {
        Some(_) => "byoip",
        None => "amazon",
    };
    let more = Structure::from([
        (
            "Ipv6Pool",
            Value::from(wanted.pool.unwrap_or_else(|| "Amazon".to_owned())),
        ),
        ("NetworkBorderGroup", group.into()),
        ("Ipv6AddressAttribute", "public".into()),
        ("IpSource", source.into()),
    ]);
    let association = add(state, VPC, V6, vpc_id, &block.to_string(), more);
    let vpc = state.store.get(vpc_id);
    let count = vpc.map(|vpc| structures(&vpc.entry, V6.list).count());
    if count == Some(1) {
        security_group::allow_v6(state, vpc_id);
    }
    association
}

/// Gives a subnet an IPv6 block. Returns the association.
pub(super) fn add_to_subnet(state: &mut State, subnet_id: &str, block: &str) -> Structure<'static> {
    let more = Structure::from([
        ("Ipv6AddressAttribute", Value::from("public")),
        ("IpSource", "amazon".into()),
    ]);
    add(state, SUBNET, V6, subnet_id, block, more)
}

/// A block of Amazon's, from the digits of a new id.
fn amazons(digits: &str) -> Ipv6Net {
    let number = u64::from_str_radix(digits, 16).unwrap_or_default();
    let [.., a, b, c] = number.to_be_bytes();
    let third = u16::from_be_bytes([a, b]);
    let fourth = u16::from_be_bytes([c, 0]);
    let address = Ipv6Addr::new(0x2600, 0x1f18, third, fourth, 0, 0, 0, 0);
    Ipv6Net::new(address, AMAZONS_PREFIX).unwrap_or_default()
}

fn add(
    state: &mut State,
    holder: Holder,
    place: Place,
    id: &str,
    block: &str,
    more: Structure<'static>,
) -> Structure<'static> {
    let association_id = format!("{}-{}", holder.prefix, state.new_digits());
    let mut association = more;
    association.insert("AssociationId", Value::from(association_id.clone()));
    association.insert(place.block, Value::from(block.to_owned()));
    path::set(
        &mut association,
        &format!("{}.State", place.state),
        "associated".into(),
    );
    state.store.update(id, |item| {
        if let Some(entries) = path::list(&mut item.entry, place.list) {
            entries.push(association.clone().into());
        }
        item.claims.push(claim(&association_id));
    });
    association
}

fn claim(association: &str) -> String {
    format!("association\u{0}{association}")
}

/// Refuses an IPv4 block that a VPC cannot have, and returns it in its canonical form.
fn check_v4(vpc: &Item, asked: &str) -> Result<Ipv4Net, Fault> {
    let block = vpc::check_block(asked)?;
    let is_taken =
        (vpc::blocks(vpc).into_iter()).any(|own| cidr::texts_overlap(own, &block.to_string()));
    if is_taken {
        let message = format!("The CIDR '{asked}' conflicts with another CIDR block of the VPC");
        return Err(fault::refusal("CidrConflict", message));
    }
    Ok(block)
}

/// An answer that shows an association in a state which it soon leaves.
fn answer(
    holder: Holder,
    place: Place,
    id: &str,
    mut association: Structure<'static>,
    shown: &'static str,
) -> Structure<'static> {
    let at = format!("{}.State", place.state);
    path::set(&mut association, &at, shown.into());
    Structure::from([
        (place.shown, association.into()),
        (holder.member, id.to_owned().into()),
    ])
}

fn associate_vpc(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let vpc_id = input.required("VpcId")?;
    let vpc = named(state, "vpc", vpc_id)?;
    let v6 = wanted_v6(input)?;
    let pool = input.text("Ipv4IpamPoolId");
    let of_pool = match pool {
        Some(pool) => ipam::block_of(input, state, pool)?,
        None => None,
    };
    let v4 = of_pool.as_deref().or(input.text("CidrBlock"));
    let place = match (v4, &v6) {
        (Some(_), Some(_)) => {
            return Err(fault::invalid_combination("CidrBlock", "Ipv6CidrBlock"));
        }
        (Some(_), None) => V4,
        (None, Some(_)) => V6,
        (None, None) => return Err(fault::missing_parameter("cidrBlock")),
    };
    let block = v4.map(|asked| check_v4(vpc, asked)).transpose()?;
    if structures(&vpc.entry, place.list).count() >= MOST_BLOCKS {
        let message = format!(
            "This network '{vpc_id}' has met its maximum number of allowed CIDRs: {MOST_BLOCKS}"
        );
        return Err(fault::refusal("CidrLimitExceeded", message));
    }
    input.stop_dry_run()?;
    let association = match (block, v6) {
        (Some(block), _) => add_v4(state, vpc_id, &block.to_string()),
        (None, Some(wanted)) => add_v6(state, vpc_id, wanted),
        (None, None) => Structure::new(),
    };
    if let Some(block) = text(&association, place.block) {
        if let Some(pool) = pool {
            ipam::assign_block(state, pool, block, vpc_id, "vpc");
        }
        route_table::block_added(state, vpc_id, block);
        if block.contains(':') {
            acl::v6_added(state, vpc_id);
        }
    }
    state.note_change();
    Ok(answer(VPC, place, vpc_id, association, "associating"))
}

/// The item that has an association, and the association.
fn find<'s>(
    state: &'s State,
    holder: Holder,
    id: &str,
) -> Result<(&'s Item, Place, &'s Structure<'static>), Fault> {
    let is_formed = id
        .strip_prefix(holder.prefix)
        .is_some_and(|rest| rest.starts_with('-'));
    if !is_formed {
        let message = format!("Invalid id: \"{id}\" (expecting \"{}-...\")", holder.prefix);
        return Err(fault::refusal(holder.malformed, message));
    }
    let found = state.store.claimant(&claim(id)).and_then(|item| {
        [V4, V6].into_iter().find_map(|place| {
            let mut entries = structures(&item.entry, place.list);
            let entry = entries.find(|entry| text(entry, "AssociationId") == Some(id))?;
            Some((item, place, entry))
        })
    });
    found.ok_or_else(|| {
        let message = format!("The CIDR block association ID '{id}' does not exist");
        fault::refusal(holder.unknown, message)
    })
}

fn remove(state: &mut State, id: &str, place: Place, association: &str) {
    super::remove_entries(state, id, place.list, "AssociationId", association);
    state.store.update(id, |item| {
        let gone = claim(association);
        item.claims.retain(|claim| *claim != gone);
    });
    state.note_change();
}

fn dissociate_vpc(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let association_id = input.required("AssociationId")?;
    let (vpc, place, association) = find(state, VPC, association_id)?;
    let block = text(association, place.block)
        .unwrap_or_default()
        .to_owned();
    if vpc.text("CidrBlock") == Some(&block) {
        let message = format!(
            "The vpc CIDR block with association ID {association_id} may not be disassociated. \
             It is the primary IPv4 CIDR block of the VPC"
        );
        return Err(fault::refusal("OperationNotPermitted", message));
    }
    let own: Option<IpNet> = block.parse().ok();
    let is_used = state.store.referrers(&vpc.id).any(|other| {
        let blocks = path::texts(&other.entry, "Ipv6CidrBlockAssociationSet[].Ipv6CidrBlock");
        let mut blocks = blocks.into_iter().chain(other.text("CidrBlock"));
        let is_within = |block: &str| match (block.parse::<IpNet>(), &own) {
            (Ok(block), Some(own)) => own.contains(&block),
            _ => false,
        };
        other.resource.name == "subnet" && blocks.any(is_within)
    });
    if is_used {
        let message = format!("The vpc CIDR block {block} has dependencies and cannot be removed.");
        return Err(fault::refusal("DependencyViolation", message));
    }
    input.stop_dry_run()?;
    let (vpc_id, association) = (vpc.id.clone(), association.clone());
    remove(state, &vpc_id, place, association_id);
    ipam::release_block(state, &vpc_id, &block);
    route_table::block_removed(state, &vpc_id, &block);
    Ok(answer(VPC, place, &vpc_id, association, "disassociating"))
}

/// Refuses an IPv6 block that a subnet of a VPC cannot have, and returns it in its canonical form.
pub(super) fn check_for_subnet(state: &State, vpc: &Item, asked: &str) -> Result<String, Fault> {
    let block = cidr::ipv6("ipv6CidrBlock", asked)?;
    check_length(&block, &SUBNET_PREFIX_V6, asked)?;
    let is_within = (vpc::blocks(vpc).into_iter())
        .any(|own| own.parse().is_ok_and(|own: Ipv6Net| own.contains(&block)));
    if !is_within {
        let message = format!("The CIDR '{asked}' is invalid.");
        return Err(fault::refusal("InvalidSubnet.Range", message));
    }
    let block = block.to_string();
    let is_taken = state.store.referrers(&vpc.id).any(|other| {
        let blocks = path::texts(&other.entry, "Ipv6CidrBlockAssociationSet[].Ipv6CidrBlock");
        let mut blocks = blocks.into_iter();
        other.resource.name == "subnet" && blocks.any(|own| cidr::texts_overlap(own, &block))
    });
    if is_taken {
        let message = format!("The CIDR '{asked}' conflicts with another subnet");
        return Err(fault::refusal("InvalidSubnet.Conflict", message));
    }
    Ok(block)
}

fn associate_subnet(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let subnet_id = input.required("SubnetId")?;
    let subnet = named(state, "subnet", subnet_id)?;
    let vpc = named(state, "vpc", subnet.text("VpcId").unwrap_or_default())?;
    let asked = input.required("Ipv6CidrBlock")?;
    if structures(&subnet.entry, V6.list).next().is_some() {
        let message = format!("The subnet '{subnet_id}' already has an IPv6 CIDR block");
        return Err(fault::invalid_value(message));
    }
    let block = check_for_subnet(state, vpc, asked)?;
    input.stop_dry_run()?;
    let association = add_to_subnet(state, subnet_id, &block);
    state.note_change();
    Ok(answer(SUBNET, V6, subnet_id, association, "associating"))
}

fn dissociate_subnet(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let association_id = input.required("AssociationId")?;
    let (subnet, place, association) = find(state, SUBNET, association_id)?;
    input.stop_dry_run()?;
    let (subnet_id, association) = (subnet.id.clone(), association.clone());
    remove(state, &subnet_id, place, association_id);
    Ok(answer(
        SUBNET,
        place,
        &subnet_id,
        association,
        "disassociating",
    ))
}
