#![expect(clippy::unwrap_used, reason = "a test may fail")]

use crate::tests::botocore;
use ec2wire_model::{Model, Path, Resource};
use serde_json::Value;

/// What a path leads to in the JSON of an example.
fn at(value: &Value, path: Path) -> Vec<&Value> {
    let mut found = vec![value];
    for (name, is_list) in path.segments() {
        let inner = found.into_iter().filter_map(|value| value.get(name));
        found = if is_list {
            inner
                .flat_map(|list| list.as_array().into_iter().flatten())
                .collect()
        } else {
            inner.collect()
        };
    }
    found
}

/// Where the responses of an action have ids of a resource.
fn id_paths(row: &'static Resource) -> Vec<(&'static str, Option<Path>, Path)> {
    let made = row
        .make
        .iter()
        .filter_map(|make| Some((make.action, None, make.id?)));
    let listed = row.list.iter();
    let listed = listed.filter_map(|list| Some((list.action, Some(list.path), list.id?)));
    made.chain(listed).collect()
}

/// AWS's examples have the ids where the table says, and with its prefixes.
#[test]
fn ids_in_examples_stand_where_they_should_and_have_their_prefixes() {
    let Some(folder) = botocore() else {
        return;
    };
    let text = std::fs::read(folder.join("examples-1.json")).unwrap();
    let examples: Value = serde_json::from_slice(&text).unwrap();
    let mut looked_at = 0;
    for row in Model::ec2().resources() {
        for (action, list, id) in id_paths(row) {
            let of_action = examples.get("examples").and_then(|all| all.get(action));
            let outputs = of_action.and_then(Value::as_array).into_iter().flatten();
            for output in outputs.filter_map(|example| example.get("output")) {
                let entries = list.map_or_else(|| vec![output], |list| at(output, list));
                for found in entries.into_iter().flat_map(|entry| at(entry, id)) {
                    // A version of a launch template is a number.
                    let Some(found) = found.as_str() else {
                        continue;
                    };
                    let prefix = row.id.prefix.map(|prefix| format!("{}-", prefix.value));
                    let fits = prefix.is_none_or(|prefix| found.starts_with(&prefix));
                    assert!(fits, "{}: {found} in {action}", row.name);
                    looked_at += 1;
                }
            }
        }
    }
    assert!(looked_at >= 40, "{looked_at}");
}
