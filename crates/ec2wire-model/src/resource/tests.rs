#![expect(clippy::unwrap_used, reason = "a test may fail")]

use super::*;
use crate::Model;
use std::collections::BTreeSet;

fn row(name: &str) -> &'static Resource {
    Model::ec2().resource(name).unwrap()
}

#[test]
fn all_that_the_table_names_is_in_the_model() {
    let lacks = lacks(Model::ec2().resources(), Model::ec2(), None);
    assert_eq!(lacks, []);
}

#[test]
fn most_of_ec2_is_reached() {
    let rows = Model::ec2().resources();
    let actions: BTreeSet<&str> = rows.iter().flat_map(Resource::actions).collect();
    assert!(
        rows.len() >= 135 && actions.len() >= 740,
        "{} {}",
        rows.len(),
        actions.len()
    );
    let count = |has: fn(&&Resource) -> bool| rows.iter().filter(has).count();
    assert!(count(|row| row.list.is_some()) >= 120);
    assert!(count(|row| !row.make.is_empty()) >= 100);
    assert!(count(|row| !row.codes.unknown.is_empty()) >= 70);
    assert!(count(|row| row.id.prefix.is_some()) >= 95);
    let filters = rows.iter().flat_map(|row| row.list.iter().chain(&row.read));
    let filters: Vec<&Filter> = filters.flat_map(|listing| &listing.filters).collect();
    let known = filters
        .iter()
        .filter(|filter| filter.path.is_some())
        .count();
    assert!(
        filters.len() >= 1_100 && known >= 980,
        "{} {known}",
        filters.len()
    );
}

/// What it costs to read the table is in proportion to its size, and to the number of its lists.
#[test]
fn the_table_stays_small() {
    assert!(include_str!("../../model/resources.json").len() < 400_000);
}

#[test]
fn names_types_and_members_are_not_ambiguous() {
    let mut names = BTreeSet::new();
    let mut types = BTreeSet::new();
    let mut members = BTreeSet::new();
    for row in Model::ec2().resources() {
        assert!(names.insert(row.name), "{}", row.name);
        if let Some(parent) = row.kind_of {
            assert!(Model::ec2().resource(parent).is_some(), "{}", row.name);
        } else {
            let mut kinds = row.resource_type.iter();
            assert!(kinds.all(|kind| types.insert(*kind)), "{}", row.name);
            let mut own = row.id.members.iter();
            assert!(
                own.all(|member| members.insert(member.value)),
                "{}",
                row.name
            );
        }
        let known = |name: &str| Model::ec2().resource(name).is_some();
        assert!(
            row.kept_by.iter().all(|keeper| known(keeper.resource)),
            "{}",
            row.name
        );
        let needs = row.make.iter().flat_map(|make| &make.needs);
        assert!(
            needs.into_iter().all(|need| known(need.resource)),
            "{}",
            row.name
        );
    }
    // All but four types that nobody makes.
    let all = Model::ec2()
        .shape("ResourceType")
        .unwrap()
        .enum_values()
        .len();
    assert_eq!(types.len() + 4, all);
}

#[test]
fn each_source_is_known_and_proves_what_it_should() {
    for row in Model::ec2().resources() {
        let codes = row.codes.lists().into_iter();
        for fact in codes
            .flat_map(|(_, codes)| codes)
            .chain(&row.id.prefix)
            .chain(&row.id.arn)
        {
            // A code or a prefix does not follow from names.
            assert!(
                fact.source.evidence() >= Evidence::Observed,
                "{}: {fact:?}",
                row.name
            );
            let text = fact.source.to_string();
            assert_ne!(
                fact.source.about(),
                text,
                "{}: no text for {text}",
                row.name
            );
        }
    }
    assert_eq!(Source::Hand("nowhere").evidence(), Evidence::Inferred);
    assert_eq!(Source::Hand("nowhere").about(), "nowhere");
}

