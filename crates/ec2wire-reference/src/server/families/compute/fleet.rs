//! EC2 Fleets: each launches all its capacity at once, from the first of its templates.

use super::launch::{Launch, launch_all, prepare, with_template};
use super::{lifecycle, spot};
use crate::server::engine::end::finish;
use crate::server::engine::input::named;
use crate::server::engine::{Input, make};
use crate::server::families::shared::structures;
use crate::server::families::{Draft, Family, Making};
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

pub(in crate::server::families) static FAMILY: Family = Family {
    perform: &[
        ("CreateFleet", create),
        ("DeleteFleets", delete),
        ("DescribeFleetInstances", |input, state| {
            instances(input, state)
        }),
    ],
    making: &[("CreateFleet", Making { draft, made })],
    ..Family::NONE
};

const FLEET: &str = "fleet";
/// Where a fleet notes the instances that it launched.
const LAUNCHED: &str = "ec2wire:instances";
const MOST: i64 = 1000;

/// How many instances a fleet has.
fn capacity(input: &Input) -> i64 {
    let total = input.integer("TargetCapacitySpecification.TotalTargetCapacity");
    total.unwrap_or(0).clamp(0, MOST)
}

fn is_spot(input: &Input) -> bool {
    let kind = input.text("TargetCapacitySpecification.DefaultTargetCapacityType");
    kind == Some("spot")
        || input
            .integer("TargetCapacitySpecification.SpotTargetCapacity")
            .unwrap_or(0)
            > 0
}

/// What the fleet launches, if it names a template.
fn launch(input: &Input, state: &State) -> Result<Option<Launch>, Fault> {
    let Some(config) = input.structures("LaunchTemplateConfigs").into_iter().next() else {
        return Ok(None);
    };
    let Some(specification) = config.get("LaunchTemplateSpecification") else {
        return Ok(None);
    };
    let mut members = Structure::from([("LaunchTemplate", specification.clone())]);
    if let Some(change) = structures(config, "Overrides").next() {
        for member in [
            "ImageId",
            "InstanceType",
            "SubnetId",
            "Placement",
            "BlockDeviceMappings",
        ] {
            if let Some(value) = change.get(member) {
                members.insert(member, value.clone());
            }
        }
        if let Some(zone) = change.get("AvailabilityZone") {
            path::set(&mut members, "Placement.AvailabilityZone", zone.clone());
        }
    }
    if is_spot(input) {
        path::set(
            &mut members,
            "InstanceMarketOptions.MarketType",
            "spot".into(),
        );
    }
    for member in ["TagSpecifications"] {
        if let Some(value) = input.get(member) {
            members.insert(member, value.clone());
        }
    }
    let asked = with_template(&spot::asked(members, input)?, state)?;
    prepare(&asked, state, capacity(input).max(1)).map(Some)
}

fn draft(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    launch(input, state)?;
    for member in [
        "LaunchTemplateConfigs",
        "TargetCapacitySpecification",
        "SpotOptions",
        "OnDemandOptions",
        "ValidFrom",
        "ValidUntil",
    ] {
        if let Some(value) = input.get(member) {
            draft.entry.insert(member, value.clone());
        }
    }
    let kind = input.text("Type").unwrap_or("maintain").to_owned();
    let capacity = Value::Float(f64::from(
        i32::try_from(capacity(input)).unwrap_or_default(),
    ));
    let on_demand = if is_spot(input) {
        Value::Float(0.0)
    } else {
        capacity.clone()
    };
    for (member, value) in [
        ("Type", Value::from(kind)),
        ("ActivityStatus", "fulfilled".into()),
        ("FulfilledCapacity", capacity),
        ("FulfilledOnDemandCapacity", on_demand),
        ("ExcessCapacityTerminationPolicy", "termination".into()),
        ("TerminateInstancesWithExpiration", false.into()),
        ("ReplaceUnhealthyInstances", false.into()),
    ] {
        if draft.entry.get(member).is_none() {
            draft.entry.insert(member, value);
        }
    }
    Ok(())
}

