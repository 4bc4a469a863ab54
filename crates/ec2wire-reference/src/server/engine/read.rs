//! Actions that read something else than a resource's list, and that no family knows.

use super::Answer;
use super::answer;
use super::filter::Filters;
use super::input::Input;
use super::list::check_length;
use crate::server::fault;
use crate::server::state::State;
use ec2wire::Fault;
use ec2wire_model::{Listing, Resource};

/// Reads nothing: that a resource exists does not tell whether such a list has it. Only what the table
/// says of the request is checked.
pub(super) fn read(
    input: &Input,
    resource: &'static Resource,
    listing: &'static Listing,
    state: &State,
) -> Result<Answer, Fault> {
    refuse_if_strict(input, state)?;
    Filters::of(input, resource, listing)?;
    check_length(input, listing)?;
    made_up(input, state)
}

/// A valid answer that says nothing.
pub(super) fn made_up(input: &Input, state: &State) -> Result<Answer, Fault> {
    refuse_if_strict(input, state)?;
    // No answer of this kind ever gave a token.
    if input
        .text("NextToken")
        .is_some_and(|token| !token.is_empty())
    {
        return Err(fault::invalid_token());
    }
    input.stop_dry_run()?;
    Ok(Answer {
        members: answer::made_up(input),
        is_made_up: true,
    })
}

fn refuse_if_strict(input: &Input, state: &State) -> Result<(), Fault> {
    if state.config.strict {
        return Err(fault::invalid_action(input.action()));
    }
    Ok(())
}
