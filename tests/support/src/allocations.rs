//! Counts allocations, in programs that install [`alloc_tracker::Allocator`].

use alloc_tracker::Session;

/// Returns the call's result, and its allocations and reallocations on this thread.
pub fn counted<T>(call: impl FnOnce() -> T) -> (T, u64) {
    let session = Session::new().no_stdout().no_file();
    let operation = session.operation("call");
    let span = operation.measure_thread();
    let value = call();
    drop(span.iterations(1));
    let report = session.to_report();
    let counts = report
        .operations()
        .map(|(_, operation)| operation.total_allocations_count());
    (value, counts.sum())
}
