//! Eight bytes at a time: the searches in which both scanners spend their time.
//!
//! What they pass over is some twenty bytes long, too short for the call and set-up of a search
//! with vector instructions to pay.

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = LOW << 7;

const fn splat(byte: u8) -> u64 {
    LOW * byte as u64
}

/// Marks the bytes of `word` that are below `bound`, which is 128 at most.
///
/// Of a word's marks only the lowest is sure: behind a byte that is below, one that is not may be
/// marked too. [`find`] looks at no other.
pub(crate) const fn below(word: u64, bound: u8) -> u64 {
    word.wrapping_sub(splat(bound)) & !word & HIGH
}

/// Marks the bytes of `word` that are `byte`, as surely as [`below`].
pub(crate) const fn equal(word: u64, byte: u8) -> u64 {
    below(word ^ splat(byte), 1)
}

/// Marks the bytes of `word` that are `byte` in all bits but those of `free`.
pub(crate) const fn equal_but(word: u64, byte: u8, free: u8) -> u64 {
    equal(word | splat(free), byte | free)
}

/// The eight bytes from `at`, unless the end is nearer.
#[inline]
pub(crate) fn word(bytes: &[u8], at: usize) -> Option<u64> {
    let chunk = bytes.get(at..)?.first_chunk::<8>()?;
    Some(u64::from_le_bytes(*chunk))
}

/// Where the first byte at or behind `from` stands that `marks` marks; the end where there is none.
///
/// `marks` must not mark an `a`.
#[inline]
pub(crate) fn find(bytes: &[u8], from: usize, marks: impl Fn(u64) -> u64) -> usize {
    let mut at = from;
    while let Some(word) = word(bytes, at) {
        let found = marks(word);
        if found != 0 {
            return at + first_mark(found);
        }
        at += 8;
    }
    let mut last = [b'a'; 8];
    for (slot, &byte) in last.iter_mut().zip(bytes.get(at..).unwrap_or_default()) {
        *slot = byte;
    }
    match marks(u64::from_le_bytes(last)) {
        0 => bytes.len(),
        found => at + first_mark(found),
    }
}

#[inline]
const fn first_mark(marks: u64) -> usize {
    (marks.trailing_zeros() / 8) as usize
}

/// How many bytes two texts have in common at the front.
#[inline]
pub(crate) fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    let mut at = 0;
    while let (Some(x), Some(y)) = (word(a, at), word(b, at)) {
        if x != y {
            return at + first_mark(x ^ y);
        }
        at += 8;
    }
    let rest = |bytes: &'_ [u8]| bytes.len().saturating_sub(at);
    let left = rest(a).min(rest(b));
    let tails = a.iter().zip(b).skip(at);
    at + tails.take(left).position(|(x, y)| x != y).unwrap_or(left)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    /// Every byte at every place of texts around the length of a word, among bytes that differ
    /// from it by one, which is where borrowed bits show.
    #[test]
    fn the_first_mark_is_exact() {
        for length in 0..20 {
            for place in 0..length {
                for byte in 0..=255_u8 {
                    for around in [b'a', 0xFF, byte.wrapping_add(1).max(b'a')] {
                        let mut text: Vec<u8> = core::iter::repeat_n(around, length).collect();
                        if let Some(slot) = text.get_mut(place) {
                            *slot = byte;
                        }
                        let expected = |is: &dyn Fn(u8) -> bool| {
                            text.iter().position(|&byte| is(byte)).unwrap_or(length)
                        };
                        assert_eq!(
                            find(&text, 0, |word| below(word, 0x2D) | equal(word, 0x7F)),
                            expected(&|byte| byte < 0x2D || byte == 0x7F)
                        );
                        assert_eq!(
                            find(&text, 0, |word| equal_but(word, b'<', 2)),
                            expected(&|byte| byte == b'<' || byte == b'>')
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn a_common_prefix_ends_at_the_first_difference_or_end() {
        let text = b"TagSpecification.1.Tag.12.Key";
        for a in 0..text.len() {
            for b in 0..text.len() {
                let (x, y) = (
                    text.get(..a).unwrap_or_default(),
                    text.get(..b).unwrap_or_default(),
                );
                assert_eq!(common_prefix(x, y), a.min(b));
                let mut other = Vec::from(x);
                other.push(b'#');
                assert_eq!(common_prefix(&other, y), a.min(b));
            }
        }
    }
}
