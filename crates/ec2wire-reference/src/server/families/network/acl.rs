//! Network ACLs, their rules, and the subnets that they guard.

use super::{cidr, dependency_violation, insert_link, vpc};
use crate::server::engine::Input;
use crate::server::engine::input::named;
use crate::server::engine::make::insert_named;
use crate::server::families::shared::{flag, structures};
use crate::server::families::{Draft, Ending, Family, Making};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

pub(in crate::server) static FAMILY: Family = Family {
    making: &[("CreateNetworkAcl", Making::draft(draft))],
    ending: &[("DeleteNetworkAcl", Ending::check(check_end))],
    changing: &[
        ("CreateNetworkAclEntry", create_entry),
        ("ReplaceNetworkAclEntry", replace_entry),
        ("DeleteNetworkAclEntry", delete_entry),
    ],
    perform: &[("ReplaceNetworkAclAssociation", replace_association)],
    showing: &[("DescribeNetworkAcls", &["Associations"], show)],
    ..Family::NONE
};

const ASSOCIATION: &str = "network-acl-association";
const ANY_IPV4: &str = "0.0.0.0/0";
const ANY_IPV6: &str = "::/0";
/// The number of the rule that applies if no other does. The next one is that for IPv6.
const LAST_RULE: i64 = 32767;
/// The number of the rule that allows everything in a default ACL. The next one is that for IPv6.
const FIRST_RULE: i64 = 100;

/// The numbers of protocols that have names.
const PROTOCOLS: [(&str, &str); 6] = [
    ("all", ALL),
    ("tcp", TCP),
    ("udp", UDP),
    ("icmp", ICMP),
    ("icmpv6", ICMP_V6),
    ("ipv6-icmp", ICMP_V6),
];
const ALL: &str = "-1";
const TCP: &str = "6";
const UDP: &str = "17";
const ICMP: &str = "1";
const ICMP_V6: &str = "58";

/// Makes the default ACL of a VPC: it allows everything. Returns its id.
pub(super) fn insert_default(state: &mut State, vpc_id: &str) -> String {
    let draft = Draft {
        entry: first_entry(state, vpc_id, true),
        owner: Some(vpc_id.to_owned()),
        ..Draft::default()
    };
    insert_named(state, "network-acl", draft, Vec::new())
}

fn draft(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    draft.entry = first_entry(state, input.required("VpcId")?, false);
    Ok(())
}

/// A new ACL: it allows everything if it is the default one, and nothing otherwise.
fn first_entry(state: &State, vpc_id: &str, is_default: bool) -> Structure<'static> {
    let vpc = state.store.get(vpc_id);
    let has_v6 = vpc.is_some_and(|vpc| vpc::blocks(vpc).iter().any(|block| block.contains(':')));
    let mut entry = Structure::from([
        ("VpcId", Value::from(vpc_id.to_owned())),
        ("IsDefault", is_default.into()),
        ("Associations", Value::List(Vec::new())),
    ]);
    add_first_rules(&mut entry, false, is_default);
    if has_v6 {
        add_first_rules(&mut entry, true, is_default);
    }
    entry
}

/// Adds the rules that an ACL has from the beginning for IPv4 or IPv6.
fn add_first_rules(entry: &mut Structure<'static>, is_v6: bool, allows: bool) {
    let (member, block) = if is_v6 {
        ("Ipv6CidrBlock", ANY_IPV6)
    } else {
        ("CidrBlock", ANY_IPV4)
    };
    let rule = |egress: bool, number: i64, action: &'static str| {
        Structure::from([
            (member, Value::from(block)),
            ("Egress", egress.into()),
            ("Protocol", ALL.into()),
            ("RuleAction", action.into()),
            ("RuleNumber", (number + i64::from(is_v6)).into()),
        ])
    };
    for egress in [true, false] {
        if allows {
            add_rule(entry, rule(egress, FIRST_RULE, "allow"));
        }
        add_rule(entry, rule(egress, LAST_RULE, "deny"));
    }
}

