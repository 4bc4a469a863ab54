//! The table of resources, as a user sees it.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use crate::service_model::ec2wire;
use ec2wire_test_support::snapshots;
use serde_json::{Value, json};
use std::process::Command;

#[test]
fn resources_are_listed_and_described() {
    let (code, list, err) = ec2wire(&["describe", "--resources"], "");
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(list.contains("\nvpc: vpc-, "), "{list}");
    let total = "\n139 resources reach 745 of 830 actions; ";
    assert!(list.contains(total), "{list}");
    for args in [&["describe", "--resources"][..], &["describe", "instance"]] {
        let narrow = Command::new(env!("CARGO_BIN_EXE_ec2wire"))
            .args(args)
            .env("COLUMNS", "80")
            .output()
            .unwrap();
        let text = String::from_utf8(narrow.stdout).unwrap();
        let longest = text.lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(80), "{text}");
    }
    let (code, text, err) = ec2wire(&["describe", "internet-gateway"], "");
    assert_eq!((code, err.as_str()), (Some(0), ""));
    {
        let _area = snapshots::area("model");
        insta::assert_snapshot!("describe_resource", text);
    }
    let (code, _, err) = ec2wire(&["describe", "vpc-endpont"], "");
    assert_eq!(code, Some(2));
    let meant = "EC2 has no action or resource `vpc-endpont`; did you mean `vpc-endpoint`?";
    assert!(err.contains(meant), "{err}");
    let (code, _, err) = ec2wire(&["describe"], "");
    assert!(code == Some(2) && err.contains("required"), "{err}");
    // By its type and in any case, too; and as data, with a source for each fact.
    let (code, json, _) = ec2wire(&["describe", "NATGATEWAY", "--json"], "");
    assert_eq!(code, Some(0));
    let row: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(row.pointer("/name").unwrap(), "nat-gateway");
    assert_eq!(row.pointer("/make/0/source").unwrap(), "names");
    assert_eq!(row.pointer("/codes/unknown/0/source").unwrap(), "waiters");
    let (_, json, _) = ec2wire(&["describe", "--resources", "--json"], "");
    let rows: Vec<Value> = serde_json::from_str(&json).unwrap();
    assert_eq!(rows.len(), 139);
    for row in rows {
        let name = row.pointer("/name").and_then(Value::as_str).unwrap();
        let (code, text, err) = ec2wire(&["describe", name], "");
        assert_eq!((code, err.as_str()), (Some(0), ""));
        assert!(!text.is_empty());
    }
}

/// A newer model without an action, a member, a state and a filter that the table names, and with a
/// filter more.
#[test]
fn drift_says_what_the_table_of_resources_loses() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("newer.json");
    let model = json!({
        "metadata": {"apiVersion": "2016-11-15", "protocol": "ec2"},
        "operations": {
            "CreateVpc": {"name": "CreateVpc", "input": {"shape": "In"}, "output": {"shape": "Out"}},
            "DescribeVpcs": {"name": "DescribeVpcs", "input": {"shape": "List"}, "output": {"shape": "Vpcs"}},
        },
        "shapes": {
            "In": {"type": "structure", "members": {"CidrBlock": {"shape": "Text"}}},
            "Out": {"type": "structure", "members": {"Vpc": {"shape": "Vpc"}}},
            "List": {"type": "structure", "members": {"VpcIds": {"shape": "Texts"}, "Filters": {
                "shape": "Texts",
                "documentation": "<ul> <li> <p> <code>cidr</code> - A. </p> </li> <li> <p> <code>new</code> - B. </p> </li> </ul>",
            }}},
            "Vpcs": {"type": "structure", "members": {"Vpcs": {"shape": "VpcList"}}},
            "VpcList": {"type": "list", "member": {"shape": "Vpc", "locationName": "item"}},
            "Vpc": {"type": "structure", "members": {"VpcId": {"shape": "Text"}, "State": {"shape": "State"}}},
            "State": {"type": "string", "enum": ["pending"]},
            "Texts": {"type": "list", "member": {"shape": "Text", "locationName": "item"}},
            "Text": {"type": "string"},
        },
    });
    std::fs::write(&path, model.to_string()).unwrap();
    let (code, text, _) = ec2wire(&["drift", path.to_str().unwrap()], "");
    assert_eq!(code, Some(1));
    for line in [
        "- resource removed: vpc: action DeleteVpc\n",
        "- resource removed: vpc: value vpc of ResourceType\n",
        "- resource removed: vpc: InstanceTenancy in the request of CreateVpc\n",
        "- resource removed: vpc: IsDefault in an entry of DescribeVpcs\n",
        "- resource removed: vpc: state available of State\n",
        "- resource removed: vpc: filter is-default of DescribeVpcs\n    in requests of DescribeVpcs\n",
        "+ resource added: vpc: filter new of DescribeVpcs\n",
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
    assert!(
        !text.contains("resource removed: vpc: filter cidr "),
        "{text}"
    );
    // The table says nothing about two other models.
    let path = path.to_str().unwrap();
    let (code, text, _) = ec2wire(&["drift", "--from", path, "--to", path], "");
    assert_eq!((code, text.contains("resource")), (Some(0), false));
}
