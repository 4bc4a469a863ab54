//! The catalogue is complete, and the harness finds what is wrong with a server and only that.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use crate::common::catalogues;
use crate::common::fault;
use ec2wire::contract::Level;
use ec2wire::xml;
use ec2wire_conformance::catalogue::STORIES;
use ec2wire_conformance::record::RunRecord;
use ec2wire_conformance::runner::{self, Options};
use ec2wire_conformance::subject::http::{HttpSubject, Signer};
use ec2wire_conformance::{Selection, Verdict};
use ec2wire_reference::{Config, Endpoint};
use ec2wire_test_support::snapshots;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use wiremock::matchers::{any, body_string_contains};
use wiremock::{Mock, MockServer, ResponseTemplate};

mod altered;
mod deviations;
mod lax;
mod wire;

const CANNED: &str = include_str!("../captures/CANNED-RESPONSE.xml");

async fn judge(url: &str, run: &[&str], ipam_id: Option<&str>) -> RunRecord {
    judge_within(url, run, ipam_id, Duration::from_secs(5)).await
}

/// Judges a server; `limit` bounds each request.
async fn judge_within(
    url: &str,
    run: &[&str],
    ipam_id: Option<&str>,
    limit: Duration,
) -> RunRecord {
    let catalogue = catalogues::for_servers();
    let run: Vec<String> = run.iter().map(ToString::to_string).collect();
    let selection = Selection::new(&run, &[], Level::May).unwrap();
    let cases = catalogue.select(&selection);
    let subject = HttpSubject::new(url, Signer::default(), limit).unwrap();
    let mut options = Options::default()
        .allow_create(true)
        .settle(Duration::from_secs(1));
    options.ipam_id = ipam_id.map(str::to_owned);
    runner::run(&catalogue, &cases, &subject, &options, &mut |_| {})
        .await
        .unwrap()
}

/// The cases with this verdict, one per line.
fn in_short(record: &RunRecord, is_wanted: impl Fn(Verdict) -> bool) -> Vec<String> {
    let cases = record.cases.iter().filter(|case| is_wanted(case.verdict));
    cases
        .map(|case| {
            let found = case.deviations.iter().map(|d| (&*d.requirement, &*d.found));
            let found: Vec<_> = found.collect();
            format!(
                "{} {} {found:?} {}",
                case.id,
                case.verdict.as_str(),
                case.note
            )
        })
        .collect()
}

fn verdict(record: &RunRecord, id: &str) -> Verdict {
    record
        .cases
        .iter()
        .find(|case| case.id == id)
        .unwrap()
        .verdict
}

async fn reference() -> Endpoint {
    let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Endpoint::bind(loopback, Config::default()).await.unwrap()
}

#[test]
fn every_requirement_has_a_case_or_a_reason() {
    let catalogue = catalogues::for_servers();
    assert_eq!(catalogue.problems(), [""; 0]);
    assert!(catalogue.cases().len() >= 40);
}

#[tokio::test]
async fn the_reference_endpoint_passes_the_stories_and_nothing_of_them_is_left() {
    let mut catalogue = catalogues::for_servers();
    let usual = catalogue.cases().len();
    catalogue.add_stories().unwrap();
    assert_eq!(catalogue.problems(), [""; 0]);
    let stories: Vec<_> = catalogue.cases().iter().skip(usual).collect();
    assert!(stories.len() >= 8);
    assert!(stories.iter().all(|case| case.id.starts_with(STORIES)));
    let endpoint = reference().await;
    let limit = Duration::from_secs(5);
    let subject = HttpSubject::new(&endpoint.url(), Signer::default(), limit).unwrap();
    let options = Options::default().allow_create(true);
    let record = runner::run(&catalogue, &stories, &subject, &options, &mut |_| {})
        .await
        .unwrap();
    let blamed = in_short(&record, |verdict| verdict != Verdict::Pass);
    assert!(blamed.is_empty(), "{blamed:#?}");
    assert!(record.summary.left.is_empty(), "{:?}", record.summary.left);
    endpoint.stop().await;
}

#[test]
fn a_malformed_file_is_refused_with_its_place() {
    let mut catalogue = catalogues::for_servers();
    let unknown_key = "prefix = \"mine\"\n[[case]]\nid = \"a\"\ntitel = \"x\"\n";
    let no_requirement = "prefix = \"mine\"\n[[case]]\nid = \"a\"\ntitle = \"x\"\n\
        requirement = \"nowhere\"\n[[case.step]]\naction = \"A\"\nexpect = \"success\"\n";
    let no_outcome = no_requirement.replace("\"success\"", "\"luck\"");
    let messages: Vec<String> = [unknown_key, no_requirement, &no_outcome]
        .iter()
        .map(|text| {
            catalogue
                .add_cases("mine.toml", text)
                .unwrap_err()
                .to_string()
        })
        .collect();
    let _area = snapshots::area("harness");
    insta::assert_snapshot!(
        "catalogue_errors",
        messages.join(
            "
---
"
        )
    );
}

