//! Keys as their parts: `Tag.1.Key` is three.
//!
//! A place in a key is told by how many bytes are used up, the dot behind them included. All of a
//! key is used up when that is one more than it has.

use crate::swar;

/// The part of a key behind a prefix: all up to the next dot.
pub(super) fn part_of(key: &str, prefix: usize) -> &str {
    let bytes = key.as_bytes();
    let mut end = prefix;
    while bytes.get(end).is_some_and(|&byte| byte != b'.') {
        end += 1;
    }
    key.get(prefix..end).unwrap_or_default()
}

/// Whether `part` is the key's part behind a prefix.
pub(super) fn has_part(key: &str, prefix: usize, part: &str) -> bool {
    let rest = key.as_bytes().get(prefix..).unwrap_or_default();
    matches!(rest.get(part.len()), None | Some(b'.')) && swar::starts_with(rest, part.as_bytes())
}

/// Whether nothing of the key stands behind a prefix, so that the pair is a scalar.
#[inline]
pub(super) fn is_used_up(key: &str, prefix: usize) -> bool {
    key.len() < prefix
}

/// How many bytes of two keys are the same parts. The first `common` bytes are the same.
#[inline]
pub(super) fn shared_prefix(a: &str, b: &str, common: usize) -> usize {
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
