//! Runs against servers that die, hang, start late or fail intermittently; parallel cases; known
//! failures; and replays.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

use crate::common::catalogues;
use ec2wire::contract::Level;
use ec2wire_conformance::catalogue::expectation::Expectations;
use ec2wire_conformance::catalogue::shard::Shard;
use ec2wire_conformance::inspect::{Inspector, Signing};
use ec2wire_conformance::lint;
use ec2wire_conformance::record::{NdjsonWriter, PartialRecord, RunRecord, Stopped};
use ec2wire_conformance::runner::replay::{self, Outcome, Replayed, Totals};
use ec2wire_conformance::runner::{self, Event, Options};
use ec2wire_conformance::subject::http::{HttpSubject, Signer};
use ec2wire_conformance::{Case, CaseRecord, Catalogue, Selection, Verdict};
use ec2wire_test_support::snapshots;
use proptest::prelude::*;
use server::{Closing, Deed, IPAM, Server, fault};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::watch;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

mod listing;
mod pace;
mod server;
mod undoing;
mod unjudged;

/// Longer than any response takes.
const PATIENT: Duration = Duration::from_secs(20);

fn options() -> Options {
    Options::default()
        .ipam_id(IPAM)
        .allow_create(true)
        .settle(Duration::from_secs(1))
}

fn select<'c>(catalogue: &'c Catalogue, run: &[&str]) -> Vec<&'c Case> {
    let run: Vec<String> = run.iter().map(ToString::to_string).collect();
    catalogue.select(&Selection::new(&run, &[], Level::May).unwrap())
}

async fn judge(url: &str, run: &[&str], timeout: Duration, options: &Options) -> RunRecord {
    watched(url, run, timeout, options, &mut |_| {}).await
}

async fn watched(
    url: &str,
    run: &[&str],
    timeout: Duration,
    options: &Options,
    watch: &mut dyn FnMut(Event<'_>),
) -> RunRecord {
    let catalogue = catalogues::for_servers();
    let cases = select(&catalogue, run);
    let subject = HttpSubject::new(url, Signer::default(), timeout).unwrap();
    let record = runner::run(&catalogue, &cases, &subject, options, watch)
        .await
        .unwrap();
    // The record always has every case, in order.
    let ids: Vec<&str> = record.cases.iter().map(|case| case.id.as_str()).collect();
    let wanted: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    assert_eq!(ids, wanted);
    assert_eq!(record.summary.total, cases.len());
    assert_eq!(
        record.summary.skipped,
        catalogue.cases().len() - cases.len()
    );
    record
}

fn of<'r>(record: &'r RunRecord, id: &str) -> &'r CaseRecord {
    record.cases.iter().find(|case| case.id == id).unwrap()
}

fn verdicts(record: &RunRecord) -> Vec<(&str, Verdict)> {
    let cases = record.cases.iter();
    cases.map(|case| (case.id.as_str(), case.verdict)).collect()
}

#[tokio::test]
async fn requests_of_the_runner_belong_to_no_case() {
    // Not an EC2 response, so the runner checks whether the action exists.
    let server = Server::start(|_, body| {
        let refused = body.contains("Action=CreateIpamPolicy&") && !body.contains("IpamId=");
        if refused || body.contains("Ec2wireUnknownAction") {
            Deed::Say(400, "{}".into())
        } else {
            Deed::Answer
        }
    })
    .await;
    let record = judge(
        &server.url,
        &["*/refused/ipam-id/missing"],
        PATIENT,
        &options(),
    )
    .await;
    let broken: Vec<_> = record.cases[0]
        .deviations
        .iter()
        .map(|d| &*d.requirement)
        .collect();
    assert_eq!(broken, ["answered-in-protocol"]);
    // The policy created for that check is deleted.
    assert!(server.policies().contains("<ipamPolicySet/>"));
}

