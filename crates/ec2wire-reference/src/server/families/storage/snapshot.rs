//! Snapshots: of a volume, of all volumes of an instance, and copies.

use super::volume::{VOLUME, integer, key_arn};
use crate::server::engine::end::{check_keepers, finish};
use crate::server::engine::input::named;
use crate::server::engine::make::{self, insert_named, remember, replayed};
use crate::server::engine::{Input, answer};
use crate::server::families::compute::setting;
use crate::server::families::shared::owner;
use crate::server::families::shared::permission::{self, Permissions};
use crate::server::families::{Draft, Ending, Family, Making};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

pub(in crate::server::families) static FAMILY: Family = Family {
    perform: &[
        ("CreateSnapshot", |input, state| {
            let mut answer = make::as_planned(input, state)?;
            // Nothing is copied yet.
            answer.insert("Progress", Value::from(""));
            Ok(answer)
        }),
        ("CreateSnapshots", create_all),
        ("DescribeSnapshotAttribute", |input, state| {
            describe_attribute(input, state)
        }),
        ("ResetSnapshotAttribute", reset_attribute),
    ],
    making: &[
        ("CreateSnapshot", Making::draft(draft)),
        ("CopySnapshot", Making::draft(draft_copy)),
    ],
    ending: &[("DeleteSnapshot", Ending::check(check_end))],
    changing: &[
        ("ModifySnapshotAttribute", modify_attribute),
        ("ModifySnapshotTier", |_, state, item, draft| {
            owner::check(state, item)?;
            draft.entry.insert("StorageTier", Value::from("archive"));
            Ok(())
        }),
        ("RestoreSnapshotTier", |_, state, item, draft| {
            owner::check(state, item)?;
            draft.entry.insert("StorageTier", Value::from("standard"));
            Ok(())
        }),
    ],
    selecting: &[("DescribeSnapshots", is_selected)],
    // In another Region it is not in sight.
    lookups: &[("CopySnapshot", "SourceSnapshotId")],
    ..Family::NONE
};

pub(in crate::server::families) const SNAPSHOT: &str = "snapshot";
/// The volume of snapshots whose volume was elsewhere.
pub(in crate::server::families) const NO_VOLUME: &str = "vol-ffffffff";

const PERMISSIONS: Permissions = Permissions {
    list: "CreateVolumePermissions",
    member: "CreateVolumePermission",
    groups: "GroupNames",
};

/// The entry of a snapshot of a volume.
pub(in crate::server::families) fn entry_of(
    volume: &Item,
    description: &str,
) -> Structure<'static> {
    let own = |member: &str| volume.entry.get(member).cloned();
    let mut entry = Structure::from([
        ("Description", Value::from(description.to_owned())),
        ("VolumeId", volume.id.clone().into()),
        ("VolumeSize", own("Size").unwrap_or_default()),
        (
            "Encrypted",
            own("Encrypted").unwrap_or_else(|| false.into()),
        ),
        ("Progress", "100%".into()),
        ("StorageTier", "standard".into()),
    ]);
    if let Some(key) = own("KmsKeyId") {
        entry.insert("KmsKeyId", key);
    }
    entry
}

/// Makes a snapshot of a volume. Returns its id.
pub(in crate::server::families) fn create(
    state: &mut State,
    volume: &str,
    description: &str,
    tags: Vec<(String, String)>,
) -> Option<String> {
    let entry = entry_of(state.store.get(volume)?, description);
    let draft = Draft {
        entry,
        ..Draft::default()
    };
    Some(insert_named(state, SNAPSHOT, draft, tags))
}

fn draft(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    let volume = named(state, VOLUME, input.required("VolumeId")?)?;
    draft.entry = entry_of(volume, input.text("Description").unwrap_or_default());
    Ok(())
}

fn draft_copy(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    let source = input.required("SourceSnapshotId")?;
    // Of another Region's snapshot nothing is known.
    let is_here = input.text("SourceRegion") == Some(&state.config.region);
    let source = is_here
        .then(|| named(state, SNAPSHOT, source))
        .transpose()?;
    let source = source.map(|item| &item.entry);
    let own = |member: &str| source.and_then(|entry| entry.get(member)).cloned();
    let is_encrypted =
        input.flag("Encrypted") == Some(true) || own("Encrypted") == Some(true.into());
    for (member, value) in [
        ("VolumeId", Value::from(NO_VOLUME)),
        ("VolumeSize", own("VolumeSize").unwrap_or(Value::Integer(8))),
        ("Encrypted", is_encrypted.into()),
        ("Progress", "100%".into()),
        ("StorageTier", "standard".into()),
        ("TransferType", "standard".into()),
    ] {
        draft.entry.insert(member, value);
    }
    if draft.entry.get("Description").is_none() {
        draft.entry.insert("Description", Value::from(""));
    }
    if is_encrypted {
        draft.entry.insert(
            "KmsKeyId",
            Value::from(key_arn(state, input.text("KmsKeyId"))),
        );
    }
    Ok(())
}

