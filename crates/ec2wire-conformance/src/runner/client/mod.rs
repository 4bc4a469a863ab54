//! Runs the client cases: tells the adapter what to call, answers its requests, and judges both
//! sides.

mod judge;
mod reading;

use self::judge::{ACCESS_KEY_ID, Called, Judge, REGION};
use super::budget::MessageBudget;
use super::case::Done;
use super::pace::{Limit, Pace};
use super::tokens::Tokens;
use super::{Course, End, Event, Options, RunError, Worker, millis};
use crate::catalogue::Catalogue;
use crate::catalogue::answers::Answers;
use crate::format::case::{Call, Case, Phase};
use crate::inspect::Inspector;
use crate::record::{Actual, CaseRecord, Deviation, Exchange, Kind, RunRecord, Verdict};
use crate::subject::adapter::{Adapter, CallResult, Credentials, Lost, Order, Process};
use crate::subject::listener::{Listener, Received, Seen};
use crate::wire::secrets::Known;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;

/// The minimum number of retries for a case with a doubtful result.
const DOUBTFUL_RETRIES: u32 = 1;

/// How many processes are started ahead, if each call needs one of its own.
const SPARES: usize = 2;

/// The first call of a process, whatever it is.
const START: &str = "start";

/// The IPAM that calls use.
const IPAM: &str = "ipam-0123456789abcdef0";

/// What the calls of a run share.
struct Calls<'r> {
    catalogue: &'r Catalogue,
    adapter: &'r Adapter,
    inspector: &'r Inspector,
    answers: Arc<Answers>,
    /// Generated for the run, so that no client can know it from elsewhere.
    secret: String,
    /// The same, to be removed from the client's messages.
    known: Known,
    /// The tokens that the client generated, with their calls.
    tokens: RefCell<BTreeMap<String, String>>,
    /// The waits for results, by the kind of answer that the client gets.
    pace: Pace,
    /// How much of the messages is kept.
    budget: MessageBudget,
    /// Whether each call has a process of its own, since a used one did not return; unknown before
    /// that.
    fresh: Cell<Option<bool>>,
    /// How many calls of used processes did not return, one after the other.
    used_hung: Cell<u32>,
}

impl Calls<'_> {
    /// What a client that gets these answers has to handle.
    fn kind(&self, case: &Case, answers: &[String]) -> &'static str {
        if case.phase() == Phase::Robustness {
            return "a damaged answer";
        }
        // After an error before the last answer, the client is to try again.
        let last = answers.last().and_then(|name| self.answers.get(name));
        if last.is_some_and(|spec| spec.status >= 400) {
            "an error"
        } else {
            "an answer without an error"
        }
    }

    /// Learns from a call that did not return whether used processes are to blame.
    fn note_hung(&self, is_fresh: bool) {
        if is_fresh {
            self.fresh.set(Some(false));
            return;
        }
        self.used_hung.set(self.used_hung.get() + 1);
        if self.used_hung.get() > 1 && self.fresh.get().is_none() {
            self.fresh.set(Some(true));
        }
    }

    /// Why no more such calls are made.
    fn given_up(&self, kind: &str) -> Option<String> {
        if self.pace.is_hopeless(kind) {
            Some(format!(
                "not called: no call that gets {kind} ever returned in time"
            ))
        } else {
            let is_silent = self.pace.seems_silent();
            is_silent.then(|| "not called: no call returns in time any more".to_owned())
        }
    }

    /// The order to make a call to an endpoint.
    fn order<'o>(
        &'o self,
        id: &'o str,
        listener: &'o Listener,
        operation: &'o str,
        input: &'o serde_json::Value,
    ) -> Order<'o> {
        Order {
            id,
            endpoint: listener.url(),
            region: REGION,
            credentials: Credentials {
                access_key_id: ACCESS_KEY_ID,
                secret_access_key: &self.secret,
            },
            operation,
            input,
        }
    }

    /// What the call with that id broke. Fails if the case is wrong.
    fn judge(&self, called: &Called<'_>, id: String) -> Result<Vec<Deviation>, String> {
        let judge = Judge {
            inspector: self.inspector,
            answers: &self.answers,
            secret: &self.secret,
        };
        let mut deviations = judge.judge(called)?;
        if let Some(token) = judge::own_token(called)
            && let Some(before) = self.tokens.borrow_mut().insert(token.clone(), id)
        {
            deviations.push(judge.stale_token(&token, &before));
        }
        Ok(deviations)
    }
}

