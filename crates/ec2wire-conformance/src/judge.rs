//! Compares an answer with what is legal.

use crate::case::{Answer, Check, Outcome, OutcomeSet, Test};
use crate::referee::Element;
use crate::subject::Answered;
use crate::template::{Member, fill};
use std::collections::BTreeSet;

/// What an answer broke: the requirement's id, or none for the case's own, and what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) requirement: Option<String>,
    pub(crate) found: String,
}

/// How an answer fits the outcomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fit {
    Legal,
    /// It breaks only a weaker requirement.
    Tolerated(Finding),
    Illegal(String),
}

/// Fits an answer to `action` among the outcomes.
pub(crate) fn fit(outcomes: &OutcomeSet, action: Option<&str>, answered: &Answered) -> Fit {
    let found = describe(action, answered);
    if outcomes
        .legal
        .iter()
        .any(|outcome| matches(outcome, action, answered))
    {
        return Fit::Legal;
    }
    match outcomes
        .tolerated
        .iter()
        .find(|t| matches(&t.outcome, action, answered))
    {
        Some(tolerated) => Fit::Tolerated(Finding {
            requirement: Some(tolerated.requirement.clone()),
            found,
        }),
        None => Fit::Illegal(found),
    }
}

/// Whether the answer is a success in status and shape.
pub(crate) fn is_success(action: Option<&str>, answered: &Answered) -> bool {
    (200..300).contains(&answered.status)
        && answered
            .document
            .as_ref()
            .is_ok_and(|root| action.is_none_or(|action| root.name == format!("{action}Response")))
}

/// Whether the answer is an error of the request in status and shape.
pub(crate) fn is_fault(answered: &Answered) -> bool {
    (400..500).contains(&answered.status) && answered.codes().iter().any(|code| !code.is_empty())
}

/// Whether the answer is of that kind.
pub(crate) fn is_kind(kind: Answer, action: Option<&str>, answered: &Answered) -> bool {
    match kind {
        Answer::Success => is_success(action, answered),
        Answer::Fault => is_fault(answered),
        Answer::NoServerError => matches!(answered.status, 200..=299 | 400..=499),
        Answer::Any => true,
    }
}

fn matches(outcome: &Outcome, action: Option<&str>, answered: &Answered) -> bool {
    is_kind(outcome.answer, action, answered)
        && (outcome.status.is_empty() || outcome.status.contains(&answered.status))
        && (outcome.codes.is_empty()
            || answered
                .codes()
                .iter()
                .any(|code| outcome.codes.iter().any(|legal| legal == code)))
}

/// An outcome in words.
pub(crate) fn in_words(outcome: &Outcome) -> String {
    let mut words = String::from(match outcome.answer {
        Answer::Success => "a success",
        Answer::Fault => "a fault",
        Answer::NoServerError => "anything but a server error",
        Answer::Any => "any answer",
    });
    if !outcome.status.is_empty() {
        words.push_str(", status ");
        words.push_str(&join(outcome.status.iter().map(ToString::to_string)));
    }
    if !outcome.codes.is_empty() {
        words.push_str(", code ");
        words.push_str(&join(outcome.codes.iter().cloned()));
    }
    words
}

fn join(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(" or ")
}

/// What an answer is, in words.
pub(crate) fn describe(action: Option<&str>, answered: &Answered) -> String {
    let status = answered.status;
    match &answered.document {
        _ if is_success(action, answered) => format!("a success, status {status}"),
        Err(error) if answered.body.is_empty() => {
            let _ = error;
            format!("status {status} with an empty body")
        }
        Err(error) => format!("status {status} with a body that is not well-formed XML: {error}"),
        Ok(root) => match root.errors().first() {
            Some((code, message)) => format!("a fault, status {status}, code {code}: {message}"),
            None => format!(
                "status {status} with a document whose root is `{}`",
                root.name
            ),
        },
    }
}

/// What stands at a place: the texts, and the elements where it is a path.
fn look<'a>(
    place: &str,
    answered: &'a Answered,
) -> Result<(Vec<String>, Vec<&'a Element>), String> {
    if place.starts_with('@') {
        let text = answered.special(place)?;
        return Ok((text.into_iter().collect(), Vec::new()));
    }
    let root = answered.document.as_ref().ok();
    let elements = root.map_or_else(Vec::new, |root| root.at(place));
    let texts = elements.iter().map(|element| element.text.clone());
    Ok((texts.collect(), elements))
}

/// The elements inside of these.
fn inside<'e>(elements: &[&'e Element]) -> impl Iterator<Item = &'e Element> {
    elements.iter().flat_map(|element| &element.children)
}

