//! Images: of an instance, of snapshots, and copies.

use super::device::{self, disks, merge, of_image};
use super::public_image;
use crate::server::engine::Input;
use crate::server::engine::answer::done;
use crate::server::engine::end::finish;
use crate::server::engine::input::named;
use crate::server::families::shared::owner;
use crate::server::families::shared::permission::{self, Permissions};
use crate::server::families::storage::{snapshot, volume};
use crate::server::families::{Draft, Family, Making};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

pub(in crate::server::families) static FAMILY: Family = Family {
    start: Some(public_image::start),
    perform: &[("DeregisterImage", deregister)],
    making: &[
        (
            "CreateImage",
            Making {
                draft: draft_of_instance,
                made: made_of_instance,
            },
        ),
        (
            "RegisterImage",
            Making {
                draft: draft_registered,
                made: |_, _, _| {},
            },
        ),
        (
            "CopyImage",
            Making {
                draft: draft_copy,
                made: made_copy,
            },
        ),
    ],
    selecting: &[("DescribeImages", is_selected)],
    // In another Region it is not in sight.
    lookups: &[("CopyImage", "SourceImageId")],
    ..Family::NONE
};

pub(super) const IMAGE: &str = "image";

pub(super) const PERMISSIONS: Permissions = Permissions {
    list: "LaunchPermissions",
    member: "LaunchPermission",
    groups: "UserGroups",
};

/// What an image shows of its source.
const OF_SOURCE: [&str; 17] = [
    "Architecture",
    "BootMode",
    "EnaSupport",
    "Hypervisor",
    "ImdsSupport",
    "KernelId",
    "Platform",
    "PlatformDetails",
    "ProductCodes",
    "RamdiskId",
    "RootDeviceName",
    "RootDeviceType",
    "SriovNetSupport",
    "TpmSupport",
    "UsageOperation",
    "VirtualizationType",
    "ImageType",
];

fn is_selected(input: &Input, state: &State, item: &Item) -> bool {
    let is_shown = item.state() != Some("disabled")
        || input.flag("IncludeDisabled") == Some(true)
        || input.texts("ImageIds").contains(&item.id.as_str());
    is_shown
        && owner::is_among(state, item, &input.texts("Owners"), "ImageOwnerAlias")
        && permission::lets(state, item, &PERMISSIONS, &input.texts("ExecutableUsers"))
}

/// Refuses a name that no image can have.
fn check_name(input: &Input) -> Result<(), Fault> {
    let name = input.required("Name")?;
    let is_possible = |c: char| c.is_ascii_alphanumeric() || "()[] ./-'@_".contains(c);
    if !(3..=128).contains(&name.chars().count()) || !name.chars().all(is_possible) {
        let message = "AMI names must be between 3 and 128 characters long, and may contain letters, \
                       numbers, '(', ')', '[', ']', ' ', '.', '/', '-', ''', '@' and '_'";
        return Err(fault::refusal("InvalidAMIName.Malformed", message));
    }
    Ok(())
}

/// Sets what each new image of the account has.
fn complete(input: &Input, state: &State, draft: &mut Draft) {
    let account = state.config.account.clone();
    let name = input.text("Name").unwrap_or_default();
    let location = input
        .text("ImageLocation")
        .map_or_else(|| format!("{account}/{name}"), str::to_owned);
    for (member, value) in [
        ("OwnerId", Value::from(account)),
        ("Name", name.to_owned().into()),
        ("ImageLocation", location.into()),
        ("ImageType", "machine".into()),
        ("Public", false.into()),
        ("PlatformDetails", "Linux/UNIX".into()),
        ("UsageOperation", "RunInstances".into()),
        ("Hypervisor", "xen".into()),
        ("DeregistrationProtection", "disabled".into()),
        // Only copies have one.
        ("SourceImageRegion", Value::Null),
    ] {
        if draft.entry.get(member).is_none() {
            draft.entry.insert(member, value);
        }
    }
    draft
        .entry
        .insert("CreationDate", Value::from(in_millis(state)));
}

/// The time, as images show it.
fn in_millis(state: &State) -> String {
    let text = state.now().to_string();
    match text.strip_suffix('Z') {
        Some(seconds) if !seconds.contains('.') => format!("{seconds}.000Z"),
        _ => text,
    }
}

