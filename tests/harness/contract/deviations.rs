//! Single deviations of an otherwise correct server, each with a case that finds it, and permitted
//! variations, which no case may blame.

use super::altered::{self, Answer, Change, IPAM, Pairs};
use super::{in_short, judge};
use ec2wire_conformance::Verdict::{self, Fail, Warn};

const MODIFY_RULES: &str = "ModifyIpamPolicyAllocationRules";

fn value<'p>(pairs: &'p Pairs, key: &str) -> &'p str {
    let found = pairs.iter().find(|(known, _)| known == key);
    found.map_or("", |(_, value)| value)
}

fn is(pairs: &Pairs, action: &str) -> bool {
    value(pairs, "Action") == action
}

/// Changes the tags' values, like a server that stores them wrongly.
fn values(pairs: &mut Pairs, change: impl Fn(&str) -> String) {
    for (key, value) in pairs {
        if key.ends_with(".Value") {
            *value = change(value);
        }
    }
}

fn without(pairs: &mut Pairs, part: &str) {
    pairs.retain(|(key, _)| !key.contains(part));
}

fn set(pairs: &mut Pairs, key: &str, to: &str) {
    pairs.retain(|(known, _)| known != key);
    pairs.push((key.to_owned(), to.to_owned()));
}

/// A deviation: its name, the change, the case that finds it, and that case's verdict.
type Row = (&'static str, Change, &'static str, Verdict);

use Change::{Answer as A, Form as F, Request as R};

