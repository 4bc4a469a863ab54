//! Reservations of a subnet's blocks.

use super::cidr;
use crate::server::engine::Input;
use crate::server::engine::answer;
use crate::server::engine::filter::Filters;
use crate::server::engine::input::named;
use crate::server::engine::{Role, answer::tag_list};
use crate::server::families::{Draft, Family, Making};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::path;
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};
use ipnet::IpNet;

pub(in crate::server) static FAMILY: Family = Family {
    making: &[("CreateSubnetCidrReservation", Making::draft(draft))],
    perform: &[("GetSubnetCidrReservations", |input, state| {
        list(input, state)
    })],
    ..Family::NONE
};

const RESERVATION: &str = "subnet-cidr-reservation";

/// The blocks of a subnet that are reserved.
pub(in crate::server::families) fn blocks(state: &State, subnet_id: &str) -> Vec<IpNet> {
    // There are few of them, and much refers to a subnet.
    let reservations = state.store.all(RESERVATION);
    let own = reservations.filter(|item| item.text("SubnetId") == Some(subnet_id));
    own.filter_map(|item| item.text("Cidr")?.parse().ok())
        .collect()
}

fn draft(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    let subnet_id = input.required("SubnetId")?;
    let subnet = named(state, "subnet", subnet_id)?;
    let asked = input.required("Cidr")?;
    let block = cidr::any("cidr", asked)?;
    let own = path::texts(&subnet.entry, "Ipv6CidrBlockAssociationSet[].Ipv6CidrBlock");
    let mut own = own.into_iter().chain(subnet.text("CidrBlock"));
    let is_within = own.any(|own| own.parse().is_ok_and(|own: IpNet| own.contains(&block)));
    if !is_within {
        return Err(fault::invalid_value(format!(
            "The CIDR {asked} is not within the subnet's CIDR block"
        )));
    }
    let is_taken = state.store.referrers(subnet_id).any(|other| {
        let other = (other.text("Cidr")).filter(|_| other.resource.name == RESERVATION);
        other.is_some_and(|other| cidr::texts_overlap(other, &block.to_string()))
    });
    if is_taken {
        return Err(fault::invalid_value(format!(
            "The CIDR {asked} overlaps another reservation of the subnet"
        )));
    }
    draft.entry.insert("Cidr", Value::from(block.to_string()));
    draft.owner = Some(subnet_id.to_owned());
    Ok(())
}

/// Lists the reservations of a subnet, IPv4 and IPv6 apart.
fn list(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    let subnet_id = input.required("SubnetId")?;
    named(state, "subnet", subnet_id)?;
    let Some((resource, Role::List(listing))) = input.plan.role else {
        return Ok(answer::made_up(input));
    };
    let filters = Filters::of(input, resource, listing)?;
    input.stop_dry_run()?;
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    let reservations = state.store.referrers(subnet_id);
    for item in reservations.filter(|item| item.resource.name == RESERVATION) {
        if filters.hold(item, &item.entry) {
            let mut entry = item.entry.clone();
            entry.insert("Tags", tag_list(&item.tags));
            let is_v6 = item.text("Cidr").is_some_and(|block| block.contains(':'));
            let of_kind = if is_v6 { &mut v6 } else { &mut v4 };
            of_kind.push(Value::from(entry));
        }
    }
    Ok(Structure::from([
        ("SubnetIpv4CidrReservations", Value::List(v4)),
        ("SubnetIpv6CidrReservations", Value::List(v6)),
    ]))
}
