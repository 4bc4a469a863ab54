//! What an account sets for its new instances, which images it allows, and what gateways let through.
//! The Region's item notes it.

use super::Family;
use super::shared::setting::{note, noted};
use super::shared::{Defaults, Usual, complete};
use crate::server::engine::Input;
use crate::server::engine::answer::done;
use crate::server::engine::answer::project;
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::path;
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

pub(super) static FAMILY: Family = Family {
    perform: &[
        ("GetInstanceMetadataDefaults", |input, state| {
            get(input, state, &METADATA)
        }),
        ("ModifyInstanceMetadataDefaults", modify_metadata),
        ("GetDefaultCreditSpecification", |input, state| {
            get_credits(input, state)
        }),
        ("ModifyDefaultCreditSpecification", modify_credits),
        ("GetAllowedImagesSettings", |input, state| {
            get(input, state, &ALLOWED)
        }),
        ("EnableAllowedImagesSettings", |input, state| {
            let (_, mode) = asked(input, "AllowedImagesSettingsState")?;
            allow(input, state, mode)
        }),
        ("DisableAllowedImagesSettings", |input, state| {
            allow(input, state, "disabled".into())
        }),
        (
            "ReplaceImageCriteriaInAllowedImagesSettings",
            |input, state| {
                let criteria = input.get("ImageCriteria").cloned();
                let criteria = criteria.unwrap_or_else(|| Value::List(Vec::new()));
                set(input, state, &ALLOWED, [("ImageCriteria", criteria)])?;
                Ok(Structure::from([("ReturnValue", Value::from(true))]))
            },
        ),
        ("DescribeVpcBlockPublicAccessOptions", |input, state| {
            get(input, state, &GATEWAYS)
        }),
        ("ModifyVpcBlockPublicAccessOptions", modify_gateways),
    ],
    ..Family::NONE
};

/// A setting.
struct Setting {
    /// What the state calls it.
    name: &'static str,
    /// What answers show where nothing else was asked for.
    usual: Defaults,
}

const BY_ACCOUNT: (&str, Usual) = ("ManagedBy", Usual::Text("account"));

const METADATA: Setting = Setting {
    name: "InstanceMetadata",
    usual: &[("AccountLevel.ManagedBy", Usual::Text("account"))],
};
const ALLOWED: Setting = Setting {
    name: "AllowedImages",
    usual: &[
        ("State", Usual::Text("disabled")),
        ("ImageCriteria", Usual::Empty),
        BY_ACCOUNT,
    ],
};
const GATEWAYS: Setting = Setting {
    name: "VpcPublicAccess",
    usual: &[
        (
            "VpcBlockPublicAccessOptions.State",
            Usual::Text("default-state"),
        ),
        (
            "VpcBlockPublicAccessOptions.InternetGatewayBlockMode",
            Usual::Text("off"),
        ),
        (
            "VpcBlockPublicAccessOptions.ManagedBy",
            Usual::Text("account"),
        ),
        (
            "VpcBlockPublicAccessOptions.ExclusionsAllowed",
            Usual::Text("allowed"),
        ),
    ],
};
/// Families of instance types, and what they do with CPU credits by default.
const CREDITS: Setting = Setting {
    name: "CpuCredits",
    usual: &[],
};
/// A member that is required, with its name.
fn asked(input: &Input, name: &'static str) -> Result<(&'static str, Value<'static>), Fault> {
    Ok((name, input.required(name)?.to_owned().into()))
}

/// What is known of a setting.
fn known(state: &State, setting: &Setting) -> Structure<'static> {
    let mut known = match noted(state, setting.name) {
        Some(Value::Structure(known)) => known.clone(),
        _ => Structure::new(),
    };
    complete(&mut known, setting.usual);
    if setting.name == GATEWAYS.name {
        let (account, region) = (state.config.account.clone(), state.config.region.clone());
        path::set_all(
            &mut known,
            [
                (
                    "VpcBlockPublicAccessOptions.AwsAccountId",
                    Value::from(account),
                ),
                ("VpcBlockPublicAccessOptions.AwsRegion", region.into()),
            ],
        );
    }
    known
}

/// As much of a setting as an action's answer shows.
fn shown(input: &Input, state: &State, setting: &Setting) -> Structure<'static> {
    let output = input.plan.operation.output();
    let known = known(state, setting);
    output.map_or_else(Structure::new, |output| project(&known, output))
}

