//! HTML: one file with embedded style and script, which needs no network.
//!
//! maud escapes all texts. In addition, the page's content security policy allows only the embedded
//! script and style, by their hashes.

use super::group::Group;
use super::heat;
use super::view::{View, remarks_in_sentences, seconds, totals};
use crate::explain::Reading;
use crate::explain::bytes::{cut_end, excerpt, visible, visible_bytes};
use crate::explain::point::{Point, Target};
use crate::format::case::Phase;
use crate::record::{CaseRecord, Deviation, Exchange, Message, RunRecord, Verdict};
use crate::text::count_of;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ec2wire::contract::Level;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};
use std::ops::Range;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The longest body that is shown, in bytes.
const BODY_BYTES: usize = 20_000;
/// The longest command that is shown, in characters. A truncated command would not run.
const COMMAND_CHARS: usize = 8_000;
/// The width of an excerpt, in columns.
const EXCERPT_WIDTH: usize = 110;
/// The width of the symptom below a headline, in columns.
const SYMPTOM_WIDTH: usize = 160;

pub(super) fn render(view: &View<'_>) -> String {
    let run = &view.record.run;
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    );
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "ec2wire: " (visible(&run.endpoint)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#cases" { "Skip to the cases" }
                (head(view))
                main {
                    (heat::render(view))
                    (findings(view))
                    (not_judged(view))
                    (known(view))
                    (cases(view))
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string()
}

/// A source expression for the page's policy.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

fn head(view: &View<'_>) -> Markup {
    let record = view.record;
    let run = &record.run;
    html! {
        header {
            div.title {
                h1 { "ec2wire" span.endpoint { (visible(&run.endpoint)) } }
                button #theme type="button" hidden { "Dark" }
            }
            p.run {
                (visible(&run.started)) @if !run.started.is_empty() { " · " }
                @if !run.region.is_empty() { "Region " (visible(&run.region)) }
                @if !run.ipam.is_empty() { " · IPAM " (visible(&run.ipam)) }
                " · ec2wire " (visible(&run.version)) " · " (seconds(record.summary.ms)) " s"
            }
            (totals_bar(record))
            @for remark in remarks_in_sentences(&record.summary) {
                p.alarm { (remark) }
            }
        }
    }
}

fn totals_bar(record: &RunRecord) -> Markup {
    let total = record.summary.total;
    let mut end = 0;
    let spans = totals(record).map(|(verdict, count, _)| {
        let start = end;
        end += count;
        (verdict, start, count)
    });
    html! {
        div.totals {
            p.total { strong { (total) } " " (if total == 1 { "case" } else { "cases" }) }
            ul {
                @for (verdict, count, word) in totals(record) {
                    li.none[count == 0] {
                        (dot(verdict)) strong { (count) } " " (word)
                    }
                }
            }
        }
        @if total > 0 {
            // Widths are attributes of an image, since the policy allows no inline styles.
            svg.bar viewBox={ "0 0 " (total) " 1" } preserveAspectRatio="none" aria-hidden="true" {
                @for (verdict, x, width) in spans {
                    rect.(verdict.as_str()) x=(x) y="0" width=(width) height="1" {}
                }
            }
        }
    }
}

fn dot(verdict: Verdict) -> Markup {
    html! { span.dot.(verdict.as_str()) aria-hidden="true" {} }
}

fn badge(verdict: Verdict) -> Markup {
    html! { span.badge.(verdict.as_str()) { (verdict.as_str()) } }
}

fn findings(view: &View<'_>) -> Markup {
    if view.groups.is_empty() {
        return html! {};
    }
    html! {
        section.findings aria-labelledby="findings" {
            h2 #findings { "Findings" span.count { (view.groups.len()) } }
            @for group in &view.groups { (finding(group)) }
        }
    }
}

fn finding(group: &Group<'_>) -> Markup {
    html! {
        details.finding {
            summary {
                (badge(group.verdict))
                span.headline {
                    (visible(&group.headline))
                    @if let Some(symptom) = group.symptom {
                        span.symptom { "got: " (cut_end(&visible(symptom), SYMPTOM_WIDTH)) }
                    }
                }
                span.many { (group.size()) }
            }
            div.body {
                @if let Some(fix) = &group.fix { p.fix { b { "To fix" } " " (fix) } }
                @if let Some(case) = group.cases.first() {
                    @let reading = Reading::new(case);
                    @for deviation in &case.deviations {
                        (required(case, deviation, reading.point(deviation).as_ref()))
                    }
                    @if let Some(curl) = case.curl.as_ref().filter(|c| c.chars().count() <= COMMAND_CHARS) {
                        (command("Send it again with curl", &visible(curl)))
                    }
                }
                ul.links {
                    @for case in &group.cases {
                        li {
                            (badge(case.verdict)) " "
                            a href={ "#" (anchor(&case.id)) } { (visible(&case.id)) }
                        }
                    }
                }
            }
        }
    }
}

fn not_judged(view: &View<'_>) -> Markup {
    if view.unjudged.is_empty() {
        return html! {};
    }
    html! {
        section.findings aria-labelledby="not-judged" {
            h2 #not-judged { "Not judged" span.count { (view.unjudged.len()) } }
            @for group in &view.unjudged {
                details.finding {
                    summary {
                        (badge(group.verdict))
                        span.headline { (visible(group.reason)) }
                        span.many { (count_of(group.cases.len(), "case")) }
                    }
                    div.body {
                        ul.links {
                            @for case in &group.cases {
                                li { a href={ "#" (anchor(&case.id)) } { (visible(&case.id)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The known failures, and why the run ended early.
fn known(view: &View<'_>) -> Markup {
    if view.known.is_empty() {
        return html! {};
    }
    html! {
        section.findings aria-labelledby="known" {
            h2 #known { "Known failures" span.count { (view.known.len()) } }
            dl.known {
                @for (label, text) in &view.known { dt { (label) } dd { (visible(text)) } }
            }
        }
    }
}

fn cases(view: &View<'_>) -> Markup {
    let phases: Vec<_> = view.phases().collect();
    html! {
        section aria-labelledby="cases" {
            h2 #cases tabindex="-1" { "Cases" span #shown.count aria-live="polite" { (view.record.cases.len()) } }
            (filters(view, &phases))
            p #nothing hidden { "No case matches these filters." }
            @for (phase, cases) in &phases {
                section.phase data-phase=(phase) {
                    h3 { (phase) span.count { (cases.len()) } }
                    @for case in cases { (row(view, case)) }
                }
            }
        }
    }
}

/// The filters. They need the script, and are hidden without it.
fn filters(view: &View<'_>, phases: &[(Phase, Vec<&CaseRecord>)]) -> Markup {
    let button = |name: &str, value: &str, count: usize| {
        html! {
            button type="button" aria-pressed="false" data-filter=(name) data-value=(value) {
                (value) span.n { (count) }
            }
        }
    };
    let levels = [Level::Must, Level::Should, Level::May];
    html! {
        form #filters role="search" hidden {
            label.search {
                span { "Search" }
                input #search type="search" autocomplete="off" spellcheck="false"
                    placeholder="id, title, requirement, code" aria-keyshortcuts="/";
                kbd aria-hidden="true" { "/" }
            }
            div.group role="group" aria-label="Verdict" {
                @for (verdict, count, _) in totals(view.record) {
                    @if count > 0 { (button("verdict", verdict.as_str(), count)) }
                }
            }
            div.group role="group" aria-label="Level" {
                @for level in levels {
                    @let count = view.record.cases.iter().filter(|c| c.shown_level() == level).count();
                    @if count > 0 { (button("level", &level.to_string(), count)) }
                }
            }
            div.group role="group" aria-label="Phase" {
                @for (phase, cases) in phases { (button("phase", phase.as_str(), cases.len())) }
            }
            button #cell type="button" aria-pressed="true" hidden {}
            button #reset type="button" { "Clear" }
        }
    }
}

/// A case id in the form that attributes and URLs need.
pub(super) fn anchor(id: &str) -> String {
    let mut anchor = String::from("case-");
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_./".contains(&byte) {
            anchor.push(char::from(byte));
        } else {
            use std::fmt::Write as _;
            let _ = write!(anchor, ":{byte:02x}");
        }
    }
    anchor
}

fn row(view: &View<'_>, case: &CaseRecord) -> Markup {
    let answer = case.actual.as_ref();
    html! {
        details.case id=(anchor(&case.id)) data-verdict=(case.verdict.as_str())
            data-level=(case.shown_level()) data-phase=(case.phase) data-cell=(heat::name(case)) {
            summary {
                (badge(case.verdict))
                span.level { (case.shown_level()) }
                span.name {
                    span.id { (visible(&case.id)) }
                    span.what { (visible(&case.title)) }
                    @if case.expected.is_some() { " " span.known { "known failure" } }
                }
                span.answer {
                    @match answer {
                        Some(actual) => {
                            (actual.status)
                            @if let Some(code) = &actual.code { " " span.code { (visible(code)) } }
                        }
                        None => "–",
                    }
                }
            }
            div.body { (explanation(view, case)) }
        }
    }
}

fn explanation(view: &View<'_>, case: &CaseRecord) -> Markup {
    let reading = Reading::new(case);
    let points: Vec<Option<Point>> = case.deviations.iter().map(|d| reading.point(d)).collect();
    let misreadings = view.misreadings(&reading);
    let replay = view.replay(case);
    html! {
        @for (deviation, point) in case.deviations.iter().zip(&points) {
            (required(case, deviation, point.as_ref()))
        }
        dl.facts {
            @if case.deviations.is_empty() {
                dt { "tests" } dd.ids { (visible(&case.requirements.join(", "))) }
            }
            @if !case.legal.is_empty() {
                dt { "legal" } dd { (visible(&case.legal.join("; or "))) }
            }
            @if let Some(made) = &case.made {
                dt { "client" } dd { (visible(made)) }
            }
            @if let Some(expected) = &case.expected {
                dt { "known" } dd { (visible(&expected.reason)) }
                @if let Some(issue) = &expected.issue { dt { "issue" } dd { (visible(issue)) } }
            }
            @if !case.note.is_empty() { dt { "note" } dd { (visible(&case.note)) } }
            @for misreading in &misreadings {
                dt { "clients" }
                dd {
                    (misreading.meaning)
                    ul.clients {
                        @for reader in &misreading.clients {
                            li { b { (reader.client) } " " span.version { (reader.version) } " " (reader.reads) }
                        }
                    }
                }
            }
        }
        @for (index, earlier) in case.earlier.iter().enumerate() {
            details.earlier {
                summary { "Earlier exchange, " (index + 1) " of " (case.earlier.len()) }
                (exchange(earlier, &[]))
            }
        }
        @if let Some(last) = &case.exchange { (exchange(last, &points)) }
        @if let Some(curl) = &case.curl {
            @let length = curl.chars().count();
            @if length <= COMMAND_CHARS {
                (command("Send it again with curl", &visible(curl)))
            } @else {
                p.quiet { "The curl command has " (length) " characters; the record has it as " code { "curl" } "." }
            }
        }
        @if let (Some(replay), Some(_)) = (&replay, &case.exchange) {
            (command(replay.title, &visible(&replay.command)))
            @if !replay.is_recorded {
                p.quiet { "After a run with " code { "--report ndjson=run.ndjson" } "." }
            }
        }
    }
}

fn required(case: &CaseRecord, deviation: &Deviation, point: Option<&Point>) -> Markup {
    html! {
        dl.required.(if deviation.level == Level::Must { "must" } else { "lesser" }) {
            dt { "required" }
            dd { span.level { (deviation.level) } " " (visible(&deviation.statement)) }
            dt { "source" }
            dd { (visible(&deviation.source)) " " span.ids { (visible(&deviation.requirement)) } }
            dt { "got" }
            dd { (visible(&deviation.found)) }
            @if let Some((point, message)) = point.and_then(|point| Some((point, point.message(case.exchange.as_ref()?)?))) {
                @if let Target::Body(range) = &point.target {
                    @let cut = excerpt(&message.bytes(), range, EXCERPT_WIDTH);
                    dt { "where" }
                    dd {
                        (visible(&point.label)) ", line " (cut.line) " of the body"
                        pre.excerpt tabindex="0" {
                            (cut.before) (marked(&cut.marked)) (cut.after)
                        }
                    }
                }
            }
        }
    }
}

fn marked(text: &str) -> Markup {
    html! { @if text.is_empty() { mark.missing { "‸" } } @else { mark { (text) } } }
}

fn exchange(exchange: &Exchange, points: &[Option<Point>]) -> Markup {
    html! {
        div.exchange {
            @if !exchange.request.start.is_empty() {
                (message("Request", &exchange.request, &targets(points, true)))
            }
            @match &exchange.response {
                Some(response) => (message("Response", response, &targets(points, false))),
                None => div { h4 { "Response" } p.quiet { "No response." } },
            }
        }
    }
}

/// The marked parts of the request, or of the response.
fn targets(points: &[Option<Point>], in_request: bool) -> Vec<&Target> {
    let points = points.iter().flatten();
    let points = points.filter(|point| point.in_request == in_request);
    points.map(|point| &point.target).collect()
}

fn message(name: &str, message: &Message, targets: &[&Target]) -> Markup {
    let targets = || targets.iter().copied();
    let is_line = targets().any(|target| matches!(target, Target::Line(_)));
    let header = |index| targets().any(|target| *target == Target::Header(index));
    let start = visible(&message.start);
    html! {
        div.message {
            h4 { (name) }
            pre tabindex="0" {
                span.start { @if is_line { (marked(&start)) } @else { (start) } } "\n"
                @for (index, (name, value)) in message.headers.iter().enumerate() {
                    @let value = visible(value);
                    span.header { (visible(name)) ": " @if header(index) { (marked(&value)) } @else { (value) } } "\n"
                }
                "\n"
                (body(message, targets()))
            }
        }
    }
}

/// The body with marks where it differs.
fn body<'p>(message: &Message, targets: impl Iterator<Item = &'p Target>) -> Markup {
    let bytes = message.bytes();
    let mut ranges: Vec<Range<usize>> = targets
        .filter_map(|target| match target {
            Target::Body(range) => Some(range.clone()),
            _ => None,
        })
        .collect();
    ranges.sort_by_key(|range| (range.start, range.end));
    // A long body is truncated after the last mark.
    let last = ranges.last().map_or(0, |range| range.end);
    let shown = bytes.len().min(BODY_BYTES.max(last.saturating_add(200)));
    let cut = |from: usize, until: usize| {
        visible_bytes(bytes.get(from..until.max(from)).unwrap_or_default())
    };
    let mut at = 0;
    let mut pieces: Vec<(String, Option<String>)> = Vec::new();
    for range in ranges.iter().filter(|range| range.end <= shown) {
        // A mark inside another one is part of it.
        if range.start >= at {
            pieces.push((cut(at, range.start), Some(cut(range.start, range.end))));
            at = range.end;
        }
    }
    pieces.push((cut(at, shown), None));
    html! {
        @for (plain, mark) in &pieces {
            (plain) @if let Some(mark) = mark { (marked(mark)) }
        }
        @if shown < bytes.len() {
            span.quiet { "\n... and " (bytes.len() - shown) " more bytes; the record has all of them" }
        }
    }
}

fn command(title: &str, text: &str) -> Markup {
    html! {
        div.command {
            h4 { (title) }
            pre tabindex="0" { (text) }
            button.copy type="button" hidden { "Copy" }
        }
    }
}
