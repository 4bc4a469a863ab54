//! Which actions make, list, change, end, join and read a resource: derived from their names and
//! members, or written by hand.

use super::kinds::Kind;
use super::names::{ENDING, JOINING, MAKING, is_plural, only_reads, verb};
use super::service::{Found, Service, follow, members};
use ec2wire_model::{Kind as Type, Operation, Shape};
use std::collections::{BTreeMap, BTreeSet};

/// The source of what was read off the model by hand.
const READ: &str = "read";

/// The actions of one resource.
#[derive(Default)]
pub(super) struct Roles {
    pub(super) list: Option<List>,
    pub(super) make: Vec<Make>,
    pub(super) change: Vec<Act>,
    pub(super) end: Vec<Act>,
    pub(super) join: Vec<Join>,
    pub(super) read: Vec<Act>,
}

pub(super) struct List {
    pub(super) action: Operation,
    pub(super) path: String,
    pub(super) entry: Shape,
    pub(super) id: String,
    pub(super) member: Option<String>,
    pub(super) source: String,
}

pub(super) struct Make {
    pub(super) action: Operation,
    pub(super) id: Option<String>,
    pub(super) entry: Option<String>,
    pub(super) source: String,
}

pub(super) struct Act {
    pub(super) action: &'static str,
    pub(super) member: String,
    pub(super) source: String,
}

pub(super) struct Join {
    pub(super) action: &'static str,
    pub(super) member: String,
    pub(super) part: Option<&'static str>,
    /// The names of the other resources, and the members that name them.
    pub(super) with: Vec<(String, String)>,
}

/// The roles of all actions, by resource.
pub(super) fn all(service: &Service, kinds: &[Kind]) -> Result<Vec<Roles>, String> {
    let mut roles = Vec::new();
    for kind in kinds {
        let one = own(service, kind).map_err(|error| format!("{}: {error}", kind.name))?;
        roles.push(one);
    }
    let joins = joins(service, kinds, &mut roles);
    rest(service, kinds, &mut roles, &joins);
    for (kind, roles) in kinds.iter().zip(&mut roles) {
        let is_not = |action: &str| kind.row.not.iter().any(|not| not == action);
        roles.change.retain(|act| !is_not(act.action));
        roles.read.retain(|act| !is_not(act.action));
        roles.join.retain(|join| !is_not(join.action));
    }
    Ok(roles)
}

/// How one resource is listed, made and ended.
fn own(service: &Service, kind: &Kind) -> Result<Roles, String> {
    let mut roles = Roles {
        list: list(service, kind)?,
        ..Roles::default()
    };
    let entry = roles.list.as_ref().map(|list| list.entry);
    for make in &kind.row.make {
        let action = service.action(&make.action)?;
        for path in make.id.iter().chain(&make.entry) {
            follow(action.output(), path).ok_or_else(|| format!("{}: no `{path}`", make.action))?;
        }
        roles.make.push(Make {
            action,
            id: make.id.clone(),
            entry: make.entry.clone(),
            source: make.source.clone().unwrap_or_else(|| READ.to_owned()),
        });
    }
    for (list, acts) in [
        (&kind.row.end, &mut roles.end),
        (&kind.row.change, &mut roles.change),
    ] {
        for act in list {
            let action = service.action(&act.action)?;
            let path = &act.member;
            follow(action.input(), path).ok_or_else(|| format!("{}: no `{path}`", act.action))?;
            acts.push(Act {
                action: action.name(),
                member: path.clone(),
                source: act.source.clone().unwrap_or_else(|| READ.to_owned()),
            });
        }
    }
    for action in service.model.operations() {
        let name = action.name();
        if kind.row.not.iter().any(|not| not == name) {
            continue;
        }
        if !roles.make.iter().any(|make| make.action.name() == name) {
            roles.make.extend(make(kind, action, entry));
        }
        if !roles.end.iter().any(|act| act.action == name) {
            roles.end.extend(end(kind, action));
        }
    }
    // The plain one first: CreateVpc before CreateDefaultVpc; then those written by hand.
    roles.make.sort_by_key(|make| {
        let action = make.action.name();
        let is_create = verb(action).0 == "Create";
        match make.source.as_str() {
            "names" if is_create => (0, action.len()),
            "names" => (2, action.len()),
            _ => (1, 0),
        }
    });
    Ok(roles)
}

