//! `ec2wire protocol-tests`.

use crate::Failure;
use crate::model_args::ProtocolTests;
use ec2wire_model::protocol_tests::{self, Verdict};
use std::fs;
use std::io::Write as _;

/// Runs the files' cases.
pub(crate) fn run(args: &ProtocolTests) -> Result<u8, Failure> {
    // All files are read first, so that an invalid one fails the command before any case runs.
    let mut outcomes = Vec::new();
    for path in &args.files {
        let of_file = |error: String| Failure::usage(format!("{}: {error}", path.display()));
        let file = fs::read(path).map_err(|error| of_file(error.to_string()))?;
        let run = protocol_tests::run(&file).map_err(|error| of_file(error.to_string()))?;
        outcomes.extend(run);
    }
    let mut out = anstream::stdout().lock();
    let (mut passed, mut excepted, mut failed) = (0, 0, 0);
    for outcome in &outcomes {
        let count = match &outcome.verdict {
            Verdict::Pass => &mut passed,
            Verdict::Exception(..) => &mut excepted,
            Verdict::Fail(_) => &mut failed,
        };
        *count += 1;
        if args.verbose || outcome.verdict != Verdict::Pass {
            writeln!(
                out,
                "{} / {}: {}",
                outcome.suite, outcome.case, outcome.verdict
            )?;
        }
    }
    let total = outcomes.len();
    writeln!(
        out,
        "{total} cases: {passed} pass, {excepted} are exceptions, {failed} fail"
    )?;
    Ok(match (total, failed) {
        (0, _) => 4,
        (_, 0) => 0,
        _ => 1,
    })
}
