//! What is told in another way.

use super::conduct::members;
use super::{Asked, Paging, Twist, values};
use crate::server::engine::Answer;
use crate::server::state::State;
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

impl Twist {
    /// Changes what is told of what was done or refused.
    pub(super) fn retell(
        &self,
        asked: &Asked,
        mut result: Result<Answer, Fault>,
        state: &mut State,
    ) -> Result<Answer, Fault> {
        match *self {
            Self::Accepts { action, when } if asked.is(action) => match result {
                Err(fault) if when.is(asked.resource(), &fault) => return Ok(asked.success()),
                other => return other,
            },
            Self::EndsAnyway { action, refuses } if asked.is(action) && !asked.is_dry_run() => {
                if let Err(fault) = &result
                    && is_kept(asked, fault)
                {
                    asked.end_anyway(state);
                    if !refuses {
                        return Ok(asked.success());
                    }
                }
            }
            Self::HalfDone { action, member }
                if asked.is(action) && !asked.is_dry_run() && result.is_err() =>
            {
                asked.half_done(member, state);
            }
            Self::Recodes {
                actions,
                when,
                code,
            } if actions.contains(&asked.action()) => {
                if let Err(fault) = &mut result
                    && when.is(asked.resource(), fault)
                {
                    for entry in &mut fault.errors {
                        code.clone_into(&mut entry.code);
                    }
                }
            }
            Self::Shows { at, value } => {
                if let Some(members) = members(&mut result) {
                    let own = at.iter().filter(|(action, _)| asked.is(action));
                    own.for_each(|(_, path)| values::set(members, path, value));
                }
            }
            Self::LeavesOut {
                action,
                list,
                member,
                value,
            } if asked.is(action) => {
                if let Some(members) = members(&mut result) {
                    values::each_list(members, list, &mut |entries| {
                        entries.retain(|entry| {
                            entry.get(member).and_then(Value::as_str) != Some(value)
                        });
                    });
                }
            }
            Self::Reverses { action, path } if asked.is(action) => {
                if let Some(members) = members(&mut result) {
                    values::each_list(members, path, &mut |entries| entries.reverse());
                }
            }
            Self::Pages { action, how } if asked.is(action) => {
                if let Some(members) = members(&mut result) {
                    turn(asked, members, how, state);
                }
            }
            Self::Writes { actions, text } if actions.contains(&asked.action()) => {
                if let Some(members) = members(&mut result) {
                    let new = values::rewritten(&std::mem::take(members).into(), &text);
                    if let Value::Structure(new) = new {
                        *members = new;
                    }
                }
            }
            _ => {}
        }
        result
    }
}

/// Whether a resource was not ended because others depend on it.
fn is_kept(asked: &Asked, fault: &Fault) -> bool {
    let Some(code) = fault.code() else {
        return false;
    };
    let of_table = asked.resource().is_some_and(|resource| {
        let keepers = resource.kept_by.iter().filter_map(|keeper| keeper.code);
        let in_use = resource.codes.in_use.iter().map(|fact| fact.value);
        keepers.chain(in_use).any(|known| known == code)
    });
    of_table || code == "DependencyViolation"
}

/// Changes where a page leads to.
fn turn(asked: &Asked, members: &mut Structure<'static>, how: Paging, state: &State) {
    let Some(pages) = asked.listing().and_then(|listing| listing.pages.as_ref()) else {
        return;
    };
    let own = asked.resource().map_or("", |resource| resource.name);
    let next = members.get(pages.next).and_then(Value::as_str);
    let last = next.and_then(|next| state.read_page_token(next));
    let new = match (how, last) {
        (Paging::Repeats, Some(last)) => state.page_token(last.saturating_sub(1)),
        (Paging::Skips, Some(last)) => match state.store.after(own, last).next() {
            Some(skipped) => state.page_token(skipped.order),
            None => return,
        },
        (Paging::Endless, None) => state.page_token(0),
        (Paging::EmptyLast, None) => String::new(),
        _ => return,
    };
    members.insert(pages.next, new);
}
