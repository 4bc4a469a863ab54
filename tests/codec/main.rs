//! The suites of the codec and of the codec for any action.
//!
//! They are one program, which is linked once and reads the service model once. A suite that needs its
//! own process is a separate program next to this folder.

mod buffers;
mod captures;
mod common;
mod differential;
mod drift;
mod errors;
mod fuzz_replay;
mod golden;
mod linear;
mod model;
mod over_http;
mod own_types;
mod properties;
mod protocol;
mod rustdoc;
mod shapes;
mod strictness;
