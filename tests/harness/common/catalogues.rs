//! The embedded catalogues. Each is parsed once, which takes a while without optimizing.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use ec2wire_conformance::Catalogue;
use std::sync::LazyLock;

/// A copy of the cases for servers.
pub(crate) fn for_servers() -> Catalogue {
    static PARSED: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded().unwrap());
    PARSED.clone()
}

/// A copy of the cases for clients.
pub(crate) fn for_clients() -> Catalogue {
    static PARSED: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::clients().unwrap());
    PARSED.clone()
}
