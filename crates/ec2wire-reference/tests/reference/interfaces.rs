//! Network interfaces and Elastic IP addresses.

use crate::calls::{done, each, refuses, text};
use crate::compute;
use crate::vpcs;
use ec2wire_reference::{Config, World};
use serde_json::{Value as Json, json};

/// A world with a subnet: world, subnet.
fn world() -> (World, String) {
    let world = World::new(Config::default());
    let vpc = text(
        &done(&world, "CreateVpc", &json!({"CidrBlock": "10.0.0.0/16"})),
        "/Vpc/VpcId",
    );
    let made = done(&world, "CreateInternetGateway", &json!({}));
    let gateway = text(&made, "/InternetGateway/InternetGatewayId");
    let attached = json!({"InternetGatewayId": gateway, "VpcId": vpc});
    done(&world, "AttachInternetGateway", &attached);
    let members = json!({"VpcId": vpc, "CidrBlock": "10.0.1.0/28"});
    let subnet = text(&done(&world, "CreateSubnet", &members), "/Subnet/SubnetId");
    (world, subnet)
}

fn create(world: &World, members: &Json) -> (String, Json) {
    let answer = done(world, "CreateNetworkInterface", members);
    let interface = answer["NetworkInterface"].clone();
    (text(&interface, "/NetworkInterfaceId"), interface)
}

fn addresses(interface: &Json) -> Vec<String> {
    each(interface, "PrivateIpAddresses", "PrivateIpAddress")
}

fn shown(world: &World, id: &str) -> Json {
    let list = done(
        world,
        "DescribeNetworkInterfaces",
        &json!({"NetworkInterfaceIds": [id]}),
    );
    list["NetworkInterfaces"][0].clone()
}

#[test]
fn a_subnet_gives_each_address_once() {
    let (world, subnet) = world();
    let own = json!({"SubnetId": subnet});
    // 16 addresses, of which AWS keeps five.
    let made: Vec<(String, Json)> = (0..11).map(|_| create(&world, &own)).collect();
    let mut given: Vec<String> = made
        .iter()
        .flat_map(|(_, interface)| addresses(interface))
        .collect();
    assert_eq!(given[0], "10.0.1.4");
    given.sort();
    given.dedup();
    assert_eq!(given.len(), 11);
    refuses(
        &world,
        "InsufficientFreeAddressesInSubnet",
        "CreateNetworkInterface",
        &own,
    );
    done(
        &world,
        "DeleteNetworkInterface",
        &json!({"NetworkInterfaceId": made[3].0}),
    );
    assert_eq!(addresses(&create(&world, &own).1), addresses(&made[3].1));
}

#[test]
fn asked_for_addresses_are_checked() {
    let (world, subnet) = world();
    let with = |address: &str| json!({"SubnetId": subnet, "PrivateIpAddress": address});
    create(&world, &with("10.0.1.7"));
    refuses(
        &world,
        "InvalidIPAddress.InUse",
        "CreateNetworkInterface",
        &with("10.0.1.7"),
    );
    for other in ["10.0.1.3", "10.0.1.15", "10.0.2.4", "x"] {
        refuses(
            &world,
            "InvalidParameterValue",
            "CreateNetworkInterface",
            &with(other),
        );
    }
    let (id, _) = create(
        &world,
        &json!({"SubnetId": subnet, "SecondaryPrivateIpAddressCount": 2}),
    );
    assert_eq!(addresses(&shown(&world, &id)).len(), 3);
    done(
        &world,
        "AssignPrivateIpAddresses",
        &json!({"NetworkInterfaceId": id, "PrivateIpAddresses": ["10.0.1.12"]}),
    );
    let now = addresses(&shown(&world, &id));
    assert_eq!((now.len(), now[3].as_str()), (4, "10.0.1.12"));
    done(
        &world,
        "UnassignPrivateIpAddresses",
        &json!({"NetworkInterfaceId": id, "PrivateIpAddresses": ["10.0.1.12"]}),
    );
    refuses(
        &world,
        "InvalidParameterValue",
        "UnassignPrivateIpAddresses",
        &json!({"NetworkInterfaceId": id, "PrivateIpAddresses": [now[0]]}),
    );
    create(&world, &with("10.0.1.12"));
}

