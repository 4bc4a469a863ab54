//! `cargo xtask clients`: judges real clients and writes the findings.
//!
//! A run writes `adapters/results/NAME.toml` for each client. `docs/clients.md` is made from these
//! files and from `adapters/checked.toml`, which says what the bytes of each finding show. So is
//! `adapters/known/NAME.toml`, the client's list of known failures for CI.

mod page;
mod results;
mod sends;
#[cfg(test)]
mod tests;

pub(crate) use page::{known, page};

use ec2wire_conformance::runner::{self, Event};
use ec2wire_conformance::subject::adapter::Adapter;
use ec2wire_conformance::{Catalogue, RunRecord};
use results::{Checked, Results};
use serde::Deserialize;
use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::io::{BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The time limit per call. The AWS CLI starts a new process for each call and waits between
/// attempts.
const TIMEOUT: Duration = Duration::from_mins(2);

/// The page's path in the repository.
pub(crate) const PAGE: &str = "docs/clients.md";

/// Which clients to judge, and where they are.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Options {
    /// The clients to judge, by their names in adapters/clients.toml [default: all but the Rust SDK]
    names: Vec<String>,

    /// A Python with boto3 installed
    #[arg(long, default_value = "python3")]
    python: String,

    /// The AWS CLI's executable
    #[arg(long, default_value = "aws")]
    aws: String,

    /// The folder in which @aws-sdk/client-ec2 is installed
    #[arg(long, default_value = ".")]
    js: String,

    /// Also build, test and judge the AWS SDK for Rust, which takes a quarter of an hour
    #[arg(long)]
    rust_sdk: bool,

    /// Only write the page from the stored results; build and run nothing
    #[arg(long, conflicts_with = "names")]
    page: bool,

    /// Write the records of the runs into this folder
    #[arg(long, value_name = "DIR")]
    records: Option<PathBuf>,

    /// Use the records of earlier runs in this folder instead of running anything
    #[arg(long, value_name = "DIR", conflicts_with = "records")]
    from: Option<PathBuf>,
}

impl Options {
    /// Whether only the page is to be written.
    pub(crate) fn only_page(&self) -> bool {
        self.page
    }
}

/// A client of adapters/clients.toml.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Client {
    name: String,
    title: String,
    command: Vec<String>,
    version: Vec<String>,
    #[serde(default = "one")]
    jobs: usize,
    /// The package to build first.
    manifest: Option<String>,
}

const fn one() -> usize {
    1
}

#[derive(Deserialize)]
struct ClientFile {
    client: Vec<Client>,
}

/// The clients, in order.
fn clients(root: &Path) -> Outcome<Vec<Client>> {
    let text = fs::read_to_string(root.join("adapters/clients.toml"))?;
    let ClientFile { client } = toml::from_str(&text)?;
    Ok(client)
}

/// The results of a client, if it was judged.
fn results(root: &Path, client: &Client) -> Outcome<Option<Results>> {
    let path = root.join(format!("adapters/results/{}.toml", client.name));
    if !path.exists() {
        return Ok(None);
    }
    let text = fs::read_to_string(&path)?;
    let results = toml::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(Some(results))
}

fn checked(root: &Path) -> Outcome<Checked> {
    let text = fs::read_to_string(root.join("adapters/checked.toml"))?;
    Ok(toml::from_str(&text).map_err(|e| format!("adapters/checked.toml: {e}"))?)
}

/// Judges the clients and writes their results.
pub(crate) fn run(root: &Path, options: &Options) -> Outcome<()> {
    let all = clients(root)?;
    for name in &options.names {
        if !all.iter().any(|client| client.name == *name) {
            let known: Vec<&str> = all.iter().map(|client| client.name.as_str()).collect();
            return Err(format!(
                "unknown client `{name}`, expected one of {}",
                known.join(", ")
            )
            .into());
        }
    }
    let wanted = |client: &&Client| {
        let is_long = client.manifest.is_some();
        options.names.contains(&client.name)
            || options.names.is_empty() && !is_long
            || options.rust_sdk && is_long
    };
    for client in all.iter().filter(wanted) {
        judge(root, options, client)?;
    }
    Ok(())
}

