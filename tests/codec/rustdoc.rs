//! Every public item of the codec has an example, and every EC2 type names its source.
//!
//! The source is read line by line, as formatted by rustfmt, so that items made by macros are included.
//! Everything that begins with `pub` is public, as the lint `unreachable_pub` ensures. Doc tests run
//! the examples, and clippy requires the `# Errors` sections.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

const CODEC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/crates/ec2wire/src");

/// The files with EC2's types.
const EC2_TYPES: [&str; 3] = ["ipam", "tag.rs", "resource_type.rs"];

/// A public item and its documentation.
struct Item<'s> {
    kind: &'s str,
    name: &'s str,
    docs: Vec<&'s str>,
}

impl Item<'_> {
    /// What the documentation lacks.
    fn lacks(&self, of_ec2: bool) -> Vec<&'static str> {
        let is_type = ["struct", "enum"].contains(&self.kind);
        let has_source = self.docs.iter().any(|line| line.starts_with("Source: "));
        let mut lacks = Vec::new();
        if !has_example(&self.docs) {
            lacks.push("an example");
        }
        if of_ec2 && is_type && !has_source {
            lacks.push("a source");
        }
        lacks
    }
}

/// Whether there is a code block that a doc test runs.
fn has_example(docs: &[&str]) -> bool {
    docs.iter().filter(|line| **line == "```").count() >= 2
}

/// The kind and name of the item that begins on this line. A trait's items are as public as the trait.
fn item(line: &str, in_trait: bool) -> Option<(&str, &str)> {
    let line = match line.trim_start().strip_prefix("pub ") {
        Some(line) => line,
        None if in_trait => line.strip_prefix("    ")?,
        None => return None,
    };
    let line = match line.strip_prefix("const ") {
        Some(rest) if rest.starts_with("fn ") => rest,
        _ => line,
    };
    let (kind, rest) = line.split_once(' ')?;
    let kinds = [
        "struct", "enum", "union", "trait", "fn", "type", "static", "const",
    ];
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    let name = rest.get(..end)?;
    // In a macro pattern there is a `$` instead of a name.
    (kinds.contains(&kind) && !name.is_empty()).then_some((kind, name))
}

fn items(source: &str) -> Vec<Item<'_>> {
    let mut items = Vec::new();
    let mut docs = Vec::new();
    let mut in_trait = false;
    let mut lines = source.lines();
    while let Some(line) = lines.next() {
        let trimmed = line.trim_start();
        if let Some(doc) = trimmed.strip_prefix("///") {
            docs.push(doc.trim_start());
        } else if trimmed.starts_with("#[") {
            if !trimmed.ends_with(']') {
                // A multi-line attribute closes on its own line.
                lines.by_ref().find(|line| line.trim_start() == ")]");
            }
        } else if let Some((kind, name)) = item(line, in_trait) {
            in_trait |= kind == "trait";
            let docs = std::mem::take(&mut docs);
            items.push(Item { kind, name, docs });
        } else {
            in_trait &= line != "}";
            docs.clear();
        }
    }
    items
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

#[test]
fn every_public_item_has_an_example() {
    let mut problems = Vec::new();
    let mut count = 0;
    for path in sources(Path::new(CODEC)) {
        let file = path.strip_prefix(CODEC).unwrap();
        let of_ec2 = EC2_TYPES.iter().any(|start| file.starts_with(start));
        for item in items(&fs::read_to_string(&path).unwrap()) {
            count += 1;
            for lack in item.lacks(of_ec2) {
                let Item { kind, name, .. } = item;
                problems.push(format!("{}: {kind} {name} lacks {lack}", file.display()));
            }
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
    assert!(count > 100, "only {count} items were found");
}

#[test]
fn every_public_module_has_an_example() {
    let root = fs::read_to_string(Path::new(CODEC).join("lib.rs")).unwrap();
    let modules = root
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod "));
    for module in modules.map(|line| line.trim_end_matches(';')) {
        let files = ["", "/mod"].map(|end| Path::new(CODEC).join(format!("{module}{end}.rs")));
        let source = files
            .iter()
            .find_map(|file| fs::read_to_string(file).ok())
            .unwrap();
        let docs = source.lines().map_while(|line| line.strip_prefix("//!"));
        let docs: Vec<&str> = docs.map(str::trim_start).collect();
        assert!(has_example(&docs), "{module} lacks an example");
    }
}

/// The front page's examples are short and show the relevant calls. GitHub shows the page too, with
/// hidden lines visible and links to items broken.
#[test]
fn the_front_page_shows_its_calls() {
    let page = include_str!("../../crates/ec2wire/README.md");
    let mut prose = String::new();
    let mut examples = Vec::new();
    for (index, part) in page.split("```").enumerate() {
        if index % 2 == 0 {
            prose.push_str(part);
        } else {
            let example = part.strip_prefix("rust\n").unwrap();
            examples.push(example.lines().collect::<Vec<_>>());
        }
    }
    assert!(!prose.contains("[`"), "a link that only rustdoc knows");
    let calls: [&[&str]; 3] = [
        &[
            "TagSpecification::new(",
            ".to_body()",
            "::decode_reply(",
            "fault.code(), fault.message()",
            "fault.request_id",
            "error.path(), error.offset()",
        ],
        &[
            "Call::from_slice(",
            ".decode()",
            "::encode_response(",
            ".with_request_id(",
        ],
        &[
            "rename_all = \"PascalCase\"",
            "rename = \"AllocateAddressResponse\"",
            ".to_body()",
            "::decode_reply(",
        ],
    ];
    assert_eq!(examples.len(), calls.len());
    for (example, calls) in examples.iter().zip(calls) {
        assert!((8..=40).contains(&example.len()), "{example:#?}");
        let hidden = example
            .iter()
            .find(|line| line.starts_with("# ") || **line == "#");
        assert_eq!(hidden, None);
        for call in calls {
            let shows = example.iter().any(|line| line.contains(call));
            assert!(shows, "{call} is not in {example:#?}");
        }
    }
}
