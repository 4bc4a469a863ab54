//! What a run finds or creates before its cases: an IPAM, and a listing of what exists.

use super::undoing::{Fate, Made};
use super::waiting::own_kind;
use super::{End, Options, Runner, limits};
use crate::format::case::Case;
use crate::judge;
use crate::judge::gone::Gone;
use crate::laws;
use crate::record::{Left, Stopped};
use crate::subject::http::{Draft, SendError};
use crate::wire::Answered;
use crate::wire::referee::Element;
use ec2wire::{EC2_VERSION, form};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Why there is no IPAM if none is needed.
const NOT_NEEDED: &str = "no case needs an IPAM";
/// How long deleting, and looking whether it helped, may take each after the time of the run.
const OVERTIME: Duration = Duration::from_secs(2);
/// The IPAM id that cases use if no IPAM is known to exist.
const PLACEHOLDER_IPAM: &str = "ipam-0123456789abcdef0";

/// The IPAM for `${ipam}`.
#[derive(Debug, Clone)]
pub(super) enum Ipam {
    Given(String),
    Created(String),
    /// None is known; the text says why. Cases use an id anyway: servers that do not look it up, or
    /// that refuse for the right reason, can still be judged.
    Placeholder(String),
}

impl Ipam {
    pub(super) fn id(&self) -> &str {
        match self {
            Self::Given(id) | Self::Created(id) => id,
            Self::Placeholder(_) => PLACEHOLDER_IPAM,
        }
    }

    /// Why a fault with these codes may only mean that the IPAM does not exist.
    pub(super) fn doubt(&self, codes: &[&str]) -> Option<String> {
        match self {
            Self::Placeholder(why) => Some(format!("no IPAM is known to exist ({why})")),
            Self::Given(id) | Self::Created(id) if codes.contains(&"InvalidIpamId.NotFound") => {
                Some(format!("the server does not know the IPAM {id}"))
            }
            Self::Given(_) | Self::Created(_) => None,
        }
    }

    pub(super) fn known(&self) -> Option<String> {
        match self {
            Self::Given(id) | Self::Created(id) => Some(id.clone()),
            Self::Placeholder(_) => None,
        }
    }

    pub(super) fn created(&self) -> Option<String> {
        match self {
            Self::Created(id) => Some(id.clone()),
            Self::Given(_) | Self::Placeholder(_) => None,
        }
    }
}

/// The IPAMs of a run, for its record.
pub(super) fn describe(ipams: &[Ipam]) -> String {
    match ipams {
        [Ipam::Given(id)] => format!("{id}, given"),
        [Ipam::Placeholder(why)] if why == NOT_NEEDED => String::new(),
        [Ipam::Placeholder(why)] => format!("none: {why}"),
        created => {
            let ids: Vec<&str> = created.iter().map(Ipam::id).collect();
            format!("{}, created for the run", ids.join(", "))
        }
    }
}

