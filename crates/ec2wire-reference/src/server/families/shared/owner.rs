//! Whose a resource is.

use crate::server::fault;
use crate::server::state::State;
use crate::server::store::Item;
use ec2wire::Fault;

/// Refuses to change what belongs to another account.
pub(in crate::server::families) fn check(state: &State, item: &Item) -> Result<(), Fault> {
    if is_own(state, item) {
        return Ok(());
    }
    let kind = item.resource.name;
    let message = format!("Not authorized for {kind}:{}", item.id);
    Err(fault::refusal("AuthFailure", message))
}

pub(in crate::server::families) fn is_own(state: &State, item: &Item) -> bool {
    item.text("OwnerId")
        .is_none_or(|owner| owner == state.config.account)
}

/// Whether the owner is one of those asked for: `self`, an alias, or an account's id. Nobody asked
/// for is anybody.
pub(in crate::server::families) fn is_among(
    state: &State,
    item: &Item,
    owners: &[&str],
    alias: &str,
) -> bool {
    owners.is_empty()
        || owners.iter().any(|owner| match *owner {
            "self" => is_own(state, item),
            owner => item.text("OwnerId") == Some(owner) || item.text(alias) == Some(owner),
        })
}
