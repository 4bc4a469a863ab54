//! Sends the requests of a record again and compares the answers.
//!
//! The requests are byte for byte the recorded ones, with new signatures. What cannot mean the same
//! a second time is replaced, unless the caller wants the very same bytes:
//!
//! - an IPAM that was created for the run, by a new one or the caller's;
//! - the UUID of a client token, by a new one, the same throughout a case;
//! - an id from an earlier answer of the case, by what the new answer has at that place.

use super::fixture::Ipam;
use super::limits::Clock;
use super::pace::Pace;
use super::recorded;
use super::scope::makes_more_than_ipams;
use super::waiting::{Next, Wait};
use super::{End, Options, RunError, Runner, Shared};
use crate::catalogue::Catalogue;
use crate::catalogue::known::Unjudged;
use crate::format::case::{HeaderNames, Step};
use crate::format::verbs::is_reading;
use crate::judge;
use crate::judge::gone::Gone;
use crate::judge::likeness::{self, Likeness};
use crate::laws::{self, Fixtures};
use crate::record::{CaseRecord, Exchange, Left, Message, PartialRecord, Place};
use crate::subject::http::{Draft, HttpSubject};
use crate::text::count_of;
use crate::wire::Answered;
use crate::wire::form::escaped;
use crate::wire::referee::Element;
use regex_lite::Regex;
use std::collections::BTreeMap;
use std::time::Duration;

/// The pause before a step that may take time is repeated.
const PAUSE: Duration = Duration::from_millis(50);
/// The action that creates policies.
const CREATE_POLICY: &str = "CreateIpamPolicy";
/// The error for a client token that was used for another request.
const TOKEN_MISMATCH: &str = "IdempotentParameterMismatch";
const UUID: &str = "(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

/// The result of sending a case again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// The case's id.
    pub id: String,
    /// How the answers compare.
    pub outcome: Outcome,
    /// The status of the last new answer.
    pub status: Option<u16>,
    /// The differences, each with its step.
    pub differences: Vec<String>,
    /// Remarks: what was replaced by what, why nothing was sent, and the like.
    pub notes: Vec<String>,
}

/// How the new answers compare with the recorded ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Alike, apart from ids, times and how far a state has progressed.
    Same,
    /// At least one difference.
    Differs,
    /// Nothing, or not everything, could be sent.
    NotSent,
}

/// What a replay reports while it is in progress.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Event<'r> {
    /// A case has ended.
    Replayed(&'r Replayed),
    /// A problem that is not a case's, in words.
    Trouble(&'r str),
    /// Before it starts: how many things the requests create that stay, by action.
    Lasting(&'r [(String, usize)]),
    /// Things that the replay made and a deletion left.
    Left(&'r Left),
}

/// The totals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// The cases whose answers are alike.
    pub same: usize,
    /// Those whose answers differ.
    pub differ: usize,
    /// Those that could not be sent again.
    pub not_sent: usize,
    /// Whether the subject was unreachable or died, or the replay was interrupted.
    pub cut_short: bool,
}

impl Totals {
    /// 0 if all are alike, 1 if some differ, 3 if the subject is unreachable or the replay was cut
    /// short, 4 if nothing was sent.
    pub fn exit_code(&self) -> u8 {
        if self.cut_short {
            3
        } else if self.differ > 0 {
            1
        } else if self.same == 0 {
            4
        } else {
            0
        }
    }

    fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Same => self.same += 1,
            Outcome::Differs => self.differ += 1,
            Outcome::NotSent => self.not_sent += 1,
        }
    }
}

impl Replayed {
    fn new(id: &str, outcome: Outcome) -> Self {
        Self {
            id: id.to_owned(),
            outcome,
            status: None,
            differences: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn not_sent(id: &str, why: String) -> Self {
        Self {
            notes: vec![why],
            ..Self::new(id, Outcome::NotSent)
        }
    }
}

/// What to send again.
#[derive(Debug, Clone, Copy)]
pub struct Selected<'r> {
    /// The record.
    pub record: &'r PartialRecord,
    /// The selected cases of the record.
    pub cases: &'r [&'r CaseRecord],
    /// Whether the very same bytes are sent.
    pub verbatim: bool,
    /// Whether what the requests create stays.
    pub keep: bool,
}

