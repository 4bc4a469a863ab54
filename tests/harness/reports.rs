//! Reports: what they say about a wrong server, that they are well-formed, and that no response
//! becomes markup.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may fail"
)]

use crate::common::wrong_server;
use ec2wire_conformance::record::{
    CaseRecord, Deviation, Difference, Exchange, Expected, Message, RunRecord,
};
use ec2wire_conformance::report::diff::RunDiff;
use ec2wire_conformance::report::terminal::{self, Detail, Layout};
use ec2wire_conformance::report::{self, Format, Settings};
use ec2wire_conformance::{Level, Verdict};
use ec2wire_test_support::snapshots;
use roxmltree::{Document, Node};

fn settings() -> Settings {
    Settings {
        record_path: Some("run.ndjson".into()),
    }
}

fn rendered(format: Format, record: &RunRecord) -> String {
    let mut text = Vec::new();
    report::write(format, &mut text, record, &settings()).unwrap();
    String::from_utf8(text).unwrap()
}

fn on_terminal(record: &RunRecord, width: usize, verbose: bool) -> String {
    let mut text = Vec::new();
    let detail = if verbose {
        Detail::All
    } else {
        Detail::Findings
    };
    let layout = Layout { width, detail };
    terminal::write(&mut text, record, &settings(), layout).unwrap();
    without_styles(&String::from_utf8(text).unwrap())
}

fn without_styles(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once('m').unwrap().1);
    }
    plain
}

#[tokio::test]
async fn a_wrong_server_is_explained_in_every_form() {
    let record = wrong_server::record().await;
    let _area = snapshots::area("reports");
    for width in [80, 200] {
        let text = on_terminal(&record, width, false);
        insta::assert_snapshot!(format!("terminal-{width}"), text);
    }
    insta::assert_snapshot!("markdown", rendered(Format::Markdown, &record));
    let junit = rendered(Format::Junit, &record);
    check_junit(&junit, &record);
    insta::assert_snapshot!("junit", junit);
}

