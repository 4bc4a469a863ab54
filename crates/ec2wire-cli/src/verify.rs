//! `ec2wire verify`.

use crate::args::{LevelArg, Selection as SelectionArgs, Server};
use crate::{Failure, block_on};
use ec2wire_conformance::record::RunRecord;
use ec2wire_conformance::report::terminal::{self, Layout};
use ec2wire_conformance::runner::{self, Options};
use ec2wire_conformance::subject::http::{HttpSubject, Signer};
use ec2wire_conformance::{Case, Catalogue, Level, Selection, Verdict};
use ec2wire_reference::{Config, Endpoint};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::fs::File;
use std::io::{BufWriter, ErrorKind, IsTerminal as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// The width where the output is no terminal.
pub(crate) const PIPE_WIDTH: usize = 120;

/// The embedded catalogue and the user's own cases.
pub(crate) fn catalogue(folders: &[PathBuf]) -> Result<Catalogue, Failure> {
    let mut catalogue = Catalogue::embedded().map_err(Failure::usage)?;
    for folder in folders {
        catalogue.add_folder(folder).map_err(Failure::usage)?;
    }
    Ok(catalogue)
}

/// The cases of a selection.
pub(crate) fn select<'c>(
    catalogue: &'c Catalogue,
    args: &SelectionArgs,
) -> Result<Vec<&'c Case>, Failure> {
    let level = match args.level {
        LevelArg::Must => Level::Must,
        LevelArg::Should => Level::Should,
        LevelArg::May => Level::May,
    };
    let selection = Selection::new(&args.run, &args.skip, level).map_err(Failure::usage)?;
    Ok(catalogue.select(&selection))
}

/// Judges a server.
pub(crate) fn server(args: &Server) -> Result<u8, Failure> {
    let catalogue = catalogue(&args.selection.cases)?;
    let cases = select(&catalogue, &args.selection)?;
    // Opened first: a path that cannot be written must not cost a run.
    let mut reports = Vec::new();
    for report in &args.report {
        let file = File::create(&report.path)
            .map_err(|error| Failure::usage(format!("{}: {error}", report.path.display())))?;
        reports.push(BufWriter::new(file));
    }
    let record = block_on(judge(args, &catalogue, &cases))?;
    for report in &mut reports {
        record.write_ndjson(&mut *report)?;
        report.flush()?;
    }
    let width = terminal_size::terminal_size_of(std::io::stdout())
        .map_or(PIPE_WIDTH, |(width, _)| usize::from(width.0));
    let layout = Layout {
        width,
        verbose: args.verbose,
    };
    match terminal::write(anstream::stdout().lock(), &record, layout) {
        // A reader that has seen enough, as `head` has, does not change the verdict.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
        written => written?,
    }
    Ok(record.summary.exit_code())
}

async fn judge(
    args: &Server,
    catalogue: &Catalogue,
    cases: &[&Case],
) -> Result<RunRecord, Failure> {
    let embedded = if args.endpoint.is_some() {
        None
    } else {
        let config = Config {
            region: args.credentials.region.clone(),
            ipam_ids: args.ipam_id.iter().cloned().collect(),
            ..Config::default()
        };
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Some(
            Endpoint::bind(loopback, config)
                .await
                .map_err(Failure::environment)?,
        )
    };
    let url = match (&args.endpoint, &embedded) {
        (Some(url), _) => url.clone(),
        (None, Some(endpoint)) => endpoint.url(),
        (None, None) => return Err(Failure::usage("there is no endpoint")),
    };
    let signer = Signer {
        access_key_id: args.credentials.access_key_id.clone(),
        secret_access_key: args.credentials.secret_access_key.clone(),
        session_token: args
            .credentials
            .session_token
            .clone()
            .filter(|token| !token.is_empty()),
        region: args.credentials.region.clone(),
    };
    let timeout = Duration::from_secs(args.timeout);
    let subject = HttpSubject::new(&url, signer, timeout).map_err(Failure::usage)?;
    if subject.is_aws() && !args.allow_aws {
        return Err(Failure::usage(
            "the endpoint is one of AWS; --allow-aws sends it dry runs and requests that must be \
             refused, --allow-create the others too",
        ));
    }
    let options = Options {
        ipam_id: args.ipam_id.clone(),
        allow_create: !subject.is_aws() || args.allow_create,
        settle: Duration::from_secs(args.settle),
    };
    let progress = progress_bar(cases.len());
    let mut broken = 0_usize;
    let record = runner::run(catalogue, cases, &subject, &options, &mut |case| {
        broken += usize::from(case.verdict == Verdict::Fail);
        progress.set_message(format!("{broken} failed  {}", case.id));
        progress.inc(1);
    })
    .await
    .map_err(Failure::environment)?;
    progress.finish_and_clear();
    if let Some(endpoint) = embedded {
        endpoint.stop().await;
    }
    Ok(record)
}

/// A line of progress on a terminal, nothing elsewhere.
pub(crate) fn progress_bar(cases: usize) -> ProgressBar {
    let target = if std::io::stderr().is_terminal() {
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
