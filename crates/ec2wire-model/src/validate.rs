//! Whether a value is what its shape asks for.

use crate::model::KindData;
use crate::schema::{expected, timestamp_from_seconds, timestamp_from_text, timestamp_in_utc};
use crate::value::{blob_from_text, float_from_text};
use crate::{Member, Shape, Structure, TimestampFormat, Value};
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
///     "VpcID: there is no such member; `VpcId` is meant?",
///     "DryRun: expected a boolean, found an integer",
///     "VpcId: the member is required",
/// ]);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Violation {
    /// Where, in the API's names: `TagSpecifications[0].Tags[1].Key`. Empty for the whole.
    pub path: String,
    /// What.
    pub kind: ViolationKind,
}

/// What is wrong with a value.
///
/// New kinds may be added; match with a wildcard arm.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ViolationKind {
    /// The structure has no such member; holds the name that looks most like it.
    UnknownMember(Option<&'static str>),
    /// The member is there twice.
    RepeatedMember,
    /// The value is of another kind; holds what was expected and what was found.
    WrongKind(&'static str, &'static str),
    /// A member that the model requires is absent.
    MissingMember,
    /// A list's entry is null. On the wire the entries after it would move up.
    NullEntry,
    /// The text is none of the enum's known values; holds the one that looks most like it. A newer
    /// EC2 may know it, so this is [no error](Violation::is_error).
    UnknownValue(String, Option<&'static str>),
    /// Less than the shape allows; holds how much is there and how much has to be.
    TooLittle(Measure, f64, f64),
    /// More than the shape allows; holds how much is there and how much may be.
    TooMuch(Measure, f64, f64),
    /// Text that is no timestamp.
    NoTimestamp(String),
    /// Text that is no base64.
    NoBase64,
}

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// The number itself.
    Number,
    /// Characters of a text: Unicode code points. In which units EC2 counts is not documented.
    Characters,
    /// Bytes of a blob.
    Bytes,
    /// Entries of a list.
    Entries,
}

impl Violation {
    /// Whether the value breaks the model for sure; an enum's value that the model does not know
    /// may be newer than it.
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
                f.write_str("there is no such member")?;
                write_meant(f, *meant)
            }
            ViolationKind::RepeatedMember => f.write_str("the member is there twice"),
            ViolationKind::WrongKind(expected, found) => {
                write!(f, "expected {expected}, found {found}")
            }
            ViolationKind::MissingMember => f.write_str("the member is required"),
            ViolationKind::NullEntry => f.write_str("a list's entry is null"),
            ViolationKind::UnknownValue(value, meant) => {
                write!(f, "the model does not know the value {value:?}")?;
                write_meant(f, *meant)
            }
            ViolationKind::TooLittle(measure, found, limit) => {
                write!(f, "{found}{measure} where {limit} is the least")
            }
            ViolationKind::TooMuch(measure, found, limit) => {
                write!(f, "{found}{measure} where {limit} is the most")
            }
            ViolationKind::NoTimestamp(text) => {
                write!(
                    f,
                    "the text {text:?} is no timestamp, as 2016-11-15T08:00:00Z is"
                )
            }
            ViolationKind::NoBase64 => f.write_str("the text is no base64"),
        }
    }
}

fn write_meant(f: &mut fmt::Formatter<'_>, meant: Option<&str>) -> fmt::Result {
    match meant {
        Some(meant) => write!(f, "; `{meant}` is meant?"),
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
    /// Makes of JSON's texts and numbers what the shape says they are: timestamps, blobs and
    /// floats. What is none stays as it is, for [`violations`](Self::violations) to tell.
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

    /// As [`conform`](Self::conform), with another way to read a blob's text.
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
                // JSON has one form for all; boto3 and the CLI take a day and a time without an
                // offset too, in UTC.
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
                #[expect(clippy::cast_precision_loss, reason = "it is checked")]
                let float = *number as f64;
                // Beyond that, it would be another number.
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

    /// Everything that is wrong with a value, in its order. Patterns are not looked at.
    ///
    /// ```
    /// use ec2wire_model::{Model, Value};
    ///
    /// let shape = Model::ec2().shape("DescribeVpcsRequest").unwrap();
    /// let value: Value<'_> = serde_json::from_str(r#"{"MaxResults": 4}"#)?;
    /// assert_eq!(shape.violations(&value)[0].to_string(), "MaxResults: 4 where 5 is the least");
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
        // Writing to a text does not fail.
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
            // Whether a member may be absent, the structure tells.
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
                self.note(ViolationKind::NoTimestamp(text.to_string()));
            }
            (KindData::Blob, Value::String(_)) => self.note(ViolationKind::NoBase64),
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
        reason = "a number that is so large is far from any limit"
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

#[expect(clippy::cast_precision_loss, reason = "no memory holds so many")]
fn count(count: usize) -> f64 {
    count as f64
}

/// The name that was meant, if one looks much like it.
pub(crate) fn closest(
    name: &str,
    names: impl Iterator<Item = &'static str>,
) -> Option<&'static str> {
    // A name of any length can come from outside.
    if name.len() > 128 {
        return None;
    }
    let lower = name.to_lowercase();
    names
        .map(|known| {
            let likeness = strsim::normalized_damerau_levenshtein(&lower, &known.to_lowercase());
            (likeness, known)
        })
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}
