//! The endpoint: what answers requests, with HTTP around it and without.
//!
//! - `world` answers a request; `actions/` does what each action asks, on the `state` of the account
//!   and Region that `area` finds out.
//! - `engine/` serves every resource of the table in one way, with what `families/` add to it, from
//!   what exists in the `store/`.
//! - `endpoint` serves a world over HTTP, and `delivery` hands its answers to hyper.
//! - `saved` writes a world to a file and reads it.
//! - `control` does what a test asks of the endpoint itself.
//! - `fault` has the codes and texts of EC2's errors.
//! - `bare` reads lists that are written without an index.
//! - `hooks` are the places where the honest endpoint can be changed; `sabotage/` has the faults
//!   and variants that change it.

mod actions;
mod area;
mod bare;
mod config;
mod control;
mod delivery;
mod endpoint;
mod engine;
mod families;
mod fault;
mod hooks;
mod message;
pub(crate) mod sabotage;
mod saved;
mod state;
mod store;
mod tokens;
mod world;

pub use config::Config;
pub use endpoint::Endpoint;
pub use message::{Request, Response};
pub use saved::LoadError;
pub use world::World;
