//! Runs each program as a user would.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use ec2wire_reference::{Config, Endpoint};
use std::process::{Output, Stdio};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

const CALL_EC2: &str = env!("CARGO_BIN_EXE_call_ec2");
const ANY_ACTION: &str = env!("CARGO_BIN_EXE_any_action");
const RUN_CONFORMANCE: &str = env!("CARGO_BIN_EXE_run_conformance");
const SERVE_WITH_AXUM: &str = env!("CARGO_BIN_EXE_serve_with_axum");

const IPAM: &str = "ipam-0123456789abcdef0";

async fn reference() -> Endpoint {
    let config = Config {
        ipam_ids: vec![IPAM.into()],
        ..Config::default()
    };
    Endpoint::bind(([127, 0, 0, 1], 0).into(), config)
        .await
        .unwrap()
}

async fn run(program: &str, args: &[&str]) -> Output {
    Command::new(program).args(args).output().await.unwrap()
}

/// The output of a program that must succeed.
async fn printed(program: &str, args: &[&str]) -> String {
    let output = run(program, args).await;
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The error message of a program that must fail.
async fn complaint(program: &str, args: &[&str]) -> String {
    let output = run(program, args).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test]
async fn call_ec2_creates_a_policy_or_reports_the_error() {
    let endpoint = reference().await;
    let text = printed(CALL_EC2, &[&endpoint.url(), IPAM]).await;
    assert!(text.starts_with("created ipam-policy-"), "{text}");

    let error = complaint(CALL_EC2, &[&endpoint.url(), "ipam-00000000000000000"]).await;
    assert!(error.contains("InvalidIpamId.NotFound"), "{error}");
}

#[tokio::test]
async fn any_action_sends_json_and_prints_json() {
    let endpoint = reference().await;
    let url = endpoint.url();
    let input = format!(r#"{{"IpamId": "{IPAM}"}}"#);
    let created = printed(ANY_ACTION, &["CreateIpamPolicy", &input, &url]).await;
    let created: serde_json::Value = serde_json::from_str(&created).unwrap();
    let id = created.pointer("/IpamPolicy/IpamPolicyId").unwrap();
    let id = id.as_str().unwrap();

    let listed = printed(ANY_ACTION, &["DescribeIpamPolicies", "{}", &url]).await;
    assert!(listed.contains(id), "{listed}");

    let wrong = r#"{"IpamIdd": "ipam-1"}"#;
    let error = complaint(ANY_ACTION, &["CreateIpamPolicy", wrong, &url]).await;
    assert!(error.contains("IpamIdd"), "{error}");
    let error = complaint(ANY_ACTION, &["CreateIpamPolicies"]).await;
    assert!(error.contains("did you mean"), "{error}");
}

#[tokio::test]
async fn serve_with_axum_answers_the_other_programs() {
    let mut server = Command::new(SERVE_WITH_AXUM)
        .arg("127.0.0.1:0")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let stdout = BufReader::new(server.stdout.take().unwrap());
    let line = stdout.lines().next_line().await.unwrap().unwrap();
    let url = line.strip_prefix("listening on ").unwrap();

    let text = printed(CALL_EC2, &[url, IPAM]).await;
    assert_eq!(text, "created ipam-policy-00000000000000001\n");
    let listed = printed(ANY_ACTION, &["DescribeIpamPolicies", "{}", url]).await;
    assert!(listed.contains("ipam-policy-00000000000000001"), "{listed}");
    let error = complaint(ANY_ACTION, &["CreateVpc", "{}", url]).await;
    assert!(error.contains("InvalidAction"), "{error}");

    let judged = run(RUN_CONFORMANCE, &["create-ipam-policy/token/*", url]).await;
    let judged = String::from_utf8(judged.stdout).unwrap();
    assert!(
        judged.contains("fail create-ipam-policy/token/"),
        "{judged}"
    );
}

#[tokio::test]
async fn run_conformance_passes_the_reference_endpoint() {
    let text = printed(RUN_CONFORMANCE, &["create-ipam-policy/token/*"]).await;
    let last = text.lines().last().unwrap();
    let (passed, rest) = last.split_once(" of ").unwrap();
    assert_eq!(rest, format!("{passed} cases passed"), "{text}");
    assert!(passed.parse::<u32>().unwrap() > 5, "{text}");
}
