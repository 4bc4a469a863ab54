//! `ec2wire serve --state`, and what it says of answers that are made up.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use crate::programs::{Listening, OWN, ends, signal};
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const CREATE: &str = "Action=CreateInternetGateway&Version=2016-11-15";
const LIST: &str = "Action=DescribeInternetGateways&Version=2016-11-15";

fn start(file: &Path) -> Listening {
    Listening::start(&["serve", "--state", file.to_str().unwrap()])
}

/// The exit code after a signal.
fn stop(server: &mut Listening, name: &str) -> Option<i32> {
    signal(&server.child, name);
    ends(&mut server.child, Duration::from_secs(10))
        .unwrap()
        .code()
}

fn gateways(server: &Listening) -> usize {
    server.call(LIST).matches("<internetGatewayId>").count()
}

#[test]
fn a_state_is_saved_at_the_end_and_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let mut server = start(&file);
    let before = gateways(&server);
    server.call(CREATE);
    assert!(!file.exists());
    let saved = server.post("/_ec2wire/save", "");
    assert!(
        saved.starts_with("HTTP/1.1 200") && saved.ends_with("saved\n"),
        "{saved}"
    );
    let first = std::fs::read_to_string(&file).unwrap();
    server.call(CREATE);
    assert_eq!(stop(&mut server, "TERM"), Some(0));
    let second = std::fs::read_to_string(&file).unwrap();
    assert_eq!(second.lines().count(), first.lines().count() + 1);

    let mut server = start(&file);
    assert_eq!(gateways(&server), before + 2);
    assert_eq!(stop(&mut server, "INT"), Some(0));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), second);
    // Nothing else is left in the folder.
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_bad_file_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let bad = "{\"ec2wire\":\"state\",\"version\":1}\n{\"thing\":{}}\n";
    std::fs::write(&file, bad).unwrap();
    let missing = folder.path().join("none/state");
    for (file, code, message) in [
        (&file, 2, "line 2, thing: no area comes before it"),
        (&missing, 3, "No such file or directory"),
        (&folder.path().to_owned(), 3, "directory"),
    ] {
        let mut command = Command::new(OWN);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--state"])
            .arg(file);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(code));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.contains(message) && said.contains(file.to_str().unwrap()),
            "{said}"
        );
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), bad);
}

#[test]
fn without_a_file_nothing_is_saved() {
    let server = Listening::start(&["serve"]);
    let answer = server.post("/_ec2wire/save", "");
    assert!(
        answer.starts_with("HTTP/1.1 409") && answer.contains("--state"),
        "{answer}"
    );
}

#[test]
fn what_is_made_up_is_told_once() {
    const MADE_UP: &str = "Action=GetSpotPlacementScores&TargetCapacity=1&Version=2016-11-15";
    let mut command = Command::new(OWN);
    command.arg("serve").stderr(Stdio::piped());
    let mut server = Listening::from(&mut command);
    for _ in 0..3 {
        assert!(server.call(MADE_UP).contains("x-ec2wire-made-up"));
    }
    server.call(LIST);
    assert_eq!(stop(&mut server, "TERM"), Some(0));
    let mut said = String::new();
    server
        .child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert_eq!(
        said.matches("made up: GetSpotPlacementScores").count(),
        1,
        "{said}"
    );
    assert!(!said.contains("InternetGateways"), "{said}");

    let strict = Listening::start(&["serve", "--strict"]);
    assert!(strict.call(MADE_UP).contains("<Code>InvalidAction</Code>"));
}
