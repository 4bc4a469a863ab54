//! Judges the cases themselves: do they find a server's faults, and nothing else?
//!
//! The reference endpoint runs with one [fault](ec2wire_reference::sabotage::faults) at a time,
//! which some case must find, and with one [variant](ec2wire_reference::sabotage::variants) at a
//! time, which no case may blame. The client cases are judged in the same way, with the reference
//! client and its faults.
//!
//! ```
//! use ec2wire_conformance::self_test::{self, Finding, Options};
//! use ec2wire_conformance::{Catalogue, Level, Selection};
//! use ec2wire_reference::sabotage;
//!
//! let catalogue = Catalogue::embedded()?;
//! let cases = catalogue.select(&Selection::new(&["*/dry-run/*".into()], &[], Level::May)?);
//! let quirks = [sabotage::fault("dry-run-ignored")?, sabotage::variant("pretty-printed")?];
//! let report = self_test::run(&catalogue, &cases, &quirks, &Options::default(), &mut |_| {})?;
//! assert_eq!(report.trials[0].finding(), Finding::Caught);
//! assert_eq!(report.trials[1].finding(), Finding::Clear);
//! assert_eq!(report.exit_code(), 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod breaks;
mod error;
mod table;

pub use error::SelfTestError;
pub use table::write;

use self::breaks::{Breaks, covers};
use crate::catalogue::Catalogue;
use crate::format::case::{Case, Phase};
use crate::laws::{self, Fixtures};
use crate::record::{CaseRecord, Deviation, RunRecord, Verdict};
use crate::runner::{self, millis};
use crate::subject::adapter::Adapter;
use crate::subject::http::{HttpSubject, Signer};
use ec2wire::contract::Level;
use ec2wire_model::Model;
use ec2wire_reference::sabotage::{Area, Quirk, WorldQuirk};
use ec2wire_reference::{Config, Endpoint};
use serde::ser::{Serialize, SerializeStruct as _, Serializer};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// The IPAM that the endpoints have.
const IPAM: &str = "ipam-0123456789abcdef0";

/// Some faults leave policies behind. With a quota, one case's leftovers would be another's
/// refusal.
const POLICIES: usize = 1_000_000;

/// The maximum number of cases that run before their verdicts are looked at.
const AT_A_TIME: usize = 8;

/// How many times longer endpoints without a fault may take.
pub const PATIENCE: u32 = 10;

/// How many cases of a trial may end without an answer before it stops: each may take the whole
/// time limit.
const MOST_UNANSWERED: usize = 3;

/// What a self-test needs besides the cases and quirks.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The time limit for an answer of an endpoint with a fault; one that hangs takes it once for
    /// each case. Other endpoints have [`PATIENCE`] times as long.
    pub timeout: Duration,
    /// How long a state may take to become right.
    pub settle: Duration,
    /// How many endpoints are judged at a time, each on its own thread.
    pub jobs: NonZeroUsize,
    /// Whether a fault's trial ends with the case that finds it. Then the likely cases come first:
    /// those about what the fault breaks, those in the phases that look at its area, and one of
    /// each family. A variant gets only one case of each family, and none of robustness, since
    /// those accept any answer.
    pub first_only: bool,
}

impl Default for Options {
    /// 2 seconds for answers, 0.3 for states, as many jobs as there are processors.
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(2),
            settle: Duration::from_millis(300),
            jobs: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            first_only: false,
        }
    }
}

/// A case that found something wrong with a quirk: a MUST or a SHOULD is broken.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Catch {
    /// The case's id.
    pub case: String,
    /// [`Verdict::Fail`] or [`Verdict::Warn`].
    pub verdict: Verdict,
    /// What was found.
    pub found: String,
    /// The requirements that it says are broken, the most serious first.
    pub blamed: Vec<String>,
    /// Whether the quirk breaks one of the requirements behind the verdict.
    pub is_due: bool,
}

/// The result of the cases against one quirk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The quirk.
    pub quirk: &'static Quirk,
    /// The requirements that the quirk may break.
    pub breaks: Vec<String>,
    /// The cases that found something wrong, failures first.
    pub catches: Vec<Catch>,
    /// How many cases ran. Fewer than all if a fault was found and that was enough, or if it left
    /// too many requests without an answer.
    pub cases: usize,
    /// How often the codec and the referee read an answer differently, which is a fault of this
    /// project.
    pub harness_faults: usize,
    /// The duration, in milliseconds.
    pub ms: u64,
}

