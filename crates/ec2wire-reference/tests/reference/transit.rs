//! Transit gateways and VPN connections.

use crate::calls::{call, done, each, refuses, text};
use crate::vpcs::{subnet, vpc, world};
use ec2wire_reference::World;
use serde_json::{Value as Json, json};

const ATTACHMENT: &str = "TransitGatewayAttachmentId";
const TABLE: &str = "TransitGatewayRouteTableId";

/// A gateway with a VPC: gateway, its default table, VPC, attachment.
fn attached(world: &World) -> (String, String, String, String) {
    let made = done(world, "CreateTransitGateway", &json!({}));
    let gateway = text(&made, "/TransitGateway/TransitGatewayId");
    let table = text(
        &made,
        "/TransitGateway/Options/AssociationDefaultRouteTableId",
    );
    let own = vpc(world, "10.0.0.0/16");
    let within = subnet(world, &own, "10.0.0.0/24");
    let members = json!({"TransitGatewayId": gateway, "VpcId": own, "SubnetIds": [within]});
    let made = done(world, "CreateTransitGatewayVpcAttachment", &members);
    let duplicate = "DuplicateTransitGatewayAttachment";
    refuses(
        world,
        duplicate,
        "CreateTransitGatewayVpcAttachment",
        &members,
    );
    let attachment = text(
        &made,
        "/TransitGatewayVpcAttachment/TransitGatewayAttachmentId",
    );
    assert!(attachment.starts_with("tgw-attach-"));
    (gateway, table, own, attachment)
}

#[test]
fn an_attachment_has_one_table_and_propagates_to_many() {
    let world = world();
    let (gateway, default, own, attachment) = attached(&world);
    let made = done(
        &world,
        "CreateTransitGatewayRouteTable",
        &json!({"TransitGatewayId": gateway}),
    );
    let table = text(
        &made,
        "/TransitGatewayRouteTable/TransitGatewayRouteTableId",
    );
    let both = |table: &str| json!({TABLE: table, ATTACHMENT: attachment});
    let associated = |table: &str| {
        let list = done(
            &world,
            "GetTransitGatewayRouteTableAssociations",
            &json!({TABLE: table}),
        );
        each(&list, "Associations", "ResourceId")
    };
    assert_eq!(associated(&default), [own.as_str()]);
    let associate = "AssociateTransitGatewayRouteTable";
    refuses(
        &world,
        "Resource.AlreadyAssociated",
        associate,
        &both(&table),
    );
    let part = "DisassociateTransitGatewayRouteTable";
    done(&world, part, &both(&default));
    refuses(&world, "InvalidAssociation.NotFound", part, &both(&default));
    done(&world, associate, &both(&table));
    assert_eq!(associated(&table), [own.as_str()]);
    let wrong = "IncorrectState";
    let delete_table = json!({TABLE: table});
    let end_table = "DeleteTransitGatewayRouteTable";
    refuses(&world, wrong, end_table, &delete_table);

    let enable = "EnableTransitGatewayRouteTablePropagation";
    done(&world, enable, &both(&table));
    let twice = "TransitGatewayRouteTablePropagation.Duplicate";
    refuses(&world, twice, enable, &both(&table));
    let tables = done(
        &world,
        "GetTransitGatewayAttachmentPropagations",
        &json!({ATTACHMENT: attachment}),
    );
    assert_eq!(
        each(&tables, "TransitGatewayAttachmentPropagations", TABLE),
        [default.as_str(), table.as_str()]
    );
    let disable = "DisableTransitGatewayRouteTablePropagation";
    done(&world, disable, &both(&table));
    let never = "TransitGatewayRouteTablePropagation.NotFound";
    refuses(&world, never, disable, &both(&table));

    let delete = json!({"TransitGatewayId": gateway});
    refuses(&world, wrong, "DeleteTransitGateway", &delete);
    let detach = json!({ATTACHMENT: attachment});
    done(&world, "DeleteTransitGatewayVpcAttachment", &detach);
    refuses(
        &world,
        "InvalidTransitGatewayAttachmentID.NotFound",
        "DeleteTransitGatewayVpcAttachment",
        &detach,
    );
    refuses(&world, wrong, end_table, &json!({TABLE: default}));
    refuses(&world, wrong, "DeleteTransitGateway", &delete);
    done(&world, end_table, &delete_table);
    done(&world, "DeleteTransitGateway", &delete);
}

