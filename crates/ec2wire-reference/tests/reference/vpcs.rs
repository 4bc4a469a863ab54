//! Regions and zones, VPCs, subnets and DHCP options.

use crate::calls::{call, done, each, refuses, text};
use ec2wire_reference::{Config, World};
use serde_json::{Value as Json, json};

pub(crate) fn world() -> World {
    World::new(Config::default())
}

pub(crate) fn vpc(world: &World, block: &str) -> String {
    let made = done(world, "CreateVpc", &json!({"CidrBlock": block}));
    text(&made, "/Vpc/VpcId")
}

pub(crate) fn subnet(world: &World, vpc: &str, block: &str) -> String {
    let members = json!({"VpcId": vpc, "CidrBlock": block});
    text(&done(world, "CreateSubnet", &members), "/Subnet/SubnetId")
}

/// The entries of a list that one filter selects.
pub(crate) fn found(world: &World, action: &str, list: &str, name: &str, value: &str) -> Vec<Json> {
    let filter = json!({"Filters": [{"Name": name, "Values": [value]}]});
    let answer = done(world, action, &filter);
    answer[list].as_array().unwrap().clone()
}

fn of_vpc(world: &World, action: &str, list: &str, vpc: &str) -> Vec<Json> {
    found(world, action, list, "vpc-id", vpc)
}

#[test]
fn regions_are_the_accounts_own_or_all() {
    let world = world();
    let own = done(&world, "DescribeRegions", &json!({}));
    let all = done(&world, "DescribeRegions", &json!({"AllRegions": true}));
    let (own, all) = (
        each(&own, "Regions", "OptInStatus"),
        each(&all, "Regions", "OptInStatus"),
    );
    assert!(own.len() >= 17 && own.len() < all.len());
    assert!(own.iter().all(|status| status == "opt-in-not-required"));
    let named = done(
        &world,
        "DescribeRegions",
        &json!({"RegionNames": ["af-south-1"]}),
    );
    assert_eq!(text(&named, "/Regions/0/OptInStatus"), "not-opted-in");
    let code = "InvalidParameterValue";
    refuses(
        &world,
        code,
        "DescribeRegions",
        &json!({"RegionNames": ["mars-1"]}),
    );
}

#[test]
fn zones_are_those_of_the_region() {
    for (region, first, count) in [
        ("us-east-1", "use1-az1", 6),
        ("ap-southeast-2", "apse2-az1", 3),
        ("mars-1", "mars1-az1", 3),
    ] {
        let world = World::new(Config {
            region: region.into(),
            ..Config::default()
        });
        let zones = done(&world, "DescribeAvailabilityZones", &json!({}));
        assert_eq!(
            each(&zones, "AvailabilityZones", "ZoneName").len(),
            count,
            "{region}"
        );
        assert_eq!(text(&zones, "/AvailabilityZones/0/ZoneId"), first);
        let by_id = json!({"ZoneIds": [first]});
        let one = done(&world, "DescribeAvailabilityZones", &by_id);
        let names = each(&one, "AvailabilityZones", "ZoneName");
        assert_eq!(names, [format!("{region}a")]);
        for unknown in [json!({"ZoneNames": ["x"]}), json!({"ZoneIds": ["x"]})] {
            let code = "InvalidParameterValue";
            refuses(&world, code, "DescribeAvailabilityZones", &unknown);
        }
        let subnets = done(&world, "DescribeSubnets", &json!({}));
        assert_eq!(each(&subnets, "Subnets", "AvailabilityZone").len(), count);
    }
}

