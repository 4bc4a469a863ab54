//! A request after decoding, and what is checked before any action's own rules.

use super::plan::{Plan, Role};
use crate::server::families;
use crate::server::fault;
use crate::server::hooks::Hooks;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::{Fault, ResourceType, Tag, TagSpecification};
use ec2wire_model::{Digits, Resource, Structure, Value, Violation, ViolationKind};

/// A request.
#[derive(Debug)]
pub(in crate::server) struct Input {
    pub(in crate::server) plan: &'static Plan,
    /// Its members, without the client token and `DryRun`.
    pub(in crate::server) members: Structure<'static>,
    pub(in crate::server) token: Option<String>,
    pub(in crate::server) dry_run: bool,
    pub(in crate::server) hooks: &'static dyn Hooks,
}

/// Members that an old documentation calls optional, although the model requires them.
const NOT_REQUIRED: &[&str] = &["Egress"];

/// How many tags a resource may have.
const MOST_TAGS: usize = 50;

impl Input {
    /// Takes a decoded request, if it has all that its shape requires and no value that EC2 does not
    /// know.
    pub(in crate::server) fn new(
        plan: &'static Plan,
        value: Value<'static>,
        hooks: &'static dyn Hooks,
    ) -> Result<Self, Fault> {
        let input = plan.operation.input();
        let is_token = |name: &str| {
            let member = input.and_then(|input| input.member(name));
            name == "ClientToken" || member.is_some_and(|member| member.is_idempotency_token())
        };
        for violation in input
            .map(|input| input.violations(&value))
            .into_iter()
            .flatten()
        {
            let name = violation.path.rsplit('.').next().unwrap_or_default();
            let is_left = is_token(name)
                || NOT_REQUIRED.contains(&name)
                || is_looked_up(plan.operation.name(), &violation);
            if !is_left {
                check_violation(&violation)?;
            }
        }
        let Value::Structure(mut members) = value else {
            return Ok(Self {
                plan,
                members: Structure::new(),
                token: None,
                dry_run: false,
                hooks,
            });
        };
        members
            .iter()
            .try_for_each(|(name, value)| check_characters(name, value))?;
        let dry_run = members.remove("DryRun") == Some(Value::Bool(true));
        let token_name = members
            .iter()
            .map(|(name, _)| name)
            .find(|name| is_token(name));
        let token_name = token_name.map(str::to_owned);
        let token = token_name
            .and_then(|name| members.remove(&name))
            .and_then(|token| token.as_str().map(str::to_owned));
        Ok(Self {
            plan,
            members,
            token,
            dry_run,
            hooks,
        })
    }

