//! Instances: how they are launched, listed, changed and ended.

use crate::calls::{call, done, refuses, text};
use crate::compute::{filtered, image, instance, launch, run, with, world};
use serde_json::{Value as Json, json};

#[test]
fn an_instance_is_pending_runs_stops_starts_and_ends() {
    let world = world();
    let answer = done(&world, "RunInstances", &launch(&world));
    let new = &answer["Instances"][0];
    assert_eq!(new["State"], json!({"Code": 0, "Name": "pending"}));
    assert_eq!(new["BlockDeviceMappings"], json!([]));
    let id = text(new, "/InstanceId");
    let ids = json!({"InstanceIds": [id]});
    let shown = instance(&world, &id);
    assert_eq!(shown["State"], json!({"Code": 16, "Name": "running"}));
    let address = text(&shown, "/PublicIpAddress");
    for (action, list, before, after, settled) in [
        (
            "StopInstances",
            "StoppingInstances",
            "running",
            "stopping",
            "stopped",
        ),
        (
            "StopInstances",
            "StoppingInstances",
            "stopped",
            "stopped",
            "stopped",
        ),
        (
            "StartInstances",
            "StartingInstances",
            "stopped",
            "pending",
            "running",
        ),
        (
            "StartInstances",
            "StartingInstances",
            "running",
            "running",
            "running",
        ),
        (
            "TerminateInstances",
            "TerminatingInstances",
            "running",
            "shutting-down",
            "terminated",
        ),
        (
            "TerminateInstances",
            "TerminatingInstances",
            "terminated",
            "terminated",
            "terminated",
        ),
    ] {
        let answer = done(&world, action, &ids);
        let change = &answer[list][0];
        assert_eq!(change["PreviousState"]["Name"], before, "{action}");
        assert_eq!(change["CurrentState"]["Name"], after, "{action}");
        let shown = instance(&world, &id);
        assert_eq!(shown["State"]["Name"], settled, "{action}");
        assert_eq!(
            shown.get("PublicIpAddress").is_some(),
            settled == "running",
            "{action}"
        );
        assert_ne!(
            shown["PublicIpAddress"],
            json!(address),
            "{action}: it gets another one"
        );
    }
    assert_eq!(
        instance(&world, &id)["StateReason"]["Code"],
        "Client.UserInitiatedShutdown"
    );
    for action in ["StopInstances", "StartInstances"] {
        refuses(&world, "IncorrectInstanceState", action, &ids);
    }
    done(&world, "RebootInstances", &ids);
    let stopped = json!({"InstanceIds": [run(&world, &json!({}))]});
    done(&world, "StopInstances", &stopped);
    refuses(
        &world,
        "IncorrectInstanceState",
        "RebootInstances",
        &stopped,
    );
}

#[test]
fn what_goes_with_an_instance_goes() {
    let world = world();
    let disks = json!({"BlockDeviceMappings": [
        {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 3, "DeleteOnTermination": false}},
        {"DeviceName": "/dev/sdg", "Ebs": {"VolumeSize": 4}},
    ]});
    let id = run(&world, &disks);
    let volumes = |world: &_| done(world, "DescribeVolumes", &json!({}))["Volumes"].clone();
    assert_eq!(volumes(&world).as_array().unwrap().len(), 3);
    done(&world, "TerminateInstances", &json!({"InstanceIds": [id]}));
    let left = volumes(&world);
    assert_eq!(left.as_array().unwrap().len(), 1);
    assert_eq!(
        (&left[0]["Size"], &left[0]["State"]),
        (&json!(3), &json!("available"))
    );
    let interfaces = done(&world, "DescribeNetworkInterfaces", &json!({}));
    assert_eq!(interfaces["NetworkInterfaces"], json!([]));
}

