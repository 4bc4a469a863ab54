//! Actions that join two resources, and those that part them.

use super::answer;
use super::input::Input;
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Join, Resource, Structure, Value};

/// Where an item notes what it is joined to and no list shows.
const JOINED: &str = "ec2wire:joined";

/// `ClassicLink` is gone, and the VPC that an instance shows is the one that it was launched in.
const NOT_SHOWN: &[&str] = &["AttachClassicLinkVpc"];

/// Whether an entry shows what the resource is joined to.
pub(super) fn is_shown(join: &Join) -> bool {
    !NOT_SHOWN.contains(&join.action) && join.with.iter().any(|other| other.shown.is_some())
}

/// Joins two resources as the table says.
pub(in crate::server) fn join(
    input: &Input,
    resource: &'static Resource,
    join: &'static Join,
    state: &mut State,
) -> Result<Structure<'static>, Fault> {
    let id = input.required(join.member.as_str())?.to_owned();
    input.stop_dry_run()?;
    let link = join.link.as_ref().map(|_| {
        let prefix = resource.id.prefix.map_or("link", |prefix| prefix.value);
        format!("{prefix}-assoc-{}", state.new_digits())
    });
    let mut joined = Structure::new();
    if let Some(link) = &link {
        joined.insert("Link", Value::from(link.clone()));
    }
    for other in &join.with {
        let Some(other_id) = input.text(other.member.as_str()) else {
            continue;
        };
        joined.insert(other.member.as_str(), Value::from(other_id.to_owned()));
        if let Some(shown) = other.shown.map(|path| path.as_str()) {
            let other_id = Value::from(other_id.to_owned());
            state.store.update(&id, |item| show(item, shown, other_id));
        }
    }
    state.store.update(&id, |item| {
        if let Some(entries) = path::list(&mut item.hidden, JOINED) {
            entries.push(joined.into());
        }
    });
    state.note_change();
    let mut answer = answer::about_items(input, state, &[id], resource);
    if let (Some(link), Some(place)) = (link, &join.link)
        && let Some(output) = input.plan.operation.output()
        && let Some(path) = place.paths.iter().find(|path| path.shape(output).is_some())
    {
        answer::place(&mut answer, path.as_str(), vec![link.into()]);
    }
    Ok(answer)
}

/// Shows the other's id in an entry.
fn show(item: &mut Item, shown: &str, other: Value<'static>) {
    match shown.split_once("[].") {
        Some((list, inner)) => {
            let mut entry = Structure::new();
            path::set(&mut entry, inner, other);
            if let Some(entries) = path::list(&mut item.entry, list) {
                entries.push(entry.into());
            }
        }
        None => path::set(&mut item.entry, shown, other),
    }
}

/// Parts two resources as the table says.
pub(in crate::server) fn part(
    input: &Input,
    resource: &'static Resource,
    join: &'static Join,
    state: &mut State,
) -> Result<Structure<'static>, Fault> {
    let link = join
        .link
        .as_ref()
        .and_then(|link| input.text(link.member))
        .map(str::to_owned);
    let own = join
        .part_member
        .and_then(|member| input.text(member))
        .map(str::to_owned);
    let id = match (&own, &link) {
        (Some(id), _) => id.clone(),
        (None, Some(link)) => {
            let is_joined = |item: &&Item| joined(item).any(|joined| is_linked(joined, link));
            let item = state.store.all(resource.name).find(is_joined);
            item.map(|item| item.id.clone())
                .ok_or_else(|| unknown_link(link))?
        }
        (None, None) => return Err(fault::missing_parameter(resource.id.member)),
    };
    let matches = |joined: &Structure<'static>| match &link {
        Some(link) => is_linked(joined, link),
        None => join.with.iter().all(|other| {
            let asked = input.text(other.member.as_str());
            asked.is_none() || joined.get(other.member.as_str()).and_then(Value::as_str) == asked
        }),
    };
    let found = state
        .store
        .get(&id)
        .and_then(|item| joined(item).find(|joined| matches(joined)).cloned());
    let Some(found) = found else {
        return Err(link.map_or_else(|| fault::not_joined(&id), |link| unknown_link(&link)));
    };
    input.stop_dry_run()?;
    state.store.update(&id, |item| {
        if let Some(entries) = path::list(&mut item.hidden, JOINED) {
            let at = entries
                .iter()
                .position(|entry| *entry == Value::from(found.clone()));
            at.map(|at| entries.remove(at));
        }
        for other in &join.with {
            let other_id = found.get(other.member.as_str()).and_then(Value::as_str);
            if let (Some(shown), Some(other_id)) = (other.shown.map(|path| path.as_str()), other_id)
            {
                hide(item, shown, other_id);
            }
        }
    });
    state.note_change();
    Ok(answer::about_items(input, state, &[id], resource))
}

fn hide(item: &mut Item, shown: &str, other: &str) {
    match shown.split_once("[].") {
        Some((list, inner)) => {
            if let Some(entries) = path::list(&mut item.entry, list) {
                entries.retain(|entry| match entry {
                    Value::Structure(entry) => !path::texts(entry, inner).contains(&other),
                    _ => true,
                });
            }
        }
        None => {
            item.entry.remove(shown);
        }
    }
}

fn joined(item: &Item) -> impl Iterator<Item = &Structure<'static>> {
    let entries = item
        .hidden
        .get(JOINED)
        .and_then(Value::as_list)
        .unwrap_or_default();
    entries.iter().filter_map(|entry| match entry {
        Value::Structure(structure) => Some(structure),
        _ => None,
    })
}

fn is_linked(joined: &Structure<'static>, link: &str) -> bool {
    joined.get("Link").and_then(Value::as_str) == Some(link)
}

fn unknown_link(link: &str) -> Fault {
    let message = format!("The association ID '{link}' does not exist");
    fault::refusal("InvalidAssociationID.NotFound", message)
}
