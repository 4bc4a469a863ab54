//! What a VPC has with others: peerings, endpoints, flow logs and prefix lists.

use crate::calls::{call, done, each, refuses, text};
use crate::vpcs::{found, subnet, vpc, world};
use ec2wire_reference::World;
use serde_json::{Value as Json, json};

const S3: &str = "com.amazonaws.us-east-1.s3";
const EC2: &str = "com.amazonaws.us-east-1.ec2";
const PEERING: &str = "VpcPeeringConnectionId";

fn peer(world: &World, vpc: &str, other: &str) -> String {
    let members = json!({"VpcId": vpc, "PeerVpcId": other});
    let made = done(world, "CreateVpcPeeringConnection", &members);
    assert_eq!(
        text(&made, "/VpcPeeringConnection/Status/Code"),
        "initiating-request"
    );
    text(&made, "/VpcPeeringConnection/VpcPeeringConnectionId")
}

fn status(world: &World, peering: &str) -> String {
    let members = json!({"VpcPeeringConnectionIds": [peering]});
    let list = done(world, "DescribeVpcPeeringConnections", &members);
    text(&list, "/VpcPeeringConnections/0/Status/Code")
}

#[test]
fn a_peering_is_accepted_rejected_or_fails() {
    let world = world();
    let [a, b, c] = ["10.0.0.0/16", "10.1.0.0/16", "10.1.0.0/24"].map(|block| vpc(&world, block));
    let peering = peer(&world, &a, &b);
    assert_eq!(status(&world, &peering), "pending-acceptance");
    let again = json!({"VpcId": b, "PeerVpcId": a});
    let known = "VpcPeeringConnectionAlreadyExists";
    refuses(&world, known, "CreateVpcPeeringConnection", &again);
    let options = json!({PEERING: peering,
        "AccepterPeeringConnectionOptions": {"AllowDnsResolutionFromRemoteVpc": true}});
    let action = "ModifyVpcPeeringConnectionOptions";
    refuses(&world, "OperationNotPermitted", action, &options);
    let own = json!({PEERING: peering});
    done(&world, "AcceptVpcPeeringConnection", &own);
    assert_eq!(status(&world, &peering), "active");
    let wrong = "InvalidStateTransition";
    refuses(&world, wrong, "AcceptVpcPeeringConnection", &own);
    refuses(&world, wrong, "RejectVpcPeeringConnection", &own);
    done(&world, action, &options);

    let rejected = peer(&world, &a, &c);
    let rejected = json!({PEERING: rejected});
    done(&world, "RejectVpcPeeringConnection", &rejected);
    assert_eq!(
        status(&world, &text(&rejected, "/VpcPeeringConnectionId")),
        "rejected"
    );
    let failed = peer(&world, &b, &c);
    assert_eq!(status(&world, &failed), "failed");
    let failed = json!({PEERING: failed});
    refuses(&world, wrong, "DeleteVpcPeeringConnection", &failed);
    let elsewhere = json!({"VpcId": a, "PeerVpcId": "vpc-12345678", "PeerRegion": "eu-west-1"});
    let elsewhere = done(&world, "CreateVpcPeeringConnection", &elsewhere);
    let elsewhere = text(&elsewhere, "/VpcPeeringConnection/VpcPeeringConnectionId");
    refuses(
        &world,
        "OperationNotPermitted",
        "AcceptVpcPeeringConnection",
        &json!({PEERING: elsewhere}),
    );
    // It ends with either VPC.
    done(&world, "DeleteVpc", &json!({"VpcId": b}));
    assert_eq!(status(&world, &peering), "deleted");
}

fn endpoint(world: &World, members: &Json) -> String {
    let made = done(world, "CreateVpcEndpoint", members);
    text(&made, "/VpcEndpoint/VpcEndpointId")
}

fn shown(world: &World, endpoint: &str) -> Json {
    let members = json!({"VpcEndpointIds": [endpoint]});
    let list = done(world, "DescribeVpcEndpoints", &members);
    list["VpcEndpoints"][0].clone()
}

