//! Positions of mistakes in files that people write, and suggestions for misspelt names.

use crate::format::case::{Check, Test};
use crate::format::embedded::DataFile;
use crate::format::template::Template;
use ec2wire_model::closest;
use serde::Deserialize as _;
use std::fmt;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// How many characters of a line an error shows at most.
const EXCERPT: usize = 100;
/// How many names a hint lists at most.
const LISTED: usize = 30;

/// An error in a data file: what is wrong, where, and a hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueError {
    file: String,
    /// Line and column from 1, the line itself, and how many of its characters to mark.
    place: Option<(usize, usize, String, usize)>,
    message: String,
    hint: Option<String>,
}

impl fmt::Display for CatalogueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some((line, column, ..)) = &self.place {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.message)?;
        if let Some((line, column, excerpt, length)) = &self.place {
            let number = line.to_string();
            let margin = " ".repeat(number.len());
            // Show only a part of a long line.
            let left_out = if excerpt.chars().count() > EXCERPT {
                column.saturating_sub(EXCERPT / 3)
            } else {
                0
            };
            let dots = if left_out > 0 { "..." } else { "" };
            let shown: String = excerpt.chars().skip(left_out).take(EXCERPT).collect();
            let before = " ".repeat((column - 1).saturating_sub(left_out) + dots.len());
            let marks = "^".repeat((*length).min((left_out + EXCERPT).saturating_sub(column - 1)));
            write!(
                f,
                "\n{margin} |\n{number} | {dots}{shown}\n{margin} | {before}{marks}"
            )?;
        }
        match &self.hint {
            Some(hint) => write!(f, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for CatalogueError {}

impl CatalogueError {
    /// An error in a file as a whole.
    pub fn new(file: &str, message: &dyn fmt::Display) -> Self {
        Self {
            file: file.to_owned(),
            place: None,
            message: message.to_string().trim_end().to_owned(),
            hint: None,
        }
    }

    /// The line and the column, from 1; `None` if the error is about the file as a whole.
    pub fn line_and_column(&self) -> Option<(usize, usize)> {
        let (line, column, ..) = self.place.as_ref()?;
        Some((*line, *column))
    }

    /// Adds a hint if the error has none.
    #[must_use]
    pub fn or_hint(mut self, hint: &str) -> Self {
        self.hint.get_or_insert_with(|| hint.to_owned());
        self
    }

    /// The error for a mistake at a place in the text.
    pub fn at(file: &str, text: &str, span: Option<Range<usize>>, mistake: &Mistake) -> Self {
        let place = span.map(|span| {
            let (line, column, excerpt) = line_at(text, span.start);
            let meant = text.get(span).and_then(|meant| meant.lines().next());
            let rest = excerpt.chars().count().saturating_sub(column - 1).max(1);
            let length = meant
                .map_or(1, |meant| meant.chars().count())
                .clamp(1, rest);
            (line, column, excerpt.to_owned(), length)
        });
        Self {
            file: file.to_owned(),
            place,
            message: mistake.message.clone(),
            hint: mistake.hint.clone(),
        }
    }
}

/// A step of the path to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A table's key.
    Key(String),
    /// An array's index, from 0.
    Index(usize),
}

impl From<&str> for Part {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for Part {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// A mistake, the path to the value that contains it, and a hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The path to the value.
    pub path: Vec<Part>,
    /// What is wrong.
    pub message: String,
    /// A hint.
    pub hint: Option<String>,
}

impl Mistake {
    /// A mistake in the value itself.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            path: Vec::new(),
            message: message.into(),
            hint: None,
        }
    }

    /// Adds a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds a hint: the most similar name, or else all of the names.
    #[must_use]
    pub fn suggest<'n>(self, name: &str, names: impl IntoIterator<Item = &'n str>) -> Self {
        let names: Vec<&str> = names.into_iter().collect();
        match closest(name, names.iter().copied()) {
            Some(meant) => self.hint(format!("did you mean `{meant}`?")),
            None if names.is_empty() || names.len() > LISTED => self,
            None => {
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                self.hint(format!("expected {}", names.join(", ")))
            }
        }
    }

    /// Puts a step in front of the path.
    #[must_use]
    pub fn under(mut self, part: impl Into<Part>) -> Self {
        self.path.insert(0, part.into());
        self
    }
}

