//! Values in requests and answers, at the paths that the table uses.

use ec2wire_model::{Structure, Value};

/// A value in place of another.
#[derive(Debug, Clone, Copy)]
pub(in crate::server::sabotage) enum As {
    Text(&'static str),
    Number(i64),
    /// A number that is larger by one.
    More,
    /// A text, changed.
    Changed(fn(&str) -> String),
    /// The first second of 1970.
    Epoch,
    /// No value at all.
    Missing,
}

impl As {
    /// Puts the value into a structure. What a structure does not have stays missing.
    fn put(self, structure: &mut Structure<'static>, name: &str) {
        let Some(old) = structure.get(name) else {
            return;
        };
        let new: Value<'static> = match (self, old) {
            (Self::Text(text), _) => text.into(),
            (Self::Number(number), _) => number.into(),
            (Self::More, Value::Integer(number)) => number.saturating_add(1).into(),
            (Self::Changed(change), Value::String(text)) => change(text).into(),
            (Self::Epoch, Value::Timestamp(_)) => match "1970-01-01T00:00:00Z".parse() {
                Ok(time) => Value::Timestamp(time),
                Err(_) => return,
            },
            (Self::Missing, _) => {
                structure.remove(name);
                return;
            }
            _ => return,
        };
        structure.insert(name.to_owned(), new);
    }
}

/// Sets each value at a path.
pub(super) fn set(structure: &mut Structure<'static>, path: &str, value: As) {
    each_holder(structure, path, &mut |holder, name| value.put(holder, name));
}

/// Removes the members at a path.
pub(super) fn remove(value: &mut Value<'static>, path: &str) {
    if let Value::Structure(structure) = value {
        each_holder(structure, path, &mut |holder, name| {
            holder.remove(name);
        });
    }
}

/// Calls `edit` with each list at a path that ends in `[]`.
pub(super) fn each_list(
    structure: &mut Structure<'static>,
    path: &str,
    edit: &mut dyn FnMut(&mut Vec<Value<'static>>),
) {
    let path = path.strip_suffix("[]").unwrap_or(path);
    each_holder(structure, path, &mut |holder, name| {
        if let Some(Value::List(entries)) = holder.get_mut(name) {
            edit(entries);
        }
    });
}

/// Calls `edit` with each structure that has the last member of a path, or could, and its name.
fn each_holder(
    structure: &mut Structure<'static>,
    path: &str,
    edit: &mut dyn FnMut(&mut Structure<'static>, &str),
) {
    let Some((head, rest)) = path.split_once('.') else {
        edit(structure, path);
        return;
    };
    let inner = structure.get_mut(head.strip_suffix("[]").unwrap_or(head));
    match inner {
        Some(Value::List(entries)) => {
            for entry in entries {
                if let Value::Structure(entry) = entry {
                    each_holder(entry, rest, edit);
                }
            }
        }
        Some(Value::Structure(inner)) => each_holder(inner, rest, edit),
        _ => {}
    }
}

/// Calls `visit` with each text.
pub(super) fn each_text(value: &Value<'static>, visit: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => visit(text),
        Value::List(entries) => entries.iter().for_each(|entry| each_text(entry, visit)),
        Value::Structure(structure) => {
            for (_, member) in structure.iter() {
                each_text(member, visit);
            }
        }
        _ => {}
    }
}

/// The value with each text rewritten.
pub(super) fn rewritten(value: &Value<'static>, text: &dyn Fn(&str) -> String) -> Value<'static> {
    match value {
        Value::String(old) => text(old).into(),
        Value::List(entries) => {
            Value::List(entries.iter().map(|entry| rewritten(entry, text)).collect())
        }
        Value::Structure(structure) => {
            let mut new = Structure::new();
            for (name, member) in structure.iter() {
                new.insert(name.to_owned(), rewritten(member, text));
            }
            new.into()
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn structure() -> Structure<'static> {
        let tag = |key: &'static str| Value::from(Structure::from([("Key", Value::from(key))]));
        let entry = Structure::from([
            ("Size", Value::Integer(8)),
            ("Tags", Value::List(vec![tag("a"), tag("b")])),
        ]);
        Structure::from([("Volumes", Value::List(vec![entry.into()]))])
    }

    #[test]
    fn values_are_found_through_lists() {
        let mut found = structure();
        set(&mut found, "Volumes[].Size", As::More);
        set(
            &mut found,
            "Volumes[].Tags[].Key",
            As::Changed(str::to_uppercase),
        );
        set(&mut found, "Volumes[].Nothing", As::Number(1));
        let mut texts = Vec::new();
        each_text(&found.clone().into(), &mut |text| {
            texts.push(text.to_owned());
        });
        assert_eq!(texts, ["A", "B"]);
        each_list(&mut found, "Volumes[].Tags[]", &mut |tags| tags.truncate(1));
        let mut found = Value::from(found);
        remove(&mut found, "Volumes[].Tags[].Key");
        assert_eq!(
            found
                .get("Volumes")
                .and_then(Value::as_list)
                .map(<[_]>::to_vec),
            Some(vec![
                Structure::from([
                    ("Size", Value::Integer(9)),
                    ("Tags", Value::List(vec![Structure::new().into()])),
                ])
                .into()
            ])
        );
    }
}
