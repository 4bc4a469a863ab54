//! Route tables, network ACLs, and gateways.

use crate::calls::{done, each, refuses, text};
use crate::vpcs::{found, subnet, vpc, world};
use ec2wire_reference::World;
use serde_json::{Value as Json, json};

const ANY: &str = "0.0.0.0/0";

fn table(world: &World, vpc: &str) -> String {
    let made = done(world, "CreateRouteTable", &json!({"VpcId": vpc}));
    text(&made, "/RouteTable/RouteTableId")
}

fn shown(world: &World, table: &str) -> Json {
    let list = done(
        world,
        "DescribeRouteTables",
        &json!({"RouteTableIds": [table]}),
    );
    list["RouteTables"][0].clone()
}

/// The destinations of a table's routes, with their states.
fn routes(world: &World, table: &str) -> Vec<(String, String)> {
    let table = shown(world, table);
    let routes = table["Routes"].as_array().unwrap().iter();
    let destination = |route: &Json| {
        let names = ["DestinationCidrBlock", "DestinationIpv6CidrBlock"];
        let found = names.iter().find_map(|name| route[*name].as_str());
        found.unwrap_or("list").to_owned()
    };
    routes
        .map(|route| (destination(route), text(route, "/State")))
        .collect()
}

/// An internet gateway that is attached to a VPC.
pub(crate) fn internet(world: &World, vpc: &str) -> String {
    let made = done(world, "CreateInternetGateway", &json!({}));
    let id = text(&made, "/InternetGateway/InternetGatewayId");
    let both = json!({"InternetGatewayId": id, "VpcId": vpc});
    done(world, "AttachInternetGateway", &both);
    id
}

#[test]
fn a_vpc_has_one_internet_gateway_and_that_one_vpc() {
    let world = world();
    let (own, other) = (vpc(&world, "10.0.0.0/16"), vpc(&world, "10.1.0.0/16"));
    let gateway = internet(&world, &own);
    let second = done(&world, "CreateInternetGateway", &json!({}));
    let second = text(&second, "/InternetGateway/InternetGatewayId");
    let both = |gateway: &str, vpc: &str| json!({"InternetGatewayId": gateway, "VpcId": vpc});
    let attach = "AttachInternetGateway";
    let taken = "Resource.AlreadyAssociated";
    refuses(&world, taken, attach, &both(&gateway, &other));
    let code = "InvalidParameterValue";
    refuses(&world, code, attach, &both(&second, &own));
    let detach = "DetachInternetGateway";
    let away = "Gateway.NotAttached";
    refuses(&world, away, detach, &both(&gateway, &other));
    let id = json!({"InternetGatewayId": gateway});
    refuses(&world, "DependencyViolation", "DeleteInternetGateway", &id);
    done(&world, detach, &both(&gateway, &own));
    refuses(&world, away, detach, &both(&gateway, &own));
    done(&world, "DeleteInternetGateway", &id);
}

#[test]
fn routes_are_made_replaced_and_deleted() {
    let world = world();
    let (own, other) = (vpc(&world, "10.0.0.0/16"), vpc(&world, "10.1.0.0/16"));
    let (gateway, foreign) = (internet(&world, &own), internet(&world, &other));
    let id = table(&world, &own);
    let to = |block: &str, gateway: &str| json!({"RouteTableId": id, "DestinationCidrBlock": block, "GatewayId": gateway});
    done(&world, "CreateRoute", &to(ANY, &gateway));
    for (members, code) in [
        (to(ANY, &gateway), "RouteAlreadyExists"),
        (to("10.0.0.0/16", &gateway), "RouteAlreadyExists"),
        (to("1.0.0.0/8", &foreign), "InvalidParameterValue"),
        (to("1.0.0.0/8", "igw-12345678"), "InvalidGatewayID.NotFound"),
        (to("x", &gateway), "InvalidParameterValue"),
        (
            json!({"RouteTableId": id, "GatewayId": gateway}),
            "MissingParameter",
        ),
        (
            json!({"RouteTableId": id, "DestinationCidrBlock": "1.0.0.0/8"}),
            "MissingParameter",
        ),
        (
            json!({"RouteTableId": id, "GatewayId": gateway, "DestinationCidrBlock": ANY,
                "DestinationIpv6CidrBlock": "::/0"}),
            "InvalidParameterCombination",
        ),
    ] {
        refuses(&world, code, "CreateRoute", &members);
    }
    let code = "InvalidParameterValue";
    refuses(&world, code, "ReplaceRoute", &to("2.0.0.0/8", &gateway));
    done(&world, "ReplaceRoute", &to("10.0.0.0/16", &gateway));
    let mut reset = to("10.0.0.0/16", &gateway);
    reset.as_object_mut().unwrap().remove("GatewayId");
    reset["LocalTarget"] = true.into();
    done(&world, "ReplaceRoute", &reset);
    assert_eq!(text(&shown(&world, &id), "/Routes/0/GatewayId"), "local");

    let delete = |block: &str| json!({"RouteTableId": id, "DestinationCidrBlock": block});
    refuses(&world, code, "DeleteRoute", &delete("10.0.0.0/16"));
    let unknown = "InvalidRoute.NotFound";
    refuses(&world, unknown, "DeleteRoute", &delete("1.0.0.0/8"));
    done(&world, "DeleteRoute", &delete(ANY));
    refuses(&world, unknown, "DeleteRoute", &delete(ANY));
}

