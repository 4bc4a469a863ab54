//! What a case needs before it: resources that it makes itself, or finds.
//!
//! The texts of a case's requests name them as variables. `${a:vpc}` is the id of a VPC that the case
//! makes first, or finds; `${own:image}` that of one that it makes, to change or end it; `${another:vpc}`
//! that of a second one; and `${before:vpc}` that of one more, for the plain request that comes before
//! the request of a law and may end what it names.

use super::creation::{self, Creation};
use super::fixtures::{self, Fixtures};
use super::life::{Life, Listed};
use super::plain::{Plain, pairs_of};
use crate::format::case::{Check, Step, Test};
use crate::format::template::variables;
use ec2wire_model::{Model, Operation, Path, Resource, Value};
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// The parts that a resource can play in a case.
const ROLES: [&str; 4] = [USUAL, OWN, "another", BEFORE];
/// The part of what others need.
pub(super) const USUAL: &str = "a";
/// The part of what is changed or ended, where the usual one is found or provided.
pub(super) const OWN: &str = "own";
/// The part of what only the plain request before a law's own names.
pub(super) const BEFORE: &str = "before";
/// The resource that the run itself provides.
const PROVIDED: (&str, &str) = ("ipam", "${ipam}");
/// How far what is needed may need others.
pub(super) const MOST_DEPTH: usize = 6;

/// The variable of a resource.
pub(super) fn variable(role: &str, resource: &str) -> String {
    format!("${{{role}:{resource}}}")
}

/// The part of what the action names: it must not change or end what is not the case's.
pub(super) fn role_for(action: Operation, resource: &str, fixtures: &Fixtures) -> &'static str {
    let is_there = resource == PROVIDED.0 || fixtures.found(resource).is_some();
    if fixtures::is_ending(action) && is_there {
        OWN
    } else {
        USUAL
    }
}

/// Whether the name of a variable is that of a resource.
pub(super) fn is_variable(name: &str) -> bool {
    name.split_once(':').is_some_and(|(role, resource)| {
        ROLES.contains(&role) && Model::ec2().resource(resource).is_some()
    })
}

/// The table of resources. What is only a kind of another one shares its ids, so it comes later.
pub(super) fn own_rows_first() -> impl Iterator<Item = &'static Resource> {
    let rows = || Model::ec2().resources().iter();
    let own = rows().filter(|row| row.kind_of.is_none());
    own.chain(rows().filter(|row| row.kind_of.is_some()))
}

/// A member of a request that names a resource.
struct Naming {
    /// Where it stands, without `[]`.
    path: String,
    resource: &'static Resource,
    /// Whether a request must have it, even if the model does not say so.
    must: bool,
}

/// What the table of resources says of the members of each action's request.
fn namings(action: &str) -> &'static [Naming] {
    static ALL: LazyLock<HashMap<&'static str, Vec<Naming>>> = LazyLock::new(|| {
        let mut all: HashMap<&'static str, Vec<Naming>> = HashMap::new();
        let mut add = |action, member: Path, resource, must| {
            let path = member.as_str().replace("[]", "");
            let known: &mut Vec<Naming> = all.entry(action).or_default();
            if !known.iter().any(|one| one.path == path) {
                known.push(Naming {
                    path,
                    resource,
                    must,
                });
            }
        };
        for row in own_rows_first() {
            for list in row.list.iter().chain(&row.read) {
                if let Some(member) = list.member {
                    add(list.action, member, row, false);
                }
            }
            for act in row.end.iter().chain(&row.change) {
                add(act.action, act.member, row, true);
            }
            for need in row
                .make
                .iter()
                .flat_map(|make| make.needs.iter().map(|need| (make.action, need)))
            {
                let (action, need) = need;
                if let Some(resource) = Model::ec2().resource(need.resource) {
                    add(action, need.member, resource, need.required);
                }
            }
        }
        all
    });
    ALL.get(action).map_or(&[], Vec::as_slice)
}

/// The resource that a member of an action's request names; `path` is where it stands, without `[]`.
pub(super) fn named(action: Operation, path: &str) -> Option<&'static Resource> {
    let known = namings(action.name()).iter().find(|one| one.path == path);
    match known {
        Some(known) => Some(known.resource),
        None => Resource::of_member(path.rsplit('.').next().unwrap_or(path)),
    }
}

