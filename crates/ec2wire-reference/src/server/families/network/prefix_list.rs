//! Prefix lists, one's own and AWS's. Each change of entries makes a version.

use super::cidr;
use crate::server::engine::answer::project;
use crate::server::engine::input::named;
use crate::server::engine::list::{page, set_next};
use crate::server::engine::make::insert_named;
use crate::server::engine::{Input, Role, answer};
use crate::server::families::shared::{page_of, structures, text};
use crate::server::families::{Draft, Ending, Family, Making};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};
use ipnet::IpNet;

pub(in crate::server) static FAMILY: Family = Family {
    start: Some(start),
    making: &[("CreateManagedPrefixList", Making::draft(draft))],
    changing: &[
        ("ModifyManagedPrefixList", modify),
        ("RestoreManagedPrefixListVersion", restore),
    ],
    ending: &[("DeleteManagedPrefixList", Ending::check(check_end))],
    perform: &[
        ("DescribePrefixLists", |input, state| {
            list_of_services(input, state)
        }),
        ("GetManagedPrefixListEntries", |input, state| {
            entries(input, state)
        }),
        ("GetManagedPrefixListAssociations", |input, state| {
            associations(input, state)
        }),
    ],
    ..Family::NONE
};

const PREFIX_LIST: &str = "prefix-list";
/// Where an item has its versions, each with a number and entries.
const VERSIONS: &str = "Versions";
/// Who owns AWS's lists.
const AWS: &str = "AWS";

/// AWS's lists: the last part of the name, the kind of its blocks, and some of them.
const SERVICES: &[(&str, &str, &[&str])] = &[
    (
        "s3",
        "IPv4",
        &["52.216.0.0/15", "54.231.0.0/16", "3.5.0.0/19"],
    ),
    ("dynamodb", "IPv4", &["52.94.0.0/22", "52.119.224.0/20"]),
    ("vpc-lattice", "IPv4", &["169.254.171.0/24"]),
    ("ec2-instance-connect", "IPv4", &["18.206.107.24/29"]),
];

fn start(state: &mut State) {
    for (service, family, blocks) in SERVICES {
        let region = &state.config.region;
        let entry = Structure::from([
            (
                "PrefixListName",
                Value::from(format!("com.amazonaws.{region}.{service}")),
            ),
            ("AddressFamily", (*family).into()),
            ("OwnerId", AWS.into()),
        ]);
        let entries = blocks
            .iter()
            .map(|block| Structure::from([("Cidr", Value::from(*block))]).into());
        let draft = Draft {
            entry,
            hidden: Structure::from([(
                VERSIONS,
                Value::List(vec![version(1, entries.collect()).into()]),
            )]),
            ..Draft::default()
        };
        let region = region.clone();
        let id = insert_named(state, PREFIX_LIST, draft, Vec::new());
        let arn = format!("arn:aws:ec2:{region}:aws:prefix-list/{id}");
        state.store.update(&id, |item| {
            item.entry.insert("PrefixListArn", Value::from(arn))
        });
    }
}

/// The id of AWS's list for a service, if it has one.
pub(super) fn of_service<'s>(state: &'s State, service: &str) -> Option<&'s str> {
    let mut lists = state.store.all(PREFIX_LIST);
    let list = lists.find(|item| is_aws(item) && item.text("PrefixListName") == Some(service));
    list.map(|item| item.id.as_str())
}

fn is_aws(item: &Item) -> bool {
    item.text("OwnerId") == Some(AWS)
}

