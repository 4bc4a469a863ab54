//! The plain request of an action: complete and valid, with as few members as possible.

use super::creation::kebab;
use super::fixtures::{Fixtures, is_ending};
use super::premise;
use crate::format::template::variables;
use ec2wire_model::{Kind, Member, Operation, Resource, Shape, Structure, Value};
use serde::ser::Error as _;

/// A text for members about which only the type is known.
const TEXT: &str = "ec2wire";
/// A time for members that take one. It is far in the future, so that nothing planned happens.
const TIME: &str = "2040-01-01T00:00:00Z";
/// The maximum depth of a request; no required shape contains itself.
const MOST_DEPTH: usize = 8;

/// A request, and the members that only a fixture can provide.
pub(super) struct Plain {
    pub(super) value: Value<'static>,
    pub(super) missing: Vec<String>,
    /// Whether it names something that the case makes.
    pub(super) names_own: bool,
}

impl Plain {
    /// The plain request for the action, without one member if `without` names it.
    pub(super) fn new(action: Operation, fixtures: &Fixtures, without: Option<&str>) -> Self {
        Self::with_depth(action, fixtures, without, premise::MOST_DEPTH)
    }

    /// The same, if what it names may need others only so far.
    pub(super) fn with_depth(
        action: Operation,
        fixtures: &Fixtures,
        without: Option<&str>,
        depth: usize,
    ) -> Self {
        let mut filler = Filler {
            action,
            fixtures,
            missing: Vec::new(),
            depth,
        };
        let mut request = Structure::default();
        let members: Vec<Member> = match action.input() {
            Some(input) => input.members().collect(),
            None => Vec::new(),
        };
        let needed = members
            .into_iter()
            .filter(|member| without != Some(member.name()) && fixtures.is_needed(action, *member));
        let mut unknown = Vec::new();
        let mut names_own = false;
        for member in needed {
            let known = fixtures.value(action, member);
            // Without what cases make, nothing has their ids.
            let known = known.filter(|value| depth > 0 || !is_premise(value));
            let made = || filler.premise(member, member.name());
            let value = known.or_else(made).unwrap_or_else(|| {
                unknown.push(member.name().to_owned());
                filler.placeholder(member, member.name(), MOST_DEPTH)
            });
            names_own |= is_premise(&value);
            request.insert(member.name(), value);
        }
        let mut missing = filler.missing;
        // What the case made itself may be changed in any way.
        if is_ending(action) && !names_own {
            missing.extend(unknown);
        }
        missing.dedup();
        Self {
            value: Value::Structure(request),
            missing,
            names_own,
        }
    }
}

/// Whether a value is the id of what a case makes.
fn is_premise(value: &Value<'_>) -> bool {
    match value {
        Value::String(text) => variables(text).any(premise::is_variable),
        Value::List(entries) => entries.iter().any(is_premise),
        _ => false,
    }
}

/// A value for a member without a fixture. What it names need not exist.
pub(super) fn placeholder(
    action: Operation,
    member: Member,
    fixtures: &Fixtures,
    depth: usize,
) -> Value<'static> {
    let mut filler = Filler {
        action,
        fixtures,
        missing: Vec::new(),
        depth: 0,
    };
    filler.placeholder(member, member.name(), depth)
}

/// Fills in members without fixtures.
struct Filler<'f> {
    action: Operation,
    fixtures: &'f Fixtures,
    missing: Vec<String>,
    /// How far what is named may need others.
    depth: usize,
}