/// Sends the requests of some cases of a record again and reports each case as it ends.
///
/// The replay deletes what it creates, unless that is to be kept, and looks whether it is gone. It
/// uses only these options: `ipam_id`, `settle`, `wait`, `time_limit` and `interrupted`.
///
/// # Errors
///
/// Only if an embedded table is wrong, which a test excludes.
pub async fn replay(
    catalogue: &Catalogue,
    selected: &Selected<'_>,
    subject: &HttpSubject,
    options: &Options,
    watch: &mut dyn FnMut(Event<'_>),
) -> Result<Totals, RunError> {
    let Selected {
        record,
        cases,
        verbatim,
        keep,
    } = *selected;
    let clock = Clock::new(options);
    let (unjudged, gone) = (Unjudged::embedded()?, Gone::embedded()?);
    let shared = Shared {
        states: Pace::of_states(),
        ..Shared::default()
    };
    let fixtures = options.fixtures_or_embedded()?;
    let runner = Runner::new(catalogue, subject, options, &fixtures, &unjudged, &shared);
    let lasting = lasting(cases, keep, &fixtures);
    if !lasting.is_empty() {
        watch(Event::Lasting(&lasting));
    }
    let mut end = runner.reach(options.wait, &clock).await.err();
    let mut ipam = None;
    if end.is_none() && !verbatim && !cases.is_empty() {
        tokio::select! {
            biased;
            why = clock.over() => end = Some(End::Stopped(why)),
            instead = runner.ipam_instead(record, options, keep, watch) => ipam = instead,
        }
    }
    let old = record.run.ipam_ids.iter();
    let new = ipam.as_ref().map(Ipam::id);
    let ipams = old.filter_map(|old| Some((old.clone(), new?.to_owned())));
    let player = Player {
        runner,
        likeness: Likeness::new()?,
        uuid: Regex::new(UUID)?,
        verbatim,
        keep,
        responses: responses_of(record),
        ipams: ipams.collect(),
    };
    let mut totals = Totals::default();
    let mut left = cases.iter();
    while end.is_none() {
        let Some(case) = left.next() else {
            break;
        };
        let replayed = tokio::select! {
            biased;
            why = clock.over() => {
                let why = end.insert(End::Stopped(why));
                Replayed::not_sent(&case.id, why.note())
            }
            (replayed, dead) = player.case(case) => {
                end = dead.map(End::Dead);
                replayed
            }
        };
        totals.count(replayed.outcome);
        watch(Event::Replayed(&replayed));
    }
    if let Some(end) = &end {
        // One reason for all remaining cases, and so one message.
        let not_sent = left.len();
        totals.not_sent += not_sent;
        let cases = count_of(not_sent, "case");
        watch(Event::Trouble(&match not_sent {
            0 => end.note(),
            _ => format!("{}; {cases} not sent", end.note()),
        }));
    }
    totals.cut_short = end.is_some();
    // The IPAM of policies that are kept is kept with them.
    if !keep && !matches!(end, Some(End::Dead(_))) {
        let created: Vec<String> = ipam.iter().filter_map(Ipam::created).collect();
        let (left, cleaned) = player.runner.clean_up(&created, &gone, end.as_ref()).await;
        if let Err(why) = cleaned {
            watch(Event::Trouble(&why));
        }
        for left in &left {
            watch(Event::Left(left));
        }
    }
    Ok(totals)
}

impl Runner<'_> {
    /// The IPAM instead of the recorded ones, if they need a replacement.
    async fn ipam_instead(
        &self,
        record: &PartialRecord,
        options: &Options,
        keep: bool,
        watch: &mut dyn FnMut(Event<'_>),
    ) -> Option<Ipam> {
        let ipam = match &options.ipam_id {
            Some(id) => Ipam::Given(id.clone()),
            None if record.run.ipams_created => self.create_ipam().await,
            None => return None,
        };
        match &ipam {
            Ipam::Placeholder(why) => {
                watch(Event::Trouble(&format!(
                    "the recorded IPAM was created for that run, and no other is known to exist: \
                     {why}"
                )));
                return None;
            }
            Ipam::Created(id) if keep => {
                watch(Event::Trouble(&format!(
                    "the IPAM {id} is created, and kept"
                )));
            }
            Ipam::Created(_) | Ipam::Given(_) => {}
        }
        Some(ipam)
    }
}

struct Player<'r> {
    runner: Runner<'r>,
    likeness: Likeness,
    uuid: Regex,
    verbatim: bool,
    keep: bool,
    /// The recorded responses.
    responses: Vec<&'r str>,
    /// The recorded IPAMs, and their replacements in every case.
    ipams: Vec<(String, String)>,
}

