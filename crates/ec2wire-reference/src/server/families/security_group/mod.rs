//! Security groups and their rules. A rule is an item of its own; a group shows its rules as
//! permissions, grouped by protocol and ports.

mod association;
mod rule;

pub(super) use association::is_usable;

use super::{Draft, Family, Making};
use crate::server::engine::Input;
use crate::server::engine::answer::done;
use crate::server::engine::answer::{self, arn};
use crate::server::engine::end::{check_keepers, finish};
use crate::server::engine::input::named;
use crate::server::engine::list::as_planned;
use crate::server::engine::make::insert_named;
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};
use rule::{ALL, Peer, Rule, ports, protocol, v4, v6};

pub(super) static FAMILY: Family = Family {
    perform: &[
        ("AuthorizeSecurityGroupIngress", |input, state| {
            authorize(input, state, false)
        }),
        ("AuthorizeSecurityGroupEgress", |input, state| {
            authorize(input, state, true)
        }),
        ("RevokeSecurityGroupIngress", |input, state| {
            revoke(input, state, false)
        }),
        ("RevokeSecurityGroupEgress", |input, state| {
            revoke(input, state, true)
        }),
        ("ModifySecurityGroupRules", modify),
        (
            "UpdateSecurityGroupRuleDescriptionsIngress",
            |input, state| describe(input, state, false),
        ),
        (
            "UpdateSecurityGroupRuleDescriptionsEgress",
            |input, state| describe(input, state, true),
        ),
        ("DeleteSecurityGroup", delete),
        ("DescribeSecurityGroups", list),
        ("AssociateSecurityGroupVpc", association::associate),
        ("DisassociateSecurityGroupVpc", association::dissociate),
        ("DescribeSecurityGroupVpcAssociations", |input, state| {
            association::list(input, state)
        }),
    ],
    making: &[("CreateSecurityGroup", Making { draft, made })],
    selecting: &[("DescribeSecurityGroups", is_named)],
    ..Family::NONE
};

const GROUP: &str = "security-group";
const RULE: &str = "security-group-rule";
/// The name of the group that each VPC has.
const DEFAULT: &str = "default";
/// How many characters a name or a description may have.
const LONGEST_TEXT: usize = 255;

/// Makes the group that a VPC has from its beginning, and returns its id.
pub(super) fn create_default(state: &mut State, vpc_id: &str) -> String {
    let entry = Structure::from([
        ("GroupName", Value::from(DEFAULT)),
        ("Description", "default VPC security group".into()),
        ("VpcId", vpc_id.to_owned().into()),
    ]);
    let draft = Draft {
        entry,
        owner: Some(vpc_id.to_owned()),
        ..Draft::default()
    };
    let id = insert_named(state, GROUP, draft, Vec::new());
    let of_group = Rule::all(
        false,
        Peer::Group {
            id: id.clone(),
            user: state.config.account.clone(),
        },
    );
    let mut rules = first_rules(state, vpc_id);
    rules.insert(0, of_group);
    insert_rules(state, &id, rules, &[]);
    id
}

/// The rules that each new group of a VPC has: packets may go everywhere that the VPC can send them.
fn first_rules(state: &State, vpc_id: &str) -> Vec<Rule> {
    let vpc = state.store.get(vpc_id);
    let blocks = vpc.map(|vpc| path::all(&vpc.entry, "Ipv6CidrBlockAssociationSet[]"));
    let mut rules = vec![Rule::all_egress()];
    if blocks.is_some_and(|blocks| !blocks.is_empty()) {
        rules.push(Rule::all_egress_v6());
    }
    rules
}

