//! Private addresses of interfaces: asked for, chosen, reserved, and moved.

use crate::calls::{call, done, each, refuses, text};
use crate::compute::{self, with};
use crate::vpcs;
use ec2wire_reference::World;
use serde_json::{Value as Json, json};

/// A world with a subnet of IPv4 and IPv6 addresses: world, subnet, and how its IPv6 block begins.
fn world() -> (World, String, String) {
    let world = compute::world();
    let members = json!({"CidrBlock": "10.0.0.0/16", "AmazonProvidedIpv6CidrBlock": true});
    let vpc = text(&done(&world, "CreateVpc", &members), "/Vpc/VpcId");
    let shown = done(&world, "DescribeVpcs", &json!({"VpcIds": [vpc]}));
    let block = text(
        &shown,
        "/Vpcs/0/Ipv6CidrBlockAssociationSet/0/Ipv6CidrBlock",
    );
    let start = block.trim_end_matches("::/56").to_owned();
    let members = json!({"VpcId": vpc, "CidrBlock": "10.0.1.0/28",
        "Ipv6CidrBlock": format!("{start}::/64")});
    let subnet = text(&done(&world, "CreateSubnet", &members), "/Subnet/SubnetId");
    (world, subnet, start)
}

fn create(world: &World, members: &Json) -> Json {
    let made = done(world, "CreateNetworkInterface", members);
    let id = text(&made, "/NetworkInterface/NetworkInterfaceId");
    shown(world, &id)
}

fn shown(world: &World, id: &str) -> Json {
    let ids = json!({"NetworkInterfaceIds": [id]});
    done(world, "DescribeNetworkInterfaces", &ids)["NetworkInterfaces"][0].clone()
}

fn v4(interface: &Json) -> Vec<String> {
    each(interface, "PrivateIpAddresses", "PrivateIpAddress")
}

fn v6(interface: &Json) -> Vec<String> {
    each(interface, "Ipv6Addresses", "Ipv6Address")
}

#[test]
fn an_interface_has_the_addresses_that_its_request_names() {
    let (world, subnet, start) = world();
    let named = format!("{start}::a");
    let members = json!({"SubnetId": subnet, "Ipv6Addresses": [{"Ipv6Address": named}],
    "PrivateIpAddresses": [
        {"PrivateIpAddress": "10.0.1.9"},
        {"PrivateIpAddress": "10.0.1.8", "Primary": true},
    ]});
    let interface = create(&world, &members);
    assert_eq!(interface["PrivateIpAddress"], "10.0.1.8");
    assert_eq!(v4(&interface), ["10.0.1.8", "10.0.1.9"]);
    assert_eq!(v6(&interface), [named.as_str()]);
    let create = |code: &str, more: &Json| {
        let members = with(json!({"SubnetId": subnet}), more);
        refuses(&world, code, "CreateNetworkInterface", &members);
    };
    let (taken, both) = ("InvalidIPAddress.InUse", "InvalidParameterCombination");
    create(taken, &json!({"Ipv6Addresses": [{"Ipv6Address": named}]}));
    create(
        taken,
        &json!({"PrivateIpAddresses": [{"PrivateIpAddress": "10.0.1.9"}]}),
    );
    create(
        both,
        &json!({"PrivateIpAddress": "10.0.1.5",
            "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.1.6", "Primary": true}]}),
    );
    create(
        both,
        &json!({"SecondaryPrivateIpAddressCount": 1,
            "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.1.6"}]}),
    );
    create(
        both,
        &json!({"Ipv6AddressCount": 1, "Ipv6Addresses": [{"Ipv6Address": format!("{start}::b")}]}),
    );
    for wrong in [
        json!({"Ipv6Addresses": [{"Ipv6Address": "2001:db8::a"}]}),
        json!({"SecondaryPrivateIpAddressCount": -1}),
        json!({"PrivateIpAddress": "10.0.1.5",
            "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.1.5"}]}),
    ] {
        create("InvalidParameterValue", &wrong);
    }
}

