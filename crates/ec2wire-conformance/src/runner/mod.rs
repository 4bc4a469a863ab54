//! Runs cases against a subject.

mod draft;
mod fixture;
mod scope;

use self::fixture::Ipam;
use self::scope::{Scope, UNKNOWN_IPAM, note_created, text_at};
use crate::case::{Case, OutcomeSet, Step};
use crate::catalogue::Catalogue;
use crate::judge::{self, Finding, Fit};
use crate::known::Unjudged;
use crate::record::{
    Actual, CaseRecord, Deviation, Difference, Exchange, RunHead, RunRecord, Summary, Verdict,
};
use crate::referee::{self, Comparison};
use crate::subject::http::{HttpSubject, SendError};
use crate::subject::{Answered, Sent};
use crate::template::Template;
use ec2wire::contract::Level;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// The requirement that is judged on every answer.
const ANSWERED_IN_PROTOCOL: &str = "answered-in-protocol";
/// How often a step with `eventually` is asked again.
const EVENTUALLY_PAUSE: Duration = Duration::from_millis(50);

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
}

/// Runs the cases and reports each as it ends.
///
/// What the run creates it deletes. The record always has every case: those that could not be run
/// say why.
pub async fn run(
    catalogue: &Catalogue,
    cases: &[&Case],
    subject: &HttpSubject,
    options: &Options,
    progress: &mut dyn FnMut(&CaseRecord),
) -> Result<RunRecord, String> {
    let started = Instant::now();
    let mut runner = Runner {
        catalogue,
        subject,
        unjudged: Unjudged::embedded()?,
        ipam: Ipam::Placeholder("no IPAM was asked for".into()),
        allow_create: options.allow_create,
        settle: options.settle,
        harness_faults: 0,
    };
    let mut head = RunHead {
        version: env!("CARGO_PKG_VERSION").into(),
        endpoint: subject.url(),
        started: jiff::Timestamp::now().to_string(),
        region: subject.region().into(),
        ipam: String::new(),
    };
    let mut summary = Summary::default();
    let mut records = Vec::with_capacity(cases.len());
    let mut dead = subject.is_reachable().await.err();
    if dead.is_none() && !cases.is_empty() {
        runner.ipam = runner.find_ipam(cases, options).await;
    }
    for case in cases {
        let record = match &dead {
            Some(why) => runner.record(
                case,
                Verdict::NotRun,
                format!("the subject cannot be reached: {why}"),
            ),
            None => runner.case(case).await,
        };
        if record.actual.is_none() && dead.is_none() && record.verdict == Verdict::Fail {
            // No answer: either this one case, or the end of the subject.
            dead = subject.is_reachable().await.err();
        }
        summary.count(record.verdict);
        progress(&record);
        records.push(record);
    }
    summary.unreachable = dead.is_some();
    if dead.is_none() {
        runner.delete_ipam().await;
    }
    head.ipam = runner.ipam.describe();
    summary.harness_faults = runner.harness_faults;
    summary.ms = millis(started);
    Ok(RunRecord {
        run: head,
        cases: records,
        summary,
    })
}

struct Runner<'r> {
    catalogue: &'r Catalogue,
    subject: &'r HttpSubject,
    unjudged: Unjudged,
    ipam: Ipam,
    allow_create: bool,
    settle: Duration,
    harness_faults: usize,
}

/// How a step ended.
enum Ended {
    /// Go on with the next.
    Held(Vec<Finding>),
    /// The case is over.
    Over {
        verdict: Verdict,
        findings: Vec<Finding>,
        note: String,
    },
}

/// The step's traffic, for the record.
struct Traffic {
    sent: Sent,
    answered: Option<Answered>,
    legal: Vec<String>,
}

