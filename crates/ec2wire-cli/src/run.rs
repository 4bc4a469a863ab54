//! What `verify server` and `verify client` do while a run goes on: they write the records and show
//! how far it is.

use crate::Failure;
use ec2wire_conformance::record::{NdjsonWriter, RunRecord};
use ec2wire_conformance::runner::Event;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, ErrorKind, IsTerminal as _, Write};

/// A record that is written as the run goes.
type Writer = NdjsonWriter<Box<dyn Write>>;

/// A run's records, and a line of progress where there is a terminal.
pub(crate) struct Progress<'r> {
    records: &'r mut [Writer],
    bar: ProgressBar,
    failed: usize,
    written: io::Result<()>,
}

impl<'r> Progress<'r> {
    /// The progress of a run of so many cases.
    pub(crate) fn new(cases: usize, records: &'r mut [Writer]) -> Self {
        Self {
            records,
            bar: progress_bar(cases),
            failed: 0,
            written: Ok(()),
        }
    }

    /// Notes what happens.
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

    /// Says what is done now.
    pub(crate) fn set_message(&self, message: &'static str) {
        self.bar.set_message(message);
    }

    /// Writes the totals.
    pub(crate) fn summary(&mut self, record: &RunRecord) {
        self.write(|writer| writer.summary(&record.summary));
    }

    /// Takes the line of progress away. Fails where a record could not be written.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        self.bar.finish_and_clear();
        match self.written {
            // A reader that has seen enough, as `head` has, does not change the verdict.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            written => {
                written.map_err(|error| Failure::environment(format!("the record: {error}")))
            }
        }
    }

    fn write(&mut self, line: impl Fn(&mut Writer) -> io::Result<()>) {
        for record in &mut *self.records {
            // A disk that is full does not end the run: the terminal still shows it.
            if self.written.is_ok() {
                self.written = line(record);
            }
        }
    }
}

/// A line of progress on a terminal, nothing elsewhere.
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
