//! The parts for mocks, driven by the AWS SDK for Rust.

use aws_credential_types::Credentials;
use aws_sdk_ec2::config::retry::RetryConfig;
use aws_sdk_ec2::config::{BehaviorVersion, Region};
use aws_sdk_ec2::error::ProvideErrorMetadata as _;
use aws_sdk_ec2::types::{IpamPolicyState, ResourceType, Tag, TagSpecification};
use aws_sdk_ec2::{Client, Config};
use aws_smithy_http_client::Builder;
use ec2wire::ipam::{CreateIpamPolicy, CreateIpamPolicyResponse, IpamPolicy};
use ec2wire_reference::Config as World;
use ec2wire_wiremock::{
    Contract, action, conforms, dry_run, fault, ok, param, reference, request, throttled_once,
};
use std::time::Duration;
use wiremock::{Mock, MockServer};

const IPAM: &str = "ipam-0123456789abcdef0";

fn client(server: &MockServer) -> Client {
    let credentials = Credentials::new("AKIDEXAMPLE", "secret", None, None, "test");
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(server.uri())
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials)
        .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(1)))
        .http_client(Builder::new().build_http())
        .build();
    Client::from_conf(config)
}

fn tags() -> TagSpecification {
    let tag = Tag::builder().key("cost centre").value("a+b&c");
    TagSpecification::builder()
        .resource_type(ResourceType::from("ipam-policy"))
        .tags(tag.build())
        .build()
}

#[tokio::test]
async fn a_call_that_is_throttled_once_gets_its_answer() {
    let contract = Contract::new();
    let server = MockServer::start().await;
    let answer = CreateIpamPolicyResponse {
        ipam_policy: Some(IpamPolicy {
            ipam_policy_id: Some("ipam-policy-1".to_owned()),
            ..IpamPolicy::default()
        }),
    };
    Mock::given(contract.clone())
        .and(action("CreateIpamPolicy"))
        .and(param("IpamId", IPAM))
        .and(request::<CreateIpamPolicy>(|r| r.client_token.is_some()))
        .respond_with(throttled_once(ok(answer)))
        .expect(2)
        .mount(&server)
        .await;
    let call = client(&server).create_ipam_policy().ipam_id(IPAM);
    let done = call.tag_specifications(tags()).send().await.unwrap();
    let policy = done.ipam_policy().unwrap();
    assert_eq!(policy.ipam_policy_id(), Some("ipam-policy-1"));
    contract.verify();
}

#[tokio::test]
async fn errors_have_their_codes() {
    let server = MockServer::start().await;
    Mock::given(param("DryRun", "true"))
        .respond_with(dry_run())
        .mount(&server)
        .await;
    Mock::given(action("CreateIpamPolicy"))
        .respond_with(fault("InvalidIpamId.NotFound", "no & none"))
        .mount(&server)
        .await;
    let call = client(&server).create_ipam_policy().ipam_id(IPAM);
    let error = call.clone().send().await.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("InvalidIpamId.NotFound"));
    assert_eq!(error.message(), Some("no & none"));
    let error = call.dry_run(true).send().await.unwrap_err();
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 412);
    assert_eq!(error.code(), Some("DryRunOperation"));
}

#[tokio::test]
async fn the_reference_remembers() {
    let server = MockServer::start().await;
    let world = reference(World {
        ipam_ids: vec![IPAM.to_owned()],
        ..World::default()
    });
    Mock::given(conforms())
        .respond_with(world)
        .mount(&server)
        .await;
    let client = client(&server);
    let call = client.create_ipam_policy().ipam_id(IPAM);
    let done = call.tag_specifications(tags()).send().await.unwrap();
    let policy = done.ipam_policy().unwrap();
    assert_eq!(policy.tags()[0].value(), Some("a+b&c"));
    assert!(matches!(
        policy.state(),
        Some(IpamPolicyState::CreateInProgress | IpamPolicyState::CreateComplete)
    ));
    let known = client.describe_ipam_policies().send().await.unwrap();
    let ids: Vec<_> = known
        .ipam_policies()
        .iter()
        .map(|p| p.ipam_policy_id())
        .collect();
    assert_eq!(ids, [policy.ipam_policy_id()]);
}
