//! A world, requests to it and what they must be answered with.

use ec2wire::ipam::{CreateIpamPolicy, DescribeIpamPolicies, IpamPolicy};
use ec2wire::{Fault, Operation, Reply, ResourceType, Tag, TagSpecification};
use ec2wire_reference::{Config, Request, Response, World};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) const IPAM: &str = "ipam-0123456789abcdef0";
pub(crate) const OTHER_IPAM: &str = "ipam-0123456789abcdef1";

pub(crate) fn world() -> World {
    World::new(Config {
        ipam_ids: vec![IPAM.into(), OTHER_IPAM.into()],
        ..Config::default()
    })
}

/// The status, code and message of an answer that is an error.
pub(crate) fn fault(response: &Response) -> (u16, String, String) {
    let reply =
        <CreateIpamPolicy>::decode_reply(response.status, response.body.as_bytes()).unwrap();
    let Reply::Fault(fault) = reply else {
        panic!("not an error: {}", response.body)
    };
    assert_eq!(
        fault.request_id.as_deref(),
        Some(response.request_id.as_str())
    );
    assert_eq!(response.content_type, Response::CONTENT_TYPE);
    (
        response.status,
        fault.code().unwrap().into(),
        fault.message().unwrap().into(),
    )
}

/// Posts any bytes, which must be refused.
pub(crate) fn refused(world: &World, body: impl AsRef<[u8]>) -> (u16, String, String) {
    fault(&world.answer(&Request::post(body.as_ref())))
}

pub(crate) fn refused_as(world: &World, body: &str, code: &str, message: &str) {
    let expected = (400, code.to_owned(), message.to_owned());
    assert_eq!(refused(world, body), expected, "{body}");
}

pub(crate) fn call(members: &str) -> String {
    format!("Action=CreateIpamPolicy&Version=2016-11-15&IpamId={IPAM}{members}")
}

pub(crate) fn request(token: Option<&str>) -> CreateIpamPolicy {
    CreateIpamPolicy {
        client_token: token.map(Into::into),
        ..CreateIpamPolicy::new(IPAM)
    }
}

pub(crate) fn tagged(tags: impl IntoIterator<Item = Tag>) -> CreateIpamPolicy {
    CreateIpamPolicy {
        tag_specifications: vec![TagSpecification::new(ResourceType::IpamPolicy, tags)],
        ..CreateIpamPolicy::new(IPAM)
    }
}

pub(crate) fn create(world: &World, request: &CreateIpamPolicy) -> IpamPolicy {
    send(world, request).unwrap().ipam_policy.unwrap()
}

pub(crate) fn id(policy: &IpamPolicy) -> String {
    policy.ipam_policy_id.clone().unwrap()
}

pub(crate) fn describe(world: &World, request: &DescribeIpamPolicies) -> Vec<IpamPolicy> {
    send(world, request).unwrap().ipam_policies.unwrap()
}

pub(crate) fn all(world: &World) -> Vec<IpamPolicy> {
    describe(world, &DescribeIpamPolicies::default())
}

/// Sends a request of the codec's types.
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

/// The status and code of a refusal.
pub(crate) fn summary<T>(result: Result<T, Fault>) -> (u16, String) {
    let fault = result.err().unwrap();
    (fault.status, fault.code().unwrap().to_owned())
}
