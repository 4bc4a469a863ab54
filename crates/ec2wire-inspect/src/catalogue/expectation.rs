//! Known failures: a file that lists cases that do not pass yet, and says why.
//!
//! ```toml
//! [[expect]]
//! glob = "create-ipam-policy/dry-run/*"
//! reason = "DryRun is ignored"
//! issue = "https://example.com/issues/7"
//! version = "before 2.3"
//! ```
//!
//! A case that matches several globs belongs to the first. Listed cases run like all others, and
//! keep their verdicts. The run fails if a listed case passes, since the list is then out of date,
//! and if a glob matches no case of the catalogue. Two exceptions: a glob for generated cases,
//! `generated/*`, may match none, since they depend on the run; and a listed case need not be
//! selected, so that one list serves every shard.

use crate::catalogue::{Catalogue, CatalogueError};
use crate::format::case::Phase;
use crate::format::place::{self, Mistake};
use crate::record::{CaseRecord, Expected, RunRecord, Verdict};
use globset::{Glob, GlobMatcher};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use toml::Spanned;

/// The keys of an entry, for error messages.
const HINT: &str = "an entry is [[expect]] with a glob and a reason, and may have an issue and a \
                    version, all of them texts";
/// The maximum length of a reason made from a deviation, in characters.
const REASON_CHARS: usize = 300;

/// A list of known failures.
#[derive(Debug, Clone, Default)]
pub struct Expectations {
    entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    matcher: GlobMatcher,
    expected: Expected,
}

/// A file of known failures.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct File {
    /// The known failures. A case that matches several belongs to the first.
    #[serde(default)]
    expect: Vec<ReadEntry>,
}

/// Cases that do not pass yet.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct ReadEntry {
    /// A glob of case ids; `*` matches slashes too.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    glob: Spanned<String>,
    /// Why they do not pass.
    #[cfg_attr(feature = "schema", schemars(with = "String", length(min = 1)))]
    reason: Spanned<String>,
    /// A link to where this is being worked on.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", url))]
    issue: Option<Spanned<String>>,
    /// The versions of the subject that this applies to, in words.
    version: Option<String>,
}

#[derive(Serialize)]
struct Written<'e> {
    expect: Vec<&'e Expected>,
}

impl Expectations {
    /// Reads a list; `file` names it in errors.
    ///
    /// Fails if it is not valid TOML, if an entry lacks its glob or reason, has an unknown key or
    /// an issue that is not a link, and if a glob is malformed or appears twice.
    pub fn parse(file: &str, text: &str) -> Result<Self, CatalogueError> {
        let File { expect } =
            place::read(file, text).map_err(|error: CatalogueError| error.or_hint(HINT))?;
        let mut entries = Vec::with_capacity(expect.len());
        let mut seen = BTreeSet::new();
        for entry in expect {
            let fail = |at: &Spanned<String>, message: String| {
                let mistake = Mistake::new(message);
                CatalogueError::at(file, text, Some(at.span()), &mistake)
            };
            if entry.reason.get_ref().trim().is_empty() {
                return Err(fail(&entry.reason, "the reason is empty".into()));
            }
            if let Some(issue) = &entry.issue
                && !issue.get_ref().starts_with("https://")
                && !issue.get_ref().starts_with("http://")
            {
                return Err(fail(issue, "the issue is not a link".into()));
            }
            let glob = Glob::new(entry.glob.get_ref())
                .map_err(|error| fail(&entry.glob, error.to_string()))?;
            if !seen.insert(entry.glob.get_ref().clone()) {
                let message = format!("duplicate glob `{}`", entry.glob.get_ref());
                return Err(fail(&entry.glob, message));
            }
            entries.push(Entry {
                matcher: glob.compile_matcher(),
                expected: Expected {
                    glob: entry.glob.into_inner(),
                    reason: entry.reason.into_inner(),
                    issue: entry.issue.map(Spanned::into_inner),
                    version: entry.version,
                },
            });
        }
        Ok(Self { entries })
    }

    /// The entry for a case, if it is listed.
    pub fn find(&self, id: &str) -> Option<&Expected> {
        self.entries
            .iter()
            .find(|entry| entry.matcher.is_match(id))
            .map(|entry| &entry.expected)
    }

    /// The globs that match no case of the catalogue, except those for generated cases.
    pub fn stale(&self, catalogue: &Catalogue) -> Vec<String> {
        self.entries
            .iter()
            .filter(|entry| {
                let mut cases = catalogue.cases().iter();
                !is_generated(&entry.expected.glob)
                    && !cases.any(|case| entry.matcher.is_match(&case.id))
            })
            .map(|entry| entry.expected.glob.clone())
            .collect()
    }

