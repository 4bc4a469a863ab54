//! Each known cause gives one headline in the report on a server that has it, with its cases below.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use crate::common::catalogues;
use ec2wire_conformance::report::{self, Format, Settings};
use ec2wire_conformance::runner::{self, Options};
use ec2wire_conformance::subject::http::{HttpSubject, Signer};
use ec2wire_conformance::{Case, Level, RunRecord, Selection, Verdict};
use ec2wire_reference::sabotage::{self, Quirk};
use ec2wire_reference::{Config, Endpoint};
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

const CAUSES: &str = include_str!("../../crates/ec2wire-inspect/contract/causes.toml");
const IPAM: &str = "ipam-0123456789abcdef0";

/// The causes, each with a fault that is exactly this cause, and cases that must be below its headline.
const SEEN_IN: &[(&str, &str, &[&str])] = &[
    (
        "dry-run-ignored",
        "dry-run-ignored",
        &[
            "dry-run/valid",
            "dry-run/creates-nothing",
            "dry-run/with-token",
        ],
    ),
    (
        "token-ignored",
        "token-ignored",
        &[
            "token/replay",
            "token/replay-creates-nothing",
            "token/mismatch-tags",
        ],
    ),
    (
        "ipam-not-looked-up",
        "ipam-not-looked-up",
        &[
            "refused/ipam-id/unknown",
            "refused/ipam-id/missing",
            "refused/ipam-id/empty",
            "refused/ipam-id/prefixed",
            "refused/ipam-id/malformed/foo",
        ],
    ),
    (
        "tags-unchecked",
        "tags-unchecked",
        &[
            "refused/tags/aws-prefix/aws:",
            "refused/tags/key-empty",
            "refused/tags/key-129/k",
        ],
    ),
    (
        "resource-type-unchecked",
        "resource-type-not-read",
        &[
            "refused/resource-type/missing",
            "refused/resource-type/wrong/vpc",
        ],
    ),
    (
        "tags-dropped",
        "tag-set-missing",
        &["accepted/tags/one", "accepted/tags/name-and-owner"],
    ),
    (
        "unknown-parameters-ignored",
        "unknown-parameter-ignored",
        &["refused/parameter/unknown/ImageType"],
    ),
];

async fn record(quirk: Option<&'static Quirk>) -> RunRecord {
    let config = Config {
        ipam_ids: vec![IPAM.into()],
        policies_per_ipam: 100_000,
        quirk,
        ..Config::default()
    };
    let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let endpoint = Endpoint::bind(loopback, config).await.unwrap();
    // The cases that the causes are about.
    let run = ["*/accepted/*", "*/dry-run/*", "*/refused/*", "*/token/*"];
    let record = judged(&endpoint.url(), &run).await;
    endpoint.stop().await;
    record
}

/// Runs the cases against a server.
async fn judged(url: &str, run: &[&str]) -> RunRecord {
    let catalogue = catalogues::for_servers();
    // One resource type represents all.
    let skip = ["*/each/*", "robustness/*"].map(str::to_owned);
    let run: Vec<String> = run.iter().map(ToString::to_string).collect();
    let cases: Vec<&Case> = catalogue.select(&Selection::new(&run, &skip, Level::May).unwrap());
    let timeout = Duration::from_secs(20);
    let subject = HttpSubject::new(url, Signer::default(), timeout).unwrap();
    let options = Options::default()
        .ipam_id(IPAM)
        .allow_create(true)
        .settle(Duration::from_millis(300));
    let record = runner::run(&catalogue, &cases, &subject, &options, &mut |_| {}).await;
    record.unwrap()
}

/// The headlines of a report in Markdown, each with the cases below it.
fn findings(record: &RunRecord) -> Vec<(String, String)> {
    let mut text = Vec::new();
    report::write(Format::Markdown, &mut text, record, &Settings::default()).unwrap();
    let text = String::from_utf8(text).unwrap();
    let text = text.split("#### Not judged").next().unwrap_or_default();
    let parts = text.split("<details><summary>").skip(1);
    parts
        .filter_map(|part| part.split_once("</summary>"))
        .map(|(headline, below)| (headline.to_owned(), below.to_owned()))
        .collect()
}

fn headline(cause: &str) -> String {
    let table: toml::Table = toml::from_str(CAUSES).unwrap();
    let rows = table.get("cause").and_then(toml::Value::as_array).unwrap();
    let is_it = |row: &&toml::Value| row.get("id").and_then(toml::Value::as_str) == Some(cause);
    let row = rows.iter().find(is_it).unwrap();
    let headline = row.get("headline").and_then(toml::Value::as_str);
    headline.unwrap().to_owned()
}

#[test]
fn every_cause_has_a_fault() {
    let table: toml::Table = toml::from_str(CAUSES).unwrap();
    let rows = table.get("cause").and_then(toml::Value::as_array).unwrap();
    let known: BTreeSet<_> = rows
        .iter()
        .filter_map(|row| row.get("id")?.as_str())
        .collect();
    let seen = SEEN_IN.iter().map(|(cause, ..)| *cause);
    // This cause is not a fault of an otherwise correct endpoint; it has its own test.
    let seen: BTreeSet<_> = seen.chain(["answers-alike"]).collect();
    assert_eq!(known, seen);
}

#[tokio::test]
async fn a_server_that_does_not_read_is_one_headline() {
    let server = MockServer::start().await;
    let canned = include_str!("../captures/CANNED-RESPONSE.xml");
    let answer = ResponseTemplate::new(200).set_body_raw(canned, "text/xml;charset=UTF-8");
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let record = judged(&server.uri(), &[]).await;
    let findings = findings(&record);
    assert_eq!(findings.len(), 1, "{findings:?}");
    let (found, _) = findings.first().unwrap();
    assert!(found.contains(&headline("answers-alike")), "{found}");

    // A server that answers as little, but with a new id each time, does not have this cause.
    let server = MockServer::start().await;
    let number = AtomicUsize::new(0);
    let fresh = move |_: &Request| {
        let number = number.fetch_add(1, Ordering::Relaxed);
        let body = canned.replace("7a62c49f", &format!("{number:08x}"));
        ResponseTemplate::new(200).set_body_raw(body, "text/xml;charset=UTF-8")
    };
    Mock::given(any()).respond_with(fresh).mount(&server).await;
    let findings = self::findings(&judged(&server.uri(), &[]).await);
    assert!(findings.len() > 5, "{}", findings.len());
}

#[tokio::test]
async fn each_cause_gives_one_headline() {
    for (cause, fault, below) in SEEN_IN {
        let record = record(Some(sabotage::fault(fault).unwrap())).await;
        let findings = findings(&record);
        let headline = headline(cause);
        let found: Vec<_> = findings
            .iter()
            .filter(|(line, _)| line.contains(&headline))
            .collect();
        assert_eq!(found.len(), 1, "{cause}: {findings:#?}");
        let cases = &found.first().unwrap().1;
        for case in *below {
            let of = record.cases.iter().find(|known| known.id.ends_with(case));
            assert_ne!(
                of.map(|case| case.verdict),
                Some(Verdict::Pass),
                "{cause}: {case}"
            );
            assert!(cases.contains(case), "{cause}: {case} is not in {cases}");
        }
        // The fault matches this cause only.
        for (other, ..) in SEEN_IN.iter().filter(|(other, ..)| other != cause) {
            let other = self::headline(other);
            assert!(
                findings.iter().all(|(line, _)| !line.contains(&other)),
                "{cause}: {other}"
            );
        }
    }
}
