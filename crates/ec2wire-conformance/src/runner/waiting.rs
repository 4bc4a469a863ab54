//! Waits for answers, and for states that become right by themselves. What earlier waits have shown
//! limits the later ones.

use super::Runner;
use super::lack::UNKNOWN_ACTION;
use super::pace::{Limit, Pace};
use crate::subject::Sent;
use crate::subject::http::{Draft, SendError};
use crate::wire::Answered;
use ec2wire::EC2_VERSION;
use std::time::{Duration, Instant};

/// How often in a run a subject that seems to be silent is waited for in full once more.
const MOST_LAST_TRIES: u32 = 2;
/// What the kinds of the runner's own requests begin with.
const OWN: &str = "own ";

/// A wait for a state.
pub(super) struct Wait<'p> {
    pace: &'p Pace,
    whole: Duration,
    started: Instant,
    is_setup: bool,
    /// What is wrong so far.
    kind: Option<String>,
}

/// What a wait does after another look.
pub(super) enum Next {
    Again,
    /// It ends, and what is wrong stays so.
    Wrong,
    /// It ends early, and what is wrong may become right; the text says why.
    Unknown(String),
}

impl<'p> Wait<'p> {
    pub(super) fn new(pace: &'p Pace, whole: Duration) -> Self {
        Self {
            pace,
            whole,
            started: Instant::now(),
            is_setup: false,
            kind: None,
        }
    }

    /// A wait for what only prepares the next step, if `is_setup`.
    pub(super) fn for_setup(mut self, is_setup: bool) -> Self {
        self.is_setup = is_setup;
        self
    }

    /// Notes that nothing is wrong any more. If nothing ever was, it might have been what is of that
    /// kind.
    pub(super) fn ends_well(&mut self, usual: &str) {
        match self.kind.take() {
            Some(kind) => self.pace.paid(&kind, self.started.elapsed()),
            None => self.pace.right(usual),
        }
    }

    /// Notes what is wrong.
    pub(super) fn goes_on(&mut self, kind: &str) -> Next {
        // Something else is wrong now, so that the last thing has become right.
        if self.kind.as_deref().is_some_and(|before| before != kind) {
            self.ends_well(kind);
        }
        self.kind = Some(kind.to_owned());
        let limit = if self.is_setup {
            self.pace.limit_of_setup(kind, self.whole)
        } else {
            self.pace.limit(kind, self.whole)
        };
        if self.started.elapsed() < limit.of(self.whole) {
            return Next::Again;
        }
        self.pace.in_vain(kind, limit);
        if !matches!(limit, Limit::Brief(_)) {
            return Next::Wrong;
        }
        Next::Unknown(format!(
            "not waited for in full, since earlier waits of {} s were in vain; run this case alone to judge it",
            self.whole.as_secs_f64()
        ))
    }
}

impl Runner<'_> {
    /// Sends a request, of the case or of the runner on its behalf.
    pub(super) async fn send(&self, draft: Draft) -> (Sent, Result<Answered, SendError>) {
        let kind = kind_of(&draft);
        self.send_as(&kind, draft).await
    }

    /// Sends a request that counts as one of this kind.
    pub(super) async fn send_as(
        &self,
        kind: &str,
        draft: Draft,
    ) -> (Sent, Result<Answered, SendError>) {
        let (started, whole) = (Instant::now(), self.subject.timeout());
        let pace = &self.run.answers;
        let limit = pace.limit(kind, whole);
        let (sent, mut answer) = self.subject.send(draft, limit.of(whole)).await;
        let mut silence = None;
        match &answer {
            Err(SendError::TimedOut(_)) => {
                pace.in_vain(kind, limit);
                if limit != Limit::Whole {
                    let seconds = whole.as_secs_f64();
                    answer = Err(SendError::GaveUp(format!(
                        "no answer in a brief wait, after others of {seconds} s were in vain"
                    )));
                }
                silence = answer.as_ref().err().map(ToString::to_string);
            }
            Ok(_) | Err(SendError::NoAnswer(_) | SendError::TooLong(_)) => {
                pace.paid(kind, started.elapsed());
            }
            Err(SendError::Unsendable(_) | SendError::NoConnection(_) | SendError::GaveUp(_)) => {}
        }
        self.patience.note(started.elapsed(), silence);
        (sent, answer)
    }

    /// Why no more requests for an action are sent.
    pub(super) fn given_up(&self, kind: &str) -> Option<String> {
        let is_hopeless = self.run.answers.is_hopeless(kind);
        is_hopeless.then(|| match kind.trim_start_matches(OWN) {
            "" => "not sent: no such request was ever answered in time".to_owned(),
            action => format!("not sent: no request for {action} was ever answered in time"),
        })
    }

    /// Why no more requests like this one are sent.
    pub(super) fn given_up_on(&self, draft: &Draft) -> Option<String> {
        self.given_up(&kind_of(draft))
    }

    /// Why nothing more is sent at all. After many requests without an answer, it is tried whether
    /// there are any answers. The last try is waited for in full: the server may only have paused.
    pub(super) async fn silent(&self) -> Option<String> {
        let run = self.run;
        for action in [UNKNOWN_ACTION, "DescribeIpamPolicies"] {
            if run.silent.get() || !run.answers.seems_silent() {
                break;
            }
            let _ = self.call(action, &[]).await;
        }
        if !run.silent.get() && run.answers.seems_silent() {
            let draft = Draft {
                body: format!("Action={UNKNOWN_ACTION}&Version={EC2_VERSION}").into_bytes(),
                ..Draft::default()
            };
            let tries = run.last_tries.replace(run.last_tries.get() + 1);
            let answers = tries < MOST_LAST_TRIES && {
                let (_, answer) = self.subject.send(draft, self.subject.timeout()).await;
                !matches!(
                    answer,
                    Err(SendError::TimedOut(_) | SendError::NoConnection(_))
                )
            };
            if answers {
                run.answers.revive();
            } else {
                run.silent.set(true);
            }
        }
        self.patience.renew();
        run.silent
            .get()
            .then(|| "not sent: no request is answered in time any more".to_owned())
    }
}

/// The kind of the runner's own requests for an action. Those of cases are waited for even if those
/// were in vain, so that there is a finding.
pub(super) fn own_kind(action: &str) -> String {
    format!("{OWN}{action}")
}

/// The action that a request is for, or nothing if it names none.
fn kind_of(draft: &Draft) -> String {
    let mut pairs = draft.body.split(|byte| *byte == b'&');
    let action = pairs.find_map(|pair| pair.strip_prefix(b"Action="));
    String::from_utf8_lossy(action.unwrap_or_default()).into_owned()
}
