#!/usr/bin/env python3
"""Story 5: key pairs, addresses, interfaces, peerings, endpoints, flow logs, DHCP options, ACLs."""

import sys

import world
from world import Story, equals, named, specification, tags_of, unknown

PUBLIC_KEY = (
    "ssh-rsa "
    "AAAAB3NzaC1yc2EAAAADAQABAAABAQC13R8fI6nXQIzQ60D4ft3L3/Hu6XQfHr00ZiFH6uTNuIM9TibIKpoZezti"
    "Bhe14aX3GmvOMAC1hD+HyX76+YIFsprULVMqqW7XRba/KqPROzdCz/SX9gAUFItV4iwvMZHRwCjzYqFCTzCbgSq/"
    "ijj1SBi4k4bt734Ej8gERBPYjLUeQTyU3GKpGBDVxPAgwS/2rpbtlOph0/XqyGYKPW7w3zy0U5kMwnzOms+YdLbs"
    "FGW6xdoiGahL5i9VHIX/+SDtIOglt0ZFOEyINkIej8jaXaV5acqZe1tft++p9CtdjRjcI0CGlZ0b9y83pOWhRuyx"
    "FmWkkrMHsdsX3i0OqbPB"
)


class KeyPairs(Story):
    def test_created(self):
        made = self.make(
            "create_key_pair", KeyName="laptop", TagSpecifications=specification("key-pair", Of="me")
        )
        self.assert_id(made["KeyPairId"], "key")
        self.assertEqual(made["KeyName"], "laptop")
        self.assertRegex(made["KeyMaterial"], r"\A-----BEGIN (RSA )?PRIVATE KEY-----\n")
        # SHA-1, as EC2 shows it for keys that it made.
        self.assertRegex(made["KeyFingerprint"], r"\A([0-9a-f]{2}:){19}[0-9a-f]{2}\Z")
        shown = self.one("describe_key_pairs", "KeyPairs", KeyNames=["laptop"])
        self.assert_shown(
            shown,
            KeyPairId=made["KeyPairId"],
            KeyFingerprint=made["KeyFingerprint"],
            KeyType="rsa",
        )
        self.assertEqual(tags_of(shown), {"Of": "me"})
        self.assertNotIn("PublicKey", shown)
        whole = self.one(
            "describe_key_pairs", "KeyPairs", KeyNames=["laptop"], IncludePublicKey=True
        )
        self.assertTrue(whole["PublicKey"].startswith("ssh-rsa "))
        self.refused("InvalidKeyPair.Duplicate", self.ec2.create_key_pair, KeyName="laptop")

        modern = self.make("create_key_pair", KeyName="modern", KeyType="ed25519")
        self.assertIn("PRIVATE KEY", modern["KeyMaterial"])
        found = self.ec2.describe_key_pairs(Filters=equals(key_name="mod*"))["KeyPairs"]
        self.assertEqual(
            [(entry["KeyPairId"], entry["KeyType"]) for entry in found],
            [(modern["KeyPairId"], "ed25519")],
        )
        by_tag = self.ec2.describe_key_pairs(Filters=[named("tag:Of", "me")])["KeyPairs"]
        self.assertEqual([entry["KeyName"] for entry in by_tag], ["laptop"])

        self.ec2.delete_key_pair(KeyName="laptop")
        self.refused("InvalidKeyPair.NotFound", self.ec2.describe_key_pairs, KeyNames=["laptop"])
        # To delete a name that there is not is no error.
        self.ec2.delete_key_pair(KeyName="laptop")

    def test_imported(self):
        made = self.make("import_key_pair", KeyName="mine", PublicKeyMaterial=PUBLIC_KEY.encode())
        self.assert_id(made["KeyPairId"], "key")
        self.assertEqual(made["KeyName"], "mine")
        # MD5; AWS's pages do not agree on what of the key it is taken from.
        fingerprint = made["KeyFingerprint"]
        self.assertRegex(fingerprint, r"\A([0-9a-f]{2}:){15}[0-9a-f]{2}\Z")
        shown = self.one(
            "describe_key_pairs",
            "KeyPairs",
            KeyPairIds=[made["KeyPairId"]],
            IncludePublicKey=True,
        )
        self.assert_shown(shown, KeyName="mine", KeyFingerprint=fingerprint, KeyType="rsa")
        self.assertIn(PUBLIC_KEY.split()[1], shown["PublicKey"])
        self.refused(
            "InvalidKeyPair.Duplicate",
            self.ec2.import_key_pair,
            KeyName="mine",
            PublicKeyMaterial=PUBLIC_KEY.encode(),
        )
        self.refused(
            {"InvalidKey.Format"},
            self.ec2.import_key_pair,
            KeyName="none",
            PublicKeyMaterial=b"not a key",
        )
        self.refused(
            "InvalidKeyPair.NotFound", self.ec2.describe_key_pairs, KeyPairIds=[unknown("key")]
        )


