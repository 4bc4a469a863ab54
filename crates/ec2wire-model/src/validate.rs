//! Checking a value against its shape.

use crate::model::KindData;
use crate::schema::{expected, timestamp_from_seconds, timestamp_from_text, timestamp_in_utc};
use crate::value::{blob_from_text, float_from_text};
use crate::{Member, Shape, Structure, TimestampFormat, Value, closest};
use std::collections::HashSet;
use std::fmt;

/// One thing that is wrong with a value.
///
/// ```
/// use ec2wire_model::{Model, Value};
///
/// let shape = Model::ec2().operation("DeleteVpc").unwrap().input().unwrap();
/// let value: Value<'_> = serde_json::from_str(r#"{"VpcID": "vpc-1", "DryRun": 1}"#)?;
/// let violations = shape.violations(&value);
/// let messages: Vec<_> = violations.iter().map(ToString::to_string).collect();
/// assert_eq!(messages, [
///     "VpcID: unknown member; did you mean `VpcId`?",
///     "DryRun: expected a boolean, got an integer",
///     "VpcId: missing required member",
/// ]);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Violation {
    /// The path, in the API's names: `TagSpecifications[0].Tags[1].Key`. Empty for the whole value.
    pub path: String,
    /// What is wrong there.
    pub kind: ViolationKind,
}

/// What is wrong with a value.
///
/// New kinds may be added; match with a wildcard arm.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ViolationKind {
    /// The structure has no such member. Holds the closest name.
    UnknownMember(Option<&'static str>),
    /// The member occurs twice.
    RepeatedMember,
    /// The value has the wrong kind. Holds the expected kind and the actual one.
    WrongKind(&'static str, &'static str),
    /// A required member is missing.
    MissingMember,
    /// A list entry is null. On the wire, the entries after it would move up.
    NullEntry,
    /// The value is not one of the enum's. Holds the value and the closest known one. A newer EC2 may
    /// accept it, so this is not an [error](Violation::is_error).
    UnknownValue(String, Option<&'static str>),
    /// Less than the minimum. Holds the actual amount and the minimum.
    TooLittle(Measure, f64, f64),
    /// More than the maximum. Holds the actual amount and the maximum.
    TooMuch(Measure, f64, f64),
    /// The text is not a timestamp. Holds the text.
    InvalidTimestamp(String),
    /// The text is not base64.
    InvalidBase64,
}

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// The value of a number.
    Number,
    /// The characters of a string: Unicode code points. EC2 does not document which units it counts.
    Characters,
    /// The bytes of a blob.
    Bytes,
    /// The entries of a list.
    Entries,
}

impl Violation {
    /// Whether the value is certainly wrong. An unknown value of an enum is not: it may be newer than
    /// the model.
    pub fn is_error(&self) -> bool {
        !matches!(self.kind, ViolationKind::UnknownValue(..))
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        match &self.kind {
            ViolationKind::UnknownMember(meant) => {
                f.write_str("unknown member")?;
                write_suggestion(f, *meant)
            }
            ViolationKind::RepeatedMember => f.write_str("repeated member"),
            ViolationKind::WrongKind(expected, found) => {
                write!(f, "expected {expected}, got {found}")
            }
            ViolationKind::MissingMember => f.write_str("missing required member"),
            ViolationKind::NullEntry => f.write_str("a list entry is null"),
            ViolationKind::UnknownValue(value, meant) => {
                write!(f, "unknown value {value:?}")?;
                write_suggestion(f, *meant)
            }
            ViolationKind::TooLittle(measure, found, limit) => {
                write!(f, "expected at least {limit}{measure}, got {found}")
            }
            ViolationKind::TooMuch(measure, found, limit) => {
                write!(f, "expected at most {limit}{measure}, got {found}")
            }
            ViolationKind::InvalidTimestamp(text) => {
                write!(
                    f,
                    "expected a timestamp such as 2016-11-15T08:00:00Z, got {text:?}"
                )
            }
            ViolationKind::InvalidBase64 => f.write_str("expected base64"),
        }
    }
}

fn write_suggestion(f: &mut fmt::Formatter<'_>, meant: Option<&str>) -> fmt::Result {
    match meant {
        Some(meant) => write!(f, "; did you mean `{meant}`?"),
        None => Ok(()),
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Number => "",
            Self::Characters => " characters",
            Self::Bytes => " bytes",
            Self::Entries => " entries",
        })
    }
}

