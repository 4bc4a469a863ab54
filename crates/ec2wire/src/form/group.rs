//! The order of the pairs: whether each member's stand together, and bringing them together.
//!
//! The decoder walks the pairs once, from front to back, so the pairs of a member must follow each
//! other and a list's entries be in order. Real clients send them so; that they did is seen while
//! the body is read, at the cost of comparing each key with the one before. The pairs of others
//! are rearranged first, in n log n.

use super::call::Pair;
use crate::swar;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// As many members of a structure are compared with each other; with more of them the pairs are
/// rearranged without a look.
const COMPARED: usize = 24;

/// More digits than an index can have without leading zeros.
const MAX_DIGITS: usize = 10;

/// Works out what `pair` shares with the last of `pairs`, which it is to follow. Returns whether it
/// keeps them in order: it goes on with the last member or list entry, or begins a new one.
pub(super) fn follows(pairs: &[Pair<'_>], pair: &mut Pair<'_>) -> bool {
    let Some(last) = pairs.last() else {
        return true;
    };
    let prefix = shared_prefix(&last.key, &pair.key);
    pair.shared = prefix;
    // Each pair is stepped over by one later pair at most, so this is linear in all.
    pair.before = pairs.len() - 1;
    while let Some(between) = pairs.get(pair.before)
        && between.shared > prefix
    {
        pair.before = between.before;
    }
    if pair.is_scalar(prefix) {
        return true;
    }
    let part = pair.part(prefix);
    if is_index(part) && is_index(last.part(prefix)) {
        return index_follows(last.part(prefix), part);
    }
    // The members before this one, each by its first pair.
    let mut at = pair.before;
    for _ in 0..COMPARED {
        match pairs.get(at) {
            None => return true,
            Some(first) if first.has_part(prefix, part) => return false,
            Some(first) if first.shared < prefix || at == 0 => return true,
            Some(first) => at = first.before,
        }
    }
    false
}

/// Whether the part of a key is a list index.
fn is_index(part: &str) -> bool {
    (1..=MAX_DIGITS).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether one index comes behind another. Leading zeros are left to [`regroup`].
fn index_follows(last: &str, index: &str) -> bool {
    !last.starts_with('0') && !index.starts_with('0') && (last.len(), last) < (index.len(), index)
}

/// How many bytes of two keys are the same parts, each with the dot behind it; the end of a key
/// counts as one.
fn shared_prefix(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let common = swar::common_prefix(a, b);
    match (a.get(common), b.get(common)) {
        (None | Some(b'.'), None | Some(b'.')) => common + 1,
        _ => a
            .iter()
            .take(common)
            .rposition(|&byte| byte == b'.')
            .map_or(0, |dot| dot + 1),
    }
}

/// Brings the pairs of each member together, in the order of their first ones, and the entries of
/// each list in the order of their indexes.
pub(super) fn regroup(pairs: &mut [Pair<'_>], levels: usize) {
    arrange(pairs, 0, levels, &mut Vec::new());
    let mut last: Option<&str> = None;
    for pair in pairs {
        pair.shared = last.map_or(0, |last| shared_prefix(last, &pair.key));
        last = Some(&pair.key);
    }
}

/// Arranges pairs that share `prefix`. `ranks` is room to work in.
fn arrange<'de>(
    pairs: &mut [Pair<'de>],
    prefix: usize,
    levels: usize,
    ranks: &mut Vec<(u64, usize)>,
) {
    // Deeper than allowed nothing is decoded.
    if levels == 0 {
        return;
    }
    rank(pairs, prefix, ranks);
    if !ranks.is_sorted() {
        ranks.sort_unstable();
        let arranged: Vec<Pair<'de>> = ranks
            .iter()
            .filter_map(|&(_, at)| pairs.get_mut(at).map(core::mem::take))
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

/// Gives each pair its place among the members: those with names by their first pair, then list
/// entries by index.
fn rank(pairs: &[Pair<'_>], prefix: usize, ranks: &mut Vec<(u64, usize)>) {
    const INDEXES: u64 = 1 << 48;

    ranks.clear();
    let mut names: BTreeMap<&str, u64> = BTreeMap::new();
    let mut last: Option<(&str, u64)> = None;
    for (at, pair) in pairs.iter().enumerate() {
        let part = pair.part(prefix);
        let rank = match last {
            Some((last, rank)) if last == part => rank,
            // Of two spellings of an index the shorter comes first, so that both stay together.
            _ if is_index(part) => {
                let index: u64 = part.parse().unwrap_or(0);
                INDEXES + index * 16 + part.len() as u64
            }
            _ => {
                let next = names.len() as u64;
                *names.entry(part).or_insert(next)
            }
        };
        last = Some((part, rank));
        ranks.push((rank, at));
    }
}
