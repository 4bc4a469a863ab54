//! Volumes, their sizes and speeds, their status and attributes.

use crate::server::engine::input::named;
use crate::server::engine::list::list_these;
use crate::server::engine::make::insert_named;
use crate::server::engine::{Input, Role, answer};
use crate::server::families::compute::setting;
use crate::server::families::network::zone;
use crate::server::families::{Draft, Ending, Family, Making};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

pub(in crate::server::families) static FAMILY: Family = Family {
    perform: &[
        ("DescribeVolumeStatus", |input, state| status(input, state)),
        ("DescribeVolumeAttribute", |input, state| {
            attribute(input, state)
        }),
    ],
    making: &[("CreateVolume", Making::draft(draft))],
    ending: &[(
        "DeleteVolume",
        Ending {
            check: check_end,
            // EC2 lists it for moments only.
            ended: |_, state, id| {
                state.store.remove(id);
            },
        },
    )],
    changing: &[
        ("ModifyVolumeAttribute", |input, _, _, draft| {
            if let Some(flag) = input.flag("AutoEnableIO.Value") {
                draft.hidden.insert("AutoEnableIO", flag);
            }
            Ok(())
        }),
        ("EnableVolumeIO", |_, _, _, _| Ok(())),
    ],
    ..Family::NONE
};

pub(in crate::server::families) const VOLUME: &str = "volume";

/// What a volume is like: its type, size and speed.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::server::families) struct Spec {
    pub(in crate::server::families) kind: String,
    pub(in crate::server::families) size: i64,
    pub(in crate::server::families) iops: Option<i64>,
    pub(in crate::server::families) throughput: Option<i64>,
    pub(in crate::server::families) snapshot: Option<String>,
    pub(in crate::server::families) is_encrypted: bool,
    pub(in crate::server::families) key: Option<String>,
}

/// A type of volumes, as `CreateVolume` is documented.
struct Kind {
    name: &'static str,
    /// In GiB.
    sizes: (i64, i64),
    /// What can be asked for, and what is usual.
    iops: Option<(i64, i64, Option<i64>)>,
    throughput: Option<(i64, i64, i64)>,
}

static KINDS: &[Kind] = &[
    Kind {
        name: "standard",
        sizes: (1, 1024),
        iops: None,
        throughput: None,
    },
    Kind {
        name: "gp2",
        sizes: (1, 16_384),
        iops: None,
        throughput: None,
    },
    Kind {
        name: "gp3",
        sizes: (1, 65_536),
        iops: Some((3000, 80_000, Some(3000))),
        throughput: Some((125, 2000, 125)),
    },
    Kind {
        name: "io1",
        sizes: (4, 16_384),
        iops: Some((100, 64_000, None)),
        throughput: None,
    },
    Kind {
        name: "io2",
        sizes: (4, 65_536),
        iops: Some((100, 256_000, None)),
        throughput: None,
    },
    Kind {
        name: "st1",
        sizes: (125, 16_384),
        iops: None,
        throughput: None,
    },
    Kind {
        name: "sc1",
        sizes: (125, 16_384),
        iops: None,
        throughput: None,
    },
];

/// What requests say of a volume, before it is known to be valid.
#[derive(Debug, Default)]
pub(in crate::server::families) struct Asked<'a> {
    pub(in crate::server::families) kind: Option<&'a str>,
    pub(in crate::server::families) size: Option<i64>,
    pub(in crate::server::families) iops: Option<i64>,
    pub(in crate::server::families) throughput: Option<i64>,
    pub(in crate::server::families) snapshot: Option<&'a str>,
    pub(in crate::server::families) is_encrypted: Option<bool>,
    pub(in crate::server::families) key: Option<&'a str>,
}

impl<'a> Asked<'a> {
    /// Reads the members of a request, or of the `Ebs` of a block device. `size` is the name of the
    /// member for the size.
    pub(in crate::server::families) fn read(members: &'a Structure<'static>, size: &str) -> Self {
        let text = |name: &str| {
            members
                .get(name)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
        };
        let number = |name: &str| match members.get(name) {
            Some(Value::Integer(number)) => Some(*number),
            _ => None,
        };
        Self {
            kind: text("VolumeType"),
            size: number(size),
            iops: number("Iops"),
            throughput: number("Throughput"),
            snapshot: text("SnapshotId"),
            is_encrypted: match members.get("Encrypted") {
                Some(Value::Bool(flag)) => Some(*flag),
                _ => None,
            },
            key: text("KmsKeyId"),
        }
    }