/// Lets the groups of a VPC that now has IPv6 send packets there. Documented: those whose outbound
/// rules were modified stay as they are.
pub(super) fn allow_v6(state: &mut State, vpc_id: &str) {
    let of_vpc = state.store.referrers(vpc_id);
    let of_vpc = of_vpc.filter(|item| item.resource.name == GROUP);
    let groups: Vec<String> = of_vpc.map(|item| item.id.clone()).collect();
    for group in groups {
        let rules = rules(state, &group).into_iter();
        let egress: Vec<Rule> = rules
            .map(|(_, rule)| rule)
            .filter(|rule| rule.is_egress)
            .collect();
        if egress == [Rule::all_egress()] {
            insert_rules(state, &group, vec![Rule::all_egress_v6()], &[]);
        }
    }
}

/// The id of the group that a VPC has from its beginning.
pub(super) fn default_of<'s>(state: &'s State, vpc_id: &str) -> Option<&'s str> {
    by_name(state, vpc_id, DEFAULT)
}

/// The id of a VPC's group with this name.
pub(super) fn by_name<'s>(state: &'s State, vpc_id: &str, name: &str) -> Option<&'s str> {
    let of_vpc = state
        .store
        .referrers(vpc_id)
        .filter(|item| item.resource.name == GROUP);
    let mut named = of_vpc.filter(|item| item.text("GroupName") == Some(name));
    named.next().map(|item| item.id.as_str())
}

/// The id of the VPC that an account has from its beginning.
pub(super) fn default_vpc(state: &State) -> Option<&str> {
    super::network::vpc::default_vpc(state).map(|vpc| vpc.id.as_str())
}

fn draft(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    let name = input.required("GroupName")?;
    if name.starts_with("sg-") || name == DEFAULT || name.is_empty() {
        return Err(fault::invalid_choice("GroupName", name));
    }
    for member in ["GroupName", "Description"] {
        check_text(member, input.text(member))?;
    }
    if input.text("VpcId").is_none() {
        let vpc = default_vpc(state).ok_or_else(fault::no_default_vpc)?;
        draft.entry.insert("VpcId", Value::from(vpc.to_owned()));
    }
    for list in ["IpPermissions", "IpPermissionsEgress"] {
        draft.entry.insert(list, Value::List(Vec::new()));
    }
    Ok(())
}

/// Refuses a name or a description that is too long, or has a character that AWS's documentation does
/// not list.
fn check_text(member: &str, text: Option<&str>) -> Result<(), Fault> {
    let Some(text) = text else { return Ok(()) };
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c);
    if text.chars().count() > LONGEST_TEXT || !text.chars().all(is_allowed) {
        return Err(fault::invalid_choice(member, text));
    }
    Ok(())
}

fn made(_: &Input, state: &mut State, id: &str) {
    let vpc = state.store.get(id).and_then(|group| group.text("VpcId"));
    let rules = first_rules(state, vpc.unwrap_or_default());
    insert_rules(state, id, rules, &[]);
}

/// Lists groups. Each name that a request gives must exist.
fn list(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    for name in input.texts("GroupNames") {
        let mut groups = state.store.all(GROUP);
        if !groups.any(|group| group.text("GroupName") == Some(name)) {
            return Err(unknown_name(name));
        }
    }
    as_planned(input, state)
}

fn is_named(input: &Input, _: &State, item: &Item) -> bool {
    let names = input.texts("GroupNames");
    names.is_empty()
        || item
            .text("GroupName")
            .is_some_and(|name| names.contains(&name))
}

fn unknown_name(name: &str) -> Fault {
    fault::refusal(
        "InvalidGroup.NotFound",
        format!("The security group '{name}' does not exist"),
    )
}

/// The id of the group that a request names, by id or by a name in the default VPC.
fn group_of(input: &Input, state: &State) -> Result<String, Fault> {
    if let Some(id) = input.text("GroupId") {
        return Ok(id.to_owned());
    }
    let name = input
        .text("GroupName")
        .ok_or_else(|| fault::missing_parameter("GroupId"))?;
    let vpc = default_vpc(state).ok_or_else(fault::no_default_vpc)?;
    let id = by_name(state, vpc, name).ok_or_else(|| unknown_name(name))?;
    Ok(id.to_owned())
}