#[rustfmt::skip]
const REQUESTS: &[Row] = &[
    ("ignores DryRun", R(|p| without(p, "DryRun")), "*/dry-run/with-token", Fail),
    ("ignores DryRun if there are tags", R(|p| if p.iter().any(|(k, _)| k.contains(".Tag.")) { without(p, "DryRun") }), "*/dry-run/fifty-tags", Fail),
    ("accepts DryRun only after the action", R(|p| if p.first().is_some_and(|(k, _)| k == "DryRun") { without(p, "DryRun") }), "*/dry-run/in-front", Fail),
    ("checks no tags in a dry run", R(|p| if value(p, "DryRun") == "true" { without(p, "TagSpecification") }), "*/dry-run/refused/key-129", Warn),
    ("ignores ClientToken", R(|p| without(p, "ClientToken")), "*/token/replay-after-another", Fail),
    ("ignores ClientToken for a moment", R(|p| without(p, "ClientToken")), "*/token/at-the-same-time", Warn),
    ("compares tokens by their first 63 characters", R(|p| { let t: String = value(p, "ClientToken").chars().take(63).collect(); if !t.is_empty() { set(p, "ClientToken", &t); } }), "*/token/differs-at-the-end", Fail),
    ("compares tokens in lowercase", R(|p| { let t = value(p, "ClientToken").to_lowercase(); if !t.is_empty() { set(p, "ClientToken", &t); } }), "*/token/case-sensitive", Fail),
    ("reads + in a token as a blank", R(|p| { let t = value(p, "ClientToken").replace('+', " "); if !t.is_empty() { set(p, "ClientToken", &t); } }), "*/token/plus-and-space", Fail),
    ("compares no tags on a replay", R(|p| if !value(p, "ClientToken").is_empty() { without(p, "TagSpecification"); }), "*/token/mismatch-no-tags", Warn),
    ("reads only ten tags", R(|p| p.retain(|(k, _)| !k.contains(".Tag.11.") && !k.contains(".Tag.12."))), "*/accepted/tags/twelve", Fail),
    ("reads only one digit of an index", R(|p| p.retain(|(k, _)| !k.contains(".Tag.10."))), "*/accepted/tags/ten", Fail),
    ("ignores the second tag specification", R(|p| without(p, "TagSpecification.2.")), "*/specification/second-without-type", Fail),
    ("reads only the last tag specification", R(|p| if p.iter().any(|(k, _)| k.starts_with("TagSpecification.2.")) { without(p, "TagSpecification.1."); for (k, _) in p { *k = k.replace("Specification.2.", "Specification.1."); } }), "*/specification/first-wrong", Fail),
    ("ignores a tag without a key", R(|p| { let no_key: Vec<String> = p.iter().filter_map(|(k, _)| k.strip_suffix("Value")).filter(|s| value(p, &format!("{s}Key")).is_empty()).map(ToOwned::to_owned).collect(); p.retain(|(k, _)| !no_key.iter().any(|s| k.starts_with(s))); }), "*/refused/tags/key-absent-at/10", Fail),
    ("truncates long values", R(|p| values(p, |v| v.chars().take(256).collect())), "*/refused/tags/value-257-at/5", Fail),
    ("truncates long keys", R(|p| for (k, v) in p { if k.ends_with(".Key") { *v = v.chars().take(127).collect(); } }), "*/refused/tags/key-astral-129", Fail),
    ("drops reserved keys", R(|p| for (_, v) in p { if v.starts_with("aws:") { *v = v.replace(':', "-"); } }), "*/refused/tags/aws-prefix-last-of-fifty", Fail),
    ("trims values", R(|p| values(p, |v| v.trim().to_owned())), "*/characters/white-space/leading", Warn),
    ("decodes escapes twice", R(|p| values(p, |v| v.replace("%2B", "+"))), "protocol/encoding/not-twice", Fail),
    ("normalises text", R(|p| values(p, |v| v.replace("e\u{301}", "é"))), "*/characters/unicode/combining", Fail),
    ("reads null as nothing", R(|p| values(p, |v| if v == "null" { String::new() } else { v.to_owned() })), "*/characters/form/word", Fail),
    ("reads digits as a number", R(|p| values(p, |v| v.parse::<u32>().map_or_else(|_| v.to_owned(), |n| n.to_string()))), "*/characters/form/number", Fail),
    ("ignores unknown parameters", R(|p| without(p, "Zone")), "*/refused/parameter/unknown-behind-tags", Fail),
    ("ignores unknown members of a tag", R(|p| without(p, "Color")), "*/refused/parameter/unknown-nested/*", Fail),
    ("ignores the case of names", R(|p| for (k, _) in p { if k == "dryRun" { *k = "DryRun".into(); } }), "*/refused/parameter/other-case/dry-run", Fail),
    ("ignores the case of a tag's members", R(|p| for (k, _) in p { *k = k.replace(".value", ".Value"); }), "*/refused/parameter/other-case/tag-value", Fail),
    ("ignores the case of Action", R(|p| for (k, _) in p { if k == "action" { *k = "Action".into(); } }), "protocol/action/key-in-other-case", Fail),
    ("accepts any version", R(|p| set(p, "Version", "2016-11-15")), "protocol/version/malformed", Warn),
    ("finds an IPAM by the beginning of its id", R(|p| { let id: String = value(p, "IpamId").chars().take(IPAM.len()).collect(); if id == IPAM { set(p, "IpamId", IPAM); } }), "*/refused/ipam-id/longer", Fail),
    ("finds an IPAM by the end of its id", R(|p| if value(p, "IpamId").ends_with(IPAM) { set(p, "IpamId", IPAM); }), "*/refused/ipam-id/prefixed", Fail),
    ("shows all policies, not only those requested", R(|p| without(p, "IpamPolicyId.")), "*/afterwards/only-the-one-asked-for", Fail),
    ("ignores MaxResults", R(|p| without(p, "MaxResults")), "*/afterwards/max-results-out-of-range/4", Warn),
    ("shows one page over and over", R(|p| without(p, "NextToken")), "*/afterwards/pages", Warn),
    ("deletes in a dry run", R(|p| if is(p, "DeleteIpamPolicy") { without(p, "DryRun") }), "*/dry-run/delete", Warn),
    ("does not decode +", F(|b| String::from_utf8_lossy(b).replace('+', "%2B").into_bytes()), "protocol/encoding/both-spaces", Fail),
    ("does not decode %20", F(|b| String::from_utf8_lossy(b).replace("%20", "%2520").into_bytes()), "*/client/rust", Fail),
    ("does not decode lowercase escapes", F(|b| String::from_utf8_lossy(b).replace("%c3", "%25c3").into_bytes()), "protocol/encoding/lower-case-hex", Fail),
    ("does not decode ~", F(|b| String::from_utf8_lossy(b).replace("%7E", "%257E").into_bytes()), "*/client/rusoto", Fail),
    ("splits at semicolons", F(|b| { let mut b = b.to_vec(); if let Some(at) = b.windows(3).position(|w| w == b"%3B") { b.truncate(at); } b }), "*/characters/form/semicolon", Fail),
];

