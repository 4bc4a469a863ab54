//! The places of secrets in a body, a form or a URL.

use super::names::{
    assigns, assigns_by_name, decoded, in_users, is_key, is_name, names_any, tells,
};
use super::table::{NAMED, NAMING, PACKED, SCHEMES};
use crate::wire::form::{Pair, Parameters};
use crate::wire::referee::Element;
use std::collections::HashSet;
use std::ops::Range;

/// The places of the secrets in a body.
pub(super) fn in_body(text: &[u8]) -> Vec<Range<usize>> {
    let start = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    match start.trim_ascii_start() {
        // JSON and multipart forms are not parsed here, so nothing of them is kept.
        [b'{' | b'[', ..] | [b'-', b'-', ..] => whole_if(text, tells(&lossy(text))),
        // UTF-16 is not parsed here either.
        [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] => whole_if(text, true),
        [b'<', ..] => match Element::parse(text) {
            Ok(root) => in_document(&root, text),
            Err(_) => in_damage(text),
        },
        start if is_packed(start) => whole_if(text, true),
        start if is_form(start) => {
            let mut spans = in_form(text);
            // A document may follow junk.
            spans.extend(after_tag(text));
            spans
        }
        _ => match in_damage(text) {
            spans if spans.is_empty() => in_form(text),
            spans => spans,
        },
    }
}

fn lossy(text: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(text)
}

fn whole_if(text: &[u8], is_secret: bool) -> Vec<Range<usize>> {
    let whole = 0..text.len();
    if is_secret && !text.is_empty() {
        vec![whole]
    } else {
        Vec::new()
    }
}

/// Whether the bytes begin as packed data does and are no text.
pub(super) fn is_packed(text: &[u8]) -> bool {
    PACKED.iter().any(|first| text.starts_with(first)) && std::str::from_utf8(text).is_err()
}

/// Whether a text begins with a key and `=`.
fn is_form(text: &[u8]) -> bool {
    let is_end = |byte: &&u8| matches!(byte, b'=' | b'&' | b'<' | b'>' | b'(' | b'{' | b'"');
    let end = text.iter().find(is_end);
    let key = text.split(|byte| *byte == b'=').next().unwrap_or(text);
    // A text has blanks between letters; a broken key has them at an end.
    let has_words = key.trim_ascii().iter().any(u8::is_ascii_whitespace);
    matches!(end, Some(b'=' | b'&')) && !has_words
}

/// The places in a form.
pub(super) fn in_form(form: &[u8]) -> Vec<Range<usize>> {
    let pairs = Parameters::read(form).pairs;
    let naming: HashSet<String> = pairs.iter().filter_map(naming_prefix).collect();
    let spans = pairs.into_iter().filter_map(|pair| {
        let raw = form.get(pair.value_span.clone()).unwrap_or_default();
        let is_text = |raw: &[u8]| raw.iter().any(u8::is_ascii_whitespace);
        if !pair.has_equals {
            let raw = form.get(pair.key_span.clone()).unwrap_or_default();
            let key = decoded(&pair.key);
            let is_secret = assigns(&key) || is_text(raw) && names_any(&key);
            return is_secret.then_some(pair.key_span);
        }
        let is_secret = is_key(&pair.key)
            || is_named(&pair.key, &naming)
            || assigns(&pair.value)
            || is_text(raw) && names_any(&pair.value);
        (is_secret && !raw.is_empty()).then_some(pair.value_span)
    });
    spans.collect()
}

/// What comes before the last part of a key whose value names a secret.
fn naming_prefix(pair: &Pair) -> Option<String> {
    let key = decoded(&pair.key).to_ascii_lowercase();
    let (prefix, last) = key.rsplit_once('.').unwrap_or(("", &key));
    let is_naming = NAMING.contains(&last.trim()) && is_key(&pair.value);
    is_naming.then(|| prefix.to_owned())
}

/// Whether a key has the value of what another one names.
fn is_named(key: &str, naming: &HashSet<String>) -> bool {
    if naming.is_empty() {
        return false;
    }
    let key = decoded(key).to_ascii_lowercase();
    let mut start = 0;
    key.split('.').any(|part| {
        let prefix = key.get(..start.max(1) - 1).unwrap_or_default();
        start += part.len() + 1;
        NAMED.contains(&part.trim()) && naming.contains(prefix)
    })
}

