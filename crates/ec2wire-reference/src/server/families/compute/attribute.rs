//! Attributes of instances.

use super::instance::{INSTANCE, State as Phase};
use super::instance_type;
use super::launch::show_type;
use crate::server::engine::input::{named, unknown};
use crate::server::engine::{Input, answer};
use crate::server::families::{Family, interface, security_group};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ec2wire::Fault;
use ec2wire_model::{Model, Structure, Value};

pub(in crate::server::families) static FAMILY: Family = Family {
    perform: &[
        ("DescribeInstanceAttribute", |input, state| {
            describe(input, state)
        }),
        ("ModifyInstanceAttribute", modify),
        ("ResetInstanceAttribute", reset),
    ],
    // Those that have ended are known for a while.
    lookups: &[
        ("DescribeInstanceAttribute", "InstanceId"),
        ("ModifyInstanceAttribute", "InstanceId"),
    ],
    ..Family::NONE
};

/// Where an attribute is noted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Entry(&'static str),
    Hidden(&'static str),
}
use Place::{Entry, Hidden};

/// An attribute of instances.
struct Attribute {
    /// Its name in requests.
    name: &'static str,
    place: Place,
    /// The member of `DescribeInstanceAttribute`'s answer.
    shown: &'static str,
    /// The member of `ModifyInstanceAttribute`, if that can change it.
    changed: Option<&'static str>,
    /// Whether the instance must be stopped to change it.
    needs_stop: bool,
    /// Whether it is a boolean, which is false if nothing is said.
    is_flag: bool,
}

const fn attribute(name: &'static str, place: Place, shown: &'static str) -> Attribute {
    Attribute {
        name,
        place,
        shown,
        changed: None,
        needs_stop: false,
        is_flag: false,
    }
}

impl Attribute {
    const fn changed_by(mut self, member: &'static str) -> Self {
        self.changed = Some(member);
        self
    }

    const fn stopped(mut self) -> Self {
        self.needs_stop = true;
        self
    }

    const fn flag(mut self) -> Self {
        self.is_flag = true;
        self
    }
}

static ATTRIBUTES: &[Attribute] = &[
    attribute("instanceType", Entry("InstanceType"), "InstanceType")
        .changed_by("InstanceType")
        .stopped(),
    attribute("kernel", Entry("KernelId"), "KernelId")
        .changed_by("Kernel")
        .stopped(),
    attribute("ramdisk", Entry("RamdiskId"), "RamdiskId")
        .changed_by("Ramdisk")
        .stopped(),
    attribute("userData", Hidden("UserData"), "UserData")
        .changed_by("UserData")
        .stopped(),
    attribute(
        "disableApiTermination",
        Hidden("DisableApiTermination"),
        "DisableApiTermination",
    )
    .changed_by("DisableApiTermination")
    .flag(),
    attribute("disableApiStop", Hidden("DisableApiStop"), "DisableApiStop")
        .changed_by("DisableApiStop")
        .flag(),
    attribute(
        SHUTDOWN,
        Hidden("InstanceInitiatedShutdownBehavior"),
        "InstanceInitiatedShutdownBehavior",
    )
    .changed_by("InstanceInitiatedShutdownBehavior"),
    attribute("rootDeviceName", Entry("RootDeviceName"), "RootDeviceName"),
    attribute(
        "blockDeviceMapping",
        Entry("BlockDeviceMappings"),
        "BlockDeviceMappings",
    )
    .changed_by("BlockDeviceMappings"),
    attribute("productCodes", Entry("ProductCodes"), "ProductCodes"),
    attribute(
        "sourceDestCheck",
        Entry("SourceDestCheck"),
        "SourceDestCheck",
    )
    .changed_by("SourceDestCheck"),
    attribute("groupSet", Entry("SecurityGroups"), "Groups").changed_by("Groups"),
    attribute("ebsOptimized", Entry("EbsOptimized"), "EbsOptimized")
        .changed_by("EbsOptimized")
        .stopped(),
    attribute(
        "sriovNetSupport",
        Entry("SriovNetSupport"),
        "SriovNetSupport",
    )
    .changed_by("SriovNetSupport")
    .stopped(),
    attribute("enaSupport", Entry("EnaSupport"), "EnaSupport")
        .changed_by("EnaSupport")
        .stopped(),
    attribute("enclaveOptions", Entry("EnclaveOptions"), "EnclaveOptions")
        .changed_by("EnclaveOptions")
        .stopped(),
];

const SHUTDOWN: &str = "instanceInitiatedShutdownBehavior";

/// The instance that a request names, also if it has ended.
fn asked<'s>(input: &Input, state: &'s State) -> Result<&'s Item, Fault> {
    let Some(resource) = Model::ec2().resource(INSTANCE) else {
        return Err(fault::internal());
    };
    let id = input.required("InstanceId")?;
    let item = state.store.get(id).filter(|item| item.is_of(resource));
    item.ok_or_else(|| unknown(resource, id))
}

