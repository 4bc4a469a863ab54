//! What an entry of a list shows: its state, what filters look at, and members of the request.

use super::kinds::Kind;
use super::names::{plain, verb};
use super::roles::{List, Make};
use super::service::{Service, entry_of, join, members};
use ec2wire_model::{Kind as Type, Shape};
use serde_json::{Map, Value, json};

/// A value and its source, as the table has it.
pub(super) fn fact(value: &str, source: &str) -> Value {
    json!({"value": value, "source": source})
}

/// The outermost member that is a tag list.
pub(super) fn tags(entry: Shape) -> Option<String> {
    ["Tags", "TagSet"]
        .iter()
        .find(|name| entry.member(name).is_some())
        .map(|name| (*name).to_owned())
}

/// What a filter's name leads to in an entry, by names: `cidr-block-association.state` to
/// `CidrBlockAssociationSet[].State`.
pub(super) fn filtered(kind: &Kind, entry: Shape, name: &str) -> Option<String> {
    if name == "tag:<key>" || name == "tag-value" {
        return tags(entry).map(|tags| format!("{tags}[].Value"));
    }
    if name == "tag-key" {
        return tags(entry).map(|tags| format!("{tags}[].Key"));
    }
    let direct = descend(entry, name);
    direct.or_else(|| {
        // The name of the resource in front, or missing.
        let own = |sign: &str| format!("{}{sign}", kind.name);
        let mut without = ["-", "."]
            .into_iter()
            .filter_map(|sign| name.strip_prefix(&own(sign)));
        let without = without.find_map(|rest| descend(entry, rest));
        without.or_else(|| descend(entry, &format!("{}{name}", own("-"))))
    })
}

/// Structures that filters do not name.
const SILENT: &[&str] = &[
    "Ebs",
    "Placement",
    "Groups",
    "SecurityGroups",
    "LaunchTemplateData",
];

/// Follows a filter's name into a structure. Each part is a member's name, without its case, hyphens
/// and the endings of lists.
fn descend(shape: Shape, name: &str) -> Option<String> {
    // The longest name first, so that `vpc-id` is VpcId before it is Vpc.Id.
    let ends = name
        .char_indices()
        .filter(|(_, letter)| matches!(letter, '.' | '-'));
    let mut cuts: Vec<usize> = ends.map(|(at, _)| at).collect();
    cuts.push(name.len());
    cuts.reverse();
    for cut in cuts {
        let (head, rest) = name.split_at_checked(cut)?;
        let head = plain(head);
        let rest = rest.trim_start_matches(['.', '-']);
        for member in shape.members() {
            let own = plain(member.name());
            let element = plain(member.element_name());
            let is_it = |known: &str| {
                known == head
                    || head == "addresses" && known == "privateipaddresses"
                    || known
                        .strip_prefix(head.as_str())
                        .is_some_and(|end| ["s", "set", "es"].contains(&end))
            };
            if head.is_empty() || !(is_it(&own) || is_it(&element)) {
                continue;
            }
            let inner = entry_of(member.shape());
            let is_list = matches!(member.shape().kind(), Type::List { .. });
            let path = if is_list {
                format!("{}[]", member.name())
            } else {
                member.name().to_owned()
            };
            match (inner.kind(), rest) {
                (Type::Structure, "") => {
                    // `product-code` is ProductCodes[].ProductCodeId, `state` is State.Code.
                    let id = format!("{head}id");
                    let is_state = head.ends_with("state") || head.ends_with("status");
                    let part = inner.members().find(|part| {
                        plain(part.name()) == id
                            || is_state && ["Code", "Name"].contains(&part.name())
                    });
                    if let Some(part) = part {
                        return Some(join(&path, part.name()));
                    }
                }
                (Type::Structure, rest) => {
                    if let Some(below) = descend(inner, rest) {
                        return Some(join(&path, &below));
                    }
                }
                (_, "") => return Some(path),
                _ => {}
            }
        }
    }
    SILENT.iter().find_map(|silent| {
        let member = shape.member(silent)?;
        let below = descend(entry_of(member.shape()), name)?;
        let is_list = matches!(member.shape().kind(), Type::List { .. });
        let mark = if is_list { "[]" } else { "" };
        Some(join(&format!("{silent}{mark}"), &below))
    })
}

