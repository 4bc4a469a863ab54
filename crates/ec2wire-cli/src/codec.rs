//! `ec2wire encode` and `ec2wire decode`.

use crate::Failure;
use crate::model_args::{Decode, Encode, What};
use ec2wire::{Fault, Reply, form};
use ec2wire_model::{Model, Operation, Shape, Structure, Value};
use std::io::{IsTerminal as _, Read as _, Write as _, stderr, stdin, stdout};

/// The member that SDKs add to each response.
const METADATA: &str = "ResponseMetadata";

/// The request id used when none is given.
const REQUEST_ID: &str = "00000000-0000-0000-0000-000000000000";

/// Request or response body.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Request,
    Response,
}

/// Encodes the JSON on standard input.
pub(crate) fn encode(args: &Encode) -> Result<u8, Failure> {
    let (side, operation) = what(&args.what)?;
    let text = input()?;
    // A failed command at the other end of a pipe also leaves the input empty. That must not become
    // a request.
    if text.trim().is_empty() {
        return Err(Failure::input(
            "the input is empty; for an input without members, pass `{}`",
        ));
    }
    let mut value: Value<'_> = serde_json::from_str(&text)
        .map_err(|error| Failure::input(format!("not JSON: {error}")))?;
    let metadata = match (side, &mut value) {
        (Side::Response, Value::Structure(output)) => output.remove(METADATA),
        _ => None,
    };
    let known = metadata.as_ref().and_then(|found| found.get("RequestId"));
    if known.is_some_and(|id| id.as_str().is_none()) {
        let what = format!("{METADATA}.RequestId: expected a string");
        return Err(Failure::input(what));
    }
    let id = args.request_id.as_deref();
    let id = id.or(known.and_then(Value::as_str)).unwrap_or(REQUEST_ID);
    // No action's response has a member `Error`; `decode` writes one for an error response.
    let fault = match (side, value.get("Error")) {
        (Side::Response, Some(error)) => Some(to_fault(error, &value, id)?),
        _ => None,
    };
    let shape = match side {
        Side::Request => operation.input(),
        Side::Response => operation.output(),
    };
    if let (false, None) = (args.as_sent, &fault) {
        match side {
            Side::Request => operation.request_from_boto3(&mut value),
            Side::Response => operation.response_from_boto3(&mut value),
        }
    }
    if let (Some(shape), None) = (shape, &fault) {
        check(operation, shape, &mut value, args.unchecked)?;
        if side == Side::Request {
            note_contract(operation, &value)?;
        }
    }
    let body = match (side, fault) {
        (_, Some(fault)) => fault.to_xml(),
        (Side::Request, None) => operation.encode_request(&value),
        (Side::Response, None) => operation.encode_response(id, &value),
    };
    let body = body.map_err(|error| Failure::input(error.to_string()))?;
    let mut out = stdout().lock();
    out.write_all(body.as_bytes())?;
    if out.is_terminal() {
        // Not part of the body.
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(0)
}

/// Converts an error from the SDKs' form to EC2's.
fn to_fault(error: &Value<'_>, output: &Value<'_>, request_id: &str) -> Result<Fault, Failure> {
    let text = |of: &Value<'_>, name| of.get(name).and_then(Value::as_str).map(str::to_owned);
    let entry = |of: &Value<'_>| {
        let code = text(of, "Code").filter(|code| !code.is_empty());
        let code = code.ok_or_else(|| {
            Failure::input("an error needs a `Code`, which must be a non-empty string")
        })?;
        Ok::<_, Failure>((code, text(of, "Message").unwrap_or_default()))
    };
    let (code, message) = entry(error)?;
    // The body does not contain the status.
    let mut fault = Fault::new(400, code, message).with_request_id(request_id);
    let others = output.get("OtherErrors").and_then(Value::as_list);
    for other in others.unwrap_or_default() {
        let (code, message) = entry(other)?;
        fault.errors.extend(Fault::new(400, code, message).errors);
    }
    Ok(fault)
}

/// Converts the value to its shape's types, and refuses a value that violates the model.
fn check(
    operation: Operation,
    shape: Shape,
    value: &mut Value<'_>,
    unchecked: bool,
) -> Result<(), Failure> {
    shape.conform(value);
    let (errors, notes): (Vec<_>, Vec<_>) = shape
        .violations(value)
        .into_iter()
        .partition(|violation| violation.is_error() && !unchecked);
    let mut err = stderr().lock();
    for note in notes {
        writeln!(err, "ec2wire: note: {note}")?;
    }
    if errors.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = errors.iter().map(|error| format!("\n  {error}")).collect();
    let message = format!(
        "the input violates the model of {}:{}",
        operation.name(),
        lines.concat()
    );
    Err(Failure::input(message))
}

/// Prints notes about tags and client tokens that EC2 refuses.
fn note_contract(operation: Operation, request: &Value<'_>) -> Result<(), Failure> {
    let mut err = stderr().lock();
    for violation in operation.contract_violations(request) {
        writeln!(err, "ec2wire: note: {violation}")?;
    }
    Ok(())
}

