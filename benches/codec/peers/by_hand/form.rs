//! Requests by hand. The decoder checks UTF-8, escapes, unescaped characters, indexes, unknown and
//! repeated members. It does not support pairs out of order, escaped keys, limits, or error messages
//! with a place.

use super::{HIGH, ONES, below, equal, find, put};
use ec2wire::ipam::CreateIpamPolicy;
use ec2wire::{Operation, Tag, TagSpecification};
use std::borrow::Cow;

pub(crate) fn decode<'a, S: From<Cow<'a, str>> + Default>(
    body: &'a [u8],
) -> Option<CreateIpamPolicy<S>> {
    let mut rest = std::str::from_utf8(body).ok()?;
    let mut request = CreateIpamPolicy::default();
    loop {
        let equals = find(rest.as_bytes(), |word| {
            equal(word, b'=') | equal(word, b'&')
        })?;
        let (key, after) = rest.split_at(equals);
        let (value, after) = value(after.strip_prefix('=')?)?;
        pair(&mut request, key, value)?;
        if after.is_empty() {
            return Some(request);
        }
        rest = after.strip_prefix('&')?;
    }
}

fn pair<'a, S: From<Cow<'a, str>> + Default>(
    request: &mut CreateIpamPolicy<S>,
    key: &str,
    value: Cow<'a, str>,
) -> Option<()> {
    if let Some(key) = key.strip_prefix("TagSpecification.") {
        let (at, key) = index(key)?;
        let spec = entry(&mut request.tag_specifications, at)?;
        if let Some(key) = key.strip_prefix("Tag.") {
            let (at, key) = index(key)?;
            let tag = entry(&mut spec.tags, at)?;
            return match key {
                "Key" => put(&mut tag.key, Some(value.into())),
                "Value" => put(&mut tag.value, Some(value.into())),
                _ => None,
            };
        }
        if key != "ResourceType" {
            return None;
        }
        return put(&mut spec.resource_type, Some(value.as_ref().into()));
    }
    match key {
        "Action" | "Version" => Some(()),
        "DryRun" => put(&mut request.dry_run, value.parse().ok()),
        "ClientToken" => put(&mut request.client_token, Some(value.into())),
        "IpamId" => put(&mut request.ipam_id, Some(value.into())),
        _ => None,
    }
}

/// The index at the start of the rest of a key.
fn index(key: &str) -> Option<(usize, &str)> {
    let mut index = 0;
    for (at, byte) in key.bytes().enumerate() {
        match byte {
            b'.' => return Some((index, key.get(at + 1..)?)),
            b'0'..=b'9' if index > 0 || byte > b'0' => {
                index = index * 10 + usize::from(byte - b'0');
            }
            _ => return None,
        }
    }
    None
}

/// The list's entry with that index: the last one, or a new one after it.
fn entry<T: Default>(list: &mut Vec<T>, index: usize) -> Option<&mut T> {
    if index == list.len() + 1 {
        list.push(T::default());
    }
    if index == list.len() {
        list.last_mut()
    } else {
        None
    }
}

/// The value before the next `&`, and the rest.
fn value(rest: &str) -> Option<(Cow<'_, str>, &str)> {
    let stop = |word| equal(word, b'&') | equal(word, b'%') | equal(word, b'+') | below(word, 0x21);
    let end = find(rest.as_bytes(), stop).unwrap_or(rest.len());
    match rest.as_bytes().get(end) {
        None | Some(b'&') => {
            let (value, after) = rest.split_at(end);
            Some((value.into(), after))
        }
        Some(b'%' | b'+') => {
            let end = find(rest.as_bytes(), |word| equal(word, b'&')).unwrap_or(rest.len());
            let (value, after) = rest.split_at(end);
            Some((unescape(value)?.into(), after))
        }
        Some(_) => None,
    }
}

