//! Pools of an IPAM.

use super::{
    ALLOCATION, IN_IPAM, IN_SCOPE, POOL, cidr, default, depends, finish_all, recount_all, root,
    space, within,
};
use crate::server::engine::Input;
use crate::server::engine::input::named;
use crate::server::families::Draft;
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::Item;
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

/// The quota of pools below each other.
const DEEPEST: usize = 10;

/// The members of a request that are lengths of prefixes, the shortest first.
const LENGTHS: [&str; 3] = [
    "AllocationMinNetmaskLength",
    "AllocationDefaultNetmaskLength",
    "AllocationMaxNetmaskLength",
];

pub(super) fn is_v6(entry: &Structure<'static>) -> bool {
    entry.get("AddressFamily").and_then(Value::as_str) == Some("ipv6")
}

pub(super) fn length(entry: &Structure<'static>, name: &str) -> Option<u8> {
    match entry.get(name)? {
        Value::Integer(length) => u8::try_from(*length).ok(),
        _ => None,
    }
}

pub(super) fn draft(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    let entry = &mut draft.entry;
    let scope = named(state, "ipam-scope", input.required(IN_SCOPE)?)?;
    let ipam = scope.text(IN_IPAM).unwrap_or_default();
    entry.insert(IN_SCOPE, scope.id.clone());
    entry.insert(IN_IPAM, ipam.to_owned());
    for name in ["IpamScopeArn", "IpamScopeType", "IpamArn"] {
        entry.insert(name, scope.text(name).unwrap_or_default().to_owned());
    }
    let mut depth = 1;
    if let Some(source) = input.text("SourceIpamPoolId") {
        let source = named(state, POOL, source)?;
        for name in ["AddressFamily", IN_SCOPE] {
            if source.entry.get(name) != entry.get(name) {
                return Err(fault::invalid_value(format!(
                    "The source pool '{}' has another {name}",
                    source.id
                )));
            }
        }
        depth += match source.entry.get("PoolDepth") {
            Some(Value::Integer(depth)) => *depth,
            _ => 1,
        };
        let above = usize::try_from(depth - 1).unwrap_or(DEEPEST);
        root::check_quota(input, state, "ipam-pool-depth", above, DEEPEST)?;
    }
    entry.insert("PoolDepth", depth);
    check_locale(input, state, ipam)?;
    if input.flag("PubliclyAdvertisable").is_some() && !is_v6(entry) {
        return Err(fault::invalid_combination(
            "PubliclyAdvertisable",
            "AddressFamily",
        ));
    }
    if let Some(tags) = input.get("AllocationResourceTags") {
        entry.insert("AllocationResourceTags", tags.clone());
    }
    default(entry, "Locale", "None");
    default(entry, "AutoImport", false);
    check_lengths(entry)
}

/// Refuses a Region that is not an operating one. Local Zones have longer names.
fn check_locale(input: &Input, state: &State, ipam: &str) -> Result<(), Fault> {
    let (Some(locale), Some(ipam)) = (input.text("Locale"), state.store.get(ipam)) else {
        return Ok(());
    };
    let regions = ipam.entry.get("OperatingRegions").and_then(Value::as_list);
    let mut names = regions
        .into_iter()
        .flatten()
        .filter_map(|region| region.get("RegionName")?.as_str());
    if locale == "None" || names.any(|region| locale.starts_with(region)) {
        return Ok(());
    }
    Err(fault::invalid_value(format!(
        "The locale '{locale}' is not an operating Region of the ipam '{}'",
        ipam.id
    )))
}

/// Refuses lengths that are too great for the family, or in the wrong order.
fn check_lengths(entry: &Structure<'static>) -> Result<(), Fault> {
    let most = i64::from(space::longest(is_v6(entry)));
    let mut last = (0, "");
    for name in LENGTHS {
        let Some(&Value::Integer(length)) = entry.get(name) else {
            continue;
        };
        if !(0..=most).contains(&length) {
            return Err(fault::invalid_choice(name, &length.to_string()));
        }
        if length < last.0 {
            return Err(fault::invalid_value(format!(
                "{name} must not be less than {}",
                last.1
            )));
        }
        last = (length, name);
    }
    Ok(())
}

pub(super) fn modify(
    input: &Input,
    state: &State,
    item: &Item,
    draft: &mut Draft,
) -> Result<(), Fault> {
    super::modify(input, state, item, draft)?;
    if input.flag("ClearAllocationDefaultNetmaskLength") == Some(true) {
        draft.entry.remove("AllocationDefaultNetmaskLength");
    }
    check_lengths(&draft.entry)
}

/// Refuses to delete a pool that is in use, unless all in it is meant.
pub(super) fn check(input: &Input, state: &State, item: &Item) -> Result<(), Fault> {
    if input.flag("Cascade") == Some(true) {
        let is_private = item.text("IpamScopeType") != Some("public");
        if !is_private && item.entry.get("SourceResource").is_none() {
            return Err(fault::invalid_combination("Cascade", "IpamPoolId"));
        }
        return Ok(());
    }
    let is_used = !cidr::of(item).is_empty()
        || state.store.everything_owned_by(&item.id).next().is_some()
        || within(state, POOL, "SourceIpamPoolId", &item.id)
            .next()
            .is_some();
    if is_used { Err(depends(item)) } else { Ok(()) }
}

/// Ends the pools of a pool that ended, and what was allocated to it.
pub(super) fn ended(state: &mut State, id: &str) {
    let mut ids = vec![id.to_owned()];
    let mut at = 0;
    while let Some(id) = ids.get(at).cloned() {
        let below = within(state, POOL, "SourceIpamPoolId", &id);
        let allocated = within(state, ALLOCATION, "ResourceId", &id);
        ids.extend(below.chain(allocated).map(|item| item.id.clone()));
        at += 1;
    }
    ids.remove(0);
    finish_all(state, &ids);
    recount_all(state);
}
