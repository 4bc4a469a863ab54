//! Helpers that several suites of the harness share.

pub(crate) mod catalogues;
pub(crate) mod fault;
pub(crate) mod wrong_server;
