//! The differences between two models.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use ec2wire_model::Model;
use ec2wire_model::drift::{self, Change, Sort, Subject};
use ec2wire_test_support::snapshots;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;

fn data(path: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/data/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn read(model: &Value) -> &'static Model {
    Model::read(model.to_string().as_bytes()).unwrap()
}

fn lines(changes: &[Change]) -> Vec<String> {
    changes.iter().map(ToString::to_string).collect()
}

/// An action with one member, an enum with these values.
fn with_values(values: &[&str]) -> &'static Model {
    read(&json!({
        "metadata": {"apiVersion": "2016-11-15", "protocol": "ec2"},
        "operations": {"CreateIpamPolicy": {"name": "CreateIpamPolicy", "input": {"shape": "In"}}},
        "shapes": {
            "In": {"type": "structure", "members": {"ResourceType": {"shape": "ResourceType"}}},
            "ResourceType": {"type": "string", "enum": values},
        },
    }))
}

/// The seed's resource types against today's: seven were added, none removed.
#[test]
fn resource_types_were_added_since_the_seed() {
    let seed = String::from_utf8(data("seed-resource-types.txt")).unwrap();
    let seed: Vec<&str> = seed.lines().filter(|line| !line.starts_with('#')).collect();
    let today = Model::ec2().shape("ResourceType").unwrap().enum_values();
    assert_eq!((seed.len(), today.len()), (107, 114));
    let changes = drift::between(with_values(&seed), with_values(today));
    assert!(changes.iter().all(|change| {
        change.sort == Sort::Added
            && change.subject == Subject::Value
            && change.name == "ResourceType"
            && change.members.contains("ResourceType")
            && !change.is_breaking()
    }));
    let added: BTreeSet<&str> = changes
        .iter()
        .map(|change| change.detail.as_str())
        .collect();
    let expected = [
        "application-status-check",
        "capacity-reservation-cancellation-quote",
        "capacity-reservation-modification-quote",
        "fca-policy",
        "ipam-internet-registry-association",
        "ipam-pool-allocation",
        "metric-category",
    ];
    assert_eq!(added, BTreeSet::from(expected));
    // In the other direction, they were removed.
    let gone = drift::between(with_values(today), with_values(&seed));
    assert!(gone.len() == 7 && gone.iter().all(Change::is_breaking));
}

/// Excerpts of two AWS models. The expected differences were read from both files by hand.
#[test]
fn two_models_of_ec2_differ_as_their_files_do() {
    let before = Model::read(&data("drift/before.json")).unwrap();
    let after = Model::read(&data("drift/after.json")).unwrap();
    let changes = drift::between(before, after);
    let expected = [
        // `required` was ["AvailabilityZone"], and the list is gone.
        "~ required changed: AllocateHostsRequest.AvailabilityZone: was yes, now no",
        // The member's shape was NetworkInsightsMaxResults, 1 to 100.
        "~ limit changed: NetworkInsightsMaxResults > GetNetworkInsightsAccessScopeAnalysisFindingsMaxResults: \
         maximum: was 100, now 1000",
        // These were of the shape String.
        "~ limit changed: String > CopyImageClientToken: maximum: was none, now 128",
        "~ limit changed: String > ImageNameRequest: minimum: was none, now 3",
        "~ limit changed: String > ImageNameRequest: maximum: was none, now 128",
        // This was of the shape LaunchTemplateName: 3 to 128 characters of [a-zA-Z0-9\(\)\.\-/_]+.
        "~ limit changed: LaunchTemplateName > String: minimum: was 3, now none",
        "~ limit changed: LaunchTemplateName > String: maximum: was 128, now none",
        "~ pattern changed: LaunchTemplateName > String: was [a-zA-Z0-9\\(\\)\\.\\-/_]+, now none",
        "~ token changed: CopyImageRequest.ClientToken: was no, now yes",
        "~ token changed: CreateLaunchTemplateRequest.ClientToken: was no, now yes",
        "~ secrecy changed: String > ReportInstanceStatusRequestDescription: secret: was no, now yes",
        "~ secrecy changed: String > SensitiveString: secret: was no, now yes",
        "~ deprecation changed: ReportInstanceStatusRequest.Description: deprecated: was no, now yes",
        "+ action added: CreateIpamPolicy",
        "+ member added: AllocateHostsRequest.AvailabilityZoneId: string",
        "+ value added: VpcState: deleting",
    ];
    // DeleteKeyPair's KeyName has another shape now, and CreateDhcpOptions names its element. Neither is
    // visible on the wire.
    let found: BTreeSet<String> = lines(&changes).into_iter().collect();
    assert_eq!(found, expected.map(str::to_owned).into());

    let find = |name: &str| changes.iter().find(|change| change.name == name).unwrap();
    let state = find("VpcState");
    assert!(state.in_answers && !state.in_requests);
    assert_eq!(state.actions, BTreeSet::from(["CreateVpc"]));
    assert!(state.members.contains("State") && state.members.contains("state"));
    let token = find("String > CopyImageClientToken");
    assert!(token.in_requests && !token.in_answers);

    // In the other direction, the same changes are found: what was added is now removed.
    let back = drift::between(after, before);
    assert_eq!(back.len(), changes.len());
    let removed = back.iter().filter(|change| change.sort == Sort::Removed);
    assert_eq!(
        lines(&removed.cloned().collect::<Vec<_>>()),
        [
            "- action removed: CreateIpamPolicy",
            "- member removed: AllocateHostsRequest.AvailabilityZoneId: string",
            "- value removed: VpcState: deleting",
        ]
    );
}

