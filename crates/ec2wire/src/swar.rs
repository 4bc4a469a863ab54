//! Searches of eight bytes at a time, in which both scanners spend most of their time.
//!
//! They skip about twenty bytes. That is too short for vector instructions, whose setup would cost more
//! than it saves.

const LOW: u64 = 0x0101_0101_0101_0101;
pub(crate) const HIGH: u64 = LOW << 7;

pub(crate) const fn splat(byte: u8) -> u64 {
    LOW * byte as u64
}

/// Marks the bytes of `word` that are below `bound`, for [`find`].
///
/// A mark is a high bit. Those of bytes beyond ASCII mean nothing, and above a byte that is rightly
/// marked others may be marked too: a subtraction borrows.
#[inline]
pub(crate) const fn below(word: u64, bound: u8) -> u64 {
    word.wrapping_sub(splat(bound))
}

/// Marks the bytes of `word` that are `byte`, an ASCII character, as [`below`] does.
#[inline]
pub(crate) const fn equal(word: u64, byte: u8) -> u64 {
    below(word ^ splat(byte), 1)
}

/// Marks the bytes of `word`, all of them ASCII, that are at least `first` and at most `last`. A mark
/// is a high bit, and right in every byte.
#[inline]
pub(crate) const fn within(word: u64, first: u8, last: u8) -> u64 {
    let word = word & !HIGH;
    (word + splat(0x80 - first)) ^ (word + splat(0x7F - last))
}

/// Marks the bytes of `word` that are `byte` in all bits but those of `free`.
#[inline]
pub(crate) const fn equal_but(word: u64, byte: u8, free: u8) -> u64 {
    equal(word | splat(free), byte | free)
}

/// The eight bytes from `at`, or `None` if there are fewer.
#[inline]
pub(crate) fn word(bytes: &[u8], at: usize) -> Option<u64> {
    let chunk = bytes.get(at..)?.first_chunk::<8>()?;
    Some(u64::from_le_bytes(*chunk))
}

/// The offset of the first byte from `from` on for which `stop` is true, or the length if there is none.
/// `stop` gets the offset and the byte. It sees every byte that `marks` marks, and some others. `marks`
/// must not mark an `a`.
#[inline]
pub(crate) fn find(
    bytes: &[u8],
    from: usize,
    marks: impl Fn(u64) -> u64,
    mut stop: impl FnMut(usize, u8) -> bool,
) -> usize {
    let mut at = from;
    loop {
        let (word, is_last) = word(bytes, at).map_or_else(
            || {
                let rest = bytes.get(at..).unwrap_or_default();
                (partial_word(rest) | beyond(rest.len()), true)
            },
            |word| (word, false),
        );
        let mut found = marks(word) & !word & HIGH;
        while found != 0 {
            let bit = found.trailing_zeros() & !7;
            let [byte, ..] = (word >> bit).to_le_bytes();
            let place = at + (bit / 8) as usize;
            if stop(place, byte) {
                return place;
            }
            found &= found - 1;
        }
        if is_last {
            return bytes.len();
        }
        at += 8;
    }
}

/// Fewer than eight bytes as a word, padded with zeros.
#[inline]
pub(crate) fn partial_word(bytes: &[u8]) -> u64 {
    let half = |half: &[u8; 4]| u64::from(u32::from_le_bytes(*half));
    let byte = |at: usize| {
        bytes
            .get(at)
            .copied()
            .map_or(0, |byte| u64::from(byte) << (8 * at))
    };
    match (bytes.first_chunk(), bytes.last_chunk()) {
        // The halves overlap where there are fewer than eight.
        (Some(first), Some(last)) => half(first) | half(last) << (8 * (bytes.len() - 4)),
        _ => byte(0) | byte(1) | byte(2),
    }
}

/// The padding that fills a [`partial_word`] of `len` bytes with `a`.
#[inline]
pub(crate) const fn beyond(len: usize) -> u64 {
    splat(b'a') << (8 * (len & 7))
}

/// A table of a constant function over all bytes. Looking a byte up is faster than the function's
/// comparisons.
pub(crate) struct ByteClass([bool; 256]);

