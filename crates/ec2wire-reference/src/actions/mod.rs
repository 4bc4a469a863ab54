//! The actions that the endpoint knows. To add one: implement [`Action`] for its request type and
//! add a row to the table.

mod ipam;
mod ipam_policy;

use crate::fault;
use crate::sabotage::{Done, Hooks as _};
use crate::state::State;
use ec2wire::form::Call;
use ec2wire::ipam::{
    CreateIpam, CreateIpamPolicy, DeleteIpam, DeleteIpamPolicy, DescribeIpamPolicies,
};
use ec2wire::{Fault, Operation, Tag, TagSpecification};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::MutexGuard;

/// An action's behaviour. The type that implements it is the request.
trait Action: Operation<Response: Serialize> + DeserializeOwned {
    /// Does what the request asks for, or changes nothing and says why.
    fn perform(self, state: &mut State) -> Result<Self::Response, Fault>;
}

/// Access to the state, taken for no longer than the action itself lasts.
type Lock<'s> = dyn Fn() -> MutexGuard<'s, State> + 's;

/// Decodes a request, performs it and encodes the answer.
pub(crate) type Handler = fn(Call<'_>, &Lock<'_>, &str) -> Result<String, Fault>;

static ACTIONS: &[(&str, Handler)] = &[
    action::<CreateIpamPolicy>(),
    action::<DescribeIpamPolicies>(),
    action::<DeleteIpamPolicy>(),
    action::<CreateIpam>(),
    action::<DeleteIpam>(),
];

const fn action<A: Action>() -> (&'static str, Handler) {
    (A::ACTION, handle::<A>)
}

fn handle<A: Action>(call: Call<'_>, lock: &Lock<'_>, request_id: &str) -> Result<String, Fault> {
    let request: A = call
        .decode()
        .map_err(|error| fault::from_decoding(&error))?;
    let output = perform(request, &mut lock())?;
    A::encode_response(request_id, &output).map_err(|_| fault::internal())
}

fn perform<A: Action>(request: A, state: &mut State) -> Result<A::Response, Fault> {
    let before = state.issued();
    let output = request.perform(state);
    let done = Done {
        action: A::ACTION,
        refusal: output.as_ref().err(),
        made: state.issued() > before,
    };
    let quirk = state.config.quirk;
    quirk.after(state, &done);
    output
}

/// The action of the given name.
pub(crate) fn find(name: &str) -> Option<Handler> {
    ACTIONS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|&(_, handler)| handler)
}

/// The tags as they are stored and shown: one without a value has an empty one.
fn tags_of(specifications: &[TagSpecification]) -> Vec<Tag> {
    specifications
        .iter()
        .flat_map(|specification| &specification.tags)
        .map(|tag| Tag {
            key: tag.key.clone(),
            value: Some(tag.value.clone().unwrap_or_default()),
        })
        .collect()
}
