//! What can be wrong with the endpoint, or different: tables of faults and variants.
//!
//! `change` lists the kinds of changes that a row can make, and `twist` those to what is done with
//! the resources of the table. `form` and `document` are the request and the answer as data that a
//! row can rewrite.

mod change;
mod document;
mod faults;
mod form;
mod row;
mod twist;
mod variants;
mod world_variants;

pub use self::row::WorldQuirk;

use self::row::{Row, WorldRow};
use super::hooks::{Honest, Hooks};
use crate::quirk::{self, Quirk, UnknownQuirk};

fn rows() -> impl Iterator<Item = &'static Row> {
    let faults = faults::TABLES.iter().copied().flatten();
    let of_world = world_rows().chain(world_variants::TABLE);
    let of_world = of_world.map(|row| &row.row);
    faults.chain(variants::TABLE).chain(of_world)
}

fn world_rows() -> impl Iterator<Item = &'static WorldRow> + Clone {
    faults::world::TABLES.iter().copied().flatten()
}

/// The hooks of an endpoint with the quirk. A quirk of the client changes nothing here.
pub(super) fn hooks(quirk: Option<&'static Quirk>) -> &'static dyn Hooks {
    match rows().find(|row| Some(&row.quirk) == quirk) {
        Some(row) => &row.change,
        None => &Honest,
    }
}

/// All faults of the reference endpoint, area by area.
///
/// ```
/// assert!(ec2wire_reference::sabotage::faults().count() >= 80);
/// ```
pub fn faults() -> impl Iterator<Item = &'static Quirk> + Clone {
    faults::TABLES
        .iter()
        .copied()
        .flatten()
        .map(|row| &row.quirk)
}

/// All variants of the reference endpoint.
///
/// ```
/// assert!(ec2wire_reference::sabotage::variants().count() >= 10);
/// ```
pub fn variants() -> impl Iterator<Item = &'static Quirk> + Clone {
    variants::TABLE.iter().map(|row| &row.quirk)
}

/// The fault of the reference endpoint with this name.
///
/// Fails if there is none. The error suggests similar names.
pub fn fault(name: &str) -> Result<&'static Quirk, UnknownQuirk> {
    quirk::find("sabotage", name, faults())
}

/// The variant of the reference endpoint with this name.
///
/// Fails if there is none. The error suggests similar names.
pub fn variant(name: &str) -> Result<&'static Quirk, UnknownQuirk> {
    quirk::find("variant", name, variants())
}

/// World faults: in what the reference endpoint does with the resources of the table, each with one
/// of them. They are not among the [`faults`], which are about IPAM policies or all requests.
///
/// ```
/// assert!(ec2wire_reference::sabotage::world_faults().count() >= 120);
/// ```
pub fn world_faults() -> impl Iterator<Item = WorldQuirk> + Clone {
    world_rows().map(WorldRow::as_quirk)
}

/// The variants in what the reference endpoint does with the resources of the table.
///
/// ```
/// assert!(ec2wire_reference::sabotage::world_variants().count() >= 10);
/// ```
pub fn world_variants() -> impl Iterator<Item = WorldQuirk> + Clone {
    world_variants::TABLE.iter().map(WorldRow::as_quirk)
}

/// The fault of the reference endpoint with this name, also if it is one of the [`world_faults`].
///
/// Fails if there is none. The error suggests similar names.
///
/// ```
/// let fault = ec2wire_reference::sabotage::any_fault("vpc-filters-ignored")?;
/// assert_eq!(fault.summary, "DescribeVpcs ignores filters");
/// # Ok::<(), ec2wire_reference::sabotage::UnknownQuirk>(())
/// ```
pub fn any_fault(name: &str) -> Result<&'static Quirk, UnknownQuirk> {
    let of_world = world_faults().map(|fault| fault.quirk);
    quirk::find("sabotage", name, faults().chain(of_world))
}

/// The variant of the reference endpoint with this name, also if it is one of the
/// [`world_variants`].
///
/// Fails if there is none. The error suggests similar names.
pub fn any_variant(name: &str) -> Result<&'static Quirk, UnknownQuirk> {
    let of_world = world_variants().map(|variant| variant.quirk);
    quirk::find("variant", name, variants().chain(of_world))
}
