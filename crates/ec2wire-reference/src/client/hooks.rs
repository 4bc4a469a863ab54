//! The places where the honest client can be changed. It calls each of these hooks on its way from
//! a call to the outcome.

use super::message::{Answer, Signer};
use super::outcome::Outcome;
use ec2wire::Fault;
use serde_json::Value;
use std::fmt;
use uuid::Uuid;

/// What the client calls, in the order in which a call meets it. The defaults change nothing.
pub(super) trait Hooks: fmt::Debug + Sync {
    /// Changes the call's members.
    fn edit_input(&self, _input: &mut Value) {}

    /// The token for a call without one. `None` leaves it out.
    fn new_token(&self) -> Option<String> {
        Some(Uuid::new_v4().to_string())
    }

    /// Changes the form before it is signed. Attempts count from 1.
    fn edit_form(&self, _form: &mut String, _attempt: u32) {}

    /// Changes what the request is signed with.
    fn edit_signer(&self, _signer: &mut Signer) {}

    /// Changes the headers after the request was signed.
    fn edit_headers(&self, _headers: &mut Vec<(String, String)>) {}

    /// Changes the form after it was signed.
    fn edit_signed_form(&self, _form: &mut String) {}

    /// Whether a request is sent again after an answer with this status, or after none.
    fn retries(&self, status: Option<u16>) -> bool {
        status.is_none_or(|status| status >= 500)
    }

    /// Changes the answer before it is decoded.
    fn edit_answer(&self, _answer: &mut Answer) {}

    /// Whether the client fails to read a valid answer.
    fn refuses(&self, _answer: &Answer) -> bool {
        false
    }

    /// Changes EC2's error after it was decoded. The second argument is the request id of the
    /// headers.
    fn edit_fault(&self, _fault: &mut Fault, _header_id: Option<&str>) {}

    /// Changes the members of a success, with a look at the answer that has them.
    fn edit_output(&self, _output: &mut Value, _answer: &Answer) {}

    /// Changes the outcome.
    fn edit_outcome(&self, _outcome: &mut Outcome) {}

    /// Changes the JSON that is written about the outcome.
    fn edit_line(&self, _line: &mut Value) {}

    /// What the client does after a call with this outcome.
    fn ending(&self, _outcome: &Outcome) -> Ending {
        Ending::Continues
    }
}

/// The hooks of a client that nothing changes.
#[derive(Debug)]
pub(super) struct Honest;

impl Hooks for Honest {}

/// What the client does after a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// It writes the outcome and goes on.
    Continues,
    /// It ends without a word.
    Dies,
    /// It never goes on.
    Hangs,
}
