//! Running cases the way CI does, as a user calls it.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

const IPAM: &str = "ipam-0123456789abcdef0";

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ec2wire"));
    command
        .args(args)
        .env_remove("AWS_REGION")
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("NO_COLOR");
    command
}

fn ec2wire(args: &[&str]) -> Output {
    command(args).output().unwrap()
}

/// The arguments for judging the test's own server.
fn against(url: &str) -> [&str; 6] {
    ["verify", "server", "--endpoint", url, "--ipam-id", IPAM]
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A folder that is deleted after the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!(
            "ec2wire-running-{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::SeqCst)
        );
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A server that responds to the first requests with the body, and never responds to the others. It
/// reports each request.
fn server(answers: usize, body: &'static str) -> (String, mpsc::Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, came) = mpsc::channel();
    thread::spawn(move || {
        let mut kept = Vec::new();
        let mut requests = 0;
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut buffer = [0; 1 << 13];
            // The runner also opens a connection without a request, to see whether the server listens.
            if stream.read(&mut buffer).unwrap_or(0) == 0 {
                continue;
            }
            if requests < answers {
                let length = body.len();
                let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/xml";
                let _ = write!(stream, "{head}\r\ncontent-length: {length}\r\n\r\n{body}");
            } else {
                kept.push(stream);
            }
            requests += 1;
            if sender.send(()).is_err() {
                return;
            }
        }
    });
    (url, came)
}

fn wait(child: &mut Child) -> Option<i32> {
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        if Instant::now() > deadline {
            child.kill().unwrap();
            return None;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(unix)]
fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    let sent = Command::new("kill").args(["-s", name, &id]).status();
    assert!(sent.unwrap().success());
}

