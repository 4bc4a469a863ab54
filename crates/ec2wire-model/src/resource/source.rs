//! Where a fact comes from, and how much that proves.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Where a fact of the table comes from.
///
/// ```
/// use ec2wire_model::{Evidence, Source};
///
/// assert_eq!(Source::Waiters.evidence(), Evidence::Documented);
/// assert_eq!(Source::Names.evidence(), Evidence::Inferred);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Source {
    /// The service model: which actions, members and values there are.
    Model,
    /// The documentation strings of the service model.
    Documentation,
    /// AWS's waiters for SDKs.
    Waiters,
    /// AWS's paginators for SDKs.
    Paginators,
    /// A rule of names. AWS says it nowhere.
    Names,
    /// A row that was written by hand. The text begins with a key of [`Source::about`].
    Hand(&'static str),
}

/// How much a source proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Evidence {
    /// Concluded from names, or from what is usual.
    Inferred,
    /// Somebody saw EC2 do it.
    Observed,
    /// AWS says it, in a document or in a file that it ships.
    Documented,
}

impl Source {
    /// How much it proves.
    pub fn evidence(&self) -> Evidence {
        match self {
            Self::Names => Evidence::Inferred,
            Self::Hand(_) => self
                .known()
                .map_or(Evidence::Inferred, |source| source.evidence),
            _ => Evidence::Documented,
        }
    }

    /// What the source is, in words.
    ///
    /// ```
    /// let vpc = ec2wire_model::Model::ec2().resource("vpc").unwrap();
    /// let prefix = vpc.id.prefix.unwrap();
    /// assert!(prefix.source.about().starts_with("AWS CLI"));
    /// ```
    pub fn about(&self) -> &'static str {
        match self {
            Self::Model => "AWS's service model",
            Self::Documentation => "the documentation in AWS's service model",
            Self::Waiters => "AWS's waiters",
            Self::Paginators => "AWS's paginators",
            Self::Names => "a rule of names",
            Self::Hand(text) => self.known().map_or(text, |source| source.text),
        }
    }

    /// What the table leaves out, because it is most frequent.
    pub(super) const fn names() -> Self {
        Self::Names
    }

    /// What the table leaves out of filters.
    pub(super) const fn documentation() -> Self {
        Self::Documentation
    }

    fn known(self) -> Option<&'static super::table::HandSource> {
        let Self::Hand(text) = self else {
            return None;
        };
        let key = text.split(' ').next()?;
        super::table::Resources::embedded().hand_source(key)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Model => "model",
            Self::Documentation => "documentation",
            Self::Waiters => "waiters",
            Self::Paginators => "paginators",
            Self::Names => "names",
            Self::Hand(text) => text,
        })
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de: 'static> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match <&'static str>::deserialize(deserializer)? {
            "model" => Self::Model,
            "documentation" => Self::Documentation,
            "waiters" => Self::Waiters,
            "paginators" => Self::Paginators,
            "names" => Self::Names,
            text => Self::Hand(text),
        })
    }
}

/// A name or a text, and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Fact {
    /// What is known.
    pub value: &'static str,
    /// Where that comes from.
    #[serde(default = "Source::names")]
    pub source: Source,
}
