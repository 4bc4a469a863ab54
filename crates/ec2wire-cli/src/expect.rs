//! The file of known failures.

use crate::args::Expect;
use crate::{Failure, replace};
use ec2wire_conformance::catalogue::expectation::Expectations;
use ec2wire_conformance::record::RunRecord;
use ec2wire_conformance::{CaseRecord, Catalogue, Phase};
use std::fs;
use std::path::Path;

/// The known failures of a run: the list that it reads, and the list that it writes.
pub(crate) struct Expected<'a> {
    args: &'a Expect,
    /// The list from `--expect`.
    pub(crate) list: Option<Expectations>,
}

impl<'a> Expected<'a> {
    /// Reads the list from `--expect`.
    pub(crate) fn read(args: &'a Expect) -> Result<Self, Failure> {
        let list = args.expect.as_deref().map(read).transpose()?;
        Ok(Self { args, list })
    }

    /// Checks that the list of `--expect-write` can be written. A path that cannot be written must not
    /// waste a run.
    pub(crate) fn try_write(&self) -> Result<(), Failure> {
        let Some(path) = &self.args.expect_write else {
            return Ok(());
        };
        let failed = |error| Failure::usage(format!("{}: {error}", path.display()));
        replace::try_path(path).map_err(failed)
    }

    /// The files that no report may overwrite.
    pub(crate) fn files(&self) -> Vec<(&'a Path, &'static str)> {
        let lists = [&self.args.expect, &self.args.expect_write];
        let lists = lists.into_iter().filter_map(Option::as_deref);
        lists
            .map(|list| (list, "is the file of known failures"))
            .collect()
    }

    /// Writes the list to `--expect-write`.
    pub(crate) fn write(&self, record: &RunRecord, catalogue: &Catalogue) -> Result<(), Failure> {
        match &self.args.expect_write {
            Some(path) => write(path, record, catalogue, self.list.as_ref()),
            None => Ok(()),
        }
    }
}

fn read(path: &Path) -> Result<Expectations, Failure> {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|e| Failure::usage(format!("{name}: {e}")))?;
    Expectations::parse(&name, &text).map_err(Failure::usage)
}

/// Writes the list that makes the run succeed.
///
/// After a run that was cut short, the file stays unchanged: not every case has a verdict.
fn write(
    path: &Path,
    record: &RunRecord,
    catalogue: &Catalogue,
    given: Option<&Expectations>,
) -> Result<(), Failure> {
    let name = path.display();
    if record.summary.unreachable || record.summary.stopped.is_some() {
        eprintln!("ec2wire: {name} was not written, because the run was cut short");
        return Ok(());
    }
    let list = Expectations::from_run(record, catalogue, given);
    replace::write(path, &list.to_toml())
        .map_err(|error| Failure::environment(format!("{name}: {error}")))?;
    eprintln!(
        "ec2wire: {name} has {} entries; review their reasons",
        list.entries().count()
    );
    let generated = |case: &&CaseRecord| {
        case.phase == Phase::Generated && case.is_unexpected_fail() && list.find(&case.id).is_none()
    };
    let left_out = record.cases.iter().filter(generated).count();
    if left_out > 0 {
        eprintln!(
            "ec2wire: {left_out} failing generated cases are not in it, because another seed \
             generates other cases"
        );
    }
    Ok(())
}
