//! What differs between two answers with the same mistake: request ids, the ids of what was made,
//! times and ports.

use regex_lite::{Captures, Regex};
use std::sync::LazyLock;

/// Patterns, and what stands in the place of what they match. A test checks that each compiles.
const VARYING: [(&str, &str); 5] = [
    (
        r"\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})?",
        "(time)",
    ),
    (
        r"\b([A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2}( [A-Z]{3})?",
        "(time)",
    ),
    (
        r"(\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}|\blocalhost|\]):\d{1,5}\b",
        "$1:(port)",
    ),
    (r"\bport \d{1,5}\b", "port (port)"),
    // A list of them is as long as what other cases left.
    (
        r"\b((?:[a-z]+-)+)[0-9a-f]{8}(?:[0-9a-f]{9})?\b(?:, (?:[a-z]+-)+[0-9a-f]{8}(?:[0-9a-f]{9})?\b)*",
        "$1#",
    ),
];

/// A word that may be a request id, if it has letters and digits.
const LONG_WORD: &str = r"\b[0-9A-Za-z]{20,}\b";

static MASKS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let compiled = VARYING.iter();
    let compiled = compiled.filter_map(|(pattern, mask)| Some((Regex::new(pattern).ok()?, *mask)));
    compiled.collect()
});
static WORDS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(LONG_WORD).ok());

/// The text with marks in the place of what varies.
pub(super) fn masked(text: &str) -> String {
    let mut masked = text.to_owned();
    for (pattern, mask) in MASKS.iter() {
        masked = pattern.replace_all(&masked, *mask).into_owned();
    }
    if let Some(words) = &*WORDS {
        let mask = |found: &Captures<'_>| {
            let word = found.get(0).map_or("", |word| word.as_str());
            let has = |is: fn(&char) -> bool| word.chars().any(|c| is(&c));
            if has(char::is_ascii_digit) && has(char::is_ascii_alphabetic) {
                "#".to_owned()
            } else {
                word.to_owned()
            }
        };
        masked = words.replace_all(&masked, mask).into_owned();
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        assert_eq!(MASKS.len(), VARYING.len());
        assert!(WORDS.is_some());
    }

    #[test]
    fn what_varies_is_masked_and_nothing_else() {
        for (one, other) in [
            (
                "@header:x-amzn-requestid is \"VA0ZNPtuCunNVNIrq3CLMNxYlTGVD5BRF7TS18EPgSW9jCOKplsr\"",
                "@header:x-amzn-requestid is \"mSFrum9zRGnmFb4KIo467YHs10bHAQN7Jr6me6SzQoJ6zAIaNnjK\"",
            ),
            (
                "lists vol-26dd5ce071b22dc66, vol-468348a0e504d1909",
                "lists vol-abcdefab",
            ),
            (
                "at 2026-11-29T11:18:25.107Z",
                "at 2025-01-01T00:00:00+00:00",
            ),
            (
                "date: Sun, 29 Nov 2026 11:18:25 GMT",
                "date: Mon, 30 Nov 2026 01:00:00 GMT",
            ),
            ("http://127.0.0.1:5093/", "http://127.0.0.1:80/"),
            ("[::1]:5093 and port 5093", "[::1]:443 and port 443"),
        ] {
            assert_eq!(masked(one), masked(other));
            assert_ne!(masked(one), one);
        }
        for kept in [
            "status 400, code InvalidParameterValue",
            "us-east-1:12 of 2016-11-15",
            "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
            "expected 5000 characters",
        ] {
            assert_eq!(masked(kept), kept);
        }
    }
}
