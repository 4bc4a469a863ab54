//! The rows of the tables.

use super::change::Change;

crate::quirk::rows!(Change);
