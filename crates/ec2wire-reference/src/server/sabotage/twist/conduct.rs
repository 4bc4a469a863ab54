//! What is done in another way.

use super::{Asked, Twist, When, values};
use crate::server::engine::Answer;
use crate::server::engine::end::finish;
use crate::server::engine::input::unknown;
use crate::server::hooks::Noted;
use crate::server::state::State;
use crate::server::store::Item;
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};
use std::time::Instant;

impl Twist {
    /// Does what a request asks for, if this kind has a way of its own for it.
    pub(super) fn act(&self, asked: &Asked, state: &mut State) -> Option<Result<Answer, Fault>> {
        match *self {
            Self::UnknownFilters { action } if asked.is(action) => {
                Some(asked.without_unknown_filters(state))
            }
            Self::AnyFilter { action } if asked.is(action) => asked.by_any_filter(state),
            Self::Idle { actions } if actions.contains(&asked.action()) => Some(asked.tried(state)),
            Self::UnknownLeftOut { action } if asked.is(action) => {
                Some(asked.without_unknown(state))
            }
            Self::Duplicates { action } if asked.is(action) => Some(asked.twice(state)),
            Self::DryRunDone { action } if asked.is(action) && asked.is_dry_run() => {
                let told = asked.clone().honestly(state);
                if told.as_ref().is_err_and(Fault::is_dry_run) {
                    // Only the dry run is told.
                    _ = asked.with("DryRun", false).honestly(state);
                }
                Some(told)
            }
            Self::Unchanged { action, resource } if asked.is(action) => {
                let mut before = asked.before(resource, state);
                before.extend(asked.referring(resource, state));
                let result = asked.clone().honestly(state);
                if result.is_ok() {
                    restore(before, state);
                }
                Some(result)
            }
            Self::KeepsTags { action } if asked.is(action) => Some(asked.keeping_tags(state)),
            Self::Lingers {
                action,
                state: shown,
                looks,
            } => asked.lingering(action, shown, looks, state),
            Self::Unlisted { resource, looks } => Some(asked.unlisted(resource, looks, state)),
            Self::Settles {
                resource,
                state: first,
                looks,
            } => Some(asked.settling(resource, first, looks, state)),
            _ => None,
        }
    }
}

impl Asked {
    /// Lists what any of the filters selects.
    fn by_any_filter(&self, state: &mut State) -> Option<Result<Answer, Fault>> {
        let path = self.listing()?.path.as_str();
        let mut all: Option<Answer> = None;
        for alone in self.with_each_filter()? {
            let mut found = match alone.honestly(state) {
                Ok(found) => found,
                Err(fault) => return Some(Err(fault)),
            };
            let Some(all) = &mut all else {
                all = Some(found);
                continue;
            };
            let mut more = Vec::new();
            values::each_list(&mut found.members, path, &mut |list| more.append(list));
            values::each_list(&mut all.members, path, &mut |list| {
                more.retain(|entry| !list.contains(entry));
                list.append(&mut more);
            });
        }
        all.map(Ok)
    }

    /// Answers as if it had been done. A dry run finds out what an honest endpoint refuses.
    fn tried(&self, state: &mut State) -> Result<Answer, Fault> {
        let tried = self.with("DryRun", true).honestly(state);
        match tried {
            Err(fault) if fault.is_dry_run() && !self.is_dry_run() => Ok(self.success()),
            other => other,
        }
    }

    /// Asks for those ids alone that exist, if there are any.
    fn without_unknown(&self, state: &mut State) -> Result<Answer, Fault> {
        let result = self.clone().honestly(state);
        let member = self.listing().and_then(|listing| listing.member.as_ref());
        let (Err(fault), Some(member)) = (&result, member) else {
            return result;
        };
        let ids = self.request.get(member.as_str()).and_then(Value::as_list);
        if !When::Unknown.is(self.resource(), fault) {
            return result;
        }
        let known: Vec<Value<'static>> = (ids.into_iter().flatten())
            .filter(|id| id.as_str().is_some_and(|id| state.store.get(id).is_some()))
            .cloned()
            .collect();
        if known.is_empty() {
            return result;
        }
        self.with(member.as_str(), known).honestly(state)
    }