impl Filler<'_> {
    /// The id of a resource that the case makes, if the member names one that can be made.
    fn premise(&self, member: Member, path: &str) -> Option<Value<'static>> {
        // Nothing parts again what these join.
        if self.depth == 0 || premise::joins(self.action) {
            return None;
        }
        let resource = premise::named(self.action, path)?;
        let role = premise::role_for(self.action, resource.name, self.fixtures);
        let id = Value::from(premise::variable(role, resource.name));
        let value = match member.shape().kind() {
            Kind::String => id,
            Kind::List { entry, .. } if matches!(entry.kind(), Kind::String) => {
                Value::List(vec![id])
            }
            _ => return None,
        };
        let can = match role {
            premise::USUAL => premise::can_be_had,
            _ => premise::can_be_made,
        };
        can(resource, self.fixtures, self.depth).then_some(value)
    }

    /// A value for a member without a fixture.
    fn placeholder(&mut self, member: Member, path: &str, depth: usize) -> Value<'static> {
        if is_id(member.name()) || is_id(entry_of(member.shape()).name()) {
            self.missing.push(member.name().to_owned());
        }
        if member.is_idempotency_token() {
            return Value::String("${token}".into());
        }
        self.of_shape(member.name(), path, member.shape(), depth)
    }

    fn of_shape(&mut self, name: &str, path: &str, shape: Shape, depth: usize) -> Value<'static> {
        match shape.kind() {
            Kind::Structure => {
                let mut structure = Structure::default();
                if let Some(depth) = depth.checked_sub(1) {
                    let required = shape.members().filter(Member::is_required);
                    let mut members: Vec<Member> = required.collect();
                    if members.is_empty() {
                        // An empty structure has no form on the wire.
                        members.extend(shape.members().next());
                    }
                    for member in members {
                        let path = format!("{path}.{}", member.name());
                        let known = self.fixtures.member(member);
                        let known = known.or_else(|| self.premise(member, &path));
                        let value = known.unwrap_or_else(|| self.placeholder(member, &path, depth));
                        structure.insert(member.name(), value);
                    }
                }
                Value::Structure(structure)
            }
            Kind::List { entry, .. } => match depth.checked_sub(1) {
                Some(depth) => Value::List(vec![self.of_shape(name, path, entry, depth)]),
                None => Value::List(Vec::new()),
            },
            Kind::Integer | Kind::Long => Value::Integer(least(shape)),
            Kind::Float | Kind::Double => Value::Float(shape.min().unwrap_or(1.0)),
            Kind::Boolean => Value::Bool(false),
            Kind::Blob => Value::Blob(TEXT.as_bytes().to_vec()),
            Kind::Timestamp(_) => TIME.parse().map_or(Value::Null, Value::Timestamp),
            _ => Value::String(match shape.enum_values().first() {
                Some(first) => (*first).into(),
                None if is_id(name) || is_id(shape.name()) => unknown_id(name).into(),
                None => TEXT.into(),
            }),
        }
    }
}

/// The smallest integer that the shape allows, at least 1.
#[expect(
    clippy::cast_possible_truncation,
    reason = "limits are small whole numbers"
)]
pub(super) fn least(shape: Shape) -> i64 {
    shape.min().map_or(1, |min| (min as i64).max(1))
}

/// A well-formed id that no server has assigned: for `VpcId`, `vpc-0fedcba9876543210`.
fn unknown_id(member: &str) -> String {
    if let Some(id) = Resource::of_member(member).and_then(Resource::unknown_id) {
        return id;
    }
    let thing = member.strip_suffix('s').unwrap_or(member);
    let thing = thing.strip_suffix("Id").unwrap_or(thing);
    format!("{}-0fedcba9876543210", kebab(thing))
}

/// The shape of a list's entries, or the shape itself.
fn entry_of(shape: Shape) -> Shape {
    match shape.kind() {
        Kind::List { entry, .. } => entry,
        _ => shape,
    }
}

/// Whether the name says that the member or shape is the id of something that must exist.
pub(super) fn is_id(name: &str) -> bool {
    let name = name.strip_suffix('s').unwrap_or(name);
    ["Id", "Arn"].iter().any(|end| name.ends_with(end))
}

/// The pairs of a request, by their wire keys, as the codec writes and reads them.
pub(super) fn pairs_of(
    action: Operation,
    request: &Value<'_>,
) -> ec2wire::Result<Vec<(String, String)>> {
    let body = action.encode_request(request)?;
    let pairs = serde_urlencoded::from_str::<Vec<(String, String)>>(&body)
        .map_err(ec2wire::Error::custom)?;
    let is_own = |key: &String| !["Action", "Version"].contains(&key.as_str());
    Ok(pairs.into_iter().filter(|(key, _)| is_own(key)).collect())
}
