//! Network ACLs.

use super::{add_entry, insert_link, vpc};
use crate::server::engine::make::insert_named;
use crate::server::families::{Draft, Family};
use crate::server::state::State;
use ec2wire_model::{Structure, Value};

pub(in crate::server) static FAMILY: Family = Family { ..Family::NONE };

const ANY_IPV4: &str = "0.0.0.0/0";
/// The number of the rule that applies if no other does.
const LAST_RULE: i64 = 32767;
/// The number of the rule that allows everything in a default ACL.
const FIRST_RULE: i64 = 100;

/// Makes the default ACL of a VPC: it allows everything. Returns its id.
pub(super) fn insert_default(state: &mut State, vpc_id: &str) -> String {
    let draft = Draft {
        entry: Structure::from([
            ("VpcId", Value::from(vpc_id.to_owned())),
            ("IsDefault", true.into()),
            ("Associations", Value::List(Vec::new())),
            ("Entries", first_entries(true)),
        ]),
        owner: Some(vpc_id.to_owned()),
        ..Draft::default()
    };
    insert_named(state, "network-acl", draft, Vec::new())
}

/// The entries of a new ACL.
fn first_entries(allows: bool) -> Value<'static> {
    let rule = |egress: bool, number: i64, action: &'static str| {
        Structure::from([
            ("CidrBlock", Value::from(ANY_IPV4)),
            ("Egress", egress.into()),
            ("Protocol", "-1".into()),
            ("RuleAction", action.into()),
            ("RuleNumber", number.into()),
        ])
        .into()
    };
    let mut entries = Vec::new();
    for egress in [true, false] {
        if allows {
            entries.push(rule(egress, FIRST_RULE, "allow"));
        }
        entries.push(rule(egress, LAST_RULE, "deny"));
    }
    Value::List(entries)
}

/// Associates a new subnet with its VPC's default ACL.
pub(super) fn associate_default(state: &mut State, subnet_id: &str) {
    let subnet = state.store.get(subnet_id);
    let vpc_id = subnet.and_then(|subnet| subnet.text("VpcId"));
    let acl = vpc_id.and_then(|vpc_id| vpc::part(state, vpc_id, vpc::DEFAULT_ACL));
    if let Some(acl_id) = acl {
        associate(state, &acl_id, subnet_id);
    }
}

/// Associates a subnet with an ACL. Returns the association's id.
fn associate(state: &mut State, acl_id: &str, subnet_id: &str) -> String {
    let mut entry = Structure::from([
        ("NetworkAclId", Value::from(acl_id.to_owned())),
        ("SubnetId", subnet_id.to_owned().into()),
    ]);
    let id = insert_link(
        state,
        "network-acl-association",
        "NetworkAclAssociationId",
        entry.clone(),
        Some(subnet_id.to_owned()),
    );
    entry.insert("NetworkAclAssociationId", Value::from(id.clone()));
    add_entry(state, acl_id, "Associations", entry);
    id
}