class Addresses(Story):
    def address(self, allocation_id):
        return self.one("describe_addresses", "Addresses", AllocationIds=[allocation_id])

    def test_an_address_moves(self):
        made = self.make(
            "allocate_address",
            Domain="vpc",
            TagSpecifications=specification("elastic-ip", Name="front"),
        )
        allocation_id, public_ip = made["AllocationId"], made["PublicIp"]
        self.assert_id(allocation_id, "eipalloc")
        self.assertEqual(made["Domain"], "vpc")
        shown = self.address(allocation_id)
        self.assert_shown(shown, PublicIp=public_ip, Domain="vpc")
        self.assertNotIn("AssociationId", shown)
        self.assertEqual(tags_of(shown), {"Name": "front"})
        by_ip = self.one("describe_addresses", "Addresses", PublicIps=[public_ip])
        self.assertEqual(by_ip["AllocationId"], allocation_id)

        vpc_id = self.make_vpc()
        gateway_id = self.make("create_internet_gateway")["InternetGateway"]["InternetGatewayId"]
        attached = {"InternetGatewayId": gateway_id, "VpcId": vpc_id}
        self.ec2.attach_internet_gateway(**attached)
        self.addCleanup(world.drop, "detach_internet_gateway", attached)
        subnet_id = self.make_subnet(vpc_id)
        first = self.make_instance(subnet_id)
        second = self.make_instance(subnet_id)
        self.addCleanup(world.drop, "disassociate_address", {"PublicIp": public_ip})
        association_id = self.ec2.associate_address(
            AllocationId=allocation_id, InstanceId=first["InstanceId"]
        )["AssociationId"]
        self.assert_id(association_id, "eipassoc")
        shown = self.address(allocation_id)
        interface_id = first["NetworkInterfaces"][0]["NetworkInterfaceId"]
        self.assert_shown(
            shown,
            AssociationId=association_id,
            InstanceId=first["InstanceId"],
            NetworkInterfaceId=interface_id,
            PrivateIpAddress=first["PrivateIpAddress"],
        )
        self.assertEqual(self.instance(first["InstanceId"])["PublicIpAddress"], public_ip)
        interface = self.one(
            "describe_network_interfaces", "NetworkInterfaces", NetworkInterfaceIds=[interface_id]
        )
        self.assertEqual(interface["Association"]["PublicIp"], public_ip)
        by_instance = self.one(
            "describe_addresses", "Addresses", Filters=equals(instance_id=first["InstanceId"])
        )
        self.assertEqual(by_instance["AllocationId"], allocation_id)
        self.refused(
            "InvalidIPAddress.InUse", self.ec2.release_address, AllocationId=allocation_id
        )

        # It moves only where that is allowed.
        move = {"AllocationId": allocation_id, "InstanceId": second["InstanceId"]}
        self.refused(
            "Resource.AlreadyAssociated",
            self.ec2.associate_address,
            AllowReassociation=False,
            **move,
        )
        moved_id = self.ec2.associate_address(AllowReassociation=True, **move)["AssociationId"]
        self.assertNotEqual(moved_id, association_id)
        self.assertEqual(self.address(allocation_id)["InstanceId"], second["InstanceId"])
        self.assertEqual(self.instance(second["InstanceId"])["PublicIpAddress"], public_ip)
        self.assertNotEqual(self.instance(first["InstanceId"]).get("PublicIpAddress"), public_ip)

        self.ec2.disassociate_address(AssociationId=moved_id)
        self.assertNotIn("InstanceId", self.address(allocation_id))
        self.ec2.release_address(AllocationId=allocation_id)
        self.refused(
            {"InvalidAllocationID.NotFound"},
            self.ec2.describe_addresses,
            AllocationIds=[allocation_id],
        )
        self.refused(
            {"InvalidAllocationID.NotFound"}, self.ec2.release_address, AllocationId=allocation_id
        )
        self.refused(
            {"InvalidAllocationID.NotFound"},
            self.ec2.associate_address,
            AllocationId=unknown("eipalloc"),
            InstanceId=first["InstanceId"],
        )

    def test_an_address_of_an_instance_that_ends(self):
        vpc_id = self.make_vpc()
        gateway_id = self.make("create_internet_gateway")["InternetGateway"]["InternetGatewayId"]
        attached = {"InternetGatewayId": gateway_id, "VpcId": vpc_id}
        self.ec2.attach_internet_gateway(**attached)
        self.addCleanup(world.drop, "detach_internet_gateway", attached)
        instance_id = self.make_instance(self.make_subnet(vpc_id))["InstanceId"]
        allocation_id = self.make_address()["AllocationId"]
        self.ec2.associate_address(AllocationId=allocation_id, InstanceId=instance_id)
        self.ec2.terminate_instances(InstanceIds=[instance_id])
        self.wait("instance_terminated", InstanceIds=[instance_id])
        self.until("free", lambda: "InstanceId" not in self.address(allocation_id))


