//! Time limits of a run and its cases.

use super::{End, Options, Runner};
use crate::record::Stopped;
use crate::wire::answered::FROM_BETWEEN;
use std::cell::{Cell, RefCell};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// How often a starting server is tried.
const STARTING_PAUSE: Duration = Duration::from_millis(200);
/// The pause before a case is repeated; it doubles each time.
const RETRY_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_RETRY_PAUSE: Duration = Duration::from_secs(5);

/// What ends a run from outside.
pub(super) struct Clock {
    deadline: Option<Instant>,
    interrupted: Option<watch::Receiver<bool>>,
}

impl Clock {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            // A time limit that the clock cannot represent never ends the run.
            deadline: options
                .time_limit
                .and_then(|limit| Instant::now().checked_add(limit)),
            interrupted: options.interrupted.clone(),
        }
    }

    /// Waits for the end of the run; forever if nothing ends it.
    pub(super) async fn over(&self) -> Stopped {
        let mut interrupted = self.interrupted.clone();
        let interrupted = async {
            if let Some(interrupted) = &mut interrupted
                && interrupted.wait_for(|is_so| *is_so).await.is_ok()
            {
                return;
            }
            std::future::pending::<()>().await;
        };
        let deadline = async {
            match self.deadline {
                Some(deadline) => tokio::time::sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = interrupted => Stopped::Interrupted,
            () = deadline => Stopped::TimeLimit,
        }
    }
}

/// How long a case may wait for answers. All of its answers together have the time limit of one, so
/// that a hanging subject costs its timeout once, apart from deleting what the case created. The
/// request that reaches the limit still gets its full time: a slow answer is not a wrong one.
pub(super) struct Patience {
    limit: Duration,
    waited: Cell<Duration>,
    /// Why an answer is missing that did not come in time.
    silence: RefCell<Option<String>>,
}

impl Patience {
    pub(super) fn new(limit: Duration) -> Self {
        Self {
            limit,
            waited: Cell::default(),
            silence: RefCell::default(),
        }
    }

    /// Starts again, for the next case.
    pub(super) fn renew(&self) {
        self.waited.set(Duration::ZERO);
        self.silence.take();
    }

    pub(super) fn note(&self, waited: Duration, silence: Option<String>) {
        self.waited.set(self.waited.get().saturating_add(waited));
        let mut known = self.silence.borrow_mut();
        *known = known.take().or(silence);
    }

    /// Whether an answer did not come in time.
    pub(super) fn timed_out(&self) -> bool {
        self.silence.borrow().is_some()
    }

    /// Why the case must not send anything more.
    pub(super) fn exhausted(&self) -> Option<String> {
        let limit = self.limit.as_secs_f64();
        let silence = self.silence.borrow().clone();
        if silence.is_some() {
            silence
        } else if self.waited.get() >= self.limit {
            Some(format!(
                "the case's answers took longer than {limit} s in total"
            ))
        } else {
            None
        }
    }
}

/// The pause before the case is repeated after that many attempts.
pub(super) fn retry_pause(attempts: u32) -> Duration {
    let factor = 2_u32.saturating_pow(attempts.saturating_sub(1));
    RETRY_PAUSE.saturating_mul(factor).min(LONGEST_RETRY_PAUSE)
}

impl Runner<'_> {
    /// Waits for the subject, up to the caller's limit.
    pub(super) async fn reach(&self, wait: Duration, clock: &Clock) -> Result<(), End> {
        tokio::select! {
            biased;
            why = clock.over() => Err(End::Stopped(why)),
            reached = self.await_start(wait) => reached.map_err(End::Dead),
        }
    }

    async fn await_start(&self, wait: Duration) -> Result<(), String> {
        let Some(deadline) = Instant::now().checked_add(wait).filter(|_| !wait.is_zero()) else {
            let reached = self.subject.is_reachable().await;
            return reached.map_err(|why| why.to_string());
        };
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            self.patience.renew();
            // An open port may be a proxy's. Any answer from the server itself counts.
            let probe = tokio::time::timeout(left, self.call("DescribeIpamPolicies", &[])).await;
            let starts =
                !matches!(&probe, Ok(Ok(answered)) if !FROM_BETWEEN.contains(&answered.status));
            if !starts {
                self.run.answers.forget();
                return Ok(());
            }
            if deadline.saturating_duration_since(Instant::now()) <= STARTING_PAUSE {
                // A server that listens but does not answer is judged for that.
                let reached = self.subject.is_reachable().await;
                return reached
                    .map_err(|why| format!("{why}, after waiting {} s", wait.as_secs_f64()));
            }
            tokio::time::sleep(STARTING_PAUSE).await;
        }
    }
}