#[test]
fn a_route_to_a_gateway_leads_nowhere_without_an_attachment() {
    let world = world();
    let (gateway, _, own, attachment) = attached(&world);
    let made = done(&world, "CreateRouteTable", &json!({"VpcId": own}));
    let table = text(&made, "/RouteTable/RouteTableId");
    let route = json!({"RouteTableId": table, "DestinationCidrBlock": "10.9.0.0/16",
        "TransitGatewayId": gateway});
    done(&world, "CreateRoute", &route);
    let state = || {
        let list = done(
            &world,
            "DescribeRouteTables",
            &json!({"RouteTableIds": [table]}),
        );
        let routes = list["RouteTables"][0]["Routes"].as_array().unwrap().clone();
        let mut routes = routes.iter();
        let route = routes.find(|route| route["TransitGatewayId"] == gateway.as_str());
        text(route.unwrap(), "/State")
    };
    assert_eq!(state(), "active");
    let delete = json!({ATTACHMENT: attachment});
    done(&world, "DeleteTransitGatewayVpcAttachment", &delete);
    assert_eq!(state(), "blackhole");
}

#[test]
fn routes_are_static_or_propagated_and_found_by_blocks() {
    let world = world();
    let (_, table, _, attachment) = attached(&world);
    let to =
        |block: &str| json!({TABLE: table, "DestinationCidrBlock": block, ATTACHMENT: attachment});
    let hole =
        |block: &str| json!({TABLE: table, "DestinationCidrBlock": block, "Blackhole": true});
    done(&world, "CreateTransitGatewayRoute", &to("0.0.0.0/0"));
    done(&world, "CreateTransitGatewayRoute", &hole("9.0.0.0/8"));
    let mut both = hole("8.0.0.0/8");
    both[ATTACHMENT] = attachment.clone().into();
    for (members, code) in [
        (to("0.0.0.0/0"), "RouteAlreadyExists"),
        (both, "InvalidParameterCombination"),
        (to("x"), "InvalidParameterValue"),
        (
            json!({TABLE: table, "DestinationCidrBlock": "8.0.0.0/8"}),
            "MissingParameter",
        ),
    ] {
        refuses(&world, code, "CreateTransitGatewayRoute", &members);
    }
    let search = |name: &str, value: &str| {
        let filter = json!([{"Name": name, "Values": [value]}]);
        let list = done(
            &world,
            "SearchTransitGatewayRoutes",
            &json!({TABLE: table, "Filters": filter}),
        );
        each(&list, "Routes", "DestinationCidrBlock")
    };
    assert_eq!(search("type", "static"), ["0.0.0.0/0", "9.0.0.0/8"]);
    assert_eq!(search("type", "propagated"), ["10.0.0.0/16"]);
    assert_eq!(search("state", "blackhole"), ["9.0.0.0/8"]);
    let longest = "route-search.longest-prefix-match";
    assert_eq!(search(longest, "10.0.3.4"), ["10.0.0.0/16"]);
    assert_eq!(
        search("route-search.exact-match", "9.0.0.0/8"),
        ["9.0.0.0/8"]
    );
    assert_eq!(search("route-search.subnet-of-match", "8.0.0.0/6").len(), 2);
    let above = search("route-search.supernet-of-match", "9.1.0.0/16");
    assert_eq!(above, ["0.0.0.0/0", "9.0.0.0/8"]);
    let unknown = "InvalidRoute.NotFound";
    refuses(
        &world,
        unknown,
        "ReplaceTransitGatewayRoute",
        &hole("8.0.0.0/8"),
    );
    done(&world, "ReplaceTransitGatewayRoute", &hole("0.0.0.0/0"));
    assert_eq!(search("state", "active"), ["10.0.0.0/16"]);
    let delete = json!({TABLE: table, "DestinationCidrBlock": "0.0.0.0/0"});
    done(&world, "DeleteTransitGatewayRoute", &delete);
    refuses(&world, unknown, "DeleteTransitGatewayRoute", &delete);
}

#[test]
fn an_attachment_has_an_interface_in_each_subnet() {
    let world = world();
    let (_, _, own, attachment) = attached(&world);
    let first = subnet(&world, &own, "10.0.1.0/24");
    let modify = |add: &[&str], remove: &[&str]| {
        let members = json!({ATTACHMENT: attachment, "AddSubnetIds": add,
            "RemoveSubnetIds": remove, "Options": {"ApplianceModeSupport": "enable"}});
        call(&world, "ModifyTransitGatewayVpcAttachment", &members)
    };
    // It has one in this zone.
    assert_eq!(
        modify(&[&first], &[]),
        Err("DuplicateSubnetsInSameZone".into())
    );
    let second =
        json!({"VpcId": own, "CidrBlock": "10.0.2.0/24", "AvailabilityZone": "us-east-1b"});
    let second = done(&world, "CreateSubnet", &second);
    let second = text(&second, "/Subnet/SubnetId");
    let modified = modify(&[&second], &[]).unwrap();
    let shown = &modified["TransitGatewayVpcAttachment"];
    assert_eq!(shown["SubnetIds"].as_array().unwrap().len(), 2);
    assert_eq!(text(shown, "/Options/ApplianceModeSupport"), "enable");
    let delete = json!({"SubnetId": second});
    refuses(&world, "DependencyViolation", "DeleteSubnet", &delete);
    modify(&[], &[&second]).unwrap();
    done(&world, "DeleteSubnet", &delete);
    assert_eq!(
        modify(&[], &[&second]),
        Err("InvalidSubnetID.NotFound".into())
    );
}

