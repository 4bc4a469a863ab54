//! The private addresses that a new interface is to have.

use super::address::{
    add_address, block_v6, check_address, check_v6, claim, free_addresses, parse, parse_v6, show_v6,
};
use crate::server::engine::Input;
use crate::server::families::Draft;
use crate::server::families::compute::instance_type::check_addresses;
use crate::server::families::shared::{flag, structures, text};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::path;
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};
use std::net::{Ipv4Addr, Ipv6Addr};

/// The private addresses that a new interface is to have.
#[derive(Debug, Default, Clone)]
pub(in crate::server::families) struct Addresses {
    /// The primary one. Without one, the next free one.
    pub(in crate::server::families) primary: Option<Ipv4Addr>,
    /// Those beside it that are named.
    pub(in crate::server::families) secondary: Vec<Ipv4Addr>,
    /// How many free ones beside it are chosen.
    pub(in crate::server::families) more: usize,
    /// The IPv6 addresses that are named.
    pub(in crate::server::families) v6: Vec<Ipv6Addr>,
    /// How many IPv6 addresses are chosen. Without a number, as many as the subnet gives.
    pub(in crate::server::families) more_v6: Option<usize>,
}

impl Addresses {
    /// What the members of a request, or of an interface in it, ask for.
    pub(in crate::server::families) fn of(members: &Structure<'static>) -> Result<Self, Fault> {
        let address = |text: &str| parse(text, "PrivateIpAddress");
        let mut primary = text(members, "PrivateIpAddress").map(address).transpose()?;
        let mut secondary = Vec::new();
        for entry in structures(members, "PrivateIpAddresses") {
            let Some(asked) = text(entry, "PrivateIpAddress") else {
                continue;
            };
            let asked = address(asked)?;
            if !flag(entry, "Primary") {
                secondary.push(asked);
            } else if primary.replace(asked).is_some() {
                return Err(fault::refusal(
                    "InvalidParameterCombination",
                    "Only one private IP address can be designated as primary",
                ));
            }
        }
        let more = count(members, "SecondaryPrivateIpAddressCount")?.unwrap_or(0);
        if more > 0 && !secondary.is_empty() {
            return Err(fault::invalid_combination(
                "SecondaryPrivateIpAddressCount",
                "PrivateIpAddresses",
            ));
        }
        let mut v6 = Vec::new();
        for asked in path::texts(members, "Ipv6Addresses[].Ipv6Address") {
            v6.push(parse_v6(asked)?);
        }
        let more_v6 = count(members, "Ipv6AddressCount")?;
        if more_v6.is_some_and(|count| count > 0) && !v6.is_empty() {
            return Err(fault::invalid_combination(
                "Ipv6AddressCount",
                "Ipv6Addresses",
            ));
        }
        Ok(Self {
            primary,
            secondary,
            more,
            v6,
            more_v6,
        })
    }

    /// The IPv4 addresses that are named.
    pub(in crate::server::families) fn named(&self) -> impl Iterator<Item = Ipv4Addr> {
        self.primary
            .into_iter()
            .chain(self.secondary.iter().copied())
    }

    /// Whether any address is named. Only one interface can have it.
    pub(in crate::server::families) fn names_any(&self) -> bool {
        self.named().next().is_some() || !self.v6.is_empty()
    }

    /// How many free IPv4 addresses are chosen.
    pub(in crate::server::families) fn chosen(&self) -> usize {
        self.more + usize::from(self.primary.is_none())
    }

    /// How many IPv4 and IPv6 addresses an interface has at least.
    pub(in crate::server::families) fn counts(&self) -> [usize; 2] {
        let v4 = self.named().count() + self.chosen();
        [v4, self.v6.len() + self.more_v6.unwrap_or(0)]
    }

    /// Refuses addresses that a subnet does not have, or that are taken.
    pub(in crate::server::families) fn check(
        &self,
        state: &State,
        subnet: &str,
    ) -> Result<(), Fault> {
        for count in self.counts() {
            check_addresses("", count)?;
        }
        for (at, address) in self.named().enumerate() {
            if self.named().take(at).any(|other| other == address) {
                return Err(twice(&address));
            }
            check_address(state, subnet, address)?;
        }
        for (at, address) in self.v6.iter().enumerate() {
            if self.v6.iter().take(at).any(|other| other == address) {
                return Err(twice(address));
            }
            check_v6(state, subnet, *address)?;
        }
        if self.more_v6.is_some_and(|count| count > 0) {
            block_v6(state, subnet)?;
        }
        Ok(())
    }

    /// Gives a draft of an interface its addresses, but for IPv6 addresses that are chosen.
    /// Returns the primary one.
    pub(super) fn give(
        &self,
        state: &State,
        subnet: &str,
        draft: &mut Draft,
    ) -> Result<Ipv4Addr, Fault> {
        self.check(state, subnet)?;
        let named: Vec<Ipv4Addr> = self.named().collect();
        let mut free = free_addresses(state, subnet, self.chosen(), &named)?.into_iter();
        let primary = self.primary.or_else(|| free.next());
        let primary = primary.ok_or_else(fault::internal)?;
        let others = self.secondary.iter().copied().chain(free);
        for address in std::iter::once(primary).chain(others) {
            add_address(state, subnet, &mut draft.entry, &mut draft.claims, address);
        }
        let v6 = self.v6.iter();
        let claims = v6.clone().map(|address| claim(subnet, address));
        draft.claims.extend(claims);
        let v6 = v6.map(|address| show_v6(*address).into());
        draft
            .entry
            .insert("Ipv6Addresses", Value::List(v6.collect()));
        Ok(primary)
    }
}

fn twice(address: &dyn std::fmt::Display) -> Fault {
    fault::invalid_value(format!(
        "The address {address} must not appear multiple times"
    ))
}

/// A number of addresses, which is not negative.
fn count(members: &Structure<'static>, name: &'static str) -> Result<Option<usize>, Fault> {
    match members.get(name) {
        Some(Value::Integer(number)) => usize::try_from(*number)
            .map(Some)
            .map_err(|_| fault::invalid_choice(name, &number.to_string())),
        _ => Ok(None),
    }
}

/// As [`count`], of a request.
pub(super) fn count_of(input: &Input, name: &'static str) -> Result<Option<usize>, Fault> {
    let count = count(&input.members, name)?;
    check_addresses("", count.unwrap_or(0))?;
    Ok(count)
}
