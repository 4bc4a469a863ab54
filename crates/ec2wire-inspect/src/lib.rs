#![doc = include_str!("../README.md")]
//!
//! # Parts
//!
//! The modules are layered; each imports only from the layers below:
//!
//! | layer | modules |
//! |---|---|
//! | 5 | [`inspect`] |
//! | 4 | [`catalogue`], [`judge`], [`explain`] |
//! | 3 | [`wire`] |
//! | 2 | [`record`] |
//! | 1 | [`mod@format`], [`text`] |

#![forbid(unsafe_code)]

pub mod catalogue;
#[doc(hidden)]
pub mod explain;
pub mod format;
pub mod inspect;
#[doc(hidden)]
pub mod judge;
pub mod record;
#[doc(hidden)]
pub mod text;
pub mod wire;

#[cfg(feature = "harness")]
pub use catalogue::Selection;
pub use catalogue::{Catalogue, CatalogueError};
pub use ec2wire::contract::Level;
pub use format::case::{Case, Phase, Step};
pub use format::requirement::{Evidence, Requirement};
pub use inspect::{Exchange, Inspector, Request, Response, Signing};
pub use record::{CaseRecord, RunRecord, Summary, Verdict};
