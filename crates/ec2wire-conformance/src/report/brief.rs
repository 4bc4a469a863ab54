//! The terminal's page, unless every case is wanted: a few lines for each finding, the widest first.
//! The first findings are explained if the page has room for that.

use super::expected::Line;
use super::group::{Group, Unjudged};
use super::text::{answer, explain, style, with_command};
use super::view::View;
use crate::explain::bytes::{cut_end, cut_start, visible};
use crate::explain::{BOLD, DIM, Page, field, wrapped};
use crate::record::Verdict;
use crate::text::count_of;
use std::fmt::{self, Write as _};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// How many lines a page has.
pub(super) const PAGE: usize = 60;
/// How many lines a finding has at least.
const LEAST: usize = 2;
/// How many findings come before the reasons for not judging a case.
const FINDINGS: usize = 20;
/// How many lines on what fails the run are shown at least.
const FATAL: usize = 6;
/// How many lines a reason, or what fails the run, takes at most on a narrow terminal.
const REASON: usize = 4;
/// How many columns an id has at least.
const ID: usize = 8;
/// The column where texts begin: after the verdict and the number of cases.
const INDENT: usize = 12;

/// Writes what stands between the head and the totals. They take the other lines of the page.
pub(super) fn render(out: &mut String, view: &View<'_>, page: Page, taken: usize) -> fmt::Result {
    let mut passed = String::new();
    phases(&mut passed, view, page)?;
    // What fails the run is always shown.
    let (expected, fatal): (Vec<&Line>, Vec<&Line>) = view
        .known
        .iter()
        .partition(|(label, _)| *label == "expected");
    let fatal = listed(&fatal, page, FATAL)?;
    let room = PAGE.saturating_sub(taken + lines(&passed, page) + lines(&fatal, page));
    let found = view.groups.len();
    // Each block begins with a blank line, and what is left out takes a line.
    let wanted = (found.min(FINDINGS) * LEAST + 2).min(room);
    let reasons = reasons(view, page, room - wanted)?;
    let room = room.saturating_sub(lines(&reasons, page));
    let findings = findings(view, page, room)?;
    let room = room.saturating_sub(lines(&findings, page));
    let expected = listed(&expected, page, room)?;
    for block in [passed, findings, reasons, expected, fatal] {
        out.push_str(&block);
    }
    Ok(())
}

/// How many lines a styled text takes on the terminal, which splits those that are too long for it.
pub(super) fn lines(text: &str, page: Page) -> usize {
    let rows = text.lines().map(|line| {
        let mut in_style = false;
        let shown = line.chars().filter(|&c| {
            let is_shown = !in_style && c != '\u{1b}';
            // A style ends with an `m`.
            in_style = c == '\u{1b}' || in_style && c != 'm';
            is_shown
        });
        let width: usize = shown.map(|c| c.width().unwrap_or(0)).sum();
        width.div_ceil(page.width.max(1)).max(1)
    });
    rows.sum()
}

/// How many lines a sentence on what is left out takes.
fn footer(page: Page) -> usize {
    50_usize.div_ceil(page.width.max(1))
}

/// How many cases of each phase passed.
fn phases(out: &mut String, view: &View<'_>, page: Page) -> fmt::Result {
    let mut parts = Vec::new();
    for (phase, cases) in view.phases() {
        let passed = cases.iter().filter(|case| case.verdict == Verdict::Pass);
        parts.push(format!("{} of {} {phase}", passed.count(), cases.len()));
    }
    if view.record.summary.judged() == 0 {
        return Ok(());
    }
    field(out, "passed", &parts.join(", "), page)
}

/// The findings, in at most so many lines.
fn findings(view: &View<'_>, page: Page, room: usize) -> Result<String, fmt::Error> {
    let all = &view.groups;
    if all.is_empty() {
        return Ok(String::new());
    }
    let mut out = String::from("\n");
    // The blank line, and what is said of those that are left out.
    let room = room.saturating_sub(1 + footer(page));
    let shown = all.get(..(room / LEAST).max(1)).unwrap_or(all);
    let mut left = room.saturating_sub(shown.len() * LEAST);
    let with_more = shown.len() <= left;
    let mut is_explained = shown.len() == all.len();
    if with_more {
        left -= shown.len();
    }
    for group in shown {
        entry(&mut out, group, with_more, page)?;
        let mut text = String::new();
        if let (true, Some(first)) = (is_explained, group.cases.first()) {
            explain(&mut text, view, first, page)?;
        }
        // A single finding is explained, however long that is.
        is_explained &= lines(&text, page) < left || all.len() == 1;
        if is_explained {
            left = left.saturating_sub(lines(&text, page) + 1);
            writeln!(out, "{text}")?;
        }
    }
    let hidden = all.get(shown.len()..).unwrap_or_default();
    let cases: usize = hidden.iter().map(|group| group.cases.len()).sum();
    if !hidden.is_empty() {
        let more = count_of(hidden.len(), "more finding");
        let text = format!("{more} on {}; --verbose shows all", count_of(cases, "case"));
        writeln!(out, "{}", page.style(text, DIM))?;
    } else if !is_explained || shown.iter().any(|group| group.cases.len() > 1) {
        writeln!(out, "{}", page.style("--verbose explains every case", DIM))?;
    }
    Ok(out)
}

