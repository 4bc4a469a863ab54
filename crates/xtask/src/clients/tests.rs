#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use super::*;
use crate::root;
use ec2wire_conformance::catalogue::expectation::Expectations;
use results::Finding;

/// What a row of [`SENDS`] or [`READS`] says about a client.
type Known = (&'static str, &'static str);

const BOTO3: &str = "boto3";
const CLI: &str = "aws-cli";
const JS: &str = "aws-sdk-js-v3";
const RUST: &str = "aws-sdk-rust";

/// How requests are written: the variation, and the clients that were seen to use it before this
/// harness existed, by running them and reading their source.
const SENDS: &[(&str, &[Known])] = &[
    (
        "a space is written as",
        &[(BOTO3, "+"), (CLI, "+"), (JS, "%20"), (RUST, "%20")],
    ),
    (
        "unescaped besides letters and digits",
        // No asterisk.
        &[
            (BOTO3, "- . _ ~"),
            (CLI, "- . _ ~"),
            (JS, "- . _ ~"),
            (RUST, "- . _ ~"),
        ],
    ),
    (
        "parameters of a call with every member",
        // botocore keeps the caller's order, the others use the model's.
        &[
            (
                BOTO3,
                "Action, Version, IpamId, ClientToken, DryRun, TagSpecification",
            ),
            (JS, "Action, Version, "),
            (
                RUST,
                "Action, Version, DryRun, TagSpecification, ClientToken, IpamId",
            ),
        ],
    ),
    (
        "Content-Type",
        &[
            (BOTO3, "application/x-www-form-urlencoded; charset=utf-8"),
            (JS, "application/x-www-form-urlencoded"),
            (RUST, "application/x-www-form-urlencoded"),
        ],
    ),
    (
        "no IpamId",
        &[
            (BOTO3, "refused by the client"),
            (JS, "sent without the member"),
            (RUST, "sent without the member"),
        ],
    ),
    (
        "a list whose second of three entries is empty",
        &[
            (BOTO3, "numbered 1, 3"),
            (JS, "numbered 1, 3"),
            (RUST, "numbered 1, 3"),
        ],
    ),
];

