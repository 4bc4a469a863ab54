//! Volumes, snapshots and images.

use crate::calls::{call, done, each, refuses, text};
use crate::compute::{filtered, image, instance, run, with, world};
use ec2wire_reference::World;
use serde_json::{Value as Json, json};

fn volume(world: &World, more: &Json) -> String {
    let request = with(json!({"AvailabilityZone": "us-east-1a", "Size": 10}), more);
    text(&done(world, "CreateVolume", &request), "/VolumeId")
}

fn shown(world: &World, id: &str) -> Json {
    done(world, "DescribeVolumes", &json!({"VolumeIds": [id]}))["Volumes"][0].clone()
}

#[test]
fn a_volume_has_the_speed_of_its_type() {
    let world = world();
    for (asked, iops, throughput) in [
        (json!({}), json!(100), Json::Null),
        (json!({"Size": 500}), json!(1500), Json::Null),
        (json!({"VolumeType": "gp3"}), json!(3000), json!(125)),
        (
            json!({"VolumeType": "io2", "Iops": 5000}),
            json!(5000),
            Json::Null,
        ),
        (json!({"VolumeType": "standard"}), Json::Null, Json::Null),
    ] {
        let volume = shown(&world, &volume(&world, &asked));
        assert_eq!(
            (&volume["Iops"], &volume["Throughput"]),
            (&iops, &throughput),
            "{asked}"
        );
        assert_eq!(
            (&volume["State"], &volume["Attachments"]),
            (&json!("available"), &json!([]))
        );
    }
    let zone = json!({"AvailabilityZone": "us-east-1a"});
    for (code, more) in [
        ("MissingParameter", json!({})),
        ("InvalidParameterValue", json!({"Size": 0})),
        ("InvalidParameterValue", json!({"Size": 16_385})),
        (
            "InvalidParameterValue",
            json!({"Size": 10, "VolumeType": "st1"}),
        ),
        ("MissingParameter", json!({"Size": 10, "VolumeType": "io1"})),
        (
            "InvalidParameterValue",
            json!({"Size": 10, "VolumeType": "io1", "Iops": 501}),
        ),
        (
            "InvalidParameterValue",
            json!({"Size": 10, "VolumeType": "gp3", "Throughput": 1}),
        ),
        (
            "InvalidParameterCombination",
            json!({"Size": 10, "Iops": 100}),
        ),
        (
            "InvalidParameterCombination",
            json!({"Size": 10, "Throughput": 200}),
        ),
        (
            "InvalidParameterCombination",
            json!({"Size": 10, "MultiAttachEnabled": true}),
        ),
        (
            "InvalidParameterDependency",
            json!({"Size": 10, "KmsKeyId": "alias/key"}),
        ),
        (
            "InvalidZone.NotFound",
            json!({"Size": 10, "AvailabilityZone": "us-east-1z"}),
        ),
        (
            "InvalidSnapshot.NotFound",
            json!({"SnapshotId": "snap-0123456789abcdef0"}),
        ),
        ("DryRunOperation", json!({"Size": 10, "DryRun": true})),
    ] {
        refuses(&world, code, "CreateVolume", &with(zone.clone(), &more));
    }
    refuses(
        &world,
        "MissingParameter",
        "CreateVolume",
        &json!({"Size": 10}),
    );
}