#[test]
fn an_interface_has_as_many_addresses_as_its_request_counts() {
    let (world, subnet, start) = world();
    let members = json!({"SubnetId": subnet, "PrivateIpAddress": "10.0.1.4",
        "SecondaryPrivateIpAddressCount": 2, "Ipv6AddressCount": 2});
    let interface = create(&world, &members);
    assert_eq!(v4(&interface), ["10.0.1.4", "10.0.1.5", "10.0.1.6"]);
    let own = v6(&interface);
    assert!(own.len() == 2 && own[0] != own[1]);
    assert!(own.iter().all(|address| address.starts_with(&start)));
    // A count of none is one, whatever the subnet gives.
    let gives = json!({"SubnetId": subnet, "AssignIpv6AddressOnCreation": {"Value": true}});
    done(&world, "ModifySubnetAttribute", &gives);
    let own = json!({"SubnetId": subnet});
    assert_eq!(v6(&create(&world, &own)).len(), 1);
    let none = with(own, &json!({"Ipv6AddressCount": 0}));
    assert_eq!(v6(&create(&world, &none)).len(), 0);
    let many = json!({"SubnetId": subnet, "SecondaryPrivateIpAddressCount": 9});
    let code = "InsufficientFreeAddressesInSubnet";
    refuses(&world, code, "CreateNetworkInterface", &many);
}

#[test]
fn instances_are_launched_with_several_addresses() {
    let (world, subnet, start) = world();
    let named = format!("{start}::a");
    let launch = |members: &Json| compute::instance(&world, &compute::run(&world, members));
    let instance = launch(&json!({"SubnetId": subnet, "PrivateIpAddress": "10.0.1.12",
        "Ipv6Addresses": [{"Ipv6Address": named}]}));
    assert_eq!(instance["PrivateIpAddress"], "10.0.1.12");
    assert_eq!(instance["Ipv6Address"], named.as_str());
    let instance = launch(&json!({"SubnetId": subnet, "Ipv6AddressCount": 2}));
    assert_eq!(v6(&instance["NetworkInterfaces"][0]).len(), 2);
    let instance = launch(
        &json!({"NetworkInterfaces": [{"DeviceIndex": 0, "SubnetId": subnet,
        "Ipv6AddressCount": 1, "PrivateIpAddresses": [
            {"PrivateIpAddress": "10.0.1.10", "Primary": true},
            {"PrivateIpAddress": "10.0.1.11", "Primary": false},
        ]}]}),
    );
    let interface = &instance["NetworkInterfaces"][0];
    assert_eq!(v4(interface), ["10.0.1.10", "10.0.1.11"]);
    let id = text(interface, "/NetworkInterfaceId");
    assert_eq!(v4(&shown(&world, &id)), v4(interface));
    assert_eq!(v6(&shown(&world, &id)), v6(interface));
    let counts = |count: usize| {
        json!({"NetworkInterfaces": [{"DeviceIndex": 0, "SubnetId": subnet,
            "SecondaryPrivateIpAddressCount": count}]})
    };
    let instance = launch(&counts(1));
    assert_eq!(v4(&instance["NetworkInterfaces"][0]).len(), 2);
    for (code, members) in [
        // A t3.micro has two addresses at each interface.
        ("PrivateIpAddressLimitExceeded", counts(2)),
        (
            "InvalidParameterCombination",
            with(counts(1), &json!({"Ipv6AddressCount": 1})),
        ),
        (
            "InvalidParameterCombination",
            json!({"SubnetId": subnet, "MinCount": 2, "MaxCount": 2,
                "Ipv6Addresses": [{"Ipv6Address": format!("{start}::b")}]}),
        ),
        (
            "InvalidIPAddress.InUse",
            json!({"SubnetId": subnet, "Ipv6Addresses": [{"Ipv6Address": named}]}),
        ),
    ] {
        let members = with(compute::launch(&world), &members);
        refuses(&world, code, "RunInstances", &members);
    }
}

#[test]
fn a_launch_that_named_an_address_can_be_sent_again() {
    let (world, subnet, _) = world();
    let members = json!({"SubnetId": subnet, "PrivateIpAddress": "10.0.1.12",
        "ClientToken": "ec2wire"});
    let first = compute::run(&world, &members);
    assert_eq!(compute::run(&world, &members), first);
}

#[test]
fn reserved_addresses_are_only_given_to_who_names_them() {
    let (world, subnet, start) = world();
    for (kind, block) in [
        ("explicit", "10.0.1.4/30".to_owned()),
        ("prefix", "10.0.1.8/31".to_owned()),
        ("explicit", format!("{start}::/65")),
    ] {
        let members = json!({"SubnetId": subnet, "ReservationType": kind, "Cidr": block});
        done(&world, "CreateSubnetCidrReservation", &members);
    }
    let own = json!({"SubnetId": subnet, "Ipv6AddressCount": 4});
    let interface = create(&world, &own);
    assert_eq!(v4(&interface), ["10.0.1.10"]);
    // The upper half of the block begins with this.
    for address in v6(&interface) {
        let rest = address.trim_start_matches(&start).trim_start_matches(':');
        let group = u16::from_str_radix(rest.split(':').next().unwrap(), 16).unwrap();
        assert!(rest.split(':').count() == 4 && group >= 0x8000, "{address}");
    }
    let instance = compute::instance(&world, &compute::run(&world, &json!({"SubnetId": subnet})));
    assert_eq!(instance["PrivateIpAddress"], "10.0.1.11");
    let named = json!({"SubnetId": subnet, "PrivateIpAddress": "10.0.1.5"});
    assert_eq!(v4(&create(&world, &named)), ["10.0.1.5"]);
}