impl ByteClass {
    pub(crate) const fn new(table: [bool; 256]) -> Self {
        Self(table)
    }

    #[inline]
    pub(crate) fn has(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte)).copied().unwrap_or(false)
    }
}

macro_rules! byte_class {
    ($holds:expr) => {{
        #[expect(
            clippy::indexing_slicing,
            reason = "a byte cannot be out of its bounds, and `get` is not const"
        )]
        const TABLE: [bool; 256] = {
            let mut table = [false; 256];
            let mut byte = 0;
            while byte < table.len() {
                table[byte] = $holds(byte.to_le_bytes()[0]);
                byte += 1;
            }
            table
        };
        $crate::swar::ByteClass::new(TABLE)
    }};
}

pub(crate) use byte_class;

/// How often a byte occurs. It counts in chunks whose count fits a byte, so that the compiler can
/// vectorize it.
pub(crate) fn count(bytes: &[u8], wanted: u8) -> usize {
    bytes
        .chunks(usize::from(u8::MAX))
        .map(|part| {
            let found: u8 = part.iter().map(|&byte| u8::from(byte == wanted)).sum();
            usize::from(found)
        })
        .sum()
}

/// The length of the common prefix of two texts.
#[inline]
pub(crate) fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    let mut at = 0;
    while let (Some(x), Some(y)) = (word(a, at), word(b, at)) {
        if x != y {
            return at + ((x ^ y).trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    loop {
        match (a.get(at), b.get(at)) {
            (Some(x), Some(y)) if x == y => at += 1,
            _ => return at,
        }
    }
}

/// Whether `len` bytes are the same at two offsets. For short lengths.
#[inline]
pub(crate) fn same(bytes: &[u8], a: usize, b: usize, len: usize) -> bool {
    let (mut a, mut b, mut left) = (a, b, len);
    while left > 0 {
        let (Some(x), Some(y)) = (word(bytes, a), word(bytes, b)) else {
            return bytes.get(a..a + left) == bytes.get(b..b + left);
        };
        if left < 8 {
            // Shifts out the bytes after them.
            return (x ^ y) << (64 - 8 * left) == 0;
        }
        if x != y {
            return false;
        }
        (a, b, left) = (a + 8, b + 8, left - 8);
    }
    true
}

/// Whether `text` begins with `start`. For a short `start`: unlike the standard one, it makes no call.
#[inline]
pub(crate) fn starts_with(text: &[u8], start: &[u8]) -> bool {
    let mut at = 0;
    while let Some(expected) = word(start, at) {
        if word(text, at) != Some(expected) {
            return false;
        }
        at += 8;
    }
    let rest = start.get(at..).unwrap_or_default();
    match word(text, at) {
        // Shifts out the bytes after the start.
        Some(word) if !rest.is_empty() => (word ^ partial_word(rest)) << (64 - 8 * rest.len()) == 0,
        _ => text.get(at..at + rest.len()) == Some(rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use alloc::vec::Vec;

    /// Every wanted byte is marked, and no other below the first of them.
    #[test]
    fn the_lowest_mark_is_right() {
        let marked = |word: u64, marks: u64| (marks & !word & HIGH).trailing_zeros() / 8;
        for byte in 0..=255_u8 {
            for other in 0..=255_u8 {
                let bytes = [other, other, other, byte, byte, other, byte, other];
                let word = u64::from_le_bytes(bytes);
                let first = |is: &dyn Fn(u8) -> bool| {
                    let first = bytes.iter().position(|&byte| is(byte));
                    u32::try_from(first.unwrap_or(8)).unwrap_or(8)
                };
                assert_eq!(marked(word, below(word, b'-')), first(&|byte| byte < b'-'));
                assert_eq!(marked(word, equal(word, 0x7F)), first(&|byte| byte == 0x7F));
                let brackets = equal_but(word, b'<', 2);
                let is_bracket = |byte| matches!(byte, b'<' | b'>');
                assert_eq!(marked(word, brackets), first(&is_bracket));
            }
        }
    }

    /// Places before, in and behind words, with one byte that differs or none.
    #[test]
    fn what_is_the_same_in_two_places_is() {
        for length in 0..40 {
            for differs in (0..length).map(Some).chain([None]) {
                for (a, gap) in [(0, 0), (3, 1), (9, 30)] {
                    let b = a + length + gap;
                    let mut bytes: Vec<u8> = (0..200).map(|at| b'A' + at % 3).collect();
                    for at in 0..length {
                        let byte = b'a' + u8::try_from(at).unwrap_or_default() % 26;
                        let other = u8::from(differs == Some(at));
                        for (place, byte) in [(a + at, byte), (b + at, byte + other)] {
                            if let Some(slot) = bytes.get_mut(place) {
                                *slot = byte;
                            }
                        }
                    }
                    assert_eq!(same(&bytes, a, b, length), differs.is_none());
                    bytes.truncate(b + length);
                    assert_eq!(same(&bytes, a, b, length), differs.is_none());
                }
            }
        }
    }

    /// Texts around the length of a word, with a byte to find at every place.
    #[test]
    fn the_first_wanted_byte_is_found() {
        for length in 0..20 {
            for place in 0..=length {
                for from in 0..=length {
                    let mut text = vec![b'x'; length];
                    if let Some(slot) = text.get_mut(place) {
                        *slot = b'=';
                    }
                    if let Some(slot) = text.get_mut(from) {
                        *slot = b'%';
                    }
                    let mut passed = Vec::new();
                    let marks = |word| below(word, b'-') | equal(word, b'=');
                    let found = find(&text, from, marks, |at, byte| {
                        passed.push(at);
                        byte == b'='
                    });
                    let expected = text.iter().skip(from).position(|&byte| byte == b'=');
                    assert_eq!(found, expected.map_or(length, |at| from + at));
                    assert!(from >= found || from >= length || passed.contains(&from));
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

    #[test]
    fn a_partial_word_has_zeros_behind_it() {
        for len in 0..8 {
            let text = b"ABCDEFGH".get(..len).unwrap_or_default();
            let mut expected = [0; 8];
            for (slot, &byte) in expected.iter_mut().zip(text) {
                *slot = byte;
            }
            assert_eq!(partial_word(text).to_le_bytes(), expected);
            let filled = (partial_word(text) | beyond(len)).to_le_bytes();
            assert_eq!(filled.get(..len), Some(text));
            assert!(filled.iter().skip(len).all(|&byte| byte == b'a'));
        }
    }

    #[test]
    fn a_range_of_ascii_is_marked_in_every_byte() {
        for first in 0..=0x7F_u8 {
            for last in [first, first.saturating_add(9).min(0x7F), 0x7F] {
                for byte in 0..=0x7F_u8 {
                    let word = u64::from_le_bytes([byte, first, 0, last, byte, 0x7F, byte, byte]);
                    for (marks, byte) in within(word, first, last)
                        .to_le_bytes()
                        .into_iter()
                        .zip(word.to_le_bytes())
                    {
                        assert_eq!(marks >= 0x80, (first..=last).contains(&byte), "{byte}");
                    }
                }
            }
        }
    }

    /// Places of all lengths, near the end and far from it, alike or with one byte changed.
    #[test]
    fn what_is_the_same_is_told() {
        for len in 0..20 {
            for behind in 0..10 {
                for changed in 0..=len {
                    let mut bytes = vec![b'#'; 2 * len + 1 + behind];
                    let (first, second) = bytes.split_at_mut(len + 1);
                    for (at, (a, b)) in first.iter_mut().zip(&mut *second).take(len).enumerate() {
                        *a = b'a';
                        *b = if at == changed { b'b' } else { b'a' };
                    }
                    assert_eq!(same(&bytes, 0, len + 1, len), changed == len);
                    let (start, text) = bytes.split_at(len + 1);
                    let start = start.get(..len).unwrap_or_default();
                    assert_eq!(starts_with(text, start), changed == len);
                }
            }
        }
        assert!(!starts_with(b"Tag", b"Tags"));
        assert!(!starts_with(b"TagSpecificati", b"TagSpecification"));
    }

    #[test]
    fn a_byte_is_counted() {
        for len in [0, 1, 254, 255, 256, 600] {
            let text = vec![b'&'; len];
            assert_eq!((count(&text, b'&'), count(&text, b'=')), (len, 0));
        }
    }
}
