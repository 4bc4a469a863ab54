//! Compares an answer with what is legal.

use crate::case::{Answer, Check, Outcome, OutcomeSet, Test};
use crate::record::Difference;
use crate::referee::Element;
use crate::subject::Answered;
use crate::template::{Member, fill};

/// What an answer broke: the requirement's id, or none for the case's own, and what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) requirement: Option<String>,
    pub(crate) found: String,
    pub(crate) difference: Option<Difference>,
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
            difference: Some(whole(outcomes, &found)),
            found,
        }),
        None => Fit::Illegal(found),
    }
}

/// The difference of an answer that is none of the legal ones.
pub(crate) fn whole(outcomes: &OutcomeSet, found: &str) -> Difference {
    let wanted: Vec<String> = outcomes.legal.iter().map(in_words).collect();
    Difference::new(
        Difference::ANSWER,
        wanted.join("; or "),
        Some(found.to_owned()),
    )
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

fn matches(outcome: &Outcome, action: Option<&str>, answered: &Answered) -> bool {
    let kind = match outcome.answer {
        Answer::Success => is_success(action, answered),
        Answer::Fault => is_fault(answered),
    };
    kind && (outcome.status.is_empty() || outcome.status.contains(&answered.status))
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
    let shown = first.map_or_else(|| "nothing".to_owned(), |text| format!("{text:?}"));
    let mut exact = None;
    let (holds, wanted) = match &check.test {
        Test::Equals(text) => {
            let text = fill(text)?;
            let tested = (first == Some(&*text), format!("{text:?}"));
            exact = Some(text);
            tested
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
                difference: Some(Difference::new(
                    place,
                    format!("{count} elements"),
                    (!elements.is_empty()).then(|| format!("{} elements", elements.len())),
                )),
            }));
        }
        Test::Tags(tags) => {
            let tags = tags.resolve(lookup).map_err(|error| error.to_string())?;
            let wanted = tag_pairs(&tags).ok_or("`tags` takes a list of Key and Value")?;
            return Ok(
                compare_tags(wanted, &elements).map(|(found, mut difference)| {
                    difference.at.insert_str(0, &place);
                    Finding {
                        requirement: check.requirement.clone(),
                        found: format!("at {place} {found}"),
                        difference: Some(difference),
                    }
                }),
            );
        }
    };
    Ok((!holds).then(|| Finding {
        requirement: check.requirement.clone(),
        found: format!("at {place} stands {shown}, wanted {wanted}"),
        difference: Some(Difference {
            at: place,
            exact: exact.is_some(),
            wanted: exact.unwrap_or(wanted),
            got: first.map(str::to_owned),
        }),
    }))
}

/// What stands at a place: the texts, and the elements where it is one of those.
fn look<'a>(
    place: &str,
    answered: &'a Answered,
) -> Result<(Vec<String>, Vec<&'a Element>), String> {
    let root = answered.document.as_ref().map_err(Clone::clone);
    let special = |text: Option<&str>| text.map(str::to_owned).into_iter().collect::<Vec<_>>();
    Ok(match place.strip_prefix('@') {
        Some("root") => (
            special(root.as_ref().ok().map(|r| r.name.as_str())),
            Vec::new(),
        ),
        Some("xmlns") => (
            special(root.as_ref().ok().and_then(|r| r.xmlns.as_deref())),
            Vec::new(),
        ),
        Some("request-id") => (special(answered.request_id()), Vec::new()),
        Some(other) => match other.strip_prefix("header:") {
            Some(name) => (special(answered.header(name)), Vec::new()),
            None => return Err(format!("`@{other}` is no place to look at")),
        },
        None => {
            let elements = root
                .as_ref()
                .map_or_else(|_| Vec::new(), |root| root.at(place));
            (
                elements
                    .iter()
                    .map(|element| element.text.clone())
                    .collect(),
                elements,
            )
        }
    })
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

/// How the tags that came differ from those wanted, in any order. The place in the difference goes
/// behind the list's.
fn compare_tags(
    mut wanted: Vec<(String, String)>,
    lists: &[&Element],
) -> Option<(String, Difference)> {
    let text = |item: &Element, name| item.child(name).map(|c| c.text.clone()).unwrap_or_default();
    let items = || lists.iter().flat_map(|list| &list.children);
    if let Some(other) = items().find(|item| item.name != "item") {
        let difference = Difference::new(
            format!(".{}[0]", other.name),
            "elements `item`".into(),
            Some(format!("an element `{}`", other.name)),
        );
        let found = format!(
            "the list has an element `{}` that is not `item`",
            other.name
        );
        return Some((found, difference));
    }
    let mut came: Vec<(String, String)> = items()
        .map(|item| (text(item, "key"), text(item, "value")))
        .collect();
    let sent = came.clone();
    wanted.sort();
    came.sort();
    if wanted == came {
        return None;
    }
    let shown = |tags: &mut dyn Iterator<Item = &(String, String)>| {
        tags.map(|(key, value)| format!("{key:?}={value:?}"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let only = |these: &[(String, String)], those: &[(String, String)]| {
        shown(&mut these.iter().filter(|tag| !those.contains(tag)))
    };
    let (missing, extra) = (only(&wanted, &came), only(&came, &wanted));
    let found = match (missing.is_empty(), extra.is_empty()) {
        (false, true) => format!("these tags are missing: {missing}"),
        (true, false) => format!("these tags are too many: {extra}"),
        (false, false) => format!("stand the tags {extra} in place of {missing}"),
        (true, true) => format!("stand {} tags, wanted {}", came.len(), wanted.len()),
    };
    // Where one tag stands that should not, that one is pointed at.
    let stray = sent.iter().position(|tag| !wanted.contains(tag));
    let difference = match stray.and_then(|index| Some((index, sent.get(index)?))) {
        Some((index, (key, value))) => match wanted.iter().find(|(wanted, _)| wanted == key) {
            Some((_, wanted)) => Difference {
                at: format!(".item[{index}].value"),
                wanted: wanted.clone(),
                got: Some(value.clone()),
                exact: true,
            },
            None => Difference {
                at: format!(".item[{index}].key"),
                wanted: if missing.is_empty() {
                    "no such tag".into()
                } else {
                    missing
                },
                got: Some(key.clone()),
                exact: false,
            },
        },
        None => Difference {
            at: String::new(),
            wanted: shown(&mut wanted.iter()),
            got: (!came.is_empty()).then(|| shown(&mut came.iter())),
            exact: false,
        },
    };
    Some((found, difference))
}
