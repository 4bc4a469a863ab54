//! What several families use.

pub(in crate::server) mod owner;
pub(in crate::server) mod permission;

use crate::server::store::path;
use ec2wire_model::{Structure, Value};

/// A value that entries have from the beginning.
#[derive(Debug, Clone, Copy)]
pub(in crate::server) enum Usual {
    Flag(bool),
    Number(i64),
    Text(&'static str),
    /// An empty list.
    Empty,
}

/// The values that entries of a resource have if nothing else is asked for, by their paths.
pub(in crate::server) type Defaults = &'static [(&'static str, Usual)];

/// Adds the default values of what an entry lacks.
pub(in crate::server) fn complete(entry: &mut Structure<'static>, defaults: Defaults) {
    for &(at, usual) in defaults {
        if path::first(entry, at).is_none() {
            let value = match usual {
                Usual::Flag(flag) => flag.into(),
                Usual::Number(number) => number.into(),
                Usual::Text(text) => text.into(),
                Usual::Empty => Value::List(Vec::new()),
            };
            path::set(entry, at, value);
        }
    }
}

/// The entries of a list that are structures.
pub(in crate::server) fn structures<'s>(
    structure: &'s Structure<'static>,
    list: &str,
) -> impl Iterator<Item = &'s Structure<'static>> {
    let entries = structure.get(list).and_then(Value::as_list);
    let inner = |entry: &'s Value<'static>| match entry {
        Value::Structure(structure) => Some(structure),
        _ => None,
    };
    entries.unwrap_or_default().iter().filter_map(inner)
}

/// A text of a structure, by a path without lists.
pub(in crate::server) fn text<'s>(structure: &'s Structure<'static>, at: &str) -> Option<&'s str> {
    path::first(structure, at)?.as_str()
}

/// A boolean of a structure, by a path without lists. False if there is none.
pub(in crate::server) fn flag(structure: &Structure<'static>, at: &str) -> bool {
    path::first(structure, at) == Some(&Value::Bool(true))
}