#[tokio::test]
async fn the_reference_endpoint_passes() {
    let endpoint = reference().await;
    let record = judge(&endpoint.url(), &[], None).await;
    let blamed = in_short(&record, |verdict| verdict != Verdict::Pass);
    assert!(blamed.is_empty(), "{blamed:#?}");
    assert_eq!(
        (record.summary.exit_code(), record.summary.harness_faults),
        (0, 0)
    );
    // The run deleted what it created.
    let left = endpoint.world().answer(&ec2wire_reference::Request::post(
        b"Action=DescribeIpamPolicies&Version=2016-11-15",
    ));
    assert!(left.body.contains("<ipamPolicySet/>"), "{}", left.body);
    endpoint.stop().await;
}

#[tokio::test]
async fn a_canned_success_fails_rejection_dry_run_and_replay() {
    let server = MockServer::start().await;
    let canned = ResponseTemplate::new(200).set_body_raw(CANNED, xml::CONTENT_TYPE);
    Mock::given(any()).respond_with(canned).mount(&server).await;
    let record = judge(
        &server.uri(),
        &["*/refused/*", "*/dry-run/*", "*/token/*"],
        None,
    )
    .await;
    assert_eq!(record.summary.exit_code(), 1);
    for id in [
        "create-ipam-policy/refused/ipam-id/missing",
        "create-ipam-policy/refused/tags/aws-prefix/aws:key",
        "create-ipam-policy/refused/tags/fifty-one",
        "create-ipam-policy/dry-run/valid",
        "create-ipam-policy/dry-run/creates-nothing",
        "create-ipam-policy/token/other-token",
    ] {
        assert_eq!(verdict(&record, id), Verdict::Fail, "{id}");
    }
}

#[tokio::test]
async fn a_server_without_the_action_is_unimplemented_and_stays_in_the_total() {
    let server = fault_server(400, "InvalidAction").await;
    let record = judge(
        &server.uri(),
        &["*/accepted/minimal", "protocol/action/unknown"],
        None,
    )
    .await;
    assert_eq!(
        verdict(&record, "create-ipam-policy/accepted/minimal"),
        Verdict::Unimplemented
    );
    assert_eq!(verdict(&record, "protocol/action/unknown"), Verdict::Pass);
    assert_eq!((record.summary.total, record.summary.unimplemented), (2, 1));
}

#[tokio::test]
async fn without_an_ipam_a_correct_refusal_is_not_a_failure() {
    let server = MockServer::start().await;
    let fault = |code: &str| {
        ResponseTemplate::new(400).set_body_raw(fault::document(code, "m"), "text/xml")
    };
    Mock::given(body_string_contains("Action=CreateIpam&"))
        .respond_with(fault("UnauthorizedOperation"))
        .mount(&server)
        .await;
    Mock::given(any())
        .respond_with(fault("InvalidIpamId.NotFound"))
        .mount(&server)
        .await;
    let record = judge(
        &server.uri(),
        &["*/accepted/minimal", "*/refused/ipam-id/unknown"],
        None,
    )
    .await;
    assert_eq!(
        verdict(&record, "create-ipam-policy/accepted/minimal"),
        Verdict::NotRun
    );
    assert_eq!(
        verdict(&record, "create-ipam-policy/refused/ipam-id/unknown"),
        Verdict::Pass
    );
}

#[tokio::test]
async fn a_closed_port_is_reported_and_nothing_runs() {
    let port = {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.local_addr().unwrap().port()
    };
    let record = judge(&format!("http://127.0.0.1:{port}"), &[], None).await;
    assert_eq!(record.summary.exit_code(), 3);
    assert_eq!(record.summary.not_run, record.summary.total);
    assert!(record.cases.iter().all(|case| !case.note.is_empty()));
}

#[tokio::test]
async fn the_record_keeps_no_secret() {
    let endpoint = reference().await;
    let catalogue = catalogues::for_servers();
    let selection = Selection::new(&["*/response/root".into()], &[], Level::May).unwrap();
    let cases = catalogue.select(&selection);
    let signer = Signer {
        secret_access_key: "hush-hush".into(),
        session_token: Some("session-hush".into()),
        ..Signer::default()
    };
    let subject = HttpSubject::new(&endpoint.url(), signer, Duration::from_secs(5)).unwrap();
    let options = Options::default().allow_create(true);
    let record = runner::run(&catalogue, &cases, &subject, &options, &mut |_| {})
        .await
        .unwrap();
    let mut lines = Vec::new();
    record.write_ndjson(&mut lines).unwrap();
    let text = String::from_utf8(lines).unwrap();
    assert!(text.contains("<redacted>"));
    for secret in ["hush", "Signature="] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert_eq!(RunRecord::read_ndjson(text.as_bytes()).unwrap(), record);
    let types: Vec<String> = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|line| line.get("type").unwrap().to_string())
        .collect();
    assert_eq!(types, ["\"run\"", "\"case\"", "\"summary\""]);
    endpoint.stop().await;
}