#[test]
fn a_volume_is_attached_and_detached() {
    let world = world();
    let (id, server) = (volume(&world, &json!({})), run(&world, &json!({})));
    let far = volume(&world, &json!({"AvailabilityZone": "us-east-1b"}));
    let request = json!({"VolumeId": id, "InstanceId": server, "Device": "/dev/sdf"});
    refuses(
        &world,
        "InvalidVolume.ZoneMismatch",
        "AttachVolume",
        &with(request.clone(), &json!({"VolumeId": far})),
    );
    refuses(
        &world,
        "InvalidParameterValue",
        "AttachVolume",
        &with(request.clone(), &json!({"Device": "/dev/xvda"})),
    );
    let answer = done(&world, "AttachVolume", &request);
    assert_eq!(answer["State"], "attaching");
    let attached = shown(&world, &id);
    assert_eq!(
        (&attached["State"], &attached["Attachments"][0]["State"]),
        (&json!("in-use"), &json!("attached"))
    );
    let names = each(
        &instance(&world, &server),
        "BlockDeviceMappings",
        "DeviceName",
    );
    assert_eq!(names, ["/dev/xvda", "/dev/sdf"]);
    for (code, action, members) in [
        (
            "VolumeInUse",
            "AttachVolume",
            with(request.clone(), &json!({"Device": "/dev/sdg"})),
        ),
        ("VolumeInUse", "DeleteVolume", json!({"VolumeId": id})),
        ("IncorrectState", "DetachVolume", json!({"VolumeId": far})),
        (
            "InvalidAttachment.NotFound",
            "DetachVolume",
            json!({"VolumeId": id, "Device": "/dev/sdx"}),
        ),
    ] {
        refuses(&world, code, action, &members);
    }
    let root = text(
        &instance(&world, &server),
        "/BlockDeviceMappings/0/Ebs/VolumeId",
    );
    refuses(
        &world,
        "OperationNotPermitted",
        "DetachVolume",
        &json!({"VolumeId": root}),
    );
    for (name, value) in [
        ("attachment.instance-id", server.as_str()),
        ("attachment.device", "/dev/sdf"),
        ("status", "in-use"),
    ] {
        let found = filtered(&world, "DescribeVolumes", "Volumes", name, value);
        assert!(
            found.iter().any(|volume| volume["VolumeId"] == json!(id)),
            "{name}"
        );
    }
    assert_eq!(
        done(&world, "DetachVolume", &json!({"VolumeId": id}))["State"],
        "detaching"
    );
    assert_eq!(shown(&world, &id)["State"], "available");
    assert_eq!(
        each(
            &instance(&world, &server),
            "BlockDeviceMappings",
            "DeviceName"
        ),
        ["/dev/xvda"]
    );
    done(&world, "DeleteVolume", &json!({"VolumeId": id}));
    refuses(
        &world,
        "InvalidVolume.NotFound",
        "DescribeVolumes",
        &json!({"VolumeIds": [id]}),
    );
}

#[test]
fn a_volume_is_modified() {
    let world = world();
    let id = volume(&world, &json!({}));
    refuses(
        &world,
        "InvalidVolumeModification.NotFound",
        "DescribeVolumesModifications",
        &json!({"VolumeIds": [id]}),
    );
    let modify = |more: Json| {
        call(
            &world,
            "ModifyVolume",
            &with(json!({"VolumeId": id}), &more),
        )
    };
    assert_eq!(modify(json!({})), Err("InvalidParameterCombination".into()));
    assert_eq!(
        modify(json!({"Size": 9})),
        Err("InvalidParameterValue".into())
    );
    let answer = modify(json!({"Size": 20, "VolumeType": "gp3"})).unwrap();
    let change = &answer["VolumeModification"];
    assert_eq!(
        (&change["OriginalSize"], &change["TargetSize"]),
        (&json!(10), &json!(20))
    );
    assert_eq!(
        (&change["OriginalIops"], &change["TargetIops"]),
        (&json!(100), &json!(3000))
    );
    let noted = filtered(
        &world,
        "DescribeVolumesModifications",
        "VolumesModifications",
        "modification-state",
        "completed",
    );
    assert_eq!(noted.len(), 1);
    assert_eq!(shown(&world, &id)["Size"], json!(20));
    let attribute = json!({"VolumeId": id, "AutoEnableIO": {"Value": true}});
    done(&world, "ModifyVolumeAttribute", &attribute);
    let attribute = json!({"VolumeId": id, "Attribute": "autoEnableIO"});
    assert_eq!(
        done(&world, "DescribeVolumeAttribute", &attribute)["AutoEnableIO"]["Value"],
        json!(true)
    );
    let statuses = filtered(
        &world,
        "DescribeVolumeStatus",
        "VolumeStatuses",
        "volume-status.status",
        "ok",
    );
    assert_eq!(each(&json!({"list": statuses}), "list", "VolumeId"), [id]);
}

