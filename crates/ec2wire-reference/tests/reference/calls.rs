//! Calls of any action, with JSON as the AWS CLI has it.

use ec2wire::Reply;
use ec2wire_model::{Model, Value};
use ec2wire_reference::{Request, World};
use serde_json::Value as Json;

/// Calls an action. Returns its answer, or the code of the refusal.
pub(crate) fn call(world: &World, action: &str, members: &Json) -> Result<Json, String> {
    call_as(world, None, action, members)
}

/// As [`call`], with a header `Authorization`.
pub(crate) fn call_as(
    world: &World,
    authorization: Option<&str>,
    action: &str,
    members: &Json,
) -> Result<Json, String> {
    let operation = Model::ec2().operation(action).unwrap();
    let text = members.to_string();
    let mut input: Value<'_> = serde_json::from_str(&text).unwrap();
    if let Some(shape) = operation.input() {
        shape.conform(&mut input);
    }
    let body = operation.encode_request(&input).unwrap();
    let request = Request {
        authorization,
        ..Request::post(body.as_bytes())
    };
    let response = world.answer(&request);
    let reply = operation.decode_reply(response.status, response.body.as_bytes());
    match reply.unwrap_or_else(|error| panic!("{action} {members}: {error}\n{}", response.body)) {
        Reply::Success(success) => Ok(serde_json::to_value(&success.output).unwrap()),
        Reply::Fault(fault) => Err(fault.code().unwrap_or_default().to_owned()),
    }
}

/// Calls an action that must succeed.
pub(crate) fn done(world: &World, action: &str, members: &Json) -> Json {
    call(world, action, members).unwrap_or_else(|code| panic!("{action} {members}: {code}"))
}

/// Calls an action that must be refused, with this code.
pub(crate) fn refuses(world: &World, code: &str, action: &str, members: &Json) {
    assert_eq!(
        call(world, action, members),
        Err(code.to_owned()),
        "{action} {members}"
    );
}

/// The text at a JSON pointer.
pub(crate) fn text(json: &Json, pointer: &str) -> String {
    let found = json.pointer(pointer).and_then(Json::as_str);
    found
        .unwrap_or_else(|| panic!("no {pointer} in {json}"))
        .to_owned()
}

/// The texts of a member in each entry of a list.
pub(crate) fn each(json: &Json, list: &str, member: &str) -> Vec<String> {
    let entries = json[list].as_array().map(Vec::as_slice).unwrap_or_default();
    entries
        .iter()
        .map(|entry| text(entry, &format!("/{member}")))
        .collect()
}
