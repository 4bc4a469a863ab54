//! Reports. Every report renders from the [record](crate::record) alone.
//!
//! [`view`](self) computes once what every format shows: groups of failures with one cause, the place
//! in a response that differs, the clients that would misread it, and the commands that send the
//! request again.

mod brief;
pub mod diff;
mod expected;
mod finding;
mod grid;
mod group;
mod heat;
mod html;
mod junit;
mod markdown;
mod mask;
mod matrix;
mod misread;
pub mod terminal;
mod text;
mod view;

pub use finding::{Finding, Gap, findings, gaps};

pub(crate) use text::pad;
pub(crate) use view::seconds;

use crate::record::RunRecord;
use std::io;
use view::View;

/// The format of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// The record itself, with one line of JSON per case.
    Ndjson,
    /// JUnit XML, with one test suite per phase.
    Junit,
    /// Markdown for a comment on a pull request, within GitHub's size limit.
    Markdown,
    /// One HTML file that needs no network.
    Html,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 4] = [Self::Ndjson, Self::Junit, Self::Markdown, Self::Html];

    /// The format's name on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Junit => "junit",
            Self::Markdown => "markdown",
            Self::Html => "html",
        }
    }

    /// Parses a format's name.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == word)
    }
}

/// What a report needs besides the record.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The record's file, for the commands that reports show.
    pub record_path: Option<String>,
}

/// Writes a report.
pub fn write(
    format: Format,
    mut to: impl io::Write,
    record: &RunRecord,
    settings: &Settings,
) -> io::Result<()> {
    if format == Format::Ndjson {
        return record.write_ndjson(to);
    }
    let view = View::new(record, settings).map_err(io::Error::other)?;
    match format {
        Format::Ndjson => {}
        Format::Junit => junit::write(&mut to, &view)?,
        Format::Markdown => to.write_all(markdown::render(&view).as_bytes())?,
        Format::Html => to.write_all(html::render(&view).as_bytes())?,
    }
    to.flush()
}