#[tokio::test]
async fn a_quota_that_the_run_may_have_used_up_blames_nobody() {
    let hung = AtomicBool::new(false);
    let server = Server::start(move |_, body| {
        if !body.starts_with("Action=CreateIpamPolicy&") {
            Deed::Answer
        } else if hung.swap(true, Ordering::SeqCst) {
            fault(400, "ResourceLimitExceeded")
        } else {
            Deed::Hang
        }
    })
    .await;
    let run = ["create-ipam-policy/accepted/t*"];
    let limit = Duration::from_secs(1);
    let record = judge(&server.url, &run, limit, &options()).await;
    let blamed = |case: &&CaseRecord| matches!(case.verdict, Verdict::Fail | Verdict::Warn);
    // The one whose answer is missing.
    assert_eq!(record.cases.iter().filter(blamed).count(), 1);
    assert!(record.summary.not_run > 5);
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_not_judged() {
    for (body, limit) in [
        ("x".repeat(9 << 20), "8388608 bytes"),
        (format!("<R>{}</R>", "<a/>".repeat(600_000)), "524288 tags"),
    ] {
        let server = Server::start(move |_, _| Deed::Say(200, body.clone())).await;
        let run = ["*/refused/ipam-id/missing", "describe*/minimal"];
        let record = judge(&server.url, &run, PATIENT, &options()).await;
        for case in &record.cases {
            assert_eq!(case.verdict, Verdict::NotRun, "{}", case.id);
            assert!(case.note.contains(limit), "{}", case.note);
            assert_eq!(case.exchange.as_ref().unwrap().response, None);
        }
    }
}

#[tokio::test]
async fn a_record_keeps_the_start_of_a_long_answer() {
    let text = "é".repeat(300 << 10);
    let body = format!("<R><requestId>{text}</requestId></R>");
    let server = Server::start(move |_, _| Deed::Say(200, body.clone())).await;
    let run = ["*/refused/ipam-id/missing"];
    let record = judge(&server.url, &run, PATIENT, &options()).await;
    let case = &record.cases[0];
    assert_eq!(case.verdict, Verdict::Fail);
    let response = case.exchange.as_ref().unwrap().response.as_ref().unwrap();
    assert!(response.cut && response.body_hex.is_none());
    assert!(response.body.len() <= 256 << 10 && response.body.ends_with('é'));
    let id = case.actual.as_ref().unwrap().request_id.as_ref().unwrap();
    assert!(id.ends_with("é.. (614400 bytes in all)"), "{}", id.len());
    assert!(id.len() < 5000);
}

#[tokio::test]
async fn what_the_first_question_created_is_not_in_the_answers_to_the_cases() {
    // Carries out dry runs, and lists all policies whatever ids are asked for.
    let server = Server::start(|_, body| {
        let body = body.replace("DryRun=true", "DryRun=false");
        let ids = body.find("&IpamPolicyId.1=");
        Deed::AnswerInstead(match ids {
            Some(at) => body[..at].to_owned(),
            None => body,
        })
    })
    .await;
    let cases = [
        "create-ipam-policy/afterwards/described",
        "create-ipam-policy/afterwards/deleted-by-id",
    ];
    let options = options().ask_first(true);
    let record = judge(&server.url, &cases, PATIENT, &options).await;
    for case in &record.cases {
        assert_eq!(case.verdict, Verdict::Pass, "{}: {case:?}", case.id);
    }
    assert!(server.policies().contains("<ipamPolicySet/>"));
}

#[tokio::test]
async fn a_url_for_another_protocol_is_told() {
    // What servers send that wait for TLS: an alert that the record is of another version.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let with_tls = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 8192]).await;
            let _ = stream.write_all(&[0x15, 3, 3, 0, 2, 2, 0x46]).await;
        }
    });
    let without = Server::start(|_, _| Deed::Answer).await;
    let without = without.url.replace("http://", "https://");
    for (url, right) in [(with_tls, "https://"), (without, "http://")] {
        let record = judge(&url, &["*/accepted/minimal"], PATIENT, &options()).await;
        let case = record.cases.first().unwrap();
        let found = case.deviations.iter().map(|found| found.found.as_str());
        let said = found.chain([case.note.as_str()]).collect::<String>();
        let hint = format!(" its URL begins with {right}");
        assert!(said.contains(&hint), "{said}");
    }
}

#[tokio::test]
async fn the_requests_of_a_run_are_not_blamed_in_its_own_record() {
    let server = Server::start(|_, _| Deed::Answer).await;
    let run = ["robustness/*", "*/refused/parameter/*"];
    let record = judge(&server.url, &run, PATIENT, &options()).await;
    let mut lines = Vec::new();
    record.write_ndjson(&mut lines).unwrap();
    let found = lint::read("run.ndjson", &lines).unwrap();
    assert!(found.len() > 50, "{}", found.len());
    let inspector = Inspector::embedded().unwrap();
    let judged = lint::judge(&inspector, &found, &Signing::Required);
    for case in &judged.cases {
        assert_ne!(
            case.verdict,
            Verdict::Fail,
            "{}: {:?}",
            case.id,
            case.deviations
        );
        assert!(
            case.note.contains("the request was not judged"),
            "{}",
            case.note
        );
    }
}

#[tokio::test]
async fn a_head_request_asks_for_nothing_that_creates() {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(400))
        .mount(&server)
        .await;
    judge(
        &server.uri(),
        &["robustness/method/head"],
        PATIENT,
        &options(),
    )
    .await;
    let requests = server.received_requests().await.unwrap();
    let query = requests.iter().find(|request| request.method == "HEAD");
    let query = query.and_then(|request| request.url.query()).unwrap();
    // An answer without a body does not say what to delete.
    assert!(query.starts_with("Action=Describe"), "{query}");
}

