//! IAM instance profiles at instances. Whether one exists in IAM is not known here.

use crate::server::state::State;
use ec2wire_model::{Structure, Value};

/// A profile that a request names by its ARN or its name, as instances show it.
pub(super) fn asked(state: &State, profile: Option<&Value<'static>>) -> Option<Value<'static>> {
    let text = |name: &str| profile?.get(name)?.as_str().filter(|text| !text.is_empty());
    let account = &state.config.account;
    let arn = match (text("Arn"), text("Name")) {
        (Some(arn), _) => arn.to_owned(),
        (None, Some(name)) => format!("arn:aws:iam::{account}:instance-profile/{name}"),
        (None, None) => return None,
    };
    // Made up, the same for the same profile.
    let mut hash: u64 = 17;
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut id = String::from("AIPA");
    for at in 0..17 {
        let byte = arn.bytes().nth(at % arn.len().max(1)).unwrap_or_default();
        hash = hash.wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte);
        let letter = usize::try_from((hash >> 20) % 32)
            .ok()
            .and_then(|at| letters.get(at));
        id.push(char::from(letter.copied().unwrap_or(b'A')));
    }
    Some(Structure::from([("Arn", Value::from(arn)), ("Id", id.into())]).into())
}
