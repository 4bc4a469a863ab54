//! Helpers that several suites of the codec share.

pub(crate) mod damage;
pub(crate) mod generate;
pub(crate) mod message;
