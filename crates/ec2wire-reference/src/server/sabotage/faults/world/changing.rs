//! Faults in changes of resources, and in what joins and parts them.

use crate::server::sabotage::change::Change::World;
use crate::server::sabotage::row::{WorldRow, world_fault};
use crate::server::sabotage::twist::As;
use crate::server::sabotage::twist::Twist::{Idle, Shows, Unchanged};
use ec2wire::contract::Level::Must;

pub(super) static TABLE: &[WorldRow] = &[
    world_fault(
        Must,
        "subnet-change-not-shown",
        "ModifySubnetAttribute succeeds and changes nothing",
        "subnet",
        &["DescribeSubnets"],
        World(Unchanged {
            action: "ModifySubnetAttribute",
            resource: "subnet",
        }),
    ),
    world_fault(
        Must,
        "vpc-change-not-shown",
        "ModifyVpcAttribute succeeds and changes nothing",
        "vpc",
        &["DescribeVpcAttribute"],
        World(Unchanged {
            action: "ModifyVpcAttribute",
            resource: "vpc",
        }),
    ),
    world_fault(
        Must,
        "volume-change-not-shown",
        "ModifyVolume succeeds and changes nothing",
        "volume",
        &["DescribeVolumes"],
        World(Unchanged {
            action: "ModifyVolume",
            resource: "volume",
        }),
    ),
    world_fault(
        Must,
        "instance-change-not-shown",
        "ModifyInstanceAttribute succeeds and changes nothing",
        "instance",
        &["DescribeInstanceAttribute", "DescribeInstances"],
        World(Unchanged {
            action: "ModifyInstanceAttribute",
            resource: "instance",
        }),
    ),
    world_fault(
        Must,
        "network-interface-change-not-shown",
        "ModifyNetworkInterfaceAttribute succeeds and changes nothing",
        "network-interface",
        &["DescribeNetworkInterfaces"],
        World(Unchanged {
            action: "ModifyNetworkInterfaceAttribute",
            resource: "network-interface",
        }),
    ),
    world_fault(
        Must,
        "security-group-rule-change-not-shown",
        "ModifySecurityGroupRules succeeds and changes nothing",
        "security-group-rule",
        &["DescribeSecurityGroupRules"],
        World(Unchanged {
            action: "ModifySecurityGroupRules",
            resource: "security-group-rule",
        }),
    ),
    world_fault(
        Must,
        "prefix-list-change-not-shown",
        "ModifyManagedPrefixList succeeds and changes nothing",
        "prefix-list",
        &["DescribeManagedPrefixLists", "ModifyManagedPrefixList"],
        World(Unchanged {
            action: "ModifyManagedPrefixList",
            resource: "prefix-list",
        }),
    ),
    world_fault(
        Must,
        "ipam-scope-change-not-shown",
        "ModifyIpamScope succeeds and changes nothing",
        "ipam-scope",
        &["DescribeIpamScopes", "ModifyIpamScope"],
        World(Unchanged {
            action: "ModifyIpamScope",
            resource: "ipam-scope",
        }),
    ),
    world_fault(
        Must,
        "launch-template-change-not-shown",
        "ModifyLaunchTemplate succeeds and changes nothing",
        "launch-template",
        &["DescribeLaunchTemplates", "ModifyLaunchTemplate"],
        World(Unchanged {
            action: "ModifyLaunchTemplate",
            resource: "launch-template",
        }),
    ),
    world_fault(
        Must,
        "internet-gateway-attachment-not-shown",
        "DescribeInternetGateways does not show attachments",
        "internet-gateway",
        &["DescribeInternetGateways"],
        World(Shows {
            at: &[("DescribeInternetGateways", "InternetGateways[].Attachments")],
            value: As::Missing,
        }),
    ),
    world_fault(
        Must,
        "volume-attachment-not-shown",
        "DescribeVolumes does not show attachments",
        "volume",
        &["DescribeVolumes"],
        World(Shows {
            at: &[("DescribeVolumes", "Volumes[].Attachments")],
            value: As::Missing,
        }),
    ),
    world_fault(
        Must,
        "route-table-association-not-shown",
        "DescribeRouteTables does not show associations",
        "route-table",
        &["DescribeRouteTables"],
        World(Shows {
            at: &[("DescribeRouteTables", "RouteTables[].Associations")],
            value: As::Missing,
        }),
    ),
    world_fault(
        Must,
        "elastic-ip-association-not-shown",
        "DescribeAddresses does not show what an address is associated with",
        "elastic-ip",
        &["DescribeAddresses"],
        World(Unchanged {
            action: "AssociateAddress",
            resource: "elastic-ip",
        }),
    ),
    world_fault(
        Must,
        "vpn-gateway-attach-does-nothing",
        "AttachVpnGateway succeeds and does nothing",
        "vpn-gateway",
        &["DescribeVpnGateways", "AttachVpnGateway"],
        World(Idle {
            actions: &["AttachVpnGateway"],
        }),
    ),
    world_fault(
        Must,
        "volume-detached-still-shown",
        "DescribeVolumes shows an attachment that has ended",
        "volume",
        &["DescribeVolumes"],
        World(Unchanged {
            action: "DetachVolume",
            resource: "volume",
        }),
    ),
    world_fault(
        Must,
        "network-interface-detached-still-shown",
        "DescribeNetworkInterfaces shows an attachment that has ended",
        "network-interface",
        &["DescribeNetworkInterfaces"],
        World(Unchanged {
            action: "DetachNetworkInterface",
            resource: "network-interface",
        }),
    ),
    world_fault(
        Must,
        "internet-gateway-detach-does-nothing",
        "DetachInternetGateway succeeds and does nothing",
        "internet-gateway",
        &["DescribeInternetGateways"],
        World(Idle {
            actions: &["DetachInternetGateway"],
        }),
    ),
    world_fault(
        Must,
        "route-table-disassociate-does-nothing",
        "DisassociateRouteTable succeeds and does nothing",
        "route-table",
        &["DescribeRouteTables"],
        World(Idle {
            actions: &["DisassociateRouteTable"],
        }),
    ),
];
