//! Plain text that explains a case. The terminal shows it with styles, JUnit and Markdown without.

use super::view::View;
use crate::explain::bytes::visible;
use crate::explain::{DIM, Page, Reading, deviations, field, message};
use crate::record::{Actual, CaseRecord, Kind, Verdict};
use anstyle::{AnsiColor, Style};
use std::fmt::{self, Write as _};
use unicode_width::UnicodeWidthStr as _;

/// The longest command that is shown, in characters. A truncated command would not run.
const COMMAND_CHARS: usize = 4000;

/// Explains a case: everything except its verdict and its id.
pub(super) fn explain(
    out: &mut String,
    view: &View<'_>,
    case: &CaseRecord,
    page: Page,
) -> fmt::Result {
    let reading = Reading::new(case);
    field(out, "case", &case.title, page)?;
    deviations(out, &reading, page)?;
    if !case.legal.is_empty() {
        field(out, "legal", &case.legal.join("; or "), page)?;
    }
    if let Some(made) = &case.made {
        field(out, "client", made, page)?;
    }
    for misreading in view.misreadings(&reading) {
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
            1 => "one request was sent before this one; the record has it".to_owned(),
            count => format!("{count} requests were sent before this one; the record has them"),
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
            None => writeln!(out, "  {} (no response)", page.style("<", DIM))?,
        }
    }
    again(out, view, case, page)
}

/// The commands that send the request again.
fn again(out: &mut String, view: &View<'_>, case: &CaseRecord, page: Page) -> fmt::Result {
    if let Some(curl) = &case.curl {
        let length = curl.chars().count();
        if length <= COMMAND_CHARS {
            // Not wrapped, so that it can be copied.
            writeln!(out, "  {} {}", page.style("again    ", DIM), visible(curl))?;
        } else {
            let text =
                format!("the curl command has {length} characters; the record has it as `curl`");
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

/// A reason, and the command that it ends with in a line of its own, if it has one.
pub(super) fn with_command(reason: &str) -> (&str, Option<&str>) {
    match reason.split_once('\n') {
        Some((text, command)) => (text, Some(command)),
        None => (reason, None),
    }
}

/// What the case got: the status, and the error code if that is wanted.
pub(super) fn answer(case: &CaseRecord, with_code: bool) -> String {
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

/// The colour of a verdict.
pub(super) const fn style(verdict: Verdict) -> Style {
    let color = match verdict {
        Verdict::Pass => AnsiColor::Green,
        Verdict::Fail => AnsiColor::Red,
        Verdict::Warn => AnsiColor::Yellow,
        Verdict::Unimplemented => AnsiColor::Magenta,
        Verdict::NotRun => AnsiColor::Cyan,
    };
    color.on_default().bold()
}

/// The text with blanks after it, in so many columns.
pub(crate) fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}
