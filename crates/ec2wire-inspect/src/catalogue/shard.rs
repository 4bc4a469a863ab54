//! Splits the cases among several runs.

use std::fmt;
use std::str::FromStr;

/// Part K of N.
///
/// The cases are dealt out in turn. So the parts differ by at most one case, similar cases are
/// spread over all of them, and together they are all cases of any selection.
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
    total: usize,
}

impl Shard {
    /// The entries of this part, in order.
    pub fn pick<T>(self, all: Vec<T>) -> Vec<T> {
        all.into_iter()
            .skip(self.number - 1)
            .step_by(self.total)
            .collect()
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.total)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text
            .split_once('/')
            .and_then(|(number, total)| Some((number.parse().ok()?, total.parse().ok()?)));
        match numbers {
            Some((number, total)) if 0 < number && number <= total => Ok(Self { number, total }),
            _ => Err("expected K/N, from 1/N to N/N".into()),
        }
    }
}
