#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod boto3;
mod closest;
mod contract;
pub mod drift;
mod error;
mod model;
mod pack;
pub mod protocol_tests;
mod resource;
mod schema;
mod service;
mod timestamp;
mod validate;
mod value;

pub use closest::{closest, similar};
pub use error::Error;
pub use model::{Kind, Member, Model, Operation, Shape, TimestampFormat, Wire};
pub use pack::Packed;
pub use resource::{
    Act, Codes, Digits, Documentation, Evidence, Fact, Filter, Id, Join, Joined, Keeper, Link,
    Listing, Make, Need, Pages, Path, Resource, Shown, Source, States, Unique,
};
pub use schema::Seed;
pub use timestamp::{Timestamp, TimestampError};
pub use validate::{Measure, Violation, ViolationKind};
pub use value::{Structure, Value};
