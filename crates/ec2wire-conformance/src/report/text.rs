//! Plain text that explains a case: what the terminal shows, with styles, and what JUnit and
//! Markdown carry, without.

use super::bytes::{excerpt, raw, visible, visible_bytes};
use super::point::{Place, Point};
use super::view::{View, point};
use crate::record::{CaseRecord, Exchange, Kind, Message};
use anstyle::{AnsiColor, Style};
use std::fmt::{self, Display, Write as _};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// The longest body that is shown, in characters.
const BODY_CHARS: usize = 2000;
/// The longest command that is shown, in characters. What is cut would not run.
const COMMAND_CHARS: usize = 4000;
/// Where fields begin, in columns.
const INDENT: usize = 12;

/// How a text is laid out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page {
    /// The width in columns.
    pub(crate) width: usize,
    /// Whether there are styles in it.
    pub(crate) styled: bool,
}

impl Page {
    pub(crate) fn style(self, text: impl Display, style: Style) -> String {
        if self.styled {
            format!("{style}{text}{style:#}")
        } else {
            text.to_string()
        }
    }
}

pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const BOLD: Style = Style::new().bold();
pub(super) const MARK: Style = AnsiColor::Red.on_default().bold();

/// Explains a case: everything but its verdict and its id.
pub(super) fn explain(
    out: &mut String,
    view: &View<'_>,
    case: &CaseRecord,
    page: Page,
) -> fmt::Result {
    field(out, "case", &case.title, page)?;
    deviations(out, case, page)?;
    if !case.legal.is_empty() {
        field(out, "legal", &case.legal.join("; or "), page)?;
    }
    if let Some(made) = &case.made {
        field(out, "client", made, page)?;
    }
    for misreading in view.misreadings(case) {
        field(out, "clients", &format!("{}:", misreading.meaning), page)?;
        for reader in &misreading.clients {
            let text = format!("- {} ({}) {}", reader.client, reader.version, reader.reads);
            field(out, "", &text, page)?;
        }
    }
    if !case.note.is_empty() {
        field(out, "note", &case.note, page)?;
    }
    if !case.earlier.is_empty() {
        let requests = match case.earlier.len() {
            1 => "one request came before this; the record has it".to_owned(),
            count => format!("{count} requests came before this; the record has them"),
        };
        field(out, "earlier", &requests, page)?;
    }
    if let Some(exchange) = &case.exchange {
        let request = &exchange.request;
        if !request.start.is_empty() {
            message(out, ">", request, page)?;
        }
        match &exchange.response {
            Some(response) => message(out, "<", response, page)?,
            None if view.record.run.kind == Kind::Lint => {}
            None => writeln!(out, "  {} (no answer)", page.style("<", DIM))?,
        }
    }
    again(out, view, case, page)
}

/// What a case broke, each with the place that differs.
fn deviations(out: &mut String, case: &CaseRecord, page: Page) -> fmt::Result {
    for deviation in &case.deviations {
        let required = format!("{}: {}", deviation.level, deviation.statement);
        field(out, "required", &required, page)?;
        let source = format!("{} [{}]", deviation.source, deviation.requirement);
        field(out, "source", &source, page)?;
        field(out, "found", &deviation.found, page)?;
        if let (Some(point), Some(exchange)) = (point(case, deviation), &case.exchange) {
            mark(out, &point, exchange, page)?;
        }
    }
    Ok(())
}

/// What an exchange broke, in plain text, and its request.
pub(crate) fn explain_exchange(case: &CaseRecord) -> String {
    let page = Page {
        width: 100,
        styled: false,
    };
    exchange(case, page, true, false)
}

/// What an exchange broke and what there is to say of it; its request and its answer where they
/// are asked for. Writing to a text does not fail.
pub(super) fn exchange(case: &CaseRecord, page: Page, request: bool, response: bool) -> String {
    let mut out = String::new();
    let _ = deviations(&mut out, case, page);
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

/// The commands that send the request again.
fn again(out: &mut String, view: &View<'_>, case: &CaseRecord, page: Page) -> fmt::Result {
    if let Some(curl) = &case.curl {
        let length = curl.chars().count();
        if length <= COMMAND_CHARS {
            // Not wrapped, so that it can be copied.
            writeln!(out, "  {} {}", page.style("again    ", DIM), visible(curl))?;
        } else {
            let text = format!("curl, {length} characters: in the record, as `curl`");
            field(out, "again", &text, page)?;
        }
    }
    if let (Some(replay), Some(_)) = (view.replay(case), &case.exchange) {
        writeln!(
            out,
            "  {} {}",
            page.style("replay   ", DIM),
            visible(&replay.command)
        )?;
        if !replay.is_recorded {
            field(
                out,
                "",
                "(after a run with --report ndjson=run.ndjson)",
                page,
            )?;
        }
    }
    Ok(())
}

/// Shows the place where a message differs, with marks below it.
fn mark(out: &mut String, point: &Point, exchange: &Exchange, page: Page) -> fmt::Result {
    let Some(message) = point.message(exchange) else {
        return Ok(());
    };
    let room = page.width.saturating_sub(INDENT).max(20);
    let (wher, cut) = match &point.place {
        Place::Status => {
            let line = message.start.as_bytes();
            let from = line.iter().position(|&b| b == b' ').map_or(0, |at| at + 1);
            let until = line
                .iter()
                .skip(from)
                .position(|&b| b == b' ')
                .map_or(line.len(), |length| from + length);
            (point.says.clone(), excerpt(line, &(from..until), room))
        }
        Place::Line(range) => {
            let line = message.start.as_bytes();
            (point.says.clone(), excerpt(line, range, room))
        }
        Place::Header(index) => {
            let Some((name, value)) = message.headers.get(*index) else {
                return Ok(());
            };
            let line = format!("{name}: {value}");
            let range = name.len() + 2..line.len();
            (point.says.clone(), excerpt(line.as_bytes(), &range, room))
        }
        Place::Body(range) => {
            let cut = excerpt(&raw(message), range, room);
            (
                format!("{}, line {} of the body", point.says, cut.line),
                cut,
            )
        }
    };
    field(out, "where", &wher, page)?;
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

/// A labelled text, wrapped.
pub(crate) fn field(out: &mut String, label: &str, text: &str, page: Page) -> fmt::Result {
    let room = page.width.saturating_sub(INDENT).max(20);
    let text = visible(text);
    let mut label = label;
    for line in wrapped(&text, room) {
        writeln!(out, "  {} {line}", page.style(format!("{label:9}"), DIM))?;
        label = "";
    }
    Ok(())
}

/// The text in lines of at most so many columns; a word that is wider stands on lines of its own.
pub(super) fn wrapped(text: &str, room: usize) -> Vec<String> {
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

fn message(out: &mut String, mark: &str, message: &Message, page: Page) -> fmt::Result {
    let mark = page.style(mark, DIM);
    writeln!(out, "  {mark} {}", visible(&message.start))?;
    for (name, value) in &message.headers {
        writeln!(out, "  {mark} {}: {}", visible(name), visible(value))?;
    }
    let body = visible_bytes(&raw(message));
    let shown: String = body.chars().take(BODY_CHARS).collect();
    for line in shown.lines() {
        writeln!(out, "  {mark} {line}")?;
    }
    let left_out = body.chars().count().saturating_sub(BODY_CHARS);
    if left_out > 0 {
        writeln!(out, "  {mark} ... and {left_out} characters more")?;
    }
    Ok(())
}
