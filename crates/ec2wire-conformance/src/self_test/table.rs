//! The terminal report of a self-test.

use super::{Finding, Report, Trial};
use crate::explain::bytes::cut_start;
use crate::explain::{Page, field};
use crate::report::terminal::{Detail, Layout};
use crate::report::{pad, seconds};
use crate::text::count_of;
use anstyle::{AnsiColor, Style};
use ec2wire::contract::Level;
use std::fmt::{self, Write as _};
use std::io;
use unicode_width::UnicodeWidthStr as _;

/// The maximum number of cases that a row names.
const NAMED: usize = 2;

/// The shortest useful part of a case's id, in columns.
const SHORTEST: usize = 12;

/// Writes the report with ANSI styles, which the writer may strip.
///
/// Each row is a quirk: the finding, its level, its name, and the first cases that found it. Rows that
/// reveal a problem with the cases are explained below the table; with [`Detail::All`], all are.
pub fn write(mut to: impl io::Write, report: &Report, layout: Layout) -> io::Result<()> {
    let mut text = String::new();
    render(&mut text, report, layout).map_err(io::Error::other)?;
    to.write_all(text.as_bytes())
}

fn render(out: &mut String, report: &Report, layout: Layout) -> fmt::Result {
    let name_width = widest(report, |trial| trial.quirk.name.width());
    let finding_width = widest(report, |trial| trial.finding().as_str().len());
    let mut area = None;
    for trial in &report.trials {
        let title = trial.quirk.area.map_or("variants", |area| area.as_str());
        if area.replace(title) != Some(title) {
            writeln!(
                out,
                "{}",
                page(layout.width).style(title, Style::new().bold())
            )?;
        }
        row(out, trial, finding_width, name_width, layout)?;
    }
    for trial in report.trials.iter().filter(|trial| trial.is_problem()) {
        explain(out, trial, layout.width)?;
    }
    misplaced(out, report, layout.width)?;
    if !report.unfit.is_empty() {
        writeln!(out, "\nthese cases fail on the endpoint without a fault")?;
        for case in &report.unfit {
            writeln!(out, "  {case}")?;
        }
    }
    score(out, report)
}

/// The writer may strip the styles.
const fn page(width: usize) -> Page {
    Page {
        width,
        styled: true,
    }
}

fn widest(report: &Report, width: impl Fn(&Trial) -> usize) -> usize {
    report.trials.iter().map(width).max().unwrap_or(0)
}

fn row(
    out: &mut String,
    trial: &Trial,
    finding_width: usize,
    name_width: usize,
    layout: Layout,
) -> fmt::Result {
    let finding = trial.finding();
    let level = match trial.quirk.level {
        Level::May => String::new(),
        level => level.to_string(),
    };
    let head = format!(
        "  {}  {level:6}  {}",
        page(layout.width).style(pad(finding.as_str(), finding_width), style(trial)),
        pad(trial.quirk.name, name_width),
    );
    let used = 2 + finding_width + 2 + 6 + 2 + name_width + 2;
    let cases = cases(trial, layout.width.saturating_sub(used));
    writeln!(out, "{}", format!("{head}  {cases}").trim_end())?;
    if layout.detail == Detail::All {
        field(out, "fault", trial.quirk.summary, page(layout.width))?;
        for catch in &trial.catches {
            field(out, catch.verdict.as_str(), &catch.case, page(layout.width))?;
        }
    }
    Ok(())
}

/// The first cases that found the quirk, as many as fit, and how many more did.
fn cases(trial: &Trial, room: usize) -> String {
    let Some(first) = trial.catches.first() else {
        return String::new();
    };
    let more = |named: usize| match trial.catches.len().saturating_sub(named) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    for named in (1..=NAMED).rev() {
        let names = trial.catches.iter().take(named);
        let names: Vec<&str> = names.map(|catch| catch.case.as_str()).collect();
        let text = format!("{}{}", names.join(", "), more(named));
        if text.width() <= room {
            return text;
        }
    }
    let left = room.saturating_sub(more(1).width());
    if left >= SHORTEST {
        format!("{}{}", cut_start(&first.case, left), more(1))
    } else {
        counted(trial.catches.len())
    }
}

fn counted(cases: usize) -> String {
    match cases {
        1 => "1 case".into(),
        more => format!("{more} cases"),
    }
}

fn explain(out: &mut String, trial: &Trial, width: usize) -> fmt::Result {
    let finding = trial.finding();
    writeln!(
        out,
        "\n{}  {}",
        page(width).style(finding.as_str(), style(trial)),
        trial.quirk.name
    )?;
    let what = if trial.quirk.is_variant() {
        "variant"
    } else {
        "fault"
    };
    field(out, what, trial.quirk.summary, page(width))?;
    field(out, "changes", trial.quirk.changes(), page(width))?;
    let because = match finding {
        Finding::Missed => "no case failed, but the fault breaks a MUST",
        Finding::Misplaced => "cases failed, but for requirements that the fault does not break",
        Finding::TooHarsh => "a case failed, but the fault breaks no more than a SHOULD",
        Finding::Blamed => "a case blamed the variant, but it breaks nothing",
        Finding::Caught | Finding::Clear => "codec and referee read the responses differently",
    };
    field(out, "because", because, page(width))?;
    for catch in trial.catches.iter().take(5) {
        field(out, catch.verdict.as_str(), &catch.case, page(width))?;
        field(out, "found", &catch.found, page(width))?;
    }
    Ok(())
}

/// Requirements that cases reported as broken in addition to what the faults break. This alone is not
/// a problem: a fault may prevent another requirement from being met.
fn misplaced(out: &mut String, report: &Report, width: usize) -> fmt::Result {
    let faults = report.trials.iter().filter(|t| !t.quirk.is_variant());
    let mut faults = faults
        .filter(|trial| !trial.misplaced().is_empty())
        .peekable();
    if faults.peek().is_some() {
        writeln!(out, "\nalso blamed, although the fault does not break it")?;
    }
    for trial in faults {
        writeln!(out, "  {}", trial.quirk.name)?;
        for (requirement, case) in trial.misplaced() {
            field(
                out,
                "blamed",
                &format!("{requirement}, by {case}"),
                page(width),
            )?;
        }
    }
    Ok(())
}

fn score(out: &mut String, report: &Report) -> fmt::Result {
    let count = |level: Level, finding: Finding| {
        report
            .trials
            .iter()
            .filter(|trial| trial.quirk.level == level && trial.finding() == finding)
            .count()
    };
    let of = |level: Level| {
        report
            .trials
            .iter()
            .filter(|t| t.quirk.level == level)
            .count()
    };
    writeln!(
        out,
        "\n{} of {} MUST faults caught, {} of {} SHOULD faults caught; \
         {} of {} variants clear",
        count(Level::Must, Finding::Caught),
        of(Level::Must),
        count(Level::Should, Finding::Caught),
        of(Level::Should),
        count(Level::May, Finding::Clear),
        of(Level::May),
    )?;
    writeln!(
        out,
        "{} against each of {} in {} s",
        count_of(report.cases, "case"),
        count_of(report.trials.len(), "endpoint"),
        seconds(report.ms)
    )
}

fn style(trial: &Trial) -> Style {
    let color = match trial.finding() {
        Finding::Caught | Finding::Clear => AnsiColor::Green,
        Finding::Missed => AnsiColor::Yellow,
        Finding::Misplaced | Finding::TooHarsh | Finding::Blamed => AnsiColor::Red,
    };
    color.on_default().bold()
}