#[tokio::test]
async fn a_server_that_dies_leaves_a_complete_record() {
    let server = Server::start(|number, _| match number {
        0..40 => Deed::Answer,
        _ => Deed::Die,
    })
    .await;
    let mut order = Vec::new();
    let mut lines = NdjsonWriter::new(Vec::new());
    let mut watch = |event: Event<'_>| match event {
        Event::Begins(head) => lines.run(head).unwrap(),
        Event::Next(case) => {
            lines.case(case).unwrap();
            order.push(case.id.clone());
        }
        _ => {}
    };
    let record = watched(&server.url, &["create*"], PATIENT, &options(), &mut watch).await;
    assert_eq!(record.summary.exit_code(), 3);
    assert!(record.summary.unreachable);
    // Earlier cases passed, the case at which it died failed, and the rest was not run.
    let died = record
        .cases
        .iter()
        .position(|case| case.verdict != Verdict::Pass)
        .unwrap();
    assert!(died > 5, "{died}");
    for case in &record.cases[died + 1..] {
        assert_eq!(case.verdict, Verdict::NotRun, "{}", case.id);
        assert!(case.note.contains("cannot be reached"), "{}", case.note);
    }
    assert_eq!(order.len(), record.cases.len());
}

#[tokio::test]
async fn a_server_that_hangs_takes_one_timeout_per_case() {
    let server = Server::start(|_, _| Deed::Hang).await;
    let run = [
        "*/accepted/minimal",
        "*/token/replay*",
        "*/afterwards/deleted*",
    ];
    let timeout = Duration::from_millis(300);
    let record = judge(&server.url, &run, timeout, &options()).await;
    let total = record.summary.total;
    // Also cases that have several steps, count policies or clean up send only one request. Two more
    // try whether the server answers anything.
    assert!(server.requests() <= total + 2, "{}", server.requests());
    assert_eq!(record.summary.fail + record.summary.not_run, total);
    assert!(record.summary.fail > 0);
    assert!(record.summary.stopped.is_none() && !record.summary.unreachable);
}

#[tokio::test]
async fn a_hang_ends_the_case_and_its_policies_are_deleted() {
    let hangs = Arc::new(AtomicBool::new(true));
    let flag = Arc::clone(&hangs);
    let creates = Arc::new(AtomicUsize::new(0));
    let server = Server::start(move |_, body| {
        let is_create = body.starts_with("Action=CreateIpamPolicy&");
        let number = creates.fetch_add(usize::from(is_create), Ordering::SeqCst);
        let second = is_create && number == 1;
        if second && flag.swap(false, Ordering::SeqCst) {
            Deed::Hang
        } else {
            Deed::Answer
        }
    })
    .await;
    let timeout = Duration::from_secs(2);
    let run = ["*/token/other-token"];
    let record = judge(&server.url, &run, timeout, &options()).await;
    let case = of(&record, "create-ipam-policy/token/other-token");
    assert_eq!(case.verdict, Verdict::Fail, "{case:#?}");
    assert!(!hangs.load(Ordering::SeqCst));
    assert!(server.policies().contains("<ipamPolicySet/>"));
}

#[tokio::test]
async fn a_slow_server_is_not_blamed() {
    let server = Server::start(|_, _| Deed::AnswerLate(Duration::from_millis(900))).await;
    let timeout = Duration::from_millis(1600);
    let run = [
        "*/token/replay",
        "*/token/other-token",
        "*/afterwards/described",
    ];
    let record = judge(&server.url, &run, timeout, &options()).await;
    assert_eq!(record.summary.fail, 0, "{:#?}", verdicts(&record));
    let cut: Vec<_> = record
        .cases
        .iter()
        .filter(|case| case.verdict == Verdict::NotRun)
        .collect();
    assert!(!cut.is_empty());
    for case in cut {
        assert!(case.note.contains("longer than 1.6 s"), "{}", case.note);
    }
}

#[tokio::test]
async fn a_run_ends_at_its_limit() {
    let server = Server::start(|_, _| Deed::Hang).await;
    let limited = options().time_limit(Duration::from_millis(300));
    let record = judge(&server.url, &["*/refused/*"], PATIENT, &limited).await;
    assert_eq!(record.summary.stopped, Some(Stopped::TimeLimit));
    assert_eq!(record.summary.not_run, record.summary.total);
    assert_eq!(record.summary.exit_code(), 3);
    assert!(record.cases.iter().all(|case| case.note.contains("limit")));
}

#[tokio::test]
async fn an_interrupted_run_deletes_what_it_created() {
    for jobs in [1, 4] {
        let (stop, interrupted) = watch::channel(false);
        // During a case, just before its policy is created.
        let made = AtomicUsize::new(0);
        let server = Server::start_at(0, &[], move |_, body| {
            if body.starts_with("Action=CreateIpamPolicy&")
                && made.fetch_add(1, Ordering::SeqCst) == 9
            {
                stop.send_replace(true);
            }
            Deed::Answer
        })
        .await;
        let mut stopped = options().interrupted(interrupted).jobs(jobs);
        stopped.ipam_id = None;
        let mut trouble = Vec::new();
        let mut watch = |event: Event<'_>| {
            if let Event::Trouble(what) = event {
                trouble.push(what.to_owned());
            }
        };
        let record = watched(&server.url, &[], PATIENT, &stopped, &mut watch).await;
        assert_eq!(record.summary.stopped, Some(Stopped::Interrupted));
        assert_eq!(record.summary.exit_code(), 3);
        assert!(record.summary.pass > 0 && record.summary.not_run > 0);
        assert!(trouble.is_empty(), "{trouble:?}");
        assert!(server.policies().contains("<ipamPolicySet/>"));
        // The IPAM is deleted: another one can be created within the quota of one.
        let create = ec2wire_reference::Request::post(b"Action=CreateIpam&Version=2016-11-15");
        assert_eq!(server.world.answer(&create).status, 200);
    }
}

