//! Why a run could not take place.

use crate::catalogue::CatalogueError;
use std::fmt;

/// Why a run could not take place. Problems during a run are in its record.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RunError {
    /// A table is wrong.
    Table(CatalogueError),
    /// A pattern in the program is wrong.
    Pattern(String),
    /// The cases are for servers, but the subject is a client.
    NotForClients,
    /// The case with that id has no record.
    NoRecord(String),
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table(error) => error.fmt(f),
            Self::Pattern(error) => write!(f, "invalid pattern: {error}"),
            Self::NotForClients => f.write_str("these are not client cases"),
            Self::NoRecord(id) => write!(f, "the run of {id} has no record"),
        }
    }
}

impl std::error::Error for RunError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Table(error) => Some(error),
            Self::Pattern(_) | Self::NotForClients | Self::NoRecord(_) => None,
        }
    }
}

impl From<CatalogueError> for RunError {
    fn from(error: CatalogueError) -> Self {
        Self::Table(error)
    }
}

impl From<regex_lite::Error> for RunError {
    fn from(error: regex_lite::Error) -> Self {
        Self::Pattern(error.to_string())
    }
}
