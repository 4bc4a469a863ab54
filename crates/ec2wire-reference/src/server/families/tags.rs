//! Tags of all resources.

use super::Family;
use crate::server::engine::tags;

pub(super) static FAMILY: Family = Family {
    start: None,
    perform: &[
        ("CreateTags", tags::create),
        ("DeleteTags", tags::delete),
        ("DescribeTags", |input, state| tags::describe(input, state)),
    ],
    making: &[],
    ending: &[],
    changing: &[],
    selecting: &[],
    fields: &[],
};
