//! The parts of keys: `Tag.1.Key` has three.
//!
//! A prefix of a key is given by its length in bytes, with the dot after it. A prefix that is one byte
//! longer than the key is the whole key.

use crate::swar;

/// The part of a key after a prefix, up to the next dot.
pub(super) fn part_of(key: &str, prefix: usize) -> &str {
    let bytes = key.as_bytes();
    let mut end = prefix;
    while bytes.get(end).is_some_and(|&byte| byte != b'.') {
        end += 1;
    }
    key.get(prefix..end).unwrap_or_default()
}

/// Whether `part` is the key's part after a prefix.
pub(super) fn has_part(key: &str, prefix: usize, part: &str) -> bool {
    let rest = key.as_bytes().get(prefix..).unwrap_or_default();
    matches!(rest.get(part.len()), None | Some(b'.')) && swar::starts_with(rest, part.as_bytes())
}

/// Whether the prefix is the whole key, so that the pair is a scalar.
#[inline]
pub(super) fn is_used_up(key: &str, prefix: usize) -> bool {
    key.len() < prefix
}

/// The length of the prefix that two keys share in whole parts. Their first `common` bytes are equal.
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
