//! Responses in EC2's format.

use crate::contract::musts;
use crate::wire;
use ec2wire::envelope;
use ec2wire_reference::{Config, World};
use serde::Serialize;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use wiremock::{Request, Respond, ResponseTemplate};

/// Responds with a success that has these members and a new request id.
///
/// The type is a response type of [`ec2wire::ipam`], or your own struct whose serde name is the name
/// of the response's root element.
///
/// ```
/// use ec2wire::ipam::CreateIpamPolicyResponse;
/// let responder = ec2wire_wiremock::ok(CreateIpamPolicyResponse::<String>::default());
/// ```
pub fn ok<T: Serialize + Send + Sync>(output: T) -> Answered<T> {
    Answered(output)
}

/// See [`ok`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered<T>(T);

impl<T: Serialize + Send + Sync> Respond for Answered<T> {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        let id = request_id();
        match envelope::encode(&id, &self.0) {
            Ok(body) => document(200, &id, body),
            // The test itself is wrong, and the response should say so.
            Err(error) => ResponseTemplate::new(500)
                .set_body_string(format!("the mock's response cannot be encoded: {error}")),
        }
    }
}

/// Responds with an error and status 400.
///
/// ```
/// let responder = ec2wire_wiremock::fault("InvalidIpamId.NotFound", "The ipam ID does not exist");
/// ```
pub fn fault(code: impl Into<String>, message: impl Into<String>) -> Fault {
    fault_with_status(400, code, message)
}

/// Responds with an error and the given status.
///
/// ```
/// let responder = ec2wire_wiremock::fault_with_status(500, "InternalError", "try again");
/// ```
pub fn fault_with_status(
    status: u16,
    code: impl Into<String>,
    message: impl Into<String>,
) -> Fault {
    Fault(ec2wire::Fault::new(status, code, message))
}

/// Responds as EC2 does to a dry run that would have succeeded: an error with status 412.
pub fn dry_run() -> Fault {
    fault_with_status(
        412,
        "DryRunOperation",
        "Request would have succeeded, but DryRun flag is set.",
    )
}

/// See [`fault`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault(ec2wire::Fault);

impl Respond for Fault {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        self.answer()
    }
}

/// Responds to the first request with `RequestLimitExceeded` and status 503, and to the others with
/// the given responder.
///
/// ```
/// use ec2wire_wiremock::{dry_run, throttled_once};
/// let responder = throttled_once(dry_run());
/// ```
pub fn throttled_once<R: Respond>(then: R) -> ThrottledOnce<R> {
    ThrottledOnce {
        throttled: AtomicBool::new(false),
        then,
    }
}

/// See [`throttled_once`].
#[derive(Debug)]
pub struct ThrottledOnce<R> {
    throttled: AtomicBool,
    then: R,
}

impl<R: Respond> Respond for ThrottledOnce<R> {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        if self.throttled.swap(true, Ordering::SeqCst) {
            self.then.respond(request)
        } else {
            let busy = fault_with_status(503, "RequestLimitExceeded", "Request limit exceeded.");
            busy.respond(request)
        }
    }
}

/// Responds like the reference endpoint: an in-memory EC2 for IPAM policies.
///
/// ```
/// use ec2wire_reference::Config;
/// let ipam_ids = vec!["ipam-0123456789abcdef0".into()];
/// let responder = ec2wire_wiremock::reference(Config { ipam_ids, ..Config::default() });
/// ```
pub fn reference(config: Config) -> Reference {
    Reference(World::new(config))
}

/// See [`reference()`].
pub struct Reference(World);

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reference").finish_non_exhaustive()
    }
}

impl Respond for Reference {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let request = wire(request);
        let answer = self.0.answer(&ec2wire_reference::Request {
            method: &request.method,
            path_and_query: &request.target,
            content_type: request.header("content-type"),
            authorization: request.header("authorization"),
            body: &request.body,
        });
        let mut template = ResponseTemplate::new(answer.status);
        let mut kind = ec2wire::xml::CONTENT_TYPE.to_owned();
        for (name, value) in answer.headers() {
            if name.eq_ignore_ascii_case("content-type") {
                value.clone_into(&mut kind);
            } else {
                template = template.insert_header(name, value);
            }
        }
        template.set_body_raw(answer.body, &kind)
    }
}

/// Responds with an error that says which of EC2's rules the request breaks.
///
/// Mount it for requests that no other mock matches. The code under test then reports why they did
/// not match:
///
/// ```
/// use ec2wire_wiremock::refusal;
/// use wiremock::{Mock, matchers::any};
/// let rest = Mock::given(any()).respond_with(refusal()).with_priority(255);
/// ```
pub fn refusal() -> Refusal {
    Refusal
}

/// See [`refusal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal;

impl Respond for Refusal {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let request = wire(request);
        let broken: Vec<String> = musts(&request)
            .into_iter()
            .map(|one| format!("{} [{}]: {}", one.statement, one.requirement, one.found))
            .collect();
        let message = if broken.is_empty() {
            let action = request.action();
            let action = action.as_deref().unwrap_or("a request without an action");
            format!("no mock matches {action}; the request breaks no rule")
        } else {
            broken.join("; ")
        };
        // XML forbids some characters of the text.
        let message = message.replace(|c: char| c.is_control(), " ");
        fault("InvalidRequest", message).answer()
    }
}

impl Fault {
    fn answer(&self) -> ResponseTemplate {
        let id = request_id();
        match self.0.clone().with_request_id(&id).to_xml() {
            Ok(body) => document(self.0.status, &id, body),
            Err(error) => ResponseTemplate::new(500)
                .set_body_string(format!("the mock's error cannot be encoded: {error}")),
        }
    }
}

fn request_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

fn document(status: u16, request_id: &str, body: String) -> ResponseTemplate {
    ResponseTemplate::new(status)
        .insert_header("x-amzn-RequestId", request_id)
        .set_body_raw(body, ec2wire::xml::CONTENT_TYPE)
}
