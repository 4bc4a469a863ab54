#![expect(clippy::unwrap_used, reason = "a test may fail")]

use super::*;
use crate::format::template::{Names, Wire};
use ec2wire::form;
use std::collections::BTreeSet;

/// Enough for every kind, several times over.
const COUNT: u32 = 400;
const MOST_TRIED: usize = 500;

fn generator(seed: u64) -> (Catalogue, Generator) {
    let catalogue = Catalogue::embedded().unwrap();
    let generator = Generator::new(&catalogue, seed).unwrap();
    (catalogue, generator)
}

/// The request as a server decodes it, with the IPAM and the token filled in.
fn decoded(case: &Case) -> CreateIpamPolicy {
    let lookup = |name: &str| match name {
        "ipam" => Some(strategy::IPAM.to_owned()),
        "token" => Some(strategy::TOKEN.to_owned()),
        _ => None,
    };
    let members = case.steps.first().unwrap().members.as_ref().unwrap();
    let member = members.resolve(&lookup).unwrap();
    let mut body = Vec::new();
    let wire = Wire {
        member: &member,
        names: Names::of_action(None),
    };
    form::append(&mut body, &wire).unwrap();
    form::from_slice(&body).unwrap()
}

/// Follows a tree to the simplest request, taking every step for which `fails` holds.
fn simplest(tree: &mut Tree, mut fails: impl FnMut(&CreateIpamPolicy) -> bool) -> CreateIpamPolicy {
    let mut best = tree.current();
    let mut goes_on = tree.simplify();
    let mut tried = 0;
    while goes_on && tried < MOST_TRIED {
        tried += 1;
        let request = tree.current();
        if fails(&request) {
            best = request;
            goes_on = tree.simplify();
        } else {
            goes_on = tree.complicate();
        }
    }
    best
}

#[test]
fn a_request_breaks_what_it_is_to_break_and_nothing_else() {
    for seed in 0..20 {
        let (_, generator) = generator(seed);
        for case in generator.cases(COUNT / 10).unwrap() {
            let number = case.id.rsplit_once('/').unwrap().1.parse().unwrap();
            let (kind, tree) = generator.make(number).unwrap();
            let request = tree.current();
            assert!(kind.admits(&request), "{}: {request:?}", case.id);
            assert_eq!(decoded(&case), request, "{}", case.id);
        }
    }
}

#[test]
fn a_simpler_request_still_breaks_what_it_is_to_break() {
    let (_, generator) = generator(1);
    // Every kind at least once.
    for number in 1..=24 {
        let (kind, mut tree) = generator.make(number).unwrap();
        // A fault that shows in every second request, so that shrinking meets both results.
        let mut turn = false;
        simplest(&mut tree, |request| {
            assert!(kind.admits(request), "{number}: {request:?}");
            turn = !turn;
            turn
        });
    }
}

#[test]
fn what_is_not_established_is_not_made() {
    let (_, generator) = generator(2);
    for number in 1..=COUNT {
        let (kind, tree) = generator.make(number).unwrap();
        let request = tree.current();
        let tags: Vec<_> = request
            .tag_specifications
            .iter()
            .flat_map(|s| &s.tags)
            .collect();
        let texts = tags.iter().flat_map(|tag| [&tag.key, &tag.value]).flatten();
        for text in texts.chain(&request.client_token) {
            assert!(!text.chars().any(char::is_control), "{text:?}");
            assert_eq!(text.trim(), text);
            assert!(!text.contains("${"), "{text:?}");
        }
        if kind.breaks.is_none() {
            for tag in tags {
                let (key, value) = (tag.key.as_ref().unwrap(), tag.value.as_ref().unwrap());
                assert!((1..=127).contains(&key.encode_utf16().count()));
                assert!(value.encode_utf16().count() <= 256);
                let reserved = |text: &str| text.to_lowercase().starts_with("aws:");
                assert!(!reserved(key) && !reserved(value));
            }
            let token = request.client_token.unwrap_or_default();
            assert!(token.len() <= 64 && token.bytes().all(|byte| byte.is_ascii_graphic()));
        }
    }
}

#[test]
fn every_must_of_the_contract_is_broken() {
    let (_, generator) = generator(3);
    let kinds = (1..=COUNT).map(|number| generator.make(number).unwrap().0);
    let broken: BTreeSet<&str> = kinds.filter_map(|kind| kind.breaks.as_deref()).collect();
    let musts: BTreeSet<&str> = contract::RULES
        .iter()
        .filter(|rule| rule.level == contract::Level::Must)
        .map(|rule| rule.name)
        .collect();
    assert_eq!(broken, musts);
}

#[test]
fn limits_and_every_length_of_character_are_reached() {
    let (_, generator) = generator(4);
    let requests: Vec<_> = (1..=COUNT)
        .step_by(2)
        .map(|number| generator.make(number).unwrap().1.current())
        .collect();
    let tags: Vec<_> = requests
        .iter()
        .flat_map(|r| &r.tag_specifications)
        .collect();
    assert!(tags.iter().any(|s| s.tags.len() == 50));
    let tags: Vec<_> = tags.iter().flat_map(|s| &s.tags).collect();
    let units = |text: &Option<String>| text.as_ref().unwrap().encode_utf16().count();
    assert!(tags.iter().any(|tag| units(&tag.key) == 127));
    assert!(tags.iter().any(|tag| units(&tag.value) == 256));
    let texts = tags.iter().filter_map(|tag| tag.value.as_ref());
    let lengths: BTreeSet<usize> = texts
        .flat_map(|text| text.chars().map(char::len_utf8))
        .collect();
    assert_eq!(lengths, BTreeSet::from([1, 2, 3, 4]));
}

#[test]
fn a_seed_makes_the_same_requests_however_many() {
    let (_, one) = generator(5);
    let (_, other) = generator(6);
    let text = |cases: Vec<Case>| format!("{cases:?}");
    let first_cases = text(one.cases(20).unwrap());
    assert_eq!(
        first_cases,
        text(one.cases(100).unwrap().drain(..20).collect())
    );
    assert_ne!(
        first_cases,
        text(other.cases(20).unwrap()).replace("generated/6/", "generated/5/")
    );
}

#[test]
fn the_simplest_request_is_minimal() {
    let (_, generator) = generator(7);
    let tags = |request: &CreateIpamPolicy| {
        let specifications = request.tag_specifications.iter();
        specifications
            .flat_map(|s| s.tags.clone())
            .collect::<Vec<_>>()
    };
    let has_percent = |request: &CreateIpamPolicy| {
        tags(request)
            .iter()
            .any(|tag| tag.value.as_ref().unwrap().contains('%'))
    };
    let number = (1..)
        .step_by(2)
        .find(|number| has_percent(&generator.make(*number).unwrap().1.current()))
        .unwrap();
    let mut tree = generator.make(number).unwrap().1;
    let simplest = simplest(&mut tree, has_percent);
    assert_eq!(tags(&simplest), [ec2wire::Tag::new("a", "%")]);
    assert_eq!((simplest.client_token, simplest.dry_run), (None, None));
}
