//! Faults and variants in what the client sends.

use super::change::Change::{self, Headers, Input, Pairs, Retry, SignedPairs, Signer, Token};
use super::row::{Row, fault_row, variant_row};
use crate::pairs::{Pair, escape, unescape};
use crate::quirk::Area;
use ec2wire::ResourceType;
use ec2wire::contract::Level::{self, Must, Should};
use serde_json::Value;
use uuid::Uuid;

const fn request(level: Level, name: &'static str, summary: &'static str, change: Change) -> Row {
    fault_row(Area::Request, level, name, summary, change)
}

const fn signature(level: Level, name: &'static str, summary: &'static str, change: Change) -> Row {
    fault_row(Area::Signature, level, name, summary, change)
}

const fn token(level: Level, name: &'static str, summary: &'static str, change: Change) -> Row {
    fault_row(Area::Retries, level, name, summary, change)
}

pub(super) static REQUEST: &[Row] = &[
    request(
        Must,
        "client-plus-bare",
        "a plus sign is not escaped, so it becomes a space",
        Pairs(|pairs, _| each_escaped(pairs, |value| value.replace("%2B", "+"))),
    ),
    request(
        Must,
        "client-percent-bare",
        "a percent sign is not escaped",
        Pairs(|pairs, _| each_escaped(pairs, |value| value.replace("%25", "%"))),
    ),
    request(
        Must,
        "client-ampersand-bare",
        "an ampersand is not escaped, so it ends the value",
        Pairs(|pairs, _| each_escaped(pairs, |value| value.replace("%26", "&"))),
    ),
    request(
        Must,
        "client-escaped-twice",
        "values are escaped twice",
        Pairs(|pairs, _| each_escaped(pairs, |value| value.replace('%', "%25"))),
    ),
    request(
        Should,
        "client-controls-bare",
        "tabs and line feeds are not escaped",
        Pairs(|pairs, _| {
            each_escaped(pairs, |value| {
                value.replace("%09", "\t").replace("%0A", "\n")
            });
        }),
    ),
    request(
        Must,
        "client-latin-1",
        "characters from U+0080 to U+00FF are sent in Latin-1",
        Pairs(|pairs, _| each_escaped(pairs, latin_1)),
    ),
    request(
        Must,
        "client-astral-lost",
        "characters above U+FFFF become question marks",
        Pairs(|pairs, _| {
            each_text(pairs, |text| {
                let kept = |c: char| if c > '\u{FFFF}' { '?' } else { c };
                text.chars().map(kept).collect()
            });
        }),
    ),
    request(
        Must,
        "client-values-trimmed",
        "spaces at both ends of a value are removed",
        Pairs(|pairs, _| each_text(pairs, |text| text.trim_matches(' ').to_owned())),
    ),
    request(
        Must,
        "client-line-feed-lost",
        "a line feed becomes a space",
        Pairs(|pairs, _| each_text(pairs, |text| text.replace('\n', " "))),
    ),
    request(
        Must,
        "client-value-cut",
        "values are cut after 255 characters",
        Pairs(|pairs, _| each_text(pairs, |text| text.chars().take(255).collect())),
    ),
    request(
        Should,
        "client-list-from-zero",
        "list indexes start at 0",
        Pairs(|pairs, _| each_index(pairs, |index| (index - 1).to_string())),
    ),
    request(
        Should,
        "client-list-gaps",
        "list indexes are 1, 3, 5 and so on",
        Pairs(|pairs, _| each_index(pairs, |index| (2 * index - 1).to_string())),
    ),
    request(
        Should,
        "client-list-zeros",
        "list indexes have leading zeros",
        Pairs(|pairs, _| each_index(pairs, |index| format!("{index:02}"))),
    ),
    request(
        Must,
        "client-list-member",
        "list keys have an extra part `member`, as in other AWS services",
        Pairs(|pairs, _| each_index(pairs, |index| format!("member.{index}"))),
    ),
    request(
        Must,
        "client-plural-names",
        "lists have the plural names of the API",
        Pairs(|pairs, _| {
            for pair in pairs {
                pair.key = plural_lists(&pair.key);
            }
        }),
    ),
    request(
        Must,
        "client-list-empty",
        "an empty list is sent with an empty value",
        Pairs(|pairs, _| {
            let has_filters = pairs.iter().any(|pair| pair.key.starts_with("Filter."));
            let describes = |pair: &Pair| {
                let action = pair.value.as_deref().unwrap_or_default();
                pair.key == "Action" && action.starts_with("Describe")
            };
            if !has_filters && pairs.iter().any(describes) {
                pairs.push(Pair::new("Filter", ""));
            }
        }),
    ),
    request(
        Must,
        "client-list-reversed",
        "list entries are sent in reverse order",
        Input(|input| {
            each_list(input, &|entries| entries.reverse());
        }),
    ),
    request(
        Must,
        "client-second-lost",
        "only the first tag specification is sent",
        Input(|input| {
            let specifications = input.get_mut("TagSpecifications");
            if let Some(specifications) = specifications.and_then(Value::as_array_mut) {
                specifications.truncate(1);
            }
        }),
    ),
    request(
        Must,
        "client-ten-tags",
        "only the first nine entries of a list are sent",
        Pairs(|pairs, _| {
            pairs.retain(|pair| {
                let mut indexes = pair.key.split('.').filter_map(index);
                !indexes.any(|index| index > 9)
            });
        }),
    ),
    request(
        Must,
        "client-boolean-capital",
        "a boolean is sent as True or False",
        Pairs(|pairs, _| {
            edit_member(pairs, "DryRun", |value| match value {
                "true" => "True".to_owned(),
                "false" => "False".to_owned(),
                other => other.to_owned(),
            });
        }),
    ),
    request(
        Must,
        "client-dry-run-lost",
        "DryRun is not sent",
        Pairs(|pairs, _| pairs.retain(|pair| pair.key != "DryRun")),
    ),
    request(
        Must,
        "client-false-lost",
        "DryRun is sent only if it is true",
        Pairs(|pairs, _| {
            pairs.retain(|pair| pair.key != "DryRun" || pair.value.as_deref() == Some("true"));
        }),
    ),
    request(
        Must,
        "client-empty-value-lost",
        "a member with an empty text is not sent",
        Pairs(|pairs, _| pairs.retain(|pair| pair.value.as_deref() != Some(""))),
    ),
    request(
        Must,
        "client-absent-value-sent",
        "a tag without a value is sent with an empty value",
        Input(|input| {
            let specifications = input.get_mut("TagSpecifications");
            let specifications = specifications.and_then(Value::as_array_mut);
            for specification in specifications.into_iter().flatten() {
                let tags = specification.get_mut("Tags").and_then(Value::as_array_mut);
                for tag in tags.into_iter().flatten().filter_map(Value::as_object_mut) {
                    tag.entry("Value").or_insert_with(|| "".into());
                }
            }
        }),
    ),
    request(
        Must,
        "client-type-unknown-lost",
        "a resource type that the client does not know is not sent",
        Pairs(|pairs, _| {
            pairs.retain(|pair| {
                let text = pair.value.as_deref().and_then(unescape).unwrap_or_default();
                !pair.key.ends_with(".ResourceType") || !ResourceType::from(text).is_unknown()
            });
        }),
    ),
    request(
        Must,
        "client-member-unknown",
        "a member that the action does not have is sent",
        Pairs(|pairs, _| pairs.push(Pair::new("Region", "us-east-1"))),
    ),
    request(
        Should,
        "client-member-twice",
        "IpamId is sent twice",
        Pairs(|pairs, _| {
            let repeated = pairs.iter().find(|pair| pair.key == "IpamId").cloned();
            pairs.extend(repeated);
        }),
    ),
    request(
        Must,
        "client-member-small",
        "names of members start with a lower-case letter",
        Pairs(|pairs, _| {
            for pair in pairs {
                if !matches!(pair.key.as_str(), "Action" | "Version")
                    && let Some(first) = pair.key.get_mut(..1)
                {
                    first.make_ascii_lowercase();
                }
            }
        }),
    ),
    request(
        Must,
        "client-action-other",
        "the action for an IPAM is called instead of the one for a policy",
        Pairs(|pairs, _| edit_member(pairs, "Action", |value| value.replace("IpamPolicy", "Ipam"))),
    ),
    request(
        Must,
        "client-version-lost",
        "Version is not sent",
        Pairs(|pairs, _| pairs.retain(|pair| pair.key != "Version")),
    ),
    request(
        Should,
        "client-version-old",
        "Version is an old one",
        Pairs(|pairs, _| edit_member(pairs, "Version", |_| "2014-10-01".to_owned())),
    ),
    request(
        Should,
        "client-version-word",
        "Version is the word `latest`",
        Pairs(|pairs, _| edit_member(pairs, "Version", |_| "latest".to_owned())),
    ),
    request(
        Must,
        "client-json",
        "the content type is that of JSON",
        Signer(|signer| signer.content_type = Some("application/json")),
    ),
    request(
        Should,
        "client-no-type",
        "the content type is missing",
        Signer(|signer| signer.content_type = None),
    ),
];

