//! Checks what a case sends against EC2's service model.

use crate::format::case::{Step, Undo};
use crate::format::place::{Mistake, Under as _};
use crate::format::template::{Template, variables};
use crate::record::place::parts;
use ec2wire_model::{Kind, Model, Operation, Shape, Timestamp};

/// Everything that the step's action, members and deletion do not have in common with the model.
pub(super) fn step(step: &Step) -> Vec<Mistake> {
    if step.beyond_model {
        return Vec::new();
    }
    let Some(name) = &step.action else {
        return Vec::new();
    };
    let action = match operation(name) {
        Ok(action) => action,
        Err(mistake) => return vec![on_purpose(mistake).under("action")],
    };
    let mut found = Members {
        action,
        found: Vec::new(),
    };
    if let Some(members) = &step.members {
        match action.input() {
            Some(input) => found.value(input, members, ""),
            None => found.without_input(members),
        }
    }
    let mut found = found.found.under("members");
    if let Some(undo) = &step.undo {
        found.extend(self::undo(undo, action).err().map(|m| m.under("undo")));
    }
    found
}

/// The shape at a path of elements below a structure.
pub fn shape_at(structure: Shape, path: &str) -> Option<Shape> {
    let mut names = parts(path).map(|part| part.name);
    names.try_fold(structure, |shape, name| {
        if let Kind::List {
            entry, entry_name, ..
        } = shape.kind()
        {
            return (entry_name == name).then_some(entry);
        }
        let mut members = shape.members();
        let member = members.find(|member| member.element_name() == name)?;
        Some(member.shape())
    })
}

/// The action of that name.
fn operation(name: &str) -> Result<Operation, Mistake> {
    Model::ec2().operation(name).ok_or_else(|| {
        let all = Model::ec2().operations().map(|known| known.name());
        Mistake::new(format!("EC2 has no action `{name}`")).suggest(name, all)
    })
}

/// Adds to the hint how a step says that it is meant.
fn on_purpose(mistake: Mistake) -> Mistake {
    const HOW: &str = "to send it on purpose, add `beyond-model = true` to the step";
    let hint = match &mistake.hint {
        Some(meant) if meant.ends_with('?') => format!("{meant} {HOW}"),
        Some(names) => format!("{names}; {HOW}"),
        None => HOW.to_owned(),
    };
    mistake.hint(hint)
}

/// Checks how to delete what the action makes.
fn undo(undo: &Undo, action: Operation) -> Result<(), Mistake> {
    let delete = operation(&undo.action).map_err(|mistake| mistake.under("action"))?;
    key(delete, &undo.key).under("key")?;
    made(action, &undo.at).under("at")?;
    if let Some(alias) = &undo.alias {
        key(delete, &alias.key).under("key").under("alias")?;
        made(action, &alias.at).under("at").under("alias")?;
    }
    Ok(())
}

/// Checks a key on the wire that takes a text.
fn key(action: Operation, key: &str) -> Result<(), Mistake> {
    let mut parts = key.split('.');
    let first = parts.next().unwrap_or_default();
    let members = || action.input().into_iter().flat_map(members_of);
    let Some((_, shape)) = members().find(|(known, _)| known == first) else {
        let keys: Vec<String> = members().map(|(known, _)| known).collect();
        let mistake = Mistake::new(format!("{} has no key `{key}`", action.name()));
        return Err(mistake.suggest(first, keys.iter().map(String::as_str)));
    };
    let is_bare = parts.next().is_none();
    if is_bare && matches!(shape.kind(), Kind::List { .. }) {
        let mistake = Mistake::new(format!("`{key}` is a list"));
        return Err(mistake.hint(format!("the key of its first entry is `{key}.1`")));
    }
    Ok(())
}

/// The members of a request by their keys on the wire.
fn members_of(shape: Shape) -> Vec<(String, Shape)> {
    let members = shape.members();
    members
        .map(|member| (member.form_key(), member.shape()))
        .collect()
}

/// Checks a path in the action's answer.
fn made(action: Operation, path: &str) -> Result<(), Mistake> {
    let output = action.output();
    if output.is_some_and(|output| shape_at(output, path).is_some()) {
        return Ok(());
    }
    let message = format!("the answer of {} has no `{path}`", action.name());
    Err(Mistake::new(message).hint(format!(
        "`ec2wire describe {}` shows its answer",
        action.name()
    )))
}

/// The check of a step's members.
struct Members {
    action: Operation,
    found: Vec<Mistake>,
}

