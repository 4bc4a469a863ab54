//! Reports. All render from the [record](crate::record).

pub mod terminal;
