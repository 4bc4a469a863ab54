//! What AWS ships: the service model with its documentation, the waiters and the paginators.

use ec2wire_model::{Documentation, Kind, Member, Model, Operation, Shape};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

/// The files of botocore's folder that facts are taken from.
pub(super) const FILES: [&str; 3] = ["service-2.json.gz", "waiters-2.json", "paginators-1.json"];

/// How deep members inside a request or an entry are looked at.
const DEPTH: usize = 4;

pub(super) struct Service {
    pub(super) model: &'static Model,
    pub(super) documentation: Documentation,
    pub(super) waiters: Vec<(String, Waiter)>,
    pub(super) pages: BTreeMap<String, Page>,
    /// The files and their bytes.
    pub(super) files: Vec<(&'static str, Vec<u8>)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Waiter {
    pub(super) operation: String,
    pub(super) delay: u32,
    pub(super) max_attempts: u32,
    pub(super) acceptors: Vec<Acceptor>,
}

#[derive(Deserialize)]
pub(super) struct Acceptor {
    pub(super) matcher: String,
    #[serde(default)]
    pub(super) argument: String,
    pub(super) expected: Value,
    pub(super) state: String,
}

#[derive(Deserialize)]
pub(super) struct Page {
    pub(super) input_token: String,
    pub(super) output_token: String,
    pub(super) limit_key: Option<String>,
    pub(super) result_key: Value,
}

impl Service {
    pub(super) fn read(folder: &Path) -> Result<Self, Box<dyn Error>> {
        #[derive(Deserialize)]
        struct Waiters {
            waiters: BTreeMap<String, Waiter>,
        }
        #[derive(Deserialize)]
        struct Pages {
            pagination: BTreeMap<String, Page>,
        }
        let mut files = Vec::new();
        for name in FILES {
            let path = folder.join(name);
            let bytes = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            files.push((name, bytes));
        }
        let [(_, model), (_, waiters), (_, pages)] = files.as_slice() else {
            return Err("a file is missing".into());
        };
        let waiters: Waiters = serde_json::from_slice(waiters)?;
        let pages: Pages = serde_json::from_slice(pages)?;
        Ok(Self {
            model: Model::read(model)?,
            documentation: Documentation::read(model)?,
            waiters: waiters.waiters.into_iter().collect(),
            pages: pages.pagination,
            files,
        })
    }

    pub(super) fn action(&self, name: &str) -> Result<Operation, String> {
        let found = self.model.operation(name);
        found.ok_or_else(|| format!("there is no action `{name}`"))
    }
}

/// The shape of a list's entries, or the shape itself.
pub(super) fn entry_of(shape: Shape) -> Shape {
    match shape.kind() {
        Kind::List { entry, .. } => entry_of(entry),
        _ => shape,
    }
}

/// The entries that a path leads to.
pub(super) fn follow(from: Option<Shape>, path: &str) -> Option<Shape> {
    let mut at = from?;
    if path.is_empty() {
        return Some(at);
    }
    for segment in path.split('.') {
        let (name, is_list) = match segment.strip_suffix("[]") {
            Some(name) => (name, true),
            None => (segment, false),
        };
        let shape = at.member(name)?.shape();
        at = match (shape.kind(), is_list) {
            (Kind::List { entry, .. }, true) => entry,
            (_, true) => return None,
            _ => shape,
        };
    }
    Some(at)
}

/// A member with its path.
pub(super) struct Found {
    pub(super) path: String,
    pub(super) member: Member,
    /// Whether it and all above it are required.
    pub(super) required: bool,
}

/// All members of a structure and of those inside it, the outer ones first.
pub(super) fn members(shape: Option<Shape>) -> Vec<Found> {
    let mut found = Vec::new();
    let mut level: Vec<(String, Shape, bool)> = Vec::new();
    level.extend(shape.map(|shape| (String::new(), shape, true)));
    for _ in 0..DEPTH {
        let mut below = Vec::new();
        for (above, shape, above_required) in level {
            for member in shape.members() {
                let required = above_required && member.is_required();
                let path = join(&above, member.name());
                let inner = entry_of(member.shape());
                let is_list = matches!(member.shape().kind(), Kind::List { .. });
                if matches!(inner.kind(), Kind::Structure) {
                    let mark = if is_list { "[]" } else { "" };
                    below.push((format!("{path}{mark}"), inner, required));
                }
                found.push(Found {
                    path,
                    member,
                    required,
                });
            }
        }
        level = below;
    }
    found
}

pub(super) fn join(above: &str, name: &str) -> String {
    if above.is_empty() {
        name.to_owned()
    } else {
        format!("{above}.{name}")
    }
}
