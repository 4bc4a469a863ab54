//! Faults in tags.

use crate::server::sabotage::change::Change::World;
use crate::server::sabotage::row::{WorldRow, world_fault};
use crate::server::sabotage::twist::As;
use crate::server::sabotage::twist::Twist::{Idle, KeepsTags, LeavesOut, Of, Shows, Unread};
use ec2wire::contract::Level::Must;

pub(super) static TABLE: &[WorldRow] = &[
    world_fault(
        Must,
        "volume-tags-of-creation-dropped",
        "CreateVolume ignores tags",
        "volume",
        &["CreateVolume", "DescribeVolumes", "DescribeTags"],
        World(Unread {
            action: "CreateVolume",
            member: "TagSpecifications",
        }),
    ),
    world_fault(
        Must,
        "security-group-tags-of-creation-dropped",
        "CreateSecurityGroup ignores tags",
        "security-group",
        &[
            "CreateSecurityGroup",
            "DescribeSecurityGroups",
            "DescribeTags",
        ],
        World(Unread {
            action: "CreateSecurityGroup",
            member: "TagSpecifications",
        }),
    ),
    world_fault(
        Must,
        "instance-tags-of-creation-dropped",
        "RunInstances ignores tags",
        "instance",
        &["RunInstances", "DescribeInstances", "DescribeTags"],
        World(Unread {
            action: "RunInstances",
            member: "TagSpecifications",
        }),
    ),
    world_fault(
        Must,
        "snapshot-tags-not-kept",
        "CreateTags succeeds for a snapshot and does nothing",
        "snapshot",
        &["DescribeSnapshots", "DescribeTags"],
        World(Of(
            "snapshot",
            &Idle {
                actions: &["CreateTags"],
            },
        )),
    ),
    world_fault(
        Must,
        "key-pair-tags-not-kept",
        "CreateTags succeeds for a key pair and does nothing",
        "key-pair",
        &["DescribeKeyPairs", "DescribeTags"],
        World(Of(
            "key-pair",
            &Idle {
                actions: &["CreateTags"],
            },
        )),
    ),
    world_fault(
        Must,
        "internet-gateway-tags-not-listed",
        "DescribeInternetGateways does not show tags",
        "internet-gateway",
        &["DescribeInternetGateways"],
        World(Shows {
            at: &[("DescribeInternetGateways", "InternetGateways[].Tags")],
            value: As::Missing,
        }),
    ),
    world_fault(
        Must,
        "vpc-tag-given-twice",
        "CreateTags gives a VPC a second tag with the same key",
        "vpc",
        &["DescribeVpcs", "DescribeTags"],
        World(Of(
            "vpc",
            &KeepsTags {
                action: "CreateTags",
            },
        )),
    ),
    world_fault(
        Must,
        "route-table-tags-stay",
        "DeleteTags succeeds for a route table and does nothing",
        "route-table",
        &["DescribeRouteTables", "DescribeTags"],
        World(Of(
            "route-table",
            &Idle {
                actions: &["DeleteTags"],
            },
        )),
    ),
    world_fault(
        Must,
        "subnet-tag-value-ignored",
        "DeleteTags deletes a tag of a subnet whatever its value",
        "subnet",
        &["DescribeSubnets", "DescribeTags"],
        World(Of(
            "subnet",
            &Unread {
                action: "DeleteTags",
                member: "Tags[].Value",
            },
        )),
    ),
    world_fault(
        Must,
        "volume-tags-not-described",
        "DescribeTags leaves out volumes",
        "volume",
        &["DescribeTags"],
        World(LeavesOut {
            action: "DescribeTags",
            list: "Tags[]",
            member: "ResourceType",
            value: "volume",
        }),
    ),
];
