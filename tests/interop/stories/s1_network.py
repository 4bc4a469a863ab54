#!/usr/bin/env python3
"""Story 1: a VPC that reaches the internet, built and taken down."""

import sys

import world
from world import Story, equals, named, specification, tags_of, unknown


class Network(Story):
    def test_a_vpc(self):
        vpc = self.make(
            "create_vpc", CidrBlock="10.0.0.0/16", TagSpecifications=specification("vpc", Name="blue")
        )["Vpc"]
        vpc_id = vpc["VpcId"]
        self.assert_id(vpc_id, "vpc")
        self.assert_shown(vpc, CidrBlock="10.0.0.0/16", InstanceTenancy="default", State="pending")
        self.assertRegex(vpc["OwnerId"], world.ACCOUNT)
        self.assertFalse(vpc["IsDefault"])
        self.assert_id(vpc["DhcpOptionsId"], "dopt")
        self.assertEqual(tags_of(vpc), {"Name": "blue"})
        self.wait("vpc_available", VpcIds=[vpc_id])

        shown = self.one("describe_vpcs", "Vpcs", VpcIds=[vpc_id])
        self.assert_shown(
            shown,
            State="available",
            CidrBlock="10.0.0.0/16",
            DhcpOptionsId=vpc["DhcpOptionsId"],
            OwnerId=vpc["OwnerId"],
            IsDefault=False,
        )
        [block] = shown["CidrBlockAssociationSet"]
        self.assertEqual(block["CidrBlock"], "10.0.0.0/16")
        self.assertEqual(block["CidrBlockState"]["State"], "associated")
        self.assertEqual(tags_of(shown), {"Name": "blue"})

    def test_what_comes_with_a_vpc(self):
        vpc_id = self.make_vpc()
        of_vpc = equals(vpc_id=vpc_id)
        group = self.one("describe_security_groups", "SecurityGroups", Filters=of_vpc)
        self.assert_shown(
            group, GroupName="default", Description="default VPC security group", IpPermissions=[
                {
                    "IpProtocol": "-1",
                    "UserIdGroupPairs": [{"GroupId": group["GroupId"], "UserId": group["OwnerId"]}],
                    "IpRanges": [], "Ipv6Ranges": [], "PrefixListIds": [],
                }
            ]
        )
        [out] = group["IpPermissionsEgress"]
        self.assertEqual(out["IpProtocol"], "-1")
        self.assertEqual([range_["CidrIp"] for range_ in out["IpRanges"]], ["0.0.0.0/0"])

        acl = self.one("describe_network_acls", "NetworkAcls", Filters=of_vpc)
        self.assertTrue(acl["IsDefault"])
        rules = {
            (rule["Egress"], rule["RuleNumber"], rule["RuleAction"], rule["CidrBlock"])
            for rule in acl["Entries"]
        }
        everything = "0.0.0.0/0"
        self.assertEqual(
            rules,
            {
                (egress, number, action, everything)
                for egress in (True, False)
                for number, action in ((100, "allow"), (32767, "deny"))
            },
        )

        table = self.one("describe_route_tables", "RouteTables", Filters=of_vpc)
        [association] = table["Associations"]
        self.assertTrue(association["Main"])
        [route] = table["Routes"]
        self.assert_shown(
            route,
            DestinationCidrBlock="10.0.0.0/16",
            GatewayId="local",
            State="active",
            Origin="CreateRouteTable",
        )
        # They are the VPC's own, and cannot be deleted apart from it.
        self.refused("CannotDelete", self.ec2.delete_security_group, GroupId=group["GroupId"])
        self.refused(None, self.ec2.delete_network_acl, NetworkAclId=acl["NetworkAclId"])
        self.refused(
            "DependencyViolation", self.ec2.delete_route_table, RouteTableId=table["RouteTableId"]
        )

    def test_attributes_of_a_vpc(self):
        vpc_id = self.make_vpc()

        def attribute(name):
            answer = self.ec2.describe_vpc_attribute(VpcId=vpc_id, Attribute=name)
            self.assertEqual(answer["VpcId"], vpc_id)
            return answer[name[0].upper() + name[1:]]["Value"]

        self.assertIs(attribute("enableDnsSupport"), True)
        self.assertIs(attribute("enableDnsHostnames"), False)
        self.ec2.modify_vpc_attribute(VpcId=vpc_id, EnableDnsHostnames={"Value": True})
        self.assertIs(attribute("enableDnsHostnames"), True)
        self.assertIs(attribute("enableDnsSupport"), True)

    def test_a_second_block(self):
        vpc_id = self.make_vpc()
        answer = self.ec2.associate_vpc_cidr_block(VpcId=vpc_id, CidrBlock="10.1.0.0/16")
        added = answer["CidrBlockAssociation"]
        self.assertEqual(answer["VpcId"], vpc_id)
        self.assertEqual(added["CidrBlock"], "10.1.0.0/16")
        self.assertRegex(added["AssociationId"], r"\Avpc-cidr-assoc-[0-9a-f]{8,17}\Z")
        self.assertIn(added["CidrBlockState"]["State"], {"associating", "associated"})

        def blocks():
            vpc = self.one("describe_vpcs", "Vpcs", VpcIds=[vpc_id])
            return {
                block["CidrBlock"]
                for block in vpc["CidrBlockAssociationSet"]
                if block["CidrBlockState"]["State"] == "associated"
            }

        self.until("both blocks", lambda: blocks() == {"10.0.0.0/16", "10.1.0.0/16"})
        self.make_subnet(vpc_id, "10.1.1.0/24")
        association_id = added["AssociationId"]
        self.refused(None, self.ec2.disassociate_vpc_cidr_block, AssociationId=association_id)

    def test_blocks_that_no_vpc_may_have(self):
        for cidr in ("10.0.0.0/15", "10.0.0.0/29"):
            self.refused({"InvalidVpc.Range", "InvalidVpcRange"}, self.ec2.create_vpc, CidrBlock=cidr)
        self.refused(None, self.ec2.create_vpc, CidrBlock="10.0.0.0")
        self.refused(None, self.ec2.create_vpc)

    def test_subnets(self):
        vpc_id = self.make_vpc()
        first_zone, second_zone = world.zones()[:2]
        subnet = self.make(
            "create_subnet",
            VpcId=vpc_id,
            CidrBlock="10.0.1.0/24",
            AvailabilityZone=first_zone,
            TagSpecifications=specification("subnet", Tier="public"),
        )["Subnet"]
        self.assert_id(subnet["SubnetId"], "subnet")
        self.assert_shown(
            subnet,
            VpcId=vpc_id,
            CidrBlock="10.0.1.0/24",
            AvailabilityZone=first_zone,
            # Five addresses of a block are EC2's own.
            AvailableIpAddressCount=251,
            State="pending",
            DefaultForAz=False,
            MapPublicIpOnLaunch=False,
        )
        other_id = self.make_subnet(vpc_id, "10.0.2.0/24", AvailabilityZone=second_zone)
        self.wait("subnet_available", SubnetIds=[subnet["SubnetId"], other_id])

        def of(**filters):
            listed = self.ec2.describe_subnets(Filters=equals(**filters))["Subnets"]
            return {entry["SubnetId"] for entry in listed}

        both = {subnet["SubnetId"], other_id}
        self.assertEqual(of(vpc_id=vpc_id), both)
        self.assertEqual(of(vpc_id=vpc_id, availability_zone=second_zone), {other_id})
        self.assertEqual(of(vpc_id=vpc_id, cidr_block="10.0.1.0/24"), {subnet["SubnetId"]})
        self.assertEqual(of(vpc_id=vpc_id, cidr_block=["10.0.1.0/24", "10.0.2.0/24"]), both)

        self.ec2.modify_subnet_attribute(
            SubnetId=other_id, MapPublicIpOnLaunch={"Value": True}
        )
        shown = self.one("describe_subnets", "Subnets", SubnetIds=[other_id])
        self.assertTrue(shown["MapPublicIpOnLaunch"])
        self.assertEqual(shown["State"], "available")

        # Overlapping, not of the VPC, and of a zone that there is not.
        self.refused(
            "InvalidSubnet.Conflict", self.ec2.create_subnet, VpcId=vpc_id, CidrBlock="10.0.1.128/25"
        )
        self.refused(
            "InvalidSubnet.Range", self.ec2.create_subnet, VpcId=vpc_id, CidrBlock="10.9.0.0/24"
        )
        self.refused(
            None,
            self.ec2.create_subnet,
            VpcId=vpc_id,
            CidrBlock="10.0.3.0/24",
            AvailabilityZone="us-east-1zz",
        )
        self.refused(
            "InvalidVpcID.NotFound",
            self.ec2.create_subnet,
            VpcId=unknown("vpc"),
            CidrBlock="10.0.3.0/24",
        )
        self.assertEqual(of(vpc_id=vpc_id), both)

    def test_the_default_vpc(self):
        vpc = self.one("describe_vpcs", "Vpcs", Filters=equals(is_default="true"))
        self.assertTrue(vpc["IsDefault"])
        self.assertEqual(vpc["CidrBlock"], "172.31.0.0/16")
        subnets = self.ec2.describe_subnets(
            Filters=equals(vpc_id=vpc["VpcId"], default_for_az="true")
        )["Subnets"]
        self.assertEqual({entry["AvailabilityZone"] for entry in subnets}, set(world.zones()))
        self.assertTrue(all(entry["MapPublicIpOnLaunch"] for entry in subnets))
        gateway = self.one(
            "describe_internet_gateways",
            "InternetGateways",
            Filters=equals(**{"attachment.vpc-id": vpc["VpcId"]}),
        )
        table = self.one(
            "describe_route_tables",
            "RouteTables",
            Filters=equals(vpc_id=vpc["VpcId"], **{"association.main": "true"}),
        )
        routes = {route["DestinationCidrBlock"]: route.get("GatewayId") for route in table["Routes"]}
        self.assertEqual(
            routes, {"172.31.0.0/16": "local", "0.0.0.0/0": gateway["InternetGatewayId"]}
        )

    def test_an_internet_gateway(self):
        vpc_id = self.make_vpc()
        gateway = self.make("create_internet_gateway")["InternetGateway"]
        gateway_id = gateway["InternetGatewayId"]
        self.assert_id(gateway_id, "igw")
        self.assertEqual(gateway.get("Attachments", []), [])
        self.ec2.attach_internet_gateway(InternetGatewayId=gateway_id, VpcId=vpc_id)
        self.addCleanup(
            world.drop,
            "detach_internet_gateway",
            {"InternetGatewayId": gateway_id, "VpcId": vpc_id},
        )
        shown = self.one(
            "describe_internet_gateways",
            "InternetGateways",
            Filters=equals(**{"attachment.vpc-id": vpc_id}),
        )
        self.assertEqual(shown["InternetGatewayId"], gateway_id)
        [attachment] = shown["Attachments"]
        self.assertEqual(attachment["VpcId"], vpc_id)
        self.assertIn(attachment["State"], {"attached", "available"})

        # A gateway has one VPC, and a VPC one gateway.
        self.refused(
            "Resource.AlreadyAssociated",
            self.ec2.attach_internet_gateway,
            InternetGatewayId=gateway_id,
            VpcId=vpc_id,
        )
        second_id = self.make("create_internet_gateway")["InternetGateway"]["InternetGatewayId"]
        self.refused(
            None, self.ec2.attach_internet_gateway, InternetGatewayId=second_id, VpcId=vpc_id
        )
        self.refused(
            "DependencyViolation", self.ec2.delete_internet_gateway, InternetGatewayId=gateway_id
        )
        self.ec2.detach_internet_gateway(InternetGatewayId=gateway_id, VpcId=vpc_id)
        self.refused(
            "Gateway.NotAttached",
            self.ec2.detach_internet_gateway,
            InternetGatewayId=gateway_id,
            VpcId=vpc_id,
        )
        self.ec2.delete_internet_gateway(InternetGatewayId=gateway_id)
        self.gone(
            {"InvalidInternetGatewayID.NotFound", "InvalidInternetGateway.NotFound"},
            "describe_internet_gateways",
            "InternetGateways",
            InternetGatewayIds=[gateway_id],
        )

    def test_routes(self):
        vpc_id = self.make_vpc()
        subnet_id = self.make_subnet(vpc_id)
        gateway_id = self.make("create_internet_gateway")["InternetGateway"]["InternetGatewayId"]
        table = self.make(
            "create_route_table",
            VpcId=vpc_id,
            TagSpecifications=specification("route-table", Name="public"),
        )["RouteTable"]
        table_id = table["RouteTableId"]
        self.assert_id(table_id, "rtb")
        self.assertEqual(table["VpcId"], vpc_id)
        self.assertEqual(table.get("Associations", []), [])
        self.assertEqual(tags_of(table), {"Name": "public"})
        [local] = table["Routes"]
        self.assert_shown(local, DestinationCidrBlock="10.0.0.0/16", GatewayId="local", State="active")

        to_internet = {
            "RouteTableId": table_id,
            "DestinationCidrBlock": "0.0.0.0/0",
            "GatewayId": gateway_id,
        }
        self.refused(None, self.ec2.create_route, **to_internet)  # Not attached to the VPC.
        self.ec2.attach_internet_gateway(InternetGatewayId=gateway_id, VpcId=vpc_id)
        self.addCleanup(
            world.drop,
            "detach_internet_gateway",
            {"InternetGatewayId": gateway_id, "VpcId": vpc_id},
        )
        self.assertTrue(self.ec2.create_route(**to_internet)["Return"])
        other_id = self.make_vpc("10.5.0.0/16")
        peering_id = self.make("create_vpc_peering_connection", VpcId=vpc_id, PeerVpcId=other_id)[
            "VpcPeeringConnection"
        ]["VpcPeeringConnectionId"]
        self.ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering_id)
        self.refused(
            "RouteAlreadyExists",
            self.ec2.create_route,
            RouteTableId=table_id,
            DestinationCidrBlock="0.0.0.0/0",
            VpcPeeringConnectionId=peering_id,
        )
        self.ec2.create_route(
            RouteTableId=table_id,
            DestinationCidrBlock="10.5.0.0/16",
            VpcPeeringConnectionId=peering_id,
        )

        def routes():
            shown = self.one("describe_route_tables", "RouteTables", RouteTableIds=[table_id])
            return {route["DestinationCidrBlock"]: route for route in shown["Routes"]}

        self.assertEqual(set(routes()), {"10.0.0.0/16", "0.0.0.0/0", "10.5.0.0/16"})
        self.assert_shown(
            routes()["0.0.0.0/0"], GatewayId=gateway_id, State="active", Origin="CreateRoute"
        )
        self.assert_shown(
            routes()["10.5.0.0/16"], VpcPeeringConnectionId=peering_id, State="active"
        )
        self.ec2.replace_route(
            RouteTableId=table_id, DestinationCidrBlock="10.5.0.0/16", GatewayId=gateway_id
        )
        replaced = routes()["10.5.0.0/16"]
        self.assert_shown(replaced, GatewayId=gateway_id)
        self.assertNotIn("VpcPeeringConnectionId", replaced)
        self.ec2.delete_route(RouteTableId=table_id, DestinationCidrBlock="10.5.0.0/16")
        self.assertEqual(set(routes()), {"10.0.0.0/16", "0.0.0.0/0"})
        self.refused(
            "InvalidRoute.NotFound",
            self.ec2.delete_route,
            RouteTableId=table_id,
            DestinationCidrBlock="10.5.0.0/16",
        )
        self.refused(
            None,
            self.ec2.delete_route,
            RouteTableId=table_id,
            DestinationCidrBlock="10.0.0.0/16",
        )

        made = self.ec2.associate_route_table(RouteTableId=table_id, SubnetId=subnet_id)
        association_id = made["AssociationId"]
        self.assert_id(association_id, "rtbassoc")
        shown = self.one(
            "describe_route_tables",
            "RouteTables",
            Filters=equals(**{"association.subnet-id": subnet_id}),
        )
        self.assertEqual(shown["RouteTableId"], table_id)
        [association] = shown["Associations"]
        self.assert_shown(
            association,
            RouteTableAssociationId=association_id,
            RouteTableId=table_id,
            SubnetId=subnet_id,
            Main=False,
        )
        self.refused("DependencyViolation", self.ec2.delete_route_table, RouteTableId=table_id)
        # Another table takes over, and the association has another id.
        second_id = self.make("create_route_table", VpcId=vpc_id)["RouteTable"]["RouteTableId"]
        replaced_id = self.ec2.replace_route_table_association(
            AssociationId=association_id, RouteTableId=second_id
        )["NewAssociationId"]
        self.assertNotEqual(replaced_id, association_id)
        self.refused(
            "InvalidAssociationID.NotFound",
            self.ec2.disassociate_route_table,
            AssociationId=association_id,
        )
        self.ec2.disassociate_route_table(AssociationId=replaced_id)
        self.ec2.delete_route_table(RouteTableId=table_id)
        self.gone(
            "InvalidRouteTableID.NotFound",
            "describe_route_tables",
            "RouteTables",
            RouteTableIds=[table_id],
        )

    def test_built_and_taken_down(self):
        vpc_id = self.make_vpc()
        zones = world.zones()
        public_id = self.make_subnet(vpc_id, "10.0.1.0/24", AvailabilityZone=zones[0])
        private_id = self.make_subnet(vpc_id, "10.0.2.0/24", AvailabilityZone=zones[1])
        gateway_id = self.make("create_internet_gateway")["InternetGateway"]["InternetGatewayId"]
        self.ec2.attach_internet_gateway(InternetGatewayId=gateway_id, VpcId=vpc_id)
        attached = {"InternetGatewayId": gateway_id, "VpcId": vpc_id}
        self.addCleanup(world.drop, "detach_internet_gateway", attached)
        public_table = self.make("create_route_table", VpcId=vpc_id)["RouteTable"]["RouteTableId"]
        private_table = self.make("create_route_table", VpcId=vpc_id)["RouteTable"]["RouteTableId"]
        self.ec2.create_route(
            RouteTableId=public_table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway_id
        )
        associations = [
            self.ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)["AssociationId"]
            for table, subnet in ((public_table, public_id), (private_table, private_id))
        ]

        address = self.make_address()
        self.assert_id(address["AllocationId"], "eipalloc")
        self.assertEqual(address["Domain"], "vpc")
        nat = self.make(
            "create_nat_gateway",
            SubnetId=public_id,
            AllocationId=address["AllocationId"],
            TagSpecifications=specification("natgateway", Name="out"),
        )["NatGateway"]
        nat_id = nat["NatGatewayId"]
        self.assert_id(nat_id, "nat")
        self.assert_shown(
            nat, State="pending", SubnetId=public_id, VpcId=vpc_id, ConnectivityType="public"
        )
        self.wait("nat_gateway_available", NatGatewayIds=[nat_id])
        shown = self.one("describe_nat_gateways", "NatGateways", NatGatewayIds=[nat_id])
        self.assertEqual(tags_of(shown), {"Name": "out"})
        [endpoint] = shown["NatGatewayAddresses"]
        self.assert_shown(
            endpoint, AllocationId=address["AllocationId"], PublicIp=address["PublicIp"]
        )
        self.assertTrue(endpoint["PrivateIp"].startswith("10.0.1."), endpoint)
        self.assert_id(endpoint["NetworkInterfaceId"], "eni")
        used = self.one(
            "describe_addresses", "Addresses", AllocationIds=[address["AllocationId"]]
        )
        self.assertEqual(used.get("NetworkInterfaceId"), endpoint["NetworkInterfaceId"])
        interface = self.one(
            "describe_network_interfaces",
            "NetworkInterfaces",
            NetworkInterfaceIds=[endpoint["NetworkInterfaceId"]],
        )
        self.assert_shown(interface, SubnetId=public_id, InterfaceType="nat_gateway")
        self.ec2.create_route(
            RouteTableId=private_table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat_id
        )

        # The wrong order first: nothing goes while something rests on it.
        wrong = "DependencyViolation"
        self.refused(wrong, self.ec2.delete_vpc, VpcId=vpc_id)
        self.refused(wrong, self.ec2.delete_internet_gateway, InternetGatewayId=gateway_id)
        self.refused(wrong, self.ec2.detach_internet_gateway, **attached)
        self.refused(wrong, self.ec2.delete_subnet, SubnetId=public_id)
        self.refused(wrong, self.ec2.delete_route_table, RouteTableId=public_table)
        self.refused(
            {"InvalidIPAddress.InUse", "AuthFailure"},
            self.ec2.release_address,
            AllocationId=address["AllocationId"],
        )

        # Then the right one.
        self.ec2.delete_nat_gateway(NatGatewayId=nat_id)
        self.wait("nat_gateway_deleted", NatGatewayIds=[nat_id])
        table = self.one("describe_route_tables", "RouteTables", RouteTableIds=[private_table])
        [left] = [route for route in table["Routes"] if route.get("NatGatewayId")]
        self.assertEqual(left["State"], "blackhole")
        self.ec2.release_address(AllocationId=address["AllocationId"])
        for association_id in associations:
            self.ec2.disassociate_route_table(AssociationId=association_id)
        self.ec2.delete_route_table(RouteTableId=public_table)
        self.ec2.delete_route_table(RouteTableId=private_table)
        self.ec2.detach_internet_gateway(**attached)
        self.ec2.delete_internet_gateway(InternetGatewayId=gateway_id)
        for subnet_id in (public_id, private_id):
            self.ec2.delete_subnet(SubnetId=subnet_id)
        self.ec2.delete_vpc(VpcId=vpc_id)

        self.gone("InvalidVpcID.NotFound", "describe_vpcs", "Vpcs", VpcIds=[vpc_id])
        self.gone("InvalidSubnetID.NotFound", "describe_subnets", "Subnets", SubnetIds=[public_id])
        self.refused("InvalidVpcID.NotFound", self.ec2.delete_vpc, VpcId=vpc_id)
        self.refused("InvalidSubnetID.NotFound", self.ec2.delete_subnet, SubnetId=public_id)
        self.refused(
            "InvalidRouteTableID.NotFound", self.ec2.delete_route_table, RouteTableId=public_table
        )
        self.refused(
            "InvalidAllocationID.NotFound",
            self.ec2.release_address,
            AllocationId=address["AllocationId"],
        )
        # What came with the VPC went with it.
        for action, key in (
            ("describe_security_groups", "SecurityGroups"),
            ("describe_network_acls", "NetworkAcls"),
            ("describe_route_tables", "RouteTables"),
        ):
            self.assertEqual(getattr(self.ec2, action)(Filters=equals(vpc_id=vpc_id))[key], [])

    def test_unknown_and_malformed_ids(self):
        vpc_id = self.make_vpc()
        self.refused("InvalidVpcID.NotFound", self.ec2.describe_vpcs, VpcIds=[unknown("vpc")])
        self.refused(
            "InvalidVpcID.NotFound", self.ec2.describe_vpcs, VpcIds=[vpc_id, unknown("vpc")]
        )
        self.refused(
            {"InvalidVpcId.Malformed", "InvalidVpcID.Malformed"},
            self.ec2.describe_vpcs,
            VpcIds=["vpc-no"],
        )
        self.refused(
            "InvalidSubnetID.NotFound", self.ec2.describe_subnets, SubnetIds=[unknown("subnet")]
        )
        self.refused(
            {"NatGatewayNotFound"}, self.ec2.describe_nat_gateways, NatGatewayIds=[unknown("nat")]
        )
        none = self.ec2.describe_vpcs(Filters=equals(vpc_id=unknown("vpc")))
        self.assertEqual(none["Vpcs"], [])
        self.refused(
            "InvalidParameterValue", self.ec2.describe_vpcs, Filters=[named("no-such-filter", "x")]
        )


if __name__ == "__main__":
    sys.exit(world.main(__name__))