#[tokio::test]
async fn fields_fit_the_terminal() {
    let record = wrong_server::record().await;
    for width in [40, 80] {
        let text = on_terminal(&record, width, false);
        // Commands and messages are not wrapped, so that they can be copied.
        let fields = text.lines().filter(|line| {
            [
                "  required",
                "  source",
                "  got",
                "  legal",
                "  where",
                "            ",
            ]
            .iter()
            .any(|label| line.starts_with(label))
        });
        for line in fields {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
    }
    let verbose = on_terminal(&record, 80, true);
    for case in &record.cases {
        let blamed = matches!(case.verdict, Verdict::Fail | Verdict::Warn);
        let shown = verbose.contains(&format!("replay run.ndjson {}\n", case.id))
            || verbose.contains(&format!("replay run.ndjson '{}'\n", case.id));
        assert_eq!(shown, blamed, "{}", case.id);
    }
}

/// The findings of a Markdown report: each headline, and the cases below it.
fn findings(record: &RunRecord) -> Vec<(String, Vec<String>)> {
    let mut findings: Vec<(String, Vec<String>)> = Vec::new();
    let text = rendered(Format::Markdown, record);
    let text = text.split("#### Not judged").next().unwrap();
    for line in text.lines() {
        if let Some(headline) = line.strip_prefix("<details><summary>") {
            findings.push((headline.to_owned(), Vec::new()));
        } else if let (Some(case), Some((_, cases))) =
            (line.strip_prefix("- "), findings.last_mut())
        {
            cases.push(case.replace('`', "").trim_end().to_owned());
        }
    }
    findings
}

#[tokio::test]
async fn one_cause_is_one_headline() {
    let mut record = wrong_server::record().await;
    let shown = |record: &RunRecord| {
        let lines = findings(record)
            .into_iter()
            .map(|(headline, cases)| format!("{headline}\n    {}\n", cases.join("\n    ")));
        lines.collect::<String>()
    };
    {
        let _area = snapshots::area("reports");
        insta::assert_snapshot!("groups", shown(&record));
    }
    let headline = "DryRun is ignored";
    assert!(shown(&record).contains(headline));
    // A server that passes one dry run supports them, so the other failures have another cause.
    for case in &mut record.cases {
        if case.id.ends_with("dry-run/with-tags") {
            case.verdict = Verdict::Pass;
            case.deviations.clear();
        }
    }
    assert!(!shown(&record).contains(headline), "{}", shown(&record));
}

#[tokio::test]
async fn every_failure_is_in_exactly_its_own_group() {
    let mut record = wrong_server::record().await;
    // Two failures with different responses, one that breaks two requirements, one like the first.
    let arn = with_wrong_arn(&record);
    for (id, got) in [
        ("mine/a", "another"),
        ("mine/b", "a third"),
        ("mine/c", "another"),
    ] {
        let mut case = arn.clone();
        id.clone_into(&mut case.id);
        let difference = case.deviations[0].difference.as_mut().unwrap();
        difference.got = Some(got.into());
        record.cases.push(case);
    }
    let mut other = arn.clone();
    "mine/e".clone_into(&mut other.id);
    other.deviations[0].difference.as_mut().unwrap().wanted = "another wish".into();
    record.cases.push(other);
    let mut both = arn.clone();
    "mine/d".clone_into(&mut both.id);
    both.deviations
        .push(deviation("response-owner", Level::Must, "x"));
    record.cases.push(both);
    let groups = findings(&record);
    let mut ids: Vec<&str> = groups
        .iter()
        .flat_map(|(_, cases)| cases)
        .map(|case| case.split_whitespace().nth(1).unwrap())
        .collect();
    let mut blamed: Vec<&str> = record
        .cases
        .iter()
        .filter(|case| matches!(case.verdict, Verdict::Fail | Verdict::Warn))
        .map(|case| case.id.as_str())
        .collect();
    ids.sort_unstable();
    blamed.sort_unstable();
    assert_eq!(ids, blamed);
    let with = |id: &str| {
        let group = groups
            .iter()
            .find(|(_, cases)| cases.iter().any(|case| case.contains(id)));
        group.unwrap().1.len()
    };
    assert_eq!(
        [
            with("mine/a"),
            with("mine/b"),
            with("mine/d"),
            with("mine/e")
        ],
        [2, 1, 1, 1]
    );
}

/// The case that found a wrong ARN.
fn with_wrong_arn(record: &RunRecord) -> CaseRecord {
    let mut cases = record.cases.iter();
    let found = cases.find(|case| case.id.ends_with("response/arn"));
    found.unwrap().clone()
}

/// Copies of the case whose first difference is what `found` says, each with an id of its own.
fn copies(case: &CaseRecord, found: &[(&str, &str)]) -> Vec<CaseRecord> {
    let copy = |(index, (got, wanted)): (usize, &(&str, &str))| {
        let mut case = case.clone();
        case.id = format!("mine/{index}");
        case.deviations.truncate(1);
        let deviation = &mut case.deviations[0];
        let difference = deviation.difference.as_mut().unwrap();
        (difference.got, difference.wanted) = (Some((*got).into()), (*wanted).into());
        case
    };
    found.iter().enumerate().map(copy).collect()
}

#[tokio::test]
async fn what_limits_the_counts_is_told_in_every_form() {
    let mut record = wrong_server::record().await;
    record.summary.waited_for_answers = 3;
    record.summary.busy = 2;
    record.summary.endless = vec!["DescribeIpamPolicies".into()];
    record.summary.harness_faults = 1;
    record.summary.unreachable = true;
    for remark in [
        "2 cases not run because the server was busy",
        "he listing of DescribeIpamPolicies has no end",
        "he subject was unreachable or died",
        "3 long waits for an answer; after that, the run waited only briefly",
        "1 fault in the harness itself; see the notes",
    ] {
        assert!(on_terminal(&record, 80, false).contains(remark), "{remark}");
        for format in [Format::Markdown, Format::Html] {
            let report = rendered(format, &record);
            assert!(report.contains(remark), "{remark}: {report}");
        }
    }
}

#[tokio::test]
async fn what_differs_only_in_ids_times_and_ports_is_one_finding() {
    let mut record = wrong_server::record().await;
    let arn = with_wrong_arn(&record);
    for (found, groups) in [
        // Request ids that no two servers write alike, as moto has them.
        (
            [
                ("VA0ZNPtuCunNVNIrq3CLMNxYlTGVD5BRF7TS18EPgSW9jCOKplsr", "x"),
                ("mSFrum9zRGnmFb4KIo467YHs10bHAQN7Jr6me6SzQoJ6zAIaNnjK", "x"),
            ],
            1,
        ),
        (
            [
                ("vol-0c483c84d5f6fe961", "vol-2efae5b4ff61c7fe1"),
                ("i-8e39cc1763a20d0a8", "i-5ca324323985e5493"),
            ],
            1,
        ),
        (
            [
                ("2026-11-29T11:18:25.107Z at 127.0.0.1:4566", "x"),
                ("2025-01-02T03:04:05Z at 127.0.0.1:80", "x"),
            ],
            1,
        ),
        ([("text/xml", "x"), ("text/html", "x")], 2),
    ] {
        record.cases = copies(&arn, &found);
        assert_eq!(findings(&record).len(), groups, "{found:?}");
    }
}

#[tokio::test]
async fn twenty_findings_fit_a_page() {
    let mut record = wrong_server::record().await;
    let passes = record.cases.iter().find(|c| c.verdict == Verdict::Pass);
    let passes = passes.unwrap().clone();
    let blamed = with_wrong_arn(&record);
    let words: Vec<String> = ('a'..='t').map(|c| format!("the {c}")).collect();
    let found: Vec<(&str, &str)> = words.iter().map(|word| (word.as_str(), "x")).collect();
    record.cases = copies(&blamed, &found);
    let code = |index: usize| format!("InvalidIpamPolicyIdentifier.NotFound{index}");
    for (index, case) in record.cases.iter_mut().enumerate() {
        case.actual.as_mut().unwrap().code = Some(code(index));
    }
    // The widest finding is the last one of the record.
    let mut wide = record.cases[19].clone();
    "mine/wide".clone_into(&mut wide.id);
    record.cases.extend([wide, passes.clone()]);
    for reason in ["one", "two", "three", "four", "five"] {
        let mut case = passes.clone();
        case.id = format!("mine/{reason}");
        (case.verdict, case.note) = (Verdict::NotRun, reason.repeat(50));
        record.cases.push(case);
    }
    record = RunRecord::from_cases(record.run, record.cases);
    for width in [80, 200] {
        let shown = on_terminal(&record, width, false);
        assert!(shown.lines().count() <= 60, "{width}: {shown}");
        assert!(!shown.contains(&passes.id), "{shown}");
        let order = |text: &str| shown.find(text).unwrap();
        assert!(order("mine/19 and 1 more") < order("mine/0"), "{shown}");
        for index in 0..20 {
            let at = format!("{}  mine/{index}", code(index));
            assert!(shown.contains(&at), "{width}: {at}");
        }
        let all = on_terminal(&record, width, true);
        assert!(
            all.contains(&format!("pass     must    {}", passes.id)),
            "{all}"
        );
        let table = all.split("-----").next().unwrap();
        assert!((0..20).all(|index| table.contains(&code(index))), "{table}");
    }
    // The terminal splits lines that are too long for it.
    record.summary.busy = 7;
    record.summary.endless = vec!["DescribeVpcs".into(), "DescribeSubnets".into()];
    let narrow = on_terminal(&record, 40, false);
    let rows = narrow
        .lines()
        .map(|line| line.chars().count().div_ceil(40).max(1));
    assert!(rows.sum::<usize>() <= 60, "{narrow}");
    record.summary.busy = 0;
    record.summary.endless.clear();
    let mut totals = Vec::new();
    let layout = Layout {
        width: 80,
        detail: Detail::Totals,
    };
    terminal::write(&mut totals, &record, &settings(), layout).unwrap();
    let totals = without_styles(&String::from_utf8(totals).unwrap());
    assert!(totals.starts_with("            "), "{totals}");
    assert!(
        totals.ends_with("\n\n27 cases: 1 passed, 21 failed, 5 not run in 0.00 s\n"),
        "{totals}"
    );
}

#[tokio::test]
async fn one_finding_is_explained_in_full() {
    let mut record = wrong_server::record().await;
    record
        .cases
        .retain(|case| case.id.ends_with("response/arn"));
    record = RunRecord::from_cases(record.run, record.cases);
    let shown = on_terminal(&record, 80, false);
    for part in ["  required  must: ", "  source    ", "  again     curl "] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(shown.lines().count() <= 60, "{shown}");
}

fn deviation(requirement: &str, level: Level, found: &str) -> Deviation {
    Deviation {
        requirement: requirement.into(),
        level,
        statement: "it is so".into(),
        source: "somewhere".into(),
        found: found.into(),
        difference: Some(Difference {
            at: "ipamPolicy.ownerId".into(),
            wanted: "y".into(),
            got: Some(found.into()),
            exact: false,
        }),
    }
}

/// Texts that, unescaped, would be markup, script, or invalid in XML.
const HOSTILE: [&str; 12] = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\" onmouseover=\"alert(1)",
    "' onfocus='alert(1)",
    "</pre></details></body>",
    "<!--",
    "]]>",
    "&lt;script&gt;",
    "\u{2028}\u{2029}\u{202E}\u{0}\u{1}\u{1b}[2J\u{FFFE}\u{FFFF}\u{7F}\u{85}\u{9B}2J\u{2066}\u{200B}\u{FEFF}",
    "```\n</details>\n# heading @somebody",
    "javascript:alert(1)",
    "</style><style>*{display:none}",
];

