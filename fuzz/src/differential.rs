//! Compares the decoders with other readers of the same bytes.
//!
//! Each difference must be documented by a row of the rustdoc tables "What is read" in
//! [`ec2wire::form`] and [`ec2wire::xml`]. A [`Decision`] is such a row, with its own check whether
//! the row applies to an input. The check is independent of what the codec did, so it works both ways:
//! the codec must refuse what a row refuses, with an error of the row's kind, and must accept
//! everything else.

pub mod form;
pub mod tree;
pub mod xml;

use ec2wire::ErrorKind;
use std::fmt::Debug;

/// A documented reason for the codec to refuse what another reader accepts.
pub struct Decision<F: 'static> {
    /// The first cell of the row.
    pub row: &'static str,
    /// Whether the row applies to an input, given the facts about it.
    due: fn(&F) -> bool,
    /// Whether the row names the error's kind.
    kind: fn(&ErrorKind, &F) -> bool,
    /// An input to which this row applies and no other.
    pub example: &'static [u8],
}

/// How two readings compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The readings are the same.
    Same,
    /// The codec refuses the input, as this row documents.
    Decided(&'static str),
}

/// Compares the codec's reading of an input with the expected one.
fn judge<F, T: PartialEq + Debug>(
    decisions: &[Decision<F>],
    facts: &F,
    ours: &Result<T, ErrorKind>,
    theirs: Option<&T>,
) -> Result<Verdict, String> {
    let mut due = decisions.iter().filter(|decision| (decision.due)(facts));
    match ours {
        Ok(ours) => match due.next() {
            Some(decision) => Err(format!(
                "accepted, but the row `{}` refuses it: {ours:?}",
                decision.row
            )),
            None if Some(ours) == theirs => Ok(Verdict::Same),
            None => Err(format!("read as {ours:?}\n expected {theirs:?}")),
        },
        Err(kind) => match due.find(|decision| (decision.kind)(kind, facts)) {
            Some(decision) => Ok(Verdict::Decided(decision.row)),
            None => Err(format!("refused, but no row documents it: {kind:?}")),
        },
    }
}
