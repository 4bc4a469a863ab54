//! `verify client`: the cases find what is wrong with a client, and only that. A client that dies,
//! hangs or violates the protocol fails only the current case.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use crate::common::catalogues;
use ec2wire_conformance::record::{CaseRecord, RunRecord, Stopped};
use ec2wire_conformance::report::{Settings, terminal};
use ec2wire_conformance::runner::{self, Options};
use ec2wire_conformance::self_test::{self, Finding};
use ec2wire_conformance::subject::adapter::Adapter;
use ec2wire_conformance::{Case, Catalogue, Level, Selection, Verdict};
use ec2wire_reference::sabotage;
use ec2wire_test_support::snapshots;
use std::collections::BTreeSet;
use std::time::Duration;

const PATIENT: Duration = Duration::from_mins(1);

/// An adapter that sends nothing, and reports that its client refused the call.
const REFUSES: &str = r#"sed -u -E 's/^\{"id":("[^"]*").*/{"id":\1,"outcome":"error","kind":"client","message":"no"}/'"#;

fn select<'c>(catalogue: &'c Catalogue, globs: &[&str]) -> Vec<&'c Case> {
    let globs: Vec<String> = globs.iter().map(|&glob| glob.to_owned()).collect();
    let cases = catalogue.select(&Selection::new(&globs, &[], Level::May).unwrap());
    assert!(!cases.is_empty());
    cases
}

fn run(adapter: &Adapter, globs: &[&str], jobs: usize) -> RunRecord {
    run_with(adapter, globs, &Options::default().jobs(jobs))
}

#[tokio::main(flavor = "current_thread")]
async fn run_with(adapter: &Adapter, globs: &[&str], options: &Options) -> RunRecord {
    let catalogue = catalogues::for_clients();
    let cases = select(&catalogue, globs);
    runner::client::run(&catalogue, &cases, adapter, options, &mut |_| {})
        .await
        .unwrap()
}

/// A client that is a shell script.
fn script(text: &str, timeout: Duration) -> Adapter {
    Adapter::new("sh".into(), vec!["-c".into(), text.into()], timeout)
}

fn of<'r>(record: &'r RunRecord, id: &str) -> &'r CaseRecord {
    let found = record.cases.iter().find(|case| case.id.ends_with(id));
    found.unwrap_or_else(|| panic!("the record has no {id}"))
}

#[test]
fn the_requirements_and_cases_are_valid() {
    let catalogue = catalogues::for_clients();
    assert_eq!(catalogue.problems(), [""; 0]);
    assert!(catalogue.cases().len() >= 60);
}

#[test]
fn the_honest_client_breaks_nothing() {
    let record = run(&Adapter::own(None, PATIENT), &["*"], 4);
    for case in &record.cases {
        assert_eq!(
            case.verdict,
            Verdict::Pass,
            "{}: {:?}",
            case.id,
            case.deviations
        );
        assert!(
            case.deviations.is_empty(),
            "{}: {:?}",
            case.id,
            case.deviations
        );
    }
    assert_eq!(record.summary.exit_code(), 0);
}

