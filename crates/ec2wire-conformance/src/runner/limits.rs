//! What bounds a run and its cases in time.

use super::{End, Options, Runner};
use crate::record::Stopped;
use std::cell::Cell;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// How often a server that is starting is asked again.
const STARTING_PAUSE: Duration = Duration::from_millis(200);
/// How long to wait before a case is run again; twice as long each further time.
const RETRY_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_RETRY_PAUSE: Duration = Duration::from_secs(5);
/// What a proxy answers while the server behind it starts.
const NOT_YET: std::ops::RangeInclusive<u16> = 502..=504;

/// What ends a run from outside.
pub(super) struct Clock {
    deadline: Option<Instant>,
    interrupted: Option<watch::Receiver<bool>>,
}

impl Clock {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            // One that is out of the clock's reach is none.
            deadline: options
                .time_limit
                .and_then(|limit| Instant::now().checked_add(limit)),
            interrupted: options.interrupted.clone(),
        }
    }

    /// Waits until the run is over, for ever where nothing ends it.
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

/// How long a case may wait for answers: all of them together as long as for one, so that a subject
/// that hangs costs its timeout once, but for the deletion of what the case made. The request that reaches the limit is still given its time:
/// a slow answer is no wrong one.
pub(super) struct Patience {
    limit: Duration,
    waited: Cell<Duration>,
    timed_out: Cell<bool>,
}

impl Patience {
    pub(super) fn new(limit: Duration) -> Self {
        Self {
            limit,
            waited: Cell::default(),
            timed_out: Cell::default(),
        }
    }

    /// Begins anew, with the next case.
    pub(super) fn renew(&self) {
        self.waited.set(Duration::ZERO);
        self.timed_out.set(false);
    }

    pub(super) fn note(&self, waited: Duration, timed_out: bool) {
        self.waited.set(self.waited.get().saturating_add(waited));
        self.timed_out.set(self.timed_out.get() || timed_out);
    }

    /// Whether an answer did not come in time.
    pub(super) fn timed_out(&self) -> bool {
        self.timed_out.get()
    }

    /// Why the case may send nothing more, where it may not.
    pub(super) fn spent(&self) -> Option<String> {
        let limit = self.limit.as_secs_f64();
        if self.timed_out.get() {
            Some(format!("no answer came within {limit} s"))
        } else if self.waited.get() >= self.limit {
            Some(format!(
                "the answers to the case took longer than {limit} s together"
            ))
        } else {
            None
        }
    }
}

/// How long to wait before the case is run again after so many attempts.
pub(super) fn retry_pause(attempts: u32) -> Duration {
    let factor = 2_u32.saturating_pow(attempts.saturating_sub(1));
    RETRY_PAUSE.saturating_mul(factor).min(LONGEST_RETRY_PAUSE)
}

impl Runner<'_> {
    /// Waits for the subject, for as long as the caller wants to.
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
            // A port that is open may be a proxy's. Any answer of the server itself will do.
            let probe = tokio::time::timeout(left, self.call("DescribeIpamPolicies", &[])).await;
            let starts = !matches!(&probe, Ok(Ok(answered)) if !NOT_YET.contains(&answered.status));
            if !starts {
                return Ok(());
            }
            if deadline.saturating_duration_since(Instant::now()) <= STARTING_PAUSE {
                // What listens and does not answer is judged for that.
                let reached = self.subject.is_reachable().await;
                return reached
                    .map_err(|why| format!("{why}, after a wait of {} s", wait.as_secs_f64()));
            }
            tokio::time::sleep(STARTING_PAUSE).await;
        }
    }
}
