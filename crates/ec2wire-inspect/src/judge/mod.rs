//! Compares an answer with what is legal.
//!
//! | file | compares it with |
//! |---|---|
//! | this one | the outcomes and checks of a case |
//! | [`clock`] | the time when it was given |
//! | [`shape`] | the shape that the service model gives it |
//! | [`scalar`] | the type of one of its texts |
//! | [`likeness`] | another answer to the same request |
//! | [`gone`] | what an entry of a listing has once it is deleted |

pub mod clock;
pub mod gone;
pub mod likeness;
pub mod scalar;
pub mod shape;

use crate::format::case::{Answer, Check, Outcome, OutcomeSet, Test};
use crate::format::template::{Member, fill};
use crate::record::Difference;
use crate::record::place::{Place, child};
use crate::text::count_of;
use crate::wire::answered::{Answered, Found};
use crate::wire::referee::{DOCTYPE, Element};
use std::collections::BTreeSet;

/// How many characters of a body a message quotes at most.
const BODY_QUOTED: usize = 60;

/// What an answer broke: the requirement's id (`None` for the case's own), and what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub requirement: Option<String>,
    pub found: String,
    pub difference: Option<Difference>,
}

/// How an answer fits the outcomes of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    Legal,
    /// It breaks only a weaker requirement.
    Tolerated(Finding),
    Illegal(String),
}

/// Compares an answer to `action` with the outcomes.
pub fn fit(outcomes: &OutcomeSet, action: Option<&str>, answered: &Answered) -> Fit {
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

/// The difference of an answer that matches no legal outcome.
pub fn whole(outcomes: &OutcomeSet, found: &str) -> Difference {
    let wanted: Vec<String> = outcomes.legal.iter().map(Outcome::in_words).collect();
    Difference::new(Place::Answer, wanted.join("; or "), Some(found.to_owned()))
}

/// Whether the answer is a success in status and shape.
pub fn is_success(action: Option<&str>, answered: &Answered) -> bool {
    (200..300).contains(&answered.status)
        && answered.document.as_ref().is_ok_and(|root| match action {
            Some(action) => root.name == format!("{action}Response"),
            None => root.errors().is_empty(),
        })
}

/// Whether the answer is an error of the request in status and shape.
pub fn is_fault(answered: &Answered) -> bool {
    answered.status < 500 && is_error(answered)
}

/// Whether the answer is an error in status and shape, whoever is at fault.
pub fn is_error(answered: &Answered) -> bool {
    answered.status >= 400 && answered.codes().iter().any(|code| !code.is_empty())
}

/// Whether the answer is of the given kind.
pub fn is_kind(kind: Answer, action: Option<&str>, answered: &Answered) -> bool {
    match kind {
        Answer::Success => is_success(action, answered),
        Answer::Fault => is_fault(answered),
        Answer::Error => is_error(answered),
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

/// Describes an answer in words.
pub fn describe(action: Option<&str>, answered: &Answered) -> String {
    let status = answered.status;
    match &answered.document {
        _ if is_success(action, answered) => format!("a success, status {status}"),
        Err(_) if answered.body.is_empty() => format!("status {status} with an empty body"),
        Err(error) if error == DOCTYPE => format!("status {status} with a body that has {error}"),
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

/// What is at a place that a check names.
fn look<'a>(place: &Place, answered: &'a Answered) -> Result<Found<'a>, String> {
    match place {
        Place::Unknown(text) => Err(format!("`{text}` is not a place in an answer")),
        place => Ok(answered.look(place)),
    }
}

/// The children of these elements.
fn inside<'e>(elements: &[&'e Element]) -> impl Iterator<Item = &'e Element> {
    elements.iter().flat_map(|element| &element.children)
}

/// Fills in the variables of a text; the error says why that is impossible.
type Fill<'f> = &'f dyn Fn(&str) -> Result<String, String>;

