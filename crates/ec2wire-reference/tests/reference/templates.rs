//! Key pairs, and launch templates with their versions.

use crate::calls::{call, done, each, refuses, text};
use crate::compute::{image, with, world};
use ec2wire_reference::World;
use serde_json::{Value as Json, json};

#[test]
fn keys_are_made_imported_and_deleted() {
    let world = world();
    let rsa = done(&world, "CreateKeyPair", &json!({"KeyName": "rsa"}));
    let material = text(&rsa, "/KeyMaterial");
    assert!(material.starts_with("-----BEGIN RSA PRIVATE KEY-----\n"));
    assert!(material.ends_with("\n-----END RSA PRIVATE KEY-----"));
    assert_eq!(text(&rsa, "/KeyFingerprint").len(), 59);
    let other = done(&world, "CreateKeyPair", &json!({"KeyName": "other"}));
    assert_ne!(rsa["KeyFingerprint"], other["KeyFingerprint"]);
    let edwards = done(
        &world,
        "CreateKeyPair",
        &json!({"KeyName": "ed", "KeyType": "ed25519"}),
    );
    assert!(text(&edwards, "/KeyMaterial").starts_with("-----BEGIN OPENSSH PRIVATE KEY-----\n"));
    let ppk = done(
        &world,
        "CreateKeyPair",
        &json!({"KeyName": "ppk", "KeyFormat": "ppk"}),
    );
    assert!(text(&ppk, "/KeyMaterial").starts_with("PuTTY-User-Key-File-2: ssh-rsa\n"));

    let pairs = done(
        &world,
        "DescribeKeyPairs",
        &json!({"KeyNames": ["ed"], "IncludePublicKey": true}),
    );
    let public = text(&pairs, "/KeyPairs/0/PublicKey");
    assert_eq!(
        done(&world, "DescribeKeyPairs", &json!({"KeyNames": ["ed"]}))["KeyPairs"][0]
            .get("PublicKey"),
        None
    );
    let import = json!({"KeyName": "again", "PublicKeyMaterial": base64(&public)});
    let again = done(&world, "ImportKeyPair", &import);
    assert_eq!(again["KeyFingerprint"], edwards["KeyFingerprint"]);
    for (code, action, members) in [
        (
            "InvalidKeyPair.Duplicate",
            "CreateKeyPair",
            json!({"KeyName": "rsa"}),
        ),
        ("InvalidKeyPair.Duplicate", "ImportKeyPair", import),
        (
            "InvalidKey.Format",
            "ImportKeyPair",
            json!({"KeyName": "new", "PublicKeyMaterial": "c3NoLXJzYQ=="}),
        ),
        (
            "InvalidParameterValue",
            "CreateKeyPair",
            json!({"KeyName": ""}),
        ),
        (
            "InvalidKeyPair.NotFound",
            "DescribeKeyPairs",
            json!({"KeyNames": ["none"]}),
        ),
        (
            "InvalidKeyPair.NotFound",
            "DeleteKeyPair",
            json!({"KeyPairId": "key-0123456789abcdef0"}),
        ),
        ("MissingParameter", "DeleteKeyPair", json!({})),
        (
            "DryRunOperation",
            "DeleteKeyPair",
            json!({"KeyName": "rsa", "DryRun": true}),
        ),
    ] {
        refuses(&world, code, action, &members);
    }
    done(&world, "DeleteKeyPair", &json!({"KeyName": "none"}));
    done(&world, "DeleteKeyPair", &json!({"KeyName": "rsa"}));
    done(
        &world,
        "DeleteKeyPair",
        &json!({"KeyPairId": other["KeyPairId"]}),
    );
    let left = done(&world, "DescribeKeyPairs", &json!({}));
    assert_eq!(each(&left, "KeyPairs", "KeyName"), ["ed", "ppk", "again"]);
}

