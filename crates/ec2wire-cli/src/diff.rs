//! `ec2wire diff`.

use crate::Failure;
use crate::args::Diff;
use crate::report::{read, width};
use ec2wire_conformance::report::diff::RunDiff;
use std::io::ErrorKind;

/// Shows what changed between two runs.
pub(crate) fn run(args: &Diff) -> Result<u8, Failure> {
    let (before, after) = (read(&args.before)?, read(&args.after)?);
    let diff = RunDiff::new(&before, &after);
    let names = [
        &*args.before.display().to_string(),
        &*args.after.display().to_string(),
    ];
    match diff.write(anstream::stdout().lock(), names, width()) {
        // A reader that closes the pipe early, such as `head`, does not change the outcome.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
        written => written?,
    }
    Ok(u8::from(diff.is_worse()))
}
