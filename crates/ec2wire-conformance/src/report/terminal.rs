//! The terminal report: a table of cases, then the failures and how to reproduce them.

use super::Settings;
use super::group::Group;
use super::text::explain;
use super::view::{View, seconds, totals};
use crate::explain::bytes::{cut_end, cut_start, visible};
use crate::explain::{self, BOLD, DIM, Page, field, wrapped};
use crate::record::{Actual, CaseRecord, Kind, RunRecord, Verdict};
use crate::text::count_of;
use anstyle::{AnsiColor, Style};
use std::fmt::{self, Write as _};
use std::io;
use unicode_width::UnicodeWidthStr as _;

/// How to render the report.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// The terminal's width in columns.
    pub width: usize,
    /// Whether to list each case of a family separately, and to explain every case of a group instead of
    /// only the first.
    pub verbose: bool,
}

/// The widths of the fixed columns.
const LEVEL_WIDTH: usize = 6;
const STATUS_WIDTH: usize = 3;
/// The column where headlines begin: after `fail` or `warn`.
const HEADLINE_INDENT: usize = 6;

/// Writes the report with ANSI styles, which the writer may strip.
pub fn write(
    mut to: impl io::Write,
    record: &RunRecord,
    settings: &Settings,
    layout: Layout,
) -> io::Result<()> {
    let mut text = String::new();
    let view = View::new(record, settings).map_err(io::Error::other)?;
    render(&mut text, &view, layout).map_err(io::Error::other)?;
    to.write_all(text.as_bytes())
}

/// What a case broke, with ANSI styles, for a log; optionally with its messages.
pub fn explained(case: &CaseRecord, width: usize, with_messages: bool) -> String {
    let page = Page {
        width,
        styled: true,
    };
    explain::exchange(case, page, with_messages, with_messages)
}

/// The text without invisible characters or control sequences.
pub fn plain(text: &str) -> String {
    visible(text)
}

fn render(out: &mut String, view: &View<'_>, layout: Layout) -> fmt::Result {
    let page = Page {
        width: layout.width,
        styled: true,
    };
    let head = &view.record.run;
    writeln!(
        out,
        "ec2wire {}  {}{}",
        visible(&head.version),
        visible(&head.endpoint),
        match head.region.as_str() {
            "" => String::new(),
            region => format!("  region {}", visible(region)),
        }
    )?;
    if !head.ipam.is_empty() {
        writeln!(out, "ipam {}", visible(&head.ipam))?;
    }
    table(out, view, layout)?;
    for group in &view.groups {
        finding(out, view, group, layout, page)?;
    }
    for group in &view.unjudged {
        let head = page.style(group.verdict.as_str(), style(group.verdict));
        let others = group.cases.len().saturating_sub(1);
        let first = group
            .cases
            .first()
            .map_or_else(String::new, |case| visible(&case.id));
        match others {
            0 => writeln!(out, "\n{head}  {first}")?,
            _ => writeln!(out, "\n{head}  {first} and {others} more")?,
        }
        field(out, "because", group.reason, page)?;
    }
    // The known failures, and why the run ended early.
    if !view.known.is_empty() {
        writeln!(out)?;
    }
    for (label, text) in &view.known {
        field(out, label, text, page)?;
    }
    summary(out, view, page)
}

/// A group of failures: its headline, the first case explained, the other cases by name.
fn finding(
    out: &mut String,
    view: &View<'_>,
    group: &Group<'_>,
    layout: Layout,
    page: Page,
) -> fmt::Result {
    writeln!(
        out,
        "\n{}",
        page.style("-".repeat(page.width.min(100)), DIM)
    )?;
    let verdict = page.style(group.verdict.as_str(), style(group.verdict));
    let explained = if layout.verbose { group.cases.len() } else { 1 };
    if group.cases.len() > 1 || group.cause.is_some() {
        let room = page.width.saturating_sub(HEADLINE_INDENT).max(20);
        let mut before = format!("{verdict}  ");
        for line in wrapped(&visible(&group.headline), room) {
            writeln!(out, "{before}{}", page.style(line, BOLD))?;
            before = " ".repeat(HEADLINE_INDENT);
        }
        if let Some(symptom) = group.symptom {
            field(out, "got", symptom, page)?;
        }
        field(out, "cases", &group.size(), page)?;
        if let Some(fix) = &group.fix {
            field(out, "to fix", fix, page)?;
        }
        for case in group.cases.iter().skip(explained) {
            listed(out, case, page)?;
        }
    }
    for (index, case) in group.cases.iter().take(explained).enumerate() {
        if group.cases.len() > 1 || group.cause.is_some() {
            let which = if index == 0 { "first" } else { "then" };
            let verdict = page.style(case.verdict.as_str(), style(case.verdict));
            writeln!(
                out,
                "\n  {} {verdict}  {}",
                page.style(format!("{which:9}"), DIM),
                visible(&case.id)
            )?;
        } else {
            writeln!(out, "{verdict}  {}", page.style(visible(&case.id), BOLD))?;
        }
        explain(out, view, case, page)?;
    }
    Ok(())
}

