//! `ec2wire actions` and `ec2wire describe`.

use crate::Failure;
use crate::codec::{in_any_case, operation};
use crate::model_args::{Actions, Describe};
use crate::report::width;
use crate::resources;
use ec2wire_conformance::report::terminal::wrapped;
use ec2wire_model::{Kind, Member, Model, Operation, Shape, Wire, closest};
use globset::{Glob, GlobSet, GlobSetBuilder};
use serde_json::{Value, json};
use std::io::{self, Write};

/// How many values of an enum are shown.
const FEW_VALUES: usize = 8;
/// How many columns a type has at least.
const LEAST_ABOUT: usize = 24;

/// Lists actions.
pub(crate) fn actions(args: &Actions) -> Result<u8, Failure> {
    let selected = globs(&args.globs)?;
    let mut out = anstream::stdout().lock();
    let mut found = false;
    for operation in Model::ec2().operations() {
        if args.globs.is_empty() || selected.is_match(operation.name()) {
            found = true;
            writeln!(out, "{}", operation.name())?;
        }
    }
    if found {
        return Ok(0);
    }
    for glob in &args.globs {
        eprintln!("ec2wire: `{glob}` matches no action{}", wider(glob));
    }
    Ok(4)
}

/// A hint at the glob that a word was probably meant as.
fn wider(glob: &str) -> String {
    let word = glob.trim_matches('*').to_ascii_lowercase();
    let names: Vec<&str> = Model::ec2()
        .operations()
        .map(|action| action.name())
        .collect();
    if let Some(action) = in_any_case(&word) {
        return format!("; did you mean `{}`?", action.name());
    }
    let in_name = |name: &&&str| !word.is_empty() && name.to_ascii_lowercase().contains(&word);
    let Some(first) = names.iter().find(in_name) else {
        return "; `ec2wire actions` lists the actions".to_owned();
    };
    // The word as the names spell it.
    let at = first.to_ascii_lowercase().find(&word).unwrap_or_default();
    let spelt = first.get(at..at + word.len()).unwrap_or_default();
    let count = names.iter().filter(|name| name.contains(spelt)).count();
    format!("; `*{spelt}*` matches {count}, such as `{first}`")
}

/// Compiles the globs.
pub(crate) fn globs(globs: &[String]) -> Result<GlobSet, Failure> {
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        set.add(Glob::new(glob).map_err(Failure::usage)?);
    }
    set.build().map_err(Failure::usage)
}

/// Shows an action or a resource.
pub(crate) fn describe(args: &Describe) -> Result<u8, Failure> {
    let Some(name) = args.name.as_deref().filter(|_| !args.resources) else {
        return resources::list(args.json);
    };
    if let Some(row) = resources::named(name) {
        return resources::show(row, args.json);
    }
    let operation = operation(name).map_err(|failure| resource_meant(name).unwrap_or(failure))?;
    if args.json {
        let text = serde_json::to_string_pretty(&as_json(operation, args.values));
        let text = text.map_err(Failure::environment)?;
        writeln!(anstream::stdout().lock(), "{text}")?;
        return Ok(0);
    }
    let mut rows = Vec::new();
    let deprecated = if operation.is_deprecated() {
        ", deprecated"
    } else {
        ""
    };
    rows.push(Row::head(format!("{}{deprecated}", operation.name())));
    rows.push(Row::head("\nrequest".to_owned()));
    table(&mut rows, operation.input(), Wire::Form, args.values);
    rows.push(Row::head(format!(
        "\nanswer, <{}>",
        operation.response_name()
    )));
    table(&mut rows, operation.output(), Wire::Xml, args.values);
    print(&mut anstream::stdout().lock(), &rows, width())?;
    Ok(0)
}

/// The failure that names the resource that a word without capitals may mean.
fn resource_meant(name: &str) -> Option<Failure> {
    let is_lower = !name.contains(|letter: char| letter.is_ascii_uppercase());
    let names = Model::ec2().resources().iter().map(|row| row.name);
    let meant = closest(name, names).filter(|_| is_lower)?;
    let message = format!("EC2 has no action or resource `{name}`; did you mean `{meant}`?");
    Some(Failure::usage(message))
}

/// A line: either a heading, or a member with its wire name and type.
struct Row {
    member: String,
    wire: String,
    about: String,
}

impl Row {
    fn head(text: String) -> Self {
        Self {
            member: text,
            wire: String::new(),
            about: String::new(),
        }
    }
}

fn table(rows: &mut Vec<Row>, shape: Option<Shape>, wire: Wire, values: bool) {
    match shape {
        Some(shape) if shape.members().len() > 0 => {
            let mut open = Vec::new();
            members(rows, shape, wire, values, "", &mut open);
        }
        _ => rows.push(Row::head("  no members".to_owned())),
    }
}

