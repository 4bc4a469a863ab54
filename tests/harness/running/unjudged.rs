//! Servers whose answers say nothing about the cases: they lack all actions, always fail, are always
//! busy, or refuse every caller.

use super::server::{Deed, Server, fault as refusal};
use super::{PATIENT, judge, options};
use crate::common::fault;
use ec2wire_conformance::Verdict;

const PAGE: &str = "<!DOCTYPE HTML>\n<html><body><h1>Error</h1><p>POST, of /</body></html>";

/// What a run is told that first asks whether the server has any of the actions.
async fn told_first(decide: impl Fn(&str) -> Deed + Send + Sync + 'static) -> String {
    let server = Server::start(move |_, body| decide(body)).await;
    let options = options().ask_first(true);
    let record = judge(&server.url, &["*/accepted/minimal"], PATIENT, &options).await;
    assert_eq!(record.cases[0].verdict, Verdict::NotRun);
    record.cases[0].note.clone()
}

#[tokio::test]
async fn a_server_that_answers_everything_alike_does_not_say_what_it_lacks() {
    for (status, body, words) in [
        (500, "Internal Server Error", "status 500 with a body"),
        (500, PAGE, "a document type declaration"),
        (501, PAGE, "status 501 with a body"),
        (501, "", "status 501 with an empty body"),
        (500, &fault::document("Odd", "m"), "code Odd"),
    ] {
        let body = body.to_owned();
        let note = told_first(move |_| Deed::Say(status, body.clone())).await;
        let starts = "the server answers every action, even one that does not exist";
        assert!(note.starts_with(starts) && note.contains(words), "{note}");
    }
}

#[tokio::test]
async fn a_server_that_says_that_it_lacks_actions_is_quoted() {
    let none = "nor does it have the most common other actions";
    let page = "<html>NotImplementedError: The action is not implemented</html>";
    let not_yet = |_: &str| Deed::Say(500, page.into());
    for (note, end) in [
        (told_first(|_| refusal(400, "InvalidAction")).await, none),
        (told_first(|_| refusal(501, "InternalFailure")).await, none),
        (told_first(not_yet).await, none),
        // As moto: a page for what it does not have.
        (
            told_first(|body| {
                if body.contains("Action=DescribeVpcs") {
                    Deed::Say(200, "<DescribeVpcsResponse/>".into())
                } else {
                    Deed::Say(500, PAGE.into())
                }
            })
            .await,
            "--action DescribeVpcs",
        ),
    ] {
        let starts = "the server says that it has none of the 9 actions on IPAM policies";
        assert!(note.starts_with(starts) && note.ends_with(end), "{note}");
    }
}

#[tokio::test]
async fn no_case_judges_a_server_that_is_busy_in_other_words() {
    let server = Server::start(|_, _| refusal(400, "Throttling")).await;
    let run = [
        "create-ipam-policy/*",
        "protocol/*",
        "transport/*",
        "robustness/*",
    ];
    let record = judge(&server.url, &run, PATIENT, &options()).await;
    let summary = &record.summary;
    assert_eq!((summary.fail, summary.warn), (0, 0), "{record:#?}");
    assert_eq!(summary.busy, summary.not_run);
    // Only what the HTTP server of this test refuses is judged.
    let is_http = |id: &str| id.starts_with("transport") || id.starts_with("robustness");
    let passed = record.cases.iter().filter(|c| c.verdict == Verdict::Pass);
    let passed: Vec<&str> = passed.map(|case| case.id.as_str()).collect();
    assert!(passed.iter().all(|id| is_http(id)), "{passed:?}");

    let codes = ["RequestThrottled", "TooManyRequestsException", "SlowDown"];
    for (code, retries) in codes.into_iter().zip([0, 0, 1]) {
        let server = Server::start(move |_, _| refusal(429, code)).await;
        let again = options().retries(retries);
        let record = judge(&server.url, &["*/refused/ipam-id/*"], PATIENT, &again).await;
        let summary = &record.summary;
        assert_eq!(summary.not_run, summary.total, "{code}");
        // Nothing names the option to those who gave it.
        let busy = if retries == 0 { summary.total } else { 0 };
        assert_eq!(summary.busy, busy, "{code}");
    }
}

#[tokio::test]
async fn a_server_that_refuses_every_caller_is_blamed_for_nothing() {
    let some = ["protocol/*", "create-ipam-policy/dry-run/*", "describe*"];
    for (status, code, run) in [
        (401, "AuthFailure", &[][..]),
        (403, "UnauthorizedOperation", &some),
        (400, "MissingAuthenticationToken", &some),
    ] {
        let server = Server::start(move |_, _| refusal(status, code)).await;
        let record = judge(&server.url, run, PATIENT, &options()).await;
        let summary = &record.summary;
        assert_eq!((summary.fail, summary.warn), (0, 0), "{code}: {record:#?}");
        assert_eq!(summary.unimplemented, 0);
        let cases = record.cases.iter();
        let refused = cases.filter(|case| case.note.contains("the caller is refused"));
        let refused = refused.count();
        assert!(refused * 4 > summary.total * 3, "{code}: {refused}");
    }
}