fn version(number: i64, entries: Vec<Value<'static>>) -> Structure<'static> {
    Structure::from([
        ("Version", number.into()),
        ("Entries", Value::List(entries)),
    ])
}

fn draft(input: &Input, _: &State, draft: &mut Draft) -> Result<(), Fault> {
    check_name(input.required("PrefixListName")?)?;
    let family = input.required("AddressFamily")?;
    if !["IPv4", "IPv6"].contains(&family) {
        return Err(fault::invalid_choice("addressFamily", family));
    }
    let most = input.integer("MaxEntries").unwrap_or_default();
    if most < 1 {
        return Err(fault::invalid_choice("maxEntries", &most.to_string()));
    }
    let entries = added(input.structures("Entries"), family, Vec::new())?;
    check_count(&entries, most)?;
    draft.entry.insert("Version", 1);
    let versions = vec![version(1, entries).into()];
    draft.hidden.insert(VERSIONS, Value::List(versions));
    Ok(())
}

fn check_name(name: &str) -> Result<(), Fault> {
    if name.starts_with("com.amazonaws") || name.chars().count() > 255 || name.is_empty() {
        return Err(fault::invalid_choice("prefixListName", name));
    }
    Ok(())
}

fn check_count(entries: &[Value<'static>], most: i64) -> Result<(), Fault> {
    if i64::try_from(entries.len()).is_ok_and(|count| count > most) {
        return Err(fault::refusal(
            "PrefixListMaxEntriesExceeded",
            format!("You have exceeded the maximum number of entries of the prefix list: {most}"),
        ));
    }
    Ok(())
}

/// Entries with those that a request adds. A block that is there gets the new description.
fn added(
    asked: Vec<&Structure<'static>>,
    family: &str,
    mut entries: Vec<Value<'static>>,
) -> Result<Vec<Value<'static>>, Fault> {
    let mut seen = Vec::new();
    for entry in asked {
        let block = block(entry, family)?;
        if seen.contains(&block) {
            let message = format!("The CIDR {block} is specified more than once");
            return Err(fault::invalid_value(message));
        }
        let mut shown = Structure::from([("Cidr", Value::from(block.clone()))]);
        if let Some(description) = text(entry, "Description") {
            shown.insert("Description", Value::from(description.to_owned()));
        }
        entries.retain(|known| !is_of(known, &block));
        entries.push(shown.into());
        seen.push(block);
    }
    Ok(entries)
}

/// The block of an entry, in its canonical form.
fn block(entry: &Structure<'static>, family: &str) -> Result<String, Fault> {
    let asked = text(entry, "Cidr").ok_or_else(|| fault::missing_parameter("cidr"))?;
    let block = cidr::any("cidr", asked)?;
    let is_v6 = matches!(block, IpNet::V6(_));
    if is_v6 != (family == "IPv6") {
        let message = format!("The CIDR {asked} is not of the address family {family}");
        return Err(fault::invalid_value(message));
    }
    Ok(block.to_string())
}

fn is_of(entry: &Value<'static>, block: &str) -> bool {
    entry.get("Cidr").and_then(Value::as_str) == Some(block)
}

/// The entries of a list's version.
fn entries_of(hidden: &Structure<'static>, number: i64) -> Option<Vec<Value<'static>>> {
    let mut versions = structures(hidden, VERSIONS);
    let found = versions.find(|version| version.get("Version") == Some(&Value::Integer(number)))?;
    found
        .get("Entries")
        .and_then(Value::as_list)
        .map(<[_]>::to_vec)
}

fn number_of(item: &Item) -> i64 {
    match item.entry.get("Version") {
        Some(Value::Integer(number)) => *number,
        _ => 1,
    }
}

fn check_own(item: &Item) -> Result<(), Fault> {
    if is_aws(item) {
        let message = "You are not authorized to perform this operation.";
        return Err(fault::refusal("UnauthorizedOperation", message));
    }
    Ok(())
}

fn check_version(input: &Input, item: &Item) -> Result<(), Fault> {
    let current = number_of(item);
    if input.integer("CurrentVersion") != Some(current) {
        return Err(fault::refusal(
            "PrefixListVersionMismatch",
            format!("The prefix list has the different version number {current}."),
        ));
    }
    Ok(())
}

/// Adds a version to the draft of a list.
fn add_version(draft: &mut Draft, item: &Item, entries: Vec<Value<'static>>) {
    let number = number_of(item) + 1;
    draft.entry.insert("Version", number);
    if let Some(versions) = path::list(&mut draft.hidden, VERSIONS) {
        versions.push(version(number, entries).into());
    }
}

fn modify(input: &Input, _: &State, item: &Item, draft: &mut Draft) -> Result<(), Fault> {
    check_own(item)?;
    let adds = input.structures("AddEntries");
    let removes = input.structures("RemoveEntries");
    let name = input.text("PrefixListName");
    let most = input.integer("MaxEntries");
    let changes_entries = !adds.is_empty() || !removes.is_empty();
    let syncs = input.get("IpamPrefixListResolverSyncEnabled");
    if !changes_entries && name.is_none() && most.is_none() && syncs.is_none() {
        let message = "The request must contain a modification to the prefix list";
        return Err(fault::refusal("InvalidParameterCombination", message));
    }
    if changes_entries && most.is_some() {
        return Err(fault::invalid_combination("MaxEntries", "AddEntries"));
    }
    if let Some(syncs) = syncs {
        draft
            .entry
            .insert("IpamPrefixListResolverSyncEnabled", syncs.clone());
    }
    if let Some(name) = name {
        check_name(name)?;
        draft
            .entry
            .insert("PrefixListName", Value::from(name.to_owned()));
    }
    let mut entries = entries_of(&item.hidden, number_of(item)).unwrap_or_default();
    if let Some(most) = most {
        if most < 1 {
            return Err(fault::invalid_choice("maxEntries", &most.to_string()));
        }
        check_count(&entries, most)?;
        draft.entry.insert("MaxEntries", most);
    }
    if changes_entries {
        check_version(input, item)?;
        let family = item.text("AddressFamily").unwrap_or_default();
        for entry in removes {
            let block = block(entry, family)?;
            if !entries.iter().any(|known| is_of(known, &block)) {
                let message = format!("The CIDR {block} is not an entry of the prefix list");
                return Err(fault::invalid_value(message));
            }
            entries.retain(|known| !is_of(known, &block));
        }
        let entries = added(adds, family, entries)?;
        let most = match item.entry.get("MaxEntries") {
            Some(Value::Integer(most)) => *most,
            _ => i64::MAX,
        };
        check_count(&entries, most)?;
        add_version(draft, item, entries);
    }
    draft.entry.insert("State", "modify-complete");
    Ok(())
}

fn restore(input: &Input, _: &State, item: &Item, draft: &mut Draft) -> Result<(), Fault> {
    check_own(item)?;
    check_version(input, item)?;
    let previous = input.integer("PreviousVersion").unwrap_or_default();
    let entries = entries_of(&item.hidden, previous);
    let entries =
        entries.ok_or_else(|| fault::invalid_choice("previousVersion", &previous.to_string()))?;
    add_version(draft, item, entries);
    draft.entry.insert("State", "restore-complete");
    Ok(())
}

/// What uses a list.
fn users<'s>(state: &'s State, id: &str) -> impl Iterator<Item = &'s Item> {
    const USERS: [&str; 3] = [
        "route-table",
        "security-group",
        "transit-gateway-route-table",
    ];
    let referrers = state.store.referrers(id);
    referrers.filter(|other| USERS.contains(&other.resource.name))
}

