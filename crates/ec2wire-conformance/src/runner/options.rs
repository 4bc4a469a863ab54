//! The options of a run.

use crate::catalogue::expectation::Expectations;
use crate::catalogue::{Catalogue, CatalogueError};
use crate::laws::Fixtures;
use crate::record::Generated;
use std::time::Duration;
use tokio::sync::watch;

/// The options of a run.
///
/// ```
/// use ec2wire_conformance::runner::Options;
/// use std::time::Duration;
///
/// let options = Options::default()
///     .allow_create(true)
///     .jobs(4)
///     .settle(Duration::from_secs(10));
/// assert_eq!(options.jobs, 4);
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct Options {
    /// An existing IPAM. Without one, the runner tries to create one.
    pub ipam_id: Option<String>,
    /// Whether the subject may be asked to create things. Otherwise only requests are sent that
    /// must not create anything.
    pub allow_create: bool,
    /// How long a state may take to become right.
    pub settle: Duration,
    /// How many cases may run at once; 0 means 1.
    ///
    /// Each job gets its own IPAM if the server creates that many. Otherwise they share one, and
    /// cases that create or count policies run alone.
    pub jobs: usize,
    /// How often a case is repeated if no answer came, or one that says that the server is busy.
    pub retries: u32,
    /// How long to wait for a starting server.
    pub wait: Duration,
    /// The time limit of the run. Cases that have not run by then do not run.
    pub time_limit: Option<Duration>,
    /// Whether the run stops at the first unexpected failure.
    pub fail_fast: bool,
    /// The percentage of the cases that must be judged; with fewer, the exit code says so.
    pub min_judged: u8,
    /// Whether to ask first if the subject has any of the actions on IPAM policies, and to end the run
    /// if it says that it has none.
    pub ask_first: bool,
    /// Whether the subject is the embedded reference endpoint; for the record.
    pub embedded: bool,
    /// The known failures.
    pub expectations: Option<Expectations>,
    /// The generated requests; for the record.
    pub generated: Option<Generated>,
    /// Fixtures for the runner's own plain requests; the embedded ones if `None`.
    pub fixtures: Option<Fixtures>,
    /// Ends the run when it becomes true.
    pub interrupted: Option<watch::Receiver<bool>>,
}

impl Options {
    /// Sets [`ipam_id`](Self#structfield.ipam_id).
    #[must_use]
    pub fn ipam_id(mut self, value: impl Into<String>) -> Self {
        self.ipam_id = Some(value.into());
        self
    }

    /// Sets [`allow_create`](Self#structfield.allow_create).
    #[must_use]
    pub fn allow_create(mut self, value: bool) -> Self {
        self.allow_create = value;
        self
    }

    /// Sets [`settle`](Self#structfield.settle).
    #[must_use]
    pub fn settle(mut self, value: Duration) -> Self {
        self.settle = value;
        self
    }

    /// Sets [`jobs`](Self#structfield.jobs).
    #[must_use]
    pub fn jobs(mut self, value: usize) -> Self {
        self.jobs = value;
        self
    }

    /// Sets [`retries`](Self#structfield.retries).
    #[must_use]
    pub fn retries(mut self, value: u32) -> Self {
        self.retries = value;
        self
    }

    /// Sets [`wait`](Self#structfield.wait).
    #[must_use]
    pub fn wait(mut self, value: Duration) -> Self {
        self.wait = value;
        self
    }

    /// Sets [`time_limit`](Self#structfield.time_limit).
    #[must_use]
    pub fn time_limit(mut self, value: Duration) -> Self {
        self.time_limit = Some(value);
        self
    }

    /// Sets [`fail_fast`](Self#structfield.fail_fast).
    #[must_use]
    pub fn fail_fast(mut self, value: bool) -> Self {
        self.fail_fast = value;
        self
    }

    /// Sets [`min_judged`](Self#structfield.min_judged).
    #[must_use]
    pub fn min_judged(mut self, percent: u8) -> Self {
        self.min_judged = percent;
        self
    }

    /// Sets [`ask_first`](Self#structfield.ask_first).
    #[must_use]
    pub fn ask_first(mut self, value: bool) -> Self {
        self.ask_first = value;
        self
    }

    /// Sets [`embedded`](Self#structfield.embedded).
    #[must_use]
    pub fn embedded(mut self, value: bool) -> Self {
        self.embedded = value;
        self
    }

    /// Sets [`expectations`](Self#structfield.expectations).
    #[must_use]
    pub fn expectations(mut self, value: Expectations) -> Self {
        self.expectations = Some(value);
        self
    }

    /// Sets [`generated`](Self#structfield.generated).
    #[must_use]
    pub fn generated(mut self, value: Generated) -> Self {
        self.generated = Some(value);
        self
    }

    /// Sets [`fixtures`](Self#structfield.fixtures).
    #[must_use]
    pub fn fixtures(mut self, value: Fixtures) -> Self {
        self.fixtures = Some(value);
        self
    }

    /// Sets [`interrupted`](Self#structfield.interrupted).
    #[must_use]
    pub fn interrupted(mut self, value: watch::Receiver<bool>) -> Self {
        self.interrupted = Some(value);
        self
    }

    /// The globs of known failures that match no case.
    pub(super) fn stale(&self, catalogue: &Catalogue) -> Vec<String> {
        let expectations = self.expectations.as_ref();
        expectations
            .map(|known| known.stale(catalogue))
            .unwrap_or_default()
    }

    /// The fixtures, or the embedded ones.
    pub(super) fn fixtures_or_embedded(&self) -> Result<Fixtures, CatalogueError> {
        match &self.fixtures {
            Some(fixtures) => Ok(fixtures.clone()),
            None => Fixtures::embedded(),
        }
    }
}
