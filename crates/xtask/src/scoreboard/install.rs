//! Installs a server into its own folder, with the ordinary package manager.

use super::Fallible;
use super::result::Package;
use super::table::{Install, Server};
use serde::Deserialize;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How many lines of a log an error message quotes.
const TAIL_LINES: usize = 3;

/// A server that can be started.
#[derive(Debug)]
pub(super) struct Installed {
    pub(super) program: PathBuf,
    /// The installed packages, the server's own first.
    pub(super) packages: Vec<Package>,
}

impl Installed {
    pub(super) fn versions(&self) -> String {
        let packages = self.packages.iter().map(ToString::to_string);
        packages.collect::<Vec<_>>().join(", ")
    }
}

/// The cargo that runs this program, or the one on the PATH.
pub(super) fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Installs the server below `dir`, which may have an earlier installation.
pub(super) fn install(data: &Path, dir: &Path, server: &Server) -> Fallible<Installed> {
    let folder = dir.join(&server.name);
    let log = dir.join(format!("{}.install.log", server.name));
    match &server.install {
        Install::Python { extras, program } => python(&folder, &log, server, extras, program),
        Install::Crate {
            wrapper,
            dependencies,
        } => {
            let wrapper = data.join("wrappers").join(wrapper);
            build(&folder, &log, server, &wrapper, dependencies)
        }
    }
}

fn python(
    folder: &Path,
    log: &Path,
    server: &Server,
    extras: &[String],
    program: &str,
) -> Fallible<Installed> {
    let python = folder.join("bin/python");
    if !python.exists() {
        let mut venv = Command::new("python3");
        venv.args(["-m", "venv"]).arg(folder);
        succeed("does not install", &mut venv, log)?;
    }
    let extras = match extras {
        [] => String::new(),
        extras => format!("[{}]", extras.join(",")),
    };
    let wanted = format!("{}{extras}=={}", server.package, server.version);
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--disable-pip-version-check"])
        .arg(wanted);
    succeed("does not install", &mut pip, log)?;
    let list = Command::new(&python)
        .args([
            "-m",
            "pip",
            "list",
            "--format=freeze",
            "--disable-pip-version-check",
        ])
        .output()?;
    let list = String::from_utf8_lossy(&list.stdout).into_owned();
    let package = list
        .lines()
        .filter_map(|line| line.split_once("=="))
        .find(|(name, _)| name.eq_ignore_ascii_case(&server.package))
        .map(|(name, version)| Package::new(name, version))
        .ok_or("does not install: pip does not list it")?;
    Ok(Installed {
        program: folder.join("bin").join(program),
        packages: vec![package],
    })
}

fn build(
    folder: &Path,
    log: &Path,
    server: &Server,
    wrapper: &Path,
    dependencies: &toml::Table,
) -> Fallible<Installed> {
    fs::create_dir_all(folder.join("src"))?;
    let main = fs::read(wrapper).map_err(|error| format!("{}: {error}", wrapper.display()))?;
    fs::write(folder.join("src/main.rs"), main)?;
    fs::write(folder.join("Cargo.toml"), manifest(server, dependencies)?)?;
    let target = folder.join("target");
    let mut build = Command::new(cargo());
    // A release build: a slow debug build could be blamed for its slowness.
    build
        .args(["build", "--release", "--target-dir"])
        .arg(&target)
        .current_dir(folder);
    succeed("does not build", &mut build, log)?;
    let lock = fs::read_to_string(folder.join("Cargo.lock"))?;
    Ok(Installed {
        program: target.join("release").join(&server.name),
        packages: locked(&lock, server, dependencies)?,
    })
}

/// The manifest of the program around a crate. The empty `[workspace]` keeps it out of ours.
pub(super) fn manifest(server: &Server, dependencies: &toml::Table) -> Fallible<String> {
    let mut all = dependencies.clone();
    let exact = format!("={}", server.version);
    all.insert(server.package.clone(), exact.into());
    let dependencies = toml::to_string(&toml::Table::from_iter([(
        "dependencies".to_owned(),
        all.into(),
    )]))?;
    Ok(format!(
        "[workspace]\n\n[package]\nname = \"{}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
         publish = false\n\n{dependencies}",
        server.name
    ))
}

/// The built versions of the server's package and of its sibling packages, which share its prefix.
pub(super) fn locked(
    lock: &str,
    server: &Server,
    dependencies: &toml::Table,
) -> Fallible<Vec<Package>> {
    #[derive(Deserialize)]
    struct Lock {
        package: Vec<Package>,
    }
    let lock: Lock = toml::from_str(lock)?;
    let version_of = |name: &str| lock.package.iter().find(|package| package.name == name);
    let own = version_of(&server.package).ok_or("the server's crate is missing from Cargo.lock")?;
    let family = server.package.split('-').next().unwrap_or_default();
    let siblings = dependencies
        .keys()
        .filter(|name| name.starts_with(family))
        .filter_map(|name| version_of(name));
    Ok([own].into_iter().chain(siblings).cloned().collect())
}

/// Runs a command to completion. If it fails, the error quotes the end of its output.
fn succeed(what: &str, command: &mut Command, log: &Path) -> Fallible<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = fs::File::create(log)?;
    let ended = command
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        .status()
        .map_err(|error| format!("{what}: {name}: {error}"))?;
    if ended.success() {
        return Ok(());
    }
    Err(format!("{what}: {}", tail(log)).into())
}

/// The last lines of a log, joined into one.
pub(super) fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let from = lines.len().saturating_sub(TAIL_LINES);
    let last: Vec<&str> = lines.iter().skip(from).map(|line| line.trim()).collect();
    match last.as_slice() {
        [] => "it printed nothing".to_owned(),
        lines => lines.join(" / "),
    }
}
