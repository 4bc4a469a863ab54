//! Attributes of images, and whether they are shared, deprecated, disabled or protected.

use super::image::{IMAGE, PERMISSIONS};
use super::setting;
use crate::server::engine::input::named;
use crate::server::engine::{Input, answer};
use crate::server::families::shared::{owner, permission};
use crate::server::families::{Draft, Family};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::Item;
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

pub(in crate::server::families) static FAMILY: Family = Family {
    perform: &[
        ("DescribeImageAttribute", |input, state| {
            describe(input, state)
        }),
        ("ResetImageAttribute", reset),
        ("EnableImageDeregistrationProtection", |input, state| {
            let with = input.flag("WithCooldown") == Some(true);
            protect(
                input,
                state,
                if with {
                    "enabled-with-cooldown"
                } else {
                    "enabled-without-cooldown"
                },
            )
        }),
        ("DisableImageDeregistrationProtection", |input, state| {
            protect(input, state, "disabled")
        }),
    ],
    changing: &[
        ("ModifyImageAttribute", modify),
        ("EnableImageDeprecation", |input, state, item, draft| {
            owner::check(state, item)?;
            let time = input.get("DeprecateAt").cloned().unwrap_or_default();
            draft.entry.insert("DeprecationTime", time);
            Ok(())
        }),
        ("DisableImageDeprecation", |_, state, item, draft| {
            owner::check(state, item)?;
            draft.entry.remove("DeprecationTime");
            Ok(())
        }),
        ("EnableImage", |_, state, item, draft| {
            owner::check(state, item)?;
            draft.entry.insert("State", Value::from("available"));
            Ok(())
        }),
        ("DisableImage", |_, state, item, draft| {
            owner::check(state, item)?;
            draft.entry.insert("State", Value::from("disabled"));
            // Documented: it is private then.
            draft.entry.insert("Public", false);
            draft.hidden.remove(PERMISSIONS.list);
            Ok(())
        }),
        ("CancelImageLaunchPermission", |_, state, _, draft| {
            let own = Value::from(state.config.account.clone());
            if let Some(Value::List(entries)) = draft.hidden.get_mut(PERMISSIONS.list) {
                entries.retain(|entry| entry.get("UserId") != Some(&own));
            }
            Ok(())
        }),
    ],
    ..Family::NONE
};

/// The attributes: their names in requests, and the members of the entry and of the answer.
const ATTRIBUTES: [(&str, &str, &str); 12] = [
    ("description", "Description", "Description"),
    ("kernel", "KernelId", "KernelId"),
    ("ramdisk", "RamdiskId", "RamdiskId"),
    ("productCodes", "ProductCodes", "ProductCodes"),
    (
        "blockDeviceMapping",
        "BlockDeviceMappings",
        "BlockDeviceMappings",
    ),
    ("sriovNetSupport", "SriovNetSupport", "SriovNetSupport"),
    ("bootMode", "BootMode", "BootMode"),
    ("tpmSupport", "TpmSupport", "TpmSupport"),
    ("uefiData", "UefiData", "UefiData"),
    ("lastLaunchedTime", "LastLaunchedTime", "LastLaunchedTime"),
    ("imdsSupport", "ImdsSupport", "ImdsSupport"),
    (
        "deregistrationProtection",
        "DeregistrationProtection",
        "DeregistrationProtection",
    ),
];

fn describe(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    let id = input.required("ImageId")?;
    let item = named(state, IMAGE, id)?;
    let attribute = input.required("Attribute")?;
    owner::check(state, item)?;
    input.stop_dry_run()?;
    let mut shown = Structure::from([("ImageId", Value::from(id.to_owned()))]);
    if attribute == "launchPermission" {
        shown.insert(
            PERMISSIONS.list,
            Value::List(permission::of(item, &PERMISSIONS)),
        );
    } else if let Some((_, own, member)) = ATTRIBUTES.iter().find(|(name, _, _)| *name == attribute)
    {
        match item.entry.get(own) {
            Some(value) => shown.insert(*member, value.clone()),
            None if *own == "ProductCodes" => shown.insert(*member, Value::List(Vec::new())),
            // An attribute that is not set is an empty element.
            None => shown.insert(*member, Structure::new()),
        };
    }
    let output = input.plan.operation.output();
    Ok(output
        .map(|output| answer::project(&shown, output))
        .unwrap_or_default())
}

fn modify(input: &Input, state: &State, item: &Item, draft: &mut Draft) -> Result<(), Fault> {
    owner::check(state, item)?;
    permission::modify(input, &PERMISSIONS, draft)?;
    let is_public = permission::is_public(&draft.hidden, &PERMISSIONS);
    if is_public && setting::blocks_public(state, IMAGE) {
        return Err(fault::refusal(
            "OperationNotPermitted",
            "You can't publicly share this image because block public access is enabled for it.",
        ));
    }
    draft.entry.insert("Public", is_public);
    // `Value` is the older form.
    let older = |name: &str| {
        (input.text("Attribute") == Some(name))
            .then(|| input.get("Value"))
            .flatten()
    };
    for (name, member) in [
        ("description", "Description"),
        ("imdsSupport", "ImdsSupport"),
    ] {
        let newer = input.get(&format!("{member}.Value"));
        if let Some(value) = newer.or_else(|| older(name)) {
            draft.entry.insert(member, value.clone());
        }
    }
    Ok(())
}

fn reset(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let id = input.required("ImageId")?.to_owned();
    input.required("Attribute")?;
    owner::check(state, named(state, IMAGE, &id)?)?;
    input.stop_dry_run()?;
    state.store.update(&id, |item| {
        item.hidden.remove(PERMISSIONS.list);
        item.entry.insert("Public", false);
    });
    state.note_change();
    Ok(Structure::new())
}

fn protect(
    input: &Input,
    state: &mut State,
    protection: &'static str,
) -> Result<Structure<'static>, Fault> {
    let id = input.required("ImageId")?.to_owned();
    owner::check(state, named(state, IMAGE, &id)?)?;
    input.stop_dry_run()?;
    state.store.update(&id, |item| {
        item.entry
            .insert("DeregistrationProtection", Value::from(protection));
    });
    state.note_change();
    Ok(Structure::from([("Return", Value::from(protection))]))
}

/// Refuses to launch from an image that is not to be used.
pub(super) fn check_usable(item: &Item) -> Result<(), Fault> {
    if item.state() == Some("available") {
        return Ok(());
    }
    let message = format!("The image ID '{}' is not available for use.", item.id);
    Err(fault::refusal("InvalidAMIID.Unavailable", message))
}
