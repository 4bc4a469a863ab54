//! Sorting pairs, so that those of each member are together.
//!
//! The decoder walks the pairs once, from front to back. So the pairs of a member must be together, and
//! the entries of a list in order. Real clients send them so. If they are not, the pairs are sorted, in
//! n log n.

use super::key::{has_part, is_used_up, part_of};
use super::pair::Pair;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// Brings the pairs of each member together, in the order of their first ones, and the entries of
/// each list in the order of their indexes.
pub(super) fn regroup(pairs: &mut [Pair<'_>], levels: usize) {
    arrange(pairs, 0, levels, &mut Vec::new());
}

/// Sorts pairs that share `prefix`. `ranks` is a buffer that is reused.
fn arrange<'de>(pairs: &mut [Pair<'de>], prefix: usize, levels: usize, ranks: &mut Vec<Rank>) {
    // Deeper levels are not decoded.
    if levels == 0 {
        return;
    }
    rank(pairs, prefix, ranks);
    if !ranks.is_sorted() {
        ranks.sort_unstable();
        let arranged: Vec<Pair<'de>> = ranks
            .iter()
            .filter_map(|rank| pairs.get_mut(rank.at).map(core::mem::take))
            .collect();
        for (slot, pair) in pairs.iter_mut().zip(arranged) {
            *slot = pair;
        }
    }
    let mut rest = pairs;
    while let Some(first) = rest.first() {
        let part = part_of(&first.key, prefix);
        let inner = prefix + part.len() + 1;
        let same = |pair: &Pair<'_>| has_part(&pair.key, prefix, part);
        let length = rest
            .iter()
            .position(|pair| !same(pair))
            .unwrap_or(rest.len());
        let (run, others) = rest.split_at_mut(length);
        if run.len() > 1 && run.iter().any(|pair| !is_used_up(&pair.key, inner)) {
            arrange(run, inner, levels - 1, ranks);
        }
        rest = others;
    }
}

/// The position of a pair among the members of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    member: Member,
    /// The previous position, so that the pairs of a member keep their order.
    at: usize,
}

/// Members with names come first, in the order of their first pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Member {
    Named(usize),
    /// The pairs of one spelling stay together: those of `1` come before those of `01`.
    Indexed {
        index: u64,
        digits: usize,
    },
}

/// Finds the rank of each pair.
fn rank(pairs: &[Pair<'_>], prefix: usize, ranks: &mut Vec<Rank>) {
    ranks.clear();
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    let mut last: Option<(&str, Member)> = None;
    for (at, pair) in pairs.iter().enumerate() {
        let part = part_of(&pair.key, prefix);
        let member = match last {
            Some((last, member)) if last == part => member,
            _ => {
                if let Some(index) = index_of(part) {
                    Member::Indexed {
                        index,
                        digits: part.len(),
                    }
                } else {
                    let next = names.len();
                    Member::Named(*names.entry(part).or_insert(next))
                }
            }
        };
        last = Some((part, member));
        ranks.push(Rank { member, at });
    }
}

/// The part as a number. A larger one cannot be a list index, but may be a key of a map.
fn index_of(part: &str) -> Option<u64> {
    let is_number = part.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| part.parse().ok()).flatten()
}
