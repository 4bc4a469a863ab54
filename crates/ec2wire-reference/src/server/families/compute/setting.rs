//! What an account sets for all its machines and disks in a Region. The Region's item notes it.

use crate::server::engine::Input;
use crate::server::families::Family;
use crate::server::families::shared::setting::{note, noted};
use crate::server::families::storage::volume::key_arn;
use crate::server::state::State;
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

pub(in crate::server::families) static FAMILY: Family = Family {
    perform: &[
        ("EnableEbsEncryptionByDefault", |input, state| {
            set(input, state, &ENCRYPTION, Some(true.into()))
        }),
        ("DisableEbsEncryptionByDefault", |input, state| {
            set(input, state, &ENCRYPTION, None)
        }),
        ("GetEbsEncryptionByDefault", |input, state| {
            get(input, state, &ENCRYPTION)
        }),
        ("ModifyEbsDefaultKmsKeyId", |input, state| {
            let arn = key_arn(state, Some(input.required("KmsKeyId")?));
            set(input, state, &KEY, Some(arn.into()))
        }),
        ("ResetEbsDefaultKmsKeyId", |input, state| {
            set(input, state, &KEY, None)
        }),
        ("GetEbsDefaultKmsKeyId", |input, state| {
            get(input, state, &KEY)
        }),
        ("EnableSerialConsoleAccess", |input, state| {
            set(input, state, &CONSOLE, Some(true.into()))
        }),
        ("DisableSerialConsoleAccess", |input, state| {
            set(input, state, &CONSOLE, None)
        }),
        ("GetSerialConsoleAccessStatus", |input, state| {
            get(input, state, &CONSOLE)
        }),
        ("EnableImageBlockPublicAccess", |input, state| {
            let asked = input.get(IMAGES.member).cloned();
            set(input, state, &IMAGES, asked)
        }),
        ("DisableImageBlockPublicAccess", |input, state| {
            set(input, state, &IMAGES, None)
        }),
        ("GetImageBlockPublicAccessState", |input, state| {
            get(input, state, &IMAGES)
        }),
        ("EnableSnapshotBlockPublicAccess", |input, state| {
            let asked = input.get(SNAPSHOTS.member).cloned();
            set(input, state, &SNAPSHOTS, asked)
        }),
        ("DisableSnapshotBlockPublicAccess", |input, state| {
            set(input, state, &SNAPSHOTS, None)
        }),
        ("GetSnapshotBlockPublicAccessState", |input, state| {
            get(input, state, &SNAPSHOTS)
        }),
    ],
    ..Family::NONE
};

/// A setting.
struct Setting {
    /// Where it is noted.
    noted: &'static str,
    /// The member of answers.
    member: &'static str,
    usual: fn(&State) -> Value<'static>,
}

const ENCRYPTION: Setting = Setting {
    noted: "EbsEncryption",
    member: "EbsEncryptionByDefault",
    usual: |_| false.into(),
};
const KEY: Setting = Setting {
    noted: "EbsKey",
    member: "KmsKeyId",
    usual: |state| key_arn(state, None).into(),
};
const CONSOLE: Setting = Setting {
    noted: "SerialConsole",
    member: "SerialConsoleAccessEnabled",
    usual: |_| false.into(),
};
const IMAGES: Setting = Setting {
    noted: "ImageBlock",
    member: "ImageBlockPublicAccessState",
    usual: |_| "unblocked".into(),
};
const SNAPSHOTS: Setting = Setting {
    noted: "SnapshotBlock",
    member: "State",
    usual: |_| "unblocked".into(),
};

/// Whether new volumes are encrypted that nobody asked to encrypt.
pub(in crate::server::families) fn encrypts(state: &State) -> bool {
    noted(state, ENCRYPTION.noted) == Some(&Value::Bool(true))
}

/// The key of encrypted volumes whose request names none, if the account chose one.
pub(in crate::server::families) fn key(state: &State) -> Option<String> {
    noted(state, KEY.noted)?.as_str().map(str::to_owned)
}

/// Whether images or snapshots cannot become public.
pub(in crate::server::families) fn blocks_public(state: &State, resource: &str) -> bool {
    let setting = if resource == "image" {
        &IMAGES
    } else {
        &SNAPSHOTS
    };
    noted(state, setting.noted).is_some_and(|value| value.as_str() != Some("unblocked"))
}

fn set(
    input: &Input,
    state: &mut State,
    setting: &Setting,
    value: Option<Value<'static>>,
) -> Result<Structure<'static>, Fault> {
    input.stop_dry_run()?;
    note(state, setting.noted, value.unwrap_or_default());
    Ok(shown(state, setting))
}

fn get(input: &Input, state: &State, setting: &Setting) -> Result<Structure<'static>, Fault> {
    input.stop_dry_run()?;
    let mut answer = shown(state, setting);
    let output = input.plan.operation.output();
    for (member, value) in [("ManagedBy", "account"), ("SseType", "none")] {
        if output.is_some_and(|output| output.member(member).is_some()) {
            answer.insert(member, Value::from(value));
        }
    }
    if setting.member == ENCRYPTION.member && encrypts(state) {
        answer.insert("SseType", Value::from("sse-ebs"));
    }
    Ok(answer)
}

fn shown(state: &State, setting: &Setting) -> Structure<'static> {
    let value = noted(state, setting.noted).cloned();
    let value = value.unwrap_or_else(|| (setting.usual)(state));
    Structure::from([(setting.member, value)])
}
