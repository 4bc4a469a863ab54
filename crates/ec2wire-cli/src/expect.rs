//! The file of known failures.

use crate::Failure;
use ec2wire_conformance::expectation::Expectations;
use ec2wire_conformance::record::RunRecord;
use ec2wire_conformance::{CaseRecord, Catalogue, Phase};
use std::fs;
use std::path::{Path, PathBuf};

/// Reads the list that `--expect` names.
pub(crate) fn read(path: &Path) -> Result<Expectations, Failure> {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|e| Failure::usage(format!("{name}: {e}")))?;
    Expectations::parse(&name, &text).map_err(Failure::usage)
}

/// Tries whether the list can be written: a path where it cannot must not cost a run.
pub(crate) fn try_path(path: &Path) -> Result<(), Failure> {
    let beside = beside(path);
    fs::write(&beside, "")
        .and_then(|()| fs::remove_file(&beside))
        .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
}

/// The file by way of which the list is written: the one that was there is whole until the new one
/// is.
fn beside(path: &Path) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    beside.into()
}

/// Writes the list that makes the run succeed.
///
/// A run that was cut short has not seen enough; the file stays as it is.
pub(crate) fn write(
    path: &Path,
    record: &RunRecord,
    catalogue: &Catalogue,
    given: Option<&Expectations>,
) -> Result<(), Failure> {
    let name = path.display();
    if record.summary.unreachable || record.summary.stopped.is_some() {
        eprintln!("ec2wire: {name} was not written, since the run did not come to its end");
        return Ok(());
    }
    let list = Expectations::from_run(record, catalogue, given);
    let beside = beside(path);
    fs::write(&beside, list.to_toml())
        .and_then(|()| fs::rename(&beside, path))
        .map_err(|error| Failure::usage(format!("{name}: {error}")))?;
    eprintln!(
        "ec2wire: {name} has {} entries; look at their reasons",
        list.entries().count()
    );
    let generated = |case: &&CaseRecord| {
        case.phase == Phase::Generated && case.is_unexpected_fail() && list.find(&case.id).is_none()
    };
    let left_out = record.cases.iter().filter(generated).count();
    if left_out > 0 {
        eprintln!(
            "ec2wire: {left_out} generated cases fail too and are not in it, since another seed \
             makes others"
        );
    }
    Ok(())
}
