//! IPAMs, their scopes, and resource discoveries.

use super::{
    ASSOCIATION, DISCOVERY, IN_IPAM, IN_SCOPE, IPAM, POOL, SCOPE, arn_of, default, depends,
    finish_all, is_default, recount, recount_all, refuse_default, within,
};
use crate::server::engine::Input;
use crate::server::engine::make::{insert_named, replayed};
use crate::server::families::Draft;
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

/// The quota of IPAMs in a Region, which AWS does not adjust.
const IPAMS: usize = 1;
/// The quota of scopes in an IPAM.
const SCOPES: usize = 5;
/// The quota of resource discoveries in a Region, beside those of IPAMs.
const DISCOVERIES: usize = 1;
/// Where an IPAM notes that it exists from the start.
const CONFIGURED: &str = "ec2wire:configured";

/// Makes the IPAMs of the configuration.
pub(super) fn start(state: &mut State) {
    for id in state.config.ipam_ids.clone() {
        if state.store.get(&id).is_some() {
            continue;
        }
        let mut draft = Draft {
            id: Some(id),
            hidden: Structure::from([(CONFIGURED, Value::Bool(true))]),
            ..Draft::default()
        };
        complete(state, None, &mut draft.entry);
        let id = insert_named(state, IPAM, draft, Vec::new());
        furnish(state, &id);
    }
}

/// Refuses operating Regions without a name.
pub(super) fn check_regions(input: &Input, member: &str) -> Result<(), Fault> {
    let regions = input.structures(member).into_iter();
    let mut names = regions.map(|region| region.get("RegionName").and_then(Value::as_str));
    if names.any(|name| name.is_none_or(str::is_empty)) {
        return Err(fault::missing_parameter("RegionName"));
    }
    Ok(())
}

/// Refuses more than a quota allows, where the request makes something new.
pub(super) fn check_quota(
    input: &Input,
    state: &State,
    what: &str,
    count: usize,
    quota: usize,
) -> Result<(), Fault> {
    // A dry run checks no quota, and a replay makes nothing.
    if count >= quota && !input.dry_run && replayed(input, state)?.is_none() {
        return Err(fault::limit_exceeded(what, count, quota));
    }
    Ok(())
}

pub(super) fn draft(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    check_regions(input, "OperatingRegions")?;
    let all = state.store.all(IPAM);
    let made = all.filter(|item| item.hidden.get(CONFIGURED).is_none());
    check_quota(input, state, "ipams", made.count(), IPAMS)?;
    complete(state, Some(input), &mut draft.entry);
    Ok(())
}

/// Sets what an IPAM has in any case.
fn complete(state: &State, input: Option<&Input>, entry: &mut Structure<'static>) {
    set_regions(state, input, entry);
    default(entry, "Tier", "advanced");
    default(entry, "EnablePrivateGua", false);
    default(entry, "MeteredAccount", "ipam-owner");
}

/// Sets the operating Regions that a request names, and the home Region in any case.
fn set_regions(state: &State, input: Option<&Input>, entry: &mut Structure<'static>) {
    let asked = input.and_then(|input| input.get("OperatingRegions"));
    let mut regions = match asked {
        Some(Value::List(regions)) => regions.clone(),
        _ => Vec::new(),
    };
    let home = state.config.region.clone();
    let home: Value<'static> = Structure::from([("RegionName", Value::from(home))]).into();
    if !regions.contains(&home) {
        regions.push(home);
    }
    entry.insert("OperatingRegions", Value::List(regions));
}

pub(super) fn made(_: &Input, state: &mut State, id: &str) {
    furnish(state, id);
}

/// Makes what each new IPAM has: two scopes, and a resource discovery that is associated with it.
fn furnish(state: &mut State, id: &str) {
    let public = insert_scope(state, id, "public");
    let private = insert_scope(state, id, "private");
    let regions = (state.store.get(id))
        .and_then(|item| item.entry.get("OperatingRegions"))
        .cloned()
        .unwrap_or_default();
    let entry = Structure::from([
        (IN_IPAM, Value::from(id.to_owned())),
        ("OperatingRegions", regions),
        ("IsDefault", true.into()),
    ]);
    let discovery = insert_named(state, DISCOVERY, of_entry(entry), Vec::new());
    let entry = association(state, id, &discovery, true);
    let association = insert_named(state, ASSOCIATION, of_entry(entry), Vec::new());
    state.store.update(id, |item| {
        for (name, value) in [
            ("PublicDefaultScopeId", public),
            ("PrivateDefaultScopeId", private),
            ("DefaultResourceDiscoveryId", discovery),
            ("DefaultResourceDiscoveryAssociationId", association.clone()),
        ] {
            item.entry.insert(name, value);
        }
    });
    recount(state, &association);
}

fn of_entry(entry: Structure<'static>) -> Draft {
    Draft {
        entry,
        ..Draft::default()
    }
}