fn delete(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let id = group_of(input, state)?;
    let item = named(state, GROUP, &id)?;
    if item.text("GroupName") == Some(DEFAULT) {
        let message =
            format!("the specified group: \"{id}\" name: \"default\" cannot be deleted by a user");
        return Err(fault::refusal("CannotDelete", message));
    }
    check_keepers(state, item)?;
    association::check_none(state, item)?;
    input.stop_dry_run()?;
    finish(state, &id);
    Ok(Structure::from([
        ("Return", Value::from(true)),
        ("GroupId", id.into()),
    ]))
}

/// The group that a rule refers to, by its id, or by its name in the VPC of the rule's own group.
fn peer_group(state: &State, group: &str, pair: &Structure<'static>) -> Result<Peer, Fault> {
    let text = |name: &str| pair.get(name).and_then(Value::as_str);
    let id = match (text("GroupId"), text("GroupName")) {
        (Some(id), _) => id.to_owned(),
        (None, Some(name)) => {
            let vpc = state.store.get(group).and_then(|group| group.text("VpcId"));
            let id = vpc.and_then(|vpc| by_name(state, vpc, name));
            id.ok_or_else(|| unknown_name(name))?.to_owned()
        }
        (None, None) => return Err(fault::missing_parameter("GroupId")),
    };
    let user = text("UserId").unwrap_or(&state.config.account).to_owned();
    Ok(Peer::Group { id, user })
}

/// The rules of a request: those of its permissions, and the one of its own members.
fn asked(input: &Input, state: &State, group: &str, is_egress: bool) -> Result<Vec<Rule>, Fault> {
    let mut rules = Vec::new();
    for permission in input.structures("IpPermissions") {
        rules.extend(rules_of(permission, state, group, is_egress)?);
    }
    let source = input.text("SourceSecurityGroupName");
    if input.text("IpProtocol").is_some() || input.text("CidrIp").is_some() || source.is_some() {
        let protocol = match source {
            Some(_) => protocol(input.text("IpProtocol").or(Some(ALL)))?,
            None => protocol(input.text("IpProtocol"))?,
        };
        let ports = ports(
            &protocol,
            input.integer("FromPort"),
            input.integer("ToPort"),
        )?;
        let peer = match (input.text("CidrIp"), source) {
            (Some(cidr), _) => v4(cidr)?,
            (None, Some(name)) => {
                let pair = Structure::from([("GroupName", Value::from(name.to_owned()))]);
                peer_group(state, group, &pair)?
            }
            (None, None) => return Err(fault::missing_parameter("CidrIp")),
        };
        rules.push(Rule {
            is_egress,
            protocol,
            ports,
            peer,
            description: None,
        });
    }
    if rules.is_empty() {
        return Err(fault::missing_parameter("IpPermissions"));
    }
    Ok(rules)
}

/// The rules of a permission, one for each peer.
fn rules_of(
    permission: &Structure<'static>,
    state: &State,
    group: &str,
    is_egress: bool,
) -> Result<Vec<Rule>, Fault> {
    let number = |name: &str| match permission.get(name) {
        Some(Value::Integer(number)) => Some(*number),
        _ => None,
    };
    let protocol = protocol(permission.get("IpProtocol").and_then(Value::as_str))?;
    let ports = ports(&protocol, number("FromPort"), number("ToPort"))?;
    let mut rules = Vec::new();
    for (list, member) in [
        ("IpRanges[]", "CidrIp"),
        ("Ipv6Ranges[]", "CidrIpv6"),
        ("PrefixListIds[]", "PrefixListId"),
        ("UserIdGroupPairs[]", ""),
    ] {
        for peer in path::all(permission, list) {
            let Value::Structure(peer) = peer else {
                continue;
            };
            let text = || {
                let text = peer.get(member).and_then(Value::as_str);
                text.ok_or_else(|| fault::missing_parameter(member))
            };
            let description = peer
                .get("Description")
                .and_then(Value::as_str)
                .map(str::to_owned);
            check_text("Description", description.as_deref())?;
            let peer = match member {
                "CidrIp" => v4(text()?)?,
                "CidrIpv6" => v6(text()?)?,
                "PrefixListId" => Peer::PrefixList(text()?.to_owned()),
                _ => peer_group(state, group, peer)?,
            };
            let protocol = protocol.clone();
            rules.push(Rule {
                is_egress,
                protocol,
                ports,
                peer,
                description,
            });
        }
    }
    if rules.is_empty() {
        return Err(fault::missing_parameter("IpRanges"));
    }
    Ok(rules)
}

