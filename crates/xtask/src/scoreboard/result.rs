//! The stored results of a run.

use super::Fallible;
use super::install::Installed;
use super::table::Server;
use ec2wire_conformance::record::{RunRecord, Summary};
use ec2wire_conformance::report::{self, Finding, Gap};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs;
use std::io::{BufReader, ErrorKind};
use std::path::Path;

/// A package, as installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) version: String,
}

impl Package {
    pub(super) fn new(name: &str, version: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
        }
    }
}

impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

/// `results/NAME.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ServerResult {
    pub(super) server: String,
    /// The day of the run, in UTC.
    pub(super) date: String,
    pub(super) outcome: Outcome,
    /// The results for actions other than those on IPAM policies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) actions: Option<Judged>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Outcome {
    /// The cases were run.
    Judged(Box<Judged>),
    /// Why the server did not install or start, or was not judged.
    Absent(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Judged {
    /// The judged packages, the server's own first.
    pub(super) packages: Vec<Package>,
    /// The version of the harness.
    pub(super) ec2wire: String,
    pub(super) summary: Summary,
    pub(super) findings: Vec<Finding>,
    pub(super) gaps: Vec<Gap>,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Judged(judged) => f.write_str(&judged.in_short()),
            Self::Absent(why) => f.write_str(why),
        }
    }
}

impl Judged {
    /// The totals, in one line.
    pub(super) fn in_short(&self) -> String {
        let summary = &self.summary;
        format!(
            "{} cases: {} passed, {} failed, {} warned, {} unimplemented, {} not run",
            summary.total,
            summary.pass,
            summary.fail,
            summary.warn,
            summary.unimplemented,
            summary.not_run
        )
    }

    /// The results in a record. Fails if the record does not have all cases, or if the harness had a
    /// bug.
    pub(super) fn new(packages: Vec<Package>, record: &RunRecord) -> Fallible<Self> {
        let mut summary = record.summary.clone();
        if let Some(stopped) = summary.stopped {
            return Err(format!("was not judged: {stopped}").into());
        }
        if summary.harness_faults > 0 {
            return Err(
                "was not judged: the harness has a bug; see the notes of the record".into(),
            );
        }
        // The duration and the ids vary from run to run and say nothing about the server.
        summary.ms = 0;
        summary.left.clear();
        Ok(Self {
            packages,
            ec2wire: record.run.version.clone(),
            summary,
            findings: report::findings(record)?,
            gaps: report::gaps(record),
        })
    }
}

impl ServerResult {
    /// The results in the records of two runs: the embedded cases, and the cases of other actions.
    pub(super) fn judged(
        server: &Server,
        installed: &Installed,
        record: &Path,
        actions: &Path,
    ) -> Fallible<Self> {
        let read = |path: &Path| -> Fallible<RunRecord> {
            let file = fs::File::open(path).map_err(|error| format!("was not judged: {error}"))?;
            let record = RunRecord::read_ndjson(BufReader::new(file));
            Ok(record.map_err(|error| format!("was not judged: invalid record: {error}"))?)
        };
        let (record, actions) = (read(record)?, read(actions)?);
        let started = &record.run.started;
        let judged = |record| Judged::new(installed.packages.clone(), record);
        Ok(Self {
            server: server.name.clone(),
            // An RFC 3339 timestamp begins with the day.
            date: started.split('T').next().unwrap_or_default().to_owned(),
            outcome: Outcome::Judged(Box::new(judged(&record)?)),
            actions: Some(judged(&actions)?),
        })
    }

    /// A server that could not be judged today.
    pub(super) fn absent(server: &Server, why: &str) -> Self {
        Self {
            server: server.name.clone(),
            date: jiff::Timestamp::now().strftime("%Y-%m-%d").to_string(),
            outcome: Outcome::Absent(why.to_owned()),
            actions: None,
        }
    }

    /// The findings of both runs.
    pub(super) fn findings(&self) -> impl Iterator<Item = &Finding> {
        let judged = match &self.outcome {
            Outcome::Judged(judged) => Some(&**judged),
            Outcome::Absent(_) => None,
        };
        let both = judged.into_iter().chain(&self.actions);
        both.flat_map(|judged| &judged.findings)
    }

    /// Writes the result and returns its path. If a server was judged before but could not be judged
    /// today, the earlier result is kept: a missing network must not delete it.
    pub(super) fn store(&self, data: &Path) -> Fallible<Option<String>> {
        let before = read_one(data, &self.server)?;
        let was_judged = before.is_some_and(|old| matches!(old.outcome, Outcome::Judged(_)));
        if was_judged && matches!(self.outcome, Outcome::Absent(_)) {
            return Ok(None);
        }
        let name = format!("results/{}.json", self.server);
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        fs::create_dir_all(data.join("results"))?;
        fs::write(data.join(&name), text).map_err(|error| format!("{name}: {error}"))?;
        Ok(Some(format!("crates/xtask/scoreboard/{name}")))
    }
}

/// The stored results, in the table's order, without servers that were never judged.
pub(super) fn read(data: &Path, servers: &[Server]) -> Fallible<Vec<ServerResult>> {
    let results = servers.iter().map(|server| read_one(data, &server.name));
    let results: Vec<Option<ServerResult>> = results.collect::<Fallible<_>>()?;
    Ok(results.into_iter().flatten().collect())
}

fn read_one(data: &Path, name: &str) -> Fallible<Option<ServerResult>> {
    let path = data.join(format!("results/{name}.json"));
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("results/{name}.json: {error}").into()),
    };
    let result =
        serde_json::from_str(&text).map_err(|error| format!("results/{name}.json: {error}"))?;
    Ok(Some(result))
}
