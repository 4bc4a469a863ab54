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

It is no ranking. The cases are about `CreateIpamPolicy`, a young action: a server without it is not wrong, and most of its cases are unimplemented. Every case counts in the total, whatever became of it. [The README](../README.md#a-tour) says what the verdicts mean, [the catalogue](catalogue.md) on what evidence each requirement stands.

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
    let mut printed = String::new();
    let (mut unchecked, mut doubtful) = (Vec::new(), Vec::new());
    for finding in &judged.findings {
        let entries: Vec<(&str, &Checked)> = checked
            .iter()
            .filter_map(|entry| Some((entry.case_of(result, finding)?, entry)))
            .collect();
        let doubted = |(_, entry): &(&str, &Checked)| entry.verdict == Judgement::Doubtful;
        if entries.iter().any(doubted) {
            doubtful.push(finding);
        } else if entries.is_empty() {
            unchecked.push(finding);
        } else {
            found(&mut printed, finding, &entries);
        }
    }
    if !printed.is_empty() {
        page.push_str("| level | finding | cases | checked by hand |\n|---|---|--:|---|\n");
        page.push_str(&printed);
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

/// A finding's row.
fn found(page: &mut String, finding: &Finding, entries: &[(&str, &Checked)]) {
    let level = match finding.verdict {
        Verdict::Fail => "must",
        _ => "should",
    };
    let answers: Vec<String> = entries
        .iter()
        .map(|(case, entry)| format!("`{case}`: {}", text(&entry.answer)))
        .collect();
    let _ = writeln!(
        page,
        "| {level} | {} | {} | {} |",
        text(&finding.headline),
        finding.cases.len(),
        answers.join("; ")
    );
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