#[test]
fn a_gateway_endpoint_is_a_route_of_its_tables() {
    let world = world();
    let own = vpc(&world, "10.0.0.0/16");
    let table = || {
        let made = done(&world, "CreateRouteTable", &json!({"VpcId": own}));
        text(&made, "/RouteTable/RouteTableId")
    };
    let (first, second) = (table(), table());
    let id = endpoint(
        &world,
        &json!({"VpcId": own, "ServiceName": S3, "RouteTableIds": [first]}),
    );
    let with_route = || {
        let tables = found(
            &world,
            "DescribeRouteTables",
            "RouteTables",
            "route.gateway-id",
            &id,
        );
        let ids = tables.iter().map(|table| text(table, "/RouteTableId"));
        ids.collect::<Vec<_>>()
    };
    assert_eq!(with_route(), [first.as_str()]);
    let move_it = json!({"VpcEndpointId": id, "AddRouteTableIds": [second],
        "RemoveRouteTableIds": [first]});
    done(&world, "ModifyVpcEndpoint", &move_it);
    done(
        &world,
        "ModifyVpcEndpoint",
        &json!({"VpcEndpointId": id, "AddRouteTableIds": [second]}),
    );
    let other = json!({"VpcId": own, "ServiceName": S3, "RouteTableIds": [first]});
    let other = endpoint(&world, &other);
    for (action, members) in [
        (
            "CreateVpcEndpoint",
            json!({"VpcId": own, "ServiceName": S3, "RouteTableIds": [second]}),
        ),
        (
            "ModifyVpcEndpoint",
            json!({"VpcEndpointId": other, "AddRouteTableIds": [second]}),
        ),
    ] {
        refuses(&world, "RouteAlreadyExists", action, &members);
    }
    assert_eq!(with_route(), [second.as_str()]);
    assert_eq!(shown(&world, &id)["RouteTableIds"], json!([second]));
    for (members, code) in [
        (json!({"VpcId": own}), "MissingParameter"),
        (
            json!({"VpcId": own, "ServiceName": EC2}),
            "InvalidParameter",
        ),
        (
            json!({"VpcId": own, "ServiceName": "x"}),
            "InvalidServiceName",
        ),
        (
            json!({"VpcId": vpc(&world, "10.1.0.0/16"), "ServiceName": S3,
                "RouteTableIds": [first]}),
            "InvalidParameter",
        ),
    ] {
        refuses(&world, code, "CreateVpcEndpoint", &members);
    }
    done(
        &world,
        "DeleteVpcEndpoints",
        &json!({"VpcEndpointIds": [id]}),
    );
    assert!(with_route().is_empty());
}

#[test]
fn an_interface_endpoint_has_an_interface_in_each_subnet() {
    let world = world();
    let own = vpc(&world, "10.0.0.0/16");
    let in_zone = |block: &str, zone: &str| {
        let members = json!({"VpcId": own, "CidrBlock": block, "AvailabilityZone": zone});
        text(&done(&world, "CreateSubnet", &members), "/Subnet/SubnetId")
    };
    let a = in_zone("10.0.0.0/24", "us-east-1a");
    let b = in_zone("10.0.1.0/24", "us-east-1b");
    let also_b = in_zone("10.0.2.0/24", "us-east-1b");
    let mut members = json!({"VpcId": own, "ServiceName": EC2, "VpcEndpointType": "Interface",
        "SubnetIds": [a], "PrivateDnsEnabled": true});
    refuses(&world, "InvalidParameter", "CreateVpcEndpoint", &members);
    members["PrivateDnsEnabled"] = false.into();
    let id = endpoint(&world, &members);
    let add = |subnets: &[&str]| json!({"VpcEndpointId": id, "AddSubnetIds": subnets});
    let twice = "DuplicateSubnetsInSameZone";
    refuses(&world, twice, "ModifyVpcEndpoint", &add(&[&b, &also_b]));
    done(&world, "ModifyVpcEndpoint", &add(&[&b]));
    let counts = || {
        let shown = shown(&world, &id);
        ["SubnetIds", "NetworkInterfaceIds", "DnsEntries"]
            .map(|list| shown[list].as_array().unwrap().len())
    };
    assert_eq!(counts(), [2, 2, 3]);
    let remove = json!({"VpcEndpointId": id, "RemoveSubnetIds": [a]});
    done(&world, "ModifyVpcEndpoint", &remove);
    assert_eq!(counts(), [1, 1, 2]);
    done(&world, "DeleteSubnet", &json!({"SubnetId": a}));
    let delete_b = json!({"SubnetId": b});
    refuses(&world, "DependencyViolation", "DeleteSubnet", &delete_b);
    let both = json!({"VpcEndpointIds": ["vpce-12345678", id]});
    let answer = done(&world, "DeleteVpcEndpoints", &both);
    assert_eq!(
        each(&answer, "Unsuccessful", "ResourceId"),
        ["vpce-12345678"]
    );
    refuses(
        &world,
        "InvalidVpcEndpointId.NotFound",
        "DeleteVpcEndpoints",
        &both,
    );
    done(&world, "DeleteSubnet", &delete_b);
}

