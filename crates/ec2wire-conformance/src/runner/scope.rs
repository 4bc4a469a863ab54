//! What a case knows while it runs, and what its variables stand for.

use super::created::is_dry_run;
use crate::format::case::{Step, Undo};
use crate::format::template::with_default;
use crate::format::verbs::is_creating;
use crate::judge;
use crate::subject::http::SendError;
use crate::subject::lane::Lane;
use crate::wire::Answered;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

/// A well-formed id that no server has given out.
pub(super) const UNKNOWN_IPAM: &str = "ipam-0fedcba9876543210";

/// What a case knows while it runs.
#[derive(Default)]
pub(super) struct Scope {
    pub(super) item: Option<String>,
    pub(super) ipam: String,
    pub(super) region: String,
    pub(super) tokens: RefCell<BTreeMap<String, String>>,
    /// The case's own connection.
    pub(super) lane: RefCell<Option<Lane>>,
    pub(super) answers: BTreeMap<String, Answered>,
    /// The policies that the case made, to be deleted.
    pub(super) created: BTreeSet<String>,
    /// What else it made, with how that is deleted.
    pub(super) made: Vec<(Undo, String)>,
    pub(super) notes: Vec<String>,
    /// Whether the case may end otherwise when it is run again.
    pub(super) transient: Cell<bool>,
    /// Whether an answer is missing.
    pub(super) lost: Cell<bool>,
    /// Whether other cases may have had a hand in what was counted.
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
        let is_sent = !matches!(error, SendError::Unsendable(_));
        self.lost.set(is_sent);
        self.transient.set(is_sent);
    }

    pub(super) fn lookup(&self, name: &str) -> Option<String> {
        if let Some((step, path)) = name.split_once(':') {
            let (path, otherwise) = with_default(path);
            let found = self.answers.get(step)?.text_at(path);
            return found.or_else(|| otherwise.map(str::to_owned));
        }
        match name {
            "ipam" => Some(self.ipam.clone()),
            "unknown-ipam" => Some(UNKNOWN_IPAM.into()),
            "region" => Some(self.region.clone()),
            "item" => self.item.clone(),
            _ if name.starts_with("token") => {
                let mut tokens = self.tokens.borrow_mut();
                let token = tokens
                    .entry(name.to_owned())
                    .or_insert_with(|| uuid::Uuid::new_v4().to_string());
                Some(token.clone())
            }
            _ => None,
        }
    }
}

/// Whether the action makes something that the run does not know how to delete without being told.
fn makes_more_than_ipams(action: &str) -> bool {
    let is_ours = ["CreateIpam", "CreateIpamPolicy", "CreateTags"].contains(&action);
    !is_ours && is_creating(action)
}

/// Notes a policy that the answer says was made, or what else the step says is.
pub(super) fn note_created(answered: &Answered, step: &Step, scope: &mut Scope) {
    if judge::is_success(step.action.as_deref(), answered) {
        match (&step.undo, &step.action) {
            (Some(undo), _) => {
                let id = answered.text_at(&undo.at);
                scope.made.extend(id.map(|id| (undo.clone(), id)));
            }
            (None, Some(action)) if makes_more_than_ipams(action) && !is_dry_run(step) => {
                scope.note(format!("what {action} made may be left over"));
            }
            _ => {}
        }
    }
    let creates = step
        .action
        .as_deref()
        .is_none_or(|action| action == "CreateIpamPolicy");
    if !(200..300).contains(&answered.status) || !creates {
        return;
    }
    if let Ok(root) = &answered.document {
        let ids = root.at("ipamPolicy.ipamPolicyId");
        scope
            .created
            .extend(ids.into_iter().map(|element| element.text.clone()));
    } else {
        // What cannot be read may spoil every later list, so its id is looked for all the same.
        let text = String::from_utf8_lossy(&answered.body);
        let id = text
            .split_once("<ipamPolicyId>")
            .and_then(|(_, rest)| rest.split_once("</ipamPolicyId>"));
        scope.created.extend(id.map(|(id, _)| id.trim().to_owned()));
    }
}
