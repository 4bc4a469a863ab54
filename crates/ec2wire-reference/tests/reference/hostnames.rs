//! The names that instances and their addresses have.

use crate::calls::{done, refuses, text};
use crate::compute;
use crate::routing;
use crate::vpcs;
use ec2wire_reference::World;
use serde_json::{Value as Json, json};

/// A world with a VPC whose subnet gives public addresses: world, VPC, subnet.
fn world() -> (World, String, String) {
    let world = compute::world();
    let vpc = vpcs::vpc(&world, "10.0.0.0/16");
    routing::internet(&world, &vpc);
    let subnet = vpcs::subnet(&world, &vpc, "10.0.1.0/24");
    change(&world, &subnet, "MapPublicIpOnLaunch", &json!(true));
    (world, vpc, subnet)
}

fn change(world: &World, subnet: &str, attribute: &str, value: &Json) {
    let value = match value {
        Json::Bool(_) => json!({"Value": value}),
        text => text.clone(),
    };
    let members = json!({"SubnetId": subnet, attribute: value});
    done(world, "ModifySubnetAttribute", &members);
}

#[test]
fn public_names_come_and_go_with_the_attributes_of_the_vpc() {
    let (world, vpc, subnet) = world();
    let id = compute::run(&world, &json!({"SubnetId": subnet}));
    let names = || {
        let instance = compute::instance(&world, &id);
        let interface = instance["NetworkInterfaces"][0].clone();
        let ids = json!({"NetworkInterfaceIds": [interface["NetworkInterfaceId"]]});
        let list = done(&world, "DescribeNetworkInterfaces", &ids);
        let own = &list["NetworkInterfaces"][0];
        let name = text(&instance, "/PublicDnsName");
        for same in [
            text(&interface, "/Association/PublicDnsName"),
            text(own, "/Association/PublicDnsName"),
            text(own, "/PrivateIpAddresses/0/Association/PublicDnsName"),
        ] {
            assert_eq!(same, name);
        }
        name
    };
    let set = |attribute: &str, value: bool| {
        let members = json!({"VpcId": vpc, attribute: {"Value": value}});
        done(&world, "ModifyVpcAttribute", &members);
    };
    assert_eq!(names(), "");
    set("EnableDnsHostnames", true);
    let public = text(&compute::instance(&world, &id), "/PublicIpAddress");
    let expected = format!("ec2-{}.compute-1.amazonaws.com", public.replace('.', "-"));
    assert_eq!(names(), expected);
    set("EnableDnsSupport", false);
    assert_eq!(names(), "");
    set("EnableDnsHostnames", false);
    let members = json!({"VpcId": vpc, "EnableDnsHostnames": {"Value": true}});
    let code = "InvalidParameterValue";
    refuses(&world, code, "ModifyVpcAttribute", &members);
}

#[test]
fn an_instance_is_named_as_its_subnet_says() {
    let (world, _, subnet) = world();
    change(
        &world,
        &subnet,
        "PrivateDnsHostnameTypeOnLaunch",
        &json!("resource-name"),
    );
    change(
        &world,
        &subnet,
        "EnableResourceNameDnsARecordOnLaunch",
        &json!(true),
    );
    let launch = |more: &Json| {
        let members = compute::with(json!({"SubnetId": subnet}), more);
        compute::instance(&world, &compute::run(&world, &members))
    };
    let instance = launch(&json!({}));
    let options = json!({"HostnameType": "resource-name", "EnableResourceNameDnsARecord": true,
        "EnableResourceNameDnsAAAARecord": false});
    assert_eq!(instance["PrivateDnsNameOptions"], options);
    let id = text(&instance, "/InstanceId");
    assert_eq!(instance["PrivateDnsName"], format!("{id}.ec2.internal"));
    // What the request says counts more.
    let other = launch(&json!({"PrivateDnsNameOptions": {"HostnameType": "ip-name"}}));
    assert_eq!(other["PrivateDnsNameOptions"]["HostnameType"], "ip-name");
    assert!(text(&other, "/PrivateDnsName").starts_with("ip-10-0-1-"));

    done(&world, "StopInstances", &json!({"InstanceIds": [id]}));
    let members = json!({"InstanceId": id, "PrivateDnsHostnameType": "ip-name"});
    done(&world, "ModifyPrivateDnsNameOptions", &members);
    let renamed = text(&compute::instance(&world, &id), "/PrivateDnsName");
    assert!(renamed.starts_with("ip-10-0-1-"), "{renamed}");
}
