//! Capacity reservations, and which instances run in them.

use super::instance::{INSTANCE, State as Phase};
use crate::server::engine::Input;
use crate::server::engine::input::named;
use crate::server::families::network::zone;
use crate::server::families::shared::{Defaults, Usual, complete, text};
use crate::server::families::{Draft, Ending, Family, Making};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::Item;
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

pub(in crate::server::families) static FAMILY: Family = Family {
    making: &[("CreateCapacityReservation", Making::draft(draft))],
    changing: &[("ModifyCapacityReservation", modify)],
    ending: &[(
        "CancelCapacityReservation",
        Ending {
            check: |_, _, _| Ok(()),
            ended,
        },
    )],
    perform: &[("GetCapacityReservationUsage", |input, state| {
        usage(input, state)
    })],
    showing: &[("DescribeCapacityReservations", &[AVAILABLE], show)],
    ..Family::NONE
};

const RESERVATION: &str = "capacity-reservation";
/// What an instance shows of the reservation that it runs in.
const OF_INSTANCE: &str = "CapacityReservationId";
const PREFERENCE: &str = "CapacityReservationSpecification.CapacityReservationPreference";
const TARGET: &str =
    "CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationId";
const TARGET_GROUP: &str = "CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationResourceGroupArn";

const TOTAL: &str = "TotalInstanceCount";
const AVAILABLE: &str = "AvailableInstanceCount";

const ENTRY: Defaults = &[
    ("EndDateType", Usual::Text("unlimited")),
    ("InstanceMatchCriteria", Usual::Text("open")),
    ("Tenancy", Usual::Text("default")),
    ("EbsOptimized", Usual::Flag(false)),
    ("EphemeralStorage", Usual::Flag(false)),
    ("ReservationType", Usual::Text("default")),
];

/// Refuses an end without its date, and a date without an end.
fn check_end(kind: Option<&str>, has_date: bool) -> Result<(), Fault> {
    match kind {
        Some("limited") if !has_date => Err(fault::missing_parameter("EndDate")),
        Some("unlimited") if has_date => Err(fault::invalid_combination("EndDate", "EndDateType")),
        _ => Ok(()),
    }
}

fn draft(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    if let Some(zone) = zone::asked(input, state, "Capacity Reservations")? {
        let id = zone.text("ZoneId").unwrap_or_default().to_owned();
        draft
            .entry
            .insert("AvailabilityZone", Value::from(zone.id.clone()));
        draft.entry.insert("AvailabilityZoneId", Value::from(id));
    }
    let has_date = input.get("EndDate").is_some();
    check_end(input.text("EndDateType"), has_date)?;
    let count = input.integer("InstanceCount").unwrap_or(1);
    if count < 1 {
        return Err(fault::invalid_choice("InstanceCount", &count.to_string()));
    }
    for name in [TOTAL, AVAILABLE] {
        draft.entry.insert(name, count);
    }
    complete(&mut draft.entry, ENTRY);
    Ok(())
}

fn modify(input: &Input, state: &State, item: &Item, draft: &mut Draft) -> Result<(), Fault> {
    let kind = input.text("EndDateType");
    check_end(kind, input.get("EndDate").is_some())?;
    if let Some(count) = input.integer("InstanceCount") {
        let available = count - used(state, &item.id);
        if count < 1 || available < 0 {
            return Err(fault::invalid_choice("InstanceCount", &count.to_string()));
        }
        draft.entry.insert(TOTAL, count);
        draft.entry.insert(AVAILABLE, available);
    }
    for name in ["EndDate", "EndDateType", "InstanceMatchCriteria"] {
        if let Some(value) = input.get(name) {
            draft.entry.insert(name, value.clone());
        }
    }
    if kind == Some("unlimited") {
        draft.entry.remove("EndDate");
    }
    Ok(())
}

/// The instances that run in a reservation.
fn used(state: &State, id: &str) -> i64 {
    let instances = state.store.referrers(id).filter(|item| {
        item.resource.name == INSTANCE
            && item.text(OF_INSTANCE) == Some(id)
            && Phase::of(item) == Phase::RUNNING
    });
    i64::try_from(instances.count()).unwrap_or(i64::MAX)
}

/// How many more instances a reservation has room for.
fn available(state: &State, reservation: &Item) -> i64 {
    match reservation.entry.get(TOTAL) {
        Some(Value::Integer(total)) => *total - used(state, &reservation.id),
        _ => 0,
    }
}

