//! Block device mappings: what images have and requests change.

use crate::server::families::storage::snapshot;
use crate::server::families::storage::volume::{Asked, Spec};
use crate::server::fault;
use crate::server::state::State;
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

/// Mappings with those of a request put over them, by the names of devices.
pub(super) fn merge(
    own: &[&Structure<'static>],
    asked: &[&Structure<'static>],
) -> Result<Vec<Structure<'static>>, Fault> {
    let name_of = |mapping: &Structure<'static>| {
        mapping
            .get("DeviceName")
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let mut merged: Vec<Structure<'static>> =
        own.iter().map(|mapping| (*mapping).clone()).collect();
    for change in asked {
        let Some(name) = name_of(change) else {
            return Err(fault::missing_parameter("DeviceName"));
        };
        let place = merged
            .iter()
            .position(|known| name_of(known).as_deref() == Some(&name));
        if change.get("NoDevice").is_some() {
            if let Some(at) = place {
                merged.remove(at);
            }
            continue;
        }
        match place.and_then(|at| merged.get_mut(at)) {
            Some(known) => overlay(known, change),
            None => merged.push((*change).clone()),
        }
    }
    Ok(merged)
}

/// Puts the members of a change over a mapping.
fn overlay(known: &mut Structure<'static>, change: &Structure<'static>) {
    for (name, value) in change.iter() {
        match (known.get_mut(name), value) {
            (Some(Value::Structure(inner)), Value::Structure(change)) => overlay(inner, change),
            _ => {
                known.insert(name.to_owned(), value.clone());
            }
        }
    }
    // The speed of one type is not another's.
    let is_kind = change.get("VolumeType").is_some();
    for member in ["Iops", "Throughput"] {
        if is_kind && change.get(member).is_none() {
            known.remove(member);
        }
    }
}

/// A volume that a mapping asks for.
#[derive(Debug, Clone)]
pub(super) struct Disk {
    pub(super) name: String,
    pub(super) spec: Spec,
    pub(super) deletes: bool,
}

/// The volumes that mappings ask for. Those without `Ebs` are disks of the host.
pub(super) fn disks(
    state: &State,
    mappings: &[Structure<'static>],
    usual: bool,
) -> Result<Vec<Disk>, Fault> {
    let mut disks = Vec::with_capacity(mappings.len());
    for mapping in mappings {
        let Some(Value::Structure(ebs)) = mapping.get("Ebs") else {
            continue;
        };
        let name = mapping
            .get("DeviceName")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let spec = Asked::read(ebs, "VolumeSize").check(state)?;
        disks.push(Disk {
            name: name.to_owned(),
            spec,
            deletes: match ebs.get("DeleteOnTermination") {
                Some(Value::Bool(flag)) => *flag,
                _ => usual,
            },
        });
    }
    Ok(disks)
}

/// A mapping of an image that has a snapshot.
pub(super) fn of_image(state: &State, disk: &Disk, snapshot: Option<&str>) -> Structure<'static> {
    let spec = &disk.spec;
    let size = spec.size.max(
        snapshot
            .and_then(|id| snapshot::size(state, id))
            .unwrap_or(0),
    );
    let mut ebs = Structure::from([
        ("DeleteOnTermination", Value::from(disk.deletes)),
        ("VolumeSize", size.into()),
        ("VolumeType", spec.kind.clone().into()),
        ("Encrypted", spec.is_encrypted.into()),
    ]);
    if let Some(id) = snapshot {
        ebs.insert("SnapshotId", Value::from(id.to_owned()));
    }
    // Usual speeds are not shown.
    if matches!(spec.kind.as_str(), "io1" | "io2" | "gp3") {
        for (member, number) in [("Iops", spec.iops), ("Throughput", spec.throughput)] {
            if let Some(number) = number {
                ebs.insert(member, number);
            }
        }
    }
    Structure::from([
        ("DeviceName", Value::from(disk.name.clone())),
        ("Ebs", ebs.into()),
    ])
}
