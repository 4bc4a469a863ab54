//! VPCs, their blocks and attributes.

use super::{acl, block, cidr, dhcp, hidden, peering, route_table, start};
use crate::server::engine::input::named;
use crate::server::engine::make::insert_named;
use crate::server::engine::{Input, change};
use crate::server::families::shared::{Defaults, Usual, complete, flag};
use crate::server::families::{Draft, Ending, Family, Making, interface, ipam, security_group};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::Item;
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};
use ipnet::Ipv4Net;

pub(in crate::server) static FAMILY: Family = Family {
    making: &[
        ("CreateVpc", Making { draft, made }),
        (
            "CreateDefaultVpc",
            Making {
                draft: draft_default,
                made: made_default,
            },
        ),
    ],
    ending: &[(
        "DeleteVpc",
        Ending {
            check: check_end,
            ended: |_, state, id| {
                ipam::release_all(state, id);
                peering::vpc_ended(state, id);
            },
        },
    )],
    changing: &[
        ("ModifyVpcAttribute", change_attribute),
        ("ModifyVpcTenancy", change_tenancy),
    ],
    perform: &[
        ("DescribeVpcAttribute", |input, state| {
            describe_attribute(input, state)
        }),
        ("ModifyVpcAttribute", |input, state| {
            let answer = change::as_planned(input, state)?;
            interface::name_again(state, input.required("VpcId")?);
            Ok(answer)
        }),
    ],
    fields: &[("DescribeVpcClassicLink", "is-classic-link-enabled", |_| {
        vec!["false".to_owned()]
    })],
    ..Family::NONE
};

/// The block of a default VPC.
const DEFAULT_BLOCK: &str = "172.31.0.0/16";
/// How long the prefix of a VPC's block may be.
pub(super) const PREFIX: std::ops::RangeInclusive<u8> = 16..=28;

const ENTRY: Defaults = &[
    ("InstanceTenancy", Usual::Text("default")),
    ("Ipv6CidrBlockAssociationSet", Usual::Empty),
    ("CidrBlockAssociationSet", Usual::Empty),
    ("IsDefault", Usual::Flag(false)),
    (
        "BlockPublicAccessStates.InternetGatewayBlockMode",
        Usual::Text("off"),
    ),
];

/// What its attributes are at first.
const HIDDEN: Defaults = &[
    (DNS_SUPPORT, Usual::Flag(true)),
    (DNS_HOSTNAMES, Usual::Flag(false)),
    (ADDRESS_METRICS, Usual::Flag(false)),
];

pub(in crate::server::families) const DNS_SUPPORT: &str = "EnableDnsSupport";
pub(in crate::server::families) const DNS_HOSTNAMES: &str = "EnableDnsHostnames";
const ADDRESS_METRICS: &str = "EnableNetworkAddressUsageMetrics";
const ATTRIBUTES: [&str; 3] = [DNS_SUPPORT, DNS_HOSTNAMES, ADDRESS_METRICS];

/// Where a VPC notes what it is made of.
pub(super) const MAIN_TABLE: &str = "MainRouteTable";
pub(super) const DEFAULT_ACL: &str = "DefaultNetworkAcl";
pub(super) const DEFAULT_GROUP: &str = "DefaultSecurityGroup";

/// What a VPC must not have when it ends, beside what the table says. Its own parts do not count.
const KEEPERS: &[&str] = &[
    "network-acl",
    "network-interface",
    "egress-only-internet-gateway",
    "carrier-gateway",
    "vpc-endpoint",
    "transit-gateway-vpc-attachment",
];

/// The default VPC of the account, if it has one.
pub(in crate::server) fn default_vpc(state: &State) -> Option<&Item> {
    let mut vpcs = state.store.all("vpc");
    vpcs.find(|item| flag(&item.entry, "IsDefault"))
}

fn draft(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    let of_pool = match input.text("Ipv4IpamPoolId") {
        Some(pool) => ipam::block_of(input, state, pool)?,
        None => None,
    };
    let Some(asked) = of_pool.as_deref().or(input.text("CidrBlock")) else {
        return Err(fault::missing_parameter("cidrBlock"));
    };
    let block = check_block(asked)?;
    block::wanted_v6(input)?;
    draft
        .entry
        .insert("CidrBlock", Value::from(block.to_string()));
    prepare(draft);
    Ok(())
}

/// Refuses an IPv4 block that no VPC can have, and returns it in its canonical form.
pub(super) fn check_block(asked: &str) -> Result<Ipv4Net, Fault> {
    let block = cidr::ipv4("cidrBlock", asked)?;
    if !PREFIX.contains(&block.prefix_len()) {
        let message = format!("The CIDR '{asked}' is invalid.");
        return Err(fault::refusal("InvalidVpc.Range", message));
    }
    Ok(block)
}

fn prepare(draft: &mut Draft) {
    complete(&mut draft.entry, ENTRY);
    complete(&mut draft.hidden, HIDDEN);
}

