//! Faults in what is shown of a resource: what was asked for, ids, states, times and owners.

use crate::server::sabotage::change::Change::World;
use crate::server::sabotage::row::{WorldRow, world_fault};
use crate::server::sabotage::twist::As;
use crate::server::sabotage::twist::Twist::{Ids, Mixes, Settles, Shows};
use ec2wire::contract::Level::{Must, Should};

pub(super) static TABLE: &[WorldRow] = &[
    world_fault(
        Should,
        "vpc-echoes-another-block",
        "CreateVpc answers with another block than asked for",
        "vpc",
        &["CreateVpc"],
        World(Shows {
            at: &[("CreateVpc", "Vpc.CidrBlock")],
            value: As::Text("172.31.240.0/24"),
        }),
    ),
    world_fault(
        Must,
        "volume-shows-another-size",
        "DescribeVolumes shows a size that is larger by one",
        "volume",
        &["DescribeVolumes"],
        World(Shows {
            at: &[("DescribeVolumes", "Volumes[].Size")],
            value: As::More,
        }),
    ),
    world_fault(
        Must,
        "security-group-description-empty",
        "DescribeSecurityGroups shows empty descriptions",
        "security-group",
        &["DescribeSecurityGroups"],
        World(Shows {
            at: &[("DescribeSecurityGroups", "SecurityGroups[].Description")],
            value: As::Text(""),
        }),
    ),
    world_fault(
        Must,
        "placement-group-name-cut",
        "DescribePlacementGroups shows the first four characters of names",
        "placement-group",
        &["DescribePlacementGroups"],
        World(Shows {
            at: &[("DescribePlacementGroups", "PlacementGroups[].GroupName")],
            value: As::Changed(|name| name.chars().take(4).collect()),
        }),
    ),
    world_fault(
        Should,
        "subnet-shows-another-zone",
        "a subnet is shown in another availability zone",
        "subnet",
        &["CreateSubnet", "DescribeSubnets"],
        World(Shows {
            at: &[
                ("CreateSubnet", "Subnet.AvailabilityZone"),
                ("DescribeSubnets", "Subnets[].AvailabilityZone"),
            ],
            value: As::Text("us-east-1f"),
        }),
    ),
    world_fault(
        Should,
        "image-name-missing",
        "DescribeImages does not show names",
        "image",
        &["DescribeImages"],
        World(Shows {
            at: &[("DescribeImages", "Images[].Name")],
            value: As::Missing,
        }),
    ),
    world_fault(
        Should,
        "customer-gateway-id-without-prefix",
        "the ids of customer gateways have no prefix",
        "customer-gateway",
        &["CreateCustomerGateway"],
        World(Ids {
            resource: "customer-gateway",
            form: |id| digits(id).to_owned(),
        }),
    ),
    world_fault(
        Should,
        "flow-log-id-with-underscore",
        "the ids of flow logs have an underscore",
        "flow-log",
        &["CreateFlowLogs"],
        World(Ids {
            resource: "flow-log",
            form: |id| id.replace('-', "_"),
        }),
    ),
    world_fault(
        Should,
        "egress-only-internet-gateway-id-in-capitals",
        "the ids of egress-only internet gateways are in capitals",
        "egress-only-internet-gateway",
        &["CreateEgressOnlyInternetGateway"],
        World(Ids {
            resource: "egress-only-internet-gateway",
            form: str::to_uppercase,
        }),
    ),
    world_fault(
        Should,
        "vpc-peering-connection-id-of-12-digits",
        "the ids of peerings have 12 digits",
        "vpc-peering-connection",
        &["CreateVpcPeeringConnection"],
        World(Ids {
            resource: "vpc-peering-connection",
            form: |id| id.chars().take("pcx-".len() + 12).collect(),
        }),
    ),
    world_fault(
        Must,
        "internet-gateway-ids-alike",
        "all internet gateways have the same id",
        "internet-gateway",
        &["CreateInternetGateway"],
        World(Ids {
            resource: "internet-gateway",
            form: |_| "igw-0123456789abcdef0".to_owned(),
        }),
    ),
    world_fault(
        Must,
        "placement-group-ids-alike",
        "all placement groups have the same id",
        "placement-group",
        &["CreatePlacementGroup"],
        World(Ids {
            resource: "placement-group",
            form: |_| "pg-0123456789abcdef0".to_owned(),
        }),
    ),
    world_fault(
        Should,
        "instance-starts-stopped",
        "RunInstances answers that the instance is stopped",
        "instance",
        &["RunInstances"],
        World(Shows {
            at: &[("RunInstances", "Instances[].State.Name")],
            value: As::Text("stopped"),
        }),
    ),
    world_fault(
        Must,
        "volume-state-bananas",
        "the state of a volume is bananas",
        "volume",
        &["CreateVolume", "DescribeVolumes"],
        World(Shows {
            at: &[
                ("CreateVolume", "State"),
                ("DescribeVolumes", "Volumes[].State"),
            ],
            value: As::Text("bananas"),
        }),
    ),
    world_fault(
        Should,
        "instance-state-code-99",
        "the code of an instance's state is 99",
        "instance",
        &["RunInstances", "DescribeInstances"],
        World(Shows {
            at: &[
                ("RunInstances", "Instances[].State.Code"),
                ("DescribeInstances", "Reservations[].Instances[].State.Code"),
            ],
            value: As::Number(99),
        }),
    ),
    world_fault(
        Must,
        "nat-gateway-never-settles",
        "DescribeNatGateways shows what was created as pending for ever",
        "nat-gateway",
        &["DescribeNatGateways"],
        World(Settles {
            resource: "nat-gateway",
            state: "pending",
            looks: u32::MAX,
        }),
    ),
    world_fault(
        Must,
        "snapshot-never-settles",
        "DescribeSnapshots shows what was created as pending for ever",
        "snapshot",
        &["DescribeSnapshots"],
        World(Settles {
            resource: "snapshot",
            state: "pending",
            looks: u32::MAX,
        }),
    ),
    world_fault(
        Must,
        "subnet-never-settles",
        "DescribeSubnets shows what was created as pending for ever",
        "subnet",
        &["DescribeSubnets"],
        World(Settles {
            resource: "subnet",
            state: "pending",
            looks: u32::MAX,
        }),
    ),
    world_fault(
        Must,
        "vpc-endpoint-fails",
        "DescribeVpcEndpoints shows what was created as Failed",
        "vpc-endpoint",
        &["DescribeVpcEndpoints"],
        World(Settles {
            resource: "vpc-endpoint",
            state: "Failed",
            looks: u32::MAX,
        }),
    ),
    world_fault(
        Must,
        "ipam-fails",
        "DescribeIpams shows what was created as create-failed",
        "ipam",
        &["DescribeIpams"],
        World(Settles {
            resource: "ipam",
            state: "create-failed",
            looks: u32::MAX,
        }),
    ),
    world_fault(
        Must,
        "volume-made-in-1970",
        "a volume was created in 1970",
        "volume",
        &["CreateVolume", "DescribeVolumes"],
        World(Shows {
            at: &[
                ("CreateVolume", "CreateTime"),
                ("DescribeVolumes", "Volumes[].CreateTime"),
            ],
            value: As::Epoch,
        }),
    ),
    world_fault(
        Must,
        "nat-gateway-made-in-1970",
        "a NAT gateway was created in 1970",
        "nat-gateway",
        &["CreateNatGateway", "DescribeNatGateways"],
        World(Shows {
            at: &[
                ("CreateNatGateway", "NatGateway.CreateTime"),
                ("DescribeNatGateways", "NatGateways[].CreateTime"),
            ],
            value: As::Epoch,
        }),
    ),
    world_fault(
        Must,
        "image-date-in-words",
        "DescribeImages shows creation dates as HTTP has dates",
        "image",
        &["DescribeImages"],
        World(Shows {
            at: &[("DescribeImages", "Images[].CreationDate")],
            value: As::Text("Mon, 30 Nov 2026 12:00:00 GMT"),
        }),
    ),
    world_fault(
        Must,
        "vpc-of-another-account",
        "a VPC is shown as another account's",
        "vpc",
        &["CreateVpc", "DescribeVpcs"],
        World(Shows {
            at: &[
                ("CreateVpc", "Vpc.OwnerId"),
                ("DescribeVpcs", "Vpcs[].OwnerId"),
            ],
            value: As::Text("999999999999"),
        }),
    ),
    world_fault(
        Should,
        "network-interface-owner-missing",
        "DescribeNetworkInterfaces does not show owners",
        "network-interface",
        &["DescribeNetworkInterfaces"],
        World(Shows {
            at: &[("DescribeNetworkInterfaces", "NetworkInterfaces[].OwnerId")],
            value: As::Missing,
        }),
    ),
    world_fault(
        Should,
        "security-groups-mixed",
        "two security groups that are created at once get the first one's description",
        "security-group",
        &["DescribeSecurityGroups"],
        World(Mixes {
            action: "CreateSecurityGroup",
            member: "Description",
        }),
    ),
    world_fault(
        Should,
        "snapshots-mixed",
        "two snapshots that are created at once get the first one's description",
        "snapshot",
        &["CreateSnapshot", "DescribeSnapshots"],
        World(Mixes {
            action: "CreateSnapshot",
            member: "Description",
        }),
    ),
];

/// What follows the prefix of an id.
fn digits(id: &str) -> &str {
    id.rsplit('-').next().unwrap_or_default()
}
