//! Settings of an account in a Region.

use crate::calls::{done, refuses};
use ec2wire_reference::{Config, World};
use serde_json::{Value as Json, json};

/// How a setting is read, what it is at first, how it is changed, what is then read, and how it
/// becomes what it was, if an action does that.
type Setting = (&'static str, Json, Change, Json, &'static str);
/// An action and its members.
type Change = (&'static str, Json);

fn settings() -> [Setting; 3] {
    [
        (
            "GetAllowedImagesSettings",
            json!({"State": "disabled", "ImageCriteria": [], "ManagedBy": "account"}),
            (
                "EnableAllowedImagesSettings",
                json!({"AllowedImagesSettingsState": "audit-mode"}),
            ),
            json!({"State": "audit-mode", "ImageCriteria": [], "ManagedBy": "account"}),
            "DisableAllowedImagesSettings",
        ),
        (
            "GetInstanceMetadataDefaults",
            json!({"AccountLevel": {"ManagedBy": "account"}}),
            (
                "ModifyInstanceMetadataDefaults",
                json!({"HttpTokens": "required", "HttpPutResponseHopLimit": 2}),
            ),
            json!({"AccountLevel": {
                "HttpTokens": "required", "HttpPutResponseHopLimit": 2, "ManagedBy": "account",
            }}),
            "",
        ),
        (
            "DescribeVpcBlockPublicAccessOptions",
            json!({"VpcBlockPublicAccessOptions": {
                "AwsAccountId": "123456789012", "AwsRegion": "us-east-1", "State": "default-state",
                "InternetGatewayBlockMode": "off", "ManagedBy": "account",
                "ExclusionsAllowed": "allowed",
            }}),
            (
                "ModifyVpcBlockPublicAccessOptions",
                json!({"InternetGatewayBlockMode": "block-ingress"}),
            ),
            json!({"VpcBlockPublicAccessOptions": {
                "AwsAccountId": "123456789012", "AwsRegion": "us-east-1", "State": "update-complete",
                "InternetGatewayBlockMode": "block-ingress", "ManagedBy": "account",
                "ExclusionsAllowed": "allowed",
            }}),
            "",
        ),
    ]
}

/// What an action reads, without when it changed.
fn read(world: &World, action: &str) -> Json {
    let mut answer = done(world, action, &json!({}));
    if let Some(options) = answer["VpcBlockPublicAccessOptions"].as_object_mut() {
        options.remove("LastUpdateTimestamp");
    } else if let Some(members) = answer.as_object_mut() {
        members.remove("VpcBlockPublicAccessOptions");
    }
    answer
}

#[test]
fn a_setting_is_read_changed_saved_and_reset() {
    let world = World::new(Config::default());
    for (get, first, (change, members), then, reset) in settings() {
        assert_eq!(read(&world, get), first, "{get}");
        let mut dry = members.clone();
        dry["DryRun"] = json!(true);
        refuses(&world, "DryRunOperation", change, &dry);
        assert_eq!(read(&world, get), first, "{get}");
        done(&world, change, &members);
        assert_eq!(read(&world, get), then, "{get}");
        let mut file = Vec::new();
        world.save(&mut file).unwrap();
        let loaded = World::new(Config::default());
        loaded.load(file.as_slice()).unwrap();
        assert_eq!(read(&loaded, get), then, "{get}");
        if !reset.is_empty() {
            done(&world, reset, &json!({}));
            assert_eq!(read(&world, get), first, "{get}");
        }
    }
}

#[test]
fn settings_that_there_are_not_are_refused() {
    let world = World::new(Config::default());
    for (action, members) in [
        (
            "ModifyInstanceMetadataDefaults",
            json!({"HttpPutResponseHopLimit": 65}),
        ),
        (
            "ModifyDefaultCreditSpecification",
            json!({"InstanceFamily": "t3", "CpuCredits": "x"}),
        ),
    ] {
        refuses(&world, "InvalidParameterValue", action, &members);
    }
    refuses(
        &world,
        "MissingParameter",
        "GetDefaultCreditSpecification",
        &json!({}),
    );
}

#[test]
fn no_preference_is_a_setting_again() {
    let world = World::new(Config::default());
    let change = |members: &Json| done(&world, "ModifyInstanceMetadataDefaults", members);
    change(&json!({"HttpTokens": "required", "HttpPutResponseHopLimit": 2}));
    change(&json!({"HttpTokens": "no-preference", "HttpPutResponseHopLimit": -1}));
    assert_eq!(
        read(&world, "GetInstanceMetadataDefaults"),
        json!({"AccountLevel": {"ManagedBy": "account"}})
    );
}

#[test]
fn families_of_types_have_defaults_for_credits() {
    let world = World::new(Config::default());
    let credits = |family: &str| {
        let family = json!({"InstanceFamily": family});
        let answer = done(&world, "GetDefaultCreditSpecification", &family);
        answer["InstanceFamilyCreditSpecification"]["CpuCredits"].clone()
    };
    assert_eq!(
        (credits("t2"), credits("t3")),
        (json!("standard"), json!("unlimited"))
    );
    let change = json!({"InstanceFamily": "t3", "CpuCredits": "standard"});
    done(&world, "ModifyDefaultCreditSpecification", &change);
    assert_eq!(credits("t3"), "standard");
}
