//! Whether a name is that of a secret, and whether a text gives one a value.

use super::table::{ENDS, HEADER_WORDS, WHOLE};
use ec2wire_model::{Kind, Model};
use percent_encoding::percent_decode_str;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::LazyLock;

/// How often a text may be percent-encoded.
const ENCODED: usize = 4;

/// The longest value that is found in a text, in characters.
const LONGEST: usize = 4096;

/// The wire names of members that are keys, passwords and the like. A name that is a secret in at
/// most half of its uses, such as `value`, is left out.
static MEMBERS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for shape in Model::ec2().shapes() {
        for member in shape.members() {
            let value = member.shape();
            // The members of a list or a structure count for themselves.
            let is_scalar = !matches!(value.kind(), Kind::Structure | Kind::List { .. });
            let names = [member.element_name().to_owned(), member.form_key()];
            let names: BTreeSet<String> = names.iter().map(|name| plain(name)).collect();
            for name in names {
                let (secret, all) = counts.entry(name).or_default();
                *secret += usize::from(is_scalar && value.is_sensitive());
                *all += 1;
            }
        }
    }
    let mostly = counts
        .into_iter()
        .filter(|(_, (secret, all))| secret * 2 > *all);
    mostly.map(|(name, _)| name).collect()
});

/// A name's letters and digits, in lowercase.
fn plain(name: &str) -> String {
    let mut plain = name.to_ascii_lowercase();
    plain.retain(|c| c.is_ascii_alphanumeric());
    plain
}

/// Whether the name, or its end, is that of a secret.
pub(super) fn is_name(name: &str) -> bool {
    let name = plain(name);
    MEMBERS.contains(&name)
        || WHOLE.contains(&name.as_str())
        || ENDS.iter().any(|end| name.ends_with(end))
}

/// Whether a header's value is a secret.
pub fn is_secret_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| HEADER_WORDS.contains(&word)) || is_name(&name)
}

/// The text with its percent-encoding undone as often as there is one.
pub(super) fn decoded(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..ENCODED {
        if !text.contains('%') {
            break;
        }
        let once = percent_decode_str(&text).decode_utf8_lossy().into_owned();
        if once == text {
            break;
        }
        text = once;
    }
    text
}

/// Whether a key names a secret in one of its parts, or as a whole: blanks, brackets and the like do
/// not belong to the name.
pub(super) fn is_key(key: &str) -> bool {
    let key = decoded(key);
    names_any(&key) || is_name(&key)
}

/// Whether the name of a secret occurs anywhere.
pub(super) fn names_any(text: &str) -> bool {
    let unescaped = without_unicode_escapes(text);
    words(unescaped.as_deref().unwrap_or(text)).any(|(_, word)| is_name(word))
}

/// The words of a text, with their places: letters, digits, hyphens and underscores.
fn words(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let is_end = |c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_';
    let mut next = 0;
    text.split_inclusive(is_end).filter_map(move |piece| {
        let start = next;
        next += piece.len();
        let word = piece.trim_end_matches(is_end);
        (!word.is_empty()).then_some((start..start + word.len(), word))
    })
}

/// The text with JSON's `\uXXXX` undone, if there is any.
fn without_unicode_escapes(text: &str) -> Option<String> {
    let (first, rest) = text.split_once("\\u")?;
    let mut plain = first.to_owned();
    for part in rest.split("\\u") {
        let code = part
            .get(..4)
            .and_then(|code| u32::from_str_radix(code, 16).ok());
        match code.and_then(char::from_u32) {
            Some(c) => {
                plain.push(c);
                plain.push_str(part.get(4..).unwrap_or_default());
            }
            None => plain.push_str(part),
        }
    }
    Some(plain)
}

/// Whether a text gives a secret a value, as in `password=..`, `"token": ".."` and `UserData '..'`.
pub(super) fn assigns(text: &str) -> bool {
    !values(text, 1).is_empty()
}

/// The first values that a text gives to secrets, at most that many.
pub(super) fn values(text: &str, most: usize) -> Vec<String> {
    // Most texts have nothing that a value follows, not even encoded.
    if !text.contains([':', '=', '"', '\'', '`', '(', '%', '\\']) {
        return Vec::new();
    }
    let text = decoded(text);
    let text = without_unicode_escapes(&text).unwrap_or(text);
    let names = words(&text).filter(|(_, word)| is_name(word));
    let values = names.filter_map(|(span, _)| {
        let rest = text.get(span.end..)?;
        let after = rest.trim_start_matches(|c: char| c.is_whitespace() || "\"'`\\]})".contains(c));
        let value = if let Some(value) = after.strip_prefix([':', '=']) {
            value.trim_start_matches([':', '=', '>', ' ', '\\'])
        } else {
            // A quoted value may follow without a sign.
            let quoted = rest.trim_start();
            let is_apart = quoted.len() < rest.len();
            let is_quoted = quoted.starts_with(['"', '\'', '`', '(']);
            (is_apart && is_quoted).then_some(quoted)?
        };
        let value = value.trim_start();
        let value = value
            .char_indices()
            .nth(LONGEST)
            .map_or(value, |(end, _)| value.get(..end).unwrap_or_default());
        let value = match value.chars().next()? {
            quote @ ('"' | '\'' | '`') => value.get(1..)?.split(quote).next()?,
            '(' => value.get(1..)?.split(')').next()?,
            _ => value
                .split(|c: char| c.is_whitespace() || ",;&<>\"'})]".contains(c))
                .next()?,
        };
        (!value.is_empty()).then(|| value.trim_end_matches('\\').to_owned())
    });
    values.take(most).collect()
}