fn made(input: &Input, state: &mut State, id: &str) {
    // It was possible when the draft was made.
    let Ok(Some(launch)) = launch(input, state) else {
        return;
    };
    let ids = launch_all(state, &launch, capacity(input));
    for instance in &ids {
        state.store.update(instance, |item| {
            item.tags
                .push(("aws:ec2:fleet-id".to_owned(), id.to_owned()));
        });
    }
    let first = ids.first().and_then(|id| state.store.get(id));
    let kind = first
        .and_then(|item| item.entry.get("InstanceType"))
        .cloned()
        .unwrap_or_default();
    let ids = Value::List(ids.into_iter().map(Value::from).collect());
    let config = input.structures("LaunchTemplateConfigs").into_iter().next();
    let mut used = Structure::new();
    if let Some(config) = config {
        used.insert(
            "LaunchTemplateSpecification",
            config
                .get("LaunchTemplateSpecification")
                .cloned()
                .unwrap_or_default(),
        );
        used.insert(
            "Overrides",
            structures(config, "Overrides")
                .next()
                .cloned()
                .unwrap_or_default(),
        );
    }
    let shown = Structure::from([
        ("LaunchTemplateAndOverrides", Value::from(used)),
        (
            "Lifecycle",
            if is_spot(input) { "spot" } else { "on-demand" }.into(),
        ),
        ("InstanceIds", ids.clone()),
        ("InstanceType", kind),
    ]);
    state.store.update(id, |item| {
        item.hidden.insert(LAUNCHED, ids);
        // Only fleets that are done at once show them.
        if item.text("Type") == Some("instant") {
            item.entry
                .insert("Instances", Value::List(vec![shown.into()]));
        }
    });
}

fn create(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let mut answer = make::as_planned(input, state)?;
    let id = answer
        .get("FleetId")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let shown = state
        .store
        .get(id)
        .and_then(|item| item.entry.get("Instances"));
    if let Some(shown) = shown.cloned() {
        answer.insert("Instances", shown);
    }
    Ok(answer)
}

/// The instances of a fleet that have not ended.
fn live(state: &State, fleet: &Item) -> Vec<String> {
    let ids = path::texts(&fleet.hidden, &format!("{LAUNCHED}[]")).into_iter();
    let ids = ids.filter(|id| state.store.get(id).is_some_and(|item| !item.is_gone()));
    ids.map(str::to_owned).collect()
}

fn instances(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    let fleet = named(state, FLEET, input.required("FleetId")?)?;
    input.stop_dry_run()?;
    let ids = live(state, fleet);
    let items = ids.iter().filter_map(|id| state.store.get(id));
    let shown = items.map(|item| {
        let mut shown = Structure::from([
            ("InstanceId", Value::from(item.id.clone())),
            ("InstanceHealth", "healthy".into()),
        ]);
        for member in ["InstanceType", "SpotInstanceRequestId"] {
            if let Some(value) = item.entry.get(member) {
                shown.insert(member, value.clone());
            }
        }
        shown.into()
    });
    Ok(Structure::from([
        ("FleetId", Value::from(fleet.id.clone())),
        ("ActiveInstances", Value::List(shown.collect())),
    ]))
}

fn delete(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let terminates = input.flag("TerminateInstances") == Some(true);
    let mut fleets = Vec::new();
    for id in input.texts("FleetIds") {
        let fleet = named(state, FLEET, id)?;
        fleets.push((fleet.id.clone(), live(state, fleet)));
    }
    input.stop_dry_run()?;
    let mut done = Vec::with_capacity(fleets.len());
    for (id, instances) in fleets {
        if terminates {
            for instance in &instances {
                lifecycle::terminate_one(state, instance);
            }
        }
        finish(state, &id);
        let after = if terminates {
            "deleted_terminating"
        } else {
            "deleted_running"
        };
        done.push(
            Structure::from([
                ("FleetId", Value::from(id)),
                ("CurrentFleetState", after.into()),
                ("PreviousFleetState", "active".into()),
            ])
            .into(),
        );
    }
    Ok(Structure::from([
        ("SuccessfulFleetDeletions", Value::List(done)),
        ("UnsuccessfulFleetDeletions", Value::List(Vec::new())),
    ]))
}
