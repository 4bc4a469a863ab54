//! The generated phase: a correct server passes it, a wrong one fails it, and a saved failure fails
//! again.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

use crate::common::catalogues;
use crate::common::fault;
use ec2wire::contract::Level;
use ec2wire::{Tag, form, ipam::CreateIpamPolicy};
use ec2wire_conformance::generate::Generator;
use ec2wire_conformance::generate::save::{Saved, save};
use ec2wire_conformance::generate::shrink::{Limits, Shrunk, shrink};
use ec2wire_conformance::record::RunRecord;
use ec2wire_conformance::runner::{self, Options};
use ec2wire_conformance::subject::http::{HttpSubject, Signer};
use ec2wire_conformance::{Catalogue, Selection, Verdict};
use ec2wire_reference::{Config, World};
use ec2wire_test_support::snapshots;
use std::time::Duration;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

const IPAM: &str = "ipam-0123456789abcdef0";
const COUNT: u32 = 48;
const ALL: &str = "generated/*";
/// Every second one.
const VALID: &str = "generated/*/valid/*";

/// The reference endpoint with one fault, which changes a request before it is handled.
struct Wrong<F> {
    world: World,
    fault: F,
}

/// What a faulty server does with a request.
enum Makes {
    /// It handles this one instead.
    Of(CreateIpamPolicy),
    /// It refuses it.
    Refusal,
}

impl<F: Fn(CreateIpamPolicy) -> Makes + Send + Sync> Respond for Wrong<F> {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let refusal = fault::document("InvalidParameterValue", "no");
        let text = std::str::from_utf8(&request.body).unwrap();
        let body = match text.strip_prefix("Action=CreateIpamPolicy&Version=2016-11-15&") {
            None => request.body.clone(),
            Some(members) => match (self.fault)(form::from_slice(members.as_bytes()).unwrap()) {
                Makes::Of(request) => ec2wire::Operation::to_body(&request).unwrap().into_bytes(),
                Makes::Refusal => {
                    return ResponseTemplate::new(400).set_body_raw(refusal, "text/xml");
                }
            },
        };
        let answer = self.world.answer(&ec2wire_reference::Request::post(&body));
        let response = ResponseTemplate::new(answer.status);
        let response = answer.headers().fold(response, |response, (name, value)| {
            response.insert_header(name, value)
        });
        response.set_body_raw(answer.body.clone(), "text/xml;charset=UTF-8")
    }
}

async fn server(fault: impl Fn(CreateIpamPolicy) -> Makes + Send + Sync + 'static) -> MockServer {
    let config = Config {
        ipam_ids: vec![IPAM.into()],
        ..Config::default()
    };
    let world = World::new(config);
    let server = MockServer::builder()
        .disable_request_recording()
        .start()
        .await;
    Mock::given(any())
        .respond_with(Wrong { world, fault })
        .mount(&server)
        .await;
    server
}

fn options() -> Options {
    Options::default()
        .ipam_id(IPAM)
        .allow_create(true)
        .settle(Duration::ZERO)
}

fn subject(server: &MockServer) -> HttpSubject {
    HttpSubject::new(&server.uri(), Signer::default(), Duration::from_secs(5)).unwrap()
}

async fn run(catalogue: &Catalogue, glob: &str, server: &MockServer) -> RunRecord {
    let selection = Selection::new(&[glob.into()], &[], Level::May).unwrap();
    let cases = catalogue.select(&selection);
    runner::run(catalogue, &cases, &subject(server), &options(), &mut |_| {})
        .await
        .unwrap()
}

/// Generated cases that ran against a faulty server.
struct Generated {
    server: MockServer,
    catalogue: Catalogue,
    generator: Generator,
    record: RunRecord,
}

impl Generated {
    async fn run(
        count: u32,
        glob: &str,
        fault: impl Fn(CreateIpamPolicy) -> Makes + Send + Sync + 'static,
    ) -> Self {
        let server = server(fault).await;
        let mut catalogue = catalogues::for_servers();
        let generator = Generator::new(&catalogue, 0).unwrap();
        catalogue.add_generated(generator.cases(count).unwrap());
        let record = run(&catalogue, glob, &server).await;
        Self {
            server,
            catalogue,
            generator,
            record,
        }
    }

