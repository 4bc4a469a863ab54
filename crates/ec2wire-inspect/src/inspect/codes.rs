//! Whose fault an error is, by its code.

use crate::format::embedded::CLIENT_CODES;
use crate::format::place;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::LazyLock;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct CodeFile {
    common: Vec<String>,
    of_actions: Vec<String>,
}

/// Whether the error with that code is the request's fault.
pub(super) fn is_of_request(code: &str) -> bool {
    // A test excludes that the file is wrong.
    static READ: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
        let file: Result<CodeFile, _> = place::read_embedded(CLIENT_CODES);
        file.map_or_else(
            |_| BTreeSet::new(),
            |file| file.common.into_iter().chain(file.of_actions).collect(),
        )
    });
    let plain = code.strip_prefix("Client.").unwrap_or(code);
    plain.starts_with("Invalid")
        || plain.ends_with(".NotFound")
        || plain.ends_with(".Malformed")
        || READ.contains(plain)
}

#[cfg(test)]
mod tests {
    use super::is_of_request;

    #[test]
    fn the_codes_are_read() {
        for code in ["AuthFailure", "Client.VolumeInUse", "InvalidVpcID.NotFound"] {
            assert!(is_of_request(code), "{code}");
        }
        for code in ["InternalError", "RequestLimitExceeded", "VpcLimitExceeded"] {
            assert!(!is_of_request(code), "{code}");
        }
    }
}
