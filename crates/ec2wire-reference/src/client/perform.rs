//! Making a call: from its members to the outcome.

use super::call::Call;
use super::hooks::{Ending, Hooks};
use super::input::Request;
use super::message::Answer;
use super::outcome::Outcome;
use super::{input, output, sabotage, transport};
use crate::quirk::Quirk;
use ec2wire::ipam::{CreateIpamPolicy, DeleteIpamPolicy, DescribeIpamPolicies};
use ec2wire::{EC2_VERSION, Operation, Reply};
use serde::de::Error as _;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::time::Duration;

/// How many times a request is sent at most.
const ATTEMPTS: u32 = 3;
/// How long to wait before a request is sent again.
const PAUSE: Duration = Duration::from_millis(20);

/// Makes a call and returns the outcome as the adapter protocol has it.
///
/// `quirk` is what the client does wrong or differently, if anything; see
/// [`client_faults`](crate::sabotage::client_faults).
pub async fn call(call: &Call, quirk: Option<&'static Quirk>) -> Value {
    perform(call, sabotage::hooks(quirk)).await.0
}

/// Makes a call. Returns the outcome, and what the client does next.
pub(super) async fn perform(call: &Call, hooks: &'static dyn Hooks) -> (Value, Ending) {
    let outcome = match call.operation.as_str() {
        "CreateIpamPolicy" => {
            let fill = |request: &mut CreateIpamPolicy| {
                if request.client_token.is_none() {
                    request.client_token = hooks.new_token();
                }
            };
            send(call, hooks, fill, output::create).await
        }
        "DescribeIpamPolicies" => {
            send(
                call,
                hooks,
                |_: &mut DescribeIpamPolicies| (),
                output::describe,
            )
            .await
        }
        "DeleteIpamPolicy" => {
            send(call, hooks, |_: &mut DeleteIpamPolicy| (), output::delete).await
        }
        other => Err(Outcome::NotSent(format!("no operation is named `{other}`"))),
    };
    let mut outcome = outcome.unwrap_or_else(|failed| failed);
    hooks.edit_outcome(&mut outcome);
    let ending = hooks.ending(&outcome);
    let mut line = outcome.to_json();
    hooks.edit_line(&mut line);
    if let Value::Object(members) = &mut line {
        members.insert("id".into(), call.id.clone().into());
    }
    (line, ending)
}

/// Makes a request from the call's members, completed by `fill`, sends it until an answer is not
/// worth a retry, and decodes that answer.
async fn send<O>(
    call: &Call,
    hooks: &'static dyn Hooks,
    fill: impl FnOnce(&mut O),
    output: fn(O::Response) -> Map<String, Value>,
) -> Result<Outcome, Outcome>
where
    O: Request + Serialize + for<'de> Operation<Response: Deserialize<'de>>,
{
    let mut request: O = input::read(&call.input, hooks).map_err(Outcome::NotSent)?;
    fill(&mut request);
    let mut form = Vec::new();
    ec2wire::form::append_call(&mut form, O::ACTION, EC2_VERSION, &request)
        .map_err(|error| Outcome::NotSent(error.to_string()))?;
    let form = String::from_utf8(form).map_err(|error| Outcome::NotSent(error.to_string()))?;
    let mut answer = answer(call, &form, hooks)
        .await
        .map_err(Outcome::NoAnswer)?;
    hooks.edit_answer(&mut answer);
    if hooks.refuses(&answer) {
        let error = ec2wire::Error::custom("the client does not read this answer");
        return Err(Outcome::Unreadable(error));
    }
    let reply = O::decode_reply(answer.status, &answer.body).map_err(Outcome::Unreadable)?;
    Ok(match reply {
        Reply::Success(success) => {
            let mut members = Value::Object(output(success.output));
            hooks.edit_output(&mut members, &answer);
            Outcome::Success(members)
        }
        Reply::Fault(mut fault) => {
            if fault.request_id.is_none() {
                fault.request_id.clone_from(&answer.header_id);
            }
            hooks.edit_fault(&mut fault, answer.header_id.as_deref());
            Outcome::Fault(fault)
        }
    })
}

/// Sends a form, again if a retry may help. The error says why no whole answer arrived.
async fn answer(call: &Call, form: &str, hooks: &'static dyn Hooks) -> Result<Answer, String> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        let mut form = form.to_owned();
        hooks.edit_form(&mut form, attempt);
        let answer = transport::send(call, form, hooks).await;
        let status = answer.as_ref().ok().map(|answer| answer.status);
        if attempt == ATTEMPTS || !hooks.retries(status) {
            return answer;
        }
        tokio::time::sleep(PAUSE).await;
    }
}
