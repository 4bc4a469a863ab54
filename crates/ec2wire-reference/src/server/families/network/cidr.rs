//! CIDR blocks of requests.

use crate::server::fault;
use ec2wire::Fault;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// The IPv4 block in a request's member, in its canonical form.
pub(in crate::server) fn ipv4(member: &str, text: &str) -> Result<Ipv4Net, Fault> {
    let block: Ipv4Net = text.parse().map_err(|_| invalid(member, text))?;
    Ok(block.trunc())
}

/// The IPv6 block in a request's member, in its canonical form.
pub(in crate::server) fn ipv6(member: &str, text: &str) -> Result<Ipv6Net, Fault> {
    let block: Ipv6Net = text.parse().map_err(|_| invalid(member, text))?;
    Ok(block.trunc())
}

/// The block of either kind in a request's member, in its canonical form.
pub(in crate::server) fn any(member: &str, text: &str) -> Result<IpNet, Fault> {
    let block: IpNet = text.parse().map_err(|_| invalid(member, text))?;
    Ok(block.trunc())
}

fn invalid(member: &str, text: &str) -> Fault {
    fault::invalid_value(format!(
        "Value ({text}) for parameter {member} is invalid. This is not a valid CIDR block."
    ))
}

/// Whether two blocks have an address in common.
pub(in crate::server) fn overlap(one: &IpNet, other: &IpNet) -> bool {
    one.contains(other) || other.contains(one)
}

/// Whether two blocks' texts, as entries show them, have an address in common.
pub(in crate::server) fn texts_overlap(one: &str, other: &str) -> bool {
    match (one.parse(), other.parse()) {
        (Ok(one), Ok(other)) => overlap(&one, &other),
        _ => false,
    }
}
