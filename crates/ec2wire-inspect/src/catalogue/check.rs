//! Finds mistakes in a case, beyond its syntax, when it is read rather than when it runs.

use crate::catalogue::Catalogue;
use crate::catalogue::answers::Answers;
use crate::catalogue::modelled;
use crate::format::body::{Body, Piece};
use crate::format::case::{Case, Check, Outcome, Step, Test, Tolerated};
use crate::format::place::{Mistake, Under as _};
use crate::format::requirement::Requirement;
use crate::format::template::{Template, fill, variables, with_default};
use crate::record::place::{MalformedPlace, Place, parts};
use ec2wire::ResourceType;
use http::{HeaderName, Method};
use std::collections::BTreeSet;

/// Variables that have a value everywhere.
const ANYWHERE: [&str; 5] = ["ipam", "unknown-ipam", "region", "token", "version"];

/// What a text may refer to.
#[derive(Clone, Copy)]
struct Known<'k> {
    /// Whether `for-each` made the case.
    item: bool,
    /// Whether the text is inside something generated.
    n: bool,
    /// Whether it is in a check.
    this: bool,
    /// The names of the earlier steps.
    steps: &'k BTreeSet<&'k str>,
}

/// Everything that is wrong with a case, after it was read.
pub(super) fn case(catalogue: &Catalogue, case: &Case) -> Vec<Mistake> {
    let mut found = Vec::new();
    if case.id.split('/').any(str::is_empty) || case.id.contains(char::is_whitespace) {
        let mistake = Mistake::new(format!("invalid id `{}`", case.id))
            .hint("use kebab-case words, with `/` between groups");
        found.push(mistake.under("id"));
    }
    let requirement = requirement(catalogue, &case.requirement).under("requirement");
    found.extend(requirement.err());
    found.extend(for_each(case).under("for-each").err());
    if let Some(answers) = catalogue.answers() {
        found.extend(calls(answers, case).err());
        return found;
    }
    if !case.calls.is_empty() {
        let mistake = Mistake::new("the case has calls, which are for clients");
        found.push(mistake.hint("use [[case.step]] for servers").under("call"));
        return found;
    }
    for (at, name) in case.given.iter().enumerate() {
        if !catalogue.premise_names().any(|known| known == name) {
            let mistake = Mistake::new(format!("unknown steps `{name}`"))
                .suggest(name, catalogue.premise_names());
            found.push(mistake.under(at).under("given"));
        }
    }
    if case.steps.is_empty() {
        found.push(Mistake::new("the case has no step").hint("add a [[case.step]]"));
    }
    let mut names = BTreeSet::new();
    for (at, one) in case.steps.iter().enumerate() {
        let known = Known {
            item: case.for_each.is_some(),
            n: false,
            this: false,
            steps: &names,
        };
        found.extend(step(catalogue, one, known).under(at).under("step"));
        if let Some(name) = &one.name
            && (name == "this" || !names.insert(name))
        {
            let mistake = Mistake::new(format!("duplicate step name `{name}`"));
            found.push(mistake.under("name").under(at).under("step"));
        }
    }
    found
}

/// Everything that is wrong with a requirement, apart from its id being taken.
pub(super) fn own_requirement(requirement: &Requirement) -> Vec<Mistake> {
    let Requirement {
        id,
        level,
        statement,
        source,
        evidence,
        ..
    } = requirement;
    let mut found = Vec::new();
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if !id
        .split('-')
        .all(|word| !word.is_empty() && word.chars().all(is_word))
    {
        let mistake = Mistake::new(format!("invalid id `{id}`"));
        found.push(mistake.hint("use kebab-case").under("id"));
    }
    for (key, text) in [("statement", statement), ("source", source)] {
        if text.trim().is_empty() {
            found.push(Mistake::new(format!("the {key} is empty")).under(key));
        }
    }
    if let Some(why) = evidence.is_too_weak_for(*level) {
        let mistake = Mistake::new(why.to_owned()).under("level");
        found.push(mistake.hint("evidence that binds is docs, model, standard or observed"));
    }
    if !requirement.has_valid_since() {
        let mistake = Mistake::new("`since` takes a day such as 2020-08-01");
        found.push(mistake.under("since"));
    }
    found
}

