//! Faults in the filters of lists.

use crate::server::sabotage::change::Change::World;
use crate::server::sabotage::row::{WorldRow, world_fault};
use crate::server::sabotage::twist::Twist::{
    AnyFilter, EmptyFilters, FewValues, IgnoresCase, UnknownFilters, Unread, UnreadFilters,
};
use ec2wire::contract::Level::{Must, Should};

pub(super) static TABLE: &[WorldRow] = &[
    world_fault(
        Must,
        "vpc-filters-ignored",
        "DescribeVpcs ignores filters",
        "vpc",
        &["DescribeVpcs"],
        World(Unread {
            action: "DescribeVpcs",
            member: "Filters",
        }),
    ),
    world_fault(
        Must,
        "key-pair-filters-ignored",
        "DescribeKeyPairs ignores filters",
        "key-pair",
        &["DescribeKeyPairs"],
        World(Unread {
            action: "DescribeKeyPairs",
            member: "Filters",
        }),
    ),
    world_fault(
        Must,
        "elastic-ip-filters-ignored",
        "DescribeAddresses ignores filters",
        "elastic-ip",
        &["DescribeAddresses"],
        World(Unread {
            action: "DescribeAddresses",
            member: "Filters",
        }),
    ),
    world_fault(
        Must,
        "subnet-filter-vpc-id-ignored",
        "DescribeSubnets ignores the filter vpc-id",
        "subnet",
        &["DescribeSubnets"],
        World(UnreadFilters {
            action: "DescribeSubnets",
            names: |name| name == "vpc-id",
        }),
    ),
    world_fault(
        Must,
        "vpc-endpoint-filter-state-ignored",
        "DescribeVpcEndpoints ignores the filter vpc-endpoint-state",
        "vpc-endpoint",
        &["DescribeVpcEndpoints"],
        World(UnreadFilters {
            action: "DescribeVpcEndpoints",
            names: |name| name == "vpc-endpoint-state",
        }),
    ),
    world_fault(
        Must,
        "prefix-list-filter-name-ignored",
        "DescribeManagedPrefixLists ignores the filter prefix-list-name",
        "prefix-list",
        &["DescribeManagedPrefixLists"],
        World(UnreadFilters {
            action: "DescribeManagedPrefixLists",
            names: |name| name == "prefix-list-name",
        }),
    ),
    world_fault(
        Must,
        "instance-filter-state-ignored",
        "DescribeInstances ignores the filter instance-state-name",
        "instance",
        &["DescribeInstances"],
        World(UnreadFilters {
            action: "DescribeInstances",
            names: |name| name == "instance-state-name",
        }),
    ),
    world_fault(
        Must,
        "volume-filters-ored",
        "DescribeVolumes lists what any one of the filters selects",
        "volume",
        &["DescribeVolumes"],
        World(AnyFilter {
            action: "DescribeVolumes",
        }),
    ),
    world_fault(
        Must,
        "network-acl-filters-ored",
        "DescribeNetworkAcls lists what any one of the filters selects",
        "network-acl",
        &["DescribeNetworkAcls"],
        World(AnyFilter {
            action: "DescribeNetworkAcls",
        }),
    ),
    world_fault(
        Must,
        "snapshot-filter-first-value-only",
        "DescribeSnapshots reads only the first value of a filter",
        "snapshot",
        &["DescribeSnapshots"],
        World(FewValues {
            action: "DescribeSnapshots",
            most: 1,
        }),
    ),
    world_fault(
        Must,
        "customer-gateway-filter-first-value-only",
        "DescribeCustomerGateways reads only the first value of a filter",
        "customer-gateway",
        &["DescribeCustomerGateways"],
        World(FewValues {
            action: "DescribeCustomerGateways",
            most: 1,
        }),
    ),
    world_fault(
        Must,
        "security-group-filter-case-ignored",
        "DescribeSecurityGroups compares the values of filters without regard to case",
        "security-group",
        &["DescribeSecurityGroups"],
        World(IgnoresCase {
            action: "DescribeSecurityGroups",
        }),
    ),
    world_fault(
        Must,
        "placement-group-filter-case-ignored",
        "DescribePlacementGroups compares the values of filters without regard to case",
        "placement-group",
        &["DescribePlacementGroups"],
        World(IgnoresCase {
            action: "DescribePlacementGroups",
        }),
    ),
    world_fault(
        Should,
        "internet-gateway-unknown-filter-taken",
        "DescribeInternetGateways ignores filters whose names it does not know",
        "internet-gateway",
        &["DescribeInternetGateways"],
        World(UnknownFilters {
            action: "DescribeInternetGateways",
        }),
    ),
    world_fault(
        Should,
        "dhcp-options-unknown-filter-taken",
        "DescribeDhcpOptions ignores filters whose names it does not know",
        "dhcp-options",
        &["DescribeDhcpOptions"],
        World(UnknownFilters {
            action: "DescribeDhcpOptions",
        }),
    ),
    world_fault(
        Should,
        "route-table-filter-without-values-ignored",
        "DescribeRouteTables lists all for a filter without values",
        "route-table",
        &["DescribeRouteTables"],
        World(EmptyFilters {
            action: "DescribeRouteTables",
        }),
    ),
    world_fault(
        Should,
        "launch-template-filter-without-values-ignored",
        "DescribeLaunchTemplates lists all for a filter without values",
        "launch-template",
        &["DescribeLaunchTemplates"],
        World(EmptyFilters {
            action: "DescribeLaunchTemplates",
        }),
    ),
    world_fault(
        Should,
        "network-interface-201-values-taken",
        "DescribeNetworkInterfaces takes 201 values of a filter",
        "network-interface",
        &["DescribeNetworkInterfaces"],
        World(FewValues {
            action: "DescribeNetworkInterfaces",
            most: 200,
        }),
    ),
    world_fault(
        Must,
        "image-tag-filter-ignored",
        "DescribeImages ignores filters on the value of a tag",
        "image",
        &["DescribeImages"],
        World(UnreadFilters {
            action: "DescribeImages",
            names: |name| name.starts_with("tag:"),
        }),
    ),
    world_fault(
        Must,
        "vpn-gateway-tag-filter-ignored",
        "DescribeVpnGateways ignores filters on the value of a tag",
        "vpn-gateway",
        &["DescribeVpnGateways"],
        World(UnreadFilters {
            action: "DescribeVpnGateways",
            names: |name| name.starts_with("tag:"),
        }),
    ),
    world_fault(
        Must,
        "nat-gateway-tag-key-ignored",
        "DescribeNatGateways ignores the filter tag-key",
        "nat-gateway",
        &["DescribeNatGateways"],
        World(UnreadFilters {
            action: "DescribeNatGateways",
            names: |name| name == "tag-key",
        }),
    ),
];
