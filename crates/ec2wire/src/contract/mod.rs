//! The rules for requests: what EC2 requires of the members of `CreateIpamPolicy`, and of tags and client
//! tokens in any action.
//!
//! The codec encodes any request. These rules say which ones EC2 accepts. A check returns all violations,
//! not only the first.
//!
//! ```
//! use ec2wire::{ResourceType, Tag, TagSpecification, contract, ipam::CreateIpamPolicy};
//!
//! let mut request: CreateIpamPolicy = CreateIpamPolicy::new("ipam-0123456789abcdef0");
//! request.tag_specifications =
//!     vec![TagSpecification::new(ResourceType::IpamPolicy, [Tag::new("aws:x", "")])];
//! let violations = contract::check(&request);
//! assert_eq!(violations[0].rule.name, "tag-key-prefix");
//! assert_eq!(
//!     violations[0].to_string(),
//!     "must: a tag key may not begin with `aws:` (TagSpecification.1.Tag.1.Key)",
//! );
//! ```

mod rules;

pub use rules::RULES;

use crate::TagSpecification;
use crate::ipam::CreateIpamPolicy;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// How binding a rule is.
///
/// ```
/// use ec2wire::contract::Level;
///
/// assert!(Level::May < Level::Should && Level::Should < Level::Must);
/// assert_eq!(Level::Must.to_string(), "must");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Permitted or unknown: only a note.
    May,
    /// Documented, but the documents contradict each other, or no refusal was observed.
    Should,
    /// EC2 refuses requests that break it.
    Must,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::May => "may",
            Self::Should => "should",
            Self::Must => "must",
        })
    }
}

/// A rule for requests. [`RULES`] lists them all. Rules with the same name are equal.
///
/// ```
/// use ec2wire::contract::{Level, RULES};
///
/// let rule = RULES.iter().find(|rule| rule.name == "tag-limit");
/// assert_eq!(rule.map(|rule| rule.level), Some(Level::Must));
/// assert_eq!(rule.map(|rule| rule.statement), Some("a resource has at most 50 tags"));
/// ```
pub struct Rule {
    /// The name, which is stable.
    pub name: &'static str,
    /// How binding it is.
    pub level: Level,
    /// What it requires.
    pub statement: &'static str,
    /// The source of the rule.
    pub source: &'static str,
    /// Whether it applies to every action that takes tags or client tokens.
    pub any_action: bool,
    check: fn(&CreateIpamPolicy<&str>, &mut Findings<'_>),
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule")
            .field("name", &self.name)
            .field("level", &self.level)
            .field("statement", &self.statement)
            .field("source", &self.source)
            .field("any_action", &self.any_action)
            .finish_non_exhaustive()
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Rule {}

/// A violation of a rule.
///
/// ```
/// use ec2wire::{contract, ipam::CreateIpamPolicy};
///
/// let request: CreateIpamPolicy = CreateIpamPolicy::default();
/// let violations = contract::check(&request);
/// assert_eq!(violations[0].rule.name, "ipam-id-required");
/// assert_eq!(violations[0].path, "IpamId");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The rule.
    pub rule: &'static Rule,
    /// The key of the member: `TagSpecification.1.Tag.3.Key`.
    pub path: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} ({})",
            self.rule.level, self.rule.statement, self.path
        )
    }
}

/// Collects the violations of one rule.
struct Findings<'f> {
    rule: &'static Rule,
    found: &'f mut Vec<Violation>,
}

impl Findings<'_> {
    fn add(&mut self, path: String) {
        self.found.push(Violation {
            rule: self.rule,
            path,
        });
    }
}

/// Checks a request against every rule. The violations come in the order of [`RULES`].
///
/// ```
/// use ec2wire::{contract, ipam::CreateIpamPolicy};
///
/// let request: CreateIpamPolicy = CreateIpamPolicy::new("ipam-0123456789abcdef0");
/// assert_eq!(contract::check(&request), []);
/// ```
pub fn check<S: AsRef<str>>(request: &CreateIpamPolicy<S>) -> Vec<Violation> {
    apply(&request.as_view(), |_| true)
}

/// Checks the tags and the client token of any action's request, against the rules for
/// [any action](Rule::any_action). It does not check whether the action can tag the resource type.
///
/// ```
/// use ec2wire::{ResourceType, Tag, TagSpecification, contract};
///
/// let tags = [TagSpecification::new(ResourceType::Vpc, [Tag::new("", "a")])];
/// let violations = contract::check_any::<&str>(&tags, None);
/// assert_eq!(violations[0].rule.name, "tag-key-required");
/// assert_eq!(violations[0].path, "TagSpecification.1.Tag.1.Key");
/// ```
pub fn check_any<S: AsRef<str>>(
    tag_specifications: &[TagSpecification<S>],
    client_token: Option<&str>,
) -> Vec<Violation> {
    let request = CreateIpamPolicy {
        tag_specifications: tag_specifications
            .iter()
            .map(TagSpecification::as_view)
            .collect(),
        client_token,
        ..CreateIpamPolicy::default()
    };
    apply(&request, |rule| rule.any_action)
}

fn apply(request: &CreateIpamPolicy<&str>, applies: fn(&Rule) -> bool) -> Vec<Violation> {
    let mut found = Vec::new();
    for rule in RULES.iter().filter(|rule| applies(rule)) {
        (rule.check)(
            request,
            &mut Findings {
                rule,
                found: &mut found,
            },
        );
    }
    found
}
