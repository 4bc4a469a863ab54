//! Regions, Availability Zones, and the account's attributes.

use crate::server::engine::Input;
use crate::server::engine::list::as_planned;
use crate::server::engine::make::insert_named;
use crate::server::families::shared::{Defaults, Usual, complete};
use crate::server::families::{Draft, Family};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

pub(in crate::server) static FAMILY: Family = Family {
    start: Some(start),
    perform: &[
        ("DescribeRegions", describe_regions),
        ("DescribeAvailabilityZones", describe_zones),
        ("DescribeAccountAttributes", describe_attributes),
    ],
    selecting: &[
        ("DescribeRegions", is_region_shown),
        ("DescribeAvailabilityZones", is_zone_shown),
    ],
    ..Family::NONE
};

/// A Region.
struct Region {
    name: &'static str,
    place: &'static str,
    country: &'static str,
    /// Whether an account has it only if it asks for it.
    opt_in: bool,
    /// The letters of its zones.
    zones: &'static str,
}

const fn region(
    name: &'static str,
    place: &'static str,
    country: &'static str,
    opt_in: bool,
    zones: &'static str,
) -> Region {
    Region {
        name,
        place,
        country,
        opt_in,
        zones,
    }
}

const USA: &str = "United States of America";

#[rustfmt::skip]
const REGIONS: &[Region] = &[
    region("ap-south-1", "Asia Pacific (Mumbai)", "India", false, "abc"),
    region("eu-north-1", "Europe (Stockholm)", "Sweden", false, "abc"),
    region("eu-west-3", "Europe (Paris)", "France", false, "abc"),
    region("eu-west-2", "Europe (London)", "United Kingdom", false, "abc"),
    region("eu-west-1", "Europe (Ireland)", "Ireland", false, "abc"),
    region("ap-northeast-3", "Asia Pacific (Osaka)", "Japan", false, "abc"),
    region("ap-northeast-2", "Asia Pacific (Seoul)", "South Korea", false, "abcd"),
    region("ap-northeast-1", "Asia Pacific (Tokyo)", "Japan", false, "acd"),
    region("ca-central-1", "Canada (Central)", "Canada", false, "abd"),
    region("sa-east-1", "South America (Sao Paulo)", "Brazil", false, "abc"),
    region("ap-southeast-1", "Asia Pacific (Singapore)", "Singapore", false, "abc"),
    region("ap-southeast-2", "Asia Pacific (Sydney)", "Australia", false, "abc"),
    region("eu-central-1", "Europe (Frankfurt)", "Germany", false, "abc"),
    region("us-east-1", "US East (N. Virginia)", USA, false, "abcdef"),
    region("us-east-2", "US East (Ohio)", USA, false, "abc"),
    region("us-west-1", "US West (N. California)", USA, false, "ab"),
    region("us-west-2", "US West (Oregon)", USA, false, "abcd"),
    region("af-south-1", "Africa (Cape Town)", "South Africa", true, "abc"),
    region("ap-east-1", "Asia Pacific (Hong Kong)", "Hong Kong", true, "abc"),
    region("ap-east-2", "Asia Pacific (Taipei)", "Taiwan", true, "abc"),
    region("ap-south-2", "Asia Pacific (Hyderabad)", "India", true, "abc"),
    region("ap-southeast-3", "Asia Pacific (Jakarta)", "Indonesia", true, "abc"),
    region("ap-southeast-4", "Asia Pacific (Melbourne)", "Australia", true, "abc"),
    region("ap-southeast-5", "Asia Pacific (Malaysia)", "Malaysia", true, "abc"),
    region("ap-southeast-6", "Asia Pacific (New Zealand)", "New Zealand", true, "abc"),
    region("ap-southeast-7", "Asia Pacific (Thailand)", "Thailand", true, "abc"),
    region("ca-west-1", "Canada West (Calgary)", "Canada", true, "abc"),
    region("eu-central-2", "Europe (Zurich)", "Switzerland", true, "abc"),
    region("eu-south-1", "Europe (Milan)", "Italy", true, "abc"),
    region("eu-south-2", "Europe (Spain)", "Spain", true, "abc"),
    region("il-central-1", "Israel (Tel Aviv)", "Israel", true, "abc"),
    region("me-central-1", "Middle East (UAE)", "United Arab Emirates", true, "abc"),
    region("me-south-1", "Middle East (Bahrain)", "Bahrain", true, "abc"),
    region("mx-central-1", "Mexico (Central)", "Mexico", true, "abc"),
];