/// Adds path steps to a result's mistake.
pub trait Under {
    /// Puts a step in front of the mistake's path.
    #[must_use]
    fn under(self, part: impl Into<Part>) -> Self;
}

impl Under for Result<(), Mistake> {
    fn under(self, part: impl Into<Part>) -> Self {
        self.map_err(|mistake| mistake.under(part))
    }
}

impl Under for Vec<Mistake> {
    fn under(self, part: impl Into<Part>) -> Self {
        let part = part.into();
        let mistakes = self.into_iter();
        mistakes
            .map(|mistake| mistake.under(part.clone()))
            .collect()
    }
}

/// Reads an embedded file.
///
/// Fails only if the file is wrong, which a test excludes.
pub fn read_embedded<T: serde::de::DeserializeOwned>(file: DataFile) -> Result<T, CatalogueError> {
    read(file.path, file.text)
}

/// Reads a file that a person wrote.
pub fn read<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> Result<T, CatalogueError> {
    toml::from_str(text).map_err(|error| unread(file, text, &error))
}

/// The error for what serde could not read.
pub(crate) fn unread(file: &str, text: &str, error: &toml::de::Error) -> CatalogueError {
    let mistake = explain(error.message());
    let root = DeTable::parse(text).ok();
    let value = root
        .as_ref()
        .zip(error.span())
        .and_then(|(root, span)| value_at(root.get_ref(), &span));
    // serde knows no positions inside these.
    match value.map(Spanned::get_ref) {
        Some(DeValue::Table(table)) if is_check(table) => {
            let (span, mistake) = of_check(table, mistake);
            CatalogueError::at(file, text, span.or(error.span()), &mistake)
        }
        _ => {
            let span = value.map(|value| of_template(text, value)).or(error.span());
            CatalogueError::at(file, text, span, &mistake)
        }
    }
}

/// The value at exactly that place.
fn value_at<'v>(table: &'v DeTable<'_>, span: &Range<usize>) -> Option<&'v Spanned<DeValue<'v>>> {
    fn inside<'v>(
        value: &'v Spanned<DeValue<'v>>,
        span: &Range<usize>,
    ) -> Option<&'v Spanned<DeValue<'v>>> {
        // An array of tables has the position of its first table; return the inner value.
        match value.get_ref() {
            DeValue::Table(table) => value_at(table, span),
            DeValue::Array(array) => array.iter().find_map(|entry| inside(entry, span)),
            _ => None,
        }
        .or_else(|| (value.span() == *span).then_some(value))
    }
    table.values().find_map(|value| inside(value, span))
}

fn is_check(table: &DeTable<'_>) -> bool {
    table.contains_key("at") && !table.contains_key("generate")
}

/// Finds what is wrong with a check, and where.
fn of_check(table: &DeTable<'_>, mistake: Mistake) -> (Option<Range<usize>>, Mistake) {
    let keys = Check::KEYS;
    let tests = test_names();
    let known = |key: &str| keys.contains(&key) || tests.iter().any(|test| test == key);
    if let Some((key, _)) = table.iter().find(|(key, _)| !known(key.get_ref())) {
        let names = keys.into_iter().chain(tests.iter().map(String::as_str));
        let name = key.get_ref();
        let mistake = Mistake::new(format!("unknown key `{name}`")).suggest(name, names);
        return (Some(key.span()), mistake);
    }
    let mut stand = table
        .keys()
        .filter(|key| !keys.contains(&key.get_ref().as_ref()));
    match (stand.next(), stand.next()) {
        (None, _) => {
            let mistake = Mistake::new("the check has no test");
            (None, mistake.suggest("", tests.iter().map(String::as_str)))
        }
        (Some(one), Some(other)) => {
            let (one, name) = (one.get_ref(), other.get_ref());
            let mistake = Mistake::new(format!("the check has two tests, `{one}` and `{name}`"));
            (Some(other.span()), mistake.hint("split it into two checks"))
        }
        _ => (None, mistake),
    }
}

