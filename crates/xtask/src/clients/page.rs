//! `docs/clients.md`.

use super::results::{Check, Finding, Results};
use super::{Client, Outcome, checked, clients, results};
use ec2wire_conformance::record::Expected;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// A client with what was found of it.
struct Judged {
    client: Client,
    results: Results,
}

/// The page, from the stored results.
///
/// Fails where a finding was checked by nobody, and where a check fits no finding any more.
pub(crate) fn page(root: &Path) -> Outcome<String> {
    let (judged, checks) = read(root)?;
    let mut out = String::from(HEAD);
    totals(&mut out, &judged)?;
    sends(&mut out, &judged)?;
    matrix(&mut out, &judged)?;
    made(&mut out, &judged)?;
    explained(&mut out, &judged, &checks)?;
    Ok(out)
}

/// What is stored of the clients that were judged, and the checks; they fit each other.
fn read(root: &Path) -> Outcome<(Vec<Judged>, Vec<Check>)> {
    let mut judged = Vec::new();
    for client in clients(root)? {
        if let Some(results) = results(root, &client)? {
            judged.push(Judged { client, results });
        }
    }
    let checks = checked(root)?.check;
    check(&judged, &checks)?;
    Ok((judged, checks))
}

/// The lists of known failures, one a client that has some: each case with what the bytes show.
pub(crate) fn known(root: &Path) -> Outcome<Vec<(String, String)>> {
    #[derive(Serialize)]
    struct List {
        expect: Vec<Expected>,
    }
    let (judged, checks) = read(root)?;
    let mut files = Vec::new();
    for Judged { client, results } in judged {
        let mut expect: Vec<Expected> = Vec::new();
        let binding = results.finding.iter().filter(|f| f.level == "must");
        for finding in binding {
            let is_told = expect.iter().any(|known| known.glob == finding.case);
            let is_of = |c: &&Check| c.is_of(&client.name, &results.version, finding);
            let check = checks.iter().find(is_of);
            if let (false, Some(check)) = (is_told, check) {
                expect.push(Expected {
                    glob: finding.case.clone(),
                    reason: check.saw.clone(),
                    issue: None,
                    version: Some(results.version.clone()),
                });
            }
        }
        if !expect.is_empty() {
            let text = toml::to_string(&List { expect })?;
            let text = format!("# Written by `cargo xtask clients`.\n\n{text}");
            files.push((format!("adapters/known/{}.toml", client.name), text));
        }
    }
    Ok(files)
}

const HEAD: &str = "\
# What real clients do

<!-- Written by `cargo xtask clients`. The results are in adapters/results, what was seen in the
bytes in adapters/checked.toml. -->

Each client was told by its adapter in [`adapters/`](../adapters) to make the calls of `ec2wire verify client`, and answered as the cases have it. What it broke was then looked up in the bytes of the record, by hand; the last section says what they show. [For authors of clients](client-authors.md) says how to do that with your own.

A finding is about the version that is named and the retries that its adapter sets. It is none about EC2: several of these answers EC2 is not known to give.
";

/// Whether the findings and the checks fit each other.
fn check(judged: &[Judged], checks: &[Check]) -> Outcome<()> {
    let mut wrong = Vec::new();
    for Judged { client, results } in judged {
        for finding in &results.finding {
            if !checks
                .iter()
                .any(|check| check.is_of(&client.name, &results.version, finding))
            {
                wrong.push(format!(
                    "nobody checked {}: {} [{}]: {}",
                    client.name, finding.case, finding.requirement, finding.found
                ));
            }
        }
    }
    for check in checks {
        let fits = judged.iter().any(|Judged { client, results }| {
            let mut findings = results.finding.iter();
            findings.any(|finding| check.is_of(&client.name, &results.version, finding))
        });
        if !fits {
            let Check {
                client,
                cases,
                requirement,
                ..
            } = check;
            wrong.push(format!("no finding fits {client}: {cases} [{requirement}]"));
        }
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(format!("adapters/checked.toml:\n{}", wrong.join("\n")).into())
    }
}

fn totals(out: &mut String, judged: &[Judged]) -> Outcome<()> {
    writeln!(out, "\n## The clients\n")?;
    writeln!(out, "| | version | cases | passed | failed | warned |")?;
    writeln!(out, "|---|---|--:|--:|--:|--:|")?;
    for Judged { client, results } in judged {
        let Results {
            version,
            cases,
            pass,
            fail,
            warn,
            ..
        } = results;
        let title = &client.title;
        writeln!(
            out,
            "| {title} | {} | {cases} | {pass} | {fail} | {warn} |",
            cell(version)
        )?;
    }
    Ok(())
}

/// The head of a table with a column a client.
fn head(out: &mut String, first: &str, judged: &[Judged]) -> Outcome<()> {
    write!(out, "| {first} |")?;
    for Judged { client, .. } in judged {
        write!(out, " {} |", client.name)?;
    }
    writeln!(out, "\n|---|{}", "---|".repeat(judged.len()))?;
    Ok(())
}

