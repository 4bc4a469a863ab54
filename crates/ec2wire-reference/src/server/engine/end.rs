//! Actions that end a resource.

use super::answer::{self, entry_in_state};
use super::input::{Input, resolve};
use crate::server::families;
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::Item;
use ec2wire::Fault;
use ec2wire_model::{Act, Resource, Structure, Value};

/// Ends resources as the table says, with what their family adds. Where the answer can say what had
/// no success, one resource's refusal does not keep the others.
pub(in crate::server) fn end(
    input: &Input,
    resource: &'static Resource,
    act: &'static Act,
    state: &mut State,
) -> Result<Structure<'static>, Fault> {
    let family = families::ending(act.action);
    let mut ids: Vec<String> = Vec::new();
    for id in input.texts(act.member.as_str()) {
        if !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
        }
    }
    if ids.is_empty() {
        return Err(fault::missing_parameter(act.member.as_str()));
    }
    let check = |state: &State, id: &str| {
        let item = resolve(state, resource, id)?;
        if let Some(family) = family {
            (family.check)(input, state, item)?;
        }
        check_keepers(state, item)
    };
    let mut refused: Vec<(String, Fault)> = Vec::new();
    for id in &ids {
        if let Err(fault) = check(state, id) {
            refused.push((id.clone(), fault));
        }
    }
    let tells = tells_unsuccessful(input);
    // Where nothing can be done, it is an error all the same.
    if (!tells || refused.len() == ids.len())
        && let Some((_, fault)) = refused.into_iter().next()
    {
        return Err(fault);
    }
    input.stop_dry_run()?;
    let mut unsuccessful_ones = Vec::new();
    let mut entries = Vec::with_capacity(ids.len());
    for id in &ids {
        // What was just ended may be what kept it, or have ended it too.
        if tells && let Err(fault) = check(state, id) {
            unsuccessful_ones.push(unsuccessful(id, &fault));
            continue;
        }
        let Some(item) = state.store.get(id) else {
            continue;
        };
        entries.push(entry_in_state(item, last_state(item.resource)));
        finish(state, id);
        if let Some(family) = family {
            (family.ended)(input, state, id);
        }
    }
    let mut answer = answer::about(input, &entries, &ids, resource);
    if tells {
        answer.insert("Unsuccessful", Value::List(unsuccessful_ones));
    }
    Ok(answer)
}

/// Whether the answer to a request can say what had no success.
pub(in crate::server) fn tells_unsuccessful(input: &Input) -> bool {
    let output = input.plan.operation.output();
    output.is_some_and(|output| output.member("Unsuccessful").is_some())
}

/// What an answer says of a resource that had no success.
pub(in crate::server) fn unsuccessful(id: &str, fault: &Fault) -> Value<'static> {
    let code = fault.code().unwrap_or_default().to_owned();
    let message = fault.message().unwrap_or_default().to_owned();
    let error = Structure::from([("Code", Value::from(code)), ("Message", message.into())]);
    Structure::from([
        ("ResourceId", Value::from(id.to_owned())),
        ("Error", error.into()),
    ])
    .into()
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
            return Err(depended_on(item, keeper.code.or(in_use)));
        }
    }
    Ok(())
}

/// Why an item cannot end: something else depends on it.
pub(in crate::server) fn depended_on(item: &Item, code: Option<&str>) -> Fault {
    let message = format!(
        "The {} '{}' has dependencies and cannot be deleted.",
        item.resource.name.replace('-', " "),
        item.id
    );
    fault::refusal(code.unwrap_or("DependencyViolation"), message)
}
