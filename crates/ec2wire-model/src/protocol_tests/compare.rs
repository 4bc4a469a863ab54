//! Comparing what the codec did with what a case expects.

use crate::{Structure, Value};
use std::collections::BTreeSet;

pub(super) fn check_value(
    what: &str,
    found: &Value<'_>,
    expected: &Value<'_>,
) -> Result<(), String> {
    if is_same(found, expected) {
        return Ok(());
    }
    let show = |value: &Value<'_>| serde_json::to_string(value).unwrap_or_default();
    let (found, expected) = (show(found), show(expected));
    Err(format!("{what}: expected {expected}, got {found}"))
}

/// Whether both values are the same. NaN equals NaN, and a null member equals an absent one.
fn is_same(one: &Value<'_>, other: &Value<'_>) -> bool {
    match (one, other) {
        (Value::Float(one), Value::Float(other)) => one.total_cmp(other).is_eq(),
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| is_same(one, other))
        }
        (Value::Structure(one), Value::Structure(other)) => {
            let names = one.iter().chain(other.iter()).map(|(name, _)| name);
            let get = |structure: &Structure<'_>, name| {
                structure
                    .get(name)
                    .cloned()
                    .unwrap_or_default()
                    .into_owned()
            };
            names
                .collect::<BTreeSet<_>>()
                .into_iter()
                .all(|name| is_same(&get(one, name), &get(other, name)))
        }
        _ => one == other,
    }
}

pub(super) fn check_pairs(found: &str, expected: &str) -> Result<(), String> {
    let pairs = |body: &str| {
        let mut pairs: Vec<String> = form_urlencoded::parse(body.as_bytes())
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        pairs.sort_unstable();
        pairs
    };
    let (found, expected) = (pairs(found), pairs(expected));
    let missing = expected.iter().filter(|pair| !found.contains(pair));
    let unexpected = found.iter().filter(|pair| !expected.contains(pair));
    let differences: Vec<String> = missing
        .map(|pair| format!("missing pair {pair}"))
        .chain(unexpected.map(|pair| format!("unexpected pair {pair}")))
        .collect();
    if !differences.is_empty() {
        return Err(differences.join("; "));
    }
    if found.len() != expected.len() {
        return Err("repeated pair".to_owned());
    }
    Ok(())
}
