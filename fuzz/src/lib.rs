//! The checks of the fuzz targets, as functions of the fuzzer's bytes.
//!
//! Each function panics if the codec breaks a promise on the given input, and returns otherwise. The
//! targets in `fuzz_targets/` pass libFuzzer's input to them. `tests/codec/fuzz_replay.rs` passes every
//! file of `corpus/`, so that `cargo test` covers everything that fuzzing has found.
//!
//! | target | input | what must hold |
//! |---|---|---|
//! | `*_decode` | a body | decoding ends with a value or an error; decoded values round-trip; a truncated body does not become another value |
//! | `*_encode` | [parts](parts::Parts) of a value | an encoded value decodes to itself |
//! | `*_generic` | a body, then [what to ask for](generic::Ask) | no order of requests breaks a decoder; an untyped value round-trips |
//! | `*_differential` | a body | another reader sees the same, or a [documented decision](differential) explains the difference |

pub mod dictionary;
pub mod differential;
mod envelope;
mod form;
pub mod generic;
pub mod parts;
mod xml;

pub use envelope::{envelope_decode, envelope_encode};
pub use form::{form_decode, form_encode, form_generic};
pub use xml::{xml_decode, xml_encode, xml_generic};

/// A function that checks the codec on some bytes.
pub type Target = fn(&[u8]);

/// Every target, under the name of its corpus and of its binary.
pub const TARGETS: &[(&str, Target)] = &[
    ("envelope_decode", envelope_decode),
    ("envelope_encode", envelope_encode),
    ("form_decode", form_decode),
    ("form_differential", form_differential),
    ("form_encode", form_encode),
    ("form_generic", form_generic),
    ("xml_decode", xml_decode),
    ("xml_differential", xml_differential),
    ("xml_encode", xml_encode),
    ("xml_generic", xml_generic),
];

/// Compares the reading of requests with `serde_urlencoded`. See [`differential::form`].
///
/// # Panics
///
/// If the two differ and no documented decision explains it.
pub fn form_differential(data: &[u8]) {
    if let Err(difference) = differential::form::check(data) {
        panic!("{difference}");
    }
}

/// Compares the reading of documents with `quick_xml`. See [`differential::xml`].
///
/// # Panics
///
/// If the two differ and no documented decision explains it.
pub fn xml_differential(data: &[u8]) {
    if let Err(difference) = differential::xml::check(data) {
        panic!("{difference}");
    }
}

/// The offsets at which to truncate an input of `len` bytes; all of them if it is short.
fn cuts(len: usize) -> impl Iterator<Item = usize> {
    // Truncating at each of `len` offsets takes quadratic time.
    const WHOLE: usize = 64;
    let step = (len / WHOLE).max(1);
    (0..len).filter(move |at| at % step == 0 || at + WHOLE / 4 > len)
}
