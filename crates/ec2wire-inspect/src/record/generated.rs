//! What a run's record says of its generated requests.

use serde::{Deserialize, Serialize};

/// The requests that were generated for a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generated {
    /// The number of requests.
    pub count: u32,
    /// The seed that they follow from.
    pub seed: u64,
}
