#![doc = include_str!("../README.md")]
//!
//! # Parts
//!
//! - [`World`] is the endpoint without HTTP: it turns a request into an answer, without I/O.
//! - [`Endpoint`] is a world behind an HTTP server.
//! - [`client`] is a client for it.
//! - [`sabotage`] makes them wrong or different in one way at a time, so that tests can be tested.
//!
//! # Actions
//!
//! Those of the table of resources ([`ec2wire_model::Model::resources`]), and those that only read.
//! The answer to any other action is `InvalidAction`, and so is that to an action of the table that
//! changes a resource in a way that nothing here would show.
//!
//! # Where EC2's behaviour is not established
//!
//! | question | answer here |
//! |---|---|
//! | a missing `Version` | `MissingParameter` |
//! | a method other than GET and POST | 405 `InvalidRequest` |
//! | a POST whose body is not declared as a form | `MalformedQueryString`; EC2 was observed to answer JSON with 500 |
//! | a POST with a query string | body and query string are read as one form |
//! | the path | ignored |
//! | invalid escapes, invalid UTF-8, empty pairs | `MalformedQueryString`, with 400 |
//! | gaps in a list, an index of 0, `True` for a boolean | `InvalidParameterValue` |
//! | a list of one without its index; an empty list of texts in an entry, `Filter.1.Value=` | accepted, as EC2 was seen to do on other actions |
//! | an empty `IpamId` | `InvalidIpamId.NotFound` |
//! | tag keys of 128 characters; tag keys that start with `AWS:` | accepted |
//! | a tag without a value | an empty value |
//! | characters in tags that XML cannot carry | `InvalidParameterValue` |
//! | a client token of more than 64 characters, or not in ASCII | `InvalidClientToken` |
//! | an empty client token | as if absent |
//! | one client token in two actions | independent of each other |
//! | a used client token with the same tags in another order | other parameters: `IdempotentParameterMismatch` |
//! | a client token whose resource was deleted | that resource, in state `delete-complete`; nothing is created |
//! | a dry run | 412 if the request is valid and the named resources exist; it checks no quota and uses no token |
//! | an IPAM of the free tier | may have policies |
//! | filters of `DescribeIpamPolicies` | `ipam-policy-id`, `ipam-id`, `state`, `owner-id`, `tag:KEY`, `tag-key`; exact values, no wildcards |
//! | filters of `GetIpamPolicyAllocationRules` | `locale`, `resource-type`, `source-ipam-pool-id` |
//! | filters of `GetIpamPolicyOrganizationTargets` | `organization-target-id` |
//! | a list without `MaxResults` | pages of 1,000 |
//! | the pools in rules | not looked up; a malformed id gets `InvalidIpamPoolId.Malformed` |
//! | a policy whose rules were modified | its state is `modify-complete` |
//! | a locale and resource type without rules | there is no document for them |
//! | enabling a policy where another is enabled | it replaces the other |
//! | disabling a policy that is not enabled | the answer's `return` is `false` |
//! | deleting an enabled policy | it is disabled too |
//! | the account itself is a target in its organization | that policy overrides the account's own; `managedBy` is `delegated-administrator-for-ipam` |
//! | a filter of which the table does not know what it looks at | it selects nothing |
//! | wildcards in filters | `*` and `?` in all values, `\` before one of them for itself |
//! | values that the model does not have, in members with fixed values | `InvalidParameterValue` |
//! | when a state settles | at once: only the answer to the creation shows the first one |
//! | how long lists show what has ended | `Config::forget_after`, a minute unless it says otherwise |
//! | `Modify..` that the table knows only by name | a member that an entry has is shown there; the rest is kept and shown nowhere; without a member that an entry can show: `InvalidAction` |
//! | other changes and joins that the table knows only by name | `InvalidAction`, unless an entry shows what is joined |
//! | host bits in the CIDR block of a security group's rule | dropped |
//! | associating a security group with a VPC that it has; parting it from one that it has not | `Resource.AlreadyAssociated`; `IncorrectState` |
//! | associating a default group, or a group with a default VPC | `OperationNotPermitted` |
//! | an association of a security group that is gone | not listed |
//! | the ids of zones | `az1` is the first zone, in every account |
//! | a Region that the account does not have | `DescribeRegions` shows it if it is named |
//! | a subnet without a zone | in the Region's first zone |
//! | more than one attribute of a VPC or subnet in a request, or none | `InvalidParameterCombination` |
//! | an IPv6 block for a subnet that has one | `InvalidParameterValue` |
//! | a reservation outside its subnet, or over another one | `InvalidParameterValue` |
//! | which gateways, endpoints and ACLs keep a VPC | all but its own default ones; flow logs and peerings end with it |
//! | a NAT gateway in a VPC without an internet gateway | it becomes available |
//! | a NAT gateway whose address is taken | its state is `failed` at once |
//! | a route to an interface that is not attached, or to a stopped instance | `blackhole` |
//! | associating a subnet with the route table that it has | the association that there is |
//! | a route to a transit gateway to which the VPC is not attached | accepted; `blackhole` |
//! | a second VPC for a virtual private gateway | `VpnGatewayAttachmentLimitExceeded` |
//! | a rule of an ACL without ports or ICMP type where its protocol needs them | `MissingParameter` |
//! | a peering with another account or Region | it waits; nobody accepts it |
//! | the services that endpoints lead to | a fixed list of AWS's, and the account's own |
//! | an interface endpoint that does not ask for private DNS | it has it if the VPC's attributes allow it |
//! | a resource that does not exist among others in an action that tells what had no success | it is told; the others end. Alone it is an error |
//! | a flow log without a destination | accepted for CloudWatch Logs, `MissingParameter` otherwise |
//! | AWS's prefix lists | four, with a few blocks each |
//! | deleting a prefix list that a route or group uses | `DependencyViolation` |
//! | a transit gateway's default table | cannot be deleted apart from it |
//! | tunnels of a VPN connection | nobody has set them up: `DOWN` |
//! | the private addresses of a subnet | the next free one after the last that was given, then those that became free |
//! | reservations of prefixes in a subnet | only who names an address of one gets it, as with explicit ones |
//! | a primary address named twice, also in `PrivateIpAddress` and a list | `InvalidParameterCombination` |
//! | more private addresses at an interface than its instance's type has | `PrivateIpAddressLimitExceeded`; at no instance it can have 64 |
//! | assigning an address that the interface has | nothing with `AllowReassignment`, `InvalidIPAddress.InUse` without |
//! | moving an interface's primary address, or one of a service's | `InvalidParameterValue`, and `OperationNotPermitted` |
//! | the association of an Elastic IP address that moves with a private one | a new one |
//! | public addresses | in `54.0.0.0/8` |
//! | DNS hostnames for a VPC without DNS support | `InvalidParameterValue` |
//! | what turning DNS hostnames on or off changes | the public names of all addresses, at once; private names stay |
//! | a name that is the instance's id | the instance shows it; its interface shows that of the address |
//! | public images | seven, with the same ids in each world of a Region, and their snapshots |
//! | an image or snapshot of another account | `AuthFailure` for what changes or ends it |
//! | copies from another Region | made without a look at the source, which is not in sight |
//! | deleting a placement group that is the parent of another | `InvalidPlacementGroup.InUse` |
//! | deleted volumes, deregistered images, deleted placement groups | gone at once |
//! | an instance type that EC2 has and the list here lacks | launched; the architecture follows from its name |
//! | more than 1,000 instances at once | as many as 1,000, `InstanceLimitExceeded` if the least is more |
//! | a subnet for an instance whose request names none | that of the zone asked for, or of the first zone |
//! | tags in a launch and in its template | both; the launch wins for a key that both have |
//! | a subnet or groups in a launch whose template has interfaces | they stand in for the template's interfaces |
//! | what a console and a Windows password say | nothing: empty texts |
//! | an instance profile | need not exist in IAM; its id is made up |
//! | starting an instance without a root volume | `InvalidParameterValue` |
//! | why an instance that hibernates is stopped | `Client.UserInitiatedHibernate`; the transition's reason is that of any stop |
//! | key pairs | valid keys that protect nothing; those of RSA are made of a fixed list of primes |
//! | the fingerprint of an ED25519 key | padded base64, without `SHA256:` |
//! | versions of a launch template | the newest first; deleting the default one has no success: `unexpectedError` |
//! | modifying a volume | done at once: `completed`; no limit on how often |
//! | a capacity reservation and an instance that stops, starts or outlives it | it leaves at the stop, enters one again at the start, and runs on without it |
//! | groups of capacity reservations as a target | no reservation |
//! | how many instances a Dedicated Host has room for | any number |
//! | an instance on a host of another zone, type or family | `InvalidParameterValue` |
//! | a host that a stopped instance was on | can be released |
//! | a Spot request | fulfilled at once at any price; open if it names no image |
//! | a persistent Spot request whose instance was terminated | open again; it launches no other instance |
//! | cancelling a Spot request whose instance is stopped, or one that has ended | `cancelled` with the status as it is; the state that it has |
//! | Spot prices | made up: one for each type, zone and product, from three to five tenths of about what the type costs, and another one each day, the same in every world |
//! | the history of Spot prices without a start | the prices at its end |
//! | a fleet | launches all its capacity from its first template and override; weights and strategies are ignored |
//! | `DeleteIpam` while there are policies, pools, added scopes or added associations | `DependencyViolation`, unless `Cascade` is true; a pool for public addresses keeps it in any case |
//! | an IPAM's default scopes, resource discovery and association | cannot be deleted: `OperationNotPermitted` |
//! | an IPAM without its home Region among the operating Regions | has it too |
//! | a CIDR that cannot be provisioned or allocated: taken, outside the source, of another family | `InvalidParameterValue` at once; nothing is `failed-provision` later |
//! | a pool without room | `InsufficientCidrBlocks` |
//! | the next free CIDR of a pool | the first one, in the order of addresses |
//! | an allocation that a resource uses | cannot be released: `OperationNotPermitted` |
//! | a malformed id where EC2 was only seen to say `NotFound` | `NotFound` |
//! | filters that AWS documents by examples only | the names of an entry's members, too |

#![forbid(unsafe_code)]

#[cfg(feature = "client")]
pub mod client;
mod pairs;
mod quirk;
pub mod sabotage;
mod server;

pub use server::{Config, Endpoint, LoadError, Request, Response, World};