    /// Makes it although there is one: nothing that exists keeps its name for itself.
    fn twice(&self, state: &mut State) -> Result<Answer, Fault> {
        let result = self.clone().honestly(state);
        match &result {
            Err(fault) if When::Duplicate.is(self.resource(), fault) => {}
            _ => return result,
        }
        let own = self.resource().map_or("", |resource| resource.name);
        let ids: Vec<String> = (state.store.after(own, 0))
            .map(|item| item.id.clone())
            .collect();
        for id in ids {
            state.store.update(&id, |item| item.claims.clear());
        }
        self.clone().honestly(state)
    }

    /// What the request names of a kind, as it is.
    fn before(&self, resource: &str, state: &State) -> Vec<Before> {
        let ids = self.named(resource, state).into_iter();
        ids.filter_map(|id| state.store.get(&id))
            .map(Before::of)
            .collect()
    }

    /// What refers to the request's texts of a kind, as to the id of an attachment.
    fn referring(&self, resource: &str, state: &State) -> Vec<Before> {
        let mut found = Vec::new();
        values::each_text(&self.request, &mut |text| {
            let referrers = state.store.referrers(text);
            let own = referrers.filter(|item| item.resource.name == resource);
            found.extend(own.map(Before::of));
        });
        found
    }

    /// Gives tags and leaves the old ones with the same keys in place.
    fn keeping_tags(&self, state: &mut State) -> Result<Answer, Fault> {
        let mut ids = Vec::new();
        if let Some(named) = self.request.get("Resources").and_then(Value::as_list) {
            ids.extend(named.iter().filter_map(Value::as_str).map(str::to_owned));
        }
        let before: Vec<_> = ids.iter().map(|id| state.tags(id)).collect();
        let result = self.clone().honestly(state);
        if result.is_ok() {
            for (id, old) in ids.iter().zip(before) {
                let mut tags = old.unwrap_or_default();
                for tag in state.tags(id).unwrap_or_default() {
                    if !tags.contains(&tag) {
                        tags.push(tag);
                    }
                }
                state.set_tags(id, tags);
            }
        }
        result
    }

    /// Ends resources and leaves them in lists, or lists them.
    fn lingering(
        &self,
        action: &str,
        shown: Option<&str>,
        looks: u32,
        state: &mut State,
    ) -> Option<Result<Answer, Fault>> {
        let resource = self.resource()?;
        if self.is(action) {
            let before = self.before(resource.name, state);
            let result = self.clone().honestly(state);
            if result.is_ok() {
                for item in before {
                    item.linger(shown, state);
                    state.note(&item.item.id, looks, "");
                }
            }
            return Some(result);
        }
        let is_lister = resource.end.iter().any(|act| act.action == action);
        if !is_lister || self.listing().is_none() {
            return None;
        }
        let result = self.clone().honestly(state);
        for id in state.take_used_up() {
            if state.store.get(&id).is_some_and(Item::is_gone) {
                state.store.remove(&id);
            }
        }
        Some(result)
    }

    /// Makes resources, and does not list them for a while.
    fn unlisted(&self, resource: &str, looks: u32, state: &mut State) -> Result<Answer, Fault> {
        if !self.lists(resource) {
            return self.noting(resource, state, |item, state| {
                state.note(&item, looks, "");
            });
        }
        let named = self.named(resource, state);
        let unseen = named.iter().find(|id| state.noted.contains_key(*id));
        let refusal = unseen.and_then(|id| Some(unknown(self.resource()?, id)));
        let hidden: Vec<String> = state.noted.keys().cloned().collect();
        state.take_used_up();
        if let Some(fault) = refusal {
            return Err(fault);
        }
        let mut result = self.clone().honestly(state);
        if let (Ok(answer), Some(listing)) = (&mut result, self.listing())
            && let Some(id) = &listing.id
        {
            values::each_list(&mut answer.members, listing.path.as_str(), &mut |entries| {
                entries.retain(|entry| {
                    let own = entry.get(id.as_str()).and_then(Value::as_str);
                    own.is_none_or(|own| !hidden.iter().any(|hidden| hidden == own))
                });
            });
        }
        result
    }