/// What a trial shows about the cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    /// The cases found the fault, at its level.
    Caught,
    /// No case blamed the variant.
    Clear,
    /// No case found the fault at its own level.
    Missed,
    /// Cases failed, but only for requirements that the fault does not break.
    Misplaced,
    /// The fault breaks at most a SHOULD, but a case failed.
    TooHarsh,
    /// A case blamed a variant, which breaks nothing.
    Blamed,
}

impl Finding {
    /// The finding's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Caught => "caught",
            Self::Clear => "clear",
            Self::Missed => "missed",
            Self::Misplaced => "misplaced",
            Self::TooHarsh => "too harsh",
            Self::Blamed => "blamed",
        }
    }
}

impl Trial {
    /// What the trial shows.
    pub fn finding(&self) -> Finding {
        let failed = self.failures() > 0;
        let any = !self.catches.is_empty();
        let is_due = self.catches.iter().any(|catch| {
            catch.is_due && (catch.verdict == Verdict::Fail || self.quirk.level == Level::Should)
        });
        match self.quirk.level {
            Level::May if any => Finding::Blamed,
            Level::May => Finding::Clear,
            Level::Should if failed => Finding::TooHarsh,
            Level::Must | Level::Should if is_due => Finding::Caught,
            Level::Must if failed => Finding::Misplaced,
            Level::Should if any => Finding::Misplaced,
            Level::Must | Level::Should => Finding::Missed,
        }
    }

    /// The requirements that cases blamed although the quirk does not break them, each with the
    /// first such case.
    pub fn misplaced(&self) -> BTreeMap<&str, &str> {
        let mut misplaced = BTreeMap::new();
        for catch in &self.catches {
            for id in catch.blamed.iter().filter(|id| !covers(&self.breaks, id)) {
                misplaced.entry(id.as_str()).or_insert(catch.case.as_str());
            }
        }
        misplaced
    }

    /// How many cases failed.
    pub fn failures(&self) -> usize {
        let failed = |catch: &&Catch| catch.verdict == Verdict::Fail;
        self.catches.iter().filter(failed).count()
    }

    /// Whether the trial counts against the cases. A SHOULD that no case checks does not.
    pub fn is_problem(&self) -> bool {
        match self.finding() {
            Finding::Caught | Finding::Clear => self.harness_faults > 0,
            Finding::Missed => self.quirk.level == Level::Must,
            Finding::Misplaced | Finding::TooHarsh | Finding::Blamed => true,
        }
    }
}

impl Serialize for Trial {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut line = serializer.serialize_struct("Trial", 11)?;
        line.serialize_field("name", self.quirk.name)?;
        line.serialize_field("area", &self.quirk.area.map(Area::as_str))?;
        line.serialize_field("level", &self.quirk.level.to_string())?;
        line.serialize_field("summary", self.quirk.summary)?;
        line.serialize_field("finding", &self.finding())?;
        line.serialize_field("breaks", &self.breaks)?;
        line.serialize_field("catches", &self.catches)?;
        line.serialize_field("misplaced", &self.misplaced())?;
        line.serialize_field("cases", &self.cases)?;
        line.serialize_field("harness_faults", &self.harness_faults)?;
        line.serialize_field("ms", &self.ms)?;
        line.end()
    }
}

/// The result of a self-test.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// How many cases were available for each quirk.
    pub cases: usize,
    /// Cases that fail against the endpoint without quirks. Their results mean nothing, so they are
    /// left out.
    pub unfit: Vec<String>,
    /// The trials, in the order of the quirks.
    pub trials: Vec<Trial>,
    /// The duration of the whole self-test, in milliseconds.
    pub ms: u64,
}

impl Report {
    /// The trials that count against the cases.
    pub fn problems(&self) -> impl Iterator<Item = &Trial> {
        self.trials.iter().filter(|trial| trial.is_problem())
    }

    /// 0 if the cases find the faults and nothing else, 1 if they do not, 4 if there was nothing to
    /// run.
    pub fn exit_code(&self) -> u8 {
        if self.trials.is_empty() || self.cases == 0 {
            4
        } else {
            u8::from(self.problems().next().is_some() || !self.unfit.is_empty())
        }
    }
}

