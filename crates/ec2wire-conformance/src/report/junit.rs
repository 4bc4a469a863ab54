//! JUnit XML: one test suite per phase, one test case per case.
//!
//! Valid against the schema of Jenkins' xUnit plug-in (`junit-10.xsd`), which allows fewer attributes
//! than most libraries write. A warning passes and is explained in `system-out`.

use super::text::explain;
use super::view::{View, is_blamed};
use crate::explain::Page;
use crate::format::case::Phase;
use crate::record::{CaseRecord, Verdict};
use crate::text::is_unseen;
use quick_xml::events::BytesText;
use quick_xml::writer::{ElementWriter, Writer};
use std::io::{self, Write};

/// The width of the explanations, in columns.
const WIDTH: usize = 100;

pub(super) fn write(to: &mut dyn Write, view: &View<'_>) -> io::Result<()> {
    let summary = &view.record.summary;
    let failures = view.record.cases.iter().filter(|case| fails(case)).count();
    let failures = failures.to_string();
    writeln!(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    let mut writer = Writer::new_with_indent(&mut *to, b' ', 2);
    writer
        .create_element("testsuites")
        .with_attribute(("name", "ec2wire"))
        .with_attribute(("tests", &*summary.total.to_string()))
        .with_attribute(("failures", &*failures))
        .with_attribute(("errors", "0"))
        .with_attribute(("time", &*time(summary.ms)))
        .write_inner_content(|writer| {
            for (phase, cases) in view.phases() {
                suite(writer, view, phase, &cases)?;
            }
            Ok(())
        })?;
    writeln!(to)
}

fn suite<W: Write>(
    writer: &mut Writer<W>,
    view: &View<'_>,
    phase: Phase,
    cases: &[&CaseRecord],
) -> io::Result<()> {
    let count = |test: &dyn Fn(&CaseRecord) -> bool| {
        let fitting = cases.iter().filter(|case| test(case));
        fitting.count().to_string()
    };
    let skipped = count(&|case| {
        let judged = case.verdict == Verdict::Pass || is_blamed(case.verdict);
        !judged || (is_blamed(case.verdict) && case.expected.is_some())
    });
    let head = &view.record.run;
    // The schema allows no time zone; the times are UTC.
    let started = head.started.split(['.', 'Z']).next().unwrap_or_default();
    writer
        .create_element("testsuite")
        .with_attribute(("name", phase.as_str()))
        .with_attribute(("tests", &*cases.len().to_string()))
        .with_attribute(("failures", &*count(&fails)))
        .with_attribute(("errors", "0"))
        .with_attribute(("skipped", &*skipped))
        .with_attribute(("time", &*time(cases.iter().map(|case| case.ms).sum())))
        .with_attribute(("timestamp", started))
        .write_inner_content(|writer| {
            writer
                .create_element("properties")
                .write_inner_content(|writer| {
                    for (name, value) in [
                        ("ec2wire", &head.version),
                        ("endpoint", &head.endpoint),
                        ("region", &head.region),
                        ("ipam", &head.ipam),
                    ] {
                        writer
                            .create_element("property")
                            .with_attribute(("name", name))
                            .with_attribute(("value", &*line(value)))
                            .write_empty()?;
                    }
                    Ok(())
                })?;
            for case in cases {
                test_case(writer, view, case)?;
            }
            Ok(())
        })?;
    Ok(())
}

fn test_case<W: Write>(
    writer: &mut Writer<W>,
    view: &View<'_>,
    case: &CaseRecord,
) -> io::Result<()> {
    let class = format!("ec2wire.{}", case.phase);
    let id = line(&case.id);
    let time = time(case.ms);
    let element = writer
        .create_element("testcase")
        .with_attribute(("name", &*id))
        .with_attribute(("classname", &*class))
        .with_attribute(("time", &*time));
    if let Some(expected) = case.expected.as_ref().filter(|_| is_blamed(case.verdict)) {
        // A known failure neither fails the run nor passes.
        return skipped(
            element,
            &format!(
                "known failure ({}): {}",
                case.verdict.as_str(),
                expected.reason
            ),
        );
    }
    match case.verdict {
        Verdict::Pass if case.is_unexpected_pass() => {
            let reason = case
                .expected
                .as_ref()
                .map_or("", |expected| &expected.reason);
            let message = line(&format!(
                "passed, but is listed as a known failure: {reason}"
            ));
            element.write_inner_content(|writer| {
                writer
                    .create_element("failure")
                    .with_attribute(("type", "expectation"))
                    .with_attribute(("message", &*message))
                    .write_empty()?;
                Ok(())
            })?;
        }
        Verdict::Pass => {
            element.write_empty()?;
        }
        Verdict::Fail => {
            let message = line(&message(case));
            let broken = case
                .deviations
                .first()
                .map_or("", |d| d.requirement.as_str());
            let text = explanation(view, case)?;
            element.write_inner_content(|writer| {
                writer
                    .create_element("failure")
                    .with_attribute(("type", &*line(broken)))
                    .with_attribute(("message", &*message))
                    .write_text_content(BytesText::new(&text))?;
                Ok(())
            })?;
        }
        Verdict::Warn => {
            let text = format!("warning: {}\n{}", message(case), explanation(view, case)?);
            let text = legal(&text);
            element.write_inner_content(|writer| {
                writer
                    .create_element("system-out")
                    .write_text_content(BytesText::new(&text))?;
                Ok(())
            })?;
        }
        Verdict::Unimplemented | Verdict::NotRun => {
            return skipped(
                element,
                &format!("{}: {}", case.verdict.as_str(), case.note),
            );
        }
    }
    Ok(())
}

fn skipped<W: Write>(element: ElementWriter<'_, W>, message: &str) -> io::Result<()> {
    let message = line(message);
    element.write_inner_content(|writer| {
        writer
            .create_element("skipped")
            .with_attribute(("message", &*message))
            .write_empty()?;
        Ok(())
    })?;
    Ok(())
}

/// Whether a case fails the run: it breaks a MUST unexpectedly, or is listed as a known failure and
/// passes.
fn fails(case: &CaseRecord) -> bool {
    case.is_unexpected_fail() || case.is_unexpected_pass()
}

/// What was expected and what the subject did, in one line.
fn message(case: &CaseRecord) -> String {
    case.deviations.first().map_or_else(
        || case.title.clone(),
        |deviation| {
            format!(
                "expected: {}; got: {}",
                deviation.statement, deviation.found
            )
        },
    )
}

fn explanation(view: &View<'_>, case: &CaseRecord) -> io::Result<String> {
    let mut text = String::from("\n");
    let page = Page {
        width: WIDTH,
        styled: false,
    };
    explain(&mut text, view, case, page).map_err(io::Error::other)?;
    Ok(legal(&text))
}

fn time(ms: u64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}

/// The text on one line, with replacements for characters that XML forbids.
fn line(text: &str) -> String {
    legal(text).replace(['\r', '\n', '\t'], " ")
}

/// The text without characters that XML forbids, even as references, and with those escaped that
/// nobody sees.
fn legal(text: &str) -> String {
    let mut legal = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' | '\n' | '\r' => legal.push(c),
            '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => legal.push('\u{FFFD}'),
            _ if is_unseen(c) => legal.extend(c.escape_unicode()),
            _ => legal.push(c),
        }
    }
    legal
}
