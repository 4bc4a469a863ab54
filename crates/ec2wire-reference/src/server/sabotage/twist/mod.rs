//! The kinds of changes to what the endpoint does with the resources of the table. They know no
//! resource: a row names the actions and members.
//!
//! - `request` changes what is asked, `conduct` what is done, `answer` what is told.
//! - `values` finds and rewrites values in requests and answers.

mod answer;
mod conduct;
mod request;
mod values;

pub(super) use self::values::As;

use super::document::{Document, Element};
use crate::server::area::Area;
use crate::server::config::Config;
use crate::server::engine::{self, Answer, Plan, Role};
use crate::server::message::Response;
use crate::server::state::State;
use ec2wire::Fault;
use ec2wire_model::{Kind, Listing, Resource, Shape, Structure, Value};

/// What is different. Unless a kind says otherwise, the action is the one that is changed.
#[derive(Debug)]
pub(super) enum Twist {
    /// Only requests that name a resource of this kind are treated in that way.
    Of(&'static str, &'static Self),

    // What is asked.
    /// Does not read a member, at a path with `[]` behind lists.
    Unread {
        action: &'static str,
        member: &'static str,
    },
    /// Does not read the filters with some names.
    UnreadFilters {
        action: &'static str,
        names: fn(&str) -> bool,
    },
    /// Does not read filters whose names it does not know.
    UnknownFilters { action: &'static str },
    /// Does not read filters without values.
    EmptyFilters { action: &'static str },
    /// Reads only so many values of each filter.
    FewValues { action: &'static str, most: usize },
    /// Lists what any one of the filters selects.
    AnyFilter { action: &'static str },
    /// Compares the values of filters without regard to case.
    IgnoresCase { action: &'static str },
    /// Reads other texts than those of the request.
    Reads {
        actions: &'static [&'static str],
        text: fn(&str) -> String,
    },
    /// Reads a text of the request before, if that was less than a moment ago.
    Mixes {
        action: &'static str,
        member: &'static str,
    },
    /// Knows only one Region for the actions on a resource.
    OneRegion { resource: &'static str },

    // What is done.
    /// Answers as if it had done what it should, and does nothing.
    Idle { actions: &'static [&'static str] },
    /// Answers a request with a success, and does nothing, where it should refuse it.
    Accepts { action: &'static str, when: When },
    /// Leaves unknown ids out if there are known ones.
    UnknownLeftOut { action: &'static str },
    /// Makes a resource although there is one like it.
    Duplicates { action: &'static str },
    /// Ends what others depend on; and answers with the refusal all the same.
    EndsAnyway { action: &'static str, refuses: bool },
    /// Does what a dry run only tries.
    DryRunDone { action: &'static str },
    /// Does what it refuses, as far as it can: for each of the ids alone.
    HalfDone {
        action: &'static str,
        member: &'static str,
    },
    /// Leaves the resources of a kind that the request names as they were.
    Unchanged {
        action: &'static str,
        resource: &'static str,
    },
    /// Leaves the old values of a key in place when it is given another one.
    KeepsTags { action: &'static str },
    /// Still lists what has ended, for so many lists, in this state or as it was.
    Lingers {
        action: &'static str,
        state: Option<&'static str>,
        looks: u32,
    },
    /// Does not list what requests made, for so many lists.
    Unlisted { resource: &'static str, looks: u32 },
    /// What requests make has this state for so many lists.
    Settles {
        resource: &'static str,
        state: &'static str,
        looks: u32,
    },
    /// New ids are different.
    Ids {
        resource: &'static str,
        form: fn(&str) -> String,
    },

    // What is told.
    /// Refuses with another code.
    Recodes {
        actions: &'static [&'static str],
        when: When,
        code: &'static str,
    },
    /// Shows another value, by action and path in the answer.
    Shows {
        at: &'static [(&'static str, &'static str)],
        value: As,
    },
    /// Leaves out entries of a list in which a member has this value.
    LeavesOut {
        action: &'static str,
        list: &'static str,
        member: &'static str,
        value: &'static str,
    },
    /// Lists the entries at a path in reverse.
    Reverses {
        action: &'static str,
        path: &'static str,
    },
    /// Pages in another way.
    Pages { action: &'static str, how: Paging },
    /// Answers with other texts.
    Writes {
        actions: &'static [&'static str],
        text: fn(&str) -> String,
    },
    /// Rewrites the document of a success as text.
    Body {
        action: &'static str,
        text: fn(&str) -> String,
    },
    /// Rewrites the document of a success as a tree.
    Tree {
        action: &'static str,
        edit: fn(&mut Element),
    },
}

/// Why a request should be refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// An id is unknown, or malformed.
    Unknown,
    Malformed,
    /// There is such a resource already.
    Duplicate,
}

/// How a list pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paging {
    /// A page begins with the last entry of the one before.
    Repeats,
    /// An entry is missing between two pages.
    Skips,
    /// The last page leads to the first one.
    Endless,
    /// The last page has an empty token.
    EmptyLast,
    /// A page has fewer entries than it may.
    Short,
}

impl Twist {
    /// Which part of the endpoint's work is changed.
    pub(super) const fn place(&self) -> &'static str {
        match self {
            Self::Of(_, twist) => twist.place(),
            Self::UnreadFilters { .. }
            | Self::UnknownFilters { .. }
            | Self::EmptyFilters { .. }
            | Self::FewValues { .. }
            | Self::AnyFilter { .. }
            | Self::IgnoresCase { .. } => "the filters of a list",
            Self::Unread { .. } | Self::Reads { .. } | Self::Mixes { .. } => {
                "the members of a request"
            }
            Self::OneRegion { .. } => "the Region of a request",
            Self::Recodes { .. } => "the refusal",
            Self::Ids { .. } => "the ids of new resources",
            Self::Pages { .. } => "the pages of a list",
            Self::Shows { .. }
            | Self::LeavesOut { .. }
            | Self::Reverses { .. }
            | Self::Writes { .. } => "the members of an answer",
            Self::Body { .. } | Self::Tree { .. } => "the document",
            Self::Idle { .. }
            | Self::Accepts { .. }
            | Self::UnknownLeftOut { .. }
            | Self::Duplicates { .. }
            | Self::EndsAnyway { .. }
            | Self::DryRunDone { .. }
            | Self::HalfDone { .. }
            | Self::Unchanged { .. }
            | Self::KeepsTags { .. }
            | Self::Lingers { .. }
            | Self::Unlisted { .. }
            | Self::Settles { .. } => "what an action does",
        }
    }

    /// Does what a request asks for, in its own way.
    pub(super) fn perform(
        &self,
        plan: &'static Plan,
        request: Value<'static>,
        state: &mut State,
    ) -> Result<Answer, Fault> {
        let mut asked = Asked { plan, request };
        match self {
            Self::Of(resource, twist) if asked.names(resource, state) => {
                return twist.perform(asked.plan, asked.request, state);
            }
            Self::Of(..) => {}
            _ => {
                self.rewrite(&mut asked, state);
                if let Some(done) = self.act(&asked, state) {
                    return done;
                }
            }
        }
        let before = asked.clone();
        let result = asked.honestly(state);
        self.retell(&before, result, state)
    }

    pub(super) fn ignores_case(&self, of: &str) -> bool {
        matches!(self, Self::IgnoresCase { action } if *action == of)
    }

    pub(super) fn rewrite_id(&self, of: &Resource, id: String) -> String {
        match self {
            Self::Ids { resource, form } if *resource == of.name => form(&id),
            _ => id,
        }
    }

    pub(super) fn rewrite_area(&self, plan: &Plan, config: &Config, area: Area) -> Area {
        match (self, plan.role) {
            (Self::OneRegion { resource }, Some((of, _))) if of.name == *resource => Area {
                region: config.region.clone(),
                ..area
            },
            _ => area,
        }
    }

    pub(super) fn edit_response(&self, response: &mut Response) {
        let (Self::Body { action, .. } | Self::Tree { action, .. }) = self else {
            return;
        };
        if !response.body.contains(&format!("<{action}Response")) {
            return;
        }
        match self {
            Self::Body { text, .. } => response.body = text(&response.body),
            Self::Tree { edit, .. } => {
                if let Some(mut document) = Document::read(&response.body) {
                    edit(&mut document.root);
                    response.body = document.to_string();
                }
            }
            _ => {}
        }
    }
}

/// A request to a twisted endpoint.
#[derive(Clone)]
struct Asked {
    plan: &'static Plan,
    request: Value<'static>,
}

impl Asked {
    fn action(&self) -> &'static str {
        self.plan.operation.name()
    }

    fn is(&self, action: &str) -> bool {
        self.action() == action
    }

    /// Does it as an honest endpoint does.
    fn honestly(self, state: &mut State) -> Result<Answer, Fault> {
        engine::perform(self.plan, self.request, state)
    }

    /// The same request with another value of a member.
    fn with(&self, member: &str, value: impl Into<Value<'static>>) -> Self {
        let mut asked = self.clone();
        if let Value::Structure(members) = &mut asked.request {
            members.insert(member.to_owned(), value);
        }
        asked
    }

    fn is_dry_run(&self) -> bool {
        self.request.get("DryRun") == Some(&Value::Bool(true))
    }

    /// The resource that the action is about.
    fn resource(&self) -> Option<&'static Resource> {
        self.plan.role.map(|(resource, _)| resource)
    }

    /// How the action lists, if it does.
    fn listing(&self) -> Option<&'static Listing> {
        match self.plan.role {
            Some((_, Role::List(listing))) => Some(listing),
            _ => None,
        }
    }

    /// Whether it lists resources of this name.
    fn lists(&self, resource: &str) -> bool {
        self.listing().is_some() && self.resource().is_some_and(|own| own.name == resource)
    }

    /// The ids of the resources of this name that the request names and that exist.
    fn named(&self, resource: &str, state: &State) -> Vec<String> {
        let mut ids = Vec::new();
        values::each_text(&self.request, &mut |text| {
            let is_one = |name: &str| name == resource;
            let found = state.store.get(text);
            if found.is_some_and(|item| {
                is_one(item.resource.name) || item.resource.kind_of.is_some_and(is_one)
            }) && !ids.iter().any(|known| known == text)
            {
                ids.push(text.to_owned());
            }
        });
        ids
    }

    fn names(&self, resource: &str, state: &State) -> bool {
        !self.named(resource, state).is_empty()
    }

    /// A success that says nothing: its lists are empty.
    fn success(&self) -> Answer {
        let mut members = Structure::new();
        let output = self.plan.operation.output();
        for member in output.iter().flat_map(Shape::members) {
            match member.shape().kind() {
                Kind::List { .. } => {
                    members.insert(member.name(), Vec::new());
                }
                Kind::Boolean if member.name() == "Return" => {
                    members.insert("Return", true);
                }
                _ => {}
            }
        }
        Answer {
            members,
            is_made_up: false,
        }
    }
}

impl When {
    /// Whether that is why a request on a resource was refused.
    fn is(self, resource: Option<&Resource>, fault: &Fault) -> bool {
        let Some(code) = fault.code() else {
            return false;
        };
        let codes = resource.map(|resource| &resource.codes);
        let has = |facts: Option<&Vec<ec2wire_model::Fact>>| {
            facts.is_some_and(|facts| facts.iter().any(|fact| fact.value == code))
        };
        match self {
            Self::Unknown => has(codes.map(|codes| &codes.unknown)) || code.ends_with(".NotFound"),
            Self::Malformed => {
                has(codes.map(|codes| &codes.malformed)) || code.ends_with(".Malformed")
            }
            Self::Duplicate => {
                has(codes.map(|codes| &codes.duplicate))
                    || resource.is_some_and(|own| own.unique.iter().any(|only| only.code == code))
            }
        }
    }
}