/// The rules of a group: ids and what they allow.
fn rules(state: &State, group: &str) -> Vec<(String, Rule)> {
    let of_group = state
        .store
        .referrers(group)
        .filter(|item| item.resource.name == RULE && item.text("GroupId") == Some(group));
    of_group
        .filter_map(|item| Some((item.id.clone(), Rule::of(item)?)))
        .collect()
}

/// Adds rules to a group. Returns their ids.
fn insert_rules(
    state: &mut State,
    group: &str,
    rules: Vec<Rule>,
    tags: &[(String, String)],
) -> Vec<String> {
    let account = state.config.account.clone();
    let ids = rules.into_iter().map(|rule| {
        let draft = Draft {
            entry: rule.entry(group, &account),
            owner: Some(group.to_owned()),
            ..Draft::default()
        };
        insert_named(state, RULE, draft, tags.to_vec())
    });
    let ids = ids.collect();
    show_rules(state, group);
    ids
}

/// Shows a group's rules as its permissions.
fn show_rules(state: &mut State, group: &str) {
    let rules = rules(state, group);
    let permissions = |is_egress: bool| {
        let mut shown: Vec<(&Rule, Structure<'static>)> = Vec::new();
        for (_, rule) in rules.iter().filter(|(_, rule)| rule.is_egress == is_egress) {
            let at = shown.iter().position(|(other, _)| {
                other.protocol == rule.protocol && other.ports == rule.ports
            });
            let at = at.unwrap_or_else(|| {
                shown.push((rule, permission(rule)));
                shown.len() - 1
            });
            let (list, member, text) = match &rule.peer {
                Peer::V4(cidr) => ("IpRanges", "CidrIp", cidr),
                Peer::V6(cidr) => ("Ipv6Ranges", "CidrIpv6", cidr),
                Peer::PrefixList(id) => ("PrefixListIds", "PrefixListId", id),
                Peer::Group { id, .. } => ("UserIdGroupPairs", "GroupId", id),
            };
            let mut peer = Structure::from([(member, Value::from(text.clone()))]);
            if let Peer::Group { user, .. } = &rule.peer {
                peer.insert("UserId", Value::from(user.clone()));
            }
            if let Some(description) = &rule.description {
                peer.insert("Description", Value::from(description.clone()));
            }
            if let Some((_, permission)) = shown.get_mut(at)
                && let Some(peers) = path::list(permission, list)
            {
                peers.push(peer.into());
            }
        }
        Value::List(
            shown
                .into_iter()
                .map(|(_, permission)| permission.into())
                .collect(),
        )
    };
    let (ingress, egress) = (permissions(false), permissions(true));
    state.store.update(group, |item| {
        item.entry.insert("IpPermissions", ingress);
        item.entry.insert("IpPermissionsEgress", egress);
    });
    state.note_change();
}

/// A permission without peers.
fn permission(rule: &Rule) -> Structure<'static> {
    let mut permission = Structure::from([("IpProtocol", Value::from(rule.protocol.clone()))]);
    if let Some((from, to)) = rule.ports {
        permission.insert("FromPort", from);
        permission.insert("ToPort", to);
    }
    for list in [
        "IpRanges",
        "Ipv6Ranges",
        "PrefixListIds",
        "UserIdGroupPairs",
    ] {
        permission.insert(list, Value::List(Vec::new()));
    }
    permission
}

