//! Versions of launch templates. An item notes its own: numbers are not ids.

use super::{TEMPLATE, asked, creator, required};
use crate::server::engine::answer;
use crate::server::engine::input::named;
use crate::server::engine::list::list_these;
use crate::server::engine::make::{remember, replayed};
use crate::server::engine::{Input, Role};
use crate::server::families::Family;
use crate::server::families::shared::{structures, texts};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

pub(in crate::server::families) static FAMILY: Family = Family {
    perform: &[
        ("CreateLaunchTemplateVersion", create),
        ("DeleteLaunchTemplateVersions", delete),
        ("DescribeLaunchTemplateVersions", |input, state| {
            describe(input, state)
        }),
        ("GetLaunchTemplateData", |input, state| {
            of_instance(input, state)
        }),
    ],
    fields: &[
        (DESCRIBE, "http-endpoint", |item| {
            at(item, "MetadataOptions.HttpEndpoint")
        }),
        (DESCRIBE, "http-tokens", |item| {
            at(item, "MetadataOptions.HttpTokens")
        }),
        (DESCRIBE, "http-protocol-ipv4", |item| {
            at(item, "MetadataOptions.HttpEndpoint")
        }),
        (DESCRIBE, "iam-instance-profile", |item| {
            at(item, "IamInstanceProfile.Arn")
        }),
        (DESCRIBE, "license-configuration-arn", |item| {
            at(item, "LicenseSpecifications[].LicenseConfigurationArn")
        }),
    ],
    ..Family::NONE
};

const DESCRIBE: &str = "DescribeLaunchTemplateVersions";
/// Where a template notes its versions.
pub(super) const VERSIONS: &str = "ec2wire:versions";
const DATA: &str = "LaunchTemplateData";

fn at(item: &Item, at: &str) -> Vec<String> {
    texts(item, &format!("{DATA}.{at}"))
}

/// The data of a request.
pub(super) fn data_of(input: &Input) -> Structure<'static> {
    match input.get(DATA) {
        Some(Value::Structure(data)) => data.clone(),
        _ => Structure::new(),
    }
}

/// A version before it is shown.
pub(super) fn entry(
    state: &State,
    number: i64,
    description: Option<&str>,
    data: Structure<'static>,
) -> Structure<'static> {
    let mut entry = Structure::from([
        ("VersionNumber", Value::Integer(number)),
        ("CreateTime", Value::Timestamp(state.now())),
        ("CreatedBy", creator(state)),
        (DATA, data.into()),
    ]);
    if let Some(text) = description {
        entry.insert("VersionDescription", Value::from(text.to_owned()));
    }
    entry
}

fn versions(template: &Item) -> impl DoubleEndedIterator<Item = &Structure<'static>> {
    let list = template
        .hidden
        .get(VERSIONS)
        .and_then(Value::as_list)
        .unwrap_or_default();
    list.iter().filter_map(|version| match version {
        Value::Structure(version) => Some(version),
        _ => None,
    })
}

pub(super) fn number(version: &Structure<'static>) -> i64 {
    integer(version, "VersionNumber")
}

fn integer(entry: &Structure<'static>, name: &str) -> i64 {
    match entry.get(name) {
        Some(Value::Integer(number)) => *number,
        _ => 0,
    }
}

/// The number that a request means by a number, `$Latest` or `$Default`.
fn number_of(template: &Item, asked: &str) -> Result<i64, Fault> {
    match asked {
        "$Latest" => Ok(integer(&template.entry, "LatestVersionNumber")),
        "$Default" | "" => Ok(integer(&template.entry, "DefaultVersionNumber")),
        asked => asked
            .parse()
            .map_err(|_| fault::invalid_choice("Version", asked)),
    }
}

/// The version that a request names. It must exist.
pub(super) fn find<'s>(template: &'s Item, asked: &str) -> Result<&'s Structure<'static>, Fault> {
    let wanted = number_of(template, asked)?;
    versions(template).find(|version| number(version) == wanted).ok_or_else(|| {
        fault::refusal(
            "InvalidLaunchTemplateId.VersionNotFound",
            format!(
                "Could not find the specified version {asked} for the launch template with ID {}.",
                template.id
            ),
        )
    })
}

/// The id of the template that a launch names, the number of its version, and the data.
pub(in crate::server::families::compute) fn for_launch(
    input: &Input,
    state: &State,
) -> Result<Option<(String, i64, Structure<'static>)>, Fault> {
    let Some(template) = asked(input, state, "LaunchTemplate.")? else {
        return match input.get("LaunchTemplate") {
            Some(_) => Err(fault::missing_parameter("LaunchTemplateId")),
            None => Ok(None),
        };
    };
    let version = find(
        template,
        input.text("LaunchTemplate.Version").unwrap_or("$Default"),
    )?;
    let data = match version.get(DATA) {
        Some(Value::Structure(data)) => data.clone(),
        _ => Structure::new(),
    };
    Ok(Some((template.id.clone(), number(version), data)))
}

