//! Helpers that several test binaries and benches of the workspace share.
//!
//! A helper for a single binary is a module of that binary instead.

pub mod allocations;
mod blob;
pub mod loader;
pub mod snapshots;

pub use blob::Blob;