fn authorize(
    input: &Input,
    state: &mut State,
    is_egress: bool,
) -> Result<Structure<'static>, Fault> {
    input.check_tags(&[RULE])?;
    let group = group_of(input, state)?;
    let asked = asked(input, state, &group, is_egress)?;
    let known = rules(state, &group);
    for (at, rule) in asked.iter().enumerate() {
        let is_known = known.iter().any(|(_, known)| known.allows_same(rule));
        if is_known {
            let message = format!("the specified rule \"{}\" already exists", rule.shown());
            return Err(fault::refusal("InvalidPermission.Duplicate", message));
        }
        if asked.iter().take(at).any(|other| other.allows_same(rule)) {
            return Err(fault::invalid_value(
                "The same permission must not appear multiple times",
            ));
        }
    }
    input.stop_dry_run()?;
    let ids = insert_rules(state, &group, asked, &input.tags_for(RULE));
    let rules = ids.iter().filter_map(|id| state.store.get(id));
    let rules = rules.map(|item| answer::entry(item).into()).collect();
    Ok(Structure::from([
        ("Return", Value::from(true)),
        ("SecurityGroupRules", Value::List(rules)),
    ]))
}

fn revoke(input: &Input, state: &mut State, is_egress: bool) -> Result<Structure<'static>, Fault> {
    let group = group_of(input, state)?;
    let known = rules(state, &group);
    let ids = input.texts("SecurityGroupRuleIds");
    let mut revoked: Vec<String> = Vec::new();
    let mut unknown = Vec::new();
    for id in &ids {
        let is_known = known
            .iter()
            .any(|(own, rule)| own == id && rule.is_egress == is_egress);
        if !is_known {
            let message = format!("The security group rule ID '{id}' does not exist");
            return Err(fault::refusal(
                "InvalidSecurityGroupRuleId.NotFound",
                message,
            ));
        }
        revoked.push((*id).to_owned());
    }
    if ids.is_empty() {
        let is_of_default = state
            .store
            .get(&group)
            .and_then(|group| group.text("VpcId"))
            == default_vpc(state);
        for rule in asked(input, state, &group, is_egress)? {
            match known.iter().find(|(_, known)| known.allows_same(&rule)) {
                Some((id, _)) => revoked.push(id.clone()),
                // Documented: only groups of other VPCs get an error.
                None if is_of_default => unknown.push(rule),
                None => {
                    let message = "The specified rule does not exist in this security group.";
                    return Err(fault::refusal("InvalidPermission.NotFound", message));
                }
            }
        }
    }
    input.stop_dry_run()?;
    let mut shown = Vec::new();
    for id in &revoked {
        if let Some(item) = state.store.get(id) {
            shown.push(item.entry.clone().into());
        }
        state.store.remove(id);
    }
    show_rules(state, &group);
    let unknown = unknown.iter().map(|rule| permission(rule).into()).collect();
    let answer = Structure::from([
        ("Return", Value::from(true)),
        ("UnknownIpPermissions", Value::List(unknown)),
        ("RevokedSecurityGroupRules", Value::List(shown)),
    ]);
    Ok(input
        .plan
        .operation
        .output()
        .map(|output| answer::project(&answer, output))
        .unwrap_or_default())
}

