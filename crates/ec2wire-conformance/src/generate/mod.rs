//! Requests generated from the contract.
//!
//! `contract/generated.toml` lists the kinds of requests. A [`Generator`] makes an ordinary case
//! for each number: odd numbers break no rule, even numbers break exactly one. A number's request
//! depends only on the seed, so the same seed always makes the same requests, however many. A later
//! version of this program may make others.
//!
//! [`shrink`](shrink::shrink) looks for a simpler request that fails in the same way, and
//! [`save`](save::save) writes it as a file of cases.

mod render;
pub mod save;
pub mod shrink;
mod strategy;

use self::strategy::Way;
use crate::catalogue::{Catalogue, CatalogueError};
use crate::format::case::Case;
use crate::format::{embedded, place};
use ec2wire::contract;
use ec2wire::ipam::CreateIpamPolicy;
use proptest::strategy::{Strategy as _, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde::Deserialize;

const FILE: &str = embedded::GENERATED.path;

/// A kind of request: a row of `contract/generated.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Kind {
    way: Way,
    /// The rule of [`contract::RULES`] that is broken.
    breaks: Option<String>,
    title: String,
    requirement: String,
    /// A set of outcomes.
    expect: String,
    creates: usize,
    /// The requirement that the answer repeats the request's tags.
    tags: Option<String>,
    #[serde(default = "one")]
    weight: usize,
}

fn one() -> usize {
    1
}

impl Kind {
    /// Its name in an id.
    fn name(&self) -> &str {
        match (&self.breaks, self.way) {
            (Some(rule), _) => rule,
            (None, Way::DryRun) => "dry-run",
            (None, _) => "valid",
        }
    }

    /// Whether the request breaks exactly the kind's rule, or no rule if it has none.
    fn admits(&self, request: &CreateIpamPolicy) -> bool {
        let violations = contract::check(request);
        violations
            .iter()
            .all(|violation| Some(violation.rule.name) == self.breaks.as_deref())
            && violations.is_empty() == self.breaks.is_none()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KindFile {
    kind: Vec<Kind>,
}

/// Makes cases from a seed.
///
/// ```
/// use ec2wire_conformance::{Catalogue, generate::Generator};
///
/// let generator = Generator::new(&Catalogue::embedded()?, 7)?;
/// let ids: Vec<String> = generator.cases(2)?.into_iter().map(|case| case.id).collect();
/// assert_eq!(ids, ["generated/7/valid/0001", "generated/7/ipam-id-required/0002"]);
/// # Ok::<(), ec2wire_conformance::CatalogueError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Generator {
    seed: u64,
    /// The valid kinds, each as often as its weight, and the kinds that break a rule.
    valid: Vec<Kind>,
    broken: Vec<Kind>,
}

/// A request that can be simplified.
type Tree = Box<dyn ValueTree<Value = CreateIpamPolicy>>;

impl Generator {
    /// A generator whose cases depend only on `seed`.
    ///
    /// Fails if the embedded table of kinds does not fit the catalogue, which a test excludes.
    pub fn new(catalogue: &Catalogue, seed: u64) -> Result<Self, CatalogueError> {
        let KindFile { kind: kinds } = place::read_embedded(embedded::GENERATED)?;
        for kind in &kinds {
            let requirements = [Some(&kind.requirement), kind.tags.as_ref()];
            let mut unknown: Vec<&String> = requirements
                .into_iter()
                .flatten()
                .filter(|id| catalogue.requirement(id).is_none())
                .collect();
            unknown.extend((!catalogue.has_outcomes(&kind.expect)).then_some(&kind.expect));
            unknown.extend(
                kind.breaks
                    .as_ref()
                    .filter(|name| contract::RULES.iter().all(|rule| rule.name != **name)),
            );
            if let Some(name) = unknown.first() {
                let message = format!("kind `{}`: `{name}` is not defined", kind.title);
                return Err(CatalogueError::new(FILE, &message));
            }
        }
        let (broken, valid) = kinds
            .into_iter()
            .flat_map(|kind| std::iter::repeat_n(kind.clone(), kind.weight))
            .partition(|kind| kind.breaks.is_some());
        Ok(Self {
            seed,
            valid,
            broken,
        })
    }

    /// The cases for the numbers 1 to `count`.
    pub fn cases(&self, count: u32) -> Result<Vec<Case>, CatalogueError> {
        (1..=count)
            .map(|number| {
                let (kind, tree) = self.make(number)?;
                let id = format!("generated/{}/{}/{number:04}", self.seed, kind.name());
                Ok(render::case(id, kind, &tree.current()))
            })
            .collect()
    }

    /// The kind and the request for a number.
    fn make(&self, number: u32) -> Result<(&Kind, Tree), CatalogueError> {
        let index = usize::try_from(number.saturating_sub(1)).unwrap_or_default();
        let kinds = if index % 2 == 0 {
            &self.valid
        } else {
            &self.broken
        };
        let kind = index
            .checked_div(2)
            .and_then(|turn| turn.checked_rem(kinds.len()))
            .and_then(|turn| kinds.get(turn))
            .ok_or_else(|| CatalogueError::new(FILE, &"there are no kinds of requests"))?;
        let mut seed = [0; 32];
        let parts = self
            .seed
            .to_le_bytes()
            .into_iter()
            .chain(number.to_le_bytes());
        seed.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let tree = strategy::requests(kind.way)
            .new_tree(&mut runner)
            .map_err(|reason| CatalogueError::new(FILE, &reason))?;
        Ok((kind, tree))
    }
}

#[cfg(test)]
mod tests;