#[tokio::test]
async fn fail_fast_ends_at_the_first_unexpected_failure() {
    let server = Server::start(|_, _| Deed::Say(200, "nonsense".into())).await;
    let fast = options().fail_fast(true).expectations(
        Expectations::parse(
            "f",
            "[[expect]]\nglob = \"*/ipam-id/missing\"\nreason = \"r\"\n",
        )
        .unwrap(),
    );
    let run = ["*/refused/ipam-id/*"];
    let record = judge(&server.url, &run, PATIENT, &fast).await;
    let summary = record.summary;
    assert_eq!(summary.stopped, Some(Stopped::FirstFailure));
    assert_eq!((summary.fail, summary.expected_fail), (2, 1));
    assert_eq!(summary.not_run, summary.total - 2);
    assert_eq!(summary.exit_code(), 1);
}

/// RFC 9112, section 9.5: a server may close a connection that waits, also just when the next request
/// comes. Only the cases about connections tell.
#[tokio::test]
async fn a_server_that_closes_idle_connections_is_not_blamed() {
    for closing in [Closing::WhenUsed, Closing::Idle(Duration::from_millis(2))] {
        let server = Server::closing(closing).await;
        let run = [
            "create-ipam-policy/accepted/*",
            "describe-*",
            "delete-*",
            "connection/*",
        ];
        let record = judge(&server.url, &run, PATIENT, &options()).await;
        assert!(record.summary.pass > 20, "{:?}", record.summary);
        for case in &record.cases {
            let is_about_it = |id: &String| ["connection-reuse", "keep-alive"].contains(&&**id);
            let is_pass = matches!(case.verdict, Verdict::Pass | Verdict::NotRun);
            assert!(
                is_pass || case.requirements.iter().all(is_about_it),
                "{}: {} {:?}",
                case.id,
                case.note,
                case.deviations
            );
        }
    }
}

/// A server that handles the first requests for a policy as given.
async fn first_creates(count: usize, deed: impl Fn() -> Deed + Send + Sync + 'static) -> Server {
    let earlier = AtomicUsize::new(0);
    Server::start(move |_, body| {
        let is_create = body.starts_with("Action=CreateIpamPolicy&");
        if is_create && earlier.fetch_add(1, Ordering::SeqCst) < count {
            deed()
        } else {
            Deed::Answer
        }
    })
    .await
}

#[tokio::test]
async fn intermittent_failures_are_retried_if_requested() {
    let id = "create-ipam-policy/accepted/minimal";
    // A connection that was used before may end without an answer, a new one may not.
    for (count, without) in [(2, Verdict::Fail), (1, Verdict::NotRun)] {
        let deed = move || match without {
            Verdict::Fail => Deed::Break,
            _ => fault(503, "Unavailable"),
        };
        let server = first_creates(count, deed).await;
        let record = judge(&server.url, &[id], PATIENT, &options()).await;
        assert_eq!(of(&record, id).verdict, without);

        let server = first_creates(count, deed).await;
        let again = options().retries(1);
        let record = judge(&server.url, &[id], PATIENT, &again).await;
        let case = of(&record, id);
        assert_eq!((case.verdict, case.retries), (Verdict::Pass, 1));
        assert!(
            case.note.starts_with("attempt 1: ") && case.note.ends_with("this is attempt 2"),
            "{}",
            case.note
        );
    }
}

#[tokio::test]
async fn a_server_that_is_always_busy_is_not_judged() {
    let server = Server::start(|_, _| fault(503, "RequestLimitExceeded")).await;
    // Cases that accept any answer, that name no action, and that test that the action exists.
    let run = [
        "*/accepted/minimal",
        "*/accepted/implemented",
        "protocol/action/*",
        "robustness/action/*",
        "robustness/method/head",
    ];
    for retries in [0, 1] {
        let again = options().retries(retries);
        let record = judge(&server.url, &run, PATIENT, &again).await;
        let (summary, cases) = (&record.summary, &record.cases);
        assert_eq!(summary.not_run, summary.total, "{:?}", verdicts(&record));
        assert_eq!(summary.exit_code(), 4);
        let note = &cases[0].note;
        assert!(note.contains("the server is busy"), "{note}");
        // After a few cases, to wait does not pay.
        let repeated = cases.iter().filter(|case| case.retries > 0).count();
        assert_eq!(repeated, if retries > 0 { 3 } else { 0 });
    }
}