#[rustfmt::skip]
const ANSWERS: &[Row] = &[
    ("answers 201", A(|_, a| if a.is_success() { a.status = 201; }), "*/response/status", Warn),
    ("answers a dry run with 400", A(|_, a| if a.status == 412 { a.status = 400; }), "*/dry-run/last", Fail),
    ("writes a line end before the declaration", A(|_, a| a.body.insert(0, b'\n')), "*/response/no-mark", Fail),
    ("writes a byte order mark", A(|_, a| { let mut b = b"\xEF\xBB\xBF".to_vec(); b.append(&mut a.body); a.body = b; }), "*/response/no-mark", Warn),
    ("declares another encoding", A(|_, a| a.replace("encoding=\"UTF-8\"", "encoding=\"ISO-8859-1\"")), "*/response/encoding", Fail),
    ("writes Latin-1", A(|_, a| a.body = a.text().chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()), "*/characters/unicode/two-bytes", Fail),
    ("escapes nothing", A(|_, a| a.replace("&lt;", "<")), "*/characters/xml/less-than", Fail),
    ("does not escape ]]>", A(|_, a| a.replace("]]&gt;", "]]>")), "*/characters/xml/cdata-end", Fail),
    ("escapes twice", A(|_, a| a.replace("&amp;", "&amp;amp;")), "*/characters/xml/ampersand", Fail),
    ("breaks an error's document", A(|_, a| if !a.is_success() { a.replace("&lt;", "<"); }), "*/characters/in-an-error/less-than", Fail),
    ("truncates the response", A(|_, a| { let half = a.body.len() / 2; a.body.truncate(half); }), "*/accepted/minimal", Fail),
    ("writes RequestId", A(|_, a| if a.is_success() { a.replace("requestId>", "RequestId>"); }), "*/response/request-id-element", Fail),
    ("has one request id for all errors", A(|_, a| if !a.is_success() { let id = a.between("<RequestID>", "</RequestID>"); a.replace(&id, "00000000-0000-4000-8000-000000000000"); }), "*/error/request-ids-differ", Fail),
    ("has another request id in the header", A(|_, a| a.header("x-amzn-requestid", Some("11111111-0000-4000-8000-000000000000"))), "*/response/request-ids-differ-in-header", Warn),
    ("has another document for unknown actions", A(|_, a| if a.text().contains("InvalidAction") { a.replace("Response>", "ErrorResponse>"); }), "protocol/action/unknown-document", Fail),
    ("has another document for a missing member", A(|_, a| if a.text().contains("MissingParameter") { a.replace("<Errors>", ""); a.replace("</Errors>", ""); }), "*/error/kind/missing-parameter", Fail),
    ("has a namespace on errors of tags", A(|_, a| if a.text().contains("aws:") { a.replace("<Response>", "<Response xmlns=\"u\">"); }), "*/error/kind/tag", Warn),
    ("writes a member twice", A(|_, a| a.replace("</ipamPolicy>", "<state>create-complete</state></ipamPolicy>")), "*/response/members-once", Fail),
    ("writes the policy twice", A(|_, a| { let p = format!("<ipamPolicy>{}</ipamPolicy>", a.between("<ipamPolicy>", "</ipamPolicy>")); a.replace(&p.clone(), &format!("{p}{p}")); }), "*/response/policy", Fail),
    ("leaves out the Region", A(|_, a| { let r = a.between("<ipamPolicyRegion>", "</ipamPolicyRegion>"); a.replace(&format!("<ipamPolicyRegion>{r}</ipamPolicyRegion>"), ""); }), "*/response/policy", Fail),
    ("leaves out empty values", A(|_, a| { a.replace("<value></value>", ""); a.replace("<value/>", ""); }), "*/response/tag-items", Fail),
    ("writes a list for each tag", A(|_, a| if a.is_success() { a.replace("</item><item>", "</item></tagSet><tagSet><item>"); }), "*/response/ten-tag-items", Fail),
    ("forgets the tags in DescribeIpamPolicies", A(|p, a| if is(p, "DescribeIpamPolicies") { let t = a.between("<tagSet>", "</tagSet>"); a.replace(&t, ""); }), "*/afterwards/described-fifty-tags", Fail),
    ("has another document for DescribeIpamPolicies", A(|p, a| if is(p, "DescribeIpamPolicies") { a.replace("requestId>", "id>"); }), "*/afterwards/describe-answer", Fail),
    ("answers rules with another type", A(|p, a| if is(p, MODIFY_RULES) { a.replace("Type>rds<", "Type>eip<"); }), "ipam-policy/rules/type/rds", Fail),
    ("answers rules with another locale", A(|p, a| if is(p, MODIFY_RULES) { a.replace("eu-west-1", "us-east-1"); }), "ipam-policy/rules/answer-elsewhere", Fail),
    ("answers rules without their type", A(|p, a| if is(p, MODIFY_RULES) { a.replace("<resourceType>eip</resourceType>", ""); }), "ipam-policy/rules/document", Warn),
    ("compresses unasked", A(|_, a| a.header("content-encoding", Some("x-none"))), "*/response/not-compressed", Warn),
    ("answers in JSON if the client accepts it", A(|_, a| a.header("content-type", Some("application/json"))), "*/response/envelope", Warn),
    ("fails on an invalid escape", A(|p, a| if p.iter().any(|(_, v)| v.contains("%zz")) { a.status = 500; }), "robustness/escape/in-value/no-digits", Warn),
    ("fails on 10,000 parameters", A(|p, a| if p.len() > 5_000 { a.status = 502; }), "robustness/large/parameters", Warn),
    ("fails on a huge index", A(|p, a| if p.iter().any(|(k, _)| k.contains("999999")) { a.status = 500; }), "robustness/index/odd/thirty-digits", Warn),
    ("refuses with a page", A(|p, a| if p.iter().any(|(k, _)| k.starts_with("TagSpecification.x")) { a.body = b"<html><p>no".to_vec(); }), "robustness/error-document/index", Warn),
    ("writes a control character unescaped", A(|_, a| if a.text().contains("is not allowed") { a.body = b"<a>\x01</a>".to_vec(); }), "robustness/control/in-value/soh", Fail),
    ("writes a control character as a reference", A(|_, a| if a.text().contains("is not allowed") { a.replace("\u{FFFD}", "&#x1;"); }), "robustness/control/in-value/soh", Warn),
];

