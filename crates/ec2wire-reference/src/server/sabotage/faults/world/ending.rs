//! Faults in how resources end, and in what is refused.

use crate::server::sabotage::change::Change::World;
use crate::server::sabotage::row::{WorldRow, world_fault};
use crate::server::sabotage::twist::Twist::{
    Accepts, DryRunDone, Duplicates, EndsAnyway, HalfDone, Idle, Lingers,
};
use crate::server::sabotage::twist::When;
use ec2wire::contract::Level::{Must, Should};

pub(super) static TABLE: &[WorldRow] = &[
    world_fault(
        Must,
        "vpc-end-does-nothing",
        "DeleteVpc succeeds and does nothing",
        "vpc",
        &["DeleteVpc", "DescribeVpcs"],
        World(Idle {
            actions: &["DeleteVpc"],
        }),
    ),
    world_fault(
        Must,
        "subnet-end-does-nothing",
        "DeleteSubnet succeeds and does nothing",
        "subnet",
        &["DeleteSubnet", "DescribeSubnets"],
        World(Idle {
            actions: &["DeleteSubnet"],
        }),
    ),
    world_fault(
        Must,
        "security-group-end-does-nothing",
        "DeleteSecurityGroup succeeds and does nothing",
        "security-group",
        &["DeleteSecurityGroup", "DescribeSecurityGroups"],
        World(Idle {
            actions: &["DeleteSecurityGroup"],
        }),
    ),
    world_fault(
        Must,
        "elastic-ip-end-does-nothing",
        "ReleaseAddress succeeds and does nothing",
        "elastic-ip",
        &["ReleaseAddress", "DescribeAddresses"],
        World(Idle {
            actions: &["ReleaseAddress"],
        }),
    ),
    world_fault(
        Must,
        "ipam-pool-end-does-nothing",
        "DeleteIpamPool succeeds and does nothing",
        "ipam-pool",
        &["DeleteIpamPool", "DescribeIpamPools"],
        World(Idle {
            actions: &["DeleteIpamPool"],
        }),
    ),
    world_fault(
        Must,
        "volume-ended-stays-listed",
        "DescribeVolumes lists what has ended as if it had not",
        "volume",
        &["DescribeVolumes"],
        World(Lingers {
            action: "DeleteVolume",
            state: None,
            looks: u32::MAX,
        }),
    ),
    world_fault(
        Must,
        "instance-ended-stays-listed",
        "DescribeInstances lists what has ended as if it had not",
        "instance",
        &["DescribeInstances"],
        World(Lingers {
            action: "TerminateInstances",
            state: None,
            looks: u32::MAX,
        }),
    ),
    world_fault(
        Must,
        "vpc-peering-connection-ended-stays-listed",
        "DescribeVpcPeeringConnections lists what has ended as if it had not",
        "vpc-peering-connection",
        &["DescribeVpcPeeringConnections"],
        World(Lingers {
            action: "DeleteVpcPeeringConnection",
            state: None,
            looks: u32::MAX,
        }),
    ),
    world_fault(
        Should,
        "internet-gateway-ended-twice",
        "DeleteInternetGateway succeeds for what has ended already",
        "internet-gateway",
        &["DeleteInternetGateway"],
        World(Accepts {
            action: "DeleteInternetGateway",
            when: When::Unknown,
        }),
    ),
    world_fault(
        Should,
        "launch-template-ended-twice",
        "DeleteLaunchTemplate succeeds for what has ended already",
        "launch-template",
        &["DeleteLaunchTemplate"],
        World(Accepts {
            action: "DeleteLaunchTemplate",
            when: When::Unknown,
        }),
    ),
    world_fault(
        Should,
        "instance-unknown-terminated",
        "TerminateInstances succeeds for unknown ids",
        "instance",
        &["TerminateInstances"],
        World(Accepts {
            action: "TerminateInstances",
            when: When::Unknown,
        }),
    ),
    world_fault(
        Should,
        "vpc-in-use-ends",
        "a VPC ends although it has subnets",
        "vpc",
        &["DeleteVpc", "DescribeVpcs"],
        World(EndsAnyway {
            action: "DeleteVpc",
            refuses: false,
        }),
    ),
    world_fault(
        Should,
        "volume-in-use-ends",
        "a volume ends although it is attached",
        "volume",
        &["DeleteVolume", "DescribeVolumes"],
        World(EndsAnyway {
            action: "DeleteVolume",
            refuses: false,
        }),
    ),
    world_fault(
        Should,
        "security-group-in-use-ends",
        "a security group ends although an interface uses it",
        "security-group",
        &["DeleteSecurityGroup", "DescribeSecurityGroups"],
        World(EndsAnyway {
            action: "DeleteSecurityGroup",
            refuses: false,
        }),
    ),
    world_fault(
        Must,
        "dhcp-options-refused-end",
        "DeleteDhcpOptions refuses to delete options in use, and deletes them",
        "dhcp-options",
        &["DescribeDhcpOptions", "DeleteDhcpOptions"],
        World(EndsAnyway {
            action: "DeleteDhcpOptions",
            refuses: true,
        }),
    ),
    world_fault(
        Should,
        "key-pair-duplicate-taken",
        "CreateKeyPair takes a name that is in use",
        "key-pair",
        &["CreateKeyPair"],
        World(Duplicates {
            action: "CreateKeyPair",
        }),
    ),
    world_fault(
        Should,
        "security-group-duplicate-taken",
        "CreateSecurityGroup takes a name that is in use",
        "security-group",
        &["CreateSecurityGroup"],
        World(Duplicates {
            action: "CreateSecurityGroup",
        }),
    ),
    world_fault(
        Should,
        "launch-template-duplicate-taken",
        "CreateLaunchTemplate takes a name that is in use",
        "launch-template",
        &["CreateLaunchTemplate"],
        World(Duplicates {
            action: "CreateLaunchTemplate",
        }),
    ),
    world_fault(
        Should,
        "placement-group-duplicate-taken",
        "CreatePlacementGroup takes a name that is in use",
        "placement-group",
        &["CreatePlacementGroup"],
        World(Duplicates {
            action: "CreatePlacementGroup",
        }),
    ),
    world_fault(
        Must,
        "snapshot-dry-run-ends",
        "a dry run of DeleteSnapshot deletes",
        "snapshot",
        &["DescribeSnapshots", "DeleteSnapshot"],
        World(DryRunDone {
            action: "DeleteSnapshot",
        }),
    ),
    world_fault(
        Must,
        "subnet-dry-run-ends",
        "a dry run of DeleteSubnet deletes",
        "subnet",
        &["DescribeSubnets", "DeleteSubnet"],
        World(DryRunDone {
            action: "DeleteSubnet",
        }),
    ),
    world_fault(
        Must,
        "transit-gateway-dry-run-makes",
        "a dry run of CreateTransitGateway creates",
        "transit-gateway",
        &["DescribeTransitGateways", "CreateTransitGateway"],
        World(DryRunDone {
            action: "CreateTransitGateway",
        }),
    ),
    world_fault(
        Should,
        "instance-refused-but-terminated",
        "TerminateInstances refuses an unknown id, and terminates the others",
        "instance",
        &["DescribeInstances", "TerminateInstances"],
        World(HalfDone {
            action: "TerminateInstances",
            member: "InstanceIds",
        }),
    ),
    world_fault(
        Should,
        "tags-refused-but-created",
        "CreateTags refuses an unknown id, and tags the others",
        "vpc",
        &["DescribeVpcs", "DescribeTags"],
        World(HalfDone {
            action: "CreateTags",
            member: "Resources",
        }),
    ),
];