#[test]
fn a_launch_is_one_reservation() {
    let world = world();
    let three = with(launch(&world), &json!({"MinCount": 2, "MaxCount": 3}));
    let first = done(&world, "RunInstances", &three);
    let indexes: Vec<_> = (0..3)
        .map(|at| first["Instances"][at]["AmiLaunchIndex"].clone())
        .collect();
    assert_eq!(indexes, [json!(0), json!(1), json!(2)]);
    done(&world, "RunInstances", &launch(&world));
    let all = done(&world, "DescribeInstances", &json!({}));
    let counts: Vec<usize> = all["Reservations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reservation| reservation["Instances"].as_array().unwrap().len())
        .collect();
    assert_eq!(counts, [3, 1]);
    let id = text(&first, "/ReservationId");
    let found = filtered(
        &world,
        "DescribeInstances",
        "Reservations",
        "reservation-id",
        &id,
    );
    assert_eq!(found.len(), 1);
    // A page may end within a reservation.
    let page = done(&world, "DescribeInstances", &json!({"MaxResults": 2}));
    assert_eq!(
        page["Reservations"][0]["Instances"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let rest = done(
        &world,
        "DescribeInstances",
        &json!({"NextToken": page["NextToken"]}),
    );
    assert_eq!(rest["Reservations"][0]["ReservationId"], json!(id));
    assert_eq!(rest["Reservations"].as_array().unwrap().len(), 2);
}

#[test]
fn a_token_launches_once() {
    let world = world();
    let request = with(launch(&world), &json!({"ClientToken": "one"}));
    let first = done(&world, "RunInstances", &request);
    assert_eq!(
        done(&world, "RunInstances", &request)["Instances"][0]["InstanceId"],
        first["Instances"][0]["InstanceId"]
    );
    let other = with(request, &json!({"InstanceType": "t3.small"}));
    refuses(
        &world,
        "IdempotentParameterMismatch",
        "RunInstances",
        &other,
    );
    assert_eq!(
        done(&world, "DescribeInstances", &json!({}))["Reservations"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn launches_that_cannot_be_are_refused() {
    let world = world();
    let vpc = text(
        &done(&world, "CreateVpc", &json!({"CidrBlock": "10.0.0.0/16"})),
        "/Vpc/VpcId",
    );
    let subnet = json!({"VpcId": vpc, "CidrBlock": "10.0.0.0/28"});
    let subnet = text(&done(&world, "CreateSubnet", &subnet), "/Subnet/SubnetId");
    let group = json!({"GroupName": "default-vpc", "Description": "d"});
    let group = text(&done(&world, "CreateSecurityGroup", &group), "/GroupId");
    let interface = json!([{"DeviceIndex": 0, "SubnetId": subnet}]);
    for (code, more) in [
        (
            "InvalidAMIID.NotFound",
            json!({"ImageId": "ami-0123456789abcdef0"}),
        ),
        ("InvalidAMIID.Malformed", json!({"ImageId": "ubuntu"})),
        ("InvalidKeyPair.NotFound", json!({"KeyName": "none"})),
        (
            "InvalidSubnetID.NotFound",
            json!({"SubnetId": "subnet-0123456789abcdef0"}),
        ),
        ("InvalidGroup.NotFound", json!({"SecurityGroups": ["none"]})),
        (
            "InvalidParameter",
            json!({"SubnetId": subnet, "SecurityGroupIds": [group]}),
        ),
        (
            "InvalidParameterCombination",
            json!({"SubnetId": subnet, "SecurityGroups": ["x"]}),
        ),
        (
            "InvalidParameterCombination",
            json!({"SubnetId": subnet, "NetworkInterfaces": interface}),
        ),
        (
            "InvalidParameterValue",
            json!({"InstanceType": "t4g.micro"}),
        ),
        ("InvalidParameterValue", json!({"InstanceType": "none"})),
        ("InvalidParameterValue", json!({"MinCount": 0})),
        ("InvalidParameterValue", json!({"MinCount": 2})),
        (
            "InstanceLimitExceeded",
            json!({"MinCount": 1_000_000, "MaxCount": 1_000_000}),
        ),
        (
            "InsufficientFreeAddressesInSubnet",
            json!({"SubnetId": subnet, "MaxCount": 12}),
        ),
        (
            "InvalidParameterValue",
            json!({"Placement": {"AvailabilityZone": "us-east-1z"}}),
        ),
        (
            "InvalidParameterValue",
            json!({"SubnetId": subnet, "Placement": {"AvailabilityZone": "us-east-1f"}}),
        ),
        (
            "InvalidPlacementGroup.Unknown",
            json!({"Placement": {"GroupName": "none"}}),
        ),
        ("InvalidUserData.Malformed", json!({"UserData": "?"})),
        (
            "InvalidParameterValue",
            json!({"SubnetId": subnet, "PrivateIpAddress": "10.0.0.1"}),
        ),
        (
            "InvalidParameterCombination",
            json!({"SubnetId": subnet, "PrivateIpAddress": "10.0.0.9", "MaxCount": 2}),
        ),
        (
            "InvalidParameterValue",
            json!({"BlockDeviceMappings": [{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 0}}]}),
        ),
        (
            "InvalidBlockDeviceMapping",
            json!({"BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 1}}]}),
        ),
        (
            "InvalidLaunchTemplateName.NotFoundException",
            json!({"LaunchTemplate": {"LaunchTemplateName": "none"}}),
        ),
        ("DryRunOperation", json!({"DryRun": true})),
    ] {
        refuses(&world, code, "RunInstances", &with(launch(&world), &more));
    }
    let mut nothing = launch(&world);
    nothing.as_object_mut().unwrap().remove("ImageId");
    refuses(&world, "MissingParameter", "RunInstances", &nothing);
    assert_eq!(
        done(&world, "DescribeInstances", &json!({}))["Reservations"],
        json!([])
    );
    assert_eq!(
        done(&world, "DescribeVolumes", &json!({}))["Volumes"],
        json!([])
    );
}

#[test]
fn documented_filters_find_an_instance() {
    let world = world();
    let tags = json!([{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web"}]}]);
    let id = run(
        &world,
        &json!({"TagSpecifications": tags, "Monitoring": {"Enabled": true}}),
    );
    run(
        &world,
        &json!({"InstanceType": "t3.small", "Placement": {"AvailabilityZone": "us-east-1b"}}),
    );
    let shown = instance(&world, &id);
    let at = |pointer: &str| text(&shown, pointer);
    for (name, value, count) in [
        ("instance-id", id.clone(), 1),
        ("instance-type", "t3.micro".into(), 1),
        ("availability-zone", "us-east-1a".into(), 1),
        ("instance-state-name", "running".into(), 2),
        ("instance-state-code", "16".into(), 2),
        ("monitoring-state", "enabled".into(), 1),
        ("tag:Name", "w*".into(), 1),
        ("owner-id", "123456789012".into(), 2),
        ("private-ip-address", at("/PrivateIpAddress"), 1),
        ("ip-address", at("/PublicIpAddress"), 1),
        ("dns-name", at("/PublicDnsName"), 1),
        ("subnet-id", at("/SubnetId"), 1),
        ("vpc-id", at("/VpcId"), 2),
        ("instance.group-name", "default".into(), 2),
        ("instance.group-id", at("/SecurityGroups/0/GroupId"), 2),
        (
            "block-device-mapping.volume-id",
            at("/BlockDeviceMappings/0/Ebs/VolumeId"),
            1,
        ),
        (
            "block-device-mapping.delete-on-termination",
            "true".into(),
            2,
        ),
        (
            "network-interface.network-interface-id",
            at("/NetworkInterfaces/0/NetworkInterfaceId"),
            1,
        ),
        ("network-interface.attachment.instance-id", id.clone(), 1),
        (
            "network-interface.availability-zone",
            "us-east-1b".into(),
            1,
        ),
        ("network-interface.addresses.primary", "true".into(), 2),
        ("architecture", "arm64".into(), 0),
    ] {
        let found = filtered(&world, "DescribeInstances", "Reservations", name, &value);
        assert_eq!(found.len(), count, "{name} {value}");
    }
    let unknown = json!({"Filters": [{"Name": "colour", "Values": ["red"]}]});
    refuses(
        &world,
        "InvalidParameterValue",
        "DescribeInstances",
        &unknown,
    );
}

#[test]
fn attributes_are_changed_one_at_a_time() {
    let world = world();
    let id = run(&world, &json!({"UserData": "ZWNobw=="}));
    let modify = |more: Json| {
        call(
            &world,
            "ModifyInstanceAttribute",
            &with(json!({"InstanceId": id}), &more),
        )
    };
    let attribute = |name: &str, pointer: &str| {
        let answer = done(
            &world,
            "DescribeInstanceAttribute",
            &json!({"InstanceId": id, "Attribute": name}),
        );
        answer.pointer(pointer).cloned().unwrap_or_default()
    };
    assert_eq!(attribute("userData", "/UserData/Value"), "ZWNobw==");
    assert_eq!(
        attribute("disableApiTermination", "/DisableApiTermination/Value"),
        json!(false)
    );
    let refused =
        |more: Json, code: &str| assert_eq!(modify(more.clone()), Err(code.to_owned()), "{more}");
    refused(json!({}), "InvalidParameterCombination");
    refused(
        json!({"DisableApiStop": {"Value": true}, "SourceDestCheck": {"Value": true}}),
        "InvalidParameterCombination",
    );
    let larger = json!({"InstanceType": {"Value": "t3.large"}});
    refused(larger.clone(), "IncorrectInstanceState");

    modify(json!({"DisableApiTermination": {"Value": true}})).unwrap();
    let ids = json!({"InstanceIds": [id]});
    refuses(&world, "OperationNotPermitted", "TerminateInstances", &ids);
    modify(json!({"Attribute": "disableApiTermination", "Value": "false"})).unwrap();
    modify(json!({"DisableApiStop": {"Value": true}})).unwrap();
    refuses(&world, "OperationNotPermitted", "StopInstances", &ids);
    modify(json!({"DisableApiStop": {"Value": false}})).unwrap();
    done(&world, "StopInstances", &ids);
    modify(larger).unwrap();
    refused(
        json!({"InstanceType": {"Value": "none"}}),
        "InvalidInstanceAttributeValue",
    );
    refused(
        json!({"InstanceInitiatedShutdownBehavior": {"Value": "none"}}),
        "InvalidParameterValue",
    );
    refused(
        json!({"BlockDeviceMappings": [{"DeviceName": "/dev/sdz"}]}),
        "InvalidInstanceAttributeValue",
    );
    modify(json!({"SourceDestCheck": {"Value": false}})).unwrap();
    let shown = instance(&world, &id);
    assert_eq!(shown["InstanceType"], "t3.large");
    assert_eq!(
        shown["NetworkInterfaces"][0]["SourceDestCheck"],
        json!(false)
    );
    done(
        &world,
        "ResetInstanceAttribute",
        &json!({"InstanceId": id, "Attribute": "sourceDestCheck"}),
    );
    assert_eq!(
        attribute("sourceDestCheck", "/SourceDestCheck/Value"),
        json!(true)
    );
    modify(json!({"BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"DeleteOnTermination": false}}]})).unwrap();
    done(&world, "TerminateInstances", &ids);
    assert_eq!(
        done(&world, "DescribeVolumes", &json!({}))["Volumes"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    refused(
        json!({"DisableApiStop": {"Value": true}}),
        "IncorrectInstanceState",
    );
}

#[test]
fn only_running_instances_have_a_status_unless_all_are_asked_for() {
    let world = world();
    let (runs, stopped) = (run(&world, &json!({})), run(&world, &json!({})));
    done(&world, "StopInstances", &json!({"InstanceIds": [stopped]}));
    let statuses = |members: Json| {
        let answer = done(&world, "DescribeInstanceStatus", &members);
        let statuses = answer["InstanceStatuses"].as_array().unwrap().clone();
        statuses
            .iter()
            .map(|status| {
                (
                    text(status, "/InstanceId"),
                    text(status, "/InstanceStatus/Status"),
                )
            })
            .collect::<Vec<_>>()
    };
    let ok = (runs.clone(), "ok".to_owned());
    assert_eq!(statuses(json!({})), std::slice::from_ref(&ok));
    let all = json!({"IncludeAllInstances": true});
    assert_eq!(
        statuses(all),
        [ok, (stopped.clone(), "not-applicable".into())]
    );
    assert_eq!(statuses(json!({"InstanceIds": [stopped]})), []);
    let unknown = json!({"InstanceIds": ["i-0123456789abcdef0"]});
    refuses(
        &world,
        "InvalidInstanceID.NotFound",
        "DescribeInstanceStatus",
        &unknown,
    );
}

#[test]
fn a_profile_comes_and_goes() {
    let world = world();
    let id = run(&world, &json!({}));
    let request = json!({"InstanceId": id, "IamInstanceProfile": {"Name": "admin"}});
    let answer = done(&world, "AssociateIamInstanceProfile", &request);
    assert_eq!(
        answer["IamInstanceProfileAssociation"]["State"],
        "associating"
    );
    let association = text(&answer, "/IamInstanceProfileAssociation/AssociationId");
    refuses(
        &world,
        "IncorrectState",
        "AssociateIamInstanceProfile",
        &request,
    );
    let arn = "arn:aws:iam::123456789012:instance-profile/admin";
    assert_eq!(instance(&world, &id)["IamInstanceProfile"]["Arn"], arn);
    let other = json!({"AssociationId": association, "IamInstanceProfile": {"Name": "other"}});
    let answer = done(&world, "ReplaceIamInstanceProfileAssociation", &other);
    let association = text(&answer, "/IamInstanceProfileAssociation/AssociationId");
    done(
        &world,
        "DisassociateIamInstanceProfile",
        &json!({"AssociationId": association}),
    );
    assert_eq!(instance(&world, &id).get("IamInstanceProfile"), None);
}

#[test]
fn a_placement_group_is_kept_by_its_instances() {
    let world = world();
    let group = json!({"GroupName": "pg", "Strategy": "spread"});
    done(&world, "CreatePlacementGroup", &group);
    refuses(
        &world,
        "InvalidPlacementGroup.Duplicate",
        "CreatePlacementGroup",
        &group,
    );
    let id = run(&world, &json!({"Placement": {"GroupName": "pg"}}));
    let name = json!({"GroupName": "pg"});
    refuses(
        &world,
        "InvalidPlacementGroup.InUse",
        "DeletePlacementGroup",
        &name,
    );
    done(&world, "TerminateInstances", &json!({"InstanceIds": [id]}));
    done(&world, "DeletePlacementGroup", &name);
    refuses(
        &world,
        "InvalidPlacementGroup.Unknown",
        "DeletePlacementGroup",
        &name,
    );
    refuses(
        &world,
        "InvalidPlacementGroup.Unknown",
        "DescribePlacementGroups",
        &json!({"GroupNames": ["pg"]}),
    );
}

#[test]
fn instance_types_are_listed_and_offered() {
    let world = world();
    let types = filtered(
        &world,
        "DescribeInstanceTypes",
        "InstanceTypes",
        "instance-type",
        "t2.micro",
    );
    assert_eq!(types.len(), 1);
    assert_eq!(types[0]["VCpuInfo"]["DefaultVCpus"], json!(1));
    assert_eq!(types[0]["MemoryInfo"]["SizeInMiB"], json!(1024));
    refuses(
        &world,
        "InvalidInstanceType",
        "DescribeInstanceTypes",
        &json!({"InstanceTypes": ["u-6tb1.metal"]}),
    );
    let offers = json!({"LocationType": "availability-zone", "Filters": [
        {"Name": "instance-type", "Values": ["m5.large"]},
        {"Name": "location", "Values": ["us-east-1c"]},
    ]});
    let offers = done(&world, "DescribeInstanceTypeOfferings", &offers);
    assert_eq!(offers["InstanceTypeOfferings"].as_array().unwrap().len(), 1);
    let mut found = 0;
    let mut token = Json::Null;
    loop {
        let page = done(
            &world,
            "DescribeInstanceTypes",
            &json!({"MaxResults": 50, "NextToken": token}),
        );
        found += page["InstanceTypes"].as_array().unwrap().len();
        token = page["NextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    let all = done(&world, "DescribeInstanceTypeOfferings", &json!({}));
    assert_eq!(
        all["InstanceTypeOfferings"].as_array().unwrap().len(),
        found
    );
    assert_eq!(image(&world, "arm64").len(), 21);
}

#[test]
fn spot_requests_have_an_instance_at_once() {
    let world = world();
    let specification = json!({"ImageId": image(&world, "x86_64"), "InstanceType": "t3.micro"});
    let request =
        json!({"SpotPrice": "0.03", "InstanceCount": 2, "LaunchSpecification": specification});
    let answer = done(&world, "RequestSpotInstances", &request);
    assert_eq!(answer["SpotInstanceRequests"][0]["State"], "open");
    let shown = || done(&world, "DescribeSpotInstanceRequests", &json!({}));
    let requests = shown();
    assert_eq!(requests["SpotInstanceRequests"][1]["State"], "active");
    let id = text(&requests, "/SpotInstanceRequests/1/InstanceId");
    assert_eq!(instance(&world, &id)["InstanceLifecycle"], "spot");
    done(&world, "TerminateInstances", &json!({"InstanceIds": [id]}));
    let first = text(&requests, "/SpotInstanceRequests/0/SpotInstanceRequestId");
    let cancel = json!({"SpotInstanceRequestIds": [first]});
    let answer = done(&world, "CancelSpotInstanceRequests", &cancel);
    assert_eq!(
        answer["CancelledSpotInstanceRequests"][0]["State"],
        "cancelled"
    );
    let requests = shown();
    let states: Vec<_> = (0..2)
        .map(|at| requests["SpotInstanceRequests"][at]["State"].clone())
        .collect();
    assert_eq!(states, [json!("cancelled"), json!("closed")]);
    let own = run(
        &world,
        &json!({"InstanceMarketOptions": {"MarketType": "spot"}}),
    );
    assert!(
        instance(&world, &own)
            .get("SpotInstanceRequestId")
            .is_some()
    );
    let unknown = json!({"LaunchSpecification": {"ImageId": "ami-0123456789abcdef0"}});
    refuses(
        &world,
        "InvalidAMIID.NotFound",
        "RequestSpotInstances",
        &unknown,
    );
    refuses(
        &world,
        "InvalidParameterValue",
        "RequestSpotInstances",
        &json!({"InstanceCount": 0}),
    );
}

#[test]
fn an_instant_fleet_launches_its_capacity() {
    let world = world();
    let data = json!({"ImageId": image(&world, "x86_64"), "InstanceType": "t3.micro"});
    done(
        &world,
        "CreateLaunchTemplate",
        &json!({"LaunchTemplateName": "web", "LaunchTemplateData": data}),
    );
    let fleet = |name: &str| {
        json!({
            "Type": "instant",
            "LaunchTemplateConfigs": [{
                "LaunchTemplateSpecification": {"LaunchTemplateName": name, "Version": "$Latest"},
                "Overrides": [{"InstanceType": "t3.small"}],
            }],
            "TargetCapacitySpecification": {"TotalTargetCapacity": 2},
        })
    };
    let answer = done(&world, "CreateFleet", &fleet("web"));
    assert_eq!(answer["Instances"][0]["InstanceType"], "t3.small");
    assert_eq!(
        answer["Instances"][0]["InstanceIds"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let id = text(&answer, "/FleetId");
    let active = done(&world, "DescribeFleetInstances", &json!({"FleetId": id}));
    assert_eq!(active["ActiveInstances"].as_array().unwrap().len(), 2);
    let code = "InvalidLaunchTemplateName.NotFoundException";
    refuses(&world, code, "CreateFleet", &fleet("none"));
    done(
        &world,
        "DeleteFleets",
        &json!({"FleetIds": [id], "TerminateInstances": true}),
    );
    let left = filtered(
        &world,
        "DescribeInstances",
        "Reservations",
        "instance-state-name",
        "running",
    );
    assert_eq!(left, [] as [Json; 0]);
}

#[test]
fn what_a_region_begins_with_stays_the_same() {
    let world = ec2wire_reference::World::new(ec2wire_reference::Config::default());
    let scope = "AWS4-HMAC-SHA256 Credential=111122223333/20261130/eu-west-1/ec2/aws4_request, SignedHeaders=host, Signature=0";
    let subnets =
        || crate::calls::call_as(&world, Some(scope), "DescribeSubnets", &json!({})).unwrap();
    assert_eq!(subnets(), subnets());
}

#[test]
fn a_protected_instance_keeps_those_of_its_zone() {
    let world = world();
    let zones = ["us-east-1a", "us-east-1a", "us-east-1b"];
    let ids = zones.map(|zone| run(&world, &json!({"Placement": {"AvailabilityZone": zone}})));
    let protect = json!({"InstanceId": ids[0], "DisableApiTermination": {"Value": true}});
    done(&world, "ModifyInstanceAttribute", &protect);
    let states = || {
        let states = ids
            .iter()
            .map(|id| text(&instance(&world, id), "/State/Name"));
        states.collect::<Vec<_>>()
    };
    for (dry, after) in [(true, "running"), (false, "terminated")] {
        let members = json!({"InstanceIds": ids, "DryRun": dry});
        refuses(
            &world,
            "OperationNotPermitted",
            "TerminateInstances",
            &members,
        );
        assert_eq!(states(), ["running", "running", after]);
    }
}

#[test]
fn a_placement_group_outlives_the_groups_that_it_is_the_parent_of() {
    let world = world();
    let parent = json!({"GroupName": "parent"});
    let made = done(&world, "CreatePlacementGroup", &parent);
    let child = json!({"GroupName": "child",
        "ParentGroupId": text(&made, "/PlacementGroup/GroupId")});
    done(&world, "CreatePlacementGroup", &child);
    let code = "InvalidPlacementGroup.InUse";
    refuses(&world, code, "DeletePlacementGroup", &parent);
    let child = json!({"GroupName": "child"});
    done(&world, "DeletePlacementGroup", &child);
    done(&world, "DeletePlacementGroup", &parent);
}
