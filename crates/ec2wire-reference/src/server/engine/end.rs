//! Actions that end a resource.

use super::answer::{self, entry_in_state};
use super::input::{Input, resolve};
use crate::server::families;
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::Item;
use ec2wire::Fault;
use ec2wire_model::{Act, Resource, Structure};

/// Ends resources as the table says, with what their family adds.
pub(in crate::server) fn end(
    input: &Input,
    resource: &'static Resource,
    act: &'static Act,
    state: &mut State,
) -> Result<Structure<'static>, Fault> {
    let family = families::ending(act.action);
    let ids: Vec<String> = input
        .texts(act.member.as_str())
        .into_iter()
        .map(str::to_owned)
        .collect();
    if ids.is_empty() {
        return Err(fault::missing_parameter(act.member.as_str()));
    }
    for id in &ids {
        let item = resolve(state, resource, id)?;
        if let Some(family) = family {
            (family.check)(input, state, item)?;
        }
        check_keepers(state, item)?;
    }
    input.stop_dry_run()?;
    let mut entries = Vec::with_capacity(ids.len());
    for id in &ids {
        let Some(item) = state.store.get(id) else {
            continue;
        };
        entries.push(entry_in_state(item, last_state(item.resource)));
        finish(state, id);
        if let Some(family) = family {
            (family.ended)(input, state, id);
        }
    }
    Ok(answer::about(input, &entries, &ids, resource))
}

/// Ends an item and those that come and go with it.
pub(in crate::server) fn finish(state: &mut State, id: &str) {
    let owned: Vec<String> = (state.store.everything_owned_by(id))
        .map(str::to_owned)
        .collect();
    for owned in owned {
        finish(state, &owned);
    }
    let Some(item) = state.store.get(id) else {
        return;
    };
    let gone = item
        .resource
        .states
        .as_ref()
        .and_then(|states| states.gone.first());
    match gone {
        Some(gone) => {
            state.store.update(id, |item| item.set_state(gone.value));
            state.store.end(id);
        }
        None => {
            state.store.remove(id);
        }
    }
    state.note_change();
}

/// The state that the answer to the ending shows.
fn last_state(resource: &Resource) -> Option<&'static str> {
    let states = resource.states.as_ref()?;
    states
        .ending
        .first()
        .or(states.gone.first())
        .map(|fact| fact.value)
}

/// Refuses to end what others depend on.
pub(in crate::server) fn check_keepers(state: &State, item: &Item) -> Result<(), Fault> {
    let keepers = &item.resource.kept_by;
    if keepers.is_empty() {
        return Ok(());
    }
    for other in state.store.referrers(&item.id) {
        if other.owner.as_deref() == Some(&item.id) {
            continue;
        }
        let keeper = keepers
            .iter()
            .find(|keeper| keeper.resource == other.resource.name);
        if let Some(keeper) = keeper {
            let in_use = item.resource.codes.in_use.first().map(|fact| fact.value);
            let code = keeper.code.or(in_use).unwrap_or("DependencyViolation");
            let message = format!(
                "The {} '{}' has dependencies and cannot be deleted.",
                item.resource.name.replace('-', " "),
                item.id
            );
            return Err(fault::refusal(code, message));
        }
    }
    Ok(())
}
