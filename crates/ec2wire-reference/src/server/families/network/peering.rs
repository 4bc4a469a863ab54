//! Peering connections between VPCs.

use super::{cidr, vpc};
use crate::server::engine::Input;
use crate::server::engine::answer;
use crate::server::engine::answer::done;
use crate::server::engine::input::named;
use crate::server::families::shared::{Defaults, Usual, complete};
use crate::server::families::{Draft, Ending, Family, Making};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

pub(in crate::server) static FAMILY: Family = Family {
    making: &[("CreateVpcPeeringConnection", Making::draft(draft))],
    ending: &[(
        "DeleteVpcPeeringConnection",
        Ending {
            check: check_end,
            ended,
        },
    )],
    perform: &[
        ("AcceptVpcPeeringConnection", accept),
        ("RejectVpcPeeringConnection", reject),
        ("ModifyVpcPeeringConnectionOptions", modify_options),
    ],
    // It may be another account's, or another Region's.
    lookups: &[("CreateVpcPeeringConnection", "PeerVpcId")],
    ..Family::NONE
};

const PEERING: &str = "vpc-peering-connection";
/// How long a request waits to be accepted.
const DAYS: i64 = 7;

const OPTIONS: Defaults = &[
    ("AllowDnsResolutionFromRemoteVpc", Usual::Flag(false)),
    (
        "AllowEgressFromLocalClassicLinkToRemoteVpc",
        Usual::Flag(false),
    ),
    (
        "AllowEgressFromLocalVpcToRemoteClassicLink",
        Usual::Flag(false),
    ),
];

fn draft(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    let vpc_id = input.required("VpcId")?;
    let peer_id = input.required("PeerVpcId")?;
    let own = named(state, "vpc", vpc_id)?;
    let config = &state.config;
    let owner = input.text("PeerOwnerId").unwrap_or(&config.account);
    let region = input.text("PeerRegion").unwrap_or(&config.region);
    let is_here = owner == config.account && region == config.region;
    let peer = is_here.then(|| named(state, "vpc", peer_id)).transpose()?;
    let known = state.store.referrers(vpc_id).any(|other| {
        let ends = ["RequesterVpcInfo.VpcId", "AccepterVpcInfo.VpcId"].map(|end| other.text(end));
        other.resource.name == PEERING
            && other.state() != Some("failed")
            && ends.contains(&Some(vpc_id))
            && ends.contains(&Some(peer_id))
    });
    if known && vpc_id != peer_id {
        let message =
            format!("A peering connection between {vpc_id} and {peer_id} already exists.");
        let code = "VpcPeeringConnectionAlreadyExists";
        return Err(fault::refusal(code, message));
    }
    let overlaps = peer.is_some_and(|peer| {
        let blocks = vpc::blocks(peer);
        let overlap = |own: &str| blocks.iter().any(|other| cidr::texts_overlap(own, other));
        vpc::blocks(own).into_iter().any(overlap)
    });
    let entry = &mut draft.entry;
    let mut requester = side(vpc_id, &config.account, &config.region);
    show_blocks(&mut requester, own);
    entry.insert("RequesterVpcInfo", requester);
    entry.insert("AccepterVpcInfo", side(peer_id, owner, region));
    if overlaps {
        let message = "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range";
        set_status(entry, "failed", message);
    } else {
        let expires = jiff::Timestamp::try_from(state.now()).ok();
        let expires = expires.and_then(|now| {
            now.checked_add(jiff::SignedDuration::from_hours(24 * DAYS))
                .ok()
        });
        if let Some(expires) = expires {
            entry.insert("ExpirationTime", Value::Timestamp(expires.into()));
        }
        set_status(
            entry,
            "pending-acceptance",
            &format!("Pending Acceptance by {owner}"),
        );
    }
    Ok(())
}

fn side(vpc_id: &str, owner: &str, region: &str) -> Structure<'static> {
    Structure::from([
        ("VpcId", Value::from(vpc_id.to_owned())),
        ("OwnerId", owner.to_owned().into()),
        ("Region", region.to_owned().into()),
    ])
}

/// Shows the blocks of a side's VPC, and what is allowed to it.
fn show_blocks(side: &mut Structure<'static>, vpc: &Item) {
    let block = vpc.text("CidrBlock").unwrap_or_default().to_owned();
    side.insert("CidrBlock", Value::from(block));
    for (list, member) in [
        ("CidrBlockSet", "CidrBlock"),
        ("Ipv6CidrBlockSet", "Ipv6CidrBlock"),
    ] {
        let of_kind = vpc::blocks(vpc).into_iter();
        let of_kind = of_kind.filter(|block| block.contains(':') == member.starts_with("Ipv6"));
        let shown: Vec<Value<'static>> = of_kind
            .map(|block| Structure::from([(member, Value::from(block.to_owned()))]).into())
            .collect();
        if !shown.is_empty() {
            side.insert(list, Value::List(shown));
        }
    }
    let mut options = Structure::new();
    complete(&mut options, OPTIONS);
    side.insert("PeeringOptions", options);
}

