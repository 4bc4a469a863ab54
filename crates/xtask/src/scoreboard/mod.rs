//! The scoreboard: how popular EC2 emulators respond to the cases.
//!
//! `cargo xtask scoreboard` installs each server of `scoreboard/servers.toml`, starts it, runs
//! `ec2wire verify server` against it, and stores the results in `scoreboard/results/NAME.json`.
//! `docs/scoreboard.md` is made from these files and from `scoreboard/checked.toml`, which says which
//! findings were checked by hand. An unchecked finding is counted, but not printed.

mod checked;
mod install;
mod page;
mod result;
mod serving;
mod table;
#[cfg(test)]
mod tests;

use result::ServerResult;
use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use table::{Server, Table};

type Fallible<T> = Result<T, Box<dyn Error>>;

/// The page's path in the repository.
pub(crate) const PAGE: &str = "docs/scoreboard.md";

/// The arguments of `cargo xtask scoreboard`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Options {
    /// The servers to judge [default: all of scoreboard/servers.toml]
    names: Vec<String>,

    /// Only write the page from the stored results; install and run nothing
    #[arg(long, conflicts_with = "names")]
    page: bool,

    /// The folder for the installed servers, records and logs
    #[arg(long, value_name = "DIR", default_value = "target/scoreboard")]
    dir: PathBuf,
}

impl Options {
    /// Whether only the page is to be written.
    pub(crate) fn only_page(&self) -> bool {
        self.page
    }
}

fn data(root: &Path) -> PathBuf {
    root.join("crates/xtask/scoreboard")
}

/// The page, made from the stored results.
pub(crate) fn page(root: &Path) -> Fallible<String> {
    let Table { servers, .. } = table::read(&data(root))?;
    let results = result::read(&data(root), &servers)?;
    let checked = checked::read(&data(root))?;
    for stale in checked::stale(&checked, &results) {
        writeln!(std::io::stderr(), "xtask: {stale}")?;
    }
    Ok(page::render(&servers, &results, &checked))
}

/// Judges the servers and stores the results. The exit code is 3 if a server could not be judged.
pub(crate) fn run(root: &Path, options: &Options) -> Fallible<ExitCode> {
    let Table { servers, actions } = table::read(&data(root))?;
    let selected = table::select(&servers, &options.names)?;
    let dir = if options.dir.is_absolute() {
        options.dir.clone()
    } else {
        root.join(&options.dir)
    };
    fs::create_dir_all(&dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    let mut code = ExitCode::SUCCESS;
    for server in selected {
        let result = match judge(root, &dir, server, &actions) {
            Ok(result) => result,
            Err(error) => {
                tell(server, &format!("{error}"))?;
                code = ExitCode::from(3);
                ServerResult::absent(server, &error.to_string())
            }
        };
        match result.store(&data(root))? {
            Some(path) => tell(server, &format!("wrote {path}"))?,
            None => tell(server, "the earlier result is kept")?,
        }
    }
    Ok(code)
}

/// Installs and starts a server, and runs the cases against it: the embedded ones, and those
/// generated from laws for other actions.
fn judge(root: &Path, dir: &Path, server: &Server, actions: &[String]) -> Fallible<ServerResult> {
    tell(server, "installing")?;
    let installed = install::install(&data(root), dir, server)?;
    tell(server, &format!("starting {}", installed.versions()))?;
    let serving = serving::start(dir, server, &installed)?;
    tell(server, "judging")?;
    let record = verify(
        root,
        dir,
        server,
        &serving.url(),
        &server.name,
        &["--run", "*"],
    )?;
    let fixtures = data(root).join("fixtures.toml").display().to_string();
    let of_actions = [
        "--action",
        &format!("{{{}}}", actions.join(",")),
        "--fixtures",
        &fixtures,
    ];
    let name = format!("{}.actions", server.name);
    let others = verify(root, dir, server, &serving.url(), &name, &of_actions)?;
    drop(serving);
    let result = ServerResult::judged(server, &installed, &record, &others)?;
    tell(server, &result.outcome.to_string())?;
    if let Some(actions) = &result.actions {
        tell(server, &format!("other actions: {}", actions.in_short()))?;
    }
    for record in [record, others] {
        let shown = record.strip_prefix(root).unwrap_or(&record);
        tell(
            server,
            &format!("`ec2wire report {}` explains it", shown.display()),
        )?;
    }
    Ok(result)
}

/// Runs cases against a started server, and returns the record's path.
fn verify(
    root: &Path,
    dir: &Path,
    server: &Server,
    url: &str,
    name: &str,
    selection: &[&str],
) -> Fallible<PathBuf> {
    let path = dir.join(format!("{name}.ndjson"));
    let report = dir.join(format!("{name}.txt"));
    let log = fs::File::create(&report)?;
    let ended = Command::new(install::cargo())
        .args(["run", "--quiet", "--bin", "ec2wire", "--"])
        .args(["verify", "server", "--wait", "60s"])
        // Generous, so that a busy machine does not make the server fail.
        .args(["--timeout", "60s", "--min-judged", "0", "--endpoint", url])
        .args(selection)
        .arg("--report")
        .arg(format!("ndjson={}", path.display()))
        .current_dir(root)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .status()?;
    // The exit codes of a complete run, or of one whose subject died.
    if !matches!(ended.code(), Some(0 | 1 | 3)) {
        return Err(format!("{}: not judged: see {}", server.name, report.display()).into());
    }
    Ok(path)
}

fn tell(server: &Server, what: &str) -> Fallible<()> {
    Ok(writeln!(std::io::stderr(), "{}: {what}", server.name)?)
}
