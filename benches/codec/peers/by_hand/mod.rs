//! The same work without serde, written by hand for these types. It is a lower bound for the codec and
//! shows what the serde interface costs. Each module says what it leaves out.

pub(crate) mod form;
pub(crate) mod xml;

const ONES: u64 = u64::MAX / 0xFF;
const HIGH: u64 = ONES << 7;

/// Sets the high bit of each byte of the word that equals `byte`. Bytes after the first match may have
/// it set by mistake.
fn equal(word: u64, byte: u8) -> u64 {
    let differ = word ^ (ONES * u64::from(byte));
    differ.wrapping_sub(ONES) & !differ & HIGH
}

/// As [`equal`], for bytes below `bound`, which is at most 128.
fn below(word: u64, bound: u8) -> u64 {
    word.wrapping_sub(ONES * u64::from(bound)) & !word & HIGH
}

/// The offset of the first byte that `stop` marks, eight bytes at a time.
fn find(bytes: &[u8], stop: impl Fn(u64) -> u64) -> Option<usize> {
    let first = |word: &[u8; 8]| {
        let marks = stop(u64::from_le_bytes(*word));
        (marks != 0).then(|| marks.trailing_zeros() as usize / 8)
    };
    let (words, _) = bytes.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        if let Some(offset) = first(word) {
            return Some(at * 8 + offset);
        }
    }
    match bytes.last_chunk() {
        // The last word overlaps with bytes that were searched without a match.
        Some(last) => Some(bytes.len() - 8 + first(last)?),
        None => bytes.iter().position(|byte| first(&[*byte; 8]).is_some()),
    }
}

/// Fills a member that must not be repeated.
fn put<T>(slot: &mut Option<T>, value: Option<T>) -> Option<()> {
    if slot.is_some() {
        return None;
    }
    *slot = Some(value?);
    Some(())
}
