//! Ctrl-C and, on Unix, SIGTERM and SIGHUP.
//!
//! They are received on a thread of their own for as long as the process lives: whatever its other
//! threads wait for, a second signal ends it. So does a first one that no run waits for, such as one
//! while a report is printed.

use crate::log::aside;
use std::io;
use std::process;
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use tokio::sync::watch;

/// The runs that are told of the next signal; `None` as long as signals kill the process.
static RUNS: Mutex<Option<Vec<watch::Sender<bool>>>> = Mutex::new(None);

/// How many file descriptors the runtimes of a command take: for their events, and for signals.
#[cfg(unix)]
const TAKEN_BY_RUNTIMES: usize = 10;

/// Fails if the process may not open as many files as the runtimes need: tokio panics then.
pub(crate) fn has_room() -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::net::UnixStream;

        let pairs = (0..TAKEN_BY_RUNTIMES / 2).map(|_| UnixStream::pair());
        pairs.collect::<io::Result<Vec<_>>>().map_err(|error| {
            let what = format!("too few file descriptors: {error}; raise `ulimit -n`");
            io::Error::new(error.kind(), what)
        })?;
    }
    Ok(())
}

/// Becomes true at the first signal. The second one ends the program at once, as does one after the
/// receiver was dropped.
pub(crate) fn interrupted() -> io::Result<watch::Receiver<bool>> {
    let (sender, receiver) = watch::channel(false);
    let mut runs = lock();
    let is_first = runs.is_none();
    let known = runs.get_or_insert_default();
    known.retain(|run| !run.is_closed());
    known.push(sender);
    drop(runs);
    if is_first {
        receive()?;
    }
    Ok(receiver)
}

fn lock() -> MutexGuard<'static, Option<Vec<watch::Sender<bool>>>> {
    RUNS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts the thread that receives signals. From then on, they no longer kill the process.
fn receive() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (ready, is_ready) = mpsc::channel();
    thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            runtime.block_on(async {
                let mut signals = match Signals::new() {
                    Ok(signals) => signals,
                    Err(error) => {
                        _ = ready.send(Err(error));
                        return;
                    }
                };
                _ = ready.send(Ok(()));
                loop {
                    signals.next().await;
                    note();
                }
            });
        })?;
    is_ready.recv().map_err(io::Error::other)?
}

/// Tells the runs of a signal, or ends the process.
fn note() {
    let runs = lock();
    let told = runs.iter().flatten().map(|run| {
        let is_first = !*run.borrow();
        is_first && run.send(true).is_ok()
    });
    if told.filter(|is_told| *is_told).count() == 0 {
        process::exit(3);
    }
    drop(runs);
    aside("stopping; interrupt again to stop at once".into());
}

/// The signals that stop the program's work.
struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    /// Sent when the terminal closes. The client processes do not receive it.
    #[cfg(unix)]
    hangup: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
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
    async fn next(&mut self) {
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
