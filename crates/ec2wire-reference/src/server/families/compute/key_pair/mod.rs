//! Key pairs. `material` makes and reads the keys.

mod material;

use crate::server::engine::answer::done;
use crate::server::engine::end::finish;
use crate::server::engine::input::named;
use crate::server::engine::list::as_planned;
use crate::server::engine::{Input, make};
use crate::server::families::{Draft, Family, Making};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::Item;
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};
use material::Material;
use sha2::{Digest as _, Sha256};

pub(in crate::server::families) static FAMILY: Family = Family {
    perform: &[
        ("CreateKeyPair", create),
        ("DescribeKeyPairs", |input, state| describe(input, state)),
        ("DeleteKeyPair", delete),
    ],
    making: &[
        ("CreateKeyPair", Making::draft(draft)),
        ("ImportKeyPair", Making::draft(draft_import)),
    ],
    selecting: &[("DescribeKeyPairs", |input, _, item| {
        let names = input.texts("KeyNames");
        names.is_empty()
            || item
                .text("KeyName")
                .is_some_and(|name| names.contains(&name))
    })],
    ..Family::NONE
};

const KEY_PAIR: &str = "key-pair";
/// What an item has hidden until it is answered once.
const PRIVATE: &str = "KeyMaterial";
const PUBLIC: &str = "PublicKey";

/// The key pair with this name.
fn by_name<'s>(state: &'s State, name: &str) -> Option<&'s Item> {
    state.store.claimant(&format!("{KEY_PAIR}\u{0}{name}"))
}

/// Refuses a launch with a key pair that does not exist.
pub(super) fn check(state: &State, name: &str) -> Result<(), Fault> {
    if by_name(state, name).is_some() {
        return Ok(());
    }
    let message = format!("The key pair '{name}' does not exist");
    Err(fault::refusal("InvalidKeyPair.NotFound", message))
}

fn check_name(input: &Input) -> Result<&str, Fault> {
    const LONGEST: usize = 255;
    let name = input.required("KeyName")?;
    if name.is_empty() || name.len() > LONGEST || !name.is_ascii() {
        return Err(fault::invalid_choice("KeyName", name));
    }
    Ok(name)
}

fn draft(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    let name = check_name(input)?;
    let is_ppk = input.text("KeyFormat") == Some("ppk");
    let digits = state.next_digits();
    let kind = input.text("KeyType").unwrap_or("rsa");
    let material = if kind == "ed25519" {
        let seed = Sha256::digest(digits.as_bytes()).into();
        Some(material::ed25519(seed, name, is_ppk))
    } else {
        // Others made of the same primes would be the same key.
        let first = u64::from_str_radix(&digits, 16).unwrap_or_default();
        let mut numbers =
            (0..material::pairs()).map(|more| first.wrapping_add(more) % material::pairs());
        let claim = |number: u64| format!("rsa-key\u{0}{number}");
        let free = numbers.find(|number| state.store.claimant(&claim(*number)).is_none());
        let number = free.unwrap_or(first % material::pairs());
        draft.claims.push(claim(number));
        material::rsa(number, name, is_ppk)
    };
    let material = material.ok_or_else(fault::internal)?;
    draft
        .hidden
        .insert(PRIVATE, Value::from(material.private.clone()));
    complete(draft, name, kind, material);
    Ok(())
}

fn complete(draft: &mut Draft, name: &str, kind: &str, material: Material) {
    for (member, value) in [
        ("KeyName", Value::from(name.to_owned())),
        ("KeyType", kind.to_owned().into()),
        ("KeyFingerprint", material.fingerprint.into()),
    ] {
        draft.entry.insert(member, value);
    }
    draft.hidden.insert(PUBLIC, Value::from(material.public));
}

fn draft_import(input: &Input, _: &State, draft: &mut Draft) -> Result<(), Fault> {
    let name = check_name(input)?;
    let Some(Value::Blob(bytes)) = input.get("PublicKeyMaterial") else {
        return Err(fault::missing_parameter("PublicKeyMaterial"));
    };
    let Some((kind, material)) = material::read_public(bytes, name) else {
        return Err(fault::refusal(
            "InvalidKey.Format",
            "Key is not in valid OpenSSH public key format",
        ));
    };
    draft.entry.remove("PublicKeyMaterial");
    complete(draft, name, kind, material);
    Ok(())
}

fn create(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let mut answer = make::as_planned(input, state)?;
    let id = answer
        .get("KeyPairId")
        .and_then(Value::as_str)
        .unwrap_or_default();
    // It is told once.
    let private = state.store.update(id, |item| item.hidden.remove(PRIVATE));
    if let Some(private) = private.flatten() {
        answer.insert(PRIVATE, private);
    }
    Ok(answer)
}

fn describe(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    for name in input.texts("KeyNames") {
        check(state, name)?;
    }
    let mut answer = as_planned(input, state)?;
    if input.flag("IncludePublicKey") == Some(true)
        && let Some(Value::List(pairs)) = answer.get_mut("KeyPairs")
    {
        for pair in pairs {
            let id = pair.get("KeyPairId").and_then(Value::as_str);
            let public = id.and_then(|id| state.store.get(id)?.hidden.get(PUBLIC));
            if let (Value::Structure(pair), Some(public)) = (pair, public.cloned()) {
                pair.insert(PUBLIC, public);
            }
        }
    }
    Ok(answer)
}

/// Deletes a key pair. An unknown name succeeds, too.
fn delete(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let found = match (input.text("KeyPairId"), input.text("KeyName")) {
        (Some(id), _) => Some(named(state, KEY_PAIR, id)?),
        (None, Some(name)) => by_name(state, name),
        (None, None) => return Err(fault::missing_parameter("KeyName")),
    };
    let id = found.map(|item| item.id.clone());
    input.stop_dry_run()?;
    let mut answer = done();
    if let Some(id) = id {
        finish(state, &id);
        answer.insert("KeyPairId", Value::from(id));
    }
    Ok(answer)
}