#[test]
fn services_are_listed_in_pages_and_by_filters() {
    let world = world();
    let action = "DescribeVpcEndpointServices";
    let all = done(&world, action, &json!({}));
    let all = each(&all, "ServiceDetails", "ServiceName");
    let mut paged = Vec::new();
    let mut members = json!({"MaxResults": 10});
    loop {
        let page = done(&world, action, &members);
        paged.extend(each(&page, "ServiceDetails", "ServiceName"));
        match page["NextToken"].as_str() {
            Some(token) => members["NextToken"] = token.into(),
            None => break,
        }
    }
    assert_eq!(paged, all);
    let one = done(&world, action, &json!({"ServiceNames": [EC2]}));
    let (one, name) = (&one["ServiceDetails"][0], "ec2.us-east-1.amazonaws.com");
    assert_eq!(one["PrivateDnsName"], name);
    assert_eq!(one["PrivateDnsNames"], json!([{"PrivateDnsName": name}]));
    let gateways = json!({"Filters": [{"Name": "service-type", "Values": ["Gateway"]}]});
    let gateways = done(&world, action, &gateways);
    assert_eq!(each(&gateways, "ServiceDetails", "Owner").len(), 2);
    for (members, code) in [
        (json!({"ServiceNames": ["x"]}), "InvalidServiceName"),
        (
            json!({"Filters": [{"Name": "x", "Values": ["y"]}]}),
            "InvalidParameterValue",
        ),
        (json!({"NextToken": "x"}), "InvalidParameterValue"),
    ] {
        refuses(&world, code, action, &members);
    }
}

#[test]
fn connections_to_ones_own_service_are_accepted() {
    let world = world();
    let own = vpc(&world, "10.0.0.0/16");
    let within = subnet(&world, &own, "10.0.0.0/24");
    let arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/a/b";
    let made = done(
        &world,
        "CreateVpcEndpointServiceConfiguration",
        &json!({"NetworkLoadBalancerArns": [arn], "AcceptanceRequired": true}),
    );
    let service = text(&made, "/ServiceConfiguration/ServiceId");
    let name = text(&made, "/ServiceConfiguration/ServiceName");
    let id = endpoint(
        &world,
        &json!({"VpcId": own, "ServiceName": name, "VpcEndpointType": "Interface",
            "SubnetIds": [within]}),
    );
    assert_eq!(text(&shown(&world, &id), "/State"), "pendingAcceptance");
    let delete = json!({"ServiceIds": [service]});
    let action = "DeleteVpcEndpointServiceConfigurations";
    refuses(&world, "ExistingVpcEndpointConnections", action, &delete);
    let accept = json!({"ServiceId": service, "VpcEndpointIds": [id, "vpce-12345678"]});
    let answer = done(&world, "AcceptVpcEndpointConnections", &accept);
    assert_eq!(
        each(&answer, "Unsuccessful", "ResourceId"),
        ["vpce-12345678"]
    );
    assert_eq!(text(&shown(&world, &id), "/State"), "available");
    let permit = json!({"ServiceId": service, "AddAllowedPrincipals": ["*"]});
    done(&world, "ModifyVpcEndpointServicePermissions", &permit);
    let of_service = json!({"ServiceId": service});
    let list = || {
        let list = done(&world, "DescribeVpcEndpointServicePermissions", &of_service);
        each(&list, "AllowedPrincipals", "PrincipalType")
    };
    assert_eq!(list(), ["All"]);
    let forbid = json!({"ServiceId": service, "RemoveAllowedPrincipals": ["*"]});
    done(&world, "ModifyVpcEndpointServicePermissions", &forbid);
    assert!(list().is_empty());
    let end = json!({"VpcEndpointIds": [id]});
    done(&world, "DeleteVpcEndpoints", &end);
    done(&world, action, &delete);
}

