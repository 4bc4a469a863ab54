//! `ec2wire verify`.

use crate::args::{ByAction, Credentials, Expect, LevelArg, Selection as SelectionArgs, Server};
use crate::generate::GeneratedPhase;
use crate::report::Outputs;
use crate::{Failure, block_on, expect, signals};
use ec2wire_conformance::expectation::Expectations;
use ec2wire_conformance::generate::shrink::Shrunk;
use ec2wire_conformance::laws::{self, Fixtures};
use ec2wire_conformance::record::{NdjsonWriter, RunRecord};
use ec2wire_conformance::runner::{self, Event, Options};
use ec2wire_conformance::subject::http::{HttpSubject, Signer};
use ec2wire_conformance::{Case, Catalogue, Level, Selection};
use ec2wire_reference::{Config, Endpoint};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{ErrorKind, IsTerminal as _, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The embedded catalogue for servers and the user's own cases.
pub(crate) fn catalogue(folders: &[PathBuf], no_embedded: bool) -> Result<Catalogue, Failure> {
    let embedded = if no_embedded {
        Catalogue::without_cases()
    } else {
        Catalogue::embedded()
    };
    with_own(embedded.map_err(Failure::usage)?, folders)
}

/// The embedded catalogue for clients and the user's own cases.
pub(crate) fn client_catalogue(
    folders: &[PathBuf],
    no_embedded: bool,
) -> Result<Catalogue, Failure> {
    let embedded = if no_embedded {
        Catalogue::clients_without_cases()
    } else {
        Catalogue::clients()
    };
    with_own(embedded.map_err(Failure::usage)?, folders)
}

fn with_own(mut catalogue: Catalogue, folders: &[PathBuf]) -> Result<Catalogue, Failure> {
    for folder in folders {
        catalogue.add_folder(folder).map_err(Failure::usage)?;
    }
    Ok(catalogue)
}

/// The catalogue of a run: the cases of the actions that it names, or else the embedded ones.
pub(crate) fn catalogue_of(
    folders: &[PathBuf],
    no_embedded: bool,
    by_action: &ByAction,
    fixtures: &Fixtures,
) -> Result<Catalogue, Failure> {
    let no_embedded = no_embedded || !by_action.action.is_empty();
    let mut catalogue = catalogue(folders, no_embedded)?;
    laws::add(&mut catalogue, &by_action.action, fixtures).map_err(Failure::usage)?;
    Ok(catalogue)
}

/// What requests need that are not written out, the user's before the embedded.
pub(crate) fn fixtures(by_action: &ByAction) -> Result<Fixtures, Failure> {
    let embedded = Fixtures::embedded().map_err(Failure::environment)?;
    let Some(path) = &by_action.fixtures else {
        return Ok(embedded);
    };
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("{name}: {error}")))?;
    let given = Fixtures::read(&name, &text).map_err(Failure::usage)?;
    Ok(embedded.with(given))
}

/// The command that lists the cases for servers.
pub(crate) const LIST: &str = "ec2wire cases list";

/// The command that lists the cases for clients.
pub(crate) const LIST_CLIENTS: &str = "ec2wire cases list --clients";

/// The command that lists the cases for servers, of these actions where there are any.
pub(crate) fn list_of(by_action: &ByAction) -> String {
    let globs = by_action.action.iter();
    let globs = globs.map(|glob| format!(" --action '{glob}'"));
    [LIST.to_owned()].into_iter().chain(globs).collect()
}

/// The cases of a selection. `list` is the command that lists all that there are.
pub(crate) fn select<'c>(
    catalogue: &'c Catalogue,
    args: &SelectionArgs,
    list: &str,
) -> Result<Vec<&'c Case>, Failure> {
    let level = match args.level {
        LevelArg::Must => Level::Must,
        LevelArg::Should => Level::Should,
        LevelArg::May => Level::May,
    };
    let selection = Selection::new(&args.run, &args.skip, level).map_err(Failure::usage)?;
    let cases = catalogue.select(&selection);
    for glob in &args.run {
        note_unmatched(catalogue, glob, list)?;
    }
    Ok(match args.shard {
        Some(shard) => shard.pick(cases),
        None => cases,
    })
}