/// The keys of a check that are tests.
fn test_names() -> Vec<String> {
    let unknown = serde::de::value::StrDeserializer::<serde::de::value::Error>::new("");
    let message =
        Test::deserialize(unknown).map_or_else(|error| error.to_string(), |_| String::new());
    in_quotes(&message).into_iter().skip(1).collect()
}

/// The position of the mistake in a template: the innermost value that is invalid.
fn of_template(text: &str, value: &Spanned<DeValue<'_>>) -> Range<usize> {
    let is_wrong = |value: &Spanned<DeValue<'_>>| {
        let text = text.get(value.span()).unwrap_or_default();
        let parsed = toml::de::ValueDeserializer::parse(text).ok();
        let value = parsed.and_then(|parsed| toml::Value::deserialize(parsed).ok());
        value.is_some_and(|value| Template::try_from(value).is_err())
    };
    let children: Vec<_> = match value.get_ref() {
        DeValue::Table(table) => table.values().collect(),
        DeValue::Array(array) => array.iter().collect(),
        _ => Vec::new(),
    };
    match children.into_iter().find(|child| is_wrong(child)) {
        Some(child) => of_template(text, child),
        None => value.span(),
    }
}

fn in_quotes(text: &str) -> Vec<String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// The error for a mistake in a file.
pub fn locate(file: &str, text: &str, mistake: &Mistake) -> CatalogueError {
    CatalogueError::at(file, text, span(text, &mistake.path), mistake)
}

/// The error for a mistake in an embedded file.
pub fn locate_embedded(file: DataFile, mistake: &Mistake) -> CatalogueError {
    locate(file.path, file.text, mistake)
}

/// The position of the value at the end of the path, or of the last existing value on it.
fn span(text: &str, path: &[Part]) -> Option<Range<usize>> {
    let root = DeTable::parse(text).ok()?;
    let mut found = None;
    let mut parts = path.iter();
    let Some(Part::Key(first)) = parts.next() else {
        return None;
    };
    let mut value = root.get_ref().get(first.as_str())?;
    loop {
        // An array of tables has no position of its own.
        if !matches!(value.get_ref(), DeValue::Array(_)) || !value.span().is_empty() {
            found = Some(value.span());
        }
        let next = match (value.get_ref(), parts.next()) {
            (DeValue::Table(table), Some(Part::Key(key))) => table.get(key.as_str()),
            (DeValue::Array(array), Some(Part::Index(index))) => array.get(*index),
            _ => None,
        };
        match next {
            Some(next) => value = next,
            None => return found,
        }
    }
}

/// Rewords serde's message in this crate's style. Unknown messages stay as they are.
fn explain(message: &str) -> Mistake {
    let message = message.trim_end().replace('\n', ", ");
    for (begins, what) in [("unknown field ", "key"), ("unknown variant ", "value")] {
        if let Some(rest) = message.strip_prefix(begins) {
            let (name, names) = rest.split_once(", ").unwrap_or((rest, ""));
            let [name, ..] = in_quotes(name).try_into().unwrap_or([String::new()]);
            let names = in_quotes(names);
            return Mistake::new(format!("unknown {what} `{name}`"))
                .suggest(&name, names.iter().map(String::as_str));
        }
    }
    match message.strip_prefix("missing field ") {
        Some(rest) => Mistake::new(format!("missing key {rest}")),
        None => Mistake::new(message),
    }
}

/// Line and column of an offset, from 1, with the column in characters; and the line.
pub fn line_at(text: &str, offset: usize) -> (usize, usize, &str) {
    let offset = (0..=offset.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or_default();
    let (before, after) = text.split_at(offset);
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let end = after.find('\n').map_or(text.len(), |at| offset + at);
    let line = before.matches('\n').count() + 1;
    let column = before.get(start..).unwrap_or_default().chars().count() + 1;
    (
        line,
        column,
        text.get(start..end).unwrap_or_default().trim_end(),
    )
}