    /// What the volume is like, if it is possible.
    pub(in crate::server::families) fn check(&self, state: &State) -> Result<Spec, Fault> {
        let snapshot = self
            .snapshot
            .map(|id| named(state, "snapshot", id))
            .transpose()?;
        let least = snapshot.and_then(|item| integer(&item.entry, "VolumeSize"));
        let Some(size) = self.size.or(least) else {
            return Err(fault::refusal(
                "MissingParameter",
                "The request must contain the parameter size/snapshot",
            ));
        };
        if let Some(least) = least.filter(|least| size < *least) {
            let id = self.snapshot.unwrap_or_default();
            return Err(fault::refusal(
                "InvalidBlockDeviceMapping",
                format!(
                    "Volume of size {size}GB is smaller than snapshot '{id}', expect size >= {least}GB"
                ),
            ));
        }
        let spec = Spec {
            kind: self.kind.unwrap_or("gp2").to_owned(),
            size,
            iops: self.iops,
            throughput: self.throughput,
            snapshot: self.snapshot.map(str::to_owned),
            is_encrypted: self.is_encrypted.unwrap_or(false)
                || setting::encrypts(state)
                || snapshot
                    .is_some_and(|item| item.entry.get("Encrypted") == Some(&Value::Bool(true))),
            key: self.key.map(str::to_owned),
        };
        if spec.key.is_some() && !spec.is_encrypted {
            return Err(fault::refusal(
                "InvalidParameterDependency",
                "The parameter KmsKeyId requires the parameter Encrypted to be set.",
            ));
        }
        spec.check()
    }
}

impl Spec {
    /// Refuses what its type cannot have, and sets what it has by itself.
    pub(in crate::server::families) fn check(mut self) -> Result<Self, Fault> {
        let known = KINDS.iter().find(|kind| kind.name == self.kind);
        let Some(kind) = known else {
            return Err(fault::refusal(
                "UnknownVolumeType",
                format!(
                    "Unsupported volume type '{}' for volume creation.",
                    self.kind
                ),
            ));
        };
        let (least, most) = kind.sizes;
        if !(least..=most).contains(&self.size) {
            let bound = if self.size < least {
                "small; minimum"
            } else {
                "large; maximum"
            };
            let limit = if self.size < least { least } else { most };
            return Err(fault::invalid_value(format!(
                "Volume of {}GiB is too {bound} is {limit}GiB.",
                self.size
            )));
        }
        let name = kind.name;
        let unsupported = |member: &str| {
            fault::refusal(
                "InvalidParameterCombination",
                format!("The parameter {member} is not supported for {name} volumes."),
            )
        };
        match (kind.iops, self.iops) {
            (None, Some(_)) => return Err(unsupported("iops")),
            (Some((_, _, None)), None) => {
                return Err(fault::missing_parameter("iops"));
            }
            (Some((least, most, _)), Some(iops)) if !(least..=most).contains(&iops) => {
                return Err(fault::invalid_value(format!(
                    "Volume iops of {iops} is out of range; {name} volumes have {least} to {most}."
                )));
            }
            (Some((_, _, usual)), iops) => self.iops = iops.or(usual),
            // The baseline of gp2: 3 for each GiB, within bounds.
            (None, None) => self.iops = (name == "gp2").then(|| (self.size * 3).clamp(100, 16_000)),
        }
        let most_of_size = match name {
            "io1" => Some(50),
            "gp3" => Some(500),
            "io2" => Some(1000),
            _ => None,
        };
        if let (Some(most), Some(iops), Some((_, _, usual))) = (most_of_size, self.iops, kind.iops)
            && iops > usual.unwrap_or(0)
            && iops > self.size * most
        {
            let ratio = iops / self.size.max(1);
            return Err(fault::invalid_value(format!(
                "Iops to volume size ratio of {ratio} is too high; maximum is {most}"
            )));
        }
        match (kind.throughput, self.throughput) {
            (None, Some(_)) => return Err(unsupported("throughput")),
            (Some((least, most, _)), Some(asked)) if !(least..=most).contains(&asked) => {
                return Err(fault::invalid_value(format!(
                    "Throughput of {asked} MiB/s is out of range; {name} volumes have {least} to {most}."
                )));
            }
            (Some((_, _, usual)), asked) => self.throughput = asked.or(Some(usual)),
            (None, None) => {}
        }
        Ok(self)
    }

