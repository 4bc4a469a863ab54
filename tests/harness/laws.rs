//! The cases generated from laws: a correct server passes them, a wrong one does not.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use crate::common::fault;
use ec2wire::ipam::{CreateIpamPolicy, CreateIpamPolicyResponse};
use ec2wire::{Operation as _, Reply, envelope};
use ec2wire_conformance::laws::{self, Fixtures};
use ec2wire_conformance::runner::{self, Options};
use ec2wire_conformance::subject::http::{HttpSubject, Signer};
use ec2wire_conformance::{CaseRecord, Catalogue, RunRecord, Verdict};
use ec2wire_reference::sabotage::{self, Quirk};
use ec2wire_reference::{Config, Endpoint};
use ec2wire_test_support::snapshots;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use wiremock::matchers::{any, body_string_contains};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

const IPAM: &str = "ipam-0123456789abcdef0";

/// Runs the cases of some actions against the reference endpoint, with at most one fault. An IPAM and
/// a policy exist.
async fn judge(actions: &[&str], quirk: Option<&'static Quirk>) -> RunRecord {
    judge_with(1, actions, quirk).await
}

/// The same, with more policies.
async fn judge_with(policies: usize, actions: &[&str], quirk: Option<&'static Quirk>) -> RunRecord {
    let config = Config {
        ipam_ids: vec![IPAM.to_owned()],
        // Some faults keep what is deleted.
        policies_per_ipam: 1000,
        quirk,
        ..Config::default()
    };
    let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let endpoint = Endpoint::bind(loopback, config).await.unwrap();
    let policy = create_policy(&endpoint.url()).await;
    for _ in 1..policies {
        create_policy(&endpoint.url()).await;
    }
    // Some cases change the policy, so fixtures must allow it.
    let mut fixtures = [
        "ModifyIpamPolicyAllocationRules",
        "EnableIpamPolicy",
        "DisableIpamPolicy",
    ]
    .map(|action| format!("actions.{action}.request.IpamPolicyId = '{policy}'"))
    .to_vec();
    fixtures.push(format!("members.IpamPolicyId = '{policy}'"));
    let fixtures = Fixtures::read("fixtures.toml", &fixtures.join("\n")).unwrap();
    let fixtures = Fixtures::embedded().unwrap().with(fixtures);
    let actions: Vec<String> = actions.iter().map(ToString::to_string).collect();
    let mut catalogue = Catalogue::without_cases().unwrap();
    laws::add(&mut catalogue, &actions, &fixtures).unwrap();
    let cases: Vec<_> = catalogue.cases().iter().collect();
    let subject =
        HttpSubject::new(&endpoint.url(), Signer::default(), Duration::from_secs(5)).unwrap();
    let options = Options::default()
        .ipam_id(IPAM)
        .allow_create(true)
        .settle(Duration::from_secs(1))
        .fixtures(fixtures);
    let record = runner::run(&catalogue, &cases, &subject, &options, &mut |_| {})
        .await
        .unwrap();
    endpoint.stop().await;
    record
}

async fn create_policy(url: &str) -> String {
    let request = CreateIpamPolicy {
        ipam_id: Some(IPAM.to_owned()),
        ..CreateIpamPolicy::default()
    };
    let client = Client::builder(TokioExecutor::new()).build_http();
    let request = http::Request::post(url)
        .body(Full::new(bytes::Bytes::from(request.to_body().unwrap())))
        .unwrap();
    let answer = client.request(request).await.unwrap();
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    let reply: Reply<CreateIpamPolicyResponse> = envelope::decode(status, &body).unwrap();
    let policy = reply.into_result().unwrap().output.ipam_policy.unwrap();
    policy.ipam_policy_id.unwrap()
}

fn with(record: &RunRecord, verdict: Verdict) -> Vec<&CaseRecord> {
    record
        .cases
        .iter()
        .filter(|case| case.verdict == verdict)
        .collect()
}

