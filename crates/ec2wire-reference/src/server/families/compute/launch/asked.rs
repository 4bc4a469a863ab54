//! What a request asks for, together with its launch template.

use crate::server::engine::Input;
use crate::server::state::State;
use ec2wire::Fault;

/// The request with what its launch template says and it does not.
pub(super) fn with_template(input: &Input, _state: &State) -> Result<Input, Fault> {
    Ok(Input {
        plan: input.plan,
        members: input.members.clone(),
        token: input.token.clone(),
        dry_run: input.dry_run,
    })
}

/// The tags that the instances get.
pub(super) fn tags_of_instance(asked: &Input) -> Vec<(String, String)> {
    asked.tags_for("instance")
}
