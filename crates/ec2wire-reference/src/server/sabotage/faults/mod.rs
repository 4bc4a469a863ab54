//! The faults of the endpoint.

mod answer;
mod conduct;
mod policy;
mod request;
mod robustness;
pub(super) mod world;

use super::row::Row;
use crate::server::message::Response;
use ec2wire::{EC2_VERSION, Fault};

/// The tables, in the order of the areas.
pub(super) static TABLES: &[&[Row]] = &[
    request::PARSING,
    request::VALIDATION,
    conduct::DRY_RUN,
    conduct::IDEMPOTENCY,
    answer::ENVELOPE,
    answer::FIELDS,
    conduct::STATE,
    policy::POLICY,
    robustness::TABLE,
];

/// Replaces one code of an error by another.
fn recode(fault: &mut Fault, from: &str, to: &str) {
    for entry in fault.errors.iter_mut().filter(|entry| entry.code == from) {
        to.clone_into(&mut entry.code);
    }
}

/// Turns an answer into the success of an action, without members.
fn succeed(action: &str, response: &mut Response) {
    response.status = 200;
    response.body = format!(
        "<{action}Response xmlns=\"http://ec2.amazonaws.com/doc/{EC2_VERSION}/\">\
         <requestId>{}</requestId></{action}Response>",
        response.request_id
    );
}