/// Decodes the body on standard input.
pub(crate) fn decode(args: &Decode) -> Result<u8, Failure> {
    let (side, operation) = what(&args.what)?;
    let text = input()?;
    // Added by an editor or `echo`; no body ends in a line break.
    let body = text.strip_suffix('\n').unwrap_or(&text);
    let body = body.strip_suffix('\r').unwrap_or(body);
    let refused = |error: ec2wire::Error| Failure::input(error.to_string());
    let value = match side {
        Side::Request => {
            if body.is_empty() {
                return Err(Failure::input("the body is empty"));
            }
            let mut options = form::Options::new();
            if args.lenient {
                options = options.lenient();
            }
            let call = options.call(body).map_err(refused)?;
            let action = call.action().map_err(refused)?;
            if let Some(other) = action.filter(|action| *action != operation.name()) {
                let message = format!("the body is a request for {other:?}");
                return Err(Failure::input(message));
            }
            let request = call.decode_seed(operation.request_seed());
            let request = request.map_err(refused)?;
            let violations = operation.input().map(|input| input.violations(&request));
            for violation in violations.unwrap_or_default() {
                writeln!(stderr(), "ec2wire: note: {violation}")?;
            }
            note_contract(operation, &request)?;
            if args.as_sent {
                request
            } else {
                for_callers(operation, request)?
            }
        }
        Side::Response => {
            // Without a status, the body alone decides: an error document is an error with any status.
            let reply = operation.decode_reply(args.status.unwrap_or(200), body.as_bytes());
            match reply.map_err(refused)? {
                Reply::Success(mut success) => {
                    if !args.as_sent {
                        operation.response_to_boto3(&mut success.output);
                    }
                    with_metadata(success.output, args.status, success.request_id)
                }
                Reply::Fault(fault) => from_fault(fault, args.status),
            }
        }
    };
    let json = serde_json::to_string_pretty(&value).map_err(Failure::environment)?;
    writeln!(stdout(), "{json}")?;
    Ok(0)
}

/// The request as boto3's callers have it.
fn for_callers(operation: Operation, mut request: Value<'_>) -> Result<Value<'_>, Failure> {
    for member in operation.request_to_boto3(&mut request) {
        writeln!(
            stderr(),
            "ec2wire: note: {member} is not base64 of text, and stays as it was sent; encode it with --as-sent"
        )?;
    }
    Ok(request)
}

/// The response in the SDKs' form.
fn with_metadata(
    mut output: Value<'_>,
    status: Option<u16>,
    request_id: Option<String>,
) -> Value<'_> {
    if let Value::Structure(output) = &mut output {
        let mut metadata = Structure::new();
        if let Some(id) = request_id {
            metadata.insert("RequestId", id);
        }
        // The body does not contain the status.
        if let Some(status) = status {
            metadata.insert("HTTPStatusCode", i64::from(status));
        }
        output.insert(METADATA, metadata);
    }
    output
}

/// An error in the SDKs' form: the code and message of the first error, and a list of the others if
/// there are any.
fn from_fault(fault: Fault, status: Option<u16>) -> Value<'static> {
    let mut entries = fault.errors.into_iter().map(|entry| {
        Value::from(Structure::from([
            ("Code", entry.code.into()),
            ("Message", entry.message.into()),
        ]))
    });
    let mut output = Structure::new();
    output.insert("Error", entries.next().unwrap_or_default());
    let others: Vec<Value<'_>> = entries.collect();
    if !others.is_empty() {
        output.insert("OtherErrors", others);
    }
    if !fault.excerpt.is_empty() {
        output.insert("Excerpt", fault.excerpt);
    }
    with_metadata(output.into(), status, fault.request_id)
}

fn what(words: &What) -> Result<(Side, Operation), Failure> {
    let action = words.action.as_str();
    let side = match words.side.as_deref() {
        None if ["request", "response"].contains(&action) => {
            return Err(Failure::usage(format!(
                "the action is missing, as in `{action} CreateVpc`; `ec2wire actions` lists the actions"
            )));
        }
        None | Some("request") => Side::Request,
        Some("response") => Side::Response,
        Some(word) => {
            return Err(Failure::usage(format!(
                "expected `request` or `response`, got `{word}`"
            )));
        }
    };
    Ok((side, operation(action)?))
}

/// The action with that name, in any case.
pub(crate) fn in_any_case(name: &str) -> Option<Operation> {
    let mut operations = Model::ec2().operations();
    operations.find(|operation| operation.name().eq_ignore_ascii_case(name))
}

/// The same, with a note if EC2 spells the name otherwise.
pub(crate) fn named(name: &str) -> Option<Operation> {
    let found = in_any_case(name)?;
    if found.name() != name {
        eprintln!("ec2wire: taking `{name}` as `{}`", found.name());
    }
    Some(found)
}

/// An action of the embedded model.
pub(crate) fn operation(name: &str) -> Result<Operation, Failure> {
    named(name).ok_or_else(|| {
        let mut message = format!("EC2 has no action `{name}`");
        match Model::ec2().closest_operation(name) {
            Some(meant) => {
                message.push_str("; did you mean `");
                message.push_str(meant.name());
                message.push_str("`?");
            }
            None => message.push_str("; `ec2wire actions` lists the actions"),
        }
        Failure::usage(message)
    })
}

fn input() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    stdin().lock().read_to_end(&mut bytes)?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::input(format!("the input is not valid UTF-8 (byte {at})"))
    })
}