impl Runner<'_> {
    fn record(&self, case: &Case, verdict: Verdict, note: String) -> CaseRecord {
        CaseRecord {
            id: case.id.clone(),
            title: case.title.clone(),
            phase: case.phase(),
            verdict,
            level: self.catalogue.level(case),
            requirements: self.catalogue.tested_by(case),
            deviations: Vec::new(),
            legal: Vec::new(),
            actual: None,
            exchange: None,
            earlier: Vec::new(),
            curl: None,
            note,
            ms: 0,
        }
    }

    async fn case(&mut self, case: &Case) -> CaseRecord {
        let started = Instant::now();
        let level = self.catalogue.level(case);
        if !self.allow_create && case.steps.iter().any(|step| self.may_create(step, level)) {
            let note = "the case creates something, which is not allowed here".to_owned();
            return self.record(case, Verdict::NotRun, note);
        }
        let mut scope = Scope {
            item: case.item.clone(),
            ipam: self.ipam.id().to_owned(),
            region: self.subject.region().to_owned(),
            ..Scope::default()
        };
        let mut findings = Vec::new();
        let mut last: Option<Traffic> = None;
        let mut earlier = Vec::new();
        let mut over = None;
        for step in &case.steps {
            let outcomes = self.catalogue.outcomes(step);
            let (traffic, ended) = self.step(case, step, &outcomes, &mut scope).await;
            if let Some(traffic) = traffic {
                earlier.extend(last.replace(traffic).map(|before| self.exchange(&before)));
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
                    over = Some(verdict);
                    break;
                }
            }
        }
        for id in &scope.created {
            let _ = self.call("DeleteIpamPolicy", &[("IpamPolicyId", id)]).await;
        }
        let deviations: Vec<Deviation> = findings
            .into_iter()
            .map(|finding| self.deviation(case, finding))
            .collect();
        let verdict = over.unwrap_or_else(|| {
            match deviations.iter().map(|deviation| deviation.level).max() {
                Some(Level::Must) => Verdict::Fail,
                Some(Level::Should) => Verdict::Warn,
                Some(Level::May) | None => Verdict::Pass,
            }
        });
        let mut record = self.record(case, verdict, scope.notes.join("; "));
        record.deviations = deviations;
        record.earlier = earlier;
        if let Some(last) = last {
            record.exchange = Some(self.exchange(&last));
            record.curl = Some(last.sent.curl(self.subject.region()));
            record.actual = last.answered.as_ref().map(|answered| Actual {
                status: answered.status,
                code: answered.codes().first().map(|&code| code.to_owned()),
                request_id: answered.request_id().map(str::to_owned),
            });
            record.legal = last.legal;
        }
        record.ms = millis(started);
        record
    }

    fn exchange(&self, traffic: &Traffic) -> Exchange {
        let clean = |message| self.subject.without_secrets(message);
        Exchange {
            request: clean(traffic.sent.message()),
            response: traffic
                .answered
                .as_ref()
                .map(|answered| clean(answered.message())),
        }
    }

    /// Whether a success of the step would leave something behind.
    fn may_create(&self, step: &Step, level: Level) -> bool {
        let is_dry_run = |members: &Template| match members {
            Template::Structure(members) => members
                .iter()
                .any(|(name, value)| name == "DryRun" && *value == Template::Text("true".into())),
            _ => false,
        };
        let legal_success = self
            .catalogue
            .outcomes(step)
            .legal
            .iter()
            .any(|outcome| outcome.answer == crate::case::Answer::Success);
        // Where a refusal is not established, the request may well succeed.
        (legal_success || level == Level::May)
            && step
                .action
                .as_deref()
                .is_none_or(|action| !action.starts_with("Describe"))
            && !step.members.as_ref().is_some_and(is_dry_run)
    }

    fn deviation(&self, case: &Case, finding: Finding) -> Deviation {
        let id = finding
            .requirement
            .unwrap_or_else(|| case.requirement.clone());
        let requirement = self.catalogue.requirement(&id);
        Deviation {
            level: self.catalogue.level_of(&id),
            statement: requirement.map(|r| r.statement.clone()).unwrap_or_default(),
            source: requirement.map(|r| r.source.clone()).unwrap_or_default(),
            requirement: id,
            found: finding.found,
            difference: finding.difference,
        }
    }

    async fn step(
        &mut self,
        case: &Case,
        step: &Step,
        outcomes: &OutcomeSet,
        scope: &mut Scope,
    ) -> (Option<Traffic>, Ended) {
        let draft = match self.draft(step, scope) {
            Ok(draft) => draft,
            Err(note) => {
                let ended = Ended::Over {
                    verdict: Verdict::NotRun,
                    findings: Vec::new(),
                    note,
                };
                return (None, ended);
            }
        };
        let before = match step.creates {
            Some(_) => self.policies().await,
            None => None,
        };
        let deadline = Instant::now() + self.settle;
        loop {
            let (sent, answer) = self.subject.send(draft.clone()).await;
            let legal = outcomes.legal.iter().map(judge::in_words).collect();
            let answered = match answer {
                Ok(answered) => answered,
                Err(error) => {
                    return (
                        Some(Traffic {
                            sent,
                            answered: None,
                            legal,
                        }),
                        lost(&error),
                    );
                }
            };
            self.second_opinion(&answered, scope);
            note_created(&answered, step, scope);
            let mut ended = self.judge(case, step, outcomes, &answered, scope);
            if step.eventually
                && judge::is_success(step.action.as_deref(), &answered)
                && matches!(&ended, Ended::Held(found) if !found.is_empty())
                && Instant::now() < deadline
            {
                tokio::time::sleep(EVENTUALLY_PAUSE).await;
                continue;
            }
            if let (Some(wanted), Ended::Held(findings)) = (step.creates, &mut ended) {
                self.count_created(before, wanted, findings, scope).await;
            }
            if let Some(name) = &step.name {
                scope.answers.insert(name.clone(), answered.clone());
            }
            return (
                Some(Traffic {
                    sent,
                    answered: Some(answered),
                    legal,
                }),
                ended,
            );
        }
    }

    /// Looks for policies that exist now and did not before. Those on other IPAMs than the run's
    /// are somebody else's.
    async fn count_created(
        &self,
        before: Option<BTreeMap<String, String>>,
        wanted: usize,
        findings: &mut Vec<Finding>,
        scope: &mut Scope,
    ) {
        // After an answer that is wrong as it stands there is nothing to wait for.
        let patience = if findings.is_empty() {
            self.settle
        } else {
            Duration::ZERO
        };
        let deadline = Instant::now() + patience;
        let new = loop {
            let after = match &before {
                Some(_) => self.policies().await,
                None => None,
            };
            let (Some(before), Some(after)) = (&before, after) else {
                scope.note(
                    "what exists before and after was not checked: no DescribeIpamPolicies".into(),
                );
                return;
            };
            let is_ours = |ipam: &str| {
                [self.ipam.id(), UNKNOWN_IPAM].contains(&ipam) || !ipam.starts_with("ipam-")
            };
            let new: BTreeMap<String, String> = after
                .into_iter()
                .filter(|(id, ipam)| !before.contains_key(id) && is_ours(ipam))
                .collect();
            // What was created may take a while to be seen.
            if new.len() >= wanted || Instant::now() >= deadline {
                break new;
            }
            tokio::time::sleep(EVENTUALLY_PAUSE).await;
        };
        if new.len() != wanted {
            findings.push(Finding {
                requirement: None,
                found: format!(
                    "{} new policies exist after the answer, wanted {wanted}",
                    new.len()
                ),
                difference: Some(Difference::new(
                    Difference::CREATED,
                    format!("{wanted} new policies"),
                    Some(format!("{} new policies", new.len())),
                )),
            });
        }
        for (id, ipam) in new {
            if matches!(&self.ipam, Ipam::Created(own) if *own == ipam) {
                scope.created.insert(id);
            } else if !scope.created.contains(&id) {
                scope.note(format!("the policy {id} may be left over from this case"));
            }
        }
    }

    fn judge(
        &self,
        case: &Case,
        step: &Step,
        outcomes: &OutcomeSet,
        answered: &Answered,
        scope: &Scope,
    ) -> Ended {
        let over = |verdict, note| Ended::Over {
            verdict,
            findings: Vec::new(),
            note,
        };
        let action = step.action.as_deref();
        let fit = judge::fit(outcomes, action, answered);
        let found = || judge::describe(action, answered);
        // A fault that the case does not ask for by its code may have come for another reason.
        let codes = answered.codes();
        let asked_for = outcomes
            .legal
            .iter()
            .any(|o| o.codes.iter().any(|code| codes.contains(&code.as_str())));
        let success = judge::is_success(action, answered);
        if action.is_some() && !asked_for && !success {
            if let Some(way) = self.unjudged.find(answered.status, &codes, &answered.body) {
                return over(
                    way.verdict,
                    format!("{}: {} ({})", way.meaning, found(), way.who),
                );
            }
            if let (Some(why), true) = (self.ipam.doubt(&codes), case.needs_ipam())
                && judge::is_fault(answered)
            {
                return over(Verdict::NotRun, format!("{why}; {}", found()));
            }
        }
        let mut findings = match fit {
            Fit::Legal => Vec::new(),
            Fit::Tolerated(finding) => vec![finding],
            Fit::Illegal(found) if step.setup => {
                let note = format!("a step that prepares the case failed: {found}");
                return over(Verdict::NotRun, note);
            }
            Fit::Illegal(found) => {
                // Whatever the case asks for, an answer must be one of the protocol.
                let requirement = (!success && !judge::is_fault(answered))
                    .then(|| ANSWERED_IN_PROTOCOL.to_owned());
                let difference = Some(judge::whole(outcomes, &found));
                return Ended::Held(vec![Finding {
                    requirement,
                    found,
                    difference,
                }]);
            }
        };
        let lookup = |name: &str| match name.strip_prefix("this:") {
            // What is absent fails the check; it is no mistake of the case.
            Some(path) => Some(text_at(answered, path).unwrap_or_else(|| "(absent)".into())),
            None => scope.lookup(name),
        };
        for check in &step.checks {
            match judge::check(check, answered, &lookup) {
                Ok(finding) => findings.extend(finding),
                Err(note) => {
                    return Ended::Over {
                        verdict: Verdict::NotRun,
                        findings,
                        note,
                    };
                }
            }
        }
        Ended::Held(findings)
    }

    /// Compares what the codec reads with what the referee reads.
    fn second_opinion(&mut self, answered: &Answered, scope: &mut Scope) {
        match referee::compare_with_codec(&answered.body, &answered.document) {
            Comparison::Same => {}
            Comparison::OneRefuses(why) => scope.note(format!("the answer is doubtful XML: {why}")),
            Comparison::Differs(how) => {
                self.harness_faults += 1;
                scope.note(format!("a fault of the harness: {how}"));
            }
        }
    }
}

/// A request that got no answer.
fn lost(error: &SendError) -> Ended {
    match error {
        SendError::Unsendable(_) => Ended::Over {
            verdict: Verdict::NotRun,
            findings: Vec::new(),
            note: error.to_string(),
        },
        SendError::NoAnswer(_) | SendError::TimedOut(_) => Ended::Over {
            verdict: Verdict::Fail,
            findings: vec![Finding {
                requirement: None,
                found: error.to_string(),
                difference: None,
            }],
            note: String::new(),
        },
    }
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
