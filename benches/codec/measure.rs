//! Time and allocations per call.
//!
//! Other work on the machine disturbs a measurement for longer than a call takes. So contenders take
//! turns in short slices over many rounds, and each one's best slice counts.

use ec2wire_test_support::allocations::counted;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long to measure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) rounds: u32,
    pub(crate) slice: Duration,
}

impl Effort {
    pub(crate) const FULL: Self = Self {
        rounds: 100,
        slice: Duration::from_micros(1_500),
    };
    pub(crate) const QUICK: Self = Self {
        rounds: 60,
        slice: Duration::from_micros(500),
    };
}

/// One way to do a case's operation.
pub(crate) struct Contender {
    pub(crate) name: String,
    run: Box<dyn FnMut(u64)>,
}

/// The measurement of a contender.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figures {
    /// Nanoseconds per call, including the drop of its result.
    pub(crate) nanos: f64,
    /// Allocations and reallocations per call.
    pub(crate) allocations: u64,
}

impl Contender {
    /// `check` panics unless the call's result is correct: only contenders that do the work are timed.
    pub(crate) fn new<I: ?Sized, T>(
        name: impl Into<String>,
        input: &'static I,
        mut call: impl FnMut(&'static I) -> T + 'static,
        check: impl FnOnce(T),
    ) -> Self {
        check(call(input));
        // The loop is inside the box, so that the calls avoid the indirection.
        let run = move |calls| {
            for _ in 0..calls {
                black_box(call(black_box(input)));
            }
        };
        Self {
            name: name.into(),
            run: Box::new(run),
        }
    }

    pub(crate) fn time(&mut self, calls: u64) -> Duration {
        let start = Instant::now();
        (self.run)(calls);
        start.elapsed()
    }

    /// The allocations of one call after a warm-up call.
    pub(crate) fn allocations(&mut self) -> u64 {
        (self.run)(1);
        counted(|| (self.run)(1)).1
    }

    /// The number of calls per slice.
    fn calls(&mut self, slice: Duration) -> u64 {
        let mut calls = 1_u64;
        loop {
            let took = self.time(calls);
            if took >= slice / 4 {
                let wanted = slice.as_secs_f64() / took.as_secs_f64();
                return times(calls, wanted);
            }
            calls *= 2;
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number of calls need not be exact"
)]
fn times(calls: u64, factor: f64) -> u64 {
    ((calls as f64 * factor) as u64).max(1)
}

/// Measures the contenders in turn.
pub(crate) fn measure(contenders: &mut [Contender], effort: Effort) -> Vec<Figures> {
    let calls: Vec<u64> = contenders
        .iter_mut()
        .map(|contender| contender.calls(effort.slice))
        .collect();
    let mut best = vec![f64::INFINITY; contenders.len()];
    for _ in 0..effort.rounds {
        for ((contender, calls), best) in contenders.iter_mut().zip(&calls).zip(&mut best) {
            *best = best.min(nanos_a_call(contender.time(*calls), *calls));
        }
    }
    contenders
        .iter_mut()
        .zip(best)
        .map(|(contender, nanos)| Figures {
            nanos,
            allocations: contender.allocations(),
        })
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn nanos_a_call(took: Duration, calls: u64) -> f64 {
    took.as_secs_f64() * 1e9 / calls as f64
}
