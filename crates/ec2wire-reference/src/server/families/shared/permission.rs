//! Whom an image or a snapshot is shared with.

use super::owner;
use crate::server::engine::Input;
use crate::server::families::Draft;
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

/// The names of a kind of permissions.
pub(in crate::server::families) struct Permissions {
    /// The list of answers, which is where an item notes them, too.
    pub(in crate::server::families) list: &'static str,
    /// The member of requests with what is added and removed.
    pub(in crate::server::families) member: &'static str,
    /// The member of requests with groups, in the older form.
    pub(in crate::server::families) groups: &'static str,
}

/// The permissions of an item.
pub(in crate::server::families) fn of(item: &Item, kind: &Permissions) -> Vec<Value<'static>> {
    noted(&item.hidden, kind).to_vec()
}

fn noted<'s>(hidden: &'s Structure<'static>, kind: &Permissions) -> &'s [Value<'static>] {
    hidden
        .get(kind.list)
        .and_then(Value::as_list)
        .unwrap_or_default()
}

/// Whether anyone may use it.
pub(in crate::server::families) fn is_public(
    hidden: &Structure<'static>,
    kind: &Permissions,
) -> bool {
    noted(hidden, kind)
        .iter()
        .any(|entry| entry.get("Group").and_then(Value::as_str) == Some("all"))
}

/// Whether one of these may use it: `self` by an explicit permission, `all` as anyone, or an
/// account's id. Nobody asked for is anybody.
pub(in crate::server::families) fn lets(
    state: &State,
    item: &Item,
    kind: &Permissions,
    users: &[&str],
) -> bool {
    let has = |member: &str, name: &str| {
        noted(&item.hidden, kind)
            .iter()
            .any(|entry| entry.get(member).and_then(Value::as_str) == Some(name))
    };
    users.is_empty()
        || users.iter().any(|user| match *user {
            "all" => has("Group", "all"),
            "self" => {
                has("UserId", &state.config.account)
                    || kind.member == "CreateVolumePermission" && owner::is_own(state, item)
            }
            user => has("UserId", user),
        })
}

/// Adds and removes the permissions that a request names, in either form.
pub(in crate::server::families) fn modify(
    input: &Input,
    kind: &Permissions,
    draft: &mut Draft,
) -> Result<(), Fault> {
    let mut added: Vec<Value<'static>> = Vec::new();
    let mut removed: Vec<Value<'static>> = Vec::new();
    for (operation, list) in [("Add", &mut added), ("Remove", &mut removed)] {
        let entries = input
            .structures(&format!("{}.{operation}", kind.member))
            .into_iter();
        list.extend(entries.cloned().map(Value::from));
    }
    // The older form: an operation, and lists of whom it is about.
    for (member, name) in [
        ("UserIds", "UserId"),
        (kind.groups, "Group"),
        ("OrganizationArns", "OrganizationArn"),
        ("OrganizationalUnitArns", "OrganizationalUnitArn"),
    ] {
        for text in input.texts(member) {
            let entry = Structure::from([(name, Value::from(text.to_owned()))]).into();
            match input.text("OperationType") {
                Some("remove") => removed.push(entry),
                Some(_) => added.push(entry),
                None => return Err(fault::missing_parameter("OperationType")),
            }
        }
    }
    for entry in added.iter().chain(&removed) {
        check_user(entry)?;
    }
    if added.is_empty() && removed.is_empty() {
        return Ok(());
    }
    if let Some(list) = path::list(&mut draft.hidden, kind.list) {
        list.retain(|entry| !removed.contains(entry) && !added.contains(entry));
        list.extend(added);
    }
    Ok(())
}

fn check_user(entry: &Value<'static>) -> Result<(), Fault> {
    match entry.get("UserId").and_then(Value::as_str) {
        Some(user) if user.len() != 12 || !user.bytes().all(|byte| byte.is_ascii_digit()) => {
            Err(fault::refusal(
                "InvalidAMIAttributeItemValue",
                format!("Invalid attribute item value \"{user}\" for userId item type."),
            ))
        }
        _ => Ok(()),
    }
}