/// A case's calls, and what they share.
struct CaseCalls<'c> {
    case: &'c Case,
    listener: &'c Listener,
    tokens: Tokens,
}

impl CaseCalls<'_> {
    /// The value of a variable.
    fn lookup(&self, name: &str) -> Option<String> {
        match name {
            "ipam" => Some(IPAM.to_owned()),
            "region" => Some(REGION.to_owned()),
            "item" => self.case.item.clone(),
            _ => self.tokens.lookup(name),
        }
    }

    /// The names of the answers to a call.
    fn answers(&self, call: &Call) -> Vec<String> {
        let named = |name: &String| match (name.as_str(), &self.case.item) {
            ("${item}", Some(item)) => item.clone(),
            _ => name.clone(),
        };
        call.answers.iter().map(named).collect()
    }
}

/// Runs one client process and gives it one order after the other.
struct Caller<'r> {
    calls: &'r Calls<'r>,
    process: RefCell<Option<Process>>,
    /// Processes that were started ahead, the oldest first.
    spares: RefCell<VecDeque<Process>>,
}

/// Runs the cases against a client and reports events as they happen.
///
/// Each job has its own process. A client that dies or hangs is restarted; its case is judged for
/// that, and the others continue. The record always has every case.
///
/// # Errors
///
/// The catalogue is not for clients.
pub async fn run(
    catalogue: &Catalogue,
    cases: &[&Case],
    adapter: &Adapter,
    options: &Options,
    watch: &mut dyn FnMut(Event<'_>),
) -> Result<RunRecord, RunError> {
    let mut course = Course::new(catalogue, cases, options, watch);
    let answers = catalogue.answers().ok_or(RunError::NotForClients)?;
    let inspector = Inspector::embedded()?;
    let secret = uuid::Uuid::new_v4().simple().to_string();
    let calls = Calls {
        catalogue,
        adapter,
        inspector: &inspector,
        answers: Arc::new(answers.clone()),
        known: Known::new([secret.as_str()]),
        secret,
        tokens: RefCell::default(),
        pace: Pace::of_calls(),
        budget: MessageBudget::default(),
        fresh: Cell::default(),
        used_hung: Cell::default(),
    };
    let jobs = options.jobs.clamp(1, cases.len().max(1));
    let callers: Vec<Caller<'_>> = (0..jobs)
        .map(|_| Caller {
            calls: &calls,
            process: RefCell::default(),
            spares: RefCell::default(),
        })
        .collect();
    let mut head = course.head(Kind::Client, adapter.command());
    head.region = REGION.into();
    course.tell(Event::Begins(&head));
    // A program that cannot be started is not a client.
    let mut end = match adapter.start() {
        Ok(process) => {
            if let Some(first) = callers.first() {
                *first.process.borrow_mut() = Some(process);
            }
            None
        }
        Err(lost) => Some(End::Dead(lost.to_string())),
    };
    if end.is_none() {
        end = course.go(&callers).await;
    }
    for caller in callers {
        let spares = caller.spares.into_inner();
        for process in caller.process.into_inner().into_iter().chain(spares) {
            process.stop().await;
        }
    }
    let mut record = course.conclude(head, end.as_ref(), 0);
    record.summary.waited_for_answers = calls.pace.learned();
    Ok(record)
}

impl Worker for Caller<'_> {
    /// A case is repeated if the client says that no complete answer came although one was sent: a
    /// busy machine must not look like a faulty client.
    async fn case(&self, case: &Case, retries: u32) -> Done {
        let started = Instant::now();
        let mut run = self.attempt(case).await;
        let mut tries = 0;
        while run.is_doubtful && tries < retries.max(DOUBTFUL_RETRIES) {
            tries += 1;
            let before = run.record.made.take().unwrap_or_default();
            run = self.attempt(case).await;
            run.record.retries = tries;
            run.record.note = format!("{}; attempt {tries}: {before}", run.record.note);
        }
        let dead = match run.lost {
            Some(Lost::NotStarted(what)) => Some(what),
            // A client with garbled answers can still run.
            Some(Lost::Garbled(_)) | None => None,
            // Nor is it dead for what was hardly waited for.
            Some(_) if run.is_open && self.calls.pace.has_paid(START) => None,
            Some(_) => self.is_alive().await.err(),
        };
        run.record.ms = millis(started);
        run.record.shorten_words();
        Done {
            record: self.without_secret(run.record),
            dead: dead.map(|what| self.calls.known.redact_text(what)),
        }
    }
}

