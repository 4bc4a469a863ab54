//! Makes the table of resources of `ec2wire-model` from what AWS ships and from what was written by
//! hand.
//!
//! `service` is what AWS ships, `hand` the rows in `crates/ec2wire-model/resources/`, `names` the rules
//! of names. `kinds` finds the members that name a resource, `roles` the actions on it, `entry` and
//! `listing` what a list shows. `write` is the JSON.

mod entry;
mod hand;
mod kinds;
mod listing;
mod names;
mod roles;
mod service;
#[cfg(test)]
mod tests;
mod write;

use crate::Made;
use ec2wire_model::Kind as Type;
use kinds::Kind;
use roles::Roles;
use serde_json::{Map, Value, json};
use service::{Service, follow};
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// The rows that are written by hand.
const HAND: &str = "crates/ec2wire-model/resources";
/// The table.
const TABLE: &str = "crates/ec2wire-model/model/resources.json";
/// Where the table comes from.
const SOURCE: &str = "crates/ec2wire-model/model/resources-source.toml";
/// Where the embedded model comes from.
const MODEL: &str = "crates/ec2wire-model/model/source.toml";

/// The files made from botocore's folder for EC2. They depend only on that and on the rows by hand.
///
/// The folder must have the model that is embedded, because the table is about that.
pub(crate) fn files(root: &Path, folder: &Path) -> Result<Vec<Made>, Box<dyn Error>> {
    let service = Service::read(folder)?;
    let embedded: toml::Table = toml::from_str(&fs::read_to_string(root.join(MODEL))?)?;
    let hash = service
        .files
        .first()
        .map(|(_, bytes)| crate::import::sha256(bytes));
    if hash.as_deref() != embedded.get("sha256").and_then(toml::Value::as_str) {
        return Err(
            "this is not the model that is embedded: run `cargo xtask import-model` first".into(),
        );
    }
    let mut about = "# Made by `cargo xtask import-resources`.\n".to_owned();
    for (name, bytes) in &service.files {
        // Writing to a string cannot fail.
        let _ = writeln!(about, "{name:?} = {:?}", crate::import::sha256(bytes));
    }
    let table = table(root, &service)?;
    Ok(vec![
        (TABLE.to_owned(), write::text(&table).into_bytes()),
        (SOURCE.to_owned(), about.into_bytes()),
    ])
}

fn table(root: &Path, service: &Service) -> Result<Value, Box<dyn Error>> {
    let by_hand = hand::read(&root.join(HAND))?;
    let sources = serde_json::to_value(&by_hand.sources.source)?;
    let kinds = kinds::all(service, by_hand)?;
    let roles = roles::all(service, &kinds)?;
    let mut rows = Vec::new();
    for (kind, roles) in kinds.iter().zip(&roles) {
        let row = row(service, &kinds, kind, roles);
        rows.push(row.map_err(|error| format!("{}: {error}", kind.name))?);
    }
    let mut table = json!({"sources": sources, "resources": rows});
    check_sources(&table, &sources)?;
    write::shorten(&mut table);
    Ok(table)
}

/// Checks that each source of a row is known.
fn check_sources(value: &Value, sources: &Value) -> Result<(), String> {
    let derived = ["model", "documentation", "waiters", "paginators", "names"];
    match value {
        Value::Array(entries) => entries
            .iter()
            .try_for_each(|entry| check_sources(entry, sources)),
        Value::Object(members) => members.iter().try_for_each(|(key, member)| {
            let key_of = member.as_str().and_then(|text| text.split(' ').next());
            match key_of.filter(|_| key == "source" || key.ends_with("Source")) {
                Some(key) if !derived.contains(&key) && sources.get(key).is_none() => {
                    Err(format!("the source `{key}` is not in sources.toml"))
                }
                _ => check_sources(member, sources),
            }
        }),
        _ => Ok(()),
    }
}

/// Adds a list if it has entries.
fn put(row: &mut Map<String, Value>, key: &str, list: Vec<Value>) {
    if !list.is_empty() {
        row.insert(key.to_owned(), Value::Array(list));
    }
}