#[test]
fn a_route_whose_target_is_gone_leads_nowhere() {
    let world = world();
    let own = vpc(&world, "10.0.0.0/16");
    let id = table(&world, &own);
    let gateway = internet(&world, &own);
    let only = done(
        &world,
        "CreateEgressOnlyInternetGateway",
        &json!({"VpcId": own}),
    );
    let only = text(
        &only,
        "/EgressOnlyInternetGateway/EgressOnlyInternetGatewayId",
    );
    for members in [
        json!({"RouteTableId": id, "DestinationCidrBlock": ANY, "GatewayId": gateway}),
        json!({"RouteTableId": id, "DestinationIpv6CidrBlock": "::/0",
            "EgressOnlyInternetGatewayId": only}),
    ] {
        done(&world, "CreateRoute", &members);
    }
    let states = || {
        let routes = routes(&world, &id).into_iter();
        routes.map(|(_, state)| state).collect::<Vec<_>>()
    };
    assert_eq!(states(), ["active", "active", "active"]);
    let both = json!({"InternetGatewayId": gateway, "VpcId": own});
    done(&world, "DetachInternetGateway", &both);
    assert_eq!(states(), ["active", "blackhole", "active"]);
    done(
        &world,
        "DeleteEgressOnlyInternetGateway",
        &json!({"EgressOnlyInternetGatewayId": only}),
    );
    assert_eq!(states(), ["active", "blackhole", "blackhole"]);
    let lost = found(
        &world,
        "DescribeRouteTables",
        "RouteTables",
        "route.state",
        "blackhole",
    );
    assert_eq!(lost.len(), 1);
    done(&world, "AttachInternetGateway", &both);
    assert_eq!(states(), ["active", "active", "blackhole"]);
}

#[test]
fn a_subnet_has_one_table_and_a_vpc_a_main_one() {
    let world = world();
    let own = vpc(&world, "10.0.0.0/16");
    let within = subnet(&world, &own, "10.0.0.0/24");
    let (first, second) = (table(&world, &own), table(&world, &own));
    let foreign = table(&world, &vpc(&world, "10.1.0.0/16"));
    let with = |table: &str| json!({"RouteTableId": table, "SubnetId": within});
    let made = done(&world, "AssociateRouteTable", &with(&first));
    let association = text(&made, "/AssociationId");
    let again = done(&world, "AssociateRouteTable", &with(&first));
    assert_eq!(text(&again, "/AssociationId"), association);
    let taken = "Resource.AlreadyAssociated";
    refuses(&world, taken, "AssociateRouteTable", &with(&second));
    let other = json!({"RouteTableId": foreign, "SubnetId": subnet(&world, &own, "10.0.1.0/24")});
    let code = "InvalidParameterValue";
    refuses(&world, code, "AssociateRouteTable", &other);
    let delete = |table: &str| json!({"RouteTableId": table});
    let kept = "DependencyViolation";
    refuses(&world, kept, "DeleteRouteTable", &delete(&first));
    let replace = |association: &str, table: &str| json!({"AssociationId": association, "RouteTableId": table});
    let action = "ReplaceRouteTableAssociation";
    refuses(&world, code, action, &replace(&association, &foreign));
    let replaced = done(&world, action, &replace(&association, &second));
    done(&world, "DeleteRouteTable", &delete(&first));
    let part = |association: &str| json!({"AssociationId": association});
    let unknown = "InvalidAssociationID.NotFound";
    refuses(
        &world,
        unknown,
        "DisassociateRouteTable",
        &part(&association),
    );
    let new = text(&replaced, "/NewAssociationId");
    done(&world, "DisassociateRouteTable", &part(&new));

    let tables = found(&world, "DescribeRouteTables", "RouteTables", "vpc-id", &own);
    let main = tables
        .iter()
        .find(|table| table["Associations"][0]["Main"] == true)
        .unwrap();
    let main_id = text(main, "/RouteTableId");
    let main = text(main, "/Associations/0/RouteTableAssociationId");
    refuses(&world, code, "DisassociateRouteTable", &part(&main));
    refuses(&world, kept, "DeleteRouteTable", &delete(&main_id));
    done(&world, action, &replace(&main, &second));
    done(&world, "DeleteRouteTable", &delete(&main_id));
    refuses(&world, kept, "DeleteRouteTable", &delete(&second));
    // The new main table goes with the VPC, as a subnet's association goes with the subnet.
    for subnet in found(&world, "DescribeSubnets", "Subnets", "vpc-id", &own) {
        let id = text(&subnet, "/SubnetId");
        done(&world, "DeleteSubnet", &json!({"SubnetId": id}));
    }
    done(&world, "DeleteVpc", &json!({"VpcId": own}));
    let left = done(&world, "DescribeRouteTables", &json!({}));
    assert!(!each(&left, "RouteTables", "RouteTableId").contains(&second));
}

