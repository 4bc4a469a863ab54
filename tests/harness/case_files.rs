//! User-written case files: each mistake is refused with its place and a hint.

use crate::common::catalogues;
use ec2wire_test_support::snapshots;

const RIGHT: &str = r#"prefix = "mine"
phase = "examples"

[[case]]
id = "tags/percent"
title = "a percent sign comes back"
requirement = "any-character"
for-each = { values = ["a", "b"] }
given = ["a-tag"]
[[case.step]]
name = "first"
action = "CreateIpamPolicy"
members = { IpamId = "${ipam}", TagSpecifications = [{ ResourceType = "ipam-policy", Tags = { generate = 2, each = { Key = "${n}", Value = "${item}" } } }] }
expect = "success"
also = ["success-envelope"]
[[case.step]]
action = "DescribeIpamPolicies"
members = { IpamPolicyIds = ["${first:ipamPolicy.ipamPolicyId}"] }
legal = [{ answer = "success", status = [200] }]
[[case.step.checks]]
at = "ipamPolicySet.item[ipamPolicyId=${first:ipamPolicy.ipamPolicyId}].state"
matches = "^create-${item}"
"#;

/// Replacements in the valid file: the old text and the new one.
const MISTAKES: &[(&str, &str)] = &[
    // The language.
    ("prefix = \"mine\"", "prefix = \"mine"),
    ("[[case]]", "[[case]"),
    ("also =", "expect = \"success\"\nalso ="),
    // Names and types of keys.
    ("title =", "titel ="),
    ("title = \"a percent sign comes back\"\n", ""),
    ("requirement = \"any-character\"\n", ""),
    ("title = \"a percent sign comes back\"", "title = 7"),
    ("action = \"C", "acton = \"C"),
    ("legal = [{ answer", "legal = [{ anser"),
    ("values = [\"a\", \"b\"]", "list = \"resource-type\""),
    ("\"examples\"", "\"example\""),
    ("\"examples\"", "\"nonsense\""),
    ("answer = \"success\"", "answer = \"succes\""),
    ("matches =", "match ="),
    ("matches = \"^create-${item}\"\n", ""),
    ("matches =", "equals = \"x\"\nmatches ="),
    ("generate = 2", "generate = \"2\""),
    ("generate = 2", "generate = -1"),
    ("Value = \"${item}\"", "Value = 1.5"),
    // Names of other things.
    ("\"any-character\"", "\"any-characters\""),
    ("\"any-character\"", "\"zzz\""),
    ("expect = \"success\"", "expect = \"sucess\""),
    ("expect = \"success\"", "expect = \"qqq\""),
    ("[\"success-envelope\"]", "[\"envelope\"]"),
    ("[\"a-tag\"]", "[\"tag\"]"),
    ("at = \"ipam", "requirement = \"tags-assignd\"\nat = \"ipam"),
    (
        "values = [\"a\", \"b\"]",
        "values = [\"a\"], except = [\"b\"]",
    ),
    // Variables.
    ("\"${ipam}\"", "\"${ipan}\""),
    ("\"${ipam}\"", "\"é${nothing}\""),
    ("\"${ipam}\"", "\"${n}\""),
    ("for-each = { values = [\"a\", \"b\"] }\n", ""),
    ("[\"${first:", "[\"${frist:"),
    ("[\"${first:", "[\"${this:"),
    ("name = \"first\"\n", ""),
    ("[\"${first:ipamPolicy.", "[\"${first:ipamPolicy.."),
    ("^create-${item}", "^create-${itm}"),
    // Places and patterns.
    (
        "at = \"ipamPolicySet.item[ipamPolicyId=${first:ipamPolicy.ipamPolicyId}]",
        "at = \"ipamPolicySet.item[0",
    ),
    (
        "at = \"ipamPolicySet",
        "at = \"DescribeIpamPoliciesResponse.ipamPolicySet",
    ),
    (
        "at = \"ipamPolicySet.item[ipamPolicyId=${first:ipamPolicy.ipamPolicyId}].state\"",
        "at = \"@requestid\"",
    ),
    ("^create-${item}", "^(create-${item}"),
    ("matches = \"^create-${item}\"", "at-most = \"few\""),
    ("matches = \"^create-${item}\"", "more-than = \"few\""),
    ("matches = \"^create-${item}\"", "apart = \"frist\""),
    ("status = [200]", "status = [2000]"),
    ("status = [200]", "status = [99999]"),
    // Required parts of a case.
    ("expect = \"success\"", ""),
    ("action = \"CreateIpamPolicy\"\n", ""),
    ("id = \"tags/percent\"", "id = \"tags percent\""),
    ("values = [\"a\", \"b\"]", "values = []"),
    ("values = [\"a\", \"b\"]", "values = [\"a\", \"a\"]"),
    (
        "expect = \"success\"",
        "method = \"P O\"\nexpect = \"success\"",
    ),
    (
        "expect = \"success\"",
        "headers = { \"a b\" = \"c\" }\nexpect = \"success\"",
    ),
    (
        "expect = \"success\"",
        "body = [{ hex = \"f\" }]\nexpect = \"success\"",
    ),
    ("action = \"D", "name = \"first\"\naction = \"D"),
];

fn refusal(text: &str) -> Option<String> {
    let mut catalogue = catalogues::for_servers();
    let before = catalogue.cases().len();
    let error = catalogue.add_cases("mine.toml", text).err()?;
    // None of the file's cases is added.
    assert_eq!(catalogue.cases().len(), before);
    Some(error.to_string())
}

#[test]
fn the_valid_file_is_accepted() {
    assert_eq!(refusal(RIGHT), None);
}

#[test]
fn each_mistake_is_refused_with_its_place_and_a_hint() {
    let mut messages = String::new();
    for (right, wrong) in MISTAKES {
        assert!(RIGHT.contains(right), "{right}");
        let text = RIGHT.replacen(right, wrong, 1);
        let message = refusal(&text);
        assert!(message.is_some(), "taken: {right} -> {wrong}");
        let message = message.unwrap_or_default();
        assert!(message.starts_with("mine.toml:"), "no place: {message}");
        messages.push_str(&message);
        messages.push_str("\n\n");
    }
    let _area = snapshots::area("case-files");
    insta::assert_snapshot!("mistakes", messages);
}