#[test]
fn an_unknown_id_has_the_prefix_that_ec2_uses() {
    for (member, id) in [
        ("InstanceIds", "i-0fedcba9876543210"),
        ("NetworkInterfaceId", "eni-0fedcba9876543210"),
        ("PrefixListId", "pl-0fedcba9876543210"),
        ("PeerVpcId", "vpc-0fedcba9876543210"),
        ("FleetId", "fleet-0fedcba9-8765-4321-8fed-cba987654321"),
        (
            "ReservedInstancesId",
            "0fedcba9-8765-4321-8fed-cba987654321",
        ),
        (
            "IpamPoolAllocationId",
            "ipam-pool-alloc-0fedcba9876543210fedcba987654321",
        ),
    ] {
        let found = Resource::of_member(member).and_then(Resource::unknown_id);
        assert_eq!(found.as_deref(), Some(id), "{member}");
    }
    assert_eq!(Resource::of_member("MiddleboxAttachmentId"), None);
    // Which resource these name depends on the action.
    for member in ["PoolId", "ReportId", "AssociationId", "ImportTaskId"] {
        assert_eq!(Resource::of_member(member), None, "{member}");
    }
    assert_eq!(row("elastic-gpu").unknown_id(), None);
}

#[test]
fn a_path_is_followed_only_as_it_is_written() {
    let output = Model::ec2()
        .operation("DescribeInstances")
        .unwrap()
        .output()
        .unwrap();
    let path = row("instance").list.as_ref().unwrap().path;
    assert_eq!(path.shape(output).unwrap().name(), "Instance");
    // Without the mark of a list, it would lead to the list.
    assert!(
        Path::new("Reservations.Instances[]")
            .members(output)
            .is_none()
    );
    assert_eq!(
        Path::new("Reservations[]").shape(output).unwrap().name(),
        "Reservation"
    );
    assert_eq!(Path::new("Nothing").shape(output), None);
    assert!(Path::default().is_nowhere());
}

/// What a row says, as lines of words.
fn statements(row: &Resource) -> BTreeSet<String> {
    let mut lines = Vec::new();
    let mut say = |words: &[&str]| lines.push(words.join(" "));
    row.id
        .prefix
        .iter()
        .for_each(|fact| say(&["prefix", fact.value]));
    for (what, facts) in row.codes.lists() {
        for fact in facts {
            say(&[what, fact.value]);
        }
    }
    for make in &row.make {
        make.id
            .iter()
            .for_each(|id| say(&["made", make.action, id.as_str()]));
        for shown in &make.shown {
            say(&["shown", shown.member.as_str(), shown.path.as_str()]);
        }
        for need in make.needs.iter().filter(|need| need.required) {
            say(&["needs", need.resource]);
        }
    }
    if let Some(list) = &row.list {
        say(&["listed", list.action, list.path.as_str()]);
        for filter in &list.filters {
            say(&[
                "filter",
                filter.name,
                filter.path.unwrap_or_default().as_str(),
            ]);
        }
        if let Some(pages) = &list.pages {
            let bound =
                |bound: Option<u32>| bound.map_or_else(String::new, |bound| bound.to_string());
            say(&["pages", &bound(pages.least), &bound(pages.most)]);
        }
    }
    row.end
        .iter()
        .for_each(|act| say(&["ended", act.action, act.member.as_str()]));
    for join in &row.join {
        say(&["joined", join.action, join.part.unwrap_or_default()]);
    }
    for keeper in &row.kept_by {
        say(&["kept-by", keeper.resource, keeper.code.unwrap_or_default()]);
    }
    if let Some(states) = &row.states {
        for (what, facts) in states.lists() {
            for fact in facts {
                say(&[what, fact.value]);
            }
        }
    }
    lines.into_iter().collect()
}

