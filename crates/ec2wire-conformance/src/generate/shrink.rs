//! Finds the simplest request that fails like a generated one.

use super::{Generator, render};
use crate::catalogue::Catalogue;
use crate::format::case::{Case, Phase};
use crate::record::{CaseRecord, RunRecord, Verdict};
use crate::runner::{self, Options, RunError};
use crate::subject::http::HttpSubject;
use ec2wire::ipam::CreateIpamPolicy;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// The limits of shrinking.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The maximum number of requests for one failure.
    pub requests: usize,
    /// The maximum time for one failure. A request in progress is not interrupted.
    pub time: Duration,
    /// The maximum time for all failures together.
    pub whole: Duration,
    /// Failures of one kind break the same requirement with the same answer. After this many of
    /// them in a row lead to a request that is known already, the others of that kind keep their
    /// generated request.
    pub alike: usize,
}

impl Default for Limits {
    /// 1,000 requests and 20 s for one failure, 2 minutes in all, 3 failures of one kind.
    fn default() -> Self {
        Self {
            requests: 1000,
            time: Duration::from_secs(20),
            whole: Duration::from_mins(2),
            alike: 3,
        }
    }
}

/// A failure with the simplest request found for it.
#[derive(Debug, Clone)]
pub struct Shrunk {
    /// The id of the generated case.
    pub id: String,
    /// The case with the simpler request.
    pub case: Case,
    /// The result of that case.
    pub record: CaseRecord,
    /// How many simpler requests were tried.
    pub tried: usize,
}

/// What failures with the same cause have in common.
type Likeness = (Option<String>, Option<(u16, Option<String>)>);

fn likeness(record: &CaseRecord) -> Option<Likeness> {
    let worst = record
        .deviations
        .iter()
        .max_by_key(|deviation| deviation.level);
    let answer = record.actual.as_ref();
    let is_new = record.verdict == Verdict::Fail && record.expected.is_none();
    is_new.then(|| {
        (
            worst.map(|deviation| deviation.requirement.clone()),
            answer.map(|actual| (actual.status, actual.code.clone())),
        )
    })
}

/// Simplifies the failed cases of the generated phase, one after the other.
///
/// A simpler request counts only if it breaks the same rules as the generated one (or also none),
/// breaks the same requirement, and gets the same status and code. In the record, the simplest
/// request and its answer replace the original ones; the note says so. If a request passes when it
/// is sent again, the note says that.
///
/// Fails if [`run`](runner::run) fails.
pub async fn shrink(
    record: &mut RunRecord,
    generator: &Generator,
    catalogue: &Catalogue,
    subject: &HttpSubject,
    options: &Options,
    limits: Limits,
) -> Result<Vec<Shrunk>, RunError> {
    // One request at a time, each once, ignoring known failures.
    let options = Options {
        jobs: 1,
        retries: 0,
        wait: Duration::ZERO,
        fail_fast: false,
        expectations: None,
        ..options.clone()
    };
    let mut search = Search {
        generator,
        catalogue,
        subject,
        options: &options,
        limits,
        harness_faults: 0,
        unreachable: false,
    };
    let until = Instant::now() + limits.whole;
    // For each kind, how many failures in a row led to nothing new.
    let mut in_a_row: HashMap<(String, Likeness), usize> = HashMap::new();
    let mut found: Vec<(CreateIpamPolicy, Shrunk)> = Vec::new();
    for failed in &mut record.cases {
        let (Some(wanted), Some((kind, number))) = (likeness(failed), generator.number(failed))
        else {
            continue;
        };
        if search.unreachable || Instant::now() >= until {
            note(
                failed,
                "this is the generated request; there was no time to simplify it",
            );
            continue;
        }
        let known = in_a_row.entry((kind, wanted.clone())).or_default();
        if *known >= limits.alike {
            note(
                failed,
                "this is the generated request; similar failures were simplified",
            );
            continue;
        }
        *known += 1;
        let Some((request, shrunk)) = search.simplest(failed, number, &wanted).await? else {
            note(
                failed,
                "the request did not fail in the same way when it was sent again",
            );
            continue;
        };
        adopt(failed, &shrunk);
        let outline = outline(request);
        if let Some((_, same)) = found.iter().find(|(other, _)| *other == outline) {
            note(
                failed,
                &format!("nearly the same request as in {}", same.id),
            );
        } else {
            *known = 0;
            found.push((outline, shrunk));
        }
    }
    record.summary.harness_faults += search.harness_faults;
    record.summary.unreachable |= search.unreachable;
    Ok(found.into_iter().map(|(_, shrunk)| shrunk).collect())
}

