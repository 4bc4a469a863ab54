//! Writes failures as files of cases.

use super::shrink::Shrunk;
use crate::format::case::{Case, CaseFile, Phase};
use crate::format::embedded::CASES_SCHEMA_LINE;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// What happened to a failure that was to be saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saved {
    /// It was written to this file.
    Written(PathBuf),
    /// The file existed already, with the same case.
    Known(PathBuf),
    /// The file exists with other content; it was not changed.
    Kept(PathBuf),
}

/// Writes a failure to a file of its own in `folder`, which must exist. `--cases` reads the file.
///
/// An existing file is never overwritten.
pub fn save(folder: &Path, shrunk: &Shrunk) -> io::Result<Saved> {
    let text = text(shrunk).map_err(io::Error::other)?;
    let path = folder.join(format!("{}.toml", shrunk.id.replace('/', "-")));
    match File::create_new(&path) {
        Ok(mut file) => {
            file.write_all(text.as_bytes())?;
            Ok(Saved::Written(path))
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let same = fs::read_to_string(&path)? == text;
            Ok(if same {
                Saved::Known(path)
            } else {
                Saved::Kept(path)
            })
        }
        Err(error) => Err(error),
    }
}

/// The file: the failure in comments, and the case.
fn text(shrunk: &Shrunk) -> Result<String, String> {
    let (prefix, number) = shrunk.id.rsplit_once('/').unwrap_or(("", &shrunk.id));
    let file = CaseFile {
        // The id must differ from the generated case's.
        prefix: format!("saved-{prefix}"),
        phase: Phase::Generated,
        requirements: Vec::new(),
        cases: vec![Case {
            id: number.to_owned(),
            phase: None,
            ..shrunk.case.clone()
        }],
    };
    let mut text = format!("{CASES_SCHEMA_LINE}\n");
    let mut comment = |words: &str| {
        for line in words.lines() {
            let _ = writeln!(text, "# {line}");
        }
    };
    comment(&format!("Simplified from {}.", shrunk.id));
    for deviation in &shrunk.record.deviations {
        comment(&format!(
            "{} {}: {}",
            deviation.level, deviation.requirement, deviation.statement
        ));
        comment(&format!("  found: {}", deviation.found.escape_debug()));
    }
    comment(
        "To run it again: ec2wire verify server --endpoint URL --cases DIR --run 'saved-generated/*'",
    );
    text.push('\n');
    text.push_str(&toml::to_string_pretty(&file).map_err(|error| error.to_string())?);
    Ok(text)
}
