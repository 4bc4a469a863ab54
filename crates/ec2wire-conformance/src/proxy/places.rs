//! How many connections are open at a time, and what becomes of the clients beyond that.

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many connections may be open at most, whatever the system allows.
const MOST_CONNECTIONS: usize = 10_000;
/// How many clients are told at a time that there are too many. Others wait until they are.
const MOST_REFUSALS: usize = 16;
/// How long a client waits for another connection to end. Proxies that forward to each other in a
/// circle wait for each other, and none of their connections ends before one is refused.
const PATIENCE: Duration = Duration::from_secs(2);
/// How many descriptors the connections leave for everything else: refusals, reports, look-ups.
#[cfg(unix)]
const OTHER_FILES: usize = 64;

/// The places for clients. Those that have none yet are not accepted, except the first of them, and
/// the system keeps them waiting.
pub(super) struct Places {
    connections: Arc<Semaphore>,
    refusals: Arc<Semaphore>,
    patience: Duration,
    /// Whether the last client waited in vain. The next ones then do not wait as long again.
    was_full: bool,
}

/// What a client gets, until it is dropped.
#[derive(Debug)]
pub(super) enum Place {
    Connection(#[expect(dead_code, reason = "dropping it frees the place")] OwnedSemaphorePermit),
    Refusal(#[expect(dead_code, reason = "dropping it frees the place")] OwnedSemaphorePermit),
}

impl Places {
    /// As many as the system has descriptors for.
    pub(super) fn new() -> Self {
        Self::with(most_connections(), MOST_REFUSALS, PATIENCE)
    }

    fn with(connections: usize, refusals: usize, patience: Duration) -> Self {
        Self {
            connections: Arc::new(Semaphore::new(connections)),
            refusals: Arc::new(Semaphore::new(refusals)),
            patience,
            was_full: false,
        }
    }

    /// Waits for a place for the next client.
    pub(super) async fn take(&mut self) -> Place {
        let free = Arc::clone(&self.connections).acquire_owned();
        tokio::pin!(free);
        let patience = if self.was_full {
            Duration::ZERO
        } else {
            self.patience
        };
        let refusal = async {
            tokio::time::sleep(patience).await;
            Arc::clone(&self.refusals).acquire_owned().await
        };
        // Neither semaphore is ever closed.
        let place = tokio::select! {
            biased;
            Ok(place) = &mut free => Place::Connection(place),
            Ok(place) = refusal => Place::Refusal(place),
            else => std::future::pending().await,
        };
        self.was_full = matches!(place, Place::Refusal(_));
        place
    }
}

/// More than the system has descriptors for would all wait for each other if proxies forward to each
/// other in a circle. A connection has two.
fn most_connections() -> usize {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit};

        let files = getrlimit(Resource::Nofile).current;
        let files = files.map_or(usize::MAX, |files| {
            usize::try_from(files).unwrap_or(usize::MAX)
        });
        (files.saturating_sub(OTHER_FILES) / 2).clamp(1, MOST_CONNECTIONS)
    }
    #[cfg(not(unix))]
    MOST_CONNECTIONS
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_hours(1);
    const SHORT: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn a_client_waits_until_a_connection_ends() {
        let mut places = Places::with(1, 1, LONG);
        let first = places.take().await;
        assert!(matches!(first, Place::Connection(_)));
        let second = tokio::spawn(async move { places.take().await });
        tokio::time::sleep(SHORT).await;
        assert!(!second.is_finished());
        drop(first);
        assert!(matches!(second.await, Ok(Place::Connection(_))));
    }

    #[tokio::test]
    async fn a_client_that_waits_in_vain_is_refused() {
        let mut places = Places::with(1, 1, SHORT);
        let connection = places.take().await;
        let refusal = places.take().await;
        assert!(matches!(refusal, Place::Refusal(_)));
        // Nor are there more refusals than that at a time.
        let more = tokio::time::timeout(SHORT * 3, places.take()).await;
        assert!(more.is_err());
        // Nobody waits long again.
        places.patience = LONG;
        drop(refusal);
        assert!(matches!(places.take().await, Place::Refusal(_)));
        drop(connection);
        assert!(matches!(places.take().await, Place::Connection(_)));
        assert!(!places.was_full);
    }
}