#[test]
fn flow_logs_say_what_had_no_success() {
    let world = world();
    let own = vpc(&world, "10.0.0.0/16");
    let members = json!({"ResourceIds": [own, "vpc-12345678"], "ResourceType": "VPC",
        "TrafficType": "ALL", "LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::b"});
    let made = done(&world, "CreateFlowLogs", &members);
    assert_eq!(each(&made, "Unsuccessful", "ResourceId"), ["vpc-12345678"]);
    let id = text(&made, "/FlowLogIds/0");
    let again = done(&world, "CreateFlowLogs", &members);
    assert_eq!(
        text(&again, "/Unsuccessful/0/Error/Code"),
        "FlowLogAlreadyExists"
    );
    for (name, value, code) in [
        ("TrafficType", Json::Null, "MissingParameter"),
        ("MaxAggregationInterval", json!(61), "InvalidParameterValue"),
        ("LogGroupName", json!("x"), "InvalidParameterValue"),
        ("LogDestination", Json::Null, "MissingParameter"),
        ("ResourceType", json!("x"), "InvalidParameterValue"),
    ] {
        let mut members = members.clone();
        members[name] = value;
        refuses(&world, code, "CreateFlowLogs", &members);
    }
    let logs = json!({"ResourceIds": [own], "ResourceType": "VPC", "TrafficType": "ALL",
        "LogGroupName": "x"});
    refuses(&world, "InvalidParameter", "CreateFlowLogs", &logs);
    let list = || {
        let list = done(&world, "DescribeFlowLogs", &json!({}));
        each(&list, "FlowLogs", "ResourceId")
    };
    assert_eq!(list(), [own.as_str()]);
    let both = json!({"FlowLogIds": [id, "fl-12345678"]});
    let deleted = done(&world, "DeleteFlowLogs", &both);
    assert_eq!(
        each(&deleted, "Unsuccessful", "ResourceId"),
        ["fl-12345678"]
    );
    refuses(&world, "InvalidFlowLogId.NotFound", "DeleteFlowLogs", &both);
    // A log ends with what it is of.
    done(&world, "CreateFlowLogs", &members);
    done(&world, "DeleteVpc", &json!({"VpcId": own}));
    assert!(list().is_empty());
}

#[test]
fn each_change_of_a_prefix_list_is_a_version() {
    let world = world();
    let create = |changes: &Json| {
        let mut members = json!({"PrefixListName": "n", "MaxEntries": 2, "AddressFamily": "IPv4",
            "Entries": [{"Cidr": "10.0.0.0/16"}]});
        for (name, value) in changes.as_object().unwrap() {
            members[name] = value.clone();
        }
        call(&world, "CreateManagedPrefixList", &members)
    };
    for (changes, code) in [
        (
            json!({"PrefixListName": "com.amazonaws.x"}),
            "InvalidParameterValue",
        ),
        (json!({"AddressFamily": "IPv5"}), "InvalidParameterValue"),
        (json!({"AddressFamily": "IPv6"}), "InvalidParameterValue"),
        (json!({"MaxEntries": 0}), "InvalidParameterValue"),
        (
            json!({"Entries": [{"Cidr": "1.0.0.0/8"}, {"Cidr": "1.0.0.0/8"}]}),
            "InvalidParameterValue",
        ),
        (
            json!({"MaxEntries": 1, "Entries": [{"Cidr": "1.0.0.0/8"}, {"Cidr": "2.0.0.0/8"}]}),
            "PrefixListMaxEntriesExceeded",
        ),
    ] {
        assert_eq!(create(&changes), Err(code.into()), "{changes}");
    }
    let id = text(&create(&json!({})).unwrap(), "/PrefixList/PrefixListId");
    let modify = |changes: Json| {
        let mut members = changes;
        members["PrefixListId"] = id.clone().into();
        call(&world, "ModifyManagedPrefixList", &members)
    };
    let add = |version: i64, block: &str| {
        modify(json!({"CurrentVersion": version, "AddEntries": [{"Cidr": block}]}))
    };
    assert_eq!(modify(json!({})), Err("InvalidParameterCombination".into()));
    add(1, "10.1.0.0/16").unwrap();
    assert_eq!(
        add(1, "10.2.0.0/16"),
        Err("PrefixListVersionMismatch".into())
    );
    assert_eq!(
        add(2, "10.2.0.0/16"),
        Err("PrefixListMaxEntriesExceeded".into())
    );
    let entries = |members: Json| {
        let mut members = members;
        members["PrefixListId"] = id.clone().into();
        let list = done(&world, "GetManagedPrefixListEntries", &members);
        each(&list, "Entries", "Cidr")
    };
    assert_eq!(entries(json!({})), ["10.0.0.0/16", "10.1.0.0/16"]);
    assert_eq!(entries(json!({"TargetVersion": 1})), ["10.0.0.0/16"]);
    let restore = json!({"PrefixListId": id, "PreviousVersion": 1, "CurrentVersion": 2});
    done(&world, "RestoreManagedPrefixListVersion", &restore);
    assert_eq!(entries(json!({})), ["10.0.0.0/16"]);

    let own = vpc(&world, "10.0.0.0/16");
    let tables = found(&world, "DescribeRouteTables", "RouteTables", "vpc-id", &own);
    let table = text(&tables[0], "/RouteTableId");
    let gateway = json!({"VpcId": own});
    let gateway = done(&world, "CreateEgressOnlyInternetGateway", &gateway);
    let pointer = "/EgressOnlyInternetGateway/EgressOnlyInternetGatewayId";
    let route = json!({"RouteTableId": table, "DestinationPrefixListId": id,
        "EgressOnlyInternetGatewayId": text(&gateway, pointer)});
    done(&world, "CreateRoute", &route);
    let of_list = json!({"PrefixListId": id});
    let users = done(&world, "GetManagedPrefixListAssociations", &of_list);
    assert_eq!(
        each(&users, "PrefixListAssociations", "ResourceId"),
        [table]
    );
    let kept = "DependencyViolation";
    refuses(&world, kept, "DeleteManagedPrefixList", &of_list);
}

