//! Actions that list resources: by ids, by filters, in pages.

use super::answer::{self, place, project};
use super::filter::Filters;
use super::input::{Input, unknown};
use super::plan::Role;
use crate::server::families;
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::Item;
use ec2wire::Fault;
use ec2wire_model::{Listing, Resource, Structure, Value};
use std::borrow::Borrow;

/// How many entries a page has if the request does not say it.
pub(in crate::server) const USUAL_LENGTH: usize = 1000;

/// A page of a list.
pub(in crate::server) struct Page<'s> {
    pub(in crate::server) items: Vec<&'s Item>,
    pub(in crate::server) next: Option<String>,
}

/// Lists what the plan of the request says, for families that only check more.
pub(in crate::server) fn as_planned(
    input: &Input,
    state: &State,
) -> Result<Structure<'static>, Fault> {
    match input.plan.role {
        Some((resource, Role::List(listing))) => list(input, resource, listing, state),
        _ => Ok(answer::made_up(input)),
    }
}

/// Lists resources as the table says.
pub(in crate::server) fn list(
    input: &Input,
    resource: &'static Resource,
    listing: &'static Listing,
    state: &State,
) -> Result<Structure<'static>, Fault> {
    let select = families::selecting(listing.action);
    let page = page(input, resource, listing, state, &|item| {
        select.is_none_or(|select| select(input, state, item))
    })?;
    input.stop_dry_run()?;
    let mut answer = Structure::new();
    let Some(shape) = input
        .plan
        .operation
        .output()
        .and_then(|output| listing.path.shape(output))
    else {
        return Ok(answer::made_up(input));
    };
    let show = families::showing(listing.action);
    let values = page.items.iter().map(|item| {
        let mut entry = answer::entry(item);
        if let Some((_, show)) = show {
            show(state, item, &mut entry);
        }
        project(&entry, shape).into()
    });
    place(&mut answer, listing.path.as_str(), values.collect());
    set_next(&mut answer, listing, page.next);
    Ok(answer)
}

/// Sets the token for the next page.
pub(in crate::server) fn set_next(
    answer: &mut Structure<'static>,
    listing: &Listing,
    next: Option<String>,
) {
    if let (Some(pages), Some(next)) = (&listing.pages, next) {
        answer.insert(pages.next, Value::from(next));
    }
}

/// The items of a page that a request asks for and `select` takes.
pub(in crate::server) fn page<'s>(
    input: &Input,
    resource: &'static Resource,
    listing: &'static Listing,
    state: &'s State,
    select: &dyn Fn(&Item) -> bool,
) -> Result<Page<'s>, Fault> {
    let filters = Filters::of(input, resource, listing)?;
    let show = families::showing(listing.action);
    let select = |item: &Item| {
        select(item)
            && match show {
                None => filters.hold(item, &item.entry),
                // What takes longer comes last.
                Some((members, show)) => {
                    filters.hold_beside(members, item)
                        && (!filters.look_at(members) || {
                            let mut entry = item.entry.clone();
                            show(state, item, &mut entry);
                            filters.hold(item, &entry)
                        })
                }
            }
    };
    let ids = match &listing.member {
        Some(member) => input.texts(member.as_str()),
        None => Vec::new(),
    };
    let pages = listing.pages.as_ref();
    let limit = limit(input, listing);
    let token = pages.and_then(|pages| input.text(pages.token));
    if !ids.is_empty() {
        check_limit_alone(input, listing, limit.is_some())?;
        return Ok(Page {
            items: named(&ids, resource, state, &select)?,
            next: None,
        });
    }
    let length = length(limit, listing)?;
    let after = start_of_page(state, token)?;
    let mut matching = state
        .store
        .after(resource.name, after)
        .filter(|item| select(item));
    let items: Vec<&Item> = matching.by_ref().take(length).collect();
    let last = items.last().map_or(after, |item| item.order);
    let next = matching.next().map(|_| state.page_token(last));
    Ok(Page { items, next })
}

/// The place after which a page begins, in the order of creation.
pub(in crate::server) fn start_of_page(state: &State, token: Option<&str>) -> Result<u64, Fault> {
    let read = |token| {
        let place = state.read_page_token(token);
        place.ok_or_else(fault::invalid_token)
    };
    token.map_or(Ok(0), read)
}