/// Whether an action's name is a verb and a resource's name, as in `DeleteFlowLogs`.
fn is_about(kind: &Kind, action: &str) -> bool {
    let (_, object) = verb(action);
    let plain = object.strip_prefix("Default").unwrap_or(object);
    kind.stems
        .iter()
        .any(|stem| is_plural(object, stem) || is_plural(plain, stem))
}

fn list(service: &Service, kind: &Kind) -> Result<Option<List>, String> {
    if let Some(list) = &kind.row.list {
        let action = service.action(&list.action)?;
        let entry = follow(action.output(), &list.path);
        let entry = entry.ok_or_else(|| format!("{}: no `{}`", list.action, list.path))?;
        let id = list.id.clone().unwrap_or_else(|| kind.id.clone());
        follow(Some(entry), &id).ok_or_else(|| format!("{}: no `{id}`", list.action))?;
        let member = list.member.clone().or_else(|| ids_member(kind, action));
        return Ok(Some(List {
            action,
            path: list.path.clone(),
            entry,
            id,
            member,
            source: list.source.clone().unwrap_or_else(|| READ.to_owned()),
        }));
    }
    for action in service.model.operations() {
        if verb(action.name()).0 != "Describe" || !is_about(kind, action.name()) {
            continue;
        }
        for member in action.output().iter().flat_map(Shape::members) {
            let Type::List { entry, .. } = member.shape().kind() else {
                continue;
            };
            if entry.member(&kind.id).is_some() {
                return Ok(Some(List {
                    action,
                    path: format!("{}[]", member.name()),
                    entry,
                    id: kind.id.clone(),
                    member: ids_member(kind, action),
                    source: "names".to_owned(),
                }));
            }
        }
    }
    Ok(None)
}

/// The member of a request that takes the ids of a resource.
fn ids_member(kind: &Kind, action: Operation) -> Option<String> {
    let input = action.input()?;
    let plural = format!("{}s", kind.id);
    let own = [plural, kind.id.clone()]
        .into_iter()
        .find(|name| input.member(name).is_some());
    own.or_else(|| {
        let members = input.members();
        let mut named = members.filter(|member| kind.is_named(action.name(), member.name()));
        named.next().map(|member| member.name().to_owned())
    })
}

fn make(kind: &Kind, action: Operation, entry: Option<Shape>) -> Option<Make> {
    let (verb, _) = verb(action.name());
    if !MAKING.contains(&verb) || !is_about(kind, action.name()) {
        return None;
    }
    let found = members(action.output());
    let ids = format!("{}s", kind.id);
    let described = found.iter().find(|found| {
        let shape = super::service::entry_of(found.member.shape());
        entry == Some(shape) && depth(found) < 2
    });
    if verb == "Start" && described.is_none() {
        return None;
    }
    let entry = described.map(listed);
    let id = entry
        .as_ref()
        .map(|entry| super::service::join(entry, &kind.id));
    let id = id.or_else(|| {
        let mut ids = found.iter().filter(|found| {
            let name = found.member.name();
            depth(found) < 3 && (name == kind.id || name == ids)
        });
        ids.next().map(listed)
    });
    id.as_ref()?;
    Some(Make {
        action,
        id,
        entry,
        source: "names".to_owned(),
    })
}

fn depth(found: &Found) -> usize {
    found.path.matches('.').count()
}

/// The path, with a mark if it leads to the entries of a list.
fn listed(found: &Found) -> String {
    match found.member.shape().kind() {
        Type::List { .. } => format!("{}[]", found.path),
        _ => found.path.clone(),
    }
}

fn end(kind: &Kind, action: Operation) -> Option<Act> {
    let (verb, _) = verb(action.name());
    if !ENDING.contains(&verb) || !is_about(kind, action.name()) {
        return None;
    }
    Some(Act {
        action: action.name(),
        member: ids_member(kind, action)?,
        source: "names".to_owned(),
    })
}

