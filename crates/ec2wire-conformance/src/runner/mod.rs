//! Runs cases against a subject.
//!
//! A run goes through its cases in the catalogue's order, several at once if the options say so.
//! Whatever ends it early, its record is complete: cases that could not run say why.

mod budget;
mod case;
pub mod client;
mod created;
mod draft;
mod ended;
mod error;
mod family;
mod fixture;
mod lack;
mod limits;
mod listing;
mod options;
mod pace;
mod recorded;
pub mod replay;
mod scope;
mod tokens;
mod turn;
mod undoing;
mod waiting;

use self::budget::MessageBudget;
use self::case::Done;
use self::fixture::Ipam;
use self::limits::{Clock, Patience};
use self::pace::Pace;
use self::turn::Turn;
use self::undoing::{Fate, Ledger};

pub use error::RunError;
pub use options::Options;

use crate::catalogue::Catalogue;
use crate::catalogue::known::Unjudged;
use crate::format::case::Case;
use crate::judge::gone::Gone;
use crate::laws::{self, Fixtures};
use crate::record::{CaseRecord, Kind, RunHead, RunRecord, Stopped, Verdict};
use crate::subject::http::HttpSubject;
use crate::wire::Answered;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};
use tokio::sync::RwLock;

/// What a run reports while it is in progress.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Event<'r> {
    /// The run starts.
    Begins(&'r RunHead),
    /// A case has ended, in order of completion.
    Judged(&'r CaseRecord),
    /// The record's next case, in the record's order.
    Next(&'r CaseRecord),
    /// A problem that is not a case's, in words.
    Trouble(&'r str),
}

/// What ends a run early.
enum End {
    /// The subject cannot be reached.
    Dead(String),
    /// The subject has none of the actions that the cases are about.
    Lacking(String),
    Stopped(Stopped),
}

impl End {
    /// Why the remaining cases are not run.
    fn note(&self) -> String {
        match self {
            Self::Dead(why) => format!("the subject cannot be reached: {why}"),
            Self::Lacking(what) => what.clone(),
            Self::Stopped(what) => what.to_string(),
        }
    }
}

/// Runs the cases and reports events as they happen.
///
/// The run deletes what it creates. The record always has every case; those that could not be run
/// say why.
///
/// # Errors
///
/// Only if an embedded table is wrong, which a test excludes.
pub async fn run(
    catalogue: &Catalogue,
    cases: &[&Case],
    subject: &HttpSubject,
    options: &Options,
    watch: &mut dyn FnMut(Event<'_>),
) -> Result<RunRecord, RunError> {
    let mut course = Course::new(catalogue, cases, options, watch);
    let (unjudged, gone) = (Unjudged::embedded()?, Gone::embedded()?);
    let jobs = options.jobs.clamp(1, cases.len().max(1));
    let run = Shared {
        concurrent: jobs > 1,
        answers: Pace::of_answers(),
        states: Pace::of_states(),
        ..Shared::default()
    };
    let fixtures = options.fixtures_or_embedded()?;
    let runner = Runner::new(catalogue, subject, options, &fixtures, &unjudged, &run);
    let mut end = runner.reach(options.wait, &course.clock).await.err();
    let mut ipams = vec![runner.ipam.clone()];
    if end.is_none() && options.ask_first {
        end = tokio::select! {
            biased;
            why = course.clock.over() => Some(End::Stopped(why)),
            lacking = runner.lacks_family() => lacking.map(End::Lacking),
        };
    }
    if end.is_none() && !cases.is_empty() {
        tokio::select! {
            biased;
            why = course.clock.over() => end = Some(End::Stopped(why)),
            found = runner.find_ipams(cases, options, jobs) => ipams = found,
        }
    }
    let created: Vec<String> = ipams.iter().filter_map(Ipam::created).collect();
    let workers = runner.workers(&ipams, jobs);
    let mut head = course.head(Kind::Server, subject.url());
    head.region = subject.region().into();
    head.ipam = fixture::describe(&ipams);
    head.ipam_ids = ipams.iter().filter_map(Ipam::known).collect();
    head.ipams_created = !created.is_empty();
    course.tell(Event::Begins(&head));
    if end.is_none() {
        end = course.go(&workers).await;
    }
    let mut record = course.conclude(head, end.as_ref(), run.harness_faults.get());
    record.summary.waited_for_answers = run.answers.learned();
    record.summary.waited_for_states = run.states.learned();
    record.summary.busy = run.unrepeated.get();
    if !matches!(end, Some(End::Dead(_))) {
        let (left, cleaned) = runner.clean_up(&created, &gone, end.as_ref()).await;
        record.summary.left = left;
        record.summary.endless = run.endless.take().into_iter().collect();
        if let Err(why) = cleaned {
            course.tell(Event::Trouble(&why));
        }
    }
    Ok(record)
}

/// Runs one case after the other.
trait Worker {
    /// Runs a case, and repeats it after inconclusive attempts, up to the number of retries.
    async fn case(&self, case: &Case, retries: u32) -> Done;
}

impl Worker for Runner<'_> {
    async fn case(&self, case: &Case, retries: u32) -> Done {
        Runner::case(self, case, retries).await
    }
}

/// The progress of a run: the cases that have ended, and the receiver of events.
struct Course<'r, 'w> {
    catalogue: &'r Catalogue,
    cases: &'r [&'r Case],
    options: &'r Options,
    started: Instant,
    clock: Clock,
    turn: Turn,
    watch: &'w mut dyn FnMut(Event<'_>),
}

impl<'r, 'w> Course<'r, 'w> {
    fn new(
        catalogue: &'r Catalogue,
        cases: &'r [&'r Case],
        options: &'r Options,
        watch: &'w mut dyn FnMut(Event<'_>),
    ) -> Self {
        Self {
            catalogue,
            cases,
            options,
            started: Instant::now(),
            clock: Clock::new(options),
            turn: Turn::new(cases.len()),
            watch,
        }
    }

    /// The head of a record, with what is known of any run.
    fn head(&self, kind: Kind, endpoint: String) -> RunHead {
        let mut head = RunHead::new(kind, endpoint);
        head.embedded = self.options.embedded;
        head.selected = self.cases.len();
        head.started = format!("{:.0}", jiff::Timestamp::now());
        head.generated = self.options.generated;
        head.stale = self.options.stale(self.catalogue);
        head
    }

    fn tell(&mut self, event: Event<'_>) {
        (self.watch)(event);
    }

    /// Runs the cases until all have ended or something ends the run. Cases in progress are then
    /// dropped.
    async fn go<W: Worker>(&mut self, workers: &[W]) -> Option<End> {
        let mut over = std::pin::pin!(self.clock.over());
        let mut running = FuturesUnordered::new();
        let mut idle: Vec<&W> = workers.iter().collect();
        let mut waiting = self.cases.iter().enumerate();
        let retries = self.options.retries;
        loop {
            while let Some(worker) = idle.pop() {
                let Some((index, case)) = waiting.next() else {
                    break;
                };
                running.push(async move { (index, worker, worker.case(case, retries).await) });
            }
            let done = tokio::select! {
                biased;
                why = &mut over => return Some(End::Stopped(why)),
                done = running.next() => done,
            };
            let (index, worker, done) = done?;
            idle.push(worker);
            let mut record = done.record;
            note_expected(&mut record, self.options);
            let ends = self.options.fail_fast && record.is_unexpected_fail();
            (self.watch)(Event::Judged(&record));
            self.turn.put(index, record, self.watch);
            if let Some(why) = done.dead {
                return Some(End::Dead(why));
            }
            if ends {
                return Some(End::Stopped(Stopped::FirstFailure));
            }
        }
    }

    /// The record of a finished run; cases that could not be run say why.
    fn conclude(&mut self, head: RunHead, end: Option<&End>, harness_faults: usize) -> RunRecord {
        let note = end.map(End::note).unwrap_or_default();
        for (index, case) in self.cases.iter().enumerate() {
            if !self.turn.has(index) {
                let mut record = blank(self.catalogue, case, Verdict::NotRun, note.clone());
                note_expected(&mut record, self.options);
                self.turn.put(index, record, self.watch);
            }
        }
        let mut record = RunRecord::from_cases(head, self.turn.take_records());
        let summary = &mut record.summary;
        // The generated cases are not in the catalogue.
        let all = self.catalogue.cases().len();
        summary.skipped = all.saturating_sub(self.cases.len());
        summary.stale = record.run.stale.len();
        summary.min_judged = self.options.min_judged;
        summary.unreachable = matches!(end, Some(End::Dead(_)));
        summary.stopped = match end {
            Some(End::Stopped(what)) => Some(*what),
            Some(End::Dead(_) | End::Lacking(_)) | None => None,
        };
        summary.harness_faults = harness_faults;
        summary.ms = millis(self.started);
        record
    }
}

