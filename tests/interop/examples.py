#!/usr/bin/env python3
"""Sends AWS's own examples of EC2 to an endpoint, and compares what comes back.

    examples.py --endpoint http://127.0.0.1:PORT [--reset /_ec2wire/reset] [ID ..]

The examples are those of the botocore that is installed (`examples-1.json`); none is copied here. An
example names ids that exist only in its text. For each one something is made, by the kind of the
id, and `TABLE` says what else must be there before. The answer must have the members that the
example shows. Their values count, too, unless they are ids that nothing was made for, times,
addresses, zones, account ids, or what `TABLE` calls free.

Prints a line for each example: passed, failed, or not applicable, and why. The exit code is 1 if
one failed that `--known` does not list, or if one that it lists passes.
"""

import argparse
import datetime
import http.client
import os
import re
import sys
import time
import urllib.parse

# First: it takes the caller's own AWS settings away, which must not leak into the run.
from stories.world import REGION  # noqa: E402

import boto3  # noqa: E402
import botocore.loaders  # noqa: E402
from botocore import xform_name  # noqa: E402
from botocore.config import Config  # noqa: E402
from botocore.exceptions import BotoCoreError, ClientError, WaiterError  # noqa: E402
from botocore.parsers import ResponseParserError  # noqa: E402

PATIENCE_SECONDS = 5
WAITER = {"Delay": 0.1, "MaxAttempts": 50}


# How things are made: the action, its request, where the id is in the answer, and what to wait for.
# `$vpc` is the thing of that kind; `$vpc:peer` is another of it. `@A.0.B` is that part of the
# example's output.
def step(action, request, id_path=None, wait=None):
    return {"action": action, "request": request, "id": id_path, "wait": wait}


def launched(ids="$i"):
    return ("instance_running", {"InstanceIds": [ids]})


STOPPED = [
    step(
        "stop_instances", {"InstanceIds": ["$i"]},
        wait=("instance_stopped", {"InstanceIds": ["$i"]}),
    )
]
INTERNET = [step("attach_internet_gateway", {"InternetGatewayId": "$igw", "VpcId": "$vpc"})]
VPN = [step("attach_vpn_gateway", {"VpnGatewayId": "$vgw", "VpcId": "$vpc"})]
FEED = [step("create_spot_datafeed_subscription", {"Bucket": "my-s3-bucket", "Prefix": "spotdata"})]
VERSION_2 = step(
    "create_launch_template_version",
    {
        "LaunchTemplateId": "$lt",
        "LaunchTemplateData": {"InstanceType": "t2.small"},
    },
)
DEFAULT_2 = step("modify_launch_template", {"LaunchTemplateId": "$lt", "DefaultVersion": "2"})
ENTRY = {
    "NetworkAclId": "$acl", "RuleNumber": 100, "Protocol": "17", "RuleAction": "allow",
    "Egress": False, "CidrBlock": "0.0.0.0/0", "PortRange": {"From": 53, "To": 53},
}

AMAZON_IMAGE = step(
    "describe_images",
    {
        "Owners": ["amazon"],
        "Filters": [
            {"Name": "architecture", "Values": ["x86_64"]},
            {"Name": "root-device-type", "Values": ["ebs"]},
        ],
    },
    "Images.0.ImageId",
)