pub(super) static SIGNATURE: &[Row] = &[
    signature(
        Must,
        "client-unsigned",
        "the request is not signed",
        Headers(|headers| remove(headers, "authorization")),
    ),
    signature(
        Must,
        "client-other-secret",
        "the request is signed with another secret",
        Signer(|signer| signer.secret.push('x')),
    ),
    signature(
        Must,
        "client-other-service",
        "the request is signed for S3",
        Signer(|signer| "s3".clone_into(&mut signer.service)),
    ),
    signature(
        Must,
        "client-changed-after",
        "the body is changed after it was signed",
        SignedPairs(|pairs| each_escaped(pairs, |value| value.replace("%20", "+"))),
    ),
    signature(
        Must,
        "client-time-lost",
        "the time of the request is not sent",
        Headers(|headers| remove(headers, "x-amz-date")),
    ),
    signature(
        Should,
        "client-amz-unsigned",
        "an x-amz- header is added after signing",
        Headers(|headers| headers.push(("x-amz-user-agent".into(), "client".into()))),
    ),
];

pub(super) static TOKEN: &[Row] = &[
    token(
        Must,
        "client-token-constant",
        "all calls have the same token",
        Token(|| Some("11111111-2222-4333-8444-555555555555".into())),
    ),
    token(
        Should,
        "client-token-missing",
        "a call without a token gets none",
        Token(|| None),
    ),
    token(
        Must,
        "client-token-each-attempt",
        "each retry has another token",
        Pairs(|pairs, attempt| {
            if attempt > 1 {
                edit_member(pairs, "ClientToken", |token| format!("{token}-{attempt}"));
            }
        }),
    ),
    token(
        Must,
        "client-token-small",
        "a token is sent in lower case",
        Pairs(|pairs, _| edit_member(pairs, "ClientToken", str::to_ascii_lowercase)),
    ),
    token(
        Must,
        "client-token-cut",
        "a token is cut after 36 characters",
        Pairs(|pairs, _| {
            edit_member(pairs, "ClientToken", |token| {
                token.get(..36).unwrap_or(token).to_owned()
            });
        }),
    ),
    token(
        Should,
        "client-sends-twice",
        "a request is sent again after its success",
        Retry(|status| status.is_none_or(|status| status == 200 || status >= 500)),
    ),
    token(
        Should,
        "client-insists",
        "a request is sent again after it was refused",
        Retry(|status| status.is_none_or(|status| status >= 400)),
    ),
];

