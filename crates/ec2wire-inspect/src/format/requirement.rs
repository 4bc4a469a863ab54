//! What EC2 asks of a server, with the evidence for it.

use ec2wire::contract::Level;
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
    /// Where that is said or was seen.
    pub source: String,
    /// What kind of proof the source is.
    pub evidence: Evidence,
    /// Whether it asks for an answer at all: where none comes to a case that is about it, this is
    /// what is broken, and not that a request is answered in the protocol.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asks_for_an_answer: bool,
    /// Why no case tests it, where none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub untested: Option<String>,
}

/// What kind of proof there is for a requirement.
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
    /// A standard that the protocol stands on, as HTTP, URIs or XML; the source names the section.
    Standard,
    /// Seen on real AWS by a third party; the source says when.
    Observed,
    /// Concluded from the others. Never the ground for a must.
    Inferred,
    /// Not established. Never the ground for more than a may.
    Unknown,
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
        #[expect(dead_code, reason = "the schema is made from the type")]
        Must,
        /// Documented, but another behaviour is defensible.
        #[expect(dead_code, reason = "the schema is made from the type")]
        Should,
        /// Worth reporting, never a failure.
        #[expect(dead_code, reason = "the schema is made from the type")]
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

    /// The level of a word.
    pub fn parse(word: &str) -> Option<Level> {
        Some(match word {
            "must" => Level::Must,
            "should" => Level::Should,
            "may" => Level::May,
            _ => return None,
        })
    }
}
