//! The reference endpoint, action by action and over HTTP.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod describing;
mod dry_run;
mod http;
mod ipams;
mod lifecycle;
mod policies;
mod protocol;
mod requests;
mod sabotage;
mod tokens;
