//! Names of elements and attributes.

use super::escape::is_legal;
use crate::swar::{ByteClass, byte_class};

/// The name of a list's entries.
pub(super) const ITEM: &str = "item";

/// Whether the text can name an element.
pub(super) fn is_name(name: &str) -> bool {
    if name.bytes().all(|byte| PLAIN_NAME_BYTES.has(byte)) {
        return name.bytes().next().is_some_and(begins_name);
    }
    let is_part = |part: &str| {
        part.bytes().next().is_some_and(begins_name)
            && part.bytes().all(|byte| is_name_byte(byte) && byte != b':')
            && part.chars().all(is_legal)
    };
    match name.split_once(':') {
        Some((prefix, local)) => is_part(prefix) && is_part(local),
        None => is_part(name),
    }
}

/// Name characters; XML's finer distinctions beyond ASCII play no part in AWS's documents.
pub(crate) const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b':') || byte >= 0x80
}

/// Whether the byte can stand in a name without a prefix.
const fn is_plain_name_byte(byte: u8) -> bool {
    byte.is_ascii() && is_name_byte(byte) && byte != b':'
}

pub(super) static PLAIN_NAME_BYTES: ByteClass = byte_class!(is_plain_name_byte);

const fn begins_name(byte: u8) -> bool {
    is_name_byte(byte) && !matches!(byte, b'0'..=b'9' | b'-' | b'.')
}