/// The place of a rule: those for outgoing packets come first.
fn place(rule: &Value<'static>) -> (bool, i64) {
    let number = match rule.get("RuleNumber") {
        Some(Value::Integer(number)) => *number,
        _ => 0,
    };
    (rule.get("Egress") != Some(&Value::Bool(true)), number)
}

fn add_rule(entry: &mut Structure<'static>, rule: Structure<'static>) {
    if let Some(rules) = path::list(entry, "Entries") {
        rules.push(rule.into());
        rules.sort_by_key(place);
    }
}

/// Adds the rules for IPv6 to the ACLs of a VPC that got its first such block.
pub(super) fn v6_added(state: &mut State, vpc_id: &str) {
    let acls = state.store.referrers(vpc_id);
    let acls = acls.filter(|item| item.resource.name == "network-acl");
    let ids: Vec<String> = acls.map(|item| item.id.clone()).collect();
    for id in ids {
        state.store.update(&id, |item| {
            let is_there = structures(&item.entry, "Entries")
                .any(|rule| rule.get("RuleNumber") == Some(&Value::Integer(LAST_RULE + 1)));
            let is_default = flag(&item.entry, "IsDefault");
            if !is_there {
                add_first_rules(&mut item.entry, true, is_default);
            }
        });
    }
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
    let entry = Structure::from([
        ("NetworkAclId", Value::from(acl_id.to_owned())),
        ("SubnetId", subnet_id.to_owned().into()),
    ]);
    let owner = Some(subnet_id.to_owned());
    insert_link(state, ASSOCIATION, "NetworkAclAssociationId", entry, owner)
}

/// Shows the subnets that an ACL guards.
fn show(state: &State, item: &Item, entry: &mut Structure<'static>) {
    let associations = state.store.referrers(&item.id);
    let associations = associations.filter(|other| other.resource.name == ASSOCIATION);
    let shown = associations.map(|association| association.entry.clone().into());
    entry.insert("Associations", Value::List(shown.collect()));
}

fn replace_association(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let old_id = input.required("AssociationId")?;
    let acl_id = input.required("NetworkAclId")?;
    let old = named(state, ASSOCIATION, old_id)?;
    let acl = named(state, "network-acl", acl_id)?;
    let subnet_id = old.text("SubnetId").unwrap_or_default().to_owned();
    let subnet = named(state, "subnet", &subnet_id)?;
    if subnet.text("VpcId") != acl.text("VpcId") {
        return Err(fault::invalid_value(format!(
            "network ACL {acl_id} and subnet {subnet_id} belong to different networks"
        )));
    }
    input.stop_dry_run()?;
    state.store.remove(old_id);
    let id = associate(state, acl_id, &subnet_id);
    state.note_change();
    Ok(Structure::from([("NewAssociationId", Value::from(id))]))
}

fn check_end(_: &Input, state: &State, item: &Item) -> Result<(), Fault> {
    if flag(&item.entry, "IsDefault") {
        return Err(fault::invalid_value(format!(
            "cannot delete default network ACL {}",
            item.id
        )));
    }
    let mut associations = state.store.referrers(&item.id);
    if associations.any(|other| other.resource.name == ASSOCIATION) {
        return Err(dependency_violation(item));
    }
    Ok(())
}

/// The place that a request names. Rules with higher numbers are not people's own.
fn asked_place(input: &Input) -> Result<(bool, i64), Fault> {
    let number = input.integer("RuleNumber").unwrap_or_default();
    if !(1..LAST_RULE).contains(&number) {
        return Err(fault::invalid_choice("ruleNumber", &number.to_string()));
    }
    Ok((input.flag("Egress") != Some(true), number))
}