/// The members of a request that an entry has, too, under the same name and with the same type.
pub(super) fn shown(kind: &Kind, list: &List, make: &Make) -> Vec<Value> {
    let action = make.action.name();
    let mut found: Vec<Value> = kind
        .row
        .shown
        .iter()
        .filter(|[by, ..]| by == action)
        .map(|[_, member, path, source]| json!({"member": member, "path": path, "source": source}))
        .collect();
    let by_hand: Vec<&str> = kind
        .row
        .shown
        .iter()
        .filter(|[by, ..]| by == action)
        .map(|[_, member, ..]| member.as_str())
        .collect();
    let Some(input) = make.action.input() else {
        return found;
    };
    let mut pairs = Vec::new();
    same(input, list.entry, "", "", 0, &mut pairs);
    for (member, path) in pairs {
        let is_not = kind
            .row
            .not_shown
            .iter()
            .any(|not| *not == member || *not == format!("{action}.{member}"));
        if !is_not && !by_hand.contains(&member.as_str()) {
            found.push(json!({"member": member, "path": path, "source": "names"}));
        }
    }
    found
}

fn same(
    input: Shape,
    entry: Shape,
    above: &str,
    shown: &str,
    depth: usize,
    found: &mut Vec<(String, String)>,
) {
    for member in input.members() {
        if ["ClientToken", "DryRun", "TagSpecifications", "Tags"].contains(&member.name()) {
            continue;
        }
        let Some(there) = entry.member(member.name()) else {
            continue;
        };
        let (asked, is) = (member.shape(), there.shape());
        let (path, at) = (join(above, member.name()), join(shown, there.name()));
        match (asked.kind(), is.kind()) {
            (Type::Structure, Type::Structure) if depth < 3 => {
                same(asked, is, &path, &at, depth + 1, found);
            }
            (Type::List { entry: asked, .. }, Type::List { entry: is, .. })
                if is_scalar(asked) && asked.kind().name() == is.kind().name() =>
            {
                found.push((format!("{path}[]"), format!("{at}[]")));
            }
            (a, b) if is_scalar(asked) && a.name() == b.name() => found.push((path, at)),
            _ => {}
        }
    }
}

fn is_scalar(shape: Shape) -> bool {
    // What is secret is not shown again.
    !shape.is_sensitive()
        && !matches!(
            shape.kind(),
            Type::Structure | Type::List { .. } | Type::Map { .. }
        )
}

/// Where an entry has its state.
fn state_path(kind: &Kind, entry: Shape) -> Option<(String, &'static str)> {
    let mut candidates: Vec<String> = ["State", "Status"].map(str::to_owned).to_vec();
    for stem in &kind.stems {
        candidates.extend([format!("{stem}State"), format!("{stem}Status")]);
    }
    let all = entry
        .members()
        .filter(|member| member.name().ends_with("State"));
    let all: Vec<&str> = all.map(|member| member.name()).collect();
    if let [only] = all.as_slice() {
        candidates.push((*only).to_owned());
    }
    candidates.iter().find_map(|name| {
        let member = entry.member(name)?;
        match member.shape().kind() {
            Type::String => Some((name.clone(), "names")),
            Type::Structure => ["Code", "Name"].iter().find_map(|part| {
                let inner = member.shape().member(part)?;
                matches!(inner.shape().kind(), Type::String)
                    .then(|| (format!("{name}.{part}"), "names"))
            }),
            _ => None,
        }
    })
}

/// The classes of states, in the table's names.
const CLASSES: [&str; 5] = ["first", "settled", "failed", "ending", "gone"];

/// The class that a state's name says.
fn class_of(state: &str) -> Option<&'static str> {
    let name = state.to_ascii_lowercase();
    let begins = |words: &[&str]| words.iter().any(|word| name.starts_with(word));
    if name == "error" || name.contains("fail") {
        Some("failed")
    } else if [
        "deleted",
        "terminated",
        "delete-complete",
        "disassociate-complete",
        "disassociated",
        "detached",
        "cancelled",
        "canceled",
        "released",
        "deprovisioned",
        "deregistered",
    ]
    .contains(&name.as_str())
    {
        Some("gone")
    } else if begins(&[
        "deleting",
        "delete-in-progress",
        "terminating",
        "shutting-down",
        "disassociating",
        "detaching",
        "cancelling",
        "canceling",
        "deprovisioning",
        "disassociate-in-progress",
    ]) {
        Some("ending")
    } else if begins(&[
        "pend",
        "creat",
        "provisioning",
        "initiating-request",
        "associating",
        "associate-in-progress",
        "attaching",
        "submitted",
        "queued",
    ]) && !name.ends_with("complete")
        && name != "created"
    {
        Some("first")
    } else if [
        "available",
        "active",
        "create-complete",
        "modify-complete",
        "restore-complete",
        "associate-complete",
        "associated",
        "attached",
        "in-use",
        "running",
        "stopped",
        "completed",
        "complete",
        "succeeded",
        "enabled",
        "created",
    ]
    .contains(&name.as_str())
    {
        Some("settled")
    } else {
        None
    }
}

