#![doc = include_str!("../README.md")]
//!
//! # Where to begin
//!
//! Everything that is asked of a server is data: [`Requirement`]s say what EC2 does and on what
//! evidence, [`Case`]s say what to send and which answers are legal. [`Catalogue`] holds both,
//! [`run`](runner::run) sends the cases to a [`subject`], and the outcome is a
//! [`record`] of lines that every report is rendered from.
//!
//! The answers are read by the [`referee`], which uses quick-xml and not this project's codec:
//! judging with one's own parser would prove nothing.

#![forbid(unsafe_code)]

mod answers;
mod body;
pub mod case;
pub mod catalogue;
mod check;
mod client;
pub mod expectation;
pub mod generate;
mod http1;
pub mod inspect;
mod judge;
pub mod known;
pub mod laws;
mod likeness;
pub mod lint;
mod mentions;
mod place;
pub mod proxy;
pub mod record;
pub mod referee;
pub mod report;
pub mod requirement;
pub mod runner;
pub mod schema;
pub mod self_test;
pub mod shard;
pub mod subject;
mod template;

pub use case::{Case, Phase, Step};
pub use catalogue::{Catalogue, CatalogueError, Selection};
pub use ec2wire::contract::Level;
pub use mentions::Mentions;
pub use record::{CaseRecord, RunRecord, Summary, Verdict};
pub use requirement::{Evidence, Requirement};