/// The IPAM and the policy take several attempts.
#[tokio::test]
async fn a_busy_server_is_waited_for() {
    let creations = AtomicUsize::new(0);
    let server = Server::start(move |_, body| {
        let creates = body.starts_with("Action=CreateIpam");
        if creates && [0, 1, 3].contains(&creations.fetch_add(1, Ordering::SeqCst)) {
            fault(503, "RequestLimitExceeded")
        } else {
            Deed::Answer
        }
    })
    .await;
    let id = "create-ipam-policy/accepted/minimal";
    let mut again = options().retries(3);
    again.ipam_id = None;
    let record = judge(&server.url, &[id], PATIENT, &again).await;
    let case = of(&record, id);
    assert_eq!((case.verdict, case.retries), (Verdict::Pass, 1), "{case:?}");
    assert!(record.run.ipams_created);
}

#[tokio::test]
async fn a_wrong_response_is_not_retried() {
    let server = first_creates(1, || fault(400, "InvalidParameterValue")).await;
    let again = options().retries(3);
    let id = "create-ipam-policy/accepted/minimal";
    let record = judge(&server.url, &[id], PATIENT, &again).await;
    assert_eq!(
        (of(&record, id).verdict, of(&record, id).retries),
        (Verdict::Fail, 0)
    );
}

#[tokio::test]
async fn a_server_that_starts_late_is_waited_for() {
    let port = {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.local_addr().unwrap().port()
    };
    let url = format!("http://127.0.0.1:{port}");
    let run = ["*/accepted/minimal"];
    let record = judge(&url, &run, PATIENT, &options()).await;
    assert_eq!(record.summary.exit_code(), 3);
    let waits = options().wait(PATIENT);
    // First nothing listens, then a proxy reports that the server is missing, then it responds.
    let late = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        Server::start_at(port, &[IPAM], |number, _| match number {
            0..2 => Deed::Say(503, "not yet".into()),
            _ => Deed::Answer,
        })
        .await
    };
    let (record, _server) = tokio::join!(judge(&url, &run, PATIENT, &waits), late);
    assert_eq!(record.summary.exit_code(), 0);
    assert_eq!(record.summary.pass, 1);
}

#[tokio::test]
async fn a_wait_has_an_end() {
    let port = {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.local_addr().unwrap().port()
    };
    let waits = options().wait(Duration::from_millis(500));
    let url = format!("http://127.0.0.1:{port}");
    let record = judge(&url, &["*/accepted/minimal"], PATIENT, &waits).await;
    assert_eq!(record.summary.exit_code(), 3);
    let note = &record.cases[0].note;
    assert!(note.contains("after waiting 0.5 s"), "{note}");
}

/// A server without a quota of IPAMs, which returns existing ones.
async fn many_ipams(decide: impl Fn(&str) -> Deed + Send + Sync + 'static) -> Server {
    const IPAMS: [&str; 4] = [
        "ipam-00000000000000001",
        "ipam-00000000000000002",
        "ipam-00000000000000003",
        "ipam-00000000000000004",
    ];
    // It also has the IPAM that the cases expect to be unknown, so its policies are not counted.
    let all = [&IPAMS[..], &["ipam-0fedcba9876543210"]].concat();
    let given = AtomicUsize::new(0);
    Server::start_at(0, &all, move |_, body| {
        if body.starts_with("Action=CreateIpam&") {
            let id = IPAMS[given.fetch_add(1, Ordering::SeqCst) % IPAMS.len()];
            let body = format!(
                "<CreateIpamResponse><requestId>1</requestId><ipam><ipamId>{id}</ipamId></ipam>\
                 </CreateIpamResponse>"
            );
            Deed::Say(200, body)
        } else if body.starts_with("Action=DeleteIpam&") {
            Deed::Say(200, "<DeleteIpamResponse/>".into())
        } else {
            decide(body)
        }
    })
    .await
}

#[tokio::test]
async fn parallel_cases_get_the_same_verdicts_as_sequential_ones() {
    // Treats every dry run as a normal request, and creates the policy.
    let no_dry_run = |body: &str| Deed::AnswerInstead(body.replace("DryRun=true", "DryRun=false"));
    let deeds: [fn(&str) -> Deed; 2] = [|_| Deed::Answer, no_dry_run];
    let run = [
        "*/accepted/every-member",
        "*/dry-run/valid",
        "*/dry-run/*-*",
        "*/token/replay*",
        "*/token/mismatch*",
        "*/afterwards/*",
        "*/refused/ipam-id/*",
    ];
    let [honest, wrong] = deeds;
    for (own_ipams, deed) in [(true, honest), (true, wrong), (false, wrong)] {
        let mut first: Option<RunRecord> = None;
        for jobs in [1, 4] {
            let server = if own_ipams {
                many_ipams(deed).await
            } else {
                Server::start_at(0, &[IPAM, "ipam-0fedcba9876543210"], move |_, body| {
                    deed(body)
                })
                .await
            };
            let mut several = options().jobs(jobs);
            several.ipam_id = (!own_ipams).then(|| IPAM.to_owned());
            let record = judge(&server.url, &run, PATIENT, &several).await;
            if own_ipams {
                assert_eq!(record.run.ipam_ids.len(), jobs);
            }
            if let Some(first) = &first {
                assert_eq!(verdicts(first), verdicts(&record), "{jobs} jobs");
            }
            assert!(server.policies().contains("<ipamPolicySet/>"));
            first.get_or_insert(record);
        }
    }
}

