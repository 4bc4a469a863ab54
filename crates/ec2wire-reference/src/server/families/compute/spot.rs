//! Spot Instances: a request is fulfilled at once, at whatever price.

use super::capacity;
use super::instance::INSTANCE;
use super::launch::{launch_all, prepare};
use crate::server::engine::answer::entry;
use crate::server::engine::input::unknown;
use crate::server::engine::make::{insert_named, remember, replayed};
use crate::server::engine::{Input, Plan, answer};
use crate::server::families::{Draft, Family, interface};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Model, Structure, Value};

pub(in crate::server::families) static FAMILY: Family = Family {
    perform: &[
        ("RequestSpotInstances", request),
        ("CancelSpotInstanceRequests", cancel),
    ],
    // Those that have ended are known for a while.
    lookups: &[("CancelSpotInstanceRequests", "SpotInstanceRequestIds[]")],
    ..Family::NONE
};

const REQUEST: &str = "spot-instance-request";
pub(super) const TAGGED: &str = "spot-instances-request";
/// A price, for requests that name none.
const PRICE: &str = "0.100000";
const MOST: i64 = 1000;
/// What a request shows of the instance that fulfils it.
const OF_INSTANCE: [&str; 3] = [
    "InstanceId",
    "LaunchedAvailabilityZone",
    "LaunchedAvailabilityZoneId",
];

/// What a launch is asked to be, by the members that `RunInstances` has, too.
pub(super) fn asked(members: Structure<'static>, input: &Input) -> Result<Input, Fault> {
    Ok(Input {
        plan: Plan::of("RunInstances").ok_or_else(fault::internal)?,
        members,
        token: None,
        dry_run: false,
        hooks: input.hooks,
    })
}

fn status(state: &State, code: &'static str, message: &'static str) -> Value<'static> {
    Structure::from([
        ("Code", Value::from(code)),
        ("Message", message.into()),
        ("UpdateTime", Value::Timestamp(state.now())),
    ])
    .into()
}

fn request(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    input.check_tags(&[TAGGED])?;
    let count = input.integer("InstanceCount").unwrap_or(1);
    if !(1..=MOST).contains(&count) {
        return Err(fault::invalid_choice("InstanceCount", &count.to_string()));
    }
    let specification = match input.get("LaunchSpecification") {
        Some(Value::Structure(specification)) => specification.clone(),
        _ => Structure::new(),
    };
    // Without an image there is nothing to launch, and the request stays open.
    let launch = match specification.get("ImageId") {
        Some(_) => Some(prepare(
            &asked(specification.clone(), input)?,
            state,
            count,
        )?),
        None => None,
    };
    let before = replayed(input, state)?;
    let mut template = Structure::new();
    for member in [
        "SpotPrice",
        "Type",
        "ValidFrom",
        "ValidUntil",
        "LaunchGroup",
        "AvailabilityZoneGroup",
        "InstanceInterruptionBehavior",
    ] {
        if let Some(value) = input.get(member) {
            template.insert(member, value.clone());
        }
    }
    template.insert("LaunchSpecification", shown(state, specification)?);
    input.stop_dry_run()?;
    let ids = before.unwrap_or_else(|| {
        let tags = input.tags_for(TAGGED);
        let mut made = Vec::new();
        for _ in 0..count {
            let launched = launch.as_ref().map(|launch| launch_all(state, launch, 1));
            let instance = launched.and_then(|ids| ids.into_iter().next());
            made.push(insert(
                state,
                template.clone(),
                instance.as_deref(),
                tags.clone(),
            ));
        }
        remember(input, state, &made);
        made
    });
    let entries = ids.iter().filter_map(|id| state.store.get(id)).map(|item| {
        let mut entry = entry(item);
        let pending = status(
            state,
            "pending-evaluation",
            "Your Spot request has been submitted for review, and is pending evaluation.",
        );
        entry.insert("State", Value::from("open"));
        entry.insert("Status", pending);
        for member in OF_INSTANCE {
            entry.remove(member);
        }
        entry.into()
    });
    let answer = Structure::from([("SpotInstanceRequests", Value::List(entries.collect()))]);
    let output = input.plan.operation.output();
    Ok(output
        .map(|output| answer::project(&answer, output))
        .unwrap_or_default())
}

