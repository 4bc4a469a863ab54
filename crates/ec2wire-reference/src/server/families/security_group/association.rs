//! Groups in other VPCs than their own.

use super::{DEFAULT, GROUP};
use crate::server::engine::Input;
use crate::server::engine::end::depended_on;
use crate::server::engine::input::named;
use crate::server::families::interface::INTERFACE;
use crate::server::families::network::vpc;
use crate::server::families::shared::{Looks, page_of, passes};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

/// Where a group notes the VPCs that it is associated with.
const VPCS: &str = "ec2wire:vpcs";

const FILTERS: Looks = &[
    ("group-id", "GroupId"),
    ("group-owner-id", "GroupOwnerId"),
    ("state", "State"),
    ("vpc-id", "VpcId"),
    ("vpc-owner-id", "VpcOwnerId"),
];

/// The VPCs that a group is associated with.
fn others(group: &Item) -> Vec<&str> {
    path::texts(&group.hidden, &format!("{VPCS}[]"))
}

/// The VPCs that a group is associated with now: an association ends with its VPC.
fn associated<'s>(state: &'s State, group: &'s Item) -> impl Iterator<Item = &'s Item> {
    let vpcs = others(group).into_iter();
    vpcs.filter_map(|vpc| state.store.get(vpc).filter(|vpc| !vpc.is_gone()))
}

/// Refuses a group that is associated with another VPC than its own.
pub(super) fn check_none(state: &State, group: &Item) -> Result<(), Fault> {
    match associated(state, group).next() {
        Some(_) => Err(depended_on(group, None)),
        None => Ok(()),
    }
}

/// Whether what is in a VPC can have a group: it is the VPC's own, or associated with it.
pub(in crate::server::families) fn is_usable(group: &Item, vpc: &str) -> bool {
    group.text("VpcId") == Some(vpc) || others(group).contains(&vpc)
}

/// The group and the VPC of a request.
fn asked<'s>(input: &Input, state: &'s State) -> Result<(&'s Item, &'s Item), Fault> {
    let group = named(state, GROUP, input.required("GroupId")?)?;
    let vpc = named(state, "vpc", input.required("VpcId")?)?;
    Ok((group, vpc))
}

fn answer(state: &'static str) -> Structure<'static> {
    Structure::from([("State", Value::from(state))])
}

pub(super) fn associate(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let (group, other) = asked(input, state)?;
    let is_default = vpc::default_vpc(state).is_some_and(|default| default.id == other.id);
    if is_default || group.text("GroupName") == Some(DEFAULT) {
        return Err(fault::refusal(
            "OperationNotPermitted",
            "Default security groups and default VPCs have no associations",
        ));
    }
    if is_usable(group, &other.id) {
        let message = format!("{} is already associated with {}", group.id, other.id);
        return Err(fault::refusal("Resource.AlreadyAssociated", message));
    }
    let (group, other) = (group.id.clone(), other.id.clone());
    input.stop_dry_run()?;
    state.store.update(&group, |item| {
        if let Some(vpcs) = path::list(&mut item.hidden, VPCS) {
            vpcs.push(other.into());
        }
    });
    state.note_change();
    Ok(answer("associating"))
}

pub(super) fn dissociate(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let (group, other) = asked(input, state)?;
    if !others(group).contains(&other.id.as_str()) {
        return Err(fault::not_joined(&group.id));
    }
    let is_used = state.store.referrers(&group.id).any(|item| {
        item.resource.name == INTERFACE && item.text("VpcId") == Some(other.id.as_str())
    });
    if is_used {
        let message = format!("{} is in use in {}", group.id, other.id);
        return Err(fault::refusal("DependencyViolation", message));
    }
    let (group, other) = (group.id.clone(), other.id.clone());
    input.stop_dry_run()?;
    state.store.update(&group, |item| {
        if let Some(vpcs) = path::list(&mut item.hidden, VPCS) {
            vpcs.retain(|vpc| vpc.as_str() != Some(other.as_str()));
        }
    });
    state.note_change();
    Ok(answer("disassociating"))
}

pub(super) fn list(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    let mut entries = Vec::new();
    for group in state.store.all(GROUP) {
        for vpc in associated(state, group) {
            let text = |text: &str| Value::from(text.to_owned());
            let entry = Structure::from([
                ("GroupId", text(&group.id)),
                (
                    "GroupOwnerId",
                    text(group.text("OwnerId").unwrap_or_default()),
                ),
                ("VpcId", text(&vpc.id)),
                ("VpcOwnerId", text(vpc.text("OwnerId").unwrap_or_default())),
                ("State", "associated".into()),
            ]);
            if passes(input, FILTERS, &entry)? {
                entries.push(entry.into());
            }
        }
    }
    let (page, next) = page_of(input, state, entries)?;
    input.stop_dry_run()?;
    let mut answer = Structure::from([("SecurityGroupVpcAssociations", Value::List(page))]);
    if let Some(next) = next {
        answer.insert("NextToken", Value::from(next));
    }
    Ok(answer)
}