    /// Makes resources in a state in which they stay for a while.
    fn settling(
        &self,
        resource: &str,
        first: &str,
        looks: u32,
        state: &mut State,
    ) -> Result<Answer, Fault> {
        if self.lists(resource) {
            let later: Vec<(String, String)> = (state.noted.iter())
                .filter(|(_, noted)| noted.left == 0)
                .map(|(id, noted)| (id.clone(), noted.text.clone()))
                .collect();
            for (id, settled) in later {
                state.noted.remove(&id);
                // It may have gone on in another way.
                state.store.update(&id, |item| {
                    if item.state() == Some(first) && !item.is_gone() {
                        item.set_state(&settled);
                    }
                });
            }
            for noted in state.noted.values_mut() {
                noted.left = noted.left.saturating_sub(u32::from(noted.left != u32::MAX));
            }
            return self.clone().honestly(state);
        }
        self.noting(resource, state, |id, state| {
            let settled = state.store.update(&id, |item| {
                let settled = item.state().map(str::to_owned);
                item.set_state(first);
                settled
            });
            if let Some(settled) = settled.flatten() {
                state.note(&id, looks, &settled);
            }
        })
    }

    /// Does it, and calls `note` with each resource of a kind that it made, if it is about that kind:
    /// the volumes of a new instance are left alone.
    fn noting(
        &self,
        resource: &str,
        state: &mut State,
        note: impl Fn(String, &mut State),
    ) -> Result<Answer, Fault> {
        let issued = state.issued();
        let result = self.clone().honestly(state);
        let is_own = self.resource().is_some_and(|own| own.name == resource);
        let made: Vec<String> = (state.store.after(resource, issued))
            .filter(|_| is_own)
            .map(|item| item.id.clone())
            .collect();
        for id in made {
            note(id, state);
        }
        result
    }

    /// Does what was refused for each entry of a list alone.
    pub(super) fn half_done(&self, member: &str, state: &mut State) {
        let entries = self.request.get(member).and_then(Value::as_list);
        for entry in entries.into_iter().flatten() {
            // What is told is the refusal of the whole.
            _ = self.with(member, vec![entry.clone()]).honestly(state);
        }
    }

    /// Ends what is named, whatever depends on it.
    pub(super) fn end_anyway(&self, state: &mut State) {
        let own = self.resource().map_or("", |resource| resource.name);
        for id in self.named(own, state) {
            finish(state, &id);
        }
    }
}

impl State {
    fn note(&mut self, id: &str, left: u32, text: &str) {
        let noted = Noted {
            left,
            text: text.to_owned(),
            since: Instant::now(),
        };
        self.noted.insert(id.to_owned(), noted);
    }

    /// Counts a look at what is noted. Returns what was looked at often enough, and forgets it.
    fn take_used_up(&mut self) -> Vec<String> {
        let mut used_up = Vec::new();
        for (id, noted) in &mut self.noted {
            match noted.left {
                u32::MAX => {}
                0 | 1 => used_up.push(id.clone()),
                _ => noted.left -= 1,
            }
        }
        for id in &used_up {
            self.noted.remove(id);
        }
        used_up
    }
}

/// An item as it was before a request.
struct Before {
    item: Item,
}

impl Before {
    fn of(item: &Item) -> Self {
        let mut copy = Item::new(item.id.clone(), item.resource, item.order);
        copy.entry = item.entry.clone();
        copy.hidden = item.hidden.clone();
        copy.tags.clone_from(&item.tags);
        copy.owner.clone_from(&item.owner);
        Self { item: copy }
    }

    /// Lists it after its end. Nothing else finds it.
    fn linger(&self, shown: Option<&str>, state: &mut State) {
        let Self { item } = self;
        if state.store.get(&item.id).is_none() {
            let mut ghost = Self::of(item).item;
            ghost.owner = None;
            state.store.insert(ghost);
            state.store.update(&item.id, |ghost| ghost.gone = true);
        }
        state.store.update(&item.id, |ghost| {
            ghost.entry = item.entry.clone();
            if let Some(shown) = shown {
                ghost.set_state(shown);
            }
        });
    }
}

/// Gives items the members that they had.
fn restore(before: Vec<Before>, state: &mut State) {
    for Before { item } in before {
        let id = item.id.clone();
        state.store.update(&id, |now| {
            now.entry = item.entry;
            now.hidden = item.hidden;
        });
    }
}

/// The members of an answer, if there is one.
pub(super) fn members(result: &mut Result<Answer, Fault>) -> Option<&mut Structure<'static>> {
    result.as_mut().ok().map(|answer| &mut answer.members)
}
