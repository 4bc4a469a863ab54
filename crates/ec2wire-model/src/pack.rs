//! The compact format of a model: facts without prose.
//!
//! It has two files. `names.txt` has every string once, sorted, one per line. `facts.bin` has all
//! else as variable-length integers: seven bits per byte, lowest bits first, the high bit set on
//! each byte but the last. A string is written as its line number from 0. An optional string is its
//! line number from 1, or 0 if it is absent. `facts.bin` has, in this order:
//!
//! - the version of this format, and the API version;
//! - the number of operations; for each, the name of its response, its input and its output (the
//!   position of a shape from 1, or 0 for none), and flags;
//! - the number of shapes; for each, its name, its kind and flags, the data of its kind, and the
//!   limits and the pattern that the flags announce.
//!
//! Shapes and operations are sorted by name. An operation's name is not written: it is its
//! response's name without the suffix.

use crate::Error;
use crate::model::{KindData, MemberData, Model, OperationData, ShapeData, TimestampFormat};
use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

/// The strings of the embedded model.
const NAMES: &str = include_str!("../model/names.txt");

/// The facts of the embedded model.
const FACTS: &[u8] = include_bytes!("../model/facts.bin");

/// The version of the format.
const FORMAT: u64 = 1;

const RESPONSE: &str = "Response";

/// The two files that a model is packed into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// `names.txt`: every string once, one per line.
    pub names: String,
    /// `facts.bin`: everything else.
    pub facts: Vec<u8>,
}

impl Model {
    /// EC2's model, which is embedded in the crate. The first call takes about two milliseconds.
    ///
    /// ```
    /// let model = ec2wire_model::Model::ec2();
    /// assert_eq!(model.api_version(), ec2wire::EC2_VERSION);
    /// assert!(model.operations().count() > 800);
    /// ```
    pub fn ec2() -> &'static Self {
        // A test reads the embedded files, so this never falls back to the empty model.
        static EC2: LazyLock<Model> = LazyLock::new(|| unpack(NAMES, FACTS).unwrap_or_default());
        &EC2
    }

    /// Packs the model into the format that is embedded. Packing the same model again gives the
    /// same bytes.
    ///
    ///
    /// ```
    /// use ec2wire_model::Model;
    ///
    /// let packed = Model::ec2().pack()?;
    /// assert!(packed.names.lines().is_sorted());
    /// assert!(packed.names.len() + packed.facts.len() < 400_000);
    /// # Ok::<(), ec2wire_model::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the format cannot hold the model: it has [unknown](Self::unknown) facts, or a string of
    /// more than one line.
    pub fn pack(&self) -> Result<Packed, Error> {
        if let [first, ..] = self.unknown.as_slice() {
            let count = self.unknown.len();
            let message = format!("the model has {count} unknown facts, the first is {first}");
            return Err(Error::new(message));
        }
        let mut texts = BTreeSet::new();
        self.visit_texts(|text| {
            texts.insert(text);
        });
        if let Some(text) = texts.iter().find(|text| text.contains(['\n', '\r'])) {
            let message = format!("the string {text:?} has more than one line");
            return Err(Error::new(message));
        }
        let mut packer = Packer {
            lines: texts.iter().copied().zip(0..).collect(),
            facts: Vec::new(),
        };
        packer.model(self);
        let mut names = String::new();
        for text in texts {
            names.push_str(text);
            names.push('\n');
        }
        Ok(Packed {
            names,
            facts: packer.facts,
        })
    }

    fn visit_texts(&self, mut visit: impl FnMut(&'static str)) {
        visit(self.api_version);
        for operation in &self.operations {
            visit(operation.response_name);
        }
        for shape in &self.shapes {
            visit(shape.name);
            shape.pattern.into_iter().for_each(&mut visit);
            match &shape.kind {
                KindData::String(values) => values.iter().copied().for_each(&mut visit),
                KindData::List { entry_name, .. } => {
                    entry_name.iter().copied().for_each(&mut visit);
                }
                KindData::Map {
                    key_name,
                    value_name,
                    ..
                } => key_name
                    .iter()
                    .chain(value_name)
                    .copied()
                    .for_each(&mut visit),
                _ => {}
            }
        }
        for member in &self.members {
            visit(member.name);
            let others = [member.location_name, member.query_name, member.deprecated];
            others.into_iter().flatten().for_each(&mut visit);
        }
    }
}

struct Packer {
    lines: HashMap<&'static str, u64>,
    facts: Vec<u8>,
}

