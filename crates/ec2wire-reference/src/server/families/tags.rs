//! Tags of all resources.

use super::Family;
use crate::server::engine::tags;

pub(super) static FAMILY: Family = Family {
    perform: &[
        ("CreateTags", tags::create),
        ("DeleteTags", tags::delete),
        ("DescribeTags", |input, state| tags::describe(input, state)),
    ],
    ..Family::NONE
};
