//! What EC2 requires, and the evidence for it.

use ec2wire::contract::Level;
use ec2wire_model::Timestamp;
use serde::{Deserialize, Serialize};

/// The file of requirements.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RequirementFile {
    /// The requirements.
    pub requirement: Vec<Requirement>,
}

/// One requirement of the contract.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Requirement {
    /// Stable kebab-case id.
    pub id: String,
    /// How binding it is.
    #[serde(with = "level")]
    #[cfg_attr(feature = "schema", schemars(with = "level::Word"))]
    pub level: Level,
    /// What is required, in the project's own words.
    pub statement: String,
    /// Where that is stated or was observed.
    pub source: String,
    /// The kind of evidence.
    pub evidence: Evidence,
    /// The day since which EC2 is known to do this, as in `2020-08-01`. An older recording does not
    /// break it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Whether it requires an answer at all: if a case about it gets no answer, this requirement is
    /// broken, and not the general one that every request is answered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asks_for_an_answer: bool,
    /// Why no case tests it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub untested: Option<String>,
}

impl Requirement {
    /// Whether it counts for what was recorded at that time; without one, it counts.
    pub fn counts_at(&self, time: Option<Timestamp>) -> bool {
        match (self.since.as_deref().and_then(start_of), time) {
            (Some(since), Some(time)) => since <= time,
            _ => true,
        }
    }

    /// Whether `since` is a day, or absent.
    pub(crate) fn has_valid_since(&self) -> bool {
        let since = self.since.as_deref();
        since.is_none_or(|since| start_of(since).is_some())
    }
}

/// The start of a day in UTC.
fn start_of(day: &str) -> Option<Timestamp> {
    format!("{day}T00:00:00Z").parse().ok()
}

/// A kind of evidence for a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// The reference page of `CreateIpamPolicy` that the project started from.
    Seed,
    /// AWS's documentation.
    Docs,
    /// The service model.
    Model,
    /// A standard that the protocol builds on, such as HTTP, URIs or XML; the source names the
    /// section.
    Standard,
    /// Observed on real AWS by a third party; the source says when.
    Observed,
    /// Inferred from other evidence. Such a requirement can never be a MUST.
    Inferred,
    /// Not established. Such a requirement can only be a MAY.
    Unknown,
}

impl Evidence {
    /// Why such evidence cannot carry a requirement of that level, if it cannot.
    pub(crate) const fn is_too_weak_for(self, level: Level) -> Option<&'static str> {
        match (self, level) {
            (Self::Unknown, Level::Must | Level::Should) => {
                Some("a requirement that is not established can only be a MAY")
            }
            (Self::Inferred, Level::Must) => {
                Some("a requirement that is inferred can never be a MUST")
            }
            _ => None,
        }
    }
}

/// Levels as the words `must`, `should` and `may`.
pub mod level {
    use ec2wire::contract::Level;
    use serde::{Deserialize, Deserializer, Serializer};

    /// The words, for the JSON Schema.
    #[cfg(feature = "schema")]
    #[derive(schemars::JsonSchema)]
    #[cfg_attr(
        feature = "schema",
        schemars(rename_all = "kebab-case", rename = "Level")
    )]
    pub(super) enum Word {
        /// Binding.
        #[expect(dead_code, reason = "the schema is derived from the type")]
        Must,
        /// Documented, but another behaviour is defensible.
        #[expect(dead_code, reason = "the schema is derived from the type")]
        Should,
        /// Noted, but never a failure.
        #[expect(dead_code, reason = "the schema is derived from the type")]
        May,
    }

    /// Reads one of the three words.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Level, D::Error> {
        let word = String::deserialize(deserializer)?;
        parse(&word)
            .ok_or_else(|| serde::de::Error::unknown_variant(&word, &["must", "should", "may"]))
    }

    /// Writes the word.
    pub fn serialize<S: Serializer>(level: &Level, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(level)
    }

    /// The level for a word.
    pub fn parse(word: &str) -> Option<Level> {
        Some(match word {
            "must" => Level::Must,
            "should" => Level::Should,
            "may" => Level::May,
            _ => return None,
        })
    }
}