/// A case by its name only.
fn listed(out: &mut String, case: &CaseRecord, page: Page) -> fmt::Result {
    let room = page.width.saturating_sub(20).max(20);
    let verdict = page.style(case.verdict.as_str(), style(case.verdict));
    let blank = " ".repeat(6_usize.saturating_sub(case.verdict.as_str().len()));
    writeln!(
        out,
        "            {verdict}{blank}{}",
        cut_start(&visible(&case.id), room)
    )
}

/// A row of the table: one case, or a family of cases with the same outcome.
struct Row<'r> {
    first: &'r CaseRecord,
    name: String,
    cases: usize,
}

/// The part of the id that cases share which `for-each` expands; they differ in the last part.
fn family(case: &CaseRecord) -> Option<&str> {
    case.id.rsplit_once('/').map(|(family, _)| family)
}

/// Whether two cases belong into one row.
fn is_alike(first: &CaseRecord, case: &CaseRecord) -> bool {
    case.title == first.title
        && case.verdict == first.verdict
        && case.shown_level() == first.shown_level()
        && case.expected == first.expected
        && family(case) == family(first)
}

/// The rows. `is_alike` is asked at most twice for each case.
fn rows<'r>(
    cases: &[&'r CaseRecord],
    mut is_alike: impl FnMut(&CaseRecord, &CaseRecord) -> bool,
) -> Vec<Row<'r>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    let mut rest = cases;
    while let Some(&first) = rest.first() {
        let others = rest.iter().skip(1);
        let cases = 1 + others.take_while(|case| is_alike(first, case)).count();
        let name = match family(first) {
            Some(family) if cases > 1 => format!("{}/* ({cases} cases)", visible(family)),
            _ => visible(&first.id),
        };
        rows.push(Row { first, name, cases });
        rest = rest.get(cases..).unwrap_or_default();
    }
    rows
}