class Interfaces(Story):
    def setUp(self):
        super().setUp()
        self.vpc_id = self.make_vpc()
        self.subnet_id = self.make_subnet(self.vpc_id)

    def interface(self, interface_id):
        return self.one(
            "describe_network_interfaces", "NetworkInterfaces", NetworkInterfaceIds=[interface_id]
        )

    def make_interface(self, **arguments):
        made = self.make("create_network_interface", SubnetId=self.subnet_id, **arguments)
        interface_id = made["NetworkInterface"]["NetworkInterfaceId"]
        self.wait("network_interface_available", NetworkInterfaceIds=[interface_id])
        return made["NetworkInterface"]

    def test_an_interface(self):
        group_id = self.make(
            "create_security_group", GroupName="x", Description="x", VpcId=self.vpc_id
        )["GroupId"]
        made = self.make_interface(
            PrivateIpAddress="10.0.1.77",
            Description="for the database",
            Groups=[group_id],
            TagSpecifications=specification("network-interface", Name="db"),
        )
        interface_id = made["NetworkInterfaceId"]
        self.assert_id(interface_id, "eni")
        expected = {
            "SubnetId": self.subnet_id, "VpcId": self.vpc_id, "PrivateIpAddress": "10.0.1.77",
            "Description": "for the database", "InterfaceType": "interface",
            "SourceDestCheck": True, "RequesterManaged": False,
            "AvailabilityZone": world.zones()[0],
        }
        self.assert_shown(made, **expected)
        shown = self.interface(interface_id)
        self.assert_shown(shown, Status="available", **expected)
        self.assertEqual([group["GroupId"] for group in shown["Groups"]], [group_id])
        self.assertRegex(shown["MacAddress"], r"\A([0-9a-f]{2}:){5}[0-9a-f]{2}\Z")
        self.assertEqual(tags_of(shown), {"Name": "db"})
        subnet = self.one("describe_subnets", "Subnets", SubnetIds=[self.subnet_id])
        self.assertEqual(subnet["AvailableIpAddressCount"], 250)

        # An address in use, one outside the subnet, and one that is EC2's own.
        for address, code in (
            ("10.0.1.77", "InvalidIPAddress.InUse"),
            ("10.0.9.9", None),
            ("10.0.1.1", None),
        ):
            self.refused(
                code,
                self.ec2.create_network_interface,
                SubnetId=self.subnet_id,
                PrivateIpAddress=address,
            )
        self.refused("DependencyViolation", self.ec2.delete_subnet, SubnetId=self.subnet_id)

        self.ec2.assign_private_ip_addresses(
            NetworkInterfaceId=interface_id, PrivateIpAddresses=["10.0.1.78"]
        )
        self.ec2.assign_private_ip_addresses(
            NetworkInterfaceId=interface_id, SecondaryPrivateIpAddressCount=1
        )
        addresses = {
            entry["PrivateIpAddress"]: entry["Primary"]
            for entry in self.interface(interface_id)["PrivateIpAddresses"]
        }
        self.assertEqual(len(addresses), 3)
        self.assertIs(addresses["10.0.1.77"], True)
        self.assertIs(addresses["10.0.1.78"], False)
        self.ec2.unassign_private_ip_addresses(
            NetworkInterfaceId=interface_id, PrivateIpAddresses=["10.0.1.78"]
        )
        self.assertEqual(len(self.interface(interface_id)["PrivateIpAddresses"]), 2)

        self.ec2.modify_network_interface_attribute(
            NetworkInterfaceId=interface_id, Description={"Value": "changed"}
        )
        self.ec2.modify_network_interface_attribute(
            NetworkInterfaceId=interface_id, SourceDestCheck={"Value": False}
        )
        self.assert_shown(
            self.interface(interface_id), Description="changed", SourceDestCheck=False
        )
        attribute = self.ec2.describe_network_interface_attribute(
            NetworkInterfaceId=interface_id, Attribute="description"
        )
        self.assertEqual(attribute["Description"], {"Value": "changed"})

    def test_attached_and_detached(self):
        instance_id = self.make_instance(self.subnet_id)["InstanceId"]
        interface_id = self.make_interface()["NetworkInterfaceId"]
        attachment_id = self.ec2.attach_network_interface(
            NetworkInterfaceId=interface_id, InstanceId=instance_id, DeviceIndex=1
        )["AttachmentId"]
        self.assert_id(attachment_id, "eni-attach")
        self.until("in use", lambda: self.interface(interface_id)["Status"] == "in-use")
        self.assert_shown(
            self.interface(interface_id)["Attachment"],
            AttachmentId=attachment_id,
            InstanceId=instance_id,
            DeviceIndex=1,
            DeleteOnTermination=False,
        )
        interfaces = self.instance(instance_id)["NetworkInterfaces"]
        self.assertEqual(
            {entry["Attachment"]["DeviceIndex"]: entry["NetworkInterfaceId"] for entry in interfaces}
            .get(1),
            interface_id,
        )
        self.refused(
            "InvalidNetworkInterface.InUse",
            self.ec2.attach_network_interface,
            NetworkInterfaceId=interface_id,
            InstanceId=instance_id,
            DeviceIndex=2,
        )
        self.refused(
            {"InvalidNetworkInterface.InUse", "InvalidParameterValue"},
            self.ec2.delete_network_interface,
            NetworkInterfaceId=interface_id,
        )
        # The first interface of an instance stays.
        primary = next(entry for entry in interfaces if entry["Attachment"]["DeviceIndex"] == 0)
        self.refused(
            "OperationNotPermitted",
            self.ec2.detach_network_interface,
            AttachmentId=primary["Attachment"]["AttachmentId"],
        )
        self.ec2.detach_network_interface(AttachmentId=attachment_id)
        self.wait("network_interface_available", NetworkInterfaceIds=[interface_id])
        self.refused(
            "InvalidAttachmentID.NotFound",
            self.ec2.detach_network_interface,
            AttachmentId=attachment_id,
        )
        self.ec2.delete_network_interface(NetworkInterfaceId=interface_id)
        self.gone(
            "InvalidNetworkInterfaceID.NotFound",
            "describe_network_interfaces",
            "NetworkInterfaces",
            NetworkInterfaceIds=[interface_id],
        )


