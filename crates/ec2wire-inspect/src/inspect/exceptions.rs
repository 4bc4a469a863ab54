//! The exceptions of laws, which hold for single exchanges, too.

use crate::format::embedded::LAWS;
use crate::format::place;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

#[derive(Deserialize)]
struct LawFile {
    law: Vec<Law>,
}

#[derive(Deserialize)]
struct Law {
    id: String,
    #[serde(default)]
    except: BTreeSet<String>,
}

/// Whether the law excepts an action, or a member of one as `Action/Member`.
pub(super) fn has(law: &str, name: &str) -> bool {
    // A test excludes that the file is wrong.
    static READ: LazyLock<BTreeMap<String, BTreeSet<String>>> = LazyLock::new(|| {
        let file: Result<LawFile, _> = place::read_embedded(LAWS);
        let laws = file.map_or_else(|_| Vec::new(), |file| file.law);
        laws.into_iter().map(|law| (law.id, law.except)).collect()
    });
    READ.get(law).is_some_and(|except| except.contains(name))
}

#[cfg(test)]
mod tests {
    use super::has;

    #[test]
    fn the_laws_have_exceptions() {
        assert!(has("without", "DeleteFleets/TerminateInstances"));
        assert!(!has("without", "DeleteFleets/FleetIds"));
        assert!(has("dry-run/is-an-error", "GetActiveVpnTunnelStatus"));
        assert!(!has("no-such-law", "DeleteFleets"));
    }
}
