//! Ctrl-C and, where there is such a thing, requests to terminate.

use std::io;
use std::process;
use tokio::sync::watch;

/// The signals that end the program's work. From the first call of [`new`](Self::new) on they no
/// longer end the program itself.
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    /// The terminal is closed, which the clients that were started are not told.
    #[cfg(unix)]
    hangup: tokio::signal::unix::Signal,
}

impl Signals {
    pub(crate) fn new() -> io::Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};

            Ok(Self {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
                hangup: signal(SignalKind::hangup())?,
            })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hangup.recv() => {}
        }
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Becomes true with the first signal. The second ends the program at once.
pub(crate) fn interrupted() -> io::Result<watch::Receiver<bool>> {
    let mut signals = Signals::new()?;
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        signals.next().await;
        eprintln!("ec2wire: stopping; once more stops at once");
        let _ = sender.send(true);
        signals.next().await;
        process::exit(3);
    });
    Ok(receiver)
}
