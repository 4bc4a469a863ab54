//! What a run or a replay makes is gone afterwards, or the record says what is left.

use super::server::{Deed, IPAM, Server, fault};
use super::{PATIENT, judge, of, options};
use ec2wire_conformance::laws::{self, Fixtures};
use ec2wire_conformance::record::{PartialRecord, RunRecord};
use ec2wire_conformance::report::Settings;
use ec2wire_conformance::report::terminal::{self, Detail, Layout};
use ec2wire_conformance::runner::replay;
use ec2wire_conformance::runner::{self, Options};
use ec2wire_conformance::subject::http::{HttpSubject, Signer};
use ec2wire_conformance::{Case, CaseRecord, Catalogue, Verdict};
use ec2wire_reference::{Config, Endpoint, sabotage};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A key pair that exists before the run.
const OTHERS: &str = "others";

/// What is wrong with a server of key pairs, or different.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Right,
    /// As moto: by id, nothing is deleted.
    DeletesByName,
    DeletesNothing,
    /// Every first deletion is refused.
    RefusesFirst,
    /// What is deleted is listed for that time.
    ListsDeleted(Duration),
    /// The listing is no document.
    ListsGarbage,
    /// Only a name deletes, and the names in answers are another key pair's.
    NamesOthers,
}

#[derive(Default)]
struct Pair {
    id: String,
    name: String,
    deleted: Option<Instant>,
    was_refused: bool,
}

/// The key pairs of a server.
struct Pairs {
    all: Vec<Pair>,
    made: usize,
}

fn success(action: &str, members: &str) -> Deed {
    let body = format!(
        "<{action}Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
         <requestId>0f1e2d3c-0000-4000-8000-000000000000</requestId>{members}</{action}Response>"
    );
    Deed::Say(200, body)
}

fn value<'b>(body: &'b str, key: &str) -> Option<&'b str> {
    let mut pairs = body.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(name, _)| *name == key).map(|(_, value)| value)
}

impl Pairs {
    fn answer(&mut self, body: &str, manner: Manner) -> Deed {
        match value(body, "Action") {
            Some("CreateKeyPair") if value(body, "DryRun") == Some("true") => {
                fault(412, "DryRunOperation")
            }
            Some("CreateKeyPair") if body.contains("Ec2wire") => fault(400, "UnknownParameter"),
            Some("CreateKeyPair") => self.create(body, manner),
            Some("DescribeKeyPairs") if manner == Manner::ListsGarbage => {
                Deed::Say(200, "<keySet><item>".into())
            }
            Some("DescribeKeyPairs") => {
                let lag = match manner {
                    Manner::ListsDeleted(lag) => lag,
                    _ => Duration::ZERO,
                };
                let all = &mut self.all;
                all.retain(|pair| pair.deleted.is_none_or(|at| at.elapsed() < lag));
                let items = all.iter().map(|pair| {
                    let Pair { id, name, .. } = pair;
                    format!("<item><keyPairId>{id}</keyPairId><keyName>{name}</keyName></item>")
                });
                let items: String = items.collect();
                success("DescribeKeyPairs", &format!("<keySet>{items}</keySet>"))
            }
            Some("DeleteKeyPair") => self.delete(body, manner),
            _ => fault(400, "InvalidAction"),
        }
    }

    fn create(&mut self, body: &str, manner: Manner) -> Deed {
        self.made += 1;
        let id = format!("key-{:017x}", self.made);
        let name = value(body, "KeyName").unwrap_or_default().to_owned();
        let shown = match manner {
            Manner::NamesOthers => OTHERS,
            _ => &name,
        };
        let members = format!(
            "<keyName>{shown}</keyName><keyPairId>{id}</keyPairId><keyMaterial>m</keyMaterial>"
        );
        self.all.push(Pair {
            id,
            name,
            ..Pair::default()
        });
        success("CreateKeyPair", &members)
    }

    fn delete(&mut self, body: &str, manner: Manner) -> Deed {
        let (id, name) = (value(body, "KeyPairId"), value(body, "KeyName"));
        let is_named = |pair: &&mut Pair| id == Some(&pair.id) || name == Some(&pair.name);
        for pair in self.all.iter_mut().filter(is_named) {
            if manner == Manner::RefusesFirst && !pair.was_refused {
                pair.was_refused = true;
                return fault(400, "DependencyViolation");
            }
            let deletes = match manner {
                Manner::DeletesNothing => false,
                Manner::DeletesByName | Manner::NamesOthers => name.is_some(),
                _ => true,
            };
            if deletes {
                pair.deleted = Some(Instant::now());
            }
        }
        success("DeleteKeyPair", "<return>true</return>")
    }
}

/// A server of key pairs.
struct KeyPairs {
    server: Server,
    pairs: Arc<Mutex<Pairs>>,
}

