//! How the steps of a case end, and the words for it.

use super::case::ANSWERED_IN_PROTOCOL;
use super::scope::Scope;
use crate::catalogue::known::Way;
use crate::format::case::{Answer, Outcome, OutcomeSet, Step};
use crate::judge::{self, Finding, Fit};
use crate::record::{Place, Verdict};
use crate::subject::http::SendError;
use crate::wire::Answered;

/// How a step ended.
pub(super) enum Ended {
    /// Continue with the next step.
    Held(Vec<Finding>),
    /// The case is over; without a verdict, the findings determine it.
    Over {
        verdict: Option<Verdict>,
        findings: Vec<Finding>,
        note: String,
    },
}

impl Ended {
    pub(super) fn not_run(note: String) -> Self {
        Self::Over {
            verdict: Some(Verdict::NotRun),
            findings: Vec::new(),
            note,
        }
    }

    /// Ends a step that only prepares the next one: its findings are not what the case is about.
    pub(super) fn in_setup(self) -> Self {
        let (Self::Held(findings) | Self::Over { findings, .. }) = &self;
        match findings.first() {
            Some(first) => Self::not_run(unprepared(first)),
            None => self,
        }
    }

    /// Combines the results of two answers to one step.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Held(mut findings), Self::Held(more)) => {
                findings.extend(more);
                Self::Held(findings)
            }
            (over @ Self::Over { .. }, _) | (_, over) => over,
        }
    }
}

/// What a step of a case about that requirement waits for.
pub(super) fn kind_of(step: &Step, own: &str, wrong: Option<&Finding>) -> String {
    let action = step.action.as_deref().unwrap_or_default();
    let requirement = wrong.and_then(|wrong| wrong.requirement.as_deref());
    let requirement = requirement.unwrap_or(own);
    format!("{action} {requirement}")
}

/// Why a case is not run whose step got an answer that the case does not presuppose.
pub(super) fn unmet(
    step: &Step,
    outcomes: &OutcomeSet,
    answered: &Answered,
    found: &str,
) -> String {
    match &step.action {
        Some(action) if step.plain && judge::is_fault(answered) => refused_base(action, answered),
        _ => {
            let wanted: Vec<String> = outcomes.legal.iter().map(Outcome::in_words).collect();
            format!("the case needs {}, got {found}", wanted.join("; or "))
        }
    }
}

/// The one reason for all cases of an action that rest on a request that is refused. It lacks the
/// message, which may differ from request to request.
pub(super) fn refused_base(action: &str, answered: &Answered) -> String {
    let code = answered.codes().first().copied().unwrap_or("(none)");
    let status = answered.status;
    format!(
        "the server refuses the request of {action} that this case rests on, so it cannot be judged: \
         status {status}, code {code}"
    )
}

/// Whether the case asks for this answer: it accepts any answer, or it names the answer's code. A
/// fault whose code it does not name may have another reason.
pub(super) fn is_asked_for(fit: &Fit, outcomes: &OutcomeSet, answered: &Answered) -> bool {
    let takes = match fit {
        Fit::Legal => outcomes.legal.iter().any(takes_anything),
        Fit::Tolerated(_) => {
            let mut tolerated = outcomes.tolerated.iter();
            tolerated.any(|tolerated| takes_anything(&tolerated.outcome))
        }
        Fit::Illegal(_) => false,
    };
    takes || is_named(outcomes, answered)
}

/// Whether the case names the answer's code.
pub(super) fn is_named(outcomes: &OutcomeSet, answered: &Answered) -> bool {
    let codes = answered.codes();
    let mut legal = outcomes.legal.iter().flat_map(|outcome| &outcome.codes);
    legal.any(|code| codes.contains(&code.as_str()))
}

/// Ends a step whose answer says nothing about the case.
pub(super) fn says_nothing_by(way: &Way, found: &str, scope: &Scope) -> Ended {
    scope.transient.set(way.passes);
    scope.busy.set(way.passes);
    Ended::Over {
        verdict: Some(way.verdict),
        findings: Vec::new(),
        note: way.in_words(found),
    }
}

/// Whether the case is about the server refusing this step's request, or coping with it. A server
/// that fails at it shows something then, but a valid request may fail at any time.
pub(super) fn is_refusal_its_point(step: &Step, outcomes: &OutcomeSet) -> bool {
    let mut legal = outcomes.legal.iter();
    !step.setup && !step.premise && legal.all(|outcome| outcome.answer != Answer::Success)
}

/// Ends a step that got no answer. A request that prepares the next step is a plain one, unless it
/// accepts any answer.
pub(super) fn lost_answer(
    step: &Step,
    outcomes: &OutcomeSet,
    error: &SendError,
    silence: Option<&str>,
) -> Ended {
    let ended = lost(error, silence);
    match step.setup {
        true if outcomes.legal.iter().any(takes_anything) => ended.in_setup(),
        true => lost(error, Some(ANSWERED_IN_PROTOCOL)),
        false => ended,
    }
}

/// Whether the outcome accepts any answer.
pub(super) fn takes_anything(outcome: &Outcome) -> bool {
    matches!(outcome.answer, Answer::NoServerError | Answer::Any)
}

/// Why a case is not run after a step that prepares it failed.
pub(super) fn unprepared(finding: &Finding) -> String {
    let found = &finding.found;
    match &finding.difference {
        Some(difference) if difference.at == Place::Answer => {
            let wanted = &difference.wanted;
            format!("an earlier request needed {wanted}, got {found}")
        }
        Some(_) => format!("an earlier answer was not as the case needs it: {found}"),
        None => format!("an earlier request failed: {found}"),
    }
}

/// Ends a step whose request got no answer. `requirement` is what that breaks; `None` for the
/// case's own.
pub(super) fn lost(error: &SendError, requirement: Option<&str>) -> Ended {
    match error {
        // Nothing was sent, so the subject is not to blame.
        // Nor is it to blame for an answer that was not waited for.
        SendError::Unsendable(_)
        | SendError::NoConnection(_)
        | SendError::TooLong(_)
        | SendError::GaveUp(_) => Ended::not_run(error.to_string()),
        SendError::NoAnswer(_) | SendError::TimedOut(_) => Ended::Over {
            verdict: None,
            findings: vec![Finding {
                requirement: requirement.map(str::to_owned),
                found: error.to_string(),
                difference: None,
            }],
            note: String::new(),
        },
    }
}
