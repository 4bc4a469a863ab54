//! Runs one case: its steps, and the check of what exists after them.

use super::created::{is_dry_run, requirement_for_excess};
use super::ended::{
    Ended, is_asked_for, is_named, is_refusal_its_point, kind_of, lost, lost_answer, refused_base,
    says_nothing_by, takes_anything, unmet,
};
use super::scope::Scope;
use super::undoing::Fate;
use super::waiting::{Next, Wait};
use super::{Runner, limits, millis};
use crate::format::case::{Answer, Case, Outcome, OutcomeSet, Step};
use crate::format::verbs::is_reading;
use crate::judge::{self, Finding, Fit};
use crate::record::{CaseRecord, Deviation, Exchange, Verdict};
use crate::subject::Sent;
use crate::subject::http::{Draft, SendError};
use crate::wire::Answered;
use crate::wire::referee::{self, Comparison};
use crate::wire::secrets::{Known, Taken};
use ec2wire::contract::Level;
use ec2wire_model::Codes;
use std::cell::RefCell;
use std::time::{Duration, Instant};

/// The requirement that applies to every answer.
pub(super) const ANSWERED_IN_PROTOCOL: &str = "answered-in-protocol";
/// The requirement that a server breaks that fails at a request instead of refusing it.
const ANSWERS_ANYTHING: &str = "answers-anything";
/// The code of a request for more than a quota allows.
const QUOTA: &str = "ResourceLimitExceeded";
/// The pause before a step with `eventually` is repeated.
pub(super) const EVENTUALLY_PAUSE: Duration = Duration::from_millis(50);

/// The extra time that a case has to delete what it created after an answer did not come in time.
const LIMIT_AFTER_TIMEOUT: Duration = Duration::from_secs(1);

/// A finished case.
pub(super) struct Done {
    pub(super) record: CaseRecord,
    /// Why the subject is no longer reachable.
    pub(super) dead: Option<String>,
}

/// One run of a case.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says something of its own"
)]
struct Attempt {
    record: CaseRecord,
    /// Whether another attempt may end differently.
    transient: bool,
    /// Whether the server was too busy to answer.
    busy: bool,
    /// Whether an answer is missing.
    lost: bool,
    /// Whether other cases may have affected what was counted.
    doubtful: bool,
}

impl Attempt {
    /// A summary of how it ended.
    fn in_short(&self) -> &str {
        match self.record.deviations.first() {
            Some(deviation) => &deviation.found,
            None => &self.record.note,
        }
    }
}

/// A step's request, and what it is judged by.
struct Asked<'s> {
    step: &'s Step,
    outcomes: &'s OutcomeSet,
    /// The requirement that is broken if no answer comes; `None` for the case's own.
    silence: Option<&'s str>,
    draft: &'s Draft,
}

/// The step's messages, for the record.
struct Traffic {
    sent: Sent,
    answered: Option<Answered>,
    legal: Vec<String>,
}

impl Traffic {
    /// The secrets of both messages.
    fn secrets(&self) -> Known {
        let mut taken = Taken::default();
        taken.add(&self.sent.url, &self.sent.headers, &self.sent.body);
        if let Some(answered) = &self.answered {
            taken.add("", &answered.headers, &answered.body);
        }
        taken.known()
    }
}