/// The requirements that the failures broke.
fn broken(record: &RunRecord) -> BTreeSet<&str> {
    let failed = with(record, Verdict::Fail).into_iter();
    let deviations = failed.flat_map(|case| &case.deviations);
    deviations
        .map(|deviation| deviation.requirement.as_str())
        .collect()
}

#[tokio::test]
async fn the_reference_endpoint_passes_the_laws() {
    let record = judge(&["*IpamPolic*"], None).await;
    let found: Vec<_> = record
        .cases
        .iter()
        .filter(|case| !case.deviations.is_empty())
        .map(|case| (&case.id, &case.deviations))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
    // The resource that may be deleted is not needed by other cases.
    for case in with(&record, Verdict::NotRun) {
        let why = match case.id.split('/').nth(1) {
            Some(_) if case.id.contains("/without") => "its request names nothing",
            Some("DeleteIpamPolicy") => {
                "no fixture gives IpamPolicyId for an action that may change what it names; see --fixtures"
            }
            // What is disabled once cannot be disabled again.
            Some("DisableIpamPolicy") => "no way is known to undo DisableIpamPolicy",
            // There is one policy, and no list has a second page.
            _ if ["/pages/", "/ids/"].iter().any(|law| case.id.contains(law)) => {
                "an earlier answer was not as the case needs it"
            }
            _ => "",
        };
        assert!(
            !why.is_empty() && case.note.contains(why),
            "{}: {}",
            case.id,
            case.note
        );
    }
    assert!(
        with(&record, Verdict::Pass).len() > 70,
        "{:?}",
        record.summary
    );
}

/// A law's case of DescribeIpamPolicies.
fn describing<'r>(record: &'r RunRecord, law: &str) -> &'r CaseRecord {
    let id = format!("any/DescribeIpamPolicies/{law}");
    record.cases.iter().find(|case| case.id == id).unwrap()
}

/// Without a second page or a second entry, the case cannot be judged.
#[tokio::test]
async fn a_list_that_is_too_short_proves_nothing() {
    let learnt = ["pages/kept", "pages/token", "pages/next"];
    for (policies, verdict) in [
        (1, Verdict::NotRun),
        (5, Verdict::NotRun),
        (6, Verdict::Pass),
    ] {
        let record = judge_with(policies, &["DescribeIpamPolicies"], None).await;
        for law in learnt {
            let case = describing(&record, law);
            assert_eq!(case.verdict, verdict, "{policies} {case:?}");
        }
        let ids = describing(&record, "ids/IpamPolicyIds");
        let enough = if policies > 1 {
            Verdict::Pass
        } else {
            Verdict::NotRun
        };
        assert_eq!(ids.verdict, enough, "{policies} {ids:?}");
        assert_eq!(describing(&record, "pages/least").verdict, Verdict::Pass);
        let why = &describing(&record, "pages/kept").note;
        let plural = if policies == 1 { "" } else { "s" };
        let too_few =
            format!("ipamPolicySet.item has {policies} element{plural}, expected more than 5");
        assert_eq!(why.ends_with(&too_few), policies < 6, "{why}");
    }
}

/// A fault is found by the law that it breaks, and by no other of these laws.
#[tokio::test]
async fn a_wrong_list_is_found_by_its_law() {
    for (fault, law, requirement) in [
        ("describe-ignores-ids", "ids/IpamPolicyIds", "action-ids"),
        ("describe-hears-one-id", "ids/IpamPolicyIds", "action-ids"),
        (
            "describe-max-results-ignored",
            "pages/kept",
            "action-max-results",
        ),
        ("pages-say-nothing-of-more", "pages/token", "action-pages"),
        ("describe-next-token-ignored", "pages/next", "action-pages"),
    ] {
        let quirk = Some(sabotage::fault(fault).unwrap());
        let record = judge_with(6, &["DescribeIpamPolicies"], quirk).await;
        for asked in [
            "pages/kept",
            "pages/token",
            "pages/next",
            "ids/IpamPolicyIds",
        ] {
            let case = describing(&record, asked);
            let broken: Vec<&str> = case
                .deviations
                .iter()
                .map(|deviation| deviation.requirement.as_str())
                .collect();
            let expected: &[&str] = if asked == law { &[requirement] } else { &[] };
            assert_eq!(broken, expected, "{fault} {case:?}");
        }
    }
}

