//! Helpers for the tables.

use crate::client::Answered;
use serde_json::Value;
use std::fmt::Write as _;

/// Rewrites each pair of a body; `None` leaves it out.
pub(super) fn each_pair(body: &mut String, edit: impl Fn(&str, &str) -> Option<(String, String)>) {
    let pairs: Vec<String> = body
        .split('&')
        .filter_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            edit(key, value).map(|(key, value)| format!("{key}={value}"))
        })
        .collect();
    *body = pairs.join("&");
}

/// Rewrites the values.
pub(super) fn each_value(body: &mut String, edit: impl Fn(&str) -> String) {
    each_pair(body, |key, value| Some((key.to_owned(), edit(value))));
}

/// Rewrites the numbers in the keys.
pub(super) fn each_number(body: &mut String, edit: impl Fn(u64) -> String) {
    each_pair(body, |key, value| {
        let parts: Vec<String> = key
            .split('.')
            .map(|part| part.parse().map_or_else(|_| part.to_owned(), &edit))
            .collect();
        Some((parts.join("."), value.to_owned()))
    });
}

/// Rewrites the texts that `unknown` may stand for, wherever they are in the outcome.
pub(super) fn each_text(value: &mut Value, edit: &impl Fn(&str) -> Value) {
    match value {
        Value::String(text) => *value = edit(text),
        Value::Array(entries) => entries.iter_mut().for_each(|entry| each_text(entry, edit)),
        Value::Object(members) => {
            for (_, member) in members {
                each_text(member, edit);
            }
        }
        _ => {}
    }
}

/// The output of a success.
pub(super) fn output(outcome: &mut Value) -> Option<&mut Value> {
    outcome.get_mut("output")
}

/// The tags of a success.
pub(super) fn tags(outcome: &mut Value) -> Option<&mut Vec<Value>> {
    let policy = output(outcome)?.get_mut("IpamPolicy")?;
    policy.get_mut("Tags")?.as_array_mut()
}

/// Makes a success of an outcome.
pub(super) fn success(outcome: &mut Value) {
    *outcome = serde_json::json!({ "outcome": "ok", "output": {} });
}

/// Makes an error of the client's own of an outcome.
pub(super) fn refuse(outcome: &mut Value) {
    *outcome = serde_json::json!({
        "outcome": "error", "kind": "client", "message": "cannot be read",
    });
}

/// Sets a member of an error.
pub(super) fn set(outcome: &mut Value, name: &str, value: Value) {
    if outcome.get("outcome").is_some_and(|word| word == "error")
        && let Some(member) = outcome.get_mut(name)
    {
        *member = value;
    }
}

/// Whether the outcome is an error of that kind.
pub(super) fn is_error(outcome: &Value, kind: &str) -> bool {
    outcome.get("kind").is_some_and(|word| word == kind)
}

/// Rewrites the body of an answer as a text.
pub(super) fn text(answered: &mut Answered, edit: impl Fn(&str) -> String) {
    if let Ok(body) = std::str::from_utf8(&answered.body) {
        answered.body = edit(body).into_bytes();
    }
}

/// Makes the answer one that the client cannot read, where its body holds the text.
pub(super) fn refuse_where(answered: &mut Answered, part: &str) {
    if String::from_utf8_lossy(&answered.body).contains(part) {
        answered.body = b"unreadable".to_vec();
    }
}

/// Takes out what stands between two marks, and the marks.
pub(super) fn without(text: &str, start: &str, end: &str) -> String {
    let mut rest = text;
    let mut kept = String::new();
    while let Some((before, after)) = rest.split_once(start) {
        kept.push_str(before);
        rest = after.split_once(end).map_or("", |(_, behind)| behind);
    }
    kept + rest
}

/// A document as a parser reads it that closes whatever is open: end tags get the names of their
/// start tags, what is missing at the end is added, and what is behind the root is left out.
pub(super) fn closed(text: &str) -> String {
    let mut open: Vec<&str> = Vec::new();
    let mut fixed = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        fixed.push_str(before);
        let Some((tag, behind)) = after.split_once('>') else {
            rest = "";
            break;
        };
        rest = behind;
        if tag.starts_with('/') {
            if let Some(name) = open.pop() {
                let _ = write!(fixed, "</{name}>");
            }
        } else {
            let _ = write!(fixed, "<{tag}>");
            if !tag.ends_with('/') && !tag.starts_with(['?', '!']) {
                open.push(tag.split([' ', '\n']).next().unwrap_or(tag));
            }
        }
        if open.is_empty() && fixed.contains("</") {
            return fixed;
        }
    }
    fixed.push_str(rest);
    while let Some(name) = open.pop() {
        let _ = write!(fixed, "</{name}>");
    }
    fixed
}