class Peerings(Story):
    def peering(self, peering_id):
        return self.one(
            "describe_vpc_peering_connections",
            "VpcPeeringConnections",
            VpcPeeringConnectionIds=[peering_id],
        )

    def status(self, peering_id):
        return self.peering(peering_id)["Status"]["Code"]

    def ask(self, from_id, to_id, **arguments):
        return self.make(
            "create_vpc_peering_connection", VpcId=from_id, PeerVpcId=to_id, **arguments
        )["VpcPeeringConnection"]

    def test_accepted(self):
        here, there = self.make_vpc("10.0.0.0/16"), self.make_vpc("10.1.0.0/16")
        made = self.ask(
            here, there, TagSpecifications=specification("vpc-peering-connection", Name="both")
        )
        peering_id = made["VpcPeeringConnectionId"]
        self.assert_id(peering_id, "pcx")
        self.assertIn(made["Status"]["Code"], {"initiating-request", "pending-acceptance"})
        self.assert_shown(made["RequesterVpcInfo"], VpcId=here, CidrBlock="10.0.0.0/16")
        self.assertEqual(made["AccepterVpcInfo"]["VpcId"], there)
        self.wait("vpc_peering_connection_exists", VpcPeeringConnectionIds=[peering_id])
        self.until("asked", lambda: self.status(peering_id) == "pending-acceptance")
        self.assertEqual(tags_of(self.peering(peering_id)), {"Name": "both"})
        accepted = self.ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering_id)
        self.assertIn(
            accepted["VpcPeeringConnection"]["Status"]["Code"], {"provisioning", "active"}
        )
        self.until("active", lambda: self.status(peering_id) == "active")
        self.assert_shown(
            self.peering(peering_id)["AccepterVpcInfo"], VpcId=there, CidrBlock="10.1.0.0/16"
        )
        found = self.ec2.describe_vpc_peering_connections(
            Filters=equals(**{"requester-vpc-info.vpc-id": here, "status-code": "active"})
        )["VpcPeeringConnections"]
        self.assertEqual([entry["VpcPeeringConnectionId"] for entry in found], [peering_id])
        self.refused(
            None, self.ec2.accept_vpc_peering_connection, VpcPeeringConnectionId=peering_id
        )
        changed = self.ec2.modify_vpc_peering_connection_options(
            VpcPeeringConnectionId=peering_id,
            RequesterPeeringConnectionOptions={"AllowDnsResolutionFromRemoteVpc": True},
        )
        self.assertIs(
            changed["RequesterPeeringConnectionOptions"]["AllowDnsResolutionFromRemoteVpc"], True
        )
        self.ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=peering_id)
        self.wait("vpc_peering_connection_deleted", VpcPeeringConnectionIds=[peering_id])

    def test_rejected_and_failed(self):
        here, there = self.make_vpc("10.0.0.0/16"), self.make_vpc("10.1.0.0/16")
        peering_id = self.ask(here, there)["VpcPeeringConnectionId"]
        self.until("asked", lambda: self.status(peering_id) == "pending-acceptance")
        self.ec2.reject_vpc_peering_connection(VpcPeeringConnectionId=peering_id)
        self.assertEqual(self.status(peering_id), "rejected")
        self.refused(
            None, self.ec2.accept_vpc_peering_connection, VpcPeeringConnectionId=peering_id
        )
        # Blocks that overlap cannot be routed.
        same = self.make_vpc("10.0.0.0/16")
        failed_id = self.ask(here, same)["VpcPeeringConnectionId"]
        self.until("failed", lambda: self.status(failed_id) == "failed")
        self.refused(
            {"InvalidVpcPeeringConnectionID.NotFound", "InvalidVpcPeeringConnectionId.NotFound"},
            self.ec2.accept_vpc_peering_connection,
            VpcPeeringConnectionId=unknown("pcx"),
        )
        self.refused(
            "InvalidVpcID.NotFound",
            self.ec2.create_vpc_peering_connection,
            VpcId=unknown("vpc"),
            PeerVpcId=there,
        )


