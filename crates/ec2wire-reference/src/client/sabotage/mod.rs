//! What can be wrong with the client, or different: tables of faults and variants.
//!
//! `change` lists the kinds of changes that a row can make. `sending` has the rows about requests,
//! `reading` those about answers; `document` is an answer as a tree that a row can rewrite.

mod change;
mod document;
mod reading;
mod references;
mod row;
mod sending;

use self::row::Row;
use super::hooks::{Honest, Hooks};
use crate::quirk::{self, Quirk, UnknownQuirk};

/// The faults, in the order of the areas.
static FAULTS: &[&[Row]] = &[
    sending::REQUEST,
    sending::SIGNATURE,
    sending::TOKEN,
    reading::SUCCESS,
    reading::ERROR,
    reading::DAMAGE,
];

/// The variants.
static VARIANTS: &[&[Row]] = &[sending::VARIANTS, reading::VARIANTS];

/// The hooks of a client with the quirk. A quirk of the endpoint changes nothing here.
pub(super) fn hooks(quirk: Option<&'static Quirk>) -> &'static dyn Hooks {
    let mut rows = FAULTS.iter().chain(VARIANTS).copied().flatten();
    match rows.find(|row| Some(&row.quirk) == quirk) {
        Some(row) => &row.change,
        None => &Honest,
    }
}

/// All faults of the reference client, area by area.
///
/// ```
/// assert!(ec2wire_reference::sabotage::client_faults().count() >= 30);
/// ```
pub fn client_faults() -> impl Iterator<Item = &'static Quirk> + Clone {
    FAULTS.iter().copied().flatten().map(|row| &row.quirk)
}

/// All variants of the reference client.
///
/// ```
/// assert!(ec2wire_reference::sabotage::client_variants().count() >= 5);
/// ```
pub fn client_variants() -> impl Iterator<Item = &'static Quirk> + Clone {
    VARIANTS.iter().copied().flatten().map(|row| &row.quirk)
}

/// The fault or variant of the reference client with this name.
///
/// Fails if there is none. The error suggests similar names.
pub fn client_quirk(name: &str) -> Result<&'static Quirk, UnknownQuirk> {
    quirk::find("sabotage", name, client_faults().chain(client_variants()))
}