#[test]
fn attributes_are_changed_and_shown() {
    let (world, subnet) = world();
    let (id, before) = create(&world, &json!({"SubnetId": subnet}));
    assert_eq!(
        (&before["SourceDestCheck"], &before["Status"]),
        (&json!(true), &json!("pending"))
    );
    let modify = json!({"NetworkInterfaceId": id, "SourceDestCheck": {"Value": false}});
    done(&world, "ModifyNetworkInterfaceAttribute", &modify);
    let ask = json!({"NetworkInterfaceId": id, "Attribute": "sourceDestCheck"});
    let answer = done(&world, "DescribeNetworkInterfaceAttribute", &ask);
    assert_eq!(answer["SourceDestCheck"], json!({"Value": false}));
    done(
        &world,
        "ResetNetworkInterfaceAttribute",
        &json!({"NetworkInterfaceId": id, "SourceDestCheck": "x"}),
    );
    assert_eq!(shown(&world, &id)["SourceDestCheck"], true);
}

#[test]
fn an_address_moves_from_one_interface_to_another() {
    let (world, subnet) = world();
    let (first, _) = create(&world, &json!({"SubnetId": subnet}));
    let (second, _) = create(&world, &json!({"SubnetId": subnet}));
    let allocated = done(&world, "AllocateAddress", &json!({"Domain": "vpc"}));
    let (id, public) = (
        text(&allocated, "/AllocationId"),
        text(&allocated, "/PublicIp"),
    );
    let to = |interface: &str| json!({"AllocationId": id, "NetworkInterfaceId": interface});
    done(&world, "AssociateAddress", &to(&first));
    assert_eq!(
        text(&shown(&world, &first), "/Association/PublicIp"),
        public
    );
    refuses(
        &world,
        "InvalidIPAddress.InUse",
        "ReleaseAddress",
        &json!({"AllocationId": id}),
    );
    let mut kept = to(&second);
    kept["AllowReassociation"] = false.into();
    refuses(
        &world,
        "Resource.AlreadyAssociated",
        "AssociateAddress",
        &kept,
    );

    let association = text(
        &done(&world, "AssociateAddress", &to(&second)),
        "/AssociationId",
    );
    assert!(shown(&world, &first).get("Association").is_none());
    let list = done(&world, "DescribeAddresses", &json!({"PublicIps": [public]}));
    assert_eq!(text(&list, "/Addresses/0/NetworkInterfaceId"), second);
    done(
        &world,
        "DisassociateAddress",
        &json!({"AssociationId": association}),
    );
    refuses(
        &world,
        "InvalidAssociationID.NotFound",
        "DisassociateAddress",
        &json!({"AssociationId": association}),
    );
    assert!(shown(&world, &second).get("Association").is_none());

    // An interface's end lets its address go.
    done(&world, "AssociateAddress", &to(&first));
    done(
        &world,
        "DeleteNetworkInterface",
        &json!({"NetworkInterfaceId": first}),
    );
    done(&world, "ReleaseAddress", &json!({"PublicIp": public}));
    refuses(
        &world,
        "InvalidAllocationID.NotFound",
        "ReleaseAddress",
        &json!({"AllocationId": id}),
    );
    refuses(
        &world,
        "InvalidAddress.NotFound",
        "DescribeAddresses",
        &json!({"PublicIps": [public]}),
    );
}

#[test]
fn an_address_needs_an_internet_gateway() {
    let world = World::new(Config::default());
    let vpc = vpcs::vpc(&world, "10.0.0.0/16");
    let subnet = vpcs::subnet(&world, &vpc, "10.0.1.0/24");
    let (interface, _) = create(&world, &json!({"SubnetId": subnet}));
    let allocated = done(&world, "AllocateAddress", &json!({"Domain": "vpc"}));
    let members =
        json!({"AllocationId": allocated["AllocationId"], "NetworkInterfaceId": interface});
    refuses(&world, "Gateway.NotAttached", "AssociateAddress", &members);
}

