//! A run's generated requests, as its record describes them.

use serde::{Deserialize, Serialize};

/// The requests that were generated for a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generated {
    /// The number of requests.
    pub count: u32,
    /// The seed that they were made from.
    pub seed: u64,
}
