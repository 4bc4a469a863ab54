//! The reference endpoint, action by action and over HTTP.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod areas;
mod describing;
mod dispatch;
mod dry_run;
mod forms;
mod http;
mod ipams;
mod lifecycle;
mod policies;
mod sabotage;
mod tokens;
