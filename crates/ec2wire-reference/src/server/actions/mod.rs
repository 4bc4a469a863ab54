//! The actions that the endpoint knows, a file per family. To add one, implement [`Action`] for its
//! request type and add a row to the table.

mod allocation;
mod enablement;
mod ipam_policy;
mod listing;

use crate::server::bare;
use crate::server::fault;
use crate::server::hooks::Performed;
use crate::server::state::{Policy, State};
use ec2wire::form::{Call, Options};
use ec2wire::ipam::{
    CreateIpamPolicy, DeleteIpamPolicy, DescribeIpamPolicies, DisableIpamPolicy, EnableIpamPolicy,
    GetEnabledIpamPolicy, GetIpamPolicyAllocationRules, GetIpamPolicyOrganizationTargets,
    ModifyIpamPolicyAllocationRules,
};
use ec2wire::{Fault, Operation, Tag, TagSpecification};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::sync::{Arc, MutexGuard};

/// An action's behaviour. The type that implements it is the request.
trait Action: Operation<Response: Serialize> + DeserializeOwned {
    /// Does what the request asks for, or changes nothing and returns the error.
    fn perform(self, state: &mut State) -> Result<Self::Response, Fault>;
}

/// Locks the state. The lock is held only while the action itself runs.
type Lock<'s> = dyn Fn() -> MutexGuard<'s, State> + 's;

/// Decodes a request, performs it and encodes the answer. It takes the form also as bytes.
pub(in crate::server) type Handler = fn(Call<'_>, &[u8], &Lock<'_>, &str) -> Result<String, Fault>;

/// How many kinds of lists a request may write without an index. No action has more.
const MOST_LISTS: usize = 8;

static ACTIONS: &[(&str, Handler)] = &[
    action::<CreateIpamPolicy>(),
    action::<DescribeIpamPolicies>(),
    action::<DeleteIpamPolicy>(),
    action::<ModifyIpamPolicyAllocationRules>(),
    action::<GetIpamPolicyAllocationRules>(),
    action::<EnableIpamPolicy>(),
    action::<DisableIpamPolicy>(),
    action::<GetEnabledIpamPolicy>(),
    action::<GetIpamPolicyOrganizationTargets>(),
];

const fn action<A: Action>() -> (&'static str, Handler) {
    (A::ACTION, handle::<A>)
}

fn handle<A: Action>(
    call: Call<'_>,
    form: &[u8],
    lock: &Lock<'_>,
    request_id: &str,
) -> Result<String, Fault> {
    #[expect(clippy::redundant_closure_for_method_calls, reason = "of any lifetime")]
    let request: A = decode(call, form, |call| call.decode())?;
    let output = perform(request, &mut lock())?;
    A::encode_response(request_id, &output).map_err(|_| fault::internal())
}

/// Decodes a request strictly, except for lists without an index. `read` decodes one form of it.
pub(in crate::server) fn decode<T>(
    call: Call<'_>,
    form: &[u8],
    read: impl Fn(Call<'_>) -> ec2wire::Result<T>,
) -> Result<T, Fault> {
    let mut decoded = read(call);
    let mut form = Cow::Borrowed(form);
    for _ in 0..MOST_LISTS {
        let numbered = match &decoded {
            Ok(_) => None,
            Err(error) => bare::numbered(&form, error),
        };
        let Some(numbered) = numbered else {
            break;
        };
        decoded = Options::new().call_from_slice(&numbered).and_then(&read);
        form = Cow::Owned(numbered);
    }
    decoded.map_err(|error| fault::from_decoding(&error))
}

fn perform<A: Action>(request: A, state: &mut State) -> Result<A::Response, Fault> {
    let before = state.issued();
    let output = request.perform(state);
    let action = Performed {
        action: A::ACTION,
        refusal: output.as_ref().err(),
        created: state.issued() > before,
    };
    let hooks = state.hooks;
    hooks.after_action(state, &action);
    output
}

/// The handler of the action with this name.
pub(in crate::server) fn find(name: &str) -> Option<Handler> {
    ACTIONS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|&(_, handler)| handler)
}

/// The policy that a request names. The name is required.
fn named_policy(state: &State, id: Option<String>) -> Result<Arc<Policy>, Fault> {
    let id = id.ok_or_else(|| fault::missing_parameter("IpamPolicyId"))?;
    match state.policy(&id) {
        Some(policy) => Ok(Arc::clone(policy)),
        None if is_id(&id, POLICY_PREFIX) => Err(fault::policy_not_found(&id)),
        None => Err(fault::malformed_id(
            "InvalidIpamPolicyId",
            &id,
            POLICY_PREFIX,
        )),
    }
}

const POLICY_PREFIX: &str = "ipam-policy-";

/// Whether the text has the form of an id: the prefix and 8 to 32 lowercase hexadecimal digits.
fn is_id(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|digits| {
        (8..=32).contains(&digits.len())
            && digits
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

/// The tags as they are stored and shown. A missing value becomes an empty one.
fn stored_tags(specifications: &[TagSpecification]) -> Vec<Tag> {
    specifications
        .iter()
        .flat_map(|specification| &specification.tags)
        .map(|tag| Tag {
            key: tag.key.clone(),
            value: Some(tag.value.clone().unwrap_or_default()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_recognized() {
        assert!(is_id("ipam-policy-12345678", POLICY_PREFIX));
        assert!(is_id("ipam-policy-0123456789abcdef0", POLICY_PREFIX));
        for other in [
            "",
            "ipam-policy-",
            "ipam-policy-1234567",
            "ipam-policy-1234567G",
            "ipam-policy-ABCDEF01",
            "ipam-0123456789abcdef0",
            "ipam-policy-0123456789abcdef0123456789abcdef0",
        ] {
            assert!(!is_id(other, POLICY_PREFIX), "{other}");
        }
    }
}