/// A finding: what was expected, and what the first case got.
fn entry(out: &mut String, group: &Group<'_>, with_more: bool, page: Page) -> fmt::Result {
    let verdict = page.style(group.verdict.as_str(), style(group.verdict));
    let (count, others) = group.counts();
    let lesser = match others {
        0 => String::new(),
        _ => format!("; {others} more warn"),
    };
    let room = page.width.saturating_sub(INDENT).max(20);
    let headline = cut_end(&visible(&group.headline), room.saturating_sub(lesser.len()));
    let headline = page.style(headline, BOLD);
    writeln!(out, "{verdict}  {count:>4}  {headline}{lesser}")?;
    let blank = " ".repeat(INDENT);
    if let Some(first) = group.cases.first() {
        let answer = match answer(first, true).as_str() {
            "-" => String::new(),
            answer => answer.to_owned(),
        };
        let more = match group.cases.len() {
            1 => String::new(),
            all => format!(" and {} more", all - 1),
        };
        // Two blanks, and the end of the id.
        let answer = match cut_end(&answer, room.saturating_sub(more.len() + 2 + ID)) {
            cut if cut.is_empty() => cut,
            cut => cut + "  ",
        };
        let room = room.saturating_sub(answer.width() + more.len());
        let id = cut_start(&visible(&first.id), room);
        writeln!(out, "{blank}{answer}{id}{more}")?;
    }
    let more = match (&group.fix, group.symptom) {
        (Some(fix), _) => format!("to fix: {fix}"),
        (None, Some(symptom)) => format!("got {symptom}"),
        (None, None) => return Ok(()),
    };
    if with_more {
        let more = cut_end(&visible(&more), room);
        writeln!(out, "{blank}{}", page.style(more, DIM))?;
    }
    Ok(())
}

/// Why cases were not judged. The reasons that many cases have come first.
fn reasons(view: &View<'_>, page: Page, room: usize) -> Result<String, fmt::Error> {
    let mut all: Vec<&Unjudged<'_>> = view.unjudged.iter().collect();
    // The sort is stable and so keeps the record's order.
    all.sort_by_key(|reason| std::cmp::Reverse(reason.cases.len()));
    let mut out = String::new();
    for (index, reason) in all.iter().enumerate() {
        let mut text = String::new();
        if index == 0 && view.record.summary.judged() > 0 {
            text.push('\n');
        }
        let word = reason.verdict.as_str();
        let count = reason.cases.len();
        let mut before = page.style(word, style(reason.verdict)) + &format!("  {count}  ");
        let indent = word.len() + 4 + count.to_string().len();
        let (because, command) = with_command(reason.reason);
        let said = match reason.cases.as_slice() {
            [case] => format!("{}: {because}", case.id),
            _ => because.to_owned(),
        };
        let room_for_words = page.width.saturating_sub(indent).max(20);
        let said = cut_end(&visible(&said), room_for_words * REASON);
        for line in wrapped(&said, room_for_words).iter().take(REASON) {
            writeln!(text, "{before}{line}")?;
            before = " ".repeat(indent);
        }
        // Not wrapped, so that it can be copied.
        if let Some(command) = command {
            writeln!(text, "{before}{}", visible(command))?;
        }
        if index > 0 && lines(&out, page) + lines(&text, page) + footer(page) > room {
            let rest = all.get(index..).unwrap_or_default();
            let cases: usize = rest.iter().map(|reason| reason.cases.len()).sum();
            let more = format!(
                "{} not judged for other reasons",
                count_of(cases, "more case")
            );
            writeln!(out, "{}", page.style(more, DIM))?;
            break;
        }
        out.push_str(&text);
    }
    Ok(out)
}

/// The lines about known failures, as many as there is room for.
fn listed(all: &[&Line], page: Page, room: usize) -> Result<String, fmt::Error> {
    let mut out = String::new();
    for (index, (label, text)) in all.iter().enumerate() {
        let mut said = String::new();
        let text = cut_end(text, page.width.saturating_sub(INDENT).max(20) * REASON);
        field(&mut said, label, &text, page)?;
        if lines(&out, page) + lines(&said, page) >= room.max(2) {
            let rest = all.len() - index;
            field(
                &mut out,
                "",
                &format!("and {rest} more; --verbose shows all"),
                page,
            )?;
            break;
        }
        out.push_str(&said);
    }
    Ok(out)
}
