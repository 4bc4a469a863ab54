//! A file to start a case of one's own from.

use super::TAGS;
use super::creation::{self, Creation, kebab};
use super::fixtures::Fixtures;
use super::plain::{Plain, placeholder};
use crate::catalogue::modelled::shape_at;
use crate::format::case::Undo;
use crate::format::embedded::CASES_SCHEMA_LINE;
use ec2wire_model::{Kind, Member, Operation, Shape, Value};
use std::fmt::{self, Write as _};

/// How many values of an enum a comment lists.
const FEW_VALUES: usize = 12;
/// How many columns a comment takes.
const WIDTH: usize = 96;

/// A file with one requirement and one case: the plain request of the action. Each further member is
/// a comment with its type and a value, and what follows `# ` is valid as it is.
///
/// ```
/// use ec2wire_conformance::Catalogue;
/// use ec2wire_conformance::laws::{self, Fixtures};
/// use ec2wire_model::Model;
///
/// let action = Model::ec2().operation("CreateVpc").unwrap();
/// let file = laws::start(action, &Fixtures::embedded()?);
/// let mut catalogue = Catalogue::without_cases()?;
/// catalogue.add_cases("vpc.toml", &file)?;
/// assert_eq!(catalogue.cases()[0].id, "mine/create-vpc");
/// # Ok::<(), ec2wire_conformance::CatalogueError>(())
/// ```
pub fn start(action: Operation, fixtures: &Fixtures) -> String {
    let mut file = String::new();
    // Writing to a `String` does not fail.
    let _ = write(&mut file, action, fixtures);
    file
}

fn write(file: &mut String, action: Operation, fixtures: &Fixtures) -> fmt::Result {
    let name = action.name();
    let id = kebab(name);
    let title = text(&format!("a plain {name} is accepted"));
    writeln!(file, "{CASES_SCHEMA_LINE}")?;
    comment(
        file,
        &format!(
            "A case of your own for {name}. `ec2wire describe {name}` shows all of the action."
        ),
    )?;
    writeln!(file, "prefix = \"mine\"\nphase = \"semantics\"\n")?;
    comment(
        file,
        "What must hold, and how you know. A must or a should needs evidence that binds: docs, \
         model, standard or observed.",
    )?;
    writeln!(file, "[[requirement]]\nid = \"my-{id}\"\nlevel = \"may\"")?;
    writeln!(file, "statement = {title}")?;
    writeln!(
        file,
        "source = \"say where this is written, or when it was seen\""
    )?;
    writeln!(file, "evidence = \"unknown\"\n")?;
    writeln!(
        file,
        "[[case]]\nid = \"{id}\"\ntitle = {title}\nrequirement = \"my-{id}\"\n"
    )?;
    writeln!(
        file,
        "[[case.step]]\nname = \"first\"\naction = \"{name}\"\nexpect = \"success\""
    )?;
    let creation = Creation::find(action, fixtures);
    if let Some(undo) = creation
        .as_ref()
        .and_then(|creation| creation.undo.as_ref())
    {
        comment(file, "What the request makes is deleted after the case.")?;
        writeln!(file, "undo = {}", deletion(undo))?;
    }
    if let Some(input) = action.input() {
        members(file, action, input, creation.as_ref(), fixtures)?;
    }
    checks(file, action, creation.as_ref())
}

fn members(
    file: &mut String,
    action: Operation,
    input: Shape,
    creation: Option<&Creation>,
    fixtures: &Fixtures,
) -> fmt::Result {
    // A case that people write makes what it needs in steps of its own.
    let plain = Plain::with_depth(action, fixtures, None, 0);
    writeln!(file, "\n[case.step.members]")?;
    let (taken, others): (Vec<Member>, Vec<Member>) = input
        .members()
        .partition(|member| plain.value.get(member.name()).is_some());
    for member in taken {
        comment(file, &about(action, member))?;
        if plain.missing.iter().any(|name| name == member.name()) {
            comment(
                file,
                "The server must have it: give an id, or one from an earlier step, such as \
                 `${STEP:vpc.vpcId}`.",
            )?;
        }
        let value = plain.value.get(member.name()).map(toml_of);
        if let Some(value) = value {
            writeln!(file, "{} = {value}", member.name())?;
        }
    }
    for member in others {
        comment(file, &about(action, member))?;
        let kind = creation.and_then(|creation| creation.kind.as_deref());
        let value = match kind.filter(|_| member.name() == TAGS) {
            Some(kind) => tags(kind),
            None => toml_of(
                &fixtures
                    .member(member)
                    .unwrap_or_else(|| placeholder(action, member, fixtures, MOST_DEPTH)),
            ),
        };
        writeln!(file, "# {} = {value}", member.name())?;
    }
    Ok(())
}

/// How deep a value in a comment goes.
const MOST_DEPTH: usize = 3;

fn checks(file: &mut String, action: Operation, creation: Option<&Creation>) -> fmt::Result {
    let list = creation::list(action);
    let id = creation.map(|creation| creation.id.as_str());
    let list = list
        .as_ref()
        .and_then(|(place, _)| place.rsplit_once('.'))
        .map(|(set, _)| set);
    let output = action.output();
    let known = |path: &&str| output.is_some_and(|output| shape_at(output, path).is_some());
    writeln!(file)?;
    let elements: Vec<&str> = output
        .into_iter()
        .flat_map(|output| output.members().collect::<Vec<_>>())
        .map(|member| member.element_name())
        .collect();
    if !elements.is_empty() {
        let elements = elements.join(", ");
        comment(file, &format!("The elements of the answer: {elements}."))?;
    }
    match id.or(list).filter(known) {
        Some(place) => {
            writeln!(
                file,
                "[[case.step.checks]]\nat = \"{place}\"\npresent = true"
            )
        }
        None => comment(file, "Nothing in the answer is known to be always there."),
    }
}