impl Members {
    fn note(&mut self, mistake: Mistake) {
        self.found.push(on_purpose(mistake));
    }

    /// Notes what is wrong inside, with the part of the way there.
    fn inside(
        &mut self,
        part: impl Into<crate::format::place::Part>,
        check: impl FnOnce(&mut Self),
    ) {
        let before = self.found.len();
        check(self);
        let inside = self.found.split_off(before);
        self.found.extend(inside.under(part));
    }

    fn unknown(&mut self, path: &str, name: &str, known: Shape) {
        let message = format!("{} has no member `{path}`", self.action.name());
        let names = known.members().map(|member| member.name());
        self.note(Mistake::new(message).suggest(name, names));
    }

    fn without_input(&mut self, members: &Template) {
        if let Template::Structure(members) = members {
            for (name, _) in members {
                self.inside(name.as_str(), |found| {
                    let message = format!("{} takes no members", found.action.name());
                    found.note(Mistake::new(message));
                });
            }
        }
    }

    /// Checks a value; `path` says where it is, in the API's names.
    fn value(&mut self, shape: Shape, value: &Template, path: &str) {
        match (shape.kind(), value) {
            (Kind::Structure, Template::Structure(members)) => {
                for (name, value) in members {
                    // The name is known only when the case runs.
                    if variables(name).next().is_some() {
                        continue;
                    }
                    let dot = if path.is_empty() { "" } else { "." };
                    let path = format!("{path}{dot}{name}");
                    self.inside(name.as_str(), |found| match shape.member(name) {
                        Some(member) => found.value(member.shape(), value, &path),
                        None => found.unknown(&path, name, shape),
                    });
                }
            }
            (Kind::Map { value: inner, .. }, Template::Structure(entries)) => {
                for (name, value) in entries {
                    let path = format!("{path}.{name}");
                    self.inside(name.as_str(), |found| found.value(inner, value, &path));
                }
            }
            (Kind::List { entry, .. }, Template::List(entries)) => {
                for (at, value) in entries.iter().enumerate() {
                    let path = format!("{path}[{at}]");
                    self.inside(at, |found| found.value(entry, value, &path));
                }
            }
            (Kind::List { entry, .. }, Template::Generate { each, at, .. }) => {
                let path = format!("{path}[]");
                self.inside("each", |found| found.value(entry, each, &path));
                self.inside("at", |found| {
                    for (position, value) in at {
                        found.inside(position.as_str(), |found| found.value(entry, value, &path));
                    }
                });
            }
            (kind, value) => {
                if let Some(wrong) = wrong_kind(kind, value) {
                    self.note(Mistake::new(format!("`{path}`: {wrong}")));
                }
            }
        }
    }
}

/// What is wrong with a value that is no structure or list of the model.
fn wrong_kind(kind: Kind, value: &Template) -> Option<String> {
    let (wanted, is_right): (&str, fn(&str) -> bool) = match kind {
        Kind::Structure | Kind::Map { .. } => ("a table", |_| false),
        Kind::List { .. } => ("a list", |_| false),
        Kind::Integer => ("a 32-bit integer", |text| text.parse::<i32>().is_ok()),
        Kind::Long => ("an integer", |text| text.parse::<i64>().is_ok()),
        Kind::Float | Kind::Double => ("a number", |text| text.parse::<f64>().is_ok()),
        Kind::Boolean => ("true or false", |text| matches!(text, "true" | "false")),
        Kind::Timestamp(_) => ("a time such as 2016-11-15T08:00:00Z", |text| {
            text.parse::<Timestamp>().is_ok()
        }),
        // Texts, bytes, and kinds that a newer model may have.
        _ => ("a text", |_| true),
    };
    let takes_texts = !matches!(kind, Kind::Structure | Kind::Map { .. } | Kind::List { .. });
    let found = match value {
        // What a variable stands for is known only when the case runs.
        Template::Text(text) if takes_texts && variables(text).next().is_some() => return None,
        Template::Text(text) if is_right(text) => return None,
        Template::Repeat { .. } if matches!(kind, Kind::String | Kind::Blob) => return None,
        Template::Text(text) => format!("`{text}`"),
        Template::Repeat { .. } => "a repeated text".to_owned(),
        Template::List(_) | Template::Generate { .. } => "a list".to_owned(),
        Template::Structure(_) => "a table".to_owned(),
    };
    Some(format!("expected {wanted}, got {found}"))
}