/// A specification as requests are listed with it.
fn shown(
    state: &State,
    mut specification: Structure<'static>,
) -> Result<Structure<'static>, Fault> {
    let groups = path::texts(&specification, "SecurityGroupIds[]");
    let groups = interface::groups_shown(state, &groups)?;
    specification.remove("SecurityGroupIds");
    specification.insert("SecurityGroups", groups);
    if specification.get("Monitoring").is_none() {
        path::set(&mut specification, "Monitoring.Enabled", false.into());
    }
    Ok(specification)
}

/// Adds a request, which an instance fulfils if there is one. Both show it.
fn insert(
    state: &mut State,
    mut entry: Structure<'static>,
    instance: Option<&str>,
    tags: Vec<(String, String)>,
) -> String {
    for (member, usual) in [
        ("SpotPrice", PRICE),
        ("Type", "one-time"),
        ("InstanceInterruptionBehavior", "terminate"),
        ("ProductDescription", "Linux/UNIX"),
    ] {
        if entry.get(member).is_none() {
            entry.insert(member, Value::from(usual));
        }
    }
    // EC2 shows six decimals.
    let price = entry.get("SpotPrice").and_then(Value::as_str);
    if let Some(Ok(price)) = price.map(str::parse::<f64>) {
        entry.insert("SpotPrice", Value::from(format!("{price:.6}")));
    }
    let of_instance = instance.and_then(|id| state.store.get(id)).map(|item| {
        let at = |at: &str| path::first(&item.entry, at).cloned().unwrap_or_default();
        [
            ("InstanceId", Value::from(item.id.clone())),
            ("LaunchedAvailabilityZone", at("Placement.AvailabilityZone")),
            (
                "LaunchedAvailabilityZoneId",
                at("Placement.AvailabilityZoneId"),
            ),
        ]
    });
    let (phase, status) = match of_instance {
        Some(_) => (
            "active",
            status(state, "fulfilled", "Your Spot request is fulfilled."),
        ),
        None => (
            "open",
            status(
                state,
                "pending-evaluation",
                "Your Spot request is pending evaluation.",
            ),
        ),
    };
    for (member, value) in of_instance.into_iter().flatten() {
        entry.insert(member, value);
    }
    entry.insert("State", Value::from(phase));
    entry.insert("Status", status);
    let draft = Draft {
        entry,
        ..Draft::default()
    };
    let id = insert_named(state, REQUEST, draft, tags);
    if let Some(instance) = instance {
        state.store.update(instance, |item| {
            item.entry
                .insert("SpotInstanceRequestId", Value::from(id.clone()));
            item.entry.insert("InstanceLifecycle", Value::from("spot"));
            // Reservations are for others.
            capacity::leave(item);
        });
    }
    state.note_change();
    id
}

/// Adds the request of an instance that was launched as a Spot Instance.
pub(super) fn fulfil(
    state: &mut State,
    instance: &str,
    options: &Value<'static>,
    tags: Vec<(String, String)>,
) {
    let Some(item) = state
        .store
        .get(instance)
        .filter(|item| item.resource.name == INSTANCE)
    else {
        return;
    };
    let mut specification = Structure::new();
    for member in [
        "ImageId",
        "InstanceType",
        "KeyName",
        "SubnetId",
        "Placement",
        "SecurityGroups",
        "EbsOptimized",
    ] {
        if let Some(value) = item.entry.get(member) {
            specification.insert(member, value.clone());
        }
    }
    let mut entry = Structure::from([("LaunchSpecification", Value::from(specification))]);
    for (from, to) in [
        ("MaxPrice", "SpotPrice"),
        ("SpotInstanceType", "Type"),
        ("ValidUntil", "ValidUntil"),
        (
            "InstanceInterruptionBehavior",
            "InstanceInterruptionBehavior",
        ),
    ] {
        if let Some(value) = options
            .get("SpotOptions")
            .and_then(|options| options.get(from))
        {
            entry.insert(to, value.clone());
        }
    }
    insert(state, entry, Some(instance), tags);
}

/// The request of a Spot Instance, also if it has ended.
fn of_instance<'s>(state: &'s State, item: &Item) -> Option<&'s Item> {
    state.store.get(item.text("SpotInstanceRequestId")?)
}