class Endpoints(Story):
    def endpoint(self, endpoint_id):
        return self.one("describe_vpc_endpoints", "VpcEndpoints", VpcEndpointIds=[endpoint_id])

    def test_a_gateway(self):
        vpc_id = self.make_vpc()
        table_id = self.make("create_route_table", VpcId=vpc_id)["RouteTable"]["RouteTableId"]
        service = f"com.amazonaws.{world.REGION}.s3"
        made = self.make(
            "create_vpc_endpoint",
            VpcId=vpc_id,
            ServiceName=service,
            RouteTableIds=[table_id],
            TagSpecifications=specification("vpc-endpoint", Name="s3"),
        )["VpcEndpoint"]
        endpoint_id = made["VpcEndpointId"]
        self.assert_id(endpoint_id, "vpce")
        self.until("available", lambda: self.endpoint(endpoint_id)["State"].lower() == "available")
        shown = self.endpoint(endpoint_id)
        self.assert_shown(
            shown,
            VpcId=vpc_id,
            ServiceName=service,
            VpcEndpointType="Gateway",
            RouteTableIds=[table_id],
        )
        self.assertIn('"Statement"', shown["PolicyDocument"])
        self.assertEqual(tags_of(shown), {"Name": "s3"})
        table = self.one("describe_route_tables", "RouteTables", RouteTableIds=[table_id])
        [route] = [route for route in table["Routes"] if route.get("DestinationPrefixListId")]
        self.assert_shown(route, GatewayId=endpoint_id, State="active")
        lists = self.ec2.describe_prefix_lists(Filters=equals(prefix_list_name=service))
        self.assertEqual(
            [entry["PrefixListId"] for entry in lists["PrefixLists"]],
            [route["DestinationPrefixListId"]],
        )
        other_id = self.make("create_route_table", VpcId=vpc_id)["RouteTable"]["RouteTableId"]
        self.ec2.modify_vpc_endpoint(
            VpcEndpointId=endpoint_id, AddRouteTableIds=[other_id], RemoveRouteTableIds=[table_id]
        )
        self.assertEqual(self.endpoint(endpoint_id)["RouteTableIds"], [other_id])
        found = self.ec2.describe_vpc_endpoints(
            Filters=equals(vpc_id=vpc_id, vpc_endpoint_type="Gateway")
        )["VpcEndpoints"]
        self.assertEqual([entry["VpcEndpointId"] for entry in found], [endpoint_id])
        self.assertEqual(
            self.ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint_id])["Unsuccessful"], []
        )
        self.gone(
            "InvalidVpcEndpointId.NotFound",
            "describe_vpc_endpoints",
            "VpcEndpoints",
            ["deleted", "Deleted"],
            VpcEndpointIds=[endpoint_id],
        )

    def test_interfaces(self):
        vpc_id = self.make_vpc()
        self.ec2.modify_vpc_attribute(VpcId=vpc_id, EnableDnsHostnames={"Value": True})
        subnet_id = self.make_subnet(vpc_id)
        group_id = self.make(
            "create_security_group", GroupName="x", Description="x", VpcId=vpc_id
        )["GroupId"]
        made = self.make(
            "create_vpc_endpoint",
            VpcEndpointType="Interface",
            VpcId=vpc_id,
            ServiceName=f"com.amazonaws.{world.REGION}.ssm",
            SubnetIds=[subnet_id],
            SecurityGroupIds=[group_id],
            PrivateDnsEnabled=True,
        )["VpcEndpoint"]
        endpoint_id = made["VpcEndpointId"]
        self.until("available", lambda: self.endpoint(endpoint_id)["State"].lower() == "available")
        shown = self.endpoint(endpoint_id)
        self.assert_shown(
            shown, VpcEndpointType="Interface", SubnetIds=[subnet_id], PrivateDnsEnabled=True
        )
        self.assertEqual([group["GroupId"] for group in shown["Groups"]], [group_id])
        [interface_id] = shown["NetworkInterfaceIds"]
        self.assertTrue(shown["DnsEntries"])
        interface = self.one(
            "describe_network_interfaces", "NetworkInterfaces", NetworkInterfaceIds=[interface_id]
        )
        self.assert_shown(interface, SubnetId=subnet_id, InterfaceType="vpc_endpoint")
        self.ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint_id])
        self.gone(
            "InvalidVpcEndpointId.NotFound",
            "describe_vpc_endpoints",
            "VpcEndpoints",
            ["deleted", "Deleted"],
            VpcEndpointIds=[endpoint_id],
        )

    def test_services(self):
        service = f"com.amazonaws.{world.REGION}.s3"
        listed = self.ec2.describe_vpc_endpoint_services(ServiceNames=[service])
        self.assertIn(service, listed["ServiceNames"])
        vpc_id = self.make_vpc()
        self.refused(
            {"InvalidServiceName"},
            self.ec2.create_vpc_endpoint,
            VpcId=vpc_id,
            ServiceName="com.amazonaws.us-east-1.no-such-service",
        )


