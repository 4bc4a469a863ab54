//! `ec2wire self-test`.

use crate::Failure;
use crate::args::SelfTest;
use crate::report::width;
use crate::run::progress_bar;
use crate::select::{LIST, LIST_CLIENTS, catalogue, client_catalogue, select};
use ec2wire_conformance::report::terminal::{Detail, Layout};
use ec2wire_conformance::self_test::{self, Options};
use ec2wire_reference::sabotage::{self, Quirk};
use globset::Glob;
use std::io::{ErrorKind, Write as _};
use std::time::Duration;

/// Tests the cases.
pub(crate) fn run(args: &SelfTest) -> Result<u8, Failure> {
    let (folders, no_embedded) = (&args.selection.cases, args.selection.no_embedded);
    let catalogue = if args.clients {
        client_catalogue(folders, no_embedded)?
    } else {
        catalogue(folders, no_embedded)?
    };
    let list = if args.clients { LIST_CLIENTS } else { LIST };
    let cases = select(&catalogue, &args.selection, list)?;
    let quirks = quirks(&args.names, args.clients)?;
    let defaults = Options::default();
    let options = Options {
        timeout: Duration::from_secs(args.timeout),
        first_only: args.first,
        jobs: args.jobs.unwrap_or(defaults.jobs),
        ..defaults
    };
    let progress = progress_bar(quirks.len());
    let mut problems = 0_usize;
    let report = self_test::run(&catalogue, &cases, &quirks, &options, &mut |trial| {
        problems += usize::from(trial.is_problem());
        progress.set_message(format!("{problems} wrong  {}", trial.quirk.name));
        progress.inc(1);
    })
    .map_err(Failure::environment)?;
    progress.finish_and_clear();
    let mut out = anstream::stdout().lock();
    let written = if args.json {
        serde_json::to_string_pretty(&report)
            .map_err(Failure::environment)
            .map(|text| writeln!(out, "{text}"))?
    } else {
        let layout = Layout {
            width: width(),
            detail: if args.verbose {
                Detail::All
            } else {
                Detail::Findings
            },
        };
        self_test::write(&mut out, &report, layout)
    };
    match written {
        // A reader that closes the pipe early, such as `head`, does not change the verdict.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
        written => written?,
    }
    Ok(report.exit_code())
}

/// The faults and variants that match the names; all of them if there are no names.
fn quirks(names: &[String], clients: bool) -> Result<Vec<&'static Quirk>, Failure> {
    let all: Vec<&'static Quirk> = if clients {
        sabotage::client_faults()
            .chain(sabotage::client_variants())
            .collect()
    } else {
        sabotage::faults().chain(sabotage::variants()).collect()
    };
    if names.is_empty() {
        return Ok(all);
    }
    let mut wanted = Vec::new();
    for name in names {
        let glob = Glob::new(name).map_err(Failure::usage)?.compile_matcher();
        if !all.iter().any(|quirk| glob.is_match(quirk.name)) {
            // The error suggests similar names.
            let found = if clients {
                sabotage::client_quirk(name)
            } else {
                sabotage::fault(name)
            };
            let unknown = found.map_or_else(|error| error.to_string(), |_| String::new());
            return Err(Failure::usage(unknown));
        }
        wanted.push(glob);
    }
    let is_wanted = |quirk: &&Quirk| wanted.iter().any(|glob| glob.is_match(quirk.name));
    Ok(all.into_iter().filter(is_wanted).collect())
}
