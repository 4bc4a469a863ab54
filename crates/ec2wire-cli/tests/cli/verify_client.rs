//! `verify client` and `proxy`, as a user calls them.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use crate::programs::{Listening, signal};
use std::fs;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Command, Output};

const OWN: &str = env!("CARGO_BIN_EXE_ec2wire");

fn ec2wire(args: &[&str]) -> Output {
    Command::new(OWN).args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A path that no other test uses.
fn scratch(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("ec2wire-clients-{}-{name}", std::process::id()))
}

#[test]
fn exit_codes_are_as_documented() {
    let run = ["verify", "client", "--run", "*/request/value/plus"];
    let with = |more: &[&str]| {
        let args: Vec<&str> = run.iter().chain(more).copied().collect();
        let output = ec2wire(&args);
        let said = text(&output.stdout) + &text(&output.stderr);
        (output.status.code(), said)
    };
    let (code, said) = with(&["--", OWN, "adapter"]);
    assert_eq!(code, Some(0), "{said}");
    let wrong = ["--", OWN, "adapter", "--sabotage", "client-plus-bare"];
    let (code, said) = with(&wrong);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("[text-carried]"), "{said}");
    assert_eq!(with(&["--", "/no/such/adapter"]).0, Some(3));
    assert_eq!(with(&[]).0, Some(2));
    assert_eq!(
        ec2wire(&["verify", "client", "--run", "x", "--", OWN, "adapter"])
            .status
            .code(),
        Some(4)
    );

    // A known failure does not fail the run; a listed case that passes does.
    let list = scratch("known.toml");
    let known = list.display().to_string();
    let (code, said) = with(&[&["--expect-write", known.as_str()], &wrong[..]].concat());
    assert_eq!(code, Some(1), "{said}");
    let (code, said) = with(&[&["--expect", known.as_str()], &wrong[..]].concat());
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = with(&["--expect", &known, "--", OWN, "adapter"]);
    assert_eq!(code, Some(1), "{said}");
    let report = format!("ndjson={known}");
    let (code, said) = with(&[
        "--expect", &known, "--report", &report, "--", OWN, "adapter",
    ]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("is the file of known failures"), "{said}");
    fs::remove_file(list).unwrap();
}

#[test]
fn cases_and_faults_of_clients_are_listed_and_judged() {
    let listed = ec2wire(&["cases", "list", "--clients", "--run", "*/token/*"]);
    let listed = text(&listed.stdout);
    assert!(
        listed.contains("create-ipam-policy/token/absent"),
        "{listed}"
    );
    let shown = ec2wire(&[
        "cases",
        "show",
        "--clients",
        "create-ipam-policy/token/absent",
    ]);
    assert!(text(&shown.stdout).contains("[[case.call]]"));
    let judged = ec2wire(&[
        "self-test",
        "--clients",
        "--run",
        "*/token/*",
        "--",
        "client-token-missing",
    ]);
    let said = text(&judged.stdout) + &text(&judged.stderr);
    assert_eq!(judged.status.code(), Some(0), "{said}");
    assert!(said.contains("caught"), "{said}");
}

#[test]
fn cases_of_the_other_catalogue_get_a_hint() {
    let said = |args: &[&str]| {
        let output = ec2wire(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        text(&output.stderr)
    };
    let of_clients = "create-ipam-policy/token/absent";
    let hint = said(&["cases", "show", of_clients]);
    assert!(hint.contains("is a client case; add --clients"), "{hint}");
    let of_servers = "create-ipam-policy/dry-run/valid";
    let hint = said(&["cases", "show", "--clients", of_servers]);
    assert!(
        hint.contains("is a server case; remove --clients"),
        "{hint}"
    );
    let hint = said(&["cases", "show", "--clients", "no/such/case"]);
    assert!(
        hint.contains("`ec2wire cases list --clients` lists the cases"),
        "{hint}"
    );

    // A client's calls cannot be replayed without the client.
    let record = scratch("client.ndjson");
    let path = record.display().to_string();
    let report = format!("ndjson={path}");
    let run = ["verify", "client", "--run", of_clients, "--report", &report];
    let output = ec2wire(&[&run[..], &["--", OWN, "adapter"]].concat());
    assert_eq!(output.status.code(), Some(0));
    let hint = said(&["replay", &path]);
    let again = format!("`ec2wire verify client --run '{of_clients}' -- {OWN} adapter`");
    assert!(hint.contains(&again), "{hint}");
    fs::remove_file(record).unwrap();
}

#[test]
fn the_proxy_records_a_session() {
    let server = Listening::start(&["serve", "--ipam-id", "ipam-1"]);
    let record = scratch("session.ndjson");
    let report = format!("ndjson={}", record.display());
    let mut proxy = Listening::start(&["proxy", "--upstream", &server.url, "--report", &report]);
    for body in [
        "Action=CreateIpamPolicy&Version=2016-11-15&IpamId=ipam-1",
        "Action=CreateIpamPolicy&Version=2016-11-15&IpamId=ipam-1&Tags=x",
    ] {
        let answer = proxy.call(body);
        assert!(answer.starts_with("HTTP/1.1 "), "{answer}");
    }
    signal(&proxy.child, "INT");
    let mut log = String::new();
    proxy.out.read_to_string(&mut log).unwrap();
    // Nothing is signed, which breaks a MUST.
    assert_eq!(proxy.child.wait().unwrap().code(), Some(1), "{log}");
    assert!(log.contains("the action has no `Tags`"), "{log}");
    assert!(log.contains("2 exchanges: "), "{log}");
    let text_of_record = fs::read_to_string(&record).unwrap();
    assert!(!text_of_record.contains("hidden"), "{text_of_record}");
    let path = record.display().to_string();
    for command in [&["report", &path][..], &["lint", &path]] {
        let output = ec2wire(command);
        let said = text(&output.stdout);
        assert!(said.contains("2 cases"), "{command:?}: {said}");
    }
    fs::remove_file(record).unwrap();
}

#[test]
fn an_invalid_upstream_is_refused() {
    for upstream in ["https://ec2.us-east-1.amazonaws.com", "http://a/b", "a"] {
        let output = ec2wire(&["proxy", "--upstream", upstream]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{upstream}: {said}");
    }
}