/// Refuses to stop a Spot Instance that would not be started again.
pub(super) fn check_stop(state: &State, instance: &Item) -> Result<(), Fault> {
    let request = of_instance(state, instance);
    if request.is_none_or(is_persistent) {
        return Ok(());
    }
    let message = format!(
        "You can't stop the Spot Instance '{}' because it is associated with a one-time Spot Instance request.",
        instance.id
    );
    Err(fault::refusal("UnsupportedOperation", message))
}

fn is_persistent(request: &Item) -> bool {
    request.text("Type") == Some("persistent")
}

/// What the request of an instance shows after what happens to that.
type Shown = (&'static str, &'static str, &'static str);

const STOPPED: Shown = (
    "disabled",
    "instance-stopped-by-user",
    "Your instance was stopped by you.",
);
const STARTED: Shown = ("active", "fulfilled", "Your Spot request is fulfilled.");
const ENDED: Shown = (
    "closed",
    "instance-terminated-by-user",
    "Spot Instance terminated due to user-initiated termination.",
);
const REOPENED: Shown = (
    "open",
    "pending-evaluation",
    "Your Spot request is pending evaluation.",
);
const CANCELLED: Shown = (
    "cancelled",
    "canceled-before-fulfillment",
    "Your Spot request was canceled before it was fulfilled.",
);
const LEFT_RUNNING: Shown = (
    "cancelled",
    "request-canceled-and-instance-running",
    "Your Spot request was canceled, and your instance still runs.",
);

/// Shows a state of a request. One that has ended keeps that.
fn show(state: &mut State, request: &str, (phase, code, message): Shown) {
    let status = status(state, code, message);
    state.store.update(request, |item| {
        if !item.is_gone() {
            item.entry.insert("State", Value::from(phase));
        }
        item.entry.insert("Status", status);
    });
    state.note_change();
}

/// Notes at its request that an instance was stopped or started.
pub(super) fn note(state: &mut State, instance: &str, is_started: bool) {
    let item = state.store.get(instance);
    let request = item.and_then(|item| of_instance(state, item));
    if let Some(id) = request
        .filter(|request| !request.is_gone())
        .map(|request| request.id.clone())
    {
        show(state, &id, if is_started { STARTED } else { STOPPED });
    }
}

/// Closes the request of an instance that ends. A persistent one is open again.
pub(super) fn close(state: &mut State, instance: &str) {
    let item = state.store.get(instance);
    let Some(request) = item.and_then(|item| of_instance(state, item)) else {
        return;
    };
    let (id, was_gone) = (request.id.clone(), request.is_gone());
    if is_persistent(request) && !was_gone {
        show(state, &id, REOPENED);
        state.store.update(&id, |item| {
            for member in OF_INSTANCE {
                item.entry.remove(member);
            }
        });
        return;
    }
    show(state, &id, ENDED);
    if !was_gone {
        state.store.end(&id);
    }
}

/// Cancels requests. Their instances stay as they are.
fn cancel(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let Some(resource) = Model::ec2().resource(REQUEST) else {
        return Err(fault::internal());
    };
    let ids = input.texts("SpotInstanceRequestIds");
    if ids.is_empty() {
        return Err(fault::missing_parameter("SpotInstanceRequestId"));
    }
    let mut requests = Vec::with_capacity(ids.len());
    for id in ids {
        let item = state.store.get(id).filter(|item| item.is_of(resource));
        requests.push(item.ok_or_else(|| unknown(resource, id))?.id.clone());
    }
    input.stop_dry_run()?;
    let mut shown = Vec::with_capacity(requests.len());
    for id in requests {
        let item = state.store.get(&id).filter(|item| !item.is_gone());
        if let Some(item) = item {
            match item.state() {
                Some("active") => show(state, &id, LEFT_RUNNING),
                Some("open") => show(state, &id, CANCELLED),
                // Of a stopped instance the status says enough.
                _ => {
                    state.store.update(&id, |item| item.set_state("cancelled"));
                }
            }
            state.store.end(&id);
        }
        let phase = state.store.get(&id).and_then(Item::state);
        let phase = phase.unwrap_or_default().to_owned();
        let entry = Structure::from([
            ("SpotInstanceRequestId", Value::from(id)),
            ("State", phase.into()),
        ]);
        shown.push(entry.into());
    }
    state.note_change();
    Ok(Structure::from([(
        "CancelledSpotInstanceRequests",
        Value::List(shown),
    )]))
}
