//! Servers that make a run wait, for answers or for states. None of them makes it wait again and
//! again, and none is blamed for what the run did not wait for.

use super::server::{Deed, IPAM, Server};
use super::{judge, options, select};
use crate::common::catalogues;
use ec2wire_conformance::record::RunRecord;
use ec2wire_conformance::runner::Options;
use ec2wire_conformance::{CaseRecord, Verdict};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::LocalSet;

/// A server with its URL, kept alive.
struct Peer {
    url: String,
    _server: Option<Server>,
}

impl From<Server> for Peer {
    fn from(server: Server) -> Self {
        Self {
            url: server.url.clone(),
            _server: Some(server),
        }
    }
}

/// A server with more room for policies than any run needs, whose answers are changed.
async fn editing(edit: impl Fn(&str, String) -> String + Send + Sync + 'static) -> Peer {
    let edit = Arc::new(edit);
    let server = Server::start(move |_, body| {
        let (edit, body) = (Arc::clone(&edit), body.to_owned());
        Deed::AnswerEdited(Box::new(move |answer| edit(&body, answer)))
    });
    server.await.into()
}

fn is_describe(body: &str) -> bool {
    body.starts_with("Action=DescribeIpamPolicies&")
}

/// The listing without the policies that `shows` does not want.
fn listing(answer: &str, shows: impl Fn(&str) -> bool) -> String {
    let mut kept = String::new();
    let mut rest = answer;
    let (start, end) = ("<ipamPolicySet>", "</ipamPolicySet>");
    let Some((before, after)) = rest.split_once(start) else {
        return answer.to_owned();
    };
    kept.push_str(before);
    kept.push_str(start);
    rest = after;
    let Some((items, after)) = rest.split_once(end) else {
        return answer.to_owned();
    };
    // Each policy has one id. Its tags have items of their own.
    let mut depth = 0;
    let mut item = String::new();
    for piece in items.split_inclusive('>') {
        item.push_str(piece);
        depth += i32::from(piece.ends_with("<item>")) - i32::from(piece.ends_with("</item>"));
        if depth == 0 {
            let id = item.split_once("<ipamPolicyId>").map(|(_, rest)| rest);
            let id = id.and_then(|rest| rest.split_once('<')).map(|(id, _)| id);
            if id.is_none_or(&shows) {
                kept.push_str(&item);
            }
            item.clear();
        }
    }
    kept.push_str(end);
    kept.push_str(after);
    kept
}

async fn never_listed() -> Peer {
    editing(|body, answer| {
        if is_describe(body) {
            listing(&answer, |_| false)
        } else {
            answer
        }
    })
    .await
}

/// A right server that lists a policy that long after its creation.
async fn listed_after(delay: Duration) -> Peer {
    let made: Mutex<BTreeMap<String, Instant>> = Mutex::default();
    editing(move |body, answer| {
        let mut made = made.lock().unwrap();
        if is_describe(body) {
            return listing(&answer, |id| {
                made.get(id).is_none_or(|made| made.elapsed() >= delay)
            });
        }
        if body.contains("Action=CreateIpamPolicy&")
            && let Some((_, rest)) = answer.split_once("<ipamPolicyId>")
            && let Some((id, _)) = rest.split_once('<')
        {
            made.entry(id.to_owned()).or_insert_with(Instant::now);
        }
        answer
    })
    .await
}

async fn wrong_ids() -> Peer {
    editing(|body, answer| {
        if body.contains("Action=CreateIpamPolicy&") {
            answer.replace("<ipamPolicyId>ipam-policy-", "<ipamPolicyId>ipam-policy-f")
        } else {
            answer
        }
    })
    .await
}

async fn wrapped() -> Peer {
    editing(|_, answer| {
        let Some((head, rest)) = answer.split_once("</requestId>") else {
            return answer;
        };
        let Some((members, end)) = rest.rsplit_once("</") else {
            return answer;
        };
        format!("{head}</requestId><result>{members}</result></{end}")
    })
    .await
}

async fn no_tags() -> Peer {
    editing(|body, answer| {
        if !is_describe(body) {
            return answer;
        }
        let mut kept = String::new();
        let mut rest = answer.as_str();
        while let Some((before, after)) = rest.split_once("<tagSet>") {
            kept.push_str(before);
            rest = after.split_once("</tagSet>").map_or("", |(_, rest)| rest);
        }
        kept + rest
    })
    .await
}

async fn hanging(hangs: impl Fn(usize, &str) -> bool + Send + Sync + 'static) -> Peer {
    let server = Server::start(move |number, body| {
        if hangs(number, body) {
            Deed::Hang
        } else {
            Deed::Answer
        }
    });
    server.await.into()
}

/// A server that gives one and the same answer to each request.
async fn canned() -> Peer {
    let answer = include_str!("../../captures/CANNED-RESPONSE.xml");
    Server::start(|_, _| Deed::Say(200, answer.to_owned()))
        .await
        .into()
}

