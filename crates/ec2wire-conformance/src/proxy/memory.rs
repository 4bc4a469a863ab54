//! The memory for what is kept of all connections together.

use crate::wire::Exchange;
use std::mem;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many bytes may still be kept.
#[derive(Debug, Clone)]
pub(super) struct Memory(pub(super) Arc<AtomicUsize>);

/// Bytes of the memory that are taken, until this is dropped.
#[derive(Debug)]
pub(super) struct Share {
    memory: Memory,
    taken: usize,
}

/// An exchange that was passed on. What is kept of it takes memory until this is dropped.
#[derive(Debug)]
pub struct Passed {
    /// The exchange.
    pub exchange: Exchange,
    #[expect(dead_code, reason = "it gives the memory back when it is dropped")]
    pub(super) share: Share,
}

impl Memory {
    pub(super) fn new(bytes: usize) -> Self {
        Self(Arc::new(AtomicUsize::new(bytes)))
    }

    /// A share that has nothing so far.
    pub(super) fn share(&self) -> Share {
        Share {
            memory: self.clone(),
            taken: 0,
        }
    }
}

impl Share {
    /// Takes that many bytes more. Returns whether there was memory for all of them.
    pub(super) fn take(&mut self, bytes: usize) -> bool {
        let less = |left: usize| left.checked_sub(bytes);
        let left = &self.memory.0;
        let is_taken = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        self.taken += if is_taken.is_ok() { bytes } else { 0 };
        is_taken.is_ok()
    }

    /// Both as one.
    pub(super) fn with(mut self, mut other: Self) -> Self {
        self.taken += mem::take(&mut other.taken);
        self
    }

    /// What was taken so far; nothing is left here.
    pub(super) fn split_off(&mut self) -> Self {
        let rest = self.memory.share();
        mem::replace(self, rest)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.memory.0.fetch_add(self.taken, Ordering::Relaxed);
    }
}

impl Deref for Passed {
    type Target = Exchange;

    fn deref(&self) -> &Exchange {
        &self.exchange
    }
}