fn draft_of_instance(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    check_name(input)?;
    let instance = named(state, "instance", input.required("InstanceId")?)?;
    if !matches!(
        instance.state(),
        Some("running" | "stopped" | "pending" | "stopping")
    ) {
        let message = format!("Instance is not in a valid state: '{}'", instance.id);
        return Err(fault::refusal("IncorrectState", message));
    }
    let image_id = instance.text("ImageId").unwrap_or_default();
    let image = state.store.get(image_id);
    for member in OF_SOURCE {
        let own = instance.entry.get(member);
        let value = own.or_else(|| image.and_then(|image| image.entry.get(member)));
        if let Some(value) = value {
            draft.entry.insert(member, value.clone());
        }
    }
    for (member, value) in [
        ("SourceInstanceId", Value::from(instance.id.clone())),
        ("SourceImageId", image_id.to_owned().into()),
        ("SourceImageRegion", state.config.region.clone().into()),
        ("SriovNetSupport", "simple".into()),
    ] {
        draft.entry.insert(member, value);
    }
    if let Some(mode) = input.text("BootModeOverride") {
        draft.entry.insert("BootMode", Value::from(mode.to_owned()));
    }
    complete(input, state, draft);
    let mappings = mappings_of_instance(input, state, instance)?;
    disks(state, &mappings, true)?;
    Ok(())
}

/// The devices of a new image of an instance, with the volumes that are to be copied.
fn mappings_of_instance(
    input: &Input,
    state: &State,
    instance: &Item,
) -> Result<Vec<Structure<'static>>, Fault> {
    let devices = path::all(&instance.entry, "BlockDeviceMappings[]");
    let mut own = Vec::with_capacity(devices.len());
    for device in devices {
        let volume = device
            .get("Ebs")
            .and_then(|ebs| ebs.get("VolumeId"))
            .and_then(Value::as_str);
        let Some(item) = volume.and_then(|id| state.store.get(id)) else {
            continue;
        };
        let deletes = device
            .get("Ebs")
            .and_then(|ebs| ebs.get("DeleteOnTermination"))
            == Some(&Value::Bool(true));
        let disk = device::Disk {
            name: device
                .get("DeviceName")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            spec: volume::Spec::of(&item.entry),
            deletes,
        };
        let mut mapping = of_image(state, &disk, None);
        mapping.insert(SOURCE, Value::from(item.id.clone()));
        own.push(mapping);
    }
    merge(
        &own.iter().collect::<Vec<_>>(),
        &input.structures("BlockDeviceMappings"),
    )
}

/// Where a mapping notes the volume that it is to be copied from.
const SOURCE: &str = "ec2wire:volume";

fn made_of_instance(input: &Input, state: &mut State, id: &str) {
    let instance_id = input.text("InstanceId").unwrap_or_default().to_owned();
    let mappings = state
        .store
        .get(&instance_id)
        .and_then(|instance| mappings_of_instance(input, state, instance).ok());
    let tags = input.tags_for(snapshot::SNAPSHOT);
    let description = format!("Created by CreateImage({instance_id}) for {id}");
    let mut shown = Vec::new();
    for mut mapping in mappings.into_iter().flatten() {
        let source = mapping.remove(SOURCE);
        let volume = source.as_ref().and_then(Value::as_str);
        if let Some(volume) = volume
            && let Some(snapshot) = snapshot::create(state, volume, &description, tags.clone())
        {
            path::set(&mut mapping, "Ebs.SnapshotId", snapshot.into());
        }
        shown.push(mapping.into());
    }
    state.store.update(id, |item| {
        item.entry.insert("BlockDeviceMappings", Value::List(shown));
    });
}

fn draft_registered(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    check_name(input)?;
    let mappings = input.structures("BlockDeviceMappings");
    let mappings = merge(&[], &mappings)?;
    let root = input
        .text("RootDeviceName")
        .unwrap_or("/dev/sda1")
        .to_owned();
    let has_root = mappings.iter().any(|mapping| {
        mapping.get("DeviceName").and_then(Value::as_str) == Some(&root)
            && path::first(mapping, "Ebs.SnapshotId").is_some()
    });
    if !has_root && input.text("ImageLocation").is_none() {
        return Err(fault::refusal(
            "InvalidBlockDeviceMapping",
            "No root snapshot specified in device mapping.",
        ));
    }
    let disks = disks(state, &mappings, true)?;
    let mut shown: Vec<Value<'static>> = disks
        .iter()
        .map(|disk| of_image(state, disk, disk.spec.snapshot.as_deref()).into())
        .collect();
    let others = mappings
        .iter()
        .filter(|mapping| mapping.get("Ebs").is_none());
    shown.extend(others.cloned().map(Value::from));
    draft
        .entry
        .insert("BlockDeviceMappings", Value::List(shown));
    let kind = if has_root { "ebs" } else { "instance-store" };
    draft.entry.insert("RootDeviceType", Value::from(kind));
    // The defaults are documented.
    for (member, usual) in [
        ("Architecture", "i386"),
        ("VirtualizationType", "paravirtual"),
        ("RootDeviceName", root.as_str()),
    ] {
        if draft.entry.get(member).is_none() {
            draft.entry.insert(member, Value::from(usual.to_owned()));
        }
    }
    if draft.entry.get("EnaSupport").is_none() {
        draft.entry.insert("EnaSupport", false);
    }
    complete(input, state, draft);
    Ok(())
}

