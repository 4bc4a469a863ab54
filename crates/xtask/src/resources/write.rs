//! The table as JSON: small, but in lines that show what a change changes.

use serde_json::Value;

/// How long a line may be before it is broken up.
const WIDTH: usize = 160;

/// Leaves out the sources that are most frequent: `names`, and `documentation` of filters.
pub(super) fn shorten(value: &mut Value) {
    match value {
        Value::Array(entries) => entries.iter_mut().for_each(shorten),
        Value::Object(members) => {
            let usual = if members.contains_key("name") {
                "documentation"
            } else {
                "names"
            };
            members.retain(|key, source| {
                !(key == "source" && *source == usual || key == "pathSource" && *source == "names")
            });
            members.values_mut().for_each(shorten);
        }
        _ => {}
    }
}

/// Writes a value. The same value is always written alike.
pub(super) fn text(value: &Value) -> String {
    let mut text = String::new();
    write(&mut text, value);
    text.push('\n');
    text
}

fn write(text: &mut String, value: &Value) {
    let compact = value.to_string();
    let parts: Vec<(String, &Value)> = match value {
        _ if compact.len() <= WIDTH => {
            text.push_str(&compact);
            return;
        }
        Value::Array(entries) => entries.iter().map(|entry| (String::new(), entry)).collect(),
        Value::Object(members) => {
            let members = members.iter();
            members
                .map(|(key, member)| (format!("{}:", Value::from(key.as_str())), member))
                .collect()
        }
        _ => Vec::new(),
    };
    let (open, close) = if value.is_array() {
        ('[', ']')
    } else {
        ('{', '}')
    };
    text.push(open);
    for (at, (key, part)) in parts.into_iter().enumerate() {
        text.push_str(if at == 0 { "\n" } else { ",\n" });
        text.push_str(&key);
        write(text, part);
    }
    text.push('\n');
    text.push(close);
}
