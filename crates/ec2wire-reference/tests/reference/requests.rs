//! Requests to a world, by the types.

use ec2wire::{Fault, Operation};
use ec2wire_reference::{Request, World};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Sends a request that the types can express.
pub(crate) fn send<O>(world: &World, request: &O) -> Result<O::Response, Fault>
where
    O: Operation<Response: DeserializeOwned> + Serialize,
{
    let body = request.to_body().unwrap();
    let response = world.answer(&Request::post(body.as_bytes()));
    let reply = O::decode_reply(response.status, response.body.as_bytes()).unwrap();
    assert_eq!(reply.request_id(), Some(response.request_id.as_str()));
    reply.into_result().map(|success| success.output)
}

/// A refusal's status and code.
pub(crate) fn summary<T>(result: Result<T, Fault>) -> (u16, String) {
    let fault = result.err().unwrap();
    (fault.status, fault.code().unwrap().to_owned())
}