fn unescape(value: &str) -> Option<String> {
    let mut text = Vec::with_capacity(value.len());
    let mut bytes = value.bytes();
    while let Some(byte) = bytes.next() {
        text.push(match byte {
            b'%' => digit(bytes.next()?)? << 4 | digit(bytes.next()?)?,
            b'+' => b' ',
            0..0x21 => return None,
            byte => byte,
        });
    }
    String::from_utf8(text).ok()
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

pub(crate) fn encode(request: &CreateIpamPolicy, out: &mut Vec<u8>) {
    out.extend_from_slice(b"Action=");
    out.extend_from_slice(<CreateIpamPolicy>::ACTION.as_bytes());
    out.extend_from_slice(b"&Version=");
    out.extend_from_slice(<CreateIpamPolicy>::VERSION.as_bytes());
    if let Some(dry_run) = request.dry_run {
        out.extend_from_slice(b"&DryRun=");
        out.extend_from_slice(dry_run.to_string().as_bytes());
    }
    for (at, spec) in (1..).zip(&request.tag_specifications) {
        specification(out, at, spec);
    }
    if let Some(token) = &request.client_token {
        out.extend_from_slice(b"&ClientToken=");
        escape(out, token);
    }
    if let Some(ipam_id) = &request.ipam_id {
        out.extend_from_slice(b"&IpamId=");
        escape(out, ipam_id);
    }
}

fn specification(out: &mut Vec<u8>, at: u32, spec: &TagSpecification) {
    if let Some(kind) = &spec.resource_type {
        out.extend_from_slice(b"&TagSpecification.");
        number(out, at);
        out.extend_from_slice(b".ResourceType=");
        escape(out, kind.as_str());
    }
    for (tag_at, Tag { key, value }) in (1..).zip(&spec.tags) {
        let start = out.len();
        out.extend_from_slice(b"&TagSpecification.");
        number(out, at);
        out.extend_from_slice(b".Tag.");
        number(out, tag_at);
        let prefix = start..out.len();
        match (key, value) {
            (Some(key), Some(value)) => {
                out.extend_from_slice(b".Key=");
                escape(out, key);
                out.extend_from_within(prefix);
                out.extend_from_slice(b".Value=");
                escape(out, value);
            }
            (Some(key), None) => {
                out.extend_from_slice(b".Key=");
                escape(out, key);
            }
            (None, Some(value)) => {
                out.extend_from_slice(b".Value=");
                escape(out, value);
            }
            (None, None) => out.truncate(start),
        }
    }
}

fn number(out: &mut Vec<u8>, number: u32) {
    let mut digits = [0; 10];
    let mut left = number;
    let mut count = 0;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(left % 10).unwrap_or_default();
        left /= 10;
        count += 1;
        if left == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(10 - count..).unwrap_or_default());
}

fn escape(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    loop {
        let words = rest.as_chunks::<8>().0.iter();
        let bare = words.take_while(|word| are_bare(**word)).count() * 8;
        let (plain, from) = rest.split_at(bare);
        out.extend_from_slice(plain);
        let (some, after) = from.split_at(from.len().min(8));
        for &byte in some {
            if is_bare(byte) {
                out.push(byte);
            } else {
                let hex = |nibble: u8| nibble + if nibble < 10 { b'0' } else { b'A' - 10 };
                out.extend_from_slice(&[b'%', hex(byte >> 4), hex(byte & 0xF)]);
            }
        }
        if after.is_empty() {
            return;
        }
        rest = after;
    }
}

/// Whether all bytes are letters, digits, `-` or `.`, as in most texts.
fn are_bare(word: [u8; 8]) -> bool {
    let word = u64::from_le_bytes(word);
    let within = |word: u64, first: u8, last: u8| {
        let word = word & !HIGH;
        (word + ONES * u64::from(0x80 - first)) ^ (word + ONES * u64::from(0x7F - last))
    };
    let letters = within(word | (ONES * 0x20), b'a', b'z');
    let bare = letters | within(word, b'0', b'9') | within(word, b'-', b'.');
    !word & bare & HIGH == HIGH
}

fn is_bare(byte: u8) -> bool {
    #[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
    const BARE: [bool; 256] = {
        let mut bare = [false; 256];
        let mut byte = 0_u8;
        while byte < 128 {
            let is_mark = matches!(byte, b'-' | b'.' | b'_' | b'~');
            bare[byte as usize] = is_mark || byte.is_ascii_alphanumeric();
            byte += 1;
        }
        bare
    };
    BARE.get(usize::from(byte)).copied().unwrap_or_default()
}