impl KeyPairs {
    async fn start(manner: Manner) -> Self {
        let others = Pair {
            id: "key-0000000000000000f".into(),
            name: OTHERS.into(),
            ..Pair::default()
        };
        let pairs = Arc::new(Mutex::new(Pairs {
            all: vec![others],
            made: 0,
        }));
        let known = Arc::clone(&pairs);
        let server = Server::start(move |_, body| known.lock().unwrap().answer(body, manner)).await;
        Self { server, pairs }
    }

    /// The names of the key pairs that are there.
    fn left(&self) -> Vec<String> {
        let pairs = self.pairs.lock().unwrap();
        let there = pairs.all.iter().filter(|pair| pair.deleted.is_none());
        there.map(|pair| pair.name.clone()).collect()
    }

    fn made(&self) -> usize {
        self.pairs.lock().unwrap().made
    }

    fn subject(&self) -> HttpSubject {
        HttpSubject::new(&self.server.url, Signer::default(), PATIENT).unwrap()
    }
}

fn key_pair_cases() -> Catalogue {
    let mut catalogue = Catalogue::without_cases().unwrap();
    let fixtures = Fixtures::embedded().unwrap();
    laws::add(&mut catalogue, &["CreateKeyPair".to_owned()], &fixtures).unwrap();
    catalogue
}

async fn run_on(server: &KeyPairs, settle: Duration) -> RunRecord {
    let catalogue = key_pair_cases();
    let asked = ["plain", "unknown-parameter", "deleted", "dry-run/answer"]
        .map(|law| format!("any/CreateKeyPair/{law}"));
    let all = catalogue.cases().iter();
    let cases: Vec<&Case> = all.filter(|case| asked.contains(&case.id)).collect();
    assert_eq!(cases.len(), asked.len());
    let options = Options::default().allow_create(true).settle(settle);
    runner::run(&catalogue, &cases, &server.subject(), &options, &mut |_| {})
        .await
        .unwrap()
}

/// What a replay says: what stays, and what is left.
async fn replay_on(
    server: &KeyPairs,
    record: &RunRecord,
    keep: bool,
) -> (Vec<String>, Vec<String>) {
    let mut lines = Vec::new();
    record.write_ndjson(&mut lines).unwrap();
    let record = PartialRecord::read_ndjson(lines.as_slice()).unwrap();
    let cases: Vec<&CaseRecord> = record.cases.iter().collect();
    let (mut stays, mut left) = (Vec::new(), Vec::new());
    let mut watch = |event: replay::Event<'_>| match event {
        replay::Event::Lasting(counts) => {
            let counts = counts.iter();
            stays.extend(counts.map(|(action, count)| format!("{action} {count}")));
        }
        replay::Event::Left(one) => left.push(one.to_string()),
        _ => {}
    };
    let selected = replay::Selected {
        record: &record,
        cases: &cases,
        verbatim: false,
        keep,
    };
    let options = Options::default().allow_create(true).settle(SHORT);
    let subject = server.subject();
    let catalogue = key_pair_cases();
    replay::replay(&catalogue, &selected, &subject, &options, &mut watch)
        .await
        .unwrap();
    (stays, left)
}

const SHORT: Duration = Duration::from_millis(300);

#[tokio::test]
async fn nothing_of_a_run_or_a_replay_is_left() {
    for manner in [
        Manner::Right,
        Manner::RefusesFirst,
        Manner::ListsDeleted(Duration::from_millis(200)),
    ] {
        let server = KeyPairs::start(manner).await;
        let record = run_on(&server, Duration::from_secs(5)).await;
        assert_eq!(server.left(), [OTHERS], "{manner:?}");
        assert!(server.made() > 3, "{manner:?}");
        let s = &record.summary;
        assert!(s.left.is_empty(), "{manner:?} {s:?}");
        let deleted = of(&record, "any/CreateKeyPair/deleted");
        assert!(deleted.deviations.is_empty(), "{manner:?} {deleted:?}");
        let made = server.made();
        let (stays, _) = replay_on(&server, &record, false).await;
        assert!(server.made() > made, "{manner:?}");
        assert_eq!(server.left(), [OTHERS], "{manner:?}");
        assert_eq!(stays, [""; 0], "{manner:?}");
    }
}

#[tokio::test]
async fn a_deletion_that_does_nothing_is_found_and_done_by_name() {
    let server = KeyPairs::start(Manner::DeletesByName).await;
    let record = run_on(&server, SHORT).await;
    assert_eq!(server.left(), [OTHERS]);
    let deleted = of(&record, "any/CreateKeyPair/deleted");
    assert_eq!(deleted.verdict, Verdict::Fail);
    assert_eq!(deleted.deviations[0].requirement, "action-delete-removes");
    let left = &record.summary.left;
    assert_eq!((left.len(), left[0].count), (1, server.made()), "{left:?}");
    assert_eq!(left[0].then_by.as_deref(), Some("KeyName"));
    let (_, left) = replay_on(&server, &record, false).await;
    assert_eq!(server.left(), [OTHERS]);
    assert!(left[0].ends_with("; deleted by KeyName"), "{left:?}");
}

