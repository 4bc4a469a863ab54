//! Compares an answer with what is legal.

use crate::case::{Answer, Check, Outcome, OutcomeSet, Test};
use crate::laws;
use crate::record::Difference;
use crate::referee::Element;
use crate::subject::Answered;
use crate::template::{Member, fill};
use std::collections::BTreeSet;

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
        && answered.document.as_ref().is_ok_and(|root| match action {
            Some(action) => root.name == format!("{action}Response"),
            None => root.errors().is_empty(),
        })
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

/// Fills a text of a case, with what keeps it from that in words.
type Fill<'f> = &'f dyn Fn(&str) -> Result<String, String>;

/// Tests one check. `Ok(None)` is that it holds; `Err` is a mistake in the case. `earlier` is what
/// the step of a name was answered.
pub(crate) fn check<'e>(
    check: &Check,
    action: Option<&str>,
    answered: &Answered,
    lookup: &dyn Fn(&str) -> Option<String>,
    earlier: &dyn Fn(&str) -> Option<&'e Answered>,
) -> Result<Option<Finding>, String> {
    let fill = |text: &str| fill(text, lookup).map_err(|error| error.to_string());
    let place = fill(&check.at)?;
    let (texts, elements) = look(&place, answered)?;
    let found = match &check.test {
        Test::Tags(tags) => {
            let tags = tags.resolve(lookup).map_err(|error| error.to_string())?;
            let wanted = tag_pairs(&tags).ok_or("`tags` takes a list of Key and Value")?;
            compare_tags(wanted, &elements).map(|(found, mut difference)| {
                difference.at.insert_str(0, &place);
                (format!("at {place} {found}"), difference)
            })
        }
        Test::Model(asked) => {
            let root = answered.document.as_ref().ok();
            root.zip(action)
                .and_then(|(root, action)| laws::shape::departure(root, action, *asked))
        }
        Test::Apart(step) => {
            let document = earlier(step).map(|answered| answered.document.as_ref());
            let document = document.ok_or_else(|| format!("no step is named `{step}`"))?;
            repeated(&place, &elements, document.ok())
        }
        Test::Count(_) | Test::AtMost(_) | Test::MoreThan(_) => {
            check_count(&check.test, &place, elements.len(), &fill)?
        }
        Test::Lacks(_) | Test::Among(_) | Test::Once(_) => {
            check_content(&check.test, &place, &texts, &elements, &fill)?
        }
        _ => check_text(&check.test, &place, &texts, &fill)?,
    };
    Ok(found.map(|(found, difference)| Finding {
        requirement: check.requirement.clone(),
        found,
        difference: Some(difference),
    }))
}

/// Tests what stands at a place as a text.
fn check_text(
    asked: &Test,
    place: &str,
    texts: &[String],
    fill: Fill<'_>,
) -> Result<Option<(String, Difference)>, String> {
    let first = texts.first().map(String::as_str);
    let mut exact = None;
    let (holds, wanted) = match asked {
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
            let all: Vec<String> = all
                .iter()
                .map(|text| fill(text))
                .collect::<Result<_, _>>()?;
            let holds = first.is_none_or(|found| all.iter().any(|text| text == found));
            (holds, format!("nothing or one of {}", all.join(", ")))
        }
        Test::Present(present) => (
            texts.is_empty() != *present,
            if *present { "something" } else { "nothing" }.into(),
        ),
        _ => {
            return Err("such a test is not one of a text".into());
        }
    };
    if holds {
        return Ok(None);
    }
    let shown = first.map_or_else(
        || "nothing".to_owned(),
        |text| excerpt(text, place == "@body"),
    );
    let found = format!("at {place} stands {shown}, wanted {wanted}");
    let is_exact = exact.is_some();
    let mut difference = Difference::new(
        place,
        exact.unwrap_or(wanted),
        // A whole body stands in the exchange.
        first.map(|text| match place {
            "@body" => excerpt(text, true),
            _ => text.to_owned(),
        }),
    );
    difference.exact = is_exact;
    Ok(Some((found, difference)))
}