async fn is_found(rows: &[Row]) {
    for (name, change, case, wanted) in rows {
        let server = altered::start(*change).await;
        let record = judge(&server.uri(), &[case], Some(IPAM)).await;
        assert!(!record.cases.is_empty(), "{name}: unknown case {case}");
        let verdicts: Vec<Verdict> = record.cases.iter().map(|case| case.verdict).collect();
        assert!(
            verdicts.iter().all(|verdict| verdict == wanted),
            "{name}: expected {wanted:?}, got {verdicts:?}: {:#?}",
            in_short(&record, |_| true)
        );
    }
}

#[tokio::test]
async fn each_deviation_in_reading_a_request_is_found() {
    is_found(REQUESTS).await;
}

#[tokio::test]
async fn each_deviation_in_an_answer_is_found() {
    is_found(ANSWERS).await;
}

/// The errors of other AWS services: a document with another root.
fn errors_of_other_services(_: &Pairs, answer: &mut Answer) {
    if !answer.is_success() {
        answer.replace("Response>", "ErrorResponse>");
        answer.replace("<Errors>", "");
        answer.replace("</Errors>", "");
        answer.replace("RequestID>", "RequestId>");
    }
}

#[tokio::test]
async fn an_error_in_another_document_is_blamed_only_for_the_document() {
    let row = |case, verdict| {
        (
            "errors of other services",
            A(errors_of_other_services),
            case,
            verdict,
        )
    };
    is_found(&[
        row("*/error/kind/missing-parameter", Fail),
        row("*/error/request-id", Verdict::NotRun),
        row("*/error/message", Verdict::NotRun),
    ])
    .await;
}

fn each_element_on_its_line(answer: &mut Answer) {
    answer.replace("><", ">\r\n    <");
    answer.replace(">\r\n    </value>", "></value>");
    answer.replace(">\r\n    </key>", "></key>");
}