/// Runs the cases against an endpoint with each quirk in turn, and reports each trial as it ends.
///
/// This blocks: each job is a thread with its own runtime, which ends whatever a fault left
/// hanging.
///
/// # Errors
///
/// A table is invalid, or an endpoint cannot be started or reached.
pub fn run(
    catalogue: &Catalogue,
    cases: &[&Case],
    quirks: &[&'static Quirk],
    options: &Options,
    progress: &mut dyn FnMut(&Trial),
) -> Result<Report, SelfTestError> {
    let started = Instant::now();
    let breaks = match catalogue.answers() {
        Some(_) => Breaks::clients()?,
        None => Breaks::servers()?,
    };
    let (unfit, _) = if quirks.is_empty() {
        Default::default()
    } else {
        honest(catalogue, cases, options)?
    };
    let mut fit = cases.to_vec();
    fit.retain(|case| !unfit.contains(&case.id));
    let tried: Vec<Tried<'_>> = quirks.iter().map(|quirk| (*quirk, fit.clone())).collect();
    let trials = try_all(catalogue, &tried, &breaks, options, progress)?;
    Ok(Report {
        cases: fit.len(),
        unfit: unfit.into_iter().collect(),
        trials,
        ms: millis(started),
    })
}

/// Runs the cases of laws against an endpoint with each quirk of
/// [the world](ec2wire_reference::sabotage::world_faults) in turn: those of the actions that show the
/// quirk, and of those that make, list and end its resource.
///
/// ```
/// use ec2wire_conformance::self_test::{self, Finding, Options};
/// use ec2wire_reference::sabotage;
///
/// let fault = sabotage::world_faults().find(|fault| fault.quirk.name == "key-pair-duplicate-taken");
/// let quirks: Vec<_> = fault.into_iter().collect();
/// let report = self_test::run_world(&quirks, &Options::default(), &mut |_| {})?;
/// assert_eq!(report.trials[0].finding(), Finding::Caught);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// As for [`run`].
pub fn run_world(
    quirks: &[WorldQuirk],
    options: &Options,
    progress: &mut dyn FnMut(&Trial),
) -> Result<Report, SelfTestError> {
    let started = Instant::now();
    let breaks = Breaks::world()?;
    // What no law is about cannot be found.
    let has_law = |quirk: &&WorldQuirk| {
        quirk.quirk.is_variant() || !breaks.requirements(quirk.quirk.name).is_empty()
    };
    let quirks: Vec<&WorldQuirk> = quirks.iter().filter(has_law).collect();
    let mut catalogue = Catalogue::without_cases()?;
    let all: BTreeSet<&str> = quirks.iter().flat_map(|quirk| actions(quirk)).collect();
    let globs: Vec<String> = all.into_iter().map(str::to_owned).collect();
    laws::add_with_lasting(&mut catalogue, &globs, &Fixtures::embedded()?)?;
    let cases: Vec<&Case> = catalogue.cases().iter().collect();
    let (unfit, unjudged) = honest(&catalogue, &cases, options)?;
    let mut fit = cases;
    fit.retain(|case| !unfit.contains(&case.id) && !unjudged.contains(&case.id));
    let tried: Vec<Tried<'_>> = quirks
        .iter()
        .map(|quirk| {
            let about = actions(quirk);
            let is_about = |case: &&Case| {
                case.id
                    .split('/')
                    .nth(1)
                    .is_some_and(|own| about.contains(own))
            };
            (quirk.quirk, fit.iter().copied().filter(is_about).collect())
        })
        .collect();
    let trials = try_all(&catalogue, &tried, &breaks, options, progress)?;
    Ok(Report {
        cases: fit.len(),
        unfit: unfit.into_iter().collect(),
        trials,
        ms: millis(started),
    })
}

/// The actions whose cases may find the quirk.
fn actions(quirk: &WorldQuirk) -> BTreeSet<&'static str> {
    let row = Model::ec2().resource(quirk.resource);
    let mut actions: BTreeSet<&'static str> = quirk.shown_by.iter().copied().collect();
    if let Some(row) = row {
        actions.extend(row.make.first().map(|make| make.action));
        actions.extend(row.list.as_ref().map(|list| list.action));
        actions.extend(row.end.first().map(|end| end.action));
        actions.extend(row.change.iter().map(|change| change.action));
    }
    actions
}

/// A quirk, and the cases that it is tried with.
type Tried<'c> = (&'static Quirk, Vec<&'c Case>);

