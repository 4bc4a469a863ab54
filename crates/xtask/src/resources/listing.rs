//! How an action lists: its filters and its pages.

use super::entry::{filtered, lists, tags};
use super::kinds::Kind;
use super::roles::{Act, List};
use super::service::{Service, follow};
use ec2wire_model::{Kind as Type, Operation, Shape};
use serde_json::{Map, Value, json};

/// The list of a resource.
pub(super) fn main(service: &Service, kind: &Kind, list: &List) -> Result<Value, String> {
    let mut value = about(
        service,
        kind,
        list.action,
        &list.path,
        Some(list.entry),
        true,
    )?;
    value.insert("source".to_owned(), json!(list.source));
    value.insert("id".to_owned(), json!(list.id));
    if let Some(member) = &list.member {
        value.insert("member".to_owned(), json!(member));
    }
    if let Some(tags) = tags(list.entry) {
        value.insert("tags".to_owned(), json!(tags));
    }
    Ok(Value::Object(value))
}

/// Another action that reads.
pub(super) fn other(service: &Service, kind: &Kind, act: &Act) -> Result<Value, String> {
    let action = service.action(act.action)?;
    let list = lists(act.action)
        .then(|| path_of(service, action))
        .flatten();
    let path = list.unwrap_or_default();
    let entry = follow(action.output(), &path).filter(|_| !path.is_empty());
    let mut value = about(service, kind, action, &path, entry, false)?;
    value.insert("source".to_owned(), json!(act.source));
    value.insert("member".to_owned(), json!(act.member));
    Ok(Value::Object(value))
}

/// The list of an answer: what its paginator names, else its only list of structures.
fn path_of(service: &Service, action: Operation) -> Option<String> {
    let output = action.output()?;
    let is_list = |shape: Shape| match shape.kind() {
        Type::List { entry, .. } => matches!(entry.kind(), Type::Structure),
        _ => false,
    };
    let by_page = service
        .pages
        .get(action.name())
        .and_then(|page| page.result_key.as_str());
    if let Some(name) = by_page.filter(|name| {
        output
            .member(name)
            .is_some_and(|member| is_list(member.shape()))
    }) {
        return Some(format!("{name}[]"));
    }
    let lists: Vec<_> = output
        .members()
        .filter(|member| is_list(member.shape()))
        .collect();
    match lists.as_slice() {
        [only] => Some(format!("{}[]", only.name())),
        _ => None,
    }
}

fn about(
    service: &Service,
    kind: &Kind,
    action: Operation,
    path: &str,
    entry: Option<Shape>,
    is_main: bool,
) -> Result<Map<String, Value>, String> {
    let mut value = Map::new();
    value.insert("action".to_owned(), json!(action.name()));
    if !path.is_empty() {
        value.insert("path".to_owned(), json!(path));
    }
    let input = action.input();
    let member = ["Filters", "Filter"].into_iter().find(|name| {
        input.is_some_and(|input| {
            input
                .member(name)
                .is_some_and(|member| is_filters(member.shape()))
        })
    });
    if let Some(member) = member {
        value.insert("filtersMember".to_owned(), json!(member));
        let filters = filters(service, kind, action, entry, is_main)?;
        if !filters.is_empty() {
            value.insert("filters".to_owned(), Value::Array(filters));
        }
    }
    if let Some(mut pages) = pages(service, action) {
        let by_hand = kind.row.not_with_ids.as_ref().filter(|_| is_main);
        if let (Value::Object(pages), Some(source)) = (&mut pages, by_hand) {
            pages.insert("notWithIds".to_owned(), json!(source));
        }
        value.insert("pages".to_owned(), pages);
    }
    Ok(value)
}

fn is_filters(shape: Shape) -> bool {
    matches!(shape.kind(), Type::List { entry, .. } if entry.member("Name").is_some() && entry.member("Values").is_some())
}

