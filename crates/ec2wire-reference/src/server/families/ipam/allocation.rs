//! What is allocated from pools.

use super::{ALLOCATION, IN_POOL, POOL, cidr, finish_all, pool, space, within};
use crate::server::engine::answer::{self, place, project};
use crate::server::engine::input::named;
use crate::server::engine::list::{page, set_next};
use crate::server::engine::make::{insert_named, make, replayed};
use crate::server::engine::{Input, Role};
use crate::server::families::Draft;
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::Item;
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};
use ipnet::IpNet;

/// The blocks that are allocated from a pool.
pub(super) fn taken(state: &State, pool: &str) -> Vec<IpNet> {
    let allocations = state.store.referrers(pool);
    allocations
        .filter(|item| item.resource.name == ALLOCATION && item.text(IN_POOL) == Some(pool))
        .filter_map(|item| item.text("Cidr")?.parse().ok())
        .collect()
}

/// The block of a pool that a request for a VPC or subnet means. A replay needs none.
pub(in crate::server) fn block_of(
    input: &Input,
    state: &State,
    pool: &str,
) -> Result<Option<String>, Fault> {
    if let Some(text) = input.text("CidrBlock") {
        return match replayed(input, state)? {
            Some(_) => Ok(None),
            None => {
                free(state, named(state, POOL, pool)?, text).map(|block| Some(block.to_string()))
            }
        };
    }
    let length = short(input.integer("Ipv4NetmaskLength"))?;
    let block = next_block(state, named(state, POOL, pool)?, length, &[], &[])?;
    Ok(Some(block.to_string()))
}

/// Notes the block of a VPC or subnet that it has from a pool.
pub(in crate::server) fn assign_block(
    state: &mut State,
    pool: &str,
    block: &str,
    resource: &str,
    resource_type: &'static str,
) {
    if let Ok(block) = block.parse() {
        assign(state, pool, block, resource, resource_type);
    }
}

/// Releases what a pool has allocated to a resource that has a block no longer.
pub(in crate::server) fn release_block(state: &mut State, resource: &str, block: &str) {
    let own = within(state, ALLOCATION, "ResourceId", resource);
    let own = own.filter(|item| item.text("Cidr") == Some(block));
    let ids: Vec<String> = own.map(|item| item.id.clone()).collect();
    finish_all(state, &ids);
}

/// A prefix length of a request.
fn short(length: Option<i64>) -> Result<Option<u8>, Fault> {
    let bad = |length: i64| fault::invalid_choice("NetmaskLength", &length.to_string());
    let short = length.map(|length| u8::try_from(length).map_err(|_| bad(length)));
    short.transpose()
}

fn next_block(
    state: &State,
    pool: &Item,
    length: Option<u8>,
    allowed: &[IpNet],
    disallowed: &[IpNet],
) -> Result<IpNet, Fault> {
    let own = || pool::length(&pool.entry, "AllocationDefaultNetmaskLength");
    let length = length.or_else(own);
    let length = length.ok_or_else(|| fault::missing_parameter("NetmaskLength"))?;
    check_length(pool, length)?;
    let mut within = cidr::of(pool);
    if !allowed.is_empty() {
        let both = |outer: IpNet| {
            let inner = allowed
                .iter()
                .filter(move |inner| space::overlap(&outer, inner));
            inner.map(move |inner| if outer.contains(inner) { *inner } else { outer })
        };
        within = within.into_iter().flat_map(both).collect();
    }
    let mut used = taken(state, &pool.id);
    used.extend_from_slice(disallowed);
    space::next_free(&within, &used, length).ok_or_else(|| cidr::no_space(pool, length))
}

/// Refuses a length that the pool's rules do not allow.
fn check_length(pool: &Item, length: u8) -> Result<(), Fault> {
    let rule = |name| pool::length(&pool.entry, name);
    let least = rule("AllocationMinNetmaskLength").unwrap_or(0);
    let longest = space::longest(pool::is_v6(&pool.entry));
    let most = rule("AllocationMaxNetmaskLength").unwrap_or(longest);
    if !(least..=most).contains(&length) {
        return Err(fault::invalid_value(format!(
            "Value ( {length} ) for parameter NetmaskLength is invalid. \
             The ipam pool '{}' allows {least} to {most}",
            pool.id
        )));
    }
    Ok(())
}

/// Notes that a block of a pool belongs to a resource.
pub(super) fn assign(
    state: &mut State,
    pool: &str,
    block: IpNet,
    resource: &str,
    resource_type: &'static str,
) {
    let entry = Structure::from([
        ("Cidr", Value::from(block.to_string())),
        ("ResourceId", resource.to_owned().into()),
        ("ResourceType", resource_type.into()),
        ("ResourceRegion", state.config.region.clone().into()),
        ("ResourceOwner", state.config.account.clone().into()),
        (IN_POOL, pool.to_owned().into()),
    ]);
    let draft = Draft {
        entry,
        owner: Some(pool.to_owned()),
        ..Draft::default()
    };
    insert_named(state, ALLOCATION, draft, Vec::new());
}