/// Makes a snapshot of each volume of an instance.
fn create_all(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    input.check_tags(&[SNAPSHOT])?;
    let instance = named(
        state,
        "instance",
        input.required("InstanceSpecification.InstanceId")?,
    )?;
    let root = instance.text("RootDeviceName").unwrap_or_default();
    let skips_root = input.flag("InstanceSpecification.ExcludeBootVolume") == Some(true);
    let skipped = input.texts("InstanceSpecification.ExcludeDataVolumeIds");
    let devices = path::all(&instance.entry, "BlockDeviceMappings[]").into_iter();
    let volumes: Vec<(bool, String)> = devices
        .filter_map(|device| {
            let id = device.get("Ebs")?.get("VolumeId")?.as_str()?;
            let is_root = device.get("DeviceName").and_then(Value::as_str) == Some(root);
            Some((is_root, id.to_owned()))
        })
        .collect();
    for id in &skipped {
        if !volumes.iter().any(|(is_root, own)| own == id && !is_root) {
            return Err(fault::invalid_choice("ExcludeDataVolumeId", id));
        }
    }
    let wanted: Vec<String> = volumes
        .into_iter()
        .filter(|(is_root, id)| (!*is_root || !skips_root) && !skipped.contains(&id.as_str()))
        .map(|(_, id)| id)
        .collect();
    let ids = replayed(input, state)?;
    input.stop_dry_run()?;
    let copies_tags = input.text("CopyTagsFromSource") == Some("volume");
    let ids = ids.unwrap_or_else(|| {
        let description = input.text("Description").unwrap_or_default();
        let mut made = Vec::with_capacity(wanted.len());
        for volume in &wanted {
            let mut tags = if copies_tags {
                state.tags(volume).unwrap_or_default()
            } else {
                Vec::new()
            };
            for (key, value) in input.tags_for(SNAPSHOT) {
                tags.retain(|(known, _)| *known != key);
                tags.push((key, value));
            }
            made.extend(create(state, volume, description, tags));
        }
        made
    });
    remember(input, state, &ids);
    let items = ids.iter().filter_map(|id| state.store.get(id));
    let entries = items.map(|item| {
        let mut entry = answer::entry_in_state(item, Some("pending"));
        entry.insert("Progress", Value::from(""));
        entry.into()
    });
    let answer = Structure::from([("Snapshots", Value::List(entries.collect()))]);
    let output = input.plan.operation.output();
    Ok(output
        .map(|output| answer::project(&answer, output))
        .unwrap_or_default())
}

fn check_end(_: &Input, state: &State, item: &Item) -> Result<(), Fault> {
    owner::check(state, item)?;
    let image = state
        .store
        .referrers(&item.id)
        .find(|other| other.resource.name == "image");
    if let Some(image) = image {
        let message = format!(
            "The snapshot {} is currently in use by {}",
            item.id, image.id
        );
        return Err(fault::refusal("InvalidSnapshot.InUse", message));
    }
    Ok(())
}

/// Ends snapshots that nothing else needs. Returns what became of each.
pub(in crate::server::families) fn delete_all(
    state: &mut State,
    ids: &[String],
) -> Vec<Value<'static>> {
    let mut results = Vec::with_capacity(ids.len());
    for id in ids {
        let can_end = state.store.get(id).is_some_and(|item| {
            owner::check(state, item).is_ok() && check_keepers(state, item).is_ok()
        });
        if can_end {
            finish(state, id);
        }
        results.push(
            Structure::from([
                ("SnapshotId", Value::from(id.clone())),
                (
                    "ReturnCode",
                    if can_end { "success" } else { "skipped" }.into(),
                ),
            ])
            .into(),
        );
    }
    results
}

fn is_selected(input: &Input, state: &State, item: &Item) -> bool {
    owner::is_among(state, item, &input.texts("OwnerIds"), "OwnerAlias")
        && permission::lets(
            state,
            item,
            &PERMISSIONS,
            &input.texts("RestorableByUserIds"),
        )
}

fn describe_attribute(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    let id = input.required("SnapshotId")?;
    let item = named(state, SNAPSHOT, id)?;
    owner::check(state, item)?;
    let attribute = input.required("Attribute")?;
    input.stop_dry_run()?;
    let mut answer = Structure::from([("SnapshotId", Value::from(id.to_owned()))]);
    let (member, value) = match attribute {
        "createVolumePermission" => (PERMISSIONS.list, permission::of(item, &PERMISSIONS)),
        _ => ("ProductCodes", Vec::new()),
    };
    answer.insert(member, Value::List(value));
    Ok(answer)
}

fn modify_attribute(
    input: &Input,
    state: &State,
    item: &Item,
    draft: &mut Draft,
) -> Result<(), Fault> {
    owner::check(state, item)?;
    permission::modify(input, &PERMISSIONS, draft)?;
    if permission::is_public(&draft.hidden, &PERMISSIONS) && setting::blocks_public(state, SNAPSHOT)
    {
        return Err(fault::refusal(
            "OperationNotPermitted",
            "You can't publicly share this snapshot because block public access is enabled for it.",
        ));
    }
    if permission::is_public(&draft.hidden, &PERMISSIONS)
        && item.entry.get("Encrypted") == Some(&true.into())
    {
        return Err(fault::invalid_value(
            "Encrypted snapshots with EBS default key cannot be shared",
        ));
    }
    Ok(())
}

fn reset_attribute(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let id = input.required("SnapshotId")?.to_owned();
    owner::check(state, named(state, SNAPSHOT, &id)?)?;
    input.stop_dry_run()?;
    state
        .store
        .update(&id, |item| item.hidden.remove(PERMISSIONS.list));
    state.note_change();
    Ok(Structure::new())
}

/// The size of a snapshot's volume, in GiB.
pub(in crate::server::families) fn size(state: &State, id: &str) -> Option<i64> {
    integer(&state.store.get(id)?.entry, "VolumeSize")
}
