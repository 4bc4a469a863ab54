//! The members of a line, read one by one.

use super::value;
use ec2wire_model::{Structure, Value};

/// What is wrong in a line, and where.
#[derive(Debug)]
pub(in crate::server) struct Problem {
    pub(super) path: String,
    pub(super) reason: String,
}

impl Problem {
    pub(in crate::server) fn new(path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            reason: reason.into(),
        }
    }
}

/// A structure of which each member is taken once.
#[derive(Debug)]
pub(in crate::server) struct Fields {
    rest: Structure<'static>,
    path: String,
}

impl Fields {
    pub(in crate::server) fn new(value: Value<'static>, path: &str) -> Result<Self, Problem> {
        match value {
            Value::Structure(rest) => Ok(Self {
                rest,
                path: path.to_owned(),
            }),
            _ => Err(Problem::new(path, "it is not an object")),
        }
    }

    /// A problem with a member.
    pub(in crate::server) fn problem(&self, name: &str, reason: impl Into<String>) -> Problem {
        let dot = if self.path.is_empty() { "" } else { "." };
        Problem::new(format!("{}{dot}{name}", self.path), reason)
    }

    /// The name and the value of the only member.
    pub(super) fn only(mut self) -> Result<(String, Value<'static>), Problem> {
        let names: Vec<String> = self.rest.iter().map(|(name, _)| name.to_owned()).collect();
        match names.as_slice() {
            [name] => {
                let value = self.rest.remove(name).unwrap_or_default();
                Ok((name.clone(), value))
            }
            _ => Err(Problem::new(
                self.path,
                "a line has one member, which says what it is",
            )),
        }
    }

    fn optional(&mut self, name: &str) -> Value<'static> {
        self.rest.remove(name).unwrap_or_default()
    }

    pub(in crate::server) fn optional_text(
        &mut self,
        name: &str,
    ) -> Result<Option<String>, Problem> {
        match self.optional(name) {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(text.as_str().to_owned())),
            _ => Err(self.problem(name, "it is not a text")),
        }
    }

    pub(in crate::server) fn text(&mut self, name: &str) -> Result<String, Problem> {
        let text = self.optional_text(name)?;
        text.ok_or_else(|| self.problem(name, "it is missing"))
    }

    /// A text that answers show.
    pub(in crate::server) fn shown_text(&mut self, name: &str) -> Result<String, Problem> {
        let text = self.text(name)?;
        value::check_characters(&text, &format!("{}.{name}", self.path))?;
        Ok(text)
    }

    pub(in crate::server) fn number(&mut self, name: &str) -> Result<u64, Problem> {
        match self.optional(name) {
            Value::Null => Err(self.problem(name, "it is missing")),
            Value::Integer(number) => {
                u64::try_from(number).map_err(|_| self.problem(name, "it is negative"))
            }
            _ => Err(self.problem(name, "it is not a whole number")),
        }
    }

    /// Whether something is so. It is not if nothing is said.
    pub(in crate::server) fn flag(&mut self, name: &str) -> Result<bool, Problem> {
        match self.optional(name) {
            Value::Null => Ok(false),
            Value::Bool(flag) => Ok(flag),
            _ => Err(self.problem(name, "it is neither true nor false")),
        }
    }

    fn list(&mut self, name: &str) -> Result<Vec<Value<'static>>, Problem> {
        match self.optional(name) {
            Value::Null => Ok(Vec::new()),
            Value::List(entries) => Ok(entries),
            _ => Err(self.problem(name, "it is not a list")),
        }
    }

    /// A list of texts; an absent one is empty.
    pub(in crate::server) fn texts(&mut self, name: &str) -> Result<Vec<String>, Problem> {
        let entries = self.list(name)?.into_iter();
        let texts = entries.map(|entry| match entry {
            Value::String(text) => Ok(text.as_str().to_owned()),
            _ => Err(self.problem(name, "it has an entry that is not a text")),
        });
        texts.collect()
    }

    /// Keys and values; an absent list is empty.
    pub(in crate::server) fn pairs(
        &mut self,
        name: &str,
    ) -> Result<Vec<(String, String)>, Problem> {
        let entries = self.list(name)?.into_iter().enumerate();
        let mut pairs = Vec::new();
        for (at, entry) in entries {
            let mut pair = Self::new(entry, &format!("{}.{name}[{at}]", self.path))?;
            pairs.push((pair.shown_text("key")?, pair.shown_text("value")?));
            pair.end()?;
        }
        Ok(pairs)
    }

    /// A structure of any values. It is empty if nothing is said.
    pub(in crate::server) fn structure(
        &mut self,
        name: &str,
    ) -> Result<Structure<'static>, Problem> {
        match self.optional(name) {
            Value::Null => Ok(Structure::new()),
            Value::Structure(structure) => {
                value::structure_from_json(&structure, &format!("{}.{name}", self.path))
            }
            _ => Err(self.problem(name, "it is not an object")),
        }
    }

    /// The members of a structure.
    pub(in crate::server) fn fields(&mut self, name: &str) -> Result<Self, Problem> {
        let path = format!("{}.{name}", self.path);
        Self::new(self.optional(name), &path)
    }

    /// Refuses what nobody took.
    pub(in crate::server) fn end(self) -> Result<(), Problem> {
        match self.rest.iter().next() {
            Some((name, _)) => Err(self.problem(name, "nothing has this name")),
            None => Ok(()),
        }
    }
}

/// Members that are written if they say something.
#[derive(Debug, Default)]
pub(in crate::server) struct Line(Structure<'static>);

impl Line {
    pub(in crate::server) fn set(
        mut self,
        name: &'static str,
        value: impl Into<Value<'static>>,
    ) -> Self {
        let value = value.into();
        let is_empty = match &value {
            Value::Null | Value::Bool(false) => true,
            Value::List(entries) => entries.is_empty(),
            Value::Structure(structure) => structure.is_empty(),
            _ => false,
        };
        if !is_empty {
            self.0.insert(name, value);
        }
        self
    }

    pub(in crate::server) fn number(self, name: &'static str, number: u64) -> Self {
        self.set(name, i64::try_from(number).unwrap_or(i64::MAX))
    }

    pub(in crate::server) fn texts<'t>(
        self,
        name: &'static str,
        texts: impl IntoIterator<Item = &'t String>,
    ) -> Self {
        let texts = texts.into_iter().map(|text| text.clone().into());
        self.set(name, Value::List(texts.collect()))
    }

    pub(in crate::server) fn pairs(self, name: &'static str, pairs: &[(String, String)]) -> Self {
        let pairs = pairs.iter().map(|(key, value)| {
            let pair = [("key", key), ("value", value)];
            Structure::from(pair.map(|(name, text)| (name, Value::from(text.clone())))).into()
        });
        self.set(name, Value::List(pairs.collect()))
    }

    pub(in crate::server) fn structure(
        self,
        name: &'static str,
        structure: &Structure<'static>,
    ) -> Self {
        self.set(name, value::structure_to_json(structure))
    }

    pub(in crate::server) fn into_value(self) -> Value<'static> {
        self.0.into()
    }
}
