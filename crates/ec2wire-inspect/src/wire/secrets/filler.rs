//! What replaces a secret.

/// Replaces a header's secret.
pub const REDACTED: &str = "<redacted>";

/// Replaces a secret in a body, repeated or cut to its length.
const FILLER: &[u8] = b"redacted";

/// The replacement for a secret of that many bytes.
pub fn filler(length: usize) -> Vec<u8> {
    FILLER.iter().copied().cycle().take(length).collect()
}

/// Whether a text replaces a secret. A very short one is not recognized.
pub fn is_filler(text: &str) -> bool {
    text == REDACTED || text.len() >= FILLER.len() && text.as_bytes() == filler(text.len())
}
