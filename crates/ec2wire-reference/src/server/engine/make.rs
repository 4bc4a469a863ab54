//! Actions that make a resource.

use super::answer::{self, entry_in_state, place, project};
use super::input::Input;
use super::plan::Role;
use crate::server::families::{self, Draft};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Kind, Make, Model, Resource, Shape, Structure, Unique, Value};

/// What a client token stands for.
#[derive(Debug)]
pub(in crate::server) struct Used {
    /// The request, without the token.
    pub(in crate::server) members: Structure<'static>,
    /// What it made.
    pub(in crate::server) ids: Vec<String>,
}

/// The types that some actions may tag beside that of the resource they make.
const TAGGED_TOO: &[(&str, &str)] = &[
    ("CreateFleet", "instance"),
    ("CreateFleet", "volume"),
    ("CreateImage", "snapshot"),
    ("CopyImage", "snapshot"),
    ("RegisterImage", "snapshot"),
];

/// Makes what the plan of the request says, for families that only change the answer.
pub(in crate::server) fn as_planned(
    input: &Input,
    state: &mut State,
) -> Result<Structure<'static>, Fault> {
    match input.plan.role {
        Some((resource, Role::Make(plan))) => make(input, resource, plan, state),
        _ => Err(fault::internal()),
    }
}

/// Makes a resource as the table says, with what its family adds.
pub(in crate::server) fn make(
    input: &Input,
    resource: &'static Resource,
    make: &'static Make,
    state: &mut State,
) -> Result<Structure<'static>, Fault> {
    let too = TAGGED_TOO
        .iter()
        .filter(|(action, _)| *action == make.action);
    let types = resource.resource_type.into_iter();
    input.check_tags(&types.chain(too.map(|(_, kind)| *kind)).collect::<Vec<_>>())?;
    let family = families::making(make.action);
    let replayed = replayed(input, state)?;
    let mut draft = Draft::default();
    if replayed.is_none() {
        fill(input, resource, make, &mut draft.entry);
        if let Some(family) = family {
            (family.draft)(input, state, &mut draft)?;
        }
        check_unique(resource, &draft, state)?;
    }
    input.stop_dry_run()?;
    if let Some(ids) = replayed {
        return Ok(answer_for(input, resource, make, &ids, state, None));
    }
    let first = draft.first_state.or(answer::first_state(resource));
    let id = insert(
        state,
        resource,
        draft,
        input.tags_for(resource.resource_type.unwrap_or_default()),
    );
    remember(input, state, std::slice::from_ref(&id));
    if let Some(family) = family {
        (family.made)(input, state, &id);
    }
    Ok(answer_for(input, resource, make, &[id], state, first))
}

/// Adds a resource, with the id, owner, times and state that a draft lacks. Returns its id.
pub(in crate::server) fn insert(
    state: &mut State,
    resource: &'static Resource,
    draft: Draft,
    tags: Vec<(String, String)>,
) -> String {
    let (order, id) = state.new_id(resource);
    let id = draft.id.unwrap_or(id);
    let mut item = Item::new(id.clone(), resource, order);
    item.entry = draft.entry;
    item.hidden = draft.hidden;
    item.owner = draft.owner;
    item.tags = tags;
    item.claims = draft.claims;
    let unique = resource.unique.iter();
    item.claims
        .extend(unique.filter_map(|unique| claim(resource, unique, &item.entry)));
    complete(&mut item, state);
    state.store.insert(item);
    state.note_change();
    id
}

/// Adds a resource of this name. Returns its id.
pub(in crate::server) fn insert_named(
    state: &mut State,
    resource: &str,
    draft: Draft,
    tags: Vec<(String, String)>,
) -> String {
    match Model::ec2().resource(resource) {
        Some(resource) => insert(state, resource, draft, tags),
        // A test looks every name of a family up.
        None => String::new(),
    }
}

