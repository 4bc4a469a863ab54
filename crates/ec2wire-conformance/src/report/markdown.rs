//! Markdown for a comment on a pull request: totals, headlines and folded details.

use super::matrix::{LEGEND, rest};
use super::text::explain;
use super::view::{View, remarks_in_sentences, seconds, totals};
use crate::explain::Page;
use crate::explain::bytes::visible;
use crate::record::{CaseRecord, Kind, Verdict};
use crate::text::count_of;
use std::fmt::Write as _;

/// GitHub accepts comments of up to 65,536 characters. A text never has fewer bytes than characters.
const LIMIT: usize = 65_536;
/// Bytes reserved for the last line, which says what was left out.
const RESERVE: usize = 512;
/// No explanation is shorter than this, so with less room none is attempted.
const LEAST_DETAILS: usize = 400;
/// The width of the explanations, in columns.
const WIDTH: usize = 100;
/// The maximum number of cases listed per group.
const NAMED: usize = 30;
/// The maximum number of resources listed.
const RESOURCES: usize = 60;
/// The widest mark of the matrix.
const MARK: usize = 8;
/// The longest id, headline or reason that is shown, in characters.
const LINE_CHARS: usize = 500;

pub(super) fn render(view: &View<'_>) -> String {
    let mut out = String::new();
    head(&mut out, view);
    matrix(&mut out, view);
    let left_out = findings(&mut out, view);
    let left_out = left_out + unjudged(&mut out, view) + known(&mut out, view);
    if left_out > 0 {
        let _ = writeln!(
            out,
            "\n{} did not fit here; the HTML report and the record have everything.",
            count_of(left_out, "section")
        );
    }
    out
}

fn head(out: &mut String, view: &View<'_>) {
    let summary = &view.record.summary;
    let run = &view.record.run;
    let result = if summary.unreachable || summary.harness_faults > 0 {
        "could not be judged completely"
    } else if summary.fail > summary.expected_fail {
        match run.kind {
            Kind::Server => "does not answer as EC2 does",
            Kind::Client => "does not call EC2 as it should",
            Kind::Proxy | Kind::Lint => "breaks a MUST",
        }
    } else if summary.unexpected_pass + summary.stale > 0 {
        "differs from the list of known failures"
    } else if summary.expected_fail > 0 {
        "breaks no MUST except known failures"
    } else if summary.total == summary.not_run {
        "was not judged: nothing ran"
    } else if summary.judged() == 0 {
        "was not judged: it implements nothing that was asked for"
    } else if summary.judged_too_little() {
        "was hardly judged: too few cases could be"
    } else {
        "breaks no MUST"
    };
    let _ = writeln!(out, "### ec2wire: {} {result}\n", code(&run.endpoint));
    let _ = writeln!(
        out,
        "| cases | passed | failed | warned | unimplemented | not run |"
    );
    let _ = writeln!(out, "|--:|--:|--:|--:|--:|--:|");
    let _ = write!(out, "| **{}** |", summary.total);
    for (_, count, _) in totals(view.record) {
        let _ = write!(out, " {count} |");
    }
    let _ = writeln!(
        out,
        "\n\nec2wire {}{}, {} s{}",
        code(&run.version),
        match run.region.as_str() {
            "" => String::new(),
            region => format!(", region {}", code(region)),
        },
        seconds(summary.ms),
        if run.started.is_empty() {
            String::new()
        } else {
            format!(", started {}", code(&run.started))
        }
    );
    for remark in remarks_in_sentences(summary) {
        let _ = writeln!(out, "\n**{remark}**");
    }
}

/// What was judged of each resource. It is short enough to fit always.
fn matrix(out: &mut String, view: &View<'_>) {
    let matrix = &view.matrix;
    if matrix.is_empty() {
        return;
    }
    out.push_str("\n| resource |");
    for aspect in &matrix.aspects {
        let _ = write!(out, " {aspect} |");
    }
    out.push_str("\n|:--|");
    out.push_str(&":-:|".repeat(matrix.aspects.len()));
    out.push('\n');
    for row in matrix.rows.iter().take(RESOURCES) {
        let _ = write!(out, "| {} |", html(row.resource));
        for aspect in &matrix.aspects {
            let _ = write!(out, " {} |", html(&row.cell(*aspect).mark(MARK)));
        }
        out.push('\n');
    }
    out.push('\n');
    if let Some(left_out) = matrix.rows.get(RESOURCES..).filter(|rows| !rows.is_empty()) {
        let _ = writeln!(out, "{}.\n", html(&rest(left_out)));
    }
    let _ = writeln!(out, "{}", html(LEGEND));
    if let Some(reason) = matrix.not_judged(&view.unjudged) {
        let _ = writeln!(out, "\n{}", code(&reason));
    }
}

