//! Faults in what lists show: ids, pages, and Regions.

use crate::server::sabotage::change::Change::World;
use crate::server::sabotage::row::{WorldRow, world_fault};
use crate::server::sabotage::twist::Twist::{
    Accepts, OneRegion, Pages, Recodes, UnknownLeftOut, Unlisted, Unread,
};
use crate::server::sabotage::twist::{Paging, When};
use ec2wire::contract::Level::{Must, Should};

pub(super) static TABLE: &[WorldRow] = &[
    world_fault(
        Must,
        "vpc-never-listed",
        "DescribeVpcs never lists what was created",
        "vpc",
        &["DescribeVpcs"],
        World(Unlisted {
            resource: "vpc",
            looks: u32::MAX,
        }),
    ),
    world_fault(
        Must,
        "flow-log-never-listed",
        "DescribeFlowLogs never lists what was created",
        "flow-log",
        &["DescribeFlowLogs"],
        World(Unlisted {
            resource: "flow-log",
            looks: u32::MAX,
        }),
    ),
    world_fault(
        Must,
        "customer-gateway-never-listed",
        "DescribeCustomerGateways never lists what was created",
        "customer-gateway",
        &["DescribeCustomerGateways"],
        World(Unlisted {
            resource: "customer-gateway",
            looks: u32::MAX,
        }),
    ),
    world_fault(
        Must,
        "subnet-ids-ignored",
        "DescribeSubnets ignores the ids that it is asked for",
        "subnet",
        &["DescribeSubnets"],
        World(Unread {
            action: "DescribeSubnets",
            member: "SubnetIds",
        }),
    ),
    world_fault(
        Must,
        "snapshot-ids-ignored",
        "DescribeSnapshots ignores the ids that it is asked for",
        "snapshot",
        &["DescribeSnapshots"],
        World(Unread {
            action: "DescribeSnapshots",
            member: "SnapshotIds",
        }),
    ),
    world_fault(
        Must,
        "transit-gateway-ids-ignored",
        "DescribeTransitGateways ignores the ids that it is asked for",
        "transit-gateway",
        &["DescribeTransitGateways"],
        World(Unread {
            action: "DescribeTransitGateways",
            member: "TransitGatewayIds",
        }),
    ),
    world_fault(
        Should,
        "volume-unknown-left-out",
        "DescribeVolumes leaves out an unknown id among known ones",
        "volume",
        &["DescribeVolumes"],
        World(UnknownLeftOut {
            action: "DescribeVolumes",
        }),
    ),
    world_fault(
        Should,
        "route-table-unknown-left-out",
        "DescribeRouteTables leaves out an unknown id among known ones",
        "route-table",
        &["DescribeRouteTables"],
        World(UnknownLeftOut {
            action: "DescribeRouteTables",
        }),
    ),
    world_fault(
        Should,
        "instance-unknown-is-empty",
        "DescribeInstances answers an unknown id with an empty list",
        "instance",
        &["DescribeInstances"],
        World(Accepts {
            action: "DescribeInstances",
            when: When::Unknown,
        }),
    ),
    world_fault(
        Should,
        "security-group-unknown-is-empty",
        "DescribeSecurityGroups answers an unknown id with an empty list",
        "security-group",
        &["DescribeSecurityGroups"],
        World(Accepts {
            action: "DescribeSecurityGroups",
            when: When::Unknown,
        }),
    ),
    world_fault(
        Should,
        "vpc-endpoint-unknown-is-empty",
        "DescribeVpcEndpoints answers an unknown id with an empty list",
        "vpc-endpoint",
        &["DescribeVpcEndpoints"],
        World(Accepts {
            action: "DescribeVpcEndpoints",
            when: When::Unknown,
        }),
    ),
    world_fault(
        Should,
        "nat-gateway-unknown-code",
        "the error code for an unknown nat gateway is TotallyMadeUp",
        "nat-gateway",
        &["DescribeNatGateways", "DeleteNatGateway"],
        World(Recodes {
            actions: &["DescribeNatGateways", "DeleteNatGateway"],
            when: When::Unknown,
            code: "TotallyMadeUp",
        }),
    ),
    world_fault(
        Should,
        "ipam-scope-unknown-code",
        "the error code for an unknown ipam scope is TotallyMadeUp",
        "ipam-scope",
        &["DescribeIpamScopes", "DeleteIpamScope"],
        World(Recodes {
            actions: &["DescribeIpamScopes", "DeleteIpamScope"],
            when: When::Unknown,
            code: "TotallyMadeUp",
        }),
    ),
    world_fault(
        Should,
        "network-interface-malformed-taken",
        "DescribeNetworkInterfaces answers a malformed id with an empty list",
        "network-interface",
        &["DescribeNetworkInterfaces"],
        World(Accepts {
            action: "DescribeNetworkInterfaces",
            when: When::Malformed,
        }),
    ),
    world_fault(
        Should,
        "egress-only-internet-gateway-malformed-taken",
        "DescribeEgressOnlyInternetGateways answers a malformed id with an empty list",
        "egress-only-internet-gateway",
        &["DescribeEgressOnlyInternetGateways"],
        World(Accepts {
            action: "DescribeEgressOnlyInternetGateways",
            when: When::Malformed,
        }),
    ),
    world_fault(
        Should,
        "image-malformed-code",
        "DescribeImages refuses a malformed id with InvalidSnapshot.NotFound",
        "image",
        &["DescribeImages"],
        World(Recodes {
            actions: &["DescribeImages"],
            when: When::Malformed,
            code: "InvalidSnapshot.NotFound",
        }),
    ),
    world_fault(
        Should,
        "internet-gateway-malformed-code",
        "DescribeInternetGateways refuses a malformed id with InvalidVpcID.NotFound",
        "internet-gateway",
        &["DescribeInternetGateways"],
        World(Recodes {
            actions: &["DescribeInternetGateways"],
            when: When::Malformed,
            code: "InvalidVpcID.NotFound",
        }),
    ),
    world_fault(
        Must,
        "vpc-pages-repeat",
        "each page of DescribeVpcs begins with the last entry of the one before",
        "vpc",
        &["DescribeVpcs"],
        World(Pages {
            action: "DescribeVpcs",
            how: Paging::Repeats,
        }),
    ),
    world_fault(
        Must,
        "subnet-pages-skip",
        "an entry is missing between two pages of DescribeSubnets",
        "subnet",
        &["DescribeSubnets"],
        World(Pages {
            action: "DescribeSubnets",
            how: Paging::Skips,
        }),
    ),
    world_fault(
        Must,
        "ipam-pool-pages-skip",
        "an entry is missing between two pages of DescribeIpamPools",
        "ipam-pool",
        &["DescribeIpamPools"],
        World(Pages {
            action: "DescribeIpamPools",
            how: Paging::Skips,
        }),
    ),
    world_fault(
        Must,
        "security-group-pages-endless",
        "the last page of DescribeSecurityGroups leads to the first one",
        "security-group",
        &["DescribeSecurityGroups"],
        World(Pages {
            action: "DescribeSecurityGroups",
            how: Paging::Endless,
        }),
    ),
    world_fault(
        Must,
        "prefix-list-pages-endless",
        "the last page of DescribeManagedPrefixLists leads to the first one",
        "prefix-list",
        &["DescribeManagedPrefixLists"],
        World(Pages {
            action: "DescribeManagedPrefixLists",
            how: Paging::Endless,
        }),
    ),
    world_fault(
        Should,
        "launch-template-max-results-ignored",
        "DescribeLaunchTemplates ignores MaxResults",
        "launch-template",
        &["DescribeLaunchTemplates"],
        World(Unread {
            action: "DescribeLaunchTemplates",
            member: "MaxResults",
        }),
    ),
    world_fault(
        Must,
        "vpc-in-all-regions",
        "a VPC is seen in every Region",
        "vpc",
        &["DescribeVpcs", "CreateVpc"],
        World(OneRegion { resource: "vpc" }),
    ),
    world_fault(
        Must,
        "key-pair-in-all-regions",
        "a key pair is seen in every Region",
        "key-pair",
        &["DescribeKeyPairs", "CreateKeyPair"],
        World(OneRegion {
            resource: "key-pair",
        }),
    ),
];
