//! The decoders against other readers of the same bytes.
//!
//! Where the two differ, a row of the rustdoc tables must say so: "What is read" of
//! [`ec2wire::form`] and [`ec2wire::xml`]. A [`Decision`] is such a row, with a look of its own
//! at the input that tells whether the row is about it. The look knows nothing of what the codec
//! did, so it works both ways: the codec must refuse what a row refuses, with an error of the
//! row's kind, and must accept all else.

pub mod form;
pub mod tree;
pub mod xml;

use ec2wire::ErrorKind;
use std::fmt::Debug;

/// A documented reason for the codec to refuse what another reader takes.
pub struct Decision<F: 'static> {
    /// The first cell of the row.
    pub row: &'static str,
    /// Whether the row is about an input, by the facts about it.
    due: fn(&F) -> bool,
    /// Whether the error is of a kind that the row names.
    kind: fn(&ErrorKind, &F) -> bool,
    /// An input that the row is about, and nothing else is wrong with.
    pub example: &'static [u8],
}

/// How two readings compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// They are the same.
    Same,
    /// The codec refuses the input, as this row says.
    Decided(&'static str),
}

/// Compares what the codec made of an input with what it is due to make of it.
fn judge<F, T: PartialEq + Debug>(
    decisions: &[Decision<F>],
    facts: &F,
    ours: &Result<T, ErrorKind>,
    theirs: Option<&T>,
) -> Result<Verdict, String> {
    let mut due = decisions.iter().filter(|decision| (decision.due)(facts));
    match ours {
        Ok(ours) => match due.next() {
            Some(decision) => Err(format!("accepted in spite of `{}`: {ours:?}", decision.row)),
            None if Some(ours) == theirs => Ok(Verdict::Same),
            None => Err(format!("read as {ours:?}\n   and not {theirs:?}")),
        },
        Err(kind) => match due.find(|decision| (decision.kind)(kind, facts)) {
            Some(decision) => Ok(Verdict::Decided(decision.row)),
            None => Err(format!("refused, which no row says: {kind:?}")),
        },
    }
}
