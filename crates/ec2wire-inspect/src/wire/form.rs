//! A form split into pairs, with their places.
//!
//! This is not the codec's decoder: a body is judged by an independent reading, not by the code
//! that this project writes bodies with. The `percent-encoding` crate decodes the escapes.

use crate::record::Spot;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};
use std::ops::Range;

/// A pair of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The decoded key; bytes that are not UTF-8 are replaced.
    pub key: String,
    /// The decoded value, likewise.
    pub value: String,
    /// The place of the key, in bytes.
    pub key_span: Range<usize>,
    /// The place of the value, in bytes; empty, after the key, if there is no `=`.
    pub value_span: Range<usize>,
    /// Whether there is a `=`.
    pub has_equals: bool,
}

impl Pair {
    /// The place of the pair, in bytes.
    pub fn span(&self) -> Range<usize> {
        self.key_span.start..self.value_span.end
    }
}

/// The pairs of a form, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters {
    /// The pairs; the empty text between two `&` is not one.
    pub pairs: Vec<Pair>,
    /// The places of empty texts: between two `&`, or at either end.
    pub empty: Vec<Range<usize>>,
}

impl Parameters {
    /// Splits a form. Damage stays in the pairs as it is.
    pub fn read(form: &[u8]) -> Self {
        let mut read = Self::default();
        if form.is_empty() {
            return read;
        }
        let mut start = 0;
        for piece in form.split(|&byte| byte == b'&') {
            let end = start + piece.len();
            if piece.is_empty() {
                // Point at the `&` itself.
                let at = start.min(form.len().saturating_sub(1));
                read.empty.push(at..at + 1);
            } else {
                let equals = piece.iter().position(|&byte| byte == b'=');
                let key_end = start + equals.unwrap_or(piece.len());
                let value_start = equals.map_or(end, |_| key_end + 1);
                let text = |range: Range<usize>| decoded(form.get(range).unwrap_or_default());
                read.pairs.push(Pair {
                    key: text(start..key_end),
                    value: text(value_start..end),
                    key_span: start..key_end,
                    value_span: value_start..end,
                    has_equals: equals.is_some(),
                });
            }
            start = end + 1;
        }
        read
    }

    /// The value of the first pair with that key.
    pub fn first(&self, key: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|pair| pair.key == key)
            .map(|pair| pair.value.as_str())
    }
}

/// Decodes a text; a plus becomes a space.
fn decoded(bytes: &[u8]) -> String {
    let spaced: Vec<u8> = bytes
        .iter()
        .map(|&byte| if byte == b'+' { b' ' } else { byte })
        .collect();
    percent_decode(&spaced).decode_utf8_lossy().into_owned()
}

/// The part of a request that contains a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormPart {
    /// The body.
    Body,
    /// The query of the target, which begins at that byte of the target.
    Query(usize),
}

impl FormPart {
    /// The place in the request of a range of the form's bytes.
    pub fn spot(self, range: Range<usize>) -> Spot {
        match self {
            Self::Body => Spot::Body(range),
            Self::Query(start) => Spot::Target(start + range.start..start + range.end),
        }
    }
}

/// The characters that RFC 3986 leaves unescaped.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The text, percent-encoded as signatures require.
pub fn escaped(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}