pub(super) static VARIANTS: &[Row] = &[
    variant_row(
        "client-plus-for-space",
        "a space is sent as a plus sign, as botocore does",
        Pairs(|pairs, _| each_escaped(pairs, |value| value.replace("%20", "+"))),
    ),
    variant_row(
        "client-keys-sorted",
        "the parameters are sorted, as in Go",
        Pairs(|pairs, _| {
            pairs.sort_unstable_by(|a, b| (&a.key, &a.value).cmp(&(&b.key, &b.value)));
        }),
    ),
    variant_row(
        "client-small-escapes",
        "escapes use lowercase hex",
        Pairs(|pairs, _| each_escaped(pairs, lowercase_escapes)),
    ),
    variant_row(
        "client-asterisk-bare",
        "an asterisk is not escaped and a tilde is, as in rusoto",
        Pairs(|pairs, _| {
            each_escaped(pairs, |value| value.replace("%2A", "*").replace('~', "%7E"));
        }),
    ),
    variant_row(
        "client-charset",
        "the content type has a charset, as in boto3",
        Signer(|signer| {
            signer.content_type = Some("application/x-www-form-urlencoded; charset=utf-8");
        }),
    ),
    variant_row(
        "client-token-not-uuid",
        "the token is not a version 4 UUID, as in the Rust SDK",
        Token(|| Some(format!("{}-c", Uuid::new_v4().simple()))),
    ),
    variant_row(
        "client-list-of-one-plain",
        "a list of one value is sent without its number, as in examples of AWS",
        Pairs(|pairs, _| {
            let has_two = pairs.iter().any(|pair| pair.key.ends_with(".Value.2"));
            for pair in pairs.iter_mut().filter(|_| !has_two) {
                if let Some(list) = pair
                    .key
                    .strip_suffix(".1")
                    .filter(|key| key.ends_with(".Value"))
                {
                    pair.key = list.to_owned();
                }
            }
        }),
    ),
    variant_row(
        "client-nested-list-bare",
        "an empty list inside a structure is sent with an empty value",
        Pairs(|pairs, _| {
            let names = pairs
                .iter()
                .filter_map(|pair| pair.key.strip_suffix(".Name"));
            let mut bare = names
                .map(|filter| format!("{filter}.Value"))
                .collect::<Vec<_>>();
            bare.retain(|list| !pairs.iter().any(|pair| pair.key.starts_with(list.as_str())));
            pairs.extend(bare.iter().map(|list| Pair::new(list, "")));
        }),
    ),
    variant_row("client-sends-once", "nothing is retried", Retry(|_| false)),
];

