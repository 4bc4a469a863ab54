//! The embedded catalogues. Each is parsed only once, because that is slow in a debug build.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use ec2wire_conformance::Catalogue;
use std::sync::LazyLock;

/// A copy of the server cases.
pub(crate) fn for_servers() -> Catalogue {
    static PARSED: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded().unwrap());
    PARSED.clone()
}

/// A copy of the client cases.
pub(crate) fn for_clients() -> Catalogue {
    static PARSED: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::clients().unwrap());
    PARSED.clone()
}