/// A server that answers each request with these bytes again and again, with a pause in between.
async fn dripping(bytes: &'static [u8], pause: Duration) -> Peer {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 8192]).await;
                while stream.write_all(bytes).await.is_ok() {
                    tokio::time::sleep(pause).await;
                }
            });
        }
    });
    Peer { url, _server: None }
}

/// A server that writes the head and the body of each answer on their own, as many do.
async fn in_two_pieces(at_once: bool) -> Peer {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.set_nodelay(at_once).unwrap();
            tokio::spawn(async move {
                let mut request = Vec::new();
                while stream
                    .read_buf(&mut request)
                    .await
                    .is_ok_and(|read| read > 0)
                {
                    let text = String::from_utf8_lossy(&request).to_lowercase();
                    let Some((head, body)) = text.split_once("\r\n\r\n") else {
                        continue;
                    };
                    let length = head.split_once("content-length: ");
                    let length = length.and_then(|(_, rest)| rest.lines().next()?.parse().ok());
                    if body.len() < length.unwrap_or(0) {
                        continue;
                    }
                    request.clear();
                    let body = include_bytes!("../../captures/CANNED-RESPONSE.xml");
                    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
                    let _ = stream.write_all(head.as_bytes()).await;
                    let _ = stream.write_all(body).await;
                }
            });
        }
    });
    Peer { url, _server: None }
}

