//! `ec2wire report`, and the writing of reports after a run.

use crate::args::{Report, ReportTo};
use crate::{Failure, both};
use ec2wire_conformance::record::{NdjsonWriter, PartialRecord, RunHead, RunRecord};
use ec2wire_conformance::report::terminal::{self, Detail, Layout};
use ec2wire_conformance::report::{self, Format, Settings};
use ec2wire_conformance::{CaseRecord, Summary};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, ErrorKind, Read as _, Write};
use std::path::{Path, PathBuf};

/// The width if the output is not a terminal.
const PIPE_WIDTH: usize = 120;

/// Renders a record.
pub(crate) fn run(args: &Report) -> Result<u8, Failure> {
    // Read completely first: a report may replace the record itself.
    let record = read(&args.run)?;
    let wanted = args.wanted();
    let mut outputs = Outputs::open(&wanted, &[])?;
    if outputs.settings.record_path.is_none() && args.run != Path::new("-") {
        outputs.settings.record_path = Some(args.run.display().to_string());
    }
    outputs.write(&record)?;
    if wanted.is_empty() {
        outputs.show(&record, args.reports.detail(args.quiet))?;
    }
    Ok(0)
}

/// Reads a record, which may be of a run that was killed; `-` is standard input.
pub(crate) fn read(path: &Path) -> Result<RunRecord, Failure> {
    let failed =
        |error: &dyn std::fmt::Display| Failure::usage(format!("{}: {error}", path.display()));
    let record = if path == Path::new("-") {
        PartialRecord::read_ndjson(io::stdin().lock())
    } else {
        PartialRecord::read_ndjson(BufReader::new(open(path)?))
    };
    record.map(PartialRecord::into_whole).map_err(|error| {
        let mut start = Vec::new();
        let file = File::open(path).ok();
        let read = file.and_then(|file| file.take(SNIFFED).read_to_end(&mut start).ok());
        match read.and_then(|_| other_kind(&start)) {
            Some(kind) => Failure::usage(format!("{}: not a record, but {kind}", path.display())),
            None => failed(&error),
        }
    })
}

/// Opens a record. A folder can be opened too, but not read.
pub(crate) fn open(path: &Path) -> Result<File, Failure> {
    let name = path.display();
    let file = File::open(path).map_err(|error| Failure::usage(format!("{name}: {error}")))?;
    if file.metadata().is_ok_and(|found| found.is_dir()) {
        let what = format!("{name}: not a record, but a folder; name a file in it");
        return Err(Failure::usage(what));
    }
    Ok(file)
}

/// How much of a file is looked at to see what it is.
const SNIFFED: u64 = 4096;

/// Says what a file is and what to do with it, by its first bytes; `None` if it may be a damaged
/// record.
fn other_kind(start: &[u8]) -> Option<&'static str> {
    const KINDS: [(&str, &str); 10] = [
        (
            "<!doctype html",
            "an HTML page, perhaps the report of a run",
        ),
        ("<html", "an HTML page"),
        ("### ec2wire", "the Markdown report of a run"),
        ("<?xml", "XML, perhaps the JUnit report of a run"),
        ("<", "XML"),
        ("post ", "raw HTTP; `ec2wire lint` judges that"),
        ("get ", "raw HTTP; `ec2wire lint` judges that"),
        ("http/", "raw HTTP; `ec2wire lint` judges that"),
        (
            "---",
            "YAML, perhaps a cassette; `ec2wire lint` judges that",
        ),
        ("[", "TOML or JSON"),
    ];
    let text = String::from_utf8_lossy(start);
    let text = text
        .trim_start_matches('\u{FEFF}')
        .trim_start()
        .to_ascii_lowercase();
    if text.is_empty() {
        return Some("an empty file");
    }
    if start.starts_with(&[0x1f, 0x8b]) {
        return Some("compressed; decompress it first");
    }
    if start.contains(&0) {
        return Some("binary data");
    }
    if text.starts_with('{') && text.contains("\"log\"") {
        return Some("a HAR file; `ec2wire lint` judges that");
    }
    if text.starts_with('{') {
        return (!text.contains("\"type\"")).then_some("other JSON");
    }
    let kind = KINDS
        .iter()
        .find(|(beginning, _)| text.starts_with(beginning));
    Some(kind.map_or("text", |(_, kind)| kind))
}

