//! A table of decisions, and its comparison with the same table in a module's rustdoc.

use crate::common::message;
use ec2wire::Error;
use std::collections::BTreeSet;
use std::fmt;

/// A row: a decision, and inputs to which it applies.
pub(crate) struct Row<C: 'static> {
    /// The first cell of the row in the rustdoc.
    pub(crate) input: &'static str,
    pub(crate) cases: &'static [C],
}

/// An input, shown in readable length.
pub(crate) enum Body {
    Text(&'static str),
    Bytes(&'static [u8]),
    /// Texts, and how often each is repeated.
    Repeated(&'static [(&'static str, usize)]),
    /// A text, and its announced length.
    Announced(&'static str, usize),
}

impl Body {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        match *self {
            Self::Text(text) | Self::Announced(text, _) => text.into(),
            Self::Bytes(bytes) => bytes.into(),
            Self::Repeated(parts) => {
                let parts = parts.iter().map(|&(text, times)| text.repeat(times));
                parts.collect::<String>().into_bytes()
            }
        }
    }
}

impl fmt::Display for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Text("") => f.write_str("(nothing)"),
            Self::Text(text) => f.write_str(&visible(text)),
            Self::Bytes(bytes) => write!(f, "bytes {}", bytes.escape_ascii()),
            Self::Announced(text, length) => {
                write!(f, "{}, announced as {length} bytes", Self::Text(text))
            }
            Self::Repeated(parts) => {
                for (at, &(text, times)) in parts.iter().enumerate() {
                    let separator = if at > 0 { " then " } else { "" };
                    write!(f, "{separator}{}", visible(text))?;
                    if times > 1 {
                        write!(f, " {times} times")?;
                    }
                }
                Ok(())
            }
        }
    }
}

/// The text with invisible characters replaced by names.
pub(crate) fn visible(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(
                c,
                '\u{FEFF}' | '\u{E000}' | '\u{FFFE}'..='\u{FFFF}' | '\u{10FFFF}'
            )
    };
    let mut shown = String::new();
    for (at, c) in text.char_indices() {
        if c == ' ' && (at == 0 || at + 1 == text.len()) {
            shown.push_str("\\x20");
        } else if hidden(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// The result for an input.
pub(crate) struct Outcome {
    /// The kind of the error, or another variant that a rustdoc cell can link.
    pub(crate) kind: Option<String>,
    pub(crate) shown: String,
}

impl Outcome {
    /// The result of decoding.
    pub(crate) fn of(result: Result<String, Error>) -> Self {
        if let Err(error) = &result {
            message::check_place("", error);
        }
        Self::of_encoding(result)
    }

    pub(crate) fn of_encoding(result: Result<String, Error>) -> Self {
        match result {
            Ok(shown) => Self { kind: None, shown },
            Err(error) => {
                message::check_style("", &error);
                Self {
                    kind: Some(message::kind_name(&error)),
                    shown: error.to_string(),
                }
            }
        }
    }
}

/// The cells of the table in a module's rustdoc whose first line is `header`.
pub(crate) fn documented(source: &'static str, header: &str) -> Vec<Vec<&'static str>> {
    let rows = source
        .lines()
        .skip_while(|line| *line != format!("//! {header}"))
        .skip(2)
        .map_while(|line| line.strip_prefix("//! | ")?.strip_suffix(" |"));
    rows.map(|row| row.split(" | ").collect()).collect()
}

/// The kinds and variants that a cell links: `IndexGap` for ``[`IndexGap`]``.
pub(crate) fn linked(cell: &str) -> BTreeSet<String> {
    let links = cell.split("[`").skip(1);
    links
        .filter_map(|link| link.split_once("`]"))
        .filter_map(|(path, _)| path.rsplit("::").next())
        .filter(|name| name.starts_with(|c: char| c.is_ascii_uppercase()))
        .map(String::from)
        .collect()
}
