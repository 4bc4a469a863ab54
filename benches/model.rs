//! The time to read the embedded service model, and to look things up in it.
//!
//! ```text
//! cargo bench --bench model
//! ```
//!
//! A process reads the model only once. So each measurement starts this program as a new process, which
//! reports the duration of its first call.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench fails by panicking, and prints"
)]

use criterion::Criterion;
use ec2wire_model::Model;
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

/// Set for the process that only reads the model.
const READ_ONCE: &str = "EC2WIRE_BENCH_READ_ONCE";

fn main() {
    if std::env::var_os(READ_ONCE).is_some() {
        let start = Instant::now();
        black_box(Model::ec2());
        println!("{}", start.elapsed().as_nanos());
        return;
    }
    let mut criterion = Criterion::default()
        .without_plots()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(2))
        .sample_size(20)
        .configure_from_args();
    let mut group = criterion.benchmark_group("model");
    group.bench_function("load", |bencher| {
        bencher.iter_custom(|calls| (0..calls).map(|_| first_call()).sum());
    });
    let model = Model::ec2();
    let names: Vec<&str> = model.operations().map(|action| action.name()).collect();
    let mut names = names.iter().cycle();
    group.bench_function("operation by name", |bencher| {
        bencher.iter(|| model.operation(black_box(names.next().unwrap())).unwrap());
    });
    group.finish();
    criterion.final_summary();
}

/// How long a new process takes to read the model.
fn first_call() -> Duration {
    let this = std::env::current_exe().unwrap();
    let output = Command::new(this).env(READ_ONCE, "1").output().unwrap();
    let nanoseconds = String::from_utf8(output.stdout).unwrap();
    Duration::from_nanos(nanoseconds.trim().parse().unwrap())
}
