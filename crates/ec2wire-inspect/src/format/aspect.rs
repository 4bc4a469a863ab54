//! The aspects of what a server does with resources.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a case shows of the resource that it is about. Reports have a column for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Aspect {
    /// How one is made: its id, and what a repeated request does.
    Make,
    /// Whether the list has it, and finds it by its id.
    List,
    /// Whether what was asked for is shown.
    Show,
    /// The filters of the list.
    Filters,
    /// Its tags.
    Tags,
    /// The pages of the list.
    Pages,
    /// Its states.
    States,
    /// What is refused, and with which code.
    Errors,
    /// How one is deleted, and what is left of it.
    End,
    /// What any answer has in common: its form, and dry runs.
    Protocol,
}

impl Aspect {
    /// All aspects, in the order of the reports.
    pub const ALL: [Self; 10] = [
        Self::Make,
        Self::List,
        Self::Show,
        Self::Filters,
        Self::Tags,
        Self::Pages,
        Self::States,
        Self::Errors,
        Self::End,
        Self::Protocol,
    ];

    /// The aspect's word in files and records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Make => "make",
            Self::List => "list",
            Self::Show => "show",
            Self::Filters => "filters",
            Self::Tags => "tags",
            Self::Pages => "pages",
            Self::States => "states",
            Self::Errors => "errors",
            Self::End => "end",
            Self::Protocol => "protocol",
        }
    }
}

impl fmt::Display for Aspect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