/// The file behind a path, as far as it exists, so that different spellings compare as equal.
fn place(path: &Path) -> PathBuf {
    if let Ok(place) = path.canonicalize() {
        return place;
    }
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    match (folder.canonicalize(), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

/// Refuses two reports with the same path, and a report whose path is in use for another file. This
/// runs before any report is opened, because opening truncates the file.
fn check_places(wanted: &[ReportTo], others: &[(&Path, &str)]) -> Result<(), Failure> {
    for (index, ReportTo { path, .. }) in wanted.iter().enumerate() {
        let name = path.display();
        let is_stdout = path == Path::new("-");
        let is_same = |other: &Path| other == path || (!is_stdout && place(other) == place(path));
        if wanted.iter().take(index).any(|other| is_same(&other.path)) {
            return Err(Failure::usage(if is_stdout {
                "two reports go to standard output".to_owned()
            } else {
                format!("two reports go to {name}")
            }));
        }
        if let Some((_, what)) = others.iter().find(|(other, _)| is_same(other)) {
            return Err(Failure::usage(format!(
                "cannot write a report to {name}, which {what}"
            )));
        }
    }
    Ok(())
}

/// The width of standard output, in columns. Without a terminal, `COLUMNS` gives it.
pub(crate) fn width() -> usize {
    let terminal = terminal_size::terminal_size_of(io::stdout());
    let given = || std::env::var("COLUMNS").ok()?.parse().ok();
    let width = terminal.map(|(width, _)| usize::from(width.0));
    width
        .or_else(given)
        .filter(|width| *width > 0)
        .unwrap_or(PIPE_WIDTH)
}

/// The requested reports, opened.
pub(crate) struct Outputs {
    files: Vec<(Format, Named)>,
    /// Whether a report goes to standard output.
    takes_stdout: bool,
    pub(crate) settings: Settings,
}

impl Outputs {
    /// Opens all files. Fails if a file cannot be written, if two reports have the same path, or if a
    /// report's path is one of `others`: files that the command uses otherwise, each with its use.
    pub(crate) fn open(wanted: &[ReportTo], others: &[(&Path, &str)]) -> Result<Self, Failure> {
        let mut outputs = Self {
            files: Vec::new(),
            takes_stdout: false,
            settings: Settings::default(),
        };
        check_places(wanted, others)?;
        for ReportTo { format, path } in wanted {
            let name = path.display().to_string();
            let (name, writer): (_, Box<dyn Write>) = if name == "-" {
                outputs.takes_stdout = true;
                ("standard output".into(), Box::new(io::stdout()))
            } else {
                if *format == Format::Ndjson {
                    outputs.settings.record_path = Some(name.clone());
                }
                let file = File::create(path)
                    .map_err(|error| Failure::usage(format!("{name}: {error}")))?;
                (name, Box::new(BufWriter::new(file)))
            };
            outputs.files.push((*format, Named { name, writer }));
        }
        Ok(outputs)
    }

    /// The NDJSON reports, which are written during the run.
    pub(crate) fn records(&mut self) -> Records {
        let records = self
            .files
            .extract_if(.., |(format, ..)| *format == Format::Ndjson);
        Records {
            writers: records
                .map(|(_, writer)| NdjsonWriter::new(writer))
                .collect(),
            written: Ok(()),
        }
    }

    /// Whether a report goes to standard output, where nothing else may then go.
    pub(crate) fn takes_stdout(&self) -> bool {
        self.takes_stdout
    }

    /// Whether a report needs the whole record after the run.
    pub(crate) fn wants_record(&self) -> bool {
        !self.files.is_empty()
    }

    /// Writes all files. If one fails, the others are still written.
    pub(crate) fn write(&mut self, record: &RunRecord) -> Result<(), Failure> {
        let mut written = Ok(());
        for (format, writer) in &mut self.files {
            match report::write(*format, writer, record, &self.settings) {
                // A reader that closes the pipe early, such as `head`, does not change the verdict.
                Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
                Err(error) => written = both(written, Err(Failure::environment(error))),
                Ok(()) => {}
            }
        }
        written
    }

    /// Shows the record on the terminal: on standard output, or on standard error if a report goes to
    /// standard output.
    pub(crate) fn show(&self, record: &RunRecord, detail: Detail) -> Result<(), Failure> {
        let layout = Layout {
            width: width(),
            detail,
        };
        let shown = if self.takes_stdout {
            terminal::write(anstream::stderr().lock(), record, &self.settings, layout)
        } else {
            terminal::write(anstream::stdout().lock(), record, &self.settings, layout)
        };
        match shown {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            shown => Ok(shown?),
        }
    }
}

/// A file whose errors name it.
struct Named {
    name: String,
    writer: Box<dyn Write>,
}

impl Named {
    fn named(&self, error: &io::Error) -> io::Error {
        io::Error::new(error.kind(), format!("{}: {error}", self.name))
    }
}

impl Write for Named {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes).map_err(|error| self.named(&error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush().map_err(|error| self.named(&error))
    }
}

/// Records that are written during a run. One that cannot be written ends there, and the others go
/// on.
pub(crate) struct Records {
    writers: Vec<NdjsonWriter<Named>>,
    written: Result<(), Failure>,
}

impl Records {
    /// Writes the first line.
    pub(crate) fn run(&mut self, head: &RunHead) -> Vec<String> {
        self.write(|record| record.run(head))
    }

    /// Writes a case's line.
    pub(crate) fn case(&mut self, case: &CaseRecord) -> Vec<String> {
        self.write(|record| record.case(case))
    }

    /// Writes the last line.
    pub(crate) fn summary(&mut self, summary: &Summary) -> Vec<String> {
        self.write(|record| record.summary(summary))
    }

    /// Fails if a record could not be written.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        self.written
    }

    /// Writes a line to all records, and returns why some end here.
    fn write(&mut self, line: impl Fn(&mut NdjsonWriter<Named>) -> io::Result<()>) -> Vec<String> {
        let mut ended = Vec::new();
        self.writers.retain_mut(|record| {
            let Err(error) = line(record) else {
                return true;
            };
            let message = format!("cannot write the record: {error}");
            // A reader that closes the pipe early, such as `head`, does not change the verdict.
            if error.kind() != ErrorKind::BrokenPipe {
                let written = std::mem::replace(&mut self.written, Ok(()));
                self.written = both(written, Err(Failure::environment(&message)));
            }
            ended.push(message);
            false
        });
        ended
    }
}
