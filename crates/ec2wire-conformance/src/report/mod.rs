//! Reports. All render from the [record](crate::record).

mod expected;
pub mod terminal;