#[test]
fn a_model_does_not_differ_from_itself() {
    assert_eq!(drift::between(Model::ec2(), Model::ec2()), []);
}

/// Each kind of change, one at a time.
#[test]
fn every_kind_of_change_is_found() {
    let base = json!({
        "metadata": {"apiVersion": "1", "protocol": "ec2"},
        "operations": {
            "Act": {"name": "Act", "input": {"shape": "In"}, "output": {"shape": "Out"}},
            "Other": {"name": "Other"},
        },
        "shapes": {
            "In": {"type": "structure", "required": ["A"], "members": {
                "A": {"shape": "Text"},
                "B": {"shape": "Number", "locationName": "b"},
                "L": {"shape": "List"},
            }},
            "Out": {"type": "structure", "members": {
                "L": {"shape": "List", "locationName": "lSet"},
                "T": {"shape": "Time", "locationName": "t"},
            }},
            "List": {"type": "list", "member": {"shape": "Enum", "locationName": "item"}},
            "Text": {"type": "string"},
            "Enum": {"type": "string", "enum": ["x", "y"]},
            "Number": {"type": "integer", "min": 1, "max": 5},
            "Time": {"type": "timestamp"},
        },
    });
    let mut report = String::new();
    for (pointer, value) in [
        ("/operations/Third", json!({"name": "Third"})),
        ("/operations/Other", Value::Null),
        ("/operations/Other/deprecated", json!(true)),
        ("/operations/Other/output", json!({"shape": "Out"})),
        ("/operations/Act/output", Value::Null),
        ("/shapes/In/required", json!(["A", "B"])),
        ("/shapes/In/members/A/idempotencyToken", json!(true)),
        ("/shapes/In/members/A/deprecated", json!(true)),
        ("/shapes/In/members/B/locationName", json!("c")),
        ("/shapes/In/members/B/locationName", json!("B")),
        ("/shapes/In/members/B/queryName", json!("Q")),
        ("/shapes/In/members/L", Value::Null),
        ("/shapes/In/members/New", json!({"shape": "Text"})),
        ("/shapes/In/members/A/shape", json!("Number")),
        ("/shapes/In/members/A/shape", json!("Enum")),
        ("/shapes/Out/members/L/locationName", json!("lList")),
        ("/shapes/Out/members/L/flattened", json!(true)),
        ("/shapes/List/member/locationName", json!("entry")),
        ("/shapes/List/max", json!(3)),
        ("/shapes/Enum/enum", json!(["y", "z"])),
        ("/shapes/Enum/sensitive", json!(true)),
        ("/shapes/Text/pattern", json!("a+")),
        ("/shapes/Number/type", json!("long")),
        ("/shapes/Number/min", json!(0)),
        ("/shapes/Time/timestampFormat", json!("unixTimestamp")),
        ("/shapes/Out/members/T/timestampFormat", json!("rfc822")),
    ] {
        let mut other = base.clone();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let parent = other.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        if value.is_null() {
            parent.remove(key);
        } else {
            parent.insert(key.to_owned(), value.clone());
        }
        let changes = drift::between(read(&base), read(&other));
        writeln!(report, "{pointer} = {value}").unwrap();
        for change in &changes {
            let side = match (change.in_requests, change.in_answers) {
                (true, true) => "both",
                (true, false) => "requests",
                _ => "answers",
            };
            let breaking = if change.is_breaking() {
                ", breaking"
            } else {
                ""
            };
            writeln!(report, "  {change} ({side}{breaking})").unwrap();
        }
    }
    // Both names of a new required member.
    let mut other = base.clone();
    *other.pointer_mut("/shapes/In/required").unwrap() = json!(["A", "New"]);
    let members = other
        .pointer_mut("/shapes/In/members")
        .unwrap()
        .as_object_mut()
        .unwrap();
    members.insert("New".to_owned(), json!({"shape": "Text"}));
    let changes = drift::between(read(&base), read(&other));
    assert_eq!(
        lines(&changes),
        ["+ required added: In.New: string, required"]
    );
    assert!(changes.iter().all(Change::is_breaking));
    let _area = snapshots::area("model");
    insta::assert_snapshot!("drift", report);
}

/// Every request contains the version, so a new version changes every request.
#[test]
fn a_new_version_is_a_change_but_a_minimum_length_of_zero_is_not() {
    let model = |version: &str, text: Value| {
        read(&json!({
            "metadata": {"apiVersion": version, "protocol": "ec2"},
            "operations": {"DescribeVpcs": {"name": "DescribeVpcs", "input": {"shape": "In"}}},
            "shapes": {
                "In": {"type": "structure", "members": {"Token": {"shape": "Text"}}},
                "Text": text,
            },
        }))
    };
    let plain = json!({"type": "string"});
    let changes = drift::between(
        model("2016-11-15", plain.clone()),
        model("2016-09-15", json!({"type": "string", "min": 0})),
    );
    assert_eq!(
        lines(&changes),
        ["~ version changed: the API: was 2016-11-15, now 2016-09-15"]
    );
    let change = changes.first().unwrap();
    assert!(change.is_breaking() && change.in_requests && change.in_answers);
    assert!(change.actions.contains("DescribeVpcs"));
    let number = |min: i32| model("2016-11-15", json!({"type": "integer", "min": min}));
    assert_eq!(drift::between(number(1), number(0)).len(), 1);
}
