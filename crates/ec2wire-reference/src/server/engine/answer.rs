//! Answers, from what exists: the members that a response's shape has.

use super::input::Input;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire_model::{Kind, Path, Resource, Shape, Structure, Value};

/// The members of a structure that a shape has, too.
pub(in crate::server) fn project(
    structure: &Structure<'static>,
    shape: Shape,
) -> Structure<'static> {
    let mut projected = Structure::new();
    for member in shape.members() {
        let value = structure.get(member.name());
        if let Some(value) = value.and_then(|value| convert(value, member.shape())) {
            projected.insert(member.name(), value);
        }
    }
    projected
}

/// A value as a shape has it. `None` if it cannot be one.
pub(in crate::server) fn convert(value: &Value<'static>, shape: Shape) -> Option<Value<'static>> {
    Some(match (shape.kind(), value) {
        (_, Value::Null) => return None,
        (Kind::Structure, Value::Structure(structure)) => project(structure, shape).into(),
        // The form of changed attributes: `AttributeValue`, `AttributeBooleanValue`.
        (Kind::Structure, scalar) => {
            let member = shape.member("Value")?;
            Structure::from([("Value", convert(scalar, member.shape())?)]).into()
        }
        (Kind::List { entry, .. }, Value::List(entries)) => Value::List(
            entries
                .iter()
                .filter_map(|value| convert(value, entry))
                .collect(),
        ),
        (kind, Value::Structure(structure))
            if !matches!(kind, Kind::List { .. } | Kind::Map { .. }) =>
        {
            convert(structure.get("Value")?, shape)?
        }
        (Kind::String, value @ (Value::String(_) | Value::Integer(_) | Value::Timestamp(_))) => {
            Value::from(path::text(value)?.into_owned())
        }
        (Kind::String, Value::Bool(flag)) => {
            let (no, yes) = match shape.enum_values() {
                values if values.contains(&"enabled") => ("disabled", "enabled"),
                values if values.contains(&"enable") => ("disable", "enable"),
                _ => ("false", "true"),
            };
            Value::from(if *flag { yes } else { no })
        }
        (Kind::Integer | Kind::Long, Value::Integer(_))
        | (Kind::Boolean, Value::Bool(_))
        | (Kind::Float | Kind::Double, Value::Float(_) | Value::Integer(_))
        | (Kind::Timestamp(_), Value::Timestamp(_))
        | (Kind::Blob, Value::Blob(_)) => value.clone(),
        (Kind::Integer | Kind::Long, Value::String(text)) => Value::Integer(text.parse().ok()?),
        (Kind::Boolean, Value::String(text)) => match text.as_str() {
            "enabled" | "enable" | "true" => Value::Bool(true),
            "disabled" | "disable" | "false" => Value::Bool(false),
            _ => return None,
        },
        _ => return None,
    })
}

/// An item as a list shows it, with its tags.
pub(in crate::server) fn entry(item: &Item) -> Structure<'static> {
    let mut entry = item.entry.clone();
    let tags = item
        .resource
        .list
        .as_ref()
        .and_then(|list| list.tags.as_ref());
    if let Some(tags) = tags {
        let name = tags.as_str();
        entry.insert(
            name.strip_suffix("[]").unwrap_or(name).to_owned(),
            tag_list(&item.tags),
        );
    }
    entry
}

/// Tags as all of EC2's structures have them.
pub(in crate::server) fn tag_list(tags: &[(String, String)]) -> Value<'static> {
    let tags = tags.iter().map(|(key, value)| {
        Structure::from([
            ("Key", Value::from(key.clone())),
            ("Value", value.clone().into()),
        ])
        .into()
    });
    Value::List(tags.collect())
}

/// An item as an answer shows it while its state is another one than that in which it stays.
pub(in crate::server) fn entry_in_state(item: &Item, state: Option<&str>) -> Structure<'static> {
    let mut entry = entry(item);
    if let (Some(state), Some(states)) = (state, &item.resource.states) {
        path::set(
            &mut entry,
            states.path.as_str(),
            Value::from(state.to_owned()),
        );
    }
    entry
}

