//! The rules for an exchange: real clients break none, and for each rule, a request that is wrong in
//! exactly this way breaks it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use crate::common::fault;
use ec2wire_conformance::inspect::{Exchange, Inspector, Request, Response, Signing};
use ec2wire_conformance::record::{Deviation, Place, Spot};
use ec2wire_conformance::report::{Settings, terminal};
use ec2wire_conformance::{Verdict, lint};
use ec2wire_test_support::snapshots;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn captured() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
    let clients = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = clients
        .filter(|path| path.is_dir())
        .flat_map(|client| {
            fs::read_dir(client)
                .unwrap()
                .map(|entry| entry.unwrap().path())
        })
        .collect();
    files.sort();
    assert!(files.len() > 40);
    files
}

fn secret_of_captures() -> Signing {
    Signing::Known {
        access_key_id: Some("AKIDEXAMPLE".into()),
        secret_access_key: "SECRETEXAMPLE".into(),
        may_be_absent: false,
    }
}

fn one_request(bytes: &[u8]) -> Request {
    let [found] = lint::read("file", bytes).unwrap().try_into().unwrap();
    found.request.unwrap()
}

#[test]
fn real_clients_break_no_rule_of_the_wire() {
    let inspector = Inspector::embedded().unwrap();
    let mut broken = BTreeSet::new();
    for path in captured() {
        let request = one_request(&fs::read(&path).unwrap());
        let case = path.file_stem().unwrap().to_str().unwrap();
        for deviation in inspector.request(&request, &secret_of_captures()) {
            // The remaining findings come from the input of the cases.
            assert!(
                inspector.requirement(&deviation.requirement).is_none(),
                "{}: {deviation:?}",
                path.display()
            );
            broken.insert(format!("{case}: {}", deviation.requirement));
        }
    }
    let _snapshots = snapshots::area("lint");
    insta::assert_snapshot!("captures", Vec::from_iter(broken).join("\n"));
}

/// The rules for tags and client tokens apply to any action.
#[test]
fn tags_of_any_action_are_checked() {
    let inspector = Inspector::embedded().unwrap();
    let broken = |body: &str| -> Vec<String> {
        let length = body.len();
        let head = "POST / HTTP/1.1\r\nHost: ec2.us-east-1.amazonaws.com\r\n\
            Content-Type: application/x-www-form-urlencoded\r\nContent-Length:";
        let request = one_request(format!("{head} {length}\r\n\r\n{body}").as_bytes());
        let found = inspector.request(&request, &Signing::Ignored).into_iter();
        let found = found.filter(|one| inspector.requirement(&one.requirement).is_none());
        found
            .map(|one| format!("{}: {}", one.requirement, one.found))
            .collect()
    };
    let request = "Action=CreateVpc&Version=2016-11-15&CidrBlock=10.0.0.0%2F16\
        &TagSpecification.1.ResourceType=vpc&TagSpecification.1.Tag.1.Value=v&TagSpecification.1.Tag.1.Key=";
    assert_eq!(broken(&format!("{request}a")), [""; 0]);
    assert_eq!(
        broken(&format!("{request}aws%3Aa")),
        ["tag-key-prefix: `TagSpecification.1.Tag.1.Key` is `aws:a`"]
    );
    let long = "t".repeat(65);
    let request =
        format!("Action=CreateVolume&Version=2016-11-15&AvailabilityZone=a&ClientToken={long}");
    let found = broken(&request);
    assert!(
        found.len() == 1 && found.concat().starts_with("client-token-length: "),
        "{found:?}"
    );
}

#[test]
fn a_signature_in_a_query_is_checked() {
    let inspector = Inspector::embedded().unwrap();
    let bytes = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/presigned.http"));
    let bytes = bytes.unwrap();
    let found = |text: &str| {
        let request = one_request(text.as_bytes());
        let found = inspector.request(&request, &secret_of_captures());
        found.into_iter().map(|d| d.requirement).collect::<Vec<_>>()
    };
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(found(&text), [""; 0]);
    assert_eq!(found(&text.replace("a%20b", "a+b")), [""; 0]);
    assert_eq!(
        found(&text.replace("a%20b", "a%20c")),
        ["signature-correct"]
    );
    assert_eq!(
        found(&text.replace("Expires=3600", "Expires=9999")),
        ["signature-correct"]
    );
}