/// Rewrites the escaped values.
fn each_escaped(pairs: &mut [Pair], edit: impl Fn(&str) -> String) {
    for value in pairs.iter_mut().filter_map(|pair| pair.value.as_mut()) {
        *value = edit(value);
    }
}

/// Rewrites the unescaped values.
fn each_text(pairs: &mut [Pair], edit: impl Fn(&str) -> String) {
    for pair in pairs {
        pair.edit_text(&edit);
    }
}

/// Rewrites the escaped value of one member.
fn edit_member(pairs: &mut [Pair], key: &str, edit: impl Fn(&str) -> String) {
    for pair in pairs.iter_mut().filter(|pair| pair.key == key) {
        pair.value = pair.value.as_deref().map(&edit);
    }
}

/// The list index that a part of a key is, if it is one.
fn index(part: &str) -> Option<u64> {
    part.parse().ok()
}

/// Rewrites the list indexes in the keys.
fn each_index(pairs: &mut [Pair], edit: impl Fn(u64) -> String) {
    for pair in pairs {
        let parts = pair.key.split('.');
        let parts = parts.map(|part| index(part).map_or_else(|| part.to_owned(), &edit));
        pair.key = parts.collect::<Vec<_>>().join(".");
    }
}

/// The key with an `s` at the end of each part that an index follows.
fn plural_lists(key: &str) -> String {
    let mut plural = String::new();
    for part in key.split('.') {
        if index(part).is_some() {
            plural.push('s');
        }
        if !plural.is_empty() {
            plural.push('.');
        }
        plural.push_str(part);
    }
    plural
}

/// Rewrites the lists at any depth.
fn each_list(value: &mut Value, edit: &impl Fn(&mut Vec<Value>)) {
    match value {
        Value::Array(entries) => {
            for entry in entries.iter_mut() {
                each_list(entry, edit);
            }
            edit(entries);
        }
        Value::Object(members) => members
            .values_mut()
            .for_each(|member| each_list(member, edit)),
        _ => {}
    }
}

/// An escaped value whose characters from U+0080 to U+00FF are one byte each.
fn latin_1(value: &str) -> String {
    let Some(text) = unescape(value) else {
        return value.to_owned();
    };
    text.chars()
        .map(|c| match c {
            '\u{80}'..='\u{FF}' => format!("%{:02X}", u32::from(c)),
            other => escape(other.encode_utf8(&mut [0; 4])),
        })
        .collect()
}

/// An escaped value with the digits of its escapes in lower case.
fn lowercase_escapes(value: &str) -> String {
    let mut pieces = value.split('%');
    let mut lowercase = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (digits, rest) = piece.split_at_checked(2).unwrap_or((piece, ""));
        lowercase.push('%');
        lowercase.push_str(&digits.to_ascii_lowercase());
        lowercase.push_str(rest);
    }
    lowercase
}

/// Removes a header.
fn remove(headers: &mut Vec<(String, String)>, name: &str) {
    headers.retain(|(known, _)| known != name);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_get_plural_names() {
        let key = plural_lists("TagSpecification.1.Tag.12.Key");
        assert_eq!(key, "TagSpecifications.1.Tags.12.Key");
        assert_eq!(plural_lists("IpamId"), "IpamId");
    }

    #[test]
    fn values_are_written_in_other_ways() {
        assert_eq!(
            latin_1("Gr%C3%B6%C3%9Fe%20%E8%AA%9E"),
            "Gr%F6%DFe%20%E8%AA%9E"
        );
        assert_eq!(lowercase_escapes("A%2B%C3%B6B"), "A%2b%c3%b6B");
    }
}