/// How a client reads a response.
enum Reading {
    /// As the requirement says.
    Right,
    /// A requirement is broken.
    Breaks(&'static str),
    /// This result, with any message or members.
    Made(&'static str),
}
use Reading::{Breaks, Made, Right};

const DAMAGE: Reading = Breaks("damage-not-success");
const STRANGER: Reading = Breaks("stranger-not-success");
const LEGAL: Reading = Breaks("legal-xml-read");

/// How clients were seen to read responses before this harness existed: the case below
/// `create-ipam-policy/`, and the readings of botocore, the SDK for JavaScript and the SDK for Rust.
const READS: &[(&str, [Reading; 3])] = &[
    ("answer/xml/cdata", [Right, Right, LEGAL]),
    ("answer/xml/comment-in-text", [Right, Right, LEGAL]),
    ("answer/xml/crlf-in-text", [Right, Right, LEGAL]),
    (
        "answer/xml/reference-astral-hexadecimal",
        [Right, LEGAL, Right],
    ),
    ("damage/xml/truncated-in-text", [Right, Right, DAMAGE]),
    ("damage/xml/mismatched-end-tag", [Right, Right, DAMAGE]),
    ("damage/xml/junk-behind", [Right, DAMAGE, DAMAGE]),
    ("damage/xml/undefined-entity", [Right, DAMAGE, Right]),
    ("damage/stranger/xhtml-200", [STRANGER, STRANGER, Right]),
    (
        "answer/open/reference-control",
        [Made("a client error"), Made("a success"), Made("a success")],
    ),
    (
        "answer/open/byte-order-mark",
        [Made("a success"), Made("a client error"), Made("a success")],
    ),
    (
        "answer/open/repeated-scalar",
        [Made("a success"), Made("a client error"), Made("a success")],
    ),
    (
        "error/two/two-errors",
        [
            Made("a service error, status 400, code InvalidIpamId.NotFound"),
            Breaks("fault-one-of-two"),
            Made("a service error, status 400, code InvalidParameterValue"),
        ],
    ),
    (
        "error/no-code/no-errors",
        [
            Made("a client error: TypeError"),
            Made("a service error, status 400, code Unknown"),
            Made("a service error, status 400"),
        ],
    ),
    (
        "error/no-code/html-503",
        [
            Made("a service error, status 503"),
            Made("a service error, status 503, code Unknown"),
            Made("a service error, status 503"),
        ],
    ),
    // If the page is not XML, botocore uses the status as the code.
    (
        "error/no-code/html-503-open",
        [
            Made("a service error, status 503, code 503"),
            Made("a client error"),
            Made("a service error, status 503"),
        ],
    ),
    (
        "error/no-code/empty-400",
        [
            Made("a client error"),
            Made("a service error, status 400, code Unknown"),
            Made("a service error, status 400"),
        ],
    ),
    (
        "error/no-code/truncated-error",
        [
            Made("a client error"),
            Made("a client error"),
            Breaks("fault-code-whole"),
        ],
    ),
    (
        "error/spelling/error-response-root",
        [Right, Right, Breaks("fault-spelling")],
    ),
    (
        "error/document/error-no-header",
        [
            Right,
            Breaks("fault-request-id"),
            Breaks("fault-request-id"),
        ],
    ),
];

fn stored(name: &str) -> Results {
    let clients = clients(&root()).unwrap();
    let client = clients.iter().find(|client| client.name == name).unwrap();
    results(&root(), client).unwrap().unwrap()
}

#[test]
fn requests_are_written_as_seen_before() {
    for (what, known) in SENDS {
        for (client, wanted) in *known {
            let stored = stored(client);
            let (_, way) = *stored
                .sends
                .rows()
                .iter()
                .find(|(row, _)| row == what)
                .unwrap();
            let is_start = wanted.ends_with(", ");
            assert!(
                way == *wanted || is_start && way.starts_with(wanted),
                "{client}, {what}: {way}"
            );
        }
    }
}

#[test]
fn responses_are_read_as_seen_before() {
    // The CLI reads as boto3 does.
    for (column, client) in [(0, BOTO3), (0, CLI), (1, JS), (2, RUST)] {
        let stored = stored(client);
        for (case, readings) in READS {
            let id = format!("create-ipam-policy/{case}");
            // The CLI never outputs the status or the request id.
            let of_case = |f: &&Finding| {
                let is_hidden = ["fault-status", "fault-request-id"].contains(&&*f.requirement);
                f.case == id && !(client == CLI && is_hidden)
            };
            let mut found = stored.finding.iter().filter(of_case);
            let made = stored.made.get(&id).map_or("", String::as_str);
            let is_as_seen = match &readings[column] {
                Right => found.next().is_none(),
                Breaks(requirement) => found.any(|f| f.requirement == *requirement),
                // It prints no status, and no code if there is none.
                Made(_) if client == CLI => true,
                Made(words) => made.strip_prefix(words).is_some_and(|rest| {
                    rest.is_empty() || rest.starts_with(": ") || rest.starts_with(", {")
                }),
            };
            assert!(is_as_seen, "{client}, {case}: {made}");
        }
    }
}

#[test]
fn every_client_was_judged_with_all_cases() {
    let cases = Catalogue::clients().unwrap().cases().len();
    for client in clients(&root()).unwrap() {
        assert_eq!(stored(&client.name).cases, cases, "{}", client.name);
    }
}

#[test]
fn the_lists_of_known_failures_are_valid() {
    let lists = known(&root()).unwrap();
    assert!(
        lists
            .iter()
            .any(|(path, _)| path == "adapters/known/boto3.toml")
    );
    let catalogue = Catalogue::clients().unwrap();
    for (path, text) in lists {
        let list = Expectations::parse(&path, &text).unwrap();
        assert!(list.entries().count() > 0, "{path}");
        assert_eq!(list.stale(&catalogue), [""; 0], "{path}");
    }
}

#[test]
fn an_unchecked_finding_is_refused() {
    let text = fs::read_to_string(root().join("adapters/checked.toml")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let adapters = folder.path().join("adapters");
    fs::create_dir_all(adapters.join("results")).unwrap();
    for name in ["clients.toml", "results/boto3.toml"] {
        fs::copy(root().join("adapters").join(name), adapters.join(name)).unwrap();
    }
    let only = |client: &str| {
        let checks = text.split("[[check]]").skip(1);
        let own = checks.filter(|check| check.contains(&format!("client = \"{client}\"")));
        own.map(|check| format!("[[check]]{check}"))
            .collect::<Vec<_>>()
    };
    let with = |checks: &[String]| {
        fs::write(adapters.join("checked.toml"), checks.concat()).unwrap();
        page(folder.path()).map_err(|error| error.to_string())
    };
    let own = only("boto3");
    assert!(with(&own).is_ok());
    let error = with(&own[1..]).unwrap_err();
    assert!(error.contains("unchecked finding of boto3: "), "{error}");
    let other = own[0].replace("version = \"", "version = \"another ");
    let error = with(&[&own[1..], &[other]].concat()).unwrap_err();
    assert!(error.contains("stale check of boto3: "), "{error}");
}