class FlowLogs(Story):
    def test_flow_logs(self):
        vpc_id = self.make_vpc()
        arguments = {
            "ResourceIds": [vpc_id],
            "ResourceType": "VPC",
            "TrafficType": "REJECT",
            "LogGroupName": "flows",
            "DeliverLogsPermissionArn": "arn:aws:iam::123456789012:role/flows",
        }
        answer = self.ec2.create_flow_logs(
            TagSpecifications=specification("vpc-flow-log", Name="flows"), **arguments
        )
        self.assertEqual(answer["Unsuccessful"], [])
        [log_id] = answer["FlowLogIds"]
        self.addCleanup(world.drop, "delete_flow_logs", {"FlowLogIds": [log_id]})
        self.assert_id(log_id, "fl")
        shown = self.one("describe_flow_logs", "FlowLogs", FlowLogIds=[log_id])
        self.assert_shown(
            shown,
            ResourceId=vpc_id,
            TrafficType="REJECT",
            LogGroupName="flows",
            FlowLogStatus="ACTIVE",
            LogDestinationType="cloud-watch-logs",
            MaxAggregationInterval=600,
        )
        self.assertEqual(tags_of(shown), {"Name": "flows"})

        again = self.refused_or_unsuccessful(arguments)
        self.assertEqual(again, "FlowLogAlreadyExists")
        bucket = self.ec2.create_flow_logs(
            ResourceIds=[vpc_id],
            ResourceType="VPC",
            TrafficType="ALL",
            LogDestinationType="s3",
            LogDestination="arn:aws:s3:::bucket/flows/",
            MaxAggregationInterval=60,
        )["FlowLogIds"]
        self.addCleanup(world.drop, "delete_flow_logs", {"FlowLogIds": bucket})
        found = self.ec2.describe_flow_logs(
            Filter=equals(resource_id=vpc_id, log_destination_type="s3")
        )["FlowLogs"]
        self.assertEqual([entry["FlowLogId"] for entry in found], bucket)
        self.assert_shown(
            found[0], MaxAggregationInterval=60, LogDestination="arn:aws:s3:::bucket/flows/"
        )
        self.refused_or_unsuccessful({**arguments, "ResourceIds": [unknown("vpc")]})

        deleted = self.ec2.delete_flow_logs(FlowLogIds=[log_id])
        self.assertEqual(deleted["Unsuccessful"], [])
        left = self.ec2.describe_flow_logs(Filter=equals(resource_id=vpc_id))["FlowLogs"]
        self.assertEqual([entry["FlowLogId"] for entry in left], bucket)

    def refused_or_unsuccessful(self, arguments):
        """The code of an error, or of the one resource that had no success."""
        try:
            answer = self.ec2.create_flow_logs(**arguments)
        except world.ClientError as error:
            return error.response["Error"]["Code"]
        self.assertEqual(answer["FlowLogIds"], [])
        [unsuccessful] = answer["Unsuccessful"]
        return unsuccessful["Error"]["Code"]


