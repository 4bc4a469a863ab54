//! Faults in reading a request and in checking its members.

use crate::pairs::{Pair, escape, unescape};
use crate::quirk::Area;
use crate::server::sabotage::change::Change::{
    self, Form, Ipam, Refused, RefusedTag, Rule, Unchecked,
};
use crate::server::sabotage::change::Part;
use crate::server::sabotage::form::{TagKey, is_tag_text, is_tag_value};
use crate::server::sabotage::row::{Row, fault_row};
use ec2wire::contract::Level::{self, Must, Should};
use ec2wire::contract::Violation;
use ec2wire::ipam::CreateIpamPolicy;
use ec2wire::{EC2_VERSION, Tag};
use std::collections::BTreeSet;

const fn parsing(level: Level, name: &'static str, summary: &'static str, change: Change) -> Row {
    fault_row(Area::Parsing, level, name, summary, change)
}

const fn validation(
    level: Level,
    name: &'static str,
    summary: &'static str,
    change: Change,
) -> Row {
    fault_row(Area::Validation, level, name, summary, change)
}

/// The parameters of CreateIpamPolicy, without its lists.
const KNOWN: &[&str] = &["Action", "Version", "IpamId", "ClientToken", "DryRun"];

pub(super) static PARSING: &[Row] = &[
    parsing(
        Must,
        "plus-not-decoded",
        "a + is not read as a space (winterbaume)",
        Form(|form| {
            form.each_escaped(|value| value.replace('+', "%2B"));
        }),
    ),
    parsing(
        Must,
        "percent-plus-read-as-space",
        "%2B is read as a space, because percent escapes are decoded before plus signs",
        Form(|form| {
            form.each_escaped(|value| value.replace("%2B", "+").replace("%2b", "+"));
        }),
    ),
    parsing(
        Must,
        "escapes-not-decoded",
        "percent escapes are not decoded",
        Form(|form| {
            form.each_text(is_tag_text, escape);
        }),
    ),
    parsing(
        Must,
        "lower-case-escapes-not-decoded",
        "escapes in lowercase hex, as %2b, are not decoded",
        Form(|form| {
            form.each_escaped(keep_lower_case_escapes);
        }),
    ),
    parsing(
        Must,
        "escapes-decoded-twice",
        "percent escapes are decoded twice",
        Form(|form| {
            form.each_text(is_tag_text, |text| {
                unescape(text).unwrap_or_else(|| text.to_owned())
            });
        }),
    ),
    parsing(
        Must,
        "pairs-split-after-decoding",
        "an escaped & ends a pair, because escapes are decoded before the pairs are split",
        Form(|form| {
            form.pairs = form.pairs.iter().flat_map(split_again).collect();
        }),
    ),
    parsing(
        Must,
        "value-ends-at-equals",
        "a value ends at an = in it",
        Form(|form| {
            form.each_text(is_tag_text, |text| up_to(text, '='));
        }),
    ),
    parsing(
        Must,
        "semicolon-ends-value",
        "a value ends at a ; in it, as in old form parsers",
        Form(|form| {
            form.each_text(is_tag_text, |text| up_to(text, ';'));
        }),
    ),
    parsing(
        Must,
        "utf-8-read-as-latin-1",
        "text is read as Latin-1",
        Form(|form| {
            form.each_text(is_tag_text, |text| text.bytes().map(char::from).collect());
        }),
    ),
    parsing(
        Must,
        "supplementary-characters-lost",
        "characters above U+FFFF become question marks",
        Form(|form| {
            form.each_text(is_tag_text, |text| {
                text.chars()
                    .map(|c| if c > '\u{FFFF}' { '?' } else { c })
                    .collect()
            });
        }),
    ),
    parsing(
        Must,
        "accents-composed",
        "a letter with a combining accent becomes one character",
        Form(|form| {
            form.each_text(is_tag_text, |text| text.replace("e\u{301}", "é"));
        }),
    ),
    parsing(
        Should,
        "tag-value-trimmed",
        "white space at both ends of a tag value is removed",
        Form(|form| {
            form.each_text(is_tag_value, |text| text.trim().to_owned());
        }),
    ),
    parsing(
        Must,
        "blanks-collapsed",
        "consecutive spaces in a tag value become one",
        Form(|form| {
            form.each_text(is_tag_value, |text| {
                let mut before = ' ';
                text.chars()
                    .filter(|&c| !(std::mem::replace(&mut before, c) == ' ' && c == ' '))
                    .collect()
            });
        }),
    ),
    parsing(
        Must,
        "tag-key-in-small-letters",
        "tag keys are stored in lower case",
        Form(|form| {
            form.each_text(
                |key| TagKey::read(key).is_some_and(|key| key.member == "Key"),
                str::to_lowercase,
            );
        }),
    ),
    parsing(
        Must,
        "parameter-case-ignored",
        "parameter names are matched without regard to case",
        Form(|form| {
            for pair in &mut form.pairs {
                if let Some(known) = KNOWN
                    .iter()
                    .find(|known| pair.key.eq_ignore_ascii_case(known))
                {
                    (*known).clone_into(&mut pair.key);
                }
            }
        }),
    ),
    parsing(
        Must,
        "unknown-parameter-ignored",
        "a parameter that the action does not have is ignored (moto, LocalStack)",
        Form(|form| {
            if form.is("CreateIpamPolicy") {
                form.retain(|key| KNOWN.contains(&key) || key.starts_with("TagSpecification."));
            }
        }),
    ),
    parsing(
        Must,
        "unknown-nested-parameter-ignored",
        "a member that a tag or a tag specification does not have is ignored",
        Form(|form| {
            form.retain(|key| !is_unknown_nested(key));
        }),
    ),
    parsing(
        Should,
        "lists-of-members-read",
        "a list may have `member` before its numbers, as in other services of AWS",
        Form(|form| {
            for pair in &mut form.pairs {
                pair.key = pair.key.replace(".member.", ".");
            }
        }),
    ),
    parsing(
        Should,
        "bare-lists-ignored",
        "the name of a list with an empty value counts as no list",
        Form(|form| {
            form.retain(|key| key != "TagSpecification");
        }),
    ),
    parsing(
        Should,
        "version-not-needed",
        "a request without a version is accepted (moto, LocalStack)",
        Form(|form| {
            if form.get("Version").is_none_or(str::is_empty) {
                form.retain(|key| key != "Version");
                form.add("Version", EC2_VERSION);
            }
        }),
    ),
    parsing(
        Should,
        "version-ignored",
        "any API version is accepted (moto, LocalStack, winterbaume, fakecloud)",
        Form(|form| {
            for pair in form.pairs.iter_mut().filter(|pair| pair.key == "Version") {
                pair.value = Some(EC2_VERSION.to_owned());
            }
        }),
    ),
    parsing(
        Must,
        "query-string-not-read",
        "the parameters of a GET are not read",
        Form(|form| {
            if form.method == "GET" {
                form.pairs.clear();
            }
        }),
    ),
    parsing(
        Must,
        "charset-hides-the-form",
        "a content type with a charset is not recognized as a form",
        Form(|form| {
            if form.content_type.is_some_and(|found| found.contains(';'))
                && form.is("CreateIpamPolicy")
            {
                form.pairs.clear();
            }
        }),
    ),
    parsing(
        Must,
        "charset-demanded",
        "a content type without a charset is not recognized as a form",
        Form(|form| {
            if form.content_type.is_some_and(|found| !found.contains(';')) {
                form.pairs.clear();
            }
        }),
    ),
    parsing(
        Must,
        "action-must-come-first",
        "Action is read only if it is the first parameter",
        Form(|form| {
            if form.pairs.first().is_none_or(|pair| pair.key != "Action") {
                form.retain(|key| key != "Action");
            }
        }),
    ),
    parsing(
        Must,
        "second-specification-ignored",
        "only the first tag specification is read (moto's CreateVpc)",
        Form(|form| {
            form.retain(|key| specification_index(key).is_none_or(|index| index == 1));
        }),
    ),
    parsing(
        Must,
        "only-last-specification-kept",
        "each tag specification replaces the previous one (ministack)",
        Form(|form| {
            let last = form
                .pairs
                .iter()
                .filter_map(|pair| specification_index(&pair.key))
                .max();
            form.retain(|key| specification_index(key).is_none_or(|index| Some(index) == last));
            for pair in &mut form.pairs {
                if let Some(last) = last {
                    pair.key = pair.key.replacen(
                        &format!("TagSpecification.{last}."),
                        "TagSpecification.1.",
                        1,
                    );
                }
            }
        }),
    ),
    parsing(
        Must,
        "tags-beyond-nine-lost",
        "tags with an index above 9 are not read",
        Form(|form| {
            form.retain_tags(|_, tag| tag < 10);
        }),
    ),
    parsing(
        Must,
        "only-first-tag-read",
        "only the first tag is read",
        Form(|form| {
            form.retain_tags(|_, tag| tag == 1);
        }),
    ),
    parsing(
        Must,
        "last-tag-lost",
        "the last of several tags is not read",
        Form(|form| {
            let keys = form.pairs.iter();
            let keys = keys.filter_map(|pair| TagKey::read(&pair.key));
            let last = keys.map(|key| key.tag).max();
            form.retain_tags(|_, tag| tag == 1 || Some(tag) != last);
        }),
    ),
    parsing(
        Must,
        "indexes-sorted-as-text",
        "indexes are sorted as text, so a list ends where 10 follows 1",
        Form(|form| {
            let ten = form
                .pairs
                .iter()
                .filter_map(|pair| TagKey::read(&pair.key))
                .any(|key| key.tag >= 10);
            form.retain_tags(|_, tag| !ten || tag == 1);
        }),
    ),
    parsing(
        Must,
        "lists-read-in-order-only",
        "a list whose indexes are out of order, as the Go SDK sends them, is cut short",
        Form(|form| {
            if !form.tags_in_order() {
                form.retain_tags(|_, tag| tag == 1);
            }
        }),
    ),
    parsing(
        Must,
        "tag-with-empty-value-dropped",
        "a tag with an empty value is not stored",
        Form(|form| {
            let empty = form
                .pairs
                .iter()
                .filter(|pair| pair.key.ends_with(".Value") && pair.value.as_deref() == Some(""));
            let empty: BTreeSet<(usize, usize)> = empty
                .filter_map(|pair| TagKey::read(&pair.key))
                .map(|key| (key.specification, key.tag))
                .collect();
            form.retain_tags(|specification, tag| !empty.contains(&(specification, tag)));
        }),
    ),
    parsing(
        Must,
        "lists-read-from-zero",
        "lists are read from the wrong index, so their first entry is lost",
        Form(|form| {
            form.retain_tags(|_, tag| tag != 1);
        }),
    ),
    parsing(
        Must,
        "tags-not-read",
        "tag specifications are not read",
        Form(|form| {
            form.retain(|key| specification_index(key).is_none());
        }),
    ),
    parsing(
        Must,
        "tag-value-cut-at-255",
        "a tag value is cut after 255 characters",
        Form(|form| {
            form.each_text(is_tag_value, |text| text.chars().take(255).collect());
        }),
    ),
    parsing(
        Must,
        "tag-value-cut-at-255-bytes",
        "a tag value is cut after 255 bytes",
        Form(|form| {
            form.each_text(is_tag_value, |text| {
                let bytes = text.as_bytes().get(..255).unwrap_or(text.as_bytes());
                // A character that is cut is left out.
                let whole = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
                whole.to_owned()
            });
        }),
    ),
    parsing(
        Must,
        "dry-run-false-read-as-true",
        "DryRun counts as true whatever its value",
        Form(|form| {
            for pair in form.pairs.iter_mut().filter(|pair| pair.key == "DryRun") {
                pair.value = Some("true".into());
            }
        }),
    ),
];

