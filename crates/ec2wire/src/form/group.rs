//! The order of the pairs: whether each member's stand together, and bringing them together.
//!
//! The decoder walks the pairs once, from front to back, so the pairs of a member must follow each
//! other and a list's entries be in order. Real clients send them so; that they did is seen while
//! the body is read, at the cost of comparing each key with the one before. The pairs of others
//! are rearranged first, in n log n.

use super::call::{Pair, part_of};
use crate::swar;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// As many members of a structure are compared with each other; with more of them the pairs are
/// rearranged without a look.
const COMPARED: usize = 24;

/// Where a pair stands among those before it.
pub(super) struct Place {
    /// How many bytes of the key are whole parts that the last pair has too.
    pub(super) shared: usize,
    /// The last pair that shares no more with its own predecessor.
    pub(super) before: usize,
    /// Whether the pair goes on with the last member or list entry, or begins a new one.
    pub(super) in_order: bool,
}

/// Finds the place of a pair that is to follow `pairs`. Of its key the first `common` bytes are
/// those of the last one.
#[inline]
pub(super) fn place(pairs: &[Pair<'_>], key: &str, common: usize) -> Place {
    let Some(last) = pairs.last() else {
        return Place {
            shared: 0,
            before: 0,
            in_order: true,
        };
    };
    let shared = shared_prefix(&last.key, key, common);
    // Each pair is stepped over by one later pair at most, so this is linear in all.
    let mut before = pairs.len() - 1;
    while let Some(between) = pairs.get(before)
        && between.shared > shared
    {
        before = between.before;
    }
    let part = key.as_bytes().get(shared..).unwrap_or_default();
    let last_part = last.key.as_bytes().get(shared..).unwrap_or_default();
    let in_order = match (last_part.first(), part.first()) {
        // A scalar, or nothing new.
        (_, None) => true,
        (Some(b'0'..=b'9'), Some(b'0'..=b'9')) => match (index(last_part), index(part)) {
            (Some(last), Some(index)) => index_follows(last, index),
            _ => is_new(pairs, before, shared, key),
        },
        _ => is_new(pairs, before, shared, key),
    };
    Place {
        shared,
        before,
        in_order,
    }
}

/// Whether no member has the name that the key has behind a prefix. `last` is the first pair of
/// the last member, which has another.
#[inline]
fn is_new(pairs: &[Pair<'_>], last: usize, prefix: usize, key: &str) -> bool {
    let mut at = last;
    for _ in 0..COMPARED {
        match pairs.get(at) {
            Some(member) if member.shared == prefix && at > 0 => at = member.before,
            _ => return true,
        }
        let part = part_of(key, prefix);
        if pairs
            .get(at)
            .is_some_and(|first| first.has_part(prefix, part))
        {
            return false;
        }
    }
    false
}

/// The list index that the next part of a key is.
#[inline]
fn index(key: &[u8]) -> Option<&[u8]> {
    let mut len = 0;
    while let Some(b'0'..=b'9') = key.get(len) {
        len += 1;
    }
    match key.get(len) {
        None | Some(b'.') if len > 0 => key.get(..len),
        _ => None,
    }
}

/// Whether one index comes behind another. Leading zeros are left to [`regroup`].
#[inline]
fn index_follows(last: &[u8], index: &[u8]) -> bool {
    last.first() != Some(&b'0')
        && index.first() != Some(&b'0')
        && (last.len() < index.len() || last.len() == index.len() && last < index)
}

/// How many bytes of two keys are the same parts, each with the dot behind it; the end of a key
/// counts as one. The first `common` bytes are the same.
#[inline]
fn shared_prefix(a: &str, b: &str, common: usize) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if let (None | Some(b'.'), None | Some(b'.')) = (a.get(common), b.get(common)) {
        return common + 1;
    }
    let mut shared = common;
    while shared > 0 && a.get(shared - 1) != Some(&b'.') {
        shared -= 1;
    }
    shared
}

/// Brings the pairs of each member together, in the order of their first ones, and the entries of
/// each list in the order of their indexes.
pub(super) fn regroup(pairs: &mut [Pair<'_>], levels: usize) {
    arrange(pairs, 0, levels, &mut Vec::new());
    let mut last: Option<&str> = None;
    for pair in pairs {
        pair.shared = last.map_or(0, |last| {
            let common = swar::common_prefix(last.as_bytes(), pair.key.as_bytes());
            shared_prefix(last, &pair.key, common)
        });
        last = Some(&pair.key);
    }
}

/// Arranges pairs that share `prefix`. `ranks` is room to work in.
fn arrange<'de>(pairs: &mut [Pair<'de>], prefix: usize, levels: usize, ranks: &mut Vec<Rank>) {
    // Deeper than allowed nothing is decoded.
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
        let part = first.part(prefix);
        let inner = prefix + part.len() + 1;
        let same = |pair: &Pair<'_>| pair.has_part(prefix, part);
        let length = rest
            .iter()
            .position(|pair| !same(pair))
            .unwrap_or(rest.len());
        let (run, others) = rest.split_at_mut(length);
        if run.len() > 1 && run.iter().any(|pair| !pair.is_scalar(inner)) {
            arrange(run, inner, levels - 1, ranks);
        }
        rest = others;
    }
}

/// The place of a pair among the members of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    member: Member,
    /// Where the pair stood, so that those of a member keep their order.
    at: usize,
}

/// Members with names come first, in the order of their first pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Member {
    Named(usize),
    /// The pairs of one spelling stay together: `1`'s stand before those of `01`.
    Indexed {
        index: u64,
        digits: usize,
    },
}

/// Gives each pair its place.
fn rank(pairs: &[Pair<'_>], prefix: usize, ranks: &mut Vec<Rank>) {
    ranks.clear();
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    let mut last: Option<(&str, Member)> = None;
    for (at, pair) in pairs.iter().enumerate() {
        let part = pair.part(prefix);
        let member = match last {
            Some((last, member)) if last == part => member,
            _ if index(part.as_bytes()).is_some() => Member::Indexed {
                // What does not fit is no index either; the decoder says so.
                index: part.parse().unwrap_or(u64::MAX),
                digits: part.len(),
            },
            _ => {
                let next = names.len();
                Member::Named(*names.entry(part).or_insert(next))
            }
        };
        last = Some((part, member));
        ranks.push(Rank { member, at });
    }
}