#[test]
fn an_account_begins_with_a_default_vpc() {
    let world = world();
    let vpcs = found(&world, "DescribeVpcs", "Vpcs", "is-default", "true");
    let [vpc] = vpcs.as_slice() else {
        panic!("{vpcs:?}")
    };
    let id = text(vpc, "/VpcId");
    assert_eq!(text(vpc, "/CidrBlock"), "172.31.0.0/16");
    let subnets = of_vpc(&world, "DescribeSubnets", "Subnets", &id);
    let mut blocks: Vec<String> = subnets.iter().map(|one| text(one, "/CidrBlock")).collect();
    blocks.dedup();
    assert_eq!(blocks.len(), 6);
    assert!(subnets.iter().all(|one| one["DefaultForAz"] == true));
    let attributes = done(&world, "DescribeAccountAttributes", &json!({}));
    assert!(attributes.to_string().contains(&id));
    refuses(
        &world,
        "InvalidParameterValue",
        "DescribeAccountAttributes",
        &json!({"AttributeNames": ["x"]}),
    );

    let zone = json!({"AvailabilityZone": "us-east-1b"});
    let there = "DefaultSubnetAlreadyExistsInAvailabilityZone";
    refuses(&world, there, "CreateDefaultSubnet", &zone);
    refuses(
        &world,
        "DefaultVpcAlreadyExists",
        "CreateDefaultVpc",
        &json!({}),
    );
    let delete = json!({"VpcId": id});
    for subnet in &subnets {
        refuses(&world, "DependencyViolation", "DeleteVpc", &delete);
        let id = text(subnet, "/SubnetId");
        done(&world, "DeleteSubnet", &json!({"SubnetId": id}));
    }
    let again = done(&world, "CreateDefaultSubnet", &zone);
    let again = text(&again, "/Subnet/SubnetId");
    done(&world, "DeleteSubnet", &json!({"SubnetId": again}));
    refuses(&world, "DependencyViolation", "DeleteVpc", &delete);
    let gateways = found(
        &world,
        "DescribeInternetGateways",
        "InternetGateways",
        "attachment.vpc-id",
        &id,
    );
    let gateway = text(&gateways[0], "/InternetGatewayId");
    let both = json!({"VpcId": id, "InternetGatewayId": gateway});
    done(&world, "DetachInternetGateway", &both);
    done(&world, "DeleteVpc", &delete);
    refuses(
        &world,
        "DefaultVpcDoesNotExist",
        "CreateDefaultSubnet",
        &zone,
    );
    let new = done(&world, "CreateDefaultVpc", &json!({}));
    let new = text(&new, "/Vpc/VpcId");
    assert_eq!(
        of_vpc(&world, "DescribeSubnets", "Subnets", &new).len(),
        subnets.len()
    );
}

#[test]
fn a_vpc_comes_and_goes_with_its_parts() {
    let world = world();
    let id = vpc(&world, "10.0.0.0/16");
    let parts = [
        ("DescribeRouteTables", "RouteTables"),
        ("DescribeNetworkAcls", "NetworkAcls"),
        ("DescribeSecurityGroups", "SecurityGroups"),
    ];
    for (action, list) in parts {
        assert_eq!(of_vpc(&world, action, list, &id).len(), 1, "{action}");
    }
    let acl = json!({"VpcId": id});
    let acl = done(&world, "CreateNetworkAcl", &acl);
    refuses(
        &world,
        "DependencyViolation",
        "DeleteVpc",
        &json!({"VpcId": id}),
    );
    let acl = text(&acl, "/NetworkAcl/NetworkAclId");
    done(&world, "DeleteNetworkAcl", &json!({"NetworkAclId": acl}));
    done(&world, "DeleteVpc", &json!({"VpcId": id}));
    for (action, list) in parts {
        assert!(of_vpc(&world, action, list, &id).is_empty(), "{action}");
    }
}

#[test]
fn blocks_that_nothing_can_have_are_refused() {
    let world = world();
    for (block, code) in [
        ("10.0.0.0/15", "InvalidVpc.Range"),
        ("10.0.0.0/29", "InvalidVpc.Range"),
        ("10.0.0.0", "InvalidParameterValue"),
        ("10.0.0.0/33", "InvalidParameterValue"),
        ("::/16", "InvalidParameterValue"),
    ] {
        refuses(&world, code, "CreateVpc", &json!({"CidrBlock": block}));
    }
    refuses(&world, "MissingParameter", "CreateVpc", &json!({}));
    let id = vpc(&world, "10.0.5.7/16");
    assert_eq!(
        text(
            &of_vpc(&world, "DescribeVpcs", "Vpcs", &id)[0],
            "/CidrBlock"
        ),
        "10.0.0.0/16"
    );
    subnet(&world, &id, "10.0.1.0/24");
    for (block, code) in [
        ("10.0.1.0/24", "InvalidSubnet.Conflict"),
        ("10.0.1.128/25", "InvalidSubnet.Conflict"),
        ("10.0.0.0/16", "InvalidSubnet.Conflict"),
        ("10.1.0.0/24", "InvalidSubnet.Range"),
        ("10.0.2.0/29", "InvalidSubnet.Range"),
        ("x", "InvalidParameterValue"),
    ] {
        let members = json!({"VpcId": id, "CidrBlock": block});
        refuses(&world, code, "CreateSubnet", &members);
    }
    for zone in ["AvailabilityZone", "AvailabilityZoneId"] {
        let members = json!({"VpcId": id, "CidrBlock": "10.0.2.0/24", zone: "x"});
        refuses(&world, "InvalidParameterValue", "CreateSubnet", &members);
    }
}

