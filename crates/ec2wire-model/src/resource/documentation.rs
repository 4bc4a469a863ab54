//! Facts from the documentation strings of a service model.

use crate::Error;
use crate::service::{Entries, gunzip};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::HashMap;

/// The documentation strings of the members of requests, from a file in botocore's format.
///
/// The strings themselves are AWS's, and are not embedded. Their facts are, in the table of resources.
///
/// ```
/// let file = br#"{
///     "operations": {"DescribeVpcs": {"name": "DescribeVpcs", "input": {"shape": "In"}}},
///     "shapes": {"In": {"type": "structure", "members": {"Filters": {"shape": "FilterList",
///         "documentation": "<ul> <li> <p> <code>is-default</code> - Whether. </p> </li> </ul>"}}}}
/// }"#;
/// let found = ec2wire_model::Documentation::read(file)?;
/// assert_eq!(found.filters("DescribeVpcs"), ["is-default"]);
/// # Ok::<(), ec2wire_model::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Documentation {
    /// By action and member.
    members: HashMap<String, HashMap<String, String>>,
}

#[derive(Deserialize)]
struct Service<'f> {
    #[serde(borrow, default)]
    operations: HashMap<Cow<'f, str>, Operation<'f>>,
    #[serde(borrow)]
    shapes: HashMap<Cow<'f, str>, Shape<'f>>,
}

#[derive(Deserialize)]
struct Operation<'f> {
    #[serde(borrow)]
    input: Option<Reference<'f>>,
}

#[derive(Deserialize)]
struct Shape<'f> {
    #[serde(borrow, default)]
    members: Entries<Reference<'f>>,
}

#[derive(Deserialize)]
struct Reference<'f> {
    #[serde(borrow)]
    shape: Cow<'f, str>,
    #[serde(borrow)]
    documentation: Option<Cow<'f, str>>,
}

impl Documentation {
    /// Reads a `service-2.json` file, gzipped or not.
    ///
    /// # Errors
    ///
    /// If it is not a service model.
    pub fn read(file: &[u8]) -> Result<Self, Error> {
        let unpacked = gunzip(file)?;
        let service: Service<'_> = serde_json::from_slice(unpacked.as_deref().unwrap_or(file))
            .map_err(|error| Error::new(format_args!("not a service model: {error}")))?;
        let mut members = HashMap::new();
        for (action, operation) in service.operations {
            let input = operation
                .input
                .and_then(|input| service.shapes.get(&input.shape));
            let of_members = input.into_iter().flat_map(|input| &input.members.0);
            let texts = of_members.filter_map(|(name, reference)| {
                Some((name.clone(), reference.documentation.as_ref()?.to_string()))
            });
            members.insert(action.into_owned(), texts.collect());
        }
        Ok(Self { members })
    }

    /// The text about a member of an action's request.
    pub fn member(&self, action: &str, member: &str) -> Option<&str> {
        Some(self.members.get(action)?.get(member)?)
    }

    /// The names of the documented filters of an action, in the order of the text. All filters on the
    /// values of tags are one: `tag:<key>`.
    pub fn filters(&self, action: &str) -> Vec<String> {
        let text = ["Filters", "Filter"]
            .iter()
            .find_map(|member| self.member(action, member));
        let mut names = Vec::new();
        for name in text.into_iter().flat_map(filter_names) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

/// The names that begin the items of a text's lists. Lists inside an item have the values of filters.
fn filter_names(text: &str) -> Vec<String> {
    let mut depth = 0_usize;
    let mut names = Vec::new();
    for (at, _) in text.match_indices('<') {
        let rest = text.get(at..).unwrap_or_default();
        if rest.starts_with("<ul>") {
            depth += 1;
        } else if rest.starts_with("</ul>") {
            depth = depth.saturating_sub(1);
        } else if let (true, Some(item)) = (depth == 1, rest.strip_prefix("<li>")) {
            names.extend(item_name(item));
        }
    }
    if names.is_empty() {
        // As in: filter tasks using the <code>task-state</code> filter.
        let mut parts = text.split("<code>").skip(1);
        names.extend(parts.find_map(|part| {
            let (name, after) = part.split_once("</code>")?;
            (after.starts_with(" filter") && is_name(name)).then(|| name.to_owned())
        }));
    }
    names
}

/// The name that begins an item, as in `<code>vpc-id</code> - ..` or `vpc-id - ..`.
fn item_name(item: &str) -> Option<String> {
    let item = item.trim_start();
    let item = item.strip_prefix("<p>").unwrap_or(item).trim_start();
    let name = match item.strip_prefix("<code>") {
        Some(code) => code.split_once("</code>")?.0,
        None => item.split_once(" - ").or_else(|| item.split_once(": "))?.0,
    };
    let name = name.trim().trim_end_matches(':');
    if name == "tag" || name.starts_with("tag:") {
        return Some("tag:<key>".to_owned());
    }
    is_name(name).then(|| name.to_owned())
}

fn is_name(name: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:".contains(&byte);
    !name.is_empty() && name.bytes().all(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_filters_are_read_from_every_form_that_aws_uses() {
        for (text, expected) in [
            (
                "<ul> <li> <p> <code>cidr</code> - A <code>x</code>.</p> </li> </ul>",
                &["cidr"][..],
            ),
            (
                "<ul> <li> <p>path-found - Whether.</p> </li> </ul>",
                &["path-found"],
            ),
            (
                "<ul><li><p><code>tag</code>:&lt;key&gt; - A</p></li><li><p><code>tag-key</code> - B</p></li></ul>",
                &["tag:<key>", "tag-key"],
            ),
            (
                "<ul><li><p><code>tag:&lt;key&gt;</code> - A</p></li></ul>",
                &["tag:<key>"],
            ),
            (
                "<ul><li><p><code>state</code> - One of:</p><ul><li><p><code>up</code> - A</p></li></ul></li></ul>",
                &["state"],
            ),
            (
                "<p>Use the <code>task-state</code> filter and <code>active</code>.</p>",
                &["task-state"],
            ),
            ("<p>One or more filters.</p>", &[]),
        ] {
            assert_eq!(filter_names(text), expected, "{text}");
        }
    }
}
