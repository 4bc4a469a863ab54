//! The error for files that cannot be read.

use std::fmt;

/// A service model, packed model or file of protocol tests could not be read or packed.
///
/// ```
/// let error = ec2wire_model::Model::read(b"{").unwrap_err();
/// assert!(error.to_string().starts_with("not a service model: "));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(String);

impl Error {
    pub(crate) fn new(message: impl fmt::Display) -> Self {
        Self(message.to_string())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}