fn deletion(undo: &Undo) -> String {
    let Undo {
        at,
        action,
        key,
        alias,
        ..
    } = undo;
    let alias = alias.as_ref().map_or_else(String::new, |alias| {
        let (at, key) = (text(&alias.at), text(&alias.key));
        format!(", alias = {{ at = {at}, key = {key} }}")
    });
    let (at, action, key) = (text(at), text(action), text(key));
    format!("{{ at = {at}, action = {action}, key = {key}{alias} }}")
}

/// What the model says of a member, as a sentence.
fn about(action: Operation, member: Member) -> String {
    let mut about = String::new();
    let shape = member.shape();
    if member.is_required() {
        about.push_str("Required, ");
    }
    about.push_str(&kind(shape));
    let limits = [limit(shape), entry_of(shape).and_then(limit)];
    for limit in limits.into_iter().flatten() {
        about.push_str(", ");
        about.push_str(&limit);
    }
    if member.is_deprecated() {
        about.push_str(", deprecated");
    }
    let inner = entry_of(shape).unwrap_or(shape);
    match (inner.kind(), inner.enum_values()) {
        (Kind::Structure, _) => {
            let members = inner.members();
            let members: Vec<String> = members
                .map(|member| format!("{} ({})", member.name(), kind(member.shape())))
                .collect();
            about.push_str(" with ");
            about.push_str(&members.join(", "));
        }
        (_, []) => {}
        (_, values) => {
            let first: Vec<&str> = values.iter().take(FEW_VALUES).copied().collect();
            about.push_str(", one of ");
            about.push_str(&first.join(", "));
            let more = values.len().saturating_sub(FEW_VALUES);
            if more > 0 {
                let name = action.name();
                // Writing to a `String` does not fail.
                let _ = write!(
                    about,
                    " and {more} more, which `ec2wire describe {name} --values` lists"
                );
            }
        }
    }
    about.push('.');
    if let Some(first) = about.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    about
}

fn kind(shape: Shape) -> String {
    match shape.kind() {
        Kind::Structure | Kind::Map { .. } => "table".to_owned(),
        Kind::List { entry, .. } => format!("list of {}", kinds(entry)),
        Kind::String => "text".to_owned(),
        Kind::Blob => "bytes in base64".to_owned(),
        Kind::Timestamp(_) => "time".to_owned(),
        kind => kind.name().to_owned(),
    }
}

/// The same, of several.
fn kinds(shape: Shape) -> String {
    match shape.kind() {
        Kind::List { entry, .. } => format!("lists of {}", kinds(entry)),
        Kind::Blob => kind(shape),
        _ => format!("{}s", kind(shape)),
    }
}

fn limit(shape: Shape) -> Option<String> {
    let unit = match shape.kind() {
        Kind::List { .. } => " entries",
        Kind::String => " characters",
        Kind::Blob => " bytes",
        _ => "",
    };
    match (shape.min(), shape.max()) {
        (Some(min), Some(max)) => Some(format!("{min} to {max}{unit}")),
        (Some(min), None) => Some(format!("at least {min}{unit}")),
        (None, Some(max)) => Some(format!("at most {max}{unit}")),
        (None, None) => None,
    }
}

/// The innermost entry of a list.
fn entry_of(shape: Shape) -> Option<Shape> {
    match shape.kind() {
        Kind::List { entry, .. } => Some(entry_of(entry).unwrap_or(entry)),
        _ => None,
    }
}

/// A comment, in lines that are not too long.
fn comment(file: &mut String, text: &str) -> fmt::Result {
    let mut line = String::from("#");
    for word in text.split_whitespace() {
        if line.len() + 1 + word.len() > WIDTH && line.len() > 1 {
            writeln!(file, "{line}")?;
            line.truncate(1);
        }
        line.push(' ');
        line.push_str(word);
    }
    writeln!(file, "{line}")
}

/// One tag for what the action makes.
fn tags(kind: &str) -> toml::Value {
    let table = |entries: [(&str, toml::Value); 2]| {
        let entries = entries.map(|(name, value)| (name.to_owned(), value));
        toml::Value::Array(vec![toml::Value::Table(entries.into_iter().collect())])
    };
    let tags = table([("Key", text("Name")), ("Value", text("ec2wire"))]);
    table([("ResourceType", text(kind)), ("Tags", tags)])
}

fn text(text: &str) -> toml::Value {
    toml::Value::String(text.to_owned())
}

/// The value as a case has it: on one line, with floats, bytes and times as texts.
fn toml_of(value: &Value<'_>) -> toml::Value {
    match value {
        Value::Null => text(""),
        Value::Bool(value) => toml::Value::Boolean(*value),
        Value::Integer(number) => toml::Value::Integer(*number),
        Value::Float(number) => text(&number.to_string()),
        Value::String(value) => text(value),
        Value::List(entries) => toml::Value::Array(entries.iter().map(toml_of).collect()),
        Value::Structure(members) => {
            let members = members.iter();
            let members = members.map(|(name, value)| (name.to_owned(), toml_of(value)));
            toml::Value::Table(members.collect())
        }
        Value::Timestamp(_) | Value::Blob(_) => {
            let json = serde_json::to_value(value).unwrap_or_default();
            text(json.as_str().unwrap_or_default())
        }
    }
}
