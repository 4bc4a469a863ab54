//! What each fault of the endpoint breaks, so that blame in the wrong place is seen.

use std::collections::BTreeMap;

pub(crate) const BREAKS: &str = include_str!("../../contract/breaks.toml");

/// The requirements that each fault may break, by the fault's name.
#[derive(Debug, Clone)]
pub(crate) struct Breaks(BTreeMap<String, Vec<String>>);

impl Breaks {
    /// Reads the embedded table. Fails only where that is wrong, which a test excludes.
    pub(crate) fn embedded() -> Result<Self, String> {
        toml::from_str(BREAKS)
            .map(Self)
            .map_err(|error| error.to_string())
    }

    /// What a fault of that name may break; nothing where it is not in the table.
    pub(crate) fn of(&self, fault: &str) -> &[String] {
        self.0.get(fault).map_or(&[], Vec::as_slice)
    }
}

/// What stands for every requirement. It excuses blame, but by it no fault is found.
const ALL: &str = "*";

/// Whether a requirement is among those that a fault may break.
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
    use ec2wire_reference::sabotage;

    #[test]
    fn every_fault_breaks_a_requirement_of_its_level() {
        let catalogue = Catalogue::embedded().unwrap();
        let breaks = Breaks::embedded().unwrap();
        for fault in sabotage::faults() {
            let broken = breaks.of(fault.name);
            let known = broken.iter().filter(|id| *id != ALL);
            let gravest = known.map(|id| catalogue.level_of(id)).max();
            assert_eq!(gravest, Some(fault.level), "{}", fault.name);
        }
    }

    #[test]
    fn the_table_has_no_other_names() {
        let catalogue = Catalogue::embedded().unwrap();
        for (fault, broken) in Breaks::embedded().unwrap().0 {
            assert!(sabotage::fault(&fault).is_ok(), "there is no fault {fault}");
            for id in broken.into_iter().filter(|id| id != ALL) {
                assert!(catalogue.requirement(&id).is_some(), "{fault}: {id}");
            }
        }
    }
}
