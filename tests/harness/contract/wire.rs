//! Servers with quirks below HTTP: those that are found, and those that are permitted.

use super::altered::IPAM;
use super::{in_short, judge, judge_within};
use ec2wire_conformance::Verdict::{self, Fail, NotRun, Pass, Warn};
use ec2wire_reference::{Config, Request, World};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A server's bugs and permitted variations.
#[derive(Clone, Copy, PartialEq)]
enum Quirk {
    None,
    /// It uses only what the first read returns.
    ReadsOnce,
    /// It accepts only lowercase header names.
    SmallNames,
    /// It closes each connection after the first response without announcing it.
    ClosesSilently,
    /// It closes each connection after the first response and announces it.
    SaysThatItCloses,
    /// It leaves the body of a request without an action on the connection.
    LeavesBody,
    /// It announces a length that is too short.
    ShortLength,
    /// It answers in chunks.
    Chunks,
    /// It closes the connection on an invalid escape.
    Drops,
    /// It never responds to an invalid escape.
    Hangs,
}

async fn start(quirk: Quirk) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let config = Config {
        ipam_ids: vec![IPAM.into()],
        ..Config::default()
    };
    let world = Arc::new(World::new(config));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, Arc::clone(&world), quirk));
        }
    });
    format!("http://{address}")
}

fn content_length(length: usize) -> String {
    format!("content-length: {length}\r\n\r\n")
}

/// The received part of a request: its head and its body.
struct Received {
    head: String,
    body: Vec<u8>,
}

async fn serve(mut stream: TcpStream, world: Arc<World>, quirk: Quirk) -> Option<()> {
    let mut buffer = Vec::new();
    while let Some(received) = receive(&mut stream, &mut buffer, quirk).await {
        let text = String::from_utf8_lossy(&received.body).into_owned();
        if text.contains("%zz") {
            match quirk {
                Quirk::Drops => return None,
                Quirk::Hangs => tokio::time::sleep(Duration::from_mins(1)).await,
                _ => {}
            }
        }
        let mut start = received.head.split(' ');
        let answer = world.answer(&Request {
            method: start.next()?,
            path_and_query: start.next()?,
            content_type: Some(ec2wire::form::CONTENT_TYPE),
            authorization: None,
            body: &received.body,
        });
        let mut head = format!("HTTP/1.1 {} .\r\n", answer.status);
        let now = jiff::Timestamp::now();
        let date = now.strftime("Date: %a, %d %b %Y %H:%M:%S GMT\r\n");
        head.push_str(&date.to_string());
        for (name, value) in answer.headers() {
            head.extend([name, ": ", value, "\r\n"]);
        }
        let closes = matches!(quirk, Quirk::ClosesSilently | Quirk::SaysThatItCloses);
        if quirk == Quirk::SaysThatItCloses {
            head.push_str("Connection: Close\r\n");
        }
        let body = match quirk {
            Quirk::Chunks => {
                head.push_str("transfer-encoding: chunked\r\n\r\n");
                let (one, two) = answer.body.split_at(20);
                format!(
                    "{:x}\r\n{one}\r\n{:X};x=y\r\n{two}\r\n0\r\n\r\n",
                    one.len(),
                    two.len()
                )
            }
            Quirk::ShortLength => {
                head += &content_length(answer.body.len() - 9);
                answer.body
            }
            _ => {
                head += &content_length(answer.body.len());
                answer.body
            }
        };
        head.push_str(&body);
        stream.write_all(head.as_bytes()).await.ok()?;
        if quirk == Quirk::LeavesBody && !text.contains("Action=") {
            let mut left = received.body;
            left.append(&mut buffer);
            buffer = left;
        }
        if closes {
            return None;
        }
    }
    Some(())
}

/// The next request; `None` if the connection ends before it is complete.
async fn receive(stream: &mut TcpStream, buffer: &mut Vec<u8>, quirk: Quirk) -> Option<Received> {
    loop {
        let end = buffer.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8_lossy(buffer.get(..end)?).into_owned();
            let length = head
                .lines()
                .find_map(|line| {
                    let (name, value) = line.split_once(": ")?;
                    let known = match quirk {
                        Quirk::SmallNames => name == "content-length",
                        _ => name.eq_ignore_ascii_case("content-length"),
                    };
                    known.then(|| value.parse::<usize>().ok())?
                })
                .unwrap_or(0);
            let came = buffer.len() - (end + 4);
            if came >= length || quirk == Quirk::ReadsOnce {
                let body = buffer.get(end + 4..end + 4 + length.min(came))?.to_vec();
                buffer.drain(..end + 4 + body.len());
                return Some(Received { head, body });
            }
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
}

#[tokio::test]
async fn bugs_below_http_are_found() {
    let rows: &[(Quirk, &str, Verdict)] = &[
        (Quirk::ReadsOnce, "protocol/body/in-pieces", Fail),
        (Quirk::SmallNames, "protocol/headers/title-case", Fail),
        (
            Quirk::ClosesSilently,
            "protocol/connection/three-requests",
            Warn,
        ),
        (
            Quirk::LeavesBody,
            "protocol/connection/after-missing-action",
            Fail,
        ),
        (Quirk::ShortLength, "*/accepted/minimal", Fail),
        (Quirk::Drops, "robustness/escape/in-value/no-digits", Warn),
        (Quirk::Drops, "robustness/error-document/escape", Warn),
        (Quirk::Drops, "protocol/connection/after-damaged", NotRun),
    ];
    for (quirk, case, wanted) in rows {
        let url = start(*quirk).await;
        let record = judge(&url, &[case], Some(IPAM)).await;
        let verdicts: Vec<Verdict> = record.cases.iter().map(|case| case.verdict).collect();
        assert_eq!(verdicts, [*wanted], "{:?}", in_short(&record, |_| true));
    }
}

#[tokio::test]
async fn a_request_without_a_response_times_out_once() {
    let url = start(Quirk::Hangs).await;
    let case = "robustness/escape/in-value/no-digits";
    let limit = Duration::from_millis(200);
    let record = judge_within(&url, &[case, "*/accepted/minimal"], Some(IPAM), limit).await;
    let found: Vec<_> = record
        .cases
        .iter()
        .map(|case| (case.verdict, case.actual.is_some()))
        .collect();
    assert_eq!(found, [(Pass, true), (Warn, false)], "{record:#?}");
    // The case only requires that an invalid request gets a response.
    let broken = &record.cases.last().unwrap().deviations;
    assert_eq!(
        broken.first().unwrap().requirement,
        "answers-anything",
        "{broken:#?}"
    );
}

#[tokio::test]
async fn permitted_uses_of_http_are_not_blamed() {
    let run = ["protocol/*", "*/response/*", "*/client/*"];
    for quirk in [Quirk::None, Quirk::SaysThatItCloses, Quirk::Chunks] {
        let url = start(quirk).await;
        let record = judge(&url, &run, Some(IPAM)).await;
        // What is open, such as a body in chunks, need not be shown.
        let blamed = in_short(&record, |verdict| matches!(verdict, Fail | Warn));
        assert!(blamed.is_empty(), "{blamed:#?}");
    }
}
