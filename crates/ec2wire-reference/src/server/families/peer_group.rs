//! Security groups of peered VPCs: which rules name them, and which of those are stale.

use super::Family;
use super::shared::{page_of, structures, text};
use crate::server::engine::Input;
use crate::server::engine::input::named;
use crate::server::state::State;
use crate::server::store::Item;
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

pub(super) static FAMILY: Family = Family {
    perform: &[
        ("DescribeSecurityGroupReferences", |input, state| {
            references(input, state)
        }),
        ("DescribeStaleSecurityGroups", |input, state| {
            stale(input, state)
        }),
    ],
    ..Family::NONE
};

const GROUP: &str = "security-group";
const RULE: &str = "security-group-rule";
const PEERING: &str = "vpc-peering-connection";

/// The VPC of a group.
fn vpc_of<'s>(state: &'s State, group: &str) -> Option<&'s str> {
    state.store.get(group)?.text("VpcId")
}

/// The newest connection between two VPCs, and its status, also if it was just deleted.
fn connection<'s>(state: &'s State, one: &str, other: &str) -> Option<(&'s Item, &'s str)> {
    let connections = state.store.after(PEERING, 0).filter(|item| {
        let ends = ["RequesterVpcInfo.VpcId", "AccepterVpcInfo.VpcId"].map(|end| item.text(end));
        ends == [Some(one), Some(other)] || ends == [Some(other), Some(one)]
    });
    let newest = connections.last()?;
    Some((newest, newest.state().unwrap_or_default()))
}

fn references(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    let mut shown: Vec<Value<'static>> = Vec::new();
    for id in input.texts("GroupId") {
        let own = named(state, GROUP, id)?.text("VpcId").unwrap_or_default();
        let rules = state.store.referrers(id).filter(|item| {
            item.resource.name == RULE && item.text("ReferencedGroupInfo.GroupId") == Some(id)
        });
        for rule in rules {
            let vpc = rule.text("GroupId").and_then(|group| vpc_of(state, group));
            // Documented: those on the other side of a connection.
            let Some(vpc) = vpc.filter(|vpc| *vpc != own) else {
                continue;
            };
            let mut entry = Structure::from([
                ("GroupId", Value::from(id.to_owned())),
                ("ReferencingVpcId", vpc.to_owned().into()),
            ]);
            if let Some((connection, _)) = connection(state, own, vpc) {
                entry.insert("VpcPeeringConnectionId", Value::from(connection.id.clone()));
            }
            let entry = Value::from(entry);
            if !shown.contains(&entry) {
                shown.push(entry);
            }
        }
    }
    input.stop_dry_run()?;
    Ok(Structure::from([(
        "SecurityGroupReferenceSet",
        Value::List(shown),
    )]))
}

/// The groups of a VPC with rules that name a group of a VPC which is not peered any more.
fn stale(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    let vpc_id = input.required("VpcId")?;
    named(state, "vpc", vpc_id)?;
    let groups = state.store.all(GROUP);
    let mut found = Vec::new();
    for group in groups.filter(|group| group.text("VpcId") == Some(vpc_id)) {
        let [ingress, egress] = ["IpPermissions", "IpPermissionsEgress"]
            .map(|list| stale_permissions(state, vpc_id, group, list));
        if ingress.is_empty() && egress.is_empty() {
            continue;
        }
        let own = |name: &str| Value::from(group.text(name).unwrap_or_default().to_owned());
        let entry = Structure::from([
            ("Description", own("Description")),
            ("GroupId", group.id.clone().into()),
            ("GroupName", own("GroupName")),
            ("StaleIpPermissions", Value::List(ingress)),
            ("StaleIpPermissionsEgress", Value::List(egress)),
            ("VpcId", vpc_id.to_owned().into()),
        ]);
        found.push(entry.into());
    }
    let (found, next) = page_of(input, state, found)?;
    input.stop_dry_run()?;
    let mut answer = Structure::from([("StaleSecurityGroupSet", Value::List(found))]);
    if let Some(next) = next {
        answer.insert("NextToken", Value::from(next));
    }
    Ok(answer)
}

fn stale_permissions(state: &State, vpc_id: &str, group: &Item, list: &str) -> Vec<Value<'static>> {
    let permissions = structures(&group.entry, list).filter_map(|permission| {
        let pairs = structures(permission, "UserIdGroupPairs");
        let pairs: Vec<Value<'static>> = pairs
            .filter_map(|pair| stale_pair(state, vpc_id, pair))
            .collect();
        if pairs.is_empty() {
            return None;
        }
        let mut shown = Structure::from([("UserIdGroupPairs", Value::List(pairs))]);
        for name in ["IpProtocol", "FromPort", "ToPort"] {
            if let Some(value) = permission.get(name) {
                shown.insert(name, value.clone());
            }
        }
        Some(shown.into())
    });
    permissions.collect()
}

/// The pair with its connection, if that is not there any more.
fn stale_pair(state: &State, vpc_id: &str, pair: &Structure<'static>) -> Option<Value<'static>> {
    let other = vpc_of(state, text(pair, "GroupId")?)?;
    let connection = connection(state, vpc_id, other);
    if other == vpc_id || connection.is_some_and(|(_, status)| status == "active") {
        return None;
    }
    let mut shown = pair.clone();
    shown.insert("VpcId", Value::from(other.to_owned()));
    if let Some((connection, status)) = connection {
        shown.insert("VpcPeeringConnectionId", Value::from(connection.id.clone()));
        shown.insert("PeeringStatus", Value::from(status.to_owned()));
    }
    Some(shown.into())
}