proptest! {
    #[test]
    fn a_signature_is_valid_only_for_its_request(at in any::<prop::sample::Index>(), bit in 0..7_u8) {
        let bytes = include_bytes!("../captures/boto3/tags.http");
        let mut request = one_request(bytes);
        let at = at.index(request.body.len());
        *request.body.get_mut(at).unwrap() ^= 1 << bit;
        let found = Inspector::embedded().unwrap().request(&request, &secret_of_captures());
        prop_assert!(found.iter().any(|d| d.requirement == "signature-correct"));
    }

    #[test]
    fn no_request_makes_the_judge_panic(
        body in prop::collection::vec(prop_oneof![
            any::<u8>(),
            prop::sample::select(b"&=%+.0129AFZaz-_~".to_vec()),
        ], 0..200),
        target in "(/|/\\?|http://x)?[ -~]{0,30}",
        name in "(Content-Length|Authorization|X-Amz-Date|Host)",
        value in "[ -~]{0,60}",
    ) {
        let inspector = Inspector::embedded().unwrap();
        let length = body.len();
        let request = Request { target, headers: vec![(name, value)], ..Request::post(body) };
        for deviation in inspector.request(&request, &secret_of_captures()) {
            if let Some(range) = body_range(&deviation) {
                prop_assert!(range.start <= range.end && range.end <= length, "{deviation:?}");
            }
        }
        inspector.response(Some(&request), &Response { status: 200, body: request.body.clone(), ..Response::default() });
    }
}

fn body_range(deviation: &Deviation) -> Option<std::ops::Range<usize>> {
    match &deviation.difference.as_ref()?.at {
        Place::Request(Spot::Body(range)) => Some(range.clone()),
        _ => None,
    }
}

/// The bytes that a deviation refers to.
fn marked(request: &Request, deviation: &Deviation) -> String {
    if let Some(range) = body_range(deviation) {
        let bytes = request.body.get(range).unwrap();
        return format!("`{}`", bytes.escape_ascii());
    }
    let at = deviation.difference.as_ref().unwrap().at.to_string();
    at.trim_start_matches("@request")
        .trim_start_matches(':')
        .to_owned()
}