/// A record with hostile text in every place that a server controls.
fn hostile(mut record: RunRecord) -> RunRecord {
    let all = HOSTILE.join(" ");
    for case in &mut record.cases {
        case.note.clone_from(&all);
        case.id = format!("{}/{all}", case.id);
        case.title.clone_from(&all);
        case.curl = Some(all.clone());
        for deviation in &mut case.deviations {
            deviation.found.clone_from(&all);
            deviation.requirement.clone_from(&all);
            deviation.source.clone_from(&all);
            if let Some(difference) = &mut deviation.difference {
                difference.at = format!("@header:{all}").into();
                difference.got = Some(all.clone());
            }
        }
        if let Some(actual) = &mut case.actual {
            actual.code = Some(all.clone());
        }
        let message = || Message {
            start: format!("HTTP/1.1 200 {all}"),
            headers: vec![(all.clone(), all.clone())],
            body: all.clone(),
            ..Message::default()
        };
        case.exchange = Some(Exchange {
            request: message(),
            response: Some(message()),
        });
        case.earlier = vec![case.exchange.clone().unwrap()];
    }
    record.run.endpoint.clone_from(&all);
    record.run.ipam.clone_from(&all);
    record
}

/// Every start tag of a page, with the names of its attributes. Like a browser, it finds no tags
/// between quotes, and ends script and style only at their end tag.
fn start_tags(page: &str) -> Vec<(String, Vec<String>)> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let (mut end, mut quote) = (rest.len(), None);
        for (index, c) in rest.char_indices() {
            match (quote, c) {
                (None, '"' | '\'') => quote = Some(c),
                (Some(open), c) if open == c => quote = None,
                (None, '>') => {
                    end = index;
                    break;
                }
                _ => {}
            }
        }
        let tag = &rest[..end];
        rest = &rest[end..];
        let mut outside = String::new();
        for (index, part) in tag.split('"').enumerate() {
            outside.push_str(if index % 2 == 0 { part } else { "\"\"" });
        }
        let mut words = outside.split_whitespace().map(str::to_owned);
        let name = words.next().unwrap();
        if name == "script" || name == "style" {
            rest = &rest[rest.find(&format!("</{name}>")).unwrap()..];
        }
        let names = words.map(|word| word.split('=').next().unwrap().to_owned());
        tags.push((name, names.collect()));
    }
    tags
}

