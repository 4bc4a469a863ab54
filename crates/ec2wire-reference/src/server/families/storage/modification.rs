//! Changes of a volume's type, size and speed.

use super::volume::{Asked, Spec, VOLUME};
use crate::server::engine::input::named;
use crate::server::engine::list::list_these;
use crate::server::engine::{Input, Role};
use crate::server::families::Family;
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::Item;
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

pub(in crate::server::families) static FAMILY: Family = Family {
    perform: &[
        ("ModifyVolume", modify),
        ("DescribeVolumesModifications", |input, state| {
            list(input, state)
        }),
    ],
    ..Family::NONE
};

/// Where a volume notes its last modification.
const NOTED: &str = "ec2wire:modification";

fn modify(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let item = named(state, VOLUME, input.required("VolumeId")?)?;
    let id = item.id.clone();
    let before = Spec::of(&item.entry);
    let asked = Asked::read(&input.members, "Size");
    let shares = input.flag("MultiAttachEnabled");
    if asked.kind.is_none()
        && asked.size.is_none()
        && asked.iops.is_none()
        && asked.throughput.is_none()
        && shares.is_none()
    {
        return Err(fault::refusal(
            "InvalidParameterCombination",
            "The request must contain a modification to the volume",
        ));
    }
    if asked.size.is_some_and(|size| size < before.size) {
        return Err(fault::invalid_value(format!(
            "New size cannot be smaller than existing size of {} GiB",
            before.size
        )));
    }
    // A new type has its own usual speed.
    let keeps = asked.kind.is_none_or(|kind| kind == before.kind);
    let is_own_choice = keeps && before.kind != "gp2";
    let after = Spec {
        kind: asked.kind.unwrap_or(&before.kind).to_owned(),
        size: asked.size.unwrap_or(before.size),
        iops: asked.iops.or(before.iops.filter(|_| is_own_choice)),
        throughput: asked.throughput.or(before.throughput.filter(|_| keeps)),
        ..before.clone()
    }
    .check()?;
    let shared_before = item.entry.get("MultiAttachEnabled") == Some(&Value::Bool(true));
    input.stop_dry_run()?;
    let mut noted = Structure::from([
        ("VolumeId", Value::from(id.clone())),
        ("ModificationState", "modifying".into()),
        ("StartTime", Value::Timestamp(state.now())),
        ("Progress", 0.into()),
    ]);
    for (spec, prefix) in [(&before, "Original"), (&after, "Target")] {
        for (member, value) in [
            ("Size", Some(Value::Integer(spec.size))),
            ("VolumeType", Some(Value::from(spec.kind.clone()))),
            ("Iops", spec.iops.map(Value::Integer)),
            ("Throughput", spec.throughput.map(Value::Integer)),
        ] {
            if let Some(value) = value {
                noted.insert(format!("{prefix}{member}"), value);
            }
        }
    }
    noted.insert("OriginalMultiAttachEnabled", shared_before);
    noted.insert("TargetMultiAttachEnabled", shares.unwrap_or(shared_before));
    let answer = Structure::from([("VolumeModification", Value::from(noted.clone()))]);
    for (member, value) in [
        ("ModificationState", Value::from("completed")),
        ("Progress", 100.into()),
        ("EndTime", Value::Timestamp(state.now())),
    ] {
        noted.insert(member, value);
    }
    let mut entry = item.entry.clone();
    after.show(state, &mut entry);
    if let Some(flag) = shares {
        entry.insert("MultiAttachEnabled", flag);
    }
    state.store.update(&id, |item| {
        item.entry = entry;
        item.hidden.insert(NOTED, noted);
    });
    state.note_change();
    Ok(answer)
}

/// Lists the last modification of each volume that has one.
fn list(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    let Some((resource, Role::Read(listing))) = input.plan.role else {
        return Err(fault::internal());
    };
    let ids = input.texts("VolumeIds");
    for id in &ids {
        if named(state, VOLUME, id)?.hidden.get(NOTED).is_none() {
            let message = format!("Modification for volume '{id}' does not exist.");
            return Err(fault::refusal(
                "InvalidVolumeModification.NotFound",
                message,
            ));
        }
    }
    list_these(input, resource, listing, state, |after| {
        let volumes = state.store.after(VOLUME, after);
        let volumes = volumes.filter(|item| ids.is_empty() || ids.contains(&item.id.as_str()));
        volumes.filter_map(|item| {
            let Some(Value::Structure(noted)) = item.hidden.get(NOTED) else {
                return None;
            };
            let mut shown = Item::new(item.id.clone(), resource, item.order);
            shown.entry = noted.clone();
            Some(shown)
        })
    })
}