#[test]
fn each_fault_of_a_client_is_caught_and_no_variant_is_blamed() {
    let catalogue = catalogues::for_clients();
    let cases = select(&catalogue, &["*"]);
    let quirks: Vec<_> = sabotage::client_faults()
        .chain(sabotage::client_variants())
        .collect();
    let options = self_test::Options {
        first_only: true,
        ..self_test::Options::default()
    };
    let report = self_test::run(&catalogue, &cases, &quirks, &options, &mut |_| {}).unwrap();
    assert_eq!(report.unfit, [""; 0]);
    let wrong: Vec<String> = report
        .problems()
        .map(|trial| {
            format!(
                "{} {:?}: {:?}",
                trial.quirk.name,
                trial.finding(),
                trial.catches
            )
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let caught = report
        .trials
        .iter()
        .filter(|trial| trial.finding() == Finding::Caught);
    assert!(caught.count() >= 30);
}

#[test]
fn a_client_that_dies_or_hangs_fails_only_its_case() {
    for (name, words) in [
        ("client-dies", "the client ended during the call"),
        ("client-hangs", "the client returned no result within 2 s"),
    ] {
        let quirk = sabotage::client_quirk(name).unwrap();
        let adapter = Adapter::own(Some(quirk), Duration::from_secs(2));
        let globs = ["*/damage/xml/truncated-in-*", "*/answer/members/*"];
        let record = run(&adapter, &globs, 1);
        let lost = of(&record, "truncated-in-text");
        assert_eq!(lost.verdict, Verdict::Fail);
        let deviation = lost.deviations.first().unwrap();
        assert_eq!(deviation.requirement, "adapter-answers");
        assert!(deviation.found.starts_with(words), "{}", deviation.found);
        assert_eq!(lost.exchange.as_ref().map(|_| ()), Some(()));
        assert_eq!(of(&record, "members/plain").verdict, Verdict::Pass);
        assert!(!record.summary.unreachable);
        // After that, a client that hangs is waited for only briefly, and not blamed again.
        let not_run = record
            .cases
            .iter()
            .filter(|case| case.verdict == Verdict::NotRun);
        let brief = not_run.filter(|case| case.note.contains("brief wait"));
        assert_eq!(record.summary.not_run, brief.count());
        assert!(name == "client-hangs" || record.summary.not_run == 0);
        assert_eq!(record.summary.exit_code(), 1);
    }
}

#[test]
fn a_client_that_hangs_on_errors_is_judged_by_the_rest() {
    let quirk = sabotage::client_quirk("client-hangs-on-errors").unwrap();
    let whole = Duration::from_secs(2);
    let record = run(&Adapter::own(Some(quirk), whole), &[], 1);
    let blamed: Vec<_> = record
        .cases
        .iter()
        .flat_map(|case| &case.deviations)
        .map(|deviation| deviation.requirement.as_str())
        .collect();
    assert_eq!(blamed, ["adapter-answers"]);
    let summary = &record.summary;
    assert!(summary.pass > summary.total / 2, "{summary:?}");
    // Some 40 errors would each take the whole time.
    assert!(summary.ms < 20_000, "{summary:?}");
}

#[test]
fn a_client_that_hangs_after_its_first_call_is_judged_all_the_same() {
    let text =
        format!("read -r line; printf '%s\\n' \"$line\" | {REFUSES}; read -r line; sleep 100");
    let adapter = script(&text, Duration::from_secs(3));
    let record = run(&adapter, &["*/answer/*"], 1);
    let summary = &record.summary;
    assert!(summary.total >= 10 && summary.not_run <= 1, "{summary:?}");
    let lost = |case: &&CaseRecord| {
        let mut found = case.deviations.iter();
        found.any(|found| found.requirement == "adapter-answers")
    };
    // The call that a used process did not return from.
    assert_eq!(record.cases.iter().filter(lost).count(), 1);
    assert!(summary.ms < 30_000, "{summary:?}");
}

#[test]
fn a_client_that_never_answers_ends_the_run() {
    let globs = ["*/answer/members/*"];
    let missing = Adapter::new("/no/such/program".into(), Vec::new(), PATIENT);
    let record = run(&missing, &globs, 1);
    assert_eq!(record.summary.not_run, record.cases.len());
    assert_eq!(record.summary.exit_code(), 3);

    let dead = script("echo out of memory >&2; exit 7", PATIENT);
    let record = run(&dead, &globs, 1);
    assert_eq!(record.summary.exit_code(), 3);
    let first = record.cases.first().unwrap();
    let found = &first.deviations.first().unwrap().found;
    assert!(found.contains("exit status: 7; out of memory"), "{found}");
    assert_eq!(record.summary.not_run, record.cases.len() - 1);

    let mute = script("while read line; do :; done", Duration::from_millis(200));
    let record = run(&mute, &globs, 1);
    assert_eq!(record.summary.exit_code(), 3);
}

#[test]
fn output_outside_the_protocol_is_reported() {
    let garbled = script("while read line; do echo hello; done", PATIENT);
    let record = run(&garbled, &["*/answer/members/plain"], 1);
    let case = record.cases.first().unwrap();
    let found = &case.deviations.first().unwrap().found;
    assert_eq!(
        found,
        "invalid answer from the adapter: expected a JSON object on standard output, got `hello`"
    );
    // Each case is still tried, because the program runs.
    let record = run(&garbled, &["*/answer/members/*"], 1);
    assert_eq!(record.summary.not_run, 0);
    assert_eq!(record.summary.exit_code(), 1);
    // An endless line is not kept completely.
    let endless = script("head -c 9000000 /dev/zero; sleep 60", PATIENT);
    let record = run(&endless, &["*/answer/members/plain"], 1);
    let found = &record
        .cases
        .first()
        .unwrap()
        .deviations
        .first()
        .unwrap()
        .found;
    assert!(
        found.ends_with("a line is longer than 8388608 bytes"),
        "{found}"
    );
    // A blank line is ignored.
    let blank = r#"sed -u -E 's/^\{"id":("[^"]*").*/\n  \n{"id":\1,"outcome":"error","kind":"client","message":"no"}/'"#;
    let record = run(&script(blank, PATIENT), &["*/request/ipam-id-absent"], 1);
    assert_eq!(record.summary.pass, 1);
}

#[cfg(unix)]
#[test]
fn child_processes_end_with_the_client() {
    let folder = tempfile::tempdir().unwrap();
    let beats = folder.path().join("beats");
    let text = format!(
        "(while :; do echo beat >> '{}'; sleep 0.02; done) & read line; wait",
        beats.display()
    );
    let record = run(
        &script(&text, Duration::from_millis(400)),
        &["*/answer/members/plain"],
        1,
    );
    assert_eq!(record.summary.exit_code(), 3);
    let length = || std::fs::metadata(&beats).unwrap().len();
    let before = length();
    assert!(before > 0);
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(length(), before);
}

#[test]
fn endless_repeats_of_a_client_are_not_all_kept() {
    let endpoint = r#"sed -E 's/.*"endpoint":"([^"]*)".*/\1/'"#;
    let text = format!(
        "read line; url=$(echo \"$line\" | {endpoint}); \
         for i in $(seq 1 100); do curl -s -o /dev/null -d Action=A \"$url\"; done; \
         echo '{{\"id\":\"x\",\"outcome\":\"error\",\"kind\":\"client\"}}'"
    );
    let record = run(&script(&text, PATIENT), &["*/answer/members/plain"], 1);
    let case = record.cases.first().unwrap();
    assert_eq!(case.earlier.len(), 15);
    assert!(
        case.note.ends_with("84 requests in between were not kept"),
        "{}",
        case.note
    );
}

#[test]
fn the_time_of_a_run_ends_it_whatever_a_client_sends() {
    // Each call sends many requests with a megabyte of pairs each.
    let text = r#"
import json, socket, sys
body = b"Action=CreateIpamPolicy&Version=2016-11-15&" + b"&".join(
    b"Tag.%d.Key=a" % at for at in range(70000, 0, -1))
head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(body)
for line in sys.stdin:
    order = json.loads(line)
    host, port = order["endpoint"].split("//")[1].split(":")
    for _ in range(40):
        try:
            with socket.create_connection((host, int(port))) as stream:
                stream.sendall(head + body)
                stream.recv(65536)
        except OSError:
            pass
    print(json.dumps({"id": order["id"], "outcome": "error", "kind": "client"}), flush=True)
"#;
    let client = Adapter::new("python3".into(), vec!["-c".into(), text.into()], PATIENT);
    let record = run(&client, &["*/answer/members/plain"], 1);
    let note = &record.cases.first().unwrap().note;
    assert!(
        note.ends_with("; 38 requests in between were not kept"),
        "{note}"
    );
    let limit = Duration::from_secs(3);
    let record = run_with(&client, &["*"], &Options::default().time_limit(limit));
    assert_eq!(record.summary.stopped, Some(Stopped::TimeLimit));
    // Judging one call takes a second or two where nothing is optimized.
    assert!(record.summary.ms < 15_000, "{} ms", record.summary.ms);
}

#[test]
fn only_an_answer_that_every_client_can_read_must_not_be_asked_for_again() {
    let endpoint = r#"sed -E 's/.*"endpoint":"([^"]*)".*/\1/'"#;
    let text = format!(
        "while read line; do url=$(echo \"$line\" | {endpoint}); \
         for i in 1 2; do curl -s -o /dev/null -d Action=CreateIpamPolicy \"$url\"; done; \
         id=$(echo \"$line\" | sed -E 's/^\\{{\"id\":(\"[^\"]*\").*/\\1/'); \
         echo '{{\"id\":'$id',\"outcome\":\"error\",\"kind\":\"client\"}}'; done"
    );
    let globs = ["*/answer/members/plain", "*/answer/open/byte-order-mark"];
    let record = run(&script(&text, PATIENT), &globs, 1);
    for (case, is_blamed) in [("plain", true), ("byte-order-mark", false)] {
        let mut found = of(&record, case).deviations.iter();
        let blames = found.any(|one| one.requirement == "answered-once");
        assert_eq!(blames, is_blamed, "{case}");
    }
}

#[test]
fn a_client_that_sends_nothing_is_reported() {
    let record = run(
        &script(REFUSES, PATIENT),
        &[
            "*/request/minimal",
            "*/request/ipam-id-absent",
            "*/request/type-new",
        ],
        1,
    );
    // A client may also refuse a value that is outside of the model's enum.
    for refusable in ["ipam-id-absent", "type-new"] {
        assert_eq!(of(&record, refusable).verdict, Verdict::Pass, "{refusable}");
    }
    let case = of(&record, "minimal");
    assert_eq!(case.verdict, Verdict::Fail);
    assert_eq!(case.deviations.first().unwrap().requirement, "call-sent");
}

#[test]
fn nothing_secret_is_in_a_record() {
    let record = run(&Adapter::own(None, PATIENT), &["*/request/minimal"], 1);
    let mut text = Vec::new();
    record.write_ndjson(&mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("\"authorization\",\"<redacted>\""), "{text}");
    let read = RunRecord::read_ndjson(text.as_bytes()).unwrap();
    assert_eq!(read, record);
}

#[test]
fn a_client_that_repeats_its_secret_does_not_get_it_into_the_record() {
    // The client repeats the secret in every place where it can write anything.
    let key = r#"key=$(echo "$line" | sed -E 's/.*"secretAccessKey":"([^"]*)".*/\1/')"#;
    let id = r#"id=$(echo "$line" | sed -E 's/^\{"id":("[^"]*").*/\1/')"#;
    let answer = r#"{\"id\":$id,\"outcome\":\"error\",\"kind\":\"service\",\"status\":400,
        \"code\":\"$key\",\"message\":\"$key\",\"requestId\":\"$key\"}"#
        .replace('\n', "");
    for last in [
        "echo \"$line\"".to_owned(),
        "echo $key >&2; exit 3".to_owned(),
        "echo $key >&2; echo $key; sleep 9".to_owned(),
        format!("echo \"{answer}\""),
    ] {
        let told = format!("while read line; do {key}; echo $key > \"$TOLD\"; {id}; {last}; done");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        let told = told.replace("$TOLD", &file.display().to_string());
        let record = run(&script(&told, PATIENT), &["*/answer/members/plain"], 1);
        let secret = std::fs::read_to_string(&file).unwrap();
        let mut text = Vec::new();
        record.write_ndjson(&mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(secret.trim().len(), 32, "{secret}");
        assert!(!text.contains(secret.trim()), "{last}: {text}");
    }
}

/// A client with its own HTTP implementation: it sends a request with this HTTP version and these
/// headers, written as a Python literal, and reports the response.
fn by_hand(version: &str, headers: &str) -> Adapter {
    let text = format!(
        r#"
import json, socket, sys
for line in sys.stdin:
    order = json.loads(line)
    host, port = order["endpoint"].split("//")[1].split(":")
    body = "Action=CreateIpamPolicy&Version=2016-11-15&IpamId=" + order["input"]["IpamId"]
    with socket.create_connection((host, int(port))) as stream:
        stream.sendall((
            "POST / HTTP/{version}\r\nHost: a\r\nConnection: close\r\n{headers}Content-Length: %d\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n\r\n%s" % (len(body), body)
        ).encode())
        answer = b""
        while True:
            piece = stream.recv(65536)
            if not piece:
                break
            answer += piece
        head, rest = answer.split(b"\r\n\r\n", 1)
        chunked = b"chunked" in head.lower() or b"gzip" in head.lower()
    print(json.dumps({{"id": order["id"], "outcome": "error", "kind": "client", "message":
        "chunked" if chunked else rest.decode()[:20]}}), flush=True)
"#
    );
    Adapter::new("python3".into(), vec!["-c".into(), text.into()], PATIENT)
}

#[test]
fn a_client_gets_only_encodings_that_it_accepts() {
    for (version, headers) in [("1.0", ""), ("1.1", r"Accept-Encoding: gzip;q=0, br\r\n")] {
        let globs = ["*/answer/*chunk*", "*/answer/*gzip*"];
        let record = run(&by_hand(version, headers), &globs, 1);
        assert!(record.cases.len() >= 2, "{}", record.cases.len());
        for case in &record.cases {
            let exchange = case.exchange.as_ref().unwrap();
            let answer = exchange.response.as_ref().unwrap();
            let has = |name: &str| {
                let mut headers = answer.headers.iter();
                headers.any(|(known, _)| known.eq_ignore_ascii_case(name))
            };
            assert!(!has("content-encoding"), "{}", case.id);
            assert!(version == "1.1" || !has("transfer-encoding"), "{}", case.id);
        }
    }
}

#[test]
fn a_call_without_a_response_has_no_status() {
    let record = run(&script(REFUSES, PATIENT), &["*/request/minimal"], 1);
    assert_eq!(record.cases.first().unwrap().actual, None);
}

#[test]
fn mistakes_in_a_case_are_refused() {
    let case = |body: &str| {
        let text = format!(
            "prefix = \"a\"\n[[case]]\nid = \"b\"\ntitle = \"c\"\nrequirement = \"success-read\"\n{body}"
        );
        let mut catalogue = Catalogue::clients_without_cases().unwrap();
        catalogue
            .add_cases("my.toml", &text)
            .unwrap_err()
            .to_string()
    };
    let errors = [
        case(""),
        case("[[case.step]]\naction = \"CreateIpamPolicy\""),
        case("[[case.call]]\ninput = { }\nanswers = [\"plane\"]"),
        case("[[case.call]]\ninput = { }\nanswers = []"),
        case("[[case.call]]\ninput = { A = \"${b}\" }\nanswers = [\"plain\"]"),
        case("[[case.call]]\ninput = { }\nanswers = [\"plain\"]\nwhat = 1"),
        catalogues::for_servers()
            .add_cases(
                "my.toml",
                "prefix = \"a\"\n[[case]]\nid = \"b\"\ntitle = \"c\"\nrequirement = \"create-minimal\"\n\
                 [[case.call]]\ninput = { }\nanswers = [\"plain\"]",
            )
            .unwrap_err()
            .to_string(),
    ];
    let _snapshots = snapshots::area("clients");
    insta::assert_snapshot!("mistakes", errors.join("\n\n"));
}

/// Whether the word is the beginning of an id, as at the end of excerpts.
fn is_cut_id(word: &str) -> bool {
    let start = word.strip_suffix("..").unwrap_or_default();
    !start.is_empty() && start.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

/// Masks what varies from run to run.
fn plain(text: &str) -> String {
    let mut settings = Vec::new();
    for word in text.split_inclusive([' ', '&', '<', '>', '"', '`', '\n', '=']) {
        let bare = word.trim_end_matches([' ', '&', '<', '>', '"', '`', '\n', '=']);
        let end = word.get(bare.len()..).unwrap_or_default();
        let is_id = bare.len() == 36 && bare.matches('-').count() == 4;
        let is_time = bare.len() == 16 && bare.ends_with('Z');
        let shown = match bare {
            _ if is_id => "(an id)",
            _ if is_cut_id(bare) => "(cut)",
            _ if is_time => "(a time)",
            _ if bare.starts_with("127.0.0.1:") => "127.0.0.1:1",
            _ => bare,
        };
        settings.push(format!("{shown}{end}"));
    }
    settings.concat()
}

#[test]
fn a_wrong_client_is_explained() {
    let quirk = sabotage::client_quirk("client-plus-bare").unwrap();
    let mut record = run(
        &Adapter::own(Some(quirk), PATIENT),
        &["*/request/value/plus"],
        1,
    );
    let quirk = sabotage::client_quirk("client-cdata-lost").unwrap();
    let other = run(
        &Adapter::own(Some(quirk), PATIENT),
        &["*/answer/xml/cdata"],
        1,
    );
    record.cases.extend(other.cases);
    let quirk = sabotage::client_quirk("client-id-of-header").unwrap();
    let other = run(
        &Adapter::own(Some(quirk), PATIENT),
        &["*/error/dry-run/dry-run-bare"],
        1,
    );
    record.cases.extend(other.cases);
    record.run.started.clear();
    record.summary.ms = 0;
    let mut shown = Vec::new();
    let layout = terminal::Layout {
        width: 110,
        detail: terminal::Detail::Findings,
    };
    terminal::write(&mut shown, &record, &Settings::default(), layout).unwrap();
    let shown = String::from_utf8(anstream::adapter::strip_bytes(&shown).into_vec()).unwrap();
    let _snapshots = snapshots::area("clients");
    // The carets below masked text keep their length.
    insta::assert_snapshot!("report", plain(&shown));
}

#[test]
fn every_answer_is_used_by_a_case() {
    let catalogue = catalogues::for_clients();
    let asked: BTreeSet<&str> = catalogue
        .cases()
        .iter()
        .flat_map(|case| {
            let item = case.item.as_deref();
            let answers = case.calls.iter().flat_map(|call| &call.answers);
            answers.map(move |name| match name.as_str() {
                "${item}" => item.unwrap_or_default(),
                name => name,
            })
        })
        .collect();
    let (_, text) = Catalogue::files()
        .find(|(name, _)| name == "answers.toml")
        .unwrap();
    for line in text.lines() {
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            assert!(
                name == "part" || asked.contains(name),
                "no case uses {name}"
            );
        }
    }
}
