//! What an action creates, according to its name, its answer and the fixtures.

use super::fixtures::Fixtures;
use super::{paths, premise};
use crate::catalogue::modelled::shape_at;
use crate::format::case::{Alias, Listing, Undo};
use crate::judge::gone::Gone;
use ec2wire_model::{Act, Kind, Make, Model, Operation, Resource, Shape, Structure, Value};
use std::collections::HashMap;
use std::sync::LazyLock;

/// What an action creates.
pub(super) struct Creation {
    /// The path of its id in the answer.
    pub(super) id: String,
    /// The resource type.
    pub(super) kind: Option<String>,
    /// The path of its tags in the answer.
    pub(super) tags: Option<String>,
    /// How to delete it.
    pub(super) undo: Option<Undo>,
    /// How to list it.
    pub(super) listing: Option<Listing>,
    /// The structure that contains the id.
    pub(super) structure: Shape,
    /// The path of that structure with a dot at the end; empty for the root.
    pub(super) place: String,
}

/// How to delete something, and how a listing shows that it is deleted.
pub(super) struct Ending<'c> {
    pub(super) deletion: &'c Undo,
    /// The action that lists it.
    pub(super) listing: &'c str,
    /// The path of the entries in its answer.
    pub(super) place: String,
    /// Where an entry has the id.
    pub(super) id: String,
    /// Where it has the state, or the id if it has none.
    pub(super) state: String,
}

impl Creation {
    /// What the action creates. `CreateVpc` answers with a `Vpc` that has a `VpcId`, and
    /// `DeleteVpc` takes that id; for other names it depends on the fixtures.
    pub(super) fn find(action: Operation, fixtures: &Fixtures) -> Option<Self> {
        match fixtures.created(action) {
            Some(created) => {
                let (place, _) = created.id.rsplit_once('.').unwrap_or(("", &created.id));
                let structure = shape_at(action.output()?, place)?;
                let undo = match created.undo.as_deref() {
                    Some([action, key]) => Some(Undo {
                        at: created.id.clone(),
                        action: action.clone(),
                        key: key.clone(),
                        at_once: false,
                        alias: None,
                    }),
                    Some(_) => None,
                    None => undo(action, &created.id),
                };
                let alias = created.alias.as_ref().map(|(at, key)| Alias {
                    at: at.clone(),
                    key: key.clone(),
                });
                let undo = undo.map(|undo| Undo { alias, ..undo });
                // Use the names for what the fixtures leave out.
                let (kind, tags) = match Self::by_names(action) {
                    Some(named) => (named.kind, named.tags),
                    None => (None, None),
                };
                let listing = match &created.listed {
                    Some((list, at)) => Some(Listing {
                        action: list.clone(),
                        at: at.clone(),
                        undo: undo.clone(),
                    }),
                    None => listing(
                        action,
                        self::undo(action, &created.id).or(undo.clone()).as_ref(),
                    ),
                };
                Some(Self {
                    listing,
                    id: created.id.clone(),
                    kind: created.kind.clone().or(kind),
                    tags: created.tags.clone().or(tags),
                    undo,
                    structure,
                    place: with_dot(place),
                })
            }
            None => Self::by_table(action).or_else(|| Self::by_names(action)),
        }
    }

    /// What the table of resources says that the action makes.
    fn by_table(action: Operation) -> Option<Self> {
        let (row, make) = made_by(action.name())?;
        let output = action.output()?;
        let list = row.list.as_ref();
        let place = make
            .entry
            .and_then(|entry| paths::first_elements(output, entry));
        let place = with_dot(place.as_deref().unwrap_or_default());
        let structure = match make.entry {
            Some(entry) => entry.shape(output)?,
            None => output,
        };
        let id = match make.id {
            Some(id) => paths::first_elements(output, id)?,
            None => format!("{place}{}", paths::first_elements(structure, list?.id?)?),
        };
        let undo = row.end.first().and_then(|end| {
            // Some are ended by their name.
            let name = end.member.as_str().trim_end_matches("[]");
            let named = structure
                .member(name)
                .or_else(|| structure.member(name.strip_suffix('s')?));
            let at = named.map(|named| format!("{place}{}", named.element_name()));
            deletion(end, at.as_deref().unwrap_or(&id))
        });
        let tags = structure.member("Tags");
        Some(Self {
            listing: list.and_then(|list| listed_by(list, undo.as_ref())),
            undo,
            id,
            kind: row.resource_type.map(str::to_owned),
            tags: tags.map(|tags| format!("{place}{}", tags.element_name())),
            structure,
            place,
        })
    }

