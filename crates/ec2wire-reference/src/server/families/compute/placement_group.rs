//! Placement groups.

use crate::server::engine::Input;
use crate::server::engine::end::finish;
use crate::server::engine::list::as_planned;
use crate::server::families::{Draft, Family, Making};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::Item;
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

pub(in crate::server::families) static FAMILY: Family = Family {
    perform: &[
        ("DeletePlacementGroup", delete),
        ("DescribePlacementGroups", |input, state| {
            for name in input.texts("GroupNames") {
                check(state, name)?;
            }
            as_planned(input, state)
        }),
    ],
    making: &[("CreatePlacementGroup", Making::draft(draft))],
    selecting: &[("DescribePlacementGroups", |input, _, item| {
        let names = input.texts("GroupNames");
        names.is_empty()
            || item
                .text("GroupName")
                .is_some_and(|name| names.contains(&name))
    })],
    // Groups are named by their names.
    lookups: &[("DeletePlacementGroup", "GroupName")],
    ..Family::NONE
};

fn by_name<'s>(state: &'s State, name: &str) -> Result<&'s Item, Fault> {
    let found = state.store.claimant(&format!("placement-group\u{0}{name}"));
    found.ok_or_else(|| {
        let message = format!("The Placement Group '{name}' is unknown.");
        fault::refusal("InvalidPlacementGroup.Unknown", message)
    })
}

/// Refuses a group that does not exist.
pub(super) fn check(state: &State, name: &str) -> Result<(), Fault> {
    by_name(state, name).map(|_| ())
}

fn draft(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    const USUAL_PARTITIONS: i64 = 2;
    let name = input.required("GroupName")?;
    let strategy = input.text("Strategy").unwrap_or("cluster");
    if strategy != "partition" && input.integer("PartitionCount").is_some() {
        return Err(fault::refusal(
            "InvalidParameterCombination",
            "The parameter PartitionCount is only supported for the partition strategy",
        ));
    }
    let (account, region) = (&state.config.account, &state.config.region);
    let arn = format!("arn:aws:ec2:{region}:{account}:placement-group/{name}");
    draft.entry.insert("GroupArn", Value::from(arn));
    draft
        .entry
        .insert("Strategy", Value::from(strategy.to_owned()));
    match strategy {
        "partition" if draft.entry.get("PartitionCount").is_none() => {
            draft.entry.insert("PartitionCount", USUAL_PARTITIONS);
        }
        "spread" if draft.entry.get("SpreadLevel").is_none() => {
            draft.entry.insert("SpreadLevel", Value::from("rack"));
        }
        _ => {}
    }
    Ok(())
}

fn delete(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let name = input.required("GroupName")?;
    let item = by_name(state, name)?;
    let id = item.id.clone();
    let has_instances =
        (state.store.all("instance")).any(|item| item.text("Placement.GroupName") == Some(name));
    let is_parent = (state.store.all("placement-group"))
        .any(|group| group.text("ParentGroupId") == Some(id.as_str()));
    if has_instances || is_parent {
        let message = format!("The placement group '{name}' is in use and may not be deleted.");
        return Err(fault::refusal("InvalidPlacementGroup.InUse", message));
    }
    input.stop_dry_run()?;
    finish(state, &id);
    // EC2 does not list it for long.
    state.store.remove(&id);
    Ok(Structure::new())
}
