//! EBS: volumes and snapshots.

pub(super) mod attachment;
pub(super) mod modification;
pub(super) mod snapshot;
pub(super) mod volume;