impl Shape {
    /// Converts the strings and numbers of JSON to the kinds of the shape: timestamps, blobs and
    /// floats. A value that cannot be converted is left alone; [`violations`](Self::violations)
    /// reports it.
    ///
    /// ```
    /// use ec2wire_model::{Model, Value};
    ///
    /// let shape = Model::ec2().shape("BlobAttributeValue").unwrap();
    /// let mut value: Value<'_> = serde_json::from_str(r#"{"Value": "aGk="}"#)?;
    /// shape.conform(&mut value);
    /// assert_eq!(value.get("Value"), Some(&Value::Blob(b"hi".to_vec())));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn conform(&self, value: &mut Value<'_>) {
        self.conform_with(value, blob_from_text);
    }

    /// As [`conform`](Self::conform), reading blobs with `blob`.
    pub(crate) fn conform_with(&self, value: &mut Value<'_>, blob: fn(&str) -> Option<Vec<u8>>) {
        match (&self.data.kind, &mut *value) {
            (KindData::Structure(..), Value::Structure(structure)) => {
                for (name, value) in structure.values_mut() {
                    if let Some(member) = self.member(name) {
                        member.shape().conform_with(value, blob);
                    }
                }
            }
            (&KindData::List { entry, .. }, Value::List(entries)) => {
                if let Some(entry) = self.model.shape_at(entry) {
                    for value in entries {
                        entry.conform_with(value, blob);
                    }
                }
            }
            (&KindData::Map { value: inner, .. }, Value::Structure(map)) => {
                if let Some(shape) = self.model.shape_at(inner) {
                    for (_, value) in map.values_mut() {
                        shape.conform_with(value, blob);
                    }
                }
            }
            (KindData::Timestamp(_), Value::String(text)) => {
                // JSON has one form for all formats. boto3 and the CLI also accept a date, and a time
                // without an offset, as UTC.
                let timestamp = timestamp_from_text(text, TimestampFormat::default());
                if let Some(timestamp) = timestamp.or_else(|| timestamp_in_utc(text)) {
                    *value = Value::Timestamp(timestamp);
                }
            }
            (KindData::Timestamp(_), Value::Integer(seconds)) => {
                #[expect(clippy::cast_precision_loss, reason = "a timestamp is far below 2^53")]
                if let Some(timestamp) = timestamp_from_seconds(*seconds as f64) {
                    *value = Value::Timestamp(timestamp);
                }
            }
            (KindData::Timestamp(_), Value::Float(seconds)) => {
                if let Some(timestamp) = timestamp_from_seconds(*seconds) {
                    *value = Value::Timestamp(timestamp);
                }
            }
            (KindData::Blob, Value::String(text)) => {
                if let Some(bytes) = blob(text) {
                    *value = Value::Blob(bytes);
                }
            }
            (KindData::Float | KindData::Double, Value::Integer(number)) => {
                #[expect(clippy::cast_precision_loss, reason = "the next line checks it")]
                let float = *number as f64;
                // A larger one would become another number.
                let is_exact = number.unsigned_abs() < 1 << f64::MANTISSA_DIGITS;
                *value = if is_exact {
                    Value::Float(float)
                } else {
                    Value::Integer(*number)
                };
            }
            (KindData::Float | KindData::Double, Value::String(text)) => {
                if let Some(float) = float_from_text(text) {
                    *value = Value::Float(float);
                }
            }
            _ => {}
        }
    }

    /// Checks a value, and returns everything that is wrong with it, in the value's order. Patterns
    /// are not checked.
    ///
    /// ```
    /// use ec2wire_model::{Model, Value};
    ///
    /// let shape = Model::ec2().shape("DescribeVpcsRequest").unwrap();
    /// let value: Value<'_> = serde_json::from_str(r#"{"MaxResults": 4}"#)?;
    /// assert_eq!(
    ///     shape.violations(&value)[0].to_string(),
    ///     "MaxResults: expected at least 5, got 4",
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn violations(&self, value: &Value<'_>) -> Vec<Violation> {
        let mut check = Check::default();
        if *value == Value::Null {
            check.note(ViolationKind::WrongKind(
                expected(&self.data.kind),
                value.kind(),
            ));
        }
        check.value(*self, value);
        check.found
    }
}

#[derive(Default)]
struct Check {
    path: String,
    found: Vec<Violation>,
}

impl Check {
    fn note(&mut self, kind: ViolationKind) {
        self.found.push(Violation {
            path: self.path.clone(),
            kind,
        });
    }

