//! Capacity reservations.

use crate::server::engine::Input;
use crate::server::families::shared::{Defaults, Usual, complete};
use crate::server::families::{Draft, Family, Making};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::Item;
use ec2wire::Fault;
use ec2wire_model::Value;

pub(in crate::server::families) static FAMILY: Family = Family {
    making: &[("CreateCapacityReservation", Making::draft(draft))],
    changing: &[("ModifyCapacityReservation", modify)],
    ..Family::NONE
};

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

fn draft(input: &Input, _: &State, draft: &mut Draft) -> Result<(), Fault> {
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

fn modify(input: &Input, _: &State, item: &Item, draft: &mut Draft) -> Result<(), Fault> {
    let kind = input.text("EndDateType");
    check_end(kind, input.get("EndDate").is_some())?;
    let number = |name: &str| match item.entry.get(name) {
        Some(Value::Integer(number)) => *number,
        _ => 0,
    };
    if let Some(count) = input.integer("InstanceCount") {
        let available = number(AVAILABLE) + count - number(TOTAL);
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