fn made(input: &Input, state: &mut State, id: &str) {
    if let Ok(Some(wanted)) = block::wanted_v6(input) {
        block::add_v6(state, id, wanted);
    }
    if let Some(pool) = input.text("Ipv4IpamPoolId") {
        let block = state.store.get(id).and_then(|item| item.text("CidrBlock"));
        let block = block.unwrap_or_default().to_owned();
        ipam::assign_block(state, pool, &block, id, "vpc");
    }
    furnish(state, id);
}

/// Gives a new VPC what it is made of.
fn furnish(state: &mut State, id: &str) {
    let options = dhcp::default_options(state);
    let block = state.store.get(id).and_then(|item| item.text("CidrBlock"));
    let block = block.unwrap_or_default().to_owned();
    block::add_v4(state, id, &block);
    state.store.update(id, |item| {
        item.entry.insert("DhcpOptionsId", Value::from(options));
    });
    let parts = [
        (MAIN_TABLE, route_table::insert_main(state, id)),
        (DEFAULT_ACL, acl::insert_default(state, id)),
        (DEFAULT_GROUP, security_group::create_default(state, id)),
    ];
    state.store.update(id, |item| {
        for (name, part) in parts {
            item.hidden.insert(name, Value::from(part));
        }
    });
}

/// The id of a part of a VPC.
pub(super) fn part(state: &State, vpc_id: &str, name: &str) -> Option<String> {
    let vpc = state.store.get(vpc_id)?;
    hidden(vpc, name).map(str::to_owned)
}

/// The blocks of a VPC, IPv4 and IPv6.
pub(super) fn blocks(vpc: &Item) -> Vec<&str> {
    use crate::server::store::path::texts;

    let mut blocks = texts(&vpc.entry, "CidrBlockAssociationSet[].CidrBlock");
    let more = texts(&vpc.entry, "Ipv6CidrBlockAssociationSet[].Ipv6CidrBlock");
    blocks.extend(more);
    blocks
}

fn draft_default(_: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    if default_vpc(state).is_some() {
        return Err(fault::refusal(
            "DefaultVpcAlreadyExists",
            "A Default VPC already exists for this account in this region.",
        ));
    }
    prepare_default(draft);
    Ok(())
}

fn prepare_default(draft: &mut Draft) {
    draft.entry.insert("CidrBlock", DEFAULT_BLOCK);
    draft.entry.insert("IsDefault", true);
    draft.hidden.insert(DNS_HOSTNAMES, true);
    prepare(draft);
}

fn made_default(_: &Input, state: &mut State, id: &str) {
    furnish(state, id);
    start::furnish(state, id);
}

/// Makes the default VPC, without subnets. Returns its id.
pub(super) fn insert_default(state: &mut State) -> String {
    let mut draft = Draft::default();
    prepare_default(&mut draft);
    let id = insert_named(state, "vpc", draft, Vec::new());
    furnish(state, &id);
    id
}

fn check_end(_: &Input, state: &State, item: &Item) -> Result<(), Fault> {
    super::check_unnamed(state, item, KEEPERS)
}

/// Changes one attribute.
fn change_attribute(input: &Input, _: &State, _: &Item, draft: &mut Draft) -> Result<(), Fault> {
    let attribute = one_of(input, &ATTRIBUTES)?;
    if let Some(value) = input.flag(&format!("{attribute}.Value")) {
        if attribute == DNS_HOSTNAMES && value && !flag(&draft.hidden, DNS_SUPPORT) {
            return Err(fault::invalid_value(
                "DNS hostnames can only be enabled where DNS support is enabled",
            ));
        }
        draft.hidden.insert(attribute, value);
    }
    Ok(())
}

/// The one member of these that a request has.
pub(super) fn one_of(input: &Input, members: &[&'static str]) -> Result<&'static str, Fault> {
    let mut asked = members.iter().filter(|name| input.get(name).is_some());
    match (asked.next(), asked.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(fault::refusal(
            "InvalidParameterCombination",
            "No attributes specified.",
        )),
        (Some(one), Some(other)) => {
            let message = format!("Fields for multiple attribute types specified: {one}, {other}");
            Err(fault::refusal("InvalidParameterCombination", message))
        }
    }
}

fn change_tenancy(input: &Input, _: &State, _: &Item, draft: &mut Draft) -> Result<(), Fault> {
    let tenancy = input.required("InstanceTenancy")?;
    draft
        .entry
        .insert("InstanceTenancy", Value::from(tenancy.to_owned()));
    Ok(())
}

fn describe_attribute(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    let vpc_id = input.required("VpcId")?;
    let vpc = named(state, "vpc", vpc_id)?;
    let asked = input.required("Attribute")?;
    let attribute = ATTRIBUTES
        .iter()
        .find(|name| name.eq_ignore_ascii_case(asked));
    let attribute = attribute.ok_or_else(|| fault::invalid_choice("attribute", asked))?;
    input.stop_dry_run()?;
    let value = Structure::from([("Value", flag(&vpc.hidden, attribute).into())]);
    Ok(Structure::from([
        ("VpcId", Value::from(vpc_id.to_owned())),
        (attribute, value.into()),
    ]))
}
