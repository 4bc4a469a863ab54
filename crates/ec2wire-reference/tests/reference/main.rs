//! The reference endpoint, action by action and over HTTP.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod accounts;
mod areas;
mod asking;
mod calls;
mod capacity;
mod compute;
mod describing;
mod dispatch;
mod dry_run;
mod every_action;
mod every_resource;
mod forms;
mod groups;
mod hostnames;
mod http;
mod instances;
mod interfaces;
mod ipam_pools;
mod ipams;
mod lifecycle;
mod links;
mod lists;
mod policies;
mod private_addresses;
mod routing;
mod sabotage;
mod saved;
mod spot;
mod stopping;
mod storage;
mod templates;
mod tokens;
mod transit;
mod values;
mod vpcs;
mod world_faults;
