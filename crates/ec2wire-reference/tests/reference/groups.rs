//! Security groups and their rules.

use crate::calls::{call, done, each, refuses, text};
use crate::compute;
use crate::vpcs;
use ec2wire_reference::{Config, World};
use serde_json::{Value as Json, json};

/// A world with a VPC and a group in it: world, VPC, group.
fn world() -> (World, String, String) {
    let world = World::new(Config::default());
    let vpc = text(
        &done(&world, "CreateVpc", &json!({"CidrBlock": "10.0.0.0/16"})),
        "/Vpc/VpcId",
    );
    let group = create(&world, &vpc, "web");
    (world, vpc, group)
}

fn create(world: &World, vpc: &str, name: &str) -> String {
    let members = json!({"GroupName": name, "Description": "d", "VpcId": vpc});
    text(&done(world, "CreateSecurityGroup", &members), "/GroupId")
}

fn shown(world: &World, group: &str) -> Json {
    let list = done(
        world,
        "DescribeSecurityGroups",
        &json!({"GroupIds": [group]}),
    );
    list["SecurityGroups"][0].clone()
}

fn rules(world: &World, group: &str) -> Vec<Json> {
    let filter = json!({"Filters": [{"Name": "group-id", "Values": [group]}]});
    let list = done(world, "DescribeSecurityGroupRules", &filter);
    list["SecurityGroupRules"].as_array().unwrap().clone()
}

fn permission(protocol: &str, ports: Option<(i64, i64)>, peers: &Json) -> Json {
    let mut permission = peers.clone();
    permission["IpProtocol"] = protocol.into();
    if let Some((from, to)) = ports {
        permission["FromPort"] = from.into();
        permission["ToPort"] = to.into();
    }
    permission
}

#[test]
fn a_new_group_lets_everything_out() {
    let (world, vpc, group) = world();
    let shown = shown(&world, &group);
    assert_eq!(shown["VpcId"], json!(vpc));
    assert_eq!(shown["IpPermissions"], json!([]));
    assert_eq!(shown["IpPermissionsEgress"][0]["IpProtocol"], "-1");
    let rules = rules(&world, &group);
    assert_eq!(rules.len(), 1);
    assert_eq!(
        (&rules[0]["IsEgress"], &rules[0]["CidrIpv4"]),
        (&json!(true), &json!("0.0.0.0/0"))
    );
    assert_eq!(
        (&rules[0]["FromPort"], &rules[0]["ToPort"]),
        (&json!(-1), &json!(-1))
    );
}

#[test]
fn groups_of_a_vpc_with_ipv6_let_it_out_too() {
    let (world, vpc, group) = world();
    let everywhere = |group: &str| {
        let own = rules(&world, group).into_iter();
        let own = own.filter(|rule| rule["IsEgress"] == true && rule["CidrIpv6"] == "::/0");
        assert_eq!(
            shown(&world, group)["IpPermissionsEgress"][0]["Ipv6Ranges"],
            match own.clone().count() {
                0 => json!([]),
                _ => json!([{"CidrIpv6": "::/0"}]),
            }
        );
        own.count()
    };
    // Without the rule that it had, a group keeps what it has.
    let modified = create(&world, &vpc, "modified");
    let tcp = permission(
        "tcp",
        Some((443, 443)),
        &json!({"IpRanges": [{"CidrIp": "10.0.0.0/8"}]}),
    );
    let members = json!({"GroupId": modified, "IpPermissions": [tcp]});
    done(&world, "AuthorizeSecurityGroupEgress", &members);
    assert_eq!(everywhere(&group), 0);
    let members = json!({"VpcId": vpc, "AmazonProvidedIpv6CidrBlock": true});
    done(&world, "AssociateVpcCidrBlock", &members);
    assert_eq!((everywhere(&group), everywhere(&modified)), (1, 0));
    assert_eq!(everywhere(&create(&world, &vpc, "new")), 1);

    let members = json!({"CidrBlock": "10.1.0.0/16", "AmazonProvidedIpv6CidrBlock": true});
    let vpc = text(&done(&world, "CreateVpc", &members), "/Vpc/VpcId");
    let filters = json!({"Filters": [{"Name": "vpc-id", "Values": [vpc]}]});
    let list = done(&world, "DescribeSecurityGroups", &filters);
    assert_eq!(everywhere(&text(&list, "/SecurityGroups/0/GroupId")), 1);
}

