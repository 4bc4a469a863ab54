//! Ctrl-C and, on Unix, SIGTERM and SIGHUP.

use std::io;
use std::process;
use tokio::sync::watch;

/// The signals that stop the program's work. After the first call of [`new`](Self::new), they no
/// longer kill the process.
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    /// Sent when the terminal closes. The client processes do not receive it.
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

    /// Waits for the next signal.
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

/// Becomes true at the first signal. The second one ends the program at once.
pub(crate) fn interrupted() -> io::Result<watch::Receiver<bool>> {
    let mut signals = Signals::new()?;
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        signals.next().await;
        eprintln!("ec2wire: stopping; interrupt again to stop at once");
        let _ = sender.send(true);
        signals.next().await;
        process::exit(3);
    });
    Ok(receiver)
}
