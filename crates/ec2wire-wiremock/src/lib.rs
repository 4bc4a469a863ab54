#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod contract;
mod matchers;
mod responders;

pub use contract::{Contract, conforms};
pub use matchers::{Action, Param, ParamAbsent, Typed, action, param, param_absent, request};
pub use responders::{
    Answered, Fault, Reference, Refusal, ThrottledOnce, dry_run, fault, fault_with_status, ok,
    reference, refusal, throttled_once,
};

use ec2wire_inspect::{Inspector, Request};
use std::sync::OnceLock;

/// The rules, loaded once.
fn inspector() -> &'static Inspector {
    static INSPECTOR: OnceLock<Inspector> = OnceLock::new();
    INSPECTOR.get_or_init(|| match Inspector::embedded() {
        Ok(inspector) => inspector,
        // The tables are embedded, and tests check that they are valid.
        Err(error) => unreachable!("{error}"),
    })
}

/// Converts a request to the form that the rules check.
fn wire(request: &wiremock::Request) -> Request {
    let url = &request.url;
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let headers = request.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.to_string(), value)
    });
    Request {
        method: request.method.to_string(),
        target,
        // wiremock does not expose the HTTP version; HTTP/2 requests have no Host header.
        version: if request.headers.contains_key("host") {
            "HTTP/1.1".into()
        } else {
            "HTTP/2".into()
        },
        headers: headers.collect(),
        body: request.body.clone(),
    }
}