MAKERS = {
    "acl": step("create_network_acl", {"VpcId": "$vpc"}, "NetworkAcl.NetworkAclId"),
    "aclassoc": step(
        "describe_network_acls",
        {"Filters": [{"Name": "association.subnet-id", "Values": ["$subnet"]}]},
        "NetworkAcls.0.Associations.0.NetworkAclAssociationId",
    ),
    "ami": step(
        "register_image",
        {
            "Name": "My server", "Description": "An AMI for my server", "Architecture": "x86_64",
            "RootDeviceName": "/dev/sda1", "VirtualizationType": "hvm",
            "BlockDeviceMappings": [
                {
                    "DeviceName": "/dev/sda1",
                    "Ebs": {
                        "SnapshotId": "$snap", "VolumeSize": 8, "VolumeType": "standard",
                        "DeleteOnTermination": True,
                    },
                }
            ],
        },
        "ImageId",
        ("image_available", {"ImageIds": ["$ami"]}),
    ),
    "cgw": step(
        "create_customer_gateway",
        {"BgpAsn": 65534, "PublicIp": "12.1.2.3", "Type": "ipsec.1"},
        "CustomerGateway.CustomerGatewayId",
        ("customer_gateway_available", {"CustomerGatewayIds": ["$cgw"]}),
    ),
    "dopt": step(
        "create_dhcp_options",
        {"DhcpConfigurations": [
            {"Key": "domain-name-servers", "Values": ["10.2.5.1", "10.2.5.2"]}
        ]},
        "DhcpOptions.DhcpOptionsId",
    ),
    "eipalloc": step("allocate_address", {"Domain": "vpc"}, "AllocationId"),
    "eipassoc": step(
        "associate_address", {"AllocationId": "$eipalloc", "InstanceId": "$i"}, "AssociationId"
    ),
    "eni": step(
        "create_network_interface",
        {"SubnetId": "$subnet"},
        "NetworkInterface.NetworkInterfaceId",
        ("network_interface_available", {"NetworkInterfaceIds": ["$eni"]}),
    ),
    "eni-attach": step(
        "attach_network_interface",
        {"NetworkInterfaceId": "$eni", "InstanceId": "$i", "DeviceIndex": 1},
        "AttachmentId",
    ),
    "i": step(
        "run_instances",
        {
            "ImageId": "$amazon", "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1,
            "SubnetId": "$subnet",
        },
        "Instances.0.InstanceId",
        launched(),
    ),
    "amazon": AMAZON_IMAGE,
    "default": step(
        "describe_vpcs", {"Filters": [{"Name": "is-default", "Values": ["true"]}]}, "Vpcs.0.VpcId"
    ),
    "igw": step("create_internet_gateway", {}, "InternetGateway.InternetGatewayId"),
    "iip-assoc": step(
        "associate_iam_instance_profile",
        {"InstanceId": "$i", "IamInstanceProfile": {"Name": "admin-role"}},
        "IamInstanceProfileAssociation.AssociationId",
    ),
    "lt": step(
        "create_launch_template",
        {"LaunchTemplateName": "my-template", "LaunchTemplateData": {"InstanceType": "t2.micro"}},
        "LaunchTemplate.LaunchTemplateId",
    ),
    "nat": step(
        "create_nat_gateway",
        {"AllocationId": "$eipalloc", "SubnetId": "$subnet"},
        "NatGateway.NatGatewayId",
        ("nat_gateway_available", {"NatGatewayIds": ["$nat"]}),
    ),
    "pcx": step(
        "create_vpc_peering_connection",
        {"VpcId": "$vpc:peer", "PeerVpcId": "$vpc"},
        "VpcPeeringConnection.VpcPeeringConnectionId",
    ),
    "rtb": step("create_route_table", {"VpcId": "$vpc"}, "RouteTable.RouteTableId"),
    "rtbassoc": step(
        "associate_route_table", {"RouteTableId": "$rtb:old", "SubnetId": "$subnet"},
        "AssociationId",
    ),
    "sfr": step(
        "request_spot_fleet",
        {
            "SpotFleetRequestConfig": {
                "IamFleetRole": "arn:aws:iam::123456789012:role/my-spot-fleet-role",
                "SpotPrice": "0.04",
                "TargetCapacity": 2,
                "LaunchSpecifications": [
                    {"ImageId": "$amazon", "InstanceType": "m3.medium", "SubnetId": "$subnet"}
                ],
            }
        },
        "SpotFleetRequestId",
    ),
    "sg": step(
        "create_security_group",
        {"GroupName": "my-security-group", "Description": "My group", "VpcId": "$vpc"},
        "GroupId",
    ),
    "sir": step(
        "request_spot_instances",
        {
            "SpotPrice": "0.010000",
            "LaunchSpecification": {
                "ImageId": "$amazon", "InstanceType": "m1.small", "SubnetId": "$subnet",
                "SecurityGroupIds": ["$sg"], "KeyName": "$key",
            },
        },
        "SpotInstanceRequests.0.SpotInstanceRequestId",
    ),
    "snap": step(
        "create_snapshot",
        {"VolumeId": "$vol", "Description": "This is my snapshot."},
        "SnapshotId",
        ("snapshot_completed", {"SnapshotIds": ["$snap"]}),
    ),
    "subnet": step(
        "create_subnet",
        {"VpcId": "$vpc", "CidrBlock": "$block", "AvailabilityZone": f"{REGION}a"},
        "Subnet.SubnetId",
        ("subnet_available", {"SubnetIds": ["$subnet"]}),
    ),
    "vgw": step("create_vpn_gateway", {"Type": "ipsec.1"}, "VpnGateway.VpnGatewayId"),
    "vol": step(
        "create_volume",
        {"AvailabilityZone": f"{REGION}a", "Size": 8},
        "VolumeId",
        ("volume_available", {"VolumeIds": ["$vol"]}),
    ),
    "vpc": step(
        "create_vpc", {"CidrBlock": "10.0.0.0/16"}, "Vpc.VpcId",
        ("vpc_available", {"VpcIds": ["$vpc"]}),
    ),
}