class DhcpOptions(Story):
    def test_dhcp_options(self):
        made = self.make(
            "create_dhcp_options",
            DhcpConfigurations=[
                {"Key": "domain-name", "Values": ["example.com"]},
                {"Key": "domain-name-servers", "Values": ["10.2.5.1", "10.2.5.2"]},
            ],
            TagSpecifications=specification("dhcp-options", Name="own"),
        )["DhcpOptions"]
        options_id = made["DhcpOptionsId"]
        self.assert_id(options_id, "dopt")

        def configurations(options):
            return {
                entry["Key"]: {value["Value"] for value in entry["Values"]}
                for entry in options["DhcpConfigurations"]
            }

        shown = self.one("describe_dhcp_options", "DhcpOptions", DhcpOptionsIds=[options_id])
        expected = {
            "domain-name": {"example.com"}, "domain-name-servers": {"10.2.5.1", "10.2.5.2"},
        }
        self.assertEqual(configurations(made), expected)
        self.assertEqual(configurations(shown), expected)
        self.assertEqual(tags_of(shown), {"Name": "own"})
        found = self.ec2.describe_dhcp_options(
            Filters=equals(key="domain-name", value="example.com")
        )["DhcpOptions"]
        self.assertEqual([entry["DhcpOptionsId"] for entry in found], [options_id])

        vpc_id = self.make_vpc()
        usual = self.one("describe_vpcs", "Vpcs", VpcIds=[vpc_id])["DhcpOptionsId"]
        self.assertNotEqual(usual, options_id)
        self.ec2.associate_dhcp_options(DhcpOptionsId=options_id, VpcId=vpc_id)
        vpc = self.one("describe_vpcs", "Vpcs", Filters=equals(dhcp_options_id=options_id))
        self.assertEqual(vpc["VpcId"], vpc_id)
        self.refused("DependencyViolation", self.ec2.delete_dhcp_options, DhcpOptionsId=options_id)
        # `default` means that the VPC has none.
        self.ec2.associate_dhcp_options(DhcpOptionsId="default", VpcId=vpc_id)
        self.assertNotEqual(
            self.one("describe_vpcs", "Vpcs", VpcIds=[vpc_id])["DhcpOptionsId"], options_id
        )
        self.ec2.delete_dhcp_options(DhcpOptionsId=options_id)
        codes = {"InvalidDhcpOptionID.NotFound", "InvalidDhcpOptionsID.NotFound"}
        self.refused(codes, self.ec2.describe_dhcp_options, DhcpOptionsIds=[options_id])
        self.refused(codes, self.ec2.delete_dhcp_options, DhcpOptionsId=options_id)
        self.refused(
            codes, self.ec2.associate_dhcp_options, DhcpOptionsId=options_id, VpcId=vpc_id
        )


