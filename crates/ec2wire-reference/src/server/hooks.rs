//! The places where the honest endpoint can be changed. It calls each of these hooks on its way
//! from a request to the answer.

use super::area::Area;
use super::config::Config;
use super::delivery::Delivery;
use super::engine::{self, Answer, Plan};
use super::message::{Request, Response};
use super::state::{Policy, State};
use super::tokens::Replay;
use ec2wire::Fault;
use ec2wire::contract::Violation;
use ec2wire::ipam::{CreateIpamPolicy, IpamPolicy};
use ec2wire_model::{Resource, Value};
use http::HeaderMap;
use std::borrow::Cow;
use std::fmt;
use std::time::Instant;

/// What the endpoint calls, in the order in which a request meets it. The defaults change nothing.
pub(super) trait Hooks: fmt::Debug + Sync {
    /// Rewrites the request's form before it is decoded.
    fn rewrite_form<'r>(&self, _request: &Request<'_>, form: Cow<'r, [u8]>) -> Cow<'r, [u8]> {
        form
    }

    /// Changes which account and Region a request is for.
    fn rewrite_area(&self, _plan: &Plan, _config: &Config, area: Area) -> Area {
        area
    }

    /// Does what a request asks of the table's resources.
    fn perform(
        &self,
        plan: &'static Plan,
        request: Value<'static>,
        state: &mut State,
    ) -> Result<Answer, Fault> {
        engine::perform(plan, request, state)
    }

    /// Whether the filters of an action compare without regard to case.
    fn ignores_case(&self, _action: &str) -> bool {
        false
    }

    /// Changes the id of a new resource.
    fn rewrite_id(&self, _resource: &Resource, id: String) -> String {
        id
    }

    /// Whether a violation of the contract is overlooked.
    fn overlooks(&self, _violation: &Violation, _request: &CreateIpamPolicy) -> bool {
        false
    }

    /// Whether a request is refused although it breaks no rule.
    fn refuses(&self, _request: &CreateIpamPolicy) -> bool {
        false
    }

    /// Whether the request's `IpamId` is accepted although there is no such IPAM.
    fn accepts_ipam(&self, _request: &CreateIpamPolicy) -> bool {
        false
    }

    /// Changes the result of looking up a client token.
    fn rewrite_replay(&self, replay: Replay<Policy>) -> Replay<Policy> {
        replay
    }

    /// Changes the id of a new policy.
    fn rewrite_policy_id(&self, id: String) -> String {
        id
    }

    /// Whether a deleted policy stays.
    fn keeps_deleted(&self, _policy: &Policy) -> bool {
        false
    }

    /// How deleted policies are still listed for a while, if they are.
    fn afterlife(&self) -> Option<Afterlife> {
        None
    }

    /// Whether a new policy is missing from the first description after its creation.
    fn describes_late(&self) -> bool {
        false
    }

    /// Changes how many policies a page may have.
    fn page_length(&self, length: usize, _is_first: bool) -> usize {
        length
    }

    /// Changes the state after an action.
    fn after_action(&self, _state: &mut State, _action: &Performed<'_>) {}

    /// Changes a policy in an answer.
    fn edit_policy(&self, _policy: &mut IpamPolicy) {}

    /// Changes the error that refuses a request.
    fn edit_fault(&self, _fault: &mut Fault) {}

    /// Changes the whole answer.
    fn edit_response(&self, _request: &Request<'_>, _response: &mut Response) {}

    /// Changes the headers. Only over HTTP.
    fn edit_headers(&self, _headers: &mut HeaderMap) {}

    /// How the answer to the request with this body is delivered. Only over HTTP.
    fn delivery(&self, _body: &[u8]) -> Delivery {
        Delivery::Whole
    }
}

/// How a list shows a deleted policy for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Afterlife {
    /// As deleted, in several descriptions.
    Deleted,
    /// As if it were not deleted, in one description.
    Unchanged,
}

impl Afterlife {
    /// How many descriptions show it.
    pub(super) const fn descriptions(self) -> u8 {
        match self {
            Self::Deleted => 3,
            Self::Unchanged => 1,
        }
    }
}

/// The hooks of an endpoint that nothing changes.
#[derive(Debug)]
pub(super) struct Honest;

impl Hooks for Honest {}

/// An action that was performed.
pub(super) struct Performed<'a> {
    pub(super) action: &'static str,
    /// Why it was refused, if it was.
    pub(super) refusal: Option<&'a Fault>,
    /// Whether it created a resource.
    pub(super) created: bool,
}

/// What a fault or variant remembers.
#[derive(Debug)]
pub(super) struct Noted {
    /// How often it will still matter.
    pub(super) left: u32,
    pub(super) text: String,
    pub(super) since: Instant,
}
