//! `servers.toml`: the servers, and how each one is installed and started.

use super::Fallible;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A server that people use.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Server {
    pub(super) name: String,
    /// The URL of its home page.
    pub(super) home: String,
    /// The package to install, in exactly this version.
    pub(super) package: String,
    pub(super) version: String,
    /// Which part of it is run, in one sentence.
    pub(super) note: String,
    pub(super) install: Install,
    #[serde(default)]
    pub(super) args: Vec<String>,
    #[serde(default)]
    pub(super) env: BTreeMap<String, String>,
}

/// How a server is installed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "kind")]
pub(super) enum Install {
    /// From `PyPI`, into a virtual environment.
    Python {
        #[serde(default)]
        extras: Vec<String>,
        /// The command that the package installs.
        program: String,
    },
    /// A crate, with a small program around it.
    Crate {
        /// A file of `wrappers/`.
        wrapper: String,
        /// What the program needs besides the crate.
        #[serde(default)]
        dependencies: toml::Table,
    },
}

/// The table's file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    /// Globs of the other actions that each server is judged by. `fixtures.toml` has the values that
    /// their requests need.
    pub(super) actions: Vec<String>,
    #[serde(rename = "server")]
    pub(super) servers: Vec<Server>,
}

/// The table.
pub(super) fn read(data: &Path) -> Fallible<Table> {
    let text = fs::read_to_string(data.join("servers.toml"))
        .map_err(|error| format!("servers.toml: {error}"))?;
    parse(&text)
}

pub(super) fn parse(text: &str) -> Fallible<Table> {
    let table: Table = toml::from_str(text).map_err(|error| format!("servers.toml: {error}"))?;
    for (at, server) in table.servers.iter().enumerate() {
        // Names are used for files and folders.
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if server.name.is_empty() || !server.name.chars().all(plain) {
            let name = &server.name;
            return Err(format!(
                "servers.toml: invalid name `{name}`, expected only a-z, 0-9 and -"
            )
            .into());
        }
        let before = table.servers.iter().take(at);
        if before.clone().any(|other| other.name == server.name) {
            return Err(format!("servers.toml: duplicate server `{}`", server.name).into());
        }
    }
    Ok(table)
}

/// The named servers, in the table's order; all if no names are given.
pub(super) fn select<'s>(servers: &'s [Server], names: &[String]) -> Fallible<Vec<&'s Server>> {
    if let Some(unknown) = names
        .iter()
        .find(|name| !servers.iter().any(|server| server.name == **name))
    {
        let known: Vec<&str> = servers.iter().map(|server| server.name.as_str()).collect();
        return Err(format!(
            "unknown server `{unknown}`, expected one of {}",
            known.join(", ")
        )
        .into());
    }
    let wanted = |server: &&Server| names.is_empty() || names.contains(&server.name);
    Ok(servers.iter().filter(wanted).collect())
}
