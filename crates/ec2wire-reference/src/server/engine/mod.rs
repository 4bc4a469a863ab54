//! What serves every resource of the table in one way.
//!
//! - `plan` says what each action is, and `input` checks what all actions check.
//! - `make`, `list`, `change`, `end`, `join` and `tags` do what the table says; `families/` adds what
//!   it cannot say.
//! - `filter` selects entries of lists, and `answer` writes answers.

pub(in crate::server) mod answer;
pub(in crate::server) mod change;
pub(in crate::server) mod end;
pub(in crate::server) mod filter;
pub(in crate::server) mod input;
pub(in crate::server) mod join;
pub(in crate::server) mod list;
pub(in crate::server) mod make;
mod plan;
mod read;
pub(in crate::server) mod tags;

pub(in crate::server) use input::Input;
pub(in crate::server) use make::Used;
pub(in crate::server) use plan::{Plan, Role};

use super::families;
use super::fault;
use super::state::State;
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

/// An answer before it is written.
#[derive(Debug)]
pub(in crate::server) struct Answer {
    pub(in crate::server) members: Structure<'static>,
    /// Whether it is only valid, and says nothing of what exists.
    pub(in crate::server) is_made_up: bool,
}

/// Whether any answer but `InvalidAction` can be given. Nothing pretends to have happened: a change
/// that no list would show is not known.
pub(in crate::server) fn knows(plan: &Plan) -> bool {
    let action = plan.operation.name();
    if families::performing(action).is_some() {
        return true;
    }
    match plan.role {
        Some((resource, Role::Change(act))) => {
            families::changing(action).is_some() || change::is_shown(plan, resource, act)
        }
        Some((_, Role::Join(join) | Role::Part(join))) => join::is_shown(join),
        Some(_) => true,
        None => plan.only_reads(),
    }
}

/// Does what a request asks for, or changes nothing and returns the error.
pub(in crate::server) fn perform(
    plan: &'static Plan,
    request: Value<'static>,
    state: &mut State,
) -> Result<Answer, Fault> {
    state.sweep();
    let input = Input::new(plan, request, state.hooks)?;
    let done = |members| Answer {
        members,
        is_made_up: false,
    };
    input::check_references(&input, state)?;
    if let Some(perform) = families::performing(input.action()) {
        check_token(&input, state)?;
        return perform(&input, state).map(done);
    }
    match plan.role {
        Some((resource, Role::Make(make))) => make::make(&input, resource, make, state).map(done),
        Some((resource, Role::List(listing))) => {
            list::list(&input, resource, listing, state).map(done)
        }
        Some((resource, Role::Change(act))) => {
            change::change(&input, resource, act, state).map(done)
        }
        Some((resource, Role::End(act))) => end::end(&input, resource, act, state).map(done),
        Some((resource, Role::Join(join))) => join::join(&input, resource, join, state).map(done),
        Some((resource, Role::Part(join))) => join::part(&input, resource, join, state).map(done),
        Some((resource, Role::Read(listing))) => read::read(&input, resource, listing, state),
        None => read::made_up(&input, state),
    }
}

/// Refuses a token for a page that no answer gave.
fn check_token(input: &Input, state: &State) -> Result<(), Fault> {
    let token = input.text("NextToken").filter(|token| !token.is_empty());
    if token.is_some_and(|token| state.read_page_token(token).is_none()) {
        return Err(fault::invalid_token());
    }
    Ok(())
}