#[tokio::test]
async fn no_response_becomes_markup() {
    let record = wrong_server::record().await;
    let plain = rendered(Format::Html, &record);
    let page = rendered(Format::Html, &hostile(record.clone()));
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(page.matches("</script").count(), 1);
    assert_eq!(page.matches("</style").count(), 1);
    let known = [
        "html", "head", "meta", "title", "style", "body", "a", "header", "main", "div", "h1", "h2",
        "h3", "h4", "span", "button", "p", "strong", "b", "ul", "li", "svg", "rect", "section",
        "details", "summary", "form", "label", "input", "kbd", "dl", "dt", "dd", "pre", "mark",
        "code", "script", "table", "thead", "tbody", "tr", "th", "td",
    ];
    for text in [&plain, &page] {
        for (name, attributes) in start_tags(text) {
            assert!(known.contains(&name.as_str()), "<{name}>");
            for attribute in attributes {
                assert!(!attribute.starts_with("on"), "<{name} {attribute}>");
                assert_ne!(attribute, "src");
                assert_ne!(attribute, "style");
            }
        }
        // Links lead only to places in the page itself.
        assert!(
            !text.contains("href=\"")
                || text.split("href=\"").skip(1).all(|to| to.starts_with('#'))
        );
        assert!(text.contains("default-src 'none'"));
    }
    for c in ['\u{0}', '\u{1b}', '\u{2028}', '\u{202E}', '\u{FFFE}'] {
        // The last one is legal in HTML and has no visible form.
        assert!(c == '\u{FFFE}' || !page.contains(c), "{c:?}");
    }
}

