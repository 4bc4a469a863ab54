//! Why a self-test could not take place.

use crate::catalogue::CatalogueError;
use crate::runner::RunError;
use std::fmt;

/// Why a self-test could not take place.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SelfTestError {
    /// A table is invalid.
    Table(CatalogueError),
    /// The cases cannot be run.
    Run(RunError),
    /// An endpoint cannot be started, for the given reason.
    Endpoint(String),
    /// The endpoint at that URL cannot be reached.
    Unreachable(String),
}

impl fmt::Display for SelfTestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table(error) => error.fmt(f),
            Self::Run(error) => error.fmt(f),
            Self::Endpoint(error) => write!(f, "cannot start the endpoint: {error}"),
            Self::Unreachable(url) => write!(f, "cannot reach the endpoint at {url}"),
        }
    }
}

impl std::error::Error for SelfTestError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Table(error) => Some(error),
            Self::Run(error) => Some(error),
            Self::Endpoint(_) | Self::Unreachable(_) => None,
        }
    }
}

impl From<CatalogueError> for SelfTestError {
    fn from(error: CatalogueError) -> Self {
        Self::Table(error)
    }
}

impl From<RunError> for SelfTestError {
    fn from(error: RunError) -> Self {
        Self::Run(error)
    }
}
