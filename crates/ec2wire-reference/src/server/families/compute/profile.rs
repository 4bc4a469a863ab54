//! IAM instance profiles at instances. Whether one exists in IAM is not known here.

use super::instance::{INSTANCE, State as Phase};
use crate::server::engine::Input;
use crate::server::engine::answer::entry_in_state;
use crate::server::engine::input::named;
use crate::server::engine::make::insert_named;
use crate::server::families::{Draft, Ending, Family, Making};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::Item;
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

pub(in crate::server::families) static FAMILY: Family = Family {
    making: &[(
        "AssociateIamInstanceProfile",
        Making {
            draft,
            made: |input, state, id| show(state, id, input.text("InstanceId")),
        },
    )],
    ending: &[(
        "DisassociateIamInstanceProfile",
        Ending {
            check: |_, _, _| Ok(()),
            ended: |_, state, id| {
                let instance = state.store.get(id).and_then(|item| item.text("InstanceId"));
                if let Some(instance) = instance.map(str::to_owned) {
                    state
                        .store
                        .update(&instance, |item| item.entry.remove("IamInstanceProfile"));
                }
            },
        },
    )],
    perform: &[("ReplaceIamInstanceProfileAssociation", replace)],
    ..Family::NONE
};

const ASSOCIATION: &str = "iam-instance-profile-association";

/// The association of an instance, if it has one.
fn of_instance<'s>(state: &'s State, instance: &str) -> Option<&'s Item> {
    let mut own = state
        .store
        .referrers(instance)
        .filter(|item| item.resource.name == ASSOCIATION);
    own.next()
}

fn draft(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    let instance = named(state, INSTANCE, input.required("InstanceId")?)?;
    if of_instance(state, &instance.id).is_some() {
        let message = format!(
            "There is an existing association for instance {}",
            instance.id
        );
        return Err(fault::refusal("IncorrectState", message));
    }
    if !matches!(Phase::of(instance), Phase::RUNNING | Phase::STOPPED) {
        let message = format!(
            "The instance '{}' is not in a valid state for this operation.",
            instance.id
        );
        return Err(fault::refusal("IncorrectInstanceState", message));
    }
    let profile = asked(state, input.get("IamInstanceProfile"));
    let profile = profile.ok_or_else(|| fault::missing_parameter("IamInstanceProfile"))?;
    draft.entry = Structure::from([
        ("InstanceId", Value::from(instance.id.clone())),
        ("IamInstanceProfile", profile),
        ("Timestamp", Value::Timestamp(state.now())),
    ]);
    Ok(())
}

/// Notes the profile that an instance was launched with as an association.
pub(super) fn associate(state: &mut State, instance: &str) {
    let profile = state
        .store
        .get(instance)
        .and_then(|item| item.entry.get("IamInstanceProfile"));
    if let Some(profile) = profile.cloned() {
        let entry = Structure::from([
            ("InstanceId", Value::from(instance.to_owned())),
            ("IamInstanceProfile", profile),
            ("Timestamp", Value::Timestamp(state.now())),
        ]);
        let draft = Draft {
            entry,
            ..Draft::default()
        };
        insert_named(state, ASSOCIATION, draft, Vec::new());
    }
}

/// Ends the association of an instance that ends.
pub(super) fn part(state: &mut State, instance: &str) {
    let association = of_instance(state, instance).map(|item| item.id.clone());
    if let Some(association) = association {
        state.store.remove(&association);
    }
}

/// Shows an association's profile at its instance.
fn show(state: &mut State, association: &str, instance: Option<&str>) {
    let profile = state
        .store
        .get(association)
        .and_then(|item| item.entry.get("IamInstanceProfile"));
    if let (Some(profile), Some(instance)) = (profile.cloned(), instance) {
        state.store.update(instance, |item| {
            item.entry.insert("IamInstanceProfile", profile)
        });
    }
}

/// Replaces a profile. The association gets a new id.
fn replace(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let before = named(state, ASSOCIATION, input.required("AssociationId")?)?;
    let (old, instance) = (
        before.id.clone(),
        before.text("InstanceId").unwrap_or_default().to_owned(),
    );
    let profile = asked(state, input.get("IamInstanceProfile"));
    let profile = profile.ok_or_else(|| fault::missing_parameter("IamInstanceProfile"))?;
    input.stop_dry_run()?;
    state.store.update(&instance, |item| {
        item.entry.insert("IamInstanceProfile", profile)
    });
    state.store.remove(&old);
    associate(state, &instance);
    let made = of_instance(state, &instance).map(|item| entry_in_state(item, Some("associating")));
    Ok(Structure::from([(
        "IamInstanceProfileAssociation",
        Value::from(made.unwrap_or_default()),
    )]))
}

/// A profile that a request names by its ARN or its name, as instances show it.
pub(super) fn asked(state: &State, profile: Option<&Value<'static>>) -> Option<Value<'static>> {
    let text = |name: &str| profile?.get(name)?.as_str().filter(|text| !text.is_empty());
    let account = &state.config.account;
    let arn = match (text("Arn"), text("Name")) {
        (Some(arn), _) => arn.to_owned(),
        (None, Some(name)) => format!("arn:aws:iam::{account}:instance-profile/{name}"),
        (None, None) => return None,
    };
    // Made up, the same for the same profile: FNV-1a.
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut id = String::from("AIPA");
    for at in 0..17_u8 {
        for byte in arn.bytes().chain([at]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        let letter = usize::try_from((hash >> 32) % 32)
            .ok()
            .and_then(|at| letters.get(at));
        id.push(char::from(letter.copied().unwrap_or(b'A')));
    }
    Some(Structure::from([("Arn", Value::from(arn)), ("Id", id.into())]).into())
}
