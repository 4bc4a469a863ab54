//! The table of rules. A rule is a row with a check that reports the members that break it. `any_action`
//! is for rules that no document limits to one action.

use super::{Level, Rule};
use crate::ipam::CreateIpamPolicy;
use crate::{ResourceType, Tag, TagSpecification};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

const TAG_KEY: &str = "seed: TagSpecifications[].Tags[].Key";
const TAG_VALUE: &str = "seed: TagSpecifications[].Tags[].Value";
const TAG_SPECIFICATION: &str = "seed: TagSpecifications[]";
const TAG_GUIDE: &str = "EC2 user guide: Tag your Amazon EC2 resources";
const IDEMPOTENCY: &str = "EC2 developer guide: Ensuring idempotency";

/// The longest tag key that every document allows, in Unicode characters.
const TAG_KEY_CHARS: usize = 127;
/// The longest tag key that any document allows.
const TAG_KEY_CHARS_GUIDE: usize = 128;
const TAG_VALUE_CHARS: usize = 256;
const TAGS_PER_RESOURCE: usize = 50;
const CLIENT_TOKEN_CHARS: usize = 64;

/// The rules, most basic first.
///
/// ```
/// for rule in ec2wire::contract::RULES {
///     println!("{}: {} ({})", rule.level, rule.statement, rule.source);
/// }
/// ```
pub static RULES: &[Rule] = &[
    Rule {
        name: "ipam-id-required",
        level: Level::Must,
        statement: "the member IpamId is required",
        source: "seed: IpamId",
        any_action: false,
        check: |request, findings| {
            if request.ipam_id.is_none() {
                findings.add("IpamId".into());
            }
        },
    },
    Rule {
        name: "ipam-id-not-empty",
        level: Level::Should,
        statement: "IpamId may not be empty",
        source: "seed: IpamId",
        any_action: false,
        check: |request, findings| {
            if request.ipam_id == Some("") {
                findings.add("IpamId".into());
            }
        },
    },
    Rule {
        name: "resource-type-required",
        level: Level::Must,
        statement: "a tag specification must have a resource type",
        source: TAG_SPECIFICATION,
        any_action: true,
        check: |request, findings| {
            each_specification(request, |path, specification| {
                if specification.resource_type.is_none() {
                    findings.add(format!("{path}.ResourceType"));
                }
            });
        },
    },
    Rule {
        name: "resource-type-supported",
        level: Level::Must,
        statement: "the action tags only resources of the type `ipam-policy`",
        source: TAG_SPECIFICATION,
        any_action: false,
        check: |request, findings| {
            each_specification(request, |path, specification| {
                if specification
                    .resource_type
                    .as_ref()
                    .is_some_and(|t| *t != ResourceType::IpamPolicy)
                {
                    findings.add(format!("{path}.ResourceType"));
                }
            });
        },
    },
    Rule {
        name: "resource-type-unique",
        level: Level::Must,
        statement: "only one tag specification may have a given resource type",
        source: "observed on RunInstances, 2026-09",
        any_action: true,
        check: |request, findings| {
            each_repeated(
                request
                    .tag_specifications
                    .iter()
                    .map(|spec| spec.resource_type.as_ref()),
                |index| findings.add(format!("TagSpecification.{}.ResourceType", index + 1)),
            );
        },
    },
    Rule {
        name: "specification-has-tags",
        level: Level::Should,
        statement: "a tag specification has at least one tag",
        source: "observed on Spot Fleet, 2021",
        any_action: true,
        check: |request, findings| {
            each_specification(request, |path, specification| {
                if specification.tags.is_empty() {
                    findings.add(format!("{path}.Tag"));
                }
            });
        },
    },
    Rule {
        name: "tag-limit",
        level: Level::Must,
        statement: "a resource has at most 50 tags",
        source: TAG_GUIDE,
        any_action: true,
        check: |request, findings| {
            each_specification(request, |path, specification| {
                if specification.tags.len() > TAGS_PER_RESOURCE {
                    findings.add(format!("{path}.Tag"));
                }
            });
        },
    },
    Rule {
        name: "tag-key-required",
        level: Level::Must,
        statement: "a tag key may not be absent or empty",
        source: TAG_GUIDE,
        any_action: true,
        check: |request, findings| {
            each_tag(request, |path, tag| {
                if tag.key.is_none_or(str::is_empty) {
                    findings.add(format!("{path}.Key"));
                }
            });
        },
    },
    Rule {
        name: "tag-key-prefix",
        level: Level::Must,
        statement: "a tag key may not begin with `aws:`",
        source: TAG_KEY,
        any_action: true,
        check: |request, findings| {
            each_tag(request, |path, tag| {
                if tag.key.is_some_and(|key| key.starts_with("aws:")) {
                    findings.add(format!("{path}.Key"));
                }
            });
        },
    },
    Rule {
        name: "tag-key-prefix-any-case",
        level: Level::May,
        statement: "a tag key that begins with `aws:` in another case may be refused",
        source: "unknown for EC2; other services refuse any case",
        any_action: true,
        check: |request, findings| {
            each_tag(request, |path, tag| {
                let prefix = tag.key.and_then(|key| key.get(..4)).unwrap_or_default();
                if prefix != "aws:" && prefix.eq_ignore_ascii_case("aws:") {
                    findings.add(format!("{path}.Key"));
                }
            });
        },
    },
    Rule {
        name: "tag-key-length",
        level: Level::Must,
        statement: "a tag key has at most 128 characters",
        source: TAG_GUIDE,
        any_action: true,
        check: |request, findings| {
            each_tag(request, |path, tag| {
                if tag
                    .key
                    .is_some_and(|key| key.chars().count() > TAG_KEY_CHARS_GUIDE)
                {
                    findings.add(format!("{path}.Key"));
                }
            });
        },
    },
    Rule {
        name: "tag-key-length-api",
        level: Level::Should,
        statement: "a tag key has at most 127 characters (the user guide says 128)",
        source: TAG_KEY,
        any_action: true,
        check: |request, findings| {
            each_tag(request, |path, tag| {
                if tag.key.is_some_and(|key| {
                    (TAG_KEY_CHARS + 1..=TAG_KEY_CHARS_GUIDE).contains(&key.chars().count())
                }) {
                    findings.add(format!("{path}.Key"));
                }
            });
        },
    },
    Rule {
        name: "tag-value-length",
        level: Level::Must,
        statement: "a tag value has at most 256 characters",
        source: TAG_VALUE,
        any_action: true,
        check: |request, findings| {
            each_tag(request, |path, tag| {
                if tag
                    .value
                    .is_some_and(|value| value.chars().count() > TAG_VALUE_CHARS)
                {
                    findings.add(format!("{path}.Value"));
                }
            });
        },
    },
    Rule {
        name: "tag-length-utf16",
        level: Level::May,
        statement: "a tag key or value may be refused if it is too long in UTF-16 code units",
        source: "unknown: the documents say Unicode characters",
        any_action: true,
        check: |request, findings| {
            each_tag(request, |path, tag| {
                for (member, text, max) in [
                    ("Key", tag.key, TAG_KEY_CHARS_GUIDE),
                    ("Value", tag.value, TAG_VALUE_CHARS),
                ] {
                    let text = text.unwrap_or_default();
                    if text.chars().count() <= max && text.encode_utf16().count() > max {
                        findings.add(format!("{path}.{member}"));
                    }
                }
            });
        },
    },
    Rule {
        name: "tag-key-unique",
        level: Level::Must,
        statement: "a tag key may occur only once per resource",
        source: TAG_GUIDE,
        any_action: true,
        check: |request, findings| {
            for (at, specification) in request.tag_specifications.iter().enumerate() {
                each_repeated(specification.tags.iter().map(|tag| tag.key), |index| {
                    findings.add(format!("TagSpecification.{}.Tag.{}.Key", at + 1, index + 1));
                });
            }
        },
    },
    Rule {
        name: "client-token-length",
        level: Level::Should,
        statement: "a client token has at most 64 characters",
        source: IDEMPOTENCY,
        any_action: true,
        check: |request, findings| {
            if request
                .client_token
                .is_some_and(|token| token.chars().count() > CLIENT_TOKEN_CHARS)
            {
                findings.add("ClientToken".into());
            }
        },
    },
    Rule {
        name: "client-token-ascii",
        level: Level::Should,
        statement: "a client token has only ASCII characters",
        source: IDEMPOTENCY,
        any_action: true,
        check: |request, findings| {
            if request.client_token.is_some_and(|token| !token.is_ascii()) {
                findings.add("ClientToken".into());
            }
        },
    },
];

fn each_specification(
    request: &CreateIpamPolicy<&str>,
    mut check: impl FnMut(String, &TagSpecification<&str>),
) {
    for (index, specification) in request.tag_specifications.iter().enumerate() {
        check(format!("TagSpecification.{}", index + 1), specification);
    }
}

fn each_tag(request: &CreateIpamPolicy<&str>, mut check: impl FnMut(String, &Tag<&str>)) {
    each_specification(request, |path, specification| {
        for (index, tag) in specification.tags.iter().enumerate() {
            check(format!("{path}.Tag.{}", index + 1), tag);
        }
    });
}

/// Calls `report` with the position of every value that occurred before. Absent values do not count.
fn each_repeated<T: Ord>(values: impl Iterator<Item = Option<T>>, mut report: impl FnMut(usize)) {
    let mut sorted: Vec<(T, usize)> = values
        .enumerate()
        .filter_map(|(index, value)| Some((value?, index)))
        .collect();
    sorted.sort();
    let mut repeated: Vec<usize> = sorted
        .windows(2)
        .filter_map(|pair| match pair {
            [(a, _), (b, index)] if a == b => Some(*index),
            _ => None,
        })
        .collect();
    repeated.sort_unstable();
    repeated.into_iter().for_each(&mut report);
}
