//! Compares a client's reading of an answer with the answer's meaning.

use crate::format::template::Member;
use crate::subject::adapter::CallResult;
use ec2wire_model::{Kind, Shape};
use serde_json::Value;
use std::fmt::Write as _;

/// A difference between the client's reading and the answer.
pub(super) struct Differs {
    pub(super) path: String,
    pub(super) wanted: String,
    pub(super) got: Option<String>,
}

impl Differs {
    pub(super) fn found(&self) -> String {
        let path = if self.path.is_empty() {
            "the output"
        } else {
            &self.path
        };
        let got = self.got.as_deref().unwrap_or("absent");
        format!("{path} is {got}, expected {}", self.wanted)
    }
}

/// The first difference from what the answer says. What the client has beyond that is no
/// difference: clients hand out elements that they do not know, and request ids.
pub(super) fn differ(
    wanted: &Member,
    got: &Value,
    path: &str,
    unchecked: &[String],
) -> Option<Differs> {
    if unchecked.iter().any(|known| known == path) {
        return None;
    }
    let differs = |wanted: String| {
        Some(Differs {
            path: path.to_owned(),
            wanted,
            got: (!got.is_null()).then(|| shown(got)),
        })
    };
    match (wanted, got) {
        (Member::Text(text), Value::String(came)) if text == came => None,
        (Member::Text(text), _) => differs(format!("{text:?}")),
        (Member::List(entries), Value::Array(came)) if entries.len() == came.len() => entries
            .iter()
            .zip(came)
            .enumerate()
            .find_map(|(at, (entry, came))| {
                differ(entry, came, &format!("{path}[{at}]"), unchecked)
            }),
        // The client may return an empty list as anything empty, or not at all.
        (Member::List(entries), came) if entries.is_empty() && is_nothing(came) => None,
        (Member::List(entries), _) => differs(format!("{} entries", entries.len())),
        (Member::Structure(members), Value::Object(came)) => {
            members.iter().find_map(|(name, member)| {
                let value = came.get(name).unwrap_or(&Value::Null);
                differ(member, value, &below(path, name), unchecked)
            })
        }
        (Member::Structure(_), _) => differs("a structure".into()),
    }
}

/// The first member of the API that the client has and the answer does not. `shape` is what the
/// model says of the value.
pub(super) fn made_up(wanted: &Member, got: &Value, path: &str, shape: Shape) -> Option<Differs> {
    match (wanted, got, shape.kind()) {
        (Member::List(entries), Value::Array(came), Kind::List { entry: shape, .. }) => entries
            .iter()
            .zip(came)
            .enumerate()
            .find_map(|(at, (entry, came))| made_up(entry, came, &format!("{path}[{at}]"), shape)),
        (Member::Structure(members), Value::Object(came), Kind::Structure) => {
            came.iter().find_map(|(name, value)| {
                let shape = shape.member(name)?.shape();
                let path = below(path, name);
                match members.iter().find(|(known, _)| known == name) {
                    Some((_, member)) => made_up(member, value, &path, shape),
                    None => (!is_nothing(value)).then(|| Differs {
                        path,
                        wanted: "nothing".into(),
                        got: Some(shown(value)),
                    }),
                }
            })
        }
        _ => None,
    }
}

fn below(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        _ => format!("{path}.{name}"),
    }
}

/// Whether an absent member is equivalent.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(entries) => entries.is_empty(),
        Value::Object(members) => members.values().all(is_nothing),
        Value::Number(number) => number.as_u64() == Some(0),
        Value::Bool(true) => false,
    }
}

/// A value as a message quotes it.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(200) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// The path in the answer for a path in the API's names, to mark the place.
pub(super) fn wire_path(path: &str) -> String {
    let small = |part: &str| {
        let mut chars = part.chars();
        match chars.next() {
            Some(first) => first.to_ascii_lowercase().to_string() + chars.as_str(),
            None => String::new(),
        }
    };
    let parts = path.split('.').map(|part| match part.split_once('[') {
        Some((name, index)) => (small(name), Some(index)),
        None => (small(part), None),
    });
    let parts: Vec<String> = parts
        .map(|(name, index)| {
            let (name, is_list) = match name.as_str() {
                "tags" => ("tagSet", true),
                "ipamPolicies" => ("ipamPolicySet", true),
                _ => (name.as_str(), false),
            };
            match index {
                Some(index) if is_list => format!("{name}.item[{index}"),
                _ => name.to_owned(),
            }
        })
        .collect();
    parts.join(".")
}