#[test]
fn blocks_are_associated_with_ids_and_local_routes() {
    let world = world();
    let id = vpc(&world, "10.0.0.0/16");
    let add = |block: &str| json!({"VpcId": id, "CidrBlock": block});
    let routes = || {
        let tables = of_vpc(&world, "DescribeRouteTables", "RouteTables", &id);
        tables[0]["Routes"].as_array().unwrap().len()
    };
    let added = done(&world, "AssociateVpcCidrBlock", &add("10.1.0.0/16"));
    let association = text(&added, "/CidrBlockAssociation/AssociationId");
    assert_eq!(routes(), 2);
    refuses(
        &world,
        "CidrConflict",
        "AssociateVpcCidrBlock",
        &add("10.1.2.0/24"),
    );
    let within = subnet(&world, &id, "10.1.2.0/24");
    let remove = json!({"AssociationId": association});
    let action = "DisassociateVpcCidrBlock";
    refuses(&world, "DependencyViolation", action, &remove);
    done(&world, "DeleteSubnet", &json!({"SubnetId": within}));
    done(&world, action, &remove);
    assert_eq!(routes(), 1);
    let unknown = "InvalidVpcCidrBlockAssociationID.NotFound";
    refuses(&world, unknown, action, &remove);
    let malformed = "InvalidVpcCidrBlockAssociationId.Malformed";
    refuses(&world, malformed, action, &json!({"AssociationId": "x"}));
    let shown = of_vpc(&world, "DescribeVpcs", "Vpcs", &id);
    let primary = text(&shown[0], "/CidrBlockAssociationSet/0/AssociationId");
    let primary = json!({"AssociationId": primary});
    refuses(&world, "OperationNotPermitted", action, &primary);
    for number in 1..5 {
        done(
            &world,
            "AssociateVpcCidrBlock",
            &add(&format!("10.{number}.0.0/16")),
        );
    }
    refuses(
        &world,
        "CidrLimitExceeded",
        "AssociateVpcCidrBlock",
        &add("10.9.0.0/16"),
    );
}

#[test]
fn a_subnet_has_one_ipv6_block_of_its_vpc() {
    let world = world();
    let made = done(
        &world,
        "CreateVpc",
        &json!({"CidrBlock": "10.0.0.0/16", "AmazonProvidedIpv6CidrBlock": true}),
    );
    let id = text(&made, "/Vpc/VpcId");
    let own = text(&made, "/Vpc/Ipv6CidrBlockAssociationSet/0/Ipv6CidrBlock");
    let block = own.replace("/56", "/64");
    let with = |cidr: &str, block: &str| {
        let members = json!({"VpcId": id, "CidrBlock": cidr, "Ipv6CidrBlock": block});
        call(&world, "CreateSubnet", &members)
    };
    let made = with("10.0.0.0/24", &block).unwrap();
    let subnet = text(&made, "/Subnet/SubnetId");
    assert_eq!(
        with("10.0.1.0/24", &block),
        Err("InvalidSubnet.Conflict".into())
    );
    assert_eq!(
        with("10.0.1.0/24", "2001:db8::/64"),
        Err("InvalidSubnet.Range".into())
    );
    let action = "DisassociateSubnetCidrBlock";
    let pointer = "/Subnet/Ipv6CidrBlockAssociationSet/0/AssociationId";
    let association = json!({"AssociationId": text(&made, pointer)});
    let assign = json!({"SubnetId": subnet, "AssignIpv6AddressOnCreation": {"Value": true}});
    done(&world, "ModifySubnetAttribute", &assign);
    done(&world, action, &association);
    let unknown = "InvalidSubnetCidrBlockAssociationID.NotFound";
    refuses(&world, unknown, action, &association);
    let code = "InvalidParameterValue";
    refuses(&world, code, "ModifySubnetAttribute", &assign);
    let again = json!({"SubnetId": subnet, "Ipv6CidrBlock": block});
    done(&world, "AssociateSubnetCidrBlock", &again);
    refuses(&world, code, "AssociateSubnetCidrBlock", &again);
    // ACLs have rules for IPv6 now, too.
    let acls = of_vpc(&world, "DescribeNetworkAcls", "NetworkAcls", &id);
    assert_eq!(acls[0]["Entries"].as_array().unwrap().len(), 8);
}

#[test]
fn one_attribute_is_changed_at_a_time() {
    let world = world();
    let id = vpc(&world, "10.0.0.0/16");
    let subnet = subnet(&world, &id, "10.0.0.0/24");
    let value = json!({"Value": true});
    let code = "InvalidParameterCombination";
    for (action, own, first, second) in [
        (
            "ModifyVpcAttribute",
            json!({"VpcId": id}),
            "EnableDnsHostnames",
            "EnableDnsSupport",
        ),
        (
            "ModifySubnetAttribute",
            json!({"SubnetId": subnet}),
            "MapPublicIpOnLaunch",
            "EnableDns64",
        ),
    ] {
        refuses(&world, code, action, &own);
        let mut members = own;
        members[first] = value.clone();
        done(&world, action, &members);
        members[second] = value.clone();
        refuses(&world, code, action, &members);
    }
    for (attribute, member) in [
        ("enableDnsHostnames", "EnableDnsHostnames"),
        ("enableDnsSupport", "EnableDnsSupport"),
    ] {
        let members = json!({"VpcId": id, "Attribute": attribute});
        let shown = done(&world, "DescribeVpcAttribute", &members);
        assert_eq!(shown, json!({"VpcId": id, member: {"Value": true}}));
    }
    let shown = of_vpc(&world, "DescribeSubnets", "Subnets", &id);
    assert_eq!(shown[0]["MapPublicIpOnLaunch"], true);
}