    /// What an item with this entry is like.
    pub(in crate::server::families) fn of(entry: &Structure<'static>) -> Self {
        let asked = Asked::read(entry, "Size");
        Self {
            kind: asked.kind.unwrap_or_default().to_owned(),
            size: asked.size.unwrap_or_default(),
            iops: asked.iops,
            throughput: asked.throughput,
            snapshot: asked.snapshot.map(str::to_owned),
            is_encrypted: asked.is_encrypted.unwrap_or(false),
            key: asked.key.map(str::to_owned),
        }
    }

    /// Sets the members of an entry that say what it is like.
    pub(in crate::server::families) fn show(&self, state: &State, entry: &mut Structure<'static>) {
        let text = |text: Option<&String>| Value::from(text.cloned().unwrap_or_default());
        path::set_all(
            entry,
            [
                ("VolumeType", Value::from(self.kind.clone())),
                ("Size", self.size.into()),
                ("SnapshotId", text(self.snapshot.as_ref())),
                ("Encrypted", self.is_encrypted.into()),
            ],
        );
        for (member, number) in [("Iops", self.iops), ("Throughput", self.throughput)] {
            match number {
                Some(number) => entry.insert(member, number),
                None => entry.remove(member),
            };
        }
        if self.is_encrypted {
            let key = self.key.clone().or_else(|| setting::key(state));
            entry.insert("KmsKeyId", Value::from(key_arn(state, key.as_deref())));
        }
    }
}

/// The ARN of a key that a request names in any way, or of the one that EBS uses by itself.
pub(in crate::server::families) fn key_arn(state: &State, key: Option<&str>) -> String {
    let (account, region) = (&state.config.account, &state.config.region);
    match key {
        Some(arn) if arn.starts_with("arn:") => arn.to_owned(),
        Some(name) if name.starts_with("alias/") => {
            format!("arn:aws:kms:{region}:{account}:{name}")
        }
        Some(id) => format!("arn:aws:kms:{region}:{account}:key/{id}"),
        None => format!("arn:aws:kms:{region}:{account}:key/00000000-0000-0000-0000-000000000000"),
    }
}

/// An integer of an entry, by its name.
pub(in crate::server::families) fn integer(entry: &Structure<'static>, name: &str) -> Option<i64> {
    match entry.get(name) {
        Some(Value::Integer(number)) => Some(*number),
        _ => None,
    }
}

/// Makes a volume in a zone. Returns its id.
pub(in crate::server::families) fn create(
    state: &mut State,
    spec: &Spec,
    zone: &str,
    tags: Vec<(String, String)>,
) -> String {
    let mut draft = Draft::default();
    complete(state, spec, zone, &mut draft.entry);
    insert_named(state, VOLUME, draft, tags)
}

fn complete(state: &State, spec: &Spec, zone: &str, entry: &mut Structure<'static>) {
    spec.show(state, entry);
    let zone_id = state.store.get(zone).and_then(|zone| zone.text("ZoneId"));
    let zone_id = zone_id.map(str::to_owned);
    for (member, value) in [
        ("AvailabilityZone", Value::from(zone.to_owned())),
        ("Attachments", Value::List(Vec::new())),
        ("MultiAttachEnabled", false.into()),
    ] {
        if entry.get(member).is_none() {
            entry.insert(member, value);
        }
    }
    if let Some(id) = zone_id {
        entry.insert("AvailabilityZoneId", Value::from(id));
    }
}

/// The zone that a request names by its name or its id. It must exist.
fn zone(input: &Input, state: &State) -> Result<String, Fault> {
    let asked = match (
        input.text("AvailabilityZone"),
        input.text("AvailabilityZoneId"),
    ) {
        (Some(_), Some(_)) => {
            return Err(fault::invalid_combination(
                "AvailabilityZone",
                "AvailabilityZoneId",
            ));
        }
        (Some(asked), None) | (None, Some(asked)) => asked,
        (None, None) => return Err(fault::missing_parameter("AvailabilityZone")),
    };
    zone::find(state, asked)
        .map(|zone| zone.id.clone())
        .ok_or_else(|| {
            fault::refusal(
                "InvalidZone.NotFound",
                format!("The zone '{asked}' does not exist."),
            )
        })
}

