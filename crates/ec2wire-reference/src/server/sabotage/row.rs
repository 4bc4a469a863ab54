//! The rows of the tables.

use super::change::Change;
use crate::quirk::{Area, Quirk};
use ec2wire::contract::Level;

crate::quirk::rows!(Change);

/// A row about a resource of the table.
pub(super) struct WorldRow {
    pub(super) row: Row,
    pub(super) resource: &'static str,
    pub(super) shown_by: &'static [&'static str],
}

pub(super) const fn world_fault(
    level: Level,
    name: &'static str,
    summary: &'static str,
    resource: &'static str,
    shown_by: &'static [&'static str],
    change: Change,
) -> WorldRow {
    WorldRow {
        row: fault_row(Area::World, level, name, summary, change),
        resource,
        shown_by,
    }
}

pub(super) const fn world_variant(
    name: &'static str,
    summary: &'static str,
    resource: &'static str,
    shown_by: &'static [&'static str],
    change: Change,
) -> WorldRow {
    WorldRow {
        row: variant_row(name, summary, change),
        resource,
        shown_by,
    }
}

/// A fault or variant in what the reference endpoint does with a resource of the table.
///
/// ```
/// let fault = ec2wire_reference::sabotage::world_faults().next().unwrap();
/// assert_eq!((fault.quirk.name, fault.resource), ("vpc-filters-ignored", "vpc"));
/// assert_eq!(fault.shown_by, ["DescribeVpcs"]);
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct WorldQuirk {
    /// Its name and what it is about.
    pub quirk: &'static Quirk,
    /// The resource that it is about, by its name in the table.
    pub resource: &'static str,
    /// The actions whose answers show it.
    pub shown_by: &'static [&'static str],
}

impl WorldRow {
    pub(super) const fn as_quirk(&'static self) -> WorldQuirk {
        WorldQuirk {
            quirk: &self.row.quirk,
            resource: self.resource,
            shown_by: self.shown_by,
        }
    }
}
