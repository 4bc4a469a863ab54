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
            // lighttpd, HAProxy, a page of one's own, and the gateway of AWS
            (
                "text/html",
                "<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC \"a\" \"b\">\n<html/>",
            ),
            ("text/xml", "<!-- c --><html><p>no</html>"),
            ("application/xhtml+xml", "<?xml version=\"1.0\"?><html/>"),
            ("text/html", "<h1>Bad gateway</h1>"),
            (
                "application/json",
                "{\"message\": \"Endpoint request timed out\"}",
            ),
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
        // This is no page, and the server says that it is XML.
        let other = answer(status, "{\"message\":\"no\"}");
        assert_eq!(broken(exchange(VPCS, other)), ["must answered-in-protocol"]);
    }
    // Load balancers limit the size and the rate of requests.
    for status in [413, 429] {
        let html = with(answer(status, page), "content-type", "text/html");
        assert_eq!(judged(exchange(VPCS, html)).verdict, Verdict::NotRun);
        let other = with(answer(status, "{}"), "content-type", "application/json");
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

/// What an answer breaks in the light of its request.
#[test]
fn a_dry_run_is_answered_as_one() {
    let done = || answer(200, &success("CreateVpc", "<vpc/>"));
    let dry = |status| {
        answer(
            status,
            &fault::document("DryRunOperation", "would have succeeded"),
        )
    };
    let call = "Action=CreateVpc&CidrBlock=10.0.0.0%2F16";
    let asked = format!("{call}&DryRun=true");
    let is_error = ["must dry-run-is-error"];
    let code = ["must dry-run-code"];
    assert_eq!(broken(exchange(&asked, done())), is_error);
    assert_eq!(broken(exchange(&asked, dry(412))), [""; 0]);
    assert_eq!(broken(exchange(&asked, dry(400))), code);
    assert_eq!(broken(exchange(call, dry(412))), code);
    assert_eq!(
        broken(exchange(&format!("{call}&DryRun=false"), dry(412))),
        code
    );
    assert_eq!(broken(exchange(call, done())), [""; 0]);
    assert_eq!(
        broken(exchange(&format!("{call}&DryRun=false"), done())),
        [""; 0]
    );
    let refused = || answer(403, &fault::document("UnauthorizedOperation", "no"));
    assert_eq!(broken(exchange(&asked, refused())), [""; 0]);
    // Its documentation mentions no error.
    let silent = "Action=GetActiveVpnTunnelStatus&VpnConnectionId=vpn-1\
        &VpnTunnelOutsideIpAddress=10.0.0.1&DryRun=true";
    let done = answer(200, &success("GetActiveVpnTunnelStatus", ""));
    assert_eq!(broken(exchange(silent, done)), [""; 0]);
    // How EC2 reads this is not known.
    let odd = broken(exchange(&format!("{call}&DryRun=1"), dry(412)));
    assert!(!odd.contains(&code[0].to_owned()), "{odd:?}");
}

#[test]
fn an_error_of_the_request_has_its_status_and_its_plain_code() {
    let found = |status, code: &str| {
        broken(exchange(
            "Action=DeleteVpc&VpcId=vpc-0123456789abcdef0",
            answer(status, &fault::document(code, "no")),
        ))
    };
    let must = ["must answered-in-protocol"];
    for code in [
        "InvalidVpcID.NotFound",
        "InvalidVpcId.Malformed",
        "MissingParameter",
        "AuthFailure",
        "DependencyViolation",
        "IdempotentParameterMismatch",
        "IncorrectState",
    ] {
        assert_eq!(found(400, code), [""; 0], "{code}");
        assert_eq!(found(500, code), must, "{code}");
        let both = ["should error-code-plain", must[0]];
        assert_eq!(found(503, &format!("Client.{code}")), both, "{code}");
        let prefixed = found(400, &format!("Client.{code}"));
        assert_eq!(prefixed, ["should error-code-plain"], "{code}");
    }
    for code in [
        "InternalError",
        "InsufficientInstanceCapacity",
        "RequestLimitExceeded",
        "VpcLimitExceeded",
    ] {
        assert_eq!(found(500, code), [""; 0], "{code}");
        assert_eq!(found(503, code), [""; 0], "{code}");
    }
}

#[test]
fn a_prefix_on_the_names_is_found() {
    let plain = success("DescribeVpcs", "<vpcSet/>");
    let prefixed = plain
        .replace("xmlns=", "xmlns:e=")
        .replace("</", "\u{1}")
        .replace('<', "<e:")
        .replace('\u{1}', "</e:");
    let should = ["should response-no-prefix"];
    assert_eq!(broken(exchange(VPCS, answer(200, &prefixed))), should);
    assert_eq!(broken(exchange(VPCS, answer(200, &plain))), [""; 0]);
    // Any SDK reads the members then.
    let root = plain
        .replace(
            "<DescribeVpcsResponse xmlns=",
            "<e:DescribeVpcsResponse xmlns:e=",
        )
        .replace("</DescribeVpcsResponse", "</e:DescribeVpcsResponse");
    assert_eq!(broken(exchange(VPCS, answer(200, &root))), [""; 0]);
}

/// A signed request, so that its time is known.
fn at(time: &str, parameters: &str, response: Response) -> Exchange {
    let mut exchange = exchange(parameters, response);
    let request = exchange.request.as_mut().unwrap();
    request.headers.push(("X-Amz-Date".into(), time.into()));
    exchange
}

#[test]
fn a_date_is_that_of_the_request() {
    let body = success("DescribeVpcs", "<vpcSet/>");
    let dated = |date| with(answer(200, &body), "Date", date);
    let should = ["should response-date-true"];
    let now = "20261123T065514Z";
    for (date, found) in [
        ("Mon, 23 Nov 2026 06:55:15 GMT", &[][..]),
        ("Mon, 23 Nov 2026 06:40:00 GMT", &[]),
        ("Mon, 23 Nov 2026 09:55:15 GMT", &should),
        ("Thu, 01 Jan 1970 00:00:07 GMT", &should),
        ("today", &[]),
    ] {
        assert_eq!(broken(at(now, VPCS, dated(date))), found, "{date}");
        // Nobody knows when this was, or the recorder may have replaced the header.
        assert_eq!(broken(exchange(VPCS, dated(date))), [""; 0], "{date}");
        let mut stripped = at(now, VPCS, dated(date));
        stripped.is_stripped = true;
        assert_eq!(broken(stripped.clone()), [""; 0], "{date}");
        // A HAR file and the proxy say when it was.
        stripped.sent_at = Some("2026-11-23T06:55:14Z".parse().unwrap());
        assert_eq!(broken(stripped), found, "{date}");
    }
    // A server that refuses a request may find its time wrong.
    let expired = answer(400, &fault::document("RequestExpired", "too late"));
    let expired = with(expired, "Date", "Mon, 23 Nov 2026 09:55:15 GMT");
    assert_eq!(broken(at(now, VPCS, expired)), [""; 0]);
}

#[test]
fn what_was_just_made_is_as_old_as_the_request() {
    let volume = |time| {
        let members = format!("<volumeId>vol-1</volumeId><createTime>{time}</createTime>");
        answer(200, &success("CreateVolume", &members))
    };
    let call = "Action=CreateVolume&AvailabilityZone=us-east-1a&Size=1";
    let token = format!("{call}&ClientToken=a");
    let now = "20261123T065514Z";
    let should = ["should made-now"];
    for (time, found, of_repeated) in [
        ("2026-11-23T06:55:14.000Z", &[][..], &[][..]),
        ("2026-11-23T07:05:14.000Z", &[], &[]),
        // A repeated request gets what the first one made.
        ("2015-01-01T00:00:00.000Z", &should, &[]),
        ("2026-11-23T08:55:14.000Z", &should, &should),
    ] {
        assert_eq!(broken(at(now, call, volume(time))), found, "{time}");
        assert_eq!(broken(at(now, &token, volume(time))), of_repeated, "{time}");
        assert_eq!(broken(exchange(call, volume(time))), [""; 0], "{time}");
    }
    let run = |time: &str| {
        let members =
            format!("<instancesSet><item><launchTime>{time}</launchTime></item></instancesSet>");
        let call = "Action=RunInstances&ImageId=ami-1&MinCount=1&MaxCount=1";
        broken(at(
            now,
            call,
            answer(200, &success("RunInstances", &members)),
        ))
    };
    assert_eq!(run("2026-11-23T06:55:14.000Z"), [""; 0]);
    assert_eq!(run("2026-11-23T01:55:14.000Z"), should);
    // What a capacity reservation is split from is older, and a list has what is older.
    let split = answer(
        200,
        &success(
            "CreateCapacityReservationBySplitting",
            "<sourceCapacityReservation><createDate>2020-01-01T00:00:00Z</createDate>\
             </sourceCapacityReservation>",
        ),
    );
    let call = "Action=CreateCapacityReservationBySplitting&InstanceCount=1\
        &SourceCapacityReservationId=cr-1";
    assert_eq!(broken(at(now, call, split)), [""; 0]);
    let list = "<volumeSet><item><createTime>2020-01-01T00:00:00Z</createTime></item></volumeSet>";
    let list = answer(200, &success("DescribeVolumes", list));
    assert_eq!(broken(at(now, "Action=DescribeVolumes", list)), [""; 0]);
}

/// A presigned URL may be used long after it was signed.
#[test]
fn a_presigned_url_may_be_old() {
    let body = success("DescribeVpcs", "<vpcSet/>");
    let dated = with(answer(200, &body), "Date", "Tue, 24 Nov 2026 06:55:14 GMT");
    let mut request = Request::post("");
    request.method = "GET".into();
    request.target = format!(
        "/?{VPCS}&Version=2016-11-15&X-Amz-Algorithm=AWS4-HMAC-SHA256\
         &X-Amz-Credential=AKID%2F20261123%2Fus-east-1%2Fec2%2Faws4_request\
         &X-Amz-Date=20261123T065514Z&X-Amz-Expires=604800&X-Amz-SignedHeaders=host\
         &X-Amz-Signature={}",
        "5ec1".repeat(16)
    );
    let found = broken(Exchange::new(Some(request), Some(dated)));
    assert!(!found.iter().any(|one| one.contains("date")), "{found:?}");
}

/// These rules need no model, so they hold for every version.
#[test]
fn old_versions_keep_the_rules_that_need_no_model() {
    let ask = |parameters: &str, version: &str, status, code: &str| {
        let body = format!("{parameters}&Version={version}");
        let response = answer(status, &fault::document(code, "no"));
        broken(Exchange::new(Some(Request::post(body)), Some(response)))
    };
    let delete = "Action=DeleteVpc&VpcId=vpc-01234567";
    for version in ["2014-10-01", "2016-11-15"] {
        let gone = |status| ask(delete, version, status, "InvalidVpcID.NotFound");
        assert_eq!(gone(400), [""; 0], "{version}");
        assert_eq!(gone(500), ["must answered-in-protocol"], "{version}");
        let dry = format!("{delete}&DryRun=true");
        let dry = |status| ask(&dry, version, status, "DryRunOperation");
        assert_eq!(dry(412), [""; 0], "{version}");
        assert_eq!(dry(400), ["must dry-run-code"], "{version}");
    }
    // Whether an old version takes DryRun is for its model to say.
    assert_eq!(ask(delete, "2014-10-01", 412, "DryRunOperation"), [""; 0]);
}

/// Nothing says when the request was sent, so the answer's own Date must do.
#[test]
fn what_was_just_made_is_as_old_as_its_answer() {
    let members = "<volumeId>vol-1</volumeId><createTime>2015-01-01T00:00:00.000Z</createTime>";
    let made = answer(200, &success("CreateVolume", members));
    let dated = |date| with(made.clone(), "Date", date);
    let call = "Action=CreateVolume&AvailabilityZone=us-east-1a&Size=1";
    let later = "Mon, 23 Nov 2026 06:55:15 GMT";
    assert_eq!(broken(exchange(call, dated(later))), ["should made-now"]);
    let then = "Thu, 01 Jan 2015 00:00:07 GMT";
    assert_eq!(broken(exchange(call, dated(then))), [""; 0]);
    let token = format!("{call}&ClientToken=a");
    assert_eq!(broken(exchange(&token, dated(later))), [""; 0]);
    let mut stripped = exchange(call, dated(later));
    stripped.is_stripped = true;
    assert_eq!(broken(stripped), [""; 0]);
}

/// An error of the server is an error document, too.
#[test]
fn the_errors_of_a_server_have_the_envelope_of_errors() {
    let found = |status, body: &str| broken(exchange(VPCS, answer(status, body)));
    let prefixed = fault::document("Server.InternalError", "an error");
    let limited = fault::document("Client.RequestLimitExceeded", "slow down");
    let one = "<Error><Code>Unavailable</Code><Message>no</Message></Error>";
    let two = fault::document("InternalError", "an error")
        .replace("</Errors>", &format!("{one}</Errors>"));
    let anonymous = fault::document("Unavailable", "no").replace("RequestID", "Id");
    for status in [400, 500, 503] {
        assert_eq!(
            found(status, &prefixed),
            ["should error-code-plain"],
            "{status}"
        );
        assert_eq!(
            found(status, &limited),
            ["should error-code-plain"],
            "{status}"
        );
        assert_eq!(found(status, &two), ["should error-single"], "{status}");
        assert_eq!(
            found(status, &anonymous),
            ["must error-request-id"],
            "{status}"
        );
    }
}

/// EC2 gets new parameters without a new version, so one that it accepted may be new.
#[test]
fn a_parameter_that_was_accepted_may_be_new() {
    let call = format!("{VPCS}&Colour=red");
    let done = || answer(200, &success("DescribeVpcs", "<vpcSet/>"));
    let refused = answer(400, &fault::document("UnknownParameter", "no"));
    assert_eq!(broken(exchange(&call, refused)), ["must parameters-known"]);
    let should = ["should parameters-known-if-accepted"];
    assert_eq!(broken(exchange(&call, done())), should);
    let mut alone = exchange(&call, done());
    alone.response = None;
    assert_eq!(broken(alone), ["must parameters-known"]);
}
