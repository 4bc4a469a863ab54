//! Variants of what the endpoint does with the resources of the table: what EC2 might do as well. A
//! comment says why it is possible; it holds until the next one.

use super::change::Change::World;
use super::document::Element;
use super::row::{WorldRow, world_variant};
use super::twist::Twist::{Ids, Lingers, Pages, Recodes, Reverses, Settles, Tree, Unlisted};
use super::twist::{Paging, When};

pub(super) static TABLE: &[WorldRow] = &[
    // AWS documents no order of entries: "the order of the elements in the response might vary".
    world_variant(
        "volumes-in-reverse",
        "DescribeVolumes lists the newest volume first",
        "volume",
        &["DescribeVolumes"],
        World(Reverses {
            action: "DescribeVolumes",
            path: "Volumes[]",
        }),
    ),
    world_variant(
        "vpc-tags-in-reverse",
        "DescribeVpcs shows tags in reverse order",
        "vpc",
        &["DescribeVpcs"],
        World(Reverses {
            action: "DescribeVpcs",
            path: "Vpcs[].Tags[]",
        }),
    ),
    // EC2 documents eventual consistency: a new resource may take a while to show.
    world_variant(
        "vpc-listed-later",
        "a new VPC is missing from the next two lists",
        "vpc",
        &["DescribeVpcs"],
        World(Unlisted {
            resource: "vpc",
            looks: 2,
        }),
    ),
    world_variant(
        "snapshot-listed-later",
        "a new snapshot is missing from the next two lists",
        "snapshot",
        &["DescribeSnapshots"],
        World(Unlisted {
            resource: "snapshot",
            looks: 2,
        }),
    ),
    // "Ignore unknown elements": a newer EC2 has more members.
    world_variant(
        "vpc-unknown-member",
        "DescribeVpcs shows a member that AWS does not document",
        "vpc",
        &["DescribeVpcs"],
        World(Tree {
            action: "DescribeVpcs",
            edit: newer,
        }),
    ),
    // EC2 was seen to answer with either code.
    world_variant(
        "vpc-other-code",
        "the error code for an unknown VPC is InvalidVpcId.NotFound",
        "vpc",
        &["DescribeVpcs", "DeleteVpc"],
        World(Recodes {
            actions: &["DescribeVpcs", "DeleteVpc"],
            when: When::Unknown,
            code: "InvalidVpcId.NotFound",
        }),
    ),
    world_variant(
        "security-group-other-code",
        "the error code for a malformed id of a security group is InvalidSecurityGroupId.Malformed",
        "security-group",
        &["DescribeSecurityGroups"],
        World(Recodes {
            actions: &["DescribeSecurityGroups", "DeleteSecurityGroup"],
            when: When::Malformed,
            code: "InvalidSecurityGroupId.Malformed",
        }),
    ),
    // A state may settle late: AWS's waiters wait for minutes.
    world_variant(
        "volume-settles-slowly",
        "a new volume is still being created in the next two lists",
        "volume",
        &["DescribeVolumes"],
        World(Settles {
            resource: "volume",
            state: "creating",
            looks: 2,
        }),
    ),
    world_variant(
        "nat-gateway-settles-slowly",
        "a new NAT gateway is pending in the next three lists",
        "nat-gateway",
        &["DescribeNatGateways"],
        World(Settles {
            resource: "nat-gateway",
            state: "pending",
            looks: 3,
        }),
    ),
    world_variant(
        "transit-gateway-settles-slowly",
        "a new transit gateway is pending in the next two lists",
        "transit-gateway",
        &["DescribeTransitGateways"],
        World(Settles {
            resource: "transit-gateway",
            state: "pending",
            looks: 2,
        }),
    ),
    // An empty token was seen where there is no next page.
    world_variant(
        "subnet-empty-last-token",
        "the last page of DescribeSubnets has an empty token",
        "subnet",
        &["DescribeSubnets"],
        World(Pages {
            action: "DescribeSubnets",
            how: Paging::EmptyLast,
        }),
    ),
    // Only the token says whether there is more.
    world_variant(
        "security-group-short-pages",
        "a page of DescribeSecurityGroups has fewer entries than it may",
        "security-group",
        &["DescribeSecurityGroups"],
        World(Pages {
            action: "DescribeSecurityGroups",
            how: Paging::Short,
        }),
    ),
    // Ids of resources from before 2018 have eight digits.
    world_variant(
        "volume-ids-of-8-digits",
        "the ids of volumes have eight digits, as EC2's once had",
        "volume",
        &["CreateVolume"],
        World(Ids {
            resource: "volume",
            form: eight_digits,
        }),
    ),
    world_variant(
        "snapshot-ids-of-8-digits",
        "the ids of snapshots have eight digits, as EC2's once had",
        "snapshot",
        &["CreateSnapshot"],
        World(Ids {
            resource: "snapshot",
            form: eight_digits,
        }),
    ),
    // What has ended may be listed for a while.
    world_variant(
        "volume-deleted-listed-for-a-while",
        "the next two lists show a deleted volume as being deleted",
        "volume",
        &["DescribeVolumes"],
        World(Lingers {
            action: "DeleteVolume",
            state: Some("deleting"),
            looks: 2,
        }),
    ),
    world_variant(
        "subnet-deleted-listed-once",
        "the next list shows a deleted subnet as if it still existed",
        "subnet",
        &["DescribeSubnets"],
        World(Lingers {
            action: "DeleteSubnet",
            state: None,
            looks: 1,
        }),
    ),
];

/// An id with eight digits.
fn eight_digits(id: &str) -> String {
    match id.rsplit_once('-') {
        Some((prefix, digits)) => {
            let last: String = digits
                .chars()
                .skip(digits.len().saturating_sub(8))
                .collect();
            format!("{prefix}-{last}")
        }
        None => id.to_owned(),
    }
}

/// Adds a member to each entry of a list.
fn newer(root: &mut Element) {
    for set in &mut root.children {
        for entry in set.children.iter_mut().filter(|entry| entry.name == "item") {
            entry
                .children
                .push(Element::new("resilienceTier", "standard"));
        }
    }
}