/// Checks a client case.
fn calls(answers: &Answers, case: &Case) -> Result<(), Mistake> {
    if !case.steps.is_empty() {
        let mistake = Mistake::new("the case has steps, which are for servers");
        return Err(mistake.hint("use [[case.call]] for clients").under("step"));
    }
    if case.calls.is_empty() {
        return Err(Mistake::new("the case has no call").hint("add a [[case.call]]"));
    }
    let for_each = case.for_each.as_ref();
    let items: Vec<&str> = for_each.map_or_else(Vec::new, |each| {
        let named = each.named.values();
        each.values
            .iter()
            .chain(named)
            .map(String::as_str)
            .collect()
    });
    for (at, call) in case.calls.iter().enumerate() {
        if call.answers.is_empty() {
            let mistake = Mistake::new("the call has no answer").hint("name one in `answers`");
            return Err(mistake.under("answers").under(at).under("call"));
        }
        for (index, name) in call.answers.iter().enumerate() {
            let names = match name.as_str() {
                "${item}" => items.clone(),
                name => vec![name],
            };
            if let Some(unknown) = names.into_iter().find(|name| answers.get(name).is_none()) {
                let mistake = Mistake::new(format!("unknown answer `{unknown}`"))
                    .suggest(unknown, answers.names());
                return Err(mistake
                    .under(index)
                    .under("answers")
                    .under(at)
                    .under("call"));
            }
        }
        if let Err(error) = call.input.resolve(&|name| {
            let known = ["ipam", "token", "region"].contains(&name) || name.starts_with("token-");
            (known || name == "item" && for_each.is_some()).then(String::new)
        }) {
            let mistake = Mistake::new(error.to_string());
            return Err(mistake.under("input").under(at).under("call"));
        }
    }
    Ok(())
}

/// Checks a list of checks that cases may name.
pub(super) fn named(catalogue: &Catalogue, checks: &[Check]) -> Result<(), Mistake> {
    let known = Known {
        // Cases made by for-each may name it.
        item: true,
        n: false,
        this: true,
        steps: &BTreeSet::new(),
    };
    checks
        .iter()
        .enumerate()
        .try_for_each(|(at, one)| check(catalogue, one, None, known).under(at))
}

/// Checks a list of steps that cases may build on.
pub(super) fn premise(catalogue: &Catalogue, steps: &[Step]) -> Result<(), Mistake> {
    let known = Known {
        item: false,
        n: false,
        this: false,
        steps: &BTreeSet::new(),
    };
    let mut found = steps
        .iter()
        .enumerate()
        .flat_map(|(at, one)| step(catalogue, one, known).under(at));
    found.next().map_or(Ok(()), Err)
}

/// Checks a set of outcomes.
pub(super) fn outcomes(
    catalogue: &Catalogue,
    legal: &[Outcome],
    tolerated: &[Tolerated],
) -> Result<(), Mistake> {
    for (at, outcome) in legal.iter().enumerate() {
        statuses(outcome).under(at).under("legal")?;
    }
    for (at, one) in tolerated.iter().enumerate() {
        statuses(&one.outcome)
            .under("outcome")
            .under(at)
            .under("tolerated")?;
        requirement(catalogue, &one.requirement)
            .under("requirement")
            .under(at)
            .under("tolerated")?;
    }
    Ok(())
}

fn statuses(outcome: &Outcome) -> Result<(), Mistake> {
    let wrong = outcome
        .status
        .iter()
        .position(|status| !(100..=599).contains(status));
    match wrong {
        Some(at) => Err(Mistake::new("a status is a number from 100 to 599")
            .under(at)
            .under("status")),
        None => Ok(()),
    }
}

fn requirement(catalogue: &Catalogue, id: &str) -> Result<(), Mistake> {
    if catalogue.requirement(id).is_some() {
        return Ok(());
    }
    let ids = catalogue
        .requirements()
        .map(|requirement| requirement.id.as_str());
    let mistake = Mistake::new(format!("unknown requirement `{id}`")).suggest(id, ids);
    Err(match mistake.hint {
        Some(_) => mistake,
        None => mistake.hint("see docs/catalogue.md for all requirements"),
    })
}

fn for_each(case: &Case) -> Result<(), Mistake> {
    let Some(each) = &case.for_each else {
        return Ok(());
    };
    if each.values.is_empty() && each.named.is_empty() && each.list.is_none() {
        return Err(Mistake::new("for-each has no values").hint("add `values`, `named` or `list`"));
    }
    let listed = ResourceType::ALL.iter().map(ResourceType::as_str);
    let known: Vec<&str> = each
        .values
        .iter()
        .map(String::as_str)
        .chain(listed.filter(|_| each.list.is_some()))
        .collect();
    for (at, value) in each.except.iter().enumerate() {
        if !known.contains(&value.as_str()) {
            return Err(Mistake::new(format!("`{value}` is not one of the values"))
                .suggest(value, known)
                .under(at)
                .under("except"));
        }
    }
    Ok(())
}