fn draft_copy(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    check_name(input)?;
    let source = input.required("SourceImageId")?;
    let region = input.required("SourceRegion")?;
    if region == state.config.region {
        let image = named(state, IMAGE, source)?;
        for member in OF_SOURCE {
            if let Some(value) = image.entry.get(member) {
                draft.entry.insert(member, value.clone());
            }
        }
        if input.text("Description").is_none() {
            let description = format!(
                "[Copied {source} from {region}] {}",
                image.text("Name").unwrap_or_default()
            );
            draft.entry.insert("Description", Value::from(description));
        }
    } else {
        // Of another Region's image nothing is known.
        for (member, value) in [
            ("Architecture", Value::from("x86_64")),
            ("VirtualizationType", "hvm".into()),
            ("RootDeviceName", "/dev/xvda".into()),
            ("RootDeviceType", "ebs".into()),
            ("EnaSupport", true.into()),
        ] {
            draft.entry.insert(member, value);
        }
    }
    draft
        .entry
        .insert("SourceImageId", Value::from(source.to_owned()));
    draft
        .entry
        .insert("SourceImageRegion", Value::from(region.to_owned()));
    complete(input, state, draft);
    Ok(())
}

fn made_copy(input: &Input, state: &mut State, id: &str) {
    let source_id = input.text("SourceImageId").unwrap_or_default().to_owned();
    let tags = input.tags_for(snapshot::SNAPSHOT);
    let source = state.store.get(&source_id).map(|item| item.entry.clone());
    let mappings = source
        .as_ref()
        .map(|entry| path::all(entry, "BlockDeviceMappings[]"));
    let is_encrypted = input.flag("Encrypted") == Some(true);
    let mut shown = Vec::new();
    for mapping in mappings.into_iter().flatten() {
        let Value::Structure(mapping) = mapping else {
            continue;
        };
        let mut mapping = mapping.clone();
        let copied = path::first(&mapping, "Ebs.SnapshotId").and_then(Value::as_str);
        let copied = copied
            .and_then(|snapshot| state.store.get(snapshot))
            .map(|item| item.entry.clone());
        if let Some(mut entry) = copied {
            for member in ["OwnerId", "OwnerAlias", "StartTime", "SnapshotId"] {
                entry.remove(member);
            }
            let description = format!("Copied for DestinationAmi {id} from SourceAmi {source_id}");
            for (member, value) in [
                ("Description", Value::from(description)),
                ("VolumeId", snapshot::NO_VOLUME.into()),
            ] {
                entry.insert(member, value);
            }
            if is_encrypted {
                entry.insert("Encrypted", true);
                entry.insert(
                    "KmsKeyId",
                    Value::from(volume::key_arn(state, input.text("KmsKeyId"))),
                );
                path::set(&mut mapping, "Ebs.Encrypted", true.into());
            }
            let draft = Draft {
                entry,
                ..Draft::default()
            };
            let made = crate::server::engine::make::insert_named(
                state,
                snapshot::SNAPSHOT,
                draft,
                tags.clone(),
            );
            path::set(&mut mapping, "Ebs.SnapshotId", made.into());
        }
        shown.push(mapping.into());
    }
    let copies_tags = input.flag("CopyImageTags") == Some(true);
    let source_tags = if copies_tags {
        state.tags(&source_id).unwrap_or_default()
    } else {
        Vec::new()
    };
    state.store.update(id, |item| {
        item.entry.insert("BlockDeviceMappings", Value::List(shown));
        for (key, value) in source_tags {
            if !item.tags.iter().any(|(known, _)| *known == key) {
                item.tags.push((key, value));
            }
        }
    });
}

fn deregister(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let item = named(state, IMAGE, input.required("ImageId")?)?;
    owner::check(state, item)?;
    let id = item.id.clone();
    if item
        .text("DeregistrationProtection")
        .is_some_and(|text| text.starts_with("enabled"))
    {
        let message = format!("The image '{id}' is protected from being deregistered.");
        return Err(fault::refusal("OperationNotPermitted", message));
    }
    let snapshots: Vec<String> = path::texts(&item.entry, "BlockDeviceMappings[].Ebs.SnapshotId")
        .into_iter()
        .map(str::to_owned)
        .collect();
    input.stop_dry_run()?;
    finish(state, &id);
    // EC2 lists it for a short while only.
    state.store.remove(&id);
    let mut answer = done();
    if input.flag("DeleteAssociatedSnapshots") == Some(true) {
        let results = snapshot::delete_all(state, &snapshots);
        answer.insert("DeleteSnapshotResults", Value::List(results));
    }
    Ok(answer)
}