fn show(state: &State, reservation: &Item, entry: &mut Structure<'static>) {
    entry.insert(AVAILABLE, available(state, reservation));
}

fn usage(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    let reservation = named(state, RESERVATION, input.required("CapacityReservationId")?)?;
    input.stop_dry_run()?;
    let mut shown = Structure::new();
    for name in ["CapacityReservationId", "InstanceType", TOTAL, "State"] {
        let value = reservation.entry.get(name).cloned();
        shown.insert(name, value.unwrap_or_default());
    }
    show(state, reservation, &mut shown);
    let own = Structure::from([
        ("AccountId", Value::from(state.config.account.clone())),
        ("UsedInstanceCount", used(state, &reservation.id).into()),
    ]);
    shown.insert("InstanceUsages", Value::List(vec![own.into()]));
    Ok(shown)
}

/// Lets go of the instances of a reservation that ends. They run on.
fn ended(_: &Input, state: &mut State, id: &str) {
    let instances = state.store.referrers(id);
    let instances = instances.filter(|item| item.text(OF_INSTANCE) == Some(id));
    let instances: Vec<String> = instances.map(|item| item.id.clone()).collect();
    for instance in instances {
        state.store.update(&instance, leave);
    }
}

/// Whether an instance can run in a reservation.
fn fits(reservation: &Item, instance: &Structure<'static>) -> bool {
    [
        ("InstanceType", "InstanceType"),
        ("InstancePlatform", "PlatformDetails"),
        ("AvailabilityZone", "Placement.AvailabilityZone"),
        ("Tenancy", "Placement.Tenancy"),
    ]
    .iter()
    .all(|(own, other)| reservation.text(own) == text(instance, other))
}

/// The reservations that an instance can run in, and whether it must run in one.
fn candidates<'s>(
    state: &'s State,
    instance: &Structure<'static>,
) -> Result<(Vec<&'s Item>, bool), Fault> {
    let (target, preference) = (text(instance, TARGET), text(instance, PREFERENCE));
    if let Some(id) = target {
        let target = named(state, RESERVATION, id)?;
        let target = Some(target).filter(|target| fits(target, instance));
        return Ok((target.into_iter().collect(), true));
    }
    // What is in a group of them is not known here.
    if preference == Some("none") || text(instance, TARGET_GROUP).is_some() {
        return Ok((Vec::new(), false));
    }
    let open = state.store.all(RESERVATION).filter(|reservation| {
        reservation.text("InstanceMatchCriteria") == Some("open") && fits(reservation, instance)
    });
    Ok((
        open.collect(),
        preference == Some("capacity-reservations-only"),
    ))
}

/// Refuses instances that must run in reservations which have no room for them.
pub(super) fn check(state: &State, instance: &Structure<'static>, count: i64) -> Result<(), Fault> {
    let (candidates, must) = candidates(state, instance)?;
    let room = candidates
        .iter()
        .map(|reservation| available(state, reservation));
    if must && room.sum::<i64>() < count {
        return Err(fault::refusal(
            "ReservationCapacityExceeded",
            "The requested reservation does not have sufficient compatible and available capacity for this request.",
        ));
    }
    Ok(())
}

/// Lets an instance run in a reservation, if one has room for it.
pub(super) fn enter(state: &mut State, instance: &str) {
    let Some(item) = state.store.get(instance) else {
        return;
    };
    let candidates = candidates(state, &item.entry).unwrap_or_default();
    let mut candidates = candidates.0.into_iter();
    let free = candidates.find(|reservation| available(state, reservation) > 0);
    if let Some(id) = free.map(|reservation| reservation.id.clone()) {
        state.store.update(instance, |item| {
            item.entry.insert(OF_INSTANCE, Value::from(id))
        });
    }
}

/// Takes an instance out of the reservation that it runs in.
pub(super) fn leave(instance: &mut Item) {
    instance.entry.remove(OF_INSTANCE);
}

/// Shows no preference where a target is asked for.
pub(super) fn show_wish(instance: &mut Structure<'static>) {
    let has_target = [TARGET, TARGET_GROUP]
        .iter()
        .any(|at| text(instance, at).is_some());
    if let (true, Some(Value::Structure(wish))) = (
        has_target,
        instance.get_mut("CapacityReservationSpecification"),
    ) {
        wish.remove("CapacityReservationPreference");
    }
}
