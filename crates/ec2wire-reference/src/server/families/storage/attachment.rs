//! Volumes at instances: a volume shows its attachments, and an instance its block devices.

use super::volume::VOLUME;
use crate::server::engine::input::named;
use crate::server::engine::{Input, answer};
use crate::server::families::Family;
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

pub(in crate::server::families) static FAMILY: Family = Family {
    perform: &[
        ("AttachVolume", attach_asked),
        ("DetachVolume", detach_asked),
    ],
    ..Family::NONE
};

/// Attaches a volume to an instance. Only the volume shows it then: see [`device`].
pub(in crate::server::families) fn attach(
    state: &mut State,
    volume: &str,
    instance: &str,
    name: &str,
    deletes: bool,
) {
    let attachment = Structure::from([
        ("AttachTime", Value::Timestamp(state.now())),
        ("Device", name.to_owned().into()),
        ("InstanceId", instance.to_owned().into()),
        ("State", "attached".into()),
        ("VolumeId", volume.to_owned().into()),
        ("DeleteOnTermination", deletes.into()),
    ]);
    state.store.update(volume, |item| {
        if let Some(attachments) = path::list(&mut item.entry, "Attachments") {
            attachments.push(attachment.into());
        }
        item.set_state("in-use");
    });
}

/// A volume as an instance's block device.
pub(in crate::server::families) fn device(
    state: &State,
    volume: &str,
    name: &str,
    deletes: bool,
) -> Value<'static> {
    let ebs = Structure::from([
        ("AttachTime", Value::Timestamp(state.now())),
        ("DeleteOnTermination", deletes.into()),
        ("Status", "attached".into()),
        ("VolumeId", volume.to_owned().into()),
    ]);
    Structure::from([
        ("DeviceName", Value::from(name.to_owned())),
        ("Ebs", ebs.into()),
    ])
    .into()
}

/// Parts a volume from an instance. Returns its attachment.
pub(in crate::server::families) fn detach(
    state: &mut State,
    volume: &str,
    instance: &str,
) -> Option<Structure<'static>> {
    let is_own = |entry: &Value<'static>, member: &str, id: &str| {
        entry.get(member).and_then(Value::as_str) == Some(id)
    };
    let found = state.store.update(volume, |item| {
        let attachments = path::list(&mut item.entry, "Attachments")?;
        let at = attachments
            .iter()
            .position(|entry| is_own(entry, "InstanceId", instance))?;
        let found = attachments.remove(at);
        if attachments.is_empty() {
            item.set_state("available");
        }
        Some(found)
    });
    state.store.update(instance, |item| {
        if let Some(devices) = path::list(&mut item.entry, "BlockDeviceMappings") {
            devices.retain(|device| {
                !device
                    .get("Ebs")
                    .is_some_and(|ebs| is_own(ebs, "VolumeId", volume))
            });
        }
    });
    state.note_change();
    match found.flatten() {
        Some(Value::Structure(attachment)) => Some(attachment),
        _ => None,
    }
}

fn attach_asked(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let volume = named(state, VOLUME, input.required("VolumeId")?)?;
    let instance = named(state, "instance", input.required("InstanceId")?)?;
    let device_name = input.required("Device")?;
    let (volume_id, instance_id) = (volume.id.clone(), instance.id.clone());
    let attached = path::texts(&volume.entry, "Attachments[].InstanceId");
    let is_shared = volume.entry.get("MultiAttachEnabled") == Some(&Value::Bool(true));
    if attached.contains(&instance_id.as_str()) || !attached.is_empty() && !is_shared {
        let message = format!("{volume_id} is already attached to an instance");
        return Err(fault::refusal("VolumeInUse", message));
    }
    if !matches!(
        instance.state(),
        Some("running" | "stopped" | "pending" | "stopping")
    ) {
        let message = format!("Instance '{instance_id}' is not 'running'.");
        return Err(fault::refusal("IncorrectState", message));
    }
    if volume.text("AvailabilityZone") != instance.text("Placement.AvailabilityZone") {
        let message = format!(
            "The volume '{volume_id}' is not in the same availability zone as instance '{instance_id}'"
        );
        return Err(fault::refusal("InvalidVolume.ZoneMismatch", message));
    }
    let names = path::texts(&instance.entry, "BlockDeviceMappings[].DeviceName");
    if names.contains(&device_name) {
        return Err(fault::invalid_value(format!(
            "Invalid value '{device_name}' for unixDevice. Attachment point {device_name} is already in use"
        )));
    }
    input.stop_dry_run()?;
    let device_name = device_name.to_owned();
    attach(state, &volume_id, &instance_id, &device_name, false);
    let device = device(state, &volume_id, &device_name, false);
    state.store.update(&instance_id, |item| {
        if let Some(devices) = path::list(&mut item.entry, "BlockDeviceMappings") {
            devices.push(device);
        }
    });
    state.note_change();
    let item = state.store.get(&volume_id);
    let attachments = item
        .map(|item| path::all(&item.entry, "Attachments[]"))
        .unwrap_or_default();
    let own = attachments.last().copied();
    Ok(shown(input, own, "attaching"))
}

/// An attachment as the answer shows it.
fn shown(
    input: &Input,
    attachment: Option<&Value<'static>>,
    state: &'static str,
) -> Structure<'static> {
    let Some(Value::Structure(attachment)) = attachment else {
        return Structure::new();
    };
    let mut attachment = attachment.clone();
    attachment.insert("State", Value::from(state));
    let output = input.plan.operation.output();
    output
        .map(|output| answer::project(&attachment, output))
        .unwrap_or_default()
}

fn detach_asked(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let volume = named(state, VOLUME, input.required("VolumeId")?)?;
    let id = volume.id.clone();
    let attached = path::texts(&volume.entry, "Attachments[].InstanceId");
    let Some(first) = attached.first() else {
        let message = format!("Volume '{id}' is in the 'available' state.");
        return Err(fault::refusal("IncorrectState", message));
    };
    let instance = input.text("InstanceId").unwrap_or(first).to_owned();
    if !attached.contains(&instance.as_str()) || !is_at(volume, input.text("Device")) {
        let message = format!(
            "The volume '{id}' is not attached to instance '{instance}' as the request says"
        );
        return Err(fault::refusal("InvalidAttachment.NotFound", message));
    }
    if let Some(item) = state.store.get(&instance) {
        let root = item.text("RootDeviceName");
        if item.state() == Some("running") && is_at(volume, root) && root.is_some() {
            let message = format!("Unable to detach root volume '{id}' from instance '{instance}'");
            return Err(fault::refusal("OperationNotPermitted", message));
        }
    }
    input.stop_dry_run()?;
    let attachment = detach(state, &id, &instance).map(Value::from);
    Ok(shown(input, attachment.as_ref(), "detaching"))
}

/// Whether a volume is attached by this name, if one is asked for.
fn is_at(volume: &Item, device: Option<&str>) -> bool {
    device.is_none_or(|device| path::texts(&volume.entry, "Attachments[].Device").contains(&device))
}
