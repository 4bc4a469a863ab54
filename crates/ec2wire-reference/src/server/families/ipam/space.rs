//! Free blocks of addresses.

pub(super) use crate::server::families::network::cidr::overlap;

use crate::server::fault;
use ec2wire::Fault;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A block that a request writes. It must have no bits beside its prefix.
pub(super) fn parse(member: &str, text: &str) -> Result<IpNet, Fault> {
    let block: IpNet = text
        .parse()
        .map_err(|_| fault::invalid_choice(member, text))?;
    if block != block.trunc() {
        return Err(fault::invalid_value(format!(
            "The CIDR '{text}' is invalid: it is not the first address of its block"
        )));
    }
    Ok(block)
}

/// The longest prefix of a family.
pub(super) fn longest(is_v6: bool) -> u8 {
    if is_v6 { 128 } else { 32 }
}

/// The first block with a prefix of this length that is within one of the blocks and overlaps none of
/// those that are taken.
pub(super) fn next_free(within: &[IpNet], taken: &[IpNet], length: u8) -> Option<IpNet> {
    let mut within: Vec<&IpNet> = within.iter().collect();
    within.sort_unstable();
    within.into_iter().find_map(|block| {
        let own = taken.iter().filter(|other| overlap(block, other));
        let mut taken: Vec<(u128, u128)> = own.map(bounds).collect();
        taken.sort_unstable();
        free_within(block, &taken, length)
    })
}

/// The same in one block. What is taken is in order.
fn free_within(block: &IpNet, taken: &[(u128, u128)], length: u8) -> Option<IpNet> {
    let is_v6 = matches!(block, IpNet::V6(_));
    let bits = longest(is_v6).checked_sub(length)?;
    if length < block.prefix_len() {
        return None;
    }
    // All bits behind the prefix.
    let host = 1_u128
        .checked_shl(bits.into())
        .map_or(u128::MAX, |size| size - 1);
    let (mut first, end) = bounds(block);
    for &(from, to) in taken {
        if first | host < from {
            break;
        }
        if to >= first {
            first = (to | host).checked_add(1)?;
        }
    }
    if first | host > end {
        return None;
    }
    let address: IpAddr = if is_v6 {
        Ipv6Addr::from(first).into()
    } else {
        Ipv4Addr::from(u32::try_from(first).ok()?).into()
    };
    IpNet::new(address, length).ok()
}

/// The first and the last address.
fn bounds(block: &IpNet) -> (u128, u128) {
    let number = |address| match address {
        IpAddr::V4(address) => u32::from(address).into(),
        IpAddr::V6(address) => u128::from(address),
    };
    (number(block.network()), number(block.broadcast()))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use std::collections::HashSet;

    fn nets(texts: &[&str]) -> Vec<IpNet> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn the_first_free_block_is_found() {
        for (within, taken, length, free) in [
            (&["10.0.0.0/8"][..], &[][..], 16, Some("10.0.0.0/16")),
            (&["10.0.0.0/8"], &["10.0.0.0/24"], 16, Some("10.1.0.0/16")),
            (&["10.0.0.0/8"], &["10.1.0.0/16"], 16, Some("10.0.0.0/16")),
            (&["10.0.0.0/16"], &[], 8, None),
            (
                &["10.0.0.0/24"],
                &["10.0.0.0/25", "10.0.0.128/25"],
                32,
                None,
            ),
            (
                &["10.0.0.0/24", "9.0.0.0/24"],
                &["9.0.0.0/24"],
                24,
                Some("10.0.0.0/24"),
            ),
            (&["0.0.0.0/0"], &[], 0, Some("0.0.0.0/0")),
            (&["255.255.255.0/24"], &["255.255.255.0/24"], 24, None),
            (&["::/0"], &[], 0, Some("::/0")),
            (&["ffff::/16"], &["ffff::/16"], 16, None),
            (
                &["2001:db8::/32"],
                &["2001:db8::/33"],
                64,
                Some("2001:db8:8000::/64"),
            ),
            (&["10.0.0.0/8"], &["10.0.0.0/8"], 33, None),
        ] {
            let found = next_free(&nets(within), &nets(taken), length);
            assert_eq!(
                found,
                free.map(|free| free.parse().unwrap()),
                "{within:?} {taken:?}"
            );
        }
    }

    #[test]
    fn a_block_is_given_once_until_none_is_left() {
        let within = nets(&["10.0.0.0/24", "10.0.2.0/24"]);
        let mut taken = nets(&["10.0.0.64/27"]);
        while let Some(free) = next_free(&within, &taken, 28) {
            assert!(!taken.iter().any(|other| overlap(other, &free)));
            taken.push(free);
        }
        assert_eq!(taken.len(), 1 + 30);
        assert_eq!(taken.iter().collect::<HashSet<_>>().len(), taken.len());
    }
}
