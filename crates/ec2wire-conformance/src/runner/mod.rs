//! Runs cases against a subject.
//!
//! A run goes through its cases in the catalogue's order, several at once where that is asked for.
//! Whatever ends it early, its record is whole: what could not be run says why.

mod case;
pub mod client;
mod created;
mod draft;
mod fixture;
mod lack;
mod limits;
mod recorded;
pub mod replay;
pub(crate) mod scope;
mod turn;

pub(crate) use self::case::is_reading;
pub(crate) use self::scope::makes_alone;
pub(crate) use self::scope::text_at;

use self::case::Done;
use self::fixture::Ipam;
use self::limits::{Clock, Patience};
use self::turn::Turn;
use crate::case::Case;
use crate::catalogue::Catalogue;
use crate::expectation::Expectations;
use crate::generate::Generated;
use crate::known::Unjudged;
use crate::laws::Fixtures;
use crate::record::{CaseRecord, Kind, RunHead, RunRecord, Stopped, Summary, Verdict};
use crate::subject::Answered;
use crate::subject::http::HttpSubject;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};
use tokio::sync::{RwLock, watch};

/// What a run needs besides the cases.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// An IPAM that exists. Without one the runner tries to create one.
    pub ipam_id: Option<String>,
    /// Whether the subject may be asked to create things; without it only requests that must not
    /// create anything are sent.
    pub allow_create: bool,
    /// How long a state may take to become what it should.
    pub settle: Duration,
    /// How many cases may run at once; 0 is taken for 1.
    ///
    /// Each of them gets an IPAM of its own where the server creates that many. Otherwise they
    /// share one, and the cases that create or count policies run alone.
    pub jobs: usize,
    /// How often a case is run again when no answer came, or one that says that the server is busy.
    pub retries: u32,
    /// How long to wait for a server that is starting.
    pub wait: Duration,
    /// How long the run may take. What has not run by then does not run.
    pub time_limit: Option<Duration>,
    /// Whether the first failure that is not expected ends the run.
    pub fail_fast: bool,
    /// Whether the subject is the embedded reference endpoint, for the record.
    pub embedded: bool,
    /// The known failures.
    pub expectations: Option<Expectations>,
    /// What was generated for the run, for its record.
    pub generated: Option<Generated>,
    /// What plain requests say, where the runner makes some of its own; the embedded fixtures where
    /// it is `None`.
    pub fixtures: Option<Fixtures>,
    /// Ends the run when it becomes true.
    pub interrupted: Option<watch::Receiver<bool>>,
}

impl Options {
    /// The globs of known failures that match no case.
    fn stale(&self, catalogue: &Catalogue) -> Vec<String> {
        let expectations = self.expectations.as_ref();
        expectations
            .map(|known| known.stale(catalogue))
            .unwrap_or_default()
    }

    fn fixtures(&self) -> Result<Fixtures, String> {
        match &self.fixtures {
            Some(fixtures) => Ok(fixtures.clone()),
            None => Fixtures::embedded().map_err(|error| error.to_string()),
        }
    }
}

