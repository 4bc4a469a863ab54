//! A server with typical bugs of an emulator, and the record of a run against it.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use crate::common::catalogues;
use crate::common::fault;
use ec2wire::contract::Level;
use ec2wire::xml;
use ec2wire_conformance::Selection;
use ec2wire_conformance::record::RunRecord;
use ec2wire_conformance::runner::{self, Options};
use ec2wire_conformance::subject::http::{HttpSubject, Signer};
use std::time::Duration;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

const CANNED: &str = include_str!("../../captures/CANNED-RESPONSE.xml");

/// Ignores dry runs, checks no tags, puts a Region into the ARN, omits the namespace, invents a state,
/// and truncates a response if the client token says so.
struct Wrong;

impl Respond for Wrong {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let sent = String::from_utf8_lossy(&request.body);
        let fault = |code: &str| {
            let body = fault::document(code, "no").replace(">1<", ">7a62c49f<");
            ResponseTemplate::new(400).set_body_raw(body, xml::CONTENT_TYPE)
        };
        if !sent.contains("Action=CreateIpamPolicy&") {
            return fault("InvalidAction");
        }
        if !sent.contains("IpamId=") {
            return fault("ValidationError");
        }
        let wrong = CANNED
            .replace("arn:aws:ec2::", "arn:aws:ec2:us-east-1:")
            .replace(" xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"", "")
            .replace("create-in-progress", "available");
        let body = if sent.contains("not-a-uuid") {
            wrong
                .split("0123456789abcdef0</ipamPolicyId>")
                .next()
                .unwrap_or_default()
        } else {
            &wrong
        };
        ResponseTemplate::new(200).set_body_raw(body.to_owned(), xml::CONTENT_TYPE)
    }
}

/// The cases that the reports show.
const CASES: [&str; 9] = [
    "*/response/arn",
    "*/response/namespace",
    "*/response/state",
    "*/response/owner",
    "*/dry-run/*",
    "*/refused/ipam-id/missing",
    "*/refused/tags/key-129/*",
    "*/token/not-a-uuid",
    "*/afterwards/describe-unknown",
];

/// The record of a run against such a server, without the parts that vary from run to run.
pub(crate) async fn record() -> RunRecord {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(Wrong).mount(&server).await;
    let catalogue = catalogues::for_servers();
    let selection = Selection::new(&CASES.map(str::to_owned), &[], Level::May).unwrap();
    let cases = catalogue.select(&selection);
    let subject =
        HttpSubject::new(&server.uri(), Signer::default(), Duration::from_secs(5)).unwrap();
    let options = Options::default()
        .ipam_id("ipam-0123456789abcdef0")
        .allow_create(true)
        .settle(Duration::ZERO);
    let mut record = runner::run(&catalogue, &cases, &subject, &options, &mut |_| {})
        .await
        .unwrap();
    "2026-11-24T12:00:00Z".clone_into(&mut record.run.started);
    record.summary.ms = 1234;
    for case in &mut record.cases {
        case.ms = 5;
    }
    still(&record, &server.uri())
}

/// The record with the port, the times and the tokens of a run replaced.
fn still(record: &RunRecord, url: &str) -> RunRecord {
    let mut lines = Vec::new();
    record.write_ndjson(&mut lines).unwrap();
    let text = String::from_utf8(lines).unwrap();
    let text = text.replace(url, "http://127.0.0.1:4566");
    let port = url.strip_prefix("http://").unwrap();
    let mut text = text.replace(port, "127.0.0.1:4566");
    for (before, length, instead) in [
        ("[\"x-amz-date\",\"", 16, "20261124T120000Z"),
        ("[\"date\",\"", 29, "Tue, 24 Nov 2026 12:00:00 GMT"),
        ("ClientToken=", 36, "11111111-2222-4333-8444-555555555555"),
        (
            "ClientToken=not-a-uuid%2F",
            36,
            "11111111-2222-4333-8444-555555555555",
        ),
    ] {
        let mut from = 0;
        while let Some(at) = text[from..].find(before) {
            let start = from + at + before.len();
            from = start;
            if !text[start..].starts_with("not-a-uuid") {
                text.replace_range(start..start + length, instead);
            }
        }
    }
    RunRecord::read_ndjson(text.as_bytes()).unwrap()
}
