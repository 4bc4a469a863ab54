//! What `verify server` and `verify client` do during a run: write the records and show progress.

use crate::Failure;
use ec2wire_conformance::record::{NdjsonWriter, RunRecord};
use ec2wire_conformance::runner::Event;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, ErrorKind, IsTerminal as _, Write};

/// A record that is written during the run.
type Writer = NdjsonWriter<Box<dyn Write>>;

/// A run's records, and a progress line if there is a terminal.
pub(crate) struct Progress<'r> {
    records: &'r mut [Writer],
    bar: ProgressBar,
    failed: usize,
    written: io::Result<()>,
}

impl<'r> Progress<'r> {
    /// The progress of a run with this many cases.
    pub(crate) fn new(cases: usize, records: &'r mut [Writer]) -> Self {
        Self {
            records,
            bar: progress_bar(cases),
            failed: 0,
            written: Ok(()),
        }
    }

    /// Records an event.
    pub(crate) fn note(&mut self, event: Event<'_>) {
        match event {
            Event::Begins(head) => self.write(|record| record.run(head)),
            Event::Next(case) => self.write(|record| record.case(case)),
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
        self.write(|writer| writer.summary(&record.summary));
    }

    /// Removes the progress line. Fails if a record could not be written.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        self.bar.finish_and_clear();
        match self.written {
            // A reader that closes the pipe early, such as `head`, does not change the verdict.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            written => written
                .map_err(|error| Failure::environment(format!("cannot write the record: {error}"))),
        }
    }

    fn write(&mut self, line: impl Fn(&mut Writer) -> io::Result<()>) {
        for record in &mut *self.records {
            // A full disk does not end the run: the terminal still shows the results.
            if self.written.is_ok() {
                self.written = line(record);
            }
        }
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