fn filters(
    service: &Service,
    kind: &Kind,
    action: Operation,
    entry: Option<Shape>,
    is_main: bool,
) -> Result<Vec<Value>, String> {
    let documented = service.documentation.filters(action.name());
    let by_hand = if is_main {
        kind.row.filters.as_slice()
    } else {
        &[]
    };
    for [name, path, source] in by_hand {
        if source.starts_with("docs ") && !documented.contains(name) {
            let action = action.name();
            return Err(format!("{action}: the filter `{name}` is not documented"));
        }
        let is_there = entry.is_some_and(|entry| follow(Some(entry), path).is_some());
        if !path.is_empty() && !is_there {
            return Err(format!("{}: no `{path}` in an entry", action.name()));
        }
    }
    // What AWS's documentation forgot, and somebody used.
    let more = by_hand
        .iter()
        .filter(|[name, ..]| !documented.contains(name));
    let more: Vec<Value> = more.map(undocumented).collect();
    let mut filters = Vec::new();
    for name in documented {
        let mut filter = json!({"name": name, "source": "documentation"});
        let hand = by_hand.iter().find(|[known, ..]| *known == name);
        let derived = || {
            let is_not = kind.row.not_filters.contains(&name);
            entry
                .filter(|_| !is_not)
                .and_then(|entry| filtered(kind, entry, &name))
        };
        let found = match hand {
            Some([_, path, source]) => Some((path.clone(), source.as_str())),
            None => derived().map(|path| (path, "names")),
        };
        if let (Some((path, source)), Some(filter)) = (found, filter.as_object_mut()) {
            filter.insert("path".to_owned(), json!(path));
            filter.insert("pathSource".to_owned(), json!(source));
        }
        filters.push(filter);
    }
    filters.extend(more);
    Ok(filters)
}

/// A filter that is written by hand. Its path may be empty.
fn undocumented([name, path, source]: &[String; 3]) -> Value {
    if path.is_empty() {
        json!({"name": name, "source": source})
    } else {
        json!({"name": name, "source": source, "path": path, "pathSource": source})
    }
}

/// How an action pages.
fn pages(service: &Service, action: Operation) -> Option<Value> {
    let (input, output) = (action.input()?, action.output()?);
    let mut pages = Map::new();
    let (token, next, source, limit) = if let Some(page) = service.pages.get(action.name()) {
        let limit = page.limit_key.clone();
        (
            page.input_token.as_str(),
            page.output_token.as_str(),
            "paginators",
            limit,
        )
    } else {
        input.member("NextToken").and(output.member("NextToken"))?;
        let limit = input
            .member("MaxResults")
            .map(|member| member.name().to_owned());
        ("NextToken", "NextToken", "model", limit)
    };
    for (key, value) in [("token", token), ("next", next), ("source", source)] {
        pages.insert(key.to_owned(), json!(value));
    }
    if let Some(limit) = limit {
        let shape = input.member(&limit)?.shape();
        let text = service
            .documentation
            .member(action.name(), &limit)
            .unwrap_or_default();
        let (least, most, source) = match (shape.min(), shape.max()) {
            (None, None) => {
                let (least, most) = bounds(text);
                (least, most, "documentation")
            }
            (least, most) => (least.and_then(whole), most.and_then(whole), "model"),
        };
        pages.insert("limit".to_owned(), json!(limit));
        for (key, bound) in [("least", least), ("most", most)] {
            if let Some(bound) = bound {
                pages.insert(key.to_owned(), json!(bound));
                pages.insert("boundsSource".to_owned(), json!(source));
            }
        }
        let sentences = text.split(". ");
        let mut sentences = sentences.map(str::to_ascii_lowercase);
        let is_said = sentences.any(|text| {
            [
                "you cannot specify this parameter and",
                "you can't specify this parameter and",
            ]
            .iter()
            .any(|words| text.contains(words))
                && text.contains("id")
        });
        if is_said {
            pages.insert("notWithIds".to_owned(), json!("documentation"));
        }
    }
    Some(Value::Object(pages))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "limits are small whole numbers"
)]
fn whole(limit: f64) -> Option<u32> {
    (limit >= 0.0).then_some(limit as u32)
}

/// The bounds that a text gives, as in `This value can be between 5 and 1,000`.
fn bounds(text: &str) -> (Option<u32>, Option<u32>) {
    let number = |text: &str| {
        let digits: String = text
            .chars()
            .filter(|letter| *letter != ',')
            .take_while(char::is_ascii_digit)
            .collect();
        digits.parse().ok()
    };
    for (before, between) in [
        ("between ", " and "),
        ("alid range is ", " to "),
        ("alid range: ", " - "),
    ] {
        let after = text.split_once(before).map(|(_, after)| after);
        if let Some((_, most)) = after.and_then(|after| after.split_once(between)) {
            return (after.and_then(number), number(most));
        }
    }
    let most = text
        .split_once("up to a limit of ")
        .and_then(|(_, most)| number(most));
    (None, most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_read_from_texts() {
        for (text, expected) in [
            (
                "This value can be between 5 and 1,000; more.",
                (Some(5), Some(1000)),
            ),
            ("Valid range is 1 to 100,000.", (Some(1), Some(100_000))),
            ("Valid range: 5 - 100.", (Some(5), Some(100))),
            ("(up to a limit of 500) to be", (None, Some(500))),
            ("The maximum number of items.", (None, None)),
        ] {
            assert_eq!(bounds(text), expected, "{text}");
        }
    }
}