fn insert_scope(state: &mut State, ipam: &str, kind: &'static str) -> String {
    let mut entry = scope(state, ipam, kind);
    entry.insert("IsDefault", true);
    insert_named(state, SCOPE, of_entry(entry), Vec::new())
}

fn scope(state: &State, ipam: &str, kind: &'static str) -> Structure<'static> {
    Structure::from([
        (IN_IPAM, Value::from(ipam.to_owned())),
        ("IpamArn", arn_of(state, IPAM, ipam).into()),
        ("IpamScopeType", kind.into()),
        ("IsDefault", false.into()),
        ("PoolCount", 0.into()),
    ])
}

pub(super) fn draft_scope(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    let ipam = input.required(IN_IPAM)?;
    let count = within(state, SCOPE, IN_IPAM, ipam).count();
    check_quota(input, state, "ipam-scopes", count, SCOPES)?;
    for (name, value) in scope(state, ipam, "private").iter() {
        draft.entry.insert(name.to_owned(), value.clone());
    }
    Ok(())
}

pub(super) fn check_scope(input: &Input, state: &State, item: &Item) -> Result<(), Fault> {
    refuse_default(input, state, item)?;
    match within(state, POOL, IN_SCOPE, &item.id).next() {
        Some(_) => Err(depends(item)),
        None => Ok(()),
    }
}

/// Refuses to delete an IPAM that has more than it had at first, unless all of that is meant. Pools
/// for public addresses are never meant.
pub(super) fn check(input: &Input, state: &State, item: &Item) -> Result<(), Fault> {
    let id = item.id.as_str();
    let mut pools = within(state, POOL, IN_IPAM, id);
    let is_public = |pool: &Item| pool.text("IpamScopeType") == Some("public");
    let is_kept = if input.flag("Cascade") == Some(true) {
        pools.any(is_public)
    } else {
        let added = [SCOPE, ASSOCIATION]
            .into_iter()
            .flat_map(|resource| within(state, resource, IN_IPAM, id));
        pools.next().is_some()
            || state.policies_on(id) > 0
            || added.into_iter().any(|item| !is_default(item))
    };
    if is_kept { Err(depends(item)) } else { Ok(()) }
}

/// Ends what an IPAM contained.
pub(super) fn ended(state: &mut State, id: &str) {
    state.remove_policies_on(id);
    let resources = [POOL, SCOPE, ASSOCIATION, DISCOVERY].into_iter();
    let items = resources.flat_map(|resource| within(state, resource, IN_IPAM, id));
    let ids: Vec<String> = items.map(|item| item.id.clone()).collect();
    finish_all(state, &ids);
}

pub(super) fn draft_discovery(
    input: &Input,
    state: &State,
    draft: &mut Draft,
) -> Result<(), Fault> {
    check_regions(input, "OperatingRegions")?;
    let own = state.store.all(DISCOVERY).filter(|item| !is_default(item));
    check_quota(
        input,
        state,
        "ipam-resource-discoveries",
        own.count(),
        DISCOVERIES,
    )?;
    set_regions(state, Some(input), &mut draft.entry);
    draft.entry.insert("IsDefault", false);
    Ok(())
}

/// Notes in the associations of a resource discovery that it was deleted.
pub(super) fn discovery_ended(state: &mut State, id: &str) {
    let lost = within(state, ASSOCIATION, "IpamResourceDiscoveryId", id);
    let lost: Vec<String> = lost.map(|item| item.id.clone()).collect();
    for id in lost {
        state.store.update(&id, |item| {
            item.entry.insert("ResourceDiscoveryStatus", "not-found");
        });
    }
    recount_all(state);
}

fn association(state: &State, ipam: &str, discovery: &str, is_default: bool) -> Structure<'static> {
    Structure::from([
        (IN_IPAM, Value::from(ipam.to_owned())),
        ("IpamArn", arn_of(state, IPAM, ipam).into()),
        ("IpamResourceDiscoveryId", discovery.to_owned().into()),
        ("IsDefault", is_default.into()),
        ("ResourceDiscoveryStatus", "active".into()),
    ])
}

pub(super) fn draft_association(
    input: &Input,
    state: &State,
    draft: &mut Draft,
) -> Result<(), Fault> {
    let ipam = input.required(IN_IPAM)?;
    let discovery = input.required("IpamResourceDiscoveryId")?;
    let mut known = within(state, ASSOCIATION, IN_IPAM, ipam);
    let is_known = known.any(|item| item.text("IpamResourceDiscoveryId") == Some(discovery));
    if is_known && replayed(input, state)?.is_none() {
        return Err(fault::invalid_value(format!(
            "The ipam resource discovery '{discovery}' is already associated with the ipam '{ipam}'"
        )));
    }
    for (name, value) in association(state, ipam, discovery, false).iter() {
        path::set(&mut draft.entry, name, value.clone());
    }
    Ok(())
}