/// A text of the record, and its replacement.
struct Swap {
    old: String,
    new: String,
    /// The step, from 1, whose answer contains it; `None` if it is not from an answer.
    step: Option<usize>,
}

impl Player<'_> {
    /// Sends a case again. Also returns why the subject is no longer reachable.
    async fn case(&self, case: &CaseRecord) -> (Replayed, Option<String>) {
        self.runner.patience.renew();
        let exchanges: Vec<&Exchange> = exchanges_of(case).collect();
        if exchanges.is_empty() {
            let why = "the record has no request for this case".to_owned();
            return (Replayed::not_sent(&case.id, why), None);
        }
        let known = self.runner.catalogue.cases().iter();
        let steps = known
            .filter(|known| known.id == case.id)
            .flat_map(|known| &known.steps);
        // A case that is in no catalogue is compared at once.
        let is_at_once = |step: &Step| step.undo.as_ref().is_some_and(|undo| undo.at_once);
        let mut known = steps.map(|step| (step.eventually, is_at_once(step)));
        let mut made = Vec::new();
        let mut swaps = self.swaps(&exchanges);
        let mut replayed = Replayed::new(&case.id, Outcome::Same);
        let mut lost = false;
        for (number, exchange) in (1..).zip(&exchanges) {
            let (patient, at_once) = known.next().unwrap_or_default();
            let spent = self.runner.patience.exhausted().map_or(Ok(()), Err);
            let draft = match spent.and_then(|()| recorded::draft(&exchange.request)) {
                Ok(mut draft) => {
                    // Shared connections send all names in lowercase.
                    let names = draft.transport.header_names;
                    draft.lane =
                        (names != HeaderNames::Lower).then(|| self.runner.subject.lane(names));
                    self.swapped(draft, &swaps, number, &mut replayed.notes)
                }
                Err(why) => {
                    replayed.outcome = Outcome::NotSent;
                    replayed.notes.push(format!("step {number}: {why}"));
                    break;
                }
            };
            let (answered, differences) = self
                .step(draft, exchange, (&swaps, &mut made), patient)
                .await;
            if at_once {
                self.take_away(&mut made, &mut replayed.notes).await;
            }
            replayed.status = answered.as_ref().map(|answered| answered.status);
            if let (Some(answered), Some(response)) = (&answered, &exchange.response) {
                swaps.extend(renamed_texts(response, answered, number));
            }
            let is_used_token = self.is_used_token(exchange, answered.as_ref());
            if is_used_token && !differences.is_empty() {
                replayed.notes.push(format!(
                    "step {number}: the client token is the same in every run and was used before"
                ));
            }
            let differences = differences.into_iter().filter(|_| !is_used_token);
            let named = differences.map(|what| match exchanges.len() {
                1 => what,
                _ => format!("step {number}: {what}"),
            });
            replayed.differences.extend(named);
            lost = answered.is_none();
            if lost {
                break;
            }
        }
        self.take_away(&mut made, &mut replayed.notes).await;
        if !replayed.differences.is_empty() {
            replayed.outcome = Outcome::Differs;
        }
        let dead = if lost {
            self.runner
                .subject
                .is_reachable()
                .await
                .err()
                .map(|why| why.to_string())
        } else {
            None
        };
        (replayed, dead)
    }

    /// Sends one request and compares the answers; repeats it for a while if its answer may take
    /// time.
    async fn step(
        &self,
        draft: Draft,
        exchange: &Exchange,
        (swaps, made): (&[Swap], &mut Vec<usize>),
        patient: bool,
    ) -> (Option<Answered>, Vec<String>) {
        let mut wait = Wait::new(&self.runner.run.states, self.runner.settle);
        let kind = action_of(&draft.body).unwrap_or_default();
        loop {
            let (_, answer) = self.runner.send(draft.clone()).await;
            let answered = match (answer, &exchange.response) {
                (Ok(answered), _) => answered,
                (Err(error), Some(response)) => {
                    return (None, vec![format!("{}, now {error}", response.start)]);
                }
                (Err(_), None) => return (None, Vec::new()),
            };
            made.extend(self.note_made(&draft.body, &answered));
            if let Some(action) = action_of(&draft.body)
                && judge::is_success(Some(&action), &answered)
            {
                self.runner.note_undone(made, &action, &draft.body);
            }
            let differences = match exchange.response.as_ref().map(recorded::answer) {
                Some(Ok(mut before)) => {
                    if !self.verbatim {
                        // The answer may repeat texts from the request.
                        let swaps = swaps.iter().map(|swap| (&*swap.old, &*swap.new));
                        before.replace(swaps);
                    }
                    let now = recorded::compared(&answered);
                    self.likeness.differences(before.borrowed(), now)
                }
                Some(Err(why)) => vec![format!("the recorded answer cannot be used: {why}")],
                None => vec![format!("no answer, now status {}", answered.status)],
            };
            if differences.is_empty() {
                wait.ends_well(&kind);
                return (Some(answered), differences);
            }
            let again = patient
                && self.runner.patience.exhausted().is_none()
                && matches!(wait.goes_on(&kind), Next::Again);
            if !again {
                return (Some(answered), differences);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The replacements in a case before its first answer.
    fn swaps(&self, exchanges: &[&Exchange]) -> Vec<Swap> {
        if self.verbatim {
            return Vec::new();
        }
        let mut tokens = BTreeMap::new();
        for exchange in exchanges {
            for token in client_tokens(&exchange.request) {
                for uuid in self.uuid.find_iter(token) {
                    tokens
                        .entry(uuid.as_str().to_owned())
                        .or_insert_with(|| uuid::Uuid::new_v4().to_string());
                }
            }
        }
        self.ipams
            .iter()
            .cloned()
            .chain(tokens)
            .map(|(old, new)| Swap {
                old,
                new,
                step: None,
            })
            .collect()
    }

    /// The request with the replacements, or, for the very same bytes, a note for each one that
    /// would have been needed.
    fn swapped(
        &self,
        mut draft: Draft,
        swaps: &[Swap],
        number: usize,
        notes: &mut Vec<String>,
    ) -> Draft {
        let Ok(mut body) = String::from_utf8(draft.body.clone()) else {
            return draft;
        };
        for Swap { old, new, step } in swaps {
            let forms = [(old.clone(), new.clone()), (escaped(old), escaped(new))];
            let mut found = false;
            for (old, new) in &forms {
                if body.contains(old) {
                    found = true;
                    if !self.verbatim {
                        body = body.replace(old, new);
                    }
                }
            }
            if let (true, Some(step)) = (found, step) {
                notes.push(if self.verbatim {
                    format!(
                        "step {number} names {old}, from the recorded answer to step {step}; the new \
                         answer has {new}"
                    )
                } else {
                    format!("step {number} names {new}, from the answer to step {step}, instead of {old}")
                });
            }
        }
        draft.body = body.into_bytes();
        draft
    }

    /// Whether exactly one of the answers is the error for a used client token. Such a token has no
    /// UUID that could be replaced.
    fn is_used_token(&self, exchange: &Exchange, answered: Option<&Answered>) -> bool {
        let request = &exchange.request;
        let mut tokens = client_tokens(request);
        let is_fixed = tokens.any(|token| !token.is_empty() && !self.uuid.is_match(token));
        let recorded = exchange.response.as_ref().map(Message::body);
        let recorded = recorded.and_then(|body| Element::parse(&body.ok()?).ok());
        let codes = recorded.iter().flat_map(Element::errors);
        let mut codes = codes
            .map(|(code, _)| code)
            .chain(answered.into_iter().flat_map(Answered::codes));
        !self.verbatim && is_fixed && codes.any(|code| code == TOKEN_MISMATCH)
    }

    /// Notes what a request made, unless it is to be kept. Returns its place in the ledger.
    fn note_made(&self, sent: &[u8], answered: &Answered) -> Option<usize> {
        let action = action_of(sent).filter(|_| !self.keep)?;
        if is_reading(&action) || !judge::is_success(Some(&action), answered) {
            return None;
        }
        let undo = laws::deletion(&action, self.runner.fixtures)?;
        // A used token may bring back what an earlier run made, which is not the replay's.
        let id = answered.text_at(&undo.at)?;
        let is_new = !self.responses.iter().any(|body| body.contains(&id));
        is_new.then(|| self.runner.note_made(&action, &undo, answered, sent))?
    }

    /// Deletes what a case made, the last first.
    async fn take_away(&self, places: &mut Vec<usize>, notes: &mut Vec<String>) {
        for place in std::mem::take(places).into_iter().rev() {
            notes.extend(self.runner.take_away(place).await);
        }
    }
}

/// How many things the requests create that stay, by action: those that nothing is known to undo, and
/// those that no answer names; all of them if they are to be kept.
fn lasting(cases: &[&CaseRecord], keep: bool, fixtures: &Fixtures) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for case in cases {
        // A refused request created something in that run, and may do so again.
        let mut deviations = case.deviations.iter();
        let is_found = deviations.any(|deviation| {
            let difference = deviation.difference.as_ref();
            difference.is_some_and(|difference| difference.at == Place::Created)
        });
        for exchange in exchanges_of(case) {
            let Ok(draft) = recorded::draft(&exchange.request) else {
                continue;
            };
            let Some(action) = action_of(&draft.body) else {
                continue;
            };
            let response = exchange.response.as_ref();
            let status = response.and_then(|response| response.status().ok());
            let stays = match status {
                Some(200..300) => keep || laws::deletion(&action, fixtures).is_none(),
                _ => is_found && case.exchange.as_ref() == Some(exchange),
            };
            // What a policy's IPAM takes with it does not stay.
            let makes = makes_more_than_ipams(&action) || keep && action == CREATE_POLICY;
            if makes && stays {
                *counts.entry(action).or_default() += 1;
            }
        }
    }
    counts.into_iter().collect()
}

/// The exchanges of a case, oldest first.
fn exchanges_of(case: &CaseRecord) -> impl Iterator<Item = &Exchange> {
    case.earlier.iter().chain(&case.exchange)
}

/// The action that a form names.
fn action_of(form: &[u8]) -> Option<String> {
    let mut pairs = form.split(|byte| *byte == b'&');
    let action = pairs.find_map(|pair| pair.strip_prefix(b"Action="))?;
    String::from_utf8(action.to_vec()).ok()
}

/// The bodies of all responses of a record.
fn responses_of(record: &PartialRecord) -> Vec<&str> {
    let exchanges = record.cases.iter().flat_map(exchanges_of);
    let responses = exchanges.filter_map(|exchange| exchange.response.as_ref());
    responses.map(|response| response.body.as_str()).collect()
}

/// The client tokens of a request, as written in its body or its query.
fn client_tokens(request: &Message) -> impl Iterator<Item = &str> {
    let query = request.query().unwrap_or_default();
    let pairs = request.body.split('&').chain(query.split('&'));
    pairs.filter_map(|pair| pair.strip_prefix("ClientToken="))
}

/// Pairs of a recorded text and the new answer's text at the same place.
fn renamed_texts(response: &Message, answered: &Answered, step: usize) -> Vec<Swap> {
    let before = response.body().map(|body| Element::parse(&body));
    match (before, &answered.document) {
        (Ok(Ok(before)), Ok(after)) => likeness::renamed(&before, after)
            .into_iter()
            .map(|(old, new)| Swap {
                old,
                new,
                step: Some(step),
            })
            .collect(),
        _ => Vec::new(),
    }
}
