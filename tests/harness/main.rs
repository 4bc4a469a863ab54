//! The suites of the harness: the cases, the runner, the judge of clients, and the reports.

mod browser;
mod case_files;
mod cassettes;
mod causes;
mod clients;
mod common;
mod contract;
mod docs;
mod exchanges;
mod generated;
mod halves;
mod laws;
mod layout;
mod lint;
mod matrix;
mod proxy;
mod reports;
mod running;
mod secrets;
mod self_test;
