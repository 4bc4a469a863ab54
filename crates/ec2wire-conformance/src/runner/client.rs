//! Runs the cases for clients: tells the adapter what to call, answers what it sends, and judges
//! both.

use super::case::Done;
use super::{Clock, End, Event, Options, Shared, Turn, Worker, millis};
use crate::answers::Answers;
use crate::case::{Call, Case};
use crate::catalogue::Catalogue;
use crate::client::{self, ACCESS_KEY_ID, Called, Judge, REGION};
use crate::inspect::{Answer, Inspector};
use crate::record::{
    Actual, CaseRecord, Deviation, Difference, Exchange, Kind, RunHead, RunRecord, Verdict,
};
use crate::subject::adapter::{Adapter, Credentials, Lost, Made, Order, Process};
use crate::subject::listener::{Came, Listener, Seen};
use crate::subject::secrets::Known;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;

/// How often a case is run again at least whose outcome is doubtful.
const DOUBTFUL_RETRIES: u32 = 1;

/// The IPAM that calls name.
const IPAM: &str = "ipam-0123456789abcdef0";

/// What the calls of a run share.
struct Calls<'r> {
    catalogue: &'r Catalogue,
    adapter: &'r Adapter,
    inspector: &'r Inspector,
    answers: Arc<Answers>,
    /// Made up for the run, so that no client can know it from elsewhere.
    secret: String,
    /// The same, to be taken out of what a client says.
    known: Known,
    /// The tokens that the client made up, with the calls that had them.
    tokens: RefCell<BTreeMap<String, String>>,
}

/// Has one client run, and makes it call one thing after the other.
struct Caller<'r> {
    calls: &'r Calls<'r>,
    process: RefCell<Option<Process>>,
}

/// Runs the cases against a client and reports what happens as it does.
///
/// Each job has a process of its own. A client that dies or hangs is started again; its case is
/// judged for that, the others go on. The record always has every case.
///
/// Fails where the catalogue is not one for clients.
pub async fn run(
    catalogue: &Catalogue,
    cases: &[&Case],
    adapter: &Adapter,
    options: &Options,
    watch: &mut dyn FnMut(Event<'_>),
) -> Result<RunRecord, String> {
    let started = Instant::now();
    let clock = Clock::new(options);
    let answers = catalogue
        .answers()
        .ok_or("the cases are none for clients")?;
    let inspector = Inspector::embedded().map_err(|error| error.to_string())?;
    let secret = uuid::Uuid::new_v4().simple().to_string();
    let calls = Calls {
        catalogue,
        adapter,
        inspector: &inspector,
        answers: Arc::new(answers.clone()),
        known: Known::new([secret.as_str()]),
        secret,
        tokens: RefCell::default(),
    };
    let jobs = options.jobs.clamp(1, cases.len().max(1));
    let callers: Vec<Caller<'_>> = (0..jobs)
        .map(|_| Caller {
            calls: &calls,
            process: RefCell::default(),
        })
        .collect();
    let head = RunHead {
        version: env!("CARGO_PKG_VERSION").into(),
        kind: Kind::Client,
        endpoint: adapter.command(),
        embedded: false,
        selected: cases.len(),
        started: jiff::Timestamp::now().to_string(),
        region: REGION.into(),
        ipam: String::new(),
        ipam_ids: Vec::new(),
        ipams_created: false,
        generated: None,
        stale: options.stale(catalogue),
    };
    watch(Event::Begins(&head));
    let mut turn = Turn::new(cases.len());
    // A program that cannot be started is no client.
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
        end = super::go(cases, &callers, options, &clock, &mut turn, watch).await;
    }
    for caller in callers {
        if let Some(process) = caller.process.into_inner() {
            process.stop().await;
        }
    }
    let shared = Shared::default();
    Ok(super::conclude(
        catalogue,
        cases,
        head,
        turn,
        end.as_ref(),
        &shared,
        options,
        started,
        watch,
    ))
}

