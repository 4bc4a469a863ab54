//! Filters: names and values that select entries of a list.

use super::answer;
use super::input::Input;
use crate::server::families;
use crate::server::fault;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Listing, Resource, Source, Structure, Value};
use std::borrow::Cow;

/// How many values a filter may have.
const MOST_VALUES: usize = 200;
/// How many characters a value may have.
const LONGEST_VALUE: usize = 255;

/// The filters of a request. All their names are known.
pub(in crate::server) struct Filters<'i> {
    filters: Vec<(Look<'i>, Vec<Pattern<'i>>)>,
    ignores_case: bool,
}

/// What a filter looks at.
enum Look<'i> {
    Path(&'static str),
    Tag(&'i str),
    TagKey,
    TagValue,
    /// Code of the family finds it.
    Family(families::Field),
    /// Nobody knows what it looks at, so it selects nothing.
    Nothing,
}

impl<'i> Filters<'i> {
    /// Reads the filters of a request.
    pub(in crate::server) fn of(
        input: &'i Input,
        resource: &Resource,
        listing: &'static Listing,
    ) -> Result<Self, Fault> {
        let ignores_case = input.hooks.ignores_case(listing.action);
        let Some(member) = listing.filters_member else {
            return Ok(Self {
                filters: Vec::new(),
                ignores_case,
            });
        };
        let mut filters = Vec::new();
        for filter in input.structures(member) {
            let name = filter.get("Name").and_then(Value::as_str).unwrap_or("null");
            let look = look(name, resource, listing)
                .ok_or_else(|| fault::invalid_value(format!("The filter '{name}' is invalid")))?;
            let values = path::texts(filter, "Values[]");
            if values.len() > MOST_VALUES
                || values
                    .iter()
                    .any(|value| value.chars().count() > LONGEST_VALUE)
            {
                return Err(fault::refusal(
                    "FilterLimitExceeded",
                    format!(
                        "The maximum number of filter values specified on a single call is {MOST_VALUES}"
                    ),
                ));
            }
            let pattern = |value: &'i str| {
                if ignores_case {
                    Pattern::new(value.to_lowercase())
                } else {
                    Pattern::new(value)
                }
            };
            filters.push((look, values.into_iter().map(pattern).collect()));
        }
        Ok(Self {
            filters,
            ignores_case,
        })
    }

    /// Whether an item that a list shows as `entry` matches all filters, each by one of its values.
    pub(in crate::server) fn hold(&self, item: &Item, entry: &Structure<'static>) -> bool {
        self.filters
            .iter()
            .all(|filter| self.holds(filter, item, entry))
    }

    fn holds(
        &self,
        (look, patterns): &(Look<'_>, Vec<Pattern<'_>>),
        item: &Item,
        entry: &Structure<'static>,
    ) -> bool {
        let any = |text: &str| patterns.iter().any(|pattern| pattern.matches(text));
        look.holds(item, entry, &|text| {
            if self.ignores_case {
                any(&text.to_lowercase())
            } else {
                any(text)
            }
        })
    }

    /// Whether an item matches those filters that look at none of these members of its entry.
    pub(in crate::server) fn hold_beside(&self, members: &[&str], item: &Item) -> bool {
        let mut others = self.filters.iter().filter(|(look, _)| !look.is_at(members));
        others.all(|filter| self.holds(filter, item, &item.entry))
    }

    /// Whether a filter looks at one of these members of an entry.
    pub(in crate::server) fn look_at(&self, members: &[&str]) -> bool {
        self.filters.iter().any(|(look, _)| look.is_at(members))
    }
}

impl Look<'_> {
    fn is_at(&self, members: &[&str]) -> bool {
        match self {
            Self::Path(at) => at
                .split(['.', '['])
                .next()
                .is_some_and(|name| members.contains(&name)),
            _ => false,
        }
    }

    fn holds(
        &self,
        item: &Item,
        entry: &Structure<'static>,
        matches: &dyn Fn(&str) -> bool,
    ) -> bool {
        match self {
            Self::Path(at) => holds_at(entry, at, matches),
            Self::Tag(key) => {
                (item.tags.iter()).any(|(known, value)| known == key && matches(value))
            }
            Self::TagKey => item.tags.iter().any(|(key, _)| matches(key)),
            Self::TagValue => item.tags.iter().any(|(_, value)| matches(value)),
            Self::Family(field) => field(item).iter().any(|text| matches(text)),
            Self::Nothing => false,
        }
    }
}

