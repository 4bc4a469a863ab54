//! A reference endpoint of the EC2 Query protocol: IPAM policies and the IPAMs they belong to.
//!
//! It answers as EC2 does where EC2's behaviour is documented or was observed, down to the codes
//! and texts of the errors, and takes nothing that EC2 refuses. All its state is in memory and
//! gone when it ends. Signatures are not looked at.
//!
//! - [`World`] is the endpoint without HTTP: a request in, an answer out, no I/O and no waiting.
//! - [`Endpoint`] is a world behind an HTTP server.
//! - [`client`] is a client of it.
//! - [`sabotage`] makes any of them wrong, or different, in one way at a time: for the tests of tests.
//!
//! ```
//! use ec2wire::{Operation, ipam::CreateIpamPolicy};
//! use ec2wire_reference::{Config, Endpoint};
//! use http_body_util::{BodyExt, Full};
//! use hyper_util::{client::legacy::Client, rt::TokioExecutor};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let config = Config { ipam_ids: vec!["ipam-0123456789abcdef0".into()], ..Config::default() };
//! let endpoint = Endpoint::bind(([127, 0, 0, 1], 0).into(), config).await?;
//!
//! let body = <CreateIpamPolicy>::new("ipam-0123456789abcdef0").to_body()?;
//! let request = http::Request::post(endpoint.url())
//!     .header("content-type", "application/x-www-form-urlencoded")
//!     .body(Full::<bytes::Bytes>::from(body))?;
//! let client = Client::builder(TokioExecutor::new()).build_http();
//! let (head, body) = client.request(request).await?.into_parts();
//!
//! let body = body.collect().await?.to_bytes();
//! let reply = <CreateIpamPolicy>::decode_reply(head.status.as_u16(), &body)?.into_result()?;
//! let policy = reply.output.ipam_policy.unwrap_or_default();
//! assert_eq!(policy.state.unwrap().as_str(), "create-in-progress");
//! assert_eq!(head.headers["x-amzn-requestid"], reply.request_id.unwrap());
//!
//! endpoint.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! # Actions
//!
//! The nine actions of IPAM policies, `CreateIpam` and `DeleteIpam`. Any other one is answered with
//! `InvalidAction`.
//!
//! # Where EC2's behaviour is not established
//!
//! | question | answer here |
//! |---|---|
//! | a missing `Version` | `MissingParameter` |
//! | a method other than GET and POST | 405 `InvalidRequest` |
//! | a POST whose body is not declared as a form | `MalformedQueryString`; EC2 was seen to answer JSON with 500 |
//! | a POST with a query string too | both count, as one request |
//! | the path | not looked at |
//! | bad escapes, bad UTF-8, empty pairs | `MalformedQueryString`, with 400 |
//! | gaps in a list, an index of 0, `True` for a boolean | `InvalidParameterValue` |
//! | an empty `IpamId` | `InvalidIpamId.NotFound` |
//! | tag keys of 128 characters; `AWS:` in other letters than small ones | accepted |
//! | a tag without a value | an empty value |
//! | characters in tags that XML cannot carry | `InvalidParameterValue` |
//! | a client token of more than 64 characters, or not in ASCII | `InvalidClientToken` |
//! | an empty client token | as if absent |
//! | one client token in two actions | two tokens |
//! | the same parameters in another order of tags | other parameters |
//! | a client token whose resource was deleted | that resource, in state `delete-complete`; nothing is created |
//! | a dry run | 412 once the named resources exist; it looks at no quota and takes no token |
//! | an IPAM of the free tier | may have policies |
//! | filters of `DescribeIpamPolicies` | `ipam-policy-id`, `ipam-id`, `state`, `owner-id`, `tag:KEY`, `tag-key`; exact values, no wildcards |
//! | filters of `GetIpamPolicyAllocationRules` | `locale`, `resource-type`, `source-ipam-pool-id` |
//! | filters of `GetIpamPolicyOrganizationTargets` | `organization-target-id` |
//! | a list without `MaxResults` | pages of 1,000 |
//! | the pools that rules name | not looked up; an id of another form is `InvalidIpamPoolId.Malformed` |
//! | a policy whose rules were modified | its state is `modify-complete` |
//! | rules for a locale and resource type without any rule | there is no document of them |
//! | a policy is enabled where another is | it takes the other's place |
//! | a policy is disabled that is not enabled | the answer's `return` is `false` |
//! | a policy is deleted that is enabled | it is disabled, too |
//! | the account itself is a target in its organization | that policy goes before the account's own; `managedBy` is `delegated-administrator-for-ipam` |
//! | `DeleteIpam` while there are policies | `DependencyViolation`, unless `Cascade` is true |

#![forbid(unsafe_code)]

pub mod client;
mod pairs;
mod quirk;
pub mod sabotage;
mod server;

pub use server::{Config, Endpoint, Request, Response, World};