CLASSIC = "EC2-Classic is retired"
SCHEDULED = "Scheduled Instances are no longer sold"
# An image that instances are launched from is one of Amazon's.
LAUNCHES = {"ami": AMAZON_IMAGE}

# What the examples need beside the ids that they name, by action or by the example's own id:
#   na      why the example cannot be tried
#   before  what must have happened
#   make    other requests or makers for a kind of thing
#   input   members of the request that are replaced
#   free    members whose value is not compared; with `.*`, those below it, too
#   absent  members that need not be there, and why
#   without members that an entry of the example may have, in which case it does not count
TABLE = {
    "ec2-allocate-address-2": {"na": CLASSIC},
    "ec2-associate-address-3": {"na": CLASSIC},
    "ec2-describe-addresses-3": {"na": CLASSIC},
    "DescribeMovingAddresses": {"na": CLASSIC},
    "ec2-disassociate-address-2": {"na": CLASSIC},
    "MoveAddressToVpc": {"na": CLASSIC},
    "ec2-release-address-2": {"na": CLASSIC},
    "RestoreAddressToClassic": {"na": CLASSIC},
    "DescribeScheduledInstanceAvailability": {"na": SCHEDULED},
    "DescribeScheduledInstances": {"na": SCHEDULED},
    "PurchaseScheduledInstances": {"na": SCHEDULED},
    "RunScheduledInstances": {"na": SCHEDULED},
    "ConfirmProductInstance": {"na": "needs an instance with a product code of the Marketplace"},
    "DescribeSpotPriceHistory": {"na": "asks for the prices of a day in 2014"},
    "to-describe-snapshots-using-filters-1472503929793": {
        "na": "needs a snapshot that stays pending"
    },
    "ec2-associate-address-1": {"before": INTERNET},
    "ec2-associate-address-2": {"before": INTERNET},
    "AttachNetworkInterface": {},
    "CancelSpotFleetRequests": {
        # The two examples show each other's states.
        "free": ["SuccessfulFleetRequests.CurrentSpotFleetRequestState",
                 "SuccessfulFleetRequests.PreviousSpotFleetRequestState"]
    },
    "CopyImage": {"input": {"Name": "My copied server"}},
    "CopySnapshot": {"free": ["SnapshotId"]},
    "CreateCustomerGateway": {"free": ["CustomerGateway.State"]},
    "CreateImage": {"input": {"Name": "My server"}},
    "CreateLaunchTemplate": {"make": LAUNCHES},
    "CreateLaunchTemplateVersion": {
        "make": {
            **LAUNCHES,
            "lt": {
                "LaunchTemplateData": {
                    "ImageId": "$amazon",
                    "InstanceType": "t2.micro",
                    "NetworkInterfaces": "@LaunchTemplateVersion.LaunchTemplateData.NetworkInterfaces",
                }
            },
        }
    },
    "CreateNatGateway": {"before": INTERNET},
    "CreateNetworkInterface": {"free": ["NetworkInterface.Groups.GroupName"]},
    "CreateRoute": {"before": INTERNET},
    "to-create-a-new-provisioned-iops-ssd-volume-from-a-snapshot-1472498975176": {
        "make": {"vol": {"Size": 500}}
    },
    "DeleteKeyPair": {"before": [step("create_key_pair", {"KeyName": "my-key-pair"})]},
    "DeleteLaunchTemplate": {"before": [VERSION_2, DEFAULT_2]},
    "DeleteLaunchTemplateVersions": {"before": [VERSION_2, DEFAULT_2]},
    "DeleteNetworkAclEntry": {
        "before": [step("create_network_acl_entry", {**ENTRY, "Egress": True})]
    },
    "DeleteNatGateway": {"before": INTERNET},
    "DeletePlacementGroup": {
        "before": [step("create_placement_group", {"GroupName": "my-cluster", "Strategy": "cluster"})]
    },
    "DeleteRoute": {
        "before": [
            *INTERNET,
            step("create_route", {
                "RouteTableId": "$rtb", "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "$igw"}),
        ]
    },
    "DeleteSpotDatafeedSubscription": {"before": FEED},
    "DescribeAccountAttributes": {
        "absent": {"AccountAttributes.AttributeValues": "the values are those of an account of 2014"}
    },
    "DescribeAddresses": {
        "before": [*INTERNET, step("associate_address", {
            "AllocationId": "$eipalloc", "InstanceId": "$i"})],
        "without": {"Addresses": {"Domain": "standard"}},
    },
    "DescribeImageAttribute": {
        "before": [
            step("modify_image_attribute", {
                "ImageId": "$ami", "LaunchPermission": {"Add": [{"UserId": "123456789012"}]}})
        ]
    },
    "DescribeImages": {
        "free": ["Images.VirtualizationType"],
        "absent": {"Images.KernelId": "images of today have no kernel of their own"},
    },
    "to-describe-the-instance-type-1472712432132": {"free": ["InstanceType.Value"]},
    "to-describe-the-block-device-mapping-for-an-instance-1472712645423": {
        "before": [
            step("attach_volume", {"VolumeId": "$vol", "InstanceId": "$i", "Device": "/dev/sdf"})
        ],
        "free": ["BlockDeviceMappings.DeviceName"],
    },
    "DescribeInternetGateways": {"before": INTERNET},
    "DescribeKeyPairs": {"before": [step("create_key_pair", {"KeyName": "my-key-pair"})]},
    "DescribeLaunchTemplateVersions": {
        "make": {
            **LAUNCHES,
            "lt": {
                "LaunchTemplateName": "Webservers",
                "LaunchTemplateData": "@LaunchTemplateVersions.1.LaunchTemplateData",
            },
        },
        "before": [
            step("create_launch_template_version", {
                "LaunchTemplateId": "$lt",
                "LaunchTemplateData": "@LaunchTemplateVersions.0.LaunchTemplateData",
            })
        ],
    },
    "DescribeNatGateways": {"before": [*INTERNET, step("describe_nat_gateways", {
        "NatGatewayIds": ["$nat"]})]},
    "DescribeNetworkAcls": {
        "before": [step("replace_network_acl_association", {
            "AssociationId": "$aclassoc", "NetworkAclId": "$acl"})]
    },
    "ec2-describe-network-interface-attribute-1": {
        "make": {
            "eni": step(
                "describe_instances", {"InstanceIds": ["$i"]},
                "Reservations.0.Instances.0.NetworkInterfaces.0.NetworkInterfaceId",
            )
        }
    },
    "ec2-describe-network-interface-attribute-2": {
        "make": {"eni": {"Description": "My description"}}
    },
    "ec2-describe-network-interface-attribute-3": {"make": {"eni": {"Groups": ["$sg"]}}},
    "DescribeNetworkInterfaces": {
        "make": {"eni": {"Description": "my network interface"}},
        "before": [
            step("modify_vpc_attribute", {"VpcId": "$vpc", "EnableDnsHostnames": {"Value": True}}),
            *INTERNET,
            step("attach_network_interface", {
                "NetworkInterfaceId": "$eni", "InstanceId": "$i", "DeviceIndex": 1}),
            step("associate_address", {
                "AllocationId": "$eipalloc", "NetworkInterfaceId": "$eni"}),
        ],
    },
    "DescribeRouteTables": {
        "make": {
            "rtb": step(
                "describe_route_tables",
                {"Filters": [
                    {"Name": "vpc-id", "Values": ["$vpc"]},
                    {"Name": "association.main", "Values": ["true"]},
                ]},
                "RouteTables.0.RouteTableId",
            )
        }
    },
    "DescribeSecurityGroupReferences": {
        "make": {
            "vpc:peer": {"CidrBlock": "10.1.0.0/16"},
            "sg:peer": {"VpcId": "$vpc:peer"},
        },
        "before": [
            step("accept_vpc_peering_connection", {"VpcPeeringConnectionId": "$pcx"}),
            step("authorize_security_group_ingress", {
                "GroupId": "$sg:peer",
                "IpPermissions": [{
                    "IpProtocol": "tcp", "FromPort": 80, "ToPort": 80,
                    "UserIdGroupPairs": [{
                        "GroupId": "$sg", "VpcId": "$vpc", "VpcPeeringConnectionId": "$pcx"}],
                }],
            }),
        ],
    },
    "DescribeSpotDatafeedSubscription": {"before": FEED},
    "DescribeSpotFleetRequestHistory": {
        "absent": {"NextToken": "the history of a new request is one page"}
    },
    "DescribeSpotFleetRequests": {
        "make": {
            **LAUNCHES,
            "sfr": {
                "SpotFleetRequestConfig":
                "@SpotFleetRequestConfigs.0.SpotFleetRequestConfig",
            },
        }
    },
    "DescribeSpotInstanceRequests": {
        "free": ["SpotInstanceRequests.LaunchSpecification.*", "SpotInstanceRequests.Status.Message"],
        "absent": {
            "SpotInstanceRequests.LaunchSpecification.BlockDeviceMappings": "none were asked for",
            "SpotInstanceRequests.LaunchSpecification.EbsOptimized": "it was not asked for",
        },
    },
    "DescribeSubnets": {"before": [step("describe_subnets", {"SubnetIds": ["$subnet"]})]},
    "DescribeTags": {
        "before": [
            step("create_tags", {
                "Resources": ["$i"],
                "Tags": [
                    {"Key": "Stack", "Value": "test"}, {"Key": "Name", "Value": "Beta Server"}],
            })
        ]
    },
    "to-describe-all-volumes-1472506358883": {
        "before": [step("describe_instances", {"InstanceIds": ["$i"]})],
        "free": ["Volumes.VolumeType", "Volumes.Attachments.Device"],
    },
    "to-describe-volumes-that-are-attached-to-a-specific-instance-1472506613578": {
        "free": ["Volumes.VolumeType", "Volumes.Attachments.Device"]
    },
    "ec2-describe-vpc-attribute-2": {
        "before": [step("modify_vpc_attribute", {
            "VpcId": "$vpc", "EnableDnsHostnames": {"Value": True}})]
    },
    "DescribeVpcs": {
        "before": [step("create_tags", {
            "Resources": ["$vpc"], "Tags": [{"Key": "Name", "Value": "MyVPC"}]})]
    },
    "DetachInternetGateway": {"before": INTERNET},
    "DetachVolume": {
        "before": [step(
            "attach_volume", {"VolumeId": "$vol", "InstanceId": "$i", "Device": "/dev/sdb"},
            wait=("volume_in_use", {"VolumeIds": ["$vol"]}),
        )]
    },
    "DisableVgwRoutePropagation": {
        "before": [
            *VPN,
            step("enable_vgw_route_propagation", {"GatewayId": "$vgw", "RouteTableId": "$rtb"}),
        ]
    },
    "EnableVgwRoutePropagation": {"before": VPN},
    "ec2-disassociate-address-1": {"first": INTERNET},
    "GetConsoleOutput": {"free": ["Output"]},
    "GetLaunchTemplateData": {
        "make": {"i": {"KeyName": "$key"}},
        "free": ["LaunchTemplateData.*"],
        "absent": {
            "LaunchTemplateData.BlockDeviceMappings.Ebs.Iops": "not every type of volume has it",
        },
    },
    "ModifyInstanceAttribute": {"before": STOPPED},
    "ec2-modify-spot-fleet-request-2": {
        # The example's value is not one that the model knows.
        "input": {"ExcessCapacityTerminationPolicy": "noTermination"}
    },
    "ModifyLaunchTemplate": {
        "make": {"lt": {"LaunchTemplateName": "WebServers"}}, "before": [VERSION_2]
    },
    "to-modify-a-snapshot-attribute-1472508385907": {
        "before": [step("modify_snapshot_attribute", {
            "SnapshotId": "$snap", "Attribute": "createVolumePermission",
            "OperationType": "add", "UserIds": ["123456789012"]})]
    },
    "ReplaceNetworkAclEntry": {"before": [step("create_network_acl_entry", ENTRY)]},
    "ReplaceRoute": {
        # The example replaces no local route.
        "make": {"vpc": {"CidrBlock": "10.1.0.0/16"}},
        "before": [
            *VPN, *INTERNET,
            step("create_route", {
                "RouteTableId": "$rtb", "DestinationCidrBlock": "10.0.0.0/16",
                "GatewayId": "$igw"}),
        ],
    },
    "RequestSpotFleet": {"make": LAUNCHES},
    # Without a subnet it is the default VPC's.
    "ec2-request-spot-fleet-2": {"make": {**LAUNCHES, "sg": {"VpcId": "$default"}}},
    "RequestSpotInstances": {"make": LAUNCHES},
    "ec2-request-spot-instances-1": {"make": {**LAUNCHES, "sg": {"VpcId": "$default"}}},
    "RunInstances": {"make": LAUNCHES},
    "StartInstances": {"before": STOPPED},
    "UnassignPrivateIpAddresses": {
        "before": [step("assign_private_ip_addresses", {
            "NetworkInterfaceId": "$eni", "PrivateIpAddresses": ["10.0.0.82"]})]
    },
    "UpdateSecurityGroupRuleDescriptionsEgress": {
        "before": [step("authorize_security_group_egress", {
            "GroupId": "$sg",
            "IpPermissions": [{
                "IpProtocol": "tcp", "FromPort": 80, "ToPort": 80,
                "IpRanges": [{"CidrIp": "203.0.113.0/24"}]}],
        })]
    },
    "UpdateSecurityGroupRuleDescriptionsIngress": {
        "before": [step("authorize_security_group_ingress", {
            "GroupId": "$sg",
            "IpPermissions": [{
                "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
                "IpRanges": [{"CidrIp": "203.0.113.0/16"}]}],
        })]
    },
}

# Ids of the examples that stand without their prefix.
BARE = {"LaunchTemplateId": "lt", "InstanceId": "i"}
KINDS = sorted((kind for kind in MAKERS if kind not in ("amazon", "default")), key=len, reverse=True)
ID = re.compile(rf"\b({'|'.join(KINDS)})-[0-9a-f]{{6,17}}(?:-[0-9A-Za-z-]+)?\b")
ZONE = re.compile(r"\b[a-z]{2}-[a-z]+-\d([a-f])\b")
OTHER_REGION = re.compile(r"\b(us-west-\d|us-east-2)\b")
FREE = re.compile(
    "|".join((
        # Any id, account id, address, MAC, zone, ARN, fingerprint and host name.
        r"[a-z]+(-[a-z]+)*-[0-9a-f]{6,17}(-.*)?", r"[A-Z]{4}[0-9A-Z]{16,17}", r"[0-9]{12}(/.*)?",
        r"\d+\.\d+\.\d+\.\d+", r"([0-9a-f:]+:)+[0-9a-f]*", r"[a-z]{2}-[a-z]+-\d[a-f]", r"arn:.*",
        r"(ec2|ip)-\d+-\d+-\d+-\d+\..*", r"\d{4}-\d\d-\d\dT.*",
    ))
)


class Premise(Exception):
    """What an example needs could not be made."""


class Example:
    def __init__(self, client, action, example):
        self.client = client
        self.action = action
        self.input = example.get("input") or {}
        self.output = example.get("output") or {}
        self.id = example["id"]
        rules = [TABLE.get(action, {}), TABLE.get(self.id, {})]
        self.rules = {key: value for rule in rules for key, value in rule.items()}
        # What was made: by the name that a step knows it by, and by the id in the example.
        self.made, self.ids = {}, {}
        self.blocks = 0

    def shape(self, direction):
        operation = self.client.meta.service_model.operation_model(self.action)
        return operation.input_shape if direction == "input" else operation.output_shape

    def run(self):
        """Nothing, or why the example fails."""
        # What the request's own resources need.
        for first in self.rules.get("first", []):
            self.do(first)
        request = {**self.input, **self.rules.get("input", {})}
        request = coerced(self.resolved(request), self.shape("input"))
        for before in self.rules.get("before", []):
            self.do(before)
        call = getattr(self.client, xform_name(self.action))
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                answer = call(**request)
            except ClientError as error:
                if request.get("DryRun") and error.response["Error"]["Code"] == "DryRunOperation":
                    return None
                return f"{error.response['Error']['Code']}: {error.response['Error'].get('Message')}"
            problem = self.differs(self.output, answer, "")
            # What is read may still settle.
            if problem is None or not self.action.startswith(("Describe", "Get")):
                return problem
            if time.monotonic() > deadline:
                return problem
            time.sleep(0.2)

    def do(self, what, name=None, extra=None):
        request = {**what["request"], **(extra or {})}
        request = self.resolved(request)
        call = getattr(self.client, what["action"])
        try:
            answer = call(**request)
            made = None
            if what["id"]:
                made = answer
                for part in what["id"].split("."):
                    made = made[int(part)] if part.isdigit() else made[part]
                self.made[name] = made
            if what["wait"]:
                waiter, arguments = what["wait"]
                self.client.get_waiter(waiter).wait(
                    WaiterConfig=WAITER, **self.resolved(arguments, name)
                )
        except ClientError as error:
            told = error.response["Error"]
            raise Premise(f"{what['action']}: {told['Code']}: {told.get('Message')}") from error
        except (WaiterError, BotoCoreError, ResponseParserError, LookupError) as error:
            raise Premise(f"{what['action']}: {error!r}") from error
        return made

    def get(self, name):
        """The thing that a step knows by this name; it is made when it is first asked for."""
        if name == "block":
            return self.block()
        if name == "key":
            return self.make_key("my-key-pair")
        if name not in self.made:
            kind = name.split(":")[0]
            maker, changed = MAKERS[kind], self.rules.get("make", {}).get(name)
            changed = changed or (self.rules.get("make", {}).get(kind) if ":" not in name else None)
            extra = {}
            if changed and "action" in changed:
                maker = changed
            elif changed:
                extra = changed
            if ":" in name and maker["action"] == "create_security_group":
                extra = {"GroupName": f"group {name.split(':')[1]}", **extra}
            self.do(maker, name, extra)
        return self.made[name]

    def block(self):
        """A block for a subnet: that of an address in the request, or the next."""
        self.blocks += 1
        vpc = self.rules.get("make", {}).get("vpc", {}).get("CidrBlock", "10.0.0.0/16")
        asked = re.search(r"'10\.0\.(\d+)\.\d+'", str(self.input))
        third = asked[1] if asked and self.blocks == 1 else self.blocks
        return f"{vpc.rsplit('.', 2)[0]}.{third}.0/24"

    def of_example(self, kind, id_):
        """What stands for an id of the example. Each id of a kind is another thing."""
        if id_ not in self.ids:
            # `eni-attach` is another kind than `eni`.
            same = sum(1 for known in self.ids if ID.fullmatch(known)[1] == kind)
            name = kind if same == 0 else f"{kind}:{same}"
            # A thing whose maker needs others of the example finds them by their kind.
            self.ids[id_] = None
            self.ids[id_] = self.get(name)
        return self.ids[id_]

    def resolved(self, value, waits_for=None, member=""):
        """A request with real ids."""
        if isinstance(value, dict):
            return {key: self.resolved(part, waits_for, key) for key, part in value.items()}
        if isinstance(value, list):
            return [self.resolved(part, waits_for, member) for part in value]
        if not isinstance(value, str):
            return value
        if value.startswith("$"):
            name = value[1:]
            own = waits_for and waits_for.split(":")[0] == name
            return self.get(waits_for if own else name)
        if value.startswith("@"):
            found = self.output
            for part in value[1:].split("."):
                found = found[int(part)] if part.isdigit() else found[part]
            return self.resolved(found)
        value = value.strip()
        if member in BARE and re.fullmatch(r"[0-9a-f]{8,17}", value):
            return self.of_example(BARE[member], f"{BARE[member]}-{value}")
        if member == "KeyName" and "KeyPair" not in self.action:
            return self.make_key(value)
        value = ID.sub(lambda found: self.of_example(found[1], found[0]), value)
        value = ZONE.sub(lambda found: f"{REGION}{'abc'['abcdef'.index(found[1]) % 3]}", value)
        return OTHER_REGION.sub(REGION, value)

    def make_key(self, name):
        try:
            self.client.create_key_pair(KeyName=name)
        except ClientError as error:
            if error.response["Error"]["Code"] != "InvalidKeyPair.Duplicate":
                raise Premise(f"create_key_pair: {error}") from error
        return name

    def is_free(self, path):
        return any(
            path == free or (free.endswith(".*") and path.startswith(free[:-1]))
            for free in self.rules.get("free", [])
        )

    def differs(self, expected, answer, path):
        """How an answer differs from what the example shows, or nothing."""
        if path in self.rules.get("absent", {}):
            return None
        if isinstance(expected, dict):
            if not isinstance(answer, dict):
                return f"{path}: {answer!r} is no structure"
            for key, value in expected.items():
                below = f"{path}.{key}".lstrip(".")
                if below in self.rules.get("absent", {}):
                    continue
                # What is empty need not be sent.
                if key not in answer:
                    if value in ("", [], {}, None):
                        continue
                    return f"{below} is missing"
                problem = self.differs(value, answer[key], below)
                if problem:
                    return problem
            return None
        if isinstance(expected, list):
            left_out = self.rules.get("without", {}).get(path, {})
            for entry in expected:
                if left_out and left_out.items() <= entry.items():
                    continue
                problems = [self.differs(entry, found, path) for found in answer]
                if not problems:
                    return f"{path} has no entry"
                if None not in problems:
                    return problems[0]
            return None
        return self.value_differs(expected, answer, path)

    def value_differs(self, expected, answer, path):
        text = str(expected).strip()
        if isinstance(answer, datetime.datetime) or self.is_free(path):
            return None
        if text in self.ids:
            due = self.ids[text]
            return None if answer == due else f"{path} is {answer!r}, not {due!r}"
        was_asked_for = f"'{text}'" in str(self.input)
        if isinstance(expected, str) and FREE.fullmatch(text) and not was_asked_for:
            return None
        # Some examples show numbers and booleans as text.
        if str(answer).strip().lower() == text.lower():
            return None
        return f"{path} is {answer!r}, not {expected!r}"


def coerced(value, shape):
    """A request whose numbers and booleans are of the model's types; some examples quote them."""
    if shape is None:
        return value
    if shape.type_name == "structure":
        return {
            key: coerced(part, shape.members.get(key)) for key, part in value.items()
        }
    if shape.type_name == "list":
        value = value if isinstance(value, list) else [value]
        return [coerced(part, shape.member) for part in value]
    if shape.type_name in ("integer", "long") and isinstance(value, str):
        return int(value)
    if shape.type_name == "boolean" and isinstance(value, str):
        return value.lower() == "true"
    return value


def reset(endpoint, path):
    parts = urllib.parse.urlsplit(endpoint)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
    connection.request("POST", path)
    status = connection.getresponse().status
    connection.close()
    if status >= 300:
        sys.exit(f"POST {path} answered {status}")


def examples():
    loader = botocore.loaders.create_loader()
    data = loader.load_data(os.path.join("ec2", "2016-11-15", "examples-1"))
    return [(action, example) for action, listed in data["examples"].items() for example in listed]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--endpoint", required=True, help="the URL of the EC2 endpoint")
    parser.add_argument("--reset", help="a path to POST to before each example")
    parser.add_argument("--quiet", action="store_true", help="only what failed, and the counts")
    parser.add_argument(
        "--known", help="a file with the ids of examples that fail, one a line, and why"
    )
    parser.add_argument("ids", nargs="*", help="only these examples or actions")
    given = parser.parse_args()
    client = boto3.client(
        "ec2",
        endpoint_url=given.endpoint,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, read_timeout=30, proxies={}),
    )
    known = {}
    if given.known:
        with open(given.known, encoding="utf-8") as file:
            lines = [line.split(None, 1) for line in file if not line.startswith("#")]
        known = {line[0]: line[1].strip() for line in lines}
    counts = {"passed": 0, "failed": 0, "known to fail": 0, "not applicable": 0}
    for action, example in examples():
        if given.ids and not {action, example["id"]} & set(given.ids):
            continue
        one = Example(client, action, example)
        verdict, why = "not applicable", one.rules.get("na")
        if not why:
            if given.reset:
                reset(given.endpoint, given.reset)
            try:
                why = one.run()
            except Premise as premise:
                why = f"a premise: {premise}"
            except (BotoCoreError, ResponseParserError, LookupError) as error:
                why = f"{type(error).__name__}: {error}"
            verdict = "failed" if why else "passed"
            if example["id"] in known:
                verdict = "known to fail" if why else "failed"
                why = why or "it passes; take it off the list of those that fail"
        counts[verdict] += 1
        if verdict == "failed" or not given.quiet:
            print(f"{verdict:14} {action} {example['id']}{': ' + why if why else ''}"[:400])
    print(f"{', '.join(f'{count} {verdict}' for verdict, count in counts.items())}", flush=True)
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
