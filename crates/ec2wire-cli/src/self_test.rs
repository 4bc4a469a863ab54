//! `ec2wire self-test`.

use crate::Failure;
use crate::args::SelfTest;
use crate::report::width;
use crate::run::progress_bar;
use crate::select::{LIST, LIST_CLIENTS, catalogue, client_catalogue, select};
use ec2wire_conformance::report::terminal::{Detail, Layout};
use ec2wire_conformance::self_test::{self, Options, Report};
use ec2wire_reference::sabotage::{self, Quirk, WorldQuirk};
use globset::Glob;
use std::io::{ErrorKind, Write as _};
use std::time::Duration;

/// Tests the cases.
pub(crate) fn run(args: &SelfTest) -> Result<u8, Failure> {
    let defaults = Options::default();
    let options = Options {
        timeout: Duration::from_secs(args.timeout),
        first_only: args.first,
        jobs: args.jobs.unwrap_or(defaults.jobs),
        ..defaults
    };
    if args.world {
        let quirks = world_quirks(&args.names)?;
        let progress = progress_bar(quirks.len());
        let report = self_test::run_world(&quirks, &options, &mut |trial| {
            progress.set_message(trial.quirk.name);
            progress.inc(1);
        });
        progress.finish_and_clear();
        return show(&report.map_err(Failure::environment)?, args);
    }
    let (folders, no_embedded) = (&args.selection.cases, args.selection.no_embedded);
    let catalogue = if args.clients {
        client_catalogue(folders, no_embedded)?
    } else {
        catalogue(folders, no_embedded, &args.selection.run)?
    };
    let list = if args.clients { LIST_CLIENTS } else { LIST };
    let cases = select(&catalogue, &args.selection, list)?;
    let quirks = quirks(&args.names, args.clients)?;
    let progress = progress_bar(quirks.len());
    let mut problems = 0_usize;
    let report = self_test::run(&catalogue, &cases, &quirks, &options, &mut |trial| {
        problems += usize::from(trial.is_problem());
        progress.set_message(format!("{problems} wrong  {}", trial.quirk.name));
        progress.inc(1);
    })
    .map_err(Failure::environment)?;
    progress.finish_and_clear();
    show(&report, args)
}

/// Prints a report, and returns its exit code.
fn show(report: &Report, args: &SelfTest) -> Result<u8, Failure> {
    let mut out = anstream::stdout().lock();
    let written = if args.json {
        serde_json::to_string_pretty(report)
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
        self_test::write(&mut out, report, layout)
    };
    match written {
        // A reader that closes the pipe early, such as `head`, does not change the verdict.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
        written => written?,
    }
    Ok(report.exit_code())
}

/// The faults and variants of the world that match the names; all of them if there are no names.
fn world_quirks(names: &[String]) -> Result<Vec<WorldQuirk>, Failure> {
    let all: Vec<WorldQuirk> = sabotage::world_faults()
        .chain(sabotage::world_variants())
        .collect();
    let known: Vec<&str> = all.iter().map(|one| one.quirk.name).collect();
    let unknown = |name: &str| {
        let found = sabotage::any_fault(name).err();
        found.map_or_else(String::new, |error| error.to_string())
    };
    let is_wanted = matcher(names, &known, &unknown)?;
    Ok(all
        .into_iter()
        .filter(|one| is_wanted(one.quirk.name))
        .collect())
}

/// Whether a name matches one of the globs, each of which must match some name. Without globs, all do.
fn matcher(
    globs: &[String],
    all: &[&'static str],
    unknown: &dyn Fn(&str) -> String,
) -> Result<impl Fn(&str) -> bool + use<>, Failure> {
    let mut wanted = Vec::new();
    for name in globs {
        let glob = Glob::new(name).map_err(Failure::usage)?.compile_matcher();
        if !all.iter().any(|known| glob.is_match(known)) {
            return Err(Failure::usage(unknown(name)));
        }
        wanted.push(glob);
    }
    Ok(move |name: &str| wanted.is_empty() || wanted.iter().any(|glob| glob.is_match(name)))
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
    let known: Vec<&str> = all.iter().map(|quirk| quirk.name).collect();
    // The error suggests similar names.
    let unknown = |name: &str| {
        let found = if clients {
            sabotage::client_quirk(name)
        } else {
            sabotage::fault(name)
        };
        found.map_or_else(|error| error.to_string(), |_| String::new())
    };
    let is_wanted = matcher(names, &known, &unknown)?;
    Ok(all
        .into_iter()
        .filter(|quirk| is_wanted(quirk.name))
        .collect())
}
