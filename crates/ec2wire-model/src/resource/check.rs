//! What a model lacks of that which the table says about it.

use super::{Documentation, Listing, Path, Resource, Source, States};
use crate::{Model, Operation, Shape};

/// Something that a row names and a model lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lack {
    pub(crate) resource: &'static str,
    /// What is lacking, in words.
    pub(crate) what: String,
    /// The action that it belongs to.
    pub(crate) action: Option<&'static str>,
    /// The members that are named.
    pub(crate) members: Vec<&'static str>,
    /// Whether it belongs to a request, rather than to a response.
    pub(crate) in_request: bool,
}

/// Compares the rows with a model, and their filters with its documentation, if that is given.
pub(crate) fn lacks(
    rows: &'static [Resource],
    model: &'static Model,
    documentation: Option<&Documentation>,
) -> Vec<Lack> {
    let mut check = Check {
        resource: "",
        model,
        found: Vec::new(),
    };
    for row in rows {
        check.row(row);
        if let Some(documentation) = documentation {
            check.filters(row, documentation);
        }
    }
    check.found
}

struct Check {
    resource: &'static str,
    model: &'static Model,
    found: Vec<Lack>,
}

impl Check {
    fn note(&mut self, what: String, action: Option<&'static str>, path: Path, in_request: bool) {
        let members = path.segments().map(|(name, _)| name);
        let lack = Lack {
            resource: self.resource,
            what,
            action,
            members: members.filter(|name| !name.is_empty()).collect(),
            in_request,
        };
        if !self.found.contains(&lack) {
            self.found.push(lack);
        }
    }

    /// The action, if the model has it.
    fn action(&mut self, name: &'static str) -> Option<Operation> {
        let found = self.model.operation(name);
        if found.is_none() {
            self.note(format!("action {name}"), Some(name), Path::default(), true);
        }
        found
    }

    fn path(&mut self, action: Operation, path: Path, in_request: bool) -> Option<Shape> {
        let (side, from) = if in_request {
            ("request", action.input())
        } else {
            ("response", action.output())
        };
        let found = from.and_then(|from| path.shape(from));
        if found.is_none() {
            let what = format!("{path} in the {side} of {}", action.name());
            self.note(what, Some(action.name()), path, in_request);
        }
        found
    }

    /// An outermost member of a request.
    fn member(&mut self, action: Operation, member: &str) {
        let input = action.input();
        if input.and_then(|input| input.member(member)).is_none() {
            let what = format!("{member} in the request of {}", action.name());
            self.note(what, Some(action.name()), Path::default(), true);
        }
    }

    /// A path that begins at an entry of a list.
    fn entry(&mut self, list: Option<(Operation, Shape)>, path: Path) -> Option<Shape> {
        let (action, entry) = list?;
        let found = path.shape(entry);
        if found.is_none() {
            let what = format!("{path} in an entry of {}", action.name());
            self.note(what, Some(action.name()), path, false);
        }
        found
    }

    fn row(&mut self, row: &'static Resource) {
        self.resource = row.name;
        if let Some(kind) = row.resource_type {
            let known = self.model.shape("ResourceType");
            if !known.is_some_and(|known| known.enum_values().contains(&kind)) {
                self.note(
                    format!("value {kind} of ResourceType"),
                    None,
                    Path::default(),
                    true,
                );
            }
        }
        let list = row.list.as_ref().and_then(|list| self.listing(list));
        for read in &row.read {
            self.listing(read);
        }
        for make in &row.make {
            let Some(action) = self.action(make.action) else {
                continue;
            };
            for path in make.id.iter().chain(&make.entry) {
                self.path(action, *path, false);
            }
            for need in &make.needs {
                self.path(action, need.member, true);
            }
            for shown in &make.shown {
                self.path(action, shown.member, true);
                self.entry(list, shown.path);
            }
        }
        for act in row.change.iter().chain(&row.end) {
            if let Some(action) = self.action(act.action) {
                self.path(action, act.member, true);
            }
        }
        for join in &row.join {
            let link = join.link.as_ref();
            let taken = join.part_member.into_iter();
            let part = join.part.and_then(|part| self.action(part));
            for member in taken.chain(link.map(|link| link.member)) {
                if let Some(part) = part {
                    self.member(part, member);
                }
            }
            if let Some(action) = self.action(join.action) {
                self.path(action, join.member, true);
                for path in link.into_iter().flat_map(|link| &link.paths) {
                    self.path(action, *path, false);
                }
                for other in &join.with {
                    self.path(action, other.member, true);
                    if let Some(shown) = other.shown {
                        self.entry(list, shown);
                    }
                }
            }
        }
        if let Some(states) = &row.states {
            self.states(states, list);
        }
    }

    fn listing(&mut self, listing: &'static Listing) -> Option<(Operation, Shape)> {
        let action = self.action(listing.action)?;
        if let Some(member) = listing.member {
            self.path(action, member, true);
        }
        let pages = listing.pages.as_ref();
        let tokens = pages
            .into_iter()
            .flat_map(|pages| [Some(pages.token), pages.limit]);
        for member in tokens.flatten().chain(listing.filters_member) {
            self.member(action, member);
        }
        if listing.path.is_nowhere() {
            return None;
        }
        let entry = (action, self.path(action, listing.path, false)?);
        let filters = listing.filters.iter().filter_map(|filter| filter.path);
        for path in filters.chain(listing.id).chain(listing.tags) {
            self.entry(Some(entry), path);
        }
        Some(entry)
    }

    fn states(&mut self, states: &'static States, list: Option<(Operation, Shape)>) {
        let Some(shape) = self.entry(list, states.path) else {
            return;
        };
        // Some states are plain strings.
        let known = shape.enum_values();
        for state in states.lists().into_iter().flat_map(|(_, states)| states) {
            // What was seen counts, whatever the enum says.
            let is_by_hand = matches!(state.source, Source::Hand(_));
            if !known.is_empty() && !is_by_hand && !known.contains(&state.value) {
                let what = format!("state {} of {}", state.value, shape.name());
                let action = list.map(|(action, _)| action.name());
                self.note(what, action, states.path, false);
            }
        }
    }

    fn filters(&mut self, row: &'static Resource, documentation: &Documentation) {
        let listings = row.list.iter().chain(&row.read);
        for listing in listings.filter(|listing| self.model.operation(listing.action).is_some()) {
            let documented = documentation.filters(listing.action);
            for filter in &listing.filters {
                let is_derived = filter.source == Source::Documentation;
                if is_derived && !documented.iter().any(|name| name == filter.name) {
                    let what = format!("filter {} of {}", filter.name, listing.action);
                    self.note(what, Some(listing.action), Path::default(), true);
                }
            }
        }
    }
}