/// The places in a URL, or in a text that may have some, such as a header: passwords before the
/// host, parameters, and what follows `Bearer` and `Basic`.
pub(super) fn in_url(text: &str) -> Vec<Range<usize>> {
    let mut spans = after_schemes(text);
    for user in in_users(text.as_bytes()) {
        spans.push(user.name);
        spans.extend(user.password);
    }
    // A separator may be in the password.
    let mut from = 0;
    if let Some(at) = text.find("://") {
        let rest = text.get(at + 3..).unwrap_or_default();
        from = at + 3 + rest.find(['/', '?', '#', ' ']).unwrap_or(rest.len());
    }
    let rest = text.get(from..).unwrap_or_default();
    let end = rest.find(is_separator).map_or(text.len(), |at| from + at);
    let before = text.get(..end).unwrap_or_default();
    if assigns_by_name(before) || spans.is_empty() && assigns(before) {
        spans.push(0..end);
    }
    let mut start = end + 1;
    for form in text.get(start..).unwrap_or_default().split(is_separator) {
        let found = in_form(form.as_bytes()).into_iter();
        spans.extend(found.map(|span| start + span.start..start + span.end));
        start += form.len() + 1;
    }
    spans
}

/// The places of what follows a scheme of authentication.
fn after_schemes(text: &str) -> Vec<Range<usize>> {
    let is_end = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '"');
    let mut spans = Vec::new();
    let mut is_scheme = false;
    let mut next = 0;
    for piece in text.split_inclusive(is_end) {
        let start = next;
        next += piece.len();
        let word = piece.trim_end_matches(is_end);
        if is_scheme && word.is_empty() {
            continue;
        }
        // A parameter such as `realm="x"` is not a secret.
        if is_scheme && !piece.ends_with("=\"") {
            spans.push(start..start + word.len());
        }
        is_scheme = SCHEMES.iter().any(|known| word.eq_ignore_ascii_case(known));
    }
    spans
}

/// What begins parameters in a URL.
fn is_separator(c: char) -> bool {
    matches!(c, '?' | ';' | '#')
}

/// The places in a document: in elements, attributes, comments and processing instructions.
fn in_document(root: &Element, text: &[u8]) -> Vec<Range<usize>> {
    if root.name.eq_ignore_ascii_case("html") && tells(&lossy(text)) {
        return whole_if(text, true);
    }
    let mut spans = Vec::new();
    add_secrets(root, text, &mut spans);
    spans.extend(in_asides(text));
    spans
}

/// Adds the places of the secrets inside an element.
fn add_secrets(element: &Element, text: &[u8], spans: &mut Vec<Range<usize>>) {
    let attributes = attributes(element, text);
    let value = |span: &Range<usize>| lossy(text.get(span.clone()).unwrap_or_default());
    let is_named = |(name, span): &(String, Range<usize>)| is_key(name) || is_name(&value(span));
    if is_name(&element.name) || attributes.iter().any(is_named) {
        add_texts(element, text, spans);
        return;
    }
    for (_, span) in attributes {
        if assigns(&value(&span)) {
            spans.push(span);
        }
    }
    if assigns(&element.text) {
        if element.children.is_empty() {
            spans.push(element.content.clone());
        } else {
            add_texts(element, text, spans);
            return;
        }
    }
    // An element may name what the next one has, as in `<key>password</key><value>..</value>`, or
    // what another one beside it has.
    let names: Vec<bool> = element.children.iter().map(names_secret).collect();
    let is_naming = names.contains(&true);
    let mut is_named = false;
    for (child, names) in element.children.iter().zip(names) {
        let has_value = || NAMED.contains(&child.name.to_ascii_lowercase().as_str());
        if is_named || is_naming && has_value() {
            add_texts(child, text, spans);
        } else {
            add_secrets(child, text, spans);
        }
        is_named = names && !is_named;
    }
}

/// Whether an element names a secret that another one has.
fn names_secret(element: &Element) -> bool {
    NAMING
        .iter()
        .any(|name| element.name.eq_ignore_ascii_case(name))
        && names_inside(element)
}

/// Whether a text of an element, or of one in it, is the name of a secret.
fn names_inside(element: &Element) -> bool {
    is_key(&element.text) || element.children.iter().any(names_inside)
}

/// Adds the places of an element's texts and attributes, its children's included.
fn add_texts(element: &Element, text: &[u8], spans: &mut Vec<Range<usize>>) {
    let values = attributes(element, text).into_iter().map(|(_, span)| span);
    spans.extend(values.filter(|span| !span.is_empty()));
    let mut start = element.content.start;
    let end = element.content.end;
    let gaps = element.children.iter().map(|child| &child.span);
    let gaps = gaps.map(|child| (child.start, child.end));
    for (stop, next) in gaps.chain([(end, end)]) {
        let between = text.get(start..stop).unwrap_or_default();
        if !between.trim_ascii().is_empty() {
            spans.push(start..stop);
        }
        start = next;
    }
    for child in &element.children {
        add_texts(child, text, spans);
    }
}