#[tokio::test]
async fn what_is_left_is_told() {
    let server = KeyPairs::start(Manner::DeletesNothing).await;
    let record = run_on(&server, SHORT).await;
    assert_eq!(server.left().len(), 1 + server.made());
    let told = record.summary.left[0].to_string();
    let made = server.made();
    assert!(
        told.starts_with(&format!("{made} of CreateKeyPair (key-")),
        "{told}"
    );
    assert!(
        told.ends_with(" left over, although DeleteKeyPair answered with success"),
        "{told}"
    );
    for detail in [Detail::Totals, Detail::Findings, Detail::All] {
        let mut shown = Vec::new();
        let layout = Layout { width: 200, detail };
        terminal::write(&mut shown, &record, &Settings::default(), layout).unwrap();
        let shown = String::from_utf8(shown).unwrap();
        assert_eq!(shown.matches(&told).count(), 1, "{shown}");
    }
    // A record keeps it.
    let mut lines = Vec::new();
    record.write_ndjson(&mut lines).unwrap();
    assert_eq!(RunRecord::read_ndjson(lines.as_slice()).unwrap(), record);
}

#[tokio::test]
async fn what_is_not_the_runs_is_not_deleted() {
    let server = KeyPairs::start(Manner::NamesOthers).await;
    let record = run_on(&server, SHORT).await;
    assert!(server.left().contains(&OTHERS.to_owned()));
    assert!(record.summary.left[0].is_there());
}

#[tokio::test]
async fn a_listing_that_is_garbage_proves_nothing() {
    let server = KeyPairs::start(Manner::ListsGarbage).await;
    let started = Instant::now();
    let record = run_on(&server, Duration::from_secs(20)).await;
    assert!(started.elapsed() < Duration::from_secs(15));
    assert_eq!(server.left(), [OTHERS]);
    assert!(record.summary.left.is_empty(), "{:?}", record.summary);
}

#[tokio::test]
async fn a_replay_keeps_what_it_is_to_keep_and_says_so() {
    let server = KeyPairs::start(Manner::Right).await;
    let record = run_on(&server, SHORT).await;
    let before = server.made();
    let (stays, left) = replay_on(&server, &record, true).await;
    let made = server.made() - before;
    // The case of the deletion deletes its own, and the first of those there is another's.
    assert_eq!(server.left().len(), made, "{:?}", server.left());
    assert_eq!(stays, [format!("CreateKeyPair {made}")]);
    assert!(left.is_empty());
}

/// Runs cases of policies on an IPAM that stays, with a fault or a variant of the reference endpoint.
async fn left_by(quirk: &'static sabotage::Quirk) -> RunRecord {
    let config = Config {
        ipam_ids: vec![IPAM.to_owned()],
        policies_per_ipam: 1000,
        quirk: Some(quirk),
        ..Config::default()
    };
    let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let endpoint = Endpoint::bind(loopback, config).await.unwrap();
    let run = ["*/accepted/tags/*", "*/afterwards/deleted*"];
    let record = judge(&endpoint.url(), &run, PATIENT, &options()).await;
    endpoint.stop().await;
    record
}

#[tokio::test]
async fn policies_that_stay_are_told_and_those_that_show_later_are_not() {
    for (fault, case) in [
        ("deleted-stays", "deleted"),
        ("deleted-stays-with-tags", "deleted-with-tags"),
    ] {
        let record = left_by(sabotage::fault(fault).unwrap()).await;
        let left = &record.summary.left[0];
        assert_eq!(record.summary.left.len(), 1, "{fault}");
        assert_eq!((&*left.made_by, left.accepted), ("CreateIpamPolicy", true));
        assert!(left.count > 5 && left.ids.len() <= 20, "{left:?}");
        let failed = of(&record, &format!("create-ipam-policy/afterwards/{case}"));
        assert_eq!(failed.verdict, Verdict::Fail, "{fault}");
    }
    for variant in ["deleted-listed-as-deleted", "deleted-listed-for-a-while"] {
        let record = left_by(sabotage::variant(variant).unwrap()).await;
        let s = &record.summary;
        assert_eq!(s.pass, s.total, "{variant}");
        assert!(s.left.is_empty(), "{variant} {s:?}");
    }
}

/// An honest server has nothing of a whole run afterwards.
#[tokio::test]
async fn the_world_is_empty_after_a_run() {
    let server = Server::start_at(0, &[], |_, _| Deed::Answer).await;
    let mut own_ipam = options();
    own_ipam.ipam_id = None;
    let record = judge(&server.url, &["*"], PATIENT, &own_ipam).await;
    assert!(record.summary.left.is_empty(), "{:?}", record.summary);
    assert!(server.policies().contains("<ipamPolicySet/>"));
    // There may be one IPAM in a Region.
    let create = ec2wire_reference::Request::post(b"Action=CreateIpam&Version=2016-11-15");
    assert_eq!(server.world.answer(&create).status, 200);
}
