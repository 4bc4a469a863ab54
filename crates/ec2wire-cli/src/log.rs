//! A log that never waits for whoever reads it. What is left out of it is counted in it.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

/// How many bytes may wait for the reader.
const ROOM: usize = 256 * 1024;
/// How long the end waits for the reader.
const PATIENCE: Duration = Duration::from_secs(1);

/// Entries that a separate thread writes. An entry for which there is no room is left out, and
/// the log says how many were.
pub(crate) struct Log(Arc<Shared>);

struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    entries: VecDeque<Vec<u8>>,
    /// The length of the entries that are not written, with the one that is being written.
    bytes: usize,
    /// How many entries were left out since the last that was not.
    left_out: usize,
    /// Whether no more entries come.
    has_ended: bool,
    /// Whether the reader is gone.
    is_gone: bool,
    /// Whether the last entry could not be written, for example to a full disk.
    is_failing: bool,
}

impl Log {
    /// Starts the thread that writes the entries.
    pub(crate) fn start(mut out: impl Write + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            changed: Condvar::new(),
        });
        let reader = Arc::clone(&shared);
        thread::Builder::new().name("log".into()).spawn(move || {
            while let Some(entry) = reader.next() {
                let written = out.write_all(&entry).and_then(|()| out.flush());
                reader.note(entry.len(), &written);
            }
        })?;
        Ok(Self(shared))
    }

    /// Adds an entry. Returns whether there was room for it.
    pub(crate) fn add(&self, entry: Vec<u8>) -> bool {
        let mut queue = self.0.lock();
        // Once something was left out, wait for more room, so that the gaps are few.
        let room = if queue.left_out > 0 { ROOM / 2 } else { ROOM };
        let has_room = queue.bytes == 0 || queue.bytes.saturating_add(entry.len()) <= room;
        if has_room {
            queue.push(entry);
            self.0.changed.notify_all();
        } else {
            queue.left_out += 1;
        }
        has_room
    }

    /// Adds the last entry, and waits a little for the reader. Returns whether the reader took
    /// everything.
    pub(crate) fn end(self, last: Vec<u8>) -> bool {
        let mut queue = self.0.lock();
        queue.push(last);
        queue.has_ended = true;
        self.0.changed.notify_all();
        let is_busy = |queue: &mut Queue| queue.bytes > 0;
        let waited = self.0.changed.wait_timeout_while(queue, PATIENCE, is_busy);
        let (queue, _) = waited.unwrap_or_else(PoisonError::into_inner);
        queue.bytes == 0 && queue.left_out == 0 && !queue.is_gone
    }
}

impl Queue {
    fn push(&mut self, entry: Vec<u8>) {
        if self.is_gone {
            return;
        }
        self.push_gap();
        self.bytes += entry.len();
        self.entries.push_back(entry);
    }

    /// Says how many entries were left out.
    fn push_gap(&mut self) {
        let noun = match self.left_out {
            0 => return,
            1 => "exchange was",
            _ => "exchanges were",
        };
        let count = self.left_out;
        let gap = format!("ec2wire: {count} {noun} left out of the log: it was not read in time\n");
        self.left_out = 0;
        self.bytes += gap.len();
        self.entries.push_back(gap.into_bytes());
    }

    /// Whether there is nothing to write.
    fn is_idle(&self) -> bool {
        let has_gap = self.left_out > 0 && !self.is_failing;
        self.entries.is_empty() && !has_gap && !self.has_ended
    }
}

impl Shared {
    /// The state is valid even after a panic.
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the next entry; `None` after the last one.
    fn next(&self) -> Option<Vec<u8>> {
        let is_idle = |queue: &mut Queue| queue.is_idle();
        let waited = self.changed.wait_while(self.lock(), is_idle);
        let mut queue = waited.unwrap_or_else(PoisonError::into_inner);
        if queue.entries.is_empty() && !queue.has_ended {
            queue.push_gap();
        }
        queue.entries.pop_front()
    }

    /// Notes that an entry was written, or could not be.
    fn note(&self, length: usize, written: &io::Result<()>) {
        let mut queue = self.lock();
        queue.bytes = queue.bytes.saturating_sub(length);
        queue.is_failing = written.is_err();
        match written {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                queue.is_gone = true;
                queue.entries.clear();
                queue.bytes = 0;
            }
            // A full disk may have room again later.
            Err(_) => queue.left_out += 1,
        }
        self.changed.notify_all();
    }
}

/// Writes a message to standard error, which may be a pipe that nobody reads: waits only a little.
pub(crate) fn aside(message: String) {
    let (done, written) = mpsc::channel();
    let thread = thread::Builder::new().spawn(move || {
        _ = writeln!(io::stderr(), "ec2wire: {message}");
        _ = done.send(());
    });
    if thread.is_ok() {
        _ = written.recv_timeout(PATIENCE);
    }
}
