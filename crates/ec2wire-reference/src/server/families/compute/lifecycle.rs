//! The life of an instance: stop, start, reboot, terminate.

use super::capacity;
use super::instance::{INSTANCE, State as Phase};
use crate::server::engine::Input;
use crate::server::engine::input::unknown;
use crate::server::families::shared::flag;
use crate::server::families::storage::attachment;
use crate::server::families::{Family, interface};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Model, Structure, Value};

pub(in crate::server::families) static FAMILY: Family = Family {
    perform: &[
        ("StopInstances", stop),
        ("StartInstances", start),
        ("RebootInstances", reboot),
        ("TerminateInstances", terminate),
    ],
    // Those that have ended are known for a while.
    lookups: &[
        ("StopInstances", "InstanceIds[]"),
        ("StartInstances", "InstanceIds[]"),
        ("RebootInstances", "InstanceIds[]"),
        ("TerminateInstances", "InstanceIds[]"),
    ],
    ..Family::NONE
};

/// Where an instance notes that it has a public address whenever it runs.
pub(super) const IS_PUBLIC: &str = "ec2wire:public";

/// The instances that a request names, also those that have ended.
fn asked<'s>(input: &Input, state: &'s State) -> Result<Vec<&'s Item>, Fault> {
    let Some(resource) = Model::ec2().resource(INSTANCE) else {
        return Err(fault::internal());
    };
    let ids = input.texts("InstanceIds");
    if ids.is_empty() {
        return Err(fault::refusal(
            "InvalidParameterCombination",
            "No instances specified",
        ));
    }
    let mut found: Vec<&Item> = Vec::with_capacity(ids.len());
    for id in ids {
        let item = state.store.get(id).filter(|item| item.is_of(resource));
        let item = item.ok_or_else(|| unknown(resource, id))?;
        if !found.iter().any(|known| known.id == item.id) {
            found.push(item);
        }
    }
    Ok(found)
}

/// An instance's states before and after.
fn change(id: &str, before: Phase, after: Phase) -> Value<'static> {
    Structure::from([
        ("InstanceId", Value::from(id.to_owned())),
        ("CurrentState", after.value()),
        ("PreviousState", before.value()),
    ])
    .into()
}

/// Why an instance cannot do what is asked of it.
fn incorrect(item: &Item, verb: &str) -> Fault {
    let id = &item.id;
    let message = format!("The instance '{id}' is not in a state from which it can be {verb}.");
    fault::refusal("IncorrectInstanceState", message)
}

/// Whether an instance has an attribute that is a flag.
pub(super) fn has(item: &Item, attribute: &str) -> bool {
    match item.hidden.get(attribute) {
        Some(Value::Bool(flag)) => *flag,
        Some(value) => value.get("Value") == Some(&Value::Bool(true)),
        None => false,
    }
}

fn not_permitted(item: &Item, what: &str, attribute: &str) -> Fault {
    let message = format!(
        "The instance '{}' may not be {what}. Modify its '{attribute}' instance attribute and try again.",
        item.id
    );
    fault::refusal("OperationNotPermitted", message)
}

/// The reason for a state that a request brought about.
fn by_user(state: &State) -> String {
    let now = state
        .now()
        .to_string()
        .replace('T', " ")
        .replace('Z', " GMT");
    format!("User initiated ({now})")
}

/// Why an instance is in its state: the code, and the code with its text.
type Reason = (&'static str, &'static str);

const SHUT_DOWN: Reason = (
    "Client.UserInitiatedShutdown",
    "Client.UserInitiatedShutdown: User initiated shutdown",
);
const HIBERNATED: Reason = (
    "Client.UserInitiatedHibernate",
    "Client.UserInitiatedHibernate: User initiated hibernate",
);