fn members(
    rows: &mut Vec<Row>,
    shape: Shape,
    wire: Wire,
    values: bool,
    above: &str,
    open: &mut Vec<Shape>,
) {
    open.push(shape);
    for member in shape.members() {
        let name = match wire {
            Wire::Form => member.form_key(),
            Wire::Xml => member.element_name().to_owned(),
        };
        let mut path = match wire {
            _ if above.is_empty() => name,
            Wire::Form => format!("{above}.{name}"),
            Wire::Xml => format!("{above}/{name}"),
        };
        let mut inner = member.shape();
        let mut lists = String::new();
        let mut limits = limits(inner);
        while let Kind::List {
            entry, entry_name, ..
        } = inner.kind()
        {
            lists.push_str("list of ");
            match wire {
                // The position of an N shows which list it counts.
                Wire::Form => path.push_str(".N"),
                Wire::Xml => {
                    path.push('/');
                    path.push_str(entry_name);
                }
            }
            inner = entry;
            limits.extend(self::limits(inner));
        }
        let is_open = open.contains(&inner);
        let mut about = format!("{lists}{}", kind(inner, values));
        for note in notes(member, inner).into_iter().chain(limits) {
            about.push_str(", ");
            about.push_str(&note);
        }
        if is_open {
            about.push_str(", as above");
        }
        rows.push(Row {
            member: format!("{}{}", "  ".repeat(open.len()), member.name()),
            wire: path.clone(),
            about,
        });
        if matches!(inner.kind(), Kind::Structure) && !is_open {
            members(rows, inner, wire, values, &path, open);
        }
    }
    open.pop();
}

fn kind(shape: Shape, all_values: bool) -> String {
    let known = shape.enum_values();
    match shape.kind() {
        Kind::Structure => format!("structure {}", shape.name()),
        Kind::String if known.len() > FEW_VALUES && !all_values => {
            let first = known.get(..FEW_VALUES / 2).unwrap_or_default().join(" | ");
            format!("{first} | ... ({} values of {})", known.len(), shape.name())
        }
        Kind::String if !known.is_empty() => known.join(" | "),
        kind => kind.name().to_owned(),
    }
}

fn notes(member: Member, inner: Shape) -> Vec<String> {
    let mut notes = Vec::new();
    if member.is_required() {
        notes.push("required".to_owned());
    }
    if member.is_idempotency_token() {
        notes.push("idempotency token".to_owned());
    }
    if member.is_deprecated() {
        notes.push(match member.deprecated_since() {
            Some(since) => format!("deprecated since {since}"),
            None => "deprecated".to_owned(),
        });
    }
    if inner.is_sensitive() {
        notes.push("secret".to_owned());
    }
    notes
}

fn limits(shape: Shape) -> Vec<String> {
    let unit = match shape.kind() {
        Kind::List { .. } => " entries",
        Kind::String => " characters",
        Kind::Blob => " bytes",
        _ => "",
    };
    let mut limits = Vec::new();
    match (shape.min(), shape.max()) {
        (Some(min), Some(max)) => limits.push(format!("{min} to {max}{unit}")),
        (Some(min), None) => limits.push(format!("at least {min}{unit}")),
        (None, Some(max)) => limits.push(format!("at most {max}{unit}")),
        (None, None) => {}
    }
    if let Some(pattern) = shape.pattern() {
        limits.push(format!("pattern {pattern}"));
    }
    limits
}

/// Prints the rows in aligned columns. If the page is too narrow for that, a member's wire name has a
/// line of its own.
fn print(out: &mut impl Write, rows: &[Row], page: usize) -> io::Result<()> {
    let width = |text: fn(&Row) -> &String| {
        let rows = rows.iter().filter(|row| !row.wire.is_empty());
        rows.map(|row| text(row).chars().count()).max().unwrap_or(0)
    };
    let (first, second) = (width(|row| &row.member), width(|row| &row.wire));
    let columns = first + 2 + second + 2;
    for Row {
        member,
        wire,
        about,
    } in rows
    {
        if wire.is_empty() {
            writeln!(out, "{member}")?;
        } else if columns + LEAST_ABOUT <= page {
            let mut before = format!("{member:first$}  {wire:second$}  ");
            for line in wrapped(about, page - columns) {
                writeln!(out, "{before}{line}")?;
                before = " ".repeat(columns);
            }
        } else {
            narrow(out, member, wire, about, page)?;
        }
    }
    Ok(())
}

/// A member on a narrow page: its type behind it, its wire name below it.
fn narrow(
    out: &mut impl Write,
    member: &str,
    wire: &str,
    about: &str,
    page: usize,
) -> io::Result<()> {
    let name = member.trim_start();
    let depth = member.len() - name.len();
    let room = page.saturating_sub(depth + 4).max(LEAST_ABOUT);
    let own = (wire != name).then(|| wrapped(wire, room));
    let lines = wrapped(&format!("{name}  {about}"), room);
    let mut indent = depth;
    for line in lines.into_iter().chain(own.into_iter().flatten()) {
        writeln!(out, "{:indent$}{line}", "")?;
        indent = depth + 4;
    }
    Ok(())
}

/// The action as data.
fn as_json(operation: Operation, values: bool) -> Value {
    let side = |shape: Option<Shape>, wire| {
        let mut rows = Vec::new();
        if let Some(shape) = shape {
            members(&mut rows, shape, wire, values, "", &mut Vec::new());
        }
        let rows = rows.iter().map(|row| {
            let member = row.member.trim_start();
            let depth = (row.member.len() - member.len()) / 2;
            json!({"member": member, "depth": depth, "wire": row.wire, "about": row.about})
        });
        Value::Array(rows.collect())
    };
    json!({
        "action": operation.name(),
        "deprecated": operation.is_deprecated(),
        "request": side(operation.input(), Wire::Form),
        "answer": side(operation.output(), Wire::Xml),
        "answerElement": operation.response_name(),
    })
}
