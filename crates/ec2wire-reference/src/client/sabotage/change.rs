//! The kinds of changes that a row of the tables can make to the client, each at one of its hooks.

use super::document::Document;
use crate::client::hooks::{Ending, Hooks};
use crate::client::message::{Answer, Signer};
use crate::client::outcome::Outcome;
use crate::pairs::{self, Pair};
use ec2wire::Fault;
use serde_json::Value;
use uuid::Uuid;

/// What a row changes, in the order in which a call meets it.
#[derive(Debug)]
pub(super) enum Change {
    /// Changes the call's members.
    Input(fn(&mut Value)),
    /// Makes the token for a call without one. `None` leaves it out.
    Token(fn() -> Option<String>),
    /// Rewrites the request's pairs before it is signed. Attempts count from 1.
    Pairs(fn(&mut Vec<Pair>, u32)),
    /// Changes what the request is signed with.
    Signer(fn(&mut Signer)),
    /// Changes the headers after the request was signed.
    Headers(fn(&mut Vec<(String, String)>)),
    /// Rewrites the request's pairs after it was signed.
    SignedPairs(fn(&mut Vec<Pair>)),
    /// Decides whether a request is sent again after an answer with this status, or after none.
    Retry(fn(Option<u16>) -> bool),
    /// Changes the answer before it is decoded.
    Answer(fn(&mut Answer)),
    /// Rewrites the answer's text before it is decoded.
    Text(fn(&str) -> String),
    /// Rewrites the answer's document before it is decoded.
    Document(fn(&mut Document)),
    /// Fails to read some documents.
    Refused(fn(&Document) -> bool),
    /// Changes EC2's error after it was decoded. The second argument is the request id of the
    /// headers.
    Fault(fn(&mut Fault, Option<&str>)),
    /// Changes the members of a success.
    Output(fn(&mut Value)),
    /// Changes the members of a success, with a look at the document that has them.
    Beside(fn(&mut Value, &Document)),
    /// Changes the outcome.
    Outcome(fn(&mut Outcome)),
    /// Changes the JSON that is written about EC2's error.
    FaultLine(fn(&mut Value)),
    /// Decides what the client does after a call.
    Ending(fn(&Outcome) -> Ending),
}

impl Change {
    /// Which part of the client's work the row changes.
    pub(super) const fn place(&self) -> &'static str {
        match self {
            Self::Input(_) => "the call's members",
            Self::Token(_) => "the client token",
            Self::Pairs(_) | Self::SignedPairs(_) => "the body",
            Self::Signer(_) => "the signature",
            Self::Headers(_) => "the headers",
            Self::Retry(_) => "the decision to retry",
            Self::Answer(_) | Self::Text(_) | Self::Document(_) => "the answer before decoding",
            Self::Refused(_) => "the decision whether an answer can be read",
            Self::Fault(..) => "the decoded error",
            Self::Output(_) | Self::Beside(_) => "the decoded members",
            Self::Outcome(_) | Self::FaultLine(_) => "the outcome",
            Self::Ending(_) => "what the client does after a call",
        }
    }
}

impl Hooks for Change {
    fn edit_input(&self, input: &mut Value) {
        if let Self::Input(edit) = self {
            edit(input);
        }
    }

    fn new_token(&self) -> Option<String> {
        match self {
            Self::Token(make) => make(),
            _ => Some(Uuid::new_v4().to_string()),
        }
    }

    fn edit_form(&self, form: &mut String, attempt: u32) {
        if let Self::Pairs(edit) = self {
            rewrite(form, |pairs| edit(pairs, attempt));
        }
    }

    fn edit_signer(&self, signer: &mut Signer) {
        if let Self::Signer(edit) = self {
            edit(signer);
        }
    }

    fn edit_headers(&self, headers: &mut Vec<(String, String)>) {
        if let Self::Headers(edit) = self {
            edit(headers);
        }
    }

    fn edit_signed_form(&self, form: &mut String) {
        if let Self::SignedPairs(edit) = self {
            rewrite(form, edit);
        }
    }

    fn retries(&self, status: Option<u16>) -> bool {
        match self {
            Self::Retry(retries) => retries(status),
            _ => status.is_none_or(|status| status >= 500),
        }
    }

    fn edit_answer(&self, answer: &mut Answer) {
        match self {
            Self::Answer(edit) => edit(answer),
            Self::Text(edit) => {
                if let Ok(body) = std::str::from_utf8(&answer.body) {
                    answer.body = edit(body).into_bytes();
                }
            }
            Self::Document(edit) => {
                if let Some(mut document) = Document::read(&answer.body) {
                    edit(&mut document);
                    answer.body = document.to_string().into_bytes();
                }
            }
            _ => {}
        }
    }

    fn refuses(&self, answer: &Answer) -> bool {
        match self {
            Self::Refused(refuses) => Document::read(&answer.body).as_ref().is_some_and(refuses),
            _ => false,
        }
    }

    fn edit_fault(&self, fault: &mut Fault, header_id: Option<&str>) {
        if let Self::Fault(edit) = self {
            edit(fault, header_id);
        }
    }

    fn edit_output(&self, output: &mut Value, answer: &Answer) {
        match self {
            Self::Output(edit) => edit(output),
            Self::Beside(edit) => {
                if let Some(document) = Document::read(&answer.body) {
                    edit(output, &document);
                }
            }
            _ => {}
        }
    }

    fn edit_outcome(&self, outcome: &mut Outcome) {
        if let Self::Outcome(edit) = self {
            edit(outcome);
        }
    }

    fn edit_line(&self, line: &mut Value) {
        if let Self::FaultLine(edit) = self
            && line.get("kind").is_some_and(|kind| kind == "service")
        {
            edit(line);
        }
    }

    fn ending(&self, outcome: &Outcome) -> Ending {
        match self {
            Self::Ending(choose) => choose(outcome),
            _ => Ending::Continues,
        }
    }
}

fn rewrite(form: &mut String, edit: impl FnOnce(&mut Vec<Pair>)) {
    let mut pairs = pairs::split(form);
    edit(&mut pairs);
    *form = pairs::join(&pairs);
}