#[test]
fn rules_of_every_form_are_shown_twice_and_revoked() {
    let (world, vpc, group) = world();
    let other = create(&world, &vpc, "other");
    let permissions = json!([
        permission(
            "tcp",
            Some((80, 443)),
            &json!({
                "IpRanges": [{"CidrIp": "10.1.2.3/16", "Description": "a"}, {"CidrIp": "192.0.2.0/24"}],
                "Ipv6Ranges": [{"CidrIpv6": "2001:db8::/32"}],
            })
        ),
        permission(
            "17",
            Some((53, 53)),
            &json!({"UserIdGroupPairs": [{"GroupId": other}]})
        ),
        permission(
            "icmp",
            Some((8, -1)),
            &json!({"IpRanges": [{"CidrIp": "0.0.0.0/0"}]})
        ),
        permission(
            "-1",
            None,
            &json!({"UserIdGroupPairs": [{"GroupName": "web"}]})
        ),
    ]);
    let allow = json!({"GroupId": group, "IpPermissions": permissions});
    let answer = done(&world, "AuthorizeSecurityGroupIngress", &allow);
    assert_eq!(answer["Return"], true);
    let ids = each(&answer, "SecurityGroupRules", "SecurityGroupRuleId");
    assert_eq!(ids.len(), 6);
    assert!(ids.iter().all(|id| id.starts_with("sgr-")));
    let shown_group = shown(&world, &group);
    let shown_permissions = shown_group["IpPermissions"].as_array().unwrap();
    assert_eq!(shown_permissions.len(), 4);
    let tcp = &shown_permissions[0];
    assert_eq!(
        each(tcp, "IpRanges", "CidrIp"),
        ["10.1.0.0/16", "192.0.2.0/24"]
    );
    assert_eq!(tcp["IpRanges"][0]["Description"], "a");
    assert_eq!(each(tcp, "Ipv6Ranges", "CidrIpv6"), ["2001:db8::/32"]);
    assert_eq!(shown_permissions[1]["IpProtocol"], "udp");
    assert_eq!(
        shown_permissions[3]["UserIdGroupPairs"][0]["GroupId"],
        json!(group)
    );
    refuses(
        &world,
        "InvalidPermission.Duplicate",
        "AuthorizeSecurityGroupIngress",
        &allow,
    );

    // By what it allows, then by ids.
    let udp = json!({"GroupId": group, "IpPermissions": [permissions[1]]});
    done(&world, "RevokeSecurityGroupIngress", &udp);
    refuses(
        &world,
        "InvalidPermission.NotFound",
        "RevokeSecurityGroupIngress",
        &udp,
    );
    let answer = done(
        &world,
        "RevokeSecurityGroupIngress",
        &json!({"GroupId": group, "SecurityGroupRuleIds": [ids[0], ids[2]]}),
    );
    assert_eq!(
        answer["RevokedSecurityGroupRules"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    refuses(
        &world,
        "InvalidSecurityGroupRuleId.NotFound",
        "RevokeSecurityGroupEgress",
        &json!({"GroupId": group, "SecurityGroupRuleIds": [ids[1]]}),
    );
    assert_eq!(rules(&world, &group).len(), 4);
    let filter = json!({"Filters": [{"Name": "ip-permission.cidr", "Values": ["192.0.2.0/24"]}]});
    let found = done(&world, "DescribeSecurityGroups", &filter);
    assert_eq!(each(&found, "SecurityGroups", "GroupId"), [group]);
}

#[test]
fn rules_are_changed_and_described_anew() {
    let (world, _, group) = world();
    let allow = json!({"GroupId": group, "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "192.0.2.1/32"});
    let answer = done(&world, "AuthorizeSecurityGroupIngress", &allow);
    let id = text(&answer, "/SecurityGroupRules/0/SecurityGroupRuleId");
    let update = |rule: Json| json!({"GroupId": group, "SecurityGroupRules": [{"SecurityGroupRuleId": id, "SecurityGroupRule": rule}]});
    done(
        &world,
        "ModifySecurityGroupRules",
        &update(
            json!({"IpProtocol": "tcp", "FromPort": 23, "ToPort": 24, "CidrIpv4": "198.51.100.0/24"}),
        ),
    );
    assert_eq!(shown(&world, &group)["IpPermissions"][0]["FromPort"], 23);
    refuses(
        &world,
        "InvalidParameterValue",
        "ModifySecurityGroupRules",
        &update(json!({"IpProtocol": "tcp", "FromPort": 23, "ToPort": 24, "CidrIpv6": "::/0"})),
    );
    let describe = json!({"GroupId": group, "SecurityGroupRuleDescriptions": [{"SecurityGroupRuleId": id, "Description": "ssh"}]});
    done(
        &world,
        "UpdateSecurityGroupRuleDescriptionsIngress",
        &describe,
    );
    assert_eq!(
        shown(&world, &group)["IpPermissions"][0]["IpRanges"][0]["Description"],
        "ssh"
    );
    let rule = rules(&world, &group)
        .into_iter()
        .find(|rule| rule["IsEgress"] == false)
        .unwrap();
    assert_eq!(
        (text(&rule, "/SecurityGroupRuleId"), &rule["Description"]),
        (id, &json!("ssh"))
    );
}

#[test]
fn what_no_rule_can_be_is_refused() {
    let (world, _, group) = world();
    let open = json!({"IpRanges": [{"CidrIp": "0.0.0.0/0"}]});
    for permission in [
        permission("tcp", None, &open),
        permission("tcp", Some((443, 80)), &open),
        permission("tcp", Some((0, 65536)), &open),
        permission("smtp", None, &open),
        permission(
            "tcp",
            Some((1, 1)),
            &json!({"IpRanges": [{"CidrIp": "10.0.0.0/33"}]}),
        ),
        permission(
            "tcp",
            Some((1, 1)),
            &json!({"Ipv6Ranges": [{"CidrIpv6": "10.0.0.0/8"}]}),
        ),
    ] {
        let allow = json!({"GroupId": group, "IpPermissions": [permission]});
        refuses(
            &world,
            "InvalidParameterValue",
            "AuthorizeSecurityGroupIngress",
            &allow,
        );
    }
    refuses(
        &world,
        "MissingParameter",
        "AuthorizeSecurityGroupIngress",
        &json!({"GroupId": group}),
    );
    refuses(
        &world,
        "InvalidGroup.NotFound",
        "AuthorizeSecurityGroupIngress",
        &json!({
            "GroupId": group, "IpPermissions": [permission("-1", None, &json!({"UserIdGroupPairs": [{"GroupId": "sg-0fedcba9876543210"}]}))]
        }),
    );
    assert_eq!(rules(&world, &group).len(), 1);
}

#[test]
fn names_are_unique_in_a_vpc_and_references_keep_a_group() {
    let (world, vpc, group) = world();
    let again = |vpc: &str| json!({"GroupName": "web", "Description": "d", "VpcId": vpc});
    refuses(
        &world,
        "InvalidGroup.Duplicate",
        "CreateSecurityGroup",
        &again(&vpc),
    );
    let other_vpc = text(
        &done(&world, "CreateVpc", &json!({"CidrBlock": "10.1.0.0/16"})),
        "/Vpc/VpcId",
    );
    done(&world, "CreateSecurityGroup", &again(&other_vpc));
    for name in ["default", "sg-x"] {
        refuses(
            &world,
            "InvalidParameterValue",
            "CreateSecurityGroup",
            &json!({"GroupName": name, "Description": "d", "VpcId": vpc}),
        );
    }

    let referring = create(&world, &vpc, "referring");
    let allow = json!({"GroupId": referring, "IpPermissions": [permission("-1", None, &json!({"UserIdGroupPairs": [{"GroupId": group}]}))]});
    done(&world, "AuthorizeSecurityGroupIngress", &allow);
    refuses(
        &world,
        "DependencyViolation",
        "DeleteSecurityGroup",
        &json!({"GroupId": group}),
    );
    done(&world, "RevokeSecurityGroupIngress", &allow);
    done(&world, "DeleteSecurityGroup", &json!({"GroupId": group}));
    assert!(rules(&world, &group).is_empty());
    refuses(
        &world,
        "InvalidGroup.NotFound",
        "DeleteSecurityGroup",
        &json!({"GroupId": group}),
    );
    // Its name is free again.
    assert!(call(&world, "CreateSecurityGroup", &again(&vpc)).is_ok());
}

#[test]
fn a_group_is_associated_with_other_vpcs() {
    let (world, vpc, group) = world();
    let other = vpcs::vpc(&world, "10.1.0.0/16");
    let subnet = vpcs::subnet(&world, &other, "10.1.0.0/24");
    let both = json!({"GroupId": group, "VpcId": other});
    let listed = |name: &str, value: &str| {
        let action = "DescribeSecurityGroupVpcAssociations";
        vpcs::found(&world, action, "SecurityGroupVpcAssociations", name, value)
    };
    let launch = || {
        let members = json!({"SubnetId": subnet, "SecurityGroupIds": [group]});
        let members = compute::with(compute::launch(&world), &members);
        call(&world, "RunInstances", &members)
    };
    assert_eq!(launch(), Err("InvalidParameter".to_owned()));
    let refused = |code: &str, action: &str| refuses(&world, code, action, &both);
    refused("IncorrectState", "DisassociateSecurityGroupVpc");
    let answer = done(&world, "AssociateSecurityGroupVpc", &both);
    assert_eq!(answer["State"], "associating");
    refused("Resource.AlreadyAssociated", "AssociateSecurityGroupVpc");
    // It is still a group of its own VPC.
    assert_eq!(shown(&world, &group)["VpcId"], vpc.as_str());
    assert_eq!(
        listed("vpc-id", &other),
        [
            json!({"GroupId": group, "GroupOwnerId": "123456789012", "VpcId": other,
            "VpcOwnerId": "123456789012", "State": "associated"})
        ]
    );
    assert_eq!(listed("group-id", &group).len(), 1);
    assert_eq!(listed("vpc-id", &vpc).len(), 0);

    let instance = text(&launch().unwrap(), "/Instances/0/InstanceId");
    refused("DependencyViolation", "DisassociateSecurityGroupVpc");
    done(
        &world,
        "TerminateInstances",
        &json!({"InstanceIds": [instance]}),
    );
    let own = json!({"GroupId": group});
    refuses(&world, "DependencyViolation", "DeleteSecurityGroup", &own);
    let answer = done(&world, "DisassociateSecurityGroupVpc", &both);
    assert_eq!(answer["State"], "disassociating");
    assert_eq!(listed("group-id", &group).len(), 0);

    let default = done(
        &world,
        "DescribeSecurityGroups",
        &json!({"GroupNames": ["default"]}),
    );
    let default = text(&default, "/SecurityGroups/0/GroupId");
    let members = json!({"GroupId": default, "VpcId": other});
    let code = "OperationNotPermitted";
    refuses(&world, code, "AssociateSecurityGroupVpc", &members);
    done(&world, "DeleteSecurityGroup", &own);
}
