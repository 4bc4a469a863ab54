//! Dedicated Hosts, and which instances run on them.

use super::instance::{INSTANCE, State as Phase};
use crate::server::engine::end::finish;
use crate::server::engine::input::named;
use crate::server::engine::make::{fill, insert, remember, replayed};
use crate::server::engine::{Input, Role};
use crate::server::families::network::zone;
use crate::server::families::shared::{Defaults, Usual, complete};
use crate::server::families::{Draft, Family};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Model, Structure, Value};

pub(in crate::server::families) static FAMILY: Family = Family {
    perform: &[("AllocateHosts", allocate), ("ReleaseHosts", release)],
    showing: &[("DescribeHosts", &["Instances"], show)],
    // What is unknown is told, and keeps no other host.
    lookups: &[("ReleaseHosts", "HostIds[]")],
    ..Family::NONE
};

const HOST: &str = "dedicated-host";
/// How many hosts one request may allocate.
const MOST: i64 = 100;

const ENTRY: Defaults = &[
    ("AutoPlacement", Usual::Text("off")),
    ("HostRecovery", Usual::Text("off")),
    ("AllowsMultipleInstanceTypes", Usual::Text("off")),
];

fn allocate(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let Some((resource, Role::Make(make))) = input.plan.role else {
        return Err(fault::internal());
    };
    let kind = resource.resource_type.unwrap_or_default();
    input.check_tags(&[kind])?;
    let before = replayed(input, state)?;
    let count = input.integer("Quantity").unwrap_or(1);
    if !(1..=MOST).contains(&count) {
        return Err(fault::invalid_choice("Quantity", &count.to_string()));
    }
    let family = input.text("InstanceFamily");
    if family.is_some() && input.text("InstanceType").is_some() {
        return Err(fault::invalid_combination("InstanceFamily", "InstanceType"));
    }
    let mut entry = Structure::new();
    fill(input, resource, make, &mut entry);
    if let Some(zone) = zone::asked(input, state, "Dedicated Hosts")? {
        let id = zone.text("ZoneId").unwrap_or_default().to_owned();
        entry.insert("AvailabilityZone", Value::from(zone.id.clone()));
        entry.insert("AvailabilityZoneId", Value::from(id));
    }
    if let Some(family) = family {
        entry.insert("AllowsMultipleInstanceTypes", "on");
        let family = Value::from(family.to_owned());
        path::set(&mut entry, "HostProperties.InstanceFamily", family);
    }
    if let Some(token) = &input.token {
        entry.insert("ClientToken", Value::from(token.clone()));
    }
    entry.insert("AllocationTime", Value::Timestamp(state.now()));
    complete(&mut entry, ENTRY);
    input.stop_dry_run()?;
    let ids = before.unwrap_or_else(|| {
        let hosts = (0..count).map(|_| {
            let draft = Draft {
                entry: entry.clone(),
                ..Draft::default()
            };
            insert(state, resource, draft, input.tags_for(kind))
        });
        let hosts: Vec<String> = hosts.collect();
        remember(input, state, &hosts);
        hosts
    });
    let ids = ids.into_iter().map(Value::from).collect();
    Ok(Structure::from([("HostIds", Value::List(ids))]))
}

/// The instances that run on a host.
fn running<'s>(state: &'s State, host: &'s str) -> impl Iterator<Item = &'s Item> {
    state.store.referrers(host).filter(move |item| {
        item.resource.name == INSTANCE
            && item.text("Placement.HostId") == Some(host)
            && Phase::of(item) == Phase::RUNNING
    })
}

fn show(state: &State, host: &Item, entry: &mut Structure<'static>) {
    let instances = running(state, &host.id).map(|item| {
        let kind = item.text("InstanceType").unwrap_or_default().to_owned();
        Structure::from([
            ("InstanceId", Value::from(item.id.clone())),
            ("InstanceType", kind.into()),
            ("OwnerId", state.config.account.clone().into()),
        ])
        .into()
    });
    entry.insert("Instances", Value::List(instances.collect()));
}

/// Why a host cannot be released, as AWS's example and clients that look for the codes have them.
fn refusal(state: &State, id: &str) -> Option<(&'static str, String)> {
    let host = Model::ec2()
        .resource(HOST)
        .and_then(|resource| state.store.live(resource, id));
    if host.is_none() {
        let message = format!("The Dedicated Host ID '{id}' does not exist");
        return Some(("Client.InvalidHostID.NotFound", message));
    }
    running(state, id).next().map(|_| {
        let message = format!("Dedicated host '{id}' cannot be released as it is occupied");
        ("Client.InvalidHost.Occupied", message)
    })
}

/// Releases hosts, and tells which could not be.
fn release(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let mut ids: Vec<&str> = Vec::new();
    for id in input.texts("HostIds") {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    if ids.is_empty() {
        return Err(fault::missing_parameter("HostId"));
    }
    input.stop_dry_run()?;
    let (mut released, mut kept) = (Vec::new(), Vec::new());
    for id in ids {
        let shown = Value::from(id.to_owned());
        if let Some((code, message)) = refusal(state, id) {
            let error = Structure::from([("Code", Value::from(code)), ("Message", message.into())]);
            kept.push(Structure::from([("ResourceId", shown), ("Error", error.into())]).into());
            continue;
        }
        let now = Value::Timestamp(state.now());
        state
            .store
            .update(id, |item| item.entry.insert("ReleaseTime", now));
        finish(state, id);
        released.push(shown);
    }
    Ok(Structure::from([
        ("Successful", Value::List(released)),
        ("Unsuccessful", Value::List(kept)),
    ]))
}

/// Whether a host takes instances of a type in a zone.
fn takes(host: &Item, kind: &str, zone: &str) -> bool {
    let family = kind.split('.').next();
    let is_kind =
        |at: &str, own: Option<&str>| host.text(at).is_none_or(|asked| own == Some(asked));
    is_kind("AvailabilityZone", Some(zone))
        && is_kind("HostProperties.InstanceType", Some(kind))
        && is_kind("HostProperties.InstanceFamily", family)
}

/// The host that instances of a type in a zone are launched on, if they are to be on one.
pub(super) fn asked(
    asked: &Input,
    state: &State,
    kind: &str,
    zone: &str,
) -> Result<Option<String>, Fault> {
    let tenancy = asked.text("Placement.Tenancy");
    if let Some(id) = asked.text("Placement.HostId") {
        if tenancy.is_some_and(|tenancy| tenancy != "host") {
            return Err(fault::invalid_combination(
                "Placement.HostId",
                "Placement.Tenancy",
            ));
        }
        let host = named(state, HOST, id)?;
        if !takes(host, kind, zone) {
            let message = format!("The host '{id}' takes no instance of type '{kind}' in {zone}");
            return Err(fault::invalid_value(message));
        }
        return Ok(Some(id.to_owned()));
    }
    if tenancy != Some("host") || asked.text("Placement.HostResourceGroupArn").is_some() {
        return Ok(None);
    }
    let mut hosts = state.store.all(HOST);
    let host =
        hosts.find(|host| host.text("AutoPlacement") == Some("on") && takes(host, kind, zone));
    match host {
        Some(host) => Ok(Some(host.id.clone())),
        None => Err(fault::refusal(
            "InsufficientCapacityOnHost",
            format!("No host with auto-placement takes instances of type '{kind}' in {zone}"),
        )),
    }
}
