//! Explains one exchange in plain text: what it broke, where, and its messages.
//!
//! | file | what |
//! |---|---|
//! | this one | fields, marks and messages as lines of text |
//! | [`point`] | the place in an exchange that a deviation refers to |
//! | [`reading`] | a case with the document of its response |
//! | [`bytes`] | bytes as text that is safe to show anywhere |

pub mod bytes;
pub mod point;
pub mod reading;

pub use reading::Reading;

use crate::record::{CaseRecord, Exchange, Message};
use anstyle::{AnsiColor, Style};
use bytes::{excerpt, visible, visible_bytes};
use point::{Point, Target};
use std::fmt::{self, Display, Write as _};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// The longest body that is shown, in characters.
const BODY_CHARS: usize = 2000;
/// The column where fields begin.
const INDENT: usize = 12;

/// How a text is laid out.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// The width in columns.
    pub width: usize,
    /// Whether to use ANSI styles.
    pub styled: bool,
}

impl Page {
    /// The text in that style, if styles are on.
    pub fn style(self, text: impl Display, style: Style) -> String {
        if self.styled {
            format!("{style}{text}{style:#}")
        } else {
            text.to_string()
        }
    }
}

/// Marks and labels.
pub const DIM: Style = Style::new().dimmed();
/// Headings.
pub const BOLD: Style = Style::new().bold();
/// What is wrong.
pub const MARK: Style = AnsiColor::Red.on_default().bold();

/// What a case broke, each deviation with the place that differs.
pub fn deviations(out: &mut String, reading: &Reading<'_>, page: Page) -> fmt::Result {
    for deviation in &reading.case.deviations {
        let required = format!("{}: {}", deviation.level, deviation.statement);
        field(out, "required", &required, page)?;
        let source = format!("{} [{}]", deviation.source, deviation.requirement);
        field(out, "source", &source, page)?;
        field(out, "got", &deviation.found, page)?;
        if let (Some(point), Some(exchange)) = (reading.point(deviation), &reading.case.exchange) {
            mark(out, &point, exchange, page)?;
        }
    }
    Ok(())
}

/// What an exchange broke, in plain text, and its request.
pub fn request(case: &CaseRecord) -> String {
    let page = Page {
        width: 100,
        styled: false,
    };
    exchange(case, page, true, false)
}

/// What an exchange broke, its note, and optionally its request and its response. Writing to a
/// string cannot fail.
pub fn exchange(case: &CaseRecord, page: Page, request: bool, response: bool) -> String {
    let mut out = String::new();
    let _ = deviations(&mut out, &Reading::new(case), page);
    if !case.note.is_empty() {
        let _ = field(&mut out, "note", &case.note, page);
    }
    if let Some(exchange) = &case.exchange {
        if request && !exchange.request.start.is_empty() {
            let _ = message(&mut out, ">", &exchange.request, page);
        }
        if let (Some(answer), true) = (&exchange.response, response) {
            let _ = message(&mut out, "<", answer, page);
        }
    }
    out
}

/// Shows the place where a message differs, with carets below it.
fn mark(out: &mut String, point: &Point, exchange: &Exchange, page: Page) -> fmt::Result {
    let Some(message) = point.message(exchange) else {
        return Ok(());
    };
    let room = page.width.saturating_sub(INDENT).max(20);
    let (label, cut) = match &point.target {
        Target::Line(range) => {
            let line = message.start.as_bytes();
            (point.label.clone(), excerpt(line, range, room))
        }
        Target::Header(index) => {
            let Some((name, value)) = message.headers.get(*index) else {
                return Ok(());
            };
            let line = format!("{name}: {value}");
            let range = name.len() + 2..line.len();
            (point.label.clone(), excerpt(line.as_bytes(), &range, room))
        }
        Target::Body(range) => {
            let cut = excerpt(&message.bytes(), range, room);
            (
                format!("{}, line {} of the body", point.label, cut.line),
                cut,
            )
        }
    };
    field(out, "where", &label, page)?;
    let marked = page.style(&cut.marked, MARK);
    writeln!(out, "{:INDENT$}{}{marked}{}", "", cut.before, cut.after)?;
    let carets = "^".repeat(cut.marked.width().max(1));
    writeln!(
        out,
        "{:INDENT$}{}{}",
        "",
        " ".repeat(cut.before.width()),
        page.style(carets, MARK)
    )
}

/// A label and a wrapped text.
pub fn field(out: &mut String, label: &str, text: &str, page: Page) -> fmt::Result {
    let room = page.width.saturating_sub(INDENT).max(20);
    let text = visible(text);
    let mut label = label;
    for line in wrapped(&text, room) {
        writeln!(out, "  {} {line}", page.style(format!("{label:9}"), DIM))?;
        label = "";
    }
    Ok(())
}

/// The text in lines of at most `room` columns. A wider word is split over several lines.
pub fn wrapped(text: &str, room: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && line.width() + 1 + word.width() > room {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        for c in word.chars() {
            if line.width() + c.width().unwrap_or(0) > room {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c);
        }
    }
    lines.push(line);
    lines
}

/// A message; a long body is truncated.
pub fn message(out: &mut String, mark: &str, message: &Message, page: Page) -> fmt::Result {
    let mark = page.style(mark, DIM);
    writeln!(out, "  {mark} {}", visible(&message.start))?;
    for (name, value) in &message.headers {
        writeln!(out, "  {mark} {}: {}", visible(name), visible(value))?;
    }
    let body = visible_bytes(&message.bytes());
    let shown: String = body.chars().take(BODY_CHARS).collect();
    for line in shown.lines() {
        writeln!(out, "  {mark} {line}")?;
    }
    let left_out = body.chars().count().saturating_sub(BODY_CHARS);
    if left_out > 0 {
        writeln!(out, "  {mark} ... and {left_out} more characters")?;
    }
    Ok(())
}