/// Notes and findings also quote what the server echoes.
#[tokio::test]
async fn a_server_that_echoes_secrets_leaves_none_in_the_record() {
    let (token, escaped) = ("session/hush+hush==", "session%2Fhush%2Bhush%3D%3D");
    let said = format!(
        "bad token {token}, {escaped} and {}",
        escaped.to_ascii_lowercase()
    );
    let fault = fault::document("AuthFailure", &said);
    let fault = fault.replace("<RequestID>1<", &format!("<RequestID>{token}<"));
    let damaged = [fault.as_bytes(), b"\xFF"].concat();
    for body in [fault.as_bytes(), &damaged] {
        let server = MockServer::start().await;
        let answer = ResponseTemplate::new(400)
            .insert_header("x-echo", token)
            .set_body_raw(body, "text/xml");
        Mock::given(any()).respond_with(answer).mount(&server).await;
        let catalogue = catalogues::for_servers();
        let run = ["*/response/root".into(), "*/token/replay".into()];
        let selection = Selection::new(&run, &[], Level::May).unwrap();
        let signer = Signer {
            session_token: Some(token.into()),
            ..Signer::default()
        };
        let subject = HttpSubject::new(&server.uri(), signer, Duration::from_secs(5)).unwrap();
        let options = Options::default().allow_create(true);
        let cases = catalogue.select(&selection);
        let record = runner::run(&catalogue, &cases, &subject, &options, &mut |_| {})
            .await
            .unwrap();
        let mut lines = Vec::new();
        record.write_ndjson(&mut lines).unwrap();
        let text = String::from_utf8(lines).unwrap();
        assert!(text.contains("<redacted>"));
        // 68757368 is its hexadecimal form.
        for secret in ["hush", "68757368"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

#[test]
fn a_damaged_record_is_refused_with_its_line() {
    let run = r#"{"type":"run","version":"0","endpoint":"e","started":"s","region":"r","ipam":""}"#;
    let messages: Vec<String> = [
        String::new(),
        run.to_owned(),
        format!("{run}\n{run}\n"),
        format!("{run}\n{{\"type\":\"case\",\"id\":1}}\n"),
        format!("{run}\n{{\"type\":\"cas"),
        r#"{"type":"other"}"#.to_owned(),
    ]
    .iter()
    .map(|text| {
        let read = RunRecord::read_ndjson(text.as_bytes());
        read.unwrap_err().to_string()
    })
    .collect();
    let _area = snapshots::area("harness");
    insta::assert_snapshot!("record_errors", messages.join("\n"));
}

#[tokio::test]
async fn a_lax_server_is_blamed_only_for_what_it_does() {
    let told = lax::told().await;
    let _area = snapshots::area("harness");
    let mut settings = insta::Settings::clone_current();
    settings.add_filter("ipam-policy-[0-9a-f]{17}", "ID");
    settings.bind(|| insta::assert_snapshot!("lax_server", told));
}

async fn fault_server(status: u16, code: &str) -> MockServer {
    let server = MockServer::start().await;
    let body = fault::document(code, "m");
    let answer = ResponseTemplate::new(status).set_body_raw(body, "text/xml");
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

#[tokio::test]
async fn a_missing_action_is_reported_once() {
    for (status, code) in [(400, "InvalidAction"), (501, "InternalFailure")] {
        let server = fault_server(status, code).await;
        let record = judge(&server.uri(), &["create-ipam-policy/accepted/*"], None).await;
        let id = "create-ipam-policy/accepted/implemented";
        assert_eq!(verdict(&record, id), Verdict::Fail);
        let summary = &record.summary;
        assert_eq!(summary.unimplemented, summary.total - 1, "{summary:?}");
        assert_eq!(summary.exit_code(), 1);
    }
}

/// Whether a server reads chunks is open. One that fails at them has shown nothing: that is no pass.
#[tokio::test]
async fn a_failure_that_nothing_forbids_is_no_pass() {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(500).set_body_string("oh");
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let record = judge(
        &server.uri(),
        &["protocol/body/chunked", "protocol/http/one-zero"],
        None,
    )
    .await;
    for case in &record.cases {
        assert_ne!(case.verdict, Verdict::Pass, "{} {:?}", case.id, case.actual);
        assert_eq!(case.shown_level(), Level::May, "{}", case.id);
    }
}

/// The level beside a verdict is that of the requirement that was broken.
#[tokio::test]
async fn a_failure_of_a_may_is_shown_with_the_level_that_it_breaks() {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(200).set_body_string("oh");
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let record = judge(
        &server.uri(),
        &["*/refused/parameter/boolean-spelling"],
        None,
    )
    .await;
    let case = record.cases.first().unwrap();
    assert_eq!((case.level, case.verdict), (Level::May, Verdict::Fail));
    assert_eq!(case.shown_level(), Level::Must, "{:?}", case.deviations);
}

#[tokio::test]
async fn a_server_that_refuses_the_caller_is_not_judged() {
    let server = fault_server(401, "AuthFailure").await;
    let record = judge(&server.uri(), &["*/refused/*", "*/accepted/*"], None).await;
    assert_eq!(
        record.summary.not_run, record.summary.total,
        "{:?}",
        record.summary
    );
    assert_eq!(record.summary.exit_code(), 4);
}

const PAGE: &str = "<html><body><h1>Not Found</h1>no such page</body></html>";

#[tokio::test]
async fn a_response_that_is_not_an_ec2_document_fails_the_case() {
    let server = MockServer::start().await;
    let ipam = "ipam-0123456789abcdef0";
    let canned = ResponseTemplate::new(200).set_body_raw(CANNED, xml::CONTENT_TYPE);
    Mock::given(body_string_contains(ipam))
        .respond_with(canned)
        .mount(&server)
        .await;
    let page = ResponseTemplate::new(404).set_body_raw(PAGE, "text/html");
    Mock::given(any()).respond_with(page).mount(&server).await;
    let record = judge(&server.uri(), &["*/refused/ipam-id/*"], Some(ipam)).await;
    assert_eq!(
        (record.summary.harness_faults, record.summary.exit_code()),
        (0, 1)
    );
    assert_eq!(record.summary.unimplemented, 0, "{:?}", record.summary);
}

/// moto does this for actions that it lacks.
#[tokio::test]
async fn a_server_that_answers_unknown_actions_with_a_page_is_not_blamed_for_that() {
    let server = MockServer::start().await;
    let page = ResponseTemplate::new(404).set_body_raw(PAGE, "text/html");
    Mock::given(any()).respond_with(page).mount(&server).await;
    let run = &["*/refused/ipam-id/*", "*/accepted/minimal"];
    let record = judge(&server.uri(), run, None).await;
    assert_eq!(
        record.summary.unimplemented, record.summary.total,
        "{:?}",
        record.summary
    );
}

#[tokio::test]
async fn list_elements_other_than_item_are_found() {
    let server = MockServer::start().await;
    let wrong = CANNED
        .replace("item>", "member>")
        .replace("é 日本 😀 &amp;", "edge");
    let answer = ResponseTemplate::new(200).set_body_raw(wrong, xml::CONTENT_TYPE);
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let ipam = Some("ipam-0123456789abcdef0");
    let record = judge(&server.uri(), &["*/accepted/tags/one"], ipam).await;
    let found = &record.cases.first().unwrap().deviations;
    assert!(
        found.iter().any(|d| d.found.contains("`member`")),
        "{found:#?}"
    );
}

#[tokio::test]
async fn two_runs_against_one_server_do_not_blame_it() {
    let other = "ipam-0123456789abcdef0";
    let busy = Config {
        ipam_ids: vec![other.into()],
        ..Config::default()
    };
    let shared = Endpoint::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), busy)
        .await
        .unwrap();
    let url = shared.url();
    let (one, two) = tokio::join!(
        judge(&url, &["*/token/*"], Some(other)),
        judge(&url, &["*/token/*"], None)
    );
    assert_eq!((one.summary.fail, two.summary.fail), (0, 0));
    shared.stop().await;
}

#[tokio::test]
async fn a_nonsense_response_breaks_a_must_in_every_case() {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(200).set_body_raw("hello", "text/plain");
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let record = judge(&server.uri(), &["*/accepted/*", "*/refused/*"], None).await;
    let failed_or_not_run = record.summary.fail + record.summary.not_run;
    assert_eq!(
        failed_or_not_run, record.summary.total,
        "{:?}",
        record.summary
    );
    assert!(record.summary.fail > 0);
}

#[tokio::test]
async fn an_unknown_ipam_is_not_a_failure() {
    let endpoint = reference().await;
    let run = &["*/accepted/minimal", "*/refused/tags/aws-prefix-second"];
    let record = judge(&endpoint.url(), run, Some("ipam-0bbbbbbbbbbbbbbbb")).await;
    assert_eq!(
        verdict(&record, "create-ipam-policy/accepted/minimal"),
        Verdict::NotRun
    );
    assert_eq!(
        verdict(&record, "create-ipam-policy/refused/tags/aws-prefix-second"),
        Verdict::Pass
    );
    endpoint.stop().await;
}
