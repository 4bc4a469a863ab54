//! What the actions that list resources have in common: pages and filters.

use crate::server::fault;
use crate::server::state::State;
use ec2wire::Fault;
use ec2wire::ipam::Filter;
use std::ops::RangeInclusive;

/// How many resources a page may be asked to have.
const LENGTHS: RangeInclusive<i32> = 5..=1000;
/// How many it has where that is not said.
const FULL: usize = 1000;

/// The length that `MaxResults` asks for.
pub(super) fn length(max_results: Option<i32>) -> Result<usize, Fault> {
    let Some(asked) = max_results else {
        return Ok(FULL);
    };
    usize::try_from(asked)
        .ok()
        .filter(|_| LENGTHS.contains(&asked))
        .ok_or_else(|| {
            fault::invalid_value(format!(
                "Value ( {asked} ) for parameter MaxResults is invalid. \
                 Expecting a value from {} to {}",
                LENGTHS.start(),
                LENGTHS.end()
            ))
        })
}

/// The place in the order of creation that `NextToken` asks to go on behind.
pub(super) fn place(next_token: Option<&str>, state: &State) -> Result<u64, Fault> {
    next_token.map_or(Ok(0), |token| {
        state
            .read_page_token(token)
            .ok_or_else(|| fault::invalid_value("The token in NextToken is not valid"))
    })
}

/// The first resources of a list that goes on behind the place `after`, and the token of the next
/// page where there is one.
pub(super) fn cut<T>(
    rest: impl IntoIterator<Item = (u64, T)>,
    after: u64,
    length: usize,
    state: &State,
) -> (Vec<T>, Option<String>) {
    let mut rest = rest.into_iter();
    let mut last = after;
    let page = rest.by_ref().take(length).map(|(place, resource)| {
        last = place;
        resource
    });
    let page = page.collect();
    let token = rest.next().map(|_| state.page_token(last));
    (page, token)
}

/// As [`cut`], of a list in any order and from its beginning.
pub(super) fn cut_unsorted<T>(
    all: impl IntoIterator<Item = (u64, T)>,
    after: u64,
    length: usize,
    state: &State,
) -> (Vec<T>, Option<String>) {
    let rest = all.into_iter().filter(|(place, _)| *place > after);
    let mut rest: Vec<(u64, T)> = rest.collect();
    rest.sort_by_key(|(place, _)| *place);
    cut(rest, after, length, state)
}

/// The filters of a request, all of whose names are known.
pub(super) struct Criteria<'f>(&'f [Filter]);

impl<'f> Criteria<'f> {
    pub(super) fn new(filters: &'f [Filter], knows: impl Fn(&str) -> bool) -> Result<Self, Fault> {
        for filter in filters {
            let name = filter.name.as_deref().unwrap_or("null");
            if !knows(name) {
                let message = format!("The filter '{name}' is invalid");
                return Err(fault::invalid_value(message));
            }
        }
        Ok(Self(filters))
    }

    /// Whether a resource has, for each filter, one of its values. `has` tells whether a field of
    /// that name has a value that is wanted. A filter without values matches nothing.
    pub(super) fn hold(&self, has: impl Fn(&str, &dyn Fn(&str) -> bool) -> bool) -> bool {
        self.0.iter().all(|filter| {
            let wanted = |text: &str| filter.values.iter().any(|value| value == text);
            has(filter.name.as_deref().unwrap_or_default(), &wanted)
        })
    }
}
