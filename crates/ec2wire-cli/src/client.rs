//! `ec2wire verify client`.

use crate::args::Client;
use crate::report::Outputs;
use crate::verify::{LIST_CLIENTS, client_catalogue, known_failures, progress_bar, select};
use crate::{Failure, block_on, expect, signals};
use ec2wire_conformance::record::{NdjsonWriter, RunRecord};
use ec2wire_conformance::runner::{self, Event, Options};
use ec2wire_conformance::subject::adapter::Adapter;
use ec2wire_conformance::{Case, Catalogue};
use std::io::{ErrorKind, Write};

/// Judges a client.
pub(crate) fn run(args: &Client) -> Result<u8, Failure> {
    let catalogue = client_catalogue(&args.selection.cases, args.selection.no_embedded)?;
    let expectations = args
        .expect
        .expect
        .as_deref()
        .map(expect::read)
        .transpose()?;
    let cases = select(&catalogue, &args.selection, LIST_CLIENTS)?;
    if let Some(path) = &args.expect.expect_write {
        expect::try_path(path)?;
    }
    let mut reports = Outputs::open(&args.reports.report, &known_failures(&args.expect))?;
    let mut records = reports.records();
    let options = Options {
        jobs: usize::from(args.jobs),
        time_limit: Some(args.total_timeout),
        fail_fast: args.fail_fast,
        expectations: expectations.clone(),
        ..Options::default()
    };
    let (record, written) = block_on(judge(args, &catalogue, &cases, options, &mut records))?;
    if let Some(path) = &args.expect.expect_write {
        expect::write(path, &record, &catalogue, expectations.as_ref())?;
    }
    // What cannot be written costs neither the other reports nor what the terminal shows.
    let written = reports.write(&record).and(written);
    reports.show(&record, args.reports.verbose)?;
    written.map(|()| record.summary.exit_code())
}

/// Runs the cases; the records are written as the run goes. Returns how that went, too.
async fn judge(
    args: &Client,
    catalogue: &Catalogue,
    cases: &[&Case],
    mut options: Options,
    records: &mut [NdjsonWriter<Box<dyn Write>>],
) -> Result<(RunRecord, Result<(), Failure>), Failure> {
    let mut words = args.command.iter().cloned();
    let program = words
        .next()
        .ok_or_else(|| Failure::usage("there is no command"))?;
    let adapter = Adapter::new(program, words.collect(), args.timeout);
    options.interrupted = Some(signals::interrupted().map_err(Failure::environment)?);
    let progress = progress_bar(cases.len());
    let mut broken = 0_usize;
    let mut written = Ok(());
    let mut write = |line: &dyn Fn(&mut NdjsonWriter<_>) -> std::io::Result<()>| {
        for record in &mut *records {
            if written.is_ok() {
                written = line(record);
            }
        }
    };
    let mut watch = |event: Event<'_>| match event {
        Event::Begins(head) => write(&|record| record.run(head)),
        Event::Next(case) => write(&|record| record.case(case)),
        Event::Judged(case) => {
            broken += usize::from(case.is_unexpected_fail());
            progress.set_message(format!("{broken} failed  {}", case.id));
            progress.inc(1);
        }
        Event::Trouble(what) => progress.suspend(|| eprintln!("ec2wire: {what}")),
    };
    let run = runner::client::run(catalogue, cases, &adapter, &options, &mut watch);
    let record = run.await.map_err(Failure::environment)?;
    write(&|writer| writer.summary(&record.summary));
    progress.finish_and_clear();
    let written = match written {
        // A reader that has seen enough, as `head` has, does not change the verdict.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(|error| Failure::environment(format!("the record: {error}"))),
    };
    Ok((record, written))
}