impl Runner<'_> {
    /// The IPAMs of a run: one for each job if the server creates that many, otherwise one.
    pub(super) async fn find_ipams(
        &self,
        cases: &[&Case],
        options: &Options,
        jobs: usize,
    ) -> Vec<Ipam> {
        let mut ipams = vec![self.find_ipam(cases, options).await];
        while ipams.len() < jobs && matches!(ipams.last(), Some(Ipam::Created(_))) {
            ipams.push(self.create_ipam().await);
        }
        // EC2 has a quota of one.
        let first = ipams.remove(0);
        ipams.retain(|ipam| matches!(ipam, Ipam::Created(_)));
        ipams.insert(0, first);
        ipams
    }

    async fn find_ipam(&self, cases: &[&Case], options: &Options) -> Ipam {
        if let Some(id) = &options.ipam_id {
            return Ipam::Given(id.clone());
        }
        if !cases.iter().any(|case| case.needs_ipam()) {
            return Ipam::Placeholder(NOT_NEEDED.into());
        }
        if !self.allow_create {
            return Ipam::Placeholder("creating an IPAM is not allowed".into());
        }
        self.create_ipam().await
    }

    pub(super) async fn create_ipam(&self) -> Ipam {
        let token = uuid::Uuid::new_v4().to_string();
        let pairs = [("Tier", "advanced"), ("ClientToken", &token)];
        match self.call("CreateIpam", &pairs).await {
            Ok(answered) if judge::is_success(Some("CreateIpam"), &answered) => {
                let id = answered.document.ok().and_then(|root| {
                    root.at("ipam.ipamId")
                        .first()
                        .map(|element| element.text.clone())
                });
                match id {
                    Some(id) if !id.is_empty() => Ipam::Created(id),
                    _ => Ipam::Placeholder("the answer to CreateIpam has no ipamId".into()),
                }
            }
            Ok(answered) => {
                let code = answered
                    .codes()
                    .first()
                    .map(|code| format!(", code {code}"));
                Ipam::Placeholder(format!(
                    "CreateIpam was answered with status {}{}",
                    answered.status,
                    code.unwrap_or_default()
                ))
            }
            Err(error) => Ipam::Placeholder(format!("CreateIpam: {error}")),
        }
    }

    pub(super) async fn delete_policy(&self, id: &str) -> Result<Answered, SendError> {
        self.call("DeleteIpamPolicy", &[("IpamPolicyId", id)]).await
    }

    /// Deletes what the run created and what still exists, and looks whether it is gone. Deleting may
    /// take as long as one answer, and looking as long as one and the time for states to settle. Once
    /// the time of the run is over, there are a few seconds for both.
    pub(super) async fn clean_up(
        &self,
        ipams: &[String],
        gone: &Gone,
        end: Option<&End>,
    ) -> (Vec<Left>, Result<(), String>) {
        let mut limit = self.subject.timeout();
        let mut looked = limit.saturating_add(self.settle);
        if matches!(end, Some(End::Stopped(Stopped::TimeLimit))) {
            limit = limit.min(OVERTIME);
            looked = OVERTIME;
        }
        self.patience.renew();
        let deleted = tokio::time::timeout(limit, self.delete_all(ipams)).await;
        let deleted = deleted
            .unwrap_or_else(|_| Err("deleting took too long".into()))
            .map_err(|why| format!("what the run created may be left over: {why}"));
        self.note_deleted("CreateIpamPolicy", self.run.deleted.take());
        self.patience.renew();
        let mut left = Vec::new();
        // What was found until then counts.
        let _ = tokio::time::timeout(looked, self.look(gone, end.is_none(), &mut left)).await;
        (left, deleted)
    }

    /// Enters what the runner deleted by itself into the ledger.
    fn note_deleted(&self, by: &str, deleted: impl IntoIterator<Item = (String, Fate)>) {
        if let Some(undo) = laws::deletion(by, self.fixtures) {
            let made = deleted.into_iter().map(|(id, fate)| Made {
                by: by.to_owned(),
                id,
                undo: undo.clone(),
                alias: None,
                fate,
            });
            self.run.made.extend(made);
        }
    }

    async fn delete_all(&self, ipams: &[String]) -> Result<(), String> {
        let undeleted = self.run.undeleted.take();
        for id in &undeleted {
            // Already deleted is fine.
            let deleted = self.delete_policy(id).await;
            let fate = deleted.as_ref().map_or(Fate::Untried, |answered| {
                Fate::of("DeleteIpamPolicy", answered)
            });
            self.run.deleted.borrow_mut().insert(id.clone(), fate);
            deleted.map_err(|error| format!("the policy {id}: {error}"))?;
        }
        self.take_away_rest().await;
        for id in ipams {
            if self.delete_ipam(id).await.is_ok() {
                continue;
            }
            // A case that was cut short may have left a policy that no answer returned. The IPAM
            // belongs to the run, and so does everything on it.
            let policies = self.policies().await.unwrap_or_default();
            for policy in policies.iter().filter(|(_, ipam)| *ipam == id) {
                let _ = self.delete_policy(policy.0).await;
            }
            self.delete_ipam(id)
                .await
                .map_err(|why| format!("the IPAM {id}: {why}"))?;
        }
        Ok(())
    }

    async fn delete_ipam(&self, id: &str) -> Result<(), String> {
        match self.call("DeleteIpam", &[("IpamId", id)]).await {
            Ok(answered) if judge::is_success(Some("DeleteIpam"), &answered) => {
                let fate = Fate::Deleted(Instant::now());
                self.note_deleted("CreateIpam", [(id.to_owned(), fate)]);
                Ok(())
            }
            Ok(answered) => Err(judge::describe(Some("DeleteIpam"), &answered)),
            Err(error) => Err(error.to_string()),
        }
    }

    /// A call of the runner's own.
    pub(super) async fn call(
        &self,
        action: &str,
        pairs: &[(&str, &str)],
    ) -> Result<Answered, SendError> {
        let members: BTreeMap<&str, &str> = pairs.iter().copied().collect();
        let mut body = Vec::new();
        form::append_call(&mut body, action, EC2_VERSION, &members)
            .map_err(|error| SendError::Unsendable(error.to_string()))?;
        let kind = own_kind(action);
        if let Some(why) = self.given_up(&kind) {
            return Err(SendError::GaveUp(why));
        }
        let draft = Draft {
            body,
            ..Draft::default()
        };
        let mut tries = 0;
        loop {
            let answer = self.send_as(&kind, draft.clone()).await.1;
            let is_busy = answer.as_ref().is_ok_and(|one| self.busy(one).is_some());
            if !is_busy || tries >= self.retries || self.run.stays_busy() {
                return answer;
            }
            tries += 1;
            tokio::time::sleep(limits::retry_pause(tries)).await;
        }
    }

    /// The policies and the IPAM of each; `None` if the server cannot list them.
    pub(super) async fn policies(&self) -> Option<BTreeMap<String, String>> {
        let pages = self.pages("DescribeIpamPolicies").await?;
        let items = pages.iter().flat_map(|page| page.at("ipamPolicySet.item"));
        let text = |item: &Element, name| item.child(name).map(|child| child.text.clone());
        let policies = items.filter_map(|item| {
            let ipam = text(item, "ipamId").unwrap_or_default();
            Some((text(item, "ipamPolicyId")?, ipam))
        });
        Some(policies.collect())
    }
}