/// The request with all letters replaced by one, since it does not matter which letters a key has.
fn outline(mut request: CreateIpamPolicy) -> CreateIpamPolicy {
    let plain = |text: &mut Option<String>| {
        *text = text.take().map(|text| {
            text.chars()
                .map(|c| {
                    if c.is_ascii_alphanumeric() || c == '_' {
                        'a'
                    } else {
                        c
                    }
                })
                .collect()
        });
    };
    for tag in request
        .tag_specifications
        .iter_mut()
        .flat_map(|s| &mut s.tags)
    {
        plain(&mut tag.key);
        plain(&mut tag.value);
    }
    plain(&mut request.client_token);
    request
}

fn note(record: &mut CaseRecord, note: &str) {
    if !record.note.is_empty() {
        record.note.push_str("; ");
    }
    record.note.push_str(note);
}

/// Puts the simpler request into the failure's record.
fn adopt(record: &mut CaseRecord, shrunk: &Shrunk) {
    let mut simpler = shrunk.record.clone();
    simpler.id.clone_from(&record.id);
    simpler.ms = record.ms;
    *record = simpler;
    note(
        record,
        &format!(
            "the simplest request that fails like this, out of {} tried",
            shrunk.tried
        ),
    );
}

struct Search<'s> {
    generator: &'s Generator,
    catalogue: &'s Catalogue,
    subject: &'s HttpSubject,
    options: &'s Options,
    limits: Limits,
    harness_faults: usize,
    unreachable: bool,
}

impl Search<'_> {
    /// The simplest request that fails in the same way; `None` if the generated one no longer does.
    async fn simplest(
        &mut self,
        failed: &CaseRecord,
        number: u32,
        wanted: &Likeness,
    ) -> Result<Option<(CreateIpamPolicy, Shrunk)>, RunError> {
        let (kind, mut tree) = self.generator.make(number)?;
        let until = Instant::now() + self.limits.time;
        let mut tried = 0;
        let mut seen: HashMap<CreateIpamPolicy, bool> = HashMap::new();
        let mut best = None;
        loop {
            let request = tree.current();
            let fails = match seen.get(&request) {
                Some(fails) => *fails,
                // A simpler request that breaks another rule says nothing about this failure.
                None if !kind.admits(&request) => false,
                None if best.is_some()
                    && (tried >= self.limits.requests || Instant::now() >= until) =>
                {
                    break;
                }
                None => {
                    let case = render::case(failed.id.clone(), kind, &request);
                    let record = self.send(&case).await?;
                    tried += usize::from(best.is_some());
                    let fails = likeness(&record).as_ref() == Some(wanted);
                    if fails {
                        best = Some((
                            request.clone(),
                            Shrunk {
                                id: failed.id.clone(),
                                case,
                                record,
                                tried,
                            },
                        ));
                    }
                    fails
                }
            };
            seen.insert(request, fails);
            let goes_on = match &best {
                None => false,
                Some(_) if self.unreachable => false,
                Some(_) if fails => tree.simplify(),
                Some(_) => tree.complicate(),
            };
            if !goes_on {
                break;
            }
        }
        Ok(best.map(|(request, shrunk)| (request, Shrunk { tried, ..shrunk })))
    }

    /// Runs the case like any other.
    async fn send(&mut self, case: &Case) -> Result<CaseRecord, RunError> {
        let run = runner::run(
            self.catalogue,
            &[case],
            self.subject,
            self.options,
            &mut |_| {},
        )
        .await?;
        self.harness_faults += run.summary.harness_faults;
        self.unreachable |= run.summary.unreachable;
        let record = run.cases.into_iter().next();
        record.ok_or_else(|| RunError::NoRecord(case.id.clone()))
    }
}

impl Generator {
    /// Whether the record is of a case from this generator.
    pub fn has_made(&self, record: &CaseRecord) -> bool {
        self.number(record).is_some()
    }

    /// The kind's name and the number of a case from this generator.
    fn number(&self, record: &CaseRecord) -> Option<(String, u32)> {
        let rest = record
            .id
            .strip_prefix(&format!("generated/{}/", self.seed))?;
        let (kind, number) = rest.split_once('/')?;
        (record.phase == Phase::Generated).then_some((kind.to_owned(), number.parse().ok()?))
    }
}