#[test]
fn aws_has_prefix_lists_that_nobody_changes() {
    let world = world();
    let name = "prefix-list-name";
    let lists = found(&world, "DescribePrefixLists", "PrefixLists", name, S3);
    assert!(!lists[0]["Cidrs"].as_array().unwrap().is_empty());
    let id = json!({"PrefixListId": text(&lists[0], "/PrefixListId")});
    let code = "UnauthorizedOperation";
    refuses(&world, code, "DeleteManagedPrefixList", &id);
    let mut rename = id;
    rename["PrefixListName"] = "x".into();
    refuses(&world, code, "ModifyManagedPrefixList", &rename);
}

#[test]
fn rules_that_name_groups_of_a_vpc_are_stale_without_its_peering() {
    let world = world();
    let [a, b] = ["10.0.0.0/16", "10.1.0.0/16"].map(|block| vpc(&world, block));
    let [of_a, of_b] = [&a, &b].map(|vpc| {
        let members = json!({"VpcId": vpc, "GroupName": "x", "Description": "x"});
        text(&done(&world, "CreateSecurityGroup", &members), "/GroupId")
    });
    let peering = peer(&world, &a, &b);
    let named = json!({PEERING: peering});
    done(&world, "AcceptVpcPeeringConnection", &named);
    let allow = json!({"GroupId": of_a, "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 80,
        "ToPort": 80, "UserIdGroupPairs": [{"GroupId": of_b}, {"GroupId": of_a}]}]});
    done(&world, "AuthorizeSecurityGroupIngress", &allow);
    let references = |group: &str| {
        let members = json!({"GroupId": [group]});
        let answer = done(&world, "DescribeSecurityGroupReferences", &members);
        answer["SecurityGroupReferenceSet"].clone()
    };
    assert_eq!(
        references(&of_b),
        json!([{"GroupId": of_b, "ReferencingVpcId": a, PEERING: peering}])
    );
    assert_eq!(references(&of_a), json!([]));
    let stale = |vpc: &str| {
        let answer = done(
            &world,
            "DescribeStaleSecurityGroups",
            &json!({"VpcId": vpc}),
        );
        answer["StaleSecurityGroupSet"].clone()
    };
    assert_eq!(stale(&a), json!([]));
    done(&world, "DeleteVpcPeeringConnection", &named);
    let found = stale(&a);
    assert_eq!(
        each(&json!({"found": found}), "found", "GroupId"),
        [of_a.as_str()]
    );
    let pairs = &found[0]["StaleIpPermissions"][0]["UserIdGroupPairs"];
    assert_eq!(pairs.as_array().unwrap().len(), 1);
    assert_eq!(
        (
            &pairs[0]["GroupId"],
            &pairs[0]["VpcId"],
            &pairs[0]["PeeringStatus"]
        ),
        (&json!(of_b), &json!(b), &json!("deleted"))
    );
    assert_eq!(stale(&b), json!([]));
}