fn step(catalogue: &Catalogue, step: &Step, known: Known<'_>) -> Vec<Mistake> {
    let mut found = Vec::new();
    let mut note = |checked: Result<(), Mistake>| found.extend(checked.err());
    if step.action.is_none() && step.body.is_none() && step.pairs.is_empty() {
        note(Err(Mistake::new("the step has nothing to send")
            .hint("add an `action`, `pairs` or a `body`")));
    }
    if let Some(method) = &step.method
        && Method::from_bytes(method.as_bytes()).is_err()
    {
        note(Err(
            Mistake::new(format!("invalid HTTP method `{method}`")).under("method")
        ));
    }
    if let Some(members) = &step.members {
        note(template(members, known).under("members"));
    }
    for (at, (key, value)) in step.pairs.iter().enumerate() {
        note(text(key, known).under(0).under(at).under("pairs"));
        note(text(value, known).under(1).under(at).under("pairs"));
    }
    if let Some(given) = &step.body {
        note(body(given, known).under("body"));
    }
    for (name, value) in &step.headers {
        let checked = if HeaderName::from_bytes(name.as_bytes()).is_err() {
            Err(Mistake::new(format!("invalid header name `{name}`")))
        } else {
            template(value, known)
        };
        note(checked.under(name.as_str()).under("headers"));
    }
    if let Some(set) = &step.expect
        && !catalogue.has_outcomes(set)
    {
        note(Err(Mistake::new(format!("unknown outcomes `{set}`"))
            .suggest(set, catalogue.outcome_names())
            .under("expect")));
    } else if catalogue.outcomes(step).legal.is_empty() {
        note(Err(
            Mistake::new("the step has no legal outcome").hint("add `expect` or `legal`")
        ));
    }
    note(outcomes(catalogue, &step.legal, &step.tolerated));
    let in_check = Known {
        this: true,
        ..known
    };
    for (at, one) in step.checks.iter().enumerate() {
        let checked = check(catalogue, one, step.action.as_deref(), in_check);
        note(checked.under(at).under("checks"));
    }
    for (at, name) in step.also.iter().enumerate() {
        if !catalogue.has_checks(name) {
            note(Err(Mistake::new(format!("unknown checks `{name}`"))
                .suggest(name, catalogue.check_names())
                .under(at)
                .under("also")));
        }
    }
    found.extend(modelled::step(step));
    found
}

fn check(
    catalogue: &Catalogue,
    check: &Check,
    action: Option<&str>,
    known: Known<'_>,
) -> Result<(), Mistake> {
    if let Some(id) = &check.requirement {
        requirement(catalogue, id).under("requirement")?;
    }
    text(&check.at, known).under("at")?;
    place(&check.at, action).under("at")?;
    match &check.test {
        Test::Equals(wanted) => text(wanted, known).under("equals"),
        Test::Differs(other) => text(other, known).under("differs"),
        Test::Matches(pattern) => regex(pattern, known).under("matches"),
        Test::Lacks(pattern) => regex(pattern, known).under("lacks"),
        Test::Tags(tags) => {
            template(tags, known).under("tags")?;
            match tags {
                Template::List(_) | Template::Generate { .. } => Ok(()),
                _ => Err(Mistake::new("`tags` takes a list of Key and Value").under("tags")),
            }
        }
        Test::OneOf(all) => literal(all).under("one-of"),
        Test::AbsentOrOneOf(all) => all
            .iter()
            .enumerate()
            .try_for_each(|(at, wanted)| text(wanted, known).under(at).under("absent-or-one-of")),
        Test::Among(names) => literal(names).under("among"),
        Test::AtMost(most) => number(most, known).under("at-most"),
        Test::MoreThan(least) => number(least, known).under("more-than"),
        Test::Apart(step) => named_step(step, known).under("apart"),
        Test::Current(_) | Test::Present(_) | Test::Count(_) | Test::Once(_) | Test::Model(_) => {
            Ok(())
        }
    }
}

/// Checks a number, or a variable that stands for one.
fn number(number: &str, known: Known<'_>) -> Result<(), Mistake> {
    text(number, known)?;
    let is_variable = variables(number).next().is_some();
    if is_variable || number.parse::<usize>().is_ok() {
        return Ok(());
    }
    Err(Mistake::new(format!("`{number}` is not a number")))
}

/// Checks that an earlier step has the name.
fn named_step(step: &str, known: Known<'_>) -> Result<(), Mistake> {
    if known.steps.contains(step) {
        return Ok(());
    }
    let mistake = Mistake::new(format!("no earlier step is named `{step}`"));
    Err(mistake.suggest(step, known.steps.iter().copied()))
}

/// Checks texts in which variables are not filled in.
fn literal(texts: &[String]) -> Result<(), Mistake> {
    let with_variable = texts
        .iter()
        .position(|text| variables(text).next().is_some());
    match with_variable {
        Some(at) => Err(Mistake::new("this list must not contain variables").under(at)),
        None => Ok(()),
    }
}

fn regex(pattern: &str, known: Known<'_>) -> Result<(), Mistake> {
    text(pattern, known)?;
    // The variables' values are not known yet; any word will do.
    let pattern = without_variables(pattern);
    match regex_lite::Regex::new(&pattern) {
        Ok(_) => Ok(()),
        Err(error) => Err(Mistake::new(format!("invalid regular expression: {error}"))),
    }
}