/// Runs the cases against an endpoint without quirks. Returns the ids of those that fail, and of those
/// that judge nothing.
fn honest(
    catalogue: &Catalogue,
    cases: &[&Case],
    options: &Options,
) -> Result<(BTreeSet<String>, BTreeSet<String>), SelfTestError> {
    let (mut unfit, mut unjudged) = (BTreeSet::new(), BTreeSet::new());
    // What the cases of the catalogue do not judge is wrong, too; laws may have nothing to judge.
    let is_made = cases.iter().all(|case| case.id.starts_with(laws::PREFIX));
    judge(catalogue, cases, None, options, &mut |record| {
        for case in record.cases {
            match case.verdict {
                Verdict::Pass => {}
                Verdict::NotRun | Verdict::Unimplemented if is_made => {
                    unjudged.insert(case.id);
                }
                _ => {
                    unfit.insert(case.id);
                }
            }
        }
        ControlFlow::Continue(())
    })?;
    Ok((unfit, unjudged))
}

/// Tries out each quirk, several at a time.
fn try_all(
    catalogue: &Catalogue,
    quirks: &[Tried<'_>],
    breaks: &Breaks,
    options: &Options,
    progress: &mut dyn FnMut(&Trial),
) -> Result<Vec<Trial>, SelfTestError> {
    let next = AtomicUsize::new(0);
    let (to, from) = mpsc::channel();
    let mut trials: Vec<(usize, Trial)> = Vec::with_capacity(quirks.len());
    std::thread::scope(|scope| {
        for _ in 0..options.jobs.get().min(quirks.len()) {
            let (to, next) = (to.clone(), &next);
            scope.spawn(move || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some((quirk, cases)) = quirks.get(at) else {
                        return;
                    };
                    let broken = breaks.requirements(quirk.name);
                    let ended = try_out(catalogue, cases, quirk, broken, options);
                    let ended = ended.map(|trial| (at, trial));
                    // The receiver is gone after another job has failed.
                    if to.send(ended).is_err() {
                        return;
                    }
                }
            });
        }
        drop(to);
        for ended in from {
            let (at, trial) = ended?;
            progress(&trial);
            trials.push((at, trial));
        }
        Ok::<(), SelfTestError>(())
    })?;
    trials.sort_by_key(|&(at, _)| at);
    Ok(trials.into_iter().map(|(_, trial)| trial).collect())
}

