//! Random values that a shape allows, from a seed.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "limits and lengths are small"
)]

use ec2wire_model::{Kind, Shape, Structure, Value, Wire};
use proptest::prelude::Rng as _;
use proptest::test_runner::{RngAlgorithm, TestRng};

/// How much of a shape to fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fill {
    /// Only the required members, as small as possible.
    Required,
    /// Every member.
    All,
    /// Random members.
    Some,
}

/// Plain characters, escaped ones, and ones of two to four bytes.
const CHARACTERS: &[char] = &[
    'a',
    'Z',
    '0',
    '-',
    '.',
    '_',
    '~',
    ' ',
    '+',
    '&',
    '=',
    '%',
    '<',
    '>',
    '"',
    '\'',
    ';',
    '*',
    '\n',
    '\t',
    '\r',
    'é',
    '\u{85}',
    '\u{2028}',
    '中',
    '\u{1F600}',
];

pub(crate) struct Maker {
    rng: TestRng,
    fill: Fill,
    wire: Wire,
    /// How many optional members may still be generated.
    budget: u32,
}

impl Maker {
    pub(crate) fn new(seed: u64, fill: Fill, wire: Wire) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        Self {
            rng: TestRng::from_seed(RngAlgorithm::ChaCha, &bytes),
            fill,
            wire,
            budget: 300,
        }
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.rng.next_u64() % bound.max(1)
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// A value for the shape of an action's request or answer.
    pub(crate) fn root(&mut self, shape: Option<Shape>) -> Value<'static> {
        match shape {
            Some(shape) => self.structure(shape, 0).into(),
            None => Structure::new().into(),
        }
    }

    fn structure(&mut self, shape: Shape, depth: u32) -> Structure<'static> {
        let mut structure = Structure::new();
        for member in shape.members() {
            // Below a few levels, only shapes that do not recurse.
            let ends = depth < 4 || is_scalar(member.shape());
            let wanted = match self.fill {
                Fill::Required => false,
                Fill::All => ends,
                Fill::Some => ends && self.chance(if depth == 0 { 50 } else { 30 }),
            };
            let wanted = wanted && (depth == 0 || self.budget > 0);
            if wanted {
                self.budget = self.budget.saturating_sub(1);
            }
            if (wanted || member.is_required())
                && let Some(value) = self.value(member.shape(), depth + 1)
            {
                structure.insert(member.name(), value);
            }
        }
        structure
    }

    /// A value; `None` if the form would write nothing for it, which decodes as absent.
    fn value(&mut self, shape: Shape, depth: u32) -> Option<Value<'static>> {
        Some(match shape.kind() {
            Kind::Structure => {
                let mut structure = self.structure(shape, depth);
                if self.wire == Wire::Form && structure.is_empty() {
                    // In a list it would leave a gap, and elsewhere it would vanish.
                    let mut members = shape.members();
                    let (name, value) = members.find_map(|member| {
                        Some((member.name(), self.value(member.shape(), depth + 1)?))
                    })?;
                    structure.insert(name, value);
                }
                structure.into()
            }
            Kind::List { entry, .. } => {
                let least = shape.min().map_or(0, |min| min as u64);
                let least = if self.wire == Wire::Form {
                    least.max(1)
                } else {
                    least
                };
                let most = shape
                    .max()
                    .map_or(3, |max| max as u64)
                    .min(least + 2)
                    .max(least);
                let len = match self.fill {
                    Fill::Required => least,
                    _ => least + self.below(most - least + 1),
                };
                let entries = (0..len).map(|_| self.value(entry, depth + 1));
                entries.collect::<Option<Vec<_>>>()?.into()
            }
            Kind::String => self.text(shape).into(),
            Kind::Boolean => self.chance(50).into(),
            Kind::Integer => self
                .integer(shape, i64::from(i32::MIN), i64::from(i32::MAX))
                .into(),
            Kind::Long => self.integer(shape, i64::MIN / 2, i64::MAX / 2).into(),
            Kind::Float | Kind::Double => self.float(shape).into(),
            Kind::Blob => {
                let len = self.below(9) as usize;
                let mut bytes = vec![0; len];
                self.rng.fill_bytes(&mut bytes);
                Value::Blob(bytes)
            }
            Kind::Timestamp(_) => {
                // Now and then the last second that ISO 8601 can write.
                let text = match self.below(8) {
                    0 => "9999-12-31T23:59:59.999999999Z".to_owned(),
                    _ => self.time(),
                };
                Value::Timestamp(text.parse().unwrap())
            }
            other => panic!("EC2 has a {}", other.name()),
        })
    }

    /// Any time with a year of four digits, and any offset.
    fn time(&mut self) -> String {
        let day = self.below(28) + 1;
        let [year, month, hour, minute, offset] =
            [10_000, 12, 24, 60, 24].map(|bound| self.below(bound));
        let month = month + 1;
        let sign = if self.chance(50) { '+' } else { '-' };
        let fraction = if self.chance(50) {
            String::new()
        } else {
            format!(".{:09}", self.below(1_000_000_000))
        };
        format!(
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:07{fraction}{sign}{offset:02}:30"
        )
    }

    fn text(&mut self, shape: Shape) -> String {
        let known = shape.enum_values();
        if !known.is_empty() {
            return known[self.below(known.len() as u64) as usize].to_owned();
        }
        let least = shape.min().map_or(0, |min| min as u64);
        let most = shape
            .max()
            .map_or(least + 12, |max| max as u64)
            .min(least + 12);
        let len = least + self.below(most - least + 1);
        (0..len)
            .map(|_| CHARACTERS[self.below(CHARACTERS.len() as u64) as usize])
            .collect()
    }

    fn integer(&mut self, shape: Shape, least: i64, most: i64) -> i64 {
        let least = shape.min().map_or(least, |min| min as i64);
        let most = shape.max().map_or(most, |max| max as i64);
        match self.below(4) {
            0 => least,
            1 => most,
            _ => least + self.below((most - least) as u64) as i64,
        }
    }

    fn float(&mut self, shape: Shape) -> f64 {
        match (shape.min(), shape.max()) {
            (Some(min), Some(max)) => min + (max - min) * self.below(1000) as f64 / 1000.0,
            _ => match self.below(6) {
                0 => f64::INFINITY,
                1 => -0.125,
                2 => 1e21,
                3 => f64::MIN_POSITIVE,
                _ => self.below(1 << 40) as f64 / 8.0,
            },
        }
    }
}

fn is_scalar(shape: Shape) -> bool {
    !matches!(
        shape.kind(),
        Kind::Structure | Kind::List { .. } | Kind::Map { .. }
    )
}