/// Whether the table itself says what the member of the action's request names.
pub(super) fn is_listed(action: Operation, member: &str) -> bool {
    namings(action.name()).iter().any(|one| one.path == member)
}

/// Whether the action joins resources.
pub(super) fn joins(action: Operation) -> bool {
    static ALL: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
        let joins = Model::ec2().resources().iter().flat_map(|row| &row.join);
        joins.map(|join| join.action).collect()
    });
    ALL.contains(action.name())
}

/// Whether the table says that a request of the action names a resource in that member, although the
/// model may not require it.
pub(super) fn must_name(action: Operation, member: &str) -> bool {
    let is_first = |path: &str| path.split('.').next() == Some(member);
    namings(action.name())
        .iter()
        .any(|one| one.must && is_first(&one.path))
}

/// Whether a case can make or find the resource, and take it away again.
pub(super) fn can_be_had(resource: &Resource, fixtures: &Fixtures, depth: usize) -> bool {
    resource.name == PROVIDED.0
        || fixtures.found(resource.name).is_some()
        || can_be_made(resource, fixtures, depth)
}

/// Whether a case can make the resource, and take it away again.
pub(super) fn can_be_made(resource: &Resource, fixtures: &Fixtures, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else {
        return false;
    };
    fixtures.remembered(resource.name, depth, || {
        is_makeable(resource, fixtures, depth)
    })
}

fn is_makeable(resource: &Resource, fixtures: &Fixtures, depth: usize) -> bool {
    let Some((action, creation)) = making(resource, fixtures) else {
        return false;
    };
    let is_undone = creation.undo.is_some() || fixtures.is_repeatable(action);
    is_undone
        && Plain::with_depth(action, fixtures, None, depth)
            .missing
            .is_empty()
}

/// The usual action that makes the resource, or else a kind of it.
fn making(resource: &Resource, fixtures: &Fixtures) -> Option<(Operation, Creation)> {
    let mut kinds = Model::ec2().resources().iter();
    let kind = kinds.find(|row| row.kind_of == Some(resource.name) && !row.make.is_empty());
    let make = resource.make.first().or_else(|| kind?.make.first())?;
    let action = Model::ec2().operation(make.action)?;
    Some((action, Creation::find(action, fixtures)?))
}

/// Puts the steps that make what the steps name in front of the first that does, and the ids of
/// these into the steps.
///
/// # Errors
///
/// Something cannot be made. The text says why.
pub(super) fn complete(steps: Vec<Step>, fixtures: &Fixtures) -> Result<Vec<Step>, String> {
    let mut premises = Premises {
        fixtures,
        known: Vec::new(),
        steps: Vec::with_capacity(steps.len()),
    };
    for mut step in steps {
        premises.fill(&mut step, USUAL)?;
        premises.steps.push(step);
    }
    Ok(premises.steps)
}

struct Premises<'f> {
    fixtures: &'f Fixtures,
    /// The variables of resources that have steps, with the variable of the step's answer.
    known: Vec<(String, String)>,
    steps: Vec<Step>,
}

