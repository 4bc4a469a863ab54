//! What a step created, and what that breaks.

use super::Runner;
use super::case::EVENTUALLY_PAUSE;
use super::fixture::Ipam;
use super::scope::{Scope, UNKNOWN_IPAM};
use super::undoing::{Fate, Made};
use super::waiting::{Next, Wait};
use crate::format::case::{Listing, Step, Watch};
use crate::format::template::Template;
use crate::format::verbs::is_reading;
use crate::judge::{self, Finding};
use crate::record::{Difference, Place};
use crate::subject::http::Draft;
use crate::wire::Answered;
use crate::wire::referee::Element;
use std::collections::{BTreeMap, BTreeSet};

/// The requirement that a success breaks if it creates more than one policy.
const CREATE_ONE: &str = "create-one";
/// How many ids from answers a run keeps. Each answer of a run that creates things has a few.
const MOST_GIVEN: usize = 1 << 16;
/// The longest text that is taken for an id, in bytes.
const LONGEST_ID: usize = 256;
/// What is waited for after a creation.
const NEW_POLICIES: &str = "new policies";
/// The requirement that is broken if a created policy is not listed.
const DESCRIBE_SHOWS_CREATED: &str = "describe-shows-created";

impl Runner<'_> {
    /// The policies that exist before a step whose creations are counted.
    pub(super) async fn policies_before(
        &self,
        step: &Step,
        scope: &Scope,
    ) -> Option<BTreeMap<String, String>> {
        step.creates?;
        let mut before = self.policies().await?;
        // Policies of earlier steps may not be listed yet; they are not this step's.
        let earlier = scope.created.iter().cloned();
        before.extend(earlier.map(|id| (id, String::new())));
        Some(before)
    }

    /// Counts new policies. Those on IPAMs other than the run's belong to somebody else.
    pub(super) async fn count_created(
        &self,
        before: Option<BTreeMap<String, String>>,
        wanted: usize,
        broken: Option<&str>,
        findings: &mut Vec<Finding>,
        scope: &mut Scope,
    ) {
        let mut wait = Wait::new(&self.run.states, self.settle);
        let mut unknown = None;
        let (new, unseen) = loop {
            let after = match &before {
                Some(_) if self.patience.exhausted().is_none() => self.policies().await,
                _ => None,
            };
            let (Some(before), Some(after)) = (&before, after) else {
                let why = self.patience.exhausted();
                let why = why.unwrap_or_else(|| "DescribeIpamPolicies failed".into());
                scope.note(format!("new policies were not counted: {why}"));
                return;
            };
            let is_ours = |ipam: &str| {
                [self.ipam.id(), UNKNOWN_IPAM].contains(&ipam) || !ipam.starts_with("ipam-")
            };
            // A deleted policy was created by an earlier case, not by this step.
            let unseen = scope.created.iter().any(|id| {
                !before.contains_key(id)
                    && !after.contains_key(id)
                    && !self.run.deleted.borrow().contains_key(id)
            });
            let new: BTreeMap<String, String> = after
                .into_iter()
                .filter(|(id, ipam)| !before.contains_key(id) && is_ours(ipam))
                .filter(|(id, _)| scope.created.contains(id) || !self.is_created_by_runner(id))
                .collect();
            // New policies may take a while to be listed.
            if new.len() >= wanted {
                // If none is expected, this does not show that new ones are listed.
                if wanted > 0 {
                    wait.ends_well(NEW_POLICIES);
                }
                break (new, unseen);
            }
            // The answer is already wrong, so waiting would show nothing more.
            if !findings.is_empty() || self.patience.exhausted().is_some() {
                break (new, unseen);
            }
            match wait.goes_on(NEW_POLICIES) {
                Next::Again => {}
                Next::Wrong => break (new, unseen),
                Next::Unknown(why) => {
                    unknown = Some(why);
                    break (new, unseen);
                }
            }
            tokio::time::sleep(EVENTUALLY_PAUSE).await;
        };
        // A policy on no IPAM, or on an unknown one, may be another case's.
        let is_own = |ipam: &String| ipam == self.ipam.id();
        if new.len() != wanted || !new.values().all(is_own) {
            scope.doubtful.set(true);
        }
        if let Some(why) = unknown {
            scope.note(format!("new policies were not counted: {why}"));
        } else if new.len() != wanted {
            let requirement = if new.len() > wanted {
                broken
            } else {
                // Something was created, since an answer said so, but it is not listed.
                unseen.then_some(DESCRIBE_SHOWS_CREATED)
            };
            findings.push(Finding {
                requirement: requirement.map(str::to_owned),
                found: format!(
                    "expected {wanted} new policies after the answer, got {}",
                    new.len()
                ),
                difference: Some(Difference::new(
                    Place::Created,
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
        self.remember_created(scope);
    }

    /// The listing before a step that must create nothing.
    pub(super) async fn listed_before(&self, step: &Step) -> Option<BTreeSet<String>> {
        match &step.watch {
            Watch::By(listing) => self.listed(listing).await,
            Watch::No | Watch::Unknown => None,
        }
    }

    /// New entries of a listing whose ids no answer returned.
    fn unknown(&self, after: &BTreeSet<String>, before: &BTreeSet<String>) -> Vec<String> {
        let given = self.run.given.borrow();
        // Not all that were returned are known then.
        if given.len() >= MOST_GIVEN {
            return Vec::new();
        }
        let is_new = |id: &&String| !before.contains(*id) && !given.contains(*id);
        after.iter().filter(is_new).cloned().collect()
    }

    /// Keeps the ids in a success, so that entries that are listed late are attributed to it.
    pub(super) fn record_ids(&self, step: &Step, answered: &Answered) {
        let reads = step.action.as_deref().is_some_and(is_reading);
        if !reads && let (200..300, Ok(root)) = (answered.status, &answered.document) {
            let mut given = self.run.given.borrow_mut();
            if given.len() < MOST_GIVEN {
                ids_of(root, &mut given);
            }
        }
    }

    async fn listed(&self, listing: &Listing) -> Option<BTreeSet<String>> {
        let pages = self.pages(&listing.action).await?;
        let ids = pages.iter().flat_map(|page| page.at(&listing.at));
        Some(ids.map(|id| id.text.clone()).collect())
    }

    /// Checks that a refused request created nothing.
    pub(super) async fn check_created_nothing(
        &self,
        step: &Step,
        draft: &Draft,
        before: Option<BTreeSet<String>>,
        answered: &Answered,
        findings: &mut Vec<Finding>,
        scope: &mut Scope,
    ) {
        if step.watch == Watch::No || !judge::is_fault(answered) {
            return;
        }
        let Watch::By(listing) = &step.watch else {
            let what =
                "it was not checked whether the refused request created something: no way is known";
            scope.note(what.into());
            return;
        };
        let after = match &before {
            Some(_) if self.patience.exhausted().is_none() => self.listed(listing).await,
            _ => None,
        };
        let (Some(before), Some(after)) = (before, after) else {
            let action = &listing.action;
            scope.note(format!(
                "it was not checked whether the refused request created something: {action} failed"
            ));
            return;
        };
        let shown = format!("after the refusal, {} lists", listing.action);
        let mut new = self.unknown(&after, &before);
        if new.is_empty() {
            return;
        }
        // Others' entries, or those from before the run, may be listed late. If this request
        // created it, the same request will create something again.
        let again = if self.subject.is_aws() {
            None
        } else {
            match self.send(draft.clone()).await.1 {
                Ok(second) if judge::is_fault(&second) => self.listed(listing).await,
                // What the answer returns may have been created by this request.
                Ok(second) => {
                    self.record_ids(step, &second);
                    self.note_created(&second, step, &draft.body, scope);
                    None
                }
                Err(_) => None,
            }
        };
        let more = again.map_or_else(Vec::new, |again| self.unknown(&again, &after));
        if more.is_empty() {
            scope.note(format!(
                "{shown} {}, which no answer mentioned",
                new.join(", ")
            ));
            return;
        }
        new.extend(more);
        let found = format!("{shown} {}", new.join(", "));
        findings.push(Finding {
            requirement: requirement_for_excess(step, 0, answered).map(str::to_owned),
            found: found.clone(),
            difference: Some(Difference::new(
                Place::Created,
                "nothing new".into(),
                Some(found),
            )),
        });
        for id in new {
            match &listing.undo {
                Some(undo) => scope.to_undo.push(self.run.made.note(Made {
                    by: step.action.clone().unwrap_or_default(),
                    id,
                    undo: undo.clone(),
                    alias: None,
                    fate: Fate::Untried,
                })),
                None => scope.note(format!("{id} may be left over from this case")),
            }
        }
    }

    /// Whether a request of the runner created the policy, not one of a case.
    fn is_created_by_runner(&self, id: &str) -> bool {
        self.run.undeleted.borrow().contains(id)
    }

    /// Remembers the policies, in case the case cannot delete them.
    pub(super) fn remember_created(&self, scope: &Scope) {
        let mut undeleted = self.run.undeleted.borrow_mut();
        undeleted.extend(scope.created.iter().cloned());
    }
}

/// The texts of an answer that look like ids, such as `vpc-0123456789abcdef0`.
fn ids_of(element: &Element, ids: &mut BTreeSet<String>) {
    let is_id = |text: &str| {
        let tail = text.rsplit('-').next().unwrap_or_default();
        text.len() > tail.len() && tail.len() >= 8 && tail.bytes().all(|b| b.is_ascii_hexdigit())
    };
    let is_named = element.name.ends_with("Id") && !element.text.is_empty();
    let is_short = element.text.len() <= LONGEST_ID;
    if is_short && (is_named || is_id(&element.text)) {
        ids.insert(element.text.clone());
    }
    for child in &element.children {
        ids_of(child, ids);
    }
}

/// The requirement that a step breaks if it creates too much, if that is not the case's own.
pub(super) fn requirement_for_excess(
    step: &Step,
    wanted: usize,
    answered: &Answered,
) -> Option<&'static str> {
    if is_dry_run(step) || answered.codes().contains(&"DryRunOperation") {
        Some("dry-run-creates-nothing")
    } else if judge::is_fault(answered) {
        Some("refused-creates-nothing")
    } else {
        // With two simultaneous requests, the second may be the one that must create nothing.
        (wanted > 0 && !step.twice).then_some(CREATE_ONE)
    }
}

/// Whether the step asks for a dry run.
pub(super) fn is_dry_run(step: &Step) -> bool {
    let in_members = match &step.members {
        Some(Template::Structure(members)) => members
            .iter()
            .any(|(name, value)| name == "DryRun" && *value == Template::Text("true".into())),
        _ => false,
    };
    in_members
        || step
            .pairs
            .iter()
            .any(|(key, value)| key == "DryRun" && value == "true")
}