/// As JSON has blobs.
fn base64(text: &str) -> String {
    let value = ec2wire_model::Value::Blob(text.as_bytes().to_vec());
    serde_json::to_value(&value)
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned()
}

fn template(world: &World) -> String {
    let tags = json!([{"ResourceType": "instance", "Tags": [{"Key": "of", "Value": "template"}]}]);
    let data = json!({"ImageId": image(world, "x86_64"), "InstanceType": "t3.micro", "TagSpecifications": tags});
    let request = json!({"LaunchTemplateName": "web", "LaunchTemplateData": data});
    text(
        &done(world, "CreateLaunchTemplate", &request),
        "/LaunchTemplate/LaunchTemplateId",
    )
}

fn numbers(world: &World, more: &Json) -> Vec<Json> {
    let request = with(json!({"LaunchTemplateName": "web"}), more);
    let answer = done(world, "DescribeLaunchTemplateVersions", &request);
    let versions = answer["LaunchTemplateVersions"].as_array().unwrap().clone();
    versions
        .iter()
        .map(|version| version["VersionNumber"].clone())
        .collect()
}

#[test]
fn versions_are_made_listed_and_deleted() {
    let world = world();
    let id = template(&world);
    let next = json!({"LaunchTemplateId": id, "SourceVersion": "1", "LaunchTemplateData": {"InstanceType": "t3.large"}});
    let second = done(&world, "CreateLaunchTemplateVersion", &next);
    let data = &second["LaunchTemplateVersion"]["LaunchTemplateData"];
    assert_eq!(
        (&data["InstanceType"], data.get("ImageId").is_some()),
        (&json!("t3.large"), true)
    );
    let bare = json!({"LaunchTemplateName": "web", "LaunchTemplateData": {"InstanceType": "t3.small"}, "ClientToken": "once"});
    for _ in 0..2 {
        let third = done(&world, "CreateLaunchTemplateVersion", &bare);
        assert_eq!(third["LaunchTemplateVersion"]["VersionNumber"], json!(3));
    }
    for (more, expected) in [
        (json!({}), json!([3, 2, 1])),
        (json!({"Versions": ["$Latest"]}), json!([3])),
        (json!({"Versions": ["$Default", "2"]}), json!([2, 1])),
        (json!({"MinVersion": "2"}), json!([3, 2])),
        (json!({"MaxVersion": "2"}), json!([2, 1])),
        (
            json!({"Filters": [{"Name": "is-default-version", "Values": ["true"]}]}),
            json!([1]),
        ),
        (
            json!({"Filters": [{"Name": "instance-type", "Values": ["t3.large"]}]}),
            json!([2]),
        ),
        (json!({"MaxResults": 2}), json!([3, 2])),
    ] {
        assert_eq!(Json::from(numbers(&world, &more)), expected, "{more}");
    }
    done(
        &world,
        "ModifyLaunchTemplate",
        &json!({"LaunchTemplateId": id, "DefaultVersion": "2"}),
    );
    let delete = json!({"LaunchTemplateId": id, "Versions": ["2", "3", "9"]});
    let answer = done(&world, "DeleteLaunchTemplateVersions", &delete);
    assert_eq!(
        answer["SuccessfullyDeletedLaunchTemplateVersions"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let failed = answer["UnsuccessfullyDeletedLaunchTemplateVersions"]
        .as_array()
        .unwrap();
    let codes: Vec<_> = failed
        .iter()
        .map(|failed| failed["ResponseError"]["Code"].clone())
        .collect();
    assert_eq!(
        codes,
        [
            json!("unexpectedError"),
            json!("launchTemplateVersionDoesNotExist")
        ]
    );
    // A number is not given twice.
    let bare =
        json!({"LaunchTemplateName": "web", "LaunchTemplateData": {"InstanceType": "t3.small"}});
    let fourth = done(&world, "CreateLaunchTemplateVersion", &bare);
    assert_eq!(fourth["LaunchTemplateVersion"]["VersionNumber"], json!(4));
}

#[test]
fn templates_that_cannot_be_are_refused() {
    let world = world();
    let id = template(&world);
    let bare =
        json!({"LaunchTemplateName": "web", "LaunchTemplateData": {"InstanceType": "t3.small"}});
    for (code, action, members) in [
        (
            "InvalidLaunchTemplateName.AlreadyExistsException",
            "CreateLaunchTemplate",
            bare.clone(),
        ),
        (
            "InvalidLaunchTemplateName.MalformedException",
            "CreateLaunchTemplate",
            with(bare.clone(), &json!({"LaunchTemplateName": "a b"})),
        ),
        (
            "InvalidLaunchTemplateName.NotFoundException",
            "DescribeLaunchTemplates",
            json!({"LaunchTemplateNames": ["none"]}),
        ),
        (
            "InvalidLaunchTemplateName.NotFoundException",
            "DeleteLaunchTemplate",
            json!({"LaunchTemplateName": "none"}),
        ),
        (
            "InvalidLaunchTemplateId.NotFound",
            "DeleteLaunchTemplate",
            json!({"LaunchTemplateId": "lt-0123456789abcdef0"}),
        ),
        (
            "InvalidLaunchTemplateId.VersionNotFound",
            "ModifyLaunchTemplate",
            json!({"LaunchTemplateId": id, "DefaultVersion": "9"}),
        ),
        (
            "MissingParameter",
            "DescribeLaunchTemplateVersions",
            json!({}),
        ),
        (
            "InvalidParameterCombination",
            "DeleteLaunchTemplate",
            json!({"LaunchTemplateId": id, "LaunchTemplateName": "web"}),
        ),
    ] {
        refuses(&world, code, action, &members);
    }
    done(
        &world,
        "DeleteLaunchTemplate",
        &json!({"LaunchTemplateName": "web"}),
    );
    assert_eq!(
        done(&world, "DescribeLaunchTemplates", &json!({}))["LaunchTemplates"],
        json!([])
    );
}

#[test]
fn a_launch_takes_what_its_request_does_not_say_from_a_template() {
    let world = world();
    let id = template(&world);
    let bare = json!({"LaunchTemplateId": id, "LaunchTemplateData": {"KeyName": "none"}});
    done(&world, "CreateLaunchTemplateVersion", &bare);
    let launch = |template: Json, more: Json| {
        let request = json!({"MinCount": 1, "MaxCount": 1, "LaunchTemplate": template});
        call(&world, "RunInstances", &with(request, &more))
    };
    let answer = launch(json!({"LaunchTemplateName": "web"}), json!({})).unwrap();
    assert_eq!(answer["Instances"][0]["InstanceType"], "t3.micro");
    let tags = each(&answer["Instances"][0], "Tags", "Key");
    assert_eq!(
        tags,
        [
            "of",
            "aws:ec2launchtemplate:id",
            "aws:ec2launchtemplate:version"
        ]
    );
    let own = json!({"InstanceType": "t3.nano"});
    let answer = launch(json!({"LaunchTemplateId": id, "Version": "1"}), own).unwrap();
    assert_eq!(answer["Instances"][0]["InstanceType"], "t3.nano");
    for (code, template) in [
        (
            "MissingParameter",
            json!({"LaunchTemplateId": id, "Version": "$Latest"}),
        ),
        (
            "InvalidLaunchTemplateId.VersionNotFound",
            json!({"LaunchTemplateId": id, "Version": "7"}),
        ),
        ("MissingParameter", json!({"Version": "1"})),
    ] {
        assert_eq!(
            launch(template.clone(), json!({})),
            Err(code.to_owned()),
            "{template}"
        );
    }
    let instance = text(&answer, "/Instances/0/InstanceId");
    let data = done(
        &world,
        "GetLaunchTemplateData",
        &json!({"InstanceId": instance}),
    );
    assert_eq!(data["LaunchTemplateData"]["InstanceType"], "t3.nano");
}