#[test]
fn virtual_private_gateways_are_attached_and_propagate() {
    let world = world();
    let (own, other) = (vpc(&world, "10.0.0.0/16"), vpc(&world, "10.1.0.0/16"));
    let id = table(&world, &own);
    let made = done(&world, "CreateVpnGateway", &json!({"Type": "ipsec.1"}));
    let gateway = text(&made, "/VpnGateway/VpnGatewayId");
    let both = |vpc: &str| json!({"VpnGatewayId": gateway, "VpcId": vpc});
    let propagate = json!({"RouteTableId": id, "GatewayId": gateway});
    let enable = "EnableVgwRoutePropagation";
    refuses(&world, "Gateway.NotAttached", enable, &propagate);
    let wrong = "IncorrectState";
    refuses(&world, wrong, "DetachVpnGateway", &both(&own));
    done(&world, "AttachVpnGateway", &both(&own));
    let full = "VpnGatewayAttachmentLimitExceeded";
    refuses(&world, full, "AttachVpnGateway", &both(&other));
    done(&world, enable, &propagate);
    let gateways = || each(&shown(&world, &id), "PropagatingVgws", "GatewayId");
    assert_eq!(gateways(), [gateway.as_str()]);
    done(&world, "DisableVgwRoutePropagation", &propagate);
    assert!(gateways().is_empty());
    let delete = json!({"VpnGatewayId": gateway});
    refuses(&world, wrong, "DeleteVpnGateway", &delete);
    done(&world, "DetachVpnGateway", &both(&own));
    done(&world, "DeleteVpnGateway", &delete);
}

#[test]
fn the_same_customer_gateway_is_made_once() {
    let world = world();
    let of = |address: &str| json!({"Type": "ipsec.1", "IpAddress": address, "BgpAsn": 65001});
    let make = |address: &str| {
        let made = done(&world, "CreateCustomerGateway", &of(address));
        text(&made, "/CustomerGateway/CustomerGatewayId")
    };
    let first = make("192.0.2.1");
    assert_eq!(make("192.0.2.1"), first);
    assert_ne!(make("192.0.2.2"), first);
    let code = "InvalidParameterValue";
    refuses(&world, code, "CreateCustomerGateway", &of("x"));
    let bare = json!({"Type": "ipsec.1"});
    refuses(&world, "MissingParameter", "CreateCustomerGateway", &bare);
}