/// Lists entries that are made from what exists, or that are always the same. `items` gives those
/// after a place in the order of creation.
pub(in crate::server) fn list_these<T: Borrow<Item>, I: Iterator<Item = T>>(
    input: &Input,
    resource: &'static Resource,
    listing: &'static Listing,
    state: &State,
    items: impl FnOnce(u64) -> I,
) -> Result<Structure<'static>, Fault> {
    let filters = Filters::of(input, resource, listing)?;
    let pages = listing.pages.as_ref();
    let limit = limit(input, listing);
    check_limit_alone(input, listing, limit.is_some())?;
    let length = length(limit, listing)?;
    let after = start_of_page(state, pages.and_then(|pages| input.text(pages.token)))?;
    let mut matching = items(after).filter(|item| {
        let item: &Item = item.borrow();
        filters.hold(item, &item.entry)
    });
    let page: Vec<T> = matching.by_ref().take(length).collect();
    let last = page.last().map_or(after, |item| item.borrow().order);
    let next = matching.next().map(|_| state.page_token(last));
    input.stop_dry_run()?;
    let mut answer = Structure::new();
    let output = input.plan.operation.output();
    if let Some(shape) = output.and_then(|output| listing.path.shape(output)) {
        let entries = page
            .iter()
            .map(|item| project(&item.borrow().entry, shape).into());
        place(&mut answer, listing.path.as_str(), entries.collect());
    }
    set_next(&mut answer, listing, next);
    Ok(answer)
}

/// The value that a request has for the length of a page.
fn limit<'i>(input: &'i Input, listing: &Listing) -> Option<&'i Value<'static>> {
    input.get(listing.pages.as_ref()?.limit?)
}

/// Refuses a length that a page cannot have, for lists that show nothing.
pub(super) fn check_length(input: &Input, listing: &Listing) -> Result<(), Fault> {
    let limit = limit(input, listing);
    check_limit_alone(input, listing, limit.is_some())?;
    length(limit, listing).map(|_| ())
}

/// Refuses ids together with a page's length, where AWS documents that.
fn check_limit_alone(input: &Input, listing: &Listing, has_limit: bool) -> Result<(), Fault> {
    let member = listing.member.as_ref().map_or("", |member| member.as_str());
    if let Some(pages) = &listing.pages
        && let Some(limit) = pages.limit.filter(|_| has_limit)
        && pages.not_with_ids.is_some()
        && !member.is_empty()
        && !input.texts(member).is_empty()
    {
        return Err(fault::invalid_combination(member, limit));
    }
    Ok(())
}

/// The items with these ids, in the order of creation, each once.
fn named<'s>(
    ids: &[&str],
    resource: &'static Resource,
    state: &'s State,
    select: &dyn Fn(&Item) -> bool,
) -> Result<Vec<&'s Item>, Fault> {
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let item = state.store.get(id).filter(|item| item.is_of(resource));
        found.push(item.ok_or_else(|| unknown(resource, id))?);
    }
    found.sort_by_key(|item| item.order);
    found.dedup_by_key(|item| item.order);
    found.retain(|item| select(item));
    Ok(found)
}

/// How many entries a page may have.
fn length(limit: Option<&Value<'static>>, listing: &Listing) -> Result<usize, Fault> {
    let asked = match limit {
        // Without a token for the next page, all that is left out could never be listed.
        None if listing.pages.is_none() => return Ok(usize::MAX),
        None => return Ok(USUAL_LENGTH),
        Some(Value::Integer(asked)) => *asked,
        // Some actions take it as text.
        Some(other) => {
            let text = other.as_str().unwrap_or_default();
            text.parse()
                .map_err(|_| fault::invalid_choice("MaxResults", text))?
        }
    };
    let pages = listing.pages.as_ref();
    let least = pages.and_then(|pages| pages.least).map_or(1, i64::from);
    let most = pages
        .and_then(|pages| pages.most)
        .map_or(i64::MAX, i64::from);
    if !(least..=most).contains(&asked) {
        let name = pages.and_then(|pages| pages.limit).unwrap_or("MaxResults");
        return Err(fault::invalid_value(format!(
            "Value ( {asked} ) for parameter {name} is invalid. Expecting a value from {least} to {most}"
        )));
    }
    Ok(usize::try_from(asked).unwrap_or(USUAL_LENGTH))
}
