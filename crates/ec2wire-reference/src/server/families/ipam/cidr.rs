//! The blocks that are provisioned to pools. A pool's item has them; they have no tags.

use super::allocation::{assign, taken};
use super::{ALLOCATION, IN_POOL, IN_SCOPE, POOL, finish_all, pool, space, within};
use crate::server::engine::Input;
use crate::server::engine::filter::Pattern;
use crate::server::engine::input::named;
use crate::server::engine::list::{USUAL_LENGTH, start_of_page};
use crate::server::engine::make::{remember, replayed};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};
use ipnet::IpNet;

/// Where a pool notes its blocks.
const CIDRS: &str = "ec2wire:cidrs";
/// Blocks that AWS gives to pools of its own addresses: by the last number of the pool's place.
const AMAZON_V6: &str = "2600:1f00::/24";
const AMAZON_V4: &str = "52.0.0.0/8";

fn entries(pool: &Item) -> impl Iterator<Item = &Structure<'static>> {
    let entries = pool.hidden.get(CIDRS).and_then(Value::as_list);
    let entries = entries.unwrap_or_default().iter();
    entries.filter_map(|entry| match entry {
        Value::Structure(entry) => Some(entry),
        _ => None,
    })
}

fn cidr(entry: &Structure<'static>) -> Option<IpNet> {
    entry.get("Cidr")?.as_str()?.parse().ok()
}

/// The blocks of a pool.
pub(super) fn of(pool: &Item) -> Vec<IpNet> {
    entries(pool).filter_map(cidr).collect()
}

pub(super) fn provision(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    input.check_tags(&[])?;
    let pool = named(state, POOL, input.required(IN_POOL)?)?;
    let replayed = replayed(input, state)?;
    if let Some(id) = replayed.as_deref().and_then(<[String]>::first) {
        input.stop_dry_run()?;
        let is_own = |entry: &&Structure<'static>| {
            entry.get("IpamPoolCidrId").and_then(Value::as_str) == Some(id)
        };
        let known = entries(pool).find(is_own).cloned();
        return Ok(answer(known.unwrap_or_default(), None));
    }
    let block = wanted(input, state, pool)?;
    input.stop_dry_run()?;
    let pool_id = pool.id.clone();
    let source = pool.text("SourceIpamPoolId").map(str::to_owned);
    if let Some(source) = source {
        assign(state, &source, block, &pool_id, "ipam-pool");
    }
    let digits = [state.new_digits(), state.new_digits()].concat();
    let id = format!("ipam-pool-cidr-{}", digits.get(2..).unwrap_or(&digits));
    let entry = Structure::from([
        ("Cidr", Value::from(block.to_string())),
        ("State", "provisioned".into()),
        ("IpamPoolCidrId", id.clone().into()),
        ("NetmaskLength", i64::from(block.prefix_len()).into()),
    ]);
    state.store.update(&pool_id, |pool| {
        if let Some(entries) = path::list(&mut pool.hidden, CIDRS) {
            entries.push(entry.clone().into());
        }
    });
    state.note_change();
    remember(input, state, &[id]);
    Ok(answer(entry, Some("pending-provision")))
}

fn answer(mut entry: Structure<'static>, state: Option<&'static str>) -> Structure<'static> {
    if let Some(state) = state {
        entry.insert("State", state);
    }
    Structure::from([("IpamPoolCidr", entry.into())])
}

/// The block that a request wants for a pool.
fn wanted(input: &Input, state: &State, pool: &Item) -> Result<IpNet, Fault> {
    let is_v6 = pool::is_v6(&pool.entry);
    let source = pool.text("SourceIpamPoolId");
    let source = source
        .map(|source| named(state, POOL, source))
        .transpose()?;
    let block = match (input.text("Cidr"), input.integer("NetmaskLength")) {
        (Some(_), Some(_)) => return Err(fault::invalid_combination("Cidr", "NetmaskLength")),
        (None, None) => return Err(fault::missing_parameter("Cidr")),
        (Some(text), None) => space::parse("Cidr", text)?,
        (None, Some(length)) => {
            let bad = || fault::invalid_choice("NetmaskLength", &length.to_string());
            let short = u8::try_from(length).map_err(|_| bad())?;
            if short > space::longest(is_v6) {
                return Err(bad());
            }
            let is_amazon = pool.text("PublicIpSource") == Some("amazon");
            let (within, used) = match source {
                Some(source) => (of(source), taken(state, &source.id)),
                None if is_amazon => {
                    let all = if is_v6 { AMAZON_V6 } else { AMAZON_V4 };
                    (all.parse().into_iter().collect(), others(state, pool))
                }
                None => return Err(fault::invalid_combination("NetmaskLength", "IpamPoolId")),
            };
            space::next_free(&within, &used, short).ok_or_else(|| no_space(pool, short))?
        }
    };
    if matches!(block, IpNet::V6(_)) != is_v6 {
        return Err(fault::invalid_choice("Cidr", &block.to_string()));
    }
    if let Some(source) = source {
        if !of(source).iter().any(|outer| outer.contains(&block)) {
            return Err(fault::invalid_value(format!(
                "The CIDR '{block}' is not in the source pool '{}'",
                source.id
            )));
        }
        if taken(state, &source.id)
            .iter()
            .any(|other| space::overlap(other, &block))
        {
            return Err(is_taken(&block));
        }
    } else if others(state, pool)
        .iter()
        .any(|other| space::overlap(other, &block))
    {
        return Err(is_taken(&block));
    }
    Ok(block)
}