#[test]
fn a_nat_gateway_has_an_interface_and_an_address() {
    let world = world();
    let own = vpc(&world, "10.0.0.0/16");
    let within = subnet(&world, &own, "10.0.0.0/24");
    let gateway = internet(&world, &own);
    let allocate = || {
        let made = done(&world, "AllocateAddress", &json!({"Domain": "vpc"}));
        text(&made, "/AllocationId")
    };
    let allocation = allocate();
    let action = "CreateNatGateway";
    let bare = json!({"SubnetId": within});
    refuses(&world, "MissingParameter", action, &bare);
    let public = json!({"SubnetId": within, "AllocationId": allocation});
    let mut private = public.clone();
    private["ConnectivityType"] = "private".into();
    refuses(&world, "InvalidParameterCombination", action, &private);
    let made = done(&world, action, &public);
    assert_eq!(text(&made, "/NatGateway/State"), "pending");
    let id = text(&made, "/NatGateway/NatGatewayId");
    let shown = |id: &str| {
        let list = done(
            &world,
            "DescribeNatGateways",
            &json!({"NatGatewayIds": [id]}),
        );
        list["NatGateways"][0].clone()
    };
    assert_eq!(text(&shown(&id), "/State"), "available");
    let interface = text(&shown(&id), "/NatGatewayAddresses/0/NetworkInterfaceId");
    let addresses = found(
        &world,
        "DescribeAddresses",
        "Addresses",
        "network-interface-id",
        &interface,
    );
    assert_eq!(
        text(&addresses[0], "/PublicIp"),
        text(&shown(&id), "/NatGatewayAddresses/0/PublicIp")
    );
    // The address is taken.
    let failed = done(&world, action, &public);
    let failed = text(&failed, "/NatGateway/NatGatewayId");
    assert_eq!(
        text(&shown(&failed), "/FailureCode"),
        "Resource.AlreadyAssociated"
    );
    let more = allocate();
    let associate = json!({"NatGatewayId": id, "AllocationIds": [more]});
    let added = done(&world, "AssociateNatGatewayAddress", &associate);
    let added = text(&added, "/NatGatewayAddresses/0/AssociationId");
    let taken = "Resource.AlreadyAssociated";
    refuses(&world, taken, "AssociateNatGatewayAddress", &associate);
    let part = json!({"NatGatewayId": id, "AssociationIds": [added]});
    done(&world, "DisassociateNatGatewayAddress", &part);
    let wrong = "InvalidParameter";
    refuses(&world, wrong, "DisassociateNatGatewayAddress", &part);
    let assign = json!({"NatGatewayId": id, "PrivateIpAddressCount": 1});
    refuses(&world, wrong, "AssignPrivateNatGatewayAddress", &assign);

    let release = json!({"AllocationId": allocation});
    refuses(&world, "InvalidIPAddress.InUse", "ReleaseAddress", &release);
    let in_use = "InvalidNetworkInterface.InUse";
    let own_interface = json!({"NetworkInterfaceId": interface});
    refuses(&world, in_use, "DeleteNetworkInterface", &own_interface);
    let kept = "DependencyViolation";
    refuses(&world, kept, "DeleteSubnet", &bare);
    let both = json!({"InternetGatewayId": gateway, "VpcId": own});
    refuses(&world, kept, "DetachInternetGateway", &both);
    let delete = json!({"NatGatewayId": id});
    done(&world, "DeleteNatGateway", &delete);
    assert_eq!(text(&shown(&id), "/State"), "deleted");
    refuses(&world, "NatGatewayNotFound", "DeleteNatGateway", &delete);
    done(&world, "ReleaseAddress", &release);
    done(&world, "DeleteSubnet", &bare);
    done(&world, "DetachInternetGateway", &both);
}

#[test]
fn a_private_nat_gateway_has_private_addresses_alone() {
    let world = world();
    let own = vpc(&world, "10.0.0.0/16");
    let within = subnet(&world, &own, "10.0.0.0/24");
    let members = json!({"SubnetId": within, "ConnectivityType": "private",
        "SecondaryPrivateIpAddressCount": 1});
    let made = done(&world, "CreateNatGateway", &members);
    let id = text(&made, "/NatGateway/NatGatewayId");
    let of = |answer: &Json| each(answer, "NatGatewayAddresses", "PrivateIp");
    let first = of(&made["NatGateway"]);
    assert_eq!(first, ["10.0.0.4", "10.0.0.5"]);
    let assign = json!({"NatGatewayId": id, "PrivateIpAddresses": ["10.0.0.77"]});
    done(&world, "AssignPrivateNatGatewayAddress", &assign);
    let code = "InvalidIPAddress.InUse";
    refuses(&world, code, "AssignPrivateNatGatewayAddress", &assign);
    done(&world, "UnassignPrivateNatGatewayAddress", &assign);
    let primary = json!({"NatGatewayId": id, "PrivateIpAddresses": [first[0]]});
    let code = "InvalidParameter";
    refuses(&world, code, "UnassignPrivateNatGatewayAddress", &primary);
}