    async fn shrink(&mut self, limits: Limits) -> Vec<Shrunk> {
        let subject = subject(&self.server);
        shrink(
            &mut self.record,
            &self.generator,
            &self.catalogue,
            &subject,
            &options(),
            limits,
        )
        .await
        .unwrap()
    }
}

/// Runs generated requests against a faulty server, and shrinks the failures. Each failure is saved,
/// read back and must fail again.
async fn found(
    alike: usize,
    glob: &str,
    fault: impl Fn(CreateIpamPolicy) -> Makes + Send + Sync + 'static,
) -> (RunRecord, Vec<Shrunk>) {
    let mut generated = Generated::run(COUNT, glob, fault).await;
    assert!(generated.record.summary.total >= COUNT as usize / 3);
    let limits = Limits {
        time: Duration::from_mins(10),
        whole: Duration::from_mins(30),
        alike,
        ..Limits::default()
    };
    let shrunk = generated.shrink(limits).await;
    let Generated {
        server,
        mut catalogue,
        record,
        ..
    } = generated;
    let folder = tempfile::tempdir().unwrap();
    for shrunk in &shrunk {
        let Saved::Written(path) = save(folder.path(), shrunk).unwrap() else {
            panic!("{} was already saved", shrunk.id)
        };
        assert_eq!(save(folder.path(), shrunk).unwrap(), Saved::Known(path));
    }
    if !shrunk.is_empty() {
        catalogue.add_paths(&[folder.path().to_owned()]).unwrap();
        let again = run(&catalogue, "saved-generated/*", &server).await;
        assert_eq!(again.summary.total, shrunk.len());
        for case in &again.cases {
            assert_eq!(case.verdict, Verdict::Fail, "{case:#?}");
        }
    }
    assert_eq!(record.summary.harness_faults, 0);
    (record, shrunk)
}

/// The request of the simplest case, as sent.
fn request(shrunk: &Shrunk) -> CreateIpamPolicy {
    let body = &shrunk.record.exchange.as_ref().unwrap().request.body;
    let members = body.strip_prefix("Action=CreateIpamPolicy&Version=2016-11-15&");
    form::from_str(members.unwrap()).unwrap()
}

fn tags(request: &CreateIpamPolicy) -> Vec<Tag> {
    let specifications = request.tag_specifications.iter();
    specifications.flat_map(|s| s.tags.clone()).collect()
}

#[tokio::test]
async fn a_correct_server_passes() {
    let (record, shrunk) = found(1, ALL, Makes::Of).await;
    assert_eq!(record.summary.total, COUNT as usize);
    let blamed: Vec<_> = record
        .cases
        .iter()
        .filter(|case| case.verdict != Verdict::Pass)
        .collect();
    assert!(blamed.is_empty() && shrunk.is_empty(), "{blamed:#?}");
}

#[tokio::test]
async fn each_of_two_refused_characters_is_found() {
    let (record, shrunk) = found(2, VALID, |request| {
        let is_refused = |tag: &Tag| tag.value.as_ref().is_some_and(|v| v.contains(['%', '+']));
        if tags(&request).iter().any(is_refused) {
            Makes::Refusal
        } else {
            Makes::Of(request)
        }
    })
    .await;
    let mut found: Vec<_> = shrunk.iter().filter(|s| s.id.contains("/valid/")).collect();
    found.sort_by_key(|shrunk| tags(&request(shrunk)));
    let [first, second] = found.as_slice() else {
        panic!(
            "{:#?}",
            found.iter().map(|s| request(s)).collect::<Vec<_>>()
        )
    };
    assert_eq!(tags(&request(first)), [Tag::new("a", "%")]);
    assert_eq!(tags(&request(second)), [Tag::new("a", "+")]);
    let explained = record
        .cases
        .iter()
        .find(|case| case.id == first.id)
        .unwrap();
    assert_eq!(explained.exchange, first.record.exchange);
    assert!(explained.note.contains("simplest"), "{}", explained.note);
    let _area = snapshots::area("generated");
    let folder = tempfile::tempdir().unwrap();
    let Saved::Written(path) = save(folder.path(), first).unwrap() else {
        panic!("the folder is new")
    };
    insta::assert_snapshot!("saved_case", std::fs::read_to_string(&path).unwrap());
    // A user's edits of the file are kept.
    std::fs::write(&path, "mine").unwrap();
    assert_eq!(
        save(folder.path(), first).unwrap(),
        Saved::Kept(path.clone())
    );
    assert_eq!(std::fs::read_to_string(path).unwrap(), "mine");
}