/// A case in progress.
struct CaseRun {
    record: CaseRecord,
    lost: Option<Lost>,
    /// Whether the result was not waited for as long as it could be.
    is_open: bool,
    /// Whether the client says that it got no complete answer, although one was sent.
    is_doubtful: bool,
}

impl Caller<'_> {
    async fn attempt(&self, case: &Case) -> CaseRun {
        let mut run = CaseRun {
            record: super::blank(self.calls.catalogue, case, Verdict::Pass, String::new()),
            lost: None,
            is_open: false,
            is_doubtful: false,
        };
        let listener = match Listener::bind(Arc::clone(&self.calls.answers)).await {
            Ok(listener) => listener,
            Err(error) => {
                run.record.verdict = Verdict::NotRun;
                run.record.note = format!("cannot listen on a port: {error}");
                return run;
            }
        };
        let calls = CaseCalls {
            case,
            listener: &listener,
            tokens: Tokens::default(),
        };
        for index in 0..case.calls.len() {
            if let Err(what) = self.call(&calls, index, &mut run).await {
                run.record.verdict = Verdict::NotRun;
                run.record.note = what;
                return run;
            }
            if run.is_open || !run.record.deviations.is_empty() || run.lost.is_some() {
                break;
            }
        }
        run.record.verdict = if run.is_open {
            Verdict::NotRun
        } else {
            Verdict::from_deviations(&run.record.deviations)
        };
        run
    }

    /// Makes a call and judges it. Fails if the case is wrong.
    async fn call(
        &self,
        case: &CaseCalls<'_>,
        index: usize,
        run: &mut CaseRun,
    ) -> Result<(), String> {
        let Some(call) = case.case.calls.get(index) else {
            return Ok(());
        };
        let input = call.input.resolve(&|name| case.lookup(name));
        let input = input.map_err(|error| error.to_string())?;
        let answers = case.answers(call);
        run.record.legal = answers
            .iter()
            .filter_map(|name| Some(self.calls.answers.get(name)?.in_words(name)))
            .collect();
        case.listener.begin(answers.clone());
        let id = format!("{}#{}", case.case.id, index + 1);
        let json = judge::json(&input);
        let order = self
            .calls
            .order(&id, case.listener, call.operation(), &json);
        let kind = self.calls.kind(case.case, &answers);
        if let Some(why) = self.calls.given_up(kind) {
            return Err(why);
        }
        let (outcome, limit) = self.order(&order, kind).await;
        // Judging does not wait for anything, so this is where the run's time can end before it.
        tokio::task::yield_now().await;
        let Received {
            seen,
            strays,
            left_out,
        } = case.listener.received();
        run.record.note = note(&order, &strays, left_out);
        self.keep(run, &seen);
        let reported = match outcome {
            Ok(reported) => reported,
            Err(lost @ Lost::Hung(_)) if limit != Limit::Whole => {
                let whole = self.calls.adapter.timeout().as_secs_f64();
                run.record.note =
                    format!("no result in a brief wait, after others of {whole} s were in vain");
                run.is_open = true;
                run.lost = Some(lost);
                return Ok(());
            }
            Err(lost) => {
                run.record.deviations.push(self.lost(&lost));
                run.lost = Some(lost);
                return Ok(());
            }
        };
        run.record.made = Some(reading::in_words(&reported));
        run.is_doubtful = judge::is_doubtful(&self.calls.answers, &reported, &seen);
        note_error(&mut run.record, &reported, &seen);
        let called = Called {
            call,
            requirement: &case.case.requirement,
            input: &input,
            seen: &seen,
            result: &reported,
        };
        run.record.deviations = self.calls.judge(&called, id)?;
        Ok(())
    }

    /// Orders a call, after starting the client if it is not running. Returns how long the result
    /// was waited for, too.
    async fn order(
        &self,
        order: &Order<'_>,
        kind: &'static str,
    ) -> (Result<CallResult, Lost>, Limit) {
        let (pace, whole) = (&self.calls.pace, self.calls.adapter.timeout());
        let before = self.process.borrow_mut().take();
        let before = before.filter(|_| self.calls.fresh.get() != Some(true));
        // The start of a program takes its time.
        let is_fresh = before.is_none();
        let kind = if is_fresh { START } else { kind };
        let limit = pace.limit(kind, whole);
        let started = Instant::now();
        let process = before.map_or_else(|| self.start(), Ok);
        let mut process = match process {
            Ok(process) => process,
            Err(lost) => return (Err(lost), limit),
        };
        let result = process.call(order, limit.of(whole)).await;
        match &result {
            // A client that did not return is killed.
            Err(Lost::Hung(_)) => {
                pace.in_vain(kind, limit);
                self.calls.note_hung(is_fresh);
            }
            Err(_) => {}
            Ok(_) => {
                pace.paid(kind, started.elapsed());
                if !is_fresh {
                    self.calls.used_hung.set(0);
                }
                *self.process.borrow_mut() = Some(process);
            }
        }
        (result, limit)
    }

    /// A process that has not been used, and others ahead if each call needs one.
    fn start(&self) -> Result<Process, Lost> {
        let mut spares = self.spares.borrow_mut();
        let process = spares
            .pop_front()
            .map_or_else(|| self.calls.adapter.start(), Ok)?;
        while self.calls.fresh.get() == Some(true) && spares.len() < SPARES {
            // One that cannot be started is told when it is needed.
            let Ok(spare) = self.calls.adapter.start() else {
                break;
            };
            spares.push_back(spare);
        }
        Ok(process)
    }

    /// Whether a freshly started client makes a plain call.
    async fn is_alive(&self) -> Result<(), String> {
        let listener = Listener::bind(Arc::clone(&self.calls.answers))
            .await
            .map_err(|error| error.to_string())?;
        listener.begin(vec!["plain".into()]);
        let input = serde_json::json!({ "IpamId": IPAM });
        let order = self
            .calls
            .order("alive", &listener, "CreateIpamPolicy", &input);
        let (result, _) = self.order(&order, START).await;
        result.map(drop).map_err(|lost| lost.to_string())
    }

    fn lost(&self, lost: &Lost) -> Deviation {
        let id = "adapter-answers";
        let known = self.calls.inspector.requirement(id);
        Deviation::new(id.to_owned(), known, lost.to_string(), None)
    }

    /// Puts the traffic into the record.
    fn keep(&self, run: &mut CaseRun, seen: &[Seen]) {
        for seen in seen {
            let known = seen.secrets();
            let request = seen.request.message(&known);
            let budget = &self.calls.budget;
            let response = seen.response.as_ref();
            let response = response.map(|answer| budget.kept(answer.message(&known)));
            let exchange = Exchange {
                request: budget.kept(self.calls.known.redact_message(request)),
                response,
            };
            run.record
                .earlier
                .extend(run.record.exchange.replace(exchange));
            let response = seen.response.as_ref();
            run.record.actual = response.map(|response| response.answered().actual());
        }
    }

    /// Removes the run's secret from the record, since a client may repeat it in any text.
    fn without_secret(&self, record: CaseRecord) -> CaseRecord {
        let Ok(text) = serde_json::to_string(&record) else {
            return record;
        };
        let clean = self.calls.known.redact_text(text.clone());
        if clean == text {
            return record;
        }
        serde_json::from_str(&clean).unwrap_or(record)
    }
}

/// Notes the error that a client reports, as the answer that it got.
fn note_error(record: &mut CaseRecord, reported: &CallResult, seen: &[Seen]) {
    let CallResult::Error {
        code,
        status,
        request_id,
        ..
    } = reported
    else {
        return;
    };
    let answered = || Some(seen.last()?.response.as_ref()?.status);
    // Without a status there was no answer; the client's own words are kept as they are.
    record.actual = status.or_else(answered).map(|status| Actual {
        status,
        code: code.clone(),
        request_id: request_id.clone(),
    });
}

/// Notes the order, and what the client sent besides requests.
fn note(order: &Order<'_>, strays: &[String], left_out: usize) -> String {
    let mut note = format!("the call was {} with {}", order.operation, order.input);
    for stray in strays {
        note.push_str("; the client sent something other than a request: ");
        note.push_str(stray);
    }
    if left_out > 0 {
        _ = write!(note, "; {left_out} requests in between were not kept");
    }
    note
}
