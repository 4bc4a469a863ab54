//! A reference client: the codec, a signature by AWS's own crate, and one HTTP/1 connection a
//! request.
//!
//! It is to a harness for clients what [`World`](crate::World) is to one for servers: it does
//! nothing wrong, or one thing that is named. [`adapt`] lets it be told over two streams what to
//! call, as `ec2wire verify client` does.

mod input;
mod output;
mod transport;

use crate::sabotage::{ClientHooks as _, Quirk};
use ec2wire::ipam::{CreateIpamPolicy, DeleteIpamPolicy, DescribeIpamPolicies};
use ec2wire::{EC2_VERSION, Fault, Operation, Reply};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// How often a call is sent at most.
const ATTEMPTS: u32 = 3;
/// How long to wait before a call is sent again.
const PAUSE: Duration = Duration::from_millis(20);

/// A call that a client is told to make.
///
/// ```
/// let call: ec2wire_reference::client::Call = serde_json::from_str(
///     r#"{"id":"1","endpoint":"http://127.0.0.1:4566","region":"us-east-1",
///         "credentials":{"accessKeyId":"test","secretAccessKey":"test"},
///         "operation":"CreateIpamPolicy","input":{"IpamId":"ipam-1"}}"#,
/// )?;
/// assert_eq!(call.operation, "CreateIpamPolicy");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Deserialize)]
pub struct Call {
    /// The call's id, which its outcome has too.
    pub id: String,
    /// The endpoint's URL.
    pub endpoint: String,
    /// The Region to sign for.
    pub region: String,
    /// What to sign with.
    pub credentials: Credentials,
    /// The operation.
    pub operation: String,
    /// Its members by the API's names, as boto3 takes them.
    pub input: Value,
}

/// An access key.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Credentials {
    /// Its id.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: String,
}

/// Without the secret.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

/// An answer, before it is decoded.
pub(crate) struct Answered {
    pub(crate) status: u16,
    /// The request id that a header has.
    pub(crate) header_id: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// Why a call has no output.
enum Failed {
    /// It cannot be sent, or its answer not be read.
    Client(String),
    /// No whole answer came.
    Transport(String),
    /// EC2's own error.
    Service(Fault),
}

/// Makes a call and says what came of it, as the adapter protocol has it.
///
/// `quirk` is what the client does wrong, if anything; see
/// [`client_faults`](crate::sabotage::client_faults).
pub async fn call(call: &Call, quirk: Option<&'static Quirk>) -> Value {
    let outcome = match call.operation.as_str() {
        "CreateIpamPolicy" => {
            let input = input::read(&call.input, quirk).map(|request: CreateIpamPolicy| {
                let given = request.client_token.is_some();
                (request, (!given).then(|| quirk.token()).flatten())
            });
            match input {
                Ok((mut request, token)) => {
                    if token.is_some() {
                        request.client_token = token;
                    }
                    perform(call, &request, quirk, output::create).await
                }
                Err(failed) => Err(failed),
            }
        }
        "DescribeIpamPolicies" => match input::read::<DescribeIpamPolicies>(&call.input, quirk) {
            Ok(request) => perform(call, &request, quirk, output::describe).await,
            Err(failed) => Err(failed),
        },
        "DeleteIpamPolicy" => match input::read::<DeleteIpamPolicy>(&call.input, quirk) {
            Ok(request) => perform(call, &request, quirk, output::delete).await,
            Err(failed) => Err(failed),
        },
        other => Err(Failed::Client(format!("there is no operation `{other}`"))),
    };
    let mut line = match outcome {
        Ok(output) => json!({ "outcome": "ok", "output": output }),
        Err(Failed::Client(message)) => failure("client", &message),
        Err(Failed::Transport(message)) => failure("transport", &message),
        Err(Failed::Service(fault)) => json!({
            "outcome": "error",
            "kind": "service",
            "code": fault.code(),
            "message": fault.message(),
            "status": fault.status,
            "requestId": fault.request_id,
        }),
    };
    quirk.outcome(&mut line);
    if let Value::Object(members) = &mut line {
        members.insert("id".into(), call.id.clone().into());
    }
    line
}

/// A failure that is none of EC2's.
fn failure(kind: &str, message: &str) -> Value {
    json!({ "outcome": "error", "kind": kind, "message": message })
}

/// Sends a request, again where that may help, and decodes what comes.
async fn perform<O: for<'de> Operation<Response: Deserialize<'de>> + serde::Serialize>(
    call: &Call,
    request: &O,
    quirk: Option<&'static Quirk>,
    output: fn(O::Response) -> Map<String, Value>,
) -> Result<Value, Failed> {
    let mut body = Vec::new();
    ec2wire::form::append_call(&mut body, O::ACTION, EC2_VERSION, request)
        .map_err(|error| Failed::Client(error.to_string()))?;
    let body = String::from_utf8(body).map_err(|error| Failed::Client(error.to_string()))?;
    let mut attempt = 0;
    loop {
        attempt += 1;
        let mut body = body.clone();
        quirk.request(&mut body, attempt);
        let came = transport::send(call, body, quirk).await;
        let status = came.as_ref().ok().map(|answered| answered.status);
        let again = quirk.sends_again(status, status.is_none_or(|status| status >= 500));
        if again && attempt < ATTEMPTS {
            tokio::time::sleep(PAUSE).await;
            continue;
        }
        let mut answered = came.map_err(Failed::Transport)?;
        quirk.answered(&mut answered);
        let reply = O::decode_reply(answered.status, &answered.body)
            .map_err(|error| Failed::Client(error.to_string()))?;
        return match reply {
            Reply::Success(success) => Ok(Value::Object(output(success.output))),
            Reply::Fault(mut fault) => {
                if fault.request_id.is_none() {
                    fault.request_id = answered.header_id;
                }
                Err(Failed::Service(fault))
            }
        };
    }
}

/// Makes the calls that come in, a line of JSON each, and writes what came of each in a line.
///
/// Returns when there are no more. A line that is no call gets an error of the kind `client`, with
/// whatever id it has.
pub async fn adapt(
    from: impl AsyncBufRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    quirk: Option<&'static Quirk>,
) -> io::Result<()> {
    let mut lines = from.lines();
    while let Some(line) = lines.next_line().await? {
        if line.trim().is_empty() {
            continue;
        }
        let outcome = match serde_json::from_str::<Call>(&line) {
            Ok(order) => call(&order, quirk).await,
            Err(error) => {
                let mut outcome = failure("client", &error.to_string());
                let id = serde_json::from_str::<Value>(&line).ok();
                let id = id.and_then(|line| line.get("id").cloned());
                if let Value::Object(members) = &mut outcome {
                    members.insert("id".into(), id.unwrap_or_default());
                }
                outcome
            }
        };
        match quirk.ends(&outcome) {
            Ending::Answers => {}
            Ending::Dies => return Ok(()),
            Ending::Hangs => std::future::pending().await,
        }
        to.write_all(format!("{outcome}\n").as_bytes()).await?;
        to.flush().await?;
    }
    Ok(())
}

/// What the client does once it knows what came of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Answers,
    Dies,
    Hangs,
}