    fn inside(&mut self, part: fmt::Arguments<'_>, check: impl FnOnce(&mut Self)) {
        use fmt::Write as _;

        let len = self.path.len();
        // Writing to a `String` does not fail.
        let _ = self.path.write_fmt(part);
        check(self);
        self.path.truncate(len);
    }

    fn member(&mut self, name: &str, check: impl FnOnce(&mut Self)) {
        let dot = if self.path.is_empty() { "" } else { "." };
        self.inside(format_args!("{dot}{name}"), check);
    }

    fn value(&mut self, shape: Shape, value: &Value<'_>) {
        match (&shape.data.kind, value) {
            // `structure` checks whether a member may be absent.
            (_, Value::Null)
            | (KindData::Boolean, Value::Bool(_))
            | (KindData::Timestamp(_), Value::Timestamp(_)) => {}
            (KindData::Structure(..), Value::Structure(structure)) => {
                self.structure(shape, structure);
            }
            (&KindData::List { entry, .. }, Value::List(entries)) => {
                self.limits(shape, Measure::Entries, count(entries.len()));
                let Some(entry) = shape.model.shape_at(entry) else {
                    return;
                };
                for (at, value) in entries.iter().enumerate() {
                    self.inside(format_args!("[{at}]"), |check| match value {
                        Value::Null => check.note(ViolationKind::NullEntry),
                        value => check.value(entry, value),
                    });
                }
            }
            (&KindData::Map { value: inner, .. }, Value::Structure(map)) => {
                if let Some(inner) = shape.model.shape_at(inner) {
                    for (key, value) in map.iter() {
                        self.member(key, |check| check.value(inner, value));
                    }
                }
            }
            (KindData::String(known), Value::String(text)) => {
                self.limits(shape, Measure::Characters, count(text.chars().count()));
                if !known.is_empty() && !known.contains(&text.as_str()) {
                    let meant = closest(text, known.iter().copied());
                    self.note(ViolationKind::UnknownValue(text.to_string(), meant));
                }
            }
            (KindData::Integer, Value::Integer(number)) => {
                let (least, most) = (f64::from(i32::MIN), f64::from(i32::MAX));
                self.number(
                    *number,
                    shape.min().or(Some(least)),
                    shape.max().or(Some(most)),
                );
            }
            (KindData::Float | KindData::Double, Value::Float(number)) => {
                self.limits(shape, Measure::Number, *number);
            }
            (KindData::Long | KindData::Float | KindData::Double, Value::Integer(number)) => {
                self.number(*number, shape.min(), shape.max());
            }
            (KindData::Blob, Value::Blob(bytes)) => {
                self.limits(shape, Measure::Bytes, count(bytes.len()));
            }
            (KindData::Timestamp(_), Value::String(text)) => {
                self.note(ViolationKind::InvalidTimestamp(text.to_string()));
            }
            (KindData::Blob, Value::String(_)) => self.note(ViolationKind::InvalidBase64),
            (kind, value) => {
                self.note(ViolationKind::WrongKind(expected(kind), value.kind()));
            }
        }
    }

    fn structure(&mut self, shape: Shape, structure: &Structure<'_>) {
        let mut seen = HashSet::new();
        for (name, value) in structure.iter() {
            self.member(name, |check| {
                if !seen.insert(name) {
                    check.note(ViolationKind::RepeatedMember);
                }
                if let Some(member) = shape.member(name) {
                    check.value(member.shape(), value);
                } else {
                    let names = shape.members().map(|member| member.name());
                    let meant = closest(name, names);
                    check.note(ViolationKind::UnknownMember(meant));
                }
            });
        }
        for member in shape.members().filter(Member::is_required) {
            if matches!(structure.get(member.name()), None | Some(Value::Null)) {
                self.member(member.name(), |check| {
                    check.note(ViolationKind::MissingMember);
                });
            }
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a number that loses digits is far from any limit"
    )]
    fn number(&mut self, number: i64, min: Option<f64>, max: Option<f64>) {
        self.bounds(Measure::Number, number as f64, min, max);
    }

    fn limits(&mut self, shape: Shape, measure: Measure, found: f64) {
        self.bounds(measure, found, shape.min(), shape.max());
    }

    fn bounds(&mut self, measure: Measure, found: f64, min: Option<f64>, max: Option<f64>) {
        if let Some(limit) = min.filter(|limit| found < *limit) {
            self.note(ViolationKind::TooLittle(measure, found, limit));
        }
        if let Some(limit) = max.filter(|limit| found > *limit) {
            self.note(ViolationKind::TooMuch(measure, found, limit));
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "memory cannot hold that many")]
fn count(count: usize) -> f64 {
    count as f64
}
