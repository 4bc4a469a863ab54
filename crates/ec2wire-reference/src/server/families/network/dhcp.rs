//! DHCP options.

use crate::server::engine::make::insert_named;
use crate::server::families::shared::flag;
use crate::server::families::{Draft, Family};
use crate::server::state::State;
use ec2wire_model::{Structure, Value};

pub(in crate::server) static FAMILY: Family = Family { ..Family::NONE };

/// Marks the options that VPCs have if nobody gives them others.
const DEFAULT: &str = "Default";

/// The id of the options that new VPCs have. They are made if there are none.
pub(super) fn default_options(state: &mut State) -> String {
    let known = state.store.all("dhcp-options");
    if let Some(known) = known.into_iter().find(|item| flag(&item.hidden, DEFAULT)) {
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