/// The zones of a Region that is not known.
const USUAL_ZONES: &str = "abc";

const ZONE: Defaults = &[
    ("State", Usual::Text("available")),
    ("OptInStatus", Usual::Text("opt-in-not-required")),
    ("Messages", Usual::Empty),
    ("ZoneType", Usual::Text("availability-zone")),
];

/// The account's attributes with fixed values.
const ATTRIBUTES: &[(&str, &[&str])] = &[
    ("supported-platforms", &["VPC"]),
    ("vpc-max-security-groups-per-interface", &["5"]),
    ("max-elastic-ips", &["5"]),
    ("max-instances", &["20"]),
    ("vpc-max-elastic-ips", &["5"]),
];

fn start(state: &mut State) {
    let own = state.config.region.clone();
    for known in REGIONS {
        let status = match known.opt_in {
            false => "opt-in-not-required",
            true if known.name == own => "opted-in",
            true => "not-opted-in",
        };
        insert_region(state, known.name, status, Some(known.country));
    }
    let known = REGIONS.iter().find(|known| known.name == own);
    if known.is_none() {
        insert_region(state, &own, "opt-in-not-required", None);
    }
    let letters = known.map_or(USUAL_ZONES, |known| known.zones);
    for (at, letter) in letters.chars().enumerate() {
        insert_zone(state, &own, known, letter, at + 1);
    }
}

fn insert_region(
    state: &mut State,
    name: &str,
    status: &'static str,
    country: Option<&'static str>,
) {
    let mut entry = Structure::from([
        ("RegionName", Value::from(name.to_owned())),
        ("OptInStatus", status.into()),
        ("Endpoint", format!("ec2.{name}.amazonaws.com").into()),
    ]);
    if let Some(country) = country {
        path::set(&mut entry, "Geography[].Name", country.into());
    }
    insert(state, "region", name, entry);
}

fn insert_zone(
    state: &mut State,
    region: &str,
    known: Option<&'static Region>,
    letter: char,
    number: usize,
) {
    let name = format!("{region}{letter}");
    let mut entry = Structure::from([
        ("ZoneName", Value::from(name.clone())),
        (
            "ZoneId",
            format!("{}-az{number}", short_name(region)).into(),
        ),
        ("RegionName", region.to_owned().into()),
        ("GroupName", format!("{region}-zg-1").into()),
        ("NetworkBorderGroup", region.to_owned().into()),
    ]);
    if let Some(known) = known {
        entry.insert("GroupLongName", Value::from(format!("{} 1", known.place)));
        path::set(&mut entry, "Geography[].Name", known.country.into());
    }
    complete(&mut entry, ZONE);
    insert(state, "availability-zone", &name, entry);
}

fn insert(state: &mut State, resource: &str, name: &str, entry: Structure<'static>) {
    let draft = Draft {
        id: Some(name.to_owned()),
        entry,
        ..Draft::default()
    };
    insert_named(state, resource, draft, Vec::new());
}

/// A Region's name as zones' ids have it: `use1` for `us-east-1`, `apse2` for `ap-southeast-2`.
fn short_name(region: &str) -> String {
    let mut short = String::new();
    for (at, part) in region.split('-').enumerate() {
        let compound = ["north", "south"]
            .iter()
            .find_map(|direction| part.strip_prefix(direction))
            .and_then(|rest| rest.chars().next());
        match (part.chars().next(), compound) {
            (Some(first), Some(second)) => short.extend([first, second]),
            (Some(first), None) if at > 0 && first.is_ascii_alphabetic() => short.push(first),
            _ => short.push_str(part),
        }
    }
    short
}

/// The zone with this name or id.
pub(in crate::server) fn find<'s>(state: &'s State, zone: &str) -> Option<&'s Item> {
    let mut zones = state.store.all("availability-zone");
    zones.find(|item| item.id == zone || item.text("ZoneId") == Some(zone))
}