/// What a run reports while it goes on.
#[derive(Debug, Clone, Copy)]
pub enum Event<'r> {
    /// The run begins.
    Begins(&'r RunHead),
    /// A case has ended, whichever of those that run at once.
    Judged(&'r CaseRecord),
    /// The record's next case, in order.
    Next(&'r CaseRecord),
    /// Something that went wrong beside the cases, in words.
    Trouble(&'r str),
}

/// What ends a run early.
enum End {
    /// The subject cannot be reached.
    Dead(String),
    Stopped(Stopped),
}

impl End {
    /// Why the remaining cases are not run.
    fn note(&self) -> String {
        match self {
            Self::Dead(why) => format!("the subject cannot be reached: {why}"),
            Self::Stopped(what) => what.to_string(),
        }
    }
}

/// Runs the cases and reports what happens as it does.
///
/// What the run creates it deletes. The record always has every case: those that could not be run
/// say why.
pub async fn run(
    catalogue: &Catalogue,
    cases: &[&Case],
    subject: &HttpSubject,
    options: &Options,
    watch: &mut dyn FnMut(Event<'_>),
) -> Result<RunRecord, String> {
    let started = Instant::now();
    let clock = Clock::new(options);
    let unjudged = Unjudged::embedded()?;
    let jobs = options.jobs.clamp(1, cases.len().max(1));
    let run = Shared {
        concurrent: jobs > 1,
        ..Shared::default()
    };
    let fixtures = options.fixtures()?;
    let runner = Runner::new(catalogue, subject, options, &fixtures, &unjudged, &run);
    let mut end = runner.reach(options.wait, &clock).await.err();
    let mut ipams = vec![runner.ipam.clone()];
    if end.is_none() && !cases.is_empty() {
        ipams = runner.find_ipams(cases, options, jobs).await;
    }
    let created: Vec<String> = ipams.iter().filter_map(Ipam::created).collect();
    let workers = runner.workers(&ipams, jobs);
    let head = RunHead {
        version: env!("CARGO_PKG_VERSION").into(),
        kind: Kind::Server,
        endpoint: subject.url(),
        embedded: options.embedded,
        selected: cases.len(),
        started: jiff::Timestamp::now().to_string(),
        region: subject.region().into(),
        ipam: fixture::describe(&ipams),
        ipam_ids: ipams.iter().filter_map(Ipam::known).collect(),
        ipams_created: !created.is_empty(),
        generated: options.generated,
        stale: options.stale(catalogue),
    };
    watch(Event::Begins(&head));
    let mut turn = Turn::new(cases.len());
    if end.is_none() {
        end = go(cases, &workers, options, &clock, &mut turn, watch).await;
    }
    let is_dead = matches!(end, Some(End::Dead(_)));
    let record = conclude(
        catalogue,
        cases,
        head,
        turn,
        end.as_ref(),
        &run,
        options,
        started,
        watch,
    );
    if !is_dead && let Err(why) = runner.clean_up(&created).await {
        watch(Event::Trouble(&why));
    }
    Ok(record)
}

/// The record of a run that is over: what could not be run says why.
#[expect(clippy::too_many_arguments, reason = "all that a run has come to")]
fn conclude(
    catalogue: &Catalogue,
    cases: &[&Case],
    head: RunHead,
    mut turn: Turn,
    end: Option<&End>,
    run: &Shared,
    options: &Options,
    started: Instant,
    watch: &mut dyn FnMut(Event<'_>),
) -> RunRecord {
    let note = end.map(End::note).unwrap_or_default();
    for (place, case) in cases.iter().enumerate() {
        if !turn.has(place) {
            let mut record = blank(catalogue, case, Verdict::NotRun, note.clone());
            expect(&mut record, options);
            turn.put(place, record, watch);
        }
    }
    let records = turn.into_records();
    let counted = Summary::of(&records);
    // The generated cases are in no catalogue.
    let not_selected = catalogue.cases().len().saturating_sub(cases.len());
    let summary = Summary {
        skipped: counted.skipped + not_selected,
        stale: head.stale.len(),
        unreachable: matches!(end, Some(End::Dead(_))),
        stopped: match end {
            Some(End::Stopped(what)) => Some(*what),
            Some(End::Dead(_)) | None => None,
        },
        harness_faults: run.harness_faults.get(),
        ms: millis(started),
        ..counted
    };
    RunRecord {
        run: head,
        cases: records,
        summary,
    }
}

/// What runs one case after the other.
trait Worker {
    /// Runs a case, again where nothing could be learnt from it and that is wanted.
    async fn case(&self, case: &Case, retries: u32) -> Done;
}

impl Worker for Runner<'_> {
    async fn case(&self, case: &Case, retries: u32) -> Done {
        Runner::case(self, case, retries).await
    }
}

/// Runs cases until all have ended or something ends the run. Those that are under way then are
/// dropped.
async fn go<W: Worker>(
    cases: &[&Case],
    workers: &[W],
    options: &Options,
    clock: &Clock,
    turn: &mut Turn,
    watch: &mut dyn FnMut(Event<'_>),
) -> Option<End> {
    let mut over = std::pin::pin!(clock.over());
    let mut running = FuturesUnordered::new();
    let mut idle: Vec<&W> = workers.iter().collect();
    let mut waiting = cases.iter().enumerate();
    loop {
        while let Some(worker) = idle.pop() {
            let Some((place, case)) = waiting.next() else {
                break;
            };
            running.push(async move { (place, worker, worker.case(case, options.retries).await) });
        }
        let done = tokio::select! {
            biased;
            why = &mut over => return Some(End::Stopped(why)),
            done = running.next() => done,
        };
        let (place, worker, done) = done?;
        idle.push(worker);
        let mut record = done.record;
        expect(&mut record, options);
        let ends = options.fail_fast && record.is_unexpected_fail();
        watch(Event::Judged(&record));
        turn.put(place, record, watch);
        if let Some(why) = done.dead {
            return Some(End::Dead(why));
        }
        if ends {
            return Some(End::Stopped(Stopped::FirstFailure));
        }
    }
}

/// Says in the record what was known of the case before.
fn expect(record: &mut CaseRecord, options: &Options) {
    let known = options.expectations.as_ref();
    record.expected = known.and_then(|known| known.find(&record.id)).cloned();
}

/// What all the cases of a run share.
#[derive(Default)]
struct Shared {
    /// Whether several cases may run at once.
    concurrent: bool,
    /// How often codec and referee differed.
    harness_faults: Cell<usize>,
    /// The policies that cases made and have not deleted.
    made: RefCell<BTreeSet<String>>,
    /// The ids that answers to requests gave which may have made something.
    given: RefCell<BTreeSet<String>>,
    /// The policies that were made and deleted again.
    deleted: RefCell<BTreeSet<String>>,
    /// What requests of the runner's own got, by action; `None` where no answer came.
    own_answers: RefCell<BTreeMap<String, Option<Answered>>>,
    /// Whether a deletion got no answer in time.
    deletion_hangs: Cell<bool>,
    /// Held for writing by a case that others would disturb, for reading by the others.
    alone: RwLock<()>,
}

/// Runs one case after the other.
struct Runner<'r> {
    catalogue: &'r Catalogue,
    subject: &'r HttpSubject,
    unjudged: &'r Unjudged,
    ipam: Ipam,
    /// Whether nobody else in this run uses the IPAM.
    has_own_ipam: bool,
    allow_create: bool,
    fixtures: &'r Fixtures,
    settle: Duration,
    patience: Patience,
    run: &'r Shared,
}

impl<'r> Runner<'r> {
    fn new(
        catalogue: &'r Catalogue,
        subject: &'r HttpSubject,
        options: &Options,
        fixtures: &'r Fixtures,
        unjudged: &'r Unjudged,
        run: &'r Shared,
    ) -> Self {
        Self {
            catalogue,
            subject,
            unjudged,
            ipam: Ipam::Placeholder("no IPAM was asked for".into()),
            has_own_ipam: false,
            allow_create: options.allow_create,
            fixtures,
            settle: options.settle,
            patience: Patience::new(subject.timeout()),
            run,
        }
    }

    /// As many as there are jobs, or IPAMs where each is to have its own.
    fn workers(&self, ipams: &[Ipam], jobs: usize) -> Vec<Runner<'r>> {
        let worker = |ipam: &Ipam, has_own_ipam| Runner {
            ipam: ipam.clone(),
            has_own_ipam,
            patience: Patience::new(self.subject.timeout()),
            ..*self
        };
        match ipams {
            [one] => (0..jobs).map(|_| worker(one, jobs == 1)).collect(),
            several => several.iter().map(|ipam| worker(ipam, true)).collect(),
        }
    }

    fn note_harness_fault(&self) {
        let faults = &self.run.harness_faults;
        faults.set(faults.get() + 1);
    }

    fn record(&self, case: &Case, verdict: Verdict, note: String) -> CaseRecord {
        blank(self.catalogue, case, verdict, note)
    }
}

/// The record of a case of which nothing is known yet.
fn blank(catalogue: &Catalogue, case: &Case, verdict: Verdict, note: String) -> CaseRecord {
    CaseRecord {
        id: case.id.clone(),
        title: case.title.clone(),
        phase: case.phase(),
        verdict,
        level: catalogue.level(case),
        requirements: catalogue.tested_by(case),
        deviations: Vec::new(),
        legal: Vec::new(),
        actual: None,
        made: None,
        exchange: None,
        earlier: Vec::new(),
        curl: None,
        note,
        expected: None,
        retries: 0,
        ms: 0,
    }
}

/// The milliseconds since then.
pub(crate) fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