#[tokio::test]
async fn hostile_responses_do_not_break_junit_and_markdown() {
    let record = hostile(wrong_server::record().await);
    check_junit(&rendered(Format::Junit, &record), &record);
    let text = rendered(Format::Markdown, &record);
    // Outside code, nothing of it is left unescaped.
    let mut fence: Option<&str> = None;
    for line in text.lines() {
        let ticks = &line[..line.len() - line.trim_start_matches('`').len()];
        match fence {
            Some(open) if line == open => fence = None,
            Some(_) => {}
            None if ticks.len() >= 3 && line[ticks.len()..] == *"text" => fence = Some(ticks),
            None => {
                let outside = without_code(line);
                assert!(
                    !outside.contains("onerror") && !outside.contains("@somebody"),
                    "{line}"
                );
                assert!(!outside.contains("<script"), "{line}");
            }
        }
    }
    assert_eq!(fence, None);
    let terminal = on_terminal(&record, 80, true);
    assert!(!terminal.contains(['\u{1b}', '\u{0}', '\u{202E}', '\u{2028}']));
    // Nor does any format have what a terminal obeys or does not show.
    let unseen = |c: char| c != '\n' && (c.is_control() || HIDDEN.contains(&c));
    for format in Format::ALL {
        let text = rendered(format, &record);
        assert_eq!(text.find(unseen), None, "{format:?}");
    }
    let lines = rendered(Format::Ndjson, &record);
    assert_eq!(RunRecord::read_ndjson(lines.as_bytes()).unwrap(), record);
}

/// Characters that are no control characters and that nobody sees.
const HIDDEN: [char; 5] = ['\u{200B}', '\u{2028}', '\u{202E}', '\u{2066}', '\u{FEFF}'];

/// The line without code spans.
fn without_code(line: &str) -> String {
    let mut outside = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        outside.push_str(&rest[..at]);
        rest = &rest[at..];
        let fence = &rest[..rest.len() - rest.trim_start_matches('`').len()];
        rest = &rest[fence.len()..];
        let Some((_, after)) = rest.split_once(&format!(" {fence}")) else {
            break;
        };
        rest = after;
    }
    outside.push_str(rest);
    outside
}

#[tokio::test]
async fn a_comment_fits_githubs_limit() {
    let mut record = wrong_server::record().await;
    let case = with_wrong_arn(&record);
    for index in 0..2000 {
        let mut case = case.clone();
        case.id = format!("mine/{index}");
        // Each with its own cause.
        case.deviations[0].difference.as_mut().unwrap().at = format!("x{index}").into();
        record.cases.push(case);
    }
    let text = rendered(Format::Markdown, &record);
    assert!(text.len() <= 65_536, "{}", text.len());
    assert!(text.contains("did not fit here"));
    assert_eq!(
        text.matches("<details>").count(),
        text.matches("</details>").count()
    );
}

