//! Detects that the server lacks an action and says so in its own way.

use super::Runner;
use super::scope::Scope;
use super::undoing::Fate;
use crate::catalogue::known::Way;
use crate::format::template;
use crate::format::verbs::is_reading;
use crate::judge;
use crate::judge::likeness::{Compared, Likeness};
use crate::laws;
use crate::subject::http::SendError;
use crate::wire::Answered;

/// The longest answer that is kept and compared, in bytes. No server says in more that it lacks an
/// action.
const LONGEST_OWN: usize = 256 << 10;

/// An action that does not exist.
pub(super) const UNKNOWN_ACTION: &str = "Ec2wireUnknownAction";

impl Runner<'_> {
    /// Whether the answer, which is outside of the protocol, is the server's answer to unknown
    /// actions, and a plain request for this action gets the same one.
    ///
    /// Unless the server is busy, both are tried at most once a run, and only after such an answer: a
    /// server that fails in the middle of an action may answer in the same way as for an unknown one.
    pub(super) async fn lacks(&self, action: &str, answered: &Answered) -> bool {
        let is_long = answered.body.len() > LONGEST_OWN;
        if answered.status < 400 || is_long || judge::is_fault(answered) {
            return false;
        }
        let Some(pairs) = self.plain_request(action) else {
            return false;
        };
        let unknown = self.own_answer(UNKNOWN_ACTION, &[]).await;
        if !unknown.is_some_and(|unknown| is_alike(&unknown, answered)) {
            return false;
        }
        let plain = self.own_answer(action, &pairs).await;
        plain.is_some_and(|plain| is_alike(&plain, answered))
    }

    /// A valid request for the action, except that it may name things that do not exist.
    pub(super) fn plain_request(&self, action: &str) -> Option<Vec<(String, String)>> {
        let scope = Scope {
            ipam: self.ipam.id().to_owned(),
            region: self.subject.region().to_owned(),
            ..Scope::default()
        };
        let plain = laws::plain_request(action, self.fixtures)?;
        let filled = plain.into_iter().map(|(key, value)| {
            let value = template::fill(&value, &|name| scope.lookup(name)).ok()?;
            Some((key, value))
        });
        let mut pairs: Vec<(String, String)> = filled.collect::<Option<_>>()?;
        // A server that has the action shows that in its answer to a dry run too.
        if !is_reading(action) && laws::has_dry_run(action) {
            pairs.push(("DryRun".to_owned(), "true".to_owned()));
        }
        Some(pairs)
    }

    /// The answer to one of the runner's own requests; `None` if none came.
    pub(super) async fn own_answer(
        &self,
        action: &str,
        pairs: &[(String, String)],
    ) -> Option<Answered> {
        if let Some(known) = self.run.own_answers.borrow().get(action) {
            return known.clone();
        }
        let pairs: Vec<(&str, &str)> = pairs
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_str()))
            .collect();
        let answered: Result<Answered, SendError> = self.call(action, &pairs).await;
        let answered = answered.ok();
        // What the request created is deleted at once: a server that ignores ids or filters would show
        // it in the answers to the cases.
        let created = answered.iter().flat_map(|answered| &answered.document);
        let policies = created.flat_map(|root| root.at("ipamPolicy.ipamPolicyId"));
        let policies: Vec<String> = policies.map(|id| id.text.clone()).collect();
        let is_policy = !policies.is_empty();
        self.run.undeleted.borrow_mut().extend(policies.clone());
        for id in policies {
            let Ok(answered) = self.delete_policy(&id).await else {
                continue;
            };
            let fate = Fate::of("DeleteIpamPolicy", &answered);
            if matches!(fate, Fate::Deleted(_)) {
                self.run.undeleted.borrow_mut().remove(&id);
                self.run.deleted.borrow_mut().insert(id, fate);
            }
        }
        if let (Some(answered), Some(undo)) = (&answered, laws::deletion(action, self.fixtures))
            && !is_policy
            && judge::is_success(Some(action), answered)
            && let Some(place) = self.note_made(action, &undo, answered, &[])
        {
            // What cannot be deleted is left, as after a case.
            let _ = self.take_away(place).await;
        }
        // A busy server says something else a moment later, unless it stays busy.
        let is_busy = answered.as_ref().is_some_and(|one| {
            self.unjudged.is_busy_status(one.status) || self.busy(one).is_some()
        });
        // A long one is asked for again, so that the kept ones stay few bytes.
        let is_long = |one: &Answered| one.body.len() > LONGEST_OWN;
        let is_long = answered.as_ref().is_some_and(is_long);
        if !is_long && (!is_busy || self.run.stays_busy()) {
            let mut known = self.run.own_answers.borrow_mut();
            known.insert(action.to_owned(), answered.clone());
        }
        answered
    }

    /// The known kind of an answer that says that the server is busy.
    pub(super) fn busy(&self, answered: &Answered) -> Option<&Way> {
        self.way(answered, false)
            .filter(|way| way.passes && !way.failed)
    }

    /// The known kind of an answer that says nothing about any case: the server is busy, or it refuses
    /// the caller.
    pub(super) fn says_nothing_of_any(&self, answered: &Answered) -> Option<&Way> {
        self.way(answered, false)
            .filter(|way| way.caller || way.passes && !way.failed)
    }

    /// The known kind of an answer that says nothing about its case. `as_unknown` says whether the
    /// server answers unknown actions like this.
    pub(super) fn way(&self, answered: &Answered, as_unknown: bool) -> Option<&Way> {
        self.unjudged.find(answered, as_unknown)
    }
}

/// Whether the answers are the same, apart from ids and times.
pub(super) fn is_alike(one: &Answered, other: &Answered) -> bool {
    Likeness::new().is_ok_and(|likeness| {
        let differences = likeness.differences(looked_at(one), looked_at(other));
        differences.is_empty()
    })
}

fn looked_at(answered: &Answered) -> Compared<'_> {
    Compared {
        status: answered.status,
        content_type: None,
        body: Some(&answered.body),
    }
}
