//! Deliberate faults, and variants that are not faults.
//!
//! A harness that has only met correct servers proves little. So the reference endpoint can be
//! made wrong in one way at a time, or different in a way that EC2's documentation leaves open:
//!
//! - [`faults`] are single mistakes of a server. Most were made by a real one. A harness must find
//!   each.
//! - [`variants`] are answers that EC2 might give as well. A harness must blame none.
//!
//! [`world_faults`] and [`world_variants`] are the same for what the endpoint does with each resource
//! of the table: what is listed, filtered, tagged, changed and ended.
//!
//! `client_faults` and `client_variants` are the same for the reference client, with the feature
//! `client`.
//!
//! All of them are rows of tables: a name, a summary, and a change at one of a few places between
//! a request and its answer.
//!
//! ```
//! use ec2wire_reference::sabotage;
//! use ec2wire_reference::{Config, Request, World};
//!
//! let quirk = sabotage::fault("dry-run-ignored")?;
//! let ipam_ids = vec!["ipam-1".into()];
//! let world = World::new(Config { ipam_ids, quirk: Some(quirk), ..Config::default() });
//! let body = b"Action=CreateIpamPolicy&Version=2016-11-15&IpamId=ipam-1&DryRun=true";
//! assert_eq!(world.answer(&Request::post(body)).status, 200);
//! # Ok::<(), sabotage::UnknownQuirk>(())
//! ```

#[cfg(feature = "client")]
pub use crate::client::sabotage::{client_faults, client_quirk, client_variants};
pub use crate::quirk::{Area, Quirk, UnknownQuirk};
pub use crate::server::sabotage::{
    WorldQuirk, any_fault, any_variant, fault, faults, variant, variants, world_faults,
    world_variants,
};