fn judge(root: &Path, options: &Options, client: &Client) -> Outcome<()> {
    let mut out = std::io::stdout();
    if let Some(manifest) = &client.manifest {
        writeln!(out, "building {}", client.title)?;
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo)
            // One build for both: other features would build the SDK again.
            .args(["test", "--locked", "--manifest-path"])
            .arg(root.join(manifest))
            .arg("--target-dir")
            .arg(root.join("target/rust-sdk"))
            .status()?;
        if !built.success() {
            return Err(format!("{manifest} does not build, or its tests failed").into());
        }
    }
    let own = own_binary(root)?;
    let words = |words: &[String]| -> Vec<String> {
        let fill = |word: &String| {
            word.replace("{python}", &options.python)
                .replace("{aws}", &options.aws)
                .replace("{js}", &options.js)
                .replace("{ec2wire}", &own)
                .replace("{rust-sdk}", "target/rust-sdk/debug/aws-sdk-rust-adapter")
        };
        words.iter().map(fill).collect()
    };
    let version = version(root, &words(&client.version))?;
    writeln!(out, "judging {}: {version}", client.title)?;
    let record = match &options.from {
        None => verify(root, &words(&client.command), client.jobs)?,
        Some(folder) => {
            let path = folder.join(format!("{}.ndjson", client.name));
            let file = fs::File::open(&path).map_err(|e| format!("{}: {e}", path.display()))?;
            RunRecord::read_ndjson(BufReader::new(file))?
        }
    };
    let s = &record.summary;
    writeln!(
        out,
        "{} passed, {} failed, {} warned of {}",
        s.pass, s.fail, s.warn, s.total
    )?;
    if s.unreachable || s.not_run > 0 {
        let why = record.cases.iter().find(|case| !case.note.is_empty());
        let why = why.map(|case| case.note.clone()).unwrap_or_default();
        return Err(format!("judging {} was cut short: {why}", client.title).into());
    }
    if let Some(folder) = &options.records {
        fs::create_dir_all(folder)?;
        let file = fs::File::create(folder.join(format!("{}.ndjson", client.name)))?;
        record.write_ndjson(file)?;
    }
    let results = Results::of(version, &record);
    let path = root.join(format!("adapters/results/{}.toml", client.name));
    fs::write(&path, results.to_toml()?)?;
    Ok(())
}

/// The `ec2wire` binary, built.
fn own_binary(root: &Path) -> Outcome<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--bin", "ec2wire"])
        .current_dir(root)
        .status()?;
    if !built.success() {
        return Err("ec2wire does not build".into());
    }
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".into());
    let path = root.join(target).join("debug/ec2wire");
    Ok(path.display().to_string())
}

/// The first line of a command's output.
fn version(root: &Path, words: &[String]) -> Outcome<String> {
    let (program, args) = words
        .split_first()
        .ok_or("the client has no version command")?;
    let done = Command::new(program).args(args).current_dir(root).output();
    let done = done.map_err(|error| format!("{program}: {error}"))?;
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    match text.lines().next() {
        Some(line) if done.status.success() => Ok(line.trim().to_owned()),
        _ => {
            let said = String::from_utf8_lossy(&done.stderr).into_owned();
            Err(format!("`{}` fails: {}", words.join(" "), said.trim()).into())
        }
    }
}

fn verify(root: &Path, words: &[String], jobs: usize) -> Outcome<RunRecord> {
    let catalogue = Catalogue::clients()?;
    let cases: Vec<_> = catalogue.cases().iter().collect();
    let (program, args) = words.split_first().ok_or("the client has no command")?;
    std::env::set_current_dir(root)?;
    let args: Vec<OsString> = args.iter().map(OsString::from).collect();
    let adapter = Adapter::new(program.into(), args, TIMEOUT);
    let options = runner::Options::default().jobs(jobs);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let mut done = 0;
    let record = runtime.block_on(runner::client::run(
        &catalogue,
        &cases,
        &adapter,
        &options,
        &mut |event| {
            if let Event::Judged(_) = event {
                done += 1;
                if done % 20 == 0 {
                    _ = writeln!(std::io::stderr(), "  {done} of {}", cases.len());
                }
            }
        },
    ))?;
    Ok(record)
}
