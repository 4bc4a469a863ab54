//! A part of the cases, for runs that share the work.

use std::fmt;
use std::str::FromStr;

/// The K-th of N parts.
///
/// The cases are dealt out one by one, so that the parts differ by one case at most and a family of
/// like cases is spread over all of them. Together they are the whole, whatever the selection.
///
/// ```
/// use ec2wire_inspect::catalogue::shard::Shard;
///
/// let shard: Shard = "2/3".parse()?;
/// assert_eq!(shard.pick(vec!['a', 'b', 'c', 'd', 'e']), ['b', 'e']);
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    number: usize,
    of: usize,
}

impl Shard {
    /// The entries that belong to this part, in their order.
    pub fn pick<T>(self, all: Vec<T>) -> Vec<T> {
        all.into_iter()
            .skip(self.number - 1)
            .step_by(self.of)
            .collect()
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text
            .split_once('/')
            .and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((number, of)) if 0 < number && number <= of => Ok(Self { number, of }),
            _ => Err("a shard is K/N, from 1/N to N/N".into()),
        }
    }
}