fn get(input: &Input, state: &State, setting: &Setting) -> Result<Structure<'static>, Fault> {
    input.stop_dry_run()?;
    Ok(shown(input, state, setting))
}

/// Sets values by their paths in answers. Null is the usual one again.
fn set<const N: usize>(
    input: &Input,
    state: &mut State,
    setting: &Setting,
    values: [(&str, Value<'static>); N],
) -> Result<Structure<'static>, Fault> {
    input.stop_dry_run()?;
    note_all(state, setting, values);
    Ok(shown(input, state, setting))
}

fn note_all<'p>(
    state: &mut State,
    setting: &Setting,
    values: impl IntoIterator<Item = (&'p str, Value<'static>)>,
) {
    for (at, value) in values {
        note(state, &format!("{}.{at}", setting.name), value);
    }
}

/// The defaults of instances' metadata options: the member, in requests and answers.
const OPTIONS: [(&str, &str); 5] = [
    ("HttpTokens", "AccountLevel.HttpTokens"),
    (
        "HttpPutResponseHopLimit",
        "AccountLevel.HttpPutResponseHopLimit",
    ),
    ("HttpEndpoint", "AccountLevel.HttpEndpoint"),
    ("InstanceMetadataTags", "AccountLevel.InstanceMetadataTags"),
    ("HttpTokensEnforced", "AccountLevel.HttpTokensEnforced"),
];

fn modify_metadata(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    if let Some(limit) = input.integer("HttpPutResponseHopLimit")
        && limit != -1
        && !(1..=64).contains(&limit)
    {
        return Err(fault::invalid_choice(
            "HttpPutResponseHopLimit",
            &limit.to_string(),
        ));
    }
    input.stop_dry_run()?;
    for (name, at) in OPTIONS {
        if let Some(value) = input.get(name) {
            let is_none =
                matches!(value, Value::Integer(-1)) || value.as_str() == Some("no-preference");
            let value = if is_none { Value::Null } else { value.clone() };
            note_all(state, &METADATA, [(at, value)]);
        }
    }
    Ok(done())
}

/// What instances of a family do with CPU credits if their launch does not say it.
fn credits_of(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    let family = input.required("InstanceFamily")?.to_owned();
    let own = noted(state, &format!("{}.{family}", CREDITS.name));
    // T2 instances came before the unlimited ones.
    let usual = if family == "t2" {
        "standard"
    } else {
        "unlimited"
    };
    let credits = own.and_then(Value::as_str).unwrap_or(usual).to_owned();
    let shown = Structure::from([
        ("InstanceFamily", Value::from(family)),
        ("CpuCredits", credits.into()),
    ]);
    Ok(Structure::from([(
        "InstanceFamilyCreditSpecification",
        Value::from(shown),
    )]))
}

fn get_credits(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    input.stop_dry_run()?;
    credits_of(input, state)
}

fn modify_credits(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let family = input.required("InstanceFamily")?;
    let credits = input.required("CpuCredits")?;
    if !matches!(credits, "standard" | "unlimited") {
        return Err(fault::invalid_choice("CpuCredits", credits));
    }
    input.stop_dry_run()?;
    note_all(state, &CREDITS, [(family, credits.to_owned().into())]);
    credits_of(input, state)
}

/// Sets whether only some images are allowed.
fn allow(
    input: &Input,
    state: &mut State,
    mode: Value<'static>,
) -> Result<Structure<'static>, Fault> {
    set(input, state, &ALLOWED, [("State", mode.clone())])?;
    Ok(Structure::from([("AllowedImagesSettingsState", mode)]))
}

fn modify_gateways(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let mode = input.required("InternetGatewayBlockMode")?.to_owned();
    let now = Value::Timestamp(state.now());
    let values = [
        (
            "VpcBlockPublicAccessOptions.InternetGatewayBlockMode",
            mode.into(),
        ),
        ("VpcBlockPublicAccessOptions.LastUpdateTimestamp", now),
        (
            "VpcBlockPublicAccessOptions.State",
            "update-complete".into(),
        ),
    ];
    let mut answer = set(input, state, &GATEWAYS, values)?;
    // It takes a while.
    path::set(
        &mut answer,
        "VpcBlockPublicAccessOptions.State",
        "update-in-progress".into(),
    );
    Ok(answer)
}
