//! The plain request of an action: what it must have, and nothing that is wrong.

use super::fixtures::{Fixtures, is_ending};
use super::made::kebab;
use ec2wire_model::{Kind, Member, Operation, Shape, Structure, Value};
use serde::ser::Error as _;

/// A text for members of which nothing is known but that they are texts.
const TEXT: &str = "ec2wire";
/// A time for members that take one. It is far from now, so that what it plans does not happen.
const TIME: &str = "2040-01-01T00:00:00Z";
/// How deep a request is made; no shape that is required holds itself.
const MOST_DEPTH: usize = 8;

/// A request, and the members that only a fixture can give.
pub(super) struct Plain {
    pub(super) value: Value<'static>,
    pub(super) lacks: Vec<String>,
}

impl Plain {
    /// The plain request of the action, without a member where one is named.
    pub(super) fn of(action: Operation, fixtures: &Fixtures, without: Option<&str>) -> Self {
        let mut request = Structure::default();
        let mut lacks = Vec::new();
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
                lacks.push(member.name().to_owned());
            }
            let value = value.unwrap_or_else(|| made_up(member, fixtures, &mut lacks, MOST_DEPTH));
            request.insert(member.name(), value);
        }
        lacks.dedup();
        Self {
            value: Value::Structure(request),
            lacks,
        }
    }
}

/// A value for a member of which no fixture says anything.
fn made_up(
    member: Member,
    fixtures: &Fixtures,
    lacks: &mut Vec<String>,
    depth: usize,
) -> Value<'static> {
    if is_id(member.name()) || is_id(entry_of(member.shape()).name()) {
        lacks.push(member.name().to_owned());
    }
    if member.is_idempotency_token() {
        return Value::String("${token}".into());
    }
    of_shape(member.name(), member.shape(), fixtures, lacks, depth)
}

fn of_shape(
    name: &str,
    shape: Shape,
    fixtures: &Fixtures,
    lacks: &mut Vec<String>,
    depth: usize,
) -> Value<'static> {
    match shape.kind() {
        Kind::Structure => {
            let mut structure = Structure::default();
            if let Some(depth) = depth.checked_sub(1) {
                let required = shape.members().filter(Member::is_required);
                let mut members: Vec<Member> = required.collect();
                if members.is_empty() {
                    // A structure of nothing has no form on the wire.
                    members.extend(shape.members().next());
                }
                for member in members {
                    let value = fixtures
                        .member(member)
                        .unwrap_or_else(|| made_up(member, fixtures, lacks, depth));
                    structure.insert(member.name(), value);
                }
            }
            Value::Structure(structure)
        }
        Kind::List { entry, .. } => match depth.checked_sub(1) {
            Some(depth) => Value::List(vec![of_shape(name, entry, fixtures, lacks, depth)]),
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

/// The least whole number that the shape allows, at least 1.
#[expect(
    clippy::cast_possible_truncation,
    reason = "limits are small whole numbers"
)]
pub(super) fn least(shape: Shape) -> i64 {
    shape.min().map_or(1, |min| (min as i64).max(1))
}

/// A well-formed id that no server has given out: `VpcId` as `vpc-0fedcba9876543210`.
fn unknown_id(member: &str) -> String {
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

/// Whether a member or a shape is by its name the id of something that must exist.
pub(super) fn is_id(name: &str) -> bool {
    let name = name.strip_suffix('s').unwrap_or(name);
    ["Id", "Arn"].iter().any(|end| name.ends_with(end))
}

/// The pairs of a request, by their keys on the wire, as the codec writes and reads them.
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
