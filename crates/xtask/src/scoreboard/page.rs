//! `docs/scoreboard.md`.

use super::checked::{Checked, Judgement};
use super::result::{Judged, Outcome, ServerResult};
use super::table::Server;
use crate::catalogue::text;
use ec2wire_conformance::Verdict;
use ec2wire_conformance::report::Finding;
use std::fmt::Write as _;

const HEAD: &str = "\
# Scoreboard

<!-- Made by `cargo xtask scoreboard` from the files in crates/xtask/scoreboard. -->

What EC2 emulators that people use answer to the cases. `cargo xtask scoreboard` installs them, starts each on loopback and runs `ec2wire verify server` against it.

It is no ranking. The cases of the table are about IPAM policies, young actions of EC2: a server without them is not wrong. It fails the one case that asks whether it has the action, and most others are unimplemented. Every case counts in the total, whatever became of it. Below, each server is also judged by what holds for every action, with some that all of them have (`actions` in `servers.toml`). [The README](../README.md) says what the verdicts mean, [the catalogue](catalogue.md) on what evidence each requirement stands.

";

/// The page, of the servers that there is a result of.
pub(super) fn render(servers: &[Server], results: &[ServerResult], checked: &[Checked]) -> String {
    let mut page = HEAD.to_owned();
    page.push_str(
        "| server | version | judged | cases | passed | failed | warned | unimplemented | not run |\n\
         |---|---|---|--:|--:|--:|--:|--:|--:|\n",
    );
    let known: Vec<(&Server, &ServerResult)> = servers
        .iter()
        .filter_map(|server| {
            let result = results.iter().find(|result| result.server == server.name);
            result.map(|result| (server, result))
        })
        .collect();
    for (server, result) in &known {
        row(&mut page, server, result);
    }
    for (server, result) in &known {
        if let Outcome::Judged(judged) = &result.outcome {
            section(&mut page, server, result, judged, checked);
        }
    }
    page.push_str(
        "\n## How a finding gets here\n\n\
         A false accusation is worse than a bug that is missed. So each finding above was looked at \
         by hand: a request of one of its cases was sent with curl, and the bytes that came were \
         compared with what the requirement's source says. The last column says what was seen. A \
         finding that was not yet looked at is only counted, and so is one whose version is another \
         than the one that was. `crates/xtask/scoreboard/checked.toml` has the list.\n",
    );
    page
}

fn row(page: &mut String, server: &Server, result: &ServerResult) {
    let date = &result.date;
    let name = &server.name;
    match &result.outcome {
        Outcome::Judged(Judged {
            packages, summary, ..
        }) => {
            let version = packages.first().map_or("", |package| &package.version);
            let _ = writeln!(
                page,
                "| [{name}](#{name}) | {} | {date} | {} | {} | {} | {} | {} | {} |",
                text(version),
                summary.total,
                summary.pass,
                summary.fail,
                summary.warn,
                summary.unimplemented,
                summary.not_run
            );
        }
        Outcome::Absent(why) => {
            let _ = writeln!(
                page,
                "| [{name}]({}) | {} | {date} | not judged: it {} | | | | | |",
                server.home,
                text(&server.version),
                text(why)
            );
        }
    }
}

fn section(
    page: &mut String,
    server: &Server,
    result: &ServerResult,
    judged: &Judged,
    checked: &[Checked],
) {
    let packages: Vec<String> = judged.packages.iter().map(ToString::to_string).collect();
    let _ = write!(
        page,
        "\n## {}\n\n[{}]({}), {}. {} Judged by ec2wire {}.\n\n",
        server.name,
        server.name,
        server.home,
        text(&packages.join(", ")),
        text(&server.note),
        text(&judged.ec2wire)
    );
    findings(page, result, judged, checked);
    if let Some(actions) = &result.actions {
        let _ = write!(page, "\n**Other actions**: {}.\n\n", actions.in_short());
        findings(page, result, actions, checked);
    }
}