#[test]
fn an_elastic_address_stays_at_a_stopped_instance() {
    let world = compute::world();
    let id = compute::run(&world, &json!({}));
    let allocated = done(&world, "AllocateAddress", &json!({"Domain": "vpc"}));
    let members = json!({"AllocationId": allocated["AllocationId"], "InstanceId": id});
    done(&world, "AssociateAddress", &members);
    for action in ["StopInstances", "StartInstances"] {
        done(&world, action, &json!({"InstanceIds": [id]}));
        let shown = compute::instance(&world, &id);
        assert_eq!(shown["PublicIpAddress"], allocated["PublicIp"], "{action}");
    }
}

#[test]
fn an_instance_has_no_more_interfaces_than_its_type() {
    let world = compute::world();
    let id = compute::run(&world, &json!({}));
    let subnet = text(&compute::instance(&world, &id), "/SubnetId");
    let attach = |index: usize| {
        let (interface, _) = create(&world, &json!({"SubnetId": subnet}));
        json!({"NetworkInterfaceId": interface, "InstanceId": id, "DeviceIndex": index})
    };
    done(&world, "AttachNetworkInterface", &attach(1));
    let code = "AttachmentLimitExceeded";
    refuses(&world, code, "AttachNetworkInterface", &attach(2));
    let three = [0, 1, 2].map(|index| json!({"DeviceIndex": index, "SubnetId": subnet}));
    let members = json!({"NetworkInterfaces": three});
    let members = compute::with(compute::launch(&world), &members);
    refuses(&world, code, "RunInstances", &members);
}

#[test]
fn public_names_are_those_of_a_vpc_with_names() {
    let (world, subnet) = world();
    let vpc = text(
        &done(&world, "DescribeSubnets", &json!({"SubnetIds": [subnet]})),
        "/Subnets/0/VpcId",
    );
    let maps = json!({"SubnetId": subnet, "MapPublicIpOnLaunch": {"Value": true}});
    done(&world, "ModifySubnetAttribute", &maps);
    let name = || {
        let id = compute::run(&world, &json!({"SubnetId": subnet}));
        let shown = compute::instance(&world, &id);
        assert!(shown["PublicIpAddress"].is_string());
        text(&shown, "/PublicDnsName")
    };
    assert_eq!(name(), "");
    let names = json!({"VpcId": vpc, "EnableDnsHostnames": {"Value": true}});
    done(&world, "ModifyVpcAttribute", &names);
    assert!(name().starts_with("ec2-54-"));
}

#[test]
fn a_subnet_gives_new_interfaces_ipv6_addresses_if_it_is_to() {
    let world = compute::world();
    let members = json!({"CidrBlock": "10.0.0.0/16", "AmazonProvidedIpv6CidrBlock": true});
    let vpc = text(&done(&world, "CreateVpc", &members), "/Vpc/VpcId");
    let shown = done(&world, "DescribeVpcs", &json!({"VpcIds": [vpc]}));
    let block = text(
        &shown,
        "/Vpcs/0/Ipv6CidrBlockAssociationSet/0/Ipv6CidrBlock",
    );
    let block = block.replace("/56", "/64");
    let members = json!({"VpcId": vpc, "CidrBlock": "10.0.1.0/24", "Ipv6CidrBlock": block});
    let subnet = text(&done(&world, "CreateSubnet", &members), "/Subnet/SubnetId");
    let addresses = || {
        let id = compute::run(&world, &json!({"SubnetId": subnet}));
        let shown = compute::instance(&world, &id);
        let own = each(
            &shown["NetworkInterfaces"][0],
            "Ipv6Addresses",
            "Ipv6Address",
        );
        assert_eq!(
            shown["Ipv6Address"].as_str(),
            own.first().map(String::as_str)
        );
        own.len()
    };
    assert_eq!(addresses(), 0);
    let assigns = json!({"SubnetId": subnet, "AssignIpv6AddressOnCreation": {"Value": true}});
    done(&world, "ModifySubnetAttribute", &assigns);
    assert_eq!(addresses(), 1);
}
