//! `ec2wire proxy`.

use crate::args::Proxy as Args;
use crate::lint::signing;
use crate::log::{Log, aside};
use crate::report::{Outputs, Records, width};
use crate::{Failure, block_on, both, signals};
use anstyle::{AnsiColor, Style};
use ec2wire_conformance::inspect::Inspector;
use ec2wire_conformance::proxy::{Passed, Proxy, WAITING};
use ec2wire_conformance::report::terminal;
use ec2wire_conformance::subject::http::{HttpSubject, Signer};
use ec2wire_conformance::{CaseRecord, Level, RunRecord, Summary, Verdict};
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// How much is kept for the other reports, in bytes of the record's lines. The record itself has all
/// exchanges.
const KEPT_FOR_REPORTS: usize = 64 * 1024 * 1024;
/// How long exchanges that wait are still judged after a signal.
const REST: Duration = Duration::from_secs(20);

/// Forwards requests until it is interrupted.
pub(crate) fn run(args: &Args) -> Result<u8, Failure> {
    let upstream = HttpSubject::new(&args.upstream, Signer::default(), Duration::from_secs(1))
        .map_err(Failure::usage)?;
    if upstream.is_aws() && !args.allow_aws {
        let what = "the upstream is AWS; use --allow-aws to forward requests to it";
        return Err(Failure::usage(what));
    }
    let mut reports = Outputs::open(&args.reports.report, &[])?;
    let records = reports.records();
    let out: Box<dyn Write + Send> = if reports.takes_stdout() {
        Box::new(anstream::stderr())
    } else {
        Box::new(anstream::stdout())
    };
    let room = if reports.wants_record() {
        KEPT_FOR_REPORTS
    } else {
        0
    };
    let (record, written) = block_on(serve(args, records, out, room))?;
    let written = both(written, reports.write(&record));
    if reports.wants_record() && record.cases.len() < record.summary.total {
        aside(format!(
            "the reports have the first {} of {} exchanges; an NDJSON report has all of them",
            record.cases.len(),
            record.summary.total
        ));
    }
    written.map(|()| record.summary.exit_code())
}

/// Forwards requests. Returns the record, and whether all of it could be written.
async fn serve(
    args: &Args,
    mut records: Records,
    mut out: Box<dyn Write + Send>,
    mut room: usize,
) -> Result<(RunRecord, Result<(), Failure>), Failure> {
    let inspector = Inspector::embedded().map_err(Failure::environment)?;
    let signing = signing(&args.signing);
    // Before it listens, since clients may take all descriptors.
    let stopped = signals::interrupted().map_err(Failure::environment)?;
    let proxy = Proxy::bind(args.listen, &args.upstream)
        .await
        .map_err(Failure::environment)?;
    let head = proxy.head();
    if let Some(message) = records.run(&head).pop() {
        return Err(Failure::environment(message));
    }
    // Programs read the port from the first line.
    writeln!(out, "listening on {}", proxy.url())?;
    out.flush()?;
    let log = Log::start(out).map_err(Failure::environment)?;
    let (exchanges, mut judged) = mpsc::channel(WAITING);
    let running = tokio::spawn(proxy.run(exchanges, stopped.clone()));
    let mut end = None;
    let mut summary = Summary::default();
    let mut cases: Vec<CaseRecord> = Vec::new();
    let mut explained = BTreeSet::new();
    let mut number = 0_usize;
    let mut left_out = 0;
    while let Some(Passed { mut exchange, .. }) = judged.recv().await {
        if *stopped.borrow() && *end.get_or_insert_with(|| Instant::now() + REST) < Instant::now() {
            left_out += 1 + drain(&mut judged);
            break;
        }
        number += 1;
        exchange.name = format!("exchange-{number}");
        let case = inspector.judge_traffic(&exchange, &signing);
        summary.count(&case);
        // A full disk ends the record, but no connection.
        for message in records.case(&case) {
            aside(format!("{message}; requests are still forwarded"));
        }
        if !args.quiet.quiet {
            let mut entry = Vec::new();
            let verbose = args.reports.verbose;
            let fresh = show(&mut entry, &case, exchange.took, verbose, &explained)?;
            // What was explained in an entry that is left out is explained again.
            if log.add(entry) {
                explained.extend(fresh);
            }
        }
        // After the first exchange that does not fit, none is kept: the kept ones have no gaps.
        room = room.saturating_sub(size(&case, room));
        if room > 0 {
            cases.push(case);
        }
    }
    drop(judged);
    left_out += running.await.unwrap_or_default();
    if left_out > 0 {
        aside(format!(
            "exchanges left out, because too many waited to be judged: {left_out}"
        ));
    }
    summary.total += left_out;
    summary.not_run += left_out;
    drop(records.summary(&summary));
    let totals = format!(
        "{} exchange{}: {} passed, {} failed, {} warned, {} not judged",
        summary.total,
        if summary.total == 1 { "" } else { "s" },
        summary.pass,
        summary.fail,
        summary.warn,
        summary.not_run
    );
    if !log.end(format!("{totals}\n").into_bytes()) {
        aside(format!("nobody reads the log; {totals}"));
    }
    let mut record = RunRecord::from_cases(head, cases);
    record.summary = summary;
    Ok((record, records.finish()))
}

