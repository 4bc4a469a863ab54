//! Damages well-formed bodies.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// The syntax of forms.
pub(crate) const FORM: &str = "&&==..%%+1Tag";

/// The syntax of markup.
pub(crate) const XML: &str = "<</>&;]]>![CDATA[--?#x'\"=";

/// One change: removes some bytes at an offset and inserts others.
#[derive(Debug, Clone)]
pub(crate) struct Damage {
    at: Index,
    removed: usize,
    added: Vec<u8>,
}

/// A few changes, which mostly insert bytes of `syntax`.
pub(crate) fn damage(syntax: &'static str) -> impl Strategy<Value = Vec<Damage>> {
    let added = prop_oneof![4 => select(syntax.as_bytes()), 1 => any::<u8>()];
    let one = (any::<Index>(), 0..3_usize, vec(added, 0..4));
    vec(
        one.prop_map(|(at, removed, added)| Damage { at, removed, added }),
        1..4,
    )
}

pub(crate) fn damaged(body: String, damage: &[Damage]) -> Vec<u8> {
    let mut bytes = body.into_bytes();
    for Damage { at, removed, added } in damage {
        let start = at.index(bytes.len() + 1);
        let end = (start + removed).min(bytes.len());
        bytes.splice(start..end, added.iter().copied());
    }
    bytes
}