/// What was not run, and what was found.
fn findings(page: &mut String, result: &ServerResult, judged: &Judged, checked: &[Checked]) {
    if judged.summary.unreachable {
        page.push_str("It died while it was judged; what had not been sent is not run.\n\n");
    }
    for gap in &judged.gaps {
        let _ = writeln!(
            page,
            "- {} {}: {}",
            count(gap.cases, "case"),
            match gap.verdict {
                Verdict::Unimplemented => "unimplemented",
                _ => "not run",
            },
            text(&gap.reason)
        );
    }
    if !judged.gaps.is_empty() {
        page.push('\n');
    }
    let mut rows: Vec<Row<'_>> = Vec::new();
    let (mut unchecked, mut doubtful) = (Vec::new(), Vec::new());
    for finding in &judged.findings {
        let about = |(at, entry): (usize, _)| Checked::case_of(entry, result, finding).map(|_| at);
        let mut entries = checked.iter().enumerate().filter_map(about).peekable();
        let Some(first) = entries.peek().copied() else {
            unchecked.push(finding);
            continue;
        };
        let doubted =
            |at: usize| checked.get(at).map(|entry| entry.verdict) == Some(Judgement::Doubtful);
        if entries.any(doubted) {
            doubtful.push(finding);
            continue;
        }
        // What one request showed is told once, though the reports have it under several headlines.
        match rows.iter_mut().find(|row| row.entry == first) {
            Some(row) => row.findings.push(finding),
            None => rows.push(Row {
                entry: first,
                findings: vec![finding],
            }),
        }
    }
    if !rows.is_empty() {
        page.push_str("| level | finding | cases | checked by hand |\n|---|---|---|---|\n");
        for row in &rows {
            let entry = checked.get(row.entry);
            row.write(page, entry.map_or("", |entry| entry.answer.as_str()));
        }
        page.push('\n');
    }
    match (
        judged.findings.is_empty(),
        unchecked.is_empty() && doubtful.is_empty(),
    ) {
        (true, _) => page.push_str("Nothing was found.\n"),
        (false, true) => page.push_str("All findings were checked by hand.\n"),
        (false, false) => {
            let _ = writeln!(
                page,
                "Not printed: {} that {} not yet checked by hand, and {} that {} doubtful.",
                of_cases(&unchecked),
                is_or_are(unchecked.len()),
                of_cases(&doubtful),
                is_or_are(doubtful.len()),
            );
        }
    }
}

/// Findings that the same check confirmed.
struct Row<'r> {
    /// The check's place in the list.
    entry: usize,
    findings: Vec<&'r Finding>,
}

impl Row<'_> {
    fn write(&self, page: &mut String, answer: &str) {
        let fails = self.findings.iter().any(|f| f.verdict == Verdict::Fail);
        let level = if fails { "must" } else { "should" };
        let mut headlines: Vec<String> = Vec::new();
        for finding in &self.findings {
            let headline = plain(&finding.headline);
            if !headlines.contains(&headline) {
                headlines.push(headline);
            }
        }
        let cases: Vec<&String> = self.findings.iter().flat_map(|f| &f.cases).collect();
        let first = cases.first().map_or("", |case| case.as_str());
        let more = match cases.len() {
            0 | 1 => String::new(),
            number => format!(" and {} more", number - 1),
        };
        let _ = writeln!(
            page,
            "| {level} | {} | `{first}`{more} | {} |",
            headlines.join("<br>"),
            plain(answer)
        );
    }
}

/// A text that may have references to characters in it, which are to be seen.
fn plain(shown: &str) -> String {
    text(shown).replace('&', "\\&")
}

/// `2 findings (5 cases)`.
fn of_cases(findings: &[&Finding]) -> String {
    match findings.len() {
        0 => "none".to_owned(),
        number => {
            let cases = findings.iter().map(|finding| finding.cases.len()).sum();
            format!("{} ({})", count(number, "finding"), count(cases, "case"))
        }
    }
}

fn is_or_are(number: usize) -> &'static str {
    if number > 1 { "are" } else { "is" }
}

fn count(number: usize, thing: &str) -> String {
    match number {
        1 => format!("1 {thing}"),
        _ => format!("{number} {thing}s"),
    }
}
