//! The matrix of resources and aspects, as a run against the reference endpoint has it.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use ec2wire_conformance::format::aspect::Aspect;
use ec2wire_conformance::laws::{self, Fixtures};
use ec2wire_conformance::record::{Kind, RunHead, RunRecord};
use ec2wire_conformance::report::terminal::{self, Detail, Layout};
use ec2wire_conformance::report::{self, Format, Settings};
use ec2wire_conformance::runner::{self, Options};
use ec2wire_conformance::subject::http::{HttpSubject, Signer};
use ec2wire_conformance::{CaseRecord, Catalogue, Verdict};
use ec2wire_reference::{Config, Endpoint, sabotage};
use ec2wire_test_support::snapshots;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::sync::OnceCell;

/// Of two resources, everything but what only waits.
const ACTIONS: [&str; 5] = [
    "CreateVpc",
    "DescribeVpcs",
    "DeleteVpc",
    "DescribeSubnets",
    "DescribeRegions",
];

/// The run against an endpoint that ignores the filters of VPCs.
pub(crate) async fn record() -> &'static RunRecord {
    static RECORD: OnceCell<RunRecord> = OnceCell::const_new();
    RECORD.get_or_init(run).await
}

async fn run() -> RunRecord {
    let config = Config {
        quirk: Some(sabotage::any_fault("vpc-filters-ignored").unwrap()),
        ..Config::default()
    };
    let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let endpoint = Endpoint::bind(loopback, config).await.unwrap();
    let fixtures = Fixtures::embedded().unwrap();
    let mut catalogue = Catalogue::without_cases().unwrap();
    laws::add(&mut catalogue, &ACTIONS.map(str::to_owned), &fixtures).unwrap();
    let cases: Vec<_> = catalogue.cases().iter().collect();
    let subject =
        HttpSubject::new(&endpoint.url(), Signer::default(), Duration::from_secs(5)).unwrap();
    let options = Options::default()
        .allow_create(true)
        .settle(Duration::from_secs(1))
        .fixtures(fixtures);
    let mut record = runner::run(&catalogue, &cases, &subject, &options, &mut |_| {})
        .await
        .unwrap();
    endpoint.stop().await;
    // What differs from run to run.
    record.summary.ms = 0;
    record
}

fn on_terminal(record: &RunRecord, width: usize, detail: Detail) -> String {
    let mut text = Vec::new();
    let layout = Layout { width, detail };
    terminal::write(&mut text, record, &Settings::default(), layout).unwrap();
    let text = String::from_utf8(text).unwrap();
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| plain + part.split_once('m').unwrap().1)
}

#[tokio::test]
async fn a_fault_shows_in_its_cell() {
    let record = record().await;
    let failed = |case: &&CaseRecord| case.verdict == Verdict::Fail;
    let failed: Vec<_> = record.cases.iter().filter(failed).collect();
    assert!(!failed.is_empty());
    for case in failed {
        assert_eq!(case.resource.as_deref(), Some("vpc"), "{}", case.id);
        assert_eq!(case.aspect, Some(Aspect::Filters), "{}", case.id);
    }
    let _area = snapshots::area("reports");
    for width in [40, 80, 200] {
        let shown = on_terminal(record, width, Detail::Totals);
        let (matrix, _totals) = shown.split_once("\n\n").unwrap();
        assert!(
            matrix.lines().all(|line| line.chars().count() <= width),
            "{shown}"
        );
        insta::assert_snapshot!(format!("matrix-{width}"), shown);
    }
}

