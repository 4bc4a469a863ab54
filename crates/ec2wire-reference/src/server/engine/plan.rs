//! What each action is, by the table of resources: which role it has for which resource, and which
//! resources its request names.

use super::join;
use crate::server::families;
use ec2wire_model::{Act, Join, Kind, Listing, Make, Model, Operation, Path, Resource, Shape};
use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

/// What an action does to a resource.
#[derive(Debug, Clone, Copy)]
pub(in crate::server) enum Role {
    Make(&'static Make),
    List(&'static Listing),
    /// It reads something else about the resource.
    Read(&'static Listing),
    Change(&'static Act),
    End(&'static Act),
    Join(&'static Join),
    Part(&'static Join),
}

/// What is known of an action.
#[derive(Debug)]
pub(in crate::server) struct Plan {
    pub(in crate::server) operation: Operation,
    /// The resource that it is about. `None` if the table does not have the action.
    pub(in crate::server) role: Option<(&'static Resource, Role)>,
    references: OnceLock<Vec<Reference>>,
}

/// A member of a request that names a resource.
#[derive(Debug)]
pub(in crate::server) struct Reference {
    /// Where the request has it, with `[]` behind lists.
    pub(in crate::server) path: String,
    pub(in crate::server) resource: &'static Resource,
}

static PLANS: LazyLock<HashMap<&'static str, Plan>> = LazyLock::new(|| {
    let model = Model::ec2();
    let mut plans: HashMap<_, _> = (model.operations())
        .map(|operation| {
            let plan = Plan {
                operation,
                role: None,
                references: OnceLock::new(),
            };
            (operation.name(), plan)
        })
        .collect();
    // Where rows differ on an action, the first role counts, and of joins the row whose entries show
    // the other resource, then the row that the action names: `AttachInternetGateway` is about the
    // gateway. Families know what shows the joins that they do.
    let mut give = |action: &'static str, resource: &'static Resource, role: Role| {
        if let Some(plan) = plans.get_mut(action) {
            let is_better = match plan.role {
                None => true,
                Some((known, Role::Join(old) | Role::Part(old))) => match role {
                    Role::Join(new) | Role::Part(new) => {
                        let rank = |row, join| {
                            let by_table = families::performing(action).is_none();
                            (by_table && join::is_shown(join), is_named(action, row))
                        };
                        rank(resource, new) > rank(known, old)
                    }
                    _ => false,
                },
                Some(_) => false,
            };
            if is_better {
                plan.role = Some((resource, role));
            }
        }
    };
    let rows = || model.resources().iter();
    // A kind of another resource shares its actions.
    let rows = || {
        let (kinds, own): (Vec<_>, Vec<_>) = rows().partition(|row| row.kind_of.is_some());
        own.into_iter().chain(kinds)
    };
    rows().for_each(|row| {
        row.make
            .iter()
            .for_each(|make| give(make.action, row, Role::Make(make)));
        row.list
            .iter()
            .for_each(|list| give(list.action, row, Role::List(list)));
        row.end
            .iter()
            .for_each(|act| give(act.action, row, Role::End(act)));
    });
    rows().for_each(|row| {
        for join in &row.join {
            give(join.action, row, Role::Join(join));
            if let Some(part) = join.part {
                give(part, row, Role::Part(join));
            }
        }
    });
    rows().for_each(|row| {
        row.change
            .iter()
            .for_each(|act| give(act.action, row, Role::Change(act)));
    });
    rows().for_each(|row| {
        row.read
            .iter()
            .for_each(|read| give(read.action, row, Role::Read(read)));
    });
    plans
});

/// Whether the action has the resource's name in its own.
fn is_named(action: &str, resource: &Resource) -> bool {
    let letters = |text: &str| text.replace('-', "").to_ascii_lowercase();
    letters(action).contains(&letters(resource.name))
}

impl Plan {
    /// What is known of the action with this name.
    pub(in crate::server) fn of(action: &str) -> Option<&'static Self> {
        PLANS.get(action)
    }

    /// Whether the action only reads.
    pub(in crate::server) fn only_reads(&self) -> bool {
        match self.role {
            Some((_, Role::List(_) | Role::Read(_))) => true,
            Some(_) => false,
            None => ["Describe", "Get", "List", "Search"]
                .iter()
                .any(|verb| self.operation.name().starts_with(verb)),
        }
    }

    /// The members of the request that name resources which must exist.
    pub(in crate::server) fn references(&self) -> &[Reference] {
        self.references.get_or_init(|| self.find_references())
    }

    fn find_references(&self) -> Vec<Reference> {
        let Some(input) = self.operation.input() else {
            return Vec::new();
        };
        let mut found = Vec::new();
        let mut known: Vec<(&str, &'static Resource)> = Vec::new();
        let named = |name: &str| Model::ec2().resource(name);
        match self.role {
            Some((_, Role::Make(make))) => {
                let needs = make.needs.iter();
                known.extend(
                    needs.filter_map(|need| Some((need.member.as_str(), named(need.resource)?))),
                );
            }
            Some((row, Role::Change(act) | Role::End(act))) => {
                known.push((act.member.as_str(), row));
            }
            Some((row, Role::Join(join))) => {
                known.push((join.member.as_str(), row));
                let others = join.with.iter();
                known.extend(
                    others
                        .filter_map(|other| Some((other.member.as_str(), named(other.resource)?))),
                );
            }
            Some((row, Role::Part(join))) => {
                known.extend(join.part_member.map(|member| (member, row)));
            }
            Some((row, Role::Read(read))) => {
                known.extend(read.member.as_ref().map(|member| (member.as_str(), row)));
            }
            Some((_, Role::List(_))) | None => {}
        }
        let listed = match self.role {
            Some((_, Role::List(list))) => list.member.as_ref().map(Path::as_str),
            _ => None,
        };
        walk(
            input,
            "",
            self.operation.name(),
            0,
            &mut |path, resource| {
                let plain = path.replace("[]", "");
                let is_later = families::looks_up_later(self.operation.name(), &plain);
                if is_later || listed == Some(plain.as_str()) {
                    return;
                }
                let by_row = known
                    .iter()
                    .find(|(member, _)| member.replace("[]", "") == plain);
                let resource = match by_row {
                    Some(&(_, resource)) => Some(resource),
                    None => resource,
                };
                // What has no ids of its own form can be named in other ways.
                if let Some(resource) = resource.filter(|resource| resource.id.prefix.is_some()) {
                    let path = path.to_owned();
                    found.push(Reference { path, resource });
                }
            },
        );
        found
    }
}

/// Visits each member that takes text or a list of texts, with the resource that it names by itself.
fn walk(
    shape: Shape,
    at: &str,
    action: &str,
    depth: usize,
    visit: &mut impl FnMut(&str, Option<&'static Resource>),
) {
    // Deeper members exist only where shapes contain themselves.
    const DEEPEST: usize = 6;
    if depth > DEEPEST {
        return;
    }
    for member in shape.members() {
        let dot = if at.is_empty() { "" } else { "." };
        let path = format!("{at}{dot}{}", member.name());
        let names = || resource_of(member.name(), shape.name(), action);
        match member.shape().kind() {
            Kind::String => visit(&path, names()),
            Kind::Structure => walk(member.shape(), &path, action, depth + 1, visit),
            Kind::List { entry, .. } => {
                let path = format!("{path}[]");
                match entry.kind() {
                    Kind::String => visit(&path, names()),
                    Kind::Structure => walk(entry, &path, action, depth + 1, visit),
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

/// The resource that a member names: in this structure, in this action, or everywhere.
fn resource_of(member: &str, structure: &str, action: &str) -> Option<&'static Resource> {
    static OF_PLACE: LazyLock<HashMap<&'static str, &'static Resource>> = LazyLock::new(|| {
        let rows = Model::ec2().resources().iter();
        let members = rows.flat_map(|row| row.id.members.iter().map(move |fact| (fact.value, row)));
        members.filter(|(member, _)| member.contains('.')).collect()
    });

    [structure, action]
        .iter()
        .find_map(|place| OF_PLACE.get(format!("{place}.{member}").as_str()).copied())
        .or_else(|| Resource::of_member(member))
}