fn modify(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let group = group_of(input, state)?;
    let known = rules(state, &group);
    let mut changes = Vec::new();
    for update in input.structures("SecurityGroupRules") {
        let id = update
            .get("SecurityGroupRuleId")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let Some((_, before)) = known.iter().find(|(own, _)| own == id) else {
            let message = format!("The security group rule ID '{id}' does not exist");
            return Err(fault::refusal(
                "InvalidSecurityGroupRuleId.NotFound",
                message,
            ));
        };
        let text = |name: &str| {
            path::first(update, &format!("SecurityGroupRule.{name}")).and_then(Value::as_str)
        };
        let number = |name: &str| match path::first(update, &format!("SecurityGroupRule.{name}")) {
            Some(Value::Integer(number)) => Some(*number),
            _ => None,
        };
        let protocol = protocol(text("IpProtocol").or(Some(&before.protocol)))?;
        let peer = match (
            text("CidrIpv4"),
            text("CidrIpv6"),
            text("PrefixListId"),
            text("ReferencedGroupId"),
        ) {
            (Some(cidr), _, _, _) => v4(cidr)?,
            (_, Some(cidr), _, _) => v6(cidr)?,
            (_, _, Some(id), _) => Peer::PrefixList(id.to_owned()),
            (_, _, _, Some(id)) => Peer::Group {
                id: id.to_owned(),
                user: state.config.account.clone(),
            },
            _ => before.peer.clone(),
        };
        // Documented: a rule keeps the kind of its peer.
        if std::mem::discriminant(&peer) != std::mem::discriminant(&before.peer) {
            return Err(fault::invalid_value(format!(
                "The type of the source or destination of the rule '{id}' cannot be changed"
            )));
        }
        let ports = ports(&protocol, number("FromPort"), number("ToPort"))?;
        let description = text("Description").map(str::to_owned);
        let rule = Rule {
            is_egress: before.is_egress,
            protocol,
            ports,
            peer,
            description,
        };
        let is_taken = known
            .iter()
            .any(|(own, known)| own != id && known.allows_same(&rule));
        if is_taken {
            let message = format!("the specified rule \"{}\" already exists", rule.shown());
            return Err(fault::refusal("InvalidPermission.Duplicate", message));
        }
        changes.push((id.to_owned(), rule));
    }
    input.stop_dry_run()?;
    replace(state, &group, changes);
    Ok(done())
}

/// Replaces what rules of a group allow. They keep their ids and tags.
fn replace(state: &mut State, group: &str, changes: Vec<(String, Rule)>) {
    let account = state.config.account.clone();
    for (id, rule) in changes {
        let arn = state
            .store
            .get(&id)
            .map(|item| arn(state, item.resource, &id));
        state.store.update(&id, |item| {
            item.entry = rule.entry(group, &account);
            item.entry
                .insert("SecurityGroupRuleId", Value::from(id.clone()));
            if let Some(arn) = arn {
                item.entry.insert("SecurityGroupRuleArn", Value::from(arn));
            }
        });
    }
    show_rules(state, group);
}

/// Changes the descriptions of rules, which a request names by their ids or by what they allow.
fn describe(
    input: &Input,
    state: &mut State,
    is_egress: bool,
) -> Result<Structure<'static>, Fault> {
    let group = group_of(input, state)?;
    let known = rules(state, &group);
    let mut changes = Vec::new();
    for described in input.structures("SecurityGroupRuleDescriptions") {
        let text = |name: &str| described.get(name).and_then(Value::as_str);
        let id = text("SecurityGroupRuleId").unwrap_or_default();
        let Some((_, rule)) = known.iter().find(|(own, _)| own == id) else {
            let message = format!("The security group rule ID '{id}' does not exist");
            return Err(fault::refusal(
                "InvalidSecurityGroupRuleId.NotFound",
                message,
            ));
        };
        let description = text("Description").map(str::to_owned);
        changes.push((
            id.to_owned(),
            Rule {
                description,
                ..rule.clone()
            },
        ));
    }
    if changes.is_empty() {
        for asked in asked(input, state, &group, is_egress)? {
            let found = known.iter().find(|(_, known)| known.allows_same(&asked));
            let Some((id, _)) = found else {
                let message = "The specified rule does not exist in this security group.";
                return Err(fault::refusal("InvalidPermission.NotFound", message));
            };
            changes.push((id.clone(), asked));
        }
    }
    input.stop_dry_run()?;
    replace(state, &group, changes);
    Ok(done())
}