/// Adds the entry of the known failures to the record.
fn note_expected(record: &mut CaseRecord, options: &Options) {
    let known = options.expectations.as_ref();
    record.expected = known.and_then(|known| known.find(&record.id)).cloned();
}

/// How many cases in a row a server may be busy in before no request waits for it any more.
const MOST_BUSY: u32 = 3;

/// What all cases of a run share.
#[derive(Default)]
struct Shared {
    /// Whether several cases may run at once.
    concurrent: bool,
    /// How often the codec and the referee differed.
    harness_faults: Cell<usize>,
    /// How much of the messages is kept.
    budget: MessageBudget,
    /// Policies that cases created and have not deleted.
    undeleted: RefCell<BTreeSet<String>>,
    /// Ids from answers to requests that may have created something.
    given: RefCell<BTreeSet<String>>,
    /// Whether an answer is missing to a request that may have created something.
    lost_answers: Cell<bool>,
    /// Policies that were created and deleted again.
    deleted: RefCell<BTreeMap<String, Fate>>,
    /// All else that the run's requests made.
    made: Ledger,
    /// The actions whose listings have no end.
    endless: RefCell<BTreeSet<String>>,
    /// Answers to the runner's own requests, by action; `None` if none came.
    own_answers: RefCell<BTreeMap<String, Option<Answered>>>,
    /// The waits for answers, by action.
    answers: Pace,
    /// The waits for states to become right.
    states: Pace,
    /// Whether the subject answers nothing any more, and how often it was tried once more.
    silent: Cell<bool>,
    last_tries: Cell<u32>,
    /// Whether a deletion got no answer in time.
    deletion_hangs: Cell<bool>,
    /// Locked for writing by a case that must run alone, and for reading by the others.
    alone: RwLock<()>,
    /// How many cases in a row ended with a server that was too busy.
    busy: Cell<u32>,
    /// How many cases ended so that were not to be repeated.
    unrepeated: Cell<usize>,
}

