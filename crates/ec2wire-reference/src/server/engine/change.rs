//! Actions that change a resource.

use super::answer;
use super::input::{Input, resolve};
use super::make::shape_of_entries;
use super::plan::{Plan, Role};
use crate::server::families::{self, Draft};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::path;
use ec2wire::Fault;
use ec2wire_model::{Act, Member, Resource, Shape, Structure, Value};

/// Members that an entry may have by the same name, and that no action changes.
const NOT_CHANGED: &[&str] = &["ClientToken", "DryRun"];

/// Actions of which EC2 shows nothing either: whoever gets the message is not in sight.
const ONLY_ACCEPTED: &[&str] = &["ReportInstanceStatus", "SendDiagnosticInterrupt"];

/// Whether an entry shows what an action changes, without code of a family. Only what modifies a
/// resource does it by members of the entry: other verbs, as `CreateClientVpnRoute`, are about things
/// of its own that have members of the same names.
pub(super) fn is_shown(plan: &Plan, resource: &'static Resource, act: &Act) -> bool {
    let (Some(shape), Some(input)) = (shape_of_entries(resource), plan.operation.input()) else {
        return false;
    };
    let is_own = |member: &Member| {
        let name = member.name();
        act.member.as_str() != name
            && !NOT_CHANGED.contains(&name)
            && !answer::is_id(resource, name)
    };
    let action = plan.operation.name();
    let modifies = action.starts_with("Modify")
        && input.members().filter(is_own).any(|member| {
            let name = member.name();
            shape.member(name).is_some()
                || changed_list(shape, name).is_some()
                || shown_at(resource, shape, name).is_some()
        });
    modifies || ONLY_ACCEPTED.contains(&action)
}

/// Changes what the plan of the request says, for families that do what follows from it.
pub(in crate::server) fn as_planned(
    input: &Input,
    state: &mut State,
) -> Result<Structure<'static>, Fault> {
    match input.plan.role {
        Some((resource, Role::Change(act))) => change(input, resource, act, state),
        _ => Err(fault::internal()),
    }
}

/// Changes resources as the table says, or as their family does.
pub(in crate::server) fn change(
    input: &Input,
    resource: &'static Resource,
    act: &'static Act,
    state: &mut State,
) -> Result<Structure<'static>, Fault> {
    let ids: Vec<String> = input
        .texts(act.member.as_str())
        .into_iter()
        .map(str::to_owned)
        .collect();
    if ids.is_empty() {
        return Err(fault::missing_parameter(act.member.as_str()));
    }
    let family = families::changing(act.action);
    let mut drafts = Vec::with_capacity(ids.len());
    for id in &ids {
        let item = resolve(state, resource, id)?;
        let mut draft = Draft {
            entry: item.entry.clone(),
            hidden: item.hidden.clone(),
            claims: item.claims.clone(),
            ..Draft::default()
        };
        match family {
            Some(family) => family(input, state, item, &mut draft)?,
            None => apply(input, item.resource, act.member.as_str(), &mut draft),
        }
        drafts.push(draft);
    }
    input.stop_dry_run()?;
    for (id, draft) in ids.iter().zip(drafts) {
        state.store.update(id, |item| {
            item.entry = draft.entry;
            item.hidden = draft.hidden;
            item.claims = draft.claims;
        });
    }
    state.note_change();
    Ok(answer::about_items(input, state, &ids, resource))
}

/// Applies the members of a request to the members of an entry that have their names.
pub(in crate::server) fn apply(
    input: &Input,
    resource: &'static Resource,
    id_member: &str,
    draft: &mut Draft,
) {
    let Some(shape) = shape_of_entries(resource) else {
        return;
    };
    for (name, value) in input.members.iter().filter(|(name, _)| *name != id_member) {
        if set(shape, name, value, &mut draft.entry) {
            continue;
        }
        if let Some((path, shape)) = shown_at(resource, shape, name)
            && let Some(value) = answer::convert(value, shape)
        {
            path::set(&mut draft.entry, path, value);
            continue;
        }
        draft.hidden.insert(name.to_owned(), value.clone());
    }
}

/// Where an entry shows a member of another name, with what it takes there.
fn shown_at(
    resource: &'static Resource,
    shape: Shape,
    name: &str,
) -> Option<(&'static str, Shape)> {
    let mut shown = resource.make.iter().flat_map(|make| &make.shown);
    let path = &shown.find(|shown| shown.member.as_str() == name)?.path;
    let is_list = path.as_str().contains("[]");
    let shape = path.shape(shape).filter(|_| !is_list)?;
    Some((path.as_str(), shape))
}

/// The list of an entry that `Add..` or `Remove..` changes, and whether it adds.
fn changed_list(shape: Shape, name: &str) -> Option<(bool, Member)> {
    let (adds, rest) = match (name.strip_prefix("Add"), name.strip_prefix("Remove")) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => return None,
    };
    let plural = format!("{rest}s");
    let member = shape.member(rest).or_else(|| shape.member(&plural))?;
    Some((adds, member))
}

/// Sets a member of an entry, or adds to it what `Add..` says, or removes what `Remove..` says.
/// Returns whether the entry has the member.
fn set(shape: Shape, name: &str, value: &Value<'static>, entry: &mut Structure<'static>) -> bool {
    if let Some(member) = shape.member(name)
        && let Some(value) = answer::convert(value, member.shape())
    {
        entry.insert(name.to_owned(), value);
        return true;
    }
    let Some((adds, member)) = changed_list(shape, name) else {
        return false;
    };
    let Some(Value::List(changed)) = answer::convert(value, member.shape()) else {
        return false;
    };
    let Some(entries) = path::list(entry, member.name()) else {
        return false;
    };
    entries.retain(|entry| !changed.contains(entry));
    if adds {
        entries.extend(changed);
    }
    true
}