/// Different but correct behaviour is not blamed.
#[tokio::test]
async fn a_variant_breaks_no_law() {
    for variant in sabotage::variants() {
        let actions = ["CreateIpamPolicy", "DescribeIpamPolicies"];
        let record = judge_with(6, &actions, Some(variant)).await;
        let found: Vec<_> = record
            .cases
            .iter()
            .filter(|case| matches!(case.verdict, Verdict::Fail | Verdict::Warn))
            .map(|case| (&case.id, &case.deviations))
            .collect();
        assert!(found.is_empty(), "{variant:?} {found:#?}");
    }
}

#[tokio::test]
async fn a_missing_action_is_not_blamed() {
    let record = judge(
        &[
            "CreateSpotDatafeedSubscription",
            "UpdateCapacityManagerMonitoredTagKeys",
        ],
        None,
    )
    .await;
    let unimplemented = with(&record, Verdict::Unimplemented).len();
    let not_run = with(&record, Verdict::NotRun).len();
    assert!(unimplemented >= 2, "{unimplemented}");
    assert_eq!(unimplemented + not_run, record.cases.len());
}

#[tokio::test]
async fn a_fault_breaks_its_law() {
    for (fault, requirement) in [
        ("dry-run-ignored", "action-dry-run"),
        ("dry-run-ignored", "dry-run-is-error"),
        ("token-ignored", "action-token-replay"),
        ("unknown-parameter-ignored", "unknown-parameter"),
        ("tags-unchecked", "tag-key-reserved"),
        ("unknown-action-code", "unknown-action"),
        ("deleted-stays", "action-delete-removes"),
    ] {
        let record = judge(&["CreateIpamPolicy"], Some(sabotage::fault(fault).unwrap())).await;
        let broken = broken(&record);
        assert!(broken.contains(requirement), "{fault}: {broken:?}");
    }
}

#[test]
fn a_mistake_in_fixtures_is_refused_with_its_place() {
    let mistakes = [
        "actions.CreateVpcs = {}",
        "[actions.CreateVpc.request]\nCidr = '10.0.0.0/16'",
        "[actions.CreateVpc.request]\nDryRun = 'yes'",
        "[actions.RunInstances]\nneeds = ['ImageID']",
        "[action.CreateVpc]",
        "members.VpcIdd = 'vpc-1'",
        "members.CidrBlock = 5",
        "[actions.CreateVpc.made]\nid = 'nope.id'",
        "[actions.CreateVpc.made]\nid = 'vpc.vpcId'\nundo = ['DeleteVpcc', 'VpcId']",
        "[actions.CreateVpc.made]\nid = 'vpc.vpcId'\nundo = ['DeleteVpc', 'vpcId']",
        "[actions.CreateVpc.made]\nid = 'vpc.vpcId'\nundo = ['DeleteVpc']",
        "members.VpcId = 'vpc-${nope}'",
        "actions.CreateVpc.request.CidrBlock = '${region'",
    ];
    let shown = mistakes.map(|text| Fixtures::read("mine.toml", text).unwrap_err().to_string());
    let _area = snapshots::area("laws");
    insta::assert_snapshot!("fixtures", shown.join("\n\n"));
    let add = |glob: &str| {
        let mut catalogue = Catalogue::without_cases().unwrap();
        laws::add(&mut catalogue, &[glob.to_owned()], &Fixtures::default())
    };
    let unknown = add("CreateVpcs").unwrap_err().to_string();
    assert_eq!(
        unknown,
        "--action: EC2 has no action `CreateVpcs`; did you mean `CreateVpc`?"
    );
    assert!(add("[").is_err());
}