pub(super) static VALIDATION: &[Row] = &[
    validation(
        Should,
        "missing-ipam-id-not-found",
        "a missing IpamId gets the error for an unknown one (sockerless)",
        Rule("ipam-id-required"),
    ),
    validation(
        Must,
        "ipam-not-looked-up",
        "any IpamId is accepted, although there is no such IPAM (fakecloud)",
        Ipam(|_| true),
    ),
    validation(
        Should,
        "token-length-unchecked",
        "a client token may have any length",
        Rule("client-token-length"),
    ),
    validation(
        Must,
        "malformed-ipam-id-taken",
        "an IpamId that is not the id of an IPAM is accepted",
        Ipam(|request| {
            request
                .ipam_id
                .as_deref()
                .is_some_and(|id| !id.is_empty() && !id.starts_with("ipam-"))
        }),
    ),
    validation(
        Must,
        "missing-ipam-id-taken",
        "a request without IpamId creates a policy",
        Ipam(|request| request.ipam_id.is_none()),
    ),
    validation(
        Should,
        "empty-ipam-id-taken",
        "a request with an empty IpamId creates a policy",
        Ipam(|request| request.ipam_id.as_deref() == Some("")),
    ),
    validation(
        Must,
        "tag-key-length-unchecked",
        "a tag key may have any length (winterbaume, fakecloud)",
        Rule("tag-key-length"),
    ),
    validation(
        Must,
        "tag-value-length-unchecked",
        "a tag value may have any length (winterbaume, fakecloud)",
        Rule("tag-value-length"),
    ),
    validation(
        Must,
        "tag-prefix-unchecked",
        "a tag key may start with aws: (moto, winterbaume, fakecloud)",
        Rule("tag-key-prefix"),
    ),
    validation(
        Must,
        "empty-tag-key-taken",
        "a tag key may be empty (moto)",
        Unchecked(|violation, request| {
            is(violation, "tag-key-required")
                && tags(request).any(|tag| tag.key.as_deref() == Some(""))
        }),
    ),
    validation(
        Must,
        "missing-tag-key-taken",
        "a tag key may be missing",
        Unchecked(|violation, request| {
            is(violation, "tag-key-required") && tags(request).any(|tag| tag.key.is_none())
        }),
    ),
    validation(
        Must,
        "repeated-tag-key-taken",
        "a tag key may be repeated (moto, winterbaume, fakecloud)",
        Rule("tag-key-unique"),
    ),
    validation(
        Must,
        "tag-limit-unchecked",
        "there may be any number of tags (winterbaume, fakecloud)",
        Rule("tag-limit"),
    ),
    validation(
        Must,
        "tag-limit-51",
        "51 tags are accepted",
        Unchecked(|violation, request| is(violation, "tag-limit") && tags(request).count() == 51),
    ),
    validation(
        Must,
        "resource-type-unchecked",
        "tags for any resource type are accepted (winterbaume, fakecloud)",
        Rule("resource-type-supported"),
    ),
    validation(
        Must,
        "resource-type-not-read",
        "a tag specification may have any resource type, or none (winterbaume, fakecloud)",
        Unchecked(|violation, _| {
            ["resource-type-supported", "resource-type-required"].contains(&violation.rule.name)
        }),
    ),
    validation(
        Must,
        "tags-unchecked",
        "no rule for tags is checked (winterbaume, fakecloud)",
        Unchecked(|violation, _| {
            [
                "tag-key-length",
                "tag-key-prefix",
                "tag-key-required",
                "tag-key-unique",
            ]
            .contains(&violation.rule.name)
                || ["tag-value-length", "tag-limit"].contains(&violation.rule.name)
        }),
    ),
    validation(
        Must,
        "unknown-resource-type-taken",
        "an unknown resource type is accepted",
        Unchecked(|violation, request| {
            is(violation, "resource-type-supported")
                && request
                    .tag_specifications
                    .iter()
                    .filter_map(|s| s.resource_type.as_ref())
                    .any(ec2wire::ResourceType::is_unknown)
        }),
    ),
    validation(
        Must,
        "missing-resource-type-taken",
        "a tag specification needs no resource type",
        Rule("resource-type-required"),
    ),
    validation(
        Must,
        "repeated-resource-type-taken",
        "two tag specifications may have the same resource type",
        Rule("resource-type-unique"),
    ),
    validation(
        Should,
        "specification-without-tags-taken",
        "a tag specification needs no tags",
        Rule("specification-has-tags"),
    ),
    validation(
        Must,
        "only-first-specification-checked",
        "only the first tag specification is checked (moto)",
        Unchecked(|violation, _| {
            specification_index(&violation.path).is_some_and(|index| index > 1)
        }),
    ),
    validation(
        Must,
        "only-first-tag-checked",
        "only the first tag is checked",
        Unchecked(|violation, _| TagKey::read(&violation.path).is_some_and(|key| key.tag > 1)),
    ),
    validation(
        Must,
        "tag-prefix-found-anywhere",
        "a tag key that contains aws: anywhere is refused",
        RefusedTag(Part::Key, |key| key.contains("aws:")),
    ),
    validation(
        Must,
        "tag-prefix-without-colon",
        "a tag key that starts with aws is refused, even without the colon",
        RefusedTag(Part::Key, |key| key.starts_with("aws")),
    ),
    validation(
        Must,
        "tag-keys-compared-without-case",
        "tag keys that differ only in case are refused as repeated",
        Refused(|request| {
            let mut keys: Vec<String> = tags(request)
                .filter_map(|tag| tag.key.as_deref())
                .map(str::to_lowercase)
                .collect();
            let count = keys.len();
            keys.sort();
            keys.dedup();
            keys.len() < count
        }),
    ),
    validation(
        Must,
        "empty-tag-value-refused",
        "a tag value may not be empty",
        RefusedTag(Part::Value, str::is_empty),
    ),
    validation(
        Must,
        "tag-key-limit-126",
        "a tag key of 127 characters is refused",
        RefusedTag(Part::Key, |key| key.chars().count() > 126),
    ),
    validation(
        Must,
        "tag-key-limit-in-bytes",
        "the length of a tag key is limited in bytes",
        RefusedTag(Part::Key, |key| key.len() > 128),
    ),
    validation(
        Must,
        "tag-value-limit-255",
        "a tag value of 256 characters is refused, as in old clones",
        RefusedTag(Part::Value, |value| value.chars().count() > 255),
    ),
    validation(
        Must,
        "tag-value-limit-in-bytes",
        "the length of a tag value is limited in bytes",
        RefusedTag(Part::Value, |value| value.len() > 256),
    ),
    validation(
        Must,
        "tag-limit-49",
        "50 tags are refused",
        Refused(|request| tags(request).count() > 49),
    ),
    validation(
        Must,
        "tag-limit-10",
        "more than ten tags are refused, as EC2 once did",
        Refused(|request| tags(request).count() > 10),
    ),
    validation(
        Must,
        "tags-in-ascii-only",
        "tags outside of ASCII are refused",
        RefusedTag(Part::Either, |text| !text.is_ascii()),
    ),
    validation(
        Must,
        "tag-characters-limited",
        "tags may only contain letters, digits, white space and _.:/=+-@, as in other services",
        RefusedTag(Part::Either, |text| {
            !text
                .chars()
                .all(|c| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c))
        }),
    ),
    validation(
        Must,
        "client-token-must-be-uuid",
        "a client token that is not a UUID is refused",
        Refused(|request| {
            request
                .client_token
                .as_deref()
                .is_some_and(|token| uuid::Uuid::parse_str(token).is_err())
        }),
    ),
    validation(
        Must,
        "client-token-limit-36",
        "a client token of more than 36 characters is refused",
        Refused(|request| {
            request
                .client_token
                .as_deref()
                .is_some_and(|token| token.len() > 36)
        }),
    ),
    validation(
        Must,
        "tags-refused",
        "any tag specification is refused",
        Refused(|request| !request.tag_specifications.is_empty()),
    ),
];

