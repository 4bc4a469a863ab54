//! Values at paths: the API's names, with `[]` behind a list whose entries are meant.

use ec2wire_model::{Structure, Value};
use std::borrow::Cow;

/// The first member of a path, whether the entries of its list are meant, and the rest of the path.
fn step(path: &str) -> (&str, bool, Option<&str>) {
    let (head, rest) = match path.split_once('.') {
        Some((head, rest)) => (head, Some(rest)),
        None => (path, None),
    };
    let (name, is_list) = match head.strip_suffix("[]") {
        Some(name) => (name, true),
        None => (head, false),
    };
    (name, is_list, rest)
}

/// Calls `visit` with each value at a path, until it returns true. Returns whether it did.
pub(in crate::server) fn any<'v>(
    structure: &'v Structure<'static>,
    path: &str,
    visit: &mut dyn FnMut(&'v Value<'static>) -> bool,
) -> bool {
    let (name, is_list, rest) = step(path);
    let mut inner = |value: &'v Value<'static>| match (rest, value) {
        (None, value) => visit(value),
        (Some(rest), Value::Structure(structure)) => any(structure, rest, visit),
        _ => false,
    };
    match structure.get(name) {
        Some(Value::List(entries)) if is_list => entries.iter().any(inner),
        Some(value) if !is_list => inner(value),
        _ => false,
    }
}

/// The first value at a path.
pub(in crate::server) fn first<'v>(
    structure: &'v Structure<'static>,
    path: &str,
) -> Option<&'v Value<'static>> {
    let mut found = None;
    any(structure, path, &mut |value| {
        found = Some(value);
        true
    });
    found
}

/// All values at a path.
pub(in crate::server) fn all<'v>(
    structure: &'v Structure<'static>,
    path: &str,
) -> Vec<&'v Value<'static>> {
    let mut found = Vec::new();
    any(structure, path, &mut |value| {
        found.push(value);
        false
    });
    found
}

/// All texts at a path.
pub(in crate::server) fn texts<'v>(structure: &'v Structure<'static>, path: &str) -> Vec<&'v str> {
    all(structure, path)
        .into_iter()
        .filter_map(Value::as_str)
        .collect()
}

/// Sets the value at a path, and makes the structures on the way. Behind `[]` it sets the value in
/// the first entry, and makes that if there is none.
pub(in crate::server) fn set(
    structure: &mut Structure<'static>,
    path: &str,
    value: Value<'static>,
) {
    let (name, is_list, rest) = step(path);
    if structure.get(name).is_none() {
        structure.insert(name.to_owned(), Value::Null);
    }
    let Some(mut place) = structure.get_mut(name) else {
        return;
    };
    if is_list {
        if !matches!(place, Value::List(_)) {
            *place = Value::List(Vec::new());
        }
        let Value::List(entries) = place else { return };
        if entries.is_empty() {
            entries.push(Value::Null);
        }
        match entries.first_mut() {
            Some(entry) => place = entry,
            None => return,
        }
    }
    match rest {
        None => *place = value,
        Some(rest) => {
            if !matches!(place, Value::Structure(_)) {
                *place = Structure::new().into();
            }
            if let Value::Structure(inner) = place {
                set(inner, rest, value);
            }
        }
    }
}

/// Sets values at paths, as [`set`] does.
pub(in crate::server) fn set_all<'p>(
    structure: &mut Structure<'static>,
    values: impl IntoIterator<Item = (&'p str, Value<'static>)>,
) {
    for (path, value) in values {
        set(structure, path, value);
    }
}

/// The entries of a list that is a member, which is made if there is none.
pub(in crate::server) fn list<'s>(
    structure: &'s mut Structure<'static>,
    name: &str,
) -> Option<&'s mut Vec<Value<'static>>> {
    if !matches!(structure.get(name), Some(Value::List(_))) {
        structure.insert(name.to_owned(), Value::List(Vec::new()));
    }
    match structure.get_mut(name) {
        Some(Value::List(entries)) => Some(entries),
        _ => None,
    }
}

/// A scalar as text, as filters compare it.
pub(in crate::server) fn text<'v>(value: &'v Value<'_>) -> Option<Cow<'v, str>> {
    Some(match value {
        Value::String(text) => text.as_str().into(),
        Value::Bool(true) => "true".into(),
        Value::Bool(false) => "false".into(),
        Value::Integer(number) => number.to_string().into(),
        Value::Float(number) => number.to_string().into(),
        Value::Timestamp(time) => time.to_string().into(),
        Value::Null | Value::Blob(_) | Value::List(_) | Value::Structure(_) => return None,
    })
}