/// Tests what stands at a place for what it holds.
fn check_content(
    asked: &Test,
    place: &str,
    texts: &[String],
    elements: &[&Element],
    fill: Fill<'_>,
) -> Result<Option<(String, Difference)>, String> {
    Ok(match asked {
        Test::Lacks(pattern) => {
            let pattern = fill(pattern)?;
            let regex = regex_lite::Regex::new(&pattern).map_err(|error| error.to_string())?;
            let found = texts.iter().find_map(|text| regex.find(text));
            found.map(|found| {
                let got = found.as_str();
                (
                    format!("at {place} stands {got:?}"),
                    Difference::new(
                        place,
                        format!("nothing that matches {pattern}"),
                        Some(got.to_owned()),
                    ),
                )
            })
        }
        Test::Among(names) => inside(elements)
            .find(|child| !names.contains(&child.name))
            .map(|other| {
                let got = format!("an element `{}`", other.name);
                (
                    format!("at {place} stands {got} that is not known"),
                    Difference::new(
                        below(place, &other.name, 0),
                        format!("only {}", names.join(", ")),
                        Some(got),
                    ),
                )
            }),
        Test::Once(once) => {
            let twice = elements.iter().find_map(|element| {
                let mut seen = BTreeSet::new();
                inside(&[element]).find(|child| !seen.insert(&child.name))
            });
            twice.filter(|_| *once).map(|twice| {
                (
                    format!("at {place} the element `{}` stands twice", twice.name),
                    Difference::new(
                        below(place, &twice.name, 1),
                        format!("one element `{}`", twice.name),
                        Some("another of that name".into()),
                    ),
                )
            })
        }
        _ => return Err("such a test is one of a text".into()),
    })
}

/// Tests how many elements stand at a place.
fn check_count(
    asked: &Test,
    place: &str,
    came: usize,
    fill: Fill<'_>,
) -> Result<Option<(String, Difference)>, String> {
    let number = |text: &str| {
        let text = fill(text)?;
        text.parse::<usize>()
            .map_err(|_| format!("`{text}` is no number"))
    };
    let (holds, wanted) = match asked {
        Test::Count(count) => (came == *count, count.to_string()),
        Test::AtMost(most) => {
            let most = number(most)?;
            (came <= most, format!("at most {most}"))
        }
        Test::MoreThan(least) => {
            let least = number(least)?;
            (came > least, format!("more than {least}"))
        }
        _ => return Err("such a test is not one of a number".into()),
    };
    if holds {
        return Ok(None);
    }
    let difference = Difference::new(
        place,
        format!("{wanted} elements"),
        (came > 0).then(|| format!("{came} elements")),
    );
    let found = format!("{came} elements at {place}, wanted {wanted}");
    Ok(Some((found, difference)))
}

/// The first of the elements that stood at that place of an earlier answer too. One that stood
/// there twice is no sign: nothing tells such entries from each other.
pub(crate) fn repeated(
    place: &str,
    elements: &[&Element],
    earlier: Option<&Element>,
) -> Option<(String, Difference)> {
    let earlier = earlier.map_or_else(Vec::new, |root| root.at(place));
    let stood = |element: &Element| earlier.iter().filter(|e| e.is_same(element)).count();
    let at = elements.iter().position(|element| stood(element) == 1)?;
    let at = format!("{place}[{at}]");
    let wanted = "an entry that the answer before does not have".to_owned();
    let got = Some("one that it has".to_owned());
    let found = format!("at {at} stands an entry that the answer before has too");
    Some((found, Difference::new(at, wanted, got)))
}

/// The path of the child of that name and number.
pub(crate) fn below(place: &str, name: &str, index: usize) -> String {
    let dot = if place.is_empty() { "" } else { "." };
    format!("{place}{dot}{name}[{index}]")
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
