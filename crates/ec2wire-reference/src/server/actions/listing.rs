//! What all actions that list resources share: pages and filters.

use crate::server::fault;
use crate::server::state::State;
use ec2wire::Fault;
use ec2wire::ipam::Filter;
use std::ops::RangeInclusive;

/// How many resources a request may ask for per page.
const LENGTHS: RangeInclusive<i32> = 5..=1000;
/// How many resources a page has by default.
const DEFAULT_LENGTH: usize = 1000;

/// The length of a page, from `MaxResults`.
pub(super) fn length(max_results: Option<i32>) -> Result<usize, Fault> {
    let Some(asked) = max_results else {
        return Ok(DEFAULT_LENGTH);
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

/// The place after which the page starts, from `NextToken`.
pub(super) fn place(next_token: Option<&str>, state: &State) -> Result<u64, Fault> {
    next_token.map_or(Ok(0), |token| {
        state
            .read_page_token(token)
            .ok_or_else(|| fault::invalid_value("The token in NextToken is not valid"))
    })
}

/// The first page of `rest`, which starts after the place `after`, and the token for the next page
/// if there is one.
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

/// Like [`cut`], for a whole list in any order.
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

/// The filters of a request. All their names are known.
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

    /// Whether a resource matches all filters, each by one of its values. `has` is called with the
    /// name of a field and a test for its value. A filter without values matches nothing.
    pub(super) fn hold(&self, has: impl Fn(&str, &dyn Fn(&str) -> bool) -> bool) -> bool {
        self.0.iter().all(|filter| {
            let wanted = |text: &str| filter.values.iter().any(|value| value == text);
            has(filter.name.as_deref().unwrap_or_default(), &wanted)
        })
    }
}