/// Facts that were looked up by hand, each in a source that the table was not made from where there is
/// one: AWS's examples of requests and responses, its page of error codes, the example pages of the AWS
/// CLI, and codes that were met on calls to EC2.
const SAMPLE: &[(&str, &[&str])] = &[
    (
        "vpc",
        &[
            "prefix vpc",
            "made CreateVpc Vpc.VpcId",
            "listed DescribeVpcs Vpcs[]",
            "first pending",
            "settled available",
            "unknown InvalidVpcID.NotFound",
            "malformed InvalidVpcId.Malformed",
            "limit VpcLimitExceeded",
            "filter is-default IsDefault",
            "filter cidr CidrBlock",
            "kept-by security-group DependencyViolation",
            "pages 5 1000",
        ],
    ),
    (
        "subnet",
        &[
            "made CreateSubnet Subnet.SubnetId",
            "needs vpc",
            "duplicate InvalidSubnet.Conflict",
            "filter vpc-id VpcId",
            "shown CidrBlock CidrBlock",
        ],
    ),
    (
        "instance",
        &[
            "listed DescribeInstances Reservations[].Instances[]",
            "first pending",
            "settled running",
            "ending shutting-down",
            "gone terminated",
            "unknown InvalidInstanceID.NotFound",
            "filter instance-state-name State.Name",
            "filter tag:<key> Tags[].Value",
            "ended TerminateInstances InstanceIds",
        ],
    ),
    (
        "volume",
        &[
            "made CreateVolume VolumeId",
            "first creating",
            "settled in-use",
            "unknown InvalidVolume.NotFound",
            "malformed InvalidVolumeID.Malformed",
            "in-use VolumeInUse",
            "joined AttachVolume DetachVolume",
            "filter attachment.instance-id Attachments[].InstanceId",
        ],
    ),
    (
        "snapshot",
        &[
            "filter status State",
            "settled completed",
            "failed error",
            "unknown InvalidSnapshot.NotFound",
            "in-use InvalidSnapshot.InUse",
        ],
    ),
    (
        "security-group",
        &[
            "prefix sg",
            "made CreateSecurityGroup GroupId",
            "unknown InvalidGroup.NotFound",
            "malformed InvalidGroupId.Malformed",
            "duplicate InvalidGroup.Duplicate",
            "filter ip-permission.cidr IpPermissions[].IpRanges[].CidrIp",
        ],
    ),
    (
        "internet-gateway",
        &[
            "joined AttachInternetGateway DetachInternetGateway",
            "filter attachment.vpc-id Attachments[].VpcId",
            "malformed InvalidInternetGatewayId.Malformed",
        ],
    ),
    (
        "nat-gateway",
        &[
            "unknown NatGatewayNotFound",
            "malformed NatGatewayMalformed",
            "settled available",
            "gone deleted",
        ],
    ),
    (
        "image",
        &[
            "made CreateImage ImageId",
            "unknown InvalidAMIID.NotFound",
            "prefix ami",
        ],
    ),
    (
        "elastic-ip",
        &[
            "prefix eipalloc",
            "made AllocateAddress AllocationId",
            "ended ReleaseAddress AllocationId",
        ],
    ),
    (
        "network-acl",
        &["prefix acl", "unknown InvalidRouteTableID.NotFound"],
    ),
    (
        "key-pair",
        &[
            "duplicate InvalidKeyPair.Duplicate",
            "made ImportKeyPair KeyPairId",
        ],
    ),
    (
        "transit-gateway-route-table",
        &["unknown InvalidRouteTableID.NotFound", "prefix tgw-rtb"],
    ),
    (
        "flow-log",
        &["made CreateFlowLogs FlowLogIds[]", "settled ACTIVE"],
    ),
    (
        "ipam-pool",
        &["needs ipam-scope", "settled create-complete"],
    ),
    (
        "vpc-endpoint",
        &[
            "settled available",
            "made CreateVpcEndpoint VpcEndpoint.VpcEndpointId",
        ],
    ),
    (
        "spot-fleet-request",
        &["prefix sfr", "made RequestSpotFleet SpotFleetRequestId"],
    ),
];

#[test]
fn a_sample_of_facts_is_as_it_was_looked_up() {
    for (name, facts) in SAMPLE {
        let said = statements(row(name));
        for fact in *facts {
            assert!(said.contains(*fact), "{name}: {fact} is not in {said:#?}");
        }
    }
    assert!(SAMPLE.iter().map(|(_, facts)| facts.len()).sum::<usize>() >= 60);
}
