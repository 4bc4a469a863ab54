//! Answers EC2 requests with axum: the codec reads the body and writes the answer.
//!
//! ```text
//! cargo run -p ec2wire-examples --bin serve_with_axum
//! ```
//!
//! It supports two actions and keeps the policies in memory. Pass the address that it prints to
//! `call_ec2` or `ec2wire verify server --endpoint`.

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header::CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use ec2wire::ipam::{
    CreateIpamPolicy, CreateIpamPolicyResponse, DescribeIpamPolicies, DescribeIpamPoliciesResponse,
    IpamPolicy, IpamPolicyState,
};
use ec2wire::{Fault, Operation, contract, form};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;
use uuid::Uuid;

type Policies = Arc<Mutex<Vec<IpamPolicy>>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:4566")).await?;
    println!("listening on http://{}/", listener.local_addr()?);

    let app = Router::new()
        .route("/", post(answer))
        .with_state(Policies::default());
    axum::serve(listener, app).await
}

/// Every EC2 request goes to `/`; the body names the action.
async fn answer(State(policies): State<Policies>, body: Bytes) -> Response {
    let request_id = Uuid::new_v4().to_string();
    let answer = perform(&policies, &request_id, &body).or_else(|fault| {
        let fault = fault.with_request_id(&request_id);
        fault.to_xml().map(|xml| (fault.status, xml))
    });
    match answer {
        Ok((status, xml)) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, [(CONTENT_TYPE, "text/xml;charset=UTF-8")], xml).into_response()
        }
        // Encoding fails only for characters that XML forbids.
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// A status and a document, or the error that EC2 would return.
fn perform(policies: &Policies, request_id: &str, body: &[u8]) -> Result<(u16, String), Fault> {
    let call = or_malformed(form::Call::from_slice(body))?;
    let mut policies = policies.lock().unwrap_or_else(PoisonError::into_inner);
    let xml = match or_malformed(call.action())?.as_deref() {
        Some(<CreateIpamPolicy>::ACTION) => {
            let request: CreateIpamPolicy = or_malformed(call.decode())?;
            if let Some(violation) = contract::check(&request).first() {
                let message = violation.to_string();
                return Err(Fault::new(400, "InvalidParameterValue", message));
            }
            let policy = IpamPolicy {
                ipam_policy_id: Some(format!("ipam-policy-{:017x}", policies.len() + 1)),
                ipam_id: request.ipam_id,
                state: Some(IpamPolicyState::CreateComplete),
                ..IpamPolicy::default()
            };
            policies.push(policy.clone());
            let response = CreateIpamPolicyResponse {
                ipam_policy: Some(policy),
            };
            <CreateIpamPolicy>::encode_response(request_id, &response)
        }
        Some(<DescribeIpamPolicies>::ACTION) => {
            let request: DescribeIpamPolicies = or_malformed(call.decode())?;
            let wanted = |policy: &IpamPolicy| {
                let id = policy.ipam_policy_id.as_ref();
                request.ipam_policy_ids.is_empty()
                    || id.is_some_and(|id| request.ipam_policy_ids.contains(id))
            };
            let found = policies.iter().filter(|policy| wanted(policy));
            let response = DescribeIpamPoliciesResponse {
                ipam_policies: Some(found.cloned().collect()),
                next_token: None,
            };
            <DescribeIpamPolicies>::encode_response(request_id, &response)
        }
        action => {
            let action = action.unwrap_or_default();
            let message = format!("The action {action} is not valid for this web service.");
            return Err(Fault::new(400, "InvalidAction", message));
        }
    };
    let xml = xml.map_err(|error| Fault::new(500, "InternalError", error.to_string()))?;
    Ok((200, xml))
}

/// Turns a codec error, which says what is wrong in a body and where, into EC2's error.
fn or_malformed<T>(read: ec2wire::Result<T>) -> Result<T, Fault> {
    read.map_err(|error| Fault::new(400, "MalformedQueryString", error.to_string()))
}
