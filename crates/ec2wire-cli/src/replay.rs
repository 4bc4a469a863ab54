//! `ec2wire replay`.

use crate::args::Replay;
use crate::report::open;
use crate::select::catalogue;
use crate::verify;
use crate::{Failure, block_on, signals};
use anstyle::{AnsiColor, Style};
use ec2wire_conformance::CaseRecord;
use ec2wire_conformance::laws::{self, Fixtures};
use ec2wire_conformance::record::{Kind, PartialRecord};
use ec2wire_conformance::runner::Options;
use ec2wire_conformance::runner::replay::{self, Event, Outcome, Replayed, Selected, Totals};
use ec2wire_model::Model;
use ec2wire_reference::Endpoint;
use globset::Glob;
use std::collections::BTreeSet;
use std::io::{self, BufReader, Write};

/// Sends the requests of a record again.
pub(crate) fn run(args: &Replay) -> Result<u8, Failure> {
    let path = args.record.display();
    let wrong = |what: String| Failure::usage(format!("{path}: {what}"));
    let record = PartialRecord::read_ndjson(BufReader::new(open(&args.record)?))
        .map_err(|error| wrong(error.to_string()))?;
    let cases = select(&record, &args.cases)?;
    if record.run.kind == Kind::Client {
        let id = cases.first().map_or("*", |case| case.id.as_str());
        return Err(wrong(format!(
            "a client's calls are made by the client itself; \
             `ec2wire verify client --run '{id}' -- {}` makes them again",
            record.run.endpoint
        )));
    }
    block_on(send(args, &record, &cases)).map(|totals| totals.exit_code())
}

async fn send(
    args: &Replay,
    record: &PartialRecord,
    cases: &[&CaseRecord],
) -> Result<Totals, Failure> {
    // The endpoint of that run ended with the run.
    let embedded = if args.endpoint.is_none() && record.run.embedded {
        let run = &record.run;
        let given = run.ipam_ids.iter().filter(|_| !run.ipams_created);
        eprintln!("ec2wire: the run used the embedded endpoint; starting a new one");
        Some(verify::embedded_endpoint(&args.credentials, given.cloned().collect()).await?)
    } else {
        None
    };
    let started = embedded.as_ref().map(Endpoint::url);
    let endpoint = args.endpoint.as_ref().or(started.as_ref());
    let endpoint = endpoint.unwrap_or(&record.run.endpoint);
    let mut catalogue = catalogue(&[], false, &[])?;
    let fixtures = Fixtures::embedded().map_err(Failure::environment)?;
    laws::add_with_lasting(&mut catalogue, &actions(cases), &fixtures).map_err(Failure::usage)?;
    let subject = verify::subject(endpoint, &args.credentials, args.limits.timeout)?;
    if subject.is_aws() && !args.allow_aws {
        return Err(Failure::usage(
            "the endpoint is AWS; use --allow-aws to send the requests, whatever they create or \
             delete there",
        ));
    }
    let mut options = Options::default()
        .allow_create(true)
        .settle(args.limits.settle)
        .wait(args.limits.wait)
        .time_limit(args.limits.total_timeout)
        .interrupted(signals::interrupted().map_err(Failure::environment)?);
    options.ipam_id.clone_from(&args.ipam_id);
    let selected = Selected {
        record,
        cases,
        verbatim: args.verbatim,
        keep: args.keep,
    };
    let mut out = anstream::stdout().lock();
    let mut printed = Ok(());
    let totals = replay::replay(
        &catalogue,
        &selected,
        &subject,
        &options,
        &mut |event| match event {
            Event::Replayed(replayed) if printed.is_ok() && !args.quiet => {
                printed = print(&mut out, replayed);
            }
            Event::Trouble(what) => eprintln!("ec2wire: {what}"),
            Event::Lasting(counts) => eprintln!("ec2wire: {}", lasting(counts, args.keep)),
            Event::Left(left) => eprintln!("ec2wire: {}", plain(&left.to_string())),
            _ => {}
        },
    )
    .await
    .map_err(Failure::environment)?;
    if let Some(endpoint) = embedded {
        endpoint.stop().await;
    }
    let (same, differ, not_sent) = (totals.same, totals.differ, totals.not_sent);
    let printed = printed.and_then(|()| {
        let cases = same + differ + not_sent;
        let noun = if cases == 1 { "case" } else { "cases" };
        let blank = if args.quiet { "" } else { "\n" };
        writeln!(
            out,
            "{blank}{cases} {noun}: {same} same, {differ} different, {not_sent} not sent"
        )
    });
    match printed {
        // A reader that closes the pipe early, such as `head`, does not change the outcome.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(totals),
    }
}

/// The actions whose laws the cases are made from.
fn actions(cases: &[&CaseRecord]) -> Vec<String> {
    let ids = cases.iter().map(|case| case.id.as_str());
    let rests = ids.filter_map(|id| id.strip_prefix(laws::PREFIX));
    let actions = rests.filter_map(|rest| rest.split('/').next());
    let known = actions.filter_map(|name| Model::ec2().operation(name));
    let once: BTreeSet<&str> = known.map(|operation| operation.name()).collect();
    once.into_iter().map(str::to_owned).collect()
}

/// What the replay will leave, by action.
fn lasting(counts: &[(String, usize)], keep: bool) -> String {
    let counts = counts
        .iter()
        .map(|(action, count)| format!("{action} {count}"));
    let counts = plain(&counts.collect::<Vec<_>>().join(", "));
    if keep {
        format!("what these requests create is kept: {counts}")
    } else {
        format!(
            "what these requests create may stay, since no answer names it or nothing is known to \
             undo it: {counts}"
        )
    }
}

/// A subject could use control characters to overwrite the screen.
fn plain(text: &str) -> String {
    text.replace(char::is_control, " ")
}

fn select<'r>(
    record: &'r PartialRecord,
    wanted: &[String],
) -> Result<Vec<&'r CaseRecord>, Failure> {
    let mut choices = Vec::with_capacity(wanted.len());
    for id in wanted {
        let glob = Glob::new(id).map_err(Failure::usage)?.compile_matcher();
        // An id may contain glob characters.
        let is_it = move |case: &CaseRecord| case.id == *id || glob.is_match(&case.id);
        if !record.cases.iter().any(&is_it) {
            return Err(Failure::usage(format!("the record has no case `{id}`")));
        }
        choices.push(is_it);
    }
    let is_wanted =
        |case: &&CaseRecord| choices.is_empty() || choices.iter().any(|is_it| is_it(case));
    Ok(record.cases.iter().filter(is_wanted).collect())
}

fn print(out: &mut impl Write, replayed: &Replayed) -> io::Result<()> {
    let (word, color) = match replayed.outcome {
        Outcome::Same => ("same", AnsiColor::Green),
        Outcome::Differs => ("different", AnsiColor::Red),
        Outcome::NotSent => ("not sent", AnsiColor::Cyan),
    };
    let style: Style = color.on_default().bold();
    let status = match replayed.status {
        Some(status) => status.to_string(),
        None => "-".into(),
    };
    writeln!(out, "{style}{word:9}{style:#}  {}  {status}", replayed.id)?;
    let found = replayed.differences.iter().map(|text| ("found", text));
    let notes = replayed.notes.iter().map(|text| ("note", text));
    for (label, text) in found.chain(notes) {
        writeln!(out, "           {label:5}  {}", plain(text))?;
    }
    Ok(())
}
