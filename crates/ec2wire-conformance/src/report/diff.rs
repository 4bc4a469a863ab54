//! What changed between two runs.

use crate::explain::bytes::{cut_start, visible};
use crate::explain::{BOLD, MARK, Page};
use crate::record::{CaseRecord, RunRecord, Verdict};
use crate::text::count_of;
use anstyle::{AnsiColor, Style};
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::io;

/// How two runs differ, case by case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunDiff<'r> {
    before: &'r RunRecord,
    after: &'r RunRecord,
    /// The verdict got worse.
    pub worse: Vec<(&'r CaseRecord, &'r CaseRecord)>,
    /// The verdict got better.
    pub better: Vec<(&'r CaseRecord, &'r CaseRecord)>,
    /// The first run did not judge the case. Its verdict is neither better nor worse.
    pub newly_judged: Vec<(&'r CaseRecord, &'r CaseRecord)>,
    /// The second run did not judge the case, although the server does not say that it lost the
    /// action.
    pub no_longer_judged: Vec<(&'r CaseRecord, &'r CaseRecord)>,
    /// The verdict changed without getting better or worse, or the response changed under the same
    /// verdict.
    pub changed: Vec<(&'r CaseRecord, &'r CaseRecord)>,
    /// Only the second run has the case.
    pub added: Vec<&'r CaseRecord>,
    /// Only the first run has the case.
    pub removed: Vec<&'r CaseRecord>,
}

/// What became of a case.
enum Change {
    Worse,
    Better,
    NewlyJudged,
    NoLongerJudged,
    None,
}

/// Compares verdicts. A case that was not judged is neither better nor worse than one that was: fewer
/// failures because fewer cases were judged are no progress. Only a server that now lacks an action
/// which did not fail before is worse.
const fn change(was: Verdict, is: Verdict) -> Change {
    use Verdict::{Fail, NotRun, Pass, Unimplemented, Warn};
    match (was, is) {
        (Pass | Warn, Unimplemented) | (Pass, Warn | Fail) | (Warn, Fail) => Change::Worse,
        (Fail, Pass | Warn) | (Warn, Pass) => Change::Better,
        (NotRun | Unimplemented, Pass | Warn | Fail) => Change::NewlyJudged,
        (Pass | Warn | Fail, NotRun) | (Fail, Unimplemented) => Change::NoLongerJudged,
        (Pass, Pass)
        | (Warn, Warn)
        | (Fail, Fail)
        | (NotRun | Unimplemented, NotRun | Unimplemented) => Change::None,
    }
}

impl<'r> RunDiff<'r> {
    /// Compares two runs by the cases' ids.
    pub fn new(before: &'r RunRecord, after: &'r RunRecord) -> Self {
        let old: BTreeMap<&str, &CaseRecord> = before
            .cases
            .iter()
            .map(|case| (case.id.as_str(), case))
            .collect();
        let new: BTreeMap<&str, &CaseRecord> = after
            .cases
            .iter()
            .map(|case| (case.id.as_str(), case))
            .collect();
        let mut diff = Self {
            before,
            after,
            worse: Vec::new(),
            better: Vec::new(),
            newly_judged: Vec::new(),
            no_longer_judged: Vec::new(),
            changed: Vec::new(),
            added: Vec::new(),
            removed: before
                .cases
                .iter()
                .filter(|case| !new.contains_key(case.id.as_str()))
                .collect(),
        };
        for case in &after.cases {
            let Some(&was) = old.get(case.id.as_str()) else {
                diff.added.push(case);
                continue;
            };
            let differs = || was.verdict != case.verdict || answer(was) != answer(case);
            match change(was.verdict, case.verdict) {
                Change::Worse => diff.worse.push((was, case)),
                Change::Better => diff.better.push((was, case)),
                Change::NewlyJudged => diff.newly_judged.push((was, case)),
                Change::NoLongerJudged => diff.no_longer_judged.push((was, case)),
                Change::None if differs() => diff.changed.push((was, case)),
                Change::None => {}
            }
        }
        diff
    }

    /// Whether any case that is in both runs got a worse verdict.
    pub fn is_worse(&self) -> bool {
        !self.worse.is_empty()
    }