    /// The name of the action.
    pub(in crate::server) fn action(&self) -> &'static str {
        self.plan.operation.name()
    }

    /// A member, by a path without lists.
    pub(in crate::server) fn get(&self, path: &str) -> Option<&Value<'static>> {
        path::first(&self.members, path)
    }

    /// A text, by a path without lists.
    pub(in crate::server) fn text(&self, path: &str) -> Option<&str> {
        self.get(path)?.as_str()
    }

    /// The texts of a list, or of a member that takes one.
    pub(in crate::server) fn texts(&self, path: &str) -> Vec<&str> {
        match self.get(path) {
            Some(Value::List(entries)) => entries.iter().filter_map(Value::as_str).collect(),
            Some(value) => value.as_str().into_iter().collect(),
            None => path::texts(&self.members, path),
        }
    }

    /// A number, by a path without lists.
    pub(in crate::server) fn integer(&self, path: &str) -> Option<i64> {
        match self.get(path)? {
            Value::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// A boolean, by a path without lists.
    pub(in crate::server) fn flag(&self, path: &str) -> Option<bool> {
        match self.get(path)? {
            Value::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// The structures of a list.
    pub(in crate::server) fn structures(&self, path: &str) -> Vec<&Structure<'static>> {
        let entries = self.get(path).and_then(Value::as_list).unwrap_or_default();
        let mut found = Vec::with_capacity(entries.len());
        for entry in entries {
            if let Value::Structure(structure) = entry {
                found.push(structure);
            }
        }
        found
    }

    /// A text that the request must have.
    pub(in crate::server) fn required(&self, path: &str) -> Result<&str, Fault> {
        self.text(path)
            .ok_or_else(|| fault::missing_parameter(path))
    }

    /// Ends a dry run whose checks are done. It comes before the first change.
    pub(in crate::server) fn stop_dry_run(&self) -> Result<(), Fault> {
        fault::stop_dry_run(Some(self.dry_run))
    }

    /// Refuses a token, and tags for a new resource, as the contract has it. `types` are the types
    /// that the request may tag.
    pub(in crate::server) fn check_tags(&self, types: &[&str]) -> Result<(), Fault> {
        let specifications = self.tag_specifications();
        let first = types.first().copied().unwrap_or_default();
        let resource_type = ResourceType::from(first);
        if types.len() <= 1 {
            return fault::check_tags_and_token(
                &resource_type,
                &specifications,
                self.token.as_deref(),
            );
        }
        // Each type by itself, and whether one occurs twice.
        for (at, specification) in specifications.iter().enumerate() {
            let own = specification
                .resource_type
                .as_ref()
                .filter(|own| types.contains(&own.as_str()));
            let own = own.unwrap_or(&resource_type);
            let alone = std::slice::from_ref(specification);
            fault::check_tags_and_token(own, alone, self.token.as_deref())?;
            if specifications
                .iter()
                .take(at)
                .any(|other| other.resource_type == specification.resource_type)
            {
                return Err(fault::invalid_value(
                    "The same resource type may not be specified more than once in tag specifications",
                ));
            }
        }
        fault::check_tags_and_token(&resource_type, &[], self.token.as_deref())
    }

    /// The tag specifications, as the contract knows them.
    pub(in crate::server) fn tag_specifications(&self) -> Vec<TagSpecification> {
        let name = ["TagSpecifications", "TagSpecification"]
            .into_iter()
            .find(|name| self.members.get(name).is_some());
        let Some(name) = name else { return Vec::new() };
        let read = |structure: &Structure<'static>| {
            let text = |structure: &Structure<'_>, name| {
                structure
                    .get(name)
                    .and_then(Value::as_str)
                    .map(str::to_owned)
            };
            let tags = path::all(structure, "Tags[]").into_iter();
            TagSpecification {
                resource_type: text(structure, "ResourceType").map(ResourceType::from),
                tags: tags
                    .filter_map(|tag| match tag {
                        Value::Structure(tag) => Some(Tag {
                            key: text(tag, "Key"),
                            value: text(tag, "Value"),
                        }),
                        _ => None,
                    })
                    .collect(),
            }
        };
        self.structures(name).into_iter().map(read).collect()
    }

    /// The tags that the request gives to a new resource of a type.
    pub(in crate::server) fn tags_for(&self, resource_type: &str) -> Vec<(String, String)> {
        let specifications = self.tag_specifications().into_iter();
        let own = specifications.filter(|specification| {
            let own = specification.resource_type.as_ref();
            own.is_some_and(|own| own.as_str() == resource_type)
        });
        own.flat_map(|specification| specification.tags)
            .map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()))
            .collect()
    }
}

/// The tags that a request gives to what exists. Their rules are the contract's.
pub(in crate::server) fn check_tags_of(tags: &[(String, String)]) -> Result<(), Fault> {
    let tags = tags
        .iter()
        .map(|(key, value)| Tag::new(key.as_str(), value.as_str()));
    let specification = TagSpecification::new(ResourceType::Vpc, tags.collect::<Vec<_>>());
    fault::check_tags_and_token(&ResourceType::Vpc, &[specification], None)
}

/// Refuses more tags than a resource may have. Those that AWS gives do not count.
pub(in crate::server) fn check_tag_count(item: &[(String, String)]) -> Result<(), Fault> {
    let own = item
        .iter()
        .filter(|(key, _)| !key.starts_with("aws:"))
        .count();
    if own > MOST_TAGS {
        return Err(fault::tag_limit());
    }
    Ok(())
}

/// Refuses texts that no answer could show.
fn check_characters(name: &str, value: &Value<'_>) -> Result<(), Fault> {
    match value {
        Value::String(text) => fault::check_characters(name, Some(text.as_str())),
        Value::List(entries) => entries
            .iter()
            .try_for_each(|entry| check_characters(name, entry)),
        Value::Structure(structure) => structure
            .iter()
            .try_for_each(|(name, value)| check_characters(name, value)),
        _ => Ok(()),
    }
}

/// Whether the family looks up a value that the model does not have.
fn is_looked_up(action: &'static str, violation: &Violation) -> bool {
    // `InstanceTypes[0]` is of `InstanceTypes[]`.
    let path = violation.path.replace(|c: char| c.is_ascii_digit(), "");
    matches!(violation.kind, ViolationKind::UnknownValue(..)) && families::looks_up(action, &path)
}

