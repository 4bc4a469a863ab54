//! Other libraries that do the same work.

pub(crate) mod by_hand;
pub(crate) mod quick_xml;
pub(crate) mod smithy;
pub(crate) mod tree;
pub(crate) mod urlencoded;
