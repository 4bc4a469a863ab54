//! YAML as the value that JSON would have: tags and anchors are gone.
//!
//! A binary scalar becomes an object with the key `base64_string`, as VCR writes one itself.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

/// The key of a value that is base64.
pub(super) const BASE64: &str = "base64_string";

/// How deep values may lie in each other. Cassettes have about eight levels.
const MOST_LEVELS: usize = 64;

/// The most bytes that all aliases may stand for. Without a limit, a short file could fill the
/// memory.
const MOST_ALIASED: usize = 64 << 20;

/// Why bytes are no YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NotYaml {
    /// From 1; 0 if no line is to blame.
    line: usize,
    what: String,
}

impl NotYaml {
    fn new(line: usize, what: impl Into<String>) -> Self {
        Self {
            line,
            what: what.into(),
        }
    }
}

impl From<ScanError> for NotYaml {
    fn from(error: ScanError) -> Self {
        Self::new(error.marker().line(), error.info())
    }
}

impl fmt::Display for NotYaml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.what),
            line => write!(f, "line {line}: {}", self.what),
        }
    }
}

/// The documents of a stream.
pub(super) fn read(text: &str) -> Result<Vec<Value>, NotYaml> {
    let mut reader = Reader::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event?;
        let line = span.start.line();
        reader
            .take(event)
            .map_err(|what| NotYaml::new(line, what))?;
    }
    Ok(reader.documents)
}

/// A list or an object whose end was not seen yet.
struct Open {
    anchor: usize,
    items: Items,
}

enum Items {
    List(Vec<Value>),
    /// The second is a key that waits for its value.
    Map(Map<String, Value>, Option<String>),
}

#[derive(Default)]
struct Reader {
    documents: Vec<Value>,
    open: Vec<Open>,
    anchors: HashMap<usize, Value>,
    aliased: usize,
}

impl Reader {
    fn take(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = scalar(text, style, tag.as_deref());
                self.add(anchor, value)?;
            }
            Event::SequenceStart(anchor, _) => self.begin(anchor, Items::List(Vec::new()))?,
            Event::MappingStart(anchor, _) => self.begin(anchor, Items::Map(Map::new(), None))?,
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(Open { anchor, items }) = self.open.pop() {
                    let value = match items {
                        Items::List(items) => Value::Array(items),
                        Items::Map(items, _) => Value::Object(items),
                    };
                    self.add(anchor, value)?;
                }
            }
            Event::Alias(anchor) => {
                let value = self.anchors.get(&anchor);
                // A value cannot be in itself.
                let value = value.ok_or("an alias without a value before it")?;
                let levels = MOST_LEVELS.saturating_sub(self.open.len());
                self.aliased += weight(value, levels)?;
                if self.aliased > MOST_ALIASED {
                    return Err(format!(
                        "the aliases stand for more than {MOST_ALIASED} bytes"
                    ));
                }
                self.add(0, value.clone())?;
            }
            Event::DocumentStart(_) => self.anchors.clear(),
            Event::DocumentEnd | Event::StreamStart | Event::StreamEnd | Event::Nothing => {}
        }
        Ok(())
    }

    fn begin(&mut self, anchor: usize, items: Items) -> Result<(), String> {
        if self.open.len() >= MOST_LEVELS {
            return Err(too_deep());
        }
        self.open.push(Open { anchor, items });
        Ok(())
    }

    /// Puts a whole value to its place.
    fn add(&mut self, anchor: usize, value: Value) -> Result<(), String> {
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        match self.open.last_mut().map(|open| &mut open.items) {
            None => self.documents.push(value),
            Some(Items::List(items)) => items.push(value),
            Some(Items::Map(items, key)) => match (key.take(), value) {
                (Some(key), value) => {
                    items.insert(key, value);
                }
                (None, Value::String(name)) => *key = Some(name),
                (None, Value::Null) => *key = Some(String::new()),
                // Ruby 1.9 wrote the names of headers as binary data.
                (None, Value::Object(parts)) => *key = Some(binary_text(&parts)?),
                (None, _) => return Err("expected a text as a key".into()),
            },
        }
        Ok(())
    }
}

