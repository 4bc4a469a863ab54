//! What several families use.

pub(in crate::server) mod owner;
pub(in crate::server) mod permission;
pub(in crate::server) mod setting;

use crate::server::engine::Input;
use crate::server::engine::filter::Pattern;
use crate::server::engine::list::start_of_page;
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
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
        if matches!(path::first(entry, at), None | Some(Value::Null)) {
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

/// All texts of an item's entry at a path, as filters compare them.
pub(in crate::server) fn texts(item: &Item, at: &str) -> Vec<String> {
    let found = path::texts(&item.entry, at).into_iter();
    found.map(str::to_owned).collect()
}

/// A boolean of a structure, by a path without lists. False if it is absent.
pub(in crate::server) fn flag(structure: &Structure<'static>, at: &str) -> bool {
    path::first(structure, at) == Some(&Value::Bool(true))
}

/// The page of entries that a request asks for with `MaxResults` and `NextToken`, and the token for
/// the next one.
pub(in crate::server) fn page_of(
    input: &Input,
    state: &State,
    entries: Vec<Value<'static>>,
) -> Result<(Vec<Value<'static>>, Option<String>), Fault> {
    let after = start_of_page(state, input.text("NextToken"))?;
    let after = usize::try_from(after).map_err(|_| fault::invalid_token())?;
    let length = input.integer("MaxResults").map(usize::try_from);
    let length = length.and_then(Result::ok).unwrap_or(usize::MAX);
    let end = after.saturating_add(length);
    let next = (end < entries.len()).then(|| state.page_token(end as u64));
    let page = entries.into_iter().skip(after).take(length).collect();
    Ok((page, next))
}

/// What a filter looks at, by its name.
pub(in crate::server) type Looks = &'static [(&'static str, &'static str)];

/// Whether entries that are no items pass the filters of a request. Each filter's name must be known.
pub(in crate::server) fn passes(
    input: &Input,
    looks: Looks,
    entry: &Structure<'static>,
) -> Result<bool, Fault> {
    for filter in input.structures("Filters") {
        let name = text(filter, "Name").unwrap_or("null");
        let look = looks.iter().find(|(known, _)| *known == name);
        let (_, at) =
            look.ok_or_else(|| fault::invalid_value(format!("The filter '{name}' is invalid")))?;
        let patterns = path::texts(filter, "Values[]").into_iter();
        let patterns: Vec<Pattern<'_>> = patterns.map(Pattern::new).collect();
        let is_held = path::any(entry, at, &mut |value| {
            path::text(value)
                .is_some_and(|text| patterns.iter().any(|pattern| pattern.matches(&text)))
        });
        if !is_held {
            return Ok(false);
        }
    }
    Ok(true)
}