impl Shared {
    /// Whether the server was busy so often that to wait for it does not pay.
    fn stays_busy(&self) -> bool {
        self.busy.get() >= MOST_BUSY
    }

    /// Whether something may be left over that other cases than the one with these made.
    fn has_leftovers(&self, own: &BTreeSet<String>) -> bool {
        self.lost_answers.get() || self.undeleted.borrow().iter().any(|id| !own.contains(id))
    }

    /// Notes how a case ended: the server was too busy, or it answered.
    fn note_busy(&self, busy: bool) {
        let count = self.busy.get().saturating_add(1);
        self.busy.set(if busy { count } else { 0 });
    }
}

/// Runs one case after the other.
struct Runner<'r> {
    catalogue: &'r Catalogue,
    subject: &'r HttpSubject,
    unjudged: &'r Unjudged,
    ipam: Ipam,
    /// Whether no other job of this run uses the IPAM.
    has_own_ipam: bool,
    allow_create: bool,
    fixtures: &'r Fixtures,
    settle: Duration,
    /// How often a request of the runner's own is repeated while the server is busy.
    retries: u32,
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
            ipam: Ipam::Placeholder("the run needs no IPAM".into()),
            has_own_ipam: false,
            allow_create: options.allow_create,
            fixtures,
            settle: options.settle,
            retries: options.retries,
            patience: Patience::new(subject.timeout()),
            run,
        }
    }

    /// One runner for each job, or for each IPAM if every job needs its own.
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

/// The record of a case that has not run.
fn blank(catalogue: &Catalogue, case: &Case, verdict: Verdict, note: String) -> CaseRecord {
    let level = catalogue.level(case);
    let mut record = CaseRecord::new(&case.id, &case.title, case.phase(), level, verdict);
    record.requirements = catalogue.tested_by(case);
    (record.aspect, record.resource) = laws::cell(case);
    record.note = note;
    record
}

/// The milliseconds since then.
pub(crate) fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
