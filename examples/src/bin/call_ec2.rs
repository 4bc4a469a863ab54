//! Calls EC2 with a plain HTTP client: the codec writes the body, `aws-sigv4` signs the request.
//!
//! Start `ec2wire serve` in one terminal, and in another run
//!
//! ```text
//! cargo run -p ec2wire-examples --bin call_ec2 -- http://127.0.0.1:4566/ ipam-0123456789abcdef0
//! ```

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use ec2wire::ipam::{CreateIpamPolicy, random_client_token};
use ec2wire::{Operation, Reply, ResourceType, Tag, TagSpecification, form};
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use std::env;
use std::time::SystemTime;

type Error = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let mut args = env::args().skip(1);
    let endpoint = args.next().unwrap_or("http://127.0.0.1:4566/".into());
    let ipam_id = args.next().unwrap_or("ipam-0123456789abcdef0".into());

    let mut request: CreateIpamPolicy = CreateIpamPolicy::new(ipam_id);
    let tags = [Tag::new("Name", "edge")];
    request.tag_specifications = vec![TagSpecification::new(ResourceType::IpamPolicy, tags)];
    // EC2 creates one policy per token, however often the request is sent.
    request.fill_client_token(random_client_token);

    let http = signed(&endpoint, request.to_body()?)?;
    // AWS itself needs TLS: give the client a connector such as hyper-rustls.
    let client = Client::builder(TokioExecutor::new()).build_http();
    let (head, body) = client.request(http).await?.into_parts();
    let body = body.collect().await?.to_bytes();

    match <CreateIpamPolicy>::decode_reply(head.status.as_u16(), &body)? {
        Reply::Success(success) => {
            let policy = success.output.ipam_policy.unwrap_or_default();
            println!("created {}", policy.ipam_policy_id.unwrap_or_default());
            Ok(())
        }
        // EC2's own error, with its code, message and request id.
        Reply::Fault(fault) => Err(format!("EC2 refused the request: {fault}").into()),
    }
}

/// A POST request with Signature Version 4.
fn signed(endpoint: &str, body: String) -> Result<Request<Full<Bytes>>, Error> {
    let var = |name, default: &str| env::var(name).unwrap_or_else(|_| default.into());
    let identity = Credentials::new(
        var("AWS_ACCESS_KEY_ID", "test"),
        var("AWS_SECRET_ACCESS_KEY", "test"),
        env::var("AWS_SESSION_TOKEN").ok(),
        None,
        "example",
    )
    .into();
    let region = var("AWS_REGION", "us-east-1");
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(&region)
        .name("ec2")
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()?
        .into();

    let headers = [("content-type", form::CONTENT_TYPE)];
    let signable_body = SignableBody::Bytes(body.as_bytes());
    let signable = SignableRequest::new("POST", endpoint, headers.into_iter(), signable_body)?;
    let (instructions, _signature) = sign(signable, &params)?.into_parts();

    let mut request = Request::post(endpoint)
        .header("content-type", form::CONTENT_TYPE)
        .body(Full::from(body))?;
    instructions.apply_to_request_http1x(&mut request);
    Ok(request)
}