fn is(violation: &Violation, rule: &str) -> bool {
    violation.rule.name == rule
}

fn tags(request: &CreateIpamPolicy) -> impl Iterator<Item = &Tag> {
    request.tag_specifications.iter().flat_map(|s| &s.tags)
}

/// Whether a key names a member that a tag or a tag specification does not have.
fn is_unknown_nested(key: &str) -> bool {
    if let Some(key) = TagKey::read(key) {
        return !["Key", "Value"].contains(&key.member);
    }
    let member = specification_index(key).and_then(|_| key.split('.').nth(2));
    member.is_some_and(|member| !["ResourceType", "Tag"].contains(&member))
}

/// The index of the tag specification that a key belongs to.
fn specification_index(key: &str) -> Option<usize> {
    let (index, _) = key.strip_prefix("TagSpecification.")?.split_once('.')?;
    index.parse().ok()
}

fn up_to(text: &str, end: char) -> String {
    text.split(end).next().unwrap_or_default().to_owned()
}

/// Keeps escapes in lowercase hex undecoded, by escaping their percent signs.
fn keep_lower_case_escapes(value: &str) -> String {
    let mut kept = String::with_capacity(value.len());
    for (at, c) in value.char_indices() {
        let digits = value.get(at + 1..at + 3).unwrap_or_default();
        let small = digits.bytes().any(|digit| matches!(digit, b'a'..=b'f'));
        kept.push_str(if c == '%' && small { "%25" } else { "" });
        if !(c == '%' && small) {
            kept.push(c);
        }
    }
    kept
}

/// The pairs that one becomes if its escaped `&` separates pairs.
fn split_again(pair: &Pair) -> Vec<Pair> {
    let Some(value) = &pair.value else {
        return vec![pair.clone()];
    };
    let mut parts = value.split("%26");
    let first = Pair {
        key: pair.key.clone(),
        value: parts.next().map(str::to_owned),
    };
    let rest = parts.map(|part| Pair {
        key: part.to_owned(),
        value: None,
    });
    [first].into_iter().chain(rest).collect()
}
