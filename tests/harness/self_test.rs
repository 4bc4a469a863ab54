//! The cases find every fault of the endpoint that breaks a MUST, and blame no variant.
//!
//! `ec2wire self-test` is more thorough: it runs every case against each fault. Here a trial ends with
//! the first case that finds the fault, and one resource type represents all.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use crate::common::catalogues;
use ec2wire::contract::Level;
use ec2wire_conformance::report::terminal::{Detail, Layout};
use ec2wire_conformance::self_test::{self, Finding, Options, Report};
use ec2wire_conformance::{Case, Selection};
use ec2wire_reference::sabotage::{self, Quirk};
use ec2wire_test_support::snapshots;

fn run(run: &[&str], skip: &[&str], quirks: &[&'static Quirk], first_only: bool) -> Report {
    let catalogue = catalogues::for_servers();
    let globs = |globs: &[&str]| globs.iter().map(ToString::to_string).collect::<Vec<_>>();
    let selection = Selection::new(&globs(run), &globs(skip), Level::May).unwrap();
    let cases: Vec<&Case> = catalogue.select(&selection);
    let options = Options {
        first_only,
        ..Options::default()
    };
    self_test::run(&catalogue, &cases, quirks, &options, &mut |_| {}).unwrap()
}

fn shown(report: &Report, width: usize) -> String {
    let mut out = Vec::new();
    let layout = Layout {
        width,
        detail: Detail::Findings,
    };
    self_test::write(&mut out, report, layout).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn every_fault_is_found_and_no_variant_is_blamed() {
    let quirks: Vec<_> = sabotage::faults().chain(sabotage::variants()).collect();
    let report = run(&[], &["*/each/*"], &quirks, true);
    assert_eq!(report.unfit, [""; 0], "the honest endpoint passes");
    assert_eq!(report.exit_code(), 0, "{}", shown(&report, 120));
    assert_eq!(report.trials.len(), quirks.len());
}

/// One fault of a kind, and some ways to answer that are not wrong. `ec2wire self-test --world` tries all.
#[test]
fn faults_in_the_life_of_resources_are_found() {
    let names = [
        "vpc-filters-ignored",
        "instance-starts-stopped",
        "volume-state-bananas",
        "customer-gateway-id-without-prefix",
        "nat-gateway-unknown-code",
        "vpc-never-listed",
        "vpc-end-does-nothing",
        "subnet-end-does-nothing",
        "vpc-echoes-another-block",
        "instance-unknown-terminated",
        "key-pair-duplicate-taken",
        "subnet-dry-run-ends",
        "vpc-tag-given-twice",
        "volume-change-not-shown",
        "vpc-listed-later",
        "security-group-short-pages",
    ];
    let all = sabotage::world_faults().chain(sabotage::world_variants());
    let quirks: Vec<_> = all.filter(|one| names.contains(&one.quirk.name)).collect();
    assert_eq!(quirks.len(), names.len());
    let options = Options {
        first_only: true,
        ..Options::default()
    };
    let report = self_test::run_world(&quirks, &options, &mut |_| {}).unwrap();
    assert_eq!(report.unfit, [""; 0], "the honest endpoint passes");
    assert_eq!(report.exit_code(), 0, "{}", shown(&report, 120));
    let should = Finding::Missed;
    let missed = report
        .trials
        .iter()
        .filter(|trial| trial.finding() == should);
    assert_eq!(missed.count(), 0, "{}", shown(&report, 120));
}

#[test]
fn a_fault_that_no_selected_case_tests_is_missed() {
    let quirks = [
        sabotage::fault("dry-run-ignored").unwrap(),
        sabotage::fault("arn-with-region").unwrap(),
        sabotage::fault("namespace-missing").unwrap(),
        sabotage::variant("cdata").unwrap(),
    ];
    let report = run(&["*/dry-run/*"], &[], &quirks, false);
    let findings: Vec<Finding> = report
        .trials
        .iter()
        .map(self_test::Trial::finding)
        .collect();
    assert_eq!(
        findings,
        [
            Finding::Caught,
            Finding::Missed,
            Finding::Missed,
            Finding::Clear
        ]
    );
    // A missed SHOULD is not a problem, a missed MUST is.
    let problems: Vec<&str> = report.problems().map(|trial| trial.quirk.name).collect();
    assert_eq!(problems, ["arn-with-region"]);
    assert_eq!(report.exit_code(), 1);
    let _area = snapshots::area("harness");
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"in [0-9]+\.[0-9]+ s", "in TIME s");
    settings.add_filter("\u{1b}\\[[0-9]+m", "");
    settings.bind(|| insta::assert_snapshot!("self_test", shown(&report, 80)));
}

/// A server that accepts what it should refuse is blamed for that, and not for the content of refusals
/// that it never sent.
#[test]
fn only_the_broken_requirement_is_blamed() {
    let run_these = [
        "*/error/*",
        "*/characters/in-an-error*",
        "*/dry-run/*",
        "*/token/*",
        "*/response/*",
        "*/refused/ipam-id/*",
        "*/afterwards/*",
        "protocol/*",
    ];
    let quirks: Vec<_> = [
        "ipam-not-looked-up",
        "tag-prefix-unchecked",
        "token-mismatch-taken",
        "tags-refused",
        "dry-run-ignored",
        "dry-run-code-misspelt",
        "request-id-missing",
        "errors-as-json",
        "tag-set-missing",
        "two-created",
        "describe-shows-nothing",
    ]
    .iter()
    .map(|name| sabotage::fault(name).unwrap())
    .collect();
    let report = run(&run_these, &["*/each/*"], &quirks, false);
    for trial in &report.trials {
        let name = trial.quirk.name;
        assert!(
            trial.misplaced().is_empty(),
            "{name}: {:?}",
            trial.misplaced()
        );
        assert!(!trial.catches.is_empty(), "{name}");
    }
}

#[test]
fn a_fault_found_only_by_unrelated_requirements_is_misplaced() {
    let fault = sabotage::fault("one-id-for-all").unwrap();
    // This fault is unrelated to the key's length, but the case fails.
    let report = run(&["*/accepted/tags/key-1/ascii"], &[], &[fault], false);
    let trial = report.trials.first().unwrap();
    assert!(trial.failures() > 0);
    assert_eq!(trial.finding(), Finding::Misplaced);
    assert_eq!(report.exit_code(), 1);
    assert!(shown(&report, 80).contains("misplaced"));
}

#[test]
fn a_self_test_without_cases_does_not_succeed() {
    let quirk = sabotage::fault("dry-run-ignored").unwrap();
    assert_eq!(run(&["nothing/*"], &[], &[quirk], false).exit_code(), 4);
    assert_eq!(run(&[], &[], &[], false).exit_code(), 4);
}
