//! Deliberate faults, and liberties that are none.
//!
//! A harness that has only met servers that are right proves little. So the endpoint can be made
//! wrong in one way at a time, or different in a way that EC2's documents leave open:
//!
//! - [`faults`] are single slips of a server, most of them made by a real one. A harness must find
//!   each.
//! - [`variants`] are answers that EC2 might give as well. A harness must blame none.
//!
//! Both are tables. To add one, add a row: a name, what it is, and the change to the honest endpoint,
//! at one of a few places between a request and its answer; `change.rs` lists them.
//!
//! ```
//! use ec2wire_reference::sabotage;
//! use ec2wire_reference::{Config, Request, World};
//!
//! let quirk = sabotage::fault("dry-run-ignored")?;
//! let ipam_ids = vec!["ipam-1".into()];
//! let world = World::new(Config { ipam_ids, quirk: Some(quirk), ..Config::default() });
//! let body = b"Action=CreateIpamPolicy&Version=2016-11-15&IpamId=ipam-1&DryRun=true";
//! assert_eq!(world.answer(&Request::post(body)).status, 200);
//! # Ok::<(), sabotage::UnknownQuirk>(())
//! ```

mod change;
mod client;
mod document;
mod faults;
mod form;
mod variants;

pub(crate) use change::{Delivery, Done, Hooks};
pub(crate) use client::{ClientHooks, Signer};

use change::Change;
use ec2wire::contract::Level;
use std::fmt;

/// A way in which the endpoint differs from an honest one; a row of [`faults`] or [`variants`].
///
/// ```
/// use ec2wire_reference::sabotage::{self, Area};
///
/// let quirk = sabotage::fault("plus-not-decoded")?;
/// assert_eq!(quirk.area.map(Area::as_str), Some("parsing"));
/// # Ok::<(), sabotage::UnknownQuirk>(())
/// ```
pub struct Quirk {
    /// The name, in kebab case.
    pub name: &'static str,
    /// Where the fault is; `None` for a variant.
    pub area: Option<Area>,
    /// What a harness is to say of it: a must is broken, or a should. A variant has
    /// [`Level::May`]: nothing is to be said.
    pub level: Level,
    /// What is different, in a sentence.
    pub summary: &'static str,
    change: Change,
}

impl Quirk {
    const fn fault(
        area: Area,
        level: Level,
        name: &'static str,
        summary: &'static str,
        change: Change,
    ) -> Self {
        Self {
            name,
            area: Some(area),
            level,
            summary,
            change,
        }
    }

    const fn variant(name: &'static str, summary: &'static str, change: Change) -> Self {
        Self {
            name,
            area: None,
            level: Level::May,
            summary,
            change,
        }
    }

    /// Whether it is a variant, which is to be blamed for nothing.
    pub const fn is_variant(&self) -> bool {
        self.area.is_none()
    }

    /// Which part of the endpoint's work is changed, as in `the refusal`.
    pub const fn changes(&self) -> &'static str {
        self.change.place()
    }
}

impl fmt::Debug for Quirk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Quirk")
            .field("name", &self.name)
            .field("area", &self.area)
            .field("level", &self.level)
            .finish_non_exhaustive()
    }
}

/// Two of the same name are equal: a test keeps the names apart.
impl PartialEq for Quirk {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Quirk {}

/// What a fault is about.
///
/// ```
/// assert_eq!(ec2wire_reference::sabotage::Area::DryRun.to_string(), "dry run");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// Reading a request.
    Parsing,
    /// The rules for a request's members.
    Validation,
    /// Requests with `DryRun`.
    DryRun,
    /// Requests with a `ClientToken`.
    Idempotency,
    /// Status, headers and the documents around the members.
    Envelope,
    /// The members of an answer.
    Fields,
    /// What exists after a request.
    State,
    /// What is done with a policy: rules, and whom it applies to.
    Policy,
    /// Requests that no client should send.
    Robustness,
    /// A client's requests.
    Request,
    /// A client's signatures.
    Signature,
    /// A client's tokens, and what it sends again.
    Retries,
    /// What a client makes of successes.
    Successes,
    /// What a client makes of errors.
    Errors,
    /// What a client makes of what is neither.
    Damage,
}

impl Area {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Parsing => "parsing",
            Self::Validation => "validation",
            Self::DryRun => "dry run",
            Self::Idempotency => "idempotency",
            Self::Envelope => "envelope",
            Self::Fields => "fields",
            Self::State => "state",
            Self::Policy => "policy",
            Self::Robustness => "robustness",
            Self::Request => "request",
            Self::Signature => "signature",
            Self::Retries => "retries",
            Self::Successes => "successes",
            Self::Errors => "errors",
            Self::Damage => "damage",
        }
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// All faults, area by area.
///
/// ```
/// assert!(ec2wire_reference::sabotage::faults().count() >= 80);
/// ```
pub fn faults() -> impl Iterator<Item = &'static Quirk> + Clone {
    faults::TABLES.iter().copied().flatten()
}

