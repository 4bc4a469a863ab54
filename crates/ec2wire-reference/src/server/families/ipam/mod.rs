//! IPAMs with all that they contain. Their policies are in `actions/`.
//!
//! - `root` has IPAMs themselves, their scopes and resource discoveries.
//! - `pool` has pools, `cidr` what is provisioned to them, `allocation` what is allocated from them.
//! - `space` is the arithmetic of free blocks.

mod allocation;
mod cidr;
mod pool;
mod root;
mod space;

use super::{Draft, Ending, Family, Making};
use crate::server::engine::Input;
use crate::server::engine::answer::arn;
use crate::server::engine::change::apply;
use crate::server::engine::end::finish;
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::Item;
use ec2wire::Fault;
use ec2wire_model::{Model, Structure, Value};

pub(in crate::server) use allocation::{assign_block, block_of, release_all, release_block};

pub(super) static FAMILY: Family = Family {
    start: Some(root::start),
    perform: &[
        ("ProvisionIpamPoolCidr", cidr::provision),
        ("DeprovisionIpamPoolCidr", cidr::deprovision),
        ("GetIpamPoolCidrs", |input, state| cidr::list(input, state)),
        ("AllocateIpamPoolCidr", allocation::allocate),
        ("GetIpamPoolAllocations", |input, state| {
            allocation::list(input, state)
        }),
    ],
    making: &[
        (
            "CreateIpam",
            Making {
                draft: root::draft,
                made: root::made,
            },
        ),
        (
            "CreateIpamScope",
            Making {
                draft: root::draft_scope,
                made: |_, state, id| recount(state, id),
            },
        ),
        (
            "CreateIpamPool",
            Making {
                draft: pool::draft,
                made: |_, state, id| recount(state, id),
            },
        ),
        ("AllocateIpamPoolCidr", Making::draft(allocation::draft)),
        (
            "CreateIpamResourceDiscovery",
            Making::draft(root::draft_discovery),
        ),
        (
            "AssociateIpamResourceDiscovery",
            Making {
                draft: root::draft_association,
                made: |_, state, id| recount(state, id),
            },
        ),
    ],
    ending: &[
        (
            "DeleteIpam",
            Ending {
                check: root::check,
                ended: |_, state, id| root::ended(state, id),
            },
        ),
        (
            "DeleteIpamScope",
            Ending {
                check: root::check_scope,
                ended: |_, state, _| recount_all(state),
            },
        ),
        (
            "DeleteIpamPool",
            Ending {
                check: pool::check,
                ended: |_, state, id| pool::ended(state, id),
            },
        ),
        (
            "ReleaseIpamPoolAllocation",
            Ending::check(allocation::check),
        ),
        (
            "DeleteIpamResourceDiscovery",
            Ending {
                check: refuse_default,
                ended: |_, state, id| root::discovery_ended(state, id),
            },
        ),
        (
            "DisassociateIpamResourceDiscovery",
            Ending {
                check: refuse_default,
                ended: |_, state, _| recount_all(state),
            },
        ),
    ],
    changing: &[
        ("ModifyIpam", modify),
        ("ModifyIpamScope", modify),
        ("ModifyIpamPool", pool::modify),
        ("ModifyIpamResourceDiscovery", modify),
    ],
    fields: &[
        ("DescribeIpamScopes", "ipam-id", |item| texts(item, IN_IPAM)),
        ("DescribeIpamPools", "ipam-scope-id", |item| {
            texts(item, IN_SCOPE)
        }),
        ("DescribeIpamPools", "ipam-id", |item| texts(item, IN_IPAM)),
    ],
    ..Family::NONE
};

const IPAM: &str = "ipam";
const SCOPE: &str = "ipam-scope";
const POOL: &str = "ipam-pool";
const ALLOCATION: &str = "ipam-pool-allocation";
const DISCOVERY: &str = "ipam-resource-discovery";
const ASSOCIATION: &str = "ipam-resource-discovery-association";