/// A resource that was created despite a refusal or a dry run is found and deleted.
#[tokio::test]
async fn a_resource_created_despite_a_fault_is_found() {
    for (fault, case, broken) in [
        (
            "dry-run-creates",
            "any/CreateIpamPolicy/dry-run/answer",
            "dry-run-creates-nothing",
        ),
        (
            "refusal-still-creates",
            "any/CreateIpamPolicy/tags/51",
            "refused-creates-nothing",
        ),
    ] {
        let record = judge(&["CreateIpamPolicy"], Some(sabotage::fault(fault).unwrap())).await;
        let judged = record.cases.iter().find(|one| one.id == case).unwrap();
        assert_eq!(judged.verdict, Verdict::Fail, "{fault}: {}", judged.note);
        let deviation = judged.deviations.first().unwrap();
        assert_eq!(deviation.requirement, broken, "{fault}");
        assert!(
            deviation
                .found
                .starts_with("after the refusal, DescribeIpamPolicies lists ipam-policy-"),
            "{}",
            deviation.found
        );
    }
}

/// Runs the cases of three actions against a server that gives every request the same answer.
async fn judge_by(answer: impl Respond + 'static) -> RunRecord {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    judge_at(&server, &["CreateVpc", "DescribeVpcs", "DeleteVpc"]).await
}

async fn judge_at(server: &MockServer, actions: &[&str]) -> RunRecord {
    let fixtures = Fixtures::embedded().unwrap();
    let mut catalogue = Catalogue::without_cases().unwrap();
    let actions: Vec<String> = actions.iter().map(ToString::to_string).collect();
    laws::add(&mut catalogue, &actions, &fixtures).unwrap();
    let cases: Vec<_> = catalogue.cases().iter().collect();
    let subject =
        HttpSubject::new(&server.uri(), Signer::default(), Duration::from_secs(5)).unwrap();
    let options = Options::default().allow_create(true).min_judged(20);
    runner::run(&catalogue, &cases, &subject, &options, &mut |_| {})
        .await
        .unwrap()
}

/// A server that never answers usefully has not been judged, and one that cannot be reached does not
/// seem to lack an action.
#[tokio::test]
async fn a_server_that_never_answers_usefully_is_not_judged() {
    let fault = |status, code| {
        let body = fault::document(code, "m");
        ResponseTemplate::new(status).set_body_raw(body, "text/xml; charset=UTF-8")
    };
    let page = "<html><body><h1>502 Bad Gateway</h1></body></html>";
    for (why, lacks, answer) in [
        ("500", false, fault(500, "InternalError")),
        ("501", true, fault(501, "InternalFailure")),
        ("InvalidAction", true, fault(400, "InvalidAction")),
        ("busy", false, fault(503, "RequestLimitExceeded")),
        ("empty", false, ResponseTemplate::new(503)),
        (
            "text",
            false,
            ResponseTemplate::new(503).set_body_string("no healthy upstream"),
        ),
        (
            "page",
            false,
            ResponseTemplate::new(502).set_body_raw(page, "text/html"),
        ),
    ] {
        let record = judge_by(answer).await;
        let summary = &record.summary;
        assert_eq!(summary.exit_code(), 4, "{why} {summary:?}");
        assert_eq!(summary.pass + summary.fail, 0, "{why} {summary:?}");
        assert_eq!(summary.unimplemented > 0, lacks, "{why} {summary:?}");
    }
}