/// What the request says and an entry shows again.
pub(in crate::server) fn fill(
    input: &Input,
    resource: &Resource,
    make: &Make,
    entry: &mut Structure<'static>,
) {
    let Some(shape) = shape_of_entries(resource) else {
        return;
    };
    for shown in &make.shown {
        let (from, to) = (shown.member.as_str(), shown.path.as_str());
        let Some(target) = shown.path.shape(shape) else {
            continue;
        };
        let values = path::all(&input.members, from);
        let mut values = values
            .into_iter()
            .filter_map(|value| answer::convert(value, target));
        if to.contains("[]") {
            spread(entry, to, values.collect());
        } else if let Some(value) = values.next() {
            path::set(entry, to, value);
        }
    }
    fill_alike(input, shape, entry);
}

/// Sets what has the same name and another kind: a number that an entry shows as text.
fn fill_alike(input: &Input, shape: Shape, entry: &mut Structure<'static>) {
    for (name, value) in input.members.iter() {
        let Some(member) = shape.member(name).filter(|_| entry.get(name).is_none()) else {
            continue;
        };
        let is_alike = matches!(
            (value, member.shape().kind()),
            (Value::Integer(_), Kind::String) | (Value::String(_), Kind::Integer | Kind::Long)
        );
        if is_alike && let Some(value) = answer::convert(value, member.shape()) {
            entry.insert(name.to_owned(), value);
        }
    }
}

/// Sets values at a path through a list, an entry for each.
fn spread(entry: &mut Structure<'static>, to: &str, values: Vec<Value<'static>>) {
    let Some((name, rest)) = to.split_once("[]") else {
        return;
    };
    if name.contains('.') {
        return;
    }
    let Some(entries) = path::list(entry, name) else {
        return;
    };
    for (at, value) in values.into_iter().enumerate() {
        match rest.strip_prefix('.') {
            None => entries.push(value),
            Some(inner) => {
                if entries.len() <= at {
                    entries.push(Structure::new().into());
                }
                if let Some(Value::Structure(structure)) = entries.get_mut(at) {
                    path::set(structure, inner, value);
                }
            }
        }
    }
}

pub(in crate::server) fn shape_of_entries(resource: &Resource) -> Option<Shape> {
    let list = resource.list.as_ref()?;
    answer::entry_shape(resource, &list.path)
}

/// Sets what each entry has: its id, ARN, owner, Region, the time of its creation, and its state.
fn complete(item: &mut Item, state: &State) {
    let resource = item.resource;
    let Some(shape) = shape_of_entries(resource) else {
        return;
    };
    if let Some(id) = resource.list.as_ref().and_then(|list| list.id.as_ref()) {
        path::set(&mut item.entry, id.as_str(), item.id.clone().into());
    }
    let now = state.now();
    for member in shape.members() {
        let name = member.name();
        if item.entry.get(name).is_some() {
            continue;
        }
        let value = match member.shape().kind() {
            Kind::String if name == "OwnerId" => Some(state.config.account.clone().into()),
            Kind::String if name.ends_with("Arn") && is_own_arn(name, resource) => {
                Some(answer::arn(state, resource, &item.id).into())
            }
            Kind::String if name.ends_with("Region") && name != "Region" => {
                Some(state.config.region.clone().into())
            }
            Kind::Timestamp(_) if is_start(name) => Some(Value::Timestamp(now)),
            Kind::String if is_start(name) => Some(now.to_string().into()),
            _ => None,
        };
        if let Some(value) = value {
            item.entry.insert(name, value);
        }
    }
    if item.state().is_none()
        && let Some(settled) = answer::settled_state(resource)
    {
        item.set_state(settled);
    }
}

/// Whether a member is the ARN of the entry itself: `IpamPoolArn` of a pool.
fn is_own_arn(member: &str, resource: &Resource) -> bool {
    let own = resource.name.replace('-', "");
    member
        .to_ascii_lowercase()
        .strip_suffix("arn")
        .is_some_and(|stem| own.ends_with(stem))
}

fn is_start(member: &str) -> bool {
    matches!(
        member,
        "CreateTime"
            | "CreationTime"
            | "CreationTimestamp"
            | "CreateDate"
            | "CreatedTime"
            | "StartTime"
            | "CreationDate"
            | "LaunchTime"
            | "CreatedAt"
            | "CreateTimestamp"
    )
}