/// The blocks of all pools at the top of a scope.
fn others(state: &State, pool: &Item) -> Vec<IpNet> {
    let scope = pool.text(IN_SCOPE).unwrap_or_default();
    within(state, POOL, IN_SCOPE, scope)
        .filter(|pool| pool.text("SourceIpamPoolId").is_none())
        .flat_map(of)
        .collect()
}

/// The block overlaps another one.
pub(super) fn is_taken(block: &IpNet) -> Fault {
    fault::invalid_value(format!("The CIDR '{block}' overlaps a CIDR that is in use"))
}

/// No block of that size is left.
pub(super) fn no_space(pool: &Item, length: u8) -> Fault {
    let message = format!(
        "The ipam pool '{}' has no free CIDR with a netmask length of {length}",
        pool.id
    );
    fault::refusal("InsufficientCidrBlocks", message)
}

pub(super) fn deprovision(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let pool = named(state, POOL, input.required(IN_POOL)?)?;
    let text = input.required("Cidr")?;
    let block = space::parse("Cidr", text)?;
    let Some(entry) = entries(pool)
        .find(|entry| cidr(entry) == Some(block))
        .cloned()
    else {
        return Err(fault::invalid_value(format!(
            "The CIDR '{text}' is not provisioned to the ipam pool '{}'",
            pool.id
        )));
    };
    if taken(state, &pool.id)
        .iter()
        .any(|used| space::overlap(used, &block))
    {
        let message = format!("The CIDR '{text}' has allocations and cannot be deprovisioned.");
        return Err(fault::refusal("DependencyViolation", message));
    }
    input.stop_dry_run()?;
    let id = pool.id.clone();
    // What the source pool has allocated for it.
    let allocated = within(state, ALLOCATION, "ResourceId", &id);
    let allocated: Vec<String> = allocated
        .filter(|item| item.text("Cidr") == Some(text))
        .map(|item| item.id.clone())
        .collect();
    state.store.update(&id, |pool| {
        if let Some(entries) = path::list(&mut pool.hidden, CIDRS) {
            entries.retain(|other| *other != Value::from(entry.clone()));
        }
    });
    finish_all(state, &allocated);
    state.note_change();
    Ok(answer(entry, Some("pending-deprovision")))
}

pub(super) fn list(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    let pool = named(state, POOL, input.required(IN_POOL)?)?;
    let mut found: Vec<&Structure<'static>> = entries(pool).collect();
    for filter in input.structures("Filters") {
        let name = filter.get("Name").and_then(Value::as_str).unwrap_or("null");
        let member = match name {
            "cidr" => "Cidr",
            "state" => "State",
            "ipam-pool-cidr-id" => "IpamPoolCidrId",
            "netmask-length" => "NetmaskLength",
            _ => {
                return Err(fault::invalid_value(format!(
                    "The filter '{name}' is invalid"
                )));
            }
        };
        let values = path::texts(filter, "Values[]").into_iter();
        let patterns: Vec<Pattern<'_>> = values.map(Pattern::new).collect();
        found.retain(|entry| {
            let text = entry.get(member).and_then(path::text).unwrap_or_default();
            patterns.iter().any(|pattern| pattern.matches(&text))
        });
    }
    let length = input.integer("MaxResults");
    let length = length
        .and_then(|length| usize::try_from(length).ok())
        .unwrap_or(USUAL_LENGTH);
    let skipped = start_of_page(state, input.text("NextToken"))?;
    input.stop_dry_run()?;
    let skip = usize::try_from(skipped).unwrap_or(usize::MAX);
    let page = found.iter().skip(skip).take(length);
    let page: Vec<Value<'static>> = page.map(|entry| (*entry).clone().into()).collect();
    let is_more = found.len() > skip.saturating_add(page.len());
    let next = is_more.then(|| state.page_token(skipped + page.len() as u64));
    let mut answer = Structure::from([("IpamPoolCidrs", Value::List(page))]);
    if let Some(next) = next {
        answer.insert("NextToken", next);
    }
    Ok(answer)
}
