//! Listings of many pages, with and without an end.

use super::server::{Deed, Server};
use super::{PATIENT, judge, options};
use ec2wire_conformance::Verdict;
use ec2wire_conformance::record::RunRecord;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Judges cases that list the policies before and after. `page` changes a page by its number. Returns
/// the number of pages that were asked for, too.
async fn judge_paged(
    page: impl Fn(usize, String) -> String + Send + Sync + 'static,
    pause: Duration,
    timeout: Duration,
) -> (RunRecord, usize) {
    let pages = Arc::new(AtomicUsize::new(0));
    let (counted, page) = (Arc::clone(&pages), Arc::new(page));
    let server = Server::start(move |_, body| {
        if !body.starts_with("Action=DescribeIpamPolicies&") {
            return Deed::Answer;
        }
        std::thread::sleep(pause);
        let number = counted.fetch_add(1, Ordering::SeqCst);
        let page = Arc::clone(&page);
        // The world knows no token of another server.
        Deed::AnswerOther(
            "Action=DescribeIpamPolicies&Version=2016-11-15".into(),
            Box::new(move |body| page(number, body)),
        )
    })
    .await;
    let run = [
        "create-ipam-policy/refused/ipam-id/*",
        "create-ipam-policy/accepted/*",
    ];
    let record = judge(&server.url, &run, timeout, &options()).await;
    (record, pages.load(Ordering::SeqCst))
}

fn with_token(token: &str, body: &str) -> String {
    let end = "</DescribeIpamPoliciesResponse>";
    body.replace(end, &format!("<nextToken>{token}</nextToken>{end}"))
}

#[tokio::test]
async fn a_listing_without_an_end_is_walked_once() {
    let same = |_, body: String| with_token("t", &body);
    let (record, pages) = judge_paged(same, Duration::ZERO, PATIENT).await;
    assert!(record.summary.total > 10 && record.summary.pass > 10);
    assert_eq!(record.summary.endless, ["DescribeIpamPolicies"]);
    assert_eq!(pages, 2);

    let new = |number, body: String| with_token(&format!("t{number}"), &body);
    let (record, pages) = judge_paged(new, Duration::ZERO, PATIENT).await;
    assert_eq!(record.summary.endless, ["DescribeIpamPolicies"]);
    assert!(pages <= 4, "{pages}");
}

/// No two pages are alike, so only a bound ends it, or the time of the case.
#[tokio::test]
async fn a_listing_that_makes_up_entries_has_a_bound() {
    let entry = |number, body: String| {
        let entry = format!(
            "<ipamPolicySet><item><ipamPolicyId>ipam-policy-{number:017x}</ipamPolicyId></item>\
             </ipamPolicySet>"
        );
        with_token(
            &format!("t{number}"),
            &body.replace("<ipamPolicySet/>", &entry),
        )
    };
    let (record, pages) = judge_paged(entry, Duration::ZERO, PATIENT).await;
    assert_eq!(record.summary.endless, ["DescribeIpamPolicies"]);
    assert_eq!(pages, 1000);

    let (pause, timeout) = (Duration::from_millis(20), Duration::from_millis(800));
    let (record, pages) = judge_paged(entry, pause, timeout).await;
    assert_eq!(record.summary.endless, ["DescribeIpamPolicies"]);
    assert!((20..60).contains(&pages), "{pages}");
    let cut = record.cases.iter().filter(|c| c.verdict == Verdict::NotRun);
    assert!(cut.count() <= 2, "{record:#?}");
}

#[tokio::test]
async fn a_listing_with_empty_pages_is_read_to_its_end() {
    // Two empty pages, and then all that there is.
    let late = |number: usize, body: String| {
        if number % 3 == 2 {
            return body;
        }
        let empty = "<DescribeIpamPoliciesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
             <requestId>1</requestId><ipamPolicySet/></DescribeIpamPoliciesResponse>";
        with_token(&format!("t{number}"), empty)
    };
    let (record, _) = judge_paged(late, Duration::ZERO, PATIENT).await;
    assert!(record.summary.endless.is_empty());
    assert_eq!(record.summary.pass, record.summary.total, "{record:#?}");
}
