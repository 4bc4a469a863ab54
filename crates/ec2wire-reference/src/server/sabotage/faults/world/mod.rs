//! The faults in what the endpoint does with the resources of the table, each with one of them.

mod changing;
mod ending;
mod filters;
mod listing;
mod shown;
mod tags;
mod text;

use crate::server::sabotage::row::WorldRow;

/// The tables, in the order of a resource's life.
pub(in crate::server::sabotage) static TABLES: &[&[WorldRow]] = &[
    filters::TABLE,
    listing::TABLE,
    ending::TABLE,
    shown::TABLE,
    changing::TABLE,
    tags::TABLE,
    text::TABLE,
];