/// The answer to an action on items: whatever its shape says of them. `return` is true.
pub(in crate::server) fn about(
    input: &Input,
    entries: &[Structure<'static>],
    ids: &[String],
    resource: &Resource,
) -> Structure<'static> {
    let mut answer = Structure::new();
    let Some(output) = input.plan.operation.output() else {
        return answer;
    };
    let entry_shape = resource
        .list
        .as_ref()
        .and_then(|list| entry_shape(resource, &list.path));
    // Where the answer itself has the id, another id of the same kind is not its own, as
    // `SourceVolumeId`, and what else has the id is not the entry, as an attachment of a volume.
    let has_primary = output.member(resource.id.member).is_some();
    let is_entry = |shape: Shape| {
        entry_shape == Some(shape)
            || !has_primary
                && matches!(shape.kind(), Kind::Structure)
                && shape.member(resource.id.member).is_some()
    };
    let is_own_id =
        |name: &str| is_id(resource, name) && (!has_primary || name == resource.id.member);
    for member in output.members() {
        let (name, shape) = (member.name(), member.shape());
        // What the entry has by that name, as a volume its attachments.
        let own = || entries.first().and_then(|entry| entry.get(name));
        let value = match shape.kind() {
            Kind::List { .. } if matches!(own(), Some(Value::List(_))) => {
                own().and_then(|value| convert(value, shape))
            }
            Kind::Boolean if matches!(name, "Return" | "ReturnValue" | "Success") => {
                Some(true.into())
            }
            Kind::Structure if is_entry(shape) => {
                entries.first().map(|entry| project(entry, shape).into())
            }
            Kind::List { entry, .. } if is_entry(entry) => {
                let entries = entries
                    .iter()
                    .map(|structure| project(structure, entry).into());
                Some(Value::List(entries.collect()))
            }
            Kind::List { entry, .. } if is_own_id(name) && matches!(entry.kind(), Kind::String) => {
                Some(Value::List(
                    ids.iter().map(|id| id.clone().into()).collect(),
                ))
            }
            Kind::String if is_own_id(name) => ids.first().map(|id| id.clone().into()),
            kind => {
                let asked = input.members.get(name);
                let known = own().or(asked).and_then(|value| convert(value, shape));
                let is_list = matches!(kind, Kind::List { .. });
                known.or(is_list.then(|| Value::List(Vec::new())))
            }
        };
        if let Some(value) = value {
            answer.insert(name, value);
        }
    }
    if input.token.is_some() && output.member("ClientToken").is_some() {
        answer.insert("ClientToken", input.token.clone().unwrap_or_default());
    }
    answer
}

/// As [`about`], for items as they are now.
pub(in crate::server) fn about_items(
    input: &Input,
    state: &State,
    ids: &[String],
    resource: &Resource,
) -> Structure<'static> {
    let items = ids.iter().filter_map(|id| state.store.get(id));
    let entries: Vec<_> = items.map(entry).collect();
    about(input, &entries, ids, resource)
}

/// The answer that says only that it was done.
pub(in crate::server) fn done() -> Structure<'static> {
    Structure::from([("Return", Value::from(true))])
}

/// Whether a member names resources of this kind.
pub(super) fn is_id(resource: &Resource, member: &str) -> bool {
    member == resource.id.member || resource.id.members.iter().any(|fact| fact.value == member)
}

/// The shape of the entries of a resource's list.
pub(in crate::server) fn entry_shape(resource: &Resource, path: &Path) -> Option<Shape> {
    let list = resource.list.as_ref()?;
    let operation = ec2wire_model::Model::ec2().operation(list.action)?;
    path.shape(operation.output()?)
}

/// A valid answer to an action that only reads and that nothing is known of: its lists are empty.
pub(in crate::server) fn made_up(input: &Input) -> Structure<'static> {
    let mut answer = Structure::new();
    let members = input
        .plan
        .operation
        .output()
        .into_iter()
        .flat_map(|output| output.members().collect::<Vec<_>>());
    for member in members {
        let value = match member.shape().kind() {
            Kind::List { .. } => Some(Value::List(Vec::new())),
            _ if member.name().ends_with("Token") => None,
            _ => {
                let asked = input.members.get(member.name());
                asked.and_then(|value| convert(value, member.shape()))
            }
        };
        if let Some(value) = value {
            answer.insert(member.name(), value);
        }
    }
    answer
}

/// Puts a value where a path with one list leads, as `Vpc` or `Instances[]`.
pub(in crate::server) fn place(
    answer: &mut Structure<'static>,
    at: &str,
    values: Vec<Value<'static>>,
) {
    match at.split_once("[].") {
        // Each entry in a structure of its own.
        Some((outer, inner)) => {
            let outers = values.into_iter().map(|value| {
                let mut structure = Structure::new();
                place(&mut structure, inner, vec![value]);
                structure.into()
            });
            answer.insert(outer.to_owned(), Value::List(outers.collect()));
        }
        None => match at.strip_suffix("[]") {
            Some(name) if !name.contains('.') => {
                answer.insert(name.to_owned(), Value::List(values));
            }
            Some(name) => path::set(answer, name, Value::List(values)),
            None => {
                if let Some(value) = values.into_iter().next() {
                    path::set(answer, at, value);
                }
            }
        },
    }
}

/// The first of a resource's states of a kind.
pub(in crate::server) fn first_state(resource: &Resource) -> Option<&'static str> {
    resource
        .states
        .as_ref()?
        .first
        .first()
        .map(|fact| fact.value)
}

/// The state in which a resource stays.
pub(in crate::server) fn settled_state(resource: &Resource) -> Option<&'static str> {
    let states = resource.states.as_ref()?;
    let settled = states.settled.first().or(states.first.first());
    settled.map(|fact| fact.value)
}

/// What the state's account owns and where: for ARNs and owners.
pub(in crate::server) fn arn(state: &State, resource: &Resource, id: &str) -> String {
    let (account, region) = (&state.config.account, &state.config.region);
    if let Some(form) = resource.id.arn {
        let placed = form.value.replace("REGION", region);
        return placed.replace("ACCOUNT", account).replace("ID", id);
    }
    let kind = resource.resource_type.unwrap_or(resource.name);
    format!("arn:aws:ec2:{region}:{account}:{kind}/{id}")
}