#[tokio::test]
async fn accepting_51_tags_shrinks_to_51_tags() {
    let (record, shrunk) = found(1, ALL, |mut request| {
        for specification in &mut request.tag_specifications {
            specification.tags.truncate(50);
        }
        Makes::Of(request)
    })
    .await;
    let [only] = shrunk.as_slice() else {
        panic!("{:#?}", shrunk.iter().map(request).collect::<Vec<_>>())
    };
    assert!(only.id.contains("/tag-limit/"), "{}", only.id);
    let tags = tags(&request(only));
    assert_eq!(tags.len(), 51);
    assert!(
        tags.iter().all(|tag| tag.value.as_deref() == Some("")),
        "{tags:?}"
    );
    let others = record.cases.iter().filter(|c| c.verdict == Verdict::Fail);
    assert!(others.clone().all(|case| case.id.contains("/tag-limit/")));
    assert!(others.count() > 1);
}

#[tokio::test]
async fn losing_tags_beyond_nine_shrinks_to_ten_tags() {
    let (_, shrunk) = found(1, VALID, |mut request| {
        for specification in &mut request.tag_specifications {
            if specification.tags.len() <= 50 {
                specification.tags.truncate(9);
            }
        }
        Makes::Of(request)
    })
    .await;
    let lost: Vec<_> = shrunk.iter().filter(|s| s.id.contains("/valid/")).collect();
    assert!(!lost.is_empty());
    for shrunk in lost {
        let tags = tags(&request(shrunk));
        assert_eq!(tags.len(), 10, "{tags:?}");
        let broken = shrunk.record.deviations.iter().map(|d| &*d.requirement);
        assert_eq!(broken.collect::<Vec<_>>(), ["tags-assigned"]);
    }
}

#[tokio::test]
async fn failures_stay_unshrunk_without_time() {
    let mut generated = Generated::run(6, "generated/*/valid/*", |_| Makes::Refusal).await;
    let before = generated.record.clone();
    let limits = Limits {
        whole: Duration::ZERO,
        ..Limits::default()
    };
    let shrunk = generated.shrink(limits).await;
    assert!(shrunk.is_empty());
    for (case, before) in generated.record.cases.iter_mut().zip(&before.cases) {
        assert!(case.note.contains("no time"), "{}", case.note);
        case.note.clone_from(&before.note);
        assert_eq!(case, before);
    }
}

#[tokio::test]
async fn shrinking_keeps_to_its_request_limit() {
    let mut generated = Generated::run(20, "generated/*/valid/*", |_| Makes::Refusal).await;
    let failed = generated.record.summary.fail;
    assert_eq!(failed, generated.record.summary.total);
    let limits = Limits {
        requests: 5,
        ..Limits::default()
    };
    let shrunk = generated.shrink(limits).await;
    assert!(!shrunk.is_empty());
    assert!(
        shrunk.iter().all(|s| (1..=5).contains(&s.tried)),
        "{shrunk:#?}"
    );
    assert_eq!(generated.record.summary.fail, failed);
}

#[tokio::test]
async fn a_failure_that_cannot_be_reproduced_is_not_saved() {
    // Refuses only the first request.
    let first = std::sync::atomic::AtomicBool::new(true);
    let (record, shrunk) = found(1, ALL, move |request| {
        if first.swap(false, std::sync::atomic::Ordering::SeqCst) {
            Makes::Refusal
        } else {
            Makes::Of(request)
        }
    })
    .await;
    assert!(shrunk.is_empty());
    let failed = record
        .cases
        .iter()
        .find(|case| case.verdict == Verdict::Fail);
    let note = &failed.unwrap().note;
    assert!(note.contains("did not fail in the same way"), "{note}");
}
