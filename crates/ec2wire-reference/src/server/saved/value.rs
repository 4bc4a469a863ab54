//! Values as JSON that says what it is: JSON has no times, no bytes and no infinity.

use super::fields::Problem;
use ec2wire_model::{Structure, Value};

/// The only member of a structure that stands for another value. No member of EC2 begins so.
const TIME: &str = "$time";
const BYTES: &str = "$bytes";
const FLOAT: &str = "$float";

/// The value with structures in place of what JSON does not have.
pub(super) fn to_json(value: &Value<'static>) -> Value<'static> {
    let instead = |name: &'static str, text: String| {
        let text: Value<'static> = text.into();
        Structure::from([(name, text)]).into()
    };
    match value {
        Value::Timestamp(time) => instead(TIME, time.to_string()),
        Value::Blob(bytes) => instead(BYTES, hexadecimal(bytes)),
        Value::Float(number) if !number.is_finite() => instead(FLOAT, number.to_string()),
        Value::List(entries) => Value::List(entries.iter().map(to_json).collect()),
        Value::Structure(structure) => structure_to_json(structure).into(),
        other => other.clone(),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let half = |half: u8| char::from_digit(half.into(), 16).unwrap_or_default();
    let digits = bytes
        .iter()
        .flat_map(|byte| [half(byte >> 4), half(byte & 15)]);
    digits.collect()
}

pub(super) fn structure_to_json(structure: &Structure<'static>) -> Structure<'static> {
    let mut json = Structure::new();
    for (name, value) in structure.iter() {
        json.insert(name.to_owned(), to_json(value));
    }
    json
}

/// The value that [`to_json`] made this of.
pub(super) fn from_json(value: Value<'static>, path: &str) -> Result<Value<'static>, Problem> {
    Ok(match value {
        Value::List(entries) => {
            let entries = entries.into_iter().enumerate();
            let entries = entries.map(|(at, entry)| from_json(entry, &format!("{path}[{at}]")));
            Value::List(entries.collect::<Result<_, _>>()?)
        }
        Value::Structure(structure) => match instead(&structure) {
            Some((name, text)) => other(name, text)
                .ok_or_else(|| Problem::new(path, format!("'{text}' is not a value of {name}")))?,
            None => structure_from_json(&structure, path)?.into(),
        },
        Value::String(text) => {
            check_characters(text.as_str(), path)?;
            Value::String(text)
        }
        value => value,
    })
}

pub(super) fn structure_from_json(
    structure: &Structure<'static>,
    path: &str,
) -> Result<Structure<'static>, Problem> {
    let mut read = Structure::new();
    for (name, value) in structure.iter() {
        let value = from_json(value.clone(), &format!("{path}.{name}"))?;
        read.insert(name.to_owned(), value);
    }
    Ok(read)
}

/// The kind and the text of a value that JSON does not have.
fn instead<'s>(structure: &'s Structure<'static>) -> Option<(&'static str, &'s str)> {
    let (name, value) = structure.iter().next().filter(|_| structure.len() == 1)?;
    let kinds = [TIME, BYTES, FLOAT];
    let kind = kinds.into_iter().find(|kind| *kind == name)?;
    Some((kind, value.as_str()?))
}

fn other(name: &str, text: &str) -> Option<Value<'static>> {
    Some(match name {
        TIME => Value::Timestamp(text.parse().ok()?),
        FLOAT => Value::Float(text.parse().ok()?),
        _ => {
            let digits = text.as_bytes().chunks(2);
            let byte =
                |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
            Value::Blob(digits.map(byte).collect::<Option<_>>()?)
        }
    })
}

/// Refuses a text that no answer could show.
pub(super) fn check_characters(text: &str, path: &str) -> Result<(), Problem> {
    crate::server::fault::check_characters(path, Some(text))
        .map_err(|_| Problem::new(path, "it has a character that XML cannot carry"))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn values_are_the_same_after_json() {
        let values = [
            Value::Null,
            true.into(),
            i64::MIN.into(),
            Value::Float(1.0),
            Value::Float(0.1),
            Value::Float(f64::INFINITY),
            "é<\t".into(),
            "2026-01-02T03:04:05Z".into(),
            Value::Timestamp("2026-01-02T03:04:05.678Z".parse().unwrap()),
            Value::Blob(vec![0, 255, 7]),
            Value::Blob(Vec::new()),
            Value::List(vec![Structure::from([("A", Value::Blob(vec![1]))]).into()]),
            Structure::new().into(),
        ];
        for value in values {
            let json = serde_json::to_string(&to_json(&value)).unwrap();
            let read: Value<'_> = serde_json::from_str(&json).unwrap();
            assert_eq!(from_json(read.into_owned(), "").unwrap(), value, "{json}");
        }
    }

    #[test]
    fn what_is_not_a_value_is_refused() {
        for json in [
            r#"{"$time":"yesterday"}"#,
            r#"{"$bytes":"xy"}"#,
            r#"{"$float":"x"}"#,
            r#"{"A":["\u0000"]}"#,
        ] {
            let read: Value<'_> = serde_json::from_str(json).unwrap();
            assert!(from_json(read.into_owned(), "").is_err(), "{json}");
        }
    }
}