/// What the client reports, in words.
pub(crate) fn in_words(result: &CallResult) -> String {
    match result {
        CallResult::Ok { output } => format!("a success, {}", shown(output)),
        CallResult::Error {
            kind,
            code,
            message,
            status,
            ..
        } => {
            let mut words = format!("a {} error", kind.as_str());
            if let Some(status) = status {
                let _ = write!(words, ", status {status}");
            }
            if let Some(code) = code {
                let _ = write!(words, ", code {code}");
            }
            if let Some(message) = message {
                let short: String = message.chars().take(200).collect();
                let _ = write!(words, ": {short}");
            }
            words
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;
    use serde_json::json;

    #[test]
    fn readings_are_compared() {
        let text = |text: &str| Member::Text(text.into());
        let tag = Member::Structure(vec![("Key".into(), text("a")), ("Value".into(), text(""))]);
        let wanted = Member::Structure(vec![
            ("State".into(), text("x")),
            ("Tags".into(), Member::List(vec![tag])),
            ("More".into(), Member::List(Vec::new())),
        ]);
        let tags = json!([{ "Key": "a", "Value": "" }]);
        let differs = |got: Value| differ(&wanted, &got, "", &[]).map(|d| d.path);
        assert_eq!(differs(json!({ "State": "x", "Tags": tags })), None);
        let empty = json!({ "State": "x", "Tags": tags, "More": [], "A": null, "B": {}, "C": "" });
        assert_eq!(differs(empty), None);
        let more = json!({ "State": "x", "Tags": tags, "More": "", "A": "b", "requestId": "c" });
        assert_eq!(differs(more), None);
        assert_eq!(
            differs(json!({ "State": 1, "Tags": tags })).unwrap(),
            "State"
        );
        assert_eq!(
            differs(json!({ "State": "x", "Tags": [] })).unwrap(),
            "Tags"
        );
        let value = json!({ "State": "x", "Tags": [{ "Key": "a", "Value": null }] });
        assert_eq!(differs(value).unwrap(), "Tags[0].Value");
        assert_eq!(differs(json!(null)).unwrap(), "");
        let value = json!({ "State": "x", "Tags": tags, "More": ["a"] });
        assert_eq!(differs(value).unwrap(), "More");
        assert_eq!(
            wire_path("IpamPolicy.Tags[0].Value"),
            "ipamPolicy.tagSet.item[0].value"
        );
        assert_eq!(
            wire_path("IpamPolicies[1].State"),
            "ipamPolicySet.item[1].state"
        );
    }

    #[test]
    fn only_members_of_the_api_can_be_made_up() {
        let text = |text: &str| Member::Text(text.into());
        let tag = Member::Structure(vec![("Key".into(), text("a"))]);
        let wanted = Member::Structure(vec![("Tags".into(), Member::List(vec![tag]))]);
        let policy = ec2wire_model::Model::ec2().shape("IpamPolicy").unwrap();
        let found = |got: Value| made_up(&wanted, &got, "", policy).map(|d| d.path);
        let unknown = json!({ "colour": "red", "Tags": [{ "Key": "a", "colour": "red" }] });
        assert_eq!(found(unknown), None);
        let empty = json!({ "State": null, "IpamId": "", "Tags": [{ "Key": "a", "Value": "" }] });
        assert_eq!(found(empty), None);
        assert_eq!(found(json!({ "State": "x" })).unwrap(), "State");
        let value = json!({ "Tags": [{ "Key": "a", "Value": "b" }] });
        assert_eq!(found(value).unwrap(), "Tags[0].Value");
    }
}