/// Refuses a value that the model does not allow.
fn check_violation(violation: &Violation) -> Result<(), Fault> {
    let path = &violation.path;
    let name = path.rsplit('.').next().unwrap_or(path);
    match &violation.kind {
        ViolationKind::MissingMember => Err(fault::missing_parameter(name)),
        // The rules for tag specifications say how their types are refused.
        ViolationKind::UnknownValue(..) if path.contains("TagSpecification") => Ok(()),
        ViolationKind::UnknownValue(value, _) => Err(fault::invalid_choice(name, value)),
        ViolationKind::TooLittle(_, found, limit) => {
            Err(out_of_range(name, *found, "at least", *limit))
        }
        ViolationKind::TooMuch(_, found, limit) => {
            Err(out_of_range(name, *found, "at most", *limit))
        }
        ViolationKind::InvalidTimestamp(text) => Err(fault::invalid_choice(name, text)),
        _ => Ok(()),
    }
}

fn out_of_range(name: &str, found: f64, bound: &str, limit: f64) -> Fault {
    fault::invalid_value(format!(
        "Value ( {found} ) for parameter {name} is invalid. Expecting a value of {bound} {limit}"
    ))
}

/// Looks up each resource that the request names.
pub(in crate::server) fn check_references(input: &Input, state: &State) -> Result<(), Fault> {
    // What had no success is told for each resource alone.
    let is_told = |path: &str| match input.plan.role {
        Some((_, Role::End(act))) => {
            super::end::tells_unsuccessful(input) && path.replace("[]", "") == act.member.as_str()
        }
        _ => false,
    };
    for reference in input.plan.references() {
        if is_told(&reference.path) || families::looks_up(input.action(), &reference.path) {
            continue;
        }
        for id in path::texts(&input.members, &reference.path) {
            resolve(state, reference.resource, id)?;
        }
    }
    Ok(())
}

/// The resource with this id, which must exist. One of another kind will do if the same action ends
/// both, as `CancelImportTask` does.
pub(in crate::server) fn resolve<'s>(
    state: &'s State,
    resource: &'static Resource,
    id: &str,
) -> Result<&'s Item, Fault> {
    let ends = |other: &Resource| {
        let mut acts = resource.end.iter();
        acts.any(|act| other.end.iter().any(|own| own.action == act.action))
    };
    let other = || {
        let found = state.store.get(id);
        found.filter(|item| !item.is_gone() && ends(item.resource))
    };
    (state.store.live(resource, id))
        .or_else(other)
        .ok_or_else(|| unknown(resource, id))
}

/// The resource of that name in the table with this id, which must exist.
pub(in crate::server) fn named<'s>(
    state: &'s State,
    name: &str,
    id: &str,
) -> Result<&'s Item, Fault> {
    match ec2wire_model::Model::ec2().resource(name) {
        Some(resource) => resolve(state, resource, id),
        None => Err(fault::internal()),
    }
}

/// The row that has the ids of a resource: a kind of another one has those of that.
pub(in crate::server) fn base(resource: &Resource) -> &Resource {
    let of_another = resource.kind_of.filter(|_| resource.id.prefix.is_none());
    let row = of_another.and_then(|name| ec2wire_model::Model::ec2().resource(name));
    row.unwrap_or(resource)
}

/// The refusal of an id that no resource has.
pub(in crate::server) fn unknown(resource: &Resource, id: &str) -> Fault {
    let resource = base(resource);
    let codes = &resource.codes;
    let own = resource.id.member;
    let code = |facts: &[ec2wire_model::Fact], kind: &str| match facts.first() {
        Some(fact) => fact.value.to_owned(),
        None => format!("Invalid{own}.{kind}"),
    };
    let name = resource.name.replace('-', " ");
    // Of some resources, EC2 was seen to give one code for both.
    let has_own = !codes.malformed.is_empty() || codes.unknown.is_empty();
    if has_own && is_malformed(resource, id) {
        let prefix = resource.id.prefix.map_or("", |prefix| prefix.value);
        let message = format!("Invalid id: \"{id}\" (expecting \"{prefix}-...\")");
        return fault::refusal(code(&codes.malformed, "Malformed"), message);
    }
    let message = format!("The {name} ID '{id}' does not exist");
    fault::refusal(code(&codes.unknown, "NotFound"), message)
}

/// Whether a text does not have the form of the resource's ids.
pub(super) fn is_malformed(resource: &Resource, id: &str) -> bool {
    let Some(prefix) = resource.id.prefix else {
        return false;
    };
    let digits = id
        .strip_prefix(prefix.value)
        .and_then(|rest| rest.strip_prefix('-'));
    let Some(digits) = digits else { return true };
    let is_hex = |digits: &str| {
        digits
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    match resource.id.digits {
        Digits::Seventeen => !matches!(digits.len(), 8..=17) || !is_hex(digits),
        Digits::Uuid | Digits::ThirtyTwo => !is_hex(&digits.replace('-', "")),
        _ => false,
    }
}
