//! What each fault of the endpoint or the client breaks, to detect blame in the wrong place.

use crate::catalogue::CatalogueError;
use crate::format::embedded::{self, DataFile};
use crate::format::place;
use std::collections::BTreeMap;

/// The requirements that each fault may break, by the fault's name.
#[derive(Debug, Clone)]
pub(crate) struct Breaks(BTreeMap<String, Vec<String>>);

impl Breaks {
    /// Reads the embedded table of server faults. Fails only if that is wrong, which a test
    /// excludes.
    pub(crate) fn servers() -> Result<Self, CatalogueError> {
        Self::read(embedded::BREAKS)
    }

    /// Reads the embedded table of faults of the world. Fails as [`servers`](Self::servers) does.
    pub(crate) fn world() -> Result<Self, CatalogueError> {
        Self::read(embedded::WORLD_BREAKS)
    }

    /// Reads the embedded table of client faults. Fails as [`servers`](Self::servers) does.
    pub(crate) fn clients() -> Result<Self, CatalogueError> {
        Self::read(embedded::CLIENT_BREAKS)
    }

    fn read(file: DataFile) -> Result<Self, CatalogueError> {
        place::read_embedded(file).map(Self)
    }

    /// The requirements that the fault may break; empty if it is not in the table.
    pub(crate) fn requirements(&self, fault: &str) -> &[String] {
        self.0.get(fault).map_or(&[], Vec::as_slice)
    }
}

/// Stands for every requirement. It excuses blame but does not count as finding the fault.
const ALL: &str = "*";

/// Whether a fault may break the requirement.
pub(crate) fn covers(breaks: &[String], requirement: &str) -> bool {
    breaks
        .iter()
        .any(|broken| broken == ALL || broken == requirement)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::catalogue::Catalogue;
    use ec2wire_reference::sabotage::{self, Quirk};
    use std::collections::BTreeSet;

    fn every_fault_has_its_level<'q>(
        catalogue: &Catalogue,
        breaks: &Breaks,
        faults: impl Iterator<Item = &'q Quirk>,
    ) {
        for fault in faults {
            let broken = breaks.requirements(fault.name);
            let known = broken.iter().filter(|id| *id != ALL);
            let gravest = known.map(|id| catalogue.level_of(id)).max();
            assert_eq!(gravest, Some(fault.level), "{}", fault.name);
        }
    }

    #[test]
    fn every_fault_breaks_a_requirement_of_its_level() {
        let (servers, clients) = (Catalogue::embedded(), Catalogue::clients());
        let breaks = Breaks::servers().unwrap();
        every_fault_has_its_level(&servers.unwrap(), &breaks, sabotage::faults());
        let breaks = Breaks::clients().unwrap();
        every_fault_has_its_level(&clients.unwrap(), &breaks, sabotage::client_faults());
    }

    #[test]
    fn the_table_of_the_world_has_its_faults_and_no_others() {
        let faults = sabotage::world_faults().map(|fault| fault.quirk.name.to_owned());
        let faults: BTreeSet<String> = faults.collect();
        let listed = Breaks::world().unwrap().0;
        assert_eq!(listed.into_keys().collect::<BTreeSet<_>>(), faults);
    }

    #[test]
    fn the_table_has_no_other_names() {
        let faults: Vec<&str> = sabotage::faults().map(|fault| fault.name).collect();
        let of_clients: Vec<&str> = sabotage::client_faults().map(|fault| fault.name).collect();
        for (catalogue, breaks, faults) in [
            (Catalogue::embedded(), Breaks::servers(), faults),
            (Catalogue::clients(), Breaks::clients(), of_clients),
        ] {
            let catalogue = catalogue.unwrap();
            for (fault, broken) in breaks.unwrap().0 {
                assert!(faults.contains(&&*fault), "unknown fault {fault}");
                for id in broken.into_iter().filter(|id| id != ALL) {
                    assert!(catalogue.requirement(&id).is_some(), "{fault}: {id}");
                }
            }
        }
    }
}