fn describe(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    let item = asked(input, state)?;
    let name = input.required("Attribute")?;
    let known = ATTRIBUTES.iter().find(|attribute| attribute.name == name);
    let attribute = known.ok_or_else(|| fault::invalid_choice("Attribute", name))?;
    input.stop_dry_run()?;
    let value = match attribute.place {
        Entry(at) => path::first(&item.entry, at),
        Hidden(name) => item.hidden.get(name),
    };
    let usual = || match attribute.name {
        SHUTDOWN => Some(Value::from("stop")),
        _ => attribute.is_flag.then(|| false.into()),
    };
    let value = value.cloned().or_else(usual);
    let mut shown = Structure::from([("InstanceId", Value::from(item.id.clone()))]);
    // An attribute that is not set is an empty element.
    shown.insert(
        attribute.shown,
        value.unwrap_or_else(|| Structure::new().into()),
    );
    let output = input.plan.operation.output();
    Ok(output
        .map(|output| answer::project(&shown, output))
        .unwrap_or_default())
}

/// The attribute that a request changes, and its new value.
fn change_of(input: &Input) -> Result<(&'static Attribute, Value<'static>), Fault> {
    let newer = |attribute: &&Attribute| {
        attribute
            .changed
            .is_some_and(|member| input.get(member).is_some())
    };
    let mut changed: Vec<&'static Attribute> = ATTRIBUTES.iter().filter(newer).collect();
    let older = input
        .text("Attribute")
        .filter(|_| input.get("Value").is_some());
    if let Some(name) = older {
        let known = ATTRIBUTES.iter().find(|attribute| attribute.name == name);
        changed.push(known.ok_or_else(|| fault::invalid_choice("Attribute", name))?);
    }
    let attribute = match changed.as_slice() {
        [] => {
            return Err(fault::refusal(
                "InvalidParameterCombination",
                "No attributes specified.",
            ));
        }
        [only] => *only,
        several => {
            let names: Vec<&str> = several.iter().map(|attribute| attribute.name).collect();
            let message = format!(
                "Fields for multiple attribute types specified: {}",
                names.join(", ")
            );
            return Err(fault::refusal("InvalidParameterCombination", message));
        }
    };
    let member = attribute.changed.unwrap_or_default();
    let value = match input.get(member) {
        Some(Value::Structure(structure)) if attribute.name != "enclaveOptions" => {
            structure.get("Value").cloned()
        }
        Some(value) => Some(value.clone()),
        None => input.get("Value").cloned(),
    };
    let value = match value.unwrap_or_default() {
        Value::Blob(bytes) => BASE64.encode(bytes).into(),
        value if attribute.is_flag && value.as_str().is_some() => {
            (value.as_str() == Some("true")).into()
        }
        value => value,
    };
    Ok((attribute, value))
}

fn modify(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let item = asked(input, state)?;
    let id = item.id.clone();
    let (attribute, value) = change_of(input)?;
    let phase = Phase::of(item);
    if phase == Phase::TERMINATED {
        let message = format!("The instance '{id}' is not in a valid state for this operation.");
        return Err(fault::refusal("IncorrectInstanceState", message));
    }
    if attribute.needs_stop && phase != Phase::STOPPED {
        let message = format!("The instance '{id}' is not in the 'stopped' state.");
        return Err(fault::refusal("IncorrectInstanceState", message));
    }
    match attribute.name {
        "instanceType" => {
            let name = value.as_str().unwrap_or_default();
            check_type(item, name)?;
        }
        "groupSet" => check_groups(item, state, &input.texts("Groups"))?,
        "blockDeviceMapping" => check_devices(item, input)?,
        SHUTDOWN if !matches!(value.as_str(), Some("stop" | "terminate")) => {
            return Err(fault::invalid_choice(
                SHUTDOWN,
                value.as_str().unwrap_or_default(),
            ));
        }
        _ => {}
    }
    input.stop_dry_run()?;
    match attribute.name {
        "groupSet" => {
            let groups = interface::groups_shown(state, &input.texts("Groups"))?;
            change_interface(state, &id, "Groups", &groups);
        }
        "sourceDestCheck" => change_interface(state, &id, "SourceDestCheck", &value),
        "blockDeviceMapping" => change_devices(state, &id, input),
        _ => {
            state.store.update(&id, |item| match attribute.place {
                Entry(at) => {
                    if attribute.name == "instanceType" {
                        item.entry.remove("CpuOptions");
                        let known = value.as_str().and_then(instance_type::find);
                        if let Some(known) = known {
                            show_type(known, &mut item.entry);
                        }
                    }
                    path::set(&mut item.entry, at, value);
                }
                Hidden(name) => {
                    item.hidden.insert(name, value);
                }
            });
        }
    }
    state.note_change();
    Ok(Structure::new())
}

