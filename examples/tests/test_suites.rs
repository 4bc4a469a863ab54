//! Two ways to have an EC2 in a test: in the test's own process, and as a program beside it.

use ec2wire_model::{Model, Value};
use ec2wire_reference::{Config, Endpoint};
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

type Error = Box<dyn std::error::Error>;

/// The code under test: makes a VPC with a subnet, and gives the subnet's id.
async fn network(endpoint: &str) -> Result<String, Error> {
    let made = call(endpoint, "CreateVpc", r#"{"CidrBlock": "10.0.0.0/16"}"#).await?;
    let vpc = id(&made, "/Vpc/VpcId");
    let subnet = format!(r#"{{"VpcId": "{vpc}", "CidrBlock": "10.0.1.0/24"}}"#);
    let made = call(endpoint, "CreateSubnet", &subnet).await?;
    Ok(id(&made, "/Subnet/SubnetId").into())
}

fn id<'a>(answer: &'a serde_json::Value, at: &str) -> &'a str {
    let found = answer.pointer(at).and_then(|id| id.as_str());
    found.unwrap_or_default()
}

/// Any action, with JSON as boto3 takes it. An SDK does the same, with `endpoint` as its endpoint.
async fn call(endpoint: &str, action: &str, json: &str) -> Result<serde_json::Value, Error> {
    let action = Model::ec2().operation(action).ok_or("no such action")?;
    let input: Value<'_> = serde_json::from_str(json)?;
    let request = http::Request::post(endpoint)
        .header("content-type", ec2wire::form::CONTENT_TYPE)
        .body(Full::<bytes::Bytes>::from(action.encode_request(&input)?))?;
    let client = Client::builder(TokioExecutor::new()).build_http();
    let (head, body) = client.request(request).await?.into_parts();
    let body = body.collect().await?.to_bytes();
    let reply = action.decode_reply(head.status.as_u16(), &body)?;
    Ok(serde_json::to_value(reply.into_result()?.output)?)
}

#[tokio::test]
async fn in_this_process() -> Result<(), Error> {
    let config = Config {
        seed: Some(1),
        ..Config::default()
    };
    let ec2 = Endpoint::bind(([127, 0, 0, 1], 0).into(), config).await?;
    let subnet = network(&ec2.url()).await?;
    assert!(subnet.starts_with("subnet-"));
    ec2.stop().await;
    Ok(())
}

/// A program that ends with the test.
struct Ec2 {
    program: Child,
    url: String,
}

impl Ec2 {
    fn start() -> Result<Self, Error> {
        let mut program = Command::new("ec2wire")
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let output = program.stdout.take().ok_or("no output")?;
        BufReader::new(output).read_line(&mut line)?;
        let url = line.trim().trim_start_matches("listening on ").to_owned();
        Ok(Self { program, url })
    }
}

impl Drop for Ec2 {
    fn drop(&mut self) {
        self.program.kill().ok();
        self.program.wait().ok();
    }
}

#[tokio::test]
#[ignore = "needs the program ec2wire on the path"]
async fn as_a_program() -> Result<(), Error> {
    let ec2 = Ec2::start()?;
    assert!(network(&ec2.url).await?.starts_with("subnet-"));
    Ok(())
}