#[cfg(unix)]
#[test]
fn a_signal_ends_the_run_with_a_report_of_what_ran() {
    for name in ["INT", "TERM"] {
        let scratch = Scratch::new();
        let report = scratch.path("run.ndjson");
        let (url, came) = server(3, "<html/>");
        let cases = ["--run", "*/refused/ipam-id/*"];
        let to = ["--report", &format!("ndjson={report}")];
        let mut run = command(&[&against(&url)[..], &cases, &to].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        for _ in 0..4 {
            came.recv().unwrap();
        }
        signal(&run, name);
        assert_eq!(wait(&mut run), Some(3));
        let mut table = String::new();
        run.stdout.unwrap().read_to_string(&mut table).unwrap();
        assert!(table.contains("the run was interrupted"), "{table}");
        let record = fs::read_to_string(&report).unwrap();
        let last = record.lines().last().unwrap();
        assert!(
            last.starts_with("{\"type\":\"summary\"") && last.contains("\"interrupted\""),
            "{last}"
        );
    }
}

#[cfg(unix)]
#[test]
fn a_second_signal_ends_the_program_at_once() {
    let scratch = Scratch::new();
    let report = scratch.path("run.ndjson");
    // The IPAM is created and cannot be deleted, so the run would wait.
    let (url, came) = server(
        1,
        "<CreateIpamResponse><ipam><ipamId>ipam-1</ipamId></ipam></CreateIpamResponse>",
    );
    let mut run = command(&[
        "verify",
        "server",
        "--endpoint",
        &url,
        "--timeout",
        "10m",
        // With all cases, the run would first ask whether the server has the actions.
        "--run",
        "*",
        "--report",
        &format!("ndjson={report}"),
    ])
    .stdout(Stdio::null())
    .stderr(Stdio::null())
    .spawn()
    .unwrap();
    came.recv().unwrap();
    came.recv().unwrap();
    signal(&run, "INT");
    // Now the deletion hangs.
    came.recv().unwrap();
    assert!(run.try_wait().unwrap().is_none());
    signal(&run, "INT");
    assert_eq!(wait(&mut run), Some(3));
    let record = fs::read_to_string(&report).unwrap();
    assert!(!record.contains("\"type\":\"summary\""));
}

#[test]
fn a_killed_run_leaves_a_usable_record() {
    let scratch = Scratch::new();
    let report = scratch.path("run.ndjson");
    let (url, came) = server(2, "<html/>");
    let cases = ["--run", "{*/ipam-id/missing,*/request/get,*/action/*}"];
    let to = ["--report", &format!("ndjson={report}")];
    let mut run = command(&[&against(&url)[..], &cases, &to].concat())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    for _ in 0..3 {
        came.recv().unwrap();
    }
    run.kill().unwrap();
    run.wait().unwrap();
    let record = fs::read_to_string(&report).unwrap();
    assert!(record.lines().count() >= 2, "{record}");
    let output = ec2wire(&["report", &report]);
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert!(shown.contains("the run was killed"), "{shown}");
    let output = ec2wire(&["diff", &report, &report]);
    assert!(text(&output.stdout).contains("the run was killed"));
    // The first cases can be replayed.
    let (url, _came) = server(usize::MAX, "<html/>");
    let output = ec2wire(&["replay", &report, "--endpoint", &url]);
    let table = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{table}");
    assert!(table.contains("same"), "{table}");
}

#[test]
fn shards_share_the_cases() {
    let ids = |args: &[&str]| -> Vec<String> {
        let args = [&["cases", "list", "--run", "*/dry-run/*"], args].concat();
        let output = ec2wire(&args);
        assert_eq!(output.status.code(), Some(0));
        text(&output.stdout).lines().map(str::to_owned).collect()
    };
    let mut union = [ids(&["--shard", "1/2"]), ids(&["--shard", "2/2"])].concat();
    let mut all = ids(&[]);
    union.sort();
    all.sort();
    assert_eq!(union, all);
    let output = ec2wire(&["verify", "server", "--shard", "3/2"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("K/N"));
}

#[test]
fn known_failures_are_listed_and_written() {
    let scratch = Scratch::new();
    let list = scratch.path("known.toml");
    let case = "create-ipam-policy/refused/ipam-id/missing";
    let (url, _came) = server(usize::MAX, "<html/>");
    let run = |args: &[&str]| {
        let cases = ["--settle", "0", "--run", case];
        ec2wire(&[&against(&url)[..], &cases, args].concat())
    };
    assert_eq!(run(&[]).status.code(), Some(1));
    assert_eq!(run(&["--expect-write", &list]).status.code(), Some(1));
    let output = run(&["--expect", &list]);
    let table = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{table}");
    assert!(table.contains("1 failure was expected"), "{table}");
    // The reference endpoint passes the case.
    let output = ec2wire(&["verify", "server", "--run", case, "--expect", &list]);
    let table = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{table}");
    assert!(table.contains("no longer"), "{table}");

    let stale = "[[expect]]\nglob = \"nothing/*\"\nreason = \"r\"\n";
    fs::write(&list, stale).unwrap();
    let output = ec2wire(&["verify", "server", "--run", case, "--expect", &list]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("nothing/*"));

    fs::write(&list, "[[expect]]\nglob = \"a\"\nreasn = \"r\"\n").unwrap();
    let output = ec2wire(&["verify", "server", "--run", case, "--expect", &list]);
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains("known.toml:3:1: "), "{message}");
}

#[test]
fn one_output_does_not_overwrite_another() {
    let scratch = Scratch::new();
    let (report, list) = (scratch.path("run.ndjson"), scratch.path("known.toml"));
    let (other_report, other_list) = (scratch.path("./run.ndjson"), scratch.path("./known.toml"));
    fs::write(&report, "mine\n").unwrap();
    fs::write(&list, "").unwrap();
    let run = [
        "verify",
        "server",
        "--run",
        "*/accepted/minimal",
        "--report",
    ];
    for (first, flag, second) in [
        (
            format!("ndjson={report}"),
            "--report",
            format!("html={other_report}"),
        ),
        (format!("html={other_list}"), "--expect", list.clone()),
        (format!("html={list}"), "--expect-write", other_list.clone()),
    ] {
        let output = ec2wire(&[&run[..], &[&first, flag, &second]].concat());
        assert_eq!(output.status.code(), Some(2), "{first} {second}");
        assert!(output.stdout.is_empty());
    }
    // No file was truncated before the conflict was detected.
    assert_eq!(fs::read_to_string(&report).unwrap(), "mine\n");
    #[cfg(unix)]
    {
        let link = scratch.path("link");
        std::os::unix::fs::symlink(&report, &link).unwrap();
        let reports = [
            &format!("ndjson={report}"),
            "--report",
            &format!("html={link}"),
        ];
        assert_eq!(
            ec2wire(&[&run[..], &reports].concat()).status.code(),
            Some(2)
        );
    }
}

#[test]
fn generated_cases_are_not_listed() {
    let scratch = Scratch::new();
    let list = scratch.path("known.toml");
    let (url, _came) = server(usize::MAX, "<html/>");
    let run = |more: &[&str]| {
        let cases = [
            "--settle",
            "0",
            "--generate",
            "3",
            "--run",
            "generated/*",
            "--run",
            "*/ipam-id/missing",
        ];
        ec2wire(&[&against(&url)[..], &cases, more].concat())
    };
    let output = run(&["--expect-write", &list]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("3 failing generated cases are not in it"));
    let written = fs::read_to_string(&list).unwrap();
    assert!(
        written.contains("ipam-id/missing") && !written.contains("generated"),
        "{written}"
    );
    // A user's own entry is kept and is never stale.
    fs::write(
        &list,
        "[[expect]]\nglob = \"generated/*\"\nreason = \"r\"\n",
    )
    .unwrap();
    run(&["--expect", &list, "--expect-write", &list]);
    assert!(fs::read_to_string(&list).unwrap().contains("generated/*"));
    let output = ec2wire(&[
        "verify",
        "server",
        "--run",
        "*/accepted/minimal",
        "--expect",
        &list,
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
}

#[test]
fn a_list_that_cannot_be_written_is_refused_before_the_run() {
    let output = ec2wire(&["verify", "server", "--expect-write", "/nonexistent/k.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
}

#[test]
fn a_run_that_was_cut_short_does_not_write_the_list() {
    let scratch = Scratch::new();
    let list = scratch.path("known.toml");
    fs::write(&list, "# mine\n").unwrap();
    let output = ec2wire(&[
        "verify",
        "server",
        "--endpoint",
        "http://127.0.0.1:1",
        "--expect-write",
        &list,
    ]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("was not written"));
    assert_eq!(fs::read_to_string(&list).unwrap(), "# mine\n");
}

#[test]
fn durations_have_units() {
    for (wrong, says) in [
        ("soon", "unit"),
        ("-1s", "unit"),
        ("25h", "must not exceed 24h"),
        ("0s", "must not be zero"),
    ] {
        let output = ec2wire(&["verify", "server", &format!("--timeout={wrong}")]);
        assert_eq!(output.status.code(), Some(2), "{wrong}");
        assert!(text(&output.stderr).contains(says), "{wrong}");
    }
    for right in ["7", "7s", "1m30s", "900ms"] {
        let args = ["verify", "server", "--run", "nothing", "--timeout", right];
        assert_eq!(ec2wire(&args).status.code(), Some(4), "{right}");
    }
}

#[test]
fn colours_can_be_set() {
    let run = |when: &str, no_color: bool| {
        let args = [
            "verify",
            "server",
            "--run",
            "*/dry-run/valid",
            "--color",
            when,
        ];
        let mut command = command(&args);
        if no_color {
            command.env("NO_COLOR", "1");
        }
        let output = command.output().unwrap();
        // The progress line is only for terminals.
        assert!(output.stderr.is_empty());
        output.stdout.contains(&0x1b)
    };
    assert!(run("always", false));
    assert!(!run("never", false));
    assert!(!run("auto", false));
    assert!(!run("auto", true));
}

const COMMANDS: [&str; 10] = [
    "verify",
    "serve",
    "cases",
    "replay",
    "encode",
    "decode",
    "describe",
    "drift",
    "completions",
    "man",
];

#[test]
fn completions_name_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = ec2wire(&["completions", shell]);
        let script = text(&output.stdout);
        assert_eq!(output.status.code(), Some(0));
        for word in COMMANDS.iter().chain(&["shard", "expect-write"]) {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    assert_eq!(ec2wire(&["completions", "dos"]).status.code(), Some(2));
}

#[test]
fn there_is_a_man_page_for_every_command() {
    let page = text(&ec2wire(&["man"]).stdout);
    for command in COMMANDS {
        assert!(page.contains(&format!("ec2wire\\-{command}")), "{command}");
    }
    // The tests know every command that --help lists.
    let help = text(&ec2wire(&["--help"]).stdout);
    let listed = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        // A command's name is at the left; its description may continue on the next line.
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter(|line| !line.trim_start().starts_with("help "));
    let scratch = Scratch::new();
    let folder = scratch.path("man");
    assert_eq!(ec2wire(&["man", "--dir", &folder]).status.code(), Some(0));
    for line in listed {
        let command = line.split_whitespace().next().unwrap();
        let page = fs::read_to_string(format!("{folder}/ec2wire-{command}.1")).unwrap();
        assert!(page.contains(".TH ec2wire"), "{page}");
    }
}

#[test]
fn exported_cases_run_alone() {
    let scratch = Scratch::new();
    let folder = scratch.path("contract");
    for _ in 0..2 {
        let output = ec2wire(&["cases", "export", &folder]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    }
    let cases = format!("{folder}/cases");
    let run = ["verify", "server", "--no-embedded", "--cases", &cases];
    let output = ec2wire(&[&run[..], &["--run", "*/dry-run/*"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    // A file that a user changed is not overwritten.
    let mine = format!("{folder}/requirements.toml");
    fs::write(&mine, "# mine\n").unwrap();
    let output = ec2wire(&["cases", "export", &folder]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("--force"));
    assert_eq!(fs::read_to_string(&mine).unwrap(), "# mine\n");
    let output = ec2wire(&["cases", "export", &folder, "--force"]);
    assert_eq!(output.status.code(), Some(0));
    assert_ne!(fs::read_to_string(&mine).unwrap(), "# mine\n");
}

#[test]
fn failed_replays_are_reported() {
    let scratch = Scratch::new();
    let record = scratch.path("run.ndjson");
    let report = format!("ndjson={record}");
    let run = [
        "verify",
        "server",
        "--run",
        "*/dry-run/valid",
        "--report",
        &report,
    ];
    assert_eq!(ec2wire(&run).status.code(), Some(0));
    let code = |args: &[&str]| {
        let output = ec2wire(&[&["replay"], args].concat());
        (output.status.code(), text(&output.stderr))
    };
    // The embedded endpoint has ended; a new one takes its place.
    let (same, message) = code(&[&record]);
    assert_eq!(same, Some(0));
    assert!(message.contains("starting a new one"), "{message}");
    let quiet = ec2wire(&["replay", &record, "--quiet"]);
    assert_eq!(
        text(&quiet.stdout),
        "1 case: 1 same, 0 different, 0 not sent\n"
    );
    let (gone, message) = code(&[&record, "--endpoint", "http://127.0.0.1:1"]);
    assert_eq!(gone, Some(3));
    assert_eq!(message.lines().count(), 1, "{message}");
    assert!(message.contains("1 case not sent"), "{message}");
    let (unknown, message) = code(&[&record, "no/such/case"]);
    assert_eq!(unknown, Some(2));
    assert!(message.contains("no/such/case"), "{message}");
    let (aws, message) = code(&[&record, "--endpoint", "https://ec2.us-east-1.amazonaws.com"]);
    assert_eq!(aws, Some(2));
    assert!(message.contains("--allow-aws"), "{message}");
    assert_eq!(code(&["/nonexistent.ndjson"]).0, Some(2));
    fs::write(&record, "{}\n").unwrap();
    let (damaged, message) = code(&[&record]);
    assert_eq!(damaged, Some(2));
    assert!(message.contains("run.ndjson: line 1: "), "{message}");
}

#[test]
fn a_report_of_lint_does_not_overwrite_its_input() {
    let scratch = Scratch::new();
    let file = scratch.path("request.http");
    let request = "GET /?Action=DescribeIpamPolicies HTTP/1.1\r\nHost: localhost\r\n\r\n";
    fs::write(&file, request).unwrap();
    let to = format!("html={}", scratch.path("./request.http"));
    let output = ec2wire(&["lint", "--unsigned", &file, "--report", &to]);
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains("which is an input"), "{message}");
    assert_eq!(fs::read_to_string(&file).unwrap(), request);

    // The first `-` is standard input, the second one standard output.
    let mut lint = command(&["lint", "--unsigned", "-", "--report", "markdown=-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = lint.stdin.take().unwrap();
    input.write_all(request.as_bytes()).unwrap();
    drop(input);
    let output = lint.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("version-named"));
}

/// A server with other actions of EC2 only.
fn other_actions() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut buffer = [0; 1 << 13];
            let read = stream.read(&mut buffer).unwrap_or(0);
            let request = String::from_utf8_lossy(buffer.get(..read).unwrap()).into_owned();
            let (status, body) = if request.contains("Action=DescribeVpcs") {
                let body = "<DescribeVpcsResponse><requestId>r</requestId></DescribeVpcsResponse>";
                ("200 OK", body)
            } else {
                let body = "<Response><Errors><Error><Code>InvalidAction</Code><Message>no</Message>\
                            </Error></Errors><RequestID>r</RequestID></Response>";
                ("400 Bad Request", body)
            };
            let length = body.len();
            let head = "connection: close\r\ncontent-type: text/xml";
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\n{head}\r\ncontent-length: {length}\r\n\r\n{body}"
            );
        }
    });
    url
}

#[test]
fn a_server_without_the_family_hears_what_to_do_instead() {
    let url = other_actions();
    let output = ec2wire(&["verify", "server", "--endpoint", &url]);
    let page = text(&output.stdout);
    assert_eq!(output.status.code(), Some(4), "{page}");
    assert!(page.lines().count() <= 40, "{page}");
    let command = format!("ec2wire verify server --endpoint {url} --action DescribeVpcs");
    let said = page.lines().map(str::trim).any(|line| line == command);
    assert!(
        said && page.contains("nothing of this was judged"),
        "{page}"
    );
    // Who chooses cases gets them judged.
    let chosen = [
        "verify",
        "server",
        "--endpoint",
        &url,
        "--run",
        "*/implemented",
    ];
    assert_eq!(ec2wire(&chosen).status.code(), Some(1));
}