#[test]
fn snapshots_make_volumes_and_images_keep_them() {
    let world = world();
    let id = volume(&world, &json!({}));
    let answer = done(
        &world,
        "CreateSnapshot",
        &json!({"VolumeId": id, "Description": "d"}),
    );
    assert_eq!(
        (&answer["State"], &answer["Progress"]),
        (&json!("pending"), &json!(""))
    );
    let snapshot = text(&answer, "/SnapshotId");
    let own = done(&world, "DescribeSnapshots", &json!({"OwnerIds": ["self"]}));
    let shown = &own["Snapshots"][0];
    assert_eq!(
        (&shown["State"], &shown["Progress"]),
        (&json!("completed"), &json!("100%"))
    );
    let of_snapshot = json!({"AvailabilityZone": "us-east-1a", "SnapshotId": snapshot});
    assert_eq!(
        done(&world, "CreateVolume", &of_snapshot)["Size"],
        json!(10)
    );
    refuses(
        &world,
        "InvalidBlockDeviceMapping",
        "CreateVolume",
        &with(of_snapshot, &json!({"Size": 9})),
    );

    let devices = json!([{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": snapshot}}]);
    let register =
        json!({"Name": "own", "RootDeviceName": "/dev/xvda", "BlockDeviceMappings": devices});
    let image = text(&done(&world, "RegisterImage", &register), "/ImageId");
    refuses(
        &world,
        "InvalidAMIName.Duplicate",
        "RegisterImage",
        &register,
    );
    refuses(
        &world,
        "InvalidAMIName.Malformed",
        "RegisterImage",
        &with(register.clone(), &json!({"Name": "a#b"})),
    );
    refuses(
        &world,
        "InvalidBlockDeviceMapping",
        "RegisterImage",
        &json!({"Name": "empty"}),
    );
    let named = json!({"SnapshotId": snapshot});
    refuses(&world, "InvalidSnapshot.InUse", "DeleteSnapshot", &named);
    done(&world, "DeregisterImage", &json!({"ImageId": image}));
    done(&world, "DeleteSnapshot", &named);
    refuses(&world, "InvalidSnapshot.NotFound", "DeleteSnapshot", &named);

    let public = done(
        &world,
        "DescribeSnapshots",
        &json!({"OwnerIds": ["amazon"]}),
    );
    let public = text(&public, "/Snapshots/0/SnapshotId");
    refuses(
        &world,
        "AuthFailure",
        "DeleteSnapshot",
        &json!({"SnapshotId": public}),
    );
}

#[test]
fn all_volumes_of_an_instance_are_copied_at_once() {
    let world = world();
    let disks =
        json!({"BlockDeviceMappings": [{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 3}}]});
    let id = run(&world, &disks);
    let copy = |more: Json| {
        let request = json!({"InstanceSpecification": with(json!({"InstanceId": id}), &more)});
        each(
            &done(&world, "CreateSnapshots", &request),
            "Snapshots",
            "VolumeId",
        )
    };
    assert_eq!(copy(json!({})).len(), 2);
    let data = copy(json!({"ExcludeBootVolume": true}));
    assert_eq!(data.len(), 1);
    assert_eq!(copy(json!({"ExcludeDataVolumeIds": data})).len(), 1);
    let none = json!({"InstanceSpecification": {"InstanceId": id, "ExcludeDataVolumeIds": ["vol-0123456789abcdef0"]}});
    refuses(&world, "InvalidParameterValue", "CreateSnapshots", &none);
}

#[test]
fn an_image_of_an_instance_launches_the_same() {
    let world = world();
    let disks =
        json!({"BlockDeviceMappings": [{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 3}}]});
    let source = run(&world, &disks);
    let tags = json!([
        {"ResourceType": "image", "Tags": [{"Key": "a", "Value": "image"}]},
        {"ResourceType": "snapshot", "Tags": [{"Key": "a", "Value": "snapshot"}]},
    ]);
    let create = json!({"InstanceId": source, "Name": "copy", "TagSpecifications": tags});
    let id = text(&done(&world, "CreateImage", &create), "/ImageId");
    let own = done(&world, "DescribeImages", &json!({"Owners": ["self"]}));
    let shown = &own["Images"][0];
    assert_eq!(
        (&shown["State"], &shown["Tags"][0]["Value"]),
        (&json!("available"), &json!("image"))
    );
    assert_eq!(
        each(shown, "BlockDeviceMappings", "DeviceName"),
        ["/dev/xvda", "/dev/sdf"]
    );
    assert_eq!(
        filtered(
            &world,
            "DescribeSnapshots",
            "Snapshots",
            "tag:a",
            "snapshot"
        )
        .len(),
        2
    );
    let copy = run(&world, &json!({"ImageId": id}));
    assert_eq!(
        each(
            &instance(&world, &copy),
            "BlockDeviceMappings",
            "DeviceName"
        ),
        ["/dev/xvda", "/dev/sdf"]
    );
    let elsewhere = json!({"Name": "third", "SourceImageId": id, "SourceRegion": "us-east-1"});
    done(&world, "CopyImage", &elsewhere);
    refuses(
        &world,
        "InvalidAMIID.NotFound",
        "CopyImage",
        &with(
            elsewhere.clone(),
            &json!({"Name": "4th", "SourceImageId": "ami-0123456789abcdef0"}),
        ),
    );
    done(
        &world,
        "CopyImage",
        &with(
            elsewhere,
            &json!({"Name": "4th", "SourceRegion": "eu-west-1", "SourceImageId": "ami-0123456789abcdef0"}),
        ),
    );
    let gone = json!({"ImageId": id, "DeleteAssociatedSnapshots": true});
    assert_eq!(
        each(
            &done(&world, "DeregisterImage", &gone),
            "DeleteSnapshotResults",
            "ReturnCode"
        ),
        ["success"; 2]
    );
    refuses(&world, "InvalidAMIID.NotFound", "DeregisterImage", &gone);
}

#[test]
fn images_are_shared_protected_and_disabled() {
    let world = world();
    let id = text(
        &done(
            &world,
            "CreateImage",
            &json!({"InstanceId": run(&world, &json!({})), "Name": "own"}),
        ),
        "/ImageId",
    );
    let named = json!({"ImageId": id});
    let share = with(
        named.clone(),
        &json!({"LaunchPermission": {"Add": [{"UserId": "210987654321"}, {"Group": "all"}]}}),
    );
    done(&world, "ModifyImageAttribute", &share);
    let user = json!({"ExecutableUsers": ["210987654321"]});
    assert_eq!(
        each(&done(&world, "DescribeImages", &user), "Images", "ImageId"),
        [id]
    );
    let older =
        json!({"Attribute": "launchPermission", "OperationType": "remove", "UserGroups": ["all"]});
    done(&world, "ModifyImageAttribute", &with(named.clone(), &older));
    let attribute = with(named.clone(), &json!({"Attribute": "launchPermission"}));
    let permissions = done(&world, "DescribeImageAttribute", &attribute);
    assert_eq!(
        permissions["LaunchPermissions"],
        json!([{"UserId": "210987654321"}])
    );
    done(&world, "ResetImageAttribute", &attribute);
    assert_eq!(
        done(&world, "DescribeImageAttribute", &attribute)["LaunchPermissions"],
        json!([])
    );
    let wrong = json!({"LaunchPermission": {"Add": [{"UserId": "me"}]}});
    refuses(
        &world,
        "InvalidAMIAttributeItemValue",
        "ModifyImageAttribute",
        &with(named.clone(), &wrong),
    );

    done(&world, "EnableImageDeregistrationProtection", &named);
    refuses(&world, "OperationNotPermitted", "DeregisterImage", &named);
    done(&world, "DisableImageDeregistrationProtection", &named);
    done(&world, "DisableImage", &named);
    refuses(
        &world,
        "InvalidAMIID.Unavailable",
        "RunInstances",
        &with(named.clone(), &json!({"MinCount": 1, "MaxCount": 1})),
    );
    assert_eq!(
        done(&world, "DescribeImages", &json!({"Owners": ["self"]}))["Images"],
        json!([])
    );
    done(&world, "EnableImage", &named);
    let public = json!({"ImageId": image(&world, "x86_64")});
    refuses(&world, "AuthFailure", "DeregisterImage", &public);
    refuses(
        &world,
        "AuthFailure",
        "ModifyImageAttribute",
        &with(public, &json!({"Description": {"Value": "d"}})),
    );
}

#[test]
fn an_account_encrypts_and_blocks_by_default() {
    let world = world();
    assert_eq!(
        shown(&world, &volume(&world, &json!({})))["Encrypted"],
        json!(false)
    );
    let get = |action: &str, member: &str| done(&world, action, &json!({}))[member].clone();
    refuses(
        &world,
        "DryRunOperation",
        "EnableEbsEncryptionByDefault",
        &json!({"DryRun": true}),
    );
    assert_eq!(
        get("GetEbsEncryptionByDefault", "EbsEncryptionByDefault"),
        json!(false)
    );
    done(&world, "EnableEbsEncryptionByDefault", &json!({}));
    let key = done(
        &world,
        "ModifyEbsDefaultKmsKeyId",
        &json!({"KmsKeyId": "alias/own"}),
    );
    let encrypted = shown(&world, &volume(&world, &json!({})));
    assert_eq!(
        (&encrypted["Encrypted"], &encrypted["KmsKeyId"]),
        (&json!(true), &key["KmsKeyId"])
    );
    done(&world, "DisableEbsEncryptionByDefault", &json!({}));
    assert_eq!(get("GetEbsEncryptionByDefault", "SseType"), json!("none"));
    done(&world, "EnableSerialConsoleAccess", &json!({}));
    assert_eq!(
        get("GetSerialConsoleAccessStatus", "SerialConsoleAccessEnabled"),
        json!(true)
    );

    let snapshot = done(
        &world,
        "CreateSnapshot",
        &json!({"VolumeId": volume(&world, &json!({}))}),
    );
    let share = json!({
        "SnapshotId": snapshot["SnapshotId"],
        "CreateVolumePermission": {"Add": [{"Group": "all"}]},
    });
    done(
        &world,
        "EnableSnapshotBlockPublicAccess",
        &json!({"State": "block-all-sharing"}),
    );
    refuses(
        &world,
        "OperationNotPermitted",
        "ModifySnapshotAttribute",
        &share,
    );
    done(&world, "DisableSnapshotBlockPublicAccess", &json!({}));
    done(&world, "ModifySnapshotAttribute", &share);
    let block = json!({"ImageBlockPublicAccessState": "block-new-sharing"});
    done(&world, "EnableImageBlockPublicAccess", &block);
    let image = json!({"InstanceId": run(&world, &json!({})), "Name": "own"});
    let image = done(&world, "CreateImage", &image);
    let share = json!({
        "ImageId": image["ImageId"],
        "LaunchPermission": {"Add": [{"Group": "all"}]},
    });
    refuses(
        &world,
        "OperationNotPermitted",
        "ModifyImageAttribute",
        &share,
    );
    assert_eq!(
        get(
            "GetImageBlockPublicAccessState",
            "ImageBlockPublicAccessState"
        ),
        json!("block-new-sharing")
    );
}