fn table(out: &mut String, view: &View<'_>, layout: Layout) -> fmt::Result {
    // Exchanges from a proxy or a file do not form families.
    let single = layout.verbose || matches!(view.record.run.kind, Kind::Proxy | Kind::Lint);
    let phases: Vec<_> = view
        .phases()
        .map(|(phase, cases)| {
            let is_alike = |first: &_, case: &_| !single && is_alike(first, case);
            (phase, rows(&cases, is_alike))
        })
        .collect();
    let all = || phases.iter().flat_map(|(_, rows)| rows);
    let widest = |width: &dyn Fn(&Row<'_>) -> usize| all().map(width).max().unwrap_or(0);
    let verdict_width = widest(&|row| row.first.verdict.as_str().len());
    let name_width = widest(&|row| row.name.width());
    let answer_width = widest(&|row| answer(row.first, true).width());
    // Two blanks separate the columns. If the terminal is narrow, the error codes are dropped first;
    // then the beginnings of the names are cut.
    let fixed = verdict_width + 2 + LEVEL_WIDTH + 2 + 2;
    let with_code = fixed + name_width + answer_width <= layout.width;
    let room = layout.width.saturating_sub(fixed + STATUS_WIDTH).max(20);
    let name_width = name_width.min(room);
    for (phase, rows) in &phases {
        let cases: usize = rows.iter().map(|row| row.cases).sum();
        let passed: usize = rows
            .iter()
            .filter(|row| row.first.verdict == Verdict::Pass)
            .map(|row| row.cases)
            .sum();
        writeln!(out, "\n{BOLD}{phase}{BOLD:#}  {passed} of {cases} passed")?;
        for row in rows {
            let word = row.first.verdict.as_str();
            let style = style(row.first.verdict);
            let level = row.first.shown_level();
            let name = pad(&cut_start(&row.name, name_width), name_width);
            let answer = if row.cases > 1 {
                String::new()
            } else {
                answer(row.first, with_code)
            };
            let line = format!("{level:LEVEL_WIDTH$}  {name}  {answer}");
            writeln!(
                out,
                "{style}{word:verdict_width$}{style:#}  {}",
                line.trim_end()
            )?;
        }
    }
    Ok(())
}

fn answer(case: &CaseRecord, with_code: bool) -> String {
    match &case.actual {
        Some(Actual {
            status,
            code: Some(code),
            ..
        }) if with_code => format!("{status} {}", visible(code)),
        Some(Actual { status, .. }) => status.to_string(),
        None => "-".into(),
    }
}

fn summary(out: &mut String, view: &View<'_>, page: Page) -> fmt::Result {
    let s = &view.record.summary;
    if view.groups.len() > 1 {
        writeln!(out, "\n{}", page.style("Findings", BOLD))?;
        for group in &view.groups {
            let verdict = page.style(group.verdict.as_str(), style(group.verdict));
            let (count, others) = group.counts();
            let lesser = match others {
                0 => String::new(),
                _ => format!("; {others} more warn"),
            };
            let room = page.width.saturating_sub(11 + lesser.len()).max(20);
            // For a single case, its id says more than its requirement.
            let headline = match group.cases.as_slice() {
                [case] if group.cause.is_none() => cut_start(&visible(&case.id), room),
                _ => cut_end(&visible(&group.headline), room),
            };
            writeln!(out, "{verdict}  {count:3}  {headline}{lesser}")?;
        }
    }
    write!(out, "\n{}: ", count_of(s.total, "case"))?;
    let mut separator = "";
    for (verdict, count, word) in totals(view.record) {
        if count > 0 || verdict == Verdict::Pass {
            let text = page.style(format!("{count} {word}"), style(verdict));
            write!(out, "{separator}{text}")?;
            separator = ", ";
        }
    }
    writeln!(out, " in {} s", seconds(s.ms))?;
    if s.expected_fail > 0 {
        let verb = if s.expected_fail == 1 { "was" } else { "were" };
        writeln!(
            out,
            "{} {verb} expected",
            count_of(s.expected_fail, "failure")
        )?;
    }
    if s.unreachable {
        writeln!(out, "the subject was unreachable or died")?;
    }
    for (waits, what) in [
        (s.waited_for_answers, "an answer"),
        (s.waited_for_states, "a change of state"),
    ] {
        if waits > 0 {
            let waits = count_of(usize::try_from(waits).unwrap_or(usize::MAX), "long wait");
            writeln!(
                out,
                "{waits} for {what}; after that, the run waited only briefly"
            )?;
        }
    }
    if s.harness_faults > 0 {
        writeln!(
            out,
            "{} in the harness itself; see the notes",
            count_of(s.harness_faults, "fault")
        )?;
    }
    if s.total == 0 {
        writeln!(out, "no case was selected")?;
    } else if s.judged_too_little() {
        let judged = s.judged();
        writeln!(
            out,
            "too little was judged: {judged} of {}, expected at least {} %",
            count_of(s.total, "case"),
            s.min_judged
        )?;
    }
    Ok(())
}

/// The colour of a verdict.
const fn style(verdict: Verdict) -> Style {
    let color = match verdict {
        Verdict::Pass => AnsiColor::Green,
        Verdict::Fail => AnsiColor::Red,
        Verdict::Warn => AnsiColor::Yellow,
        Verdict::Unimplemented => AnsiColor::Magenta,
        Verdict::NotRun => AnsiColor::Cyan,
    };
    color.on_default().bold()
}

pub(crate) fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::case::Phase;
    use ec2wire::contract::Level;

    #[test]
    fn each_case_is_compared_at_most_twice() {
        let case = |index: usize| {
            let id = format!("a/{}/{index}", index / 3);
            CaseRecord::new(id, "t", Phase::Envelope, Level::Must, Verdict::Pass)
        };
        let cases: Vec<CaseRecord> = (0..3000).map(case).collect();
        let cases: Vec<&CaseRecord> = cases.iter().collect();
        let mut asked = 0;
        let compared: [&dyn Fn(&CaseRecord, &CaseRecord) -> bool; 3] =
            [&is_alike, &|_, _| false, &|_, _| true];
        for (compare, wanted) in compared.iter().zip([1000, 3000, 1]) {
            let rows = rows(&cases, |first, case| {
                asked += 1;
                compare(first, case)
            });
            assert_eq!(rows.len(), wanted);
        }
        assert!(asked <= 3 * 2 * cases.len(), "{asked}");
    }
}