/// The zone that the members `AvailabilityZone` and `AvailabilityZoneId` of a request name. `None`
/// if it has neither. What the zone is for is in the message about an unknown one.
pub(in crate::server) fn asked<'s>(
    input: &Input,
    state: &'s State,
    what: &str,
) -> Result<Option<&'s Item>, Fault> {
    let name = input
        .text("AvailabilityZone")
        .filter(|name| !name.is_empty());
    let id = input.text("AvailabilityZoneId").filter(|id| !id.is_empty());
    if name.is_some() && id.is_some() {
        return Err(fault::invalid_combination(
            "AvailabilityZone",
            "AvailabilityZoneId",
        ));
    }
    let zone = match (name, id) {
        (Some(name), _) => state
            .store
            .all("availability-zone")
            .find(|item| item.id == name),
        (_, Some(id)) => find(state, id),
        _ => return Ok(None),
    };
    match (zone, name.or(id)) {
        (None, Some(asked)) => Err(unknown_zone(state, what, asked)),
        (zone, _) => Ok(zone),
    }
}

/// The refusal of an unknown zone.
fn unknown_zone(state: &State, what: &str, asked: &str) -> Fault {
    let zones = state.store.all("availability-zone");
    let names: Vec<&str> = zones.map(|item| item.id.as_str()).collect();
    fault::invalid_value(format!(
        "Value ({asked}) for parameter availabilityZone is invalid. \
         {what} can currently only be created in the following availability zones: {}.",
        names.join(", ")
    ))
}

fn describe_regions(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    for name in input.texts("RegionNames") {
        let is_known = state.store.all("region").any(|item| item.id == name);
        if !is_known {
            return Err(fault::invalid_value(format!(
                "Invalid region name: [{name}]"
            )));
        }
    }
    as_planned(input, state)
}

/// Which Regions are listed: those of the account, those that the request names, or all.
fn is_region_shown(input: &Input, _: &State, item: &Item) -> bool {
    input.flag("AllRegions") == Some(true)
        || item.text("OptInStatus") != Some("not-opted-in")
        || input.texts("RegionNames").contains(&item.id.as_str())
}

fn describe_zones(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let zones = || state.store.all("availability-zone");
    let unknown = |zone: &str| fault::invalid_value(format!("Invalid availability zone: [{zone}]"));
    for name in input.texts("ZoneNames") {
        if !zones().any(|item| item.id == name) {
            return Err(unknown(name));
        }
    }
    for id in input.texts("ZoneIds") {
        if !zones().any(|item| item.text("ZoneId") == Some(id)) {
            let message = format!("Invalid availability zone-id: [{id}]");
            return Err(fault::invalid_value(message));
        }
    }
    as_planned(input, state)
}

fn is_zone_shown(input: &Input, _: &State, item: &Item) -> bool {
    let ids = input.texts("ZoneIds");
    ids.is_empty() || item.text("ZoneId").is_some_and(|id| ids.contains(&id))
}

fn describe_attributes(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let default_vpc = super::vpc::default_vpc(state).map_or("none", |vpc| vpc.id.as_str());
    let default_vpc = [default_vpc];
    let all = ATTRIBUTES.iter().copied();
    let all = std::iter::once(("default-vpc", &default_vpc[..])).chain(all);
    let asked = input.texts("AttributeNames");
    if let Some(unknown) = asked
        .iter()
        .find(|name| !all.clone().any(|(known, _)| known == **name))
    {
        return Err(fault::invalid_choice("attributeName", unknown));
    }
    input.stop_dry_run()?;
    let shown = all.filter(|(name, _)| asked.is_empty() || asked.contains(name));
    let entries = shown.map(|(name, values)| {
        let values = values.iter().map(|value| {
            Structure::from([("AttributeValue", Value::from((*value).to_owned()))]).into()
        });
        Structure::from([
            ("AttributeName", Value::from(name)),
            ("AttributeValues", Value::List(values.collect())),
        ])
        .into()
    });
    Ok(Structure::from([(
        "AccountAttributes",
        Value::List(entries.collect()),
    )]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_are_those_of_zone_ids() {
        for (region, short) in [
            ("us-east-1", "use1"),
            ("ap-southeast-2", "apse2"),
            ("ap-northeast-1", "apne1"),
            ("ap-south-1", "aps1"),
            ("eu-north-1", "eun1"),
            ("ca-central-1", "cac1"),
            ("us-gov-west-1", "usgw1"),
            ("cn-northwest-1", "cnnw1"),
        ] {
            assert_eq!(short_name(region), short);
        }
    }
}
