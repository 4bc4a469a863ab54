//! The outcome of a call, and its JSON.

use ec2wire::Fault;
use serde_json::{Value, json};

/// The outcome of a call.
pub(super) enum Outcome {
    /// A success, with its members by the API's names.
    Success(Value),
    /// EC2's own error.
    Fault(Fault),
    /// The call could not be sent.
    NotSent(String),
    /// No whole answer arrived.
    NoAnswer(String),
    /// The answer could not be read.
    Unreadable(ec2wire::Error),
}

impl Outcome {
    /// The outcome as the adapter protocol has it, without the call's id.
    pub(super) fn to_json(&self) -> Value {
        match self {
            Self::Success(output) => json!({ "outcome": "ok", "output": output }),
            Self::Fault(fault) => json!({
                "outcome": "error",
                "kind": "service",
                "code": fault.code(),
                "message": fault.message(),
                "status": fault.status,
                "requestId": fault.request_id,
            }),
            Self::NotSent(message) => failure("client", message),
            Self::NoAnswer(message) => failure("transport", message),
            Self::Unreadable(error) => failure("client", &error.to_string()),
        }
    }
}

/// An error that does not come from EC2.
pub(super) fn failure(kind: &str, message: &str) -> Value {
    json!({ "outcome": "error", "kind": kind, "message": message })
}