/// Releases what pools have allocated to a resource that ends.
pub(in crate::server) fn release_all(state: &mut State, resource: &str) {
    let own = within(state, ALLOCATION, "ResourceId", resource);
    let ids: Vec<String> = own.map(|item| item.id.clone()).collect();
    finish_all(state, &ids);
}

/// The block that a request asks for.
fn wanted(input: &Input, state: &State) -> Result<IpNet, Fault> {
    let pool = named(state, POOL, input.required(IN_POOL)?)?;
    let parsed = |member: &str| {
        let texts = input.texts(member).into_iter();
        texts
            .map(|text| space::parse(member, text))
            .collect::<Result<Vec<_>, _>>()
    };
    let (allowed, disallowed) = (parsed("AllowedCidrs")?, parsed("DisallowedCidrs")?);
    let length = input.integer("NetmaskLength");
    let Some(text) = input.text("Cidr") else {
        return next_block(state, pool, short(length)?, &allowed, &disallowed);
    };
    for (name, is_given) in [
        ("NetmaskLength", length.is_some()),
        ("AllowedCidrs", !allowed.is_empty()),
        ("DisallowedCidrs", !disallowed.is_empty()),
    ] {
        if is_given {
            return Err(fault::invalid_combination("Cidr", name));
        }
    }
    free(state, pool, text)
}

/// A block of a pool that a request names. It must be free.
fn free(state: &State, pool: &Item, text: &str) -> Result<IpNet, Fault> {
    let block = space::parse("Cidr", text)?;
    if !cidr::of(pool).iter().any(|outer| outer.contains(&block)) {
        return Err(fault::invalid_value(format!(
            "The CIDR '{text}' is not in the ipam pool '{}'",
            pool.id
        )));
    }
    check_length(pool, block.prefix_len())?;
    if taken(state, &pool.id)
        .iter()
        .any(|other| space::overlap(other, &block))
    {
        return Err(cidr::is_taken(&block));
    }
    Ok(block)
}

pub(super) fn allocate(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    if input.flag("PreviewNextCidr") == Some(true) {
        let block = wanted(input, state)?;
        input.stop_dry_run()?;
        let entry = Structure::from([("Cidr", Value::from(block.to_string()))]);
        return Ok(Structure::from([("IpamPoolAllocation", entry.into())]));
    }
    match input.plan.role {
        Some((resource, Role::Make(how))) => make(input, resource, how, state),
        _ => Err(fault::invalid_action(input.action())),
    }
}

pub(super) fn draft(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    if replayed(input, state)?.is_some() {
        return Ok(());
    }
    let pool = input.required(IN_POOL)?;
    let block = wanted(input, state)?;
    draft.owner = Some(pool.to_owned());
    for (name, value) in [
        ("Cidr", block.to_string()),
        ("ResourceType", "custom".to_owned()),
        ("ResourceRegion", state.config.region.clone()),
        ("ResourceOwner", state.config.account.clone()),
        (IN_POOL, pool.to_owned()),
    ] {
        draft.entry.insert(name, value);
    }
    Ok(())
}

/// Refuses to release what the request describes wrongly, or what a resource uses.
pub(super) fn check(input: &Input, _: &State, item: &Item) -> Result<(), Fault> {
    for name in [IN_POOL, "Cidr"] {
        let text = input.required(name)?;
        if item.text(name) != Some(text) {
            return Err(fault::invalid_choice(name, text));
        }
    }
    if item.text("ResourceType") != Some("custom") {
        let message = format!(
            "The ipam pool allocation '{}' belongs to a resource and cannot be released.",
            item.id
        );
        return Err(fault::refusal("OperationNotPermitted", message));
    }
    Ok(())
}

pub(super) fn list(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    let pool = input.required(IN_POOL)?;
    let Some((resource, Role::Read(listing))) = input.plan.role else {
        return Ok(answer::made_up(input));
    };
    let is_own = |item: &Item| item.text(IN_POOL) == Some(pool);
    let page = page(input, resource, listing, state, &is_own)?;
    input.stop_dry_run()?;
    let mut answer = Structure::new();
    let output = input.plan.operation.output();
    let Some(shape) = output.and_then(|output| listing.path.shape(output)) else {
        return Ok(answer::made_up(input));
    };
    let values = page.items.iter();
    let values = values.map(|item| project(&answer::entry(item), shape).into());
    place(&mut answer, listing.path.as_str(), values.collect());
    set_next(&mut answer, listing, page.next);
    Ok(answer)
}