#[tokio::test]
async fn several_jobs_share_the_one_ipam_that_the_quota_allows() {
    let server = Server::start_at(0, &[], |_, _| Deed::Answer).await;
    let mut several = options().jobs(8);
    several.ipam_id = None;
    let mut next = Vec::new();
    let mut watch = |event: Event<'_>| {
        if let Event::Next(case) = event {
            next.push(case.id.clone());
        }
    };
    let record = watched(&server.url, &[], PATIENT, &several, &mut watch).await;
    assert_eq!(record.summary.pass, record.summary.total);
    assert_eq!(record.run.ipam_ids.len(), 1);
    let ids: Vec<&String> = record.cases.iter().map(|case| &case.id).collect();
    assert_eq!(next.iter().collect::<Vec<_>>(), ids);
}

proptest! {
    #[test]
    fn shards_partition_the_cases(cases in 0_usize..300, of in 1_usize..20) {
        let all: Vec<usize> = (0..cases).collect();
        let shards: Vec<Vec<usize>> = (1..=of)
            .map(|number| {
                let shard: Shard = format!("{number}/{of}").parse().unwrap();
                prop_assert_eq!(shard.to_string(), format!("{number}/{of}"));
                Ok(shard.pick(all.clone()))
            })
            .collect::<Result<_, _>>()?;
        let mut union = shards.concat();
        union.sort_unstable();
        prop_assert_eq!(union, all);
        let sizes = || shards.iter().map(Vec::len);
        prop_assert!(sizes().max().unwrap() - sizes().min().unwrap() <= 1);
    }
}

#[test]
fn an_invalid_shard_is_refused() {
    for text in ["", "1", "0/2", "3/2", "1/0", "a/b", "1/2/3", "-1/2"] {
        assert!(text.parse::<Shard>().is_err(), "{text}");
    }
}

/// A server that ignores `DryRun`.
async fn no_dry_run() -> Server {
    Server::start(|_, body| Deed::AnswerInstead(body.replace("DryRun=true", "DryRun=false"))).await
}

const DRY_RUNS: [&str; 1] = ["create-ipam-policy/dry-run/*"];

#[tokio::test]
async fn a_known_failure_does_not_fail_the_run() {
    let server = no_dry_run().await;
    let list = "[[expect]]\nglob = \"create-ipam-policy/dry-run/valid\"\nreason = \"no DryRun\"\n\
                issue = \"https://example.com/1\"\nversion = \"before 2\"\n";
    let with =
        |list: &str| options().expectations(Expectations::parse("known.toml", list).unwrap());
    let run = ["*/dry-run/valid"];
    let record = judge(&server.url, &run, PATIENT, &options()).await;
    assert_eq!(record.summary.exit_code(), 1);

    let record = judge(&server.url, &run, PATIENT, &with(list)).await;
    let case = of(&record, "create-ipam-policy/dry-run/valid");
    assert_eq!(case.verdict, Verdict::Fail);
    assert_eq!(
        case.expected.as_ref().unwrap().issue.as_deref(),
        Some("https://example.com/1")
    );
    assert_eq!(record.summary.exit_code(), 0);
    assert_eq!(record.summary.expected_fail, 1);

    // A listed case that passes, or an entry that matches nothing, fails the run.
    let more = format!("{list}[[expect]]\nglob = \"*/accepted/minimal\"\nreason = \"r\"\n");
    let run = ["*/dry-run/valid", "*/accepted/minimal"];
    let record = judge(&server.url, &run, PATIENT, &with(&more)).await;
    assert_eq!(record.summary.exit_code(), 1);
    assert_eq!(
        (record.summary.unexpected_pass, record.summary.stale),
        (1, 0)
    );

    let more = format!("{list}[[expect]]\nglob = \"nothing/*\"\nreason = \"r\"\n");
    let record = judge(&server.url, &run, PATIENT, &with(&more)).await;
    assert_eq!(record.summary.exit_code(), 1);
    assert_eq!(record.run.stale, ["nothing/*"]);

    // An entry whose cases are in other shards does not fail the run.
    let record = judge(&server.url, &["*/accepted/minimal"], PATIENT, &with(list)).await;
    assert_eq!(record.summary.exit_code(), 0);
}

#[tokio::test]
async fn the_written_list_makes_the_run_succeed() {
    let catalogue = catalogues::for_servers();
    // It also accepts reserved tag keys, so that a whole family of cases fails.
    let server = Server::start(|_, body| {
        let body = body.replace("DryRun=true", "DryRun=false");
        Deed::AnswerInstead(body.replace("Key=aws", "Key=not"))
    })
    .await;
    let run = [
        "*/dry-run/valid",
        "*/refused/tags/aws-prefix/*",
        "*/accepted/minimal",
    ];
    let record = judge(&server.url, &run, PATIENT, &options()).await;
    assert!(record.summary.fail > 0);
    let list = Expectations::from_run(&record, &catalogue, None);
    let again = options().expectations(Expectations::parse("known.toml", &list.to_toml()).unwrap());
    let record = judge(&server.url, &run, PATIENT, &again).await;
    assert_eq!(record.summary.exit_code(), 0);
    assert_eq!(record.summary.expected_fail, record.summary.fail);
    let _area = snapshots::area("harness");
    insta::assert_snapshot!("expectations_written", list.to_toml());
}

