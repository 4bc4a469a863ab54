//! The rows of the tables.

use super::change::Change;
use crate::quirk::{self, Area, Quirk};
use ec2wire::contract::Level;

/// A row of a table.
pub(super) type Row = quirk::Row<Change>;

pub(super) const fn fault_row(
    area: Area,
    level: Level,
    name: &'static str,
    summary: &'static str,
    change: Change,
) -> Row {
    Row {
        quirk: Quirk::fault(area, level, name, summary, change.place()),
        change,
    }
}

pub(super) const fn variant_row(name: &'static str, summary: &'static str, change: Change) -> Row {
    Row {
        quirk: Quirk::variant(name, summary, change.place()),
        change,
    }
}