#[test]
fn rules_of_an_acl_have_numbers_of_their_own() {
    let world = world();
    let own = vpc(&world, "10.0.0.0/16");
    let made = done(&world, "CreateNetworkAcl", &json!({"VpcId": own}));
    let id = text(&made, "/NetworkAcl/NetworkAclId");
    let rule = |changes: &Json| {
        let mut rule = json!({"NetworkAclId": id, "RuleNumber": 100, "Protocol": "6",
            "RuleAction": "allow", "Egress": false, "CidrBlock": "10.1.2.3/8",
            "PortRange": {"From": 80, "To": 90}});
        for (name, value) in changes.as_object().unwrap() {
            rule[name] = value.clone();
        }
        rule
    };
    let create = "CreateNetworkAclEntry";
    done(&world, create, &rule(&json!({})));
    for (changes, code) in [
        (json!({}), "NetworkAclEntryAlreadyExists"),
        (json!({"RuleNumber": 0}), "InvalidParameterValue"),
        (json!({"RuleNumber": 32767}), "InvalidParameterValue"),
        (
            json!({"RuleNumber": 1, "Protocol": "x"}),
            "InvalidParameterValue",
        ),
        (
            json!({"RuleNumber": 1, "CidrBlock": "x"}),
            "InvalidParameterValue",
        ),
        (
            json!({"RuleNumber": 1, "PortRange": {"From": 2, "To": 1}}),
            "InvalidParameterValue",
        ),
        (
            json!({"RuleNumber": 1, "PortRange": {}}),
            "MissingParameter",
        ),
        (
            json!({"RuleNumber": 1, "Protocol": "1"}),
            "MissingParameter",
        ),
        (
            json!({"RuleNumber": 1, "Ipv6CidrBlock": "::/0"}),
            "InvalidParameterCombination",
        ),
    ] {
        refuses(&world, code, create, &rule(&changes));
    }
    done(
        &world,
        create,
        &rule(&json!({"Egress": true, "Protocol": "udp"})),
    );
    let entries = || {
        let list = done(
            &world,
            "DescribeNetworkAcls",
            &json!({"NetworkAclIds": [id]}),
        );
        list["NetworkAcls"][0]["Entries"]
            .as_array()
            .unwrap()
            .clone()
    };
    // The first is that for outgoing packets.
    assert_eq!(text(&entries()[0], "/Protocol"), "17");
    assert_eq!(text(&entries()[2], "/CidrBlock"), "10.0.0.0/8");
    let deny = json!({"RuleAction": "deny"});
    done(&world, "ReplaceNetworkAclEntry", &rule(&deny));
    assert_eq!(text(&entries()[2], "/RuleAction"), "deny");
    let delete = json!({"NetworkAclId": id, "RuleNumber": 100, "Egress": false});
    done(&world, "DeleteNetworkAclEntry", &delete);
    let unknown = "InvalidNetworkAclEntry.NotFound";
    refuses(&world, unknown, "DeleteNetworkAclEntry", &delete);
    refuses(&world, unknown, "ReplaceNetworkAclEntry", &rule(&deny));
}

#[test]
fn a_subnet_always_has_an_acl() {
    let world = world();
    let own = vpc(&world, "10.0.0.0/16");
    let within = subnet(&world, &own, "10.0.0.0/24");
    let of_subnet = || {
        let name = "association.subnet-id";
        found(&world, "DescribeNetworkAcls", "NetworkAcls", name, &within)[0].clone()
    };
    let default = of_subnet();
    let default_id = text(&default, "/NetworkAclId");
    let made = done(&world, "CreateNetworkAcl", &json!({"VpcId": own}));
    let id = text(&made, "/NetworkAcl/NetworkAclId");
    let first = text(&default, "/Associations/0/NetworkAclAssociationId");
    let replace =
        |association: &str, acl: &str| json!({"AssociationId": association, "NetworkAclId": acl});
    let action = "ReplaceNetworkAclAssociation";
    let new = done(&world, action, &replace(&first, &id));
    let new = text(&new, "/NewAssociationId");
    assert_eq!(text(&of_subnet(), "/NetworkAclId"), id);
    let unknown = "InvalidAssociationID.NotFound";
    refuses(&world, unknown, action, &replace(&first, &id));
    let foreign = json!({"VpcId": vpc(&world, "10.1.0.0/16")});
    let foreign = done(&world, "CreateNetworkAcl", &foreign);
    let foreign = text(&foreign, "/NetworkAcl/NetworkAclId");
    let code = "InvalidParameterValue";
    refuses(&world, code, action, &replace(&new, &foreign));
    let delete = |acl: &str| json!({"NetworkAclId": acl});
    refuses(&world, code, "DeleteNetworkAcl", &delete(&default_id));
    let kept = "DependencyViolation";
    refuses(&world, kept, "DeleteNetworkAcl", &delete(&id));
    done(&world, "DeleteSubnet", &json!({"SubnetId": within}));
    done(&world, "DeleteNetworkAcl", &delete(&id));
}