#[test]
fn options_of_a_gateway_are_changed_one_by_one() {
    let world = world();
    let (gateway, ..) = attached(&world);
    let modify = |options: Json| {
        let members = json!({"TransitGatewayId": gateway, "Options": options});
        let answer = done(&world, "ModifyTransitGateway", &members);
        answer["TransitGateway"]["Options"].clone()
    };
    let options = modify(json!({"AddTransitGatewayCidrBlocks": ["10.9.0.0/24"],
        "DefaultRouteTableAssociation": "disable"}));
    assert_eq!(options["TransitGatewayCidrBlocks"], json!(["10.9.0.0/24"]));
    assert!(options.get("AssociationDefaultRouteTableId").is_none());
    assert!(options.get("PropagationDefaultRouteTableId").is_some());
    let bare = json!({"TransitGatewayId": gateway});
    let code = "InvalidParameterCombination";
    refuses(&world, code, "ModifyTransitGateway", &bare);
}

#[test]
fn a_peering_of_gateways_waits_to_be_accepted() {
    let world = world();
    let gateway = || {
        let made = done(&world, "CreateTransitGateway", &json!({}));
        text(&made, "/TransitGateway/TransitGatewayId")
    };
    let mut members = json!({"TransitGatewayId": gateway(), "PeerTransitGatewayId": gateway(),
        "PeerAccountId": "123456789012", "PeerRegion": "us-east-1"});
    let action = "CreateTransitGatewayPeeringAttachment";
    let made = done(&world, action, &members);
    let attachment = text(
        &made,
        "/TransitGatewayPeeringAttachment/TransitGatewayAttachmentId",
    );
    let own = json!({ATTACHMENT: attachment});
    done(&world, "AcceptTransitGatewayPeeringAttachment", &own);
    let wrong = "IncorrectState";
    refuses(&world, wrong, "AcceptTransitGatewayPeeringAttachment", &own);
    refuses(&world, wrong, "RejectTransitGatewayPeeringAttachment", &own);
    members["PeerTransitGatewayId"] = "tgw-12345678".into();
    refuses(&world, "InvalidTransitGatewayID.NotFound", action, &members);
    members["PeerRegion"] = "eu-west-1".into();
    done(&world, action, &members);
}

#[test]
fn a_vpn_connection_has_routes_and_keeps_its_ends() {
    let world = world();
    let customer = json!({"Type": "ipsec.1", "IpAddress": "192.0.2.1"});
    let customer = done(&world, "CreateCustomerGateway", &customer);
    let customer = text(&customer, "/CustomerGateway/CustomerGatewayId");
    let gateway = done(&world, "CreateVpnGateway", &json!({"Type": "ipsec.1"}));
    let gateway = text(&gateway, "/VpnGateway/VpnGatewayId");
    let made = done(
        &world,
        "CreateVpnConnection",
        &json!({"Type": "ipsec.1", "CustomerGatewayId": customer, "VpnGatewayId": gateway}),
    );
    let id = text(&made, "/VpnConnection/VpnConnectionId");
    let route = json!({"VpnConnectionId": id, "DestinationCidrBlock": "11.0.0.0/8"});
    done(&world, "CreateVpnConnectionRoute", &route);
    let shown = done(
        &world,
        "DescribeVpnConnections",
        &json!({"VpnConnectionIds": [id]}),
    );
    let routes = each(
        &shown["VpnConnections"][0],
        "Routes",
        "DestinationCidrBlock",
    );
    assert_eq!(routes, ["11.0.0.0/8"]);
    done(&world, "DeleteVpnConnectionRoute", &route);
    let unknown = "InvalidRoute.NotFound";
    refuses(&world, unknown, "DeleteVpnConnectionRoute", &route);
    let ends = [
        ("DeleteVpnGateway", json!({"VpnGatewayId": gateway})),
        (
            "DeleteCustomerGateway",
            json!({"CustomerGatewayId": customer}),
        ),
    ];
    for (action, members) in &ends {
        refuses(&world, "IncorrectState", action, members);
    }
    done(
        &world,
        "DeleteVpnConnection",
        &json!({"VpnConnectionId": id}),
    );
    for (action, members) in &ends {
        done(&world, action, members);
    }
}
