//! The history of Spot prices. The endpoint makes it up: a price for each type, zone and product,
//! which changes once a day and is the same in every world.

use super::instance_type::{self, Type};
use crate::server::engine::Input;
use crate::server::families::Family;
use crate::server::families::network::zone;
use crate::server::families::shared::{Looks, page_of, passes};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::Item;
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

pub(in crate::server::families) static FAMILY: Family = Family {
    perform: &[("DescribeSpotPriceHistory", |input, state| {
        describe(input, state)
    })],
    ..Family::NONE
};

const FILTERS: Looks = &[
    ("availability-zone", "AvailabilityZone"),
    ("availability-zone-id", "AvailabilityZoneId"),
    ("instance-type", "InstanceType"),
    ("product-description", "ProductDescription"),
    ("spot-price", "SpotPrice"),
    ("timestamp", "Timestamp"),
];

/// What is priced, and how many times the price of Linux it costs.
const PRODUCTS: [(&str, f64); 4] = [
    ("Linux/UNIX", 1.0),
    ("Red Hat Enterprise Linux", 1.6),
    ("SUSE Linux", 1.5),
    ("Windows", 2.0),
];

const DAY: i64 = 24 * 60 * 60;
/// Documented: how many days back the history goes.
const DAYS: i64 = 90;

/// The time whose prices are asked for, in seconds since 1970.
struct Range {
    start: i64,
    end: i64,
}

fn describe(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    let range = range(input, state)?;
    let zone = zone::asked(input, state, "Spot Instances")?;
    let zones = state.store.all("availability-zone").filter(|item| {
        item.text("ZoneType") == Some("availability-zone")
            && zone.is_none_or(|zone| zone.id == item.id)
    });
    let (types, products) = (
        input.texts("InstanceTypes"),
        input.texts("ProductDescriptions"),
    );
    let types: Vec<&Type> = instance_type::all()
        .filter(|known| types.is_empty() || types.contains(&known.name))
        .collect();
    let mut prices = Vec::new();
    for zone in zones {
        for kind in &types {
            for (product, factor) in PRODUCTS {
                let is_asked = |asked: &&str| asked.trim_end_matches(" (Amazon VPC)") == product;
                if products.is_empty() || products.iter().any(is_asked) {
                    let series = Series {
                        kind,
                        zone,
                        product,
                        factor,
                    };
                    series.add(&range, &mut prices);
                }
            }
        }
    }
    // The newest first.
    prices.sort_by_key(|(time, _)| std::cmp::Reverse(*time));
    let mut entries = Vec::with_capacity(prices.len());
    for (_, entry) in prices {
        if passes(input, FILTERS, &entry)? {
            entries.push(entry.into());
        }
    }
    let (page, next) = page_of(input, state, entries)?;
    input.stop_dry_run()?;
    Ok(Structure::from([
        ("SpotPriceHistory", Value::List(page)),
        // EC2 ends with an empty token.
        ("NextToken", next.unwrap_or_default().into()),
    ]))
}

/// The time that a request asks for. Without a start it is only the end, which is now if nothing else
/// is said.
fn range(input: &Input, state: &State) -> Result<Range, Fault> {
    let seconds = |value: &Value<'static>| match value {
        Value::Timestamp(time) => jiff::Timestamp::try_from(*time).ok(),
        _ => None,
    };
    let asked = |name: &str| {
        input
            .get(name)
            .and_then(seconds)
            .map(jiff::Timestamp::as_second)
    };
    let now = jiff::Timestamp::try_from(state.now()).map_or(0, jiff::Timestamp::as_second);
    let end = asked("EndTime").unwrap_or(now);
    let start = asked("StartTime").unwrap_or(end);
    if asked("EndTime").is_some() && start > end {
        return Err(fault::invalid_value(
            "The start time must not be later than the end time",
        ));
    }
    let end = end.min(now);
    Ok(Range {
        start: start.clamp(now - DAYS * DAY, now).min(end),
        end,
    })
}

/// The prices of a product on a type in a zone.
struct Series<'s> {
    kind: &'s Type,
    zone: &'s Item,
    product: &'static str,
    factor: f64,
}

impl Series<'_> {
    /// Adds the prices of a range, the one that holds at its start included.
    fn add(&self, range: &Range, prices: &mut Vec<(i64, Structure<'static>)>) {
        let at = i64::from(self.mixed(0)) % DAY;
        let day_of = |time: i64| (time - at).div_euclid(DAY);
        for day in day_of(range.start)..=day_of(range.end) {
            let time = day * DAY + at;
            let Ok(shown) = jiff::Timestamp::from_second(time) else {
                continue;
            };
            let entry = Structure::from([
                ("AvailabilityZone", Value::from(self.zone.id.clone())),
                (
                    "AvailabilityZoneId",
                    self.zone
                        .text("ZoneId")
                        .unwrap_or_default()
                        .to_owned()
                        .into(),
                ),
                ("InstanceType", self.kind.name.into()),
                ("ProductDescription", self.product.into()),
                ("SpotPrice", self.price(day).into()),
                ("Timestamp", Value::Timestamp(shown.into())),
            ]);
            prices.push((time, entry));
        }
    }

    /// A share of what the type costs otherwise: from three to five tenths.
    fn price(&self, day: i64) -> String {
        let share = f64::from(self.mixed(day) % 1000) / 1000.0;
        let price = self.kind.price() * self.factor * (0.3 + 0.2 * share);
        format!("{price:.6}")
    }

    /// A number that looks random and is always the same.
    fn mixed(&self, day: i64) -> u32 {
        let mut hash: u32 = 0x811c_9dc5;
        let texts = [self.kind.name, &self.zone.id, self.product];
        let bytes = texts.iter().flat_map(|text| text.bytes());
        for byte in bytes.chain(day.to_be_bytes()) {
            hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
        hash ^ (hash >> 15)
    }
}