fn sends(out: &mut String, judged: &[Judged]) -> Outcome<()> {
    writeln!(
        out,
        "\n## What they send\n\nAll of this is legal, but for gaps between the numbers of a list.\n"
    )?;
    head(out, "", judged)?;
    let Some(first) = judged.first() else {
        return Ok(());
    };
    for (row, (what, _)) in first.results.sends.rows().into_iter().enumerate() {
        write!(out, "| {what} |")?;
        for Judged { results, .. } in judged {
            let rows = results.sends.rows();
            let way = rows.get(row).map_or("", |(_, way)| way);
            write!(out, " {} |", code(way))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn matrix(out: &mut String, judged: &[Judged]) -> Outcome<()> {
    writeln!(out, "\n## What they break\n")?;
    writeln!(
        out,
        "Cases that some client does not pass; all others all of them pass. **fail** is a must that is broken, warn a should.\n"
    )?;
    // By requirement, in the order of the cases.
    let mut rows: Vec<(&str, &str)> = Vec::new();
    let mut statements: BTreeMap<&str, &str> = BTreeMap::new();
    for finding in judged.iter().flat_map(|judged| &judged.results.finding) {
        let row = (finding.requirement.as_str(), finding.case.as_str());
        statements.insert(&finding.requirement, &finding.statement);
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    let mut requirements: Vec<&str> = Vec::new();
    for (requirement, _) in &rows {
        if !requirements.contains(requirement) {
            requirements.push(requirement);
        }
    }
    for requirement in requirements {
        let statement = statements.get(requirement).copied().unwrap_or_default();
        writeln!(out, "### {statement}\n\n`{requirement}`\n")?;
        head(out, "case", judged)?;
        // Cases of which the same is to be said share a row.
        let mut grouped: Vec<(Vec<&str>, Vec<&str>)> = Vec::new();
        for (_, case) in rows.iter().filter(|(known, _)| *known == requirement) {
            let marks = judged.iter().map(|Judged { results, .. }| {
                let mut findings = results.finding.iter();
                let found = findings.find(|f| f.requirement == requirement && f.case == *case);
                found.map_or("", mark)
            });
            let marks: Vec<&str> = marks.collect();
            match grouped.iter_mut().find(|(known, _)| *known == marks) {
                Some((_, cases)) => cases.push(short(case)),
                None => grouped.push((marks, vec![short(case)])),
            }
        }
        for (marks, cases) in grouped {
            writeln!(out, "| {} | {} |", cases.join(", "), marks.join(" | "))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

const fn mark(finding: &Finding) -> &'static str {
    // Levels are `must` and `should` here.
    if finding.level.len() == 4 {
        "**fail**"
    } else {
        "warn"
    }
}

/// What each makes of answers of which little is required, or where it may try again.
fn made(out: &mut String, judged: &[Judged]) -> Outcome<()> {
    writeln!(
        out,
        "## What they make of the rest\n\nOf failures, of what is not established, and where a call may be sent again.\n"
    )?;
    head(out, "answer", judged)?;
    let cases = judged.iter().flat_map(|judged| judged.results.made.keys());
    let mut cases: Vec<&String> = cases.collect();
    cases.sort();
    cases.dedup();
    for case in cases {
        write!(out, "| {} |", short(case))?;
        for Judged { results, .. } in judged {
            let made = results.made.get(case).map_or("-", String::as_str);
            // What comes behind the code is in the results, and so are the members.
            let made = match made.split_once(", {") {
                Some((success, "}")) => format!("{success} without members"),
                Some((success, _)) => success.to_owned(),
                None => made.split(": ").next().unwrap_or(made).to_owned(),
            };
            write!(out, " {} |", cell(&made))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn explained(out: &mut String, judged: &[Judged], checks: &[Check]) -> Outcome<()> {
    writeln!(out, "\n## What the bytes show\n")?;
    for Judged { client, .. } in judged {
        let own: Vec<&Check> = checks
            .iter()
            .filter(|check| check.client == client.name)
            .collect();
        if own.is_empty() {
            continue;
        }
        writeln!(out, "### {}\n", client.title)?;
        for check in own {
            writeln!(out, "- `{}`: {}", short(&check.cases), check.saw)?;
        }
        writeln!(out)?;
    }
    // One line break ends the page.
    let end = out.trim_end().len();
    out.truncate(end);
    out.push('\n');
    Ok(())
}

fn short(case: &str) -> &str {
    case.strip_prefix("create-ipam-policy/").unwrap_or(case)
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}

fn code(text: &str) -> String {
    if text.contains('`') || text.is_empty() {
        cell(text)
    } else {
        format!("`{}`", text.replace('|', "\\|"))
    }
}