/// Permitted variations, by name.
#[rustfmt::skip]
const FREE: &[(&str, Change)] = &[
    ("elements on lines of their own", A(|_, a| each_element_on_its_line(a))),
    ("the request id last", A(|_, a| if a.is_success() { let id = format!("<requestId>{}</requestId>", a.between("<requestId>", "</requestId>")); a.replace(&id, ""); for end in ["</CreateIpamPolicyResponse>", "</DeleteIpamPolicyResponse>", "</DescribeIpamPoliciesResponse>"] { a.replace(end, &format!("{id}{end}")); } })),
    ("the owner last", A(|_, a| { let owner = format!("<ownerId>{}</ownerId>", a.between("<ownerId>", "</ownerId>")); a.replace(&owner, ""); for end in ["</ipamPolicy>", "</item></ipamPolicySet>"] { a.replace(end, &format!("{owner}{end}")); } })),
    ("the value before the key", A(|_, a| { let text = a.text(); let turned: Vec<String> = text.split("</item>").map(|item| match item.rsplit_once("<item><key>") { Some((before, tag)) => { let (key, value) = tag.split_once("</key>").unwrap_or((tag, "")); format!("{before}<item>{value}<key>{key}</key>") } None => item.to_owned() }).collect(); a.body = turned.join("</item>").into_bytes(); })),
    ("no declaration", A(|_, a| { let text = a.text(); a.body = text.split_once("?>").map_or(text.clone(), |(_, rest)| rest.trim_start().to_owned()).into_bytes(); })),
    ("no tagSet if there are no tags", A(|_, a| { a.replace("<tagSet/>", ""); a.replace("<tagSet></tagSet>", ""); })),
    ("complete at once", A(|_, a| a.replace("create-in-progress", "create-complete"))),
    ("texts in CDATA", A(|_, a| if a.is_success() { a.replace("<key>", "<key><![CDATA["); a.replace("</key>", "]]></key>"); a.replace("<value>", "<value><![CDATA["); a.replace("</value>", "]]></value>"); a.replace("&lt;", "]]>&lt;<![CDATA["); a.replace("&amp;", "]]>&amp;<![CDATA["); a.replace("&gt;", "]]>&gt;<![CDATA["); a.replace("&quot;", "]]>&quot;<![CDATA["); a.replace("&#13;", "]]>&#13;<![CDATA["); a.replace("&#xD;", "]]>&#xD;<![CDATA["); })),
    ("unnecessary references", A(|_, a| { a.replace("<value>v", "<value>&#118;"); a.replace("é", "&#xE9;"); })),
    ("a prefix for the namespace", A(|_, a| { a.replace("<CreateIpamPolicyResponse xmlns=", "<e:CreateIpamPolicyResponse xmlns:e="); a.replace("</CreateIpamPolicyResponse>", "</e:CreateIpamPolicyResponse>"); })),
    ("a comment after the document", A(|_, a| a.body.extend_from_slice(b"\n<!-- served by ip-10-0-0-1 -->\n"))),
    ("other codes for refused tags", A(|_, a| a.replace("InvalidParameterValue", "InvalidParameter"))),
    ("the content type with a blank and in lowercase", A(|_, a| a.header("content-type", Some("text/xml; charset=utf-8")))),
    ("a server of another name", A(|_, a| a.header("server", Some("emulator")))),
    ("deleted policies that stay for a while", A(|p, a| if is(p, "DeleteIpamPolicy") { a.replace("delete-in-progress", "delete-complete"); })),
];

#[tokio::test]
async fn permitted_variations_are_not_blamed() {
    let run = [
        "*/accepted/minimal",
        "*/accepted/tags/fifty*",
        "*/response/*",
        "*/error/kind/*",
        "*/characters/xml/*",
        "*/characters/white-space/l*",
        "*/token/replay-*",
        "*/refused/tags/aws-prefix/*",
        "*/afterwards/d*",
    ];
    for (name, change) in FREE {
        let server = altered::start(*change).await;
        let record = judge(&server.uri(), &run, Some(IPAM)).await;
        let blamed = in_short(&record, |verdict| verdict != Verdict::Pass);
        assert!(blamed.is_empty(), "{name}: {blamed:#?}");
        assert_eq!(record.summary.harness_faults, 0, "{name}");
    }
}
