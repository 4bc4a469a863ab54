//! `CreateTags`, `DeleteTags` and `DescribeTags`, over all resources.

use super::filter::Pattern;
use super::input::{Input, check_tag_count, check_tags_of, is_malformed, unknown};
use super::list::{USUAL_LENGTH, start_of_page};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::path;
use ec2wire::Fault;
use ec2wire_model::{Model, Structure, Value};

/// How many tags a request may ask for per page.
const LENGTHS: std::ops::RangeInclusive<i64> = 5..=1000;

/// A tag as a request has it. Without a value, any value is meant.
struct Asked {
    key: String,
    value: Option<String>,
}

fn asked(input: &Input) -> Vec<Asked> {
    let tags = input.structures("Tags").into_iter();
    let text =
        |tag: &Structure<'static>, name| tag.get(name).and_then(Value::as_str).map(str::to_owned);
    tags.map(|tag| Asked {
        key: text(tag, "Key").unwrap_or_default(),
        value: text(tag, "Value"),
    })
    .collect()
}

/// The resources of the request, which must exist.
fn resources(input: &Input, state: &State) -> Result<Vec<String>, Fault> {
    let ids = input.texts("Resources");
    for id in &ids {
        if state.tags(id).is_none() {
            return Err(unknown_resource(id));
        }
    }
    Ok(ids.into_iter().map(str::to_owned).collect())
}

/// Why there is nothing with this id to tag: as its resource says it, if its prefix tells which.
fn unknown_resource(id: &str) -> Fault {
    let prefix = id.rsplit_once('-').map(|(prefix, _)| prefix);
    let mut rows = Model::ec2().resources().iter();
    let row = rows.find(|row| {
        row.id
            .prefix
            .is_some_and(|known| Some(known.value) == prefix)
    });
    match row.filter(|row| !is_malformed(row, id)) {
        Some(row) => unknown(row, id),
        None => fault::unknown_taggable(id),
    }
}

pub(in crate::server) fn create(
    input: &Input,
    state: &mut State,
) -> Result<Structure<'static>, Fault> {
    let tags: Vec<(String, String)> = asked(input)
        .into_iter()
        .map(|tag| (tag.key, tag.value.unwrap_or_default()))
        .collect();
    check_tags_of(&tags)?;
    let ids = resources(input, state)?;
    let mut changed = Vec::with_capacity(ids.len());
    for id in &ids {
        let mut own = state.tags(id).unwrap_or_default();
        for (key, value) in &tags {
            match own.iter_mut().find(|(known, _)| known == key) {
                Some((_, old)) => old.clone_from(value),
                None => own.push((key.clone(), value.clone())),
            }
        }
        check_tag_count(&own)?;
        changed.push(own);
    }
    input.stop_dry_run()?;
    for (id, tags) in ids.iter().zip(changed) {
        state.set_tags(id, tags);
    }
    Ok(Structure::new())
}

pub(in crate::server) fn delete(
    input: &Input,
    state: &mut State,
) -> Result<Structure<'static>, Fault> {
    let asked = asked(input);
    let names_tags = input.members.get("Tags").is_some();
    let ids = resources(input, state)?;
    input.stop_dry_run()?;
    for id in &ids {
        let mut own = state.tags(id).unwrap_or_default();
        own.retain(|(key, value)| {
            // Without tags, all that the user gave are meant.
            let is_meant = !names_tags
                || (asked.iter()).any(|tag| {
                    tag.key == *key && tag.value.as_ref().is_none_or(|asked| asked == value)
                });
            !is_meant || key.starts_with("aws:")
        });
        state.set_tags(id, own);
    }
    Ok(Structure::new())
}

pub(in crate::server) fn describe(
    input: &Input,
    state: &State,
) -> Result<Structure<'static>, Fault> {
    let mut filters: Vec<(&str, Vec<Pattern<'_>>)> = Vec::new();
    for filter in input.structures("Filters") {
        let name = filter.get("Name").and_then(Value::as_str).unwrap_or("null");
        if !matches!(name, "key" | "value" | "resource-id" | "resource-type")
            && !name.starts_with("tag:")
        {
            return Err(fault::invalid_value(format!(
                "The filter '{name}' is invalid"
            )));
        }
        let values = path::texts(filter, "Values[]");
        filters.push((name, values.into_iter().map(Pattern::new).collect()));
    }
    let length = match input.integer("MaxResults") {
        None => USUAL_LENGTH,
        Some(asked) => usize::try_from(asked)
            .ok()
            .filter(|_| LENGTHS.contains(&asked))
            .ok_or_else(|| fault::invalid_choice("MaxResults", &asked.to_string()))?,
    };
    let skipped = start_of_page(state, input.text("NextToken"))?;
    input.stop_dry_run()?;
    let matches = |id: &str, kind: &str, key: &str, value: &str| {
        filters.iter().all(|(name, patterns)| {
            let text = match *name {
                "key" => key,
                "value" => value,
                "resource-id" => id,
                "resource-type" => kind,
                name if name.strip_prefix("tag:") == Some(key) => value,
                _ => return false,
            };
            patterns.iter().any(|pattern| pattern.matches(text))
        })
    };
    let mut found = Vec::new();
    let mut rest = usize::try_from(skipped).unwrap_or(usize::MAX);
    let mut next = None;
    'all: for (id, kind, tags) in state.tagged() {
        for (key, value) in tags {
            if !matches(id, kind, &key, &value) {
                continue;
            }
            if rest > 0 {
                rest -= 1;
                continue;
            }
            if found.len() == length {
                next = Some(state.page_token(skipped + length as u64));
                break 'all;
            }
            let tag = Structure::from([
                ("Key", Value::from(key)),
                ("ResourceId", id.to_owned().into()),
                ("ResourceType", kind.to_owned().into()),
                ("Value", value.into()),
            ]);
            found.push(tag.into());
        }
    }
    let mut answer = Structure::from([("Tags", Value::List(found))]);
    if let Some(next) = next {
        answer.insert("NextToken", Value::from(next));
    }
    Ok(answer)
}