    /// Writes what changed, with ANSI styles, which the writer may strip. `names` are the names of the
    /// two records; `width` is in columns.
    pub fn write(&self, mut to: impl io::Write, names: [&str; 2], width: usize) -> io::Result<()> {
        let mut out = String::new();
        self.render(&mut out, names, width)
            .map_err(io::Error::other)?;
        to.write_all(out.as_bytes())
    }

    fn render(&self, out: &mut String, names: [&str; 2], width: usize) -> fmt::Result {
        let page = Page {
            width,
            styled: true,
        };
        for (mark, name, record) in [("-", names[0], self.before), ("+", names[1], self.after)] {
            let s = &record.summary;
            writeln!(
                out,
                "{mark} {name}  {}  {}: {} passed, {} failed, {} warned, {} not judged",
                visible(&record.run.endpoint),
                count_of(s.total, "case"),
                s.pass,
                s.fail,
                s.warn,
                s.unimplemented + s.not_run
            )?;
            if let Some(stopped) = s.stopped {
                writeln!(out, "  {stopped}")?;
            }
        }
        let green = AnsiColor::Green.on_default().bold();
        changes(out, "worse", &self.worse, MARK, page)?;
        changes(out, "better", &self.better, green, page)?;
        changes(out, "newly judged", &self.newly_judged, BOLD, page)?;
        changes(out, "no longer judged", &self.no_longer_judged, BOLD, page)?;
        changes(out, "changed", &self.changed, BOLD, page)?;
        listed(out, "added", &self.added, page)?;
        listed(out, "removed", &self.removed, page)?;
        writeln!(
            out,
            "\n{} worse, {} better, {} newly judged, {} no longer judged, {} changed, {} added, \
             {} removed",
            self.worse.len(),
            self.better.len(),
            self.newly_judged.len(),
            self.no_longer_judged.len(),
            self.changed.len(),
            self.added.len(),
            self.removed.len()
        )?;
        let (was, is) = (self.before.summary.judged(), self.after.summary.judged());
        if is < was {
            writeln!(out, "fewer cases were judged: {is}, before {was}")?;
        }
        Ok(())
    }
}

/// The parts of a result that do not vary from run to run: status, code and broken requirements.
fn answer(case: &CaseRecord) -> (Option<u16>, Option<&str>, Vec<&str>) {
    let actual = case.actual.as_ref();
    let broken = case.deviations.iter().map(|d| d.requirement.as_str());
    (
        actual.map(|actual| actual.status),
        actual.and_then(|actual| actual.code.as_deref()),
        broken.collect(),
    )
}

fn changes(
    out: &mut String,
    title: &str,
    pairs: &[(&CaseRecord, &CaseRecord)],
    style: Style,
    page: Page,
) -> fmt::Result {
    if pairs.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}  {}", page.style(title, style), pairs.len())?;
    for (was, is) in pairs {
        let room = page.width.saturating_sub(2).max(20);
        writeln!(out, "  {}", cut_start(&visible(&is.id), room))?;
        writeln!(out, "    - {}", told(was))?;
        writeln!(out, "    + {}", told(is))?;
    }
    Ok(())
}

fn listed(out: &mut String, title: &str, cases: &[&CaseRecord], page: Page) -> fmt::Result {
    if cases.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}  {}", page.style(title, BOLD), cases.len())?;
    for case in cases {
        writeln!(out, "  {:13}  {}", case.verdict.as_str(), visible(&case.id))?;
    }
    Ok(())
}

/// The verdict and its reasons.
fn told(case: &CaseRecord) -> String {
    let mut text = case.verdict.as_str().to_owned();
    if let Some(actual) = &case.actual {
        let _ = write!(text, ", status {}", actual.status);
        if let Some(code) = &actual.code {
            let _ = write!(text, ", code {}", visible(code));
        }
    }
    for deviation in &case.deviations {
        let _ = write!(text, "; {}", visible(&deviation.found));
    }
    if case.actual.is_none() || case.verdict == Verdict::NotRun {
        let _ = write!(text, "; {}", visible(&case.note));
    }
    text
}
