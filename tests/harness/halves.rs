//! The rules for an answer that need what is around it: its request, its headers, its time. Each
//! must blame what EC2 cannot have sent, and nothing that it or something in between may send.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::common::fault;
use ec2wire_conformance::inspect::{Exchange, Inspector, Request, Response, Signing};
use ec2wire_conformance::record::CaseRecord;
use ec2wire_conformance::{Verdict, lint};

const NAMESPACE: &str = "http://ec2.amazonaws.com/doc/2016-11-15/";

/// An answer with the usual headers and its length.
fn answer(status: u16, body: &str) -> Response {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Response {
        status,
        headers: vec![
            header("Content-Type", "text/xml;charset=UTF-8"),
            header("x-amzn-requestid", "1"),
            header("Content-Length", &body.len().to_string()),
        ],
        body: body.into(),
    }
}

fn with(mut response: Response, name: &str, value: &str) -> Response {
    let is_same = |known: &str| known.eq_ignore_ascii_case(name);
    response.headers.retain(|(known, _)| !is_same(known));
    response.headers.push((name.to_owned(), value.to_owned()));
    response
}

fn success(action: &str, members: &str) -> String {
    format!(
        "<{action}Response xmlns=\"{NAMESPACE}\"><requestId>1</requestId>{members}</{action}Response>"
    )
}

fn judged(exchange: Exchange) -> CaseRecord {
    let inspector = Inspector::embedded().unwrap();
    let record = lint::judge(&inspector, &[exchange], &Signing::Optional);
    record.cases.into_iter().next().unwrap()
}

fn broken(exchange: Exchange) -> Vec<String> {
    let deviations = judged(exchange).deviations.into_iter();
    deviations
        .map(|one| format!("{} {}", one.level, one.requirement))
        .collect()
}

fn exchange(parameters: &str, response: Response) -> Exchange {
    let body = format!("{parameters}&Version=2016-11-15");
    Exchange::new(Some(Request::post(body)), Some(response))
}

const VPCS: &str = "Action=DescribeVpcs";

/// A load balancer that does not reach the server answers itself.
#[test]
fn a_page_from_in_between_is_not_blamed_on_the_server() {
    let page = "<!DOCTYPE html><html><p>Bad Gateway</html>";
    for status in [502, 503, 504] {
        for (kind, body) in [
            ("text/html", page),
            ("text/plain", "no healthy upstream"),
            ("x/y", ""),
        ] {
            let case = judged(exchange(
                VPCS,
                with(answer(status, body), "content-type", kind),
            ));
            assert_eq!(case.deviations, [], "{status} {body}");
            assert_eq!(case.verdict, Verdict::NotRun);
            assert!(
                case.note
                    .contains("something between client and server gave it"),
                "{}",
                case.note
            );
        }
        // EC2 says itself that it is busy.
        let own = answer(
            status,
            &fault::document("RequestLimitExceeded", "slow down"),
        );
        assert_eq!(judged(exchange(VPCS, own)).verdict, Verdict::Pass);
        // This is no page.
        let other = answer(status, "{\"message\":\"no\"}");
        assert_eq!(broken(exchange(VPCS, other)), ["must answered-in-protocol"]);
    }
    for status in [200, 400, 500] {
        let found = broken(exchange(VPCS, answer(status, page)));
        assert_eq!(found, ["must answered-in-protocol"]);
    }
}

/// XML allows a document type declaration.
#[test]
fn a_document_type_declaration_is_refused_for_its_own_reason() {
    let body = format!("<!DOCTYPE r>{}", success("DescribeVpcs", ""));
    let case = judged(exchange(VPCS, answer(200, &body)));
    let found: Vec<&str> = case.deviations.iter().map(|one| &*one.found).collect();
    assert_eq!(
        found,
        [
            "status 200 with a body that has a document type declaration, which EC2 is not known to send"
        ]
    );
}

#[test]
fn a_body_has_the_coding_that_its_headers_name() {
    let right = answer(200, &success("DescribeVpcs", "<vpcSet/>"));
    let must = ["must response-coding"];
    let packed = |coding| with(right.clone(), "Content-Encoding", coding);
    assert_eq!(broken(exchange(VPCS, packed("gzip"))), must);
    assert_eq!(broken(exchange(VPCS, packed("br"))), must);
    assert_eq!(broken(exchange(VPCS, packed("identity"))), [""; 0]);
    let text = with(answer(200, "text"), "content-encoding", "gzip");
    assert_eq!(broken(exchange(VPCS, text)), must);
    let empty = with(answer(503, ""), "content-encoding", "gzip");
    assert_eq!(broken(exchange(VPCS, empty)), [""; 0]);
    // Recorders unpack bodies. Some say so, others leave the length of the packed body.
    let mut recorded = exchange(VPCS, packed("gzip"));
    recorded.is_unpacked = true;
    assert_eq!(broken(recorded), [""; 0]);
    let edited = with(packed("gzip"), "content-length", "31");
    assert_eq!(broken(exchange(VPCS, edited)), [""; 0]);
    let har = format!(
        "{{\"log\":{{\"entries\":[{{\"request\":{{\"method\":\"POST\",\
        \"url\":\"https://ec2.us-east-1.amazonaws.com/\",\"httpVersion\":\"HTTP/1.1\",\"headers\":[\
        {{\"name\":\"Content-Type\",\"value\":\"application/x-www-form-urlencoded\"}}],\
        \"postData\":{{\"text\":\"{VPCS}&Version=2016-11-15\"}}}},\
        \"response\":{{\"status\":200,\"headers\":[{{\"name\":\"content-encoding\",\"value\":\"gzip\"}},\
        {{\"name\":\"transfer-encoding\",\"value\":\"chunked\"}},\
        {{\"name\":\"x-amzn-requestid\",\"value\":\"1\"}},\
        {{\"name\":\"content-type\",\"value\":\"text/xml;charset=UTF-8\"}}],\
        \"content\":{{\"text\":{}}}}}}}]}}}}",
        serde_json::to_string(&success("DescribeVpcs", "<vpcSet/>")).unwrap()
    );
    let [one] = lint::read("a.har", har.as_bytes())
        .unwrap()
        .try_into()
        .unwrap();
    assert_eq!(broken(one), [""; 0]);
}

#[test]
fn a_length_beside_chunks_is_noted() {
    let right = answer(200, &success("DescribeVpcs", "<vpcSet/>"));
    let both = with(right, "Transfer-Encoding", "chunked");
    let should = ["should response-framed-once"];
    assert_eq!(broken(exchange(VPCS, both.clone())), should);
    let mut recorded = exchange(VPCS, both);
    recorded.is_unpacked = true;
    assert_eq!(broken(recorded), [""; 0]);
}
