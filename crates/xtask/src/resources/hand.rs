//! The rows that are written by hand: `crates/ec2wire-model/resources/*.toml`.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

/// A value, and the source that it comes from.
pub(super) type Pair = [String; 2];

/// A row of the table, as far as it is not derived.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(super) struct Row {
    #[serde(rename = "type")]
    pub(super) resource_type: Option<String>,
    pub(super) kind_of: Option<String>,
    pub(super) id: Option<String>,
    /// Other resources' ids have a member of this name, too. So it counts only in actions that have the
    /// resource's name in theirs.
    pub(super) shared_id: bool,
    pub(super) stems: Vec<String>,
    pub(super) members: Vec<Pair>,
    pub(super) prefix: Option<Pair>,
    pub(super) digits: Option<String>,
    pub(super) arn: Option<Pair>,
    pub(super) list: Option<List>,
    pub(super) make: Vec<Make>,
    pub(super) end: Vec<Act>,
    pub(super) change: Vec<Act>,
    /// Actions that a rule of names would give to this row, wrongly.
    pub(super) not: Vec<String>,
    /// The name of a dependent resource, the code of the error, and the source.
    pub(super) kept_by: Vec<[String; 3]>,
    pub(super) unique: Vec<Unique>,
    pub(super) state: Option<String>,
    pub(super) first: Vec<Pair>,
    pub(super) settled: Vec<Pair>,
    pub(super) failed: Vec<Pair>,
    pub(super) ending: Vec<Pair>,
    pub(super) gone: Vec<Pair>,
    pub(super) unknown: Vec<Pair>,
    pub(super) malformed: Vec<Pair>,
    pub(super) in_use: Vec<Pair>,
    pub(super) duplicate: Vec<Pair>,
    pub(super) limit: Vec<Pair>,
    /// Where it was seen that the list's request must not have both ids and a limit.
    pub(super) not_with_ids: Option<String>,
    /// An action, a member of its request, where an entry shows it, and the source.
    pub(super) shown: Vec<[String; 4]>,
    /// Members that an entry has under the same name, but with another meaning.
    pub(super) not_shown: Vec<String>,
    /// A filter of the list, what it looks at in an entry, and the source.
    pub(super) filters: Vec<[String; 3]>,
    /// Filters that a rule of names would give a wrong member.
    pub(super) not_filters: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct List {
    pub(super) action: String,
    pub(super) path: String,
    pub(super) id: Option<String>,
    pub(super) member: Option<String>,
    pub(super) source: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Make {
    pub(super) action: String,
    pub(super) id: Option<String>,
    pub(super) entry: Option<String>,
    pub(super) source: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Act {
    pub(super) action: String,
    pub(super) member: String,
    pub(super) source: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Unique {
    pub(super) members: Vec<String>,
    pub(super) code: String,
    pub(super) source: String,
}

/// A source that rows refer to.
#[derive(Debug, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Source {
    evidence: String,
    text: String,
}

/// `sources.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Sources {
    pub(super) source: BTreeMap<String, Source>,
    /// Values of `ResourceType` that have no row, and why.
    pub(super) without_row: BTreeMap<String, String>,
}

/// The whole hand-written table.
pub(super) struct Table {
    pub(super) sources: Sources,
    pub(super) rows: BTreeMap<String, Row>,
}

/// Reads the folder.
pub(super) fn read(folder: &Path) -> Result<Table, Box<dyn Error>> {
    let mut sources = None;
    let mut rows = BTreeMap::new();
    let mut files: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    files.sort_by_key(fs::DirEntry::path);
    for file in files {
        let path = file.path();
        if path.extension().is_none_or(|end| end != "toml") {
            continue;
        }
        let failed = |error: toml::de::Error| format!("{}: {error}", path.display());
        let text = fs::read_to_string(&path)?;
        if file.file_name() == "sources.toml" {
            sources = Some(toml::from_str(&text).map_err(failed)?);
            continue;
        }
        let of_file: BTreeMap<String, Row> = toml::from_str(&text).map_err(failed)?;
        for (name, row) in of_file {
            if rows.insert(name.clone(), row).is_some() {
                return Err(format!("{}: `{name}` is there twice", path.display()).into());
            }
        }
    }
    let sources = sources.ok_or("sources.toml is missing")?;
    Ok(Table { sources, rows })
}
