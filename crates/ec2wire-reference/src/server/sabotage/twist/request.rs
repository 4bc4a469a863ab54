//! What is read in another way.

use super::values;
use super::{Asked, Paging, Twist};
use crate::server::engine::Answer;
use crate::server::hooks::Noted;
use crate::server::state::State;
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};
use std::time::{Duration, Instant};

/// Requests that come within such a time are at once. A busy machine is slow to send both.
const MOMENT: Duration = Duration::from_secs(5);

impl Twist {
    /// Changes what is asked, before it is done.
    pub(super) fn rewrite(&self, asked: &mut Asked, state: &mut State) {
        match *self {
            Self::Unread { action, member } if asked.is(action) => {
                values::remove(&mut asked.request, member);
            }
            Self::UnreadFilters { action, names } if asked.is(action) => {
                asked.keep_filters(|filter| !names(name_of(filter)));
            }
            Self::EmptyFilters { action } if asked.is(action) => {
                asked.keep_filters(has_values);
            }
            Self::FewValues { action, most } if asked.is(action) => asked.shorten(most),
            Self::Reads { actions, text } if actions.contains(&asked.action()) => {
                asked.request = values::rewritten(&asked.request, &text);
            }
            Self::Mixes { action, member } if asked.is(action) => asked.mix(member, state),
            Self::Pages {
                action,
                how: Paging::Short,
            } if asked.is(action) => asked.ask_less(),
            _ => {}
        }
    }
}

fn name_of<'f>(filter: &'f Structure<'static>) -> &'f str {
    filter
        .get("Name")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn has_values(filter: &Structure<'static>) -> bool {
    let values = filter.get("Values").and_then(Value::as_list);
    values.is_some_and(|values| !values.is_empty())
}

impl Asked {
    /// The name of the member that takes filters.
    fn filters_member(&self) -> Option<&'static str> {
        match self.listing() {
            Some(listing) => listing.filters_member,
            None => Some("Filters"),
        }
    }

    fn filters_mut(&mut self) -> Option<&mut Vec<Value<'static>>> {
        let member = self.filters_member()?;
        match &mut self.request {
            Value::Structure(members) => match members.get_mut(member)? {
                Value::List(filters) => Some(filters),
                _ => None,
            },
            _ => None,
        }
    }

    fn keep_filters(&mut self, keep: impl Fn(&Structure<'static>) -> bool) {
        if let Some(filters) = self.filters_mut() {
            filters.retain(|filter| match filter {
                Value::Structure(filter) => keep(filter),
                _ => true,
            });
        }
    }

    /// Shortens the lists of values in filters.
    fn shorten(&mut self, most: usize) {
        for filter in self.filters_mut().into_iter().flatten() {
            if let Value::Structure(filter) = filter
                && let Some(Value::List(values)) = filter.get_mut("Values")
            {
                values.truncate(most);
            }
        }
    }

    /// The same request with each of its filters alone. `None` if there are less than two.
    pub(super) fn with_each_filter(&self) -> Option<Vec<Self>> {
        let member = self.filters_member()?;
        let filters = self.request.get(member)?.as_list()?;
        (filters.len() > 1).then(|| {
            let alone = filters.iter();
            alone
                .map(|filter| self.with(member, vec![filter.clone()]))
                .collect()
        })
    }

    /// Does it without the filters that are refused for their names.
    pub(super) fn without_unknown_filters(&self, state: &mut State) -> Result<Answer, Fault> {
        let mut asked = self.clone();
        loop {
            let result = asked.clone().honestly(state);
            let Err(fault) = &result else { return result };
            let refused = |filter: &Structure<'static>| {
                let text = format!("The filter '{}' is invalid", name_of(filter));
                fault.message() == Some(text.as_str())
            };
            let count = asked.filters_mut().map_or(0, |filters| filters.len());
            asked.keep_filters(|filter| !refused(filter));
            if asked.filters_mut().map_or(0, |filters| filters.len()) == count {
                return result;
            }
        }
    }

    /// Takes a text from the request before, if it was at once with this one.
    fn mix(&mut self, member: &str, state: &mut State) {
        let Some(own) = self.request.get(member).and_then(Value::as_str) else {
            return;
        };
        let now = Instant::now();
        let own = own.to_owned();
        let action = self.action().to_owned();
        let before = state.noted.get(&action);
        let before = before.filter(|noted| now.duration_since(noted.since) < MOMENT);
        let text = before.map(|noted| noted.text.clone());
        if let Some(text) = text {
            *self = self.with(member, text);
        }
        let noted = Noted {
            left: 0,
            text: own,
            since: now,
        };
        state.noted.insert(action, noted);
    }

    /// Asks for one entry less than it may.
    fn ask_less(&mut self) {
        let pages = self.listing().and_then(|listing| listing.pages.as_ref());
        let Some((limit, pages)) = pages.and_then(|pages| Some((pages.limit?, pages))) else {
            return;
        };
        let least = pages.least.map_or(1, i64::from);
        if let Some(&Value::Integer(asked)) = self.request.get(limit)
            && asked > least
            && pages.most.is_none_or(|most| asked <= i64::from(most))
        {
            *self = self.with(limit, asked - 1);
        }
    }
}