fn stop(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let hibernates = input.flag("Hibernate") == Some(true);
    let mut before = Vec::new();
    for item in asked(input, state)? {
        if Phase::of(item) == Phase::TERMINATED {
            return Err(incorrect(item, "stopped"));
        }
        if has(item, "DisableApiStop") {
            return Err(not_permitted(item, "stopped", "disableApiStop"));
        }
        if item.text("RootDeviceType") == Some("instance-store") {
            let message = format!(
                "The instance '{}' does not have an 'ebs' root device type and cannot be stopped",
                item.id
            );
            return Err(fault::refusal("UnsupportedOperation", message));
        }
        super::spot::check_stop(state, item)?;
        if hibernates && !flag(&item.entry, "HibernationOptions.Configured") {
            let message = format!(
                "The instance can't be hibernated because it was not configured at launch for hibernation: {}",
                item.id
            );
            let code = "UnsupportedHibernationConfiguration";
            return Err(fault::refusal(code, message));
        }
        before.push((item.id.clone(), Phase::of(item)));
    }
    input.stop_dry_run()?;
    let reason = if hibernates { HIBERNATED } else { SHUT_DOWN };
    let changes = before.into_iter().map(|(id, phase)| {
        if phase == Phase::STOPPED {
            return change(&id, phase, phase);
        }
        stop_one(state, &id, reason);
        change(&id, phase, Phase::STOPPING)
    });
    Ok(Structure::from([(
        "StoppingInstances",
        Value::List(changes.collect()),
    )]))
}

fn stop_one(state: &mut State, id: &str, (code, text): Reason) {
    // Only addresses of its own stay.
    for interface in interface::of_instance(state, id) {
        state.store.update(&interface, |item| {
            if item.text("Association.IpOwnerId") == Some("amazon") {
                let private = item.text("PrivateIpAddress").unwrap_or_default().to_owned();
                interface::dissociate(item, &private);
            }
        });
    }
    interface::show_on_instance(state, id);
    let reason = by_user(state);
    state.store.update(id, |item| {
        Phase::STOPPED.show(&mut item.entry);
        capacity::leave(item);
        path::set_all(
            &mut item.entry,
            [
                ("StateTransitionReason", Value::from(reason)),
                ("StateReason.Code", code.into()),
                ("StateReason.Message", text.into()),
            ],
        );
    });
    super::spot::note(state, id, false);
    state.note_change();
}

fn start(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let mut before = Vec::new();
    for item in asked(input, state)? {
        if Phase::of(item) == Phase::TERMINATED {
            return Err(incorrect(item, "started"));
        }
        check_root(item)?;
        capacity::check(state, &item.entry, 1)?;
        before.push((item.id.clone(), Phase::of(item)));
    }
    input.stop_dry_run()?;
    let changes = before.into_iter().map(|(id, phase)| {
        if phase == Phase::RUNNING {
            return change(&id, phase, phase);
        }
        start_one(state, &id);
        change(&id, phase, Phase::PENDING)
    });
    Ok(Structure::from([(
        "StartingInstances",
        Value::List(changes.collect()),
    )]))
}

/// Refuses to start an instance that has nothing to start from.
fn check_root(item: &Item) -> Result<(), Fault> {
    let root = item.text("RootDeviceName").unwrap_or_default();
    let devices = path::texts(&item.entry, "BlockDeviceMappings[].DeviceName");
    if item.text("RootDeviceType") == Some("ebs") && !devices.contains(&root) {
        return Err(fault::invalid_value(format!(
            "Invalid value '{}' for instanceId. Instance does not have a volume attached at root ({root})",
            item.id
        )));
    }
    Ok(())
}

fn start_one(state: &mut State, id: &str) {
    let is_public = state.store.get(id).is_some_and(|item| has(item, IS_PUBLIC));
    let primary = interface::of_instance(state, id).into_iter().next();
    if let Some(primary) = primary.filter(|_| is_public) {
        let has_own = state
            .store
            .get(&primary)
            .is_some_and(|item| item.entry.get("Association").is_some());
        if !has_own {
            interface::give_public_address(state, &primary);
        }
    }
    interface::show_on_instance(state, id);
    let now = state.now();
    state.store.update(id, |item| {
        Phase::RUNNING.show(&mut item.entry);
        item.entry.insert("StateTransitionReason", Value::from(""));
        item.entry.remove("StateReason");
        item.entry.insert("LaunchTime", Value::Timestamp(now));
    });
    capacity::enter(state, id);
    super::spot::note(state, id, true);
    state.note_change();
}