/// Refuses what another resource already has.
fn check_unique(resource: &Resource, draft: &Draft, state: &State) -> Result<(), Fault> {
    for unique in &resource.unique {
        let Some(claim) = claim(resource, unique, &draft.entry) else {
            continue;
        };
        if state.store.claimant(&claim).is_some() {
            let value = claim.rsplit('\u{0}').next().unwrap_or_default();
            let name = resource.name.replace('-', " ");
            let message = format!("The {name} '{value}' already exists");
            return Err(fault::refusal(unique.code, message));
        }
    }
    Ok(())
}

/// What only one resource may have, as its item claims it. The last value is the first member's.
fn claim(resource: &Resource, unique: &Unique, entry: &Structure<'static>) -> Option<String> {
    let mut claim = resource.name.to_owned();
    let mut is_said = false;
    for member in unique.members.iter().rev() {
        let value = path::first(entry, member.as_str()).and_then(Value::as_str);
        is_said |= value.is_some();
        claim.push('\u{0}');
        claim.push_str(value.unwrap_or_default());
    }
    is_said.then_some(claim)
}

/// What the request's token made before, if it was used. Fails if the parameters differ.
pub(in crate::server) fn replayed(
    input: &Input,
    state: &State,
) -> Result<Option<Vec<String>>, Fault> {
    let Some(token) = input.token.as_deref().filter(|token| !token.is_empty()) else {
        return Ok(None);
    };
    match state.tokens.get(&(input.action(), token.to_owned())) {
        None => Ok(None),
        Some(used) if used.members == input.members => Ok(Some(used.ids.clone())),
        Some(_) => Err(fault::idempotent_parameter_mismatch()),
    }
}

/// Notes what the request's token made.
pub(in crate::server) fn remember(input: &Input, state: &mut State, ids: &[String]) {
    if let Some(token) = input.token.clone().filter(|token| !token.is_empty()) {
        let used = Used {
            members: input.members.clone(),
            ids: ids.to_vec(),
        };
        state.tokens.insert((input.action(), token), used);
    }
}

/// The answer to a request that made these.
pub(in crate::server) fn answer_for(
    input: &Input,
    resource: &'static Resource,
    make: &Make,
    ids: &[String],
    state: &State,
    shown: Option<&str>,
) -> Structure<'static> {
    let entries: Vec<_> = ids
        .iter()
        .map(|id| match state.store.get(id) {
            Some(item) => entry_in_state(item, shown),
            None => ended(resource, id),
        })
        .collect();
    let mut answer = answer::about(input, &entries, ids, resource);
    let Some(output) = input.plan.operation.output() else {
        return answer;
    };
    if let Some(at) = &make.entry
        && let Some(shape) = at.shape(output)
    {
        let values = entries.iter().map(|entry| {
            let mut entry = entry.clone();
            // Members that only this answer shows, as a key's material.
            if let Some(item) = ids.first().and_then(|id| state.store.get(id)) {
                for (name, value) in item.hidden.iter() {
                    entry.insert(name.to_owned(), value.clone());
                }
            }
            project(&entry, shape).into()
        });
        place(&mut answer, at.as_str(), values.collect());
    } else if let Some(at) = &make.id {
        place(
            &mut answer,
            at.as_str(),
            ids.iter().map(|id| id.clone().into()).collect(),
        );
    }
    answer
}

/// What is left to say of a resource that has ended and is not listed any more.
fn ended(resource: &Resource, id: &str) -> Structure<'static> {
    let mut entry = Structure::new();
    if let Some(path) = resource.list.as_ref().and_then(|list| list.id.as_ref()) {
        path::set(&mut entry, path.as_str(), id.to_owned().into());
    }
    if let Some(states) = &resource.states
        && let Some(last) = states.gone.first().or(states.ending.first())
    {
        path::set(&mut entry, states.path.as_str(), last.value.into());
    }
    entry
}
