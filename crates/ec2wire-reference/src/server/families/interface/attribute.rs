//! The attributes of an interface.

use super::{INTERFACE, groups_shown, shown_again};
use crate::server::engine::Input;
use crate::server::engine::answer::project;
use crate::server::engine::input::named;
use crate::server::families::Draft;
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

/// The attributes of an interface: the name in requests, and the member of the entry and the answer.
pub(super) const ATTRIBUTES: [(&str, &str, &str); 5] = [
    ("description", "Description", "Description"),
    ("groupSet", "Groups", "Groups"),
    ("sourceDestCheck", "SourceDestCheck", "SourceDestCheck"),
    ("attachment", "Attachment", "Attachment"),
    ("associatePublicIpAddress", "", "AssociatePublicIpAddress"),
];

pub(super) fn describe_attribute(
    input: &Input,
    state: &State,
) -> Result<Structure<'static>, Fault> {
    let id = input.required("NetworkInterfaceId")?;
    let item = named(state, INTERFACE, id)?;
    let attribute = input.required("Attribute")?;
    let known = ATTRIBUTES.iter().find(|(name, _, _)| *name == attribute);
    let (_, path, member) = known.ok_or_else(|| fault::invalid_choice("Attribute", attribute))?;
    input.stop_dry_run()?;
    let mut answer = Structure::from([("NetworkInterfaceId", Value::from(id.to_owned()))]);
    if let Some(value) = item.entry.get(path) {
        answer.insert(*member, value.clone());
    }
    Ok(input
        .plan
        .operation
        .output()
        .map(|output| project(&answer, output))
        .unwrap_or_default())
}

pub(super) fn modify_attribute(
    input: &Input,
    state: &State,
    item: &Item,
    draft: &mut Draft,
) -> Result<(), Fault> {
    let groups = input.texts("Groups");
    if !groups.is_empty() {
        draft.entry.insert("Groups", groups_shown(state, &groups)?);
    }
    for member in ["Description", "SourceDestCheck"] {
        if let Some(value) = input.get(&format!("{member}.Value")) {
            draft.entry.insert(member, value.clone());
        }
    }
    if let Some(id) = input.text("Attachment.AttachmentId") {
        if item.text("Attachment.AttachmentId") != Some(id) {
            let message = format!("The attachment ID '{id}' does not exist");
            return Err(fault::refusal("InvalidAttachmentID.NotFound", message));
        }
        if let Some(flag) = input.flag("Attachment.DeleteOnTermination") {
            path::set(
                &mut draft.entry,
                "Attachment.DeleteOnTermination",
                flag.into(),
            );
        }
    }
    Ok(())
}

pub(super) fn reset_attribute(
    input: &Input,
    state: &mut State,
) -> Result<Structure<'static>, Fault> {
    let id = input.required("NetworkInterfaceId")?.to_owned();
    input.stop_dry_run()?;
    state
        .store
        .update(&id, |item| item.entry.insert("SourceDestCheck", true));
    shown_again(state, &id);
    Ok(Structure::new())
}
