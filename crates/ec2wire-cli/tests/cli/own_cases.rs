//! Cases and requirements that people write, as they write, check and run them.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::fs;
use std::process::{Command, Output};

fn ec2wire(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ec2wire"));
    command.args(args).env_remove("AWS_REGION");
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_started_case_is_checked_and_run_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vpc.toml").display().to_string();
    let started = ec2wire(&["cases", "new", "createvpc"]);
    assert_eq!(started.status.code(), Some(0));
    fs::write(&path, &started.stdout).unwrap();

    let checked = ec2wire(&["cases", "check", &path]);
    let said = text(&checked.stdout);
    assert_eq!(
        (checked.status.code(), said.as_str()),
        (Some(0), "1 file, 1 requirement, 1 valid case, 0 mistakes\n")
    );

    let run = ec2wire(&[
        "verify",
        "server",
        "--cases",
        &path,
        "--no-embedded",
        "--verbose",
    ]);
    let said = text(&run.stdout);
    assert_eq!(run.status.code(), Some(0), "{said}");
    assert!(said.contains("mine/create-vpc"), "{said}");
    assert!(said.contains("1 case: 1 passed"), "{said}");

    let unknown = ec2wire(&["cases", "new", "CreateVpcs"]);
    let said = text(&unknown.stderr);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(said.contains("did you mean `CreateVpc`?"), "{said}");
}

const OWN: &str = r#"prefix = "mine"

[[requirement]]
id = "my-never"
level = "must"
statement = "our manual says that this happens"
source = "our manual, page 7"
evidence = "docs"

[[case]]
id = "never"
title = "a VPC has an id that nothing has"
requirement = "my-never"
[[case.step]]
action = "CreateVpc"
members = { CidrBlock = "10.0.0.0/16" }
expect = "success"
undo = { at = "vpc.vpcId", action = "DeleteVpc", key = "VpcId" }
[[case.step.checks]]
at = "vpc.vpcId"
equals = "never"
"#;

#[test]
fn every_report_shows_a_requirement_of_ones_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    fs::write(path("own.toml"), OWN).unwrap();
    let names = ["run.ndjson", "run.xml", "run.md", "run.html"];
    let formats = ["ndjson", "junit", "markdown", "html"];
    let reports: Vec<String> = formats
        .iter()
        .zip(names)
        .map(|(format, name)| format!("--report={format}={}", path(name)))
        .collect();
    let own = path("own.toml");
    let mut args = vec!["verify", "server", "--cases", &own, "--run", "mine/*"];
    args.extend(reports.iter().map(String::as_str));
    let run = ec2wire(&args);
    let said = text(&run.stdout);
    assert_eq!(run.status.code(), Some(1), "{said}");
    for shown in names.map(|name| fs::read_to_string(path(name)).unwrap()) {
        assert!(shown.contains("my-never"), "{shown}");
        assert!(shown.contains("our manual, page 7"), "{shown}");
    }
    assert!(said.contains("our manual, page 7"), "{said}");
}

#[test]
fn nothing_is_sent_for_a_file_with_a_mistake_and_all_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.toml").display().to_string();
    let wrong = OWN
        .replace("CreateVpc", "CreateVpcc")
        .replace("id = \"my-never\"", "id = \"any-character\"");
    fs::write(&path, wrong).unwrap();
    let run = ec2wire(&["verify", "server", "--cases", &path]);
    assert_eq!(run.status.code(), Some(2));
    assert_eq!(text(&run.stdout), "");

    let checked = ec2wire(&["cases", "check", &path]);
    let said = text(&checked.stdout);
    assert_eq!(checked.status.code(), Some(2));
    for mistake in [
        ":4:6: the catalogue has a requirement `any-character` already",
        ":13:15: unknown requirement `my-never`",
        ":15:10: EC2 has no action `CreateVpcc`",
    ] {
        assert!(said.contains(mistake), "{said}");
    }
    assert!(
        said.ends_with("1 file, 0 requirements, 0 valid cases, 3 mistakes\n"),
        "{said}"
    );
}

#[test]
fn stories_run_only_if_they_are_asked_for() {
    let count = |args: &[&str]| {
        let listed = text(&ec2wire(args).stdout);
        let stories = listed.lines().filter(|line| line.contains(" stories/"));
        stories.count()
    };
    assert_eq!(count(&["cases", "list"]), 0);
    assert_eq!(count(&["cases", "list", "--run", "stories/*"]), 9);
    let shown = ec2wire(&["cases", "show", "stories/vpc/in-use"]);
    assert_eq!(shown.status.code(), Some(0));
    assert!(text(&shown.stdout).contains("# must story-vpc-in-use: "));
}
