//! Calls any EC2 action by the service model: JSON in, JSON out, no struct per action.
//!
//! Start `ec2wire serve` in one terminal, and in another run
//!
//! ```text
//! cargo run -p ec2wire-examples --bin any_action -- DescribeIpamPolicies '{"MaxResults": 5}'
//! ```
//!
//! The request is unsigned, which the reference endpoint accepts. `call_ec2` shows how to sign.

use bytes::Bytes;
use ec2wire::{Reply, form, ipam::random_client_token};
use ec2wire_model::{Model, Value, Violation};
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};

type Error = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let mut args = std::env::args().skip(1);
    let name = args.next().ok_or("usage: any_action ACTION [JSON] [URL]")?;
    let json = args.next().unwrap_or("{}".into());
    let endpoint = args.next().unwrap_or("http://127.0.0.1:4566/".into());

    let Some(action) = Model::ec2().operation(&name) else {
        let closest = Model::ec2().closest_operation(&name);
        let hint = closest.map(|action| format!("; did you mean {}?", action.name()));
        return Err(format!("unknown action {name}{}", hint.unwrap_or_default()).into());
    };

    let mut input: Value<'_> = serde_json::from_str(&json)?;
    if let Some(shape) = action.input() {
        // JSON has no timestamps or blobs: strings are converted to the types of the shape.
        shape.conform(&mut input);
        let violations = shape.violations(&input);
        for violation in &violations {
            eprintln!("{violation}");
        }
        if violations.iter().any(Violation::is_error) {
            return Err(format!("invalid request for {name}").into());
        }
    }
    action.fill_tokens(&mut input, random_client_token);

    let request = Request::post(endpoint)
        .header("content-type", form::CONTENT_TYPE)
        .body(Full::<Bytes>::from(action.encode_request(&input)?))?;
    let client = Client::builder(TokioExecutor::new()).build_http();
    let (head, body) = client.request(request).await?.into_parts();
    let body = body.collect().await?.to_bytes();

    match action.decode_reply(head.status.as_u16(), &body)? {
        Reply::Success(success) => {
            println!("{}", serde_json::to_string_pretty(&success.output)?);
            Ok(())
        }
        Reply::Fault(fault) => Err(format!("EC2 refused the request: {fault}").into()),
    }
}
