//! Actions that read something else than a resource's list, and that no family knows.

use super::Answer;
use super::answer::{self, place, project};
use super::filter::Filters;
use super::input::Input;
use super::list::{page, set_next};
use crate::server::fault;
use crate::server::state::State;
use ec2wire::Fault;
use ec2wire_model::{Listing, Resource, Structure};

/// Reads what a list shows, as far as the answer has the same members. It is made up all the same:
/// what is special in it is missing.
pub(super) fn read(
    input: &Input,
    resource: &'static Resource,
    listing: &'static Listing,
    state: &State,
) -> Result<Answer, Fault> {
    refuse_if_strict(input, state)?;
    let output = input.plan.operation.output();
    let shape = output.and_then(|output| listing.path.shape(output));
    let own_id = |shape: &ec2wire_model::Shape| shape.member(resource.id.member).is_some();
    let names_list = |member: &ec2wire_model::Path| {
        input.plan.operation.input().is_some_and(|input| {
            member
                .members(input)
                .and_then(|members| members.last().copied())
                .is_some_and(|member| {
                    matches!(member.shape().kind(), ec2wire_model::Kind::List { .. })
                })
        })
    };
    let is_list = listing.member.as_ref().is_none_or(names_list) && !listing.path.is_nowhere();
    if let Some(shape) = shape.filter(own_id).filter(|_| is_list) {
        let page = page(input, resource, listing, state, &|_| true)?;
        input.stop_dry_run()?;
        let mut members = Structure::new();
        let values = page
            .items
            .iter()
            .map(|item| project(&answer::entry(item), shape).into());
        place(&mut members, listing.path.as_str(), values.collect());
        set_next(&mut members, listing, page.next);
        return Ok(Answer {
            members,
            is_made_up: true,
        });
    }
    Filters::of(input, resource, listing)?;
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