fn draft(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    let zone = zone(input, state)?;
    let spec = Asked::read(&input.members, "Size").check(state)?;
    if input.flag("MultiAttachEnabled") == Some(true)
        && !matches!(spec.kind.as_str(), "io1" | "io2")
    {
        return Err(fault::refusal(
            "InvalidParameterCombination",
            format!(
                "The parameter MultiAttachEnabled is not supported for {} volumes.",
                spec.kind
            ),
        ));
    }
    complete(state, &spec, &zone, &mut draft.entry);
    Ok(())
}

fn check_end(_: &Input, _: &State, item: &Item) -> Result<(), Fault> {
    if let Some(instance) = path::texts(&item.entry, "Attachments[].InstanceId").first() {
        let id = &item.id;
        let message = format!("Volume {id} is currently attached to {instance}");
        return Err(fault::refusal("VolumeInUse", message));
    }
    Ok(())
}

fn status(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    let Some((resource, Role::Read(listing))) = input.plan.role else {
        return Err(fault::internal());
    };
    let ids = input.texts("VolumeIds");
    list_these(input, resource, listing, state, |after| {
        let volumes = state
            .store
            .after(VOLUME, after)
            .filter(|item| !item.is_gone());
        let volumes = volumes.filter(|item| ids.is_empty() || ids.contains(&item.id.as_str()));
        volumes.map(|item| {
            let mut shown = Item::new(item.id.clone(), resource, item.order);
            shown.entry = status_of(item);
            shown
        })
    })
}

fn status_of(item: &Item) -> Structure<'static> {
    let detail = |name: &'static str, status: &'static str| {
        Structure::from([("Name", Value::from(name)), ("Status", status.into())]).into()
    };
    let is_provisioned = matches!(item.text("VolumeType"), Some("io1" | "io2"));
    let performance = if is_provisioned {
        "normal"
    } else {
        "not-applicable"
    };
    let status = Structure::from([
        ("Status", Value::from("ok")),
        (
            "Details",
            Value::List(vec![
                detail("io-enabled", "passed"),
                detail("io-performance", performance),
            ]),
        ),
    ]);
    let instances = path::texts(&item.entry, "Attachments[].InstanceId").into_iter();
    let attachments = instances.map(|id| {
        Structure::from([
            ("InstanceId", Value::from(id.to_owned())),
            ("IoPerformance", performance.into()),
        ])
        .into()
    });
    let own = |member: &str| item.entry.get(member).cloned().unwrap_or_default();
    Structure::from([
        ("VolumeId", Value::from(item.id.clone())),
        ("AvailabilityZone", own("AvailabilityZone")),
        ("AvailabilityZoneId", own("AvailabilityZoneId")),
        ("VolumeStatus", status.into()),
        ("Actions", Value::List(Vec::new())),
        ("Events", Value::List(Vec::new())),
        ("AttachmentStatuses", Value::List(attachments.collect())),
    ])
}

fn attribute(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    let id = input.required("VolumeId")?;
    let item = named(state, VOLUME, id)?;
    let attribute = input.required("Attribute")?;
    input.stop_dry_run()?;
    let mut shown = Structure::from([("VolumeId", Value::from(id.to_owned()))]);
    match attribute {
        "autoEnableIO" => {
            let flag = item.hidden.get("AutoEnableIO").cloned();
            shown.insert("AutoEnableIO", flag.unwrap_or_else(|| false.into()));
        }
        _ => {
            shown.insert("ProductCodes", Value::List(Vec::new()));
        }
    }
    let output = input.plan.operation.output();
    Ok(output
        .map(|output| answer::project(&shown, output))
        .unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::engine::make::shape_of_entries;
    use ec2wire_model::Model;

    #[test]
    fn every_type_is_in_the_model() {
        let shape = Model::ec2().resource(VOLUME).and_then(shape_of_entries);
        let kinds = shape
            .and_then(|shape| shape.member("VolumeType"))
            .map(|member| member.shape().enum_values());
        let kinds = kinds.unwrap_or_default();
        assert_eq!(kinds.len(), KINDS.len());
        assert!(KINDS.iter().all(|kind| kinds.contains(&kind.name)));
    }
}