fn reboot(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    for item in asked(input, state)? {
        // Documented: instances that are terminated are ignored.
        if !matches!(Phase::of(item), Phase::RUNNING | Phase::TERMINATED) {
            return Err(incorrect(item, "rebooted"));
        }
    }
    input.stop_dry_run()?;
    Ok(Structure::new())
}

fn terminate(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let items = asked(input, state)?;
    let is_protected =
        |item: &Item| has(item, "DisableApiTermination") && Phase::of(item) != Phase::TERMINATED;
    let zone = |item: &Item| item.text("Placement.AvailabilityZone").map(str::to_owned);
    let protected: Vec<&Item> = (items.iter().copied())
        .filter(|item| is_protected(item))
        .collect();
    if let Some(first) = protected.first() {
        let refusal = not_permitted(first, "terminated", "disableApiTermination");
        // Documented: those in zones without a protected one end all the same.
        let kept: Vec<_> = protected.iter().map(|item| zone(item)).collect();
        let others = items
            .iter()
            .filter(|item| !kept.contains(&zone(item)) && Phase::of(item) != Phase::TERMINATED);
        let others: Vec<String> = others.map(|item| item.id.clone()).collect();
        if !input.dry_run {
            for id in others {
                terminate_one(state, &id);
            }
        }
        return Err(refusal);
    }
    let before: Vec<(String, Phase)> = (items.into_iter())
        .map(|item| (item.id.clone(), Phase::of(item)))
        .collect();
    input.stop_dry_run()?;
    let changes = before.into_iter().map(|(id, phase)| {
        if phase == Phase::TERMINATED {
            return change(&id, phase, phase);
        }
        terminate_one(state, &id);
        change(&id, phase, Phase::SHUTTING_DOWN)
    });
    Ok(Structure::from([(
        "TerminatingInstances",
        Value::List(changes.collect()),
    )]))
}

/// What an instance that has ended does not show any more.
const LEFT: [&str; 8] = [
    "PrivateIpAddress",
    "PublicIpAddress",
    "Ipv6Address",
    "SubnetId",
    "VpcId",
    "IamInstanceProfile",
    "SourceDestCheck",
    "CapacityReservationId",
];

/// Ends an instance, and what goes with it.
pub(super) fn terminate_one(state: &mut State, id: &str) {
    interface::release(state, id);
    super::profile::part(state, id);
    super::spot::close(state, id);
    let Some(item) = state.store.get(id) else {
        return;
    };
    let volumes: Vec<(String, bool)> =
        crate::server::families::shared::structures(&item.entry, "BlockDeviceMappings")
            .filter_map(|device| {
                let ebs = device.get("Ebs")?;
                let deletes = ebs.get("DeleteOnTermination") == Some(&Value::Bool(true));
                Some((ebs.get("VolumeId")?.as_str()?.to_owned(), deletes))
            })
            .collect();
    for (volume, deletes) in volumes {
        attachment::detach(state, &volume, id);
        if deletes
            && state
                .store
                .get(&volume)
                .is_some_and(|item| path::all(&item.entry, "Attachments[]").is_empty())
        {
            state.store.remove(&volume);
        }
    }
    let reason = by_user(state);
    state.store.update(id, |item| {
        let entry = &mut item.entry;
        Phase::TERMINATED.show(entry);
        for member in LEFT {
            entry.remove(member);
        }
        path::set_all(
            entry,
            [
                ("StateTransitionReason", Value::from(reason)),
                ("StateReason.Code", SHUT_DOWN.0.into()),
                ("StateReason.Message", SHUT_DOWN.1.into()),
                ("NetworkInterfaces", Value::List(Vec::new())),
                ("BlockDeviceMappings", Value::List(Vec::new())),
                ("SecurityGroups", Value::List(Vec::new())),
                ("PrivateDnsName", "".into()),
                ("PublicDnsName", "".into()),
            ],
        );
    });
    state.store.end(id);
    state.note_change();
}