#[test]
fn a_subnet_counts_its_free_addresses() {
    let world = world();
    let id = vpc(&world, "10.0.0.0/16");
    let subnet = subnet(&world, &id, "10.0.0.0/28");
    let free =
        || of_vpc(&world, "DescribeSubnets", "Subnets", &id)[0]["AvailableIpAddressCount"].clone();
    assert_eq!(free(), 11);
    let members = json!({"SubnetId": subnet, "SecondaryPrivateIpAddressCount": 2});
    done(&world, "CreateNetworkInterface", &members);
    assert_eq!(free(), 8);
    let by_count = |count| {
        let name = "available-ip-address-count";
        found(&world, "DescribeSubnets", "Subnets", name, count).len()
    };
    assert_eq!((by_count("8"), by_count("11")), (1, 0));
    refuses(
        &world,
        "DependencyViolation",
        "DeleteSubnet",
        &json!({"SubnetId": subnet}),
    );
}

#[test]
fn parts_of_a_subnet_are_reserved_once() {
    let world = world();
    let id = vpc(&world, "10.0.0.0/16");
    let subnet = subnet(&world, &id, "10.0.0.0/24");
    let reserve =
        |block: &str| json!({"SubnetId": subnet, "Cidr": block, "ReservationType": "prefix"});
    let action = "CreateSubnetCidrReservation";
    let made = done(&world, action, &reserve("10.0.0.16/28"));
    for block in ["10.0.0.16/29", "10.0.1.0/28", "x"] {
        refuses(&world, "InvalidParameterValue", action, &reserve(block));
    }
    let list = |kind: &str| {
        let filter = json!([{"Name": "reservationType", "Values": [kind]}]);
        let members = json!({"SubnetId": subnet, "Filters": filter});
        let shown = done(&world, "GetSubnetCidrReservations", &members);
        each(&shown, "SubnetIpv4CidrReservations", "Cidr")
    };
    assert_eq!(list("prefix"), ["10.0.0.16/28"]);
    assert!(list("explicit").is_empty());
    let reservation = text(&made, "/SubnetCidrReservation/SubnetCidrReservationId");
    let reservation = json!({"SubnetCidrReservationId": reservation});
    done(&world, "DeleteSubnetCidrReservation", &reservation);
    assert!(list("prefix").is_empty());
}

#[test]
fn dhcp_options_are_kept_by_the_vpcs_that_have_them() {
    let world = world();
    let options =
        |key: &str, values: Json| json!({"DhcpConfigurations": [{"Key": key, "Values": values}]});
    for bad in [
        options("x", json!(["y"])),
        options("domain-name", json!([])),
        options("domain-name", json!(["a", "b"])),
    ] {
        refuses(&world, "InvalidParameterValue", "CreateDhcpOptions", &bad);
    }
    let good = options("domain-name-servers", json!(["10.0.0.2", "10.0.0.3"]));
    let made = done(&world, "CreateDhcpOptions", &good);
    let options = text(&made, "/DhcpOptions/DhcpOptionsId");
    let id = vpc(&world, "10.0.0.0/16");
    let give = |options: &str| json!({"VpcId": id, "DhcpOptionsId": options});
    let own = json!({"DhcpOptionsId": options});
    done(&world, "AssociateDhcpOptions", &give(&options));
    refuses(&world, "DependencyViolation", "DeleteDhcpOptions", &own);
    done(&world, "AssociateDhcpOptions", &give("default"));
    done(&world, "DeleteDhcpOptions", &own);
    let unknown = "InvalidDhcpOptionID.NotFound";
    refuses(&world, unknown, "AssociateDhcpOptions", &give(&options));
}

#[test]
fn filters_of_subnets_have_further_names() {
    let world = World::new(Config::default());
    for (name, value, count) in [
        ("cidr", "172.31.0.0/20", 1),
        ("cidrBlock", "172.31.0.0/20", 1),
        ("cidrBlock", "172.31.0.0/16", 0),
        ("availabilityZone", "us-east-1b", 1),
        ("availabilityZoneId", "use1-az2", 1),
    ] {
        let filters = json!({"Filters": [{"Name": name, "Values": [value]}]});
        let found = done(&world, "DescribeSubnets", &filters);
        assert_eq!(found["Subnets"].as_array().unwrap().len(), count, "{name}");
    }
}