impl Premises<'_> {
    /// Fills in the ids that the step's texts name, after making what they stand for.
    fn fill(&mut self, step: &mut Step, needs: &str) -> Result<(), String> {
        let mut wanted = Vec::new();
        step.each_text(&mut |text| {
            let names = variables(text).filter(|name| is_variable(name));
            wanted.extend(names.map(str::to_owned));
        });
        for name in wanted {
            if let Some((role, resource)) = name.split_once(':') {
                self.have(role, resource, needs)?;
            }
        }
        let known = &self.known;
        step.each_text(&mut |text| {
            for (name, value) in known {
                if text.contains(name.as_str()) {
                    *text = text.replace(name, value);
                }
            }
        });
        Ok(())
    }

    fn have(&mut self, role: &str, name: &str, needs: &str) -> Result<(), String> {
        let variable = variable(role, name);
        if self.known.iter().any(|(known, _)| *known == variable) {
            return Ok(());
        }
        let value = if name == PROVIDED.0 && role == USUAL {
            PROVIDED.1.to_owned()
        } else {
            self.make(role, name, needs)?
        };
        self.known.push((variable, value));
        Ok(())
    }

    /// Adds the steps that make or find a resource. Returns the variable of its id.
    fn make(&mut self, role: &str, name: &str, needs: &str) -> Result<String, String> {
        let unknown = || format!("no way is known to make a {name}");
        let resource = Model::ec2().resource(name).ok_or_else(unknown)?;
        let step_name = format!("{role}-{name}");
        if let Some(found) = self.fixtures.found(name).filter(|_| role == USUAL) {
            let action = Model::ec2().operation(&found.action).ok_or_else(unknown)?;
            let request = Fixtures::request_of(action, &found.request);
            let step = plain_step(&step_name, action, &request)?;
            self.push(step, needs)?;
            return Ok(format!("${{{step_name}:{}}}", found.id));
        }
        let (action, creation) = making(resource, self.fixtures).ok_or_else(unknown)?;
        let mut request = Plain::new(action, self.fixtures, None).value;
        if role == "another"
            && let Some(Value::Structure(other)) = self.fixtures.other(action)
            && let Value::Structure(request) = &mut request
        {
            for (member, value) in other.iter() {
                request.insert(member.to_owned(), value.clone());
            }
        }
        let step = Step {
            undo: creation.undo.clone(),
            ..plain_step(&step_name, action, &request)?
        };
        self.push(step, needs)?;
        let id = format!("${{{step_name}:{}}}", creation.id);
        if let Some(settled) = settled(resource, &id, self.fixtures) {
            self.steps.push(settled);
        }
        Ok(id)
    }

    fn push(&mut self, mut step: Step, needs: &str) -> Result<(), String> {
        self.fill(&mut step, needs)?;
        self.steps.push(step);
        Ok(())
    }
}

/// A request that prepares others.
fn plain_step(name: &str, action: Operation, request: &Value<'_>) -> Result<Step, String> {
    let pairs = pairs_of(action, request).map_err(|error| error.to_string())?;
    let fresh = |text: String| text.replace("${token}", &format!("${{token-{name}}}"));
    Ok(Step {
        name: Some(name.to_owned()),
        action: Some(action.name().to_owned()),
        pairs: pairs
            .into_iter()
            .map(|(key, value)| (key, fresh(value)))
            .collect(),
        expect: Some("success".to_owned()),
        setup: true,
        plain: true,
        ..Step::default()
    })
}

/// The step that waits until a resource can be used, if it has such a state.
fn settled(resource: &Resource, id: &str, fixtures: &Fixtures) -> Option<Step> {
    let settled = Life::settled(resource)?;
    let states = resource.states.as_ref()?;
    let is_awaited = states
        .first
        .iter()
        .any(|first| !settled.iter().any(|one| one == first.value));
    let listed = Listed::of(resource, fixtures)?;
    let state = listed.state.as_deref().filter(|_| is_awaited)?;
    Some(Step {
        setup: true,
        eventually: true,
        checks: vec![Check {
            requirement: None,
            of: None,
            at: format!("{}[{}={id}].{state}", listed.place, listed.id),
            test: Test::OneOf(settled),
        }],
        ..listed.step(Some(id))
    })
}

/// The resource that the usual plain request of an action makes, ends or lists.
pub(super) fn subject(action: Operation) -> Option<&'static Resource> {
    static ALL: LazyLock<HashMap<&'static str, &'static Resource>> = LazyLock::new(|| {
        let mut all = HashMap::new();
        for row in own_rows_first() {
            let acts = row.end.iter().chain(&row.change).map(|act| act.action);
            for action in acts.chain(row.list.as_ref().map(|list| list.action)) {
                all.entry(action).or_insert(row);
            }
        }
        all
    });
    if let Some((row, _)) = creation::made_by(action.name()) {
        return Some(row);
    }
    ALL.get(action.name()).copied()
}

/// The resource that an action is about: what it makes, lists, changes, ends, reads or joins.
pub(super) fn about(action: &str) -> Option<&'static Resource> {
    static FURTHER: LazyLock<HashMap<&'static str, &'static Resource>> = LazyLock::new(|| {
        let mut all = HashMap::new();
        for row in own_rows_first() {
            let joins = row.join.iter();
            let joins = joins
                .flat_map(|join| [Some(join.action), join.part])
                .flatten();
            for action in row.read.iter().map(|list| list.action).chain(joins) {
                all.entry(action).or_insert(row);
            }
        }
        all
    });
    let known = Model::ec2().operation(action).and_then(subject);
    known.or_else(|| FURTHER.get(action).copied())
}
