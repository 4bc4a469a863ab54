//! Servers with quirks below HTTP: what is found, and what is left free.

use super::altered::IPAM;
use super::{in_short, judge, judge_within};
use ec2wire_conformance::Verdict::{self, Fail, NotRun, Pass, Warn};
use ec2wire_reference::{Config, Request, World};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What a server gets wrong, or does as it may.
#[derive(Clone, Copy, PartialEq)]
enum Quirk {
    None,
    /// It looks only at what the first read brings.
    ReadsOnce,
    /// It knows header names in small letters only.
    SmallNames,
    /// It closes each connection after its first answer and does not say so.
    ClosesSilently,
    /// It closes each connection after its first answer and says so.
    SaysThatItCloses,
    /// It leaves the body of a request without an action on the connection.
    LeavesBody,
    /// It says that its answers are shorter than they are.
    ShortLength,
    /// It answers in chunks.
    Chunks,
    /// It closes the connection on a damaged escape.
    Drops,
    /// It never answers a damaged escape.
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

/// The head and the body of a request, as far as they came.
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
            body: &received.body,
        });
        let mut head = format!("HTTP/1.1 {} .\r\n", answer.status);
        head.push_str("Date: Tue, 24 Nov 2026 07:39:54 GMT\r\n");
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

/// The next request; none where the connection ends before it does.
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
async fn what_goes_wrong_below_http_is_found() {
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
async fn a_request_that_is_never_answered_costs_its_time_once() {
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
    // That a damaged request is answered at all is what the case asks for.
    let broken = &record.cases.last().unwrap().deviations;
    assert_eq!(
        broken.first().unwrap().requirement,
        "answers-anything",
        "{broken:#?}"
    );
}

#[tokio::test]
async fn nobody_is_blamed_for_how_http_is_used() {
    let run = ["protocol/*", "*/response/*", "*/client/*"];
    for quirk in [Quirk::None, Quirk::SaysThatItCloses, Quirk::Chunks] {
        let url = start(quirk).await;
        let record = judge(&url, &run, Some(IPAM)).await;
        let blamed = in_short(&record, |verdict| verdict != Pass);
        assert!(blamed.is_empty(), "{blamed:#?}");
    }
}
