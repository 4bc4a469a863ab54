//! The commands that use the service model, as a user calls them.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use ec2wire_test_support::snapshots;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Runs the command. Returns the exit code, standard output and standard error.
pub(crate) fn ec2wire(args: &[&str], input: &str) -> (Option<i32>, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ec2wire"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads nothing may have ended already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/data")
        .join(path)
}

const INPUT: &str = r#"{
  "IpamId": "ipam-1",
  "TagSpecifications": [
    {
      "ResourceType": "ipam-policy",
      "Tags": [
        {
          "Key": "a b",
          "Value": "é+"
        }
      ]
    }
  ],
  "DryRun": false
}
"#;

#[test]
fn a_request_round_trips() {
    let (code, body, err) = ec2wire(&["encode", "CreateIpamPolicy"], INPUT);
    assert_eq!(
        (code, body.as_str(), err.as_str()),
        (
            Some(0),
            "Action=CreateIpamPolicy&Version=2016-11-15&IpamId=ipam-1\
             &TagSpecification.1.ResourceType=ipam-policy&TagSpecification.1.Tag.1.Key=a%20b\
             &TagSpecification.1.Tag.1.Value=%C3%A9%2B&DryRun=false",
            "",
        )
    );
    let same = ec2wire(&["encode", "request", "CreateIpamPolicy"], INPUT);
    assert_eq!(same.1, body);
    let same = ec2wire(&["decode", "CreateIpamPolicy"], &body);
    assert_eq!(same.1, INPUT);
    // With a trailing line break, as an editor adds it.
    let (code, json, err) = ec2wire(&["decode", "request", "CreateIpamPolicy"], &(body + "\n"));
    assert_eq!((code, json.as_str(), err.as_str()), (Some(0), INPUT, ""));
}

#[test]
fn a_response_round_trips() {
    let json = "{\n  \"ImageUsageReports\": [],\n  \"NextToken\": \"a<b\",\n  \
        \"ResponseMetadata\": {\n    \"RequestId\": \"id-1\",\n    \"HTTPStatusCode\": 200\n  }\n}\n";
    let (code, body, err) = ec2wire(&["encode", "response", "DescribeImageUsageReports"], json);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(
        body.ends_with(
            "<requestId>id-1</requestId><imageUsageReportSet/><nextToken>a&lt;b</nextToken>\
         </DescribeImageUsageReportsResponse>"
        ),
        "{body}"
    );
    let decode = ["decode", "response", "DescribeImageUsageReports"];
    let (code, again, _) = ec2wire(&[&decode[..], &["--status", "200"]].concat(), &body);
    assert_eq!((code, again.as_str()), (Some(0), json));
    // Without a given status, the output has none.
    let (code, again, _) = ec2wire(&decode, &body);
    let json = json.replace(",\n    \"HTTPStatusCode\": 200", "");
    assert_eq!((code, again), (Some(0), json));

    // An action whose response has only a result.
    let args = ["encode", "response", "DeleteVpc", "--request-id", "id-2"];
    let (code, body, _) = ec2wire(&args, "{}");
    assert_eq!(code, Some(0));
    assert!(
        body.ends_with("<requestId>id-2</requestId></DeleteVpcResponse>"),
        "{body}"
    );
}

