//! `ec2wire lint`.

use crate::Failure;
use crate::args::{Lint, SigningArgs};
use crate::report::Outputs;
use ec2wire_conformance::inspect::{Inspector, Signing};
use ec2wire_conformance::{Exchange, lint};
use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

/// Judges the exchanges in files.
pub(crate) fn run(args: &Lint) -> Result<u8, Failure> {
    let mut exchanges: Vec<Exchange> = Vec::new();
    for path in &args.files {
        let (name, bytes) = read(path)?;
        exchanges.extend(lint::read(&name, &bytes).map_err(Failure::usage)?);
    }
    let inspector = Inspector::embedded().map_err(Failure::environment)?;
    let mut record = lint::judge(&inspector, &exchanges, &signing(&args.signing));
    if let [file] = args.files.as_slice() {
        record.run.endpoint = file.display().to_string();
    }
    // A report cannot go to standard input.
    let files = args.files.iter().filter(|path| !is_stdin(path));
    let judged: Vec<(&Path, &str)> = files.map(|path| (&**path, "is an input")).collect();
    let mut reports = Outputs::open(&args.reports.report, &judged)?;
    let written = reports.write(&record);
    reports.show(&record, args.reports.detail(args.quiet))?;
    written.map(|()| record.summary.exit_code())
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// A file's name and content.
fn read(path: &Path) -> Result<(String, Vec<u8>), Failure> {
    if is_stdin(path) {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes)?;
        return Ok(("standard input".into(), bytes));
    }
    let name = path.display().to_string();
    let bytes = fs::read(path).map_err(|error| Failure::usage(format!("{name}: {error}")))?;
    Ok((name, bytes))
}

/// The keys and rules for judging signatures.
pub(crate) fn signing(args: &SigningArgs) -> Signing {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    match given(&args.secret_access_key) {
        Some(secret_access_key) => Signing::Known {
            access_key_id: given(&args.access_key_id),
            secret_access_key,
            may_be_absent: args.unsigned,
        },
        None if args.unsigned => Signing::Optional,
        None => Signing::Required,
    }
}
