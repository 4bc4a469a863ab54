//! Gateways of VPCs.

use super::{route_table, vpc};
use crate::server::engine::make::insert_named;
use crate::server::families::{Draft, Family};
use crate::server::state::State;
use ec2wire_model::{Structure, Value};

pub(in crate::server) static FAMILY: Family = Family { ..Family::NONE };

/// Gives a default VPC its way to the internet.
pub(super) fn insert_default(state: &mut State, vpc_id: &str) {
    let draft = Draft {
        entry: Structure::from([("Attachments", Value::List(vec![attachment(vpc_id).into()]))]),
        ..Draft::default()
    };
    let id = insert_named(state, "internet-gateway", draft, Vec::new());
    if let Some(table_id) = vpc::part(state, vpc_id, vpc::MAIN_TABLE) {
        route_table::add_route(state, &table_id, "0.0.0.0/0", "GatewayId", &id);
    }
}

/// How a gateway shows that a VPC has it.
fn attachment(vpc_id: &str) -> Structure<'static> {
    Structure::from([
        ("State", Value::from("available")),
        ("VpcId", vpc_id.to_owned().into()),
    ])
}