/// Says so where a glob of `--run` matches no case at all, and how those with its word in their ids
/// are selected.
fn note_unmatched(catalogue: &Catalogue, glob: &str, list: &str) -> Result<(), Failure> {
    let all = |glob: &str| {
        let alone = Selection::new(&[glob.to_owned()], &[], Level::May);
        let alone = alone.map_err(Failure::usage)?;
        Ok::<_, Failure>(catalogue.select(&alone).len())
    };
    if all(glob)? > 0 {
        return Ok(());
    }
    let word = glob.trim_matches(['*', '/']);
    let is_plain = !word.is_empty() && !word.contains(['*', '?', '[', ']', '{', '}', '!', '\\']);
    let wider = format!("*{word}*");
    let hint = match if is_plain { all(&wider)? } else { 0 } {
        0 => String::new(),
        found => format!("`--run '{wider}'` matches {found}, and "),
    };
    eprintln!("ec2wire: `--run {glob}` matches no case; {hint}`{list}` shows the ids");
    Ok(())
}

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
    let mut catalogue = catalogue_of(folders, no_embedded, &args.by_action, &fixtures)?;
    let expectations = args
        .expect
        .expect
        .as_deref()
        .map(expect::read)
        .transpose()?;
    let phase = GeneratedPhase::prepare(&args.generate, &mut catalogue)?;
    let cases = select(&catalogue, &args.selection, &list_of(&args.by_action))?;
    if let Some(path) = &args.expect.expect_write {
        expect::try_path(path)?;
    }
    // A command line that is wrong must not cost a record that is there.
    if let Some(url) = &args.endpoint {
        check_allowed(&subject(url, &args.credentials, args.limits.timeout)?, args)?;
    }
    // Opened before the run: a path that cannot be written must not cost a run.
    let mut reports = Outputs::open(&args.reports.report, &known_failures(&args.expect))?;
    let mut records = reports.records();
    let given = expectations.clone();
    let judged = judge(
        args,
        &catalogue,
        &cases,
        &phase,
        expectations,
        fixtures,
        &mut records,
    );
    let (record, shrunk, written) = block_on(judged)?;
    if let Some(path) = &args.expect.expect_write {
        expect::write(path, &record, &catalogue, given.as_ref())?;
    }
    // What cannot be written costs neither the other reports nor what the terminal shows.
    let written = reports.write(&record).and(written);
    reports.show(&record, args.reports.verbose)?;
    phase.finish(&shrunk)?;
    written.map(|()| record.summary.exit_code())
}

/// The files of known failures, for reports not to overwrite.
pub(crate) fn known_failures(args: &Expect) -> Vec<(&Path, &'static str)> {
    let lists = [&args.expect, &args.expect_write];
    let lists = lists.into_iter().filter_map(Option::as_deref);
    lists
        .map(|list| (list, "is the file of known failures"))
        .collect()
}

/// Refuses AWS itself unless it is asked for.
fn check_allowed(subject: &HttpSubject, args: &Server) -> Result<(), Failure> {
    if subject.is_aws() && !args.allow_aws {
        return Err(Failure::usage(
            "the endpoint is one of AWS; --allow-aws sends it dry runs and requests that must be \
             refused, --allow-create the others too",
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

/// Runs the cases; the records are written as the run goes. Returns how that went, too.
async fn judge(
    args: &Server,
    catalogue: &Catalogue,
    cases: &[&Case],
    phase: &GeneratedPhase,
    expectations: Option<Expectations>,
    fixtures: Fixtures,
    reports: &mut [NdjsonWriter<Box<dyn Write>>],
) -> Result<(RunRecord, Vec<Shrunk>, Result<(), Failure>), Failure> {
    let embedded = if args.endpoint.is_some() {
        None
    } else {
        let ipams = args.ipam_id.iter().cloned().collect();
        Some(embedded_endpoint(&args.credentials, ipams).await?)
    };
    let url = match (&args.endpoint, &embedded) {
        (Some(url), _) => url.clone(),
        (None, Some(endpoint)) => endpoint.url(),
        (None, None) => return Err(Failure::usage("there is no endpoint")),
    };
    let subject = subject(&url, &args.credentials, args.limits.timeout)?;
    check_allowed(&subject, args)?;
    let options = Options {
        ipam_id: args.ipam_id.clone(),
        allow_create: !subject.is_aws() || args.allow_create,
        settle: args.limits.settle,
        jobs: usize::from(args.running.jobs),
        retries: args.running.retries,
        wait: args.limits.wait,
        time_limit: Some(args.limits.total_timeout),
        fail_fast: args.running.fail_fast,
        embedded: embedded.is_some(),
        expectations,
        generated: phase.generated(),
        fixtures: Some(fixtures),
        interrupted: Some(signals::interrupted().map_err(Failure::environment)?),
    };
    let progress = progress_bar(cases.len());
    let mut broken = 0_usize;
    let mut written = Ok(());
    let mut write = |line: &dyn Fn(&mut NdjsonWriter<_>) -> std::io::Result<()>| {
        for report in &mut *reports {
            // A disk that is full does not end the run: the terminal still shows it.
            if written.is_ok() {
                written = line(report);
            }
        }
    };
    let mut record = runner::run(
        catalogue,
        cases,
        &subject,
        &options,
        &mut |event| match event {
            Event::Begins(head) => write(&|report| report.run(head)),
            // What fails is made simpler first.
            Event::Next(case) if phase.made(case) => {}
            Event::Next(case) => write(&|report| report.case(case)),
            Event::Judged(case) => {
                broken += usize::from(case.is_unexpected_fail());
                progress.set_message(format!("{broken} failed  {}", case.id));
                progress.inc(1);
            }
            Event::Trouble(what) => progress.suspend(|| eprintln!("ec2wire: {what}")),
        },
    )
    .await
    .map_err(Failure::environment)?;
    progress.set_message("making failures simpler");
    let shrunk = phase
        .shrink(&mut record, catalogue, &subject, &options)
        .await?;
    for case in record.cases.iter().filter(|case| phase.made(case)) {
        write(&|report| report.case(case));
    }
    write(&|report| report.summary(&record.summary));
    progress.finish_and_clear();
    if let Some(endpoint) = embedded {
        endpoint.stop().await;
    }
    let written = match written {
        // A reader that has seen enough, as `head` has, does not change the verdict.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(|error| Failure::environment(format!("the record: {error}"))),
    };
    Ok((record, shrunk, written))
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
