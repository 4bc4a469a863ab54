//! The kinds of changes that a row of the tables can make to the endpoint, each at one of its
//! hooks.

use super::document::{Document, Element};
use super::form::Form;
use super::twist::Twist;
use crate::server::area::Area;
use crate::server::config::Config;
use crate::server::delivery::Delivery;
use crate::server::engine::{self, Answer, Plan};
use crate::server::hooks::{Afterlife, Hooks, Performed};
use crate::server::message::{Request, Response};
use crate::server::state::{Policy, State};
use crate::server::tokens::Replay;
use ec2wire::Fault;
use ec2wire::contract::Violation;
use ec2wire::ipam::{CreateIpamPolicy, IpamPolicy};
use ec2wire_model::{Resource, Value};
use http::HeaderMap;
use std::borrow::Cow;

/// What a row changes, in the order in which a request meets it.
#[derive(Debug)]
pub(super) enum Change {
    /// Rewrites the request's pairs before they are decoded.
    Form(fn(&mut Form<'_>)),
    /// Does not enforce the contract's rule of this name.
    Rule(&'static str),
    /// Overlooks some violations of the contract.
    Unchecked(fn(&Violation, &CreateIpamPolicy) -> bool),
    /// Refuses some requests that break no rule.
    Refused(fn(&CreateIpamPolicy) -> bool),
    /// Refuses some texts of tags that break no rule.
    RefusedTag(Part, fn(&str) -> bool),
    /// Accepts the `IpamId` of some requests although there is no such IPAM.
    Ipam(fn(&CreateIpamPolicy) -> bool),
    /// Changes the result of looking up a client token.
    Replay(fn(Replay<Policy>) -> Replay<Policy>),
    /// Changes the id of a new policy.
    PolicyId(fn(&str) -> String),
    /// Keeps some deleted policies.
    KeepsDeleted(fn(&Policy) -> bool),
    /// Lists deleted policies for a while.
    ListsDeleted(Afterlife),
    /// Leaves a new policy out of the first description after its creation.
    DescribesLate,
    /// Leaves the first page of a list in pages empty.
    EmptyPage,
    /// Changes the state after an action.
    After(fn(&mut State, &Performed<'_>)),
    /// Changes a policy in an answer.
    Policy(fn(&mut IpamPolicy)),
    /// Changes the error that refuses a request.
    Refusal(fn(&mut Fault)),
    /// Rewrites the list of policies in an answer to DescribeIpamPolicies.
    Described(fn(&mut Element)),
    /// Rewrites the answer's document, as a tree.
    Document(fn(&mut Document)),
    /// Changes the whole answer.
    Answer(fn(&Request<'_>, &mut Response)),
    /// Replaces the content type.
    ContentType(&'static str),
    /// Changes the headers. Only over HTTP.
    Headers(fn(&mut HeaderMap)),
    /// Chooses how the answer is delivered, from the body of the request. Only over HTTP.
    Delivery(fn(&[u8]) -> Delivery),
    /// Changes what is done with the resources of the table.
    World(Twist),
}

/// A part of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Key,
    Value,
    Either,
}

impl Change {
    /// Which part of the endpoint's work the row changes.
    pub(super) const fn place(&self) -> &'static str {
        match self {
            Self::Form(_) => "the request's pairs",
            Self::Rule(_) | Self::Unchecked(_) => "a rule that is not enforced",
            Self::Refused(_) | Self::RefusedTag(..) => "a rule that is too strict",
            Self::Ipam(_) => "the lookup of the IPAM",
            Self::Replay(_) => "the lookup of the client token",
            Self::PolicyId(_) => "the policy's id",
            Self::KeepsDeleted(_)
            | Self::ListsDeleted(_)
            | Self::DescribesLate
            | Self::After(_) => "the state",
            Self::EmptyPage => "the pages of a list",
            Self::Policy(_) => "the policy in the answer",
            Self::Refusal(_) => "the refusal",
            Self::Described(_) | Self::Document(_) => "the document",
            Self::Answer(_) => "the whole answer",
            Self::ContentType(_) | Self::Headers(_) => "the headers",
            Self::Delivery(_) => "the delivery",
            Self::World(twist) => twist.place(),
        }
    }
}

impl Hooks for Change {
    fn rewrite_form<'r>(&self, request: &Request<'_>, form: Cow<'r, [u8]>) -> Cow<'r, [u8]> {
        let Self::Form(edit) = self else {
            return form;
        };
        match Form::read(request, &form) {
            Some(mut pairs) => {
                edit(&mut pairs);
                pairs.write().into()
            }
            None => form,
        }
    }

    fn rewrite_area(&self, plan: &Plan, config: &Config, area: Area) -> Area {
        match self {
            Self::World(twist) => twist.rewrite_area(plan, config, area),
            _ => area,
        }
    }

    fn perform(
        &self,
        plan: &'static Plan,
        request: Value<'static>,
        state: &mut State,
    ) -> Result<Answer, Fault> {
        match self {
            Self::World(twist) => twist.perform(plan, request, state),
            _ => engine::perform(plan, request, state),
        }
    }

    fn ignores_case(&self, action: &str) -> bool {
        match self {
            Self::World(twist) => twist.ignores_case(action),
            _ => false,
        }
    }

    fn rewrite_id(&self, resource: &Resource, id: String) -> String {
        match self {
            Self::World(twist) => twist.rewrite_id(resource, id),
            _ => id,
        }
    }

    fn overlooks(&self, violation: &Violation, request: &CreateIpamPolicy) -> bool {
        match self {
            Self::Rule(name) => violation.rule.name == *name,
            Self::Ipam(accepts) => violation.path == "IpamId" && accepts(request),
            Self::Unchecked(overlooks) => overlooks(violation, request),
            _ => false,
        }
    }

    fn refuses(&self, request: &CreateIpamPolicy) -> bool {
        match self {
            Self::Refused(refuses) => refuses(request),
            Self::RefusedTag(part, refuses) => {
                let tags = request.tag_specifications.iter().flat_map(|s| &s.tags);
                let mut texts =
                    tags.flat_map(|tag| [(Part::Key, &tag.key), (Part::Value, &tag.value)]);
                texts.any(|(found, text)| {
                    (*part == found || *part == Part::Either)
                        && text.as_deref().is_some_and(refuses)
                })
            }
            _ => false,
        }
    }

    fn accepts_ipam(&self, request: &CreateIpamPolicy) -> bool {
        match self {
            Self::Ipam(accepts) => accepts(request),
            _ => false,
        }
    }

    fn rewrite_replay(&self, replay: Replay<Policy>) -> Replay<Policy> {
        match self {
            Self::Replay(edit) => edit(replay),
            _ => replay,
        }
    }

    fn rewrite_policy_id(&self, id: String) -> String {
        match self {
            Self::PolicyId(edit) => edit(&id),
            _ => id,
        }
    }

    fn keeps_deleted(&self, policy: &Policy) -> bool {
        match self {
            Self::KeepsDeleted(keeps) => keeps(policy),
            _ => false,
        }
    }

    fn afterlife(&self) -> Option<Afterlife> {
        match self {
            Self::ListsDeleted(afterlife) => Some(*afterlife),
            _ => None,
        }
    }

    fn describes_late(&self) -> bool {
        matches!(self, Self::DescribesLate)
    }

    fn page_length(&self, length: usize, is_first: bool) -> usize {
        match self {
            Self::EmptyPage if is_first => 0,
            _ => length,
        }
    }

    fn after_action(&self, state: &mut State, action: &Performed<'_>) {
        if let Self::After(act) = self {
            act(state, action);
        }
    }

    fn edit_policy(&self, policy: &mut IpamPolicy) {
        if let Self::Policy(edit) = self {
            edit(policy);
        }
    }

    fn edit_fault(&self, fault: &mut Fault) {
        if let Self::Refusal(edit) = self {
            edit(fault);
        }
    }

    fn edit_response(&self, request: &Request<'_>, response: &mut Response) {
        match self {
            Self::Answer(edit) => edit(request, response),
            Self::ContentType(other) => response.content_type = other,
            Self::Document(edit) => rewrite(response, edit),
            Self::Described(edit) => rewrite(response, &|document| {
                if let Some(set) = document.root.child("ipamPolicySet") {
                    edit(set);
                }
            }),
            Self::World(twist) => twist.edit_response(response),
            _ => {}
        }
    }

    fn edit_headers(&self, headers: &mut HeaderMap) {
        if let Self::Headers(edit) = self {
            edit(headers);
        }
    }

    fn delivery(&self, body: &[u8]) -> Delivery {
        match self {
            Self::Delivery(choose) => choose(body),
            _ => Delivery::Whole,
        }
    }
}

fn rewrite(response: &mut Response, edit: &dyn Fn(&mut Document)) {
    if let Some(mut document) = Document::read(&response.body) {
        edit(&mut document);
        response.body = document.to_string();
    }
}
