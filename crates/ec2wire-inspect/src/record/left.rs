//! What a run made and could not take away.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How many ids a record names.
const MOST_IDS: usize = 20;
/// How many ids a sentence names.
const FEW_IDS: usize = 3;

/// Things that a run made by one action, and that a deletion left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Left {
    /// The action that made them.
    pub made_by: String,
    /// The action that was to delete them.
    pub deleted_by: String,
    /// How many.
    pub count: usize,
    /// The ids of the first 20.
    pub ids: Vec<String>,
    /// Whether the deletion was answered with success.
    pub accepted: bool,
    /// What was answered otherwise, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// The other key by which they were deleted in the end; absent if they are still there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then_by: Option<String>,
}

impl Left {
    /// What is left of what `made_by` made. `refusal` is what the deletion was answered with, if that
    /// was no success.
    pub fn new(made_by: &str, deleted_by: &str, ids: &[String], refusal: Option<&str>) -> Self {
        Self {
            made_by: made_by.to_owned(),
            deleted_by: deleted_by.to_owned(),
            count: ids.len(),
            ids: ids.iter().take(MOST_IDS).cloned().collect(),
            accepted: refusal.is_none(),
            why: refusal.unwrap_or_default().to_owned(),
            then_by: None,
        }
    }

    /// Whether they are still there.
    pub const fn is_there(&self) -> bool {
        self.then_by.is_none()
    }
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let few: Vec<&str> = self.ids.iter().take(FEW_IDS).map(String::as_str).collect();
        let (count, deletion) = (self.count, &self.deleted_by);
        write!(f, "{count} of {} ({}", self.made_by, few.join(", "))?;
        match count.saturating_sub(few.len()) {
            0 => f.write_str(")")?,
            more => write!(f, " and {more} more)")?,
        }
        match &self.then_by {
            Some(key) => write!(
                f,
                " still there after {deletion} answered with success; deleted by {key}"
            ),
            None if self.accepted => {
                write!(f, " left over, although {deletion} answered with success")
            }
            None => write!(f, " left over: {deletion} got {}", self.why),
        }
    }
}