fn try_out(
    catalogue: &Catalogue,
    cases: &[&Case],
    quirk: &'static Quirk,
    breaks: &[String],
    options: &Options,
) -> Result<Trial, SelfTestError> {
    let started = Instant::now();
    let mut trial = Trial {
        quirk,
        breaks: breaks.to_vec(),
        catches: Vec::new(),
        cases: 0,
        harness_faults: 0,
        ms: 0,
    };
    let mut cases = cases.to_vec();
    if options.first_only && quirk.is_variant() {
        let mut families = BTreeSet::new();
        cases.retain(|case| case.phase() != Phase::Robustness && families.insert(case.family()));
    } else if options.first_only || quirk.area == Some(Area::World) {
        // What is left of other cases may get in the way of the likely ones.
        likely_first(&mut cases, catalogue, quirk, breaks);
    }
    let mut unanswered = 0;
    judge(catalogue, &cases, Some(quirk), options, &mut |record| {
        trial.harness_faults += record.summary.harness_faults;
        trial.cases += record.cases.len();
        for case in record.cases {
            unanswered += usize::from(case.exchange.is_some() && case.actual.is_none());
            if matches!(case.verdict, Verdict::Fail | Verdict::Warn) {
                trial.catches.push(catch(case, breaks));
            }
        }
        let found = options.first_only && trial.finding() == Finding::Caught;
        if found || unanswered >= MOST_UNANSWERED {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    trial
        .catches
        .sort_by_key(|catch| catch.verdict != Verdict::Fail);
    trial.ms = millis(started);
    Ok(trial)
}

/// Moves the cases to the front that are likely to find a fault.
fn likely_first(cases: &mut [&Case], catalogue: &Catalogue, quirk: &Quirk, breaks: &[String]) {
    let phases: &[Phase] = match quirk.area {
        Some(Area::Parsing) => &[Phase::Transport, Phase::Examples],
        Some(Area::Validation) => &[Phase::Examples, Phase::Boundaries],
        Some(
            Area::DryRun
            | Area::Idempotency
            | Area::State
            | Area::Policy
            | Area::World
            | Area::Retries,
        ) => &[Phase::Semantics],
        Some(Area::Envelope | Area::Fields) => &[Phase::Envelope, Phase::Semantics],
        Some(Area::Robustness | Area::Damage) => &[Phase::Robustness, Phase::Transport],
        Some(Area::Request | Area::Signature) => &[Phase::Examples],
        Some(Area::Successes | Area::Errors) => &[Phase::Envelope],
        None => &[],
    };
    // A fault's requirements begin with the most specific ones.
    let place = |id: &str| breaks.iter().position(|broken| broken == id);
    let mut families = BTreeSet::new();
    cases.sort_by_cached_key(|case| {
        let own = place(&case.requirement).unwrap_or(usize::MAX);
        let by_the_way = catalogue.tested_by(case);
        let by_the_way = by_the_way.iter().filter_map(|id| place(id)).min();
        let is_likely = phases.contains(&case.phase());
        let is_first = families.insert(case.family().to_owned());
        let by_the_way = by_the_way.unwrap_or(usize::MAX);
        (own, by_the_way, !is_likely, !is_first)
    });
}

/// Runs client cases against the reference client, a few at a time, until `look` returns that it
/// has enough.
async fn judge_client(
    catalogue: &Catalogue,
    cases: &[&Case],
    quirk: Option<&'static Quirk>,
    options: &Options,
    look: &mut dyn FnMut(RunRecord) -> ControlFlow<()>,
) -> Result<(), SelfTestError> {
    let client = Adapter::own(quirk, time_limit(quirk, options));
    for batch in cases.chunks(AT_A_TIME) {
        let options = runner::Options::default();
        let record = runner::client::run(catalogue, batch, &client, &options, &mut |_| {}).await?;
        if look(record).is_break() {
            break;
        }
    }
    Ok(())
}

/// If nothing hangs, a busy machine must not look as if something did.
fn time_limit(quirk: Option<&'static Quirk>, options: &Options) -> Duration {
    match quirk {
        Some(quirk) if !quirk.is_variant() => options.timeout,
        _ => options.timeout * PATIENCE,
    }
}

/// Runs the cases against their own endpoint, a few at a time, until `look` returns that it has
/// enough.
fn judge(
    catalogue: &Catalogue,
    cases: &[&Case],
    quirk: Option<&'static Quirk>,
    options: &Options,
    look: &mut dyn FnMut(RunRecord) -> ControlFlow<()>,
) -> Result<(), SelfTestError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| SelfTestError::Endpoint(error.to_string()))?;
    runtime.block_on(async {
        if catalogue.answers().is_some() {
            return judge_client(catalogue, cases, quirk, options, look).await;
        }
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let config = Config {
            ipam_ids: vec![IPAM.into()],
            policies_per_ipam: POLICIES,
            quirk,
            ..Config::default()
        };
        // Dropped rather than stopped: an endpoint that hangs would not stop in time.
        let endpoint = Endpoint::bind(loopback, config)
            .await
            .map_err(|error| SelfTestError::Endpoint(error.to_string()))?;
        let timeout = time_limit(quirk, options);
        let subject = HttpSubject::new(&endpoint.url(), Signer::default(), timeout)
            .map_err(|error| SelfTestError::Endpoint(error.to_string()))?;
        let options = runner::Options::default()
            .ipam_id(IPAM)
            .allow_create(true)
            .settle(options.settle);
        let mut rest = cases;
        let mut at_a_time = 1;
        while !rest.is_empty() {
            let batch;
            (batch, rest) = rest.split_at(rest.len().min(at_a_time));
            at_a_time = AT_A_TIME.min(at_a_time * 2);
            let record = runner::run(catalogue, batch, &subject, &options, &mut |_| {}).await?;
            if record.summary.unreachable {
                return Err(SelfTestError::Unreachable(endpoint.url()));
            }
            if look(record).is_break() {
                break;
            }
        }
        Ok(())
    })
}

fn catch(case: CaseRecord, breaks: &[String]) -> Catch {
    let mut binding = case.deviations;
    binding.retain(|deviation| deviation.level > Level::May);
    // The first of the most serious ones comes first.
    binding.sort_by_key(|deviation| Reverse(deviation.level));
    let gravest = binding.first().map(|deviation| deviation.level);
    let is_due = binding
        .iter()
        .any(|found| Some(found.level) == gravest && breaks.contains(&found.requirement));
    let blamed = Deviation::requirements(&binding);
    let worst = binding.into_iter().next();
    Catch {
        case: case.id,
        verdict: case.verdict,
        found: worst.map_or(case.note, |deviation| deviation.found),
        blamed,
        is_due,
    }
}