impl Packer {
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.facts.push(number.to_le_bytes()[0] | 0x80);
            number >>= 7;
        }
        self.facts.push(number.to_le_bytes()[0]);
    }

    fn count(&mut self, count: usize) {
        self.number(count as u64);
    }

    fn text(&mut self, text: &str) {
        // `pack` collected all of them.
        let line = self.lines.get(text).copied();
        self.number(line.unwrap_or_default());
    }

    fn optional_text(&mut self, text: Option<&str>) {
        let line = text.and_then(|text| self.lines.get(text).copied());
        self.number(line.map_or(0, |line| line + 1));
    }

    fn model(&mut self, model: &Model) {
        self.number(FORMAT);
        self.text(model.api_version);
        self.count(model.operations.len());
        for operation in &model.operations {
            self.text(operation.response_name);
            self.number(operation.input.map_or(0, |shape| u64::from(shape) + 1));
            self.number(operation.output.map_or(0, |shape| u64::from(shape) + 1));
            self.number(flags([operation.deprecated]));
        }
        self.count(model.shapes.len());
        for shape in &model.shapes {
            self.shape(shape, &model.members);
        }
    }

    fn shape(&mut self, shape: &ShapeData, members: &[MemberData]) {
        self.text(shape.name);
        let kind = match &shape.kind {
            KindData::Structure(..) => 0,
            KindData::List { .. } => 1,
            KindData::Map { .. } => 2,
            KindData::String(_) => 3,
            KindData::Integer => 4,
            KindData::Long => 5,
            KindData::Float => 6,
            KindData::Double => 7,
            KindData::Boolean => 8,
            KindData::Blob => 9,
            KindData::Timestamp(_) => 10,
        };
        let more = flags([
            shape.min.is_some(),
            shape.max.is_some(),
            shape.pattern.is_some(),
            shape.sensitive,
        ]);
        self.number(kind | more << 4);
        match &shape.kind {
            &KindData::Structure(first, len) => {
                self.number(u64::from(len));
                let first = first as usize;
                let members = members.get(first..first + len as usize);
                for member in members.unwrap_or_default() {
                    self.member(member);
                }
            }
            &KindData::List {
                entry,
                entry_name,
                flattened,
            } => {
                self.number(u64::from(entry));
                self.optional_text(entry_name);
                self.number(flags([flattened]));
            }
            &KindData::Map {
                key,
                value,
                key_name,
                value_name,
                flattened,
            } => {
                self.number(u64::from(key));
                self.number(u64::from(value));
                self.optional_text(key_name);
                self.optional_text(value_name);
                self.number(flags([flattened]));
            }
            KindData::String(values) => {
                self.count(values.len());
                for value in values {
                    self.text(value);
                }
            }
            &KindData::Timestamp(format) => self.number(format_number(format)),
            _ => {}
        }
        for limit in [shape.min, shape.max].into_iter().flatten() {
            self.facts.extend_from_slice(&limit.to_le_bytes());
        }
        if let Some(pattern) = shape.pattern {
            self.text(pattern);
        }
    }

    fn member(&mut self, member: &MemberData) {
        self.text(member.name);
        self.number(u64::from(member.shape));
        self.optional_text(member.location_name);
        let more = flags([
            member.required,
            member.idempotency_token,
            member.flattened,
            member.query_name.is_some(),
            member.deprecated.is_some(),
            member.timestamp_format.is_some(),
        ]);
        self.number(more);
        for text in [member.query_name, member.deprecated].into_iter().flatten() {
            self.text(text);
        }
        if let Some(format) = member.timestamp_format {
            self.number(format_number(format));
        }
    }
}

fn flags<const N: usize>(flags: [bool; N]) -> u64 {
    flags
        .iter()
        .rev()
        .fold(0, |number, &flag| number << 1 | u64::from(flag))
}

fn format_number(format: TimestampFormat) -> u64 {
    match format {
        TimestampFormat::Iso8601 => 0,
        TimestampFormat::UnixTimestamp => 1,
        TimestampFormat::Rfc822 => 2,
    }
}

/// Reads the compact format.
fn unpack(names: &'static str, facts: &[u8]) -> Result<Model, Error> {
    let mut unpacker = Unpacker {
        lines: names.split_terminator('\n').collect(),
        facts,
    };
    let model = unpacker.model()?;
    check(&model)?;
    Ok(model.index())
}

/// Checks that every shape that is referred to exists.
fn check(model: &Model) -> Result<(), Error> {
    let exists = |shape: u32| (shape as usize) < model.shapes.len();
    let all = model.members.iter().all(|member| exists(member.shape))
        && model.operations.iter().all(|operation| {
            let shapes = [operation.input, operation.output];
            shapes.into_iter().flatten().all(exists)
        })
        && model.shapes.iter().all(|shape| match shape.kind {
            KindData::List { entry, .. } => exists(entry),
            KindData::Map { key, value, .. } => exists(key) && exists(value),
            _ => true,
        });
    if all { Ok(()) } else { Err(damaged()) }
}

struct Unpacker<'f> {
    lines: Vec<&'static str>,
    facts: &'f [u8],
}

#[cold]
fn damaged() -> Error {
    Error::new("the packed model is damaged")
}