/// Writes as many groups as fit; returns how many did not fit.
fn findings(out: &mut String, view: &View<'_>) -> usize {
    if view.groups.is_empty() {
        return 0;
    }
    let _ = writeln!(out, "\n#### {}\n", count_of(view.groups.len(), "finding"));
    let mut left_out = 0;
    for group in &view.groups {
        let mut section = String::new();
        let _ = writeln!(
            section,
            "<details><summary><b>{}</b> {} ({})</summary>\n",
            group.verdict.as_str(),
            html(&group.headline),
            group.size()
        );
        if let Some(symptom) = group.symptom {
            let _ = writeln!(section, "Got: {}\n", code(symptom));
        }
        if let Some(fix) = &group.fix {
            let _ = writeln!(section, "To fix: {}\n", html(fix));
        }
        for case in group.cases.iter().take(NAMED) {
            let _ = writeln!(section, "- {} {}", case.verdict.as_str(), code(&case.id));
        }
        let more = group.cases.len().saturating_sub(NAMED);
        if more > 0 {
            let _ = writeln!(section, "- and {more} more");
        }
        let end = "\n</details>\n";
        // If there is not enough room, the details are dropped before the headline is.
        let room = LIMIT.saturating_sub(out.len() + section.len() + end.len() + RESERVE);
        let explained = group
            .cases
            .first()
            .filter(|_| room >= LEAST_DETAILS)
            .map(|case| details(view, case))
            .filter(|details| details.len() <= room);
        if let Some(details) = explained {
            section.push_str(&details);
        } else {
            section.push_str("\nThe exchange did not fit here.\n");
        }
        section.push_str(end);
        if out.len() + section.len() + RESERVE <= LIMIT {
            out.push_str(&section);
        } else {
            left_out += 1;
        }
    }
    left_out
}

/// A case, explained in a block of code.
fn details(view: &View<'_>, case: &CaseRecord) -> String {
    let page = Page {
        width: WIDTH,
        styled: false,
    };
    let mut text = format!("{}  {}\n", case.verdict.as_str(), visible(&case.id));
    if explain(&mut text, view, case, page).is_err() {
        text.clear();
    }
    format!("\n{}", fenced(&text))
}

/// Writes why cases were not judged; returns how many reasons did not fit.
fn unjudged(out: &mut String, view: &View<'_>) -> usize {
    if view.unjudged.is_empty() {
        return 0;
    }
    out.push_str("\n#### Not judged\n\n");
    let mut left_out = 0;
    for group in &view.unjudged {
        let word = match group.verdict {
            Verdict::Unimplemented => "unimplemented",
            _ => "not run",
        };
        let line = format!(
            "- {} {word}: {}\n",
            count_of(group.cases.len(), "case"),
            code(group.reason)
        );
        if out.len() + line.len() + RESERVE <= LIMIT {
            out.push_str(&line);
        } else {
            left_out += 1;
        }
    }
    left_out
}

/// Writes the known failures, and why the run ended early; returns how many lines did not fit.
fn known(out: &mut String, view: &View<'_>) -> usize {
    if view.known.is_empty() {
        return 0;
    }
    out.push_str("\n#### Known failures\n\n");
    let mut left_out = 0;
    for (label, text) in &view.known {
        let line = format!("- {label}: {}\n", code(text));
        if out.len() + line.len() + RESERVE <= LIMIT {
            out.push_str(&line);
        } else {
            left_out += 1;
        }
    }
    left_out
}

/// The text as inline code. Whatever it contains, nothing in it is rendered and nobody is notified.
fn code(text: &str) -> String {
    let text: String = text.chars().take(LINE_CHARS).collect();
    let text = visible(&text);
    if text.trim().is_empty() {
        return "-".into();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    // The blanks separate the fence from backticks at the ends of the text; Markdown strips them.
    format!("{fence} {text} {fence}")
}

/// The text as a block of code.
fn fenced(text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}text\n{}\n{fence}\n", text.trim_end())
}

/// The longest run of backticks.
fn longest_run(text: &str) -> usize {
    let runs = text.split(|c| c != '`');
    runs.map(str::len).max().unwrap_or(0)
}

/// Text from our own tables and from case files, escaped for HTML inside Markdown.
fn html(text: &str) -> String {
    let text: String = text.chars().take(LINE_CHARS).collect();
    let mut escaped = String::with_capacity(text.len());
    let text = visible(&text);
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            // GitHub looks for user names and emoji after it has resolved references.
            '@' => escaped.push_str("@&#8203;"),
            ':' if rest.as_str().starts_with(|c: char| c.is_alphanumeric()) => {
                escaped.push_str(":&#8203;");
            }
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            // Everything that Markdown would interpret.
            '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '\\' | '!' | '$' => {
                let _ = write!(escaped, "&#{};", u32::from(c));
            }
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_rendered() {
        assert_eq!(code("a`b``c"), "``` a`b``c ```");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code("a\nb\u{202E}"), "` a\\nb\\u{202e} `");
        assert_eq!(
            html("<b>@you [x](y)"),
            "&lt;b&gt;@&#8203;you &#91;x&#93;(y)"
        );
        assert!(fenced("a\n```\nb").starts_with("````text\n"));
    }
}