fn check_type(item: &Item, name: &str) -> Result<(), Fault> {
    let shape = Model::ec2()
        .resource(INSTANCE)
        .and_then(crate::server::engine::make::shape_of_entries);
    let known = shape.and_then(|shape| shape.member("InstanceType"));
    let is_known = known.is_some_and(|member| member.shape().enum_values().contains(&name));
    if !is_known {
        let message = format!("Invalid value '{name}' for InstanceType.");
        return Err(fault::refusal("InvalidInstanceAttributeValue", message));
    }
    let architecture = item.text("Architecture").unwrap_or_default();
    if !instance_type::architectures(name).contains(&architecture) && architecture != "i386" {
        let message = format!(
            "The architecture of the instance type '{name}' does not match the architecture '{architecture}' of the instance."
        );
        return Err(fault::refusal("InvalidParameterCombination", message));
    }
    Ok(())
}

fn check_groups(item: &Item, state: &State, groups: &[&str]) -> Result<(), Fault> {
    let vpc = item.text("VpcId").unwrap_or_default();
    for id in groups {
        if !security_group::is_usable(named(state, "security-group", id)?, vpc) {
            let message = format!(
                "You have specified two resources that belong to different networks: {id} and {}",
                item.id
            );
            return Err(fault::refusal("InvalidGroup.NotFound", message));
        }
    }
    Ok(())
}

fn change_interface(
    state: &mut State,
    instance: &str,
    member: &'static str,
    value: &Value<'static>,
) {
    let primary = interface::of_instance(state, instance).into_iter().next();
    if let Some(primary) = primary {
        state
            .store
            .update(&primary, |item| item.entry.insert(member, value.clone()));
    }
    interface::show_on_instance(state, instance);
}

/// The devices that a request changes, and whether they go with the instance.
fn devices(input: &Input) -> Vec<(String, bool)> {
    let asked = input.structures("BlockDeviceMappings").into_iter();
    asked
        .map(|mapping| {
            let name = mapping
                .get("DeviceName")
                .and_then(Value::as_str)
                .unwrap_or_default();
            // Documented: true if nothing is said.
            let deletes =
                path::first(mapping, "Ebs.DeleteOnTermination") != Some(&Value::Bool(false));
            (name.to_owned(), deletes)
        })
        .collect()
}

fn check_devices(item: &Item, input: &Input) -> Result<(), Fault> {
    let own = path::texts(&item.entry, "BlockDeviceMappings[].DeviceName");
    for (name, _) in devices(input) {
        if !own.contains(&name.as_str()) {
            let message = format!("No device is currently mapped at {name}");
            return Err(fault::refusal("InvalidInstanceAttributeValue", message));
        }
    }
    Ok(())
}

fn change_devices(state: &mut State, id: &str, input: &Input) {
    for (name, deletes) in devices(input) {
        let volume = state.store.update(id, |item| {
            let list = path::list(&mut item.entry, "BlockDeviceMappings")?;
            let is_named = |device: &&mut Value<'static>| {
                device.get("DeviceName").and_then(Value::as_str) == Some(&name)
            };
            let Value::Structure(device) = list.iter_mut().find(is_named)? else {
                return None;
            };
            path::set(device, "Ebs.DeleteOnTermination", deletes.into());
            path::first(device, "Ebs.VolumeId")
                .and_then(Value::as_str)
                .map(str::to_owned)
        });
        let Some(volume) = volume.flatten() else {
            continue;
        };
        state.store.update(&volume, |item| {
            for attachment in path::list(&mut item.entry, "Attachments")
                .into_iter()
                .flatten()
            {
                if let Value::Structure(attachment) = attachment
                    && attachment.get("InstanceId").and_then(Value::as_str) == Some(id)
                {
                    attachment.insert("DeleteOnTermination", deletes);
                }
            }
        });
    }
}

fn reset(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let id = input.required("InstanceId")?.to_owned();
    let item = named(state, INSTANCE, &id)?;
    let attribute = input.required("Attribute")?.to_owned();
    match attribute.as_str() {
        "sourceDestCheck" => {}
        "kernel" | "ramdisk" if Phase::of(item) == Phase::STOPPED => {}
        "kernel" | "ramdisk" => {
            let message = format!("The instance '{id}' is not in the 'stopped' state.");
            return Err(fault::refusal("IncorrectInstanceState", message));
        }
        other => return Err(fault::invalid_choice("Attribute", other)),
    }
    input.stop_dry_run()?;
    if attribute == "sourceDestCheck" {
        change_interface(state, &id, "SourceDestCheck", &true.into());
    } else {
        reset_to_image(
            state,
            &id,
            if attribute == "kernel" {
                "KernelId"
            } else {
                "RamdiskId"
            },
        );
    }
    state.note_change();
    Ok(Structure::new())
}

/// Gives an instance what its image has again.
fn reset_to_image(state: &mut State, id: &str, member: &'static str) {
    let image = state
        .store
        .get(id)
        .and_then(|item| state.store.get(item.text("ImageId")?));
    let value = image.and_then(|image| image.entry.get(member)).cloned();
    state.store.update(id, |item| match value {
        Some(value) => item.entry.insert(member, value),
        None => item.entry.remove(member),
    });
}