/// A version as lists show it.
fn shown(template: &Item, version: &Structure<'static>) -> Structure<'static> {
    let mut entry = version.clone();
    let is_default = number(version) == integer(&template.entry, "DefaultVersionNumber");
    let name = template
        .entry
        .get("LaunchTemplateName")
        .cloned()
        .unwrap_or_default();
    for (member, value) in [
        ("LaunchTemplateId", Value::from(template.id.clone())),
        ("LaunchTemplateName", name),
        ("DefaultVersion", is_default.into()),
    ] {
        entry.insert(member, value);
    }
    entry
}

fn project(input: &Input, answer: &Structure<'static>) -> Structure<'static> {
    let output = input.plan.operation.output();
    output
        .map(|output| answer::project(answer, output))
        .unwrap_or_default()
}

fn create(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    input.check_tags(&[])?;
    let template = required(input, state)?;
    let id = template.id.clone();
    let mut data = match input.text("SourceVersion") {
        Some(source) => match find(template, source)?.get(DATA) {
            Some(Value::Structure(data)) => data.clone(),
            _ => Structure::new(),
        },
        None => Structure::new(),
    };
    for (name, value) in data_of(input).iter() {
        data.insert(name.to_owned(), value.clone());
    }
    let before = replayed(input, state)?;
    input.stop_dry_run()?;
    let wanted = if let Some([_, number]) = before.as_deref() {
        number.parse().unwrap_or_default()
    } else {
        let given = integer(&template.hidden, GIVEN);
        let next = given.max(integer(&template.entry, "LatestVersionNumber")) + 1;
        let version = entry(state, next, input.text("VersionDescription"), data);
        state.store.update(&id, |item| {
            item.entry.insert("LatestVersionNumber", next);
            if let Some(versions) = path::list(&mut item.hidden, VERSIONS) {
                versions.push(version.into());
            }
        });
        state.note_change();
        remember(input, state, &[id.clone(), next.to_string()]);
        next
    };
    let template = named(state, TEMPLATE, &id)?;
    let version = find(template, &wanted.to_string())?;
    let answer = Structure::from([(
        "LaunchTemplateVersion",
        Value::from(shown(template, version)),
    )]);
    Ok(project(input, &answer))
}

fn delete(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let template = required(input, state)?;
    let id = template.id.clone();
    let mut deleted = Vec::new();
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for asked in input.texts("Versions") {
        let mut entry = Structure::from([
            ("LaunchTemplateId", Value::from(id.clone())),
            (
                "LaunchTemplateName",
                template
                    .entry
                    .get("LaunchTemplateName")
                    .cloned()
                    .unwrap_or_default(),
            ),
            ("VersionNumber", number_of(template, asked)?.into()),
        ]);
        let refusal = match find(template, asked) {
            Err(_) => Some((
                "launchTemplateVersionDoesNotExist",
                "The version does not exist",
            )),
            Ok(version) if number(version) == integer(&template.entry, "DefaultVersionNumber") => {
                Some((
                    "unexpectedError",
                    "You cannot delete the default version of a launch template",
                ))
            }
            Ok(version) => {
                deleted.push(number(version));
                None
            }
        };
        match refusal {
            None => done.push(entry.into()),
            Some((code, message)) => {
                let error =
                    Structure::from([("Code", Value::from(code)), ("Message", message.into())]);
                entry.insert("ResponseError", error);
                failed.push(entry.into());
            }
        }
    }
    input.stop_dry_run()?;
    state.store.update(&id, |item| {
        if let Some(versions) = path::list(&mut item.hidden, VERSIONS) {
            versions.retain(|version| {
                !matches!(version, Value::Structure(version) if deleted.contains(&number(version)))
            });
            let latest = versions.iter().filter_map(|version| match version {
                Value::Structure(version) => Some(number(version)),
                _ => None,
            });
            // Numbers are not given twice, but the latest is one that exists.
            if let Some(latest) = latest.max() {
                let given =
                    integer(&item.hidden, GIVEN).max(integer(&item.entry, "LatestVersionNumber"));
                item.hidden.insert(GIVEN, given);
                item.entry.insert("LatestVersionNumber", latest);
            }
        }
    });
    state.note_change();
    Ok(Structure::from([
        (
            "SuccessfullyDeletedLaunchTemplateVersions",
            Value::List(done),
        ),
        (
            "UnsuccessfullyDeletedLaunchTemplateVersions",
            Value::List(failed),
        ),
    ]))
}

/// Where a template notes the last number that was given.
const GIVEN: &str = "ec2wire:given";

fn describe(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    let Some((resource, Role::List(listing))) = input.plan.role else {
        return Err(fault::internal());
    };
    let asked_versions = input.texts("Versions");
    let template = asked(input, state, "")?;
    if template.is_none() {
        if asked_versions.is_empty() {
            return Err(fault::missing_parameter("LaunchTemplateId"));
        }
        if let Some(other) = asked_versions.iter().find(|asked| !asked.starts_with('$')) {
            return Err(fault::invalid_choice("Versions", other));
        }
    }
    let templates: Vec<&Item> = match template {
        Some(template) => vec![template],
        None => state.store.all(TEMPLATE).collect(),
    };
    let mut found = Vec::new();
    for template in templates {
        let bound = |member: &str| {
            input
                .text(member)
                .map(|asked| number_of(template, asked))
                .transpose()
        };
        let (least, most) = (bound("MinVersion")?, bound("MaxVersion")?);
        let mut wanted = Vec::new();
        for asked in &asked_versions {
            wanted.push(number(find(template, asked)?));
        }
        // The newest first, as AWS's examples have it.
        let matching = versions(template).rev().filter(|version| {
            let number = number(version);
            (wanted.is_empty() || wanted.contains(&number))
                && least.is_none_or(|least| number >= least)
                && most.is_none_or(|most| number <= most)
        });
        for version in matching {
            let mut item = Item::new(String::new(), resource, found.len() as u64 + 1);
            item.entry = shown(template, version);
            found.push(item);
        }
    }
    list_these(input, resource, listing, state, |after| {
        found.iter().filter(move |item| item.order > after)
    })
}

/// What an instance has that a template can say.
const OF_INSTANCE: [&str; 14] = [
    "KernelId",
    "EbsOptimized",
    "IamInstanceProfile",
    "ImageId",
    "InstanceType",
    "KeyName",
    "Placement",
    "CpuOptions",
    "HibernationOptions",
    "MetadataOptions",
    "EnclaveOptions",
    "PrivateDnsNameOptions",
    "MaintenanceOptions",
    "CapacityReservationSpecification",
];

fn of_instance(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    let item = named(state, "instance", input.required("InstanceId")?)?;
    input.stop_dry_run()?;
    let mut data = Structure::new();
    for member in OF_INSTANCE {
        if let Some(value) = item.entry.get(member) {
            data.insert(member, value.clone());
        }
    }
    let devices = structures(&item.entry, "BlockDeviceMappings");
    let devices = devices.map(|device| device_of(state, device).into());
    data.insert("BlockDeviceMappings", Value::List(devices.collect()));
    let monitors = item.text("Monitoring.State") == Some("enabled");
    path::set(&mut data, "Monitoring.Enabled", monitors.into());
    for member in [
        "UserData",
        "DisableApiTermination",
        "DisableApiStop",
        "InstanceInitiatedShutdownBehavior",
    ] {
        if let Some(value) = item.hidden.get(member) {
            data.insert(member, value.clone());
        }
    }
    let interfaces = path::all(&item.entry, "NetworkInterfaces[]")
        .into_iter()
        .filter_map(|interface| {
            let Value::Structure(interface) = interface else {
                return None;
            };
            let mut interface = interface.clone();
            let groups = path::texts(&interface, "Groups[].GroupId").into_iter();
            let groups = Value::List(groups.map(|id| Value::from(id.to_owned())).collect());
            interface.insert("Groups", groups);
            let is_public = path::first(&interface, "Association.PublicIp").is_some();
            interface.insert("AssociatePublicIpAddress", is_public);
            for member in ["DeviceIndex", "DeleteOnTermination", "NetworkCardIndex"] {
                if let Some(value) =
                    path::first(&interface, &format!("Attachment.{member}")).cloned()
                {
                    interface.insert(member, value);
                }
            }
            Some(Value::from(interface))
        });
    data.insert("NetworkInterfaces", Value::List(interfaces.collect()));
    if !item.tags.is_empty() {
        let own: Vec<_> = item
            .tags
            .iter()
            .filter(|(key, _)| !key.starts_with("aws:"))
            .cloned()
            .collect();
        let specification = Structure::from([
            ("ResourceType", Value::from("instance")),
            ("Tags", answer::tag_list(&own)),
        ]);
        data.insert("TagSpecifications", Value::List(vec![specification.into()]));
    }
    Ok(project(
        input,
        &Structure::from([(DATA, Value::from(data))]),
    ))
}

/// A device of an instance as a template can say it, with its volume.
fn device_of(state: &State, device: &Structure<'static>) -> Structure<'static> {
    let mut device = device.clone();
    let volume = path::first(&device, "Ebs.VolumeId").and_then(Value::as_str);
    let Some(volume) = volume.and_then(|id| state.store.get(id)) else {
        return device;
    };
    for (own, member) in [
        ("Encrypted", "Encrypted"),
        ("Iops", "Iops"),
        ("SnapshotId", "SnapshotId"),
        ("Size", "VolumeSize"),
        ("VolumeType", "VolumeType"),
        ("Throughput", "Throughput"),
    ] {
        if let Some(value) = volume.entry.get(own) {
            path::set(&mut device, &format!("Ebs.{member}"), value.clone());
        }
    }
    device
}