/// Runs one check. `Ok(None)` means that it holds; `Err` is a mistake in the case. `earlier`
/// returns the answer to an earlier step, by the step's name.
pub fn check<'e>(
    check: &Check,
    action: Option<&str>,
    answered: &Answered,
    lookup: &dyn Fn(&str) -> Option<String>,
    earlier: &dyn Fn(&str) -> Option<&'e Answered>,
) -> Result<Option<Finding>, String> {
    let fill = |text: &str| fill(text, lookup).map_err(|error| error.to_string());
    let place = Place::from(fill(&check.at)?);
    let Found { texts, elements } = look(&place, answered)?;
    let found = match &check.test {
        Test::Tags(tags) => {
            let tags = tags.resolve(lookup).map_err(|error| error.to_string())?;
            let wanted = tag_pairs(&tags).ok_or("`tags` takes a list of Key and Value")?;
            compare_tags(&place, wanted, &elements)
                .map(|(found, difference)| (format!("{place}: {found}"), difference))
        }
        Test::Model(asked) => {
            let root = answered.document.as_ref().ok();
            root.zip(action)
                .and_then(|(root, action)| shape::departure(root, action, *asked))
        }
        Test::Apart(step) => {
            let document = earlier(step).map(|answered| answered.document.as_ref());
            let document = document.ok_or_else(|| format!("no step is named `{step}`"))?;
            repeated(&place, &elements, document.ok())
        }
        Test::Current(current) => {
            let now = lookup("now").filter(|_| *current);
            check_time(&place, &texts, now.as_deref())
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

/// Tests that the first time at a place is the present. What is not there, or is no time, is for
/// other checks, and so is an answer of which nobody knows when it was given.
fn check_time(place: &Place, texts: &[String], now: Option<&str>) -> Option<(String, Difference)> {
    let text = texts.first()?;
    let (time, now) = (clock::read(text)?, clock::read(now?)?);
    clock::is_off(time, now).then(|| {
        let wanted = "the time of the exchange".to_owned();
        let found = format!("{place} is {text:?}, but the request was made at {now}");
        let difference = Difference::new(place.clone(), wanted, Some(text.clone()));
        (found, difference)
    })
}

/// Tests the first text at a place.
fn check_text(
    asked: &Test,
    place: &Place,
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
            return Err("this test does not apply to a text".into());
        }
    };
    if holds {
        return Ok(None);
    }
    let shown = first.map_or_else(
        || "is missing".to_owned(),
        |text| format!("is {}", excerpt(text, *place == Place::Body)),
    );
    let found = format!("{place} {shown}, expected {wanted}");
    let is_exact = exact.is_some();
    let mut difference = Difference::new(
        place.clone(),
        exact.unwrap_or(wanted),
        // The exchange has the whole body.
        first.map(|text| match place {
            Place::Body => excerpt(text, true),
            _ => text.to_owned(),
        }),
    );
    difference.exact = is_exact;
    Ok(Some((found, difference)))
}

/// Tests the content of what is at a place.
fn check_content(
    asked: &Test,
    place: &Place,
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
                    format!("{place} contains {got:?}, expected no match of {pattern}"),
                    Difference::new(
                        place.clone(),
                        format!("no match of {pattern}"),
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
                    format!("{place} contains an unknown element `{}`", other.name),
                    Difference::new(
                        child(&place.to_string(), &other.name, 0),
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
                    format!("{place} contains the element `{}` twice", twice.name),
                    Difference::new(
                        child(&place.to_string(), &twice.name, 1),
                        format!("one element `{}`", twice.name),
                        Some("a second one".into()),
                    ),
                )
            })
        }
        _ => return Err("this test applies to a text only".into()),
    })
}

/// Tests the number of elements at a place.
fn check_count(
    asked: &Test,
    place: &Place,
    count: usize,
    fill: Fill<'_>,
) -> Result<Option<(String, Difference)>, String> {
    let number = |text: &str| {
        let text = fill(text)?;
        text.parse::<usize>()
            .map_err(|_| format!("`{text}` is not a number"))
    };
    let (holds, wanted) = match asked {
        Test::Count(wanted) => (count == *wanted, wanted.to_string()),
        Test::AtMost(most) => {
            let most = number(most)?;
            (count <= most, format!("at most {most}"))
        }
        Test::MoreThan(least) => {
            let least = number(least)?;
            (count > least, format!("more than {least}"))
        }
        _ => return Err("this test does not apply to a number of elements".into()),
    };
    if holds {
        return Ok(None);
    }
    let difference = Difference::new(
        place.clone(),
        format!("{wanted} elements"),
        (count > 0).then(|| count_of(count, "element")),
    );
    let found = format!(
        "{place} has {}, expected {wanted}",
        count_of(count, "element")
    );
    Ok(Some((found, difference)))
}

