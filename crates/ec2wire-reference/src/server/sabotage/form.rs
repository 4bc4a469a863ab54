//! A request's form, for a fault to rewrite before it is decoded.

use crate::pairs::{self, Pair};
use crate::server::message::Request;
use std::cmp::Ordering;

/// The pairs of a form in their order, and what the request says about the form.
pub(super) struct Form<'r> {
    pub(super) method: &'r str,
    pub(super) content_type: Option<&'r str>,
    pub(super) pairs: Vec<Pair>,
}

impl<'r> Form<'r> {
    /// `None` if the form is not UTF-8. Then there is nothing to rewrite.
    pub(super) fn read(request: &Request<'r>, form: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(form).ok()?;
        Some(Self {
            method: request.method,
            content_type: request.content_type,
            pairs: pairs::split(text),
        })
    }

    pub(super) fn write(&self) -> Vec<u8> {
        pairs::join(&self.pairs).into_bytes()
    }

    /// The value of a key, escaped.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|pair| pair.key == key)
            .and_then(|pair| pair.value.as_deref())
    }

    /// Whether the request asks for this action.
    pub(super) fn is(&self, action: &str) -> bool {
        self.get("Action") == Some(action)
    }

    /// Adds a pair. The value must be escaped.
    pub(super) fn add(&mut self, key: &str, value: &str) {
        self.pairs.push(Pair::new(key, value));
    }

    /// Keeps the pairs whose key `keep` accepts.
    pub(super) fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.pairs.retain(|pair| keep(&pair.key));
    }

    /// Rewrites the escaped values.
    pub(super) fn each_escaped(&mut self, edit: impl Fn(&str) -> String) {
        for value in self.pairs.iter_mut().filter_map(|pair| pair.value.as_mut()) {
            *value = edit(value);
        }
    }

    /// Rewrites the unescaped texts of the pairs whose key `matches`. Invalid values stay as they are.
    pub(super) fn each_text(
        &mut self,
        matches: impl Fn(&str) -> bool,
        edit: impl Fn(&str) -> String,
    ) {
        for pair in self.pairs.iter_mut().filter(|pair| matches(&pair.key)) {
            pair.edit_text(&edit);
        }
    }

    /// Keeps the tags that `keep` accepts and renumbers them. `keep` takes the index of the tag
    /// specification and that of the tag.
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

    /// Whether the tags are in the order of their indexes.
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

/// Whether the key belongs to a tag's value.
pub(super) fn is_tag_value(key: &str) -> bool {
    TagKey::read(key).is_some_and(|key| key.member == "Value")
}

/// Whether the key belongs to a tag's key or value.
pub(super) fn is_tag_text(key: &str) -> bool {
    TagKey::read(key).is_some()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_form_that_is_not_utf_8_is_not_read() {
        assert!(Form::read(&Request::post(&[]), b"\xFF").is_none());
    }

    #[test]
    fn tags_are_renumbered() {
        let text = "TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.2.Key=b\
                    &TagSpecification.1.Tag.10.Key=c&TagSpecification.2.Tag.1.Key=d&A=1";
        let mut form = Form::read(&Request::post(&[]), text.as_bytes()).unwrap();
        form.retain_tags(|_, tag| tag != 2);
        assert_eq!(
            String::from_utf8(form.write()).unwrap(),
            "TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.2.Key=c\
             &TagSpecification.2.Tag.1.Key=d&A=1"
        );
    }
}
