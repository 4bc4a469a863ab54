//! Answers that say nothing about the case: the server lacks the action or is busy, or the caller
//! lacks rights.

use crate::format::embedded;
use crate::format::place::{self, CatalogueError};
use crate::record::Verdict;
use crate::wire::Answered;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ways {
    way: Vec<Way>,
}

/// A kind of answer that says nothing about the case. It must fit every condition given.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says something of its own"
)]
pub struct Way {
    /// The HTTP status.
    pub status: Option<u16>,
    /// The error codes, one of which the answer has; empty if the code does not matter.
    #[serde(default)]
    pub codes: Vec<String>,
    /// A part of the body.
    pub body: Option<String>,
    /// Whether the server gives a plain request for the action the same answer, outside of the
    /// protocol, as one for an action that does not exist.
    #[serde(default)]
    pub unknown: bool,
    /// Whether the status says that the server failed: 500 to 599.
    #[serde(default)]
    pub failed: bool,
    /// Whether something in between gave the answer instead of the server.
    #[serde(default)]
    pub between: bool,
    /// Whether the server refuses the caller, whatever the request asks for.
    #[serde(default)]
    pub caller: bool,
    /// The verdict of the case.
    pub verdict: Verdict,
    /// Whether the same request may be answered differently a moment later.
    #[serde(default)]
    pub passes: bool,
    /// What such an answer means.
    pub meaning: String,
    /// Who answers like this.
    pub who: String,
}

impl Way {
    /// What an answer means that was found so.
    pub fn in_words(&self, found: &str) -> String {
        format!("{}: {found} ({})", self.meaning, self.who)
    }
}

/// The known kinds of such answers, from the embedded table.
#[derive(Debug)]
pub struct Unjudged(Vec<Way>);

impl Unjudged {
    /// Reads the embedded table. Fails only if it is wrong, which a test excludes.
    pub fn embedded() -> Result<Self, CatalogueError> {
        let Ways { way } = place::read_embedded(embedded::UNJUDGED)?;
        Ok(Self(way))
    }

    /// The first kind that the answer fits. `as_unknown` says whether the server answers unknown
    /// actions like this.
    pub fn find(&self, answered: &Answered, as_unknown: bool) -> Option<&Way> {
        let (codes, body) = (answered.codes(), &answered.body);
        self.0.iter().find(|way| {
            (!way.unknown || as_unknown)
                && (!way.failed || (500..600).contains(&answered.status))
                && (!way.between || answered.is_from_between())
                && way
                    .status
                    .is_none_or(|expected| expected == answered.status)
                && (way.codes.is_empty()
                    || way.codes.iter().any(|code| codes.contains(&code.as_str())))
                && way.body.as_deref().is_none_or(|part| {
                    body.windows(part.len().max(1))
                        .any(|window| window == part.as_bytes())
                })
        })
    }
    /// Whether a server with that status may be busy, whatever its answer says.
    pub fn is_busy_status(&self, status: u16) -> bool {
        let mut ways = self.0.iter();
        ways.any(|way| way.unknown && way.passes && way.status == Some(status))
    }
}