/// The first element that an earlier answer has at the same place too. An entry that occurs twice
/// in the earlier answer does not count: identical entries cannot be told apart.
pub fn repeated(
    place: &Place,
    elements: &[&Element],
    earlier: Option<&Element>,
) -> Option<(String, Difference)> {
    let path = place.to_string();
    let earlier = earlier.map_or_else(Vec::new, |root| root.at(&path));
    let occurrences = |element: &Element| earlier.iter().filter(|e| e.is_same(element)).count();
    let at = elements
        .iter()
        .position(|element| occurrences(element) == 1)?;
    let at = format!("{place}[{at}]");
    let wanted = "an entry that the previous answer does not have".to_owned();
    let got = Some("an entry of the previous answer".to_owned());
    let found = format!("{at} repeats an entry of the previous answer");
    Some((found, Difference::new(at, wanted, got)))
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

/// A text as a message quotes it: only the beginning of a whole body.
fn excerpt(text: &str, is_body: bool) -> String {
    if is_body && text.chars().nth(BODY_QUOTED).is_some() {
        let start: String = text.chars().take(BODY_QUOTED).collect();
        format!("{start:?}...")
    } else {
        format!("{text:?}")
    }
}

/// Compares the tags received with those expected, in any order. `place` is the list's.
fn compare_tags(
    place: &Place,
    mut wanted: Vec<(String, String)>,
    lists: &[&Element],
) -> Option<(String, Difference)> {
    let text = |item: &Element, name| item.child(name).map(|c| c.text.clone()).unwrap_or_default();
    let items = || lists.iter().flat_map(|list| &list.children);
    if let Some(other) = items().find(|item| item.name != "item") {
        let difference = Difference::new(
            child(&place.to_string(), &other.name, 0),
            "elements `item`".into(),
            Some(format!("an element `{}`", other.name)),
        );
        let found = format!("got an element `{}`, expected only `item`", other.name);
        return Some((found, difference));
    }
    let mut got: Vec<(String, String)> = items()
        .map(|item| (text(item, "key"), text(item, "value")))
        .collect();
    let received = got.clone();
    wanted.sort();
    got.sort();
    if wanted == got {
        return None;
    }
    let shown = |tags: &mut dyn Iterator<Item = &(String, String)>| {
        tags.map(|(key, value)| format!("{key:?}={value:?}"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let only_in = |tags: &[(String, String)], others: &[(String, String)]| {
        shown(&mut tags.iter().filter(|tag| !others.contains(tag)))
    };
    let (missing, extra) = (only_in(&wanted, &got), only_in(&got, &wanted));
    let found = match (missing.is_empty(), extra.is_empty()) {
        (false, true) => format!("missing tags {missing}"),
        (true, false) => format!("unexpected tags {extra}"),
        (false, false) => format!("expected tags {missing}, got {extra}"),
        (true, true) => format!("expected {} tags, got {}", wanted.len(), got.len()),
    };
    // Point at the first unexpected tag, if there is one.
    let unexpected = received.iter().position(|tag| !wanted.contains(tag));
    let difference = match unexpected.and_then(|index| Some((index, received.get(index)?))) {
        Some((index, (key, value))) => {
            let item = child(&place.to_string(), "item", index);
            match wanted.iter().find(|(wanted, _)| wanted == key) {
                Some((_, wanted)) => Difference {
                    at: format!("{item}.value").into(),
                    wanted: wanted.clone(),
                    got: Some(value.clone()),
                    exact: true,
                },
                None => Difference {
                    at: format!("{item}.key").into(),
                    wanted: if missing.is_empty() {
                        "no such tag".into()
                    } else {
                        missing
                    },
                    got: Some(key.clone()),
                    exact: false,
                },
            }
        }
        None => Difference {
            at: place.clone(),
            wanted: shown(&mut wanted.iter()),
            got: (!got.is_empty()).then(|| shown(&mut got.iter())),
            exact: false,
        },
    };
    Some((found, difference))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    /// An entry of the previous answer is found at any position. Entries that occur twice there,
    /// and entries with other content, are not.
    #[test]
    fn a_page_that_repeats_is_found() {
        let page = |entries: &str| {
            let body = format!("<R><set>{entries}</set></R>");
            Element::parse(body.as_bytes()).unwrap()
        };
        let first = page("<item><id>1</id><a>x</a></item><item><id>2</id></item><item/><item/>");
        let found = |entries: &str| {
            let second = page(entries);
            let found = repeated(
                &Place::from("set.item"),
                &second.at("set.item"),
                Some(&first),
            );
            found.map(|(found, _)| found)
        };
        assert_eq!(
            found("<item><id>3</id></item><item> <id>1</id>\n<a>x</a></item>").unwrap(),
            "set.item[1] repeats an entry of the previous answer"
        );
        for other in [
            "",
            "<item><id>3</id></item><item/>",
            "<item><id>1</id><a>y</a></item><item><id>1</id></item>",
            "<item><id>2</id><a>x</a></item><entry><id>2</id></entry>",
        ] {
            assert_eq!(found(other), None, "{other}");
        }
    }
}