    /// The entries, in order.
    pub fn entries(&self) -> impl Iterator<Item = &Expected> {
        self.entries.iter().map(|entry| &entry.expected)
    }

    /// A list that makes this run succeed: the entries of `given` that still hold, one more for
    /// each family whose cases all fail, and one for each other case that fails. Generated cases
    /// are left out, since another seed makes others.
    ///
    /// An entry holds if none of its cases passed. If some did, the others are listed one by one,
    /// including those that did not run.
    pub fn from_run(record: &RunRecord, catalogue: &Catalogue, given: Option<&Self>) -> Self {
        let failed: BTreeSet<&str> = record
            .cases
            .iter()
            .filter(|case| case.verdict == Verdict::Fail)
            .map(|case| case.id.as_str())
            .collect();
        let passed: BTreeSet<&str> = record
            .cases
            .iter()
            .filter(|case| case.verdict == Verdict::Pass)
            .map(|case| case.id.as_str())
            .collect();
        let mut list = Self::default();
        for entry in given.into_iter().flat_map(|given| &given.entries) {
            if is_generated(&entry.expected.glob) {
                list.entries.push(entry.clone());
                continue;
            }
            let known = Some(&entry.expected);
            let covered: Vec<&str> = catalogue
                .cases()
                .iter()
                .map(|case| case.id.as_str())
                .filter(|id| given.and_then(|given| given.find(id)) == known)
                .collect();
            if covered.iter().any(|id| passed.contains(id)) {
                // Some of its cases pass now: list the others one by one.
                let left = covered.iter().filter(|id| !passed.contains(*id));
                let entries = left.filter_map(|id| Entry::for_case(id, entry.expected.clone()));
                list.entries.extend(entries);
            } else if !covered.is_empty() {
                list.entries.push(entry.clone());
            }
        }
        for case in record
            .cases
            .iter()
            .filter(|case| failed.contains(case.id.as_str()))
            // Another seed makes others.
            .filter(|case| !is_generated(&case.id))
        {
            if list.find(&case.id).is_some() {
                continue;
            }
            let family = catalogue
                .cases()
                .iter()
                .find(|known| known.id == case.id && known.item.is_some())
                .and_then(|known| Entry::new(&family_glob(known.family()), reason(case)))
                .filter(|family| {
                    let mut cases = catalogue.cases().iter();
                    cases.all(|other| {
                        let id = other.id.as_str();
                        !family.matcher.is_match(id) || failed.contains(id)
                    })
                });
            let entry = family.or_else(|| Entry::new(&globset::escape(&case.id), reason(case)));
            list.entries.extend(entry);
        }
        list
    }

    /// The list as a TOML file.
    pub fn to_toml(&self) -> String {
        const HEAD: &str = "\
# Cases that do not pass yet. They run all the same; the run fails when one of them passes.
";
        let file = Written {
            expect: self.entries().collect(),
        };
        // Writing plain texts cannot fail.
        let entries = toml::to_string_pretty(&file).unwrap_or_default();
        if self.entries.is_empty() {
            HEAD.to_owned()
        } else {
            format!("{HEAD}\n{entries}")
        }
    }
}

impl Entry {
    fn new(glob: &str, reason: String) -> Option<Self> {
        let expected = Expected {
            glob: glob.to_owned(),
            reason,
            issue: None,
            version: None,
        };
        Some(Self {
            matcher: Glob::new(glob).ok()?.compile_matcher(),
            expected,
        })
    }

    /// An entry for a single case that another entry covered.
    fn for_case(id: &str, expected: Expected) -> Option<Self> {
        let glob = globset::escape(id);
        Some(Self {
            matcher: Glob::new(&glob).ok()?.compile_matcher(),
            expected: Expected { glob, ..expected },
        })
    }
}

/// Whether the glob is for generated cases. They depend on the seed and are absent without
/// `--generate`, so a glob that matches none is not stale.
fn is_generated(glob: &str) -> bool {
    glob.split('/').next() == Some(Phase::Generated.as_str())
}

fn family_glob(family: &str) -> String {
    format!("{}/*", globset::escape(family))
}

/// Why a case failed: the first of its most serious deviations.
fn reason(case: &CaseRecord) -> String {
    let gravest = case.deviations.iter().rev().max_by_key(|d| d.level);
    let text = match gravest {
        Some(deviation) => format!("{}; found {}", deviation.statement, deviation.found),
        None => case.title.clone(),
    };
    let plain: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(REASON_CHARS)
        .collect();
    plain.trim().to_owned()
}