#[test]
fn a_secondary_address_moves_with_its_elastic_address() {
    let world = compute::world();
    let id = compute::run(&world, &json!({}));
    let subnet = text(&compute::instance(&world, &id), "/SubnetId");
    let own = json!({"SubnetId": subnet, "SecondaryPrivateIpAddressCount": 1});
    let from = create(&world, &own);
    let [primary, moved] = v4(&from).try_into().unwrap();
    let from = text(&from, "/NetworkInterfaceId");
    let to = text(
        &compute::instance(&world, &id),
        "/NetworkInterfaces/0/NetworkInterfaceId",
    );
    let allocated = done(&world, "AllocateAddress", &json!({"Domain": "vpc"}));
    let members = json!({"AllocationId": allocated["AllocationId"], "NetworkInterfaceId": from,
        "PrivateIpAddress": moved});
    done(&world, "AssociateAddress", &members);

    let assign = json!({"NetworkInterfaceId": to, "PrivateIpAddresses": [moved]});
    let code = "InvalidIPAddress.InUse";
    refuses(&world, code, "AssignPrivateIpAddresses", &assign);
    let assign = with(assign, &json!({"AllowReassignment": true}));
    let answer = done(&world, "AssignPrivateIpAddresses", &assign);
    assert_eq!(
        text(&answer, "/AssignedPrivateIpAddresses/0/PrivateIpAddress"),
        moved
    );
    assert_eq!(v4(&shown(&world, &from)), [primary.as_str()]);
    let instance = compute::instance(&world, &id);
    let interface = &instance["NetworkInterfaces"][0];
    assert_eq!(v4(interface)[1], moved);
    assert_eq!(
        interface["PrivateIpAddresses"][1]["Association"]["PublicIp"],
        allocated["PublicIp"]
    );
    let ids = json!({"AllocationIds": [allocated["AllocationId"]]});
    let address = &done(&world, "DescribeAddresses", &ids)["Addresses"][0];
    assert_eq!(address["InstanceId"], id.as_str());
    assert_eq!(address["NetworkInterfaceId"], to.as_str());
    // Again it is there already, and a third one is more than a t3.micro can have.
    done(&world, "AssignPrivateIpAddresses", &assign);
    assert_eq!(v4(&shown(&world, &to)).len(), 2);
    let more = json!({"NetworkInterfaceId": to, "SecondaryPrivateIpAddressCount": 1});
    let code = "PrivateIpAddressLimitExceeded";
    refuses(&world, code, "AssignPrivateIpAddresses", &more);
    // A primary address stays.
    let members = json!({"NetworkInterfaceId": from, "AllowReassignment": true,
        "PrivateIpAddresses": [v4(&shown(&world, &to))[0]]});
    let code = "InvalidParameterValue";
    refuses(&world, code, "AssignPrivateIpAddresses", &members);
}

#[test]
fn an_ipv6_address_is_that_of_one_interface() {
    let (world, subnet, start) = world();
    let own = json!({"SubnetId": subnet});
    let interfaces = [0, 1].map(|_| text(&create(&world, &own), "/NetworkInterfaceId"));
    let named = format!("{start}::a");
    let assign = |id: &str| {
        let members = json!({"NetworkInterfaceId": id, "Ipv6Addresses": [named]});
        call(&world, "AssignIpv6Addresses", &members).map(|_| ())
    };
    let [one, other] = interfaces;
    assert_eq!(assign(&one), Ok(()));
    assert_eq!(assign(&other), Err("InvalidIPAddress.InUse".to_owned()));
    let members = json!({"NetworkInterfaceId": one, "Ipv6Addresses": [named]});
    done(&world, "UnassignIpv6Addresses", &members);
    assert_eq!(assign(&other), Ok(()));
    let vpc = vpcs::vpc(&world, "10.9.0.0/16");
    let members = json!({"SubnetId": vpcs::subnet(&world, &vpc, "10.9.1.0/24"),
        "Ipv6AddressCount": 1});
    let code = "InvalidParameterValue";
    refuses(&world, code, "CreateNetworkInterface", &members);
}
