//! Outputs that nobody reads, and signals.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use crate::programs::{Listening, ends, signal};
use std::fs;
use std::io::{BufRead as _, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const OWN: &str = env!("CARGO_BIN_EXE_ec2wire");
/// How long a program may take to end. The machine may be busy.
const SOON: Duration = Duration::from_secs(30);

/// A proxy with a long log, of which only the first line is read.
fn unread_proxy(upstream: &str, more: &[&str]) -> Listening {
    let args = ["proxy", "-v", "--upstream", upstream];
    let mut command = Command::new(OWN);
    Listening::from(command.args(args).args(more).stderr(Stdio::piped()))
}

/// The totals of a log: how many exchanges there were.
fn total(text: &str) -> usize {
    let (before, _) = text.split_once(" exchanges: ").unwrap();
    let words = before.rsplit([' ', '\n']);
    words.take(1).find_map(|word| word.parse().ok()).unwrap()
}

/// More of these exchanges than a pipe and the log have room for.
const MANY: usize = 300;
const CALL: &str = "Action=CreateIpamPolicy&Version=2016-11-15&IpamId=ipam-1&Tags=x";

#[test]
fn a_log_that_nobody_reads_holds_up_neither_traffic_nor_record_nor_end() {
    let server = Listening::start(&["serve", "--ipam-id", "ipam-1"]);
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("session.ndjson");
    let report = format!("ndjson={}", record.display());
    let mut proxy = unread_proxy(&server.url, &["--report", &report]);
    for number in 0..MANY {
        let answer = proxy.call(CALL);
        assert!(answer.starts_with("HTTP/1.1 400 "), "{number}: {answer}");
    }
    signal(&proxy.child, "TERM");
    let status = ends(&mut proxy.child, SOON).unwrap();
    assert_eq!(status.code(), Some(1));
    let mut said = String::new();
    let stderr = proxy.child.stderr.as_mut().unwrap();
    stderr.read_to_string(&mut said).unwrap();
    assert_eq!(total(&said), MANY, "{said}");
    let record = fs::read_to_string(record).unwrap();
    // The head and the totals are lines too.
    assert_eq!(record.lines().count(), MANY + 2);
}

#[test]
fn a_log_says_how_much_was_left_out_of_it() {
    let server = Listening::start(&["serve", "--ipam-id", "ipam-1"]);
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("session.ndjson");
    let report = format!("ndjson={}", record.display());
    let mut proxy = unread_proxy(&server.url, &["--report", &report]);
    for _ in 0..MANY {
        proxy.call(CALL);
    }
    // What is judged while the log is read may find room in it.
    let lines = || fs::read_to_string(&record).unwrap().lines().count();
    let since = Instant::now();
    while lines() <= MANY {
        assert!(since.elapsed() < SOON, "{} lines", lines());
        thread::sleep(Duration::from_millis(20));
    }
    let (mut logged, mut left_out) = (0, 0);
    // The program waits only a little for a reader at its end, so read all of it before.
    while logged + left_out < MANY {
        let mut line = String::new();
        assert!(proxy.out.read_line(&mut line).unwrap() > 0);
        logged += usize::from(line.contains("  exchange-"));
        let gap = line.strip_prefix("ec2wire: ");
        let count = gap.and_then(|gap| gap.split_once(" exchange")?.0.parse::<usize>().ok());
        left_out += count.unwrap_or(0);
    }
    assert!(left_out > 0, "{logged}");
    assert_eq!(logged + left_out, MANY);
    signal(&proxy.child, "INT");
    let mut rest = String::new();
    proxy.out.read_to_string(&mut rest).unwrap();
    assert_eq!(total(&rest), MANY);
}

/// The run has ended, but its report has no reader.
#[test]
fn a_signal_after_the_run_ends_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let runs = ["INT", "TERM", "HUP"].map(|name| {
        let record = folder.path().join(name);
        let report = format!("ndjson={}", record.display());
        let child = Command::new(OWN)
            .args(["verify", "server", "-v", "--report", &report])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        (name, record, child.unwrap())
    });
    for (name, record, mut child) in runs {
        let since = Instant::now();
        let has_ended = || {
            let written = fs::read_to_string(&record).unwrap_or_default();
            written.contains("{\"type\":\"summary\"")
        };
        while !has_ended() {
            assert!(since.elapsed() < 6 * SOON, "the run does not end");
            thread::sleep(Duration::from_millis(50));
        }
        // It writes until the pipe is full.
        assert_eq!(ends(&mut child, Duration::from_millis(500)), None, "{name}");
        signal(&child, name);
        let status = ends(&mut child, SOON);
        _ = child.kill();
        assert_eq!(status.unwrap().code(), Some(3), "{name}");
    }
}