/// All scalars but null stay texts: what a number is depends on its place.
fn scalar(text: Cow<'_, str>, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    let is_binary = |tag: &Tag| tag.suffix == "binary" || tag.suffix.ends_with(":binary");
    if tag.is_some_and(is_binary) {
        let text = (BASE64.to_owned(), Value::String(text.into_owned()));
        return Value::Object([text].into_iter().collect());
    }
    let is_plain = style == ScalarStyle::Plain && tag.is_none();
    match text.as_ref() {
        "" | "~" | "null" | "Null" | "NULL" if is_plain => Value::Null,
        _ => Value::String(text.into_owned()),
    }
}

/// The text of binary data.
fn binary_text(parts: &Map<String, Value>) -> Result<String, String> {
    let unreadable = || "expected a text as a key".to_owned();
    let text = parts.get(BASE64).and_then(Value::as_str);
    let text = text.filter(|_| parts.len() == 1).ok_or_else(unreadable)?;
    let bytes = decoded(text).map_err(|_| unreadable())?;
    String::from_utf8(bytes).map_err(|_| unreadable())
}

/// The bytes of base64, perhaps in several lines.
pub(super) fn decoded(text: &str) -> Result<Vec<u8>, base64::DecodeError> {
    let text: Vec<u8> = text.bytes().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(text)
}

fn too_deep() -> String {
    format!("more than {MOST_LEVELS} levels")
}

/// About how many bytes a value takes. Fails if it has more levels than allowed.
fn weight(value: &Value, levels: usize) -> Result<usize, String> {
    let levels = || levels.checked_sub(1).ok_or_else(too_deep);
    let below = match value {
        Value::String(text) => text.len(),
        Value::Array(items) => {
            let levels = levels()?;
            let each = items.iter().map(|item| weight(item, levels));
            each.sum::<Result<usize, String>>()?
        }
        Value::Object(items) => {
            let levels = levels()?;
            let each = items.iter();
            each.map(|(key, item)| Ok(key.len() + weight(item, levels)?))
                .sum::<Result<usize, String>>()?
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    Ok(size_of::<Value>() + below)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;
    use serde_json::json;
    use std::fmt::Write as _;

    #[test]
    fn tags_and_anchors_are_resolved() {
        let text = "--- \n- !ruby/struct:VCR::Request \n  method: :get\n  body: !binary |-\n    \
            YWJj\n    ZGVm\n  same: &1 [~, 'null', 200]\n  again: *1\n- !!python/unicode 'x'\n";
        let binary = json!({"base64_string": "YWJj\nZGVm"});
        let list = json!([null, "null", "200"]);
        let wanted = json!([
            {"method": ":get", "body": binary, "same": list, "again": list},
            "x"
        ]);
        assert_eq!(read(text).unwrap(), [wanted]);
        assert_eq!(
            read("a: !!binary YQ==").unwrap(),
            [json!({"a": {"base64_string": "YQ=="}})]
        );
        assert_eq!(read("--- a\n--- b\n").unwrap(), [json!("a"), json!("b")]);
    }

    #[test]
    fn what_is_too_much_is_refused_with_its_line() {
        let error = |text: &str| read(text).unwrap_err().to_string();
        let mut bomb = "a0: &a0 [aaaaaaaaaaaaaaaa]\n".to_owned();
        for n in 1..30 {
            let last = n - 1;
            writeln!(bomb, "a{n}: &a{n} [*a{last}, *a{last}, *a{last}, *a{last}]").unwrap();
        }
        assert!(
            error(&bomb).contains("the aliases stand for more than"),
            "{}",
            error(&bomb)
        );
        let mut chain = "a0: &a0 [x]\n".to_owned();
        for n in 1..90 {
            writeln!(chain, "a{n}: &a{n} [*a{}]", n - 1).unwrap();
        }
        assert!(
            error(&chain).ends_with("more than 64 levels"),
            "{}",
            error(&chain)
        );
        assert!(error(&"- ".repeat(10_000)).contains("more than 64 levels"));
        assert!(error(&"[".repeat(10_000)).starts_with("line 1: "));
        assert!(error("a: b\n'c").starts_with("line "));
        assert!(error("a: &1 [*1]").contains("alias"));
        assert!(error("? [a]\n: b").starts_with("line 1: expected a text"));
    }
}