impl Unpacker<'_> {
    fn number(&mut self) -> Result<u64, Error> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.facts.split_first().ok_or_else(damaged)?;
            self.facts = rest;
            number |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(damaged())
    }

    fn small(&mut self) -> Result<u32, Error> {
        u32::try_from(self.number()?).map_err(|_| damaged())
    }

    /// A count of things that take at least one byte each.
    fn count(&mut self) -> Result<usize, Error> {
        let count = self.small()? as usize;
        if count > self.facts.len() {
            return Err(damaged());
        }
        Ok(count)
    }

    fn line(&self, line: u64) -> Result<&'static str, Error> {
        let line = usize::try_from(line).map_err(|_| damaged())?;
        self.lines.get(line).copied().ok_or_else(damaged)
    }

    fn text(&mut self) -> Result<&'static str, Error> {
        let line = self.number()?;
        self.line(line)
    }

    fn optional_text(&mut self) -> Result<Option<&'static str>, Error> {
        let line = self.number()?;
        line.checked_sub(1).map(|line| self.line(line)).transpose()
    }

    fn optional_shape(&mut self) -> Result<Option<u32>, Error> {
        Ok(self.small()?.checked_sub(1))
    }

    fn format(&mut self) -> Result<TimestampFormat, Error> {
        match self.number()? {
            0 => Ok(TimestampFormat::Iso8601),
            1 => Ok(TimestampFormat::UnixTimestamp),
            2 => Ok(TimestampFormat::Rfc822),
            _ => Err(damaged()),
        }
    }

    fn limit(&mut self) -> Result<f64, Error> {
        let (bytes, rest) = self.facts.split_first_chunk().ok_or_else(damaged)?;
        self.facts = rest;
        Ok(f64::from_le_bytes(*bytes))
    }

    fn model(&mut self) -> Result<Model, Error> {
        if self.number()? != FORMAT {
            return Err(damaged());
        }
        let mut model = Model::empty(self.text()?);
        for _ in 0..self.count()? {
            let response_name = self.text()?;
            model.operations.push(OperationData {
                name: response_name.strip_suffix(RESPONSE).ok_or_else(damaged)?,
                response_name,
                input: self.optional_shape()?,
                output: self.optional_shape()?,
                deprecated: self.number()? & 1 != 0,
            });
        }
        for _ in 0..self.count()? {
            let shape = self.shape(&mut model.members)?;
            model.shapes.push(shape);
        }
        if self.facts.is_empty() {
            Ok(model)
        } else {
            Err(damaged())
        }
    }

    fn shape(&mut self, members: &mut Vec<MemberData>) -> Result<ShapeData, Error> {
        let name = self.text()?;
        let more = self.number()?;
        let kind = match more & 0xF {
            0 => {
                let first = u32::try_from(members.len()).map_err(|_| damaged())?;
                let len = self.count()?;
                for _ in 0..len {
                    let member = self.member()?;
                    members.push(member);
                }
                KindData::Structure(first, u32::try_from(len).map_err(|_| damaged())?)
            }
            1 => KindData::List {
                entry: self.small()?,
                entry_name: self.optional_text()?,
                flattened: self.number()? & 1 != 0,
            },
            2 => KindData::Map {
                key: self.small()?,
                value: self.small()?,
                key_name: self.optional_text()?,
                value_name: self.optional_text()?,
                flattened: self.number()? & 1 != 0,
            },
            3 => {
                let len = self.count()?;
                // The count is at most the number of bytes left.
                let mut values = Vec::with_capacity(len);
                for _ in 0..len {
                    values.push(self.text()?);
                }
                KindData::String(values)
            }
            4 => KindData::Integer,
            5 => KindData::Long,
            6 => KindData::Float,
            7 => KindData::Double,
            8 => KindData::Boolean,
            9 => KindData::Blob,
            10 => KindData::Timestamp(self.format()?),
            _ => return Err(damaged()),
        };
        let has = |bit: u32| more >> (4 + bit) & 1 != 0;
        Ok(ShapeData {
            name,
            kind,
            min: has(0).then(|| self.limit()).transpose()?,
            max: has(1).then(|| self.limit()).transpose()?,
            pattern: has(2).then(|| self.text()).transpose()?,
            sensitive: has(3),
        })
    }

    fn member(&mut self) -> Result<MemberData, Error> {
        let name = self.text()?;
        let shape = self.small()?;
        let location_name = self.optional_text()?;
        let more = self.number()?;
        let has = |bit: u32| more >> bit & 1 != 0;
        Ok(MemberData {
            name,
            shape,
            location_name,
            required: has(0),
            idempotency_token: has(1),
            flattened: has(2),
            query_name: has(3).then(|| self.text()).transpose()?,
            deprecated: has(4).then(|| self.text()).transpose()?,
            timestamp_format: has(5).then(|| self.format()).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    #[test]
    fn what_is_embedded_is_whole() {
        let model = unpack(NAMES, FACTS).unwrap();
        let packed = model.pack().unwrap();
        assert!(packed.names == NAMES && packed.facts == FACTS);
        assert!(packed.names.len() + packed.facts.len() < 400_000);
    }

    #[test]
    fn damage_is_an_error_and_never_a_panic() {
        for cut in (0..FACTS.len()).step_by(997) {
            assert!(unpack(NAMES, FACTS.get(..cut).unwrap()).is_err(), "{cut}");
        }
        for at in (0..FACTS.len()).step_by(1009) {
            let mut facts = FACTS.to_vec();
            *facts.get_mut(at).unwrap() ^= 0xFF;
            // It may be a different model, but reading it must end.
            let _ = unpack(NAMES, &facts);
        }
    }
}
