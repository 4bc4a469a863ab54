//! The plain request of an action: complete and valid, with as few members as possible.

use super::creation::kebab;
use super::fixtures::{Fixtures, is_ending};
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
}

impl Plain {
    /// The plain request for the action, without one member if `without` names it.
    pub(super) fn new(action: Operation, fixtures: &Fixtures, without: Option<&str>) -> Self {
        let mut request = Structure::default();
        let mut missing = Vec::new();
        let members = action.input().into_iter().flat_map(|input| {
            let members: Vec<Member> = input.members().collect();
            members
        });
        for member in members {
            if without == Some(member.name()) || !fixtures.is_needed(action, member) {
                continue;
            }
            let value = fixtures.value(action, member);
            if value.is_none() && is_ending(action) {
                missing.push(member.name().to_owned());
            }
            let value =
                value.unwrap_or_else(|| placeholder(member, fixtures, &mut missing, MOST_DEPTH));
            request.insert(member.name(), value);
        }
        missing.dedup();
        Self {
            value: Value::Structure(request),
            missing,
        }
    }
}

/// A value for a member without a fixture.
fn placeholder(
    member: Member,
    fixtures: &Fixtures,
    missing: &mut Vec<String>,
    depth: usize,
) -> Value<'static> {
    if is_id(member.name()) || is_id(entry_of(member.shape()).name()) {
        missing.push(member.name().to_owned());
    }
    if member.is_idempotency_token() {
        return Value::String("${token}".into());
    }
    of_shape(member.name(), member.shape(), fixtures, missing, depth)
}

fn of_shape(
    name: &str,
    shape: Shape,
    fixtures: &Fixtures,
    missing: &mut Vec<String>,
    depth: usize,
) -> Value<'static> {
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
                    let value = fixtures
                        .member(member)
                        .unwrap_or_else(|| placeholder(member, fixtures, missing, depth));
                    structure.insert(member.name(), value);
                }
            }
            Value::Structure(structure)
        }
        Kind::List { entry, .. } => match depth.checked_sub(1) {
            Some(depth) => Value::List(vec![of_shape(name, entry, fixtures, missing, depth)]),
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
