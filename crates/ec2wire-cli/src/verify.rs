//! `ec2wire verify server`.

use crate::args::{Credentials, Server};
use crate::expect::Expected;
use crate::generate::GeneratedPhase;
use crate::report::Outputs;
use crate::run::Progress;
use crate::select::{catalogue_of, fixtures, list_of, select};
use crate::{Failure, block_on, both, signals};
use ec2wire_conformance::generate::shrink::Shrunk;
use ec2wire_conformance::record::RunRecord;
use ec2wire_conformance::runner::{self, Event, Options};
use ec2wire_conformance::subject::http::{HttpSubject, Signer};
use ec2wire_conformance::{Case, Catalogue};
use ec2wire_reference::{Config, Endpoint};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// The server at an endpoint.
pub(crate) fn subject(
    url: &str,
    credentials: &Credentials,
    timeout: Duration,
) -> Result<HttpSubject, Failure> {
    let signer = Signer {
        access_key_id: credentials.access_key_id.clone(),
        secret_access_key: credentials.secret_access_key.clone(),
        session_token: credentials
            .session_token
            .clone()
            .filter(|token| !token.is_empty()),
        region: credentials.region.clone(),
    };
    HttpSubject::new(url, signer, timeout).map_err(Failure::usage)
}

/// Judges a server.
pub(crate) fn server(args: &Server) -> Result<u8, Failure> {
    let fixtures = fixtures(&args.by_action)?;
    let (folders, no_embedded) = (&args.selection.cases, args.selection.no_embedded);
    let asked = &args.selection.run;
    let mut catalogue = catalogue_of(folders, no_embedded, asked, &args.by_action, &fixtures)?;
    let expected = Expected::read(&args.expect)?;
    let phase = GeneratedPhase::prepare(&args.generate, &mut catalogue)?;
    let cases = select(&catalogue, &args.selection, &list_of(&args.by_action))?;
    expected.try_write()?;
    // Checked first: an invalid command line must not overwrite an existing record.
    if let Some(url) = &args.endpoint {
        check_allowed(&subject(url, &args.credentials, args.limits.timeout)?, args)?;
    }
    // Opened before the run: a path that cannot be written must not waste a run.
    let mut reports = Outputs::open(&args.reports.report, &expected.files())?;
    let records = reports.records();
    let mut options = Options::default()
        .settle(args.limits.settle)
        .jobs(usize::from(args.running.jobs))
        .retries(args.running.retries)
        .wait(args.limits.wait)
        .time_limit(args.limits.total_timeout)
        .fail_fast(args.running.fail_fast)
        .min_judged(args.min_judged)
        .ask_first(takes_all(args))
        .fixtures(fixtures);
    options.ipam_id.clone_from(&args.ipam_id);
    options.expectations.clone_from(&expected.list);
    options.generated = phase.generated();
    let mut progress = Progress::new(cases.len(), records);
    let judged = judge(args, &catalogue, &cases, &phase, options, &mut progress);
    let (record, shrunk) = block_on(judged)?;
    let written = progress.finish();
    // A file that cannot be written stops neither the others nor the terminal output.
    let written = both(written, expected.write(&record, &catalogue));
    let written = both(written, reports.write(&record));
    reports.show(&record, args.reports.detail(args.quiet))?;
    phase.finish(&shrunk)?;
    written.map(|()| record.summary.exit_code())
}

/// Whether the run is of the embedded cases, as they are.
fn takes_all(args: &Server) -> bool {
    let selection = &args.selection;
    let is_whole =
        selection.run.is_empty() && selection.skip.is_empty() && selection.cases.is_empty();
    is_whole && args.by_action.action.is_empty() && args.generate.count == 0
}

/// Refuses AWS as the endpoint unless --allow-aws is set.
fn check_allowed(subject: &HttpSubject, args: &Server) -> Result<(), Failure> {
    if subject.is_aws() && !args.allow_aws {
        return Err(Failure::usage(
            "the endpoint is AWS; use --allow-aws to send dry runs and requests that must be refused, \
             and --allow-create to send the others too",
        ));
    }
    Ok(())
}

/// The reference endpoint, on loopback, with these IPAMs.
pub(crate) async fn embedded_endpoint(
    credentials: &Credentials,
    ipam_ids: Vec<String>,
) -> Result<Endpoint, Failure> {
    let config = Config {
        region: credentials.region.clone(),
        ipam_ids,
        ..Config::default()
    };
    let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Endpoint::bind(loopback, config)
        .await
        .map_err(Failure::environment)
}

/// Runs the cases and shrinks the generated ones that fail.
async fn judge(
    args: &Server,
    catalogue: &Catalogue,
    cases: &[&Case],
    phase: &GeneratedPhase,
    mut options: Options,
    progress: &mut Progress,
) -> Result<(RunRecord, Vec<Shrunk>), Failure> {
    let embedded = if args.endpoint.is_some() {
        None
    } else {
        let ipams = args.ipam_id.iter().cloned().collect();
        Some(embedded_endpoint(&args.credentials, ipams).await?)
    };
    let url = match (&args.endpoint, &embedded) {
        (Some(url), _) => url.clone(),
        (None, Some(endpoint)) => endpoint.url(),
        (None, None) => return Err(Failure::usage("the endpoint is missing")),
    };
    let subject = subject(&url, &args.credentials, args.limits.timeout)?;
    check_allowed(&subject, args)?;
    options.allow_create = !subject.is_aws() || args.allow_create;
    options.embedded = embedded.is_some();
    options.interrupted = Some(signals::interrupted().map_err(Failure::environment)?);
    let mut watch = |event: Event<'_>| match event {
        // What fails is made simpler before it is written.
        Event::Next(case) if phase.has_made(case) => {}
        event => progress.note(event),
    };
    let run = runner::run(catalogue, cases, &subject, &options, &mut watch);
    let mut record = run.await.map_err(Failure::environment)?;
    progress.set_message("shrinking failures");
    let shrunk = phase
        .shrink(&mut record, catalogue, &subject, &options)
        .await?;
    for case in record.cases.iter().filter(|case| phase.has_made(case)) {
        progress.note(Event::Next(case));
    }
    progress.summary(&record);
    if let Some(endpoint) = embedded {
        endpoint.stop().await;
    }
    Ok((record, shrunk))
}
