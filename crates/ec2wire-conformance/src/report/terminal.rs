//! The report for a terminal: a table of cases, then what was wrong and how to see it again.

use crate::record::{Actual, CaseRecord, Deviation, Message, RunRecord, Verdict};
use anstyle::{AnsiColor, Style};
use std::fmt::{self, Display, Write as _};
use std::io;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// How to render.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// The terminal's width in columns.
    pub width: usize,
    /// Whether to show cases that passed one by one rather than by family.
    pub verbose: bool,
}

/// The widths of the columns that do not vary.
const LEVEL_WIDTH: usize = 6;
const STATUS_WIDTH: usize = 3;

/// The longest body that is shown, in characters.
const BODY_CHARS: usize = 2000;

/// Writes the report, with ANSI styles; the writer takes them out where they are not wanted.
pub fn write(mut to: impl io::Write, record: &RunRecord, layout: Layout) -> io::Result<()> {
    let mut text = String::new();
    render(&mut text, record, layout).map_err(io::Error::other)?;
    to.write_all(text.as_bytes())
}

fn render(out: &mut String, record: &RunRecord, layout: Layout) -> fmt::Result {
    let head = &record.run;
    writeln!(
        out,
        "ec2wire {}  {}  region {}",
        head.version, head.endpoint, head.region
    )?;
    writeln!(out, "ipam {}\n", head.ipam)?;
    table(out, record, layout)?;
    for row in rows(record, layout.verbose) {
        if row.first.verdict != Verdict::Pass && !row.first.deviations.is_empty() {
            explain(out, row.first, row.cases, layout.width)?;
        }
    }
    reasons(out, record, layout.width)?;
    summary(out, record)
}

/// Why cases were not judged, each reason once.
fn reasons(out: &mut String, record: &RunRecord, width: usize) -> fmt::Result {
    let mut reasons: Vec<(&CaseRecord, usize)> = Vec::new();
    let unjudged = [Verdict::NotRun, Verdict::Unimplemented];
    for case in record
        .cases
        .iter()
        .filter(|case| unjudged.contains(&case.verdict))
    {
        let known = reasons
            .iter_mut()
            .find(|(first, _)| first.verdict == case.verdict && first.note == case.note);
        match known {
            Some((_, count)) => *count += 1,
            None => reasons.push((case, 1)),
        }
    }
    for (case, count) in reasons {
        let head = styled(case.verdict.as_str(), style(case.verdict), 0);
        match count {
            1 => writeln!(out, "\n{head}  {}", case.id)?,
            _ => writeln!(out, "\n{head}  {} and {} more", case.id, count - 1)?,
        }
        field(out, "because", &case.note, width)?;
    }
    Ok(())
}

/// A row of the table: one case, or a family of cases that all ended alike.
struct Row<'r> {
    first: &'r CaseRecord,
    name: String,
    cases: usize,
}

fn rows(record: &RunRecord, verbose: bool) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    let mut rest = record.cases.as_slice();
    while let Some(first) = rest.first() {
        // Cases made by `for-each` share their title and differ in the id's last part.
        let family = first.id.rsplit_once('/').map(|(family, _)| family);
        let alike = rest
            .iter()
            .take_while(|case| {
                case.title == first.title
                    && case.verdict == first.verdict
                    && case.id.rsplit_once('/').map(|(family, _)| family) == family
            })
            .count();
        let cases = if verbose { 1 } else { alike.max(1) };
        let name = match family {
            Some(family) if cases > 1 => format!("{family}/* ({cases} cases)"),
            _ => first.id.clone(),
        };
        rows.push(Row { first, name, cases });
        rest = rest.get(cases..).unwrap_or_default();
    }
    rows
}