/// Tests one check. `Ok(None)` is that it holds; `Err` is a mistake in the case.
pub(crate) fn check(
    check: &Check,
    answered: &Answered,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<Finding>, String> {
    let place = fill(&check.at, lookup).map_err(|error| error.to_string())?;
    let (texts, elements) = look(&place, answered)?;
    let fill = |text: &str| fill(text, lookup).map_err(|error| error.to_string());
    let first = texts.first().map(String::as_str);
    let shown = first.map_or_else(
        || "nothing".to_owned(),
        |text| excerpt(text, place == "@body"),
    );
    let (holds, wanted) = match &check.test {
        Test::Equals(text) => {
            let text = fill(text)?;
            (first == Some(&*text), format!("{text:?}"))
        }
        Test::Differs(text) => {
            let text = fill(text)?;
            (
                first.is_some_and(|found| found != text),
                format!("something other than {text:?}"),
            )
        }
        Test::OneOf(all) => {
            let holds = all.iter().any(|text| first == Some(text));
            (holds, format!("one of {}", all.join(", ")))
        }
        Test::Matches(pattern) => {
            let pattern = fill(pattern)?;
            let regex = regex_lite::Regex::new(&pattern).map_err(|error| error.to_string())?;
            (
                first.is_some_and(|text| regex.is_match(text)),
                format!("a match of {pattern}"),
            )
        }
        Test::Lacks(pattern) => {
            let pattern = fill(pattern)?;
            let regex = regex_lite::Regex::new(&pattern).map_err(|error| error.to_string())?;
            let found = texts.iter().find_map(|text| regex.find(text));
            return Ok(found.map(|found| Finding {
                requirement: check.requirement.clone(),
                found: format!("at {place} stands {:?}", found.as_str()),
            }));
        }
        Test::Among(names) => {
            let other = inside(&elements).find(|child| !names.contains(&child.name));
            return Ok(other.map(|other| Finding {
                requirement: check.requirement.clone(),
                found: format!(
                    "at {place} stands an element `{}` that is not known",
                    other.name
                ),
            }));
        }
        Test::Once(once) => {
            let twice = elements.iter().find_map(|element| {
                let mut seen = BTreeSet::new();
                inside(&[element]).find(|child| !seen.insert(&child.name))
            });
            return Ok(twice.filter(|_| *once).map(|twice| Finding {
                requirement: check.requirement.clone(),
                found: format!("at {place} the element `{}` stands twice", twice.name),
            }));
        }
        Test::AbsentOrOneOf(all) => {
            let holds = first.is_none_or(|found| all.iter().any(|text| text == found));
            (holds, format!("nothing or one of {}", all.join(", ")))
        }
        Test::Present(present) => (
            texts.is_empty() != *present,
            if *present { "something" } else { "nothing" }.into(),
        ),
        Test::Count(count) => {
            return Ok((elements.len() != *count).then(|| Finding {
                requirement: check.requirement.clone(),
                found: format!("{} elements at {place}, wanted {count}", elements.len()),
            }));
        }
        Test::Tags(tags) => {
            let tags = tags.resolve(lookup).map_err(|error| error.to_string())?;
            let wanted = tag_pairs(&tags).ok_or("`tags` takes a list of Key and Value")?;
            return Ok(compare_tags(wanted, &elements).map(|found| Finding {
                requirement: check.requirement.clone(),
                found: format!("at {place} {found}"),
            }));
        }
    };
    Ok((!holds).then(|| Finding {
        requirement: check.requirement.clone(),
        found: format!("at {place} stands {shown}, wanted {wanted}"),
    }))
}

fn tag_pairs(tags: &Member) -> Option<Vec<(String, String)>> {
    let Member::List(tags) = tags else {
        return None;
    };
    tags.iter()
        .map(|tag| {
            let Member::Structure(members) = tag else {
                return None;
            };
            let text = |name: &str| {
                members
                    .iter()
                    .find(|(known, _)| known == name)
                    .and_then(|(_, member)| match member {
                        Member::Text(text) => Some(text.clone()),
                        _ => None,
                    })
            };
            Some((text("Key")?, text("Value").unwrap_or_default()))
        })
        .collect()
}

/// A text as a message quotes it; of a whole body only the beginning.
fn excerpt(text: &str, is_body: bool) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) if is_body => format!("{:?}...", text.get(..end).unwrap_or_default()),
        _ => format!("{text:?}"),
    }
}

/// How the tags that came differ from those wanted, in any order.
fn compare_tags(mut wanted: Vec<(String, String)>, lists: &[&Element]) -> Option<String> {
    let text = |item: &Element, name| item.child(name).map(|c| c.text.clone()).unwrap_or_default();
    let items = || lists.iter().flat_map(|list| &list.children);
    if let Some(other) = items().find(|item| item.name != "item") {
        return Some(format!(
            "the list has an element `{}` that is not `item`",
            other.name
        ));
    }
    let mut came: Vec<(String, String)> = items()
        .map(|item| (text(item, "key"), text(item, "value")))
        .collect();
    wanted.sort();
    came.sort();
    if wanted == came {
        return None;
    }
    let only = |these: &[(String, String)], those: &[(String, String)]| {
        let tags = these.iter().filter(|tag| !those.contains(tag));
        tags.map(|(key, value)| format!("{key:?}={value:?}"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let (missing, extra) = (only(&wanted, &came), only(&came, &wanted));
    Some(match (missing.is_empty(), extra.is_empty()) {
        (false, true) => format!("these tags are missing: {missing}"),
        (true, false) => format!("these tags are too many: {extra}"),
        (false, false) => format!("stand the tags {extra} in place of {missing}"),
        (true, true) => format!("stand {} tags, wanted {}", came.len(), wanted.len()),
    })
}
