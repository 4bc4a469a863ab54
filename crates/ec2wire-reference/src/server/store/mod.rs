//! What exists in an account and Region: items of the table's resources.
//!
//! - `item` is one of them, and [`Store`] holds them all, with indexes for what requests ask: by id,
//!   by resource in the order of creation, and by who refers to whom.
//! - `path` reads and writes values at the table's paths.

mod item;
pub(super) mod path;

pub(super) use item::Item;

use ec2wire_model::{Resource, Structure, Value};
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::ops::Bound;
use std::time::{Duration, Instant};

/// All items of an area.
#[derive(Debug, Default)]
pub(super) struct Store {
    items: HashMap<u64, Item>,
    by_id: HashMap<String, u64>,
    by_resource: HashMap<&'static str, BTreeSet<u64>>,
    /// The items whose entries name an id.
    referrers: HashMap<String, BTreeSet<u64>>,
    /// The items by what only one may have.
    claimed: HashMap<String, u64>,
    /// The items that have ended and are still listed, the oldest first.
    gone: VecDeque<(Instant, u64)>,
}

impl Store {
    /// Adds an item.
    pub(super) fn insert(&mut self, item: Item) {
        let order = item.order;
        self.by_id.insert(item.id.clone(), order);
        for name in names(item.resource) {
            self.by_resource.entry(name).or_default().insert(order);
        }
        self.refer(&item);
        if item.gone {
            self.gone.push_back((Instant::now(), order));
        }
        self.items.insert(order, item);
    }

    /// The item with this id, also if it has ended and is still listed.
    pub(super) fn get(&self, id: &str) -> Option<&Item> {
        self.at(*self.by_id.get(id)?)
    }

    /// The item at a place in the order of creation.
    pub(super) fn at(&self, order: u64) -> Option<&Item> {
        self.items.get(&order)
    }

    /// The item of a resource with this id that has not ended. Kinds of a resource share its ids.
    pub(super) fn live(&self, resource: &Resource, id: &str) -> Option<&Item> {
        let found = self.get(id)?;
        (found.is_of(resource) && !found.is_gone()).then_some(found)
    }

    /// Changes an item. Returns what `change` does, or `None` if there is no such item.
    pub(super) fn update<T>(&mut self, id: &str, change: impl FnOnce(&mut Item) -> T) -> Option<T> {
        let order = *self.by_id.get(id)?;
        let mut item = self.items.remove(&order)?;
        self.forget_references(&item);
        let result = change(&mut item);
        self.refer(&item);
        self.items.insert(order, item);
        Some(result)
    }

    /// Removes an item at once.
    pub(super) fn remove(&mut self, id: &str) -> Option<Item> {
        let order = self.by_id.remove(id)?;
        let item = self.items.remove(&order)?;
        for name in names(item.resource) {
            if let Some(of_resource) = self.by_resource.get_mut(name) {
                of_resource.remove(&order);
            }
        }
        self.forget_references(&item);
        Some(item)
    }

    /// Notes that an item has ended. It is listed until [`sweep`](Self::sweep) removes it, and keeps
    /// nothing from being ended.
    pub(super) fn end(&mut self, id: &str) {
        let ended = self.update(id, |item| {
            item.gone = true;
            item.order
        });
        if let Some(order) = ended {
            self.gone.push_back((Instant::now(), order));
        }
    }

    /// Removes what ended longer than that ago.
    pub(super) fn sweep(&mut self, after: Duration) {
        while let Some(&(since, order)) = self.gone.front()
            && since.elapsed() >= after
        {
            self.gone.pop_front();
            if let Some(id) = self.items.get(&order).map(|item| item.id.clone()) {
                self.remove(&id);
            }
        }
    }

    /// The items of a resource after a place in the order of creation, the oldest first, also those
    /// that have ended and are still listed.
    pub(super) fn after(&self, resource: &str, order: u64) -> impl Iterator<Item = &Item> {
        let of_resource = self.by_resource.get(resource);
        let orders = of_resource
            .into_iter()
            .flat_map(move |orders| orders.range((Bound::Excluded(order), Bound::Unbounded)));
        orders.filter_map(|order| self.items.get(order))
    }

    /// The items of a resource that have not ended, the oldest first.
    pub(super) fn all(&self, resource: &str) -> impl Iterator<Item = &Item> {
        self.after(resource, 0).filter(|item| !item.is_gone())
    }

    /// The ids of the items that come and go with another one.
    pub(super) fn everything_owned_by(&self, id: &str) -> impl Iterator<Item = &str> {
        let referrers = self.referrers(id);
        referrers
            .filter(move |item| item.owner.as_deref() == Some(id))
            .map(|item| item.id.as_str())
    }

    /// Every item, in no order.
    pub(super) fn everything(&self) -> impl Iterator<Item = &Item> {
        self.items.values()
    }

    /// The items that have not ended and whose entries name an id, the oldest first.
    pub(super) fn referrers(&self, id: &str) -> impl Iterator<Item = &Item> {
        let orders = self.referrers.get(id).into_iter().flatten();
        orders
            .filter_map(|order| self.items.get(order))
            .filter(|item| !item.is_gone())
    }

    /// The item that has something which only one may have.
    pub(super) fn claimant(&self, claim: &str) -> Option<&Item> {
        self.at(*self.claimed.get(claim)?)
    }

    fn refer(&mut self, item: &Item) {
        if item.gone {
            return;
        }
        for claim in &item.claims {
            self.claimed.insert(claim.clone(), item.order);
        }
        each_id(&item.entry, &mut |id| {
            if id != item.id {
                let referrers = self.referrers.entry(id.to_owned()).or_default();
                referrers.insert(item.order);
            }
        });
    }

    fn forget_references(&mut self, item: &Item) {
        for claim in &item.claims {
            if self.claimed.get(claim) == Some(&item.order) {
                self.claimed.remove(claim);
            }
        }
        each_id(&item.entry, &mut |id| {
            if let Some(referrers) = self.referrers.get_mut(id) {
                referrers.remove(&item.order);
                if referrers.is_empty() {
                    self.referrers.remove(id);
                }
            }
        });
    }
}

/// The names of a resource, and of the one that it is a kind of: its list shows it, too.
fn names(resource: &'static Resource) -> impl Iterator<Item = &'static str> {
    [Some(resource.name), resource.kind_of]
        .into_iter()
        .flatten()
}

/// Calls `visit` with each text that has the form of an id.
fn each_id(structure: &Structure<'_>, visit: &mut impl FnMut(&str)) {
    fn inside(value: &Value<'_>, visit: &mut impl FnMut(&str)) {
        match value {
            Value::String(text) if is_like_id(text) => visit(text),
            Value::List(entries) => entries.iter().for_each(|entry| inside(entry, visit)),
            Value::Structure(structure) => each_id(structure, visit),
            _ => {}
        }
    }

    for (_, member) in structure.iter() {
        inside(member, visit);
    }
}

/// Whether a text may be an id: a prefix, and at least 8 hexadecimal digits after the last hyphen.
fn is_like_id(text: &str) -> bool {
    text.len() <= 64
        && text.rsplit_once('-').is_some_and(|(prefix, digits)| {
            prefix
                .as_bytes()
                .first()
                .is_some_and(u8::is_ascii_lowercase)
                && digits.len() >= 8
                && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
}
