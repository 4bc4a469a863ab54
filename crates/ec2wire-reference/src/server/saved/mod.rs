//! A world as a file: a line of JSON for each thing that exists.
//!
//! - The first line says what the file is. A line `area` begins an account in a Region, and the lines
//!   after it are what that has: `state/saved.rs` writes and reads them.
//! - `fields` takes the members of a line one by one, and `value` is values of any kind.

mod fields;
mod value;

pub(super) use fields::{Fields, Line, Problem};

use super::area::Area;
use super::config::Config;
use super::hooks::Hooks;
use super::state::State;
use ec2wire_model::{Structure, Value};
use std::collections::HashMap;
use std::fmt;
use std::io::{self, BufRead, Write};

/// What the first line says.
const FORMAT: (&str, &str) = ("ec2wire", "state");
/// The version of the format. It changes with what a line means, not with new members.
const VERSION: u64 = 1;

/// Why a world could not be loaded. Nothing of it was.
///
/// ```
/// use ec2wire_reference::{Config, World};
///
/// let world = World::new(Config::default());
/// let file = "{\"ec2wire\":\"state\",\"version\":1}\n{\"area\":{\"account\":\"7\",\"region\":\"us-east-1\"}}\n";
/// let error = world.load(file.as_bytes()).unwrap_err();
/// assert_eq!((error.line, error.path.as_str()), (2, "area.account"));
/// assert_eq!(error.to_string(), "line 2, area.account: it does not have 12 digits");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoadError {
    /// The number of the line, from 1.
    pub line: usize,
    /// The member of the line, as in `item.id`. Empty if the whole line is meant.
    pub path: String,
    /// What is wrong.
    pub reason: String,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if !self.path.is_empty() {
            write!(f, ", {}", self.path)?;
        }
        write!(f, ": {}", self.reason)
    }
}

impl std::error::Error for LoadError {}

/// Writes the first line.
pub(super) fn write_start(out: &mut dyn Write) -> io::Result<()> {
    let (name, kind) = FORMAT;
    let start = Line::default().set(name, kind).number("version", VERSION);
    write(out, &start.into_value())
}

/// Writes a line that says what it is.
pub(super) fn write_line(out: &mut dyn Write, kind: &'static str, line: Line) -> io::Result<()> {
    write(out, &Structure::from([(kind, line.into_value())]).into())
}

fn write(out: &mut dyn Write, value: &Value<'static>) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

/// Reads all areas.
pub(super) fn read(
    from: impl BufRead,
    config: &Config,
    hooks: &'static dyn Hooks,
) -> Result<HashMap<Area, State>, LoadError> {
    let mut areas = HashMap::new();
    let mut current: Option<(Area, State)> = None;
    let mut has_start = false;
    let mut lines = from.lines().zip(1..);
    let mut last = 0;
    let at = |line| move |Problem { path, reason }| LoadError { line, path, reason };
    for (text, line) in &mut lines {
        last = line;
        let text = text.map_err(|error| at(line)(Problem::new("", error.to_string())))?;
        if text.trim().is_empty() {
            continue;
        }
        let value = parse(&text).map_err(at(line))?;
        if !has_start {
            check_start(value).map_err(at(line))?;
            has_start = true;
            continue;
        }
        let (kind, value) = Fields::new(value, "")
            .and_then(Fields::only)
            .map_err(at(line))?;
        let fields = Fields::new(value, &kind).map_err(at(line))?;
        if kind == "area" {
            let (area, state) = read_area(fields, config, hooks).map_err(at(line))?;
            if areas.contains_key(&area)
                || current.as_ref().is_some_and(|(known, _)| *known == area)
            {
                return Err(at(line)(Problem::new(
                    kind,
                    "there is one of this name already",
                )));
            }
            areas.extend(current.replace((area, state)));
            continue;
        }
        let Some((_, state)) = &mut current else {
            return Err(at(line)(Problem::new(kind, "no area comes before it")));
        };
        state.load_line(&kind, fields).map_err(at(line))?;
    }
    if !has_start {
        return Err(at(last.max(1))(Problem::new("", "the file is empty")));
    }
    areas.extend(current);
    Ok(areas)
}

fn parse(text: &str) -> Result<Value<'static>, Problem> {
    let value = serde_json::from_str::<Value<'_>>(text);
    value
        .map(Value::into_owned)
        .map_err(|error| Problem::new("", format!("it is not JSON: {error}")))
}

fn check_start(value: Value<'static>) -> Result<(), Problem> {
    let (name, kind) = FORMAT;
    let mut start = Fields::new(value, "")?;
    if start.optional_text(name)?.as_deref() != Some(kind) {
        return Err(Problem::new("", "it is not a file of ec2wire's state"));
    }
    match start.number("version")? {
        VERSION => start.end(),
        other => Err(Problem::new(
            "version",
            format!("{other} is not known here"),
        )),
    }
}

fn read_area(
    mut fields: Fields,
    config: &Config,
    hooks: &'static dyn Hooks,
) -> Result<(Area, State), Problem> {
    let area = Area {
        account: fields.text("account")?,
        region: fields.text("region")?,
    };
    if area.account != config.account && !area.has_valid_account() {
        return Err(fields.problem("account", "it does not have 12 digits"));
    }
    if area.region != config.region && !area.has_valid_region() {
        return Err(fields.problem("region", "it is not the name of a Region"));
    }
    let state = State::load_area(&area, fields, config, hooks)?;
    Ok((area, state))
}