fn row(service: &Service, kinds: &[Kind], kind: &Kind, roles: &Roles) -> Result<Value, String> {
    let mut row = Map::new();
    row.insert("name".to_owned(), json!(kind.name));
    for (key, value) in [
        ("resourceType", &kind.resource_type),
        ("kindOf", &kind.row.kind_of),
    ] {
        if let Some(value) = value {
            row.insert(key.to_owned(), json!(value));
        }
    }
    row.insert("id".to_owned(), id(kind));
    let mut makes = Vec::new();
    for make in &roles.make {
        makes.push(making(kinds, kind, roles, make)?);
    }
    put(&mut row, "make", makes);
    let act = |act: &roles::Act| json!({"action": act.action, "member": act.member, "source": act.source});
    put(&mut row, "change", roles.change.iter().map(act).collect());
    put(&mut row, "end", roles.end.iter().map(act).collect());
    put(
        &mut row,
        "join",
        roles
            .join
            .iter()
            .map(|join| joining(service, kinds, kind, roles, join))
            .collect(),
    );
    let mut reads = Vec::new();
    for read in &roles.read {
        reads.push(listing::other(service, kind, read)?);
    }
    put(&mut row, "read", reads);
    let mut waits = entry::Waits::default();
    if let Some(list) = &roles.list {
        row.insert("list".to_owned(), listing::main(service, kind, list)?);
        let (states, found) = entry::states(service, kind, list);
        if let Some(states) = states {
            row.insert("states".to_owned(), states);
        }
        waits = found;
    }
    let keeper = |[resource, code, source]: &[String; 3]| {
        if kinds.iter().any(|kind| kind.name == *resource) {
            let mut keeper = Map::new();
            keeper.insert("resource".to_owned(), json!(resource));
            if !code.is_empty() {
                keeper.insert("code".to_owned(), json!(code));
            }
            keeper.insert("source".to_owned(), json!(source));
            Ok(Value::Object(keeper))
        } else {
            Err(format!("there is no row `{resource}`"))
        }
    };
    put(
        &mut row,
        "keptBy",
        kind.row
            .kept_by
            .iter()
            .map(keeper)
            .collect::<Result<_, _>>()?,
    );
    let unique = kind.row.unique.iter();
    put(&mut row, "unique", unique.map(|unique| {
        json!({"members": unique.members, "code": unique.code, "source": unique.source})
    }).collect());
    row.insert("codes".to_owned(), codes(kind, &waits));
    Ok(Value::Object(row))
}

fn id(kind: &Kind) -> Value {
    let mut id = Map::new();
    id.insert("member".to_owned(), json!(kind.id));
    // A kind of another resource has the other's members.
    if kind.row.kind_of.is_none() {
        let members = kind.members.iter();
        put(
            &mut id,
            "members",
            members
                .map(|(member, source)| entry::fact(member, source))
                .collect(),
        );
    }
    for (key, pair) in [("prefix", &kind.row.prefix), ("arn", &kind.row.arn)] {
        if let Some([value, source]) = pair {
            id.insert(key.to_owned(), entry::fact(value, source));
        }
    }
    let digits = kind.row.digits.clone();
    let digits = digits.or_else(|| kind.row.prefix.is_none().then(|| "free".to_owned()));
    if let Some(digits) = digits {
        id.insert("digits".to_owned(), json!(digits));
    }
    Value::Object(id)
}

fn making(kinds: &[Kind], kind: &Kind, roles: &Roles, make: &roles::Make) -> Result<Value, String> {
    let mut value = Map::new();
    let action = make.action.name();
    value.insert("action".to_owned(), json!(action));
    value.insert("source".to_owned(), json!(make.source));
    for (key, path) in [("id", &make.id), ("entry", &make.entry)] {
        if let Some(path) = path {
            value.insert(key.to_owned(), json!(path));
        }
    }
    let input = make.action.input();
    let tags = input.and_then(|input| input.member("TagSpecifications"));
    // What has no type is not tagged: RunInstances does not tag the reservation.
    if let Some(tags) = tags.filter(|_| kind.resource_type.is_some()) {
        value.insert("tags".to_owned(), json!(tags.name()));
    }
    let mut needs = Vec::new();
    for found in service::members(input) {
        let name = found.member.name();
        let mut others = kinds.iter().filter(|other| other.row.kind_of.is_none());
        // As in `Placement.GroupId`, which is not the `GroupId` that others have.
        let mut names = found.path.rsplit('.');
        let (last, above) = (names.next(), names.next());
        let pair = above
            .zip(last)
            .map(|(above, last)| format!("{above}.{last}"));
        let special = kinds.iter().find(|other| {
            pair.as_ref()
                .is_some_and(|pair| other.members.contains_key(pair))
        });
        let other = special.or_else(|| {
            others.find(|other| {
                other.members.contains_key(name) || above.is_none() && other.is_named(action, name)
            })
        });
        let is_id = !matches!(
            service::entry_of(found.member.shape()).kind(),
            Type::Structure
        );
        if let Some(other) = other.filter(|_| is_id) {
            let mut need = json!({"member": found.path, "resource": other.name, "source": "names"});
            if let (true, Some(need)) = (found.required, need.as_object_mut()) {
                need.insert("required".to_owned(), json!(true));
            }
            needs.push(need);
        }
    }
    put(&mut value, "needs", needs);
    for [_, member, path, _] in kind.row.shown.iter().filter(|[by, ..]| by == action) {
        let entry = roles.list.as_ref().map(|list| list.entry);
        if follow(input, member).is_none() || follow(entry, path).is_none() {
            return Err(format!(
                "{action}: no `{member}`, or no `{path}` in an entry"
            ));
        }
    }
    if let Some(list) = &roles.list {
        put(&mut value, "shown", entry::shown(kind, list, make));
    }
    Ok(Value::Object(value))
}