/// A server that floods each request with interim responses.
async fn flooding() -> Peer {
    const HEAD: &[u8] = b"HTTP/1.1 102 Processing\r\n\r\n";
    dripping(HEAD.repeat(4000).leak(), Duration::ZERO).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_interim_responses_holds_up_nothing() {
    let server = flooding().await;
    let options = options().settle(Duration::ZERO);
    let record = judge(&server.url, &["*/accepted/*"], super::PATIENT, &options).await;
    let s = &record.summary;
    assert!(s.fail > s.total / 2, "{}", counts(&record));
    let found: Vec<_> = record
        .cases
        .iter()
        .flat_map(|case| &case.deviations)
        .filter(|found| found.found.contains("more than 1000 interim responses"))
        .collect();
    assert!(found.len() > s.total / 2, "{found:#?}");
    assert_eq!(s.waited_for_answers, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_time_of_a_run_ends_it_before_its_first_case_too() {
    for peer in [hanging(|_, _| true).await, flooding().await] {
        let limit = Duration::from_millis(300);
        let options = Options::default().allow_create(true).time_limit(limit);
        let record = judge(&peer.url, &[], super::PATIENT, &options).await;
        let s = &record.summary;
        assert!(s.ms < 15_000, "{}", counts(&record));
    }
}

/// A server that answers nothing for a while, as one that is stopped in a debugger.
#[tokio::test]
async fn a_server_that_paused_is_tried_once_more() {
    let pause = Duration::from_secs(3);
    let since = OnceLock::new();
    let server = Server::start(move |number, _| {
        if number < 20 {
            return Deed::Answer;
        }
        let since: &Instant = since.get_or_init(Instant::now);
        Deed::AnswerLate(pause.saturating_sub(since.elapsed()))
    })
    .await;
    let whole = Duration::from_secs(1);
    let options = options().settle(Duration::ZERO);
    let record = judge(&server.url, &["*/tags/*", "*/token/*"], whole, &options).await;
    let s = &record.summary;
    assert!(
        s.not_run > 0 && s.not_run < s.total / 2,
        "{}",
        counts(&record)
    );
    assert!(s.waited_for_answers >= 2, "{}", counts(&record));
}

/// A server with what makes runs wait.
struct Slow {
    name: &'static str,
    peer: Peer,
    /// How many of the cases of the whole suite are judged at least; a tenth less than were when it
    /// was last measured.
    judged: usize,
    /// The same in percent, for the cases of `what_never_comes_is_not_waited_for_again_and_again`.
    percent: usize,
    is_right: bool,
}

async fn slow_servers() -> Vec<Slow> {
    let drip = Duration::from_millis(50);
    let since = AtomicUsize::new(0);
    let row = |name, peer, judged, percent| Slow {
        name,
        peer,
        judged,
        percent,
        is_right: false,
    };
    let aws = hanging(|_, body| body.to_lowercase().contains("=aws%3a")).await;
    let deletions = hanging(|_, body| body.starts_with("Action=DeleteIpamPolicy&")).await;
    let seldom = hanging(move |_, _| since.fetch_add(1, Ordering::SeqCst) % 20 == 19).await;
    let interim = dripping(b"HTTP/1.1 102 Processing\r\n\r\n", drip).await;
    vec![
        row("never listed", never_listed().await, 750, 80),
        row("wrong ids", wrong_ids().await, 730, 67),
        row("wrapper element", wrapped().await, 564, 10),
        row("tags never shown", no_tags().await, 758, 80),
        row("hangs on aws:", aws, 744, 67),
        row("an action that hangs", deletions, 748, 67),
        Slow {
            // It is right where it answers.
            is_right: true,
            ..row("one in twenty hangs", seldom, 708, 67)
        },
        row("hangs on all", hanging(|_, _| true).await, 1, 0),
        row("one answer for all", canned().await, 550, 10),
        row("a byte at a time", dripping(b"H", drip).await, 1, 0),
        row("endless 102", interim, 1, 0),
    ]
}

fn counts(record: &RunRecord) -> String {
    let s = &record.summary;
    format!(
        "{:5} ms, {} of {} judged: {} pass, {} fail, {} warn; waits {} and {}",
        s.ms,
        s.total - s.not_run,
        s.total,
        s.pass,
        s.fail,
        s.warn,
        s.waited_for_answers,
        s.waited_for_states
    )
}

/// How often a run of `what_never_comes_is_not_waited_for_again_and_again` waits in full: in one case
/// of eight. On a busy machine, answers that come take longer than its short limit, too.
const MOST_WAITS: u32 = 24;
/// How often a run with the default limits waits in full.
const MOST_LONG_WAITS: u32 = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_never_comes_is_not_waited_for_again_and_again() {
    let run = ["*/accepted/*", "*/afterwards/*", "*/token/*", "*/tags/*"];
    let whole = Duration::from_millis(600);
    // The runs mostly wait, so all of them go on at once.
    let runs = LocalSet::new();
    let mut judged = Vec::new();
    for server in slow_servers().await {
        judged.push(runs.spawn_local(async move {
            // All of it, or what is not used is dropped, and the server stops.
            let (options, server) = (options().settle(whole), server);
            let record = judge(&server.peer.url, &run, whole, &options).await;
            let counts = format!("{}: {}", server.name, counts(&record));
            let s = &record.summary;
            println!("{counts}");
            assert!(server.is_right || s.fail > 0, "{counts}");
            let least = (s.total * server.percent).div_ceil(100).max(1);
            assert!(s.total - s.not_run >= least, "{counts}");
            assert!(s.stopped.is_none() && !s.unreachable, "{counts}");
            let waits = s.waited_for_answers + s.waited_for_states;
            // Those that pay off are no loss.
            assert!(server.is_right || waits <= MOST_WAITS, "{counts}");
        }));
    }
    runs.await;
    for run in judged {
        run.await.unwrap();
    }
}

/// Each answer took 40 ms more when its first piece was not acknowledged at once.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_in_two_pieces_comes_as_fast_as_one() {
    let mut took = Vec::new();
    for at_once in [true, false] {
        let server = in_two_pieces(at_once).await;
        let options = options().settle(Duration::ZERO);
        let record = judge(&server.url, &["*/tags/*"], super::PATIENT, &options).await;
        assert!(record.summary.fail > 20, "{}", counts(&record));
        took.push(record.summary.ms);
    }
    assert!(took[1] < 5 * took[0], "{took:?}");
}

#[tokio::test]
async fn a_server_that_lists_late_is_not_blamed() {
    let run = ["*/accepted/tags/*", "*/afterwards/*", "*/token/*"];
    let server = listed_after(Duration::from_millis(300)).await;
    let record = judge(
        &server.url,
        &run,
        super::PATIENT,
        &options().settle(Duration::from_secs(3)),
    )
    .await;
    let blamed = |case: &&CaseRecord| matches!(case.verdict, Verdict::Fail | Verdict::Warn);
    let blamed: Vec<_> = record.cases.iter().filter(blamed).collect();
    assert!(blamed.is_empty(), "{blamed:#?}");
    let s = &record.summary;
    assert!(s.pass > s.total * 2 / 3, "{}", counts(&record));
}

/// Runs at the command's default options take no minute, and what can be judged is: `cargo test --test
/// harness at_default_options -- --ignored --nocapture`.
#[tokio::test]
#[ignore = "takes minutes"]
async fn at_default_options() {
    let catalogue = catalogues::for_servers();
    assert!(!select(&catalogue, &[]).is_empty());
    let mut servers = slow_servers().await;
    servers.push(Slow {
        name: "listed after 3 s",
        peer: listed_after(Duration::from_secs(3)).await,
        judged: 756,
        percent: 0,
        is_right: true,
    });
    let limit = Duration::from_secs(10);
    let options = Options::default()
        .ipam_id(IPAM)
        .allow_create(true)
        .settle(limit)
        .time_limit(Duration::from_mins(10));
    for server in servers {
        let record = judge(&server.peer.url, &[], limit, &options).await;
        let counts = format!("{:20} {}", server.name, counts(&record));
        println!("{counts}");
        let s = &record.summary;
        assert!(s.total - s.not_run >= server.judged, "{counts}");
        assert!(server.is_right || s.fail > 0, "{counts}");
        if server.name == "listed after 3 s" {
            assert_eq!((s.fail, s.warn), (0, 0), "{counts}");
        }
        assert!(s.stopped.is_none(), "{counts}");
        // A minute, and as much again for a machine that is busy and a build that is not optimized.
        assert!(s.ms < 120_000, "{counts}");
        let waits = s.waited_for_answers + s.waited_for_states;
        // Those that pay off are no loss.
        assert!(server.is_right || waits <= MOST_LONG_WAITS, "{counts}");
    }
}