impl Runner<'_> {
    /// Runs the case, and repeats it after inconclusive attempts, up to the number of retries.
    pub(super) async fn case(&self, case: &Case, retries: u32) -> Done {
        let mut earlier = Vec::new();
        let mut attempt = self.beside_or_alone(case).await;
        let mut tries = 0;
        while attempt.transient && tries < retries {
            if attempt.busy && self.run.stays_busy() {
                let note = "it was not repeated, since the server stays busy";
                earlier.push(note.to_owned());
                break;
            }
            tries += 1;
            earlier.push(format!("attempt {tries}: {}", attempt.in_short()));
            tokio::time::sleep(limits::retry_pause(tries)).await;
            attempt = self.beside_or_alone(case).await;
        }
        if attempt.busy || attempt.record.actual.is_some() {
            self.run.note_busy(attempt.busy);
        }
        if attempt.busy && retries == 0 {
            self.run.unrepeated.set(self.run.unrepeated.get() + 1);
        }
        let mut record = attempt.record;
        if tries > 0 {
            record.retries = tries;
            earlier.push(format!("this is attempt {}", tries + 1));
        }
        if !earlier.is_empty() {
            if !record.note.is_empty() {
                earlier.insert(0, record.note);
            }
            record.note = earlier.join("; ");
        }
        // No answer: either only this case is affected, or the subject is dead.
        let dead = if attempt.lost {
            self.subject
                .is_reachable()
                .await
                .err()
                .map(|why| why.to_string())
        } else {
            None
        };
        Done { record, dead }
    }

    /// Runs the case along with others, or alone if they would disturb it.
    async fn beside_or_alone(&self, case: &Case) -> Attempt {
        if !self.must_be_alone(case) {
            let attempt = {
                let _beside = self.run.alone.read().await;
                self.attempt(case).await
            };
            if !attempt.doubtful || !self.run.concurrent {
                return attempt;
            }
        }
        let _alone = self.run.alone.write().await;
        self.attempt(case).await
    }

    /// Whether the case must run alone: it says so, or it shares the IPAM with other cases and
    /// counts its policies or adds some within the quota.
    fn must_be_alone(&self, case: &Case) -> bool {
        let level = self.catalogue.level(case);
        let touches = |step: &Step| step.creates.is_some() || self.may_create(step, level);
        case.alone || (!self.has_own_ipam && case.steps.iter().any(touches))
    }

    async fn attempt(&self, case: &Case) -> Attempt {
        let started = Instant::now();
        self.patience.renew();
        let why = match self.held(case) {
            None => self.silent().await,
            why => why,
        };
        if let Some(note) = why {
            return Attempt {
                record: self.record(case, Verdict::NotRun, note),
                transient: false,
                busy: false,
                lost: false,
                doubtful: false,
            };
        }
        let mut scope = Scope {
            requirement: case.requirement.clone(),
            item: case.item.clone(),
            ipam: self.ipam.id().to_owned(),
            region: self.subject.region().to_owned(),
            ..Scope::default()
        };
        // This applies whatever the case is about, and whatever its level.
        let own = self.catalogue.requirement(&case.requirement);
        let is_own = own.is_some_and(|requirement| requirement.asks_for_an_answer);
        let silence = (!is_own).then_some(ANSWERED_IN_PROTOCOL);
        let mut findings = Vec::new();
        let mut last: Option<Traffic> = None;
        let mut earlier = Vec::new();
        let mut over = None;
        for step in &case.steps {
            let outcomes = self.catalogue.outcomes(step);
            let made_before = scope.to_undo.len();
            let (traffic, ended) = self.step(step, &outcomes, silence, &mut scope).await;
            if let Some(traffic) = traffic {
                earlier.extend(
                    last.replace(traffic)
                        .map(|before| self.exchange(&before, &before.secrets())),
                );
            }
            if step.undo.as_ref().is_some_and(|undo| undo.at_once) {
                let made = scope.to_undo.split_off(made_before);
                self.undo(made, &mut scope).await;
            }
            match ended {
                Ended::Held(found) => {
                    let ends = !found.is_empty();
                    findings.extend(found);
                    if ends {
                        break;
                    }
                }
                Ended::Over {
                    verdict,
                    findings: found,
                    note,
                } => {
                    findings.extend(found);
                    scope.notes.extend((!note.is_empty()).then_some(note));
                    over = verdict;
                    break;
                }
            }
        }
        self.delete_created(&scope).await;
        let made = std::mem::take(&mut scope.to_undo);
        self.undo(made, &mut scope).await;
        if let (Some(why), true, None) = (&case.unproven, findings.is_empty(), over) {
            scope.notes.push(why.clone());
            over = Some(Verdict::NotRun);
        }
        let deviations: Vec<Deviation> = findings
            .into_iter()
            .map(|finding| self.deviation(case, finding))
            .collect();
        let verdict = over.unwrap_or_else(|| Verdict::from_deviations(&deviations));
        let mut record = self.record(case, verdict, scope.notes.join("; "));
        record.deviations = deviations;
        record.earlier = earlier;
        if let Some(last) = last {
            let known = last.secrets();
            record.exchange = Some(self.exchange(&last, &known));
            record.curl = Some(last.sent.curl(self.subject.region()));
            record.actual = last.answered.as_ref().map(Answered::actual);
            known.redact_words(&mut record);
            record.legal = last.legal;
        }
        record.shorten_words();
        record.ms = millis(started);
        Attempt {
            record,
            transient: scope.transient.get(),
            busy: scope.busy.get(),
            lost: scope.lost.get(),
            doubtful: scope.doubtful.get(),
        }
    }

    /// Why the case does not run, whatever the server is like.
    fn held(&self, case: &Case) -> Option<String> {
        let level = self.catalogue.level(case);
        let creates = || case.steps.iter().any(|step| self.may_create(step, level));
        let is_kept = case.blocked.is_none() && !self.allow_create && creates();
        let why = "the case creates something, which is not allowed in this run";
        let why = is_kept.then(|| why.to_owned());
        case.blocked.clone().or(why)
    }

    /// Deletes what the case created. The rest is deleted at the end of the run.
    async fn delete_created(&self, scope: &Scope) {
        for id in &scope.created {
            let after_timeout = self.patience.timed_out();
            if after_timeout && self.run.deletion_hangs.get() {
                return;
            }
            // Another action may still be answered. If not, the case has waited long enough.
            let limit = if after_timeout {
                LIMIT_AFTER_TIMEOUT.min(self.subject.timeout())
            } else {
                self.subject.timeout()
            };
            match tokio::time::timeout(limit, self.delete_policy(id)).await {
                Ok(Ok(answered)) => {
                    // A server that is busy is asked again at the end.
                    if self.busy(&answered).is_none() {
                        self.run.undeleted.borrow_mut().remove(id);
                    }
                    let fate = Fate::of("DeleteIpamPolicy", &answered);
                    self.run.deleted.borrow_mut().insert(id.clone(), fate);
                }
                Ok(Err(SendError::TimedOut(_) | SendError::GaveUp(_))) | Err(_) => {
                    self.run.deletion_hangs.set(true);
                    return;
                }
                Ok(Err(_)) => {}
            }
        }
    }

    /// Deletes what the case created, in reverse order. Failures are noted.
    async fn undo(&self, made: Vec<usize>, scope: &mut Scope) {
        for place in made.into_iter().rev() {
            if let Some(why) = self.take_away(place).await {
                scope.note(why);
            }
        }
    }

    /// The traffic as a record keeps it, without its secrets, which are known.
    fn exchange(&self, traffic: &Traffic, known: &Known) -> Exchange {
        let clean = |message| self.subject.without_secrets_in(message);
        Exchange {
            request: clean(traffic.sent.message(known)),
            response: traffic
                .answered
                .as_ref()
                .map(|answered| self.run.budget.kept(clean(answered.message(known)))),
        }
    }

    /// Whether the step would leave something behind if it succeeded.
    fn may_create(&self, step: &Step, level: Level) -> bool {
        let legal_success = self
            .catalogue
            .outcomes(step)
            .legal
            .iter()
            .any(|outcome| outcome.answer != Answer::Fault);
        // If the refusal is not established, the request may well succeed.
        (legal_success || level == Level::May || step.acts)
            && step
                .action
                .as_deref()
                .is_none_or(|action| !is_reading(action))
            && !is_dry_run(step)
    }

    fn deviation(&self, case: &Case, finding: Finding) -> Deviation {
        let id = finding
            .requirement
            .unwrap_or_else(|| case.requirement.clone());
        let requirement = self.catalogue.requirement(&id);
        Deviation::new(id, requirement, finding.found, finding.difference)
    }

    /// Sends a step's request and judges the answer and what exists afterwards.
    async fn step(
        &self,
        step: &Step,
        outcomes: &OutcomeSet,
        silence: Option<&str>,
        scope: &mut Scope,
    ) -> (Option<Traffic>, Ended) {
        let draft = match self.draft(step, scope) {
            Ok(draft) => draft,
            Err(note) => {
                return (None, Ended::not_run(note));
            }
        };
        if let Some(note) = self.given_up_on(&draft) {
            return (None, Ended::not_run(note));
        }
        let before = self.policies_before(step, scope).await;
        let listed = self.listed_before(step).await;
        if let Some(note) = self.patience.exhausted() {
            scope.lost.set(true);
            scope.transient.set(true);
            return (None, Ended::not_run(note));
        }
        let request = Asked {
            step,
            outcomes,
            silence,
            draft: &draft,
        };
        let (traffic, mut ended) = self.ask_until_settled(&request, scope).await;
        let Some(answered) = &traffic.answered else {
            return (Some(traffic), ended);
        };
        if let (Some(wanted), Ended::Held(findings)) = (step.creates, &mut ended) {
            let broken = requirement_for_excess(step, wanted, answered);
            self.count_created(before, wanted, broken, findings, scope)
                .await;
        }
        if let Ended::Held(findings) = &mut ended {
            self.check_created_nothing(step, &draft, listed, answered, findings, scope)
                .await;
        }
        if step.setup {
            ended = ended.in_setup();
        }
        if let Some(name) = &step.name {
            scope.answers.insert(name.clone(), answered.clone());
        }
        (Some(traffic), ended)
    }

    /// Sends a request, and repeats it for a while if its answer may take time to become right.
    async fn ask_until_settled(&self, request: &Asked<'_>, scope: &mut Scope) -> (Traffic, Ended) {
        let step = request.step;
        let mut wait = Wait::new(&self.run.states, self.settle).for_setup(step.setup);
        loop {
            let (traffic, ended) = self.ask(request, scope).await;
            let is_early = traffic.answered.as_ref().is_some_and(|answered| {
                judge::is_success(step.action.as_deref(), answered)
                    || answered
                        .codes()
                        .iter()
                        .any(|code| Codes::may_be_early(code))
            });
            let wrong = match &ended {
                Ended::Held(found) if is_early && step.eventually => found.first(),
                _ => None,
            };
            let Some(wrong) = wrong else {
                if step.eventually && matches!(&ended, Ended::Held(found) if found.is_empty()) {
                    wait.ends_well(&kind_of(step, &scope.requirement, None));
                }
                return (traffic, ended);
            };
            match wait.goes_on(&kind_of(step, &scope.requirement, Some(wrong))) {
                Next::Again if self.patience.exhausted().is_none() => {}
                Next::Again | Next::Wrong => return (traffic, ended),
                // What is wrong says more then, and blames nobody.
                Next::Unknown(_) if step.setup => return (traffic, ended),
                Next::Unknown(why) => return (traffic, Ended::not_run(why)),
            }
            tokio::time::sleep(EVENTUALLY_PAUSE).await;
        }
    }

    /// Sends a request, or two at the same time, and judges the answers.
    async fn ask(&self, request: &Asked<'_>, scope: &mut Scope) -> (Traffic, Ended) {
        let Asked {
            step,
            outcomes,
            silence,
            draft,
        } = *request;
        let ((sent, answer), twin) = if step.twice {
            let (one, two) = tokio::join!(self.send(draft.clone()), self.send(draft.clone()));
            (one, Some(two.1))
        } else {
            (self.send(draft.clone()).await, None)
        };
        let mut traffic = Traffic {
            sent,
            answered: None,
            legal: outcomes.legal.iter().map(Outcome::in_words).collect(),
        };
        let answered = match answer {
            Ok(answered) => answered,
            Err(error) => {
                scope.note_lost(&error);
                let is_sent =
                    !matches!(error, SendError::Unsendable(_) | SendError::NoConnection(_));
                if is_sent
                    && step
                        .action
                        .as_deref()
                        .is_some_and(|action| !is_reading(action))
                {
                    self.run.lost_answers.set(true);
                }
                return (traffic, lost_answer(step, outcomes, &error, silence));
            }
        };
        let mut ended = self.take(request, &answered, scope).await;
        match twin {
            Some(Ok(twin)) => ended = ended.and(self.take(request, &twin, scope).await),
            Some(Err(error)) => {
                scope.note_lost(&error);
                ended = ended.and(lost(&error, silence));
            }
            None => {}
        }
        traffic.answered = Some(answered);
        (traffic, ended)
    }

    /// Notes what an answer says was created, and judges the answer.
    async fn take(&self, request: &Asked<'_>, answered: &Answered, scope: &mut Scope) -> Ended {
        let Asked { step, outcomes, .. } = *request;
        self.second_opinion(answered, scope);
        self.note_created(answered, step, &request.draft.body, scope);
        self.remember_created(scope);
        self.record_ids(step, answered);
        self.judge(step, outcomes, answered, scope).await
    }

    async fn judge(
        &self,
        step: &Step,
        outcomes: &OutcomeSet,
        answered: &Answered,
        scope: &Scope,
    ) -> Ended {
        let action = step.action.as_deref();
        let fit = judge::fit(outcomes, action, answered);
        let success = judge::is_success(action, answered);
        // Whatever the case accepts, it is not about a server that is busy, nor about one that refuses
        // the caller before it reads the request.
        if !success
            && !is_named(outcomes, answered)
            && let Some(way) = self.says_nothing_of_any(answered).or_else(|| {
                // An answer to HEAD has no code. Where any answer is taken, it must not pass.
                let is_taken = !matches!(fit, Fit::Illegal(_)) && answered.body.is_empty();
                let unnamed = is_taken.then(|| self.way(answered, true)).flatten();
                unnamed.filter(|way| way.passes)
            })
        {
            return says_nothing_by(way, &judge::describe(action, answered), scope);
        }
        if !success && !is_asked_for(&fit, outcomes, answered) {
            let unjudged = self.says_nothing(step, outcomes, answered, scope).await;
            if let Some(ended) = unjudged {
                return ended;
            }
        }
        let findings = match fit {
            Fit::Legal => Vec::new(),
            Fit::Tolerated(finding) => vec![finding],
            Fit::Illegal(found)
                if (step.premise || step.setup && step.plain)
                    && (success || judge::is_fault(answered)) =>
            {
                return Ended::not_run(unmet(step, outcomes, answered, &found));
            }
            Fit::Illegal(found) => {
                // Whatever the case asks for, an answer must follow the protocol.
                let any_document = outcomes.legal.iter().any(takes_anything);
                let requirement = (!any_document && !success && !judge::is_fault(answered))
                    .then(|| ANSWERED_IN_PROTOCOL.to_owned());
                let difference = Some(judge::whole(outcomes, &found));
                return Ended::Held(vec![Finding {
                    requirement,
                    found,
                    difference,
                }]);
            }
        };
        let ended = self.check(step, answered, findings, scope);
        self.unless_shown(step, answered, ended)
    }

    /// Ends a step whose answer breaks no more than a MAY, and does not show what the case is about.
    fn unless_shown(&self, step: &Step, answered: &Answered, ended: Ended) -> Ended {
        let action = step.action.as_deref();
        let is_may = |finding: &Finding| {
            let id = finding.requirement.as_deref();
            let known = id.and_then(|id| self.catalogue.requirement(id));
            known.is_some_and(|requirement| requirement.level == Level::May)
        };
        match (step.shown_by, ended) {
            (Some(kind), Ended::Held(findings))
                if !judge::is_kind(kind, action, answered) && findings.iter().all(is_may) =>
            {
                let note = match action {
                    Some(action) if step.plain && judge::is_fault(answered) => {
                        refused_base(action, answered)
                    }
                    _ => {
                        let found = judge::describe(action, answered);
                        format!("the case needs {}, got {found}", kind.in_words())
                    }
                };
                Ended::Over {
                    verdict: Some(Verdict::NotRun),
                    findings,
                    note,
                }
            }
            (_, ended) => ended,
        }
    }

    /// Ends a step whose answer says nothing about the case; `None` for other answers.
    async fn says_nothing(
        &self,
        step: &Step,
        outcomes: &OutcomeSet,
        answered: &Answered,
        scope: &Scope,
    ) -> Option<Ended> {
        let action = step.action.as_deref()?;
        let codes = answered.codes();
        let found = || judge::describe(Some(action), answered);
        let way = match self.way(answered, false) {
            None if self.lacks(action, answered).await => self.way(answered, true),
            way => way,
        };
        if let Some(way) = way {
            if step.required && way.verdict == Verdict::Unimplemented {
                let difference = Some(judge::whole(outcomes, &found()));
                return Some(Ended::Held(vec![Finding {
                    requirement: None,
                    found: way.in_words(&found()),
                    difference,
                }]));
            }
            if way.failed && way.verdict == Verdict::NotRun && is_refusal_its_point(step, outcomes)
            {
                let any_document = outcomes.legal.iter().any(takes_anything);
                let difference = Some(judge::whole(outcomes, &found()));
                return Some(Ended::Held(vec![Finding {
                    requirement: (!any_document).then(|| ANSWERS_ANYTHING.to_owned()),
                    found: found(),
                    difference,
                }]));
            }
            return Some(says_nothing_by(way, &found(), scope));
        }
        if codes.contains(&QUOTA) && self.run.has_leftovers(&scope.created) {
            let why = "what earlier cases of this run made may be left over and count";
            return Some(Ended::not_run(format!("{why}; {}", found())));
        }
        match self.ipam.doubt(&codes) {
            Some(why) if step.needs_ipam() && judge::is_fault(answered) => {
                Some(Ended::not_run(format!("{why}; {}", found())))
            }
            _ => None,
        }
    }

    /// Runs the checks of a step. `findings` has the earlier findings.
    fn check(
        &self,
        step: &Step,
        answered: &Answered,
        mut findings: Vec<Finding>,
        scope: &Scope,
    ) -> Ended {
        let action = step.action.as_deref();
        // A value that the answer lacks breaks another requirement, and cannot be compared.
        let missing = RefCell::new(None);
        let lookup = |name: &str| match name.strip_prefix("this:") {
            Some(path) => answered.text_at(path).or_else(|| {
                missing.borrow_mut().get_or_insert_with(|| path.to_owned());
                None
            }),
            None => scope.lookup(name),
        };
        let applies = |kind| judge::is_kind(kind, action, answered);
        let checks = self.catalogue.checks(step);
        for check in checks.filter(|check| check.of.is_none_or(applies)) {
            let earlier = |name: &str| scope.answers.get(name);
            match judge::check(check, action, answered, &lookup, &earlier) {
                Ok(finding) => findings.extend(finding),
                Err(_) if missing.borrow().is_some() => {}
                Err(note) => {
                    return Ended::Over {
                        verdict: Some(Verdict::NotRun),
                        findings,
                        note,
                    };
                }
            }
        }
        match missing.into_inner() {
            Some(path) if findings.is_empty() => Ended::not_run(format!(
                "the answer lacks {path}, which the case compares with"
            )),
            _ => Ended::Held(findings),
        }
    }

    /// Compares the codec's reading with the referee's.
    fn second_opinion(&self, answered: &Answered, scope: &mut Scope) {
        match referee::compare_with_codec(&answered.body, &answered.document) {
            Comparison::Same => {}
            Comparison::OneRefuses(why) => {
                scope.note(format!("the answer's XML is disputed: {why}"));
            }
            Comparison::Differs(how) => {
                self.note_harness_fault();
                scope.note(format!("a fault of the harness: {how}"));
            }
        }
    }
}
