#![doc = include_str!("../README.md")]
//!
//! # Where to begin
//!
//! What a server must do is data: [`Requirement`]s say what EC2 does and on what evidence,
//! [`Case`]s say what to send and which answers are legal. [`Catalogue`] holds both,
//! [`run`](runner::run) sends the cases to a [`subject`], and every report is rendered from the
//! resulting [`record`].
//!
//! The referee reads the answers with quick-xml rather than this project's codec: a parser
//! cannot prove itself right.

#![forbid(unsafe_code)]

pub mod generate;
pub mod laws;
pub mod lint;
pub mod proxy;
pub mod report;
pub mod runner;
#[cfg(feature = "schema")]
pub mod schema;
pub mod self_test;
pub mod subject;

pub use ec2wire_inspect::catalogue::mentions::Mentions;
pub use ec2wire_inspect::{
    Case, CaseRecord, Catalogue, CatalogueError, Evidence, Exchange, Inspector, Level, Phase,
    Request, Requirement, Response, RunRecord, Selection, Signing, Step, Summary, Verdict,
};
pub use ec2wire_inspect::{catalogue, format, inspect, record};

use ec2wire_inspect::{explain, judge, text, wire};