/// What the waiters say about a resource.
#[derive(Default)]
pub(super) struct Waits {
    pub(super) settles: Option<u32>,
    pub(super) listed: Option<u32>,
    /// States with their class.
    states: Vec<(String, &'static str)>,
    pub(super) unknown: Vec<String>,
}

pub(super) fn waits(service: &Service, list: &List, path: Option<&str>) -> Waits {
    let mut waits = Waits::default();
    let argument = path.map(|path| format!("{}.{path}", list.path));
    for (name, waiter) in &service.waiters {
        if waiter.operation != list.action.name() {
            continue;
        }
        let seconds = waiter.delay * waiter.max_attempts;
        let is_end = [
            "Deleted",
            "Terminated",
            "Cancelled",
            "DeleteComplete",
            "Disassociated",
        ]
        .iter()
        .any(|end| name.ends_with(end));
        if name.ends_with("Exists") {
            waits.listed = Some(seconds);
        }
        for acceptor in &waiter.acceptors {
            let Some(expected) = acceptor.expected.as_str() else {
                continue;
            };
            if acceptor.matcher == "error" {
                if !waits.unknown.iter().any(|known| known == expected) {
                    waits.unknown.push(expected.to_owned());
                }
                continue;
            }
            if Some(&acceptor.argument) != argument.as_ref() {
                continue;
            }
            let class = match acceptor.state.as_str() {
                "success" if is_end => Some("gone"),
                "success" => {
                    if waits.settles.is_none() {
                        waits.settles = Some(seconds);
                    }
                    Some("settled")
                }
                // Which failure it is, the name says: a waiter fails at a state that cannot become
                // the one that it waits for.
                "failure" => {
                    class_of(expected).filter(|class| *class != "first" && *class != "settled")
                }
                _ => None,
            };
            let is_new = !waits.states.iter().any(|(known, _)| known == expected);
            if let Some(class) = class.filter(|_| is_new) {
                waits.states.push((expected.to_owned(), class));
            }
        }
    }
    waits
}

/// The states of a resource.
pub(super) fn states(service: &Service, kind: &Kind, list: &List) -> (Option<Value>, Waits) {
    let derived = state_path(kind, list.entry);
    let found = match &kind.row.state {
        Some(path) => Some((path.clone(), "read")),
        None => derived,
    };
    let waits = waits(service, list, found.as_ref().map(|(path, _)| path.as_str()));
    let Some((path, source)) = found else {
        return (None, waits);
    };
    let shape = super::service::follow(Some(list.entry), &path);
    let values = shape.map(|shape| shape.enum_values()).unwrap_or_default();
    let mut states = Map::new();
    states.insert("path".to_owned(), json!(path));
    states.insert("source".to_owned(), json!(source));
    let row = &kind.row;
    for (class, by_hand) in CLASSES.into_iter().zip([
        &row.first,
        &row.settled,
        &row.failed,
        &row.ending,
        &row.gone,
    ]) {
        let mut facts: Vec<Value> = by_hand
            .iter()
            .map(|[value, source]| fact(value, source))
            .collect();
        if by_hand.is_empty() {
            let of_waiters = waits.states.iter().filter(|(_, known)| *known == class);
            facts.extend(of_waiters.map(|(state, _)| fact(state, "waiters")));
            for value in values {
                let is_waited = waits.states.iter().any(|(known, _)| known == value);
                let is_by_hand = [
                    &row.first,
                    &row.settled,
                    &row.failed,
                    &row.ending,
                    &row.gone,
                ]
                .iter()
                .any(|list| list.iter().any(|[known, _]| known == value));
                if !is_waited && !is_by_hand && class_of(value) == Some(class) {
                    facts.push(fact(value, "names"));
                }
            }
        }
        if !facts.is_empty() {
            states.insert(class.to_owned(), Value::Array(facts));
        }
    }
    for (key, seconds) in [
        ("settlesWithin", waits.settles),
        ("listedWithin", waits.listed),
    ] {
        if let Some(seconds) = seconds {
            states.insert(key.to_owned(), json!(seconds));
        }
    }
    (Some(Value::Object(states)), waits)
}

/// Where an entry shows the id of another resource.
pub(super) fn shows_other(entry: Shape, other: &Kind, member: &str) -> Option<String> {
    let found = members(Some(entry));
    let wanted = |name: &str| {
        let name = name.strip_suffix('s').unwrap_or(name);
        name == other.id || name == member.strip_suffix('s').unwrap_or(member)
    };
    let path = found.iter().find(|found| wanted(found.member.name()))?;
    let is_list = matches!(path.member.shape().kind(), Type::List { .. });
    Some(if is_list {
        format!("{}[]", path.path)
    } else {
        path.path.clone()
    })
}

/// Whether an action's name says that it lists.
pub(super) fn lists(action: &str) -> bool {
    ["Describe", "Get", "List", "Search"].contains(&verb(action).0)
}
