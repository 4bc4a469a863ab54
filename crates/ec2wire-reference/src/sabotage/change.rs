//! The places between a request and its answer where the endpoint can be made different, and what
//! is done there.

use super::Quirk;
use super::client::ClientChange;
use super::document::{Document, Element};
use super::form::Form;
use crate::fault;
use crate::state::{Policy, Replay, State};
use crate::world::{Request, Response};
use ec2wire::Fault;
use ec2wire::contract::Violation;
use ec2wire::ipam::{CreateIpamPolicy, IpamPolicy};
use http::HeaderMap;
use std::borrow::Cow;

/// What a quirk changes. In the order in which a request meets them.
pub(crate) enum Change {
    /// The request's pairs, before they are decoded.
    Form(fn(&mut Form<'_>)),
    /// The contract's rule of that name, which is not enforced.
    Rule(&'static str),
    /// Violations of the contract that are overlooked.
    Unchecked(fn(&Violation, &CreateIpamPolicy) -> bool),
    /// Requests that are refused, though nothing is wrong with them.
    Refused(fn(&CreateIpamPolicy) -> bool),
    /// Texts of tags that are refused, though nothing is wrong with them.
    RefusedTag(Part, fn(&str) -> bool),
    /// Requests whose `IpamId` is taken for that of an IPAM that exists.
    Ipam(fn(&CreateIpamPolicy) -> bool),
    /// What is made of a client token.
    Replay(fn(Replay<Policy>) -> Replay<Policy>),
    /// The id that a policy is given.
    PolicyId(fn(&str) -> String),
    /// Policies that were deleted stay.
    KeepsDeleted,
    /// A policy is described only once another DescribeIpamPolicies has come before.
    Lags,
    /// The first page of a list in pages is empty.
    EmptyPage,
    /// What happens to the state after an action.
    After(fn(&mut State, &Done<'_>)),
    /// A policy as an answer shows it.
    Policy(fn(&mut IpamPolicy)),
    /// A refusal.
    Refusal(fn(&mut Fault)),
    /// The list of policies in an answer to DescribeIpamPolicies.
    Described(fn(&mut Element)),
    /// The answer's document, as a tree.
    Document(fn(&mut Document)),
    /// The whole answer.
    Answer(fn(&Request<'_>, &mut Response)),
    /// The content type.
    ContentType(&'static str),
    /// The headers, in HTTP only.
    Headers(fn(&mut HeaderMap)),
    /// How the answer is delivered, by the body of its request; in HTTP only.
    Delivery(fn(&[u8]) -> Delivery),
    /// The reference client, which is changed at places of its own.
    Client(ClientChange),
}

/// A part of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Key,
    Value,
    Either,
}

/// An action that was performed.
pub(crate) struct Done<'a> {
    pub(crate) action: &'static str,
    /// Why it was refused, if it was.
    pub(crate) refusal: Option<&'a Fault>,
    /// Whether it made something new.
    pub(crate) made: bool,
}

/// How an answer is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// In one piece, with its length.
    Whole,
    /// In chunks.
    Chunked,
    /// Only half of it, with the length of the whole; then the connection ends.
    Half,
    /// Only half of it, in chunks, the last of which never comes; then the connection ends.
    HalfChunked,
    /// In the encoding ISO 8859-1, with `?` for what that has not.
    Latin1,
    /// Never.
    Hang,
    /// Not at all: the connection ends.
    Close,
}

impl Change {
    pub(super) const fn place(&self) -> &'static str {
        match self {
            Self::Form(_) => "the request's pairs",
            Self::Rule(_) | Self::Unchecked(_) => "a rule that is not enforced",
            Self::Refused(_) | Self::RefusedTag(..) => "a rule that is too strict",
            Self::Ipam(_) => "the look-up of the IPAM",
            Self::Replay(_) => "the look-up of the client token",
            Self::PolicyId(_) => "the policy's id",
            Self::KeepsDeleted | Self::Lags | Self::After(_) => "the state",
            Self::EmptyPage => "the pages of a list",
            Self::Policy(_) => "the policy in the answer",
            Self::Refusal(_) => "the refusal",
            Self::Described(_) | Self::Document(_) => "the document",
            Self::Answer(_) => "the whole answer",
            Self::ContentType(_) | Self::Headers(_) => "the headers",
            Self::Delivery(_) => "the delivery",
            Self::Client(change) => change.place(),
        }
    }
}

/// What the honest endpoint asks of its quirk, if it has one. Without one each of these does
/// nothing.
pub(crate) trait Hooks {
    fn form<'r>(self, request: &Request<'_>, form: Cow<'r, [u8]>) -> Cow<'r, [u8]>;
    fn overlooks(self, violation: &Violation, request: &CreateIpamPolicy) -> bool;
    fn refuse(self, request: &CreateIpamPolicy) -> Result<(), Fault>;
    fn takes_for_an_ipam(self, request: &CreateIpamPolicy) -> bool;
    fn replay(self, replay: Replay<Policy>) -> Replay<Policy>;
    fn policy_id(self, id: String) -> String;
    fn keeps_deleted(self) -> bool;
    fn lags(self) -> bool;
    fn page_length(self, length: usize, is_first: bool) -> usize;
    fn after(self, state: &mut State, done: &Done<'_>);
    fn policy(self, policy: &mut IpamPolicy);
    fn refusal(self, fault: &mut Fault);
    fn answer(self, request: &Request<'_>, response: &mut Response);
    fn headers(self, headers: &mut HeaderMap);
    fn delivery(self, body: &[u8]) -> Delivery;
}

impl Hooks for Option<&'static Quirk> {
    fn form<'r>(self, request: &Request<'_>, form: Cow<'r, [u8]>) -> Cow<'r, [u8]> {
        match self.map(|quirk| &quirk.change) {
            Some(Change::Form(edit)) => match Form::read(request, &form) {
                Some(mut read) => {
                    edit(&mut read);
                    read.write().into()
                }
                None => form,
            },
            _ => form,
        }
    }

    fn overlooks(self, violation: &Violation, request: &CreateIpamPolicy) -> bool {
        match self.map(|quirk| &quirk.change) {
            Some(Change::Rule(name)) => violation.rule.name == *name,
            Some(Change::Ipam(taken)) => violation.path == "IpamId" && taken(request),
            Some(Change::Unchecked(overlooked)) => overlooked(violation, request),
            _ => false,
        }
    }

    fn refuse(self, request: &CreateIpamPolicy) -> Result<(), Fault> {
        let is_refused = match self.map(|quirk| &quirk.change) {
            Some(Change::Refused(refused)) => refused(request),
            Some(Change::RefusedTag(part, refused)) => {
                let tags = request.tag_specifications.iter().flat_map(|s| &s.tags);
                let mut texts =
                    tags.flat_map(|tag| [(Part::Key, &tag.key), (Part::Value, &tag.value)]);
                texts.any(|(of, text)| {
                    (*part == of || *part == Part::Either) && text.as_deref().is_some_and(refused)
                })
            }
            _ => false,
        };
        if is_refused {
            return Err(fault::invalid_value(
                "A parameter of the request is invalid",
            ));
        }
        Ok(())
    }

    fn takes_for_an_ipam(self, request: &CreateIpamPolicy) -> bool {
        match self.map(|quirk| &quirk.change) {
            Some(Change::Ipam(taken)) => taken(request),
            _ => false,
        }
    }

    fn replay(self, replay: Replay<Policy>) -> Replay<Policy> {
        match self.map(|quirk| &quirk.change) {
            Some(Change::Replay(edit)) => edit(replay),
            _ => replay,
        }
    }

    fn policy_id(self, id: String) -> String {
        match self.map(|quirk| &quirk.change) {
            Some(Change::PolicyId(edit)) => edit(&id),
            _ => id,
        }
    }

    fn lags(self) -> bool {
        matches!(self.map(|quirk| &quirk.change), Some(Change::Lags))
    }

    fn page_length(self, length: usize, is_first: bool) -> usize {
        match self.map(|quirk| &quirk.change) {
            Some(Change::EmptyPage) if is_first => 0,
            _ => length,
        }
    }

    fn keeps_deleted(self) -> bool {
        matches!(self.map(|quirk| &quirk.change), Some(Change::KeepsDeleted))
    }

    fn after(self, state: &mut State, done: &Done<'_>) {
        if let Some(Change::After(act)) = self.map(|quirk| &quirk.change) {
            act(state, done);
        }
    }

    fn policy(self, policy: &mut IpamPolicy) {
        if let Some(Change::Policy(edit)) = self.map(|quirk| &quirk.change) {
            edit(policy);
        }
    }

    fn refusal(self, fault: &mut Fault) {
        if let Some(Change::Refusal(edit)) = self.map(|quirk| &quirk.change) {
            edit(fault);
        }
    }

    fn answer(self, request: &Request<'_>, response: &mut Response) {
        match self.map(|quirk| &quirk.change) {
            Some(Change::Answer(edit)) => edit(request, response),
            Some(Change::ContentType(other)) => response.content_type = other,
            Some(Change::Document(edit)) => rewrite(response, edit),
            Some(Change::Described(edit)) => rewrite(response, &|document| {
                if let Some(set) = document.root.child("ipamPolicySet") {
                    edit(set);
                }
            }),
            _ => {}
        }
    }

    fn headers(self, headers: &mut HeaderMap) {
        if let Some(Change::Headers(edit)) = self.map(|quirk| &quirk.change) {
            edit(headers);
        }
    }

    fn delivery(self, body: &[u8]) -> Delivery {
        match self.map(|quirk| &quirk.change) {
            Some(Change::Delivery(choose)) => choose(body),
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
