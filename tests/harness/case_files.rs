//! User-written case files: each mistake is refused with its place and a hint.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use crate::common::catalogues;
use ec2wire::contract::Level;
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
    // Names and types of the service model.
    ("\"DescribeIpamPolicies\"", "\"DescribeIpamPolicys\""),
    ("\"DescribeIpamPolicies\"", "\"Nonsense\""),
    ("{ IpamPolicyIds", "{ IpamPolicyId"),
    ("{ IpamPolicyIds", "{ Nonsense"),
    ("{ Key = \"${n}\"", "{ Kay = \"${n}\""),
    ("Tags = { generate", "Tag = { generate"),
    ("IpamId = \"${ipam}\"", "IpamId = [\"${ipam}\"]"),
    (
        "[\"${first:ipamPolicy.ipamPolicyId}\"]",
        "\"ipam-policy-1\"",
    ),
    (
        "[{ ResourceType = \"ipam-policy\"",
        "[\"x\", { ResourceType = \"ipam-policy\"",
    ),
    ("{ IpamPolicyIds", "{ MaxResults = \"ten\", IpamPolicyIds"),
    ("{ IpamPolicyIds", "{ DryRun = \"yes\", IpamPolicyIds"),
    (
        "expect = \"success\"",
        "undo = { at = \"ipamPolicy.id\", action = \"DeleteIpamPolicy\", key = \"IpamPolicyId\" }\nexpect = \"success\"",
    ),
    (
        "expect = \"success\"",
        "undo = { at = \"ipamPolicy.ipamPolicyId\", action = \"DeleteIpamPolice\", key = \"IpamPolicyId\" }\nexpect = \"success\"",
    ),
    (
        "expect = \"success\"",
        "undo = { at = \"ipamPolicy.ipamPolicyId\", action = \"DeleteIpamPolicy\", key = \"IpamPolicy\" }\nexpect = \"success\"",
    ),
    (
        "expect = \"success\"",
        "undo = { at = \"ipamPolicy.ipamPolicyId\", action = \"TerminateInstances\", key = \"InstanceId\" }\nexpect = \"success\"",
    ),
    ("prefix = \"mine\"\n", ""),
];

/// A file with many mistakes, all of which are found at once.
const WRONG: &str = r#"prefix = "mine"

[[requirement]]
id = "My Own"
level = "must"
statement = ""
source = "a guess"
evidence = "inferred"
since = "yesterday"

[[requirement]]
id = "any-character"
level = "may"
statement = "the catalogue has this one"
source = "the catalogue"
evidence = "unknown"

[[requirement]]
id = "my-unread"
level = "perhaps"
statement = "the level is unknown"
source = "none"
evidence = "unknown"

[[requirement]]
id = "my-twice"
level = "may"
statement = "one"
source = "one"
evidence = "unknown"

[[requirement]]
id = "my-twice"
level = "may"
statement = "two"
source = "two"
evidence = "unknown"

[[case]]
id = "one"
title = "is about a requirement that cannot be read"
requirement = "my-unread"
[[case.step]]
action = "TerminateInstancez"
members = { InstanceIds = ["i-1"] }
expect = "sucess"
[[case.step]]
action = "TerminateInstances"
members = { InstanceId = ["i-1"], DryRun = 7 }
legal = [{ answer = "success", status = [7] }]

[[case]]
id = "two"
titel = "cannot be read"

[[case]]
id = "three"
title = "is right"
requirement = "my-twice"
[[case.step]]
action = "TerminateInstances"
members = { InstanceIds = ["i-1"] }
expect = "refused"
"#;

fn refusal(text: &str) -> Option<String> {
    let mut catalogue = catalogues::for_servers();
    let before = catalogue.cases().len();
    let error = catalogue.add_cases("mine.toml", text).err()?;
    // None of the file's cases is added.
    assert_eq!(catalogue.cases().len(), before);
    Some(error.to_string())
}

#[test]
fn every_mistake_of_a_file_is_found_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wrong.toml");
    std::fs::write(&path, WRONG).unwrap();
    let mut catalogue = catalogues::for_servers();
    let before = catalogue.requirements().count();
    let reading = catalogue.read_paths(std::slice::from_ref(&path));
    // None of the requirements is added.
    assert_eq!(catalogue.requirements().count(), before);
    assert_eq!((reading.files, reading.cases), (1, 1));
    let mistakes = reading.mistakes.iter().map(ToString::to_string);
    let mistakes: Vec<String> = mistakes.collect();
    let text = mistakes.join("\n\n");
    let text = text.replace(&path.display().to_string(), "wrong.toml");
    let _area = snapshots::area("case-files");
    insta::assert_snapshot!("all_mistakes", text);
}

const REQUIREMENT: &str = r#"[[requirement]]
id = "my-own"
level = "should"
statement = "a requirement of one's own"
source = "our manual, page 3"
evidence = "docs"
"#;

#[test]
fn a_requirement_of_ones_own_counts_for_the_files_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let about = |id: &str| RIGHT.replace("\"any-character\"", &format!("\"{id}\""));
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    // The file with the requirement comes last.
    write("a.toml", &about("my-own"));
    write("b.toml", REQUIREMENT);
    let mut catalogue = catalogues::for_servers();
    catalogue.add_paths(&[folder.path().to_owned()]).unwrap();
    let case = catalogue.cases().last().unwrap();
    assert_eq!(catalogue.level(case), Level::Should);
    let own = catalogue.requirement(&case.requirement).unwrap();
    assert_eq!(own.source, "our manual, page 3");
}

/// What is sent for a step on purpose although the model does not know it.
#[test]
fn what_the_model_does_not_have_can_be_sent_on_purpose() {
    for (right, wrong) in [
        ("\"DescribeIpamPolicies\"", "\"DescribeIpamPolicys\""),
        ("{ IpamPolicyIds", "{ IpamPolicyId"),
    ] {
        let text = RIGHT.replacen(right, wrong, 1);
        let said = text.replace("action = \"D", "beyond-model = true\naction = \"D");
        assert!(refusal(&text).is_some());
        assert_eq!(refusal(&said), None);
    }
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
