//! What an account has in a Region from the beginning: the default VPC, a default subnet in each
//! zone, and an internet gateway that their routes lead to.

use super::{dhcp, gateway, subnet, vpc};
use crate::server::families::Family;
use crate::server::state::State;

pub(in crate::server) static FAMILY: Family = Family {
    start: Some(start),
    ..Family::NONE
};

fn start(state: &mut State) {
    dhcp::default_options(state);
    let vpc_id = vpc::insert_default(state);
    furnish(state, &vpc_id);
}

/// Gives a default VPC its subnets, and its way to the internet.
pub(super) fn furnish(state: &mut State, vpc_id: &str) {
    let zones = state.store.all("availability-zone");
    let zones: Vec<String> = zones.map(|zone| zone.id.clone()).collect();
    for zone in zones {
        subnet::insert_default(state, vpc_id, &zone);
    }
    gateway::insert_default(state, vpc_id);
}