#[test]
fn an_error_is_decoded_to_the_sdks_form() {
    let body = "<Response><Errors><Error><Code>DependencyViolation</Code><Message>no</Message>\
        </Error></Errors><RequestID>id-1</RequestID></Response>";
    let args = ["decode", "response", "DeleteVpc", "--status", "400"];
    let (code, json, _) = ec2wire(&args, body);
    assert_eq!(code, Some(0));
    assert_eq!(
        json.split_whitespace().collect::<String>(),
        r#"{"Error":{"Code":"DependencyViolation","Message":"no"},"ResponseMetadata":{"RequestId":"id-1","HTTPStatusCode":400}}"#
    );
    // The status is unknown, but the body is not a success.
    let (code, json, _) = ec2wire(&["decode", "response", "DeleteVpc"], body);
    assert_eq!(code, Some(0));
    assert_eq!(
        json.split_whitespace().collect::<String>(),
        r#"{"Error":{"Code":"DependencyViolation","Message":"no"},"ResponseMetadata":{"RequestId":"id-1"}}"#
    );
    let args = ["decode", "response", "DeleteVpc", "--status", "502"];
    let (_, json, _) = ec2wire(&args, "bad gateway");
    assert!(json.contains(r#""Excerpt": "bad gateway""#), "{json}");
}

/// What boto3 1.44 sends and returns for the same values.
#[test]
fn members_are_encoded_and_decoded_as_in_boto3() {
    let input = r##"{"UserData": "#!/bin/sh\necho Größe", "MinCount": 1, "MaxCount": 1}"##;
    let (_, sent, _) = ec2wire(&["encode", "RunInstances"], input);
    assert!(
        sent.contains("&UserData=IyEvYmluL3NoCmVjaG8gR3LDtsOfZQ%3D%3D&"),
        "{sent}"
    );
    let (_, json, err) = ec2wire(&["decode", "RunInstances"], &sent);
    assert!(json.contains(r##""#!/bin/sh\necho Größe""##), "{json}");
    assert_eq!(err, "");
    // Not text, not base64: no JSON would be sent as these bytes.
    for kept in ["%2Fw%3D%3D", "%23%21%2Fbin"] {
        let body = format!("Action=RunInstances&MinCount=1&MaxCount=1&UserData={kept}");
        let (code, json, err) = ec2wire(&["decode", "RunInstances"], &body);
        assert_eq!(code, Some(0));
        assert_eq!(
            err,
            "ec2wire: note: UserData is not base64 of text, and stays as it was sent; encode it with --as-sent\n"
        );
        let (_, again, _) = ec2wire(&["encode", "RunInstances", "--as-sent"], &json);
        assert!(again.ends_with(&format!("&UserData={kept}")), "{again}");
        let (_, _, err) = ec2wire(&["decode", "RunInstances", "--as-sent"], &body);
        assert_eq!(err, "");
    }
    // Bytes that are not UTF-8 are replaced, and what is not base64 stays.
    for (output, shown) in [
        ("Qm9v\ndA==\n", "Boot"),
        ("/0Jvb3Q=", "\u{FFFD}Boot"),
        ("Boots", "Boots"),
    ] {
        let body = format!(
            "<GetConsoleOutputResponse><output>{output}</output></GetConsoleOutputResponse>"
        );
        let args = ["decode", "response", "GetConsoleOutput"];
        let (_, json, _) = ec2wire(&args, &body);
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(read.get("Output").unwrap(), shown);
    }
    let args = ["encode", "response", "GetConsoleOutput"];
    let (_, body, _) = ec2wire(&args, r#"{"Output": "Boot"}"#);
    assert!(body.contains("<output>Qm9vdA==</output>"), "{body}");
    // Only the documented name of a member that has two.
    let filters = r#"{"Filters": [{"Name": "a", "Values": ["b"]}]}"#;
    let (code, body, _) = ec2wire(&["encode", "DescribeHosts"], filters);
    assert_eq!(code, Some(0));
    assert!(
        body.ends_with("&Filter.1.Name=a&Filter.1.Value.1=b"),
        "{body}"
    );
    let both = r#"{"Filter": [], "Filters": []}"#;
    assert_eq!(ec2wire(&["encode", "DescribeHosts"], both).0, Some(1));
    // boto3 leaves these to the caller.
    let template =
        r#"{"LaunchTemplateName": "abc", "LaunchTemplateData": {"UserData": "Qm9vdA=="}}"#;
    let (_, body, _) = ec2wire(&["encode", "CreateLaunchTemplate"], template);
    assert!(
        body.contains("&LaunchTemplateData.UserData=Qm9vdA%3D%3D"),
        "{body}"
    );
}

#[test]
fn all_violations_are_reported_at_once() {
    let input = r#"{"IpamID": "ipam-1", "DryRun": "yes", "TagSpecifications": [
        {"ResourceType": "ipam-polcy", "Tags": [null, {"Key": 1}]}]}"#;
    let (code, out, err) = ec2wire(&["encode", "CreateIpamPolicy"], input);
    assert_eq!((code, out.as_str()), (Some(1), ""));
    insta::assert_snapshot!(err, @r#"
    ec2wire: note: TagSpecifications[0].ResourceType: unknown value "ipam-polcy"; did you mean `ipam-policy`?
    ec2wire: the input violates the model of CreateIpamPolicy:
      IpamID: unknown member; did you mean `IpamId`?
      DryRun: expected a boolean, got a string
      TagSpecifications[0].Tags[0]: a list entry is null
      TagSpecifications[0].Tags[1].Key: expected a string, got an integer
      IpamId: missing required member
    "#);
    // --unchecked encodes everything that the wire format allows.
    let args = ["encode", "DescribeVpcs", "--unchecked"];
    let (code, out, err) = ec2wire(&args, r#"{"MaxResults": 1}"#);
    assert_eq!(
        (code, out.as_str()),
        (
            Some(0),
            "Action=DescribeVpcs&Version=2016-11-15&MaxResults=1"
        )
    );
    assert_eq!(
        err,
        "ec2wire: note: MaxResults: expected at least 5, got 1\n"
    );
    let (code, out, err) = ec2wire(&args, r#"{"MaxResults": "one"}"#);
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(
        err.ends_with("ec2wire: expected an integer, got a string at MaxResults\n"),
        "{err}"
    );
}

#[test]
fn a_side_may_be_left_out_and_an_action_may_not() {
    for (args, input, code, message) in [
        (&["decode"] as &[_], "", 2, "<ACTION>"),
        (&["decode", "CreateVpc"], "", 1, "the body is empty"),
        (
            &["decode", "response"],
            "",
            2,
            "the action is missing, as in `response CreateVpc`",
        ),
        (
            &["decode", "CreateVpc", "response"],
            "",
            2,
            "expected `request` or `response`, got `CreateVpc`",
        ),
        (
            &["encode", "DescribeVpcs"],
            "\n",
            1,
            "the input is empty; for an input without members, pass `{}`",
        ),
    ] {
        let (found, out, err) = ec2wire(args, input);
        assert_eq!(found, Some(code), "{args:?} {err}");
        assert!(err.contains(message), "{args:?} {err}");
        assert_eq!(out, "", "{args:?}");
    }
}

#[test]
fn wrong_input_and_wrong_command_lines_differ_in_their_exit_codes() {
    for (args, input, code, message) in [
        (
            &["encode", "CreateVpcs"] as &[_],
            "{}",
            2,
            "EC2 has no action `CreateVpcs`; did you mean `CreateVpc`?",
        ),
        (
            &["encode", "LaunchRocket"],
            "{}",
            2,
            "`ec2wire actions` lists the actions",
        ),
        (
            &["encode", "answer", "CreateVpc"],
            "{}",
            2,
            "expected `request` or `response`, got `answer`",
        ),
        (
            &["describe", "CreateVpcs"],
            "",
            2,
            "did you mean `CreateVpc`?",
        ),
        (&["actions", "[a"], "", 2, "error parsing glob"),
        (&["actions", "Nothing*"], "", 4, ""),
        (&["encode", "CreateVpc"], "{", 1, "not JSON: EOF"),
        (
            &["encode", "CreateVpc"],
            r#"{"DryRun": true, "DryRun": false}"#,
            1,
            "repeated member `DryRun`",
        ),
        (
            &["encode", "CreateVpc"],
            "[]",
            1,
            "expected a structure, got a list",
        ),
        (
            &["encode", "CreateVpc"],
            "null",
            1,
            "expected a structure, got null",
        ),
        (
            &["decode", "request", "CreateVpc"],
            "Action=DeleteVpc",
            1,
            "the body is a request for \"DeleteVpc\"",
        ),
        (
            &["decode", "request", "CreateVpc"],
            "CidrBlok=1",
            1,
            "CidrBlok",
        ),
        (
            &["decode", "request", "CreateVpc"],
            "CidrBlock=%zz",
            1,
            "(byte 10)",
        ),
        (
            &["decode", "response", "CreateVpc"],
            "<CreateVpcResponse>",
            1,
            "the input ends inside an element",
        ),
        (
            &["decode", "response", "CreateVpc"],
            "<DeleteVpcResponse/>",
            1,
            "DeleteVpcResponse",
        ),
        (&["protocol-tests", "/nonexistent"], "", 2, "/nonexistent: "),
        (&["drift"], "", 2, "required"),
        (&["drift", "/nonexistent"], "", 2, "/nonexistent: "),
        (
            &["drift", "Cargo.toml"],
            "",
            2,
            "Cargo.toml: not a service model: ",
        ),
    ] {
        let (found, out, err) = ec2wire(args, input);
        assert_eq!(found, Some(code), "{args:?} {err}");
        assert!(err.contains(message), "{args:?} {err}");
        assert_eq!(out, "", "{args:?}");
    }
    let (code, json, _) = ec2wire(
        &["decode", "request", "CreateVpc", "--lenient"],
        "CidrBlok=1&&DryRun=True",
    );
    assert_eq!(
        (code, json.as_str()),
        (Some(0), "{\n  \"DryRun\": true\n}\n")
    );
}

#[test]
fn actions_are_listed_and_described() {
    let (code, list, _) = ec2wire(&["actions", "*IpamPolic*"], "");
    assert_eq!(code, Some(0));
    assert_eq!(list.lines().count(), 9, "{list}");
    assert_eq!(ec2wire(&["actions"], "").1.lines().count(), 830);
    let (code, text, _) = ec2wire(&["describe", "DescribeIpamPolicies"], "");
    assert_eq!(code, Some(0));
    {
        let _area = snapshots::area("model");
        insta::assert_snapshot!("describe", text);
    }
    // Each can be.
    for action in [
        "RunInstances",
        "DeleteVpc",
        "ModifyInstanceAttribute",
        "DescribeRegions",
    ] {
        let (code, text, err) = ec2wire(&["describe", action, "--values"], "");
        assert_eq!((code, err.as_str()), (Some(0), ""));
        assert!(text.starts_with(action));
    }
}

#[test]
fn protocol_tests_and_drift_set_their_exit_codes() {
    let older = data("protocol/older-input.json");
    let older = older.to_str().unwrap();
    let (code, text, _) = ec2wire(&["protocol-tests", older], "");
    assert_eq!(code, Some(0));
    assert!(
        text.ends_with("12 cases: 9 pass, 3 are exceptions, 0 fail\n"),
        "{text}"
    );
    let folder = tempfile::tempdir().unwrap();
    let changed = folder.path().join("changed.json");
    let file = std::fs::read_to_string(older).unwrap();
    std::fs::write(&changed, file.replace("Foo=val1", "Foo=val9")).unwrap();
    let (code, text, _) = ec2wire(&["protocol-tests", changed.to_str().unwrap()], "");
    assert_eq!(code, Some(1));
    assert!(
        text.contains("fail: missing pair Foo=val9; unexpected pair Foo=val1"),
        "{text}"
    );
    std::fs::write(&changed, "[]").unwrap();
    assert_eq!(
        ec2wire(&["protocol-tests", changed.to_str().unwrap()], "").0,
        Some(4)
    );

    let (before, after) = (data("drift/before.json"), data("drift/after.json"));
    let (before, after) = (before.to_str().unwrap(), after.to_str().unwrap());
    let (code, text, _) = ec2wire(&["drift", "--from", before, "--to", after], "");
    assert_eq!(code, Some(1));
    assert!(
        text.contains("+ action added: CreateIpamPolicy\n    affects the cases "),
        "{text}"
    );
    assert!(
        text.contains("    in requests of AllocateHosts\n"),
        "{text}"
    );
    assert!(
        text.contains("\n16 differences, 13 of them removed or changed; they affect "),
        "{text}"
    );
    let only = ["drift", after, "--from", before, "--action", "CreateV*"];
    let (code, text, _) = ec2wire(&only, "");
    assert_eq!((code, text.lines().count()), (Some(0), 5), "{text}");
    assert!(
        text.contains(
            "\n    affects the cases of laws any/CreateVpc/plain, any/CreateVpc/deleted\n"
        ),
        "{text}"
    );
    let (code, text, _) = ec2wire(&["drift", "--from", after, "--to", after], "");
    assert_eq!(code, Some(0));
    assert_eq!(
        text,
        "0 differences, 0 of them removed or changed; they affect 0 cases, and 0 generated from laws\n"
    );
    let json = ec2wire(&["drift", after, "--from", before, "--json"], "").1;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json.as_array().unwrap().len(), 16);
}

/// A removal affects exactly the cases that use what was removed, including those from laws.
#[test]
fn drift_names_the_affected_cases() {
    let model = |states: &[&str], action: &str| {
        serde_json::json!({
            "metadata": {"apiVersion": "2016-11-15", "protocol": "ec2"},
            "operations": {
                "CreateIpamPolicy": {"name": "CreateIpamPolicy",
                    "input": {"shape": "In"}, "output": {"shape": "Out"}},
                action: {"name": action, "input": {"shape": "Other"}},
            },
            "shapes": {
                "In": {"type": "structure", "members": {
                    "IpamId": {"shape": "Text"},
                    "ResourceType": {"shape": "Type"},
                }},
                "Other": {"type": "structure", "members": {"VpcId": {"shape": "Text"}}},
                "Out": {"type": "structure", "members": {
                    "State": {"shape": "Text", "locationName": "state"},
                }},
                "Type": {"type": "string", "enum": states},
                "Text": {"type": "string"},
            },
        })
    };
    let folder = tempfile::tempdir().unwrap();
    let [before, after] = ["before.json", "after.json"].map(|name| folder.path().join(name));
    let older = model(&["vpc", "nobody-says-this"], "DeleteVpc");
    std::fs::write(&before, older.to_string()).unwrap();
    let newer = model(&[], "DescribeVpcs")
        .to_string()
        .replace("\"enum\":[]", "\"enum\":[\"ipam-policy\"]");
    std::fs::write(&after, newer).unwrap();
    let (before, after) = (before.to_str().unwrap(), after.to_str().unwrap());
    let (code, json, err) = ec2wire(&["drift", "--from", before, "--to", after, "--json"], "");
    assert_eq!(code, Some(1), "{err}");
    let changes: serde_json::Value = serde_json::from_str(&json).unwrap();
    let of = |subject: &str, sort: &str, word: &str| {
        let is = |change: &&serde_json::Value| {
            let text = |key: &str| change[key].as_str().unwrap().to_owned();
            (text("subject"), text("sort")) == (subject.to_owned(), sort.to_owned())
                && [text("name"), text("detail")].contains(&word.to_owned())
        };
        let change = changes.as_array().unwrap().iter().find(is).unwrap();
        ["cases", "law_cases"].map(|key| {
            let cases = change[key].as_array().unwrap().iter();
            cases
                .map(|case| case.as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        })
    };
    // `for-each` expands to one case for each other type.
    let [own, by_law] = of("value", "removed", "vpc");
    assert!(
        own.iter().any(|id| id.ends_with("/vpc")) && own.len() < 10,
        "{own:?}"
    );
    assert!(by_law.is_empty(), "{by_law:?}");
    assert_eq!(of("value", "removed", "nobody-says-this"), [[""; 0], []]);
    // The cases from laws use the correct type for this action.
    let [own, by_law] = of("value", "added", "ipam-policy");
    assert!(own.len() > 100, "{}", own.len());
    assert!(by_law.contains(&"any/CreateIpamPolicy/tags/assigned".to_owned()));
    assert!(!by_law.contains(&"any/CreateIpamPolicy/dry-run/answer".to_owned()));
    let [own, by_law] = of("action", "removed", "DeleteVpc");
    assert!(own.is_empty(), "{own:?}");
    assert!(by_law.contains(&"any/DeleteVpc/plain".to_owned()));
    assert!(by_law.contains(&"any/DeleteVpc/without/VpcId".to_owned()));
    assert!(by_law.iter().all(|id| id.contains("Vpc")), "{by_law:?}");
}

#[test]
fn an_error_round_trips() {
    let error = r#"{"Error": {"Code": "InvalidVpcID.NotFound", "Message": "a < b"}}"#;
    let (code, body, err) = ec2wire(&["encode", "response", "DescribeVpcs"], error);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(
        body.contains("<Errors><Error><Code>InvalidVpcID.NotFound</Code>"),
        "{body}"
    );
    let decode = ["decode", "response", "DescribeVpcs", "--status", "400"];
    let (code, json, _) = ec2wire(&decode, &body);
    assert_eq!(code, Some(0));
    let (_, again, _) = ec2wire(&["encode", "response", "DescribeVpcs"], &json);
    assert_eq!(again, body);
    let (code, _, err) = ec2wire(&["encode", "response", "DescribeVpcs"], r#"{"Error": {}}"#);
    assert_eq!(code, Some(1));
    assert!(err.contains("an error needs a `Code`"), "{err}");
}

/// The rules for tags and tokens are not part of the model, and a violation is not a codec error.
#[test]
fn tags_that_are_refused_are_noted() {
    let input = r#"{"TagSpecifications": [{"ResourceType": "vpc", "Tags": [{"Key": "aws:a"}]}]}"#;
    let note =
        "ec2wire: note: must: a tag key may not begin with `aws:` (TagSpecification.1.Tag.1.Key)\n";
    let (code, body, err) = ec2wire(&["encode", "CreateVpc"], input);
    assert_eq!((code, err.as_str()), (Some(0), note));
    let (code, _, err) = ec2wire(&["decode", "request", "CreateVpc"], &body);
    assert_eq!((code, err.as_str()), (Some(0), note));
}

#[test]
fn violations_in_a_request_are_noted() {
    let (code, _, err) = ec2wire(&["decode", "request", "DescribeVpcs"], "");
    assert_eq!(code, Some(1));
    assert!(err.contains("the body is empty"), "{err}");
    let body = "Action=DescribeVpcs&Version=2016-11-15&MaxResults=4";
    let (code, _, err) = ec2wire(&["decode", "request", "DescribeVpcs"], body);
    assert_eq!(code, Some(0));
    assert!(
        err.contains("note: MaxResults: expected at least 5, got 4"),
        "{err}"
    );
}

#[test]
fn a_time_may_have_any_form_that_boto3_accepts() {
    for time in [
        "2020-01-01",
        "2020-01-01T00:00:00",
        "2020-01-01T00:00:00Z",
        "2020-01-01T01:00:00+01:00",
    ] {
        let input =
            format!(r#"{{"EndDate": "{time}", "InstanceCount": 1, "InstanceType": "t3.nano"}}"#);
        let (code, body, err) = ec2wire(
            &["encode", "CreateCapacityReservation", "--unchecked"],
            &input,
        );
        assert_eq!(
            (code, err.contains("timestamp")),
            (Some(0), false),
            "{time}: {err}"
        );
        assert!(
            body.contains("EndDate=2020-01-01T00%3A00%3A00Z"),
            "{time}: {body}"
        );
    }
}
