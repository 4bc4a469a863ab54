//! A request's pairs, for a fault to rewrite before they are decoded.

use crate::world::Request;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::cmp::Ordering;

/// What an escaped text may hold bare.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The pairs of a form in their order, with keys and values as they are on the wire: escaped.
pub(super) struct Form<'r> {
    pub(super) method: &'r str,
    pub(super) content_type: Option<&'r str>,
    pub(super) pairs: Vec<Pair>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) key: String,
    /// `None` where the pair has no `=`.
    pub(super) value: Option<String>,
}

impl<'r> Form<'r> {
    /// `None` where the form is no text: then there is nothing to rewrite.
    pub(super) fn read(request: &Request<'r>, form: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(form).ok()?;
        let pairs = text.split('&').map(|pair| match pair.split_once('=') {
            Some((key, value)) => Pair {
                key: key.to_owned(),
                value: Some(value.to_owned()),
            },
            None => Pair {
                key: pair.to_owned(),
                value: None,
            },
        });
        Some(Self {
            method: request.method,
            content_type: request.content_type,
            pairs: pairs.collect(),
        })
    }

    pub(super) fn write(&self) -> Vec<u8> {
        let mut form = String::new();
        for pair in &self.pairs {
            if !form.is_empty() {
                form.push('&');
            }
            form.push_str(&pair.key);
            if let Some(value) = &pair.value {
                form.push('=');
                form.push_str(value);
            }
        }
        form.into_bytes()
    }

    /// The value of a key, escaped.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|pair| pair.key == key)
            .and_then(|pair| pair.value.as_deref())
    }

    pub(super) fn is(&self, action: &str) -> bool {
        self.get("Action") == Some(action)
    }

    /// Adds a pair, with its value escaped.
    pub(super) fn add(&mut self, key: &str, value: &str) {
        self.pairs.push(Pair {
            key: key.to_owned(),
            value: Some(value.to_owned()),
        });
    }

    /// Keeps the pairs whose key is to be kept.
    pub(super) fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.pairs.retain(|pair| keep(&pair.key));
    }

    /// Rewrites the values as they are on the wire.
    pub(super) fn each_escaped(&mut self, edit: impl Fn(&str) -> String) {
        for value in self.pairs.iter_mut().filter_map(|pair| pair.value.as_mut()) {
            *value = edit(value);
        }
    }

    /// Rewrites the texts of the pairs with such a key. Damaged ones stay as they are.
    pub(super) fn each_text(
        &mut self,
        which: impl Fn(&str) -> bool,
        edit: impl Fn(&str) -> String,
    ) {
        for pair in self.pairs.iter_mut().filter(|pair| which(&pair.key)) {
            if let Some(text) = pair.value.as_deref().and_then(unescape) {
                pair.value = Some(escape(&edit(&text)));
            }
        }
    }

    /// Keeps the tags of which `keep` says so, by the indexes of their specification and their
    /// own, and numbers them anew.
    pub(super) fn retain_tags(&mut self, keep: impl Fn(usize, usize) -> bool) {
        let kept: Vec<bool> = self
            .pairs
            .iter()
            .map(|pair| TagKey::read(&pair.key).is_none_or(|key| keep(key.specification, key.tag)))
            .collect();
        let mut kept = kept.into_iter();
        self.pairs.retain(|_| kept.next().unwrap_or(true));
        self.renumber_tags();
    }

    fn renumber_tags(&mut self) {
        let mut indexes: Vec<(usize, usize)> = self
            .pairs
            .iter()
            .filter_map(|pair| TagKey::read(&pair.key))
            .map(|key| (key.specification, key.tag))
            .collect();
        indexes.sort_unstable();
        indexes.dedup();
        let before = |index| indexes.partition_point(|&other| other < index);
        for pair in &mut self.pairs {
            if let Some(key) = TagKey::read(&pair.key) {
                let first = before((key.specification, 0));
                let before = before((key.specification, key.tag)) - first;
                pair.key = format!(
                    "TagSpecification.{}.Tag.{}.{}",
                    key.specification,
                    before + 1,
                    key.member
                );
            }
        }
    }

    /// Whether the tags of a specification come in the order of their indexes.
    pub(super) fn tags_in_order(&self) -> bool {
        let indexes = self.pairs.iter().filter_map(|pair| TagKey::read(&pair.key));
        indexes
            .map(|key| (key.specification, key.tag))
            .is_sorted_by(|a, b| a.cmp(b) != Ordering::Greater)
    }
}

/// A key of the form `TagSpecification.N.Tag.M.MEMBER`.
pub(super) struct TagKey<'k> {
    pub(super) specification: usize,
    pub(super) tag: usize,
    pub(super) member: &'k str,
}

impl<'k> TagKey<'k> {
    pub(super) fn read(key: &'k str) -> Option<Self> {
        let (specification, rest) = key.strip_prefix("TagSpecification.")?.split_once('.')?;
        let (tag, member) = rest.strip_prefix("Tag.")?.split_once('.')?;
        Some(Self {
            specification: specification.parse().ok()?,
            tag: tag.parse().ok()?,
            member,
        })
    }
}

/// Whether the key is that of a tag's value.
pub(super) fn is_tag_value(key: &str) -> bool {
    TagKey::read(key).is_some_and(|key| key.member == "Value")
}

/// Whether the key is that of a tag's key or value.
pub(super) fn is_tag_text(key: &str) -> bool {
    TagKey::read(key).is_some()
}

/// The text that a value stands for, unless it is damaged.
pub(super) fn unescape(value: &str) -> Option<String> {
    let value = value.replace('+', " ");
    let damaged = value.split('%').skip(1).any(|rest| {
        !rest
            .as_bytes()
            .get(..2)
            .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    });
    if damaged {
        return None;
    }
    let text = percent_decode_str(&value).decode_utf8().ok()?;
    Some(text.into_owned())
}

pub(super) fn escape(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn read(form: &str) -> Form<'static> {
        Form::read(&Request::post(&[]), form.as_bytes()).unwrap()
    }

    #[test]
    fn a_form_that_is_not_rewritten_stays_as_it_was() {
        for form in ["", "a", "a=", "a=b=c&&=&%zz=+&d"] {
            assert_eq!(read(form).write(), form.as_bytes());
        }
        assert!(Form::read(&Request::post(&[]), b"\xFF").is_none());
    }

    #[test]
    fn tags_are_numbered_anew() {
        let mut form = read(
            "TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.2.Key=b\
             &TagSpecification.1.Tag.10.Key=c&TagSpecification.2.Tag.1.Key=d&A=1",
        );
        form.retain_tags(|_, tag| tag != 2);
        assert_eq!(
            String::from_utf8(form.write()).unwrap(),
            "TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.2.Key=c\
             &TagSpecification.2.Tag.1.Key=d&A=1"
        );
    }

    #[test]
    fn damaged_values_are_left_alone() {
        assert_eq!(unescape("a+b%20%C3%A9").as_deref(), Some("a b é"));
        for damaged in ["%", "%4", "%zz", "%FF", "%+1"] {
            assert_eq!(unescape(damaged), None, "{damaged}");
        }
        assert_eq!(escape("a b~é+"), "a%20b~%C3%A9%2B");
    }
}
