//! What exists after a step that did not before, and what that breaks.

use super::Runner;
use super::case::EVENTUALLY_PAUSE;
use super::fixture::Ipam;
use super::scope::{Scope, UNKNOWN_IPAM};
use crate::case::Step;
use crate::judge::{self, Finding};
use crate::record::Difference;
use crate::subject::Answered;
use crate::template::Template;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// The requirement that a success breaks where it creates more than one policy.
const CREATE_ONE: &str = "create-one";
/// The requirement that is broken where a policy that was answered is not among those that exist.
const DESCRIBE_SHOWS_CREATED: &str = "describe-shows-created";

impl Runner<'_> {
    /// The policies that exist before a step, where those that it creates are counted.
    pub(super) async fn policies_before(
        &self,
        step: &Step,
        scope: &Scope,
    ) -> Option<BTreeMap<String, String>> {
        step.creates?;
        let mut before = self.policies().await?;
        // What earlier steps made may not be seen yet, and is not this step's doing.
        let made = scope.created.iter().cloned();
        before.extend(made.map(|id| (id, String::new())));
        Some(before)
    }

    /// Looks for policies that exist now and did not before. Those on other IPAMs than the run's
    /// are somebody else's.
    pub(super) async fn count_created(
        &self,
        before: Option<BTreeMap<String, String>>,
        wanted: usize,
        broken: Option<&str>,
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
        let (new, unseen) = loop {
            let after = match &before {
                Some(_) if self.patience.spent().is_none() => self.policies().await,
                _ => None,
            };
            let (Some(before), Some(after)) = (&before, after) else {
                let why = self.patience.spent();
                let why = why.unwrap_or_else(|| "no DescribeIpamPolicies".into());
                scope.note(format!(
                    "what exists before and after was not checked: {why}"
                ));
                return;
            };
            let is_ours = |ipam: &str| {
                [self.ipam.id(), UNKNOWN_IPAM].contains(&ipam) || !ipam.starts_with("ipam-")
            };
            // One that was deleted was made by an earlier case, and not again.
            let unseen = scope.created.iter().any(|id| {
                !before.contains_key(id)
                    && !after.contains_key(id)
                    && !self.run.deleted.borrow().contains(id)
            });
            let new: BTreeMap<String, String> = after
                .into_iter()
                .filter(|(id, ipam)| !before.contains_key(id) && is_ours(ipam))
                .filter(|(id, _)| scope.created.contains(id) || !self.is_own_doing(id))
                .collect();
            // What was created may take a while to be seen.
            if new.len() >= wanted || Instant::now() >= deadline {
                break (new, unseen);
            }
            if self.patience.spent().is_some() {
                break (new, unseen);
            }
            tokio::time::sleep(EVENTUALLY_PAUSE).await;
        };
        // A policy on no IPAM, or on one that does not exist, may be another case's.
        let is_own = |ipam: &String| ipam == self.ipam.id();
        if new.len() != wanted || !new.values().all(is_own) {
            scope.doubtful.set(true);
        }
        if new.len() != wanted {
            let requirement = if new.len() > wanted {
                broken
            } else {
                // Not that nothing was made: it was answered, and is not shown.
                unseen.then_some(DESCRIBE_SHOWS_CREATED)
            };
            findings.push(Finding {
                requirement: requirement.map(str::to_owned),
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
        self.keep_in_mind(scope);
    }

    /// Whether a policy was made by a request that was no case's.
    fn is_own_doing(&self, id: &str) -> bool {
        self.run.made.borrow().contains(id)
    }

    /// Remembers the policies to delete, in case the case does not get to it.
    pub(super) fn keep_in_mind(&self, scope: &Scope) {
        let mut made = self.run.made.borrow_mut();
        made.extend(scope.created.iter().cloned());
    }
}

/// The requirement that a step breaks where it creates more than it should, if that is another one
/// than the case's own.
pub(super) fn created_against(
    step: &Step,
    wanted: usize,
    answered: &Answered,
) -> Option<&'static str> {
    if is_dry_run(step) || answered.codes().contains(&"DryRunOperation") {
        Some("dry-run-creates-nothing")
    } else if judge::is_fault(answered) {
        Some("refused-creates-nothing")
    } else {
        // Of two requests at a time the second may be what is not to create.
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
