//! Files that are no regular ones, and full disks.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use crate::programs::{Listening, ends, signal};
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

const OWN: &str = env!("CARGO_BIN_EXE_ec2wire");
const FULL: &str = "/dev/full";

/// A run in which one case fails.
fn verify(args: &[&str]) -> Output {
    let run = ["verify", "client", "--run", "*/request/value/plus"];
    let wrong = ["--", OWN, "adapter", "--sabotage", "client-plus-bare"];
    let mut command = Command::new(OWN);
    command.args(run).args(args).args(wrong).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn expect_write(path: &Path) -> Output {
    verify(&["--expect-write", &path.display().to_string()])
}

#[test]
fn a_list_of_known_failures_takes_the_place_of_regular_files_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let is_list = |text: &str| assert!(text.contains("/request/value/plus"), "{text}");

    // A link stays, and so do the rights of the file that it leads to.
    let (real, link) = (path("real.toml"), path("link.toml"));
    fs::write(&real, "").unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&real, &link).unwrap();
    assert_eq!(expect_write(&link).status.code(), Some(1));
    assert!(link.symlink_metadata().unwrap().is_symlink());
    is_list(&fs::read_to_string(&real).unwrap());
    assert_eq!(real.metadata().unwrap().permissions().mode() & 0o777, 0o640);

    // So does a link to a file that does not exist yet.
    let (later, link) = (path("later.toml"), path("dangling.toml"));
    symlink(&later, &link).unwrap();
    assert_eq!(expect_write(&link).status.code(), Some(1));
    assert!(link.symlink_metadata().unwrap().is_symlink());
    is_list(&fs::read_to_string(&later).unwrap());

    let fifo = path("fifo");
    let made = Command::new("mkfifo").arg(&fifo).status().unwrap();
    assert!(made.success());
    let reader = thread::spawn({
        let fifo = fifo.clone();
        move || fs::read_to_string(fifo).unwrap()
    });
    assert_eq!(expect_write(&fifo).status.code(), Some(1));
    // Without a writer, the reader would wait forever.
    assert!(fifo.metadata().unwrap().file_type().is_fifo());
    is_list(&reader.join().unwrap());

    let output = expect_write(folder.path());
    assert_eq!(output.status.code(), Some(2), "a folder is refused");
    let mut left: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    let wanted = [
        "dangling.toml",
        "fifo",
        "later.toml",
        "link.toml",
        "real.toml",
    ];
    assert_eq!(left, wanted);
}

#[test]
fn a_full_disk_is_named_and_stops_no_other_output() {
    if !Path::new(FULL).exists() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    let html = format!("html={}", page.display());
    // A link: a program that put a file in the device's place would do so here only.
    let link = folder.path().join("full");
    symlink(FULL, &link).unwrap();
    let full = link.display().to_string();
    for output in [
        ["--expect-write", &full],
        ["--report", &format!("ndjson={full}")],
        ["--report", &format!("junit={full}")],
    ] {
        let ended = verify(&[&output[..], &["--report", &html]].concat());
        let (table, said) = (text(&ended.stdout), text(&ended.stderr));
        assert_eq!(ended.status.code(), Some(3), "{output:?}: {said}");
        let message = format!("{full}: No space left");
        assert!(said.contains(&message), "{output:?}: {said}");
        assert!(
            table.contains("1 case: 0 passed, 1 failed"),
            "{output:?}: {table}"
        );
        assert!(fs::metadata(&page).unwrap().len() > 0, "{output:?}");
        fs::remove_file(&page).unwrap();
        assert!(link.symlink_metadata().unwrap().is_symlink());
    }
}

#[test]
fn a_quiet_proxy_prints_its_address_and_the_totals() {
    let server = Listening::start(&["serve", "--ipam-id", "ipam-1"]);
    let mut proxy = Listening::start(&["proxy", "--quiet", "--upstream", &server.url]);
    let answer = proxy.call("Action=DescribeIpamPolicies&Version=2016-11-15");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    signal(&proxy.child, "INT");
    ends(&mut proxy.child, Duration::from_secs(10)).unwrap();
    let mut log = String::new();
    proxy.out.read_to_string(&mut log).unwrap();
    assert_eq!(log.lines().count(), 1, "{log}");
    assert!(log.starts_with("1 exchange: "), "{log}");
}

/// The shell limits how long a file may become, which ends a record as a full disk does.
#[test]
fn a_disk_that_becomes_full_resets_no_client_of_the_proxy() {
    let server = Listening::start(&["serve", "--ipam-id", "ipam-1"]);
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("session.ndjson").display().to_string();
    let mut command = Command::new("sh");
    let limited = ["-c", "trap '' XFSZ; ulimit -f 16; exec \"$0\" \"$@\"", OWN];
    let report = format!("ndjson={record}");
    let args = ["proxy", "--upstream", &server.url, "--report", &report];
    command.args(limited).args(args).stderr(Stdio::piped());
    let mut proxy = Listening::from(&mut command);
    for number in 0..20 {
        let answer = proxy.call("Action=DescribeIpamPolicies&Version=2016-11-15");
        assert!(answer.starts_with("HTTP/1.1 200 "), "{number}: {answer}");
    }
    signal(&proxy.child, "INT");
    let status = ends(&mut proxy.child, Duration::from_secs(10)).unwrap();
    assert_eq!(status.code(), Some(3));
    let (mut log, mut said) = (String::new(), String::new());
    proxy.out.read_to_string(&mut log).unwrap();
    assert!(log.contains("20 exchanges: "), "{log}");
    let stderr = proxy.child.stderr.as_mut().unwrap();
    stderr.read_to_string(&mut said).unwrap();
    let message = format!("ec2wire: cannot write the record: {record}: ");
    assert_eq!(
        said.matches(&message).count(),
        2,
        "once and at the end: {said}"
    );
    // What was written before can be read.
    let output = Command::new(OWN)
        .args(["report", &record])
        .output()
        .unwrap();
    let table = text(&output.stdout);
    assert!(
        table.contains("exchange-1 "),
        "{table}{}",
        text(&output.stderr)
    );
    assert!(!table.contains("exchange-20 "), "{table}");
}
