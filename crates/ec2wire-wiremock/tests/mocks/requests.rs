//! The matchers and responders, driven by a plain HTTP client.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use ec2wire::ipam::{CreateIpamPolicy, CreateIpamPolicyResponse, DescribeIpamPolicies, IpamPolicy};
use ec2wire::{Operation, Reply, ResourceType, Tag, TagSpecification};
use ec2wire_reference::Config;
use ec2wire_test_support::snapshots;
use ec2wire_wiremock::{
    Contract, action, conforms, dry_run, fault, ok, param, param_absent, reference, refusal,
    request, throttled_once,
};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use std::panic::AssertUnwindSafe;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer};

const IPAM: &str = "ipam-0123456789abcdef0";

async fn post(server: &MockServer, body: impl Into<String>) -> (u16, Option<String>, String) {
    let request = http::Request::post(server.uri())
        .header("content-type", ec2wire::form::CONTENT_TYPE)
        .body(Full::<bytes::Bytes>::from(body.into()))
        .unwrap();
    let client = Client::builder(TokioExecutor::new()).build_http();
    let (head, body) = client.request(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let id = head.headers.get("x-amzn-requestid");
    let id = id.map(|id| id.to_str().unwrap().to_owned());
    (
        head.status.as_u16(),
        id,
        String::from_utf8(body.to_vec()).unwrap(),
    )
}

async fn create(
    server: &MockServer,
    request: &CreateIpamPolicy,
) -> Reply<CreateIpamPolicyResponse> {
    let (status, id, body) = post(server, request.to_body().unwrap()).await;
    let reply = <CreateIpamPolicy>::decode_reply(status, body.as_bytes()).unwrap();
    assert_eq!(reply.request_id().map(str::to_owned), id);
    reply
}

fn tagged() -> CreateIpamPolicy {
    let mut request = CreateIpamPolicy::new(IPAM);
    let tags = [Tag::new("cost centre", "a+b")];
    request.tag_specifications = vec![TagSpecification::new(ResourceType::IpamPolicy, tags)];
    request
}

#[tokio::test]
async fn matchers_compare_decoded_requests() {
    let server = MockServer::start().await;
    Mock::given(action("CreateIpamPolicy"))
        .and(param("TagSpecification.1.Tag.1.Key", "cost centre"))
        .and(param("TagSpecification.1.Tag.1.Value", "a+b"))
        .and(param_absent("ClientToken"))
        .and(request::<CreateIpamPolicy>(|r| {
            r.tag_specifications.len() == 1
        }))
        .and(conforms())
        .respond_with(fault("Matched", "yes"))
        .mount(&server)
        .await;
    let fault = create(&server, &tagged()).await.into_result().unwrap_err();
    assert_eq!(fault.code(), Some("Matched"));
    // The same request with another client's escapes.
    let body = tagged().to_body().unwrap().replace("%20", "+");
    assert_eq!(post(&server, body).await.0, 400);
    for other in [
        tagged()
            .to_body()
            .unwrap()
            .replace("CreateIpamPolicy", "DeleteIpamPolicy"),
        tagged().to_body().unwrap().replace("%2B", "%20"),
        tagged().to_body().unwrap() + "&ClientToken=a",
        tagged().to_body().unwrap() + "&TagSpecification.2.ResourceType=ipam",
        tagged().to_body().unwrap() + "&DryRun=maybe",
        tagged().to_body().unwrap().replace("2016-11-15", ""),
    ] {
        assert_eq!(post(&server, other.clone()).await.0, 404, "{other}");
    }
}

#[tokio::test]
async fn responders_answer_as_ec2_does() {
    let server = MockServer::start().await;
    let answer = CreateIpamPolicyResponse {
        ipam_policy: Some(IpamPolicy {
            ipam_id: Some(IPAM.to_owned()),
            ..IpamPolicy::default()
        }),
    };
    Mock::given(action("CreateIpamPolicy"))
        .and(param("DryRun", "true"))
        .respond_with(dry_run())
        .mount(&server)
        .await;
    Mock::given(action("CreateIpamPolicy"))
        .respond_with(throttled_once(ok(answer.clone())))
        .mount(&server)
        .await;
    let mut request = CreateIpamPolicy::new(IPAM);
    let busy = create(&server, &request).await.into_result().unwrap_err();
    assert_eq!(
        (busy.status, busy.code()),
        (503, Some("RequestLimitExceeded"))
    );
    for _ in 0..2 {
        let success = create(&server, &request).await.into_result().unwrap();
        assert_eq!(success.output, answer);
    }
    request.dry_run = Some(true);
    let fault = create(&server, &request).await.into_result().unwrap_err();
    assert!(fault.is_dry_run() && fault.status == 412);
}

#[tokio::test]
async fn the_reference_responder_keeps_state() {
    let server = MockServer::start().await;
    let ipam_ids = vec![IPAM.to_owned()];
    let world = reference(Config {
        ipam_ids,
        ..Config::default()
    });
    Mock::given(conforms())
        .respond_with(world)
        .mount(&server)
        .await;
    let created = create(&server, &tagged()).await.into_result().unwrap();
    let id = created.output.ipam_policy.unwrap().ipam_policy_id.unwrap();
    let describe: DescribeIpamPolicies = DescribeIpamPolicies::default();
    let (status, _, body) = post(&server, describe.to_body().unwrap()).await;
    assert!(status == 200 && body.contains(&id), "{body}");
}

#[tokio::test]
async fn a_broken_rule_is_reported_with_its_place() {
    let contract = Contract::new();
    let server = MockServer::start().await;
    Mock::given(contract.clone())
        .respond_with(dry_run())
        .mount(&server)
        .await;
    Mock::given(any())
        .respond_with(refusal())
        .with_priority(255)
        .mount(&server)
        .await;
    assert_eq!(post(&server, tagged().to_body().unwrap()).await.0, 412);
    assert_eq!(contract.broken(), [""; 0]);
    let body = "Action=CreateIpamPolicy&Version=2016-11-15&IpamId=ipam-1\
        &TagSpecification.1.ResourceType=ipam-policy&TagSpecification.1.Tag.1.Key=aws%3Aa&Tags=";
    let (status, _, answer) = post(&server, body).await;
    assert_eq!(status, 400);
    for word in [
        "parameters-known",
        "tag-key-prefix",
        "the action has no `Tags`",
    ] {
        assert!(answer.contains(word), "{word}: {answer}");
    }
    let port = server.address().to_string();
    let panic = std::panic::catch_unwind(AssertUnwindSafe(|| contract.verify())).unwrap_err();
    let text = panic
        .downcast_ref::<String>()
        .unwrap()
        .replace(&port, "127.0.0.1:1");
    let _area = snapshots::area("wiremock");
    insta::assert_snapshot!("broken", text);
    // `verify` has panicked already, so dropping must not panic again.
    drop(contract);
}

#[tokio::test]
async fn a_contract_that_is_dropped_fails_the_test() {
    let contract = Contract::new();
    let server = MockServer::start().await;
    Mock::given(contract.clone())
        .respond_with(dry_run())
        .mount(&server)
        .await;
    post(&server, "Action=CreateIpamPolicy&Version=2016-11-15").await;
    let dropped = std::panic::catch_unwind(AssertUnwindSafe(|| drop(contract)));
    assert!(dropped.is_err());
}