fn set_status(entry: &mut Structure<'static>, code: &'static str, message: &str) {
    let status = Structure::from([
        ("Code", Value::from(code)),
        ("Message", message.to_owned().into()),
    ]);
    entry.insert("Status", status);
}

/// Refuses to do something with a connection that is not in the right state for it.
fn check_state(item: &Item, allowed: &[&str], to: &str) -> Result<(), Fault> {
    let state = item.state().unwrap_or_default();
    if allowed.contains(&state) {
        return Ok(());
    }
    let message = format!(
        "Invalid state transition for {}, attempted to transition from {state} to {to}",
        item.id
    );
    Err(fault::refusal("InvalidStateTransition", message))
}

fn accept(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let id = input.required("VpcPeeringConnectionId")?;
    let item = named(state, PEERING, id)?;
    check_state(item, &["pending-acceptance"], "active")?;
    let config = &state.config;
    let is_own = item.text("AccepterVpcInfo.OwnerId") == Some(&config.account)
        && item.text("AccepterVpcInfo.Region") == Some(&config.region);
    if !is_own {
        let message = format!("User {} cannot accept peering {id}", config.account);
        return Err(fault::refusal("OperationNotPermitted", message));
    }
    let vpc = named(
        state,
        "vpc",
        item.text("AccepterVpcInfo.VpcId").unwrap_or_default(),
    )?;
    let mut accepter = side(&vpc.id, &config.account, &config.region);
    show_blocks(&mut accepter, vpc);
    input.stop_dry_run()?;
    let resource = item.resource;
    state.store.update(id, |item| {
        item.entry.insert("AccepterVpcInfo", accepter);
        item.entry.remove("ExpirationTime");
        set_status(&mut item.entry, "active", "Active");
    });
    state.note_change();
    let shown = state.store.get(id).map(|item| {
        let mut entry = answer::entry(item);
        set_status(&mut entry, "provisioning", "Provisioning");
        entry
    });
    let shown: Vec<_> = shown.into_iter().collect();
    Ok(answer::about(input, &shown, &[id.to_owned()], resource))
}

fn reject(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let id = input.required("VpcPeeringConnectionId")?;
    check_state(
        named(state, PEERING, id)?,
        &["pending-acceptance"],
        "rejected",
    )?;
    input.stop_dry_run()?;
    let message = format!("Rejected by {}", state.config.account);
    state.store.update(id, |item| {
        item.entry.remove("ExpirationTime");
        set_status(&mut item.entry, "rejected", &message);
    });
    state.store.end(id);
    state.note_change();
    Ok(done())
}

fn check_end(_: &Input, _: &State, item: &Item) -> Result<(), Fault> {
    check_state(item, &["pending-acceptance", "active"], "deleted")
}

fn ended(_: &Input, state: &mut State, id: &str) {
    let message = format!("Deleted by {}", state.config.account);
    state.store.update(id, |item| {
        item.entry.remove("ExpirationTime");
        set_status(&mut item.entry, "deleted", &message);
    });
}

/// Ends the connections of a VPC that has ended.
pub(super) fn vpc_ended(state: &mut State, vpc_id: &str) {
    let connections = state.store.referrers(vpc_id);
    let connections = connections.filter(|other| other.resource.name == PEERING);
    let ids: Vec<String> = connections.map(|other| other.id.clone()).collect();
    for id in ids {
        crate::server::engine::end::finish(state, &id);
    }
}

/// Changes what a side is allowed.
fn modify_options(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let id = input.required("VpcPeeringConnectionId")?;
    let item = named(state, PEERING, id)?;
    if item.state() != Some("active") {
        let message = format!(
            "Peering {id} is not active. Peering options can be added only to active peerings."
        );
        return Err(fault::refusal("OperationNotPermitted", message));
    }
    input.stop_dry_run()?;
    let mut shown = Structure::new();
    for (member, side) in [
        ("RequesterPeeringConnectionOptions", "RequesterVpcInfo"),
        ("AccepterPeeringConnectionOptions", "AccepterVpcInfo"),
    ] {
        let Some(Value::Structure(options)) = input.get(member) else {
            continue;
        };
        state.store.update(id, |item| {
            for (name, value) in options.iter() {
                let at = format!("{side}.PeeringOptions.{name}");
                path::set(&mut item.entry, &at, value.clone());
            }
        });
        shown.insert(member, options.clone());
    }
    state.note_change();
    Ok(shown)
}
