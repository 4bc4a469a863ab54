//! The codec and its peers, in one run on the same bytes.
//!
//! `cargo bench` measures all of [`cases`] and prints a table of ratios, with the targets at its
//! end. `cargo bench -- --quick` is faster and less precise; `cargo bench -- xml-decode` measures
//! only some cases. Criterion tracks the codec's own figures from run to run. Each contender's result
//! is checked before it is timed, and `cargo test --benches` only checks.

#![expect(clippy::unwrap_used, reason = "a bench fails by panicking")]

mod cases;
mod input;
mod measure;
mod model;
mod ours;
mod peers;
mod table;

use cases::Case;
use criterion::{Criterion, Throughput};
use measure::Effort;
use std::time::Duration;
use table::Table;

/// Its thread-local counters cost every contender about a nanosecond per allocation.
#[global_allocator]
static ALLOCATOR: alloc_tracker::Allocator<std::alloc::System> = alloc_tracker::Allocator::system();

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);

    let mut cases = cases::all();
    // Any other argument filters the cases by name, for criterion too.
    let is_named = |case: &Case| {
        let id = case.id();
        arguments
            .iter()
            .any(|argument| id.contains(argument.as_str()) || argument.starts_with(&id))
    };
    let is_filtered = cases.iter().any(is_named);
    if is_filtered {
        cases.retain(is_named);
    }

    let mut criterion = Criterion::default()
        .without_plots()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(800))
        .sample_size(20)
        .configure_from_args();
    for case in &cases {
        follow(&mut criterion, case);
    }
    criterion.final_summary();
    let mut growths = if is_filtered {
        Vec::new()
    } else {
        cases::growths()
    };

    // The same rule as criterion's: without `--bench`, cargo runs a test.
    if !has("--bench") || has("--test") || has("--list") {
        return;
    }
    let effort = if has("--quick") {
        Effort::QUICK
    } else {
        Effort::FULL
    };
    let mut table = Table::new(effort);
    for case in &cases {
        table.case(case, &mut case.build());
    }
    table.growth(&mut growths);
    table.targets();
}

/// Passes the codec's own contenders of a case to criterion.
fn follow(criterion: &mut Criterion, case: &Case) {
    let built = case.build();
    let mut group = criterion.benchmark_group(case.id());
    group.throughput(Throughput::Bytes(built.bytes as u64));
    for mut contender in built
        .contenders
        .into_iter()
        .take(case.operation.ways().len())
    {
        group.bench_function(contender.name.clone(), |bencher| {
            bencher.iter_custom(|calls| contender.time(calls));
        });
    }
    group.finish();
}