/// What `junit-10.xsd` allows: an element's attributes (`!` marks required ones) and its children.
const SCHEMA: &[(&str, &[&str], &[&str])] = &[
    (
        "testsuites",
        &["name", "time", "tests", "failures", "errors"],
        &["testsuite"],
    ),
    (
        "testsuite",
        &[
            "!name",
            "!tests",
            "!failures",
            "!errors",
            "group",
            "time",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
            "file",
            "log",
            "url",
        ],
        &[
            "testsuite",
            "properties",
            "testcase",
            "system-out",
            "system-err",
        ],
    ),
    ("properties", &[], &["property"]),
    ("property", &["!name", "!value"], &[]),
    (
        "testcase",
        &["!name", "time", "classname", "group"],
        &["skipped", "error", "failure", "system-out", "system-err"],
    ),
    ("failure", &["type", "message"], &[]),
    ("skipped", &["type", "message"], &[]),
    ("system-out", &[], &[]),
];

fn check_junit(text: &str, record: &RunRecord) {
    let document = Document::parse(text).unwrap();
    assert_eq!(document.root_element().tag_name().name(), "testsuites");
    for node in document.descendants().filter(Node::is_element) {
        let name = node.tag_name().name();
        let (_, attributes, children) = SCHEMA
            .iter()
            .find(|(known, ..)| *known == name)
            .ok_or(name)
            .unwrap();
        for attribute in node.attributes() {
            let known = |a: &str| a.trim_start_matches('!') == attribute.name();
            assert!(
                attributes.iter().any(|a| known(a)),
                "{name} {}",
                attribute.name()
            );
        }
        for due in attributes.iter().filter_map(|a| a.strip_prefix('!')) {
            assert!(node.has_attribute(due), "{name} {due}");
        }
        for child in node.children().filter(Node::is_element) {
            assert!(
                children.contains(&child.tag_name().name()),
                "{name} {child:?}"
            );
        }
        if let Some(time) = node.attribute("time") {
            let (whole, part) = time.split_once('.').unwrap();
            let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
            assert!(digits(whole) && digits(part), "{time}");
        }
    }
    let with = |name: &str| {
        let found = document
            .descendants()
            .filter(|node| node.has_tag_name(name));
        found.collect::<Vec<_>>()
    };
    // One test case per case, with the correct outcome and consistent totals.
    let cases = with("testcase");
    assert_eq!(cases.len(), record.cases.len());
    let count = |verdicts: &[Verdict]| {
        record
            .cases
            .iter()
            .filter(|case| verdicts.contains(&case.verdict))
            .count()
    };
    assert_eq!(with("failure").len(), count(&[Verdict::Fail]));
    let unjudged = [Verdict::Unimplemented, Verdict::NotRun];
    assert_eq!(with("skipped").len(), count(&unjudged));
    assert_eq!(with("system-out").len(), count(&[Verdict::Warn]));
    for suite in with("testsuite") {
        let said = |name: &str| suite.attribute(name).unwrap().parse::<usize>().unwrap();
        let within = |name: &str| suite.descendants().filter(|n| n.has_tag_name(name)).count();
        assert_eq!(said("tests"), within("testcase"));
        assert_eq!(said("failures"), within("failure"));
        assert_eq!(said("skipped"), within("skipped"));
    }
}

#[tokio::test]
async fn two_runs_are_compared() {
    let before = wrong_server::record().await;
    let same = RunDiff::new(&before, &before);
    assert!(!same.is_worse() && same.better.is_empty() && same.changed.is_empty());
    let mut after = before.clone();
    let at = |record: &RunRecord, end: &str| {
        record
            .cases
            .iter()
            .position(|case| case.id.ends_with(end))
            .unwrap()
    };
    let (owner, arn) = (at(&after, "response/owner"), at(&after, "response/arn"));
    after.cases[owner].verdict = Verdict::Warn;
    let deviation = deviation("response-owner", Level::Should, "\u{1b}[2J");
    after.cases[owner].deviations.push(deviation);
    after.cases[arn].verdict = Verdict::Pass;
    after.cases[arn].deviations.clear();
    let state = at(&after, "response/state");
    after.cases[state].actual.as_mut().unwrap().status = 503;
    after.cases.remove(at(&after, "response/namespace"));
    let mut mine = after.cases[arn].clone();
    "mine/new".clone_into(&mut mine.id);
    after.cases.push(mine);
    let diff = RunDiff::new(&before, &after);
    assert!(diff.is_worse());
    let mut text = Vec::new();
    diff.write(&mut text, ["before.ndjson", "after.ndjson"], 80)
        .unwrap();
    let _area = snapshots::area("reports");
    insta::assert_snapshot!("diff", without_styles(&String::from_utf8(text).unwrap()));
    // A case that only one run has is neither better nor worse.
    let mut fewer = before.clone();
    fewer.cases.truncate(3);
    assert!(!RunDiff::new(&before, &fewer).is_worse());
    assert!(!RunDiff::new(&fewer, &before).is_worse());
}