impl Worker for Caller<'_> {
    /// A case is run again where the client says that no whole answer came, and one was sent: a
    /// machine that is busy must not look like a client that is wrong.
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
            // One that garbles its answers runs.
            Some(Lost::Garbled(_)) | None => None,
            Some(_) => self.is_alive().await.err(),
        };
        run.record.ms = millis(started);
        Done {
            record: self.without_secret(run.record),
            dead: dead.map(|what| self.calls.known.out_of_text(what)),
        }
    }
}

/// A case while it runs.
struct CaseRun {
    record: CaseRecord,
    lost: Option<Lost>,
    /// Whether the client says that it got no whole answer, and one was sent.
    is_doubtful: bool,
}

impl Caller<'_> {
    async fn attempt(&self, case: &Case) -> CaseRun {
        let mut run = CaseRun {
            record: super::blank(self.calls.catalogue, case, Verdict::Pass, String::new()),
            lost: None,
            is_doubtful: false,
        };
        let listener = match Listener::bind(Arc::clone(&self.calls.answers)).await {
            Ok(listener) => listener,
            Err(error) => {
                run.record.verdict = Verdict::NotRun;
                run.record.note = format!("there is no port to listen at: {error}");
                return run;
            }
        };
        let tokens: RefCell<BTreeMap<String, String>> = RefCell::default();
        for (index, call) in case.calls.iter().enumerate() {
            let called = self.call(case, index, call, &listener, &tokens, &mut run);
            if let Err(what) = called.await {
                run.record.verdict = Verdict::NotRun;
                run.record.note = what;
                return run;
            }
            if !run.record.deviations.is_empty() || run.lost.is_some() {
                break;
            }
        }
        run.record.verdict = Verdict::of(&run.record.deviations);
        run
    }

    /// Makes a call and judges it. Fails where the case is wrong.
    async fn call(
        &self,
        case: &Case,
        index: usize,
        call: &Call,
        listener: &Listener,
        tokens: &RefCell<BTreeMap<String, String>>,
        run: &mut CaseRun,
    ) -> Result<(), String> {
        let lookup = |name: &str| match name {
            "ipam" => Some(IPAM.to_owned()),
            "region" => Some(REGION.to_owned()),
            "item" => case.item.clone(),
            _ if name.starts_with("token") => {
                let mut tokens = tokens.borrow_mut();
                let token = tokens
                    .entry(name.to_owned())
                    .or_insert_with(|| uuid::Uuid::new_v4().to_string());
                Some(token.clone())
            }
            _ => None,
        };
        let input = call
            .input
            .resolve(&lookup)
            .map_err(|error| error.to_string())?;
        let named = |name: &String| match (name.as_str(), &case.item) {
            ("${item}", Some(item)) => item.clone(),
            _ => name.clone(),
        };
        let answers: Vec<String> = call.answers.iter().map(named).collect();
        run.record.legal = answers
            .iter()
            .filter_map(|name| Some(self.calls.answers.get(name)?.in_words(name)))
            .collect();
        listener.begin(answers);
        let id = format!("{}#{}", case.id, index + 1);
        let json = client::json(&input);
        let order = Order {
            id: &id,
            endpoint: listener.url(),
            region: REGION,
            credentials: Credentials {
                access_key_id: ACCESS_KEY_ID,
                secret_access_key: &self.calls.secret,
            },
            operation: call.operation(),
            input: &json,
        };
        let made = self.order(&order).await;
        let Came {
            seen,
            strays,
            left_out,
        } = listener.came();
        run.record.note = note(&order, &strays, left_out);
        self.keep(run, &seen);
        let made = match made {
            Ok(made) => made,
            Err(lost) => {
                run.record.deviations.push(self.lost(&lost));
                run.lost = Some(lost);
                return Ok(());
            }
        };
        run.record.made = Some(client::in_words(&made));
        run.is_doubtful = client::is_doubtful(&self.calls.answers, &made, &seen);
        if let Made::Error {
            code,
            status,
            request_id,
            ..
        } = &made
        {
            let answered = || Some(seen.last()?.answer.as_ref()?.status);
            // Without a status nothing was answered; the client's own words are kept as such.
            run.record.actual = status.or_else(answered).map(|status| Actual {
                status,
                code: code.clone(),
                request_id: request_id.clone(),
            });
        }
        let wire_name = |member: &str| self.calls.catalogue.wire_name(member);
        let judge = Judge {
            inspector: self.calls.inspector,
            answers: &self.calls.answers,
            secret: &self.calls.secret,
            wire_name: &wire_name,
        };
        let called = Called {
            call,
            requirement: &case.requirement,
            input: &input,
            seen: &seen,
            made: &made,
        };
        let mut deviations = judge.judge(&called)?;
        if let Some(token) = client::own_token(&called)
            && let Some(before) = self
                .calls
                .tokens
                .borrow_mut()
                .insert(token.clone(), id.clone())
        {
            deviations.push(judge.stale_token(&token, &before));
        }
        run.record.deviations = deviations;
        Ok(())
    }

    /// Has the client make a call, after starting it where it does not run.
    async fn order(&self, order: &Order<'_>) -> Result<Made, Lost> {
        let before = self.process.borrow_mut().take();
        let mut process = match before {
            Some(process) => process,
            None => self.calls.adapter.start()?,
        };
        let made = process.call(order).await;
        // One that did not come back is killed.
        if made.is_ok() {
            *self.process.borrow_mut() = Some(process);
        }
        made
    }

    /// Whether a client that was started anew makes a plain call.
    async fn is_alive(&self) -> Result<(), String> {
        let listener = Listener::bind(Arc::clone(&self.calls.answers))
            .await
            .map_err(|error| error.to_string())?;
        listener.begin(vec!["plain".into()]);
        let input = serde_json::json!({ "IpamId": IPAM });
        let order = Order {
            id: "alive",
            endpoint: listener.url(),
            region: REGION,
            credentials: Credentials {
                access_key_id: ACCESS_KEY_ID,
                secret_access_key: &self.calls.secret,
            },
            operation: "CreateIpamPolicy",
            input: &input,
        };
        self.order(&order)
            .await
            .map(drop)
            .map_err(|lost| lost.to_string())
    }

    fn lost(&self, lost: &Lost) -> Deviation {
        let id = "adapter-answers";
        let known = self.calls.inspector.requirement(id);
        Deviation::new(id.to_owned(), known, lost.to_string(), None)
    }

    /// Puts what came over the wire into the record.
    fn keep(&self, run: &mut CaseRun, seen: &[Seen]) {
        for seen in seen {
            let exchange = Exchange {
                request: self.calls.known.out_of_message(seen.request.message()),
                response: seen.answer.as_ref().map(Answer::message),
            };
            run.record
                .earlier
                .extend(run.record.exchange.replace(exchange));
            let answer = seen.answer.as_ref();
            run.record.actual = answer.map(|answer| answer.answered().actual());
        }
    }

    /// The record without the run's secret, which a client may repeat in anything that it says.
    fn without_secret(&self, record: CaseRecord) -> CaseRecord {
        let Ok(text) = serde_json::to_string(&record) else {
            return record;
        };
        let clean = self.calls.known.out_of_text(text.clone());
        if clean == text {
            return record;
        }
        serde_json::from_str(&clean).unwrap_or(record)
    }
}

/// What the client was told, and what it sent besides requests.
fn note(order: &Order<'_>, strays: &[String], left_out: usize) -> String {
    let mut note = format!("the call was {} with {}", order.operation, order.input);
    for stray in strays {
        note.push_str("; what came is no request: ");
        note.push_str(stray);
    }
    if left_out > 0 {
        _ = write!(note, "; {left_out} requests in between were not kept");
    }
    note
}

impl Difference {
    /// Whether it is in a request.
    pub fn is_in_request(&self) -> bool {
        self.at.starts_with(crate::inspect::Spot::PREFIX)
    }
}