/// All variants.
///
/// ```
/// assert!(ec2wire_reference::sabotage::variants().count() >= 10);
/// ```
pub fn variants() -> impl Iterator<Item = &'static Quirk> + Clone {
    variants::TABLE.iter()
}

/// All faults of the reference client, area by area.
///
/// ```
/// assert!(ec2wire_reference::sabotage::client_faults().count() >= 30);
/// ```
pub fn client_faults() -> impl Iterator<Item = &'static Quirk> + Clone {
    client::FAULTS.iter().copied().flatten()
}

/// All variants of the reference client.
///
/// ```
/// assert!(ec2wire_reference::sabotage::client_variants().count() >= 5);
/// ```
pub fn client_variants() -> impl Iterator<Item = &'static Quirk> + Clone {
    client::VARIANTS.iter()
}

/// The fault or variant of the reference client of that name.
///
/// Fails where there is none; the error names those that are spelled alike.
pub fn client_quirk(name: &str) -> Result<&'static Quirk, UnknownQuirk> {
    find("sabotage", name, client_faults().chain(client_variants()))
}

/// The fault of that name.
///
/// Fails where there is none; the error names those that are spelled alike.
pub fn fault(name: &str) -> Result<&'static Quirk, UnknownQuirk> {
    find("sabotage", name, faults())
}

/// The variant of that name.
///
/// Fails where there is none; the error names those that are spelled alike.
pub fn variant(name: &str) -> Result<&'static Quirk, UnknownQuirk> {
    find("variant", name, variants())
}

fn find(
    what: &'static str,
    name: &str,
    table: impl Iterator<Item = &'static Quirk> + Clone,
) -> Result<&'static Quirk, UnknownQuirk> {
    table
        .clone()
        .find(|quirk| quirk.name == name)
        .ok_or_else(|| {
            let mut near: Vec<(usize, &'static str)> = table
                .map(|quirk| (distance(name, quirk.name), quirk.name))
                .filter(|&(distance, known)| distance <= 3 || contains(known, name))
                .collect();
            near.sort_unstable();
            UnknownQuirk {
                what,
                name: name.to_owned(),
                near: near.into_iter().map(|(_, known)| known).take(3).collect(),
            }
        })
}

/// Whether a part of the name was given, and not just a letter or two.
fn contains(known: &str, name: &str) -> bool {
    name.len() >= 4 && known.contains(name)
}

/// How many letters must be put in, taken out or changed to make one text of the other.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(b.chars()) {
            let change = diagonal + usize::from(x != y);
            diagonal = *cell;
            left = change.min(left + 1).min(*cell + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

/// There is no fault or variant of the name.
///
/// ```
/// let error = ec2wire_reference::sabotage::fault("dry-run-ignord").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "there is no sabotage `dry-run-ignord`; is it `dry-run-ignored`? `--sabotage list` shows all",
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownQuirk {
    what: &'static str,
    name: String,
    near: Vec<&'static str>,
}

impl fmt::Display for UnknownQuirk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, name, near } = self;
        write!(f, "there is no {what} `{name}`; ")?;
        if !near.is_empty() {
            write!(f, "is it `{}`? ", near.join("` or `"))?;
        }
        write!(f, "`--{what} list` shows all")
    }
}

impl std::error::Error for UnknownQuirk {}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_in_kebab_case_and_stand_once() {
        let mut names = HashSet::new();
        let clients = client_faults().chain(client_variants());
        for quirk in faults().chain(variants()).chain(clients) {
            assert!(names.insert(quirk.name), "{} stands twice", quirk.name);
            assert!(
                quirk
                    .name
                    .bytes()
                    .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-')),
                "{}",
                quirk.name
            );
            assert!(!quirk.summary.ends_with('.'), "{}", quirk.summary);
        }
    }

    #[test]
    fn a_fault_has_a_level_that_binds_and_a_variant_has_none() {
        let all = faults().chain(client_faults());
        assert!({ all }.all(|quirk| quirk.level > Level::May && !quirk.is_variant()));
        assert!(variants().all(|quirk| quirk.level == Level::May && quirk.is_variant()));
    }

    #[test]
    fn every_area_has_faults() {
        let areas: HashSet<_> = faults().filter_map(|quirk| quirk.area).collect();
        assert_eq!(areas.len(), 9);
    }

    #[test]
    fn near_names_are_named() {
        let near = |name| fault(name).unwrap_err().near;
        assert_eq!(near("hang-on-bad-escap"), ["hang-on-bad-escape"]);
        assert_eq!(near("no-such-thing"), [""; 0]);
        assert!(near("token").len() == 3);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "ab"), 2);
    }
}
