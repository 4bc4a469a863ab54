//! One thing that exists.

use super::path;
use ec2wire_model::{Resource, Structure, Value};

/// One resource that exists, or has ended and is still listed.
#[derive(Debug)]
pub(in crate::server) struct Item {
    /// The id. Of a resource without one, the name.
    pub(in crate::server) id: String,
    pub(in crate::server) resource: &'static Resource,
    /// Its place in the order of creation, over all resources.
    pub(in crate::server) order: u64,
    /// What a list shows of it, without its tags.
    pub(in crate::server) entry: Structure<'static>,
    /// What no list shows: attributes, and members that only other actions give.
    pub(in crate::server) hidden: Structure<'static>,
    /// Keys and values, in the order in which they were given.
    pub(in crate::server) tags: Vec<(String, String)>,
    /// The id of the item that it comes and goes with: it does not keep that from being ended.
    pub(in crate::server) owner: Option<String>,
    /// What no other item may have: a name, an address. [`Store::claimant`](super::Store::claimant)
    /// finds it by each of them.
    pub(in crate::server) claims: Vec<String>,
    /// Whether it has ended and is only listed.
    pub(in crate::server) gone: bool,
}

impl Item {
    pub(in crate::server) fn new(id: String, resource: &'static Resource, order: u64) -> Self {
        Self {
            id,
            resource,
            order,
            entry: Structure::new(),
            hidden: Structure::new(),
            tags: Vec::new(),
            owner: None,
            claims: Vec::new(),
            gone: false,
        }
    }

    /// Whether it is one of these. Kinds of a resource share its ids.
    pub(in crate::server) fn is_of(&self, resource: &Resource) -> bool {
        let own = self.resource;
        own.name == resource.name
            || own.kind_of == Some(resource.name)
            || resource.kind_of == Some(own.name)
    }

    /// Whether it has ended and is only listed.
    pub(in crate::server) fn is_gone(&self) -> bool {
        self.gone
    }

    /// A text of its entry, by a path without lists.
    pub(in crate::server) fn text(&self, path: &str) -> Option<&str> {
        path::first(&self.entry, path)?.as_str()
    }

    /// Its state, if its resource has states.
    pub(in crate::server) fn state(&self) -> Option<&str> {
        self.text(self.resource.states.as_ref()?.path.as_str())
    }

    /// Sets its state, if its resource has states.
    pub(in crate::server) fn set_state(&mut self, state: &str) {
        if let Some(states) = &self.resource.states {
            path::set(
                &mut self.entry,
                states.path.as_str(),
                Value::from(state.to_owned()),
            );
        }
    }
}
