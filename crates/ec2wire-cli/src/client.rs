//! `ec2wire verify client`.

use crate::args::Client;
use crate::expect::Expected;
use crate::report::Outputs;
use crate::run::Progress;
use crate::select::{LIST_CLIENTS, client_catalogue, select};
use crate::{Failure, block_on, both, signals};
use ec2wire_conformance::record::RunRecord;
use ec2wire_conformance::runner::{self, Options};
use ec2wire_conformance::subject::adapter::Adapter;
use ec2wire_conformance::{Case, Catalogue};

/// Judges a client.
pub(crate) fn run(args: &Client) -> Result<u8, Failure> {
    let catalogue = client_catalogue(&args.selection.cases, args.selection.no_embedded)?;
    let expected = Expected::read(&args.expect)?;
    let cases = select(&catalogue, &args.selection, LIST_CLIENTS)?;
    expected.try_write()?;
    let mut reports = Outputs::open(&args.reports.report, &expected.files())?;
    let records = reports.records();
    let mut options = Options::default()
        .jobs(usize::from(args.jobs))
        .time_limit(args.total_timeout)
        .fail_fast(args.fail_fast);
    options.expectations.clone_from(&expected.list);
    let mut progress = Progress::new(cases.len(), records);
    let record = block_on(judge(args, &catalogue, &cases, options, &mut progress))?;
    let written = progress.finish();
    // A file that cannot be written stops neither the others nor the terminal output.
    let written = both(written, expected.write(&record, &catalogue));
    let written = both(written, reports.write(&record));
    reports.show(&record, args.reports.detail(args.quiet))?;
    written.map(|()| record.summary.exit_code())
}

/// Runs the cases.
async fn judge(
    args: &Client,
    catalogue: &Catalogue,
    cases: &[&Case],
    options: Options,
    progress: &mut Progress,
) -> Result<RunRecord, Failure> {
    let mut words = args.command.iter().cloned();
    let program = words
        .next()
        .ok_or_else(|| Failure::usage("the adapter command is missing"))?;
    let adapter = Adapter::new(program, words.collect(), args.timeout);
    let options = options.interrupted(signals::interrupted().map_err(Failure::environment)?);
    let mut watch = |event: runner::Event<'_>| progress.note(event);
    let run = runner::client::run(catalogue, cases, &adapter, &options, &mut watch);
    let record = run.await.map_err(Failure::environment)?;
    progress.summary(&record);
    Ok(record)
}