#[tokio::test]
async fn a_rewritten_list_keeps_valid_entries() {
    let catalogue = catalogues::for_servers();
    let server = no_dry_run().await;
    let given = Expectations::parse(
        "known.toml",
        "[[expect]]\nglob = \"*/dry-run/valid\"\nreason = \"mine\"\n\
         [[expect]]\nglob = \"*/refused/*\"\nreason = \"of another shard\"\n\
         [[expect]]\nglob = \"*/accepted/dry-run*\"\nreason = \"mended\"\n\
         [[expect]]\nglob = \"nothing/*\"\nreason = \"stale\"\n\
         [[expect]]\nglob = \"create-ipam-policy/dry-run/*\"\nreason = \"some pass\"\n",
    )
    .unwrap();
    let run = [DRY_RUNS[0], "*/accepted/dry-run-false"];
    let listed = options().expectations(given.clone());
    let record = judge(&server.url, &run, PATIENT, &listed).await;
    let list = Expectations::from_run(&record, &catalogue, Some(&given));
    let reason = |id: &str| list.find(id).map(|entry| entry.reason.as_str());
    assert_eq!(reason("create-ipam-policy/dry-run/valid"), Some("mine"));
    assert_eq!(
        reason("create-ipam-policy/refused/ipam-id/missing"),
        Some("of another shard")
    );
    assert_eq!(reason("create-ipam-policy/accepted/dry-run-false"), None);
    assert!(list.entries().all(|entry| entry.reason != "stale"));
    // If some cases of a family pass now, the others are listed individually.
    for case in &record.cases {
        let expected = match case.verdict {
            Verdict::Pass => None,
            _ if case.id.ends_with("dry-run/valid") => Some("mine"),
            _ => Some("some pass"),
        };
        assert_eq!(reason(&case.id), expected, "{}", case.id);
    }
}

#[test]
fn a_malformed_list_is_refused_with_its_place() {
    let messages: Vec<String> = [
        "[[expect]]\nglob = \"a\"\n",
        "[[expect]]\nglob = \"a\"\nreason = \"r\"\nreasn = \"x\"\n",
        "[[expect]]\nglob = 1\nreason = \"r\"\n",
        "[[expect]]\nglob = \"[a\"\nreason = \"r\"\n",
        "[[expect]]\nglob = \"a\"\nreason = \" \"\n",
        "[[expect]]\nglob = \"a\"\nreason = \"r\"\nissue = \"#7\"\n",
        "[[expect]]\nglob = \"a\"\nreason = \"r\"\n[[expect]]\nreason = \"é\"\nglob = \"a\"\n",
        "[[expected]]\nglob = \"a\"\nreason = \"r\"\n",
        "[[expect]\n",
        "glob = \"a\"",
    ]
    .iter()
    .map(|text| {
        let refused = Expectations::parse("known.toml", text);
        refused.unwrap_err().to_string()
    })
    .collect();
    let _area = snapshots::area("harness");
    insta::assert_snapshot!("expectation_errors", messages.join("\n"));
}

async fn replay(
    url: &str,
    record: &RunRecord,
    options: &Options,
    verbatim: bool,
) -> (Totals, Vec<Replayed>) {
    let mut lines = Vec::new();
    record.write_ndjson(&mut lines).unwrap();
    let record = PartialRecord::read_ndjson(lines.as_slice()).unwrap();
    let catalogue = catalogues::for_servers();
    let cases: Vec<&CaseRecord> = record.cases.iter().collect();
    let subject = HttpSubject::new(url, Signer::default(), PATIENT).unwrap();
    let mut replayed = Vec::new();
    let mut watch = |event: replay::Event<'_>| {
        if let replay::Event::Replayed(case) = event {
            replayed.push(case.clone());
        }
    };
    let selected = replay::Selected {
        record: &record,
        cases: &cases,
        verbatim,
        keep: false,
    };
    let totals = replay::replay(&catalogue, &selected, &subject, options, &mut watch)
        .await
        .unwrap();
    (totals, replayed)
}

