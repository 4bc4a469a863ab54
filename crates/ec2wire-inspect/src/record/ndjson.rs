//! Records as lines of JSON.

use super::{CaseRecord, RunHead, RunRecord, Stopped, Summary};
use crate::text::is_unseen;
use serde::{Deserialize, Serialize};
use serde_json::ser::Formatter;
use std::fmt;
use std::io::{self, BufRead, Write};

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Line<'r> {
    Run(&'r RunHead),
    Case(&'r CaseRecord),
    Summary(&'r Summary),
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum ReadLine {
    Run(RunHead),
    Case(Box<CaseRecord>),
    Summary(Summary),
}

/// A record that could not be read.
#[derive(Debug)]
pub struct RecordError {
    /// The line, from 1.
    line: usize,
    what: String,
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for RecordError {}

/// JSON that also escapes what a terminal obeys or does not show, since people look at records.
struct Escaped;

impl Formatter for Escaped {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        to: &mut W,
        text: &str,
    ) -> io::Result<()> {
        let mut rest = text;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_unseen(*c)) {
            let (before, after) = rest.split_at(at);
            // All of them are below U+10000.
            write!(to, "{before}\\u{:04x}", u32::from(c))?;
            rest = after.get(c.len_utf8()..).unwrap_or_default();
        }
        to.write_all(rest.as_bytes())
    }
}

/// Writes a record line by line during the run. Each line is flushed, so that a killed run leaves
/// everything up to then.
#[derive(Debug)]
pub struct NdjsonWriter<W>(W);

impl<W: Write> NdjsonWriter<W> {
    /// Writes to `writer`.
    pub fn new(writer: W) -> Self {
        Self(writer)
    }

    /// Writes the first line.
    pub fn run(&mut self, run: &RunHead) -> io::Result<()> {
        self.line(&Line::Run(run))
    }

    /// Writes a case's line.
    pub fn case(&mut self, case: &CaseRecord) -> io::Result<()> {
        self.line(&Line::Case(case))
    }

    /// Writes the last line.
    pub fn summary(&mut self, summary: &Summary) -> io::Result<()> {
        self.line(&Line::Summary(summary))
    }

    fn line(&mut self, line: &Line<'_>) -> io::Result<()> {
        let mut to = serde_json::Serializer::with_formatter(&mut self.0, Escaped);
        line.serialize(&mut to)?;
        self.0.write_all(b"\n")?;
        self.0.flush()
    }
}

/// The readable part of a record whose run may have been killed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartialRecord {
    /// What ran against what.
    pub run: RunHead,
    /// The cases that were written.
    pub cases: Vec<CaseRecord>,
    /// The totals; absent if the run did not get that far.
    pub summary: Option<Summary>,
}

impl RunRecord {
    /// A record of these cases, with their totals.
    pub fn from_cases(run: RunHead, cases: Vec<CaseRecord>) -> Self {
        Self {
            run,
            summary: Summary::from_cases(&cases),
            cases,
        }
    }

    /// Writes the record as lines of JSON: `run`, then a `case` for each case, then `summary`.
    pub fn write_ndjson(&self, writer: impl Write) -> io::Result<()> {
        let mut writer = NdjsonWriter::new(io::BufWriter::new(writer));
        writer.run(&self.run)?;
        for case in &self.cases {
            writer.case(case)?;
        }
        writer.summary(&self.summary)
    }

    /// Reads what [`write_ndjson`](Self::write_ndjson) wrote.
    ///
    /// Fails with the line's number if a line is damaged, of an unknown kind, or missing.
    pub fn read_ndjson(reader: impl BufRead) -> Result<Self, RecordError> {
        let (number, read) = read_lines(reader, false)?;
        Ok(Self {
            run: read.run,
            cases: read.cases,
            summary: read
                .summary
                .ok_or_else(|| RecordError::missing(number, "summary"))?,
        })
    }
}

impl PartialRecord {
    /// Reads a record that may be cut off anywhere after its first line, even within a line.
    ///
    /// Fails with the line's number if a complete line is damaged or of an unknown kind, or if the
    /// first line is missing.
    pub fn read_ndjson(reader: impl BufRead) -> Result<Self, RecordError> {
        read_lines(reader, true).map(|(_, read)| read)
    }

    /// A complete record. If the totals are missing, they are counted from the cases that were
    /// written; selected cases that are missing count as not run.
    pub fn into_whole(self) -> RunRecord {
        let Self {
            run,
            cases,
            summary,
        } = self;
        let summary = summary.unwrap_or_else(|| {
            let mut summary = Summary {
                stale: run.stale.len(),
                stopped: Some(Stopped::Killed),
                ms: cases.iter().map(|case| case.ms).sum(),
                ..Summary::from_cases(&cases)
            };
            let missing = run.selected.saturating_sub(cases.len());
            summary.total += missing;
            summary.not_run += missing;
            summary
        });
        RunRecord {
            run,
            cases,
            summary,
        }
    }
}

impl RecordError {
    fn missing(lines: usize, what: &str) -> Self {
        Self {
            line: lines + 1,
            what: format!("the {what} line is missing"),
        }
    }
}

/// The number of lines and the record. With `cut_short`, a last line without a line feed may be
/// damaged: the run ended while writing it.
fn read_lines(
    mut reader: impl BufRead,
    cut_short: bool,
) -> Result<(usize, PartialRecord), RecordError> {
    let (mut head, mut cases, mut summary) = (None, Vec::new(), None);
    let mut number = 0;
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        let error = |what: String| RecordError {
            line: number + 1,
            what,
        };
        let length = reader
            .read_until(b'\n', &mut bytes)
            .map_err(|e| error(e.to_string()))?;
        if length == 0 {
            break;
        }
        let line = bytes.trim_ascii();
        if !line.is_empty() {
            match serde_json::from_slice(line) {
                Ok(ReadLine::Run(run)) if head.is_none() => head = Some(run),
                Ok(ReadLine::Summary(totals)) if summary.is_none() => summary = Some(totals),
                Ok(ReadLine::Case(case)) if head.is_some() && summary.is_none() => {
                    cases.push(*case);
                }
                Ok(ReadLine::Run(_) | ReadLine::Summary(_) | ReadLine::Case(_)) => {
                    return Err(error(
                        "a record must be one `run`, its `case` lines, and one `summary`".into(),
                    ));
                }
                Err(_) if cut_short && head.is_some() && !bytes.ends_with(b"\n") => break,
                Err(e) => return Err(error(e.to_string())),
            }
        }
        number += 1;
    }
    let run = head.ok_or_else(|| RecordError::missing(number, "run"))?;
    Ok((
        number,
        PartialRecord {
            run,
            cases,
            summary,
        },
    ))
}