class NetworkAcls(Story):
    def acl(self, acl_id):
        return self.one("describe_network_acls", "NetworkAcls", NetworkAclIds=[acl_id])

    def entries(self, acl_id):
        return {
            (entry["Egress"], entry["RuleNumber"]): (entry["RuleAction"], entry["CidrBlock"])
            for entry in self.acl(acl_id)["Entries"]
        }

    def test_entries(self):
        vpc_id = self.make_vpc()
        made = self.make(
            "create_network_acl",
            VpcId=vpc_id,
            TagSpecifications=specification("network-acl", Name="strict"),
        )["NetworkAcl"]
        acl_id = made["NetworkAclId"]
        self.assert_id(acl_id, "acl")
        self.assert_shown(made, VpcId=vpc_id, IsDefault=False, Associations=[])
        self.assertEqual(tags_of(made), {"Name": "strict"})
        # It denies all, both ways.
        last = {
            (False, 32767): ("deny", "0.0.0.0/0"), (True, 32767): ("deny", "0.0.0.0/0"),
        }
        self.assertEqual(self.entries(acl_id), last)
        entry = {
            "NetworkAclId": acl_id, "RuleNumber": 100, "Protocol": "6", "RuleAction": "allow",
            "Egress": False, "CidrBlock": "10.0.0.0/8", "PortRange": {"From": 443, "To": 443},
        }
        self.ec2.create_network_acl_entry(**entry)
        self.assertEqual(
            self.entries(acl_id), {**last, (False, 100): ("allow", "10.0.0.0/8")}
        )
        [shown] = [item for item in self.acl(acl_id)["Entries"] if item["RuleNumber"] == 100]
        self.assert_shown(shown, Protocol="6", PortRange={"From": 443, "To": 443})
        self.refused(
            "NetworkAclEntryAlreadyExists", self.ec2.create_network_acl_entry, **entry
        )
        # The same number the other way is another entry.
        self.ec2.create_network_acl_entry(**{**entry, "Egress": True})
        self.ec2.replace_network_acl_entry(
            **{**entry, "RuleAction": "deny", "CidrBlock": "192.0.2.0/24"}
        )
        self.assertEqual(self.entries(acl_id)[(False, 100)], ("deny", "192.0.2.0/24"))
        self.assertEqual(self.entries(acl_id)[(True, 100)], ("allow", "10.0.0.0/8"))
        one = {"NetworkAclId": acl_id, "RuleNumber": 100, "Egress": False}
        self.ec2.delete_network_acl_entry(**one)
        self.refused(
            "InvalidNetworkAclEntry.NotFound", self.ec2.delete_network_acl_entry, **one
        )
        self.refused(
            {"InvalidNetworkAclEntry.NotFound"},
            self.ec2.replace_network_acl_entry,
            **{**entry, "RuleNumber": 300},
        )
        self.refused(
            "InvalidNetworkAclID.NotFound",
            self.ec2.create_network_acl_entry,
            **{**entry, "NetworkAclId": unknown("acl")},
        )

    def test_associations(self):
        vpc_id = self.make_vpc()
        subnet_id = self.make_subnet(vpc_id)
        acl_id = self.make("create_network_acl", VpcId=vpc_id)["NetworkAcl"]["NetworkAclId"]

        def of_subnet():
            return self.one(
                "describe_network_acls",
                "NetworkAcls",
                Filters=equals(**{"association.subnet-id": subnet_id}),
            )

        default = of_subnet()
        self.assertTrue(default["IsDefault"])
        [association] = default["Associations"]
        new_id = self.ec2.replace_network_acl_association(
            AssociationId=association["NetworkAclAssociationId"], NetworkAclId=acl_id
        )["NewAssociationId"]
        self.assert_id(new_id, "aclassoc")
        shown = of_subnet()
        self.assertEqual(shown["NetworkAclId"], acl_id)
        self.assertEqual(shown["Associations"][0]["NetworkAclAssociationId"], new_id)
        self.refused("DependencyViolation", self.ec2.delete_network_acl, NetworkAclId=acl_id)
        self.refused(
            "InvalidAssociationID.NotFound",
            self.ec2.replace_network_acl_association,
            AssociationId=association["NetworkAclAssociationId"],
            NetworkAclId=acl_id,
        )
        self.ec2.replace_network_acl_association(
            AssociationId=new_id, NetworkAclId=default["NetworkAclId"]
        )
        self.ec2.delete_network_acl(NetworkAclId=acl_id)
        self.gone(
            "InvalidNetworkAclID.NotFound",
            "describe_network_acls",
            "NetworkAcls",
            NetworkAclIds=[acl_id],
        )


if __name__ == "__main__":
    sys.exit(world.main(__name__))