/// Finds the pairs of actions that join and part. Returns the names of all of them.
fn joins(service: &Service, kinds: &[Kind], roles: &mut [Roles]) -> BTreeSet<&'static str> {
    let mut all = BTreeSet::new();
    for action in service.model.operations() {
        let (word, object) = verb(action.name());
        let pair = JOINING.iter().find(|(joining, _)| *joining == word);
        let Some((_, parting)) = pair else {
            continue;
        };
        let Some(part) = service.model.operation(&format!("{parting}{object}")) else {
            continue;
        };
        // RegisterImage makes an image.
        let makes = |roles: &Roles| {
            roles
                .make
                .iter()
                .any(|make| make.action.name() == action.name())
        };
        if word == "Register" && roles.iter().any(makes) {
            continue;
        }
        let named = named(kinds, action);
        for (at, member) in &named {
            let with = named.iter().filter(|(other, _)| other != at);
            let with = with.filter_map(|(other, member)| {
                Some((kinds.get(*other)?.name.clone(), member.clone()))
            });
            let join = Join {
                action: action.name(),
                member: member.clone(),
                part: Some(part.name()),
                with: with.collect(),
            };
            roles
                .get_mut(*at)
                .into_iter()
                .for_each(|roles| roles.join.push(join_of(&join)));
        }
        if !named.is_empty() {
            all.extend([action.name(), part.name()]);
        }
    }
    all
}

fn join_of(join: &Join) -> Join {
    Join {
        action: join.action,
        member: join.member.clone(),
        part: join.part,
        with: join.with.clone(),
    }
}

/// The resources that the outermost members of a request name, each with the first such member.
fn named(kinds: &[Kind], action: Operation) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    for member in action.input().iter().flat_map(Shape::members) {
        for (at, kind) in kinds.iter().enumerate() {
            let is_new = !found.iter().any(|(known, _)| *known == at);
            if is_new && kind.row.kind_of.is_none() && kind.is_named(action.name(), member.name()) {
                found.push((at, member.name().to_owned()));
            }
        }
    }
    found
}

/// Gives the remaining actions to the resources that their names and members name.
fn rest(service: &Service, kinds: &[Kind], roles: &mut [Roles], joins: &BTreeSet<&str>) {
    for action in service.model.operations() {
        let name = action.name();
        let is_listed = |roles: &Roles| {
            roles
                .list
                .as_ref()
                .is_some_and(|list| list.action.name() == name)
        };
        let is_given = |roles: &Roles| {
            is_listed(roles)
                || roles.make.iter().any(|make| make.action.name() == name)
                || roles
                    .end
                    .iter()
                    .chain(&roles.change)
                    .any(|act| act.action == name)
        };
        if joins.contains(name) || roles.iter().any(is_given) {
            continue;
        }
        for (at, member, source) in subjects(kinds, action) {
            let act = Act {
                action: name,
                member,
                source,
            };
            if let Some(roles) = roles.get_mut(at) {
                if only_reads(name) {
                    roles.read.push(act);
                } else {
                    roles.change.push(act);
                }
            }
        }
    }
}

/// The resources that an action is about: the one in its name, else those that it must be given, else
/// the only one that it can be given.
fn subjects(kinds: &[Kind], action: Operation) -> Vec<(usize, String, String)> {
    let input = action.input();
    let mut lengths: BTreeMap<usize, (usize, String)> = BTreeMap::new();
    let mut required = Vec::new();
    let mut possible = Vec::new();
    for (at, kind) in kinds.iter().enumerate() {
        let members = input.iter().flat_map(Shape::members);
        let named: Vec<_> = members
            .filter(|member| kind.is_named(action.name(), member.name()))
            .collect();
        let own = named
            .iter()
            .find(|member| member.name().starts_with(&kind.id));
        let Some(member) = own.or_else(|| named.first()) else {
            continue;
        };
        if let Some(length) = kind.is_in(action.name()) {
            lengths.insert(at, (length, member.name().to_owned()));
        }
        if kind.row.kind_of.is_none() {
            if let Some(member) = named.iter().find(|member| member.is_required()) {
                required.push((at, member.name().to_owned(), "names".to_owned()));
            }
            possible.push((at, member.name().to_owned(), "names".to_owned()));
        }
    }
    let longest = lengths.values().map(|(length, _)| *length).max();
    if let Some(longest) = longest {
        let best = lengths
            .into_iter()
            .filter(|(_, (length, _))| *length == longest);
        return best
            .map(|(at, (_, member))| (at, member, "names".to_owned()))
            .collect();
    }
    if !required.is_empty() {
        return required;
    }
    if possible.len() == 1 {
        possible
    } else {
        Vec::new()
    }
}
