//! The code under test is throttled once, retries, and creates a policy.

use ec2wire::ipam::{CreateIpamPolicy, CreateIpamPolicyResponse, IpamPolicy};
use ec2wire::{Operation, Reply};
use ec2wire_wiremock::{Contract, action, ok, param, throttled_once};
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use wiremock::{Mock, MockServer};

type Error = Box<dyn std::error::Error>;

/// The code under test: it creates a policy, with two attempts.
async fn create(endpoint: &str, ipam: &str) -> Result<Option<String>, Error> {
    let mut request: CreateIpamPolicy = CreateIpamPolicy::new(ipam);
    request.client_token = Some("11111111-2222-4333-8444-555555555555".into());
    let client = Client::builder(TokioExecutor::new()).build_http();
    let mut tries = 0;
    loop {
        tries += 1;
        let http = http::Request::post(endpoint)
            .header("content-type", ec2wire::form::CONTENT_TYPE)
            .body(Full::<bytes::Bytes>::from(request.to_body()?))?;
        let (head, body) = client.request(http).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        match <CreateIpamPolicy>::decode_reply(head.status.as_u16(), &body)? {
            Reply::Success(answer) => {
                return Ok(answer
                    .output
                    .ipam_policy
                    .and_then(|policy| policy.ipam_policy_id));
            }
            Reply::Fault(fault) if fault.status >= 500 && tries < 2 => {}
            Reply::Fault(fault) => return Err(fault.into()),
        }
    }
}

#[tokio::test]
async fn a_policy_is_created() -> Result<(), Error> {
    let contract = Contract::new();
    let server = MockServer::start().await;
    let answer = CreateIpamPolicyResponse {
        ipam_policy: Some(IpamPolicy {
            ipam_policy_id: Some("ipam-policy-0123456789abcdef0".to_owned()),
            ..IpamPolicy::default()
        }),
    };
    Mock::given(action("CreateIpamPolicy"))
        .and(param("IpamId", "ipam-0123456789abcdef0"))
        // This mock is last, so it sees the requests that the others match.
        .and(contract.clone())
        .respond_with(throttled_once(ok(answer)))
        .expect(2)
        .mount(&server)
        .await;

    let id = create(&server.uri(), "ipam-0123456789abcdef0").await?;
    assert_eq!(id.as_deref(), Some("ipam-policy-0123456789abcdef0"));
    // Panics if a request broke a rule; dropping it does the same.
    contract.verify();
    Ok(())
}
