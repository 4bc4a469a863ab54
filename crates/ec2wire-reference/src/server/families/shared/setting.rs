//! What an account sets for itself in a Region. The Region's item notes it.

use crate::server::state::State;
use crate::server::store::path;
use ec2wire_model::Value;

/// Where the Region's item notes settings.
const NOTED: &str = "ec2wire:settings";

/// What the account set, by its path.
pub(in crate::server) fn noted<'s>(state: &'s State, at: &str) -> Option<&'s Value<'static>> {
    let region = state.store.get(&state.config.region)?;
    let value = path::first(&region.hidden, &format!("{NOTED}.{at}"));
    value.filter(|value| **value != Value::Null)
}

/// Notes what the account sets, by its path. Null is the usual value again.
pub(in crate::server) fn note(state: &mut State, at: &str, value: Value<'static>) {
    let at = format!("{NOTED}.{at}");
    let region = state.config.region.clone();
    state
        .store
        .update(&region, |item| path::set(&mut item.hidden, &at, value));
    state.note_change();
}