#[tokio::test]
async fn what_only_one_run_judged_is_neither_better_nor_worse() {
    let judged = wrong_server::record().await;
    let mut stopped = judged.clone();
    for case in &mut stopped.cases {
        case.verdict = Verdict::NotRun;
    }
    let stopped = RunRecord::from_cases(stopped.run, stopped.cases);
    let written = |diff: &RunDiff<'_>| {
        let mut text = Vec::new();
        diff.write(&mut text, ["a", "b"], 80).unwrap();
        without_styles(&String::from_utf8(text).unwrap())
    };
    let later = RunDiff::new(&stopped, &judged);
    assert!(!later.is_worse() && later.better.is_empty());
    let said = "0 worse, 0 better, 35 newly judged, 0 no longer judged";
    assert!(written(&later).contains(said), "{}", written(&later));
    let earlier = RunDiff::new(&judged, &stopped);
    assert!(!earlier.is_worse() && earlier.better.is_empty());
    let said = "fewer cases were judged: 0, before 35";
    assert!(written(&earlier).contains(said), "{}", written(&earlier));
    // A server that says that it lacks what worked before has lost it.
    let mut lost = judged.clone();
    let passed = lost.cases.iter_mut().find(|c| c.verdict == Verdict::Pass);
    passed.unwrap().verdict = Verdict::Unimplemented;
    assert!(RunDiff::new(&judged, &lost).is_worse());
}

#[tokio::test]
async fn known_failures_are_kept_apart() {
    let mut record = wrong_server::record().await;
    for case in &mut record.cases {
        if case.id.contains("dry-run/") || case.id.ends_with("response/owner") {
            case.expected = Some(Expected {
                glob: "*/dry-run/*".into(),
                reason: "there is no dry run yet".into(),
                issue: Some("https://example.org/1".into()),
                version: None,
            });
        }
    }
    let known = |case: &&CaseRecord| case.expected.is_some() && case.verdict == Verdict::Fail;
    record.summary.expected_fail = record.cases.iter().filter(known).count();
    record.summary.unexpected_pass = 1;
    assert!(record.summary.expected_fail > 0);
    let headlines: Vec<String> = findings(&record)
        .into_iter()
        .map(|(line, _)| line)
        .collect();
    assert!(
        !headlines.join("\n").contains("DryRun is ignored"),
        "{headlines:?}"
    );
    for text in [
        rendered(Format::Markdown, &record),
        rendered(Format::Html, &record),
        on_terminal(&record, 200, false),
    ] {
        assert!(text.contains("there is no dry run yet"), "{text}");
    }
    let junit = rendered(Format::Junit, &record);
    let document = Document::parse(&junit).unwrap();
    let outcome = |end: &str| {
        let mut cases = document
            .descendants()
            .filter(|node| node.has_tag_name("testcase"));
        let case = cases
            .find(|case| case.attribute("name").unwrap().ends_with(end))
            .unwrap();
        case.first_element_child()
            .map(|child| child.tag_name().name().to_owned())
    };
    // A known failure does not fail the run; a listed case that passes does.
    assert_eq!(outcome("dry-run/valid").as_deref(), Some("skipped"));
    assert_eq!(outcome("response/owner").as_deref(), Some("failure"));
    assert_eq!(outcome("response/arn").as_deref(), Some("failure"));
    for suite in document
        .descendants()
        .filter(|node| node.has_tag_name("testsuite"))
    {
        let said = |name: &str| suite.attribute(name).unwrap().parse::<usize>().unwrap();
        let within = |name: &str| suite.descendants().filter(|n| n.has_tag_name(name)).count();
        assert_eq!(
            (said("failures"), said("skipped")),
            (within("failure"), within("skipped"))
        );
    }
}