fn rendered(format: Format, record: &RunRecord) -> String {
    let mut text = Vec::new();
    report::write(format, &mut text, record, &Settings::default()).unwrap();
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn a_comment_has_the_matrix() {
    let text = rendered(Format::Markdown, record().await);
    let start = text.find("| resource |").unwrap();
    let end = text.find("####").unwrap();
    let _area = snapshots::area("reports");
    insta::assert_snapshot!("matrix-markdown", text.get(start..end).unwrap());
    let many = rendered(Format::Markdown, &many(5000));
    assert!(many.len() < 65_536);
    assert!(many.contains("4940 more resources"), "{many}");
}

#[tokio::test]
async fn each_cell_of_the_page_leads_to_its_worst_case() {
    let record = record().await;
    let page = rendered(Format::Html, record);
    let table = page.split("<table>").nth(1).unwrap();
    let table = table.split("</table>").next().unwrap();
    let mut cells = 0;
    for link in table.split("<a href=\"#case-").skip(1) {
        let id = link.split('"').next().unwrap();
        let cell = link.split("data-cell=\"").nth(1).unwrap();
        let (resource, aspect) = cell.split('"').next().unwrap().split_once(' ').unwrap();
        let of_cell = |case: &&CaseRecord| {
            case.resource.as_deref() == Some(resource)
                && case.aspect.is_some_and(|one| one.as_str() == aspect)
        };
        let case = record.cases.iter().find(|case| case.id == id).unwrap();
        assert!(of_cell(&case), "{id}: {cell}");
        let mut here = record.cases.iter().filter(of_cell);
        let fails = here.any(|case| case.verdict == Verdict::Fail);
        assert_eq!(case.verdict == Verdict::Fail, fails, "{id}");
        assert!(page.contains(&format!("id=\"case-{id}\"")), "{id}");
        cells += 1;
    }
    assert!(cells > 15, "{cells}");
}

#[tokio::test]
async fn a_record_keeps_what_cases_are_about() {
    let record = record().await;
    let mut lines = Vec::new();
    record.write_ndjson(&mut lines).unwrap();
    let read = RunRecord::read_ndjson(lines.as_slice()).unwrap();
    assert_eq!(&read, record);
    // Records of earlier versions have no such keys.
    let text = String::from_utf8(lines).unwrap();
    let old: Vec<String> = text
        .lines()
        .map(|line| {
            let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
            let fields = line.as_object_mut().unwrap();
            fields.remove("aspect");
            fields.remove("resource");
            line.to_string()
        })
        .collect();
    let old = RunRecord::read_ndjson(old.join("\n").as_bytes()).unwrap();
    assert!(old.cases.iter().all(|case| case.aspect.is_none()));
    assert!(!on_terminal(&old, 80, Detail::Totals).contains("vpc"));
}

/// A run of that many resources, of which the last fails.
fn many(resources: usize) -> RunRecord {
    let case = |number: usize| {
        let id = format!("any/Describe{number}/plain");
        let is_last = number + 1 == resources;
        let verdict = if is_last {
            Verdict::Fail
        } else {
            Verdict::Pass
        };
        let phase = ec2wire_conformance::format::case::Phase::Semantics;
        let mut case = CaseRecord::new(&id, &id, phase, ec2wire_conformance::Level::Must, verdict);
        case.aspect = Some(Aspect::Protocol);
        case.resource = Some(format!("resource-{number}"));
        case
    };
    let head = RunHead::new(Kind::default(), "http://127.0.0.1:1");
    RunRecord::from_cases(head, (0..resources).map(case).collect())
}

#[test]
fn many_resources_fit_a_page() {
    let record = many(200);
    for (width, detail) in [
        (40, Detail::Totals),
        (80, Detail::Totals),
        (40, Detail::Findings),
        (80, Detail::Findings),
    ] {
        let shown = on_terminal(&record, width, detail);
        assert!(shown.lines().count() <= 60, "{shown}");
        let at = |text: &str| shown.find(text).unwrap();
        assert!(at("resource-199") < at("resource-0"), "{shown}");
        assert!(shown.contains("more resources: "), "{shown}");
    }
    let all = on_terminal(&record, 80, Detail::All);
    assert!((0..200).all(|number| all.contains(&format!("resource-{number} "))));
}