/// Nobody reads what it says of the first signal either, and a request is still coming.
#[test]
fn a_second_signal_ends_a_program_whose_messages_nobody_reads() {
    let server = Listening::start(&["serve", "--ipam-id", "ipam-1"]);
    let mut command = Command::new("sh");
    let to_one_pipe = ["-c", "exec \"$0\" \"$@\" 2>&1", OWN];
    let args = ["proxy", "-v", "--upstream", &server.url];
    let mut proxy = Listening::from(command.args(to_one_pipe).args(args));
    for _ in 0..MANY {
        proxy.call(CALL);
    }
    let mut open = TcpStream::connect(proxy.url.strip_prefix("http://").unwrap()).unwrap();
    open.write_all(b"POST / HTTP/1.1\r\n").unwrap();
    signal(&proxy.child, "INT");
    assert_eq!(ends(&mut proxy.child, Duration::from_millis(300)), None);
    signal(&proxy.child, "INT");
    assert_eq!(ends(&mut proxy.child, SOON).unwrap().code(), Some(3));
    drop(open);
}

/// A proxy that may open 128 files: 32 connections.
fn small_proxy(listen: &str, upstream: &str) -> Listening {
    // What is added to the command is not used.
    let few_files = "ulimit -n 128 && exec \"$0\" proxy --listen \"$1\" --upstream \"$2\"";
    let mut command = Command::new("sh");
    Listening::from(command.args(["-c", few_files, OWN, listen, upstream]))
}

/// Proxies that forward to each other hold all descriptors in a moment.
#[test]
fn a_circle_of_proxies_ends_with_an_answer() {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = port.local_addr().unwrap().to_string();
    drop(port);
    let one = small_proxy("127.0.0.1:0", &format!("http://{address}"));
    let other = small_proxy(&address, &one.url);
    for _ in 0..2 {
        let answer = other.call(CALL);
        assert!(
            answer.contains("does the upstream lead back here?"),
            "{answer}"
        );
    }
}

#[test]
fn every_client_of_too_many_gets_an_answer_and_is_counted() {
    const ALL: usize = 80;
    const SERVED: usize = 32;
    let server = Listening::start(&["serve"]);
    let mut proxy = small_proxy("127.0.0.1:0", &server.url);
    let address = proxy.url.strip_prefix("http://").unwrap();
    let request = format!("GET /?Action=X HTTP/1.1\r\nHost: {address}\r\n\r\n");
    let mut clients = Vec::new();
    for _ in 0..ALL {
        let mut client = TcpStream::connect(address).unwrap();
        client.set_read_timeout(Some(SOON)).unwrap();
        client.write_all(request.as_bytes()).unwrap();
        clients.push(client);
    }
    // All stay open until each has its answer.
    let statuses = clients.iter_mut().map(|client| {
        let mut start = [0; 12];
        client.read_exact(&mut start).unwrap();
        String::from_utf8(start.to_vec()).unwrap()
    });
    let mut statuses: Vec<String> = statuses.collect();
    statuses.sort();
    let (answered, refused) = statuses.split_at(SERVED);
    assert!(answered.iter().all(|status| status == "HTTP/1.1 400"));
    assert!(refused.iter().all(|status| status == "HTTP/1.1 503"));
    drop(clients);
    signal(&proxy.child, "INT");
    let mut log = String::new();
    proxy.out.read_to_string(&mut log).unwrap();
    assert_eq!(total(&log), ALL);
}

#[test]
fn a_lack_of_file_descriptors_is_told_in_a_line() {
    for args in ["serve", "verify server --quiet", "verify client -- cat"] {
        for limit in 5..13 {
            let script = format!("ulimit -n {limit}; exec \"$0\" {args}");
            let told = Command::new("sh")
                .args(["-c", &script, OWN])
                .stdin(Stdio::null())
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&told.stderr).into_owned();
            assert_eq!(told.status.code(), Some(3), "{limit}: {said}");
            assert_eq!(said.lines().count(), 1, "{limit}: {said}");
            assert!(
                said.starts_with("ec2wire: too few file descriptors: "),
                "{said}"
            );
        }
    }
}

#[test]
fn idle_connections_give_way_when_file_descriptors_run_out() {
    let mut command = Command::new("sh");
    let script = "ulimit -n 40; exec \"$0\" serve \"$@\"";
    let server = Listening::from(command.args(["-c", script, OWN]).stderr(Stdio::null()));
    let address = server.url.strip_prefix("http://").unwrap();
    let idle: Vec<_> = (0..60)
        .map(|_| TcpStream::connect(address).unwrap())
        .collect();
    let since = Instant::now();
    let request = "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    let mut answer = Vec::new();
    // On a busy machine, a connection may be closed just when its request comes, as HTTP allows.
    while !answer.starts_with(b"HTTP/1.1 400 ") {
        // Those that are idle would be closed after a minute anyway.
        assert!(since.elapsed() < SOON, "{:?}", since.elapsed());
        answer.clear();
        let mut client = TcpStream::connect(address).unwrap();
        client.set_read_timeout(Some(SOON)).unwrap();
        let _ = client.write_all(request.as_bytes());
        let _ = client.read_to_end(&mut answer);
    }
    drop(idle);
}
