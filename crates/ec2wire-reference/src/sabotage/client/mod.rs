//! What can be wrong with the reference client: one slip each.

mod edit;
mod reading;
mod sending;

use super::Quirk;
use super::change::Change;
use crate::client::{Answered, Ending};
use serde_json::Value;

/// The tables, in the order of the areas.
pub(super) static FAULTS: &[&[Quirk]] = &[
    sending::REQUEST,
    sending::SIGNATURE,
    sending::TOKEN,
    reading::SUCCESS,
    reading::ERROR,
    reading::DAMAGE,
];

/// What a client may do as well.
pub(super) static VARIANTS: &[Quirk] = sending::VARIANTS;

/// What a slip of the client changes. In the order in which a call meets them.
pub(crate) enum ClientChange {
    /// The call's members.
    Input(fn(&mut Value)),
    /// The token that is made up; none where it is left out.
    Token(fn() -> Option<String>),
    /// The body, and which attempt it is for, from 1.
    Request(fn(&mut String, u32)),
    /// What it is signed with.
    Signer(fn(&mut Signer)),
    /// The headers, after the signature.
    Headers(fn(&mut Vec<(String, String)>)),
    /// The body, after the signature.
    Sent(fn(&mut String)),
    /// Whether the call is sent again after an answer with that status, or after none.
    Again(fn(Option<u16>) -> bool),
    /// The answer, before it is decoded.
    Answered(fn(&mut Answered)),
    /// What is handed out.
    Outcome(fn(&mut Value)),
    /// How the client ends after that.
    Ends(fn(&Value) -> Ending),
}

/// What a request is signed with, and as what.
pub(crate) struct Signer {
    pub(crate) secret: String,
    pub(crate) service: String,
    pub(crate) content_type: Option<&'static str>,
}

impl ClientChange {
    /// Which part of the client's work is changed.
    pub(super) const fn place(&self) -> &'static str {
        match self {
            Self::Input(_) => "the call's members",
            Self::Token(_) => "the client token",
            Self::Request(..) | Self::Sent(_) => "the body",
            Self::Signer(_) => "the signature",
            Self::Headers(_) => "the headers",
            Self::Again(_) => "what is sent again",
            Self::Answered(_) => "the answer, before it is decoded",
            Self::Outcome(_) => "what is handed out",
            Self::Ends(_) => "the client's end",
        }
    }
}

/// What the honest client asks of its quirk, if it has one. Without one each of these does nothing.
pub(crate) trait ClientHooks {
    fn input(self, input: &mut Value);
    fn token(self) -> Option<String>;
    fn request(self, body: &mut String, attempt: u32);
    fn signer(self, signer: &mut Signer);
    fn headers(self, headers: &mut Vec<(String, String)>);
    fn sent(self, body: &mut String);
    fn sends_again(self, status: Option<u16>, usual: bool) -> bool;
    fn answered(self, answered: &mut Answered);
    fn outcome(self, outcome: &mut Value);
    fn ends(self, outcome: &Value) -> Ending;
}

fn change(quirk: Option<&'static Quirk>) -> Option<&'static ClientChange> {
    match quirk.map(|quirk| &quirk.change) {
        Some(Change::Client(change)) => Some(change),
        _ => None,
    }
}

impl ClientHooks for Option<&'static Quirk> {
    fn input(self, input: &mut Value) {
        if let Some(ClientChange::Input(edit)) = change(self) {
            edit(input);
        }
    }

    fn token(self) -> Option<String> {
        match change(self) {
            Some(ClientChange::Token(make)) => make(),
            _ => Some(uuid::Uuid::new_v4().to_string()),
        }
    }

    fn request(self, body: &mut String, attempt: u32) {
        if let Some(ClientChange::Request(edit)) = change(self) {
            edit(body, attempt);
        }
    }

    fn signer(self, signer: &mut Signer) {
        if let Some(ClientChange::Signer(edit)) = change(self) {
            edit(signer);
        }
    }

    fn headers(self, headers: &mut Vec<(String, String)>) {
        if let Some(ClientChange::Headers(edit)) = change(self) {
            edit(headers);
        }
    }

    fn sent(self, body: &mut String) {
        if let Some(ClientChange::Sent(edit)) = change(self) {
            edit(body);
        }
    }

    fn sends_again(self, status: Option<u16>, usual: bool) -> bool {
        match change(self) {
            Some(ClientChange::Again(again)) => again(status),
            _ => usual,
        }
    }

    fn answered(self, answered: &mut Answered) {
        if let Some(ClientChange::Answered(edit)) = change(self) {
            edit(answered);
        }
    }

    fn outcome(self, outcome: &mut Value) {
        if let Some(ClientChange::Outcome(edit)) = change(self) {
            edit(outcome);
        }
    }

    fn ends(self, outcome: &Value) -> Ending {
        match change(self) {
            Some(ClientChange::Ends(ends)) => ends(outcome),
            _ => Ending::Answers,
        }
    }
}