fn template(template: &Template, known: Known<'_>) -> Result<(), Mistake> {
    match template {
        Template::Text(value) => text(value, known),
        Template::Repeat { text: value, .. } => text(value, known).under("repeat"),
        Template::List(entries) => entries
            .iter()
            .enumerate()
            .try_for_each(|(at, entry)| self::template(entry, known).under(at)),
        Template::Generate { count, each, at } => {
            let numbered = Known { n: true, ..known };
            self::template(each, numbered).under("each")?;
            for (position, entry) in at {
                text(position, known).under(position.as_str()).under("at")?;
                let is_variable = variables(position).next().is_some();
                if !is_variable && !position.parse().is_ok_and(|n| (1..=*count).contains(&n)) {
                    let message = format!("position `{position}` is outside the list of {count}");
                    return Err(Mistake::new(message).under(position.as_str()).under("at"));
                }
                self::template(entry, numbered)
                    .under(position.as_str())
                    .under("at")?;
            }
            Ok(())
        }
        Template::Structure(members) => members.iter().try_for_each(|(name, member)| {
            text(name, known).under(name.as_str())?;
            self::template(member, known).under(name.as_str())
        }),
    }
}

fn body(body: &Body, known: Known<'_>) -> Result<(), Mistake> {
    match body {
        Body::Text(value) => text(value, known),
        Body::Pieces(pieces) => pieces.iter().enumerate().try_for_each(|(at, piece)| {
            match piece {
                Piece::Text(value) => text(value, known),
                Piece::Repeat { text: value, .. } => text(value, known).under("repeat"),
                Piece::Generate { each, .. } => {
                    text(each, Known { n: true, ..known }).under("each")
                }
                Piece::Hex(_) => Ok(()),
            }
            .under(at)
        }),
    }
}

/// Checks the variables of a text.
fn text(text: &str, known: Known<'_>) -> Result<(), Mistake> {
    variables(text).try_for_each(|name| variable(name, known))
}

fn variable(name: &str, known: Known<'_>) -> Result<(), Mistake> {
    if let Some((step, path)) = name.split_once(':') {
        let answered = known.steps.contains(step) || (step == "this" && known.this);
        if !answered {
            let mistake = Mistake::new(format!("no earlier step is named `{step}`"));
            return Err(match step {
                "this" => mistake.hint("`${this:...}` has a value in checks only"),
                _ => mistake.suggest(step, known.steps.iter().copied()),
            });
        }
        return place(with_default(path).0, None);
    }
    let of_token = name
        .strip_prefix("token-")
        .is_some_and(|rest| !rest.is_empty());
    if ANYWHERE.contains(&name)
        || of_token
        || (name == "item" && known.item)
        || (name == "n" && known.n)
    {
        return Ok(());
    }
    let mistake = Mistake::new(format!("unknown variable `${{{name}}}`"));
    Err(match name {
        "item" => mistake.hint("`${item}` has a value in cases with `for-each`"),
        "n" => mistake.hint("`${n}` has a value in what `generate` makes"),
        _ => {
            let more = [("item", known.item), ("n", known.n)];
            let more = more
                .into_iter()
                .filter_map(|(name, there)| there.then_some(name));
            mistake.suggest(name, ANYWHERE.into_iter().chain(more))
        }
    })
}

/// Checks a place in an answer.
fn place(at: &str, action: Option<&str>) -> Result<(), Mistake> {
    let filled = without_variables(at);
    let unknown = || Mistake::new(format!("unknown place `{at}`")).suggest(at, Place::IN_ANSWERS);
    match Place::parse(&filled) {
        Ok(Place::Answer | Place::Created | Place::Request(_)) | Err(MalformedPlace::Unknown) => {
            Err(unknown())
        }
        Ok(Place::Header(name)) if HeaderName::from_bytes(name.as_bytes()).is_err() => {
            Err(unknown())
        }
        Ok(Place::Path(path)) => {
            let root = action.map(|action| format!("{action}Response"));
            let first = parts(&path).next().map(|part| part.name);
            if root.is_some() && first == root.as_deref() {
                return Err(
                    Mistake::new("a path begins below the root").hint("leave out the root's name")
                );
            }
            Ok(())
        }
        Ok(_) => Ok(()),
        Err(_) => Err(Mistake::new(format!("invalid path `{at}`"))
            .hint("a path looks like `ipamPolicy.tagSet.item[0].key` or `set.item[id=ID].state`")),
    }
}

/// The text with a word in place of each variable.
fn without_variables(text: &str) -> String {
    fill(text, &|_| Some("x".to_owned())).unwrap_or_else(|_| text.to_owned())
}