#[tokio::test]
async fn a_correct_server_gives_the_same_responses_on_replay() {
    let server = Server::start_at(0, &[], |_, _| Deed::Answer).await;
    let mut own_ipam = options();
    own_ipam.ipam_id = None;
    let run = [
        "*/accepted/token/*",
        "*/token/*",
        "*/dry-run/*",
        "*/afterwards/*",
        "*/refused/ipam-id/*",
        "protocol/*",
    ];
    let record = judge(&server.url, &run, PATIENT, &own_ipam).await;
    // The same server, which still has the tokens but not the IPAM; and a new one.
    let other = Server::start_at(0, &[], |_, _| Deed::Answer).await;
    for url in [&server.url, &other.url] {
        let (totals, replayed) = replay(url, &record, &own_ipam, false).await;
        let other: Vec<_> = replayed
            .iter()
            .filter(|case| case.outcome != Outcome::Same)
            .collect();
        assert!(other.is_empty(), "{other:#?}");
        assert_eq!((totals.same, totals.exit_code()), (record.cases.len(), 0));
    }
    for server in [server, other] {
        assert!(server.policies().contains("<ipamPolicySet/>"));
        let create = ec2wire_reference::Request::post(b"Action=CreateIpam&Version=2016-11-15");
        assert_eq!(server.world.answer(&create).status, 200);
    }
}

#[tokio::test]
async fn a_verbatim_replay_names_deleted_resources() {
    let server = Server::start(|_, _| Deed::Answer).await;
    let run = ["*/afterwards/described"];
    let record = judge(&server.url, &run, PATIENT, &options()).await;
    let quick = options().settle(Duration::ZERO);
    let (totals, replayed) = replay(&server.url, &record, &quick, true).await;
    assert_eq!((totals.differ, totals.exit_code()), (1, 1));
    let case = &replayed[0];
    assert!(case.notes[0].starts_with("step 2 names ipam-policy-"));
    assert!(case.differences[0].starts_with("step 2: status 200, now "));
    // Otherwise, the replay requests the new policy.
    let (totals, replayed) = replay(&server.url, &record, &quick, false).await;
    assert_eq!(totals.exit_code(), 0, "{replayed:#?}");
    assert!(replayed[0].notes[0].contains("from the answer to step 1"));
}

#[tokio::test]
async fn a_fixed_server_responds_differently() {
    let broken = no_dry_run().await;
    let record = judge(&broken.url, &DRY_RUNS, PATIENT, &options()).await;
    let mended = Server::start(|_, _| Deed::Answer).await;
    let (totals, replayed) = replay(&mended.url, &record, &options(), false).await;
    assert_eq!(totals.exit_code(), 1);
    let valid = replayed
        .iter()
        .find(|case| case.id.ends_with("dry-run/valid"))
        .unwrap();
    let difference = &valid.differences[0];
    assert!(
        difference.starts_with("status 200, now 412 (DryRunOperation: "),
        "{difference}"
    );
    assert_eq!(valid.status, Some(412));
}

#[tokio::test]
async fn a_replay_to_an_unreachable_server_is_reported() {
    let server = Server::start(|_, _| Deed::Answer).await;
    let record = judge(&server.url, &["*/refused/ipam-id/*"], PATIENT, &options()).await;
    let dying = Server::start(|number, _| match number {
        0..2 => Deed::Answer,
        _ => Deed::Die,
    })
    .await;
    let (totals, replayed) = replay(&dying.url, &record, &options(), false).await;
    assert_eq!(totals.exit_code(), 3);
    assert_eq!((totals.same, totals.differ), (2, 1));
    // The remaining cases have one reason, which is reported once.
    assert_eq!(replayed.len(), 3);
    assert_eq!(totals.not_sent, record.cases.len() - 3);
}

#[tokio::test]
async fn any_truncated_record_can_be_read() {
    let server = Server::start(|_, _| Deed::Answer).await;
    let run = ["*/accepted/minimal", "*/dry-run/valid"];
    let record = judge(&server.url, &run, PATIENT, &options()).await;
    let mut text = Vec::new();
    record.write_ndjson(&mut text).unwrap();
    let first = text.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    for end in 0..=text.len() {
        let read = PartialRecord::read_ndjson(&text[..end]);
        if end + 1 < first {
            assert!(read.is_err(), "{end}");
            continue;
        }
        let read = read.unwrap();
        let whole = text[..end].split(|byte| *byte == b'\n').count() - 1;
        assert!(read.cases.len() + 1 >= whole.min(3), "{end}");
        assert_eq!(read.cases, record.cases[..read.cases.len()]);
        let is_whole = RunRecord::read_ndjson(&text[..end]).is_ok();
        assert_eq!(is_whole, read.summary.is_some());
    }
    // The record of a killed run still counts every selected case.
    let cut = PartialRecord::read_ndjson(&text[..text.len() / 2]).unwrap();
    let read = cut.cases.len();
    let cut = cut.into_whole();
    assert_eq!(cut.summary.stopped, Some(Stopped::Killed));
    assert_eq!((cut.summary.total, cut.summary.not_run), (2, 2 - read));
    assert_eq!(cut.summary.exit_code(), 3);
    let whole = PartialRecord::read_ndjson(text.as_slice()).unwrap();
    assert_eq!(whole.into_whole(), record);
    // Damage in the middle does not come from a killed run.
    let mut damaged = text.clone();
    damaged[first + 1] = b'x';
    assert!(PartialRecord::read_ndjson(damaged.as_slice()).is_err());
}
