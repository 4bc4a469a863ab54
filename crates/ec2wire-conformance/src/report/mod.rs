//! Reports. All render from the [record](crate::record), which alone decides what they say.
//!
//! [`view`](self) computes once what every format shows: groups of failures with one cause, the
//! place in an answer that differs, the clients that would misread it, and the commands that send
//! the request again.

pub mod diff;
mod expected;
mod finding;
mod group;
mod html;
mod junit;
mod markdown;
mod misread;
pub mod terminal;
mod text;
mod view;

pub use finding::{Finding, Gap, findings, gaps};

pub(crate) use terminal::pad;
pub(crate) use view::seconds;

use crate::record::RunRecord;
use std::io;
use view::View;

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// The record itself, one line of JSON a case.
    Ndjson,
    /// JUnit's XML, a test suite for each phase.
    Junit,
    /// Markdown for a comment on a pull request, bounded to what GitHub takes.
    Markdown,
    /// One HTML file that needs no network.
    Html,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 4] = [Self::Ndjson, Self::Junit, Self::Markdown, Self::Html];

    /// The word for it, as on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Junit => "junit",
            Self::Markdown => "markdown",
            Self::Html => "html",
        }
    }

    /// The format of that name.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == word)
    }
}

/// What a report says beside the record.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The file that the record is in, for the commands that reports show.
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
