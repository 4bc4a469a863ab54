//! The terminal report: the findings on a page, or with a table of all cases and each failure
//! explained.

use super::group::Group;
use super::text::{answer, explain, pad, style, with_command};
use super::view::{self, View, seconds};
use super::{Settings, brief, grid};
use crate::explain::bytes::{cut_end, cut_start, visible};
use crate::explain::{self, BOLD, DIM, Page, field};
use crate::record::{CaseRecord, RunRecord, Verdict};
use crate::text::count_of;
use std::fmt::{self, Write as _};
use std::io;
use unicode_width::UnicodeWidthStr as _;

/// How to render the report.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// The terminal's width in columns.
    pub width: usize,
    /// How much to show.
    pub detail: Detail,
}

/// How much of a run the report shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Detail {
    /// Only the matrix and the totals.
    Totals,
    /// The findings, on a page of 60 lines.
    #[default]
    Findings,
    /// A table of all cases, and each that failed or warned explained.
    All,
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

/// The text in lines of at most so many columns.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    explain::wrapped(text, width)
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
    match layout.detail {
        Detail::Totals => {
            let mut end = String::new();
            totals(&mut end, view, page)?;
            let room = brief::PAGE.saturating_sub(brief::lines(&end, page) + 1);
            matrix(out, view, page, room)?;
            out.push_str(&end);
            Ok(())
        }
        Detail::Findings => {
            let mut end = String::new();
            totals(&mut end, view, page)?;
            head(out, view)?;
            matrix(out, view, page, brief::PAGE / 2)?;
            let taken = brief::lines(out, page) + brief::lines(&end, page) + 1;
            brief::render(out, view, page, taken)?;
            if view.record.summary.judged() > 0 {
                out.push('\n');
            }
            out.push_str(&end);
            Ok(())
        }
        Detail::All => whole(out, view, page),
    }
}

/// The matrix, with a blank line after it.
fn matrix(out: &mut String, view: &View<'_>, page: Page, room: usize) -> fmt::Result {
    let text = grid::render(view, page, room)?;
    if !text.is_empty() {
        out.push_str(&text);
        out.push('\n');
    }
    Ok(())
}

/// What was judged.
fn head(out: &mut String, view: &View<'_>) -> fmt::Result {
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
    if !head.ipam.is_empty() && view.record.summary.judged() > 0 {
        writeln!(out, "ipam {}", visible(&head.ipam))?;
    }
    Ok(())
}

/// Every case, then every finding, then the totals.
fn whole(out: &mut String, view: &View<'_>, page: Page) -> fmt::Result {
    head(out, view)?;
    let matrix = grid::render(view, page, usize::MAX)?;
    if !matrix.is_empty() {
        out.push('\n');
        out.push_str(&matrix);
    }
    table(out, view, page.width)?;
    for group in &view.groups {
        finding(out, view, group, page)?;
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
        let (because, command) = with_command(group.reason);
        field(out, "because", because, page)?;
        if let Some(command) = command {
            writeln!(out, "            {}", visible(command))?;
        }
    }
    // The known failures, and why the run ended early.
    if !view.known.is_empty() {
        writeln!(out)?;
    }
    for (label, text) in &view.known {
        field(out, label, text, page)?;
    }
    summary(out, view, page)?;
    out.push('\n');
    totals(out, view, page)
}

/// A group of failures: its headline, then each case explained.
fn finding(out: &mut String, view: &View<'_>, group: &Group<'_>, page: Page) -> fmt::Result {
    writeln!(
        out,
        "\n{}",
        page.style("-".repeat(page.width.min(100)), DIM)
    )?;
    let verdict = page.style(group.verdict.as_str(), style(group.verdict));
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
    }
    for (index, case) in group.cases.iter().enumerate() {
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

/// A line for each case.
fn table(out: &mut String, view: &View<'_>, width: usize) -> fmt::Result {
    let cases = || view.record.cases.iter();
    let widest = |width: &dyn Fn(&CaseRecord) -> usize| cases().map(width).max().unwrap_or(0);
    let verdict_width = widest(&|case| case.verdict.as_str().len());
    let answer_width = widest(&|case| answer(case, true).width());
    let name_width = widest(&|case| visible(&case.id).width());
    // Two blanks separate the columns. If the terminal is narrow, the beginnings of the names are cut,
    // and an error code that does not fit has a line of its own.
    let fixed = verdict_width + 2 + LEVEL_WIDTH + 2 + 2;
    let room = width.saturating_sub(fixed + STATUS_WIDTH).max(20);
    let name_width = name_width.min(room);
    let fits = fixed + name_width + answer_width <= width;
    for (phase, cases) in view.phases() {
        let passed = cases.iter().filter(|case| case.verdict == Verdict::Pass);
        let (passed, all) = (passed.count(), cases.len());
        writeln!(out, "\n{BOLD}{phase}{BOLD:#}  {passed} of {all} passed")?;
        for case in cases {
            let word = case.verdict.as_str();
            let style = style(case.verdict);
            let level = case.shown_level();
            let name = pad(&cut_start(&visible(&case.id), name_width), name_width);
            let answer = answer(case, fits);
            writeln!(
                out,
                "{style}{word:verdict_width$}{style:#}  {level:LEVEL_WIDTH$}  {name}  {answer}"
            )?;
            let code = case.actual.as_ref().and_then(|actual| actual.code.as_ref());
            if let (Some(code), false) = (code, fits) {
                let before = " ".repeat(verdict_width + 2 + LEVEL_WIDTH + 2);
                writeln!(out, "{before}{}", visible(code))?;
            }
        }
    }
    Ok(())
}

/// Each finding in a line.
fn summary(out: &mut String, view: &View<'_>, page: Page) -> fmt::Result {
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
    Ok(())
}

/// How many cases have each verdict, and what else decides the exit code.
fn totals(out: &mut String, view: &View<'_>, page: Page) -> fmt::Result {
    let s = &view.record.summary;
    write!(out, "{}: ", count_of(s.total, "case"))?;
    let mut separator = "";
    for (verdict, count, word) in view::totals(view.record) {
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
    for remark in view::remarks(s) {
        for line in wrapped(&visible(&remark), page.width) {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}
