//! What can be wrong with the endpoint, or different: tables of faults and variants.
//!
//! `change` lists the kinds of changes that a row can make. `form` and `document` are the request
//! and the answer as data that a row can rewrite.

mod change;
mod document;
mod faults;
mod form;
mod row;
mod variants;

use self::row::Row;
use super::hooks::{Honest, Hooks};
use crate::quirk::{self, Quirk, UnknownQuirk};

fn rows() -> impl Iterator<Item = &'static Row> {
    let faults = faults::TABLES.iter().copied().flatten();
    faults.chain(variants::TABLE)
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