fn check_end(_: &Input, state: &State, item: &Item) -> Result<(), Fault> {
    check_own(item)?;
    match users(state, &item.id).next() {
        Some(_) => Err(super::dependency_violation(item)),
        None => Ok(()),
    }
}

/// Lists AWS's lists, with their blocks.
fn list_of_services(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    let Some((resource, Role::Read(listing))) = input.plan.role else {
        return Ok(answer::made_up(input));
    };
    let shape = input.plan.operation.output();
    let shape = shape.and_then(|output| listing.path.shape(output));
    let page = page(input, resource, listing, state, &is_aws)?;
    input.stop_dry_run()?;
    let shown = page.items.iter().filter_map(|item| {
        let mut entry = project(&item.entry, shape?);
        let entries = entries_of(&item.hidden, 1).unwrap_or_default();
        let blocks = entries
            .iter()
            .filter_map(|entry| entry.get("Cidr").cloned());
        entry.insert("Cidrs", Value::List(blocks.collect()));
        Some(entry.into())
    });
    let mut answer = Structure::from([("PrefixLists", Value::List(shown.collect()))]);
    set_next(&mut answer, listing, page.next);
    Ok(answer)
}

fn entries(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    let item = named(state, PREFIX_LIST, input.required("PrefixListId")?)?;
    let number = input
        .integer("TargetVersion")
        .unwrap_or_else(|| number_of(item));
    let entries = entries_of(&item.hidden, number);
    let entries =
        entries.ok_or_else(|| fault::invalid_choice("targetVersion", &number.to_string()))?;
    paged(input, state, "Entries", entries)
}

fn associations(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    let item = named(state, PREFIX_LIST, input.required("PrefixListId")?)?;
    let shown = users(state, &item.id).map(|user| {
        let owner = user.text("OwnerId").unwrap_or(&state.config.account);
        Structure::from([
            ("ResourceId", Value::from(user.id.clone())),
            ("ResourceOwner", owner.to_owned().into()),
        ])
        .into()
    });
    paged(input, state, "PrefixListAssociations", shown.collect())
}

fn paged(
    input: &Input,
    state: &State,
    name: &'static str,
    entries: Vec<Value<'static>>,
) -> Result<Structure<'static>, Fault> {
    let (entries, next) = page_of(input, state, entries)?;
    input.stop_dry_run()?;
    let mut answer = Structure::from([(name, Value::List(entries))]);
    if let Some(next) = next {
        answer.insert("NextToken", Value::from(next));
    }
    Ok(answer)
}