/// Takes what waits to be judged, and returns how much that was.
fn drain(judged: &mut mpsc::Receiver<Passed>) -> usize {
    judged.close();
    std::iter::from_fn(|| judged.try_recv().ok()).count()
}

/// The length of a case's line in a record, in bytes; `room` if it is longer.
fn size(case: &CaseRecord, room: usize) -> usize {
    let mut counter = Counter { room };
    // Serialization stops at a line that does not fit.
    _ = serde_json::to_writer(&mut counter, case);
    room - counter.room
}

/// Counts the bytes written, and fails when there is no more room.
struct Counter {
    room: usize,
}

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(room) = self.room.checked_sub(bytes.len()) else {
            self.room = 0;
            return Err(io::ErrorKind::StorageFull.into());
        };
        self.room = room;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A line of the log, followed by the broken requirements. A server that breaks a SHOULD usually does
/// so in every response: it is explained once, and only named after that. Returns the requirements
/// that were not explained before.
fn show(
    out: &mut dyn Write,
    case: &CaseRecord,
    took: Duration,
    verbose: bool,
    explained: &BTreeSet<String>,
) -> io::Result<BTreeSet<String>> {
    let mut fresh = BTreeSet::new();
    let color = match case.verdict {
        Verdict::Pass => AnsiColor::Green,
        Verdict::Fail => AnsiColor::Red,
        Verdict::Warn => AnsiColor::Yellow,
        _ => AnsiColor::Cyan,
    };
    let style: Style = color.on_default().bold();
    let answer = match &case.actual {
        Some(actual) => match &actual.code {
            Some(code) => format!("{} {code}", actual.status),
            None => actual.status.to_string(),
        },
        None => "-".into(),
    };
    writeln!(
        out,
        "{style}{:7}{style:#}  {}  {}  {}  {:.1} ms",
        case.verdict.as_str(),
        case.id,
        terminal::plain(&case.title),
        terminal::plain(&answer),
        took.as_secs_f64() * 1000.0
    )?;
    if verbose || !matches!(case.verdict, Verdict::Pass) {
        let mut shown = case.clone();
        let mut again = Vec::new();
        shown.deviations.retain(|deviation| {
            let id = &deviation.requirement;
            let is_new = !explained.contains(id) && fresh.insert(id.clone());
            let is_shown = is_new || verbose || deviation.level == Level::Must;
            if !is_shown && deviation.level == Level::Should && !again.contains(id) {
                again.push(id.clone());
            }
            is_shown
        });
        out.write_all(terminal::explained(&shown, width(), verbose).as_bytes())?;
        if !again.is_empty() {
            writeln!(out, "  again     {}", again.join(", "))?;
        }
    }
    Ok(fresh)
}
