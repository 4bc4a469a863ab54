//! A test with mocks: code that lists policies page by page, and a server with fixed responses.
//!
//! The mocks match the decoded request, not its text. The contract fails the test if a request breaks
//! one of EC2's rules.

use ec2wire::Operation;
use ec2wire::ipam::{DescribeIpamPolicies, DescribeIpamPoliciesResponse, IpamPolicy};
use ec2wire_wiremock::{Contract, action, fault, ok, param, param_absent};
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use wiremock::{Mock, MockServer};

type Error = Box<dyn std::error::Error>;

/// The code under test: the ids of all policies.
async fn policy_ids(endpoint: &str) -> Result<Vec<String>, Error> {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let mut request: DescribeIpamPolicies = DescribeIpamPolicies::default();
    let mut ids = Vec::new();
    loop {
        let http = http::Request::post(endpoint)
            .header("content-type", ec2wire::form::CONTENT_TYPE)
            .body(Full::<bytes::Bytes>::from(request.to_body()?))?;
        let (head, body) = client.request(http).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        let reply = <DescribeIpamPolicies>::decode_reply(head.status.as_u16(), &body)?;
        let page = reply.into_result()?.output;
        let policies = page.ipam_policies.unwrap_or_default();
        ids.extend(policies.into_iter().filter_map(|p| p.ipam_policy_id));
        request.next_token = page.next_token;
        if request.next_token.is_none() {
            return Ok(ids);
        }
    }
}

/// A page with one policy.
fn page(id: &str, next_token: Option<&str>) -> DescribeIpamPoliciesResponse {
    DescribeIpamPoliciesResponse {
        ipam_policies: Some(vec![IpamPolicy {
            ipam_policy_id: Some(id.into()),
            ..IpamPolicy::default()
        }]),
        next_token: next_token.map(Into::into),
    }
}

#[tokio::test]
async fn all_pages_are_read() -> Result<(), Error> {
    let contract = Contract::new();
    let server = MockServer::start().await;
    Mock::given(action("DescribeIpamPolicies"))
        .and(param_absent("NextToken"))
        .and(contract.clone())
        .respond_with(ok(page("ipam-policy-1", Some("page-2"))))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(action("DescribeIpamPolicies"))
        .and(param("NextToken", "page-2"))
        .and(contract.clone())
        .respond_with(ok(page("ipam-policy-2", None)))
        .expect(1)
        .mount(&server)
        .await;

    let ids = policy_ids(&server.uri()).await?;
    assert_eq!(ids, ["ipam-policy-1", "ipam-policy-2"]);
    contract.verify();
    Ok(())
}

#[tokio::test]
async fn a_refusal_becomes_an_error_with_its_code() {
    let server = MockServer::start().await;
    Mock::given(action("DescribeIpamPolicies"))
        .respond_with(fault("UnauthorizedOperation", "You are not authorized."))
        .mount(&server)
        .await;

    let error = policy_ids(&server.uri()).await.err();
    let error = error.map(|error| error.to_string()).unwrap_or_default();
    assert!(error.contains("UnauthorizedOperation"), "{error}");
}
