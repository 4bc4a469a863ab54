//! Selects the cases to run.

use super::Catalogue;
use crate::format::case::Case;
use ec2wire::contract::Level;
use globset::{Glob, GlobSet, GlobSetBuilder};

/// Selects the cases to run.
#[derive(Debug, Clone)]
pub struct Selection {
    run: Option<GlobSet>,
    skip: GlobSet,
    level: Level,
}

impl Selection {
    /// The cases at `level` or above that match one of `run` (or any, if it is empty) and none of
    /// `skip`. A `*` matches slashes too.
    ///
    /// Fails if a glob is malformed.
    pub fn new(run: &[String], skip: &[String], level: Level) -> Result<Self, globset::Error> {
        let run = if run.is_empty() {
            None
        } else {
            Some(glob_set(run)?)
        };
        Ok(Self {
            run,
            skip: glob_set(skip)?,
            level,
        })
    }

    fn admits(&self, id: &str) -> bool {
        self.run.as_ref().is_none_or(|run| run.is_match(id)) && !self.skip.is_match(id)
    }
}

fn glob_set(patterns: &[String]) -> Result<GlobSet, globset::Error> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(Glob::new(pattern)?);
    }
    set.build()
}

impl Catalogue {
    /// The selected cases, in order.
    pub fn select(&self, selection: &Selection) -> Vec<&Case> {
        self.cases()
            .iter()
            .filter(|case| selection.admits(&case.id) && self.level(case) >= selection.level)
            .collect()
    }
}
