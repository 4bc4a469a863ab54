#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]
#![warn(clippy::missing_errors_doc)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[macro_use]
mod string_enum;
#[macro_use]
mod unsupported;

pub mod contract;
pub mod envelope;
mod error;
pub mod form;
pub mod ipam;
mod limits;
mod operation;
mod output;
mod resource_type;
mod scalar;
mod swar;
mod tag;
mod text;
pub mod xml;

pub use envelope::{Fault, FaultEntry, Reply, Success};
pub use error::{Error, ErrorKind, Limit, Result};
pub use limits::Limits;
pub use operation::{EC2_VERSION, Operation};
pub use resource_type::ResourceType;
pub use tag::{Tag, TagSpecification};
pub use text::Text;
