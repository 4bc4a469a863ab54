//! DHCP options.

use crate::server::engine::Input;
use crate::server::engine::input::named;
use crate::server::engine::make::insert_named;
use crate::server::families::shared::flag;
use crate::server::families::{Draft, Family, Making};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::path;
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

pub(in crate::server) static FAMILY: Family = Family {
    perform: &[("AssociateDhcpOptions", associate)],
    making: &[("CreateDhcpOptions", Making::draft(draft))],
    // It may be `default`.
    lookups: &[("AssociateDhcpOptions", "DhcpOptionsId")],
    ..Family::NONE
};

/// Marks the options that VPCs have if nobody gives them others.
const DEFAULT: &str = "Default";

/// The options that there are, and how many values each may have.
const KEYS: &[(&str, usize)] = &[
    ("domain-name", 1),
    ("domain-name-servers", 4),
    ("ntp-servers", 4),
    ("netbios-name-servers", 4),
    ("netbios-node-type", 1),
    ("ipv6-address-preferred-lease-time", 1),
];

/// The id of the options that new VPCs have. It makes them if they do not exist yet.
pub(super) fn default_options(state: &mut State) -> String {
    let mut known = state.store.all("dhcp-options");
    if let Some(known) = known.find(|item| flag(&item.hidden, DEFAULT)) {
        return known.id.clone();
    }
    let domain = match state.config.region.as_str() {
        "us-east-1" => "ec2.internal".to_owned(),
        region => format!("{region}.compute.internal"),
    };
    let entry = Structure::from([(
        "DhcpConfigurations",
        Value::List(vec![
            configuration("domain-name", &[&domain]),
            configuration("domain-name-servers", &["AmazonProvidedDNS"]),
        ]),
    )]);
    let draft = Draft {
        entry,
        hidden: Structure::from([(DEFAULT, true.into())]),
        ..Draft::default()
    };
    drop(known);
    insert_named(state, "dhcp-options", draft, Vec::new())
}

fn configuration(key: &str, values: &[&str]) -> Value<'static> {
    let values = (values.iter())
        .map(|value| Structure::from([("Value", Value::from((*value).to_owned()))]).into());
    Structure::from([
        ("Key", Value::from(key.to_owned())),
        ("Values", Value::List(values.collect())),
    ])
    .into()
}

fn draft(input: &Input, _: &State, draft: &mut Draft) -> Result<(), Fault> {
    let asked = input.structures("DhcpConfigurations");
    if asked.is_empty() {
        return Err(fault::missing_parameter("dhcpConfiguration"));
    }
    let mut shown = Vec::with_capacity(asked.len());
    let mut seen = Vec::new();
    for option in asked {
        let key = option
            .get("Key")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let values: Vec<&str> = (path::texts(option, "Values[]").into_iter())
            // One text may have several, as the CLI's users write them.
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .collect();
        let known = KEYS.iter().find(|(known, _)| *known == key);
        let Some((_, most)) = known else {
            return Err(fault::invalid_value(format!("Invalid DHCP option: {key}")));
        };
        if values.is_empty() || values.len() > *most || seen.contains(&key) {
            return Err(fault::invalid_value(format!(
                "Invalid number of values for DHCP option {key}"
            )));
        }
        seen.push(key);
        shown.push(configuration(key, &values));
    }
    draft.entry.insert("DhcpConfigurations", Value::List(shown));
    Ok(())
}

/// Gives a VPC other options. `default` stands for none of one's own.
fn associate(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let vpc_id = input.required("VpcId")?;
    let options = input.required("DhcpOptionsId")?;
    if options != "default" {
        named(state, "dhcp-options", options)?;
    }
    input.stop_dry_run()?;
    let options = Value::from(options.to_owned());
    state
        .store
        .update(vpc_id, |item| item.entry.insert("DhcpOptionsId", options));
    state.note_change();
    Ok(Structure::new())
}