/// A change that makes a valid request invalid.
enum Change {
    Body(&'static str),
    Query(&'static str),
    Method(&'static str),
    Target(&'static str),
    /// Replaces a header, or removes it if there is no value.
    Header(&'static str, Option<&'static str>),
    AddHeader(&'static str, &'static str),
    /// Replaces a text in the signature.
    Signature(&'static str, &'static str),
}

use Change::{AddHeader, Body, Header, Method, Query, Signature, Target};

const CALL: &str = "Action=CreateIpamPolicy&Version=2016-11-15&IpamId=ipam-1";

const SUCCESS: &str = "<CreateIpamPolicyResponse \
    xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>1</requestId>\
    </CreateIpamPolicyResponse>";

/// One change per row, with the requirements that it breaks, most severe first, then in the order of
/// the rules.
const ROWS: &[(Change, &[&str])] = &[
    (Method("PUT"), &["request-method"]),
    (Target("/ec2"), &["request-target"]),
    (Header("host", None), &["host-once", "signature-host"]),
    (AddHeader("Host", "b"), &["host-once"]),
    (
        Header("content-length", Some("4")),
        &["content-length-true"],
    ),
    (
        Header("content-length", Some("-1")),
        &["content-length-true"],
    ),
    (Header("content-length", None), &["content-length-true"]),
    (
        AddHeader("Transfer-Encoding", "chunked"),
        &["request-framed-once", "request-not-chunked"],
    ),
    (
        Header("content-type", Some("application/json")),
        &["form-content-type"],
    ),
    (
        Header(
            "content-type",
            Some("Application/X-WWW-form-urlencoded;charset=x"),
        ),
        &[],
    ),
    (
        Header("content-type", None),
        &["form-content-type-declared"],
    ),
    (
        Body("&TagSpecification.1.ResourceType=ipam%2"),
        &["percent-encoding-valid"],
    ),
    (Body("&ClientToken=%zz"), &["percent-encoding-valid"]),
    (Body("&ClientToken=a%FFb"), &["percent-encoding-valid"]),
    (Body("&ClientToken=a%C3b"), &["percent-encoding-valid"]),
    (Body("&ClientToken=a b"), &["characters-escaped"]),
    (Body("&ClientToken=a\tb"), &["characters-escaped"]),
    (Body("&ClientToken=a*b"), &["escapes-plain"]),
    (Body("&ClientToken=a%2fb"), &["escapes-plain"]),
    (Body("&ClientToken=a%41b"), &["escapes-plain"]),
    (Body("&ClientToken=a+%2B~-._b"), &[]),
    (Body("&&ClientToken=a"), &["pairs-whole"]),
    (Body("&"), &["pairs-whole"]),
    (Body("&ClientToken"), &["pairs-whole"]),
    (Body("&=a"), &["pairs-whole"]),
    (
        Query("Version=2016-11-15&Filter.1.Name=a"),
        &["action-named"],
    ),
    (Query("Action=&Version=2016-11-15"), &["action-named"]),
    (Query("Action=DescribeIpamPolicies"), &["version-named"]),
    (
        Query("Action=DescribeIpamPolicies&Version=2014-10-01"),
        &["version-current"],
    ),
    (
        Query("Action=DescribeVpcs&Version=latest"),
        &["version-form"],
    ),
    // EC2 serves old versions, and this was right then.
    (
        Query(
            "Action=RunInstances&AddressingType=public&ImageId=ami-0123456789abcdef0&InstanceType=m1.small&MaxCount=1&MinCount=1&Version=2010-08-31",
        ),
        &[],
    ),
    (Body("&Colour=red"), &["parameters-known"]),
    (Body("&clientToken=a"), &["parameters-known"]),
    (
        Body("&TagSpecification.1.ResourceType=ipam-policy&TagSpecification.1.Tags.1.Key=a"),
        &["parameters-known", "specification-has-tags"],
    ),
    (
        Body("&TagSpecification.member.1.ResourceType=ipam-policy"),
        &["parameters-known"],
    ),
    (Body("&ClientToken.a=a"), &["parameters-known"]),
    (Body("&ClientToken.1=a"), &["value-or-members"]),
    // What EC2 refused in 2011: a scalar may only be specified once.
    (
        Query("Action=CreateTags&Version=2016-11-15&ResourceId.1=i-1&Tag.1.Key.1=a&Tag.1.Key.2=b"),
        &["value-or-members", "value-or-members"],
    ),
    (Body("&IpamId=ipam-2"), &["parameters-once"]),
    (Body("&Action=CreateIpamPolicy"), &["parameters-once"]),
    (Body("&TagSpecification="), &["list-not-bare"]),
    (
        Query("Action=DescribeIpamPolicies&Version=2016-11-15&Filter="),
        &["list-not-bare"],
    ),
    // EC2 was seen to answer this with 200.
    (
        Query("Action=DescribeIpamPolicies&Version=2016-11-15&Filter.1.Name=a&Filter.1.Value="),
        &["nested-list-not-bare"],
    ),
    // EC2 was seen to return that image.
    (
        Query("Action=DescribeImages&Version=2016-11-15&ImageId=ami-0123456789abcdef0"),
        &["list-numbered"],
    ),
    (
        Query("Action=DescribeIpamPolicies&Version=2016-11-15&Filter.1.Name=a&Filter.1.Value=b"),
        &["list-numbered"],
    ),
    (
        Query("Action=DescribeIpamPolicies&Version=2016-11-15&IpamPolicyId.0=a&IpamPolicyId.1=b"),
        &["list-from-one"],
    ),
    (
        Query("Action=DescribeIpamPolicies&Version=2016-11-15&IpamPolicyId.1=a&IpamPolicyId.3=b"),
        &["list-without-gaps"],
    ),
    (
        Query("Action=DescribeIpamPolicies&Version=2016-11-15&IpamPolicyId.01=a"),
        &["list-number-plain"],
    ),
    (
        Query(
            "Action=DescribeIpamPolicies&Version=2016-11-15&IpamPolicyId.2=b&IpamPolicyId.10=c&IpamPolicyId.1=a&IpamPolicyId.9=a&IpamPolicyId.3=a&IpamPolicyId.4=a&IpamPolicyId.5=a&IpamPolicyId.6=a&IpamPolicyId.7=a&IpamPolicyId.8=a",
        ),
        &[],
    ),
    (
        Query(
            "Action=RunInstances&Version=2016-11-15&MaxCount=1&MinCount=1&BlockDeviceMapping.2.DeviceName=a",
        ),
        &["list-from-one"],
    ),
    (
        Query(
            "Action=RunInstances&Version=2016-11-15&MaxCount=1&MinCount=1&Placement=a&Placement.Tenancy=b",
        ),
        &["value-or-members", "value-or-members"],
    ),
    (Body("&DryRun=True"), &["scalar-spelling"]),
    (
        Query(
            "Action=DescribeSpotPriceHistory&Version=2016-11-15&StartTime=2017-02-01+12%3A40%3A45+-0700",
        ),
        &["scalar-spelling"],
    ),
    (
        Query(
            "Action=DescribeSpotPriceHistory&Version=2016-11-15&StartTime=9999-12-31T23%3A59%3A59Z",
        ),
        &[],
    ),
    (
        Query(
            "Action=RequestSpotInstances&Version=2016-11-15&ValidUntil=1537100040&LaunchSpecification.UserData=%23%21%2Fbin%2Fsh",
        ),
        &["scalar-spelling", "scalar-spelling"],
    ),
    (
        Query("Action=ImportKeyPair&Version=2016-11-15&KeyName=a&PublicKeyMaterial=ssh-rsa+AAAA"),
        &["scalar-spelling"],
    ),
    // Some clients write base64 in lines.
    (
        Query(
            "Action=ImportKeyPair&Version=2016-11-15&KeyName=a&PublicKeyMaterial=c3NoLXJz%0AYSBBQUFB%0A",
        ),
        &[],
    ),
    (
        Query(
            "Action=ModifyFleet&Version=2016-11-15&FleetId=fleet-1&TargetCapacitySpecification.TotalTargetCapacity=1&LaunchTemplateConfig.1.Overrides.1.WeightedCapacity=abc",
        ),
        &["scalar-spelling"],
    ),
    (
        Query(
            "Action=RunInstances&Version=2016-11-15&MaxCount=1&MinCount=1&UserData=%23%21%2Fbin%2Fsh",
        ),
        &["scalar-spelling"],
    ),
    (
        Query("Action=DescribeIpamPolicies&Version=2016-11-15&MaxResults=ten"),
        &["scalar-spelling"],
    ),
    (
        Query("Action=RunInstances&Version=2016-11-15&ImageId=ami-1"),
        &["required-members-sent", "required-members-sent"],
    ),
    // Only a structure that is there has required members.
    (
        Query(
            "Action=ModifyManagedPrefixList&Version=2016-11-15&PrefixListId=pl-1&AddEntry.1.Description=a",
        ),
        &["required-members-sent"],
    ),
    (
        Query("Action=ModifyManagedPrefixList&Version=2016-11-15&PrefixListId=pl-1"),
        &[],
    ),
    // The documentation has a default.
    (
        Query("Action=DeleteFleets&Version=2016-11-15&FleetId.1=fleet-1"),
        &[],
    ),
    (
        Query(
            "Action=RejectVpcEndpointConnections&Version=2016-11-15&ServiceId=vpce-svc-1&TransitGatewayAttachmentId.1=tgw-attach-1",
        ),
        &[],
    ),
    (Header("authorization", None), &["request-signed"]),
    (
        Header("authorization", Some("Basic abc")),
        &["signature-form"],
    ),
    (Signature("Signature=", "Signature=x"), &["signature-form"]),
    (Signature("SignedHeaders", "Headers"), &["signature-form"]),
    (
        Signature("host;x-amz-date", "x-amz-date;host"),
        &["signature-form"],
    ),
    (Signature("AKID/", "/"), &["signature-form"]),
    (Signature("AKID/20261123", "AKID"), &["signature-scope"]),
    (Signature("/ec2/", "/s3/"), &["signature-scope"]),
    (Signature("20261123", "20261124"), &["signature-scope"]),
    (Signature("us-east-1", ""), &["signature-scope"]),
    (Signature("host;", ""), &["signature-host"]),
    (Signature("host;", "etag;host;"), &["signature-host"]),
    (
        AddHeader("X-Amz-User-Agent", "x"),
        &["signature-amz-headers"],
    ),
    (Header("x-amz-date", Some("today")), &["signature-form"]),
    (
        Header("x-amz-date", None),
        &["signature-form", "signature-host"],
    ),
];

fn changed(change: &Change) -> (String, Request) {
    let body = match change {
        Body(more) => format!("{CALL}{more}"),
        _ => CALL.to_owned(),
    };
    let mut request = Request::post(body);
    let digits = "0123456789abcdef".repeat(4);
    let mut signature = format!(
        "AWS4-HMAC-SHA256 Credential=AKID/20261123/us-east-1/ec2/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature={digits}"
    );
    if let Signature(from, to) = change {
        assert!(signature.contains(from));
        signature = signature.replace(from, to);
    }
    request
        .headers
        .push(("x-amz-date".into(), "20261123T065514Z".into()));
    request.headers.push(("authorization".into(), signature));
    let shown = match change {
        Body(more) => format!("body + {more}"),
        Query(query) => {
            request.method = "GET".into();
            request.target = format!("/?{query}");
            request.body.clear();
            request
                .headers
                .retain(|(name, _)| !name.starts_with("content-"));
            format!("query {query}")
        }
        Method(method) => {
            request.method = (*method).into();
            format!("method {method}")
        }
        Target(target) => {
            request.target = (*target).into();
            format!("target {target}")
        }
        Header(name, value) => {
            request.headers.retain(|(known, _)| known != name);
            let value = value.map(|value| ((*name).to_owned(), value.to_owned()));
            let shown = value.clone().map_or("none".into(), |(_, value)| value);
            request.headers.extend(value);
            format!("{name}: {shown}")
        }
        AddHeader(name, value) => {
            request.headers.push(((*name).into(), (*value).into()));
            format!("another {name}: {value}")
        }
        Signature(from, to) => format!("signature: {from:?} -> {to:?}"),
    };
    (shown, request)
}

#[test]
fn each_rule_is_broken_by_its_change() {
    let inspector = Inspector::embedded().unwrap();
    let mut shown = String::new();
    let mut broken = BTreeSet::new();
    for (change, ids) in ROWS {
        let (what, request) = changed(change);
        let found = inspector.request(&request, &Signing::Required);
        let came: Vec<&str> = found.iter().map(|d| d.requirement.as_str()).collect();
        assert_eq!(came, *ids, "{what}");
        writeln!(shown, "{}", what.escape_debug()).unwrap();
        for deviation in &found {
            broken.insert(deviation.requirement.clone());
            writeln!(
                shown,
                "  {} {}: {}  [{}]",
                deviation.level,
                deviation.requirement,
                deviation.found,
                marked(&request, deviation)
            )
            .unwrap();
        }
    }
    let _snapshots = snapshots::area("lint");
    insta::assert_snapshot!("rules", shown);
    for requirement in inspector.requirements() {
        if requirement.untested.as_deref() == Some("judged on every request") {
            assert!(
                broken.contains(&requirement.id),
                "nothing breaks {}",
                requirement.id
            );
        }
    }
}

/// The report on a file.
fn report(name: &str, text: &str) -> (u8, String) {
    let exchanges = lint::read(name, text.as_bytes()).unwrap();
    let record = lint::judge(
        &Inspector::embedded().unwrap(),
        &exchanges,
        &Signing::Required,
    );
    let mut shown = Vec::new();
    let layout = terminal::Layout {
        width: 100,
        detail: terminal::Detail::Findings,
    };
    terminal::write(&mut shown, &record, &Settings::default(), layout).unwrap();
    let plain = anstream::adapter::strip_bytes(&shown).into_vec();
    (
        record.summary.exit_code(),
        String::from_utf8(plain).unwrap(),
    )
}

#[test]
fn a_report_has_carets_under_the_mistake() {
    let _snapshots = snapshots::area("lint");
    let (code, shown) = report(
        "exchange.http",
        "POST / HTTP/1.1\r\nHost: ec2.us-east-1.amazonaws.com\r\nContent-Type: text/plain\r\n\
         Content-Length: 90\r\n\r\nAction=CreateIpamPolicy&Version=2016-11-15&IpamId=ipam-1\
         &TagSpecification.1.Tag.1.Key=%FF&Tags=\r\n\
         HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><p>hello</html>\r\n",
    );
    assert_eq!(code, 1);
    insta::assert_snapshot!("report", shown);
}

#[test]
fn a_response_is_judged_against_its_request() {
    let inspector = Inspector::embedded().unwrap();
    let request = Request::post(CALL);
    let found = |status, body: &str| {
        let headers = vec![
            (
                "Content-Type".to_owned(),
                "text/xml;charset=UTF-8".to_owned(),
            ),
            ("x-amzn-requestid".to_owned(), "1".to_owned()),
        ];
        let answer = Response {
            status,
            headers,
            body: body.into(),
        };
        let found = inspector.response(Some(&request), &answer);
        found.into_iter().map(|d| d.requirement).collect::<Vec<_>>()
    };
    let success = SUCCESS;
    assert_eq!(found(200, success), [""; 0]);
    assert_eq!(found(201, success), ["success-status"]);
    assert_eq!(found(400, success), ["answered-in-protocol"]);
    assert_eq!(
        found(200, &success.replace("Create", "Delete")),
        ["answered-in-protocol"]
    );
    assert_eq!(
        found(200, success.strip_suffix('>').unwrap()),
        ["answered-in-protocol"]
    );
    assert_eq!(
        found(200, &success.replace("requestId", "id")),
        ["response-request-id", "request-id-header", "answer-members"]
    );
    let fault = fault::document("Blocked", "no");
    assert_eq!(found(400, &fault), [""; 0]);
    let busy = fault::document("Unavailable", "no");
    assert_eq!(found(503, &busy), [""; 0]);
    assert_eq!(found(200, &fault), ["answered-in-protocol"]);
    assert_eq!(
        found(400, &fault.replace("RequestID", "Id")),
        ["error-request-id"]
    );
}

/// An answer to `DescribeVpcs` of that version, with more headers.
fn vpcs(version: &str, headers: &[(&str, &str)], body: &str) -> Exchange {
    let request = Request::post(format!("Action=DescribeVpcs&Version={version}"));
    let mut all = vec![("Content-Type".to_owned(), "text/xml;charset=UTF-8".into())];
    all.extend(
        headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
    let response = Response {
        status: 200,
        headers: all,
        body: body.into(),
    };
    Exchange::new(Some(request), Some(response))
}

/// The requirements that an exchange breaks, and its note.
fn broken(exchange: &Exchange) -> (Vec<String>, String) {
    let inspector = Inspector::embedded().unwrap();
    let case = inspector.judge(exchange, &Signing::Optional);
    let broken = case.deviations.into_iter().map(|one| one.requirement);
    (broken.collect(), case.note)
}

/// EC2 serves old versions. Only the protocol's own rules hold for them.
#[test]
fn another_version_is_judged_by_the_protocol_only() {
    let id = [("x-amzn-requestid", "1")];
    let body = |version: &str, more: &str| {
        format!(
            "<DescribeVpcsResponse xmlns=\"http://ec2.amazonaws.com/doc/{version}/\">\
            <requestId>1</requestId><vpcSet>{more}</vpcSet></DescribeVpcsResponse>"
        )
    };
    let odd = "<item><isDefault>yes</isDefault><old/></item>";
    let old = vpcs("2012-12-01", &id, &body("2012-12-01", odd));
    let note = "what needs the service model was not judged: the version is 2012-12-01, and the \
        model's is 2016-11-15";
    assert_eq!(broken(&old), (vec![], note.to_owned()));
    let now = vpcs("2016-11-15", &id, &body("2016-11-15", odd));
    assert_eq!(
        broken(&now),
        (
            vec!["answer-types".into(), "answer-members".into()],
            String::new()
        )
    );
    // The answer has the version of its request.
    let other = vpcs("2012-12-01", &id, &body("2016-11-15", ""));
    assert_eq!(broken(&other).0, ["response-namespace"]);
    // Without the request, its own.
    let alone = Exchange::new(None, old.response);
    assert_eq!(broken(&alone).0, [""; 0]);
}

/// EC2 sends the header since 2020. What was recorded before breaks nothing.
#[test]
fn a_requirement_counts_since_its_day() {
    let body = "<DescribeVpcsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
        <requestId>1</requestId></DescribeVpcsResponse>";
    let at = |date: &str| broken(&vpcs("2016-11-15", &[("Date", date)], body)).0;
    assert_eq!(at("Fri, 14 Feb 2020 10:00:00 GMT"), [""; 0]);
    assert_eq!(at("Sat, 01 Aug 2020 00:00:00 GMT"), ["request-id-header"]);
    assert_eq!(at("yesterday"), ["request-id-header"]);
    let mut recorded = vpcs("2016-11-15", &[], body);
    assert_eq!(broken(&recorded).0, ["request-id-header"]);
    recorded.sent_at = "2019-03-01T10:00:00Z".parse().ok();
    assert_eq!(broken(&recorded).0, [""; 0]);
    // A HAR file says when.
    let har = "{\"log\":{\"entries\":[{\"startedDateTime\":\"2019-03-01T10:00:00.000+01:00\",\
        \"request\":{\"method\":\"GET\",\"headers\":[],\
        \"url\":\"https://ec2.us-east-1.amazonaws.com/?Action=DescribeVpcs&Version=2016-11-15\"}}]}}";
    let found = lint::read("file", har.as_bytes()).unwrap();
    let at = found.first().unwrap().sent_at.unwrap();
    assert_eq!(at.to_string(), "2019-03-01T09:00:00Z");
}

#[test]
fn a_compressed_response_is_judged_by_its_content() {
    let inspector = Inspector::embedded().unwrap();
    let found = |coding: &str, body: &[u8]| {
        let answer = Response {
            status: 200,
            headers: vec![("Content-Encoding".into(), coding.into())],
            body: body.into(),
        };
        let found = inspector.response(Some(&Request::post(CALL)), &answer);
        found.into_iter().map(|d| d.requirement).collect::<Vec<_>>()
    };
    // `<html/>`, compressed with gzip, without a timestamp.
    let html = [
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 179, 201, 40, 201, 205, 209, 183, 3, 0, 60, 227, 166, 65,
        7, 0, 0, 0,
    ];
    assert_eq!(found("gzip", &html), ["answered-in-protocol"]);
    // A HAR file has the decompressed text, but still the header.
    assert_eq!(found("gzip", b"<html/>"), ["answered-in-protocol"]);
    assert_eq!(found("br", b"\x0b\x03\x80"), [""; 0]);
}

#[test]
fn an_undecodable_body_gets_a_note() {
    let exchange = |coding: &str, body: &[u8]| {
        let response = Response {
            status: 200,
            headers: vec![("Content-Encoding".into(), coding.into())],
            body: body.into(),
        };
        let found = Exchange::new(None, Some(response));
        let inspector = Inspector::embedded().unwrap();
        let record = lint::judge(&inspector, &[found], &Signing::Optional);
        let case = record.cases.first().unwrap();
        assert_eq!(case.verdict, Verdict::NotRun);
        case.note.clone()
    };
    assert_eq!(
        exchange("br", b"\x0b\x03\x80"),
        "the answer was not judged: its body has the unsupported coding `br`"
    );
    // The program that recorded it may have decompressed it.
    let other = exchange("gzip", b"plain text");
    assert!(
        other.starts_with("the answer was not judged: its body cannot be unpacked: "),
        "{other}"
    );
    // A compressed body that cannot be decompressed is unreadable.
    let answer = Response {
        status: 200,
        headers: vec![("Content-Encoding".into(), "gzip".into())],
        body: b"\x1f\x8b\x08\0\0\0\0\0\0\0what".to_vec(),
    };
    let found = Inspector::embedded().unwrap().response(None, &answer);
    let found = &found.first().unwrap().found;
    assert!(found.contains("the body cannot be unpacked: "), "{found}");
}

#[test]
fn many_mistakes_in_one_message_are_summarized() {
    let inspector = Inspector::embedded().unwrap();
    let twice = Request::post("A=1&".repeat(60_000));
    let found = inspector.request(&twice, &Signing::Optional);
    assert!(found.len() < 40, "{}", found.len());
    let last = found
        .iter()
        .rfind(|one| one.requirement == "parameters-once");
    assert_eq!(last.unwrap().found, "`A` appears twice; 59991 more like it");
    // A key that goes on and on is one finding, and costs no more than its length.
    let deep = format!("Action=A&Version=2016-11-15&A{}=1", ".1".repeat(110_000));
    let found = inspector.request(&Request::post(deep), &Signing::Optional);
    assert!(found.len() < 4, "{found:?}");
    // The place of each violation comes from an index, not from a search.
    let mut many = "Action=CreateIpamPolicy&Version=2016-11-15".to_owned();
    for n in 1..20_000 {
        write!(many, "&TagSpecification.{n}.Tag.1.Key=aws:{n}").unwrap();
    }
    let found = inspector.request(&Request::post(many), &Signing::Optional);
    let prefix = found
        .iter()
        .filter(|one| one.requirement == "tag-key-prefix");
    assert_eq!(prefix.count(), 8);
}

#[test]
fn a_signature_that_may_be_a_token_is_not_quoted() {
    let inspector = Inspector::embedded().unwrap();
    for value in [
        "sk_live_SECRET",
        "Bearer sk_live_SECRET",
        "AWS4-HMAC-SHA256 Credential=a/sk_live_SECRET, SignedHeaders=host, Signature=0",
        "AWS4-HMAC-SHA256 Credential=a/1/2/sk_live_SECRET/aws4_request, SignedHeaders=host, Signature=0",
        "AWS4-HMAC-SHA256 Credential=a/sk_live_SECRET/us-east-1/ec2/aws4_request, SignedHeaders=sk_live_SECRET, Signature=0",
    ] {
        let mut request = Request::post(CALL);
        for (name, value) in [("Authorization", value), ("X-Amz-Date", "20261123T065514Z")] {
            request.headers.push((name.into(), value.into()));
        }
        let found = inspector.request(&request, &Signing::Required);
        let text = format!("{found:?}");
        assert!(
            text.contains("signature-") && !text.contains("sk_live"),
            "{text}"
        );
    }
}

#[test]
fn files_from_editors_and_browsers_are_read() {
    let har = "\u{FEFF}{\"log\":{\"entries\":[{\"request\":{\"method\":\"POST\",\
        \"url\":\"https://ec2.us-east-1.amazonaws.com/\",\"httpVersion\":\"HTTP/1.1\",\"headers\":[\
        {\"name\":\"Content-Type\",\"value\":\"application/x-www-form-urlencoded\"}],\
        \"postData\":{\"text\":\"Action=DescribeVpcs&Version=2016-11-15\"}},\
        \"response\":{\"status\":0,\"headers\":[]}}]}}";
    let found = lint::read("file", har.as_bytes()).unwrap();
    // The browser aborted this request, so there is no response.
    assert_eq!(found.first().unwrap().response, None);
    let record = lint::judge(&Inspector::embedded().unwrap(), &found, &Signing::Optional);
    let case = record.cases.first().unwrap();
    assert_eq!(case.verdict, Verdict::Pass, "{:?}", case.deviations);
    let raw = "\u{FEFF}GET /?Action=DescribeVpcs&Version=2016-11-15 HTTP/1.1\r\nHost: a\r\n\r\n";
    let found = lint::read("file", raw.as_bytes()).unwrap();
    assert_eq!(
        found.first().unwrap().request.as_ref().unwrap().method,
        "GET"
    );
}

#[test]
fn a_body_without_its_chunks_is_judged() {
    let body = SUCCESS.replace("requestId", "id");
    let raw = format!(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\r\n{CALL}\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\
         Content-Type: text/xml;charset=UTF-8\r\nx-amzn-requestid: 1\r\n\r\n{body}\n",
        CALL.len()
    );
    let found = lint::read("file", raw.as_bytes()).unwrap();
    let record = lint::judge(&Inspector::embedded().unwrap(), &found, &Signing::Optional);
    let case = record.cases.first().unwrap();
    let broken: Vec<&str> = case.deviations.iter().map(|d| &*d.requirement).collect();
    assert_eq!(
        broken,
        ["response-request-id", "request-id-header", "answer-members"]
    );
    assert!(
        case.note.contains("its body has no chunks"),
        "{}",
        case.note
    );
}

/// Whoever edits a capture forgets the length. A recorder that replaces secrets changes it, so that
/// it is not the client's fault then.
#[test]
fn a_length_that_does_not_fit_is_explained() {
    let inspector = Inspector::embedded().unwrap();
    let judged = |file: &str| {
        let found = lint::read("file", file.as_bytes()).unwrap();
        let record = lint::judge(&inspector, &found, &Signing::Optional);
        let case = record.cases.first().unwrap();
        let broken = case.deviations.iter().map(|d| d.requirement.clone());
        (broken.collect::<Vec<_>>(), case.note.clone())
    };
    let (broken, note) = judged(&format!(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: 9\r\n\r\n{CALL}\r\nHTTP/1.1 200 OK\r\nContent-Length: 9\r\n\
         Content-Type: text/xml;charset=UTF-8\r\nx-amzn-requestid: 1\r\n\r\n{SUCCESS}"
    ));
    assert_eq!(broken, ["content-length-true"]);
    let hint = "as if it was edited or unpacked after it was recorded";
    assert_eq!(note.matches(hint).count(), 2, "{note}");
    let har = |length: &str| {
        format!(
            "{{\"log\":{{\"entries\":[{{\"request\":{{\"method\":\"POST\",\
             \"url\":\"https://ec2.us-east-1.amazonaws.com/\",\"httpVersion\":\"HTTP/1.1\",\
             \"headers\":[{{\"name\":\"content-type\",\"value\":\
             \"application/x-www-form-urlencoded\"}},\
             {{\"name\":\"content-length\",\"value\":\"{length}\"}}],\
             \"postData\":{{\"text\":\"{CALL}\"}}}}}}]}}}}"
        )
    };
    let fitting = judged(&har(&CALL.len().to_string()));
    assert_eq!(fitting, (Vec::new(), String::new()));
    let (broken, note) = judged(&har("9"));
    assert_eq!((broken.as_slice(), note.contains(hint)), (&[][..], true));
}

#[test]
fn an_invalid_exchange_is_refused_with_its_place() {
    let error = |text: &str| match lint::read("file", text.as_bytes()) {
        Err(error) => error.to_string(),
        Ok(found) => panic!("{found:?}"),
    };
    let errors = [
        error(""),
        error("POST / HTTP/1.1\r\nHost: a"),
        error("no message at all"),
        error("{\"log\":1}"),
        error("{\"log\":{\"entries\":[{\"request\":{\"method\":\"GET\"}}]}}"),
        error("{\"type\":\"run\"}\n"),
        error("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc"),
    ];
    let _snapshots = snapshots::area("lint");
    insta::assert_snapshot!("errors", errors.join("\n"));
}
