//! The codec between a plain HTTP client and a mocked server, which decodes what it gets.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bytes::Bytes;
use ec2wire::ipam::{CreateIpamPolicy, CreateIpamPolicyResponse, IpamPolicy, IpamPolicyState};
use ec2wire::{
    EC2_VERSION, Fault, Operation, Reply, ResourceType, Tag, TagSpecification, form, xml,
};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

const REQUEST_ID: &str = "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE";

/// Answers `CreateIpamPolicy` by what the request says.
struct Ec2;

impl Ec2 {
    fn create(request: &CreateIpamPolicy) -> Result<CreateIpamPolicyResponse, Fault> {
        if request.dry_run == Some(true) {
            return Err(Fault::new(
                412,
                "DryRunOperation",
                "Request would have succeeded, but DryRun flag is set.",
            ));
        }
        let Some(ipam_id) = request.ipam_id.clone() else {
            return Err(Fault::new(
                400,
                "MissingParameter",
                "The request must contain the parameter IpamId",
            ));
        };
        let tags = request.tag_specifications.iter().flat_map(|s| &s.tags);
        Ok(CreateIpamPolicyResponse {
            ipam_policy: Some(IpamPolicy {
                state: Some(IpamPolicyState::CreateInProgress),
                tag_set: Some(tags.cloned().collect()),
                ipam_id: Some(ipam_id),
                ..IpamPolicy::default()
            }),
        })
    }

    fn answer(body: &[u8]) -> Result<String, Fault> {
        let bad = |error: ec2wire::Error| Fault::new(400, "UnknownParameter", error.to_string());
        let call = form::Call::from_slice(body).map_err(bad)?;
        if call.action().map_err(bad)?.as_deref() != Some(<CreateIpamPolicy>::ACTION)
            || call.version().map_err(bad)?.as_deref() != Some(EC2_VERSION)
        {
            return Err(Fault::new(400, "InvalidAction", "no such action"));
        }
        let response = Self::create(&call.decode().map_err(bad)?)?;
        <CreateIpamPolicy>::encode_response(REQUEST_ID, &response).map_err(bad)
    }
}

impl Respond for Ec2 {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        match Self::answer(&request.body) {
            Ok(body) => ResponseTemplate::new(200).set_body_raw(body, xml::CONTENT_TYPE),
            // As EC2 does for a dry run: without a content type.
            Err(fault) => {
                let fault = fault.with_request_id(REQUEST_ID);
                ResponseTemplate::new(fault.status).set_body_bytes(fault.to_xml().unwrap())
            }
        }
    }
}

async fn server(respond: impl Respond + 'static) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/"))
        .and(header("content-type", form::CONTENT_TYPE))
        .respond_with(respond)
        .expect(1)
        .mount(&server)
        .await;
    server
}

/// Sends a body and decodes the answer.
async fn send_body(
    server: &MockServer,
    body: String,
) -> ec2wire::Result<Reply<CreateIpamPolicyResponse>> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let request = http::Request::post(server.uri())
        .header("content-type", form::CONTENT_TYPE)
        .body(Full::from(body))
        .unwrap();
    let (head, body) = client.request(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    <CreateIpamPolicy>::decode_reply(head.status.as_u16(), &body)
}

async fn send(
    server: &MockServer,
    request: &CreateIpamPolicy,
) -> ec2wire::Result<Reply<CreateIpamPolicyResponse>> {
    send_body(server, request.to_body().unwrap()).await
}

fn request() -> CreateIpamPolicy {
    let mut request = CreateIpamPolicy::new("ipam-0123456789abcdef0");
    request.tag_specifications = vec![TagSpecification::new(
        ResourceType::IpamPolicy,
        [Tag::new("Name", "é 日本 <&> +"), Tag::new("empty", "")],
    )];
    request
}

#[tokio::test]
async fn a_success() {
    let server = server(Ec2).await;
    let reply = send(&server, &request()).await.unwrap();
    let success = reply.into_result().unwrap();
    assert_eq!(success.request_id.as_deref(), Some(REQUEST_ID));
    let policy = success.output.ipam_policy.unwrap();
    assert_eq!(policy.state, Some(IpamPolicyState::CreateInProgress));
    assert_eq!(policy.ipam_id, request().ipam_id);
    assert_eq!(
        policy.tags(),
        [Tag::new("Name", "é 日本 <&> +"), Tag::new("empty", "")]
    );
}

#[tokio::test]
async fn a_dry_run_that_would_succeed() {
    let server = server(Ec2).await;
    let mut request = request();
    request.dry_run = Some(true);
    let fault = send(&server, &request)
        .await
        .unwrap()
        .into_result()
        .unwrap_err();
    assert!(fault.is_dry_run());
    assert_eq!(fault.status, 412);
    assert_eq!(fault.request_id.as_deref(), Some(REQUEST_ID));
}

#[tokio::test]
async fn a_missing_member() {
    let server = server(Ec2).await;
    let reply = send(&server, &CreateIpamPolicy::default()).await.unwrap();
    let fault = reply.into_result().unwrap_err();
    assert_eq!(
        fault.to_string(),
        format!(
            "MissingParameter: The request must contain the parameter IpamId \
             (HTTP 400, request {REQUEST_ID})"
        )
    );
}

#[tokio::test]
async fn an_unknown_member() {
    let server = server(Ec2).await;
    let body = request().to_body().unwrap() + "&Color=red";
    let fault = send_body(&server, body)
        .await
        .unwrap()
        .into_result()
        .unwrap_err();
    assert_eq!(fault.code(), Some("UnknownParameter"));
    let message = fault.message().unwrap();
    assert!(message.starts_with("unknown member `Color`"));
}

#[tokio::test]
async fn a_proxy_that_answers_in_html() {
    let page = "<html><body><h1>503 Service Unavailable</h1></body></html>";
    let server = server(ResponseTemplate::new(503).set_body_raw(page, "text/html")).await;
    let reply = send(&server, &request()).await.unwrap();
    let fault = reply.into_result().unwrap_err();
    assert_eq!((fault.status, fault.code()), (503, None));
    assert_eq!(fault.excerpt, page);
}

#[tokio::test]
async fn a_proxy_that_answers_in_html_with_200() {
    let page = "<html><body>Please log in</body></html>";
    let server = server(ResponseTemplate::new(200).set_body_raw(page, "text/html")).await;
    let error = send(&server, &request()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "expected the root element `CreateIpamPolicyResponse`, got `html` (byte 0)"
    );
}