/// Where the items of an IPAM note its id. No list shows it.
const IN_IPAM: &str = "IpamId";
/// Where a pool notes its scope's id. No list shows it.
const IN_SCOPE: &str = "IpamScopeId";
/// Where an allocation notes its pool's id. No list shows it.
const IN_POOL: &str = "IpamPoolId";

fn texts(item: &Item, path: &str) -> Vec<String> {
    item.text(path).map(str::to_owned).into_iter().collect()
}

/// Sets a member that the request did not.
fn default(entry: &mut Structure<'static>, name: &'static str, value: impl Into<Value<'static>>) {
    if entry.get(name).is_none() {
        entry.insert(name, value);
    }
}

/// The items of a resource that note an id, the oldest first.
fn within<'s>(
    state: &'s State,
    resource: &str,
    path: &'static str,
    id: &'s str,
) -> impl Iterator<Item = &'s Item> {
    let all = state.store.all(resource);
    all.filter(move |item| item.text(path) == Some(id))
}

fn is_default(item: &Item) -> bool {
    item.entry.get("IsDefault") == Some(&true.into())
}

/// Refuses to end what comes and goes with an IPAM.
fn refuse_default(_: &Input, _: &State, item: &Item) -> Result<(), Fault> {
    if is_default(item) {
        let name = item.resource.name.replace('-', " ");
        let message = format!("The default {name} '{}' cannot be deleted.", item.id);
        return Err(fault::refusal("OperationNotPermitted", message));
    }
    Ok(())
}

/// Refuses to end what others depend on.
fn depends(item: &Item) -> Fault {
    let name = item.resource.name;
    let message = format!(
        "The {name} '{}' has dependencies and cannot be deleted.",
        item.id
    );
    fault::refusal("DependencyViolation", message)
}

/// The ARN of an item of this resource.
fn arn_of(state: &State, resource: &str, id: &str) -> String {
    let resource = Model::ec2().resource(resource);
    resource.map_or_else(String::new, |resource| arn(state, resource, id))
}

/// Counts again what belongs to the IPAM and the scope that an item belongs to.
fn recount(state: &mut State, id: &str) {
    let of = |path| {
        state
            .store
            .get(id)
            .and_then(|item| item.text(path))
            .map(str::to_owned)
    };
    let (ipam, scope) = (of(IN_IPAM), of(IN_SCOPE));
    if let Some(scope) = scope {
        let count = within(state, POOL, IN_SCOPE, &scope).count();
        set_count(state, &scope, "PoolCount", count);
    }
    if let Some(ipam) = ipam {
        let scopes = within(state, SCOPE, IN_IPAM, &ipam).count();
        let associations = within(state, ASSOCIATION, IN_IPAM, &ipam).count();
        set_count(state, &ipam, "ScopeCount", scopes);
        set_count(
            state,
            &ipam,
            "ResourceDiscoveryAssociationCount",
            associations,
        );
    }
}

/// Counts again what belongs to all IPAMs and scopes.
fn recount_all(state: &mut State) {
    let items = state.store.all(IPAM).chain(state.store.all(SCOPE));
    let ids: Vec<String> = items.map(|item| item.id.clone()).collect();
    for id in ids {
        recount(state, &id);
    }
}

fn set_count(state: &mut State, id: &str, name: &'static str, count: usize) {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    state
        .store
        .update(id, |item| item.entry.insert(name, count));
}

/// Ends several items.
fn finish_all(state: &mut State, ids: &[String]) {
    for id in ids {
        finish(state, id);
    }
}

/// Changes an item, if the request says how.
fn modify(input: &Input, _: &State, item: &Item, draft: &mut Draft) -> Result<(), Fault> {
    let own = item.resource.id.member;
    if input.members.iter().all(|(name, _)| name == own) {
        let name = item.resource.name.replace('-', " ");
        let message = format!("The request must contain a modification to the {name}");
        return Err(fault::refusal("InvalidParameterCombination", message));
    }
    root::check_regions(input, "AddOperatingRegions")?;
    apply(input, item.resource, own, draft);
    draft.entry.insert("State", "modify-complete");
    Ok(())
}