/// An error of the server in EC2's form follows the protocol. It shows nothing about valid requests,
/// and is a warning where a refusal was due.
#[tokio::test]
async fn a_server_that_fails_in_ec2s_form_breaks_no_must() {
    let server = MockServer::start().await;
    let answer = |status, code| {
        let body = fault::document(code, "m");
        ResponseTemplate::new(status).set_body_raw(body, "text/xml; charset=UTF-8")
    };
    Mock::given(body_string_contains("Ec2wireUnknownAction"))
        .respond_with(answer(400, "InvalidAction"))
        .mount(&server)
        .await;
    Mock::given(any())
        .respond_with(answer(500, "InternalError"))
        .mount(&server)
        .await;
    let record = judge_at(&server, &["DescribeIpamPolicies"]).await;
    let plain = describing(&record, "plain");
    assert_eq!(plain.verdict, Verdict::NotRun);
    assert!(
        plain.note.starts_with("the server failed: "),
        "{}",
        plain.note
    );
    let summary = &record.summary;
    assert_eq!((summary.judged(), summary.exit_code()), (0, 4));
    // Where the request is at fault, the failure is a warning.
    let server = MockServer::start().await;
    Mock::given(body_string_contains("Ec2wireUnknown=1"))
        .respond_with(answer(500, "InternalError"))
        .mount(&server)
        .await;
    let success = "<DescribeIpamPoliciesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
         <requestId>0f1e2d3c-0000-4000-8000-000000000000</requestId><ipamPolicySet/>\
         </DescribeIpamPoliciesResponse>";
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200).set_body_raw(success, "text/xml; charset=UTF-8"))
        .mount(&server)
        .await;
    let record = judge_at(&server, &["DescribeIpamPolicies"]).await;
    let case = describing(&record, "unknown-parameter");
    let broken: Vec<&str> = case
        .deviations
        .iter()
        .map(|deviation| deviation.requirement.as_str())
        .collect();
    assert_eq!(broken, ["answers-anything"], "{}", case.note);
    assert_eq!(case.verdict, Verdict::Warn);
}

/// A server that refuses everything, or calls everything a dry run, is not judged: no refusal has the
/// reason that a case looks for. The reason is the same for all cases of an action.
#[tokio::test]
async fn a_server_that_refuses_every_plain_request_is_hardly_judged() {
    for (status, code) in [(400, "InvalidParameterValue"), (412, "DryRunOperation")] {
        // The message names what was sent, as EC2's do.
        let answer = move |request: &Request| {
            let message = format!("not {}", String::from_utf8_lossy(&request.body));
            let body = fault::document(code, &message.replace('&', " "));
            ResponseTemplate::new(status).set_body_raw(body, "text/xml; charset=UTF-8")
        };
        let record = judge_by(answer).await;
        let passed: Vec<&str> = with(&record, Verdict::Pass)
            .into_iter()
            .map(|case| case.id.as_str())
            .collect();
        assert_eq!(passed, [""; 0], "{code}");
        assert_eq!(record.summary.exit_code(), 4, "{code} {:?}", record.summary);
        let plain = record
            .cases
            .iter()
            .find(|case| case.id == "any/CreateVpc/plain");
        let plain = plain.unwrap();
        assert_eq!(plain.verdict, Verdict::NotRun);
        // The cases of the list make a VPC first, unless they look at the list alone.
        for action in ["CreateVpc", "DescribeVpcs"] {
            let told: BTreeSet<&str> = record
                .cases
                .iter()
                .filter(|case| case.id.starts_with(&format!("any/{action}/")))
                .map(|case| case.note.as_str())
                .filter(|note| !note.is_empty())
                .collect();
            let reason = |action: &str| {
                format!(
                    "the server refuses the request of {action} that this case rests on, so it \
                     cannot be judged: status {status}, code {code}"
                )
            };
            let reasons = BTreeSet::from([reason(action), reason("CreateVpc")]);
            let reasons: BTreeSet<&str> = reasons.iter().map(String::as_str).collect();
            assert_eq!(told, reasons);
        }
    }
}

/// Where no plain request can be sent, a refusal shows nothing, but an acceptance does.
#[tokio::test]
async fn a_refusal_without_a_valid_request_shows_nothing() {
    let honest = judge(&["GetCoipPoolUsage"], None).await;
    let id = "any/GetCoipPoolUsage/without/PoolId";
    let case = honest.cases.iter().find(|case| case.id == id).unwrap();
    assert_eq!(case.verdict, Verdict::NotRun, "{}", case.note);
    let fault = Some(sabotage::fault("ipam-not-looked-up").unwrap());
    let wrong = judge(&["CreateIpamPolicy"], fault).await;
    let id = "any/CreateIpamPolicy/without/IpamId";
    let case = wrong.cases.iter().find(|case| case.id == id).unwrap();
    assert_eq!(case.verdict, Verdict::Fail, "{}", case.note);
}