/// What the parting request names: this resource, or an id that joining gave.
fn parting(service: &Service, kind: &Kind, join: &roles::Join, value: &mut Map<String, Value>) {
    let part = join.part.and_then(|part| service.model.operation(part));
    let input = part.and_then(|part| part.input());
    let output = service.model.operation(join.action);
    let output = output.and_then(|action| action.output());
    let (Some(part), Some(input)) = (part, input) else {
        return;
    };
    let mut members = input.members();
    if let Some(own) = members.find(|member| kind.is_named(part.name(), member.name())) {
        value.insert("partMember".to_owned(), json!(own.name()));
    }
    let given = service::members(output);
    let is_joined =
        |name: &str| name == join.member || join.with.iter().any(|(_, member)| member == name);
    for member in input.members().filter(|member| !is_joined(member.name())) {
        let is_given = |found: &&service::Found| found.member.name() == member.name();
        let found = given.iter().filter(is_given);
        let paths: Vec<&str> = found.map(|found| found.path.as_str()).collect();
        if member.name().ends_with("Id") && !paths.is_empty() {
            let link = json!({"member": member.name(), "paths": paths});
            value.insert("link".to_owned(), link);
            return;
        }
    }
}

fn joining(
    service: &Service,
    kinds: &[Kind],
    kind: &Kind,
    roles: &Roles,
    join: &roles::Join,
) -> Value {
    let mut value = Map::new();
    value.insert("action".to_owned(), json!(join.action));
    value.insert("member".to_owned(), json!(join.member));
    value.insert("source".to_owned(), json!("names"));
    if let Some(part) = join.part {
        value.insert("part".to_owned(), json!(part));
    }
    parting(service, kind, join, &mut value);
    let entry = roles.list.as_ref().map(|list| list.entry);
    let with = join.with.iter().map(|(name, member)| {
        let mut joined = json!({"resource": name, "member": member});
        let other = kinds.iter().find(|kind| kind.name == *name);
        let shown = entry
            .zip(other)
            .and_then(|(entry, other)| entry::shows_other(entry, other, member));
        if let (Some(path), Some(joined)) = (shown, joined.as_object_mut()) {
            joined.insert("shown".to_owned(), json!(path));
        }
        joined
    });
    put(&mut value, "with", with.collect());
    Value::Object(value)
}

fn codes(kind: &Kind, waits: &entry::Waits) -> Value {
    let mut codes = Map::new();
    let pairs = |list: &[hand::Pair]| -> Vec<Value> {
        list.iter()
            .map(|[code, source]| entry::fact(code, source))
            .collect()
    };
    // Those of waiters come first, unless the row gives one of them a place of its own.
    let is_placed = |code: &String| {
        let mut by_hand = kind.row.unknown.iter();
        by_hand.any(|[known, source]| known == code && source == "waiters")
    };
    let first = waits.unknown.iter().filter(|code| !is_placed(code));
    let mut unknown: Vec<Value> = first.map(|code| entry::fact(code, "waiters")).collect();
    let is_first = |code: &String| waits.unknown.contains(code) && !is_placed(code);
    let mut by_hand = kind.row.unknown.clone();
    by_hand.retain(|[code, _]| !is_first(code));
    unknown.extend(pairs(&by_hand));
    put(&mut codes, "unknown", unknown);
    put(&mut codes, "malformed", pairs(&kind.row.malformed));
    put(&mut codes, "inUse", pairs(&kind.row.in_use));
    put(&mut codes, "duplicate", pairs(&kind.row.duplicate));
    put(&mut codes, "limit", pairs(&kind.row.limit));
    Value::Object(codes)
}
