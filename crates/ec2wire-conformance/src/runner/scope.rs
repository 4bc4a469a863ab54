//! The state of a running case, and the values of its variables.

use super::Runner;
use super::created::is_dry_run;
use super::tokens::Tokens;
use crate::format::case::Step;
use crate::format::template::with_default;
use crate::format::verbs::is_creating;
use crate::judge;
use crate::subject::http::SendError;
use crate::subject::lane::Lane;
use crate::wire::Answered;
use ec2wire::EC2_VERSION;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

/// A well-formed id that no server has assigned.
pub(super) const UNKNOWN_IPAM: &str = "ipam-0fedcba9876543210";

/// The longest text of an answer that a later request carries, in bytes.
const LONGEST_VALUE: usize = 64 << 10;
/// The most policies that an answer may say it created: each is deleted with a request.
const MOST_CREATED: usize = 64;

/// The state of a running case.
#[derive(Default)]
pub(super) struct Scope {
    /// The case's own requirement.
    pub(super) requirement: String,
    pub(super) item: Option<String>,
    pub(super) ipam: String,
    pub(super) region: String,
    pub(super) tokens: Tokens,
    /// The case's own connection.
    pub(super) lane: RefCell<Option<Lane>>,
    pub(super) answers: BTreeMap<String, Answered>,
    /// The policies that the case created, to be deleted.
    pub(super) created: BTreeSet<String>,
    /// Everything else that it created, by its place in the ledger.
    pub(super) to_undo: Vec<usize>,
    pub(super) notes: Vec<String>,
    /// Whether the case may end differently if it is repeated.
    pub(super) transient: Cell<bool>,
    /// Whether the server was too busy to answer.
    pub(super) busy: Cell<bool>,
    /// Whether an answer is missing.
    pub(super) lost: Cell<bool>,
    /// Whether other cases may have affected what was counted.
    pub(super) doubtful: Cell<bool>,
}

impl Scope {
    pub(super) fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Notes that an answer is missing.
    pub(super) fn note_lost(&self, error: &SendError) {
        // Another attempt gets the same long answer.
        let is_sent = !matches!(error, SendError::Unsendable(_) | SendError::TooLong(_));
        self.lost.set(is_sent);
        self.transient.set(is_sent);
    }

    pub(super) fn lookup(&self, name: &str) -> Option<String> {
        if let Some((step, path)) = name.split_once(':') {
            let (path, otherwise) = with_default(path);
            let found = self.answers.get(step)?.text_at(path);
            // No request can carry it.
            let found = found.filter(|text| text.len() <= LONGEST_VALUE);
            return found.or_else(|| otherwise.map(str::to_owned));
        }
        match name {
            "ipam" => Some(self.ipam.clone()),
            "unknown-ipam" => Some(UNKNOWN_IPAM.into()),
            "region" => Some(self.region.clone()),
            "version" => Some(EC2_VERSION.into()),
            "item" => self.item.clone(),
            "now" => Some(jiff::Timestamp::now().to_string()),
            _ => self.tokens.lookup(name),
        }
    }
}

/// Whether the action creates something that the run can delete only if the case says how.
pub(super) fn makes_more_than_ipams(action: &str) -> bool {
    let is_ours = ["CreateIpam", "CreateIpamPolicy", "CreateTags"].contains(&action);
    !is_ours && is_creating(action)
}

impl Runner<'_> {
    /// Notes the created policy in an answer, or whatever the step's `undo` is for, and what the step
    /// deleted of the case's.
    pub(super) fn note_created(
        &self,
        answered: &Answered,
        step: &Step,
        sent: &[u8],
        scope: &mut Scope,
    ) {
        if judge::is_success(step.action.as_deref(), answered)
            && let Some(action) = &step.action
        {
            self.note_undone(&scope.to_undo, action, sent);
            match &step.undo {
                Some(undo) => {
                    let place = self.note_made(action, undo, answered, sent);
                    scope.to_undo.extend(place);
                }
                None if makes_more_than_ipams(action) && !is_dry_run(step) => {
                    scope.note(format!("what {action} created may be left over"));
                }
                None => {}
            }
        }
        note_policy(answered, step, scope);
    }
}

/// Notes the created policy in an answer.
fn note_policy(answered: &Answered, step: &Step, scope: &mut Scope) {
    let creates = step
        .action
        .as_deref()
        .is_none_or(|action| action == "CreateIpamPolicy");
    if !(200..300).contains(&answered.status) || !creates {
        return;
    }
    if let Ok(root) = &answered.document {
        let ids = root.at("ipamPolicy.ipamPolicyId");
        scope.created.extend(
            ids.into_iter()
                .take(MOST_CREATED)
                .map(|one| one.text.clone()),
        );
    } else {
        // An unreadable entry may spoil every later listing, so its id is searched for anyway.
        let text = String::from_utf8_lossy(&answered.body);
        let id = text
            .split_once("<ipamPolicyId>")
            .and_then(|(_, rest)| rest.split_once("</ipamPolicyId>"));
        scope.created.extend(id.map(|(id, _)| id.trim().to_owned()));
    }
}