/// Whether a value at a path matches, by its text.
fn holds_at(entry: &Structure<'static>, at: &str, matches: &dyn Fn(&str) -> bool) -> bool {
    path::any(entry, at, &mut |value| match value {
        Value::List(entries) => entries
            .iter()
            .any(|value| path::text(value).is_some_and(|text| matches(&text))),
        value => path::text(value).is_some_and(|text| matches(&text)),
    })
}

fn look<'i>(name: &'i str, resource: &Resource, listing: &'static Listing) -> Option<Look<'i>> {
    if let Some(field) = families::field(listing.action, name) {
        return Some(Look::Family(field));
    }
    let takes_tags = listing.tags.is_some()
        || (listing.filters.iter()).any(|filter| filter.name.starts_with("tag"));
    match name {
        "tag-key" if takes_tags => return Some(Look::TagKey),
        "tag-value" if takes_tags => return Some(Look::TagValue),
        _ => {}
    }
    if let Some(key) = name.strip_prefix("tag:").filter(|_| takes_tags) {
        return Some(Look::Tag(key));
    }
    // Names with `<..>` stand for others.
    let filter = (listing.filters.iter()).find(|filter| filter.name == name);
    let Some(filter) = filter else {
        // Where AWS does not document all filters, they may have the names of members.
        let is_open =
            (listing.filters.iter()).all(|filter| matches!(filter.source, Source::Hand(_)));
        return match member(name, resource, listing).filter(|_| is_open) {
            Some(member) => Some(Look::Path(member)),
            None => listing.filters.is_empty().then_some(Look::Nothing),
        };
    };
    Some(match &filter.path {
        Some(path) => Look::Path(path.as_str()),
        None => Look::Nothing,
    })
}

/// The member of an entry that a filter has its name from: `AddressFamily` for `address-family`.
fn member(name: &str, resource: &Resource, listing: &Listing) -> Option<&'static str> {
    let letters = name.replace('-', "");
    let shape = answer::entry_shape(resource, &listing.path)?;
    let mut members = shape.members();
    let found = members.find(|member| member.name().eq_ignore_ascii_case(&letters));
    found.map(|member| member.name())
}

/// A filter's value: `*` stands for any text and `?` for any character, and `\` before one of them
/// for itself.
pub(in crate::server) struct Pattern<'p> {
    text: Cow<'p, str>,
    /// The parts between wildcards, if there are any.
    parts: Option<Vec<Part>>,
}

#[derive(PartialEq)]
enum Part {
    Char(char),
    One,
    Many,
}

impl<'p> Pattern<'p> {
    pub(in crate::server) fn new(text: impl Into<Cow<'p, str>>) -> Self {
        let text = text.into();
        if !text.contains(['*', '?', '\\']) {
            return Self { text, parts: None };
        }
        let mut parts = Vec::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            let part = match c {
                '*' => Part::Many,
                '?' => Part::One,
                '\\' => Part::Char(chars.next().unwrap_or('\\')),
                c => Part::Char(c),
            };
            // Several in a row are one.
            if part != Part::Many || parts.last() != Some(&Part::Many) {
                parts.push(part);
            }
        }
        Self {
            text,
            parts: Some(parts),
        }
    }

    pub(in crate::server) fn matches(&self, text: &str) -> bool {
        let Some(parts) = &self.parts else {
            return self.text == text;
        };
        let text: Vec<char> = text.chars().collect();
        // Back to the last `*` on a mismatch: at most the product of both lengths.
        let (mut part, mut at) = (0, 0);
        let mut star: Option<(usize, usize)> = None;
        while let Some(&c) = text.get(at) {
            match parts.get(part) {
                Some(Part::Many) => {
                    star = Some((part, at));
                    part += 1;
                    continue;
                }
                Some(Part::One) => {}
                Some(Part::Char(wanted)) if *wanted == c => {}
                _ => {
                    let Some((star_part, star_at)) = star else {
                        return false;
                    };
                    star = Some((star_part, star_at + 1));
                    part = star_part + 1;
                    at = star_at + 1;
                    continue;
                }
            }
            part += 1;
            at += 1;
        }
        parts.iter().skip(part).all(|part| *part == Part::Many)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match() {
        let matches = |pattern: &str, text: &str| Pattern::new(pattern).matches(text);
        for (pattern, text) in [
            ("a", "a"),
            ("*", ""),
            ("*", "abc"),
            ("a*c", "ac"),
            ("a*c", "abbc"),
            ("?", "é"),
            ("*b*", "abc"),
            (r"\*", "*"),
            (r"a\?", "a?"),
            ("*aab", "aaaab"),
            ("**", "x"),
            (r"a\\", r"a\"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("a", "A"),
            ("a", "ab"),
            ("?", ""),
            ("a*c", "acb"),
            (r"\*", "a"),
            ("", "a"),
            ("*a", "ab"),
        ] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
