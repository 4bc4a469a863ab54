//! `serde_urlencoded` and `form_urlencoded`. Both are flat: keys are built and split by hand.

use ec2wire::ipam::CreateIpamPolicy;
use ec2wire::{Operation, Tag, TagSpecification};
use std::borrow::{Borrow, Cow};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Passes every pair of the request's body to `push`.
///
/// One buffer is reused for all keys, so that the peers do not allocate for each.
fn pairs<'r>(request: &'r CreateIpamPolicy, mut push: impl FnMut(&str, &'r str)) {
    push("Action", <CreateIpamPolicy>::ACTION);
    push("Version", <CreateIpamPolicy>::VERSION);
    if let Some(dry_run) = request.dry_run {
        push("DryRun", if dry_run { "true" } else { "false" });
    }
    let mut name = String::new();
    for (at, spec) in (1..).zip(&request.tag_specifications) {
        if let Some(kind) = &spec.resource_type {
            set(
                &mut name,
                format_args!("TagSpecification.{at}.ResourceType"),
            );
            push(&name, kind.as_str());
        }
        for (tag_at, tag) in (1..).zip(&spec.tags) {
            if let Some(key) = &tag.key {
                set(
                    &mut name,
                    format_args!("TagSpecification.{at}.Tag.{tag_at}.Key"),
                );
                push(&name, key);
            }
            if let Some(value) = &tag.value {
                set(
                    &mut name,
                    format_args!("TagSpecification.{at}.Tag.{tag_at}.Value"),
                );
                push(&name, value);
            }
        }
    }
    if let Some(token) = &request.client_token {
        push("ClientToken", token);
    }
    if let Some(ipam_id) = &request.ipam_id {
        push("IpamId", ipam_id);
    }
}

fn set(name: &mut String, to: std::fmt::Arguments<'_>) {
    name.clear();
    name.write_fmt(to).unwrap();
}

/// `serde_urlencoded` takes a list of pairs, so each key needs its own string.
pub(crate) fn encode_serde(request: &CreateIpamPolicy) -> String {
    let mut list: Vec<(String, &str)> = Vec::new();
    pairs(request, |key, value| list.push((key.to_owned(), value)));
    serde_urlencoded::to_string(list).unwrap()
}

pub(crate) fn encode_form(request: &CreateIpamPolicy) -> String {
    let mut serializer = form_urlencoded::Serializer::new(String::new());
    pairs(request, |key, value| {
        serializer.append_pair(key, value);
    });
    serializer.finish()
}

/// `serde_urlencoded` decodes to a map; the request is read from the map.
pub(crate) fn decode_serde(body: &[u8]) -> CreateIpamPolicy {
    build(serde_urlencoded::from_bytes::<BTreeMap<String, String>>(body).unwrap())
}

/// `form_urlencoded` decodes to a borrowing map; the request is read from the map.
pub(crate) fn decode_form(body: &[u8]) -> CreateIpamPolicy {
    build(form_urlencoded::parse(body).collect::<BTreeMap<Cow<'_, str>, Cow<'_, str>>>())
}

fn build<K: Borrow<str> + Ord, V: Into<String>>(mut map: BTreeMap<K, V>) -> CreateIpamPolicy {
    let mut name = String::new();
    let mut specs = Vec::new();
    for at in 1.. {
        set(
            &mut name,
            format_args!("TagSpecification.{at}.ResourceType"),
        );
        let kind: Option<String> = map.remove(name.as_str()).map(Into::into);
        let mut tags = Vec::new();
        for tag_at in 1.. {
            set(
                &mut name,
                format_args!("TagSpecification.{at}.Tag.{tag_at}.Key"),
            );
            let key = map.remove(name.as_str()).map(Into::into);
            set(
                &mut name,
                format_args!("TagSpecification.{at}.Tag.{tag_at}.Value"),
            );
            let value = map.remove(name.as_str()).map(Into::into);
            if key.is_none() && value.is_none() {
                break;
            }
            tags.push(Tag { key, value });
        }
        if kind.is_none() && tags.is_empty() {
            break;
        }
        specs.push(TagSpecification {
            resource_type: kind.map(Into::into),
            tags,
        });
    }
    CreateIpamPolicy {
        dry_run: map.remove("DryRun").map(|value| value.into() == "true"),
        tag_specifications: specs,
        client_token: map.remove("ClientToken").map(Into::into),
        ipam_id: map.remove("IpamId").map(Into::into),
    }
}
