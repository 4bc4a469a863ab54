//! What `verify server` and `verify client` do during a run: write the records and show progress.

use crate::Failure;
use crate::report::Records;
use ec2wire_conformance::record::RunRecord;
use ec2wire_conformance::runner::Event;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal as _};

/// A run's records, and a progress line if there is a terminal.
pub(crate) struct Progress {
    records: Records,
    bar: ProgressBar,
    failed: usize,
}

impl Progress {
    /// The progress of a run with this many cases.
    pub(crate) fn new(cases: usize, records: Records) -> Self {
        Self {
            records,
            bar: progress_bar(cases),
            failed: 0,
        }
    }

    /// Records an event.
    pub(crate) fn note(&mut self, event: Event<'_>) {
        match event {
            // What could not be written is said at the end.
            Event::Begins(head) => drop(self.records.run(head)),
            Event::Next(case) => drop(self.records.case(case)),
            Event::Judged(case) => {
                self.failed += usize::from(case.is_unexpected_fail());
                let failed = self.failed;
                self.bar
                    .set_message(format!("{failed} failed  {}", case.id));
                self.bar.inc(1);
            }
            Event::Trouble(what) => self.bar.suspend(|| eprintln!("ec2wire: {what}")),
            _ => {}
        }
    }

    /// Sets the text of the progress line.
    pub(crate) fn set_message(&self, message: &'static str) {
        self.bar.set_message(message);
    }

    /// Writes the totals.
    pub(crate) fn summary(&mut self, record: &RunRecord) {
        drop(self.records.summary(&record.summary));
    }

    /// Removes the progress line. Fails if a record could not be written.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        self.bar.finish_and_clear();
        self.records.finish()
    }
}

/// A progress line on a terminal, otherwise nothing.
pub(crate) fn progress_bar(cases: usize) -> ProgressBar {
    let target = if io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let bar = ProgressBar::with_draw_target(u64::try_from(cases).ok(), target);
    match ProgressStyle::with_template("{bar:30} {pos}/{len}  {wide_msg}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
