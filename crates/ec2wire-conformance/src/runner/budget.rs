//! How much of its messages a run keeps, so that its memory and its record have a bound.

use crate::record::Message;
use std::cell::Cell;

/// The most that is kept of each part of a message, in bytes.
const MUCH: usize = 256 << 10;
/// The same once the budget is used up. Ordinary messages are shorter than this.
const LITTLE: usize = 4 << 10;
/// How much of the messages of a run is kept, in bytes. Those of all cases together usually take a tenth.
const BUDGET: usize = 64 << 20;

/// How many bytes of messages may still be kept.
pub(super) struct MessageBudget(Cell<usize>);

impl Default for MessageBudget {
    fn default() -> Self {
        Self(Cell::new(BUDGET))
    }
}

impl MessageBudget {
    /// The message as far as it is kept; one that is not whole says so.
    pub(super) fn kept(&self, mut message: Message) -> Message {
        let left = self.0.get();
        message.shorten(if left > 0 { MUCH } else { LITTLE });
        self.0.set(left.saturating_sub(message.size()));
        message
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_keeps_little_once_it_kept_much() {
        let budget = MessageBudget::default();
        let mut size = 0;
        let mut kept = Vec::new();
        for _ in 0..1000 {
            let message = budget.kept(Message {
                body: "x".repeat(1 << 20),
                ..Message::default()
            });
            assert!(message.cut);
            size += message.size();
            kept.push(message.body.len());
        }
        assert_eq!((kept.first(), kept.last()), (Some(&MUCH), Some(&LITTLE)));
        assert!(size < BUDGET + MUCH + 1000 * LITTLE, "{size}");
    }
}
