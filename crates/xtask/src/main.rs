//! Writes the generated files of the repository.
//!
//! | command | what it writes |
//! |---|---|
//! | `cargo xtask schema` | the JSON Schemas |
//! | `cargo xtask catalogue` | the lists of requirements and cases |
//! | `cargo xtask scoreboard` | the page about real servers |
//! | `cargo xtask clients` | the page about real clients |
//! | `cargo xtask import-model` | the data of `ec2wire-model`, from a given file |
//! | `cargo xtask import-resources` | its table of resources, from a given folder and `resources/` |
//! | `cargo xtask floors` | no file: it lists imports from the same or a higher floor |
//!
//! With `--check`, nothing is written or run, and an outdated file is an error. The tests of this crate
//! check the same.

mod catalogue;
mod clients;
mod floors;
mod import;
mod resources;
mod scoreboard;
#[cfg(test)]
mod tests;

use clap::{Parser, Subcommand};
use ec2wire_conformance::{Catalogue, schema};
use std::error::Error;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Writes the generated files of the repository
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    command: Command,

    /// Write nothing; fail if a file is out of date
    #[arg(long, global = true)]
    check: bool,
}

#[derive(Debug, Clone, Subcommand)]
enum Command {
    /// The JSON Schemas of cases, requirements and other data files
    Schema,
    /// docs/catalogue.md, docs/client-catalogue.md: the requirements and cases
    Catalogue,
    /// docs/scoreboard.md: how real servers respond; installs them from their registries
    Scoreboard(scoreboard::Options),
    /// docs/clients.md: what real clients send, and how they read responses; runs them
    Clients(clients::Options),
    /// Writes nothing: lists imports from the same or a higher floor of floors.toml
    Floors,
    /// The data of ec2wire-model, from EC2's service model in botocore's format
    ImportModel {
        /// The file: botocore's data/ec2/2016-11-15/service-2.json.gz
        path: PathBuf,

        /// The source: the package's name and version, such as `botocore 1.44.8`
        #[arg(long)]
        source: String,
    },
    /// The table of resources of ec2wire-model, from botocore's folder and from resources/
    ImportResources {
        /// The folder: botocore's data/ec2/2016-11-15
        folder: PathBuf,
    },
}

/// A generated file: its path in the repository, and its content.
type Made = (String, Vec<u8>);

fn main() -> ExitCode {
    let args = Args::parse();
    match work(&args) {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "xtask: {error}");
            ExitCode::from(2)
        }
    }
}

fn work(args: &Args) -> Result<ExitCode, Box<dyn Error>> {
    let judged = match &args.command {
        Command::Scoreboard(options) if !args.check && !options.only_page() => {
            scoreboard::run(&root(), options)?
        }
        Command::Clients(options) if !args.check && !options.only_page() => {
            clients::run(&root(), options)?;
            ExitCode::SUCCESS
        }
        Command::Floors => report(&floors::problems()?)?,
        _ => ExitCode::SUCCESS,
    };
    let updated = update(&root(), &files(&args.command)?, args.check)?;
    Ok(if judged == ExitCode::SUCCESS {
        updated
    } else {
        judged
    })
}

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

/// The output of a command.
fn files(command: &Command) -> Result<Vec<Made>, Box<dyn Error>> {
    Ok(match command {
        Command::Floors => Vec::new(),
        Command::Schema => schema::all()?
            .into_iter()
            .map(|(name, text)| {
                (
                    format!("crates/ec2wire-conformance/schema/{name}.json"),
                    text.into_bytes(),
                )
            })
            .collect(),
        Command::Catalogue => {
            let mut servers = Catalogue::embedded()?;
            servers.add_stories()?;
            let servers = catalogue::page(&servers, &catalogue::SERVERS)?;
            let clients = catalogue::page(&Catalogue::clients()?, &catalogue::CLIENTS)?;
            vec![
                ("docs/catalogue.md".to_owned(), servers.into_bytes()),
                ("docs/client-catalogue.md".to_owned(), clients.into_bytes()),
            ]
        }
        Command::ImportModel { path, source } => {
            let file = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
            import::files(&file, source)?
        }
        Command::ImportResources { folder } => resources::files(&root(), folder)?,
        Command::Scoreboard(_) => {
            vec![(
                scoreboard::PAGE.to_owned(),
                scoreboard::page(&root())?.into_bytes(),
            )]
        }
        Command::Clients(_) => {
            let page = (clients::PAGE.to_owned(), clients::page(&root())?);
            let files = std::iter::once(page).chain(clients::known(&root())?);
            files
                .map(|(path, text)| (path, text.into_bytes()))
                .collect()
        }
    })
}

/// Prints the problems, one per line.
fn report(problems: &[String]) -> Result<ExitCode, Box<dyn Error>> {
    let mut out = std::io::stdout();
    for problem in problems {
        writeln!(out, "{problem}")?;
    }
    Ok(ExitCode::from(u8::from(!problems.is_empty())))
}

/// Writes the outdated files, or lists them.
fn update(root: &Path, files: &[Made], check: bool) -> Result<ExitCode, Box<dyn Error>> {
    let mut out = std::io::stdout();
    let mut stale = false;
    for (path, text) in files {
        let file = root.join(path);
        match fs::read(&file) {
            Ok(found) if found == *text => continue,
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(format!("{path}: {error}").into()),
        }
        stale = true;
        if check {
            writeln!(out, "{path} is out of date")?;
        } else {
            if let Some(folder) = file.parent() {
                fs::create_dir_all(folder).map_err(|error| format!("{path}: {error}"))?;
            }
            fs::write(&file, text).map_err(|error| format!("{path}: {error}"))?;
            writeln!(out, "wrote {path}")?;
        }
    }
    Ok(ExitCode::from(u8::from(stale && check)))
}
