//! The variables of laws, and their values for an action.

use super::creation::{self, Creation};
use super::fixtures::Fixtures;
use super::life::{self, Life};
use super::premise;
use super::subjects::Subject;
use crate::format::template::variables;
use crate::judge::gone::Gone;
use ec2wire_model::Operation;
use toml::Value;

/// The variables of the life of a resource. A law is left out where one has no value.
const LIFE: [&str; 15] = [
    "entry-time",
    "made-state",
    "resource",
    "mine",
    "make",
    "made-id",
    "id-form",
    "by-id-2",
    "list-action",
    "entries",
    "entry-id",
    "entry-state",
    "entry-tags",
    "unknown-id",
    "type",
];
/// The variables of whole lists.
const LISTS: [&str; 6] = [
    "gone",
    "codes",
    "first-states",
    "settled",
    "unknown-codes",
    "malformed-codes",
];
/// The variable of the key by which a list takes ids.
const BY_ID: &str = "${by-id}";
/// The values of a law's variables.
pub(super) struct Variables<'v> {
    pub(super) action: Operation,
    pub(super) creation: Option<&'v Creation>,
    pub(super) life: Option<&'v Life>,
    pub(super) fixtures: &'v Fixtures,
    pub(super) subject: &'v Subject,
    pub(super) gone: &'v Gone,
}

impl Variables<'_> {
    /// A text with the variables filled in that have a value.
    pub(super) fn text(&self, text: &str) -> String {
        let created = |get: fn(&Creation) -> Option<&str>| self.creation.and_then(get);
        let subject = self.subject;
        let list = creation::list(self.action).map(|(place, _)| place);
        let ending = self
            .creation
            .and_then(|creation| creation.ending(self.gone));
        let ending = ending.as_ref();
        let life = self.life;
        let listed = life.and_then(|life| life.listed.as_ref());
        let id_form = life.and_then(Life::id_form);
        let entry_time = listed.and_then(life::Listed::time);
        let made_state = life.and_then(Life::made_state);
        let mine = life.map(|life| {
            let role = premise::role_for(self.action, life.row.name, self.fixtures);
            premise::variable(role, life.row.name)
        });
        let kind = created(|created| created.kind.as_deref());
        let kind = kind.or_else(|| life?.creation.kind.as_deref());
        let by_id = listed.and_then(|listed| listed.by_id.as_deref());
        let by_id_2 = by_id.and_then(|key| Some(format!("{}.2", key.strip_suffix(".1")?)));
        let unknown = life.and_then(|life| life.row.unknown_id());
        [
            ("resource", life.map(|life| life.row.name)),
            ("mine", mine.as_deref()),
            ("make", life.map(|life| life.make.name())),
            ("made-id", life.map(|life| &*life.creation.id)),
            ("id-form", id_form.as_deref()),
            ("by-id-2", by_id_2.as_deref()),
            ("unknown-id", unknown.as_deref()),
            ("other-filter", Some(&*subject.other_filter)),
            ("by-id", by_id),
            ("list-action", listed.map(|listed| listed.action.name())),
            ("entries", listed.map(|listed| &*listed.place)),
            ("entry-id", listed.map(|listed| &*listed.id)),
            (
                "entry-state",
                listed.and_then(|listed| listed.state.as_deref()),
            ),
            (
                "entry-tags",
                listed.and_then(|listed| listed.tags.as_deref()),
            ),
            ("entry-time", entry_time.as_deref()),
            ("made-state", made_state.as_deref()),
            ("filter", Some(&*subject.filter)),
            ("unknown", Some(&*subject.unknown)),
            ("named-resource", Some(&*subject.resource)),
            ("delete", ending.map(|ending| &*ending.deletion.action)),
            ("delete-key", ending.map(|ending| &*ending.deletion.key)),
            ("listing", ending.map(|ending| ending.listing)),
            ("listed", ending.map(|ending| &*ending.place)),
            ("listed-id", ending.map(|ending| &*ending.id)),
            ("state", ending.map(|ending| &*ending.state)),
            ("action", Some(self.action.name())),
            ("member", Some(&*subject.member)),
            ("key", Some(&*subject.key)),
            ("value", Some(&*subject.value)),
            ("shown", Some(&*subject.shown)),
            ("id", created(|created| Some(&created.id))),
            ("type", kind),
            ("tags", created(|created| created.tags.as_deref())),
            ("list", list.as_deref()),
            ("next", creation::next_token(self.action)),
            ("entry", Some(&*subject.entry)),
        ]
        .into_iter()
        .fold(text.to_owned(), |text, (name, value)| match value {
            Some(value) => text.replace(&format!("${{{name}}}"), value),
            None => text,
        })
    }

    /// The list that a variable stands for.
    fn list(&self, variable: &str) -> Option<Vec<String>> {
        let name = variable.strip_prefix("${")?.strip_suffix('}')?;
        match name {
            "gone" => Some(self.gone.states.clone()),
            "codes" => Some(self.subject.codes.clone()),
            _ => self.life?.list(name),
        }
    }

    /// Fills in a law's steps. Returns whether each of its variables has a value.
    pub(super) fn fill(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => {
                *text = self.text(text);
                !variables(text).any(|name| LIFE.contains(&name))
            }
            Value::Array(values) => {
                let whole = match values.as_slice() {
                    [Value::String(one)] if variables(one).any(|name| LISTS.contains(&name)) => {
                        Some(self.list(one).unwrap_or_default())
                    }
                    _ => None,
                };
                if let Some(whole) = whole {
                    *values = whole.into_iter().map(Value::String).collect();
                    return !values.is_empty();
                }
                // Without a key for ids, a list is asked for as a whole.
                values.retain(|pair| {
                    let key = pair.as_array().and_then(|pair| pair.first()?.as_str());
                    key.is_none_or(|key| key != BY_ID || self.text(key) != BY_ID)
                });
                values.iter_mut().all(|one| self.fill(one))
            }
            Value::Table(table) => table.iter_mut().all(|(_, one)| self.fill(one)),
            _ => true,
        }
    }
}