/// The names of an element's attributes and the places of their values, without namespaces.
fn attributes(element: &Element, text: &[u8]) -> Vec<(String, Range<usize>)> {
    let start = element.span.start;
    // An empty element has no content, and its tag is all of it.
    let end = if element.content.start > start {
        element.content.start.min(element.span.end)
    } else {
        element.span.end
    };
    let tag = text.get(start..end).unwrap_or_default();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(quote) = position(tag, at, |byte| matches!(byte, b'"' | b'\'')) {
        let closing = tag.get(quote).copied().unwrap_or_default();
        let Some(close) = position(tag, quote + 1, |byte| byte == closing) else {
            break;
        };
        let before = lossy(tag.get(at..quote).unwrap_or_default()).into_owned();
        let before = before.trim_end().trim_end_matches('=').trim_end();
        let name = before.split_ascii_whitespace().last().unwrap_or_default();
        if name != "xmlns" && !name.starts_with("xmlns:") {
            found.push((name.to_owned(), start + quote + 1..start + close));
        }
        at = close + 1;
    }
    found
}

fn position(text: &[u8], from: usize, is_end: impl Fn(u8) -> bool) -> Option<usize> {
    let rest = text.get(from..)?;
    rest.iter()
        .position(|byte| is_end(*byte))
        .map(|at| from + at)
}

/// The insides of comments and processing instructions that name a secret.
fn in_asides(text: &[u8]) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let mut at = 0;
    while let Some(open) = position(text, at, |byte| byte == b'<') {
        let rest = text.get(open..).unwrap_or_default();
        let (start, close): (usize, &[u8]) = match rest {
            [b'<', b'!', b'-', b'-', ..] => (4, b"-->"),
            [b'<', b'?', ..] => (2, b"?>"),
            _ => {
                at = open + 1;
                continue;
            }
        };
        let inside = rest.get(start..).unwrap_or_default();
        let end = inside
            .windows(close.len())
            .position(|window| window == close);
        let inside = inside
            .get(..end.unwrap_or(inside.len()))
            .unwrap_or_default();
        let span = open + start..open + start + inside.len();
        at = span.end;
        if tells(&lossy(inside)) {
            spans.push(span);
        }
    }
    spans
}

/// The places in what is neither a form nor a document: a damaged document keeps what comes before
/// the first tag of a secret, and everything else that names one keeps nothing.
fn in_damage(text: &[u8]) -> Vec<Range<usize>> {
    if !tells(&lossy(text)) {
        return Vec::new();
    }
    match after_tag(text) {
        Some(span) if !names_before(text, span.start) => vec![span],
        _ => whole_if(text, true),
    }
}

/// Whether a secret is named before the tag that ends there.
fn names_before(text: &[u8], end: usize) -> bool {
    let before = text.get(..end).unwrap_or_default();
    let tag = before.iter().rposition(|byte| *byte == b'<').unwrap_or(0);
    tells(&lossy(before.get(..tag).unwrap_or_default()))
}

/// The place from after the first tag of a secret to the end; it begins in the tag if that has
/// attributes.
fn after_tag(text: &[u8]) -> Option<Range<usize>> {
    let tags = text.iter().enumerate().filter(|(_, byte)| **byte == b'<');
    for (at, _) in tags {
        let name = text.get(at + 1..).unwrap_or_default();
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>' | b'<');
        let length = name.iter().position(is_end).unwrap_or(name.len());
        let (name, rest) = name.split_at(length);
        let name = lossy(name);
        let local = name.rsplit(':').next().unwrap_or(&name);
        if !is_name(local) {
            continue;
        }
        let close = rest.iter().position(|&byte| matches!(byte, b'<' | b'>'));
        let close = close.filter(|&close| rest.get(close) == Some(&b'>'));
        let tag = rest.get(..close.unwrap_or(rest.len())).unwrap_or(rest);
        let has_attributes = tag.contains(&b'=');
        let is_empty = close.is_some() && tag.ends_with(b"/") && !has_attributes;
        let skipped = match close {
            _ if has_attributes => 0,
            Some(close) => close + 1,
            None => 0,
        };
        let start = text.len() - rest.len() + skipped;
        if !is_empty && start < text.len() {
            return Some(start..text.len());
        }
    }
    None
}