fn table(out: &mut String, record: &RunRecord, layout: Layout) -> fmt::Result {
    let rows = rows(record, layout.verbose);
    let widest = |width: &dyn Fn(&Row<'_>) -> usize| rows.iter().map(width).max().unwrap_or(0);
    let verdict_width = widest(&|row| row.first.verdict.as_str().len());
    let name_width = widest(&|row| row.name.width());
    let answer_width = widest(&|row| answer(row.first, true).width());
    // Two blanks between the columns. Where it gets narrow, first the error codes go, then the
    // beginnings of the names.
    let fixed = verdict_width + 2 + LEVEL_WIDTH + 2 + 2;
    let with_code = fixed + name_width + answer_width <= layout.width;
    let room = layout.width.saturating_sub(fixed + STATUS_WIDTH).max(20);
    let name_width = name_width.min(room);
    for row in &rows {
        let verdict = styled(
            row.first.verdict.as_str(),
            style(row.first.verdict),
            verdict_width,
        );
        let level = row.first.level;
        let name = pad(&shorten(&row.name, name_width), name_width);
        let answer = if row.cases > 1 {
            String::new()
        } else {
            answer(row.first, with_code)
        };
        let line = format!("{verdict}  {level:LEVEL_WIDTH$}  {name}  {answer}");
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

fn answer(case: &CaseRecord, with_code: bool) -> String {
    match &case.actual {
        Some(Actual {
            status,
            code: Some(code),
            ..
        }) if with_code => format!("{status} {code}"),
        Some(Actual { status, .. }) => status.to_string(),
        None => "-".into(),
    }
}

/// Explains a case, which stands for as many of its family as ended alike.
fn explain(out: &mut String, case: &CaseRecord, cases: usize, width: usize) -> fmt::Result {
    let rule = "-".repeat(width.min(100));
    writeln!(out, "\n{rule}")?;
    writeln!(
        out,
        "{}  {}",
        styled(case.verdict.as_str(), style(case.verdict), 0),
        case.id
    )?;
    field(out, "case", &case.title, width)?;
    if cases > 1 {
        let others = format!(
            "{} more of its family ended alike; --verbose shows them",
            cases - 1
        );
        field(out, "and", &others, width)?;
    }
    for deviation in &case.deviations {
        let Deviation {
            requirement,
            level,
            statement,
            source,
            found,
        } = deviation;
        field(out, "required", &format!("{level}: {statement}"), width)?;
        field(out, "source", &format!("{source} [{requirement}]"), width)?;
        field(out, "found", found, width)?;
    }
    field(out, "legal", &case.legal.join("; or "), width)?;
    if !case.note.is_empty() {
        field(out, "note", &case.note, width)?;
    }
    if let Some(exchange) = &case.exchange {
        message(out, ">", &exchange.request)?;
        match &exchange.response {
            Some(response) => message(out, "<", response)?,
            None => writeln!(out, "  < (no answer)")?,
        }
    }
    if let Some(curl) = &case.curl {
        writeln!(out, "  again     {}", visible(curl))?;
    }
    Ok(())
}

/// A labelled text, wrapped.
pub(crate) fn field(out: &mut String, label: &str, text: &str, width: usize) -> fmt::Result {
    let room = width.saturating_sub(12).max(20);
    let mut label = label;
    let mut line = String::new();
    let mut flush = |line: &mut String| {
        let result = writeln!(out, "  {label:9} {line}");
        label = "";
        line.clear();
        result
    };
    let text = visible(text);
    for word in text.split(' ') {
        if !line.is_empty() && line.width() + 1 + word.width() > room {
            flush(&mut line)?;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    flush(&mut line)
}

fn message(out: &mut String, mark: &str, message: &Message) -> fmt::Result {
    writeln!(out, "  {mark} {}", visible(&message.start))?;
    for (name, value) in &message.headers {
        writeln!(out, "  {mark} {}: {}", visible(name), visible(value))?;
    }
    let shown: String = message.body.chars().take(BODY_CHARS).collect();
    for line in shown.lines() {
        writeln!(out, "  {mark} {}", visible(line))?;
    }
    let left_out = message.body.chars().count().saturating_sub(BODY_CHARS);
    if left_out > 0 {
        writeln!(out, "  {mark} ... and {left_out} characters more")?;
    }
    Ok(())
}

fn summary(out: &mut String, record: &RunRecord) -> fmt::Result {
    let s = &record.summary;
    write!(
        out,
        "\n{} {}: ",
        s.total,
        if s.total == 1 { "case" } else { "cases" }
    )?;
    let parts = [
        (s.pass, Verdict::Pass, "passed"),
        (s.fail, Verdict::Fail, "failed"),
        (s.warn, Verdict::Warn, "warned"),
        (s.unimplemented, Verdict::Unimplemented, "unimplemented"),
        (s.not_run, Verdict::NotRun, "not run"),
    ];
    let mut first = true;
    for (count, verdict, word) in parts {
        if count > 0 || verdict == Verdict::Pass {
            let separator = if first { "" } else { ", " };
            write!(
                out,
                "{separator}{}",
                styled(format!("{count} {word}"), style(verdict), 0)
            )?;
            first = false;
        }
    }
    writeln!(out, " in {:.2} s", Seconds(s.ms))?;
    if s.unreachable {
        writeln!(out, "the subject could not be reached or died")?;
    }
    if s.harness_faults > 0 {
        writeln!(
            out,
            "{} faults of the harness itself; see the notes",
            s.harness_faults
        )?;
    }
    if s.total == 0 {
        writeln!(out, "nothing was selected")?;
    }
    Ok(())
}

pub(crate) struct Seconds(pub(crate) u64);

impl Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 1000, self.0 % 1000 / 10)
    }
}

const fn style(verdict: Verdict) -> Style {
    let color = match verdict {
        Verdict::Pass => AnsiColor::Green,
        Verdict::Fail => AnsiColor::Red,
        Verdict::Warn => AnsiColor::Yellow,
        Verdict::Unimplemented => AnsiColor::Magenta,
        Verdict::NotRun | Verdict::Skipped => AnsiColor::Cyan,
    };
    color.on_default().bold()
}

pub(crate) fn styled(text: impl Display, style: Style, width: usize) -> String {
    format!("{style}{text:width$}{style:#}")
}

pub(crate) fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// The text, cut in the middle so that its telling end stays.
pub(crate) fn shorten(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(2);
    let mut used = 0;
    let end: Vec<char> = text
        .chars()
        .rev()
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= room
        })
        .collect();
    format!("..{}", end.into_iter().rev().collect::<String>())
}

/// The text without control characters, which a subject could use to write over the screen.
fn visible(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let plain = !c.is_control();
            plain
                .then_some(c)
                .into_iter()
                .chain((!plain).then(|| c.escape_default()).into_iter().flatten())
        })
        .collect()
}