    /// A second, different request for the action: one with a tag, if it takes any.
    pub(super) fn other(&self, action: Operation) -> Option<Value<'static>> {
        let member = action.input()?.member("TagSpecifications")?;
        let tags = serde_json::json!([{
            "ResourceType": self.kind.as_ref()?,
            "Tags": [{ "Key": "other", "Value": "1" }],
        }]);
        let text = tags.to_string();
        let value = serde_json::from_str::<Value<'_>>(&text).ok()?.into_owned();
        let mut structure = Structure::default();
        structure.insert(member.name(), value);
        Some(Value::Structure(structure))
    }

    /// How to delete it, even if the runner does that by itself.
    pub(super) fn deletion(&self) -> Option<&Undo> {
        let listed = self.listing.as_ref();
        self.undo
            .as_ref()
            .or_else(|| listed.and_then(|listing| listing.undo.as_ref()))
    }

    /// How a listing shows whether it is deleted, if it can be deleted and listed.
    pub(super) fn ending(&self, gone: &Gone) -> Option<Ending<'_>> {
        let listing = self.listing.as_ref()?;
        let (place, id) = listing.at.rsplit_once('.')?;
        let output = Model::ec2().operation(&listing.action)?.output()?;
        let entry = shape_at(output, place)?;
        // An entry that has no state is not listed any more.
        let is_text = |path: &&str| {
            shape_at(entry, path).is_some_and(|shape| matches!(shape.kind(), Kind::String))
        };
        let mut states = gone.at.iter().map(String::as_str);
        let state = states.find(is_text).unwrap_or(id);
        Some(Ending {
            deletion: self.deletion()?,
            listing: &listing.action,
            place: place.to_owned(),
            id: id.to_owned(),
            state: state.to_owned(),
        })
    }

    fn by_names(action: Operation) -> Option<Self> {
        let thing = action.name().strip_prefix("Create")?;
        let id = format!("{thing}Id");
        let output = action.output()?;
        let (place, structure) = match output.member(thing) {
            Some(member) => (member.element_name(), member.shape()),
            None => ("", output),
        };
        let place = with_dot(place);
        let id = format!("{place}{}", structure.member(&id)?.element_name());
        let kind = kebab(thing);
        let kinds = Model::ec2().shape("ResourceType")?.enum_values();
        let tags = structure.member("Tags");
        let undo = undo(action, &id);
        Some(Self {
            listing: listing(action, undo.as_ref()),
            undo,
            id,
            kind: kinds.contains(&kind.as_str()).then_some(kind),
            tags: tags.map(|tags| format!("{place}{}", tags.element_name())),
            structure,
            place,
        })
    }
}

/// The row of what the action makes. Where it may make several things, the first one that is not
/// only a kind of another.
pub(super) fn made_by(action: &str) -> Option<(&'static Resource, &'static Make)> {
    static ALL: LazyLock<HashMap<&'static str, (&'static Resource, &'static Make)>> =
        LazyLock::new(|| {
            let mut all = HashMap::new();
            for row in premise::own_rows_first() {
                for make in &row.make {
                    all.entry(make.action).or_insert((row, make));
                }
            }
            all
        });
    ALL.get(action).copied()
}

/// How the table says to end something, if that needs only its id.
fn deletion(end: &Act, id: &str) -> Option<Undo> {
    let action = Model::ec2().operation(end.action)?;
    let input = action.input()?;
    let own = end.member.members(input)?.first()?.name();
    let alone = input
        .members()
        .all(|other| !other.is_required() || other.name() == own);
    alone
        .then(|| paths::key(input, end.member))
        .flatten()
        .map(|key| Undo {
            at: id.to_owned(),
            action: end.action.to_owned(),
            key,
            at_once: false,
            alias: None,
        })
}

/// How the table says to list something.
fn listed_by(list: &ec2wire_model::Listing, undo: Option<&Undo>) -> Option<Listing> {
    let output = Model::ec2().operation(list.action)?.output()?;
    let place = paths::elements(output, list.path)?;
    let entry = list.path.shape(output)?;
    let id = paths::elements(entry, list.id?)?;
    Some(Listing {
        action: list.action.to_owned(),
        at: format!("{place}.{id}"),
        undo: undo.cloned(),
    })
}

/// The action that deletes what `action` creates, if it needs only the id.
fn undo(action: Operation, id: &str) -> Option<Undo> {
    let thing = action.name().strip_prefix("Create")?;
    let delete = Model::ec2().operation(&format!("Delete{thing}"))?;
    let input = delete.input()?;
    let member = input.member(&format!("{thing}Id"))?;
    let alone = input
        .members()
        .all(|other| !other.is_required() || other.name() == member.name());
    (alone && matches!(member.shape().kind(), Kind::String)).then(|| Undo {
        at: id.to_owned(),
        action: delete.name().to_owned(),
        key: member.form_key(),
        at_once: false,
        alias: None,
    })
}

/// How to list what the action creates: `DescribeVpcs` has a list of entries with a `VpcId`.
fn listing(action: Operation, undo: Option<&Undo>) -> Option<Listing> {
    let thing = action.name().strip_prefix("Create")?;
    let plural = match thing.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o']) => format!("{stem}ies"),
        _ => format!("{thing}s"),
    };
    let describe = Model::ec2().operation(&format!("Describe{plural}"))?;
    let (place, entry) = list(describe)?;
    let id = entry.member(&format!("{thing}Id"))?.element_name();
    Some(Listing {
        action: describe.name().to_owned(),
        at: format!("{place}.{id}"),
        undo: undo.cloned(),
    })
}

/// The path of the list entries in an action's answer, and their shape; `None` if it has several
/// lists, since any of them may be the one with pages.
pub(super) fn list(action: Operation) -> Option<(String, Shape)> {
    let output = action.output()?;
    let mut lists = output
        .members()
        .filter_map(|member| match member.shape().kind() {
            Kind::List {
                entry, entry_name, ..
            } => Some((format!("{}.{entry_name}", member.element_name()), entry)),
            _ => None,
        });
    let list = lists.next()?;
    lists.next().is_none().then_some(list)
}

/// The path of the next page's token in an action's answer.
pub(super) fn next_token(action: Operation) -> Option<&'static str> {
    Some(action.output()?.member("NextToken")?.element_name())
}

fn with_dot(place: &str) -> String {
    if place.is_empty() {
        String::new()
    } else {
        format!("{place}.")
    }
}

/// Turns `IpamPolicy` into `ipam-policy`.
pub(super) fn kebab(name: &str) -> String {
    let mut kebab = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(c.to_ascii_lowercase());
    }
    kebab
}