/// The rule that a request describes.
fn asked_rule(input: &Input) -> Result<Structure<'static>, Fault> {
    let (is_ingress, number) = asked_place(input)?;
    let protocol = protocol(input.required("Protocol")?)?;
    let block = match (input.text("CidrBlock"), input.text("Ipv6CidrBlock")) {
        (Some(_), Some(_)) => {
            return Err(fault::invalid_combination("CidrBlock", "Ipv6CidrBlock"));
        }
        (Some(text), None) => ("CidrBlock", cidr::ipv4("cidrBlock", text)?.to_string()),
        (None, Some(text)) => {
            let block = cidr::ipv6("ipv6CidrBlock", text)?;
            ("Ipv6CidrBlock", block.to_string())
        }
        (None, None) => return Err(fault::missing_parameter("cidrBlock")),
    };
    let mut rule = Structure::from([
        (block.0, Value::from(block.1)),
        ("Egress", (!is_ingress).into()),
        ("RuleNumber", number.into()),
    ]);
    let action = input.required("RuleAction")?;
    rule.insert("RuleAction", Value::from(action.to_owned()));
    match protocol.as_str() {
        TCP | UDP => {
            let ports = ["From", "To"].map(|end| input.integer(&format!("PortRange.{end}")));
            let [Some(from), Some(to)] = ports else {
                return Err(fault::missing_parameter("portRange"));
            };
            if from > to || from < 0 || to > i64::from(u16::MAX) {
                let range = format!("{from}-{to}");
                return Err(fault::invalid_choice("portRange", &range));
            }
            let ports = Structure::from([("From", Value::from(from)), ("To", to.into())]);
            rule.insert("PortRange", ports);
        }
        ICMP | ICMP_V6 => {
            let code = ["Type", "Code"].map(|part| input.integer(&format!("IcmpTypeCode.{part}")));
            let [Some(kind), code] = code else {
                return Err(fault::missing_parameter("icmpTypeCode"));
            };
            let code = code.unwrap_or(-1);
            let shown = Structure::from([("Code", Value::from(code)), ("Type", kind.into())]);
            rule.insert("IcmpTypeCode", shown);
        }
        _ => {}
    }
    rule.insert("Protocol", Value::from(protocol));
    Ok(rule)
}

/// A protocol's number.
fn protocol(asked: &str) -> Result<String, Fault> {
    let by_name = PROTOCOLS.iter().find(|(name, _)| *name == asked);
    if let Some((_, number)) = by_name {
        return Ok((*number).to_owned());
    }
    let is_number = asked == ALL || asked.parse::<u8>().is_ok();
    if is_number {
        return Ok(asked.to_owned());
    }
    Err(fault::invalid_choice("protocol", asked))
}

fn create_entry(input: &Input, _: &State, _: &Item, draft: &mut Draft) -> Result<(), Fault> {
    let asked = asked_place(input)?;
    let rule = asked_rule(input)?;
    let rules = path::list(&mut draft.entry, "Entries");
    if rules.is_some_and(|rules| rules.iter().any(|rule| place(rule) == asked)) {
        let message = format!(
            "The network acl entry identified by {} already exists.",
            asked.1
        );
        return Err(fault::refusal("NetworkAclEntryAlreadyExists", message));
    }
    add_rule(&mut draft.entry, rule);
    Ok(())
}

fn replace_entry(input: &Input, _: &State, _: &Item, draft: &mut Draft) -> Result<(), Fault> {
    let rule = asked_rule(input)?;
    remove_rule(input, draft)?;
    add_rule(&mut draft.entry, rule);
    Ok(())
}

fn delete_entry(input: &Input, _: &State, _: &Item, draft: &mut Draft) -> Result<(), Fault> {
    remove_rule(input, draft)
}

fn remove_rule(input: &Input, draft: &mut Draft) -> Result<(), Fault> {
    let asked = asked_place(input)?;
    let mut is_found = false;
    if let Some(rules) = path::list(&mut draft.entry, "Entries") {
        rules.retain(|rule| {
            let is_asked = place(rule) == asked;
            is_found |= is_asked;
            !is_asked
        });
    }
    if !is_found {
        let message = format!(
            "The network acl entry with rule number {} does not exist",
            asked.1
        );
        return Err(fault::refusal("InvalidNetworkAclEntry.NotFound", message));
    }
    Ok(())
}
